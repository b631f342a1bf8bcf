
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Any bytes through the pull reader and through jansson with
 * JSON_REJECT_DUPLICATES: both accept the text or both refuse it, and what
 * they read is the same, value for value.  But for one thing: jansson 2.14
 * overlooks a NUL byte behind a number, "[1\0]", which is not JSON.
 */

#include "cost/cost_pull.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>


#define FUZZ_NAMES  4096


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool fuzz_accepts(const uint8_t *data, size_t size, bool *full);
static void fuzz_same(cost_pull_t *r, cost_pull_e kind, json_t *json);
static void fuzz_number(cost_pull_t *r, json_t *json);
static void fuzz_need(bool holds, const char *what);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool          accepted, full;
    json_t       *json;
    cost_pull_t   r;
    json_error_t  error;

    if (size == 0) {
        return 0;
    }

    accepted = fuzz_accepts(data, size, &full);

    if (full) {
        return 0;
    }

    if (memchr(data, '\0', size) != NULL) {
        fuzz_need(!accepted, "a NUL byte is refused");
        return 0;
    }

    json = json_loadb((const char *) data, size, JSON_REJECT_DUPLICATES,
                      &error);

    if (accepted != (json != NULL)) {
        printf("jansson: %s\n", json ? "accepts" : error.text);
        fuzz_need(false, "one accepts and one refuses");
    }

    if (json != NULL) {
        cost_pull_init(&r, data, size, COST_PULL_DEPTH);
        fuzz_same(&r, cost_pull_next(&r), json);
        fuzz_need(cost_pull_next(&r) == COST_PULL_END, "the end");
        json_decref(json);
    }

    return 0;
}


/* reads all, refusing the names that an object has twice */

static bool
fuzz_accepts(const uint8_t *data, size_t size, bool *full)
{
    size_t       n, i;
    uint32_t     marks[COST_PULL_DEPTH + 1];
    cost_str_t   names[FUZZ_NAMES];
    cost_pull_t  r;
    cost_pull_e  kind;
    bool         fine;

    *full = false;
    fine = false;
    n = 0;

    cost_pull_init(&r, data, size, COST_PULL_DEPTH);

    for ( ;; ) {
        kind = cost_pull_next(&r);

        if (kind == COST_PULL_END) {
            fine = true;
            break;
        }

        if (kind == COST_PULL_INVALID) {
            fuzz_need(r.error != NULL && r.offset <= size, "a reason");
            break;
        }

        fuzz_need(r.text.data >= data
                  && r.text.data + r.text.len <= data + size, "the text");

        if (kind == COST_PULL_OBJECT) {
            marks[r.depth] = (uint32_t) n;

        } else if (kind == COST_PULL_OBJECT_END) {

            while (n != marks[r.depth + 1]) {
                free((void *) names[--n].data);
            }

        } else if (kind == COST_PULL_NAME) {

            if (n == FUZZ_NAMES) {
                *full = true;
                break;
            }

            names[n].data = malloc(r.text.len ? r.text.len : 1);
            names[n].len = cost_pull_decode(&r.text,
                                            (uint8_t *) names[n].data);
            n++;

            for (i = marks[r.depth]; i < n - 1; i++) {
                if (names[i].len == names[n - 1].len
                    && memcmp(names[i].data, names[n - 1].data, names[i].len)
                       == 0)
                {
                    goto done;
                }
            }
        }
    }

done:

    while (n != 0) {
        free((void *) names[--n].data);
    }

    return fine;
}


static void
fuzz_same(cost_pull_t *r, cost_pull_e kind, json_t *json)
{
    size_t       i, len;
    void        *iter;
    uint8_t     *buf;
    const char  *key;

    switch (kind) {

    case COST_PULL_OBJECT:
        fuzz_need(json_is_object(json), "an object");

        for (iter = json_object_iter(json);
             iter != NULL;
             iter = json_object_iter_next(json, iter))
        {
            fuzz_need(cost_pull_next(r) == COST_PULL_NAME, "a name");

            key = json_object_iter_key(iter);
            buf = malloc(r->text.len + 1);
            len = cost_pull_decode(&r->text, buf);
            fuzz_need(len <= r->text.len && len == strlen(key)
                      && memcmp(buf, key, len) == 0, "the name");
            free(buf);

            fuzz_same(r, cost_pull_next(r), json_object_iter_value(iter));
        }

        fuzz_need(cost_pull_next(r) == COST_PULL_OBJECT_END, "its end");
        break;

    case COST_PULL_ARRAY:
        fuzz_need(json_is_array(json), "an array");

        for (i = 0; i < json_array_size(json); i++) {
            fuzz_same(r, cost_pull_next(r), json_array_get(json, i));
        }

        fuzz_need(cost_pull_next(r) == COST_PULL_ARRAY_END, "its end");
        break;

    case COST_PULL_STRING:
        fuzz_need(json_is_string(json), "a string");

        buf = malloc(r->text.len + 1);
        len = cost_pull_decode(&r->text, buf);
        fuzz_need(len <= r->text.len && len == json_string_length(json)
                  && memcmp(buf, json_string_value(json), len) == 0,
                  "the string");
        fuzz_need(r->escaped || len == r->text.len, "nothing to decode");
        free(buf);
        break;

    case COST_PULL_NUMBER:
        fuzz_number(r, json);
        break;

    case COST_PULL_TRUE:
        fuzz_need(json_is_true(json), "true");
        break;

    case COST_PULL_FALSE:
        fuzz_need(json_is_false(json), "false");
        break;

    case COST_PULL_NULL:
        fuzz_need(json_is_null(json), "null");
        break;

    default:
        fuzz_need(false, "a value");
        break;
    }
}


static void
fuzz_number(cost_pull_t *r, json_t *json)
{
    double          value, own;
    cost_rc_e       rc;
    cost_decimal_t  d;

    fuzz_need(json_is_number(json), "a number");
    fuzz_need(json_is_integer(json) == r->integer, "an integer or not");

    value = json_number_value(json);
    rc = cost_pull_decimal(r, &d);

    if (rc == COST_RANGE) {
        fuzz_need(fabs(value) >= 9.99e19, "too large for a decimal");
        return;
    }

    fuzz_need(rc == COST_OK, "a decimal");

    if (json_is_integer(json)) {
        fuzz_need(d == json_integer_value(json) * COST_DECIMAL_ONE,
                  "the integer");
        return;
    }

    own = (double) d / 1e18;
    fuzz_need(fabs(own - value) <= fabs(value) * 1e-14 + 1e-18, "the number");
}


static void
fuzz_need(bool holds, const char *what)
{
    if (!holds) {
        printf("%s\n", what);
        fflush(stdout);
        abort();
    }
}
