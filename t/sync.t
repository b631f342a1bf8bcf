#!/usr/bin/env perl

# Sync from directories: what is loaded, what is passed over, what fails and
# leaves nothing; and that it is the same as what the import command loads.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Compress::Gzip qw(gzip);
use JSON::PP;
use POSIX qw(mkfifo);
use Test::More;
use Time::HiRes qw(sleep time);

use Cost::Import;
use Cost::Sync;

my $sync = Cost::Sync->new(sync => 'cost_sync time=60s file=64m unpacked=512m '
                                   . 'rows=300000;
                                   cost_sync_directory %%DIR%%/only acme;');
my $db = $sync->db;
my $dir = $sync->dir;

sub packed {
    my ($text) = @_;

    gzip(\$text => \my $packed) or die;

    return $packed;
}


# a directory: plain, gzip, members, below, and what is no bill

my $acme = $sync->organization('acme');
my $account = $sync->source($acme, { kind => 'directory',
                                     path => "$dir/acme" });

my $first = Cost::Sync::bill('2024-08', [ 1, 'a', '1.25' ], [ 2, 'a', '2' ]);

$sync->write('acme/2024-08.csv', $first);
$sync->write('acme/sub/2024-09.csv.gz',
    packed(Cost::Sync::bill('2024-09', [ 1, 'a', '4' ], [ 3, 'b', '8.5' ])));
$sync->write('acme/sub/deep/2024-10.CSV.GZ',
    packed(Cost::Sync::bill('2024-10', [ 1, 'a', '16' ]))
    . packed("32,32,32,32,USD,2024-10-01,2024-10-02,Usage,AWS,p,a,x,y\n")
    . "\0" x 512);
$sync->write('acme/manifest.json', '{}');
$sync->write('acme/_tmp/2024-11.csv', 'x');
$sync->write('acme/.hidden.csv', 'x');

my $job = $sync->run($acme);
is $job->{status}, 'done', 'a directory';
is $job->{error}, undef, 'without an error';
is_deeply $job->{progress}, { file => undef, files_found => 3,
    files_loaded => 3, files_skipped => 0, files_failed => 0,
    bytes => $job->{progress}{bytes}, rows_read => 6, rows_loaded => 6,
    rows_refused => 0 }, 'three files, six rows';
cmp_ok $job->{progress}{bytes}, '>', length $first, 'bytes are counted';
is $sync->sums('acme'), '6|63.75', 'they are there';
is $db->query("SELECT count(*) FROM accounts
                WHERE external_id IN ('a', 'b')"), 2, 'in their accounts';
is $db->query("SELECT string_agg(file_name || ' ' || format || ' ' || state
                  || ' ' || rows_loaded, ', ' ORDER BY file_name) FROM imports"),
    '2024-08.csv FOCUS 1.0 done 2, sub/2024-09.csv.gz FOCUS 1.0 done 2, '
    . 'sub/deep/2024-10.CSV.GZ FOCUS 1.0 done 2', 'and recorded';
like $job->{finished_at}, qr/^\d{4}-.*Z$/, 'it has ended';


# again: nothing is read; a file that changed is; one from elsewhere, too

my $imports = $db->query('SELECT count(*) FROM imports');

$job = $sync->run($acme);
is "$job->{status} $job->{progress}{files_skipped}"
   . " $job->{progress}{files_loaded} $job->{progress}{bytes}", 'done 3 0 0',
    'again: nothing has changed';
is $db->query('SELECT count(*) FROM imports'), $imports, 'nothing was loaded';

$sync->write('acme/2024-08.csv', Cost::Sync::bill('2024-08', [ 1, 'a', '3' ]));
$job = $sync->run($acme);
is "$job->{progress}{files_skipped} $job->{progress}{files_loaded}", '2 1',
    'one that changed is loaded';
is $sync->sums('acme'), '5|63.5', 'and replaces its period';

my $import = Cost::Import->new($db);
my $other = $import->file('x.csv', Cost::Sync::bill('2024-09',
                                                    [ 1, 'a', '100' ]));
is +($import->run('acme', $other))[0], 0, 'somebody loads another bill';
is $sync->sums('acme'), '5|159.5', 'which replaces a period';
$job = $sync->run($acme);
is "$job->{progress}{files_skipped} $job->{progress}{files_loaded}", '2 1',
    'the file that had brought it is loaded again';
is $sync->sums('acme'), '5|63.5', 'and replaces it';


# a newer delivery of a period, by the files' times; then it stays so

$sync->write('acme/z-older.csv', Cost::Sync::bill('2024-08', [ 1, 'a', '7' ]));
utime time - 7200, time - 7200, "$dir/acme/z-older.csv";
$job = $sync->run($acme);
is $sync->sums('acme'), '5|67.5', 'a file that nobody had seen is loaded';
$sync->write('acme/2024-08.csv', Cost::Sync::bill('2024-08', [ 1, 'a', '9' ]));
$job = $sync->run($acme);
is $sync->sums('acme'), '5|69.5', 'the newer one has the last word';
$job = $sync->run($acme);
is "$job->{progress}{files_skipped} $job->{progress}{files_loaded}", '4 0',
    'and what it replaced is not loaded again';


# parts of one delivery

my $parts = $sync->organization('parts');
$sync->source($parts, { kind => 'directory', path => "$dir/parts" });

$sync->write(sprintf('parts/e-%05d.csv', $_),
             Cost::Sync::bill('2024-08', [ $_, 'a', $_ ])) for 1 .. 3;

$job = $sync->run($parts);
is "$job->{status} $job->{progress}{files_loaded}", 'done 3', 'three parts';
is $sync->sums('parts'), '3|6', 'do not replace one another';
$sync->write('parts/e-00002.csv', Cost::Sync::bill('2024-08',
                                                   [ 2, 'a', '20' ]));
$job = $sync->run($parts);
is $job->{progress}{files_loaded}, 3, 'one changed: all are loaded';
is $sync->sums('parts'), '3|24', 'as one';

$sync->write('parts/e-00003.csv', "nonsense\n");
$job = $sync->run($parts);
is "$job->{status} $job->{progress}{files_failed}", 'failed 3',
    'one is broken: none is loaded';
is $sync->sums('parts'), '3|24', 'and nothing has changed';


# all rows into one account

my $one = $sync->organization('one');
my $all = $sync->source($one, { kind => 'directory', path => "$dir/one",
                                one_account => JSON::PP::true });
$sync->write("one/$_.csv", Cost::Sync::bill('2024-08', [ 1, $_, '1' ]))
    for qw(x y z);
$job = $sync->run($one);
is $sync->sums('one'), '3|3', 'one account: all rows';
is $db->query("SELECT DISTINCT account_id FROM costs c JOIN organizations o
    ON o.id = c.organization_id WHERE o.slug = 'one'"), $all->{provider_id},
    'in it';


# rows that are refused, and files

my $bad = $sync->organization('bad');
$sync->source($bad, { kind => 'directory', path => "$dir/bad" });
$sync->write('bad/mixed.csv', Cost::Sync::bill('2024-08', [ 1, 'a', '1' ],
                                               [ 2, 'a', 'x\"' ]));
$job = $sync->run($bad);
is "$job->{status} $job->{progress}{rows_read} "
   . "$job->{progress}{rows_loaded} $job->{progress}{rows_refused}",
    'done 2 1 1', 'a row is refused';
is $db->query('SELECT line, reason FROM import_refusals'),
    '3|a quote is out of place, or not closed', 'and kept, with its line';

my %files = (
    'empty.csv' => [ '', 'is empty' ],
    'other.csv' => [ "a,b\n1,2\n", qr/^not a FOCUS export/ ],
    'zip.csv' => [ "PK\x03\x04zip", qr/^is a zip archive/ ],
    'cut.csv.gz' => [ substr(packed($first x 50), 0, 60),
        'the gzip data ends in the middle: the file is truncated' ],
    'damaged.csv.gz' => [ substr(packed($first), 0, 20) . 'x' x 100,
        qr/^the gzip data is damaged/ ],
    'after.csv.gz' => [ packed($first) . 'x',
        'something else follows the gzip data' ],
    'inside.csv.gz' => [ packed(packed($first)), 'is gzip inside of gzip' ],
);

$sync->write("bad/$_", $files{$_}[0]) for keys %files;
$job = $sync->run($bad);
is "$job->{status} $job->{progress}{files_failed} "
   . $job->{progress}{files_skipped}, 'failed 7 1', 'seven files fail';
is $sync->sums('bad'), '1|1', 'and change nothing';

my %why = map { $_->{file} => $_->{error} } @{ $job->{failures} };

for my $name (sort keys %files) {
    my $expected = $files{$name}[1];

    ref $expected ? like $why{$name}, $expected, $name
                  : is $why{$name}, $expected, $name;
}

like $job->{error}, qr/^\w+\.csv(\.gz)?: \w/, 'the job says the first';
unlink "$dir/bad/$_" for keys %files;

$sync->write('bad/all.csv', Cost::Sync::bill('2024-09', [ 1, 'a', 'x' ]));
$job = $sync->run($bad);
is "$job->{status}: $job->{error}", 'failed: all.csv: every row was refused, '
    . 'the first: BilledCost "x" is not a number', 'every row is refused';


# bombs and bounds

sub refused {
    my ($name, $text, $why, $what) = @_;

    my $key = $sync->organization($name);

    $sync->source($key, { kind => 'directory', path => "$dir/$name" });
    $sync->write("$name/a.csv.gz", $text);

    my $end = $sync->run($key);
    is "$end->{status}: $end->{error}", "failed: a.csv.gz: $why", $what;
    is $sync->sums($name), '0|0', "$what: nothing is loaded";
}

my $row = (split /\n/, $first)[1];
my $many = $first . "$row\n" x 300_001;

refused('rows', packed($many), 'has more than 300000 rows', 'many rows');
refused('large', packed("\0" x 70_000_000) . "\0" x (64 << 20),
        'is larger than 67108864 bytes', 'a large file');
refused('zeros', packed("\0" x 300_000_000), 'is not a CSV file',
        '300 MB of zeros');

my $zeros = packed("$first" . 'x' x 50_000_000);
my $members = $zeros . packed('x' x 50_000_000) x 9;
refused('bomb', $members, 'unpacks to more than 250 times its size: this is '
        . 'no bill', 'a bomb');


# what leads elsewhere is not followed

my $links = $sync->organization('links');
$sync->source($links, { kind => 'directory', path => "$dir/links" });
$sync->write('links/real.csv', $first);
$sync->write('outside/secret.csv', Cost::Sync::bill('2024-09',
                                                    [ 1, 'a', '1000' ]));
symlink "$dir/outside/secret.csv", "$dir/links/link.csv";
symlink "$dir/outside", "$dir/links/below";
mkfifo("$dir/links/pipe.csv", 0644);

$job = $sync->run($links);
is "$job->{status} $job->{progress}{files_found}", 'done 1',
    'no links, no pipes';
is $sync->sums('links'), '2|3.25', 'a plain file';

symlink "$dir/outside", "$dir/linked";
my $linked = $sync->organization('linked');
$sync->source($linked, { kind => 'directory', path => "$dir/linked" });
$job = $sync->run($linked);
is "$job->{status}: $job->{error}",
    "failed: $dir/linked: the directory cannot be opened", 'nor by its path';

my $none = $sync->organization('none');
$sync->source($none, { kind => 'directory', path => "$dir/nothing" });
mkdir "$dir/nothing";
$job = $sync->run($none);
is "$job->{status}: $job->{error}", "failed: $dir/nothing: there are no bills:"
    . ' no files whose names end in .csv or .csv.gz', 'an empty directory';


# a directory of one organization's

my $only = $sync->nginx->dir . '/only';
mkdir $only;
chmod 0755, $only;
open my $fh, '>', "$only/a.csv" or die;
print $fh Cost::Sync::bill('2024-07', [ 1, 'a', '64' ]);
close $fh;

my $stranger = $sync->organization('stranger');
$sync->source($stranger, { kind => 'directory', path => $only });
$job = $sync->run($stranger);
is "$job->{status}: $job->{error}", "failed: $only: the operator of this "
    . 'server does not allow this directory', "another's directory";
$sync->source($acme, { kind => 'directory', path => $only });
is $sync->run($acme)->{status}, 'done', "one's own";
is $sync->sums('acme'), '6|133.5', 'is read';


# two sources, one of them broken; two organizations at a time

my $two = $sync->organization('two');
$sync->source($two, { kind => 'directory', path => "$dir/missing" });
$sync->source($two, { kind => 'directory', path => "$dir/two" });
$sync->write('two/a.csv', $first);

my @jobs = ([ $two, $sync->begin($two) ], [ $links, $sync->begin($links) ]);
my ($two_job, $links_job) = map { $sync->wait(@$_) } @jobs;
is $two_job->{status}, 'failed', 'a source is broken';
is $sync->sums('two'), '2|3.25', 'the other is loaded';
is $links_job->{status}, 'done', 'another organization is in no danger';


# the samples: as the import command loads them

my $data = "$Cost::Database::root/../shared/data/focus";

for my $file (-d $data ? glob "$data/*.csv $data/*.csv.gz" : ()) {
    my ($name) = $file =~ m{([^/]+)$};
    my $slug = 'f' . ++$sync->{sample};
    my $key = $sync->organization($slug);
    my $text = do { open my $fh, '<:raw', $file or die; local $/; <$fh> };

    $db->query("INSERT INTO rates VALUES ('EUR', 'USD', '2000-01-01', 1.1)
                ON CONFLICT DO NOTHING");
    $sync->write("$slug/$name", $text);
    $sync->source($key, { kind => 'directory', path => "$dir/$slug" });

    my $end = $sync->run($key);
    my ($status) = $import->run("${slug}i", "$dir/$slug/$name");

    is +($end->{status} eq 'done') ? 0 : 1, $status, "$name: loaded, or not"
        or diag $end->{error};

    $db->query("DELETE FROM accounts WHERE external_id LIKE 'source%'");

    is $import->state($slug), $import->state("${slug}i"), "$name: the same";
}

is $db->query("SELECT count(*) FROM cost_resources a
                WHERE a.organization_id IN (SELECT id FROM organizations
                      WHERE slug ~ '^f[0-9]+\$')"),
   $db->query("SELECT count(*) FROM cost_resources a
                WHERE a.organization_id IN (SELECT id FROM organizations
                      WHERE slug ~ '^f[0-9]+i\$')"), 'and the same resources';

like $sync->nginx->log, qr/longest turn (\d+) us/, 'the longest turn is told';
my ($longest) = sort { $b <=> $a } $sync->nginx->log
                                   =~ /longest turn (\d+) us/g;
diag "longest turn: $longest us";

$sync->stop;

done_testing;
