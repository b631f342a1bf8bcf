
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * POST /v1/alerts?dry_run=90: what the alert would have done on the last days,
 * had it been there.  Nothing is stored.
 *
 * Every day is judged at its end, by what is known of it now, and by the code
 * that judges alerts; of today it is what is there so far.
 */


#include "api/ngx_http_cost_api_alerts.h"


#define NGX_HTTP_COST_API_REHEARSE_DAY  86400

/* the columns of alerts_rehearse.sql */

#define NGX_HTTP_COST_API_REHEARSE_AMOUNT  0
#define NGX_HTTP_COST_API_REHEARSE_JUDGED  1


/* the parameters of alerts_rehearse.sql */

enum {
    NGX_HTTP_COST_API_REHEARSE_ORGANIZATION = 0,
    NGX_HTTP_COST_API_REHEARSE_SCOPE,
    NGX_HTTP_COST_API_REHEARSE_ACCOUNT,
    NGX_HTTP_COST_API_REHEARSE_ACCOUNT_ID,
    NGX_HTTP_COST_API_REHEARSE_ORG,
    NGX_HTTP_COST_API_REHEARSE_REPO,
    NGX_HTTP_COST_API_REHEARSE_WORKFLOW,
    NGX_HTTP_COST_API_REHEARSE_PER_RUN,
    NGX_HTTP_COST_API_REHEARSE_FIRSTS,
    NGX_HTTP_COST_API_REHEARSE_LASTS,
    NGX_HTTP_COST_API_REHEARSE_PARAMS
};


static ngx_int_t ngx_http_cost_api_alert_windows(
    ngx_http_cost_api_ctx_t *ctx, const cost_alert_condition_t *condition,
    ngx_str_t *firsts, ngx_str_t *lasts);
static void ngx_http_cost_api_alert_window(ngx_str_t *firsts,
    ngx_str_t *lasts, const cost_alert_days_t *days);
static ngx_int_t ngx_http_cost_api_alert_rehearsed(
    ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_alert_rehearse_write(cost_json_t *j,
    void *data);
static cost_alert_step_e ngx_http_cost_api_alert_rehearse_day(
    ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    const cost_alert_condition_t *condition, cost_alert_state_t *state,
    ngx_uint_t n);
static void ngx_http_cost_api_alert_rehearse_tell(
    ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    const cost_alert_condition_t *condition,
    const cost_alert_period_t *period, cost_alert_step_e step, ngx_uint_t n);
static cost_day_t ngx_http_cost_api_alert_day(ngx_http_cost_api_ctx_t *ctx,
    ngx_uint_t n);


ngx_int_t
ngx_http_cost_api_alert_rehearse(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *params)
{
    ngx_int_t                   rc;
    ngx_str_t                   p[NGX_HTTP_COST_API_REHEARSE_PARAMS];
    cost_alert_condition_t      condition;
    ngx_http_cost_api_alert_t  *alert;

    alert = ctx->data;

    rc = ngx_http_cost_api_alert_check(ctx, alert->f, &condition);

    if (rc != NGX_OK) {
        return rc;
    }

    p[NGX_HTTP_COST_API_REHEARSE_ORGANIZATION] =
        params[NGX_HTTP_COST_API_ALERT_P_ORGANIZATION];
    p[NGX_HTTP_COST_API_REHEARSE_SCOPE] =
        params[NGX_HTTP_COST_API_ALERT_P_SCOPE];
    p[NGX_HTTP_COST_API_REHEARSE_ACCOUNT] =
        params[NGX_HTTP_COST_API_ALERT_P_ACCOUNT];
    p[NGX_HTTP_COST_API_REHEARSE_ACCOUNT_ID] =
        params[NGX_HTTP_COST_API_ALERT_P_ACCOUNT_ID];
    p[NGX_HTTP_COST_API_REHEARSE_ORG] =
        params[NGX_HTTP_COST_API_ALERT_P_ORG];
    p[NGX_HTTP_COST_API_REHEARSE_REPO] =
        params[NGX_HTTP_COST_API_ALERT_P_REPO];
    p[NGX_HTTP_COST_API_REHEARSE_WORKFLOW] =
        params[NGX_HTTP_COST_API_ALERT_P_WORKFLOW];

    if (condition.metric == COST_ALERT_PER_RUN) {
        ngx_str_set(&p[NGX_HTTP_COST_API_REHEARSE_PER_RUN], "true");

    } else {
        ngx_str_set(&p[NGX_HTTP_COST_API_REHEARSE_PER_RUN], "false");
    }

    if (ngx_http_cost_api_alert_windows(ctx, &condition,
                                     &p[NGX_HTTP_COST_API_REHEARSE_FIRSTS],
                                     &p[NGX_HTTP_COST_API_REHEARSE_LASTS])
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_alerts_rehearse, p,
                                   NGX_HTTP_COST_PG_SLOW,
                                   ngx_http_cost_api_alert_rehearsed);
}


/* those of the metric on each day, then those of the baseline */

static ngx_int_t
ngx_http_cost_api_alert_windows(ngx_http_cost_api_ctx_t *ctx,
    const cost_alert_condition_t *condition, ngx_str_t *firsts,
    ngx_str_t *lasts)
{
    size_t                      size;
    ngx_uint_t                  i;
    cost_alert_period_t         period;
    ngx_http_cost_api_alert_t  *alert;

    alert = ctx->data;
    size = 2 * alert->days * (COST_DATE_LEN + 1) + 1;

    firsts->len = 0;
    lasts->len = 0;
    firsts->data = ngx_pnalloc(ctx->request->pool, size);
    lasts->data = ngx_pnalloc(ctx->request->pool, size);

    if (firsts->data == NULL || lasts->data == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < alert->days; i++) {
        cost_alert_period(condition, ngx_http_cost_api_alert_day(ctx, i),
                          &period);
        ngx_http_cost_api_alert_window(firsts, lasts, &period.metric);
    }

    for (i = 0; i < alert->days; i++) {

        if (condition->baseline == COST_ALERT_NO_BASELINE) {
            break;
        }

        cost_alert_period(condition, ngx_http_cost_api_alert_day(ctx, i),
                          &period);
        ngx_http_cost_api_alert_window(firsts, lasts, &period.baseline);
    }

    firsts->data[firsts->len++] = '}';
    lasts->data[lasts->len++] = '}';

    return NGX_OK;
}


static void
ngx_http_cost_api_alert_window(ngx_str_t *firsts, ngx_str_t *lasts,
    const cost_alert_days_t *days)
{
    firsts->data[firsts->len] = firsts->len ? ',' : '{';
    firsts->len++;
    firsts->len += cost_date_format(days->from, firsts->data + firsts->len);

    lasts->data[lasts->len] = lasts->len ? ',' : '{';
    lasts->len++;
    lasts->len += cost_date_format(days->to, lasts->data + lasts->len);
}


/* the last of them is today */

static cost_day_t
ngx_http_cost_api_alert_day(ngx_http_cost_api_ctx_t *ctx, ngx_uint_t n)
{
    ngx_http_cost_api_alert_t  *alert;

    alert = ctx->data;

    return cost_day_from_time(ctx->now) + 1
           - (cost_day_t) (alert->days - n);
}


static ngx_int_t
ngx_http_cost_api_alert_rehearsed(ngx_http_cost_api_ctx_t *ctx)
{
    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_alert_no_account(ctx);
    }

    return ngx_http_cost_http_send(ctx->request, NGX_HTTP_OK,
                                   ngx_http_cost_api_alert_rehearse_write,
                                   ctx);
}


static void
ngx_http_cost_api_alert_rehearse_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_str_t                   *hours;
    ngx_uint_t                   i, steps[COST_ALERT_RESOLVE + 1];
    cost_alert_state_t           state;
    cost_alert_condition_t       condition;
    ngx_http_cost_api_alert_t   *alert;

    alert = ctx->data;

    /* as before, when it was well */
    (void) ngx_http_cost_api_alert_check(ctx, alert->f, &condition);

    hours = &alert->f[NGX_HTTP_COST_API_ALERT_F_COOLDOWN];

    state.open = false;
    state.last_triggered = 0;
    state.cooldown = (uint32_t) ngx_atoi(hours->data, hours->len) * 3600;

    ngx_memzero(steps, sizeof(steps));

    ngx_http_cost_api_alert_open(ctx, j);
    cost_json_object(j);

    cost_json_name(j, "dry_run");
    cost_json_integer(j, alert->days);
    cost_json_name(j, "start_date");
    cost_json_date(j, ngx_http_cost_api_alert_day(ctx, 0));
    cost_json_name(j, "end_date");
    cost_json_date(j, ngx_http_cost_api_alert_day(ctx, alert->days - 1));

    cost_json_name(j, "outcomes");
    cost_json_array(j);

    for (i = 0; i < alert->days; i++) {
        steps[ngx_http_cost_api_alert_rehearse_day(ctx, j, &condition,
                                                   &state, i)]++;
    }

    cost_json_array_end(j);

    cost_json_name(j, "triggered");
    cost_json_integer(j, steps[COST_ALERT_TRIGGER]);
    cost_json_name(j, "held");
    cost_json_integer(j, steps[COST_ALERT_HELD]);
    cost_json_name(j, "resolved");
    cost_json_integer(j, steps[COST_ALERT_RESOLVE]);

    cost_json_object_end(j);
    ngx_http_cost_api_alert_close(ctx, j);
}


static cost_alert_step_e
ngx_http_cost_api_alert_rehearse_day(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, const cost_alert_condition_t *condition,
    cost_alert_state_t *state, ngx_uint_t n)
{
    bool                        holds;
    ngx_str_t                   text, judged;
    cost_time_t                 end;
    cost_decimal_t              before;
    cost_alert_step_e           step;
    cost_alert_period_t         period;
    ngx_http_cost_api_alert_t  *alert;

    alert = ctx->data;

    cost_alert_period(condition, ngx_http_cost_api_alert_day(ctx, n),
                      &period);

    ngx_http_cost_pg_text(ctx->result, n, NGX_HTTP_COST_API_REHEARSE_AMOUNT,
                          &text);
    ngx_http_cost_pg_text(ctx->result, n, NGX_HTTP_COST_API_REHEARSE_JUDGED,
                          &judged);

    /* what must not be low waits for the bill */

    holds = text.data
            && (judged.data[0] == 't'
                || condition->operator == COST_ALERT_GREATER
                || condition->operator == COST_ALERT_INCREASE);

    if (holds) {
        before = condition->baseline == COST_ALERT_NO_BASELINE
                 ? 0
                 : ngx_http_cost_api_amount(ctx, alert->days + n,
                                         NGX_HTTP_COST_API_REHEARSE_AMOUNT);

        holds = cost_alert_holds(condition, &period,
                    ngx_http_cost_api_amount(ctx, n,
                                         NGX_HTTP_COST_API_REHEARSE_AMOUNT),
                    before);
    }

    end = (cost_time_t) (ngx_http_cost_api_alert_day(ctx, n) + 1)
          * NGX_HTTP_COST_API_REHEARSE_DAY;

    step = cost_alert_step(state, holds, end);

    if (step == COST_ALERT_TRIGGER) {
        state->open = true;
        state->last_triggered = end;
    }

    if (step == COST_ALERT_RESOLVE) {
        state->open = false;
    }

    if (step != COST_ALERT_NOTHING) {
        ngx_http_cost_api_alert_rehearse_tell(ctx, j, condition, &period,
                                              step, n);
    }

    return step;
}


static void
ngx_http_cost_api_alert_rehearse_tell(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, const cost_alert_condition_t *condition,
    const cost_alert_period_t *period, cost_alert_step_e step, ngx_uint_t n)
{
    size_t                      len;
    uint8_t                     message[COST_RULE_MESSAGE_LEN];
    cost_str_t                  currency;
    cost_decimal_t              amount, before;
    ngx_http_cost_api_alert_t  *alert;

    static const cost_str_t  steps[] = {
        { 0, NULL },
        cost_string("triggered"),
        cost_string("held"),
        cost_string("resolved")
    };

    alert = ctx->data;

    cost_json_object(j);
    cost_json_name(j, "date");
    cost_json_date(j, ngx_http_cost_api_alert_day(ctx, n));
    cost_json_name(j, "outcome");
    cost_json_string(j, steps[step].data, steps[step].len);
    cost_json_name(j, "value");
    ngx_http_cost_api_put_money(ctx, j, n,
                                NGX_HTTP_COST_API_REHEARSE_AMOUNT);

    if (step == COST_ALERT_TRIGGER) {
        amount = ngx_http_cost_api_amount(ctx, n,
                                          NGX_HTTP_COST_API_REHEARSE_AMOUNT);
        before = 0;

        if (condition->baseline != COST_ALERT_NO_BASELINE) {
            before = ngx_http_cost_api_amount(ctx, alert->days + n,
                                         NGX_HTTP_COST_API_REHEARSE_AMOUNT);
        }

        currency.len = ctx->key->currency.len;
        currency.data = ctx->key->currency.data;

        len = cost_rule_message(condition, amount,
                                cost_rule_percent(condition, period, amount,
                                                  before),
                                currency, message);

        cost_json_name(j, "message");
        cost_json_string(j, message, len);
    }

    cost_json_object_end(j);
}
