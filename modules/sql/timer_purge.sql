-- Forgets events, with their deliveries, that are old and in nobody's way.
-- params: $1 age integer (seconds), $2 most integer
-- returns: purged bigint
-- rows: 1
WITH old AS (
    SELECT e.organization_id, e.id
      FROM events e
     WHERE e.created_at < now() - $1::integer * interval '1 second'
       AND NOT EXISTS (SELECT 1 FROM deliveries d
                        WHERE d.organization_id = e.organization_id
                          AND d.event_id = e.id AND d.state = 'pending')
     ORDER BY e.created_at
     LIMIT $2::integer
), purged AS (
    DELETE FROM events e USING old
     WHERE e.organization_id = old.organization_id AND e.id = old.id
    RETURNING 1
)
SELECT count(*) FROM purged
