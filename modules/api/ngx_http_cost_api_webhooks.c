
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

/* columns of webhooks_list.sql and deliveries_list.sql */

#define NGX_HTTP_COST_API_WEBHOOKS_ID    0
#define NGX_HTTP_COST_API_WEBHOOKS_UUID  1


static ngx_int_t ngx_http_cost_api_webhooks_page(
    ngx_http_cost_api_ctx_t *ctx);
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


static const ngx_http_cost_api_member_t
    ngx_http_cost_api_webhook_members[] =
{
    { cost_string("id"), NGX_HTTP_COST_API_TEXT, 1 },
    { cost_string("url"), NGX_HTTP_COST_API_TEXT, 2 },
    { cost_string("description"), NGX_HTTP_COST_API_TEXT, 3 },
    { cost_string("events"), NGX_HTTP_COST_API_JSON, 4 },
    { cost_string("enabled"), NGX_HTTP_COST_API_BOOL, 5 },
    { cost_string("disabled_reason"), NGX_HTTP_COST_API_TEXT, 6 },
    { cost_string("old_secret_until"), NGX_HTTP_COST_API_TIME, 7 },
    { cost_string("failing_since"), NGX_HTTP_COST_API_TIME, 8 },
    { cost_string("created_at"), NGX_HTTP_COST_API_TIME, 9 },
    { cost_string("updated_at"), NGX_HTTP_COST_API_TIME, 10 },
    ngx_http_cost_api_null_member
};


const ngx_http_cost_api_member_t  ngx_http_cost_api_delivery_members[] = {
    { cost_string("id"), NGX_HTTP_COST_API_TEXT, 1 },
    { cost_string("webhook_id"), NGX_HTTP_COST_API_TEXT, 2 },
    { cost_string("event_id"), NGX_HTTP_COST_API_TEXT, 3 },
    { cost_string("event"), NGX_HTTP_COST_API_TEXT, 4 },
    { cost_string("status"), NGX_HTTP_COST_API_TEXT, 5 },
    { cost_string("created_at"), NGX_HTTP_COST_API_TIME, 6 },
    { cost_string("finished_at"), NGX_HTTP_COST_API_TIME, 7 },
    { cost_string("next_attempt_at"), NGX_HTTP_COST_API_TIME, 8 },
    { cost_string("attempts"), NGX_HTTP_COST_API_JSON, 9 },
    ngx_http_cost_api_null_member
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
    webhook->members = ngx_http_cost_api_webhook_members;
    ctx->data = webhook;

    return webhook;
}


ngx_int_t
ngx_http_cost_api_webhook_params(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *params)
{
    ngx_int_t                     rc;
    ngx_http_cost_api_webhook_t  *webhook;

    webhook = ctx->data;

    rc = ngx_http_cost_api_param_uuid(ctx, &ctx->ids[0], &webhook->uuid);

    if (rc == NGX_DECLINED) {
        return ngx_http_cost_api_webhook_unknown(ctx);
    }

    if (rc != NGX_OK
        || ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    params[1] = webhook->uuid;

    return NGX_OK;
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
    ngx_int_t                     rc;
    ngx_str_t                     params[4];
    ngx_http_cost_api_webhook_t  *webhook;

    webhook = ngx_http_cost_api_webhook_data(ctx);

    if (webhook == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_cost_api_webhooks_page(ctx);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK
        || ngx_http_cost_api_page_params(ctx, &webhook->page, &params[2],
                                         &params[3])
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_str_null(&params[1]);

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_webhooks_list,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_webhooks_done);
}


/* limit and cursor of both lists */

static ngx_int_t
ngx_http_cost_api_webhooks_page(ngx_http_cost_api_ctx_t *ctx)
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

    return ngx_http_cost_api_page(ctx, &v[NGX_HTTP_COST_API_WEBHOOKS_P_LIMIT],
                                  &v[NGX_HTTP_COST_API_WEBHOOKS_P_CURSOR],
                                  NGX_HTTP_COST_API_WEBHOOKS_LIMIT,
                                  &webhook->page);
}


static ngx_int_t
ngx_http_cost_api_webhooks_done(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_webhook_t  *webhook;

    webhook = ctx->data;

    (void) ngx_http_cost_api_page_rows(ctx, &webhook->page);

    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_webhooks_write);
}


static void
ngx_http_cost_api_webhooks_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_uint_t                    i;
    ngx_http_cost_api_webhook_t  *webhook;

    webhook = ctx->data;

    ngx_http_cost_api_open(ctx, j);
    cost_json_array(j);

    for (i = 0; i < webhook->page.rows; i++) {
        ngx_http_cost_api_put_object(ctx, j, i, webhook->members);
    }

    cost_json_array_end(j);

    ngx_http_cost_api_meta(j);
    ngx_http_cost_api_page_meta(ctx, j, &webhook->page,
                                NGX_HTTP_COST_API_WEBHOOKS_ID);
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

    return ngx_http_cost_api_webhook_show(ctx);
}


/* a page of one */

ngx_int_t
ngx_http_cost_api_webhook_show(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t                     params[4];
    ngx_http_cost_api_webhook_t  *webhook;

    webhook = ctx->data;

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    params[1] = webhook->uuid;
    ngx_str_set(&params[2], "0");
    ngx_str_set(&params[3], "1");

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_webhooks_list,
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

    ngx_http_cost_api_webhook_t  *webhook;

    webhook = ctx->data;

    ngx_http_cost_api_open(ctx, j);
    cost_json_object(j);

    if (webhook->secret.len) {
        cost_json_name(j, "secret");
        cost_json_string(j, webhook->secret.data, webhook->secret.len);
    }

    ngx_http_cost_api_put_members(ctx, j, 0, webhook->members);
    cost_json_object_end(j);

    ngx_http_cost_api_meta(j);
    ngx_http_cost_api_close(ctx, j);
}


ngx_int_t
ngx_http_cost_api_deliveries(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                     rc;
    ngx_str_t                     params[4];
    ngx_http_cost_api_webhook_t  *webhook;

    webhook = ngx_http_cost_api_webhook_data(ctx);

    if (webhook == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    webhook->members = ngx_http_cost_api_delivery_members;

    rc = ngx_http_cost_api_webhook_params(ctx, params);

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_webhooks_page(ctx);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_cost_api_page_params(ctx, &webhook->page, &params[2],
                                      &params[3])
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
    ngx_str_t                     uuid;
    ngx_http_cost_api_webhook_t  *webhook;

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_webhook_unknown(ctx);
    }

    webhook = ctx->data;

    (void) ngx_http_cost_api_page_rows(ctx, &webhook->page);

    /* an endpoint without any has one row, of nulls */

    ngx_http_cost_pg_text(ctx->result, 0, NGX_HTTP_COST_API_WEBHOOKS_UUID,
                          &uuid);

    if (uuid.data == NULL) {
        webhook->page.rows = 0;
    }

    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_webhooks_write);
}
