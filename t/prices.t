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
                           gp3('SKU1', '0.5', location => 'Mars')]));
($status, $out, $err) = prices('import', '--only', '--partial', '--skip-bad',
                               "$dir/b.csv");
is($status, 1, 'the same rate twice is not a bad row but two prices')
    or diag($err);

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
        my ($file, $options, $groups, $errors) = @$case;

        ($status, $out, $err) = prices('import', '--only', @$options,
                                       "$samples/$file");

        is($status, %$groups ? 0 : 1, "@$options $file") or diag($err);
        is(group($out, $_), $groups->{$_}, "... $_") for sort keys %$groups;
        like($err, qr/\Q$_\E/, '... says why') for @$errors;
    }
}

done_testing();


sub samples {
    my @partial = ('--partial');
    my @skip = ('--partial', '--skip-bad');
    my $r = 'JRTCKXETXF.6YS6EN2CT7';

    return (
    ['json-2015/AmazonRoute53_offer-index.json', \@partial, {
        'Route53.hosted_zone_month' => '* 0.5 to 25 0.1'
            . ' # KVPGEJE88UW8S779.JRTCKXETXF.JC2N8KH4CW'
            . ' KVPGEJE88UW8S779.JRTCKXETXF.UKG7U4ARJR',
        'Route53.health_check_other_month' => "* 0.75 # EYUFFNGJ6B6EEPX3.$r",
    }],
    ['json-2015/awskms_offer-index.json', ['--partial'], {}, []],
    );
}
