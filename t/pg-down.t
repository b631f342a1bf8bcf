#!/usr/bin/env perl

# The database goes, by every way it can, and comes back.

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(sleep time);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::Clock qw(in_time slowness);
use Cost::Database;
use Cost::PG;

my $db = Cost::Database->new(private => 1, empty => 1);

my $locations = <<'END';
    location /one { cost_test_query fast "SELECT 1, 2"; }
    location /rows { cost_test_query fast
                     "SELECT i, repeat('y', 40)
                        FROM generate_series(1, 100) i"; }
    location /sleep { cost_test_query fast "SELECT pg_sleep($1::float8), 2"
                                           $arg_s; }
    location /write { cost_test_query fast
                      "INSERT INTO writes SELECT 1 FROM pg_sleep(0.5)
                       RETURNING 1, 2"; }
    location /slow { cost_test_query slow "SELECT pg_sleep($1::float8), 2"
                                          $arg_s; }
END

$db->query('CREATE TABLE writes (a integer)');

my $nginx = Cost::PG::nginx($db, 'pool=2', $locations)->start;

my $pids = q{SELECT string_agg(pid::text, ' ') FROM pg_stat_activity
              WHERE application_name = 'nginx cost'};


# the time until the first success, polled as a load balancer would

sub back {
    my $from = time;

    for ( ;; ) {
        my $r = $nginx->http->get('/one');
        my $took = time - $from;

        return $took if $r->{status} == 200 || $took > 10;
        sleep 0.01;
    }
}

sub lines { scalar(() = $nginx->log =~ /\[(?:warn|error|crit)\]/g) }


# stopped in an orderly way, and started

is($nginx->http->get('/one')->{body}, "1\t2\n", 'the database is there');

$db->stop;
$nginx->wait_for(5, sub { $nginx->http->get('/one')->{status} == 503 });

my $slowest = 0;

for (1 .. 50) {
    my $from = time;
    my $r = $nginx->http->get('/one');
    my $took = time - $from;

    is($r->{body}, "DECLINED\n", 'stopped') if $_ == 1 || $r->{status} != 503;
    $slowest = $took if $took > $slowest;
}

in_time($slowest, 0.1, "is told at once ($slowest)");
is($nginx->http->get('/slow?s=0')->{body}, "DECLINED\n", 'in both lanes');
cmp_ok(lines(), '<=', 4, 'and a few lines in the log');

$db->start;
my $took = back();
in_time($took, 1, "the first success, $took s after the start");
like($nginx->log, qr/PostgreSQL is reachable again/, 'is in the log');
ok(Cost::PG::settled($nginx, 2, ready => 2), 'the whole pool is back');


# a mere reconnect, within the grace

my $load = Cost::PG::load($nginx, 8, '/one');
sleep 0.3;

is($db->query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE application_name = 'nginx cost'"), 2,
   'all backends terminated');
sleep 0.5;

my $result = $load->end;

# sent again, but for those a backend may have heard: it left before we wrote
cmp_ok($result->{status}{503} // 0, '<=', 16,
       'under load: none fails, or what was in flight')
    or diag explain $result;
cmp_ok($result->{status}{200}, '>', 100, 'the others are answered');
is_deeply($result->{broken}, [], 'all of them');


# a statement that the server says it did not finish is sent again

for my $times (1, 2) {
    my @writes = map { $nginx->http->send("GET /write HTTP/1.1\r\nHost: x\r\n"
                                          . "Connection: close\r\n\r\n")
                 } 1 .. 4;

    sleep 0.3;
    $db->query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE application_name = 'nginx cost'");

    is(join(' ', map { $_->receive('GET')->{status} } @writes),
       '200 200 200 200', 'terminated in mid-statement');
    is($db->query('SELECT count(*) FROM writes'), 4 * $times,
       'each write happened once');
}


# kill -9 of the postmaster under load, which the backends notice late or not

my $before = lines();

$load = Cost::PG::load($nginx, 32, '/one', '/rows');
sleep 0.5;
$db->kill;
sleep 1;
$db->start;
$took = back();
sleep 0.5;
$result = $load->end;

in_time($took, 1, "killed: the first success after $took s");
is(join(' ', sort keys %{ $result->{status} }), '200 503', 'only 503s else');
is_deeply($result->{broken}, [], 'no request hangs');
in_time($result->{slowest}, 2, "the slowest took $result->{slowest} s");
cmp_ok($result->{status}{503}, '>', 100, "$result->{status}{503} 503s");

ok(Cost::PG::settled($nginx, 3, ready => 2, in_flight => 0, waiting => 0),
   'no slot is lost') or diag explain Cost::PG::status($nginx);
cmp_ok(lines() - $before, '<=', 6, 'nor is the log flooded')
    or diag $nginx->log;


# kill -9 of one backend: the server restarts all of them

$load = Cost::PG::load($nginx, 32, '/one', '/rows');
sleep 0.3;
kill KILL => (split ' ', $db->query($pids))[0];
sleep 0.5;
$took = back();
sleep 0.3;
$result = $load->end;

in_time($took, 1, "a backend killed: success after $took s");
is_deeply($result->{broken}, [], 'no request hangs');
ok(Cost::PG::settled($nginx, 3, ready => 2, in_flight => 0, waiting => 0),
   'no slot is lost');


# down before the first connect

$db->stop;
Cost::PG::renew($nginx);
is($nginx->http->get('/one')->{status}, 503, 'nginx starts without it');
$db->start;
$took = back();
in_time($took, 1, "and finds it: $took s");

$nginx->stop;


# a backend that stands still, as a dead network would: its query ends at the
# deadline, the others do not notice

$nginx = Cost::PG::nginx($db, 'pool=2 timeout=1s', $locations)->start;
Cost::PG::settled($nginx, 5, ready => 2);

my $connects = Cost::PG::status($nginx)->{connects};
my $still;

# those of the nginx before may take a moment to leave
$nginx->wait_for(5, sub {
    my @backends = split ' ', $db->query($pids);
    $still = $backends[0];
    return @backends == 2;
});

kill STOP => $still;

# each takes a while: what takes none may all go to the other one

my $from = time;
my @answers = Cost::PG::many($nginx, 16, '/sleep?s=0.03');
$took = time - $from;

my $aborted = grep { $_->{status} == 503 } @answers;
ok($aborted >= 1 && $aborted <= 8, "$aborted of 16 were sent to it");
ok($took > 0.9 && $took < 1.4 * slowness(),
   "and ended after the deadline ($took)");
is(scalar(grep { $_->{body} eq "\t2\n" } @answers), 16 - $aborted,
   'the others are answered');

ok(Cost::PG::settled($nginx, 3, ready => 2, connects => $connects + 1,
                     in_flight => 0), 'the connection is replaced');
like($nginx->log, qr/statement "test_query" has no answer after 1000 ms/,
     'with a line in the log');

kill CONT => $still;

is(scalar(grep { $_->{status} != 200 }
          Cost::PG::many($nginx, 50, '/one')), 0, 'all is well');

$nginx->stop;


# clients come first when a worker starts: they wait for its connections

$nginx = Cost::PG::nginx($db, 'pool=1', $locations, workers => 2)->start;
$load = do { local $Cost::PG::keepalive = 0;
             Cost::PG::load($nginx, 16, '/one') };
for (1 .. 3) {
    sleep 0.3;
    Cost::PG::renew($nginx);
}
$result = $load->end;
is(join(' ', sort keys %{ $result->{status} }), '200', 'reloads under load');
is_deeply($result->{broken}, [], 'close nothing in mid-request')
    or diag explain $result;

# QUIT with a query running
my $client = $nginx->http->send("GET /sleep?s=1 HTTP/1.1\r\nHost: x\r\n"
                                . "Connection: close\r\n\r\n");
sleep 0.2;
$from = time;
$nginx->signal('QUIT');
is($client->receive('GET')->{body}, "\t2\n", 'QUIT lets a query end');
ok($nginx->wait_for(5, sub { waitpid($nginx->{pid}, 1) != 0 }), 'and leaves');
in_time(time - $from, 2, 'soon');
delete $nginx->{pid};
is(join("\n", Cost::Nginx::alerts($nginx->log),
        Cost::Nginx::reports($nginx->dir . '/reports')), '', 'cleanly');


# worker_shutdown_timeout ends what would take longer

$nginx = Cost::PG::nginx($db, 'pool=1', $locations,
                         main => 'worker_shutdown_timeout 300ms;')->start;
$client = $nginx->http->send("GET /sleep?s=3 HTTP/1.1\r\nHost: x\r\n\r\n");
sleep 0.2;
$from = time;
$nginx->signal('QUIT');
ok($nginx->wait_for(5, sub { waitpid($nginx->{pid}, 1) != 0 }),
   'worker_shutdown_timeout');
in_time(time - $from, 1.5, 'is kept');
delete $nginx->{pid};
is(join("\n", Cost::Nginx::alerts($nginx->log),
        Cost::Nginx::reports($nginx->dir . '/reports')), '', 'cleanly');

done_testing();
