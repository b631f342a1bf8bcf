-- One delivery.
-- params: $1 organization integer, $2 uuid uuid
-- returns: id bigint, uuid uuid, webhook uuid, event uuid, type text, status
--   text, created epoch seconds bigint, finished epoch seconds bigint or null,
--   next attempt epoch seconds bigint or null, attempts text (JSON),
--   state text
-- rows: 0..1
SELECT d.id, d.uuid, d.webhook, d.event, d.type, d.status, d.created,
       d.finished, d.next, d.attempts, d.state
  FROM delivery_details d
 WHERE d.organization_id = $1::integer AND d.uuid = $2::uuid
