-- Takes deliveries that are due, of each endpoint a few, for as long as the
-- lease; see deliveries_take() in the schema.
-- params: $1 most integer, $2 width integer (of one endpoint),
--   $3 lease integer (seconds)
-- returns: organization integer, delivery bigint, delivery uuid, kind text,
--   webhook uuid, url text (or the channel's address), secret bytea or null,
--   old secret bytea or null, event uuid, type text, body text, time text (of
--   the event, ISO 8601), tries integer, title text or null, text text or null
--   (both in words, of what people read), claim bigint
-- rows: 0..most
SELECT *
  FROM deliveries_take($1::integer, $2::integer,
                       $3::integer * interval '1 second')
