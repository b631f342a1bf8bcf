
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


#include "timer/ngx_http_cost_timer.h"


/* seconds that a claim lasts beyond a delivery: resolving, recording */
#define NGX_HTTP_COST_TIMER_SPARE    60

/* of a record that failed: ms until it is tried again, and how often */
#define NGX_HTTP_COST_TIMER_AGAIN    500
#define NGX_HTTP_COST_TIMER_FAILS    60

/* deliveries of one record */
#define NGX_HTTP_COST_TIMER_BATCH    512

/* the columns of timer_claim.sql */

enum {
    NGX_HTTP_COST_TIMER_C_ORGANIZATION = 0,
    NGX_HTTP_COST_TIMER_C_ID,
    NGX_HTTP_COST_TIMER_C_UUID,
    NGX_HTTP_COST_TIMER_C_WEBHOOK,
    NGX_HTTP_COST_TIMER_C_URL,
    NGX_HTTP_COST_TIMER_C_SECRET,
    NGX_HTTP_COST_TIMER_C_OLD,
    NGX_HTTP_COST_TIMER_C_EVENT,
    NGX_HTTP_COST_TIMER_C_TYPE,
    NGX_HTTP_COST_TIMER_C_BODY,
    NGX_HTTP_COST_TIMER_C_TIME,
    NGX_HTTP_COST_TIMER_C_TRIES,
    NGX_HTTP_COST_TIMER_C_ONCE,
    NGX_HTTP_COST_TIMER_COLUMNS
};


struct ngx_http_cost_timer_deliver_s {
    ngx_http_cost_timer_main_conf_t  *tmcf;
    ngx_event_t                       work;      /* posted, or a timer */
    ngx_connection_t                  connection;
    ngx_http_cost_pg_query_t         *claim;     /* under way */
    ngx_http_cost_pg_query_t         *record;
    ngx_queue_t                       ended;     /* to be recorded */
    ngx_queue_t                       recording;
    ngx_uint_t                        in_flight; /* claimed, not recorded */
    ngx_uint_t                        more;      /* there may be work */
    ngx_uint_t                        fails;     /* of records, in a row */
};


typedef struct {
    ngx_queue_t                       queue;
    ngx_pool_t                       *pool;
    ngx_http_cost_timer_deliver_t    *deliver;
    ngx_str_t                         organization;
    ngx_str_t                         id;
    ngx_uint_t                        tries;
    ngx_http_cost_timer_message_t     message;
    ngx_http_cost_timer_target_t      target;
    ngx_http_cost_timer_header_t      headers[NGX_HTTP_COST_TIMER_HEADERS];

    /* the outcome */
    const char                       *error;
    const char                       *verdict;
    uint32_t                          pause;
    ngx_uint_t                        status;
    ngx_msec_t                        latency;
    ngx_str_t                         answer;
} ngx_http_cost_timer_delivery_t;


static void ngx_http_cost_timer_deliver_post(
    ngx_http_cost_timer_deliver_t *deliver);
static void ngx_http_cost_timer_deliver_work(ngx_event_t *ev);
static void ngx_http_cost_timer_claim(ngx_http_cost_timer_deliver_t *deliver);
static void ngx_http_cost_timer_claimed(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static ngx_int_t ngx_http_cost_timer_delivery(
    ngx_http_cost_timer_deliver_t *deliver,
    ngx_http_cost_pg_result_t *result, ngx_uint_t row);
static ngx_int_t ngx_http_cost_timer_delivery_open(
    ngx_http_cost_timer_delivery_t *d, ngx_str_t *column);
static void ngx_http_cost_timer_delivery_targeted(void *data,
    const char *why);
static void ngx_http_cost_timer_delivery_done(void *data,
    ngx_http_cost_timer_outcome_t *outcome);
static void ngx_http_cost_timer_delivery_answer(
    ngx_http_cost_timer_delivery_t *d,
    ngx_http_cost_timer_outcome_t *outcome);
static void ngx_http_cost_timer_delivery_end(
    ngx_http_cost_timer_delivery_t *d, const char *error,
    uint32_t retry_after);
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


static void
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


static ngx_int_t
ngx_http_cost_timer_delivery(ngx_http_cost_timer_deliver_t *deliver,
    ngx_http_cost_pg_result_t *result, ngx_uint_t row)
{
    ngx_int_t                        rc, tries;
    ngx_str_t                        c[NGX_HTTP_COST_TIMER_COLUMNS], text;
    ngx_uint_t                       i;
    ngx_pool_t                      *pool;
    ngx_http_cost_timer_delivery_t  *d;

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE / 4, ngx_cycle->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    d = ngx_pcalloc(pool, sizeof(ngx_http_cost_timer_delivery_t));
    if (d == NULL) {
        goto failed;
    }

    d->pool = pool;
    d->deliver = deliver;

    /* the result ends with the caller */

    for (i = 0; i < NGX_HTTP_COST_TIMER_COLUMNS; i++) {
        ngx_http_cost_pg_text(result, row, i, &text);

        c[i].len = text.len;
        c[i].data = ngx_pstrdup(pool, &text);

        if (c[i].data == NULL) {
            goto failed;
        }
    }

    d->organization = c[NGX_HTTP_COST_TIMER_C_ORGANIZATION];
    d->id = c[NGX_HTTP_COST_TIMER_C_ID];
    d->target.id = c[NGX_HTTP_COST_TIMER_C_UUID];
    d->message.event = c[NGX_HTTP_COST_TIMER_C_EVENT];
    d->message.type = c[NGX_HTTP_COST_TIMER_C_TYPE];
    d->message.time = c[NGX_HTTP_COST_TIMER_C_TIME];
    d->message.body = c[NGX_HTTP_COST_TIMER_C_BODY];

    tries = ngx_atoi(c[NGX_HTTP_COST_TIMER_C_TRIES].data,
                     c[NGX_HTTP_COST_TIMER_C_TRIES].len);

    d->tries = tries == NGX_ERROR ? 0 : tries;

    deliver->in_flight++;

    rc = ngx_http_cost_timer_delivery_open(d, c);

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "cost timer: no key of \"cost_secret_key\" opens the "
                      "secret of webhook %V",
                      &c[NGX_HTTP_COST_TIMER_C_WEBHOOK]);
        ngx_http_cost_timer_delivery_end(d, "the server cannot read the "
                                            "secret of this webhook", 0);
        return NGX_OK;
    }

    if (rc != NGX_OK
        || ngx_http_cost_timer_target(deliver->tmcf, pool,
                                      &c[NGX_HTTP_COST_TIMER_C_URL],
                                      &d->target,
                                      ngx_http_cost_timer_delivery_targeted,
                                      d)
           != NGX_OK)
    {
        ngx_http_cost_timer_delivery_end(d, "the server is out of memory", 0);
    }

    return NGX_OK;

failed:

    ngx_destroy_pool(pool);

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_cost_timer_delivery_open(ngx_http_cost_timer_delivery_t *d,
    ngx_str_t *column)
{
    ngx_int_t                           rc;
    ngx_http_cost_webhook_main_conf_t  *wmcf;

    wmcf = d->deliver->tmcf->wmcf;

    rc = ngx_http_cost_webhook_open(wmcf, d->pool,
                                    &column[NGX_HTTP_COST_TIMER_C_WEBHOOK],
                                    &column[NGX_HTTP_COST_TIMER_C_SECRET],
                                    &d->message.secret);

    if (rc != NGX_OK || column[NGX_HTTP_COST_TIMER_C_OLD].len == 0) {
        return rc;
    }

    return ngx_http_cost_webhook_open(wmcf, d->pool,
                                      &column[NGX_HTTP_COST_TIMER_C_WEBHOOK],
                                      &column[NGX_HTTP_COST_TIMER_C_OLD],
                                      &d->message.old);
}


static void
ngx_http_cost_timer_delivery_targeted(void *data, const char *why)
{
    ngx_http_cost_timer_delivery_t *d = data;

    ngx_http_cost_timer_send_t        send;
    ngx_http_cost_timer_main_conf_t  *tmcf;

    if (why) {
        ngx_http_cost_timer_delivery_end(d, why, 0);
        return;
    }

    tmcf = d->deliver->tmcf;

    if (ngx_http_cost_timer_sign(d->pool, &d->message, ngx_time(),
                                 d->headers)
        != NGX_OK)
    {
        ngx_http_cost_timer_delivery_end(d, "it could not be signed", 0);
        return;
    }

    send.location = &tmcf->webhook;
    send.target = &d->target;
    send.headers = d->headers;
    send.nheaders = NGX_HTTP_COST_TIMER_HEADERS;
    send.body = d->message.body;
    send.deadline = tmcf->timeout;
    send.done = ngx_http_cost_timer_delivery_done;
    send.data = d;

    tmcf->status.in_flight++;

    if (ngx_http_cost_timer_fake_send(&send) != NGX_OK) {
        tmcf->status.in_flight--;
        ngx_http_cost_timer_delivery_end(d, "the server is out of memory "
                                            "or connections", 0);
    }
}


static void
ngx_http_cost_timer_delivery_done(void *data,
    ngx_http_cost_timer_outcome_t *outcome)
{
    ngx_http_cost_timer_delivery_t *d = data;

    const char  *error;

    d->deliver->tmcf->status.in_flight--;

    d->status = outcome->status;
    d->latency = outcome->latency;
    error = NULL;

    if (d->status == 0) {
        error = outcome->rc == NGX_ABORT
                || outcome->rc == NGX_HTTP_GATEWAY_TIME_OUT
                ? "there was no answer in time"
                : "the connection failed, or was closed without an answer";
    }

    ngx_http_cost_timer_delivery_answer(d, outcome);
    ngx_http_cost_timer_delivery_end(d, error,
                                     (uint32_t) outcome->retry_after);
}


/* a text that PostgreSQL takes: UTF-8, without zero bytes */

static void
ngx_http_cost_timer_delivery_answer(ngx_http_cost_timer_delivery_t *d,
    ngx_http_cost_timer_outcome_t *outcome)
{
    size_t   len;
    u_char  *p, *q, *last;

    if (outcome->len == 0) {
        return;
    }

    d->answer.data = ngx_pnalloc(d->pool, outcome->len);
    if (d->answer.data == NULL) {
        return;
    }

    last = outcome->answer + outcome->len;
    q = d->answer.data;

    for (p = outcome->answer; p < last; p += len) {

        if (cost_utf8_next(p, last, &len) == COST_OK && *p) {
            q = ngx_cpymem(q, p, len);

        } else {
            *q++ = '?';
        }
    }

    d->answer.len = q - d->answer.data;
}


static void
ngx_http_cost_timer_delivery_end(ngx_http_cost_timer_delivery_t *d,
    const char *error, uint32_t retry_after)
{
    ngx_http_cost_timer_deliver_t  *deliver;

    deliver = d->deliver;

    d->error = error;
    d->pause = 0;

    switch (cost_retry_verdict((unsigned) d->status)) {

    case COST_RETRY_DELIVERED:
        d->verdict = "delivered";
        break;

    case COST_RETRY_GONE:
        d->verdict = "gone";
        break;

    default: /* COST_RETRY_AGAIN */
        d->verdict = cost_retry_pause((unsigned) d->tries + 1,
                                      (uint32_t) ngx_random(), retry_after,
                                      &d->pause)
                     == COST_OK ? "again" : "dead";
    }

    if (d->verdict[1] == 'e' && d->verdict[2] == 'l') {
        deliver->tmcf->status.delivered++;

    } else {
        deliver->tmcf->status.failed++;
    }

    ngx_queue_insert_tail(&deliver->ended, &d->queue);
    ngx_http_cost_timer_deliver_post(deliver);
}


static void
ngx_http_cost_timer_record(ngx_http_cost_timer_deliver_t *deliver)
{
    u_char        patience[NGX_TIME_T_LEN];
    ngx_str_t     params[9];
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
        params[8].data = patience;
        params[8].len = ngx_sprintf(patience, "%T", deliver->tmcf->patience)
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


/* eight arrays, of which those of texts are quoted */

static ngx_int_t
ngx_http_cost_timer_record_params(ngx_pool_t *pool, ngx_queue_t *queue,
    ngx_str_t *params)
{
    u_char                          *p[8];
    size_t                           size[8];
    ngx_uint_t                       i;
    ngx_queue_t                     *q;
    ngx_http_cost_timer_delivery_t  *d;

    for (i = 0; i < 8; i++) {
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
    }

    for (i = 0; i < 8; i++) {
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
    }

    for (i = 0; i < 8; i++) {
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
