
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The door of calculate/, for metrics.
 */


#ifndef _NGX_HTTP_COST_CALCULATE_H_INCLUDED_
#define _NGX_HTTP_COST_CALCULATE_H_INCLUDED_


#include "ngx_http_cost.h"


/* what a request's location calculates: a graph, a list of services */

typedef enum {
    NGX_HTTP_COST_CALCULATE_NOTHING = 0,
    NGX_HTTP_COST_CALCULATE_GRAPH,
    NGX_HTTP_COST_CALCULATE_SERVICES
} ngx_http_cost_calculate_e;

ngx_http_cost_calculate_e ngx_http_cost_calculate_of(ngx_http_request_t *r);


#endif /* _NGX_HTTP_COST_CALCULATE_H_INCLUDED_ */
