
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * GET /api/v1/ready: may this node be sent requests?  Each check is named
 * with what it found.
 */


#include "api/ngx_http_cost_api.h"
#include "sql/ngx_http_cost_sql.h"


typedef struct {
    ngx_uint_t      status;
    cost_time_t     now;
    const char     *database;
    const char     *migrations;
    char            versions[sizeof("the database has migration , this server "
                                    "was built for ") + 2 * NGX_INT64_LEN];
} ngx_http_cost_api_ready_t;


static void ngx_http_cost_api_ready_result(ngx_http_request_t *r,
    ngx_int_t rc, ngx_http_cost_pg_result_t *result);
static void ngx_http_cost_api_ready_judge(ngx_http_cost_api_ctx_t *ctx,
    ngx_int_t rc, ngx_http_cost_api_ready_t *ready);
static ngx_int_t ngx_http_cost_api_ready_send(ngx_http_cost_api_ctx_t *ctx,
    ngx_http_cost_api_ready_t *ready);
static void ngx_http_cost_api_ready_write(cost_json_t *j, void *data);


#define NGX_HTTP_COST_API_READY_OK  "ok"

static ngx_str_t  ngx_http_cost_api_ready_name = ngx_string("Retry-After");
static ngx_str_t  ngx_http_cost_api_ready_value = ngx_string("1");


ngx_int_t
ngx_http_cost_api_ready(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_request_t         *r;
    ngx_http_cost_api_ready_t   ready;

    r = ctx->request;

    if (ngx_http_cost_pg_request(r, &ngx_http_cost_sql_ready_check, NULL,
                                 NGX_HTTP_COST_PG_FAST,
                                 ngx_http_cost_api_ready_result)
        != NGX_OK)
    {
        ngx_memzero(&ready, sizeof(ngx_http_cost_api_ready_t));

        ready.status = NGX_HTTP_SERVICE_UNAVAILABLE;
        ready.database = "not configured";

        return ngx_http_cost_api_ready_send(ctx, &ready);
    }

    r->main->count++;

    return NGX_DONE;
}


static void
ngx_http_cost_api_ready_result(ngx_http_request_t *r, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_api_ctx_t    *ctx;
    ngx_http_cost_api_ready_t   ready;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);

    ngx_memzero(&ready, sizeof(ngx_http_cost_api_ready_t));

    ctx->result = result;
    ngx_http_cost_api_ready_judge(ctx, rc, &ready);
    ctx->result = NULL;

    ngx_http_finalize_request(r, ngx_http_cost_api_ready_send(ctx, &ready));
}


static void
ngx_http_cost_api_ready_judge(ngx_http_cost_api_ctx_t *ctx, ngx_int_t rc,
    ngx_http_cost_api_ready_t *ready)
{
    int64_t  version;

    ready->status = NGX_HTTP_SERVICE_UNAVAILABLE;
    ready->database = NGX_HTTP_COST_API_READY_OK;

    switch (rc) {

    case NGX_OK:
        break;

    case NGX_ERROR:

        /* undefined_table: the database was never migrated */

        if (ngx_strcmp(ngx_http_cost_pg_sqlstate(ctx->result), "42P01") == 0)
        {
            ready->migrations = "the database was never migrated";

        } else {
            ready->database = "refuses to answer";
        }

        return;

    case NGX_BUSY:
        ready->database = "too many requests are waiting for it";
        return;

    case NGX_ABORT:
        ready->database = "did not answer in time";
        return;

    default:
        ready->database = "not reachable";
        return;
    }

    version = ngx_http_cost_api_number(ctx, 0, 0);

    if (version != NGX_HTTP_COST_SQL_SCHEMA) {
        *ngx_snprintf((u_char *) ready->versions, sizeof(ready->versions) - 1,
                      "the database has migration %L, this server was built "
                      "for %d", version, NGX_HTTP_COST_SQL_SCHEMA) = '\0';

        ready->migrations = ready->versions;
        return;
    }

    ready->migrations = NGX_HTTP_COST_API_READY_OK;
    ready->status = NGX_HTTP_OK;
}


static ngx_int_t
ngx_http_cost_api_ready_send(ngx_http_cost_api_ctx_t *ctx,
    ngx_http_cost_api_ready_t *ready)
{
    ready->now = ctx->now;

    if (ready->status != NGX_HTTP_OK
        && ngx_http_cost_http_header(ctx->request,
                                     &ngx_http_cost_api_ready_name,
                                     &ngx_http_cost_api_ready_value)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_http_send(ctx->request, ready->status,
                                   ngx_http_cost_api_ready_write, ready);
}


static void
ngx_http_cost_api_ready_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ready_t *ready = data;

    cost_json_object(j);

    if (ready->status == NGX_HTTP_OK) {
        cost_json_name(j, "status");
        cost_json_literal(j, "ready");

    } else {
        cost_json_name(j, "error");
        cost_json_literal(j, "Not ready");
        cost_json_name(j, "status");
        cost_json_literal(j, "unavailable");
    }

    cost_json_name(j, "checks");
    cost_json_object(j);

    cost_json_name(j, "database");
    cost_json_string(j, (uint8_t *) ready->database,
                     ngx_strlen(ready->database));

    cost_json_name(j, "migrations");

    if (ready->migrations) {
        cost_json_string(j, (uint8_t *) ready->migrations,
                         ngx_strlen(ready->migrations));

    } else {
        cost_json_literal(j, "not checked");
    }

    cost_json_object_end(j);

    cost_json_name(j, "generated_at");
    cost_json_stamp(j, ready->now);

    cost_json_object_end(j);
}
