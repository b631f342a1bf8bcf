
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Jobs: the node that leads claims them, one per organization and a few at a
 * time, tells every second how far each is, which renews its lease, and how
 * it ended.  A job whose lease is lost is dropped: another node has called it
 * failed, and what is not committed by then never will be.
 *
 * On its way out a worker ends the delivery that it is at and gives the job
 * back; the next one goes on with it, and passes over what was loaded.
 */


#include "timer/ngx_http_cost_timer_sync.h"


#define NGX_HTTP_COST_TIMER_SYNC_LEASE_TEXT  "15"
#define NGX_HTTP_COST_TIMER_SYNC_PERIOD      1000   /* ms, of progress */
#define NGX_HTTP_COST_TIMER_SYNC_TRIES       10     /* of the last record */
#define NGX_HTTP_COST_TIMER_SYNC_SOURCES     100    /* of an organization */


/* the columns of sync_claim.sql from which on there are counts */
#define NGX_HTTP_COST_TIMER_SYNC_BEFORE  4


/* the columns of sync_sources.sql */

enum {
    NGX_HTTP_COST_TIMER_SYNC_C_ACCOUNT = 0,
    NGX_HTTP_COST_TIMER_SYNC_C_ACCOUNT_UUID,
    NGX_HTTP_COST_TIMER_SYNC_C_UUID,
    NGX_HTTP_COST_TIMER_SYNC_C_KIND,
    NGX_HTTP_COST_TIMER_SYNC_C_LOCATION,
    NGX_HTTP_COST_TIMER_SYNC_C_BUCKET,
    NGX_HTTP_COST_TIMER_SYNC_C_REGION,
    NGX_HTTP_COST_TIMER_SYNC_C_PREFIX,
    NGX_HTTP_COST_TIMER_SYNC_C_ACCESS,
    NGX_HTTP_COST_TIMER_SYNC_C_SECRET,
    NGX_HTTP_COST_TIMER_SYNC_C_ONE
};


static void ngx_http_cost_timer_sync_claimed(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static ngx_http_cost_timer_sync_job_t *ngx_http_cost_timer_sync_job(
    ngx_http_cost_timer_sync_t *sync, ngx_http_cost_pg_result_t *result);
static ngx_int_t ngx_http_cost_timer_sync_memory(
    ngx_http_cost_timer_sync_job_t *job);
static ngx_int_t ngx_http_cost_timer_sync_text(ngx_pool_t *pool,
    ngx_http_cost_pg_result_t *result, ngx_uint_t row, ngx_uint_t column,
    ngx_str_t *text);
static void ngx_http_cost_timer_sync_rates(
    ngx_http_cost_timer_sync_job_t *job);
static void ngx_http_cost_timer_sync_rated(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static void ngx_http_cost_timer_sync_sourced(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static ngx_int_t ngx_http_cost_timer_sync_source(
    ngx_http_cost_timer_sync_job_t *job, ngx_http_cost_pg_result_t *result,
    ngx_uint_t row);
static void ngx_http_cost_timer_sync_progress_timer(ngx_event_t *ev);
static void ngx_http_cost_timer_sync_progress(
    ngx_http_cost_timer_sync_job_t *job);
static void ngx_http_cost_timer_sync_progressed(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static void ngx_http_cost_timer_sync_finish(
    ngx_http_cost_timer_sync_job_t *job);
static void ngx_http_cost_timer_sync_release(
    ngx_http_cost_timer_sync_job_t *job);


ngx_http_cost_timer_sync_t *
ngx_http_cost_timer_sync_create(ngx_cycle_t *cycle,
    ngx_http_cost_timer_sync_conf_t *conf)
{
    ngx_http_cost_timer_sync_t  *sync;

    sync = ngx_pcalloc(cycle->pool, sizeof(ngx_http_cost_timer_sync_t));
    if (sync == NULL) {
        return NULL;
    }

    sync->tmcf = conf->tmcf;
    sync->wmcf = conf->wmcf;
    sync->conf = conf;

    ngx_queue_init(&sync->jobs);

    return sync;
}


/* also when a new job was notified */

void
ngx_http_cost_timer_sync_tick(ngx_http_cost_timer_sync_t *sync)
{
    ngx_str_t  params[3];

    if (sync->claim || !ngx_http_cost_timer_leads(sync->tmcf)) {
        return;
    }

    params[0] = sync->tmcf->node;
    ngx_str_set(&params[1], NGX_HTTP_COST_TIMER_SYNC_LEASE_TEXT);

    if (sync->njobs < sync->conf->jobs) {
        ngx_str_set(&params[2], "true");

    } else {
        ngx_str_set(&params[2], "false");
    }

    sync->claim = ngx_http_cost_pg_query(&ngx_http_cost_sql_sync_claim,
                                         params, NGX_HTTP_COST_PG_FAST,
                                         ngx_http_cost_timer_sync_claimed,
                                         sync);
}


static void
ngx_http_cost_timer_sync_claimed(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_timer_sync_t *sync = data;

    ngx_http_cost_timer_sync_job_t  *job;

    sync->claim = NULL;

    if (rc != NGX_OK || ngx_http_cost_pg_rows(result) == 0) {
        return;
    }

    job = ngx_http_cost_timer_sync_job(sync, result);

    if (job == NULL) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "cost sync: a job could not be started");
        return;
    }

    ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                  "cost sync: job %V of \"%V\" begins", &job->id, &job->slug);

    ngx_http_cost_timer_sync_rates(job);
    ngx_http_cost_timer_sync_tick(sync);
}


static ngx_http_cost_timer_sync_job_t *
ngx_http_cost_timer_sync_job(ngx_http_cost_timer_sync_t *sync,
    ngx_http_cost_pg_result_t *result)
{
    ngx_str_t                        currency, count;
    ngx_uint_t                       i;
    ngx_http_cost_timer_sync_job_t  *job;

    job = ngx_memalign(64, sizeof(ngx_http_cost_timer_sync_job_t),
                       ngx_cycle->log);
    if (job == NULL) {
        return NULL;
    }

    ngx_memzero(job, sizeof(ngx_http_cost_timer_sync_job_t));

    job->sync = sync;
    job->base = -1;
    job->input.fd = -1;
    job->deadline = ngx_current_msec + sync->conf->time;
    job->connection.fd = (ngx_socket_t) -1;
    job->connection.data = job;

    ngx_http_cost_timer_sync_turns(job);

    job->tick.handler = ngx_http_cost_timer_sync_progress_timer;
    job->tick.data = &job->connection;
    job->tick.log = ngx_cycle->log;

    if (sync->njobs == 0) {
        sync->longest = 0;
    }

    ngx_queue_insert_tail(&sync->jobs, &job->queue);
    sync->njobs++;

    job->pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);

    if (job->pool == NULL
        || ngx_http_cost_timer_sync_memory(job) != NGX_OK
        || ngx_http_cost_timer_sync_text(job->pool, result, 0, 0,
                                         &job->organization)
           != NGX_OK
        || ngx_http_cost_timer_sync_text(job->pool, result, 0, 1, &job->id)
           != NGX_OK
        || ngx_http_cost_timer_sync_text(job->pool, result, 0, 2, &job->slug)
           != NGX_OK
        || ngx_array_init(&job->sources, job->pool, 4,
                          sizeof(ngx_http_cost_timer_sync_source_t))
           != NGX_OK)
    {
        ngx_http_cost_timer_sync_drop(job);
        return NULL;
    }

    ngx_http_cost_pg_text(result, 0, 3, &currency);
    ngx_memcpy(job->currency, currency.data, ngx_min(currency.len, 3));

    /* files are counted anew, not what was read before it was handed on */

    for (i = NGX_HTTP_COST_TIMER_SYNC_BYTES;
         i < NGX_HTTP_COST_TIMER_SYNC_COUNTS;
         i++)
    {
        ngx_http_cost_pg_text(result, 0, NGX_HTTP_COST_TIMER_SYNC_BEFORE + i
                                         - NGX_HTTP_COST_TIMER_SYNC_BYTES,
                              &count);
        job->counts[i] = ngx_atoi(count.data, count.len);
    }

    ngx_add_timer(&job->tick, NGX_HTTP_COST_TIMER_SYNC_PERIOD);

    return job;
}


/* once, and no more however large the files are */

static ngx_int_t
ngx_http_cost_timer_sync_memory(ngx_http_cost_timer_sync_job_t *job)
{
    job->in = ngx_alloc(NGX_HTTP_COST_TIMER_SYNC_INPUT, ngx_cycle->log);
    if (job->in == NULL) {
        return NGX_ERROR;
    }

    job->out = ngx_alloc(NGX_HTTP_COST_TIMER_SYNC_OUTPUT + COST_COPY_LINE,
                         ngx_cycle->log);
    if (job->out == NULL) {
        return NGX_ERROR;
    }

    job->text = ngx_alloc(COST_BILL_BUFFER, ngx_cycle->log);
    if (job->text == NULL) {
        return NGX_ERROR;
    }

    job->sums = ngx_memalign(64,
                           cost_fold_size(NGX_HTTP_COST_TIMER_SYNC_ENTRIES),
                           ngx_cycle->log);
    if (job->sums == NULL) {
        return NGX_ERROR;
    }

    job->things = ngx_memalign(64,
                    cost_inventory_size(NGX_HTTP_COST_TIMER_SYNC_THINGS),
                    ngx_cycle->log);
    if (job->things == NULL) {
        return NGX_ERROR;
    }

    cost_fold_init(&job->fold, job->sums, NGX_HTTP_COST_TIMER_SYNC_ENTRIES);
    cost_inventory_init(&job->inventory, job->things,
                        NGX_HTTP_COST_TIMER_SYNC_THINGS);

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_timer_sync_text(ngx_pool_t *pool,
    ngx_http_cost_pg_result_t *result, ngx_uint_t row, ngx_uint_t column,
    ngx_str_t *text)
{
    ngx_str_t  value;

    ngx_http_cost_pg_text(result, row, column, &value);

    text->len = value.len;
    text->data = ngx_pstrdup(pool, &value);

    return text->data ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_cost_timer_sync_rates(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_str_t  params[1];

    params[0].data = job->currency;
    params[0].len = 3;

    job->query = ngx_http_cost_pg_query(&ngx_http_cost_sql_import_rates,
                                        params, NGX_HTTP_COST_PG_FAST,
                                        ngx_http_cost_timer_sync_rated, job);
    if (job->query == NULL) {
        ngx_http_cost_timer_sync_drop(job);
    }
}


static void
ngx_http_cost_timer_sync_rated(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_timer_sync_job_t *job = data;

    ngx_str_t   text, params[1];
    ngx_int_t   day;
    ngx_uint_t  i, n;

    job->query = NULL;

    if (rc != NGX_OK) {
        ngx_http_cost_timer_sync_drop(job);
        return;
    }

    n = ngx_http_cost_pg_rows(result);

    job->rates = ngx_pcalloc(job->pool, (n + 1) * sizeof(cost_bill_rate_t));
    if (job->rates == NULL) {
        ngx_http_cost_timer_sync_drop(job);
        return;
    }

    for (i = 0; i < n; i++) {
        ngx_http_cost_pg_text(result, i, 0, &text);

        if (text.len > COST_BILL_CURRENCY) {
            continue;
        }

        ngx_memcpy(job->rates[job->nrates].currency, text.data, text.len);
        job->rates[job->nrates].len = text.len;

        ngx_http_cost_pg_text(result, i, 1, &text);
        day = ngx_atoi(text.data, text.len);

        job->rates[job->nrates++].first = (day == NGX_ERROR)
                                          ? 0 : (cost_day_t) day;
    }

    params[0] = job->organization;

    job->query = ngx_http_cost_pg_query(&ngx_http_cost_sql_sync_sources,
                                        params, NGX_HTTP_COST_PG_FAST,
                                        ngx_http_cost_timer_sync_sourced, job);
    if (job->query == NULL) {
        ngx_http_cost_timer_sync_drop(job);
    }
}


static void
ngx_http_cost_timer_sync_sourced(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_timer_sync_job_t *job = data;

    ngx_uint_t  i, n;

    job->query = NULL;

    if (rc != NGX_OK) {
        ngx_http_cost_timer_sync_drop(job);
        return;
    }

    n = ngx_http_cost_pg_rows(result);

    for (i = 0; i < n && i < NGX_HTTP_COST_TIMER_SYNC_SOURCES; i++) {

        if (ngx_http_cost_timer_sync_source(job, result, i) != NGX_OK) {
            ngx_http_cost_timer_sync_drop(job);
            return;
        }
    }

    ngx_http_cost_timer_sync_next_source(job);
}


static ngx_int_t
ngx_http_cost_timer_sync_source(ngx_http_cost_timer_sync_job_t *job,
    ngx_http_cost_pg_result_t *result, ngx_uint_t row)
{
    ngx_str_t                           one;
    ngx_uint_t                          i;
    ngx_http_cost_timer_sync_source_t  *source;

    static const size_t  texts[] = {
        offsetof(ngx_http_cost_timer_sync_source_t, account),
        offsetof(ngx_http_cost_timer_sync_source_t, account_uuid),
        offsetof(ngx_http_cost_timer_sync_source_t, uuid),
        offsetof(ngx_http_cost_timer_sync_source_t, kind_name),
        offsetof(ngx_http_cost_timer_sync_source_t, location),
        offsetof(ngx_http_cost_timer_sync_source_t, bucket),
        offsetof(ngx_http_cost_timer_sync_source_t, region),
        offsetof(ngx_http_cost_timer_sync_source_t, prefix),
        offsetof(ngx_http_cost_timer_sync_source_t, access),
        offsetof(ngx_http_cost_timer_sync_source_t, sealed)
    };

    source = ngx_array_push(&job->sources);
    if (source == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(source, sizeof(ngx_http_cost_timer_sync_source_t));

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (ngx_http_cost_timer_sync_text(job->pool, result, row, i,
                                          (ngx_str_t *) ((u_char *) source
                                                         + texts[i]))
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    source->kind = source->kind_name.data[0] == 'd'
                   ? NGX_HTTP_COST_TIMER_SYNC_DIRECTORY
                   : source->kind_name.data[0] == 'h'
                     ? NGX_HTTP_COST_TIMER_SYNC_HTTPS
                     : NGX_HTTP_COST_TIMER_SYNC_S3;

    ngx_http_cost_pg_text(result, row, NGX_HTTP_COST_TIMER_SYNC_C_ONE, &one);
    source->one = (one.len && one.data[0] == 't');

    return NGX_OK;
}


void
ngx_http_cost_timer_sync_next_source(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_http_cost_timer_sync_close_directories(job);

    if (job->source_pool) {
        ngx_destroy_pool(job->source_pool);
        job->source_pool = NULL;
    }

    if (ngx_exiting && job->nsource < job->sources.nelts) {
        job->back = 1;
    }

    if (job->nsource == job->sources.nelts || job->back) {
        ngx_http_cost_timer_sync_finish(job);
        return;
    }

    job->source = (ngx_http_cost_timer_sync_source_t *) job->sources.elts
                  + job->nsource++;
    job->why_len = 0;
    job->nfile = 0;

    job->source_pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);

    if (job->source_pool == NULL
        || ngx_array_init(&job->files, job->source_pool, 64,
                          sizeof(ngx_http_cost_timer_sync_file_t))
           != NGX_OK)
    {
        ngx_http_cost_timer_sync_drop(job);
        return;
    }

    ngx_http_cost_timer_sync_list(job);
}


void
ngx_http_cost_timer_sync_error(ngx_http_cost_timer_sync_job_t *job,
    const char *what, size_t what_len, const u_char *why, size_t why_len)
{
    u_char  *p;

    job->failed = 1;

    if (job->error_len) {
        return;
    }

    p = ngx_slprintf(job->error,
                     job->error + NGX_HTTP_COST_TIMER_SYNC_ERROR,
                     "%*s%s%*s", what_len, what, what_len ? ": " : "",
                     why_len, why);

    job->error_len = p - job->error;

    /* it goes into the log: a file's name may have any characters */

    for (p = job->error; p < job->error + job->error_len; p++) {
        if (*p < 0x20 || *p == 0x7f) {
            *p = '?';
        }
    }
}


static void
ngx_http_cost_timer_sync_progress_timer(ngx_event_t *ev)
{
    ngx_connection_t                *c;
    ngx_http_cost_timer_sync_job_t  *job;

    c = ev->data;
    job = c->data;

    ngx_add_timer(ev, NGX_HTTP_COST_TIMER_SYNC_PERIOD);

    if (job->progress == NULL) {
        ngx_http_cost_timer_sync_progress(job);
    }
}


static void
ngx_http_cost_timer_sync_progress(ngx_http_cost_timer_sync_job_t *job)
{
    u_char      counts[NGX_HTTP_COST_TIMER_SYNC_COUNTS * NGX_INT64_LEN + 16];
    u_char     *p;
    ngx_str_t   params[8];
    ngx_uint_t  i;

    p = counts;

    for (i = 0; i < NGX_HTTP_COST_TIMER_SYNC_COUNTS; i++) {
        p = ngx_sprintf(p, "%c%L", i ? ',' : '{', job->counts[i]);
    }

    *p++ = '}';

    params[0] = job->organization;
    params[1] = job->id;
    params[2] = job->sync->tmcf->node;
    ngx_str_set(&params[3], NGX_HTTP_COST_TIMER_SYNC_LEASE_TEXT);

    if (!job->over) {
        ngx_str_set(&params[4], "running");

    } else if (job->back) {
        ngx_str_set(&params[4], "queued");

    } else if (job->failed) {
        ngx_str_set(&params[4], "failed");

    } else {
        ngx_str_set(&params[4], "done");
    }

    ngx_str_null(&params[5]);
    ngx_str_null(&params[6]);

    if (job->error_len) {
        params[5].data = job->error;
        params[5].len = job->error_len;
    }

    if (job->nfiles && !job->over) {
        params[6] = job->first[ngx_min(job->current, job->nfiles - 1)].name;
    }

    params[7].data = counts;
    params[7].len = p - counts;

    job->told = job->over;
    job->progress = ngx_http_cost_pg_query(&ngx_http_cost_sql_sync_progress,
                                          params, NGX_HTTP_COST_PG_FAST,
                                          ngx_http_cost_timer_sync_progressed,
                                          job);
}


static void
ngx_http_cost_timer_sync_progressed(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_timer_sync_job_t *job = data;

    ngx_str_t  ours;

    job->progress = NULL;

    if (rc != NGX_OK) {

        /* the timer tries again; in the end the lease tells the others */

        if (job->over && ++job->tries > NGX_HTTP_COST_TIMER_SYNC_TRIES) {
            ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                          "cost sync: how job %V ended could not be "
                          "recorded", &job->id);
            ngx_http_cost_timer_sync_drop(job);
        }

        return;
    }

    ngx_http_cost_pg_text(result, 0, 0, &ours);

    if (ours.len && ours.data[0] == 't') {

        if (job->told) {
            ngx_http_cost_timer_sync_drop(job);

        } else if (job->over) {
            ngx_http_cost_timer_sync_progress(job);
        }

        return;
    }

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "cost sync: job %V is not this node's any more", &job->id);

    ngx_http_cost_timer_sync_drop(job);
}


static void
ngx_http_cost_timer_sync_finish(ngx_http_cost_timer_sync_job_t *job)
{
    job->nfiles = 0;

    ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                  "cost sync: job %V of \"%V\" ends: %L files loaded, "
                  "%L unchanged, %L failed, %L rows; longest turn %uL us%s%*s",
                  &job->id, &job->slug,
                  job->counts[NGX_HTTP_COST_TIMER_SYNC_LOADED],
                  job->counts[NGX_HTTP_COST_TIMER_SYNC_SKIPPED],
                  job->counts[NGX_HTTP_COST_TIMER_SYNC_FAILED],
                  job->counts[NGX_HTTP_COST_TIMER_SYNC_ROWS],
                  job->sync->longest,
                  job->failed ? "; " : "", job->error_len, job->error);

    job->over = 1;

    if (job->progress == NULL) {
        ngx_http_cost_timer_sync_progress(job);
    }
}


void
ngx_http_cost_timer_sync_drop(ngx_http_cost_timer_sync_job_t *job)
{
    if (job->copy) {
        ngx_http_cost_pg_copy_abort(job->copy);
        job->copy = NULL;
    }

    if (job->query) {
        ngx_http_cost_pg_cancel(job->query);
        job->query = NULL;
    }

    if (job->progress) {
        ngx_http_cost_pg_cancel(job->progress);
        job->progress = NULL;
    }

    ngx_http_cost_timer_sync_stop(job);
    ngx_http_cost_timer_sync_input_close(job);
    ngx_http_cost_timer_sync_close_directories(job);

    if (job->work.posted) {
        ngx_delete_posted_event(&job->work);
    }

    if (job->work.timer_set) {
        ngx_del_timer(&job->work);
    }

    if (job->tick.timer_set) {
        ngx_del_timer(&job->tick);
    }

    ngx_queue_remove(&job->queue);
    job->sync->njobs--;

    ngx_http_cost_timer_sync_release(job);
}


static void
ngx_http_cost_timer_sync_release(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_uint_t  i;

    void *const  memory[] = {
        job->in, job->out, job->text, job->sums, job->things, job->page
    };
    ngx_pool_t *const  pools[] = {
        job->delivery_pool, job->source_pool, job->pool
    };

    for (i = 0; i < sizeof(memory) / sizeof(memory[0]); i++) {
        if (memory[i]) {
            ngx_free(memory[i]);
        }
    }

    for (i = 0; i < sizeof(pools) / sizeof(pools[0]); i++) {
        if (pools[i]) {
            ngx_destroy_pool(pools[i]);
        }
    }

    ngx_free(job);
}


ngx_int_t
ngx_http_cost_timer_sync_array(ngx_pool_t *pool, ngx_str_t *texts,
    ngx_uint_t n, ngx_str_t *array)
{
    u_char      *p;
    size_t       size, j;
    ngx_uint_t   i;

    size = sizeof("{}");

    for (i = 0; i < n; i++) {
        size += texts[i].data ? 2 * texts[i].len + sizeof("\"\",")
                              : sizeof("NULL,");
    }

    p = ngx_pnalloc(pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    array->data = p;
    *p++ = '{';

    for (i = 0; i < n; i++) {

        if (i) {
            *p++ = ',';
        }

        if (texts[i].data == NULL) {
            p = ngx_cpymem(p, "NULL", 4);
            continue;
        }

        *p++ = '"';

        for (j = 0; j < texts[i].len; j++) {
            if (texts[i].data[j] == '"' || texts[i].data[j] == '\\') {
                *p++ = '\\';
            }

            *p++ = texts[i].data[j];
        }

        *p++ = '"';
    }

    *p++ = '}';
    array->len = p - array->data;

    return NGX_OK;
}
