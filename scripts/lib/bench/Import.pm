package Import;

# Loading a file of 43 columns: by the import command, and as it is usually
# done, copied into a table of its columns and aggregated from there.

use strict;
use warnings;

use Cost::Database;
use File::Path qw(make_path);

use Measure;


sub import_file {
    my ($m) = @_;

    my $rows = $m->small ? 2000 : 1_000_000;
    my $file = focus_file($m, $rows);
    my $db = $m->database;
    my $program = "$Cost::Database::root/var/build/cost-import";
    my $ours = 0;

    $m->section(sprintf 'import: %d rows, %.0f MB, over \copy plus'
                        . ' INSERT ... SELECT; CPU per row', $rows, (-s $file) / 1e6);

    $m->compare('one file', aim => 6, rounds => 3, cold => 1,
        ours => sub {
            my $organization = 'import-' . ++$ours;
            my $got = load($m, $rows, sub {
                Measure::output($program, '--database', $db->conninfo,
                                '--org', $organization, $file);
            });

            same($db, $organization);

            return $got;
        },
        limit => sub {
            my $script = baseline($db, $file);

            return load($m, $rows, sub { $db->query($script) });
        });
}


# CPU time is the command's and PostgreSQL's

sub load {
    my ($m, $rows, $code) = @_;

    my $seconds;
    my $cpu = $m->spent(sub { $seconds = Measure::timed($code) });

    return { rate => $rows / $seconds, cpu => $cpu * 1e6 / $rows };
}


# made once: it is the same every time

sub focus_file {
    my ($m, $rows) = @_;

    my $dir = "$Cost::Database::root/var/bench";
    my $file = "$dir/focus-$rows.csv";
    my $generator = "$Cost::Database::root/t/lib/gen-focus";

    if (!-e $file || -M $file > -M $generator) {
        $m->progress("writing $file");
        make_path($dir);

        system('sh', '-c', '"$1" "$2" > "$3.new" && mv "$3.new" "$3"', 'sh',
               $generator, $rows, $file) == 0
            or die "$file could not be written\n";
    }

    # read once, so that no round waits for the disk
    open my $fh, '<:raw', $file or die "$file: $!\n";
    1 while sysread $fh, my $buf, 1 << 20;
    close $fh;

    chmod 0644, $file;

    return $file;
}


# Types as a person would choose them, no log for the copy, and the table
# that it ends in with the index that reads need.

sub baseline {
    my ($db, $file) = @_;

    open my $fh, '<', $file or die "$file: $!\n";
    chomp(my $header = <$fh>);
    close $fh;

    my $columns = join ', ', map {
        lc($_) . ' ' . (/(?:Cost|Quantity|UnitPrice)$/ ? 'numeric'
                        : /Period(?:Start|End)$/       ? 'timestamptz'
                        : $_ eq 'Tags'                 ? 'jsonb' : 'text')
    } split /,/, $header;

    return <<"END";
DROP TABLE IF EXISTS bill, bill_costs;
CREATE UNLOGGED TABLE bill ($columns);
CREATE TABLE bill_costs (
    organization integer, account text, period date, day date, service text,
    region text, service_category text, charge_category text,
    currency text, entries bigint, billed numeric, effective numeric,
    list numeric, contracted numeric,
    PRIMARY KEY (organization, account, period, day, service, region,
                 service_category, charge_category, currency));
\\copy bill FROM '$file' (FORMAT csv, HEADER)
INSERT INTO bill_costs
SELECT 1, subaccountid, billingperiodstart::date, chargeperiodstart::date,
       servicename, regionid, servicecategory, chargecategory,
       billingcurrency, count(*), sum(billedcost), sum(effectivecost),
       sum(listcost), sum(contractedcost)
  FROM bill
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
END
}


# both have done the same; the copy's table is from the round before, if any

sub same {
    my ($db, $organization) = @_;

    return if $db->query("SELECT to_regclass('bill_costs') IS NULL") eq 't';

    my ($ours, $limit) = map { $db->query($_) }
        "SELECT sum(entries), trim_scale(sum(billed)) FROM costs
          WHERE organization_id = (SELECT id FROM organizations
                                    WHERE slug = '$organization')",
        'SELECT sum(entries), trim_scale(sum(billed)) FROM bill_costs';

    die "the import loaded $ours, the copy $limit\n" if $ours ne $limit;
}


1;
