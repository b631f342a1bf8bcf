
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_inventory.h"

#include "test.h"


static void test_key(void);
static unsigned test_full(const char *format);
static void test_worth(void);
static void test_row(void);
static cost_str_t test_str(const char *s);


#define TEST_LONG                                                             \
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/"   \
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/"   \
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/"   \
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/"   \
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/"   \
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/"   \
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/"


static cost_inventory_t  inv;
static cost_focus_row_t  row;
static cost_resource_t   res;

/* as much as is asked for, and not a byte more: the sanitizer sees to it */
static uint8_t          *memory;


int
main(void)
{
    memory = aligned_alloc(64, cost_inventory_size(COST_INVENTORY_MIN));

    if (memory == NULL) {
        abort();
    }

    test_key();
    is_int(test_full("i-%u"), 3, "entries that are too many");

    /* 32 KB have room for 66 texts of some 490 bytes, and the few others */

    is_int(test_full("%u-" TEST_LONG), 15, "texts that are too many");
    test_worth();

    free(memory);

    return done_testing();
}


/* each part of the key tells entries apart, and nothing else does */

static void
test_key(void)
{
    unsigned                 i;
    cost_inventory_entry_t  *e;

    cost_inventory_init(&inv, memory, COST_INVENTORY_MIN);

    for (i = 0; i < 15; i++) {
        test_row();

        switch (i) {
        case 1: row.provider = test_str("gcp"); break;
        case 2: row.account = test_str("another"); break;
        case 3: row.period = 2; break;
        case 4: row.region = test_str(""); break;
        case 5: row.service = test_str("another"); break;
        case 6: row.currency = test_str("EUR"); break;
        case 7: res.resource = test_str("i-2"); break;
        case 8: res.item = test_str("c5.large"); break;
        case 9: res.variant = test_str("windows"); break;
        case 10: res.class = COST_RESOURCE_DATABASE; break;
        case 11: res.pricing = COST_RESOURCE_DYNAMIC; break;
        case 12: row.day = 90; res.last = 90; break;
        case 13: row.day = 110; res.last = 112; break;
        case 14: res.name = test_str(""); break;
        default: res.name = test_str("old"); break;
        }

        ok(cost_inventory_add(&inv, &row, &res) == COST_OK, "row %u", i);
    }

    is_int(inv.n, 12, "eleven parts of the key");

    e = &inv.entries[0];

    is_int(e->rows, 4, "four rows of the first");
    ok(e->sum[COST_INVENTORY_BILLED] == 4
       && e->sum[COST_INVENTORY_EFFECTIVE] == 8
       && e->sum[COST_INVENTORY_LIST] == 12
       && e->sum[COST_INVENTORY_QUANTITY] == 400, "their sums");
    is_int(e->first, 90, "their first day");
    is_int(e->last, 112, "their last");
    is_str(cost_inventory_text(&inv, e->name).data, 3, "web",
           "the last name that was given");
    is_str(cost_inventory_text(&inv, inv.entries[8].item).data, 8,
           "c5.large", "another's item");

    cost_inventory_reset(&inv);
    is_int(inv.n, 0, "all is forgotten");
}


/* a thousand resources, whose ids come out as they went in; how often full */

static unsigned
test_full(const char *format)
{
    char        id[1000];
    unsigned    emptied, i, k, n, wrong;
    cost_str_t  text;

    cost_inventory_init(&inv, memory, COST_INVENTORY_MIN);
    emptied = 0;
    wrong = 0;
    n = 0;

    for (i = 0; i <= 1000; i++) {
        test_row();
        (void) snprintf(id, sizeof(id), format, i);
        res.resource = test_str(id);

        if (i < 1000 && cost_inventory_add(&inv, &row, &res) == COST_OK) {
            continue;
        }

        for (k = 0; k < inv.n; k++, n++) {
            (void) snprintf(id, sizeof(id), format, n);
            text = cost_inventory_text(&inv, inv.entries[k].resource);

            wrong += text.len != strlen(id)
                     || memcmp(text.data, id, text.len) != 0;

            text = cost_inventory_text(&inv, inv.entries[k].provider);
            wrong += !cost_str_is(&text, "aws");
        }

        cost_inventory_reset(&inv);

        if (i < 1000) {
            emptied++;
            i--;
        }
    }

    is_int(n, 1000, "in pieces, none lost");
    is_int(wrong, 0, "each with its own texts");

    return emptied;
}


static void
test_worth(void)
{
    cost_inventory_entry_t  e;

    memset(&e, 0, sizeof(e));

    e.class = COST_RESOURCE_MACHINE;
    e.first = 100;
    e.last = 130;
    e.sum[COST_INVENTORY_LIST] = COST_DECIMAL_ONE;
    ok(cost_inventory_worth(&e), "1 in 31 days");

    e.sum[COST_INVENTORY_LIST] = COST_DECIMAL_ONE / 100 * 99;
    ok(!cost_inventory_worth(&e), "0.99 in 31 days");

    e.last = 129;
    ok(cost_inventory_worth(&e), "0.99 in 30 days");

    e.sum[COST_INVENTORY_LIST] = 0;
    ok(!cost_inventory_worth(&e), "nothing");

    e.sum[COST_INVENTORY_EFFECTIVE] = COST_DECIMAL_ONE;
    ok(cost_inventory_worth(&e), "under a commitment");

    e.sum[COST_INVENTORY_EFFECTIVE] = 0;
    e.class = COST_RESOURCE_REQUESTS;
    ok(cost_inventory_worth(&e), "requests tell of their bucket");
}


static void
test_row(void)
{
    unsigned  i;

    row.provider = test_str("aws");
    row.account = test_str("1");
    row.account_name = test_str("");
    row.service = test_str("AmazonEC2");
    row.service_category = test_str("Compute");
    row.region = test_str("us-east-1");
    row.currency = test_str("USD");
    row.period = 1;
    row.day = 100;

    for (i = 0; i < COST_KINDS; i++) {
        row.amount[i] = i + 1;
    }

    res.class = COST_RESOURCE_MACHINE;
    res.pricing = COST_RESOURCE_STANDARD;
    res.item = test_str("m5.large");
    res.variant = test_str("linux");
    res.resource = test_str("i-1");
    res.name = test_str("web");
    res.quantity = 100;
    res.last = 100;
}


static cost_str_t
test_str(const char *s)
{
    cost_str_t  str;

    str.data = (const uint8_t *) s;
    str.len = strlen(s);

    return str;
}
