
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What a history is cleaned of before a model sees it: monthly amounts,
 * shifts of the level, spikes and holes.  A cleaned history ends where it was
 * told to: nothing behind an origin is looked at.
 */


#include <math.h>

#include "cost_forecast_models.h"


#define COST_FORECAST_WINDOW    420    /* days that are cleaned */
#define COST_FORECAST_SHIFTS    3      /* shifts of the level, at most */
#define COST_FORECAST_SIDE      14     /* days on either side of a shift */
#define COST_FORECAST_EDGE      4      /* days that must show it at once */


static double cost_forecast_expected(const double *y, size_t n, size_t t);
static void cost_forecast_monthly(cost_forecast_work_t *work, size_t first,
    size_t n, cost_day_t last, double sigma);
static void cost_forecast_level(cost_forecast_work_t *work, size_t first,
    size_t n);
static bool cost_forecast_shift(cost_forecast_work_t *work, const double *y,
    size_t first, size_t n, size_t *at, double *before, double *after);
static void cost_forecast_spikes(cost_forecast_work_t *work, size_t first,
    size_t n);
static double cost_forecast_sigma(cost_forecast_work_t *work,
    const double *y, size_t first, size_t n);


/*
 * Makes work->clean of the first n days of work->history, the last of which
 * is "last", and work->monthly.  Returns the usual distance of a day from
 * what its weekday would have had.
 */

double
cost_forecast_clean(cost_forecast_work_t *work, size_t n, cost_day_t last)
{
    double  sigma;
    size_t  first;

    memcpy(work->clean, work->history, n * sizeof(double));
    memset(work->monthly, 0, sizeof(work->monthly));

    if (n < 4 * COST_FORECAST_WEEK) {
        return 0;
    }

    first = n > COST_FORECAST_WINDOW ? n - COST_FORECAST_WINDOW : 0;

    sigma = cost_forecast_sigma(work, work->clean, first, n);

    cost_forecast_monthly(work, first, n, last, sigma);
    cost_forecast_level(work, first, n);
    cost_forecast_spikes(work, first, n);

    return sigma;
}


/*
 * What the day t would have had: the median of the same weekday in the four
 * weeks before and behind it, itself left out.
 */

static double
cost_forecast_expected(const double *y, size_t n, size_t t)
{
    double  same[8];
    size_t  k, i;

    k = 0;

    for (i = 1; i <= 4; i++) {
        if (t >= i * COST_FORECAST_WEEK) {
            same[k++] = y[t - i * COST_FORECAST_WEEK];
        }

        if (t + i * COST_FORECAST_WEEK < n) {
            same[k++] = y[t + i * COST_FORECAST_WEEK];
        }
    }

    return cost_forecast_median(same, k);
}


/* leaves y - expected in work->scratch; 1.4826 MADs are a deviation */

static double
cost_forecast_sigma(cost_forecast_work_t *work, const double *y,
    size_t first, size_t n)
{
    size_t  t;

    for (t = first; t < n; t++) {
        work->scratch[t] = y[t] - cost_forecast_expected(y, n, t);
        work->sorted[t - first] = fabs(work->scratch[t]);
    }

    return 1.4826 * cost_forecast_median(work->sorted, n - first);
}


/*
 * Fees: a day of the month that stood out in the same direction in each of
 * the last three months, clearly, is a monthly amount, not a spike.
 */

static void
cost_forecast_monthly(cost_forecast_work_t *work, size_t first, size_t n,
    cost_day_t last, double sigma)
{
    int       year;
    bool      fee;
    double    seen[3], level;
    size_t    t;
    unsigned  month, mday, d, k, i;

    memcpy(work->sorted, work->clean + first, (n - first) * sizeof(double));
    level = fabs(cost_forecast_median(work->sorted, n - first));

    for (d = 1; d <= 28; d++) {
        k = 0;

        for (t = n; t > first && k < 3; t--) {
            cost_day_to_civil(last - (cost_day_t) (n - t), &year, &month,
                              &mday);

            if (mday > d && mday - d < 28) {
                /* straight to the day itself */
                t = t - first > mday - d ? t - (mday - d) + 1 : first + 1;
                continue;
            }

            if (mday == d) {
                seen[k++] = work->scratch[t - 1];
            }
        }

        fee = (k == 3);

        for (i = 0; i < k; i++) {
            fee = fee && seen[i] * seen[0] > 0
                  && fabs(seen[i]) > 4 * sigma
                  && fabs(seen[i]) > 0.15 * level;
        }

        if (fee) {
            work->monthly[d] = cost_forecast_median(seen, k);
        }
    }

    for (t = first; t < n; t++) {
        cost_day_to_civil(last - (cost_day_t) (n - 1 - t), &year, &month,
                          &mday);

        if (work->monthly[mday] * work->scratch[t] > 0
            && fabs(work->scratch[t]) > 2 * sigma)
        {
            work->clean[t] -= work->monthly[mday];
        }
    }
}


/* moves what lies before a shift of the level to the level behind it */

static void
cost_forecast_level(cost_forecast_work_t *work, size_t first, size_t n)
{
    double    before, after;
    size_t    t, at;
    unsigned  k;

    for (k = 0; k < COST_FORECAST_SHIFTS; k++) {

        if (!cost_forecast_shift(work, work->clean, first, n, &at, &before,
                                 &after))
        {
            return;
        }

        for (t = 0; t < at; t++) {
            if (before > 0 && after > before / 20 && after < before * 20) {
                work->clean[t] *= after / before;

            } else {
                work->clean[t] += after - before;
            }
        }
    }
}


/*
 * The largest difference between the medians of two weeks before and two
 * weeks (or what there is, a week at least) behind a day, weekdays taken out.
 * It is a shift when it is far beyond the days' own scatter and there at
 * once: a mere trend is not.
 */

static bool
cost_forecast_shift(cost_forecast_work_t *work, const double *y,
    size_t first, size_t n, size_t *at, double *before, double *after)
{
    double  week[COST_FORECAST_WEEK], values[2 * COST_FORECAST_SIDE], *d;
    double  left, right, level, best, scatter, mean;
    size_t  t, k, i, begin, side;

    if (n < first + 3 * COST_FORECAST_SIDE) {
        return false;
    }

    begin = n - first > 182 ? n - 182 : first;
    d = work->scratch;
    mean = 0;

    for (i = 0; i < COST_FORECAST_WEEK; i++) {
        k = 0;

        for (t = n - COST_FORECAST_WEEK + i; k < 8; t -= COST_FORECAST_WEEK) {
            values[k++] = y[t];

            if (t < begin + COST_FORECAST_WEEK) {
                break;
            }
        }

        week[i] = cost_forecast_median(values, k);
        mean += week[i] / COST_FORECAST_WEEK;
    }

    for (t = begin; t < n; t++) {
        i = (COST_FORECAST_WEEK - (n - t) % COST_FORECAST_WEEK)
            % COST_FORECAST_WEEK;
        d[t] = y[t] - week[i] + mean;
    }

    best = 0;

    for (t = begin + COST_FORECAST_SIDE; t + COST_FORECAST_WEEK <= n; t++) {
        side = n - t < COST_FORECAST_SIDE ? n - t : COST_FORECAST_SIDE;

        memcpy(values, d + t - COST_FORECAST_SIDE,
               COST_FORECAST_SIDE * sizeof(double));
        left = cost_forecast_median(values, COST_FORECAST_SIDE);

        memcpy(values, d + t, side * sizeof(double));
        right = cost_forecast_median(values, side);

        if (fabs(right - left) > best) {
            best = fabs(right - left);
            *at = t;
            *before = left;
            *after = right;
        }
    }

    if (best == 0) {
        return false;
    }

    side = n - *at < COST_FORECAST_SIDE ? n - *at : COST_FORECAST_SIDE;

    for (i = 0; i < COST_FORECAST_SIDE; i++) {
        values[i] = fabs(d[*at - 1 - i] - *before);
    }

    for (i = 0; i < side; i++) {
        values[COST_FORECAST_SIDE + i] = fabs(d[*at + i] - *after);
    }

    scatter = 1.4826 * cost_forecast_median(values,
                                            COST_FORECAST_SIDE + side);
    level = fmax(fabs(*before), fabs(*after));

    memcpy(values, d + *at - COST_FORECAST_EDGE,
           COST_FORECAST_EDGE * sizeof(double));
    left = cost_forecast_median(values, COST_FORECAST_EDGE);

    memcpy(values, d + *at, COST_FORECAST_EDGE * sizeof(double));
    right = cost_forecast_median(values, COST_FORECAST_EDGE);

    return best > 4 * scatter && best > 0.08 * level
           && (right - left) * (*after - *before) > 0
           && fabs(right - left) > 0.6 * best;
}


static void
cost_forecast_spikes(cost_forecast_work_t *work, size_t first, size_t n)
{
    double  sigma;
    size_t  t;

    sigma = cost_forecast_sigma(work, work->clean, first, n);

    if (sigma == 0) {
        return;
    }

    for (t = first; t < n; t++) {
        if (fabs(work->scratch[t]) > 4.5 * sigma) {
            work->clean[t] -= work->scratch[t];
        }
    }
}


/* adds the monthly amounts to a path that begins on the day behind "last" */

void
cost_forecast_put_back(const cost_forecast_work_t *work, cost_day_t last,
    unsigned horizon, double *path)
{
    int       year;
    unsigned  h, month, mday;

    for (h = 0; h < horizon; h++) {
        cost_day_to_civil(last + 1 + (cost_day_t) h, &year, &month, &mday);
        path[h] += work->monthly[mday];
    }
}
