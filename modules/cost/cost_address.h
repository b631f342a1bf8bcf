
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What kind of address a number is, so that a webhook cannot be pointed at
 * the operator's own network.
 *
 * The ranges are those of the IANA special-purpose address registries for
 * IPv4 and IPv6 (RFC 6890 and its updates), and the addresses at which clouds
 * serve credentials.  An IPv6 address that carries an IPv4 address (mapped,
 * compatible, translated, NAT64, 6to4, Teredo) is what that one is, unless it
 * is worse by itself.  Whatever no registry gives to the public is not
 * public.
 */


#ifndef _COST_ADDRESS_H_INCLUDED_
#define _COST_ADDRESS_H_INCLUDED_


#include "cost_str.h"


typedef enum {
    COST_ADDRESS_PUBLIC = 0,
    COST_ADDRESS_LOOPBACK,
    COST_ADDRESS_PRIVATE,        /* RFC 1918, 6598 (shared), unique local */
    COST_ADDRESS_LINK_LOCAL,
    COST_ADDRESS_METADATA,       /* a cloud's own service for its machines */
    COST_ADDRESS_UNSPECIFIED,    /* "this host", "this network" */
    COST_ADDRESS_MULTICAST,      /* broadcast as well */
    COST_ADDRESS_RESERVED        /* documentation, benchmarks, the future */
} cost_address_e;


/* four bytes in network order */
cost_address_e cost_address_v4(const uint8_t *address);

/* sixteen bytes in network order */
cost_address_e cost_address_v6(const uint8_t *address);

/* "a loopback address", for a sentence; never NULL */
cost_str_t cost_address_name(cost_address_e kind);

/*
 * "127.0.0.1": four decimal numbers without leading zeros, and nothing else;
 * what inet_aton() would also take (127.1, 0x7f.0.0.1, 0177.0.0.1,
 * 2130706433) is COST_INVALID.
 */
COST_MUST_CHECK cost_rc_e cost_address_parse_v4(const uint8_t *p, size_t len,
    uint8_t *address);

/* RFC 4291 section 2.2, without brackets and without a zone */
COST_MUST_CHECK cost_rc_e cost_address_parse_v6(const uint8_t *p, size_t len,
    uint8_t *address);


#endif /* _COST_ADDRESS_H_INCLUDED_ */
