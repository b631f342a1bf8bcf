#!/usr/bin/env perl

# Sources of many files: all are found, in the order of their times, and loaded
# once; however many there are, the loop has its turns.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use List::Util qw(shuffle);
use Test::More;

use Cost::Gate;
use Cost::Sync;

my $sync = Cost::Sync->new(workers => 2);
my $db = $sync->db;
my $n = 1000;


# A thousand files of one account's days.  Each brings one of ten months, so
# that it replaces the file before that brought the month: the last hundred
# have the last word, by their times, which are not the order of their names.

my $many = $sync->organization('many');
my $account = $sync->source($many, { kind => 'directory',
                                     path => $sync->dir . '/many' });
my @names = map { sprintf '%s/%04d.csv', $_ % 7 ? "d$_" : 'sub/deep', $_ }
            shuffle(1 .. $n);

for my $i (0 .. $n - 1) {
    my $file = $sync->write("many/$names[$i]",
        Cost::Sync::bill(sprintf('2024-%02d', 1 + $i % 10),
                         [ 1 + int $i / 100, 'a', $i ]));
    my $at = 1_700_000_000 + $i;

    utime $at, $at, $file;
}

my $job = $sync->run($many, 900);

is $job->{status}, 'done', 'a thousand files' or diag $job->{error};
is_deeply [ @{ $job->{progress} }{qw(files_found files_loaded files_skipped
                                     files_failed rows_loaded)} ],
    [ $n, $n, 0, 0, $n ], 'all are loaded';

# the files 990 to 999: the tenth day of ten months
is $sync->sums('many'), '10|9945', 'the newest of a month has the last word';
is $db->query("SELECT string_agg(i.file_name, ' ' ORDER BY i.id)
                 FROM imports i JOIN organizations o
                   ON o.id = i.organization_id WHERE o.slug = 'many'"),
    join(' ', @names), 'in the order of their times';

$job = $sync->run($many, 120);
is_deeply [ $job->{status}, @{ $job->{progress} }{qw(files_found
                                                     files_skipped bytes)} ],
    [ 'done', $n, $n, 0 ], 'again: nothing has changed';

my $changed = $names[123];
$sync->write("many/$changed", Cost::Sync::bill('2024-12', [ 1, 'b', 55 ]));
$job = $sync->run($many, 120);
is_deeply [ $job->{status}, @{ $job->{progress} }{qw(files_loaded
                                                     files_skipped)} ],
    [ 'done', 1, $n - 1 ], 'one of them has';
is $sync->sums('many'), '11|10000', 'and is loaded';


# ten thousand parts of one delivery, and one file too many

my $parts = $sync->organization('parts');
$sync->source($parts, { kind => 'directory', path => $sync->dir . '/parts' });
$sync->write(sprintf('parts/export-%05d.csv', $_),
             Cost::Sync::bill('2024-08', [ 1 + $_ % 28, 'a', '0.01' ]))
    for shuffle(0 .. 9999);

$job = $sync->run($parts, 300);
is $job->{status}, 'done', 'ten thousand parts' or diag $job->{error};
is $sync->sums('parts'), '10000|100', 'are loaded as one';

$sync->write('parts/more.csv', Cost::Sync::bill('2024-09', [ 1, 'a', '1' ]));
$job = $sync->run($parts, 120);
is "$job->{status}: $job->{error}", 'failed: ' . $sync->dir
    . '/parts: there are more than 10000 files', 'there is a bound';
is $sync->sums('parts'), '10000|100', 'and nothing has changed';


# ten thousand keys of a bucket on a page, of which all but one are known

my %keys = map { sprintf('in/%05d-%s.csv', $_, 'x' x 60) => '' } 1 .. 9999;
my $gate = Cost::Gate->new($sync->base, %keys,
    'in/new.csv' => Cost::Sync::bill('2024-08', [ 1, 'a', '1' ]));
my $bucket = $sync->organization('bucket');
my $source = $sync->source($bucket, { kind => 's3', bucket => 'bills',
                                      endpoint => $gate->url });

$db->query("INSERT INTO sync_files (organization_id, account_id, name, version,
                                    load_id, account_ids, periods, loaded_at)
    SELECT organization_id, id, n, '\"d41d8cd98f00b204e9800998ecf8427e\"', 0,
           '{}', '{}', now()
      FROM accounts, unnest(string_to_array('" . join(' ', keys %keys)
    . "', ' ')) n WHERE uuid = '$source->{id}'");

$job = $sync->run($bucket, 120);
is_deeply [ $job->{status}, @{ $job->{progress} }{qw(files_found files_loaded
                                                     files_skipped)} ],
    [ 'done', 10_000, 1, 9999 ], 'a bucket: one that is new'
    or diag $job->{error};
is $sync->sums('bucket'), '1|1', 'is loaded';


# of CPU time, so that it is what the code does, not what the machine does

my %longest = $sync->nginx->log
              =~ /job \d+ of "(\w+)" ends:.*longest turn (\d+) us/g;
diag "longest turns: many $longest{many}, parts $longest{parts}, "
     . "bucket $longest{bucket} us";
cmp_ok $_, '<', 30_000, 'no turn was long' for values %longest;

$sync->stop;
done_testing;
