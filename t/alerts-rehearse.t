#!/usr/bin/env perl

# POST /v1/alerts?dry_run=N: what an alert would have done.

use strict;
use warnings;

use JSON::PP;
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;

my $api = Cost::API->new(clock => '2024-03-10T12:00:00Z');
my $db = $api->db;

my $acme = $db->organization('acme');
my $key = $api->key(organization => 'acme', plan => 'cic_team',
                    permission => 'write');
my $cloudk = $api->key(organization => 'acme', plan => 'free_cloudk',
                       permission => 'write');

# the first to the tenth of March; of February one day

my @costs = (100, 100, 600, 700, 100, 800, 100, 100, 900, 50);

Cost::Bills::load($db, $acme,
    { day => '2024-02-20', billed => 30 },
    map { { day => sprintf('2024-03-%02d', $_), billed => $costs[$_ - 1] } }
        1 .. 10);

sub rehearse {
    my ($days, $condition, %other) = @_;

    return $api->send('POST', "/v1/alerts?dry_run=$days", $key, encode_json({
        name => 'x', scope => { type => 'all_accounts' },
        type => $condition->{baseline} ? 'anomaly' : 'threshold',
        condition => { metric => 'daily_cost', %$condition }, %other }));
}

sub outcomes {
    my ($r) = @_;

    return join ' ', map { substr($_->{date}, 5) . ":$_->{outcome}:"
                           . ($_->{value} // 'null') }
                         @{ $r->json->{data}{outcomes} };
}

my %above = (operator => 'greater_than', value => 500);


my $r = rehearse(10, \%above, cooldown_hours => 48);

is $r->{status}, 200, 'a rehearsal: 200';
is outcomes($r), '03-03:triggered:600 03-04:held:700 03-05:resolved:100 '
    . '03-06:triggered:800 03-07:resolved:100 03-09:triggered:900 '
    . '03-10:resolved:50', 'triggered, held back, resolved';

my $data = $r->json->{data};
delete $data->{outcomes};

is_deeply $data, { dry_run => 10, start_date => '2024-03-01',
    end_date => '2024-03-10', triggered => 3, held => 1, resolved => 3 },
    'counted';
is $r->json->{meta}, undef, 'in CICosts\' frame';
is $r->json->{data}{outcomes}[0]{message},
    'Daily cost of $600.00 exceeds threshold of $500.00', 'what it had said';
is $r->json->{data}{outcomes}[1]{message}, undef, 'what it had not';

is outcomes(rehearse(10, \%above)), '03-03:triggered:600 03-04:triggered:700 '
    . '03-05:resolved:100 03-06:triggered:800 03-07:resolved:100 '
    . '03-09:triggered:900 03-10:resolved:50',
    'a cooldown of a day, if nothing is said, has passed a day later';
is outcomes(rehearse(10, \%above, cooldown_hours => 169)),
    '03-03:triggered:600 03-04:held:700 03-05:resolved:100 03-06:held:800 '
    . '03-09:held:900', 'held back for a week, though resolved';
is outcomes(rehearse(1, \%above)), '', 'of one day';
is outcomes(rehearse(2, \%above)), '03-09:triggered:900 03-10:resolved:50',
    'of two';

is outcomes(rehearse(3, { operator => 'less_than', value => 150 })),
    '03-08:triggered:100 03-09:triggered:100 03-10:resolved:900',
    'what is low is the day before';
is outcomes(rehearse(40, { operator => 'less_than', value => 31,
                           metric => 'monthly_cost' },
                     cooldown_hours => 8760)),
    join(' ', '01-31:triggered:0', map { sprintf '%02d-%02d:held:%d',
        $_ <= 29 ? 2 : 3, $_ <= 29 ? $_ : $_ - 29, $_ <= 29 ? 0 : 30 }
        1 .. 39),
    'months that are complete';

is outcomes(rehearse(5, { operator => 'percent_increase', value => 100,
                          baseline => 'previous_period' })),
    '03-06:triggered:800 03-07:resolved:100 03-09:triggered:900 '
    . '03-10:resolved:50', 'by percent';
is rehearse(5, { operator => 'percent_increase', value => 100,
                 baseline => 'previous_period' })
       ->json->{data}{outcomes}[0]{message},
    'Daily cost of $800.00 is 700.0% above the previous period, exceeding '
    . 'threshold of 100%', 'by percent: in words';

# 6,000 a month so far: the third was the first above 750

is outcomes(rehearse(10, { operator => 'greater_than', value => 750,
                           metric => 'monthly_cost' },
                     cooldown_hours => 24 * 5)),
    '03-03:triggered:800 03-04:held:1500 03-05:held:1600 03-06:held:2400 '
    . '03-07:held:2500 03-08:triggered:2600 03-09:held:3500 '
    . '03-10:held:3550', 'a month, from its first on';

# an account, its bill of the last days not there yet

Cost::Bills::load($db, $db->organization('late'),
    { day => '2024-03-05', billed => 5 });
my $late = $api->key(organization => 'late', plan => 'cic_team',
                     permission => 'write');
$r = $api->send('POST', '/v1/alerts?dry_run=7', $late, encode_json({
    name => 'x', type => 'threshold', scope => { type => 'account',
        account_id => Cost::Bills::account($db, $db->organization('late'),
                                           '123456789012') },
    condition => { metric => 'daily_cost', operator => 'less_than',
                   value => 6 } }));
is outcomes($r), '03-04:triggered:0 03-05:triggered:0 03-06:triggered:5 '
    . '03-07:resolved:0', 'of days without a bill nothing is said';

# jobs of CI runs

$db->query("INSERT INTO ci_runs (organization_id, owner, repository, run_id,
        job_id, job, workflow, runner, started_at, completed_at, minutes,
        cost)
    VALUES ($acme, 'o', 'r', 1, 1, 'x', 'CI', 'x', '2024-03-08 10:00:00Z',
            '2024-03-08 10:00:00Z', 1, 0.20),
           ($acme, 'o', 'r', 2, 2, 'x', 'CI', 'x', '2024-03-09 10:00:00Z',
            '2024-03-09 10:00:00Z', 1, 0.10)");
is outcomes(rehearse(4, { metric => 'per_run_cost', value => 0.15,
                          operator => 'greater_than' },
    scope => { type => 'repository', org => 'o', repo => 'r' })),
    '03-08:triggered:0.2 03-09:resolved:0.15', 'the cost of a run';
is outcomes(rehearse(4, { metric => 'daily_cost', value => 0.15,
                          operator => 'greater_than' },
    scope => { type => 'organization', org => 'o' })),
    '03-08:triggered:0.2 03-09:resolved:0.1', 'an owner\'s';
is outcomes(rehearse(2, \%above,
    scope => { type => 'organization', org => 'acme' })),
    '03-09:triggered:900 03-10:resolved:50',
    'an organization without CI is its accounts';


# the other face, and what is refused

$r = $api->send('POST', '/api/v1/alerts?dry_run=2', $cloudk, encode_json({
    name => 'x', type => 'threshold', scope => { type => 'all_accounts' },
    condition => { metric => 'daily_cost', %above } }));
is outcomes($r), '03-09:triggered:900 03-10:resolved:50', 'CloudK\'s face';
ok $r->json->{meta}{generated_at}, 'with its meta';

for my $days ('0', '366', 'x', '') {
    $r = rehearse($days, \%above);
    is $r->{status}, 400, "dry_run=$days: 400";
    is $r->json->{error}{message},
        'dry_run must be an integer from 1 to 365', 'why';
}

is rehearse(365, \%above)->{status}, 200, 'a year';
is rehearse(7, { operator => 'above', value => 1 })->json->{error}{message},
    'condition.operator must be greater_than, less_than, percent_increase or '
    . 'percent_decrease', 'what could not be stored is not rehearsed';
is rehearse(7, \%above, scope => { type => 'account', account_id => '99' })
       ->json->{error}{message},
    'scope.account_id must be the id of an account', 'nobody\'s account';
is $db->query('SELECT count(*) FROM alerts'), 0, 'nothing was stored';

$api->stop;

done_testing;
