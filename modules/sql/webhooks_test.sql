-- An event for one endpoint alone, to be sent at once, and once.
-- params: $1 organization integer, $2 uuid uuid
-- returns: delivery uuid (null when it is disabled), enabled boolean
-- rows: 0..1
WITH hook AS (
    SELECT w.id, w.uuid, w.enabled
      FROM webhooks w
     WHERE w.organization_id = $1::integer AND w.uuid = $2::uuid
       AND w.kind = 'webhook'
), event AS (
    INSERT INTO events (organization_id, type, body)
    SELECT $1, 'webhook.test',
           event_body('webhook.test', now(), json_build_object(
               'webhook_id', hook.uuid,
               'message', 'This is a test of your webhook'))
      FROM hook
     WHERE hook.enabled
    RETURNING id
), delivery AS (
    INSERT INTO deliveries (organization_id, webhook_id, event_id, once)
    SELECT $1, hook.id, event.id, true
      FROM hook, event
    RETURNING uuid
)
SELECT (SELECT uuid FROM delivery) AS delivery, hook.enabled
  FROM hook
