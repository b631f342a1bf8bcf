use strict;
use warnings;

# What is cached, and for how long it is believed: revocation reaches all
# workers, also while the listener is away; a database that is away does not
# stop those who are known.

use lib 't/lib';

use IPC::Open2 qw(open2);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use Cost::Clock qw(in_time);
use Cost::Database;
use Cost::HTTP;
use Cost::Nginx;

my $db = Cost::Database->new(private => 1);

my $nginx = Cost::Nginx->new(
    database => $db,
    workers => 4,
    http => <<'END',
    cost_database "%%DATABASE%%" pool=2;
    cost_errors auto;
    api_key_zone keys:1m lookups=100000;
    api_key_stale 10s;
    include %%ROOT%%/conf/cost_plans.conf;
END
    server => 'location / { api_key zone=keys; empty_gif; }
               location = /metrics { cost_metrics; }',
)->start;

# one psql for all, so that what it says is done is done at once
my $psql = open2(my $from, my $to, 'psql', '-X', '-q', '-A', '-t',
                 '-d', $db->conninfo);

my @clients = map { $nginx->http(keepalive => 1) } 1 .. 32;


# every worker caches it, every worker forgets it

my $key = $db->key(plan => 'enterprise');

is_deeply(all($key), [ 200 ], 'a key is known to all workers');
revoke($key);
becomes($key, 401, 'a revoked one to none');
psql("UPDATE api_keys SET revoked_at = NULL");
becomes($key, 200, 'and again, when it was a mistake');

psql("UPDATE organizations SET active = false");
becomes($key, 401, 'an organization that does not pay');
psql("UPDATE organizations SET active = true");
becomes($key, 200, 'and pays');

psql("DELETE FROM api_keys");
becomes($key, 401, 'a deleted key');

my $next = Cost::Database::key_text('cc_');
is_deeply(all($next), [ 401 ], 'a key that is not there');
$db->key(key => $next, plan => 'enterprise');
becomes($next, 200, 'is let in when it is made');

psql("UPDATE api_keys SET expires_at = now() - interval '1 hour'");
becomes($next, 401, 'an end in the past');
psql("UPDATE api_keys SET expires_at = NULL");
becomes($next, 200, 'no end');

# a rotation's grace: one key, two secrets

my $second = Cost::Database::key_text('cc_');
psql("INSERT INTO api_key_secrets (digest, key_id, prefix, last_four)
      SELECT sha256('$second'), id, 'cc_', '1234' FROM api_keys");
psql("UPDATE api_key_secrets SET expires_at = now() + interval '1 hour'
       WHERE digest = sha256('$next')");
is_deeply(all($second), [ 200 ], 'the new secret');
is_deeply(all($next), [ 200 ], 'the old one, in its grace');
psql("UPDATE api_key_secrets SET expires_at = now()
       WHERE digest = sha256('$next')");
becomes($next, 401, 'its grace is over');
is_deeply(all($second), [ 200 ], 'the new one lasts');

# by the script

my ($id) = $db->query("SELECT uuid FROM api_keys");
system "COST_DATABASE='" . $db->conninfo . "' $Cost::Database::root/scripts/key"
     . " --dir /nowhere revoke $id > /dev/null";
is_deeply(all($second), [ 401 ], 'revoked by scripts/key');


# nothing is read twice: the table is locked meanwhile

$key = $db->key(plan => 'enterprise');
my $nobody = Cost::Database::key_text('cc_');
my $typo = $key;
substr $typo, 10, 1, substr($typo, 10, 1) eq 'a' ? 'b' : 'a';

my $gone = $db->key(plan => 'enterprise');

all($_) for $key, $nobody, $gone;
revoke($gone);
becomes($gone, 401, 'one that is revoked');

psql('BEGIN; LOCK TABLE api_key_secrets IN ACCESS EXCLUSIVE MODE');
my $begin = time;
is_deeply([ map { all($key) } 1 .. 10 ], [ ([ 200 ]) x 10 ],
          'a known key is not looked up');
is_deeply(all($nobody), [ 401 ], 'nor one that nobody has');
is_deeply(all($gone), [ 401 ], 'nor one that is revoked');
is_deeply(all($typo), [ 401 ], 'nor one with a wrong checksum');
in_time(time - $begin, 3, 'none of them waited');
psql('ROLLBACK');


# many revocations under load, by psql: each within a second

my $wrk = load($key);
my ($latest, $n) = (0, $ENV{COST_TEST_LONG} ? 1000 : 100);
my @keys = map { Cost::Database::key_text('cc_') } 1 .. $n;

psql("WITH k AS (INSERT INTO api_keys
         (organization_id, name, permission, plan)
      SELECT id, '$_', 'read', 'enterprise' FROM organizations RETURNING id)
      INSERT INTO api_key_secrets (digest, key_id, prefix, last_four)
      SELECT sha256('$_'), id, 'cc_', '1234' FROM k") for @keys;

for my $i (0 .. $#keys) {
    last if $latest > 5;

    my @some = map { $clients[($i + 4 * $_) % @clients] } 0 .. 7;

    $_->get('/', 'X-API-Key' => $keys[$i]) for @some;
    revoke($keys[$i]);

    my $since = time;

    for my $client (@some, @some) {
        while ($client->get('/', 'X-API-Key' => $keys[$i])->{status} == 200) {
            $latest = time - $since;
            last if $latest > 5;
        }
    }
}

in_time($latest, 1, "$n revocations under load, each within a second");
diag sprintf '%.3f s', $latest if $ENV{TEST_VERBOSE};

kill TERM => $wrk;
waitpid $wrk, 0;
is($? & 127, 15, 'which wrk made');

is_deeply([ grep { $clients[0]->get('/', 'X-API-Key' => $_)->{status} != 401 }
            @keys ], [], 'and for good');


# the listener is deaf: trust ends after a second

my $listener = $db->query("SELECT pid FROM pg_stat_activity
                            WHERE application_name LIKE 'nginx%listen%'");
like($listener, qr/^\d+$/, 'one listens, of four workers');

my $third = $db->key(plan => 'enterprise');
is_deeply(all($third), [ 200 ], 'a third key');

kill STOP => $listener;
sleep 0.5;
revoke($third);
my $since = time;

ok($nginx->wait_for(1.2, sub { "@{ all($third) }" eq '401' }),
   'a revocation that is not heard is seen within a second');
is_deeply(all($key), [ 200 ], 'others go on, asked for once a second');

kill CONT => $listener;
sleep 0.4;

psql("SELECT pg_terminate_backend($listener)");
my $fourth = $db->key(plan => 'enterprise');
is_deeply(all($fourth), [ 200 ], 'a fourth key');
revoke($fourth);
ok($nginx->wait_for(1.2, sub { "@{ all($fourth) }" eq '401' }),
   'revoked while nobody listens');
ok(listens(), 'somebody listens again');

# what was said while nobody could listen, and nobody asked, is not missed

my $missed = $db->key(plan => 'enterprise');
my $role = $db->query('SELECT current_user');
is_deeply(all($missed), [ 200 ], 'one more key');

psql("ALTER ROLE $role NOLOGIN");
psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name LIKE 'nginx%listen%'");
revoke($missed);
psql("ALTER ROLE $role LOGIN");

ok(listens(), 'somebody listens once more');
sleep 1.2;
is_deeply(all($missed), [ 401 ], 'what was known before is asked for again');


# a first worker that hangs hears nothing, and says nothing

my $unheard = $db->key(plan => 'enterprise');
my ($first) = sort { $a <=> $b } $nginx->workers;
is_deeply(all($unheard), [ 200 ], 'a key for all workers');

kill STOP => $first;
revoke($unheard);
sleep 1.2;
is_deeply([ grep { $_ != 401 } map {
    $nginx->http->get('/', 'X-API-Key' => $unheard)->{status}
} 1 .. 20 ], [], 'the others do not trust in what they do not hear');
kill CONT => $first;


# no database: those who are known go on for a while

my $fifth = $db->key(plan => 'enterprise');
is_deeply(all($fifth), [ 200 ], 'a fifth key');
is_deeply(all($key), [ 200 ], 'and the first');

# the test's cluster is fast and forgets what it was told last
psql('CHECKPOINT');
close $to;
waitpid $psql, 0;
$db->kill;

my $down = time;

is_deeply(all($fifth), [ 200 ], 'known keys go on without a database');

my $r = $clients[0]->get('/', 'X-API-Key' => $nobody);
is($r->{status}, 503, 'a stranger is told to come again');
ok($r->header('Retry-After') >= 1, 'with Retry-After');
is($clients[0]->get('/', 'X-API-Key' => 'cc_x')->{status}, 401,
   'a malformed key is known to be wrong');

sleep 1.5;
is_deeply(all($fifth), [ 200 ], 'also when trust has ended');
like($clients[0]->get('/metrics')->{body},
     qr/^cost_key_stale_total\S* (?:3[2-9]|[4-9]\d)$/m,
     'which is counted');

sleep 0.1 while time < $down + 11;
is_deeply(all($fifth), [ 503 ], 'but not for ever');

$db->start;
my $up = time;
ok($nginx->wait_for(3, sub { "@{ all($fifth) }" eq '200' }),
   'the database is back, and so are they');
ok($nginx->wait_for(3, sub { "@{ all($key) }" eq '200' }), 'all');
diag sprintf '%.2f s', time - $up if $ENV{TEST_VERBOSE};

$nginx->stop;
done_testing;


# what was changed by psql is heard of within a second

sub becomes {
    my ($key, $status, $name) = @_;

    ok($nginx->wait_for(1, sub { "@{ all($key) }" eq $status }), $name);
}


sub listens {
    return $nginx->wait_for(5, sub {
        $db->query("SELECT count(*) FROM pg_stat_activity
                     WHERE application_name LIKE 'nginx%listen%'") == 1
    });
}


# what all connections answer, each once

sub all {
    my ($key) = @_;

    my %seen;
    $seen{ $_->get('/', 'X-API-Key' => $key)->{status} } = 1 for @clients;

    return [ sort keys %seen ];
}

sub psql {
    print $to shift, ";\n\\echo done\n";

    while (my $line = <$from>) {
        return if $line eq "done\n";
    }

    die 'psql went away';
}

sub revoke {
    psql("UPDATE api_keys SET revoked_at = now() FROM api_key_secrets s
           WHERE s.key_id = api_keys.id AND s.digest = sha256('$_[0]')");
}

sub load {
    my ($key) = @_;

    my $port = $nginx->port;
    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        open STDOUT, '>', '/dev/null';
        exec 'wrk', '-t1', '-c16', '-d600', '-H', "X-API-Key: $key",
             "http://127.0.0.1:$port/"
            or POSIX::_exit(1);
    }

    return $pid;
}
