
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What a client is told of its limits, in the headers of every response:
 *
 *     a minute      X-RateLimit-Remaining-Minute
 *     a day         X-RateLimit-Remaining-Day
 *     any other     X-RateLimit-Limit, -Remaining, -Reset; of several such
 *                   windows the one with the least left
 *
 * and, with "api_key_standard_headers on", as the IETF drafts it:
 *
 *     RateLimit-Policy: "minute";q=60;w=60, "day";q=10000;w=86400
 *     RateLimit: "minute";r=59;t=12, "day";r=9999;t=40000
 *
 * The numbers are those of the access phase; here they only become text.
 */


#include "key/ngx_http_cost_key_zone.h"


/* the longest decimal of 64 bits */
#define NGX_HTTP_COST_KEY_DIGITS  20


static ngx_int_t ngx_http_cost_key_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_cost_key_add_headers(ngx_http_request_t *r,
    ngx_http_cost_key_ctx_t *ctx);
static ngx_int_t ngx_http_cost_key_add_header(ngx_http_request_t *r,
    ngx_str_t *name, u_char **place, uint32_t n);
static ngx_int_t ngx_http_cost_key_add_standard(ngx_http_request_t *r,
    ngx_http_cost_key_ctx_t *ctx);
static ngx_int_t ngx_http_cost_key_add_text(ngx_http_request_t *r,
    ngx_str_t *name, u_char *start, u_char *end);
static ngx_uint_t ngx_http_cost_key_has_headers(ngx_http_request_t *r);
static void ngx_http_cost_key_limit_name(ngx_http_cost_key_limit_t *limit,
    ngx_http_cost_key_plan_t *plan, u_char *buf);


static ngx_str_t  ngx_http_cost_key_minute =
    ngx_string("X-RateLimit-Remaining-Minute");
static ngx_str_t  ngx_http_cost_key_day =
    ngx_string("X-RateLimit-Remaining-Day");
static ngx_str_t  ngx_http_cost_key_limit = ngx_string("X-RateLimit-Limit");
static ngx_str_t  ngx_http_cost_key_remaining =
    ngx_string("X-RateLimit-Remaining");
static ngx_str_t  ngx_http_cost_key_reset = ngx_string("X-RateLimit-Reset");
static ngx_str_t  ngx_http_cost_key_policy = ngx_string("RateLimit-Policy");
static ngx_str_t  ngx_http_cost_key_standard = ngx_string("RateLimit");


/* "00" to "99" */

static const char  ngx_http_cost_key_pairs[] =
    "00010203040506070809" "10111213141516171819" "20212223242526272829"
    "30313233343536373839" "40414243444546474849" "50515253545556575859"
    "60616263646566676869" "70717273747576777879" "80818283848586878889"
    "90919293949596979899";


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;


ngx_int_t
ngx_http_cost_key_init_filter(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_cost_key_header_filter;

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_key_header_filter(ngx_http_request_t *r)
{
    ngx_http_cost_key_ctx_t       *ctx;
    ngx_http_cost_key_loc_conf_t  *klcf;

    if (r != r->main) {
        return ngx_http_next_header_filter(r);
    }

    ctx = ngx_http_cost_key_get_ctx(r);

    /* the second: a filter behind this one made an error of the response */

    if (ctx == NULL || ctx->looks == NULL
        || (r->err_status && ngx_http_cost_key_has_headers(r)))
    {
        return ngx_http_next_header_filter(r);
    }

    if (ngx_http_cost_key_add_headers(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    klcf = ngx_http_get_module_loc_conf(r, ngx_http_cost_key_module);

    if (klcf->standard && ngx_http_cost_key_add_standard(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


static ngx_int_t
ngx_http_cost_key_add_headers(ngx_http_request_t *r,
    ngx_http_cost_key_ctx_t *ctx)
{
    u_char              *p;
    ngx_int_t            rc;
    ngx_uint_t           i;
    cost_window_t       *w;
    cost_window_look_t  *look, *tight;

    ngx_http_cost_key_locked(0);

    p = ngx_pnalloc(r->pool, 5 * NGX_HTTP_COST_KEY_DIGITS);
    if (p == NULL) {
        return NGX_ERROR;
    }

    tight = NULL;
    rc = NGX_OK;

    for (i = 0; i < ctx->plan->nwindows && rc == NGX_OK; i++) {
        w = &ctx->plan->windows[i];
        look = &ctx->looks[i];

        if (w->length == 60 && w->kind == COST_WINDOW_FIXED) {
            rc = ngx_http_cost_key_add_header(r, &ngx_http_cost_key_minute,
                                              &p, look->remaining);

        } else if (w->length == 86400 && w->kind == COST_WINDOW_FIXED) {
            rc = ngx_http_cost_key_add_header(r, &ngx_http_cost_key_day,
                                              &p, look->remaining);

        } else if (tight == NULL || look->remaining < tight->remaining) {
            tight = look;
        }
    }

    if (tight == NULL || rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_cost_key_add_header(r, &ngx_http_cost_key_limit, &p,
                                     tight->limit)
        != NGX_OK
        || ngx_http_cost_key_add_header(r, &ngx_http_cost_key_remaining, &p,
                                        tight->remaining)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_cost_key_add_header(r, &ngx_http_cost_key_reset, &p,
                                        (uint32_t) tight->reset);
}


/*
 * By hand, two digits at a time and from the end of its place backwards:
 * ngx_sprintf() would be the larger part of the whole filter.
 */

static ngx_int_t
ngx_http_cost_key_add_header(ngx_http_request_t *r, ngx_str_t *name,
    u_char **place, uint32_t n)
{
    u_char           *p, *end;
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    end = *place + NGX_HTTP_COST_KEY_DIGITS;
    p = end;

    while (n >= 100) {
        p -= 2;
        ngx_memcpy(p, &ngx_http_cost_key_pairs[2 * (n % 100)], 2);
        n /= 100;
    }

    if (n >= 10) {
        p -= 2;
        ngx_memcpy(p, &ngx_http_cost_key_pairs[2 * n], 2);

    } else {
        *--p = (u_char) ('0' + n);
    }

    h->hash = 1;
    h->key = *name;
    h->value.len = end - p;
    h->value.data = p;
    ngx_http_cost_header_last(h);

    *place = end;

    return NGX_OK;
}


/* not on the hot path: switched on where it is wanted */

static ngx_int_t
ngx_http_cost_key_add_standard(ngx_http_request_t *r,
    ngx_http_cost_key_ctx_t *ctx)
{
    size_t                      size;
    time_t                      wait;
    u_char                     *start, *p;
    ngx_uint_t                  i, n;
    ngx_http_cost_key_limit_t  *limits;

    limits = ngx_http_cost_key_limits(r, &n);

    if (limits == NULL) {
        return NGX_ERROR;
    }

    size = n * (sizeof("\"\";q=;w=, ") + 3 * NGX_HTTP_COST_KEY_DIGITS);

    start = ngx_pnalloc(r->pool, 2 * size);
    if (start == NULL) {
        return NGX_ERROR;
    }

    p = start;

    for (i = 0; i < n; i++) {
        p = ngx_sprintf(p, "%s\"%V\";q=%ui;w=%ui", i ? ", " : "",
                        &limits[i].name, limits[i].limit, limits[i].length);
    }

    if (ngx_http_cost_key_add_text(r, &ngx_http_cost_key_policy, start, p)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    start = p;

    for (i = 0; i < n; i++) {
        wait = limits[i].resets - ctx->now;

        p = ngx_sprintf(p, "%s\"%V\";r=%ui;t=%T", i ? ", " : "",
                        &limits[i].name, limits[i].remaining,
                        wait > 0 ? wait : 0);
    }

    return ngx_http_cost_key_add_text(r, &ngx_http_cost_key_standard, start,
                                      p);
}


static ngx_int_t
ngx_http_cost_key_add_text(ngx_http_request_t *r, ngx_str_t *name,
    u_char *start, u_char *end)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    h->key = *name;
    h->value.len = end - start;
    h->value.data = start;
    ngx_http_cost_header_last(h);

    return NGX_OK;
}


static ngx_uint_t
ngx_http_cost_key_has_headers(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_out.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].key.data == ngx_http_cost_key_minute.data
                || h[i].key.data == ngx_http_cost_key_day.data
                || h[i].key.data == ngx_http_cost_key_limit.data)
            {
                return 1;
            }
        }
    }

    return 0;
}


ngx_http_cost_key_limit_t *
ngx_http_cost_key_limits(ngx_http_request_t *r, ngx_uint_t *n)
{
    u_char                     *p;
    ngx_uint_t                  i;
    cost_window_t              *w;
    cost_window_look_t         *look;
    ngx_http_cost_key_ctx_t    *ctx;
    ngx_http_cost_key_limit_t  *limits;

    *n = 0;

    ctx = ngx_http_cost_key_get_ctx(r);

    if (ctx == NULL || ctx->looks == NULL) {
        return NULL;
    }

    limits = ngx_palloc(r->pool, ctx->plan->nwindows
                                 * (sizeof(ngx_http_cost_key_limit_t)
                                    + NGX_HTTP_COST_KEY_DIGITS));
    if (limits == NULL) {
        return NULL;
    }

    p = (u_char *) &limits[ctx->plan->nwindows];

    for (i = 0; i < ctx->plan->nwindows; i++) {
        w = &ctx->plan->windows[i];
        look = &ctx->looks[i];

        limits[i].length = w->length;
        limits[i].sliding = (w->kind == COST_WINDOW_SLIDING);
        limits[i].limit = look->limit;
        limits[i].used = look->used;
        limits[i].remaining = look->remaining;
        limits[i].resets = (time_t) look->reset;

        ngx_http_cost_key_limit_name(&limits[i], ctx->plan,
                                     p + i * NGX_HTTP_COST_KEY_DIGITS);
    }

    *n = ctx->plan->nwindows;

    return limits;
}


/* of two of one length the sliding one says so: no name comes twice */

static void
ngx_http_cost_key_limit_name(ngx_http_cost_key_limit_t *limit,
    ngx_http_cost_key_plan_t *plan, u_char *buf)
{
    ngx_uint_t  i, n;

    switch (limit->length) {

    case 60:
        ngx_str_set(&limit->name, "minute");
        break;

    case 3600:
        ngx_str_set(&limit->name, "hour");
        break;

    case 86400:
        ngx_str_set(&limit->name, "day");
        break;

    default:
        limit->name.data = buf;
        limit->name.len = ngx_sprintf(buf, "%uis", limit->length) - buf;
    }

    if (!limit->sliding) {
        return;
    }

    n = 0;

    for (i = 0; i < plan->nwindows; i++) {
        n += (plan->windows[i].length == limit->length);
    }

    if (n > 1) {
        ngx_memmove(buf, limit->name.data, limit->name.len);
        ngx_memcpy(buf + limit->name.len, ":sliding", sizeof(":sliding") - 1);

        limit->name.data = buf;
        limit->name.len += sizeof(":sliding") - 1;
    }
}
