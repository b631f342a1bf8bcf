
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * POST /v1/alerts/{id}/test: a message through each channel, once.  It takes
 * the way that alerts take; what became of it is looked for in the database,
 * for some seconds, as the worker that sends may be another's.
 */


#include "api/ngx_http_cost_api_alerts.h"


#define NGX_HTTP_COST_API_ALERT_WAIT  20000     /* ms, in all */

/* the columns of alerts_tested.sql */

#define NGX_HTTP_COST_API_ALERT_T_TYPE    0
#define NGX_HTTP_COST_API_ALERT_T_STATUS  1
#define NGX_HTTP_COST_API_ALERT_T_ERROR   2


static ngx_int_t ngx_http_cost_api_alert_tested(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_alert_test_find(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_alert_test_look(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_uint_t ngx_http_cost_api_alert_test_count(
    ngx_http_cost_api_ctx_t *ctx, u_char status);
static void ngx_http_cost_api_alert_test_write(cost_json_t *j, void *data);


ngx_int_t
ngx_http_cost_api_alert_test(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                   rc;
    ngx_str_t                   params[2];
    ngx_http_cost_api_alert_t  *alert;

    rc = ngx_http_discard_request_body(ctx->request);

    if (rc != NGX_OK) {
        return rc;
    }

    alert = ngx_http_cost_api_alert_data(ctx);

    if (alert == NULL
        || ngx_http_cost_api_wait_init(ctx, &alert->wait,
                                       NGX_HTTP_COST_API_ALERT_WAIT,
                                       ngx_http_cost_api_alert_test_find)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_cost_api_alert_params(ctx, params);

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_alerts_test,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_alert_tested);
}


static ngx_int_t
ngx_http_cost_api_alert_tested(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t                   event;
    ngx_http_cost_api_alert_t  *alert;

    ngx_http_cost_pg_text(ctx->result, 0, 0, &event);

    if (event.data == NULL) {
        return ngx_http_cost_api_alert_unknown(ctx);
    }

    alert = ctx->data;

    alert->event.len = event.len;
    alert->event.data = ngx_pstrdup(ctx->request->pool, &event);
    if (alert->event.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_wait(ctx, &alert->wait);
}


static ngx_int_t
ngx_http_cost_api_alert_test_find(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t                   params[3];
    ngx_http_cost_api_alert_t  *alert;

    alert = ctx->data;

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    params[1] = alert->uuid;
    params[2] = alert->event;

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_alerts_tested,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_alert_test_look);
}


static ngx_int_t
ngx_http_cost_api_alert_test_look(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_alert_t  *alert;

    alert = ctx->data;

    if (ngx_http_cost_api_alert_test_count(ctx, 'p')
        && ngx_http_cost_api_wait(ctx, &alert->wait) == NGX_DONE)
    {
        return NGX_DONE;
    }

    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_alert_test_write);
}


/* of pending, sent and failed by their first letters */

static ngx_uint_t
ngx_http_cost_api_alert_test_count(ngx_http_cost_api_ctx_t *ctx,
    u_char status)
{
    ngx_str_t   text;
    ngx_uint_t  i, n, rows;

    n = 0;
    rows = ngx_http_cost_pg_rows(ctx->result);

    for (i = 0; i < rows; i++) {
        ngx_http_cost_pg_text(ctx->result, i,
                              NGX_HTTP_COST_API_ALERT_T_STATUS, &text);

        n += (text.data[0] == status);
    }

    return n;
}


static void
ngx_http_cost_api_alert_test_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_str_t   error;
    ngx_uint_t  i, rows;

    rows = ngx_http_cost_pg_rows(ctx->result);

    ngx_http_cost_api_alert_open(ctx, j);

    cost_json_object(j);
    cost_json_name(j, "test_sent");
    cost_json_bool(j, ngx_http_cost_api_alert_test_count(ctx, 's') > 0);

    cost_json_name(j, "notifications");
    cost_json_array(j);

    for (i = 0; i < rows; i++) {
        cost_json_object(j);
        cost_json_name(j, "type");
        ngx_http_cost_api_put_text(ctx, j, i, NGX_HTTP_COST_API_ALERT_T_TYPE);
        cost_json_name(j, "status");
        ngx_http_cost_api_put_text(ctx, j, i,
                                   NGX_HTTP_COST_API_ALERT_T_STATUS);

        ngx_http_cost_pg_text(ctx->result, i, NGX_HTTP_COST_API_ALERT_T_ERROR,
                              &error);

        if (error.data) {
            cost_json_name(j, "error");
            cost_json_string(j, error.data, error.len);
        }

        cost_json_object_end(j);
    }

    cost_json_array_end(j);
    cost_json_object_end(j);

    ngx_http_cost_api_alert_close(ctx, j);
}
