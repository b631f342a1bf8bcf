
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The door of webhook/: what the API that keeps endpoints and the timer that
 * sends to them must agree on.  Which URLs the operator allows, and secrets
 * that are stored sealed.
 *
 *     cost_webhook_allow  [http] [loopback] [private];
 *     cost_secret_key     file;
 */


#ifndef _NGX_HTTP_COST_WEBHOOK_H_INCLUDED_
#define _NGX_HTTP_COST_WEBHOOK_H_INCLUDED_


#include "ngx_http_cost.h"


#define NGX_HTTP_COST_WEBHOOK_KEY     32
#define NGX_HTTP_COST_WEBHOOK_KEY_ID  4      /* bytes of the key's SHA-256 */

/* "whsec_" and base64, whose decoded bytes are the key of Standard Webhooks */
#define NGX_HTTP_COST_WEBHOOK_PREFIX  "whsec_"


typedef struct {
    u_char       id[NGX_HTTP_COST_WEBHOOK_KEY_ID];
    u_char       key[NGX_HTTP_COST_WEBHOOK_KEY];
} ngx_http_cost_webhook_key_t;


typedef struct {
    ngx_uint_t   allow;          /* COST_URL_ALLOW_* */
    ngx_array_t  keys;           /* of ngx_http_cost_webhook_key_t; the first
                                    seals, any opens */
} ngx_http_cost_webhook_main_conf_t;


/* a new endpoint's id, a uuid of random bits, in "pool" */
ngx_int_t ngx_http_cost_webhook_uuid(ngx_pool_t *pool, ngx_str_t *uuid);

/* a new secret, in "pool" */
ngx_int_t ngx_http_cost_webhook_secret(ngx_pool_t *pool, ngx_str_t *secret);

/*
 * AES-256-GCM, for PostgreSQL ("\x...").  The endpoint's uuid is part of what
 * is authenticated: what is sealed for one does not open for another.
 * NGX_DECLINED: there is no cost_secret_key.
 */
ngx_int_t ngx_http_cost_webhook_seal(ngx_http_cost_webhook_main_conf_t *wmcf,
    ngx_pool_t *pool, ngx_str_t *uuid, ngx_str_t *secret, ngx_str_t *sealed);

/* the other way; NGX_DECLINED: no key of the file opens it */
ngx_int_t ngx_http_cost_webhook_open(ngx_http_cost_webhook_main_conf_t *wmcf,
    ngx_pool_t *pool, ngx_str_t *uuid, ngx_str_t *sealed, ngx_str_t *secret);


extern ngx_module_t  ngx_http_cost_webhook_module;


#endif /* _NGX_HTTP_COST_WEBHOOK_H_INCLUDED_ */
