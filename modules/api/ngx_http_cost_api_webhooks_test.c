
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


#define NGX_HTTP_COST_API_TEST_WAIT    20000     /* ms, in all */
#define NGX_HTTP_COST_API_TEST_PAUSE   50        /* ms, between two looks */

/* of deliveries_find.sql */
#define NGX_HTTP_COST_API_TEST_STATE   1


static ngx_int_t ngx_http_cost_api_webhook_tested(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_webhook_test_wait(
    ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_webhook_test_timer(ngx_event_t *ev);
static void ngx_http_cost_api_webhook_test_cleanup(void *data);
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
    ngx_http_cleanup_t           *cln;
    ngx_http_cost_api_webhook_t  *webhook;

    rc = ngx_http_discard_request_body(ctx->request);

    if (rc != NGX_OK) {
        return rc;
    }

    webhook = ngx_http_cost_api_webhook_data(ctx);
    cln = ngx_http_cleanup_add(ctx->request, 0);

    if (webhook == NULL || cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    webhook->timer.handler = ngx_http_cost_api_webhook_test_timer;
    webhook->timer.data = ctx->request->connection;
    webhook->timer.log = ctx->request->connection->log;
    webhook->deadline = ngx_current_msec + NGX_HTTP_COST_API_TEST_WAIT;

    cln->handler = ngx_http_cost_api_webhook_test_cleanup;
    cln->data = webhook;

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

    return ngx_http_cost_api_webhook_test_wait(ctx);
}


static ngx_int_t
ngx_http_cost_api_webhook_test_wait(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_webhook_t  *webhook;

    webhook = ctx->data;

    ngx_add_timer(&webhook->timer, NGX_HTTP_COST_API_TEST_PAUSE);

    ctx->request->main->count++;

    return NGX_DONE;
}


static void
ngx_http_cost_api_webhook_test_timer(ngx_event_t *ev)
{
    ngx_connection_t         *c;
    ngx_http_request_t       *r;
    ngx_http_cost_api_ctx_t  *ctx;

    c = ev->data;
    r = c->data;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);

    ngx_http_finalize_request(r,
        ngx_http_cost_api_delivery_find(ctx,
                                        ngx_http_cost_api_webhook_test_look));

    ngx_http_run_posted_requests(c);
}


/* the client has left, or has its answer */

static void
ngx_http_cost_api_webhook_test_cleanup(void *data)
{
    ngx_http_cost_api_webhook_t *webhook = data;

    if (webhook->timer.timer_set) {
        ngx_del_timer(&webhook->timer);
    }
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
        && (ngx_msec_int_t) (webhook->deadline - ngx_current_msec) > 0)
    {
        return ngx_http_cost_api_webhook_test_wait(ctx);
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
