
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_service.h"
#include "cost_text.h"


static cost_rc_e cost_service_term(cost_service_call_t *call,
    const cost_service_term_t *term);
static cost_rc_e cost_service_large(cost_service_call_t *call);
static bool cost_service_proved(const cost_service_t *service);
static uint32_t cost_service_hash(const uint8_t *name, size_t len);
static void cost_service_enter(uint8_t *slots, cost_str_t name, uint32_t n);
static void cost_service_price_name(const cost_service_call_t *call,
    cost_text_t *t);


const cost_service_t *const  cost_services[COST_SERVICES] = {
    &cost_svc_alb,
    &cost_svc_apigateway,
    &cost_svc_cloudfront,
    &cost_svc_cloudwatch,
    &cost_svc_dynamodb,
    &cost_svc_ec2,
    &cost_svc_ecs,
    &cost_svc_efs,
    &cost_svc_eks,
    &cost_svc_elasticip,
    &cost_svc_elasticache,
    &cost_svc_kms,
    &cost_svc_lambda,
    &cost_svc_natgateway,
    &cost_svc_networkfirewall,
    &cost_svc_rds,
    &cost_svc_route53,
    &cost_svc_s3,
    &cost_svc_sns,
    &cost_svc_sqs,
    &cost_svc_secretsmanager,
    &cost_svc_stepfunctions,
    &cost_svc_vpcendpoint,
    &cost_svc_waf
};


#define cost_service_entry(name, text)  cost_string(text),

static const cost_str_t  cost_service_prices[] = {
    COST_PRICE_NAME_LIST(cost_service_entry)
};


cost_rc_e
cost_service_price(cost_service_call_t *call, cost_decimal_t *total)
{
    uint32_t               i;
    uint64_t               lines;
    cost_rc_e              rc;
    cost_decimal_t         sum;
    const cost_service_t  *service;

    service = call->service;

    call->used = 0;
    call->shown = 0;
    call->failure = COST_SERVICE_FINE;

    for (i = 0; i < service->nterms; i++) {
        rc = cost_service_term(call, &service->terms[i]);

        if (rc != COST_OK) {
            return rc;
        }
    }

    if (service->price != NULL) {
        rc = service->price(call);

        if (rc != COST_OK) {
            return rc;
        }
    }

    sum = 0;

    for (lines = call->shown; lines != 0; lines &= lines - 1) {
        i = (uint32_t) __builtin_ctzll(lines);

        call->amounts[i] = cost_decimal_round(call->amounts[i], 2);
        sum += call->amounts[i];
    }

    *total = sum;

    return COST_OK;
}


static cost_rc_e
cost_service_term(cost_service_call_t *call, const cost_service_term_t *term)
{
    uint16_t        name;
    cost_rc_e       rc;
    cost_decimal_t  quantity;

    if ((call->given >> term->quantity & 1) == 0
        && call->service->params[term->quantity].def == 0)
    {
        return COST_OK;
    }

    if (term->when
        && (term->words >> cost_service_word(call, term->when - 1) & 1) == 0)
    {
        return COST_OK;
    }

    name = term->price;

    if (term->prices != NULL) {
        name = term->prices[cost_service_word(call, term->by)];

        if (name == COST_PRICE_UNFIT) {
            return COST_OK;
        }
    }

    quantity = cost_service_number(call, term->quantity);

    if (name == COST_PRICE_UNKNOWN && quantity != 0) {
        call->failure = COST_SERVICE_UNKNOWN;
        call->param = term->quantity;
        call->by = term->by;

        return COST_NULL;
    }

    if (term->times) {
        rc = cost_service_multiply(call, quantity,
                                   cost_service_number(call, term->times - 1),
                                   &quantity);
        if (rc != COST_OK) {
            return rc;
        }
    }

    if (term->also) {
        rc = cost_service_multiply(call, quantity,
                                   cost_service_number(call, term->also - 1),
                                   &quantity);
        if (rc != COST_OK) {
            return rc;
        }
    }

    if (term->num) {
        rc = cost_service_multiply(call, quantity,
                                   term->num * COST_DECIMAL_ONE, &quantity);
        if (rc != COST_OK) {
            return rc;
        }
    }

    if (term->den) {
        quantity = (quantity + term->den / 2) / term->den;
    }

    if (name == COST_PRICE_FREE || quantity == 0) {
        cost_service_add(call, term->line, 0);
        return COST_OK;
    }

    return cost_service_charge(call, term->line, (cost_price_e) name,
                               quantity);
}


void
cost_service_add(cost_service_call_t *call, uint8_t line,
    cost_decimal_t amount)
{
    uint64_t  bit;

    bit = (uint64_t) 1 << line;

    if (call->shown & bit) {
        call->amounts[line] += amount;

    } else {
        call->amounts[line] = amount;
        call->shown |= bit;
    }
}


cost_rc_e
cost_service_charge(cost_service_call_t *call, uint8_t line,
    cost_price_e name, cost_decimal_t quantity)
{
    call->name = name;

    return cost_service_charge_row(call, line,
                                   cost_price_row(call->prices, name),
                                   quantity);
}


cost_rc_e
cost_service_charge_row(cost_service_call_t *call, uint8_t line,
    uint32_t row, cost_decimal_t quantity)
{
    cost_rc_e       rc;
    cost_decimal_t  amount;

    if (quantity == 0) {
        cost_service_add(call, line, 0);
        return COST_OK;
    }

    rc = cost_price_cost(call->prices, row, call->region, quantity, &amount);

    if (rc == COST_OK) {
        cost_service_add(call, line, amount);

        /* so that the sum of all lines of all nodes stays below 10^20 */

        if (call->amounts[line] > COST_QUANTITY_MAX) {
            return cost_service_large(call);
        }

        return COST_OK;
    }

    if (rc == COST_NULL) {
        call->failure = COST_SERVICE_NO_PRICE;
        call->row = row;

        return COST_NULL;
    }

    return cost_service_large(call);
}


cost_rc_e
cost_service_key(cost_service_call_t *call, cost_price_e name,
    const cost_str_t *parts, const uint8_t *params, uint32_t nparts,
    uint32_t *row)
{
    uint32_t   part;
    cost_rc_e  rc;

    rc = cost_price_key(call->prices, name, parts, nparts, row, &part);

    if (rc == COST_OK) {
        call->name = name;
        return COST_OK;
    }

    call->name = name;
    call->row = COST_PRICE_NOWHERE;
    call->failure = COST_SERVICE_NO_PRICE;

    if (rc == COST_INVALID && part < nparts && params[part] != COST_NO_PARAM) {
        call->failure = COST_SERVICE_NO_KEY;
        call->param = params[part];
        call->part = part;
    }

    return rc;
}


cost_rc_e
cost_service_multiply(cost_service_call_t *call, cost_decimal_t a,
    cost_decimal_t b, cost_decimal_t *product)
{
    if (cost_quantity_mul(a, b, product) != COST_OK) {
        return cost_service_large(call);
    }

    return COST_OK;
}


cost_rc_e
cost_service_refuse(cost_service_call_t *call, uint8_t param, const char *why)
{
    call->failure = COST_SERVICE_REFUSED;
    call->param = param;
    call->why = why;

    return COST_INVALID;
}


static cost_rc_e
cost_service_large(cost_service_call_t *call)
{
    call->failure = COST_SERVICE_LARGE;

    return COST_RANGE;
}


cost_rc_e
cost_service_index(cost_service_index_t *index, cost_str_t *bad)
{
    uint32_t               i, n;
    const cost_service_t  *service;

    memset(index, 0, sizeof(cost_service_index_t));

    for (n = 0; n < COST_SERVICES; n++) {
        service = cost_services[n];

        if (!cost_service_proved(service)
            || cost_service_find(index, service->name.data, service->name.len)
               != -1)
        {
            *bad = service->name;
            return COST_INVALID;
        }

        cost_service_enter(index->services, service->name, n);
        index->mains[n] = COST_NO_PARAM;

        for (i = 0; i < service->nparams; i++) {

            if (cost_service_param(index, (int) n,
                                   service->params[i].name.data,
                                   service->params[i].name.len)
                != -1)
            {
                *bad = service->name;
                return COST_INVALID;
            }

            cost_service_enter(index->params[n], service->params[i].name, i);

            if (service->params[i].main) {
                index->mains[n] = (uint8_t) i;
            }
        }
    }

    return COST_OK;
}


static bool
cost_service_proved(const cost_service_t *service)
{
    uint32_t                     i, n, mains;
    const cost_service_term_t   *term;
    const cost_service_param_t  *param;

    if (service->nparams > COST_SERVICE_PARAMS
        || service->nlines > COST_SERVICE_LINES
        || (service->nterms == 0 && service->price == NULL))
    {
        return false;
    }

    mains = 0;

    for (i = 0; i < service->nparams; i++) {
        param = &service->params[i];
        mains += param->main;

        if (param->name.len == 0 || param->about.len == 0) {
            return false;
        }

        if (param->kind == COST_PARAM_WORD) {

            for (n = 0; param->words[n].data != NULL; n++) {
                /* void */
            }

            if (n == 0 || n > 32 || param->def < 0 || param->def >= n) {
                return false;
            }
        }

        if (param->kind == COST_PARAM_NUMBER
            || param->kind == COST_PARAM_INTEGER)
        {
            if (param->min < 0 || param->max > COST_SERVICE_MAX
                || param->def < param->min || param->def > param->max)
            {
                return false;
            }
        }
    }

    for (i = 0; i < service->nterms; i++) {
        term = &service->terms[i];

        if (term->line >= service->nlines
            || term->quantity >= service->nparams
            || term->times > service->nparams
            || term->also > service->nparams
            || term->when > service->nparams
            || term->by >= service->nparams
            || (term->prices == NULL && term->price >= COST_PRICE_NAMES))
        {
            return false;
        }
    }

    return mains <= 1;
}


int
cost_service_find(const cost_service_index_t *index, const uint8_t *name,
    size_t len)
{
    uint32_t    i, n;
    cost_str_t  str;

    str.data = name;
    str.len = len;

    for (i = cost_service_hash(name, len); /* void */ ; i++) {
        n = index->services[i % COST_SERVICE_SLOTS];

        if (n == 0) {
            return -1;
        }

        if (cost_text_same(cost_services[n - 1]->name, str)) {
            return (int) (n - 1);
        }
    }
}


int
cost_service_param(const cost_service_index_t *index, int service,
    const uint8_t *name, size_t len)
{
    uint32_t    i, n;
    cost_str_t  str;

    str.data = name;
    str.len = len;

    for (i = cost_service_hash(name, len); /* void */ ; i++) {
        n = index->params[service][i % COST_SERVICE_SLOTS];

        if (n == 0) {
            return -1;
        }

        if (cost_text_same(cost_services[service]->params[n - 1].name, str)) {
            return (int) (n - 1);
        }
    }
}


static void
cost_service_enter(uint8_t *slots, cost_str_t name, uint32_t n)
{
    uint32_t  i;

    i = cost_service_hash(name.data, name.len);

    while (slots[i % COST_SERVICE_SLOTS] != 0) {
        i++;
    }

    slots[i % COST_SERVICE_SLOTS] = (uint8_t) (n + 1);
}


/* names differ in length and in their first and last letters */

static uint32_t
cost_service_hash(const uint8_t *name, size_t len)
{
    uint64_t  h;

    h = len;

    if (len >= 8) {
        uint64_t  first, last;

        memcpy(&first, name, 8);
        memcpy(&last, name + len - 8, 8);
        h += first * 0x9e3779b97f4a7c15ULL ^ last;

    } else {

        while (len--) {
            h = h << 8 | name[len];
        }
    }

    h *= 0x9e3779b97f4a7c15ULL;

    return (uint32_t) (h >> 57);
}


size_t
cost_service_explain(cost_service_call_t *call, uint8_t *buf,
    size_t size)
{
    uint32_t                     i, word;
    cost_text_t                  t;
    const cost_price_group_t    *group;
    const cost_service_param_t  *param;

    t.data = buf;
    t.len = 0;
    t.size = size;

    param = &call->service->params[call->param];

    switch (call->failure) {

    case COST_SERVICE_NO_PRICE:
        cost_text_literal(&t, "there is no price ");
        cost_service_price_name(call, &t);
        break;

    case COST_SERVICE_NO_KEY:
        cost_text_str(&t, param->name);
        cost_text_literal(&t, " must be one of ");

        group = cost_price_group(call->prices, call->name);

        for (i = 0; i < group->parts[call->part].nvalues; i++) {

            if (i != 0) {
                cost_text_literal(&t, ", ");
            }

            cost_text_str(&t, group->parts[call->part].values[i]);
        }

        break;

    case COST_SERVICE_REFUSED:
        cost_text_str(&t, param->name);
        cost_text_literal(&t, " ");
        cost_text_chars(&t, call->why);
        break;

    case COST_SERVICE_UNKNOWN:
        word = cost_service_word(call, call->by);

        cost_text_str(&t, param->name);
        cost_text_literal(&t, " has no price for ");
        cost_text_str(&t, call->service->params[call->by].name);
        cost_text_literal(&t, " ");
        cost_text_str(&t, call->service->params[call->by].words[word]);
        break;

    case COST_SERVICE_LARGE:
        cost_text_literal(&t, "a quantity or a cost is too large");
        break;

    default: /* COST_SERVICE_FINE */
        break;
    }

    return t.len;
}


cost_str_t
cost_service_price_text(cost_price_e name)
{
    return cost_service_prices[name];
}


static void
cost_service_price_name(const cost_service_call_t *call, cost_text_t *t)
{
    size_t   len;
    uint8_t  buf[256];

    if (call->row != COST_PRICE_NOWHERE) {
        len = cost_price_describe(call->prices, call->row, call->region, buf,
                                  sizeof(buf));
        cost_text_add(t, buf, len);
        return;
    }

    cost_text_str(t, cost_service_prices[call->name]);
    cost_text_literal(t, " in ");
    cost_text_str(t, call->prices->regions[call->region]);
}
