
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

/* columns of accounts_list.sql and accounts_find.sql */

#define NGX_HTTP_COST_API_ACCOUNTS_ID      0
#define NGX_HTTP_COST_API_ACCOUNTS_SOURCE  6


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


static const ngx_http_cost_api_member_t
    ngx_http_cost_api_account_members[] =
{
    { cost_string("id"), NGX_HTTP_COST_API_TEXT, 1 },
    { cost_string("provider_id"), NGX_HTTP_COST_API_INTEGER, 0 },
    { cost_string("name"), NGX_HTTP_COST_API_TEXT, 2 },
    { cost_string("provider"), NGX_HTTP_COST_API_TEXT, 3 },
    { cost_string("external_id"), NGX_HTTP_COST_API_TEXT, 4 },
    { cost_string("created_at"), NGX_HTTP_COST_API_TIME, 5 },
    ngx_http_cost_api_null_member
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
    ngx_http_cost_api_put_members(ctx, j, row,
                                  ngx_http_cost_api_account_members);
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
