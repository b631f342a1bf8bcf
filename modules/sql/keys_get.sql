-- One key of an organization.
-- params: $1 organization integer, $2 uuid uuid
-- returns: id integer, uuid uuid, name text, permission text, plan text,
--   created text, expires text or null, revoked text or null,
--   used text or null, secrets text (JSON), usage text (JSON)
-- rows: 0..1
SELECT id, uuid, name, permission, plan, created, expires, revoked, used,
       secrets, usage
  FROM api_key_details
 WHERE organization_id = $1::integer
   AND uuid = $2::uuid
