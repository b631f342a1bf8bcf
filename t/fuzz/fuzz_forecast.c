
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Any series of any length: every figure of a forecast is finite, its bands
 * hold their amounts, its weights add up to one, or are none.
 */

#include "cost/cost_forecast.h"

#include <math.h>
#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static cost_forecast_work_t  work;
static cost_forecast_t       f;


#define check(x)  do { if (!(x)) { abort(); } } while (0)


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                n;
    double                sum, amounts[COST_FORECAST_MAX + 8];
    int32_t               last;
    unsigned              h, m, horizon;
    cost_forecast_day_t  *day;

    if (size < 5) {
        return 0;
    }

    horizon = data[0];
    memcpy(&last, data + 1, 4);
    last %= COST_DAY_MAX / 2;
    data += 5;
    size -= 5;

    /* two bytes a day, or eight: plausible amounts, or any at all */

    if (horizon & 0x80) {
        n = size / sizeof(double);
        n = n > COST_FORECAST_MAX + 8 ? COST_FORECAST_MAX + 8 : n;
        memcpy(amounts, data, n * sizeof(double));

    } else {
        n = size / 2;
        n = n > COST_FORECAST_MAX + 8 ? COST_FORECAST_MAX + 8 : n;

        for (h = 0; h < n; h++) {
            amounts[h] = (data[2 * h] << (data[2 * h + 1] & 15)) / 100.0;
        }
    }

    horizon &= 0x7f;

    if (cost_forecast(amounts, n, last, n & 1, horizon, &work, &f)
        != COST_OK)
    {
        return 0;
    }

    for (h = 0; h < horizon; h++) {
        day = &f.days[h];

        check(isfinite(day->amount));
        check(isfinite(day->lower) && day->lower <= day->amount);
        check(isfinite(day->upper) && day->upper >= day->amount);
    }

    check(isfinite(f.total_lower) && f.total_lower <= f.total);
    check(isfinite(f.total_upper) && f.total_upper >= f.total);

    sum = 0;

    for (m = 0; m < COST_FORECAST_MODELS; m++) {
        check(f.weights[m] >= 0);
        sum += f.weights[m];
    }

    check(fabs(sum - 1) < 1e-9
          || (sum == 0 && f.total_lower == 0 && f.total_upper == 0));
    check(f.accuracy.smape >= 0 && f.accuracy.smape <= 200.0001);
    check(isfinite(f.accuracy.mase) && f.accuracy.mase >= 0);
    check(f.accuracy.coverage >= 0 && f.accuracy.coverage <= 100);

    return 0;
}
