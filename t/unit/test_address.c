
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_address.h"

#include <arpa/inet.h>

#include "test.h"


typedef struct {
    const char      *text;
    cost_address_e   kind;
} test_address_t;


static void test_kinds(const test_address_t *t, size_t n, int family);
static void test_spellings(void);
static void test_like_libc(void);


static const test_address_t  test_v4[] = {
    { "0.0.0.0", COST_ADDRESS_UNSPECIFIED },
    { "0.255.255.255", COST_ADDRESS_UNSPECIFIED },
    { "1.0.0.0", COST_ADDRESS_PUBLIC },
    { "9.255.255.255", COST_ADDRESS_PUBLIC },
    { "10.0.0.0", COST_ADDRESS_PRIVATE },
    { "10.255.255.255", COST_ADDRESS_PRIVATE },
    { "11.0.0.0", COST_ADDRESS_PUBLIC },
    { "100.63.255.255", COST_ADDRESS_PUBLIC },
    { "100.64.0.0", COST_ADDRESS_PRIVATE },
    { "100.127.255.255", COST_ADDRESS_PRIVATE },
    { "100.128.0.0", COST_ADDRESS_PUBLIC },
    { "100.100.100.200", COST_ADDRESS_METADATA },
    { "126.255.255.255", COST_ADDRESS_PUBLIC },
    { "127.0.0.0", COST_ADDRESS_LOOPBACK },
    { "127.0.0.1", COST_ADDRESS_LOOPBACK },
    { "127.255.255.255", COST_ADDRESS_LOOPBACK },
    { "128.0.0.0", COST_ADDRESS_PUBLIC },
    { "168.63.129.15", COST_ADDRESS_PUBLIC },
    { "168.63.129.16", COST_ADDRESS_METADATA },
    { "169.253.255.255", COST_ADDRESS_PUBLIC },
    { "169.254.0.0", COST_ADDRESS_LINK_LOCAL },
    { "169.254.169.254", COST_ADDRESS_METADATA },
    { "169.254.170.2", COST_ADDRESS_METADATA },
    { "169.254.255.255", COST_ADDRESS_LINK_LOCAL },
    { "169.255.0.0", COST_ADDRESS_PUBLIC },
    { "172.15.255.255", COST_ADDRESS_PUBLIC },
    { "172.16.0.0", COST_ADDRESS_PRIVATE },
    { "172.31.255.255", COST_ADDRESS_PRIVATE },
    { "172.32.0.0", COST_ADDRESS_PUBLIC },
    { "192.0.0.1", COST_ADDRESS_RESERVED },
    { "192.0.0.192", COST_ADDRESS_METADATA },
    { "192.0.1.0", COST_ADDRESS_PUBLIC },
    { "192.0.2.1", COST_ADDRESS_RESERVED },
    { "192.88.99.1", COST_ADDRESS_RESERVED },
    { "192.167.255.255", COST_ADDRESS_PUBLIC },
    { "192.168.0.0", COST_ADDRESS_PRIVATE },
    { "192.168.255.255", COST_ADDRESS_PRIVATE },
    { "192.169.0.0", COST_ADDRESS_PUBLIC },
    { "198.17.255.255", COST_ADDRESS_PUBLIC },
    { "198.18.0.0", COST_ADDRESS_RESERVED },
    { "198.19.255.255", COST_ADDRESS_RESERVED },
    { "198.20.0.0", COST_ADDRESS_PUBLIC },
    { "198.51.100.7", COST_ADDRESS_RESERVED },
    { "203.0.113.7", COST_ADDRESS_RESERVED },
    { "223.255.255.255", COST_ADDRESS_PUBLIC },
    { "224.0.0.1", COST_ADDRESS_MULTICAST },
    { "239.255.255.255", COST_ADDRESS_MULTICAST },
    { "240.0.0.0", COST_ADDRESS_RESERVED },
    { "255.255.255.254", COST_ADDRESS_RESERVED },
    { "255.255.255.255", COST_ADDRESS_MULTICAST }
};


static const test_address_t  test_v6[] = {
    { "::", COST_ADDRESS_UNSPECIFIED },
    { "::1", COST_ADDRESS_LOOPBACK },
    { "::2", COST_ADDRESS_UNSPECIFIED },            /* 0.0.0.2 */
    { "::127.0.0.1", COST_ADDRESS_LOOPBACK },
    { "::8.8.8.8", COST_ADDRESS_RESERVED },
    { "::ffff:127.0.0.1", COST_ADDRESS_LOOPBACK },
    { "::ffff:7f00:1", COST_ADDRESS_LOOPBACK },
    { "::ffff:10.1.2.3", COST_ADDRESS_PRIVATE },
    { "::ffff:169.254.169.254", COST_ADDRESS_METADATA },
    { "::ffff:8.8.8.8", COST_ADDRESS_PUBLIC },
    { "::ffff:0:127.0.0.1", COST_ADDRESS_LOOPBACK },
    { "::ffff:0:8.8.8.8", COST_ADDRESS_RESERVED },
    { "64:ff9b::127.0.0.1", COST_ADDRESS_LOOPBACK },
    { "64:ff9b::a9fe:a9fe", COST_ADDRESS_METADATA },
    { "64:ff9b::8.8.8.8", COST_ADDRESS_PUBLIC },
    { "64:ff9b:1::8.8.8.8", COST_ADDRESS_PRIVATE },
    { "100::1", COST_ADDRESS_RESERVED },
    { "2001::1", COST_ADDRESS_RESERVED },           /* 255.255.255.254 */
    { "2001:0:4136:e378:8000:63bf:3fff:fdd2", COST_ADDRESS_RESERVED },
    { "2001:0:4136:e378:8000:63bf:80ff:fffe", COST_ADDRESS_LOOPBACK },
    { "2001:2::1", COST_ADDRESS_RESERVED },
    { "2001:1ff:ffff::", COST_ADDRESS_RESERVED },
    { "2001:200::1", COST_ADDRESS_PUBLIC },
    { "2001:db8::1", COST_ADDRESS_RESERVED },
    { "2001:4860:4860::8888", COST_ADDRESS_PUBLIC },
    { "2002:7f00:1::1", COST_ADDRESS_LOOPBACK },
    { "2002:c0a8:101::1", COST_ADDRESS_PRIVATE },
    { "2002:808:808::1", COST_ADDRESS_PUBLIC },
    { "3fff::1", COST_ADDRESS_RESERVED },
    { "3fff:1000::1", COST_ADDRESS_PUBLIC },
    { "4000::1", COST_ADDRESS_RESERVED },
    { "5f00::1", COST_ADDRESS_RESERVED },
    { "fbff::1", COST_ADDRESS_RESERVED },
    { "fc00::1", COST_ADDRESS_PRIVATE },
    { "fd00:ec2::254", COST_ADDRESS_METADATA },
    { "fd20:ce::254", COST_ADDRESS_METADATA },
    { "fdff:ffff::1", COST_ADDRESS_PRIVATE },
    { "fe80::1", COST_ADDRESS_LINK_LOCAL },
    { "febf::1", COST_ADDRESS_LINK_LOCAL },
    { "fec0::1", COST_ADDRESS_PRIVATE },
    { "ff02::1", COST_ADDRESS_MULTICAST }
};


int
main(void)
{
    test_kinds(test_v4, sizeof(test_v4) / sizeof(test_v4[0]), AF_INET);
    test_kinds(test_v6, sizeof(test_v6) / sizeof(test_v6[0]), AF_INET6);
    test_spellings();
    test_like_libc();

    return done_testing();
}


static void
test_kinds(const test_address_t *t, size_t n, int family)
{
    size_t          i;
    uint8_t         a[16];
    cost_rc_e       rc;
    cost_address_e  kind;

    for (i = 0; i < n; i++) {

        if (family == AF_INET) {
            rc = cost_address_parse_v4((const uint8_t *) t[i].text,
                                       strlen(t[i].text), a);
            kind = cost_address_v4(a);

        } else {
            rc = cost_address_parse_v6((const uint8_t *) t[i].text,
                                       strlen(t[i].text), a);
            kind = cost_address_v6(a);
        }

        ok(rc == COST_OK && kind == t[i].kind, "%s is %s", t[i].text,
           (const char *) cost_address_name(t[i].kind).data);
    }
}


/* what inet_aton() might take for 127.0.0.1, and other nonsense */

static void
test_spellings(void)
{
    size_t   i;
    uint8_t  a[16];

    static const char  *v4[] = {
        "", "127", "127.1", "127.0.1", "2130706433", "0x7f000001",
        "0x7f.0.0.1", "0177.0.0.1", "127.0.0.01", "127.0.0.1.",
        ".127.0.0.1", "127..0.1", "127.0.0.256", "127.0.0.1.1",
        "127.0.0.-1", " 127.0.0.1", "127.0.0.1 ", "127.0.0.1\n", "a.b.c.d",
        "4294967297.0.0.1", "00.0.0.0", "1.2.3.4:80"
    };

    static const char  *v6[] = {
        "", ":", ":::", "1", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::", "g::",
        "::1%eth0", "[::1]", "1:", ":1", "::1.2.3", "::1.2.3.4.5",
        "1:2:3:4:5:6:7:1.2.3.4", "::01.2.3.4", "1::2:", "::1 ", "127.0.0.1"
    };

    for (i = 0; i < sizeof(v4) / sizeof(v4[0]); i++) {
        is_int(cost_address_parse_v4((const uint8_t *) v4[i], strlen(v4[i]),
                                     a), COST_INVALID, v4[i]);
    }

    for (i = 0; i < sizeof(v6) / sizeof(v6[0]); i++) {
        is_int(cost_address_parse_v6((const uint8_t *) v6[i], strlen(v6[i]),
                                     a), COST_INVALID, v6[i]);
    }
}


/* random texts of the right letters: inet_pton() takes the same */

static void
test_like_libc(void)
{
    int             theirs;
    char            text[48];
    size_t          i, len;
    uint8_t         a[16], b[16];
    uint32_t        seed;
    unsigned        n, wrong, taken;
    const char     *letters;
    cost_rc_e       rc;

    seed = 1;
    wrong = 0;
    taken = 0;

    for (n = 0; n < 2000000; n++) {
        seed = seed * 1664525u + 1013904223u;
        len = 2 + (seed >> 16) % 14;
        letters = n % 2 ? "::::12f0ab." : "....0125";

        for (i = 0; i < len; i++) {
            seed = seed * 1664525u + 1013904223u;
            text[i] = letters[(seed >> 16) % strlen(letters)];
        }

        text[len] = '\0';

        if (n % 2) {
            theirs = inet_pton(AF_INET6, text, b);
            rc = cost_address_parse_v6((uint8_t *) text, len, a);

        } else {
            theirs = inet_pton(AF_INET, text, b);
            rc = cost_address_parse_v4((uint8_t *) text, len, a);
        }

        taken += theirs == 1;

        if ((rc == COST_OK) != (theirs == 1)
            || (theirs == 1 && memcmp(a, b, n % 2 ? 16 : 4) != 0))
        {
            if (wrong++ < 5) {
                printf("# %s\n", text);
            }
        }
    }

    ok(wrong == 0 && taken > 1000, "as inet_pton(), %u of %u taken", taken,
       n);
}
