
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What the service models compute with, besides the price table's arithmetic.
 * Quantities are not negative and at most COST_QUANTITY_MAX.
 */


#ifndef _COST_SVC_PART_H_INCLUDED_
#define _COST_SVC_PART_H_INCLUDED_


#include "cost_service.h"


/* what is above an amount that a price includes */

static inline cost_decimal_t
cost_svc_above(cost_decimal_t quantity, uint32_t included)
{
    cost_decimal_t  limit;

    limit = included * COST_DECIMAL_ONE;

    return (quantity > limit) ? quantity - limit : 0;
}


/* rounded half up at the 18th decimal */

static inline cost_decimal_t
cost_svc_divide(cost_decimal_t quantity, uint32_t divisor)
{
    return (quantity + divisor / 2) / divisor;
}


/* how many steps a size is billed as: each begun one, at least one */

static inline cost_decimal_t
cost_svc_steps(cost_decimal_t size, uint32_t step)
{
    cost_decimal_t  one;

    one = step * COST_DECIMAL_ONE;

    return (size <= one) ? COST_DECIMAL_ONE
                         : (size + one - 1) / one * COST_DECIMAL_ONE;
}


static inline cost_decimal_t
cost_svc_max(cost_decimal_t a, cost_decimal_t b)
{
    return (a > b) ? a : b;
}


#endif /* _COST_SVC_PART_H_INCLUDED_ */
