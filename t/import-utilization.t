#!/usr/bin/env perl

# Utilization and list prices through the import command: what is loaded,
# what is refused and why, and that what was loaded is derived from.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use POSIX qw(strftime);
use Test::More;

use Cost::Database;
use Cost::Import;

my $db = Cost::Database->new;
my $import = Cost::Import->new($db);
my $prices = "$Cost::Database::root/conf/prices/aws.prices";

my $bill = $import->file('bill.csv', <<'END');
BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,BillingPeriodStart,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ProviderName,BillingAccountId,ServiceName,ServiceCategory,RegionId,ResourceId,SkuMeter,ConsumedQuantity,ConsumedUnit,PricingCategory
138.24,138.24,138.24,138.24,USD,2024-06-01T00:00:00Z,2024-06-01T00:00:00Z,2024-07-01T00:00:00Z,Usage,AWS,1,AmazonEC2,Compute,us-east-1,i-1,BoxUsage:m5.xlarge,720,Hours,Standard
8,8,8,8,USD,2024-06-01T00:00:00Z,2024-06-30T00:00:00Z,2024-07-01T00:00:00Z,Usage,AWS,1,AmazonEC2,Compute,us-east-1,i-2,BoxUsage:m5.xlarge,24,Hours,Standard
END


# --- prices -----------------------------------------------------------------

my ($status, $out, $err) = $import->command(Cost::Import::program(),
    '--database', $db->conninfo, '--prices', $prices);

is("$status$out$err", '0', 'prices alone');
is($db->query("SELECT price FROM list_prices
                WHERE name = 'EC2.linux_on_demand_hour'
                  AND key = 'm5.xlarge' AND region = 'us-east-1'"),
   '0.192', 'an EC2 price is there');
is($db->query("SELECT price FROM list_prices
                WHERE name = 'RDS.instance_hour' AND region = 'eu-central-1'
                  AND key = 'mysql/db.r5.large/single_az'"), '0.29',
   'and one of RDS');
is($db->query("SELECT string_agg(name || ' ' || n, ', ' ORDER BY name)
                 FROM (SELECT name, count(*) AS n FROM list_prices
                        WHERE key = '' GROUP BY name) t"),
   join(', ', map { "$_ 14" } qw(EBS.gp3_gb_month EBS.gp3_iops_month
        EBS.gp3_throughput_mibps_month S3.standard_ia_storage)),
   'and those that have no key, of all regions');

my $written = $db->query('SELECT written_at FROM list_prices_file');

$db->query("DELETE FROM list_prices WHERE key = 'm5.xlarge'");
is(($import->run('acme', '--prices', $prices, $bill))[0], 0,
   'a bill, and the same prices');
is($db->query('SELECT written_at FROM list_prices_file'), $written,
   'which are not written again');

my $other = $import->file('other.prices', do {
    open my $fh, '<', $prices or die "$prices: $!\n";
    local $/;
    <$fh> =~ s/\n/\n# another file\n/r;
});

is(($import->run('acme', '--prices', $other, $bill))[0], 0, 'others');
is($db->query("SELECT count(*) FROM list_prices
                WHERE key = 'm5.xlarge' AND region = 'us-east-1'"), '1',
   'are');

($status, $out, $err)
    = $import->run('acme', '--prices', $import->file('x', "x\n"), $bill);
is($status, 1, 'what is no price file ends it');
like($err, qr/^cost-import: .*x:1: /, 'and says where');
($status, $out, $err)
    = $import->run('acme', '--prices', '/no/such/file', $bill);
like($err, qr{^cost-import: /no/such/file cannot be read: No such},
     'one that is not there');

my $long = $import->file('long.prices', do {
    open my $fh, '<', $prices or die "$prices: $!\n";
    local $/;
    my $key = 'x' x 1000;
    <$fh> =~ s/^key t2\.nano$/key $key/mr;
});

($status, $out, $err) = $import->run('acme', '--prices', $long, $bill);
is("$status $err", "1 cost-import: a price of EC2.linux_on_demand_hour has a "
   . "key of more than 1024 bytes\n", 'a key that is too long');
is($db->query("SELECT count(*) FROM list_prices
                WHERE key = 'm5.xlarge' AND region = 'us-east-1'"), '1',
   '... changes nothing');


# --- utilization ------------------------------------------------------------

my $file = $import->file('use.csv', <<'END');
day,"resource_id",metric,value,last_day,source
2024-06-10,i-1,cpu_avg,4,2024-06-30,x
2024-06-10,i-1,CPU_MAX,7.5,,x
2024-06-11T23:59:59Z,i-1,cpu_max,8,,x
2024-06-11,i-1,cpu_max,9,,x
soon,i-1,cpu_max,9,,x
2024-06-12,i-1,cpu,9,,x
2024-06-12,i-1,cpu_max,101,,x
2024-06-12,,cpu_max,1,,x
2024-06-12,i-1,cpu_max,1,2024-06-11,x
2024-06-12,i-1,cpu_max,-1,,x
2024-06-12,i-1,cpu_max,1
END

($status, $out, $err) = $import->run('acme', $file);

is($status, 0, 'utilization is loaded');
is($err, '', 'with nothing on stderr');
is($out, <<"END", 'and said what of');
$file: utilization, 11 rows read, 4 loaded, 7 refused
  line 6: day is not a day
  line 7: metric must be one of cpu_avg, cpu_max, memory_avg, memory_max, network_bytes, disk_iops, requests, connections, attached
  line 8: value is more than 100 percent
  line 9: resource_id is empty, longer than 1024 bytes, or no text
  line 10: last_day is not a day, before day, or more than a year after
  line 11: value is not a number, or below 0, or out of range
  line 12: it has not as many fields as the header
END

my $rows = <<'END' =~ s/\n\z//r;
i-1|cpu_avg|2024-06-10|2024-06-30|4
i-1|cpu_max|2024-06-10|2024-06-10|7.5
i-1|cpu_max|2024-06-11|2024-06-11|9
END

is(utilization(), $rows, 'the rows; of one day the last word');
is($db->query('SELECT count(*) FROM import_refusals'), '7',
   'what was refused is kept');
is(recommendations(), 'rightsizing i-1 69.12: m5.xlarge at 4% avg CPU. '
                    . 'Rightsize to m5.large.',
   'and what follows is recommended');

is(($import->run('acme', $file))[0], 0, 'it is loaded again');
is(utilization(), $rows, 'which changes nothing');

is(($import->run('acme', $import->file('busy.csv', <<'END')))[0], 0,
resource_id;day;metric;value;last_day
i-1;2024-06-10;cpu_avg;50;2024-06-30
END
   'later figures');
is(recommendations(), 'commitment_coverage 1 27.65: 1 machine runs all the '
                    . 'time on demand for $138.24 a month. A commitment of '
                    . 'one year gives 20% or more.',
   'change what is recommended');

$import->run('acme', $import->file('late.csv', <<'END'));
resource_id,day,metric,value
i-9,2024-10-01,cpu_avg,50
END

is(utilization(), 'i-9|cpu_avg|2024-10-01|2024-10-01|50',
   'what is more than 92 days older than the newest goes');

# of a year that nobody has seen it would make all the others old

my ($tomorrow, $later) = map { strftime('%F', gmtime time + $_ * 86400) } 1, 3;
my $ahead = $import->file('ahead.csv', <<"END");
resource_id,day,metric,value,last_day
i-9,2206-10-02,cpu_avg,50,
i-9,$tomorrow,cpu_max,50,$later
i-9,0001-01-01T00:00:00+00:01,cpu_avg,50,
i-9,$tomorrow,memory_avg,50,
END

($status, $out, $err) = $import->run('acme', $ahead);
is("$status$err", '0', 'figures of days to come');
is($out, <<"END", 'are refused, but for clocks that are ahead');
$ahead: utilization, 4 rows read, 1 loaded, 3 refused
  line 2: day or last_day is yet to come
  line 3: day or last_day is yet to come
  line 4: day is not a day
END
like(utilization(), qr/^i-9\|memory_avg\|$tomorrow\|/m, 'which are believed');
$db->query("DELETE FROM utilization WHERE metric = 'memory_avg'");

($status, $out, $err) = $import->run('acme', $import->file('twice.csv',
    "resource_id,day,metric,value,Day\n"));
is($status, 1, 'a column that is there twice');
like($err, qr/a column of utilization is there twice; nothing was loaded/,
     'is said');

$db->query('DELETE FROM utilization');
is(($import->run('acme', '--parts', $bill, $file))[0], 0,
   'a bill and utilization, as one delivery');
like(recommendations(), qr/^rightsizing i-1/, 'are both loaded');

is(($import->run('globex', $bill))[0], 0, 'another organization');
is($db->query("SELECT count(*) FROM recommendations r
                 JOIN organizations o ON o.id = r.organization_id
                WHERE o.slug = 'globex' AND kind = 'rightsizing'"), '0',
   'knows nothing of this one\'s use');

done_testing;


sub utilization {
    return $db->query('SELECT resource, metric, day, last_day,
                              trim_scale(value)
                         FROM utilization ORDER BY 1, 2, 3');
}


sub recommendations {
    return $db->query("
        SELECT format('%s %s %s: %s', kind, resource_id, round(saving, 2),
                      description)
          FROM recommendations r
          JOIN organizations o ON o.id = r.organization_id
         WHERE o.slug = 'acme' ORDER BY saving DESC");
}
