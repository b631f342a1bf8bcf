
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A usage report from its first byte to its last row: what a row promises
 * holds, whatever the input.  An input that begins with a zero byte is rows
 * behind a legacy header.
 */

#include "cost/cost_usage.h"

#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_row(const cost_usage_t *usage, const cost_usage_row_t *row);


#define check(x)  do { if (!(x)) { abort(); } } while (0)


static const char  header[] =
    "Date,Product,SKU,Quantity,Unit Type,Price Per Unit ($),Multiplier,"
    "Owner,Repository Slug,Username,Actions Workflow,Notes\n";

static cost_csv_record_t  rec;


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t             len;
    uint8_t           *buf;
    cost_rc_e          rc;
    cost_csv_t         csv;
    cost_usage_t       usage;
    cost_usage_rc_e    wrong;
    cost_usage_row_t   row;

    if (size > 65536) {
        return 0;
    }

    len = 0;
    buf = malloc(size + sizeof(header));
    check(buf != NULL);

    if (size != 0 && *data == 0) {
        len = sizeof(header) - 1;
        memcpy(buf, header, len);
        data++;
        size--;
    }

    if (size != 0) {
        memcpy(buf + len, data, size);
    }

    cost_csv_init(&csv, ',');
    cost_csv_feed(&csv, buf, len + size, true);

    if (cost_csv_next(&csv, &rec) == COST_OK) {
        wrong = cost_usage_header(&usage, &rec);
        check(*cost_usage_why(wrong));

        while (wrong == COST_USAGE_OK) {
            rc = cost_csv_next(&csv, &rec);

            if (rc == COST_DONE) {
                break;
            }

            if (rc == COST_OK) {
                if (cost_usage_row(&usage, &rec, &row) == COST_USAGE_OK) {
                    fuzz_row(&usage, &row);
                }

                continue;
            }

            check(rc == COST_INVALID || rc == COST_FULL);
        }
    }

    free(buf);

    return 0;
}


static void
fuzz_row(const cost_usage_t *usage, const cost_usage_row_t *row)
{
    check(row->day >= COST_DAY_MIN && row->day <= COST_DAY_MAX);
    check(row->product.len != 0 && row->sku.len != 0);

    if (usage->layout != COST_USAGE_LEGACY) {
        return;
    }

    /* a product is within its factors' bounds, and as exact as they are */

    check(row->net == row->gross && row->discount == 0 && row->net >= 0);
    check(row->net <= COST_DECIMAL_ONE * 1000000000 * 1000000);

    if (row->price == COST_DECIMAL_ONE) {
        check(row->net == row->quantity);
    }

    if (row->quantity == COST_DECIMAL_ONE) {
        check(row->net == row->price);
    }
}
