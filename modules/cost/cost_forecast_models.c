
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The models behind cost_forecast().  Each is a function of the history
 * alone: it looks at the last days, the calendar is only "seven days back".
 */


#include <math.h>

#include "cost_forecast_models.h"


#define COST_FORECAST_RECENT    400    /* days that smoothing runs over */
#define COST_FORECAST_BURN_IN   14     /* days before errors are counted */
#define COST_FORECAST_SAME_DAY  8      /* same weekdays of the median */
#define COST_FORECAST_CLIP      2.5    /* errors beyond, in deviations */


typedef struct {
    double        alpha;         /* of the level */
    double        beta;          /* of the slope, as a part of alpha */
    double        gamma;         /* of the week */
    double        phi;           /* damping of the slope, a day */
} cost_forecast_ets_t;


typedef struct {
    double        level;
    double        slope;
    double        week[COST_FORECAST_WEEK];
    double        deviation;     /* mean absolute one-step error */
    double        loss;
} cost_forecast_state_t;


static bool cost_forecast_by_median(const double *y, size_t n,
    unsigned horizon, double *path);
static bool cost_forecast_by_ets(const double *y, size_t n, unsigned horizon,
    double *path);
static void cost_forecast_ets_run(const cost_forecast_ets_t *p,
    const double *y, size_t n, const cost_forecast_state_t *initial,
    cost_forecast_state_t *state);
static void cost_forecast_ets_start(const double *y, size_t n,
    cost_forecast_state_t *state);
static bool cost_forecast_by_ratio(const double *y, size_t n,
    unsigned horizon, double *scratch, double *path);
static bool cost_forecast_week(const double *y, size_t n, double *factors);
static double cost_forecast_smooth(const double *y, size_t n, double alpha,
    double *loss);
static double cost_forecast_slope(const double *y, size_t n);
static bool cost_forecast_by_year(const double *y, size_t n,
    unsigned horizon, double *scratch, double *path);


static const double  cost_forecast_alphas[] = { 0.03, 0.08, 0.16, 0.3, 0.5 };
static const double  cost_forecast_betas[] = { 0.03, 0.12 };
static const double  cost_forecast_gammas[] = { 0.03, 0.1, 0.25 };
static const double  cost_forecast_phis[] = { 0.9, 0.97 };


#define cost_forecast_n(a)  (sizeof(a) / sizeof((a)[0]))


bool
cost_forecast_model(cost_forecast_model_e model, const double *y, size_t n,
    unsigned horizon, double *scratch, double *path)
{
    switch (model) {

    case COST_FORECAST_MEDIAN:
        return cost_forecast_by_median(y, n, horizon, path);

    case COST_FORECAST_ETS:
        return cost_forecast_by_ets(y, n, horizon, path);

    case COST_FORECAST_RATIO:
        return cost_forecast_by_ratio(y, n, horizon, scratch, path);

    case COST_FORECAST_YEAR:
        return cost_forecast_by_year(y, n, horizon, scratch, path);

    case COST_FORECAST_RATE:
    case COST_FORECAST_MODELS:
        break;
    }

    return false;
}


static bool
cost_forecast_by_median(const double *y, size_t n, unsigned horizon,
    double *path)
{
    size_t    i, k;
    double    same[COST_FORECAST_SAME_DAY], week[COST_FORECAST_WEEK];
    unsigned  h;

    if (n < COST_FORECAST_WEEK) {
        return false;
    }

    for (h = 0; h < COST_FORECAST_WEEK; h++) {
        i = n - COST_FORECAST_WEEK + h;

        for (k = 0; k < COST_FORECAST_SAME_DAY; k++) {
            same[k] = y[i];

            if (i < COST_FORECAST_WEEK) {
                k++;
                break;
            }

            i -= COST_FORECAST_WEEK;
        }

        week[h] = cost_forecast_median(same, k);
    }

    for (h = 0; h < horizon; h++) {
        path[h] = week[h % COST_FORECAST_WEEK];
    }

    return true;
}


/*
 * The parameters are those, of a small grid, whose errors one, two and four
 * weeks ahead and one day ahead were smallest: a forecast of a month is not
 * served by the best next day.
 */

static bool
cost_forecast_by_ets(const double *y, size_t n, unsigned horizon,
    double *path)
{
    size_t                 a, b, g, f, skip;
    double                 best, sum;
    unsigned               h;
    cost_forecast_ets_t    p, chosen;
    cost_forecast_state_t  initial, state;

    if (n < 2 * COST_FORECAST_WEEK) {
        return false;
    }

    if (n > COST_FORECAST_RECENT) {
        skip = n - COST_FORECAST_RECENT;
        y += skip;
        n -= skip;
    }

    cost_forecast_ets_start(y, n, &initial);

    best = HUGE_VAL;
    memset(&chosen, 0, sizeof(cost_forecast_ets_t));

    /* the level and the week without a slope, then the slope */

    p.beta = 0;
    p.phi = cost_forecast_phis[0];

    for (a = 0; a < cost_forecast_n(cost_forecast_alphas); a++) {
        for (g = 0; g < cost_forecast_n(cost_forecast_gammas); g++) {
            p.alpha = cost_forecast_alphas[a];
            p.gamma = cost_forecast_gammas[g];

            cost_forecast_ets_run(&p, y, n, &initial, &state);

            if (state.loss < best) {
                best = state.loss;
                chosen = p;
            }
        }
    }

    p = chosen;

    for (b = 0; b < cost_forecast_n(cost_forecast_betas); b++) {
        for (f = 0; f < cost_forecast_n(cost_forecast_phis); f++) {
            p.beta = cost_forecast_betas[b];
            p.phi = cost_forecast_phis[f];

            cost_forecast_ets_run(&p, y, n, &initial, &state);

            if (state.loss < best) {
                best = state.loss;
                chosen = p;
            }
        }
    }

    cost_forecast_ets_run(&chosen, y, n, &initial, &state);

    sum = 0;

    for (h = 0; h < horizon; h++) {
        state.slope *= chosen.phi;
        sum += state.slope;
        path[h] = state.level + sum
                  + state.week[(n + h) % COST_FORECAST_WEEK];
    }

    return true;
}


static void
cost_forecast_ets_start(const double *y, size_t n,
    cost_forecast_state_t *state)
{
    size_t  i, k, first;
    double  values[2 * COST_FORECAST_WEEK * 2], level, mean;

    first = n < 28 ? n - n % COST_FORECAST_WEEK : 28;

    memcpy(values, y, first * sizeof(double));
    level = cost_forecast_median(values, first);

    mean = 0;

    for (i = 0; i < COST_FORECAST_WEEK; i++) {
        for (k = 0; i + k * COST_FORECAST_WEEK < first; k++) {
            values[k] = y[i + k * COST_FORECAST_WEEK];
        }

        state->week[i] = cost_forecast_median(values, k) - level;
        mean += state->week[i] / COST_FORECAST_WEEK;
    }

    for (i = 0; i < COST_FORECAST_WEEK; i++) {
        state->week[i] -= mean;
    }

    state->level = level + mean;
    state->slope = 0;

    state->deviation = 0;

    for (i = 0; i < first; i++) {
        state->deviation += fabs(y[i] - state->level
                                 - state->week[i % COST_FORECAST_WEEK])
                            / (double) first;
    }

    state->loss = 0;
}


static void
cost_forecast_ets_run(const cost_forecast_ets_t *p, const double *y,
    size_t n, const cost_forecast_state_t *initial,
    cost_forecast_state_t *state)
{
    size_t  t, w, k, ahead;
    double  damped[3], error, limit, loss, reach;

    static const size_t  leads[] = { 6, 13, 27 };

    *state = *initial;
    loss = 0;

    for (k = 0; k < 3; k++) {
        reach = pow(p->phi, (double) leads[k] + 1);
        damped[k] = p->phi * (1 - reach) / (1 - p->phi);
    }

    for (t = 0; t < n; t++) {
        w = t % COST_FORECAST_WEEK;

        error = y[t] - (state->level + p->phi * state->slope
                        + state->week[w]);

        if (t >= COST_FORECAST_BURN_IN) {
            loss += fabs(error);

            for (k = 0; k < 3; k++) {
                ahead = t + leads[k];

                if (ahead < n) {
                    loss += fabs(y[ahead] - state->level
                                 - damped[k] * state->slope
                                 - state->week[ahead % COST_FORECAST_WEEK]);
                }
            }
        }

        limit = COST_FORECAST_CLIP * 1.25 * state->deviation;
        state->deviation += 0.05 * (fmin(fabs(error), 2 * limit)
                                    - state->deviation);

        if (limit > 0 && fabs(error) > limit) {
            error = error > 0 ? limit : -limit;
        }

        reach = state->level + p->phi * state->slope;
        state->level = reach + p->alpha * error;
        state->slope = p->phi * state->slope + p->alpha * p->beta * error;
        state->week[w] += p->gamma * (1 - p->alpha) * error;
    }

    state->loss = loss;
}


static bool
cost_forecast_by_ratio(const double *y, size_t n, unsigned horizon,
    double *scratch, double *path)
{
    size_t    a, i, skip;
    double    factors[COST_FORECAST_WEEK], level, slope, loss, best, l, damp;
    unsigned  h;

    if (n < 3 * COST_FORECAST_WEEK) {
        return false;
    }

    if (n > COST_FORECAST_RECENT) {
        skip = n - COST_FORECAST_RECENT;
        y += skip;
        n -= skip;
    }

    if (!cost_forecast_week(y, n, factors)) {
        return false;
    }

    for (i = 0; i < n; i++) {
        scratch[i] = y[i] / factors[i % COST_FORECAST_WEEK];
    }

    best = HUGE_VAL;
    level = 0;

    for (a = 0; a < cost_forecast_n(cost_forecast_alphas); a++) {
        l = cost_forecast_smooth(scratch, n, cost_forecast_alphas[a], &loss);

        if (loss < best) {
            best = loss;
            level = l;
        }
    }

    slope = cost_forecast_slope(scratch, n);
    damp = 1;

    for (h = 0; h < horizon; h++) {
        damp *= 0.97;
        level += slope * damp;
        path[h] = level * factors[(n + h) % COST_FORECAST_WEEK];
    }

    return true;
}


/*
 * Each weekday's factor: the median, over the last twelve weeks, of the day
 * over the mean of the seven days around it.  False where a week's mean or a
 * factor is not clearly positive: factors then mean nothing.
 */

static bool
cost_forecast_week(const double *y, size_t n, double *factors)
{
    size_t  w, k, t, i, first;
    double  values[12], mean, sum;

    first = n > 12 * COST_FORECAST_WEEK + 3 ? n - 12 * COST_FORECAST_WEEK - 3
                                            : 3;
    sum = 0;

    for (w = 0; w < COST_FORECAST_WEEK; w++) {
        k = 0;

        for (t = first; t + 3 < n && k < 12; t++) {
            if (t % COST_FORECAST_WEEK != w) {
                continue;
            }

            mean = 0;

            for (i = t - 3; i <= t + 3; i++) {
                mean += y[i] / COST_FORECAST_WEEK;
            }

            if (mean > 1e-9) {
                values[k++] = y[t] / mean;
            }
        }

        if (k < 2) {
            return false;
        }

        factors[w] = cost_forecast_median(values, k);

        if (factors[w] < 0.02) {
            return false;
        }

        sum += factors[w];
    }

    for (w = 0; w < COST_FORECAST_WEEK; w++) {
        factors[w] *= COST_FORECAST_WEEK / sum;
    }

    return true;
}


static double
cost_forecast_smooth(const double *y, size_t n, double alpha, double *loss)
{
    size_t  i, t;
    double  level, first[COST_FORECAST_WEEK];

    memcpy(first, y, sizeof(first));
    level = cost_forecast_median(first, COST_FORECAST_WEEK);
    *loss = 0;

    for (t = 0; t < n; t++) {

        if (t >= COST_FORECAST_BURN_IN) {
            for (i = t; i < n && i <= t + 27; i += 9) {
                *loss += fabs(y[i] - level);
            }
        }

        level += alpha * (y[t] - level);
    }

    return level;
}


/*
 * The change a day: half the median slope between the medians of the last
 * twelve weeks (Theil 1950, Sen 1968).
 */

static double
cost_forecast_slope(const double *y, size_t n)
{
    size_t  weeks, i, j, k;
    double  medians[12], slopes[66], week[COST_FORECAST_WEEK];

    weeks = n / COST_FORECAST_WEEK;

    if (weeks > 12) {
        weeks = 12;
    }

    if (weeks < 4) {
        return 0;
    }

    for (i = 0; i < weeks; i++) {
        memcpy(week, y + n - (weeks - i) * COST_FORECAST_WEEK, sizeof(week));
        medians[i] = cost_forecast_median(week, COST_FORECAST_WEEK);
    }

    k = 0;

    for (i = 0; i < weeks; i++) {
        for (j = i + 1; j < weeks; j++) {
            slopes[k++] = (medians[j] - medians[i]) / (double) (j - i);
        }
    }

    return 0.5 * cost_forecast_median(slopes, k) / COST_FORECAST_WEEK;
}


static bool
cost_forecast_by_year(const double *y, size_t n, unsigned horizon,
    double *scratch, double *path)
{
    size_t    i, then;
    double    now, before, ratio;
    unsigned  h;

    if (n < COST_FORECAST_YEAR_DAYS + 32) {
        return false;
    }

    then = n - COST_FORECAST_YEAR_DAYS;

    memcpy(scratch, y + n - 28, 28 * sizeof(double));
    now = cost_forecast_median(scratch, 28);

    memcpy(scratch, y + then - 28, 28 * sizeof(double));
    before = cost_forecast_median(scratch, 28);

    if (!(now > 0 && before > 0)) {
        return false;
    }

    ratio = now / before;

    if (ratio > 5 || ratio < 0.2) {
        return false;
    }

    for (h = 0; h < horizon; h++) {
        i = then + h;
        path[h] = ratio * (y[i - COST_FORECAST_WEEK] + 2 * y[i]
                           + y[i + COST_FORECAST_WEEK]) / 4;
    }

    return true;
}


double
cost_forecast_median(double *values, size_t n)
{
    return cost_forecast_quantile(values, n, 0.5);
}


double
cost_forecast_quantile(double *values, size_t n, double q)
{
    size_t  i, j, gap;
    double  value, at;

    if (n == 0) {
        return 0;
    }

    /* Shell's sort: the arrays are short, and no stack is needed */

    for (gap = n / 2; gap > 0; gap = (gap == 2) ? 1 : (gap * 5) / 11) {
        for (i = gap; i < n; i++) {
            value = values[i];

            for (j = i; j >= gap && values[j - gap] > value; j -= gap) {
                values[j] = values[j - gap];
            }

            values[j] = value;
        }
    }

    at = q * (double) (n - 1);
    i = (size_t) at;

    if (i + 1 >= n) {
        return values[n - 1];
    }

    return values[i] + (at - (double) i) * (values[i + 1] - values[i]);
}
