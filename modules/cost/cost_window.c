
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_window.h"


static uint32_t cost_window_roll(cost_window_state_t *s, uint32_t now);
static void cost_window_see(const cost_window_t *w,
    const cost_window_state_t *s, uint32_t now, cost_window_look_t *look);


#define cost_window_at(log, i)                                                \
    (log)->times[(log)->first + (i) < (log)->capacity                         \
                 ? (log)->first + (i)                                         \
                 : (log)->first + (i) - (log)->capacity]


void
cost_window_log_init(cost_window_log_t *log, uint32_t capacity)
{
    log->capacity = capacity;
    log->first = 0;
    log->count = 0;
}


void
cost_window_log_copy(cost_window_log_t *log, const cost_window_log_t *from)
{
    uint32_t  i, skip;

    skip = from->count > log->capacity ? from->count - log->capacity : 0;

    log->first = 0;
    log->count = from->count - skip;

    for (i = 0; i < log->count; i++) {
        log->times[i] = cost_window_at(from, skip + i);
    }
}


cost_rc_e
cost_window_take(const cost_window_t *w, cost_window_state_t *const *s,
    size_t n, cost_time_t now, cost_window_look_t *looks)
{
    size_t              i;
    uint32_t            t[COST_WINDOW_MAX];
    cost_rc_e           rc;
    cost_window_log_t  *log;

    rc = COST_OK;

    for (i = 0; i < n; i++) {
        t[i] = cost_window_roll(s[i], (uint32_t) now);
        cost_window_see(&w[i], s[i], t[i], &looks[i]);

        if (looks[i].exhausted) {
            rc = COST_FULL;
        }
    }

    if (rc != COST_OK) {
        return rc;
    }

    for (i = 0; i < n; i++) {

        if (w[i].kind == COST_WINDOW_FIXED) {
            s[i]->u.fixed.own++;
            looks[i].used++;
            looks[i].remaining--;
            continue;
        }

        log = s[i]->u.log;
        cost_window_at(log, log->count) = t[i];
        log->count++;

        cost_window_see(&w[i], s[i], t[i], &looks[i]);
        looks[i].exhausted = false;
    }

    return COST_OK;
}


void
cost_window_look(const cost_window_t *w, cost_window_state_t *const *s,
    size_t n, cost_time_t now, cost_window_look_t *looks)
{
    size_t    i;
    uint32_t  t;

    for (i = 0; i < n; i++) {
        t = cost_window_roll(s[i], (uint32_t) now);
        cost_window_see(&w[i], s[i], t, &looks[i]);
    }
}


uint32_t
cost_window_retry_after(const cost_window_look_t *looks, size_t n,
    cost_time_t now)
{
    size_t       i;
    cost_time_t  wait, longest;

    longest = 0;

    for (i = 0; i < n; i++) {

        if (!looks[i].exhausted) {
            continue;
        }

        wait = looks[i].reset - now;

        if (wait < 1) {
            wait = 1;
        }

        if (wait > longest) {
            longest = wait;
        }
    }

    return (uint32_t) longest;
}


void
cost_window_shared(cost_window_state_t *s, cost_time_t start, uint32_t told,
    uint32_t others)
{
    if (s->kind != COST_WINDOW_FIXED || s->u.fixed.start != (uint32_t) start) {
        return;
    }

    if (told > s->u.fixed.told) {
        s->u.fixed.told = told;
    }

    if (others > s->u.fixed.others) {
        s->u.fixed.others = others;
    }
}


/* forgets what has left the window; returns the time that holds for it */

static uint32_t
cost_window_roll(cost_window_state_t *s, uint32_t now)
{
    uint32_t            start, newest, low, high, middle;
    cost_window_log_t  *log;

    if (s->kind == COST_WINDOW_FIXED) {
        start = now - now % s->length;

        if (start > s->u.fixed.start
            || s->u.fixed.start - start > s->length)
        {
            s->u.fixed.start = start;
            s->u.fixed.own = 0;
            s->u.fixed.told = 0;
            s->u.fixed.others = 0;
        }

        return now;
    }

    log = s->u.log;

    if (log->count == 0) {
        return now;
    }

    newest = cost_window_at(log, log->count - 1);

    if (newest > now) {

        if (newest - now > s->length) {
            log->count = 0;
            return now;
        }

        now = newest;
    }

    /* the first that is still in the window */

    low = 0;
    high = log->count;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (now - cost_window_at(log, middle) >= s->length) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    log->first += low;

    if (log->first >= log->capacity) {
        log->first -= log->capacity;
    }

    log->count -= low;

    return now;
}


static void
cost_window_see(const cost_window_t *w, const cost_window_state_t *s,
    uint32_t now, cost_window_look_t *look)
{
    uint32_t                  limit;
    const cost_window_log_t  *log;

    limit = w->limit;

    if (w->kind == COST_WINDOW_FIXED) {
        look->used = s->u.fixed.own + s->u.fixed.others;
        look->reset = (cost_time_t) s->u.fixed.start + w->length;

    } else {
        log = s->u.log;

        if (limit > log->capacity) {
            limit = log->capacity;
        }

        look->used = log->count;

        if (log->count == 0) {
            look->reset = now;

        } else if (log->count < limit) {
            look->reset = (cost_time_t) cost_window_at(log, 0) + w->length;

        } else {
            look->reset = (cost_time_t) cost_window_at(log, log->count - limit)
                          + w->length;
        }
    }

    look->limit = w->limit;
    look->exhausted = look->used >= limit;
    look->remaining = look->exhausted ? 0 : limit - look->used;
}
