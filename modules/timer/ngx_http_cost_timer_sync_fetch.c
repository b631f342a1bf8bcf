
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Something is fetched for a job: the name is resolved and its addresses are
 * checked, then comes the request.  All that happens posts the job.
 */


#include "timer/ngx_http_cost_timer_sync.h"


static void ngx_http_cost_timer_sync_targeted(void *data, const char *why);
static void ngx_http_cost_timer_sync_send(ngx_http_cost_timer_sync_job_t *job);
static void ngx_http_cost_timer_sync_ready(void *data);
static void ngx_http_cost_timer_sync_done(void *data,
    ngx_http_cost_timer_outcome_t *outcome);


typedef struct {
    ngx_http_cost_timer_sync_job_t   *job;       /* NULL: it is gone */
    ngx_pool_t                       *pool;
    ngx_http_cost_timer_sync_file_t  *file;
    const char                       *why;
} ngx_http_cost_timer_sync_asked_t;


/*
 * A resolver cannot be told that nobody waits any more: its answer comes to
 * this, which has a pool of its own, and finds the job or not.
 */

void
ngx_http_cost_timer_sync_get(ngx_http_cost_timer_sync_job_t *job,
    ngx_pool_t *pool, ngx_http_cost_timer_sync_file_t *file,
    ngx_http_cost_timer_sync_pt next)
{
    ngx_str_t                          url;
    ngx_pool_t                        *own;
    ngx_http_cost_timer_sync_asked_t  *asked;

    job->next = next;
    job->fetching = 1;
    job->fetched = 0;
    job->status = 0;
    job->rc = NGX_OK;
    job->answer_len = 0;
    job->fetch.streaming = 0;
    job->fetch.whole = 0;
    job->fetch.in = NULL;
    job->fetch.fake = NULL;
    job->why_len = 0;

    asked = NULL;
    own = ngx_create_pool(NGX_DEFAULT_POOL_SIZE / 4, ngx_cycle->log);

    if (own) {
        asked = ngx_pcalloc(own, sizeof(ngx_http_cost_timer_sync_asked_t));

        if (asked == NULL) {
            ngx_destroy_pool(own);
        }
    }

    if (asked == NULL) {
        ngx_http_cost_timer_sync_why(job, "the server is out of memory");
        job->fetched = 1;
        ngx_http_cost_timer_sync_post(job, next);
        return;
    }

    asked->job = job;
    asked->pool = own;
    asked->file = file;
    job->asked = asked;

    if (ngx_http_cost_timer_sync_request(job, own, file, &url) != NGX_OK
        || ngx_http_cost_timer_target_of(&job->sync->conf->fetch,
                                         job->sync->wmcf->fetch, own, &url,
                                         &job->target,
                                         ngx_http_cost_timer_sync_targeted,
                                         asked)
           != NGX_OK)
    {
        ngx_http_cost_timer_sync_targeted(asked,
                                          "the server is out of memory");
    }
}


static void
ngx_http_cost_timer_sync_targeted(void *data, const char *why)
{
    ngx_http_cost_timer_sync_asked_t *asked = data;

    ngx_http_cost_timer_sync_job_t  *job;

    job = asked->job;

    if (job == NULL) {
        ngx_destroy_pool(asked->pool);
        return;
    }

    asked->why = why;

    /* the target is in the pool, which is kept until the fetch has ended */

    if (why) {
        ngx_http_cost_timer_sync_why(job, "%s", why);
        job->fetched = 1;
        ngx_http_cost_timer_sync_post(job, job->next);
        return;
    }

    ngx_http_cost_timer_sync_send(job);
}


static void
ngx_http_cost_timer_sync_send(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_msec_int_t                     left;
    ngx_http_cost_timer_send_t        *send;
    ngx_http_cost_timer_sync_asked_t  *asked;

    asked = job->asked;
    send = &job->fetch.send;
    left = (ngx_msec_int_t) (job->deadline - ngx_current_msec);

    send->location = &job->sync->conf->fetch;
    send->target = &job->target;
    send->headers = job->headers;
    ngx_str_null(&send->body);
    send->deadline = ngx_max(left, 1);
    send->done = ngx_http_cost_timer_sync_done;
    send->data = job;

    job->fetch.ready = ngx_http_cost_timer_sync_ready;
    job->target.id = job->id;

    if (ngx_http_cost_timer_sync_headers(job, asked->pool, asked->file)
        != NGX_OK
        || ngx_http_cost_timer_fetch(&job->fetch) != NGX_OK)
    {
        ngx_http_cost_timer_sync_why(job, "the server is out of memory or "
                                     "connections");
        job->fetched = 1;
        ngx_http_cost_timer_sync_post(job, job->next);
    }
}


static void
ngx_http_cost_timer_sync_ready(void *data)
{
    ngx_http_cost_timer_sync_job_t *job = data;

    ngx_http_cost_timer_sync_post(job, job->next);
}


static void
ngx_http_cost_timer_sync_done(void *data,
    ngx_http_cost_timer_outcome_t *outcome)
{
    ngx_http_cost_timer_sync_job_t *job = data;

    job->fetched = 1;
    job->status = outcome->status;
    job->rc = outcome->rc;
    job->answer_len = outcome->len;
    ngx_memcpy(job->answer, outcome->answer, outcome->len);

    ngx_http_cost_timer_sync_post(job, job->next);
}


/* nothing more will come of it */

void
ngx_http_cost_timer_sync_stop(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_http_cost_timer_sync_asked_t  *asked;

    if (!job->fetching) {
        return;
    }

    job->fetching = 0;
    asked = job->asked;
    job->asked = NULL;

    if (job->fetch.fake) {
        ngx_http_cost_timer_fetch_cancel(&job->fetch);

    } else if (asked && !job->fetched) {

        /* it is being resolved */

        asked->job = NULL;
        return;
    }

    if (asked) {
        ngx_destroy_pool(asked->pool);
    }
}


ngx_int_t
ngx_http_cost_timer_sync_answer(ngx_http_cost_timer_sync_job_t *job)
{
    cost_str_t  code;

    /* there was no request */

    if (job->why_len) {
        return NGX_ERROR;
    }

    if (job->status == NGX_HTTP_OK) {

        if (job->fetch.streaming && job->fetch.whole) {
            return NGX_OK;
        }

        ngx_http_cost_timer_sync_why(job, job->rc == NGX_ABORT
                                     ? "the job ran out of time"
                                     : "the connection was cut in the middle");
        return NGX_ERROR;
    }

    if (job->status == 0) {
        ngx_http_cost_timer_sync_why(job, job->rc == NGX_ABORT
                                     || job->rc == NGX_HTTP_GATEWAY_TIME_OUT
                                     ? "there was no answer in time"
                                     : "the connection failed, or was closed "
                                       "without an answer");
        return NGX_ERROR;
    }

    code = cost_s3list_text(job->answer, job->answer_len, "Code");

    if (code.len) {
        ngx_http_cost_timer_sync_why(job, "the server answered %ui (%*s)",
                                     job->status, ngx_min(code.len, 64),
                                     code.data);

    } else {
        ngx_http_cost_timer_sync_why(job, "the server answered %ui",
                                     job->status);
    }

    return NGX_ERROR;
}
