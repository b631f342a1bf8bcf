#!/usr/bin/env perl

# The import command with files made here: what is loaded and what is
# refused, what replaces what, and that a bad file changes nothing.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Compress::Gzip qw(gzip $GzipError);
use Test::More;

use Cost::Database;
use Cost::Import;

my $db = Cost::Database->new;
my $import = Cost::Import->new($db);

my @columns = qw(BilledCost EffectiveCost ListCost ContractedCost
    BillingCurrency BillingPeriodStart ChargePeriodStart ChargeCategory
    ProviderName BillingAccountId BillingAccountName SubAccountId
    SubAccountName ServiceName ServiceCategory RegionId ChargeClass);

my %row = (
    BilledCost => 1, EffectiveCost => 1, ListCost => 1, ContractedCost => 1,
    BillingCurrency => 'USD', BillingPeriodStart => '2026-05-01T00:00:00Z',
    ChargePeriodStart => '2026-05-02T10:00:00Z', ChargeCategory => 'Usage',
    ProviderName => 'AWS', BillingAccountId => '0001',
    BillingAccountName => 'payer', SubAccountId => '0002',
    SubAccountName => 'web', ServiceName => 'Thing',
    ServiceCategory => 'Compute', RegionId => 'us-east-1', ChargeClass => '',
);

sub row { my %r = (%row, @_); return join(',', @r{@columns}) . "\n" }
sub csv { return join('', join(',', @columns) . "\n", @_) }

sub costs {
    my ($organization, $columns) = @_;

    return $db->query("
        SELECT $columns
          FROM costs c
          JOIN accounts a ON a.id = c.account_id
          JOIN services s ON s.id = c.service_id
          JOIN regions r ON r.id = c.region_id
          JOIN service_categories g ON g.id = c.service_category_id
          JOIN organizations o ON o.id = c.organization_id
         WHERE o.slug = '$organization'
         ORDER BY 1");
}

my $all = "concat_ws(' ', a.provider, a.external_id, '=', a.name, c.period,
           c.day, s.name, g.name, r.name, c.charge_category, c.entries,
           c.billed, c.effective, c.list, c.contracted)";


# Rows are added up, by all that tells them apart

{
    my $file = $import->file('first.csv', csv(
        row(BilledCost => '0.1', EffectiveCost => '8.0E-7'),
        row(BilledCost => '0.2', ListCost => '', ContractedCost => 'NULL'),
        row(ChargePeriodStart => '2026-05-02T23:59:59-01:00'),
        row(ChargeCategory => 'Credit', BilledCost => '-0.000000000000001'),
        row(SubAccountId => '', RegionId => 'null'),
        row(ProviderName => 'Microsoft', ServiceName => 'Blob \\ "x"' =~
            s/"/""/gr =~ s/(.*)/"$1"/r),
        row(BillingPeriodStart => '4/1/26', ChargeClass => 'Correction')));

    my ($status, $out, $err) = $import->run('acme', $file);

    is($status, 0, 'a file is loaded');
    is($err, '', 'and nothing said on stderr');
    is($out, <<"END", 'but on stdout');
$file: FOCUS 1.0, 7 rows read, 7 loaded, 0 refused
  ListCost is null in 1 row, counted as 0
  ContractedCost is null in 1 row, counted as 0
  USD 4.299999999999999 billed
  3 accounts, 4 billing periods replaced (2026-04-01 to 2026-05-01)
END

    is(costs('acme', $all), <<'END' =~ s/\n\z//r, 'the costs');
aws 0001 = payer 2026-05-01 2026-05-02 Thing Compute  0 1 1 1 1 1
aws 0002 = web 2026-04-01 2026-05-02 Thing Compute us-east-1 0 1 1 1 1 1
aws 0002 = web 2026-05-01 2026-05-02 Thing Compute us-east-1 0 2 0.3 1.0000008 1 1
aws 0002 = web 2026-05-01 2026-05-02 Thing Compute us-east-1 3 1 -0.000000000000001 1 1 1
aws 0002 = web 2026-05-01 2026-05-03 Thing Compute us-east-1 0 1 1 1 1 1
azure 0002 = web 2026-05-01 2026-05-02 Blob \ "x" Compute us-east-1 0 1 1 1 1 1
END

    is($db->query("SELECT slug, name, currency FROM organizations"),
       'acme|acme|USD', 'the organization was made');
    is($db->query("SELECT file_name = '$file', file_size = " . (-s $file)
                  . ", format, state, rows_read, rows_loaded, rows_refused,
                  finished_at >= started_at FROM imports"),
       't|t|FOCUS 1.0|done|7|7|0|t', 'the import is recorded');

    my $before = $import->state('acme');

    is(($import->run('acme', $file))[0], 0, 'it is loaded again');
    is($import->state('acme'), $before, 'which changes nothing');
}


# A period is replaced for the accounts in the file, and for no others

{
    my ($status, $out) = $import->run('acme', $import->file('next.csv', csv(
        row(BilledCost => 5, SubAccountName => 'web site',
            ChargePeriodStart => '2026-05-09T00:00:00Z'))));

    is($status, 0, 'a corrected period');
    is(costs('acme', $all), <<'END' =~ s/\n\z//r, 'replaces what it corrects');
aws 0001 = payer 2026-05-01 2026-05-02 Thing Compute  0 1 1 1 1 1
aws 0002 = web site 2026-04-01 2026-05-02 Thing Compute us-east-1 0 1 1 1 1 1
aws 0002 = web site 2026-05-01 2026-05-09 Thing Compute us-east-1 0 1 5 1 1 1
azure 0002 = web 2026-05-01 2026-05-02 Blob \ "x" Compute us-east-1 0 1 1 1 1 1
END
}


# Rows that cannot be read are named, the others loaded

{
    my $file = $import->file('bad.csv', csv(
        row(),
        row(BilledCost => '"$50,000.00 "'),
        row(ChargePeriodStart => "\"2026-05-\n32\""),
        "\n",
        row(SubAccountName => 'a 5" disk'),
        "1,2,3\n",
        row(BillingCurrency => 'EUR'),
        row(ServiceName => "caf\xe9"),
        row(BilledCost => 2)));

    my ($status, $out, $err) = $import->run('refused', $file);

    is($status, 0, 'refused rows are no failure');
    is($out, <<"END", 'they are reported');
$file: FOCUS 1.0, 8 rows read, 2 loaded, 6 refused
  line 3: BilledCost "\$50,000.00" is not a number
  line 4: ChargePeriodStart "2026-05-?32" is not a date
  line 7: a quote is out of place, or not closed
  line 8: 3 fields where the header has 17
  line 9: BillingCurrency "EUR" has no rate to USD on 2026-05-02
  line 10: ServiceName "caf?" has characters that are not text
  USD 3.00 billed
  1 account, 1 billing period replaced (2026-05-01)
END

    is($db->query("
        SELECT r.line, r.reason FROM import_refusals r
          JOIN imports i ON i.id = r.import_id
         WHERE i.file_name = '$file' ORDER BY r.line"), <<'END' =~ s/\n\z//r,
3|BilledCost "$50,000.00" is not a number
4|ChargePeriodStart "2026-05-?32" is not a date
7|a quote is out of place, or not closed
8|3 fields where the header has 17
9|BillingCurrency "EUR" has no rate to USD on 2026-05-02
10|ServiceName "caf?" has characters that are not text
END
       'and recorded');
    is($db->query("SELECT rows_read, rows_loaded, rows_refused FROM imports
                    WHERE file_name = '$file'"), '8|2|6', 'with their number');

    ($status, $out, $err) = $import->run('refused', $import->file('all.csv',
        csv(map { row(BilledCost => '') } 1 .. 1200)));

    is($status, 1, 'a file of refused rows only has failed');
    is($out, "$import->{dir}/all.csv: FOCUS 1.0, 1200 rows read, 0 loaded, "
             . "1200 refused\n"
             . join('', map { "  line $_: BilledCost is null, which it must "
                              . "not be\n" } 2 .. 21)
             . "  and 1180 more; the first 1000 are in import_refusals\n",
       'the first are shown');
    like($err, qr/^cost-import: .*all\.csv: every row was refused$/, 'why');
    is($db->query("SELECT count(*), min(line), max(line) FROM import_refusals
                    WHERE import_id = (SELECT max(id) FROM imports)"),
       '1000|2|1001', 'a thousand are recorded');
    is(costs('refused', 'c.entries, c.billed'), '2|3',
       'what was there is there');
}


# Other currencies are converted by the day's rate

{
    $db->query("INSERT INTO rates VALUES
                ('EUR', 'USD', '2026-05-02', 1.25),
                ('EUR', 'USD', '2026-05-04', 1.5),
                ('EUR', 'GBP', '2020-01-01', 0.9)");

    my ($status, $out) = $import->run('money', $import->file('money.csv', csv(
        map { row(BillingCurrency => 'EUR', BilledCost => '0.1',
                  ChargePeriodStart => "2026-05-0$_") } 1 .. 4)));

    is($status, 0, 'rows in another currency');
    is($out, <<"END", 'one of them before the first rate');
$import->{dir}/money.csv: FOCUS 1.0, 4 rows read, 3 loaded, 1 refused
  line 2: BillingCurrency "EUR" has no rate to USD on 2026-05-01
  EUR 0.30 billed
  1 account, 1 billing period replaced (2026-05-01)
END

    is(costs('money', 'c.day, c.billed'),
       "2026-05-02|0.125\n2026-05-03|0.125\n2026-05-04|0.15", 'the others');
}


# One account for all; parts of one delivery

{
    my @files = map { $import->file("part$_.csv", csv(
        row(BilledCost => $_), row(BilledCost => "bad$_"))) } 1 .. 3;

    my ($status, $out, $err) = $import->run('parts', '--parts', @files);

    is($status, 0, 'three parts of one delivery');
    is($err, '', 'none replaces another');
    is(costs('parts', 'c.entries, c.billed'), '3|6', 'all are there');
    is($db->query("
        SELECT i.state, i.rows_read, i.rows_loaded, r.line, r.reason
          FROM imports i JOIN import_refusals r ON r.import_id = i.id
         WHERE i.file_name LIKE '%/part_.csv' ORDER BY i.id"), join("\n",
       map { "done|2|1|3|BilledCost \"bad$_\" is not a number" } 1 .. 3),
       'each with its own rows');

    ($status, $out, $err) = $import->run('parts', @files);

    is($status, 0, 'the same as three deliveries');
    is(costs('parts', 'c.billed'), '3', 'the last one stays');
    is($err, 'cost-import: this replaced 1 billing period of the files '
             . 'before; files that belong together want --parts' . "\n"
             . 'cost-import: this replaced 1 billing period of the files '
             . 'before; files that belong together want --parts' . "\n",
       'which is told');

    my @clouds = map { $import->file("$_.csv", csv(
        row(ProviderName => $_, SubAccountId => "id-$_"))) }
        qw(AWS Google);

    is(($import->run('one', '--account', 'Our cloud', @clouds))[0], 0,
       'one account for two clouds');
    is($db->query("
        SELECT a.external_id, a.name, sum(c.billed) FROM costs c
          JOIN accounts a ON a.id = c.account_id
          JOIN organizations o ON o.id = c.organization_id
         WHERE o.slug = 'one' GROUP BY 1, 2"), 'Our cloud|Our cloud|2',
       'has the sum of both');
}


# How files are written

{
    my $text = csv(row(), row(SubAccountName => '"a, ""b"""'),
                   row(BilledCost => 7, SubAccountId => '3'));
    my @names = $text =~ /^(.*)\n/;

    $import->run('plain', $import->file('plain.csv', $text));

    my $plain = $import->state('plain');
    my $crlf = $text =~ s/\n/\r\n/gr;

    # every field quoted, columns the other way round, unknown ones between
    my $quoted = join '', map {
        my @fields = /("(?:[^"]|"")*"|[^,]*)(?:,|$)/g;
        pop @fields if @fields > @columns;
        @fields = map { /^"/ ? $_ : "\"$_\"" } @fields;
        join(',', '"x_1"', reverse(@fields), '""') . "\n";
    } split /\n/, $text;

    my ($one, $two) = $text =~ /^(.*\n.*\n)(.*)$/s;
    my ($zip, $zip1, $zip2);

    gzip(\$text => \$zip) or die $GzipError;
    gzip(\$one => \$zip1) or die $GzipError;
    gzip(\$two => \$zip2) or die $GzipError;

    my @same = (
        'no last line end' => $text =~ s/\n\z//r,
        'CRLF' => $crlf,
        'a byte order mark' => "\xef\xbb\xbf$crlf",
        'sep=, in front' => "sep=,\r\n$crlf",
        'every field quoted' => $quoted,
        'semicolons' => $text =~ s/,(?! )/;/gr,
        'tabs' => $text =~ s/,(?! )/\t/gr,
        'blank lines' => $text =~ s/\n/\n\n/gr,
        'other names' => $text =~ s/BilledCost/billed_cost/r
                              =~ s/ProviderName/Provider/r,
        'gzip' => $zip,
        'gzip, two members' => $zip1 . $zip2,
        'gzip, padded' => $zip1 . $zip2 . "\0" x 1000,
    );

    my $n = 0;

    while (my ($name, $bytes) = splice @same, 0, 2) {
        my $organization = 'same' . ++$n;
        my ($status, $out, $err) = $import->run($organization,
            $import->file('same', $bytes));

        is($status, 0, "$name: loaded") or diag($err);
        is($import->state($organization), $plain, "$name: the same");
    }
}


# Bad files: one sentence, and nothing is changed

{
    my $text = csv(map { row(BilledCost => $_) } 1 .. 5000);
    my $zip;

    gzip(\$text => \$zip) or die $GzipError;

    my $damaged = $zip;
    substr($damaged, -8, 1) ^= "\x01";

    my @bad = (
        'truncated' => substr($zip, 0, length($zip) / 2),
            'the gzip data ends in the middle: the file is truncated',
        'a header of gzip' => "\x1f\x8b",
            'the gzip data ends in the middle: the file is truncated',
        'damaged' => $damaged,
            'the gzip data is damaged: incorrect data check',
        'a tail' => $zip . 'x', 'something else follows the gzip data',
        'empty' => '', 'is empty',
        'blank' => "\r\n\n", 'is empty',
        'parquet' => "PAR1\x15\x04", 'is a Parquet file: let the provider '
            . 'export CSV',
        'json' => '{"a": 1}', 'is JSON, not a CSV file',
        'workbook' => "PK\003\004\024\0", 'is a zip archive or a workbook, '
            . 'not a CSV file: unpack it, or save it as CSV',
        'utf-16' => "\xff\xfea\0,\0", 'is in UTF-16: save it as UTF-8',
        'binary' => join('', map { chr } 0 .. 255), 'is not a CSV file',
        'random' => pack('N*', map { $_ * 2654435761 % 2**32 } 1 .. 5000),
            'is not a CSV file',
        'a column less' => $text =~ s/BilledCost/BilledCosts/r,
            'the mandatory column BilledCost is missing: export the dataset '
            . 'with it',
        'a column twice' => $text =~ s/ChargeClass/BilledCost/r,
            'the column BilledCost stands there twice',
        'cur' => "identity/LineItemId,identity/TimeInterval\n1,2\n",
            'an AWS Cost and Usage Report, not a FOCUS "Cost and Usage" '
            . 'export: let the provider export FOCUS 1.0 or later',
        'another csv' => "name,age\nx,1\n", 'not a FOCUS export: its first '
            . "line does not name FOCUS's columns",
    );

    my $before = $import->state('acme');
    my $tables = sub { $db->query('SELECT (SELECT count(*) FROM imports),
        (SELECT max(id) FROM organizations),
        (SELECT sum(data_generation) FROM organizations)') };
    my $counts = $tables->();

    while (my ($name, $bytes, $why) = splice @bad, 0, 3) {
        my $file = $import->file('bad', $bytes);

        for my $organization ('acme', 'new') {
            my ($status, $out, $err) = $import->run($organization, $file);

            is($status, 1, "$name: fails");
            is($out, '', 'with nothing on stdout');
            is($err, "cost-import: $file: $why; nothing was loaded\n",
               'and one sentence');
        }
    }

    is($import->state('acme'), $before, 'nothing was changed');
    is($db->query("SELECT count(*) FROM organizations WHERE slug = 'new'"),
       0, 'no organization made');
    is($tables->(), $counts, 'nothing recorded');

    # the others of a run are loaded, those of a delivery are not

    my $good = $import->file('good', csv(row()));
    my $bad = $import->file('bad', 'x');

    is(($import->run('mixed', $bad, $good))[0], 1, 'a bad and a good file');
    is(costs('mixed', 'c.billed'), '1', 'the good one is loaded');
    is(($import->run('mixed2', '--parts', $good, $bad))[0], 1,
       'as parts of one delivery');
    is(costs('mixed2', 'c.billed'), '', 'it is not');
}


# A record longer than the buffer, and one that is as long as it may be

{
    my $long = 'x' x 1_200_000;
    my ($status, $out) = $import->run('long', $import->file('long.csv', csv(
        row(), row(ServiceName => "\"$long\""), row(BilledCost => 4),
        row(ServiceName => 'y' x 1025), row(ServiceName => 'z' x 1024))));

    is($status, 0, 'a record of 1.2 MB');

    my $shown = 'y' x 80;

    is($out, <<"END", 'is refused, and so is a name too long');
$import->{dir}/long.csv: FOCUS 1.0, 5 rows read, 3 loaded, 2 refused
  line 3: longer than 1 MB: is a quote not closed?
  line 5: ServiceName "$shown..." is longer than 1024 bytes
  USD 6.00 billed
  1 account, 1 billing period replaced (2026-05-01)
END

    is(costs('long', 'sum(c.billed) OVER (), length(s.name)'),
       "6|5\n6|1024", 'the others are loaded');
}


# More rows than the table in memory has entries: they come in pieces, and no
# more memory is taken than for a few (65 MB of addresses, of which it uses 16)

{
    my $text = csv(map { row(RegionId => $_ % 150_000) } 1 .. 200_000);
    my @within = $ENV{COST_TEST_VARIANT}
                 ? () : ('sh', '-c', 'ulimit -v 80000; exec "$@"', 'sh');

    my ($status, $out, $err) = $import->command(@within, $import->program,
        '--database', $db->conninfo, '--org', 'many',
        $import->file('many.csv', $text));

    is($status, 0, '150,000 regions') or diag($err);
    is($db->query("
        SELECT count(*), sum(c.entries), sum(c.billed) FROM costs c
          JOIN organizations o ON o.id = c.organization_id
         WHERE o.slug = 'many'"), '150000|200000|200000', 'are all there');
}


# A terminal is shown how it goes; nothing else is

SKIP: {
    skip 'util-linux has no script(1) here', 2
        if system('command -v script > /dev/null') != 0;

    my $fifo = "$import->{dir}/fifo";

    system('mkfifo', $fifo) == 0 or die "mkfifo: $?\n";

    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        open my $fh, '>', $fifo or die "$fifo: $!\n";
        $fh->autoflush;
        print $fh csv(map { row() } 1 .. 12_000);
        select undef, undef, undef, 0.5;
        print $fh map { row() } 1 .. 24_000;
        close $fh;
        require POSIX;
        POSIX::_exit(0);
    }

    my ($status, $out) = $import->command('script', '-qec',
        "'" . $import->program . "' --database '" . $db->conninfo
        . "' --org tty '$fifo'", '/dev/null');

    # without a terminal nobody has opened the pipe, nor ever will
    kill TERM => $pid if $status;
    waitpid $pid, 0;

    is($status, 0, 'read from a pipe, on a terminal');
    like($out, qr{\rfifo  [\d.]+ MB  [\d.]+ million rows/s}, 'progress');
}


# The command line

{
    my ($status, $out, $err) = $import->command($import->program, '--help');

    is($status, 0, '--help');
    like($out, qr/^usage: cost-import/, 'tells');

    my $program = $import->program;

    for my $args ([], ['--database', 'x'], ['--org', 'acme', 'x'],
                  ['--database', 'x', '--org', 'acme'],
                  ['--database', 'x', '--org', 'Acme', 'x'],
                  ['--database', 'x', '--org', '', 'x'],
                  ['--database', 'x', '--org', 'a' x 64, 'x'],
                  ['--database', 'x', '--org', 'a', '--account', '', 'x'],
                  ['--what'])
    {
        ($status, $out, $err) = $import->command($program, @$args);
        is($status, 2, "usage: @$args");
        ok($out eq '' && $err ne '', 'said on stderr');
    }

    ($status, $out, $err) = $import->run('acme', '/nowhere/x');
    is($status, 1, 'no such file');
    is($err, 'cost-import: /nowhere/x: cannot be read: No such file or '
             . "directory; nothing was loaded\n", 'is said');

    ($status, $out, $err) = $import->run('acme', '/tmp');
    is($err, "cost-import: /tmp: is a directory; nothing was loaded\n",
       'nor is a directory');

    ($status, $out, $err) = $import->command($program, '--database',
        'host=/nowhere password=secret', '--org', 'acme', 'x');
    is($status, 1, 'no database');
    like($err, qr/^cost-import: PostgreSQL: .*\/nowhere/, 'is said');
    unlike($err, qr/secret/, 'without the password');
}

done_testing();
