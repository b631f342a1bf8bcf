#!/usr/bin/env perl

# Sync from servers: https with a CA of ours, credentials, what has not
# changed, and servers that misbehave; nothing of a broken file is loaded.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use File::Temp qw(tempdir);
use IO::Compress::Gzip qw(gzip);
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);

use Cost::Sync;

plan skip_all => 'openssl is not installed'
    if system('openssl version > /dev/null 2>&1');

my $dir = tempdir('cost-sync-XXXXXX', DIR => '/tmp', CLEANUP => 1);
chmod 0755, $dir;

sub put {
    my ($name, $text) = @_;
    open my $fh, '>:raw', "$dir/$name" or die "$name: $!";
    print $fh $text;
    close $fh;
}

# nginx compares names only
put('ext', "subjectAltName=DNS:127.0.0.1\n");

my @rsa = qw(-newkey rsa:2048 -nodes);

for my $command (
    [ 'req', '-x509', @rsa, '-keyout', "$dir/ca.key", '-out', "$dir/ca.crt",
      '-subj', '/CN=Test CA', '-days', 2 ],
    [ 'req', '-x509', @rsa, '-keyout', "$dir/bad.key", '-out',
      "$dir/bad.crt", '-subj', '/CN=127.0.0.1', '-days', 2 ],
    [ 'req', @rsa, '-keyout', "$dir/good.key", '-out', "$dir/good.csr",
      '-subj', '/CN=bills.test' ],
    [ 'x509', '-req', '-in', "$dir/good.csr", '-CA', "$dir/ca.crt", '-CAkey',
      "$dir/ca.key", '-CAcreateserial', '-out', "$dir/good.crt", '-days', 2,
      '-extfile', "$dir/ext" ],
) {
    system("openssl @{[ map { qq('$_') } @$command ]} > $dir/log 2>&1") == 0
        or die 'openssl: ' . qx{cat $dir/log};
}

my $bill = Cost::Sync::bill('2024-08', [ 1, 'a', '1.25' ], [ 2, 'a', '2' ]);
my $long = Cost::Sync::bill('2024-08', map { [ 1 + $_ % 28, 'a', '0.01' ] }
                                       1 .. 20_000);

gzip(\$long => \my $packed) or die;

mkdir "$dir/www";
put('www/bill.csv', $bill);
put('www/bill.csv.gz', $packed);


# a server that does what its path says

my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64,
                                   ReuseAddr => 1) or die "listen: $!";
my $odd = 'http://127.0.0.1:' . $listen->sockport;
my $pid = fork // die "fork: $!";

if ($pid == 0) {
    setpgrp;
    $SIG{CHLD} = 'IGNORE';
    while (my $client = $listen->accept) {
        if (fork) { close $client; next }
        serve($client);
        require POSIX;
        POSIX::_exit(0);
    }
}

sub serve {
    my ($client) = @_;
    my $request = '';

    local $SIG{PIPE} = 'IGNORE';

    while ($request !~ /\r\n\r\n/) {
        sysread $client, $request, 8192, length $request or return;
    }

    my ($path) = $request =~ m{^GET (\S+)} or return;
    my $n = length $long;
    my $ok = "HTTP/1.1 200 OK\r\nConnection: close\r\n";

    if ($path =~ m{^/cut}) {
        syswrite $client, "${ok}Content-Length: $n\r\n\r\n"
                          . substr $long, 0, $n / 2;

    } elsif ($path =~ m{^/chunk-cut}) {
        syswrite $client, "${ok}Transfer-Encoding: chunked\r\n\r\n"
                          . sprintf("%x\r\n", $n) . "$long\r\n";

    } elsif ($path =~ m{^/chunk}) {
        syswrite $client, "${ok}Transfer-Encoding: chunked\r\n\r\n";
        syswrite $client, sprintf("%x\r\n", length $_) . "$_\r\n"
            for $long =~ /(.{1,7000})/gs;
        syswrite $client, "0\r\n\r\n";

    } elsif ($path =~ m{^/endless}) {
        syswrite $client, "$ok\r\n$long";

    } elsif ($path =~ m{^/slow}) {
        syswrite $client, "${ok}Content-Length: " . length($bill) . "\r\n\r\n";
        for my $byte (split //, $bill) {
            syswrite $client, $byte;
            sleep 0.002;
        }

    } elsif ($path =~ m{^/silent}) {
        syswrite $client, "${ok}Content-Length: $n\r\n\r\n"
                          . substr $long, 0, 1000;
        sleep 60;

    } elsif ($path =~ m{^/accel}) {
        syswrite $client, "${ok}X-Accel-Redirect: /api/v1/health\r\n"
            . 'Content-Length: ' . length($bill) . "\r\n\r\n$bill";

    } elsif ($path =~ m{^/bomb}) {

        # ten gigabytes of zeros, behind a header of a bill
        require IO::Compress::Gzip;
        require Compress::Raw::Zlib;
        my ($z) = Compress::Raw::Zlib::Deflate->new(
            -WindowBits => 31, -AppendOutput => 1);
        my $zeros = 'x' x (1 << 20);
        my $out = '';

        syswrite $client, "${ok}Transfer-Encoding: chunked\r\n\r\n";
        $z->deflate($bill, $out);

        for (1 .. 10240) {
            $z->deflate($zeros, $out);
            next if length $out < 8192;
            syswrite $client, sprintf("%x\r\n", length $out) . "$out\r\n"
                or return;
            $out = '';
        }

    } elsif ($path =~ m{^/(\d+)}) {
        syswrite $client, "HTTP/1.1 $1 X\r\nConnection: close\r\n"
                          . "Location: /cut\r\nContent-Length: 2\r\n\r\nno";
    }
}


# the shipped location, which trusts our CA, and does not wait long

my $location = do {
    open my $fh, '<', "$Cost::Nginx::root/conf/cost_sync.conf" or die;
    local $/;
    <$fh>;
};

$location =~ s/(proxy_ssl_trusted_certificate\s+)[^;]+/$1$dir\/ca.crt/
    or die 'no CA in conf/cost_sync.conf';
$location =~ s/proxy_read_timeout\s+\K[^;]+/2s/ or die 'no timeout';

put('sync.conf', $location);

my $sync = Cost::Sync->new(dir => $dir, conf => "$dir/sync.conf",
    http => "
        map \$http_authorization \$allowed { default 0; 'Bearer word' 1; }
        server {
            listen 127.0.0.1:%%PORT_tls%% ssl;
            ssl_certificate $dir/good.crt;
            ssl_certificate_key $dir/good.key;
            root $dir/www;
            location /secret/ {
                if (\$allowed = 0) { return 401; }
                alias $dir/www/;
            }
        }
        server {
            listen 127.0.0.1:%%PORT_bad%% ssl;
            ssl_certificate $dir/bad.crt;
            ssl_certificate_key $dir/bad.key;
            root $dir/www;
        }");

my $tls = 'https://127.0.0.1:' . $sync->nginx->port('tls');
my $bad = 'https://127.0.0.1:' . $sync->nginx->port('bad');
my $serial = 0;

sub source {
    my ($url, %with) = @_;

    my $slug = 'o' . ++$serial;
    my $key = $sync->organization($slug);

    $sync->source($key, { kind => 'https', url => $url, %with });

    return ($slug, $key);
}

sub loaded {
    my ($name, $sums, $url, %with) = @_;

    my ($slug, $key) = source($url, %with);
    my $job = $sync->run($key);

    is $job->{status}, 'done', "$name: done" or diag $job->{error};
    is $sync->sums($slug), $sums, "$name: loaded";

    return ($slug, $key);
}

sub failed {
    my ($name, $why, $url, %with) = @_;

    my ($slug, $key) = source($url, %with);
    my $job = $sync->run($key);

    is $job->{status}, 'failed', "$name: failed";
    like $job->{error}, $why, "$name: says why";
    is $sync->sums($slug), '0|0', "$name: nothing is loaded";
}


# what works

my ($slug, $key) = loaded('https', '2|3.25', "$tls/bill.csv");
my $job = $sync->run($key);
is "$job->{progress}{files_skipped} $job->{progress}{bytes}", '1 0',
    'https: not changed';

sleep 1.1;
put('www/bill.csv', Cost::Sync::bill('2024-08', [ 1, 'a', '7' ]));
$job = $sync->run($key);
is $job->{progress}{files_loaded}, 1, 'https: changed';
is $sync->sums($slug), '1|7', 'https: replaced';

loaded('gzip', '20000|200', "$tls/bill.csv.gz");
loaded('with credentials', '1|7', "$tls/secret/bill.csv",
       authorization => 'Bearer word');
loaded('in chunks', '20000|200', "$odd/chunk.csv");
loaded('byte by byte', '2|3.25', "$odd/slow.csv");
loaded('X-Accel-Redirect', '2|3.25', "$odd/accel.csv");


# what does not

failed('wrong credentials', qr{^secret/bill\.csv: the server answered 401$},
       "$tls/secret/bill.csv", authorization => 'Bearer other');
failed('404', qr{: the server answered 404$}, "$tls/nothing.csv");
failed('500', qr{: the server answered 500$}, "$odd/500.csv");
failed('a redirect', qr{: the server answered 302$}, "$odd/302.csv");
failed('another CA', qr{the connection failed, or was closed without},
       "$bad/bill.csv");
failed('cut in the middle', qr{the connection was cut in the middle},
       "$odd/cut.csv");
failed('cut between chunks', qr{the connection was cut in the middle},
       "$odd/chunk-cut.csv");
failed('no end', qr{its server does not say where it ends},
       "$odd/endless.csv");
failed('silence in the middle', qr{the connection was cut in the middle},
       "$odd/silent.csv");

my $start = time;
failed('ten gigabytes in gzip', qr{unpacks to more than 250 times its size},
       "$odd/bomb.csv.gz");
diag sprintf 'the bomb took %.1f s', time - $start;

unlike $sync->nginx->log, qr/Bearer/, 'no secret in the log';

my ($longest) = sort { $b <=> $a } $sync->nginx->log
                                   =~ /longest turn (\d+) us/g;
diag "longest turn: $longest us";

kill KILL => -$pid;
waitpid $pid, 0;

$sync->stop;

done_testing;
