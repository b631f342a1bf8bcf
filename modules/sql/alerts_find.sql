-- One alert, with times that it triggered, the latest first.
-- params: $1 organization integer, $2 uuid uuid, $3 before bigint (an id of
--   history; 0: from the latest), $4 limit integer (of history)
-- returns: id integer, uuid uuid, name text, type text, status text,
--   scope text, account uuid or null, owner text or null,
--   repository text or null, workflow text or null, metric text,
--   operator text, value numeric, baseline text or null,
--   notifications json, cooldown integer, last triggered epoch seconds bigint
--   or null, created epoch seconds bigint, updated epoch seconds bigint,
--   version integer, triggered epoch seconds bigint or null,
--   amount numeric or null, resolved epoch seconds bigint or null,
--   place bigint or null (the history's id)
-- rows: 0 when there is no such alert; else 1..limit, the alert in all of them
SELECT d.id, d.uuid, d.name, d.type, d.status, d.scope_type, d.account,
       d.owner, d.repository, d.workflow, d.metric, d.operator, d.value,
       d.baseline, d.notifications, d.cooldown_hours, d.last_triggered,
       d.created, d.updated, d.version,
       floor(extract(epoch FROM h.triggered_at))::bigint AS triggered,
       h.value AS amount,
       floor(extract(epoch FROM h.resolved_at))::bigint AS resolved,
       h.id AS place
  FROM alert_details d
  LEFT JOIN LATERAL (
           SELECT x.id, x.triggered_at, x.value, x.resolved_at
             FROM alert_history x
            WHERE x.alert_id = d.id
              AND x.id < coalesce(nullif($3::bigint, 0),
                                  9223372036854775807)
            ORDER BY x.id DESC
            LIMIT $4::integer) h ON true
 WHERE d.organization_id = $1::integer AND d.uuid = $2::uuid
 ORDER BY h.id DESC
