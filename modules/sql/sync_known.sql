-- Which of a source's files need not be fetched: they were loaded, and what
-- they brought is there, or came from a newer file of the same source.  A
-- version that is null matches any: then it is for the source to be asked
-- with it.
-- params: $1 organization integer, $2 account integer, $3 names text[],
--   $4 versions text[], $5 job integer
-- returns: number bigint (of the name, from 1), version text, whether it was
--   this very job that loaded it boolean
-- rows: 0..names
SELECT n.number, f.version,
       f.loaded_at >= (SELECT j.started_at
                         FROM sync_jobs j
                        WHERE j.organization_id = $1::integer
                          AND j.id = $5::integer) AS ours
  FROM unnest($3::text[], $4::text[])
       WITH ORDINALITY AS n (name, version, number)
  JOIN sync_files f ON f.organization_id = $1::integer
       AND f.account_id = $2::integer AND f.name = n.name
       AND f.version = coalesce(n.version, f.version)
 WHERE f.load_id IS NOT NULL AND f.version <> '' AND f.error IS NULL
   AND NOT EXISTS (
       SELECT
         FROM unnest(f.account_ids, f.periods) AS p (account_id, period)
         LEFT JOIN cost_periods c ON c.organization_id = $1::integer
              AND c.account_id = p.account_id AND c.period = p.period
        WHERE c.import_id IS NULL
           OR (c.import_id <> f.load_id
               AND NOT EXISTS (
                   SELECT FROM sync_files o
                    WHERE o.organization_id = $1::integer
                      AND o.load_id = c.import_id
                      AND o.account_id = $2::integer)))
