-- Jobs of workflow runs, all or none.  What is told of one that is there
-- already takes its place; of one that is told twice the last word counts.
-- What one cost is told in the organization's currency, as "cost", or in US
-- dollars, as "usd": the list price of its runner, or null, before which goes
-- a price of the organization's own.  They are converted at the rate of the
-- day it started.
-- params: $1 organization integer, $2 jobs jsonb (an array of objects with
--   the members below; times in epoch seconds)
-- returns: id bigint, owner text, repository text, workflow text, workflow id
--   text or null, run id bigint, attempt integer, job id bigint, job text,
--   runner text, conclusion text or null, started epoch seconds bigint,
--   completed epoch seconds bigint, minutes numeric, cost numeric, new
--   boolean
-- rows: 1 for each job, in the order told; none at all when a price or
--   a rate is missing
WITH told AS (
    SELECT DISTINCT ON (t.owner, t.repository, t.run_id, t.attempt, t.job_id)
           t.*
      FROM ROWS FROM (jsonb_to_recordset($2::jsonb)
                      AS (owner text, repository text, workflow text,
                          workflow_id text, run_id bigint, attempt integer,
                          job_id bigint, job text, runner text,
                          conclusion text, started bigint, completed bigint,
                          minutes numeric, cost numeric, usd numeric))
           WITH ORDINALITY
           AS t (owner, repository, workflow, workflow_id, run_id, attempt,
                 job_id, job, runner, conclusion, started, completed, minutes,
                 cost, usd, n)
     ORDER BY t.owner, t.repository, t.run_id, t.attempt, t.job_id, t.n DESC
), priced AS (
    SELECT t.*, s.started_on,
           CASE WHEN t.minutes = 0 THEN 0
                ELSE coalesce(t.minutes * p.usd, t.usd) END AS dollars
      FROM told t
     CROSS JOIN LATERAL (
           SELECT (to_timestamp(t.started) AT TIME ZONE 'UTC')::date
                  AS started_on,
                  regexp_split_to_array(lower(t.runner), '[,[:space:]]+')
                  AS labels) s
      LEFT JOIN LATERAL (
           SELECT r.usd
             FROM runner_prices r
            WHERE r.organization_id = $1::integer
              AND r.label = ANY (s.labels) AND r.valid_from <= s.started_on
            ORDER BY array_position(s.labels, r.label), r.valid_from DESC
            LIMIT 1) p ON true
), paid AS MATERIALIZED (
    SELECT t.*,
           CASE WHEN t.cost IS NOT NULL THEN t.cost
                WHEN t.dollars = 0 OR o.currency = 'USD'
                THEN trim_scale(t.dollars)
                ELSE (SELECT trim_scale(t.dollars * r.rate)
                        FROM rates r
                       WHERE r.currency = 'USD' AND r.quote = o.currency
                         AND r.valid_from <= t.started_on
                       ORDER BY r.valid_from DESC
                       LIMIT 1)
           END AS amount
      FROM priced t
     CROSS JOIN organizations o
     WHERE o.id = $1::integer
), stored AS (
    -- in the order of the key, so that two of these never wait for each other
    INSERT INTO ci_runs AS r
           (organization_id, owner, repository, workflow, workflow_id, run_id,
            attempt, job_id, job, runner, conclusion, started_at,
            completed_at, minutes, cost)
    SELECT $1::integer, t.owner, t.repository, t.workflow, t.workflow_id,
           t.run_id, t.attempt, t.job_id, t.job, t.runner, t.conclusion,
           to_timestamp(t.started), to_timestamp(t.completed), t.minutes,
           t.amount
      FROM paid t
     WHERE NOT EXISTS (SELECT FROM paid p WHERE p.amount IS NULL)
     ORDER BY t.owner, t.repository, t.run_id, t.attempt, t.job_id
    ON CONFLICT (organization_id, owner, repository, run_id, attempt, job_id)
    DO UPDATE SET workflow = excluded.workflow,
                  workflow_id = excluded.workflow_id,
                  job = excluded.job,
                  runner = excluded.runner,
                  conclusion = excluded.conclusion,
                  started_at = excluded.started_at,
                  completed_at = excluded.completed_at,
                  minutes = excluded.minutes,
                  cost = excluded.cost
    RETURNING r.*, r.xmax = 0 AS new
)
SELECT s.id, s.owner, s.repository, s.workflow, s.workflow_id, s.run_id,
       s.attempt, s.job_id, s.job, s.runner, s.conclusion,
       floor(extract(epoch FROM s.started_at))::bigint AS started,
       floor(extract(epoch FROM s.completed_at))::bigint AS completed,
       s.minutes, s.cost, s.new
  FROM stored s
  JOIN told t USING (owner, repository, run_id, attempt, job_id)
 ORDER BY t.n
