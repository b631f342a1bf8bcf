-- The deliveries to an endpoint, the latest first.
-- params: $1 organization integer, $2 webhook uuid, $3 before bigint (0: all),
--   $4 limit integer
-- returns: id bigint, uuid uuid, webhook uuid, event uuid, type text, status
--   text, created epoch seconds bigint, finished epoch seconds bigint or null,
--   next attempt epoch seconds bigint or null, attempts text (JSON)
-- rows: 0 when there is no such endpoint; one of nulls when it has none
SELECT d.id, d.uuid, d.webhook, d.event, d.type, d.status, d.created,
       d.finished, d.next, d.attempts
  FROM webhooks w
  LEFT JOIN LATERAL (
           SELECT x.*
             FROM delivery_details x
            WHERE x.organization_id = $1 AND x.webhook_id = w.id
              AND ($3::bigint = 0 OR x.id < $3)
            ORDER BY x.id DESC
            LIMIT $4::integer) d ON true
 WHERE w.organization_id = $1::integer AND w.uuid = $2::uuid
   AND w.kind = 'webhook'
 ORDER BY d.id DESC
