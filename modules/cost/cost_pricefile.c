
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * One pass counts lines, which bounds every array; a second reads them.  The
 * values that a keyed group's parts have are gathered when the group ends.
 */


#include "cost_pricefile.h"
#include "cost_date.h"
#include "cost_pricebuild.h"
#include "cost_priceline.h"


#define COST_PRICEFILE_SIZE     (64 * 1024 * 1024)
#define COST_PRICEFILE_PLACES   6                     /* of a tier bound */
#define COST_PRICEFILE_BOUND    ((int64_t) 1000000000000000000LL)


/* what the group being read has had; keys and prices close its heading */

#define COST_PRICEFILE_UNIT        0x01
#define COST_PRICEFILE_ABOUT       0x02
#define COST_PRICEFILE_CONFIDENCE  0x04
#define COST_PRICEFILE_SOURCE      0x08
#define COST_PRICEFILE_AS_OF       0x10
#define COST_PRICEFILE_BOUNDS      0x20
#define COST_PRICEFILE_KEYS        0x40
#define COST_PRICEFILE_CLOSED      0x80
#define COST_PRICEFILE_NEEDED      0x0f

#define COST_PRICEFILE_CURRENCY    0x100
#define COST_PRICEFILE_REGIONS     0x200
#define COST_PRICEFILE_END         0x400


typedef struct {
    cost_priceline_t         line;
    cost_price_table_t      *table;
    cost_price_group_t      *group;      /* the one being read, or NULL */
    cost_pricefile_error_t  *err;
    cost_pricebuild_sizes_t  sizes;
    uint32_t                 nvalues;
    uint32_t                 prices;     /* lines */
    uint32_t                 row;        /* being filled, or NOWHERE */
    uint32_t                 row_prices;
    uint32_t                 hint;       /* the region expected next */
    uint32_t                 seen;
} cost_pricefile_t;


typedef cost_rc_e (*cost_pricefile_read_pt)(cost_pricefile_t *f);

typedef struct {
    cost_str_t               word;
    uint32_t                 flag;       /* may appear once in a heading */
    size_t                   field;      /* of the group; with read NULL */
    cost_pricefile_read_pt   read;
} cost_pricefile_word_t;


static cost_rc_e cost_pricefile_lines(cost_pricefile_t *f);
static cost_rc_e cost_pricefile_heading(cost_pricefile_t *f, cost_str_t word,
    bool *known);
static cost_rc_e cost_pricefile_currency(cost_pricefile_t *f);
static cost_rc_e cost_pricefile_regions(cost_pricefile_t *f);
static cost_rc_e cost_pricefile_group(cost_pricefile_t *f);
static cost_rc_e cost_pricefile_confidence(cost_pricefile_t *f);
static cost_rc_e cost_pricefile_as_of(cost_pricefile_t *f);
static cost_rc_e cost_pricefile_bounds(cost_pricefile_t *f);
static cost_rc_e cost_pricefile_except(cost_pricefile_t *f);
static cost_rc_e cost_pricefile_keys(cost_pricefile_t *f);
static cost_rc_e cost_pricefile_key(cost_pricefile_t *f);
static cost_rc_e cost_pricefile_end(cost_pricefile_t *f);
static cost_rc_e cost_pricefile_price(cost_pricefile_t *f, cost_str_t region);
static cost_rc_e cost_pricefile_cell(cost_pricefile_t *f, cost_price_t *cell);
static cost_rc_e cost_pricefile_open_row(cost_pricefile_t *f, cost_str_t key);
static cost_rc_e cost_pricefile_close_row(cost_pricefile_t *f);
static cost_rc_e cost_pricefile_close_group(cost_pricefile_t *f);
static cost_rc_e cost_pricefile_text(cost_pricefile_t *f, cost_str_t *text);
static cost_rc_e cost_pricefile_amount(cost_pricefile_t *f, unsigned places,
    int64_t max, int64_t *value);
static cost_rc_e cost_pricefile_fail(cost_pricefile_t *f, const char *reason,
    cost_str_t what);


#define cost_pricefile_wrong(f, reason)                                       \
    cost_pricefile_fail(f, reason, cost_pricefile_none)


static const cost_str_t  cost_pricefile_none = cost_string("");

static const cost_pricefile_word_t  cost_pricefile_head[] = {
    { cost_string("currency"), COST_PRICEFILE_CURRENCY, 0,
      cost_pricefile_currency },
    { cost_string("regions"), COST_PRICEFILE_REGIONS, 0,
      cost_pricefile_regions },
    { { 0, NULL }, 0, 0, NULL }
};

static const cost_pricefile_word_t  cost_pricefile_headings[] = {
    { cost_string("unit"), COST_PRICEFILE_UNIT,
      offsetof(cost_price_group_t, unit), NULL },
    { cost_string("about"), COST_PRICEFILE_ABOUT,
      offsetof(cost_price_group_t, about), NULL },
    { cost_string("source"), COST_PRICEFILE_SOURCE,
      offsetof(cost_price_group_t, source), NULL },
    { cost_string("confidence"), COST_PRICEFILE_CONFIDENCE, 0,
      cost_pricefile_confidence },
    { cost_string("as_of"), COST_PRICEFILE_AS_OF, 0, cost_pricefile_as_of },
    { cost_string("bounds"), COST_PRICEFILE_BOUNDS, 0,
      cost_pricefile_bounds },
    { cost_string("except"), 0, 0, cost_pricefile_except },
    { cost_string("keys"), COST_PRICEFILE_KEYS, 0, cost_pricefile_keys },
    { { 0, NULL }, 0, 0, NULL }
};


size_t
cost_pricefile_measure(const uint8_t *p, size_t len)
{
    cost_price_table_t       *table;
    cost_pricebuild_sizes_t   sizes;

    if (len > COST_PRICEFILE_SIZE) {
        return sizeof(cost_price_table_t);
    }

    cost_pricebuild_count(p, len, &sizes);

    return cost_pricebuild_lay(&sizes, NULL, &table);
}


cost_rc_e
cost_pricefile_parse(const uint8_t *p, size_t len, void *arena, size_t size,
    cost_price_table_t **table, cost_pricefile_error_t *err)
{
    cost_rc_e         rc;
    cost_pricefile_t  f;

    memset(&f, 0, sizeof(cost_pricefile_t));

    f.err = err;
    f.row = COST_PRICE_NOWHERE;

    err->line = 0;
    err->reason = "";
    err->what = cost_pricefile_none;

    if (len > COST_PRICEFILE_SIZE) {
        return cost_pricefile_wrong(&f, "is larger than 64 MiB");
    }

    cost_priceline_init(&f.line, p, len);
    cost_pricebuild_count(p, len, &f.sizes);

    if (cost_pricebuild_lay(&f.sizes, NULL, &f.table) > size) {
        return COST_FULL;
    }

    (void) cost_pricebuild_lay(&f.sizes, arena, &f.table);

    rc = cost_pricefile_lines(&f);

    if (rc == COST_OK) {
        cost_pricebuild_bind(f.table);
        *table = f.table;
    }

    return rc;
}


static cost_rc_e
cost_pricefile_lines(cost_pricefile_t *f)
{
    bool        known;
    cost_rc_e   rc;
    cost_str_t  word, version;

    if (!cost_priceline_next(&f->line)) {
        return cost_pricefile_wrong(f, "is empty");
    }

    word = cost_priceline_word(&f->line);
    version = cost_priceline_word(&f->line);

    if (!cost_str_is(&word, "aws-prices") || !cost_str_is(&version, "1")
        || cost_priceline_word(&f->line).len != 0)
    {
        return cost_pricefile_wrong(f, "does not begin with \"aws-prices 1\"");
    }

    while (cost_priceline_next(&f->line)) {

        word = cost_priceline_word(&f->line);

        if (f->seen & COST_PRICEFILE_END) {
            return cost_pricefile_fail(f, "text after \"end\"", word);
        }

        if (cost_str_is(&word, "group")) {
            rc = cost_pricefile_group(f);

        } else if (cost_str_is(&word, "key")) {
            rc = cost_pricefile_key(f);

        } else if (cost_str_is(&word, "end")) {
            rc = cost_pricefile_end(f);

        } else {
            rc = cost_pricefile_heading(f, word, &known);

            if (!known) {
                rc = cost_pricefile_price(f, word);
            }
        }

        if (rc != COST_OK) {
            return rc;
        }

        word = cost_priceline_word(&f->line);

        if (word.len != 0) {
            return cost_pricefile_fail(f, "more on the line than belongs "
                                       "there", word);
        }
    }

    if (!(f->seen & COST_PRICEFILE_END)) {
        return cost_pricefile_wrong(f, "does not end with \"end\"; it was cut "
                                    "short");
    }

    return COST_OK;
}


static cost_rc_e
cost_pricefile_heading(cost_pricefile_t *f, cost_str_t word, bool *known)
{
    const cost_pricefile_word_t  *w;

    *known = true;

    w = (f->group == NULL) ? cost_pricefile_head : cost_pricefile_headings;

    while (w->word.len != 0 && !cost_price_same(&w->word, &word)) {
        w++;
    }

    if (w->word.len == 0) {
        *known = false;
        return COST_OK;
    }

    if (f->seen & w->flag) {
        return cost_pricefile_fail(f, "is there twice", word);
    }

    if (f->seen & COST_PRICEFILE_CLOSED) {
        return cost_pricefile_fail(f, "belongs before the prices", word);
    }

    f->seen |= w->flag;

    if (w->read == NULL) {
        return cost_pricefile_text(f, (cost_str_t *)
                                      ((uint8_t *) f->group + w->field));
    }

    return w->read(f);
}


static cost_rc_e
cost_pricefile_currency(cost_pricefile_t *f)
{
    cost_str_t  word;

    word = cost_priceline_word(&f->line);

    if (!cost_str_is(&word, "USD")) {
        return cost_pricefile_fail(f, "is not USD, the only currency", word);
    }

    return COST_OK;
}


static cost_rc_e
cost_pricefile_regions(cost_pricefile_t *f)
{
    cost_str_t           word;
    cost_price_table_t  *t;

    t = f->table;

    for ( ;; ) {
        word = cost_priceline_word(&f->line);

        if (word.len == 0) {
            break;
        }

        /* "-" keeps a region's name apart from the words of the format */

        if (!cost_priceline_name(word, "-")
            || memchr(word.data, '-', word.len) == NULL)
        {
            return cost_pricefile_fail(f, "is no region's name", word);
        }

        if (cost_price_region(t, word) != COST_PRICE_NOWHERE) {
            return cost_pricefile_fail(f, "is there twice", word);
        }

        if (t->nregions == f->sizes.regions) {
            return cost_pricefile_fail(f, "is one region too many", word);
        }

        t->regions[t->nregions++] = word;
    }

    if (t->nregions == 0) {
        return cost_pricefile_wrong(f, "no regions");
    }

    return COST_OK;
}


static cost_rc_e
cost_pricefile_group(cost_pricefile_t *f)
{
    cost_rc_e            rc;
    cost_str_t           name;
    cost_price_table_t  *t;

    t = f->table;

    if (!(f->seen & COST_PRICEFILE_CURRENCY) || t->nregions == 0) {
        return cost_pricefile_wrong(f, "\"currency\" and \"regions\" belong "
                                    "before the first group");
    }

    rc = cost_pricefile_close_group(f);

    if (rc != COST_OK) {
        return rc;
    }

    name = cost_priceline_word(&f->line);

    if (!cost_priceline_name(name, "._")
        || memchr(name.data, '.', name.len) == NULL)
    {
        return cost_pricefile_fail(f, "is not the name of a group, "
                                   "SERVICE.NAME", name);
    }

    if (cost_price_group_find(t, name) != NULL) {
        return cost_pricefile_fail(f, "is there twice", name);
    }

    f->group = cost_pricebuild_group(t, name);
    f->seen = COST_PRICEFILE_CURRENCY|COST_PRICEFILE_REGIONS;
    f->row = COST_PRICE_NOWHERE;

    return COST_OK;
}


static cost_rc_e
cost_pricefile_confidence(cost_pricefile_t *f)
{
    cost_str_t  word;

    word = cost_priceline_word(&f->line);

    if (cost_price_confidence(word, &f->group->confidence) == COST_OK) {
        return COST_OK;
    }

    return cost_pricefile_fail(f, "is not a confidence: data, offer, "
                               "published, derived, recalled", word);
}


static cost_rc_e
cost_pricefile_as_of(cost_pricefile_t *f)
{
    cost_rc_e   rc;
    cost_day_t  day;

    rc = cost_pricefile_text(f, &f->group->as_of);

    if (rc != COST_OK) {
        return rc;
    }

    /* perhaps with words behind it */

    if (f->group->as_of.len < 10
        || cost_date_parse(f->group->as_of.data, 10, &day) != COST_OK)
    {
        return cost_pricefile_fail(f, "is not a date, YYYY-MM-DD",
                                   f->group->as_of);
    }

    return COST_OK;
}


/* "bounds C text" and "except REGION C text" are for people: only checked */

static cost_rc_e
cost_pricefile_bounds(cost_pricefile_t *f)
{
    cost_str_t               word, text;
    cost_price_confidence_e  confidence;

    word = cost_priceline_word(&f->line);

    if (cost_price_confidence(word, &confidence) != COST_OK) {
        return cost_pricefile_fail(f, "is not a confidence", word);
    }

    return cost_pricefile_text(f, &text);
}


static cost_rc_e
cost_pricefile_except(cost_pricefile_t *f)
{
    cost_str_t  region;

    region = cost_priceline_word(&f->line);

    if (cost_price_region(f->table, region) == COST_PRICE_NOWHERE) {
        return cost_pricefile_fail(f, "is not a region of this file", region);
    }

    return cost_pricefile_bounds(f);
}


static cost_rc_e
cost_pricefile_keys(cost_pricefile_t *f)
{
    uint32_t    i, n;
    cost_str_t  word, parts[COST_PRICE_PARTS];

    word = cost_priceline_word(&f->line);

    n = cost_priceline_split(word, parts, COST_PRICE_PARTS);

    if (n == 0) {
        return cost_pricefile_fail(f, "is not a list of one to four names, "
                                   "NAME/NAME", word);
    }

    f->group->nparts = n;

    for (i = 0; i < n; i++) {
        f->group->parts[i].name = parts[i];
    }

    return COST_OK;
}


static cost_rc_e
cost_pricefile_key(cost_pricefile_t *f)
{
    uint32_t    n;
    cost_rc_e   rc;
    cost_str_t  word, parts[COST_PRICE_PARTS];

    if (f->group == NULL || !(f->seen & COST_PRICEFILE_KEYS)) {
        return cost_pricefile_wrong(f, "a key in a group without \"keys\"");
    }

    rc = cost_pricefile_close_row(f);

    if (rc != COST_OK) {
        return rc;
    }

    word = cost_priceline_word(&f->line);

    n = cost_priceline_split(word, parts, COST_PRICE_PARTS);

    if (n == 0 || n != f->group->nparts) {
        return cost_pricefile_fail(f, "is not a key with the parts that "
                                   "\"keys\" names", word);
    }

    if (cost_price_find_key(f->table, f->table->ngroups - 1, parts, n)
        != COST_PRICE_NOWHERE)
    {
        return cost_pricefile_fail(f, "is there twice", word);
    }

    return cost_pricefile_open_row(f, word);
}


static cost_rc_e
cost_pricefile_end(cost_pricefile_t *f)
{
    int64_t    count;
    cost_rc_e  rc;

    rc = cost_pricefile_close_group(f);

    if (rc != COST_OK) {
        return rc;
    }

    if (f->table->ngroups == 0) {
        return cost_pricefile_wrong(f, "no groups");
    }

    rc = cost_pricefile_amount(f, 0, COST_PRICEFILE_SIZE, &count);

    if (rc != COST_OK) {
        return rc;
    }

    if (count != f->prices) {
        return cost_pricefile_wrong(f, "\"end\" counts other prices than the "
                                    "file has");
    }

    f->seen |= COST_PRICEFILE_END;

    return COST_OK;
}


static cost_rc_e
cost_pricefile_price(cost_pricefile_t *f, cost_str_t region)
{
    uint32_t             first, last;
    cost_rc_e            rc;
    cost_price_t         cell, *cells;
    cost_price_table_t  *t;

    t = f->table;

    if (f->group == NULL) {
        return cost_pricefile_fail(f, "is not a word of this format", region);
    }

    if (cost_str_is(&region, "*")) {
        first = 0;
        last = t->nregions;

    } else {

        /* prices come in the order of the regions, as a rule */

        first = f->hint;

        if (first >= t->nregions
            || !cost_price_same(&t->regions[first], &region))
        {
            first = cost_price_region(t, region);
        }

        if (first == COST_PRICE_NOWHERE) {
            return cost_pricefile_fail(f, "is neither a region of this file "
                                       "nor a word of this format", region);
        }

        last = first + 1;
        f->hint = last;
    }

    if (f->row == COST_PRICE_NOWHERE) {

        if (f->group->nparts != 0) {
            return cost_pricefile_wrong(f, "a price before the first key");
        }

        rc = cost_pricefile_open_row(f, cost_pricefile_none);

        if (rc != COST_OK) {
            return rc;
        }
    }

    rc = cost_pricefile_cell(f, &cell);

    if (rc != COST_OK) {
        return rc;
    }

    cells = &t->cells[(size_t) f->row * t->nregions];

    for ( /* void */ ; first < last; first++) {
        if (cells[first] != COST_PRICE_NONE) {
            return cost_pricefile_fail(f, "has a price already",
                                       t->regions[first]);
        }

        cells[first] = cell;
        t->nprices++;
    }

    f->prices++;
    f->row_prices++;

    return COST_OK;
}


/*
 * "P", or "P to N P to N P".  What the quantity below each bound costs is
 * exact: a bound has at most 6 decimals, a price 12.
 */

static cost_rc_e
cost_pricefile_cell(cost_pricefile_t *f, cost_price_t *cell)
{
    int64_t             price, bound, below;
    cost_rc_e           rc;
    cost_str_t          word;
    cost_decimal_t      from, base;
    cost_price_tier_t  *tier;

    below = 0;
    from = 0;
    base = 0;

    for ( ;; ) {
        rc = cost_pricefile_amount(f, COST_PRICE_PLACES, COST_PRICE_MAX - 1,
                                   &price);

        if (rc != COST_OK) {
            return rc;
        }

        word = cost_priceline_word(&f->line);

        if (below == 0) {
            if (word.len == 0) {
                *cell = price;
                return COST_OK;
            }

            *cell = -(cost_price_t) f->table->ntiers - 2;
        }

        if (f->table->ntiers == f->sizes.tiers) {
            return COST_FULL;
        }

        tier = &f->table->tiers[f->table->ntiers++];

        tier->from = from;
        tier->base = base;
        tier->price = price;
        tier->last = (word.len == 0);

        if (tier->last) {
            return COST_OK;
        }

        if (!cost_str_is(&word, "to")) {
            return cost_pricefile_fail(f, "is where \"to\" belongs", word);
        }

        rc = cost_pricefile_amount(f, COST_PRICEFILE_PLACES,
                                   COST_PRICEFILE_BOUND, &bound);

        if (rc != COST_OK) {
            return rc;
        }

        if (bound <= below) {
            return cost_pricefile_wrong(f, "a tier's bound is not above the "
                                        "one before");
        }

        base += (cost_decimal_t) (bound - below) * price;
        from = (cost_decimal_t) bound * 1000000000000LL;
        below = bound;
    }
}


static cost_rc_e
cost_pricefile_open_row(cost_pricefile_t *f, cost_str_t key)
{
    if ((f->seen & COST_PRICEFILE_NEEDED) != COST_PRICEFILE_NEEDED) {
        return cost_pricefile_fail(f, "a group needs \"unit\", \"about\", "
                                   "\"confidence\" and \"source\" before its "
                                   "prices", f->group->name);
    }

    f->seen |= COST_PRICEFILE_CLOSED;
    f->row = cost_pricebuild_row(f->table, key);
    f->row_prices = 0;
    f->hint = 0;

    return COST_OK;
}


static cost_rc_e
cost_pricefile_close_row(cost_pricefile_t *f)
{
    if (f->row != COST_PRICE_NOWHERE && f->row_prices == 0) {
        return cost_pricefile_fail(f, "the key before has no price",
                                   f->table->keys[f->row]);
    }

    return COST_OK;
}


static cost_rc_e
cost_pricefile_close_group(cost_pricefile_t *f)
{
    cost_rc_e  rc;

    if (f->group == NULL) {
        return COST_OK;
    }

    rc = cost_pricefile_close_row(f);

    if (rc != COST_OK) {
        return rc;
    }

    if (f->group->nrows == 0) {
        return cost_pricefile_fail(f, "the group before has no price",
                                   f->group->name);
    }

    cost_pricebuild_gather(f->table, &f->nvalues);

    return COST_OK;
}


/* the rest of the line */

static cost_rc_e
cost_pricefile_text(cost_pricefile_t *f, cost_str_t *text)
{
    size_t  i;

    *text = cost_priceline_rest(&f->line);

    if (text->len == 0) {
        return cost_pricefile_wrong(f, "text is missing");
    }

    for (i = 0; i < text->len; i++) {
        if (text->data[i] < 0x20 && text->data[i] != '\t') {
            return cost_pricefile_fail(f, "has a control character", *text);
        }
    }

    return COST_OK;
}


static cost_rc_e
cost_pricefile_amount(cost_pricefile_t *f, unsigned places, int64_t max,
    int64_t *value)
{
    cost_str_t   word;
    const char  *wrong;

    word = cost_priceline_word(&f->line);
    wrong = cost_priceline_number(word, places, max, value);

    return (wrong == NULL) ? COST_OK : cost_pricefile_fail(f, wrong, word);
}


static cost_rc_e
cost_pricefile_fail(cost_pricefile_t *f, const char *reason, cost_str_t what)
{
    f->err->line = f->line.number;
    f->err->reason = reason;
    f->err->what = what;

    return COST_INVALID;
}
