
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A slot: one connection of a lane, in pipeline mode.
 *
 * Every query has a Sync of its own, so that one the server refuses harms no
 * other, and is a transaction of its own, complete when its Sync is answered:
 * only then is it finished.
 *
 * A statement is prepared by the query that first needs it here; until that
 * is answered others of the same statement go unprepared, so that none depends
 * on the success of another.
 *
 * Two limits: at its deadline a query is answered NGX_ABORT wherever it is;
 * and a connection whose oldest query has been running for the whole timeout
 * is dropped, as the server would have cancelled it before (statement_timeout)
 * if it could.
 */


#include "ngx_http_cost_pg_private.h"


/* milliseconds after which a connection of the slow lane is not needed */
#define NGX_HTTP_COST_PG_IDLE  60000

/* libpq's buffer for one row never shrinks: too large to be kept, bytes */
#define NGX_HTTP_COST_PG_HUGE  (1024 * 1024)


static ngx_http_cost_pg_prepared_t *ngx_http_cost_pg_slot_prepared(
    ngx_http_cost_pg_slot_t *slot, ngx_http_cost_pg_statement_t *statement);

static void ngx_http_cost_pg_slot_up(ngx_http_cost_pg_conn_t *conn);
static void ngx_http_cost_pg_slot_io(ngx_http_cost_pg_conn_t *conn,
    ngx_event_t *ev);
static ngx_int_t ngx_http_cost_pg_slot_drain(ngx_http_cost_pg_slot_t *slot);
static ngx_int_t ngx_http_cost_pg_slot_result(ngx_http_cost_pg_slot_t *slot,
    PGresult *result);
static void ngx_http_cost_pg_slot_complete(ngx_http_cost_pg_slot_t *slot);
static void ngx_http_cost_pg_slot_log(ngx_http_cost_pg_query_t *query,
    ngx_int_t rc);

static void ngx_http_cost_pg_slot_lost(ngx_http_cost_pg_conn_t *conn,
    ngx_str_t *reason);
static void ngx_http_cost_pg_slot_abandon(ngx_http_cost_pg_lane_t *lane,
    ngx_queue_t *lost, ngx_uint_t shutdown, ngx_uint_t overdue);
static void ngx_http_cost_pg_slot_close(ngx_http_cost_pg_slot_t *slot);
static void ngx_http_cost_pg_slot_forget(ngx_http_cost_pg_slot_t *slot);

static void ngx_http_cost_pg_slot_timer(ngx_event_t *ev);
static void ngx_http_cost_pg_slot_arm(ngx_http_cost_pg_slot_t *slot);


static const ngx_http_cost_pg_owner_t  ngx_http_cost_pg_slot_owner = {
    ngx_http_cost_pg_slot_up,
    ngx_http_cost_pg_slot_io,
    ngx_http_cost_pg_slot_lost
};


void
ngx_http_cost_pg_slot_init(ngx_http_cost_pg_slot_t *slot,
    ngx_http_cost_pg_lane_t *lane)
{
    ngx_http_cost_pg_conn_init(&slot->conn, lane->worker, lane->kind,
                               &ngx_http_cost_pg_slot_owner);
    slot->lane = lane;

    ngx_queue_init(&slot->in_flight);

    slot->timer.handler = ngx_http_cost_pg_slot_timer;
    slot->timer.data = slot;
    slot->timer.log = lane->worker->log;
    slot->timer.cancelable = 1;
}


ngx_int_t
ngx_http_cost_pg_slot_send(ngx_http_cost_pg_slot_t *slot,
    ngx_http_cost_pg_query_t *query)
{
    int                            n;
    PGconn                        *pg;
    ngx_http_cost_pg_prepared_t   *prepared;
    ngx_http_cost_pg_statement_t  *statement;

    pg = slot->conn.pg;
    statement = query->statement;
    n = statement->sql->nparams;

    prepared = ngx_http_cost_pg_slot_prepared(slot, statement);

    if (prepared == NULL) {
        return NGX_ERROR;
    }

    query->named = 1;
    query->preparing = 0;
    query->generation = statement->generation;

    if (prepared->preparing) {
        query->named = 0;

    } else if (!prepared->prepared
               || prepared->generation != statement->generation)
    {
        ngx_sprintf((u_char *) statement->name, "%ui.%ui %*s%Z",
                    statement->index, statement->generation,
                    ngx_min(ngx_strlen(statement->sql->name), 20),
                    statement->sql->name);

        if (PQsendPrepare(pg, statement->name, statement->sql->text, 0, NULL)
            == 0)
        {
            return NGX_ERROR;
        }

        prepared->preparing = 1;
        prepared->prepared = 0;
        prepared->generation = statement->generation;
        query->preparing = 1;
    }

    if (query->named) {
        if (PQsendQueryPrepared(pg, statement->name, n, query->params, NULL,
                                NULL, 0)
            == 0)
        {
            return NGX_ERROR;
        }

    } else {
        if (PQsendQueryParams(pg, statement->sql->text, n, NULL,
                              query->params, NULL, NULL, 0)
            == 0)
        {
            return NGX_ERROR;
        }
    }

    if (PQpipelineSync(pg) == 0) {
        return NGX_ERROR;
    }

    if (slot->n++ == 0) {
        slot->since = ngx_current_msec;
    }

    query->where = NGX_HTTP_COST_PG_SENT;
    ngx_queue_insert_tail(&slot->in_flight, &query->queue);

    slot->touched = 1;

    ngx_http_cost_pg_slot_arm(slot);

    return NGX_OK;
}


static ngx_http_cost_pg_prepared_t *
ngx_http_cost_pg_slot_prepared(ngx_http_cost_pg_slot_t *slot,
    ngx_http_cost_pg_statement_t *statement)
{
    ngx_uint_t                    n;
    ngx_http_cost_pg_worker_t    *worker;
    ngx_http_cost_pg_prepared_t  *prepared;

    if (statement->index >= slot->nprepared) {
        worker = slot->lane->worker;

        /* the old ones stay in the pool: they double, there are few */

        n = ngx_max(2 * statement->index, 64);

        prepared = ngx_pcalloc(worker->pool,
                               n * sizeof(ngx_http_cost_pg_prepared_t));
        if (prepared == NULL) {
            return NULL;
        }

        if (slot->nprepared) {
            ngx_memcpy(prepared, slot->prepared,
                       slot->nprepared * sizeof(ngx_http_cost_pg_prepared_t));
        }

        slot->prepared = prepared;
        slot->nprepared = n;
    }

    return &slot->prepared[statement->index];
}


static void
ngx_http_cost_pg_slot_up(ngx_http_cost_pg_conn_t *conn)
{
    ngx_http_cost_pg_lane_t  *lane;
    ngx_http_cost_pg_slot_t  *slot = (ngx_http_cost_pg_slot_t *) conn;

    lane = slot->lane;

    if (PQenterPipelineMode(conn->pg) == 0) {
        ngx_http_cost_pg_conn_fail(conn, NULL);
        return;
    }

    slot->retire = 0;
    slot->shutdown = 0;
    slot->overdue = 0;
    slot->failing = 0;
    slot->since = ngx_current_msec;

    if (lane->state != NGX_HTTP_COST_PG_LANE_READY) {

        if (lane->state == NGX_HTTP_COST_PG_LANE_DOWN) {
            ngx_log_error(NGX_LOG_NOTICE, conn->worker->log, 0,
                          "cost pg: PostgreSQL is reachable again");
        }

        lane->state = NGX_HTTP_COST_PG_LANE_READY;

        if (lane->kind == NGX_HTTP_COST_PG_KIND_FAST) {
            /* the others, if they pause or were not even trying */
            ngx_http_cost_pg_lane_open(lane, lane->nslots);
        }
    }

    ngx_http_cost_pg_slot_arm(slot);

    ngx_post_event(&lane->dispatch, &ngx_posted_events);
}


static void
ngx_http_cost_pg_slot_io(ngx_http_cost_pg_conn_t *conn, ngx_event_t *ev)
{
    ngx_int_t                 rc;
    ngx_http_cost_pg_lane_t  *lane;
    ngx_http_cost_pg_slot_t  *slot = (ngx_http_cost_pg_slot_t *) conn;

    lane = slot->lane;

    do {
        rc = ngx_http_cost_pg_conn_read(conn);

        if (ngx_http_cost_pg_slot_drain(slot) != NGX_OK) {
            return;
        }

    } while (rc == NGX_AGAIN);

    if (rc == NGX_ERROR) {
        ngx_http_cost_pg_conn_fail(conn, NULL);
        return;
    }

    if (conn->c->write->active
        && ngx_http_cost_pg_conn_flush(conn) == NGX_ERROR)
    {
        ngx_http_cost_pg_slot_fail(slot);
        return;
    }

    if (slot->retire && slot->n == 0) {
        ngx_http_cost_pg_slot_close(slot);

        conn->backoff = 0;
        ngx_http_cost_pg_conn_retry(conn);
        ngx_http_cost_pg_lane_wait(lane);
    }

    if (!ngx_queue_empty(&lane->waiting)) {
        ngx_post_event(&lane->dispatch, &ngx_posted_events);
    }
}


/* NGX_OK, or NGX_ERROR when the connection has been failed */

static ngx_int_t
ngx_http_cost_pg_slot_drain(ngx_http_cost_pg_slot_t *slot)
{
    PGconn      *pg;
    PGresult    *result;
    ngx_uint_t   nulls;

    pg = slot->conn.pg;
    nulls = 0;

    /* with nothing in flight this still parses notices and parameters */

    while (!PQisBusy(pg) && slot->n) {

        result = PQgetResult(pg);

        if (result == NULL) {

            /* one ends each command; more mean that nothing will come */

            if (++nulls > 2) {
                ngx_http_cost_pg_conn_fail(&slot->conn,
                                           PQstatus(pg) == CONNECTION_BAD
                                           ? NULL : "answers are missing");
                return NGX_ERROR;
            }

            continue;
        }

        nulls = 0;

        if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
            PQclear(result);
            ngx_http_cost_pg_slot_complete(slot);
            continue;
        }

        if (ngx_http_cost_pg_slot_result(slot, result) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_pg_slot_result(ngx_http_cost_pg_slot_t *slot, PGresult *result)
{
    char                         *message;
    u_char                        text[NGX_HTTP_COST_PG_REASON + 1];
    ngx_queue_t                  *q;
    ngx_http_cost_pg_query_t     *query;
    ngx_http_cost_pg_prepared_t  *prepared;

    q = ngx_queue_head(&slot->in_flight);
    query = ngx_queue_data(q, ngx_http_cost_pg_query_t, queue);

    switch (PQresultStatus(result)) {

    case PGRES_PIPELINE_ABORTED:
        PQclear(result);
        return NGX_OK;

    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
        PQclear(result);

        ngx_log_error(NGX_LOG_ALERT, slot->conn.worker->log, 0,
                      "cost pg: statement \"%s\" is a COPY",
                      query->statement->sql->name);

        ngx_http_cost_pg_conn_fail(&slot->conn, "COPY in a pipeline");
        return NGX_ERROR;

    default:
        break;
    }

    if (ngx_http_cost_pg_result_judge(result) == NGX_DONE) {
        slot->shutdown = ngx_http_cost_pg_result_shutdown(result);

        message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

        if (message) {
            ngx_cpystrn(text, (u_char *) message, sizeof(text));
        }

        PQclear(result);

        ngx_http_cost_pg_conn_fail(&slot->conn,
                                   message ? (char *) text : NULL);
        return NGX_ERROR;
    }

    if (query->preparing) {
        prepared = &slot->prepared[query->statement->index];

        query->preparing = 0;
        prepared->preparing = 0;

        if (PQresultStatus(result) == PGRES_COMMAND_OK) {
            prepared->prepared = 1;
            PQclear(result);
            return NGX_OK;
        }
    }

    /*
     * A second one comes when the commit fails that the Sync makes, and wins;
     * the first error is the one that counts.
     */

    if (query->result
        && PQresultStatus(query->result) == PGRES_FATAL_ERROR)
    {
        PQclear(result);
        return NGX_OK;
    }

    PQclear(query->result);
    query->result = result;

    return NGX_OK;
}


static void
ngx_http_cost_pg_slot_complete(ngx_http_cost_pg_slot_t *slot)
{
    ngx_int_t                      rc;
    ngx_queue_t                   *q;
    ngx_http_cost_pg_query_t      *query;
    ngx_http_cost_pg_statement_t  *statement;

    q = ngx_queue_head(&slot->in_flight);
    query = ngx_queue_data(q, ngx_http_cost_pg_query_t, queue);

    ngx_queue_remove(q);

    slot->since = ngx_current_msec;
    slot->conn.backoff = 0;

    if (--slot->n == 0) {
        ngx_http_cost_pg_slot_arm(slot);
    }

    rc = query->result ? ngx_http_cost_pg_result_judge(query->result)
                       : NGX_DECLINED;

    if (rc == NGX_AGAIN) {
        statement = query->statement;

        if (statement->generation == query->generation) {
            statement->generation++;
        }

        if (query->named && query->handler
            && query->retries < NGX_HTTP_COST_PG_RETRIES)
        {
            query->retries++;
            ngx_http_cost_pg_lane_put_back(slot->lane, query);
            return;
        }

        rc = NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        slot->retire = 1;

    } else if (rc == NGX_OK) {

        if (PQresultMemorySize(query->result)
            / (size_t) ngx_max(PQntuples(query->result), 1)
            > NGX_HTTP_COST_PG_HUGE)
        {
            slot->retire = 1;
        }
    }

    if (rc != NGX_OK) {
        ngx_http_cost_pg_slot_log(query, rc);
    }

    ngx_http_cost_pg_query_finish(query, rc);
}


static void
ngx_http_cost_pg_slot_log(ngx_http_cost_pg_query_t *query, ngx_int_t rc)
{
    char                          *state, *message;
    u_char                         text[NGX_HTTP_COST_PG_REASON];
    ngx_str_t                      line;
    ngx_http_cost_pg_statement_t  *statement;

    statement = query->statement;

    if (statement->logged == ngx_time()
        || (rc == NGX_ERROR
            && !ngx_http_cost_pg_result_strange(query->result)))
    {
        return;
    }

    statement->logged = ngx_time();

    state = PQresultErrorField(query->result, PG_DIAG_SQLSTATE);
    message = PQresultErrorField(query->result, PG_DIAG_MESSAGE_PRIMARY);

    ngx_http_cost_pg_line(&line, text, message ? message : "no answer yet");

    ngx_log_error(NGX_LOG_ERR, query->lane->worker->log, 0,
                  "cost pg: statement \"%s\" failed: %s %V",
                  statement->sql->name, state ? state : "", &line);
}


void
ngx_http_cost_pg_slot_fail(ngx_http_cost_pg_slot_t *slot)
{
    (void) ngx_http_cost_pg_conn_read(&slot->conn);

    if (ngx_http_cost_pg_slot_drain(slot) == NGX_OK) {
        ngx_http_cost_pg_conn_fail(&slot->conn, NULL);
    }
}


static void
ngx_http_cost_pg_slot_lost(ngx_http_cost_pg_conn_t *conn, ngx_str_t *reason)
{
    ngx_uint_t                i, n, others, retry, shutdown, overdue;
    ngx_queue_t               lost;
    ngx_http_cost_pg_lane_t  *lane;
    ngx_http_cost_pg_slot_t  *slot = (ngx_http_cost_pg_slot_t *) conn;

    lane = slot->lane;

    /* handlers come back in here: first all that concerns the slot */

    ngx_queue_init(&lost);

    if (!ngx_queue_empty(&slot->in_flight)) {
        ngx_queue_add(&lost, &slot->in_flight);
        ngx_queue_init(&slot->in_flight);
    }

    n = slot->n;
    shutdown = slot->shutdown && !conn->muddled;
    overdue = slot->overdue;

    ngx_http_cost_pg_slot_forget(slot);

    lane->reason.data = lane->text;
    lane->reason.len = ngx_min(reason->len, sizeof(lane->text));
    ngx_memcpy(lane->text, reason->data, lane->reason.len);

    others = ngx_http_cost_pg_lane_ready(lane);

    if (lane->kind == NGX_HTTP_COST_PG_KIND_SLOW
        && lane->state != NGX_HTTP_COST_PG_LANE_DOWN
        && lane->nwaiting == 0
        && n == 0)
    {
        /* nobody needs it */

        if (others == 0) {
            lane->state = NGX_HTTP_COST_PG_LANE_IDLE;
        }

        return;
    }

    if (!slot->failing
        && (others || lane->state == NGX_HTTP_COST_PG_LANE_READY))
    {
        slot->failing = 1;

        ngx_log_error(NGX_LOG_WARN, conn->worker->log, 0,
                      "cost pg: a connection is lost, %ui in flight, "
                      "%ui left: %V", n, others, reason);
    }

    ngx_http_cost_pg_lane_tried(lane);
    ngx_http_cost_pg_lane_wait(lane);

    /* in a lane that is down one knocks for all */

    retry = 1;

    if (lane->state == NGX_HTTP_COST_PG_LANE_DOWN) {
        for (i = 0; i < lane->nslots; i++) {
            if (lane->slots[i].conn.state != NGX_HTTP_COST_PG_CLOSED) {
                retry = 0;
            }
        }
    }

    if (retry) {
        ngx_http_cost_pg_conn_retry(conn);
    }

    ngx_http_cost_pg_slot_abandon(lane, &lost, shutdown, overdue);
}


/*
 * What a server shutting down was asked but has not answered was not
 * committed, and goes to the next connection.  Without its word, as when a
 * write failed first, nobody knows.
 */

static void
ngx_http_cost_pg_slot_abandon(ngx_http_cost_pg_lane_t *lane,
    ngx_queue_t *lost, ngx_uint_t shutdown, ngx_uint_t overdue)
{
    ngx_queue_t                again, *q;
    ngx_http_cost_pg_query_t  *query;

    ngx_queue_init(&again);

    while (!ngx_queue_empty(lost)) {
        q = ngx_queue_head(lost);
        query = ngx_queue_data(q, ngx_http_cost_pg_query_t, queue);

        ngx_queue_remove(q);

        if (shutdown && query->handler && query->result == NULL
            && query->retries < NGX_HTTP_COST_PG_RETRIES)
        {
            query->retries++;
            ngx_queue_insert_head(&again, q);
            continue;
        }

        ngx_http_cost_pg_query_finish(query,
                                      overdue ? NGX_ABORT : NGX_DECLINED);
        overdue = 0;
    }

    while (!ngx_queue_empty(&again)) {
        q = ngx_queue_head(&again);
        query = ngx_queue_data(q, ngx_http_cost_pg_query_t, queue);

        ngx_queue_remove(q);
        ngx_http_cost_pg_lane_put_back(lane, query);
    }
}


static void
ngx_http_cost_pg_slot_timer(ngx_event_t *ev)
{
    ngx_queue_t               *q;
    ngx_http_cost_pg_conn_t   *conn;
    ngx_http_cost_pg_lane_t   *lane;
    ngx_http_cost_pg_query_t  *query;
    ngx_http_cost_pg_slot_t   *slot = ev->data;

    lane = slot->lane;
    conn = &slot->conn;

    if (slot->n == 0) {

        if (lane->kind == NGX_HTTP_COST_PG_KIND_SLOW
            && conn->state == NGX_HTTP_COST_PG_UP
            && ngx_http_cost_pg_passed(slot->since + NGX_HTTP_COST_PG_IDLE))
        {
            ngx_http_cost_pg_slot_close(slot);

            if (ngx_http_cost_pg_lane_ready(lane) == 0) {
                lane->state = NGX_HTTP_COST_PG_LANE_IDLE;
            }

            return;
        }

        ngx_http_cost_pg_slot_arm(slot);
        return;
    }

    q = ngx_queue_head(&slot->in_flight);
    query = ngx_queue_data(q, ngx_http_cost_pg_query_t, queue);

    if (ngx_http_cost_pg_passed(slot->since + lane->timeout)) {

        ngx_log_error(NGX_LOG_ERR, lane->worker->log, 0,
                      "cost pg: statement \"%s\" has no answer after %M ms",
                      query->statement->sql->name, lane->timeout);

        slot->overdue = 1;
        slot->failing = 1;

        ngx_http_cost_pg_conn_fail(conn, "a statement has no answer");
        return;
    }

    /* in flight are the older ones first; handlers do not change that list */

    for (/* void */ ;
         q != ngx_queue_sentinel(&slot->in_flight);
         q = ngx_queue_next(q))
    {
        query = ngx_queue_data(q, ngx_http_cost_pg_query_t, queue);

        if (!ngx_http_cost_pg_passed(query->deadline)) {
            break;
        }

        if (query->handler) {
            ngx_http_cost_pg_slot_log(query, NGX_ABORT);
            ngx_http_cost_pg_query_answer(query, NGX_ABORT);
        }
    }

    ngx_http_cost_pg_slot_arm(slot);
}


/* an exiting worker waits for what is in flight, not for an idle slot */

static void
ngx_http_cost_pg_slot_arm(ngx_http_cost_pg_slot_t *slot)
{
    ngx_msec_t                 at;
    ngx_queue_t               *q;
    ngx_http_cost_pg_lane_t   *lane;
    ngx_http_cost_pg_query_t  *query;

    lane = slot->lane;

    if (slot->n == 0) {
        slot->timer.cancelable = 1;

        if (lane->kind == NGX_HTTP_COST_PG_KIND_SLOW) {
            ngx_http_cost_pg_arm(&slot->timer,
                                 slot->since + NGX_HTTP_COST_PG_IDLE);
        }

        return;
    }

    at = slot->since + lane->timeout;

    for (q = ngx_queue_head(&slot->in_flight);
         q != ngx_queue_sentinel(&slot->in_flight);
         q = ngx_queue_next(q))
    {
        query = ngx_queue_data(q, ngx_http_cost_pg_query_t, queue);

        if (query->handler) {

            if ((ngx_msec_int_t) (query->deadline - at) < 0) {
                at = query->deadline;
            }

            break;
        }
    }

    slot->timer.cancelable = 0;

    ngx_http_cost_pg_arm(&slot->timer, at);
}


static void
ngx_http_cost_pg_slot_close(ngx_http_cost_pg_slot_t *slot)
{
    ngx_http_cost_pg_conn_close(&slot->conn);
    ngx_http_cost_pg_slot_forget(slot);
}


/* nothing is known of the next connection, nor in flight on it */

static void
ngx_http_cost_pg_slot_forget(ngx_http_cost_pg_slot_t *slot)
{
    slot->n = 0;
    slot->retire = 0;
    slot->shutdown = 0;
    slot->overdue = 0;
    slot->touched = 0;

    if (slot->timer.timer_set) {
        ngx_del_timer(&slot->timer);
    }

    if (slot->nprepared) {
        ngx_memzero(slot->prepared,
                    slot->nprepared * sizeof(ngx_http_cost_pg_prepared_t));
    }
}


void
ngx_http_cost_pg_slot_exit(ngx_http_cost_pg_slot_t *slot)
{
    ngx_queue_t               *q;
    ngx_http_cost_pg_query_t  *query;

    ngx_http_cost_pg_slot_close(slot);

    while (!ngx_queue_empty(&slot->in_flight)) {
        q = ngx_queue_head(&slot->in_flight);
        query = ngx_queue_data(q, ngx_http_cost_pg_query_t, queue);

        ngx_queue_remove(q);
        ngx_http_cost_pg_query_free(query);
    }
}
