
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * GET /api/v1/webhooks, /{id}, /{id}/deliveries.  Objects come from the
 * database as JSON: their views are in the schema, and never have a secret.
 */


#include "api/ngx_http_cost_api_webhooks.h"


#define NGX_HTTP_COST_API_WEBHOOKS_LIMIT  50
#define NGX_HTTP_COST_API_WEBHOOKS_MAX    100

/* the columns of webhooks_list.sql and deliveries_list.sql */

#define NGX_HTTP_COST_API_WEBHOOKS_ID      0
#define NGX_HTTP_COST_API_WEBHOOKS_OBJECT  1


static ngx_int_t ngx_http_cost_api_webhooks_page(
    ngx_http_cost_api_ctx_t *ctx, int64_t *after);
static ngx_int_t ngx_http_cost_api_webhooks_done(
    ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_webhooks_write(cost_json_t *j, void *data);
static void ngx_http_cost_api_webhook_write(cost_json_t *j, void *data);
static ngx_int_t ngx_http_cost_api_deliveries_done(
    ngx_http_cost_api_ctx_t *ctx);


enum {
    NGX_HTTP_COST_API_WEBHOOKS_P_LIMIT = 0,
    NGX_HTTP_COST_API_WEBHOOKS_P_CURSOR,
    NGX_HTTP_COST_API_WEBHOOKS_PARAMS
};


static const cost_query_param_t  ngx_http_cost_api_webhooks_params[] = {
    { cost_string("limit"), COST_QUERY_INTEGER,
      1, NGX_HTTP_COST_API_WEBHOOKS_MAX, NULL },
    { cost_string("cursor"), COST_QUERY_TEXT, 0, 64, NULL }
};


ngx_http_cost_api_webhook_t *
ngx_http_cost_api_webhook_data(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_webhook_t  *webhook;

    webhook = ngx_pcalloc(ctx->request->pool,
                          sizeof(ngx_http_cost_api_webhook_t));
    if (webhook == NULL) {
        return NULL;
    }

    webhook->status = NGX_HTTP_OK;
    ctx->data = webhook;

    return webhook;
}


ngx_int_t
ngx_http_cost_api_webhook_params(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *params)
{
    u_char                       *uuid;
    ngx_http_cost_api_webhook_t  *webhook;

    webhook = ctx->data;

    uuid = ngx_pnalloc(ctx->request->pool, COST_UUID_LEN);
    if (uuid == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->ids[0].len != COST_UUID_LEN
        || cost_uuid_parse(ctx->ids[0].data, ctx->ids[0].len, uuid)
           != COST_OK)
    {
        return ngx_http_cost_api_webhook_unknown(ctx);
    }

    webhook->uuid.len = COST_UUID_LEN;
    webhook->uuid.data = uuid;

    params[1] = webhook->uuid;

    return ngx_http_cost_api_param_organization(ctx, &params[0]) == NGX_OK
           ? NGX_OK : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


ngx_int_t
ngx_http_cost_api_webhook_unknown(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_NOT_FOUND,
                                    "There is no such webhook");
}


ngx_int_t
ngx_http_cost_api_webhooks(ngx_http_cost_api_ctx_t *ctx)
{
    int64_t                       after;
    ngx_int_t                     rc;
    ngx_str_t                     params[3];
    ngx_http_cost_api_webhook_t  *webhook;

    webhook = ngx_http_cost_api_webhook_data(ctx);

    if (webhook == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_cost_api_webhooks_page(ctx, &after);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK
        || ngx_http_cost_api_param_integer(ctx, &params[1], after) != NGX_OK
        || ngx_http_cost_api_param_integer(ctx, &params[2],
                                           webhook->limit + 1)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_webhooks_list,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_webhooks_done);
}


/* limit and cursor of both lists */

static ngx_int_t
ngx_http_cost_api_webhooks_page(ngx_http_cost_api_ctx_t *ctx, int64_t *after)
{
    ngx_int_t                     rc;
    cost_query_value_t            v[NGX_HTTP_COST_API_WEBHOOKS_PARAMS];
    ngx_http_cost_api_webhook_t  *webhook;

    webhook = ctx->data;

    rc = ngx_http_cost_http_params(ctx->request,
                                   ngx_http_cost_api_webhooks_params,
                                   NGX_HTTP_COST_API_WEBHOOKS_PARAMS, v);
    if (rc != NGX_OK) {
        return rc;
    }

    *after = 0;

    if (v[NGX_HTTP_COST_API_WEBHOOKS_P_CURSOR].set
        && cost_cursor_parse(v[NGX_HTTP_COST_API_WEBHOOKS_P_CURSOR].text,
                             after)
           != COST_OK)
    {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                        "cursor must be the next_cursor of "
                                        "another reply");
    }

    webhook->limit = v[NGX_HTTP_COST_API_WEBHOOKS_P_LIMIT].set
                     ? v[NGX_HTTP_COST_API_WEBHOOKS_P_LIMIT].integer
                     : NGX_HTTP_COST_API_WEBHOOKS_LIMIT;

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_api_webhooks_done(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_webhooks_write);
}


/* one more row than is shown tells whether there is another page */

static void
ngx_http_cost_api_webhooks_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    size_t                        len;
    uint8_t                       cursor[COST_CURSOR_LEN];
    ngx_str_t                     object;
    ngx_uint_t                    i, n, rows;
    ngx_http_cost_api_webhook_t  *webhook;

    webhook = ctx->data;
    rows = ngx_http_cost_pg_rows(ctx->result);
    n = 0;

    ngx_http_cost_api_open(ctx, j);
    cost_json_array(j);

    for (i = 0; i < rows && n < webhook->limit; i++) {
        ngx_http_cost_pg_text(ctx->result, i,
                              NGX_HTTP_COST_API_WEBHOOKS_OBJECT, &object);

        if (object.data) {
            cost_json_raw(j, object.data, object.len);
            n++;
        }
    }

    cost_json_array_end(j);

    ngx_http_cost_api_meta(j);
    cost_json_name(j, "count");
    cost_json_integer(j, n);
    cost_json_name(j, "next_cursor");

    if (rows > webhook->limit) {
        len = cost_cursor_format(
                  ngx_http_cost_api_number(ctx, webhook->limit - 1,
                                           NGX_HTTP_COST_API_WEBHOOKS_ID),
                  cursor);
        cost_json_string(j, cursor, len);

    } else {
        cost_json_null(j);
    }

    ngx_http_cost_api_close(ctx, j);
}


ngx_int_t
ngx_http_cost_api_webhook(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t  rc;
    ngx_str_t  params[2];

    if (ngx_http_cost_api_webhook_data(ctx) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_cost_api_webhook_params(ctx, params);

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_webhooks_find,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_webhook_found);
}


ngx_int_t
ngx_http_cost_api_webhook_show(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t                     params[2];
    ngx_http_cost_api_webhook_t  *webhook;

    webhook = ctx->data;

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    params[1] = webhook->uuid;

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_webhooks_find,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_webhook_found);
}


ngx_int_t
ngx_http_cost_api_webhook_found(ngx_http_cost_api_ctx_t *ctx)
{
    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_webhook_unknown(ctx);
    }

    return ngx_http_cost_api_webhook_send(ctx);
}


ngx_int_t
ngx_http_cost_api_webhook_send(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_webhook_t  *webhook;

    webhook = ctx->data;

    return ngx_http_cost_http_send(ctx->request, webhook->status,
                                   ngx_http_cost_api_webhook_write, ctx);
}


static void
ngx_http_cost_api_webhook_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_str_t                     object;
    ngx_http_cost_api_webhook_t  *webhook;

    webhook = ctx->data;

    ngx_http_cost_pg_text(ctx->result, 0, webhook->column, &object);

    ngx_http_cost_api_open(ctx, j);

    if (webhook->secret.len) {

        /* the object's members, and one more */

        cost_json_object(j);
        cost_json_name(j, "secret");
        cost_json_string(j, webhook->secret.data, webhook->secret.len);

        /* without the braces */
        cost_json_raw(j, object.data + 1, object.len - 2);
        cost_json_object_end(j);

    } else {
        cost_json_raw(j, object.data, object.len);
    }

    ngx_http_cost_api_meta(j);
    ngx_http_cost_api_close(ctx, j);
}


ngx_int_t
ngx_http_cost_api_deliveries(ngx_http_cost_api_ctx_t *ctx)
{
    int64_t                       before;
    ngx_int_t                     rc;
    ngx_str_t                     params[4];
    ngx_http_cost_api_webhook_t  *webhook;

    webhook = ngx_http_cost_api_webhook_data(ctx);

    if (webhook == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    before = 0;

    rc = ngx_http_cost_api_webhook_params(ctx, params);

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_webhooks_page(ctx, &before);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_cost_api_param_integer(ctx, &params[2], before) != NGX_OK
        || ngx_http_cost_api_param_integer(ctx, &params[3],
                                           webhook->limit + 1)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_deliveries_list,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_deliveries_done);
}


static ngx_int_t
ngx_http_cost_api_deliveries_done(ngx_http_cost_api_ctx_t *ctx)
{
    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_webhook_unknown(ctx);
    }

    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_webhooks_write);
}
