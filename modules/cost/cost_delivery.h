
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What names of files tell: which are bills, and which are the parts of one
 * delivery, that replaces what was there before as a whole.
 *
 * Providers split large exports: Amazon writes .../export-00001.csv.gz and on,
 * Google .../focus-000000000000.csv, Microsoft .../part_0_0001.csv, Spark
 * part-00000-<uuid>.csv.gz.  Each delivery has a directory of its own, so that
 * parts never lie in two.
 */


#ifndef _COST_DELIVERY_H_INCLUDED_
#define _COST_DELIVERY_H_INCLUDED_


#include "cost_str.h"


/*
 * Ends in .csv or .csv.gz, in any case, and neither it nor a directory on its
 * path begins with "." or "_".
 */
bool cost_delivery_bill(cost_str_t name);

/*
 * Two names of bills are parts of one delivery: they are in one directory, and
 * either differ in nothing but a number of 4 to 12 digits that begins with 0
 * and stands behind "-" or "_" and in front of the ending, or both begin with
 * "part-" or "part_".
 */
bool cost_delivery_same(cost_str_t a, cost_str_t b);


#endif /* _COST_DELIVERY_H_INCLUDED_ */
