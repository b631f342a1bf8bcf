-- Whose turn is it in the daily search for anomalies?  The first organization
-- that has accounts which were not searched today, and some of these; but not
-- those whose newest bill is older than 45 days, of which nothing changes.
--
-- params: $1 today integer (since 1970), $2 organization integer, those behind
--   it are meant, $3 how many accounts integer
-- returns: organization integer, data generation bigint, accounts integer[]
-- rows: 0..1
WITH today AS (
    SELECT date '1970-01-01' + $1::integer AS day
)
SELECT o.id AS organization, o.data_generation AS generation, d.accounts
  FROM today t
 CROSS JOIN organizations o
 CROSS JOIN LATERAL (
       SELECT array_agg(x.id) AS accounts
         FROM (SELECT a.id
                 FROM accounts a
                 LEFT JOIN cost_anomaly_scans s ON s.account_id = a.id
                WHERE a.organization_id = o.id
                  AND (s.day IS NULL OR s.day < t.day)
                  AND EXISTS (SELECT FROM cost_periods p
                               WHERE p.organization_id = o.id
                                 AND p.account_id = a.id
                                 AND p.last_day > t.day - 45)
                ORDER BY a.id
                LIMIT $3::integer) x) d
 WHERE o.id > $2::integer AND d.accounts IS NOT NULL
 ORDER BY o.id
 LIMIT 1
