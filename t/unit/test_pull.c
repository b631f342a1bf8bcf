
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_pull.h"

#include "test.h"


typedef struct {
    const char  *text;
    const char  *error;          /* NULL: accepted */
    size_t       offset;
} test_text_t;


typedef struct {
    const char  *text;
    const char  *value;          /* NULL: COST_RANGE */
    bool         integer;
} test_number_t;


static void test_tokens(void);
static void test_texts(void);
static void test_numbers(void);
static void test_strings(void);
static void test_depth(void);
static void test_skip(void);


static const test_text_t  test_text[] = {
    { "{}", NULL, 0 },
    { "[]", NULL, 0 },
    { " \t\r\n{ \"a\" : [ 1 , true , false , null ] }\n", NULL, 0 },
    { "[\"\", \"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"]", NULL, 0 },
    { "[\"\\ud83d\\ude00\", \"\xf0\x9f\x98\x80\"]", NULL, 0 },
    { "[0, -0, 10, 0.5, -1.5e+3, 2E-2]", NULL, 0 },
    { "[9223372036854775807, -9223372036854775808]", NULL, 0 },
    { "[1e308, 1.7976931348623157e308, 1e-400, 0e999999]", NULL, 0 },

    { "", "the text ends early", 0 },
    { "  ", "the text ends early", 2 },
    { "1", "an object is expected", 0 },
    { "\"a\"", "an object is expected", 0 },
    { "null", "an object is expected", 0 },
    { "\xef\xbb\xbf{}", "an object is expected", 0 },
    { "{", "the text ends early", 1 },
    { "[1", "the text ends early", 2 },
    { "[1,", "the text ends early", 3 },
    { "{}x", "there is something behind the end", 2 },
    { "[] []", "there is something behind the end", 3 },
    { "[1,]", "a value is expected", 3 },
    { "[,1]", "a value is expected", 1 },
    { "[1 2]", "\",\" or \"]\" is missing", 3 },
    { "{\"a\":1 \"b\":2}", "\",\" or \"}\" is missing", 7 },
    { "{\"a\":1]", "\",\" or \"}\" is missing", 6 },
    { "[1}", "\",\" or \"]\" is missing", 2 },
    { "{a:1}", "a member's name is missing", 1 },
    { "{\"a\":1,}", "a member's name is missing", 7 },
    { "{1:2}", "a member's name is missing", 1 },
    { "{\"a\" 1}", "\":\" is missing", 5 },
    { "{\"a\":}", "a value is expected", 5 },
    { "[tru]", "a value is expected", 1 },
    { "[True]", "a value is expected", 1 },
    { "[truex]", "\",\" or \"]\" is missing", 5 },

    { "[01]", "\",\" or \"]\" is missing", 2 },
    { "[-]", "a value is expected", 1 },
    { "[+1]", "a value is expected", 1 },
    { "[.5]", "a value is expected", 1 },
    { "[1.]", "a digit is expected", 3 },
    { "[1.e5]", "a digit is expected", 3 },
    { "[1e]", "a digit is expected", 3 },
    { "[1e+]", "a digit is expected", 4 },
    { "[0x10]", "\",\" or \"]\" is missing", 2 },
    { "[NaN]", "a value is expected", 1 },
    { "[Infinity]", "a value is expected", 1 },
    { "[-Infinity]", "a value is expected", 1 },
    { "[9223372036854775808]", "an integer is too large", 1 },
    { "[-9223372036854775809]", "an integer is too large", 1 },
    { "[123456789012345678901234567890]", "an integer is too large", 1 },
    { "[1e309]", "a number is too large", 1 },
    { "[-1e309]", "a number is too large", 1 },
    { "[1.797693134862315808e308]", "a number is too large", 1 },
    { "[0.1e99999999999999999999]", "a number is too large", 1 },

    { "[\"abc", "a string has no end", 5 },
    { "[\"abc\\", "a string has no end", 6 },
    { "[\"abcdefghijklmnop\\x\"]", "a string holds an unknown escape", 18 },
    { "[\"\\u12g4\"]", "\\u needs four hexadecimal digits", 2 },
    { "[\"\\u12", "\\u needs four hexadecimal digits", 2 },
    { "[\"\\u0000\"]", "\\u0000 is not allowed", 2 },
    { "[\"\\ud800\"]", "a string holds a lone surrogate", 2 },
    { "[\"\\ud800\\n1234\"]", "a string holds a lone surrogate", 2 },
    { "[\"\\ud800\\ud800\"]", "a string holds a lone surrogate", 2 },
    { "[\"\\ud800\\ue000\"]", "a string holds a lone surrogate", 2 },
    { "[\"\\udbff\\u0041\"]", "a string holds a lone surrogate", 2 },
    { "[\"\\udc00\"]", "a string holds a lone surrogate", 2 },
    { "[\"a\nb\"]", "a string holds a raw control byte", 3 },
    { "[\"12345678\x1f\"]", "a string holds a raw control byte", 10 },
    { "[\"a\xe9z\"]", "a string is not UTF-8", 3 },
    { "[\"\xc0\x80\"]", "a string is not UTF-8", 2 },
    { "[\"\xed\xa0\x80\"]", "a string is not UTF-8", 2 },
    { "[\"\xf4\x90\x80\x80\"]", "a string is not UTF-8", 2 },
};


static const test_number_t  test_number[] = {
    { "0", "0", true },
    { "-0", "0", true },
    { "2500", "2500", true },
    { "-17", "-17", true },
    { "0.5", "0.5", false },
    { "1.0", "1", false },
    { "120.25", "120.25", false },
    { "1e3", "1000", false },
    { "25E-1", "2.5", false },
    { "123456789012345678", "123456789012345678", true },
    { "9223372036854775807", "9223372036854775807", true },
    { "0.000000000000000001", "0.000000000000000001", false },
    { "0.0000000000000000005", "0.000000000000000001", false },
    { "0.00000000000000000049", "0", false },
    { "12345678901234567.5", "12345678901234567.5", false },
    { "99999999999999999999.0", "99999999999999999999", false },
    { "1e20", NULL, false },
    { "-1e20", NULL, false },
    { "1e300", NULL, false },
};


int
main(void)
{
    test_tokens();
    test_texts();
    test_numbers();
    test_strings();
    test_depth();
    test_skip();

    return done_testing();
}


static void
test_tokens(void)
{
    size_t       i;
    cost_pull_t  r;

    static const char  text[] = "{\"a\": [1, \"x\", true, false, null, {}]}";

    static const struct {
        cost_pull_e  kind;
        const char  *text;
    } tokens[] = {
        { COST_PULL_OBJECT, "{" },
        { COST_PULL_NAME, "a" },
        { COST_PULL_ARRAY, "[" },
        { COST_PULL_NUMBER, "1" },
        { COST_PULL_STRING, "x" },
        { COST_PULL_TRUE, "true" },
        { COST_PULL_FALSE, "false" },
        { COST_PULL_NULL, "null" },
        { COST_PULL_OBJECT, "{" },
        { COST_PULL_OBJECT_END, "}" },
        { COST_PULL_ARRAY_END, "]" },
        { COST_PULL_OBJECT_END, "}" },
    };

    cost_pull_init(&r, (const uint8_t *) text, sizeof(text) - 1, 32);

    for (i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
        is_int(cost_pull_next(&r), tokens[i].kind, "a token");
        is_str(r.text.data, r.text.len, tokens[i].text, "its text");
    }

    is_int(cost_pull_next(&r), COST_PULL_END, "the end");
    is_int(cost_pull_next(&r), COST_PULL_END, "for ever");
}


static void
test_texts(void)
{
    size_t       i, len;
    uint8_t     *exact;
    cost_pull_t  r;
    cost_pull_e  kind;

    for (i = 0; i < sizeof(test_text) / sizeof(test_text[0]); i++) {

        /* a block of the exact size, for the sanitizer */

        len = strlen(test_text[i].text);
        exact = malloc(len ? len : 1);
        memcpy(exact, test_text[i].text, len);

        cost_pull_init(&r, exact, len, 32);

        do {
            kind = cost_pull_next(&r);
        } while (kind != COST_PULL_END && kind != COST_PULL_INVALID);

        if (test_text[i].error == NULL) {
            ok(kind == COST_PULL_END, "accepted: %s", test_text[i].text);

        } else if (ok(kind == COST_PULL_INVALID, "refused: %s",
                      test_text[i].text))
        {
            is_str(r.error, strlen(r.error), test_text[i].error, "why");
            is_int((intmax_t) r.offset, (intmax_t) test_text[i].offset,
                   "where");
        }

        free(exact);
    }
}


static void
test_numbers(void)
{
    char            text[64];
    size_t          i, len;
    uint8_t         buf[COST_DECIMAL_LEN];
    cost_rc_e       rc;
    cost_pull_t     r;
    cost_decimal_t  d;

    for (i = 0; i < sizeof(test_number) / sizeof(test_number[0]); i++) {
        len = (size_t) snprintf(text, sizeof(text), "[%s]",
                                test_number[i].text);

        cost_pull_init(&r, (const uint8_t *) text, len, 32);
        (void) cost_pull_next(&r);
        is_int(cost_pull_next(&r), COST_PULL_NUMBER, test_number[i].text);
        is_int(r.integer, test_number[i].integer, "an integer or not");

        rc = cost_pull_decimal(&r, &d);

        if (test_number[i].value == NULL) {
            is_int(rc, COST_RANGE, "too large");
            continue;
        }

        is_int(rc, COST_OK, "a decimal");
        len = cost_decimal_format(d, 18, 0, buf);
        is_str(buf, len, test_number[i].value, "exactly");
    }
}


static void
test_strings(void)
{
    size_t       len;
    uint8_t      buf[128];
    cost_pull_t  r;

    static const char  text[] =
        "[\"plain\", \"\\\"\\\\\\/\\b\\f\\n\\r\\t\", "
        "\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00z\"]";

    cost_pull_init(&r, (const uint8_t *) text, sizeof(text) - 1, 32);
    (void) cost_pull_next(&r);

    (void) cost_pull_next(&r);
    ok(!r.escaped, "nothing to decode");
    is_str(r.text.data, r.text.len, "plain", "as it is");
    len = cost_pull_decode(&r.text, buf);
    is_str(buf, len, "plain", "decoding changes nothing");

    (void) cost_pull_next(&r);
    ok(r.escaped, "escapes");
    len = cost_pull_decode(&r.text, buf);
    is_str(buf, len, "\"\\/\b\f\n\r\t", "the short ones");

    (void) cost_pull_next(&r);
    len = cost_pull_decode(&r.text, buf);
    is_str(buf, len, "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z",
           "one to four bytes");
    ok(len < r.text.len, "never longer than it was");
}


static void
test_depth(void)
{
    uint8_t      text[2 * COST_PULL_DEPTH + 8];
    cost_pull_t  r;
    cost_pull_e  kind;
    uint32_t     n;

    for (n = COST_PULL_DEPTH; n <= COST_PULL_DEPTH + 1; n++) {
        memset(text, '[', n);
        memset(text + n, ']', n);

        cost_pull_init(&r, text, 2 * n, COST_PULL_DEPTH);

        do {
            kind = cost_pull_next(&r);
        } while (kind != COST_PULL_END && kind != COST_PULL_INVALID);

        if (n == COST_PULL_DEPTH) {
            is_int(kind, COST_PULL_END, "as deep as may be");

        } else {
            is_int(kind, COST_PULL_INVALID, "one deeper");
            ok(r.deep, "too deep");
            is_int((intmax_t) r.offset, COST_PULL_DEPTH, "where");
        }
    }

    cost_pull_init(&r, (const uint8_t *) "[[1]]", 5, 2);
    (void) cost_pull_next(&r);
    (void) cost_pull_next(&r);
    is_int(cost_pull_next(&r), COST_PULL_INVALID,
           "a scalar in as many containers counts as one more");
    ok(r.deep, "too deep");
}


static void
test_skip(void)
{
    cost_pull_t  r;

    static const char  text[] = "[{\"a\":[1,{\"b\":[]}]}, [[]], \"x\", 2]";

    cost_pull_init(&r, (const uint8_t *) text, sizeof(text) - 1, 32);
    (void) cost_pull_next(&r);

    is_int(cost_pull_skip(&r, cost_pull_next(&r)), COST_OK, "an object");
    is_int(cost_pull_skip(&r, cost_pull_next(&r)), COST_OK, "an array");
    is_int(cost_pull_skip(&r, cost_pull_next(&r)), COST_OK, "a string");
    is_int(cost_pull_next(&r), COST_PULL_NUMBER, "what comes behind");
    is_int(cost_pull_next(&r), COST_PULL_ARRAY_END, "the end of the array");
    is_int(cost_pull_next(&r), COST_PULL_END, "the end");

    cost_pull_init(&r, (const uint8_t *) "[[1,}]", 6, 32);
    (void) cost_pull_next(&r);
    is_int(cost_pull_skip(&r, cost_pull_next(&r)), COST_INVALID, "broken");
    is_int((intmax_t) r.offset, 4, "where");
}
