
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The framework of the service models, over a service made up here; and of
 * the 24 real ones what holds for all: consistent tables, an answer or a
 * reason in every region.
 */

#include "cost/cost_service.h"

#include "svc.h"


enum { P_SIZE = 0, P_CLASS, P_COUNT, P_HOURS, P_CALLS, P_ON };
enum { L_SIZE = 0, L_COUNT, L_CALLS };


static cost_rc_e test_price(cost_service_call_t *call);
static void test_framework(void);
static void test_index(void);
static void test_regions(void);
static bool test_prices_known(const cost_service_t *service);


static const cost_str_t  test_classes[] = {
    cost_string("plain"),
    cost_string("free"),
    cost_string("unfit"),
    cost_string("unknown"),
    { 0, NULL }
};

static const cost_service_param_t  test_params[] = {
    COST_NUMBER("size", "GB", 0, "a size"),
    COST_WORD("class", test_classes, 0, "of the size"),
    COST_NUMBER("count", "thing", 1, "things"),
    COST_HOURS("of the things"),
    COST_MAIN("calls", "call", "calls"),
    COST_BOOL("on", 0, "switches the calls on")
};

static const cost_str_t  test_lines[] = {
    cost_string("size"),
    cost_string("count"),
    cost_string("calls")
};

/* 0.023 to 51200 GB, 0.045 per hour, 0.0000004 per request in us-east-1 */

static const uint16_t  test_sizes[] = {
    COST_PRICE_S3_STANDARD_STORAGE,
    COST_PRICE_FREE,
    COST_PRICE_UNFIT,
    COST_PRICE_UNKNOWN
};

static const cost_service_term_t  test_terms[] = {
    { .line = L_SIZE, .quantity = P_SIZE, .by = P_CLASS,
      .prices = test_sizes },
    { .line = L_COUNT, .quantity = P_COUNT, .times = COST_WITH(P_HOURS),
      .price = COST_PRICE_NATGATEWAY_NAT_HOUR },
    { .line = L_CALLS, .quantity = P_CALLS, .when = COST_WITH(P_ON),
      .words = COST_IS(1), .num = 3, .den = 5,
      .price = COST_PRICE_S3_GET_REQUEST }
};

static const cost_service_t  test_service = {
    cost_string("Test"),
    cost_string("a service"),
    test_params,
    test_lines,
    test_terms,
    test_price,
    COST_COUNT(test_params),
    COST_COUNT(test_lines),
    COST_COUNT(test_terms)
};


int
main(void)
{
    test_framework();
    test_index();
    test_regions();

    return done_testing();
}


/* what follows the terms: refuses 13 things */

static cost_rc_e
test_price(cost_service_call_t *call)
{
    if (cost_service_number(call, P_COUNT) == 13 * COST_DECIMAL_ONE) {
        return cost_service_refuse(call, P_COUNT, "must not be 13");
    }

    return COST_OK;
}


static void
test_framework(void)
{
    /* 730 x 0.045 = 32.85, the default thing */
    svc_is(&test_service, "us-east-1", "", "count 32.85 = 32.85");

    svc_is(&test_service, "us-east-1", "count=0", "count 0.00 = 0.00");
    svc_is(&test_service, "us-east-1", "count=2 hours=100",
           "count 9.00 = 9.00");
    svc_is(&test_service, "us-east-1", "count=0 size=100",
           "size 2.30, count 0.00 = 2.30");

    /* each line is rounded, and the total is of those: 0.023 + 0.045 */
    svc_is(&test_service, "us-east-1", "count=1 hours=1 size=1",
           "size 0.02, count 0.05 = 0.07");

    svc_is(&test_service, "us-east-1", "count=0 size=100 class=free",
           "size 0.00, count 0.00 = 0.00");
    svc_is(&test_service, "us-east-1", "count=0 size=100 class=unfit",
           "count 0.00 = 0.00");
    svc_is(&test_service, "us-east-1", "size=100 class=unknown",
           "size has no price for class unknown");
    svc_is(&test_service, "us-east-1", "count=0 size=0 class=unknown",
           "size 0.00, count 0.00 = 0.00");

    /* 10^8 x 3 / 5 x 0.0000004 = 24 */
    svc_is(&test_service, "us-east-1", "count=0 calls=100000000",
           "count 0.00 = 0.00");
    svc_is(&test_service, "us-east-1", "count=0 calls=100000000 on=true",
           "count 0.00, calls 24.00 = 24.00");

    svc_is(&test_service, "us-east-1", "count=13", "count must not be 13");
    svc_is(&test_service, "us-east-1", "count=1000000000000000",
           "a quantity or a cost is too large");
    svc_is(&cost_svc_s3, "us-west-1", "storageClass=EXPRESS_ONEZONE "
           "putRequests=1",
           "there is no price S3.express_onezone_put_request in us-west-1");
}


static void
test_index(void)
{
    int                    n, p;
    uint32_t               i;
    cost_str_t             bad;
    const cost_service_t  *service;

    static cost_service_index_t  index;

    is_int(cost_service_index(&index, &bad), COST_OK,
           "the tables are consistent");

    for (i = 0; i < COST_SERVICES; i++) {
        service = cost_services[i];
        n = cost_service_find(&index, service->name.data, service->name.len);
        is_int(n, (intmax_t) i, "a service is found");

        for (p = 0; p < service->nparams; p++) {

            if (cost_service_param(&index, n, service->params[p].name.data,
                                   service->params[p].name.len)
                != p)
            {
                ok(0, "parameter %d of %.*s is found", p,
                   (int) service->name.len, service->name.data);
            }
        }
    }

    is_int(cost_service_find(&index, (const uint8_t *) "s3", 2), -1,
           "names have their case");
    is_int(cost_service_find(&index, (const uint8_t *) "", 0), -1, "no name");
    is_int(cost_service_param(&index, 0, (const uint8_t *) "", 0), -1,
           "no parameter");

    n = cost_service_find(&index, (const uint8_t *) "S3", 2);
    p = index.mains[n];
    is_str(cost_services[n]->params[p].name.data,
           cost_services[n]->params[p].name.len, "getRequests",
           "what takes the flow");
}


/*
 * Every service with what it has without parameters, and each parameter
 * alone, in every region: an answer, or a reason; and 10^12 requests, where a
 * service takes some, never cost nothing by accident.
 */

static void
test_regions(void)
{
    size_t                       len, answers, reasons, empty, nothing;
    uint8_t                      why[4096];
    uint32_t                     i, region, p;
    cost_rc_e                    rc;
    cost_decimal_t               total, amounts[COST_SERVICE_LINES];
    cost_service_call_t          call;
    cost_service_value_t         values[COST_SERVICE_PARAMS];
    const cost_service_param_t  *param;

    for (i = 0; i < COST_SERVICES; i++) {
        answers = 0;
        reasons = 0;
        empty = 0;
        nothing = 0;

        for (region = 0; region < svc_prices->nregions; region++) {

            for (p = 0; p <= cost_services[i]->nparams; p++) {
                memset(&call, 0, sizeof(cost_service_call_t));
                memset(values, 0, sizeof(values));

                call.prices = svc_prices;
                call.service = cost_services[i];
                call.region = region;
                call.values = values;
                call.amounts = amounts;

                if (p != cost_services[i]->nparams) {
                    param = &cost_services[i]->params[p];
                    call.given = (uint64_t) 1 << p;
                    values[p].number = (param->max < 7 ? param->max : 7)
                                       * COST_DECIMAL_ONE;

                    if (param->main) {
                        values[p].number = COST_QUANTITY_MAX / 1000;
                    }

                    values[p].text = param->text;
                    values[p].word = (uint32_t) param->def;
                }

                rc = cost_service_price(&call, &total);

                if (rc == COST_OK) {
                    answers++;
                    nothing += (p != cost_services[i]->nparams
                                && cost_services[i]->params[p].main
                                && total == 0);
                    continue;
                }

                len = cost_service_explain(&call, why, sizeof(why));
                reasons++;
                empty += (len == 0);
            }
        }

        ok(answers + reasons
           == (size_t) (cost_services[i]->nparams + 1) * svc_prices->nregions
           && answers != 0 && empty == 0 && nothing == 0,
           "%.*s: %zu answers, %zu reasons", (int) cost_services[i]->name.len,
           cost_services[i]->name.data, answers, reasons);

        ok(test_prices_known(cost_services[i]), "%.*s: its prices are there",
           (int) cost_services[i]->name.len, cost_services[i]->name.data);
    }
}


/* every price that a term names is a plain group of the shipped file */

static bool
test_prices_known(const cost_service_t *service)
{
    uint32_t                    i, n;
    const cost_str_t           *word;
    const cost_service_term_t  *term;

    for (i = 0; i < service->nterms; i++) {
        term = &service->terms[i];

        if (term->prices == NULL) {

            if (cost_price_row(svc_prices, (cost_price_e) term->price)
                == COST_PRICE_NOWHERE)
            {
                return false;
            }

            continue;
        }

        word = service->params[term->by].words;

        for (n = 0; word[n].data != NULL; n++) {

            if (term->prices[n] < COST_PRICE_NAMES
                && cost_price_row(svc_prices, (cost_price_e) term->prices[n])
                   == COST_PRICE_NOWHERE)
            {
                return false;
            }
        }
    }

    return true;
}
