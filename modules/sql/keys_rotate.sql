-- Gives a key a new secret; those it has end after the grace, or when they
-- would have anyway.
-- params: $1 organization integer, $2 uuid uuid, $3 grace integer (seconds),
--   $4 digest bytea, $5 prefix text, $6 last_four text
-- returns: digests text (hex, separated by commas, of those that end)
-- rows: 0 (there is none, or it is revoked) or 1
WITH k AS (
    SELECT id FROM api_keys
     WHERE organization_id = $1::integer
       AND uuid = $2::uuid
       AND revoked_at IS NULL
       FOR UPDATE
), old AS (
    UPDATE api_key_secrets s
       SET expires_at = least(s.expires_at,
                              now() + $3::integer * interval '1 second')
      FROM k
     WHERE s.key_id = k.id
    RETURNING s.digest
), new AS (
    INSERT INTO api_key_secrets (digest, key_id, prefix, last_four)
    SELECT $4::bytea, id, $5::text, $6::text FROM k
)
SELECT coalesce((SELECT string_agg(encode(digest, 'hex'), ',') FROM old), '')
  FROM k
