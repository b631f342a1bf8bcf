
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * When a delivery is tried again.
 *
 * The pauses are those that Standard Webhooks recommends: 5 s, 5 min, 30 min,
 * 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, some three days in all, each longer or
 * shorter by up to a fifth, so that what failed together is not tried
 * together.  A receiver that asks for more time ("Retry-After") gets it, up
 * to a day.
 */


#ifndef _COST_RETRY_H_INCLUDED_
#define _COST_RETRY_H_INCLUDED_


#include "cost_date.h"
#include "cost_str.h"


#define COST_RETRY_ATTEMPTS  10          /* the first one with them */
#define COST_RETRY_LONGEST   86400       /* seconds of a Retry-After */


typedef enum {
    COST_RETRY_DELIVERED = 0,    /* 2xx */
    COST_RETRY_AGAIN,            /* anything that may pass */
    COST_RETRY_GONE,             /* 410: the endpoint wants no more */
    COST_RETRY_DEAD              /* never: this one cannot be delivered */
} cost_retry_verdict_e;


/* what a webhook's status means, never dead; 0: there was no answer */
cost_retry_verdict_e cost_retry_verdict(unsigned status);

/*
 * The pause in seconds after "attempts" failed ones (1 or more).  "random" is
 * any number, "retry_after" what the receiver asked for in seconds, 0 for
 * nothing.  COST_DONE: no more, the delivery is dead.
 */
COST_MUST_CHECK cost_rc_e cost_retry_pause(unsigned attempts, uint32_t random,
    uint32_t retry_after, uint32_t *pause);

/*
 * The value of a Retry-After header (RFC 9110, section 10.2.3) in seconds
 * from "now", 0 for a time that has passed.  Of the three forms of a date
 * only the one that may be sent today, "Sun, 06 Nov 1994 08:49:37 GMT".
 */
COST_MUST_CHECK cost_rc_e cost_retry_after(const uint8_t *p, size_t len,
    cost_time_t now, uint32_t *seconds);


#endif /* _COST_RETRY_H_INCLUDED_ */
