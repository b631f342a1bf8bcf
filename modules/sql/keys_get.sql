-- One key of an organization.
-- params: $1 organization integer, $2 uuid uuid
-- returns: id integer, uuid uuid, name text, permission text, plan text,
--   created epoch seconds bigint, expires bigint or null, revoked bigint or
--   null, used bigint or null, secrets text, usage text or null (lines: see
--   the view)
-- rows: 0..1
SELECT id, uuid, name, permission, plan, created, expires, revoked, used,
       secrets, usage
  FROM api_key_rows
 WHERE organization_id = $1::integer
   AND uuid = $2::uuid
