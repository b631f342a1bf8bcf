
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A regional or One Zone file system.  Infrequent Access costs less with
 * elastic throughput, which in turn bills what is read and written.
 */


#include "cost_service.h"


enum {
    P_TYPE = 0,
    P_MODE,
    P_STORAGE,
    P_IA,
    P_ARCHIVE,
    P_READ,
    P_WRITE,
    P_IA_READ,
    P_IA_WRITE,
    P_ARCHIVE_READ,
    P_ARCHIVE_WRITE,
    P_THROUGHPUT
};

enum {
    L_STORAGE = 0,
    L_IA,
    L_ARCHIVE,
    L_READ,
    L_WRITE,
    L_IA_READ,
    L_IA_WRITE,
    L_ARCHIVE_READ,
    L_ARCHIVE_WRITE,
    L_THROUGHPUT
};

enum {
    EFS_REGIONAL = 0,
    EFS_ONE_ZONE
};

enum {
    EFS_ELASTIC = 0,
    EFS_BURSTING,
    EFS_PROVISIONED
};


static cost_rc_e cost_svc_efs_price(cost_service_call_t *call);


static const cost_str_t  cost_svc_efs_types[] = {
    cost_string("REGIONAL"),
    cost_string("ONE_ZONE"),
    { 0, NULL }
};

static const cost_str_t  cost_svc_efs_modes[] = {
    cost_string("elastic"),
    cost_string("bursting"),
    cost_string("provisioned"),
    { 0, NULL }
};

static const cost_service_param_t  cost_svc_efs_params[] = {
    COST_WORD("fileSystemType", cost_svc_efs_types, EFS_REGIONAL,
              "over several zones or in one"),
    COST_WORD("throughputMode", cost_svc_efs_modes, EFS_ELASTIC,
              "how throughput is billed"),
    COST_NUMBER("storageGB", "GB-month", 0, "Standard storage"),
    COST_NUMBER("storageIAGB", "GB-month", 0, "Infrequent Access storage"),
    COST_NUMBER("storageArchiveGB", "GB-month", 0,
                "Archive storage; REGIONAL with elastic throughput only"),
    COST_NUMBER("readGB", "GB", 0, "data read, with elastic throughput"),
    COST_NUMBER("writeGB", "GB", 0, "data written, with elastic throughput"),
    COST_NUMBER("readIAGB", "GB", 0, "data read from Infrequent Access"),
    COST_NUMBER("writeIAGB", "GB", 0, "data tiered to Infrequent Access"),
    COST_NUMBER("readArchiveGB", "GB", 0, "data read from Archive"),
    COST_NUMBER("writeArchiveGB", "GB", 0, "data tiered to Archive"),
    COST_NUMBER("provisionedThroughputMiBps", "MiBps-month", 0,
                "provisioned throughput beyond what the storage includes")
};

static const cost_str_t  cost_svc_efs_lines[] = {
    cost_string("storage"),
    cost_string("storageIA"),
    cost_string("storageArchive"),
    cost_string("read"),
    cost_string("write"),
    cost_string("readIA"),
    cost_string("writeIA"),
    cost_string("readArchive"),
    cost_string("writeArchive"),
    cost_string("provisionedThroughput")
};

static const uint16_t  cost_svc_efs_storage[] = {
    COST_PRICE_EFS_STANDARD_GB_MONTH,
    COST_PRICE_EFS_ONEZONE_GB_MONTH
};

static const cost_service_term_t  cost_svc_efs_terms[] = {
    { .line = L_STORAGE, .quantity = P_STORAGE, .by = P_TYPE,
      .prices = cost_svc_efs_storage },
    { .line = L_READ, .quantity = P_READ,
      .when = COST_WITH(P_MODE), .words = COST_IS(EFS_ELASTIC),
      .price = COST_PRICE_EFS_ELASTIC_READ_GB },
    { .line = L_WRITE, .quantity = P_WRITE,
      .when = COST_WITH(P_MODE), .words = COST_IS(EFS_ELASTIC),
      .price = COST_PRICE_EFS_ELASTIC_WRITE_GB },
    { .line = L_IA_READ, .quantity = P_IA_READ,
      .price = COST_PRICE_EFS_IA_READ_GB },
    { .line = L_IA_WRITE, .quantity = P_IA_WRITE,
      .price = COST_PRICE_EFS_IA_WRITE_GB },
    { .line = L_ARCHIVE_READ, .quantity = P_ARCHIVE_READ,
      .price = COST_PRICE_EFS_ARCHIVE_READ_GB },
    { .line = L_ARCHIVE_WRITE, .quantity = P_ARCHIVE_WRITE,
      .price = COST_PRICE_EFS_ARCHIVE_WRITE_GB },
    { .line = L_THROUGHPUT, .quantity = P_THROUGHPUT,
      .when = COST_WITH(P_MODE), .words = COST_IS(EFS_PROVISIONED),
      .price = COST_PRICE_EFS_PROVISIONED_THROUGHPUT_MIBPS_MONTH }
};


const cost_service_t  cost_svc_efs = {
    .name = cost_string("EFS"),
    .about = cost_string("shared file systems"),
    .params = cost_svc_efs_params,
    .lines = cost_svc_efs_lines,
    .terms = cost_svc_efs_terms,
    .price = cost_svc_efs_price,
    .nparams = COST_COUNT(cost_svc_efs_params),
    .nlines = COST_COUNT(cost_svc_efs_lines),
    .nterms = COST_COUNT(cost_svc_efs_terms)
};


static cost_rc_e
cost_svc_efs_price(cost_service_call_t *call)
{
    bool          elastic, zone;
    cost_rc_e     rc;
    cost_price_e  price;

    zone = cost_service_word(call, P_TYPE) == EFS_ONE_ZONE;
    elastic = cost_service_word(call, P_MODE) == EFS_ELASTIC;

    if (cost_service_given(call, P_IA)) {
        price = elastic ? COST_PRICE_EFS_STANDARD_IA_ELASTIC_GB_MONTH
                        : COST_PRICE_EFS_STANDARD_IA_GB_MONTH;

        if (zone) {
            price = COST_PRICE_EFS_ONEZONE_IA_GB_MONTH;
        }

        rc = cost_service_charge(call, L_IA, price,
                                 cost_service_number(call, P_IA));

        if (rc != COST_OK) {
            return rc;
        }
    }

    if (!cost_service_given(call, P_ARCHIVE)) {
        return COST_OK;
    }

    if (zone || !elastic) {
        return cost_service_refuse(call, P_ARCHIVE,
                                   "needs fileSystemType REGIONAL and "
                                   "throughputMode elastic");
    }

    return cost_service_charge(call, L_ARCHIVE,
                               COST_PRICE_EFS_ARCHIVE_GB_MONTH,
                               cost_service_number(call, P_ARCHIVE));
}
