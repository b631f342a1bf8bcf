-- Forgets what is old: events, with their deliveries, unless one still waits
-- for an endpoint that is enabled; and when alerts triggered, after a year at
-- the least and after their events, but for the last time of one that has not
-- resolved.
-- params: $1 age integer (seconds), $2 most integer (of each)
-- returns: purged bigint (events), forgotten bigint (of alerts)
-- rows: 1
WITH old AS (
    SELECT e.organization_id, e.id
      FROM events e
     WHERE e.created_at < now() - $1::integer * interval '1 second'
       AND NOT EXISTS (SELECT 1 FROM deliveries d
                         JOIN webhooks w ON w.id = d.webhook_id
                        WHERE d.organization_id = e.organization_id
                          AND d.event_id = e.id AND d.state = 'pending'
                          AND w.enabled)
     ORDER BY e.created_at
     LIMIT $2::integer
), purged AS (
    DELETE FROM events e USING old
     WHERE e.organization_id = old.organization_id AND e.id = old.id
    RETURNING 1
), past AS (
    SELECT h.organization_id, h.id
      FROM alert_history h
     WHERE h.triggered_at < now() - greatest($1::integer * interval '1 second',
                                             interval '365 days')
       AND h.event_id IS NULL
       AND (h.resolved_at IS NOT NULL
            OR EXISTS (SELECT 1 FROM alert_history n
                        WHERE n.alert_id = h.alert_id AND n.id > h.id))
     ORDER BY h.triggered_at
     LIMIT $2::integer
), forgotten AS (
    DELETE FROM alert_history h USING past p
     WHERE h.organization_id = p.organization_id AND h.id = p.id
    RETURNING 1
)
SELECT (SELECT count(*) FROM purged) AS purged,
       (SELECT count(*) FROM forgotten) AS forgotten
