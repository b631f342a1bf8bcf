-- Loads what was staged of files that belong together.
-- params: $1 organization integer, $2 names text[], $3 sizes bigint[],
--   $4 formats text[], $5 rows read bigint[], $6 rows refused bigint[],
--   $7 refusals' files integer[] (from 1), $8 their lines bigint[], $9 their
--   reasons text[], $10 account for all rows text or null
-- returns: import bigint or null
-- rows: 1
SELECT sync_load($1::integer, $2::text[], $3::bigint[], $4::text[],
                 $5::bigint[], $6::bigint[], $7::integer[], $8::bigint[],
                 $9::text[], $10::text) AS import
