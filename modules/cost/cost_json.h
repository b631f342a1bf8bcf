
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The JSON writer that all replies and event bodies use: no tree, no
 * allocation.  It writes into the caller's buffer; when that is full it
 * writes nothing more but goes on counting, so that a reply is either
 * written at once or, after one look at cost_json_length(), written a second
 * time into a buffer of exactly the right size.
 *
 * Commas are set by the writer.  Strings are taken as UTF-8: what is not
 * becomes U+FFFD, control characters, quotes and backslashes are escaped.
 */


#ifndef _COST_JSON_H_INCLUDED_
#define _COST_JSON_H_INCLUDED_


#include "cost_date.h"
#include "cost_decimal.h"
#include "cost_str.h"


typedef struct {
    uint8_t  *start;
    uint8_t  *pos;
    uint8_t  *last;
    size_t    length;            /* bytes so far, had there been room */
    size_t    stamp;             /* where cost_json_stamp() wrote */
    size_t    stamp_len;         /* and how much; 0: it was not called */
    bool      comma;             /* the next value or name needs one */
} cost_json_t;


/* "buf" may be NULL with size 0, to count only */
void cost_json_init(cost_json_t *j, uint8_t *buf, size_t size);

/* the length of the whole text; larger than the buffer: nothing is usable */
#define cost_json_length(j)    ((j)->length)
#define cost_json_overflow(j)                                                 \
    ((j)->length > (size_t) ((j)->last - (j)->start))

void cost_json_object(cost_json_t *j);
void cost_json_object_end(cost_json_t *j);
void cost_json_array(cost_json_t *j);
void cost_json_array_end(cost_json_t *j);

/* a member's name: a literal that needs no escaping */
#define cost_json_name(j, lit)                                                \
    cost_json_name_n(j, (const uint8_t *) (lit), sizeof(lit) - 1)

void cost_json_name_n(cost_json_t *j, const uint8_t *name, size_t len);

/* a member's name that comes from outside: escaped as a string is */
void cost_json_name_str(cost_json_t *j, const uint8_t *name, size_t len);

void cost_json_string(cost_json_t *j, const uint8_t *data, size_t len);
void cost_json_integer(cost_json_t *j, int64_t n);
void cost_json_bool(cost_json_t *j, bool b);
void cost_json_null(cost_json_t *j);
void cost_json_date(cost_json_t *j, cost_day_t day);
void cost_json_time(cost_json_t *j, cost_time_t t);

/*
 * The instant the text was made at: as cost_json_time(), and the place is
 * remembered, so that a digest of what the text says can leave it out.  Once
 * per text.
 */
void cost_json_stamp(cost_json_t *j, cost_time_t t);

/* as cost_decimal_format() */
void cost_json_decimal(cost_json_t *j, cost_decimal_t d, unsigned places,
    unsigned keep);

/* money: cents, 4821.30 */
#define cost_json_money(j, d)  cost_json_decimal(j, d, 2, 2)

/* text that is JSON already, from a source that guarantees it */
void cost_json_raw(cost_json_t *j, const uint8_t *data, size_t len);

#define cost_json_literal(j, lit)                                             \
    cost_json_string(j, (const uint8_t *) (lit), sizeof(lit) - 1)


#endif /* _COST_JSON_H_INCLUDED_ */
