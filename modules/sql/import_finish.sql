-- Marks a file's import done, with the rows of its own: of the parts of one
-- delivery cost_load() marks one, with the rows of all.
-- params: $1 organization integer, $2 import bigint, $3 rows loaded bigint
-- returns: nothing
UPDATE imports
   SET state = 'done', rows_loaded = $3,
       finished_at = coalesce(finished_at, clock_timestamp())
 WHERE organization_id = $1 AND id = $2
