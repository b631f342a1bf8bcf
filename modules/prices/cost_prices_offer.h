
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What cost_prices_offer.c, which collects, and cost_prices_settle.c, which
 * makes prices of it when the file ends, share.
 */


#ifndef _COST_PRICES_OFFER_H_INCLUDED_
#define _COST_PRICES_OFFER_H_INCLUDED_


#include "cost_prices.h"


typedef struct {
    char                          *code;
    char                          *unit;
    cost_decimal_t                 begin;
    cost_decimal_t                 end;          /* -1: without end */
    cost_decimal_t                 price;
} cost_prices_tier_t;


/* one of the prices that a product is */

typedef struct {
    const cost_prices_select_t    *select;
    char                          *key;
    uint64_t                       regions;      /* bits */
} cost_prices_target_t;


typedef struct {
    char                          *sku;
    char                          *usage;        /* for messages */
    char                          *term;         /* the offer term's code */
    cost_prices_target_t          *targets;
    cost_prices_tier_t            *tiers;
    uint64_t                       line;
    uint32_t                       ntargets;
    uint32_t                       ntiers;
    bool                           bad;
} cost_prices_sku_t;


struct cost_prices_offer_s {
    const char                    *file;
    char                          *code;         /* "AmazonEC2" or "" */
    char                          *date;
    char                          *version;
    cost_prices_book_t            *book;
    const cost_prices_selection_t *selection;
    cost_prices_sku_t             *skus;
    uint32_t                      *slots;        /* hash: index + 1 */
    char                         **strangers;    /* places not ours */
    uint64_t                       seen;         /* regions of products */
    uint32_t                       number;
    uint32_t                       nskus;
    uint32_t                       nslots;
    uint32_t                       nstrangers;
    uint32_t                       nskipped;
    uint32_t                       nprices;
    bool                           skip_bad;
};


/* an error, or with --skip-bad a SKU less */
__attribute__((format(printf, 4, 5)))
void cost_prices_bad(cost_prices_offer_t *offer, cost_prices_sku_t *sku,
    uint64_t line, const char *fmt, ...);


#endif /* _COST_PRICES_OFFER_H_INCLUDED_ */
