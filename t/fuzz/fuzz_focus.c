
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A file from its first byte to the sums of its rows.  Whatever the input:
 * what a row promises holds, a refusal can be said in a bounded line of
 * UTF-8, and the fold's sums are those of the rows.  An input that begins
 * with a zero byte is rows behind a header of ours.
 */

#include "cost/cost_fold.h"
#include "cost/cost_utf8.h"

#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_rows(cost_csv_t *csv);
static void fuzz_row(const cost_focus_row_t *row);
static void fuzz_text(cost_str_t s, size_t min, size_t max);
static void fuzz_explain(const cost_focus_error_t *error);
static void fuzz_empty(cost_decimal_t *amount, uint32_t *rows);


#define check(x)  do { if (!(x)) { abort(); } } while (0)


static const char  header[] =
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,"
    "BillingPeriodStart,ChargePeriodStart,ChargeCategory,ProviderName,"
    "BillingAccountId,ServiceName,ServiceCategory,SubAccountId,"
    "SubAccountName,BillingAccountName,RegionId,RegionName,ChargeClass,"
    "ServiceProviderName,ResourceId\n";


static cost_csv_record_t  rec;
static cost_focus_t       focus;
static cost_fold_t        fold;

static _Alignas(64) uint8_t  memory[COST_FOLD_ENTRIES_MIN * 256];


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t               len, skip;
    uint8_t             *buf, comma;
    unsigned             lines;
    cost_csv_t           csv;
    cost_focus_error_t   error;

    if (size > 65536) {
        return 0;
    }

    len = 0;
    skip = 0;
    comma = ',';
    buf = malloc(size + sizeof(header));
    check(buf != NULL);

    if (size != 0 && *data == 0) {
        len = sizeof(header) - 1;
        memcpy(buf, header, len);
        data++;
        size--;

    } else {
        (void) cost_csv_sniff(data, size, &skip, &lines, &comma);
        check(skip <= size && lines <= 1);
    }

    if (size != 0) {
        memcpy(buf + len, data, size);
    }

    cost_csv_init(&csv, comma);
    cost_csv_feed(&csv, buf + skip, len + size - skip, true);

    if (cost_csv_next(&csv, &rec) == COST_OK) {

        if (cost_focus_header(&focus, &rec, &error) == COST_OK) {
            check(cost_focus_version_name(focus.version).len >= 3);
            fuzz_rows(&csv);

        } else {
            fuzz_explain(&error);
        }
    }

    free(buf);

    return 0;
}


static void
fuzz_rows(cost_csv_t *csv)
{
    unsigned             n;
    uint32_t             rows, sum_rows;
    cost_rc_e            rc;
    cost_decimal_t       amount[COST_KINDS], sum[COST_KINDS];
    cost_focus_row_t     row;
    cost_focus_error_t   error;

    rows = 0;
    sum_rows = 0;
    memset(sum, 0, sizeof(sum));
    memset(amount, 0, sizeof(amount));
    cost_fold_init(&fold, memory, COST_FOLD_ENTRIES_MIN);

    while ((rc = cost_csv_next(csv, &rec)) != COST_DONE) {
        check(rc != COST_AGAIN);

        if (rc != COST_OK) {
            continue;
        }

        if (cost_focus_row(&focus, &rec, &row, &error) != COST_OK) {
            fuzz_explain(&error);
            continue;
        }

        fuzz_row(&row);

        for (n = COST_FOCUS_READ; n < COST_FOCUS_COLUMNS; n++) {
            (void) cost_focus_text(&focus, &rec, (cost_focus_column_e) n);
        }

        rows++;

        for (n = 0; n < COST_KINDS; n++) {
            sum[n] += row.amount[n];
        }

        if (cost_fold_add(&fold, &row) != COST_OK) {
            fuzz_empty(amount, &sum_rows);
            check(cost_fold_add(&fold, &row) == COST_OK);
        }
    }

    cost_fold_finish(&fold);
    fuzz_empty(amount, &sum_rows);

    check(rows == sum_rows);
    check(memcmp(amount, sum, sizeof(sum)) == 0);
}


static void
fuzz_row(const cost_focus_row_t *row)
{
    size_t  i;

    fuzz_text(row->provider, 1, COST_PROVIDER_MAX);
    fuzz_text(row->account, 1, COST_FOCUS_TEXT_MAX);
    fuzz_text(row->account_name, 0, COST_FOCUS_TEXT_MAX);
    fuzz_text(row->service, 1, COST_FOCUS_TEXT_MAX);
    fuzz_text(row->service_category, 1, COST_FOCUS_TEXT_MAX);
    fuzz_text(row->region, 0, COST_FOCUS_TEXT_MAX);
    fuzz_text(row->currency, 3, 3);

    for (i = 0; i < row->provider.len; i++) {
        check(memchr("abcdefghijklmnopqrstuvwxyz0123456789_-",
                     row->provider.data[i], 38) != NULL);
    }

    for (i = 0; i < COST_KINDS; i++) {
        check(row->amount[i] < COST_FOCUS_AMOUNT_MAX
              && row->amount[i] > -COST_FOCUS_AMOUNT_MAX);
        check(!((row->nulls >> i) & 1) || row->amount[i] == 0);
    }

    check(row->day >= 10957 && row->day <= 47481);
    check(row->period >= 10957 && row->period <= 47481);
    check(row->charge < COST_CHARGES);
}


static void
fuzz_text(cost_str_t s, size_t min, size_t max)
{
    size_t          len;
    const uint8_t  *p, *last;

    check(s.len >= min && s.len <= max);

    last = s.data + s.len;

    for (p = s.data; p < last; p += len) {
        check(cost_utf8_next(p, last, &len) == COST_OK && *p >= 0x20);
    }
}


static void
fuzz_explain(const cost_focus_error_t *error)
{
    uint8_t     buf[COST_FOCUS_EXPLAIN];
    cost_str_t  s;

    check(error->code != COST_FOCUS_OK);

    s.data = buf;
    s.len = cost_focus_explain(error, buf);
    fuzz_text(s, 10, COST_FOCUS_EXPLAIN);
}


static void
fuzz_empty(cost_decimal_t *amount, uint32_t *rows)
{
    uint32_t  i, n;

    for (i = 0; i < fold.n; i++) {
        *rows += fold.entries[i].rows;

        for (n = 0; n < COST_KINDS; n++) {
            amount[n] += fold.entries[i].amount[n];
        }
    }

    cost_fold_reset(&fold);
}
