-- A turn of deliveries: what became of some, and others taken, in one
-- statement.  Each locks its endpoints: two at a time only waited for, or
-- passed over, those of the other.  And each is a few statements, however many
-- endpoints it is of.
--
-- Rows are sought by index alone: in tables that have just grown the planner
-- believes it cheaper to read them whole, and goes on so.

DROP FUNCTION deliveries_take(integer, integer, interval);
DROP FUNCTION deliveries_claim(integer, integer, interval);
DROP FUNCTION deliveries_record(integer[], bigint[], text[], integer[],
                                integer[], integer[], text[], text[],
                                interval, bigint[]);


-- Of what was added in one transaction, which is due at one moment, the first
-- few are found without a look at all.

DROP INDEX deliveries_due;
CREATE INDEX deliveries_due ON deliveries (webhook_id, next_attempt_at, id)
       WHERE state = 'pending';


-- What became of some.  "verdict" is delivered, again (after "pause"
-- seconds), dead, or gone (dead, and the endpoint wants no more).  An
-- endpoint that has only failed for "patience" is disabled.  Both are events
-- themselves.  Where another node was faster, it is an attempt all the same;
-- what has been recorded of the claim already is none.  Returns how many
-- endpoints there were.

CREATE FUNCTION deliveries_record(organizations integer[],
    ids bigint[], verdicts text[], pauses integer[], statuses integer[],
    latencies integer[], errors text[], answers text[], claims bigint[],
    patience interval)
RETURNS integer LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    hook record;
    hooks integer[];
    good boolean[];
    gone boolean[];
    counts boolean[];
    reason text;
BEGIN
    -- endpoints first, in one order, as whoever adds deliveries

    PERFORM 1 FROM webhooks w
      WHERE w.id IN (SELECT d.webhook_id
                       FROM unnest(organizations, ids)
                            AS x (organization_id, id)
                       JOIN deliveries d
                         ON d.organization_id = x.organization_id
                        AND d.id = x.id)
      ORDER BY w.id FOR NO KEY UPDATE;

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
    ), hook AS (
        SELECT webhook_id, bool_or(verdict = 'delivered') AS good,
               bool_or(verdict = 'gone') AS gone,
               bool_or(NOT once) AS counts
          FROM recorded
         GROUP BY webhook_id
    )
    SELECT array_agg(h.webhook_id), array_agg(h.good), array_agg(h.gone),
           array_agg(h.counts)
      INTO hooks, good, gone, counts
      FROM hook h;

    IF hooks IS NULL THEN
        RETURN 0;
    END IF;

    -- the last of those that are being sent says what is due exactly; until
    -- then it may be due too early

    UPDATE webhooks w
       SET due_at = CASE WHEN x.leased THEN least(w.due_at, x.due)
                         ELSE x.due END,
           failing_since = x.failing
      FROM (SELECT h.id, h.good, h.counts, d.due, d.leased,
                   CASE WHEN h.good THEN NULL
                        WHEN h.counts THEN coalesce(v.failing_since, now())
                        ELSE v.failing_since END AS failing
              FROM unnest(hooks, good, counts) AS h (id, good, counts)
              JOIN webhooks v ON v.id = h.id
             CROSS JOIN LATERAL (
                       SELECT (SELECT min(p.next_attempt_at)
                                 FROM deliveries p
                                WHERE p.webhook_id = h.id
                                  AND p.state = 'pending') AS due,
                              EXISTS (SELECT FROM deliveries p
                                       WHERE p.webhook_id = h.id
                                         AND p.state = 'pending'
                                         AND p.leased) AS leased) d) x
     WHERE w.id = x.id
       AND (w.due_at IS DISTINCT FROM CASE WHEN x.leased
                                           THEN least(w.due_at, x.due)
                                           ELSE x.due END
            OR w.failing_since IS DISTINCT FROM x.failing);

    FOR hook IN
        SELECT w.id, w.uuid, w.organization_id, w.kind, w.url, h.gone
          FROM unnest(hooks, good, gone, counts)
               AS h (id, good, gone, counts)
          JOIN webhooks w ON w.id = h.id
         WHERE w.enabled
           AND (h.gone OR (h.counts AND NOT h.good
                           AND w.failing_since < now() - patience))
    LOOP
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

    RETURN cardinality(hooks);
END
$$;


-- Some of what is due, with all that is needed to deliver it: of each
-- endpoint no more than "width" at a time, the sum of all bounded.  Endpoints
-- are found by the time of their first delivery, deliveries by an index of
-- their endpoint's: what others have parked is never looked at.  An endpoint
-- whose row is locked is another node's at this moment.

CREATE FUNCTION deliveries_claim(most integer, width integer, lease interval)
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
BEGIN
    SELECT array_agg(h.id ORDER BY h.due_at, h.id) INTO hooks
      FROM (SELECT w.id, w.due_at
              FROM webhooks w
             WHERE w.enabled AND w.due_at <= now()
             ORDER BY w.due_at
             LIMIT least(most, 64)
               FOR NO KEY UPDATE SKIP LOCKED) h;

    IF hooks IS NULL THEN
        RETURN;
    END IF;

    -- a statement of its own: it sees what was committed until the endpoints
    -- were locked

    RETURN QUERY
    WITH due AS MATERIALIZED (
        SELECT x.place
          FROM unnest(hooks) AS h (id)
         CROSS JOIN LATERAL (
                   SELECT d.ctid AS place
                     FROM deliveries d
                    WHERE d.webhook_id = h.id
                      AND d.state = 'pending'
                      AND d.next_attempt_at <= now()
                    ORDER BY d.next_attempt_at, d.id
                    LIMIT greatest(width - (SELECT count(*)
                                              FROM deliveries b
                                             WHERE b.webhook_id = h.id
                                               AND b.state = 'pending'
                                               AND b.leased
                                               AND b.next_attempt_at > now()),
                                   0)
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
                                 AND b.next_attempt_at > now()) >= width
                        THEN now() + lease
                        ELSE (SELECT min(d.next_attempt_at)
                                FROM deliveries d
                               WHERE d.webhook_id = h.id
                                 AND d.state = 'pending') END AS due
              FROM unnest(hooks) AS h (id)) x
     WHERE w.id = x.id AND w.due_at IS DISTINCT FROM x.due;
END
$$;


-- Both; no outcomes are empty arrays, and with room for none nothing is
-- taken.

CREATE FUNCTION deliveries_turn(organizations integer[], ids bigint[],
    verdicts text[], pauses integer[], statuses integer[],
    latencies integer[], errors text[], answers text[], claims bigint[],
    patience interval, most integer, width integer, lease interval)
RETURNS TABLE (organization integer, id bigint, delivery uuid, kind text,
               webhook uuid, url text, secret bytea, old_secret bytea,
               event uuid, type text, body text, at text, tries integer,
               title text, words text, claim bigint)
LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(ids) > 0 THEN
        PERFORM deliveries_record(organizations, ids, verdicts, pauses,
                                  statuses, latencies, errors, answers,
                                  claims, patience);
    END IF;

    IF most > 0 THEN
        RETURN QUERY SELECT * FROM deliveries_claim(most, width, lease);
    END IF;
END
$$;
