#!/usr/bin/env perl

# Sources of accounts, POST /api/v1/costs/sync and what follows a job; without
# a timer, so that nothing takes the jobs.

use strict;
use warnings;

use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;

my $dir = tempdir(CLEANUP => 1);
open my $fh, '>', "$dir/key" or die;
print $fh 'k' x 32;
close $fh;
chmod 0600, "$dir/key";

my $api = Cost::API->new(http => "cost_secret_key $dir/key;
                                  cost_sync_directory /srv/bills/;
                                  cost_sync_directory /srv/acme acme;
                                  cost_fetch_allow private;");
my $db = $api->db;
my $acme = $db->organization('acme');
my $other = $db->organization('other');

my %plan = (organization => 'acme', plan => 'free_cloudk');
my $key = $api->key(%plan, permission => 'write');
my $reader = $api->key(%plan, permission => 'read');
my $stranger = $api->key(organization => 'other', plan => 'infraaudit',
                         permission => 'write');

my $path = '/api/v1/accounts';
my $serial = 0;

# an account with a source: the reply

sub add {
    my ($source, $with) = @_;

    return $api->send('POST', $path, $with // $key, encode_json({
        provider => 'aws', external_id => 'a' . ++$serial,
        source => $source }));
}

sub refused {
    my ($source, $why) = @_;

    my $r = add($source);
    is "$r->{status} " . ($r->json->{error} // ''), "400 $why", $why;
}


# no source, no job

my $r = $api->send('POST', '/api/v1/costs/sync', $key, '');
is $r->{status}, 409, 'without a source: 409';
is $r->json->{error}, 'No account has a source to sync from', 'and says so';
is $db->query('SELECT count(*) FROM sync_jobs'), 0, 'and there is no job';


# the kinds

$r = add({ kind => 'directory', path => '/srv/bills/acme/', one_account => \1,
           sync_every => 24 });
is $r->{status}, 201, 'a directory';
my $account = $r->json->{data};
is_deeply $account->{source}, { kind => 'directory',
    path => '/srv/bills/acme', one_account => \1, sync_every => 24 },
    'is shown';
is $db->query("SELECT round(extract(epoch FROM next_sync_at - now()) / 3600)
                 FROM account_sources"), 24, 'and has a schedule';
is_deeply $api->get("$path/$account->{id}", $reader)->json->{data}, $account,
    'is there';

$r = add({ kind => 's3', bucket => 'my-bucket', region => 'eu-west-1',
           prefix => 'focus/', endpoint => 'https://10.0.0.1:9000/',
           access_key_id => 'AKIA', secret_access_key => 'very secret' });
is $r->{status}, 201, 's3';
is_deeply $r->json->{data}{source}, { kind => 's3', bucket => 'my-bucket',
    region => 'eu-west-1', prefix => 'focus/',
    endpoint => 'https://10.0.0.1:9000', access_key_id => 'AKIA',
    one_account => \0, sync_every => undef }, 'is shown without its secret';
unlike $r->{body}, qr/very secret/, 'nowhere';
is $db->query("SELECT count(*) FROM account_sources
                WHERE secret IS NOT NULL AND length(secret) >= 11 + 28
                  AND position('very secret'::bytea IN secret) = 0"), 1,
    'which is stored sealed';

$r = add({ kind => 's3', bucket => 'temporary', access_key_id => 'ASIA',
           secret_access_key => 'very secret', session_token => 'T' x 4096 });
is $r->{status}, 201, "s3: a session's keys, with the longest token";
unlike $r->{body}, qr/very secret|TT/, 'which is not shown';
$api->send('DELETE', "$path/" . $r->json->{data}{id}, $key, '');

$r = add({ kind => 'https', url => 'https://a.b/',
           authorization => 'x' x 1024 });
is $r->{status}, 201, 'https: the longest authorization';
$api->send('DELETE', "$path/" . $r->json->{data}{id}, $key, '');

$r = add({ kind => 's3', bucket => 'public' });
is $r->json->{data}{source}{region}, 'us-east-1', 's3: a region by default';

$r = add({ kind => 'https', url => 'https://bills.example.com/focus.csv.gz?x',
           authorization => 'Bearer very secret' });
is $r->{status}, 201, 'https';
is_deeply $r->json->{data}{source}, { kind => 'https',
    url => 'https://bills.example.com/focus.csv.gz?x', one_account => \0,
    sync_every => undef }, 'is shown without its secret';
my $https = $r->json->{data};

$r = $api->get($path, $reader);
is scalar(grep { $_->{source} } @{ $r->json->{data} }), 4, 'all are listed';
unlike $r->{body}, qr/secret/, 'without secrets';


# what is refused

my $urls = 'must have a host that is a name or a plainly written address';

refused({ path => '/srv/bills' }, 'source.kind is required');
refused({ kind => 'ftp' }, 'source.kind must be directory, https, s3 or none');
refused({ kind => 'directory' }, 'source.path is required');
refused({ kind => 'directory', path => '/srv/bills', url => 'https://a.b/' },
        'source.url is not for a source of kind directory');
refused({ kind => 'https', url => 'https://a.b/', bucket => 'abc' },
        'source.bucket is not for a source of kind https');
refused({ kind => 'none', path => '/srv/bills' },
        'source.path is not for a source of kind none');

for my $bad ('/etc', '/srv', '/srv/billsx', '/srv/bills/../x', 'srv/bills',
             '/srv/bills/./x', '/srv//bills', '/', '/srv/bills/..')
{
    is add({ kind => 'directory', path => $bad })->{status}, 400,
        "not the directory $bad";
}

refused({ kind => 'https', url => 'http://a.b/' },
        'source.url must begin with https://');
refused({ kind => 'https', url => 'https://a..b/' }, "source.url $urls");
like add({ kind => 'https', url => 'https://127.0.0.1/' })->json->{error},
    qr/^source\.url must not .*loopback/, 'not loopback';
like add({ kind => 'https', url => 'https://169.254.169.254/' })
    ->json->{error}, qr/^source\.url must not /, 'not metadata';

for my $bad ('ab', 'Abc', 'a_c', '-abc', 'abc.', 'a..c', 'a.-c', 'abc-',
             'a/c', 'a' x 64)
{
    is add({ kind => 's3', bucket => $bad })->{status}, 400,
        "not the bucket $bad";
}

refused({ kind => 's3', bucket => 'abc', endpoint => 'https://10.0.0.1/x' },
        'source.endpoint must have no path');
refused({ kind => 's3', bucket => 'abc', access_key_id => 'x' },
        'source.access_key_id and source.secret_access_key go together');
refused({ kind => 's3', bucket => 'abc', session_token => 'x' },
        'source.session_token needs source.access_key_id and '
        . 'source.secret_access_key');
refused({ kind => 'https', url => 'https://a.b/', session_token => 'x' },
        'source.session_token is not for a source of kind https');
refused({ kind => 's3', bucket => 'abc', access_key_id => 'x',
          secret_access_key => 'x', session_token => 'a b' },
        'source.session_token must be of visible ASCII characters');
is add({ kind => 's3', bucket => 'abc', sync_every => 0 })->{status}, 400,
    'not every 0 hours';
is add({ kind => 's3', bucket => 'abc', nonsense => 1 })->{status}, 400,
    'nothing unknown';


# change

my $one = "$path/$https->{id}";

$r = $api->send('PATCH', $one, $key, '{}');
is $r->{status}, 400, 'PATCH: nothing';

$r = $api->send('PATCH', $one, $key, '{"name": "Bills"}');
is $r->json->{data}{name}, 'Bills', 'PATCH: a name';
is_deeply $r->json->{data}{source}, $https->{source}, 'keeps the source';

$r = $api->send('PATCH', $one, $key,
    '{"source": {"kind": "directory", "path": "/srv/acme/x"}}');
is $r->{status}, 200, 'PATCH: a source';
is $r->json->{data}{name}, 'Bills', 'keeps the name';
is_deeply $r->json->{data}{source}, { kind => 'directory',
    path => '/srv/acme/x', one_account => \0, sync_every => undef },
    'which is another';
is $db->query("SELECT count(*) FROM account_sources
                WHERE secret IS NOT NULL"), 1, 'whose secret is gone';
is_deeply $api->get($one, $reader)->json->{data}, $r->json->{data},
    'is there';

$r = $api->send('PATCH', $one, $stranger,
    '{"source": {"kind": "directory", "path": "/srv/bills"}}');
is $r->{status}, 404, 'PATCH: not by another organization';
is $db->query("SELECT location FROM account_sources
                WHERE account_id = $https->{provider_id}"), '/srv/acme/x',
    'and nothing changed';

$r = $api->send('PATCH', $one, $key, '{"source": {"kind": "none"}}');
is_deeply [exists $r->json->{data}{source}], [''], 'PATCH: no source';
is $db->query("SELECT count(*) FROM account_sources
                WHERE account_id = $https->{provider_id}"), 0, 'is gone';

is $api->send('DELETE', "$path/$account->{id}", $key, '')->{status}, 200,
    'an account is deleted';
is $db->query("SELECT count(*) FROM account_sources
                WHERE account_id = $account->{provider_id}"), 0,
    'and its source';


# jobs

is $api->send('POST', '/api/v1/costs/sync', $reader, '')->{status}, 403,
    'POST: not by a reader';
$r = $api->send('POST', '/api/v1/costs/sync', $key, '');
is $r->{status}, 202, 'POST: 202';
my $job = $r->json->{job_id};
is $r->{body}, qq({"job_id":$job,"status":"running"}), 'as documented';
is $api->send('POST', '/api/v1/costs/sync', $key, '')->{body}, $r->{body},
    'again: the same job';
is $api->send('POST', '/api/v1/costs/sync', $stranger, '')->{status}, 409,
    'another organization has its own';

$r = $api->get("/api/v1/costs/sync/$job", $reader);
is $r->{status}, 200, 'GET: 200';
my $body = $r->json;
like delete $body->{created_at}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
    'when it was made';
is_deeply $body, { job_id => $job, status => 'queued', error => undef,
    progress => { file => undef, files_found => 0, files_loaded => 0,
                  files_skipped => 0, files_failed => 0, bytes => 0,
                  rows_read => 0, rows_loaded => 0, rows_refused => 0 },
    failures => [], started_at => undef, finished_at => undef },
    'nothing happened yet';

is $api->get("/api/v1/costs/sync/$job", $stranger)->{status}, 404,
    'not by another organization';
is $api->get("/api/v1/costs/sync/$_", $reader)->{status}, 404, "no job $_"
    for $job + 1, 'x', '-1', '99999999999';
is $api->send('PUT', '/api/v1/costs/sync', $key, '')->{status}, 405,
    'no other method';


# by SQL: the lease, and what an ended job leaves

my $node = '11111111-1111-1111-1111-111111111111';
is $db->query("SELECT organization, job
                 FROM sync_claim('$node', '1 hour', false)"), '',
    'nothing is taken when it must not be';
is $db->query("SELECT organization, job
                 FROM sync_claim('$node', '1 hour', true)"), "$acme|$job",
    'the job is taken';
is $db->query("SELECT count(*) FROM sync_claim('$node', '1 hour', true)"), 0,
    'once';
is $db->query("SELECT sync_progress($acme, $job, gen_random_uuid(), '1 h',
    'running', NULL, 'x', '{1,2,3,4,5,6,7,8}')"), 'f', 'not by another node';
is $db->query("SELECT sync_progress($acme, $job, '$node', '1 h',
    'running', NULL, 'x', '{1,2,3,4,5,6,7,8}')"), 't', 'progress';
$db->query("INSERT INTO sync_files (organization_id, account_id, name, error,
                error_job)
            SELECT $acme, min(id), 'x.csv', 'is empty', $job
              FROM accounts WHERE organization_id = $acme");
$body = $api->get("/api/v1/costs/sync/$job", $reader)->json;
is_deeply $body->{progress}, { file => 'x', files_found => 1,
    files_loaded => 2, files_skipped => 3, files_failed => 4, bytes => 5,
    rows_read => 6, rows_loaded => 7, rows_refused => 8 }, 'is shown';
is $body->{status}, 'running', 'it runs';
is "$body->{failures}[0]{file} $body->{failures}[0]{error}", 'x.csv is empty',
    'and what failed';

$db->query("UPDATE sync_jobs SET lease_until = now() - interval '1 s'");
$db->query("SELECT FROM sync_claim('$node', '1 hour', false)");
$body = $api->get("/api/v1/costs/sync/$job", $reader)->json;
is "$body->{status}: $body->{error}", 'failed: the server was stopped in the '
    . 'middle of the job; what it had loaded by then is whole',
    'a job whose node died has failed';
isnt $api->send('POST', '/api/v1/costs/sync', $key, '')->json->{job_id}, $job,
    'and another can begin';

$db->query("DELETE FROM sync_jobs;
            UPDATE account_sources SET sync_every = 1, next_sync_at = now()");
$db->query("SELECT FROM sync_claim('$node', '1 hour', false)");
is $db->query("SELECT state FROM sync_jobs"), 'queued', 'scheduled';
is $db->query("SELECT count(*) FROM account_sources
                WHERE next_sync_at > now() + interval '59 min'"), 2,
    'and the next';

$api->stop;

done_testing;
