
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Every refusal of a body, with its place; every warning; the order in which
 * what is wrong is said.
 */

#include "cost/cost_request.h"

#include "calc.h"


#define NODES(nodes)  "{'nodes':[" nodes "],'edges':[],'entryPoints':[]}"
#define PARAMS(service, params)                                               \
    NODES("{'id':'a','service':'" service "','params':{" params "}}")
#define TWO                                                                   \
    "'nodes':[{'id':'a','service':'S3'},{'id':'b','service':'S3'}]"
#define EDGE(edge)  "{" TWO ",'edges':[" edge "],'entryPoints':[]}"
#define ENTRY(entry)  "{" TWO ",'edges':[],'entryPoints':[" entry "]}"
#define TOP(rest)  "{'nodes':[],'edges':[],'entryPoints':[]" rest "}"


static void test_top(void);
static void test_nodes(void);
static void test_values(void);
static void test_edges(void);
static void test_entries(void);
static void test_order(void);
static void test_duplicates(void);
static void test_many(void);
static void test_warnings(void);


int
main(void)
{
    test_top();
    test_nodes();
    test_values();
    test_edges();
    test_entries();
    test_order();
    test_duplicates();
    test_many();
    test_warnings();

    return done_testing();
}


static void
test_top(void)
{
    calc_refuses("", "the body is not JSON: the text ends early, at byte 0");
    calc_refuses("{'nodes':[}",
                 "the body is not JSON: a value is expected, at byte 10");
    calc_refuses(TOP("") "x", "the body is not JSON: there is something "
                 "behind the end, at byte 40");
    calc_refuses("[]", "the body must be an object");
    calc_refuses("{}", "nodes is missing");
    calc_refuses("{'nodes':[]}", "edges is missing");
    calc_refuses("{'nodes':[],'edges':[]}", "entryPoints is missing");
    calc_refuses("{'nodes':{}}", "nodes must be an array");
    calc_refuses("{'nodes':null}", "nodes must be an array");
    calc_refuses("{'nodes':[],'edges':1}", "edges must be an array");
    calc_refuses("{'edges':null,'nodes':[]}", "edges must be an array");
    calc_refuses("{'nodes':[],'edges':[],'entryPoints':'x'}",
                 "entryPoints must be an array");
    calc_refuses(TOP(",'region':1"), "region must be a string");
    calc_refuses(TOP(",'region':null"), "region must be a string");
    calc_refuses(TOP(",'region':'US-EAST-1'"),
                 "region \"US-EAST-1\" is not a supported region; supported "
                 "are us-east-1, us-east-2, us-west-1, us-west-2, eu-west-1, "
                 "eu-west-2, eu-west-3, eu-central-1, ap-southeast-1, "
                 "ap-southeast-2, ap-northeast-1, ap-south-1, ca-central-1, "
                 "sa-east-1");
    calc_refuses(TOP(",'compare':'some'"),
                 "compare must be an array of regions or \"all\"");
    calc_refuses(TOP(",'compare':[1]"), "compare[0] must be a string");
    calc_refuses(TOP(",'compare':['us-east-1','us-east-1']"),
                 "compare[1] is there already");
    calc_has(TOP(",'compare':['eu-west-1','mars']"),
             "400 compare[1] 'mars' is not a supported region; supported are "
             "us-east-1, ");
    calc_has(TOP(""), "'region':'us-east-1'");
}


static void
test_nodes(void)
{
    calc_refuses(NODES("1"), "nodes[0] must be an object");
    calc_refuses(NODES("{}"), "nodes[0].id is missing");
    calc_refuses(NODES("{'id':'a'}"), "nodes[0].service is missing");
    calc_refuses(NODES("{'id':1}"), "nodes[0].id must be a string");
    calc_refuses(NODES("{'id':'a','service':[]}"),
                 "nodes[0].service must be a string");
    calc_has(NODES("{'id':'a','service':'s3'}"),
             "400 nodes[0].service 's3' is not a supported service; "
             "supported are ALB, APIGateway, CloudFront, ");
    calc_refuses(NODES("{'id':'a','service':'S3','params':null}"),
                 "nodes[0].params must be an object");
    calc_refuses(NODES("{'params':[],'id':'a','service':'S3'}"),
                 "nodes[0].params must be an object");
    calc_refuses(NODES("{'id':'a','service':'S3'},"
                       "{'id':'a','service':'S3'}"),
                 "nodes[1].id \"a\" is the id of nodes[0] already");
    calc_refuses(NODES("{'id':'a','service':'S3'},"
                       "{'id':'\\u0061','service':'S3'}"),
                 "nodes[1].id \"a\" is the id of nodes[0] already");
    calc_refuses(NODES("{'id':'"
        "0123456789012345678901234567890123456789012345678901234567890123456"
        "0123456789012345678901234567890123456789012345678901234567890123456"
        "0123456789012345678901234567890123456789012345678901234567890123456"
        "01234567890123456789012345678901234567890123456789012345678901"
        "','service':'S3'}"), "nodes[0].id is too long");
}


static void
test_values(void)
{
    calc_refuses(PARAMS("S3", "'storageGB':-1"),
                 "nodes[0].params.storageGB must not be negative");
    calc_refuses(PARAMS("S3", "'storageGB':-0.000001"),
                 "nodes[0].params.storageGB must not be negative");
    calc_refuses(PARAMS("S3", "'storageGB':-1e300"),
                 "nodes[0].params.storageGB must not be negative");
    calc_refuses(PARAMS("S3", "'storageGB':1000000000000000.01"),
                 "nodes[0].params.storageGB is too large");
    calc_refuses(PARAMS("S3", "'storageGB':1e300"),
                 "nodes[0].params.storageGB is too large");
    calc_refuses(PARAMS("S3", "'storageGB':1e999"),
                 "the body is not JSON: a number is too large, at byte 57");
    calc_refuses(PARAMS("S3", "'storageGB':NaN"),
                 "the body is not JSON: a value is expected, at byte 57");
    calc_refuses(PARAMS("S3", "'storageGB':'50'"),
                 "nodes[0].params.storageGB must be a number");
    calc_refuses(PARAMS("S3", "'storageGB':null"),
                 "nodes[0].params.storageGB must be a number");
    calc_refuses(PARAMS("S3", "'storageGB':[50]"),
                 "nodes[0].params.storageGB must be a number");
    calc_refuses(PARAMS("S3", "'storageClass':'standard'"),
                 "nodes[0].params.storageClass must be one of STANDARD, "
                 "INTELLIGENT_TIERING, STANDARD_IA, ONEZONE_IA, GLACIER_IR, "
                 "GLACIER, DEEP_ARCHIVE, EXPRESS_ONEZONE");
    calc_refuses(PARAMS("S3", "'storageClass':1"),
                 "nodes[0].params.storageClass must be a string");
    calc_refuses(PARAMS("WAF", "'fraudControl':1"),
                 "nodes[0].params.fraudControl must be true or false");
    calc_refuses(PARAMS("WAF", "'capacityUnits':1500.5"),
                 "nodes[0].params.capacityUnits must be a whole number");
    calc_refuses(PARAMS("WAF", "'capacityUnits':0"),
                 "nodes[0].params.capacityUnits must be at least 1");
    calc_refuses(PARAMS("WAF", "'capacityUnits':5001"),
                 "nodes[0].params.capacityUnits must be at most 5000");
    calc_has(PARAMS("WAF", "'capacityUnits':5e3"), "'monthlyCost':5.0");
    calc_has(PARAMS("WAF", "'capacityUnits':2000.0"), "'monthlyCost':5.0");
    calc_refuses(PARAMS("DynamoDB", "'hours':744.1"),
                 "nodes[0].params.hours must be at most 744");
    calc_refuses(PARAMS("CloudFront", "'geography':1"),
                 "nodes[0].params.geography must be a string");
    calc_refuses(PARAMS("CloudFront", "'geography':'x','httpsRequests':1"),
                 "nodes[0].params.geography must be one of united_states, "
                 "canada, europe, south_africa, middle_east, south_america, "
                 "japan, australia, asia_pacific, india");

    /* parameters in front of the service they are of */

    calc_has("{'nodes':[{'params':{'storageGB':1000},'id':'a',"
             "'service':'S3'}],'edges':[],'entryPoints':[]}",
             "'storage':23.0");
    calc_refuses("{'nodes':[{'params':{'storageGB':-1},'id':'a',"
                 "'service':'S3'}],'edges':[],'entryPoints':[]}",
                 "nodes[0].params.storageGB must not be negative");

    /* escapes in names and values */

    calc_has("{'\\u006eodes':[{'id':'a','service':'\\u00533','params':"
             "{'storage\\u0047B':1000,'storageClass':'\\u0053TANDARD'}}],"
             "'edges':[],'entryPoints':[]}", "'storage':23.0");
}


static void
test_edges(void)
{
    calc_refuses(EDGE("[]"), "edges[0] must be an object");
    calc_refuses(EDGE("{}"), "edges[0].from is missing");
    calc_refuses(EDGE("{'from':'a'}"), "edges[0].to is missing");
    calc_refuses(EDGE("{'from':1}"), "edges[0].from must be a string");
    calc_refuses(EDGE("{'from':'x','to':'b'}"),
                 "edges[0].from \"x\" is the id of no node");
    calc_refuses(EDGE("{'from':'a','to':'b'},{'from':'a','to':'A'}"),
                 "edges[1].to \"A\" is the id of no node");
    calc_refuses(EDGE("{'from':'a','to':'b','metrics':{}}"),
                 "edges[0].metrics must be an array");
    calc_refuses(EDGE("{'from':'a','to':'b','metrics':[1]}"),
                 "edges[0].metrics[0] must be an object");
    calc_refuses(EDGE("{'from':'a','to':'b','metrics':[{'ratio':1}]}"),
                 "edges[0].metrics[0].type is missing");
    calc_refuses(EDGE("{'from':'a','to':'b','metrics':[{'type':'requests',"
                      "'ratio':1},{'type':'requests'}]}"),
                 "edges[0].metrics[1].ratio is missing");
    calc_refuses(EDGE("{'from':'a','to':'b','metrics':[{'type':'bytes',"
                      "'ratio':1}]}"),
                 "edges[0].metrics[0].type must be one of requests, "
                 "dataTransferGB, dataTransferMB, dataTransferTB, "
                 "dataTransferKBPerRequest");
    calc_refuses(EDGE("{'from':'a','to':'b','metrics':[{'type':'requests',"
                      "'ratio':-0.5}]}"),
                 "edges[0].metrics[0].ratio must not be negative");
    calc_refuses(EDGE("{'from':'a','to':'b','metrics':[{'type':'requests',"
                      "'ratio':'1'}]}"),
                 "edges[0].metrics[0].ratio must be a number");
    calc_refuses(EDGE("{'from':'a','to':'b','metrics':["
                      "{'type':'dataTransferTB','ratio':1e12}]}"),
                 "edges[0].metrics[0].ratio is too large");
    calc_refuses(EDGE("{'from':'a','to':'b','network':1}"),
                 "edges[0].network must be an object or null");
    calc_refuses(EDGE("{'from':'a','to':'b','network':{}}"),
                 "edges[0].network.context is missing");
    calc_refuses(EDGE("{'from':'a','to':'b','network':{'context':'lan'}}"),
                 "edges[0].network.context must be one of same-az, inter-az, "
                 "inter-region, internet, vpc-peering, nat-gateway, "
                 "privatelink, cloudfront-origin, vpc-endpoint-gateway");
    calc_refuses(EDGE("{'from':'a','to':'b','network':"
                      "{'context':'inter-region'}}"),
                 "edges[0].network.toRegion is missing");
    calc_has(EDGE("{'from':'a','to':'b','network':"
                  "{'context':'inter-region','toRegion':'mars'}}"),
             "400 edges[0].network.toRegion 'mars' is not a supported "
             "region; ");
    calc_refuses(EDGE("{'from':'a','to':'b','metrics':[{'type':"
                      "'dataTransferGB','ratio':1}],'network':"
                      "{'context':'inter-region','toRegion':'us-east-1'}}"),
                 "edges[0]: there is no price DataTransfer.inter_region_gb "
                 "us-east-1 in us-east-1");

    calc_refuses(EDGE("{'from':'a','to':'a'}"),
                 "the edges form a cycle: a \xe2\x86\x92 a");
    calc_refuses(EDGE("{'from':'b','to':'a'},{'from':'a','to':'b'}"),
                 "the edges form a cycle: a \xe2\x86\x92 b \xe2\x86\x92 a");

    calc_has(EDGE("{'from':'a','to':'b','metrics':[],'network':null}"),
             "'breakdown':{}");
}


static void
test_entries(void)
{
    calc_refuses(ENTRY("1"), "entryPoints[0] must be an object");
    calc_refuses(ENTRY("{}"), "entryPoints[0].nodeId is missing");
    calc_refuses(ENTRY("{'nodeId':'a'}"),
                 "entryPoints[0].requestsPerMonth is missing");
    calc_refuses(ENTRY("{'nodeId':'x','requestsPerMonth':1}"),
                 "entryPoints[0].nodeId \"x\" is the id of no node");
    calc_refuses(ENTRY("{'nodeId':'a','requestsPerMonth':1.5}"),
                 "entryPoints[0].requestsPerMonth must be a whole number");
    calc_refuses(ENTRY("{'nodeId':'a','requestsPerMonth':-1}"),
                 "entryPoints[0].requestsPerMonth must not be negative");
    calc_refuses(ENTRY("{'nodeId':'a','requestsPerMonth':1e15},"
                       "{'nodeId':'b','requestsPerMonth':1}"),
                 "entryPoints[1].requestsPerMonth is too large");
    calc_has(ENTRY("{'requestsPerMonth':1e7,'nodeId':'a'}"),
             "'requestsPerMonth':10000000");
    calc_refuses("{" TWO ",'edges':[{'from':'a','to':'b','metrics':[{'type':"
                 "'requests','ratio':2}]}],'entryPoints':[{'nodeId':'a',"
                 "'requestsPerMonth':1e15}]}",
                 "too many requests reach nodes[1] \"b\"");
    calc_refuses("{" TWO ",'edges':[{'from':'a','to':'b','metrics':[{'type':"
                 "'dataTransferKBPerRequest','ratio':1e9}]}],'entryPoints':"
                 "[{'nodeId':'a','requestsPerMonth':1e9}]}",
                 "edges[0] carries too much data");
}


/* members in any order; what names nodes may come before them */

static void
test_order(void)
{
    calc_has("{'entryPoints':[{'nodeId':'b','requestsPerMonth':1000000}],"
             "'edges':[{'from':'b','to':'a','metrics':[{'ratio':1,'type':"
             "'requests'}]}]," TWO "}",
             "'id':'a','type':'S3','monthlyCost':0.4");
    calc_refuses("{'entryPoints':[],'edges':[{'from':'b','to':'c'}]," TWO "}",
                 "edges[0].to \"c\" is the id of no node");
    calc_refuses("{'entryPoints':[{'nodeId':'c','requestsPerMonth':1}],"
                 "'edges':[]," TWO "}",
                 "entryPoints[0].nodeId \"c\" is the id of no node");
}


static void
test_duplicates(void)
{
    calc_refuses("{'nodes':[],'nodes':[]}", "nodes appears twice");
    calc_refuses("{'nodes':[],'\\u006eodes':[]}", "nodes appears twice");
    calc_refuses(NODES("{'id':'a','id':'a'}"), "nodes[0].id appears twice");
    calc_refuses(PARAMS("S3", "'storageGB':1,'storageGB':1"),
                 "nodes[0].params.storageGB appears twice");
    calc_refuses(PARAMS("S3", "'x':1,'y':1,'x':1"),
                 "nodes[0].params.x appears twice");
    calc_refuses(TOP(",'more':{'a':{'b':1},'b':{'c':1,'c':2}}"),
                 "c appears twice");
    calc_refuses(EDGE("{'from':'a','to':'b','metrics':[{'type':'requests',"
                      "'type':'requests'}]}"),
                 "edges[0].metrics[0].type appears twice");
    calc_refuses(ENTRY("{'nodeId':'a','nodeId':'a'}"),
                 "entryPoints[0].nodeId appears twice");

    /* the same name in several objects is fine */
    calc_has(TOP(",'more':[{'a':{'a':1}},{'a':1,'b':{'a':1}}]"),
             "'totalMonthlyCost':0");
}


static void
test_many(void)
{
    char      body[20000];
    size_t    len;
    uint32_t  n;

    static const char  many[] =
        "Maximum of 50 services allowed per calculation";

    /* 50 are fine, 51 are not, whatever they are */

    len = (size_t) sprintf(body, "{'edges':[],'entryPoints':[],'nodes':[");

    for (n = 0; n < 50; n++) {
        len += (size_t) sprintf(body + len, "%s{'id':'%u','service':'S3'}",
                                n ? "," : "", n);
    }

    (void) sprintf(body + len, "]}");
    calc_has(body, "'totalMonthlyCost':0");

    (void) sprintf(body + len, ",1]}");
    calc_refuses(body, many);

    (void) sprintf(body + len, ",{'id':'0'}]}");
    calc_refuses(body, many);

    /* ... before anything else but that it is not JSON */

    (void) sprintf(body + len, ",1]");
    calc_refuses(body, "the body is not JSON: the text ends early, "
                 "at byte 1380");

    len = (size_t) sprintf(body, "{'region':7,'nodes':[");

    for (n = 0; n < 51; n++) {
        len += (size_t) sprintf(body + len, "%s[]", n ? "," : "");
    }

    (void) sprintf(body + len, "]}");
    calc_refuses(body, many);

    /* brackets */

    memset(body, '[', 100);
    body[100] = '\0';
    calc_refuses(body, "the body is nested too deeply, at byte 32");

    len = (size_t) sprintf(body, "{'x':");
    memset(body + len, '[', 100);
    body[len + 100] = '\0';
    calc_refuses(body, "the body is nested too deeply, at byte 36");

    /* names that nobody knows */

    len = (size_t) sprintf(body, "{'nodes':[],'edges':[],'entryPoints':[]");

    for (n = 0; n < COST_REQUEST_STRANGE; n++) {
        len += (size_t) sprintf(body + len, ",'x%u':1", n);
    }

    (void) sprintf(body + len, "}");
    calc_has(body, "'and 32 more']");

    (void) sprintf(body + len, ",'y':1}");
    calc_refuses(body, "the body has too many unknown members");
}


static void
test_warnings(void)
{
    calc_has(TOP(",'title':'x'"),
             ",'warnings':['title is not known and was left out']}");
    calc_has(PARAMS("S3", "'storageGb':50,'storageGB':100"),
             "'monthlyCost':2.3,");
    calc_has(PARAMS("S3", "'storageGb':50,'storageGB':100"),
             ",'warnings':['nodes[0].params.storageGb is not known and was "
             "left out']}");
    calc_has(PARAMS("DynamoDB", "'readCapacityUnits':5"),
             ",'warnings':['nodes[0].params.readCapacityUnits has no effect "
             "with the other parameters']}");
    calc_has(PARAMS("S3", "'storageClass':'GLACIER'"),
             "'nodes[0].params.storageClass has no effect with the other "
             "parameters'");
    calc_has(EDGE("{'from':'a','to':'b','note':{},'metrics':[{'type':"
                  "'dataTransferGB','ratio':5,'unit':'GB'}]}"),
             ",'warnings':['edges[0].note is not known and was left out',"
             "'edges[0].metrics[0].unit is not known and was left out',"
             "'edges[0].network is missing: the data is priced as same-az, "
             "free']}");
    calc_has(EDGE("{'from':'a','to':'b','network':{'context':'internet',"
                  "'toRegion':'us-east-2','x':1}}"),
             "'edges[0].network.x is not known and was left out',"
             "'edges[0].network.toRegion has no effect with this context'");

    ok(strstr(calc_text(PARAMS("S3", "'storageGB':1")), "warnings") == NULL,
       "no warnings, no member");
}
