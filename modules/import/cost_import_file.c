
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A file's rows, as the bill has them.  The header tells the format.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cost_import.h"


static bool cost_import_header(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error);
static bool cost_import_rows(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error);
static bool cost_import_feed(cost_import_t *im, cost_import_error_t *error);
static bool cost_import_row(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error);
static bool cost_import_flush(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error);
static bool cost_import_flush_resources(cost_import_t *im,
    cost_import_error_t *error);


bool
cost_import_file(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error)
{
    bool  done;

    cost_fold_reset(&im->fold);
    cost_inventory_reset(&im->inventory);
    memset(&im->known, 0, sizeof(im->known));
    cost_bill_init(&im->bill, im->buf, (const uint8_t *) im->db.currency,
                   im->db.rates, im->db.nrates);
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


static bool
cost_import_header(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error)
{
    size_t     len;
    cost_rc_e  rc;

    while ((rc = cost_bill_header(&im->bill)) == COST_AGAIN) {
        if (!cost_import_feed(im, error)) {
            return false;
        }
    }

    if (rc != COST_OK) {
        return cost_import_fail(error, "%.*s", (int) im->bill.why.len,
                                im->bill.why.data);
    }

    switch (cost_utilization_header(&im->utilization, &im->bill.record)) {

    case COST_UTILIZATION_OK:
        im->kind = COST_IMPORT_UTILIZATION;

        /* a clock may be ahead of ours, or of UTC */
        im->until = cost_day_from_time(time(NULL)) + 1;

        (void) snprintf(file->format, sizeof(file->format), "utilization");

        return true;

    case COST_UTILIZATION_TWICE:
        return cost_import_fail(error, "a column of utilization is there "
                                "twice");

    default:
        im->kind = COST_IMPORT_FOCUS;
        break;
    }

    if (cost_import_is_usage(&im->bill.record)) {
        return cost_import_usage_header(im, file, error);
    }

    if (cost_bill_focus(&im->bill) != COST_OK) {
        return cost_import_fail(error, "%.*s", (int) im->bill.why.len,
                                im->bill.why.data);
    }

    len = cost_bill_format(&im->bill, (uint8_t *) file->format);
    file->format[len] = '\0';

    return true;
}


static bool
cost_import_rows(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error)
{
    bool       done;
    cost_rc_e  rc;

    static bool  (*const rows[])(cost_import_t *im, cost_import_file_t *file,
        cost_import_error_t *error) =
    {
        cost_import_row,
        cost_import_utilization,
        cost_import_usage
    };

    do {
        rc = (im->kind == COST_IMPORT_FOCUS)
             ? cost_bill_next(&im->bill, &im->row)
             : cost_bill_record(&im->bill);

        switch (rc) {

        case COST_OK:
            done = rows[im->kind](im, file, error);
            break;

        case COST_AGAIN:
            done = cost_import_feed(im, error);

            cost_import_progress_show(&im->progress, file->name,
                                      im->input.offset, im->input.size,
                                      im->bill.rows);
            break;

        case COST_DONE:
            done = true;
            break;

        default: /* COST_INVALID */
            done = cost_import_refuse(file, im->bill.line, im->bill.why.data,
                                      im->bill.why.len, error);
        }
    } while (done && rc != COST_DONE);

    file->rows = im->bill.rows;

    if (!done) {
        return false;
    }

    cost_fold_finish(&im->fold);

    return cost_import_flush(im, file, error)
           && cost_import_flush_resources(im, error);
}


static bool
cost_import_feed(cost_import_t *im, cost_import_error_t *error)
{
    size_t    size, len;
    uint8_t  *room;

    room = cost_bill_room(&im->bill, &size);

    if (!cost_import_read(&im->input, room, size, &len, error)) {
        return false;
    }

    cost_bill_fed(&im->bill, len, len < size);

    return true;
}


static bool
cost_import_row(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error)
{
    unsigned         i;
    cost_resource_t  res;

    if (im->row.nulls != 0) {
        for (i = 0; i < COST_KINDS; i++) {
            file->nulls[i] += (im->row.nulls >> i) & 1;
        }
    }

    while (cost_fold_add(&im->fold, &im->row) != COST_OK) {
        if (!cost_import_flush(im, file, error)) {
            return false;
        }
    }

    if (!cost_resource_read(&im->known, &im->bill.focus, &im->bill.record,
                            &im->row, &res))
    {
        return true;
    }

    while (cost_inventory_add(&im->inventory, &im->row, &res) != COST_OK) {
        if (!cost_import_flush_resources(im, error)) {
            return false;
        }
    }

    return true;
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
