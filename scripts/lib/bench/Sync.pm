package Sync;

# Reading costs while a bill of a million rows is loaded by sync: percentiles
# of what 32 clients wait, beside those when nothing is loaded.

use strict;
use warnings;

use Cost::HTTP;
use Cost::Sync;
use File::Copy qw(copy);
use Time::HiRes qw(sleep time utime);

use Costs;
use HTTP;
use Import;
use Measure;

my $path = '/api/v1/costs?start_date=2025-06-10&end_date=2025-07-09';


# The same organization's costs are read and loaded, through one nginx that
# has as many workers as it has as shipped.

sub sync {
    my ($m) = @_;

    my $rows = $m->small ? 2000 : 1_000_000;
    my $file = Import::focus_file($m, $rows);
    my $workers = @{ $m->{cpus} };
    my $db = $m->database;
    my $facts = Costs::facts($m, $db->organization('sync'));
    my $reader = $db->key(organization => 'sync', plan => 'enterprise');
    my ($dir, $key);

    $m->section(sprintf 'sync: GET /api/v1/costs of 30 days by 32 clients,'
                . ' %d facts, while %d rows, %.0f MB, are loaded; %d workers',
                $facts, $rows, (-s $file) / 1e6, $workers);

    for (['uncached', ''], ['as shipped', 'cost_cache_zone replies:16m;']) {
        my ($name, $with) = @$_;

        $m->progress('starting nginx');

        my $sync = Cost::Sync->new(database => $db, pool => '', dir => $dir,
                                   workers => $workers, level => 'notice',
                                   http => "keepalive_requests 1000000000;
                                            $with");

        # one directory for both: the account's source is there
        if (!$dir) {
            $dir = $sync->base;
            $key = $sync->organization('sync');
            $sync->source($key, { kind => 'directory',
                                  path => $sync->dir . '/bench' });
            $sync->write('bench/bill.csv', '');
            copy($file, $sync->dir . '/bench/bill.csv')
                or die "copy: $!\n";
        }

        HTTP::expect($sync->nginx, $path, 'X-API-Key' => $reader);

        my $side = { name => $name, sync => $sync, key => $key,
                     reader => $reader };

        # once this nginx leads
        loaded($side);

        $m->figure("$name, without readers",
                   sprintf('%.1f s', loaded($side)));
        measure($m, $side, $_) for 0, 50;

        my ($longest) = sort { $b <=> $a }
                        $sync->nginx->log =~ /longest turn (\d+) us/g;

        $m->figure("$name, longest turn", sprintf('%.1f ms', $longest / 1e3));
        HTTP::finish($sync->nginx);
    }
}


# in turns: without, and beside a sync; "pace" ms between a reply and the next
# request

sub measure {
    my ($m, $side, $pace) = @_;

    my $name = "$side->{name}, "
               . ($pace ? "every $pace ms" : 'without a pause');
    my (@idle, @busy, @ratios, @took);

    for my $round (1 .. $m->rounds) {
        $m->progress("$name: round $round of " . $m->rounds);

        my $idle = readers($side, $pace, $m->seconds, sub {
            sleep $m->seconds;
        });
        my $busy = readers($side, $pace, 600, sub {
            push @took, loaded($side);
        });

        push @idle, $idle;
        push @busy, $busy;
        push @ratios, $busy->{99} / $idle->{99};
    }

    my $of = sub {
        my ($percent, @sides) = @_;

        return Measure::median(map { $_->{$percent} } @sides);
    };

    $m->figure($name, sprintf('p50 %.2f ms, p99 %.2f ms; beside it p50'
               . ' %.2f ms, p99 %.2f ms: %.2f (%.2f-%.2f, aim 3); %.1f s',
               $of->(50, @idle), $of->(99, @idle), $of->(50, @busy),
               $of->(99, @busy), Measure::median(@ratios),
               Measure::quartiles(@ratios), Measure::median(@took)));
}


# seconds of a sync of the file, which is as new as can be

sub loaded {
    my ($side) = @_;

    my $sync = $side->{sync};
    my $now = time;

    utime $now, $now, $sync->dir . '/bench/bill.csv' or die "utime: $!\n";

    my $id = $sync->begin($side->{key});
    my $http = $sync->nginx->http(keepalive => 1);

    for ( ;; ) {
        my $job = $http->get("/api/v1/costs/sync/$id",
                             'X-API-Key' => $side->{key})->json;

        if ($job->{status} eq 'done') {
            die "sync: nothing was loaded\n"
                if $job->{progress}{files_loaded} != 1;
            last;
        }

        die "sync: $job->{error}\n" if $job->{status} eq 'failed';

        sleep 0.05;
    }

    return time - $now;
}


# wrk reads until the code has returned: { 50 => ms, 99 => ms }

sub readers {
    my ($side, $pace, $seconds, $code) = @_;

    my $nginx = $side->{sync}->nginx;
    my @script = $pace
        ? ('-s', HTTP::script($nginx, "pace-$pace",
                              "function delay() return $pace end\n")) : ();
    my @command = ('wrk', '-t1', '-c32', "-d${seconds}s", '--latency',
                   @script, '-H', "X-API-Key: $side->{reader}",
                   'http://127.0.0.1:' . $nginx->port . $path);

    my $pid = open(my $fh, '-|') // die "fork: $!\n";

    if ($pid == 0) {
        { no warnings 'exec'; exec @command; }
        die "wrk: $!\n";
    }

    my $fine = eval { $code->(); 1 };
    my $why = $@;

    # then it says what it has seen
    kill INT => $pid;

    my $text = do { local $/; <$fh> } // '';
    close $fh;

    die $why if !$fine;
    die "@command:\n$text" if $text =~ /Non-2xx|Socket errors/;

    my %units = (us => 1e-3, ms => 1, s => 1e3);
    my %got = map { /^\s*(50|99)%\s+([\d.]+)(us|ms|s)$/ ? ($1, $2 * $units{$3})
                                                       : () }
              split /\n/, $text;

    die "@command:\n$text" if keys %got != 2;

    return \%got;
}


1;
