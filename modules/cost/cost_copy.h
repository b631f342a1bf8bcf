
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

/*
 * The fields of a line of another table, each with a tab behind it; they
 * return where the next one goes.  A text, which has no control characters,
 * takes up to 2 * s.len + 1 bytes, others COST_DECIMAL_LEN + 1.
 */
uint8_t *cost_copy_text(uint8_t *p, cost_str_t s);
uint8_t *cost_copy_day(uint8_t *p, cost_day_t day);
uint8_t *cost_copy_number(uint8_t *p, uint64_t n);
uint8_t *cost_copy_decimal(uint8_t *p, cost_decimal_t amount);

/* ends a line, which goes from "buf" to "p"; returns its length */
size_t cost_copy_end(const uint8_t *buf, uint8_t *p);


#endif /* _COST_COPY_H_INCLUDED_ */
