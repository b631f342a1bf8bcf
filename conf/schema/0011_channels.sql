-- Email addresses and Slack channels are endpoints like webhooks: claims,
-- leases, retries, fairness and history are the same.  They have no secret and
-- subscribe to nothing: an event lists those that it is for.

ALTER TABLE webhooks ADD COLUMN kind text NOT NULL DEFAULT 'webhook'
      CHECK (kind IN ('webhook', 'email', 'slack'));

-- of an email its address, of slack its channel
COMMENT ON COLUMN webhooks.url IS 'where to, by kind';

ALTER TABLE webhooks ALTER COLUMN secret DROP NOT NULL;
ALTER TABLE webhooks ADD CHECK (kind <> 'webhook' OR secret IS NOT NULL);
ALTER TABLE webhooks DROP CONSTRAINT webhooks_events_check;
ALTER TABLE webhooks ADD CONSTRAINT webhooks_events_check
      CHECK ((kind = 'webhook') = (cardinality(events) > 0));

CREATE UNIQUE INDEX webhooks_channel ON webhooks (organization_id, kind, url)
       WHERE kind <> 'webhook';


-- The channels that an event lists, as CICosts writes them:
-- [{"type": "email", "target": "a@b"}, {"type": "slack", "channel": "#x"},
-- {"type": "webhook"}].  The last stands for the organization's webhooks,
-- which are told what they have subscribed to anyhow.

CREATE FUNCTION event_channels(notifications jsonb)
RETURNS TABLE (kind text, target text) LANGUAGE sql IMMUTABLE AS $$
    SELECT DISTINCT x.kind, x.target
      FROM (SELECT n ->> 'type' AS kind,
                   CASE n ->> 'type'
                   WHEN 'email' THEN n ->> 'target'
                   WHEN 'slack' THEN coalesce(n ->> 'channel', n ->> 'target')
                   END AS target
              FROM jsonb_array_elements(
                       CASE jsonb_typeof(notifications)
                       WHEN 'array' THEN notifications END) n
             WHERE jsonb_typeof(n) = 'object') x
     WHERE length(x.target) BETWEEN 1 AND 320
     ORDER BY x.kind, x.target
$$;


-- As before, and for every channel listed.  A channel is made when it is
-- listed for the first time, and goes on when it was disabled: whoever lists
-- it wants it.  "only_once": what fails is not tried again, as for tests.

DROP FUNCTION event_add(integer, text, json);

CREATE FUNCTION event_add(organization integer, event_type text, data json,
    notifications jsonb DEFAULT NULL, only_once boolean DEFAULT false)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    event bigint;
BEGIN
    INSERT INTO events (organization_id, type, body)
    VALUES (organization, event_type, event_body(event_type, now(), data))
    RETURNING id INTO event;

    IF notifications IS NOT NULL THEN
        INSERT INTO webhooks AS w (uuid, organization_id, kind, url, events)
        SELECT gen_random_uuid(), organization, c.kind, c.target, '{}'
          FROM event_channels(notifications) c
            ON CONFLICT (organization_id, kind, url) WHERE kind <> 'webhook'
            DO UPDATE
           SET enabled = true, disabled_reason = NULL, failing_since = NULL,
               due_at = (SELECT min(d.next_attempt_at)
                           FROM deliveries d
                          WHERE d.webhook_id = w.id AND d.state = 'pending'),
               updated_at = now()
         WHERE NOT w.enabled;
    END IF;

    INSERT INTO deliveries (organization_id, webhook_id, event_id, once)
    SELECT organization, w.id, event, only_once
      FROM webhooks w
     WHERE w.organization_id = organization
       AND w.enabled
       AND (event_type = ANY (w.events) OR '*' = ANY (w.events)
            OR (w.kind, w.url) IN (SELECT c.kind, c.target
                                     FROM event_channels(notifications) c));

    RETURN event;
END
$$;


-- What became of an event, for those who show it: a row per delivery.

CREATE VIEW event_outcomes AS
SELECT d.organization_id, d.event_id, d.id AS delivery_id, w.kind,
       w.url AS target, d.state, d.attempts, a.status, a.error, a.answer
  FROM deliveries d
  JOIN webhooks w ON w.id = d.webhook_id
  LEFT JOIN delivery_attempts a
    ON a.organization_id = d.organization_id AND a.delivery_id = d.id
   AND a.number = d.attempts;


-- An event in words, for channels that people read.

CREATE FUNCTION money_text(amount numeric, currency text)
RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE WHEN amount < 0 THEN '-' ELSE '' END
       || CASE WHEN currency = 'USD' THEN '$' ELSE '' END
       || to_char(abs(round(amount, 2)), 'FM999,999,999,999,999,990.00')
       || CASE WHEN currency = 'USD' THEN '' ELSE ' ' || currency END;

CREATE FUNCTION event_title(event_type text, data json, currency text)
RETURNS text LANGUAGE sql IMMUTABLE
RETURN coalesce(CASE event_type
    WHEN 'budget.threshold' THEN
        'Budget ' || (data ->> 'budget_name')
        || ' has reached ' || (data ->> 'threshold') || '%: '
        || money_text((data ->> 'current_spend')::numeric, currency) || ' of '
        || money_text((data ->> 'budget_amount')::numeric, currency)
        || ' (' || (data ->> 'percent_used') || '%)'
    WHEN 'anomaly.detected' THEN
        (data ->> 'service') || ' in ' || (data ->> 'account_name') || ' cost '
        || money_text((data ->> 'spike_amount')::numeric, currency)
        || ' in a day; about '
        || money_text((data ->> 'baseline_amount')::numeric, currency)
        || ' was expected'
    ELSE data ->> 'message'
    END, event_type);

CREATE FUNCTION event_text(event_type text, data json, currency text)
RETURNS text LANGUAGE sql IMMUTABLE
RETURN event_title(event_type, data, currency) || E'\n\n'
       || coalesce((SELECT string_agg(format('%s: %s', replace(key, '_', ' '),
                                             value), E'\n' ORDER BY n)
                      FROM json_each_text(data)
                           WITH ORDINALITY AS e (key, value, n)
                     WHERE value IS NOT NULL AND key <> 'message'), '')
       || E'\n';


-- As before; a channel that is disabled says which.

CREATE OR REPLACE FUNCTION deliveries_record(organizations integer[],
    ids bigint[], verdicts text[], pauses integer[], statuses integer[],
    latencies integer[], errors text[], answers text[], patience interval)
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
                          latencies, errors, answers)
                   AS x (organization_id, id, verdict, pause, status, latency,
                         error, answer)
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
                      o.answer
        ), attempted AS (
            INSERT INTO delivery_attempts
                   (organization_id, delivery_id, number, status, latency_ms,
                    error, answer)
            SELECT organization_id, id, attempts, status, latency, error,
                   answer
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


-- The API of webhooks knows of no others.

CREATE OR REPLACE VIEW webhook_details AS
SELECT w.organization_id, w.id, w.uuid,
       json_build_object(
           'id', w.uuid, 'url', w.url, 'description', w.description,
           'events', w.events, 'enabled', w.enabled,
           'disabled_reason', w.disabled_reason,
           'old_secret_until', CASE WHEN w.old_until > now()
                               THEN api_time(w.old_until) END,
           'failing_since', api_time(w.failing_since),
           'created_at', api_time(w.created_at),
           'updated_at', api_time(w.updated_at))::text AS object
  FROM webhooks w
 WHERE w.kind = 'webhook';
