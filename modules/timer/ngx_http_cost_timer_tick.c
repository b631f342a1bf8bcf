
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The clock of worker 0, and who leads.
 *
 * Every node ticks and delivers: deliveries are claimed row by row.  What one
 * node does alone is for the leader, the holder of a row in timer_leases,
 * which it renews with every tick and which ends by itself five seconds after
 * the last time, or after the next but one tick where these are far apart.
 * An advisory lock would want a session of its own, which neither a pool of
 * connections nor a pooler gives, and would be held by a session the server
 * has not yet missed when a network is cut.
 *
 * A node believes that it leads from when it asked, not from when it was
 * answered, and for a second less than the database does: two nodes never
 * believe it at a time, as long as their clocks run at about the same speed.
 *
 * On a reload the worker 0 of before stops ticking; the new one is another
 * node, and takes over when the lease has ended.
 */


#include "timer/ngx_http_cost_timer.h"


#define NGX_HTTP_COST_TIMER_LEASE        5000   /* ms, at least */
#define NGX_HTTP_COST_TIMER_MARGIN       1000


static void ngx_http_cost_timer_tick(ngx_event_t *ev);
static void ngx_http_cost_timer_lead(ngx_http_cost_timer_main_conf_t *tmcf);
static ngx_msec_t ngx_http_cost_timer_lease(
    ngx_http_cost_timer_main_conf_t *tmcf);
static void ngx_http_cost_timer_led(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static void ngx_http_cost_timer_purge(ngx_http_cost_timer_main_conf_t *tmcf);
static void ngx_http_cost_timer_purged(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);


ngx_int_t
ngx_http_cost_timer_tick_init(ngx_cycle_t *cycle,
    ngx_http_cost_timer_main_conf_t *tmcf)
{
    ngx_str_t    uuid;
    ngx_msec_t   first;

    if (ngx_http_cost_webhook_uuid(cycle->pool, &uuid) != NGX_OK) {
        return NGX_ERROR;
    }

    tmcf->node = uuid;

    tmcf->connection.fd = (ngx_socket_t) -1;
    tmcf->connection.data = tmcf;

    tmcf->tick.handler = ngx_http_cost_timer_tick;
    tmcf->tick.data = &tmcf->connection;
    tmcf->tick.log = cycle->log;
    tmcf->tick.cancelable = 1;

    tmcf->purge = ngx_time() + ngx_random() % tmcf->purge_period;

    /* nodes that were started together do not tick together */

    first = 1 + ngx_random() % tmcf->period;
    tmcf->due = ngx_current_msec + first;

    ngx_add_timer(&tmcf->tick, first);

    ngx_http_cost_timer_watch_init(cycle, tmcf);

    return ngx_http_cost_timer_daily_init(cycle, tmcf);
}


static void
ngx_http_cost_timer_tick(ngx_event_t *ev)
{
    ngx_msec_t                        pause;
    ngx_connection_t                 *c;
    ngx_http_cost_timer_main_conf_t  *tmcf;

    if (ngx_terminate || ngx_exiting) {
        return;
    }

    c = ev->data;
    tmcf = c->data;

    tmcf->status.ticks++;

    if ((ngx_msec_int_t) (ngx_current_msec - tmcf->due)
        > (ngx_msec_int_t) (tmcf->period / 2))
    {
        tmcf->status.late++;
    }

    /* a tick that is late is not made up for */

    pause = tmcf->period - ngx_random() % (tmcf->jitter + 1);
    tmcf->due = ngx_current_msec + pause;

    ngx_add_timer(ev, pause);

    ngx_http_cost_timer_lead(tmcf);

    if (tmcf->deliver) {
        ngx_http_cost_timer_deliver_wake(tmcf);
    }

    ngx_http_cost_timer_watch_tick(tmcf);
    ngx_http_cost_timer_daily_tick(tmcf);

    if (ngx_http_cost_timer_leads(tmcf) && ngx_time() >= tmcf->purge) {
        tmcf->purge = ngx_time() + tmcf->purge_period;
        ngx_http_cost_timer_purge(tmcf);
    }
}


ngx_uint_t
ngx_http_cost_timer_leads(ngx_http_cost_timer_main_conf_t *tmcf)
{
    if (tmcf->status.leads
        && (ngx_msec_int_t) (tmcf->lead_until - ngx_current_msec) <= 0)
    {
        tmcf->status.leads = 0;

        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "cost timer: the lead was lost");
    }

    return tmcf->status.leads && !ngx_exiting;
}


static void
ngx_http_cost_timer_lead(ngx_http_cost_timer_main_conf_t *tmcf)
{
    u_char     lease[NGX_INT_T_LEN];
    ngx_str_t  params[3];

    if (tmcf->leading) {
        tmcf->status.overrun++;
        return;
    }

    ngx_str_set(&params[0], "leader");
    params[1] = tmcf->node;
    params[2].data = lease;
    params[2].len = ngx_sprintf(lease, "%M", ngx_http_cost_timer_lease(tmcf))
                    - lease;

    tmcf->asked = ngx_current_msec;

    tmcf->leading = ngx_http_cost_pg_query(&ngx_http_cost_sql_timer_lead,
                                           params, NGX_HTTP_COST_PG_FAST,
                                           ngx_http_cost_timer_led, tmcf);
}


/* of the lead, in ms: whoever renews it has not lost it before it ticks */

static ngx_msec_t
ngx_http_cost_timer_lease(ngx_http_cost_timer_main_conf_t *tmcf)
{
    return ngx_max(NGX_HTTP_COST_TIMER_LEASE,
                   2 * tmcf->period + NGX_HTTP_COST_TIMER_MARGIN);
}


static void
ngx_http_cost_timer_led(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_timer_main_conf_t *tmcf = data;

    ngx_uint_t  leads;

    tmcf->leading = NULL;

    /* of a database that does not answer pg/ has said it */

    if (rc != NGX_OK) {
        return;
    }

    leads = (ngx_http_cost_pg_rows(result) == 1);

    if (leads) {
        tmcf->lead_until = tmcf->asked + ngx_http_cost_timer_lease(tmcf)
                           - NGX_HTTP_COST_TIMER_MARGIN;
    }

    if (leads != tmcf->status.leads) {
        tmcf->status.leads = leads;

        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      leads ? "cost timer: this node leads"
                            : "cost timer: another node leads");
    }
}


static void
ngx_http_cost_timer_purge(ngx_http_cost_timer_main_conf_t *tmcf)
{
    u_char     age[NGX_TIME_T_LEN];
    u_char     most[NGX_INT_T_LEN];
    ngx_str_t  params[2];

    if (tmcf->purging) {
        return;
    }

    params[0].data = age;
    params[0].len = ngx_sprintf(age, "%T", tmcf->keep) - age;
    params[1].data = most;
    params[1].len = ngx_sprintf(most, "%ui", tmcf->purge_batch) - most;

    tmcf->purging = ngx_http_cost_pg_query(&ngx_http_cost_sql_timer_purge,
                                           params, NGX_HTTP_COST_PG_SLOW,
                                           ngx_http_cost_timer_purged, tmcf);
}


static void
ngx_http_cost_timer_purged(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_timer_main_conf_t *tmcf = data;

    ngx_str_t   n;
    ngx_uint_t  i;

    tmcf->purging = NULL;

    if (rc != NGX_OK) {
        return;
    }

    /* a whole batch, of either kind: there is more, for the next tick */

    for (i = 0; i < 2; i++) {
        ngx_http_cost_pg_text(result, 0, i, &n);

        if (ngx_atoi(n.data, n.len) >= (ngx_int_t) tmcf->purge_batch) {
            tmcf->purge = ngx_time();
        }
    }
}
