
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * /api/v1/accounts: the cloud accounts that costs belong to.  One table has
 * CloudK's accounts (a uuid) and InfraAudit's providers (an integer); both
 * are taken in a path.
 */


#include "api/ngx_http_cost_api.h"
#include "api/ngx_http_cost_api_source.h"


#define NGX_HTTP_COST_API_ACCOUNTS_LIMIT  100
#define NGX_HTTP_COST_API_ACCOUNTS_MAX    1000

/* the columns of accounts_list.sql and accounts_find.sql */

#define NGX_HTTP_COST_API_ACCOUNTS_ID        0
#define NGX_HTTP_COST_API_ACCOUNTS_UUID      1
#define NGX_HTTP_COST_API_ACCOUNTS_NAME      2
#define NGX_HTTP_COST_API_ACCOUNTS_PROVIDER  3
#define NGX_HTTP_COST_API_ACCOUNTS_EXTERNAL  4
#define NGX_HTTP_COST_API_ACCOUNTS_CREATED   5
#define NGX_HTTP_COST_API_ACCOUNTS_SOURCE    6


static ngx_int_t ngx_http_cost_api_accounts_done(
    ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_accounts_write(cost_json_t *j, void *data);
static ngx_int_t ngx_http_cost_api_account_done(ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_account_object(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row);


enum {
    NGX_HTTP_COST_API_ACCOUNTS_P_LIMIT = 0,
    NGX_HTTP_COST_API_ACCOUNTS_P_CURSOR,
    NGX_HTTP_COST_API_ACCOUNTS_PARAMS
};


static const cost_query_param_t  ngx_http_cost_api_accounts_params[] = {
    { cost_string("limit"), COST_QUERY_INTEGER,
      1, NGX_HTTP_COST_API_ACCOUNTS_MAX, NULL },
    { cost_string("cursor"), COST_QUERY_TEXT, 0, 64, NULL }
};


ngx_int_t
ngx_http_cost_api_accounts(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                  rc;
    ngx_str_t                  params[3];
    cost_query_value_t         values[NGX_HTTP_COST_API_ACCOUNTS_PARAMS];
    ngx_http_cost_api_page_t  *page;

    page = ngx_palloc(ctx->request->pool, sizeof(ngx_http_cost_api_page_t));
    if (page == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->data = page;

    rc = ngx_http_cost_http_params(ctx->request,
                                   ngx_http_cost_api_accounts_params,
                                   NGX_HTTP_COST_API_ACCOUNTS_PARAMS, values);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_cost_api_page(ctx,
                                &values[NGX_HTTP_COST_API_ACCOUNTS_P_LIMIT],
                                &values[NGX_HTTP_COST_API_ACCOUNTS_P_CURSOR],
                                NGX_HTTP_COST_API_ACCOUNTS_LIMIT, page);
    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK
        || ngx_http_cost_api_page_params(ctx, page, &params[1], &params[2])
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_accounts_list,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_accounts_done);
}


static ngx_int_t
ngx_http_cost_api_accounts_done(ngx_http_cost_api_ctx_t *ctx)
{
    (void) ngx_http_cost_api_page_rows(ctx, ctx->data);

    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_accounts_write);
}


static void
ngx_http_cost_api_accounts_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_uint_t                 i;
    ngx_http_cost_api_page_t  *page;

    page = ctx->data;

    ngx_http_cost_api_open(ctx, j);
    cost_json_array(j);

    for (i = 0; i < page->rows; i++) {
        ngx_http_cost_api_account_object(ctx, j, i);
    }

    cost_json_array_end(j);

    ngx_http_cost_api_meta(j);
    ngx_http_cost_api_page_meta(ctx, j, page, NGX_HTTP_COST_API_ACCOUNTS_ID);
    ngx_http_cost_api_close(ctx, j);
}


ngx_int_t
ngx_http_cost_api_account(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t  rc;
    ngx_str_t  params[3];

    rc = ngx_http_cost_api_param_id(ctx, &ctx->ids[0], &params[1],
                                    &params[2]);

    if (rc == NGX_DECLINED) {
        return ngx_http_cost_api_account_unknown(ctx);
    }

    if (rc != NGX_OK
        || ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_accounts_find,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_account_done);
}


static ngx_int_t
ngx_http_cost_api_account_done(ngx_http_cost_api_ctx_t *ctx)
{
    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_account_unknown(ctx);
    }

    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_account_write);
}


void
ngx_http_cost_api_account_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_http_cost_api_open(ctx, j);
    ngx_http_cost_api_account_object(ctx, j, 0);
    ngx_http_cost_api_meta(j);
    ngx_http_cost_api_close(ctx, j);
}


static void
ngx_http_cost_api_account_object(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row)
{
    cost_json_object(j);
    cost_json_name(j, "id");
    ngx_http_cost_api_put_text(ctx, j, row, NGX_HTTP_COST_API_ACCOUNTS_UUID);
    cost_json_name(j, "provider_id");
    ngx_http_cost_api_put_integer(ctx, j, row, NGX_HTTP_COST_API_ACCOUNTS_ID);
    cost_json_name(j, "name");
    ngx_http_cost_api_put_text(ctx, j, row, NGX_HTTP_COST_API_ACCOUNTS_NAME);
    cost_json_name(j, "provider");
    ngx_http_cost_api_put_text(ctx, j, row,
                               NGX_HTTP_COST_API_ACCOUNTS_PROVIDER);
    cost_json_name(j, "external_id");
    ngx_http_cost_api_put_text(ctx, j, row,
                               NGX_HTTP_COST_API_ACCOUNTS_EXTERNAL);
    cost_json_name(j, "created_at");
    ngx_http_cost_api_put_time(ctx, j, row,
                               NGX_HTTP_COST_API_ACCOUNTS_CREATED);
    ngx_http_cost_api_source_write(ctx, j, row,
                                   NGX_HTTP_COST_API_ACCOUNTS_SOURCE);
    cost_json_object_end(j);
}


ngx_int_t
ngx_http_cost_api_account_unknown(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_NOT_FOUND,
                                    "There is no such account");
}
