
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What POST /calculate costs without a server, stage by stage, beside
 * jansson's parse and dump of the same bodies.
 *
 *     cc -O2 -I modules -o calculate t/bench/calculate.c \
 *         $(find modules/cost -name "*.c") -ljansson -lm
 *     ./calculate [BODY...]
 *
 * Without bodies: the document's example, and graphs of 2, 10 and 50 nodes
 * over ten kinds of services.  Microseconds per calculation, the least of
 * many rounds of about a millisecond: on a machine that others use too, long
 * rounds measure them.
 */

#include "cost/cost_calculate.h"
#include "cost/cost_pricefile.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>


#define ROUNDS  201
#define BYTES   (1024 * 1024)


typedef struct {
    double  read;
    double  flow;
    double  price;
    double  write;
    double  whole;
    double  all;                 /* with "compare": "all" */
    double  jansson;
} bench_t;


static void bench_load(const char *name);
static void bench_run(const char *name, const uint8_t *body, size_t len);
static void bench_round(bench_t *least, const uint8_t *body, size_t len,
    const uint8_t *all, size_t all_len, uint32_t times);
static void bench_min(double *least, double value);
static double bench_jansson(const uint8_t *body, size_t len, uint32_t times);
static size_t bench_graph(uint8_t *buf, uint32_t nodes);
static size_t bench_file(const char *name, uint8_t *buf, size_t size);
static double bench_now(void);


static const char  bench_document[] =
    "{\"nodes\": [{\"id\": \"edge-cache\", \"service\": \"CloudFront\", "
    "\"params\": {\"dataTransferOutGB\": 2500, \"httpRequests\": 10000000}}, "
    "{\"id\": \"origin-bucket\", \"service\": \"S3\", \"params\": "
    "{\"storageGB\": 50, \"putRequests\": 500000, \"getRequests\": 760000}}], "
    "\"edges\": [{\"from\": \"edge-cache\", \"to\": \"origin-bucket\", "
    "\"metrics\": [{\"type\": \"requests\", \"ratio\": 1.0}], "
    "\"network\": {\"context\": \"cloudfront-origin\"}}], "
    "\"entryPoints\": [{\"nodeId\": \"edge-cache\", "
    "\"requestsPerMonth\": 10000000}], \"region\": \"us-east-1\"}";

static const char  *bench_nodes[] = {
    "\"CloudFront\",\"params\":{\"dataTransferOutGB\":2500,"
        "\"httpRequests\":10000000}",
    "\"S3\",\"params\":{\"storageGB\":50,\"putRequests\":500000,"
        "\"getRequests\":760000}",
    "\"Lambda\",\"params\":{\"requests\":3000000,\"averageDurationMs\":120,"
        "\"memoryMB\":512,\"architecture\":\"arm64\"}",
    "\"DynamoDB\",\"params\":{\"readRequestUnits\":25000000,"
        "\"writeRequestUnits\":8000000,\"storageGB\":120.5}",
    "\"EC2\",\"params\":{\"instanceType\":\"m5.large\","
        "\"dataTransferOutGB\":3}",
    "\"ALB\",\"params\":{}",
    "\"SQS\",\"params\":{\"requests\":12000000}",
    "\"APIGateway\",\"params\":{\"apiType\":\"HTTP\",\"requests\":30000000}",
    "\"KMS\",\"params\":{\"customerManagedKeys\":4,\"requests\":100000}",
    "\"CloudWatch\",\"params\":{\"customMetrics\":120,"
        "\"standardAlarms\":30,\"logsIngestedGB\":44.25}"
};

static const char  *bench_contexts[] = {
    "same-az", "inter-az", "internet", "vpc-endpoint-gateway"
};

static cost_calculate_t       bench_state;
static cost_calculate_data_t  bench_data;
static uint8_t                bench_out[BYTES];


int
main(int argc, char **argv)
{
    int       i;
    char      name[32];
    size_t    len;
    uint32_t  n;

    static uint8_t         body[BYTES];
    static const uint32_t  sizes[] = { 2, 10, 50 };

    bench_load("conf/prices/aws.prices");

    printf("%-10s %7s %7s | %7s %7s %7s %7s | %7s %9s %9s\n", "body",
           "bytes", "reply", "read", "flow", "price", "write", "whole",
           "14 reg.", "jansson");

    for (i = 1; i < argc; i++) {
        len = bench_file(argv[i], body, sizeof(body));
        bench_run(argv[i], body, len);
    }

    if (argc > 1) {
        return 0;
    }

    bench_run("document", (const uint8_t *) bench_document,
              sizeof(bench_document) - 1);

    for (n = 0; n < 3; n++) {
        len = bench_graph(body, sizes[n]);
        (void) snprintf(name, sizeof(name), "%u nodes", sizes[n]);
        bench_run(name, body, len);
    }

    return 0;
}


static void
bench_load(const char *name)
{
    void                    *arena;
    size_t                   len, size;
    cost_str_t               bad;
    cost_price_table_t      *prices;
    cost_pricefile_error_t   err;

    static uint8_t  file[8 * BYTES];

    len = bench_file(name, file, sizeof(file));
    size = (cost_pricefile_measure(file, len) + 63) & ~(size_t) 63;
    arena = aligned_alloc(64, size);

    if (arena == NULL
        || cost_pricefile_parse(file, len, arena, size, &prices, &err)
           != COST_OK
        || cost_service_index(&bench_data.services, &bad) != COST_OK)
    {
        fprintf(stderr, "%s cannot be used\n", name);
        exit(1);
    }

    bench_data.prices = prices;
    bench_data.version.data = (const uint8_t *)
        "8f36d2d8d5f18f36d2d8d5f18f36d2d8d5f18f36d2d8d5f18f36d2d8d5f18f36";
    bench_data.version.len = 64;
}


static void
bench_run(const char *name, const uint8_t *body, size_t len)
{
    size_t       all_len;
    bench_t      least;
    uint32_t     n, times;
    cost_json_t  j;

    static uint8_t  all[BYTES];

    if (cost_calculate(&bench_state, &bench_data, body, len) != COST_OK) {
        printf("%s: %.*s\n", name, (int) bench_state.request.error.len,
               bench_state.request.error.data);
        return;
    }

    cost_json_init(&j, bench_out, sizeof(bench_out));
    cost_calculate_write(&bench_state, &bench_data, &j, 1774797840, 123456);

    /* the same with the comparison in front */

    all_len = (size_t) sprintf((char *) all, "{\"compare\":\"all\",%.*s",
                               (int) len - 1, body + 1);

    memset(&least, 0, sizeof(bench_t));
    times = (uint32_t) (400000 / (len + 1000)) + 10;

    for (n = 0; n < ROUNDS; n++) {
        bench_round(&least, body, len, all, all_len, times);
    }

    printf("%-10s %7zu %7zu | %7.2f %7.2f %7.2f %7.2f | %7.2f %9.2f %9.2f\n",
           name, len, cost_json_length(&j), least.read, least.flow,
           least.price, least.write, least.whole, least.all, least.jansson);
}


static void
bench_round(bench_t *least, const uint8_t *body, size_t len,
    const uint8_t *all, size_t all_len, uint32_t times)
{
    double            start;
    uint32_t          n, failed;
    cost_json_t       j;
    cost_request_t   *req;

    req = &bench_state.request;
    failed = 0;

    start = bench_now();

    for (n = 0; n < times; n++) {
        failed += cost_request_read(req, bench_data.prices,
                                    &bench_data.services, body, len)
                  != COST_OK;
    }

    bench_min(&least->read, (bench_now() - start) / times);

    start = bench_now();

    for (n = 0; n < times; n++) {
        failed += cost_request_flow(req) != COST_OK;

        /* what the flow changes */
        memset(req->flow, 0, sizeof(req->flow));
        req->flow[0] = req->entering;
    }

    bench_min(&least->flow, (bench_now() - start) / times);

    start = bench_now();

    for (n = 0; n < times; n++) {
        failed += cost_calculate_price(&bench_state) != COST_OK;
    }

    bench_min(&least->price, (bench_now() - start) / times);

    failed += cost_calculate(&bench_state, &bench_data, body, len) != COST_OK;

    start = bench_now();

    for (n = 0; n < times; n++) {
        cost_json_init(&j, bench_out, sizeof(bench_out));
        cost_calculate_write(&bench_state, &bench_data, &j, 1774797840,
                             123456);
    }

    bench_min(&least->write, (bench_now() - start) / times);

    start = bench_now();

    for (n = 0; n < times; n++) {
        failed += cost_calculate(&bench_state, &bench_data, body, len)
                  != COST_OK;
        cost_json_init(&j, bench_out, sizeof(bench_out));
        cost_calculate_write(&bench_state, &bench_data, &j, 1774797840,
                             123456);
    }

    bench_min(&least->whole, (bench_now() - start) / times);

    start = bench_now();

    for (n = 0; n < times; n++) {
        failed += cost_calculate(&bench_state, &bench_data, all, all_len)
                  != COST_OK;
        cost_json_init(&j, bench_out, sizeof(bench_out));
        cost_calculate_write(&bench_state, &bench_data, &j, 1774797840,
                             123456);
    }

    bench_min(&least->all, (bench_now() - start) / times);

    bench_min(&least->jansson, bench_jansson(body, len, times / 4 + 1));

    if (failed != 0) {
        fprintf(stderr, "%u calculations failed\n", failed);
        exit(1);
    }
}


static void
bench_min(double *least, double value)
{
    if (*least == 0 || value < *least) {
        *least = value;
    }
}


static double
bench_jansson(const uint8_t *body, size_t len, uint32_t times)
{
    char      *text;
    double     start;
    json_t    *json;
    uint32_t   n;

    start = bench_now();

    for (n = 0; n < times; n++) {
        json = json_loadb((const char *) body, len, JSON_REJECT_DUPLICATES,
                          NULL);
        text = json_dumps(json, JSON_COMPACT);
        free(text);
        json_decref(json);
    }

    return (bench_now() - start) / times;
}


/* a binary tree, requests halved and some data along each edge */

static size_t
bench_graph(uint8_t *buf, uint32_t nodes)
{
    char      *p;
    uint32_t   n;

    p = (char *) buf;
    p += sprintf(p, "{\"nodes\":[");

    for (n = 0; n < nodes; n++) {
        p += sprintf(p, "%s{\"id\":\"node-%u\",\"service\":%s}",
                     n ? "," : "", n, bench_nodes[n % 10]);
    }

    p += sprintf(p, "],\"edges\":[");

    for (n = 1; n < nodes; n++) {
        p += sprintf(p, "%s{\"from\":\"node-%u\",\"to\":\"node-%u\","
                     "\"metrics\":[{\"type\":\"requests\",\"ratio\":0.5},"
                     "{\"type\":\"dataTransferGB\",\"ratio\":12.5}],"
                     "\"network\":{\"context\":\"%s\"}}",
                     n > 1 ? "," : "", (n - 1) / 2, n,
                     bench_contexts[n % 4]);
    }

    p += sprintf(p, "],\"entryPoints\":[{\"nodeId\":\"node-0\","
                 "\"requestsPerMonth\":10000000}],"
                 "\"region\":\"us-east-1\"}");

    return (size_t) (p - (char *) buf);
}


static size_t
bench_file(const char *name, uint8_t *buf, size_t size)
{
    FILE    *fp;
    size_t   len;

    fp = fopen(name, "rb");

    if (fp == NULL) {
        perror(name);
        exit(1);
    }

    len = fread(buf, 1, size, fp);
    fclose(fp);

    return len;
}


/* in microseconds */

static double
bench_now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (double) ts.tv_sec * 1e6 + (double) ts.tv_nsec / 1e3;
}
