
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_utf8.h"


cost_rc_e
cost_utf8_next(const uint8_t *p, const uint8_t *end, size_t *len)
{
    size_t   i, n;
    uint8_t  lo, hi;

    *len = 1;

    if (p[0] < 0x80) {
        return COST_OK;
    }

    /* the first byte says how many follow and what the second may be */

    lo = 0x80;
    hi = 0xbf;

    if (p[0] < 0xc2) {
        return COST_INVALID;

    } else if (p[0] < 0xe0) {
        n = 2;

    } else if (p[0] < 0xf0) {
        n = 3;
        lo = (p[0] == 0xe0) ? 0xa0 : lo;
        hi = (p[0] == 0xed) ? 0x9f : hi;

    } else if (p[0] < 0xf5) {
        n = 4;
        lo = (p[0] == 0xf0) ? 0x90 : lo;
        hi = (p[0] == 0xf4) ? 0x8f : hi;

    } else {
        return COST_INVALID;
    }

    for (i = 1; i < n; i++) {

        if (i == (size_t) (end - p) || p[i] < lo || p[i] > hi) {
            *len = i;
            return COST_INVALID;
        }

        lo = 0x80;
        hi = 0xbf;
    }

    *len = n;

    return COST_OK;
}
