
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cost_import.h"


typedef struct {
    const char  *account;
    const char  *database;
    const char  *organization;
    const char  *prices;
    bool         parts;
} cost_import_options_t;


static bool cost_import_options(cost_import_options_t *options, int argc,
    char **argv);
static bool cost_import_is_slug(const char *p);
static cost_import_t *cost_import_create(void);
static bool cost_import_delivery(cost_import_t *im,
    const cost_import_options_t *options, char **names, size_t n);


#define COST_IMPORT_EXIT_DONE    0
#define COST_IMPORT_EXIT_FAILED  1
#define COST_IMPORT_EXIT_USAGE   2


static const char  cost_import_help[] =
"usage: cost-import --database CONNINFO --org SLUG [--account NAME]\n"
"                   [--parts] [--prices FILE] FILE...\n"
"       cost-import --database CONNINFO --prices FILE\n"
"\n"
"Loads FOCUS \"Cost and Usage\" files (0.5 to 1.4; CSV, plain or gzip) into\n"
"the database.  Each file is loaded in one transaction and replaces the\n"
"billing periods of the accounts it has rows of, so that a file loaded again\n"
"changes nothing.  A row that cannot be read is left out and reported with\n"
"its line.\n"
"\n"
"Loads utilization, too: CSV with the columns resource_id, day, metric,\n"
"value, and maybe last_day.  Metrics are cpu_avg, cpu_max, memory_avg and\n"
"memory_max (percent), network_bytes and requests (of a day), disk_iops,\n"
"connections (the most of a day) and attached (1 or 0).\n"
"\n"
"And GitHub's usage reports (CSV), in each of their layouts.\n"
"\n"
"  --database CONNINFO  libpq's connection string or URI\n"
"  --org SLUG           the organization; one that is unknown is made\n"
"  --account NAME       put all rows into this one account: the\n"
"                       organization's of that id, else of that name, else a\n"
"                       new one; goes with --parts\n"
"  --prices FILE        the price file that savings are worked out from: its\n"
"                       prices are loaded when it is another one than before\n"
"  --parts              the files are parts of one delivery: loaded in one\n"
"                       transaction, they replace together\n"
"  --help               this text\n"
"\n"
"Ends with 0 when every file was loaded, rows refused or not; with 1 when a\n"
"file, or every row of a file, was refused (nothing of it is loaded, the\n"
"other files are); with 2 when the command line is wrong.\n";


int
main(int argc, char **argv)
{
    int                     status;
    size_t                  n;
    cost_import_t          *im;
    cost_import_error_t     error;
    cost_import_options_t   options;

    if (!cost_import_options(&options, argc, argv)) {
        return COST_IMPORT_EXIT_USAGE;
    }

    im = cost_import_create();

    if (im == NULL) {
        (void) fprintf(stderr, "cost-import: there is not enough memory\n");
        return COST_IMPORT_EXIT_FAILED;
    }

    status = COST_IMPORT_EXIT_DONE;

    if (!cost_import_connect(&im->db, options.database, &error)
        || (options.prices != NULL
            && !cost_import_prices(&im->db, options.prices, &error)))
    {
        (void) fprintf(stderr, "cost-import: %s\n", error.text);
        status = COST_IMPORT_EXIT_FAILED;
        optind = argc;
    }

    while (optind < argc) {
        n = options.parts ? (size_t) (argc - optind) : 1;

        if (!cost_import_delivery(im, &options, argv + optind, n)) {
            status = COST_IMPORT_EXIT_FAILED;

            if (PQstatus(im->db.conn) != CONNECTION_OK) {
                break;
            }
        }

        optind += (int) n;
    }

    cost_import_disconnect(&im->db);
    free(im->resources);
    free(im->memory);
    free(im->buf);
    free(im);

    return status;
}


/* exits for --help; false: said what is wrong */

static bool
cost_import_options(cost_import_options_t *options, int argc, char **argv)
{
    int     c;
    size_t  len;

    static const struct option  longs[] = {
        { "account", required_argument, NULL, 'a' },
        { "database", required_argument, NULL, 'd' },
        { "help", no_argument, NULL, 'h' },
        { "org", required_argument, NULL, 'o' },
        { "parts", no_argument, NULL, 'p' },
        { "prices", required_argument, NULL, 'l' },
        { NULL, 0, NULL, 0 }
    };

    memset(options, 0, sizeof(cost_import_options_t));

    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {

        switch (c) {

        case 'a':
            /* the files' rows would replace one another in it */

            options->account = optarg;
            options->parts = true;
            break;

        case 'd':
            options->database = optarg;
            break;

        case 'h':
            (void) fputs(cost_import_help, stdout);
            exit(COST_IMPORT_EXIT_DONE);

        case 'l':
            options->prices = optarg;
            break;

        case 'o':
            options->organization = optarg;
            break;

        case 'p':
            options->parts = true;
            break;

        default:
            (void) fputs("cost-import --help tells more\n", stderr);
            return false;
        }
    }

    if (options->prices != NULL && optind == argc) {
        options->organization = "none";
    }

    if (options->database == NULL
        || options->organization == NULL
        || (options->prices == NULL && optind == argc))
    {
        (void) fputs(cost_import_help, stderr);
        return false;
    }

    if (!cost_import_is_slug(options->organization)) {
        (void) fprintf(stderr, "cost-import: --org %s: an organization's slug "
                       "has 1 to 63 characters of a-z 0-9 . _ - and begins "
                       "with a letter or digit\n", options->organization);
        return false;
    }

    len = (options->account != NULL) ? strlen(options->account) : 1;

    if (len == 0 || len > COST_FOCUS_TEXT_MAX) {
        (void) fprintf(stderr, "cost-import: --account wants a name of 1 to "
                       "%d bytes\n", COST_FOCUS_TEXT_MAX);
        return false;
    }

    return true;
}


static bool
cost_import_is_slug(const char *p)
{
    size_t  i;

    for (i = 0; p[i] != '\0'; i++) {
        if ((p[i] >= 'a' && p[i] <= 'z') || (p[i] >= '0' && p[i] <= '9')) {
            continue;
        }

        if (i == 0 || (p[i] != '.' && p[i] != '_' && p[i] != '-')) {
            return false;
        }
    }

    return i >= 1 && i <= 63;
}


static cost_import_t *
cost_import_create(void)
{
    cost_import_t  *im;

    im = aligned_alloc(64, (sizeof(cost_import_t) + 63) / 64 * 64);

    if (im == NULL) {
        return NULL;
    }

    memset(im, 0, sizeof(cost_import_t));

    im->input.fd = -1;
    im->buf = malloc(COST_BILL_BUFFER);
    im->memory = aligned_alloc(64, cost_fold_size(COST_IMPORT_ENTRIES));
    im->resources = aligned_alloc(64,
                                  cost_inventory_size(COST_IMPORT_RESOURCES));

    if (im->buf == NULL || im->memory == NULL || im->resources == NULL) {
        free(im->buf);
        free(im->memory);
        free(im->resources);
        free(im);
        return NULL;
    }

    cost_fold_init(&im->fold, im->memory, COST_IMPORT_ENTRIES);
    cost_inventory_init(&im->inventory, im->resources, COST_IMPORT_RESOURCES);

    return im;
}


/* one file, or all that are parts of one delivery */

static bool
cost_import_delivery(cost_import_t *im, const cost_import_options_t *options,
    char **names, size_t n)
{
    bool                   done;
    size_t                 i;
    cost_import_file_t    *files;
    cost_import_error_t    error;
    cost_import_result_t   result;

    files = calloc(n, sizeof(cost_import_file_t));

    if (files == NULL) {
        (void) fprintf(stderr, "cost-import: there is not enough memory\n");
        return false;
    }

    done = cost_import_begin(&im->db, options->organization, &error);

    if (!done) {
        (void) fprintf(stderr, "cost-import: %s\n", error.text);
    }

    for (i = 0; i < n && done; i++) {
        files[i].name = names[i];
        done = cost_import_file(im, &files[i], &error);

        if (!done) {
            (void) fprintf(stderr, "cost-import: %s: %s; nothing was loaded\n",
                           names[i], error.text);
        }
    }

    if (done) {
        done = cost_import_load(&im->db, files, n, options->account, &result,
                                &error);

        if (!done) {
            (void) fprintf(stderr, "cost-import: %s: %s; nothing was loaded\n",
                           names[0], error.text);
        }
    }

    if (!done) {
        cost_import_rollback(&im->db);

    } else {
        for (i = 0; i < n; i++) {
            cost_import_report(&files[i]);

            if (files[i].refused != 0 && files[i].refused == files[i].rows) {
                (void) fprintf(stderr, "cost-import: %s: every row was "
                               "refused\n", names[i]);
                done = false;
            }
        }

        cost_import_report_result(&result);
    }

    for (i = 0; i < n; i++) {
        cost_import_file_free(&files[i]);
    }

    free(files);

    return done;
}


/* always false, for a return statement */

bool
cost_import_fail(cost_import_error_t *error, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    (void) vsnprintf(error->text, sizeof(error->text), fmt, args);
    va_end(args);

    return false;
}
