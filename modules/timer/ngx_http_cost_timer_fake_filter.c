
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What the subrequest is answered: the first bytes of it are kept for whoever
 * reads the history of a delivery; of a fetch all are held until they were
 * taken.  Nothing goes further than to here.
 *
 * Back-pressure is nginx's own: the unbuffered upstream reads no more when
 * its one buffer is full of what the filters have not used.
 */


#include "timer/ngx_http_cost_timer.h"
#include "timer/ngx_http_cost_timer_fake.h"


static ngx_int_t ngx_http_cost_timer_fake_header_filter(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_cost_timer_fake_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static void ngx_http_cost_timer_fetch_begin(
    ngx_http_cost_timer_fetch_t *fetch, ngx_http_upstream_t *u);
static ngx_int_t ngx_http_cost_timer_fetch_hold(
    ngx_http_cost_timer_fetch_t *fetch, ngx_http_request_t *r,
    ngx_chain_t *in);


static ngx_http_output_header_filter_pt  ngx_http_cost_timer_next_header;
static ngx_http_output_body_filter_pt    ngx_http_cost_timer_next_body;


ngx_int_t
ngx_http_cost_timer_fake_filters(ngx_conf_t *cf)
{
    /* deliveries and fetches both ask for them */

    if (ngx_http_top_body_filter == ngx_http_cost_timer_fake_body_filter) {
        return NGX_OK;
    }

    ngx_http_cost_timer_next_header = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_cost_timer_fake_header_filter;

    ngx_http_cost_timer_next_body = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_cost_timer_fake_body_filter;

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_timer_fake_header_filter(ngx_http_request_t *r)
{
    ngx_http_cost_timer_fake_t  *fake;

    fake = ngx_http_cost_timer_fake_get(r);

    if (fake == NULL) {
        return ngx_http_cost_timer_next_header(r);
    }

    fake->answered = (r != r->main);

    /* there is nobody to send a header to; the body is wanted in memory */

    r->filter_need_in_memory = 1;

    if (fake->fetch && r != r->main && r->upstream
        && r->upstream->headers_in.status_n == NGX_HTTP_OK)
    {
        ngx_http_cost_timer_fetch_begin(fake->fetch, r->upstream);
    }

    return NGX_OK;
}


/* keeps what is kept of an answer; nothing goes further than here */

static ngx_int_t
ngx_http_cost_timer_fake_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    size_t                          n, size;
    ngx_buf_t                      *b;
    ngx_http_cost_timer_fake_t     *fake;
    ngx_http_cost_timer_outcome_t  *outcome;

    fake = ngx_http_cost_timer_fake_get(r);

    if (fake == NULL) {
        return ngx_http_cost_timer_next_body(r, in);
    }

    if (r != r->main && fake->fetch && fake->fetch->streaming) {
        return ngx_http_cost_timer_fetch_hold(fake->fetch, r, in);
    }

    outcome = &fake->outcome;

    for ( /* void */ ; in; in = in->next) {
        b = in->buf;

        if (r != r->main && ngx_buf_in_memory(b)) {
            size = b->last - b->pos;
            n = ngx_min(size, NGX_HTTP_COST_TIMER_ANSWER - outcome->len);

            ngx_memcpy(outcome->answer + outcome->len, b->pos, n);
            outcome->len += n;

            fake->received += size;
        }

        b->pos = b->last;
        b->file_pos = b->file_last;
    }

    /* of the rest nobody wants to know: the peer's connection is closed */

    return fake->received > NGX_HTTP_COST_TIMER_DRAIN ? NGX_ERROR : NGX_OK;
}


/* the header of a 200 */

static void
ngx_http_cost_timer_fetch_begin(ngx_http_cost_timer_fetch_t *fetch,
    ngx_http_upstream_t *u)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h, *etag, *modified;

    etag = NULL;
    modified = NULL;

    for (part = &u->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].key.len == sizeof("ETag") - 1
                && ngx_strncasecmp(h[i].key.data, (u_char *) "ETag",
                                   sizeof("ETag") - 1)
                   == 0)
            {
                etag = &h[i];
            }

            if (h[i].key.len == sizeof("Last-Modified") - 1
                && ngx_strncasecmp(h[i].key.data, (u_char *) "Last-Modified",
                                   sizeof("Last-Modified") - 1)
                   == 0)
            {
                modified = &h[i];
            }
        }
    }

    h = etag ? etag : modified;

    if (h && h->value.len <= NGX_HTTP_COST_TIMER_VERSION) {
        ngx_memcpy(fetch->version, h->value.data, h->value.len);
        fetch->version_len = h->value.len;
    }

    fetch->length = u->headers_in.content_length_n;
    fetch->sized = (fetch->length >= 0 || u->headers_in.chunked);
    fetch->streaming = 1;

    /* whatever the location says: a file must not go to disk in between */

    u->buffering = 0;

    fetch->ready(fetch->send.data);
}


static ngx_int_t
ngx_http_cost_timer_fetch_hold(ngx_http_cost_timer_fetch_t *fetch,
    ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    for ( /* void */ ; in; in = in->next) {
        b = in->buf;

        /* the end is told by the upstream only when it has seen it */

        if (b->last_in_chain || b->last_buf) {
            fetch->whole = 1;
        }

        if (!ngx_buf_in_memory(b) || b->pos == b->last) {
            continue;
        }

        cl = ngx_alloc_chain_link(r->pool);
        if (cl == NULL) {
            return NGX_ERROR;
        }

        cl->buf = b;
        cl->next = NULL;

        *fetch->last = cl;
        fetch->last = &cl->next;
    }

    if (fetch->in) {
        fetch->ready(fetch->send.data);
    }

    return NGX_OK;
}


size_t
ngx_http_cost_timer_fetch_peek(ngx_http_cost_timer_fetch_t *fetch, u_char **p)
{
    if (fetch->in == NULL) {
        return 0;
    }

    *p = fetch->in->buf->pos;

    return fetch->in->buf->last - fetch->in->buf->pos;
}


void
ngx_http_cost_timer_fetch_take(ngx_http_cost_timer_fetch_t *fetch, size_t len)
{
    ngx_chain_t  *cl;

    cl = fetch->in;
    cl->buf->pos += len;

    if (cl->buf->pos < cl->buf->last) {
        return;
    }

    fetch->in = cl->next;

    if (fetch->in == NULL) {
        fetch->last = &fetch->in;
    }

    ngx_free_chain(fetch->fake->request->pool, cl);
}


/* as the connection's own write event would, if it had a socket */

void
ngx_http_cost_timer_fetch_resume(ngx_http_cost_timer_fetch_t *fetch)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    if (fetch->fake == NULL || fetch->fake->ended || !fetch->streaming) {
        return;
    }

    c = fetch->fake->connection;
    r = fetch->fake->sub;

    ngx_http_set_log_request(c->log, r);

    r->write_event_handler(r);

    ngx_http_run_posted_requests(c);
}


void
ngx_http_cost_timer_fetch_cancel(ngx_http_cost_timer_fetch_t *fetch)
{
    ngx_http_cost_timer_fake_t  *fake;

    fake = fetch->fake;

    if (fake) {
        fetch->fake = NULL;
        fake->fetch = NULL;
        fake->done = NULL;

        ngx_http_cost_timer_fake_abort(fake);
    }
}
