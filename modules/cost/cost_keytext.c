
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_crc32.h"
#include "cost_keytext.h"


/* flags of the class table; what remains is the value of a base62 digit */

#define COST_KEYTEXT_NOT_DIGIT   0x80
#define COST_KEYTEXT_NOT_PREFIX  0x40


static unsigned cost_keytext_classes(const uint8_t *p, size_t len);
static cost_str_t cost_keytext_trim(const uint8_t *p, size_t len);


static const uint8_t  cost_keytext_digits[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";


static const uint8_t  cost_keytext_class[256] = {
    0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0,
    0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0,
    0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0,
    0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0,
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0xc0, 0xc0,
    0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f, 0x50,
    0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x5b, 0x5c,
    0x5d, 0x5e, 0x5f, 0x60, 0x61, 0x62, 0x63, 0xc0, 0xc0, 0xc0, 0xc0, 0x80,
    0xc0, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e,
    0x2f, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a,
    0x3b, 0x3c, 0x3d, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0,
    0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0,
    0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0,
    0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0,
    0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0,
    0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0,
    0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0,
    0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0,
    0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0,
    0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0,
    0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0,
    0xc0, 0xc0, 0xc0, 0xc0
};


bool
cost_keytext_prefix_valid(const uint8_t *p, size_t len)
{
    return len >= 1
           && len <= COST_KEYTEXT_PREFIX_MAX
           && !(cost_keytext_classes(p, len) & COST_KEYTEXT_NOT_PREFIX);
}


cost_rc_e
cost_keytext_make(cost_str_t prefix, const uint8_t *random, uint8_t *buf,
    size_t *len)
{
    size_t    i, n;
    uint8_t  *p, number[COST_KEYTEXT_RANDOM];
    unsigned  rest;
    uint32_t  crc;

    if (!cost_keytext_prefix_valid(prefix.data, prefix.len)) {
        return COST_INVALID;
    }

    memcpy(buf, prefix.data, prefix.len);
    memcpy(number, random, COST_KEYTEXT_RANDOM);

    /* long division by 62, the last digit first */

    p = buf + prefix.len;

    for (n = COST_KEYTEXT_SECRET; n > 0; n--) {
        rest = 0;

        for (i = 0; i < COST_KEYTEXT_RANDOM; i++) {
            rest = rest << 8 | number[i];
            number[i] = (uint8_t) (rest / 62);
            rest %= 62;
        }

        p[n - 1] = cost_keytext_digits[rest];
    }

    n = prefix.len + COST_KEYTEXT_SECRET;
    crc = cost_crc32(buf, n);

    for (i = COST_KEYTEXT_CHECKSUM; i > 0; i--) {
        buf[n + i - 1] = cost_keytext_digits[crc % 62];
        crc /= 62;
    }

    *len = n + COST_KEYTEXT_CHECKSUM;

    return COST_OK;
}


cost_rc_e
cost_keytext_check(const uint8_t *p, size_t len, size_t *prefix_len)
{
    size_t          i, n;
    uint64_t        sum;
    const uint8_t  *last;

    if (len < COST_KEYTEXT_MIN || len > COST_KEYTEXT_MAX) {
        return COST_INVALID;
    }

    n = len - COST_KEYTEXT_BODY;

    if ((cost_keytext_classes(p, n) & COST_KEYTEXT_NOT_PREFIX)
        || (cost_keytext_classes(p + n, COST_KEYTEXT_BODY)
            & COST_KEYTEXT_NOT_DIGIT))
    {
        return COST_INVALID;
    }

    last = p + len - COST_KEYTEXT_CHECKSUM;
    sum = 0;

    for (i = 0; i < COST_KEYTEXT_CHECKSUM; i++) {
        sum = sum * 62
              + (cost_keytext_class[last[i]] & ~COST_KEYTEXT_NOT_PREFIX);
    }

    if (sum != cost_crc32(p, len - COST_KEYTEXT_CHECKSUM)) {
        return COST_INVALID;
    }

    *prefix_len = n;

    return COST_OK;
}


cost_rc_e
cost_keytext_bearer(const uint8_t *p, size_t len, cost_str_t *key)
{
    size_t                i;
    cost_str_t            value;
    static const uint8_t  scheme[] = "bearer";

    value = cost_keytext_trim(p, len);

    if (value.len < sizeof(scheme) - 1) {
        return COST_NULL;
    }

    for (i = 0; i < sizeof(scheme) - 1; i++) {
        if ((value.data[i] | 0x20) != scheme[i]) {
            return COST_NULL;
        }
    }

    if (value.len > i && value.data[i] != ' ' && value.data[i] != '\t') {
        return COST_NULL;
    }

    *key = cost_keytext_trim(value.data + i, value.len - i);

    return COST_OK;
}


cost_str_t
cost_keytext_bare(const uint8_t *p, size_t len)
{
    return cost_keytext_trim(p, len);
}


/* the flags that any of the bytes has */

static unsigned
cost_keytext_classes(const uint8_t *p, size_t len)
{
    unsigned  all;

    all = 0;

    while (len--) {
        all |= cost_keytext_class[*p++];
    }

    return all;
}


static cost_str_t
cost_keytext_trim(const uint8_t *p, size_t len)
{
    cost_str_t  s;

    while (len && (p[len - 1] == ' ' || p[len - 1] == '\t')) {
        len--;
    }

    while (len && (*p == ' ' || *p == '\t')) {
        p++;
        len--;
    }

    s.len = len;
    s.data = p;

    return s;
}
