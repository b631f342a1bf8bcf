#!/usr/bin/env perl

# InfraAudit's document from its first line to its last, on the day of its
# examples; and the edges of months, on other days.

use strict;
use warnings;

use POSIX qw(strftime);
use Test::More;
use Time::Local qw(timegm);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;
use Cost::Document;
use Cost::Sync;

my %aws = (account => 'aws', account_name => 'AWS Production');
my %gcp = (account => 'gcp', account_name => 'GCP Production',
           provider => 'gcp');


# a day and so many days more

sub day {
    my ($year, $month, $day) = split /-/, $_[0];

    return strftime '%Y-%m-%d',
                    gmtime(timegm(0, 0, 12, $day, $month - 1, $year)
                           + 86400 * $_[1]);
}


# on a server whose clock says so

sub server {
    my ($now) = @_;

    my $api = Cost::API->new(clock => $now, workers => 2,
                             http => 'cost_cache_zone replies:1m;');

    return ($api, $api->db, $api->db->organization('acme'),
            $api->key(organization => 'acme', plan => 'free_infraaudit',
                      permission => 'write'));
}

# Authorization: Bearer <token>

sub get {
    my ($api, $key, $path) = @_;

    return $api->http->get("/api/v1$path", Authorization => "Bearer $key");
}

my ($api, $db, $acme, $key) = server('2024-01-14T09:30:00Z');

my $other = $db->organization('other');

Cost::Bills::load($db, $acme,
    # by the 14th of December 4,609.48, in all of it 8,450.00
    { day => '2023-12-01', billed => '4000', %aws },
    { day => '2023-12-14', billed => '609.48', %gcp },
    { day => '2023-12-15', billed => '3000.52', %aws },
    { day => '2023-12-31', billed => '840', %aws },
    { day => '2023-11-30', billed => '55555', %aws },
    { day => '2024-01-01', billed => '3514.60', %aws },
    { day => '2024-01-13', billed => '431.50', %gcp },
    { day => '2024-01-14', billed => '180', %aws, service => 'EC2' },
    { day => '2024-01-14', billed => '45', %aws, service => 'S3' },
    { day => '2024-01-14', billed => '60.40', %aws, service => 'RDS',
      region => 'eu-west-1' },
);
Cost::Bills::load($db, $other, { day => '2024-01-14', billed => '9', %aws });

my ($aws, $gcp) = split /\n/, $db->query("SELECT id FROM accounts
    WHERE organization_id = $acme ORDER BY external_id");
my $foreign = $db->query("SELECT id FROM accounts
    WHERE organization_id = $other");


# GET /costs/overview

my $r = get($api, $key, '/costs/overview');

is $r->{status}, 200, 'overview';
is_deeply $r->json, {
    current_month => { amount => 4231.50, currency => 'USD',
                       from => '2024-01-01', to => '2024-01-14' },
    last_month => { amount => 8450.00, currency => 'USD' },
    mom_change_percent => -8.2,
    by_provider => [
        { provider_id => 0 + $aws, name => 'AWS Production',
          amount => 3800.00 },
        { provider_id => 0 + $gcp, name => 'GCP Production',
          amount => 431.50 },
    ],
}, 'overview: the very answer of the document';


# GET /costs/trend

sub trend { get($api, $key, "/costs/trend?$_[0]") }

is_deeply trend('days=1&group_by=service')->json, { data => [ {
    date => '2024-01-14', amount => 285.40,
    breakdown => { 'Amazon EC2' => 180.00, 'Amazon S3' => 45.00,
                   'Amazon RDS' => 60.40 } } ] },
    'trend: the document\'s answer, with services\' common names';

# "provider_id: defaults to all", "days: 30", "granularity: day",
# "group_by: provider"

is_deeply trend('')->json,
    trend('days=30&granularity=day&group_by=provider')->json,
    'trend: the defaults';

my $days = trend('')->json->{data};
is scalar @$days, 30, 'trend: 30 days';
is $days->[0]{date}, '2023-12-16', 'trend: the first of them';
is_deeply $days->[1], { date => '2023-12-17', amount => 0, breakdown => {} },
    'trend: a day without cost';
is_deeply $days->[29], { date => '2024-01-14', amount => 285.40,
                         breakdown => { 'AWS Production' => 285.40 } },
    'trend: by provider';

is_deeply trend('days=1&group_by=region')->json->{data}[0]{breakdown},
    { 'us-east-1' => 225, 'eu-west-1' => 60.40 }, 'trend: by region';
is_deeply [ map { [ @{$_}{qw(date amount)} ] }
            @{ trend('days=15&granularity=week')->json->{data} } ],
    [ [ '2023-12-25', 840 ],                 # 31 December alone
      [ '2024-01-01', 3514.60 ],
      [ '2024-01-08', 716.90 ] ], 'trend: weeks, by their Mondays';
is_deeply [ map { [ @{$_}{qw(date amount)} ] }
            @{ trend('days=45&granularity=month')->json->{data} } ],
    [ [ '2023-12-01', 8450 ], [ '2024-01-01', 4231.50 ] ],
    'trend: months, by their firsts';
is_deeply trend("days=2&provider_id=$gcp")->json->{data},
    [ { date => '2024-01-13', amount => 431.50,
        breakdown => { 'GCP Production' => 431.50 } },
      { date => '2024-01-14', amount => 0, breakdown => {} } ],
    'trend: one provider';

for (
    [ "provider_id=$foreign", 404 ],
    [ 'provider_id=aws', 400, 'provider_id' ],
    [ 'days=0', 400, 'days' ],
    [ 'days=366', 400, 'days' ],
    [ 'granularity=year', 400, 'granularity' ],
    [ 'group_by=account', 400, 'group_by' ],
) {
    my ($query, $status, $name) = @$_;

    $r = trend($query);
    is $r->{status}, $status, "trend: $query";
    like $r->json->{error}, qr/^$name must be /, 'says why' if $name;
    is $r->json->{code}, $status == 404 ? 'NOT_FOUND' : 'BAD_REQUEST', 'code';
}


# GET /costs/forecast

my ($steady, $steady_key) = ($db->organization('steady'),
    $api->key(organization => 'steady', plan => 'free_infraaudit'));

Cost::Bills::load($db, $steady, map {
    { day => day('2024-01-14', -$_), billed => '291.67',
      %aws }
} 1 .. 60);

my $provider = $db->query("SELECT id FROM accounts
    WHERE organization_id = $steady");

for my $query ('', '?days=30', "?provider_id=$provider") {
    $r = get($api, $steady_key, "/costs/forecast$query");

    shape_ok($r, <<'END', "forecast$query");
{
  "forecast_days": 30,
  "projected_total": 8750.00,
  "confidence_interval": {
    "low": 7900.00,
    "high": 9600.00
  },
  "daily": [
    {
      "date": "2024-01-15",
      "amount": 291.67,
      "lower": 260.00,
      "upper": 320.00
    }
  ]
}
END

    my $forecast = $r->json;

    is $forecast->{forecast_days}, 30, "forecast$query: 30 days";
    is $forecast->{projected_total}, 8750.10, "forecast$query: 30 x 291.67";
    is scalar @{ $forecast->{daily} }, 30, "forecast$query: each day";
    is $forecast->{daily}[0]{date}, '2024-01-15',
        "forecast$query: from tomorrow";
    is $forecast->{daily}[0]{amount}, 291.67, "forecast$query: its amount";
    is $forecast->{daily}[29]{date}, '2024-02-13', "forecast$query: to";
}

is get($api, $steady_key, '/costs/forecast?days=60')->json->{projected_total},
    17500.20, 'forecast: 60 days';
is get($api, $steady_key, '/costs/forecast?days=90')->json->{projected_total},
    26250.30, 'forecast: 90 days';
is get($api, $steady_key, '/costs/forecast?days=45')->{status}, 400,
    'forecast: 45 days';
is get($api, $steady_key, "/costs/forecast?provider_id=$foreign")->{status},
    404, 'forecast: another\'s provider';


# GET /costs/anomalies

$db->query("INSERT INTO cost_anomalies (organization_id, account_id,
        service_id, day, actual, expected, lower, upper, score, severity,
        detected_at)
    SELECT $acme, a.id, s.id, d.day::date, 892.10, 210, 180.5, 240.25, 9, 'high', '2024-01-14T06:00:00Z'
      FROM accounts a, services s,
           (VALUES ('2024-01-13'), ('2023-12-16'), ('2023-12-15')) d (day)
     WHERE a.id = $aws AND s.name = 'Amazon EC2'");

sub anomalies { get($api, $key, "/costs/anomalies?$_[0]")->json->{data} }

my ($found) = @{ anomalies('') };
my $id = delete $found->{id};

like $id, qr/^\d+$/, 'anomalies: an integer';
is_deeply $found, {
    type => 'cost', date => '2024-01-13', provider_id => 0 + $aws,
    provider_name => 'AWS Production', service => 'Amazon EC2',
    actual_amount => 892.10, expected_amount => 210, expected_lower => 180.50,
    expected_upper => 240.25, deviation_percent => 324.8, severity => 'high',
    status => 'active', reason => undef,
    detected_at => '2024-01-14T06:00:00Z',
}, 'anomalies: one of them';

is scalar @{ anomalies('') }, 2, 'anomalies: of 30 days';
is scalar @{ anomalies('days=31') }, 3, 'anomalies: of 31 days';
is scalar @{ anomalies('days=1') }, 0, 'anomalies: of today';
is scalar @{ anomalies("provider_id=$aws") }, 2, 'anomalies: of a provider';
is scalar @{ anomalies("provider_id=$gcp") }, 0, 'anomalies: of another';
is scalar @{ anomalies('status=dismissed') }, 0, 'anomalies: none dismissed';


# POST /costs/anomalies/{id}/dismiss, with the document's own body

$r = $api->http->post("/api/v1/costs/anomalies/$id/dismiss", <<'END',
{
  "reason": "Planned migration"
}
END
    Authorization => "Bearer $key", 'Content-Type' => 'application/json');

is $r->{status}, 200, 'dismiss: 200';
is $r->json->{data}{status}, 'dismissed', 'dismiss: status';
is $r->json->{data}{reason}, 'Planned migration', 'dismiss: reason';
is scalar @{ anomalies('status=active') }, 1, 'anomalies: one is active';
is anomalies('status=dismissed')->[0]{id}, $id, 'anomalies: one is not';
is $api->http->post("/api/v1/costs/anomalies/999999/dismiss", '{}',
                    Authorization => "Bearer $key")->{status}, 404,
    'dismiss: one that is not there';


# "Filter by provider", "status: active or dismissed": what they may not be

for (
    [ 'days=0', 400, 'days must be an integer from 1 to 365' ],
    [ 'status=open', 400, 'status must be one of active, dismissed' ],
    [ 'provider_id=aws', 400,
      'provider_id must be an integer from 1 to 2147483647' ],
    [ "provider_id=$foreign", 404,
      'There is no provider with this provider_id' ],
) {
    my ($query, $status, $error) = @$_;

    $r = get($api, $key, "/costs/anomalies?$query");
    is $r->{status}, $status, "anomalies: $query";
    is_deeply $r->json, { error => $error,
        code => $status == 404 ? 'NOT_FOUND' : 'BAD_REQUEST' },
        'an error and a code';
}


# 429: retryAfter, too

my $limited = $api->key(organization => 'limited', plan => 'infraaudit');
# in two of them at the most

for (1 .. 201) {
    $r = get($api, $limited, '/costs/overview');
    last if $r->{status} != 200;
}

is $r->{status}, 429, 'too many in a minute: 429';
is_deeply [ sort keys %{ $r->json } ], [qw(code error retryAfter)],
    '429: error, code and retryAfter';
is $r->json->{error}, 'Rate limit exceeded', '429: error';
is $r->json->{retryAfter}, $r->header('Retry-After'),
    '429: retryAfter is Retry-After';


# an organization without anything, and one of a single row, in EUR

my $empty = $api->key(organization => 'empty', plan => 'free_infraaudit');
my $euro = $db->organization('euro', currency => 'EUR');
my $european = $api->key(organization => 'euro', plan => 'free_infraaudit');

Cost::Bills::load($db, $euro, { day => '2024-01-10', billed => '0.005',
                                currency => 'EUR', %aws });

my $only = $db->query("SELECT id FROM accounts
    WHERE organization_id = $euro");
my %january = (from => '2024-01-01', to => '2024-01-14');

is_deeply get($api, $empty, '/costs/overview')->json, {
    current_month => { amount => 0, currency => 'USD', %january },
    last_month => { amount => 0, currency => 'USD' },
    mom_change_percent => undef, by_provider => [] }, 'empty: overview';
is_deeply get($api, $european, '/costs/overview')->json, {
    current_month => { amount => 0.01, currency => 'EUR', %january },
    last_month => { amount => 0, currency => 'EUR' },
    mom_change_percent => undef, by_provider => [ { provider_id => 0 + $only,
        name => 'AWS Production', amount => 0.01 } ] }, 'one row: overview';

for ([ $empty, 0 ], [ $european, 0.01 ]) {
    my ($who, $sum) = @$_;

    for my $group (qw(provider service region)) {
        my $data = get($api, $who, "/costs/trend?group_by=$group")
                       ->json->{data};

        is scalar @$data, 30, "$group: every day is there";
        is_deeply [ map { $_->{amount} } grep { $_->{amount} } @$data ],
            [ $sum || () ], "$group: what there is";
    }

    is get($api, $who, '/costs/forecast')->{status}, 400,
        'too little for a forecast';
    is_deeply get($api, $who, '/costs/anomalies')->json->{data}, [],
        'and nothing odd';
}


# POST /costs/sync

my $url = "/api/v1/accounts/$aws";

is $api->http->post('/api/v1/costs/sync', '', Authorization => "Bearer $key")
       ->{status}, 409, 'sync: nothing to sync from';
is $api->http->patch($url, '{"source": {"kind": "https",
                             "url": "https://example.com/bill.csv.gz"}}',
                     Authorization => "Bearer $key")->{status}, 200,
    'sync: a source';

$r = $api->http->post('/api/v1/costs/sync', '',
                      Authorization => "Bearer $key");

is $r->{status}, 202, 'sync: Response 202';
shape_ok($r, '{ "job_id": 55, "status": "running" }', 'sync');
is $r->json->{status}, 'running', 'sync: status';

my $job = $r->json->{job_id};

is_deeply $api->http->post('/api/v1/costs/sync', '',
                           Authorization => "Bearer $key")->json,
    { job_id => $job, status => 'running' }, 'sync: the job that runs';
is get($api, $key, "/costs/sync/$job")->json->{job_id}, $job,
    'sync: which can be followed';

$api->stop;


# "Fetches the latest billing data from all connected providers"

my $sync = Cost::Sync->new(clock => '2024-01-14T09:30:00Z');
my $connected = $sync->organization('acme');

for my $name ('one', 'two') {
    $sync->source($connected, { kind => 'directory',
                                path => $sync->dir . "/$name" });
    $sync->write("$name/2024-01.csv", Cost::Sync::bill('2024-01',
        [ 13, $name, '100.25', 'Amazon EC2' ],
        [ 14, $name, $name eq 'one' ? '10.50' : '20', 'Amazon S3' ]));
}

$r = $sync->api->http->post('/api/v1/costs/sync', '',
                            Authorization => "Bearer $connected");
is $r->{status}, 202, 'sync: Response 202';

my $path = '/costs/sync/' . $r->json->{job_id};

ok $sync->nginx->wait_for(30, sub {
    get($sync->api, $connected, $path)->json->{status} eq 'done'
}), 'sync: it is done';
is get($sync->api, $connected, '/costs/overview')
       ->json->{current_month}{amount}, 231, 'sync: overview has it';
is_deeply get($sync->api, $connected, '/costs/trend?days=1&group_by=service')
              ->json, { data => [ { date => '2024-01-14', amount => 30.50,
                  breakdown => { 'Amazon S3' => 30.50 } } ] },
    'sync: and the trend';
$sync->stop;


# the same first days of last month, where it is shorter, and in a leap year

for (
    # the month so far, last month, and its days up to the same one
    [ '2024-02-29T23:58:00Z', '2024-02-01', '2024-01-01', '2024-01-29' ],
    [ '2024-03-30T00:00:00Z', '2024-03-01', '2024-02-01', '2024-02-29' ],
    [ '2023-03-29T12:00:00Z', '2023-03-01', '2023-02-01', '2023-02-28' ],
    [ '2024-03-01T12:00:00Z', '2024-03-01', '2024-02-01', '2024-02-01' ],
    [ '2024-01-31T12:00:00Z', '2024-01-01', '2023-12-01', '2023-12-31' ],
) {
    my ($now, $first, $before, $same) = @$_;
    my $today = substr $now, 0, 10;

    ($api, $db, $acme, $key) = server($now);

    # each day another amount, which no sum of others is likely to equal
    Cost::Bills::load($db, $acme, map {
        my $day = day('2022-12-20', $_);

        { day => $day, billed => sprintf('%.7f', 3 + sqrt $_), %aws },
        ($_ % 3 ? () : { day => $day, billed => sprintf('%.5f', $_ / 7),
                         service => 'BigQuery', %gcp })
    } 0 .. 470);

    # a request across midnight would be one of another day
    my $overview = get($api, $key, '/costs/overview')->json;

    if ($overview->{current_month}{to} ne $today) {
        diag "$now is over";
        $api->stop;
        next;
    }

    my ($this, $last, $then) = split /\|/, $db->query("SELECT
        sum(billed) FILTER (WHERE day BETWEEN '$first' AND '$today'),
        sum(billed) FILTER (WHERE day >= '$before' AND day < '$first'),
        sum(billed) FILTER (WHERE day BETWEEN '$before' AND '$same')
        FROM costs WHERE organization_id = $acme");
    my ($amount, $whole, $change) = split /\|/, $db->query("SELECT
        round($this, 2), round($last, 2), round(100 * ($this / $then - 1), 1)");

    is_deeply $overview->{current_month}, { amount => 0 + $amount,
        currency => 'USD', from => $first, to => $today }, "$today: so far";
    is $overview->{last_month}{amount}, 0 + $whole, "$today: last month";
    is $overview->{mom_change_percent}, 0 + $change,
        "$today: beside $before to $same";
    is_deeply [ grep { $_ } map { $_->{amount} }
                @{ $overview->{by_provider} } ],
        [ map { 0 + $_ } split /\n/, $db->query("SELECT round(sum(billed), 2)
            FROM costs WHERE organization_id = $acme
             AND day BETWEEN '$first' AND '$today'
           GROUP BY account_id ORDER BY 1 DESC") ], "$today: by provider";

    for my $unit (qw(day week month)) {
        for my $group (qw(provider service region)) {
            my $name = { provider => 'a.name', service => 's.name',
                         region => 'r.name' }->{$group};
            my %want = map { my ($date, $name, $sum) = split /\|/;
                             ("$date|$name" => 0 + $sum) }
                       split /\n/, $db->query("SELECT
                date_trunc('$unit', c.day)::date, $name,
                round(sum(c.billed), 2)
                  FROM costs c JOIN accounts a ON a.id = c.account_id
                  JOIN services s ON s.id = c.service_id
                  JOIN regions r ON r.id = c.region_id
                 WHERE c.organization_id = $acme
                   AND c.day > date '$today' - 365 AND c.day <= '$today'
                 GROUP BY 1, 2");
            my %got;

            for my $bucket (@{ get($api, $key, '/costs/trend?days=365'
                . "&granularity=$unit&group_by=$group")->json->{data} })
            {
                $got{"$bucket->{date}|$_"} = $bucket->{breakdown}{$_}
                    for keys %{ $bucket->{breakdown} };
            }

            is_deeply \%got, \%want, "$today: trend by $unit and $group";
        }
    }

    $api->stop;
}

done_testing;
