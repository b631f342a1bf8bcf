
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Variables, for logs, maps and proxied requests:
 *
 *     $api_key_id, $api_key_name, $api_key_plan, $api_key_permission
 *     $api_key_organization      its uuid
 *     $api_key_status            "ok", or why the key was refused
 *     $api_key_remaining_minute, $api_key_remaining_day
 *     $api_key_remaining         the least of all windows
 *
 * A key that is known but refused (expired, over its limit) has its values
 * too, so that the log tells whose it was.
 */


#include "key/ngx_http_cost_key_zone.h"


static ngx_int_t ngx_http_cost_key_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_cost_key_permission_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_cost_key_status_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_cost_key_remaining_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static void ngx_http_cost_key_variable_set(ngx_http_variable_value_t *v,
    ngx_str_t *s);


static ngx_http_variable_t  ngx_http_cost_key_variables[] = {

    { ngx_string("api_key_id"), NULL, ngx_http_cost_key_variable,
      offsetof(ngx_http_cost_key_t, id), NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("api_key_name"), NULL, ngx_http_cost_key_variable,
      offsetof(ngx_http_cost_key_t, name), NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("api_key_organization"), NULL, ngx_http_cost_key_variable,
      offsetof(ngx_http_cost_key_t, organization_uuid),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("api_key_plan"), NULL, ngx_http_cost_key_variable,
      offsetof(ngx_http_cost_key_t, plan), NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("api_key_permission"), NULL,
      ngx_http_cost_key_permission_variable, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("api_key_status"), NULL, ngx_http_cost_key_status_variable,
      0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("api_key_remaining"), NULL,
      ngx_http_cost_key_remaining_variable, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("api_key_remaining_minute"), NULL,
      ngx_http_cost_key_remaining_variable, 60, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("api_key_remaining_day"), NULL,
      ngx_http_cost_key_remaining_variable, 86400, NGX_HTTP_VAR_NOCACHEABLE,
      0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_cost_key_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_cost_key_variables; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_key_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_cost_key_ctx_t  *ctx;

    ctx = ngx_http_cost_key_get_ctx(r);

    if (ctx == NULL || !ctx->found) {
        v->not_found = 1;
        return NGX_OK;
    }

    ngx_http_cost_key_variable_set(v,
                                (ngx_str_t *) ((u_char *) &ctx->key + data));

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_key_permission_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_cost_key_ctx_t  *ctx;

    ctx = ngx_http_cost_key_get_ctx(r);

    if (ctx == NULL || !ctx->found) {
        v->not_found = 1;
        return NGX_OK;
    }

    ngx_http_cost_key_variable_set(v,
                       ngx_http_cost_key_permission_name(ctx->key.permission));

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_key_status_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_cost_key_ctx_t  *ctx;

    ctx = ngx_http_cost_key_get_ctx(r);

    if (ctx == NULL || ctx->load) {
        v->not_found = 1;
        return NGX_OK;
    }

    ngx_http_cost_key_variable_set(v,
                                 ngx_http_cost_key_verdict_name(ctx->verdict));

    return NGX_OK;
}


/* "data" is the length of the window, 0: whichever has the least left */

static ngx_int_t
ngx_http_cost_key_remaining_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                   *p;
    ngx_str_t                 s;
    ngx_uint_t                i;
    cost_window_t            *w;
    cost_window_look_t       *look;
    ngx_http_cost_key_ctx_t  *ctx;

    ctx = ngx_http_cost_key_get_ctx(r);
    look = NULL;

    if (ctx && ctx->looks) {
        for (i = 0; i < ctx->plan->nwindows; i++) {
            w = &ctx->plan->windows[i];

            if ((data == 0 || w->length == data)
                && (look == NULL || ctx->looks[i].remaining < look->remaining))
            {
                look = &ctx->looks[i];
            }
        }
    }

    if (look == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, NGX_INT32_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    s.data = p;
    s.len = ngx_sprintf(p, "%uD", look->remaining) - p;

    ngx_http_cost_key_variable_set(v, &s);

    return NGX_OK;
}


static void
ngx_http_cost_key_variable_set(ngx_http_variable_value_t *v, ngx_str_t *s)
{
    v->len = s->len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->data = s->data;
}
