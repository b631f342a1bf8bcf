
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_prices.h"

#include <stdlib.h>
#include <string.h>


typedef struct {
    const char  *base;
    const char  *selection;
    const char  *out;
    bool         partial;
    bool         skip_bad;
    bool         only;
} cost_prices_options_t;


static int cost_prices_import(int argc, char **argv);
static char **cost_prices_options(char **argv, cost_prices_options_t *o);
static void cost_prices_import_file(const char *file, uint32_t number,
    const cost_prices_options_t *o, cost_prices_book_t *book,
    const cost_prices_selection_t *selection);
static int cost_prices_save(const cost_prices_options_t *o,
    const cost_prices_book_t *book);
static int cost_prices_verify(const char *file);
static int cost_prices_usage(void);


int
main(int argc, char **argv)
{
    if (argc >= 3 && strcmp(argv[1], "import") == 0) {
        return cost_prices_import(argc, argv);
    }

    if (argc == 3 && strcmp(argv[1], "check") == 0) {
        return cost_prices_verify(argv[2]);
    }

    return cost_prices_usage();
}


static int
cost_prices_import(int argc, char **argv)
{
    char                     **files;
    uint32_t                   number;
    cost_prices_book_t         book;
    cost_prices_options_t      o;
    cost_prices_selection_t    selection;

    (void) argc;

    files = cost_prices_options(argv + 2, &o);

    if (files == NULL || *files == NULL) {
        return cost_prices_usage();
    }

    if (!cost_prices_read(o.base, &book)
        || !cost_prices_selection(o.selection, &selection))
    {
        return 1;
    }

    for (number = 1; *files != NULL; files++, number++) {
        cost_prices_import_file(*files, number, &o, &book, &selection);
    }

    if (cost_prices_errors() != 0) {
        fprintf(stderr, "cost-prices: %u errors, nothing written\n",
                cost_prices_errors());
        return 1;
    }

    cost_prices_derive(&book, &selection);

    return cost_prices_save(&o, &book);
}


static char **
cost_prices_options(char **argv, cost_prices_options_t *o)
{
    memset(o, 0, sizeof(cost_prices_options_t));

    o->base = "conf/prices/aws.prices";
    o->selection = "conf/prices/selection";

    for ( /* void */ ; *argv != NULL && strncmp(*argv, "--", 2) == 0; argv++) {

        if (strcmp(*argv, "--partial") == 0) {
            o->partial = true;

        } else if (strcmp(*argv, "--skip-bad") == 0) {
            o->skip_bad = true;

        } else if (strcmp(*argv, "--only") == 0) {
            o->only = true;

        } else if (argv[1] == NULL) {
            return NULL;

        } else if (strcmp(*argv, "--base") == 0) {
            o->base = *++argv;

        } else if (strcmp(*argv, "--selection") == 0) {
            o->selection = *++argv;

        } else if (strcmp(*argv, "--out") == 0) {
            o->out = *++argv;

        } else {
            return NULL;
        }
    }

    return argv;
}


static void
cost_prices_import_file(const char *file, uint32_t number,
    const cost_prices_options_t *o, cost_prices_book_t *book,
    const cost_prices_selection_t *selection)
{
    int                   c;
    FILE                 *in;
    unsigned              errors;
    cost_prices_offer_t  *offer;

    in = (strcmp(file, "-") == 0) ? stdin : fopen(file, "r");

    if (in == NULL) {
        cost_prices_error(file, 0, "cannot be opened");
        return;
    }

    offer = cost_prices_offer(file, number, book, selection, o->skip_bad);
    errors = cost_prices_errors();

    do {
        c = getc(in);
    } while (c == ' ' || c == '\n' || c == '\r' || c == '\t');

    (void) ungetc(c, in);

    if (c == '{' || c == '[') {
        cost_prices_offer_json(offer, file, in);

    } else {
        cost_prices_offer_csv(offer, file, in, o->skip_bad);
    }

    if (ferror(in)) {
        cost_prices_error(file, 0, "cannot be read");
    }

    /* of a file that could not be read there is no more to be said */

    if (cost_prices_errors() == errors) {
        cost_prices_offer_end(offer, o->partial);
    }

    if (in != stdin) {
        fclose(in);
    }
}


/* through a file beside it, so that there is always a whole one */

static int
cost_prices_save(const cost_prices_options_t *o,
    const cost_prices_book_t *book)
{
    FILE                *out;
    char                *temporary;
    cost_prices_book_t   again;

    if (o->out == NULL) {
        cost_prices_write(book, o->only, stdout);
        return (fflush(stdout) == 0) ? 0 : 1;
    }

    temporary = cost_prices_alloc(strlen(o->out) + 5);
    (void) sprintf(temporary, "%s.new", o->out);

    out = fopen(temporary, "w");

    if (out == NULL) {
        cost_prices_error(temporary, 0, "cannot be written");
        return 1;
    }

    cost_prices_write(book, o->only, out);

    if (fclose(out) != 0) {
        cost_prices_error(temporary, 0, "cannot be written");
        return 1;
    }

    if (!cost_prices_read(temporary, &again)) {
        return 1;
    }

    if (rename(temporary, o->out) != 0) {
        cost_prices_error(o->out, 0, "cannot be written");
        return 1;
    }

    return 0;
}


static int
cost_prices_verify(const char *file)
{
    uint32_t             i, rows;
    cost_prices_book_t   book;

    if (!cost_prices_read(file, &book)) {
        return 1;
    }

    rows = 0;

    for (i = 0; i < book.ngroups; i++) {
        rows += book.groups[i].nrows;
    }

    printf("%s: %u groups, %u keys and plain prices, %u regions\n", file,
           book.ngroups, rows, book.nregions);

    return 0;
}


static int
cost_prices_usage(void)
{
    fprintf(stderr,
            "Usage: cost-prices import [OPTION...] OFFER...\n"
            "       cost-prices check FILE\n"
            "\n"
            "OFFER is an AWS Price List bulk offer file, JSON or CSV; \"-\" "
            "is standard\ninput.\n"
            "\n"
            "  --base FILE       what is not imported comes from there\n"
            "                    (conf/prices/aws.prices)\n"
            "  --selection FILE  which products are which prices\n"
            "                    (conf/prices/selection)\n"
            "  --out FILE        instead of standard output\n"
            "  --only            without what the base file has\n"
            "  --partial         an offer file that lacks products is no "
            "error\n"
            "  --skip-bad        leave bad rows and SKUs out\n");

    return 2;
}
