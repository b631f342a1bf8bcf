-- An endpoint goes, with what was to be delivered to it.
-- params: $1 organization integer, $2 uuid uuid
-- returns: uuid uuid
-- rows: 0..1
DELETE FROM webhooks w
 WHERE w.organization_id = $1::integer AND w.uuid = $2::uuid
   AND w.kind = 'webhook'
RETURNING w.uuid
