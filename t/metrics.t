#!/usr/bin/env perl

# cost_metrics: what Prometheus reads is what happened, over all workers, to
# the last request; sums never fall, whatever becomes of workers.

use strict;
use warnings;

use File::Temp;
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;
use Cost::Receiver;

my $secrets = File::Temp->new;
print $secrets '0123456789abcdef' x 4, "\n";
close $secrets;
chmod 0600, $secrets->filename;

my $api = Cost::API->new(
    workers => 4,
    http => "cost_cache_zone replies:1m;
             cost_secret_key $secrets;
             cost_webhook_allow http loopback;
             cost_timer on timeout=2s;",
    server => 'include %%ROOT%%/conf/cost_webhooks.conf;
               location = /metrics { cost_metrics; }
               location = /private/metrics {
                   allow 127.0.0.2; deny all; cost_metrics; }
               location = /guarded { api_key zone=keys; empty_gif; }',
);
my $nginx = $api->nginx;
my $db = $api->db;

my $acme = $db->organization('acme');
my $key = $api->key(organization => 'acme', plan => 'free_cloudk',
                    permission => 'write');
my $few = $api->key(organization => 'few', plan => 'infraaudit');

Cost::Bills::load($db, $acme, { day => '2021-01-10', billed => '10' });


# The whole text as { series => value }, { family => type }.  Strict: a family
# is together, has HELP and TYPE before its series, once, and no series twice.

sub scrape {
    my $text = $api->http->get('/metrics')->{body};
    my (%value, %type, $family, $help, @wrong);

    push @wrong, 'no newline at the end' if $text !~ /\n\z/;

    for (split /\n/, $text) {
        if (/^# HELP ([a-z_]+) (\S.*)$/) {
            $help = $1;

        } elsif (/^# TYPE ([a-z_]+) (counter|gauge|histogram)$/) {
            ($family, my $kind) = ($1, $2);

            push @wrong, "$_: no HELP" if $help ne $family;
            push @wrong, "$_: twice" if $type{$family};
            push @wrong, "$_: a counter's name"
                if ($family =~ /_total$/ ? 1 : 0) != ($kind eq 'counter');

            $type{$family} = $kind;

        } elsif (/^([a-z_]+)(\{(?:[a-z]+="[^"\\]*",?)+\})? (\d+(?:\.\d+)?)$/) {
            my ($name, $labels, $value) = ($1, $2 // '', $3);

            push @wrong, "$_: of which family?"
                if $name ne $family
                   && !($type{$family} eq 'histogram'
                        && $name =~ /^\Q$family\E_(?:bucket|sum|count)$/);
            push @wrong, "$_: twice" if defined $value{"$name$labels"};

            $value{"$name$labels"} = $value;

        } else {
            push @wrong, "$_: not a line";
        }
    }

    is_deeply \@wrong, [], 'the format' if @wrong;

    return (\%value, \%type, $text);
}

# once all workers have carried over what they counted

sub settled {
    sleep 1.3;

    return (scrape())[0];
}

sub requests {
    my ($value, $route, $status, $method) = @_;

    $method //= 'GET';

    return $value->{ qq(cost_http_requests_total{method="$method",)
                     . qq(route="$route",status="$status"}) } // 0;
}


# the reply

my $r = $api->http->get('/metrics');

is $r->{status}, 200, '/metrics';
is $r->header('Content-Type'), 'text/plain; version=0.0.4; charset=utf-8',
    'its type';
is $api->http->head('/metrics')->{body}, '', 'HEAD';
is $api->http->post('/metrics', 'x')->{status}, 405, 'POST';
is $api->http->get('/private/metrics')->{status}, 403,
    'whom it is for is the operator\'s to say';

my ($value, $type, $text) = scrape();

ok !grep({ !/^cost_/ } keys %$type), 'all names begin with cost_';
is $value->{'cost_workers'}, 4, 'four workers';

SKIP: {
    my ($promtool) = grep { -x } map { "$_/promtool" } split /:/, $ENV{PATH};

    skip 'promtool is not installed (Debian: prometheus)', 1 if !$promtool;

    my $file = File::Temp->new;
    print $file $text;
    close $file;

    is qx($promtool check metrics < $file 2>&1), '', 'promtool finds nothing';
}


# requests, from several connections, so that all workers have some

my $path = '/api/v1/costs?start_date=2021-01-01&end_date=2021-01-31';

sub many {
    my ($n) = @_;

    my @clients = map { $api->http(keepalive => 1) } 1 .. 16;

    for my $i (1 .. $n / 16) {
        $_->send("GET $path HTTP/1.1\r\nHost: localhost\r\n"
                 . "X-API-Key: $key\r\n\r\n") for @clients;
        $_->receive('GET') for @clients;
    }

    $_->close for @clients;
}

many(800);

$api->get('/api/v1/costs?days=0', $key) for 1 .. 3;
$api->head('/api/v1/costs/overview', $key);
$api->get('/api/v1/costs', undef) for 1 .. 5;
$api->get('/api/v1/nothing', $key);
$api->get('/api/v1/keys', $key) for 1 .. 2;
$api->get('/api/v1/health') for 1 .. 7;
$api->get('/guarded', $key) for 1 .. 4;
$api->get('/guarded', 'ck_live_nonsense') for 1 .. 6;
$api->send('POST', '/api/v1/calculate', $key,
           '{"nodes":[],"edges":[],"entryPoints":[]}');
$api->get('/api/v1/auth/info', $few) for 1 .. 103;

my $etag = $api->get('/api/v1/accounts', $key)->header('ETag');
$api->get('/api/v1/accounts', $key, 'If-None-Match' => $etag);

$value = settled();

is requests($value, '/api/v1/costs', 200), 800, 'requests: all of them';
is requests($value, '/api/v1/costs', 400), 3, 'requests: 400';
is requests($value, '/api/v1/costs', 401), 5, 'requests: 401, by their route';
is requests($value, '/api/v1/costs/overview', 200), 1, 'requests: HEAD, too';
is requests($value, 'unknown', 404, ''), 1, 'requests: an unknown path';
is requests($value, '/api/v1/keys', 403), 2, 'requests: 403';
is requests($value, 'health', 200), 7, 'requests: health';
is requests($value, 'calculate', 200, 'POST'), 1, 'requests: calculate';
is requests($value, '/api/v1/auth/info', 200), 100, 'requests: up to a limit';
is requests($value, '/api/v1/auth/info', 429), 3, 'requests: beyond it';
is requests($value, '/api/v1/accounts', 304), 1, 'requests: 304';

my $all = 0;
$all += $value->{$_} for grep { /^cost_http_requests_total/ } keys %$value;

is $all, 800 + 3 + 1 + 5 + 1 + 2 + 7 + 1 + 103 + 2,
    'and no others: what is not the API\'s is not counted';

# cumulative, and all of them

my @buckets = map { $value->{$_} }
              sort { ($a =~ /"([\d.]+|\+Inf)"/)[0] =~ s/\+Inf/9e9/r
                     <=> ($b =~ /"([\d.]+|\+Inf)"/)[0] =~ s/\+Inf/9e9/r }
              grep { /_bucket/ } keys %$value;

is scalar @buckets, 12, 'durations: buckets';
is_deeply \@buckets, [ sort { $a <=> $b } @buckets ], 'durations: ascending';
is $buckets[-1], $all, 'durations: of all requests';
is $value->{cost_http_request_duration_seconds_count}, $all,
    'durations: their count';

# refusals

sub refused { $value->{qq(cost_key_refusals_total{reason="$_[0]"})} }

is refused('missing'), 5, 'refused: without a key';
is refused('malformed'), 6, 'refused: malformed, in front of any location';
is refused('limited'), 3, 'refused: limited';
is refused('forbidden'), 2, 'refused: forbidden by a route';
is refused('unknown'), 0, 'refused: unknown, none';

my @reasons = grep { /refusals_total/ } keys %$value;
is scalar @reasons, 14, 'each reason is there';
is scalar(grep { !/reason="[a-z]+"/ } @reasons), 0, 'and has a name';

is $value->{'cost_key_zone_keys{zone="keys"}'}, 2, 'keys in the zone';
is $value->{'cost_key_limited_total{zone="keys"}'}, 3, 'limited by the zone';

# the cache: each window of January was asked for once

my %lookups = map { $_ => $value->{qq(cost_cache_lookups_total{result="$_"})} }
              qw(hit miss wait);

is $lookups{hit} + $lookups{miss}, 801, 'the cache: each was looked for';
cmp_ok $lookups{miss}, '<', 40, 'the cache: most were there';

# PostgreSQL

is $value->{'cost_pg_connections_configured{lane="fast"}'}, 8,
    'PostgreSQL: two connections a worker';
is $value->{cost_pg_listening}, 1, 'PostgreSQL: one listens';
cmp_ok $value->{cost_pg_queries_total}, '>', 3, 'PostgreSQL: statements';
cmp_ok $value->{cost_pg_connects_total}, '>=', 9, 'PostgreSQL: connects';

# what workers tell is up to a second old
ok $nginx->wait_for(5, sub {
    (scrape())[0]->{cost_pg_queries_waiting} == 0
}), 'PostgreSQL: nobody waits';

# the timer and deliveries

my $receiver = Cost::Receiver->new;
my $hook = $api->send('POST', '/api/v1/webhooks', $key, encode_json({
    url => $receiver->url('/200'), events => ['*'] }))->json->{data}{id};
$api->send('POST', "/api/v1/webhooks/$hook/test", $key, '');

# and data that others have changed
Cost::Bills::load($db, $acme, { day => '2021-01-11', billed => '1' });

my $later = settled();

is $later->{'cost_deliveries_total{result="delivered"}'}, 1,
    'deliveries: one';
is $later->{cost_deliveries_claimed_total}, 1, 'deliveries: claimed';
is $later->{cost_deliveries_in_flight}, 0, 'deliveries: none in flight';
cmp_ok $later->{cost_timer_ticks_total}, '>', $value->{cost_timer_ticks_total},
    'the timer ticks';
is $later->{cost_timer_leads}, 1, 'the timer: this node leads';
is $later->{cost_data_notifications_total},
   $value->{cost_data_notifications_total} + 1, 'a load was heard of';


# sums never fall: a reload, a worker killed, a smaller house

sub falls {
    my ($before, $after) = @_;

    return grep { /_(?:total|bucket|count)\b/
                  && $after->{$_} < $before->{$_} } keys %$before;
}

$nginx->reload;
$nginx->wait_for(10, sub { $nginx->workers == 4 });

my $reloaded = settled();

is_deeply [ falls($later, $reloaded) ], [], 'a reload: nothing has fallen';
is requests($reloaded, '/api/v1/costs', 200), 800, 'a reload: nor risen';
is $reloaded->{cost_workers}, 4, 'a reload: four workers';

many(160);

$nginx->allow(qr/exited on signal 9/);
my ($victim) = $nginx->workers;
sleep 1.3;
kill KILL => $victim;
$nginx->wait_for(10, sub { my @now = $nginx->workers;
                           @now == 4 && !grep { $_ == $victim } @now });

my $killed = settled();

is_deeply [ falls($reloaded, $killed) ], [], 'killed: nothing has fallen';
is requests($killed, '/api/v1/costs', 200), 960,
    'killed: what it counted counts';
is $killed->{cost_workers}, 4, 'killed: four workers';
is $killed->{cost_pg_listening}, 1, 'killed: one listens';
is $killed->{'cost_pg_connections_configured{lane="fast"}'}, 8,
    'killed: its connections are not counted any more';

$nginx->reload(workers => 2);
$nginx->wait_for(10, sub { $nginx->workers == 2 });
many(160);

my $less = settled();

is $less->{cost_workers}, 2, 'two workers';
is requests($less, '/api/v1/costs', 200), 1120, 'count on';
is_deeply [ falls($killed, $less) ], [], 'nothing has fallen';

unlike((scrape())[2], qr/\Q$key\E|\Q$few\E|acme/, 'no key, no organization');

$api->stop;


# the directive

for (
    [ 'location / { cost_metrics; cost_metrics; }', qr/is duplicate/ ],
    [ 'location / { cost_health; cost_metrics; }', qr/conflicts with another/ ],
    [ 'location / { cost_metrics on; }', qr/invalid number of arguments/ ],
) {
    my ($server, $pattern) = @$_;
    my ($accepted, $output) = Cost::Nginx->new(server => $server)->test_conf;

    ok !$accepted, "refused: $server";
    like $output, $pattern, '... with the reason';
}

# without any other of our directives

my $bare = Cost::Nginx->new(server => 'location / { cost_metrics; }');
$bare->start;
$r = $bare->http->get('/');
is $r->{status}, 200, 'alone';
like $r->{body}, qr/^cost_workers 1$/m, 'one worker';
like $r->{body}, qr/^cost_pg_listening 0$/m, 'no database';
unlike $r->{body}, qr/cost_key_zone/, 'no zone';
$bare->stop;

done_testing;
