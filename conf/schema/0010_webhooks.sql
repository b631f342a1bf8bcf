-- Webhooks: endpoints, the events they are told of (an outbox: an event and
-- its deliveries are rows of the transaction that made it happen), and every
-- attempt to deliver them.

CREATE TABLE webhooks (
    id              integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uuid            uuid NOT NULL UNIQUE,
    organization_id integer NOT NULL
                    REFERENCES organizations ON DELETE CASCADE,
    url             text NOT NULL CHECK (length(url) BETWEEN 1 AND 2048),
    description     text NOT NULL DEFAULT ''
                    CHECK (length(description) <= 200),
    events          text[] NOT NULL CHECK (cardinality(events) > 0),
    enabled         boolean NOT NULL DEFAULT true,
    disabled_reason text,            -- why it was not a person who did it

    -- sealed by cost_secret_key, bound to the uuid; the old one until then
    secret          bytea NOT NULL,
    old_secret      bytea,
    old_until       timestamptz,

    -- no later than the first delivery that waits; null when none does
    due_at          timestamptz,
    failing_since   timestamptz,     -- null: the last attempt succeeded
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX webhooks_organization ON webhooks (organization_id, id);
CREATE INDEX webhooks_due ON webhooks (due_at)
       WHERE enabled AND due_at IS NOT NULL;

CREATE TABLE events (
    organization_id integer NOT NULL
                    REFERENCES organizations ON DELETE CASCADE,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    uuid            uuid NOT NULL DEFAULT gen_random_uuid(),
    type            text NOT NULL,
    body            text NOT NULL,   -- to the byte as it is sent
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id)
);

CREATE INDEX events_created ON events (created_at);

CREATE TABLE deliveries (
    organization_id integer NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    uuid            uuid NOT NULL DEFAULT gen_random_uuid(),
    webhook_id      integer NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    event_id        bigint NOT NULL,
    state           text NOT NULL DEFAULT 'pending'
                    CHECK (state IN ('pending', 'delivered', 'dead')),
    once            boolean NOT NULL DEFAULT false,   -- it is not tried again
    attempts        integer NOT NULL DEFAULT 0,
    tries           integer NOT NULL DEFAULT 0,   -- since it was asked for

    -- of one that is being sent, the time at which another may take it
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    leased          boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL DEFAULT now(),
    finished_at     timestamptz,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, event_id)
        REFERENCES events ON DELETE CASCADE
);

CREATE UNIQUE INDEX deliveries_uuid ON deliveries (organization_id, uuid);
CREATE INDEX deliveries_event ON deliveries (organization_id, event_id);
CREATE INDEX deliveries_webhook ON deliveries (webhook_id, id);
CREATE INDEX deliveries_due ON deliveries (webhook_id, next_attempt_at)
       WHERE state = 'pending';
CREATE INDEX deliveries_leased ON deliveries (webhook_id)
       WHERE state = 'pending' AND leased;

CREATE TABLE delivery_attempts (
    organization_id integer NOT NULL,
    delivery_id     bigint NOT NULL,
    number          integer NOT NULL,
    attempted_at    timestamptz NOT NULL DEFAULT now(),
    status          integer,         -- null: there was no answer
    latency_ms      integer NOT NULL,
    error           text,            -- why there was none
    answer          text,            -- its first 1 KiB
    PRIMARY KEY (organization_id, delivery_id, number),
    FOREIGN KEY (organization_id, delivery_id)
        REFERENCES deliveries ON DELETE CASCADE
);


-- Who does what only one node may do.  A row with an end instead of an
-- advisory lock: it needs no session of its own, so that it works over pooled
-- connections and through a connection pooler, and the lead of a node whose
-- network was cut ends by itself.

CREATE TABLE timer_leases (
    name       text PRIMARY KEY,
    node       uuid NOT NULL,
    expires_at timestamptz NOT NULL
);


-- An event, to be called in the transaction that makes it happen: stored, and
-- a delivery for every endpoint that wants it.  "data" is what the body has
-- under that name.  Returns the event's id.

CREATE FUNCTION event_body(type text, at timestamptz, data json)
RETURNS text LANGUAGE sql STABLE
RETURN format('{"event":%s,"timestamp":%s,"data":%s}',
              to_json(type), to_json(api_time(at)), data);

CREATE FUNCTION event_add(organization integer, event_type text, data json)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    event bigint;
BEGIN
    INSERT INTO events (organization_id, type, body)
    VALUES (organization, event_type, event_body(event_type, now(), data))
    RETURNING id INTO event;

    INSERT INTO deliveries (organization_id, webhook_id, event_id)
    SELECT organization, w.id, event
      FROM webhooks w
     WHERE w.organization_id = organization
       AND w.enabled
       AND (event_type = ANY (w.events) OR '*' = ANY (w.events));

    RETURN event;
END
$$;

-- Whoever adds a delivery, a person in psql included, need not know of
-- webhooks.due_at, and it goes out at once.

CREATE FUNCTION deliveries_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- in one order, whoever adds

    PERFORM 1 FROM webhooks w
      WHERE w.id IN (SELECT webhook_id FROM added)
      ORDER BY w.id FOR NO KEY UPDATE;

    UPDATE webhooks w
       SET due_at = least(w.due_at, d.due)
      FROM (SELECT webhook_id, min(next_attempt_at) AS due
              FROM added
             WHERE state = 'pending'
             GROUP BY webhook_id) d
     WHERE w.id = d.webhook_id
       AND (w.due_at IS NULL OR w.due_at > d.due);

    PERFORM pg_notify('cost_deliveries', '');

    RETURN NULL;
END
$$;

CREATE TRIGGER deliveries_added AFTER INSERT ON deliveries
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION deliveries_added();


-- Some of what is due: of each endpoint no more than "width" at a time, the
-- sum of all bounded.  Endpoints are found by the time of their first
-- delivery, deliveries by an index of their endpoint's: what others have
-- parked is never looked at.  An endpoint whose row is locked is another
-- node's at this moment.

CREATE FUNCTION deliveries_claim(most integer, width integer, lease interval)
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
           SET leased = true, next_attempt_at = now() + lease
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


-- What became of some.  "verdict" is delivered, again (after "pause"
-- seconds), dead, or gone (dead, and the endpoint wants no more).  An
-- endpoint that has only failed for "patience" is disabled.  Both are events
-- themselves.  Where another node was faster, it is an attempt all the same.
-- Returns how many endpoints there were.

CREATE FUNCTION deliveries_record(organizations integer[], ids bigint[],
    verdicts text[], pauses integer[], statuses integer[],
    latencies integer[], errors text[], answers text[], patience interval)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    hook record;
    hooks integer := 0;
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
        SELECT w.id, w.uuid, w.organization_id, w.url, w.enabled,
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

        UPDATE webhooks w
           SET enabled = false,
               disabled_reason = CASE WHEN hook.gone THEN 'gone'
                                      ELSE 'failing' END,
               updated_at = now()
         WHERE w.id = hook.id;

        PERFORM event_add(hook.organization_id, 'webhook.disabled',
            json_build_object('webhook_id', hook.uuid, 'url', hook.url,
                'reason', CASE WHEN hook.gone THEN 'gone'
                               ELSE 'failing' END));
    END LOOP;

    RETURN hooks;
END
$$;


-- As the API shows them, never with a secret.

CREATE VIEW webhook_details AS
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
  FROM webhooks w;

CREATE VIEW delivery_details AS
SELECT d.organization_id, d.webhook_id, d.id, d.uuid, d.state, d.attempts,
       json_build_object(
           'id', d.uuid, 'webhook_id', w.uuid, 'event_id', e.uuid,
           'event', e.type,
           'status', CASE WHEN d.state = 'pending' AND d.attempts > 0
                          THEN 'retrying' ELSE d.state END,
           'created_at', api_time(d.created_at),
           'finished_at', api_time(d.finished_at),
           'next_attempt_at', CASE WHEN d.state = 'pending'
                              THEN api_time(d.next_attempt_at) END,
           'attempts', (SELECT coalesce(json_agg(json_build_object(
                                   'attempted_at', api_time(a.attempted_at),
                                   'response_status', a.status,
                                   'latency_ms', a.latency_ms,
                                   'error', a.error, 'response', a.answer)
                                   ORDER BY a.number), '[]')
                          FROM delivery_attempts a
                         WHERE a.organization_id = d.organization_id
                           AND a.delivery_id = d.id))::text AS object
  FROM deliveries d
  JOIN webhooks w ON w.id = d.webhook_id
  JOIN events e ON e.organization_id = d.organization_id
               AND e.id = d.event_id;
