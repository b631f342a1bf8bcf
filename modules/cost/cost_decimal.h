
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Exact decimal amounts: a signed 128-bit count of 10^-18 units, so that
 * every amount a bill can carry (FOCUS has up to 15 decimals, Oracle 18)
 * and every sum of 10^9 such amounts below 10^11 is held without rounding.
 * Nothing here ever goes through a binary floating-point number.
 */


#ifndef _COST_DECIMAL_H_INCLUDED_
#define _COST_DECIMAL_H_INCLUDED_


#include "cost_str.h"


typedef __int128  cost_decimal_t;


#define COST_DECIMAL_PLACES  18
#define COST_DECIMAL_ONE     ((cost_decimal_t) 1000000000000000000LL)

/* |value| < 10^20 is accepted, so that adding never overflows unseen */
#define COST_DECIMAL_INT_DIGITS  20

/* sign, 21 digits (a sum may be larger than a term), point, 18 digits */
#define COST_DECIMAL_LEN  41


/*
 * Reads "12", "-0.5", ".5", "5.", "8.0E-7", "35.2e+7".  No blanks, no sign
 * "+" in front, no thousands marks, no currency sign, no "NaN" or "Infinity".
 * Digits beyond the 18th decimal are rounded half away from zero.
 * COST_INVALID: malformed.  COST_RANGE: |value| >= 10^20.
 */
COST_MUST_CHECK cost_rc_e cost_decimal_parse(const uint8_t *p, size_t len,
    cost_decimal_t *value);

/*
 * Rounds half away from zero to "places" decimals (0..18).
 */
cost_decimal_t cost_decimal_round(cost_decimal_t value, unsigned places);

/*
 * Writes the value rounded half away from zero to "places" decimals (0..18),
 * never in exponent notation; trailing zeros after the "keep"th decimal are
 * dropped, so that (2, 2) prints 4821.30 and (2, 1) prints 221.0.  A value
 * that rounds to zero has no sign.  "buf" has room for COST_DECIMAL_LEN bytes.
 * Returns the number of bytes written.
 */
size_t cost_decimal_format(cost_decimal_t value, unsigned places,
    unsigned keep, uint8_t *buf);


#endif /* _COST_DECIMAL_H_INCLUDED_ */
