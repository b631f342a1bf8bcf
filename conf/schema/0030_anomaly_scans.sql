-- The search for anomalies, once more every day.  Bills are searched as they
-- are loaded; but what came by other ways, and what a new version judges in
-- another way, wants a look of its own.


-- The day, as the timer counts days, on which an account was searched last.

CREATE TABLE cost_anomaly_scans (
    account_id  integer PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    day         date NOT NULL
);


-- Writes what a search has found, in place of what an earlier one found for
-- the same days: rows stay what they are, with new figures; one that is no
-- anomaly any more goes, unless a person has dismissed it.  The caller has
-- the organization's lock; anomalies_store.sql tells of the parameters.

CREATE FUNCTION anomalies_store(organization integer, judged jsonb,
    found jsonb, OUT added bigint, OUT changed bigint, OUT gone bigint,
    OUT told bigint) LANGUAGE sql AS $$
WITH judged AS MATERIALIZED (
    SELECT j.account, j."from"
      FROM jsonb_to_recordset($2) AS j (account integer, "from" date)
      JOIN accounts a ON a.id = j.account AND a.organization_id = $1
), found AS MATERIALIZED (
    SELECT f.*
      FROM jsonb_to_recordset($3) AS f (account integer,
               service integer, day date, actual numeric, expected numeric,
               lower numeric, upper numeric, score numeric, severity text)
      JOIN judged j ON j.account = f.account AND f.day >= j."from"
), gone AS (
    DELETE FROM cost_anomalies n
     USING judged j
     WHERE n.organization_id = $1 AND n.account_id = j.account
       AND n.day >= j."from" AND n.status = 'active'
       AND NOT EXISTS (SELECT FROM found f
                        WHERE f.account = n.account_id
                          AND f.service = n.service_id AND f.day = n.day)
    RETURNING n.id
), changed AS (
    UPDATE cost_anomalies n
       SET actual = f.actual, expected = f.expected, lower = f.lower,
           upper = f.upper, score = f.score, severity = f.severity
      FROM found f
     WHERE n.organization_id = $1 AND n.account_id = f.account
       AND n.service_id = f.service AND n.day = f.day
       AND (n.actual, n.expected, n.lower, n.upper, n.score, n.severity)
           <> (f.actual, f.expected, f.lower, f.upper, f.score, f.severity)
    RETURNING n.id
), added AS (
    INSERT INTO cost_anomalies (organization_id, account_id, service_id, day,
                                actual, expected, lower, upper, score,
                                severity)
    SELECT $1, f.account, f.service, f.day, f.actual, f.expected, f.lower,
           f.upper, f.score, f.severity
      FROM found f
     WHERE NOT EXISTS (SELECT FROM cost_anomalies n
                        WHERE n.organization_id = $1
                          AND n.account_id = f.account
                          AND n.service_id = f.service AND n.day = f.day)
     ORDER BY f.day, f.account, f.service
    RETURNING account_id, service_id, day, actual, expected
)
SELECT (SELECT count(*) FROM added) AS added,
       (SELECT count(*) FROM changed) AS changed,
       (SELECT count(*) FROM gone) AS gone,
       (SELECT anomalies_tell($1, jsonb_agg(jsonb_build_object(
                   'account', account_id, 'service', service_id, 'day', day,
                   'actual', actual, 'expected', expected)))
          FROM added) AS told
$$;


-- The same after a daily search of some accounts, which has read them at a
-- data generation.  Says nothing, and does nothing, when that is not the
-- organization's any more, or a load is under way: what it judged is not what
-- there is.

CREATE FUNCTION anomalies_scanned(organization integer, generation bigint,
    judged jsonb, anomalies jsonb, accounts integer[], today date)
    RETURNS TABLE (added bigint, changed bigint, gone bigint, told bigint)
    LANGUAGE plpgsql AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('cost_load'), organization) THEN
        RETURN;
    END IF;

    PERFORM FROM organizations o
      WHERE o.id = organization AND o.data_generation = generation;

    IF NOT FOUND THEN
        RETURN;
    END IF;

    SELECT s.added, s.changed, s.gone, s.told
      INTO added, changed, gone, told
      FROM anomalies_store(organization, judged, anomalies) s;

    INSERT INTO cost_anomaly_scans AS s (account_id, day)
    SELECT a.id, today
      FROM accounts a
     WHERE a.organization_id = organization AND a.id = ANY (accounts)
        ON CONFLICT (account_id) DO UPDATE SET day = excluded.day;

    -- what was remembered of replies is not so any more

    IF added + changed + gone > 0 THEN
        UPDATE organizations o SET data_generation = o.data_generation + 1
         WHERE o.id = organization;

        PERFORM pg_notify('cost_data', organization::text);
    END IF;

    RETURN NEXT;
END
$$;
