
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * One connection: libpq's asynchronous connect, its socket in nginx's event
 * loop, its end, and the pause before the next attempt.
 *
 * The socket is libpq's.  It is wrapped in an ngx_connection_t that is never
 * closed, only freed, and it is registered level-triggered: libpq reads once
 * per event and may leave bytes in the kernel, which edge-triggered would
 * never be told of again.  While connecting libpq may replace the socket, by
 * one of the same number too, so no registration outlives a PQconnectPoll().
 */


#include "ngx_http_cost_pg_private.h"

#include <openssl/err.h>
#include <openssl/ssl.h>


#define NGX_HTTP_COST_PG_BACKOFF_MIN  50
#define NGX_HTTP_COST_PG_BACKOFF_MAX  500


static void ngx_http_cost_pg_conn_options(ngx_http_cost_pg_conn_t *conn,
    char *buf, size_t size);
static void ngx_http_cost_pg_conn_name(ngx_http_cost_pg_conn_t *conn,
    char *buf, size_t size);
static void ngx_http_cost_pg_conn_poll(ngx_http_cost_pg_conn_t *conn);
static ngx_int_t ngx_http_cost_pg_conn_attach(ngx_http_cost_pg_conn_t *conn,
    ngx_int_t event);
static void ngx_http_cost_pg_conn_detach(ngx_http_cost_pg_conn_t *conn,
    ngx_uint_t flags);
static void ngx_http_cost_pg_conn_handler(ngx_event_t *ev);
static void ngx_http_cost_pg_conn_timer(ngx_event_t *ev);
static void ngx_http_cost_pg_conn_silent(ngx_http_cost_pg_conn_t *conn);
static void ngx_http_cost_pg_conn_notice(void *arg, const PGresult *res);


void
ngx_http_cost_pg_conn_init(ngx_http_cost_pg_conn_t *conn,
    ngx_http_cost_pg_worker_t *worker, ngx_http_cost_pg_kind_e kind,
    const ngx_http_cost_pg_owner_t *owner)
{
    conn->ident.fd = (ngx_socket_t) -1;
    conn->worker = worker;
    conn->owner = owner;
    conn->kind = kind;

    conn->timer.handler = ngx_http_cost_pg_conn_timer;
    conn->timer.data = conn;
    conn->timer.log = worker->log;

    /* whoever waits for the connection has a timer that is not */
    conn->timer.cancelable = 1;
}


void
ngx_http_cost_pg_conn_open(ngx_http_cost_pg_conn_t *conn)
{
    char                           options[1024], name[1024];
    ngx_uint_t                     n;
    const char                    *keywords[NGX_HTTP_COST_PG_OPTIONS + 8];
    const char                    *values[NGX_HTTP_COST_PG_OPTIONS + 8];
    ngx_http_cost_pg_order_t      *order;
    ngx_http_cost_pg_main_conf_t  *conf;

    conf = conn->worker->conf;

    if (conn->timer.timer_set) {
        ngx_del_timer(&conn->timer);
    }

    for (n = 0; n < conf->nkeywords; n++) {
        keywords[n] = conf->keywords[n];
        values[n] = conf->values[n];
    }

    order = &conf->orders[conn->worker->order % conf->norders];

    keywords[n] = "host";
    values[n++] = order->host;
    keywords[n] = "hostaddr";
    values[n++] = order->hostaddr;
    keywords[n] = "port";
    values[n++] = order->port;

    ngx_http_cost_pg_conn_options(conn, options, sizeof(options));

    keywords[n] = "options";
    values[n++] = options;

    ngx_http_cost_pg_conn_name(conn, name, sizeof(name));

    keywords[n] = "application_name";
    values[n++] = name;

    keywords[n] = NULL;
    values[n] = NULL;

    conn->state = NGX_HTTP_COST_PG_CONNECTING;
    conn->notices = 0;
    conn->closing = 0;
    conn->muddled = 0;

    ERR_clear_error();

    conn->pg = PQconnectStartParams(keywords, values, 0);

    if (conn->pg == NULL) {
        ngx_http_cost_pg_conn_fail(conn, "no memory");
        return;
    }

    PQsetNoticeReceiver(conn->pg, ngx_http_cost_pg_conn_notice, conn);

    if (PQstatus(conn->pg) == CONNECTION_BAD
        || PQsetnonblocking(conn->pg, 1) != 0)
    {
        ngx_http_cost_pg_conn_fail(conn, NULL);
        return;
    }

    ngx_log_debug2(NGX_LOG_DEBUG_EVENT, conn->worker->log, 0,
                   "cost pg: connecting as \"%s\", fd:%d", name,
                   PQsocket(conn->pg));

    if (ngx_http_cost_pg_conn_attach(conn, NGX_WRITE_EVENT) != NGX_OK) {
        ngx_http_cost_pg_conn_fail(conn, "no free connection in this worker");
        return;
    }

    ngx_add_timer(&conn->timer, conf->connect_timeout);
}


/* the operator's own options come last and win */

static void
ngx_http_cost_pg_conn_options(ngx_http_cost_pg_conn_t *conn, char *buf,
    size_t size)
{
    u_char                        *p, *last;
    ngx_msec_t                     limit;
    ngx_http_cost_pg_main_conf_t  *conf;

    conf = conn->worker->conf;

    p = (u_char *) buf;
    last = p + size - 1;

    switch (conn->kind) {

    case NGX_HTTP_COST_PG_KIND_FAST:
        limit = conf->timeout;
        break;

    case NGX_HTTP_COST_PG_KIND_SLOW:
        limit = conf->slow_timeout;
        break;

    default:
        limit = 0;
    }

    /* the server gives up first, so that the connection can stay */
    p = ngx_slprintf(p, last, "-c statement_timeout=%M", limit - limit / 20);

    /* to compile a statement of ours takes longer than to run it */
    p = ngx_slprintf(p, last, " -c jit=off");

    if (conn->kind == NGX_HTTP_COST_PG_KIND_COPY) {
        /* what comes while rows are sent is an error then, see _copy.c */
        p = ngx_slprintf(p, last, " -c client_min_messages=error");
    }

    p = ngx_slprintf(p, last, " %s", conf->options);
    *p = '\0';
}


static void
ngx_http_cost_pg_conn_name(ngx_http_cost_pg_conn_t *conn, char *buf,
    size_t size)
{
    u_char  *p;

    static const char  *suffix[NGX_HTTP_COST_PG_KINDS] = {
        "", " slow", " listen", " copy"
    };

    p = (u_char *) buf;

    p = ngx_slprintf(p, p + size - 1, "%s%s",
                     conn->worker->conf->application_name, suffix[conn->kind]);
    *p = '\0';
}


static void
ngx_http_cost_pg_conn_poll(ngx_http_cost_pg_conn_t *conn)
{
    ngx_int_t                  event;
    PostgresPollingStatusType  status;

    ngx_http_cost_pg_conn_detach(conn, 0);

    ERR_clear_error();

    status = PQconnectPoll(conn->pg);

    ngx_log_debug2(NGX_LOG_DEBUG_EVENT, conn->worker->log, 0,
                   "cost pg: PQconnectPoll: %d, fd:%d", (int) status,
                   PQsocket(conn->pg));

    switch (status) {

    case PGRES_POLLING_WRITING:
        event = NGX_WRITE_EVENT;
        break;

    case PGRES_POLLING_READING:
    case PGRES_POLLING_OK:
        event = NGX_READ_EVENT;
        break;

    default:
        ngx_http_cost_pg_conn_fail(conn, NULL);
        return;
    }

    if (ngx_http_cost_pg_conn_attach(conn, event) != NGX_OK) {
        ngx_http_cost_pg_conn_fail(conn, "no free connection in this worker");
        return;
    }

    if (status != PGRES_POLLING_OK) {
        return;
    }

    ngx_del_timer(&conn->timer);

    conn->state = NGX_HTTP_COST_PG_UP;
    conn->worker->connects++;

    conn->owner->up(conn);
}


static ngx_int_t
ngx_http_cost_pg_conn_attach(ngx_http_cost_pg_conn_t *conn, ngx_int_t event)
{
    ngx_socket_t       fd;
    ngx_connection_t  *c;

    fd = PQsocket(conn->pg);

    if (fd == (ngx_socket_t) -1) {
        return NGX_ERROR;
    }

    c = ngx_get_connection(fd, conn->worker->log);

    if (c == NULL) {
        return NGX_ERROR;
    }

    c->data = conn;
    c->number = ngx_atomic_fetch_add(ngx_connection_counter, 1);

    c->read->log = conn->worker->log;
    c->write->log = conn->worker->log;
    c->read->handler = ngx_http_cost_pg_conn_handler;
    c->write->handler = ngx_http_cost_pg_conn_handler;

    conn->c = c;

    return ngx_add_event((event == NGX_READ_EVENT) ? c->read : c->write, event,
                         NGX_LEVEL_EVENT);
}


/*
 * With NGX_CLOSE_EVENT the socket is closed already, by libpq on an error, or
 * is about to be, by PQfinish(): epoll has forgotten it or will, and its
 * number may be another's by now.
 */

static void
ngx_http_cost_pg_conn_detach(ngx_http_cost_pg_conn_t *conn, ngx_uint_t flags)
{
    ngx_connection_t  *c;

    c = conn->c;

    if (c == NULL) {
        return;
    }

    if (c->read->active) {
        (void) ngx_del_event(c->read, NGX_READ_EVENT, flags);
    }

    if (c->write->active) {
        (void) ngx_del_event(c->write, NGX_WRITE_EVENT, flags);
    }

    if (c->read->posted) {
        ngx_delete_posted_event(c->read);
    }

    if (c->write->posted) {
        ngx_delete_posted_event(c->write);
    }

    ngx_free_connection(c);

    c->fd = (ngx_socket_t) -1;
    conn->c = NULL;
}


static void
ngx_http_cost_pg_conn_handler(ngx_event_t *ev)
{
    ngx_connection_t         *c;
    ngx_http_cost_pg_conn_t  *conn;

    c = ev->data;
    conn = c->data;

    if (c->close) {
        ngx_http_cost_pg_conn_fail(conn, "worker_shutdown_timeout passed");
        return;
    }

    if (conn->state == NGX_HTTP_COST_PG_CONNECTING) {
        ngx_http_cost_pg_conn_poll(conn);
        return;
    }

    conn->owner->io(conn, ev);
}


static void
ngx_http_cost_pg_conn_timer(ngx_event_t *ev)
{
    ngx_http_cost_pg_conn_t  *conn = ev->data;

    if (conn->state == NGX_HTTP_COST_PG_BACKOFF) {
        ngx_http_cost_pg_conn_open(conn);
        return;
    }

    ngx_http_cost_pg_conn_silent(conn);
}


/* whoever connects next begins with the host after the one that is silent */

static void
ngx_http_cost_pg_conn_silent(ngx_http_cost_pg_conn_t *conn)
{
    size_t                         len;
    char                          *address, *port;
    ngx_uint_t                     i;
    ngx_http_cost_pg_order_t      *order;
    ngx_http_cost_pg_main_conf_t  *conf;

    conf = conn->worker->conf;

    address = PQhostaddr(conn->pg);

    if (address == NULL || *address == '\0') {
        address = PQhost(conn->pg);
    }

    port = PQport(conn->pg);

    for (i = 0; address && port && i < conf->norders; i++) {
        order = &conf->orders[i];

        len = ngx_strlen(port);

        if (ngx_strncmp(order->port, port, len) != 0
            || (order->port[len] != ',' && order->port[len] != '\0'))
        {
            continue;
        }

        len = ngx_strlen(address);

        if ((ngx_strncmp(order->hostaddr, address, len) == 0
             && (order->hostaddr[len] == ',' || order->hostaddr[len] == '\0'))
            || (ngx_strncmp(order->host, address, len) == 0
                && (order->host[len] == ',' || order->host[len] == '\0')))
        {
            conn->worker->order = (i + 1) % conf->norders;
            break;
        }
    }

    ngx_http_cost_pg_conn_fail(conn, "no answer within connect_timeout");
}


void
ngx_http_cost_pg_conn_fail(ngx_http_cost_pg_conn_t *conn, const char *reason)
{
    u_char     text[NGX_HTTP_COST_PG_REASON];
    ngx_str_t  line;

    ngx_http_cost_pg_line(&line, text,
                          reason ? reason : PQerrorMessage(conn->pg));

    ngx_http_cost_pg_conn_close(conn);

    ngx_log_debug1(NGX_LOG_DEBUG_EVENT, conn->worker->log, 0,
                   "cost pg: connection failed: %V", &line);

    conn->owner->lost(conn, &line);
}


void
ngx_http_cost_pg_conn_close(ngx_http_cost_pg_conn_t *conn)
{
    if (conn->timer.timer_set) {
        ngx_del_timer(&conn->timer);
    }

    ngx_http_cost_pg_conn_detach(conn, NGX_CLOSE_EVENT);

    if (conn->pg) {
        PQfinish(conn->pg);
        conn->pg = NULL;

        /* nginx takes a stale error for one of its own connections */
        ERR_clear_error();
    }

    conn->state = NGX_HTTP_COST_PG_CLOSED;
}


void
ngx_http_cost_pg_conn_retry(ngx_http_cost_pg_conn_t *conn)
{
    ngx_msec_t  delay;

    if (conn->backoff == 0) {
        delay = 1 + (ngx_msec_t) ngx_random() % 5;
        conn->backoff = NGX_HTTP_COST_PG_BACKOFF_MIN;

    } else {
        delay = conn->backoff / 2;
        delay += 1 + (ngx_msec_t) ngx_random() % delay;

        conn->backoff = ngx_min(conn->backoff * 2,
                                NGX_HTTP_COST_PG_BACKOFF_MAX);
    }

    conn->state = NGX_HTTP_COST_PG_BACKOFF;

    ngx_add_timer(&conn->timer, delay);
}


ngx_int_t
ngx_http_cost_pg_conn_flush(ngx_http_cost_pg_conn_t *conn)
{
    ngx_event_t  *wev;

    wev = conn->c->write;

    switch (PQflush(conn->pg)) {

    case 0:
        if (wev->active
            && ngx_del_event(wev, NGX_WRITE_EVENT, 0) != NGX_OK)
        {
            return NGX_ERROR;
        }

        return NGX_OK;

    case 1:
        if (!wev->active
            && ngx_add_event(wev, NGX_WRITE_EVENT, NGX_LEVEL_EVENT) != NGX_OK)
        {
            return NGX_ERROR;
        }

        return NGX_AGAIN;

    default:
        return NGX_ERROR;
    }
}


ngx_int_t
ngx_http_cost_pg_conn_read(ngx_http_cost_pg_conn_t *conn)
{
    SSL  *ssl;

    if (PQconsumeInput(conn->pg) == 0) {
        return NGX_ERROR;
    }

    ssl = PQsslStruct(conn->pg, "OpenSSL");

    if (ssl && SSL_pending(ssl) > 0) {
        return NGX_AGAIN;
    }

    return NGX_OK;
}


/* libpq's own receiver prints to stderr */

static void
ngx_http_cost_pg_conn_notice(void *arg, const PGresult *res)
{
    ngx_http_cost_pg_conn_t  *conn = arg;

    u_char     text[NGX_HTTP_COST_PG_REASON];
    ngx_str_t  line;

    conn->notices++;

    if (ngx_http_cost_pg_result_shutdown(res)) {
        conn->closing = 1;

    } else if (PQresultErrorField(res, PG_DIAG_SQLSTATE) == NULL) {
        /*
         * libpq's own, "message type 0x44 arrived from server while idle":
         * seen after a failed write, with the answer still to be read
         */
        conn->muddled = 1;
    }

    ngx_http_cost_pg_line(&line, text, PQresultErrorMessage(res));

    ngx_log_error(NGX_LOG_INFO, conn->worker->log, 0,
                  "cost pg: the server says: %V", &line);
}


void
ngx_http_cost_pg_arm(ngx_event_t *ev, ngx_msec_t at)
{
    ngx_msec_int_t  delay;

    if (ev->timer_set) {

        if ((ngx_msec_int_t) (at - ev->timer.key) >= 0) {
            return;
        }

        ngx_del_timer(ev);
    }

    delay = (ngx_msec_int_t) (at - ngx_current_msec);

    ngx_add_timer(ev, (ngx_msec_t) ngx_max(delay, 0));
}
