#!/usr/bin/env perl

# Endpoints that never answer, one with much parked and many with some, are in
# nobody's way: from an event to its attempt others are as fast as they were.
#
# COST_TEST_LONG=1: 100,000 parked, and more events.

use strict;
use warnings;

use File::Temp;
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep time);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Clock qw(slowness);
use Cost::Receiver;

my $long = $ENV{COST_TEST_LONG};
my ($parked, $many, $events) = $long ? (100_000, 90, 400) : (5000, 40, 60);

my $secrets = File::Temp->new;
print $secrets 'k' x 32;
close $secrets;
chmod 0600, $secrets->filename;

my $api = Cost::API->new(
    http => "cost_secret_key $secrets;
             cost_webhook_allow http loopback;
             cost_timer on timeout=2s;
             server {
                 listen 127.0.0.1:%%PORT_receiver%% backlog=4096;
                 location / { return 200 ok; }
             }",
    server => 'include %%ROOT%%/conf/cost_webhooks.conf;');
my $db = $api->db;
my $receiver = Cost::Receiver->new;
my $port = $api->nginx->port('receiver');

# the neighbours, three in an organization, and three in another

my (%organization, %key);

for my $slug (qw(acme other)) {
    $organization{$slug} = $db->organization($slug);
    $key{$slug} = $api->key(organization => $slug, plan => 'free_cloudk',
                            permission => 'write');
}

sub hook {
    my ($slug, $url, @events) = @_;

    my $r = $api->send('POST', '/api/v1/webhooks', $key{$slug}, encode_json({
        url => $url, events => \@events }));

    die $r->{body} if $r->{status} != 201;

    return $r->json->{data}{id};
}

for my $slug (keys %organization) {
    hook($slug, "http://127.0.0.1:$port/$_", 'alert.triggered') for 1 .. 3;
}


# p50 and p95 in seconds, from an event to the record of the end of its
# attempt, by the database

sub latency {
    my ($name) = @_;

    my $last = $db->query('SELECT coalesce(max(id), 0) FROM events');

    for (1 .. $events / 2) {
        $db->query("SELECT event_add(id, 'alert.triggered', '{}')
                      FROM organizations");
        sleep 0.02;
    }

    my @seen;

    ok $api->nginx->wait_for(30, sub {
        @seen = split /\|/, $db->query("
            SELECT count(*),
                   percentile_disc(0.5) WITHIN GROUP (ORDER BY took),
                   percentile_disc(0.95) WITHIN GROUP (ORDER BY took)
              FROM (SELECT extract(epoch FROM a.attempted_at - e.created_at)
                           AS took
                      FROM events e
                      JOIN deliveries d
                        ON d.organization_id = e.organization_id
                       AND d.event_id = e.id
                      JOIN delivery_attempts a
                        ON a.organization_id = d.organization_id
                       AND a.delivery_id = d.id
                     WHERE e.id > $last AND e.type = 'alert.triggered') x");
        return $seen[0] == 3 * $events;
    }), "$name: all are delivered";

    diag sprintf '%s: p50 %.1f ms, p95 %.1f ms', $name,
        map { 1000 * $_ } @seen[1, 2] if $long;

    return @seen[1, 2];
}

latency('the first');

my @before = latency('alone');

# an organization's own, and a stranger's

my $silent = hook('acme', $receiver->url('/silent'), 'anomaly.detected');

$db->query("SELECT count(event_add($organization{acme}, 'anomaly.detected',
                                   json_build_object('n', i)))
              FROM generate_series(1, $parked) i");
ok $receiver->wait(1, 20, '/silent'), 'the silent one is tried';

my @beside = latency('beside them');

# when attempts have ended, and are tried again

ok $receiver->wait(10, 60, '/silent'), 'again and again';

my @later = latency('while they fail');

is $db->query("SELECT count(*) FROM deliveries d
                 JOIN webhooks w ON w.id = d.webhook_id
                WHERE w.uuid = '$silent' AND d.state = 'pending'"), $parked,
    'all of them wait';


# A failure of many: more than would fill all the room that there is, if each
# of them took as much of it as one that answers.

hook('acme', $receiver->url('/silent'), 'budget.threshold') for 1 .. $many;

$db->query("SELECT count(event_add($organization{acme}, 'budget.threshold',
                                   json_build_object('n', i)))
              FROM generate_series(1, 20) i");
ok $api->nginx->wait_for(60, sub {
    $db->query('SELECT count(*) FROM webhooks
                 WHERE failing_since IS NOT NULL') == 1 + $many
        && $db->query('SELECT count(*) FROM deliveries WHERE leased')
           <= 1 + $many
}), "$many more have failed";

my @many = latency("beside $many that fail");

# one of twenty may have met a turn of the scheduler
my $limit = 2 * $before[1] + 0.02;

for (\@beside, \@later, \@many) {
    ok $_->[1] < $limit || $_->[1] < $limit * slowness(),
        'others are as fast as they were'
        or diag "p95: $before[1] s, $_->[1] s with $parked parked";
}

$db->query("UPDATE webhooks SET enabled = false WHERE url LIKE '%/silent'");
$api->nginx->wait_for(20, sub {
    $db->query('SELECT count(*) FROM deliveries WHERE leased') == 0 });
$api->stop;

done_testing;
