
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Linux instances on demand, each with the same volumes.  The volumes'
 * figures are per volume: what gp3 includes and io2's tiers are too.
 */


#include "cost_service.h"
#include "cost_svc_part.h"


enum {
    P_TYPE = 0,
    P_COUNT,
    P_HOURS,
    P_STORAGE_TYPE,
    P_STORAGE,
    P_VOLUMES,
    P_IOPS,
    P_THROUGHPUT,
    P_IO_REQUESTS,
    P_SNAPSHOTS,
    P_ADDRESSES,
    P_OUT
};

enum {
    L_INSTANCES = 0,
    L_STORAGE,
    L_IOPS,
    L_THROUGHPUT,
    L_IO_REQUESTS,
    L_SNAPSHOTS,
    L_ADDRESSES,
    L_OUT
};

enum {
    EBS_GP3 = 0,
    EBS_GP2,
    EBS_IO1,
    EBS_IO2,
    EBS_ST1,
    EBS_SC1,
    EBS_STANDARD
};


static cost_rc_e cost_svc_ec2_price(cost_service_call_t *call);
static cost_rc_e cost_svc_ec2_volumes(cost_service_call_t *call,
    cost_decimal_t instances);
static cost_rc_e cost_svc_ec2_io2(cost_service_call_t *call,
    cost_decimal_t iops, cost_decimal_t volumes);


static const cost_str_t  cost_svc_ec2_storage_types[] = {
    cost_string("gp3"),
    cost_string("gp2"),
    cost_string("io1"),
    cost_string("io2"),
    cost_string("st1"),
    cost_string("sc1"),
    cost_string("standard"),
    { 0, NULL }
};

static const uint16_t  cost_svc_ec2_storage_prices[] = {
    COST_PRICE_EBS_GP3_GB_MONTH,
    COST_PRICE_EBS_GP2_GB_MONTH,
    COST_PRICE_EBS_IO1_GB_MONTH,
    COST_PRICE_EBS_IO2_GB_MONTH,
    COST_PRICE_EBS_ST1_GB_MONTH,
    COST_PRICE_EBS_SC1_GB_MONTH,
    COST_PRICE_EBS_STANDARD_GB_MONTH
};

static const cost_service_param_t  cost_svc_ec2_params[] = {
    COST_KEY("instanceType", "t3.micro", "type of the instances, Linux"),
    COST_INTEGER("instanceCount", "instance", 1, 0, 1000000,
                 "number of instances"),
    COST_HOURS("hours that each instance runs in the month"),
    COST_WORD("storageType", cost_svc_ec2_storage_types, EBS_GP3,
              "kind of the EBS volumes"),
    COST_NUMBER("storageGB", "GB-month", 0, "size of each EBS volume"),
    COST_INTEGER("volumesPerInstance", "volume", 1, 0, 128,
                 "EBS volumes of each instance"),
    COST_NUMBER("iops", "IOPS-month", 0,
                "provisioned IOPS of each volume; gp3 includes 3000"),
    COST_NUMBER("throughputMiBps", "MiBps-month", 0,
                "provisioned throughput of each gp3 volume; 125 are included"),
    COST_NUMBER("ioRequests", "request", 0,
                "I/O requests of all standard (magnetic) volumes"),
    COST_NUMBER("snapshotGB", "GB-month", 0, "EBS snapshots, all together"),
    COST_NUMBER("publicIpv4Addresses", "address", 0,
                "public IPv4 addresses, all together, for the same hours"),
    COST_NUMBER("dataTransferOutGB", "GB", 0,
                "data transfer out to the internet")
};

static const cost_str_t  cost_svc_ec2_lines[] = {
    cost_string("instances"),
    cost_string("storage"),
    cost_string("iops"),
    cost_string("throughput"),
    cost_string("ioRequests"),
    cost_string("snapshots"),
    cost_string("publicIpv4"),
    cost_string("dataTransferOut")
};

static const cost_service_term_t  cost_svc_ec2_terms[] = {
    { .line = L_IO_REQUESTS, .quantity = P_IO_REQUESTS,
      .when = COST_WITH(P_STORAGE_TYPE), .words = COST_IS(EBS_STANDARD),
      .price = COST_PRICE_EBS_STANDARD_IO_REQUEST },
    { .line = L_SNAPSHOTS, .quantity = P_SNAPSHOTS,
      .price = COST_PRICE_EBS_SNAPSHOT_GB_MONTH },
    { .line = L_ADDRESSES, .quantity = P_ADDRESSES,
      .times = COST_WITH(P_HOURS),
      .price = COST_PRICE_ELASTICIP_PUBLIC_IPV4_IN_USE_HOUR },
    { .line = L_OUT, .quantity = P_OUT,
      .price = COST_PRICE_DATATRANSFER_INTERNET_EGRESS_GB }
};


const cost_service_t  cost_svc_ec2 = {
    .name = cost_string("EC2"),
    .about = cost_string("Linux instances on demand, with EBS volumes"),
    .params = cost_svc_ec2_params,
    .lines = cost_svc_ec2_lines,
    .terms = cost_svc_ec2_terms,
    .price = cost_svc_ec2_price,
    .nparams = COST_COUNT(cost_svc_ec2_params),
    .nlines = COST_COUNT(cost_svc_ec2_lines),
    .nterms = COST_COUNT(cost_svc_ec2_terms)
};


static cost_rc_e
cost_svc_ec2_price(cost_service_call_t *call)
{
    uint32_t        row;
    cost_rc_e       rc;
    cost_str_t      type;
    cost_decimal_t  instances, hours;

    static const uint8_t  params[] = { P_TYPE };

    type = cost_service_text(call, P_TYPE);

    rc = cost_service_key(call, COST_PRICE_EC2_LINUX_ON_DEMAND_HOUR, &type,
                          params, 1, &row);

    if (rc != COST_OK) {
        return rc;
    }

    instances = cost_service_number(call, P_COUNT);

    rc = cost_service_multiply(call, instances,
                               cost_service_number(call, P_HOURS), &hours);

    if (rc != COST_OK) {
        return rc;
    }

    rc = cost_service_charge_row(call, L_INSTANCES, row, hours);

    if (rc != COST_OK) {
        return rc;
    }

    return cost_svc_ec2_volumes(call, instances);
}


static cost_rc_e
cost_svc_ec2_volumes(cost_service_call_t *call, cost_decimal_t instances)
{
    uint32_t        type;
    cost_rc_e       rc;
    cost_price_e    price;
    cost_decimal_t  volumes, size, quantity;

    if (!cost_service_given(call, P_STORAGE)) {
        return COST_OK;
    }

    type = cost_service_word(call, P_STORAGE_TYPE);

    rc = cost_service_multiply(call, instances,
                               cost_service_number(call, P_VOLUMES),
                               &volumes);

    if (rc != COST_OK) {
        return rc;
    }

    rc = cost_service_multiply(call, volumes,
                               cost_service_number(call, P_STORAGE), &size);

    if (rc != COST_OK) {
        return rc;
    }

    rc = cost_service_charge(call, L_STORAGE,
                             (cost_price_e) cost_svc_ec2_storage_prices[type],
                             size);

    if (rc != COST_OK) {
        return rc;
    }

    if (type == EBS_GP3 && cost_service_given(call, P_THROUGHPUT)) {
        quantity = cost_svc_above(cost_service_number(call, P_THROUGHPUT),
                                  125);

        rc = cost_service_multiply(call, quantity, volumes, &quantity);

        if (rc != COST_OK) {
            return rc;
        }

        rc = cost_service_charge(call, L_THROUGHPUT,
                                 COST_PRICE_EBS_GP3_THROUGHPUT_MIBPS_MONTH,
                                 quantity);

        if (rc != COST_OK) {
            return rc;
        }
    }

    if ((type != EBS_GP3 && type != EBS_IO1 && type != EBS_IO2)
        || !cost_service_given(call, P_IOPS))
    {
        return COST_OK;
    }

    quantity = cost_service_number(call, P_IOPS);

    if (type == EBS_IO2) {
        return cost_svc_ec2_io2(call, quantity, volumes);
    }

    price = COST_PRICE_EBS_IO1_IOPS_MONTH;

    if (type == EBS_GP3) {
        price = COST_PRICE_EBS_GP3_IOPS_MONTH;
        quantity = cost_svc_above(quantity, 3000);
    }

    rc = cost_service_multiply(call, quantity, volumes, &quantity);

    if (rc != COST_OK) {
        return rc;
    }

    return cost_service_charge(call, L_IOPS, price, quantity);
}


/* each volume goes through the tiers by itself */

static cost_rc_e
cost_svc_ec2_io2(cost_service_call_t *call, cost_decimal_t iops,
    cost_decimal_t volumes)
{
    uint32_t        row;
    cost_rc_e       rc;
    cost_decimal_t  amount;

    row = cost_price_row(call->prices, COST_PRICE_EBS_IO2_IOPS_MONTH);

    if (cost_price_cost(call->prices, row, call->region, iops, &amount)
        != COST_OK)
    {
        return cost_service_charge(call, L_IOPS,
                                   COST_PRICE_EBS_IO2_IOPS_MONTH, iops);
    }

    rc = cost_service_multiply(call, amount, volumes, &amount);

    if (rc != COST_OK) {
        return rc;
    }

    cost_service_add(call, L_IOPS, amount);

    return COST_OK;
}
