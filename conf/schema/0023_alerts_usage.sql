-- Alerts on repositories, workflows and owners know GitHub's usage reports.
--
-- Jobs are known at once, reports say later what they really cost: on a day of
-- which an owner's report knows as much as is asked for, it stands for the
-- jobs; on other days the jobs do.  The two are never added up.


-- Has the owner's CI been seen?

CREATE OR REPLACE FUNCTION alert_of_runs(organization integer, wanted text)
RETURNS boolean LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM ci_runs r
                WHERE r.organization_id = organization AND r.owner = wanted)
       OR EXISTS (SELECT FROM ci_usage u
                   WHERE u.organization_id = organization
                     AND u.owner = wanted);


-- As before, with reports; "runs" and "run_amount" are of jobs alone, as a
-- report knows no runs.

DROP FUNCTION ci_between;

CREATE FUNCTION ci_between(organization integer, owner text, repository text,
    workflow text, first date, last date, OUT amount numeric, OUT runs bigint,
    OUT run_amount numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH jobs AS MATERIALIZED (
        SELECT c.owner, c.repository, c.run_id, c.cost, c.completed_at
          FROM ci_runs c
         WHERE ci_between.workflow IS NOT NULL
           AND c.organization_id = ci_between.organization
           AND (c.workflow_id = ci_between.workflow
                OR c.workflow = ci_between.workflow)
           AND c.completed_at >= first::timestamp AT TIME ZONE 'UTC'
           AND c.completed_at < (last + 1)::timestamp AT TIME ZONE 'UTC'
         UNION ALL
        SELECT c.owner, c.repository, c.run_id, c.cost, c.completed_at
          FROM ci_runs c
         WHERE ci_between.workflow IS NULL
           AND ci_between.repository IS NOT NULL
           AND c.organization_id = ci_between.organization
           AND c.owner = ci_between.owner
           AND c.repository = ci_between.repository
           AND c.completed_at >= first::timestamp AT TIME ZONE 'UTC'
           AND c.completed_at < (last + 1)::timestamp AT TIME ZONE 'UTC'
         UNION ALL
        SELECT c.owner, c.repository, c.run_id, c.cost, c.completed_at
          FROM ci_runs c
         WHERE ci_between.workflow IS NULL
           AND ci_between.repository IS NULL
           AND c.organization_id = ci_between.organization
           AND (ci_between.owner IS NULL OR c.owner = ci_between.owner)
           AND c.completed_at >= first::timestamp AT TIME ZONE 'UTC'
           AND c.completed_at < (last + 1)::timestamp AT TIME ZONE 'UTC'
    ), reported AS MATERIALIZED (
        -- of the days of which there is a report
        SELECT u.owner, u.day,
               sum(u.net) FILTER (
                   WHERE ci_between.repository IS NULL
                      OR u.repository = ci_between.repository) AS net
          FROM ci_usage u
         WHERE u.organization_id = ci_between.organization
           AND u.day BETWEEN first AND last
           AND lower(u.product) = 'actions'
           AND (ci_between.owner IS NULL OR u.owner = ci_between.owner)
           AND (ci_between.repository IS NULL OR u.repository <> '')
           AND (ci_between.workflow IS NULL
                OR u.workflow = ci_between.workflow)
         GROUP BY u.owner, u.day
    )
    SELECT coalesce((SELECT sum(p.net) FROM reported p), 0)
           + coalesce(sum(j.cost) FILTER (WHERE NOT EXISTS (
                 SELECT FROM reported p
                  WHERE p.owner = j.owner
                    AND p.day = (j.completed_at AT TIME ZONE 'UTC')::date)),
                 0),
           count(DISTINCT (j.owner, j.repository, j.run_id)),
           coalesce(sum(j.cost), 0)
      FROM jobs j;
END;


-- A report is told as jobs are.

CREATE TRIGGER ci_usage_added AFTER INSERT ON ci_usage
    REFERENCING NEW TABLE AS told
    FOR EACH STATEMENT EXECUTE FUNCTION ci_runs_told();


-- As before, but for the cost of a run.

CREATE OR REPLACE FUNCTION alerts_batch(organizations integer[],
    after_organization integer, after_id integer, most integer,
    metrics text[], operators text[], baselines text[], firsts date[],
    lasts date[], b_firsts date[], b_lasts date[])
RETURNS TABLE (organization_id integer, id integer, version integer,
    metric text, operator text, baseline text, value numeric,
    cooldown integer, open boolean, last_triggered bigint, now bigint,
    currency text, amount numeric, before numeric)
LANGUAGE plpgsql STABLE
    SET enable_nestloop = off SET enable_mergejoin = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH kinds AS MATERIALIZED (
        SELECT *
          FROM unnest(metrics, operators, baselines, firsts, lasts, b_firsts,
                      b_lasts)
               AS k (metric, operator, baseline, first, last, b_first, b_last)
    ), first_ones AS MATERIALIZED (
        SELECT a.*
          FROM alerts a
         WHERE NOT a.paused
           AND (a.organization_id, a.id) > (after_organization, after_id)
           AND (organizations IS NULL
                OR a.organization_id = ANY (organizations))
         ORDER BY a.organization_id, a.id
         LIMIT most
    ), batch AS MATERIALIZED (
        SELECT a.organization_id, a.id, a.version, a.metric, a.operator,
               a.baseline, a.value, a.cooldown_hours,
               a.open AND o.active AS open, a.last_triggered_at, o.currency,
               o.active, a.scope_type, a.account_id, a.owner, a.repository,
               a.workflow, k.first, k.last, k.b_first, k.b_last
          FROM first_ones a
          JOIN organizations o ON o.id = a.organization_id
          JOIN kinds k ON k.metric = a.metric AND k.operator = a.operator
                      AND k.baseline = coalesce(a.baseline, '')
    ), owners AS MATERIALIZED (
        SELECT b.organization_id, b.owner,
               alert_of_runs(b.organization_id, b.owner) AS runs
          FROM (SELECT DISTINCT organization_id, owner FROM batch
                 WHERE scope_type = 'organization') b
    ), placed AS MATERIALIZED (
        SELECT b.*,
               b.metric = 'per_run_cost'
               OR b.scope_type IN ('repository', 'workflow')
               OR coalesce(w.runs, false) AS of_runs,
               CASE WHEN b.scope_type = 'organization' AND NOT w.runs
                    THEN NULL ELSE b.owner END AS jobs_of
          FROM batch b
          LEFT JOIN owners w ON b.scope_type = 'organization'
                            AND w.organization_id = b.organization_id
                            AND w.owner = b.owner
    ), windows AS MATERIALIZED (
        SELECT DISTINCT x.first, x.last
          FROM kinds k
         CROSS JOIN LATERAL (VALUES (k.first, k.last), (k.b_first, k.b_last))
                            AS x (first, last)
         WHERE x.first IS NOT NULL
    ), pieces AS MATERIALIZED (
        SELECT w.first, w.last, p.day, p.sign
          FROM windows w
         CROSS JOIN LATERAL cost_pieces(w.first, w.last) p
    ), wanted AS MATERIALIZED (
        SELECT DISTINCT p.organization_id,
               coalesce(p.account_id, 0) AS account, x.first, x.last
          FROM placed p
         CROSS JOIN LATERAL (VALUES (p.first, p.last), (p.b_first, p.b_last))
                            AS x (first, last)
         WHERE NOT p.of_runs AND x.first IS NOT NULL
    ), held AS MATERIALIZED (
        -- one look for the days of all windows
        SELECT n.organization_id, n.account, d.day, d.billed
          FROM (SELECT DISTINCT organization_id, account FROM wanted) n
         CROSS JOIN LATERAL (
               SELECT d.day, d.billed
                 FROM cost_to_date d
                WHERE d.organization_id = n.organization_id
                  AND d.account_id = n.account
                  AND d.day = ANY ((SELECT array_agg(DISTINCT p.day)
                                      FROM pieces p)::date[])
                  AND d.service_id = 0
               OFFSET 0) d
    ), costs AS MATERIALIZED (
        SELECT n.organization_id, n.account, n.first, n.last,
               coalesce(sum(p.sign * h.billed), 0) AS amount
          FROM wanted n
          JOIN pieces p ON p.first = n.first AND p.last = n.last
          LEFT JOIN held h ON h.organization_id = n.organization_id
                          AND h.account = n.account AND h.day = p.day
         GROUP BY n.organization_id, n.account, n.first, n.last
    ), jobs AS MATERIALIZED (
        SELECT n.*, c.amount, c.runs, c.run_amount
          FROM (SELECT DISTINCT p.organization_id,
                       coalesce(p.jobs_of, '') AS jobs_of,
                       coalesce(p.repository, '') AS repository,
                       coalesce(p.workflow, '') AS workflow, x.first, x.last
                  FROM placed p
                 CROSS JOIN LATERAL (VALUES (p.first, p.last),
                                            (p.b_first, p.b_last))
                                    AS x (first, last)
                 WHERE p.of_runs AND x.first IS NOT NULL) n
         CROSS JOIN LATERAL ci_between(n.organization_id,
                                       nullif(n.jobs_of, ''),
                                       nullif(n.repository, ''),
                                       nullif(n.workflow, ''), n.first,
                                       n.last) c
    ), news AS MATERIALIZED (
        SELECT n.organization_id,
               (SELECT max(c.last_day) FROM cost_periods c
                 WHERE c.organization_id = n.organization_id) AS day
          FROM (SELECT DISTINCT p.organization_id FROM placed p
                 WHERE NOT p.of_runs
                   AND p.operator IN ('less_than', 'percent_decrease')) n
    )
    SELECT p.organization_id, p.id, p.version, p.metric, p.operator,
           p.baseline, p.value, p.cooldown_hours * 3600 AS cooldown, p.open,
           coalesce(extract(epoch FROM p.last_triggered_at)::bigint, 0),
           extract(epoch FROM now())::bigint AS now, p.currency,
           CASE WHEN NOT p.active THEN NULL
                WHEN p.metric = 'per_run_cost'
                THEN j.run_amount / nullif(j.runs, 0)
                WHEN p.of_runs THEN j.amount
                WHEN p.operator IN ('less_than', 'percent_decrease')
                     AND coalesce(n.day < p.last, true) THEN NULL
                ELSE c.amount END AS amount,
           CASE WHEN p.metric = 'per_run_cost'
                THEN i.run_amount / nullif(i.runs, 0)
                WHEN p.of_runs THEN i.amount
                ELSE b.amount END AS before
      FROM placed p
      LEFT JOIN costs c
        ON NOT p.of_runs AND c.organization_id = p.organization_id
       AND c.account = coalesce(p.account_id, 0)
       AND c.first = p.first AND c.last = p.last
      LEFT JOIN costs b
        ON NOT p.of_runs AND b.organization_id = p.organization_id
       AND b.account = coalesce(p.account_id, 0)
       AND b.first = p.b_first AND b.last = p.b_last
      LEFT JOIN jobs j
        ON p.of_runs AND j.organization_id = p.organization_id
       AND j.jobs_of = coalesce(p.jobs_of, '')
       AND j.repository = coalesce(p.repository, '')
       AND j.workflow = coalesce(p.workflow, '')
       AND j.first = p.first AND j.last = p.last
      LEFT JOIN jobs i
        ON p.of_runs AND i.organization_id = p.organization_id
       AND i.jobs_of = coalesce(p.jobs_of, '')
       AND i.repository = coalesce(p.repository, '')
       AND i.workflow = coalesce(p.workflow, '')
       AND i.first = p.b_first AND i.last = p.b_last
      LEFT JOIN news n ON n.organization_id = p.organization_id
     ORDER BY p.organization_id, p.id;
END
$$;
