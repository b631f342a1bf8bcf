
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_hash.h"
#include "cost_intern.h"


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
    uint64_t             h;
    cost_intern_slot_t  *slot;

    h = cost_hash(s->data, s->len, 0);
    hash = (uint32_t) (h ^ (h >> 32));

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
