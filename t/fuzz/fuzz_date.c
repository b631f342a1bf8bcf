
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/* what is read as a date or time is printed, and read again */

#include "cost/cost_date.h"

#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


#define check(x)  do { if (!(x)) { abort(); } } while (0)


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t      buf[COST_TIME_LEN];
    cost_day_t   again, day;
    cost_time_t  back, t;

    if (cost_date_parse(data, size, &day) == COST_OK) {
        check(day >= COST_DAY_MIN && day <= COST_DAY_MAX);
        check(size == COST_DATE_LEN);
        check(cost_date_format(day, buf) == COST_DATE_LEN);
        check(memcmp(buf, data, COST_DATE_LEN) == 0);

        check(cost_time_parse(data, size, &t) == COST_OK);
        check(cost_day_from_time(t) == day);

        again = cost_day_month_first(day);
        check(again <= day && day - again < 31);
        check(cost_day_month_last(day) - again >= 27);
        check(cost_day_monday(day) <= day && day - cost_day_monday(day) < 7);
    }

    if (cost_time_parse(data, size, &t) == COST_OK) {
        day = cost_day_from_time(t);
        check(day >= COST_DAY_MIN && day <= COST_DAY_MAX);

        check(cost_time_format(t, buf) == COST_TIME_LEN);
        check(cost_time_parse(buf, COST_TIME_LEN, &back) == COST_OK);
        check(back == t);
    }

    return 0;
}
