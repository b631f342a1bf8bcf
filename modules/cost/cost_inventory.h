
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Adds up what rows tell about resources, as cost_fold.h does with costs: one
 * entry per provider, account, billing period, resource, class, item, variant,
 * pricing, region, service and currency, with its first and last day.  All
 * memory is the caller's and does not grow: when it is full the caller takes
 * the entries out, resets the table and goes on; an entry may then come out
 * in several pieces, which whoever takes them adds up.
 *
 * Where it goes: each way in (the import command, a sync) copies the entries
 * into cost_stage_resources, which cost_stage() makes beside cost_stage, and
 * cost_load() puts both in place, replaces what the billing periods had
 * before, and derives the recommendations.
 */


#ifndef _COST_INVENTORY_H_INCLUDED_
#define _COST_INVENTORY_H_INCLUDED_


#include "cost_intern.h"
#include "cost_resource.h"


#define COST_INVENTORY_TEXTS  9

#define COST_INVENTORY_MIN  256
#define COST_INVENTORY_MAX  ((uint32_t) 1 << 24)

/* amounts of an entry */

typedef enum {
    COST_INVENTORY_BILLED = COST_BILLED,
    COST_INVENTORY_EFFECTIVE = COST_EFFECTIVE,
    COST_INVENTORY_LIST = COST_LIST,
    COST_INVENTORY_QUANTITY,
    COST_INVENTORY_SUMS
} cost_inventory_sum_e;


typedef struct {
    _Alignas(64)
    cost_decimal_t           sum[COST_INVENTORY_SUMS];

    /* the key, without gaps; texts are known by cost_inventory_text() */
    uint32_t                 provider;
    uint32_t                 account;
    uint32_t                 resource;
    uint32_t                 item;
    uint32_t                 variant;
    uint32_t                 region;
    uint32_t                 service;
    uint32_t                 currency;
    cost_day_t               period;
    uint16_t                 class;      /* cost_resource_class_e */
    uint16_t                 pricing;    /* cost_resource_pricing_e */
    uint32_t                 hash;

    uint32_t                 name;       /* the last one seen */
    cost_day_t               first;
    cost_day_t               last;
    uint32_t                 rows;
} cost_inventory_entry_t;


typedef struct {
    cost_inventory_entry_t  *entries;
    uint32_t                *index;      /* entry + 1, by hash; 0: free */
    cost_intern_t            texts;
    uint32_t                 n;          /* entries in use */
    uint32_t                 size;       /* entries there are */
    uint32_t                 rows;       /* added since the last reset */
    uint32_t                 seen[COST_INVENTORY_TEXTS]; /* the row before */
} cost_inventory_t;


/*
 * The bytes of memory that a table of "entries" entries (a power of two from
 * COST_INVENTORY_MIN to COST_INVENTORY_MAX) needs.
 */
size_t cost_inventory_size(uint32_t entries);

/* "memory" is aligned to 64 and cost_inventory_size(entries) bytes long */
void cost_inventory_init(cost_inventory_t *inv, void *memory,
    uint32_t entries);

/*
 * COST_OK; COST_FULL: it was not added, take the entries out and
 * cost_inventory_reset(), then try again.
 */
COST_MUST_CHECK cost_rc_e cost_inventory_add(cost_inventory_t *inv,
    const cost_focus_row_t *row, const cost_resource_t *res);

/* forgets all entries and texts */
void cost_inventory_reset(cost_inventory_t *inv);

/*
 * Whether an entry is worth being kept: what costs less than 1 of its currency
 * a month (at the pace of its days, so that a piece of an entry is judged as
 * the whole) is not, unless it tells how another resource is used.
 */
bool cost_inventory_worth(const cost_inventory_entry_t *entry);

/* entries[0 .. n) are in the order in which their first rows came */
#define cost_inventory_text(inv, text)  cost_intern_text(&(inv)->texts, text)


#endif /* _COST_INVENTORY_H_INCLUDED_ */
