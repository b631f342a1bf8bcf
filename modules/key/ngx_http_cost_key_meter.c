
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Meters: the states of the windows of a key or of an organization.
 *
 * A state belongs to a kind and a length, not to a place in a plan: a plan
 * that is changed keeps the counts of the windows it keeps, and old and new
 * workers may read the same meter with different plans during a reload.
 *
 * The caller of every function holds the lock.
 */


#include "key/ngx_http_cost_key_zone.h"


static cost_window_state_t *ngx_http_cost_key_meter_find(
    ngx_http_cost_key_meter_t *meter, const cost_window_t *w);
static cost_window_state_t *ngx_http_cost_key_meter_add(
    ngx_http_cost_key_zone_t *zone, ngx_http_cost_key_meter_t *meter,
    ngx_http_cost_key_plan_t *plan, const cost_window_t *w);
static ngx_uint_t ngx_http_cost_key_meter_wanted(
    ngx_http_cost_key_plan_t *plan, cost_window_state_t *s);
static void ngx_http_cost_key_log_grow(ngx_http_cost_key_zone_t *zone,
    cost_window_state_t *s, const cost_window_t *w);


void
ngx_http_cost_key_meter_init(ngx_http_cost_key_meter_t *meter,
    uint32_t organization, uint32_t key)
{
    /* the rest is zeros, as its node is */

    meter->organization = organization;
    meter->key = key;
}


ngx_int_t
ngx_http_cost_key_meter_states_locked(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_meter_t *meter, ngx_http_cost_key_plan_t *plan,
    cost_window_state_t **states)
{
    ngx_uint_t            i;
    cost_window_t        *w;
    cost_window_state_t  *s;

    ngx_http_cost_key_locked(1);

    for (i = 0; i < plan->nwindows; i++) {
        w = &plan->windows[i];

        /* the usual case: made for this plan, in its order */

        s = i < NGX_HTTP_COST_KEY_STATES ? &meter->states[i] : NULL;

        if (s == NULL || !cost_window_is(s, w)) {
            s = ngx_http_cost_key_meter_find(meter, w);
        }

        if (s == NULL) {
            s = ngx_http_cost_key_meter_add(zone, meter, plan, w);

            if (s == NULL) {
                return NGX_ERROR;
            }
        }

        /* a plan that was raised; while there is no memory, the log is it */

        if (w->kind == COST_WINDOW_SLIDING
            && s->u.log->capacity < w->limit
            && zone->sh->full != ngx_time())
        {
            ngx_http_cost_key_log_grow(zone, s, w);
        }

        states[i] = s;
    }

    return NGX_OK;
}


static cost_window_state_t *
ngx_http_cost_key_meter_find(ngx_http_cost_key_meter_t *meter,
    const cost_window_t *w)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_COST_KEY_STATES; i++) {
        if (cost_window_is(&meter->states[i], w)) {
            return &meter->states[i];
        }
    }

    if (meter->more) {
        for (i = 0; i < NGX_HTTP_COST_KEY_MORE_STATES; i++) {
            if (cost_window_is(&meter->more[i], w)) {
                return &meter->more[i];
            }
        }
    }

    return NULL;
}


/*
 * Takes a free place, else one that this plan has no use for: there are more
 * than twice as many as a plan can have windows.
 */

static cost_window_state_t *
ngx_http_cost_key_meter_add(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_meter_t *meter, ngx_http_cost_key_plan_t *plan,
    const cost_window_t *w)
{
    ngx_uint_t            i;
    cost_window_log_t    *log;
    cost_window_state_t  *s, *unused;

    log = NULL;

    if (w->kind == COST_WINDOW_SLIDING) {
        log = ngx_http_cost_key_alloc_locked(zone,
                                             cost_window_log_size(w->limit));
        if (log == NULL) {
            return NULL;
        }

        cost_window_log_init(log, w->limit);
    }

    s = NULL;

    for (i = 0; i < NGX_HTTP_COST_KEY_STATES; i++) {
        if (meter->states[i].kind == 0) {
            s = &meter->states[i];
            break;
        }
    }

    if (s == NULL && meter->more == NULL) {
        meter->more = ngx_http_cost_key_alloc_locked(zone,
                                            NGX_HTTP_COST_KEY_MORE_STATES
                                            * sizeof(cost_window_state_t));
        if (meter->more == NULL) {

            if (log) {
                ngx_slab_free_locked(zone->shpool, log);
            }

            return NULL;
        }
    }

    unused = NULL;

    for (i = 0; s == NULL && i < NGX_HTTP_COST_KEY_MORE_STATES; i++) {

        if (meter->more[i].kind == 0) {
            s = &meter->more[i];

        } else if (!ngx_http_cost_key_meter_wanted(plan, &meter->more[i])) {
            unused = &meter->more[i];
        }
    }

    if (s == NULL) {
        s = unused;

        if (s->kind == COST_WINDOW_SLIDING) {
            ngx_slab_free_locked(zone->shpool, s->u.log);
        }
    }

    ngx_memzero(s, sizeof(cost_window_state_t));

    s->kind = w->kind;
    s->length = w->length;

    if (log) {
        s->u.log = log;
    }

    return s;
}


static ngx_uint_t
ngx_http_cost_key_meter_wanted(ngx_http_cost_key_plan_t *plan,
    cost_window_state_t *s)
{
    ngx_uint_t  i;

    for (i = 0; i < plan->nwindows; i++) {
        if (cost_window_is(s, &plan->windows[i])) {
            return 1;
        }
    }

    return 0;
}


static void
ngx_http_cost_key_log_grow(ngx_http_cost_key_zone_t *zone,
    cost_window_state_t *s, const cost_window_t *w)
{
    cost_window_log_t  *log;

    log = ngx_http_cost_key_alloc_locked(zone,
                                         cost_window_log_size(w->limit));
    if (log == NULL) {
        return;
    }

    cost_window_log_init(log, w->limit);
    cost_window_log_copy(log, s->u.log);

    ngx_slab_free_locked(zone->shpool, s->u.log);

    s->u.log = log;
}


void
ngx_http_cost_key_meter_others_locked(ngx_http_cost_key_meter_t *meter,
    ngx_http_cost_key_told_t *window, uint32_t others)
{
    cost_window_t         w;
    cost_window_look_t    look;
    cost_window_state_t  *s;

    ngx_http_cost_key_locked(1);

    w.kind = COST_WINDOW_FIXED;
    w.length = window->length;
    w.limit = 1;

    s = ngx_http_cost_key_meter_find(meter, &w);

    if (s) {
        /* a new state does not know yet which window it is in */
        cost_window_look(&w, &s, 1, ngx_time(), &look);
        cost_window_shared(s, window->start, window->own, others);
    }
}


void
ngx_http_cost_key_meter_free_locked(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_meter_t *meter)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_COST_KEY_STATES; i++) {
        if (meter->states[i].kind == COST_WINDOW_SLIDING) {
            ngx_slab_free_locked(zone->shpool, meter->states[i].u.log);
        }
    }

    if (meter->more == NULL) {
        return;
    }

    for (i = 0; i < NGX_HTTP_COST_KEY_MORE_STATES; i++) {
        if (meter->more[i].kind == COST_WINDOW_SLIDING) {
            ngx_slab_free_locked(zone->shpool, meter->more[i].u.log);
        }
    }

    ngx_slab_free_locked(zone->shpool, meter->more);
}
