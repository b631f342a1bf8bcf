
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_rule.h"
#include "cost_text.h"


#define COST_RULE_VALUE    (COST_DECIMAL_ONE * 1000000000000LL)
#define COST_RULE_PERCENT  (COST_DECIMAL_ONE * 1000000)
#define COST_RULE_HUNDRED  (COST_DECIMAL_ONE * 100)

/* of cost_rule_percent(): four decimals of it */
#define COST_RULE_FOUR     10000
#define COST_RULE_MOST     1000000000LL


static cost_rc_e cost_rule_check_scope(const cost_rule_t *rule,
    cost_rule_scope_e *scope, const char **why);
static cost_rc_e cost_rule_check_value(const cost_rule_t *rule,
    cost_alert_condition_t *condition, const char **why);
static void cost_rule_money(cost_text_t *t, cost_decimal_t amount,
    cost_str_t currency);
static void cost_rule_number(cost_text_t *t, cost_decimal_t value,
    unsigned places, unsigned keep);


static const cost_str_t  cost_rule_scopes[] = {
    cost_string("all_accounts"),
    cost_string("account"),
    cost_string("organization"),
    cost_string("repository"),
    cost_string("workflow")
};


cost_rc_e
cost_rule_check(const cost_rule_t *rule, cost_alert_condition_t *condition,
    const char **why)
{
    bool               threshold;
    cost_rule_scope_e  scope;

    threshold = cost_str_is(&rule->type, "threshold");

    if (!threshold && !cost_str_is(&rule->type, "anomaly")) {
        *why = "type must be threshold or anomaly";
        return COST_INVALID;
    }

    if (cost_rule_check_scope(rule, &scope, why) != COST_OK) {
        return COST_INVALID;
    }

    if (cost_alert_metric_parse(rule->metric.data, rule->metric.len,
                                &condition->metric)
        != COST_OK)
    {
        *why = "condition.metric must be daily_cost, weekly_cost, "
               "monthly_cost or per_run_cost";
        return COST_INVALID;
    }

    if (scope == COST_RULE_ACCOUNT
        && condition->metric == COST_ALERT_PER_RUN)
    {
        *why = "condition.metric per_run_cost is not for a scope.type of "
               "account: runs belong to none";
        return COST_INVALID;
    }

    if (cost_alert_operator_parse(rule->operator.data, rule->operator.len,
                                  &condition->operator)
        != COST_OK)
    {
        *why = "condition.operator must be greater_than, less_than, "
               "percent_increase or percent_decrease";
        return COST_INVALID;
    }

    if (threshold && cost_alert_percent(condition->operator)) {
        *why = "condition.operator must be greater_than or less_than for "
               "type threshold";
        return COST_INVALID;
    }

    if (!threshold && !cost_alert_percent(condition->operator)) {
        *why = "condition.operator must be percent_increase or "
               "percent_decrease for type anomaly";
        return COST_INVALID;
    }

    return cost_rule_check_value(rule, condition, why);
}


static cost_rc_e
cost_rule_check_scope(const cost_rule_t *rule, cost_rule_scope_e *scope,
    const char **why)
{
    if (cost_rule_scope_parse(rule->scope, scope) != COST_OK) {
        *why = "scope.type must be all_accounts, account, organization, "
               "repository or workflow";
        return COST_INVALID;
    }

    if ((rule->account.len > 0) != (*scope == COST_RULE_ACCOUNT)) {
        *why = rule->account.len
               ? "scope.account_id is only for scope.type account"
               : "scope.account_id is required for scope.type account";
        return COST_INVALID;
    }

    if ((rule->org.len > 0) != cost_rule_has_org(*scope)) {
        *why = rule->org.len
               ? "scope.org is only for scope.type organization and "
                 "repository"
               : "scope.org is required for scope.type organization and "
                 "repository";
        return COST_INVALID;
    }

    if ((rule->repo.len > 0) != cost_rule_has_repo(*scope)) {
        *why = rule->repo.len
               ? "scope.repo is only for scope.type repository"
               : "scope.repo is required for scope.type repository";
        return COST_INVALID;
    }

    if ((rule->workflow.len > 0) != (*scope == COST_RULE_WORKFLOW)) {
        *why = rule->workflow.len
               ? "scope.workflow_id is only for scope.type workflow"
               : "scope.workflow_id is required for scope.type workflow";
        return COST_INVALID;
    }

    return COST_OK;
}


static cost_rc_e
cost_rule_check_value(const cost_rule_t *rule,
    cost_alert_condition_t *condition, const char **why)
{
    bool            percent;
    cost_decimal_t  most;

    percent = cost_alert_percent(condition->operator);
    most = COST_RULE_VALUE;
    *why = "condition.value must be a number from 0 to 1000000000000";

    if (percent) {
        most = COST_RULE_PERCENT;
        *why = "condition.value must be a number from 0 to 1000000 for "
               "percent_increase";
    }

    if (condition->operator == COST_ALERT_DECREASE) {
        most = COST_RULE_HUNDRED;
        *why = "condition.value must be a number from 0 to 100 for "
               "percent_decrease";
    }

    if (cost_decimal_parse(rule->value.data, rule->value.len,
                           &condition->value)
        != COST_OK
        || condition->value < 0 || condition->value > most)
    {
        return COST_INVALID;
    }

    condition->baseline = COST_ALERT_NO_BASELINE;

    if (rule->baseline.len
        && cost_alert_baseline_parse(rule->baseline.data, rule->baseline.len,
                                     &condition->baseline)
           != COST_OK)
    {
        *why = "condition.baseline must be 7_day_average, 30_day_average or "
               "previous_period";
        return COST_INVALID;
    }

    if (percent != (rule->baseline.len > 0)) {
        *why = percent
               ? "condition.baseline must be 7_day_average, 30_day_average "
                 "or previous_period for a percentage"
               : "condition.baseline is only for percent_increase and "
                 "percent_decrease";
        return COST_INVALID;
    }

    return COST_OK;
}


cost_rc_e
cost_rule_scope_parse(cost_str_t name, cost_rule_scope_e *scope)
{
    size_t  i;

    for (i = 0; i < sizeof(cost_rule_scopes) / sizeof(cost_str_t); i++) {
        if (cost_rule_scopes[i].len == name.len
            && memcmp(cost_rule_scopes[i].data, name.data, name.len) == 0)
        {
            *scope = (cost_rule_scope_e) i;
            return COST_OK;
        }
    }

    return COST_INVALID;
}


bool
cost_rule_email(cost_str_t text)
{
    size_t          i, at;
    const uint8_t  *p;

    at = 0;
    p = text.data;

    for (i = 0; i < text.len; i++) {

        switch (p[i]) {

        case '@':
            if (at || i == 0) {
                return false;
            }

            at = i;
            break;

        case ' ': case '<': case '>': case '(': case ')': case '[': case ']':
        case ',': case ';': case ':': case '\\': case '"':
            return false;

        default:
            if (p[i] < 0x20 || p[i] == 0x7f) {
                return false;
            }
        }
    }

    return at && at + 1 < text.len;
}


bool
cost_rule_has_org(cost_rule_scope_e scope)
{
    return scope == COST_RULE_ORGANIZATION || scope == COST_RULE_REPOSITORY;
}


bool
cost_rule_has_repo(cost_rule_scope_e scope)
{
    return scope == COST_RULE_REPOSITORY;
}


/* sums cut to twelve decimals, as of cost_alert_holds() */

cost_decimal_t
cost_rule_percent(const cost_alert_condition_t *condition,
    const cost_alert_period_t *period, cost_decimal_t amount,
    cost_decimal_t baseline)
{
    __int128  left, right, percent, most;

    left = amount / 1000000 * period->divided;
    right = baseline / 1000000 * period->times;

    if (right <= 0) {
        return 0;
    }

    left -= right;

    if (condition->operator == COST_ALERT_DECREASE) {
        left = -left;
    }

    percent = left * (100 * COST_RULE_FOUR) / right;
    most = COST_RULE_MOST * COST_RULE_FOUR;

    if (percent > most) {
        percent = most;
    }

    if (percent < -most) {
        percent = -most;
    }

    return percent * (COST_DECIMAL_ONE / COST_RULE_FOUR);
}


size_t
cost_rule_message(const cost_alert_condition_t *condition,
    cost_decimal_t amount, cost_decimal_t percent, cost_str_t currency,
    uint8_t *buf)
{
    cost_text_t  t;

    static const cost_str_t  metrics[] = {
        cost_string("Daily cost of "),
        cost_string("Weekly cost of "),
        cost_string("Monthly cost of "),
        cost_string("Cost per run of ")
    };

    static const cost_str_t  baselines[] = {
        { 0, NULL },
        cost_string("the 7-day average"),
        cost_string("the 30-day average"),
        cost_string("the previous period")
    };

    t.data = buf;
    t.len = 0;
    t.size = COST_RULE_MESSAGE_LEN;

    cost_text_str(&t, metrics[condition->metric]);
    cost_rule_money(&t, amount, currency);

    switch (condition->operator) {

    case COST_ALERT_GREATER:
        cost_text_literal(&t, " exceeds threshold of ");
        cost_rule_money(&t, condition->value, currency);
        break;

    case COST_ALERT_LESS:
        cost_text_literal(&t, " is below threshold of ");
        cost_rule_money(&t, condition->value, currency);
        break;

    case COST_ALERT_INCREASE:
    case COST_ALERT_DECREASE:
        cost_text_literal(&t, " is ");
        cost_rule_number(&t, percent, 1, 1);

        if (condition->operator == COST_ALERT_INCREASE) {
            cost_text_literal(&t, "% above ");

        } else {
            cost_text_literal(&t, "% below ");
        }

        cost_text_str(&t, baselines[condition->baseline]);
        cost_text_literal(&t, ", exceeding threshold of ");
        cost_rule_number(&t, condition->value, 4, 0);
        cost_text_literal(&t, "%");
        break;
    }

    return t.len;
}


/* "$7,611.22", "7,611.22 EUR"; the sign of a credit comes first */

static void
cost_rule_money(cost_text_t *t, cost_decimal_t amount, cost_str_t currency)
{
    bool     dollars;
    size_t   i, len, whole;
    uint8_t  buf[COST_DECIMAL_LEN];

    dollars = cost_str_is(&currency, "USD");

    if (cost_decimal_round(amount, 2) < 0) {
        cost_text_literal(t, "-");
        amount = -amount;
    }

    if (dollars) {
        cost_text_literal(t, "$");
    }

    len = cost_decimal_format(amount, 2, 2, buf);
    whole = len - (sizeof(".00") - 1);

    for (i = 0; i < whole; i++) {

        if (i > 0 && (whole - i) % 3 == 0) {
            cost_text_literal(t, ",");
        }

        cost_text_add(t, &buf[i], 1);
    }

    cost_text_add(t, &buf[whole], len - whole);

    if (!dollars) {
        cost_text_literal(t, " ");
        cost_text_str(t, currency);
    }
}


static void
cost_rule_number(cost_text_t *t, cost_decimal_t value, unsigned places,
    unsigned keep)
{
    size_t   len;
    uint8_t  buf[COST_DECIMAL_LEN];

    len = cost_decimal_format(value, places, keep, buf);

    cost_text_add(t, buf, len);
}
