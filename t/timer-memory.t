#!/usr/bin/env perl

# Deliveries cost no memory that stays: the worker is as large behind many as
# it was behind a few.
#
# COST_TEST_LONG=1: 100,000 of them.

use strict;
use warnings;

use File::Temp;
use JSON::PP;
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;

plan skip_all => 'a sanitizer and valgrind keep what was freed'
    if $ENV{COST_TEST_VARIANT};

my $events = $ENV{COST_TEST_LONG} ? 2000 : 200;
my ($endpoints, $rounds) = (10, 5);

my $secrets = File::Temp->new;
print $secrets 'k' x 32;
close $secrets;
chmod 0600, $secrets->filename;

my $api = Cost::API->new(
    http => "cost_secret_key $secrets;
             cost_webhook_allow http loopback;
             cost_timer on per_endpoint=64;
             server {
                 listen 127.0.0.1:%%PORT_receiver%% backlog=4096;
                 location / { return 200 ok; }
             }",
    server => 'include %%ROOT%%/conf/cost_webhooks.conf;');
my $db = $api->db;
my $acme = $db->organization('acme');
my $key = $api->key(organization => 'acme', plan => 'free_cloudk',
                    permission => 'write');
my $port = $api->nginx->port('receiver');

$api->send('POST', '/api/v1/webhooks', $key, encode_json({
    url => "http://127.0.0.1:$port/$_", events => ['alert.triggered'] }))
    for 1 .. $endpoints;

my @rss;

for my $round (0 .. $rounds) {
    $db->query("SELECT count(event_add($acme, 'alert.triggered', '{}'))
                  FROM generate_series(1, $events)");

    ok($api->nginx->wait_for(120, sub {
        $db->query("SELECT count(*) FROM deliveries
                     WHERE state = 'pending'") == 0
    }), "round $round: delivered");

    push @rss, $api->nginx->rss($api->nginx->workers);
}

is $db->query("SELECT count(*) FROM delivery_attempts WHERE status = 200"),
    $events * $endpoints * ($rounds + 1), 'one attempt each';

# the first two have made the room that many at a time need
cmp_ok $rss[-1] - $rss[1], '<', 1 << 19, 'the worker is as large as before'
    or diag "@rss";
diag "@rss" if $ENV{COST_TEST_LONG};

$api->stop;

done_testing;
