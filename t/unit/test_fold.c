
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_fold.h"

#include "test.h"


static void test_key(void);
static void test_order(void);
static void test_full(void);
static unsigned test_fill(unsigned accounts, unsigned days);
static void test_texts(void);
static void test_row(const char *account, const char *service,
    cost_day_t day);
static void test_is(uint32_t entry, const char *account, uint32_t rows,
    const char *billed);
static cost_str_t test_str(const char *s);


static cost_fold_t       fold;
static cost_focus_row_t  row;

/* as much as is asked for, and not a byte more: the sanitizer sees to it */
static uint8_t          *memory;


int
main(void)
{
    memory = aligned_alloc(64, cost_fold_size(COST_FOLD_ENTRIES_MIN));

    if (memory == NULL) {
        abort();
    }

    test_key();
    test_order();
    test_full();
    test_texts();

    free(memory);

    return done_testing();
}


/* each part of the key tells rows apart, and nothing else does */

static void
test_key(void)
{
    unsigned  i;

    cost_fold_init(&fold, memory, COST_FOLD_ENTRIES_MIN);

    for (i = 0; i < 11; i++) {
        test_row("account", "service", 100);

        switch (i) {
        case 1: row.provider = test_str("gcp"); break;
        case 2: row.account = test_str("another"); break;
        case 3: row.period = 2; break;
        case 4: row.day = 101; break;
        case 5: row.service = test_str("another"); break;
        case 6: row.service_category = test_str("another"); break;
        case 7: row.region = test_str(""); break;
        case 8: row.charge = COST_CHARGE_TAX; break;
        case 9: row.currency = test_str("EUR"); break;
        default: row.account_name = test_str(i ? "new name" : "name"); break;
        }

        row.amount[COST_BILLED] = COST_DECIMAL_ONE << i;
        row.amount[COST_EFFECTIVE] = i;
        row.amount[COST_LIST] = -1;
        row.amount[COST_CONTRACTED] = 0;

        ok(cost_fold_add(&fold, &row) == COST_OK, "row %u", i);
    }

    test_row("account", "service", 100);
    row.account_name = test_str("");
    ok(cost_fold_add(&fold, &row) == COST_OK, "a row without a name");

    cost_fold_finish(&fold);

    is_int(fold.n, 10, "nine parts of the key");
    test_is(0, "account", 3, "1025");
    is_int((intmax_t) fold.entries[0].amount[COST_EFFECTIVE], 10,
           "EffectiveCost is added up");
    is_int((intmax_t) fold.entries[0].amount[COST_LIST], -2,
           "and so is ListCost");
    is_str(cost_fold_text(&fold, fold.entries[0].account_name).data, 8,
           "new name", "the last name that was given");
    test_is(1, "account", 1, "2");
    test_is(2, "another", 1, "4");
    is_str(cost_fold_text(&fold, fold.entries[9].currency).data, 3, "EUR",
           "the currency of the last one");
    is_int((intmax_t) cost_fold_text(&fold, fold.entries[7].region).len, 0,
           "an empty text");
}


static void
test_order(void)
{
    char      name[16];
    unsigned  i, wrong;

    cost_fold_init(&fold, memory, COST_FOLD_ENTRIES_MIN);

    for (i = 0; i < 10000; i++) {
        (void) snprintf(name, sizeof(name), "a%u", i * 7 % 100);
        test_row(name, "service", 100);
        row.amount[COST_BILLED] = i * COST_DECIMAL_ONE;

        if (cost_fold_add(&fold, &row) != COST_OK) {
            ok(0, "row %u", i);
        }
    }

    cost_fold_finish(&fold);
    is_int(fold.n, 100, "100 entries of 10000 rows");

    wrong = 0;

    for (i = 0; i < fold.n; i++) {
        (void) snprintf(name, sizeof(name), "a%u", i * 7 % 100);

        wrong += cost_fold_text(&fold, fold.entries[i].account).len
                 != strlen(name);
        wrong += memcmp(cost_fold_text(&fold, fold.entries[i].account).data,
                        name, strlen(name)) != 0;
        wrong += fold.entries[i].rows != 100;

        /* i + (i + 100) + ... + (i + 9900) */

        wrong += fold.entries[i].amount[COST_BILLED]
                 != (100 * i + 495000) * COST_DECIMAL_ONE;
    }

    is_int(wrong, 0, "in the order of their first rows, with their sums");
}


static void
test_full(void)
{
    ok(test_fill(1000, 1) >= 19, "texts that are too many");
    ok(test_fill(1, 1000) >= 19, "entries that are too many");

    /* a sum must not overflow: the number of rows is bounded */

    cost_fold_reset(&fold);
    test_row("a", "service", 100);
    ok(cost_fold_add(&fold, &row) == COST_OK, "a row");
    cost_fold_finish(&fold);
    fold.rows = COST_FOLD_ROWS_MAX;
    fold.done = COST_FOLD_ROWS_MAX;
    ok(cost_fold_add(&fold, &row) == COST_FULL, "not more than 10^8 rows");
    is_int(fold.n, 1, "what was there is there");
}


/*
 * 5000 rows of so many accounts and days: whatever is full, nothing is lost
 * and nothing comes twice.  Returns how often it was full.
 */

static unsigned
test_fill(unsigned accounts, unsigned days)
{
    char            name[16];
    uint32_t        i, rows;
    unsigned        account, emptied, largest, n, wrong;
    cost_str_t      text;
    cost_decimal_t  sum, sums[1000];

    cost_fold_init(&fold, memory, COST_FOLD_ENTRIES_MIN);

    emptied = 0;
    largest = 0;
    rows = 0;
    sum = 0;
    wrong = 0;
    memset(sums, 0, sizeof(sums));

    for (n = 0; n <= 5000; n++) {
        (void) snprintf(name, sizeof(name), "a%u", n * 31 % accounts);
        test_row(name, "service", (cost_day_t) (n % days));
        row.amount[COST_BILLED] = n;

        if (n == 5000) {
            cost_fold_finish(&fold);

        } else if (cost_fold_add(&fold, &row) == COST_OK) {
            continue;
        }

        largest = (fold.n > largest) ? fold.n : largest;

        for (i = 0; i < fold.n; i++) {
            rows += fold.entries[i].rows;
            sum += fold.entries[i].amount[COST_BILLED];

            text = cost_fold_text(&fold, fold.entries[i].account);
            (void) snprintf(name, sizeof(name), "%.*s", (int) text.len,
                            text.data);

            if (sscanf(name, "a%u", &account) == 1 && account < accounts) {
                sums[account] += fold.entries[i].amount[COST_BILLED];

            } else {
                wrong++;
            }

            text = cost_fold_text(&fold, fold.entries[i].provider);
            wrong += !cost_str_is(&text, "aws");
        }

        cost_fold_reset(&fold);

        if (n < 5000) {
            emptied++;
            n--;
        }
    }

    for (n = 0; n < 5000; n++) {
        sums[n * 31 % accounts] -= n;
    }

    for (account = 0; account < accounts; account++) {
        wrong += (sums[account] != 0);
    }

    is_int(wrong, 0, "each by its own texts");
    ok(largest <= COST_FOLD_ENTRIES_MIN, "at most 256 entries: %u", largest);
    is_int(rows, 5000, "all rows came out");
    is_int((intmax_t) sum, 12497500, "with all that they cost");

    return emptied;
}


/* the longest texts, in the least table */

static void
test_texts(void)
{
    size_t          i;
    cost_str_t      long_text;
    static uint8_t  text[COST_FOLD_TEXTS][COST_FOCUS_TEXT_MAX];

    cost_str_t  *texts[] = {
        &row.provider, &row.account, &row.service, &row.service_category,
        &row.region, &row.currency, &row.account_name
    };

    cost_fold_init(&fold, memory, COST_FOLD_ENTRIES_MIN);
    test_row("a", "service", 100);

    for (i = 0; i < COST_FOLD_TEXTS; i++) {
        memset(text[i], 'a' + (int) i, sizeof(text[i]));
        texts[i]->data = text[i];
        texts[i]->len = sizeof(text[i]);
    }

    ok(cost_fold_add(&fold, &row) == COST_OK, "seven texts of 1024 bytes");

    text[1][COST_FOCUS_TEXT_MAX - 1] = 'x';
    text[2][0] = 'x';
    ok(cost_fold_add(&fold, &row) == COST_FULL, "have no room for another");
    is_int(fold.n, 1, "the first is there");

    long_text = cost_fold_text(&fold, fold.entries[0].account);
    ok(long_text.len == sizeof(text[1]) && long_text.data[1023] == 'b',
       "whole");

    cost_fold_reset(&fold);
    ok(cost_fold_add(&fold, &row) == COST_OK, "an empty table has");
    cost_fold_finish(&fold);

    long_text = cost_fold_text(&fold, fold.entries[0].account);
    ok(long_text.data[1023] == 'x', "and knows it");
}


static void
test_row(const char *account, const char *service, cost_day_t day)
{
    memset(&row, 0, sizeof(row));

    row.provider = test_str("aws");
    row.account = test_str(account);
    row.account_name = test_str("name");
    row.service = test_str(service);
    row.service_category = test_str("Compute");
    row.region = test_str("us-east-1");
    row.currency = test_str("USD");
    row.period = 1;
    row.day = day;
}


static void
test_is(uint32_t entry, const char *account, uint32_t rows,
    const char *billed)
{
    size_t              n;
    uint8_t             buf[COST_DECIMAL_LEN];
    cost_str_t          s;
    cost_fold_entry_t  *e;

    e = &fold.entries[entry];
    s = cost_fold_text(&fold, e->account);
    is_str(s.data, s.len, account, "the account");
    is_int(e->rows, rows, "its rows");

    n = cost_decimal_format(e->amount[COST_BILLED], 18, 0, buf);
    is_str(buf, n, billed, "its BilledCost");
}


static cost_str_t
test_str(const char *s)
{
    cost_str_t  str;

    str.len = strlen(s);
    str.data = (const uint8_t *) s;

    return str;
}
