#!/usr/bin/env perl

# POST /api/v1/accounts, PATCH and DELETE /api/v1/accounts/{id}.

use strict;
use warnings;

use JSON::PP;
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;

my $api = Cost::API->new;
my $db = $api->db;

my $acme = $db->organization('acme');
my $other = $db->organization('other');

my %plan = (organization => 'acme', plan => 'free_cloudk');
my $key = $api->key(%plan, permission => 'write');
my $reader = $api->key(%plan, permission => 'read');
my $optix = $api->key(organization => 'acme', plan => 'enterprise',
                      permission => 'admin');

my $path = '/api/v1/accounts';

my $fields = join ', ', map { "source.$_" } qw(kind path url authorization
    bucket region prefix endpoint access_key_id secret_access_key session_token
    one_account sync_every);


# add

my $r = $api->send('POST', $path, $key,
    '{"provider": "aws", "external_id": "123456789012", "name": "Caf\u00e9"}',
    'Content-Type' => 'text/plain');
my $account = $r->json->{data};
my ($id, $uuid) = split /\|/, $db->query("SELECT id, uuid FROM accounts
    WHERE organization_id = $acme AND provider = 'aws'
      AND external_id = '123456789012'");

is $r->{status}, 201, 'add: 201';
is $r->header('Location'), "$path/$uuid", 'add: Location';
is $r->header('ETag'), undef, 'add: no ETag';
is $account->{id}, $uuid, 'add: uuid';
is $account->{provider_id}, $id, 'add: id';
is $account->{name}, "Caf\x{e9}", 'add: name';
is_deeply $api->get($r->header('Location'), $reader)->json->{data}, $account,
    'add: is there';

$r = $api->send('POST', $path, $optix,
                '{"provider":"gcp","external_id":"project-1"}');
is $r->{status}, 201, 'add: without a name';
is $r->json->{data}{name}, 'project-1', 'add: has its id for one';
ok $r->json->{success}, 'add: Cost Optix has success';

$r = $api->send('POST', $path, $key,
    '{"provider":"aws","external_id":"123456789012","name":"Again"}');
is $r->{status}, 409, 'add: twice';
is_deeply $r->json, { error => 'There is already an account of this provider '
                               . 'with this external_id' }, 'add: why';

is $api->send('POST', $path, $api->key(organization => 'other',
    plan => 'free_cloudk', permission => 'write'),
    '{"provider":"aws","external_id":"123456789012"}')->{status}, 201,
    'add: another organization may have the same';

is $api->send('POST', $path, $key, '{"provider":"aws","external_id":"'
              . 'x' x 1024 . '","name":"' . "\x{c3}\x{a9}" x 1024 . '"}')
       ->{status}, 201, 'add: the longest';

# a bill does not change a name that a person gave, but one that nobody did

Cost::Bills::load($db, $acme,
    { day => '2021-01-01', billed => '10', account_name => 'From the bill' },
    { day => '2021-01-01', billed => '5', provider => 'gcp',
      account => 'project-1', account_name => 'From the bill' });

is $api->get("$path/$uuid", $key)->json->{data}{name}, "Caf\x{e9}",
    'a given name stays';
is $db->query("SELECT name FROM accounts WHERE external_id = 'project-1'"),
    'From the bill', 'another does not';


# rename

for my $which ($id, $uuid, uc $uuid) {
    $r = $api->send('PATCH', "$path/$which", $key, qq({"name":"By $which"}));
    is $r->{status}, 200, "rename $which";
    is $r->json->{data}{name}, "By $which", 'rename: the new name';
}

is $r->json->{data}{provider_id}, $id, 'rename: the account';
is $api->get("$path/$id", $key)->json->{data}{name}, 'By ' . uc $uuid,
    'rename: is there';

my $theirs = $db->query("SELECT uuid FROM accounts
    WHERE organization_id = $other");

for my $which ($theirs, 999999, 'x', '00000000-0000-4000-8000-000000000000') {
    $r = $api->send('PATCH', "$path/$which", $key, '{"name":"Mine"}');
    is $r->{status}, 404, "rename $which: 404";
    is_deeply $r->json, { error => 'There is no such account' },
        'rename: error';
    is $api->http->request('DELETE', "$path/$which", 'X-API-Key' => $key)
           ->{status}, 404, "delete $which: 404";
}

is $db->query("SELECT name FROM accounts WHERE uuid = '$theirs'"),
    '123456789012', 'another organization\'s is as it was';


# bodies that are refused, by name

my $provider = 'provider must be a text of 1 to 32 of a-z, 0-9, "-" and "_"';
my $external = 'external_id must be a text of 1 to 1024 characters';
my $name = 'name must be a text of 1 to 1024 characters';
my $ok = '"provider":"aws","external_id":"1"';

for (
    [ '', 'The request body is empty: it must be a JSON object' ],
    [ '{', 'The request body is not JSON from line 1, column 1 on' ],
    [ "{$ok}}", 'The request body is not JSON from line 1, column 37 on' ],
    [ '[]', 'The request body must be a JSON object' ],
    [ 'null', 'The request body must be a JSON object' ],
    [ '{}', $provider ],
    [ '{"external_id":"1"}', $provider ],
    [ '{"provider":"aws"}', $external ],
    [ '{"provider":"AWS","external_id":"1"}', $provider ],
    [ '{"provider":1,"external_id":"1"}', $provider ],
    [ '{"provider":"aws","external_id":1}', $external ],
    [ '{"provider":"aws","external_id":""}', $external ],
    [ '{"provider":"' . 'a' x 33 . '","external_id":"1"}', $provider ],
    [ "{$ok,\"name\":\"\"}", $name ],
    [ "{$ok,\"name\":null}", $name ],
    [ "{$ok,\"name\":\"a\\nb\"}", $name ],
    [ "{$ok,\"name\":\"a\\u0085b\"}", $name ],
    [ "{$ok,\"name\":\"" . 'x' x 1025 . '"}', $name ],
    [ "{$ok,\"nam\":\"x\"}",
      '"nam" is not a field; there are: provider, external_id, name, '
      . $fields ],
    [ "{$ok,\"" . 'n' x 100 . '":1}', '"' . 'n' x 64
      . '" is not a field; there are: provider, external_id, name, '
      . $fields ],
    [ '{"provider":"aws","provider":"gcp","external_id":"1"}',
      'The request body has a member twice, before line 1, column 28' ],
    [ "{$ok,\"name\":\"\xff\"}",
      'The request body is not JSON from line 1, column 44 on' ],
    [ "{$ok,\"name\":\"a\\u0000b\"}",
      'The request body is not JSON from line 1, column 53 on' ],
    [ '[' x 3000, 'The request body is not JSON from line 1, column 2049 on' ],
) {
    my ($body, $why) = @$_;
    my $shown = substr $body, 0, 60;

    $r = $api->send('POST', $path, $key, $body);
    is $r->{status}, 400, "$shown: 400";
    like $r->json->{error}, qr/^\Q$why\E$/, "$shown: error";
}

$r = $api->send('PATCH', "$path/$id", $key, '{"provider":"aws"}');
is $r->{status}, 400, 'rename: the provider stays';
is_deeply $r->json, { error => '"provider" is not a field; there are: name, '
    . $fields }, 'rename: as it says';
is $api->send('PATCH', "$path/$id", $key, '{}')->{status}, 400,
    'rename: without a name';


# bodies in pieces, in a file, chunked, too large

my $long = '{"provider":"azure","external_id":"long"' . ' ' x 100_000 . '}';
is $api->send('POST', $path, $key, $long)->{status}, 201,
    'a body in a file';

my $http = $api->http;
$http->send("POST $path HTTP/1.1\r\nHost: x\r\nX-API-Key: $key\r\n"
            . "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            . "18\r\n{\"provider\":\"azure\",\"ext\r\n");
select undef, undef, undef, 0.1;
$http->send("13\r\nernal_id\":\"chunks\"}\r\n0\r\n\r\n");
is $http->receive('POST')->{status}, 201, 'a body in chunks';

$r = $api->send('POST', $path, $key, ' ' x (2 << 20));
is $r->{status}, 413, 'a body that is too large';
is_deeply $r->json, { error => 'Request body too large' }, 'in JSON';


# who may

for (
    [ 'POST', $path, "{$ok}" ],
    [ 'PATCH', "$path/$id", '{"name":"x"}' ],
    [ 'DELETE', "$path/$id", '' ],
) {
    my ($method, $where, $body) = @$_;

    is $api->send($method, $where, $reader, $body)->{status}, 403,
        "$method: a reader may not";
    is $api->send($method, $where, undef, $body)->{status}, 401,
        "$method: nobody may not";
}

$r = $api->send('PUT', "$path/$id", $key, '{}');
is $r->{status}, 405, 'PUT: 405';
is $r->header('Allow'), 'GET, HEAD, PATCH, DELETE', 'PUT: Allow';
is $api->send('DELETE', $path, $key, '')->header('Allow'),
    'GET, HEAD, POST', 'DELETE of all: Allow';


# delete

my $january = '/api/v1/costs?start_date=2021-01-01&end_date=2021-01-31';

is $api->get($january, $key)->json->{data}{daily_total}, 15, 'before';

$r = $api->http->request('DELETE', "$path/$id", 'X-API-Key' => $key);
delete $r->json->{meta};
is $r->{status}, 200, 'delete';
is_deeply $r->json->{data}, { deleted => JSON::PP::true, id => $uuid },
    'delete: says which';
is $api->get("$path/$id", $key)->{status}, 404, 'delete: it is gone';
is $api->get($january, $key)->json->{data}{daily_total}, 5,
    'delete: and its costs';
is $api->http->request('DELETE', "$path/$uuid", 'X-API-Key' => $key)
       ->{status}, 404, 'delete: once';

$api->stop;

done_testing;
