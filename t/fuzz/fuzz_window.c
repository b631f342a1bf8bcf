
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Two windows, whose rules are the first eight bytes, and requests at times
 * that the other bytes say, forward and back.  A request passes both or none;
 * while the clock does not go back, no window ever holds more than its limit,
 * counted anew from all that passed.
 */

#include "cost/cost_window.h"

#include <stdlib.h>


#define FUZZ_STEPS  512


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
static void fuzz_check(const cost_window_t *w, const cost_time_t *passed,
    size_t n, cost_time_t now);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                i, n, k;
    bool                  steady;
    cost_rc_e             rc;
    cost_time_t           now, passed[FUZZ_STEPS];
    cost_window_t         w[2];
    cost_window_look_t    looks[2], before[2];
    cost_window_state_t   s[2], *ss[2] = { &s[0], &s[1] };

    if (size < 8) {
        return 0;
    }

    memset(s, 0, sizeof(s));

    for (i = 0; i < 2; i++) {
        w[i].kind = data[4 * i] & 1 ? COST_WINDOW_SLIDING : COST_WINDOW_FIXED;
        w[i].length = 1 + data[4 * i + 1] + 256u * (data[4 * i + 2] & 15);
        w[i].limit = 1 + data[4 * i + 3];

        s[i].kind = w[i].kind;
        s[i].length = w[i].length;

        if (w[i].kind == COST_WINDOW_SLIDING) {
            s[i].u.log = malloc(cost_window_log_size(w[i].limit));

            if (s[i].u.log == NULL) {
                abort();
            }

            cost_window_log_init(s[i].u.log, w[i].limit);
        }
    }

    now = 1700000000;
    steady = true;
    n = 0;

    for (i = 8; i < size && n < FUZZ_STEPS; i++) {

        if (data[i] < 128) {
            now += data[i] & 63;

        } else if (data[i] >= 250) {
            now -= 10 * data[i];
            steady = false;
        }

        cost_window_look(w, ss, 2, now, before);
        rc = cost_window_take(w, ss, 2, now, looks);

        for (k = 0; k < 2; k++) {
            if (looks[k].used != before[k].used + (rc == COST_OK)
                || looks[k].used > w[k].limit
                || looks[k].used + looks[k].remaining != w[k].limit
                || looks[k].reset < now - 86400)
            {
                abort();
            }
        }

        if ((rc == COST_FULL)
            != (before[0].exhausted || before[1].exhausted)
            || (rc == COST_FULL)
               != (cost_window_retry_after(looks, 2, now) > 0))
        {
            abort();
        }

        if (rc == COST_OK) {
            passed[n++] = now;
        }

        if (steady) {
            fuzz_check(&w[0], passed, n, now);
            fuzz_check(&w[1], passed, n, now);
        }
    }

    for (i = 0; i < 2; i++) {
        if (w[i].kind == COST_WINDOW_SLIDING) {
            free(s[i].u.log);
        }
    }

    return 0;
}


static void
fuzz_check(const cost_window_t *w, const cost_time_t *passed, size_t n,
    cost_time_t now)
{
    size_t       i, used;
    cost_time_t  begin;

    begin = w->kind == COST_WINDOW_FIXED ? now - now % w->length
                                         : now - w->length + 1;
    used = 0;

    for (i = 0; i < n; i++) {
        used += passed[i] >= begin;
    }

    if (used > w->limit) {
        abort();
    }
}
