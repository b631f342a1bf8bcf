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
-- and are never deleted.  A service has its common short form: what a
-- provider's bill calls it is looked up in service_aliases first, in lower
-- case.

CREATE TABLE services (
    id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 1024)
);

CREATE TABLE service_aliases (
    provider text NOT NULL,
    alias    text NOT NULL CHECK (alias = lower(alias)),
    name     text NOT NULL CHECK (length(name) BETWEEN 1 AND 1024),
    PRIMARY KEY (provider, alias)
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
    organization_id integer NOT NULL
                    REFERENCES organizations ON DELETE CASCADE,
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

-- The billing periods that costs holds, and the import each came from.  The
-- days bound the search for the rows that a newer bill replaces.

CREATE TABLE cost_periods (
    organization_id integer NOT NULL,
    account_id      integer NOT NULL REFERENCES accounts ON DELETE CASCADE,
    period          date NOT NULL,
    import_id       bigint,
    first_day       date NOT NULL,
    last_day        date NOT NULL,
    entries         bigint NOT NULL,
    PRIMARY KEY (organization_id, account_id, period),
    FOREIGN KEY (organization_id, import_id)
        REFERENCES imports (organization_id, id)
        ON DELETE SET NULL (import_id)
);

CREATE INDEX cost_periods_account ON cost_periods (account_id);
CREATE INDEX cost_periods_import ON cost_periods (organization_id, import_id);


-- The newest day on whose rows the bill gave the account its name, so that an
-- older bill loaded later does not give it an older name; 'infinity': a
-- person named it.

ALTER TABLE accounts ADD COLUMN named_on date NOT NULL DEFAULT '-infinity';


-- Raised by every load: whatever was read before is out of date.

ALTER TABLE organizations
    ADD COLUMN data_generation bigint NOT NULL DEFAULT 0;


-- Jobs of CI workflows, as GitHub's workflow_job events and POST /ci/runs
-- tell them.  "runner" is the label that its price goes by.

CREATE TABLE ci_runs (
    organization_id integer NOT NULL
                    REFERENCES organizations ON DELETE CASCADE,
    owner           text NOT NULL CHECK (length(owner) BETWEEN 1 AND 255),
    repository      text NOT NULL CHECK (length(repository) BETWEEN 1 AND 255),
    run_id          bigint NOT NULL,
    attempt         integer NOT NULL DEFAULT 1 CHECK (attempt > 0),
    job_id          bigint NOT NULL,
    job             text NOT NULL CHECK (length(job) <= 1024),
    workflow        text NOT NULL CHECK (length(workflow) <= 1024),
    workflow_id     text CHECK (length(workflow_id) BETWEEN 1 AND 255),
    runner          text NOT NULL CHECK (length(runner) <= 255),
    conclusion      text CHECK (length(conclusion) BETWEEN 1 AND 64),
    started_at      timestamptz NOT NULL,
    completed_at    timestamptz NOT NULL CHECK (completed_at >= started_at),
    minutes         numeric NOT NULL CHECK (minutes >= 0),
    cost            numeric NOT NULL CHECK (cost >= 0),
    received_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, owner, repository, run_id, attempt, job_id)
);

CREATE INDEX ci_runs_completed ON ci_runs (organization_id, completed_at);


-- The facts.  "period" is the billing period's first day; a charge's day may
-- lie outside of it.  charge_category: 0 usage, 1 purchase, 2 tax, 3 credit,
-- 4 adjustment.
--
-- No foreign keys: two of them alone made a load take 1.5 s instead of 0.6
-- (74,400 rows).  Only cost_load() writes here; triggers of accounts and
-- organizations take the place of ON DELETE CASCADE.  No unique index on the
-- eight columns either: it would be larger than the rows' own (13 MB for
-- 960,000 rows of 186 MB), and the load adds up before it writes.

CREATE TABLE costs (
    organization_id     integer NOT NULL,
    account_id          integer NOT NULL,
    period              date NOT NULL,
    day                 date NOT NULL,
    service_id          integer NOT NULL,
    region_id           integer NOT NULL,
    service_category_id integer NOT NULL,
    charge_category     smallint NOT NULL
                        CHECK (charge_category BETWEEN 0 AND 4),
    entries             integer NOT NULL CHECK (entries > 0),
    billed              numeric NOT NULL,
    effective           numeric NOT NULL,
    list                numeric NOT NULL,
    contracted          numeric NOT NULL
) PARTITION BY RANGE (day);

CREATE INDEX costs_period ON costs (organization_id, account_id, period, day);


-- What reads use: amounts summed from the first of the day's month to the day.
-- From the first day on which an account has a service in a month, there is a
-- row for every day to the month's last, so that a window is answered by the
-- rows of a few days: the last of each month in it, its own last, and the day
-- before its first, which is taken off.
--
-- Measured with 20 accounts, 400 days, 30 services, 4 regions (960,000 facts,
-- 266,910 rows here; calls a second, 2 cores shared with the client):
--
--                                       one account, 30 days   365 days
--     facts, index by day                              2,900
--     a row per account, day, service                 12,000      1,270
--       (amounts of the day), covering
--     these rows                                      26,000     13,000
--       with the amounts in the index too             27,000     15,000
--       with bigint amounts                           30,000     18,000
--     a row per account and day, arrays               24,000     10,000
--
-- Amounts in the index are not worth its size (25 MB beside 9), bigint not
-- the loss of decimals, arrays are slower than rows.  costs_read.sql as a
-- whole takes 0.1 ms for an account and 0.3 ms for an organization of 20
-- accounts (over the facts 24 ms), and with 9,600,000 facts the same within
-- about a quarter.

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
