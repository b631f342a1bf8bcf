
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A request that no client sent.
 *
 * nginx knows no background requests; proxying, TLS, resolvers and timeouts
 * belong to requests.  So one is made up for each delivery: a connection
 * without a socket, a main request that does nothing, and exactly one ordinary
 * subrequest to an internal location, which does all.
 *
 *     start -> subrequest -> ended (its callback: looks only)
 *                              -> parent's write handler -> finish
 *     deadline, shutdown timeout ---------------------------> finish
 *
 * finish() frees the main request, and with it what the subrequest still
 * holds; it never runs from within the subrequest's own callback.
 *
 * Everything here follows nginx 1.22's own connections of HTTP/2 streams; what
 * each field is for stands where it is set.
 */


#include "timer/ngx_http_cost_timer.h"
#include "timer/ngx_http_cost_timer_fake.h"


#define NGX_HTTP_COST_TIMER_POOL   1024
#define NGX_HTTP_COST_TIMER_BUSY   10        /* ms, until it is tried again */

/* more references than the teardown of a subrequest can drop */
#define NGX_HTTP_COST_TIMER_HOLD   16


static ngx_int_t ngx_http_cost_timer_fake_start(
    ngx_http_cost_timer_send_t *send, ngx_http_cost_timer_fetch_t *fetch);
static ngx_http_cost_timer_fake_t *ngx_http_cost_timer_fake_create(
    ngx_http_cost_timer_send_t *send);
static ngx_int_t ngx_http_cost_timer_fake_main(
    ngx_http_cost_timer_fake_t *fake);
static ngx_int_t ngx_http_cost_timer_fake_sub(
    ngx_http_cost_timer_fake_t *fake, ngx_http_cost_timer_send_t *send);
static ngx_int_t ngx_http_cost_timer_fake_body(ngx_http_request_t *sr,
    ngx_str_t *body);
static ngx_int_t ngx_http_cost_timer_fake_header(ngx_http_request_t *sr,
    ngx_http_cost_timer_header_t *header);
static ngx_int_t ngx_http_cost_timer_fake_ended(ngx_http_request_t *sr,
    void *data, ngx_int_t rc);
static void ngx_http_cost_timer_fake_look(ngx_http_cost_timer_fake_t *fake,
    ngx_http_request_t *sr);
static void ngx_http_cost_timer_fake_write_handler(ngx_http_request_t *r);
static void ngx_http_cost_timer_fake_deadline(ngx_event_t *ev);
static void ngx_http_cost_timer_fake_finish(ngx_http_cost_timer_fake_t *fake);
static u_char *ngx_http_cost_timer_fake_log(ngx_log_t *log, u_char *buf,
    size_t len);


/* as nginx's own method names: the blank is not counted */

static ngx_str_t  ngx_http_cost_timer_post = { 4, (u_char *) "POST " };
static ngx_str_t  ngx_http_cost_timer_get = { 3, (u_char *) "GET " };
static ngx_str_t  ngx_http_cost_timer_uri = ngx_string("/");
static ngx_str_t  ngx_http_cost_timer_line = ngx_string("GET / HTTP/1.1");
static ngx_str_t  ngx_http_cost_timer_protocol = ngx_string("HTTP/1.1");


ngx_int_t
ngx_http_cost_timer_fake_send(ngx_http_cost_timer_send_t *send)
{
    return ngx_http_cost_timer_fake_start(send, NULL);
}


ngx_int_t
ngx_http_cost_timer_fetch(ngx_http_cost_timer_fetch_t *fetch)
{
    fetch->streaming = 0;
    fetch->sized = 0;
    fetch->whole = 0;
    fetch->length = -1;
    fetch->version_len = 0;
    fetch->fake = NULL;
    fetch->in = NULL;
    fetch->last = &fetch->in;

    return ngx_http_cost_timer_fake_start(&fetch->send, fetch);
}


static ngx_int_t
ngx_http_cost_timer_fake_start(ngx_http_cost_timer_send_t *send,
    ngx_http_cost_timer_fetch_t *fetch)
{
    ngx_connection_t            *c;
    ngx_http_cost_timer_fake_t  *fake;

    fake = ngx_http_cost_timer_fake_create(send);

    if (fake == NULL) {
        return NGX_ERROR;
    }

    c = fake->connection;

    if (ngx_http_cost_timer_fake_main(fake) != NGX_OK) {
        ngx_http_cost_timer_fake_release(c);
        return NGX_ERROR;
    }

    fake->fetch = fetch;

    if (ngx_http_cost_timer_fake_sub(fake, send) != NGX_OK) {
        fake->fetch = NULL;
        fake->done = NULL;
        ngx_http_cost_timer_fake_finish(fake);
        return NGX_ERROR;
    }

    if (fetch) {
        fetch->fake = fake;
    }

    ngx_add_timer(&fake->deadline, send->deadline);

    ngx_http_run_posted_requests(c);

    /* it may all be gone */

    return NGX_OK;
}


static ngx_http_cost_timer_fake_t *
ngx_http_cost_timer_fake_create(ngx_http_cost_timer_send_t *send)
{
    ngx_log_t                   *log;
    ngx_connection_t            *c;
    ngx_http_cost_timer_fake_t  *fake;

    c = ngx_http_cost_timer_fake_connection(ngx_cycle->log);

    if (c == NULL) {
        return NULL;
    }

    c->pool = ngx_create_pool(NGX_HTTP_COST_TIMER_POOL, ngx_cycle->log);

    fake = c->pool ? ngx_pcalloc(c->pool, sizeof(ngx_http_cost_timer_fake_t))
                   : NULL;

    if (fake == NULL) {
        ngx_http_cost_timer_fake_release(c);
        return NULL;
    }

    fake->connection = c;
    fake->target = send->target;
    fake->done = send->done;
    fake->data = send->data;
    fake->started = ngx_current_msec;

    /* the core writes through log->data, and sets the log's file and level */

    log = &fake->log;

    *log = *send->location->clcf->error_log;
    log->connection = c->number;
    log->handler = ngx_http_cost_timer_fake_log;
    log->data = &fake->log_ctx;
    log->action = "delivering";

    fake->log_ctx.connection = c;

    c->log = log;
    c->pool->log = log;
    c->read->log = log;
    c->write->log = log;

    /* r->header_in, which some look at */

    fake->buf.pos = (u_char *) "";
    fake->buf.last = fake->buf.pos;
    fake->buf.start = fake->buf.pos;
    fake->buf.end = fake->buf.pos;
    c->buffer = &fake->buf;

    fake->hc.conf_ctx = send->location->ctx;
    c->data = &fake->hc;

    fake->deadline.handler = ngx_http_cost_timer_fake_deadline;
    fake->deadline.data = c;
    fake->deadline.log = log;

    return fake;
}


static ngx_int_t
ngx_http_cost_timer_fake_main(ngx_http_cost_timer_fake_t *fake)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    c = fake->connection;

    r = ngx_http_create_request(c);

    if (r == NULL) {
        return NGX_ERROR;
    }

    c->data = r;
    fake->request = r;

    r->method = NGX_HTTP_GET;
    r->method_name = ngx_http_cost_timer_get;
    r->uri = ngx_http_cost_timer_uri;
    r->unparsed_uri = ngx_http_cost_timer_uri;
    r->request_line = ngx_http_cost_timer_line;
    r->http_protocol = ngx_http_cost_timer_protocol;
    r->http_version = NGX_HTTP_VERSION_11;
    r->http_state = NGX_HTTP_PROCESS_REQUEST_STATE;
    r->valid_location = 1;
    r->valid_unparsed_uri = 1;
    r->internal = 1;

    r->headers_in.content_length_n = 0;
    r->headers_in.keep_alive_n = -1;

    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_cost_timer_fake_write_handler;

    /* nginx itself must never find that nobody refers to it any more */

    r->count += NGX_HTTP_COST_TIMER_HOLD;

    ngx_http_set_ctx(r, fake, ngx_http_cost_timer_module);

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_timer_fake_sub(ngx_http_cost_timer_fake_t *fake,
    ngx_http_cost_timer_send_t *send)
{
    ngx_uint_t           i;
    ngx_http_request_t  *r, *sr;

    r = fake->request;

    if (ngx_list_init(&r->headers_in.headers, r->pool, 1,
                      sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    fake->post.handler = ngx_http_cost_timer_fake_ended;
    fake->post.data = fake;

    if (ngx_http_subrequest(r, &send->location->name, NULL, &sr, &fake->post,
                            0)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    fake->sub = sr;

    /*
     * POST by the request itself: proxy_next_upstream must know that it is
     * not to be sent twice.
     */

    if (fake->fetch == NULL) {
        sr->method = NGX_HTTP_POST;
        sr->method_name = ngx_http_cost_timer_post;
    }

    /* its lists and its body are copies of the parent's pointers */

    ngx_memzero(&sr->headers_in, sizeof(ngx_http_headers_in_t));

    if (ngx_list_init(&sr->headers_in.headers, r->pool, 12,
                      sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < send->nheaders; i++) {
        if (ngx_http_cost_timer_fake_header(sr, &send->headers[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    sr->headers_in.content_length_n = fake->fetch ? -1
                                                  : (off_t) send->body.len;
    sr->headers_in.keep_alive_n = -1;

    /* an empty one, or nginx would look for the parent's */

    sr->request_body = ngx_pcalloc(r->pool, sizeof(ngx_http_request_body_t));
    if (sr->request_body == NULL) {
        return NGX_ERROR;
    }

    return fake->fetch ? NGX_OK
                       : ngx_http_cost_timer_fake_body(sr, &send->body);
}


static ngx_int_t
ngx_http_cost_timer_fake_body(ngx_http_request_t *sr, ngx_str_t *body)
{
    ngx_buf_t  *b;

    b = ngx_calloc_buf(sr->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = body->data;
    b->last = b->pos + body->len;
    b->start = b->pos;
    b->end = b->last;
    b->memory = 1;
    b->last_buf = 1;

    sr->request_body->bufs = ngx_alloc_chain_link(sr->pool);
    if (sr->request_body->bufs == NULL) {
        return NGX_ERROR;
    }

    sr->request_body->bufs->buf = b;
    sr->request_body->bufs->next = NULL;
    sr->request_body->buf = b;

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_timer_fake_header(ngx_http_request_t *sr,
    ngx_http_cost_timer_header_t *header)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&sr->headers_in.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->key = header->name;
    h->value = header->value;
    ngx_http_cost_header_last(h);

    h->lowcase_key = ngx_pnalloc(sr->pool, h->key.len);
    if (h->lowcase_key == NULL) {
        return NGX_ERROR;
    }

    h->hash = ngx_hash_strlow(h->lowcase_key, h->key.data, h->key.len);

    return NGX_OK;
}


/*
 * The subrequest's callback, which may come more than once.  It only looks:
 * whatever it returned but NGX_OK would make nginx build an error page, or
 * end the main request.
 */

static ngx_int_t
ngx_http_cost_timer_fake_ended(ngx_http_request_t *sr, void *data,
    ngx_int_t rc)
{
    ngx_http_cost_timer_fake_t *fake = data;

    /* what our own filter, or a full buffer, has left behind */

    sr->connection->error = 0;
    sr->buffered = 0;

    if (!fake->ended) {
        fake->ended = 1;
        fake->outcome.rc = rc;

        ngx_http_cost_timer_fake_look(fake, sr);
    }

    return NGX_OK;
}


/* what of the answer is known; its headers live no longer than the request */

static void
ngx_http_cost_timer_fake_look(ngx_http_cost_timer_fake_t *fake,
    ngx_http_request_t *sr)
{
    uint32_t              seconds;
    ngx_uint_t            i;
    ngx_list_part_t      *part;
    ngx_table_elt_t      *h;
    ngx_http_upstream_t  *u;

    u = sr->upstream;

    /* a location without an upstream answers by itself */

    if (u == NULL) {
        fake->outcome.status = sr->headers_out.status;
        return;
    }

    /*
     * A status line alone, behind which nothing came, is no answer.  With
     * proxy_intercept_errors a status comes as rc, and no header at all.
     */

    if (!fake->answered
        && (u->headers_in.status_n < NGX_HTTP_SPECIAL_RESPONSE
            || fake->outcome.rc != (ngx_int_t) u->headers_in.status_n))
    {
        return;
    }

    fake->outcome.status = u->headers_in.status_n;

    for (part = &u->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].key.len == sizeof("Retry-After") - 1
                && ngx_strncasecmp(h[i].key.data, (u_char *) "Retry-After",
                                   sizeof("Retry-After") - 1)
                   == 0
                && cost_retry_after(h[i].value.data, h[i].value.len,
                                    ngx_time(), &seconds)
                   == COST_OK)
            {
                fake->outcome.retry_after = seconds;
            }
        }
    }
}


/* of the main request, posted when its subrequest has ended */

static void
ngx_http_cost_timer_fake_write_handler(ngx_http_request_t *r)
{
    ngx_http_cost_timer_fake_t  *fake;

    fake = ngx_http_get_module_ctx(r, ngx_http_cost_timer_module);

    if (fake && fake->ended) {
        ngx_http_cost_timer_fake_finish(fake);
    }
}


/* nginx has no timeout for a request as a whole: a slow peer would hold it */

static void
ngx_http_cost_timer_fake_deadline(ngx_event_t *ev)
{
    ngx_connection_t  *c;

    c = ev->data;

    ngx_http_cost_timer_fake_abort(
        ngx_http_cost_timer_fake_get((ngx_http_request_t *) c->data));
}


void
ngx_http_cost_timer_fake_abort(ngx_http_cost_timer_fake_t *fake)
{
    /* a thread works for it */

    if (fake->request->blocked) {
        if (!fake->deadline.timer_set) {
            ngx_add_timer(&fake->deadline, NGX_HTTP_COST_TIMER_BUSY);
        }

        return;
    }

    if (!fake->ended) {
        fake->ended = 1;
        fake->outcome.rc = NGX_ABORT;

        /* a whole header may have come before its body stalled */

        ngx_http_cost_timer_fake_look(fake, fake->sub);
    }

    ngx_http_cost_timer_fake_finish(fake);
}


/* destroys "fake" */

static void
ngx_http_cost_timer_fake_finish(ngx_http_cost_timer_fake_t *fake)
{
    ngx_connection_t  *c;

    c = fake->connection;

    if (fake->deadline.timer_set) {
        ngx_del_timer(&fake->deadline);
    }

    fake->ended = 1;

    if (fake->fetch) {
        fake->fetch->fake = NULL;
        fake->fetch->in = NULL;
    }

    fake->outcome.latency = ngx_current_msec - fake->started;

    /* no line of an access log; log_subrequest writes the subrequest's */

    fake->request->logged = 1;

    /* runs the upstream's cleanup, which closes its connection */

    ngx_http_free_request(fake->request, 0);
    fake->request = NULL;

    if (fake->done) {
        fake->done(fake->data, &fake->outcome);
    }

    ngx_http_cost_timer_fake_release(c);
}


static u_char *
ngx_http_cost_timer_fake_log(ngx_log_t *log, u_char *buf, size_t len)
{
    u_char                      *p;
    ngx_http_log_ctx_t          *ctx;
    ngx_http_cost_timer_fake_t  *fake;

    ctx = log->data;

    fake = (ngx_http_cost_timer_fake_t *)
               ((u_char *) ctx
                - offsetof(ngx_http_cost_timer_fake_t, log_ctx));

    p = ngx_snprintf(buf, len, fake->fetch ? " while fetching %V from \"%V\""
                                           : " while delivering %V to \"%V\"",
                     &fake->target->id, &fake->target->host);

    if (log->action) {
        p = ngx_snprintf(p, buf + len - p, ", %s", log->action);
    }

    return p;
}


ngx_http_cost_timer_fake_t *
ngx_http_cost_timer_fake_get(ngx_http_request_t *r)
{
    /* that of a subrequest is wiped by an internal redirect */

    return ngx_http_get_module_ctx(r->main, ngx_http_cost_timer_module);
}


ngx_http_cost_timer_target_t *
ngx_http_cost_timer_fake_target(ngx_http_request_t *r)
{
    ngx_http_cost_timer_fake_t  *fake;

    fake = ngx_http_cost_timer_fake_get(r);

    return fake ? fake->target : NULL;
}
