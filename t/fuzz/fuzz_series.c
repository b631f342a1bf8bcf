
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The reader of series: what it takes is made of days and amounts, and every
 * amount is a number that survives the way back to a decimal.
 */

#include "cost/cost_series.h"

#include <math.h>
#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


#define DAYS  40

#define check(x)  do { if (!(x)) { abort(); } } while (0)


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    double     amounts[DAYS], back;
    size_t     i, n, blanks;
    cost_rc_e  rc;

    for (n = 0; n <= DAYS; n += 10) {
        rc = cost_series_read(data, size, amounts, n);

        check(rc == COST_OK || rc == COST_INVALID || rc == COST_RANGE);
        check(rc != COST_OK || n > 0 || size == 0);

        for (i = 0; i < n; i++) {
            check(fabs(amounts[i]) <= 1e20);

            back = cost_series_double(cost_series_decimal(amounts[i]));
            check(fabs(back - amounts[i])
                  <= 5.1e-7 + 1e-15 * fabs(amounts[i]));
        }
    }

    if (rc == COST_OK && size != 0) {
        blanks = 0;

        for (i = 0; i < size; i++) {
            blanks += data[i] == ' ';
        }

        check(blanks % 2 == 1);
    }

    return 0;
}
