
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What GitHub's events workflow_job and workflow_run tell about jobs, and
 * what a job costs.  The payloads are those of GitHub's documentation
 * (octokit/webhooks at 3a58428); members that are not asked for, of which
 * there are hundreds, are passed over.
 */


#ifndef _COST_GITHUB_H_INCLUDED_
#define _COST_GITHUB_H_INCLUDED_


#include "cost_date.h"
#include "cost_decimal.h"
#include "cost_str.h"


#define COST_GITHUB_NAME      255        /* bytes of an owner, a repository */
#define COST_GITHUB_WORKFLOW  1024       /* of a job, a workflow */


typedef enum {
    COST_GITHUB_JOB = 0,
    COST_GITHUB_RUN
} cost_github_e;


/* texts are empty, and numbers 0, where the payload has none or null */

typedef struct {
    cost_str_t   action;
    cost_str_t   owner;
    cost_str_t   repository;     /* without its owner */
    int64_t      id;             /* of the job, or of the run */
    int64_t      run_id;
    int64_t      attempt;        /* 1 unless said */
    int64_t      runner_id;
    int64_t      workflow_id;    /* of a run */
    cost_str_t   name;           /* of the job, or of the run */
    cost_str_t   workflow;       /* its name */
    cost_str_t   labels;         /* with commas between them */
    cost_str_t   conclusion;
    cost_str_t   started_at;
    cost_str_t   completed_at;
} cost_github_event_t;


typedef struct {
    cost_time_t     started;
    cost_time_t     completed;
    int64_t         minutes;     /* whole ones, as they are billed */
    bool            priced;      /* by a label that is known */
    cost_decimal_t  cost;        /* USD, then; else 0 */
} cost_github_job_t;


/*
 * Reads a payload; "buf" has room for "len" bytes, and the event's texts point
 * into it or into the payload.  COST_INVALID: it is no JSON, or not such an
 * event: *why is a sentence.
 */
COST_MUST_CHECK cost_rc_e cost_github_read(cost_github_e kind,
    const uint8_t *p, size_t len, uint8_t *buf, cost_github_event_t *event,
    const char **why);

/*
 * A completed job's minutes and cost, by its runner's labels and the day on
 * which it started (cost_runner.h).  One that never ran (it was skipped, or
 * cancelled before a runner took it) took no minutes, which cost nothing.
 * COST_INVALID: *why.
 */
COST_MUST_CHECK cost_rc_e cost_github_price(const cost_github_event_t *event,
    cost_github_job_t *job, const char **why);


#endif /* _COST_GITHUB_H_INCLUDED_ */
