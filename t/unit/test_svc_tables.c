
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * DynamoDB, CloudWatch, KMS and SecretsManager in three regions, over the
 * edges of their tiers.
 *
 * Each answer was worked out by hand from the figures in conf/prices/; the
 * arithmetic is above it.  A line is rounded to cents, the total adds lines.
 */

#include "cost/cost_service.h"

#include "svc.h"


static const svc_case_t  test_dynamodb[] = {
    /*
     * 25000000 x 0.000000125 = 3.125; 8000000 x 0.000000625 = 5; 120.5 x
     * 0.25 = 30.125
     */
    { "us-east-1",
      "readRequestUnits=25000000 writeRequestUnits=8000000 storageGB=120.5",
      "readRequests 3.13, writeRequests 5.00, storage 30.13 = 38.26" },

    /*
     * 1000000 x 0.0000001875 = 0.1875; 1000000 x 0.0000009375 = 0.9375;
     * 2000000 x 0.0000009375 = 1.875
     */
    { "sa-east-1",
      "readRequestUnits=1000000 writeRequestUnits=1000000 "
      "replicatedWriteRequestUnits=2000000 storageGB=1",
      "readRequests 0.19, writeRequests 0.94, replicatedWrites 1.88, storage "
      "0.38 = 3.39" },

    /*
     * 10000000 x 0.000000155 = 1.55; 10000000 x 0.00000078 = 7.8; 1000 x
     * 0.1 = 100
     */
    { "us-east-1",
      "tableClass=STANDARD_INFREQUENT_ACCESS readRequestUnits=10000000 "
      "writeRequestUnits=10000000 storageGB=1000",
      "readRequests 1.55, writeRequests 7.80, storage 100.00 = 109.35" },

    { "us-east-1",
      "tableClass=STANDARD_INFREQUENT_ACCESS replicatedWriteRequestUnits=1",
      "replicatedWriteRequestUnits has no price for tableClass "
      "STANDARD_INFREQUENT_ACCESS" },

    /* 100 x 730 x 0.00013 = 9.49; 50 x 730 x 0.00065 = 23.725 */
    { "us-east-1",
      "billingMode=PROVISIONED readCapacityUnits=100 writeCapacityUnits=50",
      "readCapacity 9.49, writeCapacity 23.73 = 33.22" },

    /*
     * 100 x 100 x 0.000195 = 1.95; 50 x 100 x 0.000975 = 4.875; 10 x 100
     * x 0.000975 = 0.975
     */
    { "sa-east-1",
      "billingMode=PROVISIONED readCapacityUnits=100 writeCapacityUnits=50 "
      "replicatedWriteCapacityUnits=10 hours=100",
      "readCapacity 1.95, writeCapacity 4.88, replicatedWriteCapacity 0.98 = "
      "7.81" },

    /* 100 x 730 x 0.000244 = 17.812; 50 x 730 x 0.001219 = 44.4935 */
    { "sa-east-1",
      "billingMode=PROVISIONED tableClass=STANDARD_INFREQUENT_ACCESS "
      "readCapacityUnits=100 writeCapacityUnits=50",
      "readCapacity 17.81, writeCapacity 44.49 = 62.30" },

    /*
     * 100 x 0.1 = 10; 50 x 0.2 = 10; 10 x 0.15 = 1.5; 20 x 0.1 = 2; 30 x
     * 0.15 = 4.5; 1000000 x 0.0000002 = 0.2; 1000000 x 0.0000001 = 0.1
     */
    { "us-east-1",
      "backupGB=100 pointInTimeRecoveryGB=50 restoreGB=10 exportToS3GB=20 "
      "importFromS3GB=30 streamReadRequests=1000000 "
      "kinesisChangeDataUnits=1000000",
      "backup 10.00, pointInTimeRecovery 10.00, restore 1.50, export 2.00, "
      "import 4.50, streams 0.20, kinesisChangeData 0.10 = 28.30" },

    /*
     * 100 x 0.15 = 15; 50 x 0.3 = 15; 10 x 0.225 = 2.25; 20 x 0.15 = 3;
     * 30 x 0.225 = 6.75; 1000000 x 0.0000003 = 0.3; 1000000 x 0.00000015
     * = 0.15
     */
    { "sa-east-1",
      "backupGB=100 pointInTimeRecoveryGB=50 restoreGB=10 exportToS3GB=20 "
      "importFromS3GB=30 streamReadRequests=1000000 "
      "kinesisChangeDataUnits=1000000",
      "backup 15.00, pointInTimeRecovery 15.00, restore 2.25, export 3.00, "
      "import 6.75, streams 0.30, kinesisChangeData 0.15 = 42.45" },

    /* request units are not billed with capacity */
    { "us-east-1",
      "billingMode=PROVISIONED readRequestUnits=1000000",
      " = 0.00" }
};


static const svc_case_t  test_cloudwatch[] = {
    /* below, at and above 10,000 metrics.  9999 x 0.3 = 2999.7 */
    { "us-east-1",
      "customMetrics=9999",
      "customMetrics 2999.70 = 2999.70" },

    /* 10000 x 0.3 = 3000 */
    { "us-east-1",
      "customMetrics=10000",
      "customMetrics 3000.00 = 3000.00" },

    /* 10000 x 0.3 + 1 x 0.1 = 3000.1 */
    { "us-east-1",
      "customMetrics=10001",
      "customMetrics 3000.10 = 3000.10" },

    /* 10000 x 0.3 + 240000 x 0.1 + 750000 x 0.05 + 1 x 0.02 = 64500.02 */
    { "sa-east-1",
      "customMetrics=1000001",
      "customMetrics 64500.02 = 64500.02" },

    /*
     * 10 x 0.135 = 1.35; 10 x 0.405 = 4.05; 10 x 0.675 = 6.75; 2 x 3 =
     * 6; 1000000 x 0.000014 = 14; 1000000 x 0.000014 = 14
     */
    { "sa-east-1",
      "standardAlarms=10 highResolutionAlarms=10 compositeAlarms=10 "
      "dashboards=2 apiRequests=1000000 metricsRequested=1000000",
      "standardAlarms 1.35, highResolutionAlarms 4.05, compositeAlarms 6.75, "
      "dashboards 6.00, apiRequests 14.00, metricsRequested 14.00 = 46.15" },

    /*
     * 1000000 x 0.000003 = 3; 100 x 0.5 = 50; 500 x 0.03 = 15; 1000 x
     * 0.005 = 5; 60 x 0.01 = 0.6; 8760 x 0.0012 = 10.512; 2 x 0.5 = 1
     */
    { "us-east-1",
      "metricStreamUpdates=1000000 logsIngestedGB=100 logsStoredGB=500 "
      "logsInsightsScannedGB=1000 liveTailMinutes=60 canaryRuns=8760 "
      "contributorInsightsRules=2",
      "metricStreams 3.00, logsIngested 50.00, logsStored 15.00, "
      "logsInsights 5.00, liveTail 0.60, canaries 10.51, contributorInsights "
      "1.00 = 85.11" },

    /* 100 x 0.45 = 45 */
    { "sa-east-1",
      "logsIngestedGB=100 logClass=INFREQUENT_ACCESS",
      "logsIngested 45.00 = 45.00" },

    /* at and above 10 TB.  10240 x 0.5 = 5120; 10240 x 0.25 = 2560 */
    { "us-east-1",
      "vendedLogsGB=10240 vendedLogsToS3GB=10240",
      "vendedLogs 5120.00, vendedLogsToS3 2560.00 = 7680.00" },

    /*
     * 10240 x 0.5 + 1 x 0.25 = 5120.25; 10240 x 0.25 + 1 x 0.15 =
     * 2560.15
     */
    { "us-east-1",
      "vendedLogsGB=10241 vendedLogsToS3GB=10241",
      "vendedLogs 5120.25, vendedLogsToS3 2560.15 = 7680.40" },

    /* 10240 x 0.9 + 20480 x 0.45 + 20480 x 0.18 + 8800 x 0.09 = 22910.4 */
    { "sa-east-1",
      "vendedLogsGB=60000",
      "vendedLogs 22910.40 = 22910.40" }
};


static const svc_case_t  test_kms[] = {
    /* one key */
    { "us-east-1",
      "",
      "keys 1.00 = 1.00" },

    /* 1000000 x 0.000003 = 3 */
    { "eu-central-1",
      "customerManagedKeys=4 requests=1000000",
      "keys 4.00, requests 3.00 = 7.00" },

    /*
     * 1000000 x 0.000003 = 3; 1000000 x 0.000003 = 3; 100000 x 0.000015
     * = 1.5; 1000 x 0.00001 = 0.01; 100 x 0.0012 = 0.12
     */
    { "sa-east-1",
      "customerManagedKeys=0 requests=1000000 rsa2048Requests=1000000 "
      "asymmetricRequests=100000 eccDataKeyPairs=1000 rsaDataKeyPairs=100",
      "keys 0.00, requests 3.00, rsa2048Requests 3.00, asymmetricRequests "
      "1.50, eccDataKeyPairs 0.01, rsaDataKeyPairs 0.12 = 7.63" },

    /* just below half a cent, and at it.  1666 x 0.000003 = 0.004998 */
    { "us-east-1",
      "requests=1666",
      "keys 1.00, requests 0.00 = 1.00" },

    /* 1667 x 0.000003 = 0.005001 */
    { "us-east-1",
      "requests=1667",
      "keys 1.00, requests 0.01 = 1.01" }
};


static const svc_case_t  test_secretsmanager[] = {
    /* one secret */
    { "us-east-1",
      "",
      "secrets 0.40 = 0.40" },

    /* 25 x 0.4 = 10; 100000 x 0.000005 = 0.5 */
    { "eu-central-1",
      "secrets=25 apiCalls=100000",
      "secrets 10.00, apiCalls 0.50 = 10.50" },

    /* 3 x 0.4 = 1.2; 1000000 x 0.000005 = 5 */
    { "sa-east-1",
      "secrets=3 apiCalls=1000000",
      "secrets 1.20, apiCalls 5.00 = 6.20" },

    /* 999 x 0.000005 = 0.004995 */
    { "sa-east-1",
      "secrets=0 apiCalls=999",
      "secrets 0.00, apiCalls 0.00 = 0.00" }
};


int
main(void)
{
    svc_cases(&cost_svc_dynamodb, test_dynamodb);
    svc_cases(&cost_svc_cloudwatch, test_cloudwatch);
    svc_cases(&cost_svc_kms, test_kms);
    svc_cases(&cost_svc_secretsmanager, test_secretsmanager);

    return done_testing();
}
