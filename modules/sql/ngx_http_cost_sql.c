
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


/*
 * Generated from modules/sql/ by scripts/gen-sql; do not edit.
 */


#include <stddef.h>

#include "ngx_http_cost_sql.h"


const ngx_http_cost_sql_t  ngx_http_cost_sql_key_load = {
    "key_load",
    "SELECT o.id, o.uuid, o.name, o.currency, o.active,\n"
    "       k.uuid, k.name, s.prefix, k.permission, k.plan,\n"
    "       ceil(extract(epoch FROM least(k.expires_at, s.expires_at)))::bigint,\n"
    "       k.revoked_at IS NOT NULL\n"
    "  FROM api_key_secrets s\n"
    "  JOIN api_keys k ON k.id = s.key_id\n"
    "  JOIN organizations o ON o.id = k.organization_id\n"
    " WHERE s.digest = $1::bytea",
    1, 12
};


const ngx_http_cost_sql_t *const  ngx_http_cost_sql_all[] = {
    &ngx_http_cost_sql_key_load,
    NULL
};
