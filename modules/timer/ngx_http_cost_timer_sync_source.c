
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A source's files.  Those that are parts of one delivery are loaded in one
 * transaction; deliveries are loaded in the order in which they were written,
 * so that the newest has the last word about a billing period.
 */


#include "timer/ngx_http_cost_timer_sync.h"


/* names that a part is looked for among, backwards */
#define NGX_HTTP_COST_TIMER_SYNC_BACK   4

/* files that are asked for at a time */
#define NGX_HTTP_COST_TIMER_SYNC_KNOWN  1000


static ngx_int_t ngx_http_cost_timer_sync_open_secret(
    ngx_http_cost_timer_sync_job_t *job);
static void ngx_http_cost_timer_sync_list_https(
    ngx_http_cost_timer_sync_job_t *job);
static void ngx_http_cost_timer_sync_group(
    ngx_http_cost_timer_sync_job_t *job);
static int ngx_libc_cdecl ngx_http_cost_timer_sync_by_name(const void *one,
    const void *two);
static int ngx_libc_cdecl ngx_http_cost_timer_sync_by_time(const void *one,
    const void *two);
static void ngx_http_cost_timer_sync_known(
    ngx_http_cost_timer_sync_job_t *job);
static void ngx_http_cost_timer_sync_knew(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);


void
ngx_http_cost_timer_sync_list(ngx_http_cost_timer_sync_job_t *job)
{
    if (job->source->kind != NGX_HTTP_COST_TIMER_SYNC_DIRECTORY
        && job->sync->conf->fetch.clcf == NULL)
    {
        ngx_http_cost_timer_sync_why(job, "this server fetches nothing: it "
                                     "has no location with cost_fetch");
        ngx_http_cost_timer_sync_unlisted(job);
        return;
    }

    if (ngx_http_cost_timer_sync_open_secret(job) != NGX_OK) {
        ngx_http_cost_timer_sync_unlisted(job);
        return;
    }

    switch (job->source->kind) {

    case NGX_HTTP_COST_TIMER_SYNC_DIRECTORY:
        ngx_http_cost_timer_sync_list_directory(job);
        break;

    case NGX_HTTP_COST_TIMER_SYNC_HTTPS:
        ngx_http_cost_timer_sync_list_https(job);
        break;

    default: /* NGX_HTTP_COST_TIMER_SYNC_S3 */
        ngx_http_cost_timer_sync_list_s3(job);
    }
}


static ngx_int_t
ngx_http_cost_timer_sync_open_secret(ngx_http_cost_timer_sync_job_t *job)
{
    u_char                             *p;
    ngx_int_t                           rc;
    ngx_http_cost_timer_sync_source_t  *source;

    source = job->source;

    if (source->sealed.len == 0) {
        return NGX_OK;
    }

    rc = ngx_http_cost_webhook_open(job->sync->wmcf, job->source_pool,
                                    &source->uuid, &source->sealed,
                                    &source->secret);

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "cost sync: no key of \"cost_secret_key\" opens the "
                      "credentials of source %V", &source->uuid);
        ngx_http_cost_timer_sync_why(job, "the server cannot read the "
                                     "credentials of this source");

    } else if (rc != NGX_OK) {
        ngx_http_cost_timer_sync_why(job, "the server is out of memory");

    } else if (source->kind == NGX_HTTP_COST_TIMER_SYNC_S3) {

        /* a session's token is a line of its own */

        p = ngx_strlchr(source->secret.data,
                        source->secret.data + source->secret.len, LF);

        if (p) {
            source->session.data = p + 1;
            source->session.len = source->secret.data + source->secret.len
                                  - source->session.data;
            source->secret.len = p - source->secret.data;
        }
    }

    return rc;
}


/* one file, whose name is its URL's path */

static void
ngx_http_cost_timer_sync_list_https(ngx_http_cost_timer_sync_job_t *job)
{
    u_char      *p, *last;
    ngx_str_t   *url;
    ngx_uint_t   slashes;

    url = &job->source->location;
    last = url->data + url->len;

    /* behind "https://host/" */

    for (p = url->data, slashes = 0; p < last && slashes < 3; p++) {
        slashes += (*p == '/');
    }

    if (ngx_strlchr(p, last, '?')) {
        last = ngx_strlchr(p, last, '?');
    }

    if (p == last) {
        p = url->data;
    }

    if (ngx_http_cost_timer_sync_add(job, p, last - p) == NULL) {
        ngx_http_cost_timer_sync_unlisted(job);
        return;
    }

    ngx_http_cost_timer_sync_listed(job);
}


/* NULL: "why" */

ngx_http_cost_timer_sync_file_t *
ngx_http_cost_timer_sync_add(ngx_http_cost_timer_sync_job_t *job,
    u_char *name, size_t len)
{
    ngx_http_cost_timer_sync_file_t  *file;

    if (job->files.nelts == NGX_HTTP_COST_TIMER_SYNC_FILES) {
        ngx_http_cost_timer_sync_why(job, "there are more than %d files",
                                     NGX_HTTP_COST_TIMER_SYNC_FILES);
        return NULL;
    }

    file = ngx_array_push(&job->files);

    if (file) {
        ngx_memzero(file, sizeof(ngx_http_cost_timer_sync_file_t));

        file->size = -1;
        file->name.len = len;
        file->name.data = ngx_pnalloc(job->source_pool, len);
    }

    if (file == NULL || file->name.data == NULL) {
        ngx_http_cost_timer_sync_why(job, "the server is out of memory");
        return NULL;
    }

    ngx_memcpy(file->name.data, name, len);

    return file;
}


void
ngx_http_cost_timer_sync_unlisted(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_http_cost_timer_sync_error(job, (char *) job->source->location.data,
                                   job->source->location.len, job->why,
                                   job->why_len);
    ngx_http_cost_timer_sync_next_source(job);
}


void
ngx_http_cost_timer_sync_listed(ngx_http_cost_timer_sync_job_t *job)
{
    job->counts[NGX_HTTP_COST_TIMER_SYNC_FOUND] += job->files.nelts;

    if (job->files.nelts == 0) {
        ngx_http_cost_timer_sync_why(job, "there are no bills: no files "
                                     "whose names end in .csv or .csv.gz");
        ngx_http_cost_timer_sync_unlisted(job);
        return;
    }

    /* not more of them are added */

    job->at = 0;
    job->files.nalloc = job->files.nelts;
    job->spare = ngx_palloc(job->source_pool, job->files.nelts
                                 * sizeof(ngx_http_cost_timer_sync_file_t));

    if (job->spare == NULL) {
        ngx_http_cost_timer_sync_why(job, "the server is out of memory");
        ngx_http_cost_timer_sync_unlisted(job);
        return;
    }

    ngx_http_cost_timer_sync_sort(job, ngx_http_cost_timer_sync_by_name,
                                  ngx_http_cost_timer_sync_group);
}


static void
ngx_http_cost_timer_sync_group(ngx_http_cost_timer_sync_job_t *job)
{
    uint64_t                          start;
    ngx_uint_t                        i, j, n, back;
    ngx_http_cost_timer_sync_file_t  *file, *other;

    file = job->files.elts;
    n = job->files.nelts;
    start = ngx_http_cost_timer_sync_clock();

    while (job->at < n) {

        i = job->at++;
        file[i].group = job->source->one ? 0 : i;
        back = ngx_min(i, NGX_HTTP_COST_TIMER_SYNC_BACK);

        for (j = 1; j <= back && file[i].group == i; j++) {
            if (cost_delivery_same(ngx_http_cost_str(&file[i].name),
                                   ngx_http_cost_str(&file[i - j].name)))
            {
                file[i].group = file[i - j].group;
            }
        }

        /* groups are known by their first, which keeps the newest time */

        other = &file[file[i].group];
        other->group_time = (i == file[i].group)
                            ? file[i].modified
                            : ngx_max(other->group_time, file[i].modified);

        if (job->at % NGX_HTTP_COST_TIMER_SYNC_STEPS == 0
            && ngx_http_cost_timer_sync_long(start))
        {
            ngx_http_cost_timer_sync_post(job, ngx_http_cost_timer_sync_group);
            return;
        }
    }

    for (i = 0; i < n; i++) {
        file[i].group_time = file[file[i].group].group_time;
    }

    job->at = 0;

    ngx_http_cost_timer_sync_sort(job, ngx_http_cost_timer_sync_by_time,
                                  ngx_http_cost_timer_sync_known);
}


static int ngx_libc_cdecl
ngx_http_cost_timer_sync_by_name(const void *one, const void *two)
{
    const ngx_http_cost_timer_sync_file_t *a = one;
    const ngx_http_cost_timer_sync_file_t *b = two;

    int     rc;
    size_t  len;

    len = ngx_min(a->name.len, b->name.len);
    rc = ngx_memcmp(a->name.data, b->name.data, len);

    return rc ? rc : (a->name.len > b->name.len) - (a->name.len < b->name.len);
}


static int ngx_libc_cdecl
ngx_http_cost_timer_sync_by_time(const void *one, const void *two)
{
    const ngx_http_cost_timer_sync_file_t *a = one;
    const ngx_http_cost_timer_sync_file_t *b = two;

    if (a->group_time != b->group_time) {
        return (a->group_time > b->group_time) ? 1 : -1;
    }

    if (a->group != b->group) {
        return (a->group > b->group) ? 1 : -1;
    }

    return ngx_http_cost_timer_sync_by_name(one, two);
}


/* which of the files from "at" on need not be fetched */

static void
ngx_http_cost_timer_sync_known(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_str_t                        *names, *versions, params[5];
    ngx_uint_t                        i, n;
    ngx_http_cost_timer_sync_file_t  *file;

    file = (ngx_http_cost_timer_sync_file_t *) job->files.elts + job->at;
    n = ngx_min(job->files.nelts - job->at, NGX_HTTP_COST_TIMER_SYNC_KNOWN);

    names = ngx_palloc(job->source_pool, 2 * n * sizeof(ngx_str_t));

    if (names) {
        versions = names + n;

        for (i = 0; i < n; i++) {
            names[i] = file[i].name;
            versions[i] = file[i].version;
        }

        params[0] = job->organization;
        params[1] = job->source->account;
        params[4] = job->id;

        if (ngx_http_cost_timer_sync_array(job->source_pool, names, n,
                                           &params[2])
            == NGX_OK
            && ngx_http_cost_timer_sync_array(job->source_pool, versions, n,
                                              &params[3])
               == NGX_OK)
        {
            job->query = ngx_http_cost_pg_query(
                             &ngx_http_cost_sql_sync_known, params,
                             NGX_HTTP_COST_PG_SLOW,
                             ngx_http_cost_timer_sync_knew, job);
        }
    }

    if (job->query == NULL) {
        ngx_http_cost_timer_sync_drop(job);
    }
}


static void
ngx_http_cost_timer_sync_knew(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_timer_sync_job_t *job = data;

    ngx_int_t                         number;
    ngx_str_t                         text;
    ngx_uint_t                        i;
    ngx_http_cost_timer_sync_file_t  *file;

    job->query = NULL;

    if (rc != NGX_OK) {
        ngx_http_cost_timer_sync_why(job, "the database went away");
        ngx_http_cost_timer_sync_unlisted(job);
        return;
    }

    ngx_http_cost_timer_sync_begin(job->sync);

    for (i = 0; i < ngx_http_cost_pg_rows(result); i++) {
        ngx_http_cost_pg_text(result, i, 0, &text);
        number = ngx_atoi(text.data, text.len);

        if (number < 1 || (ngx_uint_t) number > job->files.nelts - job->at) {
            continue;
        }

        file = (ngx_http_cost_timer_sync_file_t *) job->files.elts
               + job->at + (number - 1);

        ngx_http_cost_pg_text(result, i, 2, &text);
        file->ours = (text.len && text.data[0] == 't');

        if (file->version.len) {
            file->known = 1;
            continue;
        }

        /* its server is asked with what was known of it */

        ngx_http_cost_pg_text(result, i, 1, &text);

        file->version.data = ngx_pstrdup(job->source_pool, &text);
        file->version.len = file->version.data ? text.len : 0;
    }

    ngx_http_cost_timer_sync_took(job->sync);

    job->at += NGX_HTTP_COST_TIMER_SYNC_KNOWN;

    ngx_http_cost_timer_sync_post(job,
                                  job->at < job->files.nelts
                                  ? ngx_http_cost_timer_sync_known
                                  : ngx_http_cost_timer_sync_next_delivery);
}


/* the files of the next group that has any that is not known */

void
ngx_http_cost_timer_sync_next_delivery(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_uint_t                        i, n, known;
    ngx_http_cost_timer_sync_file_t  *file;

    if (job->delivery_pool) {
        ngx_destroy_pool(job->delivery_pool);
        job->delivery_pool = NULL;
    }

    job->nfiles = 0;
    file = job->files.elts;
    n = job->files.nelts;

    while (job->nfile < n) {

        if (ngx_exiting) {
            job->back = 1;
            break;
        }

        known = 1;

        for (i = job->nfile;
             i < n && file[i].group == file[job->nfile].group;
             i++)
        {
            known &= file[i].known;
        }

        job->first = &file[job->nfile];
        job->nfiles = i - job->nfile;
        job->nfile = i;

        if (!known) {
            ngx_http_cost_timer_sync_deliver(job);
            return;
        }

        ngx_http_cost_timer_sync_passed(job);
        job->nfiles = 0;
    }

    ngx_http_cost_timer_sync_next_source(job);
}


void
ngx_http_cost_timer_sync_passed(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_uint_t  i;

    for (i = 0; i < job->nfiles; i++) {
        job->counts[job->first[i].ours ? NGX_HTTP_COST_TIMER_SYNC_LOADED
                                       : NGX_HTTP_COST_TIMER_SYNC_SKIPPED]++;
    }
}
