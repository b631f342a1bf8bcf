
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Any bytes as a price file.  The arena has exactly the size that was
 * measured.  What is accepted is consistent: each key finds its row, each
 * cell has a cost or none, and costs rise with the quantity.
 */

#include "cost/cost_pricefile.h"

#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_table(const cost_price_table_t *t);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    void                    *arena;
    size_t                   need;
    cost_rc_e                rc;
    cost_price_table_t      *t;
    cost_pricefile_error_t   err;

    need = cost_pricefile_measure(data, size);
    arena = aligned_alloc(16, need);

    if (arena == NULL) {
        abort();
    }

    rc = cost_pricefile_parse(data, size, arena, need, &t, &err);

    if (rc == COST_OK) {
        fuzz_table(t);

    } else if (rc != COST_INVALID
               || err.reason[0] == '\0'
               || (err.what.len != 0
                   && (err.what.data < data
                       || err.what.data + err.what.len > data + size)))
    {
        abort();
    }

    free(arena);

    return 0;
}


static void
fuzz_table(const cost_price_table_t *t)
{
    size_t          q;
    uint32_t        i, n, prices;
    cost_rc_e       rc;
    cost_decimal_t  amount, before;

    static const cost_decimal_t  quantities[] = {
        0, 1, COST_DECIMAL_ONE, 51200 * COST_DECIMAL_ONE, COST_QUANTITY_MAX
    };

    prices = 0;

    for (i = 0; i < t->ngroups; i++) {
        if (cost_price_group_find(t, t->groups[i].name) != &t->groups[i]) {
            abort();
        }
    }

    for (i = 0; i < t->nrows; i++) {
        for (n = 0; n < t->nregions; n++) {

            before = 0;

            for (q = 0; q < 5; q++) {
                rc = cost_price_cost(t, i, n, quantities[q], &amount);

                if (rc == COST_NULL) {
                    break;
                }

                if (rc != COST_OK || amount < before) {
                    abort();
                }

                before = amount;
            }

            prices += (q == 5);
        }
    }

    if (prices != t->nprices) {
        abort();
    }
}
