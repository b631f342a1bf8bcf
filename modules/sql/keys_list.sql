-- An organization's keys in the order they were made, revoked ones too.
-- params: $1 organization integer, $2 after integer (an id; 0: the first),
--   $3 limit integer
-- returns: id integer, uuid uuid, name text, permission text, plan text,
--   created epoch seconds bigint, expires bigint or null, revoked bigint or
--   null, used bigint or null, secrets text, usage text or null (lines: see
--   the view)
-- rows: 0..limit
SELECT id, uuid, name, permission, plan, created, expires, revoked, used,
       secrets, usage
  FROM api_key_rows
 WHERE organization_id = $1::integer
   AND id > $2::integer
 ORDER BY id
 LIMIT $3::integer
