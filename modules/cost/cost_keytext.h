
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The text of an API key:
 *
 *     ck_live_  43 characters          6 characters
 *     prefix    32 random bytes,       CRC-32 of all that stands
 *               base62                 before it, base62
 *
 * base62 is 0-9A-Za-z, the most significant digit first, padded with "0".
 * The CRC is that of zlib (IEEE 802.3, reflected, 0xedb88320).  It proves
 * nothing; it lets a mistyped, cut or guessed key be refused before it is
 * hashed and looked up.
 */


#ifndef _COST_KEYTEXT_H_INCLUDED_
#define _COST_KEYTEXT_H_INCLUDED_


#include "cost_str.h"


#define COST_KEYTEXT_RANDOM      32
#define COST_KEYTEXT_SECRET      43   /* 62^43 > 2^256 */
#define COST_KEYTEXT_CHECKSUM    6    /* 62^6 > 2^32 */
#define COST_KEYTEXT_PREFIX_MAX  16

#define COST_KEYTEXT_BODY  (COST_KEYTEXT_SECRET + COST_KEYTEXT_CHECKSUM)
#define COST_KEYTEXT_MIN   (1 + COST_KEYTEXT_BODY)
#define COST_KEYTEXT_MAX   (COST_KEYTEXT_PREFIX_MAX + COST_KEYTEXT_BODY)


/* 1 to 16 of a-z, 0-9 and "_": what a key may begin with */
bool cost_keytext_prefix_valid(const uint8_t *p, size_t len);

/*
 * Writes the key of COST_KEYTEXT_RANDOM random bytes to "buf", which has room
 * for COST_KEYTEXT_MAX bytes, and its length to *len.  COST_INVALID: the
 * prefix is not valid.
 */
COST_MUST_CHECK cost_rc_e cost_keytext_make(cost_str_t prefix,
    const uint8_t *random, uint8_t *buf, size_t *len);

/*
 * Is this a key that could have been made?  COST_OK with the length of its
 * prefix, or COST_INVALID: wrong length, a character that cannot stand
 * there, a wrong checksum.
 */
COST_MUST_CHECK cost_rc_e cost_keytext_check(const uint8_t *p, size_t len,
    size_t *prefix_len);

/*
 * The value of an Authorization header.  COST_OK: the scheme is Bearer, in
 * whatever case, and *key is what follows it, blanks on both sides cut
 * (possibly nothing).  COST_NULL: another scheme, which says nothing of keys.
 */
COST_MUST_CHECK cost_rc_e cost_keytext_bearer(const uint8_t *p, size_t len,
    cost_str_t *key);

/* the value of an X-API-Key header, blanks on both sides cut */
cost_str_t cost_keytext_bare(const uint8_t *p, size_t len);


#endif /* _COST_KEYTEXT_H_INCLUDED_ */
