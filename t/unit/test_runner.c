
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_runner.h"

#include "test.h"


static void test_find(void);
static void test_prices(void);
static void test_minutes(void);
static void test_costs(void);

static cost_str_t test_text(const char *s);
static cost_time_t test_time(const char *s);
static void is_runner(const char *labels, const char *sku);
static void is_cost(const char *label, const char *started,
    const char *completed, int64_t minutes, const char *cost);


int
main(void)
{
    test_find();
    test_prices();
    test_minutes();
    test_costs();

    return done_testing();
}


static void
test_find(void)
{
    is_runner("ubuntu-latest", "linux");
    is_runner("ubuntu-24.04", "linux");
    is_runner("Ubuntu-Latest", "linux");
    is_runner("ubuntu-slim", "linux_slim");
    is_runner("ubuntu-24.04-arm", "linux_2_core_arm");
    is_runner("windows-11-arm", "windows_2_core_arm");
    is_runner("windows-2025-vs2026", "windows");
    is_runner("windows-2025", "windows");
    is_runner("macos-15", "macos");
    is_runner("macos-15-intel", "macos");
    is_runner("macos-latest-large", "macos_l");
    is_runner("macos-14-xlarge", "macos_xl");
    is_runner("ubuntu-latest-8-cores", "linux_8_core");
    is_runner("ubuntu-22.04-16core", "linux_16_core");
    is_runner("windows-latest-32-cores", "windows_32_core");
    is_runner("ubuntu-latest-4-core-gpu", "linux_4_core_gpu");
    is_runner("ubuntu-24.04-64-cores-arm", "linux_64_core_arm");
    is_runner("linux_4_core", "linux_4_core");
    is_runner("actions_linux", "linux");
    is_runner("actions_windows_96_core", "windows_96_core");
    is_runner("linux_2_core_advanced", "linux_2_core_advanced");

    is_runner("self-hosted", "self_hosted");
    is_runner("self-hosted,linux,x64", "self_hosted");
    is_runner("ubuntu-latest, self-hosted", "self_hosted");
    is_runner("big, ubuntu-latest,macos-15", "linux");

    /* another machine, perhaps at another price */

    is_runner("", NULL);
    is_runner(",", NULL);
    is_runner("ubuntu", NULL);
    is_runner("ubuntu-", NULL);
    is_runner("ubuntu-big", NULL);
    is_runner("ubuntu-latest-4", NULL);
    is_runner("ubuntu-latest-4-arm", NULL);
    is_runner("ubuntu-latest-5-cores", NULL);
    is_runner("ubuntu-latest-cores", NULL);
    is_runner("ubuntu-latest-4-cores-8-cores", NULL);
    is_runner("ubuntu-latest-large", NULL);
    is_runner("windows-slim", NULL);
    is_runner("macos-15-arm", NULL);
    is_runner("debian-12", NULL);
    is_runner("linux_4_cores", NULL);
    is_runner("actions_", NULL);
    is_runner("ubuntu-24.0400000000000000000000000000000000000000000000000000"
              "00000000", NULL);
}


/* thousandths of a USD a minute on the last day and on the first */

static void
test_prices(void)
{
    size_t      i;
    unsigned    runner;
    cost_day_t  last, first;

    static const struct {
        const char  *sku;
        int          before;
        int          since;
    } prices[] = {
        { "linux_slim", 2, 2 },
        { "linux", 8, 6 },
        { "windows", 16, 10 },
        { "macos", 80, 62 },
        { "linux_2_core_advanced", 8, 6 },
        { "linux_96_core", 384, 252 },
        { "windows_96_core", 768, 552 },
        { "macos_l", 120, 77 },
        { "linux_2_core_arm", 5, 5 },
        { "windows_64_core_arm", 320, 194 },
        { "macos_xl", 160, 102 },
        { "linux_4_core_gpu", 70, 52 },
        { "windows_4_core_gpu", 140, 102 }
    };

    last = cost_day_from_civil(2025, 12, 31);
    first = cost_day_from_civil(2026, 1, 1);

    for (i = 0; i < sizeof(prices) / sizeof(prices[0]); i++) {

        if (cost_runner_find(test_text(prices[i].sku), &runner) != COST_OK) {
            ok(0, "%s is known", prices[i].sku);
            continue;
        }

        ok(cost_runner_price(runner, last) * 1000
           == COST_DECIMAL_ONE * prices[i].before,
           "%s until 2025", prices[i].sku);
        ok(cost_runner_price(runner, first) * 1000
           == COST_DECIMAL_ONE * prices[i].since,
           "%s from 2026", prices[i].sku);
    }

    ok(cost_runner_price(COST_RUNNER_SELF_HOSTED, first) == 0,
       "one's own is free");
}


static void
test_minutes(void)
{
    size_t   i;
    int64_t  minutes;

    static const int  cases[][2] = {
        { 0, 0 }, { 1, 1 }, { 59, 1 }, { 60, 1 }, { 61, 2 }, { 120, 2 },
        { 24120, 402 }, { 24121, 403 }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        minutes = -1;
        ok(cost_runner_minutes(1000, 1000 + cases[i][0], &minutes) == COST_OK
           && minutes == cases[i][1],
           "%d seconds are %d minutes", cases[i][0], cases[i][1]);
    }

    ok(cost_runner_minutes(1000, 999, &minutes) == COST_RANGE,
       "the end before the beginning");
}


static void
test_costs(void)
{
    int64_t         minutes;
    unsigned        runner;
    cost_decimal_t  cost;

    /* 3 min 20 s are 4: 4 x 0.008 and 4 x 0.006 */

    is_cost("ubuntu-latest", "2025-12-31T23:50:00Z", "2025-12-31T23:53:20Z",
            4, "0.032");
    is_cost("ubuntu-latest", "2026-01-01T00:00:00Z", "2026-01-01T00:03:20Z",
            4, "0.024");

    /* the day it started on, in UTC */

    is_cost("ubuntu-latest", "2025-12-31T23:59:59Z", "2026-01-01T00:09:59Z",
            10, "0.08");
    is_cost("ubuntu-latest", "2026-01-01T00:30:00+01:00",
            "2026-01-01T00:40:00+01:00", 10, "0.08");
    is_cost("ubuntu-latest", "2025-12-31T23:30:00-01:00",
            "2025-12-31T23:40:00-01:00", 10, "0.06");

    /* the hung job of the 2023 report: 402 x 0.08 */

    is_cost("macos-latest", "2023-11-03T00:00:00Z", "2023-11-03T06:42:00Z",
            402, "32.16");
    is_cost("macos-latest", "2026-11-03T00:00:00Z", "2026-11-03T06:42:00Z",
            402, "24.924");

    /* 1 s on the dearest: 0.552 */

    is_cost("windows_96_core", "2026-03-01T12:00:00Z",
            "2026-03-01T12:00:01Z", 1, "0.552");
    is_cost("self-hosted", "2026-03-01T12:00:00Z", "2026-03-01T13:00:00Z",
            60, "0");
    is_cost("ubuntu-latest", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z",
            0, "0");

    ok(cost_runner_find(test_text("macos-15"), &runner) == COST_OK
       && cost_runner_cost(runner, 60, 0, &minutes, &cost) == COST_RANGE,
       "no cost of a job that ended before it began");
    ok(cost_runner_cost(runner, 0, INT64_MAX, &minutes, &cost) == COST_RANGE,
       "nor of one without end");
}


static cost_str_t
test_text(const char *s)
{
    cost_str_t  text;

    text.data = (const uint8_t *) s;
    text.len = strlen(s);

    return text;
}


static cost_time_t
test_time(const char *s)
{
    cost_time_t  t;

    if (cost_time_parse((const uint8_t *) s, strlen(s), &t) != COST_OK) {
        ok(0, "%s is a time", s);
        return 0;
    }

    return t;
}


/* "sku" is NULL where none is known */

static void
is_runner(const char *labels, const char *sku)
{
    unsigned    runner;
    cost_rc_e   rc;
    cost_str_t  got;

    runner = 0;
    rc = cost_runner_find(test_text(labels), &runner);

    if (sku == NULL) {
        ok(rc == COST_INVALID, "\"%s\" is not known", labels);
        return;
    }

    got = cost_runner_sku(runner);

    if (rc != COST_OK) {
        got.len = 0;
    }

    is_str(got.data, got.len, sku, labels);
}


static void
is_cost(const char *label, const char *started, const char *completed,
    int64_t minutes, const char *cost)
{
    size_t          len;
    int64_t         got;
    uint8_t         buf[COST_DECIMAL_LEN];
    unsigned        runner;
    cost_decimal_t  amount;

    if (cost_runner_find(test_text(label), &runner) != COST_OK
        || cost_runner_cost(runner, test_time(started), test_time(completed),
                            &got, &amount)
           != COST_OK)
    {
        ok(0, "%s from %s", label, started);
        return;
    }

    is_int(got, minutes, started);

    len = cost_decimal_format(amount, 18, 0, buf);
    is_str(buf, len, cost, label);
}
