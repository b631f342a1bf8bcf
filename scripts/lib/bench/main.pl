# Copyright (C) 2026 the ngx_http_cost authors
#
# What scripts/bench runs: a section is a function in one of the files here.

use strict;
use warnings;

use Calculate;
use Callgrind;
use Costs;
use Cost::Database;
use Deliveries;
use Evaluate;
use HTTP;
use Import;
use Measure;
use Sync;

my %sections = (
    'health'        => \&HTTP::health,
    'auth'          => \&HTTP::auth,
    'key'           => \&HTTP::key,
    'costs'         => \&Costs::costs,
    'import'        => \&Import::import_file,
    'calculate'     => \&Calculate::calculate,
    'evaluate'      => \&Evaluate::evaluate,
    'deliveries'    => \&Deliveries::deliveries,
    'sync'          => \&Sync::sync,
    'key-callgrind' => \&Callgrind::key,
);

my ($rounds, $seconds, $small, @names) = @ARGV;

# so that servers are stopped and removed
$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);

my $m = Measure->new(rounds => $rounds, seconds => $seconds, small => $small);

$m->begin;
$sections{$_}->($m) for @names;
$m->end;
