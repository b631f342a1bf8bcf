
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Turns of a job: what it does next is posted, for the next round of the
 * loop, so that clients have theirs in between.
 */


#include "timer/ngx_http_cost_timer_sync.h"


/*
 * Between two turns while clients ask: a load that took all of a CPU would
 * make them wait for it wherever they are, as PostgreSQL and the other
 * workers have to share what there is.
 */
#define NGX_HTTP_COST_TIMER_SYNC_PAUSE   1      /* ms */
#define NGX_HTTP_COST_TIMER_SYNC_RECENT  20     /* ms since a request */


static ngx_uint_t ngx_http_cost_timer_sync_asked(
    ngx_http_cost_timer_sync_t *sync);
static void ngx_http_cost_timer_sync_work(ngx_event_t *ev);
static uint64_t ngx_http_cost_timer_sync_now(clockid_t clock);


void
ngx_http_cost_timer_sync_turns(ngx_http_cost_timer_sync_job_t *job)
{
    job->work.handler = ngx_http_cost_timer_sync_work;
    job->work.data = &job->connection;
    job->work.log = ngx_cycle->log;
}


void
ngx_http_cost_timer_sync_post(ngx_http_cost_timer_sync_job_t *job,
    ngx_http_cost_timer_sync_pt next)
{
    job->next = next;

    if (job->work.posted || job->work.timer_set) {
        return;
    }

    if (ngx_http_cost_timer_sync_asked(job->sync)) {
        ngx_add_timer(&job->work, NGX_HTTP_COST_TIMER_SYNC_PAUSE);

    } else {
        ngx_post_event(&job->work, &ngx_posted_next_events);
    }
}


/* have there been requests a short while ago, in any worker? */

static ngx_uint_t
ngx_http_cost_timer_sync_asked(ngx_http_cost_timer_sync_t *sync)
{
#if (NGX_STAT_STUB)

    ngx_atomic_uint_t  requests;

    requests = *ngx_stat_requests;

    if (requests != sync->requests) {
        sync->requests = requests;
        sync->asked = ngx_current_msec;
    }

    return ngx_current_msec - sync->asked < NGX_HTTP_COST_TIMER_SYNC_RECENT;

#else

    return 1;

#endif
}


static void
ngx_http_cost_timer_sync_work(ngx_event_t *ev)
{
    ngx_connection_t                *c;
    ngx_http_cost_timer_sync_t      *sync;
    ngx_http_cost_timer_sync_job_t  *job;

    c = ev->data;
    job = c->data;
    sync = job->sync;

    ngx_http_cost_timer_sync_begin(sync);

    /* which may be the job's end */
    job->next(job);

    ngx_http_cost_timer_sync_took(sync);
}


void
ngx_http_cost_timer_sync_begin(ngx_http_cost_timer_sync_t *sync)
{
    sync->turn = ngx_http_cost_timer_sync_now(CLOCK_THREAD_CPUTIME_ID);
}


/* what other processes took of the time is not this turn's */

void
ngx_http_cost_timer_sync_took(ngx_http_cost_timer_sync_t *sync)
{
    uint64_t  spent;

    spent = ngx_http_cost_timer_sync_now(CLOCK_THREAD_CPUTIME_ID)
            - sync->turn;
    sync->longest = ngx_max(sync->longest, spent);
}


uint64_t
ngx_http_cost_timer_sync_clock(void)
{
    return ngx_http_cost_timer_sync_now(CLOCK_MONOTONIC);
}


static uint64_t
ngx_http_cost_timer_sync_now(clockid_t clock)
{
    struct timespec  ts;

    (void) clock_gettime(clock, &ts);

    return (uint64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}


ngx_uint_t
ngx_http_cost_timer_sync_long(uint64_t start)
{
    return ngx_http_cost_timer_sync_now(CLOCK_MONOTONIC) - start
           >= NGX_HTTP_COST_TIMER_SYNC_TURN;
}
