-- Jobs of workflow runs, a page at a time.
-- params: $1 organization integer, $2 first day of completion date (UTC),
--   $3 repository text, with or without its owner, or null for all,
--   $4 workflow text, its name or id, or null for all, $5 id of the last one
--   of the page before bigint (0: from the first), $6 limit integer
-- returns: id bigint, owner text, repository text, workflow text, workflow id
--   text or null, run id bigint, attempt integer, job id bigint, job text,
--   runner text, conclusion text or null, started epoch seconds bigint,
--   completed epoch seconds bigint, minutes numeric, cost numeric
-- rows: 0..limit, the last to end first
SELECT r.id, r.owner, r.repository, r.workflow, r.workflow_id, r.run_id,
       r.attempt, r.job_id, r.job, r.runner, r.conclusion,
       floor(extract(epoch FROM r.started_at))::bigint AS started,
       floor(extract(epoch FROM r.completed_at))::bigint AS completed,
       r.minutes, r.cost
  FROM ci_runs r
 WHERE r.organization_id = $1
   AND r.completed_at >= $2::date::timestamp AT TIME ZONE 'UTC'
   AND ($3::text IS NULL OR r.repository = $3
        OR r.owner || '/' || r.repository = $3)
   AND ($4::text IS NULL OR r.workflow = $4 OR r.workflow_id = $4)
   AND ($5::bigint = 0
        OR (r.completed_at, r.id)
           < (SELECT c.completed_at, c.id FROM ci_runs c
               WHERE c.organization_id = $1 AND c.id = $5))
 ORDER BY r.completed_at DESC, r.id DESC
 LIMIT $6
