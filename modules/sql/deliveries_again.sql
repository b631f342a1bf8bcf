-- A delivery is sent again, now, with all its tries; one that waits does not
-- wait any longer.  One being sent, or of a disabled endpoint, stays as it is.
-- params: $1 organization integer, $2 uuid uuid
-- returns: uuid uuid, enabled boolean
-- rows: 0..1
WITH hook AS (
    SELECT w.id, w.enabled
      FROM deliveries d
      JOIN webhooks w ON w.id = d.webhook_id
     WHERE d.organization_id = $1::integer AND d.uuid = $2::uuid
       AND w.kind = 'webhook'
       FOR NO KEY UPDATE OF w
), again AS (
    UPDATE deliveries d
       SET state = 'pending', tries = 0, finished_at = NULL, once = false,
           next_attempt_at = CASE WHEN d.leased THEN d.next_attempt_at
                                  ELSE now() END
      FROM hook
     WHERE d.organization_id = $1 AND d.uuid = $2 AND hook.enabled
    RETURNING d.webhook_id, d.next_attempt_at
), due AS (
    UPDATE webhooks w
       SET due_at = least(w.due_at, again.next_attempt_at)
      FROM again
     WHERE w.id = again.webhook_id
    RETURNING pg_notify('cost_deliveries', '')
)
SELECT $2::uuid, hook.enabled
  FROM hook
  LEFT JOIN due ON true
