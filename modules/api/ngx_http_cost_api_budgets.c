
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * GET /api/v1/budgets and /{id}: what may be spent in a month, quarter or
 * year, and what is spent in the present one.
 */


#include "api/ngx_http_cost_api_budgets.h"


#define NGX_HTTP_COST_API_BUDGETS_LIMIT  50
#define NGX_HTTP_COST_API_BUDGETS_MAX    100


static ngx_int_t ngx_http_cost_api_budgets_done(
    ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_budgets_write(cost_json_t *j, void *data);
static ngx_int_t ngx_http_cost_api_budget_found(ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_budget_write(cost_json_t *j, void *data);


/* a column of budgets_list.sql */

#define NGX_HTTP_COST_API_BUDGET_ID  0


enum {
    NGX_HTTP_COST_API_BUDGETS_P_LIMIT = 0,
    NGX_HTTP_COST_API_BUDGETS_P_CURSOR,
    NGX_HTTP_COST_API_BUDGETS_PARAMS
};


static const cost_query_param_t  ngx_http_cost_api_budgets_params[] = {
    { cost_string("limit"), COST_QUERY_INTEGER,
      1, NGX_HTTP_COST_API_BUDGETS_MAX, NULL },
    { cost_string("cursor"), COST_QUERY_TEXT, 0, 64, NULL }
};


static const ngx_http_cost_api_member_t  ngx_http_cost_api_budget_members[] = {
    { cost_string("id"), NGX_HTTP_COST_API_TEXT, 1 },
    { cost_string("name"), NGX_HTTP_COST_API_TEXT, 2 },
    { cost_string("scope_type"), NGX_HTTP_COST_API_TEXT, 3 },
    { cost_string("account_id"), NGX_HTTP_COST_API_TEXT, 4 },
    { cost_string("service"), NGX_HTTP_COST_API_TEXT, 5 },
    { cost_string("amount"), NGX_HTTP_COST_API_MONEY, 6 },
    { cost_string("period"), NGX_HTTP_COST_API_TEXT, 7 },
    { cost_string("thresholds"), NGX_HTTP_COST_API_JSON, 8 },
    { cost_string("notifications"), NGX_HTTP_COST_API_JSON, 9 },
    { cost_string("period_start"), NGX_HTTP_COST_API_DATE, 10 },
    { cost_string("period_end"), NGX_HTTP_COST_API_DATE, 11 },
    { cost_string("current_spend"), NGX_HTTP_COST_API_MONEY, 12 },
    { cost_string("percent_used"), NGX_HTTP_COST_API_PERCENT, 13 },
    { cost_string("thresholds_reached"), NGX_HTTP_COST_API_JSON, 14 },
    { cost_string("created_at"), NGX_HTTP_COST_API_TIME, 15 },
    { cost_string("updated_at"), NGX_HTTP_COST_API_TIME, 16 },
    ngx_http_cost_api_null_member
};


ngx_http_cost_api_budget_t *
ngx_http_cost_api_budget_data(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_budget_t  *budget;

    budget = ngx_pcalloc(ctx->request->pool,
                         sizeof(ngx_http_cost_api_budget_t));
    if (budget == NULL) {
        return NULL;
    }

    budget->status = NGX_HTTP_OK;
    ctx->data = budget;

    return budget;
}


ngx_int_t
ngx_http_cost_api_budget_params(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *params)
{
    ngx_int_t                    rc;
    ngx_http_cost_api_budget_t  *budget;

    budget = ctx->data;

    rc = ngx_http_cost_api_param_uuid(ctx, &ctx->ids[0], &budget->uuid);

    if (rc == NGX_DECLINED) {
        return ngx_http_cost_api_budget_unknown(ctx);
    }

    if (rc != NGX_OK
        || ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    params[1] = budget->uuid;

    return NGX_OK;
}


ngx_int_t
ngx_http_cost_api_budget_unknown(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_NOT_FOUND,
                                    "There is no such budget");
}


ngx_int_t
ngx_http_cost_api_budgets(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                    rc;
    ngx_str_t                    params[4];
    cost_query_value_t           v[NGX_HTTP_COST_API_BUDGETS_PARAMS];
    ngx_http_cost_api_budget_t  *budget;

    budget = ngx_http_cost_api_budget_data(ctx);

    if (budget == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_cost_http_params(ctx->request,
                                   ngx_http_cost_api_budgets_params,
                                   NGX_HTTP_COST_API_BUDGETS_PARAMS, v);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_cost_api_page(ctx, &v[NGX_HTTP_COST_API_BUDGETS_P_LIMIT],
                                &v[NGX_HTTP_COST_API_BUDGETS_P_CURSOR],
                                NGX_HTTP_COST_API_BUDGETS_LIMIT,
                                &budget->page);
    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK
        || ngx_http_cost_api_page_params(ctx, &budget->page, &params[2],
                                         &params[3])
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_str_null(&params[1]);

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_budgets_list,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_budgets_done);
}


static ngx_int_t
ngx_http_cost_api_budgets_done(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_budget_t  *budget;

    budget = ctx->data;

    (void) ngx_http_cost_api_page_rows(ctx, &budget->page);

    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_budgets_write);
}


static void
ngx_http_cost_api_budgets_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_uint_t                   i;
    ngx_http_cost_api_budget_t  *budget;

    budget = ctx->data;

    ngx_http_cost_api_open(ctx, j);
    cost_json_array(j);

    for (i = 0; i < budget->page.rows; i++) {
        ngx_http_cost_api_put_object(ctx, j, i,
                                     ngx_http_cost_api_budget_members);
    }

    cost_json_array_end(j);

    ngx_http_cost_api_meta(j);
    ngx_http_cost_api_page_meta(ctx, j, &budget->page,
                                NGX_HTTP_COST_API_BUDGET_ID);
    cost_json_name(j, "currency");
    cost_json_string(j, ctx->key->currency.data, ctx->key->currency.len);

    ngx_http_cost_api_close(ctx, j);
}


ngx_int_t
ngx_http_cost_api_budget(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t  rc;
    ngx_str_t  params[2];

    if (ngx_http_cost_api_budget_data(ctx) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_cost_api_budget_params(ctx, params);

    return rc == NGX_OK ? ngx_http_cost_api_budget_show(ctx) : rc;
}


/* a page of one */

ngx_int_t
ngx_http_cost_api_budget_show(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t                    params[4];
    ngx_http_cost_api_budget_t  *budget;

    budget = ctx->data;

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    params[1] = budget->uuid;
    ngx_str_set(&params[2], "0");
    ngx_str_set(&params[3], "1");

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_budgets_list,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_budget_found);
}


static ngx_int_t
ngx_http_cost_api_budget_found(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_budget_t  *budget;

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_budget_unknown(ctx);
    }

    budget = ctx->data;

    return ngx_http_cost_http_send(ctx->request, budget->status,
                                   ngx_http_cost_api_budget_write, ctx);
}


static void
ngx_http_cost_api_budget_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_http_cost_api_open(ctx, j);
    ngx_http_cost_api_put_object(ctx, j, 0,
                                 ngx_http_cost_api_budget_members);
    ngx_http_cost_api_meta(j);
    cost_json_name(j, "currency");
    cost_json_string(j, ctx->key->currency.data, ctx->key->currency.len);
    ngx_http_cost_api_close(ctx, j);
}
