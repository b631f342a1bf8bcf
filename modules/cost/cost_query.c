
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_query.h"
#include "cost_utf8.h"


/* a bounded sentence; what does not fit is cut */

typedef struct {
    uint8_t  *start;
    size_t    len;
} cost_query_why_t;


static cost_rc_e cost_query_decode(const uint8_t *p, size_t len, uint8_t *dst,
    size_t *dst_len);
static cost_rc_e cost_query_value(const cost_query_param_t *param,
    uint8_t *p, size_t len, cost_query_value_t *value);
static cost_rc_e cost_query_integer(const cost_query_param_t *param,
    const uint8_t *p, size_t len, int64_t *integer);
static cost_rc_e cost_query_text(const cost_query_param_t *param,
    const uint8_t *p, size_t len);
static void cost_query_sentence(cost_query_why_t *why,
    const cost_query_param_t *param, bool repeated);
static void cost_query_put(cost_query_why_t *why, const uint8_t *p,
    size_t len);
static void cost_query_put_integer(cost_query_why_t *why, int64_t n);
static int cost_query_hex(uint8_t c);


#define cost_query_put_literal(why, lit)                                      \
    cost_query_put(why, (const uint8_t *) (lit), sizeof(lit) - 1)


cost_rc_e
cost_query_read(const uint8_t *query, size_t len,
    const cost_query_param_t *params, size_t n, cost_query_value_t *values,
    uint8_t *scratch, size_t *bad, uint8_t *why, size_t *why_len)
{
    bool               repeated;
    size_t             i, name_len, text_len;
    cost_rc_e          rc;
    const uint8_t     *p, *end, *next, *eq;
    cost_query_why_t   sentence;

    for (i = 0; i < n; i++) {
        values[i].set = false;
        values[i].integer = 0;
        values[i].text.len = 0;
        values[i].text.data = NULL;
    }

    if (len == 0) {
        return COST_OK;
    }

    end = query + len;

    for (p = query; p < end; p = next + 1) {

        next = memchr(p, '&', (size_t) (end - p));
        if (next == NULL) {
            next = end;
        }

        eq = memchr(p, '=', (size_t) (next - p));
        if (eq == NULL) {
            eq = next;
        }

        /* the name is only compared: its place in the scratch is used again */

        if (cost_query_decode(p, (size_t) (eq - p), scratch, &name_len)
            != COST_OK)
        {
            continue;
        }

        for (i = 0; i < n; i++) {
            if (params[i].name.len == name_len
                && memcmp(params[i].name.data, scratch, name_len) == 0)
            {
                break;
            }
        }

        if (i == n) {
            continue;
        }

        repeated = values[i].set;
        rc = COST_INVALID;
        text_len = 0;

        if (!repeated && eq < next
            && cost_query_decode(eq + 1, (size_t) (next - eq - 1), scratch,
                                 &text_len)
               == COST_OK)
        {
            rc = cost_query_value(&params[i], scratch, text_len, &values[i]);
        }

        if (rc != COST_OK) {
            sentence.start = why;
            sentence.len = 0;

            cost_query_sentence(&sentence, &params[i], repeated);

            *bad = i;
            *why_len = sentence.len;

            return rc;
        }

        scratch += text_len;
    }

    return COST_OK;
}


cost_rc_e
cost_uuid_parse(const uint8_t *p, size_t len, uint8_t *lower)
{
    int      h;
    size_t   i;

    static const uint8_t  hex[] = "0123456789abcdef";

    if (len != COST_UUID_LEN) {
        return COST_INVALID;
    }

    for (i = 0; i < COST_UUID_LEN; i++) {

        if (i == 8 || i == 13 || i == 18 || i == 23) {

            if (p[i] != '-') {
                return COST_INVALID;
            }

            lower[i] = '-';
            continue;
        }

        h = cost_query_hex(p[i]);

        if (h < 0) {
            return COST_INVALID;
        }

        lower[i] = hex[h];
    }

    return COST_OK;
}


/*
 * "dst" has room for len bytes.  A "%" without two hex digits behind it is
 * malformed.
 */

static cost_rc_e
cost_query_decode(const uint8_t *p, size_t len, uint8_t *dst, size_t *dst_len)
{
    int       hi, lo;
    size_t    i;
    uint8_t  *start;

    start = dst;

    for (i = 0; i < len; i++) {

        if (p[i] == '+') {
            *dst++ = ' ';
            continue;
        }

        if (p[i] != '%') {
            *dst++ = p[i];
            continue;
        }

        if (len - i < 3) {
            return COST_INVALID;
        }

        hi = cost_query_hex(p[i + 1]);
        lo = cost_query_hex(p[i + 2]);

        if (hi < 0 || lo < 0) {
            return COST_INVALID;
        }

        *dst++ = (uint8_t) (hi * 16 + lo);
        i += 2;
    }

    *dst_len = (size_t) (dst - start);

    return COST_OK;
}


/* p is the decoded text in the scratch: a uuid is made lower case there */

static cost_rc_e
cost_query_value(const cost_query_param_t *param, uint8_t *p, size_t len,
    cost_query_value_t *value)
{
    size_t            i;
    cost_rc_e         rc;
    cost_day_t        day;

    if (len == 0) {
        return COST_INVALID;
    }

    switch (param->kind) {

    case COST_QUERY_INTEGER:
        rc = cost_query_integer(param, p, len, &value->integer);
        break;

    case COST_QUERY_DATE:
        rc = cost_date_parse(p, len, &day);

        if (rc == COST_OK) {
            value->integer = day;

            if (day < param->min || day > param->max) {
                rc = COST_RANGE;
            }
        }

        break;

    case COST_QUERY_UUID:
        rc = cost_uuid_parse(p, len, p);
        break;

    case COST_QUERY_ENUM:
        rc = COST_INVALID;

        for (i = 0; param->words[i].data != NULL; i++) {

            if (param->words[i].len == len
                && memcmp(param->words[i].data, p, len) == 0)
            {
                value->integer = (int64_t) i;
                rc = COST_OK;
                break;
            }
        }

        break;

    case COST_QUERY_TEXT:
    default:
        rc = cost_query_text(param, p, len);
        break;
    }

    if (rc != COST_OK) {
        return rc;
    }

    value->set = true;
    value->text.len = len;
    value->text.data = p;

    return COST_OK;
}


static cost_rc_e
cost_query_integer(const cost_query_param_t *param, const uint8_t *p,
    size_t len, int64_t *integer)
{
    size_t   i;
    int64_t  n;

    n = 0;

    for (i = 0; i < len; i++) {

        if (p[i] < '0' || p[i] > '9') {
            return COST_INVALID;
        }

        if (n > (INT64_MAX - 9) / 10) {
            /* too large, but only digits make it a number */
            n = INT64_MAX;
            continue;
        }

        n = n * 10 + (p[i] - '0');
    }

    if (n < param->min || n > param->max) {
        return COST_RANGE;
    }

    *integer = n;

    return COST_OK;
}


static cost_rc_e
cost_query_text(const cost_query_param_t *param, const uint8_t *p, size_t len)
{
    size_t          n;
    const uint8_t  *end;

    end = p + len;

    for ( /* void */ ; p < end; p += n) {

        if (cost_utf8_next(p, end, &n) != COST_OK) {
            return COST_INVALID;
        }

        /* C0, DEL, and C1, which is U+0080 to U+009F */

        if (*p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0)) {
            return COST_INVALID;
        }
    }

    if (len > (uint64_t) param->max) {
        return COST_RANGE;
    }

    return COST_OK;
}


static void
cost_query_sentence(cost_query_why_t *why, const cost_query_param_t *param,
    bool repeated)
{
    size_t   i;
    uint8_t  date[COST_DATE_LEN];

    cost_query_put(why, param->name.data, param->name.len);

    if (repeated) {
        cost_query_put_literal(why, " must be given only once, and");
    }

    cost_query_put_literal(why, " must be ");

    switch (param->kind) {

    case COST_QUERY_INTEGER:
        cost_query_put_literal(why, "an integer from ");
        cost_query_put_integer(why, param->min);
        cost_query_put_literal(why, " to ");
        cost_query_put_integer(why, param->max);
        break;

    case COST_QUERY_DATE:
        cost_query_put_literal(why, "a date (YYYY-MM-DD) from ");
        cost_query_put(why, date,
                       cost_date_format((cost_day_t) param->min, date));
        cost_query_put_literal(why, " to ");
        cost_query_put(why, date,
                       cost_date_format((cost_day_t) param->max, date));
        break;

    case COST_QUERY_UUID:
        cost_query_put_literal(why, "a UUID");
        break;

    case COST_QUERY_ENUM:
        cost_query_put_literal(why, "one of ");

        for (i = 0; param->words[i].data != NULL; i++) {

            if (i) {
                cost_query_put_literal(why, ", ");
            }

            cost_query_put(why, param->words[i].data, param->words[i].len);
        }

        break;

    case COST_QUERY_TEXT:
    default:
        cost_query_put_literal(why, "a text of 1 to ");
        cost_query_put_integer(why, param->max);
        cost_query_put_literal(why, " bytes");
        break;
    }
}


static void
cost_query_put(cost_query_why_t *why, const uint8_t *p, size_t len)
{
    if (len > COST_QUERY_WHY - why->len) {
        len = COST_QUERY_WHY - why->len;
    }

    if (len) {
        memcpy(why->start + why->len, p, len);
        why->len += len;
    }
}


static void
cost_query_put_integer(cost_query_why_t *why, int64_t n)
{
    uint8_t   buf[20], *p;
    uint64_t  u;

    u = (n < 0) ? 0 - (uint64_t) n : (uint64_t) n;
    p = buf + sizeof(buf);

    do {
        *--p = (uint8_t) ('0' + u % 10);
        u /= 10;
    } while (u);

    if (n < 0) {
        *--p = '-';
    }

    cost_query_put(why, p, (size_t) (buf + sizeof(buf) - p));
}


static int
cost_query_hex(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }

    return -1;
}
