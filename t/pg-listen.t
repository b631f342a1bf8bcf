#!/usr/bin/env perl

# The listener: every notification, and an honest word about being up.

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

my $nginx = Cost::PG::nginx($db, 'pool=1', <<'END',
    location /heard { cost_test_heard; }
    location /one { cost_test_query fast "SELECT 1, 2"; }
END
    http => 'cost_test_listen test_channel;',
)->start;

my $pid = q{SELECT string_agg(pid::text, ' ') FROM pg_stat_activity
             WHERE application_name = 'nginx cost listen'};

sub heard {
    my ($seconds, %want) = @_;
    my %heard;

    my $ok = $nginx->wait_for($seconds, sub {
        %heard = map { split /=/, $_, 2 } split ' ',
                 $nginx->http->get('/heard')->{body};

        return !grep { $heard{$_} ne $want{$_} } keys %want;
    });

    diag explain \%heard if !$ok;

    return $ok ? \%heard : undef;
}


ok(heard(5, up => 1, down => 0, is_up => 1, notified => 0), 'listening');

$db->query("NOTIFY test_channel, 'first'");
my $from = time;
ok(heard(5, notified => 1, last => 'first'), 'a notification');

$db->query("NOTIFY other_channel, 'other'; NOTIFY test_channel, 'second'");
ok(heard(5, notified => 2, last => 'second'), 'of our channel only');

$db->query("SELECT pg_notify('test_channel', 'n' || i)
              FROM generate_series(1, 200) i");
ok(heard(5, notified => 202, last => 'n200'), '200 of 200 in one transaction');

my $load = Cost::PG::load($nginx, 16, '/one');
$db->query("DO 'BEGIN FOR i IN 1 .. 200 LOOP
                  PERFORM pg_notify(''test_channel'', ''m'' || i);
                  COMMIT;
                END LOOP; END'");
ok(heard(5, notified => 402, last => 'm200'), '200 of 200 under load');
is(join(' ', keys %{ $load->end->{status} }), '200', 'which goes on');

my $alive = heard(1)->{alive};
sleep 1;
my $more = heard(1)->{alive} - $alive;
ok($more >= 3 && $more <= 6, "alive $more times a second");


# the connection is killed, and comes back

$db->query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE application_name = 'nginx cost listen'");
ok(heard(2, up => 2, down => 1, is_up => 1), 'down, and up again');
like($nginx->log, qr/not listening: .*listening again/s, 'with two lines');

$db->query("NOTIFY test_channel, 'third'");
ok(heard(5, notified => 403, last => 'third'), 'and hears');


# a server that is silent is no server

my $backend = $db->query($pid);
kill STOP => $backend;
$from = time;
ok(heard(3, up => 3, down => 2, is_up => 1), 'silence is noticed');
my $took = time - $from;
ok($took > 0.9 && $took < 2 * slowness(), "after a second ($took)");
kill CONT => $backend;


# it is away for a while

my $lines = () = $nginx->log =~ /not listening/g;
$db->stop;
ok(heard(3, down => 3, is_up => 0), 'the server is stopped');
$alive = heard(1)->{alive};
sleep 1;
is(heard(1)->{alive}, $alive, 'nothing is alive');
$db->start;
$from = time;
ok(heard(3, up => 4, down => 3, is_up => 1), 'and started');
in_time(time - $from, 1, 'soon');
is((() = $nginx->log =~ /not listening/g) - $lines, 1, 'one line for it');


# a reload: the old one leaves without a word

$lines = () = $nginx->log =~ /listening/g;
Cost::PG::renew($nginx);
ok(heard(3, up => 1, down => 0, is_up => 1), 'after a reload');
is((() = $nginx->log =~ /cost pg: (?:not )?listening/g) - $lines, 0,
   'no line in the log') or diag $nginx->log;
ok($nginx->wait_for(2, sub { $db->query($pid) =~ /^\d+$/ }),
   'one connection');
$db->query("NOTIFY test_channel, 'fourth'");
ok(heard(5, notified => 1, last => 'fourth'), 'it hears');

$nginx->stop;


# of four workers one listens

$nginx = Cost::PG::nginx($db, 'pool=1', '', workers => 4,
                         http => 'cost_test_listen test_channel;')->start;
ok($nginx->wait_for(5, sub { $db->query($pid) =~ /^\d+$/ }),
   'one listener for four workers');
ok($nginx->wait_for(5, sub {
    $db->query("SELECT count(*) FROM pg_stat_activity
                 WHERE application_name = 'nginx cost'") == 4
}), 'and a connection for each');
$nginx->stop;

# a channel is a name
my ($ok, $output) = Cost::PG::nginx($db, '', '',
    http => 'cost_test_listen "x; drop table";')->test_conf;
ok(!$ok && $output =~ /names no channel/, 'a channel with a space');

done_testing();
