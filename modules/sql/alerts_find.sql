-- One alert, with the last times that it triggered, the latest first.
-- params: $1 organization integer, $2 uuid uuid
-- returns: id integer, uuid uuid, name text, type text, status text,
--   scope text, account uuid or null, owner text or null,
--   repository text or null, workflow text or null, metric text,
--   operator text, value numeric, baseline text or null,
--   notifications json, cooldown integer, last triggered epoch seconds bigint
--   or null, created epoch seconds bigint, updated epoch seconds bigint,
--   version integer, triggered epoch seconds bigint or null,
--   amount numeric or null, resolved epoch seconds bigint or null
-- rows: 0 when there is no such alert; else 1..100, the alert in all of them
SELECT d.id, d.uuid, d.name, d.type, d.status, d.scope_type, d.account,
       d.owner, d.repository, d.workflow, d.metric, d.operator, d.value,
       d.baseline, d.notifications, d.cooldown_hours, d.last_triggered,
       d.created, d.updated, d.version,
       extract(epoch FROM h.triggered_at)::bigint AS triggered,
       h.value AS amount,
       extract(epoch FROM h.resolved_at)::bigint AS resolved
  FROM alert_details d
  LEFT JOIN LATERAL (
           SELECT x.id, x.triggered_at, x.value, x.resolved_at
             FROM alert_history x
            WHERE x.alert_id = d.id
            ORDER BY x.id DESC
            LIMIT 100) h ON true
 WHERE d.organization_id = $1::integer AND d.uuid = $2::uuid
 ORDER BY h.id DESC
