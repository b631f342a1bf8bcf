#!/usr/bin/env perl

# Budgets: what the API takes and refuses, what is spent of them, and their
# thresholds, once each and period, worked out by hand.

use strict;
use warnings;

use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;
use Time::HiRes qw(time);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;
use Cost::Receiver;

my $dir = tempdir(CLEANUP => 1);
open my $fh, '>', "$dir/key" or die;
print $fh 'k' x 32;
close $fh;
chmod 0600, "$dir/key";

# evaluation "by hand" first: without the clock
my $api = Cost::API->new;
my $db = $api->db;
my $acme = $db->organization('acme');
my $other = $db->organization('other');
my $key = $api->key(organization => 'acme', plan => 'free_cloudk',
                    permission => 'write');
my $reader = $api->key(organization => 'acme', plan => 'free_cloudk');
my $stranger = $api->key(organization => 'other', plan => 'free_cloudk',
                         permission => 'write');

# 2024-04: 1,000.00 and 500.00, 05: 6,000.00 and 12.44; two accounts
my @bills = (
    { day => '2024-04-02', billed => '1000' },
    { day => '2024-04-30', billed => '500', service => 'Amazon S3' },
    { day => '2024-05-01', billed => '6000' },
    { day => '2024-05-10', billed => '12.44', account => '2',
      account_name => 'Staging' },
);
Cost::Bills::load($db, $acme, @bills);
my $production = Cost::Bills::account($db, $acme, '123456789012');
my $staging = Cost::Bills::account($db, $acme, '2');

Cost::Bills::load($db, $other, { day => '2024-05-01', billed => '99999' });
my $foreign = Cost::Bills::account($db, $other, '123456789012');

sub add {
    my ($body, $with) = @_;

    return $api->send('POST', '/api/v1/budgets', $with // $key,
                      ref $body ? encode_json($body) : $body);
}

sub evaluate {
    my ($today) = @_;

    return $db->query("SELECT budgets_evaluate(ARRAY[$acme], '$today')");
}

my $seen = 0;

sub events {
    my @rows = split /\n/, $db->query("SELECT id, body FROM events
        WHERE type = 'budget.threshold' AND id > $seen ORDER BY id");

    return map { my ($id, $body) = split /\|/, $_, 2;
                 $seen = $id;
                 decode_json($body)->{data} } @rows;
}


# the API

my $reply = add({ name => 'Q2 AWS Budget', amount => 10000,
                  period => 'quarter' });
is $reply->{status}, 201, 'a budget is made';
my $q2 = $reply->json->{data};
is $reply->header('Location'), "/api/v1/budgets/$q2->{id}", 'its location';
is $reply->json->{meta}{currency}, 'USD', 'its currency';

my ($year, $quarter) = split /\|/, $db->query("SELECT
    extract(year FROM now() AT TIME ZONE 'UTC'),
    extract(quarter FROM now() AT TIME ZONE 'UTC')");
my %expected = (
    name => 'Q2 AWS Budget', scope_type => 'all_accounts',
    account_id => undef, service => undef, amount => 10000,
    period => 'quarter', thresholds => [ 50, 75, 90, 100 ],
    notifications => [], current_spend => 0, percent_used => 0,
    thresholds_reached => [],
    period_start => sprintf('%d-%02d-01', $year, 3 * $quarter - 2),
    period_end => $db->query("SELECT (date '" . sprintf('%d-%02d-01', $year,
        3 * $quarter - 2) . "' + interval '3 months - 1 day')::date"),
);
is_deeply { map { $_ => $q2->{$_} } keys %expected }, \%expected,
    'the object';
like $reply->{body}, qr/"amount":10000\.00,/, 'money has cents';

my $full = add({ name => 'S3', scope_type => 'service',
    service => 'Amazon S3', account_id => uc $production, amount => 99.5,
    period => 'month', thresholds => [ 100, 10, 100 ],
    notifications => [ { type => 'email', target => 'a@b.example' },
                       { type => 'slack', channel => '#money' },
                       { type => 'webhook' } ] })->json->{data};
is_deeply [ @$full{qw(scope_type service account_id amount thresholds
                      notifications)} ],
    [ 'service', 'Amazon S3', $production, 99.5, [ 10, 100 ],
      [ { type => 'email', target => 'a@b.example' },
        { type => 'slack', channel => '#money' }, { type => 'webhook' } ] ],
    'all members, thresholds in order';

my @refused = (
    [ '{', qr/JSON/ ],
    [ '{}', qr/^name / ],
    (map { [ { name => 'x', amount => 1, @$_ },
             qr/^period must be month, quarter or year$/ ] }
         [], [ period => 'week' ], [ period => 'Month' ], [ period => '' ],
         [ period => 7 ]),
    [ { name => 'x', period => 'month' }, qr/^amount / ],
    [ { name => '', amount => 1, period => 'month' }, qr/^name / ],
    [ { name => 'x' x 201, amount => 1, period => 'month' }, qr/^name / ],
    [ { name => 'x', amount => 0, period => 'month' },
      qr/^amount must be at least 0\.01$/ ],
    [ { name => 'x', amount => -1, period => 'month' }, qr/^amount / ],
    [ { name => 'x', amount => '1', period => 'month' }, qr/^amount / ],
    [ { name => 'x', amount => 1000000000001, period => 'month' },
      qr/^amount / ],
    [ { name => 'x', amount => 1, period => 'month', colour => 1 },
      qr/colour/ ],
    [ { name => 'x', amount => 1, period => 'month', thresholds => [] },
      qr/^thresholds must be an array of 1 to 20 whole numbers from 1 to/ ],
    [ { name => 'x', amount => 1, period => 'month', thresholds => [ 0 ] },
      qr/^thresholds / ],
    [ { name => 'x', amount => 1, period => 'month', thresholds => [ 1.5 ] },
      qr/^thresholds / ],
    [ { name => 'x', amount => 1, period => 'month', thresholds => 50 },
      qr/^thresholds / ],
    [ { name => 'x', amount => 1, period => 'month',
        thresholds => [ 1 .. 21 ] }, qr/^thresholds / ],
    (map { [ { name => 'x', amount => 1, period => 'month',
               scope_type => $_ },
             qr/^scope_type must be all_accounts, account or service$/ ] }
         'all', 'All accounts', '', 1),
    [ { name => 'x', amount => 1, period => 'month',
        account_id => $production },
      qr/^account_id is not for scope_type all_accounts$/ ],
    [ { name => 'x', amount => 1, period => 'month',
        scope_type => 'account' }, qr/^account_id is required/ ],
    [ { name => 'x', amount => 1, period => 'month',
        scope_type => 'account', account_id => 'y' },
      qr/^account_id must be the id of one of the accounts$/ ],
    [ { name => 'x', amount => 1, period => 'month',
        scope_type => 'account', account_id => $foreign },
      qr/^account_id must be the id of one of the accounts$/ ],
    [ { name => 'x', amount => 1, period => 'month',
        scope_type => 'account', account_id => $production,
        service => 'Amazon S3' }, qr/^service is for scope_type service/ ],
    [ { name => 'x', amount => 1, period => 'month',
        scope_type => 'service' }, qr/^service is required/ ],
    [ { name => 'x', amount => 1, period => 'month',
        scope_type => 'service', service => 'Nothing' },
      qr/^service must be the name of a service that has costs$/ ],
    (map { [ { name => 'x', amount => 1, period => 'month',
               notifications => $_->[0] }, $_->[1] ] }
     [ {}, qr/^notifications must be an array of 0 to 10 objects$/ ],
     [ [ 1 ], qr/^notifications/ ],
     [ [ ({ type => 'webhook' }) x 11 ], qr/^notifications / ],
     [ [ {} ], qr/^notifications\[0\]\.type / ],
     [ [ { type => 'webhook' }, { type => 'fax' } ],
       qr/^notifications\[1\]\.type must be email, slack or webhook$/ ],
     [ [ { type => 'email' } ], qr/^notifications\[0\]\.target must be an email address$/ ],
     [ [ { type => 'email', target => 'nobody' } ],
       qr/^notifications\[0\]\.target must be an email address$/ ],
     [ [ { type => 'email', target => "a\@b\r\nBcc: x\@y" } ],
       qr/^notifications\[0\]\.target / ],
     [ [ { type => 'email', target => 'a@b', channel => '#x' } ],
       qr/^notifications\[0\]\.channel is only for type slack$/ ],
     [ [ { type => 'slack' } ],
       qr/^notifications\[0\]\.channel must be the name or id/ ],
     [ [ { type => 'slack', channel => '#x', target => 'a@b' } ],
       qr/^notifications\[0\]\.target is only for type email$/ ],
     [ [ { type => 'webhook', target => 'a@b' } ],
       qr/^notifications\[0\]\.target is only for type email$/ ],
     [ [ { type => 'webhook', url => 'x' } ], qr/notifications\[0\]\.url/ ]),
);

for my $case (@refused) {
    my $r = add($case->[0]);

    is $r->{status}, 400, 'a body is refused';
    like $r->json->{error}, $case->[1], 'and says why';
}

is add({ name => 'x', amount => 1, period => 'month' }, $reader)->{status},
    403, 'a reader writes nothing';

my $path = "/api/v1/budgets/$q2->{id}";

for my $try ([ 'GET', $path ], [ 'PUT', $path, '{"name":"mine"}' ],
             [ 'DELETE', $path ])
{
    is +($try->[0] eq 'GET' ? $api->get($path, $stranger)
         : $api->send($try->[0], $path, $stranger, $try->[2] // ''))
        ->{status}, 404, "$try->[0] of another organization's";
}

is $api->get('/api/v1/budgets/x', $key)->{status}, 404, 'an id that is none';
is_deeply $api->get('/api/v1/budgets', $stranger)->json->{data}, [],
    'another organization sees none';

my $page = $api->get('/api/v1/budgets?limit=1', $reader)->json;
is_deeply [ map { $_->{name} } @{ $page->{data} } ], [ 'Q2 AWS Budget' ],
    'a page';
$page = $api->get('/api/v1/budgets?limit=1&cursor='
                  . $page->{meta}{next_cursor}, $reader)->json;
is_deeply [ map { $_->{name} } @{ $page->{data} } ], [ 'S3' ], 'the next';
is $page->{meta}{next_cursor}, undef, 'which is the last';
is $api->get('/api/v1/budgets?cursor=x', $key)->{status}, 400,
    'a cursor that is none';
is $api->get('/api/v1/budgets?limit=101', $key)->{status}, 400, 'the limit';

my $s3 = "/api/v1/budgets/$full->{id}";

is_deeply [ @{ $api->send('PUT', $s3, $key, encode_json({
    name => 'Storage', amount => 200, notifications => [] }))->json->{data} }
    {qw(name amount notifications service thresholds)} ],
    [ 'Storage', 200, [], 'Amazon S3', [ 10, 100 ] ],
    'PUT changes what it has';
is_deeply [ @{ $api->send('PATCH', $s3, $key,
    '{"scope_type":"all_accounts","period":"year"}')->json->{data} }
    {qw(scope_type account_id service period)} ],
    [ 'all_accounts', undef, undef, 'year' ], 'a scope is changed whole';
is $api->send('PUT', $s3, $key, "{\"account_id\":\"$staging\"}")
    ->json->{error}, 'scope_type is required with account_id or service',
    'and not in parts';
is $api->send('PUT', $s3, $key, '{"period":null}')->json->{error},
    'period must be month, quarter or year', 'PUT says what there is';
is $api->send('PUT', $s3, $key, '{"amount":0}')->{status}, 400,
    'PUT refuses, too';
is $api->send('DELETE', $s3, $key, '')->json->{data}{deleted}, JSON::PP::true,
    'DELETE';
is $api->get($s3, $key)->{status}, 404, 'it is gone';


# a quarter: 1,500 in April; from May 1 7,500, from May 10 7,512.44

is evaluate('2024-04-30'), 0, '15 % of the quarter';
is evaluate('2024-05-01'), 2, 'a jump over two thresholds';
is_deeply [ events() ], [
    { budget_id => $q2->{id}, budget_name => 'Q2 AWS Budget',
      threshold => 50, current_spend => 7500, budget_amount => 10000,
      percent_used => 75 },
    { budget_id => $q2->{id}, budget_name => 'Q2 AWS Budget',
      threshold => 75, current_spend => 7500, budget_amount => 10000,
      percent_used => 75 } ], 'an event for each, ascending';
is evaluate('2024-05-10'), 0, 'once each';

# CloudK's own example, and the text of its body
$db->query('DELETE FROM budget_crossings');
evaluate('2024-05-10');
like $db->query('SELECT body FROM events ORDER BY id DESC LIMIT 1')
    =~ s/\s//gr,
    qr/"threshold":75,"current_spend":7512\.44,"budget_amount":10000,
       "percent_used":75\.1\}/x, 'the example of the document';
events();

# another amount, less and more again: what was reached is not reached again
$api->send('PUT', $path, $key, '{"amount":8000}');
is evaluate('2024-05-11'), 1, 'a lower amount reaches another threshold';
is_deeply [ map { [ @$_{qw(threshold percent_used budget_amount)} ] }
            events() ], [ [ 90, 93.9, 8000 ] ], 'that one alone';
$api->send('PUT', $path, $key, '{"amount":100000}');
is evaluate('2024-05-12'), 0, 'a higher one none';
$api->send('PUT', $path, $key, '{"amount":8000}');
is evaluate('2024-05-12'), 0, 'and the old ones not again';

# a corrected bill: May's EC2 was 100, and then 6,000 after all
Cost::Bills::load($db, $acme, { day => '2024-05-01', billed => '100' });
is evaluate('2024-05-13'), 0, 'a lower bill';
Cost::Bills::load($db, $acme, { day => '2024-05-01', billed => '6000' });
is evaluate('2024-05-13'), 0, 'the bill as it was';
Cost::Bills::load($db, $acme, { day => '2024-05-01', billed => '6500' });
is evaluate('2024-05-13'), 1, 'a higher bill';
is_deeply [ map { $_->{threshold} } events() ], [ 100 ], 'the last';

# the next period begins with none
Cost::Bills::load($db, $acme, { day => '2024-07-01', billed => '4000' });
is evaluate('2024-07-01'), 1, 'the next quarter';
is_deeply [ map { $_->{threshold} } events() ], [ 50 ],
    'begins with the first';

# scopes
$db->query('DELETE FROM budgets');
my %scopes = (
    # what, its amount, on May 10: spent of it
    account => { name => 'Staging', scope_type => 'account',
                 account_id => $staging, amount => 20, period => 'month' },
    year => { name => 'Year', amount => 10000, period => 'year' },
    s3 => { name => 'S3', scope_type => 'service', service => 'Amazon S3',
            amount => 500, period => 'year' },
    s3_staging => { name => 'S3 staging', scope_type => 'service',
                    service => 'Amazon S3', account_id => $staging,
                    amount => 1, period => 'year' },
    month => { name => 'Month', amount => 13025, period => 'month' },
);
$scopes{$_}{id} = add($scopes{$_})->json->{data}{id} for sort keys %scopes;

is_deeply { map { split /\|/ } split /\n/, $db->query(
        "SELECT b.name, s.spend FROM budget_spend(ARRAY[$acme], '2024-05-10') s
           JOIN budgets b ON b.id = s.budget_id") },
    { Staging => '12.44', Year => '8012.44', S3 => '500',
      'S3 staging' => 0, Month => '6512.44' }, 'what is spent of each scope';
is evaluate('2024-05-10'), 7, 'thresholds of many budgets at once';
is_deeply [ map { "$_->{budget_name} $_->{threshold}" } events() ],
    [ 'Staging 50', 'S3 50', 'S3 75', 'S3 90', 'S3 100', 'Year 50',
      'Year 75' ], 'budget by budget; 49.99 % is not 50';
is $db->query("SELECT budgets_evaluate(ARRAY[$other], '2024-05-10')"), 0,
    'another organization has none';

$api->stop;


# the clock: at once, when costs or the budget change

my $receiver = Cost::Receiver->new;

my $live = Cost::API->new(database => $db,
    http => "cost_secret_key $dir/key; cost_webhook_allow http loopback;
             cost_timer on evaluate=1h;",
    server => 'include %%ROOT%%/conf/cost_webhooks.conf;');

is $live->send('POST', '/api/v1/webhooks', $key, encode_json({
    url => $receiver->url('/200'), events => [ 'budget.threshold' ]
}))->{status}, 201, 'an endpoint';
ok $live->nginx->logged(qr/this node leads/, 10), 'a leader';

$db->query('DELETE FROM budgets');
my $today = $db->query("SELECT (now() AT TIME ZONE 'UTC')::date");
Cost::Bills::load($db, $acme, { day => $today, billed => '60' });

is $live->send('POST', '/api/v1/budgets', $key,
               '{"name":"Live","amount":100,"period":"month"}')->{status},
    201, 'a budget';
ok $receiver->wait(1, 5, '/200'), 'a new budget is evaluated at once';

my $start = time;
Cost::Bills::load($db, $acme, { day => $today, billed => '200' });
ok $receiver->wait(4, 5, '/200'), 'new costs are, too';
cmp_ok time - $start, '<', 3, 'within seconds';
is_deeply [ sort { $a <=> $b } map { decode_json($_->{body})->{data}
            {threshold} } $receiver->requests('/200') ], [ 50, 75, 90, 100 ],
    'each threshold once';

# a restart evaluates all, and finds nothing new
$live->nginx->reload;
sleep 7;
is scalar($receiver->requests('/200')), 4, 'a reload evaluates nothing twice';
is_deeply $live->get('/api/v1/budgets', $key)->json->{data}[0]
    {thresholds_reached}, [ 50, 75, 90, 100 ], 'the API shows what was reached';

$live->stop;

done_testing;
