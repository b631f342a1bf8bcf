
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A node has one key unless it says otherwise.  AWS-managed keys have no
 * monthly charge: customerManagedKeys 0.
 */


#include "cost_service.h"


enum {
    P_KEYS = 0,
    P_REQUESTS,
    P_RSA2048,
    P_ASYMMETRIC,
    P_ECC,
    P_RSA
};

enum {
    L_KEYS = 0,
    L_REQUESTS,
    L_RSA2048,
    L_ASYMMETRIC,
    L_ECC,
    L_RSA
};


static const cost_service_param_t  cost_svc_kms_params[] = {
    COST_NUMBER("customerManagedKeys", "key-month", 1,
                "customer managed keys; each rotated version counts"),
    COST_MAIN("requests", "request", "symmetric requests"),
    COST_NUMBER("rsa2048Requests", "request", 0,
                "asymmetric requests with RSA 2048 keys"),
    COST_NUMBER("asymmetricRequests", "request", 0,
                "asymmetric requests with other keys"),
    COST_NUMBER("eccDataKeyPairs", "request", 0,
                "GenerateDataKeyPair requests, ECC"),
    COST_NUMBER("rsaDataKeyPairs", "request", 0,
                "GenerateDataKeyPair requests, RSA")
};

static const cost_str_t  cost_svc_kms_lines[] = {
    cost_string("keys"),
    cost_string("requests"),
    cost_string("rsa2048Requests"),
    cost_string("asymmetricRequests"),
    cost_string("eccDataKeyPairs"),
    cost_string("rsaDataKeyPairs")
};

static const cost_service_term_t  cost_svc_kms_terms[] = {
    { .line = L_KEYS, .quantity = P_KEYS, .price = COST_PRICE_KMS_KEY_MONTH },
    { .line = L_REQUESTS, .quantity = P_REQUESTS,
      .price = COST_PRICE_KMS_REQUEST },
    { .line = L_RSA2048, .quantity = P_RSA2048,
      .price = COST_PRICE_KMS_REQUEST_RSA2048 },
    { .line = L_ASYMMETRIC, .quantity = P_ASYMMETRIC,
      .price = COST_PRICE_KMS_REQUEST_ASYMMETRIC_OTHER },
    { .line = L_ECC, .quantity = P_ECC,
      .price = COST_PRICE_KMS_GENERATE_DATAKEYPAIR_ECC },
    { .line = L_RSA, .quantity = P_RSA,
      .price = COST_PRICE_KMS_GENERATE_DATAKEYPAIR_RSA }
};


const cost_service_t  cost_svc_kms = {
    cost_string("KMS"),
    cost_string("Encryption keys and their use"),
    cost_svc_kms_params,
    cost_svc_kms_lines,
    cost_svc_kms_terms,
    NULL,
    COST_COUNT(cost_svc_kms_params),
    COST_COUNT(cost_svc_kms_lines),
    COST_COUNT(cost_svc_kms_terms)
};
