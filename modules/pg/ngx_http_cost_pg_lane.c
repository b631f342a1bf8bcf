
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A lane: a queue, and some connections that take from it.
 *
 *     submit --> waiting --dispatch--> in flight on a slot --> finished
 *                  ^                          |
 *                  `-- certainly not executed-'
 *
 * The fast lane is connected from the start of the worker, the slow one when
 * it is needed.  The connection with the fewest in flight takes the next
 * query, but nothing is put behind one that has been running for long.
 *
 * A lane that lost its last connection lets queries wait for a short while,
 * in which a mere restart is over; then it is down and declines them at once,
 * while one slot keeps knocking.  Each change is one line in the log.
 */


#include "ngx_http_cost_pg_private.h"


static void ngx_http_cost_pg_lane_dispatch(ngx_event_t *ev);
static ngx_http_cost_pg_slot_t *ngx_http_cost_pg_lane_choose(
    ngx_http_cost_pg_lane_t *lane);
static void ngx_http_cost_pg_lane_timer(ngx_event_t *ev);
static void ngx_http_cost_pg_lane_down(ngx_http_cost_pg_lane_t *lane);


ngx_int_t
ngx_http_cost_pg_lane_init(ngx_http_cost_pg_worker_t *worker,
    ngx_http_cost_pg_kind_e kind)
{
    ngx_uint_t                     i;
    ngx_http_cost_pg_lane_t       *lane;
    ngx_http_cost_pg_main_conf_t  *conf;

    conf = worker->conf;
    lane = &worker->lanes[kind];

    lane->ident.fd = (ngx_socket_t) -1;
    lane->worker = worker;
    lane->kind = kind;
    lane->max_waiting = conf->queue;

    if (kind == NGX_HTTP_COST_PG_KIND_FAST) {
        lane->nslots = conf->pool;
        lane->depth = conf->depth;
        lane->timeout = conf->timeout;

    } else {
        lane->nslots = conf->slow;
        lane->depth = 1;
        lane->timeout = conf->slow_timeout;
    }

    ngx_str_set(&lane->reason, "no answer yet");

    ngx_queue_init(&lane->waiting);

    lane->dispatch.handler = ngx_http_cost_pg_lane_dispatch;
    lane->dispatch.data = lane;
    lane->dispatch.log = worker->log;

    lane->timer.handler = ngx_http_cost_pg_lane_timer;
    lane->timer.data = lane;
    lane->timer.log = worker->log;

    lane->slots = ngx_pcalloc(worker->pool,
                              lane->nslots * sizeof(ngx_http_cost_pg_slot_t));
    if (lane->slots == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < lane->nslots; i++) {
        ngx_http_cost_pg_slot_init(&lane->slots[i], lane);
    }

    return NGX_OK;
}


void
ngx_http_cost_pg_lane_start(ngx_http_cost_pg_lane_t *lane)
{
    lane->state = NGX_HTTP_COST_PG_LANE_WAIT;
    lane->tried = 0;
    lane->patient = 0;

    if (lane->kind == NGX_HTTP_COST_PG_KIND_FAST) {
        lane->until = ngx_current_msec + lane->worker->conf->grace;
        ngx_http_cost_pg_lane_open(lane, lane->nslots);

    } else {
        /* the server is there, the fast lane knows */
        lane->until = ngx_current_msec + lane->worker->conf->connect_timeout;
        ngx_http_cost_pg_lane_open(lane, 1);
    }

    ngx_http_cost_pg_lane_arm(lane);
}


/* sees to it that so many slots are connecting */

void
ngx_http_cost_pg_lane_open(ngx_http_cost_pg_lane_t *lane, ngx_uint_t max)
{
    ngx_uint_t                i;
    ngx_http_cost_pg_slot_t  *slot;

    for (i = 0; i < lane->nslots && max; i++) {
        slot = &lane->slots[i];

        switch (slot->conn.state) {

        case NGX_HTTP_COST_PG_CLOSED:
        case NGX_HTTP_COST_PG_BACKOFF:
            ngx_http_cost_pg_conn_open(&slot->conn);

            /* fall through */

        case NGX_HTTP_COST_PG_CONNECTING:
            max--;
            break;

        case NGX_HTTP_COST_PG_UP:
            break;
        }
    }
}


static void
ngx_http_cost_pg_lane_dispatch(ngx_event_t *ev)
{
    ngx_http_cost_pg_lane_t  *lane = ev->data;

    ngx_uint_t                 i;
    ngx_queue_t               *q;
    ngx_http_cost_pg_slot_t   *slot;
    ngx_http_cost_pg_query_t  *query;

    /* handlers of a connection that fails here may change the queue */

    while (!ngx_queue_empty(&lane->waiting)) {

        slot = ngx_http_cost_pg_lane_choose(lane);

        if (slot == NULL) {
            break;
        }

        q = ngx_queue_head(&lane->waiting);
        query = ngx_queue_data(q, ngx_http_cost_pg_query_t, queue);

        ngx_queue_remove(q);
        lane->nwaiting--;

        if (ngx_http_cost_pg_slot_send(slot, query) == NGX_OK) {
            continue;
        }

        /* without its Sync it cannot have been committed */

        if (query->retries == NGX_HTTP_COST_PG_RETRIES) {
            ngx_http_cost_pg_query_finish(query, NGX_DECLINED);

        } else {
            query->retries++;
            ngx_http_cost_pg_lane_put_back(lane, query);
        }

        ngx_http_cost_pg_slot_fail(slot);
    }

    for (i = 0; i < lane->nslots; i++) {
        slot = &lane->slots[i];

        if (!slot->touched) {
            continue;
        }

        slot->touched = 0;

        if (slot->conn.state == NGX_HTTP_COST_PG_UP
            && ngx_http_cost_pg_conn_flush(&slot->conn) == NGX_ERROR)
        {
            ngx_http_cost_pg_slot_fail(slot);
        }
    }

    if (!ngx_queue_empty(&lane->waiting)) {

        if (lane->state == NGX_HTTP_COST_PG_LANE_IDLE) {
            ngx_http_cost_pg_lane_start(lane);

        } else if (lane->state == NGX_HTTP_COST_PG_LANE_READY
                   && lane->kind == NGX_HTTP_COST_PG_KIND_SLOW)
        {
            ngx_http_cost_pg_lane_open(lane, 1);
        }
    }

    ngx_http_cost_pg_lane_arm(lane);
}


static ngx_http_cost_pg_slot_t *
ngx_http_cost_pg_lane_choose(ngx_http_cost_pg_lane_t *lane)
{
    ngx_uint_t                i;
    ngx_http_cost_pg_slot_t  *slot, *best;

    best = NULL;

    for (i = 0; i < lane->nslots; i++) {
        slot = &lane->slots[i];

        if (slot->conn.state != NGX_HTTP_COST_PG_UP
            || slot->retire
            || slot->conn.closing
            || slot->n >= lane->depth
            || (best && best->n <= slot->n))
        {
            continue;
        }

        if (slot->n
            && ngx_current_msec - slot->since > lane->timeout / 8)
        {
            continue;
        }

        best = slot;
    }

    return best;
}


/* at the head, as it is older than all that wait */

void
ngx_http_cost_pg_lane_put_back(ngx_http_cost_pg_lane_t *lane,
    ngx_http_cost_pg_query_t *query)
{
    if (query->handler == NULL) {
        ngx_http_cost_pg_query_free(query);
        return;
    }

    PQclear(query->result);

    query->result = NULL;
    query->preparing = 0;
    query->where = NGX_HTTP_COST_PG_WAITING;

    ngx_queue_insert_head(&lane->waiting, &query->queue);
    lane->nwaiting++;

    ngx_http_cost_pg_lane_arm(lane);

    ngx_post_event(&lane->dispatch, &ngx_posted_events);
}


static void
ngx_http_cost_pg_lane_timer(ngx_event_t *ev)
{
    ngx_uint_t                 expired;
    ngx_queue_t               *q;
    ngx_http_cost_pg_lane_t   *lane = ev->data;
    ngx_http_cost_pg_query_t  *query;

    if (lane->state == NGX_HTTP_COST_PG_LANE_WAIT
        && ngx_http_cost_pg_passed(lane->until))
    {
        if (lane->tried || lane->patient) {
            ngx_http_cost_pg_lane_down(lane);

        } else {
            /* slow, as far as we know, not down */
            lane->patient = 1;
            lane->until += lane->worker->conf->connect_timeout;
        }
    }

    expired = 0;

    while (!ngx_queue_empty(&lane->waiting)) {
        q = ngx_queue_head(&lane->waiting);
        query = ngx_queue_data(q, ngx_http_cost_pg_query_t, queue);

        if (!ngx_http_cost_pg_passed(query->deadline)) {
            break;
        }

        ngx_queue_remove(q);
        lane->nwaiting--;
        expired++;

        ngx_http_cost_pg_query_finish(query, NGX_ABORT);
    }

    if (expired && lane->logged != ngx_time()) {
        lane->logged = ngx_time();

        ngx_log_error(NGX_LOG_ERR, lane->worker->log, 0,
                      "cost pg: %ui queries found no connection free for "
                      "%M ms, %ui still wait", expired, lane->timeout,
                      lane->nwaiting);
    }

    ngx_http_cost_pg_lane_arm(lane);
}


void
ngx_http_cost_pg_lane_arm(ngx_http_cost_pg_lane_t *lane)
{
    ngx_queue_t               *q;
    ngx_http_cost_pg_query_t  *query;

    lane->timer.cancelable = 1;

    if (lane->state == NGX_HTTP_COST_PG_LANE_WAIT) {
        ngx_http_cost_pg_arm(&lane->timer, lane->until);
    }

    if (!ngx_queue_empty(&lane->waiting)) {
        q = ngx_queue_head(&lane->waiting);
        query = ngx_queue_data(q, ngx_http_cost_pg_query_t, queue);

        lane->timer.cancelable = 0;
        ngx_http_cost_pg_arm(&lane->timer, query->deadline);
    }
}


/* after a connection went: if it was the last, the clock starts */

void
ngx_http_cost_pg_lane_wait(ngx_http_cost_pg_lane_t *lane)
{
    if (lane->state != NGX_HTTP_COST_PG_LANE_READY
        || ngx_http_cost_pg_lane_ready(lane))
    {
        return;
    }

    lane->state = NGX_HTTP_COST_PG_LANE_WAIT;
    lane->tried = 0;
    lane->patient = 0;
    lane->until = ngx_current_msec + lane->worker->conf->grace;

    ngx_http_cost_pg_lane_arm(lane);
}


/* an attempt to connect has failed */

void
ngx_http_cost_pg_lane_tried(ngx_http_cost_pg_lane_t *lane)
{
    if (lane->state != NGX_HTTP_COST_PG_LANE_WAIT) {
        return;
    }

    lane->tried = 1;

    if (lane->patient) {
        lane->until = ngx_current_msec;
        ngx_http_cost_pg_lane_arm(lane);
    }
}


static void
ngx_http_cost_pg_lane_down(ngx_http_cost_pg_lane_t *lane)
{
    ngx_queue_t                waiting, *q;
    ngx_http_cost_pg_lane_t   *slow;
    ngx_http_cost_pg_query_t  *query;

    lane->state = NGX_HTTP_COST_PG_LANE_DOWN;

    ngx_log_error(NGX_LOG_ERR, lane->worker->log, 0,
                  "cost pg: PostgreSQL is not reachable%s, %ui declined: %V",
                  lane->kind == NGX_HTTP_COST_PG_KIND_SLOW
                  ? " for slow statements" : "",
                  lane->nwaiting, &lane->reason);

    ngx_queue_init(&waiting);

    while (!ngx_queue_empty(&lane->waiting)) {
        q = ngx_queue_head(&lane->waiting);
        query = ngx_queue_data(q, ngx_http_cost_pg_query_t, queue);

        ngx_queue_remove(q);
        ngx_queue_insert_tail(&waiting, q);

        query->where = NGX_HTTP_COST_PG_ANSWERED;
    }

    lane->nwaiting = 0;

    while (!ngx_queue_empty(&waiting)) {
        q = ngx_queue_head(&waiting);
        query = ngx_queue_data(q, ngx_http_cost_pg_query_t, queue);

        ngx_queue_remove(q);
        ngx_http_cost_pg_query_finish(query, NGX_DECLINED);
    }

    if (lane->kind == NGX_HTTP_COST_PG_KIND_FAST) {
        slow = &lane->worker->lanes[NGX_HTTP_COST_PG_SLOW];

        if (slow->state == NGX_HTTP_COST_PG_LANE_WAIT) {
            slow->tried = 1;
            slow->until = ngx_current_msec;
            ngx_http_cost_pg_lane_arm(slow);
        }
    }
}


ngx_uint_t
ngx_http_cost_pg_lane_ready(ngx_http_cost_pg_lane_t *lane)
{
    ngx_uint_t  i, n;

    n = 0;

    for (i = 0; i < lane->nslots; i++) {
        if (lane->slots[i].conn.state == NGX_HTTP_COST_PG_UP) {
            n++;
        }
    }

    return n;
}


ngx_uint_t
ngx_http_cost_pg_lane_in_flight(ngx_http_cost_pg_lane_t *lane)
{
    ngx_uint_t  i, n;

    n = 0;

    for (i = 0; i < lane->nslots; i++) {
        n += lane->slots[i].n;
    }

    return n;
}


/* what is dispatched before this turn of the loop ends does not count */

ngx_uint_t
ngx_http_cost_pg_lane_full(ngx_http_cost_pg_lane_t *lane)
{
    ngx_uint_t                i, n;
    ngx_http_cost_pg_slot_t  *slot;

    if (lane->nwaiting < lane->max_waiting) {
        return 0;
    }

    n = lane->max_waiting;

    for (i = 0; i < lane->nslots; i++) {
        slot = &lane->slots[i];

        if (slot->conn.state == NGX_HTTP_COST_PG_UP && !slot->retire) {
            n += lane->depth - slot->n;
        }
    }

    return lane->nwaiting >= n;
}


void
ngx_http_cost_pg_lane_exit(ngx_http_cost_pg_lane_t *lane)
{
    ngx_uint_t                 i;
    ngx_queue_t               *q;
    ngx_http_cost_pg_query_t  *query;

    for (i = 0; i < lane->nslots; i++) {
        ngx_http_cost_pg_slot_exit(&lane->slots[i]);
    }

    while (!ngx_queue_empty(&lane->waiting)) {
        q = ngx_queue_head(&lane->waiting);
        query = ngx_queue_data(q, ngx_http_cost_pg_query_t, queue);

        ngx_queue_remove(q);
        ngx_http_cost_pg_query_free(query);
    }

    if (lane->timer.timer_set) {
        ngx_del_timer(&lane->timer);
    }

    if (lane->dispatch.posted) {
        ngx_delete_posted_event(&lane->dispatch);
    }
}
