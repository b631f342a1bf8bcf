package Cost::Clock;

# Limits of time that hold on a busy machine, too.
#
#     in_time($took, 0.3, 'at once');      # one test: seconds, the limit
#     ok($took > 0.9 && $took < 2 * slowness(), 'after a second');
#
# On an idle machine a limit is what it says.  slowness() is how many times
# longer than it would need alone a process of this machine waits for its
# turn, measured now: 1 when nothing else runs.

use strict;
use warnings;

use Exporter qw(import);
use Test::More ();
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC CLOCK_PROCESS_CPUTIME_ID);

our @EXPORT_OK = qw(in_time slowness);

my $variant = $ENV{COST_TEST_VARIANT} // '';

# seconds of CPU time; some turns of the scheduler when there are others
my $burn = 0.03;


sub slowness {
    my $from = clock_gettime(CLOCK_MONOTONIC);
    my $cpu = clock_gettime(CLOCK_PROCESS_CPUTIME_ID);
    my $n = 0;

    $n++ while clock_gettime(CLOCK_PROCESS_CPUTIME_ID) - $cpu < $burn;

    my $ratio = (clock_gettime(CLOCK_MONOTONIC) - $from) / $burn;

    # one request is the work of several processes, each waits for its turn
    $ratio = $ratio < 1.3 ? 1 : 2 * $ratio;

    # valgrind is some thirty times slower
    $ratio *= 10 if $variant eq 'valgrind';
    $ratio *= 2 if $variant eq 'sanitize';

    return $ratio;
}


sub in_time {
    my ($took, $limit, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return 1 if Test::More::ok($took < $limit || $took < $limit * slowness(),
                               $name);

    Test::More::diag(sprintf '%.3f s, not less than %s s', $took, $limit);

    return 0;
}


1;
