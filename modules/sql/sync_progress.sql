-- How far a job is, or how it ended; see the schema.
-- params: $1 organization integer, $2 job integer, $3 node uuid,
--   $4 lease integer (seconds), $5 state text, $6 error text or null,
--   $7 file text or null, $8 counts bigint[] (files found, loaded, skipped and
--   failed, bytes, rows read, loaded and refused)
-- returns: ours boolean
-- rows: 1
SELECT sync_progress($1::integer, $2::integer, $3::uuid,
                     $4::integer * interval '1 second', $5::text, $6::text,
                     $7::text, $8::bigint[]) AS ours
