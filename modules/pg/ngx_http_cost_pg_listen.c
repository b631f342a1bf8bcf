
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The listener: the one connection of a node, in worker 0, that hears NOTIFY.
 *
 * Silence says nothing: a dead network is as quiet as an idle server.  So an
 * empty query goes out every 200 ms, and its answer is the sign of life; one
 * that stays out for a second ends the connection.
 */


#include "ngx_http_cost_pg_private.h"


/* milliseconds */
#define NGX_HTTP_COST_PG_PING    200
#define NGX_HTTP_COST_PG_SILENT  1000


struct ngx_http_cost_pg_listener_s {
    ngx_http_cost_pg_conn_t        conn;      /* must be first */

    ngx_array_t                   *listens;
    char                          *command;   /* LISTEN ...; LISTEN ... */

    ngx_event_t                    timer;
    ngx_msec_t                     asked;     /* when */

    unsigned                       asking:1;  /* an answer is to come */
    unsigned                       refused:1; /* the one that came is bad */
    unsigned                       up:1;
    unsigned                       failing:1; /* and that is logged */
};


static void ngx_http_cost_pg_listener_up(ngx_http_cost_pg_conn_t *conn);
static void ngx_http_cost_pg_listener_io(ngx_http_cost_pg_conn_t *conn,
    ngx_event_t *ev);
static void ngx_http_cost_pg_listener_lost(ngx_http_cost_pg_conn_t *conn,
    ngx_str_t *reason);
static void ngx_http_cost_pg_listener_timer(ngx_event_t *ev);
static ngx_int_t ngx_http_cost_pg_listener_ask(
    ngx_http_cost_pg_listener_t *listener, const char *command);
static void ngx_http_cost_pg_listener_answered(
    ngx_http_cost_pg_listener_t *listener);
static void ngx_http_cost_pg_listener_notify(
    ngx_http_cost_pg_listener_t *listener);
static void ngx_http_cost_pg_listener_set(
    ngx_http_cost_pg_listener_t *listener, ngx_uint_t up);


static const ngx_http_cost_pg_owner_t  ngx_http_cost_pg_listener_owner = {
    ngx_http_cost_pg_listener_up,
    ngx_http_cost_pg_listener_io,
    ngx_http_cost_pg_listener_lost
};


ngx_int_t
ngx_http_cost_pg_listen(ngx_conf_t *cf, ngx_http_cost_pg_listen_t *listen)
{
    ngx_uint_t                      i;
    ngx_http_cost_pg_listen_t     **l;
    ngx_http_cost_pg_main_conf_t   *pmcf;

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cost_pg_module);

    /* it becomes a part of a command */

    for (i = 0; i < listen->channel.len; i++) {
        if ((listen->channel.data[i] < 'a' || listen->channel.data[i] > 'z')
            && listen->channel.data[i] != '_')
        {
            return NGX_ERROR;
        }
    }

    if (listen->channel.len == 0 || listen->channel.len > 63) {
        return NGX_ERROR;
    }

    l = ngx_array_push(&pmcf->listens);
    if (l == NULL) {
        return NGX_ERROR;
    }

    *l = listen;

    return NGX_OK;
}


ngx_int_t
ngx_http_cost_pg_listener_start(ngx_http_cost_pg_worker_t *worker)
{
    u_char                       *p;
    size_t                        len;
    ngx_uint_t                    i;
    ngx_http_cost_pg_listen_t   **l;
    ngx_http_cost_pg_listener_t  *listener;

    listener = ngx_pcalloc(worker->pool, sizeof(ngx_http_cost_pg_listener_t));
    if (listener == NULL) {
        return NGX_ERROR;
    }

    ngx_http_cost_pg_conn_init(&listener->conn, worker,
                               NGX_HTTP_COST_PG_KIND_LISTEN,
                               &ngx_http_cost_pg_listener_owner);

    listener->listens = &worker->conf->listens;
    l = listener->listens->elts;
    len = 1;

    for (i = 0; i < listener->listens->nelts; i++) {
        len += sizeof("LISTEN ;") + l[i]->channel.len;
    }

    p = ngx_pnalloc(worker->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    listener->command = (char *) p;

    for (i = 0; i < listener->listens->nelts; i++) {
        p = ngx_sprintf(p, "LISTEN %V;", &l[i]->channel);
    }

    *p = '\0';

    listener->timer.handler = ngx_http_cost_pg_listener_timer;
    listener->timer.data = listener;
    listener->timer.log = worker->log;
    listener->timer.cancelable = 1;

    worker->listener = listener;

    ngx_http_cost_pg_conn_open(&listener->conn);

    return NGX_OK;
}


void
ngx_http_cost_pg_listener_exit(ngx_http_cost_pg_listener_t *listener)
{
    ngx_http_cost_pg_conn_close(&listener->conn);

    if (listener->timer.timer_set) {
        ngx_del_timer(&listener->timer);
    }

    listener->up = 0;
}


ngx_uint_t
ngx_http_cost_pg_listening(ngx_http_cost_pg_listener_t *listener)
{
    return listener ? listener->up : 0;
}


static void
ngx_http_cost_pg_listener_up(ngx_http_cost_pg_conn_t *conn)
{
    ngx_http_cost_pg_listener_t  *listener;

    listener = (ngx_http_cost_pg_listener_t *) conn;

    if (ngx_http_cost_pg_listener_ask(listener, listener->command) != NGX_OK) {
        ngx_http_cost_pg_conn_fail(conn, NULL);
        return;
    }

    ngx_add_timer(&listener->timer, NGX_HTTP_COST_PG_PING);
}


static ngx_int_t
ngx_http_cost_pg_listener_ask(ngx_http_cost_pg_listener_t *listener,
    const char *command)
{
    if (PQsendQuery(listener->conn.pg, command) == 0
        || ngx_http_cost_pg_conn_flush(&listener->conn) == NGX_ERROR)
    {
        return NGX_ERROR;
    }

    listener->asking = 1;
    listener->refused = 0;
    listener->asked = ngx_current_msec;

    return NGX_OK;
}


static void
ngx_http_cost_pg_listener_io(ngx_http_cost_pg_conn_t *conn, ngx_event_t *ev)
{
    PGresult                     *result;
    ngx_int_t                     rc;
    ngx_uint_t                    asking;
    ngx_http_cost_pg_listener_t  *listener;

    listener = (ngx_http_cost_pg_listener_t *) conn;
    asking = listener->asking;

    do {
        rc = ngx_http_cost_pg_conn_read(conn);

        ngx_http_cost_pg_listener_notify(listener);

        while (listener->asking && !PQisBusy(conn->pg)) {

            result = PQgetResult(conn->pg);

            if (result == NULL) {
                listener->asking = 0;
                break;
            }

            if (ngx_http_cost_pg_result_judge(result) != NGX_OK) {
                listener->refused = 1;
            }

            PQclear(result);
        }

        ngx_http_cost_pg_listener_notify(listener);

    } while (rc == NGX_AGAIN);

    if (rc == NGX_ERROR || listener->refused) {
        ngx_http_cost_pg_conn_fail(conn, NULL);
        return;
    }

    if (conn->c->write->active
        && ngx_http_cost_pg_conn_flush(conn) == NGX_ERROR)
    {
        ngx_http_cost_pg_conn_fail(conn, NULL);
        return;
    }

    if (asking && !listener->asking) {
        ngx_http_cost_pg_listener_answered(listener);
    }
}


static void
ngx_http_cost_pg_listener_answered(ngx_http_cost_pg_listener_t *listener)
{
    ngx_uint_t                   i;
    ngx_http_cost_pg_listen_t  **l;

    listener->conn.backoff = 0;

    if (!listener->up) {

        if (listener->failing) {
            listener->failing = 0;

            ngx_log_error(NGX_LOG_NOTICE, listener->conn.worker->log, 0,
                          "cost pg: listening again");
        }

        ngx_http_cost_pg_listener_set(listener, 1);
    }

    l = listener->listens->elts;

    for (i = 0; i < listener->listens->nelts; i++) {
        if (l[i]->alive) {
            l[i]->alive(l[i]->data);
        }
    }
}


static void
ngx_http_cost_pg_listener_notify(ngx_http_cost_pg_listener_t *listener)
{
    PGnotify                    *notify;
    ngx_str_t                    payload;
    ngx_uint_t                   i;
    ngx_http_cost_pg_listen_t  **l;

    l = listener->listens->elts;

    for ( ;; ) {
        notify = PQnotifies(listener->conn.pg);

        if (notify == NULL) {
            return;
        }

        payload.data = (u_char *) notify->extra;
        payload.len = ngx_strlen(notify->extra);

        ngx_log_debug2(NGX_LOG_DEBUG_HTTP, listener->conn.worker->log, 0,
                       "cost pg: notification %s \"%V\"", notify->relname,
                       &payload);

        for (i = 0; i < listener->listens->nelts; i++) {
            if (ngx_strlen(notify->relname) == l[i]->channel.len
                && ngx_strncmp(notify->relname, l[i]->channel.data,
                               l[i]->channel.len)
                   == 0)
            {
                l[i]->notify(l[i]->data, &payload);
            }
        }

        PQfreemem(notify);
    }
}


static void
ngx_http_cost_pg_listener_set(ngx_http_cost_pg_listener_t *listener,
    ngx_uint_t up)
{
    ngx_uint_t                   i;
    ngx_http_cost_pg_listen_t  **l;

    listener->up = up;

    l = listener->listens->elts;

    for (i = 0; i < listener->listens->nelts; i++) {
        if (l[i]->up) {
            l[i]->up(l[i]->data, up);
        }
    }
}


static void
ngx_http_cost_pg_listener_lost(ngx_http_cost_pg_conn_t *conn,
    ngx_str_t *reason)
{
    ngx_http_cost_pg_listener_t  *listener;

    listener = (ngx_http_cost_pg_listener_t *) conn;

    listener->asking = 0;

    if (listener->timer.timer_set) {
        ngx_del_timer(&listener->timer);
    }

    if (!listener->failing) {
        listener->failing = 1;

        ngx_log_error(NGX_LOG_WARN, conn->worker->log, 0,
                      "cost pg: not listening: %V", reason);
    }

    if (ngx_exiting || ngx_terminate) {
        listener->up = 0;
        return;
    }

    ngx_http_cost_pg_conn_retry(conn);

    if (listener->up) {
        ngx_http_cost_pg_listener_set(listener, 0);
    }
}


static void
ngx_http_cost_pg_listener_timer(ngx_event_t *ev)
{
    ngx_http_cost_pg_listener_t  *listener = ev->data;

    ngx_http_cost_pg_conn_t  *conn;

    conn = &listener->conn;

    if (ngx_exiting || ngx_terminate) {
        /* the next worker 0 listens already */
        ngx_http_cost_pg_listener_exit(listener);
        return;
    }

    if (listener->asking) {

        if (ngx_http_cost_pg_passed(listener->asked
                                    + NGX_HTTP_COST_PG_SILENT))
        {
            ngx_http_cost_pg_conn_fail(conn, "the server is silent");
            return;
        }

    } else if (ngx_http_cost_pg_listener_ask(listener, "") != NGX_OK) {
        ngx_http_cost_pg_conn_fail(conn, NULL);
        return;
    }

    ngx_add_timer(&listener->timer, NGX_HTTP_COST_PG_PING);
}
