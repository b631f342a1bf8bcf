#!/usr/bin/env perl

# Nothing is lost: triggers while workers, masters and PostgreSQL are killed
# at random.  Every event that was committed arrives at least once, under one
# id; thresholds are reached once; the history agrees with what the receiver
# has seen.
#
# COST_TEST_LONG=1: 2,000 triggers and 50 kills, and an endpoint that never
# answers with 100,000 parked.

use strict;
use warnings;

use File::Temp qw(tempdir);
use JSON::PP;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;
use Cost::Receiver;

my $long = $ENV{COST_TEST_LONG};
my ($triggers, $kills, $parked) = $long ? (2000, 50, 100_000)
                                        : (300, 8, 5000);
my $seed = $ENV{COST_TEST_SEED} // int rand 1e9;
srand $seed;
diag "COST_TEST_SEED=$seed" if $long;

my $dir = tempdir(CLEANUP => 1);
chmod 0755, $dir;
open my $fh, '>', "$dir/key" or die;
print $fh 'k' x 32;
close $fh;
chmod 0600, "$dir/key";

my %common = (
    workers => 2,
    http => "cost_secret_key $dir/key;
             cost_webhook_allow http loopback;
             cost_timer on timeout=5s per_endpoint=64 evaluate=2s;",
    server => 'include %%ROOT%%/conf/cost_webhooks.conf;',
);

my $db = Cost::API->new(private => 1, %common);
my @nodes = ($db);
$db = $nodes[0]->db;
push @nodes, Cost::API->new(database => $db, %common);
$_->nginx->allow(qr/exited on signal 9/) for @nodes;

# what is committed must outlive the kill of PostgreSQL
$db->query('ALTER SYSTEM SET synchronous_commit = on');
$db->query('SELECT pg_reload_conf()');

my $acme = $db->organization('acme');
my $key = $nodes[0]->key(organization => 'acme', plan => 'free_cloudk',
                         permission => 'write');
my $receiver = Cost::Receiver->new;

sub hook {
    my ($path, @events) = @_;

    return $nodes[0]->send('POST', '/api/v1/webhooks', $key, encode_json({
        url => $receiver->url($path), events => \@events }))->json->{data};
}

hook('/200', 'alert.triggered');
hook('/slow', 'alert.triggered');     # whatever is killed, some are in flight
hook('/201', 'budget.threshold');

my $today = $db->query("SELECT (now() AT TIME ZONE 'UTC')::date");
my $budgets = 10;

for my $i (1 .. $budgets) {
    $nodes[0]->send('POST', '/api/v1/budgets', $key, encode_json({
        name => "Budget $i", amount => 100 * $i, period => 'year' }));
}


# until it is certain that it was committed, and once only

sub certainly {
    my ($n, $sql) = @_;

    for (1 .. 200) {
        my $done = eval {
            $db->query("BEGIN; INSERT INTO crash_done VALUES ($n); $sql;
                        COMMIT");
            1;
        };

        return 1 if $done || $@ =~ /crash_done_pkey/;
        sleep 0.1;
    }

    return 0;
}

$db->query('CREATE TABLE crash_done (n integer PRIMARY KEY)');


# the triggers, in a process of their own

my $writer = fork // die "fork: $!";

if ($writer == 0) {
    for my $n (1 .. $triggers) {
        certainly($n, "SELECT event_add($acme, 'alert.triggered',
                              json_build_object('n', $n))")
            or POSIX::_exit(1);
        sleep 0.02;

        next if $n % (int($triggers / 20) || 1);

        # costs rise to 1,000: the last budget's last threshold
        my $spent = 50 * $n / int($triggers / 20);

        for (1 .. 100) {
            last if eval {
                Cost::Bills::load($db, $acme, { day => $today,
                                                billed => $spent });
                1;
            };
            sleep 0.1;
        }
    }

    POSIX::_exit(0);
}


# the kills

my %killed;

for my $i (1 .. $kills) {
    sleep $triggers * 0.03 / $kills * (0.5 + rand);

    my $node = int rand @nodes;
    my $what = (qw(worker workers master postgresql))[int rand 4];

    # each of them, in a short run
    $what = (qw(worker master postgresql workers))[$i % 4] if !$long;
    $killed{$what}++;

    if ($what eq 'postgresql') {
        $db->kill;
        sleep rand 0.5;
        $db->start;

    } elsif ($what eq 'master') {
        my $nginx = $nodes[$node]->nginx;

        kill KILL => $nginx->{pid}, $nginx->workers;
        waitpid delete $nginx->{pid}, 0;

        $nodes[$node] = Cost::API->new(database => $db, %common);
        $nodes[$node]->nginx->allow(qr/exited on signal 9/);

    } else {
        my @workers = $nodes[$node]->nginx->workers;

        kill KILL => $what eq 'worker' ? $workers[rand @workers] : @workers;
    }
}

diag join ', ', map { "$killed{$_} $_" } sort keys %killed if $long;

waitpid $writer, 0;
is $?, 0, 'all triggers were written';


# what was in flight is sent again: the leases are over

my $deadline = time + ($long ? 300 : 60);
my $left;

while (time < $deadline) {
    $left = $db->query("SELECT count(*) FROM deliveries
                         WHERE state = 'pending'");
    my $reached = $db->query('SELECT count(*) FROM budget_crossings');

    last if $left == 0 && $reached == 4 * $budgets;

    $db->query("UPDATE deliveries SET next_attempt_at = now()
                 WHERE state = 'pending' AND next_attempt_at
                       > now() + interval '6 seconds';
                UPDATE webhooks SET due_at = now()
                 WHERE due_at > now() + interval '6 seconds'");
    sleep 1;
}

is $left, 0, 'nothing is left to be delivered';


# every event, at least once, under one id

my (%ids, %numbers, %came);

for my $request ($receiver->requests) {
    my $id = $request->{headers}{'webhook-id'};
    my $data = decode_json($request->{body});

    $came{"$request->{path} $id"}++;
    $ids{$id}{ $request->{body} } = 1;
    $numbers{ $request->{path} }{ $data->{data}{n} }{$id} = 1
        if $data->{event} eq 'alert.triggered';
}

for my $path ('/200', '/slow') {
    is scalar(keys %{ $numbers{$path} }), $triggers, "all came to $path";
    is scalar(grep { keys %$_ != 1 } values %{ $numbers{$path} }), 0,
        'each under one id';
}

is scalar(grep { keys %$_ != 1 } values %ids), 0, 'an id is one event';
is $db->query("SELECT count(*) FROM events
                WHERE type = 'alert.triggered'"), $triggers,
    'as many as there were triggers';


# thresholds, once

is $db->query("SELECT count(*), count(DISTINCT (budget_id, threshold))
                 FROM budget_crossings"), join('|', (4 * $budgets) x 2),
    'every threshold was reached';
is $db->query("SELECT count(*) FROM events WHERE type = 'budget.threshold'"),
    4 * $budgets, 'and is one event';

my %reached;

$reached{ join ' ', @{ decode_json($_->{body})->{data} }
                    {qw(budget_id threshold)} }
    { $_->{headers}{'webhook-id'} } = 1 for $receiver->requests('/201');

is scalar(keys %reached), 4 * $budgets, 'that has come';
is scalar(grep { keys %$_ != 1 } values %reached), 0, 'under one id';


# the history: an attempt that succeeded has come, each once; and a delivery
# is delivered by one that did

my @history = map { [ split /\|/ ] } split /\n/, $db->query(
    "SELECT substring(w.url FROM '/[^/]*\$'), e.uuid, d.state, d.attempts,
            count(a.*), count(a.*) FILTER (WHERE a.status < 300)
       FROM deliveries d
       JOIN webhooks w ON w.id = d.webhook_id
       JOIN events e ON e.organization_id = d.organization_id
                    AND e.id = d.event_id
       LEFT JOIN delivery_attempts a
         ON a.organization_id = d.organization_id AND a.delivery_id = d.id
      GROUP BY w.url, e.uuid, d.state, d.attempts");

is scalar(@history), 2 * $triggers + 4 * $budgets, 'every delivery';
is scalar(grep { $_->[2] ne 'delivered' || $_->[5] < 1 } @history), 0,
    'is delivered, by an attempt';
is scalar(grep { $_->[3] != $_->[4] } @history), 0,
    'has the attempts it counts';
is scalar(grep { $_->[5] > ($came{"$_->[0] $_->[1]"} // 0) } @history), 0,
    'and none that the receiver has not seen';

diag scalar($receiver->requests), ' requests for ', scalar(@history),
    ' deliveries' if $long;


# one that never answers, with much parked, is in nobody's way

# the median, from an event to the record of its attempt, by the database

sub latency {
    my $last = $db->query('SELECT max(id) FROM events');
    my $hook = $db->query("SELECT id FROM webhooks WHERE url LIKE '%/200'");

    for (1 .. 20) {
        $db->query("SELECT event_add($acme, 'alert.triggered', '{}')");
        sleep 0.05;
    }

    my @seen;

    for (1 .. 100) {
        @seen = split /\|/, $db->query("SELECT count(*),
            percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM
                                           a.attempted_at - e.created_at))
              FROM events e
              JOIN deliveries d ON d.event_id = e.id AND d.webhook_id = $hook
              JOIN delivery_attempts a ON a.delivery_id = d.id
             WHERE e.id > $last AND e.type = 'alert.triggered'");
        last if $seen[0] == 20;
        sleep 0.1;
    }

    is $seen[0], 20, 'twenty are delivered';

    return $seen[1];
}

my $before = latency();

hook('/silent', 'anomaly.detected');
$db->query("SELECT count(event_add($acme, 'anomaly.detected',
                   json_build_object('n', i)))
              FROM generate_series(1, $parked) i");
ok $receiver->wait(1, 20, '/silent'), 'the silent one is tried';

my $beside = latency();

cmp_ok $beside, '<', 4 * $before + 0.05, 'and others are as fast as before'
    or diag "$before s, $beside s beside";
diag sprintf '%.0f ms, %.0f ms beside %d parked',
    1000 * $before, 1000 * $beside, $parked if $long;

$db->query("UPDATE webhooks SET enabled = false
             WHERE url LIKE '%/silent'");

# (what a killed process counted in stub_status stays there)
for my $node (@nodes) {
    my $nginx = $node->nginx;

    $nginx->signal('QUIT');
    ok $nginx->wait_for(15, sub { waitpid($nginx->{pid}, 1) != 0 }),
        'a node left';
    delete $nginx->{pid};
    is join("\n", Cost::Nginx::alerts($nginx->log,
                                      @{ $nginx->{allowed} })), '',
        'without an alert';
}

done_testing;
