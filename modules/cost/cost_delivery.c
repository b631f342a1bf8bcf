
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_delivery.h"


typedef struct {
    cost_str_t  directory;
    cost_str_t  stem;            /* up to the number, if it has one */
    bool        part;            /* it begins with "part-" or "part_" */
    bool        number;
} cost_delivery_name_t;


static void cost_delivery_split(cost_str_t name, cost_delivery_name_t *n);
static size_t cost_delivery_ending(cost_str_t name);
static bool cost_delivery_is(const uint8_t *p, const char *lower, size_t len);
static bool cost_delivery_equal(cost_str_t a, cost_str_t b);


bool
cost_delivery_bill(cost_str_t name)
{
    size_t  i;

    if (cost_delivery_ending(name) == 0) {
        return false;
    }

    for (i = 0; i < name.len; i++) {
        if ((i == 0 || name.data[i - 1] == '/')
            && (name.data[i] == '.' || name.data[i] == '_'))
        {
            return false;
        }
    }

    return true;
}


bool
cost_delivery_same(cost_str_t a, cost_str_t b)
{
    cost_delivery_name_t  x, y;

    cost_delivery_split(a, &x);
    cost_delivery_split(b, &y);

    if (!cost_delivery_equal(x.directory, y.directory)) {
        return false;
    }

    if (x.part && y.part) {
        return true;
    }

    return x.number && y.number && cost_delivery_equal(x.stem, y.stem);
}


static void
cost_delivery_split(cost_str_t name, cost_delivery_name_t *n)
{
    size_t          i, end, digits;
    const uint8_t  *p;

    end = name.len - cost_delivery_ending(name);

    for (i = end; i != 0 && name.data[i - 1] != '/'; i--) {
        /* void */
    }

    n->directory.data = name.data;
    n->directory.len = i;
    n->stem.data = name.data + i;
    n->stem.len = end - i;

    p = n->stem.data;
    n->part = n->stem.len > 5 && cost_delivery_is(p, "part", 4)
              && (p[4] == '-' || p[4] == '_');

    for (digits = 0;
         digits < n->stem.len
         && p[n->stem.len - digits - 1] >= '0'
         && p[n->stem.len - digits - 1] <= '9';
         digits++)
    {
        /* void */
    }

    i = n->stem.len - digits;

    n->number = digits >= 4 && digits <= 12 && i != 0 && p[i] == '0'
                && (p[i - 1] == '-' || p[i - 1] == '_');

    if (n->number) {
        n->stem.len = i;
    }
}


/* the length of ".csv" or ".csv.gz" at the end, 0: there is none */

static size_t
cost_delivery_ending(cost_str_t name)
{
    static const size_t  longest = sizeof(".csv.gz") - 1;
    static const size_t  shortest = sizeof(".csv") - 1;

    if (name.len > longest
        && cost_delivery_is(name.data + name.len - longest, ".csv.gz",
                            longest))
    {
        return longest;
    }

    if (name.len > shortest
        && cost_delivery_is(name.data + name.len - shortest, ".csv",
                            shortest))
    {
        return shortest;
    }

    return 0;
}


/* ASCII letters know no case */

static bool
cost_delivery_is(const uint8_t *p, const char *lower, size_t len)
{
    size_t   i;
    uint8_t  ch;

    for (i = 0; i < len; i++) {
        ch = p[i];

        if (ch >= 'A' && ch <= 'Z') {
            ch |= 0x20;
        }

        if (ch != (uint8_t) lower[i]) {
            return false;
        }
    }

    return true;
}


static bool
cost_delivery_equal(cost_str_t a, cost_str_t b)
{
    return a.len == b.len
           && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}
