
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_pull_part.h"
#include "cost_utf8.h"


#define cost_pull_space(c)                                                    \
    ((c) == ' ' || (c) == '\n' || (c) == '\r' || (c) == '\t')


static cost_pull_e cost_pull_value(cost_pull_t *r, const uint8_t *p);
static cost_pull_e cost_pull_open(cost_pull_t *r, const uint8_t *p,
    bool object);
static cost_pull_e cost_pull_close(cost_pull_t *r, const uint8_t *p,
    bool object);
static cost_pull_e cost_pull_name(cost_pull_t *r, const uint8_t *p);
static bool cost_pull_string(cost_pull_t *r, const uint8_t *p);
static const uint8_t *cost_pull_escape(cost_pull_t *r, const uint8_t *p);
static bool cost_pull_hex(const uint8_t *p, const uint8_t *last,
    uint32_t *code);
static cost_pull_e cost_pull_word(cost_pull_t *r, const uint8_t *p,
    const char *word, size_t len, cost_pull_e kind);


static const int64_t  cost_pull_tens[] = {
    1LL, 10LL, 100LL, 1000LL, 10000LL, 100000LL, 1000000LL, 10000000LL,
    100000000LL, 1000000000LL, 10000000000LL, 100000000000LL,
    1000000000000LL, 10000000000000LL, 100000000000000LL,
    1000000000000000LL, 10000000000000000LL, 100000000000000000LL,
    1000000000000000000LL
};


void
cost_pull_init(cost_pull_t *r, const uint8_t *p, size_t len,
    uint32_t max_depth)
{
    r->start = p;
    r->pos = p;
    r->last = (len == 0) ? p : p + len;

    r->text.data = p;
    r->text.len = 0;
    r->mantissa = 0;
    r->scale = 0;
    r->exact = false;
    r->integer = false;
    r->escaped = false;
    r->deep = false;

    r->state = COST_PULL_VALUE;
    r->depth = 0;
    r->max_depth = max_depth;

    r->error = NULL;
    r->offset = 0;
}


cost_pull_e
cost_pull_next(cost_pull_t *r)
{
    bool            object;
    const uint8_t  *p;

    p = r->pos;

    while (p != r->last && cost_pull_space(*p)) {
        p++;
    }

    if (p == r->last) {

        if (r->state == COST_PULL_EOF) {
            return COST_PULL_END;
        }

        return cost_pull_fail(r, p, "the text ends early");
    }

    switch (r->state) {

    case COST_PULL_COMMA_OR_END:

        object = (r->objects[(r->depth - 1) / 64] >> ((r->depth - 1) % 64))
                 & 1;

        if (*p != ',') {

            if (*p == (object ? '}' : ']')) {
                return cost_pull_close(r, p, object);
            }

            return cost_pull_fail(r, p, object ? "\",\" or \"}\" is missing"
                                               : "\",\" or \"]\" is missing");
        }

        do {
            p++;
        } while (p != r->last && cost_pull_space(*p));

        if (p == r->last) {
            return cost_pull_fail(r, p, "the text ends early");
        }

        if (object) {
            return cost_pull_name(r, p);
        }

        return cost_pull_value(r, p);

    case COST_PULL_NAME_OR_END:

        if (*p == '}') {
            return cost_pull_close(r, p, true);
        }

        return cost_pull_name(r, p);

    case COST_PULL_VALUE_OR_END:

        if (*p == ']') {
            return cost_pull_close(r, p, false);
        }

        return cost_pull_value(r, p);

    case COST_PULL_EOF:
        return cost_pull_fail(r, p, "there is something behind the end");

    default: /* COST_PULL_VALUE */
        return cost_pull_value(r, p);
    }
}


static cost_pull_e
cost_pull_value(cost_pull_t *r, const uint8_t *p)
{
    if (r->depth == r->max_depth) {
        r->deep = true;
        return cost_pull_fail(r, p, "the values are nested too deeply");
    }

    switch (*p) {

    case '{':
        return cost_pull_open(r, p, true);

    case '[':
        return cost_pull_open(r, p, false);

    default:
        break;
    }

    if (r->depth == 0) {
        return cost_pull_fail(r, p, "an object is expected");
    }

    switch (*p) {

    case '"':

        if (!cost_pull_string(r, p)) {
            return COST_PULL_INVALID;
        }

        r->state = COST_PULL_COMMA_OR_END;

        return COST_PULL_STRING;

    case 't':
        return cost_pull_word(r, p, "true", 4, COST_PULL_TRUE);

    case 'f':
        return cost_pull_word(r, p, "false", 5, COST_PULL_FALSE);

    case 'n':
        return cost_pull_word(r, p, "null", 4, COST_PULL_NULL);

    default:
        return cost_pull_number(r, p);
    }
}


static cost_pull_e
cost_pull_open(cost_pull_t *r, const uint8_t *p, bool object)
{
    uint64_t  bit;

    bit = (uint64_t) 1 << (r->depth % 64);

    if (object) {
        r->objects[r->depth / 64] |= bit;

    } else {
        r->objects[r->depth / 64] &= ~bit;
    }

    r->depth++;
    r->text.data = p;
    r->text.len = 1;
    r->pos = p + 1;
    r->state = object ? COST_PULL_NAME_OR_END : COST_PULL_VALUE_OR_END;

    return object ? COST_PULL_OBJECT : COST_PULL_ARRAY;
}


static cost_pull_e
cost_pull_close(cost_pull_t *r, const uint8_t *p, bool object)
{
    r->depth--;
    r->text.data = p;
    r->text.len = 1;
    r->pos = p + 1;
    r->state = r->depth ? COST_PULL_COMMA_OR_END : COST_PULL_EOF;

    return object ? COST_PULL_OBJECT_END : COST_PULL_ARRAY_END;
}


static cost_pull_e
cost_pull_name(cost_pull_t *r, const uint8_t *p)
{
    if (*p != '"') {
        return cost_pull_fail(r, p, "a member's name is missing");
    }

    if (!cost_pull_string(r, p)) {
        return COST_PULL_INVALID;
    }

    p = r->pos;

    while (p != r->last && cost_pull_space(*p)) {
        p++;
    }

    if (p == r->last || *p != ':') {
        return cost_pull_fail(r, p, "\":\" is missing");
    }

    r->pos = p + 1;
    r->state = COST_PULL_VALUE;

    return COST_PULL_NAME;
}


static bool
cost_pull_string(cost_pull_t *r, const uint8_t *p)
{
    size_t          n;
    uint64_t        w, odd;
    const uint8_t  *start, *last;

    start = ++p;
    last = r->last;
    r->escaped = false;

    for ( ;; ) {

        /*
         * Eight bytes at once: the high bit of "odd" is set in each byte that
         * is a quote, a backslash, a control or not ASCII.  A borrow may set
         * it in a byte above such a one too, never below.
         */

        while (last - p >= 8) {

            memcpy(&w, p, 8);

            odd = w | (w - 0x2020202020202020ULL)
                  | ((w ^ 0x2222222222222222ULL) - 0x0101010101010101ULL)
                  | ((w ^ 0x5c5c5c5c5c5c5c5cULL) - 0x0101010101010101ULL);
            odd &= 0x8080808080808080ULL;

            if (odd != 0) {
#if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
                p += __builtin_ctzll(odd) / 8;
#endif
                break;
            }

            p += 8;
        }

        while (p != last && *p >= 0x20 && *p < 0x80 && *p != '"'
               && *p != '\\')
        {
            p++;
        }

        if (p == last) {
            (void) cost_pull_fail(r, p, "a string has no end");
            return false;
        }

        if (*p == '"') {
            break;
        }

        if (*p == '\\') {
            r->escaped = true;
            p = cost_pull_escape(r, p);

            if (p == NULL) {
                return false;
            }

            continue;
        }

        if (*p < 0x20) {
            (void) cost_pull_fail(r, p, "a string holds a raw control byte");
            return false;
        }

        if (cost_utf8_next(p, last, &n) != COST_OK) {
            (void) cost_pull_fail(r, p, "a string is not UTF-8");
            return false;
        }

        p += n;
    }

    r->text.data = start;
    r->text.len = (size_t) (p - start);
    r->pos = p + 1;

    return true;
}


static const uint8_t *
cost_pull_escape(cost_pull_t *r, const uint8_t *p)
{
    uint32_t  code, low;

    if (r->last - p < 2) {
        (void) cost_pull_fail(r, r->last, "a string has no end");
        return NULL;
    }

    switch (p[1]) {

    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return p + 2;

    case 'u':
        break;

    default:
        (void) cost_pull_fail(r, p, "a string holds an unknown escape");
        return NULL;
    }

    if (!cost_pull_hex(p + 2, r->last, &code)) {
        (void) cost_pull_fail(r, p, "\\u needs four hexadecimal digits");
        return NULL;
    }

    if (code == 0) {
        (void) cost_pull_fail(r, p, "\\u0000 is not allowed");
        return NULL;
    }

    if (code < 0xd800 || code > 0xdfff) {
        return p + 6;
    }

    if (code < 0xdc00 && r->last - p >= 12 && p[6] == '\\' && p[7] == 'u'
        && cost_pull_hex(p + 8, r->last, &low)
        && low >= 0xdc00 && low <= 0xdfff)
    {
        return p + 12;
    }

    (void) cost_pull_fail(r, p, "a string holds a lone surrogate");

    return NULL;
}


static bool
cost_pull_hex(const uint8_t *p, const uint8_t *last, uint32_t *code)
{
    uint8_t   c;
    uint32_t  n, value;

    if (last - p < 4) {
        return false;
    }

    value = 0;

    for (n = 0; n < 4; n++) {
        c = p[n];

        if (cost_pull_digit(c)) {
            c = (uint8_t) (c - '0');

        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
            c = (uint8_t) ((c | 0x20) - 'a' + 10);

        } else {
            return false;
        }

        value = value << 4 | c;
    }

    *code = value;

    return true;
}


static cost_pull_e
cost_pull_word(cost_pull_t *r, const uint8_t *p, const char *word, size_t len,
    cost_pull_e kind)
{
    if ((size_t) (r->last - p) < len || memcmp(p, word, len) != 0) {
        return cost_pull_fail(r, p, "a value is expected");
    }

    r->text.data = p;
    r->text.len = len;
    r->pos = p + len;
    r->state = COST_PULL_COMMA_OR_END;

    return kind;
}


cost_pull_e
cost_pull_fail(cost_pull_t *r, const uint8_t *p, const char *error)
{
    r->error = error;
    r->offset = (size_t) (p - r->start);

    return COST_PULL_INVALID;
}


cost_rc_e
cost_pull_skip(cost_pull_t *r, cost_pull_e kind)
{
    uint32_t  depth;

    if (kind == COST_PULL_INVALID) {
        return COST_INVALID;
    }

    if (kind != COST_PULL_OBJECT && kind != COST_PULL_ARRAY) {
        return COST_OK;
    }

    depth = r->depth;

    do {
        if (cost_pull_next(r) == COST_PULL_INVALID) {
            return COST_INVALID;
        }

    } while (r->depth >= depth);

    return COST_OK;
}


cost_rc_e
cost_pull_decimal(const cost_pull_t *r, cost_decimal_t *d)
{
    if (r->exact) {
        *d = (cost_decimal_t) r->mantissa
             * cost_pull_tens[COST_DECIMAL_PLACES - r->scale];
        return COST_OK;
    }

    return cost_decimal_parse(r->text.data, r->text.len, d);
}


size_t
cost_pull_decode(const cost_str_t *text, uint8_t *buf)
{
    uint8_t        *d;
    uint32_t        code, low;
    const uint8_t  *p, *last;

    d = buf;
    p = text->data;
    last = p + text->len;

    while (p != last) {

        if (*p != '\\') {
            *d++ = *p++;
            continue;
        }

        p++;

        switch (*p) {

        case 'b':
            *d++ = '\b';
            break;

        case 'f':
            *d++ = '\f';
            break;

        case 'n':
            *d++ = '\n';
            break;

        case 'r':
            *d++ = '\r';
            break;

        case 't':
            *d++ = '\t';
            break;

        case 'u':

            /* the reader has seen that these are well-formed */

            code = 0;
            (void) cost_pull_hex(p + 1, last, &code);
            p += 4;

            if (code >= 0xd800 && code <= 0xdbff) {
                low = 0xdc00;
                (void) cost_pull_hex(p + 3, last, &low);
                p += 6;
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            }

            if (code < 0x80) {
                *d++ = (uint8_t) code;
                break;
            }

            if (code < 0x800) {
                *d++ = (uint8_t) (0xc0 | code >> 6);

            } else {

                if (code < 0x10000) {
                    *d++ = (uint8_t) (0xe0 | code >> 12);

                } else {
                    *d++ = (uint8_t) (0xf0 | code >> 18);
                    *d++ = (uint8_t) (0x80 | (code >> 12 & 0x3f));
                }

                *d++ = (uint8_t) (0x80 | (code >> 6 & 0x3f));
            }

            *d++ = (uint8_t) (0x80 | (code & 0x3f));
            break;

        default: /* '"', '\\', '/' */
            *d++ = *p;
            break;
        }

        p++;
    }

    return (size_t) (d - buf);
}
