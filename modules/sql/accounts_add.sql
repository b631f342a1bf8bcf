-- A new account, and its source if it has one.  The organization's row is
-- there: its key was let in.
-- params: $1 organization integer, $2 provider text, $3 external id text,
--   $4 name text or null (then it is the external id, until a bill names it),
--   $5 source uuid uuid, $6 its kind text or null (then it has none),
--   $7 location text, $8 bucket text, $9 region text, $10 prefix text,
--   $11 access key text, $12 secret bytea or null (sealed), $13 one account
--   boolean, $14 hours between two syncs integer or null
-- returns: id integer, account uuid, name text, provider text, external id
--   text, created epoch seconds bigint, kind text or null, location text,
--   bucket text, region text, prefix text, access key text, one account
--   boolean, hours integer or null
-- rows: 0..1; 0 when the organization has it already
WITH added AS (
    INSERT INTO accounts AS a (organization_id, provider, external_id, name,
                               named_on)
    VALUES ($1, $2, $3, coalesce($4::text, $3),
            CASE WHEN $4::text IS NULL THEN date '-infinity'
                 ELSE date 'infinity' END)
        ON CONFLICT (organization_id, provider, external_id) DO NOTHING
    RETURNING a.*
), source AS (
    INSERT INTO account_sources AS s (organization_id, account_id, uuid, kind,
                                      location, bucket, region, prefix,
                                      access_key, secret, one_account,
                                      sync_every, next_sync_at)
    SELECT a.organization_id, a.id, $5::uuid, $6, $7, $8, $9, $10, $11,
           $12::bytea, $13::boolean, $14::integer,
           now() + $14::integer * interval '1 hour'
      FROM added a
     WHERE $6::text IS NOT NULL
    RETURNING s.*
)
SELECT a.id, a.uuid, a.name, a.provider, a.external_id,
       floor(extract(epoch FROM a.created_at))::bigint AS created,
       s.kind, s.location, s.bucket, s.region, s.prefix, s.access_key,
       s.one_account, s.sync_every
  FROM added a
  LEFT JOIN source s ON s.account_id = a.id
