
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * An SKU's fields, a line each: whatever they are, an item lies in one of
 * them or is a word of ours, and what is no resource has none.
 */

#include "cost/cost_resource.h"

#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_inside(cost_str_t s, const cost_str_t *fields);


#define check(x)  do { if (!(x)) { abort(); } } while (0)


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                 i, len;
    uint8_t               *copy[8];
    cost_str_t             fields[8], item, variant;
    const uint8_t         *end;
    cost_resource_sku_t    sku;
    cost_resource_class_e  class;

    if (size > 4096) {
        return 0;
    }

    /* each in memory of its own, so that a byte too far is seen */

    for (i = 0; i < 8; i++) {
        end = (size != 0) ? memchr(data, '\n', size) : NULL;
        len = (end != NULL) ? (size_t) (end - data) : size;

        copy[i] = malloc(len + (len == 0));
        check(copy[i] != NULL);

        if (len != 0) {
            memcpy(copy[i], data, len);
        }

        fields[i].data = copy[i];
        fields[i].len = len;

        len += (end != NULL);
        data += len;
        size -= len;
    }

    sku.provider = fields[0];
    sku.service = fields[1];
    sku.category = fields[2];
    sku.type = fields[3];
    sku.meter = fields[4];
    sku.description = fields[5];
    sku.details = fields[6];
    sku.unit = fields[7];

    class = cost_resource_classify(&sku, &item, &variant);

    check(class < COST_RESOURCE_CLASSES);
    check(cost_resource_class_name(class).len != 0);

    if (class == COST_RESOURCE_NONE) {
        check(item.len == 0 && variant.len == 0);

    } else {
        fuzz_inside(item, fields);
    }

    for (i = 0; i < 8; i++) {
        free(copy[i]);
    }

    return 0;
}


static void
fuzz_inside(cost_str_t s, const cost_str_t *fields)
{
    size_t  i;

    for (i = 0; i < 8; i++) {
        if (s.data >= fields[i].data
            && s.data + s.len <= fields[i].data + fields[i].len)
        {
            return;
        }
    }

    /* ours are short */

    check(s.len <= 8);
}
