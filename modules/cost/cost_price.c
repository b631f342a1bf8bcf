
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_price.h"
#include "cost_hash.h"
#include "cost_pricebuild.h"


static cost_decimal_t cost_price_multiply(cost_decimal_t quantity,
    int64_t price);
static size_t cost_price_put(uint8_t *buf, size_t size, size_t pos,
    const uint8_t *p, size_t len);


static const cost_str_t  cost_price_confidence_texts[] = {
    cost_string("data"),
    cost_string("offer"),
    cost_string("published"),
    cost_string("derived"),
    cost_string("recalled")
};


uint32_t
cost_price_region(const cost_price_table_t *t, cost_str_t name)
{
    uint32_t  i;

    for (i = 0; i < t->nregions; i++) {
        if (cost_price_same(&t->regions[i], &name)) {
            return i;
        }
    }

    return COST_PRICE_NOWHERE;
}


const cost_price_group_t *
cost_price_group(const cost_price_table_t *t, cost_price_e name)
{
    uint32_t  index;

    if ((unsigned) name >= COST_PRICE_NAMES) {
        return NULL;
    }

    index = t->named[name];

    return (index == COST_PRICE_NOWHERE) ? NULL : &t->groups[index];
}


const cost_price_group_t *
cost_price_group_find(const cost_price_table_t *t, cost_str_t name)
{
    uint32_t                   i, hash;
    const cost_price_slot_t   *slot;
    const cost_price_group_t  *group;

    hash = cost_price_hash(COST_PRICE_SLOT_GROUP, 0, 0, &name, 1);

    for (i = hash & t->hash_mask; /* void */ ; i = (i + 1) & t->hash_mask) {
        slot = &t->hash[i];

        if (slot->kind == COST_PRICE_SLOT_FREE) {
            return NULL;
        }

        if (slot->hash != hash || slot->kind != COST_PRICE_SLOT_GROUP) {
            continue;
        }

        group = &t->groups[slot->index];

        if (cost_price_same(&group->name, &name)) {
            return group;
        }
    }
}


uint32_t
cost_price_row(const cost_price_table_t *t, cost_price_e name)
{
    const cost_price_group_t  *group;

    group = cost_price_group(t, name);

    if (group == NULL || group->nparts != 0) {
        return COST_PRICE_NOWHERE;
    }

    return group->row;
}


cost_rc_e
cost_price_key(const cost_price_table_t *t, cost_price_e name,
    const cost_str_t *parts, uint32_t nparts, uint32_t *row,
    uint32_t *unknown)
{
    uint32_t                   i, index;
    const cost_price_group_t  *group;

    *row = COST_PRICE_NOWHERE;
    *unknown = nparts;

    group = cost_price_group(t, name);

    if (group == NULL) {
        return COST_NULL;
    }

    if (nparts != group->nparts || nparts == 0) {
        return COST_INVALID;
    }

    index = (uint32_t) (group - t->groups);

    *row = cost_price_find_key(t, index, parts, nparts);

    if (*row != COST_PRICE_NOWHERE) {
        return COST_OK;
    }

    for (i = 0; i < nparts; i++) {
        if (!cost_price_find_value(t, index, i, &parts[i])) {
            *unknown = i;
            return COST_INVALID;
        }
    }

    return COST_NULL;
}


uint32_t
cost_price_find_key(const cost_price_table_t *t, uint32_t group,
    const cost_str_t *parts, uint32_t nparts)
{
    uint32_t                  i, n, hash;
    const uint8_t            *p, *last;
    const cost_str_t         *key;
    const cost_price_slot_t  *slot;

    hash = cost_price_hash(COST_PRICE_SLOT_KEY, group, 0, parts, nparts);

    for (i = hash & t->hash_mask; /* void */ ; i = (i + 1) & t->hash_mask) {
        slot = &t->hash[i];

        if (slot->kind == COST_PRICE_SLOT_FREE) {
            return COST_PRICE_NOWHERE;
        }

        if (slot->hash != hash
            || slot->kind != COST_PRICE_SLOT_KEY
            || t->owners[slot->index] != group)
        {
            continue;
        }

        key = &t->keys[slot->index];
        p = key->data;
        last = p + key->len;

        for (n = 0; n < nparts; n++) {

            if (n != 0) {
                if (p == last || *p++ != '/') {
                    break;
                }
            }

            if ((size_t) (last - p) < parts[n].len
                || memcmp(p, parts[n].data, parts[n].len) != 0)
            {
                break;
            }

            p += parts[n].len;
        }

        if (n == nparts && p == last) {
            return slot->index;
        }
    }
}


bool
cost_price_find_value(const cost_price_table_t *t, uint32_t group,
    uint32_t part, const cost_str_t *value)
{
    uint32_t                  i, hash, first;
    const cost_price_part_t  *values;
    const cost_price_slot_t  *slot;

    hash = cost_price_hash(COST_PRICE_SLOT_VALUE, group, part, value, 1);

    values = &t->groups[group].parts[part];

    for (i = hash & t->hash_mask; /* void */ ; i = (i + 1) & t->hash_mask) {
        slot = &t->hash[i];

        if (slot->kind == COST_PRICE_SLOT_FREE) {
            return false;
        }

        if (slot->hash != hash || slot->kind != COST_PRICE_SLOT_VALUE) {
            continue;
        }

        /* the index is into all values; those of other parts are others' */

        first = (uint32_t) (values->values - t->values);

        if (slot->index >= first
            && slot->index - first < values->nvalues
            && cost_price_same(&t->values[slot->index], value))
        {
            return true;
        }
    }
}


cost_rc_e
cost_price_cost(const cost_price_table_t *t, uint32_t row, uint32_t region,
    cost_decimal_t quantity, cost_decimal_t *amount)
{
    cost_price_t              cell;
    const cost_price_tier_t  *tier;

    cell = cost_price_cell(t, row, region);

    if (cell == COST_PRICE_NONE) {
        return COST_NULL;
    }

    if (quantity < 0 || quantity > COST_QUANTITY_MAX) {
        return COST_RANGE;
    }

    if (cell >= 0) {
        *amount = cost_price_multiply(quantity, cell);
        return COST_OK;
    }

    tier = cost_price_tiers(t, cell);

    while (!tier->last && quantity > tier[1].from) {
        tier++;
    }

    *amount = tier->base
              + cost_price_multiply(quantity - tier->from, tier->price);

    return COST_OK;
}


/*
 * The whole units are multiplied exactly: 10^15 × 10^17 × 10^6 is below
 * 2^127; so is the fraction's product, 10^18 × 10^17, before it is scaled
 * from 10^-30 to 10^-18 and rounded.
 */

static cost_decimal_t
cost_price_multiply(cost_decimal_t quantity, int64_t price)
{
    uint64_t           fraction;
    unsigned __int128  q, whole, product;

    q = (unsigned __int128) quantity;
    whole = q / (uint64_t) COST_DECIMAL_ONE;
    fraction = (uint64_t) (q - whole * (uint64_t) COST_DECIMAL_ONE);

    product = whole * (uint64_t) price * 1000000;

    if (fraction != 0) {
        product += ((unsigned __int128) fraction * (uint64_t) price
                    + 500000000000LL) / 1000000000000LL;
    }

    return (cost_decimal_t) product;
}


/*
 * With a = A + a' and b = B + b' (whole and fraction), A × B is checked
 * before it is scaled, A × b' and B × a' are exact, and a' × b' is the only
 * one that is rounded.
 */

cost_rc_e
cost_quantity_mul(cost_decimal_t a, cost_decimal_t b, cost_decimal_t *product)
{
    uint64_t           af, bf;
    cost_decimal_t     value;
    unsigned __int128  aw, bw, one, whole;

    if (a < 0 || a > COST_QUANTITY_MAX || b < 0 || b > COST_QUANTITY_MAX) {
        return COST_RANGE;
    }

    one = (unsigned __int128) COST_DECIMAL_ONE;

    aw = (unsigned __int128) a / (uint64_t) one;
    bw = (unsigned __int128) b / (uint64_t) one;
    af = (uint64_t) ((unsigned __int128) a - aw * one);
    bf = (uint64_t) ((unsigned __int128) b - bw * one);

    whole = aw * bw;

    if (whole > 1000000000000000ULL) {
        return COST_RANGE;
    }

    value = (cost_decimal_t) (whole * one + aw * bf + bw * af);

    if (af != 0 && bf != 0) {
        value += (cost_decimal_t) (((unsigned __int128) af * bf + one / 2)
                                   / (uint64_t) one);
    }

    if (value > COST_QUANTITY_MAX) {
        return COST_RANGE;
    }

    *product = value;

    return COST_OK;
}


size_t
cost_price_describe(const cost_price_table_t *t, uint32_t row,
    uint32_t region, uint8_t *buf, size_t size)
{
    size_t             pos;
    const cost_str_t  *str;

    pos = 0;

    if (row < t->nrows) {
        str = &t->groups[t->owners[row]].name;
        pos = cost_price_put(buf, size, pos, str->data, str->len);

        str = &t->keys[row];

        if (str->len != 0) {
            pos = cost_price_put(buf, size, pos, (const uint8_t *) " ", 1);
            pos = cost_price_put(buf, size, pos, str->data, str->len);
        }
    }

    if (region < t->nregions) {
        str = &t->regions[region];
        pos = cost_price_put(buf, size, pos, (const uint8_t *) " in ", 4);
        pos = cost_price_put(buf, size, pos, str->data, str->len);
    }

    return pos;
}


static size_t
cost_price_put(uint8_t *buf, size_t size, size_t pos, const uint8_t *p,
    size_t len)
{
    if (len > size - pos) {
        len = size - pos;
    }

    if (len != 0) {
        memcpy(buf + pos, p, len);
    }

    return pos + len;
}


cost_rc_e
cost_price_confidence(cost_str_t text, cost_price_confidence_e *confidence)
{
    unsigned  i;

    for (i = 0; i < COST_PRICE_CONFIDENCES; i++) {
        if (cost_price_same(&cost_price_confidence_texts[i], &text)) {
            *confidence = (cost_price_confidence_e) i;
            return COST_OK;
        }
    }

    return COST_INVALID;
}


cost_str_t
cost_price_confidence_text(cost_price_confidence_e confidence)
{
    cost_str_t  none = cost_string("");

    if ((unsigned) confidence >= COST_PRICE_CONFIDENCES) {
        return none;
    }

    return cost_price_confidence_texts[confidence];
}


bool
cost_price_same(const cost_str_t *a, const cost_str_t *b)
{
    return a->len == b->len
           && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}


uint32_t
cost_price_hash(cost_price_slot_e kind, uint32_t group, uint32_t part,
    const cost_str_t *strs, uint32_t n)
{
    uint32_t  i;
    uint64_t  hash;

    hash = (uint64_t) group << 8 | part << 2 | (uint32_t) kind;

    for (i = 0; i < n; i++) {
        hash = cost_hash(strs[i].data, strs[i].len, hash);
    }

    return (uint32_t) hash;
}
