
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The daily search for anomalies, on the leader, from "daily" after midnight
 * UTC on.  Some accounts of one organization at a time:
 *
 *     due --> series --> rows, a few in a turn --> scanned --> due --> ...
 *      |
 *      v
 *     nobody: the day is done, or once more for those that were passed over
 *
 * An organization that is being loaded, or has been since it was read, is
 * passed over.  So is one that fails, but the round ends with it, and the
 * next goes on behind it after a while: what fails for all is a line in the
 * log each time, not one for each of them.
 *
 * What an account was searched for is remembered with the account: whoever
 * leads next goes on where this node has stopped.
 */


#include "timer/ngx_http_cost_timer.h"
#include "timer/ngx_http_cost_timer_scan.h"


#define NGX_HTTP_COST_TIMER_DAILY_ROWS  8    /* in a turn */


struct ngx_http_cost_timer_daily_s {
    ngx_http_cost_timer_main_conf_t  *tmcf;
    ngx_event_t                       work;
    ngx_connection_t                  connection;
    ngx_uint_t                        busy;
    ngx_uint_t                        passed;    /* over, in this round */
    time_t                            next;      /* no sooner than this */
    ngx_int_t                         day;       /* since 1970 */
    ngx_int_t                         done;      /* the last such day */
    ngx_int_t                         after;     /* organization */

    /* the accounts at hand */
    ngx_pool_t                       *pool;
    ngx_int_t                         organization;
    ngx_str_t                         generation;
    ngx_str_t                         accounts;
    ngx_http_cost_timer_scan_t        scan;
};


static void ngx_http_cost_timer_daily_due(ngx_http_cost_timer_daily_t *daily);
static void ngx_http_cost_timer_daily_found(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static ngx_int_t ngx_http_cost_timer_daily_take(
    ngx_http_cost_timer_daily_t *daily, ngx_http_cost_pg_result_t *result);
static void ngx_http_cost_timer_daily_series(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static void ngx_http_cost_timer_daily_work(ngx_event_t *ev);
static void ngx_http_cost_timer_daily_store(
    ngx_http_cost_timer_daily_t *daily);
static void ngx_http_cost_timer_daily_stored(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static void ngx_http_cost_timer_daily_failed(
    ngx_http_cost_timer_daily_t *daily, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static void ngx_http_cost_timer_daily_pass(
    ngx_http_cost_timer_daily_t *daily);
static void ngx_http_cost_timer_daily_end(ngx_http_cost_timer_daily_t *daily,
    ngx_uint_t done);
static void ngx_http_cost_timer_daily_release(
    ngx_http_cost_timer_daily_t *daily);
static u_char *ngx_http_cost_timer_daily_number(ngx_str_t *text, u_char *p,
    ngx_int_t n);


ngx_int_t
ngx_http_cost_timer_daily_init(ngx_cycle_t *cycle,
    ngx_http_cost_timer_main_conf_t *tmcf)
{
    ngx_http_cost_timer_daily_t  *daily;

    daily = ngx_pcalloc(cycle->pool, sizeof(ngx_http_cost_timer_daily_t));
    if (daily == NULL) {
        return NGX_ERROR;
    }

    daily->tmcf = tmcf;

    daily->connection.fd = (ngx_socket_t) -1;
    daily->connection.data = daily;

    daily->work.handler = ngx_http_cost_timer_daily_work;
    daily->work.data = &daily->connection;
    daily->work.log = cycle->log;

    tmcf->search = daily;

    return NGX_OK;
}


void
ngx_http_cost_timer_daily_tick(ngx_http_cost_timer_main_conf_t *tmcf)
{
    ngx_int_t                     day;
    ngx_http_cost_timer_daily_t  *daily;

    daily = tmcf->search;
    day = (ngx_time() - tmcf->daily) / 86400;

    if (daily->busy
        || daily->done == day
        || ngx_time() < daily->next
        || !ngx_http_cost_timer_leads(tmcf))
    {
        return;
    }

    if (daily->day != day) {
        daily->day = day;
        daily->after = 0;
        daily->passed = 0;
    }

    daily->busy = 1;

    ngx_http_cost_timer_daily_due(daily);
}


static void
ngx_http_cost_timer_daily_due(ngx_http_cost_timer_daily_t *daily)
{
    u_char      buf[3 * NGX_INT_T_LEN];
    u_char     *p;
    ngx_str_t   params[3];

    ngx_http_cost_timer_daily_release(daily);

    p = ngx_http_cost_timer_daily_number(&params[0], buf, daily->day);
    p = ngx_http_cost_timer_daily_number(&params[1], p, daily->after);
    (void) ngx_http_cost_timer_daily_number(&params[2], p,
                                            daily->tmcf->daily_batch);

    if (ngx_http_cost_pg_query(&ngx_http_cost_sql_anomalies_due, params,
                               NGX_HTTP_COST_PG_SLOW,
                               ngx_http_cost_timer_daily_found, daily)
        == NULL)
    {
        ngx_http_cost_timer_daily_end(daily, 0);
    }
}


static void
ngx_http_cost_timer_daily_found(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_timer_daily_t *daily = data;

    u_char     buf[NGX_INT_T_LEN];
    ngx_str_t  params[3];

    if (rc != NGX_OK) {
        ngx_http_cost_timer_daily_failed(daily, rc, result);
        return;
    }

    if (!ngx_http_cost_timer_leads(daily->tmcf)) {
        ngx_http_cost_timer_daily_end(daily, 0);
        return;
    }

    if (ngx_http_cost_pg_rows(result) == 0) {
        ngx_http_cost_timer_daily_end(daily, daily->passed == 0);
        daily->after = 0;
        daily->passed = 0;
        return;
    }

    if (ngx_http_cost_timer_daily_take(daily, result) != NGX_OK) {
        ngx_http_cost_timer_daily_end(daily, 0);
        return;
    }

    (void) ngx_http_cost_timer_daily_number(&params[0], buf,
                                            daily->organization);
    ngx_str_null(&params[1]);
    params[2] = daily->accounts;

    if (ngx_http_cost_pg_query(&ngx_http_cost_sql_anomalies_series, params,
                               NGX_HTTP_COST_PG_SLOW,
                               ngx_http_cost_timer_daily_series, daily)
        == NULL)
    {
        ngx_http_cost_timer_daily_end(daily, 0);
    }
}


static ngx_int_t
ngx_http_cost_timer_daily_take(ngx_http_cost_timer_daily_t *daily,
    ngx_http_cost_pg_result_t *result)
{
    ngx_str_t  organization, generation, accounts;

    daily->pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);
    if (daily->pool == NULL) {
        return NGX_ERROR;
    }

    ngx_http_cost_pg_text(result, 0, 0, &organization);
    ngx_http_cost_pg_text(result, 0, 1, &generation);
    ngx_http_cost_pg_text(result, 0, 2, &accounts);

    daily->organization = ngx_atoi(organization.data, organization.len);

    daily->generation.len = generation.len;
    daily->generation.data = ngx_pstrdup(daily->pool, &generation);

    daily->accounts.len = accounts.len;
    daily->accounts.data = ngx_pstrdup(daily->pool, &accounts);

    return daily->generation.data && daily->accounts.data
           ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_cost_timer_daily_series(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_timer_daily_t *daily = data;

    if (rc != NGX_OK) {
        ngx_http_cost_timer_daily_pass(daily);
        ngx_http_cost_timer_daily_failed(daily, rc, result);
        return;
    }

    result = ngx_http_cost_pg_keep(result, daily->pool);

    if (result == NULL
        || ngx_http_cost_timer_scan_begin(&daily->scan, daily->pool, result)
           != NGX_OK)
    {
        ngx_http_cost_timer_daily_end(daily, 0);
        return;
    }

    ngx_post_event(&daily->work, &ngx_posted_next_events);
}


static void
ngx_http_cost_timer_daily_work(ngx_event_t *ev)
{
    ngx_int_t                     rc;
    ngx_uint_t                    n;
    ngx_connection_t             *c;
    ngx_http_cost_timer_daily_t  *daily;

    c = ev->data;
    daily = c->data;

    if (!ngx_http_cost_timer_leads(daily->tmcf)) {
        ngx_http_cost_timer_daily_end(daily, 0);
        return;
    }

    rc = NGX_OK;

    for (n = 0; rc == NGX_OK && n < NGX_HTTP_COST_TIMER_DAILY_ROWS; n++) {
        rc = ngx_http_cost_timer_scan_row(&daily->scan);
    }

    switch (rc) {

    case NGX_OK:
        ngx_post_event(ev, &ngx_posted_next_events);
        break;

    case NGX_DONE:
        ngx_http_cost_timer_daily_store(daily);
        break;

    case NGX_DECLINED:
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "cost timer: the costs of service %L of account %L "
                      "cannot be searched for anomalies",
                      daily->scan.row.service, daily->scan.row.account);

        ngx_http_cost_timer_daily_pass(daily);
        ngx_http_cost_timer_daily_end(daily, 0);
        break;

    default: /* NGX_ERROR */
        ngx_http_cost_timer_daily_end(daily, 0);
    }
}


static void
ngx_http_cost_timer_daily_store(ngx_http_cost_timer_daily_t *daily)
{
    u_char      buf[2 * NGX_INT_T_LEN];
    u_char     *p;
    ngx_str_t   params[6];

    if (ngx_http_cost_timer_scan_params(&daily->scan, &params[2], &params[3])
        != NGX_OK)
    {
        ngx_http_cost_timer_daily_end(daily, 0);
        return;
    }

    p = ngx_http_cost_timer_daily_number(&params[0], buf,
                                         daily->organization);
    params[1] = daily->generation;
    params[4] = daily->accounts;
    (void) ngx_http_cost_timer_daily_number(&params[5], p, daily->day);

    if (ngx_http_cost_pg_query(&ngx_http_cost_sql_anomalies_scanned, params,
                               NGX_HTTP_COST_PG_SLOW,
                               ngx_http_cost_timer_daily_stored, daily)
        == NULL)
    {
        ngx_http_cost_timer_daily_end(daily, 0);
    }
}


static void
ngx_http_cost_timer_daily_stored(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_timer_daily_t *daily = data;

    ngx_str_t  added;

    if (rc != NGX_OK) {
        ngx_http_cost_timer_daily_pass(daily);
        ngx_http_cost_timer_daily_failed(daily, rc, result);
        return;
    }

    /* none: a load was faster, or is under way */

    if (ngx_http_cost_pg_rows(result) == 0) {
        ngx_http_cost_timer_daily_pass(daily);
        ngx_http_cost_timer_daily_due(daily);
        return;
    }

    ngx_http_cost_pg_text(result, 0, 0, &added);

    daily->tmcf->status.searched += daily->scan.judged.nelts;
    daily->tmcf->status.anomalies += ngx_atoi(added.data, added.len);

    /* it may have more accounts */

    daily->after = daily->organization - 1;

    ngx_http_cost_timer_daily_due(daily);
}


/* a statement; the round ends with it */

static void
ngx_http_cost_timer_daily_failed(ngx_http_cost_timer_daily_t *daily,
    ngx_int_t rc, ngx_http_cost_pg_result_t *result)
{
    ngx_str_t  message;

    /* of a database that does not answer pg/ has said it */

    if (rc == NGX_ERROR) {
        ngx_http_cost_pg_message(result, &message);

        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "cost timer: the daily search for anomalies failed: %V",
                      &message);
    }

    ngx_http_cost_timer_daily_end(daily, 0);
}


/* the organization at hand is looked at again when all others have been */

static void
ngx_http_cost_timer_daily_pass(ngx_http_cost_timer_daily_t *daily)
{
    daily->passed++;
    daily->after = daily->organization;
}


static void
ngx_http_cost_timer_daily_end(ngx_http_cost_timer_daily_t *daily,
    ngx_uint_t done)
{
    ngx_http_cost_timer_daily_release(daily);

    if (done) {
        daily->done = daily->day;

    } else {
        daily->next = ngx_time() + daily->tmcf->evaluate / 1000;
    }

    daily->busy = 0;
}


static void
ngx_http_cost_timer_daily_release(ngx_http_cost_timer_daily_t *daily)
{
    if (daily->pool) {
        ngx_destroy_pool(daily->pool);
        daily->pool = NULL;
    }
}


static u_char *
ngx_http_cost_timer_daily_number(ngx_str_t *text, u_char *p, ngx_int_t n)
{
    text->data = p;
    text->len = ngx_sprintf(p, "%i", n) - p;

    return p + text->len;
}
