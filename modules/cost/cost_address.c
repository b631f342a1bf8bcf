
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_address.h"


typedef struct {
    uint8_t         prefix[16];
    uint8_t         bits;
    cost_address_e  kind;
} cost_address_range_t;


static bool cost_address_in(const uint8_t *address,
    const cost_address_range_t *range);
static cost_address_e cost_address_carried(const uint8_t *address,
    const uint8_t *v4, cost_address_e otherwise);
static int cost_address_hex(uint8_t ch);


/* the first that fits counts: narrow before wide */

static const cost_address_range_t  cost_address_ranges_v4[] = {
    { { 169, 254, 169, 254 }, 32, COST_ADDRESS_METADATA },  /* most clouds */
    { { 169, 254, 170, 2 }, 32, COST_ADDRESS_METADATA },    /* AWS, tasks */
    { { 168, 63, 129, 16 }, 32, COST_ADDRESS_METADATA },    /* Azure */
    { { 100, 100, 100, 200 }, 32, COST_ADDRESS_METADATA },  /* Alibaba */
    { { 192, 0, 0, 192 }, 32, COST_ADDRESS_METADATA },      /* Oracle */

    { { 0 }, 8, COST_ADDRESS_UNSPECIFIED },
    { { 10 }, 8, COST_ADDRESS_PRIVATE },
    { { 100, 64 }, 10, COST_ADDRESS_PRIVATE },
    { { 127 }, 8, COST_ADDRESS_LOOPBACK },
    { { 169, 254 }, 16, COST_ADDRESS_LINK_LOCAL },
    { { 172, 16 }, 12, COST_ADDRESS_PRIVATE },
    { { 192, 0, 0 }, 24, COST_ADDRESS_RESERVED },       /* protocols */
    { { 192, 0, 2 }, 24, COST_ADDRESS_RESERVED },       /* documentation */
    { { 192, 88, 99 }, 24, COST_ADDRESS_RESERVED },     /* 6to4 relays */
    { { 192, 168 }, 16, COST_ADDRESS_PRIVATE },
    { { 198, 18 }, 15, COST_ADDRESS_RESERVED },         /* benchmarks */
    { { 198, 51, 100 }, 24, COST_ADDRESS_RESERVED },    /* documentation */
    { { 203, 0, 113 }, 24, COST_ADDRESS_RESERVED },     /* documentation */
    { { 224 }, 4, COST_ADDRESS_MULTICAST },
    { { 255, 255, 255, 255 }, 32, COST_ADDRESS_MULTICAST },
    { { 240 }, 4, COST_ADDRESS_RESERVED }
};


static const cost_address_range_t  cost_address_ranges_v6[] = {
    { { 0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54 },
      128, COST_ADDRESS_METADATA },                     /* AWS */
    { { 0xfd, 0x20, 0, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54 },
      128, COST_ADDRESS_METADATA },                     /* Google */

    { { 0 }, 128, COST_ADDRESS_UNSPECIFIED },
    { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, 128,
      COST_ADDRESS_LOOPBACK },
    { { 0x20, 0x01, 0x0d, 0xb8 }, 32, COST_ADDRESS_RESERVED },
    { { 0x20, 0x01 }, 23, COST_ADDRESS_RESERVED },      /* protocols */
    { { 0x3f, 0xff }, 20, COST_ADDRESS_RESERVED },      /* documentation */
    { { 0x20 }, 3, COST_ADDRESS_PUBLIC },
    { { 0xfc }, 7, COST_ADDRESS_PRIVATE },
    { { 0xfe, 0x80 }, 10, COST_ADDRESS_LINK_LOCAL },
    { { 0xfe, 0xc0 }, 10, COST_ADDRESS_PRIVATE },       /* site-local */
    { { 0xff }, 8, COST_ADDRESS_MULTICAST },
    { { 0x00, 0x64, 0xff, 0x9b, 0, 0x01 }, 48, COST_ADDRESS_PRIVATE }
};


/* where an IPv6 address carries an IPv4 address */

static const struct {
    cost_address_range_t  range;
    uint8_t               offset;
    uint8_t               mask;
} cost_address_carriers[] = {
    /* mapped, translated, compatible */
    { { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96, 0 }, 12, 0 },
    { { { 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96, 0 }, 12, 0 },
    { { { 0 }, 96, 0 }, 12, 0 },
    /* NAT64 */
    { { { 0x00, 0x64, 0xff, 0x9b }, 96, 0 }, 12, 0 },
    /* 6to4 */
    { { { 0x20, 0x02 }, 16, 0 }, 2, 0 },
    /* Teredo: the client, its bits turned over */
    { { { 0x20, 0x01, 0, 0 }, 32, 0 }, 12, 0xff }
};


#define cost_address_n(a)  (sizeof(a) / sizeof((a)[0]))


cost_address_e
cost_address_v4(const uint8_t *address)
{
    size_t  i;

    for (i = 0; i < cost_address_n(cost_address_ranges_v4); i++) {
        if (cost_address_in(address, &cost_address_ranges_v4[i])) {
            return cost_address_ranges_v4[i].kind;
        }
    }

    return COST_ADDRESS_PUBLIC;
}


cost_address_e
cost_address_v6(const uint8_t *address)
{
    size_t          i, k;
    uint8_t         v4[4];
    cost_address_e  kind;

    kind = COST_ADDRESS_RESERVED;

    for (i = 0; i < cost_address_n(cost_address_ranges_v6); i++) {
        if (cost_address_in(address, &cost_address_ranges_v6[i])) {
            kind = cost_address_ranges_v6[i].kind;
            break;
        }
    }

    if (kind == COST_ADDRESS_UNSPECIFIED || kind == COST_ADDRESS_LOOPBACK) {
        return kind;
    }

    for (i = 0; i < cost_address_n(cost_address_carriers); i++) {

        if (!cost_address_in(address, &cost_address_carriers[i].range)) {
            continue;
        }

        for (k = 0; k < 4; k++) {
            v4[k] = address[cost_address_carriers[i].offset + k]
                    ^ cost_address_carriers[i].mask;
        }

        return cost_address_carried(address, v4, kind);
    }

    return kind;
}


/*
 * A public address carried by NAT64, 6to4 or a mapped form is reachable, and
 * public; Teredo and the forms that nobody may send stay what they are.
 */

static cost_address_e
cost_address_carried(const uint8_t *address, const uint8_t *v4,
    cost_address_e otherwise)
{
    bool            usable;
    cost_address_e  kind;

    kind = cost_address_v4(v4);

    if (kind != COST_ADDRESS_PUBLIC) {
        return kind;
    }

    usable = (address[0] == 0x20 && address[1] == 0x02)
             || (address[0] == 0 && address[1] == 0x64)
             || (address[0] == 0 && address[1] == 0 && address[10] == 0xff);

    return usable ? COST_ADDRESS_PUBLIC : otherwise;
}


static bool
cost_address_in(const uint8_t *address, const cost_address_range_t *range)
{
    size_t   whole;
    uint8_t  mask;

    whole = range->bits / 8;

    if (memcmp(address, range->prefix, whole) != 0) {
        return false;
    }

    if (range->bits % 8 == 0) {
        return true;
    }

    mask = (uint8_t) (0xff << (8 - range->bits % 8));

    return (address[whole] & mask) == (range->prefix[whole] & mask);
}


cost_str_t
cost_address_name(cost_address_e kind)
{
    static const cost_str_t  names[] = {
        cost_string("a public address"),
        cost_string("a loopback address"),
        cost_string("a private address"),
        cost_string("a link-local address"),
        cost_string("a cloud's metadata address"),
        cost_string("an unspecified address"),
        cost_string("a multicast address"),
        cost_string("a reserved address")
    };

    return names[kind];
}


cost_rc_e
cost_address_parse_v4(const uint8_t *p, size_t len, uint8_t *address)
{
    size_t    i, part, digits;
    unsigned  n;

    part = 0;
    digits = 0;
    n = 0;

    for (i = 0; i <= len; i++) {

        if (i == len || p[i] == '.') {

            if (digits == 0 || part == 4) {
                return COST_INVALID;
            }

            address[part++] = (uint8_t) n;
            digits = 0;
            n = 0;
            continue;
        }

        if (p[i] < '0' || p[i] > '9' || (digits > 0 && n == 0)) {
            return COST_INVALID;
        }

        n = n * 10 + (p[i] - '0');
        digits++;

        if (n > 255) {
            return COST_INVALID;
        }
    }

    return part == 4 ? COST_OK : COST_INVALID;
}


/*
 * Groups are written one after another; where "::" stood, those behind it
 * are moved to the end.
 */

cost_rc_e
cost_address_parse_v6(const uint8_t *p, size_t len, uint8_t *address)
{
    int       digit;
    bool      gap;
    size_t    i, n, at, start, digits;
    uint32_t  group;

    memset(address, 0, 16);

    i = 0;
    n = 0;
    at = 0;
    gap = false;

    if (len >= 2 && p[0] == ':' && p[1] == ':') {
        gap = true;
        i = 2;
    }

    while (i < len) {
        start = i;
        group = 0;

        for (digits = 0; i < len; i++, digits++) {
            digit = cost_address_hex(p[i]);

            if (digit < 0) {
                break;
            }

            group = group * 16 + (uint32_t) digit;

            if (digits == 4) {
                return COST_INVALID;
            }
        }

        if (i < len && p[i] == '.') {

            /* the last 32 bits, as IPv4 has them */

            if (n > 12 || cost_address_parse_v4(p + start, len - start,
                                                address + n) != COST_OK)
            {
                return COST_INVALID;
            }

            n += 4;
            break;
        }

        if (digits == 0 || n == 16) {
            return COST_INVALID;
        }

        address[n++] = (uint8_t) (group >> 8);
        address[n++] = (uint8_t) group;

        if (i == len) {
            break;
        }

        if (p[i++] != ':' || i == len) {
            return COST_INVALID;
        }

        if (p[i] == ':') {

            if (gap) {
                return COST_INVALID;
            }

            gap = true;
            at = n;
            i++;
        }
    }

    if (!gap) {
        return n == 16 ? COST_OK : COST_INVALID;
    }

    if (n > 14) {
        return COST_INVALID;     /* "::" stands for a group at least */
    }

    memmove(address + 16 - (n - at), address + at, n - at);
    memset(address + at, 0, 16 - n);

    return COST_OK;
}


static int
cost_address_hex(uint8_t ch)
{
    if (ch >= '0' && ch <= '9') {
        return ch - '0';
    }

    ch |= 0x20;

    if (ch >= 'a' && ch <= 'f') {
        return ch - 'a' + 10;
    }

    return -1;
}
