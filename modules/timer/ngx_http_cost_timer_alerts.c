
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Alerts: the database adds up, a batch of rules at a time, and each rule is
 * judged here by cost_alert.h.
 *
 *     evaluate a batch -> judge -> settle what triggers or resolves -> next
 *
 * A trigger, its history and its event are one statement, which leaves out
 * what is no longer the rule that was judged: two nodes that believe to lead,
 * and an owner who changes a rule meanwhile, are both harmless.
 */


#include "timer/ngx_http_cost_timer.h"


/* metrics by operators, which have no baseline or one of three */
#define NGX_HTTP_COST_TIMER_KINDS    32

/* of a kind in the text of an array: a name or a date, a comma */
#define NGX_HTTP_COST_TIMER_NAME     24

/* of one rule in the array of messages, with quotes and a comma */
#define NGX_HTTP_COST_TIMER_MESSAGE  (COST_RULE_MESSAGE_LEN + 3)


/* the columns of alerts_evaluate.sql */

enum {
    NGX_HTTP_COST_TIMER_A_ORGANIZATION = 0,
    NGX_HTTP_COST_TIMER_A_ID,
    NGX_HTTP_COST_TIMER_A_VERSION,
    NGX_HTTP_COST_TIMER_A_METRIC,
    NGX_HTTP_COST_TIMER_A_OPERATOR,
    NGX_HTTP_COST_TIMER_A_BASELINE,
    NGX_HTTP_COST_TIMER_A_VALUE,
    NGX_HTTP_COST_TIMER_A_COOLDOWN,
    NGX_HTTP_COST_TIMER_A_OPEN,
    NGX_HTTP_COST_TIMER_A_LAST,
    NGX_HTTP_COST_TIMER_A_NOW,
    NGX_HTTP_COST_TIMER_A_CURRENCY,
    NGX_HTTP_COST_TIMER_A_AMOUNT,
    NGX_HTTP_COST_TIMER_A_BEFORE,
    NGX_HTTP_COST_TIMER_A_COLUMNS
};


/* parameters of alerts_evaluate.sql; those of kinds are arrays */

enum {
    NGX_HTTP_COST_TIMER_E_ORGANIZATIONS = 0,
    NGX_HTTP_COST_TIMER_E_AFTER,
    NGX_HTTP_COST_TIMER_E_AFTER_ID,
    NGX_HTTP_COST_TIMER_E_MOST,
    NGX_HTTP_COST_TIMER_E_METRICS,
    NGX_HTTP_COST_TIMER_E_OPERATORS,
    NGX_HTTP_COST_TIMER_E_BASELINES,
    NGX_HTTP_COST_TIMER_E_FIRSTS,
    NGX_HTTP_COST_TIMER_E_LASTS,
    NGX_HTTP_COST_TIMER_E_B_FIRSTS,
    NGX_HTTP_COST_TIMER_E_B_LASTS,
    NGX_HTTP_COST_TIMER_E_PARAMS
};


/* parameters of alerts_settle.sql, all of them arrays */

enum {
    NGX_HTTP_COST_TIMER_S_IDS = 0,
    NGX_HTTP_COST_TIMER_S_VERSIONS,
    NGX_HTTP_COST_TIMER_S_VERDICTS,
    NGX_HTTP_COST_TIMER_S_AMOUNTS,
    NGX_HTTP_COST_TIMER_S_PERCENTS,
    NGX_HTTP_COST_TIMER_S_MESSAGES,
    NGX_HTTP_COST_TIMER_S_PARAMS
};


/* one evaluation: of all rules there are, or of some organizations' */

typedef struct {
    ngx_pool_t                     *pool;
    ngx_http_cost_timer_watcher_t  *watcher;
    cost_day_t                      today;
    ngx_str_t                       params[NGX_HTTP_COST_TIMER_E_PARAMS];
    u_char                          after[NGX_INT64_LEN];
    u_char                          after_id[NGX_INT64_LEN];
    ngx_uint_t                      last;    /* that was the last batch */
} ngx_http_cost_timer_alerts_t;


/* arrays of PostgreSQL's that grow together */

typedef struct {
    ngx_pool_t                     *pool;
    ngx_str_t                       params[NGX_HTTP_COST_TIMER_S_PARAMS];
    ngx_uint_t                      n;
    ngx_uint_t                      most;
} ngx_http_cost_timer_verdicts_t;


static ngx_int_t ngx_http_cost_timer_alerts_kinds(
    ngx_http_cost_timer_alerts_t *alerts);
static void ngx_http_cost_timer_alerts_name(ngx_str_t *array,
    cost_str_t name);
static void ngx_http_cost_timer_alerts_date(ngx_str_t *array,
    cost_day_t day);
static ngx_int_t ngx_http_cost_timer_alerts_batch(
    ngx_http_cost_timer_alerts_t *alerts);
static void ngx_http_cost_timer_alerts_judge(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static ngx_int_t ngx_http_cost_timer_alerts_rule(
    ngx_http_cost_timer_alerts_t *alerts,
    ngx_http_cost_timer_verdicts_t *verdicts,
    ngx_http_cost_pg_result_t *result, ngx_uint_t row);
static ngx_int_t ngx_http_cost_timer_alerts_verdict(
    ngx_http_cost_timer_verdicts_t *verdicts, ngx_str_t *column,
    const cost_alert_condition_t *condition, ngx_uint_t trigger,
    cost_decimal_t amount, cost_decimal_t percent);
static u_char *ngx_http_cost_timer_alerts_decimal(u_char *p,
    cost_decimal_t value, ngx_uint_t known);
static ngx_int_t ngx_http_cost_timer_alerts_arrays(
    ngx_http_cost_timer_verdicts_t *verdicts);
static int64_t ngx_http_cost_timer_alerts_number(ngx_str_t *text);
static void ngx_http_cost_timer_alerts_settled(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static void ngx_http_cost_timer_alerts_next(
    ngx_http_cost_timer_alerts_t *alerts);
static void ngx_http_cost_timer_alerts_end(
    ngx_http_cost_timer_alerts_t *alerts, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);


ngx_int_t
ngx_http_cost_timer_alerts(ngx_http_cost_timer_watcher_t *watcher,
    ngx_str_t *organizations)
{
    ngx_pool_t                    *pool;
    ngx_http_cost_timer_alerts_t  *alerts;

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    alerts = ngx_pcalloc(pool, sizeof(ngx_http_cost_timer_alerts_t));
    if (alerts == NULL) {
        goto failed;
    }

    alerts->pool = pool;
    alerts->watcher = watcher;
    alerts->today = cost_day_from_time(ngx_time());

    if (organizations->data) {
        alerts->params[NGX_HTTP_COST_TIMER_E_ORGANIZATIONS].len =
            organizations->len;
        alerts->params[NGX_HTTP_COST_TIMER_E_ORGANIZATIONS].data =
            ngx_pstrdup(pool, organizations);

        if (alerts->params[NGX_HTTP_COST_TIMER_E_ORGANIZATIONS].data == NULL)
        {
            goto failed;
        }
    }

    ngx_str_set(&alerts->params[NGX_HTTP_COST_TIMER_E_AFTER], "0");
    ngx_str_set(&alerts->params[NGX_HTTP_COST_TIMER_E_AFTER_ID], "0");

    if (ngx_http_cost_timer_alerts_kinds(alerts) == NGX_OK
        && ngx_http_cost_timer_alerts_batch(alerts) == NGX_OK)
    {
        return NGX_OK;
    }

failed:

    ngx_destroy_pool(pool);

    return NGX_ERROR;
}


/* the windows of every kind of condition there may be, on this day */

static ngx_int_t
ngx_http_cost_timer_alerts_kinds(ngx_http_cost_timer_alerts_t *alerts)
{
    u_char                  *p;
    ngx_uint_t               i, m, o, b;
    ngx_str_t               *params;
    cost_alert_period_t      period;
    cost_alert_condition_t   c;

    params = alerts->params;

    for (i = NGX_HTTP_COST_TIMER_E_METRICS;
         i < NGX_HTTP_COST_TIMER_E_PARAMS;
         i++)
    {
        params[i].len = 0;
        params[i].data = ngx_pnalloc(alerts->pool,
                                     NGX_HTTP_COST_TIMER_KINDS
                                     * NGX_HTTP_COST_TIMER_NAME + 1);
        if (params[i].data == NULL) {
            return NGX_ERROR;
        }
    }

    c.value = 0;

    for (m = COST_ALERT_DAILY; m <= COST_ALERT_PER_RUN; m++) {

        for (o = COST_ALERT_GREATER; o <= COST_ALERT_DECREASE; o++) {

            for (b = COST_ALERT_NO_BASELINE; b <= COST_ALERT_PREVIOUS; b++) {

                c.metric = (cost_alert_metric_e) m;
                c.operator = (cost_alert_operator_e) o;
                c.baseline = (cost_alert_baseline_e) b;

                if (cost_alert_percent(c.operator)
                    == (c.baseline == COST_ALERT_NO_BASELINE))
                {
                    continue;
                }

                cost_alert_period(&c, alerts->today, &period);

                ngx_http_cost_timer_alerts_name(
                    &params[NGX_HTTP_COST_TIMER_E_METRICS],
                    cost_alert_metric_name(c.metric));
                ngx_http_cost_timer_alerts_name(
                    &params[NGX_HTTP_COST_TIMER_E_OPERATORS],
                    cost_alert_operator_name(c.operator));
                ngx_http_cost_timer_alerts_name(
                    &params[NGX_HTTP_COST_TIMER_E_BASELINES],
                    cost_alert_baseline_name(c.baseline));
                ngx_http_cost_timer_alerts_date(
                    &params[NGX_HTTP_COST_TIMER_E_FIRSTS],
                    period.metric.from);
                ngx_http_cost_timer_alerts_date(
                    &params[NGX_HTTP_COST_TIMER_E_LASTS], period.metric.to);

                if (b == COST_ALERT_NO_BASELINE) {
                    period.baseline.from = COST_DAY_MAX + 1;
                    period.baseline.to = COST_DAY_MAX + 1;
                }

                ngx_http_cost_timer_alerts_date(
                    &params[NGX_HTTP_COST_TIMER_E_B_FIRSTS],
                    period.baseline.from);
                ngx_http_cost_timer_alerts_date(
                    &params[NGX_HTTP_COST_TIMER_E_B_LASTS],
                    period.baseline.to);
            }
        }
    }

    for (i = NGX_HTTP_COST_TIMER_E_METRICS;
         i < NGX_HTTP_COST_TIMER_E_PARAMS;
         i++)
    {
        p = params[i].data;
        p[params[i].len++] = '}';
    }

    return NGX_OK;
}


static void
ngx_http_cost_timer_alerts_name(ngx_str_t *array, cost_str_t name)
{
    u_char  *p;

    p = array->data + array->len;

    *p++ = array->len ? ',' : '{';
    *p++ = '"';

    if (name.len) {
        p = ngx_cpymem(p, name.data, name.len);
    }

    *p++ = '"';

    array->len = p - array->data;
}


/* beyond the last day there is: none */

static void
ngx_http_cost_timer_alerts_date(ngx_str_t *array, cost_day_t day)
{
    u_char  *p;

    p = array->data + array->len;

    *p++ = array->len ? ',' : '{';

    if (day > COST_DAY_MAX) {
        p = ngx_cpymem(p, "NULL", 4);

    } else {
        p += cost_date_format(day, p);
    }

    array->len = p - array->data;
}


static ngx_int_t
ngx_http_cost_timer_alerts_batch(ngx_http_cost_timer_alerts_t *alerts)
{
    u_char  most[NGX_INT_T_LEN];

    alerts->params[NGX_HTTP_COST_TIMER_E_MOST].data = most;
    alerts->params[NGX_HTTP_COST_TIMER_E_MOST].len =
        ngx_sprintf(most, "%ui", alerts->watcher->tmcf->evaluate_batch)
        - most;

    return ngx_http_cost_pg_query(&ngx_http_cost_sql_alerts_evaluate,
                                  alerts->params, NGX_HTTP_COST_PG_SLOW,
                                  ngx_http_cost_timer_alerts_judge, alerts)
           ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_cost_timer_alerts_judge(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_timer_alerts_t *alerts = data;

    ngx_str_t                       text;
    ngx_uint_t                      i, rows;
    ngx_http_cost_timer_verdicts_t  verdicts;

    rows = ngx_http_cost_pg_rows(result);

    /* what is left is for who leads now */

    if (rc != NGX_OK || rows == 0
        || !ngx_http_cost_timer_leads(alerts->watcher->tmcf))
    {
        ngx_http_cost_timer_alerts_end(alerts, rc, result);
        return;
    }

    alerts->last = (rows < alerts->watcher->tmcf->evaluate_batch);

    ngx_http_cost_pg_text(result, rows - 1,
                          NGX_HTTP_COST_TIMER_A_ORGANIZATION, &text);
    alerts->params[NGX_HTTP_COST_TIMER_E_AFTER].data = alerts->after;
    alerts->params[NGX_HTTP_COST_TIMER_E_AFTER].len =
        ngx_sprintf(alerts->after, "%V", &text) - alerts->after;

    ngx_http_cost_pg_text(result, rows - 1, NGX_HTTP_COST_TIMER_A_ID, &text);
    alerts->params[NGX_HTTP_COST_TIMER_E_AFTER_ID].data = alerts->after_id;
    alerts->params[NGX_HTTP_COST_TIMER_E_AFTER_ID].len =
        ngx_sprintf(alerts->after_id, "%V", &text) - alerts->after_id;

    ngx_memzero(&verdicts, sizeof(ngx_http_cost_timer_verdicts_t));

    verdicts.most = rows;
    verdicts.pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);

    if (verdicts.pool == NULL) {
        ngx_http_cost_timer_alerts_end(alerts, NGX_ERROR, NULL);
        return;
    }

    for (i = 0; i < rows && rc == NGX_OK; i++) {
        rc = ngx_http_cost_timer_alerts_rule(alerts, &verdicts, result, i);
    }

    if (rc == NGX_OK && verdicts.n) {

        for (i = 0; i < NGX_HTTP_COST_TIMER_S_PARAMS; i++) {
            verdicts.params[i].data[verdicts.params[i].len++] = '}';
        }

        rc = ngx_http_cost_pg_query(&ngx_http_cost_sql_alerts_settle,
                                    verdicts.params, NGX_HTTP_COST_PG_SLOW,
                                    ngx_http_cost_timer_alerts_settled,
                                    alerts)
             ? NGX_OK : NGX_ERROR;
    }

    ngx_destroy_pool(verdicts.pool);

    if (rc != NGX_OK) {
        ngx_http_cost_timer_alerts_end(alerts, rc, NULL);

    } else if (verdicts.n == 0) {
        ngx_http_cost_timer_alerts_next(alerts);
    }
}


static ngx_int_t
ngx_http_cost_timer_alerts_rule(ngx_http_cost_timer_alerts_t *alerts,
    ngx_http_cost_timer_verdicts_t *verdicts,
    ngx_http_cost_pg_result_t *result, ngx_uint_t row)
{
    ngx_str_t                c[NGX_HTTP_COST_TIMER_A_COLUMNS];
    ngx_uint_t               i, holds;
    cost_decimal_t           amount, before, percent;
    cost_alert_step_e        step;
    cost_alert_state_t       state;
    cost_alert_period_t      period;
    cost_alert_condition_t   condition;

    for (i = 0; i < NGX_HTTP_COST_TIMER_A_COLUMNS; i++) {
        ngx_http_cost_pg_text(result, row, i, &c[i]);
    }

    amount = 0;
    before = 0;
    percent = 0;
    condition.baseline = COST_ALERT_NO_BASELINE;

#define ngx_http_cost_timer_alerts_is(what, n, to)                            \
    (cost_alert_ ## what ## _parse(c[NGX_HTTP_COST_TIMER_A_ ## n].data,       \
                                   c[NGX_HTTP_COST_TIMER_A_ ## n].len, to)    \
     == COST_OK)

#define ngx_http_cost_timer_alerts_amount(n, to)                              \
    (c[NGX_HTTP_COST_TIMER_A_ ## n].data == NULL                              \
     || cost_decimal_parse(c[NGX_HTTP_COST_TIMER_A_ ## n].data,               \
                           c[NGX_HTTP_COST_TIMER_A_ ## n].len, to)            \
        == COST_OK)

    if (!ngx_http_cost_timer_alerts_is(metric, METRIC, &condition.metric)
        || !ngx_http_cost_timer_alerts_is(operator, OPERATOR,
                                          &condition.operator)
        || (c[NGX_HTTP_COST_TIMER_A_BASELINE].data
            && !ngx_http_cost_timer_alerts_is(baseline, BASELINE,
                                              &condition.baseline))
        || !ngx_http_cost_timer_alerts_amount(VALUE, &condition.value)
        || !ngx_http_cost_timer_alerts_amount(AMOUNT, &amount)
        || !ngx_http_cost_timer_alerts_amount(BEFORE, &before))
    {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0,
                      "cost timer: alert %V cannot be read",
                      &c[NGX_HTTP_COST_TIMER_A_ID]);
        return NGX_OK;
    }

    cost_alert_period(&condition, alerts->today, &period);

    holds = c[NGX_HTTP_COST_TIMER_A_AMOUNT].data != NULL
            && cost_alert_holds(&condition, &period, amount, before);

    state.open = (c[NGX_HTTP_COST_TIMER_A_OPEN].data[0] == 't');
    state.last_triggered = ngx_http_cost_timer_alerts_number(
                               &c[NGX_HTTP_COST_TIMER_A_LAST]);
    state.cooldown = (uint32_t) ngx_http_cost_timer_alerts_number(
                                    &c[NGX_HTTP_COST_TIMER_A_COOLDOWN]);

    step = cost_alert_step(&state, holds,
                           ngx_http_cost_timer_alerts_number(
                               &c[NGX_HTTP_COST_TIMER_A_NOW]));

    if (step != COST_ALERT_TRIGGER && step != COST_ALERT_RESOLVE) {
        return NGX_OK;
    }

    if (step == COST_ALERT_TRIGGER) {
        percent = cost_rule_percent(&condition, &period, amount, before);
    }

    return ngx_http_cost_timer_alerts_verdict(verdicts, c, &condition,
                                              step == COST_ALERT_TRIGGER,
                                              amount, percent);
}


static ngx_int_t
ngx_http_cost_timer_alerts_verdict(ngx_http_cost_timer_verdicts_t *verdicts,
    ngx_str_t *column, const cost_alert_condition_t *condition,
    ngx_uint_t trigger, cost_decimal_t amount, cost_decimal_t percent)
{
    u_char      *p[NGX_HTTP_COST_TIMER_S_PARAMS];
    u_char     **id, **version, **verdict, **sum, **change;
    ngx_str_t   *currency;
    cost_str_t   money;
    ngx_uint_t   i;

    if (verdicts->n == 0
        && ngx_http_cost_timer_alerts_arrays(verdicts) != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < NGX_HTTP_COST_TIMER_S_PARAMS; i++) {
        p[i] = verdicts->params[i].data + verdicts->params[i].len;
        *p[i]++ = verdicts->n ? ',' : '{';
    }

    id = &p[NGX_HTTP_COST_TIMER_S_IDS];
    *id = ngx_sprintf(*id, "%V", &column[NGX_HTTP_COST_TIMER_A_ID]);

    version = &p[NGX_HTTP_COST_TIMER_S_VERSIONS];
    *version = ngx_sprintf(*version, "%V",
                           &column[NGX_HTTP_COST_TIMER_A_VERSION]);

    verdict = &p[NGX_HTTP_COST_TIMER_S_VERDICTS];
    *verdict = ngx_sprintf(*verdict, "%s", trigger ? "trigger" : "resolve");

    sum = &p[NGX_HTTP_COST_TIMER_S_AMOUNTS];
    *sum = ngx_http_cost_timer_alerts_decimal(*sum, amount, trigger);

    change = &p[NGX_HTTP_COST_TIMER_S_PERCENTS];
    *change = ngx_http_cost_timer_alerts_decimal(*change, percent,
                      trigger && cost_alert_percent(condition->operator));

    /* of ours, with nothing to escape */

    *p[NGX_HTTP_COST_TIMER_S_MESSAGES]++ = '"';

    if (trigger) {
        currency = &column[NGX_HTTP_COST_TIMER_A_CURRENCY];
        money.len = currency->len;
        money.data = currency->data;

        p[NGX_HTTP_COST_TIMER_S_MESSAGES] +=
            cost_rule_message(condition, amount, percent, money,
                              p[NGX_HTTP_COST_TIMER_S_MESSAGES]);
    }

    *p[NGX_HTTP_COST_TIMER_S_MESSAGES]++ = '"';

    for (i = 0; i < NGX_HTTP_COST_TIMER_S_PARAMS; i++) {
        verdicts->params[i].len = p[i] - verdicts->params[i].data;
    }

    verdicts->n++;

    return NGX_OK;
}


static u_char *
ngx_http_cost_timer_alerts_decimal(u_char *p, cost_decimal_t value,
    ngx_uint_t known)
{
    return known ? p + cost_decimal_format(value, COST_DECIMAL_PLACES, 0, p)
                 : ngx_cpymem(p, "NULL", 4);
}


/* room for all of them: in a storm all trigger */

static ngx_int_t
ngx_http_cost_timer_alerts_arrays(ngx_http_cost_timer_verdicts_t *verdicts)
{
    ngx_uint_t  i;

    static const size_t  sizes[] = {
        NGX_INT64_LEN + 1, NGX_INT64_LEN + 1, sizeof("trigger"),
        COST_DECIMAL_LEN + 1, COST_DECIMAL_LEN + 1,
        NGX_HTTP_COST_TIMER_MESSAGE
    };

    for (i = 0; i < NGX_HTTP_COST_TIMER_S_PARAMS; i++) {
        verdicts->params[i].data = ngx_pnalloc(verdicts->pool,
                                               verdicts->most * sizes[i]
                                               + 1);
        if (verdicts->params[i].data == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* the server's own text of a bigint that is not negative */

static int64_t
ngx_http_cost_timer_alerts_number(ngx_str_t *text)
{
    size_t   i;
    int64_t  n;

    for (n = 0, i = 0; i < text->len; i++) {
        n = n * 10 + (text->data[i] - '0');
    }

    return n;
}


static void
ngx_http_cost_timer_alerts_settled(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_timer_alerts_t *alerts = data;

    if (rc != NGX_OK) {
        ngx_http_cost_timer_alerts_end(alerts, rc, result);
        return;
    }

    ngx_http_cost_timer_alerts_next(alerts);
}


static void
ngx_http_cost_timer_alerts_next(ngx_http_cost_timer_alerts_t *alerts)
{
    if (alerts->last || ngx_exiting || ngx_terminate) {
        ngx_http_cost_timer_alerts_end(alerts, NGX_OK, NULL);
        return;
    }

    if (ngx_http_cost_timer_alerts_batch(alerts) != NGX_OK) {
        ngx_http_cost_timer_alerts_end(alerts, NGX_ERROR, NULL);
    }
}


static void
ngx_http_cost_timer_alerts_end(ngx_http_cost_timer_alerts_t *alerts,
    ngx_int_t rc, ngx_http_cost_pg_result_t *result)
{
    ngx_str_t                       message;
    ngx_http_cost_timer_watcher_t  *watcher;

    /* pg/ is silent on what a statement's input can cause */

    if (rc == NGX_ERROR && result) {
        ngx_http_cost_pg_message(result, &message);
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "cost timer: alerts could not be evaluated: %V",
                      &message);
    }

    watcher = alerts->watcher;

    ngx_destroy_pool(alerts->pool);

    ngx_http_cost_timer_watch_done(watcher, rc);
}
