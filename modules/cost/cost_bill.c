
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_bill.h"


static void cost_bill_unrated(const cost_bill_t *bill,
    const cost_focus_row_t *row, cost_focus_error_t *error);
static cost_rc_e cost_bill_refuse(cost_bill_t *bill, uint64_t line,
    const char *why);


/* what is looked at to tell the kind of a file; a header is in the first */
#define COST_BILL_SNIFF  65536
#define COST_BILL_FIRST  (2 * COST_BILL_SNIFF)


static const char *const  cost_bill_kinds[] = {
    NULL,                        /* COST_CSV_TEXT */
    "is empty",
    "is gzip inside of gzip",
    "is in UTF-16: save it as UTF-8",
    "is a zip archive or a workbook, not a CSV file: unpack it, or save it "
        "as CSV",
    "is a Parquet file: let the provider export CSV",
    "is JSON, not a CSV file",
    "is not a CSV file"
};


void
cost_bill_init(cost_bill_t *bill, uint8_t *buf, const uint8_t *currency,
    const cost_bill_rate_t *rates, size_t nrates)
{
    bill->buf = buf;
    bill->len = 0;
    bill->begun = false;
    bill->known = false;
    bill->eof = false;
    bill->rates = rates;
    bill->nrates = nrates;
    bill->rows = 0;
    bill->refused = 0;
    bill->line = 0;
    bill->why.len = 0;
    bill->why.data = bill->text;

    memcpy(bill->currency, currency, 3);
}


uint8_t *
cost_bill_room(cost_bill_t *bill, size_t *size)
{
    *size = COST_BILL_BUFFER - bill->len;

    return bill->buf + bill->len;
}


void
cost_bill_fed(cost_bill_t *bill, size_t len, bool eof)
{
    bill->len += len;
    bill->eof = eof;

    if (bill->begun) {
        cost_csv_feed(&bill->csv, bill->buf, bill->len, eof);
        bill->len = 0;
    }
}


cost_rc_e
cost_bill_next(cost_bill_t *bill, cost_focus_row_t *row)
{
    cost_rc_e           rc;
    cost_focus_error_t  error;

    if (!bill->known) {
        rc = cost_bill_header(bill);

        if (rc == COST_OK) {
            rc = cost_bill_focus(bill);
        }

        if (rc != COST_OK) {
            return rc;
        }
    }

    rc = cost_bill_record(bill);

    if (rc != COST_OK) {
        return rc;
    }

    if (cost_focus_row(&bill->focus, &bill->record, row, &error) == COST_OK) {

        if (cost_bill_rated(bill, row->currency, row->day)) {
            return COST_OK;
        }

        cost_bill_unrated(bill, row, &error);
    }

    bill->refused++;
    bill->line = bill->record.line;
    bill->why.data = bill->text;
    bill->why.len = cost_focus_explain(&error, bill->text);

    return COST_INVALID;
}


cost_rc_e
cost_bill_record(cost_bill_t *bill)
{
    size_t      rest;
    uint8_t    *p;
    cost_rc_e   rc;

    rc = cost_csv_next(&bill->csv, &bill->record);

    switch (rc) {

    case COST_OK:
        bill->rows++;
        return COST_OK;

    case COST_INVALID:
        return cost_bill_refuse(bill, bill->record.line,
                                "a quote is out of place, or not closed");

    case COST_FULL:
        return cost_bill_refuse(bill, bill->record.line,
                                "more than 1024 fields");

    case COST_AGAIN:
        break;

    default: /* COST_DONE */
        return COST_DONE;
    }

    rest = cost_csv_rest(&bill->csv, &p);

    if (rest == COST_BILL_BUFFER) {
        rc = cost_bill_refuse(bill, bill->csv.line, "longer than 1 MB: "
                              "is a quote not closed?");
        cost_csv_skip(&bill->csv);
        return rc;
    }

    memmove(bill->buf, p, rest);
    bill->len = rest;

    return COST_AGAIN;
}


cost_rc_e
cost_bill_header(cost_bill_t *bill)
{
    size_t           skip;
    uint8_t          comma;
    unsigned         lines;
    cost_rc_e        rc;
    const char      *why;
    cost_csv_kind_e  kind;

    if (bill->len < COST_BILL_FIRST && !bill->eof) {
        return COST_AGAIN;
    }

    kind = cost_csv_sniff(bill->buf, bill->len < COST_BILL_SNIFF
                                     ? bill->len : COST_BILL_SNIFF,
                          &skip, &lines, &comma);
    why = cost_bill_kinds[kind];

    if (why == NULL) {
        cost_csv_init(&bill->csv, comma);
        bill->csv.line += lines;

        cost_csv_feed(&bill->csv, bill->buf + skip, bill->len - skip,
                      bill->eof);
        bill->len = 0;

        rc = cost_csv_next(&bill->csv, &bill->record);

        if (rc == COST_DONE) {
            why = "is empty";

        } else if (rc != COST_OK) {
            why = "is not a CSV file: its first line is malformed";
        }
    }

    if (why != NULL) {
        bill->why.data = (const uint8_t *) why;
        bill->why.len = strlen(why);
        return COST_RANGE;
    }

    bill->begun = true;

    return COST_OK;
}


cost_rc_e
cost_bill_focus(cost_bill_t *bill)
{
    cost_focus_error_t  error;

    if (cost_focus_header(&bill->focus, &bill->record, &error) != COST_OK) {
        bill->why.data = bill->text;
        bill->why.len = cost_focus_explain(&error, bill->text);
        return COST_RANGE;
    }

    bill->known = true;

    return COST_OK;
}


bool
cost_bill_rated(const cost_bill_t *bill, cost_str_t currency, cost_day_t day)
{
    size_t  i;

    if (currency.len == 3 && memcmp(currency.data, bill->currency, 3) == 0) {
        return true;
    }

    for (i = 0; i < bill->nrates; i++) {
        if (bill->rates[i].len == currency.len
            && memcmp(bill->rates[i].currency, currency.data, currency.len)
               == 0
            && bill->rates[i].first <= day)
        {
            return true;
        }
    }

    return false;
}


static void
cost_bill_unrated(const cost_bill_t *bill, const cost_focus_row_t *row,
    cost_focus_error_t *error)
{
    memset(error, 0, sizeof(cost_focus_error_t));

    error->code = COST_FOCUS_NO_RATE;
    error->column = cost_focus_column_name(COST_FOCUS_BILLING_CURRENCY);
    error->value = row->currency;
    error->format.data = bill->currency;
    error->format.len = 3;
    error->day = row->day;
}


static cost_rc_e
cost_bill_refuse(cost_bill_t *bill, uint64_t line, const char *why)
{
    bill->rows++;
    bill->refused++;
    bill->line = line;
    bill->why.data = (const uint8_t *) why;
    bill->why.len = strlen(why);

    return COST_INVALID;
}


size_t
cost_bill_format(const cost_bill_t *bill, uint8_t *buf)
{
    size_t      len;
    cost_str_t  version;

    if (!bill->known) {
        return 0;
    }

    version = cost_focus_version_name(bill->focus.version);
    len = version.len < COST_BILL_FORMAT - 6 ? version.len
                                             : COST_BILL_FORMAT - 6;

    memcpy(buf, "FOCUS ", 6);
    memcpy(buf + 6, version.data, len);

    return 6 + len;
}
