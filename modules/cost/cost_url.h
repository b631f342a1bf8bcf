
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The URL of an endpoint that somebody else names, and we send to.
 *
 * Taken apart by a grammar narrower than RFC 3986: what two readers might
 * understand differently is refused.  No user, no fragment, no blank, no
 * backslash; a host is a name of letters, digits, "-" and "_", or an address
 * in its plain form ("127.1", "0x7f.0.0.1", "2130706433" and "[::1%eth0]" are
 * neither); a port is a decimal number without leading zeros.
 */


#ifndef _COST_URL_H_INCLUDED_
#define _COST_URL_H_INCLUDED_


#include "cost_address.h"
#include "cost_str.h"


#define COST_URL_MAX  2048           /* bytes of a URL */


typedef enum {
    COST_URL_NAME = 0,
    COST_URL_V4,
    COST_URL_V6
} cost_url_host_e;


typedef struct {
    cost_str_t       host;           /* without the brackets of an IPv6 */
    cost_str_t       authority;      /* as written, for a Host header */
    cost_str_t       path;           /* with the query; empty for none */
    cost_url_host_e  kind;
    uint16_t         port;           /* that of the scheme when not given */
    bool             tls;            /* https */
    uint8_t          address[16];    /* of V4 the first four */
} cost_url_t;


/* what the operator allows beyond https to public addresses */

#define COST_URL_ALLOW_HTTP      0x01
#define COST_URL_ALLOW_LOOPBACK  0x02
#define COST_URL_ALLOW_PRIVATE   0x04


/*
 * COST_OK, or COST_INVALID with a sentence's end in "why" ("must be ..."),
 * which is a literal.  The strings of "url" point into the text.
 */
COST_MUST_CHECK cost_rc_e cost_url_parse(const uint8_t *p, size_t len,
    cost_url_t *url, const char **why);

/*
 * May we send there?  A scheme, and an address if the host is one; the
 * addresses of a name are asked for by cost_url_address() when it has been
 * resolved.  COST_OK, or COST_RANGE with "why" as above.
 */
COST_MUST_CHECK cost_rc_e cost_url_check(const cost_url_t *url,
    unsigned allow, const char **why);

/* is a kind of address allowed? */
bool cost_url_address(cost_address_e kind, unsigned allow);


#endif /* _COST_URL_H_INCLUDED_ */
