
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Windows of days over month-to-date sums.  For every day the database keeps
 * what its month had cost by then, so the sum over any window is
 *
 *     what was spent by the last day of each month that ends in it
 *   + what was spent in the last month by the window's last day
 *   - what was spent in the first month by the day before the window
 *
 * and a year is 13 or 14 rows instead of 365.
 */


#ifndef _COST_PERIOD_H_INCLUDED_
#define _COST_PERIOD_H_INCLUDED_


#include "cost_date.h"
#include "cost_str.h"


/* ten years, of which up to three are leap years, and the months they touch */

#define COST_PERIOD_DAYS    3653
#define COST_PERIOD_MONTHS  121


typedef struct {
    cost_day_t  first;
    cost_day_t  last;            /* inclusive */
    size_t      n;
    cost_day_t  add[COST_PERIOD_MONTHS];     /* ascending */
    bool        off;             /* there is a sum to take off */
    cost_day_t  take;            /* the day before the first */
} cost_period_t;


/*
 * COST_RANGE: the last day lies before the first, or more than
 * COST_PERIOD_DAYS days are asked for, or a day before 0001-01-02 or behind
 * COST_DAY_MAX.
 */
COST_MUST_CHECK cost_rc_e cost_period_make(cost_day_t first, cost_day_t last,
    cost_period_t *period);

/*
 * Writes period->add as PostgreSQL reads an array of dates:
 * "{2026-01-31,2026-02-14}".  Returns the bytes written.
 */
#define COST_PERIOD_ADD_LEN  (COST_PERIOD_MONTHS * (COST_DATE_LEN + 1) + 1)

size_t cost_period_format_add(const cost_period_t *period, uint8_t *buf);


#endif /* _COST_PERIOD_H_INCLUDED_ */
