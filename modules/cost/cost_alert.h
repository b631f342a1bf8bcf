
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * When an alert speaks.
 *
 * A rule compares a metric with a threshold, or with a baseline by percent:
 *
 *     metric          days that are added up
 *     daily_cost      today
 *     weekly_cost     Monday to today
 *     monthly_cost    the first to today
 *     per_run_cost    the last seven days with today, divided by their runs
 *
 * A metric that must not be low (less_than, percent_decrease) is judged on
 * the last complete day, week or month instead: a period that has just begun
 * is always low, and midnight would raise a storm.
 *
 *     baseline          days, before the first of the metric
 *     7_day_average     seven days, per day times the days of the metric
 *     30_day_average    thirty days, the same
 *     previous_period   as many days of the day, week or month before, from
 *                       its first on; the seven days before for per_run_cost
 *
 * A baseline of per_run_cost is an average per run as well and is not scaled.
 *
 * Nothing here reads a clock or a cost: the caller is told which days to add
 * up, and asks again with the sums.
 */


#ifndef _COST_ALERT_H_INCLUDED_
#define _COST_ALERT_H_INCLUDED_


#include "cost_date.h"
#include "cost_decimal.h"
#include "cost_str.h"


typedef enum {
    COST_ALERT_DAILY = 0,
    COST_ALERT_WEEKLY,
    COST_ALERT_MONTHLY,
    COST_ALERT_PER_RUN
} cost_alert_metric_e;


typedef enum {
    COST_ALERT_GREATER = 0,
    COST_ALERT_LESS,
    COST_ALERT_INCREASE,         /* percent above the baseline */
    COST_ALERT_DECREASE          /* percent below the baseline */
} cost_alert_operator_e;


typedef enum {
    COST_ALERT_NO_BASELINE = 0,  /* only with GREATER and LESS */
    COST_ALERT_7_DAYS,
    COST_ALERT_30_DAYS,
    COST_ALERT_PREVIOUS
} cost_alert_baseline_e;


typedef struct {
    cost_alert_metric_e    metric;
    cost_alert_operator_e  operator;
    cost_alert_baseline_e  baseline;
    cost_decimal_t         value;      /* money, or percent */
} cost_alert_condition_t;


/* both days included; none: to < from */

typedef struct {
    cost_day_t             from;
    cost_day_t             to;
} cost_alert_days_t;


typedef struct {
    cost_alert_days_t      metric;
    cost_alert_days_t      baseline;

    /* the baseline's sum times this, divided by that */
    uint32_t               times;
    uint32_t               divided;
} cost_alert_period_t;


/* what becomes of a rule whose condition was looked at */

typedef enum {
    COST_ALERT_NOTHING = 0,
    COST_ALERT_TRIGGER,
    COST_ALERT_HELD,             /* it holds within its cooldown */
    COST_ALERT_RESOLVE
} cost_alert_step_e;


typedef struct {
    bool                   open;             /* triggered, not resolved */
    cost_time_t            last_triggered;   /* 0: never */
    uint32_t               cooldown;         /* seconds */
} cost_alert_state_t;


/* the names of the documents; COST_INVALID: not one */
COST_MUST_CHECK cost_rc_e cost_alert_metric_parse(const uint8_t *p,
    size_t len, cost_alert_metric_e *metric);
COST_MUST_CHECK cost_rc_e cost_alert_operator_parse(const uint8_t *p,
    size_t len, cost_alert_operator_e *operator);
COST_MUST_CHECK cost_rc_e cost_alert_baseline_parse(const uint8_t *p,
    size_t len, cost_alert_baseline_e *baseline);

cost_str_t cost_alert_metric_name(cost_alert_metric_e metric);
cost_str_t cost_alert_operator_name(cost_alert_operator_e operator);
cost_str_t cost_alert_baseline_name(cost_alert_baseline_e baseline);

/* does the operator speak of percent? */
bool cost_alert_percent(cost_alert_operator_e operator);

/* the days to add up when it is "today" */
void cost_alert_period(const cost_alert_condition_t *condition,
    cost_day_t today, cost_alert_period_t *period);

/*
 * Does the condition hold?  "amount" is the metric's sum, "baseline" that of
 * the baseline's days, neither scaled; of per_run_cost both are averages per
 * run.  An increase over nothing, and a decrease from nothing, do not hold:
 * there is nothing to compare with.  Sums are below 10^14 and compared by
 * twelve decimals, percents at most a million and by four.
 */
bool cost_alert_holds(const cost_alert_condition_t *condition,
    const cost_alert_period_t *period, cost_decimal_t amount,
    cost_decimal_t baseline);

/*
 * An alert triggers when its condition holds and "cooldown" has passed since
 * it last did, again and again while it holds; it resolves when it does not.
 */
cost_alert_step_e cost_alert_step(const cost_alert_state_t *state, bool holds,
    cost_time_t now);


#endif /* _COST_ALERT_H_INCLUDED_ */
