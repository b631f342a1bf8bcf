-- Costs of consecutive buckets of days, by region: from the facts, as the
-- sums to date know no regions.
--
-- params: $1 organization integer, $2 account id integer or null for all,
--   $3 first day date, $4 last day date, $5 first day of each bucket date[]
--   (ascending; the first is $3), $6 kind of cost text (billed, effective,
--   list, contracted)
-- returns: bucket integer or null, name text or null, amount numeric or null
-- rows: one of nulls when the account asked for exists (always, when none is
--   asked for), then those with entries, by bucket, by amount descending, by
--   name
SELECT NULL::integer AS bucket, NULL::text COLLATE "C" AS name,
       NULL::numeric AS amount
 WHERE $2::integer IS NULL
       OR EXISTS (SELECT FROM accounts a
                   WHERE a.organization_id = $1 AND a.id = $2)
UNION ALL
SELECT b.bucket, coalesce(nullif(r.name, ''), 'no region') COLLATE "C",
       b.amount
  FROM (SELECT width_bucket(c.day, $5::date[]) - 1 AS bucket, c.region_id,
               sum(CASE $6 WHEN 'billed' THEN c.billed
                           WHEN 'effective' THEN c.effective
                           WHEN 'list' THEN c.list
                           WHEN 'contracted' THEN c.contracted END) AS amount
          FROM costs c
         WHERE c.organization_id = $1
           AND ($2::integer IS NULL OR c.account_id = $2)
           AND c.day BETWEEN $3::date AND $4::date
         GROUP BY 1, c.region_id) b
  JOIN regions r ON r.id = b.region_id
 ORDER BY bucket NULLS FIRST, amount DESC, name
