
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_bill.h"

#include "test.h"


static unsigned test_read(const char *text, size_t len, size_t piece,
    cost_rc_e *end);
static void test_pieces(void);
static void test_refused(void);
static void test_files(void);
static void test_long(void);
static void test_rates(void);
static void test_records(void);


#define TEST_HEADER                                                           \
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,"       \
    "BillingPeriodStart,ChargePeriodStart,ChargeCategory,ProviderName,"       \
    "BillingAccountId,ServiceName,ServiceCategory\n"

#define TEST_ROW(cost, currency, day)                                         \
    cost "," cost "," cost "," cost "," currency ",2024-09-01T00:00:00Z,"     \
    "2024-09-" day "T00:00:00Z,Usage,AWS,1,Amazon S3,Storage\n"


static cost_bill_t              bill;
static uint8_t                 *buf;
static cost_decimal_t           sum;
static const cost_bill_rate_t  *rates;
static size_t                   nrates;
static char                     refusals[512];


int
main(void)
{
    buf = malloc(COST_BILL_BUFFER);
    if (buf == NULL) {
        return 1;
    }

    test_pieces();
    test_refused();
    test_files();
    test_long();
    test_rates();
    test_records();

    free(buf);

    return done_testing();
}


/* rows that were read; what was refused is in "refusals" */

static unsigned
test_read(const char *text, size_t len, size_t piece, cost_rc_e *end)
{
    size_t            n, size, at;
    uint8_t          *p;
    unsigned          rows;
    cost_rc_e         rc;
    cost_focus_row_t  row;

    cost_bill_init(&bill, buf, (const uint8_t *) "USD", rates, nrates);

    refusals[0] = '\0';
    sum = 0;
    rows = 0;
    at = 0;

    for ( ;; ) {
        rc = cost_bill_next(&bill, &row);

        switch (rc) {

        case COST_OK:
            rows++;
            sum += row.amount[COST_BILLED];
            continue;

        case COST_INVALID:
            n = strlen(refusals);
            (void) snprintf(refusals + n, sizeof(refusals) - n,
                            "%" PRIu64 " %.*s|", bill.line,
                            (int) bill.why.len, bill.why.data);
            continue;

        case COST_AGAIN:
            p = cost_bill_room(&bill, &size);
            n = piece < size ? piece : size;
            n = n < len - at ? n : len - at;

            memcpy(p, text + at, n);
            at += n;
            cost_bill_fed(&bill, n, at == len);
            continue;

        default:
            *end = rc;
            return rows;
        }
    }
}


static void
test_pieces(void)
{
    size_t     len, i;
    uint8_t    format[COST_BILL_FORMAT];
    cost_rc_e  end;

    static const size_t  pieces[] = { 1, 2, 7, 64, 1000, 1000000 };
    static const char    text[] = "\xef\xbb\xbf" TEST_HEADER
        TEST_ROW("1.5", "USD", "01") TEST_ROW("2.25", "USD", "02")
        TEST_ROW("-0.5", "USD", "30");

    for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        ok(test_read(text, sizeof(text) - 1, pieces[i], &end) == 3
           && end == COST_DONE, "in pieces of %zu", pieces[i]);
        ok(sum == COST_DECIMAL_ONE * 13 / 4 && bill.rows == 3
           && bill.refused == 0, "... the same rows");
    }

    len = cost_bill_format(&bill, format);
    is_str(format, len, "FOCUS 1.0", "its format");

    ok(test_read(TEST_HEADER, sizeof(TEST_HEADER) - 1, 10, &end) == 0
       && end == COST_DONE, "a header alone");
}


static void
test_refused(void)
{
    cost_rc_e  end;

    static const char  text[] = TEST_HEADER
        TEST_ROW("1", "USD", "01") TEST_ROW("x", "USD", "02")
        "a,\"b\"c\n" TEST_ROW("1", "EUR", "02") "1,2\n"
        TEST_ROW("1", "USD", "03");

    is_int(test_read(text, sizeof(text) - 1, 100, &end), 2, "two rows of six");
    is_str(refusals, strlen(refusals),
           "3 BilledCost \"x\" is not a number|"
           "4 a quote is out of place, or not closed|"
           "5 BillingCurrency \"EUR\" has no rate to USD on 2024-09-02|"
           "6 2 fields where the header has 12|",
           "four are refused, with lines and why");
    is_int((intmax_t) bill.rows, 6, "six were read");
    is_int((intmax_t) bill.refused, 4, "four were refused");
}


static void
test_files(void)
{
    size_t     i;
    cost_rc_e  end;

    static const struct {
        const char  *text;
        const char  *why;
    } files[] = {
        { "", "is empty" },
        { "\x1f\x8b\x08", "is gzip inside of gzip" },
        { "PK\x03\x04zip", "is a zip archive or a workbook, not a CSV file: "
          "unpack it, or save it as CSV" },
        { "PAR1xxxx", "is a Parquet file: let the provider export CSV" },
        { "{\"a\": 1}", "is JSON, not a CSV file" },
        { "a\"b,c\n", "is not a CSV file: its first line is malformed" }
    };

    for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        ok(test_read(files[i].text, strlen(files[i].text), 2, &end) == 0
           && end == COST_RANGE, "refused: %s", files[i].why);
        is_str(bill.why.data, bill.why.len, files[i].why, "... and says so");
    }

    ok(test_read("a,b\n1,2\n", 8, 8, &end) == 0 && end == COST_RANGE
       && bill.why.len != 0, "another CSV file is refused");
    is_int((intmax_t) cost_bill_format(&bill, bill.text), 0,
           "and has no format");
}


static void
test_long(void)
{
    char      *text;
    size_t     len, n;
    cost_rc_e  end;

    static const char  last[] = "\n" TEST_ROW("1", "USD", "03");

    n = sizeof(TEST_HEADER) - 1;
    len = n + 3 * COST_BILL_BUFFER + sizeof(last) - 1;
    text = malloc(len);

    if (text == NULL) {
        return;
    }

    memcpy(text, TEST_HEADER, n);
    memset(text + n, 'x', 3 * COST_BILL_BUFFER);
    memcpy(text + n + 3 * COST_BILL_BUFFER, last, sizeof(last) - 1);

    is_int(test_read(text, len, 100000, &end), 1,
           "a row of 3 MB is passed over");
    is_str(refusals, strlen(refusals), "2 longer than 1 MB: is a quote not "
           "closed?|", "and refused");

    free(text);
}


static void
test_rates(void)
{
    cost_rc_e         end;
    cost_bill_rate_t  rate = { "EUR", 3, 0 };

    static const char  text[] = TEST_HEADER
        TEST_ROW("1", "EUR", "01") TEST_ROW("2", "EUR", "02")
        TEST_ROW("4", "GBP", "02") TEST_ROW("8", "USD", "01");

    rate.first = cost_day_from_civil(2024, 9, 2);
    rates = &rate;
    nrates = 1;

    is_int(test_read(text, sizeof(text) - 1, 100, &end), 2,
           "what has a rate is read");
    ok(sum == 10 * COST_DECIMAL_ONE, "... from its first day on");

    rates = NULL;
    nrates = 0;
}


/* a file of another kind, whose header somebody else reads */

static void
test_records(void)
{
    size_t      size;
    uint8_t    *p;
    cost_str_t  field, eur;

    static const char        text[] = "name,value\na,1\n\"b\"c,2\nd,3\n";
    static cost_bill_rate_t  rate = { "EUR", 3, 100 };

    cost_bill_init(&bill, buf, (const uint8_t *) "USD", &rate, 1);

    is_int(cost_bill_header(&bill), COST_AGAIN, "a header wants bytes");

    p = cost_bill_room(&bill, &size);
    memcpy(p, text, sizeof(text) - 1);
    cost_bill_fed(&bill, sizeof(text) - 1, true);

    is_int(cost_bill_header(&bill), COST_OK, "then it is there");
    field = cost_csv_raw(&bill.record, 0);
    is_str(field.data, field.len, "name", "... with its fields");
    is_int(cost_bill_focus(&bill), COST_RANGE, "it is not FOCUS's");
    ok(bill.why.len != 0, "... and why");

    is_int(cost_bill_record(&bill), COST_OK, "a record");
    field = cost_csv_raw(&bill.record, 1);
    is_str(field.data, field.len, "1", "... with its fields");
    is_int(cost_bill_record(&bill), COST_INVALID, "a malformed one");
    is_str(bill.why.data, bill.why.len,
           "a quote is out of place, or not closed", "... and why");
    is_int((intmax_t) bill.line, 3, "... and where");
    is_int(cost_bill_record(&bill), COST_OK, "the next one");
    is_int(cost_bill_record(&bill), COST_DONE, "the end");
    is_int((intmax_t) bill.rows, 3, "three were read");
    is_int((intmax_t) bill.refused, 1, "one was refused");
    is_int((intmax_t) cost_bill_format(&bill, bill.text), 0,
           "it has no format");

    eur.data = (const uint8_t *) "EUR";
    eur.len = 3;

    ok(cost_bill_rated(&bill, eur, 100), "a currency with a rate");
    ok(!cost_bill_rated(&bill, eur, 99), "... not on the day before");
    eur.data = (const uint8_t *) "USD";
    ok(cost_bill_rated(&bill, eur, 0), "the organization's own");
    eur.data = (const uint8_t *) "GBP";
    ok(!cost_bill_rated(&bill, eur, 100), "another one");
}
