use strict;
use warnings;

# The zone's lock is never taken twice, nor held where a request ends, waits
# or is logged: a build that counts, and stops, under what the zone does.

use lib 't/lib';

use Test::More;
use Time::HiRes qw(sleep);

use Cost::Database;
use Cost::Nginx;

my $root = $Cost::Nginx::root;

plan skip_all => 'the sanitizers have a build of their own'
    if $ENV{COST_TEST_VARIANT};

my $output = qx{'$root/scripts/build' --lockcheck 2>&1};
is($?, 0, 'it is built') or BAIL_OUT($output);

$ENV{COST_MODULE} = "$root/var/build/lockcheck/ngx_http_cost_module.so";

my $db = Cost::Database->new;
my $nginx = Cost::Nginx->new(
    database => $db,
    workers => 2,
    http => <<'END',
    cost_database "%%DATABASE%%" pool=2;
    api_key_zone keys:160k;
    api_key_flush 200ms;
    api_key_plan mixed prefix=k_ errors=cloudk limit=3/minute
                 limit=100/hour:sliding limit=1000/day;
END
    server => 'location / { api_key zone=keys; empty_gif; }',
)->start;

my @keys = map { Cost::Database::key_text('k_') } 1 .. 250;

$db->organization('crowd');
$db->query(join '', map { "WITH k AS (INSERT INTO api_keys
    (organization_id, name, permission, plan)
    SELECT id, repeat('n', 90), 'read', 'mixed' FROM organizations
    RETURNING id)
    INSERT INTO api_key_secrets (digest, key_id, prefix, last_four)
    SELECT sha256('$_'), id, 'k_', '1234' FROM k;" } @keys);

my %status;

for my $round (1 .. 4) {
    $status{ get($_) }++ for @keys;
    $status{ get(Cost::Database::key_text('k_')) }++ for 1 .. 20;
    $db->query("UPDATE organizations SET name = 'x$round'") if $round == 2;
}

$db->query('DELETE FROM api_keys WHERE id % 2 = 0');
sleep 2;
$status{ get($_) }++ for @keys;
$nginx->reload;
$status{ get($_) }++ for @keys;

ok($status{$_}, "$_: $status{$_}") for 200, 401, 429, 503;
is($status{500}, undef, 'no worker stopped');
unlike($nginx->log, qr/lock is held|exited on signal/, 'and none complained');

$nginx->stop;
done_testing;


sub get {
    return eval {
        $nginx->http->get('/', 'X-API-Key' => $_[0])->{status}
    } // 500;
}
