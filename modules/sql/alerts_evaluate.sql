-- Some of the alerts that are not paused, with what they add up: each sum of
-- an organization, a scope and a window is made once, however many share it.
--
-- What must not be low is not judged before the organization has costs as new
-- as the window: a bill that is late is no end of all costs.
--
-- params: $1 organizations integer[] or null for all,
--   $2 after organization integer, $3 after id integer, $4 most integer;
--   of every kind of condition: $5 metrics text[], $6 operators text[],
--   $7 baselines text[] ('': none), $8 firsts date[] and $9 lasts date[] of
--   the metric's windows, $10 and $11 those of the baselines' date[]
-- returns: organization integer, id integer, version integer, metric text,
--   operator text, baseline text or null, value numeric,
--   cooldown integer (seconds), open boolean,
--   last triggered epoch seconds bigint (0: never),
--   now epoch seconds bigint, currency text,
--   amount numeric (null: there is nothing to judge),
--   before numeric (null: the same)
-- rows: 0..most, by organization and id
WITH kinds AS MATERIALIZED (
    SELECT *
      FROM unnest($5::text[], $6::text[], $7::text[], $8::date[], $9::date[],
                  $10::date[], $11::date[])
           AS k (metric, operator, baseline, first, last, b_first, b_last)
), batch AS MATERIALIZED (
    SELECT a.organization_id, a.id, a.version, a.metric, a.operator,
           a.baseline, a.value, a.cooldown_hours, a.open,
           a.last_triggered_at, o.currency, a.scope_type, a.account_id,
           a.owner, a.repository, a.workflow, k.first, k.last, k.b_first,
           k.b_last
      FROM alerts a
      JOIN organizations o ON o.id = a.organization_id
      JOIN kinds k ON k.metric = a.metric AND k.operator = a.operator
                  AND k.baseline = coalesce(a.baseline, '')
     WHERE NOT a.paused AND o.active
       AND (a.organization_id, a.id) > ($2::integer, $3::integer)
       AND ($1::integer[] IS NULL OR a.organization_id = ANY ($1))
     ORDER BY a.organization_id, a.id
     LIMIT $4::integer
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
), costs AS MATERIALIZED (
    SELECT n.organization_id, n.account, n.first, n.last,
           cost_between(n.organization_id, n.account, n.first, n.last)
               AS amount
      FROM (SELECT DISTINCT p.organization_id,
                   coalesce(p.account_id, 0) AS account, x.first, x.last
              FROM placed p
             CROSS JOIN LATERAL (VALUES (p.first, p.last),
                                        (p.b_first, p.b_last))
                                AS x (first, last)
             WHERE NOT p.of_runs AND x.first IS NOT NULL) n
), jobs AS MATERIALIZED (
    SELECT n.*, c.amount, c.runs
      FROM (SELECT DISTINCT p.organization_id, coalesce(p.jobs_of, '')
                       AS jobs_of, coalesce(p.repository, '') AS repository,
                   coalesce(p.workflow, '') AS workflow, x.first, x.last
              FROM placed p
             CROSS JOIN LATERAL (VALUES (p.first, p.last),
                                        (p.b_first, p.b_last))
                                AS x (first, last)
             WHERE p.of_runs AND x.first IS NOT NULL) n
     CROSS JOIN LATERAL ci_between(n.organization_id,
                                   nullif(n.jobs_of, ''),
                                   nullif(n.repository, ''),
                                   nullif(n.workflow, ''), n.first, n.last) c
), news AS MATERIALIZED (
    SELECT n.organization_id, (SELECT max(c.last_day) FROM cost_periods c
                                WHERE c.organization_id = n.organization_id)
                                  AS day
      FROM (SELECT DISTINCT p.organization_id FROM placed p
             WHERE NOT p.of_runs
               AND p.operator IN ('less_than', 'percent_decrease')) n
)
SELECT p.organization_id, p.id, p.version, p.metric, p.operator, p.baseline,
       p.value, p.cooldown_hours * 3600 AS cooldown, p.open,
       coalesce(extract(epoch FROM p.last_triggered_at)::bigint, 0) AS last,
       extract(epoch FROM now())::bigint AS now, p.currency,
       CASE WHEN p.metric = 'per_run_cost' THEN j.amount / nullif(j.runs, 0)
            WHEN p.of_runs THEN j.amount
            WHEN p.operator IN ('less_than', 'percent_decrease')
                 AND coalesce(n.day < p.last, true) THEN NULL
            ELSE c.amount END AS amount,
       CASE WHEN p.metric = 'per_run_cost' THEN i.amount / nullif(i.runs, 0)
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
 ORDER BY p.organization_id, p.id
