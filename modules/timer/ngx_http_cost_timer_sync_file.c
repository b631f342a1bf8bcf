
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The bytes of one file, plain or gzip, from a directory or fetched, within
 * the operator's bounds.  gzip is known by its first two bytes; a file of
 * several members is the text of all.
 */


#include "timer/ngx_http_cost_timer_sync.h"


/* zlib: the largest window, a gzip header */
#define NGX_HTTP_COST_TIMER_SYNC_GZIP   (15 + 16)

/* unpacked in a step */
#define NGX_HTTP_COST_TIMER_SYNC_CHUNK  65536

/*
 * Bills unpack to some 10 to 60 times their size, and to 1000 at the most that
 * gzip can; a file that has come that far with more than this is a bomb.
 */
#define NGX_HTTP_COST_TIMER_SYNC_RATIO  250
#define NGX_HTTP_COST_TIMER_SYNC_SMALL  ((off_t) 256 * 1024 * 1024)


static ngx_int_t ngx_http_cost_timer_sync_more(
    ngx_http_cost_timer_sync_job_t *job);
static ngx_int_t ngx_http_cost_timer_sync_read(
    ngx_http_cost_timer_sync_job_t *job);
static ngx_int_t ngx_http_cost_timer_sync_fetched(
    ngx_http_cost_timer_sync_job_t *job);
static ngx_int_t ngx_http_cost_timer_sync_plain(
    ngx_http_cost_timer_sync_job_t *job);
static ngx_int_t ngx_http_cost_timer_sync_inflate(
    ngx_http_cost_timer_sync_job_t *job);
static ngx_int_t ngx_http_cost_timer_sync_member(
    ngx_http_cost_timer_sync_job_t *job);


/* input.open is 0 when it failed: "why" */

void
ngx_http_cost_timer_sync_begin_file(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_http_cost_timer_sync_file_t  *file;

    file = &job->first[job->current];

    ngx_memzero(&job->input, sizeof(ngx_http_cost_timer_sync_input_t));

    job->input.fd = -1;
    job->input.pos = job->in;
    job->input.last = job->in;

    ngx_memzero(&job->cache, sizeof(cost_resource_cache_t));
    cost_bill_init(&job->bill, job->text, job->currency, job->rates,
                   job->nrates);

    if (file->size > job->sync->conf->file) {
        ngx_http_cost_timer_sync_why(job, "is larger than %O bytes",
                                     job->sync->conf->file);
        return;
    }

    if (job->source->kind == NGX_HTTP_COST_TIMER_SYNC_DIRECTORY) {
        job->input.open = (ngx_http_cost_timer_sync_open(job, file)
                           == NGX_OK);
        return;
    }

    job->input.open = 1;

    ngx_http_cost_timer_sync_get(job, job->delivery_pool, file,
                                 ngx_http_cost_timer_sync_pump);
}


void
ngx_http_cost_timer_sync_input_close(ngx_http_cost_timer_sync_job_t *job)
{
    if (job->input.gzip) {
        (void) inflateEnd(&job->input.zs);
        job->input.gzip = 0;
    }

    if (job->input.fd != -1) {
        (void) close(job->input.fd);
        job->input.fd = -1;
    }

    job->input.open = 0;

    ngx_http_cost_timer_sync_stop(job);
}


ngx_int_t
ngx_http_cost_timer_sync_bytes(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_int_t                          rc;
    ngx_http_cost_timer_sync_input_t  *in;

    in = &job->input;

    if (in->pos == in->last && !in->eof) {
        rc = ngx_http_cost_timer_sync_more(job);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (!in->known) {

        if (in->last - in->pos < 2 && !in->eof) {
            rc = ngx_http_cost_timer_sync_more(job);

            if (rc != NGX_OK || (in->last - in->pos < 2 && !in->eof)) {
                return rc;
            }
        }

        in->known = 1;

        if (in->last - in->pos >= 2
            && in->pos[0] == 0x1f && in->pos[1] == 0x8b)
        {
            if (inflateInit2(&in->zs, NGX_HTTP_COST_TIMER_SYNC_GZIP) != Z_OK)
            {
                ngx_http_cost_timer_sync_why(job, "the server is out of "
                                             "memory");
                return NGX_ERROR;
            }

            in->gzip = 1;
            in->member = 1;
        }
    }

    rc = in->gzip ? ngx_http_cost_timer_sync_inflate(job)
                  : ngx_http_cost_timer_sync_plain(job);

    if (rc == NGX_OK && in->unpacked > job->sync->conf->unpacked) {
        ngx_http_cost_timer_sync_why(job, "unpacks to more than %O bytes",
                                     job->sync->conf->unpacked);
        return NGX_ERROR;
    }

    return rc;
}


/* puts more behind "last", which has room */

static ngx_int_t
ngx_http_cost_timer_sync_more(ngx_http_cost_timer_sync_job_t *job)
{
    size_t                             n;
    ngx_int_t                          rc;
    ngx_http_cost_timer_sync_input_t  *in;

    in = &job->input;
    n = in->last - in->pos;

    if (n) {
        ngx_memmove(job->in, in->pos, n);
    }

    in->pos = job->in;
    in->last = job->in + n;

    rc = in->fd != -1 ? ngx_http_cost_timer_sync_read(job)
                      : ngx_http_cost_timer_sync_fetched(job);

    n = in->last - in->pos - n;

    in->received += n;
    job->counts[NGX_HTTP_COST_TIMER_SYNC_BYTES] += n;

    if (rc == NGX_OK && in->received > job->sync->conf->file) {
        ngx_http_cost_timer_sync_why(job, "is larger than %O bytes",
                                     job->sync->conf->file);
        return NGX_ERROR;
    }

    return rc;
}


static ngx_int_t
ngx_http_cost_timer_sync_read(ngx_http_cost_timer_sync_job_t *job)
{
    ssize_t                            n;
    ngx_http_cost_timer_sync_input_t  *in;

    in = &job->input;

    do {
        n = read(in->fd, in->last, job->in + NGX_HTTP_COST_TIMER_SYNC_INPUT
                                   - in->last);
    } while (n == -1 && ngx_errno == NGX_EINTR);

    if (n == -1) {
        ngx_http_cost_timer_sync_why(job, "cannot be read");
        return NGX_ERROR;
    }

    in->eof = (n == 0);
    in->last += n;

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_timer_sync_fetched(ngx_http_cost_timer_sync_job_t *job)
{
    u_char                            *p;
    size_t                             n, len;
    ngx_uint_t                         i;
    ngx_http_cost_timer_sync_input_t  *in;

    in = &job->input;
    n = 0;

    /* what is there, else whatever comes at once */

    for (i = 0; i < 2 && n == 0; i++) {

        while ((len = ngx_http_cost_timer_fetch_peek(&job->fetch, &p)) != 0
               && in->last < job->in + NGX_HTTP_COST_TIMER_SYNC_INPUT)
        {
            len = ngx_min(len, (size_t) (job->in
                                         + NGX_HTTP_COST_TIMER_SYNC_INPUT
                                         - in->last));
            in->last = ngx_cpymem(in->last, p, len);
            n += len;

            ngx_http_cost_timer_fetch_take(&job->fetch, len);
        }

        if (n == 0 && job->fetch.streaming && !job->fetched && i == 0) {

            if (!job->fetch.sized) {
                ngx_http_cost_timer_sync_why(job, "its server does not say "
                                             "where it ends");
                return NGX_ERROR;
            }

            ngx_http_cost_timer_fetch_resume(&job->fetch);
        }
    }

    if (n) {
        return NGX_OK;
    }

    if (!job->fetched) {
        return NGX_AGAIN;
    }

    if (job->status == NGX_HTTP_NOT_MODIFIED
        && job->first[job->current].version.len)
    {
        in->same = 1;
        return NGX_ERROR;
    }

    if (ngx_http_cost_timer_sync_answer(job) != NGX_OK) {
        return NGX_ERROR;
    }

    in->eof = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_timer_sync_plain(ngx_http_cost_timer_sync_job_t *job)
{
    size_t                             size, len;
    uint8_t                           *room;
    ngx_http_cost_timer_sync_input_t  *in;

    in = &job->input;
    room = cost_bill_room(&job->bill, &size);
    len = ngx_min(size, (size_t) (in->last - in->pos));

    if (len == 0 && !in->eof) {
        return NGX_OK;
    }

    ngx_memcpy(room, in->pos, len);
    in->pos += len;
    in->unpacked += len;

    cost_bill_fed(&job->bill, len, in->eof && in->pos == in->last);

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_timer_sync_inflate(ngx_http_cost_timer_sync_job_t *job)
{
    int                                rc;
    size_t                             size, len;
    uint8_t                           *room;
    ngx_http_cost_timer_sync_input_t  *in;

    in = &job->input;

    if (!in->member && ngx_http_cost_timer_sync_member(job) != NGX_OK) {
        return NGX_ERROR;
    }

    if (in->pos == in->last) {

        if (!in->eof) {
            return NGX_OK;
        }

        if (in->member) {
            ngx_http_cost_timer_sync_why(job, "the gzip data ends in the "
                                         "middle: the file is truncated");
            return NGX_ERROR;
        }

        cost_bill_fed(&job->bill, 0, true);

        return NGX_OK;
    }

    room = cost_bill_room(&job->bill, &size);
    size = ngx_min(size, NGX_HTTP_COST_TIMER_SYNC_CHUNK);

    in->zs.next_in = in->pos;
    in->zs.avail_in = in->last - in->pos;
    in->zs.next_out = room;
    in->zs.avail_out = size;

    rc = inflate(&in->zs, Z_NO_FLUSH);

    in->pos = in->zs.next_in;
    len = size - in->zs.avail_out;
    in->unpacked += len;

    if (rc == Z_STREAM_END) {
        in->member = 0;

    } else if (rc != Z_OK) {
        ngx_http_cost_timer_sync_why(job, "the gzip data is damaged: %s",
                                     in->zs.msg ? in->zs.msg : zError(rc));
        return NGX_ERROR;
    }

    if (in->unpacked > NGX_HTTP_COST_TIMER_SYNC_SMALL
        && in->unpacked / NGX_HTTP_COST_TIMER_SYNC_RATIO > in->received)
    {
        ngx_http_cost_timer_sync_why(job, "unpacks to more than %d times its "
                                     "size: this is no bill",
                                     NGX_HTTP_COST_TIMER_SYNC_RATIO);
        return NGX_ERROR;
    }

    cost_bill_fed(&job->bill, len, false);

    return NGX_OK;
}


/* what follows a member: another one, padding of zeros, or the end */

static ngx_int_t
ngx_http_cost_timer_sync_member(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_http_cost_timer_sync_input_t  *in;

    in = &job->input;

    while (in->pos < in->last && *in->pos == 0) {
        in->pos++;
    }

    if (in->pos == in->last) {
        return NGX_OK;
    }

    if (*in->pos != 0x1f) {
        ngx_http_cost_timer_sync_why(job, "something else follows the gzip "
                                     "data");
        return NGX_ERROR;
    }

    if (inflateReset(&in->zs) != Z_OK) {
        ngx_http_cost_timer_sync_why(job, "the server is out of memory");
        return NGX_ERROR;
    }

    in->member = 1;

    return NGX_OK;
}
