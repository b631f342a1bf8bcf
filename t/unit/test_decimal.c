
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_decimal.h"

#include "test.h"


typedef struct {
    const char  *in;
    const char  *out;            /* with 18 places, or the code's name */
} test_parse_t;


static void test_parse(void);
static void test_places(void);
static void test_print(void);
static void test_sum(void);
static void test_all_short(void);
static const char *test_text(const char *in);
static void test_format(const char *in, unsigned places, unsigned keep,
    const char *out);


static const test_parse_t  test_parses[] = {
    /* bills */
    { "12", "12" },
    { "-2.6137", "-2.6137" },
    { "0.00000080000", "0.0000008" },
    { "2.000000000000000", "2" },
    { "8.0E-7", "0.0000008" },
    { "6.123E-7", "0.0000006123" },
    { "35.2E-7", "0.00000352" },
    { "35.2E+7", "352000000" },
    { "35.2e7", "352000000" },
    { "0.000000000006", "0.000000000006" },
    { "1e-11", "0.00000000001" },
    { "0.000000000000000001", "0.000000000000000001" },
    { ".5", "0.5" },
    { "5.", "5" },
    { "-.5", "-0.5" },
    { "-0", "0" },
    { "-0.000", "0" },
    { "0e99999999999999999999", "0" },
    { "007.50", "7.5" },
    { "1234567890123456789", "1234567890123456789" },
    { "12345678901234567890", "12345678901234567890" },
    { "99999999999999999999.999999999999999999",
      "99999999999999999999.999999999999999999" },
    { "-99999999999999999999.999999999999999999",
      "-99999999999999999999.999999999999999999" },
    { "0000000000000000000000000000000000000000000000001.5", "1.5" },
    { "1.50000000000000000000000000000000000000000000000000", "1.5" },
    { "0.000000000000000000000000000001e30", "1" },
    { "1000000000000000000000000000000E-30", "1" },

    /* rounded half away from zero at the 18th decimal */
    { "0.0000000000000000004", "0" },
    { "0.0000000000000000005", "0.000000000000000001" },
    { "-0.0000000000000000005", "-0.000000000000000001" },
    { "0.00000000000000000049999999999", "0" },
    { "0.1234567890123456785", "0.123456789012345679" },
    { "0.1234567890123456784", "0.123456789012345678" },
    { "1.9999999999999999995", "2" },
    { "5e-19", "0.000000000000000001" },
    { "4.9e-19", "0" },
    { "5e-20", "0" },
    { "1.5e-18", "0.000000000000000002" },
    { "1.4e-18", "0.000000000000000001" },
    { "1.e-18", "0.000000000000000001" },
    { "1e-1000000000000", "0" },

    { "100000000000000000000", "range" },
    { "-100000000000000000000", "range" },
    { "99999999999999999999.9999999999999999995", "range" },
    { "1e20", "range" },
    { "0.1e21", "range" },
    { "1e99999999999999999999999", "range" },

    { "", "invalid" },
    { "-", "invalid" },
    { ".", "invalid" },
    { "-.", "invalid" },
    { "+1", "invalid" },
    { "--1", "invalid" },
    { " 1", "invalid" },
    { "1 ", "invalid" },
    { "1.2.3", "invalid" },
    { "1..2", "invalid" },
    { "$50,000.00", "invalid" },
    { "1,000", "invalid" },
    { "1e", "invalid" },
    { "1e-", "invalid" },
    { "1e+", "invalid" },
    { "1e1.5", "invalid" },
    { "e5", "invalid" },
    { ".e5", "invalid" },
    { "1e99999999999999999999999x", "invalid" },
    { "100000000000000000000000x", "invalid" },
    { "0x10", "invalid" },
    { "NaN", "invalid" },
    { "Infinity", "invalid" },
    { "-inf", "invalid" },
    { "1_000", "invalid" },
    { "null", "invalid" }
};


int
main(void)
{
    test_parse();
    test_places();
    test_print();
    test_sum();
    test_all_short();

    return done_testing();
}


static void
test_parse(void)
{
    size_t       i;
    const char  *in, *text;

    for (i = 0; i < sizeof(test_parses) / sizeof(test_parses[0]); i++) {
        in = test_parses[i].in;
        text = test_text(in);
        is_str(text, strlen(text), test_parses[i].out, in);
    }
}


/* 0.1, 0.01 and so on: as few digits as each has, and rounded there */

static void
test_places(void)
{
    char            text[] = "0.000000000000000000";
    unsigned        places;
    cost_decimal_t  d, unit;

    unit = COST_DECIMAL_ONE;

    for (places = 1; places <= COST_DECIMAL_PLACES; places++) {
        unit /= 10;

        text[1 + places] = '1';
        ok(cost_decimal_parse((const uint8_t *) text, 2 + places, &d)
           == COST_OK && d == unit, "1 at place %u", places);
        ok(cost_decimal_round(unit + unit / 2, places)
           == (unit == 1 ? 1 : 2 * unit), "its half is rounded up");
        ok(cost_decimal_round(unit + (unit - 1) / 2 - (unit > 1), places)
           == (unit == 1 ? 1 : unit), "and what is less is not");
        text[1 + places] = '0';
    }
}


static const char *
test_text(const char *in)
{
    size_t          n;
    cost_rc_e       rc;
    static char     buf[COST_DECIMAL_LEN + 1];
    cost_decimal_t  d;

    rc = cost_decimal_parse((const uint8_t *) in, strlen(in), &d);

    if (rc != COST_OK) {
        return (rc == COST_INVALID) ? "invalid" : "range";
    }

    n = cost_decimal_format(d, 18, 0, (uint8_t *) buf);
    buf[n] = '\0';

    return buf;
}


static void
test_format(const char *in, unsigned places, unsigned keep, const char *out)
{
    char            name[80];
    size_t          n;
    uint8_t         buf[COST_DECIMAL_LEN];
    cost_decimal_t  d;

    if (cost_decimal_parse((const uint8_t *) in, strlen(in), &d) != COST_OK) {
        d = 0;
    }

    n = cost_decimal_format(d, places, keep, buf);
    (void) snprintf(name, sizeof(name), "%s to %u, %u", in, places, keep);
    is_str(buf, n, out, name);
}


static void
test_print(void)
{
    size_t          n;
    uint8_t         buf[COST_DECIMAL_LEN];
    cost_decimal_t  max;

    test_format("4821.3", 2, 2, "4821.30");
    test_format("221", 2, 1, "221.0");
    test_format("221.456", 2, 1, "221.46");
    test_format("0.000022495", 9, 0, "0.000022495");
    test_format("0", 0, 0, "0");
    test_format("0", 2, 2, "0.00");
    test_format("0.005", 2, 2, "0.01");
    test_format("-0.005", 2, 2, "-0.01");
    test_format("-0.004", 2, 2, "0.00");
    test_format("0.994999999999999999", 2, 2, "0.99");
    test_format("9.995", 2, 2, "10.00");
    test_format("0.5", 0, 0, "1");
    test_format("-1.5", 0, 0, "-2");
    test_format("1.05", 18, 0, "1.05");
    test_format("1.05", 99, 18, "1.050000000000000000");

    /* the largest sum */

    max = (cost_decimal_t) (((unsigned __int128) 1 << 127) - 1);
    n = cost_decimal_format(max, 18, 0, buf);
    is_str(buf, n, "170141183460469231731.687303715884105727", "2^127 - 1");

    n = cost_decimal_format(-max, 18, 18, buf);
    is_str(buf, n, "-170141183460469231731.687303715884105727", "its minus");
    ok(n == COST_DECIMAL_LEN, "the longest text");

    ok(cost_decimal_round(COST_DECIMAL_ONE * 5 / 2, 0) == COST_DECIMAL_ONE * 3,
       "2.5 is rounded to 3");
    ok(cost_decimal_round(COST_DECIMAL_ONE * -5 / 2, 0)
       == COST_DECIMAL_ONE * -3, "-2.5 is rounded to -3");
    ok(cost_decimal_round(7, 18) == 7, "18 places leave all");
}


static void
test_sum(void)
{
    int             i;
    size_t          n;
    uint8_t         buf[COST_DECIMAL_LEN];
    cost_decimal_t  d, sum;

    sum = 0;

    if (cost_decimal_parse((const uint8_t *) "0.1", 3, &d) != COST_OK) {
        d = 0;
    }

    for (i = 0; i < 1000000; i++) {
        sum += d;
    }

    n = cost_decimal_format(sum, 18, 0, buf);
    is_str(buf, n, "100000", "a million times 0.1");
}


/* both ways through the parser agree: "0e0" behind forces the long one */

static void
test_all_short(void)
{
    char                 text[24], slow[32];
    int                  i, n, places;
    unsigned             differing;
    uint64_t             seed;
    cost_decimal_t       a, b;

    seed = 88172645463325252u;
    differing = 0;

    for (i = 0; i < 200000; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;

        n = snprintf(text, sizeof(text), "%s%" PRIu64, (i & 1) ? "-" : "",
                     seed >> (i % 64));
        places = i % 19;

        if (n > 18) {
            n = 18;
        }

        if (places < n - 1) {
            memmove(text + n - places + 1, text + n - places,
                    (size_t) places);
            text[n - places] = '.';
            n++;
        }

        text[n] = '\0';
        (void) snprintf(slow, sizeof(slow), "%se0", text);

        if (cost_decimal_parse((uint8_t *) text, (size_t) n, &a) != COST_OK
            || cost_decimal_parse((uint8_t *) slow, (size_t) n + 2, &b)
               != COST_OK
            || a != b)
        {
            differing++;
        }
    }

    is_int(differing, 0, "200000 numbers read with and without an exponent");
}
