#!/usr/bin/env perl

# GitHub's usage reports through the import command: each of their layouts,
# the sums beside those of another computation, what replaces what, and what
# is refused.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Math::BigFloat;
use Test::More;

use Cost::Database;
use Cost::Import;

my $db = Cost::Database->new;
my $import = Cost::Import->new($db);

my $detailed = 'date,product,sku,quantity,unit_type,'
    . 'applied_cost_per_quantity,gross_amount,discount_amount,net_amount,'
    . "username,organization,repository,workflow_path,cost_center_name\n";


# --- by hand ----------------------------------------------------------------

my $file = $import->file('september.csv', $detailed . <<'END');
2026-09-01,actions,actions_linux,1000,minutes,0.006,6.0,6.0,0.0,a,acme,acme/api,.github/workflows/ci.yml,
2026-09-02,actions,linux_4_core,500,minutes,0.012,6.0,0,6.0,a,acme,acme/api,.github/workflows/ci.yml,
2026-09-02,actions,linux_4_core,250,minutes,0.012,3.0,0.5,2.5,b,acme,acme/api,.github/workflows/ci.yml,
2026-09-02,actions,actions_storage,10,gigabyte_hours,0.00033602,0.0034,0,0.0034,,acme,acme/api,,
2026-09-02,copilot,copilot_business,1,seats,19,9,0,9,,acme,,,
soon,actions,linux_4_core,250,minutes,0.012,3.0,0.5,2.5,b,acme,acme/api,,
2026-09-02,actions,linux_4_core,lots,minutes,0.012,3.0,0.5,2.5,b,acme,acme/api,,
2026-09-02,actions,linux_4_core,1,minutes,0.012,3.0,0.5,1e13,b,acme,acme/api,,
0001-01-01T00:00:00+00:01,actions,linux_4_core,1,minutes,0.012,3.0,0.5,2.5,b,acme,acme/api,,
END

my ($status, $out, $err) = $import->run('acme', $file);

is($status, 0, 'a report is loaded');
is($err, '', 'with nothing on stderr');
is($out, <<"END", 'and said what of');
$file: GitHub usage, detailed, 9 rows read, 5 loaded, 4 refused
  line 7: The date is not a day.
  line 8: The quantity is not a number, or out of range.
  line 9: An amount is out of range.
  line 10: The date is not a day.
END

my $september = <<'END' =~ s/\n\z//r;
2026-09-01|acme|api|.github/workflows/ci.yml|actions|linux|minutes|1000|6|6|0
2026-09-02|acme|||copilot|copilot_business|seats|1|9|0|9
2026-09-02|acme|api||actions|storage|gigabyte_hours|10|0.0034|0|0.0034
2026-09-02|acme|api|.github/workflows/ci.yml|actions|linux_4_core|minutes|750|9|0.5|8.5
END

is(usage('acme'), $september, 'by the day, SKU and workflow, not by person');

is(($import->run('acme', $file))[0], 0, 'it is loaded again');
is(usage('acme'), $september, 'which changes nothing');

is(($import->run('acme', $import->file('corrected.csv', $detailed . <<'END')))
2026-09-02,actions,linux_4_core,100,minutes,0.012,1.2,0,1.2,a,acme,acme/api,.github/workflows/ci.yml,
2026-09-02,actions,linux_4_core,100,minutes,0.012,1.2,0,1.2,a,globex,x,,
END
   [0], 0, 'a corrected day');
is(usage('acme'), <<'END' =~ s/\n\z//r, 'takes the place of what it corrects: that owner, product and day');
2026-09-01|acme|api|.github/workflows/ci.yml|actions|linux|minutes|1000|6|6|0
2026-09-02|acme|||copilot|copilot_business|seats|1|9|0|9
2026-09-02|acme|api|.github/workflows/ci.yml|actions|linux_4_core|minutes|100|1.2|0|1.2
2026-09-02|globex|x||actions|linux_4_core|minutes|100|1.2|0|1.2
END

is($db->query("SELECT count(*) FROM costs"), '0', 'none of it is a cost');
is($db->query("SELECT string_agg(state, ' ') FROM imports"),
   'done done done', 'the imports are recorded');


# --- currencies -------------------------------------------------------------

$db->organization('euro', currency => 'EUR');

my $one = $import->file('one.csv', $detailed . <<'END');
2026-09-02,actions,linux_4_core,100,minutes,0.012,1.2,0.2,1.0,a,acme,acme/api,,
END

($status, $out, $err) = $import->run('euro', $one);
is($status, 1, 'without a rate every row is refused');
like($out, qr/line 2: There is no rate from USD to/, 'and said why');

$db->query("INSERT INTO rates VALUES ('USD', 'EUR', '2026-01-01', 0.9)");
is(($import->run('euro', $one))[0], 0, 'with one');
like(usage('euro'), qr/\|100\|1\.08\|0\.18\|0\.9\z/, 'it is converted');


# --- what is none -----------------------------------------------------------

for (['Timestamp,User,Model,Requests Used,Exceeds Monthly Quota', 'Copilot'],
     ['product,sku,quantity,price', 'not those of a GitHub usage report'],
     [$detailed =~ s/\n/,sku/r, 'twice'])
{
    ($status, $out, $err)
        = $import->run('acme', $import->file('x.csv', "$_->[0]\n"));

    is($status, 1, "no usage report: $_->[1]");
    like($err, qr/not a usage report of GitHub's: .*\Q$_->[1]/, 'and why');
}


# --- real ones --------------------------------------------------------------

SKIP: {
    my $dir = $ENV{COST_CI_SAMPLES}
              // "$Cost::Database::root/../shared/data/ci";
    my @files = glob "$dir/github-usage-*.csv";

    skip 'the samples are not there', 1 if !@files;

    for my $name (@files) {
        my ($slug) = $name =~ m{github-usage-([^/]*)\.csv};
        my %sum = sums($name);

        ($status, $out, $err) = $import->run($slug, $name);

        is($status, 0, "$slug is loaded") or diag($err);
        like($out, qr/ $sum{rows} rows? read, $sum{rows} loaded, 0 refused/,
             'all of it');
        is($db->query("SELECT trim_scale(sum(quantity)),
                              trim_scale(sum(gross)), trim_scale(sum(net))
                         FROM ci_usage u JOIN organizations o
                           ON o.id = u.organization_id
                        WHERE o.slug = '$slug'"),
           join('|', map { plain($sum{$_}) } qw(quantity gross net)),
           'and its sums are those of another computation');
    }

    is($db->query("SELECT count(*) FROM ci_usage
                    WHERE product = 'actions' AND unit ILIKE 'min%'
                      AND (unit <> 'minutes' OR sku !~ '^[a-z0-9_]+\$')"),
       '0', 'all layouts spell SKUs and units alike');
}

done_testing;


sub usage {
    my ($organization) = @_;

    return $db->query("
        SELECT day, owner, repository, workflow, product, sku, unit, quantity,
               gross, discount, net
          FROM ci_usage u
          JOIN organizations o ON o.id = u.organization_id
         WHERE o.slug = '$organization' ORDER BY 1, 2, 3, 4, 5, 6");
}


# Quantities, gross and net amounts of a file, by decimals.  In a legacy one
# the price has the multiplier in it.

sub sums {
    my ($name) = @_;

    open my $fh, '<', $name or die "$name: $!\n";

    my @names = map { lc } fields(scalar <$fh>);
    my %sum = map { $_ => Math::BigFloat->new(0) } qw(quantity gross net);

    while (my $line = <$fh>) {
        my %row;
        @row{@names} = fields($line);
        $sum{rows}++;

        my $quantity = Math::BigFloat->new($row{quantity});
        my $legacy = $row{'price per unit ($)'};

        my ($gross, $net) = defined $legacy
            ? ($quantity * Math::BigFloat->new($legacy)) x 2
            : map { Math::BigFloat->new($row{$_}) } qw(gross_amount
                                                       net_amount);

        $sum{quantity} += $quantity;
        $sum{gross} += $gross;
        $sum{net} += $net;
    }

    return %sum;
}


sub fields {
    my ($line) = @_;

    $line =~ s/\r?\n\z//;

    return map { s/^"(.*)"\z/$1/r } split /,/, $line, -1;
}


sub plain { $_[0]->bstr =~ s/(\.\d*?)0+\z/$1/r =~ s/\.\z//r }
