
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The bytes are calls of the writer.  Whatever is called, the text is the
 * same in a buffer of the right size, is cut clean in a smaller one, and, as
 * far as the calls were balanced, has no control character, no byte that is
 * not UTF-8, and no quote too many.
 */

#include "cost/cost_json.h"
#include "cost/cost_utf8.h"

#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_write(cost_json_t *j, const uint8_t *data, size_t size);
static void fuzz_check(const uint8_t *p, const uint8_t *end);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t        len;
    uint8_t      *buf;
    cost_json_t   j;

    cost_json_init(&j, NULL, 0);
    fuzz_write(&j, data, size);

    len = cost_json_length(&j);

    buf = malloc(len ? len : 1);
    if (buf == NULL) {
        return 0;
    }

    cost_json_init(&j, buf, len);
    fuzz_write(&j, data, size);

    if (cost_json_length(&j) != len || cost_json_overflow(&j)) {
        abort();
    }

    fuzz_check(buf, buf + len);

    if (len) {
        cost_json_init(&j, buf, len - 1);
        fuzz_write(&j, data, size);

        if (cost_json_length(&j) != len || !cost_json_overflow(&j)) {
            abort();
        }
    }

    free(buf);

    return 0;
}


static void
fuzz_write(cost_json_t *j, const uint8_t *data, size_t size)
{
    size_t   n;
    int64_t  i;

    while (size) {
        n = *data++ & 0x1f;
        size--;

        if (n > size) {
            n = size;
        }

        i = 0;
        memcpy(&i, data, n < 8 ? n : 8);

        switch (data[-1] >> 5) {

        case 0:
            cost_json_object(j);
            cost_json_name_str(j, data, n);
            cost_json_string(j, data, n);
            cost_json_object_end(j);
            break;

        case 1:
            cost_json_array(j);
            break;

        case 2:
            cost_json_array_end(j);
            break;

        case 3:
            cost_json_integer(j, i);
            break;

        case 4:
            cost_json_decimal(j, (cost_decimal_t) i * 1000000000,
                              (unsigned) (n % 19), (unsigned) (n % 19));
            break;

        case 5:
            cost_json_date(j, (cost_day_t) (i % 1000000));
            break;

        case 6:
            cost_json_bool(j, n & 1);
            break;

        default:
            cost_json_string(j, data, n);
            break;
        }

        data += n;
        size -= n;
    }
}


static void
fuzz_check(const uint8_t *p, const uint8_t *end)
{
    bool    inside;
    size_t  n;

    inside = false;

    for ( /* void */ ; p < end; p += n) {

        if (*p < 0x20 || cost_utf8_next(p, end, &n) != COST_OK) {
            abort();
        }

        if (*p == '\\') {

            if (!inside || end - p < 2) {
                abort();
            }

            n = 2;

        } else if (*p == '"') {
            inside = !inside;
        }
    }

    if (inside) {
        abort();
    }
}
