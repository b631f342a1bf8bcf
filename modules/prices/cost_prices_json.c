
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_prices_json.h"

#include <string.h>


static int cost_prices_json_byte(cost_prices_json_t *j);
static int cost_prices_json_blank(cost_prices_json_t *j);
static cost_prices_json_e cost_prices_json_string(cost_prices_json_t *j,
    bool name);
static int cost_prices_json_hex(cost_prices_json_t *j);
static bool cost_prices_json_utf8(cost_prices_json_t *j, unsigned code);
static cost_prices_json_e cost_prices_json_open(cost_prices_json_t *j,
    bool object);
static cost_prices_json_e cost_prices_json_close(cost_prices_json_t *j,
    bool object);
static cost_prices_json_e cost_prices_json_word(cost_prices_json_t *j, int c);
static cost_prices_json_e cost_prices_json_fail(cost_prices_json_t *j,
    const char *reason);


void
cost_prices_json_init(cost_prices_json_t *j, FILE *in)
{
    j->in = in;
    j->line = 1;
    j->pos = 0;
    j->last = 0;
    j->depth = 0;
    j->value = false;
    j->named = false;
    j->failed = false;
}


cost_prices_json_e
cost_prices_json_next(cost_prices_json_t *j)
{
    int  c;

    if (j->failed) {
        return COST_PRICES_JSON_ERROR;
    }

    c = cost_prices_json_blank(j);

    if (j->depth == 0) {

        if (j->value) {
            return (c == EOF) ? COST_PRICES_JSON_DONE
                              : cost_prices_json_fail(j, "text after the "
                                                      "value");
        }

    } else if (c == '}' || c == ']') {
        return cost_prices_json_close(j, c == '}');

    } else if (j->value) {

        if (c != ',') {
            return cost_prices_json_fail(j, "a comma is missing");
        }

        j->value = false;
        c = cost_prices_json_blank(j);

        if (c == '}' || c == ']') {
            return cost_prices_json_fail(j, "a comma before the end");
        }
    }

    if (c == EOF) {
        return cost_prices_json_fail(j, "the file ends too early");
    }

    if (j->depth && j->object[j->depth - 1] && !j->named) {
        if (c != '"') {
            return cost_prices_json_fail(j, "a member's name is missing");
        }

        return cost_prices_json_string(j, true);
    }

    j->named = false;

    switch (c) {

    case '{':
    case '[':
        return cost_prices_json_open(j, c == '{');

    case '"':
        return cost_prices_json_string(j, false);

    default:
        return cost_prices_json_word(j, c);
    }
}


bool
cost_prices_json_skip(cost_prices_json_t *j, cost_prices_json_e token)
{
    unsigned  depth;

    if (token != COST_PRICES_JSON_OBJECT && token != COST_PRICES_JSON_ARRAY) {
        return token != COST_PRICES_JSON_ERROR;
    }

    depth = j->depth - 1;

    while (j->depth > depth) {
        if (cost_prices_json_next(j) == COST_PRICES_JSON_ERROR) {
            return false;
        }
    }

    return true;
}


static int
cost_prices_json_byte(cost_prices_json_t *j)
{
    if (j->pos == j->last) {
        j->last = fread(j->buf, 1, sizeof(j->buf), j->in);
        j->pos = 0;

        if (j->last == 0) {
            return EOF;
        }
    }

    j->line += (j->buf[j->pos] == '\n');

    return j->buf[j->pos++];
}


static int
cost_prices_json_blank(cost_prices_json_t *j)
{
    int  c;

    do {
        c = cost_prices_json_byte(j);
    } while (c == ' ' || c == '\n' || c == '\r' || c == '\t');

    return c;
}


static cost_prices_json_e
cost_prices_json_string(cost_prices_json_t *j, bool name)
{
    int       c, code, low;

    static const char  escapes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    const char        *escape;

    j->len = 0;

    for ( ;; ) {
        c = cost_prices_json_byte(j);

        if (c == '"') {
            break;
        }

        if (c == EOF || c < 0x20) {
            return cost_prices_json_fail(j, "a string does not end");
        }

        if (j->len + 8 > sizeof(j->text)) {
            return cost_prices_json_fail(j, "a string is too long");
        }

        if (c != '\\') {
            j->text[j->len++] = (char) c;
            continue;
        }

        c = cost_prices_json_byte(j);

        if (c != 'u') {

            for (escape = escapes; *escape && *escape != c; escape += 2) {
                /* void */
            }

            if (c == EOF || *escape == '\0') {
                return cost_prices_json_fail(j, "an unknown escape");
            }

            j->text[j->len++] = escape[1];
            continue;
        }

        code = cost_prices_json_hex(j);

        if (code >= 0xd800 && code < 0xdc00) {

            if (cost_prices_json_byte(j) != '\\'
                || cost_prices_json_byte(j) != 'u')
            {
                return cost_prices_json_fail(j, "half a surrogate pair");
            }

            low = cost_prices_json_hex(j);

            if (low < 0xdc00 || low > 0xdfff) {
                return cost_prices_json_fail(j, "half a surrogate pair");
            }

            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);

        } else if (code >= 0xdc00 && code <= 0xdfff) {
            return cost_prices_json_fail(j, "half a surrogate pair");
        }

        if (code <= 0 || !cost_prices_json_utf8(j, (unsigned) code)) {
            return cost_prices_json_fail(j, "an unknown escape");
        }
    }

    j->text[j->len] = '\0';

    if (!name) {
        j->value = true;
        return COST_PRICES_JSON_STRING;
    }

    if (cost_prices_json_blank(j) != ':') {
        return cost_prices_json_fail(j, "a colon is missing");
    }

    j->named = true;

    return COST_PRICES_JSON_NAME;
}


static int
cost_prices_json_hex(cost_prices_json_t *j)
{
    int          c, code;
    unsigned     n;
    const char  *digit;

    static const char  digits[] = "0123456789abcdef";

    code = 0;

    for (n = 0; n < 4; n++) {
        c = cost_prices_json_byte(j);

        if (c == EOF || c == '\0') {
            return -1;
        }

        digit = strchr(digits, (c >= 'A' && c <= 'F') ? c + 32 : c);

        if (digit == NULL) {
            return -1;
        }

        code = code * 16 + (int) (digit - digits);
    }

    return code;
}


static bool
cost_prices_json_utf8(cost_prices_json_t *j, unsigned code)
{
    char  *p;

    p = j->text + j->len;

    if (code < 0x80) {
        *p++ = (char) code;

    } else if (code < 0x800) {
        *p++ = (char) (0xc0 | code >> 6);
        *p++ = (char) (0x80 | (code & 0x3f));

    } else if (code < 0x10000) {
        *p++ = (char) (0xe0 | code >> 12);
        *p++ = (char) (0x80 | (code >> 6 & 0x3f));
        *p++ = (char) (0x80 | (code & 0x3f));

    } else {
        *p++ = (char) (0xf0 | code >> 18);
        *p++ = (char) (0x80 | (code >> 12 & 0x3f));
        *p++ = (char) (0x80 | (code >> 6 & 0x3f));
        *p++ = (char) (0x80 | (code & 0x3f));
    }

    j->len = (size_t) (p - j->text);

    return true;
}


static cost_prices_json_e
cost_prices_json_open(cost_prices_json_t *j, bool object)
{
    if (j->depth == COST_PRICES_JSON_DEPTH) {
        return cost_prices_json_fail(j, "nested too deep");
    }

    j->object[j->depth++] = object;
    j->value = false;

    return object ? COST_PRICES_JSON_OBJECT : COST_PRICES_JSON_ARRAY;
}


static cost_prices_json_e
cost_prices_json_close(cost_prices_json_t *j, bool object)
{
    if (j->named || j->object[j->depth - 1] != object) {
        return cost_prices_json_fail(j, "a bracket where none belongs");
    }

    j->depth--;
    j->value = true;

    return object ? COST_PRICES_JSON_OBJECT_END : COST_PRICES_JSON_ARRAY_END;
}


static cost_prices_json_e
cost_prices_json_word(cost_prices_json_t *j, int c)
{
    j->len = 0;

    while (c == '-' || c == '+' || c == '.' || (c >= '0' && c <= '9')
           || (c >= 'a' && c <= 'z') || c == 'E')
    {
        if (j->len == 64) {
            return cost_prices_json_fail(j, "not a value");
        }

        j->text[j->len++] = (char) c;

        c = cost_prices_json_byte(j);
    }

    if (j->len == 0) {
        return cost_prices_json_fail(j, "not a value");
    }

    if (c != EOF) {
        j->pos--;
        j->line -= (c == '\n');
    }

    j->text[j->len] = '\0';
    j->value = true;

    if ((j->text[0] >= 'a' && j->text[0] <= 'z')
        && strcmp(j->text, "true") != 0 && strcmp(j->text, "false") != 0
        && strcmp(j->text, "null") != 0)
    {
        return cost_prices_json_fail(j, "not a value");
    }

    return COST_PRICES_JSON_OTHER;
}


static cost_prices_json_e
cost_prices_json_fail(cost_prices_json_t *j, const char *reason)
{
    j->failed = true;
    j->len = strlen(reason);
    memcpy(j->text, reason, j->len + 1);

    return COST_PRICES_JSON_ERROR;
}
