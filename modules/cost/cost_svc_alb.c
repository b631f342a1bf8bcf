
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Load balancers by the hour and by capacity units.  Of an hour's capacity
 * the largest of up to four dimensions is billed; over a month with an even
 * load that is the largest of
 *
 *     new connections / s       / N      x hours
 *     active connections / min  / A      x hours
 *     GB processed              / 1
 *     rule evaluations / s      / 1000   x hours
 *
 * with N, A = 25, 3000 for an ALB, 800, 100000 for an NLB (TCP), 600, 60000
 * for a GWLB; a GB to Lambda targets counts 2.5 (AWS's definitions, recalled).
 * The first 10 rules are free.  What is not given follows from the requests.
 */


#include "cost_service.h"
#include "cost_svc_part.h"


enum {
    P_TYPE = 0,
    P_BALANCERS,
    P_HOURS,
    P_REQUESTS,
    P_PER_CONNECTION,
    P_SECONDS,
    P_REQUEST_KB,
    P_RULES,
    P_NEW,
    P_ACTIVE,
    P_PROCESSED,
    P_LAMBDA_PROCESSED,
    P_EVALUATIONS,
    P_UNITS,
    P_OUT
};

enum {
    L_BALANCERS = 0,
    L_UNITS,
    L_PROCESSED,
    L_OUT
};

enum {
    ALB_APPLICATION = 0,
    ALB_NETWORK,
    ALB_GATEWAY,
    ALB_CLASSIC
};


typedef struct {
    uint32_t      connections;           /* new, per second and unit */
    uint32_t      active;                /* per minute and unit */
    cost_price_e  price;
} cost_svc_alb_unit_t;


static cost_rc_e cost_svc_alb_price(cost_service_call_t *call);
static cost_rc_e cost_svc_alb_units(cost_service_call_t *call, uint32_t type,
    cost_decimal_t *units);
static cost_rc_e cost_svc_alb_connections(cost_service_call_t *call,
    uint32_t type, cost_decimal_t requests, cost_decimal_t *units);
static cost_rc_e cost_svc_alb_rules(cost_service_call_t *call,
    cost_decimal_t requests, cost_decimal_t *units);
static cost_rc_e cost_svc_alb_processed(cost_service_call_t *call,
    cost_decimal_t requests, cost_decimal_t *gb);
static cost_rc_e cost_svc_alb_over_hours(cost_service_call_t *call,
    uint8_t param, uint32_t unit, cost_decimal_t *units);


static const cost_svc_alb_unit_t  cost_svc_alb_capacity[] = {
    { 25, 3000, COST_PRICE_ALB_ALB_LCU_HOUR },
    { 800, 100000, COST_PRICE_ALB_NLB_LCU_HOUR },
    { 600, 60000, COST_PRICE_ALB_GWLB_LCU_HOUR }
};

static const cost_str_t  cost_svc_alb_types[] = {
    cost_string("application"),
    cost_string("network"),
    cost_string("gateway"),
    cost_string("classic"),
    { 0, NULL }
};

static const cost_service_param_t  cost_svc_alb_params[] = {
    COST_WORD("loadBalancerType", cost_svc_alb_types, ALB_APPLICATION,
              "kind of the load balancers"),
    COST_INTEGER("loadBalancerCount", "load balancer", 1, 0, 1000000,
                 "number of load balancers"),
    COST_HOURS("hours that each load balancer runs in the month"),
    COST_MAIN("requests", "request", "requests through all load balancers"),
    COST_INTEGER("requestsPerConnection", "request", 1, 1, 1000000,
                 "requests that share a connection"),
    COST_NUMBER("connectionSeconds", "second", 0,
                "how long a connection lasts"),
    COST_NUMBER("averageRequestKB", "KB", 0,
                "size of a request and its response together"),
    COST_INTEGER("rules", "rule", 0, 0, 1000,
                 "listener rules that a request is checked against; 10 are "
                 "free"),
    COST_NUMBER("newConnectionsPerSecond", "connection/s", 0,
                "instead of what follows from the requests"),
    COST_NUMBER("activeConnectionsPerMinute", "connection/min", 0,
                "instead of what follows from the requests"),
    COST_NUMBER("processedGB", "GB", 0,
                "instead of what follows from the requests"),
    COST_NUMBER("lambdaProcessedGB", "GB", 0,
                "processed for Lambda targets, besides"),
    COST_NUMBER("ruleEvaluationsPerSecond", "evaluation/s", 0,
                "instead of what follows from the requests"),
    COST_NUMBER("lcuHours", "LCU-hour", 0,
                "capacity units themselves, instead of all dimensions"),
    COST_NUMBER("dataTransferOutGB", "GB", 0,
                "data transfer out to the internet")
};

static const cost_str_t  cost_svc_alb_lines[] = {
    cost_string("loadBalancers"),
    cost_string("capacityUnits"),
    cost_string("dataProcessed"),
    cost_string("dataTransferOut")
};

static const uint16_t  cost_svc_alb_hours[] = {
    COST_PRICE_ALB_ALB_HOUR,
    COST_PRICE_ALB_NLB_HOUR,
    COST_PRICE_ALB_GWLB_HOUR,
    COST_PRICE_ALB_CLB_HOUR
};

static const cost_service_term_t  cost_svc_alb_terms[] = {
    { .line = L_BALANCERS, .quantity = P_BALANCERS,
      .times = COST_WITH(P_HOURS), .by = P_TYPE,
      .prices = cost_svc_alb_hours },
    { .line = L_OUT, .quantity = P_OUT,
      .price = COST_PRICE_DATATRANSFER_INTERNET_EGRESS_GB }
};


const cost_service_t  cost_svc_alb = {
    .name = cost_string("ALB"),
    .about = cost_string("load balancers, by the hour and capacity unit"),
    .params = cost_svc_alb_params,
    .lines = cost_svc_alb_lines,
    .terms = cost_svc_alb_terms,
    .price = cost_svc_alb_price,
    .nparams = COST_COUNT(cost_svc_alb_params),
    .nlines = COST_COUNT(cost_svc_alb_lines),
    .nterms = COST_COUNT(cost_svc_alb_terms)
};


static cost_rc_e
cost_svc_alb_price(cost_service_call_t *call)
{
    uint32_t        type;
    cost_rc_e       rc;
    cost_decimal_t  requests, quantity;

    type = cost_service_word(call, P_TYPE);

    if (type == ALB_CLASSIC) {
        requests = cost_service_number(call, P_REQUESTS);

        rc = cost_svc_alb_processed(call, requests, &quantity);

        if (rc != COST_OK || quantity == 0) {
            return rc;
        }

        return cost_service_charge(call, L_PROCESSED,
                                   COST_PRICE_ALB_CLB_GB, quantity);
    }

    if (cost_service_given(call, P_UNITS)) {
        quantity = cost_service_number(call, P_UNITS);
        (void) cost_service_given(call, P_REQUESTS);

    } else {
        rc = cost_svc_alb_units(call, type, &quantity);

        if (rc != COST_OK || quantity == 0) {
            return rc;
        }
    }

    return cost_service_charge(call, L_UNITS,
                               cost_svc_alb_capacity[type].price, quantity);
}


static cost_rc_e
cost_svc_alb_units(cost_service_call_t *call, uint32_t type,
    cost_decimal_t *units)
{
    cost_rc_e       rc;
    cost_decimal_t  requests, value;

    requests = cost_service_number(call, P_REQUESTS);

    rc = cost_svc_alb_processed(call, requests, units);

    if (rc != COST_OK) {
        return rc;
    }

    rc = cost_svc_alb_connections(call, type, requests, &value);

    if (rc != COST_OK) {
        return rc;
    }

    *units = cost_svc_max(*units, value);

    if (type != ALB_APPLICATION) {
        return COST_OK;
    }

    rc = cost_svc_alb_rules(call, requests, &value);

    if (rc != COST_OK) {
        return rc;
    }

    *units = cost_svc_max(*units, value);

    return COST_OK;
}


/* the larger of new and active connections; an hour has 3600 seconds */

static cost_rc_e
cost_svc_alb_connections(cost_service_call_t *call, uint32_t type,
    cost_decimal_t requests, cost_decimal_t *units)
{
    cost_rc_e                   rc;
    cost_decimal_t              connections, value;
    const cost_svc_alb_unit_t  *unit;

    unit = &cost_svc_alb_capacity[type];

    connections = cost_svc_divide(requests,
                      (uint32_t) (cost_service_number(call, P_PER_CONNECTION)
                                  / COST_DECIMAL_ONE));

    if (cost_service_given(call, P_NEW)) {
        rc = cost_svc_alb_over_hours(call, P_NEW, unit->connections, units);

        if (rc != COST_OK) {
            return rc;
        }

    } else {
        *units = cost_svc_divide(connections, 3600 * unit->connections);
    }

    if (cost_service_given(call, P_ACTIVE)) {
        rc = cost_svc_alb_over_hours(call, P_ACTIVE, unit->active, &value);

        if (rc != COST_OK) {
            return rc;
        }

    } else {

        /* n new ones a second that last s seconds: n x s at any time */

        rc = cost_service_multiply(call, connections,
                                   cost_service_number(call, P_SECONDS),
                                   &value);

        if (rc != COST_OK) {
            return rc;
        }

        value = cost_svc_divide(value, 3600 * unit->active);
    }

    *units = cost_svc_max(*units, value);

    return COST_OK;
}


static cost_rc_e
cost_svc_alb_rules(cost_service_call_t *call, cost_decimal_t requests,
    cost_decimal_t *units)
{
    cost_rc_e  rc;

    if (cost_service_given(call, P_EVALUATIONS)) {
        return cost_svc_alb_over_hours(call, P_EVALUATIONS, 1000, units);
    }

    rc = cost_service_multiply(call, requests,
                               cost_svc_above(cost_service_number(call,
                                                                  P_RULES),
                                              10),
                               units);

    if (rc == COST_OK) {
        *units = cost_svc_divide(*units, 3600 * 1000);
    }

    return rc;
}


/* 1 GB = 1024 x 1024 KB; a GB to Lambda targets is 1 / 0.4 units */

static cost_rc_e
cost_svc_alb_processed(cost_service_call_t *call, cost_decimal_t requests,
    cost_decimal_t *gb)
{
    cost_rc_e  rc;

    if (cost_service_given(call, P_PROCESSED)) {
        *gb = cost_service_number(call, P_PROCESSED);

    } else {
        rc = cost_service_multiply(call, requests,
                                   cost_service_number(call, P_REQUEST_KB),
                                   gb);

        if (rc != COST_OK) {
            return rc;
        }

        *gb = cost_svc_divide(*gb, 1024 * 1024);
    }

    *gb += cost_service_number(call, P_LAMBDA_PROCESSED) * 5 / 2;

    return COST_OK;
}


/* a rate, per unit of capacity, over the hours of all load balancers */

static cost_rc_e
cost_svc_alb_over_hours(cost_service_call_t *call, uint8_t param,
    uint32_t unit, cost_decimal_t *units)
{
    cost_rc_e  rc;

    rc = cost_service_multiply(call, cost_service_number(call, param),
                               cost_service_number(call, P_HOURS), units);

    if (rc == COST_OK) {
        *units = cost_svc_divide(*units, unit);
    }

    return rc;
}
