-- A new secret; the one it had is good for another while.
-- params: $1 organization integer, $2 uuid uuid, $3 secret bytea,
--   $4 grace integer (seconds)
-- returns: uuid uuid
-- rows: 0..1
UPDATE webhooks w
   SET secret = $3::bytea,
       old_secret = CASE WHEN $4::integer > 0 THEN w.secret END,
       old_until = CASE WHEN $4::integer > 0
                        THEN now() + $4::integer * interval '1 second' END,
       updated_at = now()
 WHERE w.organization_id = $1::integer AND w.uuid = $2::uuid
   AND w.kind = 'webhook'
RETURNING w.uuid
