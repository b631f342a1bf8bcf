
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * GET /api/v1/costs/anomalies and POST /api/v1/costs/anomalies/{id}/dismiss,
 * InfraAudit's: days on which a service of an account cost more than it should
 * have.  They are found when costs are loaded; here they are only read.
 */


#include "api/ngx_http_cost_api.h"


#define NGX_HTTP_COST_API_ANOMALIES_DAYS   30
#define NGX_HTTP_COST_API_ANOMALIES_LIMIT  100
#define NGX_HTTP_COST_API_ANOMALIES_MAX    1000

/* columns of anomalies_list.sql and anomalies_dismiss.sql */

#define NGX_HTTP_COST_API_ANOMALIES_ID   0
#define NGX_HTTP_COST_API_ANOMALIES_DAY  1

/* a cursor is a day and an id, which is positive and has 31 bits */

#define NGX_HTTP_COST_API_ANOMALIES_BITS  31


typedef struct {
    ngx_uint_t   limit;
    ngx_uint_t   last;           /* the last row to show */
    ngx_uint_t   more;
} ngx_http_cost_api_anomalies_t;


static ngx_int_t ngx_http_cost_api_anomalies_page(
    ngx_http_cost_api_ctx_t *ctx, cost_query_value_t *cursor,
    ngx_str_t *params);
static ngx_int_t ngx_http_cost_api_anomalies_done(
    ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_anomalies_write(cost_json_t *j, void *data);
static void ngx_http_cost_api_anomaly_dismiss_body(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_cost_api_anomaly_dismissed(
    ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_anomaly_write(cost_json_t *j, void *data);
static void ngx_http_cost_api_anomaly_object(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row);
static ngx_int_t ngx_http_cost_api_anomaly_unknown(
    ngx_http_cost_api_ctx_t *ctx);


enum {
    NGX_HTTP_COST_API_ANOMALIES_P_PROVIDER = 0,
    NGX_HTTP_COST_API_ANOMALIES_P_DAYS,
    NGX_HTTP_COST_API_ANOMALIES_P_STATUS,
    NGX_HTTP_COST_API_ANOMALIES_P_LIMIT,
    NGX_HTTP_COST_API_ANOMALIES_P_CURSOR,
    NGX_HTTP_COST_API_ANOMALIES_PARAMS
};


static const cost_str_t  ngx_http_cost_api_anomalies_statuses[] = {
    cost_string("active"),
    cost_string("dismissed"),
    { 0, NULL }
};


static const cost_query_param_t  ngx_http_cost_api_anomalies_params[] = {
    { cost_string("provider_id"), COST_QUERY_INTEGER, 1, 2147483647, NULL },
    { cost_string("days"), COST_QUERY_INTEGER, 1, 365, NULL },
    { cost_string("status"), COST_QUERY_ENUM, 0, 0,
      ngx_http_cost_api_anomalies_statuses },
    { cost_string("limit"), COST_QUERY_INTEGER,
      1, NGX_HTTP_COST_API_ANOMALIES_MAX, NULL },
    { cost_string("cursor"), COST_QUERY_TEXT, 0, 64, NULL }
};


static const ngx_http_cost_http_field_t  ngx_http_cost_api_anomaly_fields[] = {
    { ngx_string("reason"), NGX_HTTP_COST_HTTP_TEXT, 0, 500, 0 }
};


/* behind "id" and "type" */

static const ngx_http_cost_api_member_t
    ngx_http_cost_api_anomaly_members[] =
{
    { cost_string("date"), NGX_HTTP_COST_API_DATE, 1 },
    { cost_string("provider_id"), NGX_HTTP_COST_API_INTEGER, 2 },
    { cost_string("provider_name"), NGX_HTTP_COST_API_TEXT, 3 },
    { cost_string("service"), NGX_HTTP_COST_API_TEXT, 4 },
    { cost_string("actual_amount"), NGX_HTTP_COST_API_MONEY, 5 },
    { cost_string("expected_amount"), NGX_HTTP_COST_API_MONEY, 6 },
    { cost_string("expected_lower"), NGX_HTTP_COST_API_MONEY, 7 },
    { cost_string("expected_upper"), NGX_HTTP_COST_API_MONEY, 8 },
    { cost_string("deviation_percent"), NGX_HTTP_COST_API_PERCENT, 9 },
    { cost_string("severity"), NGX_HTTP_COST_API_TEXT, 10 },
    { cost_string("status"), NGX_HTTP_COST_API_TEXT, 11 },
    { cost_string("reason"), NGX_HTTP_COST_API_TEXT, 12 },
    { cost_string("detected_at"), NGX_HTTP_COST_API_TIME, 13 },
    ngx_http_cost_api_null_member
};


ngx_int_t
ngx_http_cost_api_anomalies(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                       rc;
    ngx_str_t                       params[8];
    cost_day_t                      today;
    cost_query_value_t              values[NGX_HTTP_COST_API_ANOMALIES_PARAMS],
                                   *status;
    ngx_http_cost_api_anomalies_t  *anomalies;

    rc = ngx_http_cost_http_params(ctx->request,
                                   ngx_http_cost_api_anomalies_params,
                                   NGX_HTTP_COST_API_ANOMALIES_PARAMS, values);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_cost_api_anomalies_page(ctx,
                               &values[NGX_HTTP_COST_API_ANOMALIES_P_CURSOR],
                               &params[5]);
    if (rc != NGX_OK) {
        return rc;
    }

    anomalies = ngx_pcalloc(ctx->request->pool,
                            sizeof(ngx_http_cost_api_anomalies_t));
    if (anomalies == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->data = anomalies;

    anomalies->limit = values[NGX_HTTP_COST_API_ANOMALIES_P_LIMIT].set
                       ? values[NGX_HTTP_COST_API_ANOMALIES_P_LIMIT].integer
                       : NGX_HTTP_COST_API_ANOMALIES_LIMIT;

    params[1].len = values[NGX_HTTP_COST_API_ANOMALIES_P_PROVIDER].text.len;
    params[1].data =
         (u_char *) values[NGX_HTTP_COST_API_ANOMALIES_P_PROVIDER].text.data;

    ngx_http_cost_api_param_null(&params[4]);

    status = &values[NGX_HTTP_COST_API_ANOMALIES_P_STATUS];

    if (status->set) {
        params[4].len =
                   ngx_http_cost_api_anomalies_statuses[status->integer].len;
        params[4].data = (u_char *)
                   ngx_http_cost_api_anomalies_statuses[status->integer].data;
    }

    today = cost_day_from_time(ctx->now);

    /* one more than is shown tells whether there is another page */

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK
        || ngx_http_cost_api_param_date(ctx, &params[2], today + 1
                   - (values[NGX_HTTP_COST_API_ANOMALIES_P_DAYS].set
                      ? (cost_day_t)
                        values[NGX_HTTP_COST_API_ANOMALIES_P_DAYS].integer
                      : NGX_HTTP_COST_API_ANOMALIES_DAYS))
           != NGX_OK
        || ngx_http_cost_api_param_date(ctx, &params[3], today) != NGX_OK
        || ngx_http_cost_api_param_integer(ctx, &params[7],
                                           anomalies->limit + 1)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_anomalies_list,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_anomalies_done);
}


/* the day and the id behind which the page begins */

static ngx_int_t
ngx_http_cost_api_anomalies_page(ngx_http_cost_api_ctx_t *ctx,
    cost_query_value_t *cursor, ngx_str_t *params)
{
    int64_t  after, day;

    ngx_http_cost_api_param_null(&params[0]);
    ngx_http_cost_api_param_null(&params[1]);

    if (!cursor->set) {
        return NGX_OK;
    }

    day = -1;

    if (cost_cursor_parse(cursor->text, &after) == COST_OK && after >= 0) {
        day = after >> NGX_HTTP_COST_API_ANOMALIES_BITS;
    }

    if (day < 0 || day > COST_DAY_MAX) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                        "cursor must be the next_cursor of "
                                        "another reply");
    }

    after &= ((int64_t) 1 << NGX_HTTP_COST_API_ANOMALIES_BITS) - 1;

    if (ngx_http_cost_api_param_date(ctx, &params[0], (cost_day_t) day)
        != NGX_OK
        || ngx_http_cost_api_param_integer(ctx, &params[1], after) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_api_anomalies_done(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_uint_t                      rows;
    ngx_http_cost_api_anomalies_t  *anomalies;

    rows = ngx_http_cost_pg_rows(ctx->result);

    /* the row that says that the provider is one of the organization's */

    if (rows == 0) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_NOT_FOUND,
                                        "There is no provider with this "
                                        "provider_id");
    }

    anomalies = ctx->data;

    anomalies->more = (rows - 1 > anomalies->limit);
    anomalies->last = rows - 1 - anomalies->more;

    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_anomalies_write);
}


static void
ngx_http_cost_api_anomalies_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    size_t                          len;
    int64_t                         day, id;
    uint8_t                         cursor[COST_CURSOR_LEN];
    ngx_uint_t                      i;
    ngx_http_cost_api_anomalies_t  *anomalies;

    anomalies = ctx->data;

    ngx_http_cost_api_open(ctx, j);
    cost_json_array(j);

    for (i = 1; i <= anomalies->last; i++) {
        ngx_http_cost_api_anomaly_object(ctx, j, i);
    }

    cost_json_array_end(j);

    ngx_http_cost_api_meta(j);
    cost_json_name(j, "count");
    cost_json_integer(j, anomalies->last);
    cost_json_name(j, "next_cursor");

    if (anomalies->more) {
        day = ngx_http_cost_api_number(ctx, anomalies->last,
                                       NGX_HTTP_COST_API_ANOMALIES_DAY);
        id = ngx_http_cost_api_number(ctx, anomalies->last,
                                      NGX_HTTP_COST_API_ANOMALIES_ID);

        len = cost_cursor_format((day << NGX_HTTP_COST_API_ANOMALIES_BITS)
                                 | id, cursor);
        cost_json_string(j, cursor, len);

    } else {
        cost_json_null(j);
    }

    ngx_http_cost_api_close(ctx, j);
}


ngx_int_t
ngx_http_cost_api_anomaly_dismiss(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_body(ctx->request,
                                   ngx_http_cost_api_anomaly_dismiss_body);
}


static void
ngx_http_cost_api_anomaly_dismiss_body(ngx_http_request_t *r,
    ngx_str_t *body)
{
    ngx_int_t                 rc;
    ngx_str_t                 params[3], uuid;
    ngx_http_cost_api_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);

    /* nobody has to give a reason */

    ngx_http_cost_api_param_null(&params[2]);
    rc = NGX_OK;

    if (body->len) {
        rc = ngx_http_cost_http_fields(r, body,
                                       ngx_http_cost_api_anomaly_fields, 1,
                                       &params[2]);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_param_id(ctx, &ctx->ids[0], &uuid, &params[1]);

        if (rc == NGX_DECLINED || (rc == NGX_OK && params[1].len == 0)) {
            rc = ngx_http_cost_api_anomaly_unknown(ctx);

        } else if (rc != NGX_OK
                   || ngx_http_cost_api_param_organization(ctx, &params[0])
                      != NGX_OK)
        {
            rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    /* it may have to wait for a load, which judges anew */

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_query(ctx,
                                     &ngx_http_cost_sql_anomalies_dismiss,
                                     params, NGX_HTTP_COST_PG_SLOW,
                                     ngx_http_cost_api_anomaly_dismissed);
    }

    ngx_http_finalize_request(r, rc);
}


static ngx_int_t
ngx_http_cost_api_anomaly_dismissed(ngx_http_cost_api_ctx_t *ctx)
{
    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_anomaly_unknown(ctx);
    }

    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_anomaly_write);
}


static void
ngx_http_cost_api_anomaly_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_http_cost_api_open(ctx, j);
    ngx_http_cost_api_anomaly_object(ctx, j, 0);
    ngx_http_cost_api_meta(j);
    ngx_http_cost_api_close(ctx, j);
}


static void
ngx_http_cost_api_anomaly_object(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row)
{
    cost_json_object(j);
    cost_json_name(j, "id");
    ngx_http_cost_api_put_integer(ctx, j, row, NGX_HTTP_COST_API_ANOMALIES_ID);
    cost_json_name(j, "type");
    cost_json_literal(j, "cost");
    ngx_http_cost_api_put_members(ctx, j, row,
                                  ngx_http_cost_api_anomaly_members);
    cost_json_object_end(j);
}


static ngx_int_t
ngx_http_cost_api_anomaly_unknown(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_NOT_FOUND,
                                    "There is no such anomaly");
}
