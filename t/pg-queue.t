#!/usr/bin/env perl

# The queue: more clients than connections, more than it holds, clients that
# leave, statements that take too long, and the lane for slow ones.

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::Clock qw(in_time slowness);
use Cost::Database;
use Cost::PG;

my $db = Cost::Database->new(empty => 1);

my $locations = <<'END';
    location /sleep { cost_test_query fast "SELECT pg_sleep($1::float8), 2"
                                           $arg_s; }
    location /slow { cost_test_query slow "SELECT pg_sleep($1::float8), 2"
                                          $arg_s; }
    location /one { cost_test_query fast "SELECT 1, 2"; }
END

my $nginx = Cost::PG::nginx($db, 'pool=4', $locations)->start;

Cost::PG::settled($nginx, 5, ready => 4);

my @answers = Cost::PG::many($nginx, 1000, '/sleep?s=0.002', timeout => 60);

is(scalar(grep { $_->{status} == 200 && $_->{body} eq "\t2\n" } @answers),
   1000, '1,000 clients on a pool of 4');

my $s = Cost::PG::status($nginx);
is("$s->{queries} $s->{failed} $s->{connects}", '1000 0 4',
   'as many queries on 4 connections');


# a slow statement in its lane, 3 at a time in a lane of one

is($s->{slow_ready}, 0, 'the slow lane is not connected without need');

my @slow = map { $nginx->http->send("GET /slow?s=0.7 HTTP/1.1\r\n"
                                    . "Host: x\r\nConnection: close\r\n\r\n")
           } 1 .. 3;

my $from = time;
$nginx->http->get('/one') for 1 .. 20;
in_time(time - $from, 0.6, 'light ones do not wait for it');

is($_->receive('GET')->{status}, 200, 'a slow statement') for @slow;
cmp_ok(time - $from, '>', 2, 'one after the other');

$s = Cost::PG::status($nginx);
is("$s->{slow_ready} $s->{connects}", '1 5', 'on one connection more');


# clients that leave: their statements go on, and nobody else's suffer

my @leaving = map { $nginx->http->send("GET /sleep?s=0.3 HTTP/1.1\r\n"
                                       . "Host: x\r\n\r\n") } 1 .. 40;

ok(Cost::PG::settled($nginx, 5, queries => 1063), '40 queries');
$_->close for @leaving;

ok(Cost::PG::settled($nginx, 5, cancelled => 40), 'given up by their clients');

# those that were sent are waited for, those in the queue are not
is($nginx->http->get('/one')->{body}, "1\t2\n", 'an innocent request');
ok(Cost::PG::settled($nginx, 10, in_flight => 0, waiting => 0),
   'all is answered');
is(Cost::PG::status($nginx)->{connects}, 5, 'on the connections there were');

$nginx->stop('nothing is left of them');


# full: one under way, 4 waiting

$nginx = Cost::PG::nginx($db, 'pool=1 depth=1 queue=4', $locations)->start;
Cost::PG::settled($nginx, 5, ready => 1);

$from = time;
@answers = Cost::PG::many($nginx, 30, '/sleep?s=0.4');

is(scalar(grep { $_->{body} eq "\t2\n" } @answers), 5, 'queue=4: 5 answered');
is(scalar(grep { $_->{status} == 503 && $_->{body} eq "BUSY\n" } @answers),
   25, '25 sent away');

my @lines = $nginx->log =~ /(the queue is full)/g;
cmp_ok(scalar @lines, '<=', 2, 'with a line or two in the log');
cmp_ok(scalar @lines, '>=', 1, 'at least one');

my @quick = map { $nginx->http->send("GET /sleep?s=0.4 HTTP/1.1\r\nHost: x\r\n"
                                     . "Connection: close\r\n\r\n") } 1 .. 5;
Cost::PG::settled($nginx, 5, waiting => 4, in_flight => 1);
$from = time;
is($nginx->http->get('/one')->{body}, "BUSY\n", 'one more is told so');
in_time(time - $from, 0.2, 'at once');
$_->receive('GET') for @quick;

$nginx->stop;


# nothing is put behind one that has been running for long, an eighth of the
# timeout: it waits for whichever connection is free first

$nginx = Cost::PG::nginx($db, 'pool=1', $locations)->start;
Cost::PG::settled($nginx, 5, ready => 1);

my $long = $nginx->http->send("GET /sleep?s=3 HTTP/1.1\r\nHost: x\r\n"
                              . "Connection: close\r\n\r\n");

Cost::PG::settled($nginx, 5, in_flight => 1);

my $behind = $nginx->http->send("GET /one HTTP/1.1\r\nHost: x\r\n"
                                . "Connection: close\r\n\r\n");

ok(Cost::PG::settled($nginx, 2, in_flight => 2, waiting => 0),
   'behind one that has just begun there is room');

sleep 1;

my $late = $nginx->http->send("GET /one HTTP/1.1\r\nHost: x\r\n"
                              . "Connection: close\r\n\r\n");

ok(Cost::PG::settled($nginx, 1, in_flight => 2, waiting => 1),
   'behind one that runs for a second there is none');
is($_->receive('GET')->{status}, 200, 'answered') for $long, $behind, $late;

$nginx->stop;


# too long: the server cancels the one that runs, those that wait expire

$nginx = Cost::PG::nginx($db, 'pool=1 depth=1 timeout=600ms '
                              . 'slow_timeout=300ms', $locations)->start;
Cost::PG::settled($nginx, 5, ready => 1);

$from = time;
is($nginx->http->get('/sleep?s=5')->{body}, "ABORT\n", 'a query of 5 s');
my $took = time - $from;
ok($took > 0.5 && $took < 0.8 * slowness(), "ends after its 600 ms ($took)");
is($nginx->http->get('/one')->{body}, "1\t2\n", 'the connection stays');
is(Cost::PG::status($nginx)->{connects}, 1, 'the same one');

$from = time;
@answers = Cost::PG::many($nginx, 4, '/sleep?s=0.4');
$took = time - $from;

# 0.4 s, 0.2 s until the deadline of the others, which began to wait with it
is(join(' ', sort map { $_->{body} =~ /(\w+)/ } @answers),
   '2 ABORT ABORT ABORT', 'those behind a query of 400 ms');
ok($took > 0.5 && $took < 0.9 * slowness(), "expire at their own 600 ms ($took)");
ok(Cost::PG::settled($nginx, 2, in_flight => 0, waiting => 0), 'none is left');
is(Cost::PG::status($nginx)->{connects}, 1, 'no connection was lost');

$from = time;
is($nginx->http->get('/slow?s=5')->{body}, "ABORT\n", 'slow_timeout');
$took = time - $from;
ok($took > 0.2 && $took < 0.6 * slowness(), "is its own ($took)");

$nginx->stop;

done_testing();
