
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * cost-prices: builds the price file from AWS Price List bulk offer files.
 *
 *     selection --+
 *     offer file -+-> products that are selected -> their on-demand rates
 *                                                                       |
 *     base file --> its text, by group, key and region <----------------+
 *                                      |
 *                                      +-> price file
 *
 * An offer file is read once, from front to back, in constant memory: what is
 * kept is the selected SKUs.  A plain program: memory is not freed, and
 * running out of it ends the program.
 */


#ifndef _COST_PRICES_H_INCLUDED_
#define _COST_PRICES_H_INCLUDED_


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cost/cost.h"


#define COST_PRICES_ATTRIBUTES  512      /* of a product */
#define COST_PRICES_TEXT        (256 * 1024)
#define COST_PRICES_ERRORS      50       /* more than these are only counted */


/* ---- memory and words ---- */

void *cost_prices_alloc(size_t size);
void *cost_prices_grow(void *p, size_t size);
char *cost_prices_dup(const char *p, size_t len);

/* "n" elements of "size" bytes: room for one more */
#define cost_prices_push(array, n)                                            \
    ((array) = ((n) & ((n) - 1)) ? (array)                                    \
               : cost_prices_grow(array, ((n) ? 2 * (n) : 1)                  \
                                         * sizeof((array)[0])))

/* "*" stands for any characters */
bool cost_prices_glob(const char *pattern, const char *text);

/* "Instance Type" and "instanceType" are one: lower case, no punctuation */
void cost_prices_normal(char *name);

/* cuts the blanks off both ends, in place */
char *cost_prices_trim(char *text);


/* ---- errors ---- */

/* "cost-prices: FILE:LINE: ..."; "line" 0: none */
__attribute__((format(printf, 3, 4)))
void cost_prices_error(const char *file, uint64_t line, const char *fmt, ...);

__attribute__((format(printf, 3, 4)))
void cost_prices_note(const char *file, uint64_t line, const char *fmt, ...);

unsigned cost_prices_errors(void);


/* ---- a product, as an offer file has it ---- */

typedef struct {
    const char              *name;       /* normal */
    const char              *value;      /* trimmed */
} cost_prices_attr_t;


typedef struct {
    const char              *sku;
    uint32_t                 n;
    cost_prices_attr_t       attrs[COST_PRICES_ATTRIBUTES];
} cost_prices_product_t;


/* the value of an attribute; "" when the product has none of that name */
const char *cost_prices_value(const cost_prices_product_t *product,
    const char *name);


/* ---- the selection: which products are which of our prices ---- */

typedef struct {
    char                    *attr;       /* normal */
    char                   **values;     /* patterns; any of them will do */
    uint32_t                 nvalues;
    bool                     not;
} cost_prices_rule_t;


/* what a value of an attribute is called in our keys, or where it is */

typedef struct {
    char                    *attr;
    char                    *value;
    char                    *name;
} cost_prices_map_t;


typedef struct {
    char                    *group;
    char                    *offer;
    char                    *region_attr;
    char                    *key[COST_PRICE_PARTS];    /* "=text": itself */
    cost_prices_rule_t      *rules;
    cost_prices_map_t       *maps;
    char                   **units;
    uint32_t                 nkey;
    uint32_t                 nrules;
    uint32_t                 nmaps;
    uint32_t                 nunits;
    uint32_t                 divide;     /* our unit is 1/divide of theirs */
    bool                     everywhere;
    bool                     drop_free;  /* a free allowance as first tier */
    uint32_t                 line;
} cost_prices_select_t;


typedef struct {
    char                    *group;
    char                    *factors[2];
    char                    *groups[2];
} cost_prices_derive_t;


typedef struct {
    cost_prices_select_t    *selects;
    cost_prices_map_t       *regions;    /* location -> region */
    cost_prices_derive_t    *derives;
    uint32_t                 nselects;
    uint32_t                 nregions;
    uint32_t                 nderives;
} cost_prices_selection_t;


/* false: it has errors, which were reported */
bool cost_prices_selection(const char *file,
    cost_prices_selection_t *selection);

bool cost_prices_selected(const cost_prices_select_t *select,
    const char *offer, const cost_prices_product_t *product);

/* the region that a location is, or NULL */
const char *cost_prices_location(const cost_prices_selection_t *selection,
    const char *location);


/* ---- the price file in memory, as text ---- */

typedef struct {
    char                    *text;       /* "0.5 to 10 0.4 # SKU..."; NULL */
    const char              *sku;        /* imported from it, or NULL */
    uint32_t                 file;       /* imported from that file */
} cost_prices_cell_t;


typedef struct {
    char                    *key;        /* "" of a plain group */
    cost_prices_cell_t      *cells;      /* by region */
} cost_prices_row_t;


typedef struct {
    char                    *name;
    char                    *before;     /* comments above the group */
    char                   **heading;    /* lines but for "except" */
    char                   **except;     /* by region: "data source" */
    cost_prices_row_t       *rows;
    char                    *source;     /* of what was imported, or NULL */
    char                    *as_of;
    uint32_t                 nheading;
    uint32_t                 nrows;
    uint32_t                 nparts;
} cost_prices_group_t;


typedef struct {
    char                    *preamble;
    char                   **regions;
    cost_prices_group_t     *groups;
    uint32_t                 nregions;
    uint32_t                 ngroups;
} cost_prices_book_t;


/* reads and checks; false: it has errors, which were reported */
bool cost_prices_read(const char *file, cost_prices_book_t *book);

cost_prices_group_t *cost_prices_group(const cost_prices_book_t *book,
    const char *name);

/* the row of a key, made where there is none */
cost_prices_row_t *cost_prices_row(const cost_prices_book_t *book,
    cost_prices_group_t *group, const char *key);

/* the index of a region, or -1 */
int cost_prices_region(const cost_prices_book_t *book, const char *name);

/* works the derived groups out where their sources were imported */
void cost_prices_derive(cost_prices_book_t *book,
    const cost_prices_selection_t *selection);

/* "only": without what the base file had */
void cost_prices_write(const cost_prices_book_t *book, bool only, FILE *out);


/* ---- the rates of one offer file ---- */

typedef struct cost_prices_offer_s  cost_prices_offer_t;

typedef struct {
    const char              *rate_code;
    const char              *begin;
    const char              *end;        /* "Inf" */
    const char              *unit;
    const char              *price;      /* in USD; NULL: not in USD */
    const char              *currency;   /* then this one */
} cost_prices_rate_t;


/* "skip_bad": a bad row or SKU is left out, and said, but is no error */
cost_prices_offer_t *cost_prices_offer(const char *file, uint32_t number,
    cost_prices_book_t *book, const cost_prices_selection_t *selection,
    bool skip_bad);

/* what the file says of itself; before its products */
void cost_prices_offer_code(cost_prices_offer_t *offer, const char *code);
void cost_prices_offer_date(cost_prices_offer_t *offer, const char *date);
void cost_prices_offer_version(cost_prices_offer_t *offer,
    const char *version);

/* false: not selected, so that its rates need not be read */
bool cost_prices_product(cost_prices_offer_t *offer,
    const cost_prices_product_t *product, uint64_t line);

/* was a product of this SKU selected? */
bool cost_prices_wanted(cost_prices_offer_t *offer, const char *sku);

/* a rate of a selected product's on-demand offer */
void cost_prices_rate(cost_prices_offer_t *offer, const char *sku,
    const char *term, const cost_prices_rate_t *rate, uint64_t line);

/*
 * The end of the file: its rates become prices of the book.  "partial": a
 * group that it has no SKU for is no error.
 */
void cost_prices_offer_end(cost_prices_offer_t *offer, bool partial);


/* ---- readers of the two layouts ---- */

void cost_prices_offer_json(cost_prices_offer_t *offer, const char *file,
    FILE *in);
void cost_prices_offer_csv(cost_prices_offer_t *offer, const char *file,
    FILE *in, bool skip_bad);


#endif /* _COST_PRICES_H_INCLUDED_ */
