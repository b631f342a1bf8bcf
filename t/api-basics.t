#!/usr/bin/env perl

# /health, /ready, /auth/info, paths and methods: CloudK's and Cost Optix's
# documents for everything but costs.

use strict;
use warnings;

use JSON::PP;
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;

my $api = Cost::API->new;
my $db = $api->db;

my $cloudk = $api->key(plan => 'free_cloudk');
my $optix = $api->key(plan => 'enterprise', name => 'CI Pipeline',
                      permission => 'admin',
                      expires => "'2038-01-19T03:14:07Z'");
my $starter = $api->key(organization => 'small', plan => 'starter');

# /health: curl https://.../api/v1/health, and with a key that is not one

for my $key (undef, $optix, 'cc_your_api_key_here', '') {
    my $r = $api->get('/api/v1/health', $key);

    is $r->{status}, 200, 'health';
    is $r->{body}, '{"status":"ok","version":"v1"}', 'health: body';
    is $r->header('X-API-Version'), 'v1', 'health: version';
    is $r->header('Content-Type'), 'application/json', 'health: type';
}

my $r = $api->head('/api/v1/health');
is $r->{status}, 200, 'health: HEAD';
is $r->header('Content-Length'), 30, 'health: HEAD has the length';
is $r->{body}, '', 'health: HEAD has no body';

$r = $api->send('POST', '/api/v1/health', undef, '');
is $r->{status}, 405, 'health: POST';
is $r->header('Allow'), 'GET, HEAD', 'health: Allow';
is_deeply $r->json, { error => 'Method not allowed' }, 'health: POST: body';

is $api->get('/api/v1/health?x=%')->{status}, 200, 'health: a query';
is $api->get('/api/v1/healthy')->{status}, 401, 'another path needs a key';


# /ready

$r = $api->get('/api/v1/ready');
my $ready = $r->json;
delete $ready->{generated_at};

is $r->{status}, 200, 'ready';
is_deeply $ready, { status => 'ready',
                    checks => { database => 'ok', migrations => 'ok' } },
    'ready: each check';
is $r->header('X-API-Version'), 'v1', 'ready: version';

my ($version) = $db->query('SELECT max(version) FROM schema_migrations');
$db->query("INSERT INTO schema_migrations (version, name, sha256)
    SELECT version + 1, 'later', sha256 FROM schema_migrations
     WHERE version = $version");

$r = $api->get('/api/v1/ready');
is $r->{status}, 503, 'ready: other migrations';
is $r->header('Retry-After'), 1, 'ready: Retry-After';
is_deeply $r->json->{checks}, {
    database => 'ok',
    migrations => 'the database has migration ' . ($version + 1)
                  . ", this server was built for $version" },
    'ready: which';
is $r->json->{error}, 'Not ready', 'ready: an error';

$db->query('ALTER TABLE schema_migrations RENAME TO gone');
$r = $api->get('/api/v1/ready');
is $r->{status}, 503, 'ready: no migrations';
is $r->json->{checks}{migrations}, 'the database was never migrated',
    'ready: none';

$db->query('ALTER TABLE gone RENAME TO schema_migrations;
            DELETE FROM schema_migrations WHERE version > ' . $version);
is $api->get('/api/v1/ready')->{status}, 200, 'ready again';


# /auth/info: curl -H "X-API-Key: cc_your_key" https://.../api/v1/auth/info

$r = $api->get('/api/v1/auth/info', $optix);
my $info = $r->json;
my ($organization, $id) = split /\|/, $db->query(
    "SELECT o.uuid, k.uuid FROM api_keys k JOIN organizations o
        ON o.id = k.organization_id WHERE k.name = 'CI Pipeline'");

is $r->{status}, 200, 'auth/info';
like delete $info->{meta}{generated_at}, qr/^\d{4}-.*Z$/, 'auth/info: when';
is_deeply $info, {
    success => JSON::PP::true,
    data => {
        organization_id => $organization, organization_name => 'acme',
        key_id => $id, key_name => 'CI Pipeline', key_prefix => 'cc_',
        permission => 'admin', plan => 'enterprise',
        expires_at => '2038-01-19T03:14:07Z', limits => [],
    },
    meta => {},
}, 'auth/info: an unlimited key';

$api->get('/api/v1/auth/info', $starter);
my $data = $api->get('/api/v1/auth/info', $starter)->json->{data};

is $data->{expires_at}, undef, 'auth/info: never expires';
is $data->{permission}, 'read', 'auth/info: permission';
is scalar @{ $data->{limits} }, 1, 'auth/info: one window';

my $limit = $data->{limits}[0];
is $limit->{limit}, 100, 'auth/info: limit';
is $limit->{used}, 2, 'auth/info: this request counts';
is $limit->{remaining}, 98, 'auth/info: remaining';
like $limit->{resets_at}, qr/T00:00:00Z$/, 'auth/info: at midnight UTC';

is_deeply $api->get('/api/v1/auth/info', $cloudk)->json->{success},
    JSON::PP::true, 'auth/info: Cost Optix\'s form for any key';
is $api->get('/api/v1/auth/info')->{status}, 401, 'auth/info: no key';


# who is not let in, in the wording of the key

is_deeply $api->get('/api/v1/costs')->json, { error => 'Invalid API key' },
    'no key: CloudK\'s wording';
is_deeply $api->get('/api/v1/costs', 'ck_live_xxxxxxxxxxxx')->json,
    { error => 'Invalid API key' }, 'CloudK: as its document says';
$r = $api->get('/api/v1/costs', 'cc_your_api_key_here');
is $r->{status}, 401, 'Cost Optix: 401';
is_deeply $r->json, { success => JSON::PP::false, error => 'Invalid API key' },
    'Cost Optix: its wording by the prefix alone';
is $r->header('X-API-Version'), 'v1', 'with the version';
is_deeply $api->get('/v1/alerts', 'cc_your_api_key_here')->json,
    { error => { code => 'unauthorized', message => 'Invalid API key' } },
    '/v1 speaks CICosts';


# paths that are not there

for my $path ('/api/v1/', '/api/v1', '/api/v1/cost', '/api/v1/costs/',
              '/api/v1/costs/x', '/api/v2/costs', '/api/v1/accounts/1/x',
              '/api/v1/Costs')
{
    $r = $api->get($path, $cloudk);
    is $r->{status}, 404, "$path: 404";
    is_deeply $r->json, { error => 'Resource not found' }, "$path: JSON";
}

is_deeply $api->get('/api/v1/none', $optix)->json,
    { success => JSON::PP::false, error => 'Not found' },
    'in the key\'s wording';
is_deeply $api->get('/v1/none', $cloudk)->json,
    { error => { code => 'not_found', message => 'Not found' } },
    'or the path\'s';

# a path is what it means, not how it is written
is $api->get('/api/v1/%63osts?days=1', $cloudk)->{status}, 200, 'encoded';
is $api->get('/api//v1/./x/../costs?days=1', $cloudk)->{status}, 200, 'dots';

for my $method (qw(POST PUT PATCH DELETE OPTIONS)) {
    $r = $api->http->request($method, '/api/v1/auth/info',
                             'X-API-Key' => $cloudk);
    is $r->{status}, 405, "$method: 405";
    is $r->header('Allow'), 'GET, HEAD', "$method: Allow";
}

$r = $api->http->request('POST', '/api/v1/auth/info', 'X-API-Key' => $optix,
                         'Content-Length' => 100000, '' => 'x' x 100000);
is $r->{status}, 405, 'a body that nobody reads';

is $api->http->request('GET', '/api/v1/auth/info', 'X-API-Key' => $optix,
                       'Content-Length' => 5, '' => 'hello')->{status}, 200,
    'a GET with a body';

my $kept = $api->http(keepalive => 1);

for my $i (1 .. 3) {
    is $kept->request('GET', '/api/v1/costs', 'X-API-Key' => $optix,
                      'Content-Length' => 5, '' => 'hello')->{status}, 200,
        "keepalive $i: a GET with a body";
    is $kept->get('/api/v1/nothing', 'X-API-Key' => $optix)->{status}, 404,
        "keepalive $i: an error";
}

$kept->close;

$api->stop;


# directives

for (
    [ 'location / { cost_api; cost_api; }', qr/"cost_api" directive is dupl/ ],
    [ 'location / { cost_api; cost_health; }', qr/"cost_health" directive / ],
    [ 'location / { cost_api on; }', qr/invalid number of arguments/ ],
) {
    my ($text, $pattern) = @$_;
    my ($accepted, $output)
        = Cost::Nginx->new(server => $text)->test_conf;

    ok !$accepted, "refused: $text";
    like $output, $pattern, 'with the reason';
}

# without api_key nothing that is somebody's is served; without a database
# nothing is ready

my $nginx = Cost::Nginx->new(server => 'cost_errors auto; cost_api;');
ok !($nginx->test_conf)[0], 'cost_api belongs into a location';

$nginx = Cost::Nginx->new(
    server => 'cost_errors auto; location / { cost_api; }');
$nginx->start;

$r = $nginx->http->get('/api/v1/costs');
is $r->{status}, 500, 'no api_key: 500';
ok $nginx->logged(qr/\[error\].*is served without "api_key"/),
    'and the operator reads why';

$r = $nginx->http->get('/api/v1/ready');
is $r->{status}, 503, 'no database: not ready';
is $r->json->{checks}{database}, 'not configured', 'because there is none';

$nginx->stop;

done_testing;
