-- An account and, by a trigger, its costs; what was summed over them follows.
-- params: $1 organization integer, $2 account uuid or null, $3 account id
--   integer or null
-- returns: account uuid
-- rows: 0..1
DELETE FROM accounts a
 WHERE a.organization_id = $1 AND (a.uuid = $2 OR a.id = $3)
RETURNING a.uuid
