
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * products.<sku>.{sku, productFamily, attributes} come first, then
 * terms.OnDemand.<sku>.<sku.term>.priceDimensions.<rate code>; of the terms
 * only those of selected products are looked at.
 */


#include "cost_prices_json.h"

#include <string.h>


typedef struct {
    const char             *file;
    cost_prices_offer_t    *offer;
    cost_prices_json_t     *j;
    cost_prices_product_t   product;
    size_t                  used;        /* of "text" */
    char                    text[COST_PRICES_TEXT];
} cost_prices_reader_t;


static bool cost_prices_json_offer(cost_prices_reader_t *r);
static bool cost_prices_json_products(cost_prices_reader_t *r);
static bool cost_prices_json_product(cost_prices_reader_t *r);
static bool cost_prices_json_attributes(cost_prices_reader_t *r);
static bool cost_prices_json_attribute(cost_prices_reader_t *r,
    const char *name, const char *value);
static bool cost_prices_json_terms(cost_prices_reader_t *r);
static bool cost_prices_json_sku(cost_prices_reader_t *r, const char *sku);
static bool cost_prices_json_dimensions(cost_prices_reader_t *r,
    const char *sku, const char *term);
static bool cost_prices_json_dimension(cost_prices_reader_t *r,
    const char *sku, const char *term);
static bool cost_prices_json_price(cost_prices_reader_t *r,
    cost_prices_rate_t *rate);
static const char *cost_prices_json_keep(cost_prices_reader_t *r);
static bool cost_prices_json_object(cost_prices_reader_t *r,
    const char *what);
static bool cost_prices_json_broken(cost_prices_reader_t *r);


void
cost_prices_offer_json(cost_prices_offer_t *offer, const char *file, FILE *in)
{
    cost_prices_json_t    *j;
    cost_prices_reader_t  *r;

    j = cost_prices_alloc(sizeof(cost_prices_json_t));
    r = cost_prices_alloc(sizeof(cost_prices_reader_t));

    cost_prices_json_init(j, in);

    r->file = file;
    r->offer = offer;
    r->j = j;

    if (cost_prices_json_offer(r)
        && cost_prices_json_next(j) != COST_PRICES_JSON_DONE)
    {
        (void) cost_prices_json_broken(r);
    }
}


static bool
cost_prices_json_offer(cost_prices_reader_t *r)
{
    bool                 products, fine;
    char                 name[64];
    cost_prices_json_e   token;

    if (!cost_prices_json_object(r, "the offer")) {
        return false;
    }

    products = false;

    while ((token = cost_prices_json_next(r->j)) == COST_PRICES_JSON_NAME) {

        (void) snprintf(name, sizeof(name), "%.63s", r->j->text);

        if (strcmp(name, "products") == 0) {
            products = true;
            fine = cost_prices_json_products(r);

        } else if (strcmp(name, "terms") == 0) {

            if (!products) {
                cost_prices_error(r->file, r->j->line, "its terms come "
                                  "before its products");
                return false;
            }

            fine = cost_prices_json_terms(r);

        } else {
            token = cost_prices_json_next(r->j);

            if (token == COST_PRICES_JSON_STRING) {

                if (strcmp(name, "offerCode") == 0) {
                    cost_prices_offer_code(r->offer, r->j->text);

                } else if (strcmp(name, "version") == 0) {
                    cost_prices_offer_version(r->offer, r->j->text);

                } else if (strcmp(name, "publicationDate") == 0) {
                    cost_prices_offer_date(r->offer, r->j->text);
                }
            }

            fine = cost_prices_json_skip(r->j, token)
                   || cost_prices_json_broken(r);
        }

        if (!fine) {
            return false;
        }
    }

    if (token == COST_PRICES_JSON_ERROR) {
        return cost_prices_json_broken(r);
    }

    if (!products) {
        cost_prices_error(r->file, 0, "is not an offer file: it has no "
                          "products");
    }

    return products;
}


static bool
cost_prices_json_products(cost_prices_reader_t *r)
{
    cost_prices_json_e  token;

    if (!cost_prices_json_object(r, "products")) {
        return false;
    }

    while ((token = cost_prices_json_next(r->j)) == COST_PRICES_JSON_NAME) {

        r->used = 0;
        r->product.n = 0;
        r->product.sku = cost_prices_json_keep(r);

        if (!cost_prices_json_product(r)) {
            return false;
        }

        (void) cost_prices_product(r->offer, &r->product, r->j->line);
    }

    return token == COST_PRICES_JSON_OBJECT_END || cost_prices_json_broken(r);
}


static bool
cost_prices_json_product(cost_prices_reader_t *r)
{
    char                 name[64];
    cost_prices_json_e   token;

    if (!cost_prices_json_object(r, "a product")) {
        return false;
    }

    while ((token = cost_prices_json_next(r->j)) == COST_PRICES_JSON_NAME) {

        (void) snprintf(name, sizeof(name), "%.63s", r->j->text);

        if (strcmp(name, "attributes") == 0) {

            if (!cost_prices_json_attributes(r)) {
                return false;
            }

            continue;
        }

        token = cost_prices_json_next(r->j);

        if (token == COST_PRICES_JSON_STRING
            && strcmp(name, "productFamily") == 0)
        {
            if (!cost_prices_json_attribute(r, name,
                                            cost_prices_json_keep(r)))
            {
                return false;
            }
        }

        if (!cost_prices_json_skip(r->j, token)) {
            return cost_prices_json_broken(r);
        }
    }

    return token == COST_PRICES_JSON_OBJECT_END || cost_prices_json_broken(r);
}


static bool
cost_prices_json_attributes(cost_prices_reader_t *r)
{
    const char          *name;
    cost_prices_json_e   token;

    if (!cost_prices_json_object(r, "attributes")) {
        return false;
    }

    while ((token = cost_prices_json_next(r->j)) == COST_PRICES_JSON_NAME) {

        name = cost_prices_json_keep(r);
        token = cost_prices_json_next(r->j);

        if (token == COST_PRICES_JSON_STRING) {

            if (!cost_prices_json_attribute(r, name,
                                            cost_prices_json_keep(r)))
            {
                return false;
            }
        }

        if (!cost_prices_json_skip(r->j, token)) {
            return cost_prices_json_broken(r);
        }
    }

    return token == COST_PRICES_JSON_OBJECT_END || cost_prices_json_broken(r);
}


static bool
cost_prices_json_attribute(cost_prices_reader_t *r, const char *name,
    const char *value)
{
    char                *normal;
    size_t               len;
    cost_prices_attr_t  *attr;

    len = strlen(name) + 1;

    if (r->product.n == COST_PRICES_ATTRIBUTES || value == NULL
        || len > sizeof(r->text) - r->used)
    {
        cost_prices_error(r->file, r->j->line, "SKU %s has too many "
                          "attributes", r->product.sku);
        return false;
    }

    normal = memcpy(r->text + r->used, name, len);
    r->used += len;

    cost_prices_normal(normal);

    attr = &r->product.attrs[r->product.n++];
    attr->name = normal;
    attr->value = value;

    return true;
}


static bool
cost_prices_json_terms(cost_prices_reader_t *r)
{
    bool                 on_demand;
    cost_prices_json_e   token;

    if (!cost_prices_json_object(r, "terms")) {
        return false;
    }

    while ((token = cost_prices_json_next(r->j)) == COST_PRICES_JSON_NAME) {

        on_demand = (strcmp(r->j->text, "OnDemand") == 0);
        token = cost_prices_json_next(r->j);

        if (!on_demand || token != COST_PRICES_JSON_OBJECT) {

            if (!cost_prices_json_skip(r->j, token)) {
                return cost_prices_json_broken(r);
            }

            continue;
        }

        while ((token = cost_prices_json_next(r->j))
               == COST_PRICES_JSON_NAME)
        {
            r->used = 0;

            if (!cost_prices_json_sku(r, cost_prices_json_keep(r))) {
                return false;
            }
        }

        if (token != COST_PRICES_JSON_OBJECT_END) {
            return cost_prices_json_broken(r);
        }
    }

    return token == COST_PRICES_JSON_OBJECT_END || cost_prices_json_broken(r);
}


/* one offer term, or several, of which cost_prices_rate() takes one */

static bool
cost_prices_json_sku(cost_prices_reader_t *r, const char *sku)
{
    const char          *term;
    cost_prices_json_e   token;

    if (sku == NULL || !cost_prices_wanted(r->offer, sku)) {
        token = cost_prices_json_next(r->j);
        return cost_prices_json_skip(r->j, token)
               || cost_prices_json_broken(r);
    }

    if (!cost_prices_json_object(r, "an offer term")) {
        return false;
    }

    while ((token = cost_prices_json_next(r->j)) == COST_PRICES_JSON_NAME) {

        term = cost_prices_json_keep(r);

        if (!cost_prices_json_object(r, "an offer term")) {
            return false;
        }

        while ((token = cost_prices_json_next(r->j))
               == COST_PRICES_JSON_NAME)
        {
            if (strcmp(r->j->text, "priceDimensions") == 0) {

                if (!cost_prices_json_dimensions(r, sku, term)) {
                    return false;
                }

                continue;
            }

            token = cost_prices_json_next(r->j);

            if (!cost_prices_json_skip(r->j, token)) {
                return cost_prices_json_broken(r);
            }
        }

        if (token != COST_PRICES_JSON_OBJECT_END) {
            return cost_prices_json_broken(r);
        }
    }

    return token == COST_PRICES_JSON_OBJECT_END || cost_prices_json_broken(r);
}


static bool
cost_prices_json_dimensions(cost_prices_reader_t *r, const char *sku,
    const char *term)
{
    cost_prices_json_e  token;

    if (!cost_prices_json_object(r, "priceDimensions")) {
        return false;
    }

    while ((token = cost_prices_json_next(r->j)) == COST_PRICES_JSON_NAME) {
        if (!cost_prices_json_dimension(r, sku, term)) {
            return false;
        }
    }

    return token == COST_PRICES_JSON_OBJECT_END || cost_prices_json_broken(r);
}


static bool
cost_prices_json_dimension(cost_prices_reader_t *r, const char *sku,
    const char *term)
{
    char                 name[64];
    cost_prices_json_e   token;
    cost_prices_rate_t   rate;

    memset(&rate, 0, sizeof(cost_prices_rate_t));

    rate.rate_code = cost_prices_json_keep(r);
    rate.begin = "";
    rate.end = "";
    rate.unit = "";
    rate.currency = "no currency";

    if (!cost_prices_json_object(r, "a price dimension")) {
        return false;
    }

    while ((token = cost_prices_json_next(r->j)) == COST_PRICES_JSON_NAME) {

        (void) snprintf(name, sizeof(name), "%.63s", r->j->text);

        if (strcmp(name, "pricePerUnit") == 0) {

            if (!cost_prices_json_price(r, &rate)) {
                return false;
            }

            continue;
        }

        token = cost_prices_json_next(r->j);

        if (token == COST_PRICES_JSON_STRING) {

            if (strcmp(name, "beginRange") == 0) {
                rate.begin = cost_prices_json_keep(r);

            } else if (strcmp(name, "endRange") == 0) {
                rate.end = cost_prices_json_keep(r);

            } else if (strcmp(name, "unit") == 0) {
                rate.unit = cost_prices_json_keep(r);
            }
        }

        if (!cost_prices_json_skip(r->j, token)) {
            return cost_prices_json_broken(r);
        }
    }

    if (token != COST_PRICES_JSON_OBJECT_END) {
        return cost_prices_json_broken(r);
    }

    if (rate.rate_code == NULL || rate.begin == NULL || rate.end == NULL
        || rate.unit == NULL)
    {
        cost_prices_error(r->file, r->j->line, "SKU %s has too many rates",
                          sku);
        return false;
    }

    cost_prices_rate(r->offer, sku, term, &rate, r->j->line);

    return true;
}


static bool
cost_prices_json_price(cost_prices_reader_t *r, cost_prices_rate_t *rate)
{
    bool                 usd;
    const char          *currency;
    cost_prices_json_e   token;

    if (!cost_prices_json_object(r, "pricePerUnit")) {
        return false;
    }

    while ((token = cost_prices_json_next(r->j)) == COST_PRICES_JSON_NAME) {

        usd = (strcmp(r->j->text, "USD") == 0);
        currency = cost_prices_json_keep(r);
        token = cost_prices_json_next(r->j);

        if (token == COST_PRICES_JSON_STRING
            || token == COST_PRICES_JSON_OTHER)
        {
            if (usd) {
                rate->price = cost_prices_json_keep(r);

            } else if (currency != NULL) {
                rate->currency = currency;
            }
        }

        if (!cost_prices_json_skip(r->j, token)) {
            return cost_prices_json_broken(r);
        }
    }

    return token == COST_PRICES_JSON_OBJECT_END || cost_prices_json_broken(r);
}


/* a copy of the token's text, until the next product or SKU; NULL: full */

static const char *
cost_prices_json_keep(cost_prices_reader_t *r)
{
    char  *copy;

    if (r->j->len + 1 > sizeof(r->text) - r->used) {
        return NULL;
    }

    copy = memcpy(r->text + r->used, r->j->text, r->j->len + 1);
    r->used += r->j->len + 1;

    return cost_prices_trim(copy);
}


static bool
cost_prices_json_object(cost_prices_reader_t *r, const char *what)
{
    cost_prices_json_e  token;

    token = cost_prices_json_next(r->j);

    if (token == COST_PRICES_JSON_OBJECT) {
        return true;
    }

    if (token == COST_PRICES_JSON_ERROR) {
        return cost_prices_json_broken(r);
    }

    cost_prices_error(r->file, r->j->line, "%s is not an object", what);

    return false;
}


static bool
cost_prices_json_broken(cost_prices_reader_t *r)
{
    cost_prices_error(r->file, r->j->line, "is not JSON: %s", r->j->text);

    return false;
}
