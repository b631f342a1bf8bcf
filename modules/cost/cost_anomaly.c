
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
#define COST_ANOMALY_TIMES     3     /* same weekdays that make theirs */
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
static bool cost_anomaly_weekday(const cost_anomaly_work_t *work, size_t t,
    double *worst);
static void cost_anomaly_move_weekday(const double *amounts,
    cost_anomaly_work_t *work, size_t t);
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
    bool                level;
    double              scatter, excess, worst;
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
        work->side[t] = 0;

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

        work->side[t] = (int8_t) side;
        worst = run.worst;
        level = cost_anomaly_weekday(work, t, &worst);

        if (side > 0 && excess >= conf->minimum && excess > 1.5 * worst) {
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

        if (level) {
            cost_anomaly_move_weekday(amounts, work, t);
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
    double  same[COST_ANOMALY_SAME_DAY], recent[COST_ANOMALY_RECENT],
            middle;
    size_t  i, k;

    for (k = 0; k < COST_ANOMALY_SAME_DAY; k++) {
        if (t < (k + 1) * COST_ANOMALY_WEEK) {
            break;
        }

        same[k] = history[t - (k + 1) * COST_ANOMALY_WEEK];
    }

    if (k != 2) {
        return cost_anomaly_median(same, k);
    }

    /* two may be a day and a wild one: who is right, the other days know */

    for (i = 0; i < COST_ANOMALY_RECENT; i++) {
        recent[i] = history[t - 1 - i];
    }

    middle = cost_anomaly_median(recent, COST_ANOMALY_RECENT);

    return fabs(same[0] - middle) <= fabs(same[1] - middle) ? same[0]
                                                            : same[1];
}


/*
 * Whether the same weekday lay on the same side of the band the last times
 * too; *worst becomes the largest distance of these.
 */

static bool
cost_anomaly_weekday(const cost_anomaly_work_t *work, size_t t,
    double *worst)
{
    double  largest;
    size_t  i, k;

    largest = *worst;

    for (k = 1; k < COST_ANOMALY_TIMES; k++) {

        if (t < k * COST_ANOMALY_WEEK) {
            return false;
        }

        i = t - k * COST_ANOMALY_WEEK;

        if (work->side[i] != work->side[t]) {
            return false;
        }

        largest = fmax(largest, fabs(work->residual[i]));
    }

    *worst = largest;

    return true;
}


/* this is the weekday's level now, as a run's is that of all days */

static void
cost_anomaly_move_weekday(const double *amounts, cost_anomaly_work_t *work,
    size_t t)
{
    double  distance[COST_ANOMALY_TIMES], moved;
    size_t  i, k;

    for (k = 0; k < COST_ANOMALY_TIMES; k++) {
        i = t - k * COST_ANOMALY_WEEK;
        distance[k] = work->residual[i];
        work->history[i] = cost_anomaly_amount(amounts[i]);
    }

    moved = cost_anomaly_median(distance, k);

    for (k = 0; k < COST_ANOMALY_TIMES; k++) {
        i = t - k * COST_ANOMALY_WEEK;
        work->residual[i] -= moved;
        work->side[i] = 0;
    }

    for (k = COST_ANOMALY_TIMES; t >= k * COST_ANOMALY_WEEK; k++) {
        work->history[t - k * COST_ANOMALY_WEEK] += moved;
    }
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
        work->side[i] = 0;
    }
}


static cost_anomaly_severity_e
cost_anomaly_severity(const cost_anomaly_conf_t *conf,
    const cost_anomaly_t *a)
{
    double  excess;

    excess = a->actual - a->expected;

    if (a->score == 0) {
        return excess >= 100 * conf->minimum ? COST_ANOMALY_HIGH
               : excess >= 10 * conf->minimum ? COST_ANOMALY_MEDIUM
               : COST_ANOMALY_LOW;
    }

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
