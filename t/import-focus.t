#!/usr/bin/env perl

# Every sample of ../shared/data/focus through the import command: the sums
# in the database are those that EXPECTED.json tells, to the last decimal,
# compared as fractions, and those of GET /costs to the cent; a second import
# changes nothing.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use Math::BigRat;
use Test::More;

use Cost::API;
use Cost::Database;
use Cost::Import;

my $data = "$Cost::Database::root/../shared/data";
my $focus = "$data/focus";

plan skip_all => "the samples are not there: $focus"
    if !-f "$focus/EXPECTED.json";

my $db = Cost::Database->new;
my $import = Cost::Import->new($db);
my $api = Cost::API->new(database => $db);
my $expected = do {
    open my $fh, '<', "$focus/EXPECTED.json" or die "EXPECTED.json: $!\n";
    local $/;
    decode_json(<$fh>);
};

my %kinds = (BilledCost => 'billed', EffectiveCost => 'effective',
             ListCost => 'list', ContractedCost => 'contracted');

my %groups = (
    BilledCost_by_SubAccountId => 'a.external_id',
    BilledCost_by_day => 'c.day::text',
    BilledCost_by_ServiceCategory => 'g.name',
    BilledCost_by_ChargeCategory => "(ARRAY['Usage', 'Purchase', 'Tax',
        'Credit', 'Adjustment'])[c.charge_category + 1]",
);


my %slugs = (AWS => 'aws', Microsoft => 'azure', 'Microsoft Azure' => 'azure',
             'Google Cloud' => 'gcp', Oracle => 'oracle');

# { name => sum } of an organization

sub sums {
    my ($organization, $group, $kind) = @_;

    return map { split /\|/, $_, 2 } split /\n/, $db->query("
        SELECT $group, sum(c.$kind) FROM costs c
          JOIN accounts a ON a.id = c.account_id
          JOIN service_categories g ON g.id = c.service_category_id
          JOIN organizations o ON o.id = c.organization_id
         WHERE o.slug = '$organization'
         GROUP BY 1");
}


# as sorted lines of reduced fractions

sub fractions {
    my (%sums) = @_;

    return join "\n", map { "$_ " . Math::BigRat->new($sums{$_}) }
                      sort keys %sums;
}


# to cents, half away from zero, as "-12.30"

sub cents {
    my ($sum) = @_;

    my $cents = Math::BigRat->new($sum) * 100;
    my $half = $cents->is_neg ? '-1/2' : '1/2';

    return sprintf '%.2f',
        ($cents + Math::BigRat->new($half))->as_int->numify / 100;
}


# what GET /costs answers for the days that a file has

sub costs {
    my ($key, $e, $kind) = @_;

    my @days = sort keys %{ $e->{BilledCost_by_day} };
    my $r = $api->get("/api/v1/costs?start_date=$days[0]&end_date=$days[-1]"
                      . "&cost=$kind", $key);

    is($r->{status}, 200, "GET /costs, $kind") or diag($r->{body});

    return $r->json->{data};
}


my %state;
my $n = 0;

for my $name (sort keys %$expected) {
    my $e = $expected->{$name};
    my $organization = 'o' . ++$n;

    ok(-f "$focus/$name", "$name is there") or next;

    my ($status, $out, $err) = $import->run($organization, "$focus/$name");

    is($status, 0, "$name is loaded") or diag($err);
    like($out, qr/ \Q$e->{rows}\E rows read, \Q$e->{rows}\E loaded, 0 refused/,
         'every row');
    is($db->query("SELECT sum(entries) FROM costs c
                     JOIN organizations o ON o.id = c.organization_id
                    WHERE o.slug = '$organization'"), $e->{rows},
       'and every row is in the database');

    for my $kind (sort keys %kinds) {
        my %sum = %{ $e->{$kind}{sum_by_currency} };

        # a column of nulls has no sum; ours is 0
        $sum{USD} //= 0;

        is(fractions(sums($organization, "'USD'", $kinds{$kind})),
           fractions(%sum), "$kind");

        my ($nulls) = $out =~ /^  $kind is null in (\d+) rows/m;

        is($nulls // 0, $e->{$kind}{null}, 'and its nulls');
    }

    for my $group (sort keys %groups) {
        is(fractions(sums($organization, $groups{$group}, 'billed')),
           fractions(%{ $e->{$group} }), $group);
    }

    my $providers = $e->{BilledCost_by_ServiceProviderName}
                    // $e->{BilledCost_by_ProviderName};

    is(fractions(sums($organization, 'a.provider', 'billed')),
       fractions(map { $slugs{$_} => $providers->{$_} } keys %$providers),
       'by provider');

    # what reads use: the last day of each month holds the month's sum

    is(fractions(USD => $db->query("
        SELECT sum(d.billed) FROM cost_to_date d
          JOIN organizations o ON o.id = d.organization_id
         WHERE o.slug = '$organization' AND d.account_id = 0
           AND d.service_id = 0
           AND d.day = (date_trunc('month', d.day)
                        + interval '1 month - 1 day')::date")),
       fractions(%{ $e->{BilledCost}{sum_by_currency} }), 'the rollup');

    # and what clients see

    my $key = $api->key(organization => $organization, plan => 'free_cloudk');
    my %seen = map { $_ => costs($key, $e, $kinds{$_}) } sort keys %kinds;

    for my $kind (sort keys %kinds) {
        is(sprintf('%.2f', $seen{$kind}{daily_total}),
           cents($e->{$kind}{sum_by_currency}{USD} // 0), "$kind in all");
    }

    my %accounts = map { $_->{aws_account_id} => $_->{total_cost} }
                   @{ $seen{BilledCost}{accounts} };
    my %of = %{ $e->{BilledCost_by_SubAccountId} };

    is_deeply({ map { $_ => sprintf '%.2f', $accounts{$_} } keys %accounts },
              { map { $_ => cents($of{$_}) } keys %of }, 'and by account');

    $state{$name} = $import->state($organization);

    is(($import->run($organization, "$focus/$name"))[0], 0, 'a second import');
    ok($import->state($organization) eq $state{$name}, 'changes nothing');
    is_deeply(costs($key, $e, 'billed'), $seen{BilledCost},
              'nor what clients see');
}

ok($state{'focus-1.0-aws-real.csv'} eq $state{
       'focus-1.0-aws-real.as-aws-dataexport-dialect.csv.gz'},
   'a native export of AWS is row for row what the original is');

for my $cloud (qw(aws azure gcp)) {
    ok($state{"focus-1.3-$cloud-synthetic.csv.gz"}
       eq $state{"focus-1.4-$cloud-synthetic.csv.gz"},
       "1.4 of $cloud is row for row what 1.3 is");
}


# all of them in one organization, in one run

{
    my ($status) = $import->run('all', map { "$focus/$_" } sort keys %state);

    is($status, 0, 'all samples into one organization');
}


# older names, and what the specification itself gets wrong

{
    my ($status, $out, $err) = $import->run('tiny',
                                            "$focus/focus-0.5-tiny.csv");

    is($status, 0, 'FOCUS 0.5');
    is(fractions(sums('tiny', 'a.external_id', 'effective')),
       fractions('a09876543212', '0.01', 'a123456789098', '1'),
       'AmortizedCost is EffectiveCost');

    for my $name (qw(simple_saas_agreements_a2 simple_saas_agreements_b)) {
        ($status, $out, $err) = $import->run('spec',
            "$focus/spec-examples/$name.csv");

        is($status, 1, $name);
        like($out, qr/^  line 2: BilledCost "\$50,000\.00" is not a number$/m,
             'its row is refused by name');
    }

    is(join(' ', sums('spec', "'x'", 'billed')), '', 'and not loaded');

    ($status, $out, $err) = $import->run('spec',
        "$focus/spec-examples/saas_spend_agreements_b1.csv");

    is($status, 0, 'a prepaid agreement');
    is(fractions(sums('spec', "'USD'", 'contracted')), 'USD 2400',
       'ContractedCost');
    is(fractions(sums('spec', 'g.name', 'billed')),
       "Database 0\nOther 1200", 'a charge without a service category');

    ($status, $out, $err) = $import->run('spec2',
        "$focus/spec-examples/saas_spend_agreements_a1.csv");

    is($status, 0, 'and one that ended before its time');
    is(fractions(sums('spec2', 'c.period::text', 'billed')),
       fractions('2025-04-01', 48, '2025-05-01', 120, '2025-06-01', 60,
                 '2026-03-01', 972),
       'in its periods');

    my %missing = (
        'commitment_discount_*' => 's ListCost, ContractedCost, BillingCurrency'
            . ', ProviderName, BillingAccountId, ServiceName and '
            . 'ServiceCategory are',
        'one_hundred_*' => 's ContractedCost, BillingCurrency, ProviderName, '
            . 'BillingAccountId, ServiceName and ServiceCategory are',
        'virtual_currency_*' => ' ServiceCategory is',
    );

    for my $name (sort keys %missing) {
        for my $file (glob "$focus/spec-examples/$name.csv") {
            ($status, $out, $err) = $import->run('none', $file);

            is($status, 1, $file =~ s/.*\///r);
            like($err, qr/^cost-import:\ [^:]+:\ the\ mandatory\ column
                          \Q$missing{$name}\E\ missing:/x, 'lacks columns');
        }
    }

    my @files = map { s/.*\///r } glob "$focus/*.csv* $focus/spec-examples/*.csv";

    is(scalar @files, 1 + keys(%$expected) + 13, 'there is no other sample');
}


# what is no FOCUS export is said to be what it is

{
    my %formats = (aws => 'an AWS Cost and Usage Report',
                   azure => 'an Azure cost export of the older kind',
                   gcp => 'a Google Cloud billing export',
                   oci => 'an Oracle Cloud cost report');

    for my $file (glob "$data/other-exports/*.csv*") {
        my ($cloud) = $file =~ /\/([a-z]+)-[^\/]+$/;
        my ($status, $out, $err) = $import->run('other', $file);

        is($status, 1, $file =~ s/.*\///r);
        is($err, "cost-import: $file: $formats{$cloud}, not a FOCUS \"Cost and"
                 . ' Usage" export: let the provider export FOCUS 1.0 or '
                 . "later; nothing was loaded\n", 'is told from FOCUS');
    }

    is($db->query("SELECT count(*) FROM organizations WHERE slug = 'other'"),
       0, 'and made no organization');
}

$api->stop;

done_testing();
