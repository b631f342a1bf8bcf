
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_period.h"


cost_rc_e
cost_period_make(cost_day_t first, cost_day_t last, cost_period_t *period)
{
    cost_day_t  end;

    if (first <= COST_DAY_MIN || last > COST_DAY_MAX || last < first
        || last - first >= COST_PERIOD_DAYS)
    {
        return COST_RANGE;
    }

    period->first = first;
    period->last = last;
    period->n = 0;
    period->off = (cost_day_month_first(first) != first);
    period->take = first - 1;

    do {
        end = cost_day_month_last(first);

        period->add[period->n++] = (end < last) ? end : last;

        first = end + 1;

    } while (end < last);

    return COST_OK;
}


size_t
cost_period_format_add(const cost_period_t *period, uint8_t *buf)
{
    size_t    i;
    uint8_t  *p;

    p = buf;

    for (i = 0; i < period->n; i++) {
        *p++ = (i == 0) ? '{' : ',';
        p += cost_date_format(period->add[i], p);
    }

    *p++ = '}';

    return (size_t) (p - buf);
}
