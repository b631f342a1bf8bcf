
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Does a path fit a pattern such as "/accounts/{id}"?  A segment in braces
 * stands for one that is not empty; everything else is taken literally.
 */


#ifndef _COST_ROUTE_H_INCLUDED_
#define _COST_ROUTE_H_INCLUDED_


#include "cost_str.h"


#define COST_ROUTE_IDS  2


/*
 * "ids" gets what stands in the path for the segments in braces, in order, of
 * which a pattern has at most COST_ROUTE_IDS; it is only good after true.
 */
bool cost_route_match(cost_str_t pattern, cost_str_t path, cost_str_t *ids);


#endif /* _COST_ROUTE_H_INCLUDED_ */
