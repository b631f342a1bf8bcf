
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Any bytes as the list of a bucket: what comes out lies in the text, is
 * within its bounds, and there are no more objects than fit.
 */

#include "cost/cost_s3list.h"

#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                i, n;
    uint8_t              *buf;
    cost_rc_e             rc;
    cost_str_t            code;
    cost_s3list_t         list;
    cost_s3list_object_t  object;

    code = cost_s3list_text(data, size, "Code");

    if (code.len != 0 && (code.data < data
                          || code.data + code.len >= data + size))
    {
        abort();
    }

    buf = malloc(size ? size : 1);
    if (buf == NULL) {
        return 0;
    }

    if (size) {
        memcpy(buf, data, size);
    }

    cost_s3list_init(&list, buf, size);

    for (n = 0; (rc = cost_s3list_next(&list, &object)) == COST_OK; n++) {

        if (object.key.len == 0 || object.key.len > COST_S3LIST_KEY_MAX
            || object.etag.len > COST_S3LIST_ETAG_MAX || object.size < 0
            || object.key.data < buf
            || object.key.data + object.key.len > buf + size
            || n > size / 50)
        {
            abort();
        }

        for (i = 0; i < object.key.len; i++) {
            if (object.key.data[i] == '\0'
                || (!list.encoded && (object.key.data[i] < 0x20
                                      || object.key.data[i] == 0x7f)))
            {
                abort();
            }
        }
    }

    if (rc == COST_DONE && (list.depth != 0
                            || list.token.len > COST_S3LIST_TOKEN_MAX))
    {
        abort();
    }

    free(buf);

    return 0;
}
