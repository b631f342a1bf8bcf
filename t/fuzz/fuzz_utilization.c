
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Utilization from its first byte to its last row: what a row promises holds,
 * whatever the input.  An input that begins with a zero byte is rows behind a
 * header of ours.
 */

#include "cost/cost_utilization.h"

#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_row(const cost_utilization_row_t *row);


#define check(x)  do { if (!(x)) { abort(); } } while (0)

/* 2027-11-20 */
#define FUZZ_UNTIL  21142


static const char  header[] = "resource_id,day,metric,value,last_day\n";

static cost_csv_record_t  rec;


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                   len;
    uint8_t                 *buf;
    cost_rc_e                rc;
    cost_csv_t               csv;
    cost_utilization_t       util;
    cost_utilization_rc_e    wrong;
    cost_utilization_row_t   row;

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

    if (cost_csv_next(&csv, &rec) == COST_OK
        && cost_utilization_header(&util, &rec) == COST_UTILIZATION_OK)
    {
        while ((rc = cost_csv_next(&csv, &rec)) != COST_DONE) {
            check(rc != COST_AGAIN);

            if (rc != COST_OK) {
                continue;
            }

            wrong = cost_utilization_row(&util, &rec, FUZZ_UNTIL, &row);
            check(cost_utilization_why(wrong)[0] != '\0');

            if (wrong == COST_UTILIZATION_OK) {
                fuzz_row(&row);
            }
        }
    }

    free(buf);

    return 0;
}


static void
fuzz_row(const cost_utilization_row_t *row)
{
    check(row->resource.len >= 1
          && row->resource.len <= COST_UTILIZATION_RESOURCE_MAX);
    check(row->metric.len >= 7);
    check(row->value >= 0);
    check(row->last >= row->day && row->last - row->day < 366);
    check(row->last <= FUZZ_UNTIL);
}
