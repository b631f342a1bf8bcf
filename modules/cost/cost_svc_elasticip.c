
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_service.h"


enum {
    P_ADDRESSES = 0,
    P_IDLE,
    P_CONTIGUOUS,
    P_HOURS
};

enum {
    L_IN_USE = 0,
    L_IDLE,
    L_CONTIGUOUS
};


static const cost_service_param_t  cost_svc_elasticip_params[] = {
    COST_NUMBER("addresses", "address", 1, "public IPv4 addresses in use"),
    COST_NUMBER("idleAddresses", "address", 0, "addresses not in use"),
    COST_NUMBER("contiguousAddresses", "address", 0,
                "addresses of an Amazon-provided contiguous block"),
    COST_HOURS("hours that each address is held in the month")
};

static const cost_str_t  cost_svc_elasticip_lines[] = {
    cost_string("inUse"),
    cost_string("idle"),
    cost_string("contiguous")
};

static const cost_service_term_t  cost_svc_elasticip_terms[] = {
    { .line = L_IN_USE, .quantity = P_ADDRESSES, .times = COST_WITH(P_HOURS),
      .price = COST_PRICE_ELASTICIP_PUBLIC_IPV4_IN_USE_HOUR },
    { .line = L_IDLE, .quantity = P_IDLE, .times = COST_WITH(P_HOURS),
      .price = COST_PRICE_ELASTICIP_PUBLIC_IPV4_IDLE_HOUR },
    { .line = L_CONTIGUOUS, .quantity = P_CONTIGUOUS,
      .times = COST_WITH(P_HOURS),
      .price = COST_PRICE_ELASTICIP_CONTIGUOUS_IPV4_HOUR }
};


const cost_service_t  cost_svc_elasticip = {
    .name = cost_string("ElasticIP"),
    .about = cost_string("public IPv4 addresses"),
    .params = cost_svc_elasticip_params,
    .lines = cost_svc_elasticip_lines,
    .terms = cost_svc_elasticip_terms,
    .nparams = COST_COUNT(cost_svc_elasticip_params),
    .nlines = COST_COUNT(cost_svc_elasticip_lines),
    .nterms = COST_COUNT(cost_svc_elasticip_terms)
};
