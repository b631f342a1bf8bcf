
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_copy.h"

#include "test.h"


static cost_str_t test_str(const char *text);
static void test_line(void);
static void test_longest(void);
static void test_resource(void);
static void test_fields(void);


static cost_fold_t       fold;
static cost_focus_row_t  row;
static uint8_t           line[COST_COPY_LINE];
static uint8_t           text[COST_FOCUS_TEXT_MAX];

static _Alignas(64) uint8_t  memory[COST_FOLD_ENTRIES_MIN * 256];


int
main(void)
{
    cost_fold_init(&fold, memory, COST_FOLD_ENTRIES_MIN);

    test_line();
    test_longest();
    test_resource();
    test_fields();

    return done_testing();
}


static cost_str_t
test_str(const char *s)
{
    return (cost_str_t) { strlen(s), (const uint8_t *) s };
}


static void
test_line(void)
{
    size_t  len;

    row.provider = test_str("aws");
    row.account = test_str("a\\b");
    row.account_name = test_str("\\N");
    row.service = test_str("Amazon S3");
    row.service_category = test_str("Storage");
    row.region = test_str("");
    row.currency = test_str("USD");
    row.period = cost_day_from_civil(2024, 2, 1);
    row.day = cost_day_from_civil(2024, 2, 29);
    row.charge = COST_CHARGE_CREDIT;
    row.amount[COST_BILLED] = COST_DECIMAL_ONE + 1;
    row.amount[COST_EFFECTIVE] = -COST_DECIMAL_ONE / 2;
    row.amount[COST_LIST] = 0;
    row.amount[COST_CONTRACTED] = COST_DECIMAL_ONE * 1000000;

    is_int(cost_fold_add(&fold, &row), COST_OK, "a row");
    is_int(cost_fold_add(&fold, &row), COST_OK, "again");
    cost_fold_finish(&fold);
    is_int(fold.n, 1, "is an entry");

    len = cost_copy_cost(&fold, &fold.entries[0], line);
    is_str(line, len, "aws\ta\\\\b\t\\\\N\tAmazon S3\tStorage\t\tUSD\t"
           "2024-02-01\t2024-02-29\t3\t2\t2.000000000000000002\t-1\t0\t"
           "2000000\n", "and a line");
}


static void
test_longest(void)
{
    size_t  len;

    memset(text, '\\', sizeof(text));

    cost_fold_reset(&fold);

    row.account = (cost_str_t) { sizeof(text), text };
    row.account_name = row.account;
    row.service = row.account;
    row.service_category = row.account;
    row.region = row.account;

    is_int(cost_fold_add(&fold, &row), COST_OK, "the longest texts");
    cost_fold_finish(&fold);

    len = cost_copy_cost(&fold, &fold.entries[0], line);
    ok(len > 10 * sizeof(text) && len < COST_COPY_LINE, "fit into a line");
}


static void
test_resource(void)
{
    size_t            len;
    cost_resource_t   res;
    cost_inventory_t  inv;

    static _Alignas(64) uint8_t  room[COST_INVENTORY_MIN * 512];

    ok(cost_inventory_size(COST_INVENTORY_MIN) <= sizeof(room),
       "the least table of resources fits");
    cost_inventory_init(&inv, room, COST_INVENTORY_MIN);

    memset(&res, 0, sizeof(res));
    res.class = COST_RESOURCE_VOLUME;
    res.pricing = COST_RESOURCE_STANDARD;
    res.item = test_str("gp2");
    res.variant = test_str("");
    res.resource = test_str("vol\\1");
    res.name = test_str("");
    res.quantity = 100 * COST_DECIMAL_ONE;
    res.last = cost_day_from_civil(2024, 3, 1);

    row.account = test_str("1");
    row.service = test_str("Amazon EBS");
    row.region = test_str("us-east-1");

    is_int(cost_inventory_add(&inv, &row, &res), COST_OK, "a resource");
    len = cost_copy_resource(&inv, &inv.entries[0], line);
    is_str(line, len, "aws\t1\tvol\\\\1\t\tvolume\tgp2\t\tstandard\t"
           "us-east-1\tAmazon EBS\tUSD\t2024-02-01\t2024-02-29\t2024-03-01"
           "\t1\t1.000000000000000001\t-0.5\t0\t100\n", "and its line");
}


static void
test_fields(void)
{
    size_t    len;
    uint8_t  *p;

    p = cost_copy_text(line, test_str("\\."));
    p = cost_copy_text(p, test_str(""));
    p = cost_copy_day(p, cost_day_from_civil(2024, 2, 29));
    p = cost_copy_number(p, UINT64_MAX);
    p = cost_copy_number(p, 0);
    p = cost_copy_decimal(p, -COST_DECIMAL_ONE / 4);

    len = cost_copy_end(line, p);
    is_str(line, len, "\\\\.\t\t2024-02-29\t18446744073709551615\t0\t-0.25\n",
           "fields of another line");
}
