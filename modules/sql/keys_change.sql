-- Changes what is given of a key that is not revoked.
-- params: $1 organization integer, $2 uuid uuid, $3 name text or null,
--   $4 permission text or null, $5 plan text or null, $6 expires bigint
--   (epoch seconds) or null, $7 expires_given boolean, $8 unlimited text[]
--   (plans), $9 force boolean
-- returns: last boolean (it would leave the organization without an admin),
--   allowed boolean (the plan, as in keys_add), changed boolean,
--   digests text (hex, separated by commas)
-- rows: 0 (there is none) or 1
WITH guard AS (
    SELECT k.id,
           CASE WHEN $9::boolean THEN false
                WHEN $4::text <> 'admin'
                     OR ($7::boolean AND to_timestamp($6::bigint) <= now())
                THEN api_key_is_last_admin($1::integer, $2::uuid)
                ELSE false END AS last,
           $5::text IS NULL OR $5::text = k.plan
           OR EXISTS (SELECT 1 FROM api_keys
                       WHERE organization_id = $1::integer
                         AND revoked_at IS NULL
                         AND (plan = $5::text OR plan = ANY ($8::text[])))
           AS allowed
      FROM api_keys k
     WHERE k.organization_id = $1::integer
       AND k.uuid = $2::uuid
       AND k.revoked_at IS NULL
), done AS (
    UPDATE api_keys k
       SET name = coalesce($3::text, k.name),
           permission = coalesce($4::text, k.permission),
           plan = coalesce($5::text, k.plan),
           expires_at = CASE WHEN $7::boolean THEN to_timestamp($6::bigint)
                             ELSE k.expires_at END
      FROM guard
     WHERE k.id = guard.id AND guard.allowed AND NOT guard.last
    RETURNING k.id
)
SELECT guard.last, guard.allowed, done.id IS NOT NULL,
       coalesce((SELECT string_agg(encode(digest, 'hex'), ',')
                   FROM api_key_secrets WHERE key_id = guard.id), '')
  FROM guard LEFT JOIN done ON done.id = guard.id
