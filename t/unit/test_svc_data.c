
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * RDS, ElastiCache and EFS in three regions, over the edges of what is
 * included.
 *
 * Each answer was worked out by hand from the figures in conf/prices/; the
 * arithmetic is above it.  A line is rounded to cents, the total adds lines.
 */

#include "cost/cost_service.h"

#include "svc.h"


static const svc_case_t  test_rds[] = {
    /* 730 x 0.136; 100 x 0.23 */
    { "us-east-1",
      "multiAZ=true storageGB=100",
      "instances 99.28, storage 23.00 = 122.28" },

    /*
     * gp3 from 400 GB on includes 12000 IOPS and 500 MiB/s: 730 x 0.212;
     * 400 x 0.137
     */
    { "eu-central-1",
      "engine=postgres instanceClass=db.m5.large storageGB=400 iops=12000 "
      "throughputMiBps=500",
      "instances 154.76, storage 54.80, iops 0.00, throughput 0.00 = 209.56" },

    /* 1 x 0.024; 1 x 0.095 */
    { "eu-central-1",
      "engine=postgresql instanceClass=db.m5.large storageGB=400 "
      "iops=12001 throughputMiBps=501",
      "instances 154.76, storage 54.80, iops 0.02, throughput 0.10 = 209.68" },

    /*
     * below 400 GB 3000 and 125: 399 x 0.137 = 54.663; 9001 x 0.024 =
     * 216.024; 376 x 0.095 = 35.72
     */
    { "eu-central-1",
      "engine=postgresql instanceClass=db.m5.large storageGB=399 "
      "iops=12001 throughputMiBps=501",
      "instances 154.76, storage 54.66, iops 216.02, throughput 35.72 = "
      "461.16" },

    /* 3000 and 125 are included */
    { "eu-central-1",
      "engine=postgresql instanceClass=db.m5.large storageGB=399 iops=3000 "
      "throughputMiBps=125",
      "instances 154.76, storage 54.66, iops 0.00, throughput 0.00 = 209.42" },

    /* 730 x 1.00; 200 x 0.476; 1000 x 0.28; 50 x 0.095 */
    { "sa-east-1",
      "engine=mariadb instanceClass=db.r5.large multiAZ=true "
      "storageType=io1 storageGB=200 iops=1000 backupStorageGB=50",
      "instances 730.00, storage 95.20, iops 280.00, backupStorage 4.75 = "
      "1109.95" },

    /*
     * 2 x 730 x 0.26; one volume, 100 x 0.10; 10^7 x 0.0000002; 100 x
     * 0.021
     */
    { "us-east-1",
      "engine=aurora_mysql instanceClass=db.r6g.large instanceCount=2 "
      "storageGB=100 ioRequests=10000000 backupStorageGB=100",
      "instances 379.60, storage 10.00, ioRequests 2.00, backupStorage "
      "2.10 = 393.70" },

    /* 730 x 0.407; 100 x 0.268; requests are in these prices */
    { "eu-central-1",
      "engine=aurora-postgresql instanceClass=db.r6g.large "
      "ioOptimized=true storageGB=100 ioRequests=10000000",
      "instances 297.11, storage 26.80, ioRequests 0.00 = 323.91" },

    /* 1.5 x 730 x 0.25; x 0.33 */
    { "sa-east-1",
      "engine=aurora_postgresql instanceClass=db.serverless averageACU=1.5",
      "instances 273.75 = 273.75" },
    { "sa-east-1",
      "engine=aurora_postgresql instanceClass=db.serverless averageACU=1.5 "
      "ioOptimized=true",
      "instances 361.35 = 361.35" },

    /* 730 x 0.068; 50 x 0.10; 10^7 x 0.0000001; 2 x 730 x 0.015 */
    { "us-east-1",
      "storageType=magnetic storageGB=50 ioRequests=10000000 proxyVCPU=2",
      "instances 49.64, storage 5.00, ioRequests 1.00, proxy 21.90 = 77.54" },
    { "eu-west-3",
      "storageType=io2 storageGB=10",
      "there is no price RDS.io2_single_gb_month in eu-west-3" },
    { "eu-west-3",
      "instanceClass=db.r7g.large",
      "there is no price RDS.instance_hour mysql/db.r7g.large/single_az in "
      "eu-west-3" },
    { "us-east-1",
      "instanceClass=db.serverless",
      "instanceClass db.serverless needs an Aurora engine" },
    { "us-east-1",
      "engine=aurora_mysql instanceClass=db.t2.micro",
      "instanceClass has no price for this engine and deployment, in no "
      "region" },
    { "us-east-1",
      "engine=aurora_mysql multiAZ=true",
      "multiAZ is not for Aurora, whose readers are counted in "
      "instanceCount" }
};


static const svc_case_t  test_elasticache[] = {
    /* 730 x 0.017 */
    { "us-east-1",
      "",
      "nodes 12.41 = 12.41" },

    /* 3 x 730 x 0.1976 = 432.744; 10 x 0.085 */
    { "eu-central-1",
      "engine=valkey nodeType=cache.r6g.large nodeCount=3 "
      "backupStorageGB=10",
      "nodes 432.74, backupStorage 0.85 = 433.59" },

    /* 1 x 0.445 */
    { "sa-east-1",
      "engine=memcached nodeType=cache.m5.xlarge hours=1",
      "nodes 0.45 = 0.45" },

    /*
     * 2 x 730 x 0.125; a request below 1 KB is an ECPU, as is one of 1 KB:
     * 10^9 x 0.0000000034
     */
    { "us-east-1",
      "serverless=true storageGB=2 requests=1000000000 averageRequestKB=0.5",
      "serverlessStorage 182.50, ecpus 3.40 = 185.90" },
    { "us-east-1",
      "serverless=true storageGB=2 requests=1000000000 averageRequestKB=1",
      "serverlessStorage 182.50, ecpus 3.40 = 185.90" },

    /* above: 3.2 x 3.40 */
    { "us-east-1",
      "serverless=true storageGB=2 requests=1000000000 averageRequestKB=3.2",
      "serverlessStorage 182.50, ecpus 10.88 = 193.38" },

    /* 730 x 0.133; 10^9 x 0.0000000037 */
    { "sa-east-1",
      "serverless=true engine=valkey requests=1000000000",
      "serverlessStorage 97.09, ecpus 3.70 = 100.79" },
    { "eu-west-3",
      "nodeType=cache.r7g.large",
      "there is no price ElastiCache.node_hour cache.r7g.large/redis in "
      "eu-west-3" }
};


static const svc_case_t  test_efs[] = {
    /* 100 x 0.30; 200 x 0.016; 300 x 0.008; 10 x 0.03; 20 x 0.06; 5 x 0.01 */
    { "us-east-1",
      "storageGB=100 storageIAGB=200 storageArchiveGB=300 readGB=10 "
      "writeGB=20 readIAGB=5",
      "storage 30.00, storageIA 3.20, storageArchive 2.40, read 0.30, "
      "write 1.20, readIA 0.05 = 37.15" },

    /* 100 x 0.192; 100 x 0.0142 */
    { "eu-central-1",
      "fileSystemType=ONE_ZONE throughputMode=bursting storageGB=100 "
      "storageIAGB=100",
      "storage 19.20, storageIA 1.42 = 20.62" },

    /*
     * 100 x 0.044 without elastic throughput; 10 x 11.40; reading is not
     * billed
     */
    { "sa-east-1",
      "throughputMode=provisioned storageIAGB=100 "
      "provisionedThroughputMiBps=10 readGB=5",
      "storageIA 4.40, provisionedThroughput 114.00 = 118.40" },

    /* 10 x 0.012; 10 x 0.036, twice */
    { "eu-central-1",
      "writeIAGB=10 readArchiveGB=10 writeArchiveGB=10",
      "writeIA 0.12, readArchive 0.36, writeArchive 0.36 = 0.84" },
    { "us-east-1",
      "fileSystemType=ONE_ZONE storageArchiveGB=1",
      "storageArchiveGB needs fileSystemType REGIONAL and throughputMode "
      "elastic" }
};


int
main(void)
{
    svc_cases(&cost_svc_rds, test_rds);
    svc_cases(&cost_svc_elasticache, test_elasticache);
    svc_cases(&cost_svc_efs, test_efs);

    return done_testing();
}
