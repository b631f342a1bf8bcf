-- Budgets, and anomalies that are told.

CREATE TABLE budgets (
    id              integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uuid            uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    organization_id integer NOT NULL
                    REFERENCES organizations ON DELETE CASCADE,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    scope_type      text NOT NULL
                    CHECK (scope_type IN ('all_accounts', 'account',
                                          'service')),
    account_id      integer REFERENCES accounts ON DELETE CASCADE,
    service_id      integer REFERENCES services,
    amount          numeric NOT NULL CHECK (amount > 0),
    period          text NOT NULL
                    CHECK (period IN ('month', 'quarter', 'year')),
    thresholds      integer[] NOT NULL DEFAULT '{50,75,90,100}'
                    CHECK (cardinality(thresholds) BETWEEN 1 AND 20),
    notifications   jsonb NOT NULL DEFAULT '[]',
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CHECK ((scope_type = 'service') = (service_id IS NOT NULL)),
    CHECK (scope_type <> 'account' OR account_id IS NOT NULL),
    CHECK (scope_type <> 'all_accounts' OR account_id IS NULL)
);

CREATE INDEX budgets_organization ON budgets (organization_id, id);
CREATE INDEX budgets_account ON budgets (account_id);


-- A threshold is reached once in a period, whatever becomes of the amount or
-- of the bills afterwards.

CREATE TABLE budget_crossings (
    budget_id    integer NOT NULL REFERENCES budgets ON DELETE CASCADE,
    period_start date NOT NULL,
    threshold    integer NOT NULL,
    spend        numeric NOT NULL,
    amount       numeric NOT NULL,
    event_id     bigint,
    crossed_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (budget_id, period_start, threshold)
);


-- What is spent of each scope that budgets have, once however many share it:
-- from the first day of the period of "today" to "today", that is, the
-- month-to-date rows of as many days as the period has months so far.

CREATE FUNCTION budget_start(period text, today date)
RETURNS date LANGUAGE sql IMMUTABLE
RETURN date_trunc(period, today::timestamp)::date;

CREATE FUNCTION budget_spend(organizations integer[], today date)
RETURNS TABLE (budget_id integer, period_start date, spend numeric)
LANGUAGE sql STABLE AS $$
    WITH wanted AS MATERIALIZED (
        SELECT b.id, b.organization_id, coalesce(b.account_id, 0) AS account,
               coalesce(b.service_id, 0) AS service,
               budget_start(b.period, today) AS start
          FROM budgets b
         WHERE organizations IS NULL
            OR b.organization_id = ANY (organizations)
    ), spent AS (
        SELECT s.organization_id, s.account, s.service, s.start,
               coalesce(sum(c.billed), 0) AS spend
          FROM (SELECT DISTINCT w.organization_id, w.account, w.service,
                       w.start
                  FROM wanted w) s
         CROSS JOIN LATERAL generate_series(s.start::timestamp,
                                            today::timestamp,
                                            interval '1 month') AS month
          LEFT JOIN cost_to_date c
            ON c.organization_id = s.organization_id
           AND c.account_id = s.account
           AND c.day = least((month + interval '1 month - 1 day')::date,
                             today)
           AND c.service_id = s.service
         GROUP BY s.organization_id, s.account, s.service, s.start
    )
    SELECT w.id, w.start, s.spend
      FROM wanted w
      JOIN spent s ON s.organization_id = w.organization_id
                  AND s.account = w.account AND s.service = w.service
                  AND s.start = w.start
$$;


-- Thresholds that are reached for the first time, each with its event, of
-- some organizations or of all.  A jump over several is an event for each,
-- the lowest first.  Returns how many there were.

CREATE FUNCTION budgets_evaluate(organizations integer[],
    today date DEFAULT (now() AT TIME ZONE 'UTC')::date)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    reached record;
    event bigint;
    reaches bigint := 0;
BEGIN
    FOR reached IN
        WITH fresh AS (
            INSERT INTO budget_crossings AS x
                   (budget_id, period_start, threshold, spend, amount)
            SELECT b.id, s.period_start, t.threshold, s.spend, b.amount
              FROM budget_spend(organizations, today) s
              JOIN budgets b ON b.id = s.budget_id
             CROSS JOIN LATERAL unnest(b.thresholds) AS t (threshold)
             WHERE s.spend * 100 >= b.amount * t.threshold
               AND NOT EXISTS (SELECT FROM budget_crossings y
                                WHERE y.budget_id = b.id
                                  AND y.period_start = s.period_start
                                  AND y.threshold = t.threshold)
             ORDER BY b.id, t.threshold
                ON CONFLICT DO NOTHING
            RETURNING x.budget_id, x.period_start, x.threshold, x.spend,
                      x.amount
        )
        SELECT f.*, b.organization_id, b.uuid, b.name, b.notifications
          FROM fresh f
          JOIN budgets b ON b.id = f.budget_id
         ORDER BY b.id, f.threshold
    LOOP
        event := event_add(reached.organization_id, 'budget.threshold',
            json_build_object(
                'budget_id', reached.uuid,
                'budget_name', reached.name,
                'threshold', reached.threshold,
                'current_spend', round(reached.spend, 2),
                'budget_amount', trim_scale(reached.amount),
                'percent_used', round(reached.spend / reached.amount * 100,
                                      1)),
            reached.notifications);

        UPDATE budget_crossings x
           SET event_id = event
         WHERE x.budget_id = reached.budget_id
           AND x.period_start = reached.period_start
           AND x.threshold = reached.threshold;

        reaches := reaches + 1;
    END LOOP;

    RETURN reaches;
END
$$;


-- One that was made or changed is looked at at once.

CREATE FUNCTION rules_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('cost_alerts', NEW.organization_id::text);
    RETURN NULL;
END
$$;

CREATE TRIGGER budgets_changed AFTER INSERT OR UPDATE ON budgets
    FOR EACH ROW EXECUTE FUNCTION rules_changed();


-- Anomalies of which there was an event: the rows of cost_anomalies come and
-- go with what is loaded, but nobody is told twice of a day.

CREATE TABLE anomalies_told (
    organization_id integer NOT NULL
                    REFERENCES organizations ON DELETE CASCADE,
    day             date NOT NULL,
    account_id      integer NOT NULL REFERENCES accounts ON DELETE CASCADE,
    service_id      integer NOT NULL REFERENCES services,
    event_id        bigint,
    PRIMARY KEY (organization_id, day, account_id, service_id)
);

CREATE INDEX anomalies_told_account ON anomalies_told (account_id);


-- The event of an anomaly, for anomalies_store.sql: of the last days alone,
-- so that a first import, of years, is no storm.  How many is a setting of
-- the database:
--
--     ALTER DATABASE cost SET cost.anomaly_days = 7;    -- 3; 0: none
--
-- "fresh" are those that were stored now, as [{"account", "service", "day",
-- "actual", "expected"}].  Returns how many there was an event of.

CREATE FUNCTION anomalies_tell(organization integer, fresh jsonb)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    today date := (now() AT TIME ZONE 'UTC')::date;
    days integer := coalesce(nullif(current_setting('cost.anomaly_days',
                                                    true), '')::integer, 3);
    anomaly record;
    event bigint;
    told bigint := 0;
BEGIN
    DELETE FROM anomalies_told t
     WHERE t.organization_id = organization
       AND t.day <= today - greatest(days, 0) - 31;

    FOR anomaly IN
        WITH told AS (
            INSERT INTO anomalies_told AS t
                   (organization_id, day, account_id, service_id)
            SELECT organization, f.day, f.account, f.service
              FROM jsonb_to_recordset(fresh)
                   AS f (account integer, service integer, day date)
             WHERE f.day > today - days AND f.day <= today
                ON CONFLICT DO NOTHING
            RETURNING t.day, t.account_id, t.service_id
        )
        SELECT t.*, a.uuid, a.name AS account, s.name AS service, f.actual,
               f.expected
          FROM told t
          JOIN jsonb_to_recordset(fresh)
               AS f (account integer, service integer, day date,
                     actual numeric, expected numeric)
            ON f.account = t.account_id AND f.service = t.service_id
           AND f.day = t.day
          JOIN accounts a ON a.id = t.account_id
          JOIN services s ON s.id = t.service_id
         ORDER BY t.day, a.id, s.id
    LOOP
        event := event_add(organization, 'anomaly.detected',
            json_build_object(
                'account_id', anomaly.uuid,
                'account_name', anomaly.account,
                'service', anomaly.service,
                'spike_amount', round(anomaly.actual, 2),
                'baseline_amount', round(anomaly.expected, 2),
                'percent_increase',
                CASE WHEN anomaly.expected > 0
                     THEN round((anomaly.actual - anomaly.expected)
                                / anomaly.expected * 100, 1) END));

        UPDATE anomalies_told t
           SET event_id = event
         WHERE t.organization_id = organization AND t.day = anomaly.day
           AND t.account_id = anomaly.account_id
           AND t.service_id = anomaly.service_id;

        told := told + 1;
    END LOOP;

    RETURN told;
END
$$;
