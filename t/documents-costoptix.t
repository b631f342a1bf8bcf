#!/usr/bin/env perl

# Cost Optix's document from its first line to its last.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use JSON::PP;
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;
use Cost::Document;

my $api = Cost::API->new(clock => '2025-02-10T22:15:30Z', workers => 2);
my $db = $api->db;

my $acme = $db->organization('acme', name => 'Acme Inc.');
$db->organization('small');

my $yes = JSON::PP::true;
my $no = JSON::PP::false;

Cost::Bills::load($db, $acme,
    { day => '2024-12-31', billed => '900' },
    { day => '2025-01-01', billed => '10.10' },
    { day => '2025-01-15', billed => '20.20', service => 'Amazon S3' },
    { day => '2025-01-31', billed => '30.33' },
    { day => '2025-02-01', billed => '7000' },
);

my $enterprise = $api->key(organization => 'acme', plan => 'enterprise');


# "daily call limits depending on your plan", "permission level"

my %limit = (starter => 100, professional => 1000, business => 10000,
             enterprise => undef);

for my $plan (sort keys %limit) {
    for my $permission (qw(read write admin)) {
        my $key = $api->key(organization => "$plan$permission", plan => $plan,
                            permission => $permission,
                            name => 'CI Pipeline');

        like $key, qr/^cc_/, "$plan, $permission: cc_";

        # curl -H "X-API-Key: cc_your_key" https://.../api/v1/auth/info

        my $r = $api->get('/api/v1/auth/info', $key);
        my $info = $r->json;

        is_deeply $info->{success}, $yes, "$plan: success";
        is $info->{data}{plan}, $plan, "$plan: plan";
        is $info->{data}{permission}, $permission, "$plan: permission";
        is $info->{data}{key_name}, 'CI Pipeline', "$plan: name";

        if (defined $limit{$plan}) {
            is_deeply $info->{data}{limits}, [ { window => 'day',
                limit => $limit{$plan}, used => 1,
                remaining => $limit{$plan} - 1,
                resets_at => '2025-02-11T00:00:00Z' } ], "$plan: limits";
            is $r->header('X-RateLimit-Remaining-Day'), $limit{$plan} - 1,
                "$plan: header";

        } else {
            is_deeply $info->{data}{limits}, [], "$plan: unlimited";
            is $r->header('X-RateLimit-Remaining-Day'), undef,
                "$plan: no header";
        }

        # read: "view"; write: "modify data"; admin: "API key management"

        is $api->get('/api/v1/costs', $key)->{status}, 200,
            "$permission: reads";
        is $api->send('POST', '/api/v1/accounts', $key,
                      '{"provider":"aws","external_id":"1"}')->{status},
            $permission eq 'read' ? 403 : 201, "$permission: writes?";
        $r = $api->get('/api/v1/keys', $key);
        is $r->{status}, $permission eq 'admin' ? 200 : 403,
            "$permission: manages keys?";

        is_deeply $r->json, { success => $no,
            error => 'Your key lacks the required permission' }, '403: body'
            if $permission ne 'admin';
    }
}

# "Optionally set an expiry date": the database's clock is the real one

my $soon = $api->key(organization => 'acme', plan => 'enterprise',
                     expires => "'2038-01-19T03:14:07Z'");
my $late = $api->key(organization => 'acme', plan => 'enterprise',
                     expires => "'2025-02-10T22:00:00Z'");

is $api->get('/api/v1/auth/info', $soon)->json->{data}{expires_at},
    '2038-01-19T03:14:07Z', 'an expiry date';
is $api->get('/api/v1/auth/info', $late)->{status}, 401, 'an expired key';


# curl -H "X-API-Key: cc_your_api_key_here" https://costoptix.com/api/v1/health

is_deeply $api->get('/api/v1/health', 'cc_your_api_key_here')->json,
    { status => 'ok', version => 'v1' }, 'health';


# curl ... "https://.../costs?start_date=2025-01-01&end_date=2025-01-31"

my $r = $api->get('/api/v1/costs?start_date=2025-01-01&end_date=2025-01-31',
                  $enterprise);
my $reply = plain($r);

is_deeply $reply->{success}, $yes, 'costs: success';
is $reply->{data}{daily_total}, 60.63, 'costs: both days are in it';
is_deeply $reply->{data}{services}, [
    { service => 'Amazon EC2', cost => 40.43 },
    { service => 'Amazon S3', cost => 20.20 } ], 'costs: services';
is_deeply [ @{ $reply->{meta} }{qw(start_date end_date days currency)} ],
    [ '2025-01-01', '2025-01-31', 31, 'USD' ], 'costs: meta';
is $r->json->{meta}{generated_at} =~ /^2025-02-10T22:1\d:\d\dZ$/, 1,
    'costs: generated_at';


# "Revocation is immediate": create the new key, update, revoke the old one

my $admin = $api->key(organization => 'acme', plan => 'enterprise',
                      permission => 'admin');
$r = $api->send('POST', '/api/v1/keys', $admin,
    '{"name":"Grafana Integration","permission":"read","plan":"enterprise"}');
is $r->{status}, 201, 'create a key';

my ($id, $made) = @{ $r->json->{data} }{qw(id key)};
is $api->get('/api/v1/costs', $made)->{status}, 200, 'use it';
unlike $api->get("/api/v1/keys/$id", $admin)->{body}, qr/\Q$made\E/,
    '"it will not be shown again"';

for my $i (1 .. 20) {
    # a connection each: the worker that answers is another one
    $api->get('/api/v1/costs', $made);
}

is $api->http->delete("/api/v1/keys/$id", 'X-API-Key' => $admin)->{status},
    200, 'revoke it';
is scalar(grep { $api->get('/api/v1/costs', $made)->{status} != 401 } 1 .. 20),
    0, 'nobody takes it any more';
is_deeply $api->get('/api/v1/costs', $made)->json,
    { success => $no, error => 'Invalid API key' }, '401: body';


# 429: "indicating when your quota resets (midnight UTC)"

my $starter = $api->key(organization => 'small', plan => 'starter');
my $twin = $api->key(organization => 'small', plan => 'starter');

my %status;
$status{ $api->get('/api/v1/costs', $_ % 2 ? $starter : $twin)->{status} }++
    for 1 .. 101;

is_deeply \%status, { 200 => 100, 429 => 1 },
    'Starter: 100 a day, for the organization';

$r = $api->get('/api/v1/costs', $twin);
is_deeply $r->json, { success => $no, error =>
    'Daily API call limit reached. Upgrade your plan for higher limits.' },
    '429: as the document prints it';

# 22:15:30 and the seconds that this test takes: 1:44:30 are left
my $after = $r->header('Retry-After');
ok $after <= 6270 && $after > 6270 - 300, "Retry-After: midnight UTC ($after)";


# "All API errors follow a consistent format"

my $reader = $api->key(organization => 'acme', plan => 'enterprise');

for (
    [ 400, GET => '/api/v1/costs?start_date=2025-01-01', $reader ],
    [ 400, POST => '/api/v1/accounts', $admin ],
    [ 401, GET => '/api/v1/costs', 'cc_your_key' ],
    [ 403, POST => '/api/v1/accounts', $reader ],
    [ 404, GET => '/api/v1/nothing', $reader ],
    [ 405, DELETE => '/api/v1/costs', $reader ],
) {
    my ($status, $method, $path, $key) = @$_;

    $r = $api->send($method, $path, $key, 'not JSON');

    is $r->{status}, $status, "$method $path: $status";
    is_deeply [ sort keys %{ $r->json } ], [qw(error success)],
        "$status: success and error";
    is_deeply $r->json->{success}, $no, "$status: no success";
    ok length $r->json->{error}, "$status: what went wrong";
}

$api->stop;

done_testing;
