
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Tasks on Fargate by vCPU, memory and ephemeral storage; on EC2 the
 * orchestration is free (the instances are EC2's), and ECS Anywhere bills its
 * external instances by the hour.
 */


#include "cost_service.h"
#include "cost_svc_part.h"


enum {
    P_LAUNCH = 0,
    P_SYSTEM,
    P_CPU,
    P_TASKS,
    P_HOURS,
    P_VCPU,
    P_MEMORY,
    P_EPHEMERAL,
    P_EXTERNAL,
    P_OUT
};

enum {
    L_VCPU = 0,
    L_MEMORY,
    L_LICENSE,
    L_EPHEMERAL,
    L_EXTERNAL,
    L_OUT
};

enum {
    ECS_FARGATE = 0,
    ECS_EC2,
    ECS_EXTERNAL
};

enum {
    ECS_LINUX = 0,
    ECS_WINDOWS
};

enum {
    ECS_X86_64 = 0,
    ECS_ARM64
};


static cost_rc_e cost_svc_ecs_price(cost_service_call_t *call);


static const cost_str_t  cost_svc_ecs_launches[] = {
    cost_string("FARGATE"),
    cost_string("EC2"),
    cost_string("EXTERNAL"),
    { 0, NULL }
};

static const cost_str_t  cost_svc_ecs_systems[] = {
    cost_string("LINUX"),
    cost_string("WINDOWS"),
    { 0, NULL }
};

static const cost_str_t  cost_svc_ecs_cpus[] = {
    cost_string("X86_64"),
    cost_string("ARM64"),
    { 0, NULL }
};

static const cost_service_param_t  cost_svc_ecs_params[] = {
    COST_WORD("launchType", cost_svc_ecs_launches, ECS_FARGATE,
              "where the tasks run"),
    COST_WORD("operatingSystem", cost_svc_ecs_systems, ECS_LINUX,
              "of Fargate tasks"),
    COST_WORD("cpuArchitecture", cost_svc_ecs_cpus, ECS_X86_64,
              "of Fargate tasks"),
    COST_NUMBER("taskCount", "task", 1, "tasks that run at a time"),
    COST_HOURS("hours that each task, or external instance, runs in the "
               "month"),
    COST_NUMBER("vCPU", "vCPU", 1, "vCPUs of each task"),
    COST_NUMBER("memoryGB", "GB", 2, "memory of each task"),
    COST_NUMBER("ephemeralStorageGB", "GB", 20,
                "ephemeral storage of each task; 20 are included"),
    COST_NUMBER("externalInstances", "instance", 1,
                "instances of your own, with launchType EXTERNAL"),
    COST_NUMBER("dataTransferOutGB", "GB", 0,
                "data transfer out to the internet")
};

static const cost_str_t  cost_svc_ecs_lines[] = {
    cost_string("vCPU"),
    cost_string("memory"),
    cost_string("windowsLicense"),
    cost_string("ephemeralStorage"),
    cost_string("externalInstances"),
    cost_string("dataTransferOut")
};

static const cost_service_term_t  cost_svc_ecs_terms[] = {
    { .line = L_EXTERNAL, .quantity = P_EXTERNAL,
      .times = COST_WITH(P_HOURS),
      .when = COST_WITH(P_LAUNCH), .words = COST_IS(ECS_EXTERNAL),
      .price = COST_PRICE_ECS_ECS_ANYWHERE_INSTANCE_HOUR },
    { .line = L_OUT, .quantity = P_OUT,
      .price = COST_PRICE_DATATRANSFER_INTERNET_EGRESS_GB }
};


const cost_service_t  cost_svc_ecs = {
    .name = cost_string("ECS"),
    .about = cost_string("container tasks on Fargate, EC2 or elsewhere"),
    .params = cost_svc_ecs_params,
    .lines = cost_svc_ecs_lines,
    .terms = cost_svc_ecs_terms,
    .price = cost_svc_ecs_price,
    .nparams = COST_COUNT(cost_svc_ecs_params),
    .nlines = COST_COUNT(cost_svc_ecs_lines),
    .nterms = COST_COUNT(cost_svc_ecs_terms)
};


static cost_rc_e
cost_svc_ecs_price(cost_service_call_t *call)
{
    uint32_t        system, cpu;
    cost_rc_e       rc;
    cost_decimal_t  hours, vcpus, memory, storage;

    static const cost_price_e  vcpu_prices[] = {
        COST_PRICE_ECS_FARGATE_VCPU_HOUR,
        COST_PRICE_ECS_FARGATE_ARM_VCPU_HOUR,
        COST_PRICE_ECS_FARGATE_WINDOWS_VCPU_HOUR
    };

    static const cost_price_e  license_price =
        COST_PRICE_ECS_FARGATE_WINDOWS_LICENSE_VCPU_HOUR;

    static const cost_price_e  memory_prices[] = {
        COST_PRICE_ECS_FARGATE_GB_HOUR,
        COST_PRICE_ECS_FARGATE_ARM_GB_HOUR,
        COST_PRICE_ECS_FARGATE_WINDOWS_GB_HOUR
    };

    if (cost_service_word(call, P_LAUNCH) != ECS_FARGATE) {
        return COST_OK;
    }

    system = cost_service_word(call, P_SYSTEM);
    cpu = cost_service_word(call, P_CPU);

    if (system == ECS_WINDOWS) {

        if (cpu == ECS_ARM64) {
            return cost_service_refuse(call, P_CPU,
                                       "must be X86_64 with operatingSystem "
                                       "WINDOWS");
        }

        cpu = 2;
    }

    rc = cost_service_multiply(call, cost_service_number(call, P_TASKS),
                               cost_service_number(call, P_HOURS), &hours);

    if (rc != COST_OK) {
        return rc;
    }

    rc = cost_service_multiply(call, cost_service_number(call, P_VCPU), hours,
                               &vcpus);

    if (rc == COST_OK) {
        rc = cost_service_charge(call, L_VCPU, vcpu_prices[cpu], vcpus);
    }

    if (rc != COST_OK) {
        return rc;
    }

    rc = cost_service_multiply(call, cost_service_number(call, P_MEMORY),
                               hours, &memory);

    if (rc == COST_OK) {
        rc = cost_service_charge(call, L_MEMORY, memory_prices[cpu], memory);
    }

    if (rc == COST_OK && system == ECS_WINDOWS) {
        rc = cost_service_charge(call, L_LICENSE, license_price, vcpus);
    }

    if (rc != COST_OK || !cost_service_given(call, P_EPHEMERAL)) {
        return rc;
    }

    storage = cost_svc_above(cost_service_number(call, P_EPHEMERAL), 20);

    rc = cost_service_multiply(call, storage, hours, &storage);

    if (rc != COST_OK) {
        return rc;
    }

    return cost_service_charge(call, L_EPHEMERAL,
                               COST_PRICE_ECS_FARGATE_EPHEMERAL_GB_HOUR,
                               storage);
}
