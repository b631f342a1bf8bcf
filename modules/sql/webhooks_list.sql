-- The endpoints of an organization, in the order of their making, or one.
-- params: $1 organization integer, $2 uuid uuid or null for all, $3 after
--   integer, $4 limit integer
-- returns: id integer, uuid uuid, url text, description text, events text
--   (JSON), enabled boolean, disabled reason text or null, end of the old
--   secret epoch seconds bigint or null, failing since epoch seconds bigint
--   or null, created epoch seconds bigint, updated epoch seconds bigint
-- rows: 0..limit
SELECT w.id, w.uuid, w.url, w.description,
       array_to_json(w.events)::text AS events, w.enabled, w.disabled_reason,
       CASE WHEN w.old_until > now()
            THEN floor(extract(epoch FROM w.old_until))::bigint END
       AS old_until,
       floor(extract(epoch FROM w.failing_since))::bigint AS failing,
       floor(extract(epoch FROM w.created_at))::bigint AS created,
       floor(extract(epoch FROM w.updated_at))::bigint AS updated
  FROM webhooks w
 WHERE w.organization_id = $1::integer AND w.id > $3::integer
   AND w.kind = 'webhook' AND ($2::uuid IS NULL OR w.uuid = $2)
 ORDER BY w.id
 LIMIT $4::integer
