
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * POST /api/v1/keys, PATCH and DELETE /api/v1/keys/{id}, and rotation.
 *
 * What is changed holds for all workers of this node before the reply is
 * sent, and for other nodes when they are notified.
 */


#include "api/ngx_http_cost_api_keys.h"


#define NGX_HTTP_COST_API_KEYS_GRACE    2592000    /* 30 days, seconds */
#define NGX_HTTP_COST_API_KEYS_FOUR     4


static ngx_int_t ngx_http_cost_api_key_force(ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_key_last(ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_key_add_body(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_cost_api_key_added(ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_key_change_body(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_cost_api_key_changed(ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_key_rotate_body(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_cost_api_key_found(ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_key_rotated(ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_key_revoked(ngx_http_cost_api_ctx_t *ctx);

static ngx_int_t ngx_http_cost_api_key_permission(
    ngx_http_cost_api_ctx_t *ctx, ngx_str_t *permission);
static ngx_int_t ngx_http_cost_api_key_expires(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *expires);
static ngx_int_t ngx_http_cost_api_key_secret(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *plan, ngx_str_t *prefix);
static ngx_int_t ngx_http_cost_api_key_plan(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *plan);
static ngx_int_t ngx_http_cost_api_key_not_allowed(
    ngx_http_cost_api_ctx_t *ctx);


static const cost_str_t  ngx_http_cost_api_keys_words[] = {
    cost_string("false"),
    cost_string("true"),
    { 0, NULL }
};


static const cost_query_param_t  ngx_http_cost_api_key_params[] = {
    { cost_string("force"), COST_QUERY_ENUM, 0, 0,
      ngx_http_cost_api_keys_words }
};


enum {
    NGX_HTTP_COST_API_KEYS_F_NAME = 0,
    NGX_HTTP_COST_API_KEYS_F_PERMISSION,
    NGX_HTTP_COST_API_KEYS_F_PLAN,
    NGX_HTTP_COST_API_KEYS_F_EXPIRES,
    NGX_HTTP_COST_API_KEYS_FIELDS
};


static const ngx_http_cost_http_field_t  ngx_http_cost_api_key_add_f[] = {
    { ngx_string("name"), NGX_HTTP_COST_HTTP_TEXT, 1, 100, 1 },
    { ngx_string("permission"), NGX_HTTP_COST_HTTP_ONE_OF, 1, 16, 0 },
    { ngx_string("plan"), NGX_HTTP_COST_HTTP_WORD, 1, 32, 0 },
    { ngx_string("expires_at"), NGX_HTTP_COST_HTTP_TEXT_OR_NULL, 1, 64, 0 }
};

static const ngx_http_cost_http_field_t  ngx_http_cost_api_key_change_f[] = {
    { ngx_string("name"), NGX_HTTP_COST_HTTP_TEXT, 1, 100, 0 },
    { ngx_string("permission"), NGX_HTTP_COST_HTTP_ONE_OF, 1, 16, 0 },
    { ngx_string("plan"), NGX_HTTP_COST_HTTP_WORD, 1, 32, 0 },
    { ngx_string("expires_at"), NGX_HTTP_COST_HTTP_TEXT_OR_NULL, 1, 64, 0 }
};

static const ngx_http_cost_http_field_t  ngx_http_cost_api_key_rotate_f[] = {
    { ngx_string("grace_seconds"), NGX_HTTP_COST_HTTP_INTEGER,
      0, NGX_HTTP_COST_API_KEYS_GRACE, 0 }
};


ngx_int_t
ngx_http_cost_api_key_add(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_body(ctx->request,
                                   ngx_http_cost_api_key_add_body);
}


static void
ngx_http_cost_api_key_add_body(ngx_http_request_t *r, ngx_str_t *body)
{
    ngx_int_t                  rc;
    ngx_str_t                  params[9], prefix;
    ngx_str_t                  f[NGX_HTTP_COST_API_KEYS_FIELDS];
    ngx_http_cost_api_ctx_t   *ctx;
    ngx_http_cost_api_keys_t  *keys;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);
    keys = ngx_http_cost_api_keys_data(ctx);

    ngx_str_null(&prefix);

    rc = keys ? ngx_http_cost_http_fields(r, body, ngx_http_cost_api_key_add_f,
                                          NGX_HTTP_COST_API_KEYS_FIELDS, f)
              : NGX_HTTP_INTERNAL_SERVER_ERROR;

    if (rc == NGX_OK && f[NGX_HTTP_COST_API_KEYS_F_PLAN].data == NULL) {
        f[NGX_HTTP_COST_API_KEYS_F_PLAN] = ctx->key->plan;
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_key_permission(ctx,
                                      &f[NGX_HTTP_COST_API_KEYS_F_PERMISSION]);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_key_expires(ctx,
                                         &f[NGX_HTTP_COST_API_KEYS_F_EXPIRES]);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_key_secret(ctx,
                                          &f[NGX_HTTP_COST_API_KEYS_F_PLAN],
                                          &prefix);
    }

    if (rc == NGX_OK
        && (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK
            || ngx_http_cost_key_unlimited(r, &params[5]) != NGX_OK))
    {
        rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc == NGX_OK) {
        ngx_memcpy(&params[1], f, sizeof(f));

        params[6] = keys->digest;
        params[7] = prefix;
        params[8].len = NGX_HTTP_COST_API_KEYS_FOUR;
        params[8].data = keys->secret.data + keys->secret.len
                         - NGX_HTTP_COST_API_KEYS_FOUR;

        rc = ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_keys_add, params,
                                     NGX_HTTP_COST_PG_FAST,
                                     ngx_http_cost_api_key_added);
    }

    ngx_http_finalize_request(r, rc);
}


static ngx_int_t
ngx_http_cost_api_key_added(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t                  uuid;
    ngx_http_cost_api_keys_t  *keys;

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_key_not_allowed(ctx);
    }

    keys = ctx->data;
    keys->status = NGX_HTTP_CREATED;

    /* the result ends with this function */

    ngx_http_cost_pg_text(ctx->result, 0, 0, &uuid);

    keys->uuid.len = uuid.len;
    keys->uuid.data = ngx_pstrdup(ctx->request->pool, &uuid);
    if (keys->uuid.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_key_show(ctx);
}


ngx_int_t
ngx_http_cost_api_key_change(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t  rc;

    rc = ngx_http_cost_api_key_uuid(ctx);

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_key_force(ctx);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_cost_http_body(ctx->request,
                                   ngx_http_cost_api_key_change_body);
}


static void
ngx_http_cost_api_key_change_body(ngx_http_request_t *r, ngx_str_t *body)
{
    ngx_int_t                  rc;
    ngx_str_t                  params[9];
    ngx_str_t                  f[NGX_HTTP_COST_API_KEYS_FIELDS];
    ngx_http_cost_api_ctx_t   *ctx;
    ngx_http_cost_api_keys_t  *keys;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);
    keys = ctx->data;

    ngx_str_set(&params[6], "false");

    rc = ngx_http_cost_http_fields(r, body, ngx_http_cost_api_key_change_f,
                                   NGX_HTTP_COST_API_KEYS_FIELDS, f);

    if (rc == NGX_OK && f[NGX_HTTP_COST_API_KEYS_F_EXPIRES].data) {
        ngx_str_set(&params[6], "true");
    }

    if (rc == NGX_OK && f[NGX_HTTP_COST_API_KEYS_F_PERMISSION].data) {
        rc = ngx_http_cost_api_key_permission(ctx,
                                      &f[NGX_HTTP_COST_API_KEYS_F_PERMISSION]);
    }

    if (rc == NGX_OK && f[NGX_HTTP_COST_API_KEYS_F_PLAN].data) {
        rc = ngx_http_cost_api_key_plan(ctx,
                                        &f[NGX_HTTP_COST_API_KEYS_F_PLAN]);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_key_expires(ctx,
                                         &f[NGX_HTTP_COST_API_KEYS_F_EXPIRES]);
    }

    if (rc == NGX_OK
        && (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK
            || ngx_http_cost_key_unlimited(r, &params[7]) != NGX_OK))
    {
        rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc == NGX_OK) {
        params[1] = keys->uuid;
        ngx_memcpy(&params[2], f, sizeof(f));

        params[8].len = keys->force ? 4 : 5;
        params[8].data = (u_char *) (keys->force ? "true" : "false");

        rc = ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_keys_change,
                                     params, NGX_HTTP_COST_PG_FAST,
                                     ngx_http_cost_api_key_changed);
    }

    ngx_http_finalize_request(r, rc);
}


static ngx_int_t
ngx_http_cost_api_key_changed(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t  last, allowed, digests;

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_key_unknown(ctx);
    }

    ngx_http_cost_pg_text(ctx->result, 0, 0, &last);
    ngx_http_cost_pg_text(ctx->result, 0, 1, &allowed);
    ngx_http_cost_pg_text(ctx->result, 0, 3, &digests);

    if (allowed.data[0] != 't') {
        return ngx_http_cost_api_key_not_allowed(ctx);
    }

    if (last.data[0] == 't') {
        return ngx_http_cost_api_key_last(ctx);
    }

    ngx_http_cost_key_forget(ctx->request, &digests);

    return ngx_http_cost_api_key_show(ctx);
}


ngx_int_t
ngx_http_cost_api_key_rotate(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t  rc;

    rc = ngx_http_cost_api_key_uuid(ctx);

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_cost_http_body(ctx->request,
                                   ngx_http_cost_api_key_rotate_body);
}


/* no body at all is a grace of 0 */

static void
ngx_http_cost_api_key_rotate_body(ngx_http_request_t *r, ngx_str_t *body)
{
    ngx_int_t                  rc;
    ngx_str_t                  params[2];
    ngx_http_cost_api_ctx_t   *ctx;
    ngx_http_cost_api_keys_t  *keys;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);
    keys = ctx->data;
    rc = NGX_OK;

    if (body->len) {
        rc = ngx_http_cost_http_fields(r, body, ngx_http_cost_api_key_rotate_f,
                                       1, &keys->grace);
    }

    if (keys->grace.data == NULL) {
        ngx_str_set(&keys->grace, "0");
    }

    if (rc == NGX_OK
        && ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK)
    {
        rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc == NGX_OK) {
        params[1] = keys->uuid;

        rc = ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_keys_find, params,
                                     NGX_HTTP_COST_PG_FAST,
                                     ngx_http_cost_api_key_found);
    }

    ngx_http_finalize_request(r, rc);
}


static ngx_int_t
ngx_http_cost_api_key_found(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                  rc;
    ngx_str_t                  params[6], plan, prefix;
    ngx_http_cost_api_keys_t  *keys;

    keys = ctx->data;

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_key_unknown(ctx);
    }

    ngx_http_cost_pg_text(ctx->result, 0, 0, &plan);

    rc = ngx_http_cost_api_key_secret(ctx, &plan, &prefix);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    params[1] = keys->uuid;
    params[2] = keys->grace;
    params[3] = keys->digest;
    params[4] = prefix;
    params[5].len = NGX_HTTP_COST_API_KEYS_FOUR;
    params[5].data = keys->secret.data + keys->secret.len
                     - NGX_HTTP_COST_API_KEYS_FOUR;

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_keys_rotate, params,
                                   NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_key_rotated);
}


static ngx_int_t
ngx_http_cost_api_key_rotated(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t  digests;

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_key_unknown(ctx);
    }

    ngx_http_cost_pg_text(ctx->result, 0, 0, &digests);
    ngx_http_cost_key_forget(ctx->request, &digests);

    return ngx_http_cost_api_key_show(ctx);
}


ngx_int_t
ngx_http_cost_api_key_revoke(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                  rc;
    ngx_str_t                  params[3];
    ngx_http_cost_api_keys_t  *keys;

    rc = ngx_http_discard_request_body(ctx->request);

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_key_uuid(ctx);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_key_force(ctx);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    keys = ctx->data;

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    params[1] = keys->uuid;
    params[2].len = keys->force ? 4 : 5;
    params[2].data = (u_char *) (keys->force ? "true" : "false");

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_keys_revoke, params,
                                   NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_key_revoked);
}


static ngx_int_t
ngx_http_cost_api_key_revoked(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t  last, digests;

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_key_unknown(ctx);
    }

    ngx_http_cost_pg_text(ctx->result, 0, 0, &last);
    ngx_http_cost_pg_text(ctx->result, 0, 2, &digests);

    if (last.data[0] == 't') {
        return ngx_http_cost_api_key_last(ctx);
    }

    ngx_http_cost_key_forget(ctx->request, &digests);

    return ngx_http_cost_api_key_show(ctx);
}


static ngx_int_t
ngx_http_cost_api_key_permission(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *permission)
{
    ngx_uint_t  value;

    if (ngx_http_cost_key_permission_parse(permission, &value) == NGX_OK) {
        return NGX_OK;
    }

    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                    "permission must be read, write or admin");
}


/* a time becomes its seconds; a null, or no member, SQL's NULL */

static ngx_int_t
ngx_http_cost_api_key_expires(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *expires)
{
    cost_time_t  t;

    if (expires->len == 0) {
        ngx_http_cost_api_param_null(expires);
        return NGX_OK;
    }

    if (cost_time_parse(expires->data, expires->len, &t) != COST_OK
        || t <= ctx->now)
    {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                        "expires_at must be null or a time in "
                                        "the future, such as "
                                        "2030-01-31T12:00:00Z");
    }

    return ngx_http_cost_api_param_integer(ctx, expires, t) == NGX_OK
           ? NGX_OK : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


static ngx_int_t
ngx_http_cost_api_key_secret(ngx_http_cost_api_ctx_t *ctx, ngx_str_t *plan,
    ngx_str_t *prefix)
{
    ngx_http_cost_api_keys_t  *keys;

    keys = ctx->data;

    if (ngx_http_cost_key_plan(ctx->request, plan, prefix) != NGX_OK) {
        return ngx_http_cost_api_key_plan(ctx, plan);
    }

    return ngx_http_cost_key_make(ctx->request, prefix, &keys->secret,
                                  &keys->digest) == NGX_OK
           ? NGX_OK : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


static ngx_int_t
ngx_http_cost_api_key_plan(ngx_http_cost_api_ctx_t *ctx, ngx_str_t *plan)
{
    ngx_str_t  prefix;

    if (ngx_http_cost_key_plan(ctx->request, plan, &prefix) == NGX_OK) {
        return NGX_OK;
    }

    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                    "plan must be one of this server's; "
                                    "\"%V\" is not", plan);
}


static ngx_int_t
ngx_http_cost_api_key_not_allowed(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_FORBIDDEN,
                                    "The organization does not have this "
                                    "plan");
}


/* ?force=true */

static ngx_int_t
ngx_http_cost_api_key_force(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                  rc;
    cost_query_value_t         value;
    ngx_http_cost_api_keys_t  *keys;

    rc = ngx_http_cost_http_params(ctx->request, ngx_http_cost_api_key_params,
                                   1, &value);
    if (rc != NGX_OK) {
        return rc;
    }

    keys = ctx->data;
    keys->force = (value.set && value.integer);

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_api_key_last(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_CONFLICT,
                                    "This is the last key that can manage "
                                    "keys; with ?force=true it is done all "
                                    "the same");
}
