
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * GET /api/v1/costs/trend, InfraAudit's: the last days by day, week or month,
 * broken down by provider, service or region.
 *
 * The window is cut into buckets here; for accounts and services each bucket
 * becomes a few days of cost_to_date, whose sums are added or taken off.
 */


#include "api/ngx_http_cost_api.h"


#define NGX_HTTP_COST_API_TREND_DAYS  30
#define NGX_HTTP_COST_API_TREND_MAX   365

/* the columns of trend_provider.sql, trend_service.sql, trend_region.sql */

#define NGX_HTTP_COST_API_TREND_BUCKET  0
#define NGX_HTTP_COST_API_TREND_NAME    1
#define NGX_HTTP_COST_API_TREND_AMOUNT  2


typedef struct {
    cost_day_t            first;
    cost_day_t            last;
    ngx_uint_t            n;
    cost_trend_bucket_t   buckets[NGX_HTTP_COST_API_TREND_MAX];
} ngx_http_cost_api_trend_t;


static ngx_int_t ngx_http_cost_api_trend_terms(ngx_http_cost_api_ctx_t *ctx,
    ngx_http_cost_api_trend_t *trend, ngx_str_t *params);
static ngx_int_t ngx_http_cost_api_trend_firsts(ngx_http_cost_api_ctx_t *ctx,
    ngx_http_cost_api_trend_t *trend, ngx_str_t *params);
static ngx_int_t ngx_http_cost_api_trend_done(ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_trend_write(cost_json_t *j, void *data);


enum {
    NGX_HTTP_COST_API_TREND_P_PROVIDER = 0,
    NGX_HTTP_COST_API_TREND_P_DAYS,
    NGX_HTTP_COST_API_TREND_P_GRANULARITY,
    NGX_HTTP_COST_API_TREND_P_GROUP,
    NGX_HTTP_COST_API_TREND_P_COST,
    NGX_HTTP_COST_API_TREND_PARAMS
};


/* in the order of cost_trend_e */

static const cost_str_t  ngx_http_cost_api_trend_granularities[] = {
    cost_string("day"),
    cost_string("week"),
    cost_string("month"),
    { 0, NULL }
};


/* in the order of the statements below */

static const cost_str_t  ngx_http_cost_api_trend_groups[] = {
    cost_string("provider"),
    cost_string("service"),
    cost_string("region"),
    { 0, NULL }
};

#define NGX_HTTP_COST_API_TREND_REGION  2

static const ngx_http_cost_sql_t *const
    ngx_http_cost_api_trend_statements[] =
{
    &ngx_http_cost_sql_trend_provider,
    &ngx_http_cost_sql_trend_service,
    &ngx_http_cost_sql_trend_region
};


static const cost_query_param_t  ngx_http_cost_api_trend_params[] = {
    { cost_string("provider_id"), COST_QUERY_INTEGER, 1, 2147483647, NULL },
    { cost_string("days"), COST_QUERY_INTEGER,
      1, NGX_HTTP_COST_API_TREND_MAX, NULL },
    { cost_string("granularity"), COST_QUERY_ENUM, 0, 0,
      ngx_http_cost_api_trend_granularities },
    { cost_string("group_by"), COST_QUERY_ENUM, 0, 0,
      ngx_http_cost_api_trend_groups },
    { cost_string("cost"), COST_QUERY_ENUM, 0, 0, ngx_http_cost_api_kinds }
};


ngx_int_t
ngx_http_cost_api_trend(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                   rc;
    ngx_str_t                   params[6];
    ngx_uint_t                  group;
    cost_trend_e                granularity;
    cost_query_value_t          values[NGX_HTTP_COST_API_TREND_PARAMS];
    ngx_http_cost_pg_lane_e     lane;
    ngx_http_cost_api_trend_t  *trend;

    rc = ngx_http_cost_http_params(ctx->request,
                                   ngx_http_cost_api_trend_params,
                                   NGX_HTTP_COST_API_TREND_PARAMS, values);
    if (rc != NGX_OK) {
        return rc;
    }

    trend = ngx_palloc(ctx->request->pool, sizeof(ngx_http_cost_api_trend_t));
    if (trend == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->data = trend;

    trend->last = cost_day_from_time(ctx->now);
    trend->first = trend->last + 1
                   - (values[NGX_HTTP_COST_API_TREND_P_DAYS].set
                      ? (cost_day_t)
                            values[NGX_HTTP_COST_API_TREND_P_DAYS].integer
                      : NGX_HTTP_COST_API_TREND_DAYS);

    granularity = values[NGX_HTTP_COST_API_TREND_P_GRANULARITY].integer;

    trend->n = cost_trend_cut(trend->first, trend->last, granularity,
                              trend->buckets);

    group = values[NGX_HTTP_COST_API_TREND_P_GROUP].integer;

    params[1].len = values[NGX_HTTP_COST_API_TREND_P_PROVIDER].text.len;
    params[1].data =
             (u_char *) values[NGX_HTTP_COST_API_TREND_P_PROVIDER].text.data;

    ngx_http_cost_api_param_kind(&params[5],
                             values[NGX_HTTP_COST_API_TREND_P_COST].integer);

    /* regions are read from the facts, which takes its time */

    if (group == NGX_HTTP_COST_API_TREND_REGION) {
        lane = NGX_HTTP_COST_PG_SLOW;
        rc = ngx_http_cost_api_trend_firsts(ctx, trend, params);

    } else {
        lane = NGX_HTTP_COST_PG_FAST;
        rc = ngx_http_cost_api_trend_terms(ctx, trend, params);
    }

    if (rc != NGX_OK
        || ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* the names of the buckets are not in the statement */

    return ngx_http_cost_api_cached(ctx,
                                    ngx_http_cost_api_trend_statements[group],
                                    params, granularity, lane,
                                    ngx_http_cost_api_trend_done);
}


/*
 * Three arrays of one length: days, their buckets, and 1 or -1.  A bucket has
 * at most one day to take off, and as many to add as months that it touches:
 * two for a week, one for a day or a month.
 */

static ngx_int_t
ngx_http_cost_api_trend_terms(ngx_http_cost_api_ctx_t *ctx,
    ngx_http_cost_api_trend_t *trend, ngx_str_t *params)
{
    size_t          k;
    u_char         *days, *buckets, *signs;
    ngx_uint_t      i, terms;
    cost_period_t   period;

    terms = 3 * trend->n;

    days = ngx_pnalloc(ctx->request->pool,
                       terms * (COST_DATE_LEN + 1 + NGX_INT32_LEN + 1 + 3)
                       + 3 * 2);
    if (days == NULL) {
        return NGX_ERROR;
    }

    buckets = days + terms * (COST_DATE_LEN + 1) + 2;
    signs = buckets + terms * (NGX_INT32_LEN + 1) + 2;

    params[2].data = days;
    params[3].data = buckets;
    params[4].data = signs;

    *days++ = '{';
    *buckets++ = '{';
    *signs++ = '{';

    for (i = 0; i < trend->n; i++) {

        if (cost_period_make(trend->buckets[i].first, trend->buckets[i].last,
                             &period)
            != COST_OK)
        {
            return NGX_ERROR;
        }

        for (k = 0; k < period.n; k++) {
            days += cost_date_format(period.add[k], days);
            buckets = ngx_sprintf(buckets, "%ui,", i);
            *days++ = ',';
            *signs++ = '1';
            *signs++ = ',';
        }

        if (period.off) {
            days += cost_date_format(period.take, days);
            buckets = ngx_sprintf(buckets, "%ui,", i);
            *days++ = ',';
            *signs++ = '-';
            *signs++ = '1';
            *signs++ = ',';
        }
    }

    /* the last comma of each */

    days[-1] = '}';
    buckets[-1] = '}';
    signs[-1] = '}';

    params[2].len = days - params[2].data;
    params[3].len = buckets - params[3].data;
    params[4].len = signs - params[4].data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_api_trend_firsts(ngx_http_cost_api_ctx_t *ctx,
    ngx_http_cost_api_trend_t *trend, ngx_str_t *params)
{
    u_char      *p;
    ngx_uint_t   i;

    if (ngx_http_cost_api_param_date(ctx, &params[2], trend->first) != NGX_OK
        || ngx_http_cost_api_param_date(ctx, &params[3], trend->last)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    p = ngx_pnalloc(ctx->request->pool, trend->n * (COST_DATE_LEN + 1) + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    params[4].data = p;

    for (i = 0; i < trend->n; i++) {
        *p++ = (i == 0) ? '{' : ',';
        p += cost_date_format(trend->buckets[i].first, p);
    }

    *p++ = '}';

    params[4].len = p - params[4].data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_api_trend_done(ngx_http_cost_api_ctx_t *ctx)
{
    /* the row that says that the provider is one of the organization's */

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_NOT_FOUND,
                                        "There is no provider with this "
                                        "provider_id");
    }

    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_trend_write);
}


static void
ngx_http_cost_api_trend_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_str_t                   name;
    ngx_uint_t                  i, n, row, first;
    cost_decimal_t              amount;
    ngx_http_cost_api_trend_t  *trend;

    trend = ctx->data;
    n = ngx_http_cost_pg_rows(ctx->result);
    row = 1;

    cost_json_object(j);
    cost_json_name(j, "data");
    cost_json_array(j);

    for (i = 0; i < trend->n; i++) {

        amount = 0;

        for (first = row; row < n; row++) {

            if (ngx_http_cost_api_number(ctx, row,
                                         NGX_HTTP_COST_API_TREND_BUCKET)
                != (int64_t) i)
            {
                break;
            }

            amount += ngx_http_cost_api_amount(ctx, row,
                                              NGX_HTTP_COST_API_TREND_AMOUNT);
        }

        cost_json_object(j);
        cost_json_name(j, "date");
        cost_json_date(j, trend->buckets[i].date);
        cost_json_name(j, "amount");
        cost_json_money(j, amount);
        cost_json_name(j, "breakdown");
        cost_json_object(j);

        for ( /* void */ ; first < row; first++) {
            ngx_http_cost_pg_text(ctx->result, first,
                                  NGX_HTTP_COST_API_TREND_NAME, &name);
            cost_json_name_str(j, name.data, name.len);
            ngx_http_cost_api_put_money(ctx, j, first,
                                        NGX_HTTP_COST_API_TREND_AMOUNT);
        }

        cost_json_object_end(j);
        cost_json_object_end(j);
    }

    cost_json_array_end(j);
    cost_json_object_end(j);
}
