
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Between cost_pull.c and cost_pull_number.c.  Not for others.
 */


#ifndef _COST_PULL_PART_H_INCLUDED_
#define _COST_PULL_PART_H_INCLUDED_


#include "cost_pull.h"


#define cost_pull_digit(c)  ((uint8_t) ((c) - '0') <= 9)


/* records what is wrong at p; returns COST_PULL_INVALID */
cost_pull_e cost_pull_fail(cost_pull_t *r, const uint8_t *p,
    const char *error);

/* reads the number, or whatever is there in place of a value */
cost_pull_e cost_pull_number(cost_pull_t *r, const uint8_t *p);


#endif /* _COST_PULL_PART_H_INCLUDED_ */
