
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * ALB, ElasticIP, NATGateway, VPCEndpoint and NetworkFirewall in three
 * regions, over the edges of their tiers and dimensions.
 *
 * Each answer was worked out by hand from the figures in conf/prices/; the
 * arithmetic is above it.  A line is rounded to cents, the total adds lines.
 */

#include "cost/cost_service.h"

#include "svc.h"


static const svc_case_t  test_alb[] = {
    /* 730 x 0.0225 = 16.425 */
    { "us-east-1",
      "",
      "loadBalancers 16.43 = 16.43" },

    /* 65,700,000 / 3600 / 25 = 730 LCU-hours x 0.008 */
    { "us-east-1",
      "requests=65700000",
      "loadBalancers 16.43, capacityUnits 5.84 = 22.27" },

    /*
     * 730 x 0.027 = 19.71.  Units: 50 / 25 = 2, 9000 / 3000 = 3, 1000 GB /
     * 730 = 1.37, 2999 / 1000 = 2.999: 3 x 730 = 2190 x 0.008 = 17.52
     */
    { "eu-central-1",
      "newConnectionsPerSecond=50 activeConnectionsPerMinute=9000 "
      "processedGB=1000 ruleEvaluationsPerSecond=2999",
      "loadBalancers 19.71, capacityUnits 17.52 = 37.23" },

    /*
     * rules as large, and larger: 3001 / 1000 x 730 = 2190.73 x 0.008 =
     * 17.52584
     */
    { "eu-central-1",
      "newConnectionsPerSecond=50 activeConnectionsPerMinute=9000 "
      "processedGB=1000 ruleEvaluationsPerSecond=3000",
      "loadBalancers 19.71, capacityUnits 17.52 = 37.23" },
    { "eu-central-1",
      "newConnectionsPerSecond=50 activeConnectionsPerMinute=9000 "
      "processedGB=1000 ruleEvaluationsPerSecond=3001",
      "loadBalancers 19.71, capacityUnits 17.53 = 37.24" },

    /* the GB below, at and above 2190: 2191 x 0.008 = 17.528 */
    { "eu-central-1",
      "activeConnectionsPerMinute=9000 processedGB=2189",
      "loadBalancers 19.71, capacityUnits 17.52 = 37.23" },
    { "eu-central-1",
      "activeConnectionsPerMinute=9000 processedGB=2190",
      "loadBalancers 19.71, capacityUnits 17.52 = 37.23" },
    { "eu-central-1",
      "activeConnectionsPerMinute=9000 processedGB=2191",
      "loadBalancers 19.71, capacityUnits 17.53 = 37.24" },

    /*
     * 3.6 x 10^6 connections: 40 LCU-hours new, 1 active; 36 x 10^6 x 20
     * KB = 686.6455 GB; 10 rules beyond the free ones: 100.  686.6455 x
     * 0.008 = 5.493
     */
    { "us-east-1",
      "requests=36000000 requestsPerConnection=10 connectionSeconds=3 "
      "averageRequestKB=20 rules=20",
      "loadBalancers 16.43, capacityUnits 5.49 = 21.92" },

    /*
     * rules: 36 x 10^6 x 10 / 3.6 x 10^6 = 100 LCU-hours; with 10 or less,
     * none, and the 40 of connections count
     */
    { "us-east-1",
      "requests=36000000 requestsPerConnection=10 rules=20",
      "loadBalancers 16.43, capacityUnits 0.80 = 17.23" },
    { "us-east-1",
      "requests=36000000 requestsPerConnection=10 rules=10",
      "loadBalancers 16.43, capacityUnits 0.32 = 16.75" },

    /* 400 GB to Lambda targets are 400 / 0.4 = 1000 */
    { "us-east-1",
      "lambdaProcessedGB=400",
      "loadBalancers 16.43, capacityUnits 8.00 = 24.43" },

    /* 1460 x 0.008 */
    { "eu-central-1",
      "lcuHours=1460",
      "loadBalancers 19.71, capacityUnits 11.68 = 31.39" },

    /* 730 x 0.034; 800 / 800 x 730 x 0.00825 = 6.0225 */
    { "sa-east-1",
      "loadBalancerType=network newConnectionsPerSecond=800 processedGB=100",
      "loadBalancers 24.82, capacityUnits 6.02 = 30.84" },

    /* 730 x 0.0147 = 10.731; 1200 / 600 x 730 x 0.0042 = 6.132 */
    { "eu-central-1",
      "loadBalancerType=gateway newConnectionsPerSecond=1200",
      "loadBalancers 10.73, capacityUnits 6.13 = 16.86" },

    /* 2 x 730 x 0.025; 1000 x 0.008 */
    { "us-east-1",
      "loadBalancerType=classic loadBalancerCount=2 processedGB=1000",
      "loadBalancers 36.50, dataProcessed 8.00 = 44.50" }
};


static const svc_case_t  test_elasticip[] = {
    /* 730 x 0.005 */
    { "us-east-1",
      "",
      "inUse 3.65 = 3.65" },

    /* 3 x 100 x 0.005; 2 x 100 x 0.005 */
    { "eu-central-1",
      "addresses=3 idleAddresses=2 hours=100",
      "inUse 1.50, idle 1.00 = 2.50" },

    /* 8 x 730 x 0.008 */
    { "sa-east-1",
      "addresses=0 contiguousAddresses=8",
      "inUse 0.00, contiguous 46.72 = 46.72" }
};


static const svc_case_t  test_natgateway[] = {
    /* 2 x 730 x 0.045; 1000 x 0.045 */
    { "us-east-1",
      "gatewayCount=2 dataProcessedGB=1000",
      "gateways 65.70, dataProcessed 45.00 = 110.70" },

    /* 730 x 0.052 */
    { "eu-central-1",
      "",
      "gateways 37.96 = 37.96" },

    /*
     * 730 x 0.093; 100 x 0.093; egress 10240 x 0.15 = 1536, - 0.15, +
     * 0.138
     */
    { "sa-east-1",
      "dataProcessedGB=100 dataTransferOutGB=10239",
      "gateways 67.89, dataProcessed 9.30, dataTransferOut 1535.85 = "
      "1613.04" },
    { "sa-east-1",
      "dataProcessedGB=100 dataTransferOutGB=10240",
      "gateways 67.89, dataProcessed 9.30, dataTransferOut 1536.00 = "
      "1613.19" },
    { "sa-east-1",
      "dataProcessedGB=100 dataTransferOutGB=10241",
      "gateways 67.89, dataProcessed 9.30, dataTransferOut 1536.14 = "
      "1613.33" }
};


static const svc_case_t  test_vpcendpoint[] = {
    /* 3 x 730 x 0.01; 1048575, 1048576 x 0.01, + 0.006 */
    { "us-east-1",
      "availabilityZones=3 dataProcessedGB=1048575",
      "endpoints 21.90, dataProcessed 10485.75 = 10507.65" },
    { "us-east-1",
      "availabilityZones=3 dataProcessedGB=1048576",
      "endpoints 21.90, dataProcessed 10485.76 = 10507.66" },
    { "us-east-1",
      "availabilityZones=3 dataProcessedGB=1048577",
      "endpoints 21.90, dataProcessed 10485.77 = 10507.67" },

    /* 10485.76 + 4194304 x 0.006 = 35651.584; + 0.004; 730 x 0.021 = 15.33 */
    { "sa-east-1",
      "dataProcessedGB=5242880",
      "endpoints 15.33, dataProcessed 35651.58 = 35666.91" },
    { "sa-east-1",
      "dataProcessedGB=5242881",
      "endpoints 15.33, dataProcessed 35651.59 = 35666.92" },

    /* free, by the price list */
    { "eu-central-1",
      "endpointType=Gateway dataProcessedGB=1000",
      "endpoints 0.00, dataProcessed 0.00 = 0.00" },

    /* 2 x 730 x 0.0151 = 22.046; 1000 x 0.0035 */
    { "sa-east-1",
      "endpointType=GatewayLoadBalancer endpointCount=2 "
      "dataProcessedGB=1000",
      "endpoints 22.05, dataProcessed 3.50 = 25.55" }
};


static const svc_case_t  test_networkfirewall[] = {
    /* 730 x 0.395 */
    { "us-east-1",
      "",
      "endpoints 288.35 = 288.35" },

    /* 2 x 730 x 0.395; 1000 x 0.065; 2 x 730 x 0.926; 1000 x 0 */
    { "eu-central-1",
      "endpointCount=2 trafficGB=1000 advancedInspection=true",
      "endpoints 576.70, traffic 65.00, advancedEndpoints 1351.96, "
      "advancedTraffic 0.00 = 1993.66" },

    /* 730 x 1.155 = 843.15; 1000 x 0.005 */
    { "sa-east-1",
      "trafficGB=1000 advancedInspection=true",
      "endpoints 288.35, traffic 65.00, advancedEndpoints 843.15, "
      "advancedTraffic 5.00 = 1201.50" }
};


int
main(void)
{
    svc_cases(&cost_svc_alb, test_alb);
    svc_cases(&cost_svc_elasticip, test_elasticip);
    svc_cases(&cost_svc_natgateway, test_natgateway);
    svc_cases(&cost_svc_vpcendpoint, test_vpcendpoint);
    svc_cases(&cost_svc_networkfirewall, test_networkfirewall);

    return done_testing();
}
