-- Sync: where an account's bills are fetched from, the jobs that fetch them,
-- and what of every file was loaded last.


-- A source belongs to an account.  Rows of its files go to the accounts that
-- they name, or all to this one.  "secret" is sealed for the uuid.

CREATE TABLE account_sources (
    organization_id integer NOT NULL
                    REFERENCES organizations ON DELETE CASCADE,
    account_id      integer NOT NULL UNIQUE
                    REFERENCES accounts ON DELETE CASCADE,
    uuid            uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    kind            text NOT NULL CHECK (kind IN ('directory', 'https', 's3')),
    location        text NOT NULL,       -- path, URL; of s3 the endpoint or ''
    bucket          text NOT NULL DEFAULT '',
    region          text NOT NULL DEFAULT '',
    prefix          text NOT NULL DEFAULT '',
    access_key      text NOT NULL DEFAULT '',
    secret          bytea,
    one_account     boolean NOT NULL DEFAULT false,
    sync_every      integer CHECK (sync_every BETWEEN 1 AND 8760),   -- hours
    next_sync_at    timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, account_id),
    CHECK (kind = 's3' OR location <> ''),
    CHECK (kind <> 's3' OR bucket <> '')
);

CREATE INDEX account_sources_due ON account_sources (next_sync_at)
       WHERE next_sync_at IS NOT NULL;


-- A job is all of an organization's sources, one job at a time.  A node holds
-- it by a lease that it renews; when the lease has ended the node is dead, and
-- the job failed: what it had loaded is whole, as a load is a transaction.

CREATE TABLE sync_jobs (
    organization_id integer NOT NULL
                    REFERENCES organizations ON DELETE CASCADE,
    id              integer GENERATED ALWAYS AS IDENTITY,
    state           text NOT NULL DEFAULT 'queued'
                    CHECK (state IN ('queued', 'running', 'done', 'failed')),
    error           text,
    file            text,                -- under way
    files_found     integer NOT NULL DEFAULT 0,
    files_loaded    integer NOT NULL DEFAULT 0,
    files_skipped   integer NOT NULL DEFAULT 0,  -- had not changed
    files_failed    integer NOT NULL DEFAULT 0,
    bytes           bigint NOT NULL DEFAULT 0,   -- read, as they lie there
    rows_read       bigint NOT NULL DEFAULT 0,
    rows_loaded     bigint NOT NULL DEFAULT 0,
    rows_refused    bigint NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL DEFAULT now(),
    started_at      timestamptz,
    finished_at     timestamptz,
    node            uuid,
    lease_until     timestamptz,
    PRIMARY KEY (organization_id, id)
);

CREATE UNIQUE INDEX sync_jobs_one ON sync_jobs (organization_id)
       WHERE state IN ('queued', 'running');
CREATE INDEX sync_jobs_open ON sync_jobs (created_at)
       WHERE state IN ('queued', 'running');


-- Files of sources: what was loaded of each, and what went wrong with it in
-- the job that tried it last.  A file whose version (ETag, or time and size)
-- is still the same is not fetched again, as long as what it brought is there,
-- or was replaced by another file of the same source.

CREATE TABLE sync_files (
    organization_id integer NOT NULL,
    account_id      integer NOT NULL
                    REFERENCES accounts ON DELETE CASCADE,
    name            text NOT NULL CHECK (octet_length(name) <= 2200),
    version         text,
    load_id         bigint,              -- cost_periods.import_id
    account_ids     integer[],           -- the billing periods it brought
    periods         date[],
    loaded_at       timestamptz,
    error           text,
    error_job       integer,
    PRIMARY KEY (organization_id, account_id, name)
);

CREATE INDEX sync_files_load ON sync_files (organization_id, load_id);
CREATE INDEX sync_files_error ON sync_files (organization_id, error_job)
       WHERE error_job IS NOT NULL;
CREATE INDEX sync_files_account ON sync_files (account_id);


-- The account that takes all staged rows, as before; and by its uuid.

CREATE OR REPLACE FUNCTION cost_load_account(organization integer,
    wanted text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    found_ids integer[];
    made      integer;
BEGIN
    SELECT array_agg(a.id) INTO found_ids
      FROM accounts a
     WHERE a.organization_id = organization AND a.uuid::text = wanted;

    IF found_ids IS NULL THEN
        SELECT array_agg(a.id) INTO found_ids
          FROM accounts a
         WHERE a.organization_id = organization AND a.external_id = wanted;
    END IF;

    IF found_ids IS NULL THEN
        SELECT array_agg(a.id) INTO found_ids
          FROM accounts a
         WHERE a.organization_id = organization AND a.name = wanted;
    END IF;

    IF cardinality(found_ids) > 1 THEN
        RAISE '% accounts are called "%"', cardinality(found_ids), wanted;
    END IF;

    IF found_ids IS NOT NULL THEN
        RETURN found_ids[1];
    END IF;

    INSERT INTO accounts (organization_id, provider, external_id, name)
    SELECT organization, CASE WHEN count(DISTINCT d.provider) = 1
                              THEN min(d.provider) ELSE 'other' END,
           wanted, wanted
      FROM cost_stage_days d
    RETURNING id INTO made;

    RETURN made;
END
$$;


-- A job of the organization: the one that is there, or a new one; none when
-- no account has a source.  The nodes are notified.

CREATE FUNCTION sync_start(organization integer)
RETURNS TABLE (job integer, state text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM account_sources s WHERE s.organization_id = organization;

    IF NOT FOUND THEN
        RETURN;
    END IF;

    INSERT INTO sync_jobs (organization_id) VALUES (organization)
        ON CONFLICT (organization_id)
           WHERE sync_jobs.state IN ('queued', 'running') DO NOTHING;

    UPDATE account_sources s
       SET next_sync_at = now() + s.sync_every * interval '1 hour'
     WHERE s.organization_id = organization;

    PERFORM pg_notify('cost_sync', organization::text);

    RETURN QUERY
    SELECT j.id, j.state
      FROM sync_jobs j
     WHERE j.organization_id = organization
       AND j.state IN ('queued', 'running');
END
$$;


-- For the node that leads: jobs whose node died have failed, sources whose
-- time has come are queued, and, when "more", a queued job is taken.

CREATE FUNCTION sync_claim(wanted_node uuid, lease interval, more boolean)
RETURNS TABLE (organization integer, job integer) LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sync_jobs j
       SET state = 'failed', finished_at = now(), node = NULL,
           lease_until = NULL, file = NULL,
           error = 'the server was stopped in the middle of the job; what it '
                   'had loaded by then is whole'
     WHERE j.state = 'running' AND j.lease_until < now();

    PERFORM sync_start(d.organization_id)
       FROM (SELECT DISTINCT s.organization_id
               FROM account_sources s
              WHERE s.next_sync_at <= now()) d;

    IF NOT more THEN
        RETURN;
    END IF;

    RETURN QUERY
    UPDATE sync_jobs j
       SET state = 'running', node = wanted_node,
           lease_until = now() + lease,
           started_at = coalesce(j.started_at, now())
      FROM (SELECT q.organization_id, q.id
              FROM sync_jobs q
             WHERE q.state = 'queued'
             ORDER BY q.created_at
             LIMIT 1
               FOR UPDATE SKIP LOCKED) q
     WHERE j.organization_id = q.organization_id AND j.id = q.id
    RETURNING j.organization_id, j.id;
END
$$;


-- What was staged of files that belong together, in the transaction of the
-- load: one import for each, with its refused rows; then cost_load(), for the
-- first of them, when anything was staged.  Returns that import, or null.

CREATE FUNCTION sync_load(organization integer, names text[], sizes bigint[],
    formats text[], rows_read bigint[], rows_refused bigint[],
    refused_files integer[], refused_lines bigint[], refused_reasons text[],
    account_override text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    ids    bigint[] := '{}';
    made   bigint;
    staged boolean;
BEGIN
    FOR i IN 1 .. cardinality(names) LOOP
        INSERT INTO imports AS m (organization_id, file_name, file_size,
                                  format, rows_read, rows_refused)
        VALUES (organization, names[i], sizes[i], formats[i], rows_read[i],
                rows_refused[i])
        RETURNING m.id INTO made;

        ids := ids || made;
    END LOOP;

    INSERT INTO import_refusals (organization_id, import_id, line, reason)
    SELECT organization, ids[r.file], r.line, r.reason
      FROM unnest(refused_files, refused_lines, refused_reasons)
           AS r (file, line, reason)
        ON CONFLICT DO NOTHING;

    staged := EXISTS (SELECT FROM cost_stage);

    IF staged THEN
        PERFORM cost_load(organization, ids[1], account_override);
    END IF;

    FOR i IN 1 .. cardinality(names) LOOP
        UPDATE imports m
           SET state = 'done', rows_loaded = m.rows_read - m.rows_refused,
               finished_at = coalesce(m.finished_at, clock_timestamp())
         WHERE m.organization_id = organization AND m.id = ids[i];
    END LOOP;

    RETURN CASE WHEN staged THEN ids[1] END;
END
$$;


-- The last of a load: it counts only if the job is still this node's; until
-- the commit nobody can take it away.  "load" may be null.

CREATE FUNCTION sync_loaded(organization integer, wanted_job integer,
    wanted_node uuid, account integer, names text[], versions text[],
    load bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    ids    integer[];
    months date[];
BEGIN
    PERFORM FROM sync_jobs j
      WHERE j.organization_id = organization AND j.id = wanted_job
        AND j.state = 'running' AND j.node = wanted_node
        FOR UPDATE;

    IF NOT FOUND THEN
        RAISE 'sync job % is not this node''s any more', wanted_job;
    END IF;

    SELECT array_agg(p.account_id), array_agg(p.period) INTO ids, months
      FROM cost_periods p
     WHERE p.organization_id = organization AND p.import_id = load;

    INSERT INTO sync_files (organization_id, account_id, name, version,
                            load_id, account_ids, periods, loaded_at)
    SELECT organization, account, n.name, n.version, load, ids, months, now()
      FROM unnest(names, versions) AS n (name, version)
        ON CONFLICT (organization_id, account_id, name) DO UPDATE
       SET version = excluded.version, load_id = excluded.load_id,
           account_ids = excluded.account_ids, periods = excluded.periods,
           loaded_at = excluded.loaded_at, error = NULL, error_job = NULL;
END
$$;


-- How far a job is, or how it ended.  "queued" gives it back: a worker that
-- leaves in the middle of it lets another go on.  Returns whether the job is
-- still this node's.

CREATE FUNCTION sync_progress(organization integer, wanted_job integer,
    wanted_node uuid, lease interval, new_state text, new_error text,
    new_file text, counts bigint[]) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sync_jobs j
       SET state = new_state, error = new_error, file = new_file,
           files_found = counts[1], files_loaded = counts[2],
           files_skipped = counts[3], files_failed = counts[4],
           bytes = counts[5], rows_read = counts[6], rows_loaded = counts[7],
           rows_refused = counts[8],
           lease_until = CASE WHEN new_state = 'running'
                         THEN now() + lease END,
           node = CASE WHEN new_state = 'running' THEN j.node END,
           finished_at = CASE WHEN new_state IN ('done', 'failed')
                         THEN now() END
     WHERE j.organization_id = organization AND j.id = wanted_job
       AND j.state = 'running' AND j.node = wanted_node;

    IF NOT FOUND THEN
        RETURN false;
    END IF;

    IF new_state IN ('done', 'failed') THEN
        PERFORM pg_notify('cost_synced', organization::text);

    ELSIF new_state = 'queued' THEN
        PERFORM pg_notify('cost_sync', organization::text);
    END IF;

    RETURN true;
END
$$;
