
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_forecast.h"

#include <math.h>

#include "test.h"


#define TEST_DAYS  730
#define TEST_LAST  20600         /* 2026-05-27, a Wednesday */


static void test_too_little(void);
static void test_constant(void);
static void test_weekly(void);
static void test_fee(void);
static void test_shift(void);
static void test_spike(void);
static void test_scale(void);
static void test_bands(void);
static void test_trend(void);
static void test_late(void);
static void test_skip(void);
static void test_ended(void);
static void test_pauses(void);
static void test_sparse(void);
static void test_finite(void);
static void run(size_t n, cost_day_t last, unsigned horizon,
    cost_forecast_t *forecast);
static double noise(void);
static void near(double got, double expected, double within,
    const char *name);


static double                series[TEST_DAYS];
static uint32_t              seed;
static cost_forecast_work_t  work;
static cost_forecast_t       f, g;


int
main(void)
{
    test_too_little();
    test_constant();
    test_weekly();
    test_fee();
    test_shift();
    test_spike();
    test_scale();
    test_bands();
    test_trend();
    test_late();
    test_skip();
    test_ended();
    test_pauses();
    test_sparse();
    test_finite();

    return done_testing();
}


static void
test_too_little(void)
{
    size_t  i;

    for (i = 0; i < TEST_DAYS; i++) {
        series[i] = 10;
    }

    is_int(cost_forecast(series, 20, TEST_LAST, 0, 30, &work, &f), COST_RANGE,
           "20 days are too little");
    is_int(cost_forecast(series, 21, TEST_LAST, 0, 30, &work, &f), COST_OK,
           "21 days are enough");
    is_int(cost_forecast(series, 0, TEST_LAST, 0, 30, &work, &f), COST_RANGE,
           "no day at all");
    is_int(cost_forecast(series, 100, TEST_LAST, 0, 0, &work, &f), COST_RANGE,
           "a horizon of 0");
    is_int(cost_forecast(series, 100, TEST_LAST, 0, 91, &work, &f), COST_RANGE,
           "a horizon of 91");

    memset(series, 0, sizeof(series));
    is_int(cost_forecast(series, 100, TEST_LAST, 0, 30, &work, &f), COST_RANGE,
           "days before the first cost do not count");
    series[79] = 1;
    is_int(cost_forecast(series, 100, TEST_LAST, 0, 30, &work, &f), COST_OK,
           "21 days since the first cost");
}


static void
test_constant(void)
{
    size_t  i;

    for (i = 0; i < TEST_DAYS; i++) {
        series[i] = 12.5;
    }

    run(60, TEST_LAST, 30, &f);

    near(f.days[0].amount, 12.5, 1e-9, "a constant goes on");
    near(f.days[29].amount, 12.5, 1e-9, "... to the last day");
    near(f.days[29].upper - f.days[29].lower, 0, 1e-9, "... without a band");
    near(f.total, 375, 1e-7, "30 x 12.5 = 375");
    near(f.accuracy.smape, 0, 1e-9, "... sMAPE 0");
    near(f.accuracy.coverage, 100, 1e-9, "... coverage 100");
}


/* Monday to Friday 100, Saturday 40, Sunday 20: 560 a week */

static void
test_weekly(void)
{
    size_t    i;
    unsigned  h, wrong;

    static const double  week[] = { 100, 100, 100, 100, 100, 40, 20 };

    for (i = 0; i < TEST_DAYS; i++) {
        series[i] = week[(TEST_LAST - (TEST_DAYS - 1 - i) + 3) % 7];
    }

    run(TEST_DAYS, TEST_LAST, 84, &f);

    wrong = 0;

    for (h = 0; h < 84; h++) {
        wrong += fabs(f.days[h].amount - week[(TEST_LAST + 1 + h + 3) % 7])
                 > 0.01;
    }

    is_int(wrong, 0, "a weekly pattern goes on");
    near(f.total, 12 * 560, 0.5, "twelve weeks of 560");
}


/* 100 a day, and 500 more on the first of each month */

static void
test_fee(void)
{
    int       year;
    size_t    i;
    unsigned  h, month, mday, wrong;

    for (i = 0; i < TEST_DAYS; i++) {
        cost_day_to_civil(TEST_LAST - (cost_day_t) (TEST_DAYS - 1 - i), &year,
                          &month, &mday);
        series[i] = mday == 1 ? 600 : 100;
    }

    run(TEST_DAYS, TEST_LAST, 90, &f);

    wrong = 0;

    for (h = 0; h < 90; h++) {
        cost_day_to_civil(TEST_LAST + 1 + (cost_day_t) h, &year, &month,
                          &mday);
        wrong += fabs(f.days[h].amount - (mday == 1 ? 600 : 100)) > 1;
    }

    is_int(wrong, 0, "a monthly fee comes back on its day");
    near(f.total, 90 * 100 + 3 * 500, 5, "90 x 100 + 3 x 500 = 10,500");
}


/* 100 a day, 300 for the last three weeks */

static void
test_shift(void)
{
    size_t  i;

    seed = 1;

    for (i = 0; i < 200; i++) {
        series[i] = (i < 179 ? 100 : 300) * (1 + 0.02 * noise());
    }

    run(200, TEST_LAST, 30, &f);

    near(f.days[0].amount, 300, 15, "a shifted level is where it is now");
    near(f.total, 9000, 450, "... for the month");
    ok(f.total_lower <= 9000 && f.total_upper >= 9000, "... inside the band");
}


static void
test_spike(void)
{
    size_t  i;
    double  total;

    seed = 2;

    for (i = 0; i < 120; i++) {
        series[i] = 100 * (1 + 0.03 * noise());
    }

    run(120, TEST_LAST, 30, &f);
    total = f.total;

    series[114] = 5000;
    run(120, TEST_LAST, 30, &f);

    near(f.total, total, 0.02 * total, "a lone spike moves nothing");

    series[114] = 0;
    run(120, TEST_LAST, 30, &f);

    near(f.total, total, 0.02 * total, "a lone hole moves nothing");
}


static void
test_scale(void)
{
    size_t    i;
    unsigned  h, wrong;

    seed = 3;

    for (i = 0; i < 400; i++) {
        series[i] = 80 + 20 * (i % 7) + 5 * noise() + 0.1 * (double) i;
    }

    run(400, TEST_LAST, 60, &f);

    for (i = 0; i < 400; i++) {
        series[i] *= 1024;       /* exact in binary */
    }

    run(400, TEST_LAST, 60, &g);

    wrong = 0;

    for (h = 0; h < 60; h++) {
        wrong += g.days[h].amount != 1024 * f.days[h].amount
                 || g.days[h].lower != 1024 * f.days[h].lower
                 || g.days[h].upper != 1024 * f.days[h].upper;
    }

    is_int(wrong, 0, "another unit, the same forecast");
    ok(g.accuracy.mase == f.accuracy.mase
       && g.accuracy.smape == f.accuracy.smape, "... and accuracy");

    /* whole weeks and no monthly fee: the calendar does not matter */

    run(400, TEST_LAST + 7, 60, &f);

    wrong = 0;

    for (h = 0; h < 60; h++) {
        wrong += g.days[h].amount != f.days[h].amount;
    }

    is_int(wrong, 0, "a week later, the same forecast");
}


/* the bands of 200 noisy series hold what they say, roughly */

static void
test_bands(void)
{
    size_t    i;
    double    sum;
    unsigned  k, h, inside, totals;

    seed = 4;
    inside = 0;
    totals = 0;

    for (k = 0; k < 200; k++) {

        for (i = 0; i < 210; i++) {
            series[i] = 100 + 30 * (i % 7 < 5) + 10 * noise();
        }

        run(180, TEST_LAST, 30, &f);

        sum = 0;

        for (h = 0; h < 30; h++) {
            inside += series[180 + h] >= f.days[h].lower
                      && series[180 + h] <= f.days[h].upper;
            sum += series[180 + h];

            if (f.days[h].lower > f.days[h].amount
                || f.days[h].upper < f.days[h].amount)
            {
                ok(0, "a band around its amount");
            }
        }

        totals += sum >= f.total_lower && sum <= f.total_upper;
    }

    ok(inside > 0.93 * 6000 && inside < 6000, "%u of 6,000 days inside 95 %%",
       inside);
    ok(totals > 180, "%u of 200 totals inside 95 %%", totals);
    ok(f.total_upper - f.total_lower
       < 0.6 * 30 * (f.days[29].upper - f.days[29].lower),
       "the total's band is narrower than the days' added up");
}


static void
test_trend(void)
{
    size_t  i;

    for (i = 0; i < 300; i++) {
        series[i] = 100 + 0.5 * (double) i;
    }

    run(300, TEST_LAST, 30, &f);

    ok(f.days[29].amount > 249.5, "growth goes on (%.1f after 249.5)",
       f.days[29].amount);
    ok(f.days[29].amount < 264.5, "... damped");
}


/* five days that have not been billed: as if it were five days ago */

static void
test_late(void)
{
    double    total;
    size_t    i;
    unsigned  h, same;

    seed = 7;

    for (i = 0; i < 200; i++) {
        series[i] = (i % 7 < 5 ? 100 : 40) + 5 * noise();
    }

    run(200, TEST_LAST - 5, 35, &g);

    for (i = 200; i < 208; i++) {
        series[i] = 0;
    }

    run(205, TEST_LAST, 30, &f);

    total = 0;
    same = 0;

    for (h = 0; h < 30; h++) {
        total += f.days[h].amount;
        same += f.days[h].amount == g.days[h + 5].amount
                && f.days[h].lower == g.days[h + 5].lower
                && f.days[h].upper == g.days[h + 5].upper;
    }

    is_int(same, 30, "late bills: the days are those of a forecast made then");
    near(f.total, total, 1e-9, "... without those in between");
    ok(f.total_upper - f.total < g.total_upper - g.total
       && f.total_upper - f.total > 0, "... of which the total knows less");
    is_int(f.accuracy.days, g.accuracy.days, "... and no more held back");

    for (i = 0; i < 60; i++) {
        series[i] = i < 53 ? 10 : 0;
    }

    run(60, TEST_LAST, 90, &f);
    near(f.total, 900, 1e-9, "10 a day, a week late, for 90 days");

    is_int(cost_forecast(series + 32, 22, TEST_LAST, 0, 30, &work, &f),
           COST_OK, "21 days and a zero");
    near(f.total, 300, 1e-9, "... are 21 days");
}


/* a today that is not over is neither history nor forecast */

static void
test_skip(void)
{
    size_t    i;
    unsigned  h, same;

    seed = 11;

    for (i = 0; i < 200; i++) {
        series[i] = (i % 7 < 5 ? 100 : 40) + 5 * noise();
    }

    run(200, TEST_LAST, 31, &g);

    is_int(cost_forecast(series, 200, TEST_LAST, 1, 30, &work, &f), COST_OK,
           "from tomorrow on");

    same = 0;

    for (h = 0; h < 30; h++) {
        same += f.days[h].amount == g.days[h + 1].amount
                && f.days[h].lower == g.days[h + 1].lower
                && f.days[h].upper == g.days[h + 1].upper;
    }

    is_int(same, 30, "... the days are those of a forecast from today on");
    near(f.total, g.total - g.days[0].amount, 1e-9, "... but for today");

    is_int(cost_forecast(series, 20, TEST_LAST, 1, 30, &work, &f), COST_RANGE,
           "... which is no day of history");
    is_int(cost_forecast(series, 200, TEST_LAST, 2, 30, &work, &f),
           COST_RANGE, "two days are not left out");
    is_int(cost_forecast(series, 200, TEST_LAST, 1, 90, &work, &f), COST_OK,
           "90 days behind it");

    /* with a late week: as far ahead as it goes */

    memset(series + 193, 0, 7 * sizeof(double));
    is_int(cost_forecast(series, 200, TEST_LAST, 1, 90, &work, &f), COST_OK,
           "90 days behind a late week and today");
    ok(f.days[89].amount > 20 && f.days[89].amount < 120, "... plausible");
}


/* an account that stopped: eight days without cost, or as many as you like */

static void
test_ended(void)
{
    size_t    i, zeros;
    double    upper, total_upper;
    unsigned  h, wrong;

    seed = 13;

    for (i = 0; i < TEST_DAYS; i++) {
        series[i] = i < 300 ? (i % 7 < 5 ? 100 : 40) + 5 * noise() : 0;
    }

    run(300, TEST_LAST, 38, &g);

    run(308, TEST_LAST + 8, 30, &f);

    wrong = 0;

    for (h = 0; h < 30; h++) {
        wrong += f.days[h].amount != 0 || f.days[h].lower != 0
                 || f.days[h].upper != g.days[h + 8].upper;
    }

    is_int(wrong, 0, "ended: nothing a day, at most as if it had gone on");
    ok(f.total == 0 && f.total_lower == 0, "... nothing in all");
    ok(f.total_upper > 2400 && f.total_upper < 2800, "... at most a month");
    is_int(f.accuracy.days, g.accuracy.days, "... as was seen before the end");

    wrong = 0;

    for (zeros = 8; zeros <= 400; zeros++) {
        run(300 + zeros, TEST_LAST, 30, &f);

        upper = f.days[29].upper;
        total_upper = f.total_upper;

        wrong += f.total != 0
                 || (zeros <= 30) != (upper > 40)
                 || (zeros <= 30) != (total_upper > 2000)
                 || (zeros > 30 && (upper != 0 || total_upper != 0));
    }

    is_int(wrong, 0, "... so for a month, then not even that");

    for (i = 0; i < 40; i++) {
        series[i] = i < 20 ? 10 : 0;
    }

    run(40, TEST_LAST, 30, &f);
    ok(f.total == 0 && f.total_upper == 0, "20 days that ended 20 days ago");
    is_int(f.accuracy.days, 0, "... have nothing to compare");

    /* credits, which end as well */

    for (i = 0; i < 100; i++) {
        series[i] = i < 90 ? -10 : 0;
    }

    run(100, TEST_LAST, 30, &f);
    ok(f.total == 0 && f.total_upper == 0, "credits that ended: nothing");
    near(f.total_lower, -300, 1e-9, "... or as before");
}


/* ten days on, twelve off: twelve days without cost are no end of it */

static void
test_pauses(void)
{
    size_t  i;

    for (i = 0; i < TEST_DAYS; i++) {
        series[i] = i % 22 < 10 ? 100 : 0;
    }

    run(22 * 10, TEST_LAST, 66, &f);
    ok(f.total > 1500 && f.total < 4500, "a usual silence ends");

    /* two thirds of twenty-one are more than twelve */

    memset(series + 22 * 10, 0, 7 * sizeof(double));
    run(22 * 10 + 6, TEST_LAST, 66, &f);
    ok(f.total > 1500, "... half as long again, too");
    run(22 * 10 + 7, TEST_LAST, 66, &f);
    ok(f.total == 0, "... a longer one does not");

    /* one silence is no custom */

    for (i = 0; i < 200; i++) {
        series[i] = (i >= 100 && i < 120) || i >= 190 ? 0 : 100;
    }

    run(200, TEST_LAST, 30, &f);
    ok(f.total == 0, "one such silence before does not tell");

    memset(series + 40, 0, 20 * sizeof(double));
    run(200, TEST_LAST, 30, &f);
    ok(f.total > 0, "two do");
}


/* most days cost nothing, and nobody can tell which do */

static void
test_sparse(void)
{
    double  total;
    size_t  i;

    seed = 17;

    for (i = 0; i < 400; i++) {
        series[i] = noise() > 0.6 || i == 399 ? 100 : 0;
    }

    total = 0;

    for (i = 400 - 91; i < 400; i++) {
        total += series[i];
    }

    run(400, TEST_LAST, 30, &f);

    near(f.total, total / 91 * 30, 1e-6, "a rate: the mean of 13 weeks");
    near(f.days[0].amount, total / 91, 1e-9, "... every day");
    ok(f.days[0].lower == 0 && f.days[0].upper > 100,
       "... of which each may cost nothing, or all");
    ok(f.total_lower < 300 && f.total_upper > 700, "... with a wide band");

    /* but where days can be told, they are: Sundays alone */

    for (i = 0; i < 400; i++) {
        series[i] = (TEST_LAST - (399 - i) + 3) % 7 == 6 ? 70 : 0;
    }

    run(400, TEST_LAST, 28, &f);

    near(f.total, 280, 1e-6, "four Sundays");
    near(f.days[(5 + 7 - (TEST_LAST + 3) % 7) % 7].amount, 70, 1e-6,
         "... on Sundays");
    near(f.weights[COST_FORECAST_RATE], 0, 0, "... without the rate");
}


static void
test_finite(void)
{
    size_t    i;
    unsigned  h, k, bad;

    static const double  odd[] = { 0, -0.0, 1e-300, 1e300, -5, 1, INFINITY,
                                   NAN, 1e-12, 100 };

    seed = 5;
    bad = 0;

    for (k = 0; k < 500; k++) {

        for (i = 0; i < 400; i++) {
            series[i] = odd[(unsigned) ((noise() + 1) * 4.99)];
        }

        if (cost_forecast(series, 21 + k % 380, TEST_LAST, k & 1, 1 + k % 90,
                          &work, &f) != COST_OK)
        {
            continue;
        }

        for (h = 0; h < 1 + k % 90; h++) {
            bad += !isfinite(f.days[h].amount) || !isfinite(f.days[h].lower)
                   || !isfinite(f.days[h].upper);
        }

        bad += !isfinite(f.total_lower) || !isfinite(f.total_upper)
               || !isfinite(f.accuracy.mase) || !isfinite(f.accuracy.smape)
               || !isfinite(f.accuracy.coverage);
    }

    is_int(bad, 0, "no figure is infinite or not a number");
}


static void
run(size_t n, cost_day_t last, unsigned horizon, cost_forecast_t *forecast)
{
    if (cost_forecast(series, n, last, 0, horizon, &work, forecast)
        != COST_OK)
    {
        ok(0, "%zu days are forecast", n);
    }
}


/* -1..1, the same everywhere */

static double
noise(void)
{
    seed = seed * 1664525u + 1013904223u;

    return (double) (seed >> 8) / 8388608.0 - 1;
}


static void
near(double got, double expected, double within, const char *name)
{
    if (!ok(fabs(got - expected) <= within, "%s", name)) {
        printf("#      got: %.9g\n# expected: %.9g\n", got, expected);
    }
}
