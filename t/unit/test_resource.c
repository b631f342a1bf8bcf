
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_resource.h"

#include "test.h"


typedef struct {
    const char             *provider;
    const char             *service;
    const char             *category;
    const char             *type;
    const char             *meter;
    const char             *description;
    const char             *details;
    const char             *unit;
    cost_resource_class_e   class;
    const char             *item;
    const char             *variant;
} test_sku_t;


static void test_classify(void);
static void test_read(void);
static void test_cache(void);
static void test_file(const char *text);
static bool test_next(void);
static cost_str_t test_str(const char *s);


/* texts as they stand in exports of the three, and in t/lib's samples */

static const test_sku_t  skus[] = {

    { "aws", "AmazonEC2", "Compute", "Instance", "BoxUsage:m5.xlarge", "",
      "{\"InstanceType\": \"m5.xlarge\", \"OperatingSystem\": \"Linux\"}",
      "Hours", COST_RESOURCE_MACHINE, "m5.xlarge", "linux" },
    { "aws", "AmazonEC2", "Compute", "", "USE2-BoxUsage:c5.large",
      "$0.177 per On Demand Windows c5.large Instance Hour", "", "Hrs",
      COST_RESOURCE_MACHINE, "c5.large", "windows" },
    { "aws", "AmazonEC2", "Compute", "", "APN1-SpotUsage:c5.large", "", "",
      "Hrs", COST_RESOURCE_MACHINE, "c5.large", "" },
    { "aws", "AmazonEC2", "Compute", "", "BoxUsage:", "", "", "Hrs",
      COST_RESOURCE_NONE, "", "" },
    { "aws", "Amazon Elastic Compute Cloud", "Compute", "instance", "",
      "$1.624 per On Demand Linux g5.4xlarge Instance Hour", "", "Hours",
      COST_RESOURCE_MACHINE, "g5.4xlarge", "linux" },
    { "aws", "AmazonEC2", "Compute", "EC2 Instance", "Compute",
      "Linux on-demand m6i.large",
      "{\"InstanceType\":\"m6i.large\",\"CoreCount\":2}", "Hours",
      COST_RESOURCE_MACHINE, "m6i.large", "linux" },

    { "aws", "AmazonRDS", "Databases", "", "EUC1-Multi-AZUsage:db.r5.2xlarge",
      "", "{\"DatabaseEngine\": \"PostgreSQL\"}", "Hrs",
      COST_RESOURCE_DATABASE, "db.r5.2xlarge", "postgresql/multi_az" },
    { "aws", "AmazonRDS", "Databases", "", "InstanceUsage:db.m5.large",
      "$0.19 per RDS db.m5.large Single-AZ instance hour running MySQL", "",
      "Hrs", COST_RESOURCE_DATABASE, "db.m5.large", "mysql/single_az" },
    { "aws", "AmazonRDS", "Databases", "", "InstanceUsage:db.r5.large", "",
      "{\"DatabaseEngine\": \"Aurora PostgreSQL\"}", "Hrs",
      COST_RESOURCE_DATABASE, "db.r5.large", "" },

    { "aws", "AmazonEC2", "Storage", "", "EU-EBS:VolumeUsage.gp2", "", "",
      "GB-Mo", COST_RESOURCE_VOLUME, "gp2", "" },
    { "aws", "AmazonEC2", "Storage", "", "EBS:VolumeUsage", "", "", "GB-Mo",
      COST_RESOURCE_VOLUME, "standard", "" },
    { "aws", "AmazonEC2", "Storage", "", "EBS:VolumeUsage.piops", "", "",
      "GB-Mo", COST_RESOURCE_VOLUME, "io1", "" },
    { "aws", "AmazonEC2", "Storage", "", "EBS:SnapshotUsage", "", "",
      "GB-Mo", COST_RESOURCE_NONE, "", "" },
    { "aws", "AmazonEC2", "Storage", "", "EBS:VolumeP-IOPS.gp3", "", "",
      "IOPS-Mo", COST_RESOURCE_NONE, "", "" },
    { "aws", "Amazon Elastic Compute Cloud", "Storage", "volume", "",
      "$0.114 per GB-month of General Purpose SSD (gp2) provisioned storage "
      "- Asia Pacific (Mumbai)", "", "GB-Months", COST_RESOURCE_VOLUME, "gp2",
      "" },
    { "aws", "Amazon Elastic Compute Cloud", "Storage", "", "",
      "$0.005 per provisioned IOPS-month of gp3 - US West (Oregon)", "",
      "IOPS-Months", COST_RESOURCE_NONE, "", "" },

    { "aws", "AmazonVPC", "Networking", "", "USW2-PublicIPv4:IdleAddress",
      "", "", "Hrs", COST_RESOURCE_ADDRESS, "idle", "" },
    { "aws", "AmazonVPC", "Networking", "", "PublicIPv4:InUseAddress", "", "",
      "Hrs", COST_RESOURCE_NONE, "", "" },
    { "aws", "Amazon Virtual Private Cloud", "Networking", "", "",
      "$0.005 per Idle public IPv4 address per hour", "", "Hours",
      COST_RESOURCE_ADDRESS, "idle", "" },
    { "aws", "Amazon Virtual Private Cloud", "Networking", "", "",
      "$0.005 per In-use public IPv4 address per hour", "", "Hours",
      COST_RESOURCE_NONE, "", "" },

    { "aws", "AWSELB", "Networking", "", "LoadBalancerUsage", "", "", "Hrs",
      COST_RESOURCE_BALANCER, "", "" },
    { "aws", "AWSELB", "Networking", "", "EU-LCUUsage", "", "", "LCU-Hrs",
      COST_RESOURCE_BALANCER_USE, "", "" },
    { "aws", "Elastic Load Balancing", "Networking", "", "",
      "$0.008 per used Application load balancer capacity unit-hour (or "
      "partial hour)", "", "LCU-Hours", COST_RESOURCE_BALANCER_USE, "", "" },
    { "aws", "AmazonVPC", "Networking", "", "NatGateway-Hours", "", "",
      "Hrs", COST_RESOURCE_NAT, "", "" },
    { "aws", "AmazonVPC", "Networking", "", "NatGateway-Bytes", "", "", "GB",
      COST_RESOURCE_NAT_DATA, "", "" },
    { "aws", "Amazon Elastic Compute Cloud", "Networking", "", "",
      "$0.045 per GB Data Processed by NAT Gateways", "", "GB",
      COST_RESOURCE_NAT_DATA, "", "" },

    { "aws", "AmazonS3", "Storage", "", "TimedStorage-ByteHrs", "", "",
      "GB-Mo", COST_RESOURCE_BUCKET, "standard", "" },
    { "aws", "AmazonS3", "Storage", "", "TimedStorage-SIA-ByteHrs", "", "",
      "GB-Mo", COST_RESOURCE_NONE, "", "" },
    { "aws", "AmazonDynamoDB", "Databases", "", "TimedStorage-ByteHrs", "",
      "", "GB-Mo", COST_RESOURCE_NONE, "", "" },
    { "aws", "AmazonS3", "Storage", "", "EU-Requests-Tier2", "", "",
      "Requests", COST_RESOURCE_REQUESTS, "", "" },
    { "aws", "AWSQueueService", "Integration", "", "Requests-Tier1", "", "",
      "Requests", COST_RESOURCE_NONE, "", "" },

    { "azure", "Virtual Machines", "Compute", "Virtual Machine", "D4s v5", "",
      "{\"ServiceType\": \"Standard_D4s_v5\"}", "1 Hour",
      COST_RESOURCE_MACHINE, "Standard_D4s_v5", "" },
    { "azure", "Storage", "Storage", "Disk", "P30 LRS Disk", "", "",
      "1/Month", COST_RESOURCE_VOLUME, "P30", "" },
    { "azure", "Azure Blob Storage", "Storage", "Storage Account",
      "Hot LRS Data Stored", "", "", "1 GB/Month", COST_RESOURCE_BUCKET,
      "hot", "" },
    { "azure", "Azure Blob Storage", "Storage", "Storage Account",
      "Cool LRS Data Stored", "", "", "1 GB/Month", COST_RESOURCE_NONE, "",
      "" },
    { "azure", "Virtual Network", "Networking", "Public IP Address",
      "Standard IPv4 Static Public IP", "", "", "1 Hour",
      COST_RESOURCE_ADDRESS, "", "" },

    { "gcp", "Compute Engine", "Compute", "Instance",
      "n2-standard-8 Instance", "", "{\"MachineType\": \"n2-standard-8\"}",
      "hour", COST_RESOURCE_MACHINE, "n2-standard-8", "" },
    { "gcp", "Compute Engine", "Storage", "Disk", "SSD backed PD Capacity",
      "", "", "gibibyte month", COST_RESOURCE_VOLUME, "SSD", "" },
    { "gcp", "Cloud Storage", "Storage", "Bucket",
      "Standard Storage Belgium", "", "", "gibibyte month",
      COST_RESOURCE_BUCKET, "standard", "" },

    /* what is not sure is none */

    { "gcp", "Compute Engine", "Compute", "Instance",
      "N2 Instance Core running in Belgium", "", "{\"CoreCount\": 8}",
      "hour", COST_RESOURCE_NONE, "", "" },
    { "oracle", "COMPUTE", "Compute", "", "", "", "", "OCPU Hours",
      COST_RESOURCE_NONE, "", "" },
    { "aws", "AWSLambda", "Compute", "", "Lambda-GB-Second", "",
      "{\"InstanceType\": \"x\"}", "GB-Seconds", COST_RESOURCE_NONE, "", "" },
    { "aws", "AmazonEC2", "Compute", "", "Compute", "",
      "{\"InstanceType\": \"a\\\"b\"}", "Hours", COST_RESOURCE_NONE, "", "" },
    { "aws", "AmazonEC2", "Compute", "", "Compute", "",
      "{\"InstanceType\": \"m5", "Hours", COST_RESOURCE_NONE, "", "" },
    { "aws", "AmazonEC2", "Compute", "", "Compute", "",
      "{\"x\": \"InstanceType\", \"MyInstanceType\": \"m1.large\", "
      "\"x_InstanceType\": \"m2.large\"}", "Hours", COST_RESOURCE_MACHINE,
      "m2.large", "" },
    { "", "", "", "", "", "", "", "", COST_RESOURCE_NONE, "", "" }
};


static uint8_t                buf[8192];
static cost_csv_t             csv;
static cost_csv_record_t      rec;
static cost_focus_t           focus;
static cost_focus_row_t       row;
static cost_resource_t        res;
static cost_resource_cache_t  cache;


#define HEADER                                                                \
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,"       \
    "BillingPeriodStart,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,"    \
    "ChargeClass,ProviderName,BillingAccountId,ServiceName,ServiceCategory,"  \
    "ResourceId,ResourceName,x_UsageType,ConsumedQuantity,ConsumedUnit,"      \
    "PricingQuantity,PricingCategory,CommitmentDiscountStatus,"               \
    "SkuPriceDetails\n"

#define ROW(charge, class, id, name, meter, quantity, pricing, status)        \
    "1,2,3,4,USD,2026-05-01T00:00:00Z,2026-05-02T10:00:00Z,"                  \
    "2026-05-04T00:00:00Z," charge "," class ",AWS,1,AmazonEC2,Compute,"      \
    id "," name "," meter "," quantity ",Hours,7," pricing "," status ","     \
    "\"{\"\"OperatingSystem\"\": \"\"Linux\"\"}\"\n"


int
main(void)
{
    test_classify();
    test_read();
    test_cache();

    return done_testing();
}


static void
test_classify(void)
{
    size_t                 i;
    cost_str_t             item, variant;
    const test_sku_t      *t;
    cost_resource_sku_t    sku;
    cost_resource_class_e  class;

    for (i = 0; i < sizeof(skus) / sizeof(skus[0]); i++) {
        t = &skus[i];

        sku.provider = test_str(t->provider);
        sku.service = test_str(t->service);
        sku.category = test_str(t->category);
        sku.type = test_str(t->type);
        sku.meter = test_str(t->meter);
        sku.description = test_str(t->description);
        sku.details = test_str(t->details);
        sku.unit = test_str(t->unit);

        class = cost_resource_classify(&sku, &item, &variant);

        if (!ok(class == t->class, "%s %s%s: %.*s", t->provider, t->meter,
                t->description,
                (int) cost_resource_class_name(t->class).len,
                cost_resource_class_name(t->class).data))
        {
            printf("#      got: %.*s\n",
                   (int) cost_resource_class_name(class).len,
                   cost_resource_class_name(class).data);
        }

        is_str(item.data, item.len, t->item, "its item");
        is_str(variant.data, variant.len, t->variant, "its variant");
    }
}


static void
test_read(void)
{
    memset(&cache, 0, sizeof(cache));

    test_file(HEADER
        ROW("Usage", "", "i-1", "web", "BoxUsage:m5.large", "24.5",
            "Standard", "")
        ROW("Usage", "", "i-2", "", "BoxUsage:m5.large", "NULL", "Committed",
            "Used")
        ROW("Usage", "", "i-3", "\x01", "BoxUsage:m5.large", "many",
            "Dynamic", "")
        ROW("Usage", "", "i-4", "", "BoxUsage:m5.large", "1e15", "", "")
        ROW("Usage", "", "i-5", "", "BoxUsage:m5.large", "1", "Committed",
            "Unused")
        ROW("Usage", "Correction", "i-6", "", "BoxUsage:m5.large", "1", "",
            "")
        ROW("Purchase", "", "i-7", "", "BoxUsage:m5.large", "1", "", "")
        ROW("Usage", "", "NULL", "", "BoxUsage:m5.large", "1", "", "")
        ROW("Usage", "", "i-\x1f", "", "BoxUsage:m5.large", "1", "", "")
        ROW("Usage", "", "i-8", "", "DataTransfer-Out-Bytes", "1", "", ""));

    ok(test_next(), "a machine's hours");
    is_int(res.class, COST_RESOURCE_MACHINE, "are a machine's");
    is_str(res.item.data, res.item.len, "m5.large", "its type");
    is_str(res.variant.data, res.variant.len, "linux", "its system");
    is_str(res.resource.data, res.resource.len, "i-1", "its id");
    is_str(res.name.data, res.name.len, "web", "its name");
    ok(res.quantity == COST_DECIMAL_ONE * 49 / 2, "24.5 hours");
    is_int(res.pricing, COST_RESOURCE_STANDARD, "on demand");
    is_int(res.last - row.day, 1, "to the end of the next day");

    ok(test_next(), "one under a commitment");
    is_int(res.pricing, COST_RESOURCE_COMMITTED, "says so");
    ok(res.quantity == COST_DECIMAL_ONE * 7, "PricingQuantity, when there is "
       "no other");

    ok(test_next(), "one with a bad name and quantity");
    is_int((intmax_t) res.name.len, 0, "has none");
    ok(res.quantity == 0, "and a quantity of 0");
    is_int(res.pricing, COST_RESOURCE_DYNAMIC, "spot");

    ok(test_next(), "one with a quantity out of range");
    ok(res.quantity == 0, "has 0");
    is_int(res.pricing, COST_RESOURCE_OTHER, "no pricing category");

    ok(!test_next(), "what is not used is none");
    ok(!test_next(), "a correction is none");
    ok(!test_next(), "a purchase is none");
    ok(!test_next(), "a row without a resource");
    ok(!test_next(), "an id that is no text");
    ok(!test_next(), "a meter that tells nothing");
}


/* the second time from the cache, and the first of another SKU not */

static void
test_cache(void)
{
    unsigned  i;

    static const char *const  items[] = {
        "m5.large", "m5.large", "c5.large", "m5.large"
    };

    memset(&cache, 0, sizeof(cache));

    test_file(HEADER
        ROW("Usage", "", "i-1", "", "BoxUsage:m5.large", "1", "", "")
        ROW("Usage", "", "i-2", "", "BoxUsage:m5.large", "1", "", "")
        ROW("Usage", "", "i-3", "", "BoxUsage:c5.large", "1", "", "")
        ROW("Usage", "", "i-4", "", "BoxUsage:m5.large", "1", "", ""));

    for (i = 0; i < 4; i++) {
        ok(test_next(), "row %u", i);
        is_str(res.item.data, res.item.len, items[i], "its item");
        is_str(res.variant.data, res.variant.len, "linux", "its variant");
    }
}


static void
test_file(const char *text)
{
    cost_focus_error_t  error;

    memcpy(buf, text, strlen(text));
    cost_csv_init(&csv, ',');
    cost_csv_feed(&csv, buf, strlen(text), true);

    ok(cost_csv_next(&csv, &rec) == COST_OK
       && cost_focus_header(&focus, &rec, &error) == COST_OK, "a header");
}


static bool
test_next(void)
{
    cost_focus_error_t  error;

    if (cost_csv_next(&csv, &rec) != COST_OK
        || cost_focus_row(&focus, &rec, &row, &error) != COST_OK)
    {
        ok(0, "a row");
        return false;
    }

    return cost_resource_read(&cache, &focus, &rec, &row, &res);
}


static cost_str_t
test_str(const char *s)
{
    cost_str_t  str;

    str.data = (const uint8_t *) s;
    str.len = strlen(s);

    return str;
}
