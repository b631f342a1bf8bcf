
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Advanced inspection (TLS) is billed besides: its own endpoint hours and GB.
 */


#include "cost_service.h"


enum {
    P_ENDPOINTS = 0,
    P_HOURS,
    P_TRAFFIC,
    P_ADVANCED
};

enum {
    L_ENDPOINTS = 0,
    L_TRAFFIC,
    L_ADVANCED,
    L_ADVANCED_TRAFFIC
};


static const cost_service_param_t  cost_svc_networkfirewall_params[] = {
    COST_INTEGER("endpointCount", "endpoint", 1, 0, 1000000,
                 "firewall endpoints, one per Availability Zone"),
    COST_HOURS("hours that each endpoint exists in the month"),
    COST_NUMBER("trafficGB", "GB", 0, "traffic through all endpoints"),
    COST_BOOL("advancedInspection", 0, "with TLS inspection")
};

static const cost_str_t  cost_svc_networkfirewall_lines[] = {
    cost_string("endpoints"),
    cost_string("traffic"),
    cost_string("advancedEndpoints"),
    cost_string("advancedTraffic")
};

static const cost_service_term_t  cost_svc_networkfirewall_terms[] = {
    { .line = L_ENDPOINTS, .quantity = P_ENDPOINTS,
      .times = COST_WITH(P_HOURS),
      .price = COST_PRICE_NETWORKFIREWALL_ENDPOINT_HOUR },
    { .line = L_TRAFFIC, .quantity = P_TRAFFIC,
      .price = COST_PRICE_NETWORKFIREWALL_TRAFFIC_GB },
    { .line = L_ADVANCED, .quantity = P_ENDPOINTS,
      .times = COST_WITH(P_HOURS),
      .when = COST_WITH(P_ADVANCED), .words = COST_IS(1),
      .price = COST_PRICE_NETWORKFIREWALL_ADVANCED_ENDPOINT_HOUR },
    { .line = L_ADVANCED_TRAFFIC, .quantity = P_TRAFFIC,
      .when = COST_WITH(P_ADVANCED), .words = COST_IS(1),
      .price = COST_PRICE_NETWORKFIREWALL_ADVANCED_TRAFFIC_GB }
};


const cost_service_t  cost_svc_networkfirewall = {
    .name = cost_string("NetworkFirewall"),
    .about = cost_string("managed firewall endpoints"),
    .params = cost_svc_networkfirewall_params,
    .lines = cost_svc_networkfirewall_lines,
    .terms = cost_svc_networkfirewall_terms,
    .nparams = COST_COUNT(cost_svc_networkfirewall_params),
    .nlines = COST_COUNT(cost_svc_networkfirewall_lines),
    .nterms = COST_COUNT(cost_svc_networkfirewall_terms)
};
