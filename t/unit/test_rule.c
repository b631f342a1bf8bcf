
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_rule.h"

#include "test.h"


typedef struct {
    const char  *type, *scope, *account, *org, *repo, *workflow;
    const char  *metric, *operator, *value, *baseline;
    const char  *why;            /* NULL: it is one */
} test_rule_t;


typedef struct {
    cost_alert_metric_e     metric;
    cost_alert_operator_e   operator;
    cost_alert_baseline_e   baseline;
    const char             *value;
    const char             *amount;
    const char             *sum;
    uint32_t                times;
    uint32_t                divided;
    const char             *currency;
    const char             *message;
} test_message_t;


static cost_str_t str(const char *text);
static cost_decimal_t decimal(const char *text);
static void test_check(void);
static void test_messages(void);
static void test_emails(void);


#define T  "threshold", "organization", NULL, "my-company", NULL, NULL
#define A  "anomaly", "organization", NULL, "my-company", NULL, NULL
#define C  "daily_cost", "greater_than", "100", NULL

static const test_rule_t  test_rules[] = {
    { T, C, NULL },
    { A, "daily_cost", "percent_increase", "50", "7_day_average", NULL },
    { A, "per_run_cost", "percent_decrease", "100", "previous_period",
      NULL },
    { "threshold", "all_accounts", NULL, NULL, NULL, NULL, C, NULL },
    { "threshold", "account", "7", NULL, NULL, NULL, C, NULL },
    { "threshold", "repository", NULL, "my-company", "api-service", NULL, C,
      NULL },
    { "threshold", "workflow", NULL, NULL, NULL, "wf_abc123", C, NULL },
    { T, "monthly_cost", "less_than", "0", NULL, NULL },

    { NULL, "all_accounts", NULL, NULL, NULL, NULL, C,
      "type must be threshold or anomaly" },
    { "budget", "all_accounts", NULL, NULL, NULL, NULL, C,
      "type must be threshold or anomaly" },
    { "threshold", "team", NULL, NULL, NULL, NULL, C,
      "scope.type must be all_accounts, account, organization, repository "
      "or workflow" },
    { "threshold", NULL, NULL, NULL, NULL, NULL, C,
      "scope.type must be all_accounts, account, organization, repository "
      "or workflow" },
    { "threshold", "account", NULL, NULL, NULL, NULL, C,
      "scope.account_id is required for scope.type account" },
    { "threshold", "workflow", "7", NULL, NULL, "x", C,
      "scope.account_id is only for scope.type account" },
    { "threshold", "organization", NULL, NULL, NULL, NULL, C,
      "scope.org is required for scope.type organization and repository" },
    { "threshold", "workflow", NULL, "x", NULL, "x", C,
      "scope.org is only for scope.type organization and repository" },
    { "threshold", "repository", NULL, "x", NULL, NULL, C,
      "scope.repo is required for scope.type repository" },
    { "threshold", "organization", NULL, "x", "x", NULL, C,
      "scope.repo is only for scope.type repository" },
    { "threshold", "workflow", NULL, NULL, NULL, NULL, C,
      "scope.workflow_id is required for scope.type workflow" },
    { "threshold", "all_accounts", NULL, NULL, NULL, "x", C,
      "scope.workflow_id is only for scope.type workflow" },
    { T, "yearly_cost", "greater_than", "1", NULL,
      "condition.metric must be daily_cost, weekly_cost, monthly_cost or "
      "per_run_cost" },
    { "threshold", "account", "7", NULL, NULL, NULL, "per_run_cost",
      "greater_than", "1", NULL,
      "condition.metric per_run_cost is not for a scope.type of account: "
      "runs belong to none" },
    { T, "daily_cost", "above", "1", NULL,
      "condition.operator must be greater_than, less_than, "
      "percent_increase or percent_decrease" },
    { T, "daily_cost", "percent_increase", "1", "7_day_average",
      "condition.operator must be greater_than or less_than for type "
      "threshold" },
    { A, "daily_cost", "less_than", "1", NULL,
      "condition.operator must be percent_increase or percent_decrease for "
      "type anomaly" },
    { T, "daily_cost", "greater_than", NULL, NULL,
      "condition.value must be a number from 0 to 1000000000000" },
    { T, "daily_cost", "greater_than", "1000000000000.01", NULL,
      "condition.value must be a number from 0 to 1000000000000" },
    { T, "daily_cost", "greater_than", "-1", NULL,
      "condition.value must be a number from 0 to 1000000000000" },
    { A, "daily_cost", "percent_increase", "1000001", "7_day_average",
      "condition.value must be a number from 0 to 1000000 for "
      "percent_increase" },
    { A, "daily_cost", "percent_decrease", "101", "7_day_average",
      "condition.value must be a number from 0 to 100 for "
      "percent_decrease" },
    { A, "daily_cost", "percent_increase", "50", NULL,
      "condition.baseline must be 7_day_average, 30_day_average or "
      "previous_period for a percentage" },
    { A, "daily_cost", "percent_increase", "50", "last_year",
      "condition.baseline must be 7_day_average, 30_day_average or "
      "previous_period" },
    { T, "daily_cost", "greater_than", "50", "7_day_average",
      "condition.baseline is only for percent_increase and "
      "percent_decrease" }
};


static const test_message_t  test_message[] = {
    { COST_ALERT_DAILY, COST_ALERT_GREATER, COST_ALERT_NO_BASELINE,
      "500", "611.22", "0", 1, 1, "USD",
      "Daily cost of $611.22 exceeds threshold of $500.00" },
    { COST_ALERT_MONTHLY, COST_ALERT_LESS, COST_ALERT_NO_BASELINE,
      "20000", "-0.005", "0", 1, 1, "EUR",
      "Monthly cost of -0.01 EUR is below threshold of 20,000.00 EUR" },

    /* 150 against 700 in seven days, 100 a day: half more */
    { COST_ALERT_DAILY, COST_ALERT_INCREASE, COST_ALERT_7_DAYS,
      "49.5", "150", "700", 1, 7, "USD",
      "Daily cost of $150.00 is 50.0% above the 7-day average, exceeding "
      "threshold of 49.5%" },

    /* 892.10 / 210 = 4.248095... */
    { COST_ALERT_WEEKLY, COST_ALERT_INCREASE, COST_ALERT_PREVIOUS,
      "50", "892.10", "210", 1, 1, "USD",
      "Weekly cost of $892.10 is 324.8% above the previous period, "
      "exceeding threshold of 50%" },

    /* 0.06 against 0.08: a quarter less */
    { COST_ALERT_PER_RUN, COST_ALERT_DECREASE, COST_ALERT_30_DAYS,
      "20", "0.06", "0.08", 1, 1, "USD",
      "Cost per run of $0.06 is 25.0% below the 30-day average, exceeding "
      "threshold of 20%" },

    { COST_ALERT_DAILY, COST_ALERT_INCREASE, COST_ALERT_7_DAYS,
      "50", "99999999999999", "0.0000001", 30, 7, "USD",
      "Daily cost of $99,999,999,999,999.00 is 1000000000.0% above the "
      "7-day average, exceeding threshold of 50%" },

    /* 999.995 is a thousand */
    { COST_ALERT_DAILY, COST_ALERT_GREATER, COST_ALERT_NO_BASELINE,
      "999.99", "999.995", "0", 1, 1, "USD",
      "Daily cost of $1,000.00 exceeds threshold of $999.99" },
    { COST_ALERT_MONTHLY, COST_ALERT_GREATER, COST_ALERT_NO_BASELINE,
      "123456", "1234567.891", "0", 1, 1, "USD",
      "Monthly cost of $1,234,567.89 exceeds threshold of $123,456.00" }
};


int
main(void)
{
    test_check();
    test_messages();
    test_emails();

    return done_testing();
}


static void
test_check(void)
{
    size_t                  i;
    cost_rc_e               rc;
    const char             *why;
    cost_rule_t             r;
    const test_rule_t      *t;
    cost_alert_condition_t  c;

    for (i = 0; i < sizeof(test_rules) / sizeof(test_rules[0]); i++) {
        t = &test_rules[i];

        r.type = str(t->type);
        r.scope = str(t->scope);
        r.account = str(t->account);
        r.org = str(t->org);
        r.repo = str(t->repo);
        r.workflow = str(t->workflow);
        r.metric = str(t->metric);
        r.operator = str(t->operator);
        r.value = str(t->value);
        r.baseline = str(t->baseline);

        rc = cost_rule_check(&r, &c, &why);

        if (t->why == NULL) {
            ok(rc == COST_OK, "%s of %s by %s", t->type, t->scope,
               t->operator);
            ok(c.value == decimal(t->value), "its value");
            ok((c.baseline == COST_ALERT_NO_BASELINE)
               == (t->baseline == NULL), "its baseline");
            continue;
        }

        is_int(rc, COST_INVALID, t->why);
        is_str(why, strlen(why), t->why, "and why");
    }
}


static void
test_messages(void)
{
    size_t                  i, n;
    uint8_t                 buf[COST_RULE_MESSAGE_LEN];
    cost_decimal_t          percent, amount;
    const test_message_t   *t;
    cost_alert_period_t     period;
    cost_alert_condition_t  c;

    for (i = 0; i < sizeof(test_message) / sizeof(test_message[0]); i++) {
        t = &test_message[i];

        c.metric = t->metric;
        c.operator = t->operator;
        c.baseline = t->baseline;
        c.value = decimal(t->value);
        amount = decimal(t->amount);

        memset(&period, 0, sizeof(period));
        period.times = t->times;
        period.divided = t->divided;

        percent = cost_rule_percent(&c, &period, amount, decimal(t->sum));
        n = cost_rule_message(&c, amount, percent, str(t->currency), buf);

        is_str(buf, n, t->message, t->message);
    }

    c.operator = COST_ALERT_INCREASE;
    period.times = 1;
    period.divided = 1;
    ok(cost_rule_percent(&c, &period, decimal("-1"), decimal("0")) == 0,
       "nothing to compare with");
}


static void
test_emails(void)
{
    ok(cost_rule_email(str("team@company.com")), "an address");
    ok(cost_rule_email(str("j\xc3\xb6rg+x@b\xc3\xbc" "cher.example")),
       "one with other letters");
    ok(!cost_rule_email(str("team")), "no @");
    ok(!cost_rule_email(str("@company.com")), "nobody");
    ok(!cost_rule_email(str("team@")), "nowhere");
    ok(!cost_rule_email(str("a@b@c")), "two @");
    ok(!cost_rule_email(str("a@b, c@d")), "two addresses");
    ok(!cost_rule_email(str("a@b\r\nBcc:c@d")), "a header");
    ok(!cost_rule_email(str("A <a@b>")), "a name");
}


static cost_str_t
str(const char *text)
{
    cost_str_t  s;

    s.len = text ? strlen(text) : 0;
    s.data = (const uint8_t *) text;

    return s;
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
