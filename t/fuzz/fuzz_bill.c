
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Any bytes as a bill: read in pieces, whose sizes the first byte tells, they
 * are the same rows and the same refusals as read at once.
 */

#include "cost/cost_bill.h"

#include <stdlib.h>


typedef struct {
    uint64_t    rows;
    uint64_t    refused;
    uint64_t    lines;
    cost_rc_e   end;
} fuzz_read_t;


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static fuzz_read_t fuzz_read(const uint8_t *data, size_t size, size_t piece);


static uint8_t  fuzz_buf[COST_BILL_BUFFER];


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t       piece;
    fuzz_read_t  one, many;

    if (size == 0) {
        return 0;
    }

    piece = 1 + data[0] % 31;

    one = fuzz_read(data + 1, size - 1, size);
    many = fuzz_read(data + 1, size - 1, piece);

    if (one.rows != many.rows || one.refused != many.refused
        || one.lines != many.lines || one.end != many.end)
    {
        abort();
    }

    return 0;
}


static fuzz_read_t
fuzz_read(const uint8_t *data, size_t size, size_t piece)
{
    size_t              n, at, room;
    uint8_t            *p;
    cost_rc_e           rc;
    fuzz_read_t         read;
    cost_focus_row_t    row;
    static cost_bill_t  bill;

    memset(&read, 0, sizeof(fuzz_read_t));
    cost_bill_init(&bill, fuzz_buf, (const uint8_t *) "USD", NULL, 0);
    at = 0;

    for ( ;; ) {
        rc = cost_bill_next(&bill, &row);

        if (rc == COST_OK) {
            continue;
        }

        if (rc == COST_INVALID) {
            if (bill.why.len == 0 || bill.line == 0) {
                abort();
            }

            read.lines = read.lines * 31 + bill.line;
            continue;
        }

        if (rc != COST_AGAIN) {
            break;
        }

        if (bill.eof) {
            abort();
        }

        p = cost_bill_room(&bill, &room);
        n = piece < room ? piece : room;
        n = n < size - at ? n : size - at;

        if (n) {
            memcpy(p, data + at, n);
        }

        at += n;
        cost_bill_fed(&bill, n, at == size);
    }

    if (rc == COST_RANGE && bill.why.len == 0) {
        abort();
    }

    read.rows = bill.rows;
    read.refused = bill.refused;
    read.end = rc;

    return read;
}
