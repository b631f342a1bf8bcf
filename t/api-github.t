#!/usr/bin/env perl

# The receiver of GitHub's events: who may post, what is stored and what it
# costs, and what is refused.  The payloads have the members of GitHub's
# documentation; the signatures are made here.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_hex);
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;

my $dir = tempdir(CLEANUP => 1);
my $secrets = "$dir/secret.key";

open my $fh, '>', $secrets or die "$secrets: $!\n";
print $fh '00112233445566778899aabbccddeeff' x 2, "\n";
close $fh;
chmod 0755, $dir;
chmod 0600, $secrets;

my $api = Cost::API->new(http => "cost_secret_key $secrets;");
my $db = $api->db;
my $base = '/api/v1/ci/github';

my (%read, %write);

for my $slug (qw(acme other)) {
    $db->organization($slug);
    $read{$slug} = $api->key(organization => $slug, plan => 'free_cloudk',
                             permission => 'read');
    $write{$slug} = $api->key(organization => $slug, plan => 'free_cloudk',
                              permission => 'write');
}


# --- a receiver -------------------------------------------------------------

is $api->get($base, $read{acme})->{status}, 404, 'there is none at first';
is $api->send(POST => $base, $read{acme}, '')->{status}, 403,
   'a key that may only read makes none';
is $api->send(POST => $base, undef, '')->{status}, 401, 'nor does nobody';

my $made = $api->send(POST => $base, $write{acme}, '');
my $receiver = $made->json->{data};
my $secret = $receiver->{secret};

is $made->{status}, 200, 'one is made';
is $receiver->{path}, "$base/$receiver->{id}", 'with a path for GitHub';
cmp_ok length $secret, '>=', 32, 'and a secret';
is $receiver->{received_at}, undef, 'nothing was received';

my $shown = $api->get($base, $read{acme});

is $shown->{status}, 200, 'it can be seen';
is $shown->json->{data}{id}, $receiver->{id}, 'the same';
ok !exists $shown->json->{data}{secret}, 'without its secret';
unlike $db->query('SELECT secret FROM ci_receivers'),
       qr/\Q@{[unpack 'H*', $secret]}/, 'which is not stored as it is';

for (['{"secret": "short"}', 'secret'], ['{"key": "x"}', 'key'],
     ['x', 'JSON'])
{
    my $r = $api->send(POST => $base, $write{acme}, $_->[0]);

    is $r->{status}, 400, "$_->[0]: 400";
    like $r->json->{error}, qr/$_->[1]/, 'and why';
}


# --- events -----------------------------------------------------------------

# 10:34:58 to 10:38:16 are 4 minutes of a two-core Linux at 0.006

my $job = {
    id => 289782451, run_id => 2202229078, run_attempt => 1,
    run_url => 'https://api.github.com/repos/octo-org/octo-repo/actions/'
               . 'runs/2202229078',
    status => 'completed', conclusion => 'success',
    started_at => '2026-08-05T10:34:58Z', created_at =>
    '2026-08-05T10:33:58Z', completed_at => '2026-08-05T10:38:16Z',
    name => 'linters', steps => [ { name => 'Set up job', number => 1,
                                    status => 'completed' } ],
    labels => ['ubuntu-latest'], runner_id => 5,
    runner_name => 'GitHub Actions 5', runner_group_id => 2,
    runner_group_name => 'GitHub Actions', workflow_name => 'CodeQL',
};

sub payload {
    my ($action, %more) = @_;

    return JSON::PP->new->canonical->encode({
        action => $action,
        workflow_job => { %$job, %more },
        repository => { id => 186853002, name => 'Hello-World',
                        full_name => 'Codertocat/Hello-World',
                        private => JSON::PP::false,
                        owner => { login => 'Codertocat', id => 21031067 } },
        organization => { login => 'Octocoders' },
        sender => { login => 'Codertocat' },
    });
}

sub post {
    my ($event, $body, %args) = @_;

    my $signature = 'sha256='
        . hmac_sha256_hex($args{signed} // $body, $args{secret} // $secret);
    my %headers = (
        'X-GitHub-Event' => $event, 'X-Hub-Signature-256' => $signature,
        'X-GitHub-Delivery' => '72d3162e-cc78-11e3-81ab-4c9367dc0958',
        'Content-Type' => 'application/json', %{ $args{headers} // {} });

    return $api->send(POST => $args{path} // $receiver->{path}, undef, $body,
                      map { $_ => $headers{$_} }
                      grep { defined $headers{$_} } sort keys %headers);
}

sub jobs {
    return $db->query("
        SELECT concat_ws(' ', o.slug, r.owner, r.repository, r.workflow,
                         r.workflow_id, r.run_id, r.attempt, r.job_id, r.job,
                         r.runner, r.conclusion, r.minutes, r.cost)
          FROM ci_runs r
          JOIN organizations o ON o.id = r.organization_id
         ORDER BY job_id");
}

my $ping = post(ping => '{"zen": "Design for failure.", "hook_id": 1}');

is $ping->{status}, 200, 'ping';
is_deeply $ping->json->{data}, { event => 'ping', status => 'ok' },
          'is answered';
like $api->get($base, $read{acme})->json->{data}{received_at}, qr/^20/,
     'and seen';

my $stored = post(workflow_job => payload('completed'));

is $stored->{status}, 200, 'a job';
is_deeply $stored->json->{data}, { event => 'workflow_job',
          status => 'stored', job_id => 289782451, minutes => 4,
          cost => 0.024 }, 'is priced';
is $stored->header('X-API-Version'), 'v1', 'by the API';

my $row = 'acme Codertocat Hello-World CodeQL 2202229078 1 289782451 linters '
          . 'ubuntu-latest success 4 0.024';

is jobs(), $row, 'and stored';
is post(workflow_job => payload('completed'))->{status}, 200,
   'told again';
is jobs(), $row, 'it is there once';

my $run = JSON::PP->new->encode({
    action => 'completed',
    workflow_run => { id => 2202229078, name => 'CodeQL',
                      workflow_id => 2823525, conclusion => 'success' },
    repository => { name => 'Hello-World',
                    owner => { login => 'Codertocat' } },
});

is post(workflow_run => $run)->{status}, 200, 'its run';
like jobs(), qr/ CodeQL 2823525 2202229078 /, 'tells of its workflow';

$db->query('DELETE FROM ci_runs');

for (['queued', 'workflow_job', payload('queued')],
     ['in_progress', 'workflow_job', payload('in_progress')],
     ['requested', 'workflow_run', $run =~ s/completed/requested/r],
     ['another event', 'push', '{"ref": "refs/heads/main"}'],
     ['what is no JSON, of another event', 'star', 'x'])
{
    my $r = post($_->[1] => $_->[2]);

    is $r->{status}, 202, "$_->[0]: 202";
    is $r->json->{data}{status}, 'ignored', 'and nothing happens';
}

is jobs(), '', 'indeed';

post(workflow_job => payload('completed', id => 1, conclusion => 'skipped'));
post(workflow_job => payload('completed', id => 2, runner_id => 0,
                             labels => [], conclusion => 'cancelled'));
post(workflow_job => payload('completed', id => 3, labels =>
                             ['self-hosted', 'linux']));
post(workflow_job => payload('completed', id => 4, labels => ['macos-14'],
                             workflow_name => undef, run_attempt => 2));
post(workflow_job => payload('completed', id => 5, started_at =>
                             '2025-12-31T10:00:00Z',
                             completed_at => '2025-12-31T10:01:00Z'));

is jobs(), <<'END' =~ s/\n\z//r, 'each at its price';
acme Codertocat Hello-World CodeQL 2202229078 1 1 linters ubuntu-latest skipped 0 0
acme Codertocat Hello-World CodeQL 2202229078 1 2 linters  cancelled 0 0
acme Codertocat Hello-World CodeQL 2202229078 1 3 linters self-hosted,linux success 4 0
acme Codertocat Hello-World  2202229078 2 4 linters macos-14 success 4 0.248
acme Codertocat Hello-World CodeQL 2202229078 1 5 linters ubuntu-latest success 1 0.008
END

$db->query('DELETE FROM ci_runs');


# --- what is refused --------------------------------------------------------

my $body = payload('completed');
my $signature = 'sha256=' . hmac_sha256_hex($body, $secret);

for (['another secret', secret => 'x' x 40],
     ['another body', signed => "$body "],
     ['no signature', headers => { 'X-Hub-Signature-256' => undef }],
     ['SHA-1', headers => { 'X-Hub-Signature-256' => 'sha1=' . 'a' x 40 }],
     ['no hexadecimal digits',
      headers => { 'X-Hub-Signature-256' => 'sha256=' . 'x' x 64 }],
     ['a signature cut short',
      headers => { 'X-Hub-Signature-256' => substr $signature, 0, 70 }],
     ['an unknown receiver',
      path => "$base/00000000-0000-4000-8000-000000000000"],
     ['what is no receiver', path => "$base/7"])
{
    my ($name, %args) = @$_;
    my $r = post(workflow_job => $body, %args);

    is $r->{status}, 401, "$name: 401";
    is $r->json->{error}, 'Invalid signature', 'and no more is said';
}

for (['no event', $body, 'X-GitHub-Event', headers =>
      { 'X-GitHub-Event' => undef }],
     ['a form', 'payload=%7B%7D', 'application/json'],
     ['no job', '{"action": "completed"}', 'workflow_job'],
     ['a runner of unknown price', payload('completed', labels =>
      ['our-own']), 'price'],
     ['times that are none', payload('completed', started_at => 'x'),
      'started_at'])
{
    my ($name, $text, $why, %args) = @$_;
    my $r = post(workflow_job => $text, %args);

    is $r->{status}, 400, "$name: 400";
    like $r->json->{error}, qr/$why/, 'and why';
}

is $api->get($receiver->{path})->{status}, 405, 'GET: 405';
is jobs(), '', 'nothing of that was stored';

# 3 minutes and 18 seconds are 4

$db->query("INSERT INTO runner_prices VALUES (" . $db->organization('acme')
           . ", 'our-own', '2000-01-01', 0.25)");
is post(workflow_job => payload('completed', labels => ['x', 'our-own']))
   ->json->{data}{cost}, 1, 'a runner whose price the operator has added';
is $db->query('SELECT runner, minutes, cost FROM ci_runs'), 'x,our-own|4|1',
    'is priced';
$db->query('TRUNCATE ci_runs');


# --- secrets and organizations ----------------------------------------------

my $own = 'a secret of our own choice';
my $again = $api->send(POST => $base, $write{acme},
                       qq({"secret": "$own"}))->json->{data};

is $again->{id}, $receiver->{id}, 'another secret, the same receiver';
is $again->{secret}, $own, 'one of the caller\'s';
is post(workflow_job => $body)->{status}, 401, 'the old one is void';
is post(workflow_job => $body, secret => $own)->{status}, 200,
   'the new one is not';

my $theirs = $api->send(POST => $base, $write{other}, '')->json->{data};

isnt $theirs->{id}, $receiver->{id}, 'another organization has another';
is post(workflow_job => $body, secret => $own,
        path => $theirs->{path})->{status}, 401,
   'whose secret is not this one\'s';
is post(workflow_job => payload('completed', id => 9),
        secret => $theirs->{secret}, path => $theirs->{path})->{status}, 200,
   'but its own';
like jobs(), qr/^other Codertocat .* 9 linters/m, 'its jobs are its own';

$db->query("UPDATE organizations SET active = false WHERE slug = 'other'");
is post(workflow_job => $body, secret => $theirs->{secret},
        path => $theirs->{path})->{status}, 401,
   'an organization that is not active is told nothing';

$db->organization('euro', currency => 'EUR');

my $euro = $api->send(POST => $base, $api->key(organization => 'euro',
    plan => 'free_cloudk', permission => 'write'), '')->json->{data};

my $r = post(workflow_job => $body, secret => $euro->{secret},
             path => $euro->{path});

is $r->{status}, 400, 'an organization in EUR';
is $r->json->{error}, 'Runners are priced in USD, and there is no rate to EUR '
    . 'for the day on which a job started: the operator can add one',
    'is told why';

$db->query("INSERT INTO rates (currency, quote, valid_from, rate)
            VALUES ('USD', 'EUR', '2000-01-01', 0.5)");
is post(workflow_job => $body, secret => $euro->{secret},
        path => $euro->{path})->json->{data}{cost}, 0.012, 'with a rate';
my ($ours, $in_euro) = map {
    $db->query("SELECT cost FROM ci_runs WHERE organization_id = "
               . $db->organization($_))
} 'acme', 'euro';
cmp_ok $ours, '>', 0, 'what it cost in USD';
cmp_ok $in_euro, '==', $ours / 2, 'is converted';

is $api->send(DELETE => $base, $read{acme}, '')->{status}, 403,
   'a key that may only read does not take it away';
is_deeply $api->send(DELETE => $base, $write{acme}, '')->json->{data},
          { id => $receiver->{id}, deleted => JSON::PP::true },
          'one that may write does';
is post(workflow_job => $body, secret => $own)->{status}, 401,
   'and nobody hears GitHub any more';
is $api->send(DELETE => $base, $write{acme}, '')->{status}, 404,
   'it is gone';

$api->stop;

done_testing;
