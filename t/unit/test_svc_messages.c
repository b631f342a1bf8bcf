
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * APIGateway, SNS, SQS and StepFunctions in three regions, over the edges of
 * their tiers and steps.
 *
 * Each answer was worked out by hand from the figures in conf/prices/; the
 * arithmetic is above it.  A line is rounded to cents, the total adds lines.
 */

#include "cost/cost_service.h"

#include "svc.h"


static const svc_case_t  test_apigateway[] = {
    /*
     * below, at and above 333 million.  332999999 x 0.0000035 =
     * 1165.4999965
     */
    { "us-east-1",
      "requests=332999999",
      "requests 1165.50 = 1165.50" },

    /* 333000000 x 0.0000035 = 1165.5 */
    { "us-east-1",
      "requests=333000000",
      "requests 1165.50 = 1165.50" },

    /* 333000000 x 0.0000035 + 1000000 x 0.0000028 = 1168.3 */
    { "us-east-1",
      "requests=334000000",
      "requests 1168.30 = 1168.30" },

    /*
     * all four tiers.  333000000 x 0.0000035 + 667000000 x 0.0000028 +
     * 19000000000 x 0.00000238 + 1000000000 x 0.00000151 = 49763.1
     */
    { "us-east-1",
      "requests=21000000000",
      "requests 49763.10 = 49763.10" },

    /* 1000000000 x 0.00000425 + 1000000000 x 0.00000361 = 7860 */
    { "sa-east-1",
      "requests=2000000000",
      "requests 7860.00 = 7860.00" },

    /*
     * at 300 million; 512 KB are one request, 513 are two.  300000000 x
     * 0.000001 = 300
     */
    { "us-east-1",
      "apiType=HTTP requests=300000000 averageRequestKB=512",
      "requests 300.00 = 300.00" },

    /* 300000000 x 0.000001 + 300000000 x 0.0000009 = 570 */
    { "us-east-1",
      "apiType=HTTP requests=300000000 averageRequestKB=513",
      "requests 570.00 = 570.00" },

    /* 1000000 x 0.00000159 = 1.59 */
    { "sa-east-1",
      "apiType=HTTP requests=1000000",
      "requests 1.59 = 1.59" },

    /*
     * 33 KB are two messages.  1000000000 x 0.000001 = 1000; 1000000 x
     * 0.00000025 = 0.25
     */
    { "us-east-1",
      "apiType=WEBSOCKET requests=500000000 averageRequestKB=33 "
      "connectionMinutes=1000000",
      "requests 1000.00, connectionMinutes 0.25 = 1000.25" },

    /* 1000000000 x 0.00000155 + 1000000 x 0.00000135 = 1551.35 */
    { "sa-east-1",
      "apiType=WEBSOCKET requests=1001000000 averageRequestKB=32",
      "requests 1551.35 = 1551.35" },

    /* a REST call is one, whatever its size.  1000000 x 0.0000035 = 3.5 */
    { "us-east-1",
      "requests=1000000 averageRequestKB=5000",
      "requests 3.50 = 3.50" },

    /* 730 x 0.02 = 14.6 */
    { "us-east-1",
      "cacheSizeGB=0.5",
      "cache 14.60 = 14.60" },

    /* 2 x 100 x 4.4 = 880; 10 x 0.15 = 1.5 */
    { "sa-east-1",
      "cacheSizeGB=237 caches=2 hours=100 dataTransferOutGB=10",
      "cache 880.00, dataTransferOut 1.50 = 881.50" },

    /* an HTTP API has no cache */
    { "us-east-1",
      "apiType=HTTP cacheSizeGB=0.5",
      " = 0.00" }
};


static const svc_case_t  test_sns[] = {
    /* 64 KB are one, 65 are two.  1000000 x 0.0000005 = 0.5 */
    { "us-east-1",
      "requests=1000000 averageMessageKB=64",
      "requests 0.50 = 0.50" },

    /* 2000000 x 0.0000005 = 1 */
    { "us-east-1",
      "requests=1000000 averageMessageKB=65",
      "requests 1.00 = 1.00" },

    /* up to 100,000 and 1,000 have price 0 */
    { "eu-central-1",
      "httpDeliveries=99999 emailDeliveries=1000",
      "httpDeliveries 0.00, emailDeliveries 0.00 = 0.00" },

    /* 1 x 0.00002 = 0.00002 */
    { "eu-central-1",
      "httpDeliveries=100000 emailDeliveries=1001",
      "httpDeliveries 0.00, emailDeliveries 0.00 = 0.00" },

    /* 1000000 x 0.0000006 = 0.6; 1000 x 0.00002 = 0.02 */
    { "eu-central-1",
      "httpDeliveries=1100000 emailDeliveries=2000",
      "httpDeliveries 0.60, emailDeliveries 0.02 = 0.62" },

    /*
     * 1000000 x 0.0000005 = 0.5; 1000000 x 0.000000348 = 0.348; 10 x
     * 0.14 = 1.4
     */
    { "sa-east-1",
      "mobilePushDeliveries=1000000 sqsDeliveries=1000000 "
      "lambdaDeliveries=1000000 firehoseDeliveries=1000000 filteredGB=10",
      "mobilePushDeliveries 0.50, sqsDeliveries 0.00, lambdaDeliveries 0.00, "
      "firehoseDeliveries 0.35, filteredPayload 1.40 = 2.25" },

    /*
     * 10000000 x 0.0000003 = 3; 100 x 0.017 = 1.7; 20000000 x 0.00000001
     * = 0.2; 200 x 0.001 = 0.2
     */
    { "us-east-1",
      "topicType=FIFO requests=10000000 publishedGB=100 "
      "fifoDeliveries=20000000 deliveredGB=200",
      "requests 3.00, publishedPayload 1.70, fifoDeliveries 0.20, "
      "deliveredPayload 0.20 = 5.10" },

    /*
     * 10000000 x 0.00000036 = 3.6; 100 x 0.0204 = 2.04; 20000000 x
     * 0.000000012 = 0.24; 200 x 0.0012 = 0.24
     */
    { "eu-central-1",
      "topicType=FIFO requests=10000000 publishedGB=100 "
      "fifoDeliveries=20000000 deliveredGB=200",
      "requests 3.60, publishedPayload 2.04, fifoDeliveries 0.24, "
      "deliveredPayload 0.24 = 6.12" }
};


static const svc_case_t  test_sqs[] = {
    /*
     * below, at and above 100 thousand million.  99999000000 x 0.0000004
     * = 39999.6
     */
    { "us-east-1",
      "requests=99999000000",
      "requests 39999.60 = 39999.60" },

    /* 100000000000 x 0.0000004 = 40000 */
    { "us-east-1",
      "requests=100000000000",
      "requests 40000.00 = 40000.00" },

    /* 100000000000 x 0.0000004 + 1000000 x 0.0000003 = 40000.3 */
    { "us-east-1",
      "requests=100001000000",
      "requests 40000.30 = 40000.30" },

    /*
     * 100000000000 x 0.0000004 + 100000000000 x 0.00000036 + 50000000000
     * x 0.00000032 = 92000
     */
    { "eu-central-1",
      "requests=250000000000",
      "requests 92000.00 = 92000.00" },

    /* 129 KB are three.  3000000 x 0.0000005 = 1.5 */
    { "sa-east-1",
      "queueType=FIFO requests=1000000 averageMessageKB=129 "
      "dataTransferOutGB=1",
      "requests 1.50, dataTransferOut 0.15 = 1.65" },

    /* 100000000000 x 0.0000005 + 1000000 x 0.00000048 = 50000.48 */
    { "eu-central-1",
      "queueType=FIFO requests=100001000000",
      "requests 50000.48 = 50000.48" }
};


static const svc_case_t  test_stepfunctions[] = {
    /* 5000000 x 0.000025 = 125 */
    { "us-east-1",
      "executions=1000000 stateTransitionsPerExecution=5",
      "stateTransitions 125.00 = 125.00" },

    /* 100000 x 0.0000375 = 3.75 */
    { "sa-east-1",
      "stateTransitions=100000",
      "stateTransitions 3.75 = 3.75" },

    /* what is said wins over what would follow.  100000 x 0.000025 = 2.5 */
    { "eu-central-1",
      "executions=1000000 stateTransitions=100000",
      "stateTransitions 2.50 = 2.50" },

    /*
     * 1000000 x 0.000001 = 1; 1000000 x 0.1 x 0.0625 x 0.00001667 =
     * 0.1041875
     */
    { "us-east-1",
      "workflowType=EXPRESS executions=1000000 averageDurationMs=100 "
      "memoryMB=64",
      "requests 1.00, duration 0.10 = 1.10" },

    /*
     * begun steps count: 200 ms, 128 MB.  1000000 x 0.000001 = 1;
     * 1000000 x 0.2 x 0.125 x 0.00001667 = 0.41675
     */
    { "us-east-1",
      "workflowType=EXPRESS executions=1000000 averageDurationMs=101 "
      "memoryMB=65",
      "requests 1.00, duration 0.42 = 1.42" },

    /*
     * at and above 1000 GB-hours.  3600000 x 0.000001 = 3.6; 3600000 x
     * 0.00001667 = 60.012
     */
    { "eu-central-1",
      "workflowType=EXPRESS executions=3600000 averageDurationMs=1000 "
      "memoryMB=1024",
      "requests 3.60, duration 60.01 = 63.61" },

    /*
     * 3600001 x 0.000001 = 3.600001; 3600000 x 0.00001667 + 1 x
     * 0.00000833 = 60.01200833
     */
    { "eu-central-1",
      "workflowType=EXPRESS executions=3600001 averageDurationMs=1000 "
      "memoryMB=1024",
      "requests 3.60, duration 60.01 = 63.61" },

    /*
     * 20000000 x 0.000001 = 20; 3600000 x 0.00001667 + 14400000 x
     * 0.00000833 + 2000000 x 0.00000456 = 189.084
     */
    { "sa-east-1",
      "workflowType=EXPRESS executions=20000000 averageDurationMs=1000 "
      "memoryMB=1024",
      "requests 20.00, duration 189.08 = 209.08" }
};


int
main(void)
{
    svc_cases(&cost_svc_apigateway, test_apigateway);
    svc_cases(&cost_svc_sns, test_sns);
    svc_cases(&cost_svc_sqs, test_sqs);
    svc_cases(&cost_svc_stepfunctions, test_stepfunctions);

    return done_testing();
}
