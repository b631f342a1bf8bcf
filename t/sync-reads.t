#!/usr/bin/env perl

# Reading while sync loads: a reply is of before or of after, never of both.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use List::Util qw(uniq);
use POSIX qw(_exit);
use Test::More;

use Cost::Sync;

# every day of every service of every account costs the same: 1, or 3

my ($accounts, $services, $days, $entries) = (3, 20, 28, 30);
my $whole = $accounts * $services * $days;

my $sync = Cost::Sync->new(http => 'cost_cache_zone replies:4m;');
my $key = $sync->organization('acme');
my $reader = $sync->api->key(organization => 'acme', plan => 'enterprise');

$sync->source($key, { kind => 'directory', path => $sync->dir . '/acme' });
$sync->write('acme/2024-08.csv', costing(1));
is $sync->run($key)->{status}, 'done', 'the first load';

my $loads = 6;
my @readers = map { reads($_) } 1 .. 4;

for my $load (1 .. $loads) {
    $sync->write('acme/2024-08.csv', costing($load % 2 ? 3 : 1));

    my $job = $sync->run($key);

    is "$job->{status} $job->{progress}{files_loaded}", 'done 1',
        "load $load";
}

# a reader's word: replies of either kind, and the first that is neither

my (%seen, @mixed);

for my $pipe (@readers) {
    my ($pid, $fh) = @$pipe;

    kill USR1 => $pid;
    my ($one, $three, $changes, $mixed) = split ' ', <$fh>, 4;
    waitpid $pid, 0;

    $seen{1} += $one;
    $seen{3} += $three;
    $seen{changes} += $changes;
    push @mixed, $mixed if $mixed =~ /\S/;
}

is_deeply \@mixed, [], 'no reply has both';
cmp_ok $seen{$_}, '>', 20, "$seen{$_} replies with $_" for 1, 3;
cmp_ok $seen{changes}, '>=', $loads, "readers saw $seen{changes} changes";

$sync->stop('nginx ended cleanly');
done_testing;


sub costing {
    my ($cost) = @_;

    my @rows;

    for my $entry (1 .. $entries) {
        # a total that takes many rows to be told from another
        my $part = $entry == 1 ? $cost - ($entries - 1) / 100 : '0.01';

        for my $account (1 .. $accounts) {
            for my $service (1 .. $services) {
                push @rows, map { [ $_, "a$account", $part, "S$service" ] }
                            1 .. $days;
            }
        }
    }

    return Cost::Sync::bill('2024-08', @rows);
}


# a process that reads until it is told to say what it has seen, or until a
# reply is wrong

sub reads {
    my ($seed) = @_;

    my $pid = open(my $fh, '-|') // die "fork: $!";

    return [ $pid, $fh ] if $pid;

    my $end = 0;
    local $SIG{USR1} = sub { $end = 1 };
    my $http = $sync->nginx->http(keepalive => 1);
    my %seen = (1 => 0, 3 => 0);
    my ($changes, $last, $mixed) = (0, 0, '');

    srand $seed;

    until ($end || $mixed) {
        my $kind = eval { reply($http) } // $@;

        # the signal may have ended what it was waiting for
        last if $end;

        if ($kind =~ /^[13]\z/) {
            $seen{$kind}++;
            $changes++ if $last && $last != $kind;
            $last = $kind;

        } else {
            $mixed ||= $kind =~ tr/\n/ /r;
        }
    }

    print "$seen{1} $seen{3} $changes $mixed\n";
    close STDOUT;
    _exit(0);
}


# remembered by the cache, or not: what is behind the month costs nothing

sub reply {
    my ($http) = @_;

    my $to = int rand 2 ? '2024-08-31'
           : sprintf '2024-%02d-%02d', 9 + int rand 4, 1 + int rand 28;
    my $window = "start_date=2024-08-01&end_date=$to";
    my $data = $http->get("/api/v1/costs?$window", 'X-API-Key' => $reader)
        ->json->{data};

    my @costs = uniq map { $_->{cost} } @{ $data->{services} };
    my @accounts = grep { $_->{account_name} =~ /^a/ } @{ $data->{accounts} };
    my @totals = uniq map { $_->{total_cost} } @accounts;
    my $cost = $data->{daily_total} / $whole;

    return "$window: services @costs, accounts @totals,"
           . " all $data->{daily_total}"
        unless @costs == 1 && @totals == 1
               && @{ $data->{services} } == $services
               && @accounts == $accounts
               && $costs[0] == $cost * $accounts * $days
               && $totals[0] == $cost * $services * $days;

    return $cost;
}
