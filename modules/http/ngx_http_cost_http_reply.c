
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Successful replies.  Conditional requests and compression are left to
 * nginx's own filters; here the ETag is made that they work with.
 */


#include "http/ngx_http_cost_http_ctx.h"


static void ngx_http_cost_http_etag(u_char *buf, cost_json_t *j,
    u_char *text);
static ngx_int_t ngx_http_cost_http_cache_headers(ngx_http_request_t *r,
    ngx_str_t *etag);


static ngx_str_t  ngx_http_cost_http_etag_name = ngx_string("ETag");
static ngx_str_t  ngx_http_cost_http_cache_name = ngx_string("Cache-Control");

/* an answer depends on the key, and may be kept if it is asked about */
static ngx_str_t  ngx_http_cost_http_cache_value =
    ngx_string("private, no-cache");


ngx_int_t
ngx_http_cost_http_send(ngx_http_request_t *r, ngx_uint_t status,
    ngx_http_cost_http_write_pt write, void *data)
{
    ngx_int_t  rc;
    ngx_str_t  text, etag;

    rc = ngx_http_cost_http_build(r, write, data, &text, &etag);

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_cost_http_send_text(r, status, &text, &etag);
}


ngx_int_t
ngx_http_cost_http_build(ngx_http_request_t *r,
    ngx_http_cost_http_write_pt write, void *data, ngx_str_t *text,
    ngx_str_t *etag)
{
    u_char                          *p;
    cost_json_t                      j;
    ngx_http_cost_http_main_conf_t  *hmcf;

    hmcf = ngx_http_get_module_main_conf(r, ngx_http_cost_http_module);

    cost_json_init(&j, hmcf->scratch, NGX_HTTP_COST_HTTP_SCRATCH);
    write(&j, data);

    text->len = cost_json_length(&j);

    /* room for the tag in front: one allocation */

    p = ngx_pnalloc(r->pool, NGX_HTTP_COST_HTTP_ETAG_LEN + text->len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    etag->len = NGX_HTTP_COST_HTTP_ETAG_LEN;
    etag->data = p;
    text->data = p + NGX_HTTP_COST_HTTP_ETAG_LEN;

    if (!cost_json_overflow(&j)) {
        ngx_memcpy(text->data, hmcf->scratch, text->len);

    } else {
        cost_json_init(&j, text->data, text->len);
        write(&j, data);

        if (cost_json_length(&j) != text->len) {
            ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                          "cost http: a reply was written as %uz bytes, "
                          "then as %uz", text->len, cost_json_length(&j));

            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    ngx_http_cost_http_etag(etag->data, &j, text->data);

    return NGX_OK;
}


static void
ngx_http_cost_http_etag(u_char *buf, cost_json_t *j, u_char *text)
{
    size_t       skip;
    uint64_t     h;
    ngx_uint_t   i;

    static u_char  hex[] = "0123456789abcdef";

    skip = j->stamp + j->stamp_len;

    h = cost_hash(text, j->stamp, 0);
    h = cost_hash(text + skip, cost_json_length(j) - skip, h);

    *buf++ = 'W';
    *buf++ = '/';
    *buf++ = '"';

    for (i = 0; i < 16; i++) {
        *buf++ = hex[h >> 60];
        h <<= 4;
    }

    *buf = '"';
}


ngx_int_t
ngx_http_cost_http_send_text(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *text, ngx_str_t *etag)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    if (r == r->main && ngx_http_discard_request_body(r) != NGX_OK) {
        r->keepalive = 0;
    }

    r->headers_out.status = status;
    r->headers_out.content_length_n = text->len;

    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;

    if (etag && status == NGX_HTTP_OK
        && (r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))
        && ngx_http_cost_http_cache_headers(r, etag) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->memory = 1;
    b->pos = text->data;
    b->last = text->data + text->len;
    b->last_buf = (r == r->main) ? 1 : 0;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


static ngx_int_t
ngx_http_cost_http_cache_headers(ngx_http_request_t *r, ngx_str_t *etag)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    h->key = ngx_http_cost_http_etag_name;
    h->value = *etag;
    ngx_http_cost_header_last(h);

    r->headers_out.etag = h;

    /*
     * there is no Last-Modified, so both are to be ignored (RFC 9110,
     * 13.1.3 and 13.1.4); nginx would answer 412, or not look at
     * If-None-Match
     */

    r->headers_in.if_modified_since = NULL;
    r->headers_in.if_unmodified_since = NULL;

    return ngx_http_cost_http_header(r, &ngx_http_cost_http_cache_name,
                                     &ngx_http_cost_http_cache_value);
}


ngx_int_t
ngx_http_cost_http_header(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    h->key = *name;
    h->value = *value;
    ngx_http_cost_header_last(h);

    return NGX_OK;
}
