
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_fold.h"
#include "cost_hash.h"
#include "cost_inventory.h"


static cost_rc_e cost_inventory_texts(cost_inventory_t *inv,
    const cost_focus_row_t *row, const cost_resource_t *res,
    cost_inventory_entry_t *key);
static void cost_inventory_sum(cost_inventory_entry_t *entry,
    const cost_focus_row_t *row, const cost_resource_t *res);


/* of the arena, per entry: ids of resources are long */
#define COST_INVENTORY_ARENA  128

#define cost_inventory_key(entry)  (&(entry)->provider)
#define COST_INVENTORY_KEY         (offsetof(cost_inventory_entry_t, hash)    \
                                    - offsetof(cost_inventory_entry_t,        \
                                               provider))


_Static_assert(COST_INVENTORY_KEY == 10 * sizeof(uint32_t),
               "a key without gaps");

_Static_assert(COST_INVENTORY_MIN * COST_INVENTORY_ARENA
               >= COST_INVENTORY_TEXTS
                  * (COST_INTERN_HEAD + COST_FOCUS_TEXT_MAX)
                  + COST_INTERN_HEAD,
               "a row fits into the least table");


size_t
cost_inventory_size(uint32_t entries)
{
    return entries * (sizeof(cost_inventory_entry_t)
                      + 2 * sizeof(uint32_t)
                      + 2 * sizeof(cost_intern_slot_t)
                      + (size_t) COST_INVENTORY_ARENA);
}


void
cost_inventory_init(cost_inventory_t *inv, void *memory, uint32_t entries)
{
    cost_intern_slot_t  *slots;

    inv->entries = memory;
    slots = (cost_intern_slot_t *) (inv->entries + entries);
    inv->index = (uint32_t *) (slots + 2 * (size_t) entries);
    inv->size = entries;

    cost_intern_init(&inv->texts, slots, 2 * entries,
                     (uint8_t *) (inv->index + 2 * (size_t) entries),
                     entries * COST_INVENTORY_ARENA);

    cost_inventory_reset(inv);
}


void
cost_inventory_reset(cost_inventory_t *inv)
{
    memset(inv->index, 0, inv->size * 2 * sizeof(uint32_t));
    cost_intern_reset(&inv->texts);

    memset(inv->seen, 0, sizeof(inv->seen));
    inv->n = 0;
    inv->rows = 0;
}


cost_rc_e
cost_inventory_add(cost_inventory_t *inv, const cost_focus_row_t *row,
    const cost_resource_t *res)
{
    uint32_t                 i, mask;
    uint64_t                 h;
    cost_inventory_entry_t  *entry, key;

    if (inv->n == inv->size
        || inv->rows == COST_FOLD_ROWS_MAX
        || cost_inventory_texts(inv, row, res, &key) != COST_OK)
    {
        return COST_FULL;
    }

    key.period = row->period;
    key.class = (uint16_t) res->class;
    key.pricing = (uint16_t) res->pricing;

    h = cost_hash((uint8_t *) cost_inventory_key(&key), COST_INVENTORY_KEY,
                  0);
    key.hash = (uint32_t) (h ^ (h >> 32));

    mask = 2 * inv->size - 1;

    for (i = key.hash & mask; inv->index[i] != 0; i = (i + 1) & mask) {
        entry = &inv->entries[inv->index[i] - 1];

        if (entry->hash == key.hash
            && memcmp(cost_inventory_key(entry), cost_inventory_key(&key),
                      COST_INVENTORY_KEY) == 0)
        {
            if (cost_inventory_text(inv, key.name).len != 0) {
                entry->name = key.name;
            }

            cost_inventory_sum(entry, row, res);
            inv->rows++;

            return COST_OK;
        }
    }

    entry = &inv->entries[inv->n++];
    inv->index[i] = inv->n;

    *entry = key;
    memset(entry->sum, 0, sizeof(entry->sum));
    entry->first = row->day;
    entry->last = res->last;
    entry->rows = 0;

    cost_inventory_sum(entry, row, res);
    inv->rows++;

    return COST_OK;
}


static void
cost_inventory_sum(cost_inventory_entry_t *entry, const cost_focus_row_t *row,
    const cost_resource_t *res)
{
    unsigned  i;

    for (i = 0; i < COST_INVENTORY_QUANTITY; i++) {
        entry->sum[i] += row->amount[i];
    }

    entry->sum[COST_INVENTORY_QUANTITY] += res->quantity;

    if (row->day < entry->first) {
        entry->first = row->day;
    }

    if (res->last > entry->last) {
        entry->last = res->last;
    }

    entry->rows++;
}


static cost_rc_e
cost_inventory_texts(cost_inventory_t *inv, const cost_focus_row_t *row,
    const cost_resource_t *res, cost_inventory_entry_t *key)
{
    unsigned  i;
    uint32_t  text;

    const cost_str_t  *const  from[COST_INVENTORY_TEXTS] = {
        &row->provider, &row->account, &res->resource, &res->item,
        &res->variant, &row->region, &row->service, &row->currency,
        &res->name
    };
    uint32_t          *const  to[COST_INVENTORY_TEXTS] = {
        &key->provider, &key->account, &key->resource, &key->item,
        &key->variant, &key->region, &key->service, &key->currency,
        &key->name
    };

    /* a text is often the one that the row before had there */

    for (i = 0; i < COST_INVENTORY_TEXTS; i++) {
        text = inv->seen[i];

        if (!cost_intern_is(&inv->texts, text, from[i])) {
            text = cost_intern(&inv->texts, from[i]);

            if (text == 0) {
                return COST_FULL;
            }

            inv->seen[i] = text;
        }

        *to[i] = text;
    }

    return COST_OK;
}


bool
cost_inventory_worth(const cost_inventory_entry_t *entry)
{
    cost_decimal_t  cost;

    if (entry->class == COST_RESOURCE_BALANCER_USE
        || entry->class == COST_RESOURCE_NAT_DATA
        || entry->class == COST_RESOURCE_REQUESTS)
    {
        return true;
    }

    cost = entry->sum[COST_INVENTORY_LIST];

    if (entry->sum[COST_INVENTORY_EFFECTIVE] > cost) {
        cost = entry->sum[COST_INVENTORY_EFFECTIVE];
    }

    return cost >= COST_DECIMAL_ONE / 31 * (entry->last - entry->first + 1);
}
