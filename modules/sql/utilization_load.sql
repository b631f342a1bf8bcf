-- Puts staged utilization in place, and derives recommendations anew.
-- params: $1 organization integer
-- returns: rows written bigint
-- rows: 1
SELECT utilization_load($1)
