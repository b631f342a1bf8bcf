-- One secret with all that the zone keeps of its key.
-- params: $1 digest bytea (hex form, "\x...")
-- returns: organization integer, organization uuid, organization name text,
--   currency text, active boolean, key integer, key uuid, key name text,
--   permission text, plan text, expires epoch seconds or null (the earlier of
--   the key's and the secret's), revoked boolean
-- rows: 0..1
SELECT o.id, o.uuid, o.name, o.currency, o.active,
       k.id, k.uuid, k.name, k.permission, k.plan,
       ceil(extract(epoch FROM least(k.expires_at, s.expires_at)))::bigint,
       k.revoked_at IS NOT NULL
  FROM api_key_secrets s
  JOIN api_keys k ON k.id = s.key_id
  JOIN organizations o ON o.id = k.organization_id
 WHERE s.digest = $1::bytea
