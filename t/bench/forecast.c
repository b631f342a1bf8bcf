
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * How good the forecast is, beside three simple methods, on series of yours.
 *
 *     cc -O2 -I modules -o forecast t/bench/forecast.c
 *         modules/cost/cost_forecast*.c modules/cost/cost_date.c -lm
 *     ./forecast 30 SERIES...
 *
 * A SERIES is a file with one daily amount a line ("NA": that of a week
 * before).  Each is cut at four origins (0, 45, 110, 200 days before the last
 * possible one), at least 60 and at most 730 days are seen.  Printed are
 * means over all cuts: MASE (errors in units of the seasonal naive's own
 * in-sample error), sMAPE, and how often the 95 % bands held.
 */

#include "cost/cost_forecast_models.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>


#define SERIES_MAX  20000
#define SEEN_MAX    730
#define SEEN_MIN    60


enum { OURS = 0, NAIVE, WINTERS, MEDIAN, METHODS };


static size_t series_read(const char *name);
static void series_cut(size_t end, unsigned horizon);
static void holt_winters(const double *y, size_t n, unsigned horizon,
    double *path);
static double holt_winters_run(const double *y, size_t n, double a, double b,
    double g, unsigned horizon, double *path);


static double                series[SERIES_MAX];
static cost_forecast_work_t  work;
static cost_forecast_t       forecast;

static const char           *names[] = { "ours", "seasonal naive",
                                         "Holt-Winters", "median of 8" };
static double                mase[METHODS], smape[METHODS], inside, totals;
static unsigned              cuts;


int
main(int argc, char **argv)
{
    int       i;
    size_t    n, k;
    unsigned  horizon;

    static const size_t  back[] = { 0, 45, 110, 200 };

    horizon = argc > 2 ? (unsigned) atoi(argv[1]) : 0;

    if (horizon < 1 || horizon > COST_FORECAST_HORIZON) {
        fprintf(stderr, "usage: %s DAYS SERIES...   (1 to 90 days)\n",
                argv[0]);
        return 2;
    }

    for (i = 2; i < argc; i++) {
        n = series_read(argv[i]);

        for (k = 0; k < 4; k++) {
            if (n >= horizon + back[k] + SEEN_MIN) {
                series_cut(n - horizon - back[k], horizon);
            }
        }
    }

    if (cuts == 0) {
        fprintf(stderr, "no series is long enough\n");
        return 1;
    }

    printf("%u cuts, %u days ahead\n", cuts, horizon);

    for (k = 0; k < METHODS; k++) {
        printf("%-15s MASE %.3f  sMAPE %.2f\n", names[k], mase[k] / cuts,
               smape[k] / cuts);
    }

    printf("95 %% bands held %.1f %% of the days, %.1f %% of the totals\n",
           100 * inside / cuts, 100 * totals / cuts);

    return 0;
}


static size_t
series_read(const char *name)
{
    char    line[128];
    FILE   *file;
    size_t  n;

    file = fopen(name, "r");

    if (file == NULL) {
        perror(name);
        exit(1);
    }

    n = 0;

    while (n < SERIES_MAX && fgets(line, sizeof(line), file)) {
        series[n] = line[0] == 'N' ? (n < 7 ? 0 : series[n - 7])
                                   : strtod(line, NULL);
        n++;
    }

    fclose(file);

    return n;
}


static void
series_cut(size_t end, unsigned horizon)
{
    double         path[METHODS][COST_FORECAST_HORIZON], naive, error, sum;
    size_t         n, i;
    unsigned       h, k;
    const double  *seen, *actual;

    n = end < SEEN_MAX ? end : SEEN_MAX;
    seen = series + end - n;
    actual = series + end;
    naive = 0;

    for (i = 7; i < n; i++) {
        naive += fabs(seen[i] - seen[i - 7]) / (double) (n - 7);
    }

    if (naive == 0
        || cost_forecast(seen, n, 20000, 0, horizon, &work, &forecast)
           != COST_OK)
    {
        return;
    }

    for (h = 0; h < horizon; h++) {
        path[OURS][h] = forecast.days[h].amount;
        path[NAIVE][h] = seen[n - 7 + h % 7];
    }

    holt_winters(seen, n, horizon, path[WINTERS]);
    (void) cost_forecast_model(COST_FORECAST_MEDIAN, seen, n, horizon, NULL,
                               path[MEDIAN]);
    sum = 0;

    for (h = 0; h < horizon; h++) {
        for (k = 0; k < METHODS; k++) {
            error = fabs(actual[h] - path[k][h]);
            mase[k] += error / naive / horizon;

            if (error > 0) {
                smape[k] += 200 * error
                            / (fabs(actual[h]) + fabs(path[k][h])) / horizon;
            }
        }

        sum += actual[h];
        inside += (double) (actual[h] >= forecast.days[h].lower
                            && actual[h] <= forecast.days[h].upper) / horizon;
    }

    totals += sum >= forecast.total_lower && sum <= forecast.total_upper;
    cuts++;
}


/* additive, undamped, the parameters with the least squares on a grid */

static void
holt_winters(const double *y, size_t n, unsigned horizon, double *path)
{
    double    best, sse, a, b, g;
    unsigned  i, j, k;

    static const double  as[] = { .05, .1, .2, .3, .5, .7, .9 };
    static const double  bs[] = { 0, .01, .05, .1, .3 };
    static const double  gs[] = { .01, .05, .1, .3, .5 };

    best = HUGE_VAL;
    a = b = g = 0;

    for (i = 0; i < 7; i++) {
        for (j = 0; j < 5; j++) {
            for (k = 0; k < 5; k++) {
                sse = holt_winters_run(y, n, as[i], bs[j], gs[k], 0, path);

                if (sse < best) {
                    best = sse;
                    a = as[i];
                    b = bs[j];
                    g = gs[k];
                }
            }
        }
    }

    (void) holt_winters_run(y, n, a, b, g, horizon, path);
}


static double
holt_winters_run(const double *y, size_t n, double a, double b, double g,
    unsigned horizon, double *path)
{
    double    level, slope, week[7], error, sse, next;
    size_t    i;
    unsigned  h;

    level = 0;
    slope = 0;
    sse = 0;

    for (i = 0; i < 7; i++) {
        level += y[i] / 7;
        slope += (y[i + 7] - y[i]) / 49;
    }

    for (i = 0; i < 7; i++) {
        week[i] = y[i] - level;
    }

    for (i = 7; i < n; i++) {
        error = y[i] - (level + slope + week[i % 7]);
        sse += error * error;
        next = level + slope + a * error;
        slope += a * b * error;
        week[i % 7] += g * error;
        level = next;
    }

    for (h = 0; h < horizon; h++) {
        path[h] = level + (h + 1) * slope + week[(n + h) % 7];
    }

    return sse;
}
