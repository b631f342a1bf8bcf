#!/usr/bin/env perl

# What bills say about single resources: which rows are kept, added up over
# the days, replaced with their billing periods, and given up when they are
# old or their account is.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use Cost::Database;
use Cost::Import;

my $db = Cost::Database->new;
my $import = Cost::Import->new($db);

my @columns = qw(BilledCost EffectiveCost ListCost ContractedCost
    BillingCurrency BillingPeriodStart ChargePeriodStart ChargePeriodEnd
    ChargeCategory ChargeClass ProviderName BillingAccountId SubAccountId
    ServiceName ServiceCategory RegionId ResourceId ResourceName SkuMeter
    ConsumedQuantity ConsumedUnit PricingCategory CommitmentDiscountStatus);

my %row = (
    BilledCost => 2, EffectiveCost => 2, ListCost => 3, ContractedCost => 2,
    BillingCurrency => 'USD', BillingPeriodStart => '2026-05-01T00:00:00Z',
    ChargePeriodStart => '2026-05-02T00:00:00Z',
    ChargePeriodEnd => '2026-05-03T00:00:00Z', ChargeCategory => 'Usage',
    ChargeClass => '', ProviderName => 'AWS', BillingAccountId => '0001',
    SubAccountId => '0002', ServiceName => 'AmazonEC2',
    ServiceCategory => 'Compute', RegionId => 'us-east-1',
    ResourceId => 'i-1', ResourceName => 'web',
    SkuMeter => 'BoxUsage:m5.large', ConsumedQuantity => 24,
    ConsumedUnit => 'Hours', PricingCategory => 'Standard',
    CommitmentDiscountStatus => '',
);

sub row { my %r = (%row, @_); return join(',', @r{@columns}) . "\n" }
sub csv { return join('', join(',', @columns) . "\n", @_) }

sub load {
    my ($organization, $name, @rows) = @_;

    my ($status, $out, $err)
        = $import->run($organization, $import->file($name, csv(@rows)));

    is($status, 0, "$name is loaded") or diag($err);
}

sub resources {
    my ($organization) = @_;

    return $db->query("
        SELECT concat_ws(' ', a.external_id, c.period, c.resource, c.name,
                         c.class, c.item, c.variant, c.pricing, r.name,
                         s.name, c.first_day, c.last_day, c.entries,
                         trim_scale(c.billed), trim_scale(c.effective),
                         trim_scale(c.list), trim_scale(c.quantity))
          FROM cost_resources c
          JOIN organizations o ON o.id = c.organization_id
          JOIN accounts a ON a.id = c.account_id
          JOIN services s ON s.id = c.service_id
          JOIN regions r ON r.id = c.region_id
         WHERE o.slug = '$organization'
         ORDER BY 1");
}


# days of one resource are added up; what tells nothing is not there

load('acme', 'may.csv',
    row(),
    row(ChargePeriodStart => '2026-05-04T00:00:00Z',
        ChargePeriodEnd => '2026-05-05T00:00:00Z', ConsumedQuantity => 12),
    row(PricingCategory => 'Committed', CommitmentDiscountStatus => 'Used',
        BilledCost => 0),
    row(PricingCategory => 'Committed', CommitmentDiscountStatus => 'Unused'),
    row(ResourceId => 'vol-1', SkuMeter => 'EU-EBS:VolumeUsage.gp2',
        ServiceCategory => 'Storage', ConsumedQuantity => '3.25',
        ChargePeriodEnd => '2026-06-01T00:00:00Z'),
    row(ResourceId => 'vol-2', SkuMeter => 'EBS:VolumeUsage.gp2',
        BilledCost => '0.01', EffectiveCost => '0.01', ListCost => '0.01'),
    row(ResourceId => '', SkuMeter => 'BoxUsage:m5.large'),
    row(ResourceId => 'i-2', ChargeCategory => 'Tax'),
    row(ResourceId => 'i-3', ChargeClass => 'Correction'),
    row(ResourceId => 'fn', SkuMeter => 'Lambda-GB-Second'));

my $may = <<'END' =~ s/\n\z//r;
0002 2026-05-01 i-1 web machine m5.large  committed us-east-1 Amazon EC2 2026-05-02 2026-05-02 1 0 2 3 24
0002 2026-05-01 i-1 web machine m5.large  standard us-east-1 Amazon EC2 2026-05-02 2026-05-04 2 4 4 6 36
0002 2026-05-01 vol-1 web volume gp2  standard us-east-1 Amazon EC2 2026-05-02 2026-05-31 1 2 2 3 3.25
END

is(resources('acme'), $may, 'what is known of resources');

load('acme', 'may.csv',
    row(),
    row(ChargePeriodStart => '2026-05-04T00:00:00Z',
        ChargePeriodEnd => '2026-05-05T00:00:00Z', ConsumedQuantity => 12),
    row(PricingCategory => 'Committed', CommitmentDiscountStatus => 'Used',
        BilledCost => 0),
    row(ResourceId => 'vol-1', SkuMeter => 'EBS:VolumeUsage.gp2',
        ServiceCategory => 'Storage', ConsumedQuantity => '3.25',
        ChargePeriodEnd => '2026-06-01T00:00:00Z'));

is(resources('acme'), $may, 'loaded again: the same');


# a period replaces its own and no other; the third after it is given up

load('acme', 'june.csv',
    row(map { ($_ => $row{$_} =~ s/2026-05/2026-06/r) } keys %row));

is(resources('acme'), "$may\n" . <<'END' =~ s/\n\z//r, 'another month');
0002 2026-06-01 i-1 web machine m5.large  standard us-east-1 Amazon EC2 2026-06-02 2026-06-02 1 2 2 3 24
END

load('acme', 'corrected.csv', row(ResourceId => 'i-9'));

is(resources('acme'), <<'END' =~ s/\n\z//r, 'May is replaced');
0002 2026-05-01 i-9 web machine m5.large  standard us-east-1 Amazon EC2 2026-05-02 2026-05-02 1 2 2 3 24
0002 2026-06-01 i-1 web machine m5.large  standard us-east-1 Amazon EC2 2026-06-02 2026-06-02 1 2 2 3 24
END

load('acme', 'august.csv',
    row(map { ($_ => $row{$_} =~ s/2026-05/2026-08/r) } keys %row));

like(resources('acme'), qr/\A0002 2026-06-01 .*\n0002 2026-08-01 .*\z/,
     'May is given up when there is August');

load('acme', 'january.csv',
    row(map { ($_ => $row{$_} =~ s/2026-05/2026-01/r) } keys %row));

unlike(resources('acme'), qr/2026-01/, 'what is old is not even kept');


# another currency

$db->query("INSERT INTO rates VALUES ('EUR', 'USD', '2026-01-01', 1.5)");

load('globex', 'euro.csv', row(BillingCurrency => 'EUR'));

is(resources('globex'), <<'END' =~ s/\n\z//r, 'amounts are converted');
0002 2026-05-01 i-1 web machine m5.large  standard us-east-1 Amazon EC2 2026-05-02 2026-05-02 1 3 3 4.5 24
END


# a load that tells of no resources leaves none; an account takes its own

load('globex', 'nothing.csv', row(ResourceId => ''));

is(resources('globex'), '', 'none are left of a period without');

$db->query("DELETE FROM accounts WHERE organization_id
            = (SELECT id FROM organizations WHERE slug = 'acme')");

is($db->query('SELECT count(*) FROM cost_resources'), '0',
   'they go with their account');


# more resources than the table in memory has entries: pieces

{
    my $n = 70_000;

    load('pieces', 'pieces.csv', map {
        my $day = $_;
        map { row(ResourceId => "i-$_", ResourceName => '',
                  ChargePeriodStart => "2026-05-0${day}T00:00:00Z",
                  ChargePeriodEnd => "2026-05-0${day}T01:00:00Z") } 1 .. $n
    } 1, 2);

    is($db->query("SELECT count(DISTINCT resource), sum(quantity),
                          min(first_day), max(last_day)
                     FROM cost_resources"),
       "$n|" . 2 * 24 * $n . '|2026-05-01|2026-05-02', 'none is lost');
    is($db->query("SELECT sum(entries), sum(billed) FROM costs c
                     JOIN organizations o ON o.id = c.organization_id
                    WHERE o.slug = 'pieces'"),
       2 * $n . '|' . 4 * $n, 'nor any of the costs, which are copied beside');
}

done_testing;
