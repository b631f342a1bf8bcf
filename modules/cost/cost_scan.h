
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * From the rows of anomalies_series.sql to the parameter of
 * anomalies_store.sql, for whoever runs the two.
 */


#ifndef _COST_SCAN_H_INCLUDED_
#define _COST_SCAN_H_INCLUDED_


#include "cost_anomaly.h"
#include "cost_date.h"
#include "cost_json.h"
#include "cost_str.h"


/* what is usual: four scatters, and one unit of the currency */

#define COST_SCAN_THRESHOLD  4
#define COST_SCAN_MINIMUM    1


/* the columns of anomalies_series.sql */

enum {
    COST_SCAN_ACCOUNT = 0,
    COST_SCAN_SERVICE,
    COST_SCAN_FIRST,
    COST_SCAN_DAYS,
    COST_SCAN_START,
    COST_SCAN_JUDGED,
    COST_SCAN_SERIES,
    COST_SCAN_COLUMNS
};


/* a row: "start" and "judged" are days since "first" */

typedef struct {
    int64_t              account;
    int64_t              service;    /* 0: none, see cost_scan_judged() */
    cost_day_t           first;
    int64_t              days;
    int64_t              start;      /* of the service's first costs */
    int64_t              judged;     /* the first day to judge */
    cost_str_t           series;     /* as cost_series_read() takes it */
} cost_scan_row_t;


typedef struct {
    int64_t              account;
    int64_t              service;
    cost_day_t           day;
    cost_anomaly_t       anomaly;
} cost_scan_found_t;


/* room to work in, some 120 KB; nothing in it outlives the call */

typedef struct {
    double               amounts[COST_ANOMALY_MAX];
    cost_anomaly_t       anomalies[COST_ANOMALY_MAX];
    cost_anomaly_work_t  work;
} cost_scan_work_t;


/*
 * Reads a row from its COST_SCAN_COLUMNS values as texts; of a null the data
 * is NULL.  "row" points into them.
 * COST_INVALID: they are not those of such a row.
 */
COST_MUST_CHECK cost_rc_e cost_scan_read(const cost_str_t *values,
    cost_scan_row_t *row);

/*
 * Judges a row's days and writes its anomalies, ascending, to "found", which
 * has room for COST_ANOMALY_MAX.  What comes every month is left out: a day
 * that is above what was expected of it by no more than one and a half times
 * as much as the same day of the month before was.
 * COST_INVALID, COST_RANGE: it is not such a row; nothing is found.
 */
COST_MUST_CHECK cost_rc_e cost_scan(const cost_scan_row_t *row,
    const cost_anomaly_conf_t *conf, cost_scan_work_t *work,
    cost_scan_found_t *found, size_t *nfound);

/*
 * Writes one as a member of the array that anomalies_store.sql takes; what
 * was reckoned is rounded to six decimals.
 */
void cost_scan_write(cost_json_t *j, const cost_scan_found_t *found);

/*
 * Writes a row without a service, which tells from when on an account is
 * judged, as a member of the other array that it takes.
 */
void cost_scan_judged(cost_json_t *j, const cost_scan_row_t *row);


#endif /* _COST_SCAN_H_INCLUDED_ */
