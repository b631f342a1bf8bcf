
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The reader of GitHub's usage reports (CSV): a header tells the layout, a
 * record becomes a row.
 *
 *     legacy      to about 2024, by e-mail: "Price Per Unit ($)" and
 *                 "Multiplier".  The price has the multiplier in it already:
 *                 a row costs quantity times price
 *     detailed    day, SKU, user, workflow; from 2025, at first with
 *                 formatted_date, repository_name and all fields quoted
 *     summarized  the same without user and workflow
 *
 * The last two have amounts of their own, which are taken as they are: net is
 * what is paid.  Columns may come in any order, unknown ones are passed over.
 * Days are in UTC, amounts in USD.  Source: github/docs,
 * content/billing/reference.
 */


#ifndef _COST_USAGE_H_INCLUDED_
#define _COST_USAGE_H_INCLUDED_


#include "cost_csv.h"
#include "cost_date.h"
#include "cost_decimal.h"
#include "cost_str.h"


typedef enum {
    COST_USAGE_LEGACY = 0,
    COST_USAGE_DETAILED,
    COST_USAGE_SUMMARIZED
} cost_usage_layout_e;


typedef enum {
    COST_USAGE_OK = 0,

    /* the header */
    COST_USAGE_COPILOT,          /* it is a report of models and requests */
    COST_USAGE_UNKNOWN,          /* it is no usage report */
    COST_USAGE_TWICE,            /* a column is there twice */

    /* a record */
    COST_USAGE_FIELDS,           /* not as many fields as the header has */
    COST_USAGE_DATE,
    COST_USAGE_SKU,              /* or product: empty */
    COST_USAGE_QUANTITY,
    COST_USAGE_PRICE,
    COST_USAGE_AMOUNT
} cost_usage_rc_e;


typedef enum {
    COST_USAGE_C_DATE = 0,
    COST_USAGE_C_PRODUCT,
    COST_USAGE_C_SKU,
    COST_USAGE_C_QUANTITY,
    COST_USAGE_C_UNIT,
    COST_USAGE_C_OWNER,
    COST_USAGE_C_REPOSITORY,     /* up to here they must be there */
    COST_USAGE_C_PRICE,
    COST_USAGE_C_MULTIPLIER,
    COST_USAGE_C_GROSS,
    COST_USAGE_C_DISCOUNT,
    COST_USAGE_C_NET,
    COST_USAGE_C_USER,
    COST_USAGE_C_WORKFLOW,
    COST_USAGE_COLUMNS
} cost_usage_column_e;


typedef struct {
    cost_usage_layout_e  layout;
    uint32_t             n;      /* columns of the file */
    uint16_t             at[COST_USAGE_COLUMNS];   /* from 1; 0: not there */
} cost_usage_t;


/* the texts point into the record */

typedef struct {
    cost_day_t           day;
    bool                 actions;     /* the product, in either spelling */
    bool                 minutes;     /* the unit, in any */
    cost_str_t           product;
    cost_str_t           sku;         /* as cost_runner_sku(), if it is one */
    cost_str_t           unit;
    cost_str_t           owner;
    cost_str_t           repository;  /* without its owner */
    cost_str_t           user;        /* may be empty */
    cost_str_t           workflow;    /* its path; may be empty */
    cost_decimal_t       quantity;
    cost_decimal_t       price;       /* 0 where the file has none */
    cost_decimal_t       gross;
    cost_decimal_t       discount;
    cost_decimal_t       net;
} cost_usage_row_t;


/* fields of "rec" are used up */
COST_MUST_CHECK cost_usage_rc_e cost_usage_header(cost_usage_t *usage,
    cost_csv_record_t *rec);

/* fields of "rec", which is not the header, are used up */
COST_MUST_CHECK cost_usage_rc_e cost_usage_row(const cost_usage_t *usage,
    cost_csv_record_t *rec, cost_usage_row_t *row);

/* a sentence for people; NUL-terminated */
const char *cost_usage_why(cost_usage_rc_e rc);


#endif /* _COST_USAGE_H_INCLUDED_ */
