#!/usr/bin/env perl

# /costs/forecast: InfraAudit's document, series whose forecast is known by
# hand, and one whose figures are those of the pure function run by itself.

use strict;
use warnings;

use File::Temp qw(tempdir);
use IPC::Open2 qw(open2);
use POSIX qw(strftime);
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;

my $api = Cost::API->new;
my $db = $api->db;

my %org = map { $_ => $db->organization($_) }
              qw(steady weekly wild late empty young other);
$org{euro} = $db->organization('euro', currency => 'EUR');

my %key = map { $_ => $api->key(organization => $_,
                                plan => 'free_infraaudit') } keys %org;

sleep 1 while strftime('%H%M', gmtime) =~ /^235[5-9]/;

my $now = time;

sub ago { strftime '%Y-%m-%d', gmtime($now - 86400 * $_[0]) }
sub weekday { (gmtime($now - 86400 * $_[0]))[6] }     # 0 is Sunday

my $today = ago(0);

sub forecast {
    my ($name, $query) = @_;

    return $api->get('/api/v1/costs/forecast' . ($query // ''), $key{$name});
}

sub provider {
    my ($name, $external) = @_;

    return $db->query("SELECT id FROM accounts WHERE organization_id
        = $org{$name} AND external_id = '$external'");
}


# 10.00 a day: so it goes on; what today has cost so far is not looked at

Cost::Bills::load($db, $org{steady},
    (map { ({ day => ago($_), billed => '7.25' },
            { day => ago($_), billed => '2.75', service => 'Amazon S3',
              effective => '1' }) } 1 .. 60),
    { day => $today, billed => '5000' });

for my $days (30, 60, 90) {
    my $r = forecast('steady', "?days=$days");

    is $r->{status}, 200, "$days days: 200";
    is_deeply $r->json, {
        forecast_days => $days, projected_total => 10 * $days,
        currency => 'USD',
        confidence_interval => { low => 10 * $days, high => 10 * $days },
        accuracy => { smape => 0, mase => 0, coverage => 100,
                      days => $r->json->{accuracy}{days} },
        daily => [ map { { date => ago(-$_), amount => 10, lower => 10,
                           upper => 10 } } 1 .. $days ],
    }, "$days days: the same every day, from tomorrow on";
    cmp_ok $r->json->{accuracy}{days}, '>=', 30, '... of days held back';
}

my $r = forecast('steady');
my $json = $r->json;

is $json->{forecast_days}, 30, '30 days are the default';
is $json->{daily}[0]{date}, ago(-1), 'the first is tomorrow';
like $r->{body}, qr/"projected_total":300\.00,"currency":"USD","confidence_interval":\{"low":300\.00,"high":300\.00\}/,
    'money has two decimals';
like $r->{body}, qr/"accuracy":\{"smape":0\.0,"mase":0\.0,"coverage":100\.0,/,
    'percentages have one';
ok $r->header('ETag'), 'ETag';
is $api->get('/api/v1/costs/forecast', $key{steady},
             'If-None-Match' => $r->header('ETag'))->{status}, 304,
    'not modified';
is $api->head('/api/v1/costs/forecast', $key{steady})->{status}, 200, 'HEAD';

# 7.25 + 1.00
is forecast('steady', '?cost=effective')->json->{projected_total}, 247.5,
    'effective cost';


# three days that have not been billed yet

Cost::Bills::load($db, $org{late},
    map { { day => ago($_), billed => '10' } } 4 .. 63);

$json = forecast('late', '?days=90')->json;

is $json->{projected_total}, 900, 'late bills are waited for';
is $json->{daily}[0]{date}, ago(-1), '... and what is told is from tomorrow on';
is scalar @{ $json->{daily} }, 90, '... for ninety days';


# a working week: 100 from Monday to Friday, 40 on Saturday, 20 on Sunday

my @week = (20, (100) x 5, 40);

Cost::Bills::load($db, $org{weekly},
    map { { day => ago($_), billed => $week[weekday($_)] } } 1 .. 84);

$json = forecast('weekly')->json;

is_deeply [ map { $_->{amount} } @{ $json->{daily} } ],
    [ map { $week[weekday(-$_)] } 1 .. 30 ], 'a week comes back day by day';

my $sum = 0;
$sum += $week[weekday(-$_)] for 1 .. 30;
is $json->{projected_total}, $sum, '... and adds up';


# three years of growth, rhythm, noise, gaps and a spike, in two accounts:
# what the function says of the sums over the facts

my $seed = 12345;
my @rows;

for my $i (1 .. 1120) {
    $seed = ($seed * 1103515245 + 12345) % 2147483648;

    next if $i % 97 == 0;

    my $amount = (1200 - $i / 3) * (weekday($i) % 6 ? 1 : 0.6)
                 * (0.9 + ($seed >> 8) % 2000 / 10000);
    $amount *= 9 if $i == 40;

    push @rows, { day => ago($i), billed => sprintf('%.4f', $amount),
                  list => sprintf('%.4f', 2 * $amount) };
    push @rows, { day => ago($i), billed => ($i % 31) . '.123456789',
                  service => 'BigQuery', account => 'gcp', provider => 'gcp',
                  account_name => 'GCP' } if $i < 200;
}

Cost::Bills::load($db, $org{wild}, @rows);

my $dir = tempdir(CLEANUP => 1);
my $root = $Cost::Database::root;

is system('cc', '-std=gnu11', '-O2', '-I', "$root/modules", '-o', "$dir/run",
          "$root/t/lib/forecast.c", "$root/modules/cost/cost_date.c",
          glob("$root/modules/cost/cost_forecast*.c"), '-lm'), 0,
    'the function, by itself';

sub by_itself {
    my ($horizon, $kind, $filter) = @_;

    my $amounts = $db->query("SELECT coalesce(sum(c.$kind), 0)
          FROM generate_series(date '$today' - 1096, date '$today' - 1,
                               interval '1 day') d
          LEFT JOIN costs c ON c.day = d::date
               AND c.organization_id = $org{wild} AND $filter
         GROUP BY d ORDER BY d");

    my $pid = open2(my $out, my $in, "$dir/run", $horizon, ago(1));

    print $in "$amounts\n";
    close $in;

    my @lines = map { [ split ] } <$out>;

    waitpid $pid, 0;

    return @lines;
}

# both are rounded

sub near {
    my ($got, $expected, $step, $name) = @_;

    cmp_ok abs($got - $expected), '<=', $step / 2 + 1e-6, $name
        or diag "got $got, expected $expected";
}

my $gcp = provider('wild', 'gcp');

for my $case (
    [ '', 30, 'billed', 'true' ],
    [ '?days=90&cost=list', 90, 'list', 'true' ],
    [ "?days=60&provider_id=$gcp", 60, 'billed', "c.account_id = $gcp" ],
) {
    my ($query, $horizon, $kind, $filter) = @$case;
    my ($total, $accuracy, @daily) = by_itself($horizon, $kind, $filter);

    $json = forecast('wild', $query)->json;

    is scalar @daily, $horizon, "wild$query: $horizon days";

    near($json->{projected_total}, $total->[0], 0.01, 'total');
    near($json->{confidence_interval}{low}, $total->[1], 0.01, 'low');
    near($json->{confidence_interval}{high}, $total->[2], 0.01, 'high');
    near($json->{accuracy}{smape}, $accuracy->[0], 0.1, 'smape');
    near($json->{accuracy}{mase}, $accuracy->[1], 0.001, 'mase');
    near($json->{accuracy}{coverage}, $accuracy->[2], 0.1, 'coverage');
    is $json->{accuracy}{days}, $accuracy->[3], 'days held back';

    my $wrong = grep {
        my ($day, $line) = ($json->{daily}[$_], $daily[$_]);

        $day->{date} ne ago(-1 - $_)
        || abs($day->{amount} - $line->[0]) > 0.005001
        || abs($day->{lower} - $line->[1]) > 0.005001
        || abs($day->{upper} - $line->[2]) > 0.005001
    } 0 .. $horizon - 1;

    is $wrong, 0, 'every day and its band';
    cmp_ok $json->{confidence_interval}{high}, '>', $json->{projected_total},
        'a band that is one';
}


# too little to go by

Cost::Bills::load($db, $org{young},
    map { { day => ago($_), billed => '3' } } 0 .. 20);
Cost::Bills::load($db, $org{euro},
    map { { day => ago($_), billed => '3', currency => 'EUR' } } 1 .. 21);

is_deeply forecast('young')->json,
    { error => 'A forecast needs costs of 21 complete days; there are 20, '
               . 'from ' . ago(20) . ' on', code => 'BAD_REQUEST' },
    'twenty complete days';
is forecast('young')->{status}, 400, 'are too few';

$json = forecast('euro')->json;
is $json->{projected_total}, 90, 'twenty-one are enough';
is $json->{currency}, 'EUR', 'in the organization\'s currency';

is_deeply forecast('empty')->json,
    { error => 'A forecast needs costs of 21 complete days; there are none',
      code => 'BAD_REQUEST' }, 'no costs';


# refused

Cost::Bills::load($db, $org{other},
    map { { day => ago($_), billed => '1000000' } } 1 .. 60);

for my $id (provider('other', '123456789012'), 999999) {
    $r = forecast('steady', "?provider_id=$id");
    is $r->{status}, 404, "provider $id: 404";
    is_deeply $r->json, { error => 'There is no provider with this '
                          . 'provider_id', code => 'NOT_FOUND' }, '... said';
}

for (
    [ 'days=31', 'days must be one of 30, 60, 90' ],
    [ 'days=', 'days must be one of 30, 60, 90' ],
    [ 'cost=net', 'cost must be one of billed, effective, list, contracted' ],
    [ 'provider_id=0',
      'provider_id must be an integer from 1 to 2147483647' ],
) {
    my ($query, $why) = @$_;

    $r = forecast('steady', "?$query");
    is $r->{status}, 400, "$query: 400";
    is $r->json->{error}, $why, "$query: error";
}

is forecast('steady')->json->{projected_total}, 300, 'other\'s costs are not';

$api->stop;

done_testing;
