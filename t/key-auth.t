use strict;
use warnings;

# Who is let in: CONTRACT section 2, in front of static files, an upstream,
# and behind internal redirects.

use lib 't/lib';

use Test::More;
use Time::HiRes qw(sleep time);

use Cost::Database;
use Cost::Nginx;

my $db = Cost::Database->new;

my $nginx = Cost::Nginx->new(
    database => $db,
    workers => 2,
    http => <<'END',
    cost_database "%%DATABASE%%" pool=2;
    cost_errors auto;
    api_key_zone keys:1m;
    include %%ROOT%%/conf/cost_plans.conf;
    api_key_plan more prefix=two_more_ errors=cloudcostflow unlimited;
    api_key_plan two prefix=two_ errors=cloudk limit=2/day;

    log_format keys '$uri|$status|$api_key_status|$api_key_name|$api_key_plan'
                    '|$api_key_permission|$api_key_remaining'
                    '|$api_key_remaining_minute|$api_key_remaining_day';

    server {
        listen 127.0.0.1:%%PORT_up%%;
        location / {
            return 200 "$http_x_key_id $http_x_org $http_x_perm";
        }
    }
END
    server => <<'END',
    access_log %%DIR%%/access.log keys;

    location / {
        api_key zone=keys;
        empty_gif;
    }

    location /write {
        api_key zone=keys;
        api_key_permission write;
        empty_gif;

        location /write/admin {
            api_key_permission admin;
            empty_gif;
        }

        location /write/else {
            api_key_permission admin;
            error_page 403 = /target;
            empty_gif;
        }

        location /write/open {
            api_key off;
            empty_gif;
        }
    }

    location /dry {
        api_key zone=keys;
        api_key_dry_run on;
        api_key_permission write;
        empty_gif;
    }

    location /api/ {
        api_key zone=keys;
        api_key_dry_run on;
        cost_api;
    }

    location /proxy {
        api_key zone=keys;
        proxy_set_header X-Key-Id $api_key_id;
        proxy_set_header X-Org $api_key_organization;
        proxy_set_header X-Perm $api_key_permission;
        proxy_pass http://127.0.0.1:%%PORT_up%%;
    }

    location /redirect {
        api_key zone=keys;
        try_files /none /target;
    }

    location /target {
        api_key zone=keys;
        empty_gif;
    }

    location /any {
        api_key zone=keys;
        satisfy any;
        deny all;
        empty_gif;
    }

    location /plain {
        api_key zone=keys;
        cost_errors off;
        empty_gif;
    }

    location /missing/ {
        api_key zone=keys;
        root %%DIR%%;
    }
END
)->start;

my %key = map { $_ => $db->key(plan => $_, name => "the $_ one") } qw(
    cloudk starter ccf_pro infraaudit cic_pro
);
my $http = $nginx->http;


# both forms

is(get('/', 'X-API-Key' => $key{cloudk})->{status}, 200, 'X-API-Key');
is(get('/', Authorization => "$_ $key{cloudk}")->{status}, 200,
   "Authorization: $_") for qw(Bearer bearer BEARER);
is(get('/', 'x-api-KEY' => "  $key{cloudk} ")->{status}, 200,
   'another case, blanks');
is(get('/', Authorization => 'Basic YTpi', 'X-API-Key' => $key{cloudk})
   ->{status}, 200, 'another scheme is ignored');
is(get('/', Authorization => "Bearer $key{cloudk}",
       'X-API-Key' => $key{cloudk})->{status}, 200, 'both, the same');
is(get('/', 'X-API-Key' => '', Authorization => "Bearer $key{cloudk}")
   ->{status}, 200, 'an empty one is none');
is(get('/', (map { ("X-Header-$_" => $_) } 1 .. 40),
       'X-API-Key' => $key{cloudk})->{status}, 200, 'behind many headers');

is(get('/', Authorization => "Bearer $key{cloudk}",
       'X-API-Key' => $key{starter})->{status}, 401, 'both, different');
is(get('/', 'X-API-Key' => $key{cloudk}, 'X-API-Key' => $key{starter})
   ->{status}, 401, 'two different X-API-Key');
is(get('/', Authorization => "Bearer $key{cloudk}",
       'X-API-Key' => $db->key(plan => 'cloudk'))->{status}, 401,
   'two good keys of one length');
is(get('/', 'X-API-Key' => $key{cloudk}, 'X-API-Key' => $key{cloudk})
   ->{status}, 200, 'the same twice');
is(get('/', Authorization => "Basic $key{cloudk}")->{status}, 401,
   'Basic is not Bearer');


# one connection with the keys of several: each request is its own

{
    my $kept = $nginx->http(keepalive => 1);
    my @two = map { $db->key(plan => 'two', prefix => 'two_') } 1, 2;
    my $unknown = Cost::Database::key_text('two_');
    my $typo = $two[0];

    substr $typo, -1, 1, substr($typo, -1) eq 'a' ? 'b' : 'a';

    my @sent = map { $kept->get('/', 'X-API-Key' => $_) }
        @two[0, 0], $typo, $two[1], $unknown, @two[0, 1, 1];

    is_deeply([ map { $_->{status} } @sent ],
              [ 200, 200, 401, 200, 401, 429, 200, 429 ],
              'a connection that remembers takes nobody for another');
    is_deeply([ map { $_->header('X-RateLimit-Remaining-Day') } @sent ],
              [ 1, 0, undef, 1, undef, 0, 0, 0 ], 'and counts each for itself');
}


# wordings: the plan's, else the prefix's, else CloudK's

my %wording = (
    cloudk     => '{"error":"Invalid API key"}',
    ccf_pro    => '{"detail":"Not authenticated"}',
);

for my $plan (qw(cloudk starter ccf_pro infraaudit cic_pro)) {
    my $typo = $key{$plan};
    substr $typo, -10, 1, substr($typo, -10, 1) eq 'a' ? 'b' : 'a';

    my $r = get('/', 'X-API-Key' => $typo);

    is($r->{status}, 401, "a typo in a key of $plan");
    is($r->{body}, $wording{$plan}, 'in its words') if $wording{$plan};
    is($r->header('WWW-Authenticate'), 'Bearer realm="api"', 'a challenge');

    my $unknown = Cost::Database::key_text(Cost::Database::prefix($plan));
    my $u = get('/', 'X-API-Key' => $unknown);

    is($u->{status}, 401, 'nobody\'s key');
    is($u->{body}, $r->{body}, 'in the same words');

    my $again = get('/', 'X-API-Key' => $unknown);
    is($again->{body}, $u->{body}, 'again, without a look-up');
}

is_deeply(get('/', 'X-API-Key' => 'cc_')->json,
          { success => JSON::PP::false(), error => 'Invalid API key' },
          'Cost Optix\' wording by the prefix alone');
is_deeply(get('/', 'X-API-Key' => 'cic_live_x')->json->{error}{message},
          'Invalid API key', 'CICosts\'');
is(get('/', 'X-API-Key' => 'two_more_x')->{body},
   '{"detail":"Not authenticated"}', 'the longest prefix that fits');
is(get('/', 'X-API-Key' => 'two_mor_x')->{body},
   '{"error":"Invalid API key"}', 'another that is shorter');
is(get('/')->{body}, '{"error":"Invalid API key"}', 'no key at all');
is(get('/', 'X-API-Key' => 'xyz_1')->{body}, '{"error":"Invalid API key"}',
   'a prefix of no plan');
is(get('/', 'X-API-Key' => 'k' x 5000)->{status}, 401, 'a long key');


# expired, inactive, revoked, unknown plan

my $old = $db->key(plan => 'ccf_pro', expires => "now() - interval '1 s'");
is(get('/', 'X-API-Key' => $old)->{body}, '{"detail":"Not authenticated"}',
   'an expired key');

my $soon = $db->key(plan => 'cloudk', expires => "now() + interval '3 s'");
is(get('/', 'X-API-Key' => $soon)->{status}, 200, 'a key about to expire');
my $expiry = time + 4.1;

my $far = $db->key(plan => 'cloudk', expires => "'2106-03-01'");
is(get('/', 'X-API-Key' => $far)->{status}, 200,
   'one that expires when seconds have 33 bits');

my $poor = $db->key(plan => 'ccf_pro', organization => 'poor');
is(get('/', 'X-API-Key' => $poor)->{status}, 200, 'a paying organization');
$db->query("UPDATE organizations SET active = false WHERE slug = 'poor'");
my $r = becomes(401, $poor);
is($r->{status}, 401, 'without paid access');
is($r->{body}, '{"detail":"Not authenticated"}', 'in the plan\'s words');
$db->query("UPDATE organizations SET active = true WHERE slug = 'poor'");
is(becomes(200, $poor)->{status}, 200, 'and with it again');

my $odd = $db->key(plan => 'nowhere', prefix => 'cc_');
is(get('/', 'X-API-Key' => $odd)->{status}, 401, 'a plan nobody defined');
get('/', 'X-API-Key' => $odd) for 1 .. 5;
is(scalar(() = $nginx->log =~ /has the plan "nowhere", which no/g), 1,
   'is logged, once');


# permissions

my %by = map { $_ => $db->key(plan => 'enterprise', permission => $_) }
         qw(read write admin);

is_deeply([ map { get('/write', 'X-API-Key' => $by{$_})->{status} }
            qw(read write admin) ], [ 403, 200, 200 ], 'write is needed');
is_deeply([ map { get('/write/admin', 'X-API-Key' => $by{$_})->{status} }
            qw(read write admin) ], [ 403, 403, 200 ], 'admin is needed');
is(get('/write/open')->{status}, 200, 'api_key off');
is(get('/write', 'X-API-Key' => $key{cloudk})->{status}, 403,
   'CloudK has one, too');


# what is counted: 401 and 429 are not, 403, 404 and HEAD are

my $two = $db->key(plan => 'two', name => 'two');

is(get('/write', 'X-API-Key' => $two)->header('X-RateLimit-Remaining-Day'), 1,
   'a 403 is counted');
is(get('/missing/x', 'X-API-Key' => $two)->header('X-RateLimit-Remaining-Day'),
   0, 'a 404 is counted');
$r = get('/', 'X-API-Key' => $two);
is($r->{status}, 429, 'then 429');
is($r->{body}, '{"error":"Rate limit exceeded"}', 'in words');
ok($r->header('Retry-After') >= 1 && $r->header('Retry-After') <= 86400,
   'with Retry-After');
is($r->header('X-RateLimit-Remaining-Day'), 0, 'and what is left');
is(get('/write', 'X-API-Key' => $two)->{status}, 429, '429 before 403');

$r = get('/plain', 'X-API-Key' => $two);
is($r->{status}, 429, 'the limit without the API\'s errors');
ok(($r->header('Retry-After') // 0) >= 1, 'has Retry-After too');

my $other = $db->key(plan => 'two');
$r = $http->head('/', 'X-API-Key' => $other);
is($r->{status}, 200, 'HEAD');
is($r->header('X-RateLimit-Remaining-Day'), 1, 'is counted');
is(get('/redirect', 'X-API-Key' => $other)
   ->header('X-RateLimit-Remaining-Day'), 0,
   'an internal redirect to a guarded location is counted once');

$other = $db->key(plan => 'two');
$r = get('/write/else', 'X-API-Key' => $other);
is($r->{status}, 200, 'what is forbidden here may be allowed elsewhere');
is($r->header('X-RateLimit-Remaining-Day'), 1, 'and is counted once, too');


# dry run: counts and logs, and lets pass

is(get('/dry')->{status}, 200, 'no key, dry');
is(get('/dry', 'X-API-Key' => 'x')->{status}, 200, 'a wrong key, dry');
is(get('/dry', 'X-API-Key' => $by{read})->{status}, 200, 'no permission, dry');
is(get('/dry', 'X-API-Key' => $two)->{status}, 200, 'no requests left, dry');
ok($nginx->logged(qr/API key refused \(dry run\): $_/), "$_ is logged")
    for qw(missing malformed forbidden limited);

my $info = '/api/v1/auth/info';

is(get($info, 'X-API-Key' => $two)->{status}, 200, 'the API, dry: whose it is');
is(get($info)->{status}, 401, 'nobody\'s, and there is nothing to show');
is(get($info, 'X-API-Key' => 'ccf_x')->{body},
   '{"detail":"Not authenticated"}', 'in words');
is(get('/api/v1/keys', 'X-API-Key' => $by{read})->{status}, 200,
   'the API, dry: what it may not');
is(scalar(() = $nginx->log =~ /served without/g), 0, 'it is guarded');


# any location, and variables

$r = get('/proxy', 'X-API-Key' => $by{write});
is($r->{body}, join(' ', map { $db->query($_) }
    "SELECT k.uuid FROM api_keys k WHERE permission = 'write'",
    "SELECT uuid FROM organizations WHERE slug = 'acme'") . ' write',
   'an upstream is told who asks');
is(get('/proxy')->{status}, 401, 'or nothing');
is(get('/any', 'X-API-Key' => $by{read})->{status}, 200, 'satisfy any');
is(get('/any')->{status}, 401, 'satisfy any, neither');

my $log = Cost::Nginx::slurp($nginx->dir . '/access.log');

like($log, qr{^/write\|403\|forbidden\|two\|two\|read\|1\|-\|1$}m,
     'the log knows a key that is forbidden');
like($log, qr{^/\|429\|limited\|two\|two\|read\|0\|-\|0$}m,
     'and one that is limited');
like($log, qr{^/\|200\|ok\|the cloudk one\|cloudk\|read\|59\|59\|9999$}m,
     'and what is left of which window');
like($log, qr{^/\|401\|missing\|-\|-\|-\|-\|-\|-$}m, 'and when none was sent');
like($log, qr{^/\|401\|expired\|test\|ccf_pro\|}m, 'and whose expired');
like($log, qr{^/\|401\|$_\|}m, "and $_")
    for qw(ambiguous malformed unknown inactive noplan);

for my $text (values %key, $old, $two) {
    unlike($nginx->log . $log, qr/\Q@{[ substr $text, 12, 12 ]}/,
           'no key is ever logged');
}

sleep 0.01 while time < $expiry;
is(get('/', 'X-API-Key' => $soon)->{status}, 401, 'a key has expired');

$soon = $db->key(plan => 'cloudk', expires => "now() + interval '3 s'");
is(get('/', 'X-API-Key' => $soon)->{status}, 200, 'one that will');

my $end = $db->query("SELECT ceil(extract(epoch FROM expires_at))
                        FROM api_keys ORDER BY id DESC LIMIT 1");
sleep 0.01 while time < $end + 0.05;
is(get('/', 'X-API-Key' => $soon)->{status}, 401, 'does, to the second');

$nginx->stop;
done_testing;


# what was changed by psql is heard of soon; how soon is t/key-cache.t's

sub becomes {
    my ($status, $key) = @_;

    my $r;

    $nginx->wait_for(10, sub {
        $r = get('/', 'X-API-Key' => $key);
        return $r->{status} == $status;
    });

    return $r;
}


sub get {
    my ($path, @headers) = @_;

    return $http->get($path, @headers);
}
