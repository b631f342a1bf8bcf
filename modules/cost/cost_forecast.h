
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A forecast of daily costs.
 *
 * The history is cleaned first: amounts that come back on the same day of
 * every month are taken out (and put back into the forecast), a shift of the
 * level moves what lies before it to the new level, lone spikes and holes are
 * replaced by what their weekday and week would have had.  Several models are
 * then fitted:
 *
 *     median    the median of the last eight same weekdays: robust, flat
 *     ets       exponential smoothing with a damped trend and an additive
 *               week (Holt and Winters; Gardner and McKenzie 1985), its
 *               errors clipped (Gelper, Fried and Croux 2010)
 *     ratio     the week as factors, the level smoothed, a damped slope
 *               through the weekly medians (Theil and Sen)
 *     year      the same weekday a year ago, at today's level (from 13
 *               months of history)
 *
 * A history that ends in more than a week of zeros has ended, unless such
 * silences are usual in it: nothing is forecast, though for a month the upper
 * ends of the bands reach to where it would have gone on.  Where most days
 * are zeros, and the models miss half or more of the amounts of days that are
 * known, the forecast is
 *
 *     rate      the mean of the last 13 weeks (after Croston 1972): the best
 *               for each of such days would be zero, but their sum is not
 *
 * The series' own last days decide: each model forecasts them from earlier
 * origins, a week apart, and the better a model did there the more it weighs
 * in the mean of the models (Bates and Granger 1969).
 *
 * The errors at these origins also make the bands: how far off a forecast
 * was so many days ahead, at 95 %.  The total's band is not the sum of the
 * days': an error has one part that all days of a forecast share (a level
 * that was missed) and one that is each day's own, and only the former adds
 * up in full.
 *
 * Beside simple methods, 30 days ahead, mean MASE (t/bench/forecast.c; the
 * series' sources: NN5, tscompdata; the rest, timetk, ETT, births, visitors):
 *
 *                          111 x NN5    32 others
 *     this                     0.916        1.171
 *     median of 8              0.919        1.376
 *     Holt-Winters             1.110        1.232
 *     seasonal naive           1.686        1.250
 *     days inside the band    93.6 %       91.9 %
 *
 * Two years of days take some 2.5 ms.
 *
 * Everything is deterministic, and does not depend on the unit of the
 * amounts.  Binary floating-point numbers are used throughout: what is
 * forecast is no account.
 */


#ifndef _COST_FORECAST_H_INCLUDED_
#define _COST_FORECAST_H_INCLUDED_


#include "cost_date.h"
#include "cost_str.h"


#define COST_FORECAST_MIN      21     /* days of history that are needed */
#define COST_FORECAST_MAX      1096   /* days that are looked at */
#define COST_FORECAST_HORIZON  90     /* days ahead, at most */
#define COST_FORECAST_LATE     7      /* days that a bill may be late */
#define COST_FORECAST_SILENT   30     /* days after which none is waited for */
#define COST_FORECAST_SKIP     1      /* days that are not over yet */
#define COST_FORECAST_AHEAD                                                   \
    (COST_FORECAST_SILENT + COST_FORECAST_SKIP + COST_FORECAST_HORIZON)
#define COST_FORECAST_AMOUNT   1e20   /* a day's amount, at most */


typedef enum {
    COST_FORECAST_MEDIAN = 0,
    COST_FORECAST_ETS,
    COST_FORECAST_RATIO,
    COST_FORECAST_YEAR,
    COST_FORECAST_RATE,
    COST_FORECAST_MODELS
} cost_forecast_model_e;


typedef struct {
    double        amount;
    double        lower;         /* 95 % */
    double        upper;
} cost_forecast_day_t;


/*
 * How the same method did on the last days of the history, before the zeros
 * at its end.
 */

typedef struct {
    unsigned      days;          /* forecast days that were compared */
    double        smape;         /* 0..200, percent */
    double        mase;          /* in units of the seasonal naive's error */
    double        coverage;      /* percent of days inside the 95 % band */
} cost_forecast_accuracy_t;


typedef struct {
    cost_forecast_day_t       days[COST_FORECAST_HORIZON];
    double                    total;
    double                    total_lower;
    double                    total_upper;

    /* their sum is 1, or 0 where nothing is left to forecast */
    double                    weights[COST_FORECAST_MODELS];

    cost_forecast_accuracy_t  accuracy;
} cost_forecast_t;


/* room to work in, some 700 KB; nothing in it outlives the call */

#define COST_FORECAST_ORIGINS  8

typedef struct {
    double        history[COST_FORECAST_MAX];   /* as given, the last days */
    double        clean[COST_FORECAST_MAX];
    double        trial[COST_FORECAST_MAX];
    double        scratch[COST_FORECAST_MAX];
    double        sorted[COST_FORECAST_MAX];
    double        monthly[32];                  /* by day of the month */
    double        trials[COST_FORECAST_ORIGINS][COST_FORECAST_MODELS]
                        [COST_FORECAST_AHEAD];
    double        errors[COST_FORECAST_ORIGINS][COST_FORECAST_AHEAD];
    double        pool[COST_FORECAST_ORIGINS * COST_FORECAST_AHEAD];
} cost_forecast_work_t;


/*
 * Forecasts "horizon" days (1..90) from "n" daily amounts, the last of which
 * is that of the day "last"; days without cost are zeros.  Up to a week of
 * zeros at the end has not been billed yet: it is forecast as well, and left
 * out of what is written, and so are "skip" days (0..COST_FORECAST_SKIP)
 * behind "last": today, which is not over.  Of a series that has ended all is
 * zero, "accuracy" too where there is nothing to compare.  An amount beyond
 * COST_FORECAST_AMOUNT, or that is not a number, counts as zero.
 * COST_RANGE: fewer than COST_FORECAST_MIN days since the first that is not
 * zero, or a horizon or skip out of range; nothing is written.  Every figure
 * written is finite.
 */
COST_MUST_CHECK cost_rc_e cost_forecast(const double *amounts, size_t n,
    cost_day_t last, unsigned skip, unsigned horizon,
    cost_forecast_work_t *work, cost_forecast_t *forecast);


#endif /* _COST_FORECAST_H_INCLUDED_ */
