-- Files that could not be loaded; what was loaded of them before stays.
-- params: $1 organization integer, $2 job integer, $3 account integer (of the
--   source), $4 names text[], $5 error text
-- returns: nothing
INSERT INTO sync_files AS f (organization_id, account_id, name, error,
                             error_job)
SELECT $1::integer, $3::integer, n.name, $5::text, $2::integer
  FROM unnest($4::text[]) AS n (name)
  JOIN accounts a ON a.organization_id = $1::integer AND a.id = $3::integer
    ON CONFLICT (organization_id, account_id, name) DO UPDATE
   SET error = excluded.error, error_job = excluded.error_job
