#!/usr/bin/env perl

# The API over HTTP/2: what HTTP/1.1 answers, many requests of one connection
# at once, and clients that give up what they asked for.

use strict;
use warnings;

use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;

my $dir = tempdir(CLEANUP => 1);
my $openssl = qx{openssl req -x509 -newkey rsa:2048 -nodes -days 2 \\
    -keyout $dir/key -out $dir/crt -subj /CN=localhost 2>&1};
die $openssl if $?;

my $api = Cost::API->new(private => 1, workers => 1, pool => 'pool=1',
    http => "server {
        listen 127.0.0.1:%%PORT_h2%% ssl http2;
        ssl_certificate $dir/crt;
        ssl_certificate_key $dir/key;
        cost_errors auto;
        client_body_buffer_size 1k;
        include %%ROOT%%/conf/cost_api.conf;
    }");
my $nginx = $api->nginx;
my $db = $api->db;
my $acme = $db->organization('acme');
my $key = $api->key(organization => 'acme', plan => 'free_cloudk',
                    permission => 'write');
my $base = 'https://127.0.0.1:' . $nginx->port('h2');

Cost::Bills::load($db, $acme, map { { day => "2024-01-$_", billed => $_ } }
                              10 .. 31);

sub curl {
    my (@args) = @_;

    open my $fh, '-|', 'curl', '-s', '-k', '--http2', '-m', 20,
        '--stderr', '/dev/null', '-H', "X-API-Key: $key", @args or die "curl: $!";
    my $text = do { local $/; <$fh> } // '';
    close $fh;

    return $text;
}

sub request {
    my ($head, $body) = split /\r\n\r\n/, curl('-i', @_), 2;
    my ($status) = $head =~ m{^HTTP/2 (\d+)};

    return { status => $status // '', head => "$head\r\n", body => $body };
}


# the same as over HTTP/1.1

my $path = '/api/v1/costs?start_date=2024-01-01&end_date=2024-01-31';
my $r = $api->get($path, $key);
my $etag = $r->header('ETag');
my $got = request("$base$path");

is $got->{status}, 200, 'costs: 200';
is_deeply decode_json($got->{body})->{data}, $r->json->{data}, 'the same';
like $got->{head}, qr/^etag: \Q$etag\E\r$/m, 'with its ETag';
like $got->{head}, qr/^x-api-version: v1\r$/m, 'and its version';
is request('-H', "If-None-Match: $etag", "$base$path")->{status}, 304,
    'If-None-Match';

$got = request('-I', "$base$path");
is "$got->{status} $got->{body}", '200 ', 'HEAD';

$got = request("$base/api/v1/costs?days=0");
is $got->{status}, 400, 'a parameter that is wrong';
is decode_json($got->{body})->{error}, 'days must be an integer from 1 to 365',
    'is named';

$got = request('-X', 'DELETE', "$base/api/v1/costs");
is $got->{status}, 405, 'a method that is not there';
like $got->{head}, qr/^allow: GET, HEAD\r$/m, 'with what is allowed';


# bodies: small ones, one that is in a file meanwhile, and one too large

my $body = encode_json({ provider => 'aws', external_id => '1', name => 'x' });
$got = request('-d', $body, "$base/api/v1/accounts");
is $got->{status}, 201, 'a body';

$got = request('-d', $body . ' ' x 100_000, "$base/api/v1/accounts");
is $got->{status}, 409, 'a body that is in a file';

open my $large, '>', "$dir/large" or die "$dir/large: $!";
print $large ' ' x 2_000_000;
close $large;

$got = request('-d', "\@$dir/large", "$base/api/v1/accounts");
is $got->{status}, 413, 'a body that is too large';


# fifty requests of one connection at once

my @many = ('-Z', '--parallel-max', 50, '-w', '%{http_code} %{num_connects}\n');
my @replies = map { [ split ] } split /\n/, curl(@many,
    map { ('-o', "$dir/$_", "$base$path&x=$_") } 1 .. 50);

is scalar(grep { $_->[0] eq '200' } @replies), 50, 'fifty at once';
is scalar(grep { $_->[1] } @replies), 1, 'of one connection';
is scalar(grep { same("$dir/$_") } 1 .. 50), 50, 'each with its answer';

sub same {
    my ($file) = @_;

    open my $fh, '<', $file or return 0;
    local $/;

    return decode_json(<$fh>)->{data}{daily_total}
           == $r->json->{data}{daily_total};
}


# streams that their client resets while the database is busy

my $pid = fork // die "fork: $!";

if ($pid == 0) {
    $db->query("BEGIN; LOCK TABLE cost_to_date IN ACCESS EXCLUSIVE MODE;
                SELECT pg_sleep(2); COMMIT;");
    require POSIX;
    POSIX::_exit(0);
}

sleep 0.02 until $db->query("SELECT count(*) FROM pg_locks
    WHERE mode = 'AccessExclusiveLock' AND granted
      AND relation = 'cost_to_date'::regclass") > 0;

@replies = map { [ split ] } split /\n/, curl(@many, '-m', 0.5,
    map { ('-o', "$dir/$_", "$base$path&y=$_") } 1 .. 20);
is scalar(grep { $_->[0] eq '000' } @replies), 20, 'twenty are given up';

waitpid $pid, 0;

is request("$base$path")->{status}, 200, 'the next is answered';

$api->stop('nothing is left of them');

done_testing;
