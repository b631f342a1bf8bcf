
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A bill's bytes become rows: what kind of file it is, its header, its
 * records, why a row or the whole file is refused.  Bytes come in pieces of
 * any size, whenever there are some:
 *
 *     for ( ;; ) {
 *         switch (cost_bill_next(bill, &row)) {
 *         case COST_OK:       use row; continue
 *         case COST_INVALID:  bill->line was refused: bill->why; continue
 *         case COST_RANGE:    the file is: bill->why
 *         case COST_DONE:     the end
 *         case COST_AGAIN:    put some bytes at cost_bill_room(), tell
 *                             cost_bill_fed()
 *         }
 *     }
 *
 * Who knows other kinds of files, too, begins with cost_bill_header() and
 * looks at it: goes on with cost_bill_focus() and the above, or, if it is one
 * of those, with cost_bill_record().
 */


#ifndef _COST_BILL_H_INCLUDED_
#define _COST_BILL_H_INCLUDED_


#include "cost_csv.h"
#include "cost_focus.h"


/* the buffer's size: a record that is longer is refused */
#define COST_BILL_BUFFER    (1 << 20)

#define COST_BILL_CURRENCY  33
#define COST_BILL_FORMAT    32


/* a currency that can be converted, and since when */

typedef struct {
    uint8_t                 currency[COST_BILL_CURRENCY];
    size_t                  len;
    cost_day_t              first;
} cost_bill_rate_t;


typedef struct {
    cost_csv_t              csv;
    cost_csv_record_t       record;
    cost_focus_t            focus;
    uint8_t                *buf;         /* COST_BILL_BUFFER bytes */
    size_t                  len;         /* of it, not used yet */
    bool                    begun;       /* the header has been split */
    bool                    known;       /* it is FOCUS's */
    bool                    eof;

    uint8_t                 currency[3]; /* of the organization */
    const cost_bill_rate_t *rates;       /* into it; the caller's */
    size_t                  nrates;

    uint64_t                rows;        /* with those refused */
    uint64_t                refused;
    uint64_t                line;
    cost_str_t              why;
    uint8_t                 text[COST_FOCUS_EXPLAIN];
} cost_bill_t;


/* "rates" must live as long */
void cost_bill_init(cost_bill_t *bill, uint8_t *buf, const uint8_t *currency,
    const cost_bill_rate_t *rates, size_t nrates);

/* after COST_AGAIN: where to put more bytes, and how many at most (> 0) */
uint8_t *cost_bill_room(cost_bill_t *bill, size_t *size);

/* "eof": there will be no more */
void cost_bill_fed(cost_bill_t *bill, size_t len, bool eof);

/*
 * See above.  "row" and "why" are good until the next call, and the record
 * for whoever wants to read more of it.
 */
COST_MUST_CHECK cost_rc_e cost_bill_next(cost_bill_t *bill,
    cost_focus_row_t *row);

/*
 * The header, in "record".  COST_OK, COST_AGAIN, COST_RANGE: as above; once.
 */
COST_MUST_CHECK cost_rc_e cost_bill_header(cost_bill_t *bill);

/* whether "record" is the header of a bill: COST_OK, COST_RANGE */
COST_MUST_CHECK cost_rc_e cost_bill_focus(cost_bill_t *bill);

/* the next record, which may be anything; otherwise as cost_bill_next() */
COST_MUST_CHECK cost_rc_e cost_bill_record(cost_bill_t *bill);

/* whether it is the organization's currency, or can be converted on a day */
bool cost_bill_rated(const cost_bill_t *bill, cost_str_t currency,
    cost_day_t day);

/* "FOCUS 1.0", when the header has been read; else empty */
size_t cost_bill_format(const cost_bill_t *bill, uint8_t *buf);


#endif /* _COST_BILL_H_INCLUDED_ */
