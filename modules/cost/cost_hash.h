
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A fast 64-bit hash for entity tags and hash tables: eight bytes at a time,
 * each mixed in by the two halves of a 64 x 64 bit product (the "folded
 * multiply" of wyhash and its relatives).  Not for secrets, and no defence
 * against somebody who chooses the input: a table keyed by it compares the
 * whole key.  The same on every little-endian machine.
 */


#ifndef _COST_HASH_H_INCLUDED_
#define _COST_HASH_H_INCLUDED_


#include "cost_str.h"


/* texts in pieces: the result of one is the seed of the next; 0 to begin */
uint64_t cost_hash(const uint8_t *p, size_t len, uint64_t seed);


#endif /* _COST_HASH_H_INCLUDED_ */
