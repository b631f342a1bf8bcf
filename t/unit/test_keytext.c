
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_keytext.h"

#include "test.h"


typedef struct {
    const char  *prefix;
    uint8_t      first;          /* of 32 random bytes, each the last ... */
    uint8_t      step;           /* ... plus this */
    const char  *key;            /* by Python's int and zlib.crc32 */
} test_key_t;


static void test_make(void);
static void test_leading_zero(void);
static void test_refused(void);
static void test_every_typo(void);
static void test_every_cut(void);
static void test_headers(void);
static const char *test_bearer(const char *value);
static bool test_check(const char *text);


static const test_key_t  test_keys[] = {
    { "ck_live_", 0, 1,
      "ck_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf1wdQaM" },
    { "cc_", 0, 0,
      "cc_00000000000000000000000000000000000000000001m4mnR" },
    { "a", 255, 0,
      "ayhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp11QDp7Z" },
    { "abcdefghijklmno9", 224, 1,
      "abcdefghijklmno9rKFCcw823OrBm12M1O8e6ZQf99v6mMY5fuWb9v97FWB0iIR7I" }
};


static const char  test_key[] =
    "ck_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf1wdQaM";


int
main(void)
{
    test_make();
    test_leading_zero();
    test_refused();
    test_every_typo();
    test_every_cut();
    test_headers();

    return done_testing();
}


static void
test_make(void)
{
    size_t             i, n, len, prefix_len;
    uint8_t            random[COST_KEYTEXT_RANDOM], buf[COST_KEYTEXT_MAX];
    cost_str_t         prefix;
    const test_key_t  *t;

    for (n = 0; n < sizeof(test_keys) / sizeof(test_keys[0]); n++) {
        t = &test_keys[n];

        for (i = 0; i < sizeof(random); i++) {
            random[i] = (uint8_t) (t->first + i * t->step);
        }

        prefix.data = (const uint8_t *) t->prefix;
        prefix.len = strlen(t->prefix);

        is_int(cost_keytext_make(prefix, random, buf, &len), COST_OK,
               "a key is made");
        is_str(buf, len, t->key, t->key);

        is_int(cost_keytext_check(buf, len, &prefix_len), COST_OK,
               "and recognized");
        is_int((intmax_t) prefix_len, (intmax_t) prefix.len, "its prefix");
    }
}


/* a checksum below 62^4: the padding counts */

static void
test_leading_zero(void)
{
    ok(test_check("ia_qrZnsvhlMkLTDLm5w4FTBAwIbulrij5EJTyMt8FmJQU00Nu0X"),
       "a small checksum");
    ok(!test_check("ia_qrZnsvhlMkLTDLm5w4FTBAwIbulrij5EJTyMt8FmJQUNu0X"),
       "its padding is missing");

    /* 0xffffffff + 1 is no CRC, and must not become 0 */
    ok(!test_check("cc_00000000000000000000000000000000000000000006Sk1zV"),
       "a checksum of 33 bits");
}


static void
test_refused(void)
{
    size_t      i, len;
    uint8_t     random[COST_KEYTEXT_RANDOM], buf[COST_KEYTEXT_MAX];
    cost_str_t  prefix;

    static const char  *bad[] = {
        "", "A", "cC_", "c-c", "c c", "abcdefghijklmno90", "\xc3\xa4", "c\n"
    };

    memset(random, 7, sizeof(random));

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        prefix.data = (const uint8_t *) bad[i];
        prefix.len = strlen(bad[i]);

        ok(cost_keytext_make(prefix, random, buf, &len) == COST_INVALID
           && !cost_keytext_prefix_valid(prefix.data, prefix.len),
           "\"%s\" is no prefix", i == 7 ? "c\\n" : bad[i]);
    }

    ok(!test_check(""), "nothing is no key");
    ok(!test_check("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
       "neither is this");
    ok(!test_check("003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf1wdQaM"),
       "nor a key without its prefix");

    /* their checksums are right, by Python's zlib.crc32 */

    ok(!test_check("CK_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf"
                   "0XYjhK"),
       "nor one of a prefix that none is made with");
    ok(!test_check("ck_live_003aUlTJC7tjlCTQ_2uNU3MFagCXG9LRKRcwGkBIDlf"
                   "2TlxIb"),
       "nor one with what is no digit");
}


/* every other byte at every place of a key */

static void
test_every_typo(void)
{
    char      text[sizeof(test_key)];
    size_t    i;
    unsigned  c, passed;

    passed = 0;

    for (i = 0; i < sizeof(test_key) - 1; i++) {
        for (c = 0; c < 256; c++) {
            if ((char) c == test_key[i]) {
                continue;
            }

            memcpy(text, test_key, sizeof(test_key));
            text[i] = (char) c;

            passed += test_check(text);
        }
    }

    is_int(passed, 0, "no key with one wrong character passes");

    passed = 0;

    for (i = 0; i + 1 < sizeof(test_key) - 1; i++) {
        if (test_key[i] == test_key[i + 1]) {
            continue;
        }

        memcpy(text, test_key, sizeof(test_key));
        text[i] = test_key[i + 1];
        text[i + 1] = test_key[i];

        passed += test_check(text);
    }

    is_int(passed, 0, "nor one with two neighbours exchanged");
}


/* copied to its exact size, so that reading past the end is seen */

static void
test_every_cut(void)
{
    size_t    len, prefix_len;
    uint8_t  *p;
    unsigned  passed;

    passed = 0;

    for (len = 0; len < sizeof(test_key) - 1; len++) {
        p = malloc(len ? len : 1);

        if (p == NULL) {
            abort();
        }

        memcpy(p, test_key, len);
        passed += cost_keytext_check(p, len, &prefix_len) == COST_OK;
        free(p);
    }

    is_int(passed, 0, "no cut key passes");
}


static void
test_headers(void)
{
    size_t      i;
    cost_str_t  s;

    static const char  *values[][2] = {
        { "Bearer abc", "abc" },
        { "bearer abc", "abc" },
        { "BEARER  \t abc \t", "abc" },
        { "  Bearer\tabc", "abc" },
        { "Bearer a b", "a b" },
        { "Bearer", "" },
        { "Bearer ", "" },
        { "Basic YTpi", "(another)" },
        { "Bearerabc", "(another)" },
        { "Beare", "(another)" },
        { "Bear\x45r abc", "abc" },
        { "\x02" "earer abc", "(another)" },
        { "abc", "(another)" },
        { "", "(another)" },
        { " ", "(another)" },
    };

    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        s.data = (const uint8_t *) test_bearer(values[i][0]);

        is_str(s.data, strlen((const char *) s.data), values[i][1],
               "Authorization");
    }

    s = cost_keytext_bare((const uint8_t *) "\t abc  ", 7);
    is_str(s.data, s.len, "abc", "X-API-Key with blanks");

    s = cost_keytext_bare((const uint8_t *) " \t ", 3);
    is_int((intmax_t) s.len, 0, "X-API-Key of blanks");

    s = cost_keytext_bare(NULL, 0);
    is_int((intmax_t) s.len, 0, "an empty X-API-Key");
}


static const char *
test_bearer(const char *value)
{
    cost_str_t   key;
    static char  text[64];

    if (cost_keytext_bearer((const uint8_t *) value, strlen(value), &key)
        == COST_NULL)
    {
        return "(another)";
    }

    memcpy(text, key.data, key.len);
    text[key.len] = '\0';

    return text;
}


static bool
test_check(const char *text)
{
    size_t  prefix_len;

    return cost_keytext_check((const uint8_t *) text, strlen(text),
                              &prefix_len)
           == COST_OK;
}
