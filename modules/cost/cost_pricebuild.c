
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_pricebuild.h"
#include "cost_priceline.h"


static void cost_pricebuild_insert(cost_price_table_t *t,
    cost_price_slot_e kind, uint32_t index, uint32_t hash);
static uint32_t cost_pricebuild_words(cost_priceline_t *l);


void
cost_pricebuild_count(const uint8_t *p, size_t len,
    cost_pricebuild_sizes_t *sizes)
{
    size_t            keys, words;
    cost_str_t        word;
    cost_priceline_t  l;

    memset(sizes, 0, sizeof(cost_pricebuild_sizes_t));

    keys = 0;

    cost_priceline_init(&l, p, len);

    while (cost_priceline_next(&l)) {
        word = cost_priceline_word(&l);

        if (cost_str_is(&word, "group")) {
            sizes->groups++;

        } else if (cost_str_is(&word, "key")) {
            keys++;

        } else {
            words = cost_pricebuild_words(&l);

            if (cost_str_is(&word, "regions")) {
                sizes->regions += words;

            } else if (words > 1) {
                sizes->tiers += words / 3 + 1;    /* P to N P to N P */
            }
        }
    }

    if (sizes->regions > COST_PRICE_REGIONS) {
        sizes->regions = COST_PRICE_REGIONS;
    }

    sizes->rows = sizes->groups + keys;
    sizes->values = keys * COST_PRICE_PARTS;
    sizes->slots = 16;

    while (sizes->slots < 2 * (sizes->groups + keys + sizes->values)) {
        sizes->slots *= 2;
    }
}


static uint32_t
cost_pricebuild_words(cost_priceline_t *l)
{
    uint32_t  n;

    n = 0;

    while (cost_priceline_word(l).len != 0) {
        n++;
    }

    return n;
}


size_t
cost_pricebuild_lay(const cost_pricebuild_sizes_t *sizes, uint8_t *arena,
    cost_price_table_t **table)
{
    size_t               pos, at[9];
    unsigned             i;
    cost_price_table_t  *t;

    const size_t  size[] = {
        sizeof(cost_price_table_t),
        sizes->regions * sizeof(cost_str_t),
        sizes->groups * sizeof(cost_price_group_t),
        sizes->rows * sizeof(cost_str_t),
        sizes->rows * sizeof(uint32_t),
        sizes->rows * sizes->regions * sizeof(cost_price_t),
        sizes->tiers * sizeof(cost_price_tier_t),
        sizes->values * sizeof(cost_str_t),
        sizes->slots * sizeof(cost_price_slot_t)
    };

    pos = 0;

    for (i = 0; i < 9; i++) {
        at[i] = pos;
        pos += (size[i] + 15) & ~(size_t) 15;
    }

    if (arena == NULL) {
        return pos;
    }

    t = (cost_price_table_t *) arena;
    memset(t, 0, sizeof(cost_price_table_t));
    memset(arena + at[8], 0, size[8]);

    t->regions = (cost_str_t *) (arena + at[1]);
    t->groups = (cost_price_group_t *) (arena + at[2]);
    t->keys = (cost_str_t *) (arena + at[3]);
    t->owners = (uint32_t *) (arena + at[4]);
    t->cells = (cost_price_t *) (arena + at[5]);
    t->tiers = (cost_price_tier_t *) (arena + at[6]);
    t->values = (cost_str_t *) (arena + at[7]);
    t->hash = (cost_price_slot_t *) (arena + at[8]);
    t->hash_mask = (uint32_t) sizes->slots - 1;

    *table = t;

    return pos;
}


cost_price_group_t *
cost_pricebuild_group(cost_price_table_t *t, cost_str_t name)
{
    cost_price_group_t  *group;

    group = &t->groups[t->ngroups];

    memset(group, 0, sizeof(cost_price_group_t));

    group->name = name;
    group->row = t->nrows;

    cost_pricebuild_insert(t, COST_PRICE_SLOT_GROUP, t->ngroups,
                           cost_price_hash(COST_PRICE_SLOT_GROUP, 0, 0, &name,
                                           1));
    t->ngroups++;

    return group;
}


uint32_t
cost_pricebuild_row(cost_price_table_t *t, cost_str_t key)
{
    uint32_t       i, n, row, group;
    cost_str_t     parts[COST_PRICE_PARTS];
    cost_price_t  *cells;

    group = t->ngroups - 1;
    row = t->nrows++;

    t->groups[group].nrows++;
    t->keys[row] = key;
    t->owners[row] = group;

    cells = &t->cells[(size_t) row * t->nregions];

    for (i = 0; i < t->nregions; i++) {
        cells[i] = COST_PRICE_NONE;
    }

    if (key.len != 0) {
        n = cost_priceline_split(key, parts, COST_PRICE_PARTS);

        cost_pricebuild_insert(t, COST_PRICE_SLOT_KEY, row,
                               cost_price_hash(COST_PRICE_SLOT_KEY, group, 0,
                                               parts, n));
    }

    return row;
}


void
cost_pricebuild_gather(cost_price_table_t *t, uint32_t *used)
{
    uint32_t             i, index, row, last;
    cost_str_t           parts[COST_PRICE_PARTS];
    cost_price_part_t   *part;
    cost_price_group_t  *group;

    index = t->ngroups - 1;
    group = &t->groups[index];
    last = group->row + group->nrows;

    for (i = 0; i < group->nparts; i++) {
        part = &group->parts[i];
        part->values = &t->values[*used];

        for (row = group->row; row < last; row++) {
            (void) cost_priceline_split(t->keys[row], parts,
                                        COST_PRICE_PARTS);

            if (cost_price_find_value(t, index, i, &parts[i])) {
                continue;
            }

            t->values[*used] = parts[i];
            part->nvalues++;

            cost_pricebuild_insert(t, COST_PRICE_SLOT_VALUE, *used,
                                   cost_price_hash(COST_PRICE_SLOT_VALUE,
                                                   index, i, &parts[i], 1));
            (*used)++;
        }
    }
}


/* the table has at least twice as many slots as entries */

static void
cost_pricebuild_insert(cost_price_table_t *t, cost_price_slot_e kind,
    uint32_t index, uint32_t hash)
{
    uint32_t  i;

    i = hash & t->hash_mask;

    while (t->hash[i].kind != COST_PRICE_SLOT_FREE) {
        i = (i + 1) & t->hash_mask;
    }

    t->hash[i].hash = hash;
    t->hash[i].kind = kind;
    t->hash[i].index = index & 0x3fffffff;
}


void
cost_pricebuild_bind(cost_price_table_t *t)
{
    unsigned                   i;
    const cost_price_group_t  *group;

    static const cost_str_t  names[] = {
#define X(id, text)  cost_string(text),
        COST_PRICE_NAME_LIST(X)
#undef X
    };

    for (i = 0; i < COST_PRICE_NAMES; i++) {
        group = cost_price_group_find(t, names[i]);
        t->named[i] = (group == NULL) ? COST_PRICE_NOWHERE
                                      : (uint32_t) (group - t->groups);
    }
}
