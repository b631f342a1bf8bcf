
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_github.h"
#include "cost_pull.h"
#include "cost_runner.h"


/* GitHub's payloads have six or so */
#define COST_GITHUB_DEPTH  64


typedef struct {
    cost_pull_t           pull;
    uint8_t              *buf;
    cost_github_event_t  *event;
    const char           *subject;       /* the member the event is about */
    bool                  seen;          /* it was there */
} cost_github_t;


typedef cost_rc_e (*cost_github_member_pt)(cost_github_t *g,
    const cost_str_t *name, cost_pull_e kind);


static cost_rc_e cost_github_members(cost_github_t *g,
    cost_github_member_pt member);
static cost_rc_e cost_github_top(cost_github_t *g, const cost_str_t *name,
    cost_pull_e kind);
static cost_rc_e cost_github_subject(cost_github_t *g,
    const cost_str_t *name, cost_pull_e kind);
static cost_rc_e cost_github_repository(cost_github_t *g,
    const cost_str_t *name, cost_pull_e kind);
static cost_rc_e cost_github_owner(cost_github_t *g, const cost_str_t *name,
    cost_pull_e kind);
static cost_rc_e cost_github_labels(cost_github_t *g, cost_pull_e kind);
static cost_rc_e cost_github_string(cost_github_t *g, cost_pull_e kind,
    cost_str_t *s);
static cost_rc_e cost_github_number(cost_github_t *g, cost_pull_e kind,
    int64_t *n);
static cost_str_t cost_github_text(cost_github_t *g);
static bool cost_github_is(const cost_str_t *s, const char *lit);
static const char *cost_github_wrong(cost_github_e kind,
    const cost_github_event_t *event);


cost_rc_e
cost_github_read(cost_github_e kind, const uint8_t *p, size_t len,
    uint8_t *buf, cost_github_event_t *event, const char **why)
{
    size_t         i;
    cost_rc_e      rc;
    cost_github_t  g;

    cost_str_t  *const  texts[] = {
        &event->action, &event->owner, &event->repository, &event->name,
        &event->workflow, &event->labels, &event->conclusion,
        &event->started_at, &event->completed_at
    };

    memset(event, 0, sizeof(cost_github_event_t));

    event->attempt = 1;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        texts[i]->data = p;
    }

    cost_pull_init(&g.pull, p, len, COST_GITHUB_DEPTH);

    g.buf = buf;
    g.event = event;
    g.subject = (kind == COST_GITHUB_JOB) ? "workflow_job" : "workflow_run";
    g.seen = false;

    rc = (cost_pull_next(&g.pull) == COST_PULL_OBJECT)
         ? cost_github_members(&g, cost_github_top) : COST_INVALID;

    if (rc != COST_OK || cost_pull_next(&g.pull) != COST_PULL_END) {
        *why = "The body is not the JSON of such an event: the webhook's "
               "content type must be application/json";
        return COST_INVALID;
    }

    if (!g.seen) {
        *why = "The body has no workflow_job or workflow_run";
        return COST_INVALID;
    }

    *why = cost_github_wrong(kind, event);

    return (*why == NULL) ? COST_OK : COST_INVALID;
}


static const char *
cost_github_wrong(cost_github_e kind, const cost_github_event_t *event)
{
    if (event->owner.len == 0 || event->owner.len > COST_GITHUB_NAME
        || event->repository.len == 0
        || event->repository.len > COST_GITHUB_NAME)
    {
        return "The body has no repository with a name and an owner";
    }

    if (event->name.len > COST_GITHUB_WORKFLOW
        || event->workflow.len > COST_GITHUB_WORKFLOW
        || event->labels.len > COST_GITHUB_NAME
        || event->conclusion.len > 64)
    {
        return "A name in the body is too long";
    }

    if (event->id <= 0
        || event->attempt <= 0
        || event->attempt > 2147483647
        || (kind == COST_GITHUB_JOB && event->run_id <= 0))
    {
        return "The body has no id of a run, or of a job";
    }

    return NULL;
}


/* of an object that has just begun, to its end */

static cost_rc_e
cost_github_members(cost_github_t *g, cost_github_member_pt member)
{
    cost_str_t   name;
    cost_pull_e  kind;

    for ( ;; ) {
        kind = cost_pull_next(&g->pull);

        if (kind == COST_PULL_OBJECT_END) {
            return COST_OK;
        }

        if (kind != COST_PULL_NAME) {
            return COST_INVALID;
        }

        name = cost_github_text(g);
        kind = cost_pull_next(&g->pull);

        if (kind == COST_PULL_INVALID || member(g, &name, kind) != COST_OK) {
            return COST_INVALID;
        }
    }
}


static cost_rc_e
cost_github_top(cost_github_t *g, const cost_str_t *name, cost_pull_e kind)
{
    if (cost_github_is(name, "action")) {
        return cost_github_string(g, kind, &g->event->action);
    }

    if (kind == COST_PULL_OBJECT) {

        if (cost_github_is(name, g->subject)) {
            g->seen = true;
            return cost_github_members(g, cost_github_subject);
        }

        if (cost_github_is(name, "repository")) {
            return cost_github_members(g, cost_github_repository);
        }
    }

    return cost_pull_skip(&g->pull, kind);
}


static cost_rc_e
cost_github_subject(cost_github_t *g, const cost_str_t *name,
    cost_pull_e kind)
{
    size_t  i;

    cost_github_event_t  *const  e = g->event;

    const struct {
        const char  *name;
        cost_str_t  *text;
        int64_t     *number;
    } members[] = {
        { "id", NULL, &e->id },
        { "run_id", NULL, &e->run_id },
        { "run_attempt", NULL, &e->attempt },
        { "runner_id", NULL, &e->runner_id },
        { "workflow_id", NULL, &e->workflow_id },
        { "name", &e->name, NULL },
        { "workflow_name", &e->workflow, NULL },
        { "conclusion", &e->conclusion, NULL },
        { "started_at", &e->started_at, NULL },
        { "completed_at", &e->completed_at, NULL }
    };

    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (cost_github_is(name, members[i].name)) {
            return (members[i].text != NULL)
                   ? cost_github_string(g, kind, members[i].text)
                   : cost_github_number(g, kind, members[i].number);
        }
    }

    if (cost_github_is(name, "labels")) {
        return cost_github_labels(g, kind);
    }

    return cost_pull_skip(&g->pull, kind);
}


static cost_rc_e
cost_github_repository(cost_github_t *g, const cost_str_t *name,
    cost_pull_e kind)
{
    if (cost_github_is(name, "name")) {
        return cost_github_string(g, kind, &g->event->repository);
    }

    if (cost_github_is(name, "owner") && kind == COST_PULL_OBJECT) {
        return cost_github_members(g, cost_github_owner);
    }

    return cost_pull_skip(&g->pull, kind);
}


static cost_rc_e
cost_github_owner(cost_github_t *g, const cost_str_t *name, cost_pull_e kind)
{
    if (cost_github_is(name, "login")) {
        return cost_github_string(g, kind, &g->event->owner);
    }

    return cost_pull_skip(&g->pull, kind);
}


/* what stands between two texts in the payload is longer than a comma */

static cost_rc_e
cost_github_labels(cost_github_t *g, cost_pull_e kind)
{
    size_t       len;
    cost_str_t  *labels;

    if (kind != COST_PULL_ARRAY) {
        return cost_pull_skip(&g->pull, kind);
    }

    labels = &g->event->labels;
    labels->data = g->buf;
    labels->len = 0;

    for ( ;; ) {
        kind = cost_pull_next(&g->pull);

        if (kind == COST_PULL_ARRAY_END) {
            return COST_OK;
        }

        if (kind != COST_PULL_STRING) {
            return COST_INVALID;
        }

        if (labels->len != 0) {
            *g->buf++ = ',';
            labels->len++;
        }

        len = cost_pull_decode(&g->pull.text, g->buf);
        g->buf += len;
        labels->len += len;
    }
}


static cost_rc_e
cost_github_string(cost_github_t *g, cost_pull_e kind, cost_str_t *s)
{
    if (kind == COST_PULL_NULL) {
        s->len = 0;
        return COST_OK;
    }

    if (kind != COST_PULL_STRING) {
        return COST_INVALID;
    }

    *s = cost_github_text(g);

    return COST_OK;
}


static cost_rc_e
cost_github_number(cost_github_t *g, cost_pull_e kind, int64_t *n)
{
    if (kind == COST_PULL_NULL) {
        return COST_OK;
    }

    if (kind != COST_PULL_NUMBER || !g->pull.integer || !g->pull.exact) {
        return COST_INVALID;
    }

    *n = g->pull.mantissa;

    return COST_OK;
}


/* of the token; decoded if it must be */

static cost_str_t
cost_github_text(cost_github_t *g)
{
    cost_str_t  s;

    if (!g->pull.escaped) {
        return g->pull.text;
    }

    s.data = g->buf;
    s.len = cost_pull_decode(&g->pull.text, g->buf);
    g->buf += s.len;

    return s;
}


static bool
cost_github_is(const cost_str_t *s, const char *lit)
{
    return s->len == strlen(lit) && memcmp(s->data, lit, s->len) == 0;
}


cost_rc_e
cost_github_price(const cost_github_event_t *event, cost_github_job_t *job,
    const char **why)
{
    unsigned   runner;
    cost_rc_e  rc;

    if (cost_time_parse(event->started_at.data, event->started_at.len,
                        &job->started)
        != COST_OK
        || cost_time_parse(event->completed_at.data, event->completed_at.len,
                           &job->completed)
           != COST_OK)
    {
        *why = "The job's started_at or completed_at is not a time";
        return COST_INVALID;
    }

    /* one that is skipped is completed before it is made */

    if (job->completed < job->started) {
        job->completed = job->started;
    }

    job->minutes = 0;
    job->cost = 0;
    job->priced = true;

    if (event->runner_id == 0
        || cost_github_is(&event->conclusion, "skipped"))
    {
        return COST_OK;
    }

    if (cost_runner_find(event->labels, &runner) != COST_OK) {
        job->priced = false;

        rc = cost_runner_minutes(job->started, job->completed,
                                 &job->minutes);

    } else {
        rc = cost_runner_cost(runner, job->started, job->completed,
                              &job->minutes, &job->cost);
    }

    if (rc != COST_OK) {
        *why = "The job took longer than any job may";
    }

    return rc == COST_OK ? COST_OK : COST_INVALID;
}
