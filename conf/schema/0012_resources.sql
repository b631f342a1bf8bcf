-- What bills say about single resources: machines, volumes, buckets.
--
-- A reader that adds up rows for cost_stage adds up, in the same pass, what
-- they tell about resources (cost_inventory.h) and copies it into
-- cost_stage_resources, in as many pieces as it likes.  cost_load() puts both
-- in place.  A load without such rows leaves none behind for the billing
-- periods that it replaces.
--
-- Only the newest three billing periods of an account are kept: they are for
-- recommendations, not for history.  The readers leave out what costs next to
-- nothing (cost_inventory_worth()).  A resource's row of a period may be there
-- in pieces: whoever reads adds up, and takes the first and the last day.


CREATE TABLE cost_resources (
    organization_id integer NOT NULL,
    account_id      integer NOT NULL,
    period          date NOT NULL,
    resource        text NOT NULL,          -- ResourceId
    name            text NOT NULL,          -- ResourceName, or ''
    class           text NOT NULL
                    CHECK (class IN ('machine', 'database', 'volume',
                                     'address', 'balancer', 'balancer_use',
                                     'nat', 'nat_data', 'bucket',
                                     'requests')),
    item            text NOT NULL,          -- m5.large, gp2, idle, or ''
    variant         text NOT NULL,          -- linux, mysql/multi_az, or ''
    pricing         text NOT NULL
                    CHECK (pricing IN ('standard', 'dynamic', 'committed',
                                       'other')),
    region_id       integer NOT NULL,
    service_id      integer NOT NULL,
    first_day       date NOT NULL,
    last_day        date NOT NULL,
    entries         bigint NOT NULL,
    billed          numeric NOT NULL,
    effective       numeric NOT NULL,
    list            numeric NOT NULL,
    quantity        numeric NOT NULL        -- of the class's unit
);

CREATE INDEX cost_resources_account
    ON cost_resources (organization_id, account_id, period);


-- The tables a load copies into; they go with the transaction.

ALTER FUNCTION cost_stage() RENAME TO cost_stage_costs;

CREATE FUNCTION cost_stage() RETURNS void LANGUAGE plpgsql
    SET client_min_messages = warning AS $$
BEGIN
    PERFORM cost_stage_costs();

    DROP TABLE IF EXISTS pg_temp.cost_stage_resources;

    CREATE TEMPORARY TABLE cost_stage_resources (
        provider         text NOT NULL,
        account          text NOT NULL,
        resource         text NOT NULL,
        name             text NOT NULL,
        class            text NOT NULL,
        item             text NOT NULL,
        variant          text NOT NULL,
        pricing          text NOT NULL,
        region           text NOT NULL,
        service          text NOT NULL,
        currency         text NOT NULL,
        period           date NOT NULL,
        first_day        date NOT NULL,
        last_day         date NOT NULL,
        entries          integer NOT NULL,
        billed           numeric NOT NULL,
        effective        numeric NOT NULL,
        list             numeric NOT NULL,
        quantity         numeric NOT NULL
    ) ON COMMIT DROP;
END
$$;


-- Puts cost_stage_resources in place, behind cost_load_costs(), whose
-- temporary tables tell which accounts, services and regions are meant.

CREATE FUNCTION cost_load_resources(organization integer) RETURNS void
    LANGUAGE plpgsql SET work_mem = '64MB' SET jit = off
    SET enable_nestloop = off SET enable_mergejoin = off AS $$
BEGIN
    DELETE FROM cost_resources r
     USING (SELECT DISTINCT d.account_id, d.period
              FROM cost_stage_days d) d
     WHERE r.organization_id = organization
       AND r.account_id = d.account_id AND r.period = d.period;

    INSERT INTO cost_resources
    SELECT organization, a.account_id, s.period, s.resource, s.name, s.class,
           s.item, s.variant, s.pricing, n.region_id, n.service_id,
           s.first_day, s.last_day, s.entries,
           coalesce(s.billed * r.rate, s.billed),
           coalesce(s.effective * r.rate, s.effective),
           coalesce(s.list * r.rate, s.list), s.quantity
      FROM cost_stage_resources s
      JOIN (SELECT t.provider, t.account, t.account_id,
                   (SELECT max(p.period) FROM cost_periods p
                     WHERE p.organization_id = organization
                       AND p.account_id = t.account_id) AS newest
              FROM cost_stage_accounts t) a
           ON a.provider = s.provider AND a.account = s.account
      JOIN (SELECT DISTINCT t.provider, t.service, t.region, t.service_id,
                   t.region_id
              FROM cost_stage_names t) n
           ON n.provider = s.provider AND n.service = s.service
           AND n.region = s.region
      LEFT JOIN (SELECT DISTINCT d.currency, d.day, d.rate
                   FROM cost_stage_days d WHERE d.rate IS NOT NULL) r
           ON r.currency = s.currency AND r.day = s.first_day
     WHERE s.period > a.newest - interval '3 months';

    DELETE FROM cost_resources r
     USING (SELECT DISTINCT t.account_id,
                   (SELECT max(p.period) FROM cost_periods p
                     WHERE p.organization_id = organization
                       AND p.account_id = t.account_id) AS newest
              FROM cost_stage_accounts t) a
     WHERE r.organization_id = organization
       AND r.account_id = a.account_id
       AND r.period <= a.newest - interval '3 months';
END
$$;


-- Loads what is staged; see cost_load_costs(), which was cost_load() before
-- there were resources.

ALTER FUNCTION cost_load(integer, bigint, text) RENAME TO cost_load_costs;

CREATE FUNCTION cost_load(organization integer, import bigint,
    account_override text DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql
    SET client_min_messages = warning AS $$
DECLARE
    loaded bigint;
BEGIN
    loaded := cost_load_costs(organization, import, account_override);

    PERFORM cost_load_resources(organization);

    RETURN loaded;
END
$$;


-- In place of foreign keys, as with costs.  What goes with an organization
-- goes with its accounts.

CREATE FUNCTION accounts_delete_resources() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM cost_resources r
     WHERE r.organization_id = OLD.organization_id AND r.account_id = OLD.id;

    RETURN OLD;
END
$$;

CREATE TRIGGER accounts_resources
    BEFORE DELETE ON accounts FOR EACH ROW
    EXECUTE FUNCTION accounts_delete_resources();
