# Copyright (C) 2026 the ngx_http_cost authors
#
# The company that scripts/sample writes bills of: its providers, accounts and
# resources.  Evaluates to a hash of tables.

use strict;
use warnings;

# How a load moves over the week, from Sunday, in percent.

my %rhythms = (
    flat   => [100, 100, 100, 100, 100, 100, 100],
    office => [ 31, 104, 109, 111, 108,  99,  38],
    shop   => [118,  92,  94,  97, 101, 112, 126],
    batch  => [ 60, 100, 100, 100, 100, 140,  60],
);


# What a service is called, and where FOCUS puts it.

my %services = (
    aws => {
        ec2 => ['AmazonEC2', 'Compute', 'Virtual Machines'],
        ebs => ['AmazonEC2', 'Storage', 'Block Storage'],
        elb => ['AWSELB', 'Networking', 'Application Networking'],
        vpc => ['AmazonVPC', 'Networking', 'Network Infrastructure'],
        s3  => ['AmazonS3', 'Storage', 'Object Storage'],
        rds => ['AmazonRDS', 'Databases', 'Relational Databases'],
        ddb => ['AmazonDynamoDB', 'Databases', 'NoSQL Databases'],
        lambda => ['AWSLambda', 'Compute', 'Serverless Compute'],
        cdn => ['AmazonCloudFront', 'Networking', 'Content Delivery'],
        cw  => ['AmazonCloudWatch', 'Management and Governance',
                'Observability'],
        glue => ['AWSGlue', 'Analytics', 'Data Processing'],
        sp  => ['ComputeSavingsPlans', 'Compute', 'Other (Compute)'],
        support => ['AWSSupportBusiness', 'Management and Governance',
                    'Support'],
        tax => ['AmazonEC2', 'Compute', 'Virtual Machines'],
    },
    azure => {
        vm   => ['Virtual Machines', 'Compute', 'Virtual Machines'],
        disk => ['Storage Accounts', 'Storage', 'Block Storage'],
        blob => ['Azure Blob Storage', 'Storage', 'Object Storage'],
        sql  => ['Azure SQL Database', 'Databases', 'Relational Databases'],
        aks  => ['Azure Kubernetes Service', 'Compute', 'Containers'],
        fn   => ['Azure Functions', 'Compute', 'Serverless Compute'],
        net  => ['Virtual Network', 'Networking', 'Network Infrastructure'],
        mon  => ['Azure Monitor', 'Management and Governance',
                 'Observability'],
    },
    gcp => {
        gce => ['Compute Engine', 'Compute', 'Virtual Machines'],
        pd  => ['Compute Engine', 'Storage', 'Block Storage'],
        gcs => ['Cloud Storage', 'Storage', 'Object Storage'],
        sql => ['Cloud SQL', 'Databases', 'Relational Databases'],
        gke => ['Google Kubernetes Engine', 'Compute', 'Containers'],
        bq  => ['BigQuery', 'Analytics', 'Analytics Platforms'],
        ml  => ['Vertex AI', 'AI and Machine Learning', 'Machine Learning'],
        run => ['Cloud Run', 'Compute', 'Serverless Compute'],
    },
);

my %providers = (
    aws   => { name => 'AWS', issuer => 'Amazon Web Services, Inc.',
               billing => ['100000000001', 'Sample Company AWS (sample)',
                           'Management Account'],
               sub => 'Linked Account', discount => 3 },
    azure => { name => 'Microsoft', issuer => 'Microsoft',
               billing => ['/providers/Microsoft.Billing/billingAccounts/'
                           . '20000002', 'Sample Company Azure (sample)',
                           'Billing Profile'],
               sub => 'Subscription', discount => 0 },
    gcp   => { name => 'Google Cloud', issuer => 'Google Cloud',
               billing => ['0A1B2C-3D4E5F-607182',
                           'Sample Company GCP (sample)', 'Billing Account'],
               sub => 'Project', discount => 0 },
);

my %regions = (
    'us-east-1' => 'US East (N. Virginia)', 'eu-west-1' => 'Europe (Ireland)',
    'eu-central-1' => 'Europe (Frankfurt)', 'westeurope' => 'West Europe',
    'eastus' => 'East US', 'europe-west1' => 'Belgium',
    'us-central1' => 'Iowa',
);


# The accounts, each with the rows it has on every day.
#
#     [service, resource, type, meter, unit, price in dollars, per day, more]
#
# "per day" is a number of units; "N GB" stands for N gigabytes kept for the
# month.  More: week (a rhythm), growth (percent a year), details (of the
# SKU), region, tags, and what the row is there for (find), of which some is
# told by the bill and some by how little is used (%use).

my @accounts = (
    { provider => 'aws', id => '111122223333',
      name => 'Production AWS (sample)', region => 'us-east-1',
      tags => { environment => 'production', team => 'shop' }, rows => [
        map({ vm("web-$_", 'm5.xlarge', '0.192', week => 'shop',
                 growth => 14) } 1 .. 6),
        map({ vm("api-$_", 'c5.2xlarge', '0.34', week => 'shop',
                 growth => 9) } 1 .. 4),
        map({ vm("steady-$_", 'm5.2xlarge', '0.384', committed => 1) }
            1 .. 4),
        vm('reports', 'i3.2xlarge', '0.624', find => 'rightsizing'),
        vm('legacy-erp', 'm4.2xlarge', '0.40',
           find => 'previous generation'),
        vm('old-mailer', 'c4.xlarge', '0.199', find => 'idle'),
        map({ volume("web-$_-root", 'gp3', 120) } 1 .. 6),
        map({ volume("erp-data-$_", 'gp2', 800, find => 'gp2 to gp3') }
            1 .. 3),
        volume('restore-2019', 'gp2', 1500, find => 'unattached'),
        ['ebs', 'snapshots', 'Snapshot', 'EBS:SnapshotUsage', 'GB-Mo',
         '0.05', '4200 GB', growth => 22],
        ['elb', 'app/shop', 'Load Balancer', 'LoadBalancerUsage', 'Hours',
         '0.0225', 24],
        ['elb', 'app/shop', 'Load Balancer', 'LCUUsage', 'LCU-Hours',
         '0.008', 310, week => 'shop', growth => 14],
        ['elb', 'app/spring-campaign', 'Load Balancer', 'LoadBalancerUsage',
         'Hours', '0.0225', 24, find => 'idle'],
        ['vpc', 'nat-0a1b2c3d', 'NAT Gateway', 'NatGateway-Hours', 'Hours',
         '0.045', 72],
        ['vpc', 'nat-0a1b2c3d', 'NAT Gateway', 'NatGateway-Bytes', 'GB',
         '0.045', 1900, week => 'shop', growth => 12,
         find => 'NAT to endpoint'],
        ['vpc', 'eipalloc-7d11', 'Elastic IP', 'ElasticIP:IdleAddress',
         'Hours', '0.005', 24, find => 'unattached'],
        ['s3', 'shop-assets', 'Bucket', 'TimedStorage-ByteHrs', 'GB-Mo',
         '0.023', '9200 GB', growth => 25],
        ['s3', 'shop-assets', 'Bucket', 'Requests-Tier2', 'Requests',
         '0.0000004', 41000000, week => 'shop', growth => 14],
        ['s3', 'audit-archive', 'Bucket', 'TimedStorage-ByteHrs', 'GB-Mo',
         '0.023', '38000 GB', growth => 30, find => 'storage class'],
        ['s3', 'audit-archive', 'Bucket', 'Requests-Tier1', 'Requests',
         '0.000005', 900],
        ['rds', 'shop-db', 'DB Instance', 'Multi-AZUsage:db.r5.2xlarge',
         'Hours', '2.00', 24, details => { InstanceType => 'db.r5.2xlarge',
                                           DatabaseEngine => 'PostgreSQL' }],
        ['rds', 'shop-db', 'DB Instance', 'RDS:Multi-AZ-GP2-Storage',
         'GB-Mo', '0.23', '1800 GB', growth => 18],
        ['ddb', 'table/sessions', 'Table', 'ReadRequestUnits', 'Requests',
         '0.000000125', 96000000, week => 'shop', growth => 15],
        ['ddb', 'table/sessions', 'Table', 'WriteRequestUnits', 'Requests',
         '0.000000625', 31000000, week => 'shop', growth => 15],
        ['lambda', 'function:resize', 'Function', 'Lambda-GB-Second',
         'GB-Second', '0.0000166667', 610000, week => 'shop', growth => 20],
        ['cdn', 'distribution/E2SHOP', 'Distribution',
         'US-DataTransfer-Out-Bytes', 'GB', '0.085', 1450, week => 'shop',
         growth => 20],
        ['cw', 'log-group:/shop', 'Log Group', 'DataProcessing-Bytes', 'GB',
         '0.50', 85, week => 'shop', growth => 10],
      ] },

    { provider => 'aws', id => '444455556666',
      name => 'Staging AWS (sample)', region => 'eu-west-1',
      tags => { environment => 'staging', team => 'platform' }, rows => [
        map({ vm("stage-$_", 't3.large', '0.0912', week => 'office') }
            1 .. 5),
        vm('load-test', 'c5.4xlarge', '0.768', find => 'idle'),
        map({ volume("stage-$_-root", 'gp2', 100, price => '0.11',
                     find => 'gp2 to gp3') } 1 .. 5),
        ['rds', 'stage-db', 'DB Instance', 'InstanceUsage:db.m5.large',
         'Hours', '0.198', 24, details => { InstanceType => 'db.m5.large',
                                            DatabaseEngine => 'PostgreSQL' }],
        ['vpc', 'nat-0feed123', 'NAT Gateway', 'NatGateway-Hours', 'Hours',
         '0.048', 24],
        ['vpc', 'nat-0feed123', 'NAT Gateway', 'NatGateway-Bytes', 'GB',
         '0.048', 130, week => 'office'],
        ['s3', 'stage-artifacts', 'Bucket', 'TimedStorage-ByteHrs', 'GB-Mo',
         '0.023', '1400 GB'],
        ['lambda', 'function:e2e', 'Function', 'Lambda-GB-Second',
         'GB-Second', '0.0000166667', 240000, week => 'office'],
      ] },

    { provider => 'aws', id => '777788889999',
      name => 'Data Platform AWS (sample)', region => 'eu-central-1',
      tags => { environment => 'production', team => 'data' }, rows => [
        map({ vm("spark-$_", 'r5.4xlarge', '1.216', week => 'batch',
                 growth => 24) } 1 .. 3),
        vm('notebook', 'p3.2xlarge', '3.823', week => 'office'),
        ['glue', 'job/nightly', 'Job', 'ETL-DPU-Hour', 'DPU-Hour', '0.44',
         96, week => 'batch', growth => 12],
        ['s3', 'lake', 'Bucket', 'TimedStorage-ByteHrs', 'GB-Mo', '0.0245',
         '61000 GB', growth => 40],
        ['s3', 'lake', 'Bucket', 'Requests-Tier2', 'Requests',
         '0.00000043', 88000000, week => 'batch', growth => 24],
        ['rds', 'catalog', 'DB Instance', 'InstanceUsage:db.r4.large',
         'Hours', '0.285', 24, details => { InstanceType => 'db.r4.large',
                                            DatabaseEngine => 'MySQL' },
         find => 'previous generation'],
      ] },

    { provider => 'azure',
      id => '/subscriptions/3f0c2f6e-0000-4000-8000-5a3de0000001',
      name => 'Corporate Azure (sample)', region => 'westeurope',
      tags => { Environment => 'Production', CostCenter => 'IT' }, rows => [
        map({ azure_vm("crm-$_", 'Standard_D4s_v5', '0.23',
                       week => 'office') } 1 .. 3),
        azure_vm('fileserver', 'Standard_D4_v3', '0.24',
                 find => 'previous generation'),
        azure_vm('terminal', 'Standard_E8s_v5', '0.608', week => 'office',
                 find => 'rightsizing'),
        map({ ['disk', "crm-$_-os", 'Disk', 'P10 LRS Disk', '1/Month',
               '19.71', '1 GB'] } 1 .. 3),
        ['disk', 'migrated-vm-os', 'Disk', 'P30 LRS Disk', '1/Month',
         '135.17', '1 GB', find => 'unattached'],
        ['blob', 'corpdocuments', 'Storage Account', 'Hot LRS Data Stored',
         '1 GB/Month', '0.0184', '26000 GB', growth => 15],
        ['sql', 'crm', 'SQL Database', 'vCore', '1 Hour', '0.2525', 96,
         details => { SkuName => 'GP_Gen5_4' }],
        ['net', 'pip-former-vpn', 'Public IP Address',
         'Standard IPv4 Static Public IP', '1 Hour', '0.005', 24,
         find => 'unattached'],
        ['mon', 'logs-corp', 'Workspace', 'Analytics Logs Data Ingestion',
         '1 GB', '2.76', 21, week => 'office', growth => 8],
      ] },

    { provider => 'azure',
      id => '/subscriptions/3f0c2f6e-0000-4000-8000-5a3de0000002',
      name => 'Apps Azure (sample)', region => 'eastus',
      tags => { Environment => 'Production', CostCenter => 'Apps' },
      rows => [
        map({ azure_vm("aks-pool-$_", 'Standard_D8s_v5', '0.384',
                       week => 'office', growth => 16, service => 'aks') }
            1 .. 4),
        ['fn', 'orders', 'Function App', 'Standard Execution Time',
         '1 GB Second', '0.000016', 5200000, week => 'office',
         growth => 18],
        ['sql', 'orders', 'SQL Database', 'vCore', '1 Hour', '0.2525', 192,
         growth => 6, details => { SkuName => 'GP_Gen5_8' }],
        ['net', 'apps-vnet', 'Virtual Network',
         'Standard Data Transfer Out', '1 GB', '0.087', 420,
         week => 'office', growth => 15],
      ] },

    { provider => 'gcp', id => 'sample-shop-prod',
      name => 'Shop GCP (sample)', region => 'europe-west1',
      tags => { environment => 'production', team => 'search' }, rows => [
        map({ gcp_vm("search-$_", 'n2-standard-8', '0.427',
                     week => 'shop', growth => 11) } 1 .. 3),
        gcp_vm('indexer', 'n1-standard-16', '0.836'),
        ['pd', 'search-index', 'Disk', 'SSD backed PD Capacity',
         'gibibyte month', '0.17', '2400 GB', growth => 20],
        ['pd', 'pd-unused-2023', 'Disk', 'Storage PD Capacity',
         'gibibyte month', '0.04', '3000 GB', find => 'unattached'],
        ['gcs', 'search-logs', 'Bucket', 'Standard Storage Belgium',
         'gibibyte month', '0.02', '33000 GB', growth => 28],
        ['gke', 'search', 'Cluster', 'Regional Kubernetes Clusters', 'hour',
         '0.10', 24],
        ['sql', 'search-meta', 'Instance', 'Cloud SQL for PostgreSQL vCPU',
         'hour', '0.0413', 192],
        ['run', 'suggest', 'Service', 'CPU Allocation Time', 'second',
         '0.000024', 1900000, week => 'shop', growth => 22],
      ] },

    { provider => 'gcp', id => 'sample-ml-lab', name => 'ML GCP (sample)',
      region => 'us-central1',
      tags => { environment => 'research', team => 'ml' }, rows => [
        ['bq', 'analytics', 'Dataset', 'Analysis', 'tebibyte', '6.25', 9,
         week => 'batch', growth => 26],
        ['bq', 'analytics', 'Dataset', 'Active Logical Storage',
         'gibibyte month', '0.02', '29000 GB', growth => 35],
        ['ml', 'ranking-training', 'Training Pipeline',
         'Custom Training Nvidia A100', 'hour', '2.93', 31,
         week => 'office', growth => 30],
        gcp_vm('workbench', 'a2-highgpu-1g', '3.67', week => 'office',
               find => 'idle'),
        ['gcs', 'ml-datasets', 'Bucket', 'Standard Storage Iowa',
         'gibibyte month', '0.02', '18000 GB', growth => 45],
      ] },
);

# How much is used of what: the metric, a value, and by how many percent it
# varies.  What is there to be found has figures of its own.

my %use = (
    machine => [['cpu_avg', 46, 20], ['cpu_max', 78, 10],
                ['memory_avg', 58, 10], ['network_bytes', 9000000000, 30]],
    database => [['cpu_avg', 38, 20], ['cpu_max', 71, 10],
                 ['connections', 64, 25]],
    disk => [['attached', 1, 0], ['disk_iops', 210, 40]],
    address => [['attached', 1, 0]],

    'machine idle' => [['cpu_avg', 1, 40], ['cpu_max', 3, 20],
                       ['network_bytes', 400000, 30]],
    'machine rightsizing' => [['cpu_avg', 4, 20], ['cpu_max', 21, 20],
                              ['memory_avg', 17, 10],
                              ['network_bytes', 700000000, 30]],
    'disk unattached' => [['attached', 0, 0]],
    'address unattached' => [['attached', 0, 0]],
);

# On the 9th and the 23rd of every month one of these is used far more than it
# should be: account, meter, how many times.

my @spikes = (
    ['sample-ml-lab', 'Analysis', 5],
    ['111122223333', 'DataProcessing-Bytes', 6],
    ['/subscriptions/3f0c2f6e-0000-4000-8000-5a3de0000002',
     'Standard Execution Time', 8],
    ['777788889999', 'ETL-DPU-Hour', 7],
    ['111122223333', 'NatGateway-Bytes', 5],
    ['444455556666', 'Lambda-GB-Second', 9],
    ['sample-shop-prod', 'CPU Allocation Time', 6],
);


return {
    rhythms => \%rhythms, services => \%services, providers => \%providers,
    regions => \%regions, accounts => \@accounts, spikes => \@spikes,
    use => \%use,
};


# a machine that follows the load stands still for part of the day

sub hours {
    my (%more) = @_;

    return ($more{week} // 'flat') eq 'flat' ? 24 : 13;
}


sub vm {
    my ($name, $type, $price, %more) = @_;

    return ['ec2', "instance/$name", 'Instance', "BoxUsage:$type",
            'Hours', $price, hours(%more),
            details => { InstanceType => $type, OperatingSystem => 'Linux' },
            machine => 1, %more];
}


sub volume {
    my ($name, $type, $size, %more) = @_;

    return ['ebs', "volume/$name", 'Volume', "EBS:VolumeUsage.$type",
            'GB-Mo', $type eq 'gp3' ? '0.08' : '0.10', "$size GB",
            details => { VolumeType => $type }, %more];
}


sub azure_vm {
    my ($name, $type, $price, %more) = @_;

    return [$more{service} // 'vm', $name, 'Virtual Machine',
            $type =~ s/^Standard_//r, '1 Hour', $price, hours(%more),
            details => { ServiceType => $type }, machine => 1, %more];
}


sub gcp_vm {
    my ($name, $type, $price, %more) = @_;

    return ['gce', $name, 'Instance', "$type Instance", 'hour', $price,
            hours(%more), details => { MachineType => $type }, machine => 1,
            %more];
}
