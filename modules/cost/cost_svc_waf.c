
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A node has one web ACL unless it says otherwise.  The price of a request
 * grows with the capacity units of the ACL above 1,500; a larger inspected
 * body is added.  Bot Control and Fraud Control are subscribed for each ACL;
 * what they analyse is all requests, unless botControlRequests says how many.
 */


#include "cost_service.h"


enum {
    P_ACLS = 0,
    P_RULES,
    P_REQUESTS,
    P_WCU,
    P_BODY,
    P_BOT,
    P_BOT_REQUESTS,
    P_FRAUD,
    P_FRAUD_REQUESTS,
    P_CAPTCHA,
    P_CHALLENGES
};

enum {
    L_ACLS = 0,
    L_RULES,
    L_REQUESTS,
    L_BODY,
    L_BOT,
    L_FRAUD,
    L_CAPTCHA,
    L_CHALLENGES
};

enum {
    BOT_NONE = 0,
    BOT_COMMON,
    BOT_TARGETED
};


static cost_rc_e cost_svc_waf_price(cost_service_call_t *call);


static const cost_str_t  cost_svc_waf_bodies[] = {
    cost_string("16"),
    cost_string("32"),
    cost_string("48"),
    cost_string("64"),
    { 0, NULL }
};

static const cost_str_t  cost_svc_waf_bots[] = {
    cost_string("NONE"),
    cost_string("COMMON"),
    cost_string("TARGETED"),
    { 0, NULL }
};

static const cost_service_param_t  cost_svc_waf_params[] = {
    COST_NUMBER("webAcls", "acl-month", 1, "web ACLs"),
    COST_NUMBER("rules", "rule-month", 0,
                "rules and managed rule groups of all ACLs"),
    COST_MAIN("requests", "request", "web requests inspected"),
    COST_INTEGER("capacityUnits", "WCU", 1500, 1, 5000,
                 "capacity units of the ACL"),
    COST_WORD("bodyInspectionKB", cost_svc_waf_bodies, 0,
              "how much of a body is inspected"),
    COST_WORD("botControl", cost_svc_waf_bots, 0, "Bot Control rule group"),
    COST_NUMBER("botControlRequests", "request", 0,
                "requests that Bot Control analyses; without it all"),
    COST_BOOL("fraudControl", 0,
              "Fraud Control rule group: account takeover or creation"),
    COST_NUMBER("fraudControlRequests", "request", 0,
                "login or sign-up attempts that Fraud Control analyses"),
    COST_NUMBER("captchaAttempts", "attempt", 0, "CAPTCHA attempts"),
    COST_NUMBER("challengesServed", "challenge", 0,
                "silent challenges served")
};

static const cost_str_t  cost_svc_waf_lines[] = {
    cost_string("webAcls"),
    cost_string("rules"),
    cost_string("requests"),
    cost_string("bodyInspection"),
    cost_string("botControl"),
    cost_string("fraudControl"),
    cost_string("captcha"),
    cost_string("challenges")
};

static const uint16_t  cost_svc_waf_body[] = {
    COST_PRICE_UNFIT,
    COST_PRICE_WAF_BODY_32KB_REQUEST,
    COST_PRICE_WAF_BODY_48KB_REQUEST,
    COST_PRICE_WAF_BODY_64KB_REQUEST
};

static const cost_service_term_t  cost_svc_waf_terms[] = {
    { .line = L_ACLS, .quantity = P_ACLS,
      .price = COST_PRICE_WAF_WEB_ACL_MONTH },
    { .line = L_RULES, .quantity = P_RULES,
      .price = COST_PRICE_WAF_RULE_MONTH },
    { .line = L_BODY, .quantity = P_REQUESTS, .by = P_BODY,
      .prices = cost_svc_waf_body },
    { .line = L_BOT, .quantity = P_ACLS, .when = COST_WITH(P_BOT),
      .words = COST_IS(BOT_COMMON)|COST_IS(BOT_TARGETED),
      .price = COST_PRICE_WAF_BOT_CONTROL_MONTH },
    { .line = L_FRAUD, .quantity = P_ACLS, .when = COST_WITH(P_FRAUD),
      .words = COST_IS(1), .price = COST_PRICE_WAF_FRAUD_CONTROL_MONTH },
    { .line = L_FRAUD, .quantity = P_FRAUD_REQUESTS,
      .when = COST_WITH(P_FRAUD), .words = COST_IS(1),
      .price = COST_PRICE_WAF_FRAUD_CONTROL_REQUEST },
    { .line = L_CAPTCHA, .quantity = P_CAPTCHA,
      .price = COST_PRICE_WAF_CAPTCHA_ATTEMPT },
    { .line = L_CHALLENGES, .quantity = P_CHALLENGES,
      .price = COST_PRICE_WAF_CHALLENGE_SERVED }
};


const cost_service_t  cost_svc_waf = {
    cost_string("WAF"),
    cost_string("Web ACLs, rules, and the requests they inspect"),
    cost_svc_waf_params,
    cost_svc_waf_lines,
    cost_svc_waf_terms,
    cost_svc_waf_price,
    COST_COUNT(cost_svc_waf_params),
    COST_COUNT(cost_svc_waf_lines),
    COST_COUNT(cost_svc_waf_terms)
};


static cost_rc_e
cost_svc_waf_price(cost_service_call_t *call)
{
    uint32_t        bot, step;
    cost_rc_e       rc;
    cost_decimal_t  requests, wcu;

    /* in steps of 500 capacity units above 1,500 */

    static const cost_price_e  prices[] = {
        COST_PRICE_WAF_REQUEST,
        COST_PRICE_WAF_REQUEST_WCU_2000,
        COST_PRICE_WAF_REQUEST_WCU_2500,
        COST_PRICE_WAF_REQUEST_WCU_3000,
        COST_PRICE_WAF_REQUEST_WCU_3500,
        COST_PRICE_WAF_REQUEST_WCU_4000,
        COST_PRICE_WAF_REQUEST_WCU_4500,
        COST_PRICE_WAF_REQUEST_WCU_5000
    };

    if (cost_service_given(call, P_REQUESTS)) {
        wcu = cost_service_number(call, P_WCU) / COST_DECIMAL_ONE;
        step = (wcu > 1500) ? (uint32_t) ((wcu - 1001) / 500) : 0;

        rc = cost_service_charge(call, L_REQUESTS, prices[step],
                                 cost_service_number(call, P_REQUESTS));
        if (rc != COST_OK) {
            return rc;
        }
    }

    bot = cost_service_word(call, P_BOT);

    if (bot == BOT_NONE) {
        return COST_OK;
    }

    requests = cost_service_given(call, P_BOT_REQUESTS)
               ? cost_service_number(call, P_BOT_REQUESTS)
               : cost_service_number(call, P_REQUESTS);

    return cost_service_charge(call, L_BOT,
                               bot == BOT_COMMON
                               ? COST_PRICE_WAF_BOT_CONTROL_COMMON_REQUEST
                               : COST_PRICE_WAF_BOT_CONTROL_TARGETED_REQUEST,
                               requests);
}
