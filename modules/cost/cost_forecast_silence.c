
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Days without any cost: at the end of a history, and among its days.
 */


#include <math.h>

#include "cost_forecast_models.h"


#define COST_FORECAST_SPARSE    182    /* days whose zeros are counted */
#define COST_FORECAST_RATE_OF   91     /* days that the rate is the mean of */


cost_forecast_silence_e
cost_forecast_silence(const double *history, size_t n, size_t *silent)
{
    size_t    t, run;
    unsigned  returns;

    for (*silent = 0; *silent < n; (*silent)++) {
        if (history[n - 1 - *silent] != 0) {
            break;
        }
    }

    if (*silent == 0) {
        return COST_FORECAST_NONE;
    }

    if (*silent <= COST_FORECAST_LATE) {
        return COST_FORECAST_UNBILLED;
    }

    /* how often it has come back from a silence of about this length */

    returns = 0;
    run = 0;

    for (t = 0; t < n - *silent; t++) {

        if (history[t] == 0) {
            run++;
            continue;
        }

        returns += (3 * run >= 2 * *silent);
        run = 0;
    }

    return returns < 2 ? COST_FORECAST_ENDED : COST_FORECAST_NONE;
}


bool
cost_forecast_sparse(const double *history, size_t n)
{
    size_t  t, zeros, first;

    first = n > COST_FORECAST_SPARSE ? n - COST_FORECAST_SPARSE : 0;
    zeros = 0;

    for (t = first; t < n; t++) {
        zeros += (history[t] == 0);
    }

    return 2 * zeros > n - first;
}


void
cost_forecast_by_rate(const double *history, size_t n, unsigned horizon,
    double *path)
{
    double    rate;
    size_t    t, first;
    unsigned  h;

    first = n > COST_FORECAST_RATE_OF ? n - COST_FORECAST_RATE_OF : 0;
    rate = 0;

    for (t = first; t < n; t++) {
        rate += history[t] / (double) (n - first);
    }

    for (h = 0; h < horizon; h++) {
        path[h] = rate;
    }
}
