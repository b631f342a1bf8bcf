
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * cost_errors: responses as the API's documents have them.
 *
 * nginx makes a page for an error in one place, whatever the reason, and
 * sends it through the filters with r->err_status set.  The header filter
 * here recognizes that, works out the JSON and announces it; the body filter
 * sends it in place of the page.  This also holds for errors before a
 * location was chosen (a malformed request line): then the server's own
 * cost_errors counts.
 *
 * What an upstream, a file or "return 404 text" answers is not touched, also
 * when error_page led there.
 *
 * Runs in workers only.  All memory is the request's, except the scratch,
 * which is written before the fork and afterwards belongs to each worker.
 */


#include "http/ngx_http_cost_http_ctx.h"


typedef struct {
    ngx_uint_t                   errors;
} ngx_http_cost_http_loc_conf_t;


#define NGX_HTTP_COST_HTTP_OFF    0
#define NGX_HTTP_COST_HTTP_AUTO   1
#define NGX_HTTP_COST_HTTP_FIXED  2          /* and more: + cost_wording_e */


static ngx_int_t ngx_http_cost_http_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_cost_http_retry_plain(ngx_http_request_t *r);
static ngx_int_t ngx_http_cost_http_version(ngx_http_request_t *r);
static ngx_uint_t ngx_http_cost_http_is_page(ngx_http_request_t *r);
static ngx_int_t ngx_http_cost_http_replace(ngx_http_request_t *r);
static ngx_int_t ngx_http_cost_http_retry_header(ngx_http_request_t *r,
    ngx_uint_t seconds);
static ngx_int_t ngx_http_cost_http_allow_header(ngx_http_request_t *r,
    ngx_uint_t methods);
static ngx_int_t ngx_http_cost_http_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_cost_http_send_page(ngx_http_request_t *r,
    ngx_str_t *page);
static ngx_int_t ngx_http_cost_http_record(ngx_http_request_t *r,
    ngx_int_t status, ngx_uint_t seconds, const char *fmt, va_list args);
static void ngx_http_cost_http_cleanup(void *data);

static void *ngx_http_cost_http_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_cost_http_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_cost_http_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static ngx_int_t ngx_http_cost_http_init(ngx_conf_t *cf);


static ngx_conf_enum_t  ngx_http_cost_http_errors[] = {
    { ngx_string("off"), NGX_HTTP_COST_HTTP_OFF },
    { ngx_string("auto"), NGX_HTTP_COST_HTTP_AUTO },
    { ngx_string("cloudk"),
      NGX_HTTP_COST_HTTP_FIXED + COST_WORDING_CLOUDK },
    { ngx_string("costoptix"),
      NGX_HTTP_COST_HTTP_FIXED + COST_WORDING_COSTOPTIX },
    { ngx_string("cloudcostflow"),
      NGX_HTTP_COST_HTTP_FIXED + COST_WORDING_CLOUDCOSTFLOW },
    { ngx_string("infraaudit"),
      NGX_HTTP_COST_HTTP_FIXED + COST_WORDING_INFRAAUDIT },
    { ngx_string("cicosts"),
      NGX_HTTP_COST_HTTP_FIXED + COST_WORDING_CICOSTS },
    { ngx_null_string, 0 }
};


static ngx_command_t  ngx_http_cost_http_commands[] = {

    { ngx_string("cost_errors"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_cost_http_loc_conf_t, errors),
      &ngx_http_cost_http_errors },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_cost_http_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_cost_http_init,               /* postconfiguration */

    ngx_http_cost_http_create_main_conf,   /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_cost_http_create_loc_conf,    /* create location configuration */
    ngx_http_cost_http_merge_loc_conf      /* merge location configuration */
};


ngx_module_t  ngx_http_cost_http_module = {
    NGX_MODULE_V1,
    &ngx_http_cost_http_module_ctx,        /* module context */
    ngx_http_cost_http_commands,           /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_str_t  ngx_http_cost_http_version_name =
    ngx_string("X-API-Version");
static ngx_str_t  ngx_http_cost_http_version_value =
    ngx_string(NGX_HTTP_COST_API_VERSION);
static ngx_str_t  ngx_http_cost_http_retry_name = ngx_string("Retry-After");
static ngx_str_t  ngx_http_cost_http_allow_name = ngx_string("Allow");


static const struct {
    ngx_uint_t  method;
    ngx_str_t   name;
} ngx_http_cost_http_methods[] = {
    { NGX_HTTP_GET, ngx_string("GET") },
    { NGX_HTTP_HEAD, ngx_string("HEAD") },
    { NGX_HTTP_POST, ngx_string("POST") },
    { NGX_HTTP_PUT, ngx_string("PUT") },
    { NGX_HTTP_PATCH, ngx_string("PATCH") },
    { NGX_HTTP_DELETE, ngx_string("DELETE") },
    { 0, ngx_null_string }
};

/* room for all of them with ", " between */
#define NGX_HTTP_COST_HTTP_ALLOW_LEN  64


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;


static ngx_int_t
ngx_http_cost_http_header_filter(ngx_http_request_t *r)
{
    ngx_http_cost_http_loc_conf_t  *hlcf;

    hlcf = ngx_http_get_module_loc_conf(r, ngx_http_cost_http_module);

    if (hlcf->errors == NGX_HTTP_COST_HTTP_OFF) {

        if (r->err_status && ngx_http_cost_http_retry_plain(r) != NGX_OK) {
            return NGX_ERROR;
        }

        return ngx_http_next_header_filter(r);
    }

    if (r == r->main && ngx_http_cost_http_version(r) != NGX_OK) {
        return NGX_ERROR;
    }

    if (r->headers_out.status >= NGX_HTTP_BAD_REQUEST
        && ngx_http_cost_http_is_page(r)
        && ngx_http_cost_http_replace(r) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


/* a limit that guards any location: nginx's page, but when to come again */

static ngx_int_t
ngx_http_cost_http_retry_plain(ngx_http_request_t *r)
{
    ngx_http_cost_http_ctx_t  *ctx;

    ctx = ngx_http_cost_http_get_ctx(r);

    if (ctx == NULL || ctx->retry == 0
        || ctx->status != r->headers_out.status)
    {
        return NGX_OK;
    }

    return ngx_http_cost_http_retry_header(r, ctx->retry);
}


static ngx_int_t
ngx_http_cost_http_version(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    if (r->err_status) {

        /*
         * a header filter may have turned a response into an error after
         * this one had seen it: the headers are then still there
         */

        part = &r->headers_out.headers.part;

        for ( ;; ) {
            h = part->elts;

            for (i = 0; i < part->nelts; i++) {
                if (h[i].key.data == ngx_http_cost_http_version_name.data) {
                    return NGX_OK;
                }
            }

            if (part->next == NULL) {
                break;
            }

            part = part->next;
        }
    }

    return ngx_http_cost_http_header(r, &ngx_http_cost_http_version_name,
                                     &ngx_http_cost_http_version_value);
}


/* is this the page that nginx makes for an error? */

static ngx_uint_t
ngx_http_cost_http_is_page(ngx_http_request_t *r)
{
    if (r->err_status == 0) {
        return 0;
    }

    if (!r->error_page) {
        return 1;
    }

    /*
     * error_page may have led to a file, an upstream or a text, but also,
     * when that failed, to nginx's page again
     */

    if (r->upstream && r->upstream->cleanup) {
        return 0;
    }

    if (r->headers_out.last_modified_time != -1) {
        return 0;
    }

    return r->headers_out.content_type.len == 0
           || (r->headers_out.content_type.len == sizeof("text/html") - 1
               && ngx_strncmp(r->headers_out.content_type.data, "text/html",
                              sizeof("text/html") - 1)
                  == 0);
}


static ngx_int_t
ngx_http_cost_http_replace(ngx_http_request_t *r)
{
    size_t                     size;
    u_char                    *p;
    cost_str_t                 text;
    ngx_uint_t                 status, retry, methods;
    cost_json_t                j;
    cost_wording_e             wording;
    ngx_http_cost_http_ctx_t  *ctx;

    ctx = ngx_http_cost_http_add_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    status = r->headers_out.status;
    wording = ngx_http_cost_http_wording(r);

    text.len = 0;
    text.data = NULL;
    retry = 0;
    methods = NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_POST|NGX_HTTP_PUT
              |NGX_HTTP_PATCH|NGX_HTTP_DELETE;

    if (ctx->status == status) {
        text = ngx_http_cost_str(&ctx->text);
        retry = ctx->retry;

        if (ctx->methods) {
            methods = ctx->methods;
        }

    } else if (status == NGX_HTTP_BAD_REQUEST && r->lingering_close) {

        /*
         * nginx's 494 is a 400 by now; of the two only a header that was
         * too large leaves a client that has more to say
         */

        text.len = sizeof("Request header or cookie too large") - 1;
        text.data = (uint8_t *) "Request header or cookie too large";
    }

    cost_json_init(&j, NULL, 0);
    cost_error_write(&j, wording, status, text, retry);

    size = cost_json_length(&j);

    p = ngx_pnalloc(r->pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    cost_json_init(&j, p, size);
    cost_error_write(&j, wording, status, text, retry);

    ctx->page.len = size;
    ctx->page.data = p;
    ctx->replace = 1;

    ngx_http_clear_content_length(r);
    r->headers_out.content_length_n = size;

    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    if (retry && ngx_http_cost_http_retry_header(r, retry) != NGX_OK) {
        return NGX_ERROR;
    }

    if (status == NGX_HTTP_NOT_ALLOWED
        && ngx_http_cost_http_allow_header(r, methods) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_http_retry_header(ngx_http_request_t *r, ngx_uint_t seconds)
{
    ngx_str_t  value;

    value.data = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    value.len = ngx_sprintf(value.data, "%ui", seconds) - value.data;

    return ngx_http_cost_http_header(r, &ngx_http_cost_http_retry_name,
                                     &value);
}


static ngx_int_t
ngx_http_cost_http_allow_header(ngx_http_request_t *r, ngx_uint_t methods)
{
    u_char      *p;
    ngx_str_t    value;
    ngx_uint_t   i;

    value.data = ngx_pnalloc(r->pool, NGX_HTTP_COST_HTTP_ALLOW_LEN);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    p = value.data;

    for (i = 0; ngx_http_cost_http_methods[i].method; i++) {

        if (!(methods & ngx_http_cost_http_methods[i].method)) {
            continue;
        }

        if (p != value.data) {
            *p++ = ',';
            *p++ = ' ';
        }

        p = ngx_cpymem(p, ngx_http_cost_http_methods[i].name.data,
                       ngx_http_cost_http_methods[i].name.len);
    }

    value.len = p - value.data;

    return ngx_http_cost_http_header(r, &ngx_http_cost_http_allow_name,
                                     &value);
}


static ngx_int_t
ngx_http_cost_http_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_str_t                  page;
    ngx_chain_t               *cl;
    ngx_http_cost_http_ctx_t  *ctx;

    if (r->err_status == 0) {
        return ngx_http_next_body_filter(r, in);
    }

    ctx = ngx_http_cost_http_get_ctx(r);

    if (ctx == NULL || !ctx->replace) {
        return ngx_http_next_body_filter(r, in);
    }

    for (cl = in; cl; cl = cl->next) {
        cl->buf->pos = cl->buf->last;
        cl->buf->file_pos = cl->buf->file_last;
    }

    page = ctx->page;

    if (page.data == NULL) {
        return ngx_http_next_body_filter(r, NULL);
    }

    ctx->page.data = NULL;

    return ngx_http_cost_http_send_page(r, &page);
}


static ngx_int_t
ngx_http_cost_http_send_page(ngx_http_request_t *r, ngx_str_t *page)
{
    ngx_buf_t    *b;
    ngx_chain_t   out;

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->memory = 1;
    b->pos = page->data;
    b->last = page->data + page->len;
    b->last_buf = (r == r->main) ? 1 : 0;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_next_body_filter(r, &out);
}


ngx_int_t
ngx_http_cost_http_set_wording(ngx_http_request_t *r, cost_wording_e wording)
{
    ngx_http_cost_http_ctx_t  *ctx;

    ctx = ngx_http_cost_http_add_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    ctx->wording = wording;

    return NGX_OK;
}


cost_wording_e
ngx_http_cost_http_wording(ngx_http_request_t *r)
{
    ngx_http_cost_http_ctx_t       *ctx;
    ngx_http_cost_http_loc_conf_t  *hlcf;

    hlcf = ngx_http_get_module_loc_conf(r, ngx_http_cost_http_module);

    if (hlcf->errors >= NGX_HTTP_COST_HTTP_FIXED) {
        return (cost_wording_e) (hlcf->errors - NGX_HTTP_COST_HTTP_FIXED);
    }

    ctx = ngx_http_cost_http_get_ctx(r);

    return ctx ? ctx->wording : COST_WORDING_CLOUDK;
}


ngx_int_t
ngx_http_cost_http_error(ngx_http_request_t *r, ngx_int_t status,
    const char *fmt, ...)
{
    va_list    args;
    ngx_int_t  rc;

    va_start(args, fmt);
    rc = ngx_http_cost_http_record(r, status, 0, fmt, args);
    va_end(args);

    return rc;
}


ngx_int_t
ngx_http_cost_http_retry(ngx_http_request_t *r, ngx_int_t status,
    ngx_uint_t seconds, const char *fmt, ...)
{
    va_list    args;
    ngx_int_t  rc;

    va_start(args, fmt);
    rc = ngx_http_cost_http_record(r, status, seconds, fmt, args);
    va_end(args);

    return rc;
}


ngx_int_t
ngx_http_cost_http_allow(ngx_http_request_t *r, ngx_uint_t methods)
{
    ngx_int_t                  rc;
    ngx_http_cost_http_ctx_t  *ctx;

    rc = ngx_http_cost_http_error(r, NGX_HTTP_NOT_ALLOWED, NULL);

    ctx = ngx_http_cost_http_get_ctx(r);

    if (ctx) {
        ctx->methods = methods;
    }

    return rc;
}


/* without memory the error is as it was, but says less */

static ngx_int_t
ngx_http_cost_http_record(ngx_http_request_t *r, ngx_int_t status,
    ngx_uint_t seconds, const char *fmt, va_list args)
{
    u_char                    *p, buf[NGX_MAX_ERROR_STR];
    ngx_http_cost_http_ctx_t  *ctx;

    ctx = ngx_http_cost_http_add_ctx(r);
    if (ctx == NULL) {
        return status;
    }

    ctx->status = status;
    ctx->retry = seconds;
    ctx->methods = 0;
    ngx_str_null(&ctx->text);

    if (fmt == NULL) {
        return status;
    }

    p = ngx_vslprintf(buf, buf + sizeof(buf), fmt, args);

    ctx->text.data = ngx_pnalloc(r->pool, p - buf + 1);
    if (ctx->text.data == NULL) {
        return status;
    }

    ctx->text.len = p - buf;
    ngx_memcpy(ctx->text.data, buf, ctx->text.len);

    return status;
}


ngx_http_cost_http_ctx_t *
ngx_http_cost_http_get_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t        *cln;
    ngx_http_cost_http_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_http_module);

    if (ctx || !(r->internal || r->filter_finalize)) {
        return ctx;
    }

    /*
     * an internal redirect cleared the contexts; the pool is shared with
     * subrequests, hence the comparison
     */

    for (cln = r->pool->cleanup; cln; cln = cln->next) {

        if (cln->handler != ngx_http_cost_http_cleanup) {
            continue;
        }

        ctx = cln->data;

        if (ctx->request == r) {
            ngx_http_set_ctx(r, ctx, ngx_http_cost_http_module);
            return ctx;
        }
    }

    return NULL;
}


ngx_http_cost_http_ctx_t *
ngx_http_cost_http_add_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t        *cln;
    ngx_http_cost_http_ctx_t  *ctx;

    ctx = ngx_http_cost_http_get_ctx(r);
    if (ctx) {
        return ctx;
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_cost_http_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_cost_http_ctx_t));

    ctx->request = r;
    ctx->wording = COST_WORDING_CLOUDK;

    cln->handler = ngx_http_cost_http_cleanup;

    ngx_http_set_ctx(r, ctx, ngx_http_cost_http_module);

    return ctx;
}


/* only a mark to find the context by */

static void
ngx_http_cost_http_cleanup(void *data)
{
    return;
}


static void *
ngx_http_cost_http_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_cost_http_main_conf_t  *hmcf;

    hmcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_http_main_conf_t));
    if (hmcf == NULL) {
        return NULL;
    }

    hmcf->scratch = ngx_palloc(cf->pool, NGX_HTTP_COST_HTTP_SCRATCH);
    if (hmcf->scratch == NULL) {
        return NULL;
    }

    return hmcf;
}


static void *
ngx_http_cost_http_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_cost_http_loc_conf_t  *hlcf;

    hlcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_http_loc_conf_t));
    if (hlcf == NULL) {
        return NULL;
    }

    hlcf->errors = NGX_CONF_UNSET_UINT;

    return hlcf;
}


static char *
ngx_http_cost_http_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_cost_http_loc_conf_t *prev = parent;
    ngx_http_cost_http_loc_conf_t *conf = child;

    ngx_conf_merge_uint_value(conf->errors, prev->errors,
                              NGX_HTTP_COST_HTTP_OFF);

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_cost_http_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_cost_http_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_cost_http_body_filter;

    return NGX_OK;
}
