
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_hash.h"

#include "test.h"


static void test_vectors(void);
static void test_pieces(void);
static void test_bits(void);
static void test_collisions(void);
static int test_compare(const void *one, const void *two);


int
main(void)
{
    test_vectors();
    test_pieces();
    test_bits();
    test_collisions();

    return done_testing();
}


/* worked out with Python's integers from the description in the header */

static void
test_vectors(void)
{
    ok(cost_hash(NULL, 0, 0) == 0x9c786325f68f2ea5ULL, "nothing");
    ok(cost_hash((const uint8_t *) "a", 1, 0)
       == 0xd12716698c022ab9ULL, "one byte");
    ok(cost_hash((const uint8_t *) "12345678", 8, 7)
       == 0x71a724bef9918985ULL, "one word, with a seed");
    ok(cost_hash((const uint8_t *) "hello, hash of the ngx_http_cost", 32, 0)
       == 0x1340e7e14be2ba4aULL, "four words");
}


static void
test_pieces(void)
{
    const uint8_t  *s;

    s = (const uint8_t *) "0123456789abcdef";

    ok(cost_hash(s, 16, 0) != cost_hash(s, 16, 1), "the seed counts");
    ok(cost_hash(s, 3, 0) != cost_hash((const uint8_t *) "012\0", 4, 0),
       "a zero byte at the end counts");
    ok(cost_hash(s + 4, 12, cost_hash(s, 4, 0))
       != cost_hash(s + 5, 11, cost_hash(s, 5, 0)), "where it is cut counts");
}


/* each bit of the input turns about half of the bits of the result */

static void
test_bits(void)
{
    double    mean;
    size_t    bit, i, least;
    uint64_t  h, d;
    uint8_t   buf[40];

    for (i = 0; i < sizeof(buf); i++) {
        buf[i] = (uint8_t) (i * 37);
    }

    h = cost_hash(buf, sizeof(buf), 0);
    least = 64;
    mean = 0;

    for (bit = 0; bit < sizeof(buf) * 8; bit++) {
        buf[bit / 8] ^= (uint8_t) (1 << bit % 8);
        d = h ^ cost_hash(buf, sizeof(buf), 0);
        buf[bit / 8] ^= (uint8_t) (1 << bit % 8);

        i = (size_t) __builtin_popcountll(d);
        mean += (double) i / (sizeof(buf) * 8);
        least = i < least ? i : least;
    }

    ok(mean > 31 && mean < 33, "%.2f of 64 bits turn", mean);
    ok(least > 12, "at least %zu bits turn", least);
}


/* of 2^20 texts that differ in a number no two have the same low 48 bits */

static void
test_collisions(void)
{
    size_t     i, n, same;
    uint64_t  *h;
    char       buf[64];

    n = 1 << 20;

    h = malloc(n * sizeof(uint64_t));
    if (h == NULL) {
        ok(0, "memory");
        return;
    }

    for (i = 0; i < n; i++) {
        h[i] = cost_hash((uint8_t *) buf,
                         (size_t) sprintf(buf, "{\"total\":%zu.00}", i), 0)
               & 0xffffffffffff;
    }

    qsort(h, n, sizeof(uint64_t), test_compare);

    same = 0;

    for (i = 1; i < n; i++) {
        same += h[i] == h[i - 1];
    }

    free(h);

    /* 0.002 are to be expected */
    is_int((intmax_t) same, 0, "no collisions");
}


static int
test_compare(const void *one, const void *two)
{
    uint64_t  a = *(const uint64_t *) one;
    uint64_t  b = *(const uint64_t *) two;

    return (a > b) - (a < b);
}
