
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * EC2, ECS, EKS and Lambda in three regions, over the edges of their tiers.
 *
 * Each answer was worked out by hand from the figures in conf/prices/; the
 * arithmetic is above it.  A line is rounded to cents, the total adds lines.
 */

#include "cost/cost_service.h"

#include "svc.h"


static const svc_case_t  test_ec2[] = {
    /* 2 x 730 h x 0.096 = 140.16; 2 x 100 GB x 0.08 = 16.00 */
    { "us-east-1",
      "instanceType=m5.large instanceCount=2 storageGB=100",
      "instances 140.16, storage 16.00 = 156.16" },

    /* nothing asked for: one t3.micro, 730 x 0.0104 = 7.592 */
    { "us-east-1",
      "",
      "instances 7.59 = 7.59" },

    /* 730 x 0.012 = 8.76; 730 x 0.0168 = 12.264 */
    { "eu-central-1",
      "",
      "instances 8.76 = 8.76" },
    { "sa-east-1",
      "",
      "instances 12.26 = 12.26" },

    /*
     * gp3 includes 3000 IOPS and 125 MiB/s; below and at: 100 x 0.1552 =
     * 15.52, 500 x 0.0952 = 47.60
     */
    { "eu-central-1",
      "instanceType=c6g.xlarge hours=100 storageGB=500 iops=2999 "
      "throughputMiBps=124",
      "instances 15.52, storage 47.60, iops 0.00, throughput 0.00 = 63.12" },
    { "eu-central-1",
      "instanceType=c6g.xlarge hours=100 storageGB=500 iops=3000 "
      "throughputMiBps=125",
      "instances 15.52, storage 47.60, iops 0.00, throughput 0.00 = 63.12" },

    /* above: 1 x 0.006, 1 x 0.0476 */
    { "eu-central-1",
      "instanceType=c6g.xlarge hours=100 storageGB=500 iops=3001 "
      "throughputMiBps=126",
      "instances 15.52, storage 47.60, iops 0.01, throughput 0.05 = 63.18" },

    /* io2: 31999 x 0.065 = 2079.935; 100 x 0.125 = 12.50 */
    { "us-east-1",
      "storageType=io2 storageGB=100 iops=31999",
      "instances 7.59, storage 12.50, iops 2079.94 = 2100.03" },

    /* 32000 x 0.065 = 2080 */
    { "us-east-1",
      "storageType=io2 storageGB=100 iops=32000",
      "instances 7.59, storage 12.50, iops 2080.00 = 2100.09" },

    /* 2080 + 1 x 0.0455 */
    { "us-east-1",
      "storageType=io2 storageGB=100 iops=32001",
      "instances 7.59, storage 12.50, iops 2080.05 = 2100.14" },

    /* 2080 + 32000 x 0.0455 = 3536 */
    { "us-east-1",
      "storageType=io2 storageGB=100 iops=64000",
      "instances 7.59, storage 12.50, iops 3536.00 = 3556.09" },

    /* 2 volumes, each 3536 + 1 x 0.03185 = 3536.03185 */
    { "us-east-1",
      "storageType=io2 storageGB=100 iops=64001 volumesPerInstance=2",
      "instances 7.59, storage 25.00, iops 7072.06 = 7104.65" },

    /* io1: 100 x 0.149, 1000 x 0.078 */
    { "eu-central-1",
      "hours=0 storageType=io1 storageGB=100 iops=1000",
      "instances 0.00, storage 14.90, iops 78.00 = 92.90" },

    /* 10 x 0.12, 10^6 x 0.00000012, 100 x 0.068, 2 x 730 x 0.005 */
    { "sa-east-1",
      "storageType=standard storageGB=10 ioRequests=1000000 snapshotGB=100 "
      "publicIpv4Addresses=2",
      "instances 12.26, storage 1.20, ioRequests 0.12, snapshots 6.80, "
      "publicIpv4 7.30 = 27.68" },

    /*
     * egress, below the first bound, at it, above it: 10239 x 0.09 =
     * 921.51; 921.60; 921.60 + 0.085
     */
    { "us-east-1",
      "instanceCount=0 dataTransferOutGB=10239",
      "instances 0.00, dataTransferOut 921.51 = 921.51" },
    { "us-east-1",
      "instanceCount=0 dataTransferOutGB=10240",
      "instances 0.00, dataTransferOut 921.60 = 921.60" },
    { "us-east-1",
      "instanceCount=0 dataTransferOutGB=10241",
      "instances 0.00, dataTransferOut 921.69 = 921.69" },

    /* 921.60 + 40960 x 0.085 + 102400 x 0.07 = 11571.20; + 0.05 */
    { "us-east-1",
      "instanceCount=0 dataTransferOutGB=153600",
      "instances 0.00, dataTransferOut 11571.20 = 11571.20" },
    { "us-east-1",
      "instanceCount=0 dataTransferOutGB=153601",
      "instances 0.00, dataTransferOut 11571.25 = 11571.25" },

    /* 10240 x 0.15 + 0.138 = 1536.138 */
    { "sa-east-1",
      "instanceCount=0 dataTransferOutGB=10241",
      "instances 0.00, dataTransferOut 1536.14 = 1536.14" },

    /* what a region lacks has no price there, and is not 0 */
    { "sa-east-1",
      "instanceType=m7a.large",
      "there is no price EC2.linux_on_demand_hour m7a.large in sa-east-1" }
};


static const svc_case_t  test_ecs[] = {
    /* 1 vCPU x 730 x 0.04048 = 29.5504; 2 GB x 730 x 0.004445 = 6.4897 */
    { "us-east-1",
      "",
      "vCPU 29.55, memory 6.49 = 36.04" },

    /*
     * 4 x 730 = 2920 h: 1460 x 0.03725 = 54.385; 2920 x 0.00409 = 11.9428;
     * 20 GB are included
     */
    { "eu-central-1",
      "cpuArchitecture=ARM64 taskCount=4 vCPU=0.5 memoryGB=1 "
      "ephemeralStorageGB=20",
      "vCPU 54.39, memory 11.94, ephemeralStorage 0.00 = 66.33" },

    /* 1 GB x 2920 x 0.000132 = 0.38544 */
    { "eu-central-1",
      "cpuArchitecture=ARM64 taskCount=4 vCPU=0.5 memoryGB=1 "
      "ephemeralStorageGB=21",
      "vCPU 54.39, memory 11.94, ephemeralStorage 0.39 = 66.72" },

    /* 200 x 0.08004 = 16.008; 400 x 0.00874 = 3.496; 200 x 0.046 = 9.20 */
    { "sa-east-1",
      "operatingSystem=WINDOWS vCPU=2 memoryGB=4 hours=100",
      "vCPU 16.01, memory 3.50, windowsLicense 9.20 = 28.71" },

    /* 3 x 730 x 0.01025 = 22.4475 */
    { "us-east-1",
      "launchType=EXTERNAL externalInstances=3",
      "externalInstances 22.45 = 22.45" },

    /* the instances are EC2's; 10241 GB as above */
    { "us-east-1",
      "launchType=EC2 dataTransferOutGB=10241",
      "dataTransferOut 921.69 = 921.69" },
    { "us-east-1",
      "launchType=EC2",
      " = 0.00" },
    { "us-east-1",
      "operatingSystem=WINDOWS cpuArchitecture=ARM64",
      "cpuArchitecture must be X86_64 with operatingSystem WINDOWS" }
};


static const svc_case_t  test_eks[] = {
    /* 730 x 0.10 */
    { "us-east-1",
      "",
      "clusters 73.00 = 73.00" },

    /* 2 x 730 x 0.10, and x 0.50 */
    { "eu-central-1",
      "clusterCount=2 extendedSupport=true",
      "clusters 146.00, extendedSupport 730.00 = 876.00" },

    /* 3 x 730 x 0.153 = 335.07; 3 x 50 x 0.152 = 22.80 */
    { "sa-east-1",
      "nodeCount=3 nodeInstanceType=m5.large nodeStorageGB=50",
      "clusters 73.00, nodes 335.07, nodeStorage 22.80 = 430.87" },

    /* 2.5 x 730 x 0.04048 = 73.876; 5 x 730 x 0.004445 = 16.22425 */
    { "us-east-1",
      "fargatePods=10 podVCPU=0.25 podMemoryGB=0.5",
      "clusters 73.00, fargateVCPU 73.88, fargateMemory 16.22 = 163.10" },

    /* egress: 10240 x 0.15 = 1536, - 0.15, + 0.138 */
    { "sa-east-1",
      "dataTransferOutGB=10239",
      "clusters 73.00, dataTransferOut 1535.85 = 1608.85" },
    { "sa-east-1",
      "dataTransferOutGB=10240",
      "clusters 73.00, dataTransferOut 1536.00 = 1609.00" },
    { "sa-east-1",
      "dataTransferOutGB=10241",
      "clusters 73.00, dataTransferOut 1536.14 = 1609.14" }
};


static const svc_case_t  test_lambda[] = {
    /*
     * 10^6 x 0.0000002; 10^6 x 0.1 s x 0.125 GB = 12500 x 0.0000166667 =
     * 0.20833
     */
    { "us-east-1",
      "requests=1000000",
      "requests 0.20, duration 0.21 = 0.41" },

    /*
     * with 1 s and 1 GB requests are GB-seconds.  The first tier ends at 6
     * x 10^9: x 0.0000166667 = 100000.20; 100,000 less are 1.66667 less;
     * 100,000 more cost 0.000015 each
     */
    { "us-east-1",
      "requests=5999900000 averageDurationMs=1000 memoryMB=1024",
      "requests 1199.98, duration 99998.53 = 101198.51" },
    { "us-east-1",
      "requests=6000000000 averageDurationMs=1000 memoryMB=1024",
      "requests 1200.00, duration 100000.20 = 101200.20" },
    { "us-east-1",
      "requests=6000100000 averageDurationMs=1000 memoryMB=1024",
      "requests 1200.02, duration 100001.70 = 101201.72" },

    /*
     * the second at 15 x 10^9: + 9 x 10^9 x 0.000015 = 235000.20; +
     * 1.33334
     */
    { "sa-east-1",
      "requests=15000000000 averageDurationMs=1000 memoryMB=1024",
      "requests 3000.00, duration 235000.20 = 238000.20" },
    { "sa-east-1",
      "requests=15000100000 averageDurationMs=1000 memoryMB=1024",
      "requests 3000.02, duration 235001.53 = 238001.55" },

    /*
     * arm64 at 7.5 x 10^9 x 0.0000133334 = 100000.50; + 1.20001; at 18.75
     * x 10^9: 100000.50 + 11.25 x 10^9 x 0.0000120001 = 235001.625; +
     * 1.06667
     */
    { "eu-central-1",
      "architecture=arm64 requests=7500000000 averageDurationMs=1000 "
      "memoryMB=1024",
      "requests 1500.00, duration 100000.50 = 101500.50" },
    { "eu-central-1",
      "architecture=arm64 requests=7500100000 averageDurationMs=1000 "
      "memoryMB=1024",
      "requests 1500.02, duration 100001.70 = 101501.72" },
    { "eu-central-1",
      "architecture=arm64 requests=18750000000 averageDurationMs=1000 "
      "memoryMB=1024",
      "requests 3750.00, duration 235001.63 = 238751.63" },
    { "eu-central-1",
      "architecture=arm64 requests=18750100000 averageDurationMs=1000 "
      "memoryMB=1024",
      "requests 3750.02, duration 235002.69 = 238752.71" },

    /*
     * 500000 GB-s x 0.0000166667 = 8.33335; 512 MB of storage are
     * included: (1536 - 512) / 1024 x 10^6 x 0.0000000586
     */
    { "sa-east-1",
      "requests=1000000 averageDurationMs=1000 memoryMB=512 "
      "ephemeralStorageMB=512",
      "requests 0.20, duration 8.33, ephemeralStorage 0.00 = 8.53" },
    { "sa-east-1",
      "requests=1000000 averageDurationMs=1000 memoryMB=512 "
      "ephemeralStorageMB=1536",
      "requests 0.20, duration 8.33, ephemeralStorage 0.06 = 8.59" },

    /*
     * 10 x 730 x 3600 = 26,280,000 GB-s x 0.0000050147 = 131.786316;
     * 400000 x 0.2 = 80000 x 0.0000117011 = 0.936088; 600000 x 0.2 =
     * 120000 x 0.0000166667 = 2.000004
     */
    { "eu-central-1",
      "requests=1000000 averageDurationMs=200 memoryMB=1024 "
      "provisionedConcurrency=10 provisionedRequests=400000",
      "requests 0.20, duration 2.00, provisionedConcurrency 131.79, "
      "provisionedDuration 0.94 = 134.93" },

    /*
     * 10^7 x 0.0000006; 10^7 x 0.05 x 0.125 = 62500 x 0.00005001 =
     * 3.125625; 100 x 0.008
     */
    { "us-east-1",
      "edgeRequests=10000000 responseStreamGB=100",
      "responseStream 0.80, edgeRequests 6.00, edgeDuration 3.13 = 9.93" },
    { "us-east-1",
      "requests=4 provisionedRequests=5",
      "provisionedRequests must not exceed requests" }
};


int
main(void)
{
    svc_cases(&cost_svc_ec2, test_ec2);
    svc_cases(&cost_svc_ecs, test_ecs);
    svc_cases(&cost_svc_eks, test_eks);
    svc_cases(&cost_svc_lambda, test_lambda);

    return done_testing();
}
