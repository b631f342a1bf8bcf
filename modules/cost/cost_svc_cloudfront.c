
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * CloudFront bills by where the viewer is.  Without "geography" that is the
 * one the region lies in; with it the whole node is billed there.
 *
 * httpRequests is the document's mix, 60 % HTTP and 40 % HTTPS: 0.85 USD per
 * million in the United States.  httpOnlyRequests and httpsRequests have the
 * exact rates.
 */


#include "cost_service.h"


enum {
    P_OUT = 0,
    P_REQUESTS,
    P_HTTP,
    P_HTTPS,
    P_ORIGIN,
    P_ENCRYPTED,
    P_SHIELD,
    P_INVALIDATIONS,
    P_FUNCTIONS,
    P_EDGE,
    P_DURATION,
    P_LOGS,
    P_CERTIFICATES,
    P_GEOGRAPHY
};

enum {
    L_REQUESTS = 0,
    L_OUT,
    L_ORIGIN,
    L_ENCRYPTED,
    L_SHIELD,
    L_INVALIDATIONS,
    L_FUNCTIONS,
    L_EDGE,
    L_LOGS,
    L_CERTIFICATES
};


/* what is billed by geography */

typedef struct {
    uint8_t       line;
    uint8_t       param;
    cost_price_e  region;        /* the price of the region's geography ... */
    cost_price_e  geography;     /* ... and the table of all */
} cost_svc_cloudfront_geo_t;


static cost_rc_e cost_svc_cloudfront_price(cost_service_call_t *call);


static const cost_svc_cloudfront_geo_t  cost_svc_cloudfront_geos[] = {
    { L_REQUESTS, P_REQUESTS,
      COST_PRICE_CLOUDFRONT_REQUESTS_REFERENCE_BLEND,
      COST_PRICE_CLOUDFRONT_GEO_REQUESTS_REFERENCE_BLEND },
    { L_REQUESTS, P_HTTP, COST_PRICE_CLOUDFRONT_HTTP_REQUESTS,
      COST_PRICE_CLOUDFRONT_GEO_HTTP_REQUESTS },
    { L_REQUESTS, P_HTTPS, COST_PRICE_CLOUDFRONT_HTTPS_REQUESTS,
      COST_PRICE_CLOUDFRONT_GEO_HTTPS_REQUESTS },
    { L_OUT, P_OUT, COST_PRICE_CLOUDFRONT_DATA_TRANSFER_OUT_GB,
      COST_PRICE_CLOUDFRONT_GEO_DATA_TRANSFER_OUT_GB },
    { L_ORIGIN, P_ORIGIN, COST_PRICE_CLOUDFRONT_DATA_TRANSFER_TO_ORIGIN_GB,
      COST_PRICE_CLOUDFRONT_GEO_DATA_TRANSFER_TO_ORIGIN_GB },
    { L_ENCRYPTED, P_ENCRYPTED,
      COST_PRICE_CLOUDFRONT_FIELD_LEVEL_ENCRYPTION_REQUESTS,
      COST_PRICE_CLOUDFRONT_GEO_FIELD_LEVEL_ENCRYPTION_REQUESTS }
};


static const cost_service_param_t  cost_svc_cloudfront_params[] = {
    COST_NUMBER("dataTransferOutGB", "GB", 0, "data sent to viewers"),
    COST_MAIN("httpRequests", "request",
              "requests, as a mix of 60 % HTTP and 40 % HTTPS"),
    COST_NUMBER("httpOnlyRequests", "request", 0, "HTTP requests"),
    COST_NUMBER("httpsRequests", "request", 0, "HTTPS requests"),
    COST_NUMBER("dataTransferToOriginGB", "GB", 0,
                "data sent to the origin, of POST and PUT requests"),
    COST_NUMBER("fieldLevelEncryptionRequests", "request", 0,
                "requests whose fields are encrypted, on top"),
    COST_NUMBER("originShieldRequests", "request", 0,
                "requests to Origin Shield, which is in the region"),
    COST_NUMBER("invalidationPaths", "path", 0, "paths invalidated"),
    COST_NUMBER("functionInvocations", "invocation", 0,
                "CloudFront Functions invocations"),
    COST_NUMBER("lambdaEdgeRequests", "request", 0, "Lambda@Edge requests"),
    COST_NUMBER("lambdaEdgeGBSeconds", "GB-second", 0,
                "Lambda@Edge memory x duration"),
    COST_NUMBER("realtimeLogLines", "line", 0, "real-time log lines"),
    COST_NUMBER("dedicatedIpCertificates", "certificate-month", 0,
                "custom SSL certificates with dedicated addresses"),
    COST_KEY("geography", "",
             "where the viewers are: united_states, canada, europe, "
             "south_africa, middle_east, south_america, japan, australia, "
             "asia_pacific or india; without it where the region is")
};

static const cost_str_t  cost_svc_cloudfront_lines[] = {
    cost_string("requests"),
    cost_string("dataTransferOut"),
    cost_string("dataTransferToOrigin"),
    cost_string("fieldLevelEncryption"),
    cost_string("originShield"),
    cost_string("invalidations"),
    cost_string("functions"),
    cost_string("lambdaEdge"),
    cost_string("realtimeLogs"),
    cost_string("dedicatedIpSsl")
};

static const cost_service_term_t  cost_svc_cloudfront_terms[] = {
    { .line = L_SHIELD, .quantity = P_SHIELD,
      .price = COST_PRICE_CLOUDFRONT_ORIGIN_SHIELD_REQUESTS },
    { .line = L_INVALIDATIONS, .quantity = P_INVALIDATIONS,
      .price = COST_PRICE_CLOUDFRONT_INVALIDATION_PATH },
    { .line = L_FUNCTIONS, .quantity = P_FUNCTIONS,
      .price = COST_PRICE_CLOUDFRONT_FUNCTION_INVOCATION },
    { .line = L_EDGE, .quantity = P_EDGE,
      .price = COST_PRICE_CLOUDFRONT_LAMBDA_EDGE_REQUESTS },
    { .line = L_EDGE, .quantity = P_DURATION,
      .price = COST_PRICE_CLOUDFRONT_LAMBDA_EDGE_GB_SECOND },
    { .line = L_LOGS, .quantity = P_LOGS,
      .price = COST_PRICE_CLOUDFRONT_REALTIME_LOG_LINE },
    { .line = L_CERTIFICATES, .quantity = P_CERTIFICATES,
      .price = COST_PRICE_CLOUDFRONT_DEDICATED_IP_SSL_MONTH }
};


const cost_service_t  cost_svc_cloudfront = {
    cost_string("CloudFront"),
    cost_string("Content delivery network, billed where its viewers are"),
    cost_svc_cloudfront_params,
    cost_svc_cloudfront_lines,
    cost_svc_cloudfront_terms,
    cost_svc_cloudfront_price,
    COST_COUNT(cost_svc_cloudfront_params),
    COST_COUNT(cost_svc_cloudfront_lines),
    COST_COUNT(cost_svc_cloudfront_terms)
};


static cost_rc_e
cost_svc_cloudfront_price(cost_service_call_t *call)
{
    uint32_t                          i, row;
    cost_rc_e                         rc;
    cost_str_t                        where;
    cost_decimal_t                    quantity;
    const cost_svc_cloudfront_geo_t  *geo;

    static const uint8_t  params[] = { P_GEOGRAPHY };

    where.len = 0;
    where.data = NULL;

    if (call->given >> P_GEOGRAPHY & 1) {
        where = cost_service_text(call, P_GEOGRAPHY);
    }

    for (i = 0; i < COST_COUNT(cost_svc_cloudfront_geos); i++) {
        geo = &cost_svc_cloudfront_geos[i];

        if (!cost_service_given(call, geo->param)) {
            continue;
        }

        quantity = cost_service_number(call, geo->param);

        if (where.len == 0) {
            rc = cost_service_charge(call, geo->line, geo->region, quantity);

        } else {
            rc = cost_service_key(call, geo->geography, &where, params, 1,
                                  &row);

            if (rc == COST_OK) {
                rc = cost_service_charge_row(call, geo->line, row, quantity);
            }
        }

        if (rc != COST_OK) {
            return rc;
        }
    }

    return COST_OK;
}
