-- What GitHub's usage reports say, by the day: minutes of Actions, storage,
-- seats.  Beside ci_runs, which knows single jobs and no discounts: the two
-- tell of the same minutes and are not added up.


-- Amounts are in the organization's currency; "net" is what is paid.  Owner,
-- repository and workflow are '' where a report has none.  Who it was that
-- ran something is not kept.

CREATE TABLE ci_usage (
    organization_id integer NOT NULL
                    REFERENCES organizations ON DELETE CASCADE,
    day             date NOT NULL,
    owner           text NOT NULL CHECK (length(owner) <= 255),
    repository      text NOT NULL CHECK (length(repository) <= 255),
    workflow        text NOT NULL CHECK (length(workflow) <= 1024),
    product         text NOT NULL CHECK (length(product) BETWEEN 1 AND 255),
    sku             text NOT NULL CHECK (length(sku) BETWEEN 1 AND 255),
    unit            text NOT NULL CHECK (length(unit) <= 255),
    quantity        numeric NOT NULL,
    gross           numeric NOT NULL,
    discount        numeric NOT NULL,
    net             numeric NOT NULL,
    PRIMARY KEY (organization_id, day, owner, repository, workflow, product,
                 sku, unit)
);

CREATE INDEX ci_usage_repository
    ON ci_usage (organization_id, owner, repository, day);


-- ci_usage_stage() makes the table that is copied into, ci_usage_load() puts
-- it in place: what a report says of an owner's product on a day takes the
-- place of all that was known of it, so that a report loaded again changes
-- nothing, and a later one corrects an earlier one.  Amounts are staged in
-- USD.

CREATE FUNCTION ci_usage_stage() RETURNS void LANGUAGE plpgsql
    SET client_min_messages = warning AS $$
BEGIN
    DROP TABLE IF EXISTS pg_temp.ci_usage_stage;

    CREATE TEMPORARY TABLE ci_usage_stage (
        day        date NOT NULL,
        owner      text NOT NULL,
        repository text NOT NULL,
        workflow   text NOT NULL,
        product    text NOT NULL,
        sku        text NOT NULL,
        unit       text NOT NULL,
        quantity   numeric NOT NULL,
        gross      numeric NOT NULL,
        discount   numeric NOT NULL,
        net        numeric NOT NULL
    ) ON COMMIT DROP;
END
$$;

CREATE FUNCTION ci_usage_load(organization integer) RETURNS bigint
    LANGUAGE plpgsql SET work_mem = '64MB' SET jit = off AS $$
DECLARE
    base   text;
    loaded bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('cost_load'), organization);

    SELECT o.currency INTO base
      FROM organizations o WHERE o.id = organization;

    DELETE FROM ci_usage u
     USING (SELECT DISTINCT s.day, s.owner, s.product
              FROM ci_usage_stage s) t
     WHERE u.organization_id = organization AND u.day = t.day
       AND u.owner = t.owner AND u.product = t.product;

    INSERT INTO ci_usage
    SELECT organization, s.day, s.owner, s.repository, s.workflow, s.product,
           s.sku, s.unit, trim_scale(sum(s.quantity)),
           trim_scale(sum(s.gross * r.rate)),
           trim_scale(sum(s.discount * r.rate)),
           trim_scale(sum(s.net * r.rate))
      FROM ci_usage_stage s
      JOIN (SELECT d.day,
                   CASE base WHEN 'USD' THEN 1
                   ELSE (SELECT q.rate FROM rates q
                          WHERE q.currency = 'USD' AND q.quote = base
                            AND q.valid_from <= d.day
                          ORDER BY q.valid_from DESC LIMIT 1) END AS rate
              FROM (SELECT DISTINCT t.day FROM ci_usage_stage t) d) r
           ON r.day = s.day
     GROUP BY s.day, s.owner, s.repository, s.workflow, s.product, s.sku,
              s.unit;

    GET DIAGNOSTICS loaded = ROW_COUNT;

    RETURN loaded;
END
$$;
