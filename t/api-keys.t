use strict;
use warnings;

# /api/v1/keys: keys are managed over HTTP, and a change holds at once.

use lib 't/lib';

use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use Cost::API;
use Cost::Database;

my $api = Cost::API->new(workers => 4);
my $db = $api->db;

my $admin = $api->key(plan => 'enterprise', permission => 'admin',
                      name => 'root');
my $path = '/api/v1/keys';


# create: shown once

my $r = send_json(POST => $path, $admin, '{"name": "CI – \u00fc",
                                           "permission": "read"}');
is($r->{status}, 201, 'a key is created');

my $key = $r->json->{data};

like($key->{key}, qr/^cc_\w{49}$/, 'its secret is shown');
is($r->header('Location'), "$path/$key->{id}", 'Location');
is($r->header('Cache-Control'), 'no-store', 'not to be stored');
is($key->{name}, "CI \x{2013} \x{fc}", 'its name');
is($key->{permission}, 'read', 'its permission');
is($key->{plan}, 'enterprise', 'the plan of who made it');
is($key->{expires_at}, undef, 'it does not expire');
is($key->{revoked_at}, undef, 'it is not revoked');
like($key->{created_at}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'created_at');
is(scalar @{ $key->{secrets} }, 1, 'one secret');
is($key->{secrets}[0]{last_four}, substr($key->{key}, -4), 'its last four');
is($key->{secrets}[0]{key_prefix}, 'cc_', 'its prefix');
ok($r->json->{success}, 'enveloped');

is(info($key->{key})->{status}, 200, 'it works at once');
is(info($key->{key})->json->{data}{key_id}, $key->{id}, 'and is that one');
is($api->get($path, $key->{key})->{status}, 403, 'but manages no keys');

$r = $api->get("$path/$key->{id}", $admin);
is($r->{status}, 200, 'a key is read');
unlike($r->{body}, qr/\Q@{[ substr $key->{key}, 4, 20 ]}/,
       'without its secret');
is($r->json->{data}{id}, $key->{id}, 'that key');

$r = send_json(POST => $path, $admin, '{"name": "other",
    "permission": "write", "plan": "cloudk",
    "expires_at": "2099-01-02T03:04:05Z"}');
is($r->{status}, 201, 'another plan, for who has an unlimited one');
my $other = $r->json->{data};
like($other->{key}, qr/^ck_live_\w{49}$/, 'with that plan\'s prefix');
is($other->{expires_at}, '2099-01-02T03:04:05Z', 'and an end');


# what is refused

my %bad = (
    '' => qr/empty/,
    '[]' => qr/must be a JSON object/,
    '{}' => qr/^(?:name|permission) must be/,
    '{"name": "x"}' => qr/^permission must be read, write or admin$/,
    '{"name": "x", "permission": "Read"}'
        => qr/^permission must be read, write or admin$/,
    '{"name": "x", "permission": 1}'
        => qr/^permission must be read, write or admin$/,
    '{"name": "", "permission": "read"}' => qr/^name must be/,
    '{"name": "x", "permission": "root"}'
        => qr/^permission must be read, write or admin$/,
    '{"name": "x", "permission": "read", "plan": "gold"}'
        => qr/^plan must be one of this server's; "gold" is not$/,
    '{"name": "x", "permission": "read", "expires_at": "soon"}'
        => qr/^expires_at must be null or a time in the future/,
    '{"name": "x", "permission": "read", "expires_at": "2001-01-01"}'
        => qr/^expires_at must be/,
    '{"name": "x", "permission": "read", "expires_at": 5}'
        => qr/^expires_at must be/,
    '{"name": "x", "permission": "read", "owner": "me"}' => qr/"owner" is not/,
);

for my $body (sort keys %bad) {
    $r = send_json(POST => $path, $admin, $body);

    is($r->{status}, 400, "refused: $body");
    like($r->json->{error}, $bad{$body}, 'saying why');
}

is($db->query("SELECT count(*) FROM api_keys WHERE name = 'x'"), 0,
   'nothing came of them');


# an admin lifts nobody above its organization

my $small = $api->key(plan => 'starter', permission => 'admin',
                      organization => 'small');

is(send_json(POST => $path, $small, '{"name": "x", "permission": "admin",
             "plan": "enterprise"}')->{status}, 403, 'not to another plan');
is(send_json(POST => $path, $small, '{"name": "x", "permission": "admin"}')
   ->{status}, 201, 'its own it may give');


# another organization's keys do not exist

for my $case ([ 'GET', '' ], [ 'PATCH', '', '{"name": "x"}' ],
              [ 'DELETE', '' ], [ 'POST', '/rotate', '{}' ]) {
    my ($method, $more, $body) = @$case;

    for my $id ($key->{id}, '00000000-0000-4000-8000-000000000000', 'x',
                '12') {
        $r = send_json($method, "$path/$id$more", $small, $body // '');
        is($r->{status}, 404, "$method of $id");
        is($r->json->{error}, 'There is no such key', 'the same words');
    }
}

is(scalar @{ $api->get($path, $small)->json->{data} }, 2,
   'a list has the organization\'s own');


# list

$r = $api->get("$path?limit=2", $admin);
is(scalar @{ $r->json->{data} }, 2, 'a page of two');
my $cursor = $r->json->{meta}{next_cursor};
ok($cursor, 'with a cursor');
$r = $api->get("$path?limit=2&cursor=$cursor", $admin);
is_deeply([ map { $_->{id} } @{ $r->json->{data} } ], [ $other->{id} ],
          'to the rest');
is($r->json->{meta}{next_cursor}, undef, 'which is the end');
unlike($api->get($path, $admin)->{body}, qr/digest|\Q$key->{key}/,
       'no secrets');
is($api->get("$path?$_", $admin)->{status}, 400, $_)
    for 'limit=0', 'limit=x', 'cursor=!', 'limit=1&limit=2';
is($api->send('PUT', $path, $admin, '{}')->{status}, 405, 'PUT is none');
is($api->get($path, undef)->{status}, 401, 'without a key');


# change

$r = send_json(PATCH => "$path/$key->{id}", $admin,
               '{"name": "new", "permission": "write"}');
is($r->{status}, 200, 'changed');
is($r->json->{data}{name}, 'new', 'its name');
is(info($key->{key})->json->{data}{permission}, 'write', 'holds at once');

send_json(PATCH => "$path/$key->{id}", $admin, '{"plan": "professional"}');
is(info($key->{key})->json->{data}{plan}, 'professional', 'another plan');

send_json(PATCH => "$path/$other->{id}", $admin, '{"expires_at": null}');
is($api->get("$path/$other->{id}", $admin)->json->{data}{expires_at}, undef,
   'no end any more');
is(send_json(PATCH => "$path/$key->{id}", $admin, '{"plan": "gold"}')
   ->{status}, 400, 'no such plan');
is(send_json(PATCH => "$path/$key->{id}", $admin, '{"id": "1"}')->{status},
   400, 'not its id');


# rotate, with and without grace

$r = send_json(POST => "$path/$key->{id}/rotate", $admin, '');
is($r->{status}, 200, 'rotated');
my $second = $r->json->{data}{key};
is($r->json->{data}{id}, $key->{id}, 'the same key');
is(info($key->{key})->{status}, 401, 'the old secret ends at once');
is(info($second)->{status}, 200, 'the new one works');

my $used = info($second)->json->{data}{limits}[0]{used};

$r = send_json(POST => "$path/$key->{id}/rotate", $admin,
               '{"grace_seconds": 2}');
my $third = $r->json->{data}{key};
is(scalar @{ $r->json->{data}{secrets} }, 3, 'all its secrets are shown');
is(info($second)->{status}, 200, 'the old one works on');
is(info($third)->{status}, 200, 'beside the new one');
is(info($third)->json->{data}{limits}[0]{used}, $used + 3,
   'and both are counted together');

ok($api->nginx->wait_for(5, sub { info($second)->{status} == 401 }),
   'until its grace ends');
is(info($third)->{status}, 200, 'the new one lasts');

ok($api->nginx->wait_for(15, sub {
    my $key = $api->get("$path/$key->{id}", $admin)->json->{data};
    2 <= grep { $_->{last_used_at} } @{ $key->{secrets} };
}), 'the last use of each secret is shown');
ok($api->get("$path/$key->{id}", $admin)->json->{data}{last_used_at},
   'and of the key');
is($api->get("$path/$key->{id}", $admin)->json->{data}{usage}[0]{window},
   'day', 'and how often it was used');

for my $grace ('-1', '1.5', '"1"', '9999999999', 'null') {
    is(send_json(POST => "$path/$key->{id}/rotate", $admin,
                 "{\"grace_seconds\": $grace}")->{status}, 400,
       "no grace of $grace");
}


# revoke

$r = $api->send('DELETE', "$path/$key->{id}", $admin, '');
is($r->{status}, 200, 'revoked');
ok($r->json->{data}{revoked_at}, 'since when');
is(info($third)->{status}, 401, 'and refused');
is($api->send('DELETE', "$path/$key->{id}", $admin, '')->{status}, 200,
   'twice does no harm');
is(send_json(PATCH => "$path/$key->{id}", $admin, '{"name": "y"}')->{status},
   404, 'a revoked key is not changed');
is(send_json(POST => "$path/$key->{id}/rotate", $admin, '')->{status},
   404, 'nor rotated');


# the last admin

my ($root) = grep { $_->{name} eq 'root' }
             @{ $api->get($path, $admin)->json->{data} };

is($api->send('DELETE', "$path/$root->{id}", $admin, '')->{status}, 409,
   'the last admin is not revoked by accident');
is(send_json(PATCH => "$path/$root->{id}", $admin, '{"permission": "write"}')
   ->{status}, 409, 'nor made less');
is(info($admin)->{status}, 200, 'it is still there');
is($api->send('DELETE', "$path/$root->{id}?force=yes", $admin, '')->{status},
   400, 'force is true or false');

$r = send_json(POST => $path, $admin, '{"name": "deputy",
                                        "permission": "admin"}');
my $deputy = $r->json->{data};
is(send_json(PATCH => "$path/$root->{id}", $admin, '{"permission": "write"}')
   ->{status}, 200, 'beside another it is');
is($api->get($path, $admin)->{status}, 403, 'at once');
is($api->send('DELETE', "$path/$deputy->{id}", $deputy->{key}, '')->{status},
   409, 'now the other is the last');
is($api->send('DELETE', "$path/$deputy->{id}?force=true", $deputy->{key}, '')
   ->{status}, 200, 'unless told');
is(info($deputy->{key})->{status}, 401, 'gone');


# 1,000 revocations under load: not one request after the call returned

my $boss = $api->key(plan => 'enterprise', permission => 'admin',
                     organization => 'big');
my $n = $ENV{COST_TEST_LONG} ? 1000 : 150;
my @clients = map { $api->http(keepalive => 1) } 1 .. 16;
my $wrk = load($boss);
my $stale = 0;
my $early = 0;

for my $i (1 .. $n) {
    my $key = send_json(POST => $path, $boss, '{"name": "k",
                        "permission": "read"}')->json->{data};

    for (1 .. 4) {
        my $client = $clients[($i + 5 * $_) % @clients];
        $early++ if info($key->{key}, $client)->{status} != 200;
    }

    $api->send('DELETE', "$path/$key->{id}", $boss, '');

    for (1 .. 8) {
        my $client = $clients[($i + 3 * $_) % @clients];
        $stale++ if info($key->{key}, $client)->{status} != 401;
    }
}

kill TERM => $wrk;
waitpid $wrk, 0;
is($? & 127, 15, 'under load');

is($early, 0, "$n keys worked as soon as they were made");
is($stale, 0, 'and not once after they were revoked');

$api->stop;
done_testing;


sub info {
    my ($key, $http) = @_;

    return ($http // $api->http)->get('/api/v1/auth/info',
                                      'X-API-Key' => $key);
}

sub send_json {
    my ($method, $path, $key, $body) = @_;

    return $api->send($method, $path, $key, $body);
}

sub load {
    my ($key) = @_;

    my $port = $api->nginx->port;
    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        open STDOUT, '>', '/dev/null';
        exec 'wrk', '-t1', '-c16', '-d600', '-H', "X-API-Key: $key",
             "http://127.0.0.1:$port/api/v1/auth/info"
            or POSIX::_exit(1);
    }

    return $pid;
}
