
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The rates of the products that one offer file has and the selection wants.
 * They become prices when the file ends: until then a product's rates may
 * still follow.
 */


#include "cost_prices_offer.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>


static char *cost_prices_plain(const char *text);
static uint64_t cost_prices_places(cost_prices_offer_t *offer,
    const cost_prices_select_t *select, const cost_prices_product_t *product,
    const char **place);
static char *cost_prices_key_of(const cost_prices_select_t *select,
    const cost_prices_product_t *product);
static const char *cost_prices_mapped(const cost_prices_select_t *select,
    const char *attr, const char *value);
static void cost_prices_stranger(cost_prices_offer_t *offer,
    const char *place);
static cost_prices_sku_t *cost_prices_find(cost_prices_offer_t *offer,
    const char *sku);
static cost_prices_sku_t *cost_prices_add(cost_prices_offer_t *offer,
    const char *sku);
static bool cost_prices_range(const char *text, cost_decimal_t *value);


cost_prices_offer_t *
cost_prices_offer(const char *file, uint32_t number, cost_prices_book_t *book,
    const cost_prices_selection_t *selection, bool skip_bad)
{
    cost_prices_offer_t  *offer;

    offer = cost_prices_alloc(sizeof(cost_prices_offer_t));

    offer->file = file;
    offer->number = number;
    offer->code = "";
    offer->book = book;
    offer->selection = selection;
    offer->skip_bad = skip_bad;
    offer->nslots = 1024;
    offer->slots = cost_prices_alloc(offer->nslots * sizeof(uint32_t));

    return offer;
}


void
cost_prices_offer_code(cost_prices_offer_t *offer, const char *code)
{
    offer->code = cost_prices_plain(code);
}


void
cost_prices_offer_date(cost_prices_offer_t *offer, const char *date)
{
    cost_day_t  day;

    /* some were rewritten by a spreadsheet; then there is none */

    if (strlen(date) >= 10
        && cost_date_parse((const uint8_t *) date, 10, &day) == COST_OK)
    {
        offer->date = cost_prices_dup(date, 10);
    }
}


void
cost_prices_offer_version(cost_prices_offer_t *offer, const char *version)
{
    offer->version = cost_prices_plain(version);
}


/* a copy that is one word of one line */

static char *
cost_prices_plain(const char *text)
{
    char  *copy, *p;

    copy = cost_prices_dup(text, strlen(text));

    for (p = copy; *p; p++) {
        if ((unsigned char) *p <= 0x20 || *p == 0x7f || *p == '#') {
            *p = '?';
        }
    }

    return copy;
}


bool
cost_prices_product(cost_prices_offer_t *offer,
    const cost_prices_product_t *product, uint64_t line)
{
    char                        *key;
    uint32_t                     i;
    uint64_t                     regions;
    const char                  *place;
    cost_prices_sku_t           *sku;
    cost_prices_target_t        *target;
    const cost_prices_select_t  *select;

    sku = NULL;
    place = "";

    if (*offer->code == '\0') {
        cost_prices_offer_code(offer, cost_prices_value(product,
                                                        "servicecode"));
    }

    for (i = 0; i < offer->selection->nselects; i++) {
        select = &offer->selection->selects[i];

        if (!cost_prices_selected(select, offer->code, product)) {
            continue;
        }

        regions = cost_prices_places(offer, select, product, &place);

        if (regions == 0) {
            cost_prices_stranger(offer, place);
            continue;
        }

        key = cost_prices_key_of(select, product);

        if (key == NULL) {
            cost_prices_error(offer->file, line, "SKU %s (%s) has no key "
                              "for %s, or one that is no name", product->sku,
                              cost_prices_value(product, "usagetype"),
                              select->group);
            continue;
        }

        /* a key that is no name of ours is in a place we do not serve */

        if (*key == '\0' && select->nkey != 0) {
            continue;
        }

        if (sku == NULL) {
            sku = cost_prices_add(offer, product->sku);

            if (sku->line != 0) {
                cost_prices_error(offer->file, line, "SKU %s is there twice, "
                                  "first in line %llu", product->sku,
                                  (unsigned long long) sku->line);
                return false;
            }

            place = cost_prices_value(product, "usagetype");
            sku->usage = cost_prices_dup(place, strlen(place));
            sku->line = line;
        }

        cost_prices_push(sku->targets, sku->ntargets);
        target = &sku->targets[sku->ntargets++];

        target->select = select;
        target->key = key;
        target->regions = regions;

        if (!select->everywhere) {
            offer->seen |= regions;
        }
    }

    return sku != NULL;
}


/* the regions that a product's price holds for; 0: none of ours, "place" */

static uint64_t
cost_prices_places(cost_prices_offer_t *offer,
    const cost_prices_select_t *select, const cost_prices_product_t *product,
    const char **place)
{
    int          i;
    char        *names, *name;
    uint64_t     regions;
    const char  *attr, *mapped;

    if (select->everywhere) {
        return ((uint64_t) 2 << (offer->book->nregions - 1)) - 1;
    }

    attr = (select->region_attr == NULL) ? "location" : select->region_attr;
    *place = cost_prices_value(product, attr);

    mapped = cost_prices_mapped(select, attr, *place);

    if (mapped == NULL) {
        mapped = cost_prices_location(offer->selection, *place);
    }

    if (mapped == NULL && **place == '\0' && select->region_attr == NULL) {
        *place = cost_prices_value(product, "regioncode");
        mapped = *place;
    }

    if (mapped == NULL) {
        return 0;
    }

    names = cost_prices_dup(mapped, strlen(mapped));
    regions = 0;

    while ((name = strsep(&names, " ")) != NULL) {
        i = cost_prices_region(offer->book, name);

        if (i >= 0) {
            regions |= (uint64_t) 1 << i;
        }
    }

    return regions;
}


/* "": a plain group's; NULL: a part has no value, or not a name */

static char *
cost_prices_key_of(const cost_prices_select_t *select,
    const cost_prices_product_t *product)
{
    char         key[512];
    size_t       len, n;
    uint32_t     i;
    const char  *part, *name;

    len = 0;

    for (i = 0; i < select->nkey; i++) {
        part = select->key[i];

        if (*part == '=') {
            name = part + 1;

        } else {
            name = cost_prices_mapped(select, part,
                                      cost_prices_value(product, part));

            if (name == NULL) {
                name = cost_prices_value(product, part);
            }
        }

        n = strlen(name);

        if (strcmp(name, "-") == 0) {
            return cost_prices_dup("", 0);
        }

        if (n == 0 || len + n + 2 > sizeof(key)
            || strspn(name, "abcdefghijklmnopqrstuvwxyz"
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") != n)
        {
            return NULL;
        }

        if (i != 0) {
            key[len++] = '/';
        }

        memcpy(key + len, name, n);
        len += n;
    }

    return cost_prices_dup(key, len);
}


static const char *
cost_prices_mapped(const cost_prices_select_t *select, const char *attr,
    const char *value)
{
    uint32_t  i;

    for (i = 0; i < select->nmaps; i++) {
        if (strcmp(select->maps[i].attr, attr) == 0
            && cost_prices_glob(select->maps[i].value, value))
        {
            return select->maps[i].name;
        }
    }

    return NULL;
}


static void
cost_prices_stranger(cost_prices_offer_t *offer, const char *place)
{
    uint32_t  i;

    offer->nskipped++;

    for (i = 0; i < offer->nstrangers; i++) {
        if (strcmp(offer->strangers[i], place) == 0) {
            return;
        }
    }

    if (offer->nstrangers == 64) {
        return;
    }

    cost_prices_push(offer->strangers, offer->nstrangers);
    offer->strangers[offer->nstrangers++] = cost_prices_dup(place,
                                                            strlen(place));
}


bool
cost_prices_wanted(cost_prices_offer_t *offer, const char *sku)
{
    return cost_prices_find(offer, sku) != NULL;
}


static cost_prices_sku_t *
cost_prices_find(cost_prices_offer_t *offer, const char *sku)
{
    uint32_t  i, n;

    i = (uint32_t) cost_hash((const uint8_t *) sku, strlen(sku), 0);

    for ( /* void */ ; /* void */ ; i++) {
        n = offer->slots[i & (offer->nslots - 1)];

        if (n == 0) {
            return NULL;
        }

        if (strcmp(offer->skus[n - 1].sku, sku) == 0) {
            return &offer->skus[n - 1];
        }
    }
}


static cost_prices_sku_t *
cost_prices_add(cost_prices_offer_t *offer, const char *name)
{
    uint32_t            i, n;
    cost_prices_sku_t  *sku;

    sku = cost_prices_find(offer, name);

    if (sku != NULL) {
        return sku;
    }

    cost_prices_push(offer->skus, offer->nskus);
    sku = &offer->skus[offer->nskus++];

    memset(sku, 0, sizeof(cost_prices_sku_t));
    sku->sku = cost_prices_dup(name, strlen(name));

    if (2 * offer->nskus > offer->nslots) {
        offer->nslots *= 2;
        free(offer->slots);
        offer->slots = cost_prices_alloc(offer->nslots * sizeof(uint32_t));
        n = 0;

    } else {
        n = offer->nskus - 1;
    }

    for ( /* void */ ; n < offer->nskus; n++) {
        i = (uint32_t) cost_hash((const uint8_t *) offer->skus[n].sku,
                                 strlen(offer->skus[n].sku), 0);

        while (offer->slots[i & (offer->nslots - 1)] != 0) {
            i++;
        }

        offer->slots[i & (offer->nslots - 1)] = n + 1;
    }

    return sku;
}


void
cost_prices_rate(cost_prices_offer_t *offer, const char *name,
    const char *term, const cost_prices_rate_t *rate, uint64_t line)
{
    cost_prices_sku_t   *sku;
    cost_prices_tier_t  *tier;

    sku = cost_prices_find(offer, name);

    if (sku == NULL) {
        return;
    }

    if (sku->term == NULL) {
        sku->term = cost_prices_dup(term, strlen(term));

    } else if (strcmp(sku->term, term) != 0) {
        cost_prices_bad(offer, sku, line, "two on-demand offers, %s and %s",
                        sku->term, term);
        return;
    }

    if (rate->price == NULL) {
        cost_prices_error(offer->file, line, "SKU %s (%s) is priced in %s, "
                          "not in USD", sku->sku, sku->usage, rate->currency);
        sku->bad = true;
        return;
    }

    cost_prices_push(sku->tiers, sku->ntiers);
    tier = &sku->tiers[sku->ntiers++];

    tier->code = cost_prices_plain(rate->rate_code);
    tier->unit = cost_prices_dup(rate->unit, strlen(rate->unit));

    if (!cost_prices_range(rate->begin, &tier->begin)
        || !cost_prices_range(rate->end, &tier->end)
        || tier->begin < 0
        || cost_decimal_parse((const uint8_t *) rate->price,
                              strlen(rate->price), &tier->price)
           != COST_OK
        || tier->price < 0)
    {
        cost_prices_bad(offer, sku, line, "a rate from \"%s\" to \"%s\" at "
                        "\"%s\" per \"%s\"", rate->begin, rate->end,
                        rate->price, rate->unit);
    }
}


void
cost_prices_bad(cost_prices_offer_t *offer, cost_prices_sku_t *sku,
    uint64_t line, const char *fmt, ...)
{
    char     text[512];
    va_list  args;

    va_start(args, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    sku->bad = true;

    if (offer->skip_bad) {
        cost_prices_note(offer->file, line, "SKU %s (%s): %s: left out",
                         sku->sku, sku->usage, text);
        return;
    }

    cost_prices_error(offer->file, line, "SKU %s (%s): %s", sku->sku,
                      sku->usage, text);
}


/* "Inf" is -1 */

static bool
cost_prices_range(const char *text, cost_decimal_t *value)
{
    if (strcmp(text, "Inf") == 0) {
        *value = -1;
        return true;
    }

    return cost_decimal_parse((const uint8_t *) text, strlen(text), value)
           == COST_OK
           && *value >= 0;
}
