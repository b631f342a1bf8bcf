#!/usr/bin/env perl

# Alerts trigger, are held back, and resolve; what they add up is worked out
# here once more, from the bills.

use strict;
use warnings;

use File::Temp;
use JSON::PP;
use Math::BigInt;
use Test::More;
use Time::HiRes qw(sleep time);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;
use Cost::Receiver;

my $secrets = File::Temp->new;
print $secrets '0123456789abcdef' x 4, "\n";
close $secrets;
chmod 0600, $secrets->filename;

my %common = (
    workers => 2,
    http => "cost_secret_key $secrets;
             cost_webhook_allow http loopback;
             cost_timer on evaluate=1h;",
    server => 'include %%ROOT%%/conf/cost_webhooks.conf;',
);

my $api = Cost::API->new(%common);
my $db = $api->db;
my $nginx = $api->nginx;

my $acme = $db->organization('acme');
my $key = $api->key(organization => 'acme', plan => 'free_cloudk',
                    permission => 'write');
my $receiver = Cost::Receiver->new;
my $today = $db->query("SELECT (now() AT TIME ZONE 'UTC')::date");

ok $nginx->logged(qr/this node leads/, 10), 'the node leads';

sub day { return $db->query("SELECT '$today'::date - $_[0]") }

sub add {
    my (%alert) = @_;

    return $api->send('POST', '/v1/alerts', $key, encode_json({
        type => exists $alert{condition}{baseline} ? 'anomaly' : 'threshold',
        scope => { type => 'all_accounts' }, %alert }))->json->{data}{id};
}

sub uuid { return join '-', unpack 'x6 A8 A4 A4 A4 A12', $_[0] }

sub alert { return $api->get("/v1/alerts/$_[0]", $key)->json->{data} }

sub state_is {
    my ($id, $state, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my $is = '';

    Cost::Nginx->wait_for(10, sub { ($is = alert($id)->{status}) eq $state });
    is $is, $state, $name;
}

# Everything that was said before has been looked at when a rule that always
# holds has triggered, as it comes last.

my $last = 0;

sub settled {
    my ($organization) = @_;

    $organization //= $acme;

    my $id = $db->query("INSERT INTO alerts (organization_id, name, type,
            scope_type, metric, operator, value, cooldown_hours)
        VALUES ($organization, 'last', 'threshold', 'all_accounts',
                'monthly_cost', 'less_than', 1000000000, 8760)
        RETURNING id");

    $last = $id;

    my $done = Cost::Nginx->wait_for(20, sub {
        $db->query("SELECT open FROM alerts WHERE id = $id") eq 't' });

    $db->query("DELETE FROM alerts WHERE id = $id");

    return $done;
}

sub cost {
    my ($organization, %day) = @_;

    Cost::Bills::load($db, $organization,
        map { { day => day($_), billed => $day{$_} } } sort keys %day);
}


# --- one alert, from its trigger to its end ---------------------------------

$api->send('POST', '/api/v1/webhooks', $key, encode_json({
    url => $receiver->url('/200'), events => ['alert.triggered'] }));

my $daily = add(name => 'Daily spend > $500', cooldown_hours => 4,
    condition => { metric => 'daily_cost', operator => 'greater_than',
                   value => 500 });

cost($acme, 0 => '499.999', 1 => 600);
ok settled(), 'it is looked at';
is alert($daily)->{status}, 'active', 'below: nothing';

cost($acme, 0 => '611.2249', 1 => 600);
state_is($daily, 'triggered', 'above: it has triggered');

# the events of a rule

sub told {
    my ($id) = @_;

    my @events;

    Cost::Nginx->wait_for(10, sub {
        @events = grep { $_->{data}{rule_id} eq uuid($id) }
                  map { decode_json($_->{body}) } $receiver->requests('/200');
    });

    return @events;
}

my @events = told($daily);
is scalar(@events), 1, 'and was told';
my $event = $events[-1];

is_deeply $event->{data}, {
    rule_id => uuid($daily), rule_name => 'Daily spend > $500',
    rule_type => 'absolute_threshold', cloud_provider => 'aws',
    account_name => 'Production AWS', triggered_value => 611.22,
    threshold_value => 500,
    message => 'Daily cost of $611.22 exceeds threshold of $500.00',
}, 'in CloudK\'s words';
is $event->{event}, 'alert.triggered', 'its name';

my ($history) = @{ alert($daily)->{trigger_history} };
is $history->{value_at_trigger}, 611.22, 'history: the value';
is $history->{resolved_at}, undef, 'history: not resolved';

my ($seen, $sent);
Cost::Nginx->wait_for(5, sub {
    ($seen) = grep { $_->{rule_id} eq uuid($daily) }
        @{ $api->get('/api/v1/alerts', $key)->json->{data}{history} };
    return $seen->{notification_sent};
});
is_deeply [ @{$seen}{qw(current_value threshold_value triggered_at)} ],
    [ 611.22, 500, $history->{triggered_at} ], 'CloudK\'s history';
ok $seen->{notification_sent}, 'and that it was sent';

cost($acme, 0 => 700, 1 => 600);
ok settled(), 'looked at again';
is scalar(@{ alert($daily)->{trigger_history} }), 1,
    'it is held back by its cooldown';

cost($acme, 0 => 500, 1 => 600);
state_is($daily, 'active', 'not above any more: it has resolved');
ok alert($daily)->{trigger_history}[0]{resolved_at}, 'history: resolved';

cost($acme, 0 => 501, 1 => 600);
ok settled(), 'above again';
is alert($daily)->{status}, 'active', 'within its cooldown: nothing';

$db->query("UPDATE alerts SET last_triggered_at = now() - interval
    '4 hours 1 minute' WHERE uuid = '" . uuid($daily) . "'");
$db->query("NOTIFY cost_synced, '$acme'");
state_is($daily, 'triggered', 'after its cooldown, on cost_synced');
is scalar(@{ alert($daily)->{trigger_history} }), 2, 'history: two';

$db->query("UPDATE alerts SET last_triggered_at = now() - interval
    '5 hours' WHERE uuid = '" . uuid($daily) . "'");
$db->query("NOTIFY cost_data, '$acme'");
ok $nginx->wait_for(10, sub { @{ alert($daily)->{trigger_history} } == 3 }),
    'and again while it holds';
is scalar(grep { !$_->{resolved_at} }
               @{ alert($daily)->{trigger_history} }), 2, 'two are open';

$api->send('PUT', "/v1/alerts/$daily", $key, '{"status":"paused"}');
cost($acme, 0 => 1, 1 => 600);
ok settled(), 'paused, and below';
is alert($daily)->{status}, 'paused', 'a paused alert is not looked at';
$api->send('PUT', "/v1/alerts/$daily", $key, '{"status":"active"}');
state_is($daily, 'active', 'it is when it goes on');
is scalar(grep { !$_->{resolved_at} }
               @{ alert($daily)->{trigger_history} }), 0,
    'all of it is resolved';

$api->send('PUT', "/v1/alerts/$daily", $key,
           '{"condition":{"value":0.5},"cooldown_hours":0}');
state_is($daily, 'triggered', 'a change is looked at at once');

# an organization without paid access is left as it is

$db->query("UPDATE organizations SET active = false WHERE id = $acme");
cost($acme, 0 => 0, 1 => 600);
cost($db->organization('paying'), 0 => 1);
ok settled($db->organization('paying')), 'without paid access';
is $db->query("SELECT open FROM alerts WHERE uuid = '" . uuid($daily) . "'"),
    't', 'nothing resolves';
$db->query("UPDATE organizations SET active = true WHERE id = $acme");
$db->query("NOTIFY cost_data, '$acme'");
ok $nginx->wait_for(10, sub { alert($daily)->{status} eq 'active' }),
    'with it, it does';

# a percentage: 7 days of 600 and 0, the day before all else

my $spike = add(name => 'Spike', notifications => [ { type => 'webhook' } ],
    condition => { metric => 'daily_cost', operator => 'percent_increase',
                   value => 50, baseline => '7_day_average' });
cost($acme, 0 => 151, 1 => 600, 2 => 100);
state_is($spike, 'triggered', 'half more than the average of a week');
is alert($spike)->{trigger_history}[0]{value_at_trigger}, 151,
    'CICosts sees the cost';
($seen) = grep { $_->{rule_id} eq uuid($spike) }
          @{ $api->get('/api/v1/alerts', $key)->json->{data}{history} };
is_deeply [ @{$seen}{qw(current_value threshold_value)} ], [ 51, 50 ],
    'CloudK the percentage'
    or diag explain $seen;

@events = told($spike);
is $events[0]{data}{rule_type}, 'percentage_change', 'its event: the type';
is $events[0]{data}{triggered_value}, 51, 'its event: percent';
is $events[0]{data}{message}, 'Daily cost of $151.00 is 51.0% above the 7-day '
    . 'average, exceeding threshold of 50%', 'its event: in words';


# --- what is low is judged when it is complete, and known -------------------

my $calm = $db->organization('calm');
my $low = $db->query("INSERT INTO alerts (organization_id, name, type,
        scope_type, metric, operator, value)
    VALUES ($calm, 'low', 'threshold', 'all_accounts', 'daily_cost',
            'less_than', 50) RETURNING id");

sub low_is {
    my ($open, $name) = @_;

    settled($calm) if $_[2];
    is $db->query("SELECT open FROM alerts WHERE id = $low"), $open, $name;
}

cost($calm, 0 => 1, 1 => 60, 40 => 1);
ok settled($calm), 'the calm one';
low_is('f', 'little so far today is nothing');
cost($calm, 2 => 60, 40 => 1);
ok !$nginx->wait_for(1, sub { $db->query("SELECT open FROM alerts
    WHERE id = $low") eq 't' }), 'no bill of yesterday is nothing, either';
cost($calm, 0 => 1, 1 => 49, 2 => 60, 40 => 1);
ok settled($calm), 'the calm one again';
low_is('t', 'little yesterday is little');


# --- half a minute into a month ---------------------------------------------

my $edge = $db->organization('edge');

Cost::Bills::load($db, $edge, map { { day => "2024-$_->[0]",
                                      billed => $_->[1] } }
    [ '01-31', 70 ], [ '02-01', 500 ], [ '02-28', 10 ], [ '02-29', 40 ],
    [ '03-01', '0.5' ]);

my %edge = map { $_->[0] => $db->query("INSERT INTO alerts (organization_id,
        name, type, scope_type, metric, operator, value, baseline, version)
    VALUES ($edge, '$_->[0]', '" . ($_->[4] ? 'anomaly' : 'threshold')
    . "', 'all_accounts', '$_->[1]', '$_->[2]', $_->[3], "
    . ($_->[4] ? "'$_->[4]'" : 'NULL') . ", 7) RETURNING id") } (
    [ 'the month is young', 'monthly_cost', 'greater_than', '0.5' ],
    [ 'but has begun', 'monthly_cost', 'greater_than', '0.49' ],
    [ 'yesterday was the 29th', 'daily_cost', 'less_than', '40.01' ],
    [ 'no less', 'daily_cost', 'less_than', 40 ],
    [ 'all of February', 'monthly_cost', 'less_than', '550.01' ],
    [ 'and no less', 'monthly_cost', 'less_than', 550 ],
    [ 'four times the day before', 'daily_cost', 'percent_decrease', 1,
      'previous_period' ],
    [ 'week', 'weekly_cost', 'greater_than', '50.49' ],
);

my $clock = Cost::API->new(database => $db, %common,
                           clock => '2024-03-01T00:00:30Z');

# one of them leads at a time

$api->stop('the first node, for a while');
ok $clock->nginx->logged(qr/this node leads/, 15), 'on another day';
ok settled($edge), 'and looks at everything';

# a Friday: Monday was the 26th of February

is $db->query("SELECT string_agg(name, ', ' ORDER BY id) FROM alerts
                WHERE organization_id = $edge AND open"),
    'but has begun, yesterday was the 29th, all of February, week',
    'months, days and weeks have their edges';
is $db->query("SELECT string_agg(value::text, ' ' ORDER BY alert_id)
                 FROM alert_history h WHERE organization_id = $edge
                  AND alert_id IN (" . join(',', values %edge) . ")"),
    '0.5 40 550 50.5', 'with what they cost';

$db->query("DELETE FROM alerts WHERE organization_id = $edge");
$clock->stop('the other day ended cleanly');

$api = Cost::API->new(database => $db, %common);
$nginx = $api->nginx;
ok $nginx->logged(qr/this node leads/, 15), 'today again';


# --- jobs of CI runs --------------------------------------------------------

my $ci = $db->organization('ci');
my $run = 0;

sub jobs {
    my (@jobs) = @_;

    $db->query("INSERT INTO ci_runs (organization_id, owner, repository,
            run_id, job_id, job, workflow, workflow_id, runner, started_at,
            completed_at, minutes, cost) VALUES " . join ', ', map {
        my ($days, $owner, $repo, $run, $workflow, $cost) = @$_;
        my $id = ++$last;
        "($ci, '$owner', '$repo', $run, $id, 'x', 'CI $workflow',
          '$workflow', 'x', now() - interval '$days days',
          now() - interval '$days days', 1, $cost)" } @jobs);
}

my %rule;

sub rule {
    my ($name, $columns, $values) = @_;

    $rule{$name} = $db->query("INSERT INTO alerts (organization_id, name,
            type, $columns) VALUES ($ci, '$name', 'threshold', $values)
        RETURNING id");
}

my $what = 'scope_type, owner, repository, workflow, metric, operator, value';

rule('owner', $what, "'organization', 'my-company', NULL, NULL,
     'weekly_cost', 'greater_than', 0");
rule('repo', $what, "'repository', 'my-company', 'api', NULL,
     'per_run_cost', 'greater_than', 0.09");
rule('repo, more', $what, "'repository', 'my-company', 'api', NULL,
     'per_run_cost', 'greater_than', 0.1");
rule('workflow', $what, "'workflow', NULL, NULL, 'wf_1', 'per_run_cost',
     'greater_than', 0.07");
rule('name', $what, "'workflow', NULL, NULL, 'CI wf_2', 'per_run_cost',
     'greater_than', 0.2");
rule('none', $what, "'repository', 'my-company', 'web', NULL,
     'per_run_cost', 'less_than', 100");
rule('all', $what, "'all_accounts', NULL, NULL, NULL, 'per_run_cost',
     'greater_than', 1");

# a run of two jobs, and two of one: 0.30 of three runs; and one too old

jobs([ 0, 'my-company', 'api', 1, 'wf_1', '0.03' ],
     [ 0, 'my-company', 'api', 1, 'wf_1', '0.05' ],
     [ 1, 'my-company', 'api', 2, 'wf_2', '0.10' ],
     [ 6, 'my-company', 'api', 3, 'wf_2', '0.12' ],
     [ 8, 'my-company', 'api', 4, 'wf_2', '100' ],
     [ 0, 'another', 'api', 5, 'wf_3', '4' ]);

ok $nginx->wait_for(10, sub { $db->query("SELECT open FROM alerts
    WHERE id = $rule{all}") eq 't' }), 'jobs are looked at when they come';

my %value = map { split /\|/ } split /\n/, $db->query("
    SELECT a.name, trim_scale(round(h.value, 10))
      FROM alerts a JOIN alert_history h ON h.alert_id = a.id
     WHERE a.organization_id = $ci");

is $value{repo}, '0.1', 'the cost of a run: 0.30 of three';
is $value{'repo, more'}, undef, 'and not more';
is $value{workflow}, '0.08', 'of a workflow, by its id: one run, two jobs';
is $value{name}, undef, 'by its name: 0.11';
is $value{none}, undef, 'no run at all is not cheap';
is $value{all}, '1.075', 'of all: 4.30 of four';

my $week = $db->query("SELECT trim_scale(sum(cost)) FROM ci_runs
    WHERE owner = 'my-company' AND completed_at >= date_trunc('week', now()
          AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'");
is $value{owner}, $week, 'of an owner, this week';
is $db->query("SELECT body::json -> 'data' ->> 'account_name' FROM events
    WHERE organization_id = $ci AND body LIKE '%\"repo\"%'"),
    'my-company/api', 'its event names the repository';


# what GitHub's report says of a day is what that day cost: all but today is
# reported, with half of what the jobs had cost

$db->query("DELETE FROM alerts WHERE organization_id = $ci");
rule('reported', $what, "'repository', 'my-company', 'api', NULL,
     'daily_cost', 'greater_than', 0");
rule('an older day', $what, "'repository', 'my-company', 'api', NULL,
     'daily_cost', 'less_than', 0.06");
rule('a run', $what, "'repository', 'my-company', 'api', NULL,
     'per_run_cost', 'greater_than', 0.09");
rule('owner, today', $what, "'organization', 'my-company', NULL, NULL,
     'daily_cost', 'greater_than', 0");
rule('only reported', $what, "'organization', 'reporter', NULL, NULL,
     'daily_cost', 'greater_than', 0");
$db->query("INSERT INTO ci_usage (organization_id, day, owner, repository,
        workflow, product, sku, unit, quantity, gross, discount, net)
    VALUES ($ci, '$today'::date - 1, 'my-company', 'api', '', 'Actions', 'x',
            'minutes', 1, 1, 0.95, 0.05),
           ($ci, '$today'::date - 1, 'my-company', 'api', '', 'Copilot', 'x',
            'seats', 1, 100, 0, 100),
           ($ci, '$today', 'reporter', '', '', 'Actions', 'x', 'minutes', 1,
            7, 0, 7)");
ok $nginx->wait_for(10, sub { $db->query("SELECT count(*) FROM alerts
    WHERE organization_id = $ci AND open") == 5 }),
    'a report is looked at when it comes';
%value = map { split /\|/ } split /\n/, $db->query("
    SELECT a.name, trim_scale(round(h.value, 10))
      FROM alerts a JOIN alert_history h ON h.alert_id = a.id
     WHERE a.organization_id = $ci ORDER BY h.id");
is_deeply \%value, { reported => '0.08', 'an older day' => '0.05',
    'a run' => '0.1', 'owner, today' => '0.08', 'only reported' => 7 },
    'and is not added to the jobs';


# --- random rules, against the bills ----------------------------------------

my $random = $db->organization('random');
my @names = ('a', 'b', 'c');
my (%cents, @rows);

srand 20260101;

for my $name (@names) {
    for my $ago (0 .. 95) {
        next if $name eq 'c' && $ago > 40;
        my $cents = int(rand 20000);
        $cents{$name}[$ago] = $cents;
        push @rows, { account => $name, account_name => $name,
                      day => day($ago), billed => $cents / 100 };
    }
}

Cost::Bills::load($db, $random, @rows);

my %account = map { $_ => $db->query("SELECT id FROM accounts
    WHERE organization_id = $random AND external_id = '$_'") } @names;

# of the days, as numbers of days ago, from first to last

sub total {
    my ($name, $first, $last) = @_;

    my $sum = 0;

    for my $one (defined $name ? $name : @names) {
        $sum += $cents{$one}[$_] // 0 for $last .. $first;
    }

    return $sum;
}

my ($weekday, $monthday) = split /\|/, $db->query("
    SELECT extract(isodow FROM '$today'::date)::int - 1,
           extract(day FROM '$today'::date)::int - 1");
my ($before, $before2) = split /\|/, $db->query("
    SELECT extract(day FROM date_trunc('month', '$today'::date) - interval
                            '1 day')::int,
           extract(day FROM date_trunc('month', '$today'::date) - interval
                            '1 month 1 day')::int");

# first and last day of the metric and of its baseline, in days ago

sub windows {
    my ($metric, $operator, $baseline) = @_;

    my $complete = $operator =~ /less|decrease/;
    my ($first, $last, $length, $b_first, $b_last);

    if ($metric eq 'daily_cost') {
        ($first, $last) = $complete ? (1, 1) : (0, 0);
        ($b_first, $b_last) = ($first + 1, $first + 1);

    } elsif ($metric eq 'weekly_cost') {
        ($first, $last) = $complete ? ($weekday + 7, $weekday + 1)
                                    : ($weekday, 0);
        ($b_first, $b_last) = ($first + 7, $last + 7);

    } else {
        ($first, $last) = $complete
                          ? ($monthday + $before, $monthday + 1)
                          : ($monthday, 0);
        $b_first = $first + ($complete ? $before2 : $before);
        $b_last = $complete ? $first + 1 : $b_first - ($first - $last);
        $b_last = $first + 1 if $b_last <= $first;
    }

    $length = $first - $last + 1;

    return ($first, $last, $b_first, $b_last, 1, 1)
        if !$baseline || $baseline eq 'previous_period';

    my $days = $baseline =~ /^(\d+)/ && $1;

    return ($first, $last, $first + $days, $first + 1, $length, $days);
}

my (@values, @expected);

for my $n (1 .. 600) {
    my $metric = (qw(daily_cost weekly_cost monthly_cost))[rand 3];
    my $percent = rand() < 0.6;
    my $operator = $percent ? (qw(percent_increase percent_decrease))[rand 2]
                            : (qw(greater_than less_than))[rand 2];
    my $baseline = $percent
        ? (qw(7_day_average 30_day_average previous_period))[rand 3] : undef;
    my $name = (@names, undef)[rand 4];
    my ($first, $last, $b_first, $b_last, $times, $divided)
        = windows($metric, $operator, $baseline);

    my $amount = total($name, $first, $last);
    my ($value, $holds);

    if ($percent) {
        my $sum = total($name, $b_first, $b_last);
        my $change = $sum ? $amount * $divided / ($sum * $times) - 1 : 0;

        # near what it is, on either side
        $value = int(abs($change) * 1000 + rand(40) - 20) / 10;
        $value = 0 if $value < 0;
        $value = 100 if $value > 100 && $operator eq 'percent_decrease';

        # in integers: tenths of a percent
        my $tenths = sprintf '%.0f', $value * 10;
        $tenths = -$tenths if $operator eq 'percent_decrease';
        my $left = Math::BigInt->new($amount) * $divided * 1000;
        my $right = Math::BigInt->new($sum) * $times * (1000 + $tenths);
        $holds = $sum > 0 && ($operator eq 'percent_increase'
                              ? $left > $right : $left < $right);

    } else {
        my $cents = $amount + (-1, 0, 1, 500, -500)[rand 5];
        $cents = 0 if $cents < 0;
        $value = $cents / 100;
        $holds = $operator eq 'greater_than' ? $amount > $cents
                                             : $amount < $cents;
    }

    push @values, sprintf "(%d, 'r%d', '%s', '%s', %s, '%s', '%s', %s, %s)",
        $random, $n, $percent ? 'anomaly' : 'threshold',
        defined $name ? 'account' : 'all_accounts',
        defined $name ? $account{$name} : 'NULL', $metric, $operator, $value,
        $baseline ? "'$baseline'" : 'NULL';
    push @expected, "r$n" if $holds;
}

$db->query("INSERT INTO alerts (organization_id, name, type, scope_type,
    account_id, metric, operator, value, baseline) VALUES "
    . join ",\n", @values);
ok settled($random), 'six hundred random rules';

SKIP: {
    skip 'it was midnight', 2
        if $db->query("SELECT (now() AT TIME ZONE 'UTC')::date") ne $today;

    is join(' ', sort split /\n/, $db->query("
        SELECT name FROM alerts WHERE organization_id = $random AND open")),
        join(' ', sort @expected), 'those hold that should';
    cmp_ok scalar(@expected), '>', 150, 'not only a few';
}


# --- what was decided of a rule that is another by now ----------------------

# by nobody else meanwhile
my @still = $api->nginx->workers;
kill STOP => @still;

my $stale = $db->query("INSERT INTO alerts (organization_id, name, type,
        scope_type, metric, operator, value, version)
    VALUES ($random, 'stale', 'threshold', 'all_accounts', 'daily_cost',
            'greater_than', 1000000000, 5) RETURNING id");

sub settle {
    my ($version, $verdict) = @_;

    return $db->query("SELECT alerts_settle('{$stale}', '{$version}',
        '{$verdict}', '{1}', '{NULL}', '{\"x\"}')");
}

is settle(4, 'trigger'), 0, 'an older version of it: nothing is written';
is settle(5, 'trigger'), 1, 'the one that was judged triggers';
is settle(5, 'trigger'), 0, 'not twice, whoever else had judged it';
$db->query("UPDATE alerts SET paused = true WHERE id = $stale");
is settle(6, 'trigger'), 0, 'nor when it was paused meanwhile';
settle(6, 'resolve');
is $db->query("SELECT open, version FROM alerts WHERE id = $stale"), 't|6',
    'nor does it resolve';
is $db->query("SELECT count(*) FROM alert_history WHERE alert_id = $stale"),
    1, 'it has triggered once';
$db->query("DELETE FROM alerts WHERE id = $stale");
kill CONT => @still;


# --- a storm, two nodes, and a leader that is killed ------------------------

my $second = Cost::API->new(database => $db, %common);

sub storm {
    my ($organizations, $rules, $prefix) = @_;

    $db->query("
        INSERT INTO organizations (slug, name)
        SELECT '$prefix' || i, 'x' FROM generate_series(1, $organizations) i;
        INSERT INTO accounts (organization_id, provider, external_id, name)
        SELECT id, 'aws', 'x', 'x' FROM organizations
         WHERE slug ~ '^$prefix\[0-9]';
        INSERT INTO cost_to_date
        SELECT organization_id, 0, d::date, 0, 1, 10, 10, 10, 10
          FROM accounts a, generate_series(date_trunc('month',
                   '$today'::timestamp), '$today'::timestamp, '1 day') d
         WHERE organization_id IN (SELECT id FROM organizations
                                    WHERE slug ~ '^$prefix\[0-9]');
        INSERT INTO alerts (organization_id, name, type, scope_type, metric,
                            operator, value)
        SELECT o.id, '$prefix', 'threshold', 'all_accounts', 'monthly_cost',
               'greater_than', i % 10
          FROM organizations o, generate_series(1, $rules) i
         WHERE o.slug ~ '^$prefix\[0-9]'");
}

sub triggered {
    my ($prefix) = @_;

    return $db->query("SELECT count(*) FROM alerts
                        WHERE name = '$prefix' AND open");
}

sub once {
    my ($prefix, $n, $name) = @_;

    is triggered($prefix), $n, "$name: all have triggered";
    is $db->query("SELECT count(*), count(DISTINCT alert_id),
               count(DISTINCT event_id)
          FROM alert_history h JOIN alerts a ON a.id = h.alert_id
         WHERE a.name = '$prefix'"), "$n|$n|$n",
        "$name: once each, with an event each";
    is $db->query("SELECT count(*) FROM events e
         WHERE e.type = 'alert.triggered'
           AND e.body::json -> 'data' ->> 'rule_name' = '$prefix'"), $n,
        "$name: and no event more";
}

storm(40, 100, 'storm');

my ($slowest, $asked) = (0, 0);

while (triggered('storm') < 4000 && $asked++ < 400) {
    my $start = time;
    $api->get('/v1/alerts?limit=1', $key);
    my $took = time - $start;
    $slowest = $took if $took > $slowest;
}

once('storm', 4000, 'a storm');
cmp_ok $slowest, '<', 1, 'others are answered meanwhile';
unlike $second->nginx->log, qr/this node leads/, 'the second only watched';

# its worker 0, in mid-storm; the new one is another node

storm(60, 100, 'killed');
$nginx->wait_for(10, sub { triggered('killed') > 0 });
push @{ $nginx->{allowed} }, qr/exited on signal 9/;
kill KILL => $nginx->workers;
ok $nginx->wait_for(40, sub { triggered('killed') == 6000 }),
    'workers were killed';
once('killed', 6000, 'a kill');

$second->stop('the second ended cleanly');
$api->stop;

done_testing;
