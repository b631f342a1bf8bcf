-- Endpoints that do not answer, however many: one delivery at a time is tried
-- of one that only fails, until one succeeds, and after those that do not
-- fail.  With "width" for each of them, some thirty filled all the room that
-- there was, and others waited for as long as they were tried.

DROP INDEX webhooks_due;
CREATE INDEX webhooks_due ON webhooks (due_at)
       WHERE enabled AND due_at IS NOT NULL AND failing_since IS NULL;
CREATE INDEX webhooks_due_failing ON webhooks (due_at)
       WHERE enabled AND due_at IS NOT NULL AND failing_since IS NOT NULL;


-- As before, with that: of the room that is left those that fail take half.

CREATE OR REPLACE FUNCTION deliveries_claim(most integer, width integer, lease interval)
RETURNS TABLE (organization integer, id bigint, delivery uuid, kind text,
               webhook uuid, url text, secret bytea, old_secret bytea,
               event uuid, type text, body text, at text, tries integer,
               title text, words text, claim bigint)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    hooks integer[];
    widths integer[];
BEGIN
    WITH good AS MATERIALIZED (
        SELECT w.id, w.due_at
          FROM webhooks w
         WHERE w.enabled AND w.due_at <= now() AND w.failing_since IS NULL
         ORDER BY w.due_at
         LIMIT least(most, 64)
           FOR NO KEY UPDATE SKIP LOCKED
    ), failing AS MATERIALIZED (
        SELECT w.id, w.due_at
          FROM webhooks w
         WHERE w.enabled AND w.due_at <= now() AND w.failing_since IS NOT NULL
         ORDER BY w.due_at
         LIMIT least((most + 1) / 2, 64)
           FOR NO KEY UPDATE SKIP LOCKED
    )
    SELECT array_agg(h.id ORDER BY h.failing, h.due_at, h.id),
           array_agg(CASE WHEN h.failing THEN 1 ELSE width END
                     ORDER BY h.failing, h.due_at, h.id)
      INTO hooks, widths
      FROM (SELECT g.*, false AS failing FROM good g
             UNION ALL
            SELECT f.*, true FROM failing f) h;

    IF hooks IS NULL THEN
        RETURN;
    END IF;

    -- a statement of its own: it sees what was committed until the endpoints
    -- were locked

    RETURN QUERY
    WITH due AS MATERIALIZED (
        SELECT x.place
          FROM unnest(hooks, widths) AS h (id, width)
         CROSS JOIN LATERAL (
                   SELECT d.ctid AS place
                     FROM deliveries d
                    WHERE d.webhook_id = h.id
                      AND d.state = 'pending'
                      AND d.next_attempt_at <= now()
                    ORDER BY d.next_attempt_at, d.id
                    LIMIT greatest(h.width - (
                              SELECT count(*) FROM deliveries b
                               WHERE b.webhook_id = h.id
                                 AND b.state = 'pending' AND b.leased
                                 AND b.next_attempt_at > now()), 0)
                      FOR UPDATE SKIP LOCKED) x
         LIMIT most
    ), taken AS (
        UPDATE deliveries d
           SET leased = true, next_attempt_at = now() + lease,
               claim = nextval('delivery_claims')
          FROM due
         WHERE d.ctid = due.place
        RETURNING d.organization_id, d.id, d.uuid, d.webhook_id, d.event_id,
                  d.tries, d.claim
    )
    SELECT t.organization_id, t.id, t.uuid, w.kind, w.uuid, w.url, w.secret,
           CASE WHEN w.old_until > now() THEN w.old_secret END,
           e.uuid, e.type, e.body, api_time(e.created_at), t.tries,
           CASE WHEN w.kind <> 'webhook'
                THEN event_title(e.type, e.body::json -> 'data', o.currency)
           END,
           CASE WHEN w.kind <> 'webhook'
                THEN event_text(e.type, e.body::json -> 'data', o.currency)
           END,
           t.claim
      FROM taken t
      JOIN webhooks w ON w.id = t.webhook_id
      JOIN events e ON e.organization_id = t.organization_id
                   AND e.id = t.event_id
      JOIN organizations o ON o.id = t.organization_id;

    -- one that has its width in flight is due again when the first of them is
    -- recorded, or its lease ends

    UPDATE webhooks w
       SET due_at = x.due
      FROM (SELECT h.id,
                   CASE WHEN (SELECT count(*)
                                FROM deliveries b
                               WHERE b.webhook_id = h.id
                                 AND b.state = 'pending' AND b.leased
                                 AND b.next_attempt_at > now()) >= h.width
                        THEN now() + lease
                        ELSE (SELECT min(d.next_attempt_at)
                                FROM deliveries d
                               WHERE d.webhook_id = h.id
                                 AND d.state = 'pending') END AS due
              FROM unnest(hooks, widths) AS h (id, width)) x
     WHERE w.id = x.id AND w.due_at IS DISTINCT FROM x.due;
END
$$;
