
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_json.h"

#include <jansson.h>

#include "test.h"


static void test_document(void);
static void test_strings(void);
static void test_integers(void);
static void test_sizes(void);
static void test_stamp(void);
static void test_jansson(void);
static void test_write(cost_json_t *j);
static void test_string(const char *in, size_t len, const char *out);


static const char  test_expected[] =
    "{\"accounts\":[{\"name\":\"A \\\"B\\\"\",\"total\":4821.30,\"n\":-7},"
    "{\"name\":\"\",\"total\":-0.01,\"n\":0}],\"none\":[],\"empty\":{},"
    "\"a\\\"b\":null,\"yes\":true,\"no\":false,\"day\":\"2024-02-29\","
    "\"at\":\"2024-06-15T12:00:00Z\",\"tiny\":0.000022495,\"raw\":[1,2]}";


int
main(void)
{
    test_document();
    test_strings();
    test_integers();
    test_sizes();
    test_stamp();
    test_jansson();

    return done_testing();
}


static void
test_write(cost_json_t *j)
{
    cost_json_object(j);

    cost_json_name(j, "accounts");
    cost_json_array(j);

    cost_json_object(j);
    cost_json_name(j, "name");
    cost_json_literal(j, "A \"B\"");
    cost_json_name(j, "total");
    cost_json_money(j, COST_DECIMAL_ONE * 4821 + COST_DECIMAL_ONE / 10 * 3);
    cost_json_name(j, "n");
    cost_json_integer(j, -7);
    cost_json_object_end(j);

    cost_json_object(j);
    cost_json_name(j, "name");
    cost_json_string(j, NULL, 0);
    cost_json_name(j, "total");
    cost_json_money(j, - COST_DECIMAL_ONE / 200);
    cost_json_name(j, "n");
    cost_json_integer(j, 0);
    cost_json_object_end(j);

    cost_json_array_end(j);

    cost_json_name(j, "none");
    cost_json_array(j);
    cost_json_array_end(j);

    cost_json_name(j, "empty");
    cost_json_object(j);
    cost_json_object_end(j);

    cost_json_name_str(j, (const uint8_t *) "a\"b", 3);
    cost_json_null(j);
    cost_json_name(j, "yes");
    cost_json_bool(j, true);
    cost_json_name(j, "no");
    cost_json_bool(j, false);
    cost_json_name(j, "day");
    cost_json_date(j, cost_day_from_civil(2024, 2, 29));
    cost_json_name(j, "at");
    cost_json_time(j, 1718452800);
    cost_json_name(j, "tiny");
    cost_json_decimal(j, COST_DECIMAL_ONE / 1000000000 * 22495, 9, 0);
    cost_json_name(j, "raw");
    cost_json_raw(j, (const uint8_t *) "[1,2]", 5);

    cost_json_object_end(j);
}


static void
test_document(void)
{
    uint8_t      buf[1024];
    cost_json_t  j;

    cost_json_init(&j, buf, sizeof(buf));
    test_write(&j);

    ok(!cost_json_overflow(&j), "the document fits");
    is_str(buf, cost_json_length(&j), test_expected, "the document");
}


static void
test_strings(void)
{
    test_string("plain", 5, "\"plain\"");
    test_string("\"\\/", 3, "\"\\\"\\\\/\"");
    test_string("\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"");
    test_string("\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\x7f\"");
    test_string("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9,
                "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");

    /* U+FFFD for each maximal subpart that is not UTF-8 */
    test_string("a\x80z", 3, "\"a\xef\xbf\xbdz\"");
    test_string("\xe1\x80", 2, "\"\xef\xbf\xbd\"");
    test_string("\xed\xa0\x80", 3,
                "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    test_string("\xf1\x80\x80\"", 4, "\"\xef\xbf\xbd\\\"\"");
}


static void
test_string(const char *in, size_t len, const char *out)
{
    uint8_t      buf[256];
    cost_json_t  j;

    cost_json_init(&j, buf, sizeof(buf));
    cost_json_string(&j, (const uint8_t *) in, len);

    is_str(buf, cost_json_length(&j), out, "a string");
}


static void
test_integers(void)
{
    uint8_t      buf[64];
    cost_json_t  j;

    cost_json_init(&j, buf, sizeof(buf));
    cost_json_integer(&j, INT64_MIN);
    cost_json_integer(&j, INT64_MAX);

    is_str(buf, cost_json_length(&j),
           "-9223372036854775808,9223372036854775807", "the ends of int64");
}


/*
 * In a buffer of any size the same length is counted, nothing behind the
 * buffer is written, and only a buffer that is large enough is not full.
 */

static void
test_sizes(void)
{
    size_t       size, full, wrong;
    uint8_t      buf[1024];
    cost_json_t  j;

    full = sizeof(test_expected) - 1;
    wrong = 0;

    for (size = 0; size < full + 3; size++) {
        memset(buf, 0xaa, sizeof(buf));

        cost_json_init(&j, size ? buf : NULL, size);
        test_write(&j);

        wrong += cost_json_length(&j) != full;
        wrong += cost_json_overflow(&j) != (size < full);
        wrong += buf[size] != 0xaa;
        wrong += size >= full && memcmp(buf, test_expected, full) != 0;
    }

    is_int((intmax_t) wrong, 0, "every size of buffer");
}


static void
test_stamp(void)
{
    uint8_t      buf[64];
    cost_json_t  j;

    cost_json_init(&j, buf, sizeof(buf));

    is_int((intmax_t) j.stamp_len, 0, "no stamp yet");

    cost_json_array(&j);
    cost_json_integer(&j, 1);
    cost_json_stamp(&j, 0);
    cost_json_integer(&j, 2);
    cost_json_array_end(&j);

    is_str(buf, cost_json_length(&j), "[1,\"1970-01-01T00:00:00Z\",2]",
           "a stamp is a time");
    is_str(buf + j.stamp, j.stamp_len, "\"1970-01-01T00:00:00Z\"",
           "where it stands is remembered");
}


/* any bytes as a string, read back by a strict reader */

static void
test_jansson(void)
{
    size_t        i, n, wrong;
    json_t       *root, *value;
    uint8_t       in[64], buf[512];
    uint32_t      seed;
    cost_json_t   j;
    json_error_t  error;

    seed = 1;
    wrong = 0;

    for (i = 0; i < 20000; i++) {

        /* every other one is ASCII, and must come back as it was */

        for (n = 0; n < i % sizeof(in); n++) {
            seed = seed * 1664525 + 1013904223;
            in[n] = (uint8_t) (seed >> 24) & (i % 2 ? 0x7f : 0xff);
        }

        cost_json_init(&j, buf, sizeof(buf));
        cost_json_array(&j);
        cost_json_string(&j, in, n);
        cost_json_array_end(&j);

        root = json_loadb((char *) buf, cost_json_length(&j),
                          JSON_ALLOW_NUL, &error);

        value = json_array_get(root, 0);

        wrong += value == NULL;
        wrong += i % 2 && (json_string_length(value) != n
                           || memcmp(json_string_value(value), in, n) != 0);

        json_decref(root);
    }

    is_int((intmax_t) wrong, 0, "random bytes are always a JSON string");

    root = json_loads(test_expected, JSON_REJECT_DUPLICATES, &error);

    ok(root != NULL
       && json_real_value(json_object_get(json_array_get(
              json_object_get(root, "accounts"), 0), "total")) == 4821.30
       && strcmp(json_string_value(json_object_get(json_array_get(
              json_object_get(root, "accounts"), 0), "name")), "A \"B\"") == 0
       && json_object_size(root) == 10,
       "jansson reads the document");

    json_decref(root);
}
