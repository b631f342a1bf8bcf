
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Nodes by the hour, or serverless by stored GB-hours and processing units:
 * a request of up to 1 KB is one ECPU, a larger one its KB.
 */


#include "cost_service.h"
#include "cost_svc_part.h"


enum {
    P_ENGINE = 0,
    P_NODE_TYPE,
    P_NODES,
    P_HOURS,
    P_SERVERLESS,
    P_STORAGE,
    P_REQUESTS,
    P_REQUEST_KB,
    P_BACKUP
};

enum {
    L_NODES = 0,
    L_STORAGE,
    L_ECPUS,
    L_BACKUP
};


static cost_rc_e cost_svc_elasticache_price(cost_service_call_t *call);
static cost_rc_e cost_svc_elasticache_serverless(cost_service_call_t *call,
    uint32_t engine);


static const cost_str_t  cost_svc_elasticache_engines[] = {
    cost_string("redis"),
    cost_string("valkey"),
    cost_string("memcached"),
    { 0, NULL }
};

static const cost_service_param_t  cost_svc_elasticache_params[] = {
    COST_WORD("engine", cost_svc_elasticache_engines, 0, "cache engine"),
    COST_KEY("nodeType", "cache.t3.micro", "type of the nodes"),
    COST_INTEGER("nodeCount", "node", 1, 0, 1000000,
                 "nodes, replicas included"),
    COST_HOURS("hours that the nodes, or the serverless cache, run in the "
               "month"),
    COST_BOOL("serverless", 0, "serverless, without nodes"),
    COST_NUMBER("storageGB", "GB", 1, "average data in a serverless cache"),
    COST_MAIN("requests", "request", "requests; a serverless cache bills "
              "them"),
    COST_NUMBER("averageRequestKB", "KB", 1,
                "data that a request to a serverless cache moves; less than "
                "1 counts as 1"),
    COST_NUMBER("backupStorageGB", "GB-month", 0,
                "backup storage beyond the free snapshot")
};

static const cost_str_t  cost_svc_elasticache_lines[] = {
    cost_string("nodes"),
    cost_string("serverlessStorage"),
    cost_string("ecpus"),
    cost_string("backupStorage")
};

static const cost_service_term_t  cost_svc_elasticache_terms[] = {
    { .line = L_BACKUP, .quantity = P_BACKUP,
      .price = COST_PRICE_ELASTICACHE_BACKUP_GB_MONTH }
};


const cost_service_t  cost_svc_elasticache = {
    .name = cost_string("ElastiCache"),
    .about = cost_string("Redis, Valkey or Memcached in memory"),
    .params = cost_svc_elasticache_params,
    .lines = cost_svc_elasticache_lines,
    .terms = cost_svc_elasticache_terms,
    .price = cost_svc_elasticache_price,
    .nparams = COST_COUNT(cost_svc_elasticache_params),
    .nlines = COST_COUNT(cost_svc_elasticache_lines),
    .nterms = COST_COUNT(cost_svc_elasticache_terms)
};


static cost_rc_e
cost_svc_elasticache_price(cost_service_call_t *call)
{
    uint32_t        row, engine;
    cost_rc_e       rc;
    cost_str_t      parts[2];
    cost_decimal_t  hours;

    static const uint8_t  params[] = { P_NODE_TYPE, P_ENGINE };

    engine = cost_service_word(call, P_ENGINE);

    if (cost_service_word(call, P_SERVERLESS)) {
        return cost_svc_elasticache_serverless(call, engine);
    }

    /* requests cost nothing, but they are no mistake either */

    (void) cost_service_given(call, P_REQUESTS);

    parts[0] = cost_service_text(call, P_NODE_TYPE);
    parts[1] = cost_svc_elasticache_engines[engine];

    rc = cost_service_key(call, COST_PRICE_ELASTICACHE_NODE_HOUR, parts,
                          params, 2, &row);

    if (rc == COST_NULL) {
        return cost_service_refuse(call, P_NODE_TYPE,
                                   "has no price for this engine, in no "
                                   "region");
    }

    if (rc != COST_OK) {
        return rc;
    }

    rc = cost_service_multiply(call, cost_service_number(call, P_NODES),
                               cost_service_number(call, P_HOURS), &hours);

    if (rc != COST_OK) {
        return rc;
    }

    return cost_service_charge_row(call, L_NODES, row, hours);
}


static cost_rc_e
cost_svc_elasticache_serverless(cost_service_call_t *call, uint32_t engine)
{
    cost_rc_e       rc;
    cost_decimal_t  quantity;

    static const cost_price_e  storage[] = {
        COST_PRICE_ELASTICACHE_SERVERLESS_REDIS_GB_HOUR,
        COST_PRICE_ELASTICACHE_SERVERLESS_VALKEY_GB_HOUR,
        COST_PRICE_ELASTICACHE_SERVERLESS_MEMCACHED_GB_HOUR
    };

    static const cost_price_e  ecpus[] = {
        COST_PRICE_ELASTICACHE_SERVERLESS_REDIS_ECPU,
        COST_PRICE_ELASTICACHE_SERVERLESS_VALKEY_ECPU,
        COST_PRICE_ELASTICACHE_SERVERLESS_MEMCACHED_ECPU
    };

    rc = cost_service_multiply(call, cost_service_number(call, P_STORAGE),
                               cost_service_number(call, P_HOURS), &quantity);

    if (rc == COST_OK) {
        rc = cost_service_charge(call, L_STORAGE, storage[engine], quantity);
    }

    if (rc != COST_OK || !cost_service_given(call, P_REQUESTS)) {
        return rc;
    }

    quantity = cost_svc_max(cost_service_number(call, P_REQUEST_KB),
                            COST_DECIMAL_ONE);

    rc = cost_service_multiply(call, quantity,
                               cost_service_number(call, P_REQUESTS),
                               &quantity);

    if (rc != COST_OK) {
        return rc;
    }

    return cost_service_charge(call, L_ECPUS, ecpus[engine], quantity);
}
