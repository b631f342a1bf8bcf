
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_delivery.h"

#include "test.h"


typedef struct {
    const char  *a;
    const char  *b;
    bool         same;
} test_pair_t;


static cost_str_t test_str(const char *text);
static void test_bill(void);
static void test_same(void);


int
main(void)
{
    test_bill();
    test_same();

    return done_testing();
}


static cost_str_t
test_str(const char *text)
{
    return (cost_str_t) { strlen(text), (const uint8_t *) text };
}


static void
test_bill(void)
{
    size_t  i;

    static const char *const  yes[] = {
        "a.csv", "a.csv.gz", "A.CSV", "a.Csv.GZ", "x/y z/a.b.csv", "a_.csv",
        "BILLING_PERIOD=2024-09/export-00001.csv.gz", "\xc3\xa9.csv"
    };
    static const char *const  no[] = {
        "", ".csv", ".csv.gz", "csv", "a.gz", "a.csv.zip", "a.json",
        "a.parquet", "a.csv/", "Manifest.json", ".a.csv", "_a.csv",
        "x/.a.csv", "x/_temporary/a.csv", ".x/a.csv", "a.csvx"
    };

    for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        ok(cost_delivery_bill(test_str(yes[i])), "a bill: %s", yes[i]);
    }

    for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        ok(!cost_delivery_bill(test_str(no[i])), "none: %s", no[i]);
    }
}


static void
test_same(void)
{
    size_t              i;
    const test_pair_t  *t;

    static const test_pair_t  pairs[] = {
        /* Amazon, Google, Microsoft, Spark */
        { "d/BILLING_PERIOD=2024-09/e-00001.csv.gz",
          "d/BILLING_PERIOD=2024-09/e-00002.csv.gz", true },
        { "d/BILLING_PERIOD=2024-09/e-00001.csv.gz",
          "d/BILLING_PERIOD=2024-10/e-00001.csv.gz", false },
        { "f-000000000000.csv", "f-000000000011.csv", true },
        { "r/part_0_0001.csv", "r/part_1_0001.csv", true },
        { "r/part_0_0001.csv", "s/part_1_0001.csv", false },
        { "part-00000-ab.csv.gz", "part-00001-cd.csv.gz", true },
        { "e-00001.csv", "e-00002.csv.gz", true },

        /* months, days, and other names of files that replace */
        { "aws-2024-09.csv", "aws-2024-10.csv", false },
        { "e-20240901.csv", "e-20240902.csv", false },
        { "e-2024.csv", "e-2025.csv", false },
        { "e-001.csv", "e-002.csv", false },
        { "e00001.csv", "e00002.csv", false },
        { "e-0000000000001.csv", "e-0000000000002.csv", false },
        { "e-00001.csv", "f-00001.csv", false },
        { "e-00001.csv", "e.csv", false },
        { "e-00001.csv", "e-.csv", false },
        { "0001.csv", "0002.csv", false },
        { "party.csv", "partner.csv", false },
        { "part_.csv", "part_1.csv", false },
        { "a.csv", "b.csv", false }
    };

    for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        t = &pairs[i];

        ok(cost_delivery_same(test_str(t->a), test_str(t->b)) == t->same
           && cost_delivery_same(test_str(t->b), test_str(t->a)) == t->same,
           "%s, %s: %s", t->a, t->b, t->same ? "one delivery" : "two");
    }
}
