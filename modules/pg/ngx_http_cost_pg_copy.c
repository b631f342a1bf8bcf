
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A load: COPY FROM STDIN between two statements, in one transaction, on a
 * connection of its own, as a pipeline has no COPY and rows would hold up
 * queries.
 *
 *     BEGIN, before, COPY --> OPEN --end()--> COPY's end, after, COMMIT
 *                                                         | ^
 *                                                         v |
 *                                     STEP: query(), another(), commit()
 *
 * The caller's rows go out slice by slice.  Nothing more is taken while the
 * socket is full, else libpq would buffer the file; and after half a megabyte
 * the loop has its turn.
 *
 * libpq keeps an error of the server back until the end.  But a connection
 * with client_min_messages=error hears nothing else while rows are sent, so
 * anything that can be read then is such an error, and the load ends itself.
 */


#include "ngx_http_cost_pg_private.h"


#define NGX_HTTP_COST_PG_TURN  (512 * 1024)


typedef enum {
    NGX_HTTP_COST_PG_COPY_BEGIN = 0,
    NGX_HTTP_COST_PG_COPY_BEFORE,
    NGX_HTTP_COST_PG_COPY_COPY,
    NGX_HTTP_COST_PG_COPY_OPEN,
    NGX_HTTP_COST_PG_COPY_ENDING,
    NGX_HTTP_COST_PG_COPY_AFTER,
    NGX_HTTP_COST_PG_COPY_COMMIT,
    NGX_HTTP_COST_PG_COPY_STEP,      /* the caller has its turn */
    NGX_HTTP_COST_PG_COPY_OVER       /* "rc" is waiting to be delivered */
} ngx_http_cost_pg_copy_state_e;


struct ngx_http_cost_pg_copy_s {
    ngx_http_cost_pg_conn_t         conn;        /* must be first */

    ngx_queue_t                     queue;
    ngx_http_cost_pg_load_t         load;

    /* limit of the step; never cancelable, a load keeps its worker alive */
    ngx_event_t                     timer;

    /* the next turn of the loop: writable, or what end() has to continue */
    ngx_event_t                     next;

    size_t                          turn;        /* bytes in this one */

    const ngx_http_cost_sql_t      *after;       /* or what a step asks for */
    const ngx_http_cost_sql_t      *copy;
    const char                    **params;      /* of "after" */
    PGresult                       *result;      /* of "after", or error */
    ngx_http_cost_pg_result_t       shown;       /* to the step */
    ngx_int_t                       rc;

    ngx_http_cost_pg_copy_state_e   state;
    unsigned                        ended:1;     /* by the caller */
    unsigned                        refused:1;   /* ended by the server */
    unsigned                        answered:1;  /* the step has a result */
};


static ngx_int_t ngx_http_cost_pg_copy_params(ngx_http_cost_pg_copy_t *copy,
    const ngx_http_cost_sql_t *sql, ngx_str_t *params);
static void ngx_http_cost_pg_copy_up(ngx_http_cost_pg_conn_t *conn);
static void ngx_http_cost_pg_copy_io(ngx_http_cost_pg_conn_t *conn,
    ngx_event_t *ev);
static void ngx_http_cost_pg_copy_lost(ngx_http_cost_pg_conn_t *conn,
    ngx_str_t *reason);
static void ngx_http_cost_pg_copy_results(ngx_http_cost_pg_copy_t *copy);
static ngx_int_t ngx_http_cost_pg_copy_result(ngx_http_cost_pg_copy_t *copy,
    PGresult *result);
static ngx_int_t ngx_http_cost_pg_copy_step(ngx_http_cost_pg_copy_t *copy,
    ngx_http_cost_pg_copy_state_e state);
static void ngx_http_cost_pg_copy_ask(ngx_http_cost_pg_copy_t *copy);
static void ngx_http_cost_pg_copy_finish_rows(ngx_http_cost_pg_copy_t *copy,
    const char *reason);
static void ngx_http_cost_pg_copy_next(ngx_event_t *ev);
static void ngx_http_cost_pg_copy_timer(ngx_event_t *ev);
static void ngx_http_cost_pg_copy_over(ngx_http_cost_pg_copy_t *copy,
    ngx_int_t rc);
static void ngx_http_cost_pg_copy_free(ngx_http_cost_pg_copy_t *copy);


static const ngx_http_cost_pg_owner_t  ngx_http_cost_pg_copy_owner = {
    ngx_http_cost_pg_copy_up,
    ngx_http_cost_pg_copy_io,
    ngx_http_cost_pg_copy_lost
};


ngx_http_cost_pg_copy_t *
ngx_http_cost_pg_copy_begin(const ngx_http_cost_pg_load_t *load)
{
    ngx_http_cost_pg_copy_t    *copy;
    ngx_http_cost_pg_worker_t  *worker;

    worker = ngx_http_cost_pg_worker();

    if (worker == NULL) {
        return NULL;
    }

    copy = ngx_calloc(sizeof(ngx_http_cost_pg_copy_t), worker->log);
    if (copy == NULL) {
        return NULL;
    }

    copy->load = *load;
    copy->after = load->after;
    copy->copy = load->copy;

    ngx_http_cost_pg_conn_init(&copy->conn, worker, NGX_HTTP_COST_PG_KIND_COPY,
                               &ngx_http_cost_pg_copy_owner);

    copy->timer.handler = ngx_http_cost_pg_copy_timer;
    copy->timer.data = copy;
    copy->timer.log = worker->log;

    copy->next.handler = ngx_http_cost_pg_copy_next;
    copy->next.data = copy;
    copy->next.log = worker->log;

    ngx_queue_insert_tail(&worker->copies, &copy->queue);

    if (worker->ncopies++ >= NGX_HTTP_COST_PG_LOADS) {
        ngx_log_error(NGX_LOG_ERR, worker->log, 0,
                      "cost pg: more than %d loads at a time",
                      NGX_HTTP_COST_PG_LOADS);

        ngx_http_cost_pg_copy_over(copy, NGX_BUSY);
        return copy;
    }

    ngx_add_timer(&copy->timer, worker->conf->copy_timeout);

    /* which may end in copy_over() at once */
    ngx_http_cost_pg_conn_open(&copy->conn);

    return copy;
}


ngx_int_t
ngx_http_cost_pg_copy_put(ngx_http_cost_pg_copy_t *copy, const u_char *data,
    size_t size)
{
    ngx_int_t  rc;

    if (copy->state == NGX_HTTP_COST_PG_COPY_OVER || copy->refused) {
        return NGX_ERROR;
    }

    if (copy->state != NGX_HTTP_COST_PG_COPY_OPEN || size > NGX_MAX_INT32_VALUE
        || PQputCopyData(copy->conn.pg, (const char *) data, size) != 1)
    {
        ngx_http_cost_pg_conn_fail(&copy->conn,
                                   copy->state == NGX_HTTP_COST_PG_COPY_OPEN
                                   ? NULL : "rows out of turn");
        return NGX_ERROR;
    }

    ngx_add_timer(&copy->timer, copy->conn.worker->conf->copy_timeout);

    rc = ngx_http_cost_pg_conn_flush(&copy->conn);

    if (rc == NGX_ERROR) {
        ngx_http_cost_pg_conn_fail(&copy->conn, NULL);
        return NGX_ERROR;
    }

    copy->turn += size;

    if (rc == NGX_OK && copy->turn >= NGX_HTTP_COST_PG_TURN) {
        copy->turn = 0;
        ngx_post_event(&copy->next, &ngx_posted_next_events);
        rc = NGX_AGAIN;
    }

    return rc;
}


void
ngx_http_cost_pg_copy_end(ngx_http_cost_pg_copy_t *copy, ngx_str_t *params)
{
    if (copy->state == NGX_HTTP_COST_PG_COPY_OVER || copy->ended) {
        return;
    }

    copy->ended = 1;

    if (ngx_http_cost_pg_copy_params(copy, copy->after, params) != NGX_OK) {
        return;
    }

    if (copy->state == NGX_HTTP_COST_PG_COPY_OPEN) {
        ngx_post_event(&copy->next, &ngx_posted_next_events);
    }
}


static ngx_int_t
ngx_http_cost_pg_copy_params(ngx_http_cost_pg_copy_t *copy,
    const ngx_http_cost_sql_t *sql, ngx_str_t *params)
{
    int      i, n;
    size_t   size;
    u_char  *p;

    if (copy->params) {
        ngx_free(copy->params);
    }

    n = sql ? sql->nparams : 0;
    size = (n + 1) * sizeof(char *);

    for (i = 0; i < n; i++) {
        size += params[i].len + 1;
    }

    copy->params = ngx_calloc(size, copy->conn.worker->log);

    if (copy->params == NULL) {
        ngx_http_cost_pg_conn_fail(&copy->conn, "no memory");
        return NGX_ERROR;
    }

    p = (u_char *) &copy->params[n + 1];

    for (i = 0; i < n; i++) {

        if (params[i].data == NULL) {
            continue;
        }

        if (ngx_strlchr(params[i].data, params[i].data + params[i].len, '\0'))
        {
            ngx_http_cost_pg_conn_fail(&copy->conn,
                                       "a parameter with a zero byte");
            return NGX_ERROR;
        }

        copy->params[i] = (char *) p;
        p = ngx_cpymem(p, params[i].data, params[i].len);
        *p++ = '\0';
    }

    return NGX_OK;
}


void
ngx_http_cost_pg_copy_query(ngx_http_cost_pg_copy_t *copy,
    const ngx_http_cost_sql_t *statement, ngx_str_t *params)
{
    if (copy->state != NGX_HTTP_COST_PG_COPY_STEP) {
        return;
    }

    copy->after = statement;

    if (ngx_http_cost_pg_copy_params(copy, statement, params) == NGX_OK
        && ngx_http_cost_pg_copy_step(copy, NGX_HTTP_COST_PG_COPY_AFTER)
           != NGX_OK)
    {
        ngx_http_cost_pg_conn_fail(&copy->conn, NULL);
    }
}


void
ngx_http_cost_pg_copy_another(ngx_http_cost_pg_copy_t *copy,
    const ngx_http_cost_sql_t *statement)
{
    if (copy->state != NGX_HTTP_COST_PG_COPY_STEP) {
        return;
    }

    PQclear(copy->result);
    copy->result = NULL;

    copy->ended = 0;
    copy->turn = 0;
    copy->after = NULL;
    copy->copy = statement;

    if (ngx_http_cost_pg_copy_step(copy, NGX_HTTP_COST_PG_COPY_COPY)
        != NGX_OK)
    {
        ngx_http_cost_pg_conn_fail(&copy->conn, NULL);
    }
}


void
ngx_http_cost_pg_copy_commit(ngx_http_cost_pg_copy_t *copy)
{
    if (copy->state == NGX_HTTP_COST_PG_COPY_STEP
        && ngx_http_cost_pg_copy_step(copy, NGX_HTTP_COST_PG_COPY_COMMIT)
           != NGX_OK)
    {
        ngx_http_cost_pg_conn_fail(&copy->conn, NULL);
    }
}


void
ngx_http_cost_pg_copy_abort(ngx_http_cost_pg_copy_t *copy)
{
    /* a transaction without its COMMIT is undone */
    ngx_http_cost_pg_copy_free(copy);
}


static void
ngx_http_cost_pg_copy_up(ngx_http_cost_pg_conn_t *conn)
{
    ngx_http_cost_pg_copy_t  *copy = (ngx_http_cost_pg_copy_t *) conn;

    if (ngx_http_cost_pg_copy_step(copy, NGX_HTTP_COST_PG_COPY_BEGIN)
        != NGX_OK)
    {
        ngx_http_cost_pg_conn_fail(conn, NULL);
    }
}


static void
ngx_http_cost_pg_copy_io(ngx_http_cost_pg_conn_t *conn, ngx_event_t *ev)
{
    ngx_int_t                 rc;
    ngx_uint_t                notices;
    ngx_http_cost_pg_copy_t  *copy = (ngx_http_cost_pg_copy_t *) conn;

    if (ev->write) {
        rc = ngx_http_cost_pg_conn_flush(conn);

        if (rc == NGX_ERROR) {
            ngx_http_cost_pg_conn_fail(conn, NULL);
            return;
        }

        if (rc == NGX_OK && copy->state == NGX_HTTP_COST_PG_COPY_OPEN
            && !copy->ended)
        {
            copy->turn = 0;
            copy->load.writable(copy->load.data);
        }

        return;
    }

    notices = conn->notices;

    do {
        rc = ngx_http_cost_pg_conn_read(conn);
    } while (rc == NGX_AGAIN);

    if (copy->state == NGX_HTTP_COST_PG_COPY_STEP) {

        /* nothing was asked for: it is a notice, or the end */

        if (rc == NGX_ERROR) {
            ngx_http_cost_pg_conn_fail(conn, NULL);
        }

        return;
    }

    if (copy->state == NGX_HTTP_COST_PG_COPY_OPEN && rc == NGX_OK) {

        /* lets libpq take notices, if there are any, off its buffer */
        (void) PQisBusy(conn->pg);

        if (conn->notices == notices) {
            ngx_http_cost_pg_copy_finish_rows(copy, "refused");
        }

        return;
    }

    if (rc == NGX_ERROR && copy->state == NGX_HTTP_COST_PG_COPY_OPEN) {
        ngx_http_cost_pg_conn_fail(conn, NULL);
        return;
    }

    if (rc == NGX_ERROR && PQisBusy(conn->pg)) {
        ngx_http_cost_pg_conn_fail(conn, NULL);
        return;
    }

    ngx_http_cost_pg_copy_results(copy);
}


/* may free the copy */

static void
ngx_http_cost_pg_copy_results(ngx_http_cost_pg_copy_t *copy)
{
    PGconn     *pg;
    PGresult   *result;
    ngx_uint_t  state;

    pg = copy->conn.pg;

    while (!PQisBusy(pg)) {

        result = PQgetResult(pg);

        if (result) {

            if (ngx_http_cost_pg_copy_result(copy, result) != NGX_OK) {
                return;
            }

            if (copy->state == NGX_HTTP_COST_PG_COPY_OPEN) {
                break;
            }

            continue;
        }

        if (!copy->answered) {
            ngx_http_cost_pg_conn_fail(&copy->conn, NULL);
            return;
        }

        state = copy->state + 1;

        if (copy->state == NGX_HTTP_COST_PG_COPY_COMMIT) {
            ngx_http_cost_pg_copy_over(copy, NGX_OK);
            return;
        }

        /* behind the rows, and behind what was asked for */

        if (copy->load.step
            && (state == NGX_HTTP_COST_PG_COPY_COMMIT
                || (state == NGX_HTTP_COST_PG_COPY_AFTER
                    && copy->after == NULL)))
        {
            ngx_http_cost_pg_copy_ask(copy);
            return;
        }

        if (ngx_http_cost_pg_copy_step(copy, state) != NGX_OK) {
            ngx_http_cost_pg_conn_fail(&copy->conn, NULL);
            return;
        }
    }

    if (copy->state != NGX_HTTP_COST_PG_COPY_OPEN) {
        return;
    }

    if (copy->ended) {
        ngx_http_cost_pg_copy_finish_rows(copy, NULL);
        return;
    }

    copy->load.writable(copy->load.data);
}


static ngx_int_t
ngx_http_cost_pg_copy_result(ngx_http_cost_pg_copy_t *copy, PGresult *result)
{
    char           *state, *message;
    u_char          text[NGX_HTTP_COST_PG_REASON];
    ngx_int_t       rc;
    ngx_str_t       line;
    ExecStatusType  status;

    status = PQresultStatus(result);

    if (status == PGRES_COPY_IN && copy->state == NGX_HTTP_COST_PG_COPY_COPY) {
        PQclear(result);
        copy->state = NGX_HTTP_COST_PG_COPY_OPEN;
        return NGX_OK;
    }

    rc = ngx_http_cost_pg_result_judge(result);

    if (rc == NGX_OK
        && copy->state == NGX_HTTP_COST_PG_COPY_COMMIT
        && ngx_strcmp(PQcmdStatus(result), "COMMIT") != 0)
    {
        rc = NGX_DECLINED;
    }

    if (rc == NGX_OK && copy->state != NGX_HTTP_COST_PG_COPY_COPY) {
        copy->answered = 1;

        if (copy->state == NGX_HTTP_COST_PG_COPY_AFTER) {
            PQclear(copy->result);
            copy->result = result;

        } else {
            PQclear(result);
        }

        return NGX_OK;
    }

    state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    if (rc == NGX_OK) {
        message = "the statement is no COPY FROM STDIN";
        rc = NGX_DECLINED;

    } else if (copy->refused && rc == NGX_ABORT) {
        /* our own reason came back: it was no error that came early */
        message = "unexpected data while rows were sent";
        rc = NGX_DECLINED;

    } else if (rc == NGX_DONE || rc == NGX_AGAIN) {
        rc = NGX_DECLINED;
    }

    if (rc != NGX_ERROR || ngx_http_cost_pg_result_strange(result)) {
        ngx_http_cost_pg_line(&line, text, message ? message
                                           : PQresultErrorMessage(result));

        ngx_log_error(NGX_LOG_ERR, copy->conn.worker->log, 0,
                      "cost pg: load \"%s\" failed: %s %V",
                      copy->load.copy->name, state ? state : "", &line);
    }

    PQclear(copy->result);
    copy->result = result;

    ngx_http_cost_pg_copy_over(copy, rc);

    return NGX_ERROR;
}


/* sends what "state" waits for, or goes on to the next that has something */

static ngx_int_t
ngx_http_cost_pg_copy_step(ngx_http_cost_pg_copy_t *copy,
    ngx_http_cost_pg_copy_state_e state)
{
    int                         sent;
    PGconn                     *pg;
    const ngx_http_cost_sql_t  *sql;

    pg = copy->conn.pg;
    sent = 0;

    if (state == NGX_HTTP_COST_PG_COPY_BEFORE && copy->load.before == NULL) {
        state = NGX_HTTP_COST_PG_COPY_COPY;
    }

    if (state == NGX_HTTP_COST_PG_COPY_AFTER && copy->after == NULL) {
        state = NGX_HTTP_COST_PG_COPY_COMMIT;
    }

    switch (state) {

    case NGX_HTTP_COST_PG_COPY_BEGIN:
        sent = PQsendQuery(pg, "BEGIN");
        break;

    case NGX_HTTP_COST_PG_COPY_BEFORE:
        sent = PQsendQuery(pg, copy->load.before->text);
        break;

    case NGX_HTTP_COST_PG_COPY_COPY:
        sent = PQsendQuery(pg, copy->copy->text);
        break;

    case NGX_HTTP_COST_PG_COPY_AFTER:
        sql = copy->after;
        sent = PQsendQueryParams(pg, sql->text, sql->nparams, NULL,
                                 copy->params, NULL, NULL, 0);
        break;

    case NGX_HTTP_COST_PG_COPY_COMMIT:
        sent = PQsendQuery(pg, "COMMIT");
        break;

    default:
        break;
    }

    copy->state = state;
    copy->answered = 0;

    ngx_add_timer(&copy->timer, copy->conn.worker->conf->copy_timeout);

    if (!sent || ngx_http_cost_pg_conn_flush(&copy->conn) == NGX_ERROR) {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* may free the copy */

static void
ngx_http_cost_pg_copy_ask(ngx_http_cost_pg_copy_t *copy)
{
    copy->state = NGX_HTTP_COST_PG_COPY_STEP;

    if (copy->timer.timer_set) {
        ngx_del_timer(&copy->timer);
    }

    copy->shown.pg = copy->result;
    copy->shown.sqlstate = NULL;

    copy->load.step(copy->load.data, &copy->shown);
}


/*
 * With a reason the server takes none of the rows.  The results are looked
 * for at once: an error that came early is there already, and no event will
 * tell of it.
 */

static void
ngx_http_cost_pg_copy_finish_rows(ngx_http_cost_pg_copy_t *copy,
    const char *reason)
{
    copy->state = NGX_HTTP_COST_PG_COPY_ENDING;
    copy->answered = 0;

    if (reason) {
        copy->refused = 1;
    }

    if (PQputCopyEnd(copy->conn.pg, reason) != 1
        || ngx_http_cost_pg_conn_flush(&copy->conn) == NGX_ERROR)
    {
        ngx_http_cost_pg_conn_fail(&copy->conn, NULL);
        return;
    }

    ngx_http_cost_pg_copy_results(copy);
}


static void
ngx_http_cost_pg_copy_next(ngx_event_t *ev)
{
    ngx_http_cost_pg_copy_t  *copy = ev->data;

    if (copy->state != NGX_HTTP_COST_PG_COPY_OPEN) {
        return;
    }

    if (copy->ended) {
        ngx_http_cost_pg_copy_finish_rows(copy, NULL);
        return;
    }

    copy->load.writable(copy->load.data);
}


static void
ngx_http_cost_pg_copy_timer(ngx_event_t *ev)
{
    ngx_http_cost_pg_copy_t  *copy = ev->data;

    ngx_int_t                     rc;
    PGresult                     *pg;
    ngx_http_cost_pg_result_t     result;
    ngx_http_cost_pg_load_t       load;

    if (copy->state != NGX_HTTP_COST_PG_COPY_OVER) {
        ngx_log_error(NGX_LOG_ERR, copy->conn.worker->log, 0,
                      "cost pg: load \"%s\" made no progress for %M ms",
                      copy->load.copy->name,
                      copy->conn.worker->conf->copy_timeout);

        copy->rc = NGX_ABORT;
    }

    rc = copy->rc;
    pg = copy->result;
    load = copy->load;

    copy->result = NULL;

    ngx_http_cost_pg_copy_free(copy);

    result.pg = (rc == NGX_OK || rc == NGX_ERROR) ? pg : NULL;
    result.sqlstate = NULL;

    load.done(load.data, rc, &result);

    PQclear(pg);
}


static void
ngx_http_cost_pg_copy_lost(ngx_http_cost_pg_conn_t *conn, ngx_str_t *reason)
{
    ngx_http_cost_pg_copy_t  *copy = (ngx_http_cost_pg_copy_t *) conn;

    ngx_log_error(NGX_LOG_ERR, conn->worker->log, 0,
                  "cost pg: load \"%s\" failed: %V", copy->load.copy->name,
                  reason);

    ngx_http_cost_pg_copy_over(copy, NGX_DECLINED);
}


/* the caller is told in the next turn of the loop */

static void
ngx_http_cost_pg_copy_over(ngx_http_cost_pg_copy_t *copy, ngx_int_t rc)
{
    ngx_http_cost_pg_conn_close(&copy->conn);

    copy->state = NGX_HTTP_COST_PG_COPY_OVER;
    copy->rc = rc;

    if (copy->next.posted) {
        ngx_delete_posted_event(&copy->next);
    }

    if (copy->timer.timer_set) {
        ngx_del_timer(&copy->timer);
    }

    ngx_add_timer(&copy->timer, 0);
}


static void
ngx_http_cost_pg_copy_free(ngx_http_cost_pg_copy_t *copy)
{
    ngx_http_cost_pg_conn_close(&copy->conn);

    if (copy->next.posted) {
        ngx_delete_posted_event(&copy->next);
    }

    if (copy->timer.timer_set) {
        ngx_del_timer(&copy->timer);
    }

    ngx_queue_remove(&copy->queue);
    copy->conn.worker->ncopies--;

    PQclear(copy->result);

    if (copy->params) {
        ngx_free(copy->params);
    }

    ngx_free(copy);
}


void
ngx_http_cost_pg_copy_exit(ngx_http_cost_pg_worker_t *worker)
{
    ngx_queue_t              *q;
    ngx_http_cost_pg_copy_t  *copy;

    while (!ngx_queue_empty(&worker->copies)) {
        q = ngx_queue_head(&worker->copies);
        copy = ngx_queue_data(q, ngx_http_cost_pg_copy_t, queue);

        ngx_http_cost_pg_copy_free(copy);
    }
}
