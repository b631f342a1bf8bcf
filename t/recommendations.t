#!/usr/bin/env perl

# What is recommended, and what is not: each kind with figures worked out by
# hand, its bounds, and what becomes of a recommendation when it is derived
# anew.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use File::Temp qw(tempdir);
use Test::More;

use Cost::Database;
use Cost::Import;

my $db = Cost::Database->new;
my $acme = $db->organization('acme');

my ($aws, $azure, $gcp) = map {
    $db->query("INSERT INTO accounts (organization_id, provider, external_id,
                                      name)
                VALUES ($acme, '$_', '$_-1', '$_ account') RETURNING id")
} qw(aws azure gcp);

$db->query("
    INSERT INTO regions (name) VALUES ('us-east-1'), ('westeurope');
    INSERT INTO services (name) VALUES ('Service');
    INSERT INTO cost_periods (organization_id, account_id, period, first_day,
                              last_day, entries)
    SELECT $acme, a, '2026-06-01', '2026-06-01', '2026-06-20', 1
      FROM unnest(ARRAY[$aws, $azure, $gcp]) a;
    INSERT INTO list_prices VALUES
        ('EC2.linux_on_demand_hour', 'm5.large', 'us-east-1', 0.096),
        ('EC2.linux_on_demand_hour', 'm5.xlarge', 'us-east-1', 0.192),
        ('EC2.linux_on_demand_hour', 't3.micro', 'us-east-1', 0.0104),
        ('EC2.linux_on_demand_hour', 't3.nano', 'us-east-1', 0.0060),
        ('RDS.instance_hour', 'mysql/db.r6g.large/single_az', 'us-east-1',
         0.215),
        ('RDS.instance_hour', 'mysql/db.m5.large/multi_az', 'us-east-1',
         0.342),
        ('RDS.instance_hour', 'mysql/db.m5.xlarge/multi_az', 'us-east-1',
         0.684),
        ('EBS.gp3_gb_month', '', 'us-east-1', 0.08),
        ('EBS.gp3_iops_month', '', 'us-east-1', 0.005),
        ('EBS.gp3_throughput_mibps_month', '', 'us-east-1', 0.04),
        ('S3.standard_ia_storage', '', 'us-east-1', 0.0125)");

# June has 30 days, of which 20 have been billed: a month is 1.5 times that

my %defaults = (
    account => $aws, period => '2026-06-01', resource => 'i-1',
    class => 'machine', item => 'm5.xlarge', variant => 'linux',
    pricing => 'standard', region => 'us-east-1', first => '2026-06-01',
    last => '2026-06-20', cost => 92.16, list => undef, quantity => 480,
);


# --- rightsizing ------------------------------------------------------------

is(kinds(resource(), used('i-1', cpu_avg => 4)), <<'END', 'rightsizing');
rightsizing i-1 ec2 69.12 medium: Downsize underutilized EC2 instance: m5.xlarge at 4% avg CPU. Rightsize to m5.large.
END

is(kinds(resource(cost => 80, list => 92.16), used('i-1', cpu_avg => 9.96)),
   <<'END', 'at the discount that the bill has');
rightsizing i-1 ec2 60.00 medium: Downsize underutilized EC2 instance: m5.xlarge at 10% avg CPU. Rightsize to m5.large.
END

is(kinds(resource(item => 't3.micro', cost => 104),
         used('i-1', cpu_avg => 4)),
   <<'END', 'prices that are not in proportion');
rightsizing i-1 ec2 66.00 medium: Downsize underutilized EC2 instance: t3.micro at 4% avg CPU. Rightsize to t3.nano.
END

is(kinds(resource(item => 'i3.2xlarge', cost => 299.52),
         used('i-1', cpu_avg => 4, cpu_max => 50, memory_avg => 40)),
   <<'END', 'a type that is not on the list: half');
rightsizing i-1 ec2 224.64 high: Downsize underutilized EC2 instance: i3.2xlarge at 4% avg CPU. Rightsize to i3.xlarge.
END

is(kinds(resource(resource => 'arn:aws:rds:us-east-1:1:db:shop',
                  class => 'database', item => 'db.m5.xlarge',
                  variant => 'mysql/multi_az', cost => 328.32),
         used('shop', cpu_avg => 4)), <<'END', 'a database, by its short id');
rightsizing shop rds 246.24 high: Downsize underutilized RDS instance: db.m5.xlarge at 4% avg CPU. Rightsize to db.m5.large.
END

is(kinds(resource(account => $azure, region => 'westeurope', variant => '',
                  resource => '/subscriptions/1/vm/crm',
                  item => 'Standard_E8s_v5', cost => 100),
         used('/subscriptions/1/vm/crm', cpu_avg => 2.25)),
   <<'END', 'at Azure');
rightsizing /subscriptions/1/vm/crm virtual_machine 75.00 medium: Downsize underutilized virtual machine: Standard_E8s_v5 at 2.3% avg CPU. Rightsize to Standard_E4s_v5.
END

is(kinds(resource(account => $gcp, item => 'n2-standard-8', variant => '',
                  cost => 20), used('i-1', cpu_avg => 1)),
   <<'END', 'at Google');
rightsizing i-1 compute_instance 15.00 low: Downsize underutilized VM instance: n2-standard-8 at 1% avg CPU. Rightsize to n2-standard-4.
END

for my $case (
    ['CPU above 10 percent', {}, cpu_avg => 10.01],
    ['a peak above 50 percent', {}, cpu_avg => 4, cpu_max => 50.1],
    ['memory in use', {}, cpu_avg => 4, memory_avg => 41],
    ['memory in use at the peak', {}, cpu_avg => 4, memory_avg => 20,
     memory_max => 41],
    ['the smallest size', { item => 't3.nano' }, cpu_avg => 4],
    ['a size that is not known to exist', { item => 'p3.2xlarge' },
     cpu_avg => 4],
    ['under a commitment', { pricing => 'committed' }, cpu_avg => 4],
    ['nothing known of its use', {}],
    ['gone for four days', { last => '2026-06-16' }, cpu_avg => 4],
    ['a saving below 1', { cost => 1 }, cpu_avg => 4],
) {
    my ($name, $resource, @used) = @$case;

    is(kinds(resource(quantity => 100, %$resource), used('i-1', @used)), '',
       "no rightsizing: $name");
}

is(kinds(resource(last => '2026-06-17', quantity => 100, cost => 85),
         used('i-1', cpu_avg => 4)) =~ s/:.*//sr,
   'rightsizing i-1 ec2 75.00 medium', 'three days ago is still there');

is(kinds(resource(quantity => 100), "INSERT INTO utilization
             VALUES ($acme, 'i-1', 'cpu_avg', '2026-06-01', '2026-06-12', 4)"),
   '', 'six of the last 14 days are too few');
is(kinds(resource(), "INSERT INTO utilization
             VALUES ($acme, 'i-1', 'cpu_avg', '2026-06-01', '2026-06-13', 2),
                    ($acme, 'i-1', 'cpu_avg', '2026-06-14', '2026-07-13', 9)")
   =~ s/.*instance: //sr,
   "m5.xlarge at 5.5% avg CPU. Rightsize to m5.large.\n",
   'seven days at 2 and seven at 9, those before and after not counted');


# --- idle -------------------------------------------------------------------

is(kinds(resource(), used('i-1', cpu_avg => 1, cpu_max => 4.9,
                          network_bytes => 5_000_000)), <<'END', 'idle');
idle i-1 ec2 138.24 medium: Stop idle EC2 instance: m5.xlarge peaked at 4.9% CPU over 14 days. Stop or terminate it.
END

is(kinds(resource(quantity => 100), used('i-1', cpu_max => 5)), '',
   'not idle: CPU at 5 percent');
is(kinds(resource(quantity => 100),
         used('i-1', cpu_max => 1, network_bytes => 5_000_001)), '',
   'not idle: there is traffic');
is(kinds(resource(class => 'database', item => 'db.t3.small', variant => ''),
         used('i-1', connections => 0)), <<'END', 'a database');
idle i-1 rds 138.24 medium: Stop idle RDS instance: db.t3.small had no connections for 14 days. Take a snapshot and delete it.
END
is(kinds(resource(class => 'database', variant => ''),
         used('i-1', connections => 1)), '', 'not one that somebody uses');

my %balancer = (class => 'balancer', item => '', variant => '', cost => 12,
                resource => 'arn:aws:elasticloadbalancing:us-east-1:1:'
                            . 'loadbalancer/app/shop/50dc');

is(kinds(resource(%balancer)), <<'END', 'a load balancer without load');
idle app/shop/50dc elb 18.00 low: Delete idle load balancer: app/shop/50dc served no traffic. Delete it.
END
is(kinds(resource(%balancer),
         resource(%balancer, class => 'balancer_use', quantity => 0.01)), '',
   'not one with some');
is(kinds(resource(%balancer),
         resource(%balancer, class => 'balancer_use', quantity => 0.01),
         used('app/shop/50dc', requests => 99)), <<'END', 'but one with less than 100 requests a day');
idle app/shop/50dc elb 18.00 low: Delete idle load balancer: app/shop/50dc served 99 requests a day. Delete it.
END
is(kinds(resource(%balancer, resource => 'classic')), '',
   'not a classic one, which is not billed by its load');
is(kinds(resource(%balancer, first => '2026-06-15')), '', 'nor a new one');
is(kinds(resource(class => 'nat', resource => 'nat-1', item => '')),
   <<'END', 'a NAT gateway without data');
idle nat-1 nat_gateway 138.24 medium: Delete idle NAT gateway: nat-1 moved no data. Delete it.
END


# --- previous generation ----------------------------------------------------

is(kinds(resource(item => 'm4.xlarge', cost => 50, quantity => 250)),
   <<'END', 'previous generation: 0.20 an hour beside 0.192, 375 hours');
previous_generation i-1 ec2 3.00 low: Upgrade previous generation EC2 instance: m4.xlarge is of a previous generation. m5.xlarge does the same for 4% less.
END
is(kinds(resource(item => 'm4.xlarge', cost => 25, list => 50,
                  quantity => 250)) =~ s/:.*//sr,
   'previous_generation i-1 ec2 1.50 low', 'at the discount of the bill');
is(kinds(resource(class => 'database', item => 'db.r4.large', cost => 57,
                  variant => 'mysql/single_az', quantity => 200)),
   <<'END', 'a database, to Graviton: 0.285 beside 0.215, 300 hours');
previous_generation i-1 rds 21.00 low: Upgrade previous generation RDS instance: db.r4.large is of a previous generation. db.r6g.large does the same for 24.6% less.
END
is(kinds(resource(item => 'm4.xlarge', cost => 40, quantity => 250)), '',
   'not one that costs less than the newer');
is(kinds(resource(item => 'm4.xlarge', variant => 'windows', cost => 90,
                  quantity => 250)), '', 'nor one whose price is not known');

my @pair = (account => $azure, region => 'westeurope', variant => '');

is(kinds(resource(@pair, item => 'Standard_D4_v2', cost => 100.8,
                  quantity => 200),
         resource(@pair, item => 'Standard_D8s_v5', cost => 46,
                  quantity => 100, resource => 'i-2')),
   <<'END', 'by the price of another machine of the organization\'s');
previous_generation i-1 virtual_machine 13.20 low: Upgrade previous generation virtual machine: Standard_D4_v2 is of a previous generation. Standard_D8s_v5 does the same for 8.7% less.
END


# --- gp2 to gp3 -------------------------------------------------------------

my %volume = (class => 'volume', item => 'gp2', variant => '',
              resource => 'arn:aws:ec2:us-east-1:1:volume/vol-1');

is(kinds(resource(%volume, quantity => 100, cost => 10)),
   <<'END', 'gp2 to gp3: 150 GB at 0.10 and at 0.08');
gp2_to_gp3 vol-1 ebs 3.00 low: Move gp2 volume to gp3: 150 GB of gp2 for $15.00 a month. gp3 with the same IOPS and throughput costs $12.00.
END
is(kinds(resource(%volume, quantity => 2000, cost => 100, list => 200)),
   <<'END', '3,000 GB: 6,000 IOPS and 125 MiB/s above what is included, half the price');
gp2_to_gp3 vol-1 ebs 12.50 low: Move gp2 volume to gp3: 3,000 GB of gp2 for $150.00 a month. gp3 with the same IOPS and throughput costs $137.50.
END
is(kinds(resource(%volume, item => 'gp3', quantity => 100, cost => 10)), '',
   'not what is gp3');
is(kinds(resource(%volume, quantity => 100, cost => 10,
                  region => 'westeurope')), '', 'nor where no price is known');


# --- unattached -------------------------------------------------------------

is(kinds(resource(class => 'address', item => 'idle', cost => 2.4,
                  variant => '', resource => 'arn:aws:ec2:us-east-1:1:'
                                             . 'elastic-ip/eipalloc-7')),
   <<'END', 'unattached: an address');
unattached eipalloc-7 elastic_ip 3.60 low: Release unattached Elastic IP: eipalloc-7 is attached to nothing. Release it.
END
is(kinds(resource(%volume, quantity => 100, cost => 10),
         used('vol-1', attached => 0)),
   <<'END', 'a volume: all it costs, and no move to gp3');
unattached vol-1 ebs 15.00 low: Delete unattached EBS volume: vol-1 was attached to nothing for 14 days. Take a snapshot and delete it.
END
is(kinds(resource(%volume, item => 'gp3', cost => 10),
         used('vol-1', disk_iops => 0.00001)),
   <<'END', 'a volume with less than one operation a day');
unattached vol-1 ebs 15.00 low: Delete unattached EBS volume: vol-1 was not used for 14 days. Take a snapshot and delete it.
END
is(kinds(resource(%volume, item => 'gp3'),
         used('vol-1', attached => 1, disk_iops => 0)), '',
   'not one that is attached');
is(kinds(resource(account => $azure, class => 'address', item => '')), '',
   'nor an address of which nothing is known');


# --- storage class ----------------------------------------------------------

my %bucket = (class => 'bucket', item => 'standard', variant => '',
              resource => 'arn:aws:s3:::archive');

is(kinds(resource(%bucket, quantity => 1000, cost => 23),
         resource(%bucket, class => 'requests', quantity => 999, cost => 0)),
   <<'END', 'storage class: 1,500 GB at 0.023 and at 0.0125');
storage_class archive s3 15.75 low: Move rarely used data to infrequent access: 1,500 GB in S3 Standard with 1,499 requests a month. Standard-IA costs $18.75 instead of $34.50.
END
is(kinds(resource(%bucket, quantity => 1000, cost => 23),
         resource(%bucket, class => 'requests', quantity => 1000, cost => 0)),
   '', 'not one that is asked for once a gigabyte');


# --- NAT to endpoint --------------------------------------------------------

my %nat = (resource => 'nat-1', item => '', variant => '');

is(kinds(resource(%nat, class => 'nat', cost => 20),
         resource(%nat, class => 'nat_data', quantity => 2000, cost => 90),
         resource(%bucket, class => 'requests', quantity => 1, cost => 0)),
   <<'END', 'NAT to endpoint: 30 percent of 135');
nat_to_endpoint nat-1 nat_gateway 40.50 low: Route S3 and DynamoDB traffic past the NAT gateway: 3,000 GB a month pass the NAT gateway for $135.00. If 30% of that is for S3 or DynamoDB, a free gateway endpoint saves $40.50.
END
is(kinds(resource(%nat, class => 'nat_data', quantity => 2000, cost => 90)),
   '', 'not where nobody uses S3');
is(kinds(resource(%nat, class => 'nat_data', quantity => 66, cost => 90),
         resource(%bucket, class => 'requests', quantity => 1, cost => 0)),
   '', 'nor for less than 100 GB');


# --- commitment coverage ----------------------------------------------------

is(kinds(resource(), resource(resource => 'i-2', quantity => 456)),
   <<'END', 'commitment coverage: 20 percent of two machines');
commitment_coverage aws-1 savings_plan 55.30 medium: Cover steady usage with a Savings Plan: 2 machines run all the time on demand for $276.48 a month. A commitment of one year gives 20% or more.
END
is(kinds(resource(), resource(resource => 'i-2', pricing => 'committed',
                              cost => 70, list => 100)),
   <<'END', 'at the discount of what is covered');
commitment_coverage aws-1 savings_plan 41.47 low: Cover steady usage with a Savings Plan: 1 machine runs all the time on demand for $138.24 a month. The commitments you have give 30%.
END
# 150.00 become 720 hours at 0.192, of which 20 percent are 27.648
is(kinds(resource(item => 'm4.xlarge', cost => 100)), <<'END',
commitment_coverage aws-1 savings_plan 27.65 low: Cover steady usage with a Savings Plan: 1 machine runs all the time on demand for $150.00 a month. A commitment of one year gives 20% or more.
previous_generation i-1 ec2 11.76 low: Upgrade previous generation EC2 instance: m4.xlarge is of a previous generation. m5.xlarge does the same for 7.8% less.
END
   'of what is left when the machine is a newer one');
is(kinds(resource(quantity => 455)), '', 'not for 94.8 percent of the hours');
is(kinds(resource(cost => 33)), '', 'nor for less than 50 a month');


# --- days and periods -------------------------------------------------------

is(kinds(resource(first => '2026-06-15', cost => 27.648, quantity => 144),
         resource(period => '2026-05-01', first => '2026-05-01',
                  last => '2026-05-31', cost => 142.848, quantity => 744),
         used('i-1', cpu_avg => 4)) =~ s/:.*//sr,
   'rightsizing i-1 ec2 71.42 medium',
   'six days of a month: the month before tells');
is(kinds(resource(cost => 46.08, quantity => 240),
         resource(cost => 46.08, quantity => 240),
         used('i-1', cpu_avg => 4)) =~ s/:.*//sr,
   'rightsizing i-1 ec2 69.12 medium', 'pieces are added up');


# --- what becomes of them ---------------------------------------------------

kinds(resource(), used('i-1', cpu_avg => 4), keep => 1);

my ($id, $created) = split /\|/,
    $db->query('SELECT id, created_at FROM recommendations');

refresh();
is($db->query('SELECT id, created_at FROM recommendations'),
   "$id|$created", 'derived anew it is the same');

$db->query("UPDATE cost_resources SET effective = 20, list = 20");
refresh();
is($db->query('SELECT id, round(saving, 2), priority, status
                 FROM recommendations'),
   "$id|15.00|low|pending", 'with what it is worth now');

$db->query("UPDATE recommendations
               SET status = 'dismissed', status_at = now()");
refresh();
is($db->query('SELECT id, status FROM recommendations'), "$id|dismissed",
   'dismissed, it stays so');

$db->query("UPDATE utilization SET value = 90");
refresh();
is($db->query('SELECT id, status FROM recommendations'), "$id|dismissed",
   'even when it is no longer true');

$db->query("UPDATE recommendations SET status = 'pending'");
refresh();
is($db->query('SELECT count(*) FROM recommendations'), '0',
   'a pending one that is no longer true goes');

my $globex = $db->organization('globex');

kinds(resource(), used('i-1', cpu_avg => 4), keep => 1);
$db->query("BEGIN; SELECT recommendations_refresh($globex); COMMIT");
is($db->query("SELECT organization_id FROM recommendations"), $acme,
   'another organization\'s are left alone');

# --- the sample -------------------------------------------------------------

{
    my $import = Cost::Import->new($db);
    my $dir = tempdir(CLEANUP => 1);
    my $root = $Cost::Database::root;

    is(system("$root/scripts/sample $dir --today 2026-11-20 --days 40 "
              . '> /dev/null'), 0, 'sample bills');

    my ($status, $out, $err) = $import->run('sample', '--prices',
        "$root/conf/prices/aws.prices", '--parts', glob "$dir/*.csv");

    is($status, 0, 'are loaded') or diag($err);
    is($db->query("
        SELECT kind, string_agg(resource_type, ' '
                                ORDER BY saving DESC, resource_type)
          FROM recommendations r
          JOIN organizations o ON o.id = r.organization_id
         WHERE o.slug = 'sample'
         GROUP BY kind ORDER BY kind"), <<'END' =~ s/\n\z//r,
commitment_coverage|committed_use savings_plan reservation
gp2_to_gp3|ebs ebs ebs ebs ebs ebs ebs ebs
idle|compute_instance ec2 ec2 elb
nat_to_endpoint|nat_gateway nat_gateway
previous_generation|rds ec2 virtual_machine
rightsizing|ec2 virtual_machine
storage_class|s3 s3
unattached|ebs managed_disk persistent_disk public_ip elastic_ip
END
       'each kind finds what is there for it, and nothing else');
}

done_testing;


# SQL for a row of cost_resources

sub resource {
    my %r = (%defaults, @_);

    $r{list} //= $r{cost};

    return "INSERT INTO cost_resources
            SELECT $acme, $r{account}, '$r{period}', '$r{resource}', '',
                   '$r{class}', '$r{item}', '$r{variant}', '$r{pricing}',
                   (SELECT id FROM regions WHERE name = '$r{region}'),
                   (SELECT min(id) FROM services), '$r{first}', '$r{last}',
                   1, $r{cost}, $r{cost}, $r{list}, $r{quantity}";
}


# SQL for how much of it was used in the last 14 days

sub used {
    my ($resource, %metrics) = @_;

    return map { "INSERT INTO utilization
                  VALUES ($acme, '$resource', '$_', '2026-06-07',
                          '2026-06-20', $metrics{$_})" } sort keys %metrics;
}


sub refresh {
    $db->query("BEGIN; SELECT recommendations_refresh($acme); COMMIT");
}


# what is recommended when there is nothing but these

sub kinds {
    my @statements = @_;
    my $keep = @statements > 1 && $statements[-2] eq 'keep'
               && splice @statements, -2;

    $db->query(join ';', 'DELETE FROM recommendations',
               'DELETE FROM cost_resources', 'DELETE FROM utilization',
               @statements);
    refresh();

    my $found = $db->query("
        SELECT format('%s %s %s %s %s: %s: %s', kind, resource_id,
                      resource_type, round(saving, 2), priority, title,
                      description)
          FROM recommendations ORDER BY saving DESC");

    return $found eq '' ? '' : "$found\n";
}
