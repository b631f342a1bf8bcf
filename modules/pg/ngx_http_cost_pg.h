
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The door of pg/: PostgreSQL in the event loop of a worker.
 *
 * "cost_database" gives every worker a small pool of nonblocking connections
 * in pipeline mode.  A statement is a row of modules/sql/ (prepared on a
 * connection when it first runs there), its parameters are texts.  A query
 * waits in a bounded queue until a connection takes it; its handler is called
 * exactly once, from the event loop and never from within the call that
 * submitted it, unless it was cancelled.
 *
 * Nothing here blocks, and nothing here knows HTTP, but for
 * ngx_http_cost_pg_request(), which ties a query to a request.
 */


#ifndef _NGX_HTTP_COST_PG_H_INCLUDED_
#define _NGX_HTTP_COST_PG_H_INCLUDED_


#include "ngx_http_cost.h"
#include "sql/ngx_http_cost_sql.h"


/* opaque: a PGresult, alive until the handler it was given to returns */
typedef struct ngx_http_cost_pg_result_s  ngx_http_cost_pg_result_t;

typedef struct ngx_http_cost_pg_query_s  ngx_http_cost_pg_query_t;


/*
 * How a query ended.
 *
 *     NGX_OK        the result is there, and committed
 *     NGX_ERROR     the server refused the statement; sqlstate tells why
 *     NGX_DECLINED  the database is not reachable, or only reads, or went
 *                   away in mid-query (a write may or may not have happened)
 *     NGX_BUSY      the queue was full
 *     NGX_ABORT     it took longer than cost_database's timeout
 *
 * All but NGX_OK and NGX_ERROR are the database's trouble: answer 503.  pg/
 * has logged whatever needs logging: transitions of the connections, and an
 * NGX_ERROR unless it belongs to the classes that input can cause (22, 23, 40
 * and P0), which the caller judges.
 *
 * "result" is never NULL; the accessors below find nothing in it when rc is
 * not NGX_OK or NGX_ERROR.
 */
typedef void (*ngx_http_cost_pg_handler_pt)(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);

typedef void (*ngx_http_cost_pg_request_pt)(ngx_http_request_t *r,
    ngx_int_t rc, ngx_http_cost_pg_result_t *result);


/* which lane: long statements never make the short ones wait */
typedef enum {
    NGX_HTTP_COST_PG_FAST = 0,
    NGX_HTTP_COST_PG_SLOW
} ngx_http_cost_pg_lane_e;


/*
 * Submits a statement.  "params" are texts in the order of $1...; a NULL
 * data is SQL's NULL.  They are copied; one with a zero byte inside, which no
 * text of PostgreSQL can have, ends in NGX_ERROR with 22021.  Returns NULL
 * when there is no memory, and also when no cost_database is configured; every
 * other failure reaches the handler.  The query belongs to pg/; the pointer is
 * good for ngx_http_cost_pg_cancel() until the handler has been called.
 *
 * A statement runs in a transaction of its own, and must not commit by
 * itself: one that a server shutting down certainly did not finish is sent
 * again on the next connection.
 */
ngx_http_cost_pg_query_t *ngx_http_cost_pg_query(
    const ngx_http_cost_sql_t *statement, ngx_str_t *params,
    ngx_http_cost_pg_lane_e lane, ngx_http_cost_pg_handler_pt handler,
    void *data);

/*
 * The handler will not be called.  A statement that is under way goes on;
 * its result is read and dropped.
 */
void ngx_http_cost_pg_cancel(ngx_http_cost_pg_query_t *query);

/*
 * As ngx_http_cost_pg_query(), for a request: a client that leaves cancels
 * the query, and posted requests run after the handler.  Does not touch
 * r->main->count: a content handler raises it and returns NGX_DONE, an
 * access handler returns NGX_AGAIN (and is called again by whatever wakes the
 * request: it keeps a context that says whether the answer is there).  The
 * handler finalizes the request, or runs its phases on.  Returns NGX_OK or
 * NGX_ERROR.
 */
ngx_int_t ngx_http_cost_pg_request(ngx_http_request_t *r,
    const ngx_http_cost_sql_t *statement, ngx_str_t *params,
    ngx_http_cost_pg_lane_e lane, ngx_http_cost_pg_request_pt handler);


ngx_uint_t ngx_http_cost_pg_rows(ngx_http_cost_pg_result_t *result);

/*
 * The text of a value, which lives as long as the result.  A NULL has
 * text->data == NULL and text->len == 0; an empty text has data != NULL.
 */
void ngx_http_cost_pg_text(ngx_http_cost_pg_result_t *result, ngx_uint_t row,
    ngx_uint_t column, ngx_str_t *text);

/*
 * The rows outlive the handler of their query: they live as long as "pool",
 * and are read through what is returned; NULL: no memory.  Of the handlers of
 * ngx_http_cost_pg_query() and _request() only.
 */
ngx_http_cost_pg_result_t *ngx_http_cost_pg_keep(
    ngx_http_cost_pg_result_t *result, ngx_pool_t *pool);

/* the five characters of an NGX_ERROR, "" otherwise */
const char *ngx_http_cost_pg_sqlstate(ngx_http_cost_pg_result_t *result);

/* the server's primary message of an NGX_ERROR, empty otherwise */
void ngx_http_cost_pg_message(ngx_http_cost_pg_result_t *result,
    ngx_str_t *text);


/*
 * Loading: rows sent by COPY, with a statement before and one after, all in
 * one transaction on a connection made for it, which commits when the last
 * has succeeded and otherwise leaves no trace.
 *
 *     copy = ngx_http_cost_pg_copy_begin(&load)
 *
 *     load->writable(data)             put() while it returns NGX_OK; then
 *                                      wait to be called again, or end()
 *     load->done(data, rc, result)     once; "result" is that of load->after
 *
 * No callback is called from within these functions.  "done" may come at any
 * time after begin(), also before end(): a row the server refuses ends the
 * load at once.  After "done", and after abort(), "copy" is gone.
 *
 * A load of more than that has a "step": it is called when the rows are in,
 * and after whatever it then asked for, with the result of that, which lives
 * until it asks for more: query(), another() COPY, or commit().  It may take
 * its time before it does.
 */
typedef struct ngx_http_cost_pg_copy_s  ngx_http_cost_pg_copy_t;

typedef struct {
    /* no parameters; makes the stage table, for instance; may be NULL */
    const ngx_http_cost_sql_t    *before;

    /* COPY ... FROM STDIN */
    const ngx_http_cost_sql_t    *copy;

    /* its parameters are those given to end(); may be NULL */
    const ngx_http_cost_sql_t    *after;

    /* in place of "after"; may be NULL */
    void                        (*step)(void *data,
                                    ngx_http_cost_pg_result_t *result);

    void                        (*writable)(void *data);
    ngx_http_cost_pg_handler_pt   done;
    void                         *data;
} ngx_http_cost_pg_load_t;

/*
 * NULL when there is no memory or no cost_database.  "load" is copied.  More
 * than a few loads at a time in one worker end in NGX_BUSY.
 */
ngx_http_cost_pg_copy_t *ngx_http_cost_pg_copy_begin(
    const ngx_http_cost_pg_load_t *load);

/*
 * Takes the whole slice, some 64 KB at best, and returns
 *
 *     NGX_OK     go on
 *     NGX_AGAIN  go on when "writable" is called: the server is slower than
 *                the caller, or other clients of this worker want their turn
 *     NGX_ERROR  the load has failed, "done" will tell
 */
ngx_int_t ngx_http_cost_pg_copy_put(ngx_http_cost_pg_copy_t *copy,
    const u_char *data, size_t size);

/* no more rows; "params" for load->after are copied */
void ngx_http_cost_pg_copy_end(ngx_http_cost_pg_copy_t *copy,
    ngx_str_t *params);

/* what a step asks for; the parameters are copied */
void ngx_http_cost_pg_copy_query(ngx_http_cost_pg_copy_t *copy,
    const ngx_http_cost_sql_t *statement, ngx_str_t *params);
void ngx_http_cost_pg_copy_another(ngx_http_cost_pg_copy_t *copy,
    const ngx_http_cost_sql_t *statement);
void ngx_http_cost_pg_copy_commit(ngx_http_cost_pg_copy_t *copy);

/* nothing is stored; "done" is not called */
void ngx_http_cost_pg_copy_abort(ngx_http_cost_pg_copy_t *copy);


/*
 * The listener: one connection, in worker 0, that hears NOTIFY.  Channels are
 * registered at configuration time.  "up" is called with 1 whenever
 * listening (again) began: what was notified before may have been missed;
 * with 0 when the connection is lost; "alive" about every 200 ms while the
 * connection is proven to work, by an answer of the server.  An exiting worker
 * stops listening without a word.
 */
typedef struct {
    ngx_str_t     channel;       /* lower case letters and underscores */
    void        (*notify)(void *data, ngx_str_t *payload);
    void        (*up)(void *data, ngx_uint_t up);
    void        (*alive)(void *data);
    void         *data;
} ngx_http_cost_pg_listen_t;

/* "listen" must live as long as the cycle */
ngx_int_t ngx_http_cost_pg_listen(ngx_conf_t *cf,
    ngx_http_cost_pg_listen_t *listen);


/* is there a cost_database?  known when the http block has been read */
ngx_uint_t ngx_http_cost_pg_configured(ngx_conf_t *cf);

/* this worker's counters, for /ready, metrics and tests */
typedef struct {
    ngx_uint_t    connections;   /* of the fast lane, as configured */
    ngx_uint_t    ready;         /* of them usable now */
    ngx_uint_t    slow;          /* of the slow lane, made when needed */
    ngx_uint_t    slow_ready;    /* of them usable now */
    ngx_uint_t    in_flight;     /* sent, not yet answered, both lanes */
    ngx_uint_t    waiting;       /* in the queues, both lanes */
    ngx_uint_t    loads;         /* COPY under way */
    ngx_uint_t    listening;     /* 1 in the worker that hears NOTIFY */
    ngx_uint_t    queries;       /* since the worker started */
    ngx_uint_t    failed;        /* of them not NGX_OK */
    ngx_uint_t    cancelled;     /* of them given up by their clients */
    ngx_uint_t    connects;      /* connections made, of all kinds */
} ngx_http_cost_pg_status_t;

void ngx_http_cost_pg_status(ngx_http_cost_pg_status_t *status);


extern ngx_module_t  ngx_http_cost_pg_module;


#endif /* _NGX_HTTP_COST_PG_H_INCLUDED_ */
