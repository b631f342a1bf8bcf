
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A node has one secret unless it says otherwise.
 */


#include "cost_service.h"


enum {
    P_SECRETS = 0,
    P_CALLS
};

enum {
    L_SECRETS = 0,
    L_CALLS
};


static const cost_service_param_t  cost_svc_secretsmanager_params[] = {
    COST_NUMBER("secrets", "secret-month", 1,
                "secrets stored, replicas included"),
    COST_MAIN("apiCalls", "request", "API calls")
};

static const cost_str_t  cost_svc_secretsmanager_lines[] = {
    cost_string("secrets"),
    cost_string("apiCalls")
};

static const cost_service_term_t  cost_svc_secretsmanager_terms[] = {
    { .line = L_SECRETS, .quantity = P_SECRETS,
      .price = COST_PRICE_SECRETSMANAGER_SECRET_MONTH },
    { .line = L_CALLS, .quantity = P_CALLS,
      .price = COST_PRICE_SECRETSMANAGER_API_REQUEST }
};


const cost_service_t  cost_svc_secretsmanager = {
    cost_string("SecretsManager"),
    cost_string("Secrets and the calls that fetch them"),
    cost_svc_secretsmanager_params,
    cost_svc_secretsmanager_lines,
    cost_svc_secretsmanager_terms,
    NULL,
    COST_COUNT(cost_svc_secretsmanager_params),
    COST_COUNT(cost_svc_secretsmanager_lines),
    COST_COUNT(cost_svc_secretsmanager_terms)
};
