
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
 *     NGX_OK        the result is there
 *     NGX_ERROR     the server refused the statement; sqlstate tells why
 *     NGX_DECLINED  the database is not reachable, or went away in mid-query
 *                   (a write may or may not have happened)
 *     NGX_BUSY      the queue was full
 *     NGX_ABORT     it took longer than cost_database's timeout
 *
 * All but NGX_OK and NGX_ERROR are the database's trouble: answer 503.
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
 * data is SQL's NULL.  They are copied.  Returns NULL when there is no
 * memory, and also when no cost_database is configured; every other failure
 * reaches the handler.  The query belongs to pg/; the pointer is good for
 * ngx_http_cost_pg_cancel() until the handler has been called.
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
 * access handler returns NGX_AGAIN.
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

/* the five characters of an NGX_ERROR, "" otherwise */
const char *ngx_http_cost_pg_sqlstate(ngx_http_cost_pg_result_t *result);

/* the server's primary message of an NGX_ERROR, empty otherwise */
void ngx_http_cost_pg_message(ngx_http_cost_pg_result_t *result,
    ngx_str_t *text);


/*
 * The listener: one connection, in worker 0, that hears NOTIFY.  Channels are
 * registered at configuration time.  "up" is called with 1 whenever
 * listening (again) began: what was notified before may have been missed;
 * with 0 when the connection is lost; "alive" about every 200 ms while the
 * connection is proven to work.
 */
typedef struct {
    ngx_str_t     channel;       /* lower case letters and underscores */
    void        (*notify)(void *data, ngx_str_t *payload);
    void        (*up)(void *data, ngx_uint_t up);
    void        (*alive)(void *data);
    void         *data;
} ngx_http_cost_pg_listen_t;

ngx_int_t ngx_http_cost_pg_listen(ngx_conf_t *cf,
    ngx_http_cost_pg_listen_t *listen);


/* is there a cost_database? */
ngx_uint_t ngx_http_cost_pg_configured(ngx_conf_t *cf);

/* this worker's counters, for /ready, metrics and tests */
typedef struct {
    ngx_uint_t    connections;   /* configured */
    ngx_uint_t    ready;         /* of them usable now */
    ngx_uint_t    in_flight;     /* sent, not yet answered */
    ngx_uint_t    waiting;       /* in the queue */
    ngx_uint_t    queries;       /* since the worker started */
    ngx_uint_t    failed;        /* of them not NGX_OK */
    ngx_uint_t    connects;      /* connections made */
} ngx_http_cost_pg_status_t;

void ngx_http_cost_pg_status(ngx_http_cost_pg_status_t *status);


extern ngx_module_t  ngx_http_cost_pg_module;


#endif /* _NGX_HTTP_COST_PG_H_INCLUDED_ */
