
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_series.h"

#include <math.h>

#include "test.h"


typedef struct {
    const char  *text;
    cost_rc_e    rc;
    double       amounts[4];
} test_read_t;


typedef struct {
    double       value;
    const char  *decimal;        /* with six decimals */
} test_decimal_t;


static void test_read(const test_read_t *t);
static void test_decimal(const test_decimal_t *t);
static void test_double(const char *text, double expected);


static const test_read_t  test_reads[] = {
    { "", COST_OK, { 0, 0, 0, 0 } },
    { "0 1", COST_OK, { 1, 0, 0, 0 } },
    { "0 12.50 3 -0.07", COST_OK, { 12.5, 0, 0, -0.07 } },
    { "3 892.10 1 210", COST_OK, { 0, 210, 0, 892.1 } },
    { "1 1 1 2", COST_OK, { 0, 2, 0, 0 } },
    { "01 7", COST_OK, { 0, 7, 0, 0 } },
    { "0 0.000000000000000001", COST_OK, { 1e-18, 0, 0, 0 } },

    { "4 1", COST_RANGE, { 0 } },
    { "99999999999999999999999999 1", COST_RANGE, { 0 } },
    { "0 100000000000000000000", COST_RANGE, { 0 } },
    { "0", COST_INVALID, { 0 } },
    { "0 ", COST_INVALID, { 0 } },
    { "0 1 ", COST_INVALID, { 0 } },
    { "0 1 2", COST_INVALID, { 0 } },
    { " 0 1", COST_INVALID, { 0 } },
    { "0  1", COST_INVALID, { 0 } },
    { "-1 1", COST_INVALID, { 0 } },
    { "x 1", COST_INVALID, { 0 } },
    { "0 NaN", COST_INVALID, { 0 } }
};


static const test_decimal_t  test_decimals[] = {
    { 0, "0.000000" },
    { 291.67, "291.670000" },
    { -291.67, "-291.670000" },
    { 0.1 + 0.2, "0.300000" },
    { 0.0000005, "0.000001" },
    { -0.0000005, "-0.000001" },
    { 0.0000004, "0.000000" },
    { 0.9999996, "1.000000" },
    { 123456789012.25, "123456789012.250000" },
    { 1e20, "100000000000000000000.000000" },
    { 9e99, "100000000000000000000.000000" },
    { -INFINITY, "-100000000000000000000.000000" },
    { NAN, "0.000000" }
};


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(test_reads) / sizeof(test_reads[0]); i++) {
        test_read(&test_reads[i]);
    }

    for (i = 0; i < sizeof(test_decimals) / sizeof(test_decimals[0]); i++) {
        test_decimal(&test_decimals[i]);
    }

    test_double("892.10", 892.1);
    test_double("-0.1", -0.1);
    test_double("99999999999999999999", 1e20);
    test_double("0", 0);

    return done_testing();
}


/* one amount more than there are, which must stay as it is */

static void
test_read(const test_read_t *t)
{
    double     amounts[5];
    size_t     i, same;
    cost_rc_e  rc;

    for (i = 0; i < 5; i++) {
        amounts[i] = 555;
    }

    rc = cost_series_read((const uint8_t *) t->text, strlen(t->text),
                          amounts, 4);

    is_int(rc, t->rc, t->text);
    ok(amounts[4] == 555, "... and no more than there are");

    if (rc != COST_OK) {
        return;
    }

    same = 0;

    for (i = 0; i < 4; i++) {
        same += amounts[i] == t->amounts[i];
    }

    is_int((intmax_t) same, 4, "... its amounts");
}


static void
test_decimal(const test_decimal_t *t)
{
    uint8_t  text[COST_DECIMAL_LEN];

    is_str(text, cost_decimal_format(cost_series_decimal(t->value), 6, 6,
                                     text),
           t->decimal, t->decimal);
}


static void
test_double(const char *text, double expected)
{
    cost_decimal_t  value;

    ok(cost_decimal_parse((const uint8_t *) text, strlen(text), &value)
       == COST_OK && cost_series_double(value) == expected,
       "%s is the nearest there is", text);
}
