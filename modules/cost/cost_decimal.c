
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_decimal.h"


typedef unsigned __int128  cost_decimal_abs_t;


/* the value of a number: 0.digits x 10^point, digits without leading zeros */

typedef struct {
    const uint8_t  *digits;      /* may have a point among them */
    const uint8_t  *last;
    int64_t         point;
} cost_decimal_text_t;


static cost_rc_e cost_decimal_scan(const uint8_t *p, const uint8_t *last,
    cost_decimal_text_t *text);
static cost_rc_e cost_decimal_exponent(const uint8_t *p, const uint8_t *last,
    int64_t *exponent);
static cost_rc_e cost_decimal_units(const cost_decimal_text_t *text,
    cost_decimal_abs_t *units);
static cost_decimal_abs_t cost_decimal_abs(cost_decimal_t value);


/* no sum of exponents within these overflows or matters */

#define COST_DECIMAL_EXPONENT_MAX  1000000

#define cost_decimal_digit(c)  ((c) >= '0' && (c) <= '9')


static const uint64_t  cost_decimal_pow10[] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
    UINT64_C(100000000000000000),
    UINT64_C(1000000000000000000)
};


cost_rc_e
cost_decimal_parse(const uint8_t *p, size_t len, cost_decimal_t *value)
{
    bool                 minus;
    uint64_t             n;
    unsigned             places;
    cost_rc_e            rc;
    const uint8_t       *last, *point, *q;
    cost_decimal_abs_t   units;
    cost_decimal_text_t  text;

    last = p + len;
    minus = false;

    if (len != 0 && *p == '-') {
        minus = true;
        p++;
    }

    /* what bills hold: up to 18 digits and no exponent */

    if (last - p > 0 && last - p <= 19) {
        n = 0;
        point = NULL;

        for (q = p; q < last; q++) {
            if (cost_decimal_digit(*q)) {
                n = n * 10 + (*q - '0');
                continue;
            }

            if (*q != '.' || point != NULL) {
                break;
            }

            point = q;
        }

        if (q == last && last - p > (point != NULL)) {
            places = (point != NULL) ? (unsigned) (last - point - 1) : 0;
            units = (cost_decimal_abs_t) n
                    * cost_decimal_pow10[COST_DECIMAL_PLACES - places];
            *value = minus ? -(cost_decimal_t) units : (cost_decimal_t) units;

            return COST_OK;
        }
    }

    rc = cost_decimal_scan(p, last, &text);
    if (rc != COST_OK) {
        return rc;
    }

    rc = cost_decimal_units(&text, &units);
    if (rc != COST_OK) {
        return rc;
    }

    *value = minus ? -(cost_decimal_t) units : (cost_decimal_t) units;

    return COST_OK;
}


/*
 * Checks the whole text before anything is worked out, so that a malformed
 * number is never reported as one out of range.
 */

static cost_rc_e
cost_decimal_scan(const uint8_t *p, const uint8_t *last,
    cost_decimal_text_t *text)
{
    bool            any;
    int64_t         exponent, integer, zeros;
    cost_rc_e       rc;
    const uint8_t  *point;

    any = false;
    point = NULL;
    integer = 0;
    zeros = 0;
    text->digits = NULL;

    for ( /* void */ ; p < last; p++) {

        if (*p == '.' && point == NULL) {
            point = p;
            continue;
        }

        if (!cost_decimal_digit(*p)) {
            break;
        }

        any = true;

        if (text->digits == NULL) {
            if (*p == '0') {
                zeros += (point != NULL);
                continue;
            }

            text->digits = p;
        }

        integer += (point == NULL);
    }

    if (!any) {
        return COST_INVALID;
    }

    text->last = p;
    exponent = 0;

    if (p < last) {
        if (*p != 'e' && *p != 'E') {
            return COST_INVALID;
        }

        rc = cost_decimal_exponent(p + 1, last, &exponent);
        if (rc != COST_OK) {
            return rc;
        }
    }

    text->point = integer - zeros + exponent;

    return COST_OK;
}


static cost_rc_e
cost_decimal_exponent(const uint8_t *p, const uint8_t *last,
    int64_t *exponent)
{
    bool     minus;
    int64_t  n;

    minus = false;

    if (p < last && (*p == '-' || *p == '+')) {
        minus = (*p == '-');
        p++;
    }

    if (p == last) {
        return COST_INVALID;
    }

    n = 0;

    for ( /* void */ ; p < last; p++) {
        if (!cost_decimal_digit(*p)) {
            return COST_INVALID;
        }

        n = n * 10 + (*p - '0');

        if (n > COST_DECIMAL_EXPONENT_MAX) {
            n = COST_DECIMAL_EXPONENT_MAX;
        }
    }

    *exponent = minus ? -n : n;

    return COST_OK;
}


static cost_rc_e
cost_decimal_units(const cost_decimal_text_t *text, cost_decimal_abs_t *units)
{
    int64_t             place;
    const uint8_t      *p;
    cost_decimal_abs_t  n;

    n = 0;

    if (text->digits == NULL) {
        *units = 0;
        return COST_OK;
    }

    if (text->point > COST_DECIMAL_INT_DIGITS) {
        return COST_RANGE;
    }

    /* "place" counts the digits that may still follow in front of 10^-19 */

    place = text->point + COST_DECIMAL_PLACES;

    for (p = text->digits; p < text->last && place > 0; p++) {
        if (*p == '.') {
            continue;
        }

        n = n * 10 + (*p - '0');
        place--;
    }

    while (p < text->last && *p == '.') {
        p++;
    }

    if (place == 0 && p < text->last && *p >= '5') {
        n++;
    }

    while (place > 0) {
        n *= 10;
        place--;
    }

    if (n >= (cost_decimal_abs_t) COST_DECIMAL_ONE * COST_DECIMAL_ONE * 100) {
        return COST_RANGE;
    }

    *units = n;

    return COST_OK;
}


cost_decimal_t
cost_decimal_round(cost_decimal_t value, unsigned places)
{
    uint64_t            unit;
    cost_decimal_abs_t  n;

    if (places >= COST_DECIMAL_PLACES) {
        return value;
    }

    unit = cost_decimal_pow10[COST_DECIMAL_PLACES - places];
    n = cost_decimal_abs(value);
    n += unit / 2;
    n -= n % unit;

    return (value < 0) ? -(cost_decimal_t) n : (cost_decimal_t) n;
}


size_t
cost_decimal_format(cost_decimal_t value, unsigned places, unsigned keep,
    uint8_t *buf)
{
    uint8_t             *p, *q, digits[COST_DECIMAL_LEN];
    uint64_t             fraction;
    cost_decimal_abs_t   n, integer;

    if (places > COST_DECIMAL_PLACES) {
        places = COST_DECIMAL_PLACES;
    }

    n = cost_decimal_abs(cost_decimal_round(value, places));
    integer = n / (uint64_t) COST_DECIMAL_ONE;
    fraction = (uint64_t) (n % (uint64_t) COST_DECIMAL_ONE);
    fraction /= cost_decimal_pow10[COST_DECIMAL_PLACES - places];

    while (places > keep && fraction % 10 == 0) {
        fraction /= 10;
        places--;
    }

    /* from the end: the fraction, the point, the integer part, the sign */

    p = digits + sizeof(digits);
    q = p;

    if (places != 0) {
        while (places--) {
            *--p = (uint8_t) ('0' + fraction % 10);
            fraction /= 10;
        }

        *--p = '.';
    }

    do {
        *--p = (uint8_t) ('0' + (unsigned) (integer % 10));
        integer /= 10;
    } while (integer != 0);

    if (value < 0 && n != 0) {
        *--p = '-';
    }

    memcpy(buf, p, (size_t) (q - p));

    return (size_t) (q - p);
}


static cost_decimal_abs_t
cost_decimal_abs(cost_decimal_t value)
{
    return (value < 0) ? -(cost_decimal_abs_t) value
                       : (cost_decimal_abs_t) value;
}
