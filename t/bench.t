#!/usr/bin/env perl

# scripts/bench: that it works, with few data and for an instant.  No speed is
# asserted: this machine is busy with other tests.

use strict;
use warnings;

use File::Basename qw(dirname);

use Test::More;

my $bench = dirname(__FILE__) . '/../scripts/bench';

plan skip_all => 'measures no sanitizer and no valgrind'
    if $ENV{COST_TEST_VARIANT};

my ($rc, $out) = run('--help');

is $rc, 0, '--help';
like $out, qr/^Usage: scripts\/bench /, 'explains';
like $out, qr/^  $_ /m, "and names $_"
    for qw(health auth key costs import calculate evaluate deliveries
          sync key-callgrind);

for (['--rounds', '0'], ['--seconds', 'x'], ['--rounds'], ['nosuch'],
     ['--nosuch'])
{
    ($rc, $out) = run(@$_);
    is $rc, 1, "@$_ is refused";
    isnt $out, '', 'with a word';
}

my @sections = (
    [ health => '32 clients' ],
    [ auth => 'a plan without limits', 'a plan of three windows' ],
    [ key => '1 worker', '1 worker, over a bare handler',
      'plain: map and limit_req', '8 requests per write',
      '200 keys at random', '2 workers' ],
    [ costs => 'an account, 2 connections', '3 accounts, 2 connections',
      'an account, 8 connections', '3 accounts, 8 connections' ],
    [ import => 'one file' ],
    [ calculate => 'the document\'s example', '10 nodes', '50 nodes' ],
    [ evaluate => 'all rules' ],
    [ deliveries => '10 endpoints' ],
    [ 'sync' ],
);

($rc, $out) = run('--small', '--rounds', 1, '--seconds', 1,
                  map { $_->[0] } @sections);

is $rc, 0, 'every section' or diag $out;

my $rate = qr/[1-9][0-9]{0,2}(?:,[0-9]{3})*\/s/;
my $ratio = qr/[0-9]+\.[0-9]{3}/;
my $cpu = qr/-|[0-9.]+|[0-9.]+ \/ [0-9.]+, $ratio/;

for (@sections) {
    my ($section, @rows) = @$_;

    # a heading, then its rows
    my ($text) = $out =~ /^\Q$section\E: [^\n]*\n((?:  [^\n]*\n)*)/m;

    for my $row (@rows) {
        like $text, qr/^\ \ \Q$row\E\ +$rate\ +$rate\ +$ratio\ +$ratio-$ratio
                       \ +(?:-|[0-9]\.[0-9]{2})\ +(?:$cpu)$/mx,
             "$section: $row";
    }
}

like $out, qr/^  document +\d+ +\d+ \|/m, 'calculate: stages';
like $out, qr/^  $_ +p50 \d+ ms, p95 \d+ ms \(aim \d+\), p99 \d+ ms of \d+$/m,
     "deliveries: $_"
    for map { ("$_ to 10 endpoints", "$_ to one endpoint") } '200/s', '2000/s';

my $ms = qr/p50 [0-9.]+ ms, p99 [0-9.]+ ms/;

for my $readers ('uncached', 'as shipped') {
    like $out, qr/^  $readers, $_ +$ms; beside it $ms: [0-9.]+ \(.*, aim 3\); [0-9.]+ s$/m,
         "sync: $readers, $_"
        for 'without a pause', 'every 50 ms';

    like $out, qr/^  $readers, without readers +[0-9.]+ s$/m,
         "sync: $readers, alone";
    like $out, qr/^  $readers, longest turn +[0-9.]+ ms$/m,
         "sync: $readers, turns";
}

like $out, qr/^\d+ CPUs .*nginx [\d.]+.*load before [\d.]+.*\n\z/m,
     'the last line says on what machine';

done_testing;


sub run {
    my $command = join ' ', map { "'$_'" } $bench, @_;
    my $text = qx{$command 2>&1 </dev/null};

    return ($? >> 8, $text);
}
