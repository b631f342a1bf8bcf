-- Costs of consecutive buckets of days, by account.
--
-- cost_to_date holds sums from the first of a month to a day: a bucket is
-- given by the days whose sums are added to it or taken off.
--
-- params: $1 organization integer, $2 account id integer or null for all,
--   $3 days date[], $4 buckets integer[] (of each of the days), $5 signs
--   integer[] (1 added, -1 taken off), $6 kind of cost text (billed,
--   effective, list, contracted)
-- returns: bucket integer or null, name text or null, amount numeric or null
-- rows: one of nulls when the account asked for exists (always, when none is
--   asked for), then those with entries, by bucket, by amount descending, by
--   name; two accounts of one name are told apart by their external ids
WITH asked AS MATERIALIZED (
    SELECT $1::integer AS organization, $2::integer AS account
), named AS MATERIALIZED (
    SELECT a.id,
           CASE WHEN count(*) OVER (PARTITION BY a.name) = 1 THEN a.name
                ELSE a.name || ' (' || a.external_id || ')' END AS name
      FROM accounts a
     WHERE a.organization_id = (SELECT organization FROM asked)
)
SELECT NULL::integer AS bucket, NULL::text COLLATE "C" AS name,
       NULL::numeric AS amount
 WHERE $2::integer IS NULL OR EXISTS (SELECT FROM named n WHERE n.id = $2)
UNION ALL
SELECT b.bucket, b.name COLLATE "C", b.amount
  FROM (SELECT u.bucket, n.name, sum(u.sign * d.entries) AS entries,
               sum(u.sign * CASE $6 WHEN 'billed' THEN d.billed
                                    WHEN 'effective' THEN d.effective
                                    WHEN 'list' THEN d.list
                                    WHEN 'contracted' THEN d.contracted END)
               AS amount
          FROM named n
         CROSS JOIN unnest($3::date[], $4::integer[], $5::integer[])
                    AS u (day, bucket, sign)
          JOIN cost_to_date d
               ON d.organization_id = (SELECT organization FROM asked)
               AND d.account_id = n.id AND d.day = u.day AND d.service_id = 0
         WHERE (SELECT account FROM asked) IS NULL
               OR n.id = (SELECT account FROM asked)
         GROUP BY u.bucket, n.name) b
 WHERE b.entries > 0
 ORDER BY bucket NULLS FIRST, amount DESC, name
