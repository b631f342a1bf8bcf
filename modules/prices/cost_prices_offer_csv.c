
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A few lines about the file, the line of column names, then a row for each
 * rate: the product's attributes and the price in one.  Columns are found by
 * name.  A row may lack its last columns, which spreadsheets drop when they
 * are empty, but none of those that make a rate.
 */


#include "cost_prices.h"

#include <string.h>


#define COST_PRICES_CSV_BUFFER  (4 * 1024 * 1024)
#define COST_PRICES_CSV_HEAD    20       /* lines before the column names */


/* columns that are not attributes; the first ones must be there */

enum {
    CSV_SKU = 0,
    CSV_TERM,
    CSV_RATE,
    CSV_TYPE,
    CSV_BEGIN,
    CSV_END,
    CSV_UNIT,
    CSV_PRICE,
    CSV_CURRENCY,
    CSV_COLUMNS
};


typedef struct {
    const char             *file;
    cost_prices_offer_t    *offer;
    bool                    skip_bad;
    uint32_t                ncolumns;
    uint32_t                short_rows;
    uint32_t                bad_rows;
    char                   *columns[COST_CSV_FIELDS];    /* normal names */
    int                     at[CSV_COLUMNS];
    char                   *fields[COST_CSV_FIELDS];
    char                   *last_sku;    /* its product was looked at */
    cost_prices_product_t   product;
    cost_csv_t              csv;
    cost_csv_record_t       rec;
    char                    text[COST_PRICES_CSV_BUFFER];
    uint8_t                 buf[COST_PRICES_CSV_BUFFER];
} cost_prices_csv_t;


static bool cost_prices_csv_next(cost_prices_csv_t *c, FILE *in);
static void cost_prices_csv_about(cost_prices_csv_t *c);
static bool cost_prices_csv_columns(cost_prices_csv_t *c);
static void cost_prices_csv_row(cost_prices_csv_t *c);
static void cost_prices_csv_bad(cost_prices_csv_t *c, const char *reason);
static void cost_prices_csv_fields(cost_prices_csv_t *c);


static const char *const  cost_prices_csv_names[] = {
    "sku",
    "offertermcode",
    "ratecode",
    "termtype",
    "startingrange",
    "endingrange",
    "unit",
    "priceperunit",
    "currency"
};


void
cost_prices_offer_csv(cost_prices_offer_t *offer, const char *file, FILE *in,
    bool skip_bad)
{
    uint32_t            head;
    cost_prices_csv_t  *c;

    c = cost_prices_alloc(sizeof(cost_prices_csv_t));

    c->file = file;
    c->offer = offer;
    c->skip_bad = skip_bad;

    cost_csv_init(&c->csv, ',');
    cost_csv_feed(&c->csv, c->buf, 0, false);

    head = 0;

    while (c->ncolumns == 0) {

        if (!cost_prices_csv_next(c, in) || ++head > COST_PRICES_CSV_HEAD) {
            cost_prices_error(file, 0, "is not an offer file: it has no line "
                              "of columns that begins with SKU");
            return;
        }

        cost_prices_csv_fields(c);

        if (strcmp(c->fields[0], "SKU") != 0) {
            cost_prices_csv_about(c);

        } else if (!cost_prices_csv_columns(c)) {
            return;
        }
    }

    while (cost_prices_csv_next(c, in)) {
        cost_prices_csv_fields(c);
        cost_prices_csv_row(c);
    }

    if (c->short_rows) {
        cost_prices_note(file, 0, "%u rows lack columns at their end",
                         c->short_rows);
    }

    if (c->bad_rows) {
        cost_prices_note(file, 0, "%u rows are bad%s", c->bad_rows,
                         skip_bad ? " and were left out"
                                  : "; --skip-bad leaves them out");
    }
}


static bool
cost_prices_csv_next(cost_prices_csv_t *c, FILE *in)
{
    size_t      len, n;
    uint8_t    *rest;

    for ( ;; ) {
        switch (cost_csv_next(&c->csv, &c->rec)) {

        case COST_OK:
            return true;

        case COST_AGAIN:
            len = cost_csv_rest(&c->csv, &rest);

            if (len == sizeof(c->buf)) {
                cost_prices_csv_bad(c, "is longer than 4 MiB");
                cost_csv_skip(&c->csv);
                continue;
            }

            memmove(c->buf, rest, len);
            n = fread(c->buf + len, 1, sizeof(c->buf) - len, in);
            cost_csv_feed(&c->csv, c->buf, len + n, n == 0);
            continue;

        case COST_DONE:
            return false;

        default: /* COST_INVALID, COST_FULL */
            cost_prices_csv_bad(c, "has a quote out of place, or too many "
                                "fields");
        }
    }
}


/* "OfferCode","AmazonEC2" */

static void
cost_prices_csv_about(cost_prices_csv_t *c)
{
    if (c->rec.n < 2) {
        return;
    }

    if (strcmp(c->fields[0], "OfferCode") == 0) {
        cost_prices_offer_code(c->offer, c->fields[1]);

    } else if (strcmp(c->fields[0], "Version") == 0) {
        cost_prices_offer_version(c->offer, c->fields[1]);

    } else if (strcmp(c->fields[0], "Publication Date") == 0) {
        cost_prices_offer_date(c->offer, c->fields[1]);
    }
}


static bool
cost_prices_csv_columns(cost_prices_csv_t *c)
{
    uint32_t  i, n;

    for (n = 0; n < CSV_COLUMNS; n++) {
        c->at[n] = -1;
    }

    for (i = 0; i < c->rec.n; i++) {
        c->columns[i] = cost_prices_dup(c->fields[i], strlen(c->fields[i]));
        cost_prices_normal(c->columns[i]);

        for (n = 0; n < CSV_COLUMNS; n++) {
            if (strcmp(c->columns[i], cost_prices_csv_names[n]) == 0
                && c->at[n] == -1)
            {
                c->at[n] = (int) i;
            }
        }
    }

    c->ncolumns = c->rec.n;

    for (n = 0; n < CSV_COLUMNS; n++) {
        if (c->at[n] == -1) {
            cost_prices_error(c->file, c->rec.line, "has no column \"%s\"",
                              cost_prices_csv_names[n]);
            return false;
        }
    }

    return true;
}


static void
cost_prices_csv_row(cost_prices_csv_t *c)
{
    uint32_t             i;
    cost_prices_rate_t   rate;
    cost_prices_attr_t  *attr;

    if (c->rec.n > c->ncolumns) {
        cost_prices_csv_bad(c, "has more fields than there are columns");
        return;
    }

    for (i = 0; i < CSV_COLUMNS; i++) {
        if ((uint32_t) c->at[i] >= c->rec.n) {
            cost_prices_csv_bad(c, "has too few fields to be a rate");
            return;
        }
    }

    c->short_rows += (c->rec.n < c->ncolumns);

    if (strcmp(c->fields[c->at[CSV_TYPE]], "OnDemand") != 0) {
        return;
    }

    if (*c->fields[c->at[CSV_SKU]] == '\0') {
        cost_prices_csv_bad(c, "has no SKU");
        return;
    }

    if (c->last_sku == NULL
        || strcmp(c->last_sku, c->fields[c->at[CSV_SKU]]) != 0)
    {
        c->product.n = 0;
        c->product.sku = c->fields[c->at[CSV_SKU]];

        for (i = 0; i < c->rec.n && i < COST_PRICES_ATTRIBUTES; i++) {
            attr = &c->product.attrs[c->product.n++];
            attr->name = c->columns[i];
            attr->value = c->fields[i];
        }

        /* rows of one SKU need not follow one another */

        if (!cost_prices_wanted(c->offer, c->product.sku)) {
            (void) cost_prices_product(c->offer, &c->product, c->rec.line);
        }

        c->last_sku = cost_prices_grow(c->last_sku,
                                       strlen(c->product.sku) + 1);
        memcpy(c->last_sku, c->product.sku, strlen(c->product.sku) + 1);
    }

    rate.rate_code = c->fields[c->at[CSV_RATE]];
    rate.begin = c->fields[c->at[CSV_BEGIN]];
    rate.end = c->fields[c->at[CSV_END]];
    rate.unit = c->fields[c->at[CSV_UNIT]];
    rate.price = c->fields[c->at[CSV_PRICE]];
    rate.currency = c->fields[c->at[CSV_CURRENCY]];

    if (strcmp(rate.currency, "USD") != 0) {
        rate.price = NULL;
    }

    cost_prices_rate(c->offer, c->fields[c->at[CSV_SKU]],
                     c->fields[c->at[CSV_TERM]], &rate, c->rec.line);
}


static void
cost_prices_csv_bad(cost_prices_csv_t *c, const char *reason)
{
    c->bad_rows++;

    if (c->skip_bad) {

        if (c->bad_rows <= COST_PRICES_ERRORS) {
            cost_prices_note(c->file, c->rec.line, "%s: left out", reason);
        }

        return;
    }

    cost_prices_error(c->file, c->rec.line, "%s", reason);
}


/* the record's fields as strings, without the blanks around them */

static void
cost_prices_csv_fields(cost_prices_csv_t *c)
{
    size_t      used;
    uint32_t    i;
    cost_str_t  field;

    used = 0;

    for (i = 0; i < c->rec.n; i++) {
        field = cost_csv_field(&c->rec, i);

        if (field.len + 1 > sizeof(c->text) - used) {
            field.len = 0;
        }

        if (field.len) {
            memcpy(c->text + used, field.data, field.len);
        }

        c->text[used + field.len] = '\0';
        c->fields[i] = cost_prices_trim(c->text + used);
        used += field.len + 1;

        if (used == sizeof(c->text)) {
            used--;
        }
    }
}
