-- One delivery.
-- params: $1 organization integer, $2 uuid uuid
-- returns: object text (JSON), state text, attempts integer
-- rows: 0..1
SELECT object, state, attempts
  FROM delivery_details
 WHERE organization_id = $1::integer AND uuid = $2::uuid
