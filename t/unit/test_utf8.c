
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_utf8.h"

#include "test.h"


typedef struct {
    const char  *in;
    size_t       len;            /* of in */
    cost_rc_e    rc;
    size_t       next;           /* what *len must be */
} test_next_t;


static void test_all_scalars(void);
static size_t test_encode(uint32_t c, uint8_t *p);


/* the cases of the Unicode Standard 15, 3.9 (tables 3-8 to 3-11) */

static const test_next_t  test_nexts[] = {
    { "a", 1, COST_OK, 1 },
    { "\x00", 1, COST_OK, 1 },
    { "\x7f", 1, COST_OK, 1 },
    { "\xc3\xa9", 2, COST_OK, 2 },
    { "\xe2\x82\xac", 3, COST_OK, 3 },
    { "\xf0\x9f\x98\x80", 4, COST_OK, 4 },
    { "\xf4\x8f\xbf\xbf", 4, COST_OK, 4 },

    { "\x80", 1, COST_INVALID, 1 },
    { "\xbf" "a", 2, COST_INVALID, 1 },
    { "\xc0\xaf", 2, COST_INVALID, 1 },
    { "\xc1\xbf", 2, COST_INVALID, 1 },
    { "\xe0\x80\xbf", 3, COST_INVALID, 1 },
    { "\xe0\x9f\xbf", 3, COST_INVALID, 1 },
    { "\xed\xa0\x80", 3, COST_INVALID, 1 },
    { "\xed\x9f\xbf", 3, COST_OK, 3 },
    { "\xee\x80\x80", 3, COST_OK, 3 },
    { "\xf0\x8f\xbf\xbf", 4, COST_INVALID, 1 },
    { "\xf4\x90\x80\x80", 4, COST_INVALID, 1 },
    { "\xf5\x80\x80\x80", 4, COST_INVALID, 1 },
    { "\xff", 1, COST_INVALID, 1 },

    /* cut off: the part that could have gone on is one mistake */
    { "\xc3", 1, COST_INVALID, 1 },
    { "\xc3" "a", 2, COST_INVALID, 1 },
    { "\xe1\x80", 2, COST_INVALID, 2 },
    { "\xe1\x80\xe2", 3, COST_INVALID, 2 },
    { "\xf1\x80\x80", 3, COST_INVALID, 3 },
    { "\xf1\x80\x80" "a", 4, COST_INVALID, 3 },
    { "\xf1\x80\x80\xff", 4, COST_INVALID, 3 }
};


int
main(void)
{
    size_t          i, len;
    cost_rc_e       rc;
    const uint8_t  *p;

    for (i = 0; i < sizeof(test_nexts) / sizeof(test_nexts[0]); i++) {
        p = (const uint8_t *) test_nexts[i].in;
        rc = cost_utf8_next(p, p + test_nexts[i].len, &len);

        ok(rc == test_nexts[i].rc && len == test_nexts[i].next,
           "case %zu: %d, %zu", i, (int) rc, len);
    }

    test_all_scalars();

    return done_testing();
}


/* every scalar value as UTF-8 is accepted, every surrogate refused */

static void
test_all_scalars(void)
{
    size_t    n, len;
    uint8_t   buf[4];
    uint32_t  c, wrong;

    wrong = 0;

    for (c = 0; c <= 0x10ffff; c++) {
        n = test_encode(c, buf);

        if (c >= 0xd800 && c <= 0xdfff) {
            wrong += cost_utf8_next(buf, buf + n, &len) != COST_INVALID;
            continue;
        }

        wrong += cost_utf8_next(buf, buf + n, &len) != COST_OK || len != n;
    }

    is_int(wrong, 0, "all scalar values, and no surrogate");
}


static size_t
test_encode(uint32_t c, uint8_t *p)
{
    if (c < 0x80) {
        p[0] = (uint8_t) c;
        return 1;
    }

    if (c < 0x800) {
        p[0] = (uint8_t) (0xc0 | c >> 6);
        p[1] = (uint8_t) (0x80 | (c & 0x3f));
        return 2;
    }

    if (c < 0x10000) {
        p[0] = (uint8_t) (0xe0 | c >> 12);
        p[1] = (uint8_t) (0x80 | (c >> 6 & 0x3f));
        p[2] = (uint8_t) (0x80 | (c & 0x3f));
        return 3;
    }

    p[0] = (uint8_t) (0xf0 | c >> 18);
    p[1] = (uint8_t) (0x80 | (c >> 12 & 0x3f));
    p[2] = (uint8_t) (0x80 | (c >> 6 & 0x3f));
    p[3] = (uint8_t) (0x80 | (c & 0x3f));
    return 4;
}
