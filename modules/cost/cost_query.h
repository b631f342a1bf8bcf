
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The reader of query strings: parameters are declared as a table and read
 * in one pass over the raw text behind the "?".
 *
 * Names are compared after percent-decoding; "+" is a blank.  A known name
 * that is malformed, out of range, empty or repeated is an error that names
 * it; unknown names are ignored, whatever they hold.
 */


#ifndef _COST_QUERY_H_INCLUDED_
#define _COST_QUERY_H_INCLUDED_


#include "cost_date.h"
#include "cost_str.h"


typedef enum {
    COST_QUERY_INTEGER,          /* decimal digits, min..max */
    COST_QUERY_DATE,             /* YYYY-MM-DD, a cost_day_t min..max */
    COST_QUERY_UUID,             /* 8-4-4-4-12 hex digits, either case */
    COST_QUERY_ENUM,             /* one of "words" */
    COST_QUERY_TEXT              /* 1..max bytes of UTF-8 without controls */
} cost_query_kind_e;


typedef struct {
    cost_str_t         name;
    cost_query_kind_e  kind;
    int64_t            min;
    int64_t            max;      /* of a text: its length */
    const cost_str_t  *words;    /* of an enum; the last has a NULL data */
} cost_query_param_t;


typedef struct {
    bool               set;
    int64_t            integer;  /* an integer, a day, an index of words */
    cost_str_t         text;     /* decoded: a uuid in lower case, a text */
} cost_query_value_t;


/*
 * Decoded texts are written to "scratch", which must have room for "len"
 * bytes and live as long as the values.  COST_OK, or COST_INVALID,
 * COST_RANGE with *bad set to the index of the parameter and the sentence for
 * the client ("days must be an integer from 1 to 365") written to "why" (at
 * most COST_QUERY_WHY bytes, *why_len set).  The first parameter in the text
 * that is wrong is the one reported.
 */
#define COST_QUERY_WHY  256

COST_MUST_CHECK cost_rc_e cost_query_read(const uint8_t *query, size_t len,
    const cost_query_param_t *params, size_t n, cost_query_value_t *values,
    uint8_t *scratch, size_t *bad, uint8_t *why, size_t *why_len);


/*
 * A uuid (8-4-4-4-12 hex digits, either case), written to "lower" (36 bytes,
 * which may be p) in lower case.  COST_INVALID: anything else.
 */
#define COST_UUID_LEN  36

COST_MUST_CHECK cost_rc_e cost_uuid_parse(const uint8_t *p, size_t len,
    uint8_t *lower);


#endif /* _COST_QUERY_H_INCLUDED_ */
