-- Takes deliveries that are due, of each endpoint a few, for as long as the
-- lease; see deliveries_claim() in the schema.
-- params: $1 most integer, $2 width integer (of one endpoint),
--   $3 lease integer (seconds)
-- returns: organization integer, delivery bigint, delivery uuid, kind text,
--   webhook uuid, url text (or the channel's address), secret bytea or null,
--   old secret bytea or null, event uuid, type text, body text, time text (of
--   the event, ISO 8601), tries integer, title text or null, text text or null
--   (both in words, of what people read)
-- rows: 0..most
SELECT d.organization_id, d.id, d.uuid, w.kind, w.uuid AS webhook, w.url,
       w.secret,
       CASE WHEN w.old_until > now() THEN w.old_secret END AS old_secret,
       e.uuid AS event, e.type, e.body, api_time(e.created_at) AS time,
       d.tries,
       CASE WHEN w.kind <> 'webhook'
            THEN event_title(e.type, e.body::json -> 'data', o.currency)
       END AS title,
       CASE WHEN w.kind <> 'webhook'
            THEN event_text(e.type, e.body::json -> 'data', o.currency)
       END AS text
  FROM deliveries_claim($1::integer, $2::integer,
                        $3::integer * interval '1 second') c
  JOIN deliveries d ON d.organization_id = c.organization
                   AND d.id = c.delivery
  JOIN webhooks w ON w.id = d.webhook_id
  JOIN events e ON e.organization_id = d.organization_id
               AND e.id = d.event_id
  JOIN organizations o ON o.id = d.organization_id
