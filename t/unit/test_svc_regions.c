
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Every service in every region: with nothing asked for, and with each of its
 * parameters given in turn, it costs something or says what is not to be had;
 * it is never 0 by accident, nor less for asking more.
 */

#include "cost/cost_service.h"

#include "svc.h"


static unsigned  test_prices;
static unsigned  test_refusals;


static void test_service(const cost_service_t *service, uint32_t region);
static cost_rc_e test_price(const cost_service_t *service, uint32_t region,
    uint64_t given, const cost_service_value_t *values, uint32_t param,
    cost_decimal_t *total);


int
main(void)
{
    uint32_t  i, region;

    svc_prices = svc_load("conf/prices/aws.prices");

    for (i = 0; i < COST_SERVICES; i++) {

        if (cost_services[i] == NULL) {
            continue;
        }

        for (region = 0; region < svc_prices->nregions; region++) {
            test_service(cost_services[i], region);
        }
    }

    ok(test_prices > 10000, "%u prices, %u refusals", test_prices,
       test_refusals);

    return done_testing();
}


static void
test_service(const cost_service_t *service, uint32_t region)
{
    uint32_t                     i, n, words;
    cost_rc_e                    rc;
    cost_decimal_t               total, more;
    cost_service_value_t         values[COST_SERVICE_PARAMS];
    const cost_service_param_t  *param;

    static const int64_t  quantities[] = { 1, 1000, 1000000, 1000000000000 };

    memset(values, 0, sizeof(values));

    rc = test_price(service, region, 0, values, 0, &total);

    if (rc != COST_OK || total < 0) {
        ok(0, "%.*s in region %u with nothing given: %d",
           (int) service->name.len, service->name.data, region, rc);
    }

    for (i = 0; i < service->nparams; i++) {
        param = &service->params[i];

        memset(values, 0, sizeof(values));

        switch (param->kind) {

        case COST_PARAM_NUMBER:
        case COST_PARAM_INTEGER:
            more = -1;

            for (n = 0; n < 4; n++) {

                if (quantities[n] > param->max || quantities[n] < param->min)
                {
                    continue;
                }

                values[i].number = quantities[n] * COST_DECIMAL_ONE;

                rc = test_price(service, region, (uint64_t) 1 << i, values,
                                i, &total);

                /* requests that share a connection make it cheaper */

                if (rc == COST_OK && total < more
                    && !cost_str_is(&param->name, "requestsPerConnection"))
                {
                    ok(0, "%.*s in region %u: more %.*s costs less",
                       (int) service->name.len, service->name.data, region,
                       (int) param->name.len, param->name.data);
                }

                more = (rc == COST_OK) ? total : more;
            }

            break;

        case COST_PARAM_WORD:
            for (words = 0; param->words[words].data != NULL; words++) {
                values[i].word = words;
                (void) test_price(service, region, (uint64_t) 1 << i, values,
                                  i, &total);
            }

            break;

        case COST_PARAM_BOOL:
            values[i].word = 1;
            (void) test_price(service, region, (uint64_t) 1 << i, values, i,
                              &total);
            break;

        default: /* COST_PARAM_KEY */
            values[i].text.data = (const uint8_t *) "t9.nano";
            values[i].text.len = 7;
            (void) test_price(service, region, (uint64_t) 1 << i, values, i,
                              &total);
        }
    }
}


static cost_rc_e
test_price(const cost_service_t *service, uint32_t region, uint64_t given,
    const cost_service_value_t *values, uint32_t param,
    cost_decimal_t *total)
{
    size_t                len;
    uint32_t              i;
    cost_rc_e             rc;
    cost_decimal_t        sum, amounts[COST_SERVICE_LINES];
    cost_service_call_t   call;
    static uint8_t        text[65536];

    memset(&call, 0, sizeof(cost_service_call_t));

    call.prices = svc_prices;
    call.service = service;
    call.region = region;
    call.given = given;
    call.values = values;
    call.amounts = amounts;

    rc = cost_service_price(&call, total);

    if (rc != COST_OK) {
        test_refusals++;

        len = cost_service_explain(&call, text, sizeof(text));

        if (len < 10 || len == sizeof(text)) {
            ok(0, "%.*s in region %u, parameter %u: no reason is said",
               (int) service->name.len, service->name.data, region, param);
        }

        return rc;
    }

    test_prices++;

    sum = 0;

    for (i = 0; i < service->nlines; i++) {
        if ((call.shown >> i & 1) == 0) {
            continue;
        }

        sum += amounts[i];

        if (amounts[i] < 0) {
            ok(0, "%.*s in region %u: a line below 0",
               (int) service->name.len, service->name.data, region);
        }
    }

    if (sum != *total) {
        ok(0, "%.*s in region %u: the lines do not add up",
           (int) service->name.len, service->name.data, region);
    }

    return rc;
}
