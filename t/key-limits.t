use strict;
use warnings;

# What clients are told of their limits, in every answer, and that it is true
# to the second.

use lib 't/lib';

use POSIX qw(ceil);
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
    api_key_plan slide prefix=s_ errors=cloudcostflow limit=3/4s:sliding;
    api_key_plan fixed prefix=f_ errors=infraaudit limit=3/4s;
    api_key_plan mixed prefix=m_ errors=cicosts
                 limit=5/2s limit=6/hour:sliding limit=1000/day;
    api_key_plan twice prefix=t_ errors=cicosts
                 limit=5/hour limit=8/hour:sliding limit=4/90s:sliding;
    api_key_plan optix prefix=o_ errors=costoptix limit=2/3s limit=3/day;
END
    server => <<'END',
    api_key zone=keys;
    root %%DIR%%;

    location / {
    }

    location /gif {
        empty_gif;
    }

    location /standard {
        api_key_standard_headers on;
        empty_gif;
    }

    location /400 {
        client_max_body_size 10;
        proxy_pass http://127.0.0.1:1;
    }

    location /502 {
        proxy_pass http://127.0.0.1:1;
    }

    location /page {
        error_page 404 = /gif;
    }
END
)->start;

my $http = $nginx->http;
my $file = $nginx->dir . '/file';

open my $fh, '>', $file or die "$file: $!";
print $fh 'text';
close $fh;
chmod 0755, $nginx->dir;


# which headers, for which plan

my %headers = (
    cloudk => { 'X-RateLimit-Remaining-Minute' => 59,
                'X-RateLimit-Remaining-Day' => 9999 },
    starter => { 'X-RateLimit-Remaining-Day' => 99 },
    enterprise => {},
    ccf_pro => { 'X-RateLimit-Limit' => 100, 'X-RateLimit-Remaining' => 99,
                 'X-RateLimit-Reset' => qr/^\d{10}$/ },
    infraaudit => { 'X-RateLimit-Remaining-Minute' => 99 },
    cic_team => { 'X-RateLimit-Limit' => 10000,
                  'X-RateLimit-Remaining' => 9999,
                  'X-RateLimit-Reset' => qr/^\d{10}$/ },
);

my @names = map { "X-RateLimit-$_" }
            qw(Limit Remaining Reset Remaining-Minute Remaining-Day);

for my $plan (sort keys %headers) {
    my $r = get('/gif', $db->key(plan => $plan, organization => $plan));

    for my $name (@names) {
        my $expected = $headers{$plan}{$name};

        ref $expected ? like($r->header($name), $expected, "$plan: $name")
                      : is($r->header($name), $expected,
                           "$plan: " . ($expected ? $name : "no $name"));
    }
}


# the whole organization, and each key for itself

my @keys = map { $db->key(plan => 'starter', organization => 'shared') } 1, 2;
is(get('/gif', $keys[0])->header('X-RateLimit-Remaining-Day'), 99, 'one key');
is(get('/gif', $keys[1])->header('X-RateLimit-Remaining-Day'), 98,
   'another of the organization');
is(get('/gif', $db->key(plan => 'professional', organization => 'shared'))
   ->header('X-RateLimit-Remaining-Day'), 997, 'and one of another plan');
is(get('/gif', $db->key(plan => 'starter', organization => 'elsewhere'))
   ->header('X-RateLimit-Remaining-Day'), 99, 'another organization');


# on every kind of answer

my $key = $db->key(plan => 'cloudk');
my $left = 60;

for my $case (
    [ 200, '/file' ],
    [ 304, '/file', 'If-Modified-Since'
                    => get('/file', $key)->header('Last-Modified') ],
    [ 404, '/none' ],
    [ 206, '/file', Range => 'bytes=0-1' ],
    [ 416, '/file', Range => 'bytes=10-11' ],
    [ 412, '/file', 'If-Unmodified-Since'
                    => 'Mon, 01 Jan 2001 00:00:00 GMT' ],
    [ 502, '/502' ],
    [ 200, '/page' ],
) {
    my ($status, $path, @headers) = @$case;
    my $r = get($path, $key, @headers);

    is($r->{status}, $status, "$status for $path");
    is(scalar(() = $r->header('X-RateLimit-Remaining-Minute')), 1, 'once');
    like($r->header('X-RateLimit-Remaining-Day'), qr/^99\d\d$/, 'with limits');
}

my $r = $http->post('/400/x', 'x' x 20, 'X-API-Key' => $key);
is($r->{status}, 413, 'a body that is too large');

$r = get('/gif', 'x');
is($r->{status}, 401, 'no key');
is($r->header($_), undef, "no $_") for @names;


# IETF

$r = get('/standard', $db->key(plan => 'cloudk'));
is($r->header('RateLimit-Policy'),
   '"minute";q=60;w=60, "day";q=10000;w=86400', 'RateLimit-Policy');
like($r->header('RateLimit'),
     qr/^"minute";r=59;t=\d\d?, "day";r=9999;t=\d{1,5}$/, 'RateLimit');
is(get('/gif', $key)->header('RateLimit'), undef, 'only where it is on');
$r = get('/standard', $db->key(plan => 'fixed'));
is($r->header('RateLimit-Policy'), '"4s";q=3;w=4', 'another length');
$r = get('/standard', $db->key(plan => 'twice', prefix => 't_'));
is($r->header('RateLimit-Policy'), '"hour";q=5;w=3600, '
   . '"hour:sliding";q=8;w=3600, "90s";q=4;w=90', 'no name twice');
like($r->header('RateLimit'),
     qr/^"hour";r=4;t=\d+, "hour:sliding";r=7;t=3600, "90s";r=3;t=90$/,
     'nor here');
is(get('/standard', $db->key(plan => 'enterprise'))->header('RateLimit'),
   undef, 'nothing for the unlimited');


# true to the second: a second before fails, at that second passes

for my $plan (qw(slide fixed)) {
    my $key = $db->key(plan => $plan);

    # not on the edge of a window
    sleep 0.01 while time - int time > 0.3 || int(time) % 4 > 1;

    my $begin = int time;
    is(get('/gif', $key)->{status}, 200, "$plan: one");
    sleep 1.1;
    is(get('/gif', $key)->{status}, 200, 'a second later, two') for 1, 2;

    $r = get('/gif', $key);
    is($r->{status}, 429, 'four');

    my $reset = $r->header('X-RateLimit-Reset');

    is($reset, $plan eq 'slide' ? $begin + 4 : $begin - $begin % 4 + 4,
       'X-RateLimit-Reset');
    is($r->header('Retry-After'), $reset - int time, 'Retry-After');
    is($r->header('X-RateLimit-Remaining'), 0, 'nothing remains');

    sleep 0.01 while time < $reset - 0.3;
    is(get('/gif', $key)->{status}, 429, 'just before, it fails');

    sleep 0.005 while time < $reset + 0.005;
    is(get('/gif', $key)->{status}, 200, 'at that second it passes');
    is(get('/gif', $key)->{status}, $plan eq 'slide' ? 429 : 200,
       $plan eq 'slide' ? 'one only: the others left later'
                        : 'all of the window');
}


# several windows: the longest wait, nothing counted when refused

$key = $db->key(plan => 'mixed');
sleep 0.01 while time - 2 * int(time / 2) > 0.5;

$r = get('/gif', $key);
is($r->{status}, 200, 'mixed: 1');
is(told($r), '5 4', 'told is of the window with the least left');
is(get('/gif', $key)->{status}, 200, "mixed: $_") for 2 .. 5;
$r = get('/gif', $key);
is($r->{status}, 429, 'the short one is full');
is(told($r), '5 0', 'and told');
ok($r->header('Retry-After') <= 2, 'wait for it');
is($r->header('X-RateLimit-Remaining-Day'), 995, 'the day was not counted');
is_deeply([ map { get('/gif', $key)->{status} } 1 .. 20 ], [ (429) x 20 ],
          'however often');
sleep 0.01 while get('/gif', $key)->{status} == 429 && time < $^T + 60;
$r = get('/gif', $key);
is($r->{status}, 429, 'the hour is full after one more');
is(told($r), '6 0', 'and told');
ok($r->header('Retry-After') > 3590, 'wait for the hour');
is($r->header('X-RateLimit-Remaining-Day'), 994, 'six were counted');


# Cost Optix' words are of the day, when it is the day

$key = $db->key(plan => 'optix', prefix => 'o_');
sleep 0.01 while time - 3 * int(time / 3) > 1;

get('/gif', $key) for 1, 2;
is(get('/gif', $key)->json->{error}, 'Rate limit exceeded',
   'a short window is full');
sleep 0.01 while get('/gif', $key)->{status} == 429 && time < $^T + 90;
is(get('/gif', $key)->json->{error},
   'Daily API call limit reached. Upgrade your plan for higher limits.',
   'the day is');

$nginx->stop;
done_testing;


sub told {
    my ($r) = @_;

    return join ' ', map { $r->header("X-RateLimit-$_") } qw(Limit Remaining);
}


sub get {
    my ($path, $key, @headers) = @_;

    return $http->get($path, 'X-API-Key' => $key, @headers);
}
