
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A streaming reader of CSV (RFC 4180): it neither allocates nor copies, and
 * looks at 64 bytes at a time.  A record is the list of the offsets at which
 * its fields end; a field is taken out, and its quotes off, only when it is
 * asked for.
 *
 * Lines end with LF or CRLF, the last one perhaps with nothing.  Blank lines
 * are passed over.  A field is either free of quotes, or quoted as a whole;
 * anything else makes the record malformed, and reading goes on at the line
 * that follows the one the record began in, so that a stray quote costs one
 * record and not the rest of the file.
 *
 * The caller owns the buffer:
 *
 *     for ( ;; ) {
 *         switch (cost_csv_next(csv, &rec)) {
 *         case COST_OK:       use rec; continue
 *         case COST_INVALID:
 *         case COST_FULL:     report rec.line; continue
 *         case COST_DONE:     the end of the input
 *         case COST_AGAIN:    move the cost_csv_rest() to the front of the
 *                             buffer, read more behind it, cost_csv_feed();
 *                             or, when the rest fills the buffer,
 *                             cost_csv_skip()
 *         }
 *     }
 */


#ifndef _COST_CSV_H_INCLUDED_
#define _COST_CSV_H_INCLUDED_


#include "cost_str.h"


/* the header of Microsoft's export has about 105 columns, CUR's up to 300 */
#define COST_CSV_FIELDS  1024


typedef struct {
    uint8_t    *data;            /* of the record; fields may be unquoted */
    uint64_t    line;            /* the first of the record's, from 1 */
    uint32_t    n;               /* fields */
    uint32_t    end[COST_CSV_FIELDS];  /* offset of the delimiter behind */
} cost_csv_record_t;


typedef struct {
    uint8_t    *record;          /* where the current record begins */
    uint8_t    *block;           /* of the 64 bytes looked at last */
    uint8_t    *last;            /* the end of the input so far */
    uint64_t    ends;            /* delimiters and line ends left in block */
    uint64_t    newlines;        /* line ends inside quotes left in block */
    uint64_t    bad;             /* quotes out of place in block, or 0 */
    uint64_t    quoted;          /* all bits set: block ends inside quotes */
    uint64_t    before;          /* bit 0: a field may begin with the block */
    uint64_t    closed;          /* bit 0: block ends behind a quoted field */
    uint64_t    closed_cr;       /* bit 0: ... and the CR that followed it */
    uint64_t    line;            /* of the current record */
    uint64_t    inner;           /* line ends inside the current record */
    uint8_t     comma;           /* the delimiter */
    bool        eof;
    bool        skipping;        /* the rest of a line is being given up */
} cost_csv_t;


/* "comma" is the delimiter: ',', ';', '\t' or '|' */
void cost_csv_init(cost_csv_t *csv, uint8_t comma);

/*
 * Gives the input: "buf" begins with the bytes that cost_csv_rest() told and
 * goes on with new ones; "eof" says that nothing will follow.  The reader
 * writes to the buffer only in cost_csv_field().
 */
void cost_csv_feed(cost_csv_t *csv, uint8_t *buf, size_t len, bool eof);

/* the bytes not used yet, to be kept by the caller; valid after COST_AGAIN */
size_t cost_csv_rest(const cost_csv_t *csv, uint8_t **data);

/*
 * COST_OK: a record.  COST_AGAIN: cost_csv_feed() more.  COST_DONE: the end.
 * COST_INVALID: a quote is out of place in the record that begins at
 * rec->line, or not closed at the end of the input; COST_FULL: the record has
 * more than COST_CSV_FIELDS fields.  After these two the reader has gone on
 * to the next line.
 */
COST_MUST_CHECK cost_rc_e cost_csv_next(cost_csv_t *csv,
    cost_csv_record_t *rec);

/*
 * Gives up a record that is longer than the caller's buffer, as a quote that
 * is never closed makes it: reading goes on with the next line.
 */
void cost_csv_skip(cost_csv_t *csv);

/*
 * The i-th field (i < rec->n) without its quotes; doubled quotes are halved
 * in place, so that a field must not be taken twice.
 */
cost_str_t cost_csv_field(cost_csv_record_t *rec, uint32_t i);


/* the same as it stands in the file; after cost_csv_field() what that left */

static inline cost_str_t
cost_csv_raw(const cost_csv_record_t *rec, uint32_t i)
{
    size_t      from;
    cost_str_t  raw;

    from = (i == 0) ? 0 : rec->end[i - 1] + 1;

    raw.data = rec->data + from;
    raw.len = rec->end[i] - from;

    return raw;
}


typedef enum {
    COST_CSV_TEXT = 0,
    COST_CSV_EMPTY,
    COST_CSV_GZIP,
    COST_CSV_UTF16,
    COST_CSV_ZIP,                /* a workbook of Excel's is one too */
    COST_CSV_PARQUET,
    COST_CSV_JSON,
    COST_CSV_BINARY
} cost_csv_kind_e;


/*
 * Looks at the beginning of a file (64 KB are plenty).  Sets "skip" to the
 * length of a byte order mark and of Excel's "sep=;" line, "lines" to the
 * number of lines these take, "comma" to the delimiter: the one told, or the
 * commonest of the first line.
 */
cost_csv_kind_e cost_csv_sniff(const uint8_t *p, size_t len, size_t *skip,
    unsigned *lines, uint8_t *comma);


#endif /* _COST_CSV_H_INCLUDED_ */
