
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What data along an edge costs in each context, worked out by hand, and how
 * the answer says it.
 */

#include "cost/cost_transfer.h"

#include "calc.h"


#define GRAPH(region, edges)                                                  \
    "{'nodes':[{'id':'a','service':'S3'},{'id':'b','service':'S3'}],"         \
    "'edges':[" edges "],'entryPoints':[{'nodeId':'a','requestsPerMonth':"    \
    "1000}],'region':'" region "'}"

#define EDGE(type, ratio, network)                                            \
    "{'from':'a','to':'b','metrics':[{'type':'" type "','ratio':" ratio       \
    "}],'network':{'context':" network "}}"

#define GB(ratio, network)  EDGE("dataTransferGB", ratio, network)


int
main(void)
{
    /* free */

    calc_has(GRAPH("us-east-1", GB("500", "'same-az'")),
             "'dataTransfer':{'monthlyCost':0,'breakdown':"
             "{'edges[0] a -> b: 500 GB same-az':0}}");
    calc_has(GRAPH("sa-east-1", GB("500", "'cloudfront-origin'")),
             "'monthlyCost':0,'breakdown':"
             "{'edges[0] a -> b: 500 GB cloudfront-origin':0}}");
    calc_has(GRAPH("eu-central-1", GB("500", "'vpc-endpoint-gateway'")),
             "'monthlyCost':0,'breakdown':"
             "{'edges[0] a -> b: 500 GB vpc-endpoint-gateway':0}}");

    /* out of one zone and into the other: 12.5 x 0.01 x 2 = 0.25 */

    calc_has(GRAPH("us-east-1", GB("12.5", "'inter-az'")),
             "'dataTransfer':{'monthlyCost':0.25,'breakdown':"
             "{'edges[0] a -> b: 12.5 GB inter-az':0.25}}");
    calc_has(GRAPH("sa-east-1", GB("12.5", "'vpc-peering'")),
             "{'monthlyCost':0.25,'breakdown':"
             "{'edges[0] a -> b: 12.5 GB vpc-peering':0.25}}");

    /* 100 x 0.02; Ohio is nearer: 100 x 0.01; 100 x 0.138 */

    calc_has(GRAPH("us-east-1",
                   GB("100", "'inter-region','toRegion':'eu-west-1'")),
             "{'monthlyCost':2.0,");
    calc_has(GRAPH("us-east-1",
                   GB("100", "'inter-region','toRegion':'us-east-2'")),
             "{'monthlyCost':1.0,");
    calc_has(GRAPH("sa-east-1",
                   GB("100", "'inter-region','toRegion':'us-east-1'")),
             "{'monthlyCost':13.8,");

    /* 10240 x 0.09 = 921.6; a GB more: + 0.085; 10241 x 0.15 - 0.012 */

    calc_has(GRAPH("us-east-1", GB("10239", "'internet'")),
             "{'monthlyCost':921.51,");
    calc_has(GRAPH("us-east-1", GB("10240", "'internet'")),
             "{'monthlyCost':921.6,");
    calc_has(GRAPH("us-east-1", GB("10241", "'internet'")),
             "{'monthlyCost':921.69,");
    calc_has(GRAPH("sa-east-1", GB("10241", "'internet'")),
             "{'monthlyCost':1536.14,");

    /*
     * tiers go on from edge to edge: 10000 x 0.09 = 900; 240 x 0.09 + 760 x
     * 0.085 = 86.2; but not from context to context
     */

    calc_has(GRAPH("us-east-1", GB("10000", "'internet'") ","
                   GB("500", "'nat-gateway'") "," GB("1000", "'internet'")),
             "{'monthlyCost':1008.7,'breakdown':"
             "{'edges[0] a -> b: 10000 GB internet':900.0,"
             "'edges[1] a -> b: 500 GB nat-gateway':22.5,"
             "'edges[2] a -> b: 1000 GB internet':86.2}}");

    /* 500 x 0.093 = 46.5; 1048577 x 0.01 - 0.004 = 10485.766 */

    calc_has(GRAPH("sa-east-1", GB("500", "'nat-gateway'")),
             "{'monthlyCost':46.5,");
    calc_has(GRAPH("us-east-1", GB("1048577", "'privatelink'")),
             "{'monthlyCost':10485.77,");

    /* units: 2 TB = 2048 GB; 512 MB = 0.5 GB; 1000 requests x 1048.576 KB */

    calc_has(GRAPH("us-east-1", EDGE("dataTransferTB", "2", "'nat-gateway'")),
             "'edges[0] a -> b: 2048 GB nat-gateway':92.16}");
    calc_has(GRAPH("us-east-1", EDGE("dataTransferMB", "512",
                                     "'nat-gateway'")),
             "'edges[0] a -> b: 0.5 GB nat-gateway':0.02}");
    calc_has(GRAPH("us-east-1", EDGE("dataTransferKBPerRequest", "1048.576",
                                     "'nat-gateway'")),
             "'edges[0] a -> b: 1 GB nat-gateway':0.05}");

    /* several metrics of an edge add up: 1 + 0.5 + 1 GB x 0.045 = 0.1125 */

    calc_has(GRAPH("us-east-1",
                   "{'from':'a','to':'b','network':{'context':'nat-gateway'},"
                   "'metrics':[{'type':'dataTransferGB','ratio':1},"
                   "{'type':'dataTransferMB','ratio':512},{'type':"
                   "'dataTransferKBPerRequest','ratio':1048.576}]}"),
             "'edges[0] a -> b: 2.5 GB nat-gateway':0.11}");

    /* requests alone carry no data */

    calc_has(GRAPH("us-east-1", EDGE("requests", "1", "'internet'")),
             "'dataTransfer':{'monthlyCost':0,'breakdown':{}}");

    /* a volume of 0 is shown, and asks for no price */

    calc_has(GRAPH("us-east-1",
                   GB("0", "'inter-region','toRegion':'us-east-1'")),
             "{'edges[0] a -> b: 0 GB inter-region':0}");

    return done_testing();
}
