
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Any bytes as a URL.  What is accepted lies in the text and has nothing in
 * it that a header or a request line could be broken with; what is refused is
 * explained.
 */

#include "cost/cost_url.h"

#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t       i;
    cost_url_t   url;
    const char  *why;

    why = NULL;

    if (cost_url_parse(data, size, &url, &why) != COST_OK) {
        if (why == NULL || memcmp(why, "must ", 5) != 0) {
            abort();
        }

        return 0;
    }

    if (url.host.len == 0 || url.port == 0
        || url.path.data + url.path.len != data + size)
    {
        abort();
    }

    for (i = 0; i < size; i++) {
        if (data[i] <= ' ' || data[i] >= 0x7f || data[i] == '@') {
            if (data[i] != '@' || &data[i] < url.path.data) {
                abort();
            }
        }
    }

    if (cost_url_check(&url, 0, &why) == COST_OK && !url.tls) {
        abort();
    }

    return 0;
}
