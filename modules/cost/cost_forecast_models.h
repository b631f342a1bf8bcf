
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The models behind cost_forecast(), and the order statistics they share.
 * For cost_forecast*.c only.
 */


#ifndef _COST_FORECAST_MODELS_H_INCLUDED_
#define _COST_FORECAST_MODELS_H_INCLUDED_


#include "cost_forecast.h"


#define COST_FORECAST_WEEK  7
#define COST_FORECAST_YEAR_DAYS  364   /* 52 weeks: the same weekday */


/*
 * One model's forecast of the "horizon" days behind the "n" amounts of "y".
 * "scratch" has room for COST_FORECAST_MAX values.  False: the history is too
 * short for this model, "path" is not written.
 */
bool cost_forecast_model(cost_forecast_model_e model, const double *y,
    size_t n, unsigned horizon, double *scratch, double *path);

/*
 * Makes work->clean of the first n days of work->history, the last of which
 * is "last", and work->monthly.  Returns the usual distance of a day from
 * what its weekday would have had.
 */
double cost_forecast_clean(cost_forecast_work_t *work, size_t n,
    cost_day_t last);

/* what zeros at the end of a history mean */

typedef enum {
    COST_FORECAST_NONE = 0,      /* amounts like others */
    COST_FORECAST_UNBILLED,      /* COST_FORECAST_LATE days at most */
    COST_FORECAST_ENDED
} cost_forecast_silence_e;

/*
 * Of n days, one of which at least is not zero; *silent is how many zeros
 * there are.  More than a week of them is the end, unless it came back twice
 * from silences two thirds as long, or longer.
 */
cost_forecast_silence_e cost_forecast_silence(const double *history,
    size_t n, size_t *silent);

/* whether more than half of the last days (of half a year) are zeros */
bool cost_forecast_sparse(const double *history, size_t n);

/*
 * What a day costs in the mean of the last 13 weeks, zeros and all: of a
 * series whose days cannot be told, but their sum can.
 */
void cost_forecast_by_rate(const double *history, size_t n, unsigned horizon,
    double *path);

/* adds the monthly amounts to a path that begins on the day behind "last" */
void cost_forecast_put_back(const cost_forecast_work_t *work,
    cost_day_t last, unsigned horizon, double *path);

/* the median of n values, which are reordered; 0 of none */
double cost_forecast_median(double *values, size_t n);

/* the q-quantile (0..1) of n values, which are reordered; 0 of none */
double cost_forecast_quantile(double *values, size_t n, double q);


#endif /* _COST_FORECAST_MODELS_H_INCLUDED_ */
