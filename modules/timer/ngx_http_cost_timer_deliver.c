
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Deliveries of webhooks, in worker 0 of every node.
 *
 *     claim -> target -> send -> done -> record -> claim ...
 *
 * One claim and one record are under way at a time: what has ended while one
 * record was written goes into the next, so that a statement has the more
 * deliveries the more there are.  What is claimed is leased in the database
 * for longer than a delivery can take; if this process dies another takes it
 * when the lease has ended, and the receiver sees the same id again.
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

/* deliveries of one record */
#define NGX_HTTP_COST_TIMER_BATCH    512

/* of the parameters of timer_record.sql */
#define NGX_HTTP_COST_TIMER_ARRAYS   9


static void ngx_http_cost_timer_deliver_work(ngx_event_t *ev);
static void ngx_http_cost_timer_claim(ngx_http_cost_timer_deliver_t *deliver);
static void ngx_http_cost_timer_claimed(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static void ngx_http_cost_timer_record(
    ngx_http_cost_timer_deliver_t *deliver);
static ngx_int_t ngx_http_cost_timer_record_params(ngx_pool_t *pool,
    ngx_queue_t *queue, ngx_str_t *params);
static u_char *ngx_http_cost_timer_quote(u_char *p, u_char *data, size_t len);
static void ngx_http_cost_timer_recorded(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);


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
    ngx_connection_t               *c;
    ngx_http_cost_timer_deliver_t  *deliver;

    c = ev->data;
    deliver = c->data;

    /* after a failure, not before its timer */

    if (deliver->record == NULL && !ev->timer_set
        && !ngx_queue_empty(&deliver->ended))
    {
        ngx_http_cost_timer_record(deliver);
    }

    if (deliver->claim == NULL && deliver->more
        && deliver->in_flight < deliver->tmcf->most
        && !ngx_exiting && !ngx_terminate)
    {
        ngx_http_cost_timer_claim(deliver);
    }
}


static void
ngx_http_cost_timer_claim(ngx_http_cost_timer_deliver_t *deliver)
{
    u_char                            most[NGX_INT_T_LEN];
    u_char                            width[NGX_INT_T_LEN];
    u_char                            lease[NGX_INT_T_LEN];
    ngx_str_t                         params[3];
    ngx_http_cost_timer_main_conf_t  *tmcf;

    tmcf = deliver->tmcf;

    params[0].data = most;
    params[0].len = ngx_sprintf(most, "%ui", tmcf->most - deliver->in_flight)
                    - most;
    params[1].data = width;
    params[1].len = ngx_sprintf(width, "%ui", tmcf->width) - width;
    params[2].data = lease;
    params[2].len = ngx_sprintf(lease, "%M", tmcf->timeout / 1000
                                             + NGX_HTTP_COST_TIMER_SPARE)
                    - lease;

    deliver->more = 0;
    deliver->claim = ngx_http_cost_pg_query(&ngx_http_cost_sql_timer_claim,
                                            params, NGX_HTTP_COST_PG_FAST,
                                            ngx_http_cost_timer_claimed,
                                            deliver);
}


static void
ngx_http_cost_timer_claimed(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_timer_deliver_t *deliver = data;

    ngx_uint_t  i, rows;

    deliver->claim = NULL;

    if (rc != NGX_OK) {
        return;
    }

    rows = ngx_http_cost_pg_rows(result);

    for (i = 0; i < rows; i++) {

        /* one that there is no memory for waits for the end of its lease */

        if (ngx_http_cost_timer_delivery(deliver, result, i) != NGX_OK) {
            ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                          "cost timer: a delivery could not be started");
        }
    }

    deliver->tmcf->status.claimed += rows;

    if (rows) {
        ngx_http_cost_timer_deliver_wake(deliver->tmcf);

    } else if (deliver->more) {
        ngx_http_cost_timer_deliver_post(deliver);
    }
}


static void
ngx_http_cost_timer_record(ngx_http_cost_timer_deliver_t *deliver)
{
    u_char        patience[NGX_TIME_T_LEN];
    ngx_str_t     params[10];
    ngx_uint_t    n;
    ngx_pool_t   *pool;
    ngx_queue_t  *q;

    for (n = 0; n < NGX_HTTP_COST_TIMER_BATCH; n++) {

        if (ngx_queue_empty(&deliver->ended)) {
            break;
        }

        q = ngx_queue_head(&deliver->ended);
        ngx_queue_remove(q);
        ngx_queue_insert_tail(&deliver->recording, q);
    }

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);

    if (pool) {
        params[9].data = patience;
        params[9].len = ngx_sprintf(patience, "%T", deliver->tmcf->patience)
                        - patience;

        if (ngx_http_cost_timer_record_params(pool, &deliver->recording,
                                              params)
            == NGX_OK)
        {
            deliver->record = ngx_http_cost_pg_query(
                                  &ngx_http_cost_sql_timer_record, params,
                                  NGX_HTTP_COST_PG_FAST,
                                  ngx_http_cost_timer_recorded, deliver);
        }

        ngx_destroy_pool(pool);
    }

    if (deliver->record == NULL) {
        ngx_http_cost_timer_recorded(deliver, NGX_ABORT, NULL);
    }
}


/* nine arrays, of which those of texts are quoted */

static ngx_int_t
ngx_http_cost_timer_record_params(ngx_pool_t *pool, ngx_queue_t *queue,
    ngx_str_t *params)
{
    u_char                          *p[NGX_HTTP_COST_TIMER_ARRAYS];
    size_t                           size[NGX_HTTP_COST_TIMER_ARRAYS];
    ngx_uint_t                       i;
    ngx_queue_t                     *q;
    ngx_http_cost_timer_delivery_t  *d;

    for (i = 0; i < NGX_HTTP_COST_TIMER_ARRAYS; i++) {
        size[i] = sizeof("{}");
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
ngx_http_cost_timer_recorded(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_timer_deliver_t *deliver = data;

    ngx_queue_t                     *q;
    ngx_http_cost_timer_delivery_t  *d;

    deliver->record = NULL;

    /*
     * A try again writes an attempt twice, if the first was written after all;
     * the lease ends anyway when it takes too long.
     */

    if (rc != NGX_OK && ++deliver->fails < NGX_HTTP_COST_TIMER_FAILS
        && !ngx_terminate)
    {
        while (!ngx_queue_empty(&deliver->recording)) {
            q = ngx_queue_last(&deliver->recording);
            ngx_queue_remove(q);
            ngx_queue_insert_head(&deliver->ended, q);
        }

        ngx_add_timer(&deliver->work, NGX_HTTP_COST_TIMER_AGAIN);

        return;
    }

    if (rc != NGX_OK) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "cost timer: what became of deliveries could not be "
                      "recorded: they will be sent again");
    }

    deliver->fails = 0;

    while (!ngx_queue_empty(&deliver->recording)) {
        q = ngx_queue_head(&deliver->recording);
        ngx_queue_remove(q);

        d = ngx_queue_data(q, ngx_http_cost_timer_delivery_t, queue);

        ngx_destroy_pool(d->pool);

        deliver->in_flight--;
    }

    /* their endpoints may have more */

    ngx_http_cost_timer_deliver_wake(deliver->tmcf);
}
