
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include <math.h>

#include "cost_anomaly.h"


#define COST_ANOMALY_WEEK      7
#define COST_ANOMALY_SAME_DAY  6     /* same weekdays of an expectation */
#define COST_ANOMALY_RECENT    14    /* days whose distance moves it */
#define COST_ANOMALY_SCATTER   56    /* days whose distance is its scatter */
#define COST_ANOMALY_RUN       7     /* days that make a level */
#define COST_ANOMALY_FLOOR     0.05  /* the least scatter, of expected */
#define COST_ANOMALY_SCORE     1e6   /* nobody counts further */


/* days in a row outside the band, on one side of it */

typedef struct {
    int                   side;      /* 1 above, -1 below, 0 none */
    size_t                start;
    double                worst;     /* the largest excess reported */
} cost_anomaly_run_t;


static double cost_anomaly_expect(const cost_anomaly_work_t *work, size_t t);
static double cost_anomaly_same_day(const double *history, size_t t);
static double cost_anomaly_spread(const cost_anomaly_work_t *work, size_t t,
    double expected);
static void cost_anomaly_move(const double *amounts,
    cost_anomaly_work_t *work, const cost_anomaly_run_t *run, size_t t);
static cost_anomaly_severity_e cost_anomaly_severity(
    const cost_anomaly_conf_t *conf, const cost_anomaly_t *a);
static double cost_anomaly_median(double *values, size_t n);


#define cost_anomaly_amount(a)  (fabs(a) <= 1e20 ? (a) : 0)


cost_rc_e
cost_anomaly_scan(const double *amounts, size_t n, size_t from,
    const cost_anomaly_conf_t *conf, cost_anomaly_work_t *work,
    cost_anomaly_t *found, size_t max, size_t *nfound)
{
    int                 side;
    double              scatter, excess;
    size_t              t;
    cost_anomaly_t      a;
    cost_anomaly_run_t  run;

    *nfound = 0;

    if (n > COST_ANOMALY_MAX) {
        return COST_RANGE;
    }

    memset(&run, 0, sizeof(cost_anomaly_run_t));

    for (t = 0; t < n; t++) {
        a.day = t;
        a.actual = cost_anomaly_amount(amounts[t]);

        a.expected = t < COST_ANOMALY_WEEK ? a.actual
                                           : cost_anomaly_expect(work, t);

        work->history[t] = a.actual;
        work->expected[t] = a.expected;
        work->residual[t] = a.actual - a.expected;

        if (t < COST_ANOMALY_HISTORY) {
            continue;
        }

        scatter = cost_anomaly_spread(work, t, a.expected);
        excess = a.actual - a.expected;

        a.score = scatter > 0 ? fmin(excess / scatter, COST_ANOMALY_SCORE) : 0;
        a.lower = a.expected - conf->threshold * scatter;
        a.upper = a.expected + conf->threshold * scatter;

        if (a.expected >= 0 && a.lower < 0) {
            a.lower = 0;
        }

        side = (a.actual > a.upper) - (a.actual < a.lower);

        if (side != run.side) {
            run.side = side;
            run.start = t;
            run.worst = 0;
        }

        if (side == 0) {
            continue;
        }

        if (side > 0 && excess >= conf->minimum && excess > 1.5 * run.worst) {
            run.worst = excess;

            if (t >= from) {
                if (*nfound == max) {
                    return COST_FULL;
                }

                a.severity = cost_anomaly_severity(conf, &a);
                found[(*nfound)++] = a;
            }
        }

        if (t - run.start + 1 >= COST_ANOMALY_RUN) {
            cost_anomaly_move(amounts, work, &run, t);
            run.side = 0;
            continue;
        }

        work->history[t] = a.expected;
    }

    return COST_OK;
}


static double
cost_anomaly_expect(const cost_anomaly_work_t *work, size_t t)
{
    double  moved[COST_ANOMALY_RECENT];
    size_t  k;

    /* how far the last days lie from their own same weekdays */

    for (k = 0; k < COST_ANOMALY_RECENT; k++) {
        if (t < k + 1 + COST_ANOMALY_WEEK) {
            break;
        }

        moved[k] = work->history[t - 1 - k]
                   - cost_anomaly_same_day(work->history, t - 1 - k);
    }

    return cost_anomaly_same_day(work->history, t)
           + cost_anomaly_median(moved, k);
}


static double
cost_anomaly_same_day(const double *history, size_t t)
{
    double  same[COST_ANOMALY_SAME_DAY];
    size_t  k;

    for (k = 0; k < COST_ANOMALY_SAME_DAY; k++) {
        if (t < (k + 1) * COST_ANOMALY_WEEK) {
            break;
        }

        same[k] = history[t - (k + 1) * COST_ANOMALY_WEEK];
    }

    return cost_anomaly_median(same, k);
}


/* the scatter of the days before t; the first week has no expectation */

static double
cost_anomaly_spread(const cost_anomaly_work_t *work, size_t t,
    double expected)
{
    double  values[COST_ANOMALY_SCATTER];
    size_t  k;

    for (k = 0; k < COST_ANOMALY_SCATTER; k++) {
        if (t < k + 1 + COST_ANOMALY_WEEK) {
            break;
        }

        values[k] = fabs(work->residual[t - 1 - k]);
    }

    return fmax(1.4826 * cost_anomaly_median(values, k),
                COST_ANOMALY_FLOOR * fabs(expected));
}


/*
 * The run is the level now: its days enter the history as they were, what
 * lies before it is moved by how far the run lies from what was expected.
 */

static void
cost_anomaly_move(const double *amounts, cost_anomaly_work_t *work,
    const cost_anomaly_run_t *run, size_t t)
{
    double  distance[COST_ANOMALY_RUN], moved;
    size_t  i, k;

    k = 0;

    for (i = run->start; i <= t; i++) {
        work->history[i] = cost_anomaly_amount(amounts[i]);
        distance[k++] = work->history[i] - work->expected[i];
    }

    moved = cost_anomaly_median(distance, k);

    for (i = 0; i < run->start; i++) {
        work->history[i] += moved;
    }

    for (i = run->start; i <= t; i++) {
        work->residual[i] -= moved;
    }
}


static cost_anomaly_severity_e
cost_anomaly_severity(const cost_anomaly_conf_t *conf,
    const cost_anomaly_t *a)
{
    double  excess;

    excess = a->actual - a->expected;

    if (a->score >= 4 * conf->threshold && excess >= a->expected) {
        return COST_ANOMALY_HIGH;
    }

    if (a->score >= 2 * conf->threshold && excess >= a->expected / 2) {
        return COST_ANOMALY_MEDIUM;
    }

    return COST_ANOMALY_LOW;
}


static double
cost_anomaly_median(double *values, size_t n)
{
    double  value;
    size_t  i, j;

    if (n == 0) {
        return 0;
    }

    for (i = 1; i < n; i++) {
        value = values[i];

        for (j = i; j > 0 && values[j - 1] > value; j--) {
            values[j] = values[j - 1];
        }

        values[j] = value;
    }

    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}
