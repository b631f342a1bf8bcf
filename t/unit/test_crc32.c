
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_crc32.h"

#include "test.h"


static uint32_t test_bitwise(const uint8_t *p, size_t len);


int
main(void)
{
    size_t    i, len;
    uint8_t   buf[64];
    unsigned  wrong;

    /* the check value of every catalogue of CRCs */
    is_int(cost_crc32((const uint8_t *) "123456789", 9), 0xcbf43926,
           "123456789");
    is_int(cost_crc32((const uint8_t *) "", 0), 0, "nothing");
    is_int(cost_crc32((const uint8_t *) "a", 1), 0xe8b7be43, "a");

    for (i = 0; i < sizeof(buf); i++) {
        buf[i] = (uint8_t) (i * 151 + 7);
    }

    wrong = 0;

    for (len = 0; len <= 59; len++) {
        for (i = 0; i < 5; i++) {
            wrong += cost_crc32(buf + i, len) != test_bitwise(buf + i, len);
        }
    }

    is_int(wrong, 0, "every length and alignment, against one bit at a time");

    return done_testing();
}


static uint32_t
test_bitwise(const uint8_t *p, size_t len)
{
    unsigned  bit;
    uint32_t  crc;

    crc = 0xffffffff;

    while (len--) {
        crc ^= *p++;

        for (bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320 : 0);
        }
    }

    return ~crc;
}
