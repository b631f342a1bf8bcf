
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * GET /api/v1/recommendations, CloudK's, and GET and PATCH of one: what could
 * be saved, most first.  They are derived when costs or utilization are
 * loaded; here they are read, and people say what becomes of them.
 *
 * Not through the cache: who has just dismissed one does not want to see it.
 */


#include "api/ngx_http_cost_api.h"


#define NGX_HTTP_COST_API_RECOMMEND_LIMIT  50

/* columns of recommendations_*.sql */

#define NGX_HTTP_COST_API_RECOMMEND_SAVING  8
#define NGX_HTTP_COST_API_RECOMMEND_TOTAL   14       /* of _list.sql */


static ngx_int_t ngx_http_cost_api_recommendations_done(
    ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_recommendations_write(cost_json_t *j,
    void *data);
static void ngx_http_cost_api_recommendation_change_body(
    ngx_http_request_t *r, ngx_str_t *body);
static ngx_int_t ngx_http_cost_api_recommendation_params(
    ngx_http_cost_api_ctx_t *ctx, ngx_str_t *params);
static ngx_int_t ngx_http_cost_api_recommendation_done(
    ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_recommendation_write(cost_json_t *j,
    void *data);
static ngx_int_t ngx_http_cost_api_recommendation_unknown(
    ngx_http_cost_api_ctx_t *ctx);


enum {
    NGX_HTTP_COST_API_RECOMMEND_P_ACCOUNT = 0,
    NGX_HTTP_COST_API_RECOMMEND_P_STATUS,
    NGX_HTTP_COST_API_RECOMMEND_P_LIMIT,
    NGX_HTTP_COST_API_RECOMMEND_PARAMS
};


/* the first is the default; the last is no status, but all of them */

#define NGX_HTTP_COST_API_RECOMMEND_ALL  3

static const cost_str_t  ngx_http_cost_api_recommendations_statuses[] = {
    cost_string("pending"),
    cost_string("applied"),
    cost_string("dismissed"),
    cost_string("all"),
    { 0, NULL }
};


static const cost_query_param_t  ngx_http_cost_api_recommendations_params[] = {
    { cost_string("account_id"), COST_QUERY_UUID, 0, 0, NULL },
    { cost_string("status"), COST_QUERY_ENUM, 0, 0,
      ngx_http_cost_api_recommendations_statuses },
    { cost_string("limit"), COST_QUERY_INTEGER, 1, 100, NULL }
};


static const ngx_http_cost_http_field_t
    ngx_http_cost_api_recommendation_fields[] =
{
    { ngx_string("status"), NGX_HTTP_COST_HTTP_TEXT, 1, 16, 1 }
};


static const ngx_http_cost_api_member_t
    ngx_http_cost_api_recommendation_members[] =
{
    { cost_string("id"), NGX_HTTP_COST_API_TEXT, 0 },
    { cost_string("account_id"), NGX_HTTP_COST_API_TEXT, 1 },
    { cost_string("account_name"), NGX_HTTP_COST_API_TEXT, 2 },
    { cost_string("aws_account_id"), NGX_HTTP_COST_API_TEXT, 4 },
    { cost_string("type"), NGX_HTTP_COST_API_TEXT, 5 },
    { cost_string("title"), NGX_HTTP_COST_API_TEXT, 6 },
    { cost_string("description"), NGX_HTTP_COST_API_TEXT, 7 },
    { cost_string("estimated_monthly_savings"), NGX_HTTP_COST_API_MONEY,
      NGX_HTTP_COST_API_RECOMMEND_SAVING },
    { cost_string("priority"), NGX_HTTP_COST_API_TEXT, 9 },
    { cost_string("resource_id"), NGX_HTTP_COST_API_TEXT, 10 },
    { cost_string("resource_type"), NGX_HTTP_COST_API_TEXT, 11 },
    { cost_string("created_at"), NGX_HTTP_COST_API_TIME, 13 },
    { cost_string("provider"), NGX_HTTP_COST_API_TEXT, 3 },
    { cost_string("status"), NGX_HTTP_COST_API_TEXT, 12 },
    ngx_http_cost_api_null_member
};


ngx_int_t
ngx_http_cost_api_recommendations(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t           rc;
    ngx_str_t           params[4];
    cost_query_value_t  values[NGX_HTTP_COST_API_RECOMMEND_PARAMS],
                       *account, *limit, *status;

    rc = ngx_http_cost_http_params(ctx->request,
                                   ngx_http_cost_api_recommendations_params,
                                   NGX_HTTP_COST_API_RECOMMEND_PARAMS,
                                   values);
    if (rc != NGX_OK) {
        return rc;
    }

    account = &values[NGX_HTTP_COST_API_RECOMMEND_P_ACCOUNT];
    status = &values[NGX_HTTP_COST_API_RECOMMEND_P_STATUS];
    limit = &values[NGX_HTTP_COST_API_RECOMMEND_P_LIMIT];

    /* where it is not set the index is that of "pending" */

    ctx->data = (void *) &ngx_http_cost_api_recommendations_statuses[
                                        status->set ? status->integer : 0];

    params[1].len = account->text.len;
    params[1].data = (u_char *) account->text.data;

    if (status->set && status->integer == NGX_HTTP_COST_API_RECOMMEND_ALL) {
        ngx_http_cost_api_param_null(&params[2]);

    } else {
        params[2] = *(ngx_str_t *) ctx->data;
    }

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK
        || ngx_http_cost_api_param_integer(ctx, &params[3],
                           limit->set ? limit->integer
                                      : NGX_HTTP_COST_API_RECOMMEND_LIMIT)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_query(ctx,
                                   &ngx_http_cost_sql_recommendations_list,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_recommendations_done);
}


static ngx_int_t
ngx_http_cost_api_recommendations_done(ngx_http_cost_api_ctx_t *ctx)
{
    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_NOT_FOUND,
                                        "There is no account with this "
                                        "account_id");
    }

    return ngx_http_cost_api_send(ctx,
                                  ngx_http_cost_api_recommendations_write);
}


static void
ngx_http_cost_api_recommendations_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_uint_t         i, n;
    const cost_str_t  *status;

    status = ctx->data;
    n = ngx_http_cost_pg_rows(ctx->result);

    ngx_http_cost_api_open(ctx, j);
    cost_json_array(j);

    for (i = 1; i < n; i++) {
        ngx_http_cost_api_put_object(ctx, j, i,
                                     ngx_http_cost_api_recommendation_members);
    }

    cost_json_array_end(j);

    ngx_http_cost_api_meta(j);
    cost_json_name(j, "total");
    ngx_http_cost_api_put_integer(ctx, j, 0,
                                  NGX_HTTP_COST_API_RECOMMEND_TOTAL);
    cost_json_name(j, "total_potential_savings");
    ngx_http_cost_api_put_money(ctx, j, 0,
                                NGX_HTTP_COST_API_RECOMMEND_SAVING);
    cost_json_name(j, "currency");
    cost_json_string(j, ctx->key->currency.data, ctx->key->currency.len);
    cost_json_name(j, "status_filter");
    cost_json_string(j, status->data, status->len);
    ngx_http_cost_api_close(ctx, j);
}


ngx_int_t
ngx_http_cost_api_recommendation(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t  rc;
    ngx_str_t  params[2];

    rc = ngx_http_cost_api_recommendation_params(ctx, params);

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_cost_api_query(ctx,
                                   &ngx_http_cost_sql_recommendations_find,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_recommendation_done);
}


ngx_int_t
ngx_http_cost_api_recommendation_change(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_body(ctx->request,
                               ngx_http_cost_api_recommendation_change_body);
}


static void
ngx_http_cost_api_recommendation_change_body(ngx_http_request_t *r,
    ngx_str_t *body)
{
    ngx_int_t                 rc;
    ngx_str_t                 params[3];
    ngx_uint_t                i;
    ngx_http_cost_api_ctx_t  *ctx;
    const cost_str_t         *status;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);

    rc = ngx_http_cost_http_fields(r, body,
                                   ngx_http_cost_api_recommendation_fields,
                                   1, &params[2]);

    if (rc == NGX_OK) {
        status = ngx_http_cost_api_recommendations_statuses;

        for (i = 0; i < NGX_HTTP_COST_API_RECOMMEND_ALL; i++) {
            if (status[i].len == params[2].len
                && ngx_memcmp(status[i].data, params[2].data, params[2].len)
                   == 0)
            {
                break;
            }
        }

        if (i == NGX_HTTP_COST_API_RECOMMEND_ALL) {
            rc = ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST,
                                          "status must be one of pending, "
                                          "applied, dismissed");
        }
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_recommendation_params(ctx, params);
    }

    /* it may have to wait for a load, which derives them anew */

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_query(ctx,
                                   &ngx_http_cost_sql_recommendations_change,
                                   params, NGX_HTTP_COST_PG_SLOW,
                                   ngx_http_cost_api_recommendation_done);
    }

    ngx_http_finalize_request(r, rc);
}


/* the organization, and the id that stands in the path */

static ngx_int_t
ngx_http_cost_api_recommendation_params(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *params)
{
    ngx_int_t  rc;
    ngx_str_t  integer;

    rc = ngx_http_cost_api_param_id(ctx, &ctx->ids[0], &params[1], &integer);

    if (rc == NGX_DECLINED || (rc == NGX_OK && params[1].len == 0)) {
        return ngx_http_cost_api_recommendation_unknown(ctx);
    }

    if (rc != NGX_OK
        || ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_api_recommendation_done(ngx_http_cost_api_ctx_t *ctx)
{
    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_recommendation_unknown(ctx);
    }

    return ngx_http_cost_api_send(ctx,
                                  ngx_http_cost_api_recommendation_write);
}


static void
ngx_http_cost_api_recommendation_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_http_cost_api_open(ctx, j);
    ngx_http_cost_api_put_object(ctx, j, 0,
                                 ngx_http_cost_api_recommendation_members);
    ngx_http_cost_api_meta(j);
    cost_json_name(j, "currency");
    cost_json_string(j, ctx->key->currency.data, ctx->key->currency.len);
    ngx_http_cost_api_close(ctx, j);
}


/* CloudK's, and behind it whose account that is, and the status */

static ngx_int_t
ngx_http_cost_api_recommendation_unknown(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_NOT_FOUND,
                                    "There is no such recommendation");
}
