#!/usr/bin/env perl

# Reloads and quits while alerts are evaluated and deliveries are in flight:
# nothing is lost, stuck or sent twice, no worker is left over, and the log
# has no alert.
#
# COST_TEST_LONG=1: 30 reloads, and 10 quits.

use strict;
use warnings;

use File::Temp;
use JSON::PP;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;
use Cost::Receiver;

my ($reloads, $quits) = $ENV{COST_TEST_LONG} ? (30, 10) : (3, 2);
my $organizations = 3;

my $secrets = File::Temp->new;
print $secrets 'k' x 32;
close $secrets;
chmod 0600, $secrets->filename;

my %common = (
    workers => 2,
    http => "cost_secret_key $secrets;
             cost_webhook_allow http loopback;
             cost_timer on per_endpoint=64 evaluate=1s;",
    server => 'include %%ROOT%%/conf/cost_webhooks.conf;',
);

my $api = Cost::API->new(%common);
my $db = $api->db;
my $receiver = Cost::Receiver->new;
my %day = map { split /\|/ } split /\n/, $db->query(
    "SELECT n, (now() AT TIME ZONE 'UTC')::date + n
       FROM generate_series(-1, 1) n");
my @ids;

for my $n (1 .. $organizations) {
    my $id = $db->organization("org$n");
    my $key = $api->key(organization => "org$n", plan => 'free_cloudk',
                        permission => 'write');

    push @ids, $id;

    for ("/200/$n", "/slow/$n") {
        is $api->send('POST', '/api/v1/webhooks', $key, encode_json({
            url => $receiver->url($_), events => ['alert.triggered'] }))
            ->{status}, 201, "$_ is told";
    }

    # as often as they are looked at, when it costs more than that
    $db->query("INSERT INTO alerts (organization_id, name, type, scope_type,
                       metric, operator, value, cooldown_hours)
                SELECT $id, 'more than ' || v, 'threshold', 'all_accounts',
                       'daily_cost', 'greater_than', v, 0
                  FROM generate_series(0, 900, 100) v");
}


# costs that are never the same, so that there is always one to evaluate

my $player = fork // die "fork: $!";

if ($player == 0) {
    srand $$;

    for ( ;; ) {
        my $spent = 100 * int rand 12;

        Cost::Bills::load($db, $ids[rand @ids], map {
            { day => $day{$_}, billed => $spent } } -1 .. 1);
        sleep rand 0.2;
    }
}

sub triggers { return $db->query('SELECT count(*) FROM alert_history') }

sub in_flight {
    return $db->query('SELECT count(*) FROM deliveries WHERE leased');
}

# so many more, with some on their way

sub busy {
    my ($name) = @_;

    my $from = triggers();

    ok $api->nginx->wait_for(30, sub {
        triggers() >= $from + 10 && in_flight() > 0
    }), "$name: alerts trigger, and are in flight";
}


# (a worker that leaves keeps its lead for some seconds)

sub over {
    $db->query('DELETE FROM timer_leases') if !$ENV{COST_TEST_LONG};
}

for my $n (1 .. $reloads) {
    busy("reload $n");
    $api->nginx->reload;
    over();
}

for my $n (1 .. $quits) {
    busy("quit $n");

    my $nginx = $api->nginx;
    my @workers = $nginx->workers;

    $nginx->signal('QUIT');
    ok $nginx->wait_for(30, sub { waitpid($nginx->{pid}, 1) != 0 }),
        "quit $n: it left";
    delete $nginx->{pid};

    is in_flight(), 0, "quit $n: what was in flight is recorded";
    is scalar(grep { -d "/proc/$_" } @workers), 0, "quit $n: and no worker";
    is join("\n", Cost::Nginx::alerts($nginx->log)), '', "quit $n: no alert";

    $api = Cost::API->new(database => $db, %common);
    over();
}

kill KILL => $player;
waitpid $player, 0;


# the last of it

$db->query('UPDATE alerts SET paused = true');
ok $api->nginx->wait_for(60, sub {
    $db->query("SELECT count(*) FROM deliveries
                 WHERE state = 'pending'") == 0
}), 'everything is delivered';

my $triggers = triggers();

is $db->query("SELECT count(*), count(DISTINCT event_id)
                 FROM alert_history"), "$triggers|$triggers",
    'every trigger has an event';
is $db->query('SELECT count(*) FROM events'), $triggers, 'and no more';
is $db->query("SELECT count(*) FROM deliveries WHERE attempts <> 1"), 0,
    'each was tried once';

my %came;

$came{ $_->{path} =~ s{/\d+$}{}r }{ $_->{headers}{'webhook-id'} }++
    for $receiver->requests;

for my $path ('/200', '/slow') {
    is scalar(keys %{ $came{$path} }), $triggers, "all came to $path";
    is scalar(grep { $_ != 1 } values %{ $came{$path} }), 0, 'and once';
}

diag "$triggers triggers" if $ENV{COST_TEST_LONG};

$api->stop;

done_testing;
