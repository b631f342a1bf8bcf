
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What the files of budgets share.
 */


#ifndef _NGX_HTTP_COST_API_BUDGETS_H_INCLUDED_
#define _NGX_HTTP_COST_API_BUDGETS_H_INCLUDED_


#include "api/ngx_http_cost_api.h"


typedef struct {
    ngx_str_t                  uuid;
    ngx_uint_t                 status;   /* of the reply */
    ngx_http_cost_api_page_t   page;     /* of the list */
} ngx_http_cost_api_budget_t;


/* NULL: no memory */
ngx_http_cost_api_budget_t *ngx_http_cost_api_budget_data(
    ngx_http_cost_api_ctx_t *ctx);

/*
 * The first two parameters of a statement: the organization, and the uuid in
 * the path.  NGX_OK, or a status: 404 for what is no uuid.
 */
ngx_int_t ngx_http_cost_api_budget_params(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *params);

/* reads the budget, and sends it */
ngx_int_t ngx_http_cost_api_budget_show(ngx_http_cost_api_ctx_t *ctx);

ngx_int_t ngx_http_cost_api_budget_unknown(ngx_http_cost_api_ctx_t *ctx);


#endif /* _NGX_HTTP_COST_API_BUDGETS_H_INCLUDED_ */
