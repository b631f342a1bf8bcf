
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_usage.h"

#include "test.h"


typedef struct {
    cost_usage_rc_e   header;
    cost_usage_rc_e   refused;   /* of the last row that was */
    cost_usage_t      usage;
    unsigned          rows;
    unsigned          bad;
    cost_decimal_t    quantity;  /* of minutes of actions */
    cost_decimal_t    gross;
    cost_decimal_t    discount;
    cost_decimal_t    net;
    char              first[256];
    char              last[256];
} test_sums_t;


static void test_legacy(void);
static void test_current(void);
static void test_names(void);
static void test_refused(void);

static void test_read(test_sums_t *sums, const char *text);
static void test_show(char *buf, size_t size, const cost_usage_row_t *row);
static void is_sum(cost_decimal_t got, const char *expected,
    const char *name);
static void is_header(const char *header, cost_usage_rc_e rc,
    const char *name);
static void is_refused(const char *row, cost_usage_rc_e rc,
    const char *name);


#define LEGACY                                                                \
    "Date,Product,SKU,Quantity,Unit Type,Price Per Unit ($),Multiplier,"      \
    "Owner,Repository Slug,Username,Actions Workflow,Notes\n"

#define DETAILED                                                              \
    "date,product,sku,quantity,unit_type,applied_cost_per_quantity,"          \
    "gross_amount,discount_amount,net_amount,username,organization,"          \
    "repository,workflow_path,cost_center_name\n"

#define SUMMARIZED                                                            \
    "date,product,sku,quantity,unit_type,applied_cost_per_quantity,"          \
    "gross_amount,discount_amount,net_amount,organization,repository,"        \
    "cost_center_name\n"


int
main(void)
{
    test_legacy();
    test_current();
    test_names();
    test_refused();

    return done_testing();
}


/* the figures of two public reports */

static void
test_legacy(void)
{
    test_sums_t  sums;

    /* (11 + 41) x 0.008 + (20 + 402) x 0.08 + (22 + 76) x 0.016 */

    test_read(&sums, LEGACY
        "2023-11-03,Actions,Compute - UBUNTU,11,minute,0.008,1.0,octocat,"
        "renovate,octocat,.github/workflows/codecov.yml,\n"
        "2023-11-03,Actions,Compute - MACOS,20,minute,0.08,10.0,octocat,"
        "renovate,renovate[bot],.github/workflows/test.yml,\n"
        "2023-11-03,Actions,Compute - WINDOWS,22,minute,0.016,2.0,octocat,"
        "renovate,renovate[bot],.github/workflows/test.yml,\n"
        "2023-11-03,Actions,Compute - UBUNTU,41,minute,0.008,1.0,octocat,"
        "renovate,octocat,.github/workflows/test.yml,\n"
        "2023-11-03,Actions,Compute - MACOS,402,minute,0.08,10.0,octocat,"
        "renovate,octocat,.github/workflows/test.yml,\n"
        "2023-11-03,Actions,Compute - WINDOWS,76,minute,0.016,2.0,octocat,"
        "renovate,octocat,.github/workflows/test.yml,\n");

    is_int(sums.usage.layout, COST_USAGE_LEGACY, "2023: layout");
    is_int(sums.rows, 6, "2023: rows");
    is_sum(sums.quantity, "572", "2023: minutes");
    is_sum(sums.net, "35.744", "2023: cost, the multiplier being in it");
    is_sum(sums.gross, "35.744", "2023: gross");
    is_sum(sums.discount, "0", "2023: discount");
    is_str(sums.first, strlen(sums.first),
           "2023-11-03 Actions 11 linux octocat|renovate|octocat|"
           ".github/workflows/codecov.yml 0.008 0.088", "2023: first row");

    /* Windows with a multiplier of 1 */

    test_read(&sums, LEGACY
        "2022-05-20,Actions,Compute - WINDOWS,7,minute,0.016,1.0,galaxy,"
        "mustafar,octocat,.github/workflows/test-windows.yml,\n"
        "2022-05-20,Actions,Compute - UBUNTU,15,minute,0.008,1.0,galaxy,"
        "caprica,octocat,.github/workflows/lint.yml,\n");

    is_sum(sums.net, "0.232", "2022: 7 x 0.016 + 15 x 0.008");

    test_read(&sums, LEGACY
        "2022-05-20,Actions,Compute - UBUNTU,7,minute,0,1.0,galaxy,galaxy/,"
        ",,\n");

    is_str(sums.first, strlen(sums.first),
           "2022-05-20 Actions 11 linux galaxy|galaxy/|| 0 0",
           "what is free; an owner without a repository");

    test_read(&sums, LEGACY
        "2022-05-20,Shared Storage,Shared Storage,10.5,gb,0.00033602,1.0,"
        "galaxy,caprica,,,\n"
        "2022-05-20,Actions,Compute - UBUNTU,999999999.999999999999999999,"
        "minute,999999.999999999999999999,1,a,b,,,\n");

    is_int(sums.rows, 2, "a fraction of storage, and the largest");
    is_str(sums.first, strlen(sums.first),
           "2022-05-20 Shared Storage 00 Shared Storage galaxy|caprica|| "
           "0.00033602 0.00352821", "10.5 x 0.00033602");
    is_str(sums.last, strlen(sums.last),
           "2022-05-20 Actions 11 linux a|b|| 999999.999999999999999999 "
           "999999999999999.999999998999", "the largest product");
}


static void
test_current(void)
{
    test_sums_t  sums;

    test_read(&sums, DETAILED
        "2026-09-01,actions,actions_linux,1000,minutes,0.006,6.0,6.0,0.0,a,"
        "acme,acme/api,.github/workflows/ci.yml,\n"
        "2026-09-02,actions,linux_4_core,500,minutes,0.012,6.0,0,6.0,a,acme,"
        "acme/api,.github/workflows/ci.yml,\n"
        "2026-09-02,actions,actions_macos,100,minutes,0.062,6.2,0,6.2,a,"
        "acme,acme/ios,.github/workflows/ci.yml,\n"
        "2026-09-02,actions,actions_storage,10,gigabyte_hours,0.00033602,"
        "0.0034,0,0.0034,,acme,acme/api,,\n"
        "2026-10-01,actions,actions_linux,5000,minutes,0.006,30.0,0,30.0,a,"
        "acme,acme/web,.github/workflows/ci.yml,\n");

    is_int(sums.usage.layout, COST_USAGE_DETAILED, "detailed: layout");
    is_int(sums.rows, 5, "detailed: rows");
    is_sum(sums.quantity, "6600", "detailed: minutes, not storage's hours");
    is_sum(sums.gross, "48.2034", "detailed: gross");
    is_sum(sums.discount, "6", "detailed: discount");
    is_sum(sums.net, "42.2034", "detailed: net");
    is_str(sums.first, strlen(sums.first),
           "2026-09-01 actions 11 linux acme|api|a|.github/workflows/ci.yml "
           "0.006 0", "detailed: first row");

    test_read(&sums,
        "\"formatted_date\",\"product\",\"sku\",\"quantity\",\"unit_type\","
        "\"applied_cost_per_quantity\",\"gross_amount\",\"discount_amount\","
        "\"net_amount\",\"username\",\"organization\",\"repository_name\","
        "\"workflow_name\",\"workflow_path\",\"cost_center_name\"\r\n"
        "\"2025-05-01\",\"actions\",\"actions_linux\",\"2\",\"minutes\","
        "\"0.008\",\"0.016\",\"0.016\",\"0\",\"\",\"octodemo-framework\","
        "\"bookstore\",\"Dependency Review\","
        "\".github/workflows/dependency-review.yml\",\"test_cc\"\r\n");

    is_int(sums.usage.layout, COST_USAGE_DETAILED, "quoted: layout");
    is_sum(sums.gross, "0.016", "quoted: gross");
    is_sum(sums.net, "0", "quoted: net");
    is_str(sums.first, strlen(sums.first),
           "2025-05-01 actions 11 linux octodemo-framework|bookstore||"
           ".github/workflows/dependency-review.yml 0.008 0",
           "quoted: the workflow by its path");

    /* amounts are the report's own, whatever the price */

    test_read(&sums, SUMMARIZED
        "2026-04-01,actions,actions_linux,10,minutes,0.006,12,2,10,org-a,"
        "repo-a,cc-1\n"
        "2026-04-01,actions,actions_linux,5,minutes,0.006,6,1,5,org-b,"
        "repo-b,cc-2\n"
        "2026-04-01,copilot,copilot_business,1,seats,19,9,0,9,org-a,repo-c,"
        "cc-3\n");

    is_int(sums.usage.layout, COST_USAGE_SUMMARIZED, "summarized: layout");
    is_sum(sums.quantity, "15", "summarized: minutes");
    is_sum(sums.gross, "27", "summarized: gross");
    is_sum(sums.discount, "3", "summarized: discount");
    is_sum(sums.net, "24", "summarized: net");
    is_str(sums.last, strlen(sums.last),
           "2026-04-01 copilot 00 copilot_business org-a|repo-c|| 19 9",
           "summarized: another product");
}


static void
test_names(void)
{
    test_sums_t  sums;

    /* any order, unknown columns, usage_at, another's repository */

    test_read(&sums,
        "net_amount,new,repository,organization,sku,product,unit_type,"
        "usage_at,discount_amount,quantity,gross_amount\n"
        "-1.5,x,other/api,acme,actions_,ACTIONS,Minutes,"
        "2026-09-01T23:30:00-01:00,2,1,0.5\n");

    is_int(sums.header, COST_USAGE_OK, "any order");
    is_str(sums.first, strlen(sums.first),
           "2026-09-02 ACTIONS 11 actions_ acme|other/api|| 0 -1.5",
           "the row of it");
}


static void
test_refused(void)
{
    is_header("Timestamp,User,Model,Requests Used,Exceeds Monthly Quota,"
              "Total Monthly Quota\n", COST_USAGE_COPILOT, "Copilot's");
    is_header("BilledCost,EffectiveCost\n", COST_USAGE_UNKNOWN, "FOCUS");
    is_header("date,product,sku,quantity,unit_type,organization,repository,"
              "gross_amount,net_amount\n", COST_USAGE_UNKNOWN,
              "no discount");
    is_header("date,product,sku,quantity,unit_type,organization,repository,"
              "multiplier\n", COST_USAGE_UNKNOWN, "no price");
    is_header("date,sku,quantity,unit_type,organization,repository,"
              "gross_amount,discount_amount,net_amount\n",
              COST_USAGE_UNKNOWN, "no product");
    is_header("date,usage_at,product,sku,quantity,unit_type,organization,"
              "repository,gross_amount,discount_amount,net_amount\n",
              COST_USAGE_TWICE, "two dates");

    ok(strstr(cost_usage_why(COST_USAGE_COPILOT), "Copilot") != NULL,
       "Copilot's report is called by its name");

    is_refused("2022-05-20,A,S,1,m,1,1,o,r,u,w", COST_USAGE_FIELDS,
               "a field less");
    is_refused("2022-02-30,A,S,1,m,1,1,o,r,u,w,n", COST_USAGE_DATE,
               "February 30");
    is_refused("2022-05-20,A,,1,m,1,1,o,r,u,w,n", COST_USAGE_SKU, "no SKU");
    is_refused("2022-05-20,A,S,,m,1,1,o,r,u,w,n", COST_USAGE_QUANTITY,
               "no quantity");
    is_refused("2022-05-20,A,S,-1,m,1,1,o,r,u,w,n", COST_USAGE_QUANTITY,
               "less than nothing");
    is_refused("2022-05-20,A,S,1000000000,m,1,1,o,r,u,w,n",
               COST_USAGE_QUANTITY, "too many");
    is_refused("2022-05-20,A,S,1,m,$1,1,o,r,u,w,n", COST_USAGE_PRICE,
               "a currency sign");
    is_refused("2022-05-20,A,S,1,m,1000000,1,o,r,u,w,n", COST_USAGE_PRICE,
               "too dear");
}


static void
test_read(test_sums_t *sums, const char *text)
{
    size_t                    len;
    uint8_t                  *buf;
    cost_csv_t                csv;
    cost_usage_rc_e           rc;
    cost_usage_row_t          row;

    static cost_csv_record_t  rec;

    memset(sums, 0, sizeof(test_sums_t));

    len = strlen(text);
    buf = malloc(len);
    memcpy(buf, text, len);

    cost_csv_init(&csv, ',');
    cost_csv_feed(&csv, buf, len, true);

    if (cost_csv_next(&csv, &rec) == COST_OK) {
        sums->header = cost_usage_header(&sums->usage, &rec);
    }

    while (sums->header == COST_USAGE_OK
           && cost_csv_next(&csv, &rec) == COST_OK)
    {
        rc = cost_usage_row(&sums->usage, &rec, &row);

        if (rc != COST_USAGE_OK) {
            sums->refused = rc;
            sums->bad++;
            continue;
        }

        test_show(sums->rows++ ? sums->last : sums->first,
                  sizeof(sums->first), &row);

        sums->quantity += row.actions && row.minutes ? row.quantity : 0;
        sums->gross += row.gross;
        sums->discount += row.discount;
        sums->net += row.net;
    }

    free(buf);
}


static void
test_show(char *buf, size_t size, const cost_usage_row_t *row)
{
    uint8_t  day[COST_DATE_LEN];
    uint8_t  price[COST_DECIMAL_LEN], net[COST_DECIMAL_LEN];

    (void) cost_date_format(row->day, day);

    snprintf(buf, size, "%.*s %.*s %d%d %.*s %.*s|%.*s|%.*s|%.*s %.*s %.*s",
             (int) COST_DATE_LEN, day,
             (int) row->product.len, row->product.data,
             row->actions, row->minutes,
             (int) row->sku.len, row->sku.data,
             (int) row->owner.len, row->owner.data,
             (int) row->repository.len, row->repository.data,
             (int) row->user.len, row->user.len
                                  ? (const char *) row->user.data : "",
             (int) row->workflow.len, row->workflow.len
                                  ? (const char *) row->workflow.data : "",
             (int) cost_decimal_format(row->price, 18, 0, price), price,
             (int) cost_decimal_format(row->net, 18, 0, net), net);
}


static void
is_sum(cost_decimal_t got, const char *expected, const char *name)
{
    size_t   len;
    uint8_t  buf[COST_DECIMAL_LEN];

    len = cost_decimal_format(got, 18, 0, buf);

    is_str(buf, len, expected, name);
}


static void
is_header(const char *header, cost_usage_rc_e rc, const char *name)
{
    test_sums_t  sums;

    test_read(&sums, header);
    is_int(sums.header, rc, name);
}


static void
is_refused(const char *row, cost_usage_rc_e rc, const char *name)
{
    char         text[512];
    test_sums_t  sums;

    snprintf(text, sizeof(text), "%s%s\n", LEGACY, row);
    test_read(&sums, text);
    ok(sums.bad == 1 && sums.rows == 0 && sums.refused == rc, "%s", name);
}
