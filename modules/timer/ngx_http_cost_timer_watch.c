
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * When is it time to evaluate?  Every "evaluate=" seconds for everybody, and
 * for an organization as soon as its costs or rules have changed:
 *
 *     cost_data, cost_synced, cost_alerts    NOTIFY, with its id
 *
 * What comes within "debounce=" of the first is one evaluation, and what comes
 * while a watcher is at work is its next.  Only the leader evaluates; what
 * others are told they forget, as whoever becomes the leader begins with
 * everybody.
 */


#include "timer/ngx_http_cost_timer.h"


#define NGX_HTTP_COST_TIMER_RETRY  2000    /* ms, after a failure */


static void ngx_http_cost_timer_watch_notify(void *data, ngx_str_t *payload);
static void ngx_http_cost_timer_watch_up(void *data, ngx_uint_t up);
static void ngx_http_cost_timer_watch_alive(void *data);
static void ngx_http_cost_timer_watch_all(
    ngx_http_cost_timer_main_conf_t *tmcf);
static void ngx_http_cost_timer_watch_add(
    ngx_http_cost_timer_watcher_t *watcher, ngx_int_t organization);
static void ngx_http_cost_timer_watch_arm(
    ngx_http_cost_timer_main_conf_t *tmcf, ngx_msec_t pause);
static void ngx_http_cost_timer_watch_work(ngx_event_t *ev);
static void ngx_http_cost_timer_watch_start(
    ngx_http_cost_timer_watcher_t *watcher);


static ngx_str_t  ngx_http_cost_timer_watched[] = {
    ngx_string("cost_data"),
    ngx_string("cost_synced"),
    ngx_string("cost_alerts")
};


char *
ngx_http_cost_timer_watch_conf(ngx_conf_t *cf,
    ngx_http_cost_timer_main_conf_t *tmcf)
{
    ngx_uint_t                  i;
    ngx_http_cost_pg_listen_t  *listen;

    for (i = 0; i < NGX_HTTP_COST_TIMER_WATCHED; i++) {

        listen = &tmcf->watched[i];

        listen->channel = ngx_http_cost_timer_watched[i];
        listen->notify = ngx_http_cost_timer_watch_notify;
        listen->up = ngx_http_cost_timer_watch_up;
        listen->alive = ngx_http_cost_timer_watch_alive;
        listen->data = tmcf;

        if (ngx_http_cost_pg_listen(cf, listen) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


void
ngx_http_cost_timer_watch_init(ngx_cycle_t *cycle,
    ngx_http_cost_timer_main_conf_t *tmcf)
{
    ngx_uint_t  i;

    tmcf->watch.handler = ngx_http_cost_timer_watch_work;
    tmcf->watch.data = &tmcf->connection;
    tmcf->watch.log = cycle->log;
    tmcf->watch.cancelable = 1;

    for (i = 0; i < NGX_HTTP_COST_TIMER_WATCHERS; i++) {
        tmcf->watchers[i].tmcf = tmcf;
    }

    tmcf->watchers[NGX_HTTP_COST_TIMER_BUDGETS].start =
        ngx_http_cost_timer_budgets;
    tmcf->watchers[NGX_HTTP_COST_TIMER_ALERTS].start =
        ngx_http_cost_timer_alerts;
}


void
ngx_http_cost_timer_watch_tick(ngx_http_cost_timer_main_conf_t *tmcf)
{
    ngx_uint_t  leads;

    leads = ngx_http_cost_timer_leads(tmcf);

    if (leads && (!tmcf->watching
                  || (ngx_msec_int_t) (tmcf->watch_at - ngx_current_msec)
                     <= 0))
    {
        tmcf->watch_at = ngx_current_msec + tmcf->evaluate;

        ngx_http_cost_timer_watch_all(tmcf);
    }

    tmcf->watching = leads;
}


void
ngx_http_cost_timer_watch_done(ngx_http_cost_timer_watcher_t *watcher,
    ngx_int_t rc)
{
    watcher->busy = 0;

    /* whose turn it was is not remembered */

    if (rc != NGX_OK) {
        watcher->all = 1;
        ngx_http_cost_timer_watch_arm(watcher->tmcf,
                                      NGX_HTTP_COST_TIMER_RETRY);

    } else if (watcher->all || watcher->n) {
        ngx_http_cost_timer_watch_arm(watcher->tmcf,
                                      watcher->tmcf->debounce);
    }
}


static void
ngx_http_cost_timer_watch_notify(void *data, ngx_str_t *payload)
{
    ngx_http_cost_timer_main_conf_t *tmcf = data;

    ngx_int_t   organization;
    ngx_uint_t  i;

    if (!ngx_http_cost_timer_leads(tmcf)) {
        return;
    }

    organization = ngx_atoi(payload->data, payload->len);

    for (i = 0; i < NGX_HTTP_COST_TIMER_WATCHERS; i++) {
        ngx_http_cost_timer_watch_add(&tmcf->watchers[i], organization);
    }

    ngx_http_cost_timer_watch_arm(tmcf, tmcf->debounce);
}


/* nobody knows what was said while nobody listened */

static void
ngx_http_cost_timer_watch_up(void *data, ngx_uint_t up)
{
    if (up) {
        ngx_http_cost_timer_watch_all(data);
    }
}


static void
ngx_http_cost_timer_watch_alive(void *data)
{
    /* void: the tick looks by itself */
}


static void
ngx_http_cost_timer_watch_all(ngx_http_cost_timer_main_conf_t *tmcf)
{
    ngx_uint_t  i;

    if (!ngx_http_cost_timer_leads(tmcf)) {
        return;
    }

    for (i = 0; i < NGX_HTTP_COST_TIMER_WATCHERS; i++) {
        tmcf->watchers[i].all = 1;
    }

    ngx_http_cost_timer_watch_arm(tmcf, 1);
}


/* more than there is room for are all */

static void
ngx_http_cost_timer_watch_add(ngx_http_cost_timer_watcher_t *watcher,
    ngx_int_t organization)
{
    ngx_uint_t  i;

    for (i = 0; i < watcher->n; i++) {
        if (watcher->organizations[i] == organization) {
            return;
        }
    }

    if (organization <= 0 || i == NGX_HTTP_COST_TIMER_ORGANIZATIONS) {
        watcher->all = 1;
        return;
    }

    watcher->organizations[watcher->n++] = organization;
}


static void
ngx_http_cost_timer_watch_arm(ngx_http_cost_timer_main_conf_t *tmcf,
    ngx_msec_t pause)
{
    if (tmcf->watch.handler && !tmcf->watch.timer_set && !ngx_exiting) {
        ngx_add_timer(&tmcf->watch, pause);
    }
}


static void
ngx_http_cost_timer_watch_work(ngx_event_t *ev)
{
    ngx_uint_t                        i;
    ngx_connection_t                 *c;
    ngx_http_cost_timer_watcher_t    *watcher;
    ngx_http_cost_timer_main_conf_t  *tmcf;

    if (ngx_exiting || ngx_terminate) {
        return;
    }

    c = ev->data;
    tmcf = c->data;

    for (i = 0; i < NGX_HTTP_COST_TIMER_WATCHERS; i++) {
        watcher = &tmcf->watchers[i];

        if (!ngx_http_cost_timer_leads(tmcf)) {
            watcher->all = 0;
            watcher->n = 0;

        } else if (!watcher->busy && (watcher->all || watcher->n)) {
            ngx_http_cost_timer_watch_start(watcher);
        }
    }
}


static void
ngx_http_cost_timer_watch_start(ngx_http_cost_timer_watcher_t *watcher)
{
    u_char      buf[NGX_HTTP_COST_TIMER_ORGANIZATIONS * (NGX_INT64_LEN + 1)
                    + 2];
    u_char     *p;
    ngx_str_t   list;
    ngx_uint_t  i;

    ngx_str_null(&list);

    if (!watcher->all) {
        p = buf;

        for (i = 0; i < watcher->n; i++) {
            p = ngx_sprintf(p, "%c%i", i ? ',' : '{',
                            watcher->organizations[i]);
        }

        *p++ = '}';

        list.data = buf;
        list.len = p - buf;
    }

    watcher->all = 0;
    watcher->n = 0;

    if (watcher->start == NULL) {
        return;
    }

    watcher->busy = 1;

    if (watcher->start(watcher, &list) != NGX_OK) {
        ngx_http_cost_timer_watch_done(watcher, NGX_ERROR);
    }
}
