-- Puts a staged usage report in place.
-- params: $1 organization integer
-- returns: rows written bigint
-- rows: 1
SELECT ci_usage_load($1)
