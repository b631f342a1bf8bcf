#!/usr/bin/env perl

# GET /api/v1/costs: CloudK's document and Cost Optix's, line by line, and
# every figure against one worked out by hand.

use strict;
use warnings;

use JSON::PP;
use POSIX qw(strftime);
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;

my $api = Cost::API->new;
my $db = $api->db;

my $acme = $db->organization('acme');
my $other = $db->organization('other');
my $euro = $db->organization('euro', currency => 'EUR');

my $cloudk = $api->key(organization => 'acme', plan => 'free_cloudk');
my $optix = $api->key(organization => 'acme', plan => 'enterprise');
my $stranger = $api->key(organization => 'other', plan => 'free_cloudk');
my $european = $api->key(organization => 'euro', plan => 'free_cloudk');
my $nobody = $api->key(organization => 'empty', plan => 'free_cloudk');

# a test that runs over midnight would see two days
sleep 1 while strftime('%H%M', gmtime) eq '2359';

my $today = strftime '%Y-%m-%d', gmtime;

sub ago { Cost::Bills::day($db, $today, -$_[0]) }

# the document's example: seven days, one account, 4821.30
Cost::Bills::load($db, $acme,
    { day => $today, billed => '2000.44' },
    { day => ago(6), billed => '103' },
    { day => ago(3), billed => '812.77', service => 'Amazon S3' },
    { day => ago(6), billed => '694.21', service => 'Amazon RDS' },
    { day => ago(1), billed => '1210.88', service => 'AWS Support' },
    # outside of the seven days, within 30 and 365
    { day => ago(7), billed => '1000' },
    { day => ago(29), billed => '0.005', service => 'Amazon SQS' },
    { day => ago(30), billed => '50' },
    { day => ago(364), billed => '70' },
    { day => ago(365), billed => '90000' },
);

# dates of long ago, edges of months, four kinds of cost, two accounts
Cost::Bills::load($db, $acme,
    { day => '2020-12-31', billed => '1' },
    { day => '2021-01-01', billed => '10.005', effective => '9',
      list => '20', contracted => '15' },
    { day => '2021-01-31', billed => '100.10', effective => '90',
      list => '200.20', contracted => '150.15' },
    { day => '2021-01-15', billed => '-5.25', service => 'Credits' },
    { day => '2021-02-01', billed => '1000' },
    { day => '2021-01-10', billed => '3.14159265358979', account => 'gcp-1',
      provider => 'gcp', account_name => 'GCP Production',
      service => 'BigQuery' },
);

Cost::Bills::load($db, $other, { day => '2021-01-10', billed => '7.77' });
Cost::Bills::load($db, $euro, { day => '2021-01-10', billed => '8',
                                currency => 'EUR' });

my $aws = Cost::Bills::account($db, $acme, '123456789012');
my $gcp = Cost::Bills::account($db, $acme, 'gcp-1');
my $foreign = Cost::Bills::account($db, $other, '123456789012');


# CloudK: curl ".../api/v1/costs?days=7" -H "Authorization: Bearer ck_live_..."

my $r = $api->http->get('/api/v1/costs?days=7',
                        Authorization => "Bearer $cloudk");

is $r->{status}, 200, 'CloudK: status';
is $r->header('Content-Type'), 'application/json', 'CloudK: type';
is $r->header('X-API-Version'), 'v1', 'CloudK: version';
is $r->header('Cache-Control'), 'private, no-cache', 'CloudK: caching';

my $reply = $r->json;
my $made = delete $reply->{meta}{generated_at};

like $made, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'CloudK: generated_at';

is_deeply $reply, {
    data => {
        accounts => [
            { account_id => $aws, account_name => 'Production AWS',
              aws_account_id => '123456789012', provider => 'aws',
              total_cost => '4821.30' + 0 },
            { account_id => $gcp, account_name => 'GCP Production',
              aws_account_id => 'gcp-1', provider => 'gcp', total_cost => 0 },
        ],
        services => [
            { service => 'Amazon EC2', cost => 2103.44 },
            { service => 'AWS Support', cost => 1210.88 },
            { service => 'Amazon S3', cost => 812.77 },
            { service => 'Amazon RDS', cost => 694.21 },
        ],
        daily_total => 4821.30,
    },
    meta => {
        days => 7, start_date => ago(6), end_date => $today,
        account_count => 2, currency => 'USD', cost => 'billed',
    },
}, 'CloudK: the document\'s answer';

like $r->{body}, qr/"total_cost":4821\.30[,}]/, 'money has two decimals';
like $r->{body}, qr/^\{"data":\{"accounts":\[\{"account_id":/,
    'CloudK: data first, nothing before';

is $api->http->get('/api/v1/costs', 'X-API-Key' => $cloudk)->{status}, 200,
    'CloudK: the other header';


# Cost Optix: curl -H "X-API-Key: cc_..." ".../costs?start_date=...&end_date=..."

$r = $api->get('/api/v1/costs?start_date=2021-01-01&end_date=2021-01-31',
               $optix);
$reply = $r->json;
delete $reply->{meta}{generated_at};

is_deeply $reply, {
    success => JSON::PP::true,
    data => {
        accounts => [
            { account_id => $aws, account_name => 'Production AWS',
              aws_account_id => '123456789012', provider => 'aws',
              total_cost => 104.86 },          # 10.005 + 100.10 - 5.25
            { account_id => $gcp, account_name => 'GCP Production',
              aws_account_id => 'gcp-1', provider => 'gcp',
              total_cost => 3.14 },
        ],
        services => [
            { service => 'Amazon EC2', cost => 110.11 },   # 110.105
            { service => 'BigQuery', cost => 3.14 },
            { service => 'Credits', cost => -5.25 },
        ],
        daily_total => 108,                    # 107.99659...
    },
    meta => {
        days => 31, start_date => '2021-01-01', end_date => '2021-01-31',
        account_count => 2, currency => 'USD', cost => 'billed',
    },
}, 'Cost Optix: January';

like $r->{body}, qr/^\{"success":true,"data":/, 'Cost Optix: success first';
like $r->{body}, qr/"daily_total":108\.00\}/, 'a whole number has decimals too';


# windows

sub total {
    my ($query, $key) = @_;

    my $reply = $api->get("/api/v1/costs?$query", $key // $cloudk);

    return $reply->{status} == 200 ? $reply->json->{data}{daily_total}
                                   : $reply->{status};
}

is total('days=1'), 2000.44, 'today alone';
is total('days=8'), 5821.30, 'eight days';
is total('days=29'), 5821.30, '29 days';
is total('days=30'), 5821.31, '30 days: half a cent is rounded up';
is total(''), 5821.31, 'which are the default';
is total('days=31'), 5871.31, '31 days';
is total('days=365') - total('days=364'), 70, 'the 365th day';

for (
    [ '2020-12-31', '2020-12-31', 1 ],
    [ '2020-12-31', '2021-01-01', 11.01 ],
    [ '2021-01-01', '2021-01-01', 10.01 ],
    [ '2021-01-02', '2021-01-30', -2.11 ],      # -5.25 + 3.14159
    [ '2021-01-02', '2021-01-31', 97.99 ],
    [ '2021-01-31', '2021-02-01', 1100.10 ],
    [ '2021-02-01', '2021-02-28', 1000 ],
    [ '2021-02-02', '2021-02-28', 0 ],
    [ '2020-01-01', '2020-12-30', 0 ],
    [ '2020-12-31', '2021-02-01', 1109 ],       # 1108.99659...
    [ '1970-01-01', '1979-12-31', 0 ],
    [ '2990-01-01', '2999-12-31', 0 ],
) {
    my ($first, $last, $total) = @$_;

    is total("start_date=$first&end_date=$last"), $total, "$first to $last";
}

# each day of January alone, against the sum over the facts

my $wrong = 0;

for my $i (0 .. 30) {
    my $day = Cost::Bills::day($db, '2021-01-01', $i);
    my $sum = $db->query("SELECT round(coalesce(sum(billed), 0), 2) FROM costs
        WHERE organization_id = $acme AND day = '$day'");

    $wrong++ if total("start_date=$day&end_date=$day") != $sum;
}

is $wrong, 0, 'every day of a month';


# kinds of cost, accounts, currency

my $january = 'start_date=2021-01-01&end_date=2021-01-31';

is total("$january&cost=billed"), 108, 'billed';
is total("$january&cost=effective"), 96.89, 'effective';   # 9 + 90 - 5.25 + pi
is total("$january&cost=list"), 218.09, 'list';            # 220.20
is total("$january&cost=contracted"), 163.04, 'contracted';

is total("$january&account_id=$aws"), 104.86, 'one account';
is total("$january&account_id=" . uc $gcp), 3.14, 'in upper case';
is total('start_date=2021-02-01&end_date=2021-02-01&account_id=' . $gcp), 0,
    'an account without costs in the window';

$reply = $api->get("/api/v1/costs?$january&account_id=$gcp", $cloudk)->json;
is_deeply $reply->{data}{services},
    [ { service => 'BigQuery', cost => 3.14 } ], 'the services of one account';
is $reply->{meta}{account_count}, 1, 'which is one';

$reply = $api->get("/api/v1/costs?$january", $european)->json;
is $reply->{meta}{currency}, 'EUR', 'the organization\'s currency';
is $reply->{data}{daily_total}, 8, 'and its amounts';

$reply = $api->get('/api/v1/costs', $nobody)->json;
is_deeply $reply->{data},
    { accounts => [], services => [], daily_total => 0 },
    'an organization without anything';
is $reply->{meta}{account_count}, 0, 'has no accounts';

$r = $api->get("/api/v1/costs?$january&account_id=$foreign", $cloudk);
is $r->{status}, 404, 'a foreign account';
my $unknown = $api->get("/api/v1/costs?$january"
    . '&account_id=00000000-0000-4000-8000-000000000000', $cloudk);
is $r->{body}, $unknown->{body}, 'is as one that does not exist';
is total("$january&account_id=$foreign", $stranger), 7.77,
    'which its owner sees';


# what is refused, by name, in both wordings

my $days = 'days must be an integer from 1 to 365';
my $first = 'start_date must be a date (YYYY-MM-DD) from 1970-01-01 to '
            . '9999-12-31';

for (
    [ 'days=0', $days ],
    [ 'days=366', $days ],
    [ 'days=7.5', $days ],
    [ 'days=-7', $days ],
    [ 'days=', $days ],
    [ 'days', $days ],
    [ 'days=seven', $days ],
    [ 'days=7&days=7', 'days must be given only once, and must be an integer '
                       . 'from 1 to 365' ],
    [ 'start_date=2021-01-01', 'start_date and end_date must be given '
                               . 'together: end_date is missing' ],
    [ 'end_date=2021-01-01', 'start_date and end_date must be given '
                             . 'together: start_date is missing' ],
    [ 'start_date=2021-02-29&end_date=2021-03-01', $first ],
    [ 'start_date=&end_date=2021-03-01', $first ],
    [ 'start_date=01/02/2021&end_date=2021-03-01', $first ],
    [ 'start_date=2021-01-31&end_date=2021-01-30',
      'end_date must not be before start_date' ],
    [ 'start_date=2011-01-01&end_date=2021-01-01',
      'start_date and end_date must be at most ten years (3653 days) apart' ],
    [ "days=7&$january",
      'days cannot be combined with start_date and end_date' ],
    [ 'days=7&end_date=2021-01-31',
      'days cannot be combined with start_date and end_date' ],
    [ 'account_id=uuid', 'account_id must be a UUID' ],
    [ 'account_id=1', 'account_id must be a UUID' ],
    [ 'account_id=', 'account_id must be a UUID' ],
    [ "account_id=$aws&account_id=$aws",
      'account_id must be given only once, and must be a UUID' ],
    [ 'cost=amortized',
      'cost must be one of billed, effective, list, contracted' ],
    [ 'cost=', 'cost must be one of billed, effective, list, contracted' ],
) {
    my ($query, $why) = @$_;

    my $r = $api->get("/api/v1/costs?$query", $cloudk);
    is $r->{status}, 400, "$query: status";
    is_deeply $r->json, { error => $why }, "$query: error";
}

is_deeply $api->get('/api/v1/costs?days=0', $optix)->json,
    { success => JSON::PP::false, error => $days }, 'Cost Optix: wording';

is $api->get('/api/v1/costs?days=7&page=&page=x&%ff', $cloudk)->{status}, 200,
    'unknown parameters are ignored';


# methods, HEAD, ETag

$r = $api->send('POST', '/api/v1/costs', $cloudk, '{}');
is $r->{status}, 405, 'POST: status';
is $r->header('Allow'), 'GET, HEAD', 'POST: Allow';
is_deeply $r->json, { error => 'Method not allowed' }, 'POST: body';

$r = $api->get("/api/v1/costs?$january", $cloudk);
my $head = $api->head("/api/v1/costs?$january", $cloudk);

is $head->{status}, 200, 'HEAD: status';
is $head->{body}, '', 'HEAD: no body';
is $head->header($_), $r->header($_), "HEAD: $_"
    for qw(Content-Length Content-Type ETag);

my $etag = $r->header('ETag');
like $etag, qr{^W/"[0-9a-f]{16}"$}, 'a weak ETag';

sleep 1.1;
my $later = $api->get("/api/v1/costs?$january", $cloudk);
is $later->header('ETag'), $etag, 'is the same a second later';
isnt $later->{body}, $r->{body}, 'though generated_at is not';

for ($etag, "\"x\", $etag", '*', substr($etag, 2)) {
    $r = $api->get("/api/v1/costs?$january", $cloudk, 'If-None-Match' => $_,
                   'If-Modified-Since' => 'Sat, 01 Jan 2000 00:00:00 GMT');
    is $r->{status}, 304, "If-None-Match: $_";
    is $r->header('ETag'), $etag, 'with its ETag';
    is $r->header('X-API-Version'), 'v1', 'and the version';
}

is $api->get("/api/v1/costs?$january", $cloudk,
             'If-None-Match' => '"x"')->{status}, 200, 'another tag: 200';
is $api->get("/api/v1/costs?$january", $cloudk,
             'If-Unmodified-Since' => 'Sat, 01 Jan 2000 00:00:00 GMT'
            )->{status}, 200, 'dates are of no meaning here';
is $api->get("/api/v1/costs?$january&cost=list", $cloudk,
             'If-None-Match' => $etag)->{status}, 200, 'another question: 200';

Cost::Bills::load($db, $acme, { day => '2021-01-10', billed => '4',
    account => 'gcp-1', provider => 'gcp', service => 'BigQuery' });

$r = $api->get("/api/v1/costs?$january", $cloudk, 'If-None-Match' => $etag);
is $r->{status}, 200, 'new data: 200';
is $r->json->{data}{daily_total}, 108.86, 'with the corrected sum';

$api->stop;

done_testing;
