#!/usr/bin/env perl

# What deliveries survive: reloads, quits, kills of workers, the database
# away, a second node, and an endpoint that never answers with much parked.

use strict;
use warnings;

use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep time);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Receiver;

my $dir = tempdir(CLEANUP => 1);
open my $fh, '>', "$dir/key" or die;
print $fh 'k' x 32;
close $fh;
chmod 0600, "$dir/key";

my %common = (
    workers => 2,
    http => "cost_secret_key $dir/key;
             cost_webhook_allow http loopback;
             cost_timer on timeout=3s per_endpoint=4 patience=1h;",
    server => 'include %%ROOT%%/conf/cost_webhooks.conf;',
);

my $api = Cost::API->new(private => 1, %common);
my $db = $api->db;
my $nginx = $api->nginx;

# what is committed must outlive the kill of PostgreSQL below
$db->query('ALTER SYSTEM SET synchronous_commit = on');
$db->query('SELECT pg_reload_conf()');

my $acme = $db->organization('acme');
my $key = $api->key(organization => 'acme', plan => 'free_cloudk',
                    permission => 'write');
my $receiver = Cost::Receiver->new;

# after an outage each worker finds by itself that the database is back

sub hook {
    my ($url, @events) = @_;

    my $made;

    $nginx->wait_for(5, sub {
        $made = $api->send('POST', '/api/v1/webhooks', $key, encode_json({
            url => $url, events => \@events }));

        return $made->{status} != 503;
    });

    die "$made->{status} $made->{body}" if $made->{status} != 201;

    return $made->json->{data};
}

sub fire {
    my ($type, $n) = @_;

    $db->query("SELECT count(event_add($acme, '$type',
                       json_build_object('n', i)))
                  FROM generate_series(1, $n) i");
}

sub pending {
    return $db->query("SELECT count(*) FROM deliveries d JOIN webhooks w
        ON w.id = d.webhook_id
        WHERE d.state = 'pending' AND w.uuid = '$_[0]'");
}

# every event of a type has arrived, and none under two ids

sub arrived {
    my ($path, $n, $seconds) = @_;

    my %bodies;

    return Cost::Nginx->wait_for($seconds, sub {
        %bodies = ();
        $bodies{ $_->{headers}{'webhook-id'} }{ $_->{body} } = 1
            for $receiver->requests($path);
        return keys %bodies == $n && !grep { keys %$_ != 1 } values %bodies;
    });
}


# at once, and many

my $fast = hook($receiver->url('/200'), 'alert.triggered');
my $start = time;

fire('alert.triggered', 1);
ok $receiver->wait(1, 5, '/200'), 'one is delivered';
cmp_ok time - $start, '<', 1.5, 'at once: it is notified';

fire('alert.triggered', 99);
ok arrived('/200', 100, 30), 'a hundred are delivered';
ok $nginx->wait_for(5, sub { pending($fast->{id}) == 0 }), 'and recorded';
is $db->query('SELECT count(*) FROM delivery_attempts'), 100,
    'one attempt each';


# an endpoint that never answers, with 20,000 parked, is in nobody's way

my $dead = hook($receiver->url('/silent'), 'budget.threshold');

fire('budget.threshold', 20000);
ok $receiver->wait(4, 10, '/silent'), 'the silent one is tried';

$start = time;
fire('alert.triggered', 1);
ok arrived('/200', 101, 5), 'another is delivered meanwhile';
cmp_ok time - $start, '<', 2, 'at once';
is scalar($receiver->requests('/silent')), 4, 'no more than four at a time';

my $plan = $db->query("BEGIN; SET LOCAL enable_seqscan = off;
    EXPLAIN SELECT x.id FROM deliveries x WHERE x.webhook_id = 1
       AND x.state = 'pending' AND x.next_attempt_at <= now()
     ORDER BY x.next_attempt_at, x.id LIMIT 8; COMMIT");
like $plan, qr/deliveries_due/, 'by the index of what is due';

$api->send('PUT', "/api/v1/webhooks/$dead->{id}", $key, '{"enabled":false}');


# reload with deliveries in flight

my $slow = hook($receiver->url('/slow'), 'anomaly.detected');

fire('anomaly.detected', 4);
ok $receiver->wait(4, 5, '/slow'), 'four are in flight';
$nginx->reload;
ok $nginx->wait_for(10, sub { pending($slow->{id}) == 0 }),
    'a reload: they are recorded';
is scalar($receiver->requests('/slow')), 4, 'and were sent once';

fire('anomaly.detected', 1);
ok arrived('/slow', 5, 10), 'the new worker delivers';
ok $nginx->wait_for(10, sub { pending($slow->{id}) == 0 }), 'and records';


# the database goes away while they are in flight

fire('anomaly.detected', 4);
ok $receiver->wait(9, 5, '/slow'), 'four are in flight';
$db->kill;
sleep 2;
$db->start;
ok $nginx->wait_for(20, sub { eval { pending($slow->{id}) == 0 } }),
    'they are recorded when it is back';
is scalar($receiver->requests('/slow')), 9, 'and were sent once';


# failing for longer than the patience: disabled, which is an event

hook($receiver->url('/200'), 'webhook.disabled');
my $failing = hook($receiver->url('/500'), 'budget.threshold');
$db->query("UPDATE webhooks SET failing_since = now() - interval '2 hours'
             WHERE uuid = '$failing->{id}'");
fire('budget.threshold', 1);
ok $nginx->wait_for(10, sub {
    $api->get("/api/v1/webhooks/$failing->{id}", $key)->json->{data}
        {disabled_reason} // '' eq 'failing'
}), 'an endpoint that only fails is disabled';
ok $nginx->wait_for(5, sub {
    grep { $_->{headers}{'x-cloudk-event'} eq 'webhook.disabled' }
         $receiver->requests('/200')
}), 'and that is an event';


# two nodes: both deliver, one leads; the other when it is killed

# the lead may still be of the worker of before a reload, which renews nothing

ok $nginx->wait_for(15, sub {
    my @ends = map {
        sleep 1.5 if $_;
        $db->query('SELECT extract(epoch FROM expires_at)
                      FROM timer_leases WHERE name = $$leader$$');
    } 0, 1;
    return $ends[1] > $ends[0];
}), 'the first leads';

my $second = Cost::API->new(database => $db, %common);

fire('alert.triggered', 200);
ok arrived('/200', 302, 30), 'two nodes: all arrive';
is scalar($receiver->requests('/200')), 302, 'and none twice';
unlike $second->nginx->log, qr/this node leads/, 'one leads';

$start = time;
$nginx->signal('STOP');
kill STOP => $nginx->workers;
ok $second->nginx->logged(qr/this node leads/, 12), 'the other leads';
cmp_ok time - $start, '<', 10, 'within ten seconds';
kill CONT => $nginx->workers;
$nginx->signal('CONT');
ok $nginx->logged(qr/another node leads|the lead was lost/, 10),
    'the first knows';

$second->stop('the second ended cleanly');


# a quit with deliveries in flight

fire('anomaly.detected', 4);
ok $receiver->wait(13, 5, '/slow'), 'four are in flight';
quit($api, 'a quit');
is pending($slow->{id}), 0, 'and they were recorded';


# a quit with worker_shutdown_timeout, and an endpoint that does not answer

$api = Cost::API->new(database => $db, %common,
    main => 'worker_shutdown_timeout 500ms;',
    http => $common{http} =~ s/timeout=3s/timeout=60s/r);
$nginx = $api->nginx;

sub enable {
    my ($hook, $enabled) = @_;

    $api->send('PUT', "/api/v1/webhooks/$hook->{id}", $key,
               qq({"enabled":$enabled}));
}

enable($slow, 'false');

my $half = hook($receiver->url('/half'), 'anomaly.detected');
fire('anomaly.detected', 1);
ok $receiver->wait(1, 5, '/half'), 'one is in flight';
$start = time;
quit($api, 'worker_shutdown_timeout');
cmp_ok time - $start, '<', 5, 'and in time';

$api = Cost::API->new(database => $db, %common);
$nginx = $api->nginx;
enable($half, 'false');
enable($slow, 'true');


# kill -9 of the workers: the lease brings them back

$nginx->allow(qr/exited on signal 9/);
fire('anomaly.detected', 4);
ok $receiver->wait(17, 5, '/slow'), 'four more are in flight';
kill KILL => $nginx->workers;
ok $nginx->wait_for(10, sub {
    eval { $api->get('/api/v1/health')->{status} == 200 }
}), 'workers are back';

ok $nginx->wait_for(5, sub { pending($slow->{id}) == 4 }),
    'nothing was recorded';

# pretends that the lease is over
$db->query("UPDATE deliveries SET next_attempt_at = now() WHERE leased;
            UPDATE webhooks SET due_at = now() WHERE uuid = '$slow->{id}'");
ok $receiver->wait(21, 10, '/slow'), 'all arrive again';
ok arrived('/slow', 17, 1), 'under their ids';
ok $nginx->wait_for(10, sub { pending($slow->{id}) == 0 }), 'and are done';



# (what a killed process counted in stub_status stays there)
quit($api, 'after the kill');

done_testing;


# without stop()'s wait until nothing is in flight

sub quit {
    my ($which, $name) = @_;

    my $server = $which->nginx;

    $server->signal('QUIT');
    ok $server->wait_for(15, sub { waitpid($server->{pid}, 1) != 0 }),
        "$name: it left";
    delete $server->{pid};

    is join("\n", Cost::Nginx::alerts($server->log,
                                      @{ $server->{allowed} })), '',
        "$name: no alert";
}
