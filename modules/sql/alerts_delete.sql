-- Forgets an alert, with its history.
-- params: $1 organization integer, $2 uuid uuid
-- returns: uuid uuid
-- rows: 0..1
DELETE FROM alerts a
 WHERE a.organization_id = $1::integer AND a.uuid = $2::uuid
RETURNING a.uuid
