
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What comes with a request: query parameters and the body.
 */


#include "http/ngx_http_cost_http_ctx.h"


static void ngx_http_cost_http_body_done(ngx_http_request_t *r);
static ngx_int_t ngx_http_cost_http_body_text(ngx_http_request_t *r,
    ngx_str_t *text);
static ngx_int_t ngx_http_cost_http_body_file(ngx_http_request_t *r,
    ngx_buf_t *b, u_char *p, size_t size);


ngx_int_t
ngx_http_cost_http_params(ngx_http_request_t *r,
    const cost_query_param_t *params, ngx_uint_t n, cost_query_value_t *values)
{
    size_t     bad, len;
    u_char    *scratch, why[COST_QUERY_WHY];
    ngx_str_t  text;

    scratch = NULL;

    if (r->args.len) {
        scratch = ngx_pnalloc(r->pool, r->args.len);
        if (scratch == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    if (cost_query_read(r->args.data, r->args.len, params, n, values, scratch,
                        &bad, why, &len)
        == COST_OK)
    {
        return NGX_OK;
    }

    text.len = len;
    text.data = why;

    return ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST, "%V", &text);
}


ngx_int_t
ngx_http_cost_http_body(ngx_http_request_t *r,
    ngx_http_cost_http_body_pt handler)
{
    ngx_int_t                  rc;
    ngx_http_cost_http_ctx_t  *ctx;

    ctx = ngx_http_cost_http_add_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->body_handler = handler;

    r->request_body_in_single_buf = 1;

    rc = ngx_http_read_client_request_body(r, ngx_http_cost_http_body_done);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    return NGX_DONE;
}


static void
ngx_http_cost_http_body_done(ngx_http_request_t *r)
{
    ngx_str_t                  text;
    ngx_http_cost_http_ctx_t  *ctx;

    ctx = ngx_http_cost_http_get_ctx(r);

    if (ctx == NULL || ngx_http_cost_http_body_text(r, &text) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    ctx->body_handler(r, &text);
}


/*
 * nginx keeps the body in up to two buffers, or, beyond
 * client_body_buffer_size, in a file that was written just now: reading it
 * back does not wait for a disk.
 */

static ngx_int_t
ngx_http_cost_http_body_text(ngx_http_request_t *r, ngx_str_t *text)
{
    off_t         size;
    u_char       *p;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    ngx_str_set(text, "");

    if (r->request_body == NULL || r->request_body->bufs == NULL) {
        return NGX_OK;
    }

    cl = r->request_body->bufs;
    b = cl->buf;

    if (cl->next == NULL && !b->in_file) {
        text->len = b->last - b->pos;
        text->data = b->pos;
        return NGX_OK;
    }

    size = 0;

    for ( /* void */ ; cl; cl = cl->next) {
        size += ngx_buf_size(cl->buf);
    }

    if (size == 0) {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text->len = size;
    text->data = p;

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        b = cl->buf;

        if (!b->in_file) {
            p = ngx_cpymem(p, b->pos, b->last - b->pos);
            continue;
        }

        size = b->file_last - b->file_pos;

        if (ngx_http_cost_http_body_file(r, b, p, size) != NGX_OK) {
            return NGX_ERROR;
        }

        p += size;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_http_body_file(ngx_http_request_t *r, ngx_buf_t *b, u_char *p,
    size_t size)
{
    off_t    offset;
    ssize_t  n;

    offset = b->file_pos;

    while (size) {
        n = ngx_read_file(b->file, p, size, offset);

        if (n == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (n == 0) {
            ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                          "cost http: the request body's file is truncated");
            return NGX_ERROR;
        }

        p += n;
        offset += n;
        size -= n;
    }

    return NGX_OK;
}
