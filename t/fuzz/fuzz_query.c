
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Any bytes as a query string.  What is accepted must be what the table
 * allows, and lie in the scratch; what is refused must be explained.
 */

#include "cost/cost_query.h"
#include "cost/cost_utf8.h"

#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static const cost_str_t  fuzz_words[] = {
    cost_string("billed"),
    cost_string("list"),
    { 0, NULL }
};

static const cost_query_param_t  fuzz_params[] = {
    { cost_string("days"), COST_QUERY_INTEGER, 1, 365, NULL },
    { cost_string("from"), COST_QUERY_DATE, 0, 20000, NULL },
    { cost_string("id"), COST_QUERY_UUID, 0, 0, NULL },
    { cost_string("cost"), COST_QUERY_ENUM, 0, 0, fuzz_words },
    { cost_string("org"), COST_QUERY_TEXT, 0, 20, NULL }
};

#define FUZZ_PARAMS  (sizeof(fuzz_params) / sizeof(fuzz_params[0]))


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t               i, n, bad, why_len;
    uint8_t             *scratch, why[COST_QUERY_WHY];
    cost_rc_e            rc;
    const uint8_t       *p, *end;
    cost_query_value_t   values[FUZZ_PARAMS];

    scratch = malloc(size ? size : 1);
    if (scratch == NULL) {
        return 0;
    }

    rc = cost_query_read(data, size, fuzz_params, FUZZ_PARAMS, values,
                         scratch, &bad, why, &why_len);

    if (rc != COST_OK) {

        if ((rc != COST_INVALID && rc != COST_RANGE) || bad >= FUZZ_PARAMS
            || why_len <= fuzz_params[bad].name.len
            || why_len > COST_QUERY_WHY
            || memcmp(why, fuzz_params[bad].name.data,
                      fuzz_params[bad].name.len) != 0)
        {
            abort();
        }

        free(scratch);
        return 0;
    }

    for (i = 0; i < FUZZ_PARAMS; i++) {

        if (!values[i].set) {
            continue;
        }

        p = values[i].text.data;
        end = p + values[i].text.len;

        if (p < scratch || end > scratch + size || p == end) {
            abort();
        }

        for ( /* void */ ; p < end; p += n) {
            if (cost_utf8_next(p, end, &n) != COST_OK || *p < ' ') {
                abort();
            }
        }
    }

    if ((values[0].set && (values[0].integer < 1 || values[0].integer > 365))
        || (values[1].set
            && (values[1].integer < 0 || values[1].integer > 20000))
        || (values[2].set && values[2].text.len != COST_UUID_LEN)
        || (values[3].set
            && (values[3].integer < 0 || values[3].integer > 1))
        || (values[4].set && values[4].text.len > 20))
    {
        abort();
    }

    free(scratch);

    return 0;
}
