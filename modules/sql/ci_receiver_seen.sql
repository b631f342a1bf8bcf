-- An event was in order; of a run that is done, its jobs learn their workflow.
-- params: $1 organization integer, $2 id uuid, $3 owner text or null, $4
--   repository text, $5 run bigint, $6 workflow id text, $7 workflow text
-- returns: jobs bigint
-- rows: 1
WITH seen AS (
    UPDATE ci_receivers r
       SET received_at = clock_timestamp()
     WHERE r.organization_id = $1 AND r.id = $2
), told AS (
    UPDATE ci_runs r
       SET workflow_id = coalesce($6, r.workflow_id),
           workflow = CASE WHEN r.workflow = '' THEN coalesce($7, '')
                           ELSE r.workflow END
     WHERE r.organization_id = $1 AND r.owner = $3 AND r.repository = $4
       AND r.run_id = $5::bigint
    RETURNING 1
)
SELECT count(*) AS jobs FROM told
