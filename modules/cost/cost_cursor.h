
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Opaque cursors: the id of the last object of a page, so written that a
 * client neither reads nor makes one by accident.  It is not a secret, and a
 * forged one only begins the page elsewhere among the asker's own objects.
 */


#ifndef _COST_CURSOR_H_INCLUDED_
#define _COST_CURSOR_H_INCLUDED_


#include "cost_str.h"


/* 16 hex digits of the id, 4 that check them */
#define COST_CURSOR_LEN  20


/* "buf" has room for COST_CURSOR_LEN bytes; returns COST_CURSOR_LEN */
size_t cost_cursor_format(int64_t id, uint8_t *buf);

/* COST_INVALID: not a text that cost_cursor_format() wrote */
COST_MUST_CHECK cost_rc_e cost_cursor_parse(cost_str_t s, int64_t *id);


#endif /* _COST_CURSOR_H_INCLUDED_ */
