-- A budget goes.
-- params: $1 organization integer, $2 uuid uuid
-- returns: uuid uuid
-- rows: 0..1
DELETE FROM budgets b
 WHERE b.organization_id = $1::integer AND b.uuid = $2::uuid
RETURNING b.uuid
