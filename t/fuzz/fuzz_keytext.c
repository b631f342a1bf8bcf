
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The same bytes as a key, as both headers' values, and as what a key is made
 * of.  What was made must be recognized, and what is recognized must be made
 * of the characters of a key.
 */

#include "cost/cost_keytext.h"

#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t      len, prefix_len;
    uint8_t     buf[COST_KEYTEXT_MAX];
    cost_str_t  prefix, s;

    if (cost_keytext_check(data, size, &prefix_len) == COST_OK
        && (prefix_len + COST_KEYTEXT_BODY != size
            || !cost_keytext_prefix_valid(data, prefix_len)))
    {
        abort();
    }

    if (cost_keytext_bearer(data, size, &s) == COST_OK
        && s.len && (s.data < data || s.data + s.len > data + size))
    {
        abort();
    }

    s = cost_keytext_bare(data, size);

    if (s.len > size) {
        abort();
    }

    if (size < COST_KEYTEXT_RANDOM) {
        return 0;
    }

    prefix.data = data + COST_KEYTEXT_RANDOM;
    prefix.len = size - COST_KEYTEXT_RANDOM;

    if (cost_keytext_make(prefix, data, buf, &len) == COST_OK
        && (len != prefix.len + COST_KEYTEXT_BODY
            || cost_keytext_check(buf, len, &prefix_len) != COST_OK
            || prefix_len != prefix.len))
    {
        abort();
    }

    return 0;
}
