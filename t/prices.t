#!/usr/bin/env perl

# scripts/prices: the shipped file, and the importer on small offer files of
# our own.  Real ones are third parties' copies and not in the project: with
# COST_OFFER_SAMPLES, or beside the project, they are tried too.

use strict;
use warnings;

use Cwd qw(abs_path);
use Digest::SHA qw(sha256_hex);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;

chdir dirname(dirname(abs_path($0))) or die "chdir: $!\n";

my $dir = tempdir(CLEANUP => 1);
my $samples = $ENV{COST_OFFER_SAMPLES} // '../shared/data/aws-offer-samples';
my $figures = '../shared/data/aws-prices';


# runs scripts/prices; its standard output, and in the list the errors

sub prices {
    my (@args) = @_;

    my $out = qx{scripts/prices @args 2>$dir/stderr};
    my $status = $? >> 8;
    my $err = slurp("$dir/stderr");

    $err =~ s/cost-prices: //g;
    $err =~ s/(?<![\w\/])\S*\/(?=[\w.-]+:)//g;

    return ($status, $out, $err);
}


sub slurp {
    my ($file) = @_;

    open my $in, '<', $file or die "$file: $!\n";
    local $/;

    return scalar <$in>;
}


sub spew {
    my ($name, $text) = @_;

    open my $out, '>', "$dir/$name" or die "$dir/$name: $!\n";
    print $out $text;
    close $out;

    return "$dir/$name";
}


# the lines of one group of a file, without heading: "key region price"

sub group {
    my ($text, $name) = @_;

    my ($body) = $text =~ /^group \Q$name\E\n(.*?)(?=^group |^end )/ms
        or return '';
    my $key = '';
    my @lines;

    for (split /\n/, $body) {
        $key = "$1 " if /^key (\S+)/;
        push @lines, "$key$_" if /^(?:\*|[a-z]+-[a-z]+-\d) /;
    }

    return join "\n", @lines;
}


sub csv {
    my (%is) = (offer => 'AmazonEC2', rows => [], @_);

    my @columns = ('SKU', 'OfferTermCode', 'RateCode', 'TermType',
                   'StartingRange', 'EndingRange', 'Unit', 'PricePerUnit',
                   'Currency', 'Product Family', 'serviceCode', 'Location',
                   'usageType', 'Volume API Name');

    return join "\n", qq{"FormatVersion","v1.0"},
        qq{"Publication Date","2026-01-16T16:02:58Z"},
        qq{"Version","20260116"}, qq{"OfferCode","$is{offer}"},
        join(',', map { qq{"$_"} } @columns),
        (map { ref $_ ? join(',', map { qq{"$_"} } @$_) : $_ }
         @{ $is{rows} }), '';
}


sub gp3 {
    my ($sku, $price, %is) = @_;

    return [$sku, 'TERM', "$sku.TERM." . ($is{code} // 'R'),
            $is{type} // 'OnDemand', $is{from} // '0', $is{to} // 'Inf',
            $is{unit} // 'GB-Mo', $price, $is{currency} // 'USD', 'Storage',
            'AmazonEC2', $is{location} // 'EU (Ireland)',
            'EU-EBS:VolumeUsage.gp3', 'gp3'];
}


sub json {
    my (%is) = (location => 'EU (Ireland)', usd => '0.5', @_);

    my $price = $is{price} // qq{"USD": "$is{usd}"};

    return <<"END";
{ "formatVersion": "v1.0", "offerCode": "AmazonEC2", "version": "7",
  "publicationDate": "2026-01-16T16:02:58Z",
  "products": {
    "SKU1": { "sku": "SKU1", "productFamily": "Storage", "attributes": {
      "servicecode": "AmazonEC2", "location": "$is{location}",
      "usagetype": "EU-EBS:VolumeUsage.gp3", "volumeApiName": "gp3",
      "note": "quote \\" back \\\\ pair \\ud83d\\ude00" } },
    "SKU2": { "sku": "SKU2", "productFamily": "Storage", "attributes": {} }
  },
  "terms": {
    "Reserved": { "SKU1": { "X": { "priceDimensions": [1, {"a": [] }] } } },
    "OnDemand": {
      "SKU2": { "SKU2.T": { "priceDimensions": { "SKU2.T.R": {
        "pricePerUnit": { "CNY": "1" } } } } },
      "SKU1": { "SKU1.T": { "offerTermCode": "T", "priceDimensions": {
        "SKU1.T.R": { "rateCode": "SKU1.T.R", "beginRange": "0",
          "endRange": "Inf", "unit": "GB-Mo",
          "pricePerUnit": { $price }, "appliesTo": [] } } } } }
  } }
END
}


# the shipped file

my ($status, $out, $err) = prices('check');
is($status, 0, 'the shipped file is accepted');
like($out, qr/288 groups, .* 14 regions/, '... and whole');

spew('broken', slurp('conf/prices/aws.prices') =~ s/^(us-east-1) /$1 -/mr);
($status, $out, $err) = prices('check', "$dir/broken");
is($status, 1, 'a broken one is not');
like($err, qr/^broken:\d+: is where a number .* belongs: -\d/,
     '... and the line and the reason are said');

my $names = slurp('modules/cost/cost_price_name.h');
is_deeply([$names =~ /"([A-Za-z0-9]+\.\w+)"/g],
          [slurp('conf/prices/aws.prices') =~ /^group (\S+)/mg],
          'the enumeration is the file\'s groups');

SKIP: {
    skip 'no price figures here', 2 if !-d $figures;

    ($status, $out, $err) = prices('convert', $figures, "$dir/again");
    is($status, 0, 'the file is written from the figures');
    is(sha256_hex(slurp("$dir/again")),
       sha256_hex(slurp('conf/prices/aws.prices')), '... and is the shipped');
}


# both layouts, the same price

for my $file (spew('a.csv', csv(rows => [gp3('SKU1', '0.5000000000')])),
              spew('a.json', json()))
{
    ($status, $out, $err) = prices('import', '--only', '--partial', $file);
    is($status, 0, "$file is imported") or diag($err);
    is(group($out, 'EBS.gp3_gb_month'),
       'eu-west-1 0.5 # SKU1.' . ($file =~ /csv/ ? 'TERM' : 'T') . '.R',
       '... with the rate code');
    like($out, qr/^confidence offer\nas_of 2026-01-16\nsource AWS Price List, /m,
         '... and its provenance');
    unlike($out, qr/group EBS.gp2/, '... and nothing else');
}

($status, $out, $err) = prices('import', '--partial', "$dir/a.csv");
is($status, 0, 'imported into the shipped file');
my ($one, $other) = map { s/^end .*//mr }
    slurp('conf/prices/aws.prices'), $out;
my @changed = grep { index($one, "$_\n") < 0 } split /\n/, $other;
is_deeply(\@changed,
          ['except eu-west-1 offer AWS Price List, AmazonEC2 version 20260116'
           . ' of 2026-01-16', 'eu-west-1 0.5 # SKU1.TERM.R'],
          '... only that price changes');
spew('merged', $out);
is((prices('check', "$dir/merged"))[0], 0, '... and the file is accepted');


# tiers, in any order

my @tiers = (gp3('SKU1', '0.10', from => '10', to => '20', code => 'B'),
             gp3('SKU1', '0.05', from => '20', code => 'C'),
             gp3('SKU1', '0.20', to => '10', code => 'A'));

($status, $out, $err) = prices('import', '--only', '--partial',
                               spew('t.csv', csv(rows => \@tiers)));
is(group($out, 'EBS.gp3_gb_month'),
   'eu-west-1 0.2 to 10 0.1 to 20 0.05'
   . ' # SKU1.TERM.A SKU1.TERM.B SKU1.TERM.C', 'tiers');


# what is refused

my @refused = (
    ['two SKUs', csv(rows => [gp3('SKU1', 1), gp3('SKU2', 1)]),
     'EBS.gp3_gb_month in eu-west-1: two SKUs match, SKU1 and SKU2'
     . ' (EU-EBS:VolumeUsage.gp3)'],
    ['another currency', csv(rows => [gp3('SKU1', 1, currency => 'CNY')]),
     'SKU SKU1 (EU-EBS:VolumeUsage.gp3) is priced in CNY, not in USD'],
    ['another currency in JSON', json(price => '"CNY": "0.5"'),
     'SKU SKU1 (EU-EBS:VolumeUsage.gp3) is priced in CNY, not in USD'],
    ['another region', json(location => 'China (Ningxia)'),
     'has prices only for "China (Ningxia)", which is not among our regions'],
    ['another unit', csv(rows => [gp3('SKU1', 1, unit => 'TB-Mo')]),
     'priced per "TB-Mo", not per "GB-Mo"'],
    ['a gap', csv(rows => [@tiers[1, 2]]),
     'its tiers have a gap or overlap at rate SKU1.TERM.C'],
    ['no end', csv(rows => [$tiers[2]]), 'its last tier has an end'],
    ['a negative price', csv(rows => [gp3('SKU1', '-1')]),
     'a rate from "0" to "Inf" at "-1" per "GB-Mo"'],
    ['no price', csv(rows => [gp3('SKU1', '')]),
     'a rate from "0" to "Inf" at "" per "GB-Mo"'],
    ['13 decimals', csv(rows => [gp3('SKU1', '0.0000000000001')]),
     'rate SKU1.TERM.R has too many decimals'],
    ['two on-demand terms',
     csv(rows => [gp3('SKU1', 1), [@{ gp3('SKU1', 1) }[0], 'TERM2',
                                   @{ gp3('SKU1', 1) }[2 .. 13]]]),
     'two on-demand offers, TERM and TERM2'],
    ['only reserved', csv(rows => [gp3('SKU1', 1, type => 'Reserved')]),
     'has no product that the selection wants'],
    ['a short row', csv(rows => [gp3('SKU1', 1), 'INVALID']),
     'csv:7: has too few fields to be a rate'],
    ['a stray quote', csv(rows => [gp3('SKU1', 1), 'a, "b"']),
     'csv:7: has a quote out of place'],
    ['an offer we do not know', csv(offer => 'comprehend', rows => []),
     'has no product that the selection wants; its offer is comprehend'],
    ['no columns', "a,b\nc,d\n", 'has no line of columns that begins with'],
    ['a column less', csv(rows => []) =~ s/"Currency",//r,
     'has no column "currency"'],
    ['half a JSON file', substr(json(), 0, 900),
     'is not JSON: the file ends too early'],
    ['JSON with a comma too much', json() =~ s/ \}\s*\z/,}/r,
     'is not JSON: a comma before the end'],
    ['another JSON', '{"a": 1}', 'is not an offer file: it has no products'],
    ['an array', '[]', 'the offer is not an object'],
);

for (@refused) {
    my ($what, $text, $expected) = @$_;

    my $file = spew($text =~ /^[\{\[]/ ? 'r.json' : 'r.csv', $text);

    ($status, $out, $err) = prices('import', '--partial', $file);
    is($status, 1, "$what is refused");
    like($err, qr/\Q$expected\E/, '... and why');
    is($out, '', '... and nothing is written');
}

($status, $out, $err) = prices('import', '--only', "$dir/a.csv");
is($status, 1, 'a file that lacks products is refused without --partial');
like($err, qr/no SKU matches EC2.linux_on_demand_hour in eu-west-1/,
     '... and what is missing is said');

spew('b.csv', csv(rows => [gp3('SKU1', '0.5'), 'INVALID',
                           gp3('SKU1', '0.5')]));
($status, $out, $err) = prices('import', '--only', '--partial', '--skip-bad',
                               "$dir/b.csv");
like($err, qr/SKU1 .*its tiers have a gap or overlap .*left out/,
     'a rate that is there twice leaves its SKU out');
unlike($out, qr/SKU1/, '... altogether');

spew('b.csv', csv(rows => [gp3('SKU1', '0.5'), 'INVALID',
                           gp3('SKU2', '0.5', location => 'Mars')]));
($status, $out, $err) = prices('import', '--only', '--partial', '--skip-bad',
                               "$dir/b.csv");
is($status, 0, 'a bad row can be left out');
is(group($out, 'EBS.gp3_gb_month'), 'eu-west-1 0.5 # SKU1.TERM.R',
   '... and the good ones count');
like($err, qr/b.csv:7: has too few fields to be a rate: left out/,
     '... but it is said');
like($err, qr/left out what is in "Mars", not one of our regions/,
     '... as is a region that is not ours');


# real files

SKIP: {
    skip 'no offer samples here', 1 if !-d $samples;

    for my $case (samples()) {
        my ($file, $options, $groups, @errors) = @$case;

        ($status, $out, $err) = prices('import', '--only', @$options,
                                       "$samples/$file");

        is($status, %$groups ? 0 : 1, "@$options $file") or diag($err);
        like($err, qr/\Q$_\E/, '... says why') for @errors;

        for my $name (sort keys %$groups) {
            my %line = map { s/ #.*//r => 1 } split /\n/, group($out, $name);
            ok($line{$_}, "... $name $_") or diag(group($out, $name))
                for @{ $groups->{$name} };
        }

        next if $status;

        my $text = slurp("$samples/$file");
        my %codes = map { $_ => 1 } $out =~ /(?<= )\w+\.\w+\.\w+(?= |$)/mg;
        my @strange = grep { index($text, $_) < 0 } keys %codes;
        is("@strange", '', '... all ' . keys(%codes) . ' rate codes are its');
    }
}

done_testing();


# what is in each file was read by eye, or with jq, not by the importer

sub samples {
    my @partial = ('--partial');
    my @skip = ('--partial', '--skip-bad');

    return (
    ['json-2015/AmazonRoute53_offer-index.json', [], {
        'Route53.hosted_zone_month' => ['* 0.5 to 25 0.1'],
        'Route53.queries_standard' =>
            ['* 0.0000004 to 1000000000 0.0000002'],
        'Route53.health_check_aws_month' => ['* 0.5'],
        'Route53.health_check_other_month' => ['* 0.75'],
        'Route53.health_check_option_other_month' => ['* 2'],
    }],
    ['json-2015/awskms_offer-index.json', [], {
        'KMS.key_month' => ['eu-west-1 1', 'us-east-1 1'],
        'KMS.request' => ['eu-west-1 0.000003'],
    }, '"Asia Pacific (Seoul)", not one of our regions'],
    ['json-2015/AmazonCloudFront_offer-index.json', [], {
        'CloudFront.geo_http_requests' => ['united_states * 0.00000075',
                                           'india * 0.0000009'],
        'CloudFront.https_requests' => ['us-west-2 0.000001',
                                        'eu-west-3 0.0000012'],
        'CloudFront.geo_data_transfer_out_gb' =>
            ['india * 0.17 to 10240 0.13 to 51200 0.11 to 153600 0.1'],
        'CloudFront.data_transfer_to_origin_gb' => ['ap-south-1 0.16'],

        # 0.6 x 0.75 + 0.4 x 1.00; 0.6 x 0.90 + 0.4 x 1.20
        'CloudFront.requests_reference_blend' =>
            ['us-east-1 0.00000085', 'eu-west-1 0.00000102'],
    }],
    ['json-2015/AmazonDynamoDB_offer-index.json', \@partial, {
        'DynamoDB.storage_gb_month' => ['eu-west-1 0.283'],
        'DynamoDB.provisioned_rcu_hour' => ['eu-west-1 0.000147'],
        'DynamoDB.provisioned_wcu_hour' => ['eu-west-1 0.000735'],
        'DynamoDB.streams_read_request' => ['eu-west-1 0.000000226'],
        'DataTransfer.internet_egress_gb' =>
            ['eu-west-1 0.09 to 10240 0.085 to 51200 0.07 to 153600 0.05'],
    }],
    ['json-2015/AmazonDynamoDB_offer-index.json', [], {},
     'no SKU matches DynamoDB.on_demand_read_unit in us-east-1'],
    ['json-2015/AmazonS3_offer-index.json', \@partial, {
        'S3.standard_storage' =>
            ['eu-west-1 0.03 to 1024 0.0295 to 51200 0.029 to 512000 0.0285'
             . ' to 1024000 0.028 to 5120000 0.0275'],
        'S3.standard_ia_storage' => ['eu-west-1 0.0125'],
        'S3.put_request' => ['eu-west-1 0.000005'],
        'S3.get_request' => ['eu-west-1 0.0000004'],
        'DataTransfer.inter_region_gb' => ['ap-northeast-1 eu-west-1 0.02',
                                           'eu-central-1 ap-northeast-1 0.09'],
    }],
    ['json-2015/AmazonVPC_offer-index.json', \@partial, {
        'DataTransfer.site_to_site_vpn_hour' => ['eu-west-1 0.05'],
    }],
    ['json-2015/AmazonElastiCache_us-east-1-excerpt.json', \@partial, {
        'ElastiCache.node_hour' =>
            ['cache.m2.2xlarge/memcached us-east-1 0.604'],
    }],
    ['json-2023/AmazonEC2-us-east-2-excerpt.json', \@partial, {},
     'SKU 8D49XP354UEYTHGM (USE2-BoxUsage:m5.large): a rate from "" to ""'
     . ' at "1161" per "Quantity"'],
    ['json-2023/AmazonEC2-us-east-2-excerpt.json', \@skip, {
        'EBS.gp3_gb_month' => ['us-east-2 0.08'],
    }],
    ['json-2023/AmazonEC2-cn-northwest-1-excerpt.json', \@partial, {},
     'only for "China (Ningxia)", which is not among our regions'],
    ['csv-2026/service-comprehend-ap-south-1-20260116160258.csv', [], {},
     'has no product that the selection wants; its offer is comprehend'],
    ['csv-2026/service-comprehend-region_index.json', [], {},
     'is not an offer file: it has no products'],
    ['pricing-page-feed/natgateway.json', [], {},
     'is not an offer file: it has no products'],
    ['csv-trimmed/AmazonS3-index.csv', [], {
        'S3.standard_storage' =>
            ['eu-west-1 0.023 to 51200 0.022 to 512000 0.021'],
        'S3.onezone_ia_storage' => ['eu-west-1 0.01'],
        'S3.glacier_flexible_storage' => ['eu-west-1 0.004'],
        'S3.glacier_flexible_expedited_retrieval_gb' => ['eu-west-1 0.03'],
        'S3.tag_month' => ['eu-west-1 0.000001'],
        'S3.inventory_object' => ['eu-west-1 0.0000000025'],
    }],
    ['csv-trimmed/AWSLambda-eu-west-1-index.csv', \@partial, {
        'Lambda.requests' => ['eu-west-1 0.0000002'],
        'Lambda.duration_gb_second' => ['eu-west-1 0.0000166667'],
        'Lambda.provisioned_duration_gb_second' => ['eu-west-1 0.0000104966'],
        'Lambda.provisioned_concurrency_gb_second' =>
            ['eu-west-1 0.0000044985'],
        'Lambda.edge_requests' => ['eu-west-1 0.0000006'],
        'Lambda.edge_duration_gb_second' => ['eu-west-1 0.00005001'],
    }],
    ['csv-trimmed/AmazonECS-eu-west-1-index.csv', [], {},
     'AmazonECS-eu-west-1-index.csv:21: has too few fields to be a rate'],
    ['csv-trimmed/AmazonECS-eu-west-1-index.csv', ['--skip-bad'], {
        'ECS.fargate_vcpu_hour' => ['eu-west-1 0.04048'],
        'ECS.fargate_arm_gb_hour' => ['eu-west-1 0.00356'],
        'ECS.fargate_ephemeral_gb_hour' => ['eu-west-1 0.000122'],
        'ECS.fargate_windows_license_vcpu_hour' => ['eu-west-1 0.046'],
        'ECS.ecs_anywhere_instance_hour' => ['eu-west-1 0.01025'],
    }],
    ['csv-trimmed/AmazonEFS-index.csv', \@partial, {},
     'AmazonEFS-index.csv:15: has a quote out of place'],
    ['csv-trimmed/AmazonEFS-index.csv', \@skip, {
        'EFS.standard_gb_month' => ['eu-west-1 0.33', 'us-east-1 0.3',
                                    'ap-southeast-2 0.36'],
        'EFS.onezone_ia_gb_month' => ['eu-west-1 0.0133'],
        'EFS.provisioned_throughput_mibps_month' => ['us-west-2 7.2'],
    }],
    ['csv-trimmed/AmazonRDS-eu-west-1-index.csv', \@partial, {},
     'AmazonRDS-eu-west-1-index.csv:8: has too few fields to be a rate'],
    ['csv-trimmed/AmazonRDS-eu-west-1-index.csv', \@skip, {
        'RDS.instance_hour' =>
            ['mysql/db.m1.large/single_az eu-west-1 0.245',
             'mysql/db.m1.large/multi_az eu-west-1 0.49',
             'postgresql/db.m1.large/multi_az eu-west-1 0.52',
             'mysql/db.t2.xlarge/single_az eu-west-1 0.292'],
        'RDS.gp2_single_gb_month' => ['eu-west-1 0.127'],
        'RDS.io1_multi_gb_month' => ['eu-west-1 0.276'],
        'RDS.io1_multi_iops_month' => ['eu-west-1 0.22'],
        'RDS.magnetic_multi_gb_month' => ['eu-west-1 0.22'],
        'RDS.backup_gb_month' => ['eu-west-1 0.095'],
        'RDS.aurora_storage_gb_month' => ['eu-west-1 0.11'],
        'RDS.aurora_backup_gb_month' => ['eu-west-1 0.021'],
    }],
    ['csv-trimmed/AmazonEC2-eu-west-1-index.csv', \@partial, {},
     'AmazonEC2-eu-west-1-index.csv:7: has too few fields to be a rate'],
    ['csv-trimmed/AmazonEC2-eu-west-1-index.csv', \@skip, {
        'EC2.linux_on_demand_hour' => ['c3.2xlarge eu-west-1 0.478',
                                       't2.xlarge eu-west-1 0.202'],
        'EBS.gp2_gb_month' => ['eu-west-1 0.11'],
        'EBS.gp3_throughput_mibps_month' => ['eu-west-1 0.044'],
    }, '"AWS Region", not one of our regions'],
    ['csv-trimmed/terracost-AmazonEC2_eu-west-3.csv', \@partial, {
        'EBS.st1_gb_month' => ['eu-west-3 0.053'],
        'EBS.io1_gb_month' => ['eu-west-3 0.145'],
        'EBS.io1_iops_month' => ['eu-west-3 0.076'],
        'EBS.standard_io_request' => ['eu-west-3 0.000000058'],
    }],
    );
}
