
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Budgets: one statement finds what was spent of all of them, and makes the
 * events of the thresholds that were reached.
 */


#include "timer/ngx_http_cost_timer.h"


static void ngx_http_cost_timer_budgets_done(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);


ngx_int_t
ngx_http_cost_timer_budgets(ngx_http_cost_timer_watcher_t *watcher,
    ngx_str_t *organizations)
{
    ngx_str_t  params[1];

    params[0] = *organizations;

    return ngx_http_cost_pg_query(&ngx_http_cost_sql_timer_budgets, params,
                                  NGX_HTTP_COST_PG_SLOW,
                                  ngx_http_cost_timer_budgets_done, watcher)
           ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_cost_timer_budgets_done(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_timer_watcher_t *watcher = data;

    ngx_str_t  message;

    /* pg/ is silent on what a statement's input can cause */

    if (rc == NGX_ERROR) {
        ngx_http_cost_pg_message(result, &message);
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "cost timer: budgets could not be evaluated: %V",
                      &message);
    }

    ngx_http_cost_timer_watch_done(watcher, rc);
}
