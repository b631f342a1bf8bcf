-- What became of deliveries, and others that are due, of each endpoint a few,
-- taken for as long as the lease; see deliveries_turn() in the schema.
-- params: $1 organizations integer[], $2 ids bigint[], $3 verdicts text[],
--   $4 pauses integer[] (seconds), $5 statuses integer[],
--   $6 latencies integer[] (milliseconds), $7 errors text[],
--   $8 answers text[], $9 claims bigint[], $10 patience integer (seconds),
--   $11 most integer, $12 width integer (of one endpoint),
--   $13 lease integer (seconds)
-- returns: organization integer, delivery bigint, delivery uuid, kind text,
--   webhook uuid, url text (or the channel's address), secret bytea or null,
--   old secret bytea or null, event uuid, type text, body text, time text (of
--   the event, ISO 8601), tries integer, title text or null, text text or null
--   (both in words, of what people read), claim bigint
-- rows: 0..most
SELECT *
  FROM deliveries_turn($1::integer[], $2::bigint[], $3::text[],
                       $4::integer[], $5::integer[], $6::integer[],
                       $7::text[], $8::text[], $9::bigint[],
                       $10::integer * interval '1 second', $11::integer,
                       $12::integer, $13::integer * interval '1 second')
