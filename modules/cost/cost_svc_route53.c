
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A node has one hosted zone unless it says otherwise.
 */


#include "cost_service.h"


enum {
    P_ZONES = 0,
    P_QUERIES,
    P_LATENCY,
    P_GEO,
    P_PROXIMITY,
    P_IP,
    P_CHECKS,
    P_OTHER,
    P_OPTIONS,
    P_OTHER_OPTIONS,
    P_POLICIES,
    P_RECORDS,
    P_ENIS,
    P_HOURS,
    P_RESOLVER
};

enum {
    L_ZONES = 0,
    L_QUERIES,
    L_LATENCY,
    L_GEO,
    L_PROXIMITY,
    L_IP,
    L_CHECKS,
    L_OTHER,
    L_OPTIONS,
    L_OTHER_OPTIONS,
    L_POLICIES,
    L_RECORDS,
    L_ENIS,
    L_RESOLVER
};


static const cost_service_param_t  cost_svc_route53_params[] = {
    COST_NUMBER("hostedZones", "zone-month", 1, "hosted zones"),
    COST_MAIN("queries", "query",
              "standard queries; those for aliases of AWS resources are free"),
    COST_NUMBER("latencyQueries", "query", 0, "queries routed by latency"),
    COST_NUMBER("geoQueries", "query", 0, "queries routed by geolocation"),
    COST_NUMBER("geoproximityQueries", "query", 0,
                "queries routed by geoproximity"),
    COST_NUMBER("ipBasedQueries", "query", 0, "queries routed by address"),
    COST_NUMBER("healthChecks", "check-month", 0,
                "health checks of AWS endpoints"),
    COST_NUMBER("externalHealthChecks", "check-month", 0,
                "health checks of endpoints outside of AWS"),
    COST_NUMBER("healthCheckOptions", "option-month", 0,
                "optional features (HTTPS, string match, fast interval, "
                "latency) of checks of AWS endpoints"),
    COST_NUMBER("externalHealthCheckOptions", "option-month", 0,
                "the same of checks outside of AWS"),
    COST_NUMBER("trafficPolicies", "policy-month", 0,
                "traffic flow policy records"),
    COST_NUMBER("recordsOver10000", "record-month", 0,
                "records above 10,000 of a zone"),
    COST_NUMBER("resolverInterfaces", "interface", 0,
                "network interfaces of Resolver endpoints"),
    COST_HOURS("hours that the Resolver endpoints exist"),
    COST_NUMBER("resolverQueries", "query", 0,
                "queries through Resolver endpoints")
};

static const cost_str_t  cost_svc_route53_lines[] = {
    cost_string("hostedZones"),
    cost_string("queries"),
    cost_string("latencyQueries"),
    cost_string("geoQueries"),
    cost_string("geoproximityQueries"),
    cost_string("ipBasedQueries"),
    cost_string("healthChecks"),
    cost_string("externalHealthChecks"),
    cost_string("healthCheckOptions"),
    cost_string("externalHealthCheckOptions"),
    cost_string("trafficPolicies"),
    cost_string("recordsOver10000"),
    cost_string("resolverEndpoints"),
    cost_string("resolverQueries")
};

static const cost_service_term_t  cost_svc_route53_terms[] = {
    { .line = L_ZONES, .quantity = P_ZONES,
      .price = COST_PRICE_ROUTE53_HOSTED_ZONE_MONTH },
    { .line = L_QUERIES, .quantity = P_QUERIES,
      .price = COST_PRICE_ROUTE53_QUERIES_STANDARD },
    { .line = L_LATENCY, .quantity = P_LATENCY,
      .price = COST_PRICE_ROUTE53_QUERIES_LATENCY },
    { .line = L_GEO, .quantity = P_GEO,
      .price = COST_PRICE_ROUTE53_QUERIES_GEO },
    { .line = L_PROXIMITY, .quantity = P_PROXIMITY,
      .price = COST_PRICE_ROUTE53_QUERIES_GEOPROXIMITY },
    { .line = L_IP, .quantity = P_IP,
      .price = COST_PRICE_ROUTE53_QUERIES_IP_BASED },
    { .line = L_CHECKS, .quantity = P_CHECKS,
      .price = COST_PRICE_ROUTE53_HEALTH_CHECK_AWS_MONTH },
    { .line = L_OTHER, .quantity = P_OTHER,
      .price = COST_PRICE_ROUTE53_HEALTH_CHECK_OTHER_MONTH },
    { .line = L_OPTIONS, .quantity = P_OPTIONS,
      .price = COST_PRICE_ROUTE53_HEALTH_CHECK_OPTION_AWS_MONTH },
    { .line = L_OTHER_OPTIONS, .quantity = P_OTHER_OPTIONS,
      .price = COST_PRICE_ROUTE53_HEALTH_CHECK_OPTION_OTHER_MONTH },
    { .line = L_POLICIES, .quantity = P_POLICIES,
      .price = COST_PRICE_ROUTE53_TRAFFIC_POLICY_MONTH },
    { .line = L_RECORDS, .quantity = P_RECORDS,
      .price = COST_PRICE_ROUTE53_RECORD_OVER_10K_MONTH },
    { .line = L_ENIS, .quantity = P_ENIS, .times = COST_WITH(P_HOURS),
      .price = COST_PRICE_ROUTE53_RESOLVER_ENDPOINT_ENI_HOUR },
    { .line = L_RESOLVER, .quantity = P_RESOLVER,
      .price = COST_PRICE_ROUTE53_RESOLVER_QUERIES }
};


const cost_service_t  cost_svc_route53 = {
    cost_string("Route53"),
    cost_string("DNS zones, queries, health checks, Resolver endpoints"),
    cost_svc_route53_params,
    cost_svc_route53_lines,
    cost_svc_route53_terms,
    NULL,
    COST_COUNT(cost_svc_route53_params),
    COST_COUNT(cost_svc_route53_lines),
    COST_COUNT(cost_svc_route53_terms)
};
