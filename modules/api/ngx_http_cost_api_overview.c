
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * GET /api/v1/costs/overview, InfraAudit's: this month so far, last month,
 * and the change against the same first days of last month.
 */


#include "api/ngx_http_cost_api.h"


/* the columns of overview_read.sql */

#define NGX_HTTP_COST_API_OVERVIEW_ID    0
#define NGX_HTTP_COST_API_OVERVIEW_NAME  1
#define NGX_HTTP_COST_API_OVERVIEW_THIS  2
#define NGX_HTTP_COST_API_OVERVIEW_LAST  3
#define NGX_HTTP_COST_API_OVERVIEW_SAME  4


typedef struct {
    cost_day_t   from;
    cost_day_t   to;
} ngx_http_cost_api_overview_t;


static ngx_int_t ngx_http_cost_api_overview_done(
    ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_overview_write(cost_json_t *j, void *data);
static void ngx_http_cost_api_overview_sum(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, cost_decimal_t amount);


static const cost_query_param_t  ngx_http_cost_api_overview_params[] = {
    { cost_string("cost"), COST_QUERY_ENUM, 0, 0, ngx_http_cost_api_kinds }
};


ngx_int_t
ngx_http_cost_api_overview(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                      rc;
    ngx_str_t                      params[5];
    cost_day_t                     today, first, last, same;
    cost_query_value_t             cost;
    ngx_http_cost_api_overview_t  *overview;

    rc = ngx_http_cost_http_params(ctx->request,
                                   ngx_http_cost_api_overview_params, 1,
                                   &cost);
    if (rc != NGX_OK) {
        return rc;
    }

    overview = ngx_pcalloc(ctx->request->pool,
                           sizeof(ngx_http_cost_api_overview_t));
    if (overview == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->data = overview;

    today = cost_day_from_time(ctx->now);
    cost_trend_months(today, &first, &last, &same);

    overview->from = first;
    overview->to = today;

    ngx_http_cost_api_param_kind(&params[4], cost.integer);

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK
        || ngx_http_cost_api_param_date(ctx, &params[1], today) != NGX_OK
        || ngx_http_cost_api_param_date(ctx, &params[2], last) != NGX_OK
        || ngx_http_cost_api_param_date(ctx, &params[3], same) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_cached(ctx, &ngx_http_cost_sql_overview_read,
                                    params, 0, NGX_HTTP_COST_PG_FAST,
                                    ngx_http_cost_api_overview_done);
}


static ngx_int_t
ngx_http_cost_api_overview_done(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_overview_write);
}


static void
ngx_http_cost_api_overview_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_uint_t                     i, n;
    cost_decimal_t                 this, last, same, percent;
    ngx_http_cost_api_overview_t  *o;

    o = ctx->data;
    n = ngx_http_cost_pg_rows(ctx->result);

    this = 0;
    last = 0;
    same = 0;

    for (i = 0; i < n; i++) {
        this += ngx_http_cost_api_amount(ctx, i,
                                         NGX_HTTP_COST_API_OVERVIEW_THIS);
        last += ngx_http_cost_api_amount(ctx, i,
                                         NGX_HTTP_COST_API_OVERVIEW_LAST);
        same += ngx_http_cost_api_amount(ctx, i,
                                         NGX_HTTP_COST_API_OVERVIEW_SAME);
    }

    cost_json_object(j);

    cost_json_name(j, "current_month");
    cost_json_object(j);
    ngx_http_cost_api_overview_sum(ctx, j, this);
    cost_json_name(j, "from");
    cost_json_date(j, o->from);
    cost_json_name(j, "to");
    cost_json_date(j, o->to);
    cost_json_object_end(j);

    cost_json_name(j, "last_month");
    cost_json_object(j);
    ngx_http_cost_api_overview_sum(ctx, j, last);
    cost_json_object_end(j);

    cost_json_name(j, "mom_change_percent");

    if (cost_trend_change(same, this, &percent) == COST_OK) {
        cost_json_decimal(j, percent, 1, 1);

    } else {
        cost_json_null(j);
    }

    cost_json_name(j, "by_provider");
    cost_json_array(j);

    for (i = 0; i < n; i++) {
        cost_json_object(j);
        cost_json_name(j, "provider_id");
        ngx_http_cost_api_put_integer(ctx, j, i,
                                      NGX_HTTP_COST_API_OVERVIEW_ID);
        cost_json_name(j, "name");
        ngx_http_cost_api_put_text(ctx, j, i,
                                   NGX_HTTP_COST_API_OVERVIEW_NAME);
        cost_json_name(j, "amount");
        ngx_http_cost_api_put_money(ctx, j, i,
                                    NGX_HTTP_COST_API_OVERVIEW_THIS);
        cost_json_object_end(j);
    }

    cost_json_array_end(j);

    cost_json_object_end(j);
}


static void
ngx_http_cost_api_overview_sum(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    cost_decimal_t amount)
{
    cost_json_name(j, "amount");
    cost_json_money(j, amount);
    cost_json_name(j, "currency");
    cost_json_string(j, ctx->key->currency.data, ctx->key->currency.len);
}
