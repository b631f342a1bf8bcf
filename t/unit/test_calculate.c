
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * POST /calculate without a server: the document's example, the flow into
 * services, comparing regions, rounding, and what is listed.
 */

#include "cost/cost_calculate.h"

#include "calc.h"


#define QUEUE(id)  "{'id':'" id "','service':'SQS'}"
#define PASS(from, to, ratio)                                                 \
    "{'from':'" from "','to':'" to "','metrics':[{'type':'requests',"         \
    "'ratio':" ratio "}]}"
#define ENTER(id, n)  "{'nodeId':'" id "','requestsPerMonth':" n "}"


static void test_document(void);
static void test_flow(void);
static void test_requests(void);
static void test_compare(void);
static void test_rounding(void);
static void test_writing(void);
static void test_listing(void);


static const char  test_body[] =
    "{'nodes':[{'id':'edge-cache','service':'CloudFront','params':"
    "{'dataTransferOutGB':2500,'httpRequests':10000000}},"
    "{'id':'origin-bucket','service':'S3','params':{'storageGB':50,"
    "'putRequests':500000,'getRequests':760000}}],"
    "'edges':[{'from':'edge-cache','to':'origin-bucket',"
    "'metrics':[{'type':'requests','ratio':1.0}],"
    "'network':{'context':'cloudfront-origin'}}],"
    "'entryPoints':[{'nodeId':'edge-cache','requestsPerMonth':10000000}],"
    "'region':'us-east-1'}";


int
main(void)
{
    test_document();
    test_flow();
    test_requests();
    test_compare();
    test_rounding();
    test_writing();
    test_listing();

    return done_testing();
}


static void
test_document(void)
{
    calc_is(test_body,
            "{\"totalMonthlyCost\":224.95,\"currency\":\"USD\","
            "\"region\":\"us-east-1\",\"services\":[{\"id\":\"edge-cache\","
            "\"type\":\"CloudFront\",\"monthlyCost\":221.0,\"breakdown\":"
            "{\"requests\":8.5,\"dataTransferOut\":212.5}},"
            "{\"id\":\"origin-bucket\",\"type\":\"S3\",\"monthlyCost\":3.95,"
            "\"breakdown\":{\"storage\":1.15,\"putRequests\":2.5,"
            "\"getRequests\":0.3}}],\"dataTransfer\":{\"monthlyCost\":0,"
            "\"breakdown\":{}},\"perRequest\":{\"cost\":0.000022495,"
            "\"requestsPerMonth\":10000000},\"pricingVersion\":"
            "\"8f36d2d8d5f1\",\"calculatedAt\":"
            "\"2026-03-29T15:24:00.000000+00:00\"}");

    calc_is("{'nodes':[],'edges':[],'entryPoints':[]}",
            "{\"totalMonthlyCost\":0,\"currency\":\"USD\","
            "\"region\":\"us-east-1\",\"services\":[],\"dataTransfer\":"
            "{\"monthlyCost\":0,\"breakdown\":{}},\"perRequest\":null,"
            "\"pricingVersion\":\"8f36d2d8d5f1\",\"calculatedAt\":"
            "\"2026-03-29T15:24:00.000000+00:00\"}");
}


/* SQS: 0.40 per million */

static void
test_flow(void)
{
    /* a diamond with an entry on the way: 10, 5, 21, 5 + 63 million */

    calc_has("{'nodes':[" QUEUE("a") "," QUEUE("b") "," QUEUE("c") ","
             QUEUE("d") "," QUEUE("e") "],'edges':["
             PASS("c", "d", "3") "," PASS("a", "b", "0.5") ","
             PASS("a", "c", "2") "," PASS("b", "d", "1") "],'entryPoints':["
             ENTER("a", "10000000") "," ENTER("c", "1000000") "]}",
             "'services':["
             "{'id':'a','type':'SQS','monthlyCost':4.0,'breakdown':"
             "{'requests':4.0}},"
             "{'id':'b','type':'SQS','monthlyCost':2.0,'breakdown':"
             "{'requests':2.0}},"
             "{'id':'c','type':'SQS','monthlyCost':8.4,'breakdown':"
             "{'requests':8.4}},"
             "{'id':'d','type':'SQS','monthlyCost':27.2,'breakdown':"
             "{'requests':27.2}},"
             "{'id':'e','type':'SQS','monthlyCost':0,'breakdown':{}}]");

    /* what is said wins, but passes on what flows */

    calc_has("{'nodes':[" QUEUE("a") ",{'id':'b','service':'SQS','params':"
             "{'requests':1000000}}," QUEUE("c") "],'edges':["
             PASS("a", "b", "1") "," PASS("b", "c", "1") "],'entryPoints':["
             ENTER("a", "5000000") "]}",
             "'services':["
             "{'id':'a','type':'SQS','monthlyCost':2.0,'breakdown':"
             "{'requests':2.0}},"
             "{'id':'b','type':'SQS','monthlyCost':0.4,'breakdown':"
             "{'requests':0.4}},"
             "{'id':'c','type':'SQS','monthlyCost':2.0,'breakdown':"
             "{'requests':2.0}}]");

    /* be it 0 */

    calc_has("{'nodes':[{'id':'a','service':'SQS','params':{'requests':0}}],"
             "'edges':[],'entryPoints':[" ENTER("a", "5000000") "]}",
             "'monthlyCost':0,'breakdown':{'requests':0}");

    /* what flows in is no parameter that somebody gave: no warning */

    ok(strstr(calc_text("{'nodes':[{'id':'a','service':'DynamoDB','params':"
                        "{'billingMode':'PROVISIONED','readCapacityUnits':1}}"
                        "],'edges':[],'entryPoints':["
                        ENTER("a", "5000000") "]}"),
              "warnings") == NULL, "no warning of a flow without effect");
}


static void
test_requests(void)
{
    /* the total over all entries: 4.0 + 2.0 over 10^7 + 5 x 10^6 */

    calc_has("{'nodes':[" QUEUE("a") "," QUEUE("b") "],'edges':[],"
             "'entryPoints':[" ENTER("a", "10000000") ","
             ENTER("b", "5000000") "]}",
             "'perRequest':{'cost':0.0000004,'requestsPerMonth':15000000}");

    /* 0.4 / 10^6 / 3, to 15 decimals */

    calc_has("{'nodes':[{'id':'a','service':'SQS','params':"
             "{'requests':1000000}}],'edges':[],'entryPoints':["
             ENTER("a", "3") "]}",
             "'perRequest':{'cost':0.133333333333333,'requestsPerMonth':3}");

    calc_has("{'nodes':[" QUEUE("a") "],'edges':[],'entryPoints':["
             ENTER("a", "0") "]}", "'perRequest':null");
    calc_has("{'nodes':[" QUEUE("a") "],'edges':[],'entryPoints':["
             ENTER("a", "1") "]}",
             "'perRequest':{'cost':0.0,'requestsPerMonth':1}");
}


static void
test_compare(void)
{
    char  body[1024];

    /* 1000 GB: 23.00 in Virginia, 24.50 in Frankfurt, 40.50 in Sao Paulo */

    calc_has("{'nodes':[{'id':'a','service':'S3','params':"
             "{'storageGB':1000}}],'edges':[],'entryPoints':[],"
             "'compare':['sa-east-1','us-east-1','eu-central-1']}",
             ",'compare':[{'region':'sa-east-1','totalMonthlyCost':40.5},"
             "{'region':'us-east-1','totalMonthlyCost':23.0},"
             "{'region':'eu-central-1','totalMonthlyCost':24.5}]}");

    /* a region that lacks a price says so; the others answer */

    calc_has("{'nodes':[{'id':'a','service':'S3','params':{'storageClass':"
             "'EXPRESS_ONEZONE','storageGB':100}}],'edges':[],"
             "'entryPoints':[],'compare':['eu-west-3','us-east-2']}",
             ",'compare':[{'region':'eu-west-3','totalMonthlyCost':null,"
             "'reason':'nodes[0]: there is no price "
             "S3.express_onezone_storage in eu-west-3'},"
             "{'region':'us-east-2','totalMonthlyCost':11.0}]}");

    /* with the data along the edges: 100 x 0.02 and 100 x 0.01 */

    calc_has("{'nodes':[" QUEUE("a") "," QUEUE("b") "],'edges':[{'from':'a',"
             "'to':'b','metrics':[{'type':'dataTransferGB','ratio':100}],"
             "'network':{'context':'inter-region','toRegion':'us-east-2'}}],"
             "'entryPoints':[],'compare':['us-east-1','us-east-2'],"
             "'region':'eu-west-1'}",
             ",'compare':[{'region':'us-east-1','totalMonthlyCost':1.0},"
             "{'region':'us-east-2','totalMonthlyCost':null,'reason':"
             "'edges[0]: there is no price DataTransfer.inter_region_gb "
             "us-east-2 in us-east-2'}]}");

    (void) snprintf(body, sizeof(body), "{'compare':'all',%s", test_body + 1);
    calc_has(body, "'totalMonthlyCost':224.95,'currency'");
    calc_has(body, "{'region':'us-east-1','totalMonthlyCost':224.95}");

    /* 10.2 + 212.5; 50 x 0.0245, 500000 x 0.0000054, 760000 x 0.00000043 */
    calc_has(body, "{'region':'eu-central-1','totalMonthlyCost':226.96}");

    calc_has("{'nodes':[],'edges':[],'entryPoints':[],'compare':[]}",
             "+00:00'}");
}


/* shown parts add up: 3 x 0.004 of S3 is 3 x 0.00, not 0.01 */

static void
test_rounding(void)
{
    calc_has("{'nodes':[{'id':'a','service':'S3','params':{'getRequests':"
             "10000}},{'id':'b','service':'S3','params':{'getRequests':"
             "10000}},{'id':'c','service':'S3','params':{'getRequests':"
             "10000}}],'edges':[],'entryPoints':[]}",
             "{'totalMonthlyCost':0,");

    /* half a cent is a cent: 12500 x 0.0000004 = 0.005 */

    calc_has("{'nodes':[{'id':'a','service':'S3','params':{'getRequests':"
             "12500}}],'edges':[],'entryPoints':[]}",
             "{'totalMonthlyCost':0.01,");
    calc_has("{'nodes':[{'id':'a','service':'S3','params':{'getRequests':"
             "12499.999999}}],'edges':[],'entryPoints':[]}",
             "{'totalMonthlyCost':0,");

    /* large: 10^15 x 0.021 + 51200 x 0.002 + 460800 x 0.001 */

    calc_has("{'nodes':[{'id':'a','service':'S3','params':{'storageGB':1e15}}"
             "],'edges':[],'entryPoints':[]}",
             "{'totalMonthlyCost':21000000000563.2,");

    /* 10^15 connections' certificates at 600: more than a total may be */

    calc_has("{'nodes':[{'id':'a','service':'CloudFront','params':"
             "{'dedicatedIpCertificates':1e15}}],'edges':[],"
             "'entryPoints':[]}",
             "400 nodes[0]: a quantity or a cost is too large");
}


/* the writer counts, and the microseconds have six digits */

static void
test_writing(void)
{
    size_t        len;
    uint8_t       buf[2048];
    cost_json_t   j;

    (void) calc_text(test_body);

    cost_json_init(&j, NULL, 0);
    cost_calculate_write(&calc_state, &calc_data, &j, 1774797840, 42);
    len = cost_json_length(&j);

    cost_json_init(&j, buf, len);
    cost_calculate_write(&calc_state, &calc_data, &j, 1774797840, 42);
    ok(!cost_json_overflow(&j) && cost_json_length(&j) == len,
       "the length is known before");
    is_str(buf + len - 35, 34, "\"2026-03-29T15:24:00.000042+00:00\"",
           "microseconds");

    cost_json_init(&j, buf, len);
    cost_calculate_write(&calc_state, &calc_data, &j, 1774797840, 999999);
    is_str(buf + len - 35, 34, "\"2026-03-29T15:24:00.999999+00:00\"",
           "all of them");
}


static void
test_listing(void)
{
    size_t        len;
    cost_json_t   j;

    static uint8_t  buf[256 * 1024];

    cost_json_init(&j, buf, sizeof(buf) - 1);
    cost_calculate_services(&calc_data, &j);
    ok(!cost_json_overflow(&j), "the list of services");

    len = cost_json_length(&j);
    buf[len] = '\0';

    ok(strstr((char *) buf, "{\"name\":\"getRequests\",\"type\":\"number\","
              "\"unit\":\"request\",\"default\":0,\"minimum\":0,"
              "\"maximum\":1000000000000000,\"mainRequestParameter\":true,"
              "\"description\":\"GET, SELECT and all other requests\"}")
       != NULL, "a number");
    ok(strstr((char *) buf, "{\"name\":\"billingMode\",\"type\":\"enum\","
              "\"default\":\"PAY_PER_REQUEST\",\"values\":"
              "[\"PAY_PER_REQUEST\",\"PROVISIONED\"],\"description\":"
              "\"how reads and writes are billed\"}") != NULL, "a word");
    ok(strstr((char *) buf, "{\"name\":\"fraudControl\",\"type\":\"boolean\","
              "\"default\":false,") != NULL, "a switch");
    ok(strstr((char *) buf, "{\"name\":\"geography\",\"type\":\"string\","
              "\"default\":null,") != NULL, "a key of the price file");
    ok(strstr((char *) buf, "\"networkContexts\":[\"same-az\",\"inter-az\",")
       != NULL, "the contexts");
    ok(strstr((char *) buf, "\"meta\":{\"total\":24,\"currency\":\"USD\","
              "\"pricingVersion\":\"8f36d2d8d5f1\"}}") != NULL, "meta");
}
