-- Alerts: rules over sums of costs, when they triggered, and what of.
--
-- CICosts' form is stored; CloudK's is derived from it.


-- What a rule adds up:
--
--     all_accounts   the organization's accounts
--     account        one of them
--     organization   the jobs of CI runs of that owner ("org") when there has
--                    been one, else the organization itself: its accounts
--     repository     the jobs of the owner's repository
--     workflow       the jobs of a workflow, by its id or its name
--
-- and of per_run_cost always jobs: of all_accounts, and of an organization
-- that owns none, all there are.

CREATE TABLE alerts (
    id                integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uuid              uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    organization_id   integer NOT NULL
                      REFERENCES organizations ON DELETE CASCADE,
    name              text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    type              text NOT NULL CHECK (type IN ('threshold', 'anomaly')),
    paused            boolean NOT NULL DEFAULT false,

    scope_type        text NOT NULL
                      CHECK (scope_type IN ('all_accounts', 'account',
                                            'organization', 'repository',
                                            'workflow')),
    account_id        integer REFERENCES accounts ON DELETE CASCADE,
    owner             text CHECK (length(owner) BETWEEN 1 AND 255),
    repository        text CHECK (length(repository) BETWEEN 1 AND 255),
    workflow          text CHECK (length(workflow) BETWEEN 1 AND 1024),

    metric            text NOT NULL
                      CHECK (metric IN ('daily_cost', 'weekly_cost',
                                        'monthly_cost', 'per_run_cost')),
    operator          text NOT NULL
                      CHECK (operator IN ('greater_than', 'less_than',
                                          'percent_increase',
                                          'percent_decrease')),
    value             numeric NOT NULL CHECK (value >= 0),
    baseline          text CHECK (baseline IN ('7_day_average',
                                               '30_day_average',
                                               'previous_period')),

    notifications     json NOT NULL DEFAULT '[]',
    cooldown_hours    integer NOT NULL DEFAULT 24
                      CHECK (cooldown_hours BETWEEN 0 AND 8760),

    -- raised by every change, of the rule or of its state: whoever decided
    -- on an older one decides again
    version           integer NOT NULL DEFAULT 0,
    open              boolean NOT NULL DEFAULT false,  -- not resolved yet
    last_triggered_at timestamptz,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),

    CHECK ((account_id IS NOT NULL) = (scope_type = 'account')),
    CHECK ((owner IS NOT NULL)
           = (scope_type IN ('organization', 'repository'))),
    CHECK ((repository IS NOT NULL) = (scope_type = 'repository')),
    CHECK ((workflow IS NOT NULL) = (scope_type = 'workflow')),
    CHECK ((baseline IS NOT NULL)
           = (operator IN ('percent_increase', 'percent_decrease'))),
    CHECK ((type = 'anomaly') = (baseline IS NOT NULL))
);

CREATE INDEX alerts_organization ON alerts (organization_id, id);
CREATE INDEX alerts_active ON alerts (organization_id, id) WHERE NOT paused;
CREATE INDEX alerts_account ON alerts (account_id)
       WHERE account_id IS NOT NULL;

-- "value" is the metric's, "percent" how far it was from the baseline.

CREATE TABLE alert_history (
    organization_id   integer NOT NULL
                      REFERENCES organizations ON DELETE CASCADE,
    id                bigint GENERATED ALWAYS AS IDENTITY,
    uuid              uuid NOT NULL DEFAULT gen_random_uuid(),
    alert_id          integer NOT NULL REFERENCES alerts ON DELETE CASCADE,
    triggered_at      timestamptz NOT NULL DEFAULT now(),
    resolved_at       timestamptz,
    value             numeric NOT NULL,
    percent           numeric,
    threshold         numeric NOT NULL,
    event_id          bigint,

    -- of an event that is no longer kept; else its deliveries tell
    sent              boolean NOT NULL DEFAULT false,
    PRIMARY KEY (organization_id, id)
);

CREATE INDEX alert_history_alert ON alert_history (alert_id, id);
CREATE INDEX alert_history_open ON alert_history (alert_id)
       WHERE resolved_at IS NULL;
CREATE INDEX alert_history_event ON alert_history (organization_id, event_id);


-- Whoever adds or changes a rule need not wait for the next evaluation.

CREATE FUNCTION alerts_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('cost_alerts', NEW.organization_id::text);
    RETURN NULL;
END
$$;

CREATE TRIGGER alerts_told
    AFTER INSERT OR UPDATE OF paused, scope_type, account_id, owner,
                              repository, workflow, metric, operator, value,
                              baseline, cooldown_hours
    ON alerts FOR EACH ROW EXECUTE FUNCTION alerts_told();

-- The same of jobs of CI runs, which no load tells of.

CREATE FUNCTION ci_runs_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('cost_alerts', r.organization_id::text)
       FROM (SELECT DISTINCT organization_id FROM told) r;
    RETURN NULL;
END
$$;

CREATE TRIGGER ci_runs_added AFTER INSERT ON ci_runs
    REFERENCING NEW TABLE AS told
    FOR EACH STATEMENT EXECUTE FUNCTION ci_runs_told();
CREATE TRIGGER ci_runs_changed AFTER UPDATE ON ci_runs
    REFERENCING NEW TABLE AS told
    FOR EACH STATEMENT EXECUTE FUNCTION ci_runs_told();

CREATE INDEX ci_runs_repository
    ON ci_runs (organization_id, owner, repository, completed_at);
CREATE INDEX ci_runs_workflow_id
    ON ci_runs (organization_id, workflow_id, completed_at);
CREATE INDEX ci_runs_workflow
    ON ci_runs (organization_id, workflow, completed_at);


-- An event is forgotten after a while; that it was delivered is not.

CREATE FUNCTION events_sent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE alert_history h
       SET sent = EXISTS (SELECT FROM deliveries d
                           WHERE d.organization_id = OLD.organization_id
                             AND d.event_id = OLD.id
                             AND d.state = 'delivered'),
           event_id = NULL
     WHERE h.organization_id = OLD.organization_id AND h.event_id = OLD.id;

    RETURN OLD;
END
$$;

CREATE TRIGGER events_sent BEFORE DELETE ON events FOR EACH ROW
    WHEN (OLD.type = 'alert.triggered')
    EXECUTE FUNCTION events_sent();


-- Has the owner's CI been seen?

CREATE FUNCTION alert_of_runs(organization integer, wanted text)
RETURNS boolean LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM ci_runs r
                WHERE r.organization_id = organization AND r.owner = wanted);


-- What the faces show of an alert.

CREATE VIEW alert_details AS
SELECT a.organization_id, a.id, a.uuid, a.name, a.type,
       CASE WHEN a.paused THEN 'paused'
            WHEN a.open THEN 'triggered'
            ELSE 'active' END AS status,
       a.scope_type, c.uuid AS account, a.owner, a.repository, a.workflow,
       a.metric, a.operator, a.value, a.baseline, a.notifications,
       a.cooldown_hours,
       extract(epoch FROM a.last_triggered_at)::bigint AS last_triggered,
       extract(epoch FROM a.created_at)::bigint AS created,
       extract(epoch FROM a.updated_at)::bigint AS updated,
       a.version
  FROM alerts a
  LEFT JOIN accounts c ON c.id = a.account_id;

-- As CloudK calls it: the provider, "all" for several.

CREATE FUNCTION alert_provider(organization integer, scope text,
    account integer, owner text)
RETURNS text LANGUAGE sql STABLE
RETURN CASE
       WHEN scope = 'account'
       THEN (SELECT a.provider FROM accounts a
              WHERE a.organization_id = organization AND a.id = account)
       WHEN scope IN ('repository', 'workflow')
            OR (scope = 'organization' AND alert_of_runs(organization, owner))
       THEN 'github'
       ELSE (SELECT CASE WHEN count(DISTINCT a.provider) = 1
                         THEN min(a.provider) ELSE 'all' END
               FROM accounts a
              WHERE a.organization_id = organization)
       END;
