-- An attempt is one claim's: what is recorded a second time, as nobody knew
-- whether the first was written, is not a second attempt.

CREATE SEQUENCE delivery_claims;

ALTER TABLE deliveries ADD COLUMN claim bigint;
ALTER TABLE delivery_attempts ADD COLUMN claim bigint;


-- As before, and each gets a number of its own.

CREATE OR REPLACE FUNCTION deliveries_claim(most integer, width integer, lease interval)
RETURNS TABLE (organization integer, delivery bigint)
LANGUAGE plpgsql AS $$
DECLARE
    hook record;
    busy integer;
    took integer;
    room integer := most;
BEGIN
    FOR hook IN
        SELECT w.id FROM webhooks w
         WHERE w.enabled AND w.due_at <= now()
         ORDER BY w.due_at
         LIMIT least(most, 64)
           FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        SELECT count(*) INTO busy
          FROM deliveries d
         WHERE d.webhook_id = hook.id AND d.state = 'pending' AND d.leased
           AND d.next_attempt_at > now();

        RETURN QUERY
        UPDATE deliveries d
           SET leased = true, next_attempt_at = now() + lease,
               claim = nextval('delivery_claims')
          FROM (SELECT x.organization_id, x.id
                  FROM deliveries x
                 WHERE x.webhook_id = hook.id
                   AND x.state = 'pending'
                   AND x.next_attempt_at <= now()
                 ORDER BY x.next_attempt_at, x.id
                 LIMIT least(greatest(width - busy, 0), room)
                   FOR UPDATE SKIP LOCKED) x
         WHERE d.organization_id = x.organization_id AND d.id = x.id
        RETURNING d.organization_id, d.id;

        GET DIAGNOSTICS took = ROW_COUNT;

        room := room - took;

        -- one that has its width in flight is due again when the first of
        -- them is recorded, or its lease ends

        UPDATE webhooks w
           SET due_at = CASE WHEN busy + took >= width THEN now() + lease
                             ELSE (SELECT min(d.next_attempt_at)
                                     FROM deliveries d
                                    WHERE d.webhook_id = hook.id
                                      AND d.state = 'pending') END
         WHERE w.id = hook.id;

        EXIT WHEN room <= 0;
    END LOOP;
END
$$;


DROP FUNCTION deliveries_take(integer, integer, interval);

CREATE FUNCTION deliveries_take(most integer, width integer, lease interval)
RETURNS TABLE (organization integer, id bigint, delivery uuid, kind text,
               webhook uuid, url text, secret bytea, old_secret bytea,
               event uuid, type text, body text, at text, tries integer,
               title text, words text, claim bigint)
LANGUAGE plpgsql AS $$
DECLARE
    organizations integer[];
    ids bigint[];
BEGIN
    SELECT array_agg(c.organization), array_agg(c.delivery)
      INTO organizations, ids
      FROM deliveries_claim(most, width, lease) c;

    IF ids IS NULL THEN
        RETURN;
    END IF;

    RETURN QUERY
    SELECT d.organization_id, d.id, d.uuid, w.kind, w.uuid, w.url, w.secret,
           CASE WHEN w.old_until > now() THEN w.old_secret END,
           e.uuid, e.type, e.body, api_time(e.created_at), d.tries,
           CASE WHEN w.kind <> 'webhook'
                THEN event_title(e.type, e.body::json -> 'data', o.currency)
           END,
           CASE WHEN w.kind <> 'webhook'
                THEN event_text(e.type, e.body::json -> 'data', o.currency)
           END,
           d.claim
      FROM unnest(organizations, ids) AS c (organization, delivery)
      JOIN deliveries d ON d.organization_id = c.organization
                       AND d.id = c.delivery
      JOIN webhooks w ON w.id = d.webhook_id
      JOIN events e ON e.organization_id = d.organization_id
                   AND e.id = d.event_id
      JOIN organizations o ON o.id = d.organization_id;
END
$$;


DROP FUNCTION deliveries_record(integer[], bigint[], text[], integer[],
                                integer[], integer[], text[], text[],
                                interval);

-- As before, but for what has been recorded of the claim already.

CREATE FUNCTION deliveries_record(organizations integer[],
    ids bigint[], verdicts text[], pauses integer[], statuses integer[],
    latencies integer[], errors text[], answers text[], patience interval,
    claims bigint[])
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    hook record;
    hooks integer := 0;
    reason text;
BEGIN
    -- endpoints first, as a claim locks them

    PERFORM 1 FROM webhooks w
      WHERE w.id IN (SELECT d.webhook_id
                       FROM unnest(organizations, ids)
                            AS x (organization_id, id)
                       JOIN deliveries d
                         ON d.organization_id = x.organization_id
                        AND d.id = x.id)
      ORDER BY w.id FOR NO KEY UPDATE;

    FOR hook IN
        WITH outcome AS (
            SELECT *
              FROM unnest(organizations, ids, verdicts, pauses, statuses,
                          latencies, errors, answers, claims)
                   AS x (organization_id, id, verdict, pause, status, latency,
                         error, answer, claim)
             WHERE NOT EXISTS (SELECT FROM delivery_attempts a
                                WHERE a.organization_id = x.organization_id
                                  AND a.delivery_id = x.id
                                  AND a.claim = x.claim)
        ), recorded AS (
            UPDATE deliveries d
               SET attempts = d.attempts + 1,
                   tries = d.tries + 1,
                   leased = false,
                   state = CASE
                       WHEN d.state <> 'pending' THEN d.state
                       WHEN o.verdict = 'delivered' THEN 'delivered'
                       WHEN o.verdict = 'again' AND NOT d.once THEN 'pending'
                       ELSE 'dead' END,
                   next_attempt_at = now() + o.pause * interval '1 second',
                   finished_at = CASE
                       WHEN d.state <> 'pending' THEN d.finished_at
                       WHEN o.verdict = 'again' AND NOT d.once THEN NULL
                       ELSE now() END
              FROM outcome o
             WHERE d.organization_id = o.organization_id AND d.id = o.id
            RETURNING d.organization_id, d.id, d.webhook_id, d.attempts,
                      d.once, o.verdict, o.status, o.latency, o.error,
                      o.answer, o.claim
        ), attempted AS (
            INSERT INTO delivery_attempts
                   (organization_id, delivery_id, number, status, latency_ms,
                    error, answer, claim)
            SELECT organization_id, id, attempts, status, latency, error,
                   answer, claim
              FROM recorded
        )
        SELECT w.id, w.uuid, w.organization_id, w.kind, w.url, w.enabled,
               w.failing_since, r.good, r.gone, r.counts
          FROM (SELECT webhook_id, bool_or(verdict = 'delivered') AS good,
                       bool_or(verdict = 'gone') AS gone,
                       bool_or(NOT once) AS counts
                  FROM recorded
                 GROUP BY webhook_id) r
          JOIN webhooks w ON w.id = r.webhook_id
    LOOP
        UPDATE webhooks w
           SET due_at = (SELECT min(d.next_attempt_at)
                           FROM deliveries d
                          WHERE d.webhook_id = hook.id
                            AND d.state = 'pending'),
               failing_since = CASE WHEN hook.good THEN NULL
                                    WHEN hook.counts
                                    THEN coalesce(w.failing_since, now())
                                    ELSE w.failing_since END
         WHERE w.id = hook.id;

        hooks := hooks + 1;

        CONTINUE WHEN NOT hook.enabled
            OR NOT (hook.gone
                    OR (hook.counts AND NOT hook.good
                        AND coalesce(hook.failing_since < now() - patience,
                                     false)));

        reason := CASE WHEN hook.gone THEN 'gone' ELSE 'failing' END;

        UPDATE webhooks w
           SET enabled = false, disabled_reason = reason, updated_at = now()
         WHERE w.id = hook.id;

        IF hook.kind = 'webhook' THEN
            PERFORM event_add(hook.organization_id, 'webhook.disabled',
                json_build_object('webhook_id', hook.uuid, 'url', hook.url,
                                  'reason', reason));
        ELSE
            PERFORM event_add(hook.organization_id, 'channel.disabled',
                json_build_object('type', hook.kind, 'target', hook.url,
                                  'reason', reason));
        END IF;
    END LOOP;

    RETURN hooks;
END
$$;
