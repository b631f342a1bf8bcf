
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_github.h"

#include "test.h"


static void test_job(void);
static void test_run(void);
static void test_refused(void);
static void test_price(void);
static cost_rc_e test_read(cost_github_e kind, const char *text);
static void test_is(cost_str_t s, const char *expected, const char *name);


static uint8_t              buf[4096];
static const char          *why;
static cost_github_event_t  event;


#define REPOSITORY                                                            \
    "\"repository\": {\"id\": 1, \"name\": \"shop\", \"full_name\": \"x\","   \
    " \"owner\": {\"login\": \"acme\", \"id\": 2}}"


int
main(void)
{
    test_job();
    test_run();
    test_refused();
    test_price();

    return done_testing();
}


static void
test_job(void)
{
    is_int(test_read(COST_GITHUB_JOB,
        "{\"action\": \"completed\", \"workflow_job\": {\"id\": 289782451,"
        " \"run_id\": 2202229078, \"run_attempt\": 2, \"steps\": [{\"name\":"
        " \"x\", \"id\": 7}], \"name\": \"lint \\u00e9\", \"labels\":"
        " [\"self\\u002dhosted\", \"linux\"], \"runner_id\": 5,"
        " \"workflow_name\": \"CI\", \"conclusion\": \"success\","
        " \"started_at\": \"2026-08-05T10:34:58Z\","
        " \"completed_at\": \"2026-08-05T10:38:16Z\"}, " REPOSITORY "}"),
        COST_OK, "a job");

    test_is(event.action, "completed", "its action");
    test_is(event.owner, "acme", "its owner");
    test_is(event.repository, "shop", "its repository");
    test_is(event.name, "lint \xc3\xa9", "its name");
    test_is(event.labels, "self-hosted,linux", "its labels");
    test_is(event.workflow, "CI", "its workflow");
    test_is(event.conclusion, "success", "its conclusion");
    test_is(event.started_at, "2026-08-05T10:34:58Z", "when it began");
    test_is(event.completed_at, "2026-08-05T10:38:16Z", "and ended");
    is_int(event.id, 289782451, "its id, not a step's");
    is_int(event.run_id, 2202229078, "its run's");
    is_int(event.attempt, 2, "the attempt");
    is_int(event.runner_id, 5, "its runner");

    is_int(test_read(COST_GITHUB_JOB,
        "{\"workflow_job\": {\"id\": 1, \"run_id\": 2, \"workflow_name\":"
        " null, \"runner_id\": null, \"labels\": []}, " REPOSITORY "}"),
        COST_OK, "one with nulls");
    is_int(event.attempt, 1, "the first attempt, unless said");
    is_int(event.runner_id, 0, "no runner");
    is_int((intmax_t) event.workflow.len, 0, "no workflow");
    is_int((intmax_t) event.labels.len, 0, "no labels");
}


static void
test_run(void)
{
    is_int(test_read(COST_GITHUB_RUN,
        "{" REPOSITORY ", \"workflow_run\": {\"id\": 9, \"name\": \"CI\","
        " \"workflow_id\": 77, \"repository\": {\"name\": \"other\"}}}"),
        COST_OK, "a run");

    is_int(event.id, 9, "its id");
    is_int(event.workflow_id, 77, "its workflow's");
    test_is(event.name, "CI", "its name");
    test_is(event.repository, "shop", "the repository outside of it");
}


static void
test_refused(void)
{
    size_t  i;

    static const char *const  texts[] = {
        "",
        "payload=%7B%7D",
        "[]",
        "{\"workflow_job\": {\"id\": 1, \"run_id\": 2}",
        "{\"workflow_job\": {\"id\": 1, \"run_id\": 2}, " REPOSITORY "} x",
        "{" REPOSITORY "}",
        "{\"workflow_job\": {\"id\": 1, \"run_id\": 2}}",
        "{\"workflow_job\": {\"id\": 1}, " REPOSITORY "}",
        "{\"workflow_job\": {\"id\": -1, \"run_id\": 2}, " REPOSITORY "}",
        "{\"workflow_job\": {\"id\": 1.5, \"run_id\": 2}, " REPOSITORY "}",
        "{\"workflow_job\": {\"id\": \"1\", \"run_id\": 2}, " REPOSITORY "}",
        "{\"workflow_job\": {\"id\": 1, \"run_id\": 2, \"name\": 3}, "
        REPOSITORY "}",
        "{\"workflow_job\": {\"id\": 1, \"run_id\": 2, \"labels\": [3]}, "
        REPOSITORY "}",
        "{\"workflow_job\": {\"id\": 1, \"run_id\": 2, \"run_attempt\": 0}, "
        REPOSITORY "}",
        "{\"workflow_job\": {\"id\": 1, \"run_id\": 2}, \"repository\":"
        " {\"name\": \"x\"}}"
    };

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        is_int(test_read(COST_GITHUB_JOB, texts[i]), COST_INVALID, texts[i]);
        ok(why != NULL && strlen(why) > 20, "and why");
    }
}


/* 3 minutes and 18 seconds are 4 minutes */

static void
test_price(void)
{
    size_t             i;
    cost_rc_e          rc;
    cost_github_job_t  job;

    static const struct {
        const char  *started;
        const char  *labels;
        const char  *conclusion;
        int64_t      runner;
        int64_t      minutes;
        int64_t      mills;      /* -1: refused, -2: not priced */
    } jobs[] = {
        { "2026-08-05T10:34:58Z", "ubuntu-latest", "success", 5, 4, 24 },
        { "2025-08-05T10:34:58Z", "ubuntu-latest", "failure", 5, 0, -1 },
        { "2026-08-05T10:34:58Z", "macos-14", "success", 5, 4, 248 },
        { "2026-08-05T10:34:58Z", "self-hosted,linux", "success", 5, 4, 0 },
        { "2026-08-05T10:34:58Z", "ubuntu-latest", "skipped", 5, 0, 0 },
        { "2026-08-05T10:34:58Z", "", "cancelled", 0, 0, 0 },
        { "2026-08-05T10:39:00Z", "ubuntu-latest", "success", 5, 0, 0 },
        { "2026-08-05T10:34:58Z", "our-own-big-one", "success", 5, 4, -2 },
        { "2026-08-05T10:34:58Z", "our-own-big-one", "skipped", 5, 0, 0 },
        { "yesterday", "ubuntu-latest", "success", 5, 0, -1 }
    };

    for (i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
        memset(&event, 0, sizeof(event));

        event.started_at.data = (const uint8_t *) jobs[i].started;
        event.started_at.len = strlen(jobs[i].started);
        event.completed_at.data = (const uint8_t *) "2026-08-05T10:38:16Z";
        event.completed_at.len = 20;
        event.labels.data = (const uint8_t *) jobs[i].labels;
        event.labels.len = strlen(jobs[i].labels);
        event.conclusion.data = (const uint8_t *) jobs[i].conclusion;
        event.conclusion.len = strlen(jobs[i].conclusion);
        event.runner_id = jobs[i].runner;

        if (i == 1) {
            event.completed_at.len = 19;
            event.completed_at.data = (const uint8_t *) "2025-13-05T10:38:16";
        }

        rc = cost_github_price(&event, &job, &why);

        if (jobs[i].mills == -1) {
            is_int(rc, COST_INVALID, "refused");
            continue;
        }

        is_int(rc, COST_OK, jobs[i].labels);
        is_int(job.minutes, jobs[i].minutes, "its minutes");
        ok(job.priced == (jobs[i].mills != -2), "is its price known?");
        ok(job.cost == (job.priced ? COST_DECIMAL_ONE / 1000 * jobs[i].mills
                                   : 0), "its cost");
        ok(job.completed >= job.started, "it ends behind its beginning");
    }
}


static cost_rc_e
test_read(cost_github_e kind, const char *text)
{
    why = NULL;

    return cost_github_read(kind, (const uint8_t *) text, strlen(text), buf,
                            &event, &why);
}


static void
test_is(cost_str_t s, const char *expected, const char *name)
{
    is_str(s.data, s.len, expected, name);
}
