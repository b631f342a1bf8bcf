
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The flow of a forecast: clean the history, let the models forecast days
 * that are known, weigh them, forecast, and make the bands of the errors.
 * An origin is the number of days that a trial may see.
 */


#include <math.h>

#include "cost_forecast_models.h"


#define COST_FORECAST_TRAIN     14     /* days that a trial must see */


typedef struct {
    unsigned      origins;
    unsigned      ahead;         /* days a trial forecasts */
    double        weights[COST_FORECAST_MODELS];
    double        naive;         /* mean error of the seasonal naive */
} cost_forecast_trials_t;


typedef struct {
    unsigned      late;          /* days between history and forecast */
    bool          negative;      /* whether there are amounts below zero */
    double        scale;         /* what the amounts were divided by */
    double        total;         /* half the width of the total's band */
    double        widths[COST_FORECAST_AHEAD];   /* and of each day's */
} cost_forecast_bands_t;


static size_t cost_forecast_take(const double *amounts, size_t n,
    double *history);
static void cost_forecast_try(cost_forecast_work_t *work, size_t n,
    cost_day_t last, unsigned horizon, cost_forecast_trials_t *trials);
static bool cost_forecast_path(cost_forecast_work_t *work,
    cost_forecast_model_e model, size_t n, cost_day_t last, unsigned horizon,
    double *path);
static void cost_forecast_rate(const cost_forecast_work_t *work, size_t n,
    cost_forecast_trials_t *trials);
static void cost_forecast_weigh(const cost_forecast_work_t *work, size_t n,
    const cost_forecast_trials_t *trials, unsigned except, double *weights);
static void cost_forecast_judge(cost_forecast_work_t *work, size_t n,
    const cost_forecast_trials_t *trials);
static double cost_forecast_band(cost_forecast_work_t *work,
    const cost_forecast_trials_t *trials, unsigned except, unsigned horizon,
    unsigned late, double *widths);
static void cost_forecast_accuracy(cost_forecast_work_t *work, size_t n,
    const cost_forecast_trials_t *trials, cost_forecast_accuracy_t *a);
static void cost_forecast_ahead(cost_forecast_work_t *work, size_t n,
    cost_day_t last, unsigned horizon, const cost_forecast_trials_t *trials,
    cost_forecast_t *forecast);
static void cost_forecast_tell(const cost_forecast_work_t *work,
    unsigned horizon, const cost_forecast_bands_t *bands,
    cost_forecast_t *forecast);
static void cost_forecast_end(unsigned horizon, cost_forecast_t *forecast);


cost_rc_e
cost_forecast(const double *amounts, size_t n, cost_day_t last,
    unsigned skip, unsigned horizon, cost_forecast_work_t *work,
    cost_forecast_t *forecast)
{
    size_t                    i, silent;
    unsigned                  ahead;
    cost_forecast_bands_t     bands;
    cost_forecast_trials_t    trials;
    cost_forecast_silence_e   silence;

    if (horizon == 0 || horizon > COST_FORECAST_HORIZON
        || skip > COST_FORECAST_SKIP)
    {
        return COST_RANGE;
    }

    n = cost_forecast_take(amounts, n, work->history);

    if (n < COST_FORECAST_MIN) {
        return COST_RANGE;
    }

    silence = cost_forecast_silence(work->history, n, &silent);

    if (silence == COST_FORECAST_ENDED
        && (silent > COST_FORECAST_SILENT || n - silent < COST_FORECAST_MIN))
    {
        memset(forecast, 0, sizeof(cost_forecast_t));
        return COST_OK;
    }

    if (silence == COST_FORECAST_NONE || n - silent < COST_FORECAST_MIN) {
        silent = 0;
    }

    n -= silent;
    last -= (cost_day_t) silent;

    /* what lies between the history and the forecast */

    bands.late = (unsigned) silent + skip;
    ahead = bands.late + horizon;

    /* the unit must not matter, neither to the result nor to rounding */

    bands.scale = 0;
    bands.negative = false;

    for (i = 0; i < n; i++) {
        bands.scale = fmax(bands.scale, fabs(work->history[i]));
        bands.negative = bands.negative || work->history[i] < 0;
    }

    for (i = 0; i < n; i++) {
        work->history[i] /= bands.scale;
    }

    cost_forecast_try(work, n, last, ahead, &trials);
    cost_forecast_judge(work, n, &trials);
    cost_forecast_accuracy(work, n, &trials, &forecast->accuracy);

    bands.total = cost_forecast_band(work, &trials, trials.origins, ahead,
                                     bands.late, bands.widths);

    cost_forecast_ahead(work, n, last, ahead, &trials, forecast);

    cost_forecast_tell(work, horizon, &bands, forecast);

    if (silence == COST_FORECAST_ENDED) {
        cost_forecast_end(horizon, forecast);
    }

    return COST_OK;
}


/* the days in work->pool with their bands, in the amounts' unit */

static void
cost_forecast_tell(const cost_forecast_work_t *work, unsigned horizon,
    const cost_forecast_bands_t *bands, cost_forecast_t *forecast)
{
    double                least;
    unsigned              h;
    cost_forecast_day_t  *day;

    /* what never was negative will not be */

    least = bands->negative ? -HUGE_VAL : 0;

    forecast->total = 0;

    for (h = 0; h < horizon; h++) {
        day = &forecast->days[h];

        day->amount = fmax(work->pool[bands->late + h], least);
        day->lower = fmax(day->amount - bands->widths[bands->late + h],
                          least);
        day->upper = day->amount + bands->widths[bands->late + h];

        day->amount *= bands->scale;
        day->lower *= bands->scale;
        day->upper *= bands->scale;

        forecast->total += day->amount;
    }

    forecast->total_lower = fmax(forecast->total
                                 - bands->total * bands->scale, least);
    forecast->total_upper = forecast->total + bands->total * bands->scale;
}


/* nothing, but what it would have been is not out of the question */

static void
cost_forecast_end(unsigned horizon, cost_forecast_t *forecast)
{
    unsigned              h;
    cost_forecast_day_t  *day;

    for (h = 0; h < horizon; h++) {
        day = &forecast->days[h];

        day->amount = 0;
        day->lower = fmin(day->lower, 0);
        day->upper = fmax(day->upper, 0);
    }

    forecast->total = 0;
    forecast->total_lower = fmin(forecast->total_lower, 0);
    forecast->total_upper = fmax(forecast->total_upper, 0);
}


/* the last days, from the first that is not zero; returns how many */

static size_t
cost_forecast_take(const double *amounts, size_t n, double *history)
{
    size_t  i, k;

    if (n > COST_FORECAST_MAX) {
        amounts += n - COST_FORECAST_MAX;
        n = COST_FORECAST_MAX;
    }

    k = 0;

    for (i = 0; i < n; i++) {
        history[k] = fabs(amounts[i]) <= COST_FORECAST_AMOUNT ? amounts[i] : 0;

        if (k > 0 || history[k] != 0) {
            k++;
        }
    }

    return k;
}


/*
 * Forecasts days that are known, from origins a week apart, by each model.
 * A model that cannot serve every origin is not used at all.
 */

static void
cost_forecast_try(cost_forecast_work_t *work, size_t n, cost_day_t last,
    unsigned horizon, cost_forecast_trials_t *trials)
{
    bool      usable[COST_FORECAST_MODELS];
    size_t    origin, least, t;
    unsigned  o, m;

    trials->ahead = horizon;

    if (trials->ahead > n / 3) {
        trials->ahead = (unsigned) (n / 3);
    }

    least = n / 3 > COST_FORECAST_TRAIN ? n / 3 : COST_FORECAST_TRAIN;

    if (trials->ahead > n - least) {
        trials->ahead = (unsigned) (n - least);
    }

    for (m = 0; m < COST_FORECAST_MODELS; m++) {
        usable[m] = true;
    }

    usable[COST_FORECAST_RATE] = cost_forecast_sparse(work->history, n);

    for (o = 0; o < COST_FORECAST_ORIGINS; o++) {

        if (n < trials->ahead + o * COST_FORECAST_WEEK + least) {
            break;
        }

        origin = n - trials->ahead - o * COST_FORECAST_WEEK;

        (void) cost_forecast_clean(work, origin,
                                   last - (cost_day_t) (n - origin));

        for (m = 0; m < COST_FORECAST_MODELS; m++) {
            usable[m] = usable[m]
                        && cost_forecast_path(work, m, origin,
                                              last
                                              - (cost_day_t) (n - origin),
                                              trials->ahead,
                                              work->trials[o][m]);
        }
    }

    trials->origins = o;
    trials->naive = 0;

    for (t = COST_FORECAST_WEEK; t < n; t++) {
        trials->naive += fabs(work->history[t]
                              - work->history[t - COST_FORECAST_WEEK])
                         / (double) (n - COST_FORECAST_WEEK);
    }

    for (m = 0; m < COST_FORECAST_MODELS; m++) {
        trials->weights[m] = usable[m] ? 1 : 0;
    }

    trials->weights[COST_FORECAST_RATE] = 0;

    cost_forecast_weigh(work, n, trials, o, trials->weights);

    if (usable[COST_FORECAST_RATE]) {
        cost_forecast_rate(work, n, trials);
    }
}


/* a model's forecast of what lies behind a history that has been cleaned */

static bool
cost_forecast_path(cost_forecast_work_t *work, cost_forecast_model_e model,
    size_t n, cost_day_t last, unsigned horizon, double *path)
{
    /* spikes and monthly amounts are what a sparse series consists of */

    if (model == COST_FORECAST_RATE) {
        cost_forecast_by_rate(work->history, n, horizon, path);
        return true;
    }

    if (!cost_forecast_model(model, work->clean, n, horizon, work->scratch,
                             path))
    {
        return false;
    }

    cost_forecast_put_back(work, last, horizon, path);

    return true;
}


/* the rate alone, where the models tell less than half of the amounts */

static void
cost_forecast_rate(const cost_forecast_work_t *work, size_t n,
    cost_forecast_trials_t *trials)
{
    double    off, missed, amounts;
    size_t    origin;
    unsigned  o, m, h;

    missed = 0;
    amounts = 0;

    for (o = 0; o < trials->origins; o++) {
        origin = n - trials->ahead - o * COST_FORECAST_WEEK;

        for (h = 0; h < trials->ahead; h++) {
            off = work->history[origin + h];
            amounts += fabs(off);

            for (m = 0; m < COST_FORECAST_MODELS; m++) {
                if (trials->weights[m] > 0) {
                    off -= trials->weights[m] * work->trials[o][m][h];
                }
            }

            missed += fabs(off);
        }
    }

    if (2 * missed >= amounts) {
        memset(trials->weights, 0, sizeof(trials->weights));
        trials->weights[COST_FORECAST_RATE] = 1;
    }
}


/*
 * A model weighs the inverse cube of its mean absolute error, over all
 * origins but "except".
 */

static void
cost_forecast_weigh(const cost_forecast_work_t *work, size_t n,
    const cost_forecast_trials_t *trials, unsigned except, double *weights)
{
    double    error, least, sum, errors[COST_FORECAST_MODELS];
    size_t    origin;
    unsigned  o, m, h;

    least = HUGE_VAL;

    for (m = 0; m < COST_FORECAST_MODELS; m++) {
        errors[m] = 0;

        if (trials->weights[m] == 0) {
            continue;
        }

        for (o = 0; o < trials->origins; o++) {
            if (o == except) {
                continue;
            }

            origin = n - trials->ahead - o * COST_FORECAST_WEEK;

            for (h = 0; h < trials->ahead; h++) {
                error = work->history[origin + h] - work->trials[o][m][h];
                errors[m] += fabs(error);
            }
        }

        least = fmin(least, errors[m]);
    }

    sum = 0;

    for (m = 0; m < COST_FORECAST_MODELS; m++) {
        if (trials->weights[m] == 0) {
            weights[m] = 0;
            continue;
        }

        error = least > 0 ? least / errors[m] : errors[m] == 0;
        weights[m] = error * error * error;
        sum += weights[m];
    }

    for (m = 0; m < COST_FORECAST_MODELS; m++) {
        weights[m] /= sum;
    }
}


/*
 * The errors that the mean of the models made at each origin, its weights
 * taken from the other origins only: no trial is judged by what it chose.
 */

static void
cost_forecast_judge(cost_forecast_work_t *work, size_t n,
    const cost_forecast_trials_t *trials)
{
    double    weights[COST_FORECAST_MODELS], path;
    size_t    origin;
    unsigned  o, m, h;

    for (o = 0; o < trials->origins; o++) {
        origin = n - trials->ahead - o * COST_FORECAST_WEEK;

        if (trials->origins > 1) {
            cost_forecast_weigh(work, n, trials, o, weights);

        } else {
            memcpy(weights, trials->weights, sizeof(weights));
        }

        for (h = 0; h < trials->ahead; h++) {
            path = 0;

            for (m = 0; m < COST_FORECAST_MODELS; m++) {
                if (weights[m] > 0) {
                    path += weights[m] * work->trials[o][m][h];
                }
            }

            work->errors[o][h] = work->history[origin + h] - path;
        }
    }
}


/*
 * Half the width of the 95 % band of each day, from the errors at all origins
 * but "except"; returns that of the total.
 *
 * A day's width is the 95 % quantile of the errors in its week and the weeks
 * beside it, never less than an earlier day's; beyond the days that were
 * tried it grows with the root of the distance, as a random walk's error does.
 * The factor widens it for how few origins there are.
 *
 * The total: the errors' mean at each origin is what all its days share, and
 * adds up in full; the rest adds up as independent errors do.  It leaves out
 * the first "late" days.
 */

static double
cost_forecast_band(cost_forecast_work_t *work,
    const cost_forecast_trials_t *trials, unsigned except, unsigned horizon,
    unsigned late, double *widths)
{
    double    few, shared, own, mean, most, total, d;
    size_t    k;
    unsigned  o, h, i, from, to, count;

    count = trials->origins;

    if (except < trials->origins && count > 1) {
        count--;

    } else {
        except = trials->origins;
    }

    few = 1 + 1.8 / (double) (count + 1);
    most = 0;

    for (h = 0; h < horizon && h < trials->ahead; h++) {

        if (h % COST_FORECAST_WEEK == 0) {
            from = h < COST_FORECAST_WEEK ? 0 : h - COST_FORECAST_WEEK;
            to = h + 2 * COST_FORECAST_WEEK;
            to = to > trials->ahead ? trials->ahead : to;
            k = 0;

            for (o = 0; o < trials->origins; o++) {
                if (o == except) {
                    continue;
                }

                for (i = from; i < to; i++) {
                    work->pool[k++] = fabs(work->errors[o][i]);
                }
            }

            most = fmax(most, few * cost_forecast_quantile(work->pool, k,
                                                           0.95));
        }

        widths[h] = most;
    }

    for ( /* void */ ; h < horizon; h++) {
        widths[h] = most * sqrt((double) (h + 1) / trials->ahead);
    }

    shared = 0;
    own = 0;
    k = 0;

    for (o = 0; o < trials->origins; o++) {
        if (o == except) {
            continue;
        }

        mean = 0;

        for (h = 0; h < trials->ahead; h++) {
            mean += work->errors[o][h] / trials->ahead;
        }

        for (h = 0; h < trials->ahead; h++) {
            d = work->errors[o][h] - mean;
            own += d * d;
            k++;
        }

        shared += mean * mean;
    }

    shared = sqrt(shared / count);
    own = sqrt(own / (double) k);

    /* origins a week apart share most of their days */

    few = 1 + (count - 1) * (double) COST_FORECAST_WEEK / trials->ahead;

    total = 1.96 * (1 + 1 / few) * (horizon - late) * shared
            * fmax(1, sqrt((double) horizon / trials->ahead));
    total = sqrt(total * total + 1.96 * 1.96 * (horizon - late) * own * own);

    mean = 0;

    for (h = late; h < horizon; h++) {
        mean += widths[h];
    }

    return fmin(total, mean);
}


static void
cost_forecast_accuracy(cost_forecast_work_t *work, size_t n,
    const cost_forecast_trials_t *trials, cost_forecast_accuracy_t *a)
{
    double    widths[COST_FORECAST_AHEAD], error, sum, actual, smape;
    size_t    origin;
    unsigned  o, h, inside;

    sum = 0;
    smape = 0;
    inside = 0;

    for (o = 0; o < trials->origins; o++) {
        origin = n - trials->ahead - o * COST_FORECAST_WEEK;

        (void) cost_forecast_band(work, trials, o, trials->ahead, 0,
                                  widths);

        for (h = 0; h < trials->ahead; h++) {
            error = work->errors[o][h];
            actual = work->history[origin + h];

            sum += fabs(error);
            inside += fabs(error) <= widths[h];

            if (error != 0) {
                smape += 200 * fabs(error)
                         / (fabs(actual) + fabs(actual - error));
            }
        }
    }

    a->days = trials->origins * trials->ahead;
    a->smape = smape / a->days;
    a->coverage = 100.0 * inside / a->days;

    /* a series without any change, forecast without any error: 0 */

    a->mase = 0;

    if (trials->naive > 0) {
        a->mase = sum / a->days / trials->naive;
    }
}


/*
 * The weighted mean of the models' forecasts, with the monthly amounts, in
 * work->pool; forecast->weights as they were in the end.
 */

static void
cost_forecast_ahead(cost_forecast_work_t *work, size_t n, cost_day_t last,
    unsigned horizon, const cost_forecast_trials_t *trials,
    cost_forecast_t *forecast)
{
    double    sum, *path;
    unsigned  h, m;

    (void) cost_forecast_clean(work, n, last);

    path = work->trials[0][0];       /* the trials have been judged */
    sum = 0;

    memset(work->pool, 0, horizon * sizeof(double));

    for (m = 0; m < COST_FORECAST_MODELS; m++) {
        forecast->weights[m] = trials->weights[m];

        if (forecast->weights[m] == 0
            || !cost_forecast_path(work, m, n, last, horizon, path))
        {
            forecast->weights[m] = 0;
            continue;
        }

        sum += forecast->weights[m];

        for (h = 0; h < horizon; h++) {
            work->pool[h] += forecast->weights[m] * path[h];
        }
    }

    for (m = 0; m < COST_FORECAST_MODELS; m++) {
        forecast->weights[m] /= sum;
    }

    for (h = 0; h < horizon; h++) {
        work->pool[h] /= sum;
    }
}
