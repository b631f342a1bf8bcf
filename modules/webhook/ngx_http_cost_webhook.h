
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The door of webhook/: what the API that keeps endpoints and sources and the
 * timer that sends to them, or fetches from them, must agree on.  Which URLs
 * and directories the operator allows, and secrets that are stored sealed.
 *
 *     cost_webhook_allow   [http] [loopback] [private];
 *     cost_fetch_allow     [http] [loopback] [private];
 *     cost_sync_directory  path [organization];
 *     cost_secret_key      file;
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


/* bills are read below it */

typedef struct {
    ngx_str_t    path;           /* without a "/" at its end */
    ngx_str_t    organization;   /* its slug; empty: any may */
} ngx_http_cost_webhook_directory_t;


typedef struct {
    ngx_uint_t   allow;          /* COST_URL_ALLOW_* */
    ngx_uint_t   fetch;          /* the same, of sources */
    ngx_array_t  keys;           /* of ngx_http_cost_webhook_key_t; the first
                                    seals, any opens */
    ngx_array_t  directories;    /* of ngx_http_cost_webhook_directory_t */
} ngx_http_cost_webhook_main_conf_t;


/*
 * The directory that allows a path, which is absolute and has no empty, "."
 * or ".." parts; NULL: there is none.  A "slug" that is NULL is any.  What
 * the path leads to is for the one who opens it: below the directory no
 * symbolic link is followed.
 */
ngx_http_cost_webhook_directory_t *ngx_http_cost_webhook_directory(
    ngx_http_cost_webhook_main_conf_t *wmcf, ngx_str_t *path,
    ngx_str_t *slug);

char *ngx_http_cost_webhook_sync_directory(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);


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
