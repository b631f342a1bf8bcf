#!/usr/bin/env perl

# The programs of t/unit/, and the corpora of t/fuzz/, under AddressSanitizer
# and UndefinedBehaviorSanitizer: one test for each.
#
#     prove t/unit.t :: date json        only those

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use Test::More;

chdir dirname(dirname(abs_path($0))) or die "chdir: $!\n";

my $out = 'var/build/unit';
my %wanted = map { $_ => 1 } @ARGV;

sub wanted {
    my ($file) = @_;

    my ($name) = basename($file, '.c') =~ /^(?:test|fuzz)_(\w+)$/;

    return !%wanted || $wanted{$name};
}

my @tests = grep { wanted($_) } sort glob 't/unit/test_*.c';
my @fuzzers = grep { wanted($_) } sort glob 't/fuzz/fuzz_*.c';

die "there is nothing named @ARGV\n" if !@tests && !@fuzzers;

my $targets = join ' ', map { "$out/" . basename($_, '.c') } @tests, @fuzzers;
my $log = qx{make -s -k -j2 -f t/unit/unit.mk OUT=$out $targets 2>&1};

diag($log) if $?;

for my $test (@tests) {
    my $name = basename($test, '.c');
    my $output = qx{$out/$name 2>&1};
    my $status = $?;

    my ($plan) = $output =~ /^1\.\.(\d+)$/m;
    my $passed = () = $output =~ /^ok\b/mg;
    my @failed = $output =~ /^(not ok.*(?:\n#.*)*)/mg;

    ok($status == 0 && $passed && !@failed && ($plan // -1) == $passed,
       "$name: $passed tests")
        or diag(@failed ? join "\n", @failed
                        : "status $status\n" . substr $output, -4000);
}

for my $fuzzer (@fuzzers) {
    my $name = basename($fuzzer, '.c');
    my $corpus = $name =~ s/^fuzz_/t\/fuzz\/corpus\//r;
    my @files = grep { -f } glob "$corpus/*";
    my $output = qx{find $corpus -type f -print0 | xargs -0 $out/$name 2>&1};

    ok($? == 0 && @files, "$name: " . @files . ' files')
        or diag(substr $output, -4000);
}

done_testing();
