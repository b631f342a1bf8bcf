use strict;
use warnings;

# scripts/key: keys without the API.

use lib 't/lib';

use Digest::SHA qw(sha256_hex);
use File::Temp qw(tempdir);
use Test::More;

use Cost::Database;
use Cost::Nginx;

my $root = $Cost::Database::root;
my $db = Cost::Database->new;
my $dir = tempdir(CLEANUP => 1);

env("COST_URL=http://127.0.0.1:1\nCOST_DATABASE='" . $db->conninfo . "'\n");


# create

my ($status, $key, $error) = script('create', '--org', 'acme', '--plan',
                                    'cloudk', '--permission', 'read',
                                    '--name', "O'Brien; \$(id)");

is($status, 0, 'a key is created');
like($key, qr/^ck_live_[0-9A-Za-z]{49}\n\z/, 'and printed alone');
is($error, '', 'without a word');

chomp $key;

is($db->query('SELECT o.slug, k.name, k.permission, k.plan, s.prefix,
                      s.last_four, k.expires_at IS NULL
                 FROM organizations o JOIN api_keys k
                   ON k.organization_id = o.id
                 JOIN api_key_secrets s ON s.key_id = k.id'),
   join('|', 'acme', "O'Brien; \$(id)", 'read', 'cloudk', 'ck_live_',
        substr($key, -4), 't'),
   'an unknown organization is made, quotes do no harm');

is($db->query("SELECT encode(digest, 'hex') FROM api_key_secrets"),
   sha256_hex($key), 'what is stored is the SHA-256');

unlike($db->query('SELECT s::text, k::text FROM api_key_secrets s, api_keys k'),
       qr/\Q@{[ substr $key, 8, 20 ]}/, 'and nothing of the secret');


# the checksum is the one that the module wants

my %prefixes = (starter => 'cc_', ccf_team => 'ccf_', infraaudit => 'ia_',
                cic_pro => 'cic_live_', nowhere => 'key_');
my @keys = ($key);

for my $plan (sort keys %prefixes) {
    my ($status, $key) = script('create', '--org=acme', "--plan=$plan",
                                '--permission', 'write');
    chomp $key;

    like($key, qr/^$prefixes{$plan}\w{49}\z/, "the prefix of $plan");
    push @keys, $key;
}

my ($s, $own) = script('create', '--org', 'acme', '--plan', 'cloudk',
                       '--permission', 'admin', '--prefix', 'x9_',
                       '--expires', '90 days');
chomp $own;
like($own, qr/^x9_\w{49}\z/, 'a prefix of one\'s own');
push @keys, $own;

is($db->query('SELECT date_trunc(\'day\', expires_at - now())
                 FROM api_keys WHERE expires_at IS NOT NULL'),
   '89 days', 'it expires in 90 days');

my $nginx = Cost::Nginx->new(
    database => $db,
    http => 'cost_database "%%DATABASE%%";
             api_key_zone keys:1m;
             include %%ROOT%%/conf/cost_plans.conf;
             api_key_plan nowhere prefix=key_ errors=cloudk unlimited;',
    server => 'location / { api_key zone=keys; empty_gif; }',
)->start;

for my $key (@keys) {
    is($nginx->http->get('/', 'X-API-Key' => $key)->{status}, 200,
       'nginx takes ' . ($key =~ /^(.*?)\w{49}$/)[0]);
}


# list

($status, my $list) = script('list');

is($status, 0, 'keys are listed');
is(scalar(() = $list =~ /^ [0-9a-f-]{36} \|/mg), scalar @keys, 'all of them');
like($list, qr/O'Brien.*ck_live_\.\.\.\Q@{[ substr $key, -4 ]}/,
     'with their last four characters');

($status, $list) = script('list', '--org', 'nobody');

is(scalar(() = $list =~ /^ [0-9a-f-]{36} \|/mg), 0, 'of one organization');


# revoke

my $id = $db->query("SELECT uuid FROM api_keys WHERE plan = 'cloudk'
                      AND permission = 'read'");

is((script('revoke', substr $id, 0, 8))[1], "$id (O'Brien; \$(id)) is revoked\n",
   'revoked by the beginning of its id');
is($nginx->http->get('/', 'X-API-Key' => $keys[0])->{status}, 401,
   'and refused at once');
is((script('revoke', $id))[1], "$id was revoked before\n", 'only once');

is((script('revoke', @keys[1 .. 2]))[0], 0, 'revoked by the keys themselves');
is($nginx->http->get('/', 'X-API-Key' => $keys[$_])->{status}, 401,
   'and refused') for 1 .. 2;
is($nginx->http->get('/', 'X-API-Key' => $keys[3])->{status}, 200,
   'the others are not');


# one clear sentence

my @wrong = (
    [ 1, qr/^key: "A B" is no organization's slug/,
      qw(create --plan cloudk --permission read --org), 'A B' ],
    [ 1, qr/^key: "x-y" is no plan's name/,
      qw(create --org a --permission read --plan x-y) ],
    [ 1, qr/^key: --permission must be read, write or admin$/,
      qw(create --org a --plan b --permission root) ],
    [ 1, qr/^key: create needs --permission$/, qw(create --org a --plan b) ],
    [ 1, qr/^key: --name must have 1 to 100 characters$/,
      qw(create --org a --plan b --permission read --name), '' ],
    [ 1, qr/^key: "X" is no prefix/,
      qw(create --org a --plan b --permission read --prefix X) ],
    [ 1, qr/invalid input syntax for type interval/,
      qw(create --org a --plan b --permission read --expires soon) ],
    [ 1, qr/^key: there is no key 00000000$/, qw(revoke 00000000) ],
    [ 1, qr/^key: "abc" is neither/, qw(revoke abc) ],
    [ 2, qr/^Usage:/, 'revoke' ],
    [ 2, qr/^Usage:/, 'crate' ],
    [ 2, qr/^Usage:/, qw(create --org a --plan b --permission read --colour c)
    ],
);

for my $wrong (@wrong) {
    my ($expected, $pattern, @args) = @$wrong;
    my ($status, $output, $error) = script(@args);

    is($status, $expected, "@args fails");
    like($error, $pattern, 'and says why');
    is($output, '', 'and prints no key');
}

is($db->query("SELECT count(*) FROM api_keys WHERE plan = 'b'"), 0,
   'nothing came of them');

env('');
($status, undef, $error) = script('list');
is($status, 1, 'without a database');
like($error, qr/does not name COST_DATABASE: run scripts\/start first/,
     'it says what to do');

$nginx->stop;
done_testing;


sub env {
    open my $fh, '>', "$dir/env" or die "env: $!";
    print $fh @_;
    close $fh;
}


sub script {
    my @args = @_;

    my $out = File::Temp->new;
    my $err = File::Temp->new;
    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        delete $ENV{COST_DATABASE};
        open STDOUT, '>', $out->filename;
        open STDERR, '>', $err->filename;
        exec "$root/scripts/key", '--dir', $dir, @args;
    }

    waitpid $pid, 0;
    my $status = $? >> 8;

    return $status, map { Cost::Nginx::slurp($_->filename) } $out, $err;
}
