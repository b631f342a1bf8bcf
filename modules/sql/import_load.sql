-- Loads what was staged.
-- params: $1 organization integer, $2 import bigint, $3 account for all rows
--   text or null
-- returns: rows loaded bigint
-- rows: 1
SELECT cost_load($1, $2, $3)
