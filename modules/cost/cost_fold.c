
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A key is a few integers: texts are known by where they lie (cost_intern.h).
 * The index is open, probed one by one, and never more than half full.
 */

#include "cost_fold.h"


static inline cost_rc_e cost_fold_texts(cost_fold_t *fold,
    const cost_focus_row_t *row, cost_fold_entry_t *entry);
static void cost_fold_settle(cost_fold_t *fold);
static inline uint64_t cost_fold_mix(uint64_t a, uint64_t b);


/* of the arena, per entry; the least table has room for any row */
#define COST_FOLD_ARENA  32

/* odd numbers without a pattern: the fractions of sqrt(2), sqrt(3) */
#define COST_FOLD_K1     UINT64_C(0x6a09e667f3bcc909)
#define COST_FOLD_K2     UINT64_C(0xbb67ae8584caa73b)


/* the key's bytes, the hash among them */
#define cost_fold_key(entry)  (&(entry)->provider)
#define COST_FOLD_KEY         (offsetof(cost_fold_entry_t, account_name)      \
                               - offsetof(cost_fold_entry_t, provider))


_Static_assert(COST_FOLD_KEY == 10 * sizeof(uint32_t), "a key without gaps");

_Static_assert(COST_FOLD_ENTRIES_MIN * COST_FOLD_ARENA
               >= COST_FOLD_TEXTS * (COST_INTERN_HEAD + COST_FOCUS_TEXT_MAX)
                  + COST_INTERN_HEAD,
               "a row fits into the least table");


size_t
cost_fold_size(uint32_t entries)
{
    return entries * (sizeof(cost_fold_entry_t)
                      + 2 * sizeof(uint32_t)
                      + sizeof(cost_intern_slot_t)
                      + COST_FOLD_ARENA);
}


void
cost_fold_init(cost_fold_t *fold, void *memory, uint32_t entries)
{
    cost_intern_slot_t  *slots;

    memset(fold, 0, sizeof(cost_fold_t));

    fold->entries = memory;
    slots = (cost_intern_slot_t *) (fold->entries + entries);
    fold->index = (uint32_t *) (slots + entries);
    fold->size = entries;

    cost_intern_init(&fold->texts, slots, entries,
                     (uint8_t *) (fold->index + 2 * (size_t) entries),
                     entries * COST_FOLD_ARENA);

    cost_fold_reset(fold);
}


void
cost_fold_reset(cost_fold_t *fold)
{
    memset(fold->index, 0, fold->size * 2 * sizeof(uint32_t));
    memset(fold->seen, 0, sizeof(fold->seen));

    cost_intern_reset(&fold->texts);

    fold->n = 0;
    fold->rows = 0;
    fold->done = 0;
}


cost_rc_e
cost_fold_add(cost_fold_t *fold, const cost_focus_row_t *row)
{
    uint32_t            i, mask;
    uint64_t            h;
    cost_fold_entry_t  *entry;

    entry = &fold->waiting[fold->rows % COST_FOLD_WAITING];

    if (fold->rows - fold->done == COST_FOLD_WAITING) {
        cost_fold_settle(fold);
    }

    /* each of those that wait may want an entry of its own */

    if (fold->size - fold->n <= fold->rows - fold->done
        || fold->rows == COST_FOLD_ROWS_MAX
        || cost_fold_texts(fold, row, entry) != COST_OK)
    {
        cost_fold_finish(fold);
        return COST_FULL;
    }

    memcpy(entry->amount, row->amount, sizeof(entry->amount));

    entry->period = row->period;
    entry->day = row->day;
    entry->charge = (uint32_t) row->charge;
    entry->rows = 1;

    h = cost_fold_mix((uint64_t) entry->provider << 32 | entry->account,
                      (uint64_t) entry->service << 32
                      | entry->service_category);
    h = cost_fold_mix(h ^ ((uint64_t) entry->region << 32 | entry->currency),
                      (uint64_t) (uint32_t) entry->period << 32
                      | (uint32_t) entry->day);
    h ^= entry->charge * COST_FOLD_K1;
    entry->hash = (uint32_t) (h ^ (h >> 32));

    /*
     * First the slot of the index is fetched, then, some rows later, the
     * entry it tells; gcc would drop the call of a function that only
     * prefetches.
     */

    mask = 2 * fold->size - 1;
    __builtin_prefetch(&fold->index[entry->hash & mask]);

    if (fold->rows - fold->done >= COST_FOLD_WAITING / 2) {
        i = (fold->rows - COST_FOLD_WAITING / 2) % COST_FOLD_WAITING;
        i = fold->index[fold->waiting[i].hash & mask];

        if (i != 0) {
            __builtin_prefetch(&fold->entries[i - 1], 1);
            __builtin_prefetch(&fold->entries[i - 1].provider, 1);
        }
    }

    fold->rows++;

    return COST_OK;
}


void
cost_fold_finish(cost_fold_t *fold)
{
    while (fold->done != fold->rows) {
        cost_fold_settle(fold);
    }
}


/* adds the row that has waited longest to its entry, or makes it one */

static void
cost_fold_settle(cost_fold_t *fold)
{
    uint32_t            i, mask, n;
    cost_fold_entry_t  *entry, *row;

    row = &fold->waiting[fold->done % COST_FOLD_WAITING];
    fold->done++;

    mask = 2 * fold->size - 1;

    for (i = row->hash & mask; fold->index[i] != 0; i = (i + 1) & mask) {
        entry = &fold->entries[fold->index[i] - 1];

        if (entry->hash != row->hash
            || memcmp(cost_fold_key(entry), cost_fold_key(row), COST_FOLD_KEY)
               != 0)
        {
            continue;
        }

        for (n = 0; n < COST_KINDS; n++) {
            entry->amount[n] += row->amount[n];
        }

        if (row->account_name != entry->account_name
            && cost_fold_text(fold, row->account_name).len != 0)
        {
            entry->account_name = row->account_name;
        }

        entry->rows++;

        return;
    }

    fold->entries[fold->n++] = *row;
    fold->index[i] = fold->n;
}


/* a text is often the one that the row before had there */

static inline cost_rc_e
cost_fold_texts(cost_fold_t *fold, const cost_focus_row_t *row,
    cost_fold_entry_t *entry)
{
    unsigned           i;
    uint32_t           text;
    const cost_str_t  *s;

    const cost_str_t  *const  from[COST_FOLD_TEXTS] = {
        &row->provider, &row->account, &row->service, &row->service_category,
        &row->region, &row->currency, &row->account_name
    };
    uint32_t          *const  to[COST_FOLD_TEXTS] = {
        &entry->provider, &entry->account, &entry->service,
        &entry->service_category, &entry->region, &entry->currency,
        &entry->account_name
    };

    for (i = 0; i < COST_FOLD_TEXTS; i++) {
        s = from[i];
        text = fold->seen[i];

        if (!cost_intern_is(&fold->texts, text, s)) {
            text = cost_intern(&fold->texts, s);

            if (text == 0) {
                return COST_FULL;
            }

            fold->seen[i] = text;
        }

        *to[i] = text;
    }

    return COST_OK;
}


/* both halves of the product */

static inline uint64_t
cost_fold_mix(uint64_t a, uint64_t b)
{
    unsigned __int128  product;

    product = (unsigned __int128) (a ^ COST_FOLD_K2) * (b ^ COST_FOLD_K1);

    return (uint64_t) product ^ (uint64_t) (product >> 64);
}
