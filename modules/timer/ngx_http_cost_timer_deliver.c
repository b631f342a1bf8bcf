
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Deliveries of webhooks, in worker 0 of every node.
 *
 *     turn: record, claim -> target -> send -> done -> turn ...
 *
 * One statement, which is a turn, is under way at a time: it records what has
 * ended during the last one, and claims others in its place, so that it has
 * the more deliveries the more there are.  What is claimed is leased in the
 * database for longer than a delivery can take; if this process dies another
 * takes it when the lease has ended, and the receiver sees the same id again.
 *
 * All steps meet in one posted event, since a delivery must not be started
 * from within the end of another.
 *
 * On its way out a worker claims nothing any more, ends what it has, and
 * records it: the deadlines of deliveries and the queries of pg/ keep it alive
 * until then.
 */


#include "timer/ngx_http_cost_timer_deliver.h"


/* seconds that a claim lasts beyond a delivery: resolving, recording */
#define NGX_HTTP_COST_TIMER_SPARE    60

/* of a record that failed: ms until it is tried again, and how often */
#define NGX_HTTP_COST_TIMER_AGAIN    500
#define NGX_HTTP_COST_TIMER_FAILS    60

/*
 * A turn that only records waits for as many as this part of what is in
 * flight, but no longer than this, ms: its statements cost as much as a dozen
 * deliveries.
 */
#define NGX_HTTP_COST_TIMER_PART     4
#define NGX_HTTP_COST_TIMER_GATHER   3

/*
 * Deliveries that one turn records: half of what is in flight, so that the
 * other half is sent meanwhile.  What is claimed together ends together.
 */
#define NGX_HTTP_COST_TIMER_HALF     64
#define NGX_HTTP_COST_TIMER_BATCH    512

/* endpoints that one turn claims of: deliveries_claim() in the schema */
#define NGX_HTTP_COST_TIMER_HOOKS    64

/* the parameters of timer_turn.sql: arrays, then numbers */
#define NGX_HTTP_COST_TIMER_ARRAYS   9
#define NGX_HTTP_COST_TIMER_NUMBERS  4


static void ngx_http_cost_timer_deliver_work(ngx_event_t *ev);
static void ngx_http_cost_timer_deliver_start(ngx_event_t *ev);
static ngx_uint_t ngx_http_cost_timer_turn_due(
    ngx_http_cost_timer_deliver_t *deliver);
static ngx_uint_t ngx_http_cost_timer_turn_ended(
    ngx_http_cost_timer_deliver_t *deliver);
static void ngx_http_cost_timer_turn(ngx_http_cost_timer_deliver_t *deliver,
    ngx_uint_t room);
static ngx_int_t ngx_http_cost_timer_turn_arrays(ngx_pool_t *pool,
    ngx_queue_t *queue, ngx_str_t *params);
static u_char *ngx_http_cost_timer_quote(u_char *p, u_char *data, size_t len);
static void ngx_http_cost_timer_turned(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static void ngx_http_cost_timer_turn_failed(
    ngx_http_cost_timer_deliver_t *deliver);
static void ngx_http_cost_timer_recorded(
    ngx_http_cost_timer_deliver_t *deliver);
static void ngx_http_cost_timer_claimed(
    ngx_http_cost_timer_deliver_t *deliver, ngx_http_cost_pg_result_t *result);


ngx_int_t
ngx_http_cost_timer_deliver_init(ngx_cycle_t *cycle,
    ngx_http_cost_timer_main_conf_t *tmcf)
{
    ngx_http_cost_timer_deliver_t  *deliver;

    deliver = ngx_pcalloc(cycle->pool, sizeof(ngx_http_cost_timer_deliver_t));
    if (deliver == NULL) {
        return NGX_ERROR;
    }

    deliver->tmcf = tmcf;
    deliver->connection.fd = (ngx_socket_t) -1;
    deliver->connection.data = deliver;

    deliver->work.handler = ngx_http_cost_timer_deliver_work;
    deliver->work.data = &deliver->connection;
    deliver->work.log = cycle->log;

    deliver->start.handler = ngx_http_cost_timer_deliver_start;
    deliver->start.data = &deliver->connection;
    deliver->start.log = cycle->log;

    ngx_queue_init(&deliver->claimed);
    ngx_queue_init(&deliver->ended);
    ngx_queue_init(&deliver->recording);

    tmcf->deliver = deliver;

    return NGX_OK;
}


void
ngx_http_cost_timer_deliver_wake(ngx_http_cost_timer_main_conf_t *tmcf)
{
    if (tmcf->deliver == NULL) {
        return;
    }

    tmcf->deliver->more = 1;
    ngx_http_cost_timer_deliver_post(tmcf->deliver);
}


void
ngx_http_cost_timer_deliver_post(ngx_http_cost_timer_deliver_t *deliver)
{
    if (!deliver->work.posted) {
        ngx_post_event(&deliver->work, &ngx_posted_events);
    }
}


static void
ngx_http_cost_timer_deliver_work(ngx_event_t *ev)
{
    ngx_uint_t                      claim, n, room;
    ngx_connection_t               *c;
    ngx_http_cost_timer_deliver_t  *deliver;

    c = ev->data;
    deliver = c->data;

    if (deliver->turn) {
        return;
    }

    claim = deliver->more;
    n = 0;

    if (ngx_http_cost_timer_turn_due(deliver)) {
        n = ngx_http_cost_timer_turn_ended(deliver);

        /*
         * after a failure alone: neither claims nor records are in the way of
         * the others when only they fail
         */

        claim = (deliver->fails == 0);
        deliver->more = 1;
    }

    room = deliver->tmcf->most - ngx_min(deliver->tmcf->most,
                                         deliver->in_flight - n);

    if (!claim || ngx_exiting || ngx_terminate) {
        room = 0;
    }

    if (n || room) {
        ngx_http_cost_timer_turn(deliver, room);
    }
}


/* whether what has ended is recorded now, or when the timer is over */

static ngx_uint_t
ngx_http_cost_timer_turn_due(ngx_http_cost_timer_deliver_t *deliver)
{
    ngx_event_t  *ev;

    ev = &deliver->work;

    if (ngx_queue_empty(&deliver->ended)) {
        return 0;
    }

    if (deliver->fails) {
        return !ev->timer_set;
    }

    if (!ev->timedout && !deliver->more
        && deliver->nended < deliver->in_flight / NGX_HTTP_COST_TIMER_PART)
    {
        if (!ev->timer_set) {
            ngx_add_timer(ev, NGX_HTTP_COST_TIMER_GATHER);
        }

        return 0;
    }

    ev->timedout = 0;

    if (ev->timer_set) {
        ngx_del_timer(ev);
    }

    return 1;
}


/* those of the next turn; how many they are */

static ngx_uint_t
ngx_http_cost_timer_turn_ended(ngx_http_cost_timer_deliver_t *deliver)
{
    ngx_uint_t    n, max;
    ngx_queue_t  *q;

    max = ngx_max(deliver->in_flight / 2, NGX_HTTP_COST_TIMER_HALF);
    max = ngx_min(max, NGX_HTTP_COST_TIMER_BATCH);

    for (n = 0; n < max; n++) {

        if (ngx_queue_empty(&deliver->ended)) {
            break;
        }

        q = ngx_queue_head(&deliver->ended);
        ngx_queue_remove(q);
        ngx_queue_insert_tail(&deliver->recording, q);
    }

    deliver->nended -= n;

    return n;
}


static void
ngx_http_cost_timer_turn(ngx_http_cost_timer_deliver_t *deliver,
    ngx_uint_t room)
{
    u_char                            numbers[NGX_HTTP_COST_TIMER_NUMBERS]
                                             [NGX_INT64_LEN];
    ngx_str_t                         params[NGX_HTTP_COST_TIMER_ARRAYS
                                             + NGX_HTTP_COST_TIMER_NUMBERS];
    ngx_str_t                        *number;
    ngx_uint_t                        i;
    ngx_pool_t                       *pool;
    ngx_http_cost_timer_main_conf_t  *tmcf;

    tmcf = deliver->tmcf;
    number = &params[NGX_HTTP_COST_TIMER_ARRAYS];

    for (i = 0; i < NGX_HTTP_COST_TIMER_NUMBERS; i++) {
        number[i].data = numbers[i];
    }

    number[0].len = ngx_sprintf(numbers[0], "%T", tmcf->patience) - numbers[0];
    number[1].len = ngx_sprintf(numbers[1], "%ui", room) - numbers[1];
    number[2].len = ngx_sprintf(numbers[2], "%ui", tmcf->width) - numbers[2];
    number[3].len = ngx_sprintf(numbers[3], "%M", tmcf->timeout / 1000
                                                  + NGX_HTTP_COST_TIMER_SPARE)
                    - numbers[3];

    if (room) {
        deliver->more = 0;
    }

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);

    if (pool) {
        if (ngx_http_cost_timer_turn_arrays(pool, &deliver->recording, params)
            == NGX_OK)
        {
            deliver->turn = ngx_http_cost_pg_query(
                                &ngx_http_cost_sql_timer_turn, params,
                                NGX_HTTP_COST_PG_FAST,
                                ngx_http_cost_timer_turned, deliver);
        }

        ngx_destroy_pool(pool);
    }

    if (deliver->turn == NULL) {
        ngx_http_cost_timer_turn_failed(deliver);
    }
}


/* nine arrays, of which those of texts are quoted */

static ngx_int_t
ngx_http_cost_timer_turn_arrays(ngx_pool_t *pool, ngx_queue_t *queue,
    ngx_str_t *params)
{
    u_char                          *p[NGX_HTTP_COST_TIMER_ARRAYS];
    size_t                           size[NGX_HTTP_COST_TIMER_ARRAYS];
    ngx_uint_t                       i;
    ngx_queue_t                     *q;
    ngx_http_cost_timer_delivery_t  *d;

    for (i = 0; i < NGX_HTTP_COST_TIMER_ARRAYS; i++) {
        ngx_str_set(&params[i], "{}");
        size[i] = sizeof("{}");
    }

    if (ngx_queue_empty(queue)) {
        return NGX_OK;
    }

    for (q = ngx_queue_head(queue);
         q != ngx_queue_sentinel(queue);
         q = ngx_queue_next(q))
    {
        d = ngx_queue_data(q, ngx_http_cost_timer_delivery_t, queue);

        size[0] += d->organization.len + 1;
        size[1] += d->id.len + 1;
        size[2] += sizeof("delivered,");
        size[3] += NGX_INT64_LEN + 1;
        size[4] += NGX_INT64_LEN + 1;
        size[5] += NGX_INT64_LEN + 1;
        size[6] += (d->error ? ngx_strlen(d->error) : 4) + 3;
        size[7] += 2 * d->answer.len + 7;
        size[8] += d->claim.len + 1;
    }

    for (i = 0; i < NGX_HTTP_COST_TIMER_ARRAYS; i++) {
        p[i] = ngx_pnalloc(pool, size[i]);
        if (p[i] == NULL) {
            return NGX_ERROR;
        }

        params[i].data = p[i];
        *p[i]++ = '{';
    }

    for (q = ngx_queue_head(queue);
         q != ngx_queue_sentinel(queue);
         q = ngx_queue_next(q))
    {
        d = ngx_queue_data(q, ngx_http_cost_timer_delivery_t, queue);

        p[0] = ngx_sprintf(p[0], "%V,", &d->organization);
        p[1] = ngx_sprintf(p[1], "%V,", &d->id);
        p[2] = ngx_sprintf(p[2], "%s,", d->verdict);
        p[3] = ngx_sprintf(p[3], "%uD,", d->pause);

        p[4] = d->status ? ngx_sprintf(p[4], "%ui,", d->status)
                         : ngx_cpymem(p[4], "NULL,", 5);

        p[5] = ngx_sprintf(p[5], "%M,", d->latency);

        p[6] = d->error ? ngx_sprintf(p[6], "\"%s\",", d->error)
                        : ngx_cpymem(p[6], "NULL,", 5);

        p[7] = ngx_http_cost_timer_quote(p[7], d->answer.data, d->answer.len);

        p[8] = ngx_sprintf(p[8], "%V,", &d->claim);
    }

    for (i = 0; i < NGX_HTTP_COST_TIMER_ARRAYS; i++) {
        p[i][-1] = '}';
        params[i].len = p[i] - params[i].data;
    }

    return NGX_OK;
}


/* an element of an array: quoted, or NULL for none */

static u_char *
ngx_http_cost_timer_quote(u_char *p, u_char *data, size_t len)
{
    if (len == 0) {
        return ngx_cpymem(p, "NULL,", 5);
    }

    *p++ = '"';

    while (len--) {
        if (*data == '"' || *data == '\\') {
            *p++ = '\\';
        }

        *p++ = *data++;
    }

    *p++ = '"';
    *p++ = ',';

    return p;
}


static void
ngx_http_cost_timer_turned(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_timer_deliver_t *deliver = data;

    deliver->turn = NULL;

    if (rc != NGX_OK) {
        ngx_http_cost_timer_turn_failed(deliver);
        return;
    }

    ngx_http_cost_timer_recorded(deliver);
    ngx_http_cost_timer_claimed(deliver, result);

    /* the next turn is on its way before these are started, behind it */

    ngx_http_cost_timer_deliver_work(&deliver->work);

    if (!ngx_queue_empty(&deliver->claimed) && !deliver->start.posted) {
        ngx_post_event(&deliver->start, &ngx_posted_events);
    }
}


static void
ngx_http_cost_timer_deliver_start(ngx_event_t *ev)
{
    ngx_queue_t                     *q;
    ngx_connection_t                *c;
    ngx_http_cost_timer_deliver_t   *deliver;
    ngx_http_cost_timer_delivery_t  *d;

    c = ev->data;
    deliver = c->data;

    while (!ngx_queue_empty(&deliver->claimed)) {
        q = ngx_queue_head(&deliver->claimed);
        ngx_queue_remove(q);

        d = ngx_queue_data(q, ngx_http_cost_timer_delivery_t, queue);

        ngx_http_cost_timer_delivery_start(d);
    }
}


static void
ngx_http_cost_timer_turn_failed(ngx_http_cost_timer_deliver_t *deliver)
{
    ngx_queue_t  *q;

    if (ngx_queue_empty(&deliver->recording)) {

        /* a claim alone, which is made again by the clock */

        if (!ngx_queue_empty(&deliver->ended)) {
            ngx_http_cost_timer_deliver_post(deliver);
        }

        return;
    }

    /* what was recorded after all is not recorded twice: see its claim */

    if (++deliver->fails < NGX_HTTP_COST_TIMER_FAILS && !ngx_terminate) {

        while (!ngx_queue_empty(&deliver->recording)) {
            q = ngx_queue_last(&deliver->recording);
            ngx_queue_remove(q);
            ngx_queue_insert_head(&deliver->ended, q);
            deliver->nended++;
        }

        ngx_add_timer(&deliver->work, NGX_HTTP_COST_TIMER_AGAIN);

        return;
    }

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "cost timer: what became of deliveries could not be "
                  "recorded: they will be sent again");

    ngx_http_cost_timer_recorded(deliver);
    ngx_http_cost_timer_deliver_wake(deliver->tmcf);
}


/* or given up: they are no longer in flight */

static void
ngx_http_cost_timer_recorded(ngx_http_cost_timer_deliver_t *deliver)
{
    ngx_queue_t                     *q;
    ngx_http_cost_timer_delivery_t  *d;

    while (!ngx_queue_empty(&deliver->recording)) {
        q = ngx_queue_head(&deliver->recording);
        ngx_queue_remove(q);

        d = ngx_queue_data(q, ngx_http_cost_timer_delivery_t, queue);

        ngx_destroy_pool(d->pool);

        deliver->in_flight--;
        deliver->fails = 0;
    }
}


static void
ngx_http_cost_timer_claimed(ngx_http_cost_timer_deliver_t *deliver,
    ngx_http_cost_pg_result_t *result)
{
    ngx_uint_t  i, rows;

    rows = ngx_http_cost_pg_rows(result);

    for (i = 0; i < rows; i++) {

        /* one that there is no memory for waits for the end of its lease */

        if (ngx_http_cost_timer_delivery(deliver, result, i) != NGX_OK) {
            ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                          "cost timer: a delivery could not be started");
        }
    }

    deliver->tmcf->status.claimed += rows;

    /*
     * fewer were all, but of endpoints that have enough in flight: the turn
     * that records these claims again
     */

    if (rows >= NGX_HTTP_COST_TIMER_HOOKS) {
        deliver->more = 1;
    }
}
