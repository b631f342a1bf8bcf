
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_trend.h"

#include "test.h"


typedef struct {
    const char    *first;
    const char    *last;
    cost_trend_e   granularity;
    const char    *buckets;      /* date:first:last ... */
} test_cut_t;


typedef struct {
    const char    *before;
    const char    *now;
    const char    *percent;      /* NULL: there is none */
} test_change_t;


static void test_cut(const test_cut_t *t);
static void test_change(const test_change_t *t);
static void test_months(void);
static void test_extremes(void);
static cost_day_t test_day(const char *s);
static cost_decimal_t test_amount(const char *s);


static const test_cut_t  test_cuts[] = {

    { "2024-02-28", "2024-03-01", COST_TREND_DAY,
      "2024-02-28:2024-02-28:2024-02-28 2024-02-29:2024-02-29:2024-02-29 "
      "2024-03-01:2024-03-01:2024-03-01 " },

    /* 2024-06-15 is a Saturday */
    { "2024-06-01", "2024-06-15", COST_TREND_WEEK,
      "2024-05-27:2024-06-01:2024-06-02 2024-06-03:2024-06-03:2024-06-09 "
      "2024-06-10:2024-06-10:2024-06-15 " },

    /* a week over the new year, and one day of the next */
    { "2024-12-30", "2025-01-06", COST_TREND_WEEK,
      "2024-12-30:2024-12-30:2025-01-05 2025-01-06:2025-01-06:2025-01-06 " },

    { "2023-12-15", "2024-02-29", COST_TREND_MONTH,
      "2023-12-01:2023-12-15:2023-12-31 2024-01-01:2024-01-01:2024-01-31 "
      "2024-02-01:2024-02-01:2024-02-29 " },

    { "2024-06-15", "2024-06-15", COST_TREND_MONTH,
      "2024-06-01:2024-06-15:2024-06-15 " }
};


static const test_change_t  test_changes[] = {

    /* InfraAudit's document: -8.2 */
    { "4609.48", "4231.50", "-8.2" },

    { "100", "100", "0" },
    { "100", "150", "50" },
    { "100", "100.05", "0.1" },           /* half is rounded up */
    { "100", "100.0499", "0" },
    { "100", "99.95", "-0.1" },
    { "100", "99.9501", "0" },
    { "100", "0", "-100" },
    { "100", "-50", "-150" },
    { "0", "100", NULL },
    { "0", "0", NULL },
    { "-10", "5", "150" },
    { "-10", "-20", "-100" },
    { "3", "4", "33.3" },
    { "3", "5", "66.7" },
    { "0.01", "1000000", "9999999900" },
    { "99999999999999999999", "-99999999999999999999", "-200" }
};


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(test_cuts) / sizeof(test_cuts[0]); i++) {
        test_cut(&test_cuts[i]);
    }

    for (i = 0; i < sizeof(test_changes) / sizeof(test_changes[0]); i++) {
        test_change(&test_changes[i]);
    }

    test_months();
    test_extremes();

    return done_testing();
}


static void
test_cut(const test_cut_t *t)
{
    size_t               i, n;
    uint8_t              buf[1024], *p;
    cost_trend_bucket_t  buckets[64];

    n = cost_trend_cut(test_day(t->first), test_day(t->last), t->granularity,
                       buckets);
    p = buf;

    for (i = 0; i < n; i++) {
        p += cost_date_format(buckets[i].date, p);
        *p++ = ':';
        p += cost_date_format(buckets[i].first, p);
        *p++ = ':';
        p += cost_date_format(buckets[i].last, p);
        *p++ = ' ';
    }

    is_str(buf, (size_t) (p - buf), t->buckets, t->buckets);
}


static void
test_change(const test_change_t *t)
{
    size_t          len;
    uint8_t         buf[COST_DECIMAL_LEN];
    cost_rc_e       rc;
    cost_decimal_t  percent;

    rc = cost_trend_change(test_amount(t->before), test_amount(t->now),
                           &percent);

    if (t->percent == NULL) {
        ok(rc == COST_NULL, "from %s to %s: nothing", t->before, t->now);
        return;
    }

    if (rc != COST_OK) {
        ok(0, "from %s to %s", t->before, t->now);
        return;
    }

    len = cost_decimal_format(percent, 1, 0, buf);
    is_str(buf, len, t->percent, t->percent);
}


static void
test_months(void)
{
    size_t      i;
    cost_day_t  first, last, same;

    static const char *const  days[][4] = {
        { "2024-01-14", "2024-01-01", "2023-12-31", "2023-12-14" },
        { "2024-01-01", "2024-01-01", "2023-12-31", "2023-12-01" },
        { "2024-12-31", "2024-12-01", "2024-11-30", "2024-11-30" },
        { "2024-03-29", "2024-03-01", "2024-02-29", "2024-02-29" },
        { "2024-03-30", "2024-03-01", "2024-02-29", "2024-02-29" },
        { "2023-03-29", "2023-03-01", "2023-02-28", "2023-02-28" },
        { "2023-03-28", "2023-03-01", "2023-02-28", "2023-02-28" },
        { "2024-02-29", "2024-02-01", "2024-01-31", "2024-01-29" }
    };

    for (i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
        cost_trend_months(test_day(days[i][0]), &first, &last, &same);

        ok(first == test_day(days[i][1]) && last == test_day(days[i][2])
           && same == test_day(days[i][3]), "months of %s", days[i][0]);
    }
}


static void
test_extremes(void)
{
    cost_decimal_t  percent;

    is_int(cost_trend_change(1, test_amount("99999999999999999999"),
                             &percent),
           COST_RANGE, "from next to nothing to everything");
    is_int(cost_trend_change(test_amount("-99999999999999999999"),
                             test_amount("99999999999999999999"), &percent),
           COST_OK, "from one end to the other");
    ok(percent == 200 * COST_DECIMAL_ONE, "is 200 percent");
}


static cost_day_t
test_day(const char *s)
{
    cost_day_t  day;

    if (cost_date_parse((const uint8_t *) s, strlen(s), &day) != COST_OK) {
        abort();
    }

    return day;
}


static cost_decimal_t
test_amount(const char *s)
{
    cost_decimal_t  d;

    if (cost_decimal_parse((const uint8_t *) s, strlen(s), &d) != COST_OK) {
        abort();
    }

    return d;
}
