
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A file's rows.  The header tells the format.
 */

#include <stdio.h>
#include <stdlib.h>

#include "cost_import.h"


static bool cost_import_header(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error);
static bool cost_import_sniff(const uint8_t *p, size_t len, size_t *skip,
    unsigned *lines, uint8_t *comma, cost_import_error_t *error);
static bool cost_import_rows(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error);
static bool cost_import_row(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error);
static bool cost_import_rated(const cost_import_db_t *db,
    const cost_focus_row_t *row, cost_focus_error_t *reason);
static bool cost_import_flush(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error);
static bool cost_import_flush_resources(cost_import_t *im,
    cost_import_error_t *error);


#define cost_import_refuse_as(file, line, lit, error)                         \
    cost_import_refuse(file, line, lit, sizeof(lit) - 1, error)


bool
cost_import_file(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error)
{
    bool  done;

    cost_fold_reset(&im->fold);
    cost_inventory_reset(&im->inventory);
    memset(&im->known, 0, sizeof(im->known));
    cost_import_progress_start(&im->progress);

    done = cost_import_open(&im->input, file->name, error);

    if (done) {
        file->size = im->input.size;
        done = cost_import_header(im, file, error)
               && cost_import_rows(im, file, error);
    }

    cost_import_close(&im->input);
    cost_import_progress_end(&im->progress);

    return done;
}


/* fills the buffer; what is left of it lies in the csv */

static bool
cost_import_header(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error)
{
    size_t              len, n, skip;
    uint8_t             comma, text[COST_FOCUS_EXPLAIN];
    unsigned            lines;
    cost_rc_e           rc;
    cost_str_t          version;
    cost_focus_error_t  reason;

    if (!cost_import_read(&im->input, im->buf, COST_IMPORT_BUFFER, &len,
                          error)
        || !cost_import_sniff(im->buf, len, &skip, &lines, &comma, error))
    {
        return false;
    }

    cost_csv_init(&im->csv, comma);
    im->csv.line += lines;

    cost_csv_feed(&im->csv, im->buf + skip, len - skip,
                  len < COST_IMPORT_BUFFER);

    rc = cost_csv_next(&im->csv, &im->record);

    if (rc != COST_OK) {
        return cost_import_fail(error, rc == COST_DONE ? "is empty"
                                : "is not a CSV file: its first line is "
                                  "malformed");
    }

    switch (cost_utilization_header(&im->utilization, &im->record)) {

    case COST_UTILIZATION_OK:
        im->kind = COST_IMPORT_UTILIZATION;
        (void) snprintf(file->format, sizeof(file->format), "utilization");

        return true;

    case COST_UTILIZATION_TWICE:
        return cost_import_fail(error, "a column of utilization is there "
                                "twice");

    default:
        im->kind = COST_IMPORT_FOCUS;
        break;
    }

    if (cost_import_is_usage(&im->record)) {
        return cost_import_usage_header(im, file, error);
    }

    if (cost_focus_header(&im->focus, &im->record, &reason) != COST_OK) {
        n = cost_focus_explain(&reason, text);
        return cost_import_fail(error, "%.*s", (int) n, text);
    }

    version = cost_focus_version_name(im->focus.version);
    (void) snprintf(file->format, sizeof(file->format), "FOCUS %.*s",
                    (int) version.len, version.data);

    return true;
}


static bool
cost_import_sniff(const uint8_t *p, size_t len, size_t *skip,
    unsigned *lines, uint8_t *comma, cost_import_error_t *error)
{
    len = (len < 65536) ? len : 65536;

    switch (cost_csv_sniff(p, len, skip, lines, comma)) {

    case COST_CSV_TEXT:
        return true;

    case COST_CSV_EMPTY:
        return cost_import_fail(error, "is empty");

    case COST_CSV_GZIP:
        return cost_import_fail(error, "is gzip inside of gzip");

    case COST_CSV_UTF16:
        return cost_import_fail(error, "is in UTF-16: save it as UTF-8");

    case COST_CSV_ZIP:
        return cost_import_fail(error, "is a zip archive or a workbook, not "
                                "a CSV file: unpack it, or save it as CSV");

    case COST_CSV_PARQUET:
        return cost_import_fail(error, "is a Parquet file: let the provider "
                                "export CSV");

    case COST_CSV_JSON:
        return cost_import_fail(error, "is JSON, not a CSV file");

    default:
        return cost_import_fail(error, "is not a CSV file");
    }
}


static bool
cost_import_rows(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error)
{
    size_t     got, rest;
    uint8_t   *p;
    cost_rc_e  rc;

    static bool  (*const rows[])(cost_import_t *im, cost_import_file_t *file,
        cost_import_error_t *error) =
    {
        cost_import_row,
        cost_import_utilization,
        cost_import_usage
    };

    for ( ;; ) {

        while ((rc = cost_csv_next(&im->csv, &im->record)) == COST_OK) {
            if (!rows[im->kind](im, file, error)) {
                return false;
            }
        }

        if (rc == COST_DONE) {
            cost_fold_finish(&im->fold);
            return cost_import_flush(im, file, error)
                   && cost_import_flush_resources(im, error);
        }

        if (rc == COST_INVALID || rc == COST_FULL) {
            file->rows++;

            if (!(rc == COST_INVALID
                  ? cost_import_refuse_as(file, im->record.line,
                                          "a quote is out of place, or not "
                                          "closed", error)
                  : cost_import_refuse_as(file, im->record.line,
                                          "more than 1024 fields", error)))
            {
                return false;
            }

            continue;
        }

        /* COST_AGAIN */

        rest = cost_csv_rest(&im->csv, &p);

        if (rest == COST_IMPORT_BUFFER) {
            file->rows++;

            if (!cost_import_refuse_as(file, im->csv.line,
                                       "longer than 1 MB: is a quote not "
                                       "closed?", error))
            {
                return false;
            }

            cost_csv_skip(&im->csv);
            continue;
        }

        memmove(im->buf, p, rest);

        if (!cost_import_read(&im->input, im->buf + rest,
                              COST_IMPORT_BUFFER - rest, &got, error))
        {
            return false;
        }

        cost_csv_feed(&im->csv, im->buf, rest + got,
                      got < COST_IMPORT_BUFFER - rest);

        cost_import_progress_show(&im->progress, file->name, im->input.offset,
                                  im->input.size, file->rows);
    }
}


static bool
cost_import_row(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error)
{
    size_t              len;
    uint8_t             text[COST_FOCUS_EXPLAIN];
    unsigned            i;
    cost_focus_row_t    row;
    cost_resource_t     res;
    cost_focus_error_t  reason;

    file->rows++;

    if (cost_focus_row(&im->focus, &im->record, &row, &reason) != COST_OK
        || !cost_import_rated(&im->db, &row, &reason))
    {
        len = cost_focus_explain(&reason, text);

        return cost_import_refuse(file, im->record.line, text, len, error);
    }

    if (row.nulls != 0) {
        for (i = 0; i < COST_KINDS; i++) {
            file->nulls[i] += (row.nulls >> i) & 1;
        }
    }

    while (cost_fold_add(&im->fold, &row) != COST_OK) {
        if (!cost_import_flush(im, file, error)) {
            return false;
        }
    }

    if (!cost_resource_read(&im->known, &im->focus, &im->record, &row, &res)) {
        return true;
    }

    while (cost_inventory_add(&im->inventory, &row, &res) != COST_OK) {
        if (!cost_import_flush_resources(im, error)) {
            return false;
        }
    }

    return true;
}


static bool
cost_import_rated(const cost_import_db_t *db, const cost_focus_row_t *row,
    cost_focus_error_t *reason)
{
    if (cost_import_convertible(db, row->currency.data, row->currency.len,
                                row->day))
    {
        return true;
    }

    memset(reason, 0, sizeof(cost_focus_error_t));

    reason->code = COST_FOCUS_NO_RATE;
    reason->column = cost_focus_column_name(COST_FOCUS_BILLING_CURRENCY);
    reason->value = row->currency;
    reason->format.data = (const uint8_t *) db->currency;
    reason->format.len = 3;
    reason->day = row->day;

    return false;
}


bool
cost_import_convertible(const cost_import_db_t *db, const void *currency,
    size_t len, cost_day_t day)
{
    size_t  i;

    if (len == 3 && memcmp(currency, db->currency, 3) == 0) {
        return true;
    }

    for (i = 0; i < db->nrates; i++) {
        if (strlen(db->rates[i].currency) == len
            && memcmp(db->rates[i].currency, currency, len) == 0
            && db->rates[i].first <= day)
        {
            return true;
        }
    }

    return false;
}


static bool
cost_import_flush(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error)
{
    uint32_t              i, n;
    cost_str_t            currency;
    cost_import_total_t  *total;

    for (i = 0; i < im->fold.n; i++) {
        currency = cost_fold_text(&im->fold, im->fold.entries[i].currency);

        for (n = 0; n < file->ntotals; n++) {
            if (memcmp(file->totals[n].currency, currency.data, 3) == 0) {
                break;
            }
        }

        if (n == COST_IMPORT_CURRENCIES) {
            return cost_import_fail(error, "has more than %d currencies",
                                    COST_IMPORT_CURRENCIES);
        }

        total = &file->totals[n];

        if (n == file->ntotals) {
            file->ntotals++;
            memset(total, 0, sizeof(cost_import_total_t));
            memcpy(total->currency, currency.data, 3);
        }

        if (__builtin_add_overflow(total->billed,
                                   im->fold.entries[i].amount[COST_BILLED],
                                   &total->billed))
        {
            return cost_import_fail(error, "its costs add up to more than "
                                    "10^20 %s", total->currency);
        }
    }

    if (!cost_import_stage(&im->db, &im->fold, error)) {
        return false;
    }

    cost_fold_reset(&im->fold);

    return true;
}


static bool
cost_import_flush_resources(cost_import_t *im, cost_import_error_t *error)
{
    if (!cost_import_stage_resources(&im->db, &im->inventory, error)) {
        return false;
    }

    cost_inventory_reset(&im->inventory);

    return true;
}


bool
cost_import_refuse(cost_import_file_t *file, uint64_t line,
    const void *reason, size_t len, cost_import_error_t *error)
{
    cost_import_refusal_t  *refusal;

    file->refused++;

    if (file->nrefusals == COST_IMPORT_REFUSALS) {
        return true;
    }

    refusal = &file->refusals[file->nrefusals];
    refusal->line = line;
    refusal->reason = malloc(len + 1);

    if (refusal->reason == NULL) {
        return cost_import_fail(error, "there is not enough memory");
    }

    memcpy(refusal->reason, reason, len);
    refusal->reason[len] = '\0';
    file->nrefusals++;

    return true;
}


void
cost_import_file_free(cost_import_file_t *file)
{
    while (file->nrefusals != 0) {
        free(file->refusals[--file->nrefusals].reason);
    }
}
