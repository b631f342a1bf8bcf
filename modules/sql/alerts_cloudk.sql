-- Rules and their history as CloudK shows them.
-- params: $1 organization integer, $2 type text (rules, history, all),
--   $3 before bigint (an id of history; 0: from the latest),
--   $4 limit integer (of history)
-- returns: kind integer (0 a rule, 1 history), uuid uuid, name text or null,
--   rule type text or null, value numeric or null (a rule's threshold, what
--   history saw), threshold numeric, unit text or null,
--   provider text or null, scope text or null,
--   channels text or null (words with commas between), rule uuid or null,
--   active boolean or null, at epoch seconds bigint,
--   resolved epoch seconds bigint or null, percent boolean,
--   sent boolean or null, place bigint (history: its id),
--   turn bigint
-- rows: rules in the order of their making, then history, the latest first
SELECT 0 AS kind, a.uuid, a.name,
       CASE WHEN a.baseline IS NULL THEN 'absolute_threshold'
            ELSE 'percentage_change' END AS rule_type,
       NULL::numeric AS value, a.value AS threshold,
       CASE WHEN a.baseline IS NULL THEN o.currency
            ELSE 'percent' END AS unit,
       alert_provider(a.organization_id, a.scope_type, a.account_id, a.owner)
           AS provider,
       a.scope_type,
       (SELECT string_agg(n.type, ',' ORDER BY n.place)
          FROM (SELECT x.object ->> 'type' AS type, min(x.place) AS place
                  FROM json_array_elements(a.notifications) WITH ORDINALITY
                       AS x (object, place)
                 GROUP BY 1) n) AS channels,
       NULL::uuid AS rule,
       NOT a.paused AS active,
       floor(extract(epoch FROM a.created_at))::bigint AS at,
       NULL::bigint AS resolved, a.baseline IS NOT NULL AS percent,
       NULL::boolean AS sent, NULL::bigint AS place, a.id::bigint AS turn
  FROM alerts a
  JOIN organizations o ON o.id = a.organization_id
 WHERE a.organization_id = $1::integer AND $2 IN ('rules', 'all')
UNION ALL
SELECT 1, h.uuid, NULL, NULL, coalesce(h.percent, h.value), h.threshold,
       NULL, NULL, NULL, NULL, a.uuid, NULL,
       floor(extract(epoch FROM h.triggered_at))::bigint,
       floor(extract(epoch FROM h.resolved_at))::bigint, h.percent IS NOT NULL,
       CASE WHEN h.event_id IS NULL THEN h.sent
            ELSE EXISTS (SELECT FROM deliveries d
                          WHERE d.organization_id = h.organization_id
                            AND d.event_id = h.event_id
                            AND d.state = 'delivered') END,
       h.id, - h.id
  FROM (SELECT x.* FROM alert_history x
         WHERE x.organization_id = $1::integer AND $2 IN ('history', 'all')
           AND x.id < coalesce(nullif($3::bigint, 0), 9223372036854775807)
         ORDER BY x.id DESC
         LIMIT $4::integer) h
  JOIN alerts a ON a.id = h.alert_id
 ORDER BY kind, turn
