
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_date.h"

#include "test.h"


typedef struct {
    const char  *in;
    const char  *out;            /* NULL: refused */
} test_time_t;


static void test_days(void);
static void test_dates(void);
static void test_times(void);
static void test_edges(void);


static const test_time_t  test_time[] = {
    /* seen in bills */
    { "2024-09-01 00:00:00", "2024-09-01T00:00:00Z" },
    { "2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z" },
    { "2024-09-01T00:00:00.000Z", "2024-09-01T00:00:00Z" },
    { "2024-09-18T22:59:59.999Z", "2024-09-18T22:59:59Z" },
    { "4/1/25", "2025-04-01T00:00:00Z" },
    { "12/31/2025", "2025-12-31T00:00:00Z" },
    { "2023-11-13T10:00Z", "2023-11-13T10:00:00Z" },
    { "2022-07-01 00:00:00.000", "2022-07-01T00:00:00Z" },
    { "2020-11-01 23:00:00+00:00", "2020-11-01T23:00:00Z" },
    { "2020-11-01 23:00:00 UTC", "2020-11-01T23:00:00Z" },
    { "2024-09-01", "2024-09-01T00:00:00Z" },

    { "2024-12-31T23:30:00-07:00", "2025-01-01T06:30:00Z" },
    { "2025-01-01T00:30:00+05:30", "2024-12-31T19:00:00Z" },
    { "2025-01-01T00:30:00+0530", "2024-12-31T19:00:00Z" },
    { "2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z" },
    { "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z" },
    { "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z" },
    { "1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z" },
    { "0001-01-02T00:00:00+23:59", "0001-01-01T00:01:00Z" },
    { "9999-12-30T23:59:59-23:59", "9999-12-31T23:58:59Z" },

    /* of a year that has no four digits in UTC */
    { "0001-01-01T00:00:00+00:01", NULL },
    { "9999-12-31T23:59:59-00:01", NULL },

    { "", NULL },
    { "2023-02-01T30:00:00Z", NULL },
    { "2023-02-01T24:00:00Z", NULL },
    { "2023-02-01T010:00", NULL },
    { "2023-02-01T10:000", NULL },
    { "2023-02-29", NULL },
    { "2023-2-1", NULL },
    { "1900-02-29", NULL },
    { "0000-01-01", NULL },
    { "2023-13-01", NULL },
    { "2023-00-01", NULL },
    { "2023-01-00", NULL },
    { "2023-01-32", NULL },
    { "2023/01/01", NULL },
    { "2023-01-01x", NULL },
    { "2023-01-01T", NULL },
    { "2023-01-01T10", NULL },
    { "2023-01-01T10:", NULL },
    { "2023-01-01T10:00:", NULL },
    { "2023-01-01T10:60", NULL },
    { "2023-01-01T10:00:60Z", NULL },
    { "2023-01-01T10:00:00.", NULL },
    { "2023-01-01T10:00:00.Z", NULL },
    { "2023-01-01T10:00:00ZZ", NULL },
    { "2023-01-01T10:00:00 GMT", NULL },
    { "2023-01-01T10:00:00+1", NULL },
    { "2023-01-01T10:00:00+24:00", NULL },
    { "2023-01-01T10:00:00+10:60", NULL },
    { "2023-01-01T10:00:00+10:00x", NULL },
    { "2023-01-01t10:00:00Z", NULL },
    { " 2023-01-01", NULL },
    { "13/1/25", NULL },
    { "2/29/25", NULL },
    { "4/1", NULL },
    { "4-1/25", NULL },
    { "4/1-25", NULL },
    { "4/1/", NULL },
    { "4/1/2", NULL },
    { "4/1/025", NULL },
    { "4/1/25x", NULL },
    { "/1/25", NULL },
    { "4//25", NULL },
    { "004/1/25", NULL },
    { "20240901", NULL },
    { "45536", NULL }
};


int
main(void)
{
    test_days();
    test_dates();
    test_times();
    test_edges();

    return done_testing();
}


/* every day of the calendar, counted by hand, with its month and week */

static void
test_days(void)
{
    int         y, year, wrong;
    unsigned    d, days, first, m, mday, month, wday;
    cost_day_t  day;

    static const unsigned  length[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };

    day = COST_DAY_MIN;
    wday = 0;                    /* 0001-01-01 was a Monday */
    wrong = 0;

    for (y = 1; y <= 9999; y++) {
        for (m = 1; m <= 12; m++) {
            days = length[m - 1];

            if (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0)) {
                days++;
            }

            first = (unsigned) (day - COST_DAY_MIN);

            for (d = 1; d <= days; d++) {
                cost_day_to_civil(day, &year, &month, &mday);

                wrong += (year != y || month != m || mday != d);
                wrong += (cost_day_from_civil(y, m, d) != day);
                wrong += (cost_day_month_first(day)
                          != (cost_day_t) first + COST_DAY_MIN);
                wrong += (cost_day_month_last(day)
                          != (cost_day_t) (first + days) + COST_DAY_MIN - 1);
                wrong += (cost_day_monday(day) != day - (cost_day_t) wday);

                wday = (wday + 1) % 7;
                day++;
            }
        }
    }

    is_int(wrong, 0, "every day from year 1 to 9999");
    is_int(day - 1, COST_DAY_MAX, "9999-12-31");
    is_int(cost_day_from_civil(1970, 1, 1), 0, "1970-01-01");
    is_int(cost_day_from_civil(2024, 2, 29), 19782, "2024-02-29");

    is_int(cost_day_from_time(0), 0, "the first second of 1970");
    is_int(cost_day_from_time(86399), 0, "the last second of a day");
    is_int(cost_day_from_time(86400), 1, "the next second");
    is_int(cost_day_from_time(-1), -1, "the last second of 1969");
    is_int(cost_day_from_time(-86400), -1, "the first second of its day");
    is_int(cost_day_from_time(-86401), -2, "the second before");
}


static void
test_dates(void)
{
    char        text[32];
    size_t      i, n;
    uint8_t     buf[COST_DATE_LEN];
    cost_day_t  day;

    static const char  *bad[] = {
        "", "2024-9-01", "2024-09-1", "2024-09-010", "2024-09-31",
        "2023-02-29", "2024-02-30", "2024_09-01", "2024-09_01", "x024-09-01",
        "2024-x9-01", "2024-09-x1", "0000-09-01", "2024-09-00", "2024-00-01",
        "-024-09-01"
    };

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ok(cost_date_parse((const uint8_t *) bad[i], strlen(bad[i]), &day)
           == COST_INVALID, "\"%s\" is no date", bad[i]);
    }

    /* the last day of each month, and the next */

    for (i = 1; i <= 12; i++) {
        n = (size_t) (cost_day_month_last(cost_day_from_civil(2023,
                                                              (unsigned) i,
                                                              1))
                      - cost_day_from_civil(2023, (unsigned) i, 1) + 1);

        (void) snprintf(text, sizeof(text), "2023-%02zu-%02zu", i, n);
        ok(cost_date_parse((uint8_t *) text, 10, &day) == COST_OK, "%s",
           text);

        (void) snprintf(text, sizeof(text), "2023-%02zu-%02zu", i, n + 1);
        ok(cost_date_parse((uint8_t *) text, 10, &day) == COST_INVALID,
           "not %s", text);
    }

    ok(cost_date_parse((const uint8_t *) "2000-02-29", 10, &day) == COST_OK,
       "2000-02-29 is a date");

    n = cost_date_format(day, buf);
    is_str(buf, n, "2000-02-29", "and comes back");
}


static void
test_times(void)
{
    size_t       i, n;
    uint8_t      buf[COST_TIME_LEN];
    cost_rc_e    rc;
    const char  *in;
    cost_time_t  t;

    for (i = 0; i < sizeof(test_time) / sizeof(test_time[0]); i++) {
        in = test_time[i].in;
        rc = cost_time_parse((const uint8_t *) in, strlen(in), &t);

        if (test_time[i].out == NULL) {
            ok(rc == COST_INVALID, "\"%s\" is no time", in);
            continue;
        }

        if (ok(rc == COST_OK, "\"%s\" is a time", in)) {
            n = cost_time_format(t, buf);
            is_str(buf, n, test_time[i].out, "and the right one");
        }
    }
}


/* nothing is read behind the end, whatever stands there */

static void
test_edges(void)
{
    size_t       n;
    cost_time_t  t;

    static const char  text[] = "2024-09-01T10:20:30.5+01:00";

    for (n = 0; n < sizeof(text) - 1; n++) {
        (void) !cost_time_parse((const uint8_t *) text, n, &t);
    }

    ok(cost_time_parse((const uint8_t *) text, 16, &t) == COST_OK
       && t == 1725186000, "cut behind the minutes");
    ok(cost_time_parse((const uint8_t *) text, 20, &t) == COST_INVALID,
       "cut behind the point");
}
