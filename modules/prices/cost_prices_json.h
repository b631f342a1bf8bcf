
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A streaming reader of JSON: one token at a time from a file of any size,
 * in constant memory.  It checks the grammar, but for the digits of numbers;
 * a string longer than COST_PRICES_TEXT is an error.
 */


#ifndef _COST_PRICES_JSON_H_INCLUDED_
#define _COST_PRICES_JSON_H_INCLUDED_


#include "cost_prices.h"


#define COST_PRICES_JSON_DEPTH  64


typedef enum {
    COST_PRICES_JSON_OBJECT = 0,
    COST_PRICES_JSON_OBJECT_END,
    COST_PRICES_JSON_ARRAY,
    COST_PRICES_JSON_ARRAY_END,
    COST_PRICES_JSON_NAME,               /* of a member; "text" */
    COST_PRICES_JSON_STRING,             /* "text" */
    COST_PRICES_JSON_OTHER,              /* number, true, null; "text" */
    COST_PRICES_JSON_DONE,
    COST_PRICES_JSON_ERROR               /* "text" says what */
} cost_prices_json_e;


typedef struct {
    FILE       *in;
    uint64_t    line;
    size_t      pos;
    size_t      last;
    size_t      len;                     /* of "text" */
    unsigned    depth;
    bool        value;                   /* a value has been read here */
    bool        named;                   /* a name waits for its value */
    bool        failed;
    bool        object[COST_PRICES_JSON_DEPTH];
    char        text[COST_PRICES_TEXT];
    uint8_t     buf[COST_PRICES_TEXT];
} cost_prices_json_t;


void cost_prices_json_init(cost_prices_json_t *j, FILE *in);

cost_prices_json_e cost_prices_json_next(cost_prices_json_t *j);

/* the rest of the value whose first token was "token" */
bool cost_prices_json_skip(cost_prices_json_t *j, cost_prices_json_e token);


#endif /* _COST_PRICES_JSON_H_INCLUDED_ */
