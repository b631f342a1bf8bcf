#!/usr/bin/env perl

# The lead: it outlasts ticks that are far apart, and two nodes that believe
# to have it, and evaluate at the same moment, are harmless.

use strict;
use warnings;

use File::Temp;
use JSON::PP;
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
             cost_timer on period=5s evaluate=1s;",
    server => 'include %%ROOT%%/conf/cost_webhooks.conf;',
);

my @nodes = (Cost::API->new(%common));
my $db = $nodes[0]->db;
my $acme = $db->organization('acme');
my $key = $nodes[0]->key(organization => 'acme', plan => 'free_cloudk',
                         permission => 'write');
my $receiver = Cost::Receiver->new;
my $today = $db->query("SELECT (now() AT TIME ZONE 'UTC')::date");

sub leads { $nodes[$_[0]]->nginx->logged(qr/this node leads/, $_[1]) }

sub add {
    my ($n, $value) = @_;

    $db->query("INSERT INTO alerts (organization_id, name, type, scope_type,
                                    metric, operator, value)
                SELECT $acme, 'above $value', 'threshold', 'all_accounts',
                       'daily_cost', 'greater_than', $value
                  FROM generate_series(1, $n)");
}

sub spend {
    Cost::Bills::load($db, $acme, { day => $today, billed => $_[0] });
}

sub triggered { $db->query('SELECT count(*) FROM alert_history') }


# ticks that are farther apart than five seconds allow for

ok leads(0, 10), 'a node leads';

spend(500);
sleep 1;

# of which nobody is told
$db->query('ALTER TABLE alerts DISABLE TRIGGER alerts_told');
add(1, 100);
$db->query('ALTER TABLE alerts ENABLE TRIGGER alerts_told');

ok(Cost::Nginx->wait_for(12, sub { triggered() == 1 }),
   'everything is evaluated with a tick');
sleep 5.5;
unlike $nodes[0]->nginx->log, qr/lead was lost/, 'the lead was not lost';


# two that lead

$nodes[0]->stop('a node ended cleanly');
$common{http} =~ s/period=5s/period=2s/;
@nodes = map { Cost::API->new(database => $db, %common) } 0, 1;

my $hook = $nodes[0]->send('POST', '/api/v1/webhooks', $key, encode_json({
    url => $receiver->url('/200'), events => ['*'] }));
is $hook->{status}, 201, 'a receiver';

my ($rules, $rounds, $both) = (200, 3, 0);

for my $round (1 .. $rounds) {
    my $value = 1000 * $round;

    add($rules, $value);
    $db->query("INSERT INTO budgets (organization_id, name, scope_type,
                                     amount, period)
                VALUES ($acme, 'of $value', 'all_accounts', $value, 'year')");

    # the other takes it, the one that had it hears so with its next tick

    my $had = leader();
    my $log = logs();

    for (1 .. 100) {
        $db->query("UPDATE timer_leases SET expires_at = '-infinity'
                     WHERE node = '$had'");
        sleep 0.1;
        last if leader() ne $had;
    }

    sleep 0.05;
    $both++ if lost($log) == lost(logs());

    spend($value + 1);

    ok(Cost::Nginx->wait_for(12, sub { triggered() == 1 + $rules * $round }),
       "round $round: all have triggered") or diag triggered();
}

sub leader { $db->query("SELECT node FROM timer_leases") }

sub logs { join '', map { $_->nginx->log } @nodes }

sub lost { return scalar(() = $_[0] =~ /another node leads|lead was lost/g) }

cmp_ok $both, '>=', 1, 'two believed to lead';

sleep 2;

is triggered(), 1 + $rules * $rounds, 'each once';
is $db->query("SELECT count(*) FROM events WHERE type = 'alert.triggered'"),
    1 + $rules * $rounds, 'with one event';
is $db->query("SELECT count(*), count(DISTINCT (budget_id, threshold))
                 FROM budget_crossings"), join('|', (4 * $rounds) x 2),
    'every threshold was reached';
is $db->query("SELECT count(*) FROM events WHERE type = 'budget.threshold'"),
    4 * $rounds, 'and is one event';

my $expected = $rules * $rounds + 4 * $rounds;

ok(Cost::Nginx->wait_for(30, sub { $receiver->requests >= $expected }),
   'all are delivered');
sleep 0.5;

my %ids = map { $_->{headers}{'webhook-id'} => 1 } $receiver->requests;

is scalar($receiver->requests), $expected, 'none twice';
is scalar(keys %ids), $expected, 'each under an id of its own';

$_->stop('a node ended cleanly') for @nodes;

done_testing;
