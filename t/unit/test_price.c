
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_price.h"

#include "svc.h"


static void test_multiply(void);
static void test_product(const char *a, const char *b, const char *expected);
static void test_tiers(void);
static void test_amount(const cost_price_table_t *t, const char *group,
    const char *quantity, const char *expected);
static void test_shipped(void);
static void test_keys(const cost_price_table_t *t);
static void test_every_figure(const cost_price_table_t *t);
static cost_str_t test_str(const char *text);
static cost_decimal_t test_decimal(const char *text);


/* in A a price of 0 first, as AWS has it; B's bounds have decimals */

static const char  test_file[] =
    "aws-prices 1\n"
    "currency USD\n"
    "regions us-east-1 eu-west-1\n"
    "group T.A\nunit x\nabout a\nconfidence data\nsource s\n"
    "us-east-1 0 to 1000 0.005\n"
    "group T.B\nunit x\nabout b\nconfidence data\nsource s\n"
    "us-east-1 0.000000000003 to 0.000001 99999.999999999999 to 0.5 1\n"
    "group T.C\nunit x\nabout c\nconfidence data\nsource s\n"
    "us-east-1 0.000000000001\n"
    "group T.D\nunit x\nabout d\nconfidence data\nsource s\n"
    "us-east-1 99999.999999999999\n"
    "end 4\n";


int
main(void)
{
    test_multiply();
    test_tiers();
    test_shipped();

    return done_testing();
}


static void
test_multiply(void)
{
    test_product("3", "4", "12");
    test_product("0", "1000000000000000", "0");
    test_product("0.5", "0.5", "0.25");
    test_product("730", "0.005", "3.65");
    test_product("1.5", "2.25", "3.375");
    test_product("1000000000000000", "1", "1000000000000000");
    test_product("31622776.6", "31622776.6", "999999999893507.56");
    test_product("123456789.987654321", "0.000000001", "0.123456789987654321");

    /* halves of the 18th decimal go away from zero, less than that is lost */
    test_product("0.000000001", "0.0000000005", "0.000000000000000001");
    test_product("0.000000001", "0.000000000499999999", "0");
    test_product("0.333333333333333333", "3", "0.999999999999999999");
    test_product("0.999999999999999999", "0.999999999999999999",
                 "0.999999999999999998");
    test_product("999999999999999.999999999999999999",
                 "0.999999999999999999",
                 "999999999999999.998999999999999999");

    test_product("1000000000000000", "1.000000000000000001", "range");
    test_product("1000000000000000.000000000000000001", "0", "range");
    test_product("1000000000000001", "1", "range");
    test_product("1", "1000000000000001", "range");
    test_product("31622777", "31622777", "range");
    test_product("-1", "1", "range");
    test_product("1", "-0.000000000000000001", "range");
}


static void
test_product(const char *a, const char *b, const char *expected)
{
    size_t          len;
    cost_rc_e       rc;
    cost_decimal_t  product;
    uint8_t         text[COST_DECIMAL_LEN];
    char            name[128];

    (void) snprintf(name, sizeof(name), "%s x %s", a, b);

    rc = cost_quantity_mul(test_decimal(a), test_decimal(b), &product);

    if (rc != COST_OK) {
        is_str("range", 5, expected, name);
        return;
    }

    len = cost_decimal_format(product, 18, 0, text);
    is_str(text, len, expected, name);
}


static void
test_tiers(void)
{
    uint32_t                 row;
    cost_rc_e                rc;
    cost_decimal_t           amount;
    cost_price_table_t      *t;
    cost_pricefile_error_t   err;

    static uint8_t  arena[65536] __attribute__((aligned(16)));

    if (cost_pricefile_parse((const uint8_t *) test_file,
                             sizeof(test_file) - 1, arena, sizeof(arena), &t,
                             &err)
        != COST_OK)
    {
        printf("# %u: %s\n", err.line, err.reason);
        ok(0, "the test's own file");
        return;
    }

    test_amount(t, "T.A", "0", "0");
    test_amount(t, "T.A", "999.999999", "0");
    test_amount(t, "T.A", "1000", "0");
    test_amount(t, "T.A", "1000.000000000000000001", "0");
    test_amount(t, "T.A", "1000.0000000000000001", "0.000000000000000001");
    test_amount(t, "T.A", "1001", "0.005");

    /* 10^-6 x 3 x 10^-12; + 1 x 99999.999999999999 x 10^-6 */
    test_amount(t, "T.B", "0.000001", "0.000000000000000003");
    test_amount(t, "T.B", "0.000002", "0.100000000000000002");
    /* 3 x 10^-18 + 0.499999 x 99999.999999999999 = 49999.8999999999995... */
    test_amount(t, "T.B", "0.5", "49999.899999999999500004");
    test_amount(t, "T.B", "2.5", "50001.899999999999500004");

    test_amount(t, "T.C", "0.0000005", "0.000000000000000001");
    test_amount(t, "T.C", "0.00000049", "0");
    test_amount(t, "T.C", "1000000000000000", "1000");
    test_amount(t, "T.D", "1000000000000000", "99999999999999999000");
    test_amount(t, "T.D", "999999999999999.999999999999999999",
                "99999999999999998999.9999999999999");
    test_amount(t, "T.D", "1000000000000000.000000000000000001", "range");
    test_amount(t, "T.D", "-1", "range");

    row = cost_price_group_find(t, test_str("T.D"))->row;

    rc = cost_price_cost(t, row, 1, COST_DECIMAL_ONE, &amount);
    is_int(rc, COST_NULL, "no price in the other region");

    rc = cost_price_cost(t, row, 2, COST_DECIMAL_ONE, &amount);
    is_int(rc, COST_NULL, "no such region");

    rc = cost_price_cost(t, COST_PRICE_NOWHERE, 0, COST_DECIMAL_ONE, &amount);
    is_int(rc, COST_NULL, "no such row");

    is_int(cost_price_row(t, COST_PRICE_S3_PUT_REQUEST), COST_PRICE_NOWHERE,
           "a group that the file does not have has no row");
    ok(cost_price_group(t, COST_PRICE_S3_PUT_REQUEST) == NULL,
       "nor is it found");
    ok(cost_price_group(t, COST_PRICE_NAMES) == NULL, "nor is what is none");
    ok(cost_price_group_find(t, test_str("T.")) == NULL, "nor half a name");
}


static void
test_amount(const cost_price_table_t *t, const char *group,
    const char *quantity, const char *expected)
{
    size_t          len;
    cost_rc_e       rc;
    cost_decimal_t  amount;
    uint8_t         text[COST_DECIMAL_LEN];
    char            name[128];

    (void) snprintf(name, sizeof(name), "%s of %s", quantity, group);

    rc = cost_price_cost(t, cost_price_group_find(t, test_str(group))->row, 0,
                         test_decimal(quantity), &amount);

    if (rc != COST_OK) {
        is_str("range", 5, expected, name);
        return;
    }

    len = cost_decimal_format(amount, 18, 0, text);
    is_str(text, len, expected, name);
}


static void
test_shipped(void)
{
    unsigned                   i;
    const cost_price_group_t  *group;
    const cost_price_table_t  *t;

    t = svc_load("conf/prices/aws.prices");

    is_int(t->nregions, 14, "14 regions");
    is_int(t->ngroups, COST_PRICE_NAMES, "as many groups as names");

    for (i = 0; i < COST_PRICE_NAMES; i++) {
        if (t->named[i] != i) {
            ok(0, "name %u is group %u", i, t->named[i]);
        }
    }

    is_int(cost_price_region(t, test_str("us-east-1")), 0, "us-east-1");
    is_int(cost_price_region(t, test_str("sa-east-1")), 13, "sa-east-1");
    is_int(cost_price_region(t, test_str("sa-east-")), COST_PRICE_NOWHERE,
           "not a region");

    /* the document's example */
    test_amount(t, "CloudFront.data_transfer_out_gb", "2500", "212.5");
    test_amount(t, "CloudFront.requests_reference_blend", "10000000", "8.5");
    test_amount(t, "S3.standard_storage", "50", "1.15");
    test_amount(t, "S3.put_request", "500000", "2.5");
    test_amount(t, "S3.get_request", "760000", "0.304");

    /* 51200 x 0.023 = 1177.6, + 460800 x 0.022 = 11315.2, + 0.021 */
    test_amount(t, "S3.standard_storage", "51199", "1177.577");
    test_amount(t, "S3.standard_storage", "51200", "1177.6");
    test_amount(t, "S3.standard_storage", "51201", "1177.622");
    test_amount(t, "S3.standard_storage", "512000", "11315.2");
    test_amount(t, "S3.standard_storage", "512001", "11315.221");

    group = cost_price_group(t, COST_PRICE_EBS_IO2_GB_MONTH);
    is_str(group->unit.data, group->unit.len, "GB-month", "unit");
    is_str(group->as_of.data, group->as_of.len, "2022-02-10", "as_of");
    is_int(group->confidence, COST_PRICE_DATA, "confidence");

    test_keys(t);
    test_every_figure(t);
}


static void
test_keys(const cost_price_table_t *t)
{
    size_t                     len;
    uint32_t                   row, unknown;
    cost_rc_e                  rc;
    cost_str_t                 parts[3];
    uint8_t                    text[64];
    const cost_price_group_t  *group;

    parts[0] = test_str("mysql");
    parts[1] = test_str("db.r7g.large");
    parts[2] = test_str("single_az");

    rc = cost_price_key(t, COST_PRICE_RDS_INSTANCE_HOUR, parts, 3, &row,
                        &unknown);
    is_int(rc, COST_OK, "a key");

    len = cost_price_describe(t, row, cost_price_region(t,
                                                        test_str("eu-west-3")),
                              text, sizeof(text));
    is_str(text, len,
           "RDS.instance_hour mysql/db.r7g.large/single_az in eu-west-3",
           "a cell's name");
    is_int(cost_price_cell(t, row, 6), COST_PRICE_NONE, "which has no price");

    len = cost_price_describe(t, row, 0, text, 10);
    is_str(text, len, "RDS.instan", "a cell's name, cut");

    parts[2] = test_str("io_opt");
    rc = cost_price_key(t, COST_PRICE_RDS_INSTANCE_HOUR, parts, 3, &row,
                        &unknown);
    is_int(rc, COST_NULL, "known parts that are no key");

    parts[1] = test_str("db.r7g.larg");
    rc = cost_price_key(t, COST_PRICE_RDS_INSTANCE_HOUR, parts, 3, &row,
                        &unknown);
    is_int(rc, COST_INVALID, "an unknown part");
    is_int(unknown, 1, "which one");

    rc = cost_price_key(t, COST_PRICE_RDS_INSTANCE_HOUR, parts, 2, &row,
                        &unknown);
    is_int(rc, COST_INVALID, "too few parts");
    is_int(unknown, 2, "none of them is wrong");

    rc = cost_price_key(t, COST_PRICE_S3_PUT_REQUEST, parts, 1, &row,
                        &unknown);
    is_int(rc, COST_INVALID, "a plain group");

    /* no part may reach into the next */
    parts[0] = test_str("mysql/db.r7g.large");
    parts[1] = test_str("single_az");
    rc = cost_price_key(t, COST_PRICE_RDS_INSTANCE_HOUR, parts, 2, &row,
                        &unknown);
    ok(rc != COST_OK, "two parts in one");

    group = cost_price_group(t, COST_PRICE_RDS_INSTANCE_HOUR);
    is_int(group->parts[0].nvalues, 5, "engines");
    is_str(group->parts[0].values[4].data, group->parts[0].values[4].len,
           "aurora_postgresql", "the last of them");
    is_str(group->parts[2].name.data, group->parts[2].name.len, "deployment",
           "the last part");
    is_int(group->parts[2].nvalues, 4, "deployments");
}


/* every key finds its own row, every cell has a price or none */

static void
test_every_figure(const cost_price_table_t *t)
{
    uint32_t                  i, n, rows, prices, unknown, row;
    cost_price_t              cell;
    cost_decimal_t            amount;
    cost_str_t                parts[COST_PRICE_PARTS], rest;
    const uint8_t            *slash;
    const cost_price_group_t *group;

    rows = 0;
    prices = 0;

    for (i = 0; i < t->nrows; i++) {

        group = &t->groups[t->owners[i]];
        rest = t->keys[i];

        for (n = 0; n < group->nparts; n++) {
            slash = memchr(rest.data, '/', rest.len);
            parts[n].data = rest.data;
            parts[n].len = (slash == NULL) ? rest.len
                                           : (size_t) (slash - rest.data);
            rest.data += parts[n].len + 1;
            rest.len -= parts[n].len + (slash != NULL);
        }

        if (n == 0) {
            rows += (cost_price_row(t, (cost_price_e) t->owners[i]) == i);

        } else if (cost_price_key(t, (cost_price_e) t->owners[i], parts, n,
                                  &row, &unknown)
                   == COST_OK)
        {
            rows += (row == i);
        }

        for (n = 0; n < t->nregions; n++) {
            cell = cost_price_cell(t, i, n);

            if (cost_price_cost(t, i, n, COST_QUANTITY_MAX, &amount)
                == COST_OK)
            {
                prices++;

                if (amount < 0 || cell == COST_PRICE_NONE) {
                    ok(0, "row %u in region %u", i, n);
                }
            }
        }
    }

    is_int(rows, t->nrows, "every row is found");
    is_int(prices, t->nprices, "every price answers");
}


static cost_str_t
test_str(const char *text)
{
    cost_str_t  s;

    s.data = (const uint8_t *) text;
    s.len = strlen(text);

    return s;
}


static cost_decimal_t
test_decimal(const char *text)
{
    cost_decimal_t  value;

    if (cost_decimal_parse((const uint8_t *) text, strlen(text), &value)
        != COST_OK)
    {
        printf("# not a decimal: %s\n", text);
        exit(2);
    }

    return value;
}
