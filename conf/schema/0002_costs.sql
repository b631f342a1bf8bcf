-- Costs: what bills say, and what the API reads.
--
-- Amounts are numeric without a precision: exact, in the organization's
-- currency.  A kind of amount is one of FOCUS's four: billed, effective, list,
-- contracted.  "entries" counts the bill's rows behind an amount.


-- One unit of "currency" is "rate" units of "quote" from "valid_from" on,
-- until the next row.

CREATE TABLE rates (
    currency   text NOT NULL CHECK (length(currency) BETWEEN 1 AND 32),
    quote      text NOT NULL CHECK (quote ~ '^[A-Z]{3}$'),
    valid_from date NOT NULL,
    rate       numeric NOT NULL CHECK (rate > 0 AND rate < 'infinity'),
    PRIMARY KEY (currency, quote, valid_from),
    CHECK (currency <> quote)
);


-- Names that repeat on every row of a bill.  They belong to no organization
-- and are never deleted.  A service has its common short form: what a bill
-- calls it is looked up in service_aliases first, in lower case.

CREATE TABLE services (
    id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 1024)
);

CREATE TABLE service_aliases (
    alias text PRIMARY KEY CHECK (alias = lower(alias)),
    name  text NOT NULL CHECK (length(name) BETWEEN 1 AND 1024)
);

CREATE TABLE service_categories (
    id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (length(name) <= 1024)
);

CREATE TABLE regions (
    id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (length(name) <= 1024)   -- '': none
);


-- What was loaded, when, from where, and which rows were refused and why.

CREATE TABLE imports (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id integer NOT NULL REFERENCES organizations ON DELETE CASCADE,
    file_name       text NOT NULL CHECK (length(file_name) BETWEEN 1 AND 4096),
    file_size       bigint CHECK (file_size >= 0),
    sha256          bytea CHECK (length(sha256) = 32),
    format          text CHECK (length(format) BETWEEN 1 AND 64),
    state           text NOT NULL DEFAULT 'running'
                    CHECK (state IN ('running', 'done', 'failed')),
    error           text,
    rows_read       bigint NOT NULL DEFAULT 0 CHECK (rows_read >= 0),
    rows_loaded     bigint NOT NULL DEFAULT 0 CHECK (rows_loaded >= 0),
    rows_refused    bigint NOT NULL DEFAULT 0 CHECK (rows_refused >= 0),
    started_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at     timestamptz,
    UNIQUE (organization_id, id)
);

CREATE TABLE import_refusals (
    organization_id integer NOT NULL,
    import_id       bigint NOT NULL,
    line            bigint NOT NULL CHECK (line > 0),
    reason          text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1024),
    PRIMARY KEY (organization_id, import_id, line),
    FOREIGN KEY (organization_id, import_id)
        REFERENCES imports (organization_id, id) ON DELETE CASCADE
);

-- The billing periods an import replaced.

CREATE TABLE import_periods (
    organization_id integer NOT NULL,
    import_id       bigint NOT NULL,
    account_id      integer NOT NULL REFERENCES accounts ON DELETE CASCADE,
    period          date NOT NULL,
    first_day       date NOT NULL,
    last_day        date NOT NULL,
    entries         bigint NOT NULL,
    PRIMARY KEY (organization_id, import_id, account_id, period),
    FOREIGN KEY (organization_id, import_id)
        REFERENCES imports (organization_id, id) ON DELETE CASCADE
);

CREATE INDEX import_periods_account ON import_periods (account_id);


-- The newest day on whose rows the bill gave the account its name, so that an
-- older bill loaded later does not give it an older name; 'infinity': a
-- person named it.

ALTER TABLE accounts ADD COLUMN named_on date NOT NULL DEFAULT '-infinity';


-- Raised by every load: whatever was read before is out of date.

ALTER TABLE organizations
    ADD COLUMN data_generation bigint NOT NULL DEFAULT 0;


-- The facts.  "period" is the billing period's first day; a charge's day may
-- lie outside of it.  charge_category: 0 usage, 1 purchase, 2 tax, 3 credit,
-- 4 adjustment.

CREATE TABLE costs (
    organization_id     integer NOT NULL,
    account_id          integer NOT NULL,
    period              date NOT NULL,
    day                 date NOT NULL,
    service_id          integer NOT NULL,
    region_id           integer NOT NULL,
    service_category_id integer NOT NULL,
    charge_category     smallint NOT NULL CHECK (charge_category BETWEEN 0 AND 4),
    entries             integer NOT NULL CHECK (entries > 0),
    billed              numeric NOT NULL,
    effective           numeric NOT NULL,
    list                numeric NOT NULL,
    contracted          numeric NOT NULL
) PARTITION BY RANGE (day);

CREATE INDEX costs_period ON costs (organization_id, account_id, period, day);


-- What reads use: amounts summed from the first of the day's month to the day.

CREATE TABLE cost_to_date (
    organization_id integer NOT NULL,
    account_id      integer NOT NULL,       -- 0: the whole organization
    day             date NOT NULL,
    service_id      integer NOT NULL,       -- 0: all services
    entries         bigint NOT NULL,
    billed          numeric NOT NULL,
    effective       numeric NOT NULL,
    list            numeric NOT NULL,
    contracted      numeric NOT NULL,
    PRIMARY KEY (organization_id, account_id, day, service_id)
);


-- The table a load copies into; it goes with the transaction.  Rows of one
-- grain may come in several pieces, so that a reader of any file needs only
-- so much memory.

CREATE FUNCTION cost_stage() RETURNS void LANGUAGE plpgsql
    SET client_min_messages = warning AS $$
BEGIN
    DROP TABLE IF EXISTS pg_temp.cost_stage;

    CREATE TEMPORARY TABLE cost_stage (
        provider         text NOT NULL,     -- aws, azure, gcp, ...
        account          text NOT NULL,     -- SubAccountId, else BillingAccountId
        account_name     text NOT NULL,     -- '': none given
        period           date NOT NULL,     -- BillingPeriodStart
        day              date NOT NULL,     -- ChargePeriodStart, in UTC
        service          text NOT NULL,
        service_category text NOT NULL,
        region           text NOT NULL,     -- '': none
        category         smallint NOT NULL, -- as costs.charge_category
        currency         text NOT NULL,
        billed           numeric NOT NULL,
        effective        numeric NOT NULL,
        list             numeric NOT NULL,
        contracted       numeric NOT NULL,
        entries          integer NOT NULL
    ) ON COMMIT DROP;
END
$$;


-- Makes the partition of a month, if there is none.  It is built apart and
-- then attached, which readers of the other months do not notice.

CREATE FUNCTION cost_partition(month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first date := date_trunc('month', month);
    after date := first + interval '1 month';
    child text := 'costs_' || to_char(first, 'YYYYMM');
BEGIN
    IF to_regclass(child) IS NOT NULL THEN
        RETURN;
    END IF;

    -- one load at a time makes partitions; the others look again
    LOCK TABLE costs IN SHARE UPDATE EXCLUSIVE MODE;

    IF to_regclass(child) IS NOT NULL THEN
        RETURN;
    END IF;

    EXECUTE format('CREATE TABLE %I (LIKE costs INCLUDING DEFAULTS '
                   'INCLUDING CONSTRAINTS)', child);
    EXECUTE format('ALTER TABLE costs ATTACH PARTITION %I '
                   'FOR VALUES FROM (%L) TO (%L)', child, first, after);
END
$$;


-- Brings cost_to_date in step with costs for the given months of accounts
-- (two arrays of one length; "months" are first days).  Only rows whose
-- amounts differ are written, and the organization's rows follow by the
-- difference, so that the work is that of the months given, however many
-- accounts there are.  The caller holds the organization's lock.

CREATE FUNCTION cost_refresh(organization integer, account_ids integer[],
    months date[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH touched AS MATERIALIZED (
        SELECT DISTINCT t.account_id, t.month,
               (t.month + interval '1 month')::date AS after
          FROM unnest(account_ids, months) AS t (account_id, month)
    ), daily AS MATERIALIZED (
        SELECT c.account_id, t.month, c.day,
               coalesce(c.service_id, 0) AS service_id,
               sum(c.entries) AS entries, sum(c.billed) AS billed,
               sum(c.effective) AS effective, sum(c.list) AS list,
               sum(c.contracted) AS contracted
          FROM touched t
          JOIN costs c ON c.organization_id = organization
               AND c.account_id = t.account_id
               AND c.day >= t.month AND c.day < t.after
         GROUP BY GROUPING SETS ((c.account_id, t.month, c.day, c.service_id),
                                 (c.account_id, t.month, c.day))
    ), span AS (
        SELECT account_id, service_id, month, min(day) AS first,
               (month + interval '1 month')::date - min(day) AS days
          FROM daily
         GROUP BY account_id, service_id, month
    ), fresh AS (
        SELECT s.account_id, s.service_id, s.first + n AS day,
               sum(d.entries) OVER w AS entries,
               trim_scale(sum(d.billed) OVER w) AS billed,
               trim_scale(sum(d.effective) OVER w) AS effective,
               trim_scale(sum(d.list) OVER w) AS list,
               trim_scale(sum(d.contracted) OVER w) AS contracted
          FROM span s
         CROSS JOIN generate_series(0, s.days - 1) n
          LEFT JOIN daily d ON d.account_id = s.account_id
               AND d.service_id = s.service_id AND d.day = s.first + n
        WINDOW w AS (PARTITION BY s.account_id, s.service_id, s.month
                     ORDER BY n)
    ), stale AS (
        SELECT r.*
          FROM touched t
          JOIN cost_to_date r ON r.organization_id = organization
               AND r.account_id = t.account_id
               AND r.day >= t.month AND r.day < t.after
    ), change AS MATERIALIZED (
        SELECT account_id, service_id, day, f.entries, f.billed, f.effective,
               f.list, f.contracted,
               coalesce(f.entries, 0) - coalesce(s.entries, 0) AS d_entries,
               coalesce(f.billed, 0) - coalesce(s.billed, 0) AS d_billed,
               coalesce(f.effective, 0) - coalesce(s.effective, 0)
                   AS d_effective,
               coalesce(f.list, 0) - coalesce(s.list, 0) AS d_list,
               coalesce(f.contracted, 0) - coalesce(s.contracted, 0)
                   AS d_contracted
          FROM fresh f
          FULL JOIN stale s USING (account_id, service_id, day)
         WHERE (f.entries, f.billed, f.effective, f.list, f.contracted)
               IS DISTINCT FROM
               (s.entries, s.billed, s.effective, s.list, s.contracted)
    ), gone AS (
        DELETE FROM cost_to_date r
         USING change c
         WHERE c.entries IS NULL AND r.organization_id = organization
           AND r.account_id = c.account_id AND r.day = c.day
           AND r.service_id = c.service_id
    ), written AS (
        INSERT INTO cost_to_date AS r
        SELECT organization, account_id, day, service_id, entries, billed,
               effective, list, contracted
          FROM change
         WHERE entries IS NOT NULL
         ORDER BY account_id, day, service_id
            ON CONFLICT (organization_id, account_id, day, service_id)
            DO UPDATE SET entries = excluded.entries,
                          billed = excluded.billed,
                          effective = excluded.effective,
                          list = excluded.list,
                          contracted = excluded.contracted
    )
    INSERT INTO cost_to_date AS r
    SELECT organization, 0, day, service_id, sum(d_entries),
           trim_scale(sum(d_billed)), trim_scale(sum(d_effective)),
           trim_scale(sum(d_list)), trim_scale(sum(d_contracted))
      FROM change
     GROUP BY day, service_id
     ORDER BY day, service_id
        ON CONFLICT (organization_id, account_id, day, service_id)
        DO UPDATE SET entries = r.entries + excluded.entries,
                      billed = trim_scale(r.billed + excluded.billed),
                      effective = trim_scale(r.effective
                                             + excluded.effective),
                      list = trim_scale(r.list + excluded.list),
                      contracted = trim_scale(r.contracted
                                              + excluded.contracted);

    DELETE FROM cost_to_date r
     USING (SELECT DISTINCT unnest(months) AS month) t
     WHERE r.organization_id = organization AND r.account_id = 0
       AND r.day >= t.month AND r.day < t.month + interval '1 month'
       AND r.entries = 0;
END
$$;


-- Loads cost_stage: every (account, billing period) in it replaces what was
-- there before.  The same rows loaded again leave the same rows behind.  The
-- import must be a running one of the organization's; it is marked done.
-- With "account_override" all rows go to one account of that name.  Returns
-- the number of the bill's rows that were loaded.
--
-- Wants READ COMMITTED: names that another load adds meanwhile must be seen.
-- Locks are taken in one order, so that no two loads wait for each other: the
-- organization, categories, services, regions (each sorted), partitions.

CREATE FUNCTION cost_load(organization integer, import bigint,
    account_override text DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    base        text;
    missing     record;
    account_ids integer[];
    periods     date[];
    touched_ids integer[];
    months      date[];
    loaded      bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('cost_load'), organization);

    SELECT o.currency INTO base
      FROM organizations o WHERE o.id = organization;

    IF NOT FOUND THEN
        RAISE 'no organization %', organization;
    END IF;

    ANALYZE cost_stage;

    SELECT g.currency, min(g.day) AS day INTO missing
      FROM (SELECT DISTINCT s.currency, s.day FROM cost_stage s
             WHERE s.currency <> base) g
     WHERE NOT EXISTS (SELECT FROM rates r
                        WHERE r.currency = g.currency AND r.quote = base
                          AND r.valid_from <= g.day)
     GROUP BY g.currency
     ORDER BY g.currency
     LIMIT 1;

    IF FOUND THEN
        RAISE 'no rate from % to % for %', missing.currency, base,
              missing.day;
    END IF;

    -- names

    INSERT INTO service_categories (name)
    SELECT DISTINCT g.service_category FROM cost_stage g
     WHERE NOT EXISTS (SELECT FROM service_categories c
                        WHERE c.name = g.service_category)
     ORDER BY 1
        ON CONFLICT DO NOTHING;

    INSERT INTO services (name)
    SELECT DISTINCT coalesce(a.name, g.service)
      FROM (SELECT DISTINCT s.service FROM cost_stage s) g
      LEFT JOIN service_aliases a ON a.alias = lower(g.service)
     WHERE NOT EXISTS (SELECT FROM services s
                        WHERE s.name = coalesce(a.name, g.service))
     ORDER BY 1
        ON CONFLICT DO NOTHING;

    INSERT INTO regions (name)
    SELECT DISTINCT g.region FROM cost_stage g
     WHERE NOT EXISTS (SELECT FROM regions r WHERE r.name = g.region)
     ORDER BY 1
        ON CONFLICT DO NOTHING;

    -- accounts

    IF account_override IS NOT NULL THEN
        PERFORM cost_override(organization, account_override);
    END IF;

    INSERT INTO accounts AS a (organization_id, provider, external_id, name,
                               named_on)
    SELECT organization, g.provider, g.account,
           coalesce(n.account_name, g.account),
           coalesce(n.day, '-infinity')
      FROM (SELECT DISTINCT s.provider, s.account FROM cost_stage s) g
      LEFT JOIN (SELECT DISTINCT ON (s.provider, s.account)
                        s.provider, s.account, s.account_name, s.day
                   FROM cost_stage s
                  WHERE s.account_name <> ''
                  ORDER BY s.provider, s.account, s.day DESC,
                           s.account_name) n
             ON n.provider = g.provider AND n.account = g.account
     WHERE NOT EXISTS (SELECT FROM accounts b
                        WHERE b.organization_id = organization
                          AND b.provider = g.provider
                          AND b.external_id = g.account
                          AND (n.day IS NULL OR n.day < b.named_on
                               OR (n.day = b.named_on
                                   AND n.account_name = b.name)))
     ORDER BY g.provider, g.account
        ON CONFLICT (organization_id, provider, external_id)
        DO UPDATE SET name = excluded.name, named_on = excluded.named_on;

    PERFORM cost_partition(g.month)
       FROM (SELECT DISTINCT date_trunc('month', s.day)::date AS month
               FROM cost_stage s ORDER BY 1) g;

    -- facts

    SELECT array_agg(p.id), array_agg(p.period) INTO account_ids, periods
      FROM (SELECT DISTINCT a.id, s.period
              FROM cost_stage s
              JOIN accounts a ON a.organization_id = organization
                   AND a.provider = s.provider
                   AND a.external_id = s.account) p;

    WITH gone AS (
        DELETE FROM costs c
         USING unnest(account_ids, periods) AS p (account_id, period)
         WHERE c.organization_id = organization
           AND c.account_id = p.account_id AND c.period = p.period
        RETURNING c.account_id, c.day
    )
    SELECT array_agg(t.account_id), array_agg(t.month)
      INTO touched_ids, months
      FROM (SELECT DISTINCT g.account_id,
                   date_trunc('month', g.day)::date AS month
              FROM gone g) t;

    WITH rate AS MATERIALIZED (
        SELECT d.currency, d.day,
               CASE WHEN d.currency = base THEN 1
                    ELSE (SELECT r.rate FROM rates r
                           WHERE r.currency = d.currency AND r.quote = base
                             AND r.valid_from <= d.day
                           ORDER BY r.valid_from DESC LIMIT 1)
               END AS rate
          FROM (SELECT DISTINCT s.currency, s.day FROM cost_stage s) d
    ), service AS MATERIALIZED (
        SELECT g.service, s.id
          FROM (SELECT DISTINCT s.service FROM cost_stage s) g
          LEFT JOIN service_aliases a ON a.alias = lower(g.service)
          JOIN services s ON s.name = coalesce(a.name, g.service)
    ), written AS (
        INSERT INTO costs
        SELECT organization, a.id, g.period, g.day, s.id, r.id, c.id,
               g.category, sum(g.entries),
               trim_scale(sum(g.billed * x.rate)),
               trim_scale(sum(g.effective * x.rate)),
               trim_scale(sum(g.list * x.rate)),
               trim_scale(sum(g.contracted * x.rate))
          FROM cost_stage g
          JOIN accounts a ON a.organization_id = organization
               AND a.provider = g.provider AND a.external_id = g.account
          JOIN service s ON s.service = g.service
          JOIN regions r ON r.name = g.region
          JOIN service_categories c ON c.name = g.service_category
          JOIN rate x ON x.currency = g.currency AND x.day = g.day
         GROUP BY a.id, g.period, g.day, s.id, r.id, c.id, g.category
         ORDER BY a.id, g.period, g.day, s.id, r.id, c.id, g.category
        RETURNING account_id, period, day, entries
    ), recorded AS (
        INSERT INTO import_periods
        SELECT organization, import, w.account_id, w.period, min(w.day),
               max(w.day), sum(w.entries)
          FROM written w
         GROUP BY w.account_id, w.period
        RETURNING entries
    )
    SELECT (SELECT sum(e.entries) FROM recorded e),
           touched_ids || array_agg(t.account_id),
           months || array_agg(t.month)
      INTO loaded, touched_ids, months
      FROM (SELECT DISTINCT w.account_id,
                   date_trunc('month', w.day)::date AS month
              FROM written w) t;

    PERFORM cost_refresh(organization, touched_ids, months);

    UPDATE imports i
       SET state = 'done', rows_loaded = coalesce(loaded, 0),
           finished_at = clock_timestamp()
     WHERE i.organization_id = organization AND i.id = import
       AND i.state = 'running';

    IF NOT FOUND THEN
        RAISE 'import % of organization % is not running', import,
              organization;
    END IF;

    UPDATE organizations o SET data_generation = o.data_generation + 1
     WHERE o.id = organization;

    PERFORM pg_notify('cost_data', organization::text);

    RETURN coalesce(loaded, 0);
END
$$;


-- Gives all rows of cost_stage to one account: the organization's of that
-- external id, else of that name, else a new one, which is of the provider
-- the rows are of, or 'other' when they are of several.

CREATE FUNCTION cost_override(organization integer, wanted text)
    RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    target record;
    same   integer;
BEGIN
    SELECT a.provider, a.external_id INTO target
      FROM accounts a
     WHERE a.organization_id = organization AND a.external_id = wanted
     ORDER BY a.id LIMIT 1;

    IF NOT FOUND THEN
        SELECT count(*) INTO same
          FROM accounts a
         WHERE a.organization_id = organization AND a.name = wanted;

        IF same > 1 THEN
            RAISE '% accounts are named "%": give an account id', same,
                  wanted;
        END IF;

        SELECT a.provider, a.external_id INTO target
          FROM accounts a
         WHERE a.organization_id = organization AND a.name = wanted;
    END IF;

    IF NOT FOUND THEN
        SELECT CASE WHEN count(DISTINCT s.provider) = 1 THEN min(s.provider)
                    ELSE 'other' END AS provider, wanted AS external_id
          INTO target
          FROM cost_stage s;
    END IF;

    UPDATE cost_stage
       SET provider = target.provider, account = target.external_id,
           account_name = '';
END
$$;
