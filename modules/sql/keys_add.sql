-- A new key with its secret.  The plan must be one that the organization
-- has, or the organization must have one without limits: an admin lifts
-- nobody above what the operator gave.
-- params: $1 organization integer, $2 name text, $3 permission text,
--   $4 plan text, $5 expires bigint (epoch seconds) or null,
--   $6 unlimited text[] (plans), $7 digest bytea, $8 prefix text,
--   $9 last_four text
-- returns: uuid uuid
-- rows: 0 (not that plan) or 1
WITH k AS (
    INSERT INTO api_keys (organization_id, name, permission, plan, expires_at)
    SELECT $1::integer, $2::text, $3::text, $4::text,
           to_timestamp($5::bigint)
     WHERE EXISTS (SELECT 1 FROM api_keys
                    WHERE organization_id = $1::integer
                      AND revoked_at IS NULL
                      AND (plan = $4::text OR plan = ANY ($6::text[])))
    RETURNING id, uuid
), s AS (
    INSERT INTO api_key_secrets (digest, key_id, prefix, last_four)
    SELECT $7::bytea, id, $8::text, $9::text FROM k
)
SELECT uuid FROM k
