
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The price table: groups ("S3.standard_storage") × regions, in memory.
 *
 * cost_pricefile_parse() builds it; afterwards it is never written to, so
 * that any number of threads or requests may read it.  Its strings point
 * into the file's bytes, which therefore live as long as the table.
 *
 * How a service model asks:
 *
 *   a plain group
 *       row = cost_price_row(t, COST_PRICE_S3_STANDARD_STORAGE);
 *       rc = cost_price_cost(t, row, region, quantity, &amount);
 *
 *   a keyed group (EC2 by instance type, RDS by engine, class, deployment)
 *       rc = cost_price_key(t, COST_PRICE_RDS_INSTANCE_HOUR, parts, 3,
 *                           &row, &unknown);
 *       rc = cost_price_cost(t, row, region, hours, &amount);
 *
 * Names are resolved when the file is loaded: a model names a price by its
 * enumerated cost_price_e (cost_price_name.h, written by scripts/prices from
 * the price file), and calculating compares no strings but the parts of a
 * key, once each, through a hash table.  A row holds for all regions, so that
 * comparing regions resolves nothing twice.
 *
 * What the file lacks is COST_NULL, never a price of 0: a group the file does
 * not have, a key it does not have in that region.
 */


#ifndef _COST_PRICE_H_INCLUDED_
#define _COST_PRICE_H_INCLUDED_


#include "cost_decimal.h"
#include "cost_price_name.h"
#include "cost_str.h"


#define COST_PRICE_REGIONS  64
#define COST_PRICE_PARTS    4            /* of a key */

/* no row, no region */
#define COST_PRICE_NOWHERE  ((uint32_t) -1)

/* a price is a count of 10^-12 USD, below 100,000 USD */
#define COST_PRICE_PLACES   12
#define COST_PRICE_MAX      ((int64_t) 100000000000000000LL)

/*
 * Quantities (GB, hours, requests) are decimals within 0..10^15: so many
 * units at the highest price a file may hold stay below 10^20 USD, which is
 * what a cost_decimal_t can hold.
 */
#define COST_QUANTITY_MAX                                                     \
    ((cost_decimal_t) 1000000000000000LL * COST_DECIMAL_ONE)


/*
 * A cell of the table: 0 and above, the one price in 10^-12 USD;
 * COST_PRICE_NONE, no price; below it, -(index of the first tier) - 2.
 */
typedef int64_t  cost_price_t;

#define COST_PRICE_NONE  ((cost_price_t) -1)


typedef struct {
    cost_decimal_t           from;       /* the quantity it begins above */
    cost_decimal_t           base;       /* USD for "from" units, exact */
    int64_t                  price;      /* 10^-12 USD per unit above */
    bool                     last;
} cost_price_tier_t;


/* how a group's figures are known; see conf/prices/README.md */

typedef enum {
    COST_PRICE_DATA = 0,                 /* read from a price data file */
    COST_PRICE_OFFER,                    /* from AWS' bulk offer files */
    COST_PRICE_PUBLISHED,                /* from an AWS page or an article */
    COST_PRICE_DERIVED,                  /* worked out from other groups */
    COST_PRICE_RECALLED,                 /* somebody's knowledge, unverified */
    COST_PRICE_CONFIDENCES
} cost_price_confidence_e;


/* one of the things that a key is made of: "engine" */

typedef struct {
    cost_str_t               name;
    cost_str_t              *values;     /* distinct, in the file's order */
    uint32_t                 nvalues;
} cost_price_part_t;


typedef struct {
    cost_str_t               name;       /* "S3.standard_storage" */
    cost_str_t               unit;       /* "GB-month" */
    cost_str_t               about;
    cost_str_t               source;
    cost_str_t               as_of;      /* "2025-11-04" */
    cost_price_confidence_e  confidence;
    uint32_t                 row;        /* the first of ... */
    uint32_t                 nrows;      /* 1 for a plain group */
    uint32_t                 nparts;     /* of a key; 0 for a plain group */
    cost_price_part_t        parts[COST_PRICE_PARTS];
} cost_price_group_t;


/* an entry of the table's hash; see cost_pricebuild.h */

typedef enum {
    COST_PRICE_SLOT_FREE = 0,
    COST_PRICE_SLOT_GROUP,
    COST_PRICE_SLOT_KEY,
    COST_PRICE_SLOT_VALUE
} cost_price_slot_e;


typedef struct {
    uint32_t                 hash;
    uint32_t                 kind:2;
    uint32_t                 index:30;   /* of a group, a row, a value */
} cost_price_slot_t;


typedef struct {
    cost_str_t              *regions;    /* in the file's order */
    cost_price_group_t      *groups;     /* in the file's order */
    cost_str_t              *keys;       /* by row: "mysql/db.t3.micro/..." */
    uint32_t                *owners;     /* by row: index of its group */
    cost_price_t            *cells;      /* row × nregions + region */
    cost_price_tier_t       *tiers;
    cost_str_t              *values;     /* of all parts of all groups */
    cost_price_slot_t       *hash;       /* open addressing */
    uint32_t                 nregions;
    uint32_t                 ngroups;
    uint32_t                 nrows;
    uint32_t                 ntiers;
    uint32_t                 hash_mask;
    uint32_t                 nprices;    /* cells that are not NONE */
    uint32_t                 named[COST_PRICE_NAMES];    /* group or NOWHERE */
} cost_price_table_t;


/*
 * The index of a region by its name; COST_PRICE_NOWHERE: not one of ours.
 */
uint32_t cost_price_region(const cost_price_table_t *t, cost_str_t name);

/*
 * A group by its enumerated name or by its text; NULL: the file has no such
 * group.
 */
const cost_price_group_t *cost_price_group(const cost_price_table_t *t,
    cost_price_e name);
const cost_price_group_t *cost_price_group_find(const cost_price_table_t *t,
    cost_str_t name);

/*
 * The row of a plain group; COST_PRICE_NOWHERE, which every function below
 * takes and answers with COST_NULL, when the file has no such group.
 */
uint32_t cost_price_row(const cost_price_table_t *t, cost_price_e name);

/*
 * The row of a key, given as its parts in the order of the group's "parts".
 *
 * COST_NULL: the file has no such group, or each part is known and only the
 * combination is not there.  COST_INVALID: parts[*unknown] is not among the
 * group's parts[*unknown].values, which is the list to show in the error.
 * "nparts" other than the group's is COST_INVALID with *unknown = nparts.
 */
COST_MUST_CHECK cost_rc_e cost_price_key(const cost_price_table_t *t,
    cost_price_e name, const cost_str_t *parts, uint32_t nparts,
    uint32_t *row, uint32_t *unknown);

/*
 * The cell of a row in a region; COST_PRICE_NONE when there is none.
 */
static inline cost_price_t
cost_price_cell(const cost_price_table_t *t, uint32_t row, uint32_t region)
{
    if (row >= t->nrows || region >= t->nregions) {
        return COST_PRICE_NONE;
    }

    return t->cells[(size_t) row * t->nregions + region];
}


/* the tiers of a cell below COST_PRICE_NONE */
#define cost_price_tiers(t, cell)  (&(t)->tiers[-((cell) + 2)])

/*
 * What a quantity costs: each tier's price for the part of the quantity that
 * lies in it, as AWS bills them ("up_to" is cumulative; a tier's upper bound
 * still belongs to it).  Exact when the quantity has at most 6 decimals, else
 * rounded half away from zero at the 18th decimal of a USD.
 *
 * COST_NULL: no price.  COST_RANGE: the quantity is below 0 or above
 * COST_QUANTITY_MAX.  "amount" is set with COST_OK only.
 */
COST_MUST_CHECK cost_rc_e cost_price_cost(const cost_price_table_t *t,
    uint32_t row, uint32_t region, cost_decimal_t quantity,
    cost_decimal_t *amount);

/*
 * a × b, rounded half away from zero at the 18th decimal: GB × seconds, count
 * × hours.  COST_RANGE: a, b or the product is below 0 or above
 * COST_QUANTITY_MAX.
 */
COST_MUST_CHECK cost_rc_e cost_quantity_mul(cost_decimal_t a,
    cost_decimal_t b, cost_decimal_t *product);

/*
 * Writes "RDS.instance_hour mysql/db.r7g.large/single_az in eu-west-3", the
 * name of a cell for an error, cut at "size"; returns the bytes written.
 */
size_t cost_price_describe(const cost_price_table_t *t, uint32_t row,
    uint32_t region, uint8_t *buf, size_t size);

/* "data", "offer", "published", "derived", "recalled"; COST_INVALID: none */
COST_MUST_CHECK cost_rc_e cost_price_confidence(cost_str_t text,
    cost_price_confidence_e *confidence);
cost_str_t cost_price_confidence_text(cost_price_confidence_e confidence);


#endif /* _COST_PRICE_H_INCLUDED_ */
