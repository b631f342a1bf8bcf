
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The location with "cost_smtp": one message to one receiver through the
 * operator's relay, in the event loop.
 *
 *     connect -> [TLS] -> read a reply, say what is next, ... -> answer
 *
 * What is said when is cost_smtp_next()'s.  A relay that speaks before it is
 * spoken to, or says more than one thing at a time, is none.
 */


#include "timer/ngx_http_cost_timer_smtp.h"


#define NGX_HTTP_COST_TIMER_SMTP_BUF  1024


typedef struct {
    ngx_http_request_t            *request;
    ngx_http_cost_timer_smtp_t    *smtp;
    ngx_http_cost_timer_target_t  *target;
    ngx_peer_connection_t          peer;
    cost_smtp_step_e               step;
    cost_smtp_reply_t              reply;
    ngx_str_t                      out;      /* what is not sent yet */
    u_char                         line[NGX_HTTP_COST_TIMER_SMTP_BUF];
    u_char                         in[NGX_HTTP_COST_TIMER_SMTP_BUF];
} ngx_http_cost_timer_smtp_ctx_t;


static ngx_int_t ngx_http_cost_timer_smtp_connect(
    ngx_http_cost_timer_smtp_ctx_t *ctx);
static void ngx_http_cost_timer_smtp_connected(ngx_event_t *ev);
static void ngx_http_cost_timer_smtp_start(
    ngx_http_cost_timer_smtp_ctx_t *ctx);
#if (NGX_SSL)
static void ngx_http_cost_timer_smtp_handshake(
    ngx_http_cost_timer_smtp_ctx_t *ctx);
static void ngx_http_cost_timer_smtp_shaken(ngx_connection_t *c);
#endif
static void ngx_http_cost_timer_smtp_read(ngx_event_t *rev);
static ngx_int_t ngx_http_cost_timer_smtp_heard(
    ngx_http_cost_timer_smtp_ctx_t *ctx, size_t n);
static ngx_int_t ngx_http_cost_timer_smtp_say(
    ngx_http_cost_timer_smtp_ctx_t *ctx);
static void ngx_http_cost_timer_smtp_write(ngx_event_t *wev);
static ngx_int_t ngx_http_cost_timer_smtp_flush(
    ngx_http_cost_timer_smtp_ctx_t *ctx);
static void ngx_http_cost_timer_smtp_answer(
    ngx_http_cost_timer_smtp_ctx_t *ctx);
static void ngx_http_cost_timer_smtp_fail(
    ngx_http_cost_timer_smtp_ctx_t *ctx, ngx_int_t status, const char *what);
static void ngx_http_cost_timer_smtp_end(ngx_http_cost_timer_smtp_ctx_t *ctx,
    ngx_int_t rc);
static void ngx_http_cost_timer_smtp_close(void *data);
static void ngx_http_cost_timer_smtp_dummy(ngx_event_t *ev);


ngx_int_t
ngx_http_cost_timer_smtp_handler(ngx_http_request_t *r)
{
    ngx_http_cleanup_t               *cln;
    ngx_http_cost_timer_target_t     *target;
    ngx_http_cost_timer_smtp_ctx_t   *ctx;
    ngx_http_cost_timer_main_conf_t  *tmcf;

    tmcf = ngx_http_get_module_main_conf(r, ngx_http_cost_timer_module);

    target = ngx_http_cost_timer_fake_target(r);

    /* only deliveries come here, whatever redirects there are */

    if (target == NULL || r == r->main || r->request_body == NULL
        || r->request_body->buf == NULL)
    {
        return NGX_HTTP_NOT_FOUND;
    }

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_cost_timer_smtp_ctx_t));
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->request = r;
    ctx->smtp = tmcf->smtp;
    ctx->target = target;
    target->final = 0;

    /* also when the delivery's time is over */

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln->handler = ngx_http_cost_timer_smtp_close;
    cln->data = ctx;

    if (ngx_http_cost_timer_smtp_connect(ctx) != NGX_OK) {
        return NGX_HTTP_BAD_GATEWAY;
    }

    r->main->count++;

    return NGX_DONE;
}


/* what follows comes from the event loop, never from in here */

static ngx_int_t
ngx_http_cost_timer_smtp_connect(ngx_http_cost_timer_smtp_ctx_t *ctx)
{
    ngx_int_t                    rc;
    ngx_addr_t                  *addr;
    ngx_connection_t            *c;
    ngx_peer_connection_t       *peer;
    ngx_http_cost_timer_smtp_t  *smtp;

    smtp = ctx->smtp;
    peer = &ctx->peer;

    addr = &smtp->addrs[smtp->next++ % smtp->naddrs];

    peer->sockaddr = addr->sockaddr;
    peer->socklen = addr->socklen;
    peer->name = &addr->name;
    peer->get = ngx_event_get_peer;
    peer->log = ctx->request->connection->log;
    peer->log_error = NGX_ERROR_ERR;

    peer->log->action = "connecting to the mail relay";

    rc = ngx_event_connect_peer(peer);

    if (rc != NGX_OK && rc != NGX_AGAIN) {
        return NGX_ERROR;
    }

    c = peer->connection;

    c->data = ctx;
    c->pool = ctx->request->pool;
    c->log = peer->log;
    c->read->log = c->log;
    c->write->log = c->log;
    c->read->handler = ngx_http_cost_timer_smtp_dummy;
    c->write->handler = ngx_http_cost_timer_smtp_connected;

    ngx_add_timer(c->write, smtp->timeout);

    if (rc == NGX_OK) {
        ngx_post_event(c->write, &ngx_posted_events);
    }

    return NGX_OK;
}


static void
ngx_http_cost_timer_smtp_connected(ngx_event_t *ev)
{
    int                              err;
    socklen_t                        len;
    ngx_connection_t                *c;
    ngx_http_cost_timer_smtp_ctx_t  *ctx;

    c = ev->data;
    ctx = c->data;

    if (ev->timedout) {
        ngx_http_cost_timer_smtp_fail(ctx, NGX_HTTP_GATEWAY_TIME_OUT,
                                      "the mail relay timed out");
        return;
    }

    err = 0;
    len = sizeof(int);

    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, (void *) &err, &len) == -1) {
        err = ngx_socket_errno;
    }

    if (err) {
        (void) ngx_connection_error(c, err, "connect() failed");
        ngx_http_cost_timer_smtp_fail(ctx, NGX_HTTP_BAD_GATEWAY, NULL);
        return;
    }

    ngx_del_timer(ev);

#if (NGX_SSL)

    if (ctx->smtp->ssl) {
        ngx_http_cost_timer_smtp_handshake(ctx);
        return;
    }

#endif

    ngx_http_cost_timer_smtp_start(ctx);
}


#if (NGX_SSL)

static void
ngx_http_cost_timer_smtp_handshake(ngx_http_cost_timer_smtp_ctx_t *ctx)
{
    ngx_int_t          rc;
    ngx_connection_t  *c;

    c = ctx->peer.connection;
    c->log->action = "shaking hands with the mail relay";

    if (ngx_ssl_create_connection(ctx->smtp->ssl, c, NGX_SSL_CLIENT) != NGX_OK
        || SSL_set_tlsext_host_name(c->ssl->connection,
                                    (char *) ctx->smtp->host.data)
           == 0)
    {
        ngx_http_cost_timer_smtp_fail(ctx, NGX_HTTP_BAD_GATEWAY,
                                      "no TLS with the mail relay");
        return;
    }

    rc = ngx_ssl_handshake(c);

    if (rc == NGX_AGAIN) {
        ngx_add_timer(c->read, ctx->smtp->timeout);
        c->ssl->handler = ngx_http_cost_timer_smtp_shaken;
        return;
    }

    ngx_http_cost_timer_smtp_shaken(c);
}


static void
ngx_http_cost_timer_smtp_shaken(ngx_connection_t *c)
{
    long                             rc;
    ngx_http_cost_timer_smtp_ctx_t  *ctx;

    ctx = c->data;

    if (!c->ssl->handshaked) {
        ngx_http_cost_timer_smtp_fail(ctx, c->read->timedout
                                           ? NGX_HTTP_GATEWAY_TIME_OUT
                                           : NGX_HTTP_BAD_GATEWAY,
                                      "no TLS with the mail relay");
        return;
    }

    rc = SSL_get_verify_result(c->ssl->connection);

    if (rc != X509_V_OK) {
        ngx_log_error(NGX_LOG_ERR, c->log, 0,
                      "the mail relay's certificate is not good: (%l: %s)",
                      rc, X509_verify_cert_error_string(rc));
        ngx_http_cost_timer_smtp_fail(ctx, NGX_HTTP_BAD_GATEWAY, NULL);
        return;
    }

    if (ngx_ssl_check_host(c, &ctx->smtp->host) != NGX_OK) {
        ngx_http_cost_timer_smtp_fail(ctx, NGX_HTTP_BAD_GATEWAY,
                                      "the mail relay's certificate is for "
                                      "another name");
        return;
    }

    ngx_http_cost_timer_smtp_start(ctx);
}

#endif


/* the relay speaks first */

static void
ngx_http_cost_timer_smtp_start(ngx_http_cost_timer_smtp_ctx_t *ctx)
{
    ngx_connection_t  *c;

    c = ctx->peer.connection;

    c->read->handler = ngx_http_cost_timer_smtp_read;
    c->write->handler = ngx_http_cost_timer_smtp_write;

    ctx->step = COST_SMTP_GREETING;
    cost_smtp_reply_init(&ctx->reply);

    c->log->action = "talking to the mail relay";

    ngx_add_timer(c->read, ctx->smtp->timeout);

    ngx_http_cost_timer_smtp_read(c->read);
}


static void
ngx_http_cost_timer_smtp_read(ngx_event_t *rev)
{
    ssize_t                          n;
    ngx_int_t                        rc;
    ngx_connection_t                *c;
    ngx_http_cost_timer_smtp_ctx_t  *ctx;

    c = rev->data;
    ctx = c->data;

    if (rev->timedout) {
        ngx_http_cost_timer_smtp_fail(ctx, NGX_HTTP_GATEWAY_TIME_OUT,
                                      "the mail relay timed out");
        return;
    }

    for ( ;; ) {
        n = c->recv(c, ctx->in, NGX_HTTP_COST_TIMER_SMTP_BUF);

        if (n == NGX_AGAIN) {
            break;
        }

        if (n == NGX_ERROR || n == 0) {
            ngx_http_cost_timer_smtp_fail(ctx, NGX_HTTP_BAD_GATEWAY,
                                          "the mail relay closed the "
                                          "connection");
            return;
        }

        rc = ngx_http_cost_timer_smtp_heard(ctx, n);

        if (rc == NGX_DONE) {
            return;
        }

        if (rc == NGX_ERROR) {
            ngx_http_cost_timer_smtp_fail(ctx, NGX_HTTP_BAD_GATEWAY,
                                          "the mail relay does not speak "
                                          "SMTP");
            return;
        }
    }

    if (ngx_handle_read_event(rev, 0) != NGX_OK) {
        ngx_http_cost_timer_smtp_fail(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                      "no event for the mail relay");
    }
}


/* NGX_OK: more is expected; NGX_DONE: it is all over; NGX_ERROR: no SMTP */

static ngx_int_t
ngx_http_cost_timer_smtp_heard(ngx_http_cost_timer_smtp_ctx_t *ctx, size_t n)
{
    size_t                 used;
    cost_rc_e              rc;
    cost_smtp_step_e       next;
    cost_retry_verdict_e   verdict;

    rc = cost_smtp_reply(&ctx->reply, ctx->in, n, &used);

    if (rc == COST_AGAIN) {
        return NGX_OK;
    }

    if (rc != COST_OK || used != n) {
        return NGX_ERROR;
    }

    if (cost_smtp_next(ctx->step, ctx->reply.code,
                       ctx->smtp->auth.len != 0, &next, &verdict)
        != COST_OK)
    {
        ctx->target->final = (verdict == COST_RETRY_DEAD);
        ngx_http_cost_timer_smtp_answer(ctx);
        return NGX_DONE;
    }

    /* yes, before it was asked to the end */

    if (ctx->out.len) {
        return NGX_ERROR;
    }

    ctx->step = next;

    if (next == COST_SMTP_SENT) {
        ngx_http_cost_timer_smtp_answer(ctx);
        return NGX_DONE;
    }

    cost_smtp_reply_init(&ctx->reply);

    return ngx_http_cost_timer_smtp_say(ctx);
}


/* NGX_OK, or NGX_DONE: it is all over */

static ngx_int_t
ngx_http_cost_timer_smtp_say(ngx_http_cost_timer_smtp_ctx_t *ctx)
{
    u_char     *last;
    ngx_buf_t  *b;

    last = ctx->line + NGX_HTTP_COST_TIMER_SMTP_BUF;

    ctx->out.data = ctx->line;

    switch (ctx->step) {

    case COST_SMTP_EHLO:
        last = ngx_slprintf(ctx->line, last, "EHLO %V" CRLF,
                            &ctx->smtp->helo);
        break;

    case COST_SMTP_AUTH:
        ctx->out = ctx->smtp->auth;
        return ngx_http_cost_timer_smtp_flush(ctx);

    case COST_SMTP_MAIL:
        last = ngx_slprintf(ctx->line, last, "MAIL FROM:<%V>" CRLF,
                            &ctx->smtp->from);
        break;

    case COST_SMTP_RCPT:
        last = ngx_slprintf(ctx->line, last, "RCPT TO:<%V>" CRLF,
                            &ctx->target->url);
        break;

    case COST_SMTP_DATA:
        last = ngx_cpymem(ctx->line, "DATA" CRLF, sizeof("DATA" CRLF) - 1);
        break;

    default: /* COST_SMTP_MESSAGE */
        b = ctx->request->request_body->buf;
        ctx->out.data = b->start;
        ctx->out.len = b->end - b->start;
        return ngx_http_cost_timer_smtp_flush(ctx);
    }

    ctx->out.len = last - ctx->line;

    return ngx_http_cost_timer_smtp_flush(ctx);
}


static void
ngx_http_cost_timer_smtp_write(ngx_event_t *wev)
{
    ngx_connection_t                *c;
    ngx_http_cost_timer_smtp_ctx_t  *ctx;

    c = wev->data;
    ctx = c->data;

    if (wev->timedout) {
        ngx_http_cost_timer_smtp_fail(ctx, NGX_HTTP_GATEWAY_TIME_OUT,
                                      "the mail relay timed out");
        return;
    }

    if (ctx->out.len) {
        (void) ngx_http_cost_timer_smtp_flush(ctx);
    }
}


static ngx_int_t
ngx_http_cost_timer_smtp_flush(ngx_http_cost_timer_smtp_ctx_t *ctx)
{
    ssize_t            n;
    ngx_connection_t  *c;

    c = ctx->peer.connection;

    while (ctx->out.len) {
        n = c->send(c, ctx->out.data, ctx->out.len);

        if (n == NGX_AGAIN) {
            ngx_add_timer(c->write, ctx->smtp->timeout);

            if (ngx_handle_write_event(c->write, 0) == NGX_OK) {
                return NGX_OK;
            }

            n = NGX_ERROR;
        }

        if (n == NGX_ERROR) {
            ngx_http_cost_timer_smtp_fail(ctx, NGX_HTTP_BAD_GATEWAY,
                                          "the mail relay closed the "
                                          "connection");
            return NGX_DONE;
        }

        ctx->out.data += n;
        ctx->out.len -= n;
    }

    if (c->write->timer_set) {
        ngx_del_timer(c->write);
    }

    ngx_add_timer(c->read, ctx->smtp->timeout);

    return NGX_OK;
}


/* the relay's last reply is the response, and the step that it is about */

static void
ngx_http_cost_timer_smtp_answer(ngx_http_cost_timer_smtp_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_buf_t           *b;
    ngx_chain_t          out;
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = ctx->request;
    c = ctx->peer.connection;

    /* a farewell that may get lost */

    (void) c->send(c, (u_char *) "QUIT" CRLF, sizeof("QUIT" CRLF) - 1);

    b = ngx_create_temp_buf(r->pool, COST_SMTP_TEXT + 16);
    if (b == NULL) {
        ngx_http_cost_timer_smtp_end(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    if (ctx->step != COST_SMTP_SENT) {
        b->last = ngx_sprintf(b->last, "%s: ", cost_smtp_name(ctx->step));
    }

    b->last = ngx_cpymem(b->last, ctx->reply.text, ctx->reply.len);
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    r->headers_out.status = ctx->reply.code;
    r->headers_out.content_length_n = b->last - b->pos;

    rc = ngx_http_send_header(r);

    if (rc != NGX_ERROR && rc <= NGX_OK) {
        rc = ngx_http_output_filter(r, &out);
    }

    ngx_http_cost_timer_smtp_end(ctx, rc);
}


static void
ngx_http_cost_timer_smtp_fail(ngx_http_cost_timer_smtp_ctx_t *ctx,
    ngx_int_t status, const char *what)
{
    if (what) {
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0, "%s",
                      what);
    }

    ngx_http_cost_timer_smtp_end(ctx, status);
}


/* "ctx" is gone afterwards */

static void
ngx_http_cost_timer_smtp_end(ngx_http_cost_timer_smtp_ctx_t *ctx,
    ngx_int_t rc)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = ctx->request;
    c = r->connection;

    ngx_http_cost_timer_smtp_close(ctx);

    ngx_http_finalize_request(r, rc);
    ngx_http_run_posted_requests(c);
}


static void
ngx_http_cost_timer_smtp_close(void *data)
{
    ngx_http_cost_timer_smtp_ctx_t *ctx = data;

    ngx_connection_t  *c;

    c = ctx->peer.connection;

    if (c == NULL) {
        return;
    }

    ctx->peer.connection = NULL;

#if (NGX_SSL)

    if (c->ssl) {
        c->ssl->no_wait_shutdown = 1;

        (void) ngx_ssl_shutdown(c);
    }

#endif

    ngx_close_connection(c);
}


static void
ngx_http_cost_timer_smtp_dummy(ngx_event_t *ev)
{
    /* void: the relay is not connected yet */
}
