
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The reader of utilization (CSV): how much of a resource was used, which no
 * bill tells.  Whatever monitors resources can write it:
 *
 *     resource_id,day,metric,value
 *     i-0abc123def456,2026-11-20,cpu_avg,4.1
 *
 *     resource_id  as the bill's ResourceId, or Amazon's short id, which is
 *                  its ARN's last part
 *     day          a day or time, in UTC
 *     last_day     may be there: the value is of all days up to this one, of
 *                  at most 366, and none of them to come
 *     metric       cpu_avg, cpu_max, memory_avg, memory_max: percent;
 *                  network_bytes: of a day, in and out; disk_iops: operations
 *                  a second on average; requests: of a day; connections: the
 *                  most of a day; attached: 1 or 0
 *     value        0 and above
 *
 * Columns may come in any order, unknown ones are passed over.
 */


#ifndef _COST_UTILIZATION_H_INCLUDED_
#define _COST_UTILIZATION_H_INCLUDED_


#include "cost_csv.h"
#include "cost_date.h"
#include "cost_decimal.h"
#include "cost_str.h"


typedef enum {
    COST_UTILIZATION_OK = 0,

    /* the header */
    COST_UTILIZATION_UNKNOWN,    /* it is no utilization */
    COST_UTILIZATION_TWICE,      /* a column is there twice */

    /* a record */
    COST_UTILIZATION_FIELDS,     /* not as many fields as the header has */
    COST_UTILIZATION_RESOURCE,   /* empty, too long, or no text */
    COST_UTILIZATION_DAY,
    COST_UTILIZATION_LAST,
    COST_UTILIZATION_AHEAD,      /* a day that has not been */
    COST_UTILIZATION_METRIC,
    COST_UTILIZATION_VALUE,
    COST_UTILIZATION_PERCENT     /* above 100 */
} cost_utilization_rc_e;


typedef enum {
    COST_UTILIZATION_C_RESOURCE = 0,
    COST_UTILIZATION_C_DAY,
    COST_UTILIZATION_C_METRIC,
    COST_UTILIZATION_C_VALUE,    /* up to here they must be there */
    COST_UTILIZATION_C_LAST,
    COST_UTILIZATION_COLUMNS
} cost_utilization_column_e;


typedef struct {
    uint32_t        n;           /* columns of the file */
    uint16_t        at[COST_UTILIZATION_COLUMNS];  /* from 1; 0: not there */
} cost_utilization_t;


/* the texts point into the record; "metric" is one of the words above */

typedef struct {
    cost_str_t      resource;
    cost_str_t      metric;
    cost_day_t      day;
    cost_day_t      last;
    cost_decimal_t  value;
} cost_utilization_row_t;


#define COST_UTILIZATION_RESOURCE_MAX  1024


/* "rec" is left as it is, so that another reader may try it */
COST_MUST_CHECK cost_utilization_rc_e cost_utilization_header(
    cost_utilization_t *util, const cost_csv_record_t *rec);

/*
 * Fields of "rec", which is not the header, are used up.  What is told of days
 * behind "until" is refused: one year mistyped would make all else old.
 */
COST_MUST_CHECK cost_utilization_rc_e cost_utilization_row(
    const cost_utilization_t *util, cost_csv_record_t *rec, cost_day_t until,
    cost_utilization_row_t *row);

/* a clause for people, without a full stop; NUL-terminated */
const char *cost_utilization_why(cost_utilization_rc_e rc);


#endif /* _COST_UTILIZATION_H_INCLUDED_ */
