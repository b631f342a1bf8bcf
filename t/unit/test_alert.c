
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_alert.h"

#include "test.h"


typedef struct {
    const char             *name;
    cost_alert_metric_e     metric;
    cost_alert_operator_e   operator;
    cost_alert_baseline_e   baseline;
    const char             *today;
    const char             *days;         /* from, to */
    const char             *before;       /* "" none */
    uint32_t                times;
    uint32_t                divided;
} test_period_t;


typedef struct {
    const char             *name;
    cost_alert_operator_e   operator;
    const char             *value;
    const char             *amount;
    const char             *baseline;
    uint32_t                times;
    uint32_t                divided;
    bool                    holds;
} test_holds_t;


static void test_names(void);
static void test_periods(void);
static void test_holds(void);
static void test_steps(void);
static cost_day_t day(const char *text);
static cost_decimal_t decimal(const char *text);


/* 2024-01-15 was a Monday, 2024-03-05 a Tuesday */

static const test_period_t  test_period[] = {
    { "today", COST_ALERT_DAILY, COST_ALERT_GREATER, COST_ALERT_NO_BASELINE,
      "2024-01-15", "2024-01-15 2024-01-15", "", 1, 1 },
    { "a day that must not be low: yesterday", COST_ALERT_DAILY,
      COST_ALERT_LESS, COST_ALERT_NO_BASELINE,
      "2024-03-01", "2024-02-29 2024-02-29", "", 1, 1 },
    { "this week, on its Monday", COST_ALERT_WEEKLY, COST_ALERT_GREATER,
      COST_ALERT_NO_BASELINE, "2024-01-15", "2024-01-15 2024-01-15", "",
      1, 1 },
    { "this week, on its Sunday", COST_ALERT_WEEKLY, COST_ALERT_GREATER,
      COST_ALERT_NO_BASELINE, "2024-01-21", "2024-01-15 2024-01-21", "",
      1, 1 },
    { "the last complete week", COST_ALERT_WEEKLY, COST_ALERT_LESS,
      COST_ALERT_NO_BASELINE, "2024-01-21", "2024-01-08 2024-01-14", "",
      1, 1 },
    { "this month", COST_ALERT_MONTHLY, COST_ALERT_GREATER,
      COST_ALERT_NO_BASELINE, "2024-02-29", "2024-02-01 2024-02-29", "",
      1, 1 },
    { "the last complete month, over a new year", COST_ALERT_MONTHLY,
      COST_ALERT_LESS, COST_ALERT_NO_BASELINE, "2024-01-15",
      "2023-12-01 2023-12-31", "", 1, 1 },
    { "the last seven days' runs", COST_ALERT_PER_RUN, COST_ALERT_LESS,
      COST_ALERT_NO_BASELINE, "2024-01-15", "2024-01-09 2024-01-15", "",
      1, 1 },

    { "today against seven days", COST_ALERT_DAILY, COST_ALERT_INCREASE,
      COST_ALERT_7_DAYS, "2024-01-15", "2024-01-15 2024-01-15",
      "2024-01-08 2024-01-14", 1, 7 },
    { "yesterday against thirty days", COST_ALERT_DAILY, COST_ALERT_DECREASE,
      COST_ALERT_30_DAYS, "2024-01-15", "2024-01-14 2024-01-14",
      "2023-12-15 2024-01-13", 1, 30 },
    { "five days of a month against thirty", COST_ALERT_MONTHLY,
      COST_ALERT_INCREASE, COST_ALERT_30_DAYS, "2024-03-05",
      "2024-03-01 2024-03-05", "2024-01-31 2024-02-29", 5, 30 },
    { "two days of a week against seven", COST_ALERT_WEEKLY,
      COST_ALERT_INCREASE, COST_ALERT_7_DAYS, "2024-03-05",
      "2024-03-04 2024-03-05", "2024-02-26 2024-03-03", 2, 7 },
    { "today against yesterday", COST_ALERT_DAILY, COST_ALERT_INCREASE,
      COST_ALERT_PREVIOUS, "2024-03-01", "2024-03-01 2024-03-01",
      "2024-02-29 2024-02-29", 1, 1 },
    { "this week's days against last week's", COST_ALERT_WEEKLY,
      COST_ALERT_INCREASE, COST_ALERT_PREVIOUS, "2024-03-05",
      "2024-03-04 2024-03-05", "2024-02-26 2024-02-27", 1, 1 },
    { "this month's first days against last month's", COST_ALERT_MONTHLY,
      COST_ALERT_INCREASE, COST_ALERT_PREVIOUS, "2024-03-05",
      "2024-03-01 2024-03-05", "2024-02-01 2024-02-05", 1, 1 },
    { "the 31st against a shorter month", COST_ALERT_MONTHLY,
      COST_ALERT_INCREASE, COST_ALERT_PREVIOUS, "2024-03-31",
      "2024-03-01 2024-03-31", "2024-02-01 2024-02-29", 1, 1 },
    { "a complete month against the one before", COST_ALERT_MONTHLY,
      COST_ALERT_DECREASE, COST_ALERT_PREVIOUS, "2024-03-05",
      "2024-02-01 2024-02-29", "2024-01-01 2024-01-31", 1, 1 },
    { "runs against the seven days before", COST_ALERT_PER_RUN,
      COST_ALERT_INCREASE, COST_ALERT_PREVIOUS, "2024-01-15",
      "2024-01-09 2024-01-15", "2024-01-02 2024-01-08", 1, 1 },
    { "runs against thirty days are averages already", COST_ALERT_PER_RUN,
      COST_ALERT_INCREASE, COST_ALERT_30_DAYS, "2024-01-15",
      "2024-01-09 2024-01-15", "2023-12-10 2024-01-08", 1, 1 }
};


static const test_holds_t  test_hold[] = {
    { "more", COST_ALERT_GREATER, "500", "611.22", "0", 1, 1, true },
    { "equal is not more", COST_ALERT_GREATER, "500", "500", "0", 1, 1,
      false },
    { "more by 10^-18", COST_ALERT_GREATER, "500",
      "500.000000000000000001", "0", 1, 1, true },
    { "less", COST_ALERT_LESS, "500", "499.99", "0", 1, 1, true },
    { "equal is not less", COST_ALERT_LESS, "500", "500", "0", 1, 1, false },

    /* 892.10 over 210 is 324.81 % more */
    { "more than 324.8 %", COST_ALERT_INCREASE, "324.8", "892.10", "210", 1,
      1, true },
    { "not more than 324.9 %", COST_ALERT_INCREASE, "324.9", "892.10", "210",
      1, 1, false },

    /* 700 in seven days are 100 a day: 50 % more are 150 */
    { "equal to 50 % more", COST_ALERT_INCREASE, "50", "150", "700", 1, 7,
      false },
    { "a millionth above", COST_ALERT_INCREASE, "50", "150.000001", "700", 1,
      7, true },

    /* 3,000 in thirty days, five days: 500; 20 % less are 400 */
    { "equal to 20 % less", COST_ALERT_DECREASE, "20", "400", "3000", 5, 30,
      false },
    { "a millionth below", COST_ALERT_DECREASE, "20", "399.999999", "3000",
      5, 30, true },

    { "0.1 + 0.2 is 0.3", COST_ALERT_INCREASE, "200", "0.3", "0.1", 1, 1,
      false },
    { "an increase over nothing", COST_ALERT_INCREASE, "50", "100", "0", 1,
      1, false },
    { "a decrease from nothing", COST_ALERT_DECREASE, "50", "-100", "0", 1,
      1, false },
    { "an increase over credits", COST_ALERT_INCREASE, "50", "100", "-5", 1,
      1, false },
    { "down to credits", COST_ALERT_DECREASE, "99", "-1", "100", 1, 1,
      true },
    { "the largest sums, more", COST_ALERT_INCREASE, "1000000",
      "99999999999999", "9998999", 1, 1, true },
    { "the largest sums, not more", COST_ALERT_INCREASE, "1000000",
      "99999999999999", "99999999999999", 31, 30, false }
};


int
main(void)
{
    test_names();
    test_periods();
    test_holds();
    test_steps();

    return done_testing();
}


static void
test_names(void)
{
    cost_str_t             s;
    cost_alert_metric_e    metric;
    cost_alert_operator_e  operator;
    cost_alert_baseline_e  baseline;

    ok(cost_alert_metric_parse((const uint8_t *) "per_run_cost", 12, &metric)
       == COST_OK && metric == COST_ALERT_PER_RUN, "per_run_cost");
    ok(cost_alert_operator_parse((const uint8_t *) "percent_decrease", 16,
                                 &operator) == COST_OK
       && operator == COST_ALERT_DECREASE, "percent_decrease");
    ok(cost_alert_baseline_parse((const uint8_t *) "7_day_average", 13,
                                 &baseline) == COST_OK
       && baseline == COST_ALERT_7_DAYS, "7_day_average");

    is_int(cost_alert_metric_parse((const uint8_t *) "daily_costs", 11,
                                   &metric), COST_INVALID, "daily_costs");
    is_int(cost_alert_metric_parse((const uint8_t *) "", 0, &metric),
           COST_INVALID, "no metric");
    is_int(cost_alert_baseline_parse((const uint8_t *) "", 0, &baseline),
           COST_INVALID, "no baseline has no name");

    s = cost_alert_metric_name(COST_ALERT_MONTHLY);
    is_str(s.data, s.len, "monthly_cost", "a metric's name");
    s = cost_alert_operator_name(COST_ALERT_LESS);
    is_str(s.data, s.len, "less_than", "an operator's name");
    s = cost_alert_baseline_name(COST_ALERT_PREVIOUS);
    is_str(s.data, s.len, "previous_period", "a baseline's name");
}


static void
test_periods(void)
{
    char                    got[64];
    size_t                  i, n;
    uint8_t                *p;
    cost_alert_period_t     period;
    cost_alert_condition_t  c;

    for (i = 0; i < sizeof(test_period) / sizeof(test_period[0]); i++) {
        c.metric = test_period[i].metric;
        c.operator = test_period[i].operator;
        c.baseline = test_period[i].baseline;
        c.value = 0;

        cost_alert_period(&c, day(test_period[i].today), &period);

        p = (uint8_t *) got;
        n = cost_date_format(period.metric.from, p);
        p[n++] = ' ';
        n += cost_date_format(period.metric.to, p + n);
        is_str(got, n, test_period[i].days, test_period[i].name);

        if (test_period[i].before[0] == '\0') {
            ok(period.baseline.to < period.baseline.from,
               "... against nothing");
            continue;
        }

        n = cost_date_format(period.baseline.from, p);
        p[n++] = ' ';
        n += cost_date_format(period.baseline.to, p + n);
        is_str(got, n, test_period[i].before, "... against");
        ok(period.times == test_period[i].times
           && period.divided == test_period[i].divided, "... times %u / %u",
           test_period[i].times, test_period[i].divided);
    }
}


static void
test_holds(void)
{
    size_t                  i;
    cost_alert_period_t     period;
    cost_alert_condition_t  c;

    memset(&period, 0, sizeof(period));
    memset(&c, 0, sizeof(c));

    for (i = 0; i < sizeof(test_hold) / sizeof(test_hold[0]); i++) {
        c.operator = test_hold[i].operator;
        c.value = decimal(test_hold[i].value);
        period.times = test_hold[i].times;
        period.divided = test_hold[i].divided;

        is_int(cost_alert_holds(&c, &period, decimal(test_hold[i].amount),
                                decimal(test_hold[i].baseline)),
               test_hold[i].holds, test_hold[i].name);
    }
}


static void
test_steps(void)
{
    cost_alert_state_t  s;

    s.open = false;
    s.last_triggered = 0;
    s.cooldown = 4 * 3600;

    is_int(cost_alert_step(&s, false, 1000), COST_ALERT_NOTHING, "quiet");
    is_int(cost_alert_step(&s, true, 1000), COST_ALERT_TRIGGER,
           "triggers the first time, cooldown or not");

    s.open = true;
    s.last_triggered = 1000;

    is_int(cost_alert_step(&s, true, 2000), COST_ALERT_HELD,
           "open and still holding: held by its cooldown");
    is_int(cost_alert_step(&s, true, 1000 + 4 * 3600), COST_ALERT_TRIGGER,
           "... and triggers again behind it");
    is_int(cost_alert_step(&s, false, 2000), COST_ALERT_RESOLVE, "resolves");

    s.open = false;

    is_int(cost_alert_step(&s, true, 1000 + 4 * 3600 - 1), COST_ALERT_HELD,
           "held a second before its cooldown has passed");
    is_int(cost_alert_step(&s, true, 1000 + 4 * 3600), COST_ALERT_TRIGGER,
           "triggers again when it has");

    s.cooldown = 0;
    is_int(cost_alert_step(&s, true, 1001), COST_ALERT_TRIGGER,
           "no cooldown");
}


static cost_day_t
day(const char *text)
{
    cost_day_t  d;

    if (cost_date_parse((const uint8_t *) text, strlen(text), &d) != COST_OK) {
        abort();
    }

    return d;
}


static cost_decimal_t
decimal(const char *text)
{
    cost_decimal_t  d;

    if (cost_decimal_parse((const uint8_t *) text, strlen(text), &d)
        != COST_OK)
    {
        abort();
    }

    return d;
}
