-- What became of an alert's test, for each of its notifications in their
-- order, and for the organization's webhooks, which hear of every alert.
-- params: $1 organization integer, $2 uuid uuid, $3 event bigint
-- returns: type text, status text (sent, failed, pending), error text or null
-- rows: one for each
WITH listed AS (
    SELECT n.place, n.object ->> 'type' AS type,
           coalesce(n.object ->> 'target', n.object ->> 'channel') AS target
      FROM alerts a
     CROSS JOIN LATERAL json_array_elements(a.notifications)
                        WITH ORDINALITY AS n (object, place)
     WHERE a.organization_id = $1::integer AND a.uuid = $2::uuid
), outcomes AS (
    SELECT o.kind, o.target, o.state,
           CASE WHEN o.state = 'dead'
                THEN coalesce(o.error, 'the answer was ' || o.status
                                  || CASE WHEN o.kind <> 'webhook'
                                          THEN coalesce(': '
                                               || left(o.answer, 200), '')
                                          ELSE '' END, 'it failed')
           END AS error
      FROM event_outcomes o
     WHERE o.organization_id = $1 AND o.event_id = $3::bigint
), items AS (
    SELECT place, type, target FROM listed
     UNION ALL
    SELECT 1000, 'webhook', NULL
     WHERE EXISTS (SELECT FROM outcomes WHERE kind = 'webhook')
       AND NOT EXISTS (SELECT FROM listed WHERE type = 'webhook')
)
SELECT i.type,
       CASE WHEN count(o.state) = 0 THEN 'failed'
            WHEN bool_or(o.state = 'pending') THEN 'pending'
            WHEN bool_and(o.state = 'delivered') THEN 'sent'
            ELSE 'failed' END AS status,
       CASE WHEN count(o.state) = 0
            THEN 'no webhook is there to be told of alerts'
            ELSE min(o.error) END AS error
  FROM items i
  LEFT JOIN outcomes o
    ON o.kind = i.type AND (i.type = 'webhook' OR o.target = i.target)
 GROUP BY i.place, i.type
 ORDER BY i.place
