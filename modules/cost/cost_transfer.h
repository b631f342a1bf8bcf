
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Data that goes along an edge, priced by where it crosses: the edge's
 * network.context.
 *
 *     same-az, cloudfront-origin, vpc-endpoint-gateway   free
 *     inter-az, vpc-peering      per GB out of one zone and into the other
 *     inter-region               per GB out, by destination
 *     internet                   the region's egress tiers
 *     nat-gateway                per GB processed
 *     privatelink                an interface endpoint's tiers
 *
 * Tiers count what all edges of one context carry together, in the order of
 * the edges, as AWS adds up a region's traffic.  What an edge costs is
 * rounded to cents once, with both of its directions.
 */


#ifndef _COST_TRANSFER_H_INCLUDED_
#define _COST_TRANSFER_H_INCLUDED_


#include "cost_price.h"


typedef enum {
    COST_TRANSFER_SAME_AZ = 0,
    COST_TRANSFER_INTER_AZ,
    COST_TRANSFER_INTER_REGION,
    COST_TRANSFER_INTERNET,
    COST_TRANSFER_VPC_PEERING,
    COST_TRANSFER_NAT_GATEWAY,
    COST_TRANSFER_PRIVATELINK,
    COST_TRANSFER_CLOUDFRONT_ORIGIN,
    COST_TRANSFER_VPC_ENDPOINT_GATEWAY,
    COST_TRANSFER_CONTEXTS
} cost_transfer_e;


/* as the request spells them; the last has a NULL data */
extern const cost_str_t  cost_transfer_contexts[COST_TRANSFER_CONTEXTS + 1];


typedef struct {
    cost_decimal_t   gb;
    cost_decimal_t   kb_per_request;     /* KB that each request carries */
    cost_transfer_e  context;
    uint32_t         to_region;          /* of inter-region */
    uint16_t         edge;               /* its number in the request */
    uint16_t         from;               /* nodes */
    uint16_t         to;
} cost_transfer_t;


/*
 * Prices n transfers: amounts[i], in cents; NULL, when only the total is
 * wanted.
 * COST_NULL, COST_RANGE: no price, or too large; *bad is the index of the
 * transfer, *name the price it asked for.
 */
COST_MUST_CHECK cost_rc_e cost_transfer_price(const cost_price_table_t *t,
    uint32_t region, const cost_transfer_t *transfers, uint32_t n,
    cost_decimal_t *amounts, cost_decimal_t *total, uint32_t *bad,
    cost_price_e *name);


#endif /* _COST_TRANSFER_H_INCLUDED_ */
