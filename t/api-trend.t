#!/usr/bin/env perl

# /costs/overview and /costs/trend: InfraAudit's document line by line, every
# figure against one worked out by hand or by a plain sum over the facts.

use strict;
use warnings;

use Test::More;
use POSIX qw(strftime);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;

my $api = Cost::API->new;
my $db = $api->db;

my $doc = $db->organization('doc');
my $acme = $db->organization('acme');
my $other = $db->organization('other');
my $euro = $db->organization('euro', currency => 'EUR');

sub key { $api->key(organization => $_[0], plan => 'free_infraaudit') }

my $key = key('acme');

sleep 1 while strftime('%H%M', gmtime) eq '2359';

my $today = strftime '%Y-%m-%d', gmtime;

sub sql_day { $db->query("SELECT ($_[0])::date") }
sub ago { sql_day("'$today'::date - $_[0]") }

my $first = sql_day("date_trunc('month', date '$today')");
my $last_first = sql_day("date '$first' - interval '1 month'");
my $last_last = sql_day("date '$first' - 1");


# the overview of the document: 4231.50 so far, 4609.48 by the same day of
# last month, 8450.00 in all of it

my %gcp = (account => 'gcp', provider => 'gcp',
           account_name => 'GCP Production');
my %aws = (account_name => 'AWS Production');

Cost::Bills::load($db, $doc,
    { day => $first, billed => '3000', %aws },
    { day => $today, billed => '800', %aws },
    { day => $first, billed => '431.50', %gcp },
    { day => $last_first, billed => '4600', %aws },
    { day => $last_first, billed => '9.48', %gcp },
    { day => $last_last, billed => '3840.52', %aws },
    # neither month
    { day => sql_day("date '$last_first' - 1"), billed => '77777', %aws },
);

my $whole = $db->query("SELECT extract(day FROM date '$today')
                            >= extract(day FROM date '$last_last')") eq 't';

my $r = $api->http->get('/api/v1/costs/overview',
                        Authorization => 'Bearer ' . key('doc'));
my ($aws_id, $gcp_id) = split /\n/, $db->query("SELECT id FROM accounts
    WHERE organization_id = $doc ORDER BY provider");

is $r->{status}, 200, 'overview';
is_deeply $r->json, {
    current_month => { amount => 4231.50, currency => 'USD',
                       from => $first, to => $today },
    last_month => { amount => 8450, currency => 'USD' },
    mom_change_percent => $whole ? -49.9 : -8.2,
    by_provider => [
        { provider_id => $aws_id + 0, name => 'AWS Production', amount => 3800 },
        { provider_id => $gcp_id + 0, name => 'GCP Production',
          amount => 431.50 },
    ],
}, 'overview: the document\'s answer';

like $r->{body}, qr/^\{"current_month":\{"amount":4231\.50,"currency":"USD",/,
    'overview: as it is written';
ok $r->header('ETag'), 'overview: ETag';
is $api->head('/api/v1/costs/overview', key('doc'))->{status}, 200,
    'overview: HEAD';

is_deeply $api->get('/api/v1/costs/overview', key('other'))->json, {
    current_month => { amount => 0, currency => 'USD', from => $first,
                       to => $today },
    last_month => { amount => 0, currency => 'USD' },
    mom_change_percent => undef, by_provider => [],
}, 'overview: an empty organization has nothing to compare';

Cost::Bills::load($db, $euro, { day => $first, billed => '12',
    effective => '6', currency => 'EUR' });
my $overview = $api->get('/api/v1/costs/overview', key('euro'))->json;
is $overview->{current_month}{currency}, 'EUR', 'overview: other currency';
is $overview->{mom_change_percent}, undef, 'overview: first month';
is $api->get('/api/v1/costs/overview?cost=effective', key('euro'))
       ->json->{current_month}{amount}, 6, 'overview: effective';

is_deeply $api->get('/api/v1/costs/overview?cost=', key('euro'))->json,
    { error => 'cost must be one of billed, effective, list, contracted',
      code => 'BAD_REQUEST' }, 'overview: InfraAudit\'s wording';


# the trend: two accounts, three services, two regions, over 70 days

my @rows;

for my $i (0 .. 69) {
    next if $i % 5 == 3;                       # days without cost

    push @rows,
        { day => ago($i), billed => 10 + $i / 8, service => 'EC2',
          list => 20 },
        { day => ago($i), billed => '5.125', service => 'S3',
          region => 'eu-west-1' };
    push @rows, { day => ago($i), billed => 1 + $i, service => 'BigQuery',
                  %gcp, region => '' }
        if $i % 2;
}

Cost::Bills::load($db, $acme, @rows);
Cost::Bills::load($db, $other, { day => $today, billed => '1000000' });

my ($aws, $google) = split /\n/, $db->query("SELECT id FROM accounts
    WHERE organization_id = $acme ORDER BY provider");
my $foreign = $db->query("SELECT id FROM accounts
    WHERE organization_id = $other");


# the answer as a plain sum over the facts makes it

sub expected {
    my (%args) = @_;

    my %group = (provider => 'a.name', service => 's.name',
                 region => "coalesce(nullif(r.name, ''), 'no region')");
    my $kind = $args{cost} // 'billed';
    my $unit = $args{granularity} // 'day';
    my $days = $args{days} // 30;
    my $filter = $args{provider_id} ? "AND a.id = $args{provider_id}" : '';

    my $json = $db->query("
        WITH c AS (
            SELECT date_trunc('$unit', c.day)::date AS date,
                   $group{$args{group_by} // 'provider'} AS name,
                   sum(c.$kind) AS amount
              FROM costs c JOIN accounts a ON a.id = c.account_id
              JOIN services s ON s.id = c.service_id
              JOIN regions r ON r.id = c.region_id
             WHERE c.organization_id = $acme AND c.day <= '$today'
               AND c.day > date '$today' - $days $filter
             GROUP BY 1, 2)
        SELECT json_build_object('data', json_agg(json_build_object(
                   'date', d.date,
                   'amount', (SELECT coalesce(round(sum(c.amount), 2), 0)
                                FROM c WHERE c.date = d.date),
                   'breakdown', (SELECT coalesce(json_object_agg(
                                            c.name, round(c.amount, 2)), '{}')
                                   FROM c WHERE c.date = d.date))
                   ORDER BY d.date))
          FROM (SELECT DISTINCT date_trunc('$unit', g)::date AS date
                  FROM generate_series(date '$today' - $days + 1,
                                       date '$today', '1 day') g) d");

    return JSON::PP->new->decode($json);
}

for my $args (
    {},
    { days => 1 },
    { days => 2, group_by => 'service' },
    { days => 7, group_by => 'region' },
    { days => 60, granularity => 'week' },
    { days => 70, granularity => 'week', group_by => 'service' },
    { days => 70, granularity => 'month' },
    { days => 70, granularity => 'month', group_by => 'region' },
    { days => 365, granularity => 'day', group_by => 'service' },
    { days => 365, granularity => 'week', group_by => 'region' },
    { days => 365, granularity => 'month', group_by => 'provider' },
    { granularity => 'day', group_by => 'service', provider_id => $aws },
    { granularity => 'week', group_by => 'provider', provider_id => $google },
    { group_by => 'region', provider_id => $google },
    { days => 40, cost => 'list', group_by => 'service' },
    { days => 40, cost => 'effective', group_by => 'region',
      granularity => 'week' },
) {
    my $query = join '&', map { "$_=$args->{$_}" } sort keys %$args;

    $r = $api->get("/api/v1/costs/trend?$query", $key);
    is $r->{status}, 200, "trend?$query";
    is_deeply $r->json, expected(%$args), 'as the facts say';
}

my $data = $api->get('/api/v1/costs/trend', $key)->json->{data};
is scalar @$data, 30, '30 days are the default';
is $data->[-1]{date}, $today, 'the last is today';
is_deeply $data->[26], { date => ago(3), amount => 0, breakdown => {} },
    'a day without cost is 0';

# (10 + 1/8) + 5.125 of AWS, 2 of GCP, a day ago
is_deeply $data->[28], { date => ago(1), amount => 17.25,
    breakdown => { 'Production AWS' => 15.25, 'GCP Production' => 2 } },
    'by hand';

$r = $api->get('/api/v1/costs/trend?days=2&group_by=service', $key);
like $r->{body}, qr/"breakdown":\{"Amazon EC2":10\.13,"Amazon S3":5\.13,"BigQuery":2\.00\}/,
    'the largest first, two decimals, half a cent up';

is_deeply [ map { $_->{amount} }
            @{ $api->get('/api/v1/costs/trend?days=3', key('doc2'))
                   ->json->{data} } ], [ 0, 0, 0 ], 'an empty organization';

# accounts of one name
$db->query("UPDATE accounts SET name = 'Same'
             WHERE organization_id = $acme");
is_deeply [ sort keys %{ $api->get('/api/v1/costs/trend?days=2', $key)
                             ->json->{data}[0]{breakdown} } ],
    [ 'Same (123456789012)', 'Same (gcp)' ], 'are told apart';


# refused

for (
    [ 'days=0', 'days must be an integer from 1 to 365' ],
    [ 'days=366', 'days must be an integer from 1 to 365' ],
    [ 'granularity=hour', 'granularity must be one of day, week, month' ],
    [ 'granularity=', 'granularity must be one of day, week, month' ],
    [ 'group_by=account',
      'group_by must be one of provider, service, region' ],
    [ 'provider_id=0',
      'provider_id must be an integer from 1 to 2147483647' ],
    [ 'provider_id=x',
      'provider_id must be an integer from 1 to 2147483647' ],
    [ "provider_id=$aws&provider_id=$aws",
      'provider_id must be given only once, and must be an integer from 1 to '
      . '2147483647' ],
) {
    my ($query, $why) = @$_;

    $r = $api->get("/api/v1/costs/trend?$query", $key);
    is $r->{status}, 400, "$query: 400";
    is_deeply $r->json, { error => $why, code => 'BAD_REQUEST' },
        "$query: error";
}

for my $group (qw(provider service region)) {
    for my $id ($foreign, 999999) {
        $r = $api->get("/api/v1/costs/trend?provider_id=$id&group_by=$group",
                       $key);
        is $r->{status}, 404, "provider $id by $group: 404";
        is_deeply $r->json,
            { error => 'There is no provider with this provider_id',
              code => 'NOT_FOUND' }, 'in InfraAudit\'s wording';
    }
}

$api->stop;

done_testing;
