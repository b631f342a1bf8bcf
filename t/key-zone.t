use strict;
use warnings;

# The zone: what a reload keeps, what happens when it is full, and what
# strangers can do to it.

use lib 't/lib';

use Digest::SHA qw(sha256_hex);
use Test::More;
use Time::HiRes qw(sleep time);

use Cost::Database;
use Cost::Nginx;

my $db = Cost::Database->new;

my $http = <<'END';
    cost_database "%%DATABASE%%" pool=2;
    cost_errors auto;
    api_key_zone keys:ZONE;
    include %%ROOT%%/conf/cost_plans.conf;
    api_key_plan days prefix=d_ errors=cloudk limit=1000/day;
    api_key_plan hour prefix=h_ errors=cloudk limit=3/hour:sliding;
    api_key_plan slide prefix=d_ errors=cloudk limit=100/2s:sliding;
    api_key_plan team prefix=d_ errors=cloudk scope=organization
                 limit=1000/day;
END

(my $one = $http) =~ s/ZONE/1m/;
(my $two = $http) =~ s/ZONE/2m/;
(my $small = $http) =~ s/ZONE/128k lookups=20/;

my $nginx = Cost::Nginx->new(
    database => $db,
    workers => 2,
    http => $one,
    server => 'location / { api_key zone=keys; empty_gif; }',
)->start;


# reloads: the same size keeps what is known, another begins anew

# not over the end of a minute
sleep 0.2 while time % 60 > 40;

my $key = $db->key(plan => 'cloudk');

get($key) for 1 .. 3;
is(left($key), 56, 'four requests');
$nginx->reload;
settled();
is(left($key), 55, 'a reload forgets none');

$nginx->reload(http => $two);
settled();
is(left($key), 59, 'another size is another zone');


# a plan that is not configured any more, and is again

(my $without = $two) =~ s/include.*//;
$nginx->reload(http => $without);
settled();
is(get($key)->{status}, 401, 'its plan is gone');
$nginx->reload(http => $two);
settled();
is(left($key), 58, 'and back, as it was');
$nginx->stop;


# a full zone: those who are in go on, newcomers get a clear answer

$nginx = Cost::Nginx->new(
    database => $db,
    workers => 2,
    http => $small,
    server => 'location / { api_key zone=keys; empty_gif; }',
)->start;

my $organization = $db->organization('crowd', name => 'o' x 90);
my @keys = crowd('days', 400);

my $changed = $db->key(plan => 'hour', prefix => 'h_');
get($changed) for 1 .. 3;

my (@in, @out);

for my $key (@keys) {
    my $r = get($key);

    if ($r->{status} == 200) {
        push @in, $key;

    } else {
        is($r->{status}, 503, 'no room') if !@out;
        is($r->{body}, '{"error":"Too many API keys are in use"}', 'says so')
            if !@out;
        is($r->header('Retry-After'), 60, 'Retry-After') if !@out;
        push @out, $key;
    }
}

cmp_ok(scalar @in, '>', 100, 'a small zone holds ' . @in);
cmp_ok(scalar @out, '>', 0, @out . ' found no room');

is_deeply([ grep { left($_) != 998 } @in ], [], 'those who are in go on');
is(scalar(() = $nginx->log =~ /api_key_zone "keys" is full/g), 1,
   'one line in the log');
is(scalar(() = $nginx->log =~ /no memory/g), 0, 'and none of the slab\'s');


# strangers cannot push them out, and have a budget

my %status;
my $begin = time;
$status{ get(Cost::Database::key_text('d_'))->{status} }++ for 1 .. 300;
my $seconds = int(time - $begin) + 2;

cmp_ok($status{401}, '>=', 20, "unknown keys are 401 ($status{401})");
cmp_ok($status{401}, '<=', 20 * $seconds,
       'when the database was asked: 20 times in a second');
is($status{401} + ($status{503} // 0), 300, 'the others must wait');
is_deeply([ grep { left($_) != 997 } @in ], [], 'nobody was pushed out');


# nor does one that is changed lose its place, or what it counted

$db->query("UPDATE api_keys SET name = 'other' WHERE plan = 'hour'");
sleep 2;
get($_) for @out[0 .. 29];
is(get($changed)->{status}, 429, 'a key that is given another name stays');


# room again: what was revoked goes

$db->query("DELETE FROM api_keys WHERE id IN (SELECT key_id
    FROM api_key_secrets WHERE digest IN ("
    . join(',', map { "sha256('$_')" } @in[0 .. 49]) . '))');
sleep 2;
get($_) for @in[0 .. 49];

my $new = 0;

for my $key (@out) {
    $new++ if get($key)->{status} == 200;
    last if $new == 20;
}

is($new, 20, 'keys that are gone make room');
is_deeply([ grep { left($_) != 996 } @in[50 .. $#in] ], [],
          'of nobody else\'s');

$nginx->stop;


# nor before the database knows what was counted, by the key or for all; with
# a key that has nothing to remember go its logs, too

for my $plan (qw(days team slide)) {
    $nginx = Cost::Nginx->new(
        database => $db,
        http => $small . 'api_key_flush 1h;',
        server => 'location / { api_key zone=keys; empty_gif; }',
    )->start;

    my @crowd = grep { get($_)->{status} == 200 } crowd($plan, 300);

    cmp_ok(scalar @crowd, '>', 50, "$plan: full, with " . @crowd);

    $db->query("DELETE FROM api_keys WHERE plan = '$plan'");
    is($nginx->wait_for(5, sub { get($crowd[0])->{status} == 401 }), 1,
       'all are gone');
    sleep 1.1;
    get($_) for @crowd;
    sleep 1.1;

    # there is room for new ones where the secrets were
    my $in = grep { get($_)->{status} == 200 } crowd($plan, scalar @crowd);

    $plan eq 'slide'
        ? cmp_ok($in, '>', @crowd * 0.95, "$plan: as many find room ($in)")
        : cmp_ok($in, '<', @crowd * 0.7,
                 "$plan: but not their counts ($in found room)");
    $nginx->stop;
}

done_testing;


# so many keys of a plan, each of an organization of its own in "team"

sub crowd {
    my ($plan, $n) = @_;

    my @texts = map { Cost::Database::key_text('d_') } 1 .. $n;

    my $of = $plan eq 'team' ? 'o.id' : $organization;

    $db->query(join '', map { "
        WITH o AS (INSERT INTO organizations (slug, name)
            SELECT slug, slug FROM (SELECT 't' || md5('$_')) AS t (slug)
             WHERE '$plan' = 'team' RETURNING id),
        k AS (INSERT INTO api_keys (organization_id, name, permission, plan)
            SELECT $of, repeat('n', 20), 'read', '$plan'
              FROM (SELECT 1) AS one LEFT JOIN o ON true RETURNING id)
        INSERT INTO api_key_secrets (digest, key_id, prefix, last_four)
        SELECT sha256('$_'), id, 'd_', '1234' FROM k;"
    } @texts);

    return @texts;
}


sub get { $nginx->http->get('/', 'X-API-Key' => $_[0]) }

sub left {
    my $r = get($_[0]);

    return $r->header('X-RateLimit-Remaining-Minute')
           // $r->header('X-RateLimit-Remaining-Day') // -$r->{status};
}

# the old workers have left

sub settled {
    $nginx->wait_for(10, sub { $nginx->workers == 2 });
    sleep 0.2;
}
