-- The last of a load: what was loaded of which file, and whether the job is
-- still the node's.
-- params: $1 organization integer, $2 job integer, $3 node uuid,
--   $4 account integer (of the source), $5 names text[], $6 versions text[],
--   $7 import bigint or null
-- returns: nothing (a void)
-- columns: 1
-- rows: 1
SELECT sync_loaded($1::integer, $2::integer, $3::uuid, $4::integer,
                   $5::text[], $6::text[], $7::bigint)
