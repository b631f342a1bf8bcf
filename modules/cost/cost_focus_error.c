
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_focus.h"
#include "cost_utf8.h"


/* a name or value is shown up to here, in bytes */
#define COST_FOCUS_SHOWN  80


static uint8_t *cost_focus_show(uint8_t *p, cost_str_t text);
static uint8_t *cost_focus_list(uint8_t *p, uint32_t columns);
static uint8_t *cost_focus_number(uint8_t *p, uint32_t n);


#define cost_focus_put(p, lit)                                                \
    ((uint8_t *) memcpy(p, lit, sizeof(lit) - 1) + sizeof(lit) - 1)


/* what is said of a value */

static const cost_str_t  cost_focus_says[] = {
    [COST_FOCUS_IS_NULL] = cost_string("is null, which it must not be"),
    [COST_FOCUS_NOT_NUMBER] = cost_string("is not a number"),
    [COST_FOCUS_NUMBER_RANGE] = cost_string("is too large"),
    [COST_FOCUS_NOT_DATE] = cost_string("is not a date"),
    [COST_FOCUS_DATE_RANGE] = cost_string("is not between 2000 and 2099"),
    [COST_FOCUS_NOT_CHARGE] = cost_string("is not a charge category"),
    [COST_FOCUS_NOT_CURRENCY] = cost_string("is not a currency"),
    [COST_FOCUS_TOO_LONG] = cost_string("is longer than 1024 bytes"),
    [COST_FOCUS_NOT_TEXT] = cost_string("has characters that are not text"),
    [COST_FOCUS_NO_RATE] = cost_string("has no rate to ")
};


size_t
cost_focus_explain(const cost_focus_error_t *error, uint8_t *buf)
{
    uint8_t           *p;
    const cost_str_t  *says;

    p = buf;

    switch (error->code) {

    case COST_FOCUS_OK:
        break;

    case COST_FOCUS_MISSING:
        p = cost_focus_list(p, error->missing);
        break;

    case COST_FOCUS_REPEATED:
        p = cost_focus_put(p, "the column ");
        p = cost_focus_show(p, error->column);
        p = cost_focus_put(p, " stands there twice");
        break;

    case COST_FOCUS_OTHER_FORMAT:
        if (error->format.len == 0) {
            p = cost_focus_put(p, "not a FOCUS export: its first line does "
                                  "not name FOCUS's columns");
            break;
        }

        memcpy(p, error->format.data, error->format.len);
        p += error->format.len;
        p = cost_focus_put(p, ", not a FOCUS \"Cost and Usage\" export: let "
                              "the provider export FOCUS 1.0 or later");
        break;

    case COST_FOCUS_FIELDS:
        p = cost_focus_number(p, error->fields);
        p = cost_focus_put(p, " fields where the header has ");
        p = cost_focus_number(p, error->expected);
        break;

    default:
        p = cost_focus_show(p, error->column);

        if (error->code != COST_FOCUS_IS_NULL) {
            p = cost_focus_put(p, " \"");
            p = cost_focus_show(p, error->value);
            p = cost_focus_put(p, "\"");
        }

        says = &cost_focus_says[error->code];
        *p++ = ' ';
        memcpy(p, says->data, says->len);
        p += says->len;

        if (error->code == COST_FOCUS_NO_RATE) {
            p = cost_focus_show(p, error->format);
            p = cost_focus_put(p, " on ");
            p += cost_date_format(error->day, p);
        }
    }

    return (size_t) (p - buf);
}


static uint8_t *
cost_focus_show(uint8_t *p, cost_str_t text)
{
    size_t          len, n;
    const uint8_t  *q, *last;

    q = text.data;
    last = q + text.len;
    n = 0;

    while (q < last) {

        if (n >= COST_FOCUS_SHOWN) {
            return cost_focus_put(p, "...");
        }

        if (cost_utf8_next(q, last, &len) != COST_OK
            || *q < 0x20 || *q == 0x7f || (*q == 0xc2 && q[1] < 0xa0))
        {
            *p++ = '?';
            n++;

        } else {
            memcpy(p, q, len);
            p += len;
            n += len;
        }

        q += len;
    }

    return p;
}


/* "the mandatory columns A, B and C are missing" */

static uint8_t *
cost_focus_list(uint8_t *p, uint32_t columns)
{
    bool        many;
    unsigned    i;
    cost_str_t  name;

    many = (columns & (columns - 1)) != 0;
    p = many ? cost_focus_put(p, "the mandatory columns ")
             : cost_focus_put(p, "the mandatory column ");

    for (i = 0; columns != 0; i++, columns >>= 1) {

        if (!(columns & 1)) {
            continue;
        }

        name = cost_focus_column_name((cost_focus_column_e) i);
        memcpy(p, name.data, name.len);
        p += name.len;

        if (columns == 1) {
            break;
        }

        /* one more, or more than one more */

        if (((columns >> 1) & ((columns >> 1) - 1)) == 0) {
            p = cost_focus_put(p, " and ");

        } else {
            p = cost_focus_put(p, ", ");
        }
    }

    return many ? cost_focus_put(p, " are missing: export the dataset with "
                                    "them")
                : cost_focus_put(p, " is missing: export the dataset with "
                                    "it");
}


static uint8_t *
cost_focus_number(uint8_t *p, uint32_t n)
{
    size_t   i;
    uint8_t  digits[10];

    i = sizeof(digits);

    do {
        digits[--i] = (uint8_t) ('0' + n % 10);
        n /= 10;
    } while (n != 0);

    memcpy(p, digits + i, sizeof(digits) - i);

    return p + sizeof(digits) - i;
}
