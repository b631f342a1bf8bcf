#!/usr/bin/env perl

# conf/prices/SERVICES.md is what the tables of the models say.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use Test::More;

chdir dirname(dirname(abs_path($0))) or die "chdir: $!\n";

is qx{scripts/gen-services --check 2>&1}, '', 'the page is up to date';
is $?, 0, 'and the check says so';


# a copy of what it is made from, with one default changed

my $dir = tempdir(CLEANUP => 1);

mkdir "$dir/$_" for qw(conf conf/prices modules modules/cost scripts t t/lib);

for my $file (glob('modules/cost/*.[ch]'), 't/lib/services.c',
              'scripts/gen-services', glob('conf/prices/*'))
{
    copy($file, "$dir/$file") if -f $file;
}

my $model = "$dir/modules/cost/cost_svc_sqs.c";
my $text = do { local (@ARGV, $/) = $model; <> };

ok $text =~ s/("averageMessageKB", "KB", )1/${1}2/, 'another default';

open my $fh, '>', $model or die "$model: $!\n";
print $fh $text;
close $fh;

like qx{perl $dir/scripts/gen-services --check 2>&1}, qr/is stale/,
     'a page that is not is seen';
isnt $?, 0, 'and fails';

is qx{perl $dir/scripts/gen-services 2>&1}, '', 'written anew';

$text = do { local (@ARGV, $/) = "$dir/conf/prices/SERVICES.md"; <> };
like $text, qr/^\| `averageMessageKB` \| KB, whole, 0 to 262144 \| 2 \|/m,
     'it says the new default';

done_testing;
