
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * POST /api/v1/costs/sync, and GET /api/v1/costs/sync/{job_id}, by which a job
 * is followed.  The job itself is the timer's.
 *
 * A call while a job of the organization runs, or waits to, answers with that
 * job.  An organization without any source is told so, 409: its client waits
 * for bills that nothing would ever bring.
 */


#include "api/ngx_http_cost_api.h"


/* the columns of sync_start.sql */

#define NGX_HTTP_COST_API_SYNC_JOB       0

/* those of sync_find.sql */

enum {
    NGX_HTTP_COST_API_SYNC_ID = 0,
    NGX_HTTP_COST_API_SYNC_STATE,
    NGX_HTTP_COST_API_SYNC_ERROR,
    NGX_HTTP_COST_API_SYNC_FILE,
    NGX_HTTP_COST_API_SYNC_COUNTS,
    NGX_HTTP_COST_API_SYNC_CREATED = NGX_HTTP_COST_API_SYNC_COUNTS + 8,
    NGX_HTTP_COST_API_SYNC_STARTED,
    NGX_HTTP_COST_API_SYNC_FINISHED,
    NGX_HTTP_COST_API_SYNC_PROVIDER,
    NGX_HTTP_COST_API_SYNC_NAME,
    NGX_HTTP_COST_API_SYNC_WHY
};


static ngx_int_t ngx_http_cost_api_sync_started(ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_sync_write_started(cost_json_t *j, void *data);
static ngx_int_t ngx_http_cost_api_sync_found(ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_sync_write(cost_json_t *j, void *data);
static ngx_int_t ngx_http_cost_api_sync_unknown(
    ngx_http_cost_api_ctx_t *ctx);


ngx_int_t
ngx_http_cost_api_sync(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t  rc;
    ngx_str_t  params[1];

    rc = ngx_http_discard_request_body(ctx->request);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_sync_start, params,
                                   NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_sync_started);
}


static ngx_int_t
ngx_http_cost_api_sync_started(ngx_http_cost_api_ctx_t *ctx)
{
    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_CONFLICT,
                                        "No account has a source to sync "
                                        "from");
    }

    return ngx_http_cost_http_send(ctx->request, NGX_HTTP_ACCEPTED,
                                   ngx_http_cost_api_sync_write_started, ctx);
}


/* as documented: InfraAudit's has no envelope */

static void
ngx_http_cost_api_sync_write_started(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    cost_json_object(j);
    cost_json_name(j, "job_id");
    ngx_http_cost_api_put_integer(ctx, j, 0, NGX_HTTP_COST_API_SYNC_JOB);
    cost_json_name(j, "status");
    cost_json_literal(j, "running");
    cost_json_object_end(j);
}


ngx_int_t
ngx_http_cost_api_sync_job(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t  job;
    ngx_str_t  params[2];

    job = ngx_atoi((u_char *) ctx->ids[0].data, ctx->ids[0].len);

    if (job == NGX_ERROR || job > 2147483647) {
        return ngx_http_cost_api_sync_unknown(ctx);
    }

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK
        || ngx_http_cost_api_param_integer(ctx, &params[1], job) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_sync_find, params,
                                   NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_sync_found);
}


static ngx_int_t
ngx_http_cost_api_sync_found(ngx_http_cost_api_ctx_t *ctx)
{
    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_sync_unknown(ctx);
    }

    return ngx_http_cost_http_send(ctx->request, NGX_HTTP_OK,
                                   ngx_http_cost_api_sync_write, ctx);
}


static void
ngx_http_cost_api_sync_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_str_t   name;
    ngx_uint_t  i, rows;

    static const ngx_str_t  counts[] = {
        ngx_string("files_found"), ngx_string("files_loaded"),
        ngx_string("files_skipped"), ngx_string("files_failed"),
        ngx_string("bytes"), ngx_string("rows_read"),
        ngx_string("rows_loaded"), ngx_string("rows_refused")
    };

    cost_json_object(j);
    cost_json_name(j, "job_id");
    ngx_http_cost_api_put_integer(ctx, j, 0, NGX_HTTP_COST_API_SYNC_ID);
    cost_json_name(j, "status");
    ngx_http_cost_api_put_text(ctx, j, 0, NGX_HTTP_COST_API_SYNC_STATE);
    cost_json_name(j, "error");
    ngx_http_cost_api_put_text(ctx, j, 0, NGX_HTTP_COST_API_SYNC_ERROR);

    cost_json_name(j, "progress");
    cost_json_object(j);
    cost_json_name(j, "file");
    ngx_http_cost_api_put_text(ctx, j, 0, NGX_HTTP_COST_API_SYNC_FILE);

    for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        cost_json_name_n(j, counts[i].data, counts[i].len);
        ngx_http_cost_api_put_integer(ctx, j, 0,
                                      NGX_HTTP_COST_API_SYNC_COUNTS + i);
    }

    cost_json_object_end(j);

    cost_json_name(j, "failures");
    cost_json_array(j);

    rows = ngx_http_cost_pg_rows(ctx->result);

    for (i = 0; i < rows; i++) {
        ngx_http_cost_pg_text(ctx->result, i, NGX_HTTP_COST_API_SYNC_NAME,
                              &name);

        if (name.data == NULL) {
            continue;
        }

        cost_json_object(j);
        cost_json_name(j, "provider_id");
        ngx_http_cost_api_put_integer(ctx, j, i,
                                      NGX_HTTP_COST_API_SYNC_PROVIDER);
        cost_json_name(j, "file");
        cost_json_string(j, name.data, name.len);
        cost_json_name(j, "error");
        ngx_http_cost_api_put_text(ctx, j, i, NGX_HTTP_COST_API_SYNC_WHY);
        cost_json_object_end(j);
    }

    cost_json_array_end(j);

    cost_json_name(j, "created_at");
    ngx_http_cost_api_put_time(ctx, j, 0, NGX_HTTP_COST_API_SYNC_CREATED);
    cost_json_name(j, "started_at");
    ngx_http_cost_api_put_time(ctx, j, 0, NGX_HTTP_COST_API_SYNC_STARTED);
    cost_json_name(j, "finished_at");
    ngx_http_cost_api_put_time(ctx, j, 0, NGX_HTTP_COST_API_SYNC_FINISHED);
    cost_json_object_end(j);
}


static ngx_int_t
ngx_http_cost_api_sync_unknown(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_NOT_FOUND,
                                    "There is no such job");
}
