
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * cost_forecast() by itself, for t/api-forecast.t:
 *
 *     forecast HORIZON LAST-DAY < AMOUNTS     one daily amount a line
 *
 * The day behind the last is left out, as today is.  Prints the total, its band, the accuracy, and each day with its band.
 */

#include "cost/cost_forecast.h"

#include <stdio.h>
#include <stdlib.h>


static double                amounts[COST_FORECAST_MAX];
static cost_forecast_t       forecast;
static cost_forecast_work_t  work;


int
main(int argc, char **argv)
{
    size_t      n;
    unsigned    i, horizon;
    cost_day_t  last;

    if (argc != 3) {
        return 2;
    }

    horizon = (unsigned) atoi(argv[1]);

    if (cost_date_parse((uint8_t *) argv[2], strlen(argv[2]), &last)
        != COST_OK)
    {
        return 2;
    }

    for (n = 0; n < COST_FORECAST_MAX; n++) {
        if (scanf("%lf", &amounts[n]) != 1) {
            break;
        }
    }

    if (cost_forecast(amounts, n, last, 1, horizon, &work, &forecast)
        != COST_OK)
    {
        return 1;
    }

    printf("%.9f %.9f %.9f\n", forecast.total, forecast.total_lower,
           forecast.total_upper);
    printf("%.9f %.9f %.9f %u\n", forecast.accuracy.smape,
           forecast.accuracy.mase, forecast.accuracy.coverage,
           forecast.accuracy.days);

    for (i = 0; i < horizon; i++) {
        printf("%.9f %.9f %.9f\n", forecast.days[i].amount,
               forecast.days[i].lower, forecast.days[i].upper);
    }

    return 0;
}
