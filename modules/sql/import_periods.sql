-- What an import replaced.
-- params: $1 organization integer, $2 import bigint
-- returns: accounts bigint, billing periods of accounts bigint,
--   first period text or null, last period text or null
-- rows: 1
SELECT count(DISTINCT p.account_id) AS accounts, count(*) AS periods,
       min(p.period)::text AS first, max(p.period)::text AS last
  FROM cost_periods p
 WHERE p.organization_id = $1 AND p.import_id = $2
