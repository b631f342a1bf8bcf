-- Changes what is not null of an endpoint.  One that is enabled again goes on
-- with what waits for it: a claim looks, which sees what this cannot see yet.
-- params: $1 organization integer, $2 uuid uuid, $3 url text, $4 events text[],
--   $5 description text, $6 enabled boolean
-- returns: uuid uuid
-- rows: 0..1
UPDATE webhooks w
   SET url = coalesce($3, w.url),
       events = coalesce($4::text[], w.events),
       description = coalesce($5, w.description),
       enabled = coalesce($6::boolean, w.enabled),
       disabled_reason = CASE WHEN $6::boolean IS NULL
                              THEN w.disabled_reason END,
       failing_since = CASE WHEN $6::boolean AND NOT w.enabled THEN NULL
                            ELSE w.failing_since END,
       due_at = now(),
       updated_at = now()
 WHERE w.organization_id = $1::integer AND w.uuid = $2::uuid
   AND w.kind = 'webhook'
RETURNING w.uuid
