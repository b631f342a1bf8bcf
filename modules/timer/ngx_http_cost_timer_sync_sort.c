
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The files of a source are put in order in turns: short runs by qsort(),
 * then runs are merged, two at a time, until there is one.
 */


#include "timer/ngx_http_cost_timer_sync.h"


static void ngx_http_cost_timer_sync_sorting(
    ngx_http_cost_timer_sync_job_t *job);
static void ngx_http_cost_timer_sync_merge(
    ngx_http_cost_timer_sync_sort_t *sort, ngx_uint_t n);


void
ngx_http_cost_timer_sync_sort(ngx_http_cost_timer_sync_job_t *job,
    ngx_http_cost_timer_sync_compare_pt compare,
    ngx_http_cost_timer_sync_pt next)
{
    job->sort.compare = compare;
    job->sort.next = next;
    job->sort.from = job->files.elts;
    job->sort.to = job->spare;
    job->sort.run = 0;
    job->sort.at = 0;

    ngx_http_cost_timer_sync_post(job, ngx_http_cost_timer_sync_sorting);
}


static void
ngx_http_cost_timer_sync_sorting(ngx_http_cost_timer_sync_job_t *job)
{
    uint64_t                          start;
    ngx_uint_t                        n;
    ngx_http_cost_timer_sync_file_t  *file;
    ngx_http_cost_timer_sync_sort_t  *sort;

    sort = &job->sort;
    n = job->files.nelts;
    start = ngx_http_cost_timer_sync_clock();

    while (sort->run < n) {

        if (sort->run == 0) {
            ngx_qsort(sort->from + sort->at,
                      ngx_min(n - sort->at, NGX_HTTP_COST_TIMER_SYNC_STEPS),
                      sizeof(ngx_http_cost_timer_sync_file_t), sort->compare);

            sort->at += NGX_HTTP_COST_TIMER_SYNC_STEPS;

        } else {
            ngx_http_cost_timer_sync_merge(sort, n);
            sort->at += 2 * sort->run;
        }

        if (sort->at >= n) {
            sort->at = 0;

            if (sort->run == 0) {
                sort->run = NGX_HTTP_COST_TIMER_SYNC_STEPS;

            } else {
                sort->run *= 2;

                file = sort->from;
                sort->from = sort->to;
                sort->to = file;
            }
        }

        if (ngx_http_cost_timer_sync_long(start)) {
            ngx_http_cost_timer_sync_post(job,
                                          ngx_http_cost_timer_sync_sorting);
            return;
        }
    }

    job->files.elts = sort->from;
    job->spare = sort->to;

    ngx_http_cost_timer_sync_post(job, sort->next);
}


/* the two runs at "at"; the second may be short, or missing */

static void
ngx_http_cost_timer_sync_merge(ngx_http_cost_timer_sync_sort_t *sort,
    ngx_uint_t n)
{
    ngx_http_cost_timer_sync_file_t  *a, *b, *a_last, *b_last, *to;

    a = sort->from + sort->at;
    a_last = sort->from + ngx_min(n, sort->at + sort->run);
    b = a_last;
    b_last = sort->from + ngx_min(n, sort->at + 2 * sort->run);
    to = sort->to + sort->at;

    while (a < a_last && b < b_last) {
        *to++ = (sort->compare(a, b) <= 0) ? *a++ : *b++;
    }

    ngx_memcpy(to, a, (a_last - a) * sizeof(ngx_http_cost_timer_sync_file_t));
    to += a_last - a;

    ngx_memcpy(to, b, (b_last - b) * sizeof(ngx_http_cost_timer_sync_file_t));
}
