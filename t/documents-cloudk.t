#!/usr/bin/env perl

# CloudK's document from its first line to its last, on the day of its
# examples.  What it says of webhooks is in api-webhooks.t.

use strict;
use warnings;

use JSON::PP;
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;
use Cost::Document;

my $api = Cost::API->new(
    clock => '2024-06-15T12:00:00Z', workers => 2,
    http => 'cost_cache_zone replies:1m;',
);
my $db = $api->db;

my $acme = $db->organization('acme');
my $other = $db->organization('other');

my $key = $api->key(organization => 'acme', plan => 'cloudk');
my $stranger = $api->key(organization => 'other', plan => 'free_cloudk');
my $free = $api->key(organization => 'acme', plan => 'free_cloudk');

Cost::Bills::load($db, $acme,
    { day => '2024-06-15', billed => '2000.44' },
    { day => '2024-06-09', billed => '103' },
    { day => '2024-06-12', billed => '812.77', service => 'Amazon S3' },
    { day => '2024-06-09', billed => '694.21', service => 'Amazon RDS' },
    { day => '2024-06-10', billed => '1210.88', service => 'AWS Support' },
    # not among the last seven days
    { day => '2024-06-08', billed => '11.11' },
    { day => '2024-05-17', billed => '22.22' },
    { day => '2024-05-16', billed => '44.44' },
    { day => '2023-06-17', billed => '88.88' },
    { day => '2023-06-16', billed => '1000' },
);
Cost::Bills::load($db, $other, { day => '2024-06-15', billed => '5' });

my $account = Cost::Bills::account($db, $acme, '123456789012');
my $foreign = Cost::Bills::account($db, $other, '123456789012');

my $requests = 0;

sub ask {
    my ($path, @headers) = @_;

    $requests++;

    return $api->http->get("/api/v1$path", @headers);
}


# "Pass the key in either header"

for my $header ([ Authorization => "Bearer $key" ], [ 'X-API-Key' => $key ]) {
    my $r = ask('/costs', @$header);

    is $r->{status}, 200, "$header->[0]: 200";

    # "limited to 60 requests per minute and 10,000 requests per day"

    is $r->header('X-RateLimit-Remaining-Minute'), 60 - $requests,
        'X-RateLimit-Remaining-Minute';
    is $r->header('X-RateLimit-Remaining-Day'), 10000 - $requests,
        'X-RateLimit-Remaining-Day';
    is $r->header('Retry-After'), undef, 'Retry-After only on 429';
}


# /api/v1/costs

my $example = <<'END';
{
"data": {
"accounts": [
{
"account_id": "uuid",
"account_name": "Production AWS",
"aws_account_id": "123456789012",
"total_cost": 4821.30
}
],
"services": [
{ "service": "Amazon EC2", "cost": 2103.44 },
{ "service": "Amazon S3", "cost": 812.77 },
{ "service": "Amazon RDS", "cost": 694.21 }
],
"daily_total": 4821.30
},
"meta": {
"days": 7,
"account_count": 1,
"currency": "USD",
"generated_at": "2024-06-15T12:00:00Z"
}
}
END

my $r = ask('/costs?days=7', Authorization => "Bearer $key");

shape_ok($r, $example, '/costs');

my $reply = $r->json;

like $reply->{meta}{generated_at}, qr/^2024-06-15T12:0\d:\d\dZ$/,
    '/costs: generated_at is now';
is_deeply $reply->{data}{accounts}, [
    { account_id => $account, account_name => 'Production AWS',
      aws_account_id => '123456789012', provider => 'aws',
      total_cost => 4821.30 } ], '/costs: accounts';

my %service = map { $_->{service} => $_->{cost} }
              @{ $reply->{data}{services} };
is_deeply \%service, { 'Amazon EC2' => 2103.44, 'Amazon S3' => 812.77,
                       'Amazon RDS' => 694.21, 'AWS Support' => 1210.88 },
    '/costs: services';
is $reply->{data}{daily_total}, 4821.30, '/costs: daily_total';
is $reply->{meta}{account_count}, 1, '/costs: account_count';

# "account_id: omit to include all accounts"; "days: 1-365, default 30"

sub total {
    my $r = $api->get("/api/v1/costs$_[0]", $free);

    return $r->{status} == 200 ? $r->json->{data}{daily_total}
                               : $r->{status};
}

is total(''), 4854.63, 'days: 30 by default';           # + 11.11 + 22.22
is total('?days=30'), 4854.63, 'days: 30';
is total('?days=1'), 2000.44, 'days: 1';
is total('?days=365'), 4987.95, 'days: 365';            # + 44.44 + 88.88
is total("?days=7&account_id=$account"), 4821.30, 'account_id';
is total("?account_id=$foreign"), 404, 'account_id: another\'s';
is total("?account_id=$foreign&days=0"), 400, 'a bad request first';

for my $days (qw(0 366 -1 7.5 seven), '') {
    $r = $api->get("/api/v1/costs?days=$days", $free);
    is $r->{status}, 400, "days=$days: 400";
    like $r->json->{error}, qr/^days must be an integer from 1 to 365/,
        "days=$days: why";
}


# against the facts: any window of one or two accounts

Cost::Bills::load($db, $acme, map {
    { day => Cost::Bills::day($db, '2024-02-20', $_), account => 'second',
      account_name => 'Second', service => "Service " . $_ % 3,
      billed => sprintf '%.6f', 7 + $_ * 1.234567 }
} 0 .. 60);

my $second = Cost::Bills::account($db, $acme, 'second');

for my $window ([ '2024-02-28', '2024-02-29' ], [ '2024-02-29', '2024-02-29' ],
                [ '2024-02-29', '2024-03-01' ], [ '2024-03-01', '2024-03-31' ],
                [ '2024-02-20', '2024-04-20' ], [ '2024-02-01', '2024-02-29' ],
                [ '2023-01-01', '2024-12-31' ], [ '2024-03-31', '2024-04-01' ])
{
    my ($first, $last) = @$window;
    my $within = "organization_id = $acme AND day BETWEEN '$first' AND '$last'";
    my $path = "/api/v1/costs?start_date=$first&end_date=$last";

    $reply = $api->get($path, $free)->json;

    is $reply->{data}{daily_total},
        0 + $db->query("SELECT round(coalesce(sum(billed), 0), 2) FROM costs
                         WHERE $within"), "$first to $last: the facts' sum";

    my %want = map { split /\|/ } split /\n/, $db->query(
        "SELECT s.name, round(sum(c.billed), 2) FROM costs c
           JOIN services s ON s.id = c.service_id
          WHERE $within GROUP BY 1");
    my %got = map { $_->{service} => $_->{cost} } @{ $reply->{data}{services} };

    is_deeply \%got, { map { $_ => 0 + $want{$_} } keys %want },
        "$first to $last: by service";
    is_deeply [ map { $_->{cost} } @{ $reply->{data}{services} } ],
        [ sort { $b <=> $a } map { $_->{cost} } @{ $reply->{data}{services} } ],
        "$first to $last: the dearest first";

    $reply = $api->get("$path&account_id=$second", $free)->json;
    is $reply->{data}{daily_total}, 0 + $db->query(
        "SELECT round(coalesce(sum(c.billed), 0), 2) FROM costs c
           JOIN accounts a ON a.id = c.account_id
          WHERE c.$within AND a.uuid = '$second'"),
        "$first to $last: one account";
}


# /api/v1/recommendations

$db->query("INSERT INTO recommendations (organization_id, account_id, kind,
        resource, resource_id, resource_type, title, description, saving,
        priority, created_at)
    SELECT $acme, a.id, r.kind, r.resource, r.resource, 'ec2',
           'Downsize underutilized EC2 instance',
           'i3.2xlarge at 4% avg CPU. Rightsize to i3.xlarge.', r.saving,
           r.priority, '2024-06-14T08:00:00Z'
      FROM accounts a,
           (VALUES ('rightsizing', 'i-0abc123def456', 312, 'high'),
                   ('idle', 'i-1', 40.555, 'medium'),
                   ('idle', 'i-2', 12.5, 'low')) r (kind, resource, saving,
                                                    priority)
     WHERE a.uuid = '$account'");

$r = $api->get('/api/v1/recommendations?limit=10', $free);

shape_ok($r, <<'END', '/recommendations');
{
"data": [
{
"id": "uuid",
"account_id": "uuid",
"account_name": "Production AWS",
"aws_account_id": "123456789012",
"type": "rightsizing",
"title": "Downsize underutilized EC2 instance",
"description": "i3.2xlarge at 4% avg CPU. Rightsize to i3.xlarge.",
"estimated_monthly_savings": 312.00,
"priority": "high",
"resource_id": "i-0abc123def456",
"resource_type": "ec2",
"created_at": "2024-06-14T08:00:00Z"
}
],
"meta": {
"total": 1,
"total_potential_savings": 312.00,
"currency": "USD",
"status_filter": "pending",
"generated_at": "2024-06-15T12:00:00Z"
}
}
END

$reply = $r->json;

my %advice = %{ $reply->{data}[0] };

like delete $advice{id}, qr/^[0-9a-f-]{36}$/, '/recommendations: a uuid';
is_deeply { map { $_ => $advice{$_} } grep { !/^(?:provider|status)$/ }
            keys %advice }, {
    account_id => $account, account_name => 'Production AWS',
    aws_account_id => '123456789012', type => 'rightsizing',
    title => 'Downsize underutilized EC2 instance',
    description => 'i3.2xlarge at 4% avg CPU. Rightsize to i3.xlarge.',
    estimated_monthly_savings => 312, priority => 'high',
    resource_id => 'i-0abc123def456', resource_type => 'ec2',
    created_at => '2024-06-14T08:00:00Z' }, '/recommendations: the first';
is_deeply [ map { $_->{estimated_monthly_savings} } @{ $reply->{data} } ],
    [ 312, 40.56, 12.5 ], '"ranked by estimated monthly savings"';

sub advised {
    my $r = $api->get("/api/v1/recommendations?$_[0]", $free);

    return $r->{status} if $r->{status} != 200;

    return [ scalar @{ $r->json->{data} },
             @{ $r->json->{meta} }{qw(total total_potential_savings
                                      status_filter)} ];
}

is_deeply advised(''), [ 3, 3, 365.06, 'pending' ], 'all of them';  # 365.055
is_deeply advised('limit=1'), [ 1, 3, 365.06, 'pending' ],
    'totals are before the limit';
is_deeply advised("account_id=$second"), [ 0, 0, 0, 'pending' ], 'account_id';
is_deeply advised("account_id=$foreign"), 404, 'account_id: another\'s';
is_deeply advised('status=applied'), [ 0, 0, 0, 'applied' ], 'applied';
is_deeply advised('status=all'), [ 3, 3, 365.06, 'all' ], 'all';
is advised($_), 400, "$_: 400"
    for qw(limit=0 limit=101 status=none account_id=1);


# /api/v1/alerts

my $writer = $api->key(organization => 'acme', plan => 'free_cloudk',
                       permission => 'write');

$r = $api->send('POST', '/api/v1/alerts', $writer, encode_json({
    name => 'Daily spend > $500', type => 'threshold',
    scope => { type => 'all_accounts' },
    condition => { metric => 'daily_cost', operator => 'greater_than',
                   value => 500 },
    notifications => [ { type => 'email', target => 'a@example.com' },
                       { type => 'slack', channel => '#costs' } ] }));
is $r->{status}, 201, '/alerts: one is made';

$db->query("INSERT INTO alert_history (organization_id, alert_id,
        triggered_at, value, threshold)
    SELECT $acme, id, '2024-06-14T09:42:00Z', 611.22, 500 FROM alerts");

$example = <<'END';
{
"data": {
"rules": [
{
"id": "uuid",
"name": "Daily spend > $500",
"rule_type": "absolute_threshold",
"threshold_value": 500,
"threshold_unit": "USD",
"cloud_provider": "aws",
"scope_type": "all_accounts",
"notification_channels": ["email", "slack"],
"is_active": true,
"created_at": "2024-06-01T00:00:00Z"
}
],
"history": [
{
"id": "uuid",
"rule_id": "uuid",
"triggered_at": "2024-06-14T09:42:00Z",
"resolved_at": null,
"current_value": 611.22,
"threshold_value": 500,
"notification_sent": true
}
]
},
"meta": {
"type_filter": "all",
"rule_count": 1,
"active_rule_count": 1,
"history_count": 1,
"generated_at": "2024-06-15T12:00:00Z"
}
}
END

$r = $api->get('/api/v1/alerts', $free);
shape_ok($r, $example, '/alerts');

my ($rule, $history) = map { $r->json->{data}{$_}[0] } qw(rules history);

is_deeply { map { $_ => $rule->{$_} } qw(name rule_type threshold_value
    threshold_unit scope_type notification_channels is_active) }, {
    name => 'Daily spend > $500', rule_type => 'absolute_threshold',
    threshold_value => 500, threshold_unit => 'USD',
    scope_type => 'all_accounts', notification_channels => [qw(email slack)],
    is_active => JSON::PP::true }, '/alerts: the rule';
is_deeply { map { $_ => $history->{$_} } qw(rule_id triggered_at resolved_at
    current_value threshold_value) }, {
    rule_id => $rule->{id}, triggered_at => '2024-06-14T09:42:00Z',
    resolved_at => undef, current_value => 611.22, threshold_value => 500 },
    '/alerts: its history';

for (
    [ 'type=all', 1, 1 ], [ 'type=rules', 1, 0 ], [ 'type=history', 0, 1 ],
) {
    my ($query, $rules, $entries) = @$_;
    my $reply = $api->get("/api/v1/alerts?$query", $free)->json;

    is scalar @{ $reply->{data}{rules} }, $rules, "/alerts?$query: rules";
    is scalar @{ $reply->{data}{history} }, $entries,
        "/alerts?$query: history";
    is $reply->{meta}{type_filter}, substr($query, 5), 'type_filter';
}

is $api->get("/api/v1/alerts?$_", $free)->{status}, 400, "/alerts?$_: 400"
    for qw(type=none limit=0 limit=101 limit=);


# /api/v1/health: "No auth required"

$r = $api->http->get('/api/v1/health');
is_deeply $r->json, { status => 'ok', version => 'v1' }, '/health';
is $r->header('X-RateLimit-Remaining-Minute'), undef, '/health: no limits';

$api->get('/api/v1/health', $key) for 1 .. 5;
$r = ask('/auth/info', 'X-API-Key' => $key);
is $r->header('X-RateLimit-Remaining-Minute'), 60 - $requests,
    '/health: not counted';


# "All successful responses follow a consistent envelope"

for my $path ('/costs', '/accounts', "/accounts/$account", '/webhooks',
              '/ci/runs', '/auth/info', '/recommendations', '/alerts',
              '/budgets')
{
    $r = $api->get("/api/v1$path", $free);
    shape_ok($r, '{ "meta": { "generated_at": "2024-06-15T12:00:00Z" } }',
             $path);
    ok exists $r->json->{data}, "$path: data";

    # "Every response includes the header X-API-Version: v1"
    is $r->header('X-API-Version'), 'v1', "$path: X-API-Version";
}


# "Errors return a JSON object with a single error key"

for (
    [ 400, '/costs?days=0', $free, qr/^days must be/ ],
    [ 401, '/costs', undef, qr/^Invalid API key$/ ],
    [ 401, '/costs', 'ck_live_xxxxxxxxxxxx', qr/^Invalid API key$/ ],
    [ 403, '/keys', $free, qr/permission/ ],
    [ 404, '/accounts/00000000-0000-4000-8000-000000000000', $free, qr/./ ],
    [ 404, "/accounts/$foreign", $free, qr/./ ],
    [ 404, '/nothing', $free, qr/^Resource not found$/ ],
) {
    my ($status, $path, $key, $text) = @$_;

    $r = $api->get("/api/v1$path", $key);
    is $r->{status}, $status, "$path: $status";
    is_deeply [ keys %{ $r->json } ], ['error'], "$path: a single key";
    like $r->json->{error}, $text, "$path: what is wrong";
    is $r->header('X-API-Version'), 'v1', "$path: X-API-Version";
    is $r->header('Content-Type'), 'application/json', "$path: JSON";
}

# 429, and which requests it takes

ask('/costs?days=7', 'X-API-Key' => $key) while $requests < 60;
$r = $api->get('/api/v1/costs?days=7', $key);

is $r->{status}, 429, 'the 61st: 429';
is_deeply $r->json, { error => 'Rate limit exceeded' }, '429: error';
ok $r->header('Retry-After') >= 1 && $r->header('Retry-After') <= 60,
    '429: Retry-After';
is $r->header('X-RateLimit-Remaining-Minute'), 0, '429: nothing remains';
is $r->header('X-RateLimit-Remaining-Day'), 9940, '429: of the day it does';
is $r->header('X-API-Version'), 'v1', '429: X-API-Version';

$api->stop;

done_testing;
