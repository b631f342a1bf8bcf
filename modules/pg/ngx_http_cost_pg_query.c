
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The door for queries: submit, cancel, and a query tied to a request.
 */


#include "ngx_http_cost_pg_private.h"


typedef struct {
    ngx_http_request_t           *request;
    ngx_http_cost_pg_query_t     *query;
    ngx_http_cost_pg_request_pt   handler;
} ngx_http_cost_pg_request_ctx_t;


static ngx_http_cost_pg_query_t *ngx_http_cost_pg_query_create(
    ngx_http_cost_pg_worker_t *worker, const ngx_http_cost_sql_t *sql,
    ngx_str_t *params);
static ngx_http_cost_pg_statement_t *ngx_http_cost_pg_statement(
    ngx_http_cost_pg_worker_t *worker, const ngx_http_cost_sql_t *sql);
static void ngx_http_cost_pg_answer(ngx_http_cost_pg_worker_t *worker,
    ngx_http_cost_pg_query_t *query, ngx_int_t rc);
static void ngx_http_cost_pg_request_done(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static void ngx_http_cost_pg_request_cleanup(void *data);


ngx_http_cost_pg_query_t *
ngx_http_cost_pg_query(const ngx_http_cost_sql_t *statement,
    ngx_str_t *params, ngx_http_cost_pg_lane_e lane,
    ngx_http_cost_pg_handler_pt handler, void *data)
{
    ngx_http_cost_pg_lane_t    *l;
    ngx_http_cost_pg_query_t   *query;
    ngx_http_cost_pg_worker_t  *worker;

    worker = ngx_http_cost_pg_worker();

    if (worker == NULL) {
        return NULL;
    }

    query = ngx_http_cost_pg_query_create(worker, statement, params);

    if (query == NULL) {
        return NULL;
    }

    l = &worker->lanes[lane];

    query->lane = l;
    query->handler = handler;
    query->data = data;
    query->deadline = ngx_current_msec + l->timeout;

    worker->queries++;

    if (query->sqlstate) {
        ngx_http_cost_pg_answer(worker, query, NGX_ERROR);

    } else if (l->state == NGX_HTTP_COST_PG_LANE_DOWN
               || worker->lanes[NGX_HTTP_COST_PG_FAST].state
                  == NGX_HTTP_COST_PG_LANE_DOWN)
    {
        ngx_http_cost_pg_answer(worker, query, NGX_DECLINED);

    } else if (ngx_http_cost_pg_lane_full(l)) {
        ngx_http_cost_pg_answer(worker, query, NGX_BUSY);

    } else {
        query->where = NGX_HTTP_COST_PG_WAITING;
        ngx_queue_insert_tail(&l->waiting, &query->queue);
        l->nwaiting++;

        ngx_post_event(&l->dispatch, &ngx_posted_events);
    }

    return query;
}


void
ngx_http_cost_pg_cancel(ngx_http_cost_pg_query_t *query)
{
    ngx_http_cost_pg_lane_t  *lane;

    lane = query->lane;
    lane->worker->cancelled++;

    switch (query->where) {

    case NGX_HTTP_COST_PG_WAITING:
        lane->nwaiting--;
        ngx_queue_remove(&query->queue);
        ngx_http_cost_pg_query_free(query);
        ngx_http_cost_pg_lane_arm(lane);
        return;

    case NGX_HTTP_COST_PG_ANSWERED:
        ngx_queue_remove(&query->queue);
        ngx_http_cost_pg_query_free(query);
        return;

    case NGX_HTTP_COST_PG_SENT:
        /* its place in the pipeline stays until its answer is there */
        query->handler = NULL;
        return;
    }
}


static ngx_http_cost_pg_query_t *
ngx_http_cost_pg_query_create(ngx_http_cost_pg_worker_t *worker,
    const ngx_http_cost_sql_t *sql, ngx_str_t *params)
{
    int                            i, n;
    size_t                         size;
    u_char                        *p;
    ngx_http_cost_pg_query_t      *query;
    ngx_http_cost_pg_statement_t  *statement;

    statement = ngx_http_cost_pg_statement(worker, sql);

    if (statement == NULL) {
        return NULL;
    }

    n = sql->nparams;
    size = sizeof(ngx_http_cost_pg_query_t) + n * sizeof(char *);

    for (i = 0; i < n; i++) {
        size += params[i].len + 1;
    }

    query = ngx_alloc(size, worker->log);

    if (query == NULL) {
        return NULL;
    }

    ngx_memzero(query, sizeof(ngx_http_cost_pg_query_t));

    query->statement = statement;

    p = (u_char *) &query->params[n];

    for (i = 0; i < n; i++) {

        if (params[i].data == NULL) {
            query->params[i] = NULL;
            continue;
        }

        if (ngx_strlchr(params[i].data, params[i].data + params[i].len, '\0'))
        {
            query->sqlstate = "22021";
        }

        query->params[i] = (char *) p;
        p = ngx_cpymem(p, params[i].data, params[i].len);
        *p++ = '\0';
    }

    return query;
}


static ngx_http_cost_pg_statement_t *
ngx_http_cost_pg_statement(ngx_http_cost_pg_worker_t *worker,
    const ngx_http_cost_sql_t *sql)
{
    ngx_uint_t                      bucket;
    ngx_http_cost_pg_statement_t   *statement, **first;

    /* rows of a table of structures, which are some 32 bytes apart */
    bucket = ((uintptr_t) sql >> 4) ^ ((uintptr_t) sql >> 10);
    first = &worker->statements[bucket % 64];

    for (statement = *first; statement; statement = statement->next) {
        if (statement->sql == sql) {
            return statement;
        }
    }

    statement = ngx_pcalloc(worker->pool,
                            sizeof(ngx_http_cost_pg_statement_t));
    if (statement == NULL) {
        return NULL;
    }

    statement->sql = sql;
    statement->index = worker->nstatements++;
    statement->next = *first;
    *first = statement;

    return statement;
}


/* by a timer, no posted event, as an exiting worker waits for timers only */

static void
ngx_http_cost_pg_answer(ngx_http_cost_pg_worker_t *worker,
    ngx_http_cost_pg_query_t *query, ngx_int_t rc)
{
    query->where = NGX_HTTP_COST_PG_ANSWERED;
    query->rc = rc;

    ngx_queue_insert_tail(&worker->answered, &query->queue);

    if (!worker->deliver.timer_set) {
        ngx_add_timer(&worker->deliver, 0);
    }
}


void
ngx_http_cost_pg_deliver(ngx_event_t *ev)
{
    ngx_uint_t                  busy;
    ngx_queue_t                *q, last;
    ngx_http_cost_pg_lane_t    *lane;
    ngx_http_cost_pg_query_t   *query;
    ngx_http_cost_pg_worker_t  *worker = ev->data;

    busy = 0;
    lane = NULL;

    /* what a handler submits comes behind the mark: it waits for next time */

    ngx_queue_insert_tail(&worker->answered, &last);

    for ( ;; ) {
        q = ngx_queue_head(&worker->answered);
        ngx_queue_remove(q);

        if (q == &last) {
            break;
        }

        query = ngx_queue_data(q, ngx_http_cost_pg_query_t, queue);

        if (query->rc == NGX_BUSY) {
            lane = query->lane;
            busy++;
        }

        ngx_http_cost_pg_query_finish(query, query->rc);
    }

    if (lane && lane->logged != ngx_time()) {
        lane->logged = ngx_time();

        ngx_log_error(NGX_LOG_ERR, worker->log, 0,
                      "cost pg: the queue is full: %ui waiting, "
                      "%ui declined", lane->nwaiting, busy);
    }

    if (!ngx_queue_empty(&worker->answered) && !worker->deliver.timer_set) {
        ngx_add_timer(&worker->deliver, 0);
    }
}


void
ngx_http_cost_pg_query_answer(ngx_http_cost_pg_query_t *query, ngx_int_t rc)
{
    ngx_http_cost_pg_result_t    result;
    ngx_http_cost_pg_handler_pt  handler;

    handler = query->handler;

    if (handler == NULL) {
        return;
    }

    if (rc != NGX_OK) {
        query->lane->worker->failed++;
    }

    query->handler = NULL;

    /* to a handler that cancels what it believes to be under way still */
    query->where = NGX_HTTP_COST_PG_SENT;

    result.pg = (rc == NGX_OK || rc == NGX_ERROR) ? query->result : NULL;
    result.sqlstate = (rc == NGX_ERROR) ? query->sqlstate : NULL;

    handler(query->data, rc, &result);

    if (rc == NGX_OK || rc == NGX_ERROR) {
        query->result = result.pg;       /* NULL: the handler has kept it */
    }
}


void
ngx_http_cost_pg_query_finish(ngx_http_cost_pg_query_t *query, ngx_int_t rc)
{
    ngx_http_cost_pg_query_answer(query, rc);
    ngx_http_cost_pg_query_free(query);
}


void
ngx_http_cost_pg_query_free(ngx_http_cost_pg_query_t *query)
{
    PQclear(query->result);
    ngx_free(query);
}


ngx_int_t
ngx_http_cost_pg_request(ngx_http_request_t *r,
    const ngx_http_cost_sql_t *statement, ngx_str_t *params,
    ngx_http_cost_pg_lane_e lane, ngx_http_cost_pg_request_pt handler)
{
    ngx_http_cleanup_t              *cln;
    ngx_http_cost_pg_request_ctx_t  *ctx;

    cln = ngx_http_cleanup_add(r, sizeof(ngx_http_cost_pg_request_ctx_t));

    if (cln == NULL) {
        return NGX_ERROR;
    }

    ctx = cln->data;

    ctx->request = r;
    ctx->handler = handler;
    ctx->query = ngx_http_cost_pg_query(statement, params, lane,
                                        ngx_http_cost_pg_request_done, ctx);

    if (ctx->query == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_cost_pg_request_cleanup;

    /* from here on a client that leaves is noticed */

    if (r == r->main) {
        r->read_event_handler = ngx_http_test_reading;

        if (r->connection->read->ready) {
            ngx_post_event(r->connection->read, &ngx_posted_events);

        } else if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
            ngx_http_cost_pg_request_cleanup(ctx);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static void
ngx_http_cost_pg_request_done(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_pg_request_ctx_t  *ctx = data;

    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = ctx->request;
    c = r->connection;

    ctx->query = NULL;

    if (r->read_event_handler == ngx_http_test_reading) {
        r->read_event_handler = ngx_http_block_reading;
    }

    ngx_http_set_log_request(c->log, r);

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, c->log, 0,
                   "cost pg: request done: %i \"%V\"", rc, &r->uri);

    ctx->handler(r, rc, result);

    ngx_http_run_posted_requests(c);
}


static void
ngx_http_cost_pg_request_cleanup(void *data)
{
    ngx_http_cost_pg_request_ctx_t  *ctx = data;

    if (ctx->query) {
        ngx_http_cost_pg_cancel(ctx->query);
        ctx->query = NULL;
    }
}
