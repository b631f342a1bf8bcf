#!/usr/bin/env perl

# The API while its database is slow, full, away and back; small and large
# replies; clients that leave.

use strict;
use warnings;

use IO::Select;
use Test::More;
use Time::HiRes qw(sleep time);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;
use Cost::Clock qw(in_time);

my $api = Cost::API->new(private => 1,
                         pool => 'pool=4 depth=2 queue=64 timeout=3s');
my $db = $api->db;

my $acme = $db->organization('acme');
my $key = $api->key(organization => 'acme', plan => 'enterprise');

Cost::Bills::load($db, $acme, { day => '2021-01-10', billed => '12.34' });

my $path = '/api/v1/costs?start_date=2021-01-01&end_date=2021-01-31';


# sizes: accounts of 250 bytes each in the reply

sub costs_are_whole {
    my ($accounts, $least) = @_;

    my $text = 'Account with a name long enough to make the reply large ';

    $db->query("INSERT INTO accounts
        (organization_id, provider, external_id, name)
        SELECT $acme, 'gcp', 'x' || n, '$text' || n
          FROM generate_series(1, $accounts) n
            ON CONFLICT DO NOTHING");

    my $r = $api->get($path, $key);

    cmp_ok length $r->{body}, '>', $least, "more than $least bytes";
    is scalar @{ $r->json->{data}{accounts} }, $accounts + 1, 'are whole';
    is $r->json->{data}{daily_total}, 12.34, 'and right';

    $r = $api->get($path, $key, 'Accept-Encoding' => 'gzip');
    is $r->header('Content-Encoding'), undef,
        'not compressed where it was not switched on';

    my $list = $api->get('/api/v1/accounts?limit=1000', $key)->json;
    cmp_ok scalar @{ $list->{data} }, '>=',
           $accounts < 999 ? $accounts + 1 : 1000, 'the list, too';
}

costs_are_whole(0, 300);
costs_are_whole(110, 20_000);
costs_are_whole(5500, 1_000_000);

$db->query("DELETE FROM accounts WHERE provider = 'gcp'");


# many clients at once on a small pool: all get an answer

sub many {
    my ($clients, $requests) = @_;

    my %statuses;
    my @open;

    for my $i (1 .. $clients) {
        my $http = $api->http;
        $http->send("GET $path HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    . "X-API-Key: $key\r\n\r\n");
        push @open, $http;
    }

    for my $http (@open) {
        my $r = eval { $http->receive('GET') };
        $statuses{ $r ? $r->{status} : 'none' }++;
    }

    return \%statuses;
}

my $statuses = many(50);
is_deeply $statuses, { 200 => 50 }, '50 clients at once';


# a full queue: refused at once, the others served; the table is locked
# meanwhile

sub locked {
    my ($seconds, $code) = @_;

    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        $db->query("BEGIN; LOCK TABLE cost_to_date IN ACCESS EXCLUSIVE MODE;
                    SELECT pg_sleep($seconds); COMMIT;");
        require POSIX;
        POSIX::_exit(0);
    }

    # until it has the lock
    sleep 0.02 until $db->query("SELECT count(*) FROM pg_locks
        WHERE mode = 'AccessExclusiveLock' AND granted
          AND relation = 'cost_to_date'::regclass") > 0;

    $code->();

    waitpid $pid, 0;
}

locked(2, sub {
    $statuses = many(150);
});

# 4 connections with 2 queries each, and 64 that wait; the key needs none
is_deeply $statuses, { 200 => 72, 503 => 78 }, 'a full queue';

locked(2, sub {
    my @waiting = map {
        my $http = $api->http;
        $http->send("GET $path HTTP/1.1\r\nHost: x\r\nX-API-Key: $key\r\n\r\n");
        $http;
    } 1 .. 72;

    sleep 0.1;

    my $started = time;
    my $r = $api->get($path, $key);

    is $r->{status}, 503, 'one more: 503';
    in_time(time - $started, 0.3, 'at once');
    like $r->json->{error}, qr/are waiting for the database/, 'saying why';
    cmp_ok $r->header('Retry-After'), '>=', 1, 'and when to come again';

    is $api->get('/api/v1/health')->{status}, 200, 'health meanwhile';

    # all of them leave
    $_->close for @waiting;
});

is $api->get($path, $key)->{status}, 200, 'clients that left harm nobody';


# too slow

locked(4, sub {
    my $started = time;
    my $r = $api->get($path, $key);
    my $took = time - $started;

    is $r->{status}, 503, 'too slow: 503';
    like $r->json->{error}, qr/took too long/, 'saying so';
    cmp_ok $took, '>', 2, 'after the timeout';
    in_time($took, 4, 'not later');
});

ok $api->nginx->wait_for(3, sub { $api->get($path, $key)->{status} == 200 }),
    'and then again';


# stopped

$db->stop;

my $started = time;
my $r;

$api->nginx->wait_for(3, sub {
    $r = $api->get($path, $key);
    return $r->{status} == 503;
});

is $r->{status}, 503, 'the database is stopped: 503';
like $r->json->{error}, qr/database/, 'saying why';
cmp_ok $r->header('Retry-After'), '>=', 1, 'with Retry-After';
is $r->header('X-API-Version'), 'v1', 'and the version';

sleep 0.5;

$started = time;
is $api->get($path, $key)->{status}, 503, 'still';
in_time(time - $started, 0.2, 'at once');

$r = $api->get('/api/v1/ready');
is $r->{status}, 503, 'not ready';
is $r->json->{checks}{database}, 'not reachable', 'saying why';
is $api->get('/api/v1/health')->{status}, 200, 'health is health';


# and started

$db->start;
$started = time;

ok $api->nginx->wait_for(5, sub { $api->get($path, $key)->{status} == 200 }),
    'the database is started';
in_time(time - $started, 1, 'first success within a second');
is $api->get('/api/v1/ready')->{status}, 200, 'ready';


# killed under load

my @children = map {
    pipe my $read, my $write;
    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        my %seen;
        my $end = time + 3;

        while (time < $end) {
            my $r = eval { $api->get($path, $key) };
            $seen{ $r ? $r->{status} : 'none' }++;
        }

        print $write join(' ', %seen), "\n";
        close $write;
        require POSIX;
        POSIX::_exit(0);
    }

    close $write;
    [ $pid, $read ];
} 1 .. 8;

sleep 1;
$db->kill;
sleep 0.5;
$db->start;

my %seen;

for (@children) {
    my ($pid, $read) = @$_;
    my %child = split ' ', scalar <$read>;

    waitpid $pid, 0;
    $seen{$_} += $child{$_} for keys %child;
}

is_deeply [ sort keys %seen ], [ 200, 503 ],
    'kill -9 under load: answers and 503s, nothing else';
ok $api->nginx->wait_for(3, sub { $api->get($path, $key)->{status} == 200 }),
    'and then again';

my $lines = () = $api->nginx->log =~ /\[error\]/g;
cmp_ok $lines, '<', 100, "no flood in the log ($lines lines)";

$api->stop;

done_testing;
