
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The selection is text, conf/prices/selection; its lines are described at
 * its top.
 */


#include "cost_prices.h"

#include <stdlib.h>
#include <string.h>


typedef bool (*cost_prices_line_pt)(cost_prices_selection_t *s, char *rest);

typedef struct {
    const char           *word;
    bool                  inside;        /* of a "select" */
    cost_prices_line_pt   read;
} cost_prices_line_t;


static bool cost_prices_select_location(cost_prices_selection_t *s,
    char *rest);
static bool cost_prices_select_derive(cost_prices_selection_t *s, char *rest);
static bool cost_prices_select_begin(cost_prices_selection_t *s, char *rest);
static bool cost_prices_select_offer(cost_prices_selection_t *s, char *rest);
static bool cost_prices_select_is(cost_prices_selection_t *s, char *rest);
static bool cost_prices_select_not(cost_prices_selection_t *s, char *rest);
static bool cost_prices_select_rule(cost_prices_selection_t *s, char *rest,
    bool not);
static bool cost_prices_select_key(cost_prices_selection_t *s, char *rest);
static bool cost_prices_select_map(cost_prices_selection_t *s, char *rest);
static bool cost_prices_select_region(cost_prices_selection_t *s, char *rest);
static bool cost_prices_select_unit(cost_prices_selection_t *s, char *rest);
static bool cost_prices_select_divide(cost_prices_selection_t *s, char *rest);
static bool cost_prices_select_everywhere(cost_prices_selection_t *s,
    char *rest);
static bool cost_prices_select_free(cost_prices_selection_t *s, char *rest);
static cost_prices_select_t *cost_prices_select_last(
    cost_prices_selection_t *s);
static char *cost_prices_select_cut(char **rest, const char *at);


static const cost_prices_line_t  cost_prices_lines[] = {
    { "location", false, cost_prices_select_location },
    { "derive", false, cost_prices_select_derive },
    { "select", false, cost_prices_select_begin },
    { "offer", true, cost_prices_select_offer },
    { "is", true, cost_prices_select_is },
    { "not", true, cost_prices_select_not },
    { "key", true, cost_prices_select_key },
    { "map", true, cost_prices_select_map },
    { "region", true, cost_prices_select_region },
    { "unit", true, cost_prices_select_unit },
    { "divide", true, cost_prices_select_divide },
    { "everywhere", true, cost_prices_select_everywhere },
    { "free", true, cost_prices_select_free },
    { NULL, false, NULL }
};


bool
cost_prices_selection(const char *file, cost_prices_selection_t *selection)
{
    FILE                      *in;
    char                      *rest, *word, buf[4096];
    uint32_t                   line;
    const cost_prices_line_t  *l;

    memset(selection, 0, sizeof(cost_prices_selection_t));

    in = fopen(file, "r");

    if (in == NULL) {
        cost_prices_error(file, 0, "cannot be opened");
        return false;
    }

    line = 0;

    while (fgets(buf, sizeof(buf), in) != NULL) {
        line++;

        rest = cost_prices_trim(buf);

        if (*rest == '\0' || *rest == '#') {
            continue;
        }

        word = cost_prices_select_cut(&rest, " ");

        for (l = cost_prices_lines; l->word != NULL; l++) {
            if (strcmp(l->word, word) == 0) {
                break;
            }
        }

        if (l->word == NULL || (l->inside && selection->nselects == 0)
            || !l->read(selection, rest))
        {
            cost_prices_error(file, line, "cannot be understood: %s %s", word,
                              rest);
            continue;
        }

        if (strcmp(word, "select") == 0) {
            cost_prices_select_last(selection)->line = line;
        }
    }

    fclose(in);

    return cost_prices_errors() == 0;
}


bool
cost_prices_selected(const cost_prices_select_t *select, const char *offer,
    const cost_prices_product_t *product)
{
    bool                       any;
    uint32_t                   i, n;
    const char                *value;
    const cost_prices_rule_t  *rule;

    if (strcmp(select->offer, offer) != 0
        && strcmp(select->offer, cost_prices_value(product, "servicecode"))
           != 0)
    {
        return false;
    }

    for (i = 0; i < select->nrules; i++) {
        rule = &select->rules[i];
        value = cost_prices_value(product, rule->attr);
        any = false;

        for (n = 0; n < rule->nvalues && !any; n++) {
            any = cost_prices_glob(rule->values[n], value);
        }

        if (any == rule->not) {
            return false;
        }
    }

    return true;
}


const char *
cost_prices_location(const cost_prices_selection_t *selection,
    const char *location)
{
    uint32_t  i;

    for (i = 0; i < selection->nregions; i++) {
        if (strcmp(selection->regions[i].value, location) == 0) {
            return selection->regions[i].name;
        }
    }

    return NULL;
}


/* "us-east-1 = US East (N. Virginia)" */

static bool
cost_prices_select_location(cost_prices_selection_t *s, char *rest)
{
    char               *region;
    cost_prices_map_t  *map;

    region = cost_prices_select_cut(&rest, "=");

    cost_prices_push(s->regions, s->nregions);
    map = &s->regions[s->nregions++];

    map->attr = NULL;
    map->name = cost_prices_dup(region, strlen(region));
    map->value = cost_prices_dup(rest, strlen(rest));

    return *region && *rest;
}


/* "GROUP = 0.6 GROUP + 0.4 GROUP" */

static bool
cost_prices_select_derive(cost_prices_selection_t *s, char *rest)
{
    char                  *word[4];
    cost_prices_derive_t  *derive;

    cost_prices_push(s->derives, s->nderives);
    derive = &s->derives[s->nderives++];

    word[0] = cost_prices_select_cut(&rest, "=");
    derive->group = cost_prices_dup(word[0], strlen(word[0]));

    word[0] = cost_prices_select_cut(&rest, " ");
    word[1] = cost_prices_select_cut(&rest, "+");
    word[2] = cost_prices_select_cut(&rest, " ");
    word[3] = rest;

    derive->factors[0] = cost_prices_dup(word[0], strlen(word[0]));
    derive->groups[0] = cost_prices_dup(word[1], strlen(word[1]));
    derive->factors[1] = cost_prices_dup(word[2], strlen(word[2]));
    derive->groups[1] = cost_prices_dup(word[3], strlen(word[3]));

    return *word[0] && *word[1] && *word[2] && *word[3];
}


static bool
cost_prices_select_begin(cost_prices_selection_t *s, char *rest)
{
    cost_prices_select_t  *select;

    cost_prices_push(s->selects, s->nselects);
    select = &s->selects[s->nselects++];

    memset(select, 0, sizeof(cost_prices_select_t));

    select->group = cost_prices_dup(rest, strlen(rest));
    select->offer = "";
    select->divide = 1;

    return *rest != '\0';
}


static bool
cost_prices_select_offer(cost_prices_selection_t *s, char *rest)
{
    cost_prices_select_last(s)->offer = cost_prices_dup(rest, strlen(rest));

    return *rest != '\0';
}


static bool
cost_prices_select_is(cost_prices_selection_t *s, char *rest)
{
    return cost_prices_select_rule(s, rest, false);
}


static bool
cost_prices_select_not(cost_prices_selection_t *s, char *rest)
{
    return cost_prices_select_rule(s, rest, true);
}


/* "attribute = pattern | pattern"; an empty one is a missing attribute */

static bool
cost_prices_select_rule(cost_prices_selection_t *s, char *rest, bool not)
{
    char                  *attr, *value;
    cost_prices_rule_t    *rule;
    cost_prices_select_t  *select;

    select = cost_prices_select_last(s);

    cost_prices_push(select->rules, select->nrules);
    rule = &select->rules[select->nrules++];

    memset(rule, 0, sizeof(cost_prices_rule_t));

    attr = cost_prices_select_cut(&rest, "=");

    rule->attr = cost_prices_dup(attr, strlen(attr));
    rule->not = not;

    cost_prices_normal(rule->attr);

    while (rest != NULL) {
        value = rest;
        rest = strchr(rest, '|');

        if (rest != NULL) {
            *rest++ = '\0';
        }

        value = cost_prices_trim(value);

        cost_prices_push(rule->values, rule->nvalues);
        rule->values[rule->nvalues++] = cost_prices_dup(value, strlen(value));
    }

    return *rule->attr != '\0';
}


/* "attribute / attribute / 'text'" */

static bool
cost_prices_select_key(cost_prices_selection_t *s, char *rest)
{
    char                  *part;
    size_t                 len;
    cost_prices_select_t  *select;

    select = cost_prices_select_last(s);

    while (*rest) {

        if (select->nkey == COST_PRICE_PARTS) {
            return false;
        }

        part = cost_prices_select_cut(&rest, "/");
        len = strlen(part);

        if (len > 2 && part[0] == '\'' && part[len - 1] == '\'') {
            part[0] = '=';
            part = cost_prices_dup(part, len - 1);

        } else {
            part = cost_prices_dup(part, len);
            cost_prices_normal(part);
        }

        select->key[select->nkey++] = part;
    }

    return select->nkey != 0;
}


/* "attribute: value = name" */

static bool
cost_prices_select_map(cost_prices_selection_t *s, char *rest)
{
    char                  *attr, *value;
    cost_prices_map_t     *map;
    cost_prices_select_t  *select;

    select = cost_prices_select_last(s);

    attr = cost_prices_select_cut(&rest, ":");
    value = cost_prices_select_cut(&rest, "=");

    cost_prices_push(select->maps, select->nmaps);
    map = &select->maps[select->nmaps++];

    map->attr = cost_prices_dup(attr, strlen(attr));
    map->value = cost_prices_dup(value, strlen(value));
    map->name = cost_prices_dup(rest, strlen(rest));

    cost_prices_normal(map->attr);

    return *attr && *value && *rest;
}


static bool
cost_prices_select_region(cost_prices_selection_t *s, char *rest)
{
    char  *attr;

    attr = cost_prices_dup(rest, strlen(rest));
    cost_prices_normal(attr);

    cost_prices_select_last(s)->region_attr = attr;

    return *attr != '\0';
}


static bool
cost_prices_select_unit(cost_prices_selection_t *s, char *rest)
{
    char                  *unit;
    cost_prices_select_t  *select;

    select = cost_prices_select_last(s);

    while (*rest) {
        unit = cost_prices_select_cut(&rest, "|");

        cost_prices_push(select->units, select->nunits);
        select->units[select->nunits++] = cost_prices_dup(unit, strlen(unit));
    }

    return select->nunits != 0;
}


static bool
cost_prices_select_divide(cost_prices_selection_t *s, char *rest)
{
    long  n;

    n = strtol(rest, &rest, 10);

    cost_prices_select_last(s)->divide = (uint32_t) n;

    return n > 0 && n <= 1000000000 && *rest == '\0';
}


static bool
cost_prices_select_everywhere(cost_prices_selection_t *s, char *rest)
{
    cost_prices_select_last(s)->everywhere = true;

    return *rest == '\0';
}


static bool
cost_prices_select_free(cost_prices_selection_t *s, char *rest)
{
    cost_prices_select_last(s)->drop_free = true;

    return strcmp(rest, "dropped") == 0;
}


static cost_prices_select_t *
cost_prices_select_last(cost_prices_selection_t *s)
{
    return &s->selects[s->nselects - 1];
}


/* what is before the character, without blanks; "rest" goes behind it */

static char *
cost_prices_select_cut(char **rest, const char *at)
{
    char  *word, *p;

    word = *rest;
    p = strpbrk(word, at);

    if (p == NULL) {
        *rest = word + strlen(word);

    } else {
        *p = '\0';
        *rest = cost_prices_trim(p + 1);
    }

    return cost_prices_trim(word);
}
