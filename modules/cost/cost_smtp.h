
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * SMTP (RFC 5321) as a client that has one message for one receiver: replies
 * are read, and what is said next follows from them.
 *
 *     greeting -> EHLO [-> AUTH] -> MAIL -> RCPT -> DATA -> the message
 */


#ifndef _COST_SMTP_H_INCLUDED_
#define _COST_SMTP_H_INCLUDED_


#include "cost_retry.h"
#include "cost_str.h"


/* of a reply: bytes that are kept for people, and that there may be at all */
#define COST_SMTP_TEXT  256
#define COST_SMTP_MAX   16384


typedef enum {
    COST_SMTP_GREETING = 0,      /* what was said last, and is answered now */
    COST_SMTP_EHLO,
    COST_SMTP_AUTH,
    COST_SMTP_MAIL,
    COST_SMTP_RCPT,
    COST_SMTP_DATA,
    COST_SMTP_MESSAGE,
    COST_SMTP_SENT               /* nothing more is to be said */
} cost_smtp_step_e;


typedef struct {
    unsigned    code;            /* of the reply, 200..599 */
    size_t      len;             /* of its first line, from the code on */
    uint8_t     text[COST_SMTP_TEXT];

    /* internal */
    size_t      total;
    size_t      column;
    unsigned    line;            /* the code of this line so far */
    bool        more;            /* lines follow */
    bool        first;
    bool        cr;
} cost_smtp_reply_t;


void cost_smtp_reply_init(cost_smtp_reply_t *reply);

/*
 * Reads on, up to the end of a reply.  COST_OK: it is whole, "*used" bytes of
 * "p" were its; COST_AGAIN: all were, and there is more to come; COST_INVALID:
 * it is none, or larger than COST_SMTP_MAX.
 */
COST_MUST_CHECK cost_rc_e cost_smtp_reply(cost_smtp_reply_t *reply,
    const uint8_t *p, size_t len, size_t *used);

/*
 * What is said next when "step" is answered with "code"; "auth": is there
 * somebody to be?  COST_OK, with *next; COST_INVALID: it went wrong, *verdict
 * says whether it may go well another time.  A 5xx before MAIL is about the
 * operator's settings, not the message, and may.
 */
COST_MUST_CHECK cost_rc_e cost_smtp_next(cost_smtp_step_e step, unsigned code,
    bool auth, cost_smtp_step_e *next, cost_retry_verdict_e *verdict);

/* the step in a word, for people */
const char *cost_smtp_name(cost_smtp_step_e step);


#endif /* _COST_SMTP_H_INCLUDED_ */
