
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A window cut into days, ISO weeks or months.
 */


#ifndef _COST_TREND_H_INCLUDED_
#define _COST_TREND_H_INCLUDED_


#include "cost_date.h"
#include "cost_decimal.h"
#include "cost_str.h"


typedef enum {
    COST_TREND_DAY = 0,
    COST_TREND_WEEK,
    COST_TREND_MONTH
} cost_trend_e;


/*
 * "date" names the bucket: its day, its Monday, the first of its month, which
 * for the window's first bucket may lie before the window.  "first" and
 * "last" are the days of the window that are in it.
 */

typedef struct {
    cost_day_t  date;
    cost_day_t  first;
    cost_day_t  last;
} cost_trend_bucket_t;


/*
 * Writes the buckets of first..last, ascending, of which there are at most
 * last - first + 1, and returns their number.
 */
size_t cost_trend_cut(cost_day_t first, cost_day_t last,
    cost_trend_e granularity, cost_trend_bucket_t *buckets);


/*
 * The month so far, and what to compare it with: its first day, the last day
 * of the month before, and that month's day up to which it is as many days
 * old; all of it where it is shorter.
 */
void cost_trend_months(cost_day_t today, cost_day_t *first, cost_day_t *last,
    cost_day_t *same);


/*
 * The change from "before" to "now" in percent with one decimal, rounded half
 * away from zero, as an amount.  COST_NULL: there is nothing to compare with,
 * that is "before" is 0.  COST_RANGE: it is 10^18 percent or more.  A change
 * from less than nothing is relative to its size: from -10 to 5 is +150 %.
 */
COST_MUST_CHECK cost_rc_e cost_trend_change(cost_decimal_t before,
    cost_decimal_t now, cost_decimal_t *percent);


#endif /* _COST_TREND_H_INCLUDED_ */
