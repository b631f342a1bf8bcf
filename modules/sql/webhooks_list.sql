-- The endpoints of an organization, in the order of their making.
-- params: $1 organization integer, $2 after integer, $3 limit integer
-- returns: id integer, object text (JSON)
-- rows: 0..limit
SELECT id, object
  FROM webhook_details
 WHERE organization_id = $1::integer AND id > $2::integer
 ORDER BY id
 LIMIT $3::integer
