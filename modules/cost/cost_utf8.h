
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Well-formed UTF-8, as the table 3-7 of the Unicode Standard has it: no
 * overlong forms, no surrogates, nothing above U+10FFFF.
 */


#ifndef _COST_UTF8_H_INCLUDED_
#define _COST_UTF8_H_INCLUDED_


#include "cost_str.h"


/*
 * Looks at what begins at p (p < end).  COST_OK: a character of *len bytes.
 * COST_INVALID: *len bytes (1..3) that a reader replaces by one U+FFFD, the
 * "maximal subpart" of the standard.
 */
COST_MUST_CHECK cost_rc_e cost_utf8_next(const uint8_t *p, const uint8_t *end,
    size_t *len);


#endif /* _COST_UTF8_H_INCLUDED_ */
