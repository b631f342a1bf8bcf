
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_cursor.h"

#include "test.h"


int
main(void)
{
    size_t      i, k, len, wrong;
    int64_t     id;
    uint8_t     buf[COST_CURSOR_LEN];
    cost_str_t  s;

    static const int64_t  ids[] = {
        0, 1, 2, 42, 2147483647, INT64_MAX, -1, INT64_MIN
    };

    s.data = buf;

    for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        s.len = cost_cursor_format(ids[i], buf);

        ok(cost_cursor_parse(s, &id) == COST_OK && id == ids[i],
           "%" PRId64 " comes back", ids[i]);
    }

    /* another digit anywhere is noticed, or (once in 65536) is another id */

    (void) cost_cursor_format(7, buf);
    wrong = 0;

    for (i = 0; i < COST_CURSOR_LEN; i++) {

        for (k = 1; k < 256; k++) {
            buf[i] ^= (uint8_t) k;
            wrong += cost_cursor_parse(s, &id) == COST_OK;
            buf[i] ^= (uint8_t) k;
        }
    }

    is_int((intmax_t) wrong, 0, "no byte may be another");

    for (len = 0, wrong = 0; len < COST_CURSOR_LEN; len++) {
        s.len = len;
        wrong += cost_cursor_parse(s, &id) == COST_OK;
    }

    is_int((intmax_t) wrong, 0, "nor may one be missing");

    return done_testing();
}
