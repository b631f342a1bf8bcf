
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * GET /api/v1/auth/info: what the key is.  All of it stands in the zone, so
 * that no database is asked.
 */


#include "api/ngx_http_cost_api.h"


static void ngx_http_cost_api_auth_write(cost_json_t *j, void *data);
static void ngx_http_cost_api_auth_limits(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j);


#define ngx_http_cost_api_auth_text(j, s)                                     \
    cost_json_string(j, (s)->data, (s)->len)


ngx_int_t
ngx_http_cost_api_auth_info(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_auth_write);
}


static void
ngx_http_cost_api_auth_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_str_t                  *permission;
    const ngx_http_cost_key_t  *key;

    key = ctx->key;
    permission = ngx_http_cost_key_permission_name(key->permission);

    /* the document is Cost Optix's, whatever the plan */

    cost_json_object(j);
    cost_json_name(j, "success");
    cost_json_bool(j, true);
    cost_json_name(j, "data");

    cost_json_object(j);
    cost_json_name(j, "organization_id");
    ngx_http_cost_api_auth_text(j, &key->organization_uuid);
    cost_json_name(j, "organization_name");
    ngx_http_cost_api_auth_text(j, &key->organization_name);
    cost_json_name(j, "key_id");
    ngx_http_cost_api_auth_text(j, &key->id);
    cost_json_name(j, "key_name");
    ngx_http_cost_api_auth_text(j, &key->name);
    cost_json_name(j, "key_prefix");
    ngx_http_cost_api_auth_text(j, &key->prefix);
    cost_json_name(j, "permission");
    ngx_http_cost_api_auth_text(j, permission);
    cost_json_name(j, "plan");
    ngx_http_cost_api_auth_text(j, &key->plan);
    cost_json_name(j, "expires_at");

    if (key->expires) {
        cost_json_time(j, key->expires);

    } else {
        cost_json_null(j);
    }

    cost_json_name(j, "limits");
    ngx_http_cost_api_auth_limits(ctx, j);

    cost_json_object_end(j);

    ngx_http_cost_api_meta(j);
    ngx_http_cost_api_close(ctx, j);
}


static void
ngx_http_cost_api_auth_limits(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j)
{
    ngx_uint_t                  i, n;
    ngx_http_cost_key_limit_t  *limits;

    limits = ngx_http_cost_key_limits(ctx->request, &n);

    cost_json_array(j);

    for (i = 0; i < n; i++) {
        cost_json_object(j);
        cost_json_name(j, "window");
        ngx_http_cost_api_auth_text(j, &limits[i].name);
        cost_json_name(j, "limit");
        cost_json_integer(j, limits[i].limit);
        cost_json_name(j, "used");
        cost_json_integer(j, limits[i].used);
        cost_json_name(j, "remaining");
        cost_json_integer(j, limits[i].remaining);
        cost_json_name(j, "resets_at");
        cost_json_time(j, limits[i].resets);
        cost_json_object_end(j);
    }

    cost_json_array_end(j);
}
