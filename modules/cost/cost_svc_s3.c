
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A node is what lies in one storage class; a bucket with several classes is
 * several nodes.  Tiers are per class.  What PUT requests to Deep Archive
 * cost is not in the price data, which has the lifecycle transition into it;
 * AWS lists both at one price.  GET requests to the two archive classes are
 * billed as those of S3 Standard.
 */


#include "cost_service.h"


enum {
    P_STORAGE = 0,
    P_CLASS,
    P_PUTS,
    P_GETS,
    P_RETRIEVAL,
    P_SPEED,
    P_LIFECYCLE,
    P_INFREQUENT,
    P_INSTANT,
    P_ARCHIVE,
    P_DEEP,
    P_MONITORED,
    P_TAGS,
    P_INVENTORY,
    P_OUT
};

enum {
    L_STORAGE = 0,
    L_PUTS,
    L_GETS,
    L_RETRIEVAL,
    L_LIFECYCLE,
    L_MONITORING,
    L_TAGS,
    L_INVENTORY,
    L_OUT
};

enum {
    CLASS_STANDARD = 0,
    CLASS_INTELLIGENT,
    CLASS_STANDARD_IA,
    CLASS_ONEZONE_IA,
    CLASS_INSTANT,
    CLASS_FLEXIBLE,
    CLASS_DEEP,
    CLASS_EXPRESS
};

enum {
    SPEED_STANDARD = 0,
    SPEED_EXPEDITED,
    SPEED_BULK
};


static const cost_str_t  cost_svc_s3_classes[] = {
    cost_string("STANDARD"),
    cost_string("INTELLIGENT_TIERING"),
    cost_string("STANDARD_IA"),
    cost_string("ONEZONE_IA"),
    cost_string("GLACIER_IR"),
    cost_string("GLACIER"),
    cost_string("DEEP_ARCHIVE"),
    cost_string("EXPRESS_ONEZONE"),
    { 0, NULL }
};

static const cost_str_t  cost_svc_s3_speeds[] = {
    cost_string("STANDARD"),
    cost_string("EXPEDITED"),
    cost_string("BULK"),
    { 0, NULL }
};

static const cost_service_param_t  cost_svc_s3_params[] = {
    COST_NUMBER("storageGB", "GB-month", 0,
                "average data stored, in the node's storage class"),
    COST_WORD("storageClass", cost_svc_s3_classes, 0,
              "storage class of the node"),
    COST_NUMBER("putRequests", "request", 0,
                "PUT, COPY, POST and LIST requests"),
    COST_MAIN("getRequests", "request", "GET, SELECT and all other requests"),
    COST_NUMBER("retrievalGB", "GB", 0,
                "data retrieved from a class that bills retrieval"),
    COST_WORD("retrievalTier", cost_svc_s3_speeds, 0,
              "how fast data comes back from GLACIER and DEEP_ARCHIVE"),
    COST_NUMBER("lifecycleTransitions", "request", 0,
                "objects that lifecycle rules move into this class"),
    COST_NUMBER("intelligentInfrequentGB", "GB-month", 0,
                "INTELLIGENT_TIERING: data in the infrequent access tier"),
    COST_NUMBER("intelligentArchiveInstantGB", "GB-month", 0,
                "INTELLIGENT_TIERING: data in the archive instant tier"),
    COST_NUMBER("intelligentArchiveGB", "GB-month", 0,
                "INTELLIGENT_TIERING: data in the archive tier"),
    COST_NUMBER("intelligentDeepArchiveGB", "GB-month", 0,
                "INTELLIGENT_TIERING: data in the deep archive tier"),
    COST_NUMBER("monitoredObjects", "object-month", 0,
                "INTELLIGENT_TIERING: objects monitored"),
    COST_NUMBER("objectTags", "tag-month", 0, "tags on objects"),
    COST_NUMBER("inventoryObjects", "object", 0,
                "objects listed by S3 Inventory"),
    COST_NUMBER("dataTransferOutGB", "GB", 0, "data sent to the internet")
};

static const cost_str_t  cost_svc_s3_lines[] = {
    cost_string("storage"),
    cost_string("putRequests"),
    cost_string("getRequests"),
    cost_string("retrieval"),
    cost_string("lifecycleTransitions"),
    cost_string("monitoring"),
    cost_string("objectTags"),
    cost_string("inventory"),
    cost_string("dataTransferOut")
};

static const uint16_t  cost_svc_s3_storage[] = {
    COST_PRICE_S3_STANDARD_STORAGE,
    COST_PRICE_S3_INTELLIGENT_FREQUENT_STORAGE,
    COST_PRICE_S3_STANDARD_IA_STORAGE,
    COST_PRICE_S3_ONEZONE_IA_STORAGE,
    COST_PRICE_S3_GLACIER_INSTANT_STORAGE,
    COST_PRICE_S3_GLACIER_FLEXIBLE_STORAGE,
    COST_PRICE_S3_DEEP_ARCHIVE_STORAGE,
    COST_PRICE_S3_EXPRESS_ONEZONE_STORAGE
};

static const uint16_t  cost_svc_s3_puts[] = {
    COST_PRICE_S3_PUT_REQUEST,
    COST_PRICE_S3_INTELLIGENT_PUT_REQUEST,
    COST_PRICE_S3_STANDARD_IA_PUT_REQUEST,
    COST_PRICE_S3_ONEZONE_IA_PUT_REQUEST,
    COST_PRICE_S3_GLACIER_INSTANT_PUT_REQUEST,
    COST_PRICE_S3_GLACIER_FLEXIBLE_PUT_REQUEST,
    COST_PRICE_S3_LIFECYCLE_TO_DEEP_ARCHIVE_REQUEST,
    COST_PRICE_S3_EXPRESS_ONEZONE_PUT_REQUEST
};

static const uint16_t  cost_svc_s3_gets[] = {
    COST_PRICE_S3_GET_REQUEST,
    COST_PRICE_S3_INTELLIGENT_GET_REQUEST,
    COST_PRICE_S3_STANDARD_IA_GET_REQUEST,
    COST_PRICE_S3_ONEZONE_IA_GET_REQUEST,
    COST_PRICE_S3_GLACIER_INSTANT_GET_REQUEST,
    COST_PRICE_S3_GET_REQUEST,
    COST_PRICE_S3_GET_REQUEST,
    COST_PRICE_S3_EXPRESS_ONEZONE_GET_REQUEST
};

static const uint16_t  cost_svc_s3_retrieval[] = {
    COST_PRICE_FREE,
    COST_PRICE_FREE,
    COST_PRICE_S3_STANDARD_IA_RETRIEVAL_GB,
    COST_PRICE_S3_ONEZONE_IA_RETRIEVAL_GB,
    COST_PRICE_S3_GLACIER_INSTANT_RETRIEVAL_GB,
    COST_PRICE_S3_GLACIER_FLEXIBLE_STANDARD_RETRIEVAL_GB,
    COST_PRICE_S3_DEEP_ARCHIVE_STANDARD_RETRIEVAL_GB,
    COST_PRICE_UNKNOWN
};

static const uint16_t  cost_svc_s3_expedited[] = {
    COST_PRICE_FREE,
    COST_PRICE_UNKNOWN,
    COST_PRICE_S3_STANDARD_IA_RETRIEVAL_GB,
    COST_PRICE_S3_ONEZONE_IA_RETRIEVAL_GB,
    COST_PRICE_S3_GLACIER_INSTANT_RETRIEVAL_GB,
    COST_PRICE_S3_GLACIER_FLEXIBLE_EXPEDITED_RETRIEVAL_GB,
    COST_PRICE_UNKNOWN,
    COST_PRICE_UNKNOWN
};

static const uint16_t  cost_svc_s3_bulk[] = {
    COST_PRICE_FREE,
    COST_PRICE_FREE,
    COST_PRICE_S3_STANDARD_IA_RETRIEVAL_GB,
    COST_PRICE_S3_ONEZONE_IA_RETRIEVAL_GB,
    COST_PRICE_S3_GLACIER_INSTANT_RETRIEVAL_GB,
    COST_PRICE_FREE,
    COST_PRICE_S3_DEEP_ARCHIVE_BULK_RETRIEVAL_GB,
    COST_PRICE_UNKNOWN
};

static const uint16_t  cost_svc_s3_lifecycle[] = {
    COST_PRICE_UNKNOWN,
    COST_PRICE_S3_LIFECYCLE_TO_INTELLIGENT_REQUEST,
    COST_PRICE_S3_LIFECYCLE_TO_STANDARD_IA_REQUEST,
    COST_PRICE_UNKNOWN,
    COST_PRICE_S3_LIFECYCLE_TO_GLACIER_INSTANT_REQUEST,
    COST_PRICE_S3_LIFECYCLE_TO_GLACIER_FLEXIBLE_REQUEST,
    COST_PRICE_S3_LIFECYCLE_TO_DEEP_ARCHIVE_REQUEST,
    COST_PRICE_UNKNOWN
};

static const cost_service_term_t  cost_svc_s3_terms[] = {
    { .line = L_STORAGE, .quantity = P_STORAGE, .by = P_CLASS,
      .prices = cost_svc_s3_storage },
    { .line = L_STORAGE, .quantity = P_INFREQUENT, .when = COST_WITH(P_CLASS),
      .words = COST_IS(CLASS_INTELLIGENT),
      .price = COST_PRICE_S3_INTELLIGENT_INFREQUENT_STORAGE },
    { .line = L_STORAGE, .quantity = P_INSTANT, .when = COST_WITH(P_CLASS),
      .words = COST_IS(CLASS_INTELLIGENT),
      .price = COST_PRICE_S3_INTELLIGENT_ARCHIVE_INSTANT_STORAGE },
    { .line = L_STORAGE, .quantity = P_ARCHIVE, .when = COST_WITH(P_CLASS),
      .words = COST_IS(CLASS_INTELLIGENT),
      .price = COST_PRICE_S3_INTELLIGENT_ARCHIVE_STORAGE },
    { .line = L_STORAGE, .quantity = P_DEEP, .when = COST_WITH(P_CLASS),
      .words = COST_IS(CLASS_INTELLIGENT),
      .price = COST_PRICE_S3_INTELLIGENT_DEEP_ARCHIVE_STORAGE },
    { .line = L_PUTS, .quantity = P_PUTS, .by = P_CLASS,
      .prices = cost_svc_s3_puts },
    { .line = L_GETS, .quantity = P_GETS, .by = P_CLASS,
      .prices = cost_svc_s3_gets },
    { .line = L_RETRIEVAL, .quantity = P_RETRIEVAL,
      .when = COST_WITH(P_SPEED), .words = COST_IS(SPEED_STANDARD),
      .by = P_CLASS, .prices = cost_svc_s3_retrieval },
    { .line = L_RETRIEVAL, .quantity = P_RETRIEVAL,
      .when = COST_WITH(P_SPEED), .words = COST_IS(SPEED_EXPEDITED),
      .by = P_CLASS, .prices = cost_svc_s3_expedited },
    { .line = L_RETRIEVAL, .quantity = P_RETRIEVAL,
      .when = COST_WITH(P_SPEED), .words = COST_IS(SPEED_BULK), .by = P_CLASS,
      .prices = cost_svc_s3_bulk },
    { .line = L_LIFECYCLE, .quantity = P_LIFECYCLE, .by = P_CLASS,
      .prices = cost_svc_s3_lifecycle },
    { .line = L_MONITORING, .quantity = P_MONITORED,
      .when = COST_WITH(P_CLASS), .words = COST_IS(CLASS_INTELLIGENT),
      .price = COST_PRICE_S3_INTELLIGENT_MONITORING_OBJECT_MONTH },
    { .line = L_TAGS, .quantity = P_TAGS, .price = COST_PRICE_S3_TAG_MONTH },
    { .line = L_INVENTORY, .quantity = P_INVENTORY,
      .price = COST_PRICE_S3_INVENTORY_OBJECT },
    { .line = L_OUT, .quantity = P_OUT,
      .price = COST_PRICE_DATATRANSFER_INTERNET_EGRESS_GB }
};


const cost_service_t  cost_svc_s3 = {
    cost_string("S3"),
    cost_string("Object storage: one storage class per node"),
    cost_svc_s3_params,
    cost_svc_s3_lines,
    cost_svc_s3_terms,
    NULL,
    COST_COUNT(cost_svc_s3_params),
    COST_COUNT(cost_svc_s3_lines),
    COST_COUNT(cost_svc_s3_terms)
};
