
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_trend.h"


static cost_day_t cost_trend_date(cost_day_t day, cost_trend_e granularity);


size_t
cost_trend_cut(cost_day_t first, cost_day_t last, cost_trend_e granularity,
    cost_trend_bucket_t *buckets)
{
    size_t      n;
    cost_day_t  day, date;

    n = 0;

    for (day = first; day <= last; day++) {
        date = cost_trend_date(day, granularity);

        if (n == 0 || buckets[n - 1].date != date) {
            buckets[n].date = date;
            buckets[n].first = day;
            n++;
        }

        buckets[n - 1].last = day;
    }

    return n;
}


void
cost_trend_months(cost_day_t today, cost_day_t *first, cost_day_t *last,
    cost_day_t *same)
{
    *first = cost_day_month_first(today);
    *last = *first - 1;
    *same = cost_day_month_first(*last) + (today - *first);

    if (*same > *last) {
        *same = *last;
    }
}


cost_rc_e
cost_trend_change(cost_decimal_t before, cost_decimal_t now,
    cost_decimal_t *percent)
{
    bool               minus;
    unsigned __int128  size, base, tenths;

    if (before == 0) {
        return COST_NULL;
    }

    minus = (now < before);

    size = minus ? (unsigned __int128) before - (unsigned __int128) now
                 : (unsigned __int128) now - (unsigned __int128) before;
    base = before < 0 ? - (unsigned __int128) before
                      : (unsigned __int128) before;

    /* up to 2 * 10^38: cut both until a thousandfold fits */

    while (size >= ((unsigned __int128) 1 << 117)) {
        size >>= 1;
        base >>= 1;
    }

    if (base == 0) {
        return COST_RANGE;
    }

    tenths = (size * 1000 + base / 2) / base;

    if (tenths >= (unsigned __int128) COST_DECIMAL_ONE * 10) {
        return COST_RANGE;
    }

    *percent = (cost_decimal_t) tenths * (COST_DECIMAL_ONE / 10);

    if (minus) {
        *percent = - *percent;
    }

    return COST_OK;
}


static cost_day_t
cost_trend_date(cost_day_t day, cost_trend_e granularity)
{
    switch (granularity) {

    case COST_TREND_WEEK:
        return cost_day_monday(day);

    case COST_TREND_MONTH:
        return cost_day_month_first(day);

    case COST_TREND_DAY:
    default:
        return day;
    }
}
