
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_hash.h"


/* odd, half of the bits set, from the fractional part of square roots */

#define COST_HASH_1  0x9e3779b97f4a7c15ULL
#define COST_HASH_2  0x6a09e667f3bcc909ULL
#define COST_HASH_3  0xbb67ae8584caa73bULL


static uint64_t cost_hash_fold(uint64_t a, uint64_t b);


uint64_t
cost_hash(const uint8_t *p, size_t len, uint64_t seed)
{
    size_t    n;
    uint64_t  h, word;

    h = seed ^ COST_HASH_1;

    for (n = len; n >= 8; n -= 8) {
        memcpy(&word, p, 8);
        h = cost_hash_fold(h ^ word, COST_HASH_2);
        p += 8;
    }

    word = 0;

    if (n) {
        memcpy(&word, p, n);
    }

    /* the length: a zero byte at the end is not the same as none */

    h = cost_hash_fold(h ^ word, COST_HASH_3);

    return cost_hash_fold(h ^ len, COST_HASH_1);
}


static uint64_t
cost_hash_fold(uint64_t a, uint64_t b)
{
    unsigned __int128  m;

    m = (unsigned __int128) a * b;

    return (uint64_t) m ^ (uint64_t) (m >> 64);
}
