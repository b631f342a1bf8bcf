
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What comes behind the rows, in the same transaction: the files' records and
 * cost_load(), the search for anomalies in what was loaded, and what was
 * loaded of which file, which counts only if the job is still this node's.
 */


#include "timer/ngx_http_cost_timer_sync.h"


/* the columns of anomalies_series.sql */

enum {
    NGX_HTTP_COST_TIMER_SYNC_S_ACCOUNT = 0,
    NGX_HTTP_COST_TIMER_SYNC_S_SERVICE,
    NGX_HTTP_COST_TIMER_SYNC_S_FIRST,
    NGX_HTTP_COST_TIMER_SYNC_S_DAYS,
    NGX_HTTP_COST_TIMER_SYNC_S_START,
    NGX_HTTP_COST_TIMER_SYNC_S_JUDGED,
    NGX_HTTP_COST_TIMER_SYNC_S_SERIES
};


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
    ngx_http_cost_timer_sync_job_t *job, ngx_http_cost_pg_result_t *result);
static void ngx_http_cost_timer_sync_scan(
    ngx_http_cost_timer_sync_job_t *job);
static ngx_int_t ngx_http_cost_timer_sync_scan_row(
    ngx_http_cost_timer_sync_job_t *job, ngx_uint_t i);
static ngx_uint_t ngx_http_cost_timer_sync_row(
    ngx_http_cost_pg_result_t *result, ngx_uint_t i, cost_scan_row_t *row);
static int64_t ngx_http_cost_timer_sync_integer(
    ngx_http_cost_pg_result_t *result, ngx_uint_t row, ngx_uint_t column);
static void ngx_http_cost_timer_sync_store(
    ngx_http_cost_timer_sync_job_t *job);
static ngx_int_t ngx_http_cost_timer_sync_json(
    ngx_http_cost_timer_sync_job_t *job, ngx_uint_t found, ngx_str_t *text);
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

        ngx_http_cost_timer_sync_series(job, result);
        break;

    case NGX_HTTP_COST_TIMER_SYNC_SCAN:
        job->series = result;
        job->nseries = 0;

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
ngx_http_cost_timer_sync_series(ngx_http_cost_timer_sync_job_t *job,
    ngx_http_cost_pg_result_t *result)
{
    ngx_str_t  params[3];

    if (job->scan == NULL) {
        job->scan = ngx_alloc(sizeof(cost_scan_work_t), ngx_cycle->log);
    }

    if (job->scan == NULL
        || ngx_array_init(&job->found, job->delivery_pool, 64,
                          sizeof(cost_scan_found_t))
           != NGX_OK)
    {
        ngx_http_cost_timer_sync_memoryless(job);
        return;
    }

    params[0] = job->organization;
    params[1] = job->import;
    ngx_str_null(&params[2]);

    ngx_http_cost_pg_copy_query(job->copy,
                                &ngx_http_cost_sql_anomalies_series, params);
}


static void
ngx_http_cost_timer_sync_scan(ngx_http_cost_timer_sync_job_t *job)
{
    uint64_t    start;
    ngx_uint_t  n;

    /* the load may have ended since this was posted */

    if (job->copy == NULL
        || job->committing != NGX_HTTP_COST_TIMER_SYNC_STORED)
    {
        return;
    }

    start = ngx_http_cost_timer_sync_clock(job);
    n = ngx_http_cost_pg_rows(job->series);

    while (job->nseries < n) {

        if (ngx_http_cost_timer_sync_scan_row(job, job->nseries++) != NGX_OK)
        {
            ngx_http_cost_timer_sync_fail(job);
            return;
        }

        if (ngx_http_cost_timer_sync_long(job, start)) {
            ngx_http_cost_timer_sync_post(job, ngx_http_cost_timer_sync_scan);
            return;
        }
    }

    ngx_http_cost_timer_sync_store(job);
}


static ngx_int_t
ngx_http_cost_timer_sync_scan_row(ngx_http_cost_timer_sync_job_t *job,
    ngx_uint_t i)
{
    size_t              n;
    cost_scan_row_t     row;
    cost_scan_found_t  *found;

    static cost_scan_found_t          latest[COST_ANOMALY_MAX];
    static const cost_anomaly_conf_t  conf = {
        COST_SCAN_THRESHOLD, COST_SCAN_MINIMUM
    };

    if (!ngx_http_cost_timer_sync_row(job->series, i, &row)) {
        return NGX_OK;
    }

    if (cost_scan(&row, &conf, job->scan, latest, &n) != COST_OK) {
        ngx_http_cost_timer_sync_why(job, "the costs of service %L of "
                                     "account %L cannot be searched",
                                     row.service, row.account);
        return NGX_ERROR;
    }

    if (n == 0) {
        return NGX_OK;
    }

    found = ngx_array_push_n(&job->found, n);
    if (found == NULL) {
        ngx_http_cost_timer_sync_why(job, "the server is out of memory");
        return NGX_ERROR;
    }

    ngx_memcpy(found, latest, n * sizeof(cost_scan_found_t));

    return NGX_OK;
}


/* is it one with a service? */

static ngx_uint_t
ngx_http_cost_timer_sync_row(ngx_http_cost_pg_result_t *result, ngx_uint_t i,
    cost_scan_row_t *row)
{
    ngx_str_t  service, series;

    ngx_http_cost_pg_text(result, i, NGX_HTTP_COST_TIMER_SYNC_S_SERVICE,
                          &service);
    ngx_http_cost_pg_text(result, i, NGX_HTTP_COST_TIMER_SYNC_S_SERIES,
                          &series);

    row->account = ngx_http_cost_timer_sync_integer(result, i,
                                         NGX_HTTP_COST_TIMER_SYNC_S_ACCOUNT);
    row->service = ngx_http_cost_timer_sync_integer(result, i,
                                         NGX_HTTP_COST_TIMER_SYNC_S_SERVICE);
    row->first = (cost_day_t) ngx_http_cost_timer_sync_integer(result, i,
                                           NGX_HTTP_COST_TIMER_SYNC_S_FIRST);
    row->days = ngx_http_cost_timer_sync_integer(result, i,
                                            NGX_HTTP_COST_TIMER_SYNC_S_DAYS);
    row->start = ngx_http_cost_timer_sync_integer(result, i,
                                           NGX_HTTP_COST_TIMER_SYNC_S_START);
    row->judged = ngx_http_cost_timer_sync_integer(result, i,
                                          NGX_HTTP_COST_TIMER_SYNC_S_JUDGED);
    row->series.data = series.data ? series.data : (u_char *) "";
    row->series.len = series.len;

    return service.data != NULL;
}


static int64_t
ngx_http_cost_timer_sync_integer(ngx_http_cost_pg_result_t *result,
    ngx_uint_t row, ngx_uint_t column)
{
    int64_t    n;
    ngx_str_t  text;

    ngx_http_cost_pg_text(result, row, column, &text);

    if (text.len && text.data[0] == '-') {
        n = ngx_atoi(text.data + 1, text.len - 1);
        return -n;
    }

    return text.len ? ngx_atoi(text.data, text.len) : 0;
}


static void
ngx_http_cost_timer_sync_store(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_str_t  params[3];

    params[0] = job->organization;

    if (ngx_http_cost_timer_sync_json(job, 0, &params[1]) != NGX_OK
        || ngx_http_cost_timer_sync_json(job, 1, &params[2]) != NGX_OK)
    {
        ngx_http_cost_timer_sync_memoryless(job);
        return;
    }

    ngx_http_cost_pg_copy_query(job->copy, &ngx_http_cost_sql_anomalies_store,
                                params);
}


/* the arrays of anomalies_store.sql: counted, then written */

static ngx_int_t
ngx_http_cost_timer_sync_json(ngx_http_cost_timer_sync_job_t *job,
    ngx_uint_t found, ngx_str_t *text)
{
    ngx_uint_t          i, n, pass;
    cost_json_t         j;
    cost_scan_row_t     row;
    cost_scan_found_t  *f;

    text->data = NULL;
    text->len = 0;

    f = job->found.elts;
    n = found ? job->found.nelts : ngx_http_cost_pg_rows(job->series);

    for (pass = 0; pass < 2; pass++) {
        cost_json_init(&j, text->data, text->len);
        cost_json_array(&j);

        for (i = 0; i < n; i++) {

            if (found) {
                cost_scan_write(&j, &f[i]);

            } else if (!ngx_http_cost_timer_sync_row(job->series, i, &row)) {
                cost_scan_judged(&j, &row);
            }
        }

        cost_json_array_end(&j);

        if (pass == 0) {
            text->len = cost_json_length(&j);
            text->data = ngx_pnalloc(job->delivery_pool, text->len);

            if (text->data == NULL) {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
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
