
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What every room that knows nginx shares: the version of the suite, shims
 * for differences between nginx versions (one each, and nowhere else), and
 * accessors too small for a room.
 */


#ifndef _NGX_HTTP_COST_H_INCLUDED_
#define _NGX_HTTP_COST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "cost/cost.h"


#define NGX_HTTP_COST_VERSION      "0.1.0"
#define NGX_HTTP_COST_API_VERSION  "v1"


/* since 1.23.0 headers of one name are linked */

#if (nginx_version >= 1023000)
#define ngx_http_cost_header_last(h)  (h)->next = NULL
#else
#define ngx_http_cost_header_last(h)
#endif


/* ngx_str_t and cost_str_t have one layout */

#define ngx_http_cost_str(s)                                                  \
    ((cost_str_t) { (s)->len, (s)->data })


#endif /* _NGX_HTTP_COST_H_INCLUDED_ */
