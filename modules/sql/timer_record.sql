-- What became of deliveries; see deliveries_record() in the schema.
-- params: $1 organizations integer[], $2 ids bigint[], $3 verdicts text[],
--   $4 pauses integer[] (seconds), $5 statuses integer[],
--   $6 latencies integer[] (milliseconds), $7 errors text[],
--   $8 answers text[], $9 claims bigint[], $10 patience integer (seconds)
-- returns: endpoints integer
-- rows: 1
SELECT deliveries_record($1::integer[], $2::bigint[], $3::text[],
                         $4::integer[], $5::integer[], $6::integer[],
                         $7::text[], $8::text[],
                         $10::integer * interval '1 second', $9::bigint[])
