#!/usr/bin/env perl

# Where a delivery goes: names are resolved by us and all of their addresses
# checked; TLS is verified by the name, though the connection is made to the
# address.

use strict;
use warnings;

use File::Temp qw(tempdir);
use IO::Socket::INET;
use JSON::PP;
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Receiver;

plan skip_all => 'openssl is not installed'
    if system('openssl version > /dev/null 2>&1');

my $dir = tempdir(CLEANUP => 1);
chmod 0755, $dir;

sub put {
    my ($name, $text) = @_;
    open my $fh, '>', "$dir/$name" or die "$name: $!";
    print $fh $text;
    close $fh;
}

put('key', '00' x 32 . "\n");
put('ext', "subjectAltName=DNS:good.test\n");

my @rsa = qw(-newkey rsa:2048 -nodes);

for my $command (
    [ 'req', '-x509', @rsa, '-keyout', "$dir/ca.key", '-out', "$dir/ca.crt",
      '-subj', '/CN=Test CA', '-days', 2 ],
    [ 'req', @rsa, '-keyout', "$dir/good.key", '-out', "$dir/good.csr",
      '-subj', '/CN=good.test' ],
    [ 'x509', '-req', '-in', "$dir/good.csr", '-CA', "$dir/ca.crt", '-CAkey',
      "$dir/ca.key", '-CAcreateserial', '-out', "$dir/good.crt", '-days', 2,
      '-extfile', "$dir/ext" ],
) {
    system("openssl @{[ map { qq('$_') } @$command ]} > $dir/log 2>&1") == 0
        or die 'openssl: ' . qx{cat $dir/log};
}


# a name server of these names

my %names = (
    'good.test' => ['127.0.0.1'], 'wrong.test' => ['127.0.0.1'],
    'inner.test' => ['10.0.0.1'], 'meta.test' => ['169.254.169.254'],
    'mixed.test' => ['127.0.0.1', '192.168.1.1'],
);

my $dns = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1')
    or die "dns: $!";
my $dns_port = $dns->sockport;
my $dns_pid = fork // die "fork: $!";

if ($dns_pid == 0) {
    while (my $from = $dns->recv(my $query, 512)) {
        my ($id) = unpack 'n', $query;
        my ($at, @labels) = (12);

        while (my $len = unpack 'C', substr $query, $at, 1) {
            push @labels, substr $query, $at + 1, $len;
            $at += 1 + $len;
        }

        my $question = substr $query, 12, $at + 5 - 12;
        my $type = unpack 'n', substr $query, $at + 1, 2;
        my $addresses = $names{join '.', @labels};
        my @answers = $type == 1 ? @{ $addresses // [] } : ();

        $dns->send(pack('n6', $id, $addresses ? 0x8180 : 0x8183, 1,
                        scalar @answers, 0, 0) . $question
                   . join('', map { pack 'nnnNna4', 0xc00c, 1, 1, 1, 4,
                                         pack 'C4', split /\./ } @answers),
                   0, $from);
    }
    require POSIX;
    POSIX::_exit(0);
}

my $receiver = Cost::Receiver->new;

# the shipped location, which trusts our CA

my $location = do {
    open my $fh, '<', "$Cost::Nginx::root/conf/cost_webhooks.conf" or die;
    local $/;
    <$fh>;
};

$location =~ s/(proxy_ssl_trusted_certificate\s+)[^;]+/$1$dir\/ca.crt/
    or die 'no CA in conf/cost_webhooks.conf';

# a first handshake under valgrind

my $seconds = ($ENV{COST_TEST_VARIANT} // '') eq 'valgrind' ? 60 : 5;

$location =~ s/(_timeout\s+)\d+s;/$1${seconds}s;/g;

my $api = Cost::API->new(
    http => "cost_secret_key $dir/key;
        cost_webhook_allow http loopback;
        cost_timer on timeout=${seconds}s;
        resolver 127.0.0.1:$dns_port ipv6=off;
        server {
            listen 127.0.0.1:%%PORT_tls%% ssl;
            ssl_certificate $dir/good.crt;
            ssl_certificate_key $dir/good.key;
            location / {
                proxy_set_header X-SNI \$ssl_server_name;
                proxy_set_header Host \$http_host;
                proxy_pass http://127.0.0.1:$receiver->{port};
            }
        }",
    server => $location,
);

my $key = $api->key(organization => 'acme', plan => 'free_cloudk',
                    permission => 'write');
my $tls = $api->nginx->port('tls');

sub test {
    my ($url) = @_;

    my $hook = $api->send('POST', '/api/v1/webhooks', $key, encode_json({
        url => $url, events => ['*'] }))->json->{data};

    return $api->send('POST', "/api/v1/webhooks/$hook->{id}/test", $key, '')
               ->json->{data}{attempts}[0];
}

my $http = $receiver->{port};
my $attempt = test("http://good.test:$http/204");
is $attempt->{response_status}, 204, 'a name';
is +($receiver->requests('/204'))[-1]{headers}{host}, "good.test:$http",
    'its Host';

$attempt = test("https://good.test:$tls/200");
is $attempt->{response_status}, 200, 'https, verified';

my $request = ($receiver->requests('/200'))[-1];
is $request->{headers}{'x-sni'}, 'good.test', 'its SNI';
is $request->{headers}{host}, "good.test:$tls", 'its Host';

my $n = $receiver->requests;

like test("https://wrong.test:$tls/200")->{error}, qr/connection failed/,
    'https: a certificate of another name';
like test("https://127.0.0.1:$tls/200")->{error}, qr/connection failed/,
    'https: a certificate that has not the address';

my $refused = 'the name leads to an address that is not allowed';

is test("http://$_.test:$http/200")->{error}, $refused, "$_: refused"
    for qw(inner meta mixed);

is test("http://nobody.test:$http/200")->{error}, 'the name does not exist',
    'a name that does not exist';
is scalar($receiver->requests), $n, 'none of them was connected to';

# what the operator forbids later is not sent to any more

my ($hook) = map { $_->{id} } grep { $_->{url} =~ /204/ }
    @{ $api->get('/api/v1/webhooks', $key)->json->{data} };

$api->nginx->reload(http => $api->nginx->{http}
                            =~ s/cost_webhook_allow[^;]*;//r);
ok $api->nginx->logged(qr/worker process \d+ exited with code 0/, 10),
    'the worker of before has left';
$attempt = $api->send('POST', "/api/v1/webhooks/$hook/test", $key, '')
               ->json->{data}{attempts}[0];
is $attempt->{error}, 'must begin with https://', 'http is not allowed now';

kill KILL => $dns_pid;
waitpid $dns_pid, 0;
$api->stop;

done_testing;
