
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


/*
 * Generated from modules/sql/ by scripts/gen-sql; do not edit.
 */


#include <stddef.h>

#include "ngx_http_cost_sql.h"


const ngx_http_cost_sql_t  ngx_http_cost_sql_accounts_find = {
    "accounts_find",
    "SELECT a.id, a.uuid, a.name, a.provider, a.external_id,\n"
    "       floor(extract(epoch FROM a.created_at))::bigint AS created\n"
    "  FROM accounts a\n"
    " WHERE a.organization_id = $1 AND (a.uuid = $2 OR a.id = $3)",
    3, 6
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
    "       floor(extract(epoch FROM a.created_at))::bigint AS created\n"
    "  FROM accounts a\n"
    " WHERE a.organization_id = $1 AND a.id > $2\n"
    " ORDER BY a.id\n"
    " LIMIT $3",
    3, 6
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


const ngx_http_cost_sql_t  ngx_http_cost_sql_key_load = {
    "key_load",
    "SELECT o.id, o.uuid, o.name, o.currency, o.active,\n"
    "       k.id, k.uuid, k.name, k.permission, k.plan,\n"
    "       ceil(extract(epoch FROM least(k.expires_at, s.expires_at)))::bigint,\n"
    "       k.revoked_at IS NOT NULL\n"
    "  FROM api_key_secrets s\n"
    "  JOIN api_keys k ON k.id = s.key_id\n"
    "  JOIN organizations o ON o.id = k.organization_id\n"
    " WHERE s.digest = $1::bytea",
    1, 12
};


const ngx_http_cost_sql_t  ngx_http_cost_sql_ready_check = {
    "ready_check",
    "SELECT coalesce(max(m.version), 0) AS version\n"
    "  FROM schema_migrations m",
    0, 1
};


const ngx_http_cost_sql_t *const  ngx_http_cost_sql_all[] = {
    &ngx_http_cost_sql_accounts_find,
    &ngx_http_cost_sql_accounts_get,
    &ngx_http_cost_sql_accounts_list,
    &ngx_http_cost_sql_costs_read,
    &ngx_http_cost_sql_import_add,
    &ngx_http_cost_sql_import_finish,
    &ngx_http_cost_sql_import_load,
    &ngx_http_cost_sql_import_organization,
    &ngx_http_cost_sql_import_organize,
    &ngx_http_cost_sql_import_periods,
    &ngx_http_cost_sql_import_rates,
    &ngx_http_cost_sql_import_stage,
    &ngx_http_cost_sql_key_load,
    &ngx_http_cost_sql_ready_check,
    NULL
};
