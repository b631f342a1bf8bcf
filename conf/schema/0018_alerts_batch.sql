-- Sums over windows of days, many at a time.


-- The days of cost_to_date that a window is made of, and whether what was
-- spent by then is added or taken off.

CREATE FUNCTION cost_pieces(first date, last date)
RETURNS TABLE (day date, sign integer) LANGUAGE sql IMMUTABLE AS $$
    SELECT least((m + interval '1 month')::date - 1, last), 1
      FROM generate_series(date_trunc('month', first::timestamp),
                           last::timestamp, interval '1 month') m
     UNION ALL
    SELECT first - 1, -1
     WHERE extract(day FROM first) > 1
$$;


-- alerts_evaluate.sql tells what this is.  Written without these settings the
-- planner, which cannot know how many rules and windows there are, takes
-- nested loops over thousands of both: 100,000 rules took 60 s.

CREATE FUNCTION alerts_batch(organizations integer[],
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
        SELECT n.*, c.amount, c.runs
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
                THEN j.amount / nullif(j.runs, 0)
                WHEN p.of_runs THEN j.amount
                WHEN p.operator IN ('less_than', 'percent_decrease')
                     AND coalesce(n.day < p.last, true) THEN NULL
                ELSE c.amount END AS amount,
           CASE WHEN p.metric = 'per_run_cost'
                THEN i.amount / nullif(i.runs, 0)
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
