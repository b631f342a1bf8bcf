
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_alert.h"


#define COST_ALERT_RUN_DAYS  7
#define COST_ALERT_HUNDRED   1000000    /* percent, four decimals */


static cost_rc_e cost_alert_find(const cost_str_t *names, size_t n,
    const uint8_t *p, size_t len, size_t *found);
static void cost_alert_current(cost_alert_metric_e metric, cost_day_t today,
    cost_alert_days_t *days);
static void cost_alert_complete(cost_alert_metric_e metric, cost_day_t today,
    cost_alert_days_t *days);
static cost_day_t cost_alert_first(cost_alert_metric_e metric,
    cost_day_t day);


static const cost_str_t  cost_alert_metrics[] = {
    cost_string("daily_cost"),
    cost_string("weekly_cost"),
    cost_string("monthly_cost"),
    cost_string("per_run_cost")
};


static const cost_str_t  cost_alert_operators[] = {
    cost_string("greater_than"),
    cost_string("less_than"),
    cost_string("percent_increase"),
    cost_string("percent_decrease")
};


/* the first stands for none, and is no name that anybody may send */

static const cost_str_t  cost_alert_baselines[] = {
    { 0, NULL },
    cost_string("7_day_average"),
    cost_string("30_day_average"),
    cost_string("previous_period")
};


#define cost_alert_n(a)  (sizeof(a) / sizeof((a)[0]))


cost_rc_e
cost_alert_metric_parse(const uint8_t *p, size_t len,
    cost_alert_metric_e *metric)
{
    size_t     i;
    cost_rc_e  rc;

    rc = cost_alert_find(cost_alert_metrics, cost_alert_n(cost_alert_metrics),
                         p, len, &i);
    if (rc == COST_OK) {
        *metric = (cost_alert_metric_e) i;
    }

    return rc;
}


cost_rc_e
cost_alert_operator_parse(const uint8_t *p, size_t len,
    cost_alert_operator_e *operator)
{
    size_t     i;
    cost_rc_e  rc;

    rc = cost_alert_find(cost_alert_operators,
                         cost_alert_n(cost_alert_operators), p, len, &i);
    if (rc == COST_OK) {
        *operator = (cost_alert_operator_e) i;
    }

    return rc;
}


cost_rc_e
cost_alert_baseline_parse(const uint8_t *p, size_t len,
    cost_alert_baseline_e *baseline)
{
    size_t     i;
    cost_rc_e  rc;

    rc = cost_alert_find(cost_alert_baselines,
                         cost_alert_n(cost_alert_baselines), p, len, &i);
    if (rc == COST_OK) {
        *baseline = (cost_alert_baseline_e) i;
    }

    return rc;
}


static cost_rc_e
cost_alert_find(const cost_str_t *names, size_t n, const uint8_t *p,
    size_t len, size_t *found)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (names[i].len == len && len > 0
            && memcmp(names[i].data, p, len) == 0)
        {
            *found = i;
            return COST_OK;
        }
    }

    return COST_INVALID;
}


cost_str_t
cost_alert_metric_name(cost_alert_metric_e metric)
{
    return cost_alert_metrics[metric];
}


cost_str_t
cost_alert_operator_name(cost_alert_operator_e operator)
{
    return cost_alert_operators[operator];
}


cost_str_t
cost_alert_baseline_name(cost_alert_baseline_e baseline)
{
    return cost_alert_baselines[baseline];
}


bool
cost_alert_percent(cost_alert_operator_e operator)
{
    return operator == COST_ALERT_INCREASE || operator == COST_ALERT_DECREASE;
}


void
cost_alert_period(const cost_alert_condition_t *condition, cost_day_t today,
    cost_alert_period_t *period)
{
    cost_day_t          length;
    cost_alert_days_t  *m, *b;

    m = &period->metric;
    b = &period->baseline;

    if (condition->operator == COST_ALERT_LESS
        || condition->operator == COST_ALERT_DECREASE)
    {
        cost_alert_complete(condition->metric, today, m);

    } else {
        cost_alert_current(condition->metric, today, m);
    }

    length = m->to - m->from + 1;
    period->times = 1;
    period->divided = 1;

    switch (condition->baseline) {

    case COST_ALERT_7_DAYS:
    case COST_ALERT_30_DAYS:
        period->divided = condition->baseline == COST_ALERT_7_DAYS ? 7 : 30;
        period->times = (uint32_t) length;

        b->to = m->from - 1;
        b->from = m->from - (cost_day_t) period->divided;

        if (condition->metric == COST_ALERT_PER_RUN) {
            period->times = 1;
            period->divided = 1;
        }

        return;

    case COST_ALERT_PREVIOUS:

        if (condition->metric == COST_ALERT_PER_RUN) {
            b->from = m->from - COST_ALERT_RUN_DAYS;
            b->to = m->from - 1;
            return;
        }

        b->from = cost_alert_first(condition->metric, m->from - 1);
        b->to = b->from + length - 1;

        /* March so far has more days than February; or all of it has */

        if (b->to >= m->from
            || (condition->operator == COST_ALERT_DECREASE
                && condition->metric == COST_ALERT_MONTHLY))
        {
            b->to = m->from - 1;
        }

        return;

    case COST_ALERT_NO_BASELINE:
        b->from = today;
        b->to = today - 1;
    }
}


static void
cost_alert_current(cost_alert_metric_e metric, cost_day_t today,
    cost_alert_days_t *days)
{
    days->to = today;
    days->from = metric == COST_ALERT_PER_RUN
                 ? today - COST_ALERT_RUN_DAYS + 1
                 : cost_alert_first(metric, today);
}


static void
cost_alert_complete(cost_alert_metric_e metric, cost_day_t today,
    cost_alert_days_t *days)
{
    if (metric == COST_ALERT_PER_RUN) {
        cost_alert_current(metric, today, days);
        return;
    }

    days->to = cost_alert_first(metric, today) - 1;
    days->from = cost_alert_first(metric, days->to);
}


/* of the day, week or month that "day" lies in */

static cost_day_t
cost_alert_first(cost_alert_metric_e metric, cost_day_t day)
{
    switch (metric) {

    case COST_ALERT_WEEKLY:
        return cost_day_monday(day);

    case COST_ALERT_MONTHLY:
        return cost_day_month_first(day);

    case COST_ALERT_DAILY:
    case COST_ALERT_PER_RUN:
        break;
    }

    return day;
}


/*
 * In percent: amount / (baseline x times / divided) compared with
 * 1 +- value / 100, multiplied out.  The sums are cut to twelve decimals, the
 * value to four, so that the products stay within 128 bits: times and divided
 * are below 32, the value is at most a million.
 */

bool
cost_alert_holds(const cost_alert_condition_t *condition,
    const cost_alert_period_t *period, cost_decimal_t amount,
    cost_decimal_t baseline)
{
    __int128  left, right, percent;

    switch (condition->operator) {

    case COST_ALERT_GREATER:
        return amount > condition->value;

    case COST_ALERT_LESS:
        return amount < condition->value;

    case COST_ALERT_INCREASE:
    case COST_ALERT_DECREASE:
        break;
    }

    if (baseline <= 0) {
        return false;
    }

    percent = condition->value / (COST_DECIMAL_ONE / 10000);

    if (condition->operator == COST_ALERT_DECREASE) {
        percent = -percent;
    }

    left = amount / 1000000 * period->divided * COST_ALERT_HUNDRED;
    right = baseline / 1000000 * period->times
            * (COST_ALERT_HUNDRED + percent);

    return condition->operator == COST_ALERT_INCREASE ? left > right
                                                      : left < right;
}


cost_alert_step_e
cost_alert_step(const cost_alert_state_t *state, bool holds, cost_time_t now)
{
    if (!holds) {
        return state->open ? COST_ALERT_RESOLVE : COST_ALERT_NOTHING;
    }

    if (state->last_triggered != 0
        && now < state->last_triggered + (cost_time_t) state->cooldown)
    {
        return COST_ALERT_HELD;
    }

    return COST_ALERT_TRIGGER;
}
