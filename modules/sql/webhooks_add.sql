-- A new endpoint, with its sealed secret.
-- params: $1 organization integer, $2 uuid uuid, $3 url text,
--   $4 events text[], $5 description text or null, $6 secret bytea
-- returns: object text (JSON)
-- rows: 0..1; 0 when the organization has as many as it may have
WITH added AS (
    INSERT INTO webhooks (organization_id, uuid, url, events, description,
                          secret)
    SELECT $1::integer, $2::uuid, $3, $4::text[], coalesce($5, ''),
           $6::bytea
     WHERE (SELECT count(*) FROM webhooks
             WHERE organization_id = $1 AND kind = 'webhook') < 100
    RETURNING *
)
SELECT json_build_object(
           'id', w.uuid, 'url', w.url, 'description', w.description,
           'events', w.events, 'enabled', w.enabled,
           'disabled_reason', w.disabled_reason, 'old_secret_until', null,
           'failing_since', null, 'created_at', api_time(w.created_at),
           'updated_at', api_time(w.updated_at))::text AS object
  FROM added w
