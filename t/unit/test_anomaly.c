
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_anomaly.h"

#include <math.h>

#include "test.h"


#define TEST_DAYS  120


static void test_spike(void);
static void test_short(void);
static void test_minimum(void);
static void test_weekly(void);
static void test_shift(void);
static void test_drop(void);
static void test_worse(void);
static void test_scale(void);
static void test_quiet(void);
static void test_late(void);
static void test_early(void);
static void test_weekday(void);
static size_t scan(size_t n, size_t from);
static double noise(void);


static double               series[COST_ANOMALY_MAX + 1];
static uint32_t             seed;
static cost_anomaly_work_t  work;
static cost_anomaly_t       found[TEST_DAYS];
static cost_anomaly_conf_t  conf = { 4, 1 };


int
main(void)
{
    test_spike();
    test_short();
    test_minimum();
    test_weekly();
    test_shift();
    test_drop();
    test_worse();
    test_scale();
    test_quiet();
    test_late();
    test_early();
    test_weekday();

    return done_testing();
}


/*
 * 210 a day without scatter: the band is 210 -+ 4 x 5 % x 210 = 168..252.
 * CloudK's example: 892.10 against 210.00 is 324.8 % more.
 */

static void
test_spike(void)
{
    size_t  i;

    for (i = 0; i < 60; i++) {
        series[i] = 210;
    }

    series[50] = 892.10;

    is_int(scan(60, 0), 1, "one spike, one anomaly");
    is_int((intmax_t) found[0].day, 50, "... on its day");
    ok(found[0].expected == 210, "... expected 210");
    ok(fabs(found[0].lower - 168) < 1e-9, "... lower 168");
    ok(fabs(found[0].upper - 252) < 1e-9, "... upper 252");
    ok(fabs(found[0].score - 682.10 / 10.5) < 1e-9, "... score 64.96");
    is_int(found[0].severity, COST_ANOMALY_HIGH, "... high");
    is_int(llround(1000 * (found[0].actual / found[0].expected - 1)), 3248,
           "... 324.8 % more");

    series[50] = 252;
    is_int(scan(60, 0), 0, "the edge of the band is inside");
    series[50] = 252.01;
    is_int(scan(60, 0), 1, "a cent above it is not");
    is_int(found[0].severity, COST_ANOMALY_LOW, "... low");
    series[50] = 315;
    is_int(scan(60, 0), 1, "50 %% above at ten scatters");
    is_int(found[0].severity, COST_ANOMALY_MEDIUM, "... medium");
    series[50] = 10;
    is_int(scan(60, 0), 0, "a cheap day is no anomaly");
}


static void
test_short(void)
{
    size_t  i;

    for (i = 0; i < 20; i++) {
        series[i] = 100;
    }

    series[13] = 900;
    is_int(scan(14, 0), 0, "the first fourteen days are not judged");

    series[13] = 100;
    series[14] = 900;
    is_int(scan(15, 0), 1, "the fifteenth is");
    is_int(scan(15, 15), 0, "not asked for, not reported");
    is_int(scan(0, 0), 0, "no days, no anomalies");
}


static void
test_minimum(void)
{
    size_t  i;

    for (i = 0; i < 40; i++) {
        series[i] = 0.10;
    }

    series[30] = 1.09;
    is_int(scan(40, 0), 0, "0.99 more is less than the minimum");
    series[30] = 1.11;
    is_int(scan(40, 0), 1, "1.01 more is not");

    for (i = 0; i < 40; i++) {
        series[i] = 0;
    }

    series[30] = 25;
    is_int(scan(40, 0), 1, "a first cost ever is one");
    ok(found[0].expected == 0 && isfinite(found[0].score),
       "... against nothing");
    is_int(found[0].severity, COST_ANOMALY_MEDIUM, "... of ten minimums");
    series[30] = 9.99;
    is_int(scan(40, 0), 1, "less than that");
    is_int(found[0].severity, COST_ANOMALY_LOW, "... is low");
    series[30] = 100;
    is_int(scan(40, 0), 1, "a hundred times");
    is_int(found[0].severity, COST_ANOMALY_HIGH, "... is high");
}


/* Monday to Friday 100, Saturday 40, Sunday 20 */

static void
test_weekly(void)
{
    size_t  i;

    static const double  week[] = { 100, 100, 100, 100, 100, 40, 20 };

    for (i = 0; i < 84; i++) {
        series[i] = week[i % 7];
    }

    is_int(scan(84, 0), 0, "Mondays are no anomalies");

    series[75] = 100;            /* a Saturday */
    is_int(scan(84, 0), 1, "a Saturday like a Friday is");
    ok(found[0].day == 75 && found[0].expected == 40, "... against 40");
}


static void
test_shift(void)
{
    size_t  i, k;

    seed = 1;

    for (i = 0; i < TEST_DAYS; i++) {
        series[i] = (i < 60 ? 100 : 250) + 3 * noise();
    }

    k = scan(TEST_DAYS, 0);

    is_int((intmax_t) k, 1, "a shift of the level is reported once");
    is_int((intmax_t) found[0].day, 60, "... on its first day");

    series[100] = 600;
    k = scan(TEST_DAYS, 0);

    is_int((intmax_t) k, 2, "a spike on the new level is another");
    ok(found[1].day == 100 && fabs(found[1].expected - 250) < 5,
       "... against the new level");
}


/* down to a tenth and up again after a month */

static void
test_drop(void)
{
    size_t  i, k;

    for (i = 0; i < TEST_DAYS; i++) {
        series[i] = i >= 50 && i < 80 ? 10 : 100;
    }

    k = scan(TEST_DAYS, 0);

    is_int((intmax_t) k, 1, "down and up again: up is reported, once");
    is_int((intmax_t) found[0].day, 80, "... on its first day");
    ok(fabs(found[0].expected - 10) < 1e-6, "... against the low level");
}


static void
test_worse(void)
{
    size_t  i;

    for (i = 0; i < 60; i++) {
        series[i] = 100;
    }

    series[40] = 200;
    series[41] = 240;            /* 140 more than expected: within half */
    series[42] = 260;            /* 160 more: beyond 1.5 x 100 */

    is_int(scan(60, 0), 2, "a run is reported again when it gets worse");
    ok(found[0].day == 40 && found[1].day == 42, "... by half its excess");
}


static void
test_scale(void)
{
    size_t               i, k, m, wrong;
    cost_anomaly_t       before[TEST_DAYS];
    cost_anomaly_conf_t  saved;

    seed = 7;

    for (i = 0; i < TEST_DAYS; i++) {
        series[i] = 100 + 20 * noise() + (i % 23 == 22 ? 300 : 0);
    }

    k = scan(TEST_DAYS, 0);
    memcpy(before, found, sizeof(found));

    saved = conf;
    conf.minimum *= 4096;

    for (i = 0; i < TEST_DAYS; i++) {
        series[i] *= 4096;
    }

    m = scan(TEST_DAYS, 0);
    conf = saved;
    wrong = 0;

    for (i = 0; i < k && i < m; i++) {
        wrong += before[i].day != found[i].day
                 || before[i].score != found[i].score
                 || 4096 * before[i].upper != found[i].upper;
    }

    ok(k > 0 && k == m && wrong == 0, "another unit, the same days");
}


/* what chance alone reports: 20,000 noisy days */

static void
test_quiet(void)
{
    size_t    i, k;
    unsigned  rounds;

    seed = 9;
    k = 0;

    for (rounds = 0; rounds < 200; rounds++) {

        for (i = 0; i < TEST_DAYS; i++) {
            series[i] = 100 + 30 * (i % 7 < 5)
                        + 8 * (noise() + noise() + noise());
        }

        k += scan(TEST_DAYS, 0);
    }

    ok(k < 40, "%zu of 21,200 ordinary days are reported", k);
}


/* late rows: the day is judged anew, by the same days before it */

static void
test_late(void)
{
    size_t  i;

    for (i = 0; i < 60; i++) {
        series[i] = 100;
    }

    series[59] = 30;             /* the day is not over */
    is_int(scan(60, 59), 0, "half a day is nothing");
    series[59] = 500;
    is_int(scan(60, 59), 1, "the whole of it is");
    ok(found[0].expected == 100, "... against the same");

    is_int(cost_anomaly_scan(series, COST_ANOMALY_MAX + 1, 0, &conf, &work,
                             found, 1, &i), COST_RANGE,
           "too long a series is refused");

    series[50] = 900;
    is_int(cost_anomaly_scan(series, 60, 0, &conf, &work, found, 1, &i),
           COST_FULL, "more than there is room for");
    ok(i == 1 && found[0].day == 50, "... the first is there");
}


/* a wild day among the first does not become what its weekday should cost */

static void
test_early(void)
{
    size_t  i;

    for (i = 0; i < 80; i++) {
        series[i] = 0.12;
    }

    series[4] = -18.32;
    is_int(scan(80, 0), 0, "a credit in the first week");

    for (i = 0; i < 80; i++) {
        series[i] = 100;
    }

    series[3] = 900;
    is_int(scan(80, 0), 0, "a spike in the first week");
    series[17] = 300;
    is_int(scan(80, 0), 1, "two weeks later another");
    ok(found[0].expected == 100, "... against what the other days cost");
    series[17] = 100;
    series[24] = 300;
    is_int(scan(80, 0), 1, "three weeks later");
    ok(found[0].expected == 100, "... as well");
}


/* from day 56 on the first day of each week costs 300 */

static void
test_weekday(void)
{
    size_t  i;

    for (i = 0; i < 119; i++) {
        series[i] = (i >= 56 && i % 7 == 0) ? 300 : 100;
    }

    is_int(scan(119, 0), 2, "a weekday's new level, twice");
    is_int((intmax_t) found[0].day, 56, "... the first time");
    is_int((intmax_t) found[1].day, 63, "... and the second");

    series[84] = 1000;
    is_int(scan(119, 0), 3, "a spike above it");
    ok(found[2].expected == 300, "... against the new level");
    series[84] = 300;

    series[70] = 1000;
    is_int(scan(119, 0), 3, "one instead of the third");
    ok(found[2].expected == 100, "... against the old");
}


static size_t
scan(size_t n, size_t from)
{
    size_t  k;

    if (cost_anomaly_scan(series, n, from, &conf, &work, found, TEST_DAYS, &k)
        != COST_OK)
    {
        ok(0, "%zu days are read", n);
    }

    return k;
}


static double
noise(void)
{
    seed = seed * 1664525u + 1013904223u;

    return (double) (seed >> 8) / 8388608.0 - 1;
}
