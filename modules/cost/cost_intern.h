
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Texts that are kept once and known by where they lie, so that a key made of
 * several of them is a few integers.  All memory is the caller's.
 */


#ifndef _COST_INTERN_H_INCLUDED_
#define _COST_INTERN_H_INCLUDED_


#include "cost_str.h"


/* a text is stored as its length and its bytes */
#define COST_INTERN_HEAD  sizeof(uint32_t)


typedef struct {
    uint32_t             hash;
    uint32_t             text;           /* 0: free */
} cost_intern_slot_t;


typedef struct {
    cost_intern_slot_t  *slots;          /* open, probed one by one */
    uint8_t             *arena;
    uint32_t             nslots;         /* a power of two */
    uint32_t             arena_size;
    uint32_t             n;              /* texts; 3/4 of the slots at most */
    uint32_t             used;           /* of the arena */
} cost_intern_t;


/* "slots" and "arena" are aligned to 4 and belong to the caller */
void cost_intern_init(cost_intern_t *in, cost_intern_slot_t *slots,
    uint32_t nslots, uint8_t *arena, uint32_t arena_size);

/* forgets all texts */
void cost_intern_reset(cost_intern_t *in);

/* where the text lies, be it new or not; 0: there is no room */
uint32_t cost_intern(cost_intern_t *in, const cost_str_t *s);


/* the text that lies there; at 0, which is no text's place, an empty one */

static inline cost_str_t
cost_intern_text(const cost_intern_t *in, uint32_t text)
{
    uint32_t    len;
    cost_str_t  s;

    memcpy(&len, in->arena + text, sizeof(len));

    s.data = in->arena + text + COST_INTERN_HEAD;
    s.len = len;

    return s;
}


/* the same text as the one that lies there? */

static inline bool
cost_intern_is(const cost_intern_t *in, uint32_t text, const cost_str_t *s)
{
    uint32_t  len;

    memcpy(&len, in->arena + text, sizeof(len));

    return text != 0 && len == s->len
           && memcmp(in->arena + text + COST_INTERN_HEAD, s->data, len) == 0;
}


#endif /* _COST_INTERN_H_INCLUDED_ */
