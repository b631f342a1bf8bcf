
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Email: what an address is, and a message of plain text (RFC 5322, 2045,
 * 2047), ready for SMTP's DATA.
 *
 * Whatever the texts hold, each ends up in its own header or in the body:
 * controls are blanks, what is not ASCII is an encoded word, and lines of the
 * body that begin with a dot have two.
 */


#ifndef _COST_MAIL_H_INCLUDED_
#define _COST_MAIL_H_INCLUDED_


#include "cost_date.h"
#include "cost_str.h"


#define COST_MAIL_ADDRESS_MAX  254
#define COST_MAIL_SUBJECT_MAX  1000      /* bytes of it that are used */


typedef struct {
    cost_str_t    from;          /* addresses that cost_mail_address() likes */
    cost_str_t    to;
    cost_str_t    subject;       /* UTF-8 */
    cost_str_t    text;          /* UTF-8; lines end with \n or \r\n */
    cost_str_t    id;            /* letters, digits, "-", "."; before the "@"
                                    of the Message-ID, behind which is from's
                                    domain */
    cost_time_t   date;
} cost_mail_t;


/*
 * Is it an address that can be sent to as it is?  "local@domain" in ASCII,
 * the local part of atoms and dots, the domain of labels, at most 254 bytes;
 * no quotes, comments, routes or address literals.
 */
bool cost_mail_address(const uint8_t *p, size_t len);

/*
 * Writes the message with its headers and the dot that ends it, lines ending
 * with \r\n and at most 78 bytes but for addresses.  Bytes of the texts that
 * are not UTF-8 are replaced by "?".  Returns the length it has, had there
 * been room: at most "size" when it is whole.  "buf" may be NULL with size 0.
 */
size_t cost_mail_write(const cost_mail_t *mail, uint8_t *buf, size_t size);


#endif /* _COST_MAIL_H_INCLUDED_ */
