
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * One delivery: its files' bytes become rows, rows become sums, sums go out by
 * COPY whenever there are too many of them, all in one transaction.
 *
 *     pump   flush -> COPY            while there are sums to go out
 *            row -> sums              while the bill has rows
 *            bytes -> bill            while its source has some
 *
 * It is called again when COPY wants more, when bytes have come, or when its
 * turn was over; it never waits.
 */


#include "timer/ngx_http_cost_timer_sync.h"


/* rows between two looks at the clock */
#define NGX_HTTP_COST_TIMER_SYNC_ROWS_TURN  32


static void ngx_http_cost_timer_sync_writable(void *data);
static void ngx_http_cost_timer_sync_step(void *data,
    ngx_http_cost_pg_result_t *result);
static void ngx_http_cost_timer_sync_copied(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static void ngx_http_cost_timer_sync_unchanged(
    ngx_http_cost_timer_sync_job_t *job);
static ngx_int_t ngx_http_cost_timer_sync_flush(
    ngx_http_cost_timer_sync_job_t *job);
static size_t ngx_http_cost_timer_sync_lines(
    ngx_http_cost_timer_sync_job_t *job, ngx_uint_t *more);
static void ngx_http_cost_timer_sync_flushed(
    ngx_http_cost_timer_sync_job_t *job);
static ngx_int_t ngx_http_cost_timer_sync_rows(
    ngx_http_cost_timer_sync_job_t *job, uint64_t start);
static ngx_int_t ngx_http_cost_timer_sync_sum(
    ngx_http_cost_timer_sync_job_t *job);
static ngx_int_t ngx_http_cost_timer_sync_refuse(
    ngx_http_cost_timer_sync_job_t *job);
static ngx_int_t ngx_http_cost_timer_sync_end_file(
    ngx_http_cost_timer_sync_job_t *job);
static void ngx_http_cost_timer_sync_failed(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);


static const ngx_http_cost_sql_t  ngx_http_cost_timer_sync_costs = {
    "sync_costs", COST_COPY_COSTS, 0, 0
};

static const ngx_http_cost_sql_t  ngx_http_cost_timer_sync_resources = {
    "sync_resources", COST_COPY_RESOURCES, 0, 0
};


void
ngx_http_cost_timer_sync_deliver(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_http_cost_pg_load_t  load;

    job->why_len = 0;
    job->current = 0;
    job->table = NGX_HTTP_COST_TIMER_SYNC_COSTS;
    job->flush = 0;
    job->last = 0;
    job->open = 0;
    job->pending = 0;
    job->pending_resource = 0;
    job->committing = 0;

    ngx_str_null(&job->import);

    cost_fold_reset(&job->fold);
    cost_inventory_reset(&job->inventory);

    job->delivery_pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE,
                                         ngx_cycle->log);

    if (job->delivery_pool == NULL
        || ngx_array_init(&job->refusals, job->delivery_pool, 8,
                          sizeof(ngx_http_cost_timer_sync_refusal_t))
           != NGX_OK)
    {
        ngx_http_cost_timer_sync_drop(job);
        return;
    }

    ngx_memzero(&load, sizeof(ngx_http_cost_pg_load_t));

    load.before = &ngx_http_cost_sql_import_stage;
    load.copy = &ngx_http_cost_timer_sync_costs;
    load.step = ngx_http_cost_timer_sync_step;
    load.writable = ngx_http_cost_timer_sync_writable;
    load.done = ngx_http_cost_timer_sync_copied;
    load.data = job;

    job->copy = ngx_http_cost_pg_copy_begin(&load);

    if (job->copy == NULL) {
        ngx_http_cost_timer_sync_drop(job);
    }
}


static void
ngx_http_cost_timer_sync_writable(void *data)
{
    ngx_http_cost_timer_sync_job_t *job = data;

    job->open = 1;
    ngx_http_cost_timer_sync_post(job, ngx_http_cost_timer_sync_pump);
}


static void
ngx_http_cost_timer_sync_step(void *data, ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_timer_sync_job_t *job = data;

    ngx_http_cost_timer_sync_t  *sync;

    sync = job->sync;

    if (job->committing) {
        ngx_http_cost_timer_sync_begin(sync);
        ngx_http_cost_timer_sync_commit(job, result);
        ngx_http_cost_timer_sync_took(sync);
        return;
    }

    /* the other table has its turn */

    job->table = job->flush;

    ngx_http_cost_pg_copy_another(job->copy,
                              job->table == NGX_HTTP_COST_TIMER_SYNC_COSTS
                              ? &ngx_http_cost_timer_sync_costs
                              : &ngx_http_cost_timer_sync_resources);
}


static void
ngx_http_cost_timer_sync_copied(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_timer_sync_job_t *job = data;

    ngx_str_t  message;

    job->copy = NULL;

    if (rc == NGX_OK) {
        ngx_http_cost_timer_sync_end(job);
        return;
    }

    if (rc == NGX_ERROR) {
        ngx_http_cost_pg_message(result, &message);
        ngx_http_cost_timer_sync_why(job, "the database refused it: %V",
                                     &message);

    } else {

        /* nothing else would go better */

        ngx_http_cost_timer_sync_why(job, rc == NGX_BUSY
                                     ? "the server has too many loads"
                                     : "the database went away");
        job->nfile = job->files.nelts;
        job->nsource = job->sources.nelts;
    }

    ngx_http_cost_timer_sync_fail(job);
}


void
ngx_http_cost_timer_sync_pump(ngx_http_cost_timer_sync_job_t *job)
{
    uint64_t   start;
    ngx_int_t  rc;

    start = ngx_http_cost_timer_sync_clock();

    while (job->copy && job->open) {

        if ((ngx_msec_int_t) (job->deadline - ngx_current_msec) <= 0) {
            ngx_http_cost_timer_sync_why(job, "the job ran out of time");
            ngx_http_cost_timer_sync_fail(job);
            return;
        }

        if (job->flush) {
            rc = ngx_http_cost_timer_sync_flush(job);

        } else if (job->last) {

            /* all has gone out */

            job->open = 0;
            job->committing = 1;
            ngx_http_cost_pg_copy_end(job->copy, NULL);
            break;

        } else if (!job->input.open) {
            ngx_http_cost_timer_sync_begin_file(job);
            rc = job->input.open ? NGX_OK : NGX_ERROR;

            if (rc == NGX_ERROR) {
                ngx_http_cost_timer_sync_fail(job);
                return;
            }

        } else {
            rc = ngx_http_cost_timer_sync_rows(job, start);
        }

        if (rc == NGX_ERROR) {

            /* of what COPY refuses its own end will tell */

            if (job->input.same) {
                ngx_http_cost_timer_sync_unchanged(job);

            } else if (job->why_len) {
                ngx_http_cost_timer_sync_fail(job);
            }

            return;
        }

        if (rc == NGX_AGAIN) {
            break;
        }

        if (ngx_http_cost_timer_sync_long(start)) {
            ngx_http_cost_timer_sync_post(job, ngx_http_cost_timer_sync_pump);
            return;
        }
    }
}


/* its server says that what was loaded is what it has */

static void
ngx_http_cost_timer_sync_unchanged(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_http_cost_pg_copy_abort(job->copy);
    job->copy = NULL;

    ngx_http_cost_timer_sync_input_close(job);

    ngx_http_cost_timer_sync_passed(job);
    ngx_http_cost_timer_sync_next_delivery(job);
}


static ngx_int_t
ngx_http_cost_timer_sync_flush(ngx_http_cost_timer_sync_job_t *job)
{
    size_t      len;
    ngx_int_t   rc;
    ngx_uint_t  more;

    if (job->table != job->flush) {
        job->open = 0;
        ngx_http_cost_pg_copy_end(job->copy, NULL);

        return NGX_AGAIN;
    }

    len = ngx_http_cost_timer_sync_lines(job, &more);

    rc = len ? ngx_http_cost_pg_copy_put(job->copy, job->out, len) : NGX_OK;

    if (rc == NGX_AGAIN) {
        job->open = 0;
    }

    if (!more && rc != NGX_ERROR) {
        ngx_http_cost_timer_sync_flushed(job);
    }

    return rc;
}


/* as many as fit */

static size_t
ngx_http_cost_timer_sync_lines(ngx_http_cost_timer_sync_job_t *job,
    ngx_uint_t *more)
{
    size_t                   len;
    uint32_t                 n;
    cost_inventory_entry_t  *entry;

    len = 0;
    n = (job->flush == NGX_HTTP_COST_TIMER_SYNC_COSTS) ? job->fold.n
                                                       : job->inventory.n;

    while (job->entry < n && len < NGX_HTTP_COST_TIMER_SYNC_OUTPUT) {

        if (job->flush == NGX_HTTP_COST_TIMER_SYNC_COSTS) {
            len += cost_copy_cost(&job->fold,
                                  &job->fold.entries[job->entry++],
                                  job->out + len);
            continue;
        }

        entry = &job->inventory.entries[job->entry++];

        if (cost_inventory_worth(entry)) {
            len += cost_copy_resource(&job->inventory, entry, job->out + len);
        }
    }

    *more = (job->entry < n);

    return len;
}


static void
ngx_http_cost_timer_sync_flushed(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_http_cost_timer_sync_table_e  table;

    table = job->flush;
    job->flush = 0;
    job->entry = 0;

    if (table == NGX_HTTP_COST_TIMER_SYNC_INVENTORY) {
        cost_inventory_reset(&job->inventory);
        return;
    }

    cost_fold_reset(&job->fold);

    if (job->last && job->inventory.n) {
        job->flush = NGX_HTTP_COST_TIMER_SYNC_INVENTORY;
    }
}


/* NGX_OK: go on, if there is time */

static ngx_int_t
ngx_http_cost_timer_sync_rows(ngx_http_cost_timer_sync_job_t *job,
    uint64_t start)
{
    cost_rc_e   rc;
    ngx_uint_t  n;

    for (n = 1; n % NGX_HTTP_COST_TIMER_SYNC_ROWS_TURN; n++) {

        if (job->pending || job->pending_resource) {
            if (ngx_http_cost_timer_sync_sum(job) != NGX_OK) {
                return NGX_OK;
            }
        }

        rc = cost_bill_next(&job->bill, &job->row);

        switch (rc) {

        case COST_OK:
            job->counts[NGX_HTTP_COST_TIMER_SYNC_READ]++;

            if (job->bill.rows > (uint64_t) job->sync->conf->rows) {
                ngx_http_cost_timer_sync_why(job, "has more than %i rows",
                                             job->sync->conf->rows);
                return NGX_ERROR;
            }

            job->pending = 1;
            continue;

        case COST_INVALID:
            job->counts[NGX_HTTP_COST_TIMER_SYNC_READ]++;

            if (ngx_http_cost_timer_sync_refuse(job) != NGX_OK) {
                return NGX_ERROR;
            }

            continue;

        case COST_AGAIN:
            return ngx_http_cost_timer_sync_bytes(job);

        case COST_DONE:
            return ngx_http_cost_timer_sync_end_file(job);

        default: /* COST_RANGE */
            ngx_http_cost_timer_sync_why(job, "%*s", job->bill.why.len,
                                         job->bill.why.data);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* NGX_AGAIN: what is there must go out first */

static ngx_int_t
ngx_http_cost_timer_sync_sum(ngx_http_cost_timer_sync_job_t *job)
{
    if (job->pending) {

        if (cost_fold_add(&job->fold, &job->row) != COST_OK) {
            job->flush = NGX_HTTP_COST_TIMER_SYNC_COSTS;
            job->entry = 0;
            return NGX_AGAIN;
        }

        job->pending = 0;
        job->pending_resource = cost_resource_read(&job->cache,
                                                   &job->bill.focus,
                                                   &job->bill.record,
                                                   &job->row, &job->resource);
    }

    if (job->pending_resource) {

        if (cost_inventory_add(&job->inventory, &job->row, &job->resource)
            != COST_OK)
        {
            job->flush = NGX_HTTP_COST_TIMER_SYNC_INVENTORY;
            job->entry = 0;
            return NGX_AGAIN;
        }

        job->pending_resource = 0;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_timer_sync_refuse(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_http_cost_timer_sync_refusal_t  *refusal;

    job->counts[NGX_HTTP_COST_TIMER_SYNC_REFUSED]++;

    if (job->refusals.nelts == NGX_HTTP_COST_TIMER_SYNC_REFUSALS) {
        return NGX_OK;
    }

    refusal = ngx_array_push(&job->refusals);

    if (refusal) {
        refusal->file = job->current + 1;
        refusal->line = job->bill.line;
        refusal->why.len = job->bill.why.len;
        refusal->why.data = ngx_pnalloc(job->delivery_pool,
                                        job->bill.why.len);
    }

    if (refusal == NULL || refusal->why.data == NULL) {
        ngx_http_cost_timer_sync_why(job, "the server is out of memory");
        return NGX_ERROR;
    }

    ngx_memcpy(refusal->why.data, job->bill.why.data, job->bill.why.len);

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_timer_sync_end_file(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_http_cost_timer_sync_file_t  *file;

    file = &job->first[job->current];

    file->rows = job->bill.rows;
    file->refused = job->bill.refused;
    file->format_len = cost_bill_format(&job->bill, file->format);
    file->size = job->input.received;

    if (job->input.fd != -1 && ngx_http_cost_timer_sync_changed(job)) {
        ngx_http_cost_timer_sync_why(job, "changed while it was read");
        return NGX_ERROR;
    }

    ngx_http_cost_timer_sync_input_close(job);

    if (++job->current == job->nfiles) {
        cost_fold_finish(&job->fold);

        job->last = 1;
        job->flush = NGX_HTTP_COST_TIMER_SYNC_COSTS;
        job->entry = 0;
    }

    return NGX_OK;
}


void
ngx_http_cost_timer_sync_why(ngx_http_cost_timer_sync_job_t *job,
    const char *fmt, ...)
{
    u_char   *p;
    va_list   args;

    va_start(args, fmt);
    p = ngx_vslprintf(job->why, job->why + NGX_HTTP_COST_TIMER_SYNC_ERROR,
                      fmt, args);
    va_end(args);

    job->why_len = p - job->why;
}


/* nothing of the delivery is stored */

void
ngx_http_cost_timer_sync_fail(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_str_t                        *names, params[5];
    ngx_uint_t                        i;
    ngx_http_cost_timer_sync_file_t  *file;

    if (job->copy) {
        ngx_http_cost_pg_copy_abort(job->copy);
        job->copy = NULL;
    }

    ngx_http_cost_timer_sync_input_close(job);

    job->counts[NGX_HTTP_COST_TIMER_SYNC_FAILED] += job->nfiles;
    file = &job->first[ngx_min(job->current, job->nfiles - 1)];

    ngx_http_cost_timer_sync_error(job, (char *) file->name.data,
                                   file->name.len, job->why, job->why_len);

    names = ngx_palloc(job->delivery_pool, job->nfiles * sizeof(ngx_str_t));

    if (names) {
        for (i = 0; i < job->nfiles; i++) {
            names[i] = job->first[i].name;
        }

        params[0] = job->organization;
        params[1] = job->id;
        params[2] = job->source->account;
        params[4].data = job->why;
        params[4].len = job->why_len;

        if (ngx_http_cost_timer_sync_array(job->delivery_pool, names,
                                           job->nfiles, &params[3])
            == NGX_OK)
        {
            job->query = ngx_http_cost_pg_query(
                             &ngx_http_cost_sql_sync_failed, params,
                             NGX_HTTP_COST_PG_FAST,
                             ngx_http_cost_timer_sync_failed, job);
        }
    }

    if (job->query == NULL) {
        ngx_http_cost_timer_sync_drop(job);
    }
}


static void
ngx_http_cost_timer_sync_failed(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_timer_sync_job_t *job = data;

    job->query = NULL;

    ngx_http_cost_timer_sync_next_delivery(job);
}


/* it is committed */

void
ngx_http_cost_timer_sync_end(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_uint_t                           i;
    ngx_http_cost_timer_sync_file_t     *file;
    ngx_http_cost_timer_sync_refusal_t  *refusal;

    refusal = job->refusals.elts;

    for (i = 0; i < job->nfiles; i++) {
        file = &job->first[i];

        job->counts[NGX_HTTP_COST_TIMER_SYNC_LOADED]++;
        job->counts[NGX_HTTP_COST_TIMER_SYNC_ROWS] += file->rows
                                                      - file->refused;

        /* it counts as read, but somebody should know */

        if (file->rows && file->rows == file->refused) {
            ngx_http_cost_timer_sync_why(job, "every row was refused%s%*s",
                                         job->refusals.nelts ? ", the first: "
                                                             : "",
                                         job->refusals.nelts
                                         ? refusal->why.len : 0,
                                         job->refusals.nelts
                                         ? refusal->why.data : NULL);
            ngx_http_cost_timer_sync_error(job, (char *) file->name.data,
                                           file->name.len, job->why,
                                           job->why_len);
        }
    }

    ngx_http_cost_timer_sync_next_delivery(job);
}
