
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * POST /calculate whole: bytes in, priced, JSON out.  All memory is the
 * caller's: one cost_calculate_t (some 500 KB, of which a request touches
 * what it needs) serves any number of calculations one after the other.
 *
 * Rounding: every breakdown line is rounded half away from zero to cents;
 * a service's monthlyCost, the data transfer's and totalMonthlyCost are sums
 * of what was rounded, so that the answer adds up (the document's 1.15 + 2.50
 * + 0.30 = 3.95).  perRequest.cost is the rounded total over the requests,
 * to 15 decimals.
 */


#ifndef _COST_CALCULATE_H_INCLUDED_
#define _COST_CALCULATE_H_INCLUDED_


#include "cost_json.h"
#include "cost_request.h"


#define COST_CALCULATE_REASON  192


/* what a configuration has; shared and constant */

typedef struct {
    const cost_price_table_t  *prices;
    cost_service_index_t       services;
    cost_str_t                 version;  /* of the prices: SHA-256 in hex */
} cost_calculate_data_t;


typedef struct {
    cost_decimal_t             total;    /* of all below; cents, as they are */
    cost_decimal_t             transfer;
    cost_decimal_t             totals[COST_REQUEST_NODES];
    uint64_t                   shown[COST_REQUEST_NODES];    /* lines */
    cost_decimal_t             compared[COST_PRICE_REGIONS]; /* totals */
    size_t                     reason_len[COST_PRICE_REGIONS];
    cost_request_t             request;

    cost_decimal_t             amounts[COST_REQUEST_NODES
                                       * COST_SERVICE_LINES];
    cost_decimal_t             carried[COST_REQUEST_EDGES];
    uint8_t                    reasons[COST_PRICE_REGIONS]
                                      [COST_CALCULATE_REASON];
} cost_calculate_t;


/*
 * Reads, checks and prices.  COST_INVALID: request.error is the sentence for
 * the client.  "body" outlives "c" until it was written.
 */
COST_MUST_CHECK cost_rc_e cost_calculate(cost_calculate_t *c,
    const cost_calculate_data_t *data, const uint8_t *body, size_t len);

/* the last of its three stages, after cost_request_read() and _flow() */
COST_MUST_CHECK cost_rc_e cost_calculate_price(cost_calculate_t *c);

/* the answer; the same however often it is called */
void cost_calculate_write(const cost_calculate_t *c,
    const cost_calculate_data_t *data, cost_json_t *j, cost_time_t now,
    uint32_t microseconds);

/*
 * What can be calculated, for GET /api/v1/calculate/services: services, their
 * parameters with units, defaults and bounds, the regions.
 */
void cost_calculate_services(const cost_calculate_data_t *data,
    cost_json_t *j);


#endif /* _COST_CALCULATE_H_INCLUDED_ */
