
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What the files of webhooks share.
 */


#ifndef _NGX_HTTP_COST_API_WEBHOOKS_H_INCLUDED_
#define _NGX_HTTP_COST_API_WEBHOOKS_H_INCLUDED_


#include "api/ngx_http_cost_api.h"
#include "webhook/ngx_http_cost_webhook.h"


typedef struct {
    ngx_str_t                  uuid;     /* of the webhook, or delivery */
    ngx_uint_t                 status;   /* of the reply */
    ngx_http_cost_api_page_t   page;     /* of a list */
    ngx_str_t                  secret;   /* shown once; empty: not now */

    const ngx_http_cost_api_member_t  *members;  /* a webhook's, unless set */

    /* of a test */
    ngx_str_t                  delivery;
    ngx_http_cost_api_wait_t   wait;
} ngx_http_cost_api_webhook_t;


/* of deliveries_list.sql and deliveries_find.sql */
extern const ngx_http_cost_api_member_t  ngx_http_cost_api_delivery_members[];


/* NULL: no memory */
ngx_http_cost_api_webhook_t *ngx_http_cost_api_webhook_data(
    ngx_http_cost_api_ctx_t *ctx);

/*
 * The first two parameters of most statements: the organization, and the
 * uuid in the path.  NGX_OK, or a status: 404 for what is no uuid.
 */
ngx_int_t ngx_http_cost_api_webhook_params(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *params);

/* reads the webhook again, and sends it */
ngx_int_t ngx_http_cost_api_webhook_show(ngx_http_cost_api_ctx_t *ctx);

/* "done" for a statement that has found an object, or nothing */
ngx_int_t ngx_http_cost_api_webhook_found(ngx_http_cost_api_ctx_t *ctx);

ngx_int_t ngx_http_cost_api_webhook_unknown(ngx_http_cost_api_ctx_t *ctx);

/* sends the object of the result's first row */
ngx_int_t ngx_http_cost_api_webhook_send(ngx_http_cost_api_ctx_t *ctx);


#endif /* _NGX_HTTP_COST_API_WEBHOOKS_H_INCLUDED_ */
