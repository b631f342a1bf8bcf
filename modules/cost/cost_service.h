
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The framework of the service models: each of the 24 services is a constant
 * table of its parameters, breakdown lines and price terms, and, where terms
 * do not suffice, a function.  One model is one file, cost_svc_X.c, which
 * defines "const cost_service_t  cost_svc_X" and nothing else that is not
 * static.
 *
 *     enum { P_STORAGE = 0, P_GETS, ... };
 *     enum { L_STORAGE = 0, L_GETS, ... };
 *
 *     static const cost_service_param_t  params[] = {
 *         COST_NUMBER("storageGB", "GB-month", 0, "average data stored"),
 *         COST_MAIN("getRequests", "request", "GET and all other requests"),
 *         ...
 *     };
 *
 *     static const cost_service_term_t  terms[] = {
 *         { .line = L_STORAGE, .quantity = P_STORAGE,
 *           .price = COST_PRICE_S3_STANDARD_STORAGE },
 *
 * A term adds price(quantity x times x also x num / den) to its line.  It is
 * left out when its condition does not hold, and when its quantity was
 * neither given nor has a default above 0.
 *
 * A line is shown in the answer's breakdown when something was charged to it,
 * be it 0.  Amounts are exact until the service is priced; then every line
 * is rounded half away from zero to cents, and the service's monthlyCost is
 * the sum of its rounded lines, so that what is shown adds up: 1.15 + 2.50 +
 * 0.30 = 3.95 where the exact sum is 3.954.  Likewise the whole answer's
 * total is the sum of the rounded parts.
 *
 * What nobody asked for is never guessed: a price that the region lacks ends
 * the calculation with a text naming it, as soon as a quantity above 0 is
 * charged to it.  A parameter that was given but that no term and no function
 * looked at (capacity units of a table that is billed on demand) is reported
 * in the answer's warnings by the caller: "given" and not "used".
 */


#ifndef _COST_SERVICE_H_INCLUDED_
#define _COST_SERVICE_H_INCLUDED_


#include "cost_price.h"


#define COST_SERVICES        24
#define COST_SERVICE_PARAMS  64          /* at most, of one service */
#define COST_SERVICE_LINES   48

#define COST_SERVICE_HOURS   730         /* of a month, as AWS counts */

#define COST_NO_PARAM        0xff


typedef enum {
    COST_PARAM_NUMBER = 0,               /* a decimal, min..max */
    COST_PARAM_INTEGER,                  /* a whole number, min..max */
    COST_PARAM_WORD,                     /* one of "words" */
    COST_PARAM_BOOL,                     /* true or false */
    COST_PARAM_KEY                       /* a string the price file knows:
                                            an instance type, an engine */
} cost_param_kind_e;


typedef struct {
    cost_str_t          name;            /* "storageGB" */
    cost_str_t          unit;            /* "GB-month"; of words: empty */
    cost_str_t          about;           /* for people; no full stop */
    cost_str_t          text;            /* default of a key; empty: none */
    cost_param_kind_e   kind;
    int64_t             def;             /* number, index of words, 0 or 1 */
    int64_t             min;             /* of numbers */
    int64_t             max;
    const cost_str_t   *words;           /* the last has a NULL data */
    bool                main;            /* takes the flow when not given */
} cost_service_param_t;


#define COST_SERVICE_MAX  1000000000000000LL    /* 10^15, COST_QUANTITY_MAX */

#define COST_NUMBER(name, unit, def, about)                                   \
    { cost_string(name), cost_string(unit), cost_string(about), { 0, NULL },  \
      COST_PARAM_NUMBER, def, 0, COST_SERVICE_MAX, NULL, false }

#define COST_INTEGER(name, unit, def, min, max, about)                        \
    { cost_string(name), cost_string(unit), cost_string(about), { 0, NULL },  \
      COST_PARAM_INTEGER, def, min, max, NULL, false }

/* the main request parameter, at most one of a service; any number */
#define COST_MAIN(name, unit, about)                                          \
    { cost_string(name), cost_string(unit), cost_string(about), { 0, NULL },  \
      COST_PARAM_NUMBER, 0, 0, COST_SERVICE_MAX, NULL, true }

#define COST_WORD(name, words, def, about)                                    \
    { cost_string(name), { 0, NULL }, cost_string(about), { 0, NULL },        \
      COST_PARAM_WORD, def, 0, 0, words, false }

#define COST_BOOL(name, def, about)                                           \
    { cost_string(name), { 0, NULL }, cost_string(about), { 0, NULL },        \
      COST_PARAM_BOOL, def, 0, 1, NULL, false }

#define COST_KEY(name, def, about)                                            \
    { cost_string(name), { 0, NULL }, cost_string(about), cost_string(def),   \
      COST_PARAM_KEY, 0, 0, 0, NULL, false }

/* per node and month; the price counts hours: count x hours */
#define COST_HOURS(about)                                                     \
    { cost_string("hours"), cost_string("hour"), cost_string(about),          \
      { 0, NULL }, COST_PARAM_NUMBER, COST_SERVICE_HOURS, 0, 744, NULL, false }


/*
 * Where a field is 0 the term does without: "times", "also" and "when" are a
 * COST_WITH(parameter), "num" and "den" of 0 are 1.  Without "prices" the
 * price is "price"; with it prices[word of parameter "by"], where
 * COST_PRICE_FREE charges 0, COST_PRICE_UNFIT leaves the term out, and
 * COST_PRICE_UNKNOWN ends the call: it costs something we do not know.
 */
typedef struct {
    uint8_t             line;
    uint8_t             quantity;        /* a parameter */
    uint8_t             times;
    uint8_t             also;
    uint8_t             when;            /* only if its word ... */
    uint8_t             by;
    uint32_t            words;           /* ... is among these: COST_IS() */
    uint32_t            num;
    uint32_t            den;
    uint16_t            price;           /* cost_price_e */
    const uint16_t     *prices;
} cost_service_term_t;

#define COST_WITH(param)   ((param) + 1)
#define COST_IS(word)      (1u << (word))
#define COST_PRICE_FREE     0xfffd
#define COST_PRICE_UNFIT    0xfffe
#define COST_PRICE_UNKNOWN  0xffff


/* what a parameter holds; set where its bit in "given" is */

typedef struct {
    cost_decimal_t      number;
    cost_str_t          text;            /* of a key, decoded */
    uint32_t            word;            /* of words; of a bool 0 or 1 */
} cost_service_value_t;


typedef struct cost_service_s        cost_service_t;
typedef struct cost_service_call_s   cost_service_call_t;


/* COST_OK, or what one of the cost_service_...() functions below returned */
typedef cost_rc_e (*cost_service_price_pt)(cost_service_call_t *call);


struct cost_service_s {
    cost_str_t                   name;   /* "S3", as the document spells it */
    cost_str_t                   about;
    const cost_service_param_t  *params;
    const cost_str_t            *lines;  /* breakdown names, in order */
    const cost_service_term_t   *terms;
    cost_service_price_pt        price;  /* runs after the terms; or NULL */
    uint8_t                      nparams;
    uint8_t                      nlines;
    uint8_t                      nterms;
};

#define COST_COUNT(a)  ((uint8_t) (sizeof(a) / sizeof((a)[0])))


typedef enum {
    COST_SERVICE_FINE = 0,
    COST_SERVICE_NO_PRICE,               /* "row" or "name" lacks "region" */
    COST_SERVICE_NO_KEY,                 /* parameter "param" is not one of
                                            "group"'s parts["part"].values */
    COST_SERVICE_REFUSED,                /* parameter "param" "why" */
    COST_SERVICE_UNKNOWN,                /* no price of parameter "param" for
                                            the word of parameter "by" */
    COST_SERVICE_LARGE                   /* beyond COST_QUANTITY_MAX */
} cost_service_failure_e;


struct cost_service_call_s {
    const cost_price_table_t    *prices;
    const cost_service_t        *service;
    uint32_t                     region;

    /* bits by parameter */
    uint64_t                     given;  /* in the request, or by the flow */
    uint64_t                     used;
    const cost_service_value_t  *values; /* by parameter, where given */

    /* bits by line */
    uint64_t                     shown;
    cost_decimal_t              *amounts;    /* by line, where shown */

    /* why COST_INVALID, COST_NULL, COST_RANGE was returned */
    cost_service_failure_e       failure;
    uint8_t                      param;
    uint8_t                      by;
    uint32_t                     part;
    uint32_t                     row;
    cost_price_e                 name;
    const char                  *why;    /* "needs storageType io1" */
};


/* ---- for the models ---- */

/* was it in the request, or did the flow bring it? */
static inline bool
cost_service_given(cost_service_call_t *call, uint8_t param)
{
    uint64_t  bit;

    bit = (uint64_t) 1 << param;
    call->used |= bit;

    return (call->given & bit) != 0;
}


/* the value, or the parameter's default */

static inline cost_decimal_t
cost_service_number(cost_service_call_t *call, uint8_t param)
{
    return cost_service_given(call, param)
           ? call->values[param].number
           : call->service->params[param].def * COST_DECIMAL_ONE;
}


static inline uint32_t
cost_service_word(cost_service_call_t *call, uint8_t param)
{
    return cost_service_given(call, param)
           ? call->values[param].word
           : (uint32_t) call->service->params[param].def;
}


static inline cost_str_t
cost_service_text(cost_service_call_t *call, uint8_t param)
{
    return cost_service_given(call, param)
           ? call->values[param].text
           : call->service->params[param].text;
}


/* shows the line, and adds an amount to it that is known otherwise, or 0 */
void cost_service_add(cost_service_call_t *call, uint8_t line,
    cost_decimal_t amount);

/*
 * Adds what the quantity costs to the line.  A quantity of 0 shows the line
 * and asks for no price.
 */
COST_MUST_CHECK cost_rc_e cost_service_charge(cost_service_call_t *call,
    uint8_t line, cost_price_e name, cost_decimal_t quantity);

/* the same for a row that cost_service_key() found */
COST_MUST_CHECK cost_rc_e cost_service_charge_row(cost_service_call_t *call,
    uint8_t line, uint32_t row, cost_decimal_t quantity);

/*
 * cost_price_key() with its errors made this call's: parts[i] came from the
 * parameter params[i]; COST_NO_PARAM where the model chose it.
 */
COST_MUST_CHECK cost_rc_e cost_service_key(cost_service_call_t *call,
    cost_price_e name, const cost_str_t *parts, const uint8_t *params,
    uint32_t nparts, uint32_t *row);

/* a x b; above COST_QUANTITY_MAX ends the call */
COST_MUST_CHECK cost_rc_e cost_service_multiply(cost_service_call_t *call,
    cost_decimal_t a, cost_decimal_t b, cost_decimal_t *product);

/*
 * Refuses: "why" is a literal that completes a sentence begun with the
 * parameter's path: "needs billingMode PROVISIONED".  Returns COST_INVALID.
 */
cost_rc_e cost_service_refuse(cost_service_call_t *call, uint8_t param,
    const char *why);


/* ---- for those who calculate ---- */

/* in the document's order: alphabetical, as it lists them */
extern const cost_service_t *const  cost_services[COST_SERVICES];


/*
 * Hash tables from names to indices, filled once, at configuration.
 */

#define COST_SERVICE_SLOTS  128

typedef struct {
    uint8_t  services[COST_SERVICE_SLOTS];           /* index + 1; 0: empty */
    uint8_t  params[COST_SERVICES][COST_SERVICE_SLOTS];
    uint8_t  mains[COST_SERVICES];       /* or COST_NO_PARAM */
} cost_service_index_t;

/*
 * Also proves the tables: COST_INVALID with *bad naming the service whose
 * table is inconsistent, a fault of ours that a unit test excludes.
 */
COST_MUST_CHECK cost_rc_e cost_service_index(cost_service_index_t *index,
    cost_str_t *bad);

/* the index of a service, of its parameter; -1: unknown */
int cost_service_find(const cost_service_index_t *index, const uint8_t *name,
    size_t len);
int cost_service_param(const cost_service_index_t *index, int service,
    const uint8_t *name, size_t len);

/*
 * Prices one node.  The caller has set "prices", "service", "region",
 * "given" and "values" (checked against their parameters), and points
 * "amounts" to COST_SERVICE_LINES elements; the rest is set here.
 *
 * COST_OK: the lines of "shown" hold cents, "total" is their sum.
 */
COST_MUST_CHECK cost_rc_e cost_service_price(cost_service_call_t *call,
    cost_decimal_t *total);

/*
 * Writes why a call failed, without a path: "storageClass: there is no price
 * S3.express_onezone_storage in eu-west-3"; returns the bytes written, at
 * most "size".
 */
size_t cost_service_explain(cost_service_call_t *call, uint8_t *buf,
    size_t size);


/* "S3.put_request" */
cost_str_t cost_service_price_text(cost_price_e name);


extern const cost_service_t  cost_svc_alb;
extern const cost_service_t  cost_svc_apigateway;
extern const cost_service_t  cost_svc_cloudfront;
extern const cost_service_t  cost_svc_cloudwatch;
extern const cost_service_t  cost_svc_dynamodb;
extern const cost_service_t  cost_svc_ec2;
extern const cost_service_t  cost_svc_ecs;
extern const cost_service_t  cost_svc_efs;
extern const cost_service_t  cost_svc_eks;
extern const cost_service_t  cost_svc_elasticache;
extern const cost_service_t  cost_svc_elasticip;
extern const cost_service_t  cost_svc_kms;
extern const cost_service_t  cost_svc_lambda;
extern const cost_service_t  cost_svc_natgateway;
extern const cost_service_t  cost_svc_networkfirewall;
extern const cost_service_t  cost_svc_rds;
extern const cost_service_t  cost_svc_route53;
extern const cost_service_t  cost_svc_s3;
extern const cost_service_t  cost_svc_secretsmanager;
extern const cost_service_t  cost_svc_sns;
extern const cost_service_t  cost_svc_sqs;
extern const cost_service_t  cost_svc_stepfunctions;
extern const cost_service_t  cost_svc_vpcendpoint;
extern const cost_service_t  cost_svc_waf;


#endif /* _COST_SERVICE_H_INCLUDED_ */
