#!/usr/bin/env perl

# Every statement of modules/sql/ prepares against the migrated schema, and
# PostgreSQL counts its parameters and columns as the compiled-in table does.

use strict;
use warnings;

use File::Basename qw(basename dirname);
use lib dirname(__FILE__) . '/lib';

use Test::More;

use Cost::Database;

my $root = $Cost::Database::root;
my $db = Cost::Database->new;

my %compiled = compiled("$root/modules/sql/ngx_http_cost_sql.c");
my @files = sort glob "$root/modules/sql/*.sql";

is join(' ', sort keys %compiled),
   join(' ', map { basename($_, '.sql') } @files),
   'every file is compiled in, and nothing else';

for my $file (@files) {
    my $name = basename($file, '.sql');
    my $text = slurp($file);

    $text =~ s/;?\s*\z//;

    my ($nparams, $ncols, $error) = prepared($name, $text);

    is $error, '', "$name prepares" or next;
    is_deeply [$nparams, $ncols], $compiled{$name},
              "$name has the parameters and columns that are compiled in";
}

is $db->query("SELECT max(version) FROM schema_migrations"),
   slurp("$root/modules/sql/ngx_http_cost_sql.h")
       =~ /^#define NGX_HTTP_COST_SQL_SCHEMA  (\d+)$/m && $1,
   'the schema that is compiled in is the migrated one';

done_testing;


# the numbers of parameters and columns, and why not

sub prepared {
    my ($name, $text) = @_;

    # what a statement refers to but makes itself
    my $output = eval { $db->query(<<"END") };
BEGIN;
SELECT cost_stage() \\g /dev/null
PREPARE $name AS
$text;
SELECT cardinality(parameter_types) FROM pg_prepared_statements
 WHERE name = '$name';
$text
\\gdesc
END

    return (0, 0, $@) if $@;

    my ($nparams, @columns) = split /\n/, $output;

    # \gdesc says so when there is none
    @columns = grep { !/^The command has no result/ } @columns;

    return ($nparams, scalar @columns, '');
}


# name => [parameters, columns], of the generated table

sub compiled {
    my $source = slurp($_[0]);
    my %table;

    my $row = qr/^const ngx_http_cost_sql_t  \w+ = \{\n    "(\w+)",\n/m;

    while ($source =~ /$row(?:    ".*\n)+    (\d+), (\d+)\n\};/g) {
        $table{$1} = [$2, $3];
    }

    return %table;
}


sub slurp {
    my ($file) = @_;

    open my $fh, '<', $file or die "$file: $!\n";
    local $/;

    return scalar <$fh>;
}
