#!/usr/bin/env perl

# Nothing is lost: alerts trigger, resolve and trigger again, and budgets are
# used up, while workers, masters and PostgreSQL are killed -9 at random.
# Every trigger is one line of the history and one event, which arrives at
# least once; what arrives is in the history.
#
# COST_TEST_LONG=1: 2,000 triggers of 80 rules, and 50 kills.
# COST_TEST_SEED: the kills of another run.

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
use Cost::Clock qw(slowness);
use Cost::Crash;
use Cost::Receiver;

my $long = $ENV{COST_TEST_LONG};
my ($organizations, $rounds, $kills) = $long ? (8, 25, 50) : (3, 3, 8);
my $seed = $ENV{COST_TEST_SEED} // int rand 1e9;
srand $seed;

my $dir = tempdir(CLEANUP => 1);
chmod 0755, $dir;
open my $fh, '>', "$dir/key" or die;
print $fh 'k' x 32;
close $fh;
chmod 0600, "$dir/key";

my $crash = Cost::Crash->new(
    nodes => 2, workers => 2, pretend => $long ? 0.5 : 1,
    http => "cost_secret_key $dir/key;
             cost_webhook_allow http loopback;
             cost_timer on timeout=5s per_endpoint=64 evaluate=2s;",
    server => 'include %%ROOT%%/conf/cost_webhooks.conf;',
);
my $db = $crash->db;
my $receiver = Cost::Receiver->new;
my %day = map { split /\|/ } split /\n/, $db->query(
    "SELECT n, (now() AT TIME ZONE 'UTC')::date + n
       FROM generate_series(-8, 1) n");

sub post {
    my ($path, $key, $body) = @_;

    my $r = $crash->node->send('POST', $path, $key, encode_json($body));

    die "$path: $r->{body}" if $r->{status} != 201;

    return $r->json->{data};
}


# --- rules of some organizations, and budgets of another --------------------

# An account costs 100 a day, another much or little: of the first rules some
# hold when it is much, of the others when it is little, and none of them
# sees the difference between a day, its eve and its morrow.

my @high = (
    [ 'daily_cost', 'greater_than', 500 ],
    [ 'daily_cost', 'greater_than', 900.5 ],
    [ 'monthly_cost', 'greater_than', 500, 'account' ],
    [ 'weekly_cost', 'greater_than', 900 ],
    [ 'daily_cost', 'percent_increase', 50, undef, '7_day_average' ],
);
my @low = (
    [ 'daily_cost', 'less_than', 500 ],
    [ 'daily_cost', 'less_than', 1099.5 ],
    [ 'daily_cost', 'less_than', 50, 'account' ],
    [ 'daily_cost', 'less_than', 999.99, 'account' ],
    [ 'daily_cost', 'less_than', 101.01 ],
);

# what they see then
my %value = ('high 0' => 1100, 'high 1' => 1100, 'low 0' => 101,
             'low 1' => 101, 'low 2' => 1, 'low 3' => 1, 'low 4' => 101);

my (%organization, %account, %key, %rule);

sub spend {
    my ($slug, $amount) = @_;

    Cost::Bills::load($db, $organization{$slug}, map {
        { day => $day{$_}, billed => $amount,
          account => 'spend' }
    } -1 .. 1);
}

sub rule {
    my ($slug, $name, $cooldown, $metric, $operator, $value, $scope,
        $baseline) = @_;

    my $id = post('/v1/alerts', $key{$slug}, {
        name => $name, cooldown_hours => $cooldown,
        type => $baseline ? 'anomaly' : 'threshold',
        scope => $scope
                 ? { type => 'account', account_id => $account{$slug} }
                 : { type => 'all_accounts' },
        condition => { metric => $metric, operator => $operator,
                       value => $value,
                       $baseline ? (baseline => $baseline) : () },
    })->{id};

    $rule{ join '-', unpack 'x6 A8 A4 A4 A4 A12', $id } = $name;
}

for my $n (1 .. $organizations) {
    my $slug = "org$n";

    $organization{$slug} = $db->organization($slug);
    $key{$slug} = $db->key(organization => $slug, plan => 'free_cloudk',
                           prefix => 'ck_live_', permission => 'write');

    Cost::Bills::load($db, $organization{$slug}, map {
        { day => $day{$_}, billed => 100,
          account => 'base' }
    } -8 .. 1);

    spend($slug, 1);
    $account{$slug} = Cost::Bills::account($db, $organization{$slug}, 'spend');
}

# (in another order than the rules: see the end)
for my $slug (reverse sort keys %organization) {
    post('/api/v1/webhooks', $key{$slug},
         { url => $receiver->url("$_/$slug"), events => ['alert.triggered'] })
        for '/200', '/slow';
}

my $saver = $db->organization('saver');
my $saving = $db->key(organization => 'saver', plan => 'free_cloudk',
                      prefix => 'ck_live_', permission => 'write');
my $budgets = 10;

post('/api/v1/webhooks', $saving, { url => $receiver->url('/201'),
                                    events => ['budget.threshold'] });
post('/api/v1/budgets', $saving, { name => "Budget $_", amount => 100 * $_,
                                   period => 'year' }) for 1 .. $budgets;

# the first time that little is spent: every $low triggers

for my $slug (sort keys %organization) {
    rule($slug, "high $_", 1, @{ $high[$_] }) for 0 .. $#high;
    rule($slug, "low $_", 1, @{ $low[$_] }) for 0 .. $#low;

    # without a cooldown: as often as it is looked at
    rule($slug, 'again', 0, @{ $high[0] });
}


# --- what happens, in a process of its own ----------------------------------

# while PostgreSQL is away; all of it may be done twice

sub certainly {
    my ($do) = @_;

    my $until = time + 60 * slowness();

    while (time < $until) {
        my $got = eval { [ $do->() ] };

        return wantarray ? @$got : $got->[0] if $got;
        sleep 0.1;
    }

    die "the database did not come back: $@";
}

# Spends much or little in an organization; what does not hold may trigger
# again.

sub turn {
    my ($slug, $high, %args) = @_;

    certainly(sub {
        $db->query("UPDATE alerts
               SET last_triggered_at = last_triggered_at
                                       - interval '61 minutes'
             WHERE organization_id = $organization{$slug} AND NOT open
               AND last_triggered_at > now() - interval '1 hour'")
            if !$args{held};
        spend($slug, $high ? 1000 : 1);
        1;
    });
}

# those in which all rules are as they should be

sub settled {
    my ($high) = @_;

    return map { $_ => 1 } split /\n/, certainly(sub {
        $db->query("SELECT o.slug
              FROM alerts a
              JOIN organizations o ON o.id = a.organization_id
             GROUP BY o.slug
            HAVING bool_and(a.open = (" . ($high ? 'NOT ' : '')
                       . "a.name LIKE 'low%'))")
    });
}

my $progress = "$dir/progress";
my $turns = 2 * $rounds * $organizations;

sub play {
    my %turn = map { $_ => 1 } keys %organization;
    my ($done, $saved) = (0, 0);
    my $until = time + 60 * slowness();

    while (%turn) {
        my @settled = ({ settled(0) }, { settled(1) });

        for my $slug (sort grep { $settled[$turn{$_} % 2 ? 0 : 1]{$_} }
                      keys %turn)
        {
            $until = time + 60 * slowness();

            open my $fh, '>>', $progress or die;
            print $fh '.';
            close $fh;
            $done++;

            if ($turn{$slug}++ == 2 * $rounds) {
                delete $turn{$slug};
                next;
            }

            turn($slug, $turn{$slug} % 2 == 0);
        }

        # budgets are used up as all of it goes on, to the last threshold

        my $spent = 50 * int(20 * $done / $turns);

        certainly(sub {
            Cost::Bills::load($db, $saver, { day => $day{0},
                                             billed => $spent });
            1;
        }) if $spent > $saved;

        $saved = $spent;

        die 'still not settled: ', join ', ', map { "$_ $turn{$_}" }
            keys %turn if time > $until;

        sleep 0.1;
    }
}

open $fh, '>', $progress or die;
close $fh;

my $player = fork // die "fork: $!";

if ($player == 0) {
    eval { play(); 1 } or do { diag $@; POSIX::_exit(1) };
    POSIX::_exit(0);
}


# --- meanwhile --------------------------------------------------------------

my @at = sort { $a <=> $b } map { rand 0.9 * $turns } 1 .. $kills;
my $left = 0;

for my $i (0 .. $#at) {
    while (-s $progress < $at[$i]) {
        last if $left ||= waitpid($player, POSIX::WNOHANG()) != 0;
        sleep 0.05;
    }

    sleep rand 0.3;

    # each of them, in a short run
    $crash->hit($long ? undef
                      : (qw(worker master postgresql workers))[$i % 4]);
}

waitpid $player, 0 if !$left;
is $?, 0, 'everything triggered, resolved and triggered again';
diag "COST_TEST_SEED=$seed: ", $crash->killed if $long || $?;


# held back: what has triggered within the hour does not

sub open_are {
    my ($names, $name) = @_;

    my $open;

    ok $crash->node->nginx->wait_for(30, sub {
        $open = $db->query("SELECT string_agg(DISTINCT name, ' ')
                              FROM alerts WHERE open");
        return $open eq $names
               && $db->query("SELECT count(*) FROM alerts WHERE open")
                  == $organizations * split ' ', $names;
    }), $name or diag $open;
}

for my $high (0, 1, 0) {
    turn($_, $high, held => 1) for sort keys %organization;
    open_are($high ? 'again' : '', $high ? 'much: only what has no cooldown'
                                         : 'little: nothing so soon again');
}


# what was in flight is sent again: the leases are over

my $pending;

ok $crash->node->nginx->wait_for($long ? 300 : 60, sub {
    my $reached = $db->query('SELECT count(*) FROM budget_crossings');

    $pending = $db->query("SELECT count(*) FROM deliveries
                            WHERE state = 'pending'");

    return 1 if $pending == 0 && $reached == 4 * $budgets;

    $db->query("UPDATE deliveries SET next_attempt_at = now()
                 WHERE state = 'pending' AND next_attempt_at
                       > now() + interval '6 seconds';
                UPDATE webhooks SET due_at = now()
                 WHERE due_at > now() + interval '6 seconds'");
    sleep 1;

    return 0;
}), 'nothing is left to be delivered' or diag "$pending are";


# --- what there is, beside what came ----------------------------------------

sub rows {
    my ($sql) = @_;

    return map { [ split /\|/, $_, -1 ] } split /\n/, $db->query($sql);
}

# a line of the history: slug, rule, event, what the event says
my @history = rows("
    SELECT o.slug, a.uuid, e.uuid, e.body,
           h.resolved_at >= h.triggered_at, count(*) OVER (PARTITION BY
           h.organization_id, h.event_id), h.resolved_at <= lead(
           h.triggered_at) OVER (PARTITION BY h.alert_id ORDER BY h.id)
      FROM alert_history h
      JOIN alerts a ON a.id = h.alert_id
      JOIN organizations o ON o.id = h.organization_id
      LEFT JOIN events e ON e.organization_id = h.organization_id
                        AND e.id = h.event_id AND e.type = 'alert.triggered'
     ORDER BY h.id");
my (%times, %event, @odd);

for (@history) {
    my ($slug, $rule, $event, $body, $resolved, $same, $before) = @$_;

    $times{"$slug $rule{$rule}"}++;
    $event{$event} = $_;

    my $data = eval { decode_json($body)->{data} };
    my $value = $value{ $rule{$rule} };

    push @odd, "$slug $rule{$rule} $event $body"
        if $same != 1 || $resolved ne 't'
           || ($before eq 'f' && $rule{$rule} ne 'again')
           || !$data || $data->{rule_id} ne $rule
           || (defined $value && $data->{triggered_value} != $value);
}

is_deeply \@odd, [], 'each trigger has an event, of itself, and resolved';
is_deeply { map { $_ => $times{$_} } grep { !/again/ } keys %times },
    { map { my $slug = $_; map { ("$slug high $_" => $rounds,
                                  "$slug low $_" => $rounds) } 0 .. $#high }
      keys %organization }, 'every rule has triggered once a round';
is $db->query("SELECT count(*) FROM events WHERE type = 'alert.triggered'"),
    scalar(@history), 'there are no other events';


# every one at least once, under one id

my (%came, %bodies, %strange);

for my $request ($receiver->requests) {
    my $id = $request->{headers}{'webhook-id'};

    $came{ $request->{path} }{$id}++;
    $bodies{$id}{ $request->{body} } = 1;

    next if $request->{path} eq '/201';

    my ($slug) = $request->{path} =~ m{([^/]+)$};
    my $line = $event{$id};

    $strange{"$slug $id"} = 1
        if !$line || $line->[0] ne $slug || $line->[3] ne $request->{body};
}

is_deeply [ keys %strange ], [], 'what came is in the history, to the byte';
is scalar(grep { keys %$_ != 1 } values %bodies), 0, 'an id is one event';

for my $path ('/200', '/slow') {
    is_deeply [ grep { !$came{"$path/$_->[0]"}{ $_->[2] } } @history ], [],
        "all of the history came to $path";
}


# as who asks the API sees it: a trigger for a trigger

my (%seen, %told);
my ($entries, $unsent) = (0, 0);

for my $slug (sort keys %organization) {
    my $cursor = '';

    do {
        my $reply = $crash->node->get('/api/v1/alerts?type=history&limit=100'
            . ($cursor && "&cursor=$cursor"), $key{$slug})->json;

        for (@{ $reply->{data}{history} }) {
            $entries++;
            $unsent++ if !$_->{notification_sent};
            $seen{ join ' ', @{$_}{qw(rule_id triggered_at)},
                   map { 0 + $_ } @{$_}{qw(current_value
                                           threshold_value)} }++;
        }

        $cursor = $reply->{meta}{next_cursor};
    } while ($cursor);
}

for (map { decode_json($_) } map { keys %$_ } values %bodies) {
    next if $_->{event} ne 'alert.triggered';
    $told{ join ' ', $_->{data}{rule_id}, $_->{timestamp}, map { 0 + $_ }
           @{ $_->{data} }{qw(triggered_value threshold_value)} }++;
}

is $entries, scalar(@history), 'the API shows all of the history';
is_deeply \%seen, \%told, 'which is what the receiver was told';
is $unsent, 0, 'and says so';


# thresholds, once

is $db->query("SELECT count(*), count(DISTINCT (budget_id, threshold)),
                      count(DISTINCT event_id) FROM budget_crossings"),
    join('|', (4 * $budgets) x 3), 'every threshold was reached, an event';
is $db->query("SELECT count(*) FROM events WHERE type = 'budget.threshold'"),
    4 * $budgets, 'and no other';
is scalar(keys %{ $came{'/201'} }), 4 * $budgets, 'that has come';


# deliveries: an attempt that succeeded has come, each once; and a delivery is
# delivered by one that did

my @deliveries = rows(
    "SELECT substring(w.url FROM '[0-9](/.*)\$'), e.uuid, d.state,
            d.attempts, count(a.*), count(a.*) FILTER (WHERE a.status < 300)
       FROM deliveries d
       JOIN webhooks w ON w.id = d.webhook_id
       JOIN events e ON e.organization_id = d.organization_id
                    AND e.id = d.event_id
       LEFT JOIN delivery_attempts a
         ON a.organization_id = d.organization_id AND a.delivery_id = d.id
      GROUP BY w.url, e.uuid, d.state, d.attempts");

is scalar(@deliveries), 2 * @history + 4 * $budgets, 'every delivery';
is scalar(grep { $_->[2] ne 'delivered' || $_->[5] < 1 } @deliveries), 0,
    'is delivered, by an attempt';
is scalar(grep { $_->[3] != $_->[4] } @deliveries), 0,
    'has the attempts it counts';
is scalar(grep { $_->[5] > ($came{ $_->[0] }{ $_->[1] } // 0) } @deliveries),
    0, 'and none that the receiver has not seen';

my $log = Cost::Nginx::slurp($db->dir . '/log');

is scalar(() = $log =~ /deadlock detected/g), 0,
    'and nobody waited for who waited for him';

diag scalar(keys %organization), ' organizations, ',
    $turns * @high, ' triggers and ', @history - $turns * @high,
    ' without a cooldown, ', scalar($receiver->requests), ' requests for ',
    scalar(@deliveries), ' deliveries' if $long;

$crash->stop;

done_testing;
