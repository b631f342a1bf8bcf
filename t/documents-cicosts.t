#!/usr/bin/env perl

# CICosts' document from its first line to its last, on the day of its
# examples: requests, bodies and replies as it prints them.  What its metrics
# and operators mean is in documents-cicosts-metrics.t.

use strict;
use warnings;

use File::Temp qw(tempdir);
use JSON::PP;
use MIME::QuotedPrint qw(decode_qp);
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;
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
my $slack = Cost::Receiver->new(text => '{"ok":true}');
my $receiver = Cost::Receiver->new;

my $today = '2024-01-15';

my $api = Cost::API->new(
    clock => "${today}T12:00:00Z", workers => 2,
    http => 'cost_secret_key ' . file('key', 'k' x 32) . ';
             cost_webhook_allow http loopback;
             cost_timer on timeout=3s evaluate=1h;',
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
                   set \$cost_slack_host 127.0.0.1:$slack->{port};
                   proxy_pass http://\$cost_slack_host/200/chat.postMessage;
                   proxy_http_version 1.1;
                   proxy_set_header Connection close;
                   proxy_next_upstream off;
               }");
my $db = $api->db;
my $nginx = $api->nginx;

my $acme = $db->organization('my-company');
my %plan = (organization => 'my-company', plan => 'cic_team');
my $key = $api->key(%plan, permission => 'write');
my $reader = $api->key(%plan);
my $cloudk = $api->key(organization => 'my-company', plan => 'free_cloudk',
                       permission => 'write');

$nginx->logged(qr/this node leads/, 15) or die 'nobody leads';


# a request as it is printed, but for the host, the key and the id

sub curl {
    my ($command, $id) = @_;

    $command =~ s/YOUR_API_KEY/$key/;
    $command =~ s/alert_abc123/$id/ if defined $id;
    $command =~ s{https://api\.cicosts\.dev}
                 {'http://127.0.0.1:' . $nginx->port}e;
    $command =~ s/^curl /curl -s -i /;

    my ($head, $body) = split /\r\n\r\n/, `$command`, 2;

    my ($status) = $head =~ m{^HTTP/1.1 (\d+)};

    return { status => $status, head => $head, body => $body };
}

# a text as it is printed, without its line ends and blanks, and with other
# words for some of its own

sub printed {
    my ($text, %words) = @_;

    $text =~ s/("(?:[^"\\]|\\.)*")|\s+/defined $1 ? $1 : ''/ge;

    for my $word (keys %words) {
        $text =~ s/\Q$word\E/$words{$word}/ or die "no $word in $text";
    }

    return $text;
}

sub send_json { $api->send($_[0], "/v1/alerts$_[1]", $key, $_[2]) }
sub get { $api->get("/v1/alerts$_[0]", $reader) }
sub alert { get("/$_[0]")->json->{data} }
sub uuid { join '-', unpack 'x6 A8 A4 A4 A4 A12', $_[0] }

sub status_is {
    my ($id, $status, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    Cost::Nginx->wait_for(15, sub { alert($id)->{status} eq $status });
    is alert($id)->{status}, $status, $name;
}

# of the API's times

my $time = qr/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/;


# What it cost: 2,015.67 this month, of it 320.18 today; on Sunday less.

my %costs = (
    (map { sprintf('2023-12-%02d', $_) => 80 + $_ / 16 } 1 .. 31),
    (map { sprintf('2024-01-%02d', $_) => 123.5 + $_ / 8 } 1 .. 13),
    '2024-01-14' => 78.615, $today => 320.18,
);

sub bills {
    my (%changed) = @_;

    my %all = (%costs, %changed);

    Cost::Bills::load($db, $acme,
        map { { day => $_, billed => $all{$_} } } sort keys %all);
}

bills();

# the sum of a window, and of one day of it on the average, from the bills

sub total {
    my ($from, $to) = @_;

    return $db->query("SELECT trim_scale(sum(billed)) FROM costs
        WHERE organization_id = $acme AND day BETWEEN '$from' AND '$to'");
}

is total('2024-01-01', $today), 2015.67, 'the bills of the example';


# "List Alerts: get all configured alerts"

my $list = "curl -H \"Authorization: Bearer YOUR_API_KEY\" \\
https://api.cicosts.dev/v1/alerts
";

my $r = curl($list);
is $r->{status}, 200, 'list: 200';
is $r->{body}, '{"data":{"alerts":[]}}', 'list: none, in the frame';
like $r->{head}, qr/^Content-Type: application\/json\r$/m, 'JSON';
like $r->{head}, qr/^X-API-Version: v1\r?$/m, 'its version';
like $r->{head}, qr/^X-RateLimit-Limit: 10000\r$/m, 'the limit of the plan';
like $r->{head}, qr/^X-RateLimit-Remaining: 9999\r$/m, 'what remains of it';
like $r->{head}, qr/^X-RateLimit-Reset: \d{10}\r$/m, 'and until when';

# the alert of the examples

my $hook = $api->send('POST', '/api/v1/webhooks', $cloudk, encode_json({
    url => $receiver->url('/200'), events => ['alert.triggered'] }));
is $hook->{status}, 201, 'a receiver of webhooks';

my $monthly = <<'END';
"name": "Monthly Budget Alert",
"type": "threshold",
END
my $rest = <<'END';
"scope": {
"type": "organization",
"org": "my-company"
},
"condition": {
"metric": "monthly_cost",
"operator": "greater_than",
"value": 2000
},
"notifications": [
{"type": "email", "target": "team@company.com"},
{"type": "slack", "channel": "#ci-alerts"}
],
"cooldown_hours": 24
END

$r = send_json('POST', '', "{ $monthly $rest }");
is $r->{status}, 201, 'the monthly alert';
my $id = $r->json->{data}{id};

like $id, qr/^alert_[0-9a-f]{32}$/, 'an id as the document has them';

# it triggers, and everybody is told

status_is($id, 'triggered', 'it triggers');
ok $nginx->wait_for(15, sub {
    -s "$dir/mail" && $slack->requests && $receiver->requests
}), 'email, Slack and webhooks are told';

my $message = 'Monthly cost of $2,015.67 exceeds threshold of $2,000.00';

my ($told) = $receiver->requests('/200');
is $told->{headers}{'x-cloudk-event'}, 'alert.triggered', 'webhook: the event';
my $event = decode_json($told->{body});
is_deeply $event->{data}, {
    rule_id => uuid($id), rule_name => 'Monthly Budget Alert',
    rule_type => 'absolute_threshold', cloud_provider => 'aws',
    account_name => 'Production AWS', triggered_value => 2015.67,
    threshold_value => 2000, message => $message,
}, 'webhook: what it says';

# the same in words

my $words = "$message

rule id: " . uuid($id) . "
rule name: Monthly Budget Alert
rule type: absolute_threshold
cloud provider: aws
account name: Production AWS
triggered value: 2015.67
threshold value: 2000
";

my ($posted) = $slack->requests;
is_deeply decode_json($posted->{body}),
    { channel => '#ci-alerts', text => $words }, 'Slack: the channel, the text';

sub mails {
    open my $fh, '<', "$dir/mail" or return;

    return map { decode_json($_) } grep { /\n\z/ } <$fh>;
}

my ($mail) = mails();
is_deeply $mail->{to}, [ 'team@company.com' ], 'email: the target';
like $mail->{data}, qr/^Subject: \Q$message\E\r$/m, 'email: the subject';
is decode_qp((split /\r\n\r\n/, $mail->{data}, 2)[1]) =~ s/\r\n/\n/gr, $words,
    'email: the text';


# "Get Alert Details", one that holds: the document's own reply, which calls
# active what its filter calls triggered

my $head = <<'END';
{
"data": {
"id": "alert_abc123",
"name": "Monthly Budget Alert",
"type": "threshold",
"status": "active",
END

my %now = (alert_abc123 => $id);

my $details = alert($id);
my ($triggered, $created) = ($details->{trigger_history}[0]{triggered_at},
                             $details->{created_at});

is get("/$id")->{body}, printed(<<"END", %now, 'status":"active' =>
$head$rest,
"trigger_history": [
{
"triggered_at": "2024-01-10T08:00:00Z",
"value_at_trigger": 2015.67,
"resolved_at": null
}
],
"created_at": "2023-12-01T00:00:00Z",
"updated_at": "2024-01-05T10:00:00Z"
}
}
END
    'status":"triggered', '2024-01-10T08:00:00Z' => $triggered,
    '2023-12-01T00:00:00Z' => $created, '2024-01-05T10:00:00Z' => $created),
    'details: the reply of the document, of an alert that has not resolved';
like $_, qr/^$time$/, 'details: times' for $triggered, $created;

# what it was, and what it is, in CloudK's face

my $face = $api->get('/api/v1/alerts', $cloudk)->json->{data};

is_deeply $face->{rules}, [ {
    id => uuid($id), name => 'Monthly Budget Alert',
    rule_type => 'absolute_threshold', threshold_value => 2000,
    threshold_unit => 'USD', cloud_provider => 'aws',
    scope_type => 'organization',
    notification_channels => [ 'email', 'slack' ],
    is_active => JSON::PP::true, created_at => $created } ],
    'CloudK: the rule';
is_deeply [ @{ $face->{history}[0] }{qw(rule_id triggered_at resolved_at
                                        current_value threshold_value)} ],
    [ uuid($id), $triggered, undef, 2015.67, 2000 ], 'CloudK: its history';

# it does not hold any more: the list of the document, to the byte

bills($today => 304.49);
is total('2024-01-01', $today), 1999.98, 'a bill is corrected';
status_is($id, 'active', 'it resolves');

is curl($list)->{body}, printed(<<"END", %now,
{
"data": {
"alerts": [
{
"id": "alert_abc123",
$monthly
"status": "active",
$rest,
"last_triggered_at": "2024-01-10T08:00:00Z",
"created_at": "2023-12-01T00:00:00Z"
}
]
}
}
END
    '2024-01-10T08:00:00Z' => $triggered,
    '2023-12-01T00:00:00Z' => $created), 'list: the reply of the document';
like alert($id)->{trigger_history}[0]{resolved_at}, qr/^$time$/,
    'details: when it resolved';
is $api->get('/api/v1/alerts', $cloudk)->json->{data}{history}[0]{resolved_at},
    alert($id)->{trigger_history}[0]{resolved_at}, 'CloudK: when it resolved';

bills();


# "Create Alert"

$r = send_json('POST', '', <<'END');
{
"name": "Daily Spike Alert",
"type": "anomaly",
"scope": {
"type": "organization",
"org": "my-company"
},
"condition": {
"metric": "daily_cost",
"operator": "percent_increase",
"value": 50,
"baseline": "7_day_average"
},
"notifications": [
{"type": "email", "target": "devops@company.com"}
],
"cooldown_hours": 4
}
END

my $spike = $r->json->{data}{id};

is $r->{status}, 201, 'create: 201';
is $r->header('Location'), "/v1/alerts/$spike", 'create: Location';
is $r->{body}, printed(<<'END', alert_def456 => $spike,
{
"data": {
"id": "alert_def456",
"name": "Daily Spike Alert",
"status": "active",
"created_at": "2024-01-15T12:00:00Z"
}
}
END
    '2024-01-15T12:00:00Z' => alert($spike)->{created_at}),
    'create: the reply of the document';

status_is($spike, 'triggered', 'a spike of 50%');
is alert($spike)->{trigger_history}[0]{value_at_trigger}, 320.18,
    'by what the day cost';

my $percent = $db->query("SELECT round(100 * (320.18
    / (sum(billed) / 7) - 1), 1) FROM costs WHERE organization_id = $acme
   AND day BETWEEN '$today'::date - 7 AND '$today'::date - 1");
my ($entry) = grep { $_->{rule_id} eq uuid($spike) }
              @{ $api->get('/api/v1/alerts?type=history', $cloudk)->json
                     ->{data}{history} };

is_deeply [ @{$entry}{qw(current_value threshold_value)} ],
    [ 0 + $percent, 50 ], 'CloudK: by how many percent';
ok $nginx->wait_for(15, sub {
    grep { $_->{to}[0] eq 'devops@company.com' } mails()
}), 'email to its own target';
($mail) = grep { $_->{to}[0] eq 'devops@company.com' } mails();
is decode_qp((split /\r\n\r\n/, $mail->{data}, 2)[1]) =~ s/\r?\n.*//rs,
    "Daily cost of \$320.18 is $percent% above the 7-day average, exceeding "
    . 'threshold of 50%', 'which says so';


# "Alert Types", "Scope Types": as printed, in a whole body

my @made;

sub made {
    my ($part, $name) = @_;

    $r = send_json('POST', '', qq({"name":"$name",$part}));
    is $r->{status}, 201, "$name: 201" or diag $r->{body};

    push @made, $r->json->{data}{id};

    my $sent = decode_json("{$part}");
    my $got = alert($made[-1]);

    is_deeply [ @{$got}{qw(type scope condition)} ],
        [ @{$sent}{qw(type scope condition)} ], "$name: as it was sent";

    return $got;
}

my $organization = '"scope":{"type":"organization","org":"my-company"}';

made(qq("type": "threshold",
"condition": {
"metric": "daily_cost",
"operator": "greater_than",
"value": 100
}
, $organization), 'Threshold Alert');
made(qq("type": "anomaly",
"condition": {
"metric": "daily_cost",
"operator": "percent_increase",
"value": 20,
"baseline": "7_day_average"
}
, $organization), 'Anomaly Alert');

my $condition = '"type":"threshold","condition":{"metric":"per_run_cost",'
                . '"operator":"less_than","value":0.5}';

my $plain = made(qq("scope": {
"type": "organization",
"org": "my-company"
}
, $condition), 'Organization scope');

is_deeply [ @{$plain}{qw(notifications cooldown_hours)} ], [ [], 24 ],
    'what was not sent';

made(qq("scope": {
"type": "repository",
"org": "my-company",
"repo": "api-service"
}
, $condition), 'Repository scope');
made(qq("scope": {
"type": "workflow",
"workflow_id": "wf_abc123"
}
, $condition), 'Workflow scope');


# the query's parameters: none is required

sub names {
    my ($query) = @_;

    return join ', ', map { $_->{name} }
           @{ get("?$query")->json->{data}{alerts} };
}

status_is($made[$_], 'triggered', 'for status: triggered') for 0, 1;
send_json('PUT', "/$made[3]", '{"status":"paused"}');

my $all = 'Monthly Budget Alert, Daily Spike Alert, Threshold Alert, '
    . 'Anomaly Alert, Organization scope, Repository scope, Workflow scope';

is names(''), $all, 'no filter';
is names('type=threshold'), $all =~ s/Daily Spike Alert, |Anomaly Alert, //gr,
    'type: threshold';
is names('type=anomaly'), 'Daily Spike Alert, Anomaly Alert', 'type: anomaly';
is names('status=paused'), 'Repository scope', 'status: paused';
status_is($id, 'active', 'for status: active');
is names('status=active'),
    'Monthly Budget Alert, Organization scope, Workflow scope',
    'status: active';
is names('status=triggered'),
    'Daily Spike Alert, Threshold Alert, Anomaly Alert', 'status: triggered';
is names('org=my-company'), $all, 'org: a workflow is the organization\'s';
is names('org=another'), '', 'org: another';
is names('org=my-company&type=threshold&status=triggered'), 'Threshold Alert',
    'all three';

for (
    [ 'status=open', 'status must be one of active, paused, triggered' ],
    [ 'type=budget', 'type must be one of threshold, anomaly' ],
    [ 'org=', 'org must be a text of 1 to 255 bytes' ],
) {
    $r = get("?$_->[0]");
    is $r->{status}, 400, "$_->[0]: 400";
    is $r->json->{error}{message}, $_->[1], 'by its name';
}


# "Update Alert: include only fields you want to update"

$r = send_json('PUT', "/$id", <<'END');
{
"name": "Updated Alert Name",
"status": "paused",
"condition": {
"value": 2500
}
}
END
is $r->{status}, 200, 'update: 200';

my $updated = alert($id);
is $r->{body}, printed(<<'END', %now, '2024-01-15T12:00:00Z' =>
{
"data": {
"id": "alert_abc123",
"name": "Updated Alert Name",
"status": "paused",
"updated_at": "2024-01-15T12:00:00Z"
}
}
END
    $updated->{updated_at}), 'update: the reply of the document';
is_deeply $updated, {
    id => $id, name => 'Updated Alert Name', type => 'threshold',
    status => 'paused', scope => { type => 'organization',
                                   org => 'my-company' },
    condition => { metric => 'monthly_cost', operator => 'greater_than',
                   value => 2500 },
    notifications => $details->{notifications}, cooldown_hours => 24,
    trigger_history => $updated->{trigger_history},
    created_at => $created, updated_at => $updated->{updated_at},
}, 'update: and nothing else';
is scalar(@{ $updated->{trigger_history} }), 1, 'update: nor its history';

# CloudK's face sees it, and what it does there is right here

($face) = @{ $api->get('/api/v1/alerts', $cloudk)->json->{data}{rules} };
is_deeply [ @{$face}{qw(name threshold_value is_active)} ],
    [ 'Updated Alert Name', 2500, JSON::PP::false ], 'CloudK: updated, paused';

$r = $api->send('PUT', '/api/v1/alerts/' . uuid($id), $cloudk,
                '{"status":"active","condition":{"value":2015.66},'
                . '"cooldown_hours":0}');
is_deeply [ $r->{status}, $r->json->{data}{id} ], [ 200, uuid($id) ],
    'CloudK: an update there';
status_is($id, 'triggered', 'is in force here');
is alert($id)->{trigger_history}[0]{value_at_trigger}, 2015.67,
    'with its second trigger';

my $there = $api->send('POST', '/api/v1/alerts', $cloudk, encode_json({
    name => 'Made there', type => 'threshold',
    scope => { type => 'all_accounts' },
    condition => { metric => 'daily_cost', operator => 'greater_than',
                   value => 320.17 } }))->json->{data}{id};
my $here = 'alert_' . $there =~ s/-//gr;

status_is($here, 'triggered', 'made there, it triggers, and is seen here');
is_deeply [ @{ alert($here) }{qw(name type scope condition)} ],
    [ 'Made there', 'threshold', { type => 'all_accounts' },
      { metric => 'daily_cost', operator => 'greater_than',
        value => 320.17 } ], 'as it was made';
is alert($here)->{trigger_history}[0]{value_at_trigger}, 320.18,
    'its history here';
is_deeply [ map { $_->{current_value} } grep { $_->{rule_id} eq $there }
    @{ $api->get('/api/v1/alerts', $cloudk)->json->{data}{history} } ],
    [ 320.18 ], 'and there';


# "Test Alert: trigger a test notification"

$nginx->wait_for(15, sub {
    $db->query("SELECT count(*) FROM deliveries WHERE state = 'pending'") == 0
});

my %before = (mail => scalar(mails()), slack => scalar($slack->requests));

$api->send('DELETE', '/api/v1/webhooks/' . $hook->json->{data}{id}, $cloudk,
           '');
$r = curl(<<'END', $id);
curl -X POST \
-H "Authorization: Bearer YOUR_API_KEY" \
https://api.cicosts.dev/v1/alerts/alert_abc123/test
END
is $r->{status}, 200, 'test: 200';
is $r->{body}, printed(<<'END'), 'test: the reply of the document';
{
"data": {
"test_sent": true,
"notifications": [
{"type": "email", "status": "sent"},
{"type": "slack", "status": "sent"}
]
}
}
END
is scalar(mails()), $before{mail} + 1, 'test: an email';
is scalar($slack->requests), $before{slack} + 1, 'test: a message on Slack';
is_deeply [ map { ($_->{channel}, $_->{text} =~ s/\n.*//rs) }
            decode_json(($slack->requests)[-1]{body}) ],
    [ '#ci-alerts', 'This is a test of the alert "Updated Alert Name"' ],
    'test: which says that it is one';


# "Delete Alert"

$r = curl(<<'END', $id);
curl -X DELETE \
-H "Authorization: Bearer YOUR_API_KEY" \
https://api.cicosts.dev/v1/alerts/alert_abc123
END
is $r->{status}, 200, 'delete: 200';
is $r->{body}, printed(<<'END', %now), 'delete: the reply of the document';
{
"data": {
"deleted": true,
"id": "alert_abc123"
}
}
END
is get("/$id")->{status}, 404, 'deleted';
is_deeply get("/$id")->json, { error => { code => 'not_found',
    message => 'There is no such alert' } }, 'in the words of the document';
is $api->get('/api/v1/alerts/' . uuid($id), $cloudk)->{status}, 404,
    'deleted there, too';


# what is wrong is said by name, in the frame of CICosts' errors

for (
    [ 400, 'POST', '', $key, '{"name":"x"}', 'bad_request',
      'type must be threshold or anomaly' ],
    [ 400, 'POST', '', $key, 'nothing', 'bad_request', qr/JSON/ ],
    [ 401, 'GET', '', undef, undef, 'unauthorized', qr/./ ],
    [ 401, 'GET', '', 'cic_live_x', undef, 'unauthorized', 'Invalid API key' ],
    [ 403, 'POST', '', $reader, '{}', 'forbidden', qr/permission/ ],
    [ 403, 'DELETE', "/$spike", $reader, '', 'forbidden', qr/permission/ ],
    [ 404, 'GET', '/alert_abc123', $reader, undef, 'not_found',
      'There is no such alert' ],
    [ 404, 'POST', '/alert_abc123/test', $key, '', 'not_found',
      'There is no such alert' ],
    [ 405, 'DELETE', '', $key, '', 'method_not_allowed', qr/./ ],
) {
    my ($status, $method, $path, $who, $body, $code, $why) = @$_;

    $r = defined $body ? $api->send($method, "/v1/alerts$path", $who, $body)
                       : $api->get("/v1/alerts$path", $who);

    is $r->{status}, $status, "$method $path: $status";
    is_deeply [ sort keys %{ $r->json } ], ['error'], 'an error, and nothing';
    is_deeply [ sort keys %{ $r->json->{error} } ], [qw(code message)],
        'its code and message';
    is $r->json->{error}{code}, $code, "code $code";
    ref $why ? like($r->json->{error}{message}, $why, 'why')
             : is($r->json->{error}{message}, $why, 'why');
    is $r->header('X-API-Version'), 'v1', 'with the version';
}

# "Free 100, Pro 1,000, Team 10,000 an hour"

for my $plan ([ cic_free => 100 ], [ cic_pro => 1000 ], [ cic_team => 10000 ])
{
    my $some = $api->key(organization => 'limited', plan => $plan->[0]);

    $r = $api->get('/v1/alerts', $some);
    is_deeply [ $some =~ /^(cic_live_)/, map { $r->header($_) }
                'X-RateLimit-Limit', 'X-RateLimit-Remaining' ],
        [ 'cic_live_', $plan->[1], $plan->[1] - 1 ], $plan->[0];

    next if $plan->[0] ne 'cic_free';

    $api->get('/v1/alerts', $some) for 2 .. 100;
    $r = $api->get('/v1/alerts', $some);
    is $r->{status}, 429, 'the 101st: 429';
    is $r->json->{error}{message}, 'Rate limit exceeded', '429: why';
    ok $r->header('Retry-After') >= 1, '429: Retry-After';
}

$api->stop;

done_testing;
