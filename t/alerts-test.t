#!/usr/bin/env perl

# POST /v1/alerts/{id}/test: through a mail relay, Slack and webhooks.

use strict;
use warnings;

use File::Temp qw(tempdir);
use IO::Socket::INET;
use JSON::PP;
use POSIX ();
use Test::More;
use Time::HiRes qw(time);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Npm;
use Cost::Receiver;

plan skip_all => 'npm is not installed' if !Cost::Npm::have();

my $dir = tempdir(CLEANUP => 1);
chmod 0755, $dir;

sub file {
    my ($name, $text) = @_;

    open my $fh, '>', "$dir/$name" or die "$dir/$name: $!";
    print $fh $text;
    close $fh;
    chmod 0600, "$dir/$name";

    return "$dir/$name";
}

my $relay = Cost::Npm->start('t/lib/smtp.js',
                             Cost::Npm::install('smtp-server@3'),
                             "$dir/mail");

# a double of Slack, that knows one channel

my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64)
    or die "listen: $!";
my $port = $listen->sockport;
my $slack = fork // die "fork: $!";

if ($slack == 0) {
    while (my $socket = $listen->accept) {
        my $data = '';

        while ($data !~ /\}\s*\z/) {
            last if !sysread $socket, $data, 65536, length $data;
        }

        my $text = $data =~ /"#ci-alerts"/
            ? '{"ok":true}' : '{"ok":false,"error":"channel_not_found"}';

        syswrite $socket, "HTTP/1.1 200 OK\r\nContent-Length: "
            . length($text) . "\r\nConnection: close\r\n\r\n$text";
        close $socket;
    }

    POSIX::_exit(0);
}

close $listen;

my $receiver = Cost::Receiver->new;
my $secrets = file('key', 'k' x 32);

my $api = Cost::API->new(
    workers => 2,
    http => "cost_secret_key $secrets;
             cost_webhook_allow http loopback;
             cost_timer on timeout=3s evaluate=1h;",
    server => "include %%ROOT%%/conf/cost_webhooks.conf;
               location = /cost/email {
                   internal;
                   cost_errors off;
                   cost_smtp 127.0.0.1:$relay->{port}
                             from=cost\@example.org timeout=1s;
               }
               location = /cost/slack {
                   internal;
                   cost_errors off;
                   cost_slack " . file('token', "xoxb-the-token\n") . ";
                   proxy_pass http://127.0.0.1:$port/api/chat.postMessage;
                   proxy_http_version 1.1;
                   proxy_set_header Connection close;
                   proxy_next_upstream off;
               }");
my $db = $api->db;
my $acme = $db->organization('acme');
my $key = $api->key(organization => 'acme', plan => 'cic_team',
                    permission => 'write');
my $cloudk = $api->key(organization => 'acme', plan => 'free_cloudk',
                       permission => 'write');

sub add {
    my (@notifications) = @_;

    return $api->send('POST', '/v1/alerts', $key, encode_json({
        name => 'Monthly "Budget" Alert', type => 'threshold',
        scope => { type => 'all_accounts' }, notifications => \@notifications,
        condition => { metric => 'monthly_cost', operator => 'greater_than',
                       value => 2000 } }))->json->{data}{id};
}

sub test { return $api->send('POST', "/v1/alerts/$_[0]/test", $key, '') }

sub hook {
    my ($path, @events) = @_;

    return $api->send('POST', '/api/v1/webhooks', $cloudk, encode_json({
        url => $receiver->url($path), events => \@events }))
        ->json->{data}{id};
}


# the document's example

my $team = add({ type => 'email', target => 'team@company.com' },
               { type => 'slack', channel => '#ci-alerts' });
my $start = time;
my $r = test($team);

is $r->{status}, 200, 'test: 200';
is $r->{body}, '{"data":{"test_sent":true,"notifications":[{"type":"email",'
    . '"status":"sent"},{"type":"slack","status":"sent"}]}}',
    'as documented';
cmp_ok time - $start, '<', 10, 'at once';

open my $fh, '<', "$dir/mail" or die "mail: $!";
my @mail = map { decode_json($_) } <$fh>;
close $fh;

is scalar(@mail), 1, 'one message was sent';
like encode_json($mail[0]), qr/team\@company\.com/, 'to the address';
like encode_json($mail[0]), qr/This is a test of the alert/,
    'that says what it is';


# webhooks hear it, too, as an event of its own

my $good = hook('/200', 'alert.triggered');
my $all = hook('/204', '*');
hook('/400', 'budget.threshold');

is $r = test($team)->json->{data}{notifications}[2]{status}, 'sent',
    'webhooks are told though nobody lists them';
is scalar($receiver->requests($_)), 1, "$_: once" for '/200', '/204';
is scalar($receiver->requests('/400')), 0, 'not one that wants no alerts';

my ($request) = $receiver->requests('/200');
my $event = decode_json($request->{body});

is $event->{event}, 'alert.test', 'the event';
is $request->{headers}{'x-cloudk-event'}, 'alert.test', 'in the header';
is_deeply $event->{data}, {
    rule_id => (join '-', unpack 'x6 A8 A4 A4 A4 A12', $team),
    rule_name => 'Monthly "Budget" Alert', rule_type => 'absolute_threshold',
    cloud_provider => 'all', account_name => 'All accounts',
    triggered_value => 2000, threshold_value => 2000,
    message => 'This is a test of the alert "Monthly "Budget" Alert"',
}, 'what it says';

is $api->send('POST', "/api/v1/alerts/$team/test", $cloudk, '')
       ->json->{data}{notifications}[0]{status}, 'sent', 'in the other face';
is $db->query('SELECT count(*) FROM alert_history'), 0,
    'a test is no trigger';


# what fails says why, and is not tried again

my $bad = add({ type => 'slack', channel => '#nowhere' },
              { type => 'webhook' },
              { type => 'email', target => 'a@company.com' });
$api->send('PUT', "/api/v1/webhooks/$good", $cloudk,
           encode_json({ url => $receiver->url('/500') }));
$r = test($bad)->json->{data};
is_deeply [ map { "$_->{type} $_->{status}" } @{ $r->{notifications} } ],
    [ 'slack failed', 'webhook failed', 'email sent' ], 'each by itself';
ok $r->{test_sent}, 'some of it was sent';
like $r->{notifications}[0]{error}, qr/channel_not_found/, 'why: slack';
like $r->{notifications}[1]{error}, qr/500/, 'why: webhook';
is $db->query("SELECT count(*) FROM deliveries WHERE state = 'pending'"), 0,
    'and that is all';

my $none = add({ type => 'webhook' });
$api->send('DELETE', "/api/v1/webhooks/$_", $cloudk, '') for $good, $all;
$r = test($none)->json->{data};
is_deeply $r, { test_sent => JSON::PP::false, notifications => [
    { type => 'webhook', status => 'failed',
      error => 'no webhook is there to be told of alerts' } ] },
    'nobody to tell';
is_deeply test(add())->json->{data},
    { test_sent => JSON::PP::false, notifications => [] }, 'nobody listed';

is test('alert_' . '0' x 32)->{status}, 404, 'no such alert';
is $api->send('POST', "/v1/alerts/$team/test", $api->key(
    organization => 'other', plan => 'cic_team', permission => 'write'),
    '')->{status}, 404, 'another\'s';
is $api->send('POST', "/v1/alerts/$team/test", $api->key(
    organization => 'acme', plan => 'cic_team'), '')->{status}, 403,
    'a reader';


# a trigger takes the same way

Cost::Nginx->wait_for(10, sub { $api->nginx->log =~ /this node leads/ });
$db->query("INSERT INTO accounts (organization_id, provider, external_id,
                                  name) VALUES ($acme, 'aws', '1', 'One');
    INSERT INTO cost_to_date
    SELECT $acme, 0, d::date, 0, 1, 3000, 1, 1, 1
      FROM generate_series(date_trunc('month', now() AT TIME ZONE 'UTC'),
                           now() AT TIME ZONE 'UTC', '1 day') d;
    NOTIFY cost_data, '$acme'");
ok $api->nginx->wait_for(10, sub {
    $db->query("SELECT count(*) FROM events e JOIN event_outcomes o
        ON o.event_id = e.id AND o.organization_id = e.organization_id
        WHERE e.type = 'alert.triggered' AND o.state = 'delivered'
          AND o.kind IN ('email', 'slack')") == 3
}), 'a trigger goes to the channels that its alert lists';
ok $api->get('/api/v1/alerts?type=history', $cloudk)->json->{data}{history}[0]
       ->{triggered_at}, 'and has its history';

kill KILL => $slack;
waitpid $slack, 0;
$api->stop;

done_testing;
