
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Sentences put together for a client, into a buffer of the caller's.  What
 * does not fit is left out; a text that was cut ends in "...".
 */


#ifndef _COST_TEXT_H_INCLUDED_
#define _COST_TEXT_H_INCLUDED_


#include "cost_str.h"


/* no more of a name that a client chose */
#define COST_TEXT_NAME  64


typedef struct {
    uint8_t  *data;
    size_t    len;
    size_t    size;              /* at least 3 */
} cost_text_t;


#define cost_text_literal(t, lit)                                             \
    cost_text_add(t, (const uint8_t *) (lit), sizeof(lit) - 1)


static inline void
cost_text_add(cost_text_t *t, const uint8_t *p, size_t len)
{
    if (len == 0) {
        return;
    }

    if (len > t->size - t->len) {

        len = t->size - t->len;
        memcpy(t->data + t->len, p, len);
        memcpy(t->data + t->size - 3, "...", 3);
        t->len = t->size;

        return;
    }

    memcpy(t->data + t->len, p, len);
    t->len += len;
}


static inline void
cost_text_str(cost_text_t *t, cost_str_t str)
{
    cost_text_add(t, str.data, str.len);
}


static inline void
cost_text_chars(cost_text_t *t, const char *s)
{
    cost_text_add(t, (const uint8_t *) s, strlen(s));
}


/*
 * Equal?  Names are short, and a call of memcmp() for each of those that a
 * name is not would be a tenth of reading a request.
 */

static inline bool
cost_text_same(cost_str_t a, cost_str_t b)
{
    uint64_t  x, y;

    if (a.len != b.len) {
        return false;
    }

    if (a.len >= 8) {
        memcpy(&x, a.data, 8);
        memcpy(&y, b.data, 8);

        if (x != y) {
            return false;
        }

        memcpy(&x, a.data + a.len - 8, 8);
        memcpy(&y, b.data + b.len - 8, 8);

        return x == y
               && (a.len <= 16 || memcmp(a.data, b.data, a.len) == 0);
    }

    for (x = 0; x < a.len; x++) {
        if (a.data[x] != b.data[x]) {
            return false;
        }
    }

    return true;
}


/* a client's name, shortened where it is long */

static inline void
cost_text_short(cost_text_t *t, cost_str_t name)
{
    size_t  len;

    if (name.len <= COST_TEXT_NAME) {
        cost_text_add(t, name.data, name.len);
        return;
    }

    /* not within a character */

    for (len = COST_TEXT_NAME; len && (name.data[len] & 0xc0) == 0x80; len--) {
        /* void */
    }

    cost_text_add(t, name.data, len);
    cost_text_literal(t, "...");
}


static inline void
cost_text_name(cost_text_t *t, cost_str_t name)
{
    cost_text_literal(t, "\"");
    cost_text_short(t, name);
    cost_text_literal(t, "\"");
}


static inline void
cost_text_number(cost_text_t *t, uint64_t n)
{
    uint8_t  buf[20], *p;

    p = buf + sizeof(buf);

    do {
        *--p = (uint8_t) ('0' + n % 10);
        n /= 10;
    } while (n);

    cost_text_add(t, p, (size_t) (buf + sizeof(buf) - p));
}


/* "a, b, c"; the last of the list has a NULL data */

static inline void
cost_text_words(cost_text_t *t, const cost_str_t *words)
{
    const cost_str_t  *word;

    for (word = words; word->data != NULL; word++) {

        if (word != words) {
            cost_text_literal(t, ", ");
        }

        cost_text_str(t, *word);
    }
}


#endif /* _COST_TEXT_H_INCLUDED_ */
