
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_service.h"


enum {
    P_TYPE = 0,
    P_ENDPOINTS,
    P_ZONES,
    P_HOURS,
    P_PROCESSED
};

enum {
    L_ENDPOINTS = 0,
    L_PROCESSED
};


static const cost_str_t  cost_svc_vpcendpoint_types[] = {
    cost_string("Interface"),
    cost_string("Gateway"),
    cost_string("GatewayLoadBalancer"),
    { 0, NULL }
};

static const cost_service_param_t  cost_svc_vpcendpoint_params[] = {
    COST_WORD("endpointType", cost_svc_vpcendpoint_types, 0,
              "Gateway (S3, DynamoDB) is free"),
    COST_INTEGER("endpointCount", "endpoint", 1, 0, 1000000,
                 "number of endpoints"),
    COST_INTEGER("availabilityZones", "zone", 1, 1, 16,
                 "zones of each endpoint; each is billed"),
    COST_HOURS("hours that each endpoint exists in the month"),
    COST_NUMBER("dataProcessedGB", "GB", 0, "data through all endpoints")
};

static const cost_str_t  cost_svc_vpcendpoint_lines[] = {
    cost_string("endpoints"),
    cost_string("dataProcessed")
};

static const uint16_t  cost_svc_vpcendpoint_hours[] = {
    COST_PRICE_VPCENDPOINT_INTERFACE_HOUR,
    COST_PRICE_VPCENDPOINT_GATEWAY_ENDPOINT_HOUR,
    COST_PRICE_VPCENDPOINT_GWLB_ENDPOINT_HOUR
};

static const uint16_t  cost_svc_vpcendpoint_gbs[] = {
    COST_PRICE_VPCENDPOINT_INTERFACE_GB,
    COST_PRICE_VPCENDPOINT_GATEWAY_ENDPOINT_GB,
    COST_PRICE_VPCENDPOINT_GWLB_ENDPOINT_GB
};

static const cost_service_term_t  cost_svc_vpcendpoint_terms[] = {
    { .line = L_ENDPOINTS, .quantity = P_ENDPOINTS,
      .times = COST_WITH(P_ZONES), .also = COST_WITH(P_HOURS),
      .by = P_TYPE, .prices = cost_svc_vpcendpoint_hours },
    { .line = L_PROCESSED, .quantity = P_PROCESSED,
      .by = P_TYPE, .prices = cost_svc_vpcendpoint_gbs }
};


const cost_service_t  cost_svc_vpcendpoint = {
    .name = cost_string("VPCEndpoint"),
    .about = cost_string("private endpoints of AWS services"),
    .params = cost_svc_vpcendpoint_params,
    .lines = cost_svc_vpcendpoint_lines,
    .terms = cost_svc_vpcendpoint_terms,
    .nparams = COST_COUNT(cost_svc_vpcendpoint_params),
    .nlines = COST_COUNT(cost_svc_vpcendpoint_lines),
    .nterms = COST_COUNT(cost_svc_vpcendpoint_terms)
};
