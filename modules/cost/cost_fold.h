
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Adds up rows while they are read: one entry per provider, account, billing
 * period, day, service, service category, region, charge category and
 * currency.  All memory is the caller's and does not grow: when it is full
 * the caller takes the entries out, resets the table and goes on (an entry
 * may then come out more than once; whoever takes them adds up).
 *
 * A table of a large bill does not fit into the processor's cache, and rows
 * come in any order.  A row therefore waits until a few more have come, while
 * its entry is fetched.
 */


#ifndef _COST_FOLD_H_INCLUDED_
#define _COST_FOLD_H_INCLUDED_


#include "cost_focus.h"
#include "cost_intern.h"


#define COST_FOLD_TEXTS        7

#define COST_FOLD_ENTRIES_MIN  256
#define COST_FOLD_ENTRIES_MAX  ((uint32_t) 1 << 24)

/* between two resets, so that no sum can overflow */
#define COST_FOLD_ROWS_MAX     100000000

/* rows that wait for their entries; a power of two */
#define COST_FOLD_WAITING      16


/* the texts are known by where they lie: cost_fold_text() */

typedef struct {
    _Alignas(64)
    cost_decimal_t      amount[COST_KINDS];

    /* the key, without gaps */
    uint32_t            provider;
    uint32_t            account;
    uint32_t            service;
    uint32_t            service_category;
    uint32_t            region;
    uint32_t            currency;
    cost_day_t          period;
    cost_day_t          day;
    uint32_t            charge;       /* cost_charge_e */
    uint32_t            hash;

    uint32_t            account_name; /* the last one seen */
    uint32_t            rows;
} cost_fold_entry_t;


typedef struct {
    cost_fold_entry_t  *entries;
    uint32_t           *index;        /* entry + 1, by hash; 0: free */
    cost_intern_t       texts;

    uint32_t            n;            /* entries in use */
    uint32_t            size;         /* entries there are */
    uint32_t            rows;         /* added since the last reset */
    uint32_t            done;         /* of these, not waiting any more */
    uint32_t            seen[COST_FOLD_TEXTS];   /* the row before had these */

    cost_fold_entry_t   waiting[COST_FOLD_WAITING];
} cost_fold_t;


/*
 * The bytes of memory that a table of "entries" entries (a power of two from
 * COST_FOLD_ENTRIES_MIN to COST_FOLD_ENTRIES_MAX) needs.
 */
size_t cost_fold_size(uint32_t entries);

/* "memory" is aligned to 64 and cost_fold_size(entries) bytes long */
void cost_fold_init(cost_fold_t *fold, void *memory, uint32_t entries);

/*
 * Adds a row.  COST_OK; COST_FULL: it was not added, take the entries out and
 * cost_fold_reset(), then try again.
 */
COST_MUST_CHECK cost_rc_e cost_fold_add(cost_fold_t *fold,
    const cost_focus_row_t *row);

/* at the end of the rows: none waits any more, the entries are complete */
void cost_fold_finish(cost_fold_t *fold);

/* forgets all entries and texts */
void cost_fold_reset(cost_fold_t *fold);

/*
 * A text of an entry.  The entries are entries[0 .. n), after COST_FULL or
 * cost_fold_finish(), in the order in which their first rows came.
 */
#define cost_fold_text(fold, text)  cost_intern_text(&(fold)->texts, text)


#endif /* _COST_FOLD_H_INCLUDED_ */
