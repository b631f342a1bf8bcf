
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_utilization.h"

#include "test.h"


typedef struct {
    const char             *line;
    cost_utilization_rc_e   rc;
} test_line_t;


static void test_headers(void);
static void test_rows(void);
static void test_lines(void);
static void test_file(const char *text);


static uint8_t                 buf[4096];
static cost_csv_t              csv;
static cost_csv_record_t       rec;
static cost_utilization_t      util;
static cost_utilization_row_t  row;


#define HEADER  "resource_id,day,metric,value,last_day\n"

/* 2027-11-20 */
#define UNTIL   21142


int
main(void)
{
    test_headers();
    test_rows();
    test_lines();

    return done_testing();
}


static void
test_headers(void)
{
    size_t  i;

    static const test_line_t  lines[] = {
        { "resource_id,day,metric,value\n", COST_UTILIZATION_OK },
        { "Value,x,\"METRIC\",Day,ResourceId\r\n", COST_UTILIZATION_OK },
        { "resource_id,day,metric\n", COST_UTILIZATION_UNKNOWN },
        { "date,product,sku,quantity\n", COST_UTILIZATION_UNKNOWN },
        { "resource_id,day,metric,value,day\n", COST_UTILIZATION_TWICE },
        { "resource_id,resourceid,day,metric,value\n",
          COST_UTILIZATION_TWICE }
    };

    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        test_file(lines[i].line);
        is_int(cost_utilization_header(&util, &rec), lines[i].rc,
               lines[i].line);
    }

    test_file("\"resource_id\",day,metric,value\n");
    is_int(cost_utilization_header(&util, &rec), COST_UTILIZATION_OK,
           "a quoted name");
    is_str(cost_csv_field(&rec, 0).data, 11, "resource_id",
           "another reader can still take the header");
}


static void
test_rows(void)
{
    test_file(HEADER
              "i-1,2026-11-20,CPU_avg,4.25,\n"
              "\"a,b\",2026-11-20T23:30:00Z,attached,0,2026-11-30\n");
    is_int(cost_utilization_header(&util, &rec), COST_UTILIZATION_OK,
           "a header");

    ok(cost_csv_next(&csv, &rec) == COST_OK, "a record");
    is_int(cost_utilization_row(&util, &rec, UNTIL, &row), COST_UTILIZATION_OK,
           "a row");
    is_str(row.resource.data, row.resource.len, "i-1", "its resource");
    is_str(row.metric.data, row.metric.len, "cpu_avg", "its metric");
    is_int(row.day, 20777, "its day");
    is_int(row.last, 20777, "which is its last");
    ok(row.value == COST_DECIMAL_ONE * 17 / 4, "its value");

    ok(cost_csv_next(&csv, &rec) == COST_OK, "a record");
    is_int(cost_utilization_row(&util, &rec, UNTIL, &row), COST_UTILIZATION_OK,
           "a row of several days");
    is_str(row.resource.data, row.resource.len, "a,b", "its resource");
    is_int(row.last - row.day, 10, "its days");
}


static void
test_lines(void)
{
    size_t  i;

    static const test_line_t  lines[] = {
        { "i,2026-11-20,cpu_avg,100,", COST_UTILIZATION_OK },
        { "i,2026-11-20,network_bytes,1e9,", COST_UTILIZATION_OK },
        { "i,2026-11-20,cpu_avg,1,2027-11-20", COST_UTILIZATION_OK },
        { "i,2026-11-20,cpu_avg,1", COST_UTILIZATION_FIELDS },
        { ",2026-11-20,cpu_avg,1,", COST_UTILIZATION_RESOURCE },
        { "\x02,2026-11-20,cpu_avg,1,", COST_UTILIZATION_RESOURCE },
        { "i,2026-02-30,cpu_avg,1,", COST_UTILIZATION_DAY },
        { "i,,cpu_avg,1,", COST_UTILIZATION_DAY },
        { "i,2026-11-20,cpu_avg,1,soon", COST_UTILIZATION_LAST },
        { "i,2026-11-20,cpu_avg,1,2026-11-19", COST_UTILIZATION_LAST },
        { "i,2026-11-20,cpu_avg,1,2026-11-20", COST_UTILIZATION_OK },
        { "i,2026-11-20,cpu_avg,1,2027-11-21", COST_UTILIZATION_LAST },
        { "i,2027-11-20,cpu_avg,1,", COST_UTILIZATION_OK },
        { "i,2027-11-21,cpu_avg,1,", COST_UTILIZATION_AHEAD },
        { "i,2027-11-20,cpu_avg,1,2027-11-21", COST_UTILIZATION_AHEAD },
        { "i,9999-12-31T23:59:59-00:01,cpu_avg,1,", COST_UTILIZATION_DAY },
        { "i,2026-11-20,cpu,1,", COST_UTILIZATION_METRIC },
        { "i,2026-11-20,cpu_avg,,", COST_UTILIZATION_VALUE },
        { "i,2026-11-20,cpu_avg,-1,", COST_UTILIZATION_VALUE },
        { "i,2026-11-20,cpu_avg,NaN,", COST_UTILIZATION_VALUE },
        { "i,2026-11-20,network_bytes,1e18,", COST_UTILIZATION_VALUE },
        { "i,2026-11-20,cpu_avg,100.01,", COST_UTILIZATION_PERCENT }
    };

    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char  text[512];

        (void) snprintf(text, sizeof(text), HEADER "%s\n", lines[i].line);
        test_file(text);

        ok(cost_utilization_header(&util, &rec) == COST_UTILIZATION_OK
           && cost_csv_next(&csv, &rec) == COST_OK, "line %zu", i);
        is_int(cost_utilization_row(&util, &rec, UNTIL, &row), lines[i].rc,
               lines[i].line);
        ok(strlen(cost_utilization_why(lines[i].rc)) > 10, "and why");
    }
}


static void
test_file(const char *text)
{
    memcpy(buf, text, strlen(text));
    cost_csv_init(&csv, ',');
    cost_csv_feed(&csv, buf, strlen(text), true);

    ok(cost_csv_next(&csv, &rec) == COST_OK, "a header");
}
