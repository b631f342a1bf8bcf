#!/usr/bin/env perl

# Slack: the documented request of chat.postMessage, and what its answers mean.

use strict;
use warnings;

use File::Temp qw(tempdir);
use IO::Socket::INET;
use JSON::PP;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;

my $dir = tempdir(CLEANUP => 1);
chmod 0755, $dir;

open my $fh, '>', "$dir/token" or die;
print $fh "xoxb-the-token\n";
close $fh;
chmod 0600, "$dir/token";

# a double: refuses what is not as Slack's documentation has it, and answers
# by the channel

my %answers = (
    '#good' => [ 200, '{"ok":true,"channel":"C1","ts":"1.2","message":{}}' ],
    '#large' => [ 200, '{"ok":true,"message":"' . 'x' x 100000 . '"}' ],
    '#last' => [ 200, '{"message":{"ok":false},"ok":true}' ],
    '#missing' => [ 200, '{"ok":false,"error":"channel_not_found"}' ],
    '#auth' => [ 200, '{"ok":false,"error":"invalid_auth"}' ],
    '#limited' => [ 429, '{"ok":false,"error":"ratelimited"}',
                    "Retry-After: 600\r\n" ],
    '#limited200' => [ 200, '{"ok":false,"error":"ratelimited"}' ],
    '#broken' => [ 500, 'oops' ],
    '#proxy' => [ 200, '<html>sign in</html>' ],
    '#redirect' => [ 302, '', "Location: http://127.0.0.1:9/\r\n" ],
);

my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64)
    or die "listen: $!";
my $port = $listen->sockport;
my $slack = fork // die "fork: $!";

if ($slack == 0) {
    $SIG{PIPE} = 'IGNORE';

    while (my $socket = $listen->accept) {
        my $data = '';

        while ($data !~ /\r\n\r\n/) {
            last if !sysread $socket, $data, 65536, length $data;
        }

        my ($head, $body) = split /\r\n\r\n/, $data, 2;
        my ($line, @lines) = split /\r\n/, $head;
        my %h = map { /^([^:]+):\s*(.*)$/ ? (lc $1, $2) : () } @lines;

        while (length $body < ($h{'content-length'} // 0)) {
            last if !sysread $socket, $body, 65536, length $body;
        }

        open my $log, '>>', "$dir/requests";
        syswrite $log, encode_json({ line => $line, headers => \%h,
                                     body => $body }) . "\n";
        close $log;

        my $json = eval { decode_json($body) } // {};
        my $error = $line ne 'POST /api/chat.postMessage HTTP/1.1'
            ? 'unknown_method'
            : ($h{authorization} // '') ne 'Bearer xoxb-the-token'
            ? 'not_authed'
            : ($h{'content-type'} // '') ne 'application/json; charset=utf-8'
            ? 'missing_post_type'
            : !defined $json->{channel} ? 'channel_not_found'
            : !length($json->{text} // '') ? 'no_text' : '';
        my ($status, $text, $extra) = $error
            ? (200, qq({"ok":false,"error":"$error"}))
            : @{ $answers{ $json->{channel} } // [ 200, '{"ok":true}' ] };

        syswrite $socket, "HTTP/1.1 $status X\r\nContent-Length: "
            . length($text) . "\r\nConnection: close\r\n" . ($extra // '')
            . "\r\n$text";
        close $socket;
    }

    POSIX::_exit(0);
}

close $listen;

my $api = Cost::API->new(
    http => 'cost_timer on timeout=3s;',
    server => "location = /cost/slack {
                   internal;
                   cost_errors off;
                   cost_slack $dir/token;
                   proxy_pass http://127.0.0.1:$port/api/chat.postMessage;
                   proxy_http_version 1.1;
                   proxy_set_header Connection close;
                   proxy_next_upstream off;
               }");
my $db = $api->db;
my $acme = $db->organization('acme');

sub post {
    my ($channel, $data) = @_;

    my $list = Cost::Database::quote(encode_json(
        [ { type => 'slack', channel => $channel } ]));
    $data = Cost::Database::quote(encode_json($data // { message => 'x' }));

    my $event = $db->query("SELECT event_add($acme, 'alert.triggered', $data,
                                             $list)");
    my %row;

    $api->nginx->wait_for(8, sub {
        my $row = $db->query("SELECT row_to_json(o) FROM event_outcomes o
            WHERE organization_id = $acme AND event_id = $event
              AND attempts > 0");
        %row = %{ decode_json($row) } if $row;
        return %row;
    });

    return \%row;
}


my $row = post('#good', { message => 'Daily cost of $611.22 & more <b>',
                          account => "Z\x{fc}rich" });
is_deeply [ @$row{qw(state status error)} ], [ 'delivered', 200, undef ],
    'a message is posted';

open $fh, '<', "$dir/requests" or die;
my $request = decode_json(scalar <$fh>);
close $fh;

is_deeply decode_json($request->{body}), {
    channel => '#good',
    text => "Daily cost of \$611.22 &amp; more &lt;b&gt;\n\naccount: Z\x{fc}rich"
            . "\n",
}, 'its channel, and the event in words';
is_deeply [ sort grep { !/^(?:host|connection|content-length)$/ }
            keys %{ $request->{headers} } ],
    [ 'authorization', 'content-type' ], 'its headers, and no others';

my %expected = (
    '#large' => [ 'delivered', 200, undef ],
    '#last' => [ 'delivered', 200, undef ],
    '#missing' => [ 'dead', 200, undef ],
    '#auth' => [ 'dead', 200, undef ],
    '#limited' => [ 'pending', 429, undef ],
    '#limited200' => [ 'pending', 200, undef ],
    '#broken' => [ 'pending', 500, undef ],
    '#proxy' => [ 'pending', 200, 'this was no answer of Slack' ],
    '#redirect' => [ 'pending', 302, undef ],
    'C0123456' => [ 'delivered', 200, undef ],
    "#\x{fc}" => [ 'delivered', 200, undef ],
);

for my $channel (sort keys %expected) {
    is_deeply [ @{ post($channel) }{qw(state status error)} ],
        $expected{$channel}, "$answers{$channel}[0] of a channel"
        if $answers{$channel};
    is post($channel)->{state}, $expected{$channel}[0], 'any channel'
        if !$answers{$channel};
}

like post('#missing')->{answer}, qr/channel_not_found/,
    'what Slack said is kept';
cmp_ok $db->query("SELECT extract(epoch FROM d.next_attempt_at - now())
                     FROM deliveries d JOIN webhooks w ON w.id = d.webhook_id
                    WHERE w.url = '#limited'"), '>', 500,
    'Retry-After is kept to';

kill KILL => $slack;
waitpid $slack, 0;

$row = post('#gone');
is_deeply [ @$row{qw(state status error)} ], [ 'pending', undef,
    'the connection failed, or was closed without an answer' ],
    'Slack is not there';
unlike $api->nginx->log, qr/xoxb-the-token/, 'the log has no token';

is $api->get('/cost/slack')->{status}, 404, 'nobody else gets there';

# a server without the location says so
$api->stop;
$api = Cost::API->new(database => $db, http => 'cost_timer on;',
    server => "location = /cost/email { internal;
                   cost_smtp 127.0.0.1:9 from=a\@b; }");
$row = post('#good');
is_deeply [ @$row{qw(state error)} ], [ 'dead',
    'the server sends nothing to Slack: it has no location with cost_slack' ],
    'a server that does not know Slack';
$api->stop;

done_testing;
