
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What every file of the domain shares: a counted string and the codes that
 * its functions return.  Strings are never NUL-terminated and never owned:
 * they point into a buffer of the caller's.
 */


#ifndef _COST_STR_H_INCLUDED_
#define _COST_STR_H_INCLUDED_


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>


/* a caller that drops this result does not compile without a warning */
#define COST_MUST_CHECK  __attribute__((warn_unused_result))


/* the layout of ngx_str_t, so that either may be read as the other */

typedef struct {
    size_t          len;
    const uint8_t  *data;
} cost_str_t;


typedef enum {
    COST_OK = 0,
    COST_AGAIN,                  /* more input is needed */
    COST_DONE,                   /* the end was reached */
    COST_FULL,                   /* the caller's buffer or table is full */
    COST_INVALID,                /* malformed input */
    COST_RANGE,                  /* well-formed, but out of range */
    COST_NULL                    /* the value is a null */
} cost_rc_e;


#define cost_string(s)  { sizeof(s) - 1, (const uint8_t *) (s) }

#define cost_str_is(s, lit)                                                   \
    ((s)->len == sizeof(lit) - 1                                              \
     && memcmp((s)->data, lit, sizeof(lit) - 1) == 0)


#endif /* _COST_STR_H_INCLUDED_ */
