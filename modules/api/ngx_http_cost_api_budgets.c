
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
static void ngx_http_cost_api_budget_object(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row);
static void ngx_http_cost_api_budget_raw(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row, ngx_uint_t column);
static void ngx_http_cost_api_budget_day(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row, ngx_uint_t column);


/* the columns of budgets_list.sql and budgets_find.sql */

enum {
    NGX_HTTP_COST_API_BUDGET_ID = 0,
    NGX_HTTP_COST_API_BUDGET_UUID,
    NGX_HTTP_COST_API_BUDGET_NAME,
    NGX_HTTP_COST_API_BUDGET_SCOPE,
    NGX_HTTP_COST_API_BUDGET_ACCOUNT,
    NGX_HTTP_COST_API_BUDGET_SERVICE,
    NGX_HTTP_COST_API_BUDGET_AMOUNT,
    NGX_HTTP_COST_API_BUDGET_PERIOD,
    NGX_HTTP_COST_API_BUDGET_THRESHOLDS,
    NGX_HTTP_COST_API_BUDGET_NOTIFICATIONS,
    NGX_HTTP_COST_API_BUDGET_FIRST,
    NGX_HTTP_COST_API_BUDGET_LAST,
    NGX_HTTP_COST_API_BUDGET_SPEND,
    NGX_HTTP_COST_API_BUDGET_PERCENT,
    NGX_HTTP_COST_API_BUDGET_REACHED,
    NGX_HTTP_COST_API_BUDGET_CREATED,
    NGX_HTTP_COST_API_BUDGET_UPDATED
};


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
    ngx_str_t                    params[3];
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
        || ngx_http_cost_api_page_params(ctx, &budget->page, &params[1],
                                         &params[2])
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

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
        ngx_http_cost_api_budget_object(ctx, j, i);
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

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_budgets_find,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_budget_found);
}


ngx_int_t
ngx_http_cost_api_budget_show(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t                    params[2];
    ngx_http_cost_api_budget_t  *budget;

    budget = ctx->data;

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    params[1] = budget->uuid;

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_budgets_find,
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
    ngx_http_cost_api_budget_object(ctx, j, 0);
    ngx_http_cost_api_meta(j);
    cost_json_name(j, "currency");
    cost_json_string(j, ctx->key->currency.data, ctx->key->currency.len);
    ngx_http_cost_api_close(ctx, j);
}


static void
ngx_http_cost_api_budget_object(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row)
{
    cost_json_object(j);

    cost_json_name(j, "id");
    ngx_http_cost_api_put_text(ctx, j, row, NGX_HTTP_COST_API_BUDGET_UUID);
    cost_json_name(j, "name");
    ngx_http_cost_api_put_text(ctx, j, row, NGX_HTTP_COST_API_BUDGET_NAME);
    cost_json_name(j, "scope_type");
    ngx_http_cost_api_put_text(ctx, j, row, NGX_HTTP_COST_API_BUDGET_SCOPE);
    cost_json_name(j, "account_id");
    ngx_http_cost_api_put_text(ctx, j, row, NGX_HTTP_COST_API_BUDGET_ACCOUNT);
    cost_json_name(j, "service");
    ngx_http_cost_api_put_text(ctx, j, row, NGX_HTTP_COST_API_BUDGET_SERVICE);
    cost_json_name(j, "amount");
    ngx_http_cost_api_put_money(ctx, j, row, NGX_HTTP_COST_API_BUDGET_AMOUNT);
    cost_json_name(j, "period");
    ngx_http_cost_api_put_text(ctx, j, row, NGX_HTTP_COST_API_BUDGET_PERIOD);
    cost_json_name(j, "thresholds");
    ngx_http_cost_api_budget_raw(ctx, j, row,
                                 NGX_HTTP_COST_API_BUDGET_THRESHOLDS);
    cost_json_name(j, "notifications");
    ngx_http_cost_api_budget_raw(ctx, j, row,
                                 NGX_HTTP_COST_API_BUDGET_NOTIFICATIONS);

    cost_json_name(j, "period_start");
    ngx_http_cost_api_budget_day(ctx, j, row, NGX_HTTP_COST_API_BUDGET_FIRST);
    cost_json_name(j, "period_end");
    ngx_http_cost_api_budget_day(ctx, j, row, NGX_HTTP_COST_API_BUDGET_LAST);
    cost_json_name(j, "current_spend");
    ngx_http_cost_api_put_money(ctx, j, row, NGX_HTTP_COST_API_BUDGET_SPEND);
    cost_json_name(j, "percent_used");
    cost_json_decimal(j, ngx_http_cost_api_amount(ctx, row,
                                          NGX_HTTP_COST_API_BUDGET_PERCENT),
                      1, 1);
    cost_json_name(j, "thresholds_reached");
    ngx_http_cost_api_budget_raw(ctx, j, row,
                                 NGX_HTTP_COST_API_BUDGET_REACHED);

    cost_json_name(j, "created_at");
    ngx_http_cost_api_put_time(ctx, j, row, NGX_HTTP_COST_API_BUDGET_CREATED);
    cost_json_name(j, "updated_at");
    ngx_http_cost_api_put_time(ctx, j, row, NGX_HTTP_COST_API_BUDGET_UPDATED);

    cost_json_object_end(j);
}


/* an array that the database has written */

static void
ngx_http_cost_api_budget_raw(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row, ngx_uint_t column)
{
    ngx_str_t  text;

    ngx_http_cost_pg_text(ctx->result, row, column, &text);
    cost_json_raw(j, text.data, text.len);
}


static void
ngx_http_cost_api_budget_day(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row, ngx_uint_t column)
{
    cost_json_date(j, (cost_day_t) ngx_http_cost_api_number(ctx, row,
                                                            column));
}
