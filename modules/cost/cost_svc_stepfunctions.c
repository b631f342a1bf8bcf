
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A standard workflow bills state transitions: those given, else executions x
 * stateTransitionsPerExecution.  An express workflow bills executions, and
 * their duration in steps of 100 ms x memory in steps of 64 MB.
 */


#include "cost_service.h"
#include "cost_svc_part.h"


enum {
    P_TYPE = 0,
    P_EXECUTIONS,
    P_TRANSITIONS,
    P_EACH,
    P_DURATION,
    P_MEMORY
};

enum {
    L_TRANSITIONS = 0,
    L_REQUESTS,
    L_DURATION
};

enum {
    TYPE_STANDARD = 0,
    TYPE_EXPRESS
};


static cost_rc_e cost_svc_stepfunctions_price(cost_service_call_t *call);
static cost_rc_e cost_svc_stepfunctions_duration(cost_service_call_t *call,
    cost_decimal_t executions);


static const cost_str_t  cost_svc_stepfunctions_types[] = {
    cost_string("STANDARD"),
    cost_string("EXPRESS"),
    { 0, NULL }
};

static const cost_service_param_t  cost_svc_stepfunctions_params[] = {
    COST_WORD("workflowType", cost_svc_stepfunctions_types, 0,
              "kind of the workflow"),
    COST_MAIN("executions", "execution", "executions started"),
    COST_NUMBER("stateTransitions", "transition", 0,
                "standard: state transitions of all executions"),
    COST_NUMBER("stateTransitionsPerExecution", "transition", 1,
                "standard: state transitions of one execution"),
    COST_NUMBER("averageDurationMs", "ms", 100,
                "express: duration of an execution"),
    COST_NUMBER("memoryMB", "MB", 64, "express: memory of an execution")
};

static const cost_str_t  cost_svc_stepfunctions_lines[] = {
    cost_string("stateTransitions"),
    cost_string("requests"),
    cost_string("duration")
};

static const cost_service_term_t  cost_svc_stepfunctions_terms[] = {
    { .line = L_TRANSITIONS, .quantity = P_TRANSITIONS,
      .when = COST_WITH(P_TYPE), .words = COST_IS(TYPE_STANDARD),
      .price = COST_PRICE_STEPFUNCTIONS_STATE_TRANSITION },
    { .line = L_REQUESTS, .quantity = P_EXECUTIONS, .when = COST_WITH(P_TYPE),
      .words = COST_IS(TYPE_EXPRESS),
      .price = COST_PRICE_STEPFUNCTIONS_EXPRESS_REQUEST }
};


const cost_service_t  cost_svc_stepfunctions = {
    cost_string("StepFunctions"),
    cost_string("Workflows, standard or express"),
    cost_svc_stepfunctions_params,
    cost_svc_stepfunctions_lines,
    cost_svc_stepfunctions_terms,
    cost_svc_stepfunctions_price,
    COST_COUNT(cost_svc_stepfunctions_params),
    COST_COUNT(cost_svc_stepfunctions_lines),
    COST_COUNT(cost_svc_stepfunctions_terms)
};


static cost_rc_e
cost_svc_stepfunctions_price(cost_service_call_t *call)
{
    cost_rc_e       rc;
    cost_decimal_t  executions, transitions;

    if ((call->given >> P_EXECUTIONS & 1) == 0) {
        return COST_OK;
    }

    executions = call->values[P_EXECUTIONS].number;

    if (cost_service_word(call, P_TYPE) == TYPE_EXPRESS) {
        return cost_svc_stepfunctions_duration(call, executions);
    }

    if (call->given >> P_TRANSITIONS & 1) {
        return COST_OK;
    }

    rc = cost_service_multiply(call,
                               cost_service_number(call, P_EXECUTIONS),
                               cost_service_number(call, P_EACH),
                               &transitions);
    if (rc != COST_OK) {
        return rc;
    }

    return cost_service_charge(call, L_TRANSITIONS,
                               COST_PRICE_STEPFUNCTIONS_STATE_TRANSITION,
                               transitions);
}


/* in GB-seconds: steps of 0.1 s x steps of 1/16 GB */

static cost_rc_e
cost_svc_stepfunctions_duration(cost_service_call_t *call,
    cost_decimal_t executions)
{
    cost_rc_e       rc;
    cost_decimal_t  product;

    rc = cost_service_multiply(call, executions,
                  cost_svc_steps(cost_service_number(call, P_DURATION), 100),
                  &product);
    if (rc != COST_OK) {
        return rc;
    }

    rc = cost_service_multiply(call, product,
                     cost_svc_steps(cost_service_number(call, P_MEMORY), 64),
                     &product);
    if (rc != COST_OK) {
        return rc;
    }

    return cost_service_charge(call, L_DURATION,
                          COST_PRICE_STEPFUNCTIONS_EXPRESS_DURATION_GB_SECOND,
                          cost_svc_divide(product, 160));
}
