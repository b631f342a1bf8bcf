
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What the files of accounts and of their sources share.
 */


#ifndef _NGX_HTTP_COST_API_SOURCE_H_INCLUDED_
#define _NGX_HTTP_COST_API_SOURCE_H_INCLUDED_


#include "api/ngx_http_cost_api.h"
#include "webhook/ngx_http_cost_webhook.h"


enum {
    NGX_HTTP_COST_API_SOURCE_F_KIND = 0,
    NGX_HTTP_COST_API_SOURCE_F_PATH,
    NGX_HTTP_COST_API_SOURCE_F_URL,
    NGX_HTTP_COST_API_SOURCE_F_AUTHORIZATION,
    NGX_HTTP_COST_API_SOURCE_F_BUCKET,
    NGX_HTTP_COST_API_SOURCE_F_REGION,
    NGX_HTTP_COST_API_SOURCE_F_PREFIX,
    NGX_HTTP_COST_API_SOURCE_F_ENDPOINT,
    NGX_HTTP_COST_API_SOURCE_F_ACCESS,
    NGX_HTTP_COST_API_SOURCE_F_SECRET,
    NGX_HTTP_COST_API_SOURCE_F_SESSION,
    NGX_HTTP_COST_API_SOURCE_F_ONE,
    NGX_HTTP_COST_API_SOURCE_F_EVERY,
    NGX_HTTP_COST_API_SOURCE_FIELDS
};

/* the members of a body, behind the account's own */

#define NGX_HTTP_COST_API_SOURCE_TABLE                                        \
    { ngx_string("source.kind"), NGX_HTTP_COST_HTTP_WORD, 1, 16, 0 },         \
    { ngx_string("source.path"), NGX_HTTP_COST_HTTP_TEXT, 1, 1024, 0 },       \
    { ngx_string("source.url"), NGX_HTTP_COST_HTTP_TEXT, 1, COST_URL_MAX,     \
      0 },                                                                    \
    { ngx_string("source.authorization"), NGX_HTTP_COST_HTTP_TEXT, 1, 1024,   \
      0 },                                                                    \
    { ngx_string("source.bucket"), NGX_HTTP_COST_HTTP_TEXT, 3, 63, 0 },       \
    { ngx_string("source.region"), NGX_HTTP_COST_HTTP_WORD, 1,                \
      COST_SIGV4_REGION_MAX, 0 },                                             \
    { ngx_string("source.prefix"), NGX_HTTP_COST_HTTP_TEXT, 0, 512, 0 },      \
    { ngx_string("source.endpoint"), NGX_HTTP_COST_HTTP_TEXT, 1,              \
      COST_URL_MAX, 0 },                                                      \
    { ngx_string("source.access_key_id"), NGX_HTTP_COST_HTTP_TEXT, 1,         \
      COST_SIGV4_KEY_MAX / 4, 0 },                                            \
    { ngx_string("source.secret_access_key"), NGX_HTTP_COST_HTTP_TEXT, 1,     \
      COST_SIGV4_SECRET_MAX / 4, 0 },                                         \
    { ngx_string("source.session_token"), NGX_HTTP_COST_HTTP_TEXT, 1,         \
      COST_SIGV4_SESSION_MAX, 0 },                                            \
    { ngx_string("source.one_account"), NGX_HTTP_COST_HTTP_BOOL, 0, 0, 0 },   \
    { ngx_string("source.sync_every"), NGX_HTTP_COST_HTTP_INTEGER, 1, 8760,   \
      0 }

/* the parameters of a statement, and the columns of a result */

#define NGX_HTTP_COST_API_SOURCE_PARAMS   10
#define NGX_HTTP_COST_API_SOURCE_COLUMNS  8


/*
 * Checks the values of NGX_HTTP_COST_API_SOURCE_TABLE and makes parameters of
 * them.  NGX_OK, or the status that ends the request.
 */
ngx_int_t ngx_http_cost_api_source(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *values, ngx_str_t *params);

/* "column" is that of the kind */
void ngx_http_cost_api_source_write(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row, ngx_uint_t column);


#endif /* _NGX_HTTP_COST_API_SOURCE_H_INCLUDED_ */
