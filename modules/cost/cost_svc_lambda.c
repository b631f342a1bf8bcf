
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Requests, and GB-seconds: memory x duration x requests, whose tiers are per
 * architecture.  Requests that provisioned concurrency serves have a price
 * of their own and no tiers.
 */


#include "cost_service.h"
#include "cost_svc_part.h"


enum {
    P_REQUESTS = 0,
    P_DURATION,
    P_MEMORY,
    P_ARCHITECTURE,
    P_EPHEMERAL,
    P_CONCURRENCY,
    P_HOURS,
    P_PROVISIONED,
    P_STREAM,
    P_EDGE_REQUESTS,
    P_EDGE_DURATION,
    P_EDGE_MEMORY,
    P_OUT
};

enum {
    L_REQUESTS = 0,
    L_DURATION,
    L_EPHEMERAL,
    L_CONCURRENCY,
    L_PROVISIONED,
    L_STREAM,
    L_EDGE_REQUESTS,
    L_EDGE_DURATION,
    L_OUT
};


static cost_rc_e cost_svc_lambda_price(cost_service_call_t *call);
static cost_rc_e cost_svc_lambda_provisioned(cost_service_call_t *call,
    cost_decimal_t requests);
static cost_rc_e cost_svc_lambda_edge(cost_service_call_t *call);
static cost_rc_e cost_svc_lambda_gb_seconds(cost_service_call_t *call,
    cost_decimal_t requests, cost_decimal_t milliseconds, cost_decimal_t mb,
    cost_decimal_t *product);


static const cost_str_t  cost_svc_lambda_architectures[] = {
    cost_string("x86_64"),
    cost_string("arm64"),
    { 0, NULL }
};

static const cost_service_param_t  cost_svc_lambda_params[] = {
    COST_MAIN("requests", "request", "invocations"),
    COST_NUMBER("averageDurationMs", "ms", 100,
                "billed duration of an invocation"),
    COST_NUMBER("memoryMB", "MB", 128, "memory of the function"),
    COST_WORD("architecture", cost_svc_lambda_architectures, 0,
              "of the function"),
    COST_NUMBER("ephemeralStorageMB", "MB", 512,
                "ephemeral storage of the function; 512 are included"),
    COST_NUMBER("provisionedConcurrency", "instance", 0,
                "execution environments that are kept ready"),
    COST_HOURS("hours that the provisioned concurrency is on"),
    COST_NUMBER("provisionedRequests", "request", 0,
                "those of the requests that provisioned concurrency serves"),
    COST_NUMBER("responseStreamGB", "GB", 0,
                "streamed response data beyond 6 MB of each request"),
    COST_NUMBER("edgeRequests", "request", 0, "invocations of Lambda@Edge"),
    COST_NUMBER("edgeDurationMs", "ms", 50,
                "billed duration of a Lambda@Edge invocation"),
    COST_NUMBER("edgeMemoryMB", "MB", 128,
                "memory of the Lambda@Edge function"),
    COST_NUMBER("dataTransferOutGB", "GB", 0,
                "data transfer out to the internet")
};

static const cost_str_t  cost_svc_lambda_lines[] = {
    cost_string("requests"),
    cost_string("duration"),
    cost_string("ephemeralStorage"),
    cost_string("provisionedConcurrency"),
    cost_string("provisionedDuration"),
    cost_string("responseStream"),
    cost_string("edgeRequests"),
    cost_string("edgeDuration"),
    cost_string("dataTransferOut")
};

static const uint16_t  cost_svc_lambda_request_prices[] = {
    COST_PRICE_LAMBDA_REQUESTS,
    COST_PRICE_LAMBDA_REQUESTS_ARM
};

static const cost_price_e  cost_svc_lambda_duration_prices[] = {
    COST_PRICE_LAMBDA_DURATION_GB_SECOND,
    COST_PRICE_LAMBDA_DURATION_ARM_GB_SECOND
};

static const cost_price_e  cost_svc_lambda_ephemeral_prices[] = {
    COST_PRICE_LAMBDA_EPHEMERAL_STORAGE_GB_SECOND,
    COST_PRICE_LAMBDA_EPHEMERAL_STORAGE_ARM_GB_SECOND
};

static const cost_price_e  cost_svc_lambda_concurrency_prices[] = {
    COST_PRICE_LAMBDA_PROVISIONED_CONCURRENCY_GB_SECOND,
    COST_PRICE_LAMBDA_PROVISIONED_CONCURRENCY_ARM_GB_SECOND
};

static const cost_price_e  cost_svc_lambda_provisioned_prices[] = {
    COST_PRICE_LAMBDA_PROVISIONED_DURATION_GB_SECOND,
    COST_PRICE_LAMBDA_PROVISIONED_DURATION_ARM_GB_SECOND
};

static const cost_service_term_t  cost_svc_lambda_terms[] = {
    { .line = L_REQUESTS, .quantity = P_REQUESTS, .by = P_ARCHITECTURE,
      .prices = cost_svc_lambda_request_prices },
    { .line = L_STREAM, .quantity = P_STREAM,
      .price = COST_PRICE_LAMBDA_RESPONSE_STREAM_GB },
    { .line = L_EDGE_REQUESTS, .quantity = P_EDGE_REQUESTS,
      .price = COST_PRICE_LAMBDA_EDGE_REQUESTS },
    { .line = L_OUT, .quantity = P_OUT,
      .price = COST_PRICE_DATATRANSFER_INTERNET_EGRESS_GB }
};


const cost_service_t  cost_svc_lambda = {
    .name = cost_string("Lambda"),
    .about = cost_string("functions, by request and GB-second"),
    .params = cost_svc_lambda_params,
    .lines = cost_svc_lambda_lines,
    .terms = cost_svc_lambda_terms,
    .price = cost_svc_lambda_price,
    .nparams = COST_COUNT(cost_svc_lambda_params),
    .nlines = COST_COUNT(cost_svc_lambda_lines),
    .nterms = COST_COUNT(cost_svc_lambda_terms)
};


static cost_rc_e
cost_svc_lambda_price(cost_service_call_t *call)
{
    uint32_t        cpu;
    cost_rc_e       rc;
    cost_decimal_t  requests, all, provisioned, duration, quantity;

    rc = cost_svc_lambda_edge(call);

    if (rc != COST_OK) {
        return rc;
    }

    all = 0;

    if (cost_service_given(call, P_REQUESTS)) {
        all = cost_service_number(call, P_REQUESTS);
    }

    provisioned = cost_service_number(call, P_PROVISIONED);

    if (provisioned > all) {
        return cost_service_refuse(call, P_PROVISIONED,
                                   "must not exceed requests");
    }

    rc = cost_svc_lambda_provisioned(call, provisioned);

    if (rc != COST_OK || !cost_service_given(call, P_REQUESTS)) {
        return rc;
    }

    cpu = cost_service_word(call, P_ARCHITECTURE);
    duration = cost_service_number(call, P_DURATION);
    requests = all - provisioned;

    rc = cost_svc_lambda_gb_seconds(call, requests, duration,
                                    cost_service_number(call, P_MEMORY),
                                    &quantity);

    if (rc != COST_OK) {
        return rc;
    }

    rc = cost_service_charge(call, L_DURATION,
                             cost_svc_lambda_duration_prices[cpu],
                             quantity);

    if (rc != COST_OK || !cost_service_given(call, P_EPHEMERAL)) {
        return rc;
    }

    quantity = cost_svc_above(cost_service_number(call, P_EPHEMERAL), 512);

    rc = cost_svc_lambda_gb_seconds(call, all, duration, quantity, &quantity);

    if (rc != COST_OK) {
        return rc;
    }

    return cost_service_charge(call, L_EPHEMERAL,
                               cost_svc_lambda_ephemeral_prices[cpu],
                               quantity);
}


static cost_rc_e
cost_svc_lambda_provisioned(cost_service_call_t *call,
    cost_decimal_t requests)
{
    uint32_t        cpu;
    cost_rc_e       rc;
    cost_decimal_t  memory, quantity;

    cpu = cost_service_word(call, P_ARCHITECTURE);
    memory = cost_service_number(call, P_MEMORY);

    if (cost_service_given(call, P_CONCURRENCY)) {
        rc = cost_service_multiply(call,
                                   cost_service_number(call, P_CONCURRENCY),
                                   cost_service_number(call, P_HOURS),
                                   &quantity);

        if (rc != COST_OK) {
            return rc;
        }

        /* an hour has 3,600,000 ms */

        rc = cost_svc_lambda_gb_seconds(call, quantity,
                                        3600000 * COST_DECIMAL_ONE, memory,
                                        &quantity);

        if (rc != COST_OK) {
            return rc;
        }

        rc = cost_service_charge(call, L_CONCURRENCY,
                                 cost_svc_lambda_concurrency_prices[cpu],
                                 quantity);

        if (rc != COST_OK) {
            return rc;
        }
    }

    if (requests == 0) {
        return COST_OK;
    }

    rc = cost_svc_lambda_gb_seconds(call, requests,
                                    cost_service_number(call, P_DURATION),
                                    memory, &quantity);

    if (rc != COST_OK) {
        return rc;
    }

    return cost_service_charge(call, L_PROVISIONED,
                               cost_svc_lambda_provisioned_prices[cpu],
                               quantity);
}


static cost_rc_e
cost_svc_lambda_edge(cost_service_call_t *call)
{
    cost_rc_e       rc;
    cost_decimal_t  quantity;

    if (!cost_service_given(call, P_EDGE_REQUESTS)) {
        return COST_OK;
    }

    rc = cost_svc_lambda_gb_seconds(call,
                                    cost_service_number(call,
                                                        P_EDGE_REQUESTS),
                                    cost_service_number(call,
                                                        P_EDGE_DURATION),
                                    cost_service_number(call, P_EDGE_MEMORY),
                                    &quantity);

    if (rc != COST_OK) {
        return rc;
    }

    return cost_service_charge(call, L_EDGE_DURATION,
                               COST_PRICE_LAMBDA_EDGE_DURATION_GB_SECOND,
                               quantity);
}


/* requests x ms / 1000 x MB / 1024 */

static cost_rc_e
cost_svc_lambda_gb_seconds(cost_service_call_t *call, cost_decimal_t requests,
    cost_decimal_t milliseconds, cost_decimal_t mb, cost_decimal_t *product)
{
    cost_rc_e       rc;
    cost_decimal_t  seconds;

    rc = cost_service_multiply(call, requests,
                               cost_svc_divide(milliseconds, 1000), &seconds);

    if (rc != COST_OK) {
        return rc;
    }

    return cost_service_multiply(call, seconds, cost_svc_divide(mb, 1024),
                                 product);
}
