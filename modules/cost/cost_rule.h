
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * An alert as it is written by its owner, and what it says when it triggers.
 *
 *     type       condition.operator
 *     threshold  greater_than, less_than; no baseline
 *     anomaly    percent_increase, percent_decrease; with a baseline
 *
 *     scope.type    other members of scope
 *     all_accounts
 *     account       account_id: a uuid, or the digits of a provider_id
 *     organization  org
 *     repository    org, repo
 *     workflow      workflow_id
 *
 * Members that a scope or an operator has no use for are refused.  Values are
 * 0 to 10^12, percents 0 to 1,000,000, and of a decrease at most 100.
 */


#ifndef _COST_RULE_H_INCLUDED_
#define _COST_RULE_H_INCLUDED_


#include "cost_alert.h"
#include "cost_str.h"


typedef enum {
    COST_RULE_ALL = 0,
    COST_RULE_ACCOUNT,
    COST_RULE_ORGANIZATION,
    COST_RULE_REPOSITORY,
    COST_RULE_WORKFLOW
} cost_rule_scope_e;


/* texts; len 0: not there */

typedef struct {
    cost_str_t             type;
    cost_str_t             scope;            /* its type */
    cost_str_t             account;
    cost_str_t             org;
    cost_str_t             repo;
    cost_str_t             workflow;
    cost_str_t             metric;
    cost_str_t             operator;
    cost_str_t             value;
    cost_str_t             baseline;
} cost_rule_t;


/*
 * Is it an alert?  COST_OK, with its condition; COST_INVALID, with the
 * sentence that names what is wrong with it, which is a constant.
 */
COST_MUST_CHECK cost_rc_e cost_rule_check(const cost_rule_t *rule,
    cost_alert_condition_t *condition, const char **why);

/* COST_INVALID: no such scope */
COST_MUST_CHECK cost_rc_e cost_rule_scope_parse(cost_str_t name,
    cost_rule_scope_e *scope);

/*
 * Could it be an email address?  One "@" with something on both sides, and
 * nothing that ends or lists addresses in a message's header.
 */
bool cost_rule_email(cost_str_t text);

/* has the scope that member? */
bool cost_rule_has_org(cost_rule_scope_e scope);
bool cost_rule_has_repo(cost_rule_scope_e scope);

/*
 * By how many percent "amount" lies above the baseline, or, for a decrease,
 * below it; arguments as of cost_alert_holds().  Four decimals, cut; at most
 * 10^9.  0 without a baseline to compare with.
 */
cost_decimal_t cost_rule_percent(const cost_alert_condition_t *condition,
    const cost_alert_period_t *period, cost_decimal_t amount,
    cost_decimal_t baseline);

/*
 * "Daily cost of $611.22 exceeds threshold of $500.00" for a condition that
 * holds.  "percent" is what cost_rule_percent() says.  Money is rounded to
 * cents, with commas, as money_text() of the schema writes it; percents to one
 * decimal.  "buf" has room for COST_RULE_MESSAGE_LEN
 * bytes; returns the bytes written.
 */
#define COST_RULE_MESSAGE_LEN  256

size_t cost_rule_message(const cost_alert_condition_t *condition,
    cost_decimal_t amount, cost_decimal_t percent, cost_str_t currency,
    uint8_t *buf);


#endif /* _COST_RULE_H_INCLUDED_ */
