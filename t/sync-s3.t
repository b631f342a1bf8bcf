#!/usr/bin/env perl

# Sync from a real S3 server: lists of several pages, keys of all kinds,
# signatures that are right and wrong, buckets and objects that are not there.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Compress::Gzip qw(gzip);
use IO::Socket::INET;
use POSIX ();
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


# the keys of a session, which have a token

my $token = 'IQoJb3JpZ2luX2VjE//////////wEaCXVzLWVhc3QtMSJ+/==' x 20;
my %session = (access_key_id => 'SESSION', prefix => 'out/');

$job = $sync->run(source('session', %session, session_token => $token));
is $job->{status}, 'done', "a session's keys" or diag $job->{error};
is $sync->sums('session'), '2|3.25', 'its rows';

is $sync->db->query("SELECT count(*) FROM account_sources
                      WHERE position('IQoJ'::bytea IN secret) > 0"), 0,
    'its token is stored sealed';


# keys that XML cannot carry: a server that encodes them when it is asked to

my $odd = "in/a\nb\x01 +%41\x7f.csv";
my $encoding = encoding($odd, $bill);

$job = $sync->run(source('odd', endpoint => $encoding->{url}));
is $job->{status}, 'done', 'keys with control characters' or diag $job->{error};
is $sync->sums('odd'), '2|3.25', 'their rows';
is $sync->db->query("SELECT encode(convert_to(file_name, 'UTF8'), 'hex')
                       FROM imports ORDER BY id DESC LIMIT 1"),
    unpack('H*', $odd), 'by their keys';

$encoding->{stop}->();
$encoding = encoding($odd, "nonsense\n");
$job = $sync->run(source('odder', endpoint => $encoding->{url}));
like $job->{error}, qr{^in/a\?b\? \+%41\?\.csv: not a FOCUS},
    'which a message shows as ?';
$encoding->{stop}->();


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
failed('a session without its token', qr{answered 403 \(InvalidToken\)$},
       %session);
failed('a session with another token', qr{answered 403 \(InvalidToken\)$},
       %session, session_token => $token . 'x');
failed('a session with a wrong secret', qr{403 \(SignatureDoesNotMatch\)$},
       %session, session_token => $token, secret_access_key => 'wrong');
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

unlike $sync->nginx->log, qr/S3RVER:|secret_access|Signature=|IQoJb3/,
    'no secret in the log';

$sync->stop;

done_testing;


# An S3 server of one object that answers as Amazon's does when it is asked
# with encoding-type=url, and else says no.

sub encoding {
    my ($key, $text) = @_;

    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 8,
                                       ReuseAddr => 1) or die "listen: $!";
    my $url = 'http://127.0.0.1:' . $listen->sockport;
    my $pid = fork // die "fork: $!";

    if ($pid) {
        return { url => $url,
                 stop => sub { kill KILL => $pid; waitpid $pid, 0 } };
    }

    my $escaped = $key =~ s/([^A-Za-z0-9._~\/-])/sprintf '%%%02X', ord $1/ger;
    my $form = $escaped =~ s/%20/+/gr;
    my $size = length $text;
    my $list = '<?xml version="1.0" encoding="UTF-8"?>' . "\n"
        . '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        . '<Name>bills</Name><Prefix/><KeyCount>1</KeyCount>'
        . '<MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType>'
        . '<IsTruncated>false</IsTruncated>'
        . "<Contents><Key>$form</Key>"
        . '<LastModified>2024-09-01T00:00:00.000Z</LastModified>'
        . '<ETag>&quot;' . length($text) . '&quot;</ETag>'
        . "<Size>$size</Size><StorageClass>STANDARD</StorageClass></Contents>"
        . '</ListBucketResult>';

    while (my $client = $listen->accept) {
        my $request = '';

        while ($request !~ /\r\n\r\n/) {
            sysread $client, $request, 8192, length $request or last;
        }

        my ($path, $query) = $request =~ m{^GET ([^? ]*)(?:\?(\S*))? HTTP};
        my ($status, $body)
            = $path eq '/bills/' && $query =~ /(?:^|&)encoding-type=url(?:&|$)/
            ? (200, $list)
            : $path eq "/bills/$escaped" ? (200, $text)
            : (400, '<Error><Code>InvalidArgument</Code></Error>');

        syswrite $client, "HTTP/1.1 $status X\r\nConnection: close\r\n"
            . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
        close $client;
    }

    POSIX::_exit(0);
}
