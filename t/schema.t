#!/usr/bin/env perl

# scripts/migrate: each migration once, in order, whole or not at all.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use File::Basename qw(basename dirname);
use File::Temp qw(tempdir);
use lib dirname(__FILE__) . '/lib';

use Test::More;

use Cost::Database;

my $root = $Cost::Database::root;
my @files = map { basename($_) } sort glob "$root/conf/schema/*.sql";
my @names = map { s/\.sql$//r } @files;


# --- the project's migrations -----------------------------------------------

my $db = Cost::Database->new(empty => 1);
my ($rc, $out) = migrate('--status', $db->conninfo);

is $rc, 1, '--status of an empty database fails';
is $out, join('', map { "$_ pending\n" } @names), 'and lists what is missing';
is $db->query("SELECT to_regclass('schema_migrations') IS NULL"), 't',
   'but changes nothing';

($rc, $out) = migrate($db->conninfo);

is $rc, 0, 'an empty database is migrated';
is $out, join('', map { "migrate: applied $_\n" } @names),
   'which says what it applied';
is $db->query("SELECT version, name, sha256 FROM schema_migrations
                WHERE now() - applied_at < interval '1 minute'
                ORDER BY version"),
   join("\n", map { /^0*(\d+)_(\w+)/; "$1|$2|" . sha("$root/conf/schema/$_") }
              @files),
   'each with number, name, digest and time';

is_deeply [migrate($db->conninfo)], [0, ''], 'again: nothing to do';

($rc, $out) = migrate('--status', $db->conninfo);

is $rc, 0, '--status is content';
like $out, qr/\A(\d{4}_\w+ applied \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n)+\z/,
     'and says since when';

is $db->query("
    SELECT string_agg(t.relname, ' ' ORDER BY t.relname)
      FROM pg_class t
      JOIN pg_attribute a ON a.attrelid = t.oid
           AND a.attname = 'organization_id'
     WHERE t.relkind IN ('r', 'p')
       AND NOT EXISTS (SELECT FROM pg_index i
                        WHERE i.indrelid = t.oid
                          AND i.indkey[0] = a.attnum)"), '',
   'every table of an organization\'s data has an index that begins with it';


# --- two at once ------------------------------------------------------------

my $shared = Cost::Database->new(empty => 1);
my @outputs = map {
    open my $fh, '-|', "'$root/scripts/migrate' '" . $shared->conninfo
                       . "' 2>&1" or die "fork: $!\n";
    $fh;
} 1 .. 4;
my ($lines, $failed) = ('', 0);

for my $fh (@outputs) {
    local $/;
    $lines .= <$fh> // '';
    close $fh or $failed++;
}

is $failed, 0, 'four runs at once all succeed';
is join('', sort split /^/, $lines),
   join('', map { "migrate: applied $_\n" } @names),
   'and apply each migration once';


# --- what goes wrong --------------------------------------------------------

my $other = Cost::Database->new(empty => 1);
my $dir = tempdir(CLEANUP => 1);

put('0001_one.sql', 'CREATE TABLE one (a integer);');
put('0002_two.sql', "CREATE TABLE two (a integer);\nSELECT 1 / 0;");

($rc, $out) = migrate('--schema', $dir, $other->conninfo);

is $rc, 1, 'a migration that fails';
is $out, "migrate: applied 0001_one\n"
         . "migrate: 0002_two.sql:2: ERROR:  division by zero\n",
   'is named with its line';
is $other->query("SELECT max(version), to_regclass('two') IS NULL
                    FROM schema_migrations"), '1|t',
   'nothing of it is left, those before stay';

put('0002_two.sql', 'CREATE TABLE two (a integer);');
is_deeply [migrate('--schema', $dir, $other->conninfo)],
          [0, "migrate: applied 0002_two\n"], 'corrected, it is applied';

put('0001_one.sql', 'CREATE TABLE one (a bigint);');
put('0003_three.sql', 'CREATE TABLE three (a integer);');

for my $args ([], ['--status']) {
    ($rc, $out) = migrate(@$args, '--schema', $dir, $other->conninfo);

    is $rc, 1, "a file changed after it was applied @$args";
    like $out, qr/\Amigrate: 0001_one\.sql was changed after it was applied/,
         'is refused by name';
}

is $other->query("SELECT to_regclass('three') IS NULL"), 't',
   'and nothing else is applied';

put('0001_one.sql', 'CREATE TABLE one (a integer);');
unlink "$dir/0002_two.sql";

($rc, $out) = migrate('--schema', $dir, $other->conninfo);

is $rc, 1, 'a gap in the numbers';
like $out, qr/expected migration number 2, found 0003_three\.sql/, 'is named';

put('0002_two.sql', 'CREATE TABLE two (a integer);');
put('0002_too.sql', 'SELECT 1;');
like +(migrate('--schema', $dir, $other->conninfo))[1],
     qr/expected migration number 3, found 0002_two\.sql/,
     'so is a number used twice';
unlink "$dir/0002_too.sql";

put('4_four.sql', 'SELECT 1;');
like +(migrate('--schema', $dir, $other->conninfo))[1],
     qr/4_four\.sql is not named NNNN_name\.sql/, 'and a wrong name';
unlink "$dir/4_four.sql";

is +(migrate('--schema', $dir, $other->conninfo))[0], 0, 'all is well again';

unlink "$dir/0003_three.sql";
($rc, $out) = migrate('--schema', $dir, $other->conninfo);

is $rc, 1, 'a database from a later version';
like $out, qr/has migration 0003_three, which is not known here/,
     'is left alone';

put('0003_drei.sql', 'CREATE TABLE three (a integer);');
like +(migrate('--schema', $dir, $other->conninfo))[1],
     qr/has migration 0003_three, here it is called 0003_drei/,
     'a migration of another name is an error';


# --- the command line -------------------------------------------------------

is +(migrate())[0], 2, 'no database: usage';
like +(migrate('--help'))[1], qr/\Ausage: /, '--help';
like +(migrate("host=$dir"))[1],
     qr/\Amigrate: .*connection to server on socket .* failed/,
     'no server there';
like +(migrate('--schema', "$dir/none", $other->conninfo))[1],
     qr/there is no directory/, 'no such directory';

done_testing;


sub migrate {
    my (@args) = @_;

    my $command = join ' ', map { "'$_'" } "$root/scripts/migrate", @args;
    my $output = qx($command 2>&1);

    return ($? >> 8, $output);
}


sub put {
    my ($name, $text) = @_;

    open my $fh, '>', "$dir/$name" or die "$dir/$name: $!\n";
    print $fh "$text\n";
    close $fh;
}


sub sha {
    open my $fh, '<:raw', $_[0] or die "$_[0]: $!\n";
    local $/;

    return sha256_hex(<$fh>);
}
