
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The parser of decimals against schoolbook arithmetic on an array of digits;
 * what it reads is printed and read again.
 */

#include "cost/cost_decimal.h"

#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static cost_rc_e fuzz_decimal(const uint8_t *p, size_t len,
    cost_decimal_t *value);
static bool fuzz_exponent(const uint8_t *p, size_t len, long *exponent);


#define check(x)  do { if (!(x)) { abort(); } } while (0)


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t          len;
    uint8_t         buf[COST_DECIMAL_LEN];
    unsigned        keep, places;
    cost_rc_e       rc;
    cost_decimal_t  a, b;

    if (size > 400) {
        return 0;
    }

    rc = cost_decimal_parse(data, size, &a);

    check(rc == fuzz_decimal(data, size, &b));

    if (rc != COST_OK) {
        check(rc == COST_INVALID || rc == COST_RANGE);
        return 0;
    }

    check(a == b);

    len = cost_decimal_format(a, COST_DECIMAL_PLACES, 0, buf);
    check(len <= COST_DECIMAL_LEN);
    check(cost_decimal_parse(buf, len, &b) == COST_OK && a == b);

    /* rounding by the printer is rounding by the rounder */

    for (places = 0; places <= COST_DECIMAL_PLACES; places++) {
        keep = places / 2;
        len = cost_decimal_format(a, places, keep, buf);

        rc = cost_decimal_parse(buf, len, &b);
        check(rc == COST_RANGE
              || (rc == COST_OK && b == cost_decimal_round(a, places)));
    }

    return 0;
}


/* digits[DIGITS / 2] is the one in front of the point */

#define DIGITS  2000


static cost_rc_e
fuzz_decimal(const uint8_t *p, size_t len, cost_decimal_t *value)
{
    bool                minus, point;
    long                exponent, i, place;
    size_t              n, ndigits, nfraction;
    uint8_t             text[400];
    unsigned __int128   units;
    static uint8_t      digits[DIGITS];

    minus = false;
    point = false;
    n = 0;
    ndigits = 0;
    nfraction = 0;
    exponent = 0;

    if (n < len && p[n] == '-') {
        minus = true;
        n++;
    }

    for ( /* void */ ; n < len; n++) {
        if (p[n] == '.' && !point) {
            point = true;

        } else if (p[n] >= '0' && p[n] <= '9') {
            text[ndigits++] = p[n] - '0';
            nfraction += point;

        } else {
            break;
        }
    }

    if (ndigits == 0) {
        return COST_INVALID;
    }

    if (n < len && !fuzz_exponent(p + n, len - n, &exponent)) {
        return COST_INVALID;
    }

    memset(digits, 0, sizeof(digits));

    for (i = 0; i < (long) ndigits; i++) {
        place = DIGITS / 2 + i - (long) (ndigits - nfraction) + 1 - exponent;

        if (text[i] != 0 && place < 0) {
            return COST_RANGE;
        }

        if (place >= 0 && place < DIGITS) {
            digits[place] = text[i];
        }
    }

    units = 0;

    for (i = 0; i <= DIGITS / 2 + COST_DECIMAL_PLACES; i++) {
        if (digits[i] != 0 && i <= DIGITS / 2 - COST_DECIMAL_INT_DIGITS) {
            return COST_RANGE;
        }

        units = units * 10 + digits[i];
    }

    units += (digits[i] >= 5);

    if (units / COST_DECIMAL_ONE >= (unsigned __int128) 100
                                    * COST_DECIMAL_ONE)
    {
        return COST_RANGE;
    }

    *value = minus ? -(cost_decimal_t) units : (cost_decimal_t) units;

    return COST_OK;
}


static bool
fuzz_exponent(const uint8_t *p, size_t len, long *exponent)
{
    long    sign;
    size_t  n;

    if (*p != 'e' && *p != 'E') {
        return false;
    }

    n = 1;
    sign = 1;

    if (n < len && (p[n] == '+' || p[n] == '-')) {
        sign = (p[n] == '-') ? -1 : 1;
        n++;
    }

    if (n == len) {
        return false;
    }

    for ( /* void */ ; n < len; n++) {
        if (p[n] < '0' || p[n] > '9') {
            return false;
        }

        *exponent = *exponent * 10 + (p[n] - '0');
        *exponent = (*exponent > 100000) ? 100000 : *exponent;
    }

    *exponent *= sign;

    return true;
}
