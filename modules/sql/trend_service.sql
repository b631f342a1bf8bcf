-- Costs of consecutive buckets of days, by service; see trend_provider.sql.
--
-- params: $1 organization integer, $2 account id integer or null for all,
--   $3 days date[], $4 buckets integer[] (of each of the days), $5 signs
--   integer[] (1 added, -1 taken off), $6 kind of cost text (billed,
--   effective, list, contracted)
-- returns: bucket integer or null, name text or null, amount numeric or null
-- rows: one of nulls when the account asked for exists (always, when none is
--   asked for), then those with entries, by bucket, by amount descending, by
--   name
WITH asked AS MATERIALIZED (
    SELECT $1::integer AS organization, coalesce($2::integer, 0) AS account
)
SELECT NULL::integer AS bucket, NULL::text COLLATE "C" AS name,
       NULL::numeric AS amount
 WHERE $2::integer IS NULL
       OR EXISTS (SELECT FROM accounts a
                   WHERE a.organization_id = $1 AND a.id = $2)
UNION ALL
SELECT b.bucket, s.name COLLATE "C", b.amount
  FROM (SELECT u.bucket, d.service_id, sum(u.sign * d.entries) AS entries,
               sum(u.sign * CASE $6 WHEN 'billed' THEN d.billed
                                    WHEN 'effective' THEN d.effective
                                    WHEN 'list' THEN d.list
                                    WHEN 'contracted' THEN d.contracted END)
               AS amount
          FROM unnest($3::date[], $4::integer[], $5::integer[])
               AS u (day, bucket, sign)
          JOIN cost_to_date d
               ON d.organization_id = (SELECT organization FROM asked)
               AND d.account_id = (SELECT account FROM asked)
               AND d.day = u.day AND d.service_id > 0
         GROUP BY u.bucket, d.service_id) b
  JOIN services s ON s.id = b.service_id
 WHERE b.entries > 0
 ORDER BY bucket NULLS FIRST, amount DESC, name
