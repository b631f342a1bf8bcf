
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_focus.h"
#include "cost_utilization.h"


#define COST_UTILIZATION_REQUIRED  (COST_UTILIZATION_C_VALUE + 1)

/* days of a row */
#define COST_UTILIZATION_DAYS  366

/* what a value stays below */
#define COST_UTILIZATION_MANY  (COST_DECIMAL_ONE * 1000000000000000000LL)


typedef struct {
    cost_str_t                 name;
    cost_utilization_column_e  column;
} cost_utilization_name_t;


typedef struct {
    cost_str_t  name;
    bool        percent;
} cost_utilization_metric_t;


static cost_utilization_rc_e cost_utilization_days(
    const cost_utilization_t *util, const cost_str_t *f,
    cost_utilization_row_t *row);
static const cost_utilization_metric_t *cost_utilization_metric(
    const cost_str_t *s);
static cost_str_t cost_utilization_plain(cost_str_t s);
static bool cost_utilization_same(const cost_str_t *s,
    const cost_str_t *lower);


/* in lower case */

static const cost_utilization_name_t  cost_utilization_names[] = {
    { cost_string("resource_id"), COST_UTILIZATION_C_RESOURCE },
    { cost_string("resourceid"), COST_UTILIZATION_C_RESOURCE },
    { cost_string("day"), COST_UTILIZATION_C_DAY },
    { cost_string("metric"), COST_UTILIZATION_C_METRIC },
    { cost_string("value"), COST_UTILIZATION_C_VALUE },
    { cost_string("last_day"), COST_UTILIZATION_C_LAST }
};


static const cost_utilization_metric_t  cost_utilization_metrics[] = {
    { cost_string("cpu_avg"), true },
    { cost_string("cpu_max"), true },
    { cost_string("memory_avg"), true },
    { cost_string("memory_max"), true },
    { cost_string("network_bytes"), false },
    { cost_string("disk_iops"), false },
    { cost_string("requests"), false },
    { cost_string("connections"), false },
    { cost_string("attached"), false }
};


cost_utilization_rc_e
cost_utilization_header(cost_utilization_t *util,
    const cost_csv_record_t *rec)
{
    size_t                     k;
    uint32_t                   i;
    cost_str_t                 name;
    cost_utilization_column_e  column;

    memset(util, 0, sizeof(cost_utilization_t));

    util->n = rec->n;

    for (i = 0; i < rec->n; i++) {
        name = cost_utilization_plain(cost_csv_raw(rec, i));

        for (k = 0; k < sizeof(cost_utilization_names)
                        / sizeof(cost_utilization_names[0]);
             k++)
        {
            if (!cost_utilization_same(&name,
                                       &cost_utilization_names[k].name))
            {
                continue;
            }

            column = cost_utilization_names[k].column;

            if (util->at[column]) {
                return COST_UTILIZATION_TWICE;
            }

            util->at[column] = (uint16_t) (i + 1);
            break;
        }
    }

    for (i = 0; i < COST_UTILIZATION_REQUIRED; i++) {
        if (util->at[i] == 0) {
            return COST_UTILIZATION_UNKNOWN;
        }
    }

    return COST_UTILIZATION_OK;
}


cost_utilization_rc_e
cost_utilization_row(const cost_utilization_t *util, cost_csv_record_t *rec,
    cost_day_t until, cost_utilization_row_t *row)
{
    unsigned                          i;
    cost_str_t                        f[COST_UTILIZATION_COLUMNS];
    cost_utilization_rc_e             rc;
    const cost_utilization_metric_t  *metric;

    if (rec->n != util->n) {
        return COST_UTILIZATION_FIELDS;
    }

    memset(f, 0, sizeof(f));

    for (i = 0; i < COST_UTILIZATION_COLUMNS; i++) {
        if (util->at[i]) {
            f[i] = cost_csv_field(rec, util->at[i] - 1);
        }
    }

    row->resource = f[COST_UTILIZATION_C_RESOURCE];

    if (row->resource.len == 0
        || row->resource.len > COST_UTILIZATION_RESOURCE_MAX
        || !cost_focus_is_text(row->resource.data, row->resource.len))
    {
        return COST_UTILIZATION_RESOURCE;
    }

    rc = cost_utilization_days(util, f, row);

    if (rc != COST_UTILIZATION_OK) {
        return rc;
    }

    if (row->last > until) {
        return COST_UTILIZATION_AHEAD;
    }

    metric = cost_utilization_metric(&f[COST_UTILIZATION_C_METRIC]);

    if (metric == NULL) {
        return COST_UTILIZATION_METRIC;
    }

    row->metric = metric->name;

    if (cost_decimal_parse(f[COST_UTILIZATION_C_VALUE].data,
                           f[COST_UTILIZATION_C_VALUE].len, &row->value)
        != COST_OK
        || row->value < 0
        || row->value >= COST_UTILIZATION_MANY)
    {
        return COST_UTILIZATION_VALUE;
    }

    if (metric->percent && row->value > 100 * COST_DECIMAL_ONE) {
        return COST_UTILIZATION_PERCENT;
    }

    return COST_UTILIZATION_OK;
}


static cost_utilization_rc_e
cost_utilization_days(const cost_utilization_t *util, const cost_str_t *f,
    cost_utilization_row_t *row)
{
    cost_time_t        t;
    const cost_str_t  *last;

    if (cost_time_parse(f[COST_UTILIZATION_C_DAY].data,
                        f[COST_UTILIZATION_C_DAY].len, &t)
        != COST_OK)
    {
        return COST_UTILIZATION_DAY;
    }

    row->day = cost_day_from_time(t);
    row->last = row->day;

    last = &f[COST_UTILIZATION_C_LAST];

    if (util->at[COST_UTILIZATION_C_LAST] == 0 || last->len == 0) {
        return COST_UTILIZATION_OK;
    }

    if (cost_time_parse(last->data, last->len, &t) != COST_OK) {
        return COST_UTILIZATION_LAST;
    }

    row->last = cost_day_from_time(t);

    if (row->last < row->day
        || row->last - row->day >= COST_UTILIZATION_DAYS)
    {
        return COST_UTILIZATION_LAST;
    }

    return COST_UTILIZATION_OK;
}


static const cost_utilization_metric_t *
cost_utilization_metric(const cost_str_t *s)
{
    size_t  i;

    for (i = 0; i < sizeof(cost_utilization_metrics)
                    / sizeof(cost_utilization_metrics[0]);
         i++)
    {
        if (cost_utilization_same(s, &cost_utilization_metrics[i].name)) {
            return &cost_utilization_metrics[i];
        }
    }

    return NULL;
}


/* a raw field without what stands around it */

static cost_str_t
cost_utilization_plain(cost_str_t s)
{
    while (s.len != 0 && (s.data[s.len - 1] == '\r'
                          || s.data[s.len - 1] == '"'))
    {
        s.len--;
    }

    if (s.len != 0 && *s.data == '"') {
        s.data++;
        s.len--;
    }

    return s;
}


static bool
cost_utilization_same(const cost_str_t *s, const cost_str_t *lower)
{
    size_t   i;
    uint8_t  c;

    if (s->len != lower->len) {
        return false;
    }

    for (i = 0; i < s->len; i++) {
        c = s->data[i];

        if (c >= 'A' && c <= 'Z') {
            c |= 0x20;
        }

        if (c != lower->data[i]) {
            return false;
        }
    }

    return true;
}


const char *
cost_utilization_why(cost_utilization_rc_e rc)
{
    switch (rc) {

    case COST_UTILIZATION_OK:
        return "it is in order";

    case COST_UTILIZATION_UNKNOWN:
        return "its columns are not those of utilization";

    case COST_UTILIZATION_TWICE:
        return "a column is there twice";

    case COST_UTILIZATION_FIELDS:
        return "it has not as many fields as the header";

    case COST_UTILIZATION_RESOURCE:
        return "resource_id is empty, longer than 1024 bytes, or no text";

    case COST_UTILIZATION_DAY:
        return "day is not a day";

    case COST_UTILIZATION_LAST:
        return "last_day is not a day, before day, or more than a year after";

    case COST_UTILIZATION_AHEAD:
        return "day or last_day is yet to come";

    case COST_UTILIZATION_METRIC:
        return "metric must be one of cpu_avg, cpu_max, memory_avg, "
               "memory_max, network_bytes, disk_iops, requests, connections, "
               "attached";

    case COST_UTILIZATION_VALUE:
        return "value is not a number, or below 0, or out of range";

    default: /* COST_UTILIZATION_PERCENT */
        return "value is more than 100 percent";
    }
}
