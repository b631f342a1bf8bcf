
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * GET /api/v1/costs/forecast, InfraAudit's: what the days from tomorrow on
 * will cost, by the complete days of the last three years.  Today is neither:
 * the trend has it, and who draws both must not add it up twice.
 *
 * The fitting runs here, in the event loop: 2 to 3 ms for the longest
 * history, as long as PostgreSQL takes to read it.
 */


#include "api/ngx_http_cost_api.h"


/* the column of costs_forecast.sql */

#define NGX_HTTP_COST_API_FORECAST_SERIES  0


typedef struct {
    cost_day_t        today;
    ngx_uint_t        days;
    cost_forecast_t   forecast;
} ngx_http_cost_api_forecast_t;


typedef struct {
    cost_forecast_work_t  work;
    double                amounts[COST_FORECAST_MAX];
} ngx_http_cost_api_forecast_work_t;


static ngx_int_t ngx_http_cost_api_forecast_done(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_forecast_make(
    ngx_http_cost_api_ctx_t *ctx, ngx_http_cost_api_forecast_work_t *work);
static ngx_int_t ngx_http_cost_api_forecast_short(
    ngx_http_cost_api_ctx_t *ctx, double *amounts);
static void ngx_http_cost_api_forecast_write(cost_json_t *j, void *data);
static void ngx_http_cost_api_forecast_accuracy(cost_json_t *j,
    cost_forecast_accuracy_t *accuracy);


enum {
    NGX_HTTP_COST_API_FORECAST_P_DAYS = 0,
    NGX_HTTP_COST_API_FORECAST_P_PROVIDER,
    NGX_HTTP_COST_API_FORECAST_P_COST,
    NGX_HTTP_COST_API_FORECAST_PARAMS
};


static const cost_str_t  ngx_http_cost_api_forecast_days[] = {
    cost_string("30"),
    cost_string("60"),
    cost_string("90"),
    { 0, NULL }
};


static const cost_query_param_t  ngx_http_cost_api_forecast_params[] = {
    { cost_string("days"), COST_QUERY_ENUM, 0, 0,
      ngx_http_cost_api_forecast_days },
    { cost_string("provider_id"), COST_QUERY_INTEGER, 1, 2147483647, NULL },
    { cost_string("cost"), COST_QUERY_ENUM, 0, 0, ngx_http_cost_api_kinds }
};


ngx_int_t
ngx_http_cost_api_forecast(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                      rc;
    ngx_str_t                      params[5];
    cost_query_value_t             values[NGX_HTTP_COST_API_FORECAST_PARAMS];
    ngx_http_cost_api_forecast_t  *f;

    rc = ngx_http_cost_http_params(ctx->request,
                                   ngx_http_cost_api_forecast_params,
                                   NGX_HTTP_COST_API_FORECAST_PARAMS, values);
    if (rc != NGX_OK) {
        return rc;
    }

    f = ngx_palloc(ctx->request->pool, sizeof(ngx_http_cost_api_forecast_t));
    if (f == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->data = f;

    f->today = cost_day_from_time(ctx->now);
    f->days = 30 * (1 + values[NGX_HTTP_COST_API_FORECAST_P_DAYS].integer);

    params[1].len = values[NGX_HTTP_COST_API_FORECAST_P_PROVIDER].text.len;
    params[1].data =
          (u_char *) values[NGX_HTTP_COST_API_FORECAST_P_PROVIDER].text.data;

    ngx_http_cost_api_param_kind(&params[4],
                          values[NGX_HTTP_COST_API_FORECAST_P_COST].integer);

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK
        || ngx_http_cost_api_param_date(ctx, &params[2],
                                        f->today - COST_FORECAST_MAX)
           != NGX_OK
        || ngx_http_cost_api_param_date(ctx, &params[3], f->today - 1)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* how many days are wanted is not in the statement */

    return ngx_http_cost_api_cached(ctx, &ngx_http_cost_sql_costs_forecast,
                                    params, f->days, NGX_HTTP_COST_PG_SLOW,
                                    ngx_http_cost_api_forecast_done);
}


static ngx_int_t
ngx_http_cost_api_forecast_done(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                           rc;
    ngx_http_cost_api_forecast_work_t  *work;

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_NOT_FOUND,
                                        "There is no provider with this "
                                        "provider_id");
    }

    /* some 700 KB, which the request need not keep while it is sent */

    work = ngx_alloc(sizeof(ngx_http_cost_api_forecast_work_t),
                     ctx->request->connection->log);
    if (work == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_cost_api_forecast_make(ctx, work);

    ngx_free(work);

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_forecast_write);
}


static ngx_int_t
ngx_http_cost_api_forecast_make(ngx_http_cost_api_ctx_t *ctx,
    ngx_http_cost_api_forecast_work_t *work)
{
    ngx_str_t                      series;
    ngx_http_cost_api_forecast_t  *f;

    f = ctx->data;

    ngx_http_cost_pg_text(ctx->result, 0, NGX_HTTP_COST_API_FORECAST_SERIES,
                          &series);

    if (cost_series_read(series.data, series.len, work->amounts,
                         COST_FORECAST_MAX)
        != COST_OK)
    {
        ngx_log_error(NGX_LOG_ALERT, ctx->request->connection->log, 0,
                      "cost api: organization %L has a series that cannot be "
                      "read", ctx->key->organization);
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (cost_forecast(work->amounts, COST_FORECAST_MAX, f->today - 1, 1,
                      f->days, &work->work, &f->forecast)
        != COST_OK)
    {
        return ngx_http_cost_api_forecast_short(ctx, work->amounts);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_api_forecast_short(ngx_http_cost_api_ctx_t *ctx,
    double *amounts)
{
    u_char                         date[COST_DATE_LEN];
    ngx_str_t                      first;
    ngx_uint_t                     i;
    ngx_http_cost_api_forecast_t  *f;

    f = ctx->data;

    for (i = 0; i < COST_FORECAST_MAX; i++) {
        if (amounts[i] != 0) {
            break;
        }
    }

    if (i == COST_FORECAST_MAX) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                        "A forecast needs costs of %d "
                                        "complete days; there are none",
                                        COST_FORECAST_MIN);
    }

    first.data = date;
    first.len = cost_date_format(f->today - COST_FORECAST_MAX
                                 + (cost_day_t) i, date);

    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                    "A forecast needs costs of %d complete "
                                    "days; there are %ui, from %V on",
                                    COST_FORECAST_MIN, COST_FORECAST_MAX - i,
                                    &first);
}


static void
ngx_http_cost_api_forecast_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_uint_t                     i;
    cost_forecast_day_t           *day;
    ngx_http_cost_api_forecast_t  *f;

    f = ctx->data;

    cost_json_object(j);

    cost_json_name(j, "forecast_days");
    cost_json_integer(j, f->days);
    cost_json_name(j, "projected_total");
    cost_json_money(j, cost_series_decimal(f->forecast.total));
    cost_json_name(j, "currency");
    cost_json_string(j, ctx->key->currency.data, ctx->key->currency.len);

    cost_json_name(j, "confidence_interval");
    cost_json_object(j);
    cost_json_name(j, "low");
    cost_json_money(j, cost_series_decimal(f->forecast.total_lower));
    cost_json_name(j, "high");
    cost_json_money(j, cost_series_decimal(f->forecast.total_upper));
    cost_json_object_end(j);

    ngx_http_cost_api_forecast_accuracy(j, &f->forecast.accuracy);

    cost_json_name(j, "daily");
    cost_json_array(j);

    for (i = 0; i < f->days; i++) {
        day = &f->forecast.days[i];

        cost_json_object(j);
        cost_json_name(j, "date");
        cost_json_date(j, f->today + 1 + (cost_day_t) i);
        cost_json_name(j, "amount");
        cost_json_money(j, cost_series_decimal(day->amount));
        cost_json_name(j, "lower");
        cost_json_money(j, cost_series_decimal(day->lower));
        cost_json_name(j, "upper");
        cost_json_money(j, cost_series_decimal(day->upper));
        cost_json_object_end(j);
    }

    cost_json_array_end(j);
    cost_json_object_end(j);
}


static void
ngx_http_cost_api_forecast_accuracy(cost_json_t *j,
    cost_forecast_accuracy_t *accuracy)
{
    cost_json_name(j, "accuracy");
    cost_json_object(j);
    cost_json_name(j, "smape");
    cost_json_decimal(j, cost_series_decimal(accuracy->smape), 1, 1);
    cost_json_name(j, "mase");
    cost_json_decimal(j, cost_series_decimal(accuracy->mase), 3, 1);
    cost_json_name(j, "coverage");
    cost_json_decimal(j, cost_series_decimal(accuracy->coverage), 1, 1);
    cost_json_name(j, "days");
    cost_json_integer(j, accuracy->days);
    cost_json_object_end(j);
}
