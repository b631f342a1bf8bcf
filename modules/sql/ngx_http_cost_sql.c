
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


/*
 * Generated from modules/sql/ by scripts/gen-sql; do not edit.
 */


#include <stddef.h>

#include "ngx_http_cost_sql.h"


const ngx_http_cost_sql_t  ngx_http_cost_sql_accounts_add = {
    "accounts_add",
    "WITH added AS (\n"
    "    INSERT INTO accounts AS a (organization_id, provider, external_id, name,\n"
    "                               named_on)\n"
    "    VALUES ($1, $2, $3, coalesce($4::text, $3),\n"
    "            CASE WHEN $4::text IS NULL THEN date '-infinity'\n"
    "                 ELSE date 'infinity' END)\n"
    "        ON CONFLICT (organization_id, provider, external_id) DO NOTHING\n"
    "    RETURNING a.*\n"
    "), source AS (\n"
    "    INSERT INTO account_sources AS s (organization_id, account_id, uuid, kind,\n"
    "                                      location, bucket, region, prefix,\n"
    "                                      access_key, secret, one_account,\n"
    "                                      sync_every, next_sync_at)\n"
    "    SELECT a.organization_id, a.id, $5::uuid, $6, $7, $8, $9, $10, $11,\n"
    "           $12::bytea, $13::boolean, $14::integer,\n"
    "           now() + $14::integer * interval '1 hour'\n"
    "      FROM added a\n"
    "     WHERE $6::text IS NOT NULL\n"
    "    RETURNING s.*\n"
    ")\n"
    "SELECT a.id, a.uuid, a.name, a.provider, a.external_id,\n"
    "       floor(extract(epoch FROM a.created_at))::bigint AS created,\n"
    "       s.kind, s.location, s.bucket, s.region, s.prefix, s.access_key,\n"
    "       s.one_account, s.sync_every\n"
    "  FROM added a\n"
    "  LEFT JOIN source s ON s.account_id = a.id",
    14, 14
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_accounts_delete = {
    "accounts_delete",
    "DELETE FROM accounts a\n"
    " WHERE a.organization_id = $1 AND (a.uuid = $2 OR a.id = $3)\n"
    "RETURNING a.uuid",
    3, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_accounts_find = {
    "accounts_find",
    "SELECT a.id, a.uuid, a.name, a.provider, a.external_id,\n"
    "       floor(extract(epoch FROM a.created_at))::bigint AS created,\n"
    "       s.kind, s.location, s.bucket, s.region, s.prefix, s.access_key,\n"
    "       s.one_account, s.sync_every\n"
    "  FROM accounts a\n"
    "  LEFT JOIN account_sources s ON s.organization_id = a.organization_id\n"
    "       AND s.account_id = a.id\n"
    " WHERE a.organization_id = $1 AND (a.uuid = $2 OR a.id = $3)",
    3, 14
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_accounts_get = {
    "accounts_get",
    "SELECT a.id, a.uuid, a.name, a.provider, a.external_id,\n"
    "       floor(extract(epoch FROM a.created_at))::bigint AS created\n"
    "  FROM accounts a\n"
    " WHERE a.organization_id = $1 AND a.uuid = $2",
    2, 6
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_accounts_list = {
    "accounts_list",
    "SELECT a.id, a.uuid, a.name, a.provider, a.external_id,\n"
    "       floor(extract(epoch FROM a.created_at))::bigint AS created,\n"
    "       s.kind, s.location, s.bucket, s.region, s.prefix, s.access_key,\n"
    "       s.one_account, s.sync_every\n"
    "  FROM accounts a\n"
    "  LEFT JOIN account_sources s ON s.organization_id = a.organization_id\n"
    "       AND s.account_id = a.id\n"
    " WHERE a.organization_id = $1 AND a.id > $2\n"
    " ORDER BY a.id\n"
    " LIMIT $3",
    3, 14
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_accounts_rename = {
    "accounts_rename",
    "WITH changed AS (\n"
    "    UPDATE accounts a\n"
    "       SET name = coalesce($4, a.name),\n"
    "           named_on = CASE WHEN $4::text IS NULL THEN a.named_on\n"
    "                           ELSE date 'infinity' END\n"
    "     WHERE a.organization_id = $1 AND (a.uuid = $2 OR a.id = $3)\n"
    "    RETURNING a.*\n"
    "), gone AS (\n"
    "    DELETE FROM account_sources s USING changed a\n"
    "     WHERE s.organization_id = a.organization_id AND s.account_id = a.id\n"
    "       AND $6::text = 'none'\n"
    "), source AS (\n"
    "    INSERT INTO account_sources AS s (organization_id, account_id, uuid, kind,\n"
    "                                      location, bucket, region, prefix,\n"
    "                                      access_key, secret, one_account,\n"
    "                                      sync_every, next_sync_at)\n"
    "    SELECT a.organization_id, a.id, $5::uuid, $6, $7, $8, $9, $10, $11,\n"
    "           $12::bytea, $13::boolean, $14::integer,\n"
    "           now() + $14::integer * interval '1 hour'\n"
    "      FROM changed a\n"
    "     WHERE $6::text <> 'none'\n"
    "        ON CONFLICT (organization_id, account_id) DO UPDATE\n"
    "       SET uuid = excluded.uuid, kind = excluded.kind,\n"
    "           location = excluded.location, bucket = excluded.bucket,\n"
    "           region = excluded.region, prefix = excluded.prefix,\n"
    "           access_key = excluded.access_key, secret = excluded.secret,\n"
    "           one_account = excluded.one_account,\n"
    "           sync_every = excluded.sync_every,\n"
    "           next_sync_at = excluded.next_sync_at, updated_at = now()\n"
    "    RETURNING s.*\n"
    "), shown AS (\n"
    "    SELECT s.* FROM source s\n"
    "     UNION ALL\n"
    "    SELECT s.*\n"
    "      FROM account_sources s\n"
    "      JOIN changed a ON a.organization_id = s.organization_id\n"
    "           AND a.id = s.account_id\n"
    "     WHERE $6::text IS NULL\n"
    ")\n"
    "SELECT a.id, a.uuid, a.name, a.provider, a.external_id,\n"
    "       floor(extract(epoch FROM a.created_at))::bigint AS created,\n"
    "       s.kind, s.location, s.bucket, s.region, s.prefix, s.access_key,\n"
    "       s.one_account, s.sync_every\n"
    "  FROM changed a\n"
    "  LEFT JOIN shown s ON s.account_id = a.id",
    14, 14
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_add = {
    "alerts_add",
    "WITH account AS (\n"
    "    SELECT a.id FROM accounts a\n"
    "     WHERE a.organization_id = $1::integer\n"
    "       AND (a.uuid = $6::uuid OR a.id = $7::integer)\n"
    "), added AS (\n"
    "    INSERT INTO alerts (organization_id, name, type, paused, scope_type,\n"
    "                        account_id, owner, repository, workflow, metric,\n"
    "                        operator, value, baseline, notifications,\n"
    "                        cooldown_hours)\n"
    "    SELECT $1::integer, $2, $3, $4::boolean, $5, (SELECT id FROM account),\n"
    "           $8, $9, $10, $11, $12, $13::numeric, $14, $15::json, $16::integer\n"
    "     WHERE ($5 <> 'account' OR EXISTS (SELECT FROM account))\n"
    "       AND (SELECT count(*) FROM alerts WHERE organization_id = $1) < 1000\n"
    "    RETURNING uuid, name, paused, created_at\n"
    ")\n"
    "SELECT d.uuid, $5 <> 'account' OR EXISTS (SELECT FROM account) AS known,\n"
    "       d.name, CASE WHEN d.paused THEN 'paused' ELSE 'active' END AS status,\n"
    "       floor(extract(epoch FROM d.created_at))::bigint AS created,\n"
    "       floor(extract(epoch FROM d.created_at))::bigint AS updated\n"
    "  FROM (VALUES (1)) one (n)\n"
    "  LEFT JOIN added d ON true",
    16, 6
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_change = {
    "alerts_change",
    "WITH account AS (\n"
    "    SELECT a.id FROM accounts a\n"
    "     WHERE a.organization_id = $1::integer\n"
    "       AND (a.uuid = $6::uuid OR a.id = $7::integer)\n"
    "), changed AS (\n"
    "    UPDATE alerts a\n"
    "       SET name = $2, type = $3, paused = $4::boolean, scope_type = $5,\n"
    "           account_id = (SELECT id FROM account), owner = $8,\n"
    "           repository = $9, workflow = $10, metric = $11, operator = $12,\n"
    "           value = $13::numeric, baseline = $14, notifications = $15::json,\n"
    "           cooldown_hours = $16::integer, version = a.version + 1,\n"
    "           updated_at = now()\n"
    "     WHERE a.organization_id = $1 AND a.uuid = $17::uuid\n"
    "       AND a.version = $18::integer\n"
    "       AND ($5 <> 'account' OR EXISTS (SELECT FROM account))\n"
    "    RETURNING a.uuid, a.name, a.paused, a.open, a.created_at, a.updated_at\n"
    ")\n"
    "SELECT c.uuid, $5 <> 'account' OR EXISTS (SELECT FROM account) AS known,\n"
    "       c.name, CASE WHEN c.paused THEN 'paused'\n"
    "                    WHEN c.open THEN 'triggered'\n"
    "                    ELSE 'active' END AS status,\n"
    "       floor(extract(epoch FROM c.created_at))::bigint AS created,\n"
    "       floor(extract(epoch FROM c.updated_at))::bigint AS updated\n"
    "  FROM (VALUES (1)) one (n)\n"
    "  LEFT JOIN changed c ON true",
    18, 6
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_cloudk = {
    "alerts_cloudk",
    "SELECT 0 AS kind, a.uuid, a.name,\n"
    "       CASE WHEN a.baseline IS NULL THEN 'absolute_threshold'\n"
    "            ELSE 'percentage_change' END AS rule_type,\n"
    "       NULL::numeric AS value, a.value AS threshold,\n"
    "       CASE WHEN a.baseline IS NULL THEN o.currency\n"
    "            ELSE 'percent' END AS unit,\n"
    "       alert_provider(a.organization_id, a.scope_type, a.account_id, a.owner)\n"
    "           AS provider,\n"
    "       a.scope_type,\n"
    "       (SELECT string_agg(n.type, ',' ORDER BY n.place)\n"
    "          FROM (SELECT x.object ->> 'type' AS type, min(x.place) AS place\n"
    "                  FROM json_array_elements(a.notifications) WITH ORDINALITY\n"
    "                       AS x (object, place)\n"
    "                 GROUP BY 1) n) AS channels,\n"
    "       NULL::uuid AS rule,\n"
    "       NOT a.paused AS active,\n"
    "       floor(extract(epoch FROM a.created_at))::bigint AS at,\n"
    "       NULL::bigint AS resolved, a.baseline IS NOT NULL AS percent,\n"
    "       NULL::boolean AS sent, NULL::bigint AS place, a.id::bigint AS turn\n"
    "  FROM alerts a\n"
    "  JOIN organizations o ON o.id = a.organization_id\n"
    " WHERE a.organization_id = $1::integer AND $2 IN ('rules', 'all')\n"
    "UNION ALL\n"
    "SELECT 1, h.uuid, NULL, NULL, coalesce(h.percent, h.value), h.threshold,\n"
    "       NULL, NULL, NULL, NULL, a.uuid, NULL,\n"
    "       floor(extract(epoch FROM h.triggered_at))::bigint,\n"
    "       floor(extract(epoch FROM h.resolved_at))::bigint, h.percent IS NOT NULL,\n"
    "       CASE WHEN h.event_id IS NULL THEN h.sent\n"
    "            ELSE EXISTS (SELECT FROM deliveries d\n"
    "                          WHERE d.organization_id = h.organization_id\n"
    "                            AND d.event_id = h.event_id\n"
    "                            AND d.state = 'delivered') END,\n"
    "       h.id, - h.id\n"
    "  FROM (SELECT x.* FROM alert_history x\n"
    "         WHERE x.organization_id = $1::integer AND $2 IN ('history', 'all')\n"
    "           AND x.id < coalesce(nullif($3::bigint, 0), 9223372036854775807)\n"
    "         ORDER BY x.id DESC\n"
    "         LIMIT $4::integer) h\n"
    "  JOIN alerts a ON a.id = h.alert_id\n"
    " ORDER BY kind, turn",
    4, 18
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_delete = {
    "alerts_delete",
    "DELETE FROM alerts a\n"
    " WHERE a.organization_id = $1::integer AND a.uuid = $2::uuid\n"
    "RETURNING a.uuid",
    2, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_evaluate = {
    "alerts_evaluate",
    "SELECT * FROM alerts_batch($1::integer[], $2::integer, $3::integer,\n"
    "                           $4::integer, $5::text[], $6::text[], $7::text[],\n"
    "                           $8::date[], $9::date[], $10::date[], $11::date[])",
    11, 14
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_find = {
    "alerts_find",
    "SELECT d.id, d.uuid, d.name, d.type, d.status, d.scope_type, d.account,\n"
    "       d.owner, d.repository, d.workflow, d.metric, d.operator, d.value,\n"
    "       d.baseline, d.notifications, d.cooldown_hours, d.last_triggered,\n"
    "       d.created, d.updated, d.version,\n"
    "       floor(extract(epoch FROM h.triggered_at))::bigint AS triggered,\n"
    "       h.value AS amount,\n"
    "       floor(extract(epoch FROM h.resolved_at))::bigint AS resolved,\n"
    "       h.id AS place\n"
    "  FROM alert_details d\n"
    "  LEFT JOIN LATERAL (\n"
    "           SELECT x.id, x.triggered_at, x.value, x.resolved_at\n"
    "             FROM alert_history x\n"
    "            WHERE x.alert_id = d.id\n"
    "              AND x.id < coalesce(nullif($3::bigint, 0),\n"
    "                                  9223372036854775807)\n"
    "            ORDER BY x.id DESC\n"
    "            LIMIT $4::integer) h ON true\n"
    " WHERE d.organization_id = $1::integer AND d.uuid = $2::uuid\n"
    " ORDER BY h.id DESC",
    4, 24
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_list = {
    "alerts_list",
    "SELECT d.id, d.uuid, d.name, d.type, d.status, d.scope_type, d.account,\n"
    "       d.owner, d.repository, d.workflow, d.metric, d.operator, d.value,\n"
    "       d.baseline, d.notifications, d.cooldown_hours, d.last_triggered,\n"
    "       d.created, d.updated, d.version\n"
    "  FROM alert_details d\n"
    " WHERE d.organization_id = $1::integer\n"
    "   AND ($2::text IS NULL\n"
    "        OR coalesce(d.owner, (SELECT o.slug FROM organizations o\n"
    "                               WHERE o.id = $1)) = $2)\n"
    "   AND ($3::text IS NULL OR d.status = $3)\n"
    "   AND ($4::text IS NULL OR d.type = $4)\n"
    "   AND d.id > $5::integer\n"
    " ORDER BY d.id\n"
    " LIMIT $6::integer",
    6, 20
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_rehearse = {
    "alerts_rehearse",
    "WITH account AS MATERIALIZED (\n"
    "    SELECT CASE WHEN $2::text = 'account' THEN min(a.id)\n"
    "                ELSE 0 END AS id\n"
    "      FROM accounts a\n"
    "     WHERE a.organization_id = $1::integer\n"
    "       AND (a.uuid = $3::uuid OR a.id = $4::integer)\n"
    "), place AS MATERIALIZED (\n"
    "    SELECT $8::boolean OR $2 IN ('repository', 'workflow')\n"
    "           OR ($2 = 'organization' AND alert_of_runs($1, $5::text))\n"
    "               AS of_runs,\n"
    "           CASE WHEN $2 = 'organization' AND NOT alert_of_runs($1, $5)\n"
    "                THEN NULL ELSE $5 END AS jobs_of,\n"
    "           (SELECT max(c.last_day) FROM cost_periods c\n"
    "             WHERE c.organization_id = $1) AS news\n"
    "), windows AS MATERIALIZED (\n"
    "    SELECT * FROM unnest($9::date[], $10::date[]) WITH ORDINALITY\n"
    "                  AS w (first, last, n)\n"
    "), sums AS MATERIALIZED (\n"
    "    SELECT w.first, w.last,\n"
    "           CASE WHEN $8 THEN j.run_amount / nullif(j.runs, 0)\n"
    "                WHEN p.of_runs THEN j.amount\n"
    "                ELSE c.amount END AS amount\n"
    "      FROM (SELECT DISTINCT first, last FROM windows) w\n"
    "     CROSS JOIN place p\n"
    "     CROSS JOIN account a\n"
    "      LEFT JOIN LATERAL ci_between($1, p.jobs_of, $6::text, $7::text,\n"
    "                                   w.first, w.last) j ON p.of_runs\n"
    "      LEFT JOIN LATERAL (SELECT cost_between($1, a.id, w.first, w.last)\n"
    "                                    AS amount) c ON NOT p.of_runs\n"
    "     WHERE a.id IS NOT NULL\n"
    ")\n"
    "SELECT s.amount, p.of_runs OR coalesce(w.last <= p.news, false) AS judged\n"
    "  FROM windows w\n"
    "  JOIN sums s ON s.first = w.first AND s.last = w.last\n"
    " CROSS JOIN place p\n"
    " ORDER BY w.n",
    10, 2
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_settle = {
    "alerts_settle",
    "SELECT alerts_settle($1::integer[], $2::integer[], $3::text[],\n"
    "                     $4::numeric[], $5::numeric[], $6::text[])",
    6, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_test = {
    "alerts_test",
    "SELECT alert_test($1::integer, $2::uuid)",
    2, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_tested = {
    "alerts_tested",
    "WITH listed AS (\n"
    "    SELECT n.place, n.object ->> 'type' AS type,\n"
    "           coalesce(n.object ->> 'target', n.object ->> 'channel') AS target\n"
    "      FROM alerts a\n"
    "     CROSS JOIN LATERAL json_array_elements(a.notifications)\n"
    "                        WITH ORDINALITY AS n (object, place)\n"
    "     WHERE a.organization_id = $1::integer AND a.uuid = $2::uuid\n"
    "), outcomes AS (\n"
    "    SELECT o.kind, o.target, o.state,\n"
    "           CASE WHEN o.state = 'dead'\n"
    "                THEN coalesce(o.error, 'the answer was ' || o.status\n"
    "                                  || CASE WHEN o.kind <> 'webhook'\n"
    "                                          THEN coalesce(': '\n"
    "                                               || left(o.answer, 200), '')\n"
    "                                          ELSE '' END, 'it failed')\n"
    "           END AS error\n"
    "      FROM event_outcomes o\n"
    "     WHERE o.organization_id = $1 AND o.event_id = $3::bigint\n"
    "), items AS (\n"
    "    SELECT place, type, target FROM listed\n"
    "     UNION ALL\n"
    "    SELECT 1000, 'webhook', NULL\n"
    "     WHERE EXISTS (SELECT FROM outcomes WHERE kind = 'webhook')\n"
    "       AND NOT EXISTS (SELECT FROM listed WHERE type = 'webhook')\n"
    ")\n"
    "SELECT i.type,\n"
    "       CASE WHEN count(o.state) = 0 THEN 'failed'\n"
    "            WHEN bool_or(o.state = 'pending') THEN 'pending'\n"
    "            WHEN bool_and(o.state = 'delivered') THEN 'sent'\n"
    "            ELSE 'failed' END AS status,\n"
    "       CASE WHEN count(o.state) = 0\n"
    "            THEN 'no webhook is there to be told of alerts'\n"
    "            ELSE min(o.error) END AS error\n"
    "  FROM items i\n"
    "  LEFT JOIN outcomes o\n"
    "    ON o.kind = i.type AND (i.type = 'webhook' OR o.target = i.target)\n"
    " GROUP BY i.place, i.type\n"
    " ORDER BY i.place",
    3, 3
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_anomalies_dismiss = {
    "anomalies_dismiss",
    "UPDATE cost_anomalies n\n"
    "   SET status = 'dismissed',\n"
    "       reason = CASE WHEN n.status = 'active' THEN $3 ELSE n.reason END,\n"
    "       dismissed_at = coalesce(n.dismissed_at, clock_timestamp())\n"
    "  FROM accounts a, services s\n"
    " WHERE n.organization_id = $1 AND n.id = $2\n"
    "   AND a.id = n.account_id AND s.id = n.service_id\n"
    "RETURNING n.id, n.day - date '1970-01-01' AS day, a.id AS account, a.name,\n"
    "          s.name AS service, n.actual, n.expected, n.lower, n.upper,\n"
    "          n.deviation_percent AS deviation, n.severity, n.status, n.reason,\n"
    "          floor(extract(epoch FROM n.detected_at))::bigint AS detected",
    3, 14
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_anomalies_due = {
    "anomalies_due",
    "WITH today AS (\n"
    "    SELECT date '1970-01-01' + $1::integer AS day\n"
    ")\n"
    "SELECT o.id AS organization, o.data_generation AS generation, d.accounts\n"
    "  FROM today t\n"
    " CROSS JOIN organizations o\n"
    " CROSS JOIN LATERAL (\n"
    "       SELECT array_agg(x.id) AS accounts\n"
    "         FROM (SELECT a.id\n"
    "                 FROM accounts a\n"
    "                 LEFT JOIN cost_anomaly_scans s ON s.account_id = a.id\n"
    "                WHERE a.organization_id = o.id\n"
    "                  AND (s.day IS NULL OR s.day < t.day)\n"
    "                  AND EXISTS (SELECT FROM cost_periods p\n"
    "                               WHERE p.organization_id = o.id\n"
    "                                 AND p.account_id = a.id\n"
    "                                 AND p.last_day > t.day - 45)\n"
    "                ORDER BY a.id\n"
    "                LIMIT $3::integer) x) d\n"
    " WHERE o.id > $2::integer AND d.accounts IS NOT NULL\n"
    " ORDER BY o.id\n"
    " LIMIT 1",
    3, 3
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_anomalies_list = {
    "anomalies_list",
    "SELECT NULL::integer AS id, NULL::integer AS day, NULL::integer AS account,\n"
    "       NULL::text AS name, NULL::text AS service, NULL::numeric AS actual,\n"
    "       NULL::numeric AS expected, NULL::numeric AS lower,\n"
    "       NULL::numeric AS upper, NULL::numeric AS deviation,\n"
    "       NULL::text AS severity, NULL::text AS status, NULL::text AS reason,\n"
    "       NULL::bigint AS detected\n"
    " WHERE $2::integer IS NULL\n"
    "       OR EXISTS (SELECT FROM accounts a\n"
    "                   WHERE a.organization_id = $1 AND a.id = $2)\n"
    "UNION ALL\n"
    "SELECT p.id, p.day - date '1970-01-01', a.id, a.name, s.name, p.actual,\n"
    "       p.expected, p.lower, p.upper, p.deviation_percent, p.severity,\n"
    "       p.status, p.reason,\n"
    "       floor(extract(epoch FROM p.detected_at))::bigint\n"
    "  FROM (SELECT n.*\n"
    "          FROM cost_anomalies n\n"
    "         WHERE n.organization_id = $1 AND n.day BETWEEN $3::date AND $4::date\n"
    "           AND ($2::integer IS NULL OR n.account_id = $2)\n"
    "           AND ($5::text IS NULL OR n.status = $5)\n"
    "           AND ($6::date IS NULL OR (n.day, n.id) < ($6, $7::integer))\n"
    "         ORDER BY n.day DESC, n.id DESC\n"
    "         LIMIT $8) p\n"
    "  JOIN accounts a ON a.id = p.account_id\n"
    "  JOIN services s ON s.id = p.service_id\n"
    " ORDER BY day DESC NULLS FIRST, id DESC",
    8, 14
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_anomalies_scanned = {
    "anomalies_scanned",
    "SELECT s.added, s.changed, s.gone, s.told\n"
    "  FROM anomalies_scanned($1, $2::bigint, $3::jsonb, $4::jsonb, $5::integer[],\n"
    "                         date '1970-01-01' + $6::integer) s",
    6, 4
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_anomalies_series = {
    "anomalies_series",
    "WITH periods AS (\n"
    "    SELECT p.account_id, p.first_day, p.last_day, p.period,\n"
    "           CASE WHEN $2::bigint IS NULL\n"
    "                THEN p.period = max(p.period)\n"
    "                                OVER (PARTITION BY p.account_id)\n"
    "                ELSE p.import_id = $2\n"
    "           END AS meant\n"
    "      FROM cost_periods p\n"
    "     WHERE p.organization_id = $1\n"
    "       AND ($2::bigint IS NOT NULL OR p.account_id = ANY ($3::integer[]))\n"
    "), touched AS MATERIALIZED (\n"
    "    SELECT p.account_id,\n"
    "           greatest(date_trunc('month', least(\n"
    "                        min(p.period) FILTER (WHERE p.meant),\n"
    "                        min(p.first_day) FILTER (WHERE p.meant)\n"
    "                        )::timestamp)::date,\n"
    "                    (now() AT TIME ZONE 'UTC')::date - 365) AS judged,\n"
    "           least(max(p.last_day), (now() AT TIME ZONE 'UTC')::date) AS last\n"
    "      FROM periods p\n"
    "     GROUP BY p.account_id\n"
    "    HAVING bool_or(p.meant)\n"
    "), wanted AS MATERIALIZED (\n"
    "    SELECT t.account_id, t.judged, t.last,\n"
    "           date_trunc('month', (t.judged - 140)::timestamp)::date AS first\n"
    "      FROM touched t\n"
    "), daily AS (\n"
    "    SELECT w.account_id, w.first, d.service_id, d.day,\n"
    "           d.billed - lag(d.billed, 1, 0::numeric) OVER (\n"
    "               PARTITION BY w.account_id, d.service_id,\n"
    "                            date_trunc('month', d.day::timestamp)\n"
    "               ORDER BY d.day) AS amount\n"
    "      FROM wanted w\n"
    "     CROSS JOIN LATERAL (\n"
    "           SELECT c.service_id, c.day, c.billed\n"
    "             FROM cost_to_date c\n"
    "            WHERE c.organization_id = $1 AND c.account_id = w.account_id\n"
    "              AND c.day >= w.first AND c.day <= w.last\n"
    "              AND c.service_id > 0\n"
    "           OFFSET 0) d\n"
    "), series AS (\n"
    "    SELECT d.account_id, d.service_id, min(d.day - d.first) AS start,\n"
    "           string_agg((d.day - d.first) || ' ' || d.amount, ' '\n"
    "                      ORDER BY d.day) FILTER (WHERE d.amount <> 0) AS series\n"
    "      FROM daily d\n"
    "     GROUP BY d.account_id, d.service_id\n"
    "), listed AS (\n"
    "    SELECT w.account_id, NULL::integer AS service_id, 0 AS start,\n"
    "           NULL::text AS series\n"
    "      FROM wanted w\n"
    "     UNION ALL\n"
    "    SELECT s.account_id, s.service_id, s.start, s.series\n"
    "      FROM series s\n"
    ")\n"
    "SELECT l.account_id, l.service_id, w.first - date '1970-01-01' AS first,\n"
    "       greatest(w.last - w.first + 1, 0) AS days, l.start,\n"
    "       w.judged - w.first AS judged, l.series\n"
    "  FROM listed l\n"
    "  JOIN wanted w ON w.account_id = l.account_id\n"
    " ORDER BY l.account_id, l.service_id NULLS FIRST",
    3, 7
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_anomalies_store = {
    "anomalies_store",
    "SELECT s.added, s.changed, s.gone, s.told\n"
    "  FROM anomalies_store($1, $2::jsonb, $3::jsonb) s",
    3, 4
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_budgets_add = {
    "budgets_add",
    "WITH asked AS MATERIALIZED (\n"
    "    SELECT (SELECT a.id FROM accounts a\n"
    "             WHERE a.organization_id = $1::integer AND a.uuid = $4::uuid)\n"
    "           AS account,\n"
    "           (SELECT s.id FROM services s WHERE s.name = $5::text) AS service\n"
    "), added AS (\n"
    "    INSERT INTO budgets (organization_id, name, scope_type, account_id,\n"
    "                         service_id, amount, period, thresholds,\n"
    "                         notifications)\n"
    "    SELECT $1, $2, $3, k.account, k.service, $6::numeric, $7,\n"
    "           coalesce((SELECT array_agg(DISTINCT t ORDER BY t)\n"
    "                       FROM unnest($8::integer[]) t), '{50,75,90,100}'),\n"
    "           coalesce($9::jsonb, '[]')\n"
    "      FROM asked k\n"
    "     WHERE ($4 IS NULL OR k.account IS NOT NULL)\n"
    "       AND ($5 IS NULL OR k.service IS NOT NULL)\n"
    "       AND (SELECT count(*) FROM budgets WHERE organization_id = $1) < 500\n"
    "    RETURNING uuid\n"
    ")\n"
    "SELECT (SELECT uuid FROM added) AS uuid,\n"
    "       $4 IS NOT NULL AND k.account IS NULL AS account,\n"
    "       $5 IS NOT NULL AND k.service IS NULL AS service\n"
    "  FROM asked k",
    9, 3
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_budgets_change = {
    "budgets_change",
    "WITH asked AS MATERIALIZED (\n"
    "    SELECT (SELECT a.id FROM accounts a\n"
    "             WHERE a.organization_id = $1::integer AND a.uuid = $5::uuid)\n"
    "           AS account,\n"
    "           (SELECT s.id FROM services s WHERE s.name = $6::text) AS service\n"
    "), changed AS (\n"
    "    UPDATE budgets b\n"
    "       SET name = coalesce($3, b.name),\n"
    "           scope_type = coalesce($4, b.scope_type),\n"
    "           account_id = CASE WHEN $4 IS NULL THEN b.account_id\n"
    "                             ELSE k.account END,\n"
    "           service_id = CASE WHEN $4 IS NULL THEN b.service_id\n"
    "                             ELSE k.service END,\n"
    "           amount = coalesce($7::numeric, b.amount),\n"
    "           period = coalesce($8, b.period),\n"
    "           thresholds = coalesce((SELECT array_agg(DISTINCT t ORDER BY t)\n"
    "                                    FROM unnest($9::integer[]) t),\n"
    "                                 b.thresholds),\n"
    "           notifications = coalesce($10::jsonb, b.notifications),\n"
    "           updated_at = now()\n"
    "      FROM asked k\n"
    "     WHERE b.organization_id = $1 AND b.uuid = $2::uuid\n"
    "       AND ($5 IS NULL OR k.account IS NOT NULL)\n"
    "       AND ($6 IS NULL OR k.service IS NOT NULL)\n"
    "    RETURNING b.uuid\n"
    ")\n"
    "SELECT (SELECT uuid FROM changed) AS uuid,\n"
    "       $5 IS NOT NULL AND k.account IS NULL AS account,\n"
    "       $6 IS NOT NULL AND k.service IS NULL AS service\n"
    "  FROM asked k",
    10, 3
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_budgets_delete = {
    "budgets_delete",
    "DELETE FROM budgets b\n"
    " WHERE b.organization_id = $1::integer AND b.uuid = $2::uuid\n"
    "RETURNING b.uuid",
    2, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_budgets_list = {
    "budgets_list",
    "WITH page AS MATERIALIZED (\n"
    "    SELECT b.*\n"
    "      FROM budgets b\n"
    "     WHERE b.organization_id = $1::integer AND b.id > $3::integer\n"
    "       AND ($2::uuid IS NULL OR b.uuid = $2)\n"
    "     ORDER BY b.id\n"
    "     LIMIT $4::integer\n"
    ")\n"
    "SELECT b.id, b.uuid, b.name, b.scope_type, a.uuid AS account,\n"
    "       s.name AS service, b.amount, b.period,\n"
    "       array_to_json(b.thresholds)::text AS thresholds,\n"
    "       b.notifications::text AS notifications,\n"
    "       x.period_start - date '1970-01-01' AS first,\n"
    "       (x.period_start + CASE b.period WHEN 'month' THEN interval '1 month'\n"
    "                         WHEN 'quarter' THEN interval '3 months'\n"
    "                         ELSE interval '1 year' END)::date\n"
    "       - 1 - date '1970-01-01' AS last,\n"
    "       x.spend, round(x.spend / b.amount * 100, 1) AS percent,\n"
    "       (SELECT coalesce(json_agg(c.threshold ORDER BY c.threshold), '[]')::text\n"
    "          FROM budget_crossings c\n"
    "         WHERE c.budget_id = b.id AND c.period_start = x.period_start)\n"
    "       AS reached,\n"
    "       floor(extract(epoch FROM b.created_at))::bigint AS created,\n"
    "       floor(extract(epoch FROM b.updated_at))::bigint AS updated\n"
    "  FROM page b\n"
    "  JOIN budget_spend(ARRAY[$1::integer], (now() AT TIME ZONE 'UTC')::date) x\n"
    "    ON x.budget_id = b.id\n"
    "  LEFT JOIN accounts a ON a.id = b.account_id\n"
    "  LEFT JOIN services s ON s.id = b.service_id\n"
    " ORDER BY b.id",
    4, 17
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_ci_add = {
    "ci_add",
    "WITH told AS (\n"
    "    SELECT DISTINCT ON (t.owner, t.repository, t.run_id, t.attempt, t.job_id)\n"
    "           t.*\n"
    "      FROM ROWS FROM (jsonb_to_recordset($2::jsonb)\n"
    "                      AS (owner text, repository text, workflow text,\n"
    "                          workflow_id text, run_id bigint, attempt integer,\n"
    "                          job_id bigint, job text, runner text,\n"
    "                          conclusion text, started bigint, completed bigint,\n"
    "                          minutes numeric, cost numeric, usd numeric))\n"
    "           WITH ORDINALITY\n"
    "           AS t (owner, repository, workflow, workflow_id, run_id, attempt,\n"
    "                 job_id, job, runner, conclusion, started, completed, minutes,\n"
    "                 cost, usd, n)\n"
    "     ORDER BY t.owner, t.repository, t.run_id, t.attempt, t.job_id, t.n DESC\n"
    "), priced AS (\n"
    "    SELECT t.*, s.started_on,\n"
    "           CASE WHEN t.minutes = 0 THEN 0\n"
    "                ELSE coalesce(t.minutes * p.usd, t.usd) END AS dollars\n"
    "      FROM told t\n"
    "     CROSS JOIN LATERAL (\n"
    "           SELECT (to_timestamp(t.started) AT TIME ZONE 'UTC')::date\n"
    "                  AS started_on,\n"
    "                  regexp_split_to_array(lower(t.runner), '[,[:space:]]+')\n"
    "                  AS labels) s\n"
    "      LEFT JOIN LATERAL (\n"
    "           SELECT r.usd\n"
    "             FROM runner_prices r\n"
    "            WHERE r.organization_id = $1::integer\n"
    "              AND r.label = ANY (s.labels) AND r.valid_from <= s.started_on\n"
    "            ORDER BY array_position(s.labels, r.label), r.valid_from DESC\n"
    "            LIMIT 1) p ON true\n"
    "), paid AS MATERIALIZED (\n"
    "    SELECT t.*,\n"
    "           CASE WHEN t.cost IS NOT NULL THEN t.cost\n"
    "                WHEN t.dollars = 0 OR o.currency = 'USD'\n"
    "                THEN trim_scale(t.dollars)\n"
    "                ELSE (SELECT trim_scale(t.dollars * r.rate)\n"
    "                        FROM rates r\n"
    "                       WHERE r.currency = 'USD' AND r.quote = o.currency\n"
    "                         AND r.valid_from <= t.started_on\n"
    "                       ORDER BY r.valid_from DESC\n"
    "                       LIMIT 1)\n"
    "           END AS amount\n"
    "      FROM priced t\n"
    "     CROSS JOIN organizations o\n"
    "     WHERE o.id = $1::integer\n"
    "), stored AS (\n"
    "    INSERT INTO ci_runs AS r\n"
    "           (organization_id, owner, repository, workflow, workflow_id, run_id,\n"
    "            attempt, job_id, job, runner, conclusion, started_at,\n"
    "            completed_at, minutes, cost)\n"
    "    SELECT $1::integer, t.owner, t.repository, t.workflow, t.workflow_id,\n"
    "           t.run_id, t.attempt, t.job_id, t.job, t.runner, t.conclusion,\n"
    "           to_timestamp(t.started), to_timestamp(t.completed), t.minutes,\n"
    "           t.amount\n"
    "      FROM paid t\n"
    "     WHERE NOT EXISTS (SELECT FROM paid p WHERE p.amount IS NULL)\n"
    "     ORDER BY t.owner, t.repository, t.run_id, t.attempt, t.job_id\n"
    "    ON CONFLICT (organization_id, owner, repository, run_id, attempt, job_id)\n"
    "    DO UPDATE SET workflow = excluded.workflow,\n"
    "                  workflow_id = excluded.workflow_id,\n"
    "                  job = excluded.job,\n"
    "                  runner = excluded.runner,\n"
    "                  conclusion = excluded.conclusion,\n"
    "                  started_at = excluded.started_at,\n"
    "                  completed_at = excluded.completed_at,\n"
    "                  minutes = excluded.minutes,\n"
    "                  cost = excluded.cost\n"
    "    RETURNING r.*, r.xmax = 0 AS new\n"
    ")\n"
    "SELECT s.id, s.owner, s.repository, s.workflow, s.workflow_id, s.run_id,\n"
    "       s.attempt, s.job_id, s.job, s.runner, s.conclusion,\n"
    "       floor(extract(epoch FROM s.started_at))::bigint AS started,\n"
    "       floor(extract(epoch FROM s.completed_at))::bigint AS completed,\n"
    "       s.minutes, s.cost, s.new\n"
    "  FROM stored s\n"
    "  JOIN told t USING (owner, repository, run_id, attempt, job_id)\n"
    " ORDER BY t.n",
    2, 16
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_ci_list = {
    "ci_list",
    "SELECT r.id, r.owner, r.repository, r.workflow, r.workflow_id, r.run_id,\n"
    "       r.attempt, r.job_id, r.job, r.runner, r.conclusion,\n"
    "       floor(extract(epoch FROM r.started_at))::bigint AS started,\n"
    "       floor(extract(epoch FROM r.completed_at))::bigint AS completed,\n"
    "       r.minutes, r.cost\n"
    "  FROM ci_runs r\n"
    " WHERE r.organization_id = $1\n"
    "   AND r.completed_at >= $2::date::timestamp AT TIME ZONE 'UTC'\n"
    "   AND ($3::text IS NULL OR r.repository = $3\n"
    "        OR r.owner || '/' || r.repository = $3)\n"
    "   AND ($4::text IS NULL OR r.workflow = $4 OR r.workflow_id = $4)\n"
    "   AND ($5::bigint = 0\n"
    "        OR (r.completed_at, r.id)\n"
    "           < (SELECT c.completed_at, c.id FROM ci_runs c\n"
    "               WHERE c.organization_id = $1 AND c.id = $5))\n"
    " ORDER BY r.completed_at DESC, r.id DESC\n"
    " LIMIT $6",
    6, 15
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_ci_receiver_delete = {
    "ci_receiver_delete",
    "DELETE FROM ci_receivers r WHERE r.organization_id = $1 RETURNING r.id",
    1, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_ci_receiver_find = {
    "ci_receiver_find",
    "SELECT r.organization_id AS organization, o.currency, r.secret\n"
    "  FROM ci_receivers r\n"
    "  JOIN organizations o ON o.id = r.organization_id\n"
    " WHERE r.id = $1 AND o.active",
    1, 3
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_ci_receiver_get = {
    "ci_receiver_get",
    "SELECT r.id, floor(extract(epoch FROM r.created_at))::bigint AS created,\n"
    "       floor(extract(epoch FROM r.updated_at))::bigint AS updated,\n"
    "       floor(extract(epoch FROM r.received_at))::bigint AS received\n"
    "  FROM ci_receivers r\n"
    " WHERE r.organization_id = $1",
    1, 4
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_ci_receiver_seen = {
    "ci_receiver_seen",
    "WITH seen AS (\n"
    "    UPDATE ci_receivers r\n"
    "       SET received_at = clock_timestamp()\n"
    "     WHERE r.organization_id = $1 AND r.id = $2\n"
    "), told AS (\n"
    "    UPDATE ci_runs r\n"
    "       SET workflow_id = coalesce($6, r.workflow_id),\n"
    "           workflow = CASE WHEN r.workflow = '' THEN coalesce($7, '')\n"
    "                           ELSE r.workflow END\n"
    "     WHERE r.organization_id = $1 AND r.owner = $3 AND r.repository = $4\n"
    "       AND r.run_id = $5::bigint\n"
    "    RETURNING 1\n"
    ")\n"
    "SELECT count(*) AS jobs FROM told",
    7, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_ci_receiver_set = {
    "ci_receiver_set",
    "INSERT INTO ci_receivers AS r (organization_id, id, secret)\n"
    "VALUES ($1, $2, $3)\n"
    "    ON CONFLICT (organization_id)\n"
    "    DO UPDATE SET id = excluded.id, secret = excluded.secret,\n"
    "                  updated_at = clock_timestamp()\n"
    "RETURNING r.id, floor(extract(epoch FROM r.created_at))::bigint AS created,\n"
    "          floor(extract(epoch FROM r.updated_at))::bigint AS updated,\n"
    "          floor(extract(epoch FROM r.received_at))::bigint AS received",
    3, 4
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_ci_usage_load = {
    "ci_usage_load",
    "SELECT ci_usage_load($1)",
    1, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_ci_usage_stage = {
    "ci_usage_stage",
    "SELECT ci_usage_stage()",
    0, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_costs_forecast = {
    "costs_forecast",
    "WITH asked AS MATERIALIZED (\n"
    "    SELECT $1::integer AS organization, coalesce($2::integer, 0) AS account,\n"
    "           $3::date AS first, $4::date AS last\n"
    ")\n"
    "SELECT (SELECT string_agg((d.day - $3::date) || ' ' || d.amount, ' '\n"
    "                          ORDER BY d.day)\n"
    "          FROM (SELECT c.day,\n"
    "                       c.amount - lag(c.amount, 1, 0::numeric) OVER (\n"
    "                           PARTITION BY date_trunc('month', c.day::timestamp)\n"
    "                           ORDER BY c.day) AS amount\n"
    "                  FROM (SELECT t.day,\n"
    "                               CASE $5 WHEN 'billed' THEN t.billed\n"
    "                                       WHEN 'effective' THEN t.effective\n"
    "                                       WHEN 'list' THEN t.list\n"
    "                                       WHEN 'contracted' THEN t.contracted\n"
    "                               END AS amount\n"
    "                          FROM cost_to_date t\n"
    "                         WHERE t.organization_id = (SELECT organization\n"
    "                                                      FROM asked)\n"
    "                           AND t.account_id = (SELECT account FROM asked)\n"
    "                           AND t.day >= (SELECT first - 1 FROM asked)\n"
    "                           AND t.day <= (SELECT last FROM asked)\n"
    "                           AND t.service_id = 0) c) d\n"
    "         WHERE d.day >= $3 AND d.amount <> 0) AS series\n"
    " WHERE $2::integer IS NULL\n"
    "       OR EXISTS (SELECT FROM accounts a\n"
    "                   WHERE a.organization_id = $1 AND a.id = $2)",
    5, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_costs_read = {
    "costs_read",
    "WITH asked AS MATERIALIZED (\n"
    "    SELECT $1::integer AS organization, $3::date[] || $4::date AS days,\n"
    "           CASE WHEN $2::uuid IS NULL THEN 0\n"
    "                ELSE min(a.id) END AS account,\n"
    "           CASE WHEN $2::uuid IS NULL THEN 1\n"
    "                ELSE min(a.id) END AS first,\n"
    "           CASE WHEN $2::uuid IS NULL THEN 2147483647\n"
    "                ELSE min(a.id) END AS last\n"
    "      FROM accounts a\n"
    "     WHERE a.organization_id = $1 AND a.uuid = $2\n"
    ")\n"
    "SELECT 0 AS kind, a.uuid, a.id, a.name COLLATE \"C\" AS name, a.provider,\n"
    "       a.external_id, coalesce(c.amount, 0) AS amount\n"
    "  FROM accounts a\n"
    " CROSS JOIN LATERAL (\n"
    "       SELECT sum(CASE WHEN d.day = $4 THEN - d.amount\n"
    "                       ELSE d.amount END) AS amount\n"
    "         FROM (SELECT d.day,\n"
    "                      CASE $5 WHEN 'billed' THEN d.billed\n"
    "                              WHEN 'effective' THEN d.effective\n"
    "                              WHEN 'list' THEN d.list\n"
    "                              WHEN 'contracted' THEN d.contracted\n"
    "                      END AS amount\n"
    "                 FROM cost_to_date d\n"
    "                WHERE d.organization_id = (SELECT organization FROM asked)\n"
    "                  AND d.account_id = a.id\n"
    "                  AND d.day = ANY ((SELECT days FROM asked)::date[])\n"
    "                  AND d.service_id = 0) d) c\n"
    " WHERE a.organization_id = (SELECT organization FROM asked)\n"
    "   AND a.id BETWEEN (SELECT first FROM asked) AND (SELECT last FROM asked)\n"
    "UNION ALL\n"
    "SELECT 1, NULL, NULL, s.name COLLATE \"C\", NULL, NULL, c.amount\n"
    "  FROM (SELECT d.service_id,\n"
    "               sum(CASE WHEN d.day = $4 THEN - d.entries\n"
    "                        ELSE d.entries END) AS entries,\n"
    "               sum(CASE WHEN d.day = $4 THEN - d.amount\n"
    "                        ELSE d.amount END) AS amount\n"
    "          FROM (SELECT d.service_id, d.day, d.entries,\n"
    "                       CASE $5 WHEN 'billed' THEN d.billed\n"
    "                               WHEN 'effective' THEN d.effective\n"
    "                               WHEN 'list' THEN d.list\n"
    "                               WHEN 'contracted' THEN d.contracted\n"
    "                       END AS amount\n"
    "                  FROM cost_to_date d\n"
    "                 WHERE d.organization_id = (SELECT organization FROM asked)\n"
    "                   AND d.account_id = (SELECT account FROM asked)\n"
    "                   AND d.day = ANY ((SELECT days FROM asked)::date[])\n"
    "                   AND d.service_id > 0) d\n"
    "         GROUP BY d.service_id) c\n"
    "  JOIN services s ON s.id = c.service_id\n"
    " WHERE c.entries > 0\n"
    " ORDER BY kind, amount DESC, name",
    5, 7
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_deliveries_again = {
    "deliveries_again",
    "WITH hook AS (\n"
    "    SELECT w.id, w.enabled\n"
    "      FROM deliveries d\n"
    "      JOIN webhooks w ON w.id = d.webhook_id\n"
    "     WHERE d.organization_id = $1::integer AND d.uuid = $2::uuid\n"
    "       AND w.kind = 'webhook'\n"
    "       FOR NO KEY UPDATE OF w\n"
    "), again AS (\n"
    "    UPDATE deliveries d\n"
    "       SET state = 'pending', tries = 0, finished_at = NULL, once = false,\n"
    "           next_attempt_at = CASE WHEN d.leased THEN d.next_attempt_at\n"
    "                                  ELSE now() END\n"
    "      FROM hook\n"
    "     WHERE d.organization_id = $1 AND d.uuid = $2 AND hook.enabled\n"
    "    RETURNING d.webhook_id, d.next_attempt_at\n"
    "), due AS (\n"
    "    UPDATE webhooks w\n"
    "       SET due_at = least(w.due_at, again.next_attempt_at)\n"
    "      FROM again\n"
    "     WHERE w.id = again.webhook_id\n"
    "    RETURNING pg_notify('cost_deliveries', '')\n"
    ")\n"
    "SELECT $2::uuid, hook.enabled\n"
    "  FROM hook\n"
    "  LEFT JOIN due ON true",
    2, 2
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_deliveries_find = {
    "deliveries_find",
    "SELECT d.id, d.uuid, d.webhook, d.event, d.type, d.status, d.created,\n"
    "       d.finished, d.next, d.attempts, d.state\n"
    "  FROM delivery_details d\n"
    " WHERE d.organization_id = $1::integer AND d.uuid = $2::uuid",
    2, 11
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_deliveries_list = {
    "deliveries_list",
    "SELECT d.id, d.uuid, d.webhook, d.event, d.type, d.status, d.created,\n"
    "       d.finished, d.next, d.attempts\n"
    "  FROM webhooks w\n"
    "  LEFT JOIN LATERAL (\n"
    "           SELECT x.*\n"
    "             FROM delivery_details x\n"
    "            WHERE x.organization_id = $1 AND x.webhook_id = w.id\n"
    "              AND ($3::bigint = 0 OR x.id < $3)\n"
    "            ORDER BY x.id DESC\n"
    "            LIMIT $4::integer) d ON true\n"
    " WHERE w.organization_id = $1::integer AND w.uuid = $2::uuid\n"
    "   AND w.kind = 'webhook'\n"
    " ORDER BY d.id DESC",
    4, 10
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_import_add = {
    "import_add",
    "INSERT INTO imports (organization_id, file_name, file_size, format,\n"
    "                     rows_read, rows_refused)\n"
    "VALUES ($1, $2, $3, $4, $5, $6)\n"
    "RETURNING id",
    6, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_import_finish = {
    "import_finish",
    "UPDATE imports\n"
    "   SET state = 'done', rows_loaded = $3,\n"
    "       finished_at = coalesce(finished_at, clock_timestamp())\n"
    " WHERE organization_id = $1 AND id = $2",
    3, 0
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_import_load = {
    "import_load",
    "SELECT cost_load($1, $2, $3)",
    3, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_import_organization = {
    "import_organization",
    "SELECT o.id, o.currency\n"
    "  FROM organizations o\n"
    " WHERE o.slug = $1",
    1, 2
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_import_organize = {
    "import_organize",
    "INSERT INTO organizations (slug, name)\n"
    "VALUES ($1, $1)\n"
    "    ON CONFLICT (slug) DO NOTHING",
    1, 0
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_import_periods = {
    "import_periods",
    "SELECT count(DISTINCT p.account_id) FILTER (WHERE p.import_id = $2)\n"
    "           AS accounts,\n"
    "       count(*) FILTER (WHERE p.import_id = $2) AS periods,\n"
    "       (min(p.period) FILTER (WHERE p.import_id = $2))::text AS first,\n"
    "       (max(p.period) FILTER (WHERE p.import_id = $2))::text AS last,\n"
    "       count(*) FILTER (WHERE p.import_id <> $2) AS before\n"
    "  FROM cost_periods p\n"
    " WHERE p.organization_id = $1 AND p.import_id = ANY ($3::bigint[] || $2)",
    3, 5
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_import_rates = {
    "import_rates",
    "SELECT r.currency, min(r.valid_from) - date '1970-01-01' AS day\n"
    "  FROM rates r\n"
    " WHERE r.quote = $1\n"
    " GROUP BY r.currency",
    1, 2
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_import_stage = {
    "import_stage",
    "SELECT cost_stage()",
    0, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_key_flush = {
    "key_flush",
    "WITH told AS (\n"
    "    INSERT INTO key_usage AS u\n"
    "           (organization_id, key_id, length, start, node, count)\n"
    "    SELECT x.organization, x.key, x.length, to_timestamp(x.start), $1::uuid,\n"
    "           x.count\n"
    "      FROM unnest($2::integer[], $3::integer[], $4::integer[], $5::bigint[],\n"
    "                  $6::bigint[])\n"
    "           AS x (organization, key, length, start, count)\n"
    "      JOIN organizations o ON o.id = x.organization\n"
    "    ON CONFLICT (organization_id, key_id, length, start, node)\n"
    "    DO UPDATE SET count = greatest(u.count, excluded.count)\n"
    "    RETURNING u.organization_id, u.key_id, u.length, u.start, u.count\n"
    "), used AS (\n"
    "    SELECT s.digest, s.key_id, to_timestamp(x.used) AS used\n"
    "      FROM unnest($7::bytea[], $8::bigint[]) AS x (digest, used)\n"
    "      JOIN api_key_secrets s ON s.digest = x.digest\n"
    "     ORDER BY s.digest\n"
    "       FOR NO KEY UPDATE OF s\n"
    "), secrets AS (\n"
    "    UPDATE api_key_secrets s SET last_used_at = used.used\n"
    "      FROM used\n"
    "     WHERE s.digest = used.digest\n"
    "       AND (s.last_used_at IS NULL OR s.last_used_at < used.used)\n"
    "), latest AS (\n"
    "    SELECT k.id, x.used\n"
    "      FROM (SELECT key_id, max(used) AS used FROM used GROUP BY key_id) x\n"
    "      JOIN api_keys k ON k.id = x.key_id\n"
    "     ORDER BY k.id\n"
    "       FOR NO KEY UPDATE OF k\n"
    "), keys AS (\n"
    "    UPDATE api_keys k SET last_used_at = latest.used\n"
    "      FROM latest\n"
    "     WHERE k.id = latest.id\n"
    "       AND (k.last_used_at IS NULL OR k.last_used_at < latest.used)\n"
    ")\n"
    "SELECT told.organization_id, told.key_id, told.length,\n"
    "       extract(epoch FROM told.start)::bigint, told.count,\n"
    "       coalesce((SELECT sum(u.count)\n"
    "                   FROM key_usage u\n"
    "                  WHERE u.organization_id = told.organization_id\n"
    "                    AND u.key_id = told.key_id\n"
    "                    AND u.length = told.length\n"
    "                    AND u.start = told.start\n"
    "                    AND u.node <> $1::uuid), 0)::bigint\n"
    "  FROM told",
    8, 6
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_key_load = {
    "key_load",
    "SELECT o.id, o.uuid, o.name, o.currency, o.active,\n"
    "       k.id, k.uuid, k.name, k.permission, k.plan,\n"
    "       CASE WHEN least(k.expires_at, s.expires_at) <= now() THEN 1\n"
    "            ELSE ceil(extract(epoch FROM least(k.expires_at, s.expires_at)))\n"
    "       END::bigint,\n"
    "       k.revoked_at IS NOT NULL,\n"
    "       (SELECT string_agg(concat_ws(':', key_id, length,\n"
    "                                    extract(epoch FROM start)::bigint, count),\n"
    "                          ',')\n"
    "          FROM (SELECT u.key_id, u.length, u.start, sum(u.count) AS count\n"
    "                  FROM key_usage u\n"
    "                 WHERE u.organization_id = o.id\n"
    "                   AND u.key_id IN (0, k.id)\n"
    "                   AND u.start + u.length * interval '1 second' > now()\n"
    "                   AND u.node <> $2::uuid\n"
    "                 GROUP BY u.key_id, u.length, u.start) t)\n"
    "  FROM api_key_secrets s\n"
    "  JOIN api_keys k ON k.id = s.key_id\n"
    "  JOIN organizations o ON o.id = k.organization_id\n"
    " WHERE s.digest = $1::bytea",
    2, 13
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_key_purge = {
    "key_purge",
    "WITH gone AS (\n"
    "    DELETE FROM key_usage\n"
    "     WHERE start + length * interval '1 second'\n"
    "           < now() - $1::integer * interval '1 second'\n"
    "    RETURNING 1\n"
    ")\n"
    "SELECT count(*) FROM gone",
    1, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_keys_add = {
    "keys_add",
    "WITH k AS (\n"
    "    INSERT INTO api_keys (organization_id, name, permission, plan, expires_at)\n"
    "    SELECT $1::integer, $2::text, $3::text, $4::text,\n"
    "           to_timestamp($5::bigint)\n"
    "     WHERE EXISTS (SELECT 1 FROM api_keys\n"
    "                    WHERE organization_id = $1::integer\n"
    "                      AND revoked_at IS NULL\n"
    "                      AND (plan = $4::text OR plan = ANY ($6::text[])))\n"
    "    RETURNING id, uuid\n"
    "), s AS (\n"
    "    INSERT INTO api_key_secrets (digest, key_id, prefix, last_four)\n"
    "    SELECT $7::bytea, id, $8::text, $9::text FROM k\n"
    ")\n"
    "SELECT uuid FROM k",
    9, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_keys_change = {
    "keys_change",
    "WITH guard AS (\n"
    "    SELECT k.id,\n"
    "           CASE WHEN $9::boolean THEN false\n"
    "                WHEN $4::text <> 'admin'\n"
    "                     OR ($7::boolean AND to_timestamp($6::bigint) <= now())\n"
    "                THEN api_key_is_last_admin($1::integer, $2::uuid)\n"
    "                ELSE false END AS last,\n"
    "           $5::text IS NULL OR $5::text = k.plan\n"
    "           OR EXISTS (SELECT 1 FROM api_keys\n"
    "                       WHERE organization_id = $1::integer\n"
    "                         AND revoked_at IS NULL\n"
    "                         AND (plan = $5::text OR plan = ANY ($8::text[])))\n"
    "           AS allowed\n"
    "      FROM api_keys k\n"
    "     WHERE k.organization_id = $1::integer\n"
    "       AND k.uuid = $2::uuid\n"
    "       AND k.revoked_at IS NULL\n"
    "), done AS (\n"
    "    UPDATE api_keys k\n"
    "       SET name = coalesce($3::text, k.name),\n"
    "           permission = coalesce($4::text, k.permission),\n"
    "           plan = coalesce($5::text, k.plan),\n"
    "           expires_at = CASE WHEN $7::boolean THEN to_timestamp($6::bigint)\n"
    "                             ELSE k.expires_at END\n"
    "      FROM guard\n"
    "     WHERE k.id = guard.id AND guard.allowed AND NOT guard.last\n"
    "    RETURNING k.id\n"
    ")\n"
    "SELECT guard.last, guard.allowed, done.id IS NOT NULL,\n"
    "       coalesce((SELECT string_agg(encode(digest, 'hex'), ',')\n"
    "                   FROM api_key_secrets WHERE key_id = guard.id), '')\n"
    "  FROM guard LEFT JOIN done ON done.id = guard.id",
    9, 4
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_keys_find = {
    "keys_find",
    "SELECT plan\n"
    "  FROM api_keys\n"
    " WHERE organization_id = $1::integer\n"
    "   AND uuid = $2::uuid\n"
    "   AND revoked_at IS NULL",
    2, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_keys_get = {
    "keys_get",
    "SELECT id, uuid, name, permission, plan, created, expires, revoked, used,\n"
    "       secrets, usage\n"
    "  FROM api_key_rows\n"
    " WHERE organization_id = $1::integer\n"
    "   AND uuid = $2::uuid",
    2, 11
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_keys_list = {
    "keys_list",
    "SELECT id, uuid, name, permission, plan, created, expires, revoked, used,\n"
    "       secrets, usage\n"
    "  FROM api_key_rows\n"
    " WHERE organization_id = $1::integer\n"
    "   AND id > $2::integer\n"
    " ORDER BY id\n"
    " LIMIT $3::integer",
    3, 11
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_keys_revoke = {
    "keys_revoke",
    "WITH guard AS (\n"
    "    SELECT k.id, k.revoked_at,\n"
    "           CASE WHEN $3::boolean OR k.revoked_at IS NOT NULL THEN false\n"
    "                ELSE api_key_is_last_admin($1::integer, $2::uuid) END AS last\n"
    "      FROM api_keys k\n"
    "     WHERE k.organization_id = $1::integer\n"
    "       AND k.uuid = $2::uuid\n"
    "), done AS (\n"
    "    UPDATE api_keys k SET revoked_at = now()\n"
    "      FROM guard\n"
    "     WHERE k.id = guard.id AND guard.revoked_at IS NULL AND NOT guard.last\n"
    "    RETURNING k.id\n"
    ")\n"
    "SELECT guard.last, done.id IS NOT NULL,\n"
    "       coalesce((SELECT string_agg(encode(digest, 'hex'), ',')\n"
    "                   FROM api_key_secrets WHERE key_id = guard.id), '')\n"
    "  FROM guard LEFT JOIN done ON done.id = guard.id",
    3, 3
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_keys_rotate = {
    "keys_rotate",
    "WITH k AS (\n"
    "    SELECT id FROM api_keys\n"
    "     WHERE organization_id = $1::integer\n"
    "       AND uuid = $2::uuid\n"
    "       AND revoked_at IS NULL\n"
    "       FOR UPDATE\n"
    "), old AS (\n"
    "    UPDATE api_key_secrets s\n"
    "       SET expires_at = least(s.expires_at,\n"
    "                              now() + $3::integer * interval '1 second')\n"
    "      FROM k\n"
    "     WHERE s.key_id = k.id\n"
    "    RETURNING s.digest\n"
    "), new AS (\n"
    "    INSERT INTO api_key_secrets (digest, key_id, prefix, last_four)\n"
    "    SELECT $4::bytea, id, $5::text, $6::text FROM k\n"
    ")\n"
    "SELECT coalesce((SELECT string_agg(encode(digest, 'hex'), ',') FROM old), '')\n"
    "  FROM k",
    6, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_overview_read = {
    "overview_read",
    "WITH asked AS MATERIALIZED (\n"
    "    SELECT $1::integer AS organization, ARRAY[$2::date, $3, $4] AS days\n"
    ")\n"
    "SELECT a.id, a.name COLLATE \"C\" AS name, coalesce(c.this, 0) AS this,\n"
    "       coalesce(c.last, 0) AS last, coalesce(c.same, 0) AS same\n"
    "  FROM accounts a\n"
    " CROSS JOIN LATERAL (\n"
    "       SELECT sum(d.amount) FILTER (WHERE d.day = $2) AS this,\n"
    "              sum(d.amount) FILTER (WHERE d.day = $3) AS last,\n"
    "              sum(d.amount) FILTER (WHERE d.day = $4) AS same\n"
    "         FROM (SELECT d.day,\n"
    "                      CASE $5 WHEN 'billed' THEN d.billed\n"
    "                              WHEN 'effective' THEN d.effective\n"
    "                              WHEN 'list' THEN d.list\n"
    "                              WHEN 'contracted' THEN d.contracted END AS amount\n"
    "                 FROM cost_to_date d\n"
    "                WHERE d.organization_id = (SELECT organization FROM asked)\n"
    "                  AND d.account_id = a.id\n"
    "                  AND d.day = ANY ((SELECT days FROM asked)::date[])\n"
    "                  AND d.service_id = 0) d) c\n"
    " WHERE a.organization_id = (SELECT organization FROM asked)\n"
    " ORDER BY this DESC, name, a.id",
    5, 5
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_prices_clear = {
    "prices_clear",
    "DELETE FROM list_prices",
    0, 0
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_prices_known = {
    "prices_known",
    "SELECT 1 AS known FROM list_prices_file f WHERE f.version = $1",
    1, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_prices_version = {
    "prices_version",
    "INSERT INTO list_prices_file (version)\n"
    "VALUES ($1)\n"
    "    ON CONFLICT (id)\n"
    "    DO UPDATE SET version = excluded.version, written_at = now()",
    1, 0
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_ready_check = {
    "ready_check",
    "SELECT coalesce(max(m.version), 0) AS version\n"
    "  FROM schema_migrations m",
    0, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_recommendations_change = {
    "recommendations_change",
    "UPDATE recommendations r\n"
    "   SET status = $3,\n"
    "       status_at = CASE WHEN r.status = $3 THEN r.status_at\n"
    "                        ELSE clock_timestamp() END\n"
    "  FROM accounts a\n"
    " WHERE r.organization_id = $1 AND r.id = $2 AND a.id = r.account_id\n"
    "RETURNING r.id, a.uuid AS account, a.name, a.provider, a.external_id, r.kind,\n"
    "          r.title, r.description, r.saving, r.priority, r.resource_id,\n"
    "          r.resource_type, r.status,\n"
    "          floor(extract(epoch FROM r.created_at))::bigint AS created",
    3, 14
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_recommendations_find = {
    "recommendations_find",
    "SELECT r.id, a.uuid AS account, a.name, a.provider, a.external_id, r.kind,\n"
    "       r.title, r.description, r.saving, r.priority, r.resource_id,\n"
    "       r.resource_type, r.status,\n"
    "       floor(extract(epoch FROM r.created_at))::bigint AS created\n"
    "  FROM recommendations r\n"
    "  JOIN accounts a ON a.id = r.account_id\n"
    " WHERE r.organization_id = $1 AND r.id = $2",
    2, 14
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_recommendations_list = {
    "recommendations_list",
    "WITH matches AS MATERIALIZED (\n"
    "    SELECT r.*\n"
    "      FROM recommendations r\n"
    "     WHERE r.organization_id = $1\n"
    "       AND ($2::uuid IS NULL\n"
    "            OR r.account_id = (SELECT a.id FROM accounts a\n"
    "                                WHERE a.organization_id = $1\n"
    "                                  AND a.uuid = $2))\n"
    "       AND ($3::text IS NULL OR r.status = $3)\n"
    ")\n"
    "SELECT NULL::uuid AS id, NULL::uuid AS account, NULL::text AS name,\n"
    "       NULL::text AS provider, NULL::text AS external_id,\n"
    "       NULL::text AS kind, NULL::text AS title, NULL::text AS description,\n"
    "       coalesce(sum(m.saving), 0) AS saving, NULL::text AS priority,\n"
    "       NULL::text AS resource_id, NULL::text AS resource_type,\n"
    "       NULL::text AS status, NULL::bigint AS created, count(*) AS total\n"
    "  FROM matches m\n"
    "HAVING $2::uuid IS NULL\n"
    "       OR EXISTS (SELECT FROM accounts a\n"
    "                   WHERE a.organization_id = $1 AND a.uuid = $2)\n"
    "UNION ALL\n"
    "SELECT m.id, a.uuid, a.name, a.provider, a.external_id, m.kind, m.title,\n"
    "       m.description, m.saving, m.priority, m.resource_id, m.resource_type,\n"
    "       m.status, floor(extract(epoch FROM m.created_at))::bigint, NULL\n"
    "  FROM (SELECT n.* FROM matches n\n"
    "         ORDER BY n.saving DESC, n.id\n"
    "         LIMIT $4) m\n"
    "  JOIN accounts a ON a.id = m.account_id\n"
    " ORDER BY total NULLS LAST, saving DESC, id",
    4, 15
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_sync_claim = {
    "sync_claim",
    "SELECT c.organization, c.job, o.slug, o.currency, coalesce(j.bytes, 0),\n"
    "       coalesce(j.rows_read, 0), coalesce(j.rows_loaded, 0),\n"
    "       coalesce(j.rows_refused, 0)\n"
    "  FROM sync_claim($1::uuid, $2::integer * interval '1 second', $3::boolean) c\n"
    "  JOIN organizations o ON o.id = c.organization\n"
    "  LEFT JOIN sync_jobs j ON j.organization_id = c.organization AND j.id = c.job",
    3, 8
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_sync_failed = {
    "sync_failed",
    "INSERT INTO sync_files AS f (organization_id, account_id, name, error,\n"
    "                             error_job)\n"
    "SELECT $1::integer, $3::integer, n.name, $5::text, $2::integer\n"
    "  FROM unnest($4::text[]) AS n (name)\n"
    "  JOIN accounts a ON a.organization_id = $1::integer AND a.id = $3::integer\n"
    "    ON CONFLICT (organization_id, account_id, name) DO UPDATE\n"
    "   SET error = excluded.error, error_job = excluded.error_job",
    5, 0
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_sync_find = {
    "sync_find",
    "SELECT j.id, j.state, j.error, j.file, j.files_found, j.files_loaded,\n"
    "       j.files_skipped, j.files_failed, j.bytes, j.rows_read, j.rows_loaded,\n"
    "       j.rows_refused,\n"
    "       floor(extract(epoch FROM j.created_at))::bigint AS created,\n"
    "       floor(extract(epoch FROM j.started_at))::bigint AS started,\n"
    "       floor(extract(epoch FROM j.finished_at))::bigint AS finished,\n"
    "       f.account_id, f.name, f.error AS file_error\n"
    "  FROM sync_jobs j\n"
    "  LEFT JOIN sync_files f ON f.organization_id = j.organization_id\n"
    "       AND f.error_job = j.id\n"
    " WHERE j.organization_id = $1 AND j.id = $2\n"
    " ORDER BY f.account_id, f.name\n"
    " LIMIT 20",
    2, 18
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_sync_known = {
    "sync_known",
    "SELECT n.number, f.version,\n"
    "       f.loaded_at >= (SELECT j.started_at\n"
    "                         FROM sync_jobs j\n"
    "                        WHERE j.organization_id = $1::integer\n"
    "                          AND j.id = $5::integer) AS ours\n"
    "  FROM unnest($3::text[], $4::text[])\n"
    "       WITH ORDINALITY AS n (name, version, number)\n"
    "  JOIN sync_files f ON f.organization_id = $1::integer\n"
    "       AND f.account_id = $2::integer AND f.name = n.name\n"
    "       AND f.version = coalesce(n.version, f.version)\n"
    " WHERE f.load_id IS NOT NULL AND f.version <> '' AND f.error IS NULL\n"
    "   AND NOT EXISTS (\n"
    "       SELECT\n"
    "         FROM unnest(f.account_ids, f.periods) AS p (account_id, period)\n"
    "         LEFT JOIN cost_periods c ON c.organization_id = $1::integer\n"
    "              AND c.account_id = p.account_id AND c.period = p.period\n"
    "        WHERE c.import_id IS NULL\n"
    "           OR (c.import_id <> f.load_id\n"
    "               AND NOT EXISTS (\n"
    "                   SELECT FROM sync_files o\n"
    "                    WHERE o.organization_id = $1::integer\n"
    "                      AND o.load_id = c.import_id\n"
    "                      AND o.account_id = $2::integer)))",
    5, 3
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_sync_load = {
    "sync_load",
    "SELECT sync_load($1::integer, $2::text[], $3::bigint[], $4::text[],\n"
    "                 $5::bigint[], $6::bigint[], $7::integer[], $8::bigint[],\n"
    "                 $9::text[], $10::text) AS import",
    10, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_sync_loaded = {
    "sync_loaded",
    "SELECT sync_loaded($1::integer, $2::integer, $3::uuid, $4::integer,\n"
    "                   $5::text[], $6::text[], $7::bigint)",
    7, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_sync_progress = {
    "sync_progress",
    "SELECT sync_progress($1::integer, $2::integer, $3::uuid,\n"
    "                     $4::integer * interval '1 second', $5::text, $6::text,\n"
    "                     $7::text, $8::bigint[]) AS ours",
    8, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_sync_sources = {
    "sync_sources",
    "SELECT s.account_id, a.uuid AS account, s.uuid, s.kind, s.location, s.bucket,\n"
    "       s.region, s.prefix, s.access_key, s.secret, s.one_account\n"
    "  FROM account_sources s\n"
    "  JOIN accounts a ON a.id = s.account_id\n"
    " WHERE s.organization_id = $1\n"
    " ORDER BY s.account_id",
    1, 11
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_sync_start = {
    "sync_start",
    "SELECT s.job, s.state\n"
    "  FROM sync_start($1::integer) s",
    1, 2
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_timer_budgets = {
    "timer_budgets",
    "SELECT budgets_evaluate($1::integer[])",
    1, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_timer_lead = {
    "timer_lead",
    "INSERT INTO timer_leases AS l (name, node, expires_at)\n"
    "VALUES ($1, $2::uuid, now() + $3::integer * interval '1 millisecond')\n"
    "    ON CONFLICT (name) DO UPDATE\n"
    "   SET node = excluded.node, expires_at = excluded.expires_at\n"
    " WHERE l.node = excluded.node OR l.expires_at < now()\n"
    "RETURNING l.node",
    3, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_timer_purge = {
    "timer_purge",
    "WITH old AS (\n"
    "    SELECT e.organization_id, e.id\n"
    "      FROM events e\n"
    "     WHERE e.created_at < now() - $1::integer * interval '1 second'\n"
    "       AND NOT EXISTS (SELECT 1 FROM deliveries d\n"
    "                         JOIN webhooks w ON w.id = d.webhook_id\n"
    "                        WHERE d.organization_id = e.organization_id\n"
    "                          AND d.event_id = e.id AND d.state = 'pending'\n"
    "                          AND w.enabled)\n"
    "     ORDER BY e.created_at\n"
    "     LIMIT $2::integer\n"
    "), purged AS (\n"
    "    DELETE FROM events e USING old\n"
    "     WHERE e.organization_id = old.organization_id AND e.id = old.id\n"
    "    RETURNING 1\n"
    "), past AS (\n"
    "    SELECT h.organization_id, h.id\n"
    "      FROM alert_history h\n"
    "     WHERE h.triggered_at < now() - greatest($1::integer * interval '1 second',\n"
    "                                             interval '365 days')\n"
    "       AND h.event_id IS NULL\n"
    "       AND (h.resolved_at IS NOT NULL\n"
    "            OR EXISTS (SELECT 1 FROM alert_history n\n"
    "                        WHERE n.alert_id = h.alert_id AND n.id > h.id))\n"
    "     ORDER BY h.triggered_at\n"
    "     LIMIT $2::integer\n"
    "), forgotten AS (\n"
    "    DELETE FROM alert_history h USING past p\n"
    "     WHERE h.organization_id = p.organization_id AND h.id = p.id\n"
    "    RETURNING 1\n"
    ")\n"
    "SELECT (SELECT count(*) FROM purged) AS purged,\n"
    "       (SELECT count(*) FROM forgotten) AS forgotten",
    2, 2
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_timer_turn = {
    "timer_turn",
    "SELECT *\n"
    "  FROM deliveries_turn($1::integer[], $2::bigint[], $3::text[],\n"
    "                       $4::integer[], $5::integer[], $6::integer[],\n"
    "                       $7::text[], $8::text[], $9::bigint[],\n"
    "                       $10::integer * interval '1 second', $11::integer,\n"
    "                       $12::integer, $13::integer * interval '1 second')",
    13, 16
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_trend_provider = {
    "trend_provider",
    "WITH asked AS MATERIALIZED (\n"
    "    SELECT $1::integer AS organization, $2::integer AS account\n"
    "), named AS MATERIALIZED (\n"
    "    SELECT a.id,\n"
    "           CASE WHEN count(*) OVER (PARTITION BY a.name) = 1 THEN a.name\n"
    "                ELSE a.name || ' (' || a.external_id || ')' END AS name\n"
    "      FROM accounts a\n"
    "     WHERE a.organization_id = (SELECT organization FROM asked)\n"
    ")\n"
    "SELECT NULL::integer AS bucket, NULL::text COLLATE \"C\" AS name,\n"
    "       NULL::numeric AS amount\n"
    " WHERE $2::integer IS NULL OR EXISTS (SELECT FROM named n WHERE n.id = $2)\n"
    "UNION ALL\n"
    "SELECT b.bucket, b.name COLLATE \"C\", b.amount\n"
    "  FROM (SELECT u.bucket, n.name, sum(u.sign * d.entries) AS entries,\n"
    "               sum(u.sign * CASE $6 WHEN 'billed' THEN d.billed\n"
    "                                    WHEN 'effective' THEN d.effective\n"
    "                                    WHEN 'list' THEN d.list\n"
    "                                    WHEN 'contracted' THEN d.contracted END)\n"
    "               AS amount\n"
    "          FROM named n\n"
    "         CROSS JOIN unnest($3::date[], $4::integer[], $5::integer[])\n"
    "                    AS u (day, bucket, sign)\n"
    "          JOIN cost_to_date d\n"
    "               ON d.organization_id = (SELECT organization FROM asked)\n"
    "               AND d.account_id = n.id AND d.day = u.day AND d.service_id = 0\n"
    "         WHERE (SELECT account FROM asked) IS NULL\n"
    "               OR n.id = (SELECT account FROM asked)\n"
    "         GROUP BY u.bucket, n.name) b\n"
    " WHERE b.entries > 0\n"
    " ORDER BY bucket NULLS FIRST, amount DESC, name",
    6, 3
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_trend_region = {
    "trend_region",
    "SELECT NULL::integer AS bucket, NULL::text COLLATE \"C\" AS name,\n"
    "       NULL::numeric AS amount\n"
    " WHERE $2::integer IS NULL\n"
    "       OR EXISTS (SELECT FROM accounts a\n"
    "                   WHERE a.organization_id = $1 AND a.id = $2)\n"
    "UNION ALL\n"
    "SELECT b.bucket, coalesce(nullif(r.name, ''), 'no region') COLLATE \"C\",\n"
    "       b.amount\n"
    "  FROM (SELECT width_bucket(c.day, $5::date[]) - 1 AS bucket, c.region_id,\n"
    "               sum(CASE $6 WHEN 'billed' THEN c.billed\n"
    "                           WHEN 'effective' THEN c.effective\n"
    "                           WHEN 'list' THEN c.list\n"
    "                           WHEN 'contracted' THEN c.contracted END) AS amount\n"
    "          FROM costs c\n"
    "         WHERE c.organization_id = $1\n"
    "           AND ($2::integer IS NULL OR c.account_id = $2)\n"
    "           AND c.day BETWEEN $3::date AND $4::date\n"
    "         GROUP BY 1, c.region_id) b\n"
    "  JOIN regions r ON r.id = b.region_id\n"
    " ORDER BY bucket NULLS FIRST, amount DESC, name",
    6, 3
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_trend_service = {
    "trend_service",
    "WITH asked AS MATERIALIZED (\n"
    "    SELECT $1::integer AS organization, coalesce($2::integer, 0) AS account\n"
    ")\n"
    "SELECT NULL::integer AS bucket, NULL::text COLLATE \"C\" AS name,\n"
    "       NULL::numeric AS amount\n"
    " WHERE $2::integer IS NULL\n"
    "       OR EXISTS (SELECT FROM accounts a\n"
    "                   WHERE a.organization_id = $1 AND a.id = $2)\n"
    "UNION ALL\n"
    "SELECT b.bucket, s.name COLLATE \"C\", b.amount\n"
    "  FROM (SELECT u.bucket, d.service_id, sum(u.sign * d.entries) AS entries,\n"
    "               sum(u.sign * CASE $6 WHEN 'billed' THEN d.billed\n"
    "                                    WHEN 'effective' THEN d.effective\n"
    "                                    WHEN 'list' THEN d.list\n"
    "                                    WHEN 'contracted' THEN d.contracted END)\n"
    "               AS amount\n"
    "          FROM unnest($3::date[], $4::integer[], $5::integer[])\n"
    "               AS u (day, bucket, sign)\n"
    "          JOIN cost_to_date d\n"
    "               ON d.organization_id = (SELECT organization FROM asked)\n"
    "               AND d.account_id = (SELECT account FROM asked)\n"
    "               AND d.day = u.day AND d.service_id > 0\n"
    "         GROUP BY u.bucket, d.service_id) b\n"
    "  JOIN services s ON s.id = b.service_id\n"
    " WHERE b.entries > 0\n"
    " ORDER BY bucket NULLS FIRST, amount DESC, name",
    6, 3
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_utilization_load = {
    "utilization_load",
    "SELECT utilization_load($1)",
    1, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_utilization_stage = {
    "utilization_stage",
    "SELECT utilization_stage()",
    0, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_webhooks_add = {
    "webhooks_add",
    "INSERT INTO webhooks (organization_id, uuid, url, events, description, secret)\n"
    "SELECT $1::integer, $2::uuid, $3, $4::text[], coalesce($5, ''), $6::bytea\n"
    " WHERE (SELECT count(*) FROM webhooks\n"
    "         WHERE organization_id = $1 AND kind = 'webhook') < 100\n"
    "RETURNING uuid",
    6, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_webhooks_change = {
    "webhooks_change",
    "UPDATE webhooks w\n"
    "   SET url = coalesce($3, w.url),\n"
    "       events = coalesce($4::text[], w.events),\n"
    "       description = coalesce($5, w.description),\n"
    "       enabled = coalesce($6::boolean, w.enabled),\n"
    "       disabled_reason = CASE WHEN $6::boolean IS NULL\n"
    "                              THEN w.disabled_reason END,\n"
    "       failing_since = CASE WHEN $6::boolean AND NOT w.enabled THEN NULL\n"
    "                            ELSE w.failing_since END,\n"
    "       due_at = now(),\n"
    "       updated_at = now()\n"
    " WHERE w.organization_id = $1::integer AND w.uuid = $2::uuid\n"
    "   AND w.kind = 'webhook'\n"
    "RETURNING w.uuid",
    6, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_webhooks_delete = {
    "webhooks_delete",
    "DELETE FROM webhooks w\n"
    " WHERE w.organization_id = $1::integer AND w.uuid = $2::uuid\n"
    "   AND w.kind = 'webhook'\n"
    "RETURNING w.uuid",
    2, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_webhooks_list = {
    "webhooks_list",
    "SELECT w.id, w.uuid, w.url, w.description,\n"
    "       array_to_json(w.events)::text AS events, w.enabled, w.disabled_reason,\n"
    "       CASE WHEN w.old_until > now()\n"
    "            THEN floor(extract(epoch FROM w.old_until))::bigint END\n"
    "       AS old_until,\n"
    "       floor(extract(epoch FROM w.failing_since))::bigint AS failing,\n"
    "       floor(extract(epoch FROM w.created_at))::bigint AS created,\n"
    "       floor(extract(epoch FROM w.updated_at))::bigint AS updated\n"
    "  FROM webhooks w\n"
    " WHERE w.organization_id = $1::integer AND w.id > $3::integer\n"
    "   AND w.kind = 'webhook' AND ($2::uuid IS NULL OR w.uuid = $2)\n"
    " ORDER BY w.id\n"
    " LIMIT $4::integer",
    4, 11
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_webhooks_rotate = {
    "webhooks_rotate",
    "UPDATE webhooks w\n"
    "   SET secret = $3::bytea,\n"
    "       old_secret = CASE WHEN $4::integer > 0 THEN w.secret END,\n"
    "       old_until = CASE WHEN $4::integer > 0\n"
    "                        THEN now() + $4::integer * interval '1 second' END,\n"
    "       updated_at = now()\n"
    " WHERE w.organization_id = $1::integer AND w.uuid = $2::uuid\n"
    "   AND w.kind = 'webhook'\n"
    "RETURNING w.uuid",
    4, 1
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_webhooks_test = {
    "webhooks_test",
    "WITH hook AS (\n"
    "    SELECT w.id, w.uuid, w.enabled\n"
    "      FROM webhooks w\n"
    "     WHERE w.organization_id = $1::integer AND w.uuid = $2::uuid\n"
    "       AND w.kind = 'webhook'\n"
    "), event AS (\n"
    "    INSERT INTO events (organization_id, type, body)\n"
    "    SELECT $1, 'webhook.test',\n"
    "           event_body('webhook.test', now(), json_build_object(\n"
    "               'webhook_id', hook.uuid,\n"
    "               'message', 'This is a test of your webhook'))\n"
    "      FROM hook\n"
    "     WHERE hook.enabled\n"
    "    RETURNING id\n"
    "), delivery AS (\n"
    "    INSERT INTO deliveries (organization_id, webhook_id, event_id, once)\n"
    "    SELECT $1, hook.id, event.id, true\n"
    "      FROM hook, event\n"
    "    RETURNING uuid\n"
    ")\n"
    "SELECT (SELECT uuid FROM delivery) AS delivery, hook.enabled\n"
    "  FROM hook",
    2, 2
};


const ngx_http_cost_sql_t *const  ngx_http_cost_sql_all[] = {
    &ngx_http_cost_sql_accounts_add,
    &ngx_http_cost_sql_accounts_delete,
    &ngx_http_cost_sql_accounts_find,
    &ngx_http_cost_sql_accounts_get,
    &ngx_http_cost_sql_accounts_list,
    &ngx_http_cost_sql_accounts_rename,
    &ngx_http_cost_sql_alerts_add,
    &ngx_http_cost_sql_alerts_change,
    &ngx_http_cost_sql_alerts_cloudk,
    &ngx_http_cost_sql_alerts_delete,
    &ngx_http_cost_sql_alerts_evaluate,
    &ngx_http_cost_sql_alerts_find,
    &ngx_http_cost_sql_alerts_list,
    &ngx_http_cost_sql_alerts_rehearse,
    &ngx_http_cost_sql_alerts_settle,
    &ngx_http_cost_sql_alerts_test,
    &ngx_http_cost_sql_alerts_tested,
    &ngx_http_cost_sql_anomalies_dismiss,
    &ngx_http_cost_sql_anomalies_due,
    &ngx_http_cost_sql_anomalies_list,
    &ngx_http_cost_sql_anomalies_scanned,
    &ngx_http_cost_sql_anomalies_series,
    &ngx_http_cost_sql_anomalies_store,
    &ngx_http_cost_sql_budgets_add,
    &ngx_http_cost_sql_budgets_change,
    &ngx_http_cost_sql_budgets_delete,
    &ngx_http_cost_sql_budgets_list,
    &ngx_http_cost_sql_ci_add,
    &ngx_http_cost_sql_ci_list,
    &ngx_http_cost_sql_ci_receiver_delete,
    &ngx_http_cost_sql_ci_receiver_find,
    &ngx_http_cost_sql_ci_receiver_get,
    &ngx_http_cost_sql_ci_receiver_seen,
    &ngx_http_cost_sql_ci_receiver_set,
    &ngx_http_cost_sql_ci_usage_load,
    &ngx_http_cost_sql_ci_usage_stage,
    &ngx_http_cost_sql_costs_forecast,
    &ngx_http_cost_sql_costs_read,
    &ngx_http_cost_sql_deliveries_again,
    &ngx_http_cost_sql_deliveries_find,
    &ngx_http_cost_sql_deliveries_list,
    &ngx_http_cost_sql_import_add,
    &ngx_http_cost_sql_import_finish,
    &ngx_http_cost_sql_import_load,
    &ngx_http_cost_sql_import_organization,
    &ngx_http_cost_sql_import_organize,
    &ngx_http_cost_sql_import_periods,
    &ngx_http_cost_sql_import_rates,
    &ngx_http_cost_sql_import_stage,
    &ngx_http_cost_sql_key_flush,
    &ngx_http_cost_sql_key_load,
    &ngx_http_cost_sql_key_purge,
    &ngx_http_cost_sql_keys_add,
    &ngx_http_cost_sql_keys_change,
    &ngx_http_cost_sql_keys_find,
    &ngx_http_cost_sql_keys_get,
    &ngx_http_cost_sql_keys_list,
    &ngx_http_cost_sql_keys_revoke,
    &ngx_http_cost_sql_keys_rotate,
    &ngx_http_cost_sql_overview_read,
    &ngx_http_cost_sql_prices_clear,
    &ngx_http_cost_sql_prices_known,
    &ngx_http_cost_sql_prices_version,
    &ngx_http_cost_sql_ready_check,
    &ngx_http_cost_sql_recommendations_change,
    &ngx_http_cost_sql_recommendations_find,
    &ngx_http_cost_sql_recommendations_list,
    &ngx_http_cost_sql_sync_claim,
    &ngx_http_cost_sql_sync_failed,
    &ngx_http_cost_sql_sync_find,
    &ngx_http_cost_sql_sync_known,
    &ngx_http_cost_sql_sync_load,
    &ngx_http_cost_sql_sync_loaded,
    &ngx_http_cost_sql_sync_progress,
    &ngx_http_cost_sql_sync_sources,
    &ngx_http_cost_sql_sync_start,
    &ngx_http_cost_sql_timer_budgets,
    &ngx_http_cost_sql_timer_lead,
    &ngx_http_cost_sql_timer_purge,
    &ngx_http_cost_sql_timer_turn,
    &ngx_http_cost_sql_trend_provider,
    &ngx_http_cost_sql_trend_region,
    &ngx_http_cost_sql_trend_service,
    &ngx_http_cost_sql_utilization_load,
    &ngx_http_cost_sql_utilization_stage,
    &ngx_http_cost_sql_webhooks_add,
    &ngx_http_cost_sql_webhooks_change,
    &ngx_http_cost_sql_webhooks_delete,
    &ngx_http_cost_sql_webhooks_list,
    &ngx_http_cost_sql_webhooks_rotate,
    &ngx_http_cost_sql_webhooks_test,
    NULL
};
