
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_cursor.h"
#include "cost_hash.h"


/* so that small ids do not look like small numbers */
#define COST_CURSOR_MASK  0xc057a11ce5e1ec7eULL


size_t
cost_cursor_format(int64_t id, uint8_t *buf)
{
    size_t    i;
    uint64_t  word, check;

    static const uint8_t  hex[] = "0123456789abcdef";

    word = (uint64_t) id ^ COST_CURSOR_MASK;

    for (i = 0; i < 16; i++) {
        buf[i] = hex[word >> (60 - 4 * i) & 0xf];
    }

    check = cost_hash(buf, 16, 0);

    for ( /* void */ ; i < COST_CURSOR_LEN; i++) {
        buf[i] = hex[check & 0xf];
        check >>= 4;
    }

    return COST_CURSOR_LEN;
}


cost_rc_e
cost_cursor_parse(cost_str_t s, int64_t *id)
{
    size_t    i;
    uint8_t   c, buf[COST_CURSOR_LEN];
    uint64_t  word;

    if (s.len != COST_CURSOR_LEN) {
        return COST_INVALID;
    }

    word = 0;

    for (i = 0; i < 16; i++) {
        c = s.data[i];

        if (c >= '0' && c <= '9') {
            c = (uint8_t) (c - '0');

        } else if (c >= 'a' && c <= 'f') {
            c = (uint8_t) (c - 'a' + 10);

        } else {
            return COST_INVALID;
        }

        word = word << 4 | c;
    }

    *id = (int64_t) (word ^ COST_CURSOR_MASK);

    /* there is one way of writing it */

    (void) cost_cursor_format(*id, buf);

    return memcmp(buf, s.data, COST_CURSOR_LEN) == 0 ? COST_OK : COST_INVALID;
}
