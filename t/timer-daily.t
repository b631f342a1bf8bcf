#!/usr/bin/env perl

# The daily search for anomalies: once a day, of accounts whose bills were
# loaded without one, and never of costs that are not there any more.

use strict;
use warnings;

use IPC::Open2;
use JSON::PP;
use POSIX qw(strftime);
use Test::More;
use Time::HiRes qw(sleep);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;
use Cost::Database;

# "today" is the day at which this began

sleep 1 while strftime('%H%M', gmtime) =~ /^235[0-9]/;

my $now = time;
my $today = strftime '%Y-%m-%d', gmtime $now;

my $db = Cost::Database->new;
my $acme = $db->organization('acme');
my $other = $db->organization('other');

my %conf = (
    database => $db,
    http => "cost_timer on period=200ms evaluate=1s daily_batch=10;\n",
    server => 'location = /metrics { cost_metrics; }',
);

sub ago { strftime '%Y-%m-%d', gmtime($now - 86400 * $_[0]) }

# as psql or a script of the operator's would: nothing searches

sub load {
    my ($organization, @series) = @_;

    Cost::Bills::load($db, $organization, map {
        my ($account, $service, $from, $to, $amount, %but) = @$_;
        map { { day => ago($_), account => $account, service => $service,
                billed => $but{$_} // $amount } } $to .. $from
    } @series);
}

sub anomalies {
    return $db->query("SELECT n.organization_id, a.external_id, s.name, n.day,
               n.actual, n.expected, n.lower, n.upper, n.severity, n.status
          FROM cost_anomalies n
          JOIN accounts a ON a.id = n.account_id
          JOIN services s ON s.id = n.service_id
         ORDER BY 1, 2, 3, 4");
}

# the node of before has just left: nobody waits for the end of its lease

sub start {
    $db->query('DELETE FROM timer_leases');

    return Cost::API->new(%conf, @_);
}

sub searched {
    my ($organization, $day) = @_;

    return $db->query("SELECT count(*) FROM cost_anomaly_scans s
        JOIN accounts a ON a.id = s.account_id
       WHERE a.organization_id = $organization AND s.day = '$day'");
}

sub metric {
    my ($api, $name) = @_;

    return ($api->get('/metrics')->{body} =~ /^$name (\d+)$/m)[0];
}


# acme has more accounts than are searched at a time

load($acme, [ 'web', 'Spike', 60, 0, 210, 0 => '892.10' ],
            [ 'web', 'Flat', 60, 0, 210 ],
            [ 'young', 'Young', 12, 0, 10, 0 => 99 ],
            [ 'old', 'Old', 120, 50, 10, 50 => 99 ],
            map { [ "many$_", 'Flat', 30, 0, 5 ] } 1 .. 20);
load($other, [ 'web', 'Spike', 60, 0, 210, 0 => 300 ]);

is anomalies(), '', 'nothing was searched';
my $generation = $db->query("SELECT data_generation FROM organizations
                              WHERE id = $other");

my $api = start();
my $key = $api->key(organization => 'acme', plan => 'free_cloudk',
                    permission => 'write');
my $nginx = $api->nginx;

ok $nginx->wait_for(15, sub {
    searched($acme, $today) == 22 && searched($other, $today) == 1
}), 'all are searched, but one whose bills have ended';

my $spike = "$acme|web|Spike|$today|892.1|210|168|252|high|active";
my $lesser = "$other|web|Spike|$today|300|210|168|252|low|active";

is anomalies(), "$spike\n$lesser", 'what there is, is found';
ok $nginx->wait_for(5, sub {
    metric($api, 'cost_anomaly_searches_total') == 23
}), 'cost_anomaly_searches_total';
is metric($api, 'cost_anomaly_search_found_total'), 2,
    'cost_anomaly_search_found_total';

is $db->query("SELECT organization_id, body::json->'data'->>'spike_amount'
                 FROM events WHERE type = 'anomaly.detected' ORDER BY 1"),
    "$acme|892.10\n$other|300.00", 'anomaly.detected';
is $db->query("SELECT data_generation FROM organizations
                WHERE id = $other"), $generation + 1,
    'what was remembered of replies is not so any more';
is $api->get('/api/v1/costs/anomalies', $key)->json->{data}[0]{service},
    'Spike', 'as the API says';


# once a day: what comes behind it is found by its own load, or tomorrow

load($acme, [ 'web', 'Spike', 60, 0, 210 ],
            [ 'web', 'Flat', 60, 0, 210, 0 => 500 ]);
sleep 3;
is anomalies(), "$spike\n$lesser", 'once a day';
is metric($api, 'cost_anomaly_searches_total'), 23, 'is all';

$nginx->reload;
$db->query('DELETE FROM timer_leases');
ok $nginx->wait_for(15, sub {
    return 2 == (() = $nginx->log =~ /this node leads/g);
}), 'a reload';
sleep 3;
is anomalies(), "$spike\n$lesser", 'and still once a day';

my $id = $api->get('/api/v1/costs/anomalies',
                   $api->key(organization => 'other', plan => 'free_cloudk',
                             permission => 'read'))->json->{data}[0]{id};
$db->query("UPDATE cost_anomalies SET status = 'dismissed',
                   dismissed_at = now() WHERE id = $id");
load($other, [ 'web', 'Spike', 60, 0, 210 ]);
$api->stop;


# the next day, by nginx's clock

$api = start(clock => ago(-1) . 'T00:00:30Z');
ok $api->nginx->wait_for(15, sub {
    searched($acme, ago(-1)) == 22 && searched($other, ago(-1)) == 1
}), 'on the next day';

my $flat = "$acme|web|Flat|$today|500|210|168|252|high|active";
(my $dismissed = $lesser) =~ s/active/dismissed/;

is anomalies(), "$flat\n$dismissed",
    'one is new, one is none any more, one stays dismissed';
$api->stop;


# "daily" after midnight, nobody before

$api = start(
    http => "cost_timer on period=200ms evaluate=1s daily=6h;\n",
    clock => ago(-2) . 'T05:59:00Z');
ok $api->nginx->logged(qr/this node leads/, 15), 'before daily=';
sleep 3;
is searched($acme, ago(-1)), 22, 'it is yesterday';
$api->stop;


# while a load is under way its organization waits, and others do not

my $pid = open2(my $out, my $in, 'psql', '-XqAt', '-d', $db->conninfo);
print $in "SELECT pg_advisory_lock(hashtext('cost_load'), $acme);\n";
$in->flush;
<$out>;

$api = start(
    http => "cost_timer on period=200ms evaluate=1s daily=6h;\n",
    clock => ago(-2) . 'T06:00:30Z');
ok $api->nginx->wait_for(15, sub { searched($other, ago(-2)) == 1 }),
    'after daily=';
is searched($acme, ago(-2)), 0, 'a load is under way';

close $in;
waitpid $pid, 0;
ok $api->nginx->wait_for(15, sub { searched($acme, ago(-2)) == 22 }),
    'it is over';
$api->stop;


# one that cannot be searched, and one that cannot be written, are in nobody's
# way, and are tried again

my $odd = $db->organization('odd');
my $last = $db->organization('last');

load($odd, [ 'odd', 'Odd', 20, 0, 1, 0 => '1' . '0' x 40 ]);
load($last, [ 'web', 'Flat', 20, 0, 1 ]);

$db->query("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    \$\$BEGIN RAISE 'not today'; END\$\$;
    CREATE TRIGGER refuse BEFORE DELETE OR INSERT OR UPDATE ON cost_anomalies
        FOR EACH STATEMENT EXECUTE FUNCTION refuse();
    ALTER TABLE cost_anomalies DISABLE TRIGGER refuse");

$api = start(clock => ago(-3) . 'T00:00:30Z');
ok $api->nginx->wait_for(15, sub { searched($last, ago(-3)) == 1 }),
    'the last is searched';
is searched($odd, ago(-3)), 0, 'the odd one is not';
ok $api->nginx->logged(qr/service \d+ of account \d+ cannot be searched/),
    'which is told';
$db->query("DELETE FROM accounts WHERE organization_id = $odd");
$api->stop;

$db->query('ALTER TABLE cost_anomalies ENABLE TRIGGER refuse');
$api = start(clock => ago(-4) . 'T00:00:30Z');
ok $api->nginx->logged(qr/daily search for anomalies failed: not today/, 15),
    'what the database refuses is told';
is searched($acme, ago(-4)) + searched($last, ago(-4)), 0,
    'and not remembered as done';
$db->query('DROP FUNCTION refuse CASCADE');
ok $api->nginx->wait_for(15, sub {
    searched($acme, ago(-4)) == 22 && searched($last, ago(-4)) == 1
}), 'it is tried again';
$api->stop;


# what was judged is not what there is any more

my ($web) = split /\n/, $db->query("SELECT id FROM accounts
    WHERE organization_id = $acme AND external_id = 'web'");
my $before = anomalies();

sub scanned {
    my ($generation) = @_;

    return $db->query("SELECT gone FROM anomalies_scanned($acme, $generation,
        '[{\"account\": $web, \"from\": \"$today\"}]', '[]', ARRAY[$web],
        '" . ago(-9) . "')");
}

$generation = $db->query("SELECT data_generation FROM organizations
                           WHERE id = $acme");
is scanned($generation - 1), '', 'costs of another generation';
is anomalies(), $before, 'nothing is written';
is searched($acme, ago(-9)), 0, 'nobody was searched';
is scanned($generation), 1, 'of this one';
is anomalies(), $dismissed, 'it is';
is searched($acme, ago(-9)), 1, 'and it is remembered';

done_testing;
