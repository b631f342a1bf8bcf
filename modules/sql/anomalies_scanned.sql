-- Writes what a daily search has found; see anomalies_scanned() in the schema.
--
-- params: $1 organization integer, $2 data generation bigint at which it was
--   read, $3 what was judged jsonb, $4 what was found jsonb (both as for
--   anomalies_store.sql), $5 accounts integer[], $6 today integer (since 1970)
-- returns: added bigint, changed bigint, gone bigint, told bigint
-- rows: 0..1, none when the costs are not those that were judged any more
SELECT s.added, s.changed, s.gone, s.told
  FROM anomalies_scanned($1, $2::bigint, $3::jsonb, $4::jsonb, $5::integer[],
                         date '1970-01-01' + $6::integer) s
