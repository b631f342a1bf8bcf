-- A new endpoint, with its sealed secret.
-- params: $1 organization integer, $2 uuid uuid, $3 url text,
--   $4 events text[], $5 description text or null, $6 secret bytea
-- returns: uuid uuid
-- rows: 0..1; 0 when the organization has as many as it may have
INSERT INTO webhooks (organization_id, uuid, url, events, description, secret)
SELECT $1::integer, $2::uuid, $3, $4::text[], coalesce($5, ''), $6::bytea
 WHERE (SELECT count(*) FROM webhooks
         WHERE organization_id = $1 AND kind = 'webhook') < 100
RETURNING uuid
