-- A second that has begun is the one that is told: what an alert's event
-- says happened at 09:42:00.7 was at 09:42:00 in the API, too.

CREATE OR REPLACE VIEW alert_details AS
SELECT a.organization_id, a.id, a.uuid, a.name, a.type,
       CASE WHEN a.paused THEN 'paused'
            WHEN a.open THEN 'triggered'
            ELSE 'active' END AS status,
       a.scope_type, c.uuid AS account, a.owner, a.repository, a.workflow,
       a.metric, a.operator, a.value, a.baseline, a.notifications,
       a.cooldown_hours,
       floor(extract(epoch FROM a.last_triggered_at))::bigint
           AS last_triggered,
       floor(extract(epoch FROM a.created_at))::bigint AS created,
       floor(extract(epoch FROM a.updated_at))::bigint AS updated,
       a.version
  FROM alerts a
  LEFT JOIN accounts c ON c.id = a.account_id;
