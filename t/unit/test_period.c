
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_period.h"

#include "test.h"


typedef struct {
    const char  *first;
    const char  *last;
    const char  *add;
    const char  *take;           /* NULL: nothing */
} test_window_t;


static void test_window(const test_window_t *t);
static void test_ranges(void);
static void test_sums(void);
static cost_day_t test_day(const char *s);


static const test_window_t  test_windows[] = {

    /* within a month */
    { "2024-06-09", "2024-06-15", "{2024-06-15}", "2024-06-08" },
    { "2024-06-01", "2024-06-15", "{2024-06-15}", NULL },
    { "2024-06-01", "2024-06-30", "{2024-06-30}", NULL },
    { "2024-06-02", "2024-06-30", "{2024-06-30}", "2024-06-01" },
    { "2024-06-01", "2024-06-01", "{2024-06-01}", NULL },
    { "2024-06-30", "2024-06-30", "{2024-06-30}", "2024-06-29" },

    /* edges of months, years, leap years */
    { "2024-05-31", "2024-06-01", "{2024-05-31,2024-06-01}", "2024-05-30" },
    { "2024-02-29", "2024-03-01", "{2024-02-29,2024-03-01}", "2024-02-28" },
    { "2023-02-28", "2023-03-01", "{2023-02-28,2023-03-01}", "2023-02-27" },
    { "2025-01-01", "2025-01-31", "{2025-01-31}", NULL },
    { "2024-12-31", "2025-01-01", "{2024-12-31,2025-01-01}", "2024-12-30" },
    { "2024-05-17", "2024-06-15", "{2024-05-31,2024-06-15}", "2024-05-16" },

    /* 365 days: 13 months */
    { "2023-06-17", "2024-06-15",
      "{2023-06-30,2023-07-31,2023-08-31,2023-09-30,2023-10-31,2023-11-30,"
      "2023-12-31,2024-01-31,2024-02-29,2024-03-31,2024-04-30,2024-05-31,"
      "2024-06-15}", "2023-06-16" }
};


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(test_windows) / sizeof(test_windows[0]); i++) {
        test_window(&test_windows[i]);
    }

    test_ranges();
    test_sums();

    return done_testing();
}


static void
test_window(const test_window_t *t)
{
    size_t         len;
    uint8_t        buf[COST_PERIOD_ADD_LEN];
    cost_period_t  p;

    if (cost_period_make(test_day(t->first), test_day(t->last), &p)
        != COST_OK)
    {
        ok(0, "%s to %s", t->first, t->last);
        return;
    }

    len = cost_period_format_add(&p, buf);
    is_str(buf, len, t->add, t->add);

    ok(p.off == (t->take != NULL)
       && (t->take == NULL || p.take == test_day(t->take)),
       "%s is taken off", t->take ? t->take : "nothing");
}


static void
test_ranges(void)
{
    uint8_t        buf[COST_PERIOD_ADD_LEN];
    cost_period_t  p;

    is_int(cost_period_make(test_day("2024-06-02"), test_day("2024-06-01"),
                            &p),
           COST_RANGE, "the wrong way round");

    /* 2015 to 2024 has three leap years: 3653 days */

    is_int(cost_period_make(test_day("2015-01-01"), test_day("2024-12-31"),
                            &p),
           COST_OK, "ten years");
    is_int((intmax_t) p.n, 120, "are 120 months");
    ok(!p.off, "and begin with one");

    is_int(cost_period_make(test_day("2015-01-02"), test_day("2025-01-01"),
                            &p),
           COST_OK, "as many days, not beginning with a month");
    is_int((intmax_t) p.n, COST_PERIOD_MONTHS, "touch 121 months");
    ok(cost_period_format_add(&p, buf) == COST_PERIOD_ADD_LEN,
       "which fill the buffer");

    is_int(cost_period_make(test_day("2015-01-01"), test_day("2025-01-01"),
                            &p),
           COST_RANGE, "a day more");

    is_int(cost_period_make(COST_DAY_MIN, COST_DAY_MIN, &p), COST_RANGE,
           "the first day has none before it");
    is_int(cost_period_make(COST_DAY_MAX, COST_DAY_MAX, &p), COST_OK,
           "the last day");
    is_int(cost_period_make(COST_DAY_MAX, COST_DAY_MAX + 1, &p), COST_RANGE,
           "has none behind it");
}


/*
 * Day d costs d * d; for all windows within 800 days the sum by months to
 * date is the sum of the days.
 */

static void
test_sums(void)
{
    size_t         i, wrong;
    int64_t        sum, got, todate[900], cost[900];
    cost_day_t     base, d, first, last;
    cost_period_t  p;

    base = test_day("2023-01-01");
    sum = 0;

    for (d = 0; d < 900; d++) {

        if (cost_day_month_first(base + d) == base + d) {
            sum = 0;
        }

        cost[d] = (int64_t) d * d;
        sum += cost[d];
        todate[d] = sum;
    }

    wrong = 0;

    for (first = 1; first < 800; first++) {
        sum = 0;

        for (last = first; last < 800; last++) {
            sum += cost[last];

            if (cost_period_make(base + first, base + last, &p) != COST_OK) {
                wrong++;
                continue;
            }

            got = p.off ? - todate[p.take - base] : 0;

            for (i = 0; i < p.n; i++) {
                got += todate[p.add[i] - base];
            }

            wrong += got != sum;
        }
    }

    is_int((intmax_t) wrong, 0, "every window has the sum of its days");
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
