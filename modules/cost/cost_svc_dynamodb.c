
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A write unit covers 1 KB, a read unit 4 KB strongly consistent, twice that
 * when eventually consistent; a table is billed on demand (PAY_PER_REQUEST)
 * or for capacity units by the hour (PROVISIONED).  Prices of replicated
 * writes are known for the standard table class only.
 */


#include "cost_service.h"


enum {
    P_MODE = 0,
    P_CLASS,
    P_READS,
    P_WRITES,
    P_REPLICATED,
    P_RCU,
    P_WCU,
    P_RWCU,
    P_HOURS,
    P_STORAGE,
    P_BACKUP,
    P_PITR,
    P_RESTORE,
    P_EXPORT,
    P_IMPORT,
    P_STREAMS,
    P_CDC
};

enum {
    L_READS = 0,
    L_WRITES,
    L_REPLICATED,
    L_RCU,
    L_WCU,
    L_RWCU,
    L_STORAGE,
    L_BACKUP,
    L_PITR,
    L_RESTORE,
    L_EXPORT,
    L_IMPORT,
    L_STREAMS,
    L_CDC
};

enum {
    MODE_ON_DEMAND = 0,
    MODE_PROVISIONED
};


static const cost_str_t  cost_svc_dynamodb_modes[] = {
    cost_string("PAY_PER_REQUEST"),
    cost_string("PROVISIONED"),
    { 0, NULL }
};

static const cost_str_t  cost_svc_dynamodb_classes[] = {
    cost_string("STANDARD"),
    cost_string("STANDARD_INFREQUENT_ACCESS"),
    { 0, NULL }
};

static const cost_service_param_t  cost_svc_dynamodb_params[] = {
    COST_WORD("billingMode", cost_svc_dynamodb_modes, 0,
              "how reads and writes are billed"),
    COST_WORD("tableClass", cost_svc_dynamodb_classes, 0,
              "class of the table"),
    COST_MAIN("readRequestUnits", "read-request-unit",
              "on demand: reads of up to 4 KB"),
    COST_NUMBER("writeRequestUnits", "write-request-unit", 0,
                "on demand: writes of up to 1 KB"),
    COST_NUMBER("replicatedWriteRequestUnits",
                "replicated-write-request-unit", 0,
                "on demand: writes to a replica of a global table"),
    COST_NUMBER("readCapacityUnits", "RCU", 0,
                "provisioned: reads per second"),
    COST_NUMBER("writeCapacityUnits", "WCU", 0,
                "provisioned: writes per second"),
    COST_NUMBER("replicatedWriteCapacityUnits", "rWCU", 0,
                "provisioned: replicated writes per second"),
    COST_HOURS("hours that the capacity is provisioned"),
    COST_NUMBER("storageGB", "GB-month", 0, "average data stored"),
    COST_NUMBER("backupGB", "GB-month", 0, "on-demand backups stored"),
    COST_NUMBER("pointInTimeRecoveryGB", "GB-month", 0,
                "table size under point-in-time recovery"),
    COST_NUMBER("restoreGB", "GB", 0, "data restored"),
    COST_NUMBER("exportToS3GB", "GB", 0, "data exported to S3"),
    COST_NUMBER("importFromS3GB", "GB", 0, "data imported from S3"),
    COST_NUMBER("streamReadRequests", "request", 0,
                "DynamoDB Streams read requests"),
    COST_NUMBER("kinesisChangeDataUnits", "change-data-capture-unit", 0,
                "changes captured for Kinesis")
};

static const cost_str_t  cost_svc_dynamodb_lines[] = {
    cost_string("readRequests"),
    cost_string("writeRequests"),
    cost_string("replicatedWrites"),
    cost_string("readCapacity"),
    cost_string("writeCapacity"),
    cost_string("replicatedWriteCapacity"),
    cost_string("storage"),
    cost_string("backup"),
    cost_string("pointInTimeRecovery"),
    cost_string("restore"),
    cost_string("export"),
    cost_string("import"),
    cost_string("streams"),
    cost_string("kinesisChangeData")
};

static const uint16_t  cost_svc_dynamodb_reads[] = {
    COST_PRICE_DYNAMODB_ON_DEMAND_READ_UNIT,
    COST_PRICE_DYNAMODB_ON_DEMAND_READ_UNIT_IA
};

static const uint16_t  cost_svc_dynamodb_writes[] = {
    COST_PRICE_DYNAMODB_ON_DEMAND_WRITE_UNIT,
    COST_PRICE_DYNAMODB_ON_DEMAND_WRITE_UNIT_IA
};

static const uint16_t  cost_svc_dynamodb_replicated[] = {
    COST_PRICE_DYNAMODB_ON_DEMAND_REPLICATED_WRITE_UNIT,
    COST_PRICE_UNKNOWN
};

static const uint16_t  cost_svc_dynamodb_rcus[] = {
    COST_PRICE_DYNAMODB_PROVISIONED_RCU_HOUR,
    COST_PRICE_DYNAMODB_PROVISIONED_RCU_HOUR_IA
};

static const uint16_t  cost_svc_dynamodb_wcus[] = {
    COST_PRICE_DYNAMODB_PROVISIONED_WCU_HOUR,
    COST_PRICE_DYNAMODB_PROVISIONED_WCU_HOUR_IA
};

static const uint16_t  cost_svc_dynamodb_rwcus[] = {
    COST_PRICE_DYNAMODB_PROVISIONED_RWCU_HOUR,
    COST_PRICE_UNKNOWN
};

static const uint16_t  cost_svc_dynamodb_storage[] = {
    COST_PRICE_DYNAMODB_STORAGE_GB_MONTH,
    COST_PRICE_DYNAMODB_STORAGE_IA_GB_MONTH
};

static const cost_service_term_t  cost_svc_dynamodb_terms[] = {
    { .line = L_READS, .quantity = P_READS, .when = COST_WITH(P_MODE),
      .words = COST_IS(MODE_ON_DEMAND), .by = P_CLASS,
      .prices = cost_svc_dynamodb_reads },
    { .line = L_WRITES, .quantity = P_WRITES, .when = COST_WITH(P_MODE),
      .words = COST_IS(MODE_ON_DEMAND), .by = P_CLASS,
      .prices = cost_svc_dynamodb_writes },
    { .line = L_REPLICATED, .quantity = P_REPLICATED,
      .when = COST_WITH(P_MODE), .words = COST_IS(MODE_ON_DEMAND),
      .by = P_CLASS, .prices = cost_svc_dynamodb_replicated },
    { .line = L_RCU, .quantity = P_RCU, .times = COST_WITH(P_HOURS),
      .when = COST_WITH(P_MODE), .words = COST_IS(MODE_PROVISIONED),
      .by = P_CLASS, .prices = cost_svc_dynamodb_rcus },
    { .line = L_WCU, .quantity = P_WCU, .times = COST_WITH(P_HOURS),
      .when = COST_WITH(P_MODE), .words = COST_IS(MODE_PROVISIONED),
      .by = P_CLASS, .prices = cost_svc_dynamodb_wcus },
    { .line = L_RWCU, .quantity = P_RWCU, .times = COST_WITH(P_HOURS),
      .when = COST_WITH(P_MODE), .words = COST_IS(MODE_PROVISIONED),
      .by = P_CLASS, .prices = cost_svc_dynamodb_rwcus },
    { .line = L_STORAGE, .quantity = P_STORAGE, .by = P_CLASS,
      .prices = cost_svc_dynamodb_storage },
    { .line = L_BACKUP, .quantity = P_BACKUP,
      .price = COST_PRICE_DYNAMODB_BACKUP_ON_DEMAND_GB_MONTH },
    { .line = L_PITR, .quantity = P_PITR,
      .price = COST_PRICE_DYNAMODB_BACKUP_PITR_GB_MONTH },
    { .line = L_RESTORE, .quantity = P_RESTORE,
      .price = COST_PRICE_DYNAMODB_RESTORE_GB },
    { .line = L_EXPORT, .quantity = P_EXPORT,
      .price = COST_PRICE_DYNAMODB_EXPORT_S3_GB },
    { .line = L_IMPORT, .quantity = P_IMPORT,
      .price = COST_PRICE_DYNAMODB_IMPORT_S3_GB },
    { .line = L_STREAMS, .quantity = P_STREAMS,
      .price = COST_PRICE_DYNAMODB_STREAMS_READ_REQUEST },
    { .line = L_CDC, .quantity = P_CDC,
      .price = COST_PRICE_DYNAMODB_KINESIS_CDC_UNIT }
};


const cost_service_t  cost_svc_dynamodb = {
    cost_string("DynamoDB"),
    cost_string("NoSQL table, on demand or with provisioned capacity"),
    cost_svc_dynamodb_params,
    cost_svc_dynamodb_lines,
    cost_svc_dynamodb_terms,
    NULL,
    COST_COUNT(cost_svc_dynamodb_params),
    COST_COUNT(cost_svc_dynamodb_lines),
    COST_COUNT(cost_svc_dynamodb_terms)
};
