
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include <math.h>

#include "cost_series.h"


static size_t cost_series_word(const uint8_t *p, const uint8_t *last);
static cost_rc_e cost_series_day(const uint8_t *p, size_t len, size_t n,
    size_t *day);


#define COST_SERIES_LARGEST  1e20

/* 10^-6 in units of a decimal */
#define COST_SERIES_STEP     (COST_DECIMAL_ONE / 1000000)


cost_rc_e
cost_series_read(const uint8_t *p, size_t len, double *amounts, size_t n)
{
    size_t           day, word, i;
    cost_rc_e        rc;
    const uint8_t   *last;
    cost_decimal_t   amount;

    for (i = 0; i < n; i++) {
        amounts[i] = 0;
    }

    last = p + len;

    while (p < last) {

        word = cost_series_word(p, last);
        rc = cost_series_day(p, word, n, &day);

        if (rc != COST_OK) {
            return rc;
        }

        p += word;

        if (p == last) {
            return COST_INVALID;
        }

        p++;

        word = cost_series_word(p, last);
        rc = cost_decimal_parse(p, word, &amount);

        if (rc != COST_OK) {
            return rc;
        }

        amounts[day] = cost_series_double(amount);

        p += word;

        /* a blank is between two words, never behind the last */

        if (p < last && ++p == last) {
            return COST_INVALID;
        }
    }

    return COST_OK;
}


static size_t
cost_series_word(const uint8_t *p, const uint8_t *last)
{
    const uint8_t  *blank;

    blank = memchr(p, ' ', (size_t) (last - p));

    return (size_t) ((blank != NULL ? blank : last) - p);
}


static cost_rc_e
cost_series_day(const uint8_t *p, size_t len, size_t n, size_t *day)
{
    size_t  i, k;

    if (len == 0) {
        return COST_INVALID;
    }

    k = 0;

    for (i = 0; i < len; i++) {
        if (p[i] < '0' || p[i] > '9') {
            return COST_INVALID;
        }

        /* n is the size of an array, so this does not overflow */

        if (k < n) {
            k = k * 10 + (size_t) (p[i] - '0');
        }
    }

    *day = k;

    return k < n ? COST_OK : COST_RANGE;
}


double
cost_series_double(cost_decimal_t value)
{
    return (double) value / 1e18;
}


cost_decimal_t
cost_series_decimal(double value)
{
    double  whole;

    if (isnan(value)) {
        return 0;
    }

    value = fmax(fmin(value, COST_SERIES_LARGEST), - COST_SERIES_LARGEST);
    whole = trunc(value);

    return (cost_decimal_t) whole * COST_DECIMAL_ONE
           + (cost_decimal_t) round((value - whole) * 1e6) * COST_SERIES_STEP;
}
