-- Loading costs: cost_stage() makes the table that a reader copies into,
-- cost_load() puts what is there in place.


-- The table a load copies into; it goes with the transaction.  Rows of one
-- grain may come in several pieces, so that a reader of any file needs only
-- so much memory.

CREATE FUNCTION cost_stage() RETURNS void LANGUAGE plpgsql
    SET client_min_messages = warning AS $$
BEGIN
    DROP TABLE IF EXISTS pg_temp.cost_stage;

    CREATE TEMPORARY TABLE cost_stage (
        provider         text NOT NULL,     -- aws, azure, gcp, ...
        account          text NOT NULL,     -- SubAccountId, BillingAccountId
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
-- accounts and years there are.  The caller holds the organization's lock.
--
-- What was just loaded is not in the planner's statistics, so nothing is left
-- to its estimates: LATERAL with OFFSET 0 is one look into an index per month
-- of an account, everything else is hashed.

CREATE FUNCTION cost_refresh(organization integer, account_ids integer[],
    months date[]) RETURNS void LANGUAGE plpgsql
    SET work_mem = '64MB' SET jit = off SET enable_mergejoin = off AS $$
BEGIN
    WITH touched AS MATERIALIZED (
        SELECT DISTINCT t.account_id, t.month,
               (t.month + interval '1 month')::date AS after
          FROM unnest(account_ids, months) AS t (account_id, month)
    ), service AS MATERIALIZED (
        SELECT t.account_id, t.month, t.after, c.day, c.service_id,
               sum(c.entries) AS entries, sum(c.billed) AS billed,
               sum(c.effective) AS effective, sum(c.list) AS list,
               sum(c.contracted) AS contracted
          FROM touched t
         CROSS JOIN LATERAL (
               SELECT f.*
                 FROM costs f
                WHERE f.organization_id = organization
                  AND f.account_id = t.account_id
                  AND f.day >= t.month AND f.day < t.after
               OFFSET 0) c
         GROUP BY t.account_id, t.month, t.after, c.day, c.service_id
    ), daily AS (
        SELECT * FROM service
         UNION ALL
        SELECT s.account_id, s.month, s.after, s.day, 0, sum(s.entries),
               sum(s.billed), sum(s.effective), sum(s.list),
               sum(s.contracted)
          FROM service s
         GROUP BY s.account_id, s.month, s.after, s.day
    ), running AS (
        SELECT d.account_id, d.service_id, d.day,
               lead(d.day, 1, d.after) OVER w - d.day AS days,
               sum(d.entries) OVER w AS entries,
               trim_scale(sum(d.billed) OVER w) AS billed,
               trim_scale(sum(d.effective) OVER w) AS effective,
               trim_scale(sum(d.list) OVER w) AS list,
               trim_scale(sum(d.contracted) OVER w) AS contracted
          FROM daily d
        WINDOW w AS (PARTITION BY d.account_id, d.service_id, d.month
                     ORDER BY d.day)
    ), fresh AS (
        SELECT r.account_id, r.service_id, r.day + n AS day, r.entries,
               r.billed, r.effective, r.list, r.contracted
          FROM running r
         CROSS JOIN generate_series(0, r.days - 1) n
    ), stale AS (
        SELECT r.*
          FROM touched t
         CROSS JOIN LATERAL (
               SELECT d.ctid AS place, d.*
                 FROM cost_to_date d
                WHERE d.organization_id = organization
                  AND d.account_id = t.account_id
                  AND d.day >= t.month AND d.day < t.after
               OFFSET 0) r
    ), change AS MATERIALIZED (
        SELECT account_id, service_id, day, s.place, f.entries, f.billed,
               f.effective, f.list, f.contracted,
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
        DELETE FROM cost_to_date
         WHERE ctid = ANY (ARRAY(SELECT c.place FROM change c
                                  WHERE c.entries IS NULL))
    ), written AS (
        INSERT INTO cost_to_date
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

    DELETE FROM cost_to_date
     WHERE ctid = ANY (ARRAY(
           SELECT r.place
             FROM (SELECT DISTINCT unnest(months) AS month) t
            CROSS JOIN LATERAL (
                  SELECT d.ctid AS place, d.entries
                    FROM cost_to_date d
                   WHERE d.organization_id = organization
                     AND d.account_id = 0
                     AND d.day >= t.month
                     AND d.day < t.month + interval '1 month'
                  OFFSET 0) r
            WHERE r.entries = 0));
END
$$;


-- The account that takes all staged rows: the organization's of that external
-- id, else of that name, else a new one, which is of the provider the rows
-- are of, or 'other' when they are of several.

CREATE FUNCTION cost_load_account(organization integer, wanted text)
    RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    found_ids integer[];
    made      integer;
BEGIN
    SELECT array_agg(a.id) INTO found_ids
      FROM accounts a
     WHERE a.organization_id = organization AND a.external_id = wanted;

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


-- Finds or makes what cost_stage names: categories, services, regions,
-- accounts, partitions.  Leaves three temporary tables: cost_stage_days,
-- cost_stage_names and cost_stage_accounts.

CREATE FUNCTION cost_load_names(organization integer, account_override text)
    RETURNS void LANGUAGE plpgsql SET work_mem = '64MB' SET jit = off AS $$
DECLARE
    base    text;
    missing record;
BEGIN
    SELECT o.currency INTO base
      FROM organizations o WHERE o.id = organization;

    IF NOT FOUND THEN
        RAISE 'no organization %', organization;
    END IF;

    -- two passes over the stage, whatever is asked of it afterwards

    CREATE TEMPORARY TABLE cost_stage_days ON COMMIT DROP AS
    SELECT d.*, NULL::integer AS account_id,
           -- null for the organization's own currency
           CASE WHEN d.currency <> base
                THEN (SELECT r.rate FROM rates r
                       WHERE r.currency = d.currency AND r.quote = base
                         AND r.valid_from <= d.day
                       ORDER BY r.valid_from DESC LIMIT 1)
           END AS rate
      FROM (SELECT s.provider, s.account, s.account_name, s.period, s.day,
                   s.currency, sum(s.entries) AS entries
              FROM cost_stage s
             GROUP BY 1, 2, 3, 4, 5, 6) d;

    CREATE TEMPORARY TABLE cost_stage_names ON COMMIT DROP AS
    SELECT n.*, NULL::integer AS service_id, NULL::integer AS region_id,
           NULL::integer AS service_category_id
      FROM (SELECT DISTINCT s.provider, s.service, s.service_category,
                   s.region
              FROM cost_stage s) n;

    SELECT d.currency, d.day INTO missing
      FROM cost_stage_days d
     WHERE d.currency <> base AND d.rate IS NULL
     ORDER BY d.currency, d.day
     LIMIT 1;

    IF FOUND THEN
        RAISE 'no rate from % to % for %', missing.currency, base,
              missing.day;
    END IF;

    -- names

    INSERT INTO service_categories (name)
    SELECT DISTINCT n.service_category FROM cost_stage_names n
     WHERE NOT EXISTS (SELECT FROM service_categories c
                        WHERE c.name = n.service_category)
     ORDER BY 1
        ON CONFLICT DO NOTHING;

    INSERT INTO services (name)
    SELECT DISTINCT coalesce(a.name, n.service)
      FROM cost_stage_names n
      LEFT JOIN service_aliases a ON a.provider = n.provider
           AND a.alias = lower(n.service)
     WHERE NOT EXISTS (SELECT FROM services s
                        WHERE s.name = coalesce(a.name, n.service))
     ORDER BY 1
        ON CONFLICT DO NOTHING;

    INSERT INTO regions (name)
    SELECT DISTINCT n.region FROM cost_stage_names n
     WHERE NOT EXISTS (SELECT FROM regions r WHERE r.name = n.region)
     ORDER BY 1
        ON CONFLICT DO NOTHING;

    UPDATE cost_stage_names n
       SET service_category_id = (SELECT c.id FROM service_categories c
                                   WHERE c.name = n.service_category),
           region_id = (SELECT r.id FROM regions r WHERE r.name = n.region),
           service_id = (SELECT s.id FROM services s
                          WHERE s.name = coalesce(
                                (SELECT a.name FROM service_aliases a
                                  WHERE a.provider = n.provider
                                    AND a.alias = lower(n.service)),
                                n.service));

    -- accounts, each with the name that its newest named day gives

    CREATE TEMPORARY TABLE cost_stage_accounts ON COMMIT DROP AS
    SELECT DISTINCT ON (d.provider, d.account)
           d.provider, d.account, d.account_name, d.day AS named_on,
           NULL::integer AS account_id
      FROM cost_stage_days d
     ORDER BY d.provider, d.account, d.account_name = '', d.day DESC,
              d.account_name COLLATE "C";

    IF account_override IS NOT NULL THEN
        UPDATE cost_stage_accounts
           SET account_id = (SELECT cost_load_account(organization,
                                                      account_override));
    ELSE
        UPDATE accounts a
           SET name = s.account_name, named_on = s.named_on
          FROM cost_stage_accounts s
         WHERE a.organization_id = organization
           AND a.provider = s.provider AND a.external_id = s.account
           AND s.account_name <> '' AND s.named_on >= a.named_on;

        INSERT INTO accounts (organization_id, provider, external_id, name,
                              named_on)
        SELECT organization, s.provider, s.account,
               CASE WHEN s.account_name = '' THEN s.account
                    ELSE s.account_name END,
               CASE WHEN s.account_name = '' THEN '-infinity'
                    ELSE s.named_on END
          FROM cost_stage_accounts s
         WHERE NOT EXISTS (SELECT FROM accounts a
                            WHERE a.organization_id = organization
                              AND a.provider = s.provider
                              AND a.external_id = s.account)
         ORDER BY s.provider COLLATE "C", s.account COLLATE "C"
            ON CONFLICT DO NOTHING;

        UPDATE cost_stage_accounts s
           SET account_id = (SELECT a.id FROM accounts a
                              WHERE a.organization_id = organization
                                AND a.provider = s.provider
                                AND a.external_id = s.account);
    END IF;

    UPDATE cost_stage_days d
       SET account_id = s.account_id
      FROM cost_stage_accounts s
     WHERE s.provider = d.provider AND s.account = d.account;

    PERFORM cost_partition(m.month)
       FROM (SELECT DISTINCT date_trunc('month', d.day)::date AS month
               FROM cost_stage_days d ORDER BY 1) m;
END
$$;


-- Writes the staged rows to costs, converted and added up.

CREATE FUNCTION cost_load_facts(organization integer) RETURNS void
    LANGUAGE plpgsql SET work_mem = '64MB' SET jit = off
    SET enable_nestloop = off SET enable_mergejoin = off AS $$
BEGIN
    INSERT INTO costs
    SELECT organization, a.account_id, s.period, s.day, n.service_id,
           n.region_id, n.service_category_id, s.category, sum(s.entries),
           trim_scale(sum(coalesce(s.billed * r.rate, s.billed))),
           trim_scale(sum(coalesce(s.effective * r.rate, s.effective))),
           trim_scale(sum(coalesce(s.list * r.rate, s.list))),
           trim_scale(sum(coalesce(s.contracted * r.rate, s.contracted)))
      FROM cost_stage s
      JOIN cost_stage_accounts a
           ON a.provider = s.provider AND a.account = s.account
      JOIN cost_stage_names n
           ON n.provider = s.provider AND n.service = s.service
           AND n.region = s.region
           AND n.service_category = s.service_category
      LEFT JOIN (SELECT DISTINCT d.currency, d.day, d.rate
                   FROM cost_stage_days d WHERE d.rate IS NOT NULL) r
           ON r.currency = s.currency AND r.day = s.day
     GROUP BY 2, 3, 4, 5, 6, 7, 8
     ORDER BY 2, 3, 4, 5, 6, 7, 8;
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
    account_override text DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql
    SET client_min_messages = warning AS $$
DECLARE
    replaced    record;
    touched_ids integer[];
    months      date[];
    gone        date[];
    loaded      bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('cost_load'), organization);

    DROP TABLE IF EXISTS pg_temp.cost_stage_days, pg_temp.cost_stage_names,
                         pg_temp.cost_stage_accounts;

    PERFORM cost_load_names(organization, account_override);

    SELECT array_agg(t.account_id), array_agg(t.month)
      INTO touched_ids, months
      FROM (SELECT DISTINCT d.account_id,
                   date_trunc('month', d.day)::date AS month
              FROM cost_stage_days d) t;

    FOR replaced IN
        DELETE FROM cost_periods p
         USING (SELECT DISTINCT d.account_id, d.period
                  FROM cost_stage_days d) d
         WHERE p.organization_id = organization
           AND p.account_id = d.account_id AND p.period = d.period
        RETURNING p.account_id, p.period, p.first_day, p.last_day
    LOOP
        WITH gone AS (
            DELETE FROM costs c
             WHERE c.organization_id = organization
               AND c.account_id = replaced.account_id
               AND c.period = replaced.period
               AND c.day BETWEEN replaced.first_day AND replaced.last_day
            RETURNING c.day
        )
        SELECT array_agg(DISTINCT date_trunc('month', g.day)::date)
          INTO gone
          FROM gone g;

        touched_ids := touched_ids
                       || array_fill(replaced.account_id,
                                     ARRAY[coalesce(cardinality(gone), 0)]);
        months := months || gone;
    END LOOP;

    PERFORM cost_load_facts(organization);

    INSERT INTO cost_periods
    SELECT organization, d.account_id, d.period, import, min(d.day),
           max(d.day), sum(d.entries)
      FROM cost_stage_days d
     GROUP BY d.account_id, d.period;

    PERFORM cost_refresh(organization, touched_ids, months);

    SELECT coalesce(sum(p.entries), 0) INTO loaded
      FROM cost_periods p
     WHERE p.organization_id = organization AND p.import_id = import;

    UPDATE imports i
       SET state = 'done', rows_loaded = loaded,
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

    RETURN loaded;
END
$$;


-- Amounts are in the organization's currency, so it cannot change under them.

CREATE FUNCTION organizations_keep_currency() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM cost_periods p
                WHERE p.organization_id = OLD.id) THEN
        RAISE 'organization % has costs in %: its currency cannot change',
              OLD.slug, OLD.currency;
    END IF;

    RETURN NEW;
END
$$;

CREATE TRIGGER organizations_currency
    BEFORE UPDATE OF currency ON organizations FOR EACH ROW
    WHEN (OLD.currency <> NEW.currency)
    EXECUTE FUNCTION organizations_keep_currency();


-- In place of the foreign keys that costs and cost_to_date do not have.

CREATE FUNCTION organizations_delete_costs() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    -- a load that is under way would leave its rows behind
    PERFORM pg_advisory_xact_lock(hashtext('cost_load'), OLD.id);

    DELETE FROM costs c WHERE c.organization_id = OLD.id;
    DELETE FROM cost_to_date d WHERE d.organization_id = OLD.id;
    RETURN OLD;
END
$$;

CREATE TRIGGER organizations_costs
    BEFORE DELETE ON organizations FOR EACH ROW
    EXECUTE FUNCTION organizations_delete_costs();

CREATE FUNCTION accounts_delete_costs() RETURNS trigger
    LANGUAGE plpgsql AS $$
DECLARE
    account_ids integer[];
    months      date[];
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('cost_load'), OLD.organization_id);

    SELECT array_agg(OLD.id), array_agg(m.month) INTO account_ids, months
      FROM (SELECT DISTINCT date_trunc('month', d.day)::date AS month
              FROM cost_to_date d
             WHERE d.organization_id = OLD.organization_id
               AND d.account_id = OLD.id) m;

    DELETE FROM costs c
     WHERE c.organization_id = OLD.organization_id AND c.account_id = OLD.id;

    PERFORM cost_refresh(OLD.organization_id, account_ids, months);

    UPDATE organizations o SET data_generation = o.data_generation + 1
     WHERE o.id = OLD.organization_id;

    PERFORM pg_notify('cost_data', OLD.organization_id::text);

    RETURN OLD;
END
$$;

CREATE TRIGGER accounts_costs
    BEFORE DELETE ON accounts FOR EACH ROW
    EXECUTE FUNCTION accounts_delete_costs();
