#!/usr/bin/env perl

# Several events in a transaction lock their endpoints in the order of their
# ids, as a turn of deliveries does, so that neither waits for the other while
# the other waits for it.

use strict;
use warnings;

use POSIX ();
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::Bills;
use Cost::Database;

my $db = Cost::Database->new;

# rules, budgets and endpoints of two, in opposite orders

my $one = $db->organization('one');
my $two = $db->organization('two');

sub hook {
    my ($organization, $event) = @_;

    return $db->query("INSERT INTO webhooks (uuid, organization_id, url,
                                             events, secret)
        VALUES (gen_random_uuid(), $organization, 'http://x/', '{$event}',
                '\\x00') RETURNING id");
}

my %low = map { $_ => hook($two, $_) } qw(alert.triggered budget.threshold);
my %high = map { $_ => hook($one, $_) } qw(alert.triggered budget.threshold);

for ($one, $two) {
    Cost::Bills::load($db, $_, { day => $db->query(
        "SELECT (now() AT TIME ZONE 'UTC')::date"), billed => 100 });
    $db->query("INSERT INTO alerts (organization_id, name, type, scope_type,
                                    metric, operator, value)
                VALUES ($_, 'a', 'threshold', 'all_accounts', 'daily_cost',
                        'greater_than', 1);
                INSERT INTO budgets (organization_id, name, scope_type,
                                     amount, period)
                VALUES ($_, 'a', 'all_accounts', 1, 'month')");
}


# While somebody has the first endpoint, "sql" waits for it, and has none of
# the others yet.

sub waits {
    my ($sql, $first, $other, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        # when the other has its lock
        for (1 .. 400) {
            last if $db->query("SELECT EXISTS (SELECT FROM pg_stat_activity
                WHERE datname = current_database()
                  AND query LIKE '%pg_sleep%'
                  AND pid <> pg_backend_pid())") eq 't';
            select undef, undef, undef, 0.05;
        }

        POSIX::_exit(eval { $db->query("BEGIN; $sql; COMMIT"); 1 } ? 0 : 1);
    }

    my $seen = eval { $db->query("BEGIN;
        SELECT 'first' FROM webhooks WHERE id = $first FOR NO KEY UPDATE;
        DO \$\$
        BEGIN
            FOR i IN 1 .. 400 LOOP
                PERFORM pg_sleep(0.05);
                PERFORM pg_stat_clear_snapshot();
                EXIT WHEN EXISTS (SELECT FROM pg_stat_activity
                                   WHERE datname = current_database()
                                     AND wait_event_type = 'Lock');
            END LOOP;
        END
        \$\$;
        SELECT wait_event_type FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock';
        SELECT 'other' FROM webhooks WHERE id = $other
           FOR NO KEY UPDATE NOWAIT;
        COMMIT") };

    is $seen // $@, "first\nLock\nother", $name;

    waitpid $pid, 0;
    is $?, 0, "$name: it is done then";
}


waits("SELECT alerts_settle(array_agg(id), array_agg(version),
              array_agg('trigger'::text), array_agg(100::numeric),
              array_agg(NULL::numeric), array_agg('m'::text)) FROM alerts",
      @low{'alert.triggered'}, @high{'alert.triggered'}, 'alerts');
is $db->query("SELECT count(*), count(DISTINCT event_id)
                 FROM alert_history"), '2|2', 'both have triggered';

waits('SELECT budgets_evaluate(NULL)', @low{'budget.threshold'},
      @high{'budget.threshold'}, 'budgets');
is $db->query("SELECT count(*), count(DISTINCT event_id)
                 FROM budget_crossings"), '8|8', 'all thresholds are reached';

# a test's own event, and those who are told of alerts besides

my $all = hook($two, '*');

waits("SELECT alert_test($two, uuid) FROM alerts
        WHERE organization_id = $two", $low{'alert.triggered'}, $all,
      'the test of an alert');
is $db->query("SELECT string_agg(webhook_id::text, ' ' ORDER BY webhook_id)
                 FROM deliveries d
                 JOIN events e ON e.organization_id = d.organization_id
                              AND e.id = d.event_id
                WHERE e.type = 'alert.test'"),
    "$low{'alert.triggered'} $all", 'goes to both';

done_testing;
