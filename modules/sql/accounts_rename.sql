-- Changes an account.  A person names it: no bill names it again.  Its source
-- is set as a whole, or, with the kind "none", taken away.
-- params: $1 organization integer, $2 account uuid or null, $3 account id
--   integer or null, $4 name text or null (as it is),
--   $5 source uuid uuid, $6 its kind text or null (as it is),
--   $7 location text, $8 bucket text, $9 region text, $10 prefix text,
--   $11 access key text, $12 secret bytea or null (sealed), $13 one account
--   boolean, $14 hours between two syncs integer or null
-- returns: id integer, account uuid, name text, provider text, external id
--   text, created epoch seconds bigint, kind text or null, location text,
--   bucket text, region text, prefix text, access key text, one account
--   boolean, hours integer or null
-- rows: 0..1
WITH changed AS (
    UPDATE accounts a
       SET name = coalesce($4, a.name),
           named_on = CASE WHEN $4::text IS NULL THEN a.named_on
                           ELSE date 'infinity' END
     WHERE a.organization_id = $1 AND (a.uuid = $2 OR a.id = $3)
    RETURNING a.*
), gone AS (
    DELETE FROM account_sources s USING changed a
     WHERE s.organization_id = a.organization_id AND s.account_id = a.id
       AND $6::text = 'none'
), source AS (
    INSERT INTO account_sources AS s (organization_id, account_id, uuid, kind,
                                      location, bucket, region, prefix,
                                      access_key, secret, one_account,
                                      sync_every, next_sync_at)
    SELECT a.organization_id, a.id, $5::uuid, $6, $7, $8, $9, $10, $11,
           $12::bytea, $13::boolean, $14::integer,
           now() + $14::integer * interval '1 hour'
      FROM changed a
     WHERE $6::text <> 'none'
        ON CONFLICT (organization_id, account_id) DO UPDATE
       SET uuid = excluded.uuid, kind = excluded.kind,
           location = excluded.location, bucket = excluded.bucket,
           region = excluded.region, prefix = excluded.prefix,
           access_key = excluded.access_key, secret = excluded.secret,
           one_account = excluded.one_account,
           sync_every = excluded.sync_every,
           next_sync_at = excluded.next_sync_at, updated_at = now()
    RETURNING s.*
), shown AS (
    SELECT s.* FROM source s
     UNION ALL
    SELECT s.*
      FROM account_sources s
      JOIN changed a ON a.organization_id = s.organization_id
           AND a.id = s.account_id
     WHERE $6::text IS NULL
)
SELECT a.id, a.uuid, a.name, a.provider, a.external_id,
       floor(extract(epoch FROM a.created_at))::bigint AS created,
       s.kind, s.location, s.bucket, s.region, s.prefix, s.access_key,
       s.one_account, s.sync_every
  FROM changed a
  LEFT JOIN shown s ON s.account_id = a.id
