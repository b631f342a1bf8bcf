
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What the files of pg/ share, and nobody else includes.
 *
 *     _module.c   the directive, start and end of a process
 *     _conninfo.c cost_database's text: checked, its names resolved
 *     _conn.c     one connection: connecting, its socket, backoff
 *     _lane.c     a queue in front of some connections: dispatch, being down
 *     _slot.c     a connection of a lane: pipeline, results, deadlines
 *     _query.c    the door: submit, cancel, requests
 *     _result.c   reading results, and what an error means
 *     _listen.c   the connection that hears NOTIFY
 *     _copy.c     loads
 *
 * Everything here belongs to one process and hangs on the main configuration.
 * A callback of another room may call the door again; so nothing behind the
 * door that is called from outside (submit, cancel, put, ...) touches a list
 * or a connection that a caller up the stack may be working on: it marks and
 * posts.
 */


#ifndef _NGX_HTTP_COST_PG_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_COST_PG_PRIVATE_H_INCLUDED_


#include "ngx_http_cost_pg.h"

#include <libpq-fe.h>


#define NGX_HTTP_COST_PG_OPTIONS  64      /* libpq 15 knows 44 */
#define NGX_HTTP_COST_PG_REASON   256
#define NGX_HTTP_COST_PG_LOADS    4       /* COPY at a time in one worker */
#define NGX_HTTP_COST_PG_RETRIES  3       /* of a query, two bits */


typedef struct ngx_http_cost_pg_worker_s     ngx_http_cost_pg_worker_t;
typedef struct ngx_http_cost_pg_conn_s       ngx_http_cost_pg_conn_t;
typedef struct ngx_http_cost_pg_lane_s       ngx_http_cost_pg_lane_t;
typedef struct ngx_http_cost_pg_slot_s       ngx_http_cost_pg_slot_t;
typedef struct ngx_http_cost_pg_statement_s  ngx_http_cost_pg_statement_t;
typedef struct ngx_http_cost_pg_listener_s   ngx_http_cost_pg_listener_t;


/* what a connection is for: the first two are those of the lanes */

typedef enum {
    NGX_HTTP_COST_PG_KIND_FAST = 0,
    NGX_HTTP_COST_PG_KIND_SLOW,
    NGX_HTTP_COST_PG_KIND_LISTEN,
    NGX_HTTP_COST_PG_KIND_COPY,
    NGX_HTTP_COST_PG_KINDS
} ngx_http_cost_pg_kind_e;


/*
 * The hosts in one order.  libpq goes on to the next host by itself when one
 * refuses, but not when one is silent: then the next attempt begins with the
 * next host.  So there is one row for every host to begin with.
 */

typedef struct {
    char                            *host;
    char                            *hostaddr;
    char                            *port;
} ngx_http_cost_pg_order_t;


typedef struct {
    ngx_uint_t                       configured;

    /* conninfo without the hosts, "options" and "application_name" */
    const char                      *keywords[NGX_HTTP_COST_PG_OPTIONS];
    const char                      *values[NGX_HTTP_COST_PG_OPTIONS];
    ngx_uint_t                       nkeywords;

    const char                      *options;
    const char                      *application_name;

    ngx_http_cost_pg_order_t        *orders;
    ngx_uint_t                       norders;

    ngx_int_t                        pool;
    ngx_int_t                        slow;
    ngx_int_t                        depth;
    ngx_int_t                        queue;
    ngx_msec_t                       timeout;
    ngx_msec_t                       slow_timeout;
    ngx_msec_t                       copy_timeout;
    ngx_msec_t                       connect_timeout;
    ngx_msec_t                       grace;

    ngx_array_t                      listens;
                                         /* ngx_http_cost_pg_listen_t * */

    ngx_http_cost_pg_worker_t       *worker;
} ngx_http_cost_pg_main_conf_t;


/*
 * The first fields of everything an event's data points to, as those of an
 * ngx_connection_t, whose fd the debug log prints.
 */

typedef struct {
    void                            *unused[3];
    ngx_socket_t                     fd;
} ngx_http_cost_pg_ident_t;


/*
 *     CLOSED --open()--> CONNECTING --> UP --fail(), close()--> CLOSED
 *       \                  ^    |
 *        --retry()--> BACKOFF   --fail()--> CLOSED
 */

typedef enum {
    NGX_HTTP_COST_PG_CLOSED = 0,
    NGX_HTTP_COST_PG_BACKOFF,
    NGX_HTTP_COST_PG_CONNECTING,
    NGX_HTTP_COST_PG_UP
} ngx_http_cost_pg_state_e;


typedef struct {
    /* connected, and registered for reading */
    void                           (*up)(ngx_http_cost_pg_conn_t *conn);

    /* readable, or writable while there is something to flush */
    void                           (*io)(ngx_http_cost_pg_conn_t *conn,
                                         ngx_event_t *ev);

    /* was up or connecting, and is CLOSED now; never called by close() */
    void                           (*lost)(ngx_http_cost_pg_conn_t *conn,
                                           ngx_str_t *reason);
} ngx_http_cost_pg_owner_t;


struct ngx_http_cost_pg_conn_s {
    ngx_http_cost_pg_ident_t         ident;

    ngx_http_cost_pg_worker_t       *worker;
    const ngx_http_cost_pg_owner_t  *owner;

    PGconn                          *pg;
    ngx_connection_t                *c;          /* libpq owns its fd */

    /* while CONNECTING its limit, while BACKOFF its end */
    ngx_event_t                      timer;

    /* 0: the next attempt is made at once; the owner resets it */
    ngx_msec_t                       backoff;

    ngx_uint_t                       notices;
    ngx_http_cost_pg_kind_e          kind;
    ngx_http_cost_pg_state_e         state;

    unsigned                         closing:1;  /* the server said so */
    unsigned                         muddled:1;  /* libpq lost an answer */
};


/* a statement of modules/sql/ as this worker knows it */

struct ngx_http_cost_pg_statement_s {
    const ngx_http_cost_sql_t       *sql;
    ngx_uint_t                       index;

    /* raised when its plan went stale: prepared anew under a new name */
    ngx_uint_t                       generation;
    char                             name[64];

    time_t                           logged;
    ngx_http_cost_pg_statement_t    *next;
};


typedef enum {
    NGX_HTTP_COST_PG_WAITING = 0,    /* in its lane's queue */
    NGX_HTTP_COST_PG_SENT,           /* in its slot's queue */
    NGX_HTTP_COST_PG_ANSWERED        /* in the worker's queue, see "rc" */
} ngx_http_cost_pg_where_e;


/* one block of malloc(), as it may outlive the request it is for */

struct ngx_http_cost_pg_query_s {
    ngx_queue_t                      queue;
    ngx_http_cost_pg_lane_t         *lane;
    ngx_http_cost_pg_statement_t    *statement;

    ngx_http_cost_pg_handler_pt      handler;    /* NULL: nobody waits */
    void                            *data;

    PGresult                        *result;
    const char                      *sqlstate;   /* without a result */
    ngx_int_t                        rc;

    ngx_msec_t                       deadline;
    ngx_uint_t                       generation;
    ngx_http_cost_pg_where_e         where;

    unsigned                         preparing:1;
    unsigned                         named:1;

    /* sent again, as it certainly was not executed */
    unsigned                         retries:2;

    const char                      *params[1];  /* and their texts */
};


struct ngx_http_cost_pg_result_s {
    PGresult                        *pg;         /* may be NULL */
    const char                      *sqlstate;   /* where it is */
};


/*
 *     IDLE   of the slow lane: no connection, as none is needed
 *     WAIT   no connection yet, or no more; queries wait until "until", or
 *            until the first attempt has failed, if that takes longer
 *     READY  a connection at least
 *     DOWN   no connection; queries are declined at once
 */

typedef enum {
    NGX_HTTP_COST_PG_LANE_IDLE = 0,
    NGX_HTTP_COST_PG_LANE_WAIT,
    NGX_HTTP_COST_PG_LANE_READY,
    NGX_HTTP_COST_PG_LANE_DOWN
} ngx_http_cost_pg_lane_state_e;


struct ngx_http_cost_pg_lane_s {
    ngx_http_cost_pg_ident_t         ident;

    ngx_http_cost_pg_worker_t       *worker;
    ngx_http_cost_pg_slot_t         *slots;
    ngx_uint_t                       nslots;
    ngx_uint_t                       depth;
    ngx_uint_t                       max_waiting;
    ngx_msec_t                       timeout;

    ngx_queue_t                      waiting;    /* by deadline */
    ngx_uint_t                       nwaiting;

    ngx_event_t                      dispatch;
    ngx_event_t                      timer;
    ngx_msec_t                       until;

    time_t                           logged;
    ngx_http_cost_pg_lane_state_e    state;
    ngx_http_cost_pg_kind_e          kind;

    /* while in WAIT: an attempt has failed; or has all of connect_timeout */
    unsigned                         tried:1;
    unsigned                         patient:1;

    ngx_str_t                        reason;     /* of the last failure */
    u_char                           text[NGX_HTTP_COST_PG_REASON];
};


typedef struct {
    ngx_uint_t                       generation;
    unsigned                         preparing:1;
    unsigned                         prepared:1;
} ngx_http_cost_pg_prepared_t;


struct ngx_http_cost_pg_slot_s {
    ngx_http_cost_pg_conn_t          conn;       /* must be first */

    ngx_http_cost_pg_lane_t         *lane;

    ngx_queue_t                      in_flight;
    ngx_uint_t                       n;

    ngx_event_t                      timer;
    ngx_msec_t                       since;      /* the oldest runs, or the
                                                    slot is idle, since */

    ngx_http_cost_pg_prepared_t     *prepared;   /* by statement's index */
    ngx_uint_t                       nprepared;

    unsigned                         touched:1;  /* to be flushed */
    unsigned                         retire:1;   /* when idle */
    unsigned                         shutdown:1; /* the server said so */
    unsigned                         overdue:1;  /* the oldest is */
    unsigned                         failing:1;  /* and that is logged */
};


struct ngx_http_cost_pg_worker_s {
    ngx_http_cost_pg_ident_t         ident;

    ngx_http_cost_pg_main_conf_t    *conf;
    ngx_pool_t                      *pool;
    ngx_log_t                       *log;

    ngx_http_cost_pg_lane_t          lanes[2];
    ngx_http_cost_pg_listener_t     *listener;

    ngx_queue_t                      copies;
    ngx_uint_t                       ncopies;

    ngx_uint_t                       order;      /* hosts to begin with */

    ngx_http_cost_pg_statement_t    *statements[64];
    ngx_uint_t                       nstatements;

    /* queries that have an answer without having been sent */
    ngx_queue_t                      answered;
    ngx_event_t                      deliver;

    ngx_uint_t                       queries;
    ngx_uint_t                       failed;
    ngx_uint_t                       cancelled;
    ngx_uint_t                       connects;
};


/* _conninfo.c */

char *ngx_http_cost_pg_conninfo(ngx_conf_t *cf,
    ngx_http_cost_pg_main_conf_t *pmcf, ngx_str_t *text);


/* _conn.c */

void ngx_http_cost_pg_conn_init(ngx_http_cost_pg_conn_t *conn,
    ngx_http_cost_pg_worker_t *worker, ngx_http_cost_pg_kind_e kind,
    const ngx_http_cost_pg_owner_t *owner);
void ngx_http_cost_pg_conn_open(ngx_http_cost_pg_conn_t *conn);
void ngx_http_cost_pg_conn_retry(ngx_http_cost_pg_conn_t *conn);
void ngx_http_cost_pg_conn_close(ngx_http_cost_pg_conn_t *conn);

/* the reason is libpq's when "reason" is NULL */
void ngx_http_cost_pg_conn_fail(ngx_http_cost_pg_conn_t *conn,
    const char *reason);

/* NGX_OK: all is sent; NGX_AGAIN: io() will be called; NGX_ERROR */
ngx_int_t ngx_http_cost_pg_conn_flush(ngx_http_cost_pg_conn_t *conn);

/*
 * Reads what is there.  NGX_AGAIN: OpenSSL holds more, which no event will
 * tell; NGX_ERROR: the connection has ended, after what was read.
 */
ngx_int_t ngx_http_cost_pg_conn_read(ngx_http_cost_pg_conn_t *conn);

/* the timer fires at "at" or before; whoever it wakes looks at the clock */
void ngx_http_cost_pg_arm(ngx_event_t *ev, ngx_msec_t at);

#define ngx_http_cost_pg_passed(at)                                           \
    ((ngx_msec_int_t) ((at) - ngx_current_msec) <= 0)


/* _lane.c */

ngx_int_t ngx_http_cost_pg_lane_init(ngx_http_cost_pg_worker_t *worker,
    ngx_http_cost_pg_kind_e kind);
void ngx_http_cost_pg_lane_start(ngx_http_cost_pg_lane_t *lane);
void ngx_http_cost_pg_lane_exit(ngx_http_cost_pg_lane_t *lane);

void ngx_http_cost_pg_lane_open(ngx_http_cost_pg_lane_t *lane,
    ngx_uint_t max);
void ngx_http_cost_pg_lane_put_back(ngx_http_cost_pg_lane_t *lane,
    ngx_http_cost_pg_query_t *query);
void ngx_http_cost_pg_lane_arm(ngx_http_cost_pg_lane_t *lane);
void ngx_http_cost_pg_lane_wait(ngx_http_cost_pg_lane_t *lane);
void ngx_http_cost_pg_lane_tried(ngx_http_cost_pg_lane_t *lane);

ngx_uint_t ngx_http_cost_pg_lane_full(ngx_http_cost_pg_lane_t *lane);
ngx_uint_t ngx_http_cost_pg_lane_ready(ngx_http_cost_pg_lane_t *lane);
ngx_uint_t ngx_http_cost_pg_lane_in_flight(ngx_http_cost_pg_lane_t *lane);


/* _slot.c */

void ngx_http_cost_pg_slot_init(ngx_http_cost_pg_slot_t *slot,
    ngx_http_cost_pg_lane_t *lane);
void ngx_http_cost_pg_slot_exit(ngx_http_cost_pg_slot_t *slot);

/* NGX_ERROR: the query is not sent, and the connection is of no more use */
ngx_int_t ngx_http_cost_pg_slot_send(ngx_http_cost_pg_slot_t *slot,
    ngx_http_cost_pg_query_t *query);

/* after a failure to send: there may be answers, and the reason, to read */
void ngx_http_cost_pg_slot_fail(ngx_http_cost_pg_slot_t *slot);


/* _query.c */

/* calls the handler, once */
void ngx_http_cost_pg_query_answer(ngx_http_cost_pg_query_t *query,
    ngx_int_t rc);

/* ... and frees the query, which is in no list any more */
void ngx_http_cost_pg_query_finish(ngx_http_cost_pg_query_t *query,
    ngx_int_t rc);
void ngx_http_cost_pg_query_free(ngx_http_cost_pg_query_t *query);
void ngx_http_cost_pg_deliver(ngx_event_t *ev);


/* _result.c */

/*
 * What a result, as it came from libpq, means for its query:
 *
 *     NGX_OK, NGX_ERROR, NGX_ABORT   as in the door
 *     NGX_DECLINED                   as in the door; the connection answers,
 *                                    but a new one may find a better server
 *     NGX_AGAIN                      the prepared statement is stale; nothing
 *                                    was executed
 *     NGX_DONE                       the connection has ended
 */
ngx_int_t ngx_http_cost_pg_result_judge(PGresult *pg);

/* the server ends this connection in an orderly way, undoing what runs */
ngx_uint_t ngx_http_cost_pg_result_shutdown(const PGresult *pg);

/* an error that no input of a client explains */
ngx_uint_t ngx_http_cost_pg_result_strange(PGresult *pg);

/* the text on one line; "buf" has NGX_HTTP_COST_PG_REASON bytes */
void ngx_http_cost_pg_line(ngx_str_t *line, u_char *buf, const char *text);


/* _listen.c */

ngx_int_t ngx_http_cost_pg_listener_start(ngx_http_cost_pg_worker_t *worker);
void ngx_http_cost_pg_listener_exit(ngx_http_cost_pg_listener_t *listener);
ngx_uint_t ngx_http_cost_pg_listening(ngx_http_cost_pg_listener_t *listener);


/* _copy.c */

void ngx_http_cost_pg_copy_exit(ngx_http_cost_pg_worker_t *worker);


/* _module.c */

ngx_http_cost_pg_worker_t *ngx_http_cost_pg_worker(void);


#endif /* _NGX_HTTP_COST_PG_PRIVATE_H_INCLUDED_ */
