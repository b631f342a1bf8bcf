
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_service.h"


enum {
    P_GATEWAYS = 0,
    P_HOURS,
    P_PROCESSED,
    P_OUT
};

enum {
    L_GATEWAYS = 0,
    L_PROCESSED,
    L_OUT
};


static const cost_service_param_t  cost_svc_natgateway_params[] = {
    COST_INTEGER("gatewayCount", "gateway", 1, 0, 1000000,
                 "NAT gateways, as a rule one per Availability Zone"),
    COST_HOURS("hours that each gateway runs in the month"),
    COST_NUMBER("dataProcessedGB", "GB", 0,
                "data through all gateways, in both directions"),
    COST_NUMBER("dataTransferOutGB", "GB", 0,
                "data transfer out to the internet, billed besides")
};

static const cost_str_t  cost_svc_natgateway_lines[] = {
    cost_string("gateways"),
    cost_string("dataProcessed"),
    cost_string("dataTransferOut")
};

static const cost_service_term_t  cost_svc_natgateway_terms[] = {
    { .line = L_GATEWAYS, .quantity = P_GATEWAYS, .times = COST_WITH(P_HOURS),
      .price = COST_PRICE_NATGATEWAY_NAT_HOUR },
    { .line = L_PROCESSED, .quantity = P_PROCESSED,
      .price = COST_PRICE_NATGATEWAY_NAT_GB },
    { .line = L_OUT, .quantity = P_OUT,
      .price = COST_PRICE_DATATRANSFER_INTERNET_EGRESS_GB }
};


const cost_service_t  cost_svc_natgateway = {
    .name = cost_string("NATGateway"),
    .about = cost_string("NAT gateways, by the hour and GB"),
    .params = cost_svc_natgateway_params,
    .lines = cost_svc_natgateway_lines,
    .terms = cost_svc_natgateway_terms,
    .nparams = COST_COUNT(cost_svc_natgateway_params),
    .nlines = COST_COUNT(cost_svc_natgateway_lines),
    .nterms = COST_COUNT(cost_svc_natgateway_terms)
};
