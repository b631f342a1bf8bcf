#!/usr/bin/env perl

# POST and GET /api/v1/ci/runs.

use strict;
use warnings;

use JSON::PP;
use POSIX qw(strftime);
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;

my $api = Cost::API->new;
my $db = $api->db;

my $acme = $db->organization('acme');
my $other = $db->organization('other');
$db->query("UPDATE organizations SET currency = 'EUR' WHERE id = $other");

my %plan = (organization => 'acme', plan => 'free_cloudk');
my $key = $api->key(%plan, permission => 'write');
my $reader = $api->key(%plan, permission => 'read');
my $theirs = $api->key(organization => 'other', plan => 'free_cloudk',
                       permission => 'write');
my $optix = $api->key(organization => 'acme', plan => 'enterprise',
                      permission => 'write');

my $path = '/api/v1/ci/runs';

my %job = (org => 'my-company', repository => 'api-service',
           workflow => 'CI', workflow_id => 'wf_abc123',
           run_id => 9007199254740993, attempt => 2, job_id => 17,
           job => "Caf\x{e9}", runner => 'ubuntu-latest',
           conclusion => 'success', started_at => '2026-01-01T00:00:00Z',
           completed_at => '2026-01-01T00:03:20Z');

sub post {
    my ($which, $body) = @_;

    $body = JSON::PP->new->utf8->canonical->encode($body) if ref $body;

    return $api->send('POST', $path, $which, $body);
}

# a job of its own: members that differ
my $next = 100;
sub job { return { %job, job_id => $next++, @_ } }

sub cost {
    my ($started, $completed, @other) = @_;

    my $r = post($key, job(started_at => $started,
                           completed_at => $completed, @other));

    return $r->{status} == 201 ? [ @{ $r->json->{data} }{qw(minutes cost)} ]
                               : $r->{body};
}


# one

my $r = post($key, \%job);
my $data = $r->json->{data};

is $r->{status}, 201, 'one: 201';

my $id = $db->query("SELECT id FROM ci_runs WHERE organization_id = $acme");

# 3 min 20 s are 4 minutes at 0.006
is_deeply $data, { %job, id => $id, minutes => 4, cost => 0.024 },
    'one: as it was told, priced';
like $r->{body}, qr/"run_id":9007199254740993,/, 'one: 64 bits';
like $r->{body}, qr/"cost":0\.024,|"cost":0\.024\}/, 'one: the cost exactly';
is $r->json->{meta}{currency}, 'USD', 'one: currency';
is $db->query("SELECT owner, repository, workflow, workflow_id, run_id,
    attempt, job_id, runner, conclusion, extract(epoch FROM started_at)::int,
    extract(epoch FROM completed_at)::int, minutes, cost
    FROM ci_runs WHERE organization_id = $acme"),
    'my-company|api-service|CI|wf_abc123|9007199254740993|2|17|ubuntu-latest|'
    . 'success|1767225600|1767225800|4|0.024', 'one: in the table';

# told again

$r = post($key, { %job, conclusion => 'failure',
                  completed_at => '2026-01-01T00:04:01Z' });
is $r->{status}, 200, 'again: 200';
is_deeply $r->json->{data}, { %job, id => $id, conclusion => 'failure',
    completed_at => '2026-01-01T00:04:01Z', minutes => 5, cost => 0.03 },
    'again: the last word counts';
is $db->query('SELECT count(*) FROM ci_runs'), 1, 'again: one row';

for my $other ([ org => 'x' ], [ repository => 'x' ], [ run_id => 1 ],
               [ attempt => 1 ], [ job_id => 1 ])
{
    is post($key, { %job, @$other })->{status}, 201,
        "$other->[0]: another job";
}

is $db->query('SELECT count(*) FROM ci_runs'), 6, 'the key has five parts';

# the least that is needed

my %least = %job;
delete @least{qw(workflow_id attempt job conclusion)};

$r = post($optix, { %least, job_id => 18 });
is $r->{status}, 201, 'least: 201';
ok $r->json->{success}, 'least: Cost Optix has success';
is_deeply [ @{ $r->json->{data} }{qw(workflow_id attempt job conclusion)} ],
    [ undef, 1, '', undef ], 'least: the rest';
is post($key, job(workflow_id => undef, conclusion => undef))->{status}, 201,
    'nulls';


# prices: the day a job started on decides

is_deeply cost('2025-12-31T23:59:59Z', '2026-01-01T00:09:59Z'), [ 10, 0.08 ],
    'the last second of 2025: 10 x 0.008';
is_deeply cost('2026-01-01T00:00:00Z', '2026-01-01T00:10:00Z'), [ 10, 0.06 ],
    'the first of 2026: 10 x 0.006';
is_deeply cost('2023-11-03T00:00:00Z', '2023-11-03T06:42:00Z',
               runner => 'macos-latest'), [ 402, 32.16 ],
    'a hung job: 402 x 0.08';
is_deeply cost('2026-03-01T00:00:00Z', '2026-03-01T00:00:01Z',
               runner => 'windows-latest-8-cores'), [ 1, 0.042 ],
    'one second: 1 x 0.042';
is_deeply cost('2026-03-01T00:00:00Z', '2026-03-01T01:00:00Z',
               runner => 'self-hosted,linux'), [ 60, 0 ], 'self-hosted';
is_deeply cost('2026-03-01T00:00:00Z', '2026-03-01T01:00:00Z',
               conclusion => 'skipped'), [ 0, 0 ], 'skipped';
is_deeply cost('2026-03-01T00:00:00Z', '2026-03-01T01:00:00Z',
               conclusion => 'cancelled'), [ 60, 0.36 ], 'cancelled';
is_deeply cost('2026-03-01T00:00:00Z', '2026-03-01T01:00:00Z',
               runner => 'our-big-one', cost => 1.2345), [ 60, 1.2345 ],
    'a cost that is told';
is_deeply cost('2026-03-01T00:00:00Z', '2026-03-01T01:00:00Z', cost => 0),
    [ 60, 0 ], 'of nothing';
is_deeply cost('2026-03-01T00:00:00Z', '2026-03-01T01:00:00Z', cost => 7),
    [ 60, 7 ], 'of an integer';

post($key, '{"org":"o","repository":"r","workflow":"w","run_id":5,"job_id":5,'
           . '"runner":"x","started_at":"2026-03-01T00:00:00Z",'
           . '"completed_at":"2026-03-01T00:01:00Z",'
           . '"cost":0.12345678901234}');
is $db->query('SELECT cost FROM ci_runs WHERE run_id = 5'),
    '0.12345678901234', 'as many digits as were written';


# an array

my @jobs = (job(job => 'b'), job(job => 'a', runner => 'windows-2025'),
            job(job => 'c', run_id => 1));

$r = post($key, \@jobs);
is $r->{status}, 201, 'array: 201';
is_deeply [ map { [ @$_{qw(job cost)} ] } @{ $r->json->{data} } ],
    [ [ b => 0.024 ], [ a => 0.04 ], [ c => 0.024 ] ],
    'array: in the order told';
is $r->json->{meta}{count}, 3, 'array: count';

is post($key, \@jobs)->{status}, 200, 'array: again';
is post($key, [ @jobs, job() ])->{status}, 201, 'array: one is new';

my $twice = job();
$r = post($key, [ { %$twice, job => 'first' }, job(job => 'between'),
                  { %$twice, job => 'last' } ]);
is $r->{status}, 201, 'twice in one: 201';
is_deeply [ map { $_->{job} } @{ $r->json->{data} } ], [ 'between', 'last' ],
    'twice in one: the last word counts';

is post($key, [ map { job() } 1 .. 500 ])->{status}, 201, 'array: 500';

my $count = $db->query('SELECT count(*) FROM ci_runs');

for my $case (
    [ [ map { job() } 1 .. 501 ], 'The request body must be a JSON object '
                                  . 'or an array of 1 to 500 of them' ],
    [ [], 'The request body must be a JSON object or an array of 1 to 500 '
          . 'of them' ],
    [ '7', 'The request body must be a JSON object or an array of 1 to 500 '
           . 'of them' ],
    [ [ job(), 7 ], '[1] must be a JSON object' ],
    [ [ job(), job(run_id => 'x') ],
      '[1].run_id must be an integer from 1 to 9223372036854775807' ],
    [ [ job(), job(), job(colour => 1) ], qr/^"\[2\]\.colour" is not a field/ ],
    [ [ job(started_at => 'then') ],
      '[0].started_at must be a time, such as 2030-01-31T12:00:00Z' ],
    [ [ job(), job(runner => 'our-big-one') ],
      '[1].cost is required: the price of this runner is not known' ],
    [ { map { $_ => $job{$_} } grep { $_ ne 'org' } keys %job },
      'org must be a text of 1 to 255 characters' ],
    [ job(run_id => 0),
      'run_id must be an integer from 1 to 9223372036854775807' ],
    [ job(attempt => 2147483648),
      'attempt must be an integer from 1 to 2147483647' ],
    [ job(cost => -0.01), 'cost must be a number from 0 to 1000000000' ],
    [ job(cost => '1'), 'cost must be a number from 0 to 1000000000' ],
    [ job(cost => 1000000001), 'cost must be a number from 0 to 1000000000' ],
    [ job(completed_at => '2025-12-31T23:59:59Z'),
      'completed_at must not be before started_at' ],
    [ job(completed_at => '2026-02-30'),
      'completed_at must be a time, such as 2030-01-31T12:00:00Z' ],
    [ job(conclusion => ''),
      'conclusion must be null or a text of 1 to 64 characters' ],
    [ '', 'The request body is empty: it must be a JSON object' ],
    [ '{', qr/^The request body is not JSON/ ])
{
    my ($body, $why) = @$case;

    $r = post($key, $body);
    is $r->{status}, 400, 'refused';

    ref $why eq 'Regexp' ? like $r->json->{error}, $why, 'why'
                         : is $r->json->{error}, $why, $why;
}

is $db->query('SELECT count(*) FROM ci_runs'), $count,
    'nothing of a refused array is stored';

is post($reader, \%job)->{status}, 403, 'read is not enough';
is post(undef, \%job)->{status}, 401, 'no key';


# another organization, which counts in EUR: 0.024 at 0.925

my $rateless = 'Runners are priced in USD, and there is no rate to EUR for '
    . 'the day on which a job started: the operator can add one';

$r = post($theirs, \%job);
is $r->{status}, 400, 'EUR: 400';
is $r->json->{error}, $rateless, 'EUR: why';

my $began = substr($job{started_at}, 0, 10);

$db->query("INSERT INTO rates (currency, quote, valid_from, rate) VALUES
    ('USD', 'EUR', date '$began' + 1, 0.5),
    ('EUR', 'USD', date '$began' - 9, 7)");
is post($theirs, \%job)->{status}, 400, 'EUR: a rate from the next day on';

$db->query("INSERT INTO rates (currency, quote, valid_from, rate) VALUES
    ('USD', 'EUR', date '$began' - 9, 0.8),
    ('USD', 'EUR', date '$began', 0.925)");
$r = post($theirs, [ { %job, job_id => 901 },
                     { %job, job_id => 902, cost => 0.5 } ]);
is $r->{status}, 201, 'EUR: with the rate of the day';
is_deeply [ map { $_->{cost} } @{ $r->json->{data} } ], [ 0.0222, 0.5 ],
    'EUR: a runner\'s price is converted, a cost that is told is not';
is $db->query('SELECT cost FROM ci_runs WHERE job_id = 901'), '0.0222',
    'EUR: exactly';

$r = post($theirs, [ { %job, job_id => 903 },
                     { %job, job_id => 904,
                       started_at => '2001-01-01T00:00:00Z',
                       completed_at => '2001-01-01T00:05:00Z' } ]);
is $r->{status}, 400, 'EUR: one without a rate';
is $r->json->{error}, $rateless, 'EUR: is told';
is $db->query('SELECT count(*) FROM ci_runs WHERE job_id IN (903, 904)'), 0,
    'EUR: and nothing is stored';

$r = post($theirs, { %job, cost => 0.5 });
is $r->{status}, 201, 'EUR: the same job is theirs, too';
is $r->json->{meta}{currency}, 'EUR', 'EUR: currency';
is $db->query("SELECT cost FROM ci_runs WHERE id = $id"), '0.03',
    'and ours is as it was';


# prices of their own: before the list's, from their day on, by the first
# label that has one

$db->query("INSERT INTO runner_prices (organization_id, label, valid_from, usd)
    VALUES ($acme, 'our-big-one', '2026-01-01', 0.05),
           ($acme, 'our-big-one', '2026-01-02', 0.07),
           ($acme, 'self-hosted', '2025-01-01', 0.001),
           ($acme, 'gpu', '2025-01-01', 0.3),
           ($acme, 'ubuntu-22.04', '2025-01-01', 0.0055)");

for (
    [ [ runner => 'our-big-one' ], 0.2 ],
    [ [ runner => 'Our-Big-One' ], 0.2 ],
    [ [ runner => 'linux, our-big-one' ], 0.2 ],
    [ [ runner => 'our-big-one', cost => 9 ], 9 ],
    [ [ runner => 'our-big-one', conclusion => 'skipped' ], 0 ],
    [ [ runner => 'self-hosted,gpu' ], 0.004 ],
    [ [ runner => 'gpu self-hosted' ], 1.2 ],
    [ [ runner => 'ubuntu-22.04' ], 0.022 ],
    [ [ runner => 'ubuntu-24.04' ], 0.024 ],
) {
    my ($with, $cost) = @$_;

    $r = post($key, job(@$with));
    is $r->{status}, 201, "@$with: 201";
    is $r->json->{data}{cost}, $cost, "@$with: cost";
}

is post($key, job(runner => 'our-big-one',
                  started_at => '2026-01-02T00:00:00Z',
                  completed_at => '2026-01-02T00:03:20Z'))
   ->json->{data}{cost}, 0.28, 'from its day on';

for ([ $key, job(runner => 'our-big-one',
                 started_at => '2025-12-31T23:59:59Z') ],
     [ $theirs, job(runner => 'our-big-one') ])
{
    $r = post(@$_);
    is $r->{status}, 400, 'not before, and not for others';
    is $r->json->{error},
        'cost is required: the price of this runner is not known', 'why';
}


# list

$db->query('TRUNCATE ci_runs');

my $today = int(time / 86400) * 86400;
sub ago { strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $today - $_[0]) }

# one a day, at the day's first second; two end at once
post($key, [ map { { %job, job_id => 1 + $_, runner => 'linux', cost => 1,
                     job => "day $_", repository => $_ % 2 ? 'web' : 'api',
                     workflow => $_ < 3 ? 'CI' : 'Deploy',
                     workflow_id => undef, started_at => ago(86400 * $_ + 60),
                     completed_at => ago(86400 * $_) } } 0 .. 5, 29, 30 ]);
post($key, { %job, job_id => 50, job => 'day 2 again', repository => 'api',
             workflow_id => 'wf_1', started_at => ago(86400 * 2 + 60),
             completed_at => ago(86400 * 2) });
post($theirs, { %job, cost => 1, started_at => ago(60),
                completed_at => ago(0) });

sub names {
    my ($query, $which) = @_;

    return [ map { $_->{job} }
             @{ $api->get($path . $query, $which // $reader)->json->{data} } ];
}

my @all = ('day 0', 'day 1', 'day 2 again', 'day 2', 'day 3', 'day 4',
           'day 5', 'day 29');

is_deeply names(''), \@all, 'list: 30 days, the last to end first';
is_deeply names('?days=31'), [ @all, 'day 30' ], 'list: 31 days';
is_deeply names('?days=1'), [ 'day 0' ], 'list: today';
is_deeply names('?repository=web'), [ map { "day $_" } 1, 3, 5, 29 ],
    'list: of a repository';
is_deeply names('?repository=my-company%2Fweb&days=4'), [ 'day 1', 'day 3' ],
    'list: with its owner';
is_deeply names('?repository=company%2Fweb'), [], 'list: another owner';
is_deeply names('?workflow=Deploy'), [ map { "day $_" } 3, 4, 5, 29 ],
    'list: of a workflow';
is_deeply names('?workflow=wf_1'), [ 'day 2 again' ], 'list: by its id';
is_deeply names('', $theirs), [ "Caf\x{e9}" ], 'list: theirs is theirs';

my (@paged, @sizes);
my $cursor = '';

for (1 .. 10) {
    my $page = $api->get("$path?limit=3$cursor", $reader)->json;

    push @paged, map { $_->{job} } @{ $page->{data} };
    push @sizes, $page->{meta}{count};

    last if !defined $page->{meta}{next_cursor};

    $cursor = "&cursor=$page->{meta}{next_cursor}";
}

is_deeply \@paged, \@all, 'pages: all of them, once';
is_deeply \@sizes, [ 3, 3, 2 ], 'pages: of three';
is_deeply names("?limit=3$cursor", $theirs), [],
    'pages: another\'s cursor leads nowhere';

for my $query ('days=0', 'days=366', 'limit=0', 'limit=1001', 'cursor=x',
               'repository=')
{
    my ($name) = $query =~ /^(\w+)/;
    my $got = $api->get("$path?$query", $reader);

    is $got->{status}, 400, "$query: 400";
    like $got->json->{error}, qr/^$name must be/, "$query: why";
}

is $api->head($path, $reader)->{status}, 200, 'HEAD';
$r = $api->http->request('DELETE', $path, 'X-API-Key' => $key);
is $r->{status}, 405, 'DELETE: 405';
like $r->header('Allow'), qr/POST/, 'DELETE: Allow';

$api->stop;

done_testing();
