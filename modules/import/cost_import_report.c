
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What a person sees: one line that moves on a terminal while a file is read
 * (on stderr, nothing when that is no terminal), and a summary on stdout.
 */

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cost_import.h"


static int64_t cost_import_now(void);
static const char *cost_import_plural(uint64_t n);


/* milliseconds between two looks of the line */
#define COST_IMPORT_EVERY  200

#define COST_IMPORT_LINE   79


void
cost_import_progress_start(cost_import_progress_t *progress)
{
    progress->tty = isatty(STDERR_FILENO);
    progress->started = cost_import_now();
    progress->shown = progress->started;
    progress->width = 0;
}


void
cost_import_progress_show(cost_import_progress_t *progress, const char *name,
    off_t offset, off_t size, uint64_t rows)
{
    int          n;
    char         line[COST_IMPORT_LINE + 1], part[32];
    double       seconds;
    int64_t      now;
    const char  *base;

    if (!progress->tty) {
        return;
    }

    now = cost_import_now();

    if (now - progress->shown < COST_IMPORT_EVERY) {
        return;
    }

    progress->shown = now;
    seconds = (double) (now - progress->started) / 1000;
    part[0] = '\0';

    if (size > 0 && offset > 0) {
        (void) snprintf(part, sizeof(part), "  %2d %%  %.0f s left",
                        (int) (100 * (double) offset / (double) size),
                        seconds * (double) (size - offset) / (double) offset);
    }

    base = strrchr(name, '/');
    base = (base != NULL) ? base + 1 : name;

    n = snprintf(line, sizeof(line), "%.30s  %.1f MB%s  %.2f million rows/s",
                 base, (double) offset / 1e6, part,
                 (double) rows / seconds / 1e6);

    if (n > COST_IMPORT_LINE) {
        n = COST_IMPORT_LINE;
    }

    (void) fprintf(stderr, "\r%s%*s", line,
                   (int) progress->width > n ? (int) progress->width - n : 0,
                   "");
    (void) fflush(stderr);

    progress->width = (size_t) n;
}


void
cost_import_progress_end(cost_import_progress_t *progress)
{
    if (progress->width != 0) {
        (void) fprintf(stderr, "\r%*s\r", (int) progress->width, "");
        (void) fflush(stderr);
        progress->width = 0;
    }
}


static int64_t
cost_import_now(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


void
cost_import_report(const cost_import_file_t *file)
{
    size_t      len;
    uint8_t     text[COST_DECIMAL_LEN];
    uint32_t    i;
    cost_str_t  name;

    (void) printf("%s: %s, %llu row%s read, %llu loaded, %llu refused\n",
                  file->name, file->format,
                  (unsigned long long) file->rows,
                  cost_import_plural(file->rows),
                  (unsigned long long) (file->rows - file->refused),
                  (unsigned long long) file->refused);

    for (i = 0; i < file->nrefusals && i < COST_IMPORT_SHOWN; i++) {
        (void) printf("  line %llu: %s\n",
                      (unsigned long long) file->refusals[i].line,
                      file->refusals[i].reason);
    }

    if (file->refused > i) {
        (void) printf("  and %llu more; the first %d are in "
                      "import_refusals\n",
                      (unsigned long long) (file->refused - i),
                      COST_IMPORT_REFUSALS);
    }

    for (i = 0; i < COST_KINDS; i++) {
        if (file->nulls[i] != 0) {
            name = cost_focus_column_name((cost_focus_column_e) i);
            (void) printf("  %.*s is null in %llu row%s, counted as 0\n",
                          (int) name.len, name.data,
                          (unsigned long long) file->nulls[i],
                          cost_import_plural(file->nulls[i]));
        }
    }

    for (i = 0; i < file->ntotals; i++) {
        len = cost_decimal_format(file->totals[i].billed, COST_DECIMAL_PLACES,
                                  2, text);
        (void) printf("  %s %.*s billed\n", file->totals[i].currency,
                      (int) len, text);
    }
}


void
cost_import_report_result(const cost_import_result_t *result)
{
    if (result->periods == 0) {
        return;
    }

    (void) printf("  %llu account%s, %llu billing period%s replaced",
                  (unsigned long long) result->accounts,
                  cost_import_plural(result->accounts),
                  (unsigned long long) result->periods,
                  cost_import_plural(result->periods));

    if (strcmp(result->first, result->last) == 0) {
        (void) printf(" (%s)\n", result->first);

    } else {
        (void) printf(" (%s to %s)\n", result->first, result->last);
    }

    if (result->anomalies != 0) {
        (void) printf("  %llu anomal%s found\n",
                      (unsigned long long) result->anomalies,
                      result->anomalies == 1 ? "y" : "ies");
    }

    if (result->lost != 0) {
        (void) fflush(stdout);
        (void) fprintf(stderr, "cost-import: this replaced %llu billing "
                       "period%s of the files before; files that belong "
                       "together want --parts\n",
                       (unsigned long long) result->lost,
                       cost_import_plural(result->lost));
    }
}


static const char *
cost_import_plural(uint64_t n)
{
    return (n == 1) ? "" : "s";
}
