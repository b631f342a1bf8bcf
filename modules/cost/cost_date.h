
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Days and instants in UTC.  A day is the number of days since 1970-01-01
 * (proleptic Gregorian), an instant the number of seconds since then.
 */


#ifndef _COST_DATE_H_INCLUDED_
#define _COST_DATE_H_INCLUDED_


#include "cost_str.h"


typedef int32_t  cost_day_t;
typedef int64_t  cost_time_t;


#define COST_DAY_MIN  (-719162)  /* 0001-01-01 */
#define COST_DAY_MAX  2932896    /* 9999-12-31 */

#define COST_DATE_LEN  (sizeof("1970-01-01") - 1)
#define COST_TIME_LEN  (sizeof("1970-01-01T00:00:00Z") - 1)


cost_day_t cost_day_from_civil(int year, unsigned month, unsigned day);
void cost_day_to_civil(cost_day_t day, int *year, unsigned *month,
    unsigned *mday);

/* the first and the last day of the month "day" lies in */
cost_day_t cost_day_month_first(cost_day_t day);
cost_day_t cost_day_month_last(cost_day_t day);

/* the Monday of the ISO week "day" lies in */
cost_day_t cost_day_monday(cost_day_t day);

/* rounds towards minus infinity */
cost_day_t cost_day_from_time(cost_time_t t);

/* "YYYY-MM-DD" and nothing else; a day that does not exist is refused */
COST_MUST_CHECK cost_rc_e cost_date_parse(const uint8_t *p, size_t len,
    cost_day_t *day);

/*
 * An instant in any of the spellings seen in bills: "YYYY-MM-DD",
 * "YYYY-MM-DD hh:mm[:ss[.fraction]]", the same with "T" for the blank, each
 * of the latter with "Z", " UTC", "+hh:mm", "-hh:mm" (colon or not) or
 * nothing (UTC) behind; "M/D/YY" (20YY), "M/D/YYYY".  The fraction is cut.
 * Its day in UTC is one from COST_DAY_MIN to COST_DAY_MAX, else COST_INVALID.
 */
COST_MUST_CHECK cost_rc_e cost_time_parse(const uint8_t *p, size_t len,
    cost_time_t *t);

/* "YYYY-MM-DD" and "YYYY-MM-DDThh:mm:ssZ"; return the bytes written */
size_t cost_date_format(cost_day_t day, uint8_t *buf);
size_t cost_time_format(cost_time_t t, uint8_t *buf);


#endif /* _COST_DATE_H_INCLUDED_ */
