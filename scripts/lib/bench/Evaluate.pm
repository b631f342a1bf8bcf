package Evaluate;

# Alerts: all rules of all organizations, over PostgreSQL alone that joins
# every rule with two of its sums.  The clock runs from the notice to the last
# rule, which always triggers.

use strict;
use warnings;

use Cost::API;
use Cost::Nginx;
use Time::HiRes qw(time);

use Measure;

# seconds that the watch waits for more notices
my $debounce = 0.1;


sub evaluate {
    my ($m) = @_;

    my $db = $m->database;
    my $rules = fill($m, $db);
    my $rows = $db->query('SELECT count(*) FROM cost_to_date');
    my $api = Cost::API->new(database => $db,
                             http => 'cost_timer on evaluate=1d;');

    $m->section("evaluate: $rules alerts over $rows sums, over PostgreSQL"
                . ' that joins each with two; rules');

    # who leads begins with everything
    settled($db) or die "nobody evaluates\n";

    $m->compare('all rules', aim => 0.15, rounds => 5,
        ours => sub {
            $db->query("UPDATE alerts SET open = false,
                    last_triggered_at = NULL, version = version + 1
                 WHERE name = 'the last'");

            my $start = $db->query("NOTIFY cost_data, 'all';
                SELECT extract(epoch FROM clock_timestamp())");

            settled($db) or die "the last rule has not triggered\n";

            my $end = $db->query("SELECT max(extract(epoch FROM triggered_at))
                FROM alert_history");
            my $took = $end - $start - $debounce;

            return { rate => $rules / ($took > 0.001 ? $took : 0.001) };
        },
        limit => sub {
            my $start = time;

            $db->query("SELECT count(*), sum(d.billed)
                FROM alerts a
                JOIN cost_to_date d
                  ON d.organization_id = a.organization_id
                 AND d.account_id = coalesce(a.account_id, 0)
                 AND d.service_id = 0
                 AND d.day IN (current_date, current_date - 1)");

            return { rate => $rules / (time - $start) };
        });

    $api->nginx->end;
}


sub settled {
    my ($db) = @_;

    return Cost::Nginx->wait_for(300, sub {
        $db->query("SELECT open FROM alerts WHERE name = 'the last'") eq 't'
    });
}


# Organizations of three accounts and a hundred rules each, of every kind,
# which never hold.

sub fill {
    my ($m, $db) = @_;

    my $organizations = $m->small ? 25 : 1000;

    $m->progress('making alerts');

    $db->query(<<"END");
INSERT INTO organizations (slug, name)
SELECT 'evaluate' || i, 'x' FROM generate_series(1, $organizations) i;
INSERT INTO accounts (organization_id, provider, external_id, name)
SELECT o.id, 'aws', i, i
  FROM organizations o, generate_series(1, 3) i
 WHERE o.slug LIKE 'evaluate%';
INSERT INTO cost_periods (organization_id, account_id, period, first_day,
                          last_day, entries)
SELECT organization_id, id, current_date, current_date, current_date, 1
  FROM accounts
 WHERE organization_id IN (SELECT id FROM organizations
                            WHERE slug LIKE 'evaluate%');
INSERT INTO cost_to_date
SELECT x.organization_id, x.account, d::date, s, 1,
       x.rate * extract(day FROM d)::integer, 1, 1, 1
  FROM (SELECT id AS organization_id, 0 AS account, 30 + id % 10 AS rate
          FROM organizations WHERE slug LIKE 'evaluate%'
         UNION ALL
        SELECT a.organization_id, a.id, 10 + a.id % 10
          FROM accounts a JOIN organizations o ON o.id = a.organization_id
         WHERE o.slug LIKE 'evaluate%') x,
       generate_series(date_trunc('month', now()) - interval '2 months',
                       now() + interval '10 days', '1 day') d,
       generate_series(0, 2) s;
INSERT INTO alerts (organization_id, name, type, scope_type, account_id,
                    metric, operator, value, baseline)
SELECT o.id, 'x', CASE WHEN k.n < 2 THEN 'threshold' ELSE 'anomaly' END,
       CASE WHEN a.id IS NULL THEN 'all_accounts' ELSE 'account' END, a.id,
       (ARRAY['daily_cost', 'weekly_cost', 'monthly_cost'])[1 + i % 3],
       (ARRAY['greater_than', 'less_than', 'percent_increase',
              'percent_decrease'])[1 + k.n],
       (ARRAY[1000000000, 0, 100000, 100])[1 + k.n],
       CASE WHEN k.n >= 2
            THEN (ARRAY['7_day_average', '30_day_average',
                        'previous_period'])[1 + i / 12 % 3] END
  FROM organizations o
 CROSS JOIN generate_series(1, 100) i
 CROSS JOIN LATERAL (SELECT i / 3 % 4 AS n) k
  LEFT JOIN accounts a ON a.organization_id = o.id
                      AND a.external_id = (i % 4)::text
 WHERE o.slug LIKE 'evaluate%';
INSERT INTO alerts (organization_id, name, type, scope_type, metric, operator,
                    value)
SELECT max(id), 'the last', 'threshold', 'all_accounts', 'monthly_cost',
       'greater_than', 0
  FROM organizations WHERE slug LIKE 'evaluate%';
ANALYZE;
END

    return $organizations * 100 + 1;
}


1;
