#!/usr/bin/env perl

# The clock of cost_timer: a tick that is late says so in the metrics, none is
# made up for, and what takes longer than a period is under way once.

use strict;
use warnings;

use IO::Handle;
use IPC::Open2;
use Test::More;
use Time::HiRes qw(sleep time);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;

my $period = 0.2;

my $api = Cost::API->new(
    pool => 'pool=2 slow=4',
    http => 'cost_timer on period=200ms jitter=0 evaluate=1s debounce=0;',
    server => 'location = /metrics { cost_metrics; }',
);
my $db = $api->db;
my $nginx = $api->nginx;

my $acme = $db->organization('acme');
my $today = $db->query("SELECT (now() AT TIME ZONE 'UTC')::date");

ok $nginx->logged(qr/this node leads/, 15), 'the node leads';

# ticks, late, overrun

sub ticks {
    my $text = $api->http->get('/metrics')->{body};

    return map { $text =~ /^cost_timer_$_ (\d+)$/m ? $1 : die $text }
           qw(ticks_total ticks_late_total ticks_overrun_total);
}

# as many ticks as there may be at most from a time on, the one that was due
# and one that is told of too late included

sub most { return (time - $_[0]) / $period + 2 }

# a session of its own, that locks until it is closed

sub lock_table {
    my ($table) = @_;

    my ($host, $name, $user) = map { $db->conninfo =~ /$_=(\S+)/ }
                               qw(host dbname user);

    my $pid = open2(my $out, my $in, 'psql', '-XAtq', '-h', $host, '-U', $user,
                    $name);

    $in->autoflush(1);
    print $in "BEGIN; LOCK TABLE $table IN ACCESS EXCLUSIVE MODE;\n"
              . "SELECT 'locked';\n";
    <$out> =~ /locked/ or die 'not locked';

    return { pid => $pid, in => $in, out => $out };
}

sub unlock {
    my ($lock) = @_;

    close $lock->{in};
    waitpid $lock->{pid}, 0;
}

# the statements of nginx's that wait for a lock, by their text

sub waiting {
    my ($pattern) = @_;

    return $db->query("SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database()
          AND application_name LIKE 'nginx cost%'
          AND wait_event_type = 'Lock' AND query ~ '$pattern'");
}


# a worker that stands still for two seconds, and ten ticks

my ($from, $late) = ticks();
my ($worker) = $nginx->workers;

kill STOP => $worker;
sleep 10 * $period;

my $start = time;
my ($ticks, $more);

kill CONT => $worker;
ok $nginx->wait_for(10, sub {
    ($ticks, $more) = ticks();
    return $more > $late;
}), 'a tick that is late says so';
cmp_ok $ticks - $from, '<=', most($start) + 1, 'those it missed do not come';

# one second more: as many as there are in a second

my $until = time + 1;

sleep $until - time;
($ticks) = ticks();
cmp_ok $ticks - $from, '<=', most($start) + 1, 'nor do they come later';
ok $nginx->wait_for(10, sub { (ticks())[0] > $ticks }), 'it goes on';


# a lead that is asked for, and asked for: one statement, and the ticks that
# found it at work

my $overrun = (ticks())[2];
my $lock = lock_table('timer_leases');

ok $nginx->wait_for(10, sub { waiting('timer_leases') > 0 }),
    'the database does not answer the leader';
ok $nginx->wait_for(10, sub { (ticks())[2] >= $overrun + 4 }),
    'ticks that find the last one at work say so';
cmp_ok waiting('timer_leases'), '<=', 1, 'and do not pile up';
unlock($lock);
ok $nginx->wait_for(10, sub {
    my $before = (ticks())[2];
    sleep 3 * $period;
    return (ticks())[2] == $before;
}), 'it answers again: no more of them';
ok $nginx->wait_for(10, sub { (ticks())[0] > $ticks }), 'it ticks';


# an evaluation that takes longer than the pause to the next, whatever is said
# meanwhile: one of alerts, one of budgets, and one more of each behind them

$db->query("INSERT INTO alerts (organization_id, name, type, scope_type,
                                metric, operator, value, cooldown_hours)
            VALUES ($acme, 'x', 'threshold', 'all_accounts', 'daily_cost',
                    'greater_than', 10, 8760);
            INSERT INTO budgets (organization_id, name, scope_type, amount,
                                 period)
            VALUES ($acme, 'x', 'all_accounts', 10, 'month')");

$lock = lock_table('cost_to_date');

ok $nginx->wait_for(15, sub {
    waiting('alerts_batch') && waiting('budgets_evaluate')
}), 'both are at work';

for (1 .. 20) {
    $db->query("NOTIFY cost_data, '$acme'");
    sleep 0.1;
}

is waiting('alerts_batch'), 1, 'one of alerts';
is waiting('budgets_evaluate'), 1, 'one of budgets';

my $now = (ticks())[0];
ok $nginx->wait_for(10, sub { (ticks())[0] > $now + 2 }),
    'the clock goes on meanwhile';
unlock($lock);

Cost::Bills::load($db, $acme, { day => $today, billed => 11 });
ok $nginx->wait_for(15, sub {
    $db->query('SELECT count(*) FROM alert_history') == 1
    && $db->query('SELECT count(*) FROM budget_crossings') == 4
}), 'and what was said meanwhile is looked at';
is waiting('.'), 0, 'nothing is left';

$api->stop;

done_testing;
