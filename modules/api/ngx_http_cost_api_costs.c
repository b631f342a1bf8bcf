
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * GET /api/v1/costs, in CloudK's form (account_id, days) and in Cost Optix's
 * (start_date, end_date).
 */


#include "api/ngx_http_cost_api.h"


#define NGX_HTTP_COST_API_COSTS_DAYS  30

/* the columns of costs_read.sql */

#define NGX_HTTP_COST_API_COSTS_KIND       0
#define NGX_HTTP_COST_API_COSTS_UUID       1
#define NGX_HTTP_COST_API_COSTS_NAME       3
#define NGX_HTTP_COST_API_COSTS_PROVIDER   4
#define NGX_HTTP_COST_API_COSTS_EXTERNAL   5
#define NGX_HTTP_COST_API_COSTS_AMOUNT     6


typedef struct {
    cost_period_t   period;
    ngx_uint_t      kind;            /* of ngx_http_cost_api_kinds */
    ngx_uint_t      one;             /* an account was named */
    ngx_uint_t      naccounts;       /* rows of the result, then services */
} ngx_http_cost_api_costs_t;


static ngx_int_t ngx_http_cost_api_costs_period(ngx_http_cost_api_ctx_t *ctx,
    cost_query_value_t *values, cost_period_t *period);
static ngx_int_t ngx_http_cost_api_costs_done(ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_costs_write(cost_json_t *j, void *data);


enum {
    NGX_HTTP_COST_API_COSTS_ACCOUNT = 0,
    NGX_HTTP_COST_API_COSTS_LOOKBACK,
    NGX_HTTP_COST_API_COSTS_START,
    NGX_HTTP_COST_API_COSTS_END,
    NGX_HTTP_COST_API_COSTS_COST,
    NGX_HTTP_COST_API_COSTS_PARAMS
};


static const cost_query_param_t  ngx_http_cost_api_costs_params[] = {
    { cost_string("account_id"), COST_QUERY_UUID, 0, 0, NULL },
    { cost_string("days"), COST_QUERY_INTEGER, 1, 365, NULL },
    { cost_string("start_date"), COST_QUERY_DATE, 0, COST_DAY_MAX, NULL },
    { cost_string("end_date"), COST_QUERY_DATE, 0, COST_DAY_MAX, NULL },
    { cost_string("cost"), COST_QUERY_ENUM, 0, 0, ngx_http_cost_api_kinds }
};


ngx_int_t
ngx_http_cost_api_costs(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                   rc;
    ngx_str_t                   params[5];
    ngx_http_cost_api_costs_t  *costs;
    cost_query_value_t          values[NGX_HTTP_COST_API_COSTS_PARAMS];

    rc = ngx_http_cost_http_params(ctx->request,
                                   ngx_http_cost_api_costs_params,
                                   NGX_HTTP_COST_API_COSTS_PARAMS, values);
    if (rc != NGX_OK) {
        return rc;
    }

    costs = ngx_palloc(ctx->request->pool, sizeof(ngx_http_cost_api_costs_t));
    if (costs == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->data = costs;

    rc = ngx_http_cost_api_costs_period(ctx, values, &costs->period);

    if (rc != NGX_OK) {
        return rc;
    }

    /* billed, unless it was asked for otherwise */

    costs->kind = values[NGX_HTTP_COST_API_COSTS_COST].integer;
    ngx_http_cost_api_param_kind(&params[4], costs->kind);

    costs->one = values[NGX_HTTP_COST_API_COSTS_ACCOUNT].set;

    params[1].len = values[NGX_HTTP_COST_API_COSTS_ACCOUNT].text.len;
    params[1].data =
                 (u_char *) values[NGX_HTTP_COST_API_COSTS_ACCOUNT].text.data;

    params[2].data = ngx_pnalloc(ctx->request->pool, COST_PERIOD_ADD_LEN);
    if (params[2].data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    params[2].len = cost_period_format_add(&costs->period, params[2].data);

    ngx_http_cost_api_param_null(&params[3]);

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK
        || (costs->period.off
            && ngx_http_cost_api_param_date(ctx, &params[3],
                                            costs->period.take)
               != NGX_OK))
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_cached(ctx, &ngx_http_cost_sql_costs_read,
                                    params, 0, NGX_HTTP_COST_PG_FAST,
                                    ngx_http_cost_api_costs_done);
}


static ngx_int_t
ngx_http_cost_api_costs_period(ngx_http_cost_api_ctx_t *ctx,
    cost_query_value_t *values, cost_period_t *period)
{
    cost_day_t           first, last;
    cost_query_value_t  *days, *start, *end;
    ngx_http_request_t  *r;

    r = ctx->request;
    days = &values[NGX_HTTP_COST_API_COSTS_LOOKBACK];
    start = &values[NGX_HTTP_COST_API_COSTS_START];
    end = &values[NGX_HTTP_COST_API_COSTS_END];

    if (days->set && (start->set || end->set)) {
        return ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST,
                                        "days cannot be combined with "
                                        "start_date and end_date");
    }

    if (start->set != end->set) {
        return ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST,
                                        "start_date and end_date must be "
                                        "given together: %s is missing",
                                        start->set ? "end_date"
                                                   : "start_date");
    }

    if (start->set) {
        first = (cost_day_t) start->integer;
        last = (cost_day_t) end->integer;

        if (last < first) {
            return ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST,
                                            "end_date must not be before "
                                            "start_date");
        }

    } else {
        last = cost_day_from_time(ctx->now);
        first = last + 1 - (days->set ? (cost_day_t) days->integer
                                      : NGX_HTTP_COST_API_COSTS_DAYS);
    }

    if (cost_period_make(first, last, period) != COST_OK) {
        return ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST,
                                        "start_date and end_date must be at "
                                        "most ten years (%d days) apart",
                                        COST_PERIOD_DAYS);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_api_costs_done(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_uint_t                  i, n;
    ngx_http_cost_api_costs_t  *costs;

    costs = ctx->data;

    n = ngx_http_cost_pg_rows(ctx->result);

    for (i = 0; i < n; i++) {

        if (ngx_http_cost_api_number(ctx, i, NGX_HTTP_COST_API_COSTS_KIND)) {
            break;
        }
    }

    costs->naccounts = i;

    if (costs->one && costs->naccounts == 0) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_NOT_FOUND,
                                        "There is no account with this "
                                        "account_id");
    }

    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_costs_write);
}


static void
ngx_http_cost_api_costs_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_uint_t                  i, n;
    cost_decimal_t              amount, total;
    ngx_http_cost_api_costs_t  *costs;

    costs = ctx->data;
    total = 0;

    ngx_http_cost_api_open(ctx, j);
    cost_json_object(j);

    cost_json_name(j, "accounts");
    cost_json_array(j);

    for (i = 0; i < costs->naccounts; i++) {
        amount = ngx_http_cost_api_amount(ctx, i,
                                          NGX_HTTP_COST_API_COSTS_AMOUNT);
        total += amount;

        cost_json_object(j);
        cost_json_name(j, "account_id");
        ngx_http_cost_api_put_text(ctx, j, i, NGX_HTTP_COST_API_COSTS_UUID);
        cost_json_name(j, "account_name");
        ngx_http_cost_api_put_text(ctx, j, i, NGX_HTTP_COST_API_COSTS_NAME);
        cost_json_name(j, "aws_account_id");
        ngx_http_cost_api_put_text(ctx, j, i,
                                   NGX_HTTP_COST_API_COSTS_EXTERNAL);
        cost_json_name(j, "provider");
        ngx_http_cost_api_put_text(ctx, j, i,
                                   NGX_HTTP_COST_API_COSTS_PROVIDER);
        cost_json_name(j, "total_cost");
        cost_json_money(j, amount);
        cost_json_object_end(j);
    }

    cost_json_array_end(j);

    cost_json_name(j, "services");
    cost_json_array(j);

    n = ngx_http_cost_pg_rows(ctx->result);

    for ( /* void */ ; i < n; i++) {
        cost_json_object(j);
        cost_json_name(j, "service");
        ngx_http_cost_api_put_text(ctx, j, i, NGX_HTTP_COST_API_COSTS_NAME);
        cost_json_name(j, "cost");
        ngx_http_cost_api_put_money(ctx, j, i,
                                    NGX_HTTP_COST_API_COSTS_AMOUNT);
        cost_json_object_end(j);
    }

    cost_json_array_end(j);

    /* the whole window's, as the document's example shows */
    cost_json_name(j, "daily_total");
    cost_json_money(j, total);

    cost_json_object_end(j);

    ngx_http_cost_api_meta(j);

    cost_json_name(j, "days");
    cost_json_integer(j, costs->period.last - costs->period.first + 1);
    cost_json_name(j, "start_date");
    cost_json_date(j, costs->period.first);
    cost_json_name(j, "end_date");
    cost_json_date(j, costs->period.last);
    cost_json_name(j, "cost");
    cost_json_string(j, ngx_http_cost_api_kinds[costs->kind].data,
                     ngx_http_cost_api_kinds[costs->kind].len);
    cost_json_name(j, "account_count");
    cost_json_integer(j, costs->naccounts);
    cost_json_name(j, "currency");
    cost_json_string(j, ctx->key->currency.data, ctx->key->currency.len);

    ngx_http_cost_api_close(ctx, j);
}
