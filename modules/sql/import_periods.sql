-- What an import replaced, and how much is left of what imports before it
-- loaded.
-- params: $1 organization integer, $2 import bigint, $3 imports before it
--   bigint[] ("{1,2}")
-- returns: accounts bigint, billing periods of accounts bigint,
--   first period text or null, last period text or null,
--   billing periods of the imports before bigint
-- rows: 1
SELECT count(DISTINCT p.account_id) FILTER (WHERE p.import_id = $2)
           AS accounts,
       count(*) FILTER (WHERE p.import_id = $2) AS periods,
       (min(p.period) FILTER (WHERE p.import_id = $2))::text AS first,
       (max(p.period) FILTER (WHERE p.import_id = $2))::text AS last,
       count(*) FILTER (WHERE p.import_id <> $2) AS before
  FROM cost_periods p
 WHERE p.organization_id = $1 AND p.import_id = ANY ($3::bigint[] || $2)
