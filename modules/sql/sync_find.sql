-- A job, and up to 20 files that failed in it.
-- params: $1 organization integer, $2 job integer
-- returns: id integer, state text, error text or null, file under way text or
--   null, files found integer, loaded integer, skipped integer, failed integer,
--   bytes bigint, rows read bigint, rows loaded bigint, rows refused bigint,
--   created epoch seconds bigint, started bigint or null,
--   finished bigint or null, provider id integer or null, file name text or
--   null, its error text or null
-- rows: 0 when there is no such job, else 1..20
SELECT j.id, j.state, j.error, j.file, j.files_found, j.files_loaded,
       j.files_skipped, j.files_failed, j.bytes, j.rows_read, j.rows_loaded,
       j.rows_refused,
       floor(extract(epoch FROM j.created_at))::bigint AS created,
       floor(extract(epoch FROM j.started_at))::bigint AS started,
       floor(extract(epoch FROM j.finished_at))::bigint AS finished,
       f.account_id, f.name, f.error AS file_error
  FROM sync_jobs j
  LEFT JOIN sync_files f ON f.organization_id = j.organization_id
       AND f.error_job = j.id
 WHERE j.organization_id = $1 AND j.id = $2
 ORDER BY f.account_id, f.name
 LIMIT 20
