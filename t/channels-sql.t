#!/usr/bin/env perl

# Events that list channels: endpoints made at first use, one delivery each,
# hidden from the API of webhooks; and events in words.

use strict;
use warnings;

use File::Temp qw(tempdir);
use JSON::PP;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;

my $dir = tempdir(CLEANUP => 1);
open my $fh, '>', "$dir/key" or die;
print $fh 'k' x 32;
close $fh;
chmod 0600, "$dir/key";

my $api = Cost::API->new(
    http => "cost_secret_key $dir/key; cost_webhook_allow http loopback;");
my $db = $api->db;
my $acme = $db->organization('acme');
my $other = $db->organization('other');
my $key = $api->key(organization => 'acme', plan => 'free_cloudk',
                    permission => 'write');

my $hook = $api->send('POST', '/api/v1/webhooks', $key,
    '{"url": "http://127.0.0.1:9/", "events": ["alert.triggered"]}')
    ->json->{data};

sub add {
    my ($type, $data, $notifications, $more) = @_;

    return $db->query("SELECT event_add($acme, '$type', '$data'"
        . (defined $notifications ? ", '$notifications'" : '')
        . ($more // '') . ')');
}

sub sent {
    my ($event) = @_;

    return $db->query("SELECT w.kind || ' ' || w.url || ' ' || d.state
         || CASE WHEN d.once THEN ' once' ELSE '' END
      FROM deliveries d JOIN webhooks w ON w.id = d.webhook_id
     WHERE d.organization_id = $acme AND d.event_id = $event
     ORDER BY w.kind, w.url");
}


is sent(add('alert.triggered', '{}')),
    'webhook http://127.0.0.1:9/ pending', 'without channels, as before';

my $both = '[{"type": "email", "target": "team@company.com"},
             {"type": "slack", "channel": "#ci-alerts"}, {"type": "webhook"},
             {"type": "email", "target": "team@company.com"}]';

is sent(add('alert.triggered', '{}', $both)), join("\n",
    'email team@company.com pending', 'slack #ci-alerts pending',
    'webhook http://127.0.0.1:9/ pending'), 'each channel listed, once';

is sent(add('budget.threshold', '{}', $both)), join("\n",
    'email team@company.com pending', 'slack #ci-alerts pending'),
    'a webhook that has not subscribed is not told';

is sent(add('alert.test', '{}', '[{"type":"email","target":"a@b"}]',
            ', true')),
    'email a@b pending once', 'a test is sent once';

$db->query("SELECT event_add($other, 'alert.triggered', '{}', '$both')");

is $db->query("SELECT string_agg(organization_id || ' ' || kind || ' ' || url,
        ',' ORDER BY organization_id, kind, url)
      FROM webhooks WHERE kind <> 'webhook'"),
    "$acme email a\@b,$acme email team\@company.com,$acme slack #ci-alerts,"
    . "$other email team\@company.com,$other slack #ci-alerts",
    'one endpoint for organization, kind and target';

for my $bad ('null', '{}', '"x"', '[]', '[1, null, "x"]', '[{"type": 1}]',
             '[{"type":"email"}]', '[{"type":"email","target":""}]',
             '[{"type":"fax","target":"1"}]',
             '[{"type":"slack","channel":"' . 'x' x 321 . '"}]')
{
    is sent(add('budget.threshold', '{}', $bad)), '',
        'nothing for ' . substr $bad, 0, 40;
}


# a disabled channel goes on when it is listed again, and with what waits

$db->query("UPDATE webhooks SET enabled = false, disabled_reason = 'failing',
                failing_since = now(), due_at = NULL
             WHERE organization_id = $acme AND url = 'team\@company.com'");
add('budget.threshold', '{}', $both);

is $db->query("SELECT enabled, disabled_reason IS NULL, failing_since IS NULL,
                      due_at IS NOT NULL
                 FROM webhooks WHERE organization_id = $acme
                  AND url = 'team\@company.com'"),
    't|t|t|t', 'a disabled channel goes on';


# one that only fails is disabled, which is an event of its own

$api->send('PUT', "/api/v1/webhooks/$hook->{id}", $key,
           '{"events": ["channel.disabled"]}');
$db->query("UPDATE webhooks SET failing_since = now() - interval '4 days'
             WHERE organization_id = $acme AND kind = 'slack'");
$db->query("SELECT deliveries_record(ARRAY[$acme], ARRAY[d.id], '{dead}',
                   '{0}', '{200}', '{5}', '{NULL}', '{no}', '{1}', '3 days')
              FROM deliveries d JOIN webhooks w ON w.id = d.webhook_id
             WHERE w.organization_id = $acme AND w.kind = 'slack' LIMIT 1");

my ($body) = $db->query("SELECT body FROM events
                          WHERE type = 'channel.disabled'");
is_deeply decode_json($body)->{data},
    { type => 'slack', target => '#ci-alerts', reason => 'failing' },
    'a channel that only fails is disabled';
is $db->query("SELECT kind, state, attempts, status, answer
                 FROM event_outcomes WHERE attempts > 0"),
    'slack|dead|1|200|no', 'the outcome of an event';


# what is recorded twice, as nobody heard that it was recorded, is one attempt

my ($claimed) = split /\n/, $db->query("SELECT d.id FROM deliveries d
    JOIN webhooks w ON w.id = d.webhook_id
   WHERE w.organization_id = $acme AND d.state = 'pending'
     AND w.url = 'team\@company.com' ORDER BY d.id LIMIT 1");

for my $claim (71, 71, 72) {
    $db->query("SELECT deliveries_record(ARRAY[$acme], ARRAY[$claimed],
                       '{again}', '{60}', '{NULL}', '{5}', '{slow}', '{NULL}',
                       '{$claim}', '3 days')");
}

is $db->query("SELECT d.attempts, d.tries, count(*), min(a.claim), max(a.claim)
                 FROM deliveries d
                 JOIN delivery_attempts a
                   ON a.organization_id = d.organization_id
                  AND a.delivery_id = d.id
                WHERE d.organization_id = $acme AND d.id = $claimed
                GROUP BY d.attempts, d.tries"), '2|2|2|71|72',
    'an attempt is recorded once, that of another claim too';


# the API of webhooks has none of them

is_deeply [ map { $_->{id} }
            @{ $api->get('/api/v1/webhooks', $key)->json->{data} } ],
    [ $hook->{id} ], 'the list has webhooks alone';

my $hidden = $db->query("SELECT uuid FROM webhooks
    WHERE organization_id = $acme AND url = 'a\@b'");

for my $try ([ 'GET', '' ], [ 'PUT', '', '{"enabled": false}' ],
             [ 'DELETE', '' ], [ 'POST', '/test' ],
             [ 'POST', '/rotate-secret' ], [ 'GET', '/deliveries' ])
{
    my ($method, $path, $text) = @$try;
    my $url = "/api/v1/webhooks/$hidden$path";

    is +($method eq 'GET' ? $api->get($url, $key)
         : $api->send($method, $url, $key, $text // ''))->{status}, 404,
        "$method $path of another kind";
}

my $delivery = $db->query("SELECT d.uuid FROM deliveries d
    JOIN webhooks w ON w.id = d.webhook_id WHERE w.uuid = '$hidden'");

is $api->send('POST', "/api/v1/deliveries/$delivery/redeliver", $key, '')
    ->{status}, 404, 'nor can their deliveries be asked for again';

$db->query("INSERT INTO webhooks (organization_id, uuid, kind, url, events)
            SELECT $acme, gen_random_uuid(), 'email', 'x' || i, '{}'
              FROM generate_series(1, 100) i");
is $api->send('POST', '/api/v1/webhooks', $key,
    '{"url": "http://127.0.0.1:9/", "events": ["*"]}')->{status}, 201,
    'nor do they count';


# what is committed while a claim is made is claimed and returned, or neither

$db->query("DELETE FROM deliveries; UPDATE webhooks SET due_at = NULL;
    ALTER FUNCTION deliveries_claim RENAME TO claim_really;
    CREATE FUNCTION deliveries_claim(most integer, width integer,
        lease interval) RETURNS TABLE (organization integer, id bigint,
            delivery uuid, kind text, webhook uuid, url text, secret bytea,
            old_secret bytea, event uuid, type text, body text, at text,
            tries integer, title text, words text, claim bigint)
        LANGUAGE plpgsql AS \$\$
        BEGIN
            PERFORM pg_sleep(1.5);
            RETURN QUERY SELECT * FROM claim_really(most, width, lease);
        END \$\$");

my $turn = slurp('timer_turn');

my $pid = fork // die "fork: $!";

if ($pid == 0) {
    $db->query("BEGIN;
        SELECT event_add($acme, 'alert.triggered', '{\"late\": 1}',
                   '[{\"type\": \"email\", \"target\": \"late\@b\"}]');
        SELECT pg_sleep(1);
        COMMIT");
    POSIX::_exit(0);
}

sleep 0.5;
my $rows = $db->query("PREPARE turn AS $turn;
    EXECUTE turn('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', 60,
                 10, 10, 60);
    DEALLOCATE turn");
waitpid $pid, 0;

is $db->query('SELECT count(*) FROM deliveries WHERE leased'), 2,
    'deliveries that come while others are claimed are claimed';
like $rows, qr/late\@b.*"late": 1/, 'and returned';

$db->query("DROP FUNCTION deliveries_claim;
            ALTER FUNCTION claim_really RENAME TO deliveries_claim");


# Turns: what has ended is recorded, and others are claimed in its place, of
# each endpoint no more than its width; what one transaction made, in order.

sub turn {
    my ($most, $width, @ended) = @_;

    my ($ids, $claims) = map { my $i = $_; join ',', map { $_->[$i] } @ended }
                         0, 1;
    my $n = @ended;
    my $each = sub { '{' . join(',', ($_[0]) x $n) . '}' };

    my $text = $db->query("PREPARE turn AS $turn;
        EXECUTE turn('" . $each->($acme) . "', '{$ids}', '"
        . join("', '", map { $each->($_) } qw(delivered 0 200 5 NULL ok))
        . "', '{$claims}', 60, $most, $width, 60);
        DEALLOCATE turn");

    return map { [ (split /\|/)[1, 15] ] } split /\n/, $text;
}

sub endpoint {
    return $db->query("SELECT due_at <= now(), due_at > now()
        FROM webhooks WHERE organization_id = $acme AND url = 'http://turn'");
}

$db->query("DELETE FROM deliveries;
            UPDATE webhooks SET due_at = NULL, enabled = false");
$db->query("INSERT INTO webhooks (uuid, organization_id, url, events, secret)
            VALUES (gen_random_uuid(), $acme, 'http://turn', '{alert.turn}',
                    '');
            SELECT event_add($acme, 'alert.turn', '{}')
              FROM generate_series(1, 6)");

my @ids = split /\n/, $db->query('SELECT id FROM deliveries ORDER BY id');
my @first = turn(10, 2);

is_deeply [ sort { $a <=> $b } map { $_->[0] } @first ], [ @ids[0, 1] ],
    'a claim takes as many as an endpoint may have, the first ones';
is endpoint(), 'f|t', 'with so many in flight it is not due';
is scalar(my @none = turn(10, 2)), 0, 'nor is any of it claimed';

my @second = turn(10, 2, $first[1]);

is_deeply [ map { $_->[0] } @second ], [ $ids[2] ],
    'one that is recorded makes room for the next';
is endpoint(), 'f|t', 'and no more';

my @third = turn(1, 5, @first, @second);

is_deeply [ map { $_->[0] } @third ], [ $ids[3] ],
    'not more than there is room for at all';
is endpoint(), 't|f', 'what is left is due';
is scalar(my @nothing = turn(0, 5, @third)), 0, 'a turn that only records';
is endpoint(), 't|f', 'leaves it due';
is scalar(my @rest = turn(10, 5)), 2, 'the rest';
is endpoint(), 'f|t', 'which is leased';
turn(0, 5, $rest[0]);
is endpoint(), 'f|t', 'one of them is recorded';
turn(10, 5, $rest[1]);
is endpoint(), '|', 'with all recorded nothing is due';

is $db->query("SELECT string_agg(DISTINCT d.state, ','), count(DISTINCT d.id),
                      count(*), min(d.attempts), max(d.attempts)
                 FROM deliveries d
                 JOIN delivery_attempts a
                   ON a.organization_id = d.organization_id
                  AND a.delivery_id = d.id"), 'delivered|6|6|1|1',
    'each was recorded once';


# an endpoint that only fails has one at a time, and after those that do not

$db->query("DELETE FROM deliveries;
            UPDATE webhooks SET failing_since = now() - interval '1 hour'
             WHERE url = 'http://turn'");
$db->query("SELECT event_add($acme, 'alert.turn', '{}')
              FROM generate_series(1, 6)");
$db->query("INSERT INTO webhooks (uuid, organization_id, url, events, secret)
            VALUES (gen_random_uuid(), $acme, 'http://good', '{alert.good}',
                    '');
            SELECT event_add($acme, 'alert.good', '{}')
              FROM generate_series(1, 6)");

my @failing = split /\n/, $db->query("SELECT d.id FROM deliveries d
    JOIN webhooks w ON w.id = d.webhook_id
    WHERE w.url = 'http://turn' ORDER BY d.id");
my @good = split /\n/, $db->query("SELECT d.id FROM deliveries d
    JOIN webhooks w ON w.id = d.webhook_id
    WHERE w.url = 'http://good' ORDER BY d.id");

sub of { return [ sort { $a <=> $b } map { $_->[0] } @_ ] }

my @claimed = turn(2, 4);

is_deeply of(@claimed), [ @good[0, 1] ], 'those that do not fail come first';
@claimed = turn(10, 4);
is_deeply of(@claimed), [ $failing[0], @good[2, 3] ],
    'of one that fails a single one is tried';
is endpoint(), 'f|t', 'and it is not due meanwhile';
@claimed = grep { $_->[0] == $failing[0] } @claimed;
is_deeply of(turn(10, 4, @claimed)), [ @failing[1 .. 4] ],
    'that succeeds: as many as of others';


# what is old goes, but not what somebody still waits for

my $purge = slurp('timer_purge');

sub purged {
    return $db->query("PREPARE purge AS $purge; EXECUTE purge($_[0], 100);
                       DEALLOCATE purge");
}

sub old_event {
    my ($enabled, $state) = @_;

    return $db->query("WITH w AS (
            INSERT INTO webhooks (uuid, organization_id, url, events, secret,
                                  enabled)
            VALUES (gen_random_uuid(), $acme, 'http://x', '{*}', '', $enabled)
            RETURNING id
        ), e AS (
            INSERT INTO events (organization_id, type, body, created_at)
            VALUES ($acme, 'alert.triggered', '{}', now() - interval '40 days')
            RETURNING id
        ), d AS (
            INSERT INTO deliveries (organization_id, webhook_id, event_id,
                                    state, next_attempt_at)
            SELECT $acme, w.id, e.id, '$state', now() + interval '1 day'
              FROM w, e
        ) SELECT id FROM e");
}

$db->query('DELETE FROM events; DELETE FROM webhooks');

my $waits = old_event('true', 'pending');
my $parked = old_event('false', 'pending');
my $done = old_event('true', 'delivered');

$db->query("INSERT INTO alerts (organization_id, name, type, scope_type,
                                metric, operator, value)
            VALUES ($acme, 'x', 'threshold', 'all_accounts', 'daily_cost',
                    'greater_than', 1);
    INSERT INTO alert_history (organization_id, alert_id, triggered_at,
                               resolved_at, value, threshold, event_id)
    SELECT $acme, a.id, now() - x.days * interval '1 day',
           CASE WHEN x.resolved THEN now() END, x.days, 1, x.event
      FROM alerts a, (VALUES (900, true, NULL), (800, true, $done),
                             (700, false, NULL), (400, false, NULL)) AS x (days, resolved, event)
     WHERE a.name = 'x' AND a.organization_id = $acme
     ORDER BY x.days DESC");

sub history {
    return $db->query("SELECT string_agg(value::text, ' ' ORDER BY id)
                         FROM alert_history");
}

is purged(50 * 86400), '0|2', 'none of the events is old enough';
is history(), '800 400', 'alerts: not of an event, and not what is open';
is purged(30 * 86400), '2|0', 'events that nobody waits for';
is $db->query('SELECT string_agg(id::text, $$ $$) FROM events'), $waits,
    'what waits for an endpoint that is enabled stays';
is purged(1000 * 86400), '0|0', 'no sooner than events';
is purged(30 * 86400), '0|1', 'the event is gone';
is history(), '400', 'and what is open stays';


# in words

my %words = (
    "'budget.threshold', '{\"budget_name\": \"Q2 AWS Budget\", \"threshold\": 75,
     \"current_spend\": 7512.44, \"budget_amount\": 10000,
     \"percent_used\": 75.1}', 'USD'" =>
        'Budget Q2 AWS Budget has reached 75%: $7,512.44 of $10,000.00 '
        . '(75.1%)',
    "'anomaly.detected', '{\"account_name\": \"Production\",
     \"service\": \"Amazon EC2\", \"spike_amount\": 892.10,
     \"baseline_amount\": 210.00}', 'EUR'" =>
        'Amazon EC2 in Production cost 892.10 EUR in a day; about 210.00 EUR '
        . 'was expected',
    "'alert.triggered', '{\"message\": \"Daily cost\"}', 'USD'" =>
        'Daily cost',
    "'alert.triggered', '{}', 'USD'" => 'alert.triggered',
    "'budget.threshold', '{}', 'USD'" => 'budget.threshold',
);

for my $args (sort keys %words) {
    is $db->query("SELECT event_title($args)"), $words{$args},
        "the title: $words{$args}";
}

is $db->query("SELECT event_text('alert.triggered', '{\"rule_name\": \"Daily\",
        \"account_name\": null, \"message\": \"Too much\"}', 'USD')"),
    "Too much\n\nrule name: Daily\n", 'the text';

is $db->query("SELECT money_text(-1234567.005, 'USD')"), '-$1,234,567.01',
    'money';

$api->stop;

done_testing;


sub slurp {
    open my $sql, '<', "$FindBin::Bin/../modules/sql/$_[0].sql" or die;
    local $/;
    return scalar <$sql>;
}
