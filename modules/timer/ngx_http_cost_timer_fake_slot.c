
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The connection of a request that no client sent: a slot of
 * worker_connections, so that the shutdown timer finds it, and a leak is an
 * alert.  Its number -2 is no socket, and not "free" either.
 */


#include "timer/ngx_http_cost_timer.h"
#include "timer/ngx_http_cost_timer_fake.h"


#define NGX_HTTP_COST_TIMER_FD  ((ngx_socket_t) -2)


static void ngx_http_cost_timer_fake_read(ngx_event_t *rev);
static void ngx_http_cost_timer_fake_write(ngx_event_t *wev);


static ngx_str_t  ngx_http_cost_timer_addr = ngx_string("127.0.0.1");

/* for $binary_remote_addr and its like, which look without asking */
static struct sockaddr_in  ngx_http_cost_timer_sockaddr;


ngx_connection_t *
ngx_http_cost_timer_fake_connection(ngx_log_t *log)
{
    ngx_connection_t  *c, *saved;

    saved = NULL;

    /* descriptor 0 is somebody else's in the table of some event methods */

    if (ngx_cycle->files) {
        saved = ngx_cycle->files[0];
    }

    c = ngx_get_connection(0, log);

    if (ngx_cycle->files) {
        ngx_cycle->files[0] = saved;
    }

    if (c == NULL) {
        return NULL;
    }

    c->fd = NGX_HTTP_COST_TIMER_FD;
    c->number = ngx_atomic_fetch_add(ngx_connection_counter, 1);

    c->sockaddr = (struct sockaddr *) &ngx_http_cost_timer_sockaddr;
    c->socklen = sizeof(struct sockaddr_in);
    c->local_sockaddr = c->sockaddr;
    c->local_socklen = c->socklen;
    c->addr_text = ngx_http_cost_timer_addr;

    ngx_http_cost_timer_sockaddr.sin_family = AF_INET;
    ngx_http_cost_timer_sockaddr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    /* upstreams would put what is not active into epoll ... */

    c->read->active = 1;
    c->write->active = 1;
    c->write->ready = 1;

    /* ... peek at a socket that is ready to read, and set its options */

    c->read->ready = 0;
    c->tcp_nodelay = NGX_TCP_NODELAY_DISABLED;
    c->tcp_nopush = NGX_TCP_NOPUSH_DISABLED;
    c->sndlowat = 1;

    c->read->handler = ngx_http_cost_timer_fake_read;
    c->write->handler = ngx_http_cost_timer_fake_write;

    return c;
}


/*
 * The pool first: a cleanup of it may take a connection, which must not be
 * this one.  "destroyed" stays set for those who look at it afterwards.
 */

void
ngx_http_cost_timer_fake_release(ngx_connection_t *c)
{
    ngx_pool_t  *pool;

    if (c->read->timer_set) {
        ngx_del_timer(c->read);
    }

    if (c->write->timer_set) {
        ngx_del_timer(c->write);
    }

    if (c->read->posted) {
        ngx_delete_posted_event(c->read);
    }

    if (c->write->posted) {
        ngx_delete_posted_event(c->write);
    }

    pool = c->pool;
    c->pool = NULL;

    c->log = ngx_cycle->log;
    c->read->log = ngx_cycle->log;
    c->write->log = ngx_cycle->log;
    c->read->active = 0;
    c->write->active = 0;
    c->read->closed = 1;
    c->write->closed = 1;

    if (pool) {
        pool->log = ngx_cycle->log;
        ngx_destroy_pool(pool);
    }

    c->fd = 0;
    ngx_free_connection(c);
    c->fd = (ngx_socket_t) -1;
    c->destroyed = 1;
}


/* called when worker_shutdown_timeout is over, with c->close set */

static void
ngx_http_cost_timer_fake_read(ngx_event_t *rev)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    c = rev->data;

    if (c->close) {
        c->error = 0;
        r = c->data;
        ngx_http_cost_timer_fake_abort(ngx_http_cost_timer_fake_get(r));
    }
}


/* as ngx_http_request_handler(), which is nginx's own */

static void
ngx_http_cost_timer_fake_write(ngx_event_t *wev)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    c = wev->data;
    r = c->data;

    ngx_http_set_log_request(c->log, r);

    wev->delayed = 0;
    wev->timedout = 0;

    r->write_event_handler(r);

    ngx_http_run_posted_requests(c);
}
