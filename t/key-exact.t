use strict;
use warnings;

# Of any number of concurrent requests exactly the limit pass: four workers,
# 64 connections, several keys, windows of all kinds, reloads in the middle.

use lib 't/lib';

use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use Cost::Database;
use Cost::Nginx;


my $runs = $ENV{COST_TEST_LONG} ? 20 : 3;
my $slow = ($ENV{COST_TEST_VARIANT} // '') ne '';

my $db = Cost::Database->new;

my $http = <<'END';
    cost_database "%%DATABASE%%" pool=2;
    api_key_zone keys:4m;
    api_key_plan minute prefix=k_ errors=cloudk limit=60/minute;
    api_key_plan day prefix=k_ errors=cloudk limit=100/day
                 scope=organization;
    api_key_plan hour prefix=k_ errors=cloudk limit=1000/hour:sliding;
    api_key_plan mixed prefix=k_ errors=cloudk limit=700/hour:sliding
                 limit=900/day limit=2000/7d;
END

my $nginx = Cost::Nginx->new(
    database => $db,
    workers => 4,
    http => $http . 'api_key_plan big prefix=k_ errors=cloudk BIG;',
    server => 'location / { api_key zone=keys; empty_gif; }',
);

my $big = $slow ? 5000 : 40000;
$nginx->{http} =~ s/BIG/limit=$big\/day limit=@{[ $big * 2 ]}\/9d/;
$nginx->start;


for my $run (1 .. $runs) {
    # not over the end of a minute
    sleep 0.2 while time % 60 > 40;

    my $minute = int(time / 60);
    my %limit = (minute => 60, day => 100, hour => 1000, mixed => 700);
    my (%keys, @wrk);

    for my $plan (sort keys %limit) {
        my @of = map { $db->key(plan => $plan, prefix => 'k_',
                                organization => "$plan-$run") } 1, 2;

        # of a shared window both keys, of the others one from two sides
        $keys{$plan} = $plan eq 'day' ? \@of : [ @of[0, 0] ];
        push @wrk, map { [ $plan, wrk(8, 2, $_) ] } @{ $keys{$plan} };
    }

    if ($run % 2 == 0) {
        sleep 0.3;
        $nginx->reload;
        sleep 0.3;
        $nginx->reload;
    }

    my %passed;
    $passed{ $_->[0] } += passed($_->[1]) for @wrk;

    # a machine so slow that the minute is over tells nothing of it
    if (int(time / 60) != $minute) {
        delete $_->{minute} for \%passed, \%limit;
    }

    is_deeply(\%passed, \%limit, "exactly the limits, run $run of $runs");

    for my $plan (sort keys %limit) {
        my $status = $nginx->http->get('/', 'X-API-Key' => $keys{$plan}[0])
                     ->{status};

        ok($status == 429 || ($plan eq 'minute' && int(time / 60) != $minute),
           "$plan: not one more");
    }
}


# a limit that lasts longer than three reloads

my $key = $db->key(plan => 'big', prefix => 'k_', organization => 'big');
my @wrk = map { wrk(32, 6, $key) } 1, 2;

for (1 .. 3) {
    sleep 0.7;
    $nginx->reload;
}

my $passed = 0;
$passed += passed($_) for @wrk;

my $r = $nginx->http->get('/', 'X-API-Key' => $key);

if ($passed < $big) {
    # a machine too slow to use it up: what was not counted by the clients
    # was in flight when they ended
    my $left = $r->header('X-RateLimit-Remaining-Day');
    ok($big - $left - 1 - $passed >= 0 && $big - $left - 1 - $passed <= 64,
       "counted through three reloads ($passed)");

} else {
    is($passed, $big, 'exactly the limit through three reloads');
    is($r->{status}, 429, 'not one more');
}


# a reload that changes limits keeps counts

$key = $db->key(plan => 'hour', prefix => 'k_', organization => 'changed');

get($key) for 1 .. 40;
is(get($key)->header('X-RateLimit-Remaining'), 959, '41 of 1000');

(my $less = $http) =~ s{limit=1000/hour}{limit=50/hour};
$nginx->reload(http => $less);
settle();
is(get($key)->header('X-RateLimit-Remaining'), 8, '42 of 50');
get($key) for 1 .. 8;
is(get($key)->{status}, 429, 'which are used up');

(my $more = $http) =~
    s{limit=1000/hour:sliding}{limit=1200/hour:sliding limit=60/minute};
$nginx->reload(http => $more);
settle();
$r = get($key);
is($r->header('X-RateLimit-Remaining'), 1149, '51 of 1200');
is($r->header('X-RateLimit-Remaining-Minute'), 59, 'a new window is empty');
my $n = 0;
$n++ while get($key)->{status} == 200 && $n < 2000;
is($n, 59, 'and is exact');

$nginx->stop;
done_testing;


sub get { $nginx->http->get('/', 'X-API-Key' => $_[0]) }

# the old workers have left

sub settle {
    $nginx->wait_for(10, sub { $nginx->workers == 4 });
}

sub wrk {
    my ($connections, $seconds, $key) = @_;

    my $out = File::Temp->new;
    my $port = $nginx->port;
    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        open STDOUT, '>', $out->filename;
        exec 'wrk', '-t1', "-c$connections", "-d$seconds", '-H',
             "X-API-Key: $key", "http://127.0.0.1:$port/"
            or POSIX::_exit(1);
    }

    return [ $pid, $out ];
}

sub passed {
    my ($wrk) = @_;

    waitpid $wrk->[0], 0;

    my $text = Cost::Nginx::slurp($wrk->[1]->filename);
    my ($all) = $text =~ /(\d+) requests in/ or die $text;
    my ($refused) = $text =~ /Non-2xx or 3xx responses: (\d+)/;

    return $all - ($refused // 0);
}
