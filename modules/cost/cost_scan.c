
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_scan.h"
#include "cost_series.h"


static cost_rc_e cost_scan_integer(const cost_str_t *text, int64_t *n);
static bool cost_scan_monthly(const cost_scan_row_t *row,
    const cost_scan_work_t *work, const cost_anomaly_t *a);
static void cost_scan_amount(cost_json_t *j, double amount);


/* of the first week of a series nothing was expected */
#define COST_SCAN_WEEK  7

/* of an integer and its sign; no more than that is there */
#define COST_SCAN_DIGITS  11


/* in the order of cost_anomaly_severity_e */

static const cost_str_t  cost_scan_severities[] = {
    cost_string("low"),
    cost_string("medium"),
    cost_string("high")
};


cost_rc_e
cost_scan_read(const cost_str_t *values, cost_scan_row_t *row)
{
    size_t     i;
    int64_t    n[COST_SCAN_SERIES];
    cost_rc_e  rc;

    for (i = 0; i < COST_SCAN_SERIES; i++) {

        if (i == COST_SCAN_SERVICE && values[i].data == NULL) {
            n[i] = 0;
            continue;
        }

        rc = cost_scan_integer(&values[i], &n[i]);
        if (rc != COST_OK) {
            return rc;
        }
    }

    row->account = n[COST_SCAN_ACCOUNT];
    row->service = n[COST_SCAN_SERVICE];
    row->first = (cost_day_t) n[COST_SCAN_FIRST];
    row->days = n[COST_SCAN_DAYS];
    row->start = n[COST_SCAN_START];
    row->judged = n[COST_SCAN_JUDGED];

    row->series = values[COST_SCAN_SERIES];

    if (row->series.data == NULL) {
        row->series.data = (const uint8_t *) "";
        row->series.len = 0;
    }

    return COST_OK;
}


/* what PostgreSQL writes for an integer, which a day's number is, too */

static cost_rc_e
cost_scan_integer(const cost_str_t *text, int64_t *n)
{
    bool     negative;
    size_t   i;
    int64_t  value;

    i = 0;
    value = 0;
    negative = false;

    if (text->len > 1 && text->data[0] == '-') {
        negative = true;
        i++;
    }

    if (text->len == 0 || text->len > COST_SCAN_DIGITS) {
        return COST_INVALID;
    }

    for ( /* void */ ; i < text->len; i++) {

        if (text->data[i] < '0' || text->data[i] > '9') {
            return COST_INVALID;
        }

        value = value * 10 + (text->data[i] - '0');
    }

    *n = negative ? -value : value;

    return COST_OK;
}


cost_rc_e
cost_scan(const cost_scan_row_t *row, const cost_anomaly_conf_t *conf,
    cost_scan_work_t *work, cost_scan_found_t *found, size_t *nfound)
{
    size_t     i, k, n, from;
    cost_rc_e  rc;

    *nfound = 0;

    if (row->days < 0 || row->days > COST_ANOMALY_MAX
        || row->start < 0 || row->start > row->days)
    {
        return COST_RANGE;
    }

    n = (size_t) (row->days - row->start);
    from = row->judged > row->start ? (size_t) (row->judged - row->start) : 0;

    rc = cost_series_read(row->series.data, row->series.len, work->amounts,
                          (size_t) row->days);
    if (rc != COST_OK) {
        return rc;
    }

    /* there are never more anomalies than days */

    rc = cost_anomaly_scan(work->amounts + row->start, n, from, conf,
                           &work->work, work->anomalies, COST_ANOMALY_MAX,
                           &n);
    if (rc != COST_OK) {
        return rc;
    }

    k = 0;

    for (i = 0; i < n; i++) {

        if (cost_scan_monthly(row, work, &work->anomalies[i])) {
            continue;
        }

        found[k].account = row->account;
        found[k].service = row->service;
        found[k].day = row->first
                       + (cost_day_t) (row->start
                                       + (int64_t) work->anomalies[i].day);
        found[k].anomaly = work->anomalies[i];
        k++;
    }

    *nfound = k;

    return COST_OK;
}


/*
 * Whether the month before had as much on the same day, or on its last where
 * it is shorter.
 */

static bool
cost_scan_monthly(const cost_scan_row_t *row, const cost_scan_work_t *work,
    const cost_anomaly_t *a)
{
    int         year;
    double      expected;
    int64_t     before;
    unsigned    month, mday;
    cost_day_t  first, day, last;

    first = row->first + (cost_day_t) row->start;
    day = first + (cost_day_t) a->day;

    cost_day_to_civil(day, &year, &month, &mday);

    last = cost_day_month_first(day) - 1;
    day = cost_day_month_first(last) + (cost_day_t) mday - 1;
    before = (day > last ? last : day) - first;

    if (before < 0) {
        return false;
    }

    expected = before < COST_SCAN_WEEK ? a->expected
                                       : work->work.expected[before];

    return a->actual - a->expected
           <= 1.5 * (work->amounts[row->start + before] - expected);
}


void
cost_scan_write(cost_json_t *j, const cost_scan_found_t *found)
{
    const cost_str_t      *severity;
    const cost_anomaly_t  *a;

    a = &found->anomaly;
    severity = &cost_scan_severities[a->severity];

    cost_json_object(j);
    cost_json_name(j, "account");
    cost_json_integer(j, found->account);
    cost_json_name(j, "service");
    cost_json_integer(j, found->service);
    cost_json_name(j, "day");
    cost_json_date(j, found->day);
    cost_json_name(j, "actual");
    cost_scan_amount(j, a->actual);
    cost_json_name(j, "expected");
    cost_scan_amount(j, a->expected);
    cost_json_name(j, "lower");
    cost_scan_amount(j, a->lower);
    cost_json_name(j, "upper");
    cost_scan_amount(j, a->upper);
    cost_json_name(j, "score");
    cost_scan_amount(j, a->score);
    cost_json_name(j, "severity");
    cost_json_string(j, severity->data, severity->len);
    cost_json_object_end(j);
}


void
cost_scan_judged(cost_json_t *j, const cost_scan_row_t *row)
{
    cost_json_object(j);
    cost_json_name(j, "account");
    cost_json_integer(j, row->account);
    cost_json_name(j, "from");
    cost_json_date(j, row->first + (cost_day_t) row->judged);
    cost_json_object_end(j);
}


static void
cost_scan_amount(cost_json_t *j, double amount)
{
    cost_json_decimal(j, cost_series_decimal(amount), 6, 0);
}
