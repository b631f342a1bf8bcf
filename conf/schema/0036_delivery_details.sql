-- What a delivery is to those who look at it; the API writes it from here, and
-- webhooks from their table.


DROP VIEW webhook_details;
DROP VIEW delivery_details;

CREATE VIEW delivery_details AS
SELECT d.organization_id, d.webhook_id, d.id, d.uuid, d.state,
       w.uuid AS webhook, e.uuid AS event, e.type,
       CASE WHEN d.state = 'pending' AND d.attempts > 0
            THEN 'retrying' ELSE d.state END AS status,
       floor(extract(epoch FROM d.created_at))::bigint AS created,
       floor(extract(epoch FROM d.finished_at))::bigint AS finished,
       CASE WHEN d.state = 'pending'
            THEN floor(extract(epoch FROM d.next_attempt_at))::bigint END
       AS next,
       array_to_json(ARRAY(
           SELECT row_to_json(x)
             FROM (SELECT api_time(a.attempted_at) AS attempted_at,
                          a.status AS response_status, a.latency_ms, a.error,
                          a.answer AS response
                     FROM delivery_attempts a
                    WHERE a.organization_id = d.organization_id
                      AND a.delivery_id = d.id
                    ORDER BY a.number) x))::text AS attempts
  FROM deliveries d
  JOIN webhooks w ON w.id = d.webhook_id
  JOIN events e ON e.organization_id = d.organization_id
               AND e.id = d.event_id;
