-- Writes what was decided of alerts; see alerts_settle() in the schema.
-- params: $1 ids integer[], $2 versions integer[], $3 verdicts text[]
--   (trigger, resolve), $4 amounts numeric[], $5 percents numeric[],
--   $6 messages text[]
-- returns: triggered integer
-- rows: 1
SELECT alerts_settle($1::integer[], $2::integer[], $3::text[],
                     $4::numeric[], $5::numeric[], $6::text[])
