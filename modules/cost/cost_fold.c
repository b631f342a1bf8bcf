
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Texts are kept once and are known by where they lie in the arena, so that
 * a key is a few integers.  Both hash tables are open, probed one by one, and
 * never more than half, or three quarters, full.
 */

#include "cost_fold.h"


typedef uint32_t  cost_fold_texts_t[COST_FOLD_TEXTS];


static cost_rc_e cost_fold_texts(cost_fold_t *fold,
    const cost_focus_row_t *row, cost_fold_texts_t ids);
static uint32_t cost_fold_intern(cost_fold_t *fold, const cost_str_t *s);
static cost_fold_entry_t *cost_fold_find(cost_fold_t *fold,
    const cost_focus_row_t *row, const cost_fold_texts_t ids);
static inline bool cost_fold_is(const cost_fold_entry_t *entry,
    const cost_focus_row_t *row, const cost_fold_texts_t ids);
static uint32_t cost_fold_hash(const uint8_t *p, size_t len);
static inline uint64_t cost_fold_mix(uint64_t a, uint64_t b);


/* a text is stored as its length and its bytes */

#define COST_FOLD_HEAD   sizeof(uint32_t)

/* of the arena, per entry; the least table has room for any row */
#define COST_FOLD_ARENA  32

/* odd numbers without a pattern: the fractions of sqrt(2), sqrt(3) */
#define COST_FOLD_K1     UINT64_C(0x6a09e667f3bcc909)
#define COST_FOLD_K2     UINT64_C(0xbb67ae8584caa73b)


_Static_assert(COST_FOLD_ENTRIES_MIN * COST_FOLD_ARENA
               >= COST_FOLD_TEXTS * (COST_FOLD_HEAD + COST_FOCUS_TEXT_MAX)
                  + COST_FOLD_HEAD,
               "a row fits into the least table");


size_t
cost_fold_size(uint32_t entries)
{
    return entries * (sizeof(cost_fold_entry_t)
                      + 2 * sizeof(uint32_t)
                      + sizeof(cost_fold_slot_t)
                      + COST_FOLD_ARENA);
}


void
cost_fold_init(cost_fold_t *fold, void *memory, uint32_t entries)
{
    memset(fold, 0, sizeof(cost_fold_t));

    fold->entries = memory;
    fold->texts = (cost_fold_slot_t *) (fold->entries + entries);
    fold->index = (uint32_t *) (fold->texts + entries);
    fold->arena = (uint8_t *) (fold->index + 2 * (size_t) entries);

    fold->size = entries;
    fold->arena_size = entries * COST_FOLD_ARENA;

    cost_fold_reset(fold);
}


void
cost_fold_reset(cost_fold_t *fold)
{
    memset(fold->texts, 0, fold->size * sizeof(cost_fold_slot_t));
    memset(fold->index, 0, fold->size * 2 * sizeof(uint32_t));
    memset(fold->seen, 0, sizeof(fold->seen));

    fold->n = 0;
    fold->texts_n = 0;
    fold->last = NULL;

    /* 0 is no text's place, but reads as an empty one */

    memset(fold->arena, 0, COST_FOLD_HEAD);
    fold->arena_used = COST_FOLD_HEAD;
}


cost_rc_e
cost_fold_add(cost_fold_t *fold, const cost_focus_row_t *row)
{
    unsigned            i;
    cost_fold_entry_t  *entry;
    cost_fold_texts_t   ids;

    if (cost_fold_texts(fold, row, ids) != COST_OK) {
        return COST_FULL;
    }

    entry = fold->last;

    if (entry == NULL || !cost_fold_is(entry, row, ids)) {
        entry = cost_fold_find(fold, row, ids);

        if (entry == NULL) {
            return COST_FULL;
        }

        fold->last = entry;
    }

    if (entry->rows == COST_FOLD_ROWS_MAX) {
        return COST_FULL;
    }

    for (i = 0; i < COST_KINDS; i++) {
        entry->amount[i] += row->amount[i];
    }

    entry->rows++;

    if (row->account_name.len != 0) {
        entry->account_name = ids[6];
    }

    return COST_OK;
}


/* in the order of the columns that change most seldom to most often */

static cost_rc_e
cost_fold_texts(cost_fold_t *fold, const cost_focus_row_t *row,
    cost_fold_texts_t ids)
{
    unsigned           i;
    uint32_t           len, text;
    const cost_str_t  *s;

    const cost_str_t  *const  texts[COST_FOLD_TEXTS] = {
        &row->provider, &row->account, &row->service, &row->service_category,
        &row->region, &row->currency, &row->account_name
    };

    for (i = 0; i < COST_FOLD_TEXTS; i++) {
        s = texts[i];

        /* what the row before had there, often */

        text = fold->seen[i];
        memcpy(&len, fold->arena + text, sizeof(len));

        if (len != s->len
            || memcmp(fold->arena + text + COST_FOLD_HEAD, s->data, len) != 0
            || text == 0)
        {
            text = cost_fold_intern(fold, s);

            if (text == 0) {
                return COST_FULL;
            }

            fold->seen[i] = text;
        }

        ids[i] = text;
    }

    return COST_OK;
}


/* 0: there is no room */

static uint32_t
cost_fold_intern(cost_fold_t *fold, const cost_str_t *s)
{
    uint8_t           *p;
    uint32_t           hash, i, len, mask;
    cost_fold_slot_t  *slot;

    hash = cost_fold_hash(s->data, s->len);
    mask = fold->size - 1;

    for (i = hash & mask; /* void */ ; i = (i + 1) & mask) {
        slot = &fold->texts[i];

        if (slot->text == 0) {
            break;
        }

        if (slot->hash != hash) {
            continue;
        }

        p = fold->arena + slot->text;
        memcpy(&len, p, sizeof(len));

        if (len == s->len && memcmp(p + COST_FOLD_HEAD, s->data, len) == 0) {
            return slot->text;
        }
    }

    if (fold->texts_n >= fold->size / 4 * 3
        || COST_FOLD_HEAD + s->len > fold->arena_size - fold->arena_used)
    {
        return 0;
    }

    slot->hash = hash;
    slot->text = fold->arena_used;

    len = (uint32_t) s->len;
    p = fold->arena + fold->arena_used;
    memcpy(p, &len, sizeof(len));

    if (len != 0) {
        memcpy(p + COST_FOLD_HEAD, s->data, len);
    }

    fold->arena_used += (uint32_t) COST_FOLD_HEAD + len;
    fold->texts_n++;

    return slot->text;
}


/* finds or makes it; NULL: there is no room */

static cost_fold_entry_t *
cost_fold_find(cost_fold_t *fold, const cost_focus_row_t *row,
    const cost_fold_texts_t ids)
{
    uint32_t            hash, i, mask;
    uint64_t            h;
    cost_fold_entry_t  *entry;

    h = cost_fold_mix((uint64_t) ids[0] << 32 | ids[1],
                      (uint64_t) ids[2] << 32 | ids[3]);
    h = cost_fold_mix(h ^ ((uint64_t) ids[4] << 32 | ids[5]),
                      (uint64_t) (uint32_t) row->period << 32
                      | (uint32_t) row->day);
    h ^= (uint64_t) row->charge * COST_FOLD_K1;
    hash = (uint32_t) (h ^ (h >> 32));

    mask = 2 * fold->size - 1;

    for (i = hash & mask; fold->index[i] != 0; i = (i + 1) & mask) {
        entry = &fold->entries[fold->index[i] - 1];

        if (entry->hash == hash && cost_fold_is(entry, row, ids)) {
            return entry;
        }
    }

    if (fold->n == fold->size) {
        return NULL;
    }

    entry = &fold->entries[fold->n++];
    fold->index[i] = fold->n;

    memset(entry, 0, sizeof(cost_fold_entry_t));

    entry->provider = ids[0];
    entry->account = ids[1];
    entry->service = ids[2];
    entry->service_category = ids[3];
    entry->region = ids[4];
    entry->currency = ids[5];
    entry->account_name = ids[6];
    entry->period = row->period;
    entry->day = row->day;
    entry->charge = row->charge;
    entry->hash = hash;

    return entry;
}


static inline bool
cost_fold_is(const cost_fold_entry_t *entry, const cost_focus_row_t *row,
    const cost_fold_texts_t ids)
{
    return entry->day == row->day
           && entry->account == ids[1]
           && entry->service == ids[2]
           && entry->region == ids[4]
           && entry->service_category == ids[3]
           && entry->charge == (uint32_t) row->charge
           && entry->period == row->period
           && entry->provider == ids[0]
           && entry->currency == ids[5];
}


cost_str_t
cost_fold_text(const cost_fold_t *fold, uint32_t text)
{
    uint32_t    len;
    cost_str_t  s;

    memcpy(&len, fold->arena + text, sizeof(len));

    s.data = fold->arena + text + COST_FOLD_HEAD;
    s.len = len;

    return s;
}


static uint32_t
cost_fold_hash(const uint8_t *p, size_t len)
{
    uint64_t  h, word;

    h = len * COST_FOLD_K2;

    while (len > 8) {
        memcpy(&word, p, 8);
        h = cost_fold_mix(h ^ word, COST_FOLD_K1);
        p += 8;
        len -= 8;
    }

    word = 0;

    if (len != 0) {
        memcpy(&word, p, len);
    }

    h = cost_fold_mix(h ^ word, COST_FOLD_K1);

    return (uint32_t) (h ^ (h >> 32));
}


/* both halves of the product */

static inline uint64_t
cost_fold_mix(uint64_t a, uint64_t b)
{
    unsigned __int128  product;

    product = (unsigned __int128) (a ^ COST_FOLD_K2) * (b ^ COST_FOLD_K1);

    return (uint64_t) product ^ (uint64_t) (product >> 64);
}
