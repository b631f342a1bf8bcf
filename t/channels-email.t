#!/usr/bin/env perl

# Email through a relay: a real SMTP server, plain and with TLS and AUTH, and
# relays that are broken in every manner.

use strict;
use warnings;

use File::Temp qw(tempdir);
use IO::Socket::INET;
use JSON::PP;
use MIME::Base64 qw(decode_base64);
use MIME::QuotedPrint qw(decode_qp);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Npm;

plan skip_all => 'npm is not installed' if !Cost::Npm::have();

my $dir = tempdir(CLEANUP => 1);
chmod 0755, $dir;

# whoever reads one that is written again gets the old text or the new one

sub file {
    my ($name, $text) = @_;

    open my $fh, '>', "$dir/$name.new" or die "$dir/$name.new: $!";
    print $fh $text;
    close $fh;
    chmod 0600, "$dir/$name.new";
    rename "$dir/$name.new", "$dir/$name" or die "$dir/$name: $!";

    return "$dir/$name";
}

sub openssl {
    system("openssl @_ >> $dir/openssl.log 2>&1") == 0
        or die 'openssl: ' . qx{cat $dir/openssl.log};
}

openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca",
        "-keyout $dir/ca.key -out $dir/ca.crt");
openssl("req -newkey rsa:2048 -nodes -subj /CN=localhost",
        "-addext subjectAltName=DNS:localhost",
        "-keyout $dir/relay.key -out $dir/relay.csr");
openssl("x509 -req -in $dir/relay.csr -CA $dir/ca.crt -CAkey $dir/ca.key",
        "-CAcreateserial -days 2 -copy_extensions copy -out $dir/relay.crt");

my $modules = Cost::Npm::install('smtp-server@3');
my $plain = Cost::Npm->start('t/lib/smtp.js', $modules, "$dir/plain");
my $tls = Cost::Npm->start('t/lib/smtp.js', $modules, "$dir/tls",
                           "$dir/relay.key", "$dir/relay.crt");

my $password = file('password', "secret word\nand a comment\n");
my $wrong = file('wrong', 'another');

my $db;

# an nginx whose relay is that

sub server {
    my ($relay, %args) = @_;

    my $timeout = $args{timeout} // '1s';

    my $api = Cost::API->new(
        ($db ? (database => $db) : ()),
        http => $args{http} // 'cost_timer on timeout=3s;',
        main => $args{main} // '',
        server => "location = /cost/email {
                       internal;
                       cost_errors off;
                       cost_smtp $relay from=cost\@example.org
                                 name=node.example.org timeout=$timeout;
                   }");

    $db //= $api->db;

    return $api;
}

my $serial = 0;

# the outcome of an email to an address, after its first attempt

sub mail {
    my ($nginx, $to, %args) = @_;

    my $data = Cost::Database::quote(encode_json($args{data}
                                     // { message => 'Daily cost' }));
    my $list = Cost::Database::quote(encode_json(
        [ { type => 'email', target => $to } ]));
    my $acme = $db->organization('acme');
    my $event = $db->query("SELECT event_add($acme, 'alert.triggered',
                                             $data, $list)");
    my %row;

    $nginx->wait_for(8, sub {
        my $row = $db->query("SELECT row_to_json(o) FROM event_outcomes o
            WHERE organization_id = $acme AND event_id = $event
              AND attempts > 0");
        %row = %{ decode_json($row) } if $row;
        return %row;
    });

    $row{uuid} = $db->query("SELECT uuid FROM deliveries
        WHERE organization_id = $acme AND event_id = $event");

    return \%row;
}

sub messages {
    my ($log) = @_;

    open my $fh, '<', $log or return;

    return map { decode_json($_) } <$fh>;
}


# plain

my $api = server("127.0.0.1:$plain->{port}");
my $nginx = $api->nginx;

my $sent = mail($nginx, 'team@company.com',
    data => { message => 'Daily cost of $611.22 exceeds', account => "Z\x{fc}rich",
              rule_name => ".\n..\n.x" });
is_deeply [ @$sent{qw(state status error)} ], [ 'delivered', 250, undef ],
    'an email is sent';
like $sent->{answer}, qr/^250 /, 'and taken';

my ($mail) = messages("$dir/plain");
is_deeply [ @$mail{qw(from to user)}, $mail->{secure} ? 1 : 0 ],
    [ 'cost@example.org', [ 'team@company.com' ], undef, 0 ],
    'its envelope';

my ($head, $body) = split /\r\n\r\n/, $mail->{data}, 2;
my %header = map { /^([^:]+): (.*)/s } split /\r\n(?! )/, $head;
delete @header{qw(Date)};
is_deeply \%header, {
    From => 'cost@example.org', To => 'team@company.com',
    Subject => 'Daily cost of $611.22 exceeds',
    'Message-ID' => "<$sent->{uuid}\@example.org>",
    'Auto-Submitted' => 'auto-generated', 'MIME-Version' => '1.0',
    'Content-Type' => 'text/plain; charset=utf-8',
    'Content-Transfer-Encoding' => 'quoted-printable',
}, 'its headers';
like $head, qr/^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000\r$/m,
    'its date';

my $text = decode_qp($body) =~ s/\r\n/\n/gr;
like $text, qr/^Daily cost of \$611\.22 exceeds\n\n/, 'its text';
like $text, qr/account: Z\xc3\xbcrich\n/, 'in UTF-8';
like $text, qr/rule name: \.\n\.\.\n\.x\n/, 'with every dot it has';

# what is in the words stays in its place

mail($nginx, 'a@b.example',
     data => { message => "caf\x{e9}\r\nBcc: evil\@x.example\r\n\r\n.\r\nQUIT" });
$mail = (messages("$dir/plain"))[-1];
($head, $body) = split /\r\n\r\n/, $mail->{data}, 2;
is_deeply $mail->{to}, [ 'a@b.example' ], 'nobody else is sent it';
unlike $head, qr/^Bcc/mi, 'no header is injected';
my ($subject) = $head =~ /^Subject: ((?:.*\r\n )*.*?)\r$/m;
is join('', map { decode_base64($_) } $subject =~ /=\?UTF-8\?B\?([^?]*)\?=/g),
    "caf\xc3\xa9  Bcc: evil\@x.example    .  QUIT", 'it is all the subject';
like decode_qp($body), qr/^Bcc: evil\@x\.example\r?\n/m, 'and the body';

mail($nginx, 'long@b.example', data => { message => "\x{20ac} " x 500 });
$mail = (messages("$dir/plain"))[-1];
ok !(grep { length > 78 } split /\r\n/, $mail->{data}), 'lines are short';

# what the relay refuses

for my $case ([ 'r550', 'dead', 550, 'RCPT: 550 ' ],
              [ 'r450', 'pending', 450, 'RCPT: 450 ' ],
              [ 'm554', 'dead', 554, 'message: 554 ' ],
              [ 'm452', 'pending', 452, 'message: 452 ' ])
{
    my ($name, $state, $status, $answer) = @$case;
    my $row = mail($nginx, "$name\@example.org");

    is_deeply [ @$row{qw(state status)} ], [ $state, $status ],
        "$name: $state";
    like $row->{answer}, qr/^\Q$answer\E/, 'with what it said';
}

for my $bad ('nobody', '<a@b>', "a\@b\r\nRCPT TO:<c\@d>", "\x{e9}\@b.example") {
    my $row = mail($nginx, $bad);
    is_deeply [ @$row{qw(state error)} ],
        [ 'dead', 'this is no address of email' ], 'no address';
}

is $api->get('/cost/email')->{status}, 404, 'nobody else gets there';

# many at a time
my $acme = $db->organization('acme');
$db->query("SELECT count(event_add($acme, 'alert.triggered', '{}',
    json_build_array(json_build_object('type', 'email', 'target',
        'many' || i || '\@example.org'))::jsonb))
    FROM generate_series(1, 200) i");
ok $nginx->wait_for(20, sub {
    my %to = map { $_->{to}[0] => 1 } messages("$dir/plain");
    return 200 == grep { /^many/ } keys %to;
}), 'two hundred addresses';
ok $nginx->wait_for(5, sub {
    $db->query("SELECT count(*) FROM deliveries d JOIN webhooks w
        ON w.id = d.webhook_id WHERE w.url LIKE 'many%'
       AND d.state = 'pending'") == 0
}), 'are all recorded';

$api->stop('plain');


# TLS and AUTH

$api = server("localhost:$tls->{port} tls user=cost password=$password "
              . "trusted=$dir/ca.crt");
is mail($api->nginx, 'tls@example.org')->{state}, 'delivered',
    'through TLS, as somebody';
($mail) = messages("$dir/tls");
is_deeply [ $mail->{user}, $mail->{secure} ? 1 : 0 ], [ 'cost', 1 ],
    'who the relay knows';
unlike $api->nginx->log, qr/secret word/, 'the log has no password';
$api->stop('TLS');

for my $case (
    [ "localhost:$tls->{port} tls user=cost password=$wrong "
      . "trusted=$dir/ca.crt", 535, qr/^AUTH: 535 /, 'a wrong password' ],
    [ "localhost:$tls->{port} tls trusted=$dir/ca.crt", 530,
      qr/^MAIL: 530 /, 'nobody' ],
    [ "127.0.0.1:$tls->{port} tls trusted=$dir/ca.crt", undef, undef,
      'another name', qr/certificate is for another name/ ],
    [ "localhost:$tls->{port} tls", undef, undef, 'an unknown CA',
      qr/certificate is not good/ ],
    [ "localhost:$plain->{port} tls", undef, undef, 'no TLS at all', undef ],
    [ "localhost:$tls->{port}", undef, undef, 'TLS where none is expected',
      undef ],
) {
    my ($relay, $status, $answer, $name, $log) = @$case;

    $api = server($relay);

    my $row = mail($api->nginx, 'x' . ++$serial . '@example.org');
    my $state = ($status // 0) == 530 ? 'dead' : 'pending';

    is_deeply [ @$row{qw(state status)} ], [ $state, $status ],
        "$name: $state";
    like $row->{answer}, $answer, 'with what it said' if $answer;
    like $row->{error}, qr/^there was no answer in time$|^the connection/,
        'and why' if !$answer;
    like $api->nginx->log, $log, 'which is logged' if $log;
    unlike $api->nginx->log, qr/another\b.*AUTH/, 'no password in the log';
    $api->stop($name);
}


# broken relays; how is in a file

my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64)
    or die "listen: $!";
my $port = $listen->sockport;
my $relay = fork // die "fork: $!";

if ($relay == 0) {
    setpgrp;
    $SIG{CHLD} = 'IGNORE';
    $SIG{PIPE} = 'IGNORE';

    for ( ;; ) {
        my $socket = $listen->accept or next;

        if (fork) {
            close $socket;
            next;
        }

        close $listen;

        open my $fh, '<', "$dir/mode" or POSIX::_exit(1);
        my $mode = <$fh>;

        if ($mode eq 'nothing') { sleep 30 }
        elsif ($mode eq 'half') { syswrite $socket, '22'; sleep 30 }
        elsif ($mode eq 'drip') {
            for (1 .. 30) { syswrite $socket, "220-x\r\n"; sleep 0.3 }
        }
        elsif ($mode eq 'large') {
            for (1 .. 160) { last if !syswrite $socket, '2' x 65536 }
        }
        elsif ($mode eq 'lines') {
            for (1 .. 160) { last if !syswrite $socket, "220-x\r\n" x 9000 }
        }
        elsif ($mode eq 'close') { }
        elsif ($mode eq 'http') {
            syswrite $socket, "HTTP/1.1 400 Bad Request\r\n\r\n";
            sleep 1;
        }
        elsif ($mode eq 'eager') {
            syswrite $socket, "220 hello\r\n250 yes\r\n250 yes\r\n250 yes\r\n";
            sleep 5;
        }
        elsif ($mode eq 'busy') {
            syswrite $socket, "421 too busy\r\n";
            sleep 1;
        }
        elsif ($mode eq 'gone') {
            syswrite $socket, "554 no SMTP here\r\n";
            sleep 1;
        }
        elsif ($mode eq 'leaves') {
            syswrite $socket, "220 hello\r\n";
            sysread $socket, my $line, 1000;
        }
        elsif ($mode eq 'slow') {
            my $said = 0;
            syswrite $socket, "220 hello\r\n";
            while (sysread $socket, my $line, 65536) {
                sleep 0.5 if ++$said == 5;
                syswrite $socket, $said == 4 ? "354 go\r\n" : "250 ok\r\n";
                last if $said > 5;
            }
        }
        elsif ($mode eq 'swallows') {
            # takes it all, and closes where it should say so
            syswrite $socket, "220 hello\r\n";
            my $said = 0;
            while (sysread $socket, my $line, 65536) {
                last if $said == 4;
                syswrite $socket, ++$said == 4 ? "354 go\r\n" : "250 ok\r\n";
            }
        }
        POSIX::_exit(0);
    }
}

close $listen;

my %broken = (
    # state, status, error or answer
    nothing => [ 'pending', undef, 'there was no answer in time' ],
    half => [ 'pending', undef, 'there was no answer in time' ],
    drip => [ 'pending', undef, 'there was no answer in time' ],
    large => [ 'pending', undef, 'the connection failed' ],
    lines => [ 'pending', undef, 'the connection failed' ],
    close => [ 'pending', undef, 'the connection failed' ],
    http => [ 'pending', undef, 'the connection failed' ],
    eager => [ 'pending', undef, 'the connection failed' ],
    busy => [ 'pending', 421, 'greeting: 421 too busy' ],
    gone => [ 'pending', 554, 'greeting: 554 no SMTP here' ],
    leaves => [ 'pending', undef, 'the connection failed' ],
    swallows => [ 'pending', undef, 'the connection failed' ],
);

$api = server("127.0.0.1:$port");

for my $mode (sort keys %broken) {
    my ($state, $status, $why) = @{ $broken{$mode} };

    file('mode', $mode);

    my $start = time;
    my $row = mail($api->nginx, "$mode\@broken.example");

    is_deeply [ @$row{qw(state status)} ], [ $state, $status ],
        "a relay: $mode";
    like $row->{error} // $row->{answer}, qr/^\Q$why\E/, 'and why';
    cmp_ok time - $start, '<', 6, 'in time';
}

# a reload and a quit with an email in flight: it is sent once, and recorded

sub pending {
    return $db->query("SELECT count(*) FROM deliveries d
        JOIN webhooks w ON w.id = d.webhook_id
       WHERE d.state = 'pending' AND w.url = '$_[0]'");
}

sub in_flight {
    my ($nginx, $to) = @_;

    $db->query("SELECT event_add($acme, 'alert.triggered', '{}',
        '[{\"type\": \"email\", \"target\": \"$to\"}]')");

    return $nginx->wait_for(5, sub {
        $db->query("SELECT count(*) FROM deliveries d
            JOIN webhooks w ON w.id = d.webhook_id
           WHERE d.leased AND d.state = 'pending' AND w.url = '$to'") == 1
    });
}

file('mode', 'slow');
ok in_flight($api->nginx, 'reload@example.org'), 'one is in flight';
$api->nginx->reload;
ok $api->nginx->wait_for(8, sub { pending('reload@example.org') == 0 }),
    'a reload: it is sent and recorded';

ok in_flight($api->nginx, 'quit@example.org'), 'another is in flight';
$api->stop('a quit');
is pending('quit@example.org'), 0, 'it was recorded';

$api = server("127.0.0.1:$port", main => 'worker_shutdown_timeout 300ms;',
              http => 'cost_timer on timeout=60s;', timeout => '60s');
file('mode', 'nothing');
ok in_flight($api->nginx, 'stuck@example.org'), 'one with a silent relay';
$api->stop('worker_shutdown_timeout', busy => 1);

$api = server("127.0.0.1:$port");

kill KILL => -$relay;
waitpid $relay, 0;

is mail($api->nginx, 'refused@broken.example')->{error},
    'the connection failed, or was closed without an answer',
    'a relay that is not there';
is $api->get('/api/v1/health')->{status}, 200, 'the worker is well';
$api->stop('broken');


# what no configuration may say

for my $case (
    [ '127.0.0.1:25 from=nobody', qr/needs a from=address/ ],
    [ '127.0.0.1:25', qr/invalid number of arguments/ ],
    [ "127.0.0.1 from=a\@b user=x password=$password",
      qr/sends no password without tls/ ],
    [ '127.0.0.1 from=a@b tls user=x', qr/needs both user=name and password/ ],
    [ '127.0.0.1 from=a@b tls user=x password=/nowhere', qr/nowhere/ ],
    [ "127.0.0.1 from=a\@b tls user=x password=" . file('empty', "\n"),
      qr/must begin with a line/ ],
    [ '127.0.0.1 from=a@b colour=red', qr/invalid parameter "colour=red"/ ],
    [ '127.0.0.1 from=a@b timeout=0', qr/has a timeout/ ],
    [ '127.0.0.1:x from=a@b', qr/in the relay/ ],
    [ '127.0.0.1 from=a@b; internal; } location /x { internal;
       cost_smtp 127.0.0.1 from=a@b', qr/is duplicate/ ],
    [ "127.0.0.1 from=a\@b; } location /y { cost_slack $password",
      qr/must be "internal"/ ],
) {
    my ($line, $why) = @$case;
    my $internal = $line =~ /internal/ ? '' : 'internal;';
    my $bad = eval {
        Cost::API->new(database => $db, http => 'cost_timer on;',
            server => "location = /cost/email { $internal cost_smtp $line; }");
    };
    my $error = $@;

    ok !$bad, 'a configuration is refused';
    like $error, $why, 'and says why';
}

done_testing;
