
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_intern.h"


static uint32_t cost_intern_hash(const uint8_t *p, size_t len);
static inline uint64_t cost_intern_word(const uint8_t *p, size_t len);
static inline uint64_t cost_intern_mix(uint64_t a, uint64_t b);


/* odd numbers without a pattern: the fractions of sqrt(2), sqrt(3) */
#define COST_INTERN_K1  UINT64_C(0x6a09e667f3bcc909)
#define COST_INTERN_K2  UINT64_C(0xbb67ae8584caa73b)


void
cost_intern_init(cost_intern_t *in, cost_intern_slot_t *slots,
    uint32_t nslots, uint8_t *arena, uint32_t arena_size)
{
    in->slots = slots;
    in->arena = arena;
    in->nslots = nslots;
    in->arena_size = arena_size;

    cost_intern_reset(in);
}


void
cost_intern_reset(cost_intern_t *in)
{
    memset(in->slots, 0, in->nslots * sizeof(cost_intern_slot_t));

    /* 0 is no text's place, but reads as an empty one */

    memset(in->arena, 0, COST_INTERN_HEAD);

    in->used = COST_INTERN_HEAD;
    in->n = 0;
}


uint32_t
cost_intern(cost_intern_t *in, const cost_str_t *s)
{
    uint8_t             *p;
    uint32_t             hash, i, len;
    cost_intern_slot_t  *slot;

    hash = cost_intern_hash(s->data, s->len);

    for (i = hash & (in->nslots - 1);
         /* void */ ;
         i = (i + 1) & (in->nslots - 1))
    {
        slot = &in->slots[i];

        if (slot->text == 0) {
            break;
        }

        if (slot->hash == hash && cost_intern_is(in, slot->text, s)) {
            return slot->text;
        }
    }

    if (in->n >= in->nslots / 4 * 3
        || COST_INTERN_HEAD + s->len > in->arena_size - in->used)
    {
        return 0;
    }

    slot->hash = hash;
    slot->text = in->used;

    len = (uint32_t) s->len;
    p = in->arena + in->used;
    memcpy(p, &len, sizeof(len));

    if (len != 0) {
        memcpy(p + COST_INTERN_HEAD, s->data, len);
    }

    in->used += (uint32_t) COST_INTERN_HEAD + len;
    in->n++;

    return slot->text;
}


/*
 * Sixteen bytes at a time, which cost_hash() does not: each row of a bill has
 * several texts.  "p" may be NULL when there is nothing.
 */

static uint32_t
cost_intern_hash(const uint8_t *p, size_t len)
{
    uint64_t  h;

    h = len * COST_INTERN_K2;

    while (len > 16) {
        h = cost_intern_mix(h ^ cost_intern_word(p, 8),
                            cost_intern_word(p + 8, 8));
        p += 16;
        len -= 16;
    }

    if (len > 8) {
        h = cost_intern_mix(h ^ cost_intern_word(p, 8),
                            cost_intern_word(p + len - 8, 8));

    } else {
        h = cost_intern_mix(h, cost_intern_word(p, len));
    }

    return (uint32_t) (h ^ (h >> 32));
}


/* up to eight bytes, each of which counts */

static inline uint64_t
cost_intern_word(const uint8_t *p, size_t len)
{
    uint32_t  a, b;
    uint64_t  word;

    if (len == 8) {
        memcpy(&word, p, 8);
        return word;
    }

    if (len >= 4) {
        memcpy(&a, p, 4);
        memcpy(&b, p + len - 4, 4);
        return (uint64_t) a << 32 | b;
    }

    if (len == 0) {
        return 0;
    }

    return (uint64_t) p[0] << 16 | (uint64_t) p[len / 2] << 8 | p[len - 1];
}


/* both halves of the product */

static inline uint64_t
cost_intern_mix(uint64_t a, uint64_t b)
{
    unsigned __int128  product;

    product = (unsigned __int128) (a ^ COST_INTERN_K2) * (b ^ COST_INTERN_K1);

    return (uint64_t) product ^ (uint64_t) (product >> 64);
}
