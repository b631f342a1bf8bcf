
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The price file: one text format, line based; conf/prices/README.md is its
 * description for people.
 *
 *     aws-prices 1
 *     currency USD
 *     regions us-east-1 us-east-2 ...
 *
 *     group S3.standard_storage
 *     unit GB-month
 *     about S3 Standard storage
 *     confidence data
 *     as_of 2025-11-04
 *     source somewhere@commit:path
 *     us-east-1 0.023 to 51200 0.022 to 512000 0.021
 *     ...
 *
 *     group RDS.instance_hour
 *     ...
 *     keys engine/instanceClass/deployment
 *     key mysql/db.t3.micro/single_az
 *     us-east-1 0.017
 *     ...
 *
 *     end 21893
 *
 * Blank lines and what follows "#" at the start of a line or after a blank
 * are skipped.  The last line counts the prices (a tiered one is one), so
 * that a file cut short is seen.
 */


#ifndef _COST_PRICEFILE_H_INCLUDED_
#define _COST_PRICEFILE_H_INCLUDED_


#include "cost_price.h"


typedef struct {
    uint32_t     line;           /* counted from 1; 0: the file as a whole */
    const char  *reason;         /* a literal, NUL-terminated */
    cost_str_t   what;           /* the offending text; or empty */
} cost_pricefile_error_t;


/*
 * An upper bound on the arena that a file needs; one pass over its bytes.
 */
size_t cost_pricefile_measure(const uint8_t *p, size_t len);

/*
 * Reads a whole file into "arena" (aligned to 16 bytes, of "size" bytes) and
 * points "table" into it.  The table's strings point into the file.
 *
 * COST_INVALID, COST_RANGE: "err" says where and why.  COST_FULL: the arena
 * is smaller than cost_pricefile_measure() says.
 */
COST_MUST_CHECK cost_rc_e cost_pricefile_parse(const uint8_t *p, size_t len,
    void *arena, size_t size, cost_price_table_t **table,
    cost_pricefile_error_t *err);


#endif /* _COST_PRICEFILE_H_INCLUDED_ */
