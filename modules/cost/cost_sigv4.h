
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * AWS Signature Version 4, as S3 and what is compatible with it want it: the
 * canonical request, the string to sign, the Authorization header.  After
 * "Authenticating Requests (AWS Signature Version 4)" in Amazon's S3 API
 * reference.  SHA-256 and HMAC are the caller's.
 */


#ifndef _COST_SIGV4_H_INCLUDED_
#define _COST_SIGV4_H_INCLUDED_


#include "cost_date.h"
#include "cost_str.h"


#define COST_SIGV4_DIGEST   32
#define COST_SIGV4_DATE     (sizeof("20130524T000000Z") - 1)

/* the SHA-256 of no body, in hex */
#define COST_SIGV4_NO_BODY                                                    \
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/*
 * Bytes of an access key, a secret, a region and a session's token, for which
 * Amazon names no bound; it is one of the signed headers,
 * x-amz-security-token.
 */
#define COST_SIGV4_KEY_MAX      128
#define COST_SIGV4_SECRET_MAX   256
#define COST_SIGV4_REGION_MAX   32
#define COST_SIGV4_SESSION_MAX  4096

/*
 * Bytes of an Authorization, without what depends on the request: its signed
 * headers' names come on top of it.
 */
#define COST_SIGV4_AUTHORIZATION  (COST_SIGV4_KEY_MAX                         \
                                   + COST_SIGV4_REGION_MAX + 256)


/* false: it could not be computed */

typedef struct {
    bool  (*sha256)(const uint8_t *p, size_t len, uint8_t *digest);
    bool  (*hmac)(const uint8_t *key, size_t key_len, const uint8_t *p,
                  size_t len, uint8_t *mac);
} cost_sigv4_hash_t;


typedef struct {
    cost_str_t                  name;        /* lower case */
    cost_str_t                  value;       /* without blanks around it */
} cost_sigv4_header_t;


typedef struct {
    cost_str_t                  method;
    cost_str_t                  path;        /* encoded, begins with "/" */
    cost_str_t                  query;       /* encoded, names in order */
    const cost_sigv4_header_t  *headers;     /* to be signed, names in order;
                                                host and x-amz-date are */
    size_t                      nheaders;
    cost_str_t                  payload;     /* hex, as its header has it */
} cost_sigv4_request_t;


typedef struct {
    cost_str_t                  key;         /* the access key's id */
    cost_str_t                  secret;
    cost_str_t                  region;
    cost_str_t                  service;     /* "s3" */
} cost_sigv4_scope_t;


/* "20130524T000000Z": COST_SIGV4_DATE bytes, of a year from 0 to 9999 */
void cost_sigv4_date(cost_time_t now, uint8_t *buf);

/*
 * Percent-encodes all but letters, digits, "-", ".", "_" and "~", and, if
 * "slashes", "/".  "buf" has room for three times as much; returns the
 * length.
 */
size_t cost_sigv4_encode(const uint8_t *p, size_t len, bool slashes,
    uint8_t *buf);

/* the canonical request; COST_FULL: "size" bytes are too few */
COST_MUST_CHECK cost_rc_e cost_sigv4_canonical(
    const cost_sigv4_request_t *request, uint8_t *buf, size_t size,
    size_t *len);

/*
 * The value of the Authorization header, in "buf", which is used to work in,
 * too: COST_FULL when it is too small for the canonical request or for
 * COST_SIGV4_AUTHORIZATION and the names.  COST_RANGE: a key, secret or
 * region is longer than the bounds above.  COST_INVALID: a hash failed.
 */
COST_MUST_CHECK cost_rc_e cost_sigv4_sign(const cost_sigv4_request_t *request,
    const cost_sigv4_scope_t *scope, cost_time_t now,
    const cost_sigv4_hash_t *hash, uint8_t *buf, size_t size, size_t *len);


#endif /* _COST_SIGV4_H_INCLUDED_ */
