
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What reading and writing keys share.
 */


#ifndef _NGX_HTTP_COST_API_KEYS_H_INCLUDED_
#define _NGX_HTTP_COST_API_KEYS_H_INCLUDED_


#include "api/ngx_http_cost_api.h"


typedef struct {
    ngx_http_cost_api_page_t   page;   /* of a list */

    ngx_uint_t                 status; /* of one key: 200, 201 */
    ngx_str_t                  uuid;
    ngx_str_t                  secret; /* new, or empty */
    ngx_str_t                  digest;
    ngx_str_t                  grace;  /* seconds, a text */
    ngx_uint_t                 force;
} ngx_http_cost_api_keys_t;


/* becomes ctx->data; NULL: no memory */
ngx_http_cost_api_keys_t *ngx_http_cost_api_keys_data(
    ngx_http_cost_api_ctx_t *ctx);

/* NGX_OK, with the uuid of the path in ctx->data, or what ends the request */
ngx_int_t ngx_http_cost_api_key_uuid(ngx_http_cost_api_ctx_t *ctx);

/* replies with the key of the uuid, and its new secret if there is one */
ngx_int_t ngx_http_cost_api_key_show(ngx_http_cost_api_ctx_t *ctx);

ngx_int_t ngx_http_cost_api_key_unknown(ngx_http_cost_api_ctx_t *ctx);


#endif /* _NGX_HTTP_COST_API_KEYS_H_INCLUDED_ */
