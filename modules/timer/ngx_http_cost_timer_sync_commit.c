
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What comes behind the rows, in the same transaction: the files' records and
 * cost_load(), the search for anomalies in what was loaded, and what was
 * loaded of which file, which counts only if the job is still this node's.
 */


#include "timer/ngx_http_cost_timer_sync.h"


enum {
    NGX_HTTP_COST_TIMER_SYNC_LOAD = 1,
    NGX_HTTP_COST_TIMER_SYNC_SERIES,
    NGX_HTTP_COST_TIMER_SYNC_SCAN,
    NGX_HTTP_COST_TIMER_SYNC_STORED,
    NGX_HTTP_COST_TIMER_SYNC_COMMIT
};


static void ngx_http_cost_timer_sync_load(
    ngx_http_cost_timer_sync_job_t *job);
static ngx_int_t ngx_http_cost_timer_sync_load_files(
    ngx_http_cost_timer_sync_job_t *job, ngx_str_t *params);
static ngx_int_t ngx_http_cost_timer_sync_load_refusals(
    ngx_http_cost_timer_sync_job_t *job, ngx_str_t *params);
static ngx_int_t ngx_http_cost_timer_sync_number(ngx_pool_t *pool,
    int64_t n, ngx_str_t *text);
static void ngx_http_cost_timer_sync_series(
    ngx_http_cost_timer_sync_job_t *job);
static void ngx_http_cost_timer_sync_scan(
    ngx_http_cost_timer_sync_job_t *job);
static void ngx_http_cost_timer_sync_store(
    ngx_http_cost_timer_sync_job_t *job);
static void ngx_http_cost_timer_sync_loaded(
    ngx_http_cost_timer_sync_job_t *job);
static void ngx_http_cost_timer_sync_memoryless(
    ngx_http_cost_timer_sync_job_t *job);


/* "result" is that of the step before */

void
ngx_http_cost_timer_sync_commit(ngx_http_cost_timer_sync_job_t *job,
    ngx_http_cost_pg_result_t *result)
{
    ngx_str_t  import;

    switch (job->committing++) {

    case NGX_HTTP_COST_TIMER_SYNC_LOAD:
        ngx_http_cost_timer_sync_load(job);
        break;

    case NGX_HTTP_COST_TIMER_SYNC_SERIES:
        ngx_http_cost_pg_text(result, 0, 0, &import);

        if (import.data == NULL) {
            job->committing = NGX_HTTP_COST_TIMER_SYNC_COMMIT;
            ngx_http_cost_timer_sync_loaded(job);
            break;
        }

        job->import.data = ngx_pstrdup(job->delivery_pool, &import);
        job->import.len = import.len;

        if (job->import.data == NULL) {
            ngx_http_cost_timer_sync_memoryless(job);
            break;
        }

        ngx_http_cost_timer_sync_series(job);
        break;

    case NGX_HTTP_COST_TIMER_SYNC_SCAN:
        if (ngx_http_cost_timer_scan_begin(&job->scan, job->delivery_pool,
                                           result)
            != NGX_OK)
        {
            ngx_http_cost_timer_sync_memoryless(job);
            break;
        }

        ngx_http_cost_timer_sync_post(job, ngx_http_cost_timer_sync_scan);
        break;

    case NGX_HTTP_COST_TIMER_SYNC_STORED:
        ngx_http_cost_timer_sync_loaded(job);
        break;

    default: /* NGX_HTTP_COST_TIMER_SYNC_COMMIT */
        ngx_http_cost_pg_copy_commit(job->copy);
    }
}


static void
ngx_http_cost_timer_sync_load(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_str_t  params[10];

    params[0] = job->organization;
    ngx_str_null(&params[9]);

    if (job->source->one) {
        params[9] = job->source->account_uuid;
    }

    if (ngx_http_cost_timer_sync_load_files(job, params) != NGX_OK
        || ngx_http_cost_timer_sync_load_refusals(job, params) != NGX_OK)
    {
        ngx_http_cost_timer_sync_memoryless(job);
        return;
    }

    ngx_http_cost_pg_copy_query(job->copy, &ngx_http_cost_sql_sync_load,
                                params);
}


/* names, sizes, formats, rows, refused */

static ngx_int_t
ngx_http_cost_timer_sync_load_files(ngx_http_cost_timer_sync_job_t *job,
    ngx_str_t *params)
{
    ngx_str_t                        *texts;
    ngx_uint_t                        i, j, n;
    ngx_pool_t                       *pool;
    ngx_http_cost_timer_sync_file_t  *file;

    n = job->nfiles;
    pool = job->delivery_pool;

    texts = ngx_palloc(pool, 5 * n * sizeof(ngx_str_t));
    if (texts == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        file = &job->first[i];

        texts[i] = file->name;
        texts[2 * n + i].data = file->format;
        texts[2 * n + i].len = file->format_len;

        if (ngx_http_cost_timer_sync_number(pool, file->size, &texts[n + i])
            != NGX_OK
            || ngx_http_cost_timer_sync_number(pool, file->rows,
                                               &texts[3 * n + i])
               != NGX_OK
            || ngx_http_cost_timer_sync_number(pool, file->refused,
                                               &texts[4 * n + i])
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    for (j = 0; j < 5; j++) {
        if (ngx_http_cost_timer_sync_array(pool, &texts[j * n], n,
                                           &params[1 + j])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* files, lines, reasons */

static ngx_int_t
ngx_http_cost_timer_sync_load_refusals(ngx_http_cost_timer_sync_job_t *job,
    ngx_str_t *params)
{
    ngx_str_t                           *texts;
    ngx_uint_t                           i, j, n;
    ngx_pool_t                          *pool;
    ngx_http_cost_timer_sync_refusal_t  *refusal;

    n = job->refusals.nelts;
    pool = job->delivery_pool;
    refusal = job->refusals.elts;

    texts = ngx_palloc(pool, (3 * n + 1) * sizeof(ngx_str_t));
    if (texts == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {

        texts[2 * n + i] = refusal[i].why;

        if (ngx_http_cost_timer_sync_number(pool, refusal[i].file, &texts[i])
            != NGX_OK
            || ngx_http_cost_timer_sync_number(pool, refusal[i].line,
                                               &texts[n + i])
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    for (j = 0; j < 3; j++) {
        if (ngx_http_cost_timer_sync_array(pool, &texts[j * n], n,
                                           &params[6 + j])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_timer_sync_number(ngx_pool_t *pool, int64_t n, ngx_str_t *text)
{
    text->data = ngx_pnalloc(pool, NGX_INT64_LEN);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    text->len = ngx_sprintf(text->data, "%L", n) - text->data;

    return NGX_OK;
}


static void
ngx_http_cost_timer_sync_series(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_str_t  params[3];

    params[0] = job->organization;
    params[1] = job->import;
    ngx_str_null(&params[2]);

    ngx_http_cost_pg_copy_query(job->copy,
                                &ngx_http_cost_sql_anomalies_series, params);
}


static void
ngx_http_cost_timer_sync_scan(ngx_http_cost_timer_sync_job_t *job)
{
    uint64_t   start;
    ngx_int_t  rc;

    /* the load may have ended since this was posted */

    if (job->copy == NULL
        || job->committing != NGX_HTTP_COST_TIMER_SYNC_STORED)
    {
        return;
    }

    start = ngx_http_cost_timer_sync_clock();

    do {
        rc = ngx_http_cost_timer_scan_row(&job->scan);

        if (ngx_http_cost_timer_sync_long(start)) {
            break;
        }

    } while (rc == NGX_OK);

    switch (rc) {

    case NGX_OK:
        ngx_http_cost_timer_sync_post(job, ngx_http_cost_timer_sync_scan);
        break;

    case NGX_DONE:
        ngx_http_cost_timer_sync_store(job);
        break;

    case NGX_DECLINED:
        ngx_http_cost_timer_sync_why(job, "the costs of service %L of "
                                     "account %L cannot be searched",
                                     job->scan.row.service,
                                     job->scan.row.account);
        ngx_http_cost_timer_sync_fail(job);
        break;

    default: /* NGX_ERROR */
        ngx_http_cost_timer_sync_memoryless(job);
    }
}


static void
ngx_http_cost_timer_sync_store(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_str_t  params[3];

    params[0] = job->organization;

    if (ngx_http_cost_timer_scan_params(&job->scan, &params[1], &params[2])
        != NGX_OK)
    {
        ngx_http_cost_timer_sync_memoryless(job);
        return;
    }

    ngx_http_cost_pg_copy_query(job->copy, &ngx_http_cost_sql_anomalies_store,
                                params);
}


static void
ngx_http_cost_timer_sync_loaded(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_str_t                        *texts, params[7];
    ngx_uint_t                        i, n;
    ngx_http_cost_timer_sync_file_t  *file;

    n = job->nfiles;

    texts = ngx_palloc(job->delivery_pool, 2 * n * sizeof(ngx_str_t));
    if (texts == NULL) {
        ngx_http_cost_timer_sync_memoryless(job);
        return;
    }

    for (i = 0; i < n; i++) {
        file = &job->first[i];

        /* of what was fetched from a server its version came with it */

        if (job->source->kind == NGX_HTTP_COST_TIMER_SYNC_HTTPS) {
            file->version.data = job->fetch.version;
            file->version.len = job->fetch.version_len;
        }

        texts[i] = file->name;
        texts[n + i] = file->version;
    }

    params[0] = job->organization;
    params[1] = job->id;
    params[2] = job->sync->tmcf->node;
    params[3] = job->source->account;
    params[6] = job->import;

    if (ngx_http_cost_timer_sync_array(job->delivery_pool, texts, n,
                                       &params[4])
        != NGX_OK
        || ngx_http_cost_timer_sync_array(job->delivery_pool, texts + n, n,
                                          &params[5])
           != NGX_OK)
    {
        ngx_http_cost_timer_sync_memoryless(job);
        return;
    }

    ngx_http_cost_pg_copy_query(job->copy, &ngx_http_cost_sql_sync_loaded,
                                params);
}


static void
ngx_http_cost_timer_sync_memoryless(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_http_cost_timer_sync_why(job, "the server is out of memory");
    ngx_http_cost_timer_sync_fail(job);
}
