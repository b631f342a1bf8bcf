
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The JSON reader of POST /calculate: it is pulled token by token, builds
 * nothing and allocates nothing.  It accepts and refuses the same texts as
 * jansson's json_loadb() with JSON_REJECT_DUPLICATES: RFC 8259 with an object
 * or an array at the top; no lone surrogates, no U+0000, no raw controls in
 * strings; UTF-8 only; integers within 64 bits, reals that a double can hold;
 * nothing behind the end (but jansson overlooks a NUL byte behind a number).
 * The one part of that left to the caller, who knows which names there are,
 * is refusing a name that an object has twice.
 *
 *     cost_pull_init(&r, body, len, 32);
 *
 *     for (kind = cost_pull_next(&r); ... ; kind = cost_pull_next(&r)) {
 *
 * Between COST_PULL_OBJECT and COST_PULL_OBJECT_END names and values
 * alternate; the last token is COST_PULL_END.  After COST_PULL_INVALID
 * "error" says what is wrong at byte "offset" and nothing more can be read.
 */


#ifndef _COST_PULL_H_INCLUDED_
#define _COST_PULL_H_INCLUDED_


#include "cost_decimal.h"
#include "cost_str.h"


/* jansson's own; a value inside so many containers is too deep */
#define COST_PULL_DEPTH  2048


typedef enum {
    COST_PULL_INVALID = 0,
    COST_PULL_OBJECT,
    COST_PULL_OBJECT_END,
    COST_PULL_ARRAY,
    COST_PULL_ARRAY_END,
    COST_PULL_NAME,
    COST_PULL_STRING,
    COST_PULL_NUMBER,
    COST_PULL_TRUE,
    COST_PULL_FALSE,
    COST_PULL_NULL,
    COST_PULL_END
} cost_pull_e;


typedef enum {
    COST_PULL_VALUE = 0,         /* a value must follow */
    COST_PULL_VALUE_OR_END,      /* ... or the end of the array */
    COST_PULL_NAME_OR_END,
    COST_PULL_COMMA_OR_END,
    COST_PULL_EOF
} cost_pull_state_e;


typedef struct {
    const uint8_t      *start;
    const uint8_t      *pos;
    const uint8_t      *last;

    /* the token: raw text, of a string or name without its quotes */
    cost_str_t          text;
    int64_t             mantissa;        /* of a number, where "exact" */
    uint8_t             scale;           /* number = mantissa / 10^scale */
    bool                exact;
    bool                integer;         /* no fraction, no exponent */
    bool                escaped;         /* the text has a backslash */
    bool                deep;            /* invalid because it is too deep */

    cost_pull_state_e   state;
    uint32_t            depth;           /* containers open */
    uint32_t            max_depth;
    uint64_t            objects[COST_PULL_DEPTH / 64];   /* a bit each */

    const char         *error;           /* a literal */
    size_t              offset;
} cost_pull_t;


/* "max_depth" is at most COST_PULL_DEPTH; "p" outlives the reader */
void cost_pull_init(cost_pull_t *r, const uint8_t *p, size_t len,
    uint32_t max_depth);

cost_pull_e cost_pull_next(cost_pull_t *r);

/*
 * Reads on to the end of the value that began with "kind", the token last
 * returned.  COST_INVALID: see "error".
 */
COST_MUST_CHECK cost_rc_e cost_pull_skip(cost_pull_t *r, cost_pull_e kind);

/*
 * The number last returned, exact, what is behind the 18th decimal rounded.
 * COST_RANGE: its absolute value is 10^20 or above.
 */
COST_MUST_CHECK cost_rc_e cost_pull_decimal(const cost_pull_t *r,
    cost_decimal_t *d);

/*
 * Decodes a string or name; "buf" has room for text.len bytes, which is
 * always enough.  Returns the bytes written.  Only of use where "escaped",
 * else the text is what it says.
 */
size_t cost_pull_decode(const cost_str_t *text, uint8_t *buf);


#endif /* _COST_PULL_H_INCLUDED_ */
