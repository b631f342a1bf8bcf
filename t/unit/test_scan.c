
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_scan.h"

#include "test.h"


static void test_read(void);
static void test_spike(void);
static void test_start(void);
static void test_monthly(void);
static void test_wrong(void);
static cost_rc_e scan(const char *series, cost_scan_row_t *row);
static const char *flat(unsigned from, unsigned to, const char *amount,
    unsigned spike, const char *more);


static size_t                     nfound;
static cost_scan_work_t           work;
static cost_scan_found_t          found[COST_ANOMALY_MAX];
static const cost_anomaly_conf_t  conf = {
    COST_SCAN_THRESHOLD, COST_SCAN_MINIMUM
};


int
main(void)
{
    test_read();
    test_spike();
    test_start();
    test_monthly();
    test_wrong();

    return done_testing();
}


static void
test_read(void)
{
    cost_str_t       values[COST_SCAN_COLUMNS] = {
        cost_string("7"), cost_string("2147483647"), cost_string("-19"),
        cost_string("60"), cost_string("3"), cost_string("-2147483648"),
        cost_string("0 12.5")
    };
    cost_scan_row_t  row;

    is_int(cost_scan_read(values, &row), COST_OK, "a row's values are read");
    is_int(row.account, 7, "... the account");
    is_int(row.service, 2147483647, "... the service");
    is_int(row.first, -19, "... the first day, before 1970");
    is_int(row.days, 60, "... the days");
    is_int(row.start, 3, "... the start");
    is_int(row.judged, INT32_MIN, "... the first judged");
    is_str(row.series.data, row.series.len, "0 12.5", "... the series");

    values[COST_SCAN_SERVICE].data = NULL;
    values[COST_SCAN_SERVICE].len = 0;
    values[COST_SCAN_SERIES] = values[COST_SCAN_SERVICE];

    is_int(cost_scan_read(values, &row), COST_OK, "nulls are read");
    is_int(row.service, 0, "... no service");
    is_str(row.series.data, row.series.len, "", "... no series");

    values[COST_SCAN_DAYS] = values[COST_SCAN_SERVICE];
    is_int(cost_scan_read(values, &row), COST_INVALID, "no number of days");

    values[COST_SCAN_DAYS] = (cost_str_t) cost_string("-");
    is_int(cost_scan_read(values, &row), COST_INVALID, "a sign alone");

    values[COST_SCAN_DAYS] = (cost_str_t) cost_string("6x");
    is_int(cost_scan_read(values, &row), COST_INVALID, "no number");

    values[COST_SCAN_DAYS] = (cost_str_t) cost_string("999999999999");
    is_int(cost_scan_read(values, &row), COST_INVALID, "a number too long");
}


/* 210 a day, once 892.10: see test_anomaly.c; day 0 is 2024-01-01 */

static void
test_spike(void)
{
    uint8_t          text[512];
    cost_json_t      j;
    cost_scan_row_t  row = { 7, 9, 19723, 60, 0, 14, { 0, NULL } };

    is_int(scan(flat(0, 60, "210.00", 50, "892.10"), &row), COST_OK,
           "a row is judged");
    is_int((intmax_t) nfound, 1, "... one anomaly");

    cost_json_init(&j, text, sizeof(text));
    cost_scan_write(&j, &found[0]);
    is_str(text, cost_json_length(&j),
           "{\"account\":7,\"service\":9,\"day\":\"2024-02-20\","
           "\"actual\":892.1,\"expected\":210,\"lower\":168,\"upper\":252,"
           "\"score\":64.961905,\"severity\":\"high\"}",
           "... as it is written");

    cost_json_init(&j, text, sizeof(text));
    cost_scan_judged(&j, &row);
    is_str(text, cost_json_length(&j),
           "{\"account\":7,\"from\":\"2024-01-15\"}",
           "... and from when on");

    row.judged = 50;
    is_int(scan(flat(0, 60, "210", 50, "892.10"), &row), COST_OK,
           "judged from that day on");
    is_int((intmax_t) nfound, 1, "... it is found");

    row.judged = 51;
    is_int(scan(flat(0, 60, "210", 50, "892.10"), &row), COST_OK,
           "judged from the next day on");
    is_int((intmax_t) nfound, 0, "... it is not");
}


/* the fourteen days of history are counted from the first with costs */

static void
test_start(void)
{
    cost_scan_row_t  row = { 7, 9, 19723, 60, 40, 0, { 0, NULL } };

    is_int(scan(flat(40, 60, "210", 53, "892.10"), &row), COST_OK,
           "a young service");
    is_int((intmax_t) nfound, 0, "... the 14th day is not judged");

    is_int(scan(flat(40, 60, "210", 54, "892.10"), &row), COST_OK, "...");
    is_int((intmax_t) nfound, 1, "... the 15th is");
    is_int(found[0].day, 19723 + 54, "... by its day");

    row.days = 0;
    row.start = 0;
    is_int(scan("", &row), COST_OK, "a series of no days");
    is_int((intmax_t) nfound, 0, "... has none");
}


/* support on the first, 2024-02-01 (day 31), 03-01 (60), 04-01 (91) */

static void
test_monthly(void)
{
    cost_scan_row_t  row = { 7, 9, 19723, 120, 0, 0, { 0, NULL } };

    is_int(scan("0 5 31 820 60 820 91 820", &row), COST_OK,
           "what comes every month");
    is_int((intmax_t) nfound, 1, "... is one the first time");
    is_int(found[0].day, 19723 + 31, "... in February");

    is_int(scan("0 5 31 820 60 820 91 1231", &row), COST_OK,
           "half as much again, and one");
    is_int((intmax_t) nfound, 2, "... is one");

    is_int(scan("0 5 31 820 60 1230 91 820", &row), COST_OK,
           "half as much again");
    is_int((intmax_t) nfound, 1, "... is not");

    is_int(scan("0 820 31 820 60 820 91 820", &row), COST_OK,
           "from the first day on");
    is_int((intmax_t) nfound, 0, "... is none");

    is_int(scan("0 5 31 820 92 820", &row), COST_OK, "a day late");
    is_int((intmax_t) nfound, 2, "... is one");

    /* 02-29 (59) and 03-31 (90) */

    is_int(scan("0 5 59 820 90 820", &row), COST_OK, "the month's last day");
    is_int((intmax_t) nfound, 1, "... of a shorter one");
}


static void
test_wrong(void)
{
    cost_scan_row_t  row = { 7, 9, 19723, 60, 0, 0, { 0, NULL } };

    is_int(scan("60 1", &row), COST_RANGE, "a day behind the last");
    is_int(scan("1 x", &row), COST_INVALID, "no amount");

    row.start = 61;
    is_int(scan("", &row), COST_RANGE, "a start behind the end");
    row.start = -1;
    is_int(scan("", &row), COST_RANGE, "a start before the first");
    row.start = 0;
    row.days = COST_ANOMALY_MAX + 1;
    is_int(scan("", &row), COST_RANGE, "too many days");
    row.days = -1;
    is_int(scan("", &row), COST_RANGE, "less than none");
}


static cost_rc_e
scan(const char *series, cost_scan_row_t *row)
{
    row->series.len = strlen(series);
    row->series.data = (const uint8_t *) series;

    return cost_scan(row, &conf, &work, found, &nfound);
}


/* the same on each day but one */

static const char *
flat(unsigned from, unsigned to, const char *amount, unsigned spike,
    const char *more)
{
    char         *p;
    unsigned      i;
    static char   text[4096];

    p = text;

    for (i = from; i < to; i++) {
        p += sprintf(p, "%s%u %s", i > from ? " " : "", i,
                     i == spike ? more : amount);
    }

    return text;
}
