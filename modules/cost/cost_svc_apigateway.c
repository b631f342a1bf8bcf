
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * An HTTP API counts a request for each 512 KB, a WebSocket API a message for
 * each 32 KB; a REST API counts calls whatever their size.  Only REST APIs
 * have caches.
 */


#include "cost_service.h"
#include "cost_svc_part.h"


enum {
    P_TYPE = 0,
    P_REQUESTS,
    P_SIZE,
    P_MINUTES,
    P_CACHE,
    P_STAGES,
    P_HOURS,
    P_OUT
};

enum {
    L_REQUESTS = 0,
    L_MINUTES,
    L_CACHE,
    L_OUT
};

enum {
    TYPE_REST = 0,
    TYPE_HTTP,
    TYPE_WEBSOCKET
};


static cost_rc_e cost_svc_apigateway_price(cost_service_call_t *call);


static const cost_str_t  cost_svc_apigateway_types[] = {
    cost_string("REST"),
    cost_string("HTTP"),
    cost_string("WEBSOCKET"),
    { 0, NULL }
};

static const cost_str_t  cost_svc_apigateway_caches[] = {
    cost_string("none"),
    cost_string("0.5"),
    cost_string("1.6"),
    cost_string("6.1"),
    cost_string("13.5"),
    cost_string("28.4"),
    cost_string("58.2"),
    cost_string("118"),
    cost_string("237"),
    { 0, NULL }
};

static const cost_service_param_t  cost_svc_apigateway_params[] = {
    COST_WORD("apiType", cost_svc_apigateway_types, 0, "kind of the API"),
    COST_MAIN("requests", "request", "calls; of a WebSocket API, messages"),
    COST_INTEGER("averageRequestKB", "KB", 1, 0, 1048576,
                 "size of a call or message, counted in steps of 512 or 32 "
                 "KB"),
    COST_NUMBER("connectionMinutes", "minute", 0,
                "WebSocket: minutes of all connections"),
    COST_WORD("cacheSizeGB", cost_svc_apigateway_caches, 0,
              "REST: size of the cache"),
    COST_NUMBER("caches", "cache", 1,
                "REST: stages that have a cache of that size"),
    COST_HOURS("hours that the cache is on"),
    COST_NUMBER("dataTransferOutGB", "GB", 0, "data sent to the internet")
};

static const cost_str_t  cost_svc_apigateway_lines[] = {
    cost_string("requests"),
    cost_string("connectionMinutes"),
    cost_string("cache"),
    cost_string("dataTransferOut")
};

static const uint16_t  cost_svc_apigateway_sizes[] = {
    COST_PRICE_UNFIT,
    COST_PRICE_APIGATEWAY_CACHE_0_5GB_HOUR,
    COST_PRICE_APIGATEWAY_CACHE_1_6GB_HOUR,
    COST_PRICE_APIGATEWAY_CACHE_6_1GB_HOUR,
    COST_PRICE_APIGATEWAY_CACHE_13_5GB_HOUR,
    COST_PRICE_APIGATEWAY_CACHE_28_4GB_HOUR,
    COST_PRICE_APIGATEWAY_CACHE_58_2GB_HOUR,
    COST_PRICE_APIGATEWAY_CACHE_118GB_HOUR,
    COST_PRICE_APIGATEWAY_CACHE_237GB_HOUR
};

static const cost_service_term_t  cost_svc_apigateway_terms[] = {
    { .line = L_MINUTES, .quantity = P_MINUTES, .when = COST_WITH(P_TYPE),
      .words = COST_IS(TYPE_WEBSOCKET),
      .price = COST_PRICE_APIGATEWAY_WEBSOCKET_CONNECTION_MINUTES },
    { .line = L_CACHE, .quantity = P_STAGES, .times = COST_WITH(P_HOURS),
      .when = COST_WITH(P_TYPE), .words = COST_IS(TYPE_REST), .by = P_CACHE,
      .prices = cost_svc_apigateway_sizes },
    { .line = L_OUT, .quantity = P_OUT,
      .price = COST_PRICE_DATATRANSFER_INTERNET_EGRESS_GB }
};


const cost_service_t  cost_svc_apigateway = {
    cost_string("APIGateway"),
    cost_string("REST, HTTP or WebSocket API"),
    cost_svc_apigateway_params,
    cost_svc_apigateway_lines,
    cost_svc_apigateway_terms,
    cost_svc_apigateway_price,
    COST_COUNT(cost_svc_apigateway_params),
    COST_COUNT(cost_svc_apigateway_lines),
    COST_COUNT(cost_svc_apigateway_terms)
};


static cost_rc_e
cost_svc_apigateway_price(cost_service_call_t *call)
{
    uint32_t        type;
    cost_rc_e       rc;
    cost_decimal_t  requests;

    static const uint32_t  steps[] = { 0, 512, 32 };

    static const cost_price_e  prices[] = {
        COST_PRICE_APIGATEWAY_REST_REQUESTS,
        COST_PRICE_APIGATEWAY_HTTP_REQUESTS,
        COST_PRICE_APIGATEWAY_WEBSOCKET_MESSAGES
    };

    if (!cost_service_given(call, P_REQUESTS)) {
        return COST_OK;
    }

    type = cost_service_word(call, P_TYPE);
    requests = cost_service_number(call, P_REQUESTS);

    if (type != TYPE_REST) {
        rc = cost_service_multiply(call, requests,
                        cost_svc_steps(cost_service_number(call, P_SIZE),
                                       steps[type]),
                        &requests);
        if (rc != COST_OK) {
            return rc;
        }
    }

    return cost_service_charge(call, L_REQUESTS, prices[type], requests);
}
