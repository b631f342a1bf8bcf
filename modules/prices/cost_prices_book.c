
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The price file as text: what is not imported is written as it was read.
 */


#include "cost_prices.h"

#include <stdlib.h>
#include <string.h>


static char *cost_prices_load(const char *file, size_t *len);
static bool cost_prices_check(const char *file, const char *text, size_t len);
static void cost_prices_read_line(cost_prices_book_t *book, char *line,
    char **before, cost_prices_row_t **row);
static void cost_prices_read_group(cost_prices_book_t *book, char *name,
    char *before);
static void cost_prices_read_price(cost_prices_book_t *book,
    cost_prices_row_t *row, char *region, char *rest);
static char *cost_prices_append(char *text, const char *more);
static bool cost_prices_mix(const cost_prices_derive_t *derive,
    const char *a, const char *b, char *text, size_t size);
static uint32_t cost_prices_imported(const cost_prices_group_t *group,
    uint32_t region, uint32_t *others);
static void cost_prices_write_heading(const cost_prices_book_t *book,
    const cost_prices_group_t *group, bool only, FILE *out);
static bool cost_prices_provenance(const char *line);
static uint32_t cost_prices_write_row(const cost_prices_book_t *book,
    const cost_prices_row_t *row, bool only, FILE *out);


bool
cost_prices_read(const char *file, cost_prices_book_t *book)
{
    char               *text, *line, *next, *before;
    size_t              len;
    cost_prices_row_t  *row;

    memset(book, 0, sizeof(cost_prices_book_t));

    text = cost_prices_load(file, &len);

    if (text == NULL || !cost_prices_check(file, text, len)) {
        return false;
    }

    before = NULL;
    row = NULL;

    for (line = text; line != NULL && *line; line = next) {
        next = strchr(line, '\n');

        if (next != NULL) {
            *next++ = '\0';
        }

        cost_prices_read_line(book, line, &before, &row);
    }

    return true;
}


static char *
cost_prices_load(const char *file, size_t *len)
{
    FILE    *in;
    char    *text;
    size_t   n, size;

    in = fopen(file, "r");

    if (in == NULL) {
        cost_prices_error(file, 0, "cannot be opened");
        return NULL;
    }

    size = 1024 * 1024;
    text = cost_prices_grow(NULL, size);
    *len = 0;

    for ( ;; ) {
        n = fread(text + *len, 1, size - *len - 1, in);

        if (n == 0) {
            break;
        }

        *len += n;

        if (*len + 1 == size) {
            size *= 2;
            text = cost_prices_grow(text, size);
        }
    }

    fclose(in);

    text[*len] = '\0';

    if (strlen(text) != *len) {
        cost_prices_error(file, 0, "has a zero byte");
        return NULL;
    }

    return text;
}


static bool
cost_prices_check(const char *file, const char *text, size_t len)
{
    void                    *arena;
    size_t                   size;
    cost_price_table_t      *table;
    cost_pricefile_error_t   err;

    size = cost_pricefile_measure((const uint8_t *) text, len);
    arena = cost_prices_alloc(size);

    if (cost_pricefile_parse((const uint8_t *) text, len, arena, size, &table,
                             &err)
        != COST_OK)
    {
        cost_prices_error(file, err.line, "%s%s%.*s", err.reason,
                          err.what.len ? ": " : "", (int) err.what.len,
                          (const char *) err.what.data);
        return false;
    }

    free(arena);

    return true;
}


/* of a file that is known to be well-formed */

static void
cost_prices_read_line(cost_prices_book_t *book, char *line, char **before,
    cost_prices_row_t **row)
{
    char                 *copy, *word, *rest;
    cost_prices_group_t  *group;

    copy = cost_prices_dup(line, strlen(line));
    rest = cost_prices_trim(copy);
    word = strsep(&rest, " \t");
    rest = (rest == NULL) ? "" : cost_prices_trim(rest);

    group = book->ngroups ? &book->groups[book->ngroups - 1] : NULL;

    if (strcmp(word, "group") == 0) {
        cost_prices_read_group(book, rest, *before);
        *before = NULL;
        *row = NULL;
        return;
    }

    if (*word == '\0' || *word == '#') {

        if (group != NULL && group->nrows == 0) {
            cost_prices_push(group->heading, group->nheading);
            group->heading[group->nheading++] = line;
            return;
        }

        *before = cost_prices_append(*before, line);

        if (group == NULL) {
            book->preamble = *before;
        }

        return;
    }

    if (group == NULL) {
        *before = cost_prices_append(*before, line);
        book->preamble = *before;

        if (strcmp(word, "regions") == 0) {

            while ((word = strsep(&rest, " \t")) != NULL) {
                if (*word) {
                    cost_prices_push(book->regions, book->nregions);
                    book->regions[book->nregions++] = word;
                }
            }
        }

        return;
    }

    if (strcmp(word, "end") == 0) {
        return;
    }

    if (strcmp(word, "key") == 0) {
        *row = cost_prices_row(book, group, strsep(&rest, " \t"));
        return;
    }

    if (strcmp(word, "except") == 0) {
        word = strsep(&rest, " \t");
        group->except[cost_prices_region(book, word)] = rest;
        return;
    }

    if (strcmp(word, "*") == 0 || cost_prices_region(book, word) >= 0) {

        if (*row == NULL) {
            *row = cost_prices_row(book, group, "");
        }

        cost_prices_read_price(book, *row, word, rest);
        return;
    }

    if (strcmp(word, "keys") == 0) {
        group->nparts = 1;

        for (word = rest; *word; word++) {
            group->nparts += (*word == '/');
        }
    }

    cost_prices_push(group->heading, group->nheading);
    group->heading[group->nheading++] = line;
}


static void
cost_prices_read_group(cost_prices_book_t *book, char *name, char *before)
{
    cost_prices_group_t  *group;

    cost_prices_push(book->groups, book->ngroups);
    group = &book->groups[book->ngroups++];

    memset(group, 0, sizeof(cost_prices_group_t));

    group->name = name;
    group->before = before;

    if (book->ngroups == 1) {

        /* what two blank lines set off is the group's, not the file's */

        group->before = strstr(before, "\n\n\n");

        if (group->before != NULL) {
            group->before = cost_prices_dup(group->before + 1,
                                            strlen(group->before + 1));
            *(strstr(before, "\n\n\n") + 1) = '\0';
        }
    }

    group->except = cost_prices_alloc(book->nregions * sizeof(char *));
}


static void
cost_prices_read_price(cost_prices_book_t *book, cost_prices_row_t *row,
    char *region, char *rest)
{
    uint32_t  i;

    if (strcmp(region, "*") != 0) {
        row->cells[cost_prices_region(book, region)].text = rest;
        return;
    }

    for (i = 0; i < book->nregions; i++) {
        row->cells[i].text = rest;
    }
}


static char *
cost_prices_append(char *text, const char *more)
{
    size_t  len, n;

    len = (text == NULL) ? 0 : strlen(text);
    n = strlen(more);

    text = cost_prices_grow(text, len + n + 2);
    memcpy(text + len, more, n);
    memcpy(text + len + n, "\n", 2);

    return text;
}


cost_prices_group_t *
cost_prices_group(const cost_prices_book_t *book, const char *name)
{
    uint32_t  i;

    for (i = 0; i < book->ngroups; i++) {
        if (strcmp(book->groups[i].name, name) == 0) {
            return &book->groups[i];
        }
    }

    return NULL;
}


cost_prices_row_t *
cost_prices_row(const cost_prices_book_t *book, cost_prices_group_t *group,
    const char *key)
{
    uint32_t            i;
    cost_prices_row_t  *row;

    /* the last one first: a file's lines go by the key */

    for (i = group->nrows; i != 0; i--) {
        if (strcmp(group->rows[i - 1].key, key) == 0) {
            return &group->rows[i - 1];
        }
    }

    cost_prices_push(group->rows, group->nrows);
    row = &group->rows[group->nrows++];

    row->key = cost_prices_dup(key, strlen(key));
    row->cells = cost_prices_alloc(book->nregions
                                   * sizeof(cost_prices_cell_t));

    return row;
}


int
cost_prices_region(const cost_prices_book_t *book, const char *name)
{
    uint32_t  i;

    for (i = 0; i < book->nregions; i++) {
        if (strcmp(book->regions[i], name) == 0) {
            return (int) i;
        }
    }

    return -1;
}


void
cost_prices_derive(cost_prices_book_t *book,
    const cost_prices_selection_t *selection)
{
    char                         text[128];
    uint32_t                     i, n, region;
    cost_prices_row_t           *row;
    cost_prices_cell_t          *a, *b;
    cost_prices_group_t         *group, *first, *second;
    const cost_prices_derive_t  *derive;

    for (i = 0; i < selection->nderives; i++) {
        derive = &selection->derives[i];

        group = cost_prices_group(book, derive->group);
        first = cost_prices_group(book, derive->groups[0]);
        second = cost_prices_group(book, derive->groups[1]);

        if (group == NULL || first == NULL || second == NULL) {
            continue;
        }

        for (n = 0; n < first->nrows; n++) {
            for (region = 0; region < book->nregions; region++) {

                a = &first->rows[n].cells[region];
                row = cost_prices_row(book, second, first->rows[n].key);
                b = &row->cells[region];

                if ((a->sku == NULL && b->sku == NULL)
                    || a->text == NULL || b->text == NULL
                    || !cost_prices_mix(derive, a->text, b->text, text,
                                        sizeof(text)))
                {
                    continue;
                }

                row = cost_prices_row(book, group, first->rows[n].key);
                row->cells[region].text = cost_prices_dup(text, strlen(text));
                row->cells[region].sku = "derived";
            }
        }
    }
}


/* both are single prices; the mix is exact, with 12 decimals at most */

static bool
cost_prices_mix(const cost_prices_derive_t *derive, const char *a,
    const char *b, char *text, size_t size)
{
    size_t          len;
    unsigned        i;
    const char     *price[2];
    cost_decimal_t  factor, value, part, sum;

    price[0] = a;
    price[1] = b;
    sum = 0;

    for (i = 0; i < 2; i++) {
        len = strcspn(price[i], " ");

        if (strncmp(price[i] + len, " to ", 4) == 0
            || cost_decimal_parse((const uint8_t *) derive->factors[i],
                                  strlen(derive->factors[i]), &factor)
               != COST_OK
            || cost_decimal_parse((const uint8_t *) price[i], len, &value)
               != COST_OK
            || cost_quantity_mul(factor, value, &part) != COST_OK)
        {
            return false;
        }

        sum += part;
    }

    if (size < COST_DECIMAL_LEN + 1) {
        return false;
    }

    len = cost_decimal_format(sum, COST_PRICE_PLACES, 0, (uint8_t *) text);
    text[len] = '\0';

    return true;
}


void
cost_prices_write(const cost_prices_book_t *book, bool only, FILE *out)
{
    uint32_t                    i, n, region, prices, imported, others, all;
    const cost_prices_group_t  *group;

    fputs(book->preamble, out);

    prices = 0;

    for (i = 0; i < book->ngroups; i++) {
        group = &book->groups[i];

        all = 0;
        others = 0;

        for (region = 0; region < book->nregions; region++) {
            imported = cost_prices_imported(group, region, &n);
            all += imported;
            others += n;
        }

        if (all == 0 && (only || others == 0)) {
            continue;
        }

        fputs((group->before == NULL) ? "\n" : group->before, out);

        cost_prices_write_heading(book, group, only, out);

        for (n = 0; n < group->nrows; n++) {
            prices += cost_prices_write_row(book, &group->rows[n], only, out);
        }
    }

    fprintf(out, "\nend %u\n", prices);
}


static uint32_t
cost_prices_imported(const cost_prices_group_t *group, uint32_t region,
    uint32_t *others)
{
    uint32_t                   i, n;
    const cost_prices_cell_t  *cell;

    n = 0;
    *others = 0;

    for (i = 0; i < group->nrows; i++) {
        cell = &group->rows[i].cells[region];

        if (cell->text != NULL) {
            n += (cell->sku != NULL);
            *others += (cell->sku == NULL);
        }
    }

    return n;
}


/*
 * A group all of whose prices were imported has the offer's provenance.  Else
 * it keeps its own, and regions that were imported whole are exceptions.
 */

static void
cost_prices_write_heading(const cost_prices_book_t *book,
    const cost_prices_group_t *group, bool only, FILE *out)
{
    bool      whole, mixed;
    uint32_t  i, region, others;

    whole = (group->source != NULL);
    mixed = false;

    for (region = 0; region < book->nregions && !only; region++) {
        (void) cost_prices_imported(group, region, &others);
        whole = whole && others == 0;
    }

    fprintf(out, "group %s\n", group->name);

    for (i = 0; i < group->nheading; i++) {

        if (whole && cost_prices_provenance(group->heading[i])) {
            continue;
        }

        fprintf(out, "%s\n", group->heading[i]);
    }

    if (whole) {
        fprintf(out, "confidence offer\n");

        if (group->as_of != NULL) {
            fprintf(out, "as_of %s\n", group->as_of);
        }

        fprintf(out, "source %s\n", group->source);
        return;
    }

    for (region = 0; region < book->nregions; region++) {

        if (group->source != NULL
            && cost_prices_imported(group, region, &others) != 0)
        {
            if (others == 0) {
                fprintf(out, "except %s offer %s\n", book->regions[region],
                        group->source);
                continue;
            }

            mixed = true;
        }

        if (group->except[region] != NULL) {
            fprintf(out, "except %s %s\n", book->regions[region],
                    group->except[region]);
        }
    }

    if (mixed) {
        fprintf(out, "# with a rate code behind it: %s\n", group->source);
    }
}


/* the lines that say where the group's figures came from before */

static bool
cost_prices_provenance(const char *line)
{
    return strncmp(line, "confidence ", 11) == 0
           || strncmp(line, "as_of ", 6) == 0
           || strncmp(line, "source ", 7) == 0
           || strncmp(line, "bounds ", 7) == 0
           || strncmp(line, "#", 1) == 0;
}


static uint32_t
cost_prices_write_row(const cost_prices_book_t *book,
    const cost_prices_row_t *row, bool only, FILE *out)
{
    bool                       same;
    uint32_t                   i, n;
    const cost_prices_cell_t  *cell;

    n = 0;
    same = true;

    for (i = 0; i < book->nregions; i++) {
        cell = &row->cells[i];

        if (cell->text != NULL && (cell->sku != NULL || !only)) {
            n++;
        }

        /* one text for all was "*", or is of a product without a place */

        same = same && cell->text == row->cells[0].text;
    }

    if (n == 0) {
        return 0;
    }

    if (*row->key) {
        fprintf(out, "key %s\n", row->key);
    }

    if (same && n == book->nregions && n > 1) {
        fprintf(out, "* %s\n", row->cells[0].text);
        return 1;
    }

    for (i = 0; i < book->nregions; i++) {
        cell = &row->cells[i];

        if (cell->text != NULL && (cell->sku != NULL || !only)) {
            fprintf(out, "%s %s\n", book->regions[i], cell->text);
        }
    }

    return n;
}
