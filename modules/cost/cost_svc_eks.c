
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Clusters by the hour, their nodes as EC2 instances with a gp3 volume each,
 * and pods on Fargate.
 */


#include "cost_service.h"
#include "cost_svc_part.h"


enum {
    P_CLUSTERS = 0,
    P_HOURS,
    P_EXTENDED,
    P_NODE_TYPE,
    P_NODES,
    P_NODE_STORAGE,
    P_PODS,
    P_VCPU,
    P_MEMORY,
    P_OUT
};

enum {
    L_CLUSTERS = 0,
    L_EXTENDED,
    L_NODES,
    L_NODE_STORAGE,
    L_VCPU,
    L_MEMORY,
    L_OUT
};


static cost_rc_e cost_svc_eks_price(cost_service_call_t *call);


static const cost_service_param_t  cost_svc_eks_params[] = {
    COST_INTEGER("clusterCount", "cluster", 1, 0, 1000000,
                 "number of clusters"),
    COST_HOURS("hours that clusters, nodes and pods run in the month"),
    COST_BOOL("extendedSupport", 0,
              "the Kubernetes version is in extended support"),
    COST_KEY("nodeInstanceType", "m5.large", "EC2 type of the nodes"),
    COST_INTEGER("nodeCount", "node", 0, 0, 1000000,
                 "EC2 nodes of all clusters"),
    COST_NUMBER("nodeStorageGB", "GB-month", 20, "gp3 volume of each node"),
    COST_NUMBER("fargatePods", "pod", 0, "pods that run on Fargate at a time"),
    COST_NUMBER("podVCPU", "vCPU", 1, "vCPUs of each Fargate pod"),
    COST_NUMBER("podMemoryGB", "GB", 2, "memory of each Fargate pod"),
    COST_NUMBER("dataTransferOutGB", "GB", 0,
                "data transfer out to the internet")
};

static const cost_str_t  cost_svc_eks_lines[] = {
    cost_string("clusters"),
    cost_string("extendedSupport"),
    cost_string("nodes"),
    cost_string("nodeStorage"),
    cost_string("fargateVCPU"),
    cost_string("fargateMemory"),
    cost_string("dataTransferOut")
};

static const cost_service_term_t  cost_svc_eks_terms[] = {
    { .line = L_CLUSTERS, .quantity = P_CLUSTERS,
      .times = COST_WITH(P_HOURS),
      .price = COST_PRICE_EKS_CLUSTER_HOUR },
    { .line = L_EXTENDED, .quantity = P_CLUSTERS,
      .times = COST_WITH(P_HOURS),
      .when = COST_WITH(P_EXTENDED), .words = COST_IS(1),
      .price = COST_PRICE_EKS_CLUSTER_EXTENDED_SUPPORT_HOUR },
    { .line = L_VCPU, .quantity = P_PODS,
      .times = COST_WITH(P_VCPU), .also = COST_WITH(P_HOURS),
      .price = COST_PRICE_EKS_FARGATE_VCPU_HOUR },
    { .line = L_MEMORY, .quantity = P_PODS,
      .times = COST_WITH(P_MEMORY), .also = COST_WITH(P_HOURS),
      .price = COST_PRICE_EKS_FARGATE_GB_HOUR },
    { .line = L_OUT, .quantity = P_OUT,
      .price = COST_PRICE_DATATRANSFER_INTERNET_EGRESS_GB }
};


const cost_service_t  cost_svc_eks = {
    .name = cost_string("EKS"),
    .about = cost_string("Kubernetes clusters with EC2 nodes or on Fargate"),
    .params = cost_svc_eks_params,
    .lines = cost_svc_eks_lines,
    .terms = cost_svc_eks_terms,
    .price = cost_svc_eks_price,
    .nparams = COST_COUNT(cost_svc_eks_params),
    .nlines = COST_COUNT(cost_svc_eks_lines),
    .nterms = COST_COUNT(cost_svc_eks_terms)
};


static cost_rc_e
cost_svc_eks_price(cost_service_call_t *call)
{
    uint32_t        row;
    cost_rc_e       rc;
    cost_str_t      type;
    cost_decimal_t  nodes, hours, storage;

    static const uint8_t  params[] = { P_NODE_TYPE };

    if (!cost_service_given(call, P_NODES)) {
        return COST_OK;
    }

    type = cost_service_text(call, P_NODE_TYPE);

    rc = cost_service_key(call, COST_PRICE_EC2_LINUX_ON_DEMAND_HOUR, &type,
                          params, 1, &row);

    if (rc != COST_OK) {
        return rc;
    }

    nodes = cost_service_number(call, P_NODES);

    rc = cost_service_multiply(call, nodes,
                               cost_service_number(call, P_HOURS), &hours);

    if (rc != COST_OK) {
        return rc;
    }

    rc = cost_service_charge_row(call, L_NODES, row, hours);

    if (rc != COST_OK) {
        return rc;
    }

    rc = cost_service_multiply(call, nodes,
                               cost_service_number(call, P_NODE_STORAGE),
                               &storage);

    if (rc != COST_OK) {
        return rc;
    }

    return cost_service_charge(call, L_NODE_STORAGE,
                               COST_PRICE_EBS_GP3_GB_MONTH, storage);
}
