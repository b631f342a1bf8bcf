package Deliveries;

# Webhooks: from an event to the attempt's record, at a steady rate; and how
# many are delivered in a second, over what the same nginx proxies to the same
# receiver.

use strict;
use warnings;

use Cost::API;
use Cost::Nginx;
use File::Temp;
use JSON::PP;
use Time::HiRes qw(sleep time);

use HTTP;
use Measure;

my $endpoints = 10;


sub deliveries {
    my ($m) = @_;

    my $db = $m->database;
    my $organization = $db->organization('deliveries');
    my $secrets = File::Temp->new;

    print $secrets 'k' x 32;
    close $secrets;
    chmod 0600, $secrets->filename;

    my $api = Cost::API->new(database => $db,
        http => "cost_secret_key $secrets;
                 cost_webhook_allow http loopback;
                 cost_timer on per_endpoint=64;
                 server {
                     listen 127.0.0.1:%%PORT_receiver%% backlog=4096;
                     location / { return 200 ok; }
                 }",
        server => 'include %%ROOT%%/conf/cost_webhooks.conf;
                   location /proxied {
                       proxy_pass http://127.0.0.1:%%PORT_receiver%%;
                   }');
    my $receiver = 'http://127.0.0.1:' . $api->nginx->port('receiver');
    my $key = $api->key(organization => 'deliveries', plan => 'free_cloudk',
                        permission => 'write');

    hook($api, $key, "$receiver/one", 'budget.threshold');
    hook($api, $key, "$receiver/$_", 'alert.triggered') for 1 .. $endpoints;

    $m->section('deliveries: webhooks, per_endpoint=64, over what nginx proxies'
                . ' to the same receiver; CPU with PostgreSQL\'s, events being'
                . ' made included; and ms from an event to its attempt');

    my $n = $m->small ? 20 : 2000;

    procedures($db);

    $m->compare("$endpoints endpoints", aim => 0.5,
        ours => sub { drained($m, $api, $organization, $n) },
        limit => HTTP::side($m, $api->nginx, '/proxied'));

    latency($m, $db, $organization, 200, 'alert.triggered');
    latency($m, $db, $organization, 2000, 'alert.triggered');
    latency($m, $db, $organization, 200, 'budget.threshold');
    latency($m, $db, $organization, 2000, 'budget.threshold');

    $api->nginx->end;
}


sub hook {
    my ($api, $key, $url, $event) = @_;

    my $r = $api->send('POST', '/api/v1/webhooks', $key,
                       encode_json({ url => $url, events => [ $event ] }));

    die "webhooks: $r->{status} $r->{body}\n" if $r->{status} != 201;
}


# Deliveries a second, from when their events are committed until none is left.
# PostgreSQL itself looks, every hundredth of a second, in transactions that
# are over before the next: psql's start would take more than a turn.

sub procedures {
    my ($db) = @_;

    $db->query('CREATE PROCEDURE bench_drain(organization integer, n integer,
            INOUT seconds double precision) LANGUAGE plpgsql AS $$
        DECLARE
            start timestamptz;
        BEGIN
            PERFORM event_add(organization, \'alert.triggered\', \'{"a": 1}\')
               FROM generate_series(1, n);
            COMMIT;
            start := clock_timestamp();
            LOOP
                PERFORM pg_sleep(0.01);
                COMMIT;
                seconds := extract(epoch FROM clock_timestamp() - start);
                EXIT WHEN NOT bench_pending();
                COMMIT;
                IF seconds > 120 THEN
                    RAISE EXCEPTION \'deliveries are left\';
                END IF;
            END LOOP;
        END $$;
        CREATE FUNCTION bench_pending() RETURNS boolean LANGUAGE plpgsql
        SET enable_seqscan = off AS $$
        BEGIN
            RETURN EXISTS (SELECT FROM deliveries WHERE state = \'pending\');
        END $$');
}


sub drained {
    my ($m, $api, $organization, $n) = @_;

    my $db = $api->db;
    my @pids = $api->nginx->workers;
    my $before = Measure::cpu(@pids);
    my $seconds;
    my $cpu = $m->spent(sub {
        $seconds = $db->query("CALL bench_drain($organization, $n, NULL)");
    });
    my $sent = $n * $endpoints;

    return { rate => $sent / $seconds,
             cpu => ($cpu + Measure::cpu(@pids) - $before) * 1e6 / $sent };
}


sub empty {
    my ($db) = @_;

    Cost::Nginx->wait_for(120, sub { $db->query('SELECT bench_pending()')
                                     eq 'f' })
        or die "deliveries are left\n";
}


# "rate" deliveries a second, in commits a hundredth of a second apart, to all
# endpoints or to one; each from its event's making to its attempt's

sub latency {
    my ($m, $db, $organization, $rate, $type) = @_;

    my $seconds = $m->small ? 1 : 5;
    my $last = $db->query('SELECT coalesce(max(id), 0) FROM events');
    my $each = $type eq 'alert.triggered' ? $endpoints : 1;
    my $name = sprintf '%s/s to %s', $rate, $each == 1 ? 'one endpoint'
                                            : "$each endpoints";

    $m->progress($name);

    # by the clock: a commit that is late is followed by a larger one
    $db->query("CREATE OR REPLACE PROCEDURE bench_events() LANGUAGE plpgsql
        AS \$\$
        DECLARE
            start timestamptz := clock_timestamp();
            made integer := 0;
            due integer;
        BEGIN
            LOOP
                due := least(extract(epoch FROM clock_timestamp() - start),
                             $seconds) * $rate / $each;
                PERFORM event_add($organization, '$type', '{}')
                   FROM generate_series(made + 1, due);
                COMMIT;
                made := due;
                EXIT WHEN made >= $seconds * $rate / $each;
                PERFORM pg_sleep(0.01);
                -- an event is as old as its transaction
                COMMIT;
            END LOOP;
        END \$\$");
    $db->query('CALL bench_events()');
    empty($db);

    my @ms = split /\|/, $db->query("
        SELECT p[1], p[2], p[3], n
          FROM (SELECT percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (
                           ORDER BY round(1000 * extract(epoch FROM
                               a.attempted_at - e.created_at)
                               )::integer) AS p, count(*) AS n
                  FROM events e
                  JOIN deliveries d ON d.organization_id = e.organization_id
                                   AND d.event_id = e.id
                  JOIN delivery_attempts a
                    ON a.organization_id = d.organization_id
                   AND a.delivery_id = d.id
                 WHERE e.organization_id = $organization
                   AND e.id > $last) x");

    $m->figure($name, sprintf('p50 %d ms, p95 %d ms (aim %d), p99 %d ms of'
               . ' %d', @ms[0, 1], $rate < 1000 ? 20 : 50, @ms[2, 3]));
}


1;
