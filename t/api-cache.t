#!/usr/bin/env perl

# cost_cache_zone: replies in shared memory, good until their organization's
# data change; one query for many who ask; stale while the database is away.

use strict;
use warnings;

use JSON::PP;
use POSIX qw(strftime);
use Test::More;
use Time::HiRes qw(sleep time);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;
use Cost::Clock qw(in_time);

my $api = Cost::API->new(private => 1, workers => 2,
    http => 'cost_cache_zone replies:1m stale=1m;');
my $db = $api->db;

my $acme = $db->organization('acme');
my $other = $db->organization('other');

my %key = map {
    $_ => $api->key(organization => $_, plan => 'free_cloudk',
                    permission => 'write')
} qw(acme other);
my $optix = $api->key(organization => 'acme', plan => 'enterprise');

my %day = (day => '2021-01-10');

Cost::Bills::load($db, $acme, { %day, billed => '10' });
Cost::Bills::load($db, $other, { %day, billed => '77' });

my $path = '/api/v1/costs?start_date=2021-01-01&end_date=2021-01-31';

sub total {
    my ($query, $key) = @_;

    my $r = $api->get($path . ($query // ''), $key // $key{acme});

    return $r->{status} == 200 ? $r->json->{data}{daily_total}
                               : $r->{status};
}


# the table is locked meanwhile: what is answered did not come from it

my $blocked = "SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()";

sub locked {
    my ($seconds, $code) = @_;

    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        $db->query("BEGIN; LOCK TABLE cost_to_date IN ACCESS EXCLUSIVE MODE;
                    SELECT pg_sleep($seconds); COMMIT;");
        require POSIX;
        POSIX::_exit(0);
    }

    sleep 0.02 until $db->query("SELECT count(*) FROM pg_locks
        WHERE mode = 'AccessExclusiveLock' AND granted
          AND relation = 'cost_to_date'::regclass") > 0;

    $code->();

    waitpid $pid, 0;
}

# the listener has to be up first
ok $api->nginx->wait_for(5, sub {
    my $first = $api->get($path, $key{acme})->{body};
    sleep 1.05;
    return $api->get($path, $key{acme})->{body} eq $first;
}), 'an answer is kept: generated_at is as it was';

my $r = $api->get($path, $key{acme});

total('', $optix);

locked(1.5, sub {
    my $started = time;
    my $again = $api->get($path, $key{acme});

    is $again->{body}, $r->{body}, 'a hit: the same text';
    is $again->header('ETag'), $r->header('ETag'), 'with its ETag';
    is $again->header('Cache-Control'), 'private, no-cache', 'and the others';
    is $again->header('Warning'), undef, 'which is not stale';
    is $api->get($path, $key{acme}, 'If-None-Match' => $r->header('ETag'))
           ->{status}, 304, 'a hit: 304';
    is $api->head($path, $key{acme})->header('Content-Length'),
       length $r->{body}, 'a hit: HEAD';
    is $api->get('/api/v1/costs?x=1&end_date=2021%2D01-31'
                 . '&cost=billed&start_date=2021-01-01', $key{acme})->{body},
       $r->{body}, 'asked in other words';
    is_deeply $api->get($path, $optix)->json->{success}, JSON::PP::true,
        'Cost Optix has an answer of its own';

    in_time(time - $started, 1, 'all without the table');
});


# what is another question

is total('', $key{other}), 77, 'another organization';
is total('&cost=list'), 10, 'another kind of cost';
is total('&account_id=' . Cost::Bills::account($db, $acme, '123456789012')),
    10, 'another account';

my @trend = map {
    $api->get("/api/v1/costs/trend?days=1&granularity=$_", $key{acme})
        ->json->{data}[0]{date}
} qw(day week month);

like $trend[2], qr/-01$/, 'a month is not a day';
is $db->query("SELECT extract(isodow FROM date '$trend[1]')"), 1,
    'nor a week';


# new data: at once, and only for whose they are

sub changes_at_once {
    my ($expected, $name) = @_;

    # NOTIFY takes a fraction of a millisecond
    ok $api->nginx->wait_for(1, sub { total() == $expected }), $name;

    # and then never the old one again, of whatever worker
    is_deeply [ map { total() } 1 .. 10 ], [ ($expected) x 10 ],
        "$name: and stays";
}

total('', $key{other});
my $theirs = $api->get($path, $key{other})->{body};

Cost::Bills::load($db, $acme, { %day, billed => '11.50' });
changes_at_once(11.50, 'a load');

Cost::Bills::load($db, $acme, { %day, billed => '12' });
changes_at_once(12, 'another load');

is $api->get($path, $key{other})->{body}, $theirs,
    'the other organization\'s is still kept';

my $id = $api->get('/api/v1/accounts', $key{acme})->json->{data}[0]{id};

$api->send('PATCH', "/api/v1/accounts/$id", $key{acme}, '{"name":"Renamed"}');
ok $api->nginx->wait_for(1, sub {
    $api->get($path, $key{acme})->json->{data}{accounts}[0]{account_name}
        eq 'Renamed'
}), 'an account is renamed';

$db->query("UPDATE accounts SET name = 'By hand' WHERE uuid = '$id'");
ok $api->nginx->wait_for(1, sub {
    $api->get($path, $key{acme})->json->{data}{accounts}[0]{account_name}
        eq 'By hand'
}), 'in psql, too';


# a hundred ask the same: one query, by clients of both workers

sub ask {
    my ($n, $key, $query) = @_;

    return map {
        my $http = $api->http;
        $http->send("GET $path$query HTTP/1.1\r\nHost: x\r\n"
                    . "Connection: close\r\nX-API-Key: $key\r\n\r\n");
        $http;
    } 1 .. $n;
}

locked(1.5, sub {
    my @clients = ask(100, $key{acme}, '&cost=effective');

    sleep 0.3;
    is $db->query($blocked), 1, 'a hundred clients are one query';

    my %bodies;
    $bodies{ $_->receive('GET')->{body} }++ for @clients;

    is_deeply [ values %bodies ], [ 100 ], 'and get one answer';
    like +(keys %bodies)[0], qr/"daily_total":12\.00/, 'the right one';
});

locked(1.5, sub {
    my @clients = ask(30, $key{acme}, '&cost=contracted');

    sleep 0.2;

    # whoever leads, is among those that leave
    $_->close for @clients[0 .. 28];
    is $clients[29]->receive('GET')->{status}, 200,
        'those who stay are served when the one who asked is gone';
});

my $unknown = '&account_id=00000000-0000-4000-8000-000000000000';

locked(0.5, sub {
    my @clients = ask(30, $key{acme}, $unknown);
    my %statuses;

    $statuses{ $_->receive('GET')->{status} }++ for @clients;

    is_deeply \%statuses, { 404 => 30 }, 'a 404 is for each';
});

is total($unknown), 404, 'and is not kept';


# the zone is small: what was not used for longest goes

$db->query("INSERT INTO accounts (organization_id, provider, external_id, name)
    SELECT $acme, 'gcp', 'x' || n, repeat('name ', 20) || n
      FROM generate_series(1, 100) n");

my %seen;
my $sizes = 0;

sleep 0.2;
my $often = $api->get($path, $key{acme})->{body};
sleep 1.05;

for my $day (1 .. 200) {
    $api->get($path, $key{acme}) if $day % 5 == 0;

    my $end = strftime('%Y-%m-%d', gmtime(1612137600 + 86400 * $day));
    my $r = $api->get("/api/v1/costs?start_date=2021-01-01&end_date=$end",
                      $key{acme});
    $sizes += length $r->{body};
    $r->{status} == 200 && $r->json->{data}{daily_total} == 12 or $seen{bad}++;
}

cmp_ok $sizes, '>', 2 << 20, 'more than the zone holds';
is $seen{bad}, undef, 'is served all the same';
is $api->get($path, $key{acme})->{body}, $often,
    'and what is asked for often stays';

# larger than an eighth of the zone
$db->query("INSERT INTO accounts (organization_id, provider, external_id, name)
    SELECT $acme, 'azure', 'x' || n, repeat('name ', 20) || n
      FROM generate_series(1, 1000) n");
is total(), 12, 'too large to be kept';
is scalar @{ $api->get($path, $key{acme})->json->{data}{accounts} }, 1101,
    'is whole';

my $large = $api->get($path, $key{acme})->{body};
sleep 1.05;
isnt $api->get($path, $key{acme})->{body}, $large, 'and asked for again';

my @clients = ask(20, $key{acme}, '');
is scalar(grep { $_->receive('GET')->{status} == 200 } @clients), 20,
    'for many at once, too';

$db->query("DELETE FROM accounts WHERE organization_id = $acme
    AND external_id LIKE 'x%'");


# a reload keeps what is there

$api->nginx->wait_for(2, sub {
    my $body = $api->get($path, $key{acme})->{body};
    sleep 1.05;
    return $api->get($path, $key{acme})->{body} eq $body;
});

$api->nginx->reload;
is total(), 12, 'after a reload';
Cost::Bills::load($db, $acme, { %day, billed => '13' });
changes_at_once(13, 'a load after a reload');


# the database is away

my $kept = $api->get($path, $key{acme});

$db->stop;

ok $api->nginx->wait_for(5, sub {
    $r = $api->get($path, $key{acme});
    return $r->header('Warning');
}), 'the database is away: stale answers begin';

is $r->{status}, 200, 'they are answers';
is $r->{body}, $kept->{body}, 'as they were';
is $r->header('Warning'), '110 - "Response is Stale"', 'marked';
like $r->header('Age'), qr/^\d+$/, 'with their age';
is $api->get("$path&cost=list&account_id="
             . '00000000-0000-4000-8000-000000000001', $key{acme})->{status},
    503, 'what was never asked is a 503';

$db->start;
ok $api->nginx->wait_for(5, sub {
    $r = $api->get($path, $key{acme});
    return $r->{status} == 200 && !defined $r->header('Warning');
}), 'the database is back: fresh answers';

Cost::Bills::load($db, $acme, { %day, billed => '14' });
ok $api->nginx->wait_for(3, sub { total() == 14 }), 'and new data are heard';


# a listener that is cut off: nothing is trusted for longer than a second

$db->query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE query ILIKE '%LISTEN%' AND pid <> pg_backend_pid()");
Cost::Bills::load($db, $acme, { %day, billed => '15' });
ok $api->nginx->wait_for(2, sub { total() == 15 }),
    'a change during the listener\'s absence is seen';

# one that is silent: what it would have told is not known to the next

sub listener {
    return $db->query("SELECT pid FROM pg_stat_activity
        WHERE application_name LIKE '% listen'
        ORDER BY backend_start DESC LIMIT 1");
}

my $silent = listener();

kill STOP => $silent;
Cost::Bills::load($db, $acme, { %day, billed => '16' });
ok $api->nginx->wait_for(10, sub { listener() ne $silent }),
    'a listener that is silent is replaced';
sleep 0.5;
changes_at_once(16, 'what it did not tell');
kill CONT => $silent;

# what somebody means who says nothing that is known: all that is kept

$db->query("UPDATE cost_to_date SET billed = billed + 1
             WHERE organization_id = $acme");
is total(), 16, 'a change that nobody tells of';
$db->query("NOTIFY cost_data, 'everything'");
changes_at_once(17, 'one that is told in words of its own');

$api->stop;


# a worker that is killed while one of its requests leads; its connections
# stay in stub_status for ever, so this nginx is not asked how it ends

$api = Cost::API->new(database => $db, workers => 2,
                      http => 'cost_cache_zone replies:1m;');
total('', $_) for values %key;

my (%statuses, @others);

# the worker that has each of the clients' connections

sub workers_of {
    my @ports = map { $_->{socket}->sockport } @_;
    my (%inode, %worker);

    open my $fh, '<', '/proc/net/tcp' or die "/proc/net/tcp: $!";

    for (<$fh>) {
        my ($local, $remote, $inode) = (split)[1, 2, 9];

        $inode{ hex $1 } = "socket:[$inode]"
            if $local =~ sprintf(':%04X$', $api->nginx->port)
               && $remote =~ /:(\w+)/;
    }

    for my $pid ($api->nginx->workers) {
        $worker{ readlink($_) // '' } = $pid for glob "/proc/$pid/fd/*";
    }

    return map { $worker{ $inode{$_} // '' } // 0 } @ports;
}

# on a busy machine one worker may have accepted them all

for my $day (1 .. 10) {
    %statuses = ();

    # what nobody has asked yet
    $path = "/api/v1/costs?start_date=2021-01-01&end_date=2021-02-$day"
            =~ s/-(\d)$/-0$1/r;

    locked(5, sub {
        my @clients = ask(1, $key{acme}, '&cost=list');

        # who asks first, leads
        $api->nginx->wait_for(5, sub { $db->query($blocked) == 1 })
            or die 'nobody asks';
        push @clients, ask(40, $key{acme}, '&cost=list');

        # until they are accepted
        sleep 0.2;

        my @workers = workers_of(@clients);
        my $victim = $workers[0] or die 'no worker has it';

        @others = @clients[grep { $workers[$_] != $victim } 1 .. 40];

        is $db->query($blocked), 1, 'one of them still asks';
        kill KILL => $victim;

        for (@others) {
            my $r = eval { $_->receive('GET') };
            $statuses{ $r ? $r->{status} : 'none' }++;
        }
    });

    last if @others;
}

ok scalar @others, 'another worker has clients that ask the same';
is_deeply \%statuses, { 200 => scalar @others },
    'a worker is killed: they are served';
is total('&cost=list'), 16, 'and so is who comes then';

undef $api;


# the directive

for (
    [ 'cost_cache_zone r:1m; cost_cache_zone r:1m;', qr/is duplicate/ ],
    [ 'cost_cache_zone r:8k;', qr/must be at least 64k/ ],
    [ 'cost_cache_zone r:x;', qr/invalid size "x" of zone "r"/ ],
    [ 'cost_cache_zone r;', qr/name:size is expected/ ],
    [ 'cost_cache_zone :1m;', qr/name:size is expected/ ],
    [ 'cost_cache_zone r:1m stale=x;', qr/invalid time "x"/ ],
    [ 'cost_cache_zone r:1m fresh=1s;', qr/invalid parameter "fresh=1s"/ ],
    [ 'cost_cache_zone;', qr/invalid number of arguments/ ],
) {
    my ($text, $pattern) = @$_;
    my ($accepted, $output) = Cost::Nginx->new(http => $text)->test_conf;

    ok !$accepted, "refused: $text";
    like $output, $pattern, 'with the reason';
}

done_testing;
