
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_route.h"


bool
cost_route_match(cost_str_t pattern, cost_str_t path, cost_str_t *ids)
{
    const uint8_t  *p, *p_end, *s, *s_end;

    p = pattern.data;
    p_end = p + pattern.len;
    s = path.data;
    s_end = s + path.len;

    while (p < p_end) {

        if (*p != '{') {

            if (s == s_end || *s != *p) {
                return false;
            }

            s++;
            p++;
            continue;
        }

        ids->data = s;

        while (s < s_end && *s != '/') {
            s++;
        }

        ids->len = (size_t) (s - ids->data);

        if (ids->len == 0) {
            return false;
        }

        ids++;

        while (*p++ != '}') { /* void */ }
    }

    return s == s_end;
}
