
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What the files of http/ share: the state of a request and the
 * configuration.  Not a door.
 */


#ifndef _NGX_HTTP_COST_HTTP_CTX_H_INCLUDED_
#define _NGX_HTTP_COST_HTTP_CTX_H_INCLUDED_


#include "http/ngx_http_cost_http.h"


/* replies up to this size are written once */

#define NGX_HTTP_COST_HTTP_SCRATCH  32768


typedef struct {
    ngx_http_request_t          *request;

    /* of the error that a handler recorded */
    ngx_uint_t                   status;
    ngx_str_t                    text;       /* data == NULL: the standard */
    ngx_uint_t                   retry;      /* seconds, 0: no Retry-After */
    ngx_uint_t                   methods;    /* of Allow */

    ngx_str_t                    page;       /* what replaces nginx's own */

    ngx_http_cost_http_body_pt   body_handler;

    cost_wording_e               wording;
    unsigned                     replace:1;  /* the body filter has to act */
} ngx_http_cost_http_ctx_t;


typedef struct {
    u_char                      *scratch;    /* of the worker */
} ngx_http_cost_http_main_conf_t;


/*
 * The state of a request survives an internal redirect, which clears the
 * contexts of all modules.  "get" returns NULL if there is none.
 */
ngx_http_cost_http_ctx_t *ngx_http_cost_http_get_ctx(ngx_http_request_t *r);
ngx_http_cost_http_ctx_t *ngx_http_cost_http_add_ctx(ngx_http_request_t *r);


#endif /* _NGX_HTTP_COST_HTTP_CTX_H_INCLUDED_ */
