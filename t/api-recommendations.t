#!/usr/bin/env perl

# Recommendations over HTTP, from files through the import command to
# CloudK's form, and what people say of them.

use strict;
use warnings;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Import;

my $api = Cost::API->new;
my $db = $api->db;
my $import = Cost::Import->new($db);

my $path = '/api/v1/recommendations';
my $nowhere = '00000000-0000-4000-8000-000000000000';

my (%read, %write);

for my $slug (qw(acme other)) {
    $db->organization($slug);
    $read{$slug} = $api->key(organization => $slug, plan => 'free_cloudk',
                             permission => 'read');
    $write{$slug} = $api->key(organization => $slug, plan => 'free_cloudk',
                              permission => 'write');
}

my $empty = $api->get($path, $read{acme});

is $empty->{status}, 200, 'nothing loaded: 200';
is_deeply $empty->json->{data}, [], 'nothing recommended';
is_deeply meta($empty), { total => 0, total_potential_savings => 0,
                          currency => 'USD', status_filter => 'pending' },
          'and of nothing the sum is 0';


# An i3.2xlarge at 312.00 for half the month: 312 of 624 can be saved.  A
# volume of 104.166 GB-months at half time costs 10.4166, as gp3 8.33328:
# 4.16664 a month.  An address at 1.80, two accounts.

my $header = 'BilledCost,EffectiveCost,ListCost,ContractedCost,'
             . 'BillingCurrency,BillingPeriodStart,ChargePeriodStart,'
             . 'ChargePeriodEnd,ChargeCategory,ProviderName,'
             . 'BillingAccountId,SubAccountId,SubAccountName,ServiceName,'
             . 'ServiceCategory,RegionId,ResourceId,SkuMeter,'
             . "ConsumedQuantity,ConsumedUnit,PricingCategory\n";

sub charge {
    my ($account, $resource, $meter, $cost, $quantity) = @_;

    return join(',', ($cost) x 4, 'USD', '2026-06-01T00:00:00Z',
                '2026-06-01T00:00:00Z', '2026-06-16T00:00:00Z', 'Usage',
                'AWS', 1, $account, "account $account", 'AmazonEC2',
                'Compute', 'us-east-1', $resource, $meter, $quantity,
                'Hours', 'Standard') . "\n";
}

for my $slug (qw(acme other)) {
    my ($status, $out, $err) = $import->run($slug,
        '--prices', "$Cost::Database::root/conf/prices/aws.prices",
        $import->file("$slug.csv", $header
            . charge('0002', 'arn:aws:ec2:us-east-1:2:instance/'
                             . 'i-0abc123def456',
                     'BoxUsage:i3.2xlarge', 312, 360)
            . charge('0002', 'vol-1', 'EBS:VolumeUsage.gp2', 10.4166,
                     104.166)
            . charge('0003', 'eipalloc-1', 'ElasticIP:IdleAddress', 0.9,
                     180)),
        $import->file("$slug-use.csv", "resource_id,day,last_day,metric,"
            . "value\ni-0abc123def456,2026-05-15,2026-06-15,cpu_avg,4\n"));

    is $status, 0, "$slug: loaded" or diag $err;
}

my %account = map { split /\|/ } split /\n/,
    $db->query("SELECT a.external_id, a.uuid FROM accounts a
                  JOIN organizations o ON o.id = a.organization_id
                 WHERE slug = 'acme'");

my $all = $api->get($path, $read{acme});
my $data = $all->json->{data};

is $all->{status}, 200, 'a list';
is $all->header('Content-Type'), 'application/json', 'JSON';
is join(' ', map { $_->{type} } @$data),
   'rightsizing gp2_to_gp3 unattached', 'most first';

my %first = %{ $data->[0] };

like delete $first{id}, qr/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
     'an id';
like delete $first{created_at}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
     'a time';

is_deeply \%first, {
    account_id => $account{'0002'}, account_name => 'account 0002',
    aws_account_id => '0002', type => 'rightsizing',
    title => 'Downsize underutilized EC2 instance',
    description => 'i3.2xlarge at 4% avg CPU. Rightsize to i3.xlarge.',
    estimated_monthly_savings => 312, priority => 'high',
    resource_id => 'i-0abc123def456', resource_type => 'ec2',
    provider => 'aws', status => 'pending',
}, 'as the document has it';

like $all->{body}, qr/"estimated_monthly_savings":\s*312\.00\b/,
     'money has cents';
is_deeply meta($all), { total => 3, total_potential_savings => 317.97,
                        currency => 'USD', status_filter => 'pending' },
          'the sum of 312, 4.16664 and 1.80';


# --- parameters -------------------------------------------------------------

my $one = $api->get("$path?limit=1", $read{acme});

is scalar @{ $one->json->{data} }, 1, 'limit';
is_deeply meta($one), meta($all), 'which the totals are before';

my $third = $api->get("$path?account_id=$account{'0003'}", $read{acme});

is_deeply [map { $_->{resource_id} } @{ $third->json->{data} }],
          ['eipalloc-1'], 'one account';
is_deeply meta($third), { total => 1, total_potential_savings => 1.8,
                          currency => 'USD', status_filter => 'pending' },
          'and its sum';

for (['status=all', 3], ['status=pending', 3], ['status=applied', 0],
     ['status=dismissed', 0], ['limit=100', 3], ['other=x', 3])
{
    my $r = $api->get("$path?$_->[0]", $read{acme});

    is $r->{status} . ' ' . $r->json->{meta}{total}, "200 $_->[1]", $_->[0];
}

for (['status=open', 'status'], ['status=', 'status'], ['limit=0', 'limit'],
     ['limit=101', 'limit'], ['limit=ten', 'limit'],
     ['limit=1&limit=2', 'limit'], ['account_id=7', 'account_id'],
     ['account_id=', 'account_id'])
{
    my $r = $api->get("$path?$_->[0]", $read{acme});

    is $r->{status}, 400, "$_->[0]: 400";
    like $r->json->{error}, qr/\b$_->[1]\b/, 'which names it';
}

is $api->get("$path?account_id=$nowhere", $read{acme})->{status}, 404,
   'no such account';
is $api->get("$path?account_id=$account{'0002'}", $read{other})->{status},
   404, 'another organization\'s account';
is $api->get($path)->{status}, 401, 'no key';


# --- HEAD, ETag -------------------------------------------------------------

my $head = $api->head($path, $read{acme});

is $head->{status}, 200, 'HEAD';
is $head->{body}, '', 'has no body';
is $head->header('ETag'), $all->header('ETag'), 'but the ETag';
is $api->get($path, $read{acme}, 'If-None-Match' => $all->header('ETag'))
       ->{status}, 304, 'which is known';


# --- one, and what people say of it -----------------------------------------

my $id = $data->[0]{id};
my $single = $api->get("$path/$id", $read{acme});

is $single->{status}, 200, 'one';
is_deeply $single->json->{data}, $data->[0], 'is as in the list';

for (['{"status": "maybe"}', 'status'], ['{}', 'status'],
     ['{"status": "applied", "reason": "x"}', 'reason'],
     ['{"status": 1}', 'status'], ['{"status": "all"}', 'status'],
     ['[]', 'object'], ['x', 'JSON'])
{
    my $r = $api->send(PATCH => "$path/$id", $write{acme}, $_->[0]);

    is $r->{status}, 400, "$_->[0]: 400";
    like $r->json->{error}, qr/$_->[1]/, 'and why';
}

my $said = '{"status": "dismissed"}';

is $api->send(PATCH => "$path/$id", $read{acme}, $said)->{status}, 403,
   'a key that may only read';
is $api->send(PATCH => "$path/$id", $write{other}, $said)->{status}, 404,
   'another organization\'s';
is $api->get("$path/$id", $read{other})->{status}, 404, 'is not there';
is $api->send(PATCH => "$path/$nowhere", $write{acme}, $said)->{status}, 404,
   'nor one that does not exist';
is $api->get("$path/7", $read{acme})->{status}, 404, 'nor a number';
is $api->send(DELETE => "$path/$id", $write{acme}, '')->{status}, 405,
   'nobody deletes one';

my $changed = $api->send(PATCH => "$path/$id", $write{acme}, $said);

is $changed->{status}, 200, 'dismissed';
is_deeply $changed->json->{data}, { %{ $data->[0] }, status => 'dismissed' },
          'the object, with its status';

my $left = $api->get($path, $read{acme});

is_deeply [map { $_->{type} } @{ $left->json->{data} }],
          [qw(gp2_to_gp3 unattached)], 'is pending no longer, at once';
is_deeply meta($left), { total => 2, total_potential_savings => 5.97,
                         currency => 'USD', status_filter => 'pending' },
          'nor counted';
is_deeply [map { "$_->{type} $_->{status}" }
           @{ $api->get("$path?status=all", $read{acme})->json->{data} }],
          ['rightsizing dismissed', 'gp2_to_gp3 pending',
           'unattached pending'], 'of all it is one';
is $api->get($path, $read{other})->json->{meta}{total}, 3,
   'the other organization\'s are as they were';

is(($import->run('acme', $import->file('again.csv', $header
       . charge('0003', 'eipalloc-1', 'ElasticIP:IdleAddress', 0.9, 180))))
       [0], 0, 'another load');
is_deeply [map { "$_->{type} $_->{status}" }
           @{ $api->get("$path?status=all", $read{acme})->json->{data} }],
          ['rightsizing dismissed', 'gp2_to_gp3 pending',
           'unattached pending'], 'changes nothing of that';

is $api->send(PATCH => "$path/$id", $write{acme}, '{"status": "applied"}')
       ->json->{data}{status}, 'applied', 'applied';
is $api->send(PATCH => "$path/$id", $write{acme}, '{"status": "pending"}')
       ->json->{data}{status}, 'pending', 'and pending again';

$api->stop;

done_testing;


sub meta {
    my %meta = %{ $_[0]->json->{meta} };

    delete $meta{generated_at};

    return \%meta;
}
