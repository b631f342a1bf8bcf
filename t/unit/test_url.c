
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_url.h"

#include "test.h"


typedef struct {
    const char  *text;
    int          kind;           /* of the host; -1: refused */
    const char  *host;
    unsigned     port;
    int          tls;
    const char  *path;
} test_url_t;


static int test_same(cost_str_t s, const char *text);
static int test_allowed(const char *text, unsigned allow);
static void test_parse(void);
static void test_lengths(void);
static void test_check(void);


static const test_url_t  test_urls[] = {
    { "https://example.com/hook", COST_URL_NAME, "example.com", 443, 1,
      "/hook" },
    { "HTTPS://Example.COM", COST_URL_NAME, "Example.COM", 443, 1, "" },
    { "http://a-b.c_d.example:8080/x?y=%20z", COST_URL_NAME,
      "a-b.c_d.example", 8080, 0, "/x?y=%20z" },
    { "https://example.com?x", COST_URL_NAME, "example.com", 443, 1, "?x" },
    { "https://1.example/", COST_URL_NAME, "1.example", 443, 1, "/" },
    { "https://192.0.2.1/", COST_URL_V4, "192.0.2.1", 443, 1, "/" },
    { "http://127.0.0.1:1/", COST_URL_V4, "127.0.0.1", 1, 0, "/" },
    { "https://[2001:db8::1]/", COST_URL_V6, "2001:db8::1", 443, 1, "/" },
    { "https://[::1]:65535/", COST_URL_V6, "::1", 65535, 1, "/" },

    { "", -1, NULL, 0, 0, NULL },
    { "example.com", -1, NULL, 0, 0, NULL },
    { "//example.com/", -1, NULL, 0, 0, NULL },
    { "ftp://example.com/", -1, NULL, 0, 0, NULL },
    { "httpss://example.com/", -1, NULL, 0, 0, NULL },
    { "https:/example.com/", -1, NULL, 0, 0, NULL },
    { "https:///x", -1, NULL, 0, 0, NULL },
    { " https://example.com/", -1, NULL, 0, 0, NULL },
    { "https://user@example.com/", -1, NULL, 0, 0, NULL },
    { "https://user:p@example.com/", -1, NULL, 0, 0, NULL },
    { "https://example.com@127.0.0.1/", -1, NULL, 0, 0, NULL },
    { "https://example.com\\@127.0.0.1/", -1, NULL, 0, 0, NULL },
    { "https://example.com/#x", -1, NULL, 0, 0, NULL },
    { "https://example.com#x", -1, NULL, 0, 0, NULL },
    { "https://example.com/a b", -1, NULL, 0, 0, NULL },
    { "https://example.com/a\r\nX: y", -1, NULL, 0, 0, NULL },
    { "https://example.com/\xc3\xa9", -1, NULL, 0, 0, NULL },
    { "https://exam\xc3\xa9ple.com/", -1, NULL, 0, 0, NULL },
    { "https://exam%70le.com/", -1, NULL, 0, 0, NULL },
    { "https://example..com/", -1, NULL, 0, 0, NULL },
    { "https://example.com./", -1, NULL, 0, 0, NULL },
    { "https://.example.com/", -1, NULL, 0, 0, NULL },
    { "https://-example.com/", -1, NULL, 0, 0, NULL },
    { "https://example-.com/", -1, NULL, 0, 0, NULL },
    { "https://example-/", -1, NULL, 0, 0, NULL },
    { "https://example.com:/", -1, NULL, 0, 0, NULL },
    { "https://example.com:0/", -1, NULL, 0, 0, NULL },
    { "https://example.com:080/", -1, NULL, 0, 0, NULL },
    { "https://example.com:65536/", -1, NULL, 0, 0, NULL },
    { "https://example.com:80:80/", -1, NULL, 0, 0, NULL },
    { "https://example.com:+80/", -1, NULL, 0, 0, NULL },
    { "https://127.1/", -1, NULL, 0, 0, NULL },
    { "https://2130706433/", -1, NULL, 0, 0, NULL },
    { "https://0x7f.0.0.1/", -1, NULL, 0, 0, NULL },
    { "https://0x7f000001/", -1, NULL, 0, 0, NULL },
    { "https://0177.0.0.1/", -1, NULL, 0, 0, NULL },
    { "https://1.2.3.4.5/", -1, NULL, 0, 0, NULL },
    { "https://127.0.0.1./", -1, NULL, 0, 0, NULL },
    { "https://256.0.0.1/", -1, NULL, 0, 0, NULL },
    { "https://[::1/", -1, NULL, 0, 0, NULL },
    { "https://::1/", -1, NULL, 0, 0, NULL },
    { "https://[::1]x/", -1, NULL, 0, 0, NULL },
    { "https://[fe80::1%25eth0]/", -1, NULL, 0, 0, NULL },
    { "https://[127.0.0.1]/", -1, NULL, 0, 0, NULL },
    { "https://[]/", -1, NULL, 0, 0, NULL }
};


int
main(void)
{
    test_parse();
    test_lengths();
    test_check();

    return done_testing();
}


static int
test_same(cost_str_t s, const char *text)
{
    return s.len == strlen(text) && memcmp(s.data, text, s.len) == 0;
}


static void
test_parse(void)
{
    size_t       i;
    cost_rc_e    rc;
    cost_url_t   url;
    const char  *why;

    for (i = 0; i < sizeof(test_urls) / sizeof(test_urls[0]); i++) {
        const test_url_t  *t = &test_urls[i];

        why = NULL;
        rc = cost_url_parse((const uint8_t *) t->text, strlen(t->text), &url,
                            &why);

        if (t->kind < 0) {
            ok(rc == COST_INVALID && why && strncmp(why, "must ", 5) == 0,
               "%s: refused", t->text);
            continue;
        }

        ok(rc == COST_OK && (int) url.kind == t->kind
           && test_same(url.host, t->host) && url.port == t->port
           && url.tls == (t->tls == 1) && test_same(url.path, t->path),
           "%s", t->text);
    }
}


static void
test_lengths(void)
{
    char         text[4096];
    cost_url_t   url;
    const char  *why;

    memset(text, 'a', sizeof(text));
    memcpy(text, "https://", 8);

    ok(cost_url_parse((uint8_t *) text, 8 + 63, &url, &why) == COST_OK,
       "a label of 63");
    ok(cost_url_parse((uint8_t *) text, 8 + 64, &url, &why) == COST_INVALID,
       "a label of 64");

    text[9] = '/';

    ok(cost_url_parse((uint8_t *) text, COST_URL_MAX, &url, &why) == COST_OK,
       "the longest");
    ok(cost_url_parse((uint8_t *) text, COST_URL_MAX + 1, &url, &why)
       == COST_INVALID, "longer");
}


static int
test_allowed(const char *text, unsigned allow)
{
    cost_url_t   url;
    const char  *why;

    if (cost_url_parse((const uint8_t *) text, strlen(text), &url, &why)
        != COST_OK)
    {
        return -1;
    }

    return cost_url_check(&url, allow, &why) == COST_OK;
}


static void
test_check(void)
{
    unsigned  all;

    all = COST_URL_ALLOW_HTTP | COST_URL_ALLOW_LOOPBACK
          | COST_URL_ALLOW_PRIVATE;

    ok(test_allowed("https://example.com/", 0) == 1, "https to a name");
    ok(test_allowed("http://example.com/", 0) == 0, "http");
    ok(test_allowed("http://example.com/", COST_URL_ALLOW_HTTP) == 1,
       "http, allowed");
    ok(test_allowed("https://8.8.8.8/", 0) == 1, "a public address");
    ok(test_allowed("https://127.0.0.1/", 0) == 0, "loopback");
    ok(test_allowed("https://127.0.0.1/", COST_URL_ALLOW_PRIVATE) == 0,
       "loopback, with private allowed");
    ok(test_allowed("https://127.0.0.1/", COST_URL_ALLOW_LOOPBACK) == 1,
       "loopback, allowed");
    ok(test_allowed("https://[::1]/", 0) == 0, "loopback, IPv6");
    ok(test_allowed("https://[::ffff:127.0.0.1]/", 0) == 0,
       "loopback, mapped");
    ok(test_allowed("https://10.0.0.1/", COST_URL_ALLOW_LOOPBACK) == 0,
       "private");
    ok(test_allowed("https://10.0.0.1/", COST_URL_ALLOW_PRIVATE) == 1,
       "private, allowed");
    ok(test_allowed("https://[fd00::1]/", 0) == 0, "unique local");
    ok(test_allowed("https://169.254.169.254/", all) == 0,
       "metadata, with all allowed");
    ok(test_allowed("https://0.0.0.0/", all) == 0, "unspecified");
    ok(test_allowed("https://[fe80::1]/", all) == 0, "link local");
    ok(test_allowed("https://[64:ff9b::169.254.169.254]/", all) == 0,
       "metadata through NAT64");
}
