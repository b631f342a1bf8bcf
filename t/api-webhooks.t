#!/usr/bin/env perl

# /api/v1/webhooks: endpoints are kept, tried out and rotated; receivers of
# every manner; signatures are checked by CloudK's own lines in Node.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256 hmac_sha256_hex);
use File::Temp;
use JSON::PP;
use MIME::Base64;
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Receiver;

my $secrets = File::Temp->new;
print $secrets "# the key of this test\n", '0123456789abcdef' x 4, "\n";
close $secrets;
chmod 0600, $secrets->filename;

my $api = Cost::API->new(
    workers => 2,
    http => "cost_secret_key $secrets;
             cost_webhook_allow http loopback;
             cost_timer on timeout=2s per_endpoint=4;",
    server => 'include %%ROOT%%/conf/cost_webhooks.conf;
               location /secret { internal; return 200 "SECRET"; }',
);
my $db = $api->db;

my $acme = $db->organization('acme');
my $other = $db->organization('other');

my %plan = (organization => 'acme', plan => 'free_cloudk');
my $key = $api->key(%plan, permission => 'write');
my $reader = $api->key(%plan, permission => 'read');
my $stranger = $api->key(organization => 'other', plan => 'free_cloudk',
                         permission => 'write');

my $path = '/api/v1/webhooks';
my $receiver = Cost::Receiver->new;


# keeping them

my $r = $api->send('POST', $path, $key, encode_json({
    url => $receiver->url('/200'), events => ['alert.triggered'],
    description => 'Mine' }));
my $hook = $r->json->{data};

is $r->{status}, 201, 'add: 201';
is $r->header('Location'), "$path/$hook->{id}", 'add: Location';
like $hook->{secret}, qr{^whsec_[A-Za-z0-9+/]{43}=$}, 'add: the secret';
is $hook->{url}, $receiver->url('/200'), 'add: url';
is_deeply $hook->{events}, ['alert.triggered'], 'add: events';
ok $hook->{enabled}, 'add: enabled';

my $found = $api->get("$path/$hook->{id}", $reader);
my %shown = %$hook;
delete $shown{secret};

is $found->{status}, 200, 'get';
is_deeply $found->json->{data}, \%shown, 'get: the same, without the secret';
unlike $api->get($path, $reader)->{body}, qr/whsec_/, 'list: no secret';
is_deeply $api->get($path, $reader)->json->{data}, [\%shown], 'list';
is $db->query("SELECT count(*) FROM webhooks
    WHERE position('whsec_'::bytea in secret) > 0"), 0, 'it is stored sealed';

for my $what ([ 'GET', '' ], [ 'PUT', '', '{"description":"x"}' ],
              [ 'DELETE', '' ], [ 'POST', '/test', '' ],
              [ 'POST', '/rotate-secret', '' ], [ 'GET', '/deliveries' ])
{
    my ($method, $more, $body) = @$what;
    is $api->send($method, "$path/$hook->{id}$more", $stranger,
                  $body // '')->{status}, 404, "another's: $method $more";
}

is $api->send('POST', $path, $reader, '{}')->{status}, 403, 'add: a reader';
is $api->get("$path/x", $key)->{status}, 404, 'no uuid';

for (
    [ '{"events":["*"]}', 'url must be a text of 1 to 2048 characters' ],
    [ '{"url":"ftp://x/","events":["*"]}', 'url must begin with https://' ],
    [ '{"url":"https://u@x/","events":["*"]}',
      'url must have no user and no password' ],
    [ '{"url":"https://10.0.0.1/","events":["*"]}',
      'url must not lead to a loopback, private or reserved address' ],
    [ '{"url":"https://169.254.169.254/","events":["*"]}',
      'url must not lead to a loopback, private or reserved address' ],
    [ '{"url":"https://2130706433/","events":["*"]}', 'url must have a host '
      . 'that is a name or a plainly written address' ],
    [ '{"url":"https://x/","events":[]}',
      'events must be an array of 1 to 16 names' ],
    [ '{"url":"https://x/","events":["a b"]}',
      'events must be an array of 1 to 16 names' ],
    [ '{"url":"https://x/","events":["nope"]}', 'events must be of '
      . 'alert.triggered, budget.threshold, anomaly.detected, '
      . 'webhook.disabled, channel.disabled, or * for all; '
      . '"nope" is not' ],
    [ '{"url":"https://x/","events":["*"],"secret":"x"}', '"secret" is not a '
      . 'field; there are: url, events, description' ],
) {
    $r = $api->send('POST', $path, $key, $_->[0]);
    is $r->{status}, 400, "$_->[0]: 400";
    is $r->json->{error}, $_->[1], "$_->[0]: why";
}

is $api->send('PUT', "$path/$hook->{id}", $key, '{"enabled":1}')
       ->json->{error}, 'enabled must be true or false', 'put: a wrong type';

$r = $api->send('PUT', "$path/$hook->{id}", $key,
    '{"description":"New","events":["*"],"enabled":true}');
is $r->json->{data}{description}, 'New', 'put: description';
is_deeply $r->json->{data}{events}, ['*'], 'put: events';
is $r->json->{data}{url}, $hook->{url}, 'put: what is not said stays';


# a test, and what it looks like

sub test {
    my ($to) = @_;

    my $made = $api->send('POST', $path, $key, encode_json({
        url => $to, events => ['budget.threshold'] }))->json->{data};
    my $result = $api->send('POST', "$path/$made->{id}/test", $key, '');

    return ($result->json->{data}, $made, $result);
}

$r = $api->send('POST', "$path/$hook->{id}/test", $key, '');
my $delivery = $r->json->{data};

is $r->{status}, 200, 'test: 200';
is $delivery->{status}, 'delivered', 'test: delivered';
is $delivery->{event}, 'webhook.test', 'test: its event';
is $delivery->{attempts}[0]{response_status}, 200, 'test: status';
is $delivery->{attempts}[0]{response}, 'answer of /200', 'test: answer';

my ($request) = $receiver->requests('/200');
my %h = %{ $request->{headers} };
my $body = decode_json($request->{body});

is $request->{method}, 'POST', 'POST';
is $h{'content-type'}, 'application/json', 'Content-Type';
is $h{'user-agent'}, 'CloudK-Webhooks/1.0', 'User-Agent';
is $h{'x-cloudk-event'}, 'webhook.test', 'X-CloudK-Event';
is $h{'x-cloudk-timestamp'}, $body->{timestamp}, 'X-CloudK-Timestamp';
is $h{host}, '127.0.0.1:' . $receiver->{port}, 'Host';
is $h{'x-cloudk-signature'},
    'sha256=' . hmac_sha256_hex($request->{body}, $hook->{secret}),
    'X-CloudK-Signature';
is_deeply [ sort keys %$body ], [qw(data event timestamp)], 'the body';
like $body->{timestamp}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'its time';

sub standard {
    my ($request, $secret) = @_;

    my $h = $request->{headers};

    return 'v1,' . encode_base64(hmac_sha256(
        "$h->{'webhook-id'}.$h->{'webhook-timestamp'}.$request->{body}",
        decode_base64($secret =~ s/^whsec_//r)), '');
}

is $h{'webhook-id'}, $delivery->{event_id}, 'webhook-id';
cmp_ok abs($h{'webhook-timestamp'} - time), '<', 60, 'webhook-timestamp';
is $h{'webhook-signature'}, standard($request, $hook->{secret}),
    'webhook-signature';


# receivers of every manner

my %status = (
    '/204' => 204, '/301' => 301, '/400' => 400, '/500' => 500,
    '/429' => 429, '/big' => 200, '/accel' => 200, '/drip' => 200,
);

for my $manner (sort keys %status) {
    my ($result, $made) = test($receiver->url($manner));

    is $result->{attempts}[0]{response_status}, $status{$manner},
        "$manner: status";
    is $result->{status}, $status{$manner} < 300 ? 'delivered' : 'dead',
        "$manner: state";
    is scalar($receiver->requests($manner)), 1, "$manner: one attempt";
    unlike $result->{attempts}[0]{response} // '', qr/SECRET/,
        "$manner: no way to the inside";
    cmp_ok length($result->{attempts}[0]{response} // ''), '<=', 1024,
        "$manner: 1 KiB of the answer";
}

for my $manner ('/silent', '/half', '/close') {
    my ($result) = test($receiver->url($manner));

    is $result->{status}, 'dead', "$manner: dead";
    is $result->{attempts}[0]{response_status}, undef, "$manner: no status";
    like $result->{attempts}[0]{error},
        $manner eq '/close' ? qr/connection failed/ : qr/no answer in time/,
        "$manner: why";
    is scalar($receiver->requests($manner)), 1, "$manner: sent once";
}

my ($result) = test('http://127.0.0.1:' . Cost::Nginx::free_port() . '/');
like $result->{attempts}[0]{error}, qr/connection failed/, 'nobody listens';

($result) = test('https://127.0.0.1:' . $receiver->{port} . '/200');
like $result->{attempts}[0]{error}, qr/no answer in time/, 'TLS to no TLS';

($result) = test('https://name.example/');
like $result->{attempts}[0]{error}, qr/no resolver/, 'no resolver';

my (undef, $gone) = test($receiver->url('/410'));
my $state = $api->get("$path/$gone->{id}", $key)->json->{data};
is $state->{disabled_reason}, 'gone', '410: disabled';
ok !$state->{enabled}, '410: not enabled';
is $api->send('POST', "$path/$gone->{id}/test", $key, '')->{status}, 409,
    '410: no test any more';

is $db->query("SELECT count(*) FROM webhooks WHERE NOT enabled"), 1,
    'no other is disabled';
ok((grep { $_->{headers}{'x-cloudk-event'} eq 'webhook.disabled' }
    $receiver->wait(2, 5, '/200') ? $receiver->requests('/200') : ()),
    'webhook.disabled is an event, and is delivered');


# rotation: CloudK's signature is the old secret's, Standard's are both

my $old = $hook->{secret};
$r = $api->send('POST', "$path/$hook->{id}/rotate-secret", $key,
                '{"grace_seconds":3600}');
my $new = $r->json->{data}{secret};

like $new, qr/^whsec_/, 'rotate: a new secret';
isnt $new, $old, 'rotate: another';
like $r->json->{data}{old_secret_until}, qr/Z$/, 'rotate: until';

$api->send('POST', "$path/$hook->{id}/test", $key, '');
$request = ($receiver->requests('/200'))[-1];
is $request->{headers}{'x-cloudk-signature'},
    'sha256=' . hmac_sha256_hex($request->{body}, $old), 'rotate: the old';
is $request->{headers}{'webhook-signature'},
    standard($request, $new) . ' ' . standard($request, $old),
    'rotate: both';

$r = $api->send('POST', "$path/$hook->{id}/rotate-secret", $key, '');
my $last = $r->json->{data}{secret};
is $r->json->{data}{old_secret_until}, undef, 'rotate: no grace';
$api->send('POST', "$path/$hook->{id}/test", $key, '');
$request = ($receiver->requests('/200'))[-1];
is $request->{headers}{'x-cloudk-signature'},
    'sha256=' . hmac_sha256_hex($request->{body}, $last),
    'rotate: the new at once';


# CloudK's verifier, as its document prints it

SKIP: {
    skip 'no node', 2 if system('node --version > /dev/null 2>&1');

    my $verify = sub {
        my ($secret) = @_;
        my $script = File::Temp->new(SUFFIX => '.mjs');

        print $script <<'END';
import crypto from 'crypto';
function verifySignature(payload, secret, signature) {
  const expected = 'sha256=' + crypto
    .createHmac('sha256', secret)
    .update(payload)
    .digest('hex');
  return crypto.timingSafeEqual(
    Buffer.from(expected),
    Buffer.from(signature)
  );
}
const [payload, secret, signature] = process.argv.slice(2);
console.log(verifySignature(payload, secret, signature));
END
        close $script;

        open my $fh, '-|', 'node', $script->filename, $request->{body},
            $secret, $request->{headers}{'x-cloudk-signature'} or return '';
        my $text = <$fh> // '';
        close $fh;
        chomp $text;

        return $text;
    };

    is $verify->($last), 'true', 'CloudK\'s verifier accepts';
    is $verify->($old), 'false', 'and refuses another secret';
}


# retries, the list of deliveries, redelivery

my $retry = $api->send('POST', $path, $key, encode_json({
    url => $receiver->url('/then/500/429/200'),
    events => ['alert.triggered'] }))->json->{data};

$db->query("SELECT event_add($acme, 'alert.triggered', '{\"x\":1}')");
ok $receiver->wait(1, 5, '/then/500/429/200'), 'retry: the first try';

sub listed {
    my ($n) = @_;

    my $one;

    Cost::Nginx->wait_for(5, sub {
        $one = $api->get("$path/$retry->{id}/deliveries", $reader)
                   ->json->{data}[0];
        return @{ $one->{attempts} } >= $n;
    });

    return $one;
}

# pretends that a pause is over

sub skip_pause {
    $db->query("UPDATE deliveries SET next_attempt_at = now()
                 WHERE uuid = '$_[0]';
                UPDATE webhooks SET due_at = now()
                 WHERE uuid = '$retry->{id}'");
}

my $one = listed(1);
is $one->{status}, 'retrying', 'retry: it will be tried again';
is $db->query("SELECT next_attempt_at - now() BETWEEN interval '2 s' AND
    interval '6 s' FROM deliveries WHERE uuid = '$one->{id}'"), 't',
    'retry: after 5 seconds, a fifth more or less';

skip_pause($one->{id});
$one = listed(2);
is $one->{attempts}[1]{response_status}, 429, 'retry: the second';

skip_pause($one->{id});
$one = listed(3);
is $one->{status}, 'delivered', 'retry: delivered at last';
is_deeply [ map { $_->{response_status} } @{ $one->{attempts} } ],
    [ 500, 429, 200 ], 'retry: every attempt is kept';

my @ids = map { $_->{headers}{'webhook-id'} }
          $receiver->requests('/then/500/429/200');
is_deeply \@ids, [ ($ids[0]) x 3 ], 'retry: one id';

$r = $api->send('POST', "$path/deliveries/$one->{id}/redeliver", $key, '');
is $r->{status}, 202, 'redeliver: 202';
$one = listed(4);
is $one->{status}, 'delivered', 'redeliver: delivered';
is scalar(@{ $one->{attempts} }), 4, 'redeliver: an attempt more';
is $api->send('POST', "/api/v1/deliveries/$one->{id}/redeliver", $stranger,
              '')->{status}, 404, 'redeliver: another\'s';

$db->query("SELECT event_add($acme, 'alert.triggered', '{\"x\":$_}')")
    for 2 .. 4;

my $page = $api->get("$path/$retry->{id}/deliveries?limit=3", $reader)->json;
is scalar(@{ $page->{data} }), 3, 'deliveries: limit';
my $next = $api->get("$path/$retry->{id}/deliveries?limit=3&cursor="
                     . $page->{meta}{next_cursor}, $reader)->json;
is $next->{data}[0]{id}, $one->{id}, 'deliveries: the next page';
is $next->{meta}{next_cursor}, undef, 'deliveries: the last';

is $api->http->request('DELETE', "$path/$retry->{id}", 'X-API-Key' => $key)
       ->json->{data}{id}, $retry->{id}, 'delete';
is $api->get("$path/$retry->{id}", $key)->{status}, 404, 'deleted';

$api->stop;

done_testing;
