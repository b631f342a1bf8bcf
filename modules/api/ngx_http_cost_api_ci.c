
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * POST and GET /api/v1/ci/runs: the jobs of workflow runs, on which the costs
 * of a run, a workflow and a repository rest.
 *
 * A job that comes without its cost is priced by its runner's label
 * (cost_runner.h), in USD.
 */


#include "api/ngx_http_cost_api.h"


#define NGX_HTTP_COST_API_CI_JOBS   500      /* of one body */
#define NGX_HTTP_COST_API_CI_DAYS   30
#define NGX_HTTP_COST_API_CI_LIMIT  100
#define NGX_HTTP_COST_API_CI_MAX    1000

/* columns of ci_add.sql and ci_list.sql */

#define NGX_HTTP_COST_API_CI_ID   0
#define NGX_HTTP_COST_API_CI_NEW  15         /* of ci_add.sql */


typedef enum {
    NGX_HTTP_COST_API_CI_TOLD = 0,           /* in their own currency */
    NGX_HTTP_COST_API_CI_LISTED,             /* in USD, by its runner */
    NGX_HTTP_COST_API_CI_UNKNOWN             /* to us */
} ngx_http_cost_api_ci_price_e;


typedef struct {
    ngx_str_t                        minutes;
    ngx_http_cost_api_ci_price_e     price;
} ngx_http_cost_api_ci_job_t;


typedef struct {
    /* POST: the values of the fields, and what follows, of all jobs */
    ngx_http_cost_http_rows_t    rows;
    ngx_http_cost_api_ci_job_t  *jobs;

    /* of the reply; a POST's has no limit */
    ngx_http_cost_api_page_t     page;
} ngx_http_cost_api_ci_t;


static void ngx_http_cost_api_ci_add_body(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_cost_api_ci_job(ngx_http_cost_api_ctx_t *ctx,
    ngx_uint_t n);
static void ngx_http_cost_api_ci_at(ngx_http_cost_api_ci_t *ci, ngx_uint_t n,
    u_char *buf, ngx_str_t *at);
static ngx_int_t ngx_http_cost_api_ci_times(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *at, ngx_str_t *f, cost_time_t *started,
    cost_time_t *completed);
static ngx_int_t ngx_http_cost_api_ci_cost(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *at, ngx_str_t *f, cost_time_t started, cost_time_t completed,
    int64_t minutes, ngx_http_cost_api_ci_price_e *price);
static ngx_int_t ngx_http_cost_api_ci_jobs(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *param);
static void ngx_http_cost_api_ci_tell(ngx_http_cost_api_ci_t *ci,
    cost_json_t *j);
static ngx_int_t ngx_http_cost_api_ci_added(ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_ci_refuse(ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_ci_listed(ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_ci_write(cost_json_t *j, void *data);


enum {
    NGX_HTTP_COST_API_CI_F_ORG = 0,
    NGX_HTTP_COST_API_CI_F_REPOSITORY,
    NGX_HTTP_COST_API_CI_F_WORKFLOW,
    NGX_HTTP_COST_API_CI_F_WORKFLOW_ID,
    NGX_HTTP_COST_API_CI_F_RUN,
    NGX_HTTP_COST_API_CI_F_ATTEMPT,
    NGX_HTTP_COST_API_CI_F_JOB_ID,
    NGX_HTTP_COST_API_CI_F_JOB,
    NGX_HTTP_COST_API_CI_F_RUNNER,
    NGX_HTTP_COST_API_CI_F_CONCLUSION,
    NGX_HTTP_COST_API_CI_F_STARTED,
    NGX_HTTP_COST_API_CI_F_COMPLETED,
    NGX_HTTP_COST_API_CI_F_COST,
    NGX_HTTP_COST_API_CI_FIELDS
};


static const ngx_http_cost_api_member_t  ngx_http_cost_api_ci_members[] = {
    { cost_string("id"), NGX_HTTP_COST_API_INTEGER, 0 },
    { cost_string("org"), NGX_HTTP_COST_API_TEXT, 1 },
    { cost_string("repository"), NGX_HTTP_COST_API_TEXT, 2 },
    { cost_string("workflow"), NGX_HTTP_COST_API_TEXT, 3 },
    { cost_string("workflow_id"), NGX_HTTP_COST_API_TEXT, 4 },
    { cost_string("run_id"), NGX_HTTP_COST_API_INTEGER, 5 },
    { cost_string("attempt"), NGX_HTTP_COST_API_INTEGER, 6 },
    { cost_string("job_id"), NGX_HTTP_COST_API_INTEGER, 7 },
    { cost_string("job"), NGX_HTTP_COST_API_TEXT, 8 },
    { cost_string("runner"), NGX_HTTP_COST_API_TEXT, 9 },
    { cost_string("conclusion"), NGX_HTTP_COST_API_TEXT, 10 },
    { cost_string("started_at"), NGX_HTTP_COST_API_TIME, 11 },
    { cost_string("completed_at"), NGX_HTTP_COST_API_TIME, 12 },
    { cost_string("minutes"), NGX_HTTP_COST_API_INTEGER, 13 },
    { cost_string("cost"), NGX_HTTP_COST_API_EXACT, 14 },
    ngx_http_cost_api_null_member
};


/* as the table's own checks have it */

static const ngx_http_cost_http_field_t  ngx_http_cost_api_ci_fields[] = {
    { ngx_string("org"), NGX_HTTP_COST_HTTP_TEXT, 1, 255, 1 },
    { ngx_string("repository"), NGX_HTTP_COST_HTTP_TEXT, 1, 255, 1 },
    { ngx_string("workflow"), NGX_HTTP_COST_HTTP_TEXT, 1, 1024, 1 },
    { ngx_string("workflow_id"), NGX_HTTP_COST_HTTP_TEXT_OR_NULL,
      1, 255, 0 },
    { ngx_string("run_id"), NGX_HTTP_COST_HTTP_INTEGER,
      1, NGX_MAX_INT_T_VALUE, 1 },
    { ngx_string("attempt"), NGX_HTTP_COST_HTTP_INTEGER, 1, 2147483647, 0 },
    { ngx_string("job_id"), NGX_HTTP_COST_HTTP_INTEGER,
      1, NGX_MAX_INT_T_VALUE, 1 },
    { ngx_string("job"), NGX_HTTP_COST_HTTP_TEXT, 0, 1024, 0 },
    { ngx_string("runner"), NGX_HTTP_COST_HTTP_TEXT, 1, 255, 1 },
    { ngx_string("conclusion"), NGX_HTTP_COST_HTTP_TEXT_OR_NULL, 1, 64, 0 },
    { ngx_string("started_at"), NGX_HTTP_COST_HTTP_TEXT, 1, 64, 1 },
    { ngx_string("completed_at"), NGX_HTTP_COST_HTTP_TEXT, 1, 64, 1 },
    { ngx_string("cost"), NGX_HTTP_COST_HTTP_AMOUNT, 0, 1000000000, 0 }
};


enum {
    NGX_HTTP_COST_API_CI_P_REPOSITORY = 0,
    NGX_HTTP_COST_API_CI_P_WORKFLOW,
    NGX_HTTP_COST_API_CI_P_DAYS,
    NGX_HTTP_COST_API_CI_P_LIMIT,
    NGX_HTTP_COST_API_CI_P_CURSOR,
    NGX_HTTP_COST_API_CI_PARAMS
};


static const cost_query_param_t  ngx_http_cost_api_ci_params[] = {
    { cost_string("repository"), COST_QUERY_TEXT, 0, 511, NULL },
    { cost_string("workflow"), COST_QUERY_TEXT, 0, 1024, NULL },
    { cost_string("days"), COST_QUERY_INTEGER, 1, 365, NULL },
    { cost_string("limit"), COST_QUERY_INTEGER,
      1, NGX_HTTP_COST_API_CI_MAX, NULL },
    { cost_string("cursor"), COST_QUERY_TEXT, 0, 64, NULL }
};


ngx_int_t
ngx_http_cost_api_ci_add(ngx_http_cost_api_ctx_t *ctx)
{
    ctx->data = ngx_pcalloc(ctx->request->pool,
                            sizeof(ngx_http_cost_api_ci_t));
    if (ctx->data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_http_body(ctx->request,
                                   ngx_http_cost_api_ci_add_body);
}


static void
ngx_http_cost_api_ci_add_body(ngx_http_request_t *r, ngx_str_t *body)
{
    ngx_int_t                 rc;
    ngx_str_t                 params[2];
    ngx_uint_t                i;
    ngx_http_cost_api_ci_t   *ci;
    ngx_http_cost_api_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);
    ci = ctx->data;

    rc = ngx_http_cost_http_rows(r, body, ngx_http_cost_api_ci_fields,
                                 NGX_HTTP_COST_API_CI_FIELDS,
                                 NGX_HTTP_COST_API_CI_JOBS, &ci->rows);

    if (rc == NGX_OK) {
        ci->jobs = ngx_pcalloc(r->pool, ci->rows.n
                                        * sizeof(ngx_http_cost_api_ci_job_t));

        if (ci->jobs == NULL) {
            rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    for (i = 0; rc == NGX_OK && i < ci->rows.n; i++) {
        rc = ngx_http_cost_api_ci_job(ctx, i);
    }

    if (rc == NGX_OK
        && (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK
            || ngx_http_cost_api_ci_jobs(ctx, &params[1]) != NGX_OK))
    {
        rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_ci_add, params,
                                     NGX_HTTP_COST_PG_FAST,
                                     ngx_http_cost_api_ci_added);
    }

    ngx_http_finalize_request(r, rc);
}


/* checks the n-th job, and makes of its values those of the statement */

static ngx_int_t
ngx_http_cost_api_ci_job(ngx_http_cost_api_ctx_t *ctx, ngx_uint_t n)
{
    u_char                   buf[NGX_INT_T_LEN + sizeof("[].") - 1];
    int64_t                  minutes;
    ngx_int_t                rc;
    ngx_str_t                at, *f;
    cost_time_t              started, completed;
    ngx_http_cost_api_ci_t  *ci;

    ci = ctx->data;
    f = &ci->rows.values[n * NGX_HTTP_COST_API_CI_FIELDS];

    ngx_http_cost_api_ci_at(ci, n, buf, &at);

    rc = ngx_http_cost_api_ci_times(ctx, &at, f, &started, &completed);

    if (rc != NGX_OK) {
        return rc;
    }

    /* one that was skipped never had a runner */

    if (cost_runner_minutes(started, completed, &minutes) != COST_OK
        || (f[NGX_HTTP_COST_API_CI_F_CONCLUSION].len == 7
            && ngx_memcmp(f[NGX_HTTP_COST_API_CI_F_CONCLUSION].data,
                          "skipped", 7) == 0))
    {
        minutes = 0;
    }

    if (f[NGX_HTTP_COST_API_CI_F_ATTEMPT].data == NULL) {
        ngx_str_set(&f[NGX_HTTP_COST_API_CI_F_ATTEMPT], "1");
    }

    rc = ngx_http_cost_api_ci_cost(ctx, &at, f, started, completed, minutes,
                                   &ci->jobs[n].price);
    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_cost_api_param_integer(ctx, &ci->jobs[n].minutes,
                                           minutes);
}


/* where a message stands: "[3].", of an array */

static void
ngx_http_cost_api_ci_at(ngx_http_cost_api_ci_t *ci, ngx_uint_t n, u_char *buf,
    ngx_str_t *at)
{
    ngx_str_null(at);

    if (ci->rows.array) {
        at->data = buf;
        at->len = ngx_sprintf(buf, "[%ui].", n) - buf;
    }
}


static ngx_int_t
ngx_http_cost_api_ci_times(ngx_http_cost_api_ctx_t *ctx, ngx_str_t *at,
    ngx_str_t *f, cost_time_t *started, cost_time_t *completed)
{
    ngx_str_t   *text;
    ngx_uint_t   i;

    for (i = 0; i < 2; i++) {

        text = &f[NGX_HTTP_COST_API_CI_F_STARTED + i];

        if (cost_time_parse(text->data, text->len, i ? completed : started)
            != COST_OK)
        {
            return ngx_http_cost_http_error(ctx->request,
                       NGX_HTTP_BAD_REQUEST,
                       "%V%V must be a time, such as 2030-01-31T12:00:00Z",
                       at, &ngx_http_cost_api_ci_fields[
                                 NGX_HTTP_COST_API_CI_F_STARTED + i].name);
        }

        if (ngx_http_cost_api_param_integer(ctx, text,
                                            i ? *completed : *started)
            != NGX_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    if (*completed < *started) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                        "%Vcompleted_at must not be before "
                                        "started_at", at);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_api_ci_cost(ngx_http_cost_api_ctx_t *ctx, ngx_str_t *at,
    ngx_str_t *f, cost_time_t started, cost_time_t completed,
    int64_t minutes, ngx_http_cost_api_ci_price_e *price)
{
    ngx_str_t       *text;
    unsigned         runner;
    cost_str_t       labels;
    cost_decimal_t   cost;

    text = &f[NGX_HTTP_COST_API_CI_F_COST];

    if (text->data) {
        if (cost_decimal_parse(text->data, text->len, &cost) != COST_OK) {
            return ngx_http_cost_http_error(ctx->request,
                                            NGX_HTTP_BAD_REQUEST,
                                            "%Vcost must be a number with at "
                                            "most 18 decimals", at);
        }

    } else if (minutes == 0) {
        cost = 0;

    } else {
        labels.data = f[NGX_HTTP_COST_API_CI_F_RUNNER].data;
        labels.len = f[NGX_HTTP_COST_API_CI_F_RUNNER].len;

        if (cost_runner_find(labels, &runner) != COST_OK
            || cost_runner_cost(runner, started, completed, &minutes, &cost)
               != COST_OK)
        {
            /* the operator may know it */
            *price = NGX_HTTP_COST_API_CI_UNKNOWN;
            return NGX_OK;
        }

        *price = NGX_HTTP_COST_API_CI_LISTED;
    }

    text->data = ngx_pnalloc(ctx->request->pool, COST_DECIMAL_LEN);
    if (text->data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    text->len = cost_decimal_format(cost, COST_DECIMAL_PLACES, 0, text->data);

    return NGX_OK;
}


/* the jobs as one parameter */

static ngx_int_t
ngx_http_cost_api_ci_jobs(ngx_http_cost_api_ctx_t *ctx, ngx_str_t *param)
{
    cost_json_t              j;
    ngx_http_cost_api_ci_t  *ci;

    ci = ctx->data;

    cost_json_init(&j, NULL, 0);
    ngx_http_cost_api_ci_tell(ci, &j);

    param->len = cost_json_length(&j);
    param->data = ngx_pnalloc(ctx->request->pool, param->len);
    if (param->data == NULL) {
        return NGX_ERROR;
    }

    cost_json_init(&j, param->data, param->len);
    ngx_http_cost_api_ci_tell(ci, &j);

    return NGX_OK;
}


static void
ngx_http_cost_api_ci_tell(ngx_http_cost_api_ci_t *ci, cost_json_t *j)
{
    ngx_str_t         *f;
    ngx_uint_t         i, n;
    const cost_str_t  *name;

    /* the statement's names for the fields, and which of them are texts */

    static const struct {
        cost_str_t   name;
        ngx_uint_t   text;
    } members[] = {
        { cost_string("owner"), 1 },
        { cost_string("repository"), 1 },
        { cost_string("workflow"), 1 },
        { cost_string("workflow_id"), 1 },
        { cost_string("run_id"), 0 },
        { cost_string("attempt"), 0 },
        { cost_string("job_id"), 0 },
        { cost_string("job"), 1 },
        { cost_string("runner"), 1 },
        { cost_string("conclusion"), 1 },
        { cost_string("started"), 0 },
        { cost_string("completed"), 0 },
        { cost_string("cost"), 0 }
    };

    static const cost_str_t  usd = cost_string("usd");

    cost_json_array(j);

    for (n = 0; n < ci->rows.n; n++) {
        f = &ci->rows.values[n * NGX_HTTP_COST_API_CI_FIELDS];

        cost_json_object(j);

        for (i = 0; i < NGX_HTTP_COST_API_CI_FIELDS; i++) {
            name = (i == NGX_HTTP_COST_API_CI_F_COST && ci->jobs[n].price)
                   ? &usd : &members[i].name;

            cost_json_name_n(j, name->data, name->len);

            if (f[i].len == 0 && i != NGX_HTTP_COST_API_CI_F_JOB) {
                cost_json_null(j);

            } else if (members[i].text) {
                cost_json_string(j, f[i].data, f[i].len);

            } else {
                cost_json_raw(j, f[i].data, f[i].len);
            }
        }

        cost_json_name(j, "minutes");
        cost_json_raw(j, ci->jobs[n].minutes.data,
                      ci->jobs[n].minutes.len);
        cost_json_object_end(j);
    }

    cost_json_array_end(j);
}


/* of the first that nobody knows the price of, or of a rate */

static ngx_int_t
ngx_http_cost_api_ci_refuse(ngx_http_cost_api_ctx_t *ctx)
{
    u_char                   buf[NGX_INT_T_LEN + sizeof("[].") - 1];
    ngx_str_t                at;
    ngx_uint_t               n;
    ngx_http_cost_api_ci_t  *ci;

    ci = ctx->data;

    for (n = 0; n < ci->rows.n; n++) {

        if (ci->jobs[n].price == NGX_HTTP_COST_API_CI_UNKNOWN) {
            ngx_http_cost_api_ci_at(ci, n, buf, &at);

            return ngx_http_cost_http_error(ctx->request,
                                            NGX_HTTP_BAD_REQUEST,
                                            "%Vcost is required: the price "
                                            "of this runner is not known",
                                            &at);
        }
    }

    return ngx_http_cost_api_ci_rateless(ctx->request, &ctx->key->currency);
}


ngx_int_t
ngx_http_cost_api_ci_rateless(ngx_http_request_t *r,
    const ngx_str_t *currency)
{
    return ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST,
                                    "Runners are priced in USD, and there is "
                                    "no rate to %V for the day on which a "
                                    "job started: the operator can add one",
                                    currency);
}


/* 200: all of them were there already */

static ngx_int_t
ngx_http_cost_api_ci_added(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t                is_new;
    ngx_uint_t               i, status;
    ngx_http_cost_api_ci_t  *ci;

    ci = ctx->data;
    ci->page.rows = ngx_http_cost_pg_rows(ctx->result);
    status = NGX_HTTP_OK;

    if (ci->page.rows == 0) {
        return ngx_http_cost_api_ci_refuse(ctx);
    }

    for (i = 0; i < ci->page.rows; i++) {
        ngx_http_cost_pg_text(ctx->result, i, NGX_HTTP_COST_API_CI_NEW,
                              &is_new);

        if (is_new.len && is_new.data[0] == 't') {
            status = NGX_HTTP_CREATED;
        }
    }

    return ngx_http_cost_http_send(ctx->request, status,
                                   ngx_http_cost_api_ci_write, ctx);
}


ngx_int_t
ngx_http_cost_api_ci_list(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                rc;
    ngx_str_t                params[6];
    ngx_uint_t               i;
    cost_day_t               days;
    cost_query_value_t       values[NGX_HTTP_COST_API_CI_PARAMS];
    ngx_http_cost_api_ci_t  *ci;

    rc = ngx_http_cost_http_params(ctx->request, ngx_http_cost_api_ci_params,
                                   NGX_HTTP_COST_API_CI_PARAMS, values);
    if (rc != NGX_OK) {
        return rc;
    }

    ci = ngx_pcalloc(ctx->request->pool, sizeof(ngx_http_cost_api_ci_t));
    if (ci == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->data = ci;
    ci->rows.array = 1;

    rc = ngx_http_cost_api_page(ctx, &values[NGX_HTTP_COST_API_CI_P_LIMIT],
                                &values[NGX_HTTP_COST_API_CI_P_CURSOR],
                                NGX_HTTP_COST_API_CI_LIMIT, &ci->page);
    if (rc != NGX_OK) {
        return rc;
    }

    days = values[NGX_HTTP_COST_API_CI_P_DAYS].set
           ? (cost_day_t) values[NGX_HTTP_COST_API_CI_P_DAYS].integer
           : NGX_HTTP_COST_API_CI_DAYS;

    for (i = NGX_HTTP_COST_API_CI_P_REPOSITORY;
         i <= NGX_HTTP_COST_API_CI_P_WORKFLOW;
         i++)
    {
        params[2 + i].len = values[i].text.len;
        params[2 + i].data = (u_char *) values[i].text.data;
    }

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK
        || ngx_http_cost_api_param_date(ctx, &params[1],
                                  cost_day_from_time(ctx->now) + 1 - days)
           != NGX_OK
        || ngx_http_cost_api_page_params(ctx, &ci->page, &params[4],
                                         &params[5])
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_ci_list, params,
                                   NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_ci_listed);
}


static ngx_int_t
ngx_http_cost_api_ci_listed(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_ci_t  *ci;

    ci = ctx->data;

    (void) ngx_http_cost_api_page_rows(ctx, &ci->page);

    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_ci_write);
}


/* the object of a body that was one, else an array */

static void
ngx_http_cost_api_ci_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_uint_t               i;
    ngx_http_cost_api_ci_t  *ci;

    ci = ctx->data;

    ngx_http_cost_api_open(ctx, j);

    if (ci->rows.array) {
        cost_json_array(j);
    }

    for (i = 0; i < ci->page.rows; i++) {
        ngx_http_cost_api_put_object(ctx, j, i,
                                     ngx_http_cost_api_ci_members);
    }

    if (ci->rows.array) {
        cost_json_array_end(j);
    }

    ngx_http_cost_api_meta(j);
    cost_json_name(j, "currency");
    cost_json_string(j, ctx->key->currency.data, ctx->key->currency.len);

    if (ci->page.limit) {
        ngx_http_cost_api_page_meta(ctx, j, &ci->page,
                                    NGX_HTTP_COST_API_CI_ID);

    } else if (ci->rows.array) {
        cost_json_name(j, "count");
        cost_json_integer(j, ci->page.rows);
    }

    ngx_http_cost_api_close(ctx, j);
}
