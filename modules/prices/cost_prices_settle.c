
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The end of an offer file: the rates of each SKU in order, as prices of the
 * book, and what was missing.
 */


#include "cost_prices_offer.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>


static bool cost_prices_order(cost_prices_offer_t *offer,
    cost_prices_sku_t *sku);
static int cost_prices_by_begin(const void *one, const void *two);
static void cost_prices_settle(cost_prices_offer_t *offer,
    cost_prices_sku_t *sku, const cost_prices_target_t *target);
static char *cost_prices_text(cost_prices_offer_t *offer,
    cost_prices_sku_t *sku, const cost_prices_select_t *select);
static void cost_prices_missing(cost_prices_offer_t *offer, bool partial);
static void cost_prices_retire(cost_prices_offer_t *offer);
static void cost_prices_say_strangers(cost_prices_offer_t *offer);


void
cost_prices_offer_end(cost_prices_offer_t *offer, bool partial)
{
    uint32_t            i, n;
    cost_prices_sku_t  *sku;

    for (i = 0; i < offer->nskus; i++) {
        sku = &offer->skus[i];

        if (sku->bad || !cost_prices_order(offer, sku)) {
            continue;
        }

        for (n = 0; n < sku->ntargets; n++) {
            cost_prices_settle(offer, sku, &sku->targets[n]);
        }
    }

    cost_prices_missing(offer, partial);

    if (!partial) {
        cost_prices_retire(offer);
    }

    cost_prices_say_strangers(offer);

    if (cost_prices_errors() == 0) {
        cost_prices_note(offer->file, 0, "%u prices of %u SKUs%s%s",
                         offer->nprices, offer->nskus,
                         *offer->code ? " of " : "", offer->code);
    }
}


/* the tiers in order, without a gap, from 0 to without end */

static bool
cost_prices_order(cost_prices_offer_t *offer, cost_prices_sku_t *sku)
{
    uint32_t             i;
    cost_decimal_t       end;
    cost_prices_tier_t  *tier;

    if (sku->ntiers == 0) {
        cost_prices_bad(offer, sku, sku->line, "no on-demand price");
        return false;
    }

    qsort(sku->tiers, sku->ntiers, sizeof(cost_prices_tier_t),
          cost_prices_by_begin);

    end = 0;

    for (i = 0; i < sku->ntiers; i++) {
        tier = &sku->tiers[i];

        if (tier->begin != end || tier->end == tier->begin) {
            cost_prices_bad(offer, sku, sku->line, "its tiers have a gap or "
                            "overlap at rate %s", tier->code);
            return false;
        }

        end = tier->end;
    }

    if (end != -1) {
        cost_prices_bad(offer, sku, sku->line, "its last tier has an end");
        return false;
    }

    return true;
}


static int
cost_prices_by_begin(const void *one, const void *two)
{
    const cost_prices_tier_t  *a = one;
    const cost_prices_tier_t  *b = two;

    return (a->begin > b->begin) - (a->begin < b->begin);
}


static void
cost_prices_settle(cost_prices_offer_t *offer, cost_prices_sku_t *sku,
    const cost_prices_target_t *target)
{
    char                 *text, source[256];
    uint32_t              region;
    cost_prices_row_t    *row;
    cost_prices_cell_t   *cell;
    cost_prices_group_t  *group;

    group = cost_prices_group(offer->book, target->select->group);

    if (group == NULL || group->nparts != target->select->nkey) {
        cost_prices_error(offer->file, 0, "the selection names %s, which the "
                          "base file %s", target->select->group,
                          group == NULL ? "does not have"
                                        : "keys otherwise");
        return;
    }

    text = cost_prices_text(offer, sku, target->select);

    if (text == NULL) {
        return;
    }

    row = cost_prices_row(offer->book, group, target->key);

    for (region = 0; region < offer->book->nregions; region++) {

        if ((target->regions >> region & 1) == 0) {
            continue;
        }

        cell = &row->cells[region];

        if (cell->sku != NULL
            && (strcmp(cell->sku, sku->sku) != 0
                || strcmp(cell->text, text) != 0))
        {
            cost_prices_error(offer->file, sku->line, "%s%s%s in %s: two "
                              "SKUs match, %s and %s (%s)", group->name,
                              *row->key ? " " : "", row->key,
                              offer->book->regions[region], cell->sku,
                              sku->sku, sku->usage);
            continue;
        }

        cell->text = text;
        cell->sku = sku->sku;
        cell->file = offer->number;
        offer->nprices++;
    }

    (void) snprintf(source, sizeof(source), "AWS Price List, %s%s%s%s%s",
                    *offer->code ? offer->code : "an offer without code",
                    offer->version ? " version " : "",
                    offer->version ? offer->version : "",
                    offer->date ? " of " : "",
                    offer->date ? offer->date : "");

    group->source = cost_prices_dup(source, strlen(source));
    group->as_of = offer->date;
}


/* "0.5 to 10 0.4 # RATECODE RATECODE", in our unit */

static char *
cost_prices_text(cost_prices_offer_t *offer, cost_prices_sku_t *sku,
    const cost_prices_select_t *select)
{
    char                 text[8192];
    size_t               len;
    uint32_t             i, n, first;
    cost_decimal_t       price, bound;
    cost_prices_tier_t  *tier;

    first = 0;

    if (select->drop_free && sku->ntiers > 1 && sku->tiers[0].price == 0) {
        first = 1;
    }

    len = 0;

    for (i = first; i < sku->ntiers; i++) {
        tier = &sku->tiers[i];

        for (n = 0; n < select->nunits; n++) {
            if (fnmatch(select->units[n], tier->unit, FNM_CASEFOLD) == 0) {
                break;
            }
        }

        if (n == select->nunits) {
            cost_prices_bad(offer, sku, sku->line, "priced per \"%s\", not "
                            "per \"%s\"", tier->unit,
                            select->nunits ? select->units[0] : "anything");
            return NULL;
        }

        price = tier->price / select->divide;
        bound = (tier->end == -1) ? 0 : tier->end;

        if (price * select->divide != tier->price
            || price % 1000000 != 0
            || bound > COST_QUANTITY_MAX
            || len + 512 > sizeof(text))
        {
            cost_prices_bad(offer, sku, sku->line, "rate %s has too many "
                            "decimals, or there are too many tiers",
                            tier->code);
            return NULL;
        }

        len += cost_decimal_format(price, COST_PRICE_PLACES, 0,
                                   (uint8_t *) text + len);

        if (tier->end != -1) {
            memcpy(text + len, " to ", 4);
            len += 4;
            len += cost_decimal_format(bound * select->divide, 6, 0,
                                       (uint8_t *) text + len);
            text[len++] = ' ';
        }
    }

    len += (size_t) sprintf(text + len, " #");

    for (i = first; i < sku->ntiers; i++) {
        len += (size_t) snprintf(text + len, sizeof(text) - len, " %s",
                                 sku->tiers[i].code);

        if (len >= sizeof(text)) {
            return NULL;
        }
    }

    return cost_prices_dup(text, len);
}


/* groups of this offer that no SKU was found for, in the file's regions */

static void
cost_prices_missing(cost_prices_offer_t *offer, bool partial)
{
    char                   names[4096];
    size_t                 len;
    uint32_t               i, n, region, found, missing;
    uint64_t               needed;
    const char            *name;
    cost_prices_group_t   *group;

    if (offer->nskus == 0) {
        names[0] = '\0';
        len = 0;

        for (i = 0; i < offer->nstrangers && len + 80 < sizeof(names); i++) {
            len += (size_t) snprintf(names + len, sizeof(names) - len,
                                     "%s\"%.60s\"", i ? ", " : "",
                                     offer->strangers[i]);
        }

        if (offer->nstrangers) {
            cost_prices_error(offer->file, 0, "has prices only for %s, which "
                              "is not among our regions", names);

        } else {
            cost_prices_error(offer->file, 0, "has no product that the "
                              "selection wants%s%s",
                              *offer->code ? "; its offer is " : "",
                              offer->code);
        }

        return;
    }

    missing = 0;

    for (i = 0; i < offer->selection->nselects; i++) {
        name = offer->selection->selects[i].group;
        group = cost_prices_group(offer->book, name);

        if (group == NULL
            || strcmp(offer->selection->selects[i].offer, offer->code) != 0
            || (i != 0 && strcmp(offer->selection->selects[i - 1].group, name)
                          == 0))
        {
            continue;
        }

        /* what is the same everywhere is looked for once */

        needed = offer->selection->selects[i].everywhere ? 1 : offer->seen;

        for (region = 0; region < offer->book->nregions; region++) {

            if ((needed >> region & 1) == 0) {
                continue;
            }

            found = 0;

            for (n = 0; n < group->nrows; n++) {
                found += (group->rows[n].cells[region].file == offer->number);
            }

            if (found != 0) {
                continue;
            }

            missing++;

            if (!partial) {
                cost_prices_error(offer->file, 0, "no SKU matches %s in %s "
                                  "(line %u of the selection)", name,
                                  offer->book->regions[region],
                                  offer->selection->selects[i].line);
            }
        }
    }

    if (partial && missing) {
        cost_prices_note(offer->file, 0, "%u prices of the selection are not "
                         "in this file", missing);
    }
}


/* a whole file's keys are all the keys there are in its regions */

static void
cost_prices_retire(cost_prices_offer_t *offer)
{
    uint32_t              i, n, region, found, retired;
    cost_prices_cell_t   *cell;
    cost_prices_group_t  *group;

    retired = 0;

    for (i = 0; i < offer->book->ngroups; i++) {
        group = &offer->book->groups[i];

        for (region = 0; region < offer->book->nregions; region++) {

            found = 0;

            for (n = 0; n < group->nrows; n++) {
                found += (group->rows[n].cells[region].file == offer->number);
            }

            for (n = 0; n < group->nrows && found; n++) {
                cell = &group->rows[n].cells[region];

                if (cell->text != NULL && cell->sku == NULL) {
                    cell->text = NULL;
                    retired++;
                }
            }
        }
    }

    if (retired) {
        cost_prices_note(offer->file, 0, "%u prices of the base file are no "
                         "longer offered", retired);
    }
}


static void
cost_prices_say_strangers(cost_prices_offer_t *offer)
{
    uint32_t  i;

    if (offer->nskus == 0) {
        return;
    }

    for (i = 0; i < offer->nstrangers; i++) {
        cost_prices_note(offer->file, 0, "left out what is in \"%s\", not one "
                         "of our regions", offer->strangers[i]);
    }
}
