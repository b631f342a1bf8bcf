#!/usr/bin/env perl

# The parameters of cost_timer: what nginx -t says of them, and what they do.
# timeout and patience are in timer-deliver.t.

use strict;
use warnings;

use File::Temp;
use Test::More;
use Time::HiRes qw(sleep time);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;
use Cost::Database;
use Cost::Nginx;
use Cost::Receiver;

my $db = Cost::Database->new;
my $acme = $db->organization('acme');
my $today = $db->query("SELECT (now() AT TIME ZONE 'UTC')::date");

Cost::Bills::load($db, $acme, { day => $today, billed => 100 });


# --- nginx -t ---------------------------------------------------------------

sub check {
    my ($http) = @_;

    return Cost::Nginx->new(database => $db,
        http => 'cost_database "%%DATABASE%%"; ' . $http)->test_conf;
}

for my $good (
    'cost_timer off;',
    'cost_timer on period=100ms jitter=50ms;',
    'cost_timer on jitter=30s period=60s timeout=2m in_flight=4096
                per_endpoint=256 patience=365d evaluate=1d
                evaluate_batch=10000 debounce=1m keep=3650d purge=1d
                purge_batch=100000;',
    'cost_timer on period=1m jitter=0 timeout=100ms in_flight=1 per_endpoint=1
                patience=1s evaluate=1s evaluate_batch=1 debounce=0 keep=1d
                purge=1s purge_batch=1;',
) {
    my ($passed, $output) = check($good);

    ok $passed, "accepted: $good" or diag $output;
}

# [ a parameter, the bounds that it is told of ]

for my $bad (
    [ 'period=99ms', 'a time from 100ms to 60000ms' ],
    [ 'period=61s', 'a time from 100ms to 60000ms' ],
    [ 'period=', 'a time from 100ms to 60000ms' ],
    [ 'jitter=31s', 'a time from 0ms to 30000ms' ],
    [ 'jitter=10%', 'a time from 0ms to 30000ms' ],
    [ 'jitter=-1', 'a time from 0ms to 30000ms' ],
    [ 'timeout=99ms', 'a time from 100ms to 120000ms' ],
    [ 'in_flight=0', 'a number from 1 to 4096' ],
    [ 'in_flight=1k', 'a number from 1 to 4096' ],
    [ 'per_endpoint=257', 'a number from 1 to 256' ],
    [ 'patience=0', 'a time from 1s to 31536000s' ],
    [ 'patience=500ms', 'a time from 1s to 31536000s' ],
    [ 'evaluate=999ms', 'a time from 1000ms to 86400000ms' ],
    [ 'evaluate_batch=0', 'a number from 1 to 10000' ],
    [ 'evaluate_batch=10001', 'a number from 1 to 10000' ],
    [ 'debounce=61s', 'a time from 0ms to 60000ms' ],
    [ 'debounce=soon', 'a time from 0ms to 60000ms' ],
    [ 'daily=24h', 'a time from 0s to 86399s' ],
    [ 'daily=off', 'a time from 0s to 86399s' ],
    [ 'daily_batch=0', 'a number from 1 to 1000' ],
    [ 'keep=23h', 'a time from 86400s to 315360000s' ],
    [ 'purge=0', 'a time from 1s to 86400s' ],
    [ 'purge_batch=100001', 'a number from 1 to 100000' ],
) {
    my ($parameter, $bounds) = @$bad;
    my ($passed, $output) = check("cost_timer on $parameter;");

    ok !$passed, "refused: $parameter";
    like $output, qr/\[emerg\] .*"\Q$parameter\E" must be $bounds in /,
        'and says why';
}

for my $bad (
    [ 'on jitter=600ms',
      qr/"jitter" must be at most half of "period", which is 1000ms in/ ],
    [ 'on jitter=51ms period=100ms', qr/half of "period", which is 100ms in/ ],
    [ 'on colour=red', qr/invalid parameter "colour=red" in/ ],
    [ 'on batch', qr/invalid parameter "batch" in/ ],
    [ 'on evaluate_=1', qr/invalid parameter "evaluate_=1" in/ ],
    [ 'off period=x', qr/"period=x" must be a time/ ],
    [ 'period=1s', qr/"cost_timer" directive must begin with "on" or "off"/ ],
    [ 'on; cost_timer on', qr/"cost_timer" directive is duplicate/ ],
) {
    my ($arguments, $why) = @$bad;
    my ($passed, $output) = check("cost_timer $arguments;");

    ok !$passed, "refused: $arguments";
    like $output, $why, 'and says why';
}

like +(Cost::Nginx->new(http => 'cost_timer on;')->test_conf)[1],
    qr/"cost_timer on" needs a "cost_database"/, 'a clock without a database';


# the locations that conf/cost_webhooks.conf has as comments

open my $fh, '<', "$Cost::Nginx::root/conf/cost_webhooks.conf" or die;
my $text = do { local $/; <$fh> };
close $fh;

my $shipped = join "\n", $text =~ /^(# location .*?^# \})$/msg;
$shipped =~ s/^# ?//mg;

is_deeply [ $shipped =~ /^location = (\S+) \{$/mg ],
    [ '/cost/email', '/cost/slack' ], 'email and Slack are shipped as comments';

my $token = File::Temp->new;
print $token "xoxb-the-token\n";
close $token;
chmod 0600, $token->filename;
$shipped =~ s/slack\.token/$token/;

my ($passed, $output) = Cost::Nginx->new(database => $db, server => $shipped,
    http => 'cost_database "%%DATABASE%%"; cost_timer on;')->test_conf;
ok $passed, 'which nginx takes' or diag $output;


# --- what they do -----------------------------------------------------------

# a new nginx on the same database, which leads; its log is that of timers,
# too

sub server {
    my ($parameters, %args) = @_;

    $db->query("DELETE FROM timer_leases");

    my $http = delete $args{http} // '';
    my $api = Cost::API->new(database => $db, %args,
                             http => "cost_timer on $parameters; $http");

    $api->nginx->logged(qr/this node leads/, 20) or die 'nobody leads';

    return $api;
}

# jitter: the pauses between two ticks, as nginx itself logs its timers.
# There are others, of whole hundreds of ms, and some when a worker starts.

sub pauses {
    my ($jitter, $enough) = @_;

    my $api = server("period=437ms $jitter evaluate=1h", level => 'debug');
    my @pauses;

    ok $api->nginx->wait_for(30, sub {
        @pauses = grep { $_ >= 237 && $_ <= 437 && $_ % 50 }
                  $api->nginx->log =~ /event timer add: -1: (\d+):/g;
        return $enough->(@pauses);
    }), 'ticks: ' . ($jitter || 'without a word of jitter') or diag "@pauses";

    $api->stop;

    return @pauses;
}

sub of { my ($low, $high, @all) = @_; grep { $_ >= $low && $_ <= $high } @all }

my @pauses = pauses('jitter=0', sub { of(437, 437, @_) >= 10 });
cmp_ok scalar(of(237, 436, @pauses)), '<=', @pauses / 3, 'all are a period apart'
    or diag "@pauses";

@pauses = pauses('', sub { of(394, 436, @_) >= 8 });
cmp_ok scalar(of(237, 393, @pauses)), '<=', @pauses / 3, 'at most a tenth less'
    or diag "@pauses";

@pauses = pauses('jitter=200ms', sub { of(237, 393, @_) >= 8 });


# in_flight, per_endpoint: of endpoints that do not answer

my $secrets = File::Temp->new;
print $secrets 'k' x 32;
close $secrets;
chmod 0600, $secrets->filename;

for my $case ([ 'in_flight=3 per_endpoint=256', 3 ],
              [ 'in_flight=256 per_endpoint=2', 4 ],
              [ 'in_flight=3 per_endpoint=2', 3 ])
{
    my ($parameters, $most) = @$case;
    my $receiver = Cost::Receiver->new;

    $db->query('DELETE FROM webhooks; DELETE FROM events');

    my $api = server("period=200ms timeout=2m $parameters",
        main => 'worker_shutdown_timeout 200ms;',
        http => "cost_secret_key $secrets; cost_webhook_allow http loopback;",
        server => 'include %%ROOT%%/conf/cost_webhooks.conf;');
    my $key = $api->key(organization => 'acme', plan => 'free_cloudk',
                        permission => 'write');

    for my $n (1, 2) {
        my $r = $api->send('POST', '/api/v1/webhooks', $key,
            '{"url":"' . $receiver->url('/silent') . '","events":["*"]}');
        is $r->{status}, 201, 'an endpoint' or diag $r->{body};
    }

    $db->query("SELECT event_add($acme, 'budget.threshold', '{}')
                  FROM generate_series(1, 10)");
    ok $receiver->wait($most, 20), "$parameters: $most go out";
    sleep 1.5;
    is scalar($receiver->requests), $most, 'and no more';
    $api->stop('with what nobody answers', busy => 1);
}


# evaluate_batch: alerts of one statement; of 25 ten, ten, and five

sub count {
    my ($function) = @_;

    $db->query("CREATE SEQUENCE calls_of_$function MINVALUE 0;
        SELECT nextval('calls_of_$function');
        DO \$\$ BEGIN
            EXECUTE regexp_replace(pg_get_functiondef('$function'::regproc),
                E'\\nBEGIN\\n', E'\\nBEGIN\\n'
                || 'PERFORM nextval(''calls_of_$function'');');
        END \$\$");
}

sub calls { return $db->query("SELECT last_value FROM calls_of_$_[0]") }

count($_) for qw(alerts_batch budgets_evaluate);

sub alerts {
    my ($n, $value) = @_;

    # nobody is told of them
    $db->query("ALTER TABLE alerts DISABLE TRIGGER alerts_told;
        INSERT INTO alerts (organization_id, name, type, scope_type, metric,
                            operator, value, cooldown_hours)
        SELECT $acme, 'alert ' || i, 'threshold', 'all_accounts',
               'daily_cost', 'greater_than', $value, 8760
          FROM generate_series(1, $n) i;
        ALTER TABLE alerts ENABLE TRIGGER alerts_told");
}

sub triggered { return 0 + $db->query('SELECT count(*) FROM alert_history') }

for my $case ([ 10, 3 ], [ 25, 2 ], [ 26, 1 ], [ 1, 26 ]) {
    my ($batch, $statements) = @$case;

    $db->query('DELETE FROM alerts');
    alerts(25, 50);

    my $before = calls('alerts_batch');
    my $api = server("evaluate_batch=$batch evaluate=1h");

    ok $api->nginx->wait_for(20, sub { triggered() == 25 }),
        "evaluate_batch=$batch: all are evaluated";

    # everything is with the lead, and once more when notices are heard, if
    # that is later

    $api->stop;

    my $calls = calls('alerts_batch') - $before;

    ok $calls == $statements || $calls == 2 * $statements,
        "$statements statements" or diag $calls;
}

$db->query('DELETE FROM alerts');


# debounce: what is said within it is one evaluation, at its end

my $before = calls('budgets_evaluate');
my $api = server('evaluate=1h debounce=3s');

# the evaluations of everybody, which the lead begins with

$api->nginx->wait_for(20, sub { calls('budgets_evaluate') > $before });
$api->nginx->wait_for(20, sub {
    $before = calls('budgets_evaluate');
    sleep 4;
    return calls('budgets_evaluate') == $before;
});

alerts(10, 50);

my $start = time;
my $took;

for (1 .. 10) {
    $db->query("NOTIFY cost_alerts, '$acme'");
    $took = time - $start;
    sleep 0.05;
}

ok $api->nginx->wait_for(20, sub { triggered() == 10 }),
    'debounce: what changed is evaluated';
cmp_ok time - $start, '>=', 3, 'not before its end';
ok $api->nginx->wait_for(10, sub { calls('budgets_evaluate') > $before }),
    'with budgets';
$api->stop;

# one, where ten are said within three seconds
cmp_ok calls('budgets_evaluate') - $before, '<=', 1 + int($took / 3),
    'once for all ten';

$db->query('DELETE FROM alerts');
$api = server('evaluate=1h debounce=0');
alerts(1, 50);
$db->query("NOTIFY cost_alerts, '$acme'");
ok $api->nginx->wait_for(20, sub { triggered() == 1 }), 'debounce=0: at once';
$api->stop;


# purge_batch: of 10 old events three at a time, which are the older ones;
# whole batches follow each other with the ticks, though purge= is an hour

$db->query("DELETE FROM events;
    CREATE TABLE purges (n bigint, oldest interval);
    CREATE FUNCTION purges() RETURNS trigger LANGUAGE plpgsql AS \$\$
    BEGIN
        INSERT INTO purges SELECT count(*), max(now() - created_at) FROM gone;
        RETURN NULL;
    END \$\$;
    CREATE TRIGGER purges AFTER DELETE ON events
        REFERENCING OLD TABLE AS gone
        FOR EACH STATEMENT EXECUTE FUNCTION purges()");

sub events {
    $db->query("TRUNCATE purges;
        INSERT INTO events (organization_id, type, body, created_at)
        SELECT $acme, 'alert.triggered', '{}', now() - i * interval '10 hours'
          FROM generate_series(1, 12) i");
}

sub purges {
    return $db->query("SELECT coalesce(string_agg(n::text, ' ' ORDER BY
                           oldest DESC), '') FROM purges WHERE n > 0");
}

events();
$api = server('period=200ms evaluate=1h keep=1d purge=2s purge_batch=3');
ok $api->nginx->wait_for(30, sub { purges() eq '3 3 3 1' }),
    'purge_batch: three at a time' or diag purges();
is $db->query("SELECT count(*) FROM events"), 2,
    'keep: what is younger than a day is kept';

my $empty = $db->query('SELECT count(*) FROM purges');
ok $api->nginx->wait_for(30, sub {
    $db->query('SELECT count(*) FROM purges') > $empty;
}), 'purge: again after two seconds, though nothing is old';
$api->stop;

events();
$api = server('period=200ms evaluate=1h keep=1d purge=1d');
sleep 1.5;
is purges(), '', 'purge=1d: not yet';
$api->stop;

done_testing;
