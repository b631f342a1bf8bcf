
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What cost_price.c, which looks up, and cost_pricefile.c, which fills, share:
 * how a price table is laid out, and its one hash table, which holds the names
 * of groups, the keys, and the values of the keys' parts.  Not for others.
 */


#ifndef _COST_PRICEBUILD_H_INCLUDED_
#define _COST_PRICEBUILD_H_INCLUDED_


#include "cost_price.h"


/* upper bounds of what a file holds, by counting its lines */

typedef struct {
    size_t  regions;
    size_t  groups;
    size_t  rows;
    size_t  tiers;
    size_t  values;
    size_t  slots;
} cost_pricebuild_sizes_t;


void cost_pricebuild_count(const uint8_t *p, size_t len,
    cost_pricebuild_sizes_t *sizes);

/*
 * Lays the table and its arrays out in "arena", which is aligned to 16 bytes,
 * and returns their size; "arena" NULL: only that.
 */
size_t cost_pricebuild_lay(const cost_pricebuild_sizes_t *sizes,
    uint8_t *arena, cost_price_table_t **table);

/* a group with a name of its own */
cost_price_group_t *cost_pricebuild_group(cost_price_table_t *t,
    cost_str_t name);

/* a row of the last group, for a key it does not have yet, or for none */
uint32_t cost_pricebuild_row(cost_price_table_t *t, cost_str_t key);

/*
 * The distinct values of each part of the last group's keys, which are all
 * there; "used" counts the values of all groups.
 */
void cost_pricebuild_gather(cost_price_table_t *t, uint32_t *used);

/* the enumerated names, once all groups are there */
void cost_pricebuild_bind(cost_price_table_t *t);

bool cost_price_same(const cost_str_t *a, const cost_str_t *b);

/* of one name, of a key's parts, of a value; "group" and "part" are indices */
uint32_t cost_price_hash(cost_price_slot_e kind, uint32_t group,
    uint32_t part, const cost_str_t *strs, uint32_t n);

/* "group" is an index; COST_PRICE_NOWHERE: no such key */
uint32_t cost_price_find_key(const cost_price_table_t *t, uint32_t group,
    const cost_str_t *parts, uint32_t nparts);

/* whether some key of the group has this value in this part */
bool cost_price_find_value(const cost_price_table_t *t, uint32_t group,
    uint32_t part, const cost_str_t *value);


#endif /* _COST_PRICEBUILD_H_INCLUDED_ */
