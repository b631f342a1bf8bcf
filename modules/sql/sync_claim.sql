-- For the leader, with every tick: ends jobs whose node died, queues what is
-- scheduled, and takes a job if it may.
-- params: $1 node uuid, $2 lease integer (seconds), $3 more boolean
-- returns: organization integer, job integer, slug text, currency text,
--   bytes bigint, rows read bigint, rows loaded bigint, rows refused bigint
--   (by those who had the job before)
-- rows: 0..1
SELECT c.organization, c.job, o.slug, o.currency, coalesce(j.bytes, 0),
       coalesce(j.rows_read, 0), coalesce(j.rows_loaded, 0),
       coalesce(j.rows_refused, 0)
  FROM sync_claim($1::uuid, $2::integer * interval '1 second', $3::boolean) c
  JOIN organizations o ON o.id = c.organization
  -- a job that sync_claim() itself made is not seen here
  LEFT JOIN sync_jobs j ON j.organization_id = c.organization AND j.id = c.job
