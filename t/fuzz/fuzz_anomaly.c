
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Any series: what is reported is in order, above its band and finite, and
 * the first days of a series are judged alike however many follow.
 */

#include "cost/cost_anomaly.h"

#include <math.h>
#include <stdlib.h>


#define FUZZ_FOUND  64


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static cost_anomaly_work_t  work;
static cost_anomaly_t       found[FUZZ_FOUND], again[FUZZ_FOUND];


#define check(x)  do { if (!(x)) { abort(); } } while (0)


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    double               amounts[COST_ANOMALY_MAX];
    size_t               i, n, k, m, half;
    cost_rc_e            rc;
    cost_anomaly_conf_t  conf;

    if (size < 2) {
        return 0;
    }

    conf.threshold = 1 + (data[0] & 15) / 2.0;
    conf.minimum = (data[0] >> 4) / 4.0;

    if (data[1] & 1) {
        n = (size - 2) / sizeof(double);
        n = n > COST_ANOMALY_MAX ? COST_ANOMALY_MAX : n;
        memcpy(amounts, data + 2, n * sizeof(double));

    } else {
        n = size - 2 > COST_ANOMALY_MAX ? COST_ANOMALY_MAX : size - 2;

        for (i = 0; i < n; i++) {
            amounts[i] = data[2 + i];
        }
    }

    rc = cost_anomaly_scan(amounts, n, 0, &conf, &work, found, FUZZ_FOUND,
                           &k);
    check(rc == COST_OK || (rc == COST_FULL && k == FUZZ_FOUND));

    for (i = 0; i < k; i++) {
        check(found[i].day >= COST_ANOMALY_HISTORY && found[i].day < n);
        check(i == 0 || found[i].day > found[i - 1].day);
        check(isfinite(found[i].expected) && isfinite(found[i].upper));
        check(isfinite(found[i].score) && isfinite(found[i].lower));
        check(found[i].actual > found[i].upper);
    }

    half = n / 2;
    rc = cost_anomaly_scan(amounts, half, 0, &conf, &work, again, FUZZ_FOUND,
                           &m);
    check(rc == COST_OK || rc == COST_FULL);

    for (i = 0; i < m; i++) {
        check(again[i].day == found[i].day
              && again[i].upper == found[i].upper);
    }

    check(m == k || found[m].day >= half);

    return 0;
}
