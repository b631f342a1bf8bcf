
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * S3, CloudFront, Route53 and WAF in three regions, over the edges of their
 * tiers.
 *
 * Each answer was worked out by hand from the figures in conf/prices/; the
 * arithmetic is above it.  A line is rounded to cents, the total adds lines.
 */

#include "cost/cost_service.h"

#include "svc.h"


static const svc_case_t  test_s3[] = {
    /*
     * the document's bucket.  50 x 0.023 = 1.15; 500000 x 0.000005 =
     * 2.5; 760000 x 0.0000004 = 0.304
     */
    { "us-east-1",
      "storageGB=50 putRequests=500000 getRequests=760000",
      "storage 1.15, putRequests 2.50, getRequests 0.30 = 3.95" },

    /*
     * a GB below the first bound, at it, above it.  51199 x 0.023 =
     * 1177.577
     */
    { "us-east-1",
      "storageGB=51199",
      "storage 1177.58 = 1177.58" },

    /* 51200 x 0.023 = 1177.6 */
    { "us-east-1",
      "storageGB=51200",
      "storage 1177.60 = 1177.60" },

    /* 51200 x 0.023 + 1 x 0.022 = 1177.622 */
    { "us-east-1",
      "storageGB=51201",
      "storage 1177.62 = 1177.62" },

    /*
     * a GB above the second.  51200 x 0.0405 + 460800 x 0.039 + 1 x
     * 0.037 = 20044.837
     */
    { "sa-east-1",
      "storageGB=512001",
      "storage 20044.84 = 20044.84" },

    /*
     * 1000 x 0.0135 = 13.5; 10000 x 0.00001 = 0.1; 20000 x 0.000001 =
     * 0.02; 300 x 0.01 = 3; 5000 x 0.00001 = 0.05
     */
    { "eu-central-1",
      "storageClass=STANDARD_IA storageGB=1000 putRequests=10000 "
      "getRequests=20000 retrievalGB=300 lifecycleTransitions=5000",
      "storage 13.50, putRequests 0.10, getRequests 0.02, retrieval 3.00, "
      "lifecycleTransitions 0.05 = 16.67" },

    /*
     * 100 x 0.023 + 200 x 0.0125 + 300 x 0.004 + 400 x 0.0036 + 500 x
     * 0.00099 = 7.935; 1000000 x 0.0000025 = 2.5
     */
    { "us-east-1",
      "storageClass=INTELLIGENT_TIERING storageGB=100 "
      "intelligentInfrequentGB=200 intelligentArchiveInstantGB=300 "
      "intelligentArchiveGB=400 intelligentDeepArchiveGB=500 "
      "monitoredObjects=1000000",
      "storage 7.94, monitoring 2.50 = 10.44" },

    /*
     * 10000 x 0.00765 = 76.5; 1000 x 0.000042 = 0.042; 1000000 x
     * 0.00000056 = 0.56; 50 x 0.014 = 0.7
     */
    { "sa-east-1",
      "storageClass=GLACIER storageGB=10000 putRequests=1000 "
      "getRequests=1000000 retrievalGB=50",
      "storage 76.50, putRequests 0.04, getRequests 0.56, retrieval 0.70 = "
      "77.80" },

    /* 50 x 0.042 = 2.1 */
    { "sa-east-1",
      "storageClass=GLACIER retrievalGB=50 retrievalTier=EXPEDITED",
      "retrieval 2.10 = 2.10" },

    /* bulk is free from GLACIER, not from DEEP_ARCHIVE */
    { "sa-east-1",
      "storageClass=GLACIER retrievalGB=50 retrievalTier=BULK",
      "retrieval 0.00 = 0.00" },

    /* 20000 x 0.0018 = 36; 1000 x 0.00006 = 0.06; 100 x 0.005 = 0.5 */
    { "eu-central-1",
      "storageClass=DEEP_ARCHIVE storageGB=20000 putRequests=1000 "
      "retrievalGB=100 retrievalTier=BULK",
      "storage 36.00, putRequests 0.06, retrieval 0.50 = 36.56" },

    /* 100 x 0.024 = 2.4 */
    { "eu-central-1",
      "storageClass=DEEP_ARCHIVE retrievalGB=100",
      "retrieval 2.40 = 2.40" },

    { "eu-central-1",
      "storageClass=DEEP_ARCHIVE retrievalGB=1 retrievalTier=EXPEDITED",
      "retrievalGB has no price for storageClass DEEP_ARCHIVE" },

    /*
     * 10 x 0.004 = 0.04; 1000 x 0.00002 = 0.02; 1000 x 0.00001 = 0.01;
     * 10 x 0.03 = 0.3
     */
    { "us-east-1",
      "storageClass=GLACIER_IR storageGB=10 putRequests=1000 "
      "getRequests=1000 retrievalGB=10",
      "storage 0.04, putRequests 0.02, getRequests 0.01, retrieval 0.30 = "
      "0.37" },

    /*
     * 100 x 0.0177 = 1.77; 1000 x 0.00001 = 0.01; 1000 x 0.000001 =
     * 0.001; 10 x 0.01 = 0.1
     */
    { "sa-east-1",
      "storageClass=ONEZONE_IA storageGB=100 putRequests=1000 "
      "getRequests=1000 retrievalGB=10",
      "storage 1.77, putRequests 0.01, getRequests 0.00, retrieval 0.10 = "
      "1.88" },

    { "us-east-1",
      "storageClass=ONEZONE_IA lifecycleTransitions=1",
      "lifecycleTransitions has no price for storageClass ONEZONE_IA" },

    /*
     * 10 x 0.11 = 1.1; 1000000 x 0.00000113 = 1.13; 1000000 x 0.00000003
     * = 0.03
     */
    { "us-east-1",
      "storageClass=EXPRESS_ONEZONE storageGB=10 putRequests=1000000 "
      "getRequests=1000000",
      "storage 1.10, putRequests 1.13, getRequests 0.03 = 2.26" },

    /* a region without Express One Zone */
    { "eu-central-1",
      "storageClass=EXPRESS_ONEZONE storageGB=10",
      "there is no price S3.express_onezone_storage in eu-central-1" },

    /*
     * 1000000 x 0.00000065 = 0.65; 400000000 x 0.0000000025 = 1; 10240 x
     * 0.09 = 921.6
     */
    { "us-east-1",
      "objectTags=1000000 inventoryObjects=400000000 dataTransferOutGB=10240",
      "objectTags 0.65, inventory 1.00, dataTransferOut 921.60 = 923.25" },

    /* 10240 x 0.15 + 1 x 0.138 = 1536.138 */
    { "sa-east-1",
      "dataTransferOutGB=10241",
      "dataTransferOut 1536.14 = 1536.14" },

    /* what was given is shown, be it 0 */
    { "us-east-1",
      "storageGB=0",
      "storage 0.00 = 0.00" },

    { "us-east-1",
      "",
      " = 0.00" }
};


static const svc_case_t  test_cloudfront[] = {
    /*
     * the document's.  10000000 x (0.6 x 0.00000075 + 0.4 x 0.000001) =
     * 8.5; 2500 x 0.085 = 212.5
     */
    { "us-east-1",
      "dataTransferOutGB=2500 httpRequests=10000000",
      "requests 8.50, dataTransferOut 212.50 = 221.00" },

    /*
     * the same mix, said exactly.  6000000 x 0.00000075 + 4000000 x
     * 0.000001 = 8.5
     */
    { "us-east-1",
      "httpOnlyRequests=6000000 httpsRequests=4000000",
      "requests 8.50 = 8.50" },

    /* 10000000 x (0.6 x 0.0000009 + 0.4 x 0.0000012) = 10.2 */
    { "eu-central-1",
      "httpRequests=10000000",
      "requests 10.20 = 10.20" },

    /*
     * 10000000 x (0.6 x 0.0000016 + 0.4 x 0.0000022) = 18.4; 8 x 0.125 =
     * 1
     */
    { "sa-east-1",
      "httpRequests=10000000 dataTransferToOriginGB=8",
      "requests 18.40, dataTransferToOrigin 1.00 = 19.40" },

    /* below, at and above the first bound.  10239 x 0.085 = 870.315 */
    { "us-east-1",
      "dataTransferOutGB=10239",
      "dataTransferOut 870.32 = 870.32" },

    /* 10240 x 0.085 = 870.4 */
    { "us-east-1",
      "dataTransferOutGB=10240",
      "dataTransferOut 870.40 = 870.40" },

    /* 10240 x 0.085 + 1 x 0.08 = 870.48 */
    { "us-east-1",
      "dataTransferOutGB=10241",
      "dataTransferOut 870.48 = 870.48" },

    /*
     * through all seven tiers.  10240 x 0.11 + 40960 x 0.105 + 102400 x
     * 0.09 + 358400 x 0.08 + 536576 x 0.06 + 4194304 x 0.05 + 757120 x
     * 0.04 = 315509.76
     */
    { "sa-east-1",
      "dataTransferOutGB=6000000",
      "dataTransferOut 315509.76 = 315509.76" },

    /*
     * viewers elsewhere than the region.  1000000 x 0.0000012 = 1.2; 100
     * x 0.085 = 8.5
     */
    { "us-east-1",
      "geography=europe httpsRequests=1000000 dataTransferOutGB=100",
      "requests 1.20, dataTransferOut 8.50 = 9.70" },

    /* 1000000 x 0.0000022 = 2.2; 100 x 0.11 = 11 */
    { "eu-central-1",
      "geography=south_america httpsRequests=1000000 dataTransferOutGB=100",
      "requests 2.20, dataTransferOut 11.00 = 13.20" },

    { "us-east-1",
      "geography=atlantis httpsRequests=1",
      "geography must be one of united_states, canada, europe, south_africa, "
      "middle_east, south_america, japan, australia, asia_pacific, india" },

    /* the first 1000 paths have price 0 */
    { "us-east-1",
      "invalidationPaths=999",
      "invalidations 0.00 = 0.00" },

    { "us-east-1",
      "invalidationPaths=1000",
      "invalidations 0.00 = 0.00" },

    /* 1 x 0.005 = 0.005 */
    { "us-east-1",
      "invalidationPaths=1001",
      "invalidations 0.01 = 0.01" },

    /*
     * 1000000 x 0.000002 = 2; 2000000 x 0.00000075 = 1.5; 3000000 x
     * 0.0000001 = 0.3; 4000000 x 0.0000006 + 5000 x 0.00005001 =
     * 2.65005; 6000000 x 0.00000001 = 0.06
     */
    { "us-east-1",
      "fieldLevelEncryptionRequests=1000000 originShieldRequests=2000000 "
      "functionInvocations=3000000 lambdaEdgeRequests=4000000 "
      "lambdaEdgeGBSeconds=5000 realtimeLogLines=6000000 "
      "dedicatedIpCertificates=1",
      "fieldLevelEncryption 2.00, originShield 1.50, functions 0.30, "
      "lambdaEdge 2.65, realtimeLogs 0.06, dedicatedIpSsl 600.00 = 606.51" }
};


static const svc_case_t  test_route53[] = {
    /* one zone */
    { "us-east-1",
      "",
      "hostedZones 0.50 = 0.50" },

    /* below, at and above 25 zones.  24 x 0.5 = 12 */
    { "eu-central-1",
      "hostedZones=24",
      "hostedZones 12.00 = 12.00" },

    /* 25 x 0.5 = 12.5 */
    { "eu-central-1",
      "hostedZones=25",
      "hostedZones 12.50 = 12.50" },

    /* 25 x 0.5 + 1 x 0.1 = 12.6 */
    { "eu-central-1",
      "hostedZones=26",
      "hostedZones 12.60 = 12.60" },

    /* at and above the bound of queries.  1000000000 x 0.0000004 = 400 */
    { "us-east-1",
      "hostedZones=0 queries=1000000000",
      "hostedZones 0.00, queries 400.00 = 400.00" },

    /* 1000000000 x 0.0000004 + 1000000 x 0.0000002 = 400.2 */
    { "us-east-1",
      "hostedZones=0 queries=1001000000",
      "hostedZones 0.00, queries 400.20 = 400.20" },

    /*
     * 1000000 x 0.0000006 = 0.6; 2000000 x 0.0000007 = 1.4; 3000000 x
     * 0.0000007 = 2.1; 4000000 x 0.0000008 = 3.2
     */
    { "sa-east-1",
      "latencyQueries=1000000 geoQueries=2000000 geoproximityQueries=3000000 "
      "ipBasedQueries=4000000",
      "hostedZones 0.50, latencyQueries 0.60, geoQueries 1.40, "
      "geoproximityQueries 2.10, ipBasedQueries 3.20 = 7.80" },

    /* 3 x 0.5 = 1.5; 4 x 0.75 = 3; 5 x 1 = 5; 6 x 2 = 12; 2 x 50 = 100 */
    { "sa-east-1",
      "healthChecks=3 externalHealthChecks=4 healthCheckOptions=5 "
      "externalHealthCheckOptions=6 trafficPolicies=2",
      "hostedZones 0.50, healthChecks 1.50, externalHealthChecks 3.00, "
      "healthCheckOptions 5.00, externalHealthCheckOptions 12.00, "
      "trafficPolicies 100.00 = 122.00" },

    /*
     * 1000 x 0.0015 = 1.5; 2 x 730 x 0.125 = 182.5; 1000000000 x
     * 0.0000004 + 500000000 x 0.0000002 = 500
     */
    { "eu-central-1",
      "recordsOver10000=1000 resolverInterfaces=2 resolverQueries=1500000000",
      "hostedZones 0.50, recordsOver10000 1.50, resolverEndpoints 182.50, "
      "resolverQueries 500.00 = 684.50" }
};


static const svc_case_t  test_waf[] = {
    /* 10 x 1 = 10; 10000000 x 0.0000006 = 6 */
    { "us-east-1",
      "rules=10 requests=10000000",
      "webAcls 5.00, rules 10.00, requests 6.00 = 21.00" },

    /*
     * at and above the capacity units that the base price covers.
     * 1000000 x 0.0000006 = 0.6
     */
    { "eu-central-1",
      "requests=1000000 capacityUnits=1500",
      "webAcls 5.00, requests 0.60 = 5.60" },

    /* 1000000 x 0.0000008 = 0.8 */
    { "eu-central-1",
      "requests=1000000 capacityUnits=1501",
      "webAcls 5.00, requests 0.80 = 5.80" },

    /* 1000000 x 0.0000008 = 0.8 */
    { "eu-central-1",
      "requests=1000000 capacityUnits=2000",
      "webAcls 5.00, requests 0.80 = 5.80" },

    /* 1000000 x 0.000001 = 1 */
    { "eu-central-1",
      "requests=1000000 capacityUnits=2001",
      "webAcls 5.00, requests 1.00 = 6.00" },

    /* 1000000 x 0.000002 = 2; 1000000 x 0.0000009 = 0.9 */
    { "eu-central-1",
      "requests=1000000 capacityUnits=5000 bodyInspectionKB=64",
      "webAcls 5.00, requests 2.00, bodyInspection 0.90 = 7.90" },

    /*
     * below, at and above the 10 million at price 0.  2 x 5 = 10;
     * 9999999 x 0.0000006 = 5.9999994; 2 x 10 = 20
     */
    { "us-east-1",
      "webAcls=2 requests=9999999 botControl=COMMON",
      "webAcls 10.00, requests 6.00, botControl 20.00 = 36.00" },

    /* 2 x 5 = 10; 10000000 x 0.0000006 = 6; 2 x 10 = 20 */
    { "us-east-1",
      "webAcls=2 requests=10000000 botControl=COMMON",
      "webAcls 10.00, requests 6.00, botControl 20.00 = 36.00" },

    /*
     * 2 x 5 = 10; 12000000 x 0.0000006 = 7.2; 2 x 10 + 2000000 x
     * 0.000001 = 22
     */
    { "us-east-1",
      "webAcls=2 requests=12000000 botControl=COMMON",
      "webAcls 10.00, requests 7.20, botControl 22.00 = 39.20" },

    /* 12000000 x 0.0000006 = 7.2; 10 + 500000 x 0.00001 = 15 */
    { "sa-east-1",
      "requests=12000000 botControl=TARGETED botControlRequests=1500000",
      "webAcls 5.00, requests 7.20, botControl 15.00 = 27.20" },

    /* at and above 10,000 attempts */
    { "sa-east-1",
      "fraudControl=true fraudControlRequests=10000",
      "webAcls 5.00, fraudControl 10.00 = 15.00" },

    /* 10 + 1 x 0.001 = 10.001 */
    { "sa-east-1",
      "fraudControl=true fraudControlRequests=10001",
      "webAcls 5.00, fraudControl 10.00 = 15.00" },

    /* 10 + 1990000 x 0.001 + 3000000 x 0.0007 + 1000000 x 0.0004 = 4500 */
    { "sa-east-1",
      "fraudControl=true fraudControlRequests=6000000",
      "webAcls 5.00, fraudControl 4500.00 = 4505.00" },

    /* 5000 x 0.0004 = 2; 1000000 x 0.0000004 = 0.4 */
    { "us-east-1",
      "captchaAttempts=5000 challengesServed=1000000",
      "webAcls 5.00, captcha 2.00, challenges 0.40 = 7.40" }
};


int
main(void)
{
    svc_cases(&cost_svc_s3, test_s3);
    svc_cases(&cost_svc_cloudfront, test_cloudfront);
    svc_cases(&cost_svc_route53, test_route53);
    svc_cases(&cost_svc_waf, test_waf);

    return done_testing();
}
