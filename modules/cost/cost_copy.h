
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Sums as lines of PostgreSQL's COPY, in its text format, for the tables that
 * cost_stage() makes.
 */


#ifndef _COST_COPY_H_INCLUDED_
#define _COST_COPY_H_INCLUDED_


#include "cost_fold.h"
#include "cost_inventory.h"


#define COST_COPY_COSTS                                                       \
    "COPY cost_stage (provider, account, account_name, service, "             \
    "service_category, region, currency, period, day, category, entries, "    \
    "billed, effective, list, contracted) FROM STDIN"

#define COST_COPY_RESOURCES                                                   \
    "COPY cost_stage_resources (provider, account, resource, name, class, "   \
    "item, variant, pricing, region, service, currency, period, first_day, "  \
    "last_day, entries, billed, effective, list, quantity) FROM STDIN"

/* bytes of a line, at most: each text has COST_FOCUS_TEXT_MAX, all escaped */
#define COST_COPY_LINE  (12 * 2 * COST_FOCUS_TEXT_MAX)


/* writes a line; returns its length */
size_t cost_copy_cost(const cost_fold_t *fold, const cost_fold_entry_t *entry,
    uint8_t *buf);
size_t cost_copy_resource(const cost_inventory_t *inv,
    const cost_inventory_entry_t *entry, uint8_t *buf);


#endif /* _COST_COPY_H_INCLUDED_ */
