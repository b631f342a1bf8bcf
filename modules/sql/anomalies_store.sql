-- Writes what a search for anomalies has found, in place of what an earlier
-- one found for the same days: rows stay what they are, with new figures; one
-- that is no anomaly any more goes, unless a person has dismissed it.
--
-- The caller has the organization's lock, as in the transaction of cost_load()
-- or by asking for it.
--
-- params: $1 organization integer, $2 what was judged jsonb
--   ([{"account", "from"}]: an account and its first day), $3 what was found
--   jsonb ([{"account", "service", "day", "actual", "expected", "lower",
--   "upper", "score", "severity"}])
-- returns: added bigint, changed bigint, gone bigint, told bigint (of those
--   added, there is an event; see anomalies_tell() in the schema)
-- rows: 1
WITH judged AS MATERIALIZED (
    SELECT j.account, j."from"
      FROM jsonb_to_recordset($2::jsonb) AS j (account integer, "from" date)
      JOIN accounts a ON a.id = j.account AND a.organization_id = $1
), found AS MATERIALIZED (
    SELECT f.*
      FROM jsonb_to_recordset($3::jsonb) AS f (account integer,
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
