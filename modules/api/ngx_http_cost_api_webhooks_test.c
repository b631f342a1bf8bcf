
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * POST /api/v1/webhooks/{id}/test and /api/v1/deliveries/{id}/redeliver.
 *
 * A test is an event like any other, for one endpoint and with one attempt:
 * what is tried out is the way that the others take.  The worker that sends it
 * may be another, or on another node; the answer is looked for in the
 * database, for some seconds.
 */


#include "api/ngx_http_cost_api_webhooks.h"


#define NGX_HTTP_COST_API_TEST_WAIT  20000     /* ms, in all */

/* of deliveries_find.sql */
#define NGX_HTTP_COST_API_TEST_STATE  10


static ngx_int_t ngx_http_cost_api_webhook_tested(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_webhook_test_find(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_webhook_test_look(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_delivery_asked(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_delivery_find(
    ngx_http_cost_api_ctx_t *ctx, ngx_http_cost_api_handler_pt done);
static ngx_int_t ngx_http_cost_api_delivery_found(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_webhook_disabled(
    ngx_http_cost_api_ctx_t *ctx);


ngx_int_t
ngx_http_cost_api_webhook_test(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                     rc;
    ngx_str_t                     params[2];
    ngx_http_cost_api_webhook_t  *webhook;

    rc = ngx_http_discard_request_body(ctx->request);

    if (rc != NGX_OK) {
        return rc;
    }

    webhook = ngx_http_cost_api_webhook_data(ctx);

    if (webhook == NULL
        || ngx_http_cost_api_wait_init(ctx, &webhook->wait,
                                       NGX_HTTP_COST_API_TEST_WAIT,
                                       ngx_http_cost_api_webhook_test_find)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_cost_api_webhook_params(ctx, params);

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_webhooks_test,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_webhook_tested);
}


static ngx_int_t
ngx_http_cost_api_webhook_tested(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t                     uuid;
    ngx_http_cost_api_webhook_t  *webhook;

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_webhook_unknown(ctx);
    }

    ngx_http_cost_pg_text(ctx->result, 0, 0, &uuid);

    if (uuid.data == NULL) {
        return ngx_http_cost_api_webhook_disabled(ctx);
    }

    webhook = ctx->data;

    webhook->delivery.len = uuid.len;
    webhook->delivery.data = ngx_pstrdup(ctx->request->pool, &uuid);
    if (webhook->delivery.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_wait(ctx, &webhook->wait);
}


static ngx_int_t
ngx_http_cost_api_webhook_test_find(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_api_delivery_find(ctx,
                                         ngx_http_cost_api_webhook_test_look);
}


static ngx_int_t
ngx_http_cost_api_webhook_test_look(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t                     state;
    ngx_http_cost_api_webhook_t  *webhook;

    webhook = ctx->data;

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_webhook_unknown(ctx);
    }

    ngx_http_cost_pg_text(ctx->result, 0, NGX_HTTP_COST_API_TEST_STATE,
                          &state);

    if (state.data[0] == 'p'
        && ngx_http_cost_api_wait(ctx, &webhook->wait) == NGX_DONE)
    {
        return NGX_DONE;
    }

    return ngx_http_cost_api_webhook_send(ctx);
}


ngx_int_t
ngx_http_cost_api_delivery_again(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t  rc;
    ngx_str_t  params[2];

    rc = ngx_http_discard_request_body(ctx->request);

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_webhook_data(ctx)
             ? ngx_http_cost_api_webhook_params(ctx, params)
             : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_deliveries_again,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_delivery_asked);
}


static ngx_int_t
ngx_http_cost_api_delivery_asked(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t                     enabled;
    ngx_http_cost_api_webhook_t  *webhook;

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_NOT_FOUND,
                                        "There is no such delivery");
    }

    ngx_http_cost_pg_text(ctx->result, 0, 1, &enabled);

    if (enabled.data[0] != 't') {
        return ngx_http_cost_api_webhook_disabled(ctx);
    }

    webhook = ctx->data;

    webhook->delivery = webhook->uuid;
    webhook->status = NGX_HTTP_ACCEPTED;

    return ngx_http_cost_api_delivery_find(ctx,
                                           ngx_http_cost_api_delivery_found);
}


static ngx_int_t
ngx_http_cost_api_delivery_find(ngx_http_cost_api_ctx_t *ctx,
    ngx_http_cost_api_handler_pt done)
{
    ngx_str_t                     params[2];
    ngx_http_cost_api_webhook_t  *webhook;

    webhook = ctx->data;

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    params[1] = webhook->delivery;
    webhook->members = ngx_http_cost_api_delivery_members;

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_deliveries_find,
                                   params, NGX_HTTP_COST_PG_FAST, done);
}


static ngx_int_t
ngx_http_cost_api_delivery_found(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_api_webhook_found(ctx);
}


static ngx_int_t
ngx_http_cost_api_webhook_disabled(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_CONFLICT,
                                    "The webhook is disabled; enable it "
                                    "first");
}
