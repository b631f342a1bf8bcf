#!/usr/bin/env perl

# scripts/sample: the same bills on every machine and every day, in FOCUS's
# form, with figures that were worked out by hand.

use strict;
use warnings;
use integer;

use Digest::SHA qw(sha256_hex);
use File::Basename qw(basename dirname);
use File::Temp qw(tempdir);

use Test::More;

my $sample = dirname(__FILE__) . '/../scripts/sample';
my $dir = tempdir(CLEANUP => 1);


# --- files ------------------------------------------------------------------

my ($rc, $out) = sample("$dir/a", '--today', '2024-03-02', '--days', 33);

is $rc, 0, 'writes bills';
like $out, qr/\A9 bills with \d+ rows, and utilization of \d+ resources, in /,
     'and says so';
like $out, qr/in \Q$dir\E\/a\n\z/, 'and where';
is join(' ', names("$dir/a")),
   join(' ', map { my $p = $_; map { "$p-2024-$_.csv" } '01', '02', '03' }
             qw(aws azure gcp)) . ' utilization.csv',
   'one per provider and month, whole months from 33 days back on';

sample("$dir/b", '--today', '2024-03-02', '--days', 33);
is digest("$dir/b"), digest("$dir/a"), 'the same again, byte for byte';

# an intended change of the sample data changes this
is digest("$dir/a"),
   'bacb01d4508f8af3fdd24a359e51083092f41413e103c45cf4a5cacb43afe25f',
   'and on every machine';

sample("$dir/c", '--today', '2024-03-03', '--days', 3);

is slurp("$dir/c/aws-2024-03.csv") =~ /\A\Q${\slurp("$dir\/a\/aws-2024-03.csv")}/
   ? 'a prefix' : 'not a prefix', 'a prefix',
   'a day later the days before are the same';
is join(' ', names("$dir/c")),
   'aws-2024-03.csv azure-2024-03.csv gcp-2024-03.csv utilization.csv',
   'three days';


# --- rows -------------------------------------------------------------------

my @rows = map { rows($_) } glob "$dir/a/*-*.csv";
my @header = split /,/, (split /\n/, slurp("$dir/a/gcp-2024-02.csv"))[0];

is scalar @header, 57, 'FOCUS 1.2 has 57 columns';
is "@header", join(' ', sort @header), 'in alphabetical order';
is scalar(grep { $_->{fields} != 57 } @rows), 0, 'all rows have them';

my %accounts = map { $_->{SubAccountName} => 1 } @rows;

cmp_ok scalar keys %accounts, '>=', 6, 'several accounts';
is scalar(grep { !/\(sample\)$/ } keys %accounts), 0,
   'all of them say that they are samples';
is join(' ', sort keys %{ { map { $_->{ProviderName} => 1 } @rows } }),
   'AWS Google Cloud Microsoft', 'three clouds';
is join(' ', sort keys %{ { map { $_->{ChargeCategory} => 1 } @rows } }),
   'Credit Purchase Tax Usage', 'not only usage';
is scalar(grep { $_->{ChargeClass} eq 'Correction' } @rows), 2,
   'a correction in each month that has a 5th';

for my $account (sort keys %accounts) {
    my %days = map { substr($_->{ChargePeriodStart}, 0, 10) => 1 }
               grep { $_->{SubAccountName} eq $account } @rows;

    is scalar keys %days, 31 + 29 + 2, "$account has rows on every day";
}

is scalar(grep { $_->{ChargePeriodStart} !~ /T00:00:00Z$/
                 || $_->{BillingPeriodStart} !~ /-01T00:00:00Z$/
                 || $_->{BillingPeriodEnd} !~ /-01T00:00:00Z$/
                 || substr($_->{BillingPeriodStart}, 0, 7)
                    ne substr($_->{ChargePeriodStart}, 0, 7) } @rows), 0,
   'days lie in their billing periods';


# --- figures ----------------------------------------------------------------

is figures('legacy-erp', '2024-02-07'), '24 9.312 9.312 9.6 9.312',
   '24 hours of an m4.2xlarge at 0.40, 3 percent off';
is figures('steady-1', '2024-02-07'), '24 0 6.63552 9.216 9.216',
   'under the plan: not billed, 72 percent of 24 times 0.384 effective';
is figures('restore-2019', '2024-01-20'), '48.387 4.693539 4.693539 4.8387 '
                                         . '4.693539',
   '1,500 GB for one of January\'s days at 0.10';
is figures('migrated-vm-os', '2024-02-29'), '0.034 4.59578 4.59578 4.59578 '
                                          . '4.59578',
   'one disk for one of February\'s days at 135.17';

my ($billed, $effective) = (0, 0);

for my $row (grep { $_->{BillingPeriodStart} =~ /^2024-02/ } @rows) {
    $billed += units($row->{BilledCost});
    $effective += units($row->{EffectiveCost});
}

is $effective, $billed, 'what the plan costs is what is spread over its use';

is scalar(grep { $_->{ResourceType} =~ /^(Instance|Virtual Machine)$/
                 && $_->{PricingUnit} =~ /^(Hours|hour|1 Hour)$/
                 && $_->{SkuMeter} !~ /vCPU/
                 && units($_->{PricingQuantity}) > 240000000000 } @rows), 0,
   'no machine runs for more than 24 hours a day';

my %daily;
$daily{ substr $_->{ChargePeriodStart}, 0, 10 } += units($_->{BilledCost})
    for grep { $_->{SubAccountName} eq 'Staging AWS (sample)'
               && $_->{SkuMeter} eq 'BoxUsage:t3.large' } @rows;

cmp_ok $daily{'2024-02-14'}, '>', 3 * $daily{'2024-02-11'},
       'the office\'s Wednesday costs more than three of its Sundays';

my %spike;
$spike{ substr $_->{ChargePeriodStart}, 0, 10 } += units($_->{BilledCost})
    for grep { $_->{SkuMeter} eq 'Lambda-GB-Second'
               && $_->{SubAccountId} eq '444455556666' } @rows;

# (2024 * 24 + 1 * 2 + 0) % 7 is 5, the sixth of seven
is join(' ', grep { $spike{$_} > 4 * $spike{'2024-02-14'} }
             sort keys %spike), '2024-01-09', 'a spike where one should be';


# --- utilization ------------------------------------------------------------

my @use = map { my @f = split /,/; { resource => $f[0], day => $f[1],
                                     metric => $f[2], value => $f[3] } }
          grep { !/^resource_id/ } split /\n/,
          slurp("$dir/a/utilization.csv");
my %billed = map { $_->{ResourceId} => 1 } @rows;

is scalar(grep { !$billed{ $_->{resource} } } @use), 0,
   'what is used is in the bills';
is join(' ', map { $_->{day} } (sort { $a->{day} cmp $b->{day} } @use)[0, -1]),
   '2024-02-02 2024-03-02', '30 days of it';
is scalar(grep { $_->{metric} =~ /^(?:cpu|memory)/ && $_->{value} > 100 }
          @use), 0, 'never more than there is';
is scalar(grep { $_->{metric} eq 'attached' && $_->{value} eq '0' } @use),
   5 * 30, 'three disks and two addresses are attached to nothing';


# --- the command line -------------------------------------------------------

like +(sample('--help'))[1], qr/\Ausage: /, '--help';
isnt +(sample())[0], 0, 'no directory';
like +(sample("$dir/x", '--today', '2026-02-30'))[1],
     qr/2026-02-30 is not a date/, 'a day that does not exist';
like +(sample("$dir/x", '--days', 0))[1], qr/from 1 to 3660/, 'no days';

done_testing;


sub sample {
    my $command = join ' ', map { "'$_'" } $sample, @_;
    my $output = qx($command 2>&1);

    return ($? >> 8, $output);
}


sub names { map { basename($_) } sort glob "$_[0]/*" }

sub digest { sha256_hex(join '', map { slurp($_) } sort glob "$_[0]/*") }


# quantity, billed, effective, list, contracted of a resource on a day

sub figures {
    my ($name, $day) = @_;

    return join ', ', map { join ' ', @$_{qw(PricingQuantity BilledCost
                                  EffectiveCost ListCost ContractedCost)} }
                      grep { $_->{ResourceName} eq $name
                             && $_->{ChargePeriodStart} =~ /^$day/ } @rows;
}


# 10^-10 dollars

sub units {
    my ($sign, $whole, $part) = $_[0] =~ /^(-?)(\d+)(?:\.(\d{1,10}))?$/
        or die "$_[0] is no amount\n";
    my $n = $whole * 10000000000 + substr(($part // '') . '0' x 10, 0, 10);

    return $sign ? -$n : $n;
}


# A file as hashes by column.

sub rows {
    my @lines = split /\n/, slurp($_[0]);
    my @names = split /,/, shift @lines;

    return map {
        my @fields;

        push @fields, defined $1 ? $1 =~ s/""/"/gr : $2
            while /\G(?:"((?:[^"]|"")*)"|([^,"]*))(?:,|$)/g && @fields < 58;

        # the empty match behind the last field
        pop @fields if @fields == 58 && $fields[-1] eq '';

        my %row = (fields => scalar @fields);
        @row{@names} = @fields;
        \%row;
    } @lines;
}


sub slurp {
    my ($file) = @_;

    open my $fh, '<:raw', $file or die "$file: $!\n";
    local $/;

    return scalar <$fh>;
}
