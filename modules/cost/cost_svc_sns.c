
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A publish is counted for each 64 KB.  Deliveries to SQS and Lambda are
 * free.  A FIFO topic bills publishes, deliveries and the payload of both.
 */


#include "cost_service.h"
#include "cost_svc_part.h"


enum {
    P_TYPE = 0,
    P_REQUESTS,
    P_SIZE,
    P_HTTP,
    P_EMAIL,
    P_PUSH,
    P_SQS,
    P_LAMBDA,
    P_FIREHOSE,
    P_PUBLISHED,
    P_DELIVERIES,
    P_DELIVERED,
    P_FILTER
};

enum {
    L_REQUESTS = 0,
    L_HTTP,
    L_EMAIL,
    L_PUSH,
    L_SQS,
    L_LAMBDA,
    L_FIREHOSE,
    L_PUBLISHED,
    L_DELIVERIES,
    L_DELIVERED,
    L_FILTER
};

enum {
    TYPE_STANDARD = 0,
    TYPE_FIFO
};


static cost_rc_e cost_svc_sns_price(cost_service_call_t *call);


static const cost_str_t  cost_svc_sns_types[] = {
    cost_string("STANDARD"),
    cost_string("FIFO"),
    { 0, NULL }
};

static const cost_service_param_t  cost_svc_sns_params[] = {
    COST_WORD("topicType", cost_svc_sns_types, 0, "kind of the topic"),
    COST_MAIN("requests", "request", "messages published"),
    COST_INTEGER("averageMessageKB", "KB", 1, 0, 262144,
                 "size of a message, counted in steps of 64 KB"),
    COST_NUMBER("httpDeliveries", "notification", 0,
                "deliveries over HTTP and HTTPS"),
    COST_NUMBER("emailDeliveries", "notification", 0, "deliveries by e-mail"),
    COST_NUMBER("mobilePushDeliveries", "notification", 0,
                "mobile push deliveries"),
    COST_NUMBER("sqsDeliveries", "notification", 0,
                "deliveries to SQS queues"),
    COST_NUMBER("lambdaDeliveries", "notification", 0,
                "deliveries to Lambda functions"),
    COST_NUMBER("firehoseDeliveries", "notification", 0,
                "deliveries to Data Firehose"),
    COST_NUMBER("publishedGB", "GB", 0, "FIFO: payload published"),
    COST_NUMBER("fifoDeliveries", "message", 0,
                "FIFO: messages delivered to subscriptions"),
    COST_NUMBER("deliveredGB", "GB", 0, "FIFO: payload delivered"),
    COST_NUMBER("filteredGB", "GB", 0,
                "payload scanned by payload-based filters")
};

static const cost_str_t  cost_svc_sns_lines[] = {
    cost_string("requests"),
    cost_string("httpDeliveries"),
    cost_string("emailDeliveries"),
    cost_string("mobilePushDeliveries"),
    cost_string("sqsDeliveries"),
    cost_string("lambdaDeliveries"),
    cost_string("firehoseDeliveries"),
    cost_string("publishedPayload"),
    cost_string("fifoDeliveries"),
    cost_string("deliveredPayload"),
    cost_string("filteredPayload")
};

static const cost_service_term_t  cost_svc_sns_terms[] = {
    { .line = L_HTTP, .quantity = P_HTTP,
      .price = COST_PRICE_SNS_DELIVER_HTTP },
    { .line = L_EMAIL, .quantity = P_EMAIL,
      .price = COST_PRICE_SNS_DELIVER_EMAIL },
    { .line = L_PUSH, .quantity = P_PUSH,
      .price = COST_PRICE_SNS_DELIVER_MOBILE_PUSH },
    { .line = L_SQS, .quantity = P_SQS, .price = COST_PRICE_SNS_DELIVER_SQS },
    { .line = L_LAMBDA, .quantity = P_LAMBDA,
      .price = COST_PRICE_SNS_DELIVER_LAMBDA },
    { .line = L_FIREHOSE, .quantity = P_FIREHOSE,
      .price = COST_PRICE_SNS_DELIVER_FIREHOSE },
    { .line = L_PUBLISHED, .quantity = P_PUBLISHED, .when = COST_WITH(P_TYPE),
      .words = COST_IS(TYPE_FIFO), .price = COST_PRICE_SNS_FIFO_PUBLISH_GB },
    { .line = L_DELIVERIES, .quantity = P_DELIVERIES,
      .when = COST_WITH(P_TYPE), .words = COST_IS(TYPE_FIFO),
      .price = COST_PRICE_SNS_FIFO_DELIVER },
    { .line = L_DELIVERED, .quantity = P_DELIVERED, .when = COST_WITH(P_TYPE),
      .words = COST_IS(TYPE_FIFO), .price = COST_PRICE_SNS_FIFO_DELIVER_GB },
    { .line = L_FILTER, .quantity = P_FILTER,
      .price = COST_PRICE_SNS_FILTER_PAYLOAD_GB }
};


const cost_service_t  cost_svc_sns = {
    cost_string("SNS"),
    cost_string("Topics, standard or FIFO"),
    cost_svc_sns_params,
    cost_svc_sns_lines,
    cost_svc_sns_terms,
    cost_svc_sns_price,
    COST_COUNT(cost_svc_sns_params),
    COST_COUNT(cost_svc_sns_lines),
    COST_COUNT(cost_svc_sns_terms)
};


static cost_rc_e
cost_svc_sns_price(cost_service_call_t *call)
{
    cost_rc_e       rc;
    cost_decimal_t  requests;

    if (!cost_service_given(call, P_REQUESTS)) {
        return COST_OK;
    }

    requests = cost_service_number(call, P_REQUESTS);

    if (cost_service_word(call, P_TYPE) == TYPE_FIFO) {
        return cost_service_charge(call, L_REQUESTS,
                                   COST_PRICE_SNS_FIFO_REQUESTS, requests);
    }

    rc = cost_service_multiply(call, requests,
                     cost_svc_steps(cost_service_number(call, P_SIZE), 64),
                     &requests);
    if (rc != COST_OK) {
        return rc;
    }

    return cost_service_charge(call, L_REQUESTS, COST_PRICE_SNS_REQUESTS,
                               requests);
}
