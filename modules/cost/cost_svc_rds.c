
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * MySQL, PostgreSQL and MariaDB: each instance with storage of its own, single
 * or with a standby in another zone.  Aurora: instances that share one
 * volume, Standard or I/O-Optimized, or serverless capacity units
 * (instanceClass db.serverless).
 */


#include "cost_service.h"
#include "cost_svc_part.h"


enum {
    P_ENGINE = 0,
    P_CLASS,
    P_COUNT,
    P_HOURS,
    P_MULTI_AZ,
    P_STORAGE_TYPE,
    P_STORAGE,
    P_IOPS,
    P_THROUGHPUT,
    P_IO_REQUESTS,
    P_IO_OPTIMIZED,
    P_ACUS,
    P_BACKUP,
    P_PROXY
};

enum {
    L_INSTANCES = 0,
    L_STORAGE,
    L_IOPS,
    L_THROUGHPUT,
    L_IO_REQUESTS,
    L_BACKUP,
    L_PROXY
};

enum {
    RDS_GP3 = 0,
    RDS_GP2,
    RDS_IO1,
    RDS_IO2,
    RDS_MAGNETIC
};

/* of gp3 with 400 GB or more, and with less (recalled, not in the feed) */
#define RDS_GP3_LARGE_GB          400
#define RDS_GP3_LARGE_IOPS        12000
#define RDS_GP3_LARGE_THROUGHPUT  500
#define RDS_GP3_IOPS              3000
#define RDS_GP3_THROUGHPUT        125


static cost_rc_e cost_svc_rds_price(cost_service_call_t *call);
static cost_rc_e cost_svc_rds_instances(cost_service_call_t *call,
    uint32_t engine);
static cost_rc_e cost_svc_rds_storage(cost_service_call_t *call);
static cost_rc_e cost_svc_rds_performance(cost_service_call_t *call,
    uint32_t type, uint32_t multi);
static cost_rc_e cost_svc_rds_each(cost_service_call_t *call, uint8_t line,
    cost_price_e price, cost_decimal_t quantity);
static cost_rc_e cost_svc_rds_aurora(cost_service_call_t *call);


static const cost_str_t  cost_svc_rds_engines[] = {
    cost_string("mysql"),
    cost_string("postgresql"),
    cost_string("mariadb"),
    cost_string("aurora_mysql"),
    cost_string("aurora_postgresql"),

    /* as the RDS API spells them */
    cost_string("postgres"),
    cost_string("aurora-mysql"),
    cost_string("aurora-postgresql"),
    { 0, NULL }
};

/* of the engines above: which of the first five */
static const uint8_t  cost_svc_rds_engine_keys[] = { 0, 1, 2, 3, 4, 1, 3, 4 };

#define RDS_AURORA  3                    /* and above */

static const cost_str_t  cost_svc_rds_storage_types[] = {
    cost_string("gp3"),
    cost_string("gp2"),
    cost_string("io1"),
    cost_string("io2"),
    cost_string("magnetic"),
    { 0, NULL }
};

static const cost_price_e  cost_svc_rds_storage_prices[][2] = {
    { COST_PRICE_RDS_GP3_SINGLE_GB_MONTH, COST_PRICE_RDS_GP3_MULTI_GB_MONTH },
    { COST_PRICE_RDS_GP2_SINGLE_GB_MONTH, COST_PRICE_RDS_GP2_MULTI_GB_MONTH },
    { COST_PRICE_RDS_IO1_SINGLE_GB_MONTH, COST_PRICE_RDS_IO1_MULTI_GB_MONTH },
    { COST_PRICE_RDS_IO2_SINGLE_GB_MONTH, COST_PRICE_RDS_IO2_MULTI_GB_MONTH },
    { COST_PRICE_RDS_MAGNETIC_SINGLE_GB_MONTH,
      COST_PRICE_RDS_MAGNETIC_MULTI_GB_MONTH }
};

static const cost_service_param_t  cost_svc_rds_params[] = {
    COST_WORD("engine", cost_svc_rds_engines, 0, "database engine"),
    COST_KEY("instanceClass", "db.t3.medium",
             "class of the instances; db.serverless for Aurora Serverless v2"),
    COST_INTEGER("instanceCount", "instance", 1, 0, 1000000,
                 "instances; of Aurora the writer and its readers"),
    COST_HOURS("hours that each instance runs in the month"),
    COST_BOOL("multiAZ", 0, "with a standby in another zone; not for Aurora"),
    COST_WORD("storageType", cost_svc_rds_storage_types, RDS_GP3,
              "kind of the storage; not for Aurora"),
    COST_NUMBER("storageGB", "GB-month", 0,
                "storage of each instance; of Aurora the shared volume"),
    COST_NUMBER("iops", "IOPS-month", 0,
                "provisioned IOPS of each instance; gp3 includes 3000, or "
                "12000 from 400 GB on"),
    COST_NUMBER("throughputMiBps", "MiBps-month", 0,
                "provisioned throughput of each gp3 instance; 125 are "
                "included, or 500 from 400 GB on"),
    COST_NUMBER("ioRequests", "request", 0,
                "I/O requests of magnetic storage and of Aurora Standard"),
    COST_BOOL("ioOptimized", 0, "Aurora I/O-Optimized"),
    COST_NUMBER("averageACU", "ACU", 2,
                "average capacity of each db.serverless instance"),
    COST_NUMBER("backupStorageGB", "GB-month", 0,
                "backup storage beyond the free amount"),
    COST_NUMBER("proxyVCPU", "vCPU", 0, "vCPUs of the databases behind RDS "
                "Proxy")
};

static const cost_str_t  cost_svc_rds_lines[] = {
    cost_string("instances"),
    cost_string("storage"),
    cost_string("iops"),
    cost_string("throughput"),
    cost_string("ioRequests"),
    cost_string("backupStorage"),
    cost_string("proxy")
};

static const cost_service_term_t  cost_svc_rds_terms[] = {
    { .line = L_PROXY, .quantity = P_PROXY, .times = COST_WITH(P_HOURS),
      .price = COST_PRICE_RDS_PROXY_VCPU_HOUR }
};


const cost_service_t  cost_svc_rds = {
    .name = cost_string("RDS"),
    .about = cost_string("relational databases, Aurora included"),
    .params = cost_svc_rds_params,
    .lines = cost_svc_rds_lines,
    .terms = cost_svc_rds_terms,
    .price = cost_svc_rds_price,
    .nparams = COST_COUNT(cost_svc_rds_params),
    .nlines = COST_COUNT(cost_svc_rds_lines),
    .nterms = COST_COUNT(cost_svc_rds_terms)
};


static cost_rc_e
cost_svc_rds_price(cost_service_call_t *call)
{
    uint32_t   engine;
    cost_rc_e  rc;

    engine = cost_svc_rds_engine_keys[cost_service_word(call, P_ENGINE)];

    rc = cost_svc_rds_instances(call, engine);

    if (rc == COST_OK) {
        rc = (engine >= RDS_AURORA) ? cost_svc_rds_aurora(call)
                                    : cost_svc_rds_storage(call);
    }

    if (rc != COST_OK || !cost_service_given(call, P_BACKUP)) {
        return rc;
    }

    return cost_service_charge(call, L_BACKUP,
                               (engine >= RDS_AURORA)
                               ? COST_PRICE_RDS_AURORA_BACKUP_GB_MONTH
                               : COST_PRICE_RDS_BACKUP_GB_MONTH,
                               cost_service_number(call, P_BACKUP));
}


static cost_rc_e
cost_svc_rds_instances(cost_service_call_t *call, uint32_t engine)
{
    uint32_t        row, variant;
    cost_rc_e       rc;
    cost_str_t      parts[3];
    cost_decimal_t  hours;

    static const uint8_t  params[] = { P_ENGINE, P_CLASS, COST_NO_PARAM };

    static const cost_price_e  acu_hours[] = {
        COST_PRICE_RDS_AURORA_SERVERLESS_V2_ACU_HOUR,
        COST_PRICE_RDS_AURORA_SERVERLESS_V2_IO_OPT_ACU_HOUR
    };

    static const cost_str_t  deployments[] = {
        cost_string("single_az"),
        cost_string("multi_az"),
        cost_string("standard"),
        cost_string("io_opt")
    };

    if (engine >= RDS_AURORA) {

        if (cost_service_given(call, P_MULTI_AZ)
            && cost_service_word(call, P_MULTI_AZ))
        {
            return cost_service_refuse(call, P_MULTI_AZ,
                                       "is not for Aurora, whose readers are "
                                       "counted in instanceCount");
        }

        variant = 2 + cost_service_word(call, P_IO_OPTIMIZED);

    } else {
        variant = cost_service_word(call, P_MULTI_AZ);
    }

    rc = cost_service_multiply(call, cost_service_number(call, P_COUNT),
                               cost_service_number(call, P_HOURS), &hours);

    if (rc != COST_OK) {
        return rc;
    }

    parts[0] = cost_svc_rds_engines[engine];
    parts[1] = cost_service_text(call, P_CLASS);
    parts[2] = deployments[variant];

    if (cost_str_is(&parts[1], "db.serverless")) {

        if (variant < 2) {
            return cost_service_refuse(call, P_CLASS,
                                       "db.serverless needs an Aurora engine");
        }

        rc = cost_service_multiply(call, hours,
                                   cost_service_number(call, P_ACUS), &hours);

        if (rc != COST_OK) {
            return rc;
        }

        return cost_service_charge(call, L_INSTANCES, acu_hours[variant - 2],
                                   hours);
    }

    rc = cost_service_key(call, COST_PRICE_RDS_INSTANCE_HOUR, parts, params,
                          3, &row);

    if (rc == COST_NULL) {
        return cost_service_refuse(call, P_CLASS,
                                   "has no price for this engine and "
                                   "deployment, in no region");
    }

    if (rc != COST_OK) {
        return rc;
    }

    return cost_service_charge_row(call, L_INSTANCES, row, hours);
}


static cost_rc_e
cost_svc_rds_storage(cost_service_call_t *call)
{
    uint32_t   type, multi;
    cost_rc_e  rc;

    if (!cost_service_given(call, P_STORAGE)) {
        return COST_OK;
    }

    type = cost_service_word(call, P_STORAGE_TYPE);
    multi = cost_service_word(call, P_MULTI_AZ);

    rc = cost_svc_rds_each(call, L_STORAGE,
                           cost_svc_rds_storage_prices[type][multi],
                           cost_service_number(call, P_STORAGE));

    if (rc != COST_OK) {
        return rc;
    }

    if (type == RDS_MAGNETIC && cost_service_given(call, P_IO_REQUESTS)) {
        return cost_service_charge(call, L_IO_REQUESTS,
                                   COST_PRICE_RDS_MAGNETIC_IO_REQUEST,
                                   cost_service_number(call, P_IO_REQUESTS));
    }

    return cost_svc_rds_performance(call, type, multi);
}


/* io2's IOPS have io1's price: the feed has one for both */

static cost_rc_e
cost_svc_rds_performance(cost_service_call_t *call, uint32_t type,
    uint32_t multi)
{
    bool            large;
    cost_rc_e       rc;
    cost_decimal_t  quantity;

    static const cost_price_e  iops[] = {
        COST_PRICE_RDS_IO1_SINGLE_IOPS_MONTH,
        COST_PRICE_RDS_IO1_MULTI_IOPS_MONTH
    };

    static const cost_price_e  gp3_iops[] = {
        COST_PRICE_RDS_GP3_SINGLE_IOPS_MONTH,
        COST_PRICE_RDS_GP3_MULTI_IOPS_MONTH
    };

    static const cost_price_e  gp3_throughput[] = {
        COST_PRICE_RDS_GP3_SINGLE_THROUGHPUT_MIBPS_MONTH,
        COST_PRICE_RDS_GP3_MULTI_THROUGHPUT_MIBPS_MONTH
    };

    if (type == RDS_IO1 || type == RDS_IO2) {

        if (!cost_service_given(call, P_IOPS)) {
            return COST_OK;
        }

        return cost_svc_rds_each(call, L_IOPS, iops[multi],
                                 cost_service_number(call, P_IOPS));
    }

    if (type != RDS_GP3) {
        return COST_OK;
    }

    large = cost_service_number(call, P_STORAGE)
            >= RDS_GP3_LARGE_GB * COST_DECIMAL_ONE;

    if (cost_service_given(call, P_IOPS)) {
        quantity = cost_svc_above(cost_service_number(call, P_IOPS),
                                  large ? RDS_GP3_LARGE_IOPS : RDS_GP3_IOPS);

        rc = cost_svc_rds_each(call, L_IOPS, gp3_iops[multi], quantity);

        if (rc != COST_OK) {
            return rc;
        }
    }

    if (!cost_service_given(call, P_THROUGHPUT)) {
        return COST_OK;
    }

    quantity = cost_svc_above(cost_service_number(call, P_THROUGHPUT),
                              large ? RDS_GP3_LARGE_THROUGHPUT
                                    : RDS_GP3_THROUGHPUT);

    return cost_svc_rds_each(call, L_THROUGHPUT, gp3_throughput[multi],
                             quantity);
}


/* what each instance has, for all of them */

static cost_rc_e
cost_svc_rds_each(cost_service_call_t *call, uint8_t line,
    cost_price_e price, cost_decimal_t quantity)
{
    cost_rc_e  rc;

    rc = cost_service_multiply(call, quantity,
                               cost_service_number(call, P_COUNT), &quantity);

    if (rc != COST_OK) {
        return rc;
    }

    return cost_service_charge(call, line, price, quantity);
}


/* with I/O-Optimized the requests are in the other prices */

static cost_rc_e
cost_svc_rds_aurora(cost_service_call_t *call)
{
    uint32_t   optimized;
    cost_rc_e  rc;

    static const cost_price_e  storage[] = {
        COST_PRICE_RDS_AURORA_STORAGE_GB_MONTH,
        COST_PRICE_RDS_AURORA_STORAGE_IO_OPT_GB_MONTH
    };

    optimized = cost_service_word(call, P_IO_OPTIMIZED);

    if (cost_service_given(call, P_STORAGE)) {
        rc = cost_service_charge(call, L_STORAGE, storage[optimized],
                                 cost_service_number(call, P_STORAGE));

        if (rc != COST_OK) {
            return rc;
        }
    }

    if (!cost_service_given(call, P_IO_REQUESTS)) {
        return COST_OK;
    }

    if (optimized) {
        cost_service_add(call, L_IO_REQUESTS, 0);
        return COST_OK;
    }

    return cost_service_charge(call, L_IO_REQUESTS,
                               COST_PRICE_RDS_AURORA_IO_REQUEST,
                               cost_service_number(call, P_IO_REQUESTS));
}
