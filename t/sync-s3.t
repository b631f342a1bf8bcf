#!/usr/bin/env perl

# Sync from a real S3 server: lists of several pages, keys of all kinds,
# signatures that are right and wrong, buckets and objects that are not there.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Compress::Gzip qw(gzip);
use Test::More;
use Time::HiRes qw(sleep time);

use Cost::HTTP;
use Cost::Npm;
use Cost::Sync;

Cost::Npm::have() or plan skip_all => 'npm is not installed';

my $sync = Cost::Sync->new;
my $dir = $sync->base;

mkdir "$dir/s3";

my $s3 = Cost::Npm->start('t/lib/s3.js',
                          Cost::Npm::install('s3rver@3', 'aws4@1'),
                          "$dir/s3", 'bills', 'many', 'empty');
my $endpoint = "http://127.0.0.1:$s3->{port}";
my $http = Cost::HTTP->new($s3->{port});

sub put {
    my ($bucket, $key, $text) = @_;

    my $r = $http->send_body('PUT', "/$bucket/$key", $text);
    die "PUT $bucket/$key: $r->{status} $r->{body}" if $r->{status} != 200;
}

sub source {
    my ($slug, %with) = @_;

    my $key = $sync->organization($slug);

    $sync->source($key, { kind => 's3', endpoint => $endpoint,
                          bucket => 'bills', access_key_id => 'S3RVER',
                          secret_access_key => 'S3RVER', %with });

    return $key;
}

sub failed {
    my ($name, $why, %with) = @_;

    my $slug = 'o' . ++$sync->{failed};
    my $job = $sync->run(source($slug, %with));

    is $job->{status}, 'failed', "$name: failed";
    like $job->{error}, $why, "$name: says why";
    is $sync->sums($slug), '0|0', "$name: nothing is loaded";
}


# keys of all kinds; gzip; below a prefix

my $bill = Cost::Sync::bill('2024-08', [ 1, 'a', '1.25' ], [ 2, 'a', '2' ]);
my $later = Cost::Sync::bill('2024-09', [ 1, 'a', '4' ]);

gzip(\$later => \my $packed) or die;

put('bills', 'in/a%20b%2Bc%26%3C%C3%A9%3E~.csv', $bill);
put('bills', 'in/BILLING_PERIOD%3D2024-09/e-00001.csv.gz', $packed);
put('bills', 'in/manifest.json', '{}');
put('bills', 'out/x.csv', $bill);

my $acme = source('acme', prefix => 'in/');
my $job = $sync->run($acme);

is $job->{status}, 'done', 'a bucket' or diag $job->{error};
is "$job->{progress}{files_found} $job->{progress}{files_loaded}", '2 2',
    'two bills below the prefix';
is $sync->sums('acme'), '3|7.25', 'their rows';
is $sync->db->query("SELECT string_agg(file_name, ', ' ORDER BY file_name)
                       FROM imports"),
    "in/BILLING_PERIOD=2024-09/e-00001.csv.gz, in/a b+c&<\xc3\xa9>~.csv",
    'by their keys';

$job = $sync->run($acme);
is "$job->{progress}{files_skipped} $job->{progress}{bytes}", '2 0',
    'again: nothing has changed';

put('bills', 'in/BILLING_PERIOD%3D2024-09/e-00001.csv.gz',
    Cost::Sync::bill('2024-09', [ 1, 'a', '5' ]));
$job = $sync->run($acme);
is "$job->{progress}{files_skipped} $job->{progress}{files_loaded}", '1 1',
    'one has';
is $sync->sums('acme'), '3|8.25', 'it replaces its period';


# without a signature

my $public = $sync->organization('public');
$sync->source($public, { kind => 's3', endpoint => $endpoint,
                         bucket => 'bills', prefix => 'out/' });
$job = $sync->run($public);
is $job->{status}, 'done', 'a public bucket' or diag $job->{error};
is $sync->sums('public'), '2|3.25', 'its rows';


# more than a page

put('many', sprintf('x%04d.txt', $_), 'x') for 1 .. 1001;
put('many', 'z.csv', $bill);
$job = $sync->run(source('many', bucket => 'many'));
is $job->{status}, 'done', 'a list of two pages' or diag $job->{error};
is $sync->sums('many'), '2|3.25', 'the bill on the second';


# what fails

failed('a wrong secret', qr{^\Q$endpoint: the server answered 403 (Signature\E
                            DoesNotMatch\)$}x,
       secret_access_key => 'wrong');
failed('an unknown key', qr{answered 403 \(InvalidAccessKeyId\)$},
       access_key_id => 'NOBODY');
failed('no such bucket', qr{answered 404 \(NoSuchBucket\)$},
       bucket => 'nothing');
failed('an empty bucket', qr{there are no bills}, bucket => 'empty');
failed('another server', qr{answered 404|is no list of a bucket},
       endpoint => 'http://127.0.0.1:' . $sync->nginx->port);
failed('no server', qr{the connection failed, or was closed},
       endpoint => 'http://127.0.0.1:' . Cost::Nginx::free_port());

$sync->nginx->allow(qr/Connection refused/);

# none of it knows a secret

unlike $sync->nginx->log, qr/S3RVER:|secret_access|Signature=/,
    'no secret in the log';

$sync->stop;

done_testing;
