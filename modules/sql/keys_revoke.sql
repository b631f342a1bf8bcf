-- Revokes a key, unless it is the last that can manage keys.
-- params: $1 organization integer, $2 uuid uuid, $3 force boolean
-- returns: last boolean, changed boolean (false also when it was revoked
--   before), digests text (hex, separated by commas)
-- rows: 0 (there is none) or 1
WITH guard AS (
    SELECT k.id, k.revoked_at,
           CASE WHEN $3::boolean OR k.revoked_at IS NOT NULL THEN false
                ELSE api_key_is_last_admin($1::integer, $2::uuid) END AS last
      FROM api_keys k
     WHERE k.organization_id = $1::integer
       AND k.uuid = $2::uuid
), done AS (
    UPDATE api_keys k SET revoked_at = now()
      FROM guard
     WHERE k.id = guard.id AND guard.revoked_at IS NULL AND NOT guard.last
    RETURNING k.id
)
SELECT guard.last, done.id IS NOT NULL,
       coalesce((SELECT string_agg(encode(digest, 'hex'), ',')
                   FROM api_key_secrets WHERE key_id = guard.id), '')
  FROM guard LEFT JOIN done ON done.id = guard.id
