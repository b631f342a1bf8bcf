
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_pull_part.h"


/* digits that a mantissa takes without a look at overflow */
#define COST_PULL_DIGITS  18

/* 10^308, the place of the first digit of the largest doubles */
#define COST_PULL_EXPONENT  308


static const char *cost_pull_large(const cost_pull_t *r, uint64_t mantissa,
    bool negative);
static bool cost_pull_finite(const cost_str_t *text);


/*
 * 2^1024 - 2^970: from here on a decimal number rounds to infinity; exact,
 * the tie included, which goes to the even neighbour, infinity.
 */
static const char  cost_pull_infinity[] =
    "17976931348623158079372897140530341507993413271003782693617377898044"
    "49682927647509466490179775872070963302864166928879109465555478519404"
    "02630657488671505820681908902000708383676273854845817711531764475730"
    "27006985557136695962284291481986083493647529271907416844436551070434"
    "2711559699508093042880177904174497792";


cost_pull_e
cost_pull_number(cost_pull_t *r, const uint8_t *p)
{
    bool            negative;
    uint64_t        mantissa;
    const char     *error;
    const uint8_t  *digits, *fraction, *last, *start;

    start = p;
    last = r->last;
    negative = (*p == '-');
    mantissa = 0;
    fraction = NULL;

    if (negative) {
        p++;
    }

    if (p == last || !cost_pull_digit(*p)) {
        return cost_pull_fail(r, start, "a value is expected");
    }

    digits = p;

    if (*p == '0') {
        p++;

    } else {

        /* what overflows here is not used: "exact" is false then */

        do {
            mantissa = mantissa * 10 + (uint64_t) (*p++ - '0');
        } while (p != last && cost_pull_digit(*p));
    }

    r->integer = true;

    if (p != last && *p == '.') {
        fraction = ++p;
        r->integer = false;

        while (p != last && cost_pull_digit(*p)) {
            mantissa = mantissa * 10 + (uint64_t) (*p++ - '0');
        }

        if (p == fraction) {
            return cost_pull_fail(r, p, "a digit is expected");
        }
    }

    r->exact = (p - digits <= COST_PULL_DIGITS);
    r->scale = (fraction != NULL && r->exact) ? (uint8_t) (p - fraction) : 0;
    r->mantissa = r->exact ? (int64_t) mantissa : 0;

    if (p != last && (*p == 'e' || *p == 'E')) {
        p++;
        r->integer = false;
        r->exact = false;

        if (p != last && (*p == '+' || *p == '-')) {
            p++;
        }

        digits = p;

        while (p != last && cost_pull_digit(*p)) {
            p++;
        }

        if (p == digits) {
            return cost_pull_fail(r, p, "a digit is expected");
        }
    }

    if (negative) {
        r->mantissa = -r->mantissa;
    }

    r->text.data = start;
    r->text.len = (size_t) (p - start);

    if (!r->exact) {
        error = cost_pull_large(r, mantissa, negative);

        if (error != NULL) {
            return cost_pull_fail(r, start, error);
        }
    }

    r->pos = p;
    r->state = COST_PULL_COMMA_OR_END;

    return COST_PULL_NUMBER;
}


/* beyond 64 bits, or what a double can hold: why it is refused, or NULL */

static const char *
cost_pull_large(const cost_pull_t *r, uint64_t mantissa, bool negative)
{
    if (!r->integer) {
        return cost_pull_finite(&r->text) ? NULL : "a number is too large";
    }

    /* 19 digits fit the mantissa, 20 or more are beyond 64 bits */

    if (r->text.len - negative <= 19
        && mantissa <= (uint64_t) INT64_MAX + negative)
    {
        return NULL;
    }

    return "an integer is too large";
}


/* is a well-formed real number finite as a double, correctly rounded? */

static bool
cost_pull_finite(const cost_str_t *text)
{
    bool            minus, point;
    size_t          n;
    int64_t         exponent, place;
    const uint8_t  *p, *first, *last, *e;

    first = NULL;
    point = false;
    exponent = 0;
    place = -1;                  /* of the first digit that is not 0 */
    last = text->data + text->len;

    for (p = text->data; p != last && (*p | 0x20) != 'e'; p++) {

        if (*p == '.') {
            point = true;

        } else if (*p != '-') {

            if (first == NULL && *p != '0') {
                first = p;
            }

            if (first != NULL && !point) {
                place++;

            } else if (first == NULL && point) {
                place--;
            }
        }
    }

    e = p;

    if (first == NULL) {
        return true;
    }

    if (p != last) {
        p++;
        minus = (*p == '-');

        if (*p == '-' || *p == '+') {
            p++;
        }

        for ( /* void */ ; p != last; p++) {

            /* a text is much shorter than 10^17 digits */

            if (exponent < 100000000000000000LL) {
                exponent = exponent * 10 + (*p - '0');
            }
        }

        if (minus) {
            exponent = -exponent;
        }
    }

    exponent += place;

    if (exponent != COST_PULL_EXPONENT) {
        return exponent < COST_PULL_EXPONENT;
    }

    n = 0;

    for (p = first; p != e; p++) {

        if (*p == '.') {
            continue;
        }

        if (n == sizeof(cost_pull_infinity) - 1) {
            return false;
        }

        if (*p != (uint8_t) cost_pull_infinity[n]) {
            return *p < (uint8_t) cost_pull_infinity[n];
        }

        n++;
    }

    /* a beginning of it: smaller, unless the rest is zeros */

    while (n != sizeof(cost_pull_infinity) - 1) {

        if (cost_pull_infinity[n++] != '0') {
            return true;
        }
    }

    return false;
}
