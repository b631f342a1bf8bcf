-- What a new secret for a key begins with.
-- params: $1 organization integer, $2 uuid uuid
-- returns: plan text
-- rows: 0 (there is none, or it is revoked) or 1
SELECT plan
  FROM api_keys
 WHERE organization_id = $1::integer
   AND uuid = $2::uuid
   AND revoked_at IS NULL
