-- One endpoint.
-- params: $1 organization integer, $2 uuid uuid
-- returns: object text (JSON)
-- rows: 0..1
SELECT object
  FROM webhook_details
 WHERE organization_id = $1::integer AND uuid = $2::uuid
