
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Every API action is a request, and each 64 KB of its payload one more.  A
 * message usually takes three: send, receive, delete.
 */


#include "cost_service.h"
#include "cost_svc_part.h"


enum {
    P_TYPE = 0,
    P_REQUESTS,
    P_SIZE,
    P_OUT
};

enum {
    L_REQUESTS = 0,
    L_OUT
};


static cost_rc_e cost_svc_sqs_price(cost_service_call_t *call);


static const cost_str_t  cost_svc_sqs_types[] = {
    cost_string("STANDARD"),
    cost_string("FIFO"),
    { 0, NULL }
};

static const cost_service_param_t  cost_svc_sqs_params[] = {
    COST_WORD("queueType", cost_svc_sqs_types, 0, "kind of the queue"),
    COST_MAIN("requests", "request", "API requests: sends, receives, deletes"),
    COST_INTEGER("averageMessageKB", "KB", 1, 0, 262144,
                 "size of a request, counted in steps of 64 KB"),
    COST_NUMBER("dataTransferOutGB", "GB", 0, "data sent to the internet")
};

static const cost_str_t  cost_svc_sqs_lines[] = {
    cost_string("requests"),
    cost_string("dataTransferOut")
};

static const cost_service_term_t  cost_svc_sqs_terms[] = {
    { .line = L_OUT, .quantity = P_OUT,
      .price = COST_PRICE_DATATRANSFER_INTERNET_EGRESS_GB }
};


const cost_service_t  cost_svc_sqs = {
    cost_string("SQS"),
    cost_string("Queues, standard or FIFO"),
    cost_svc_sqs_params,
    cost_svc_sqs_lines,
    cost_svc_sqs_terms,
    cost_svc_sqs_price,
    COST_COUNT(cost_svc_sqs_params),
    COST_COUNT(cost_svc_sqs_lines),
    COST_COUNT(cost_svc_sqs_terms)
};


static cost_rc_e
cost_svc_sqs_price(cost_service_call_t *call)
{
    cost_rc_e       rc;
    cost_decimal_t  requests;

    static const cost_price_e  prices[] = {
        COST_PRICE_SQS_STANDARD_REQUESTS,
        COST_PRICE_SQS_FIFO_REQUESTS
    };

    if (!cost_service_given(call, P_REQUESTS)) {
        return COST_OK;
    }

    rc = cost_service_multiply(call, cost_service_number(call, P_REQUESTS),
                     cost_svc_steps(cost_service_number(call, P_SIZE), 64),
                     &requests);
    if (rc != COST_OK) {
        return rc;
    }

    return cost_service_charge(call, L_REQUESTS,
                               prices[cost_service_word(call, P_TYPE)],
                               requests);
}
