
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What tests of service models share: prices a node with the shipped price
 * file and says the answer as a line,
 *
 *     "instances 140.16, storage 16.00 = 156.16"
 *
 * or the reason that there is none.
 */


#ifndef _SVC_H_INCLUDED_
#define _SVC_H_INCLUDED_


#include "cost/cost_decimal.h"
#include "cost/cost_pricefile.h"
#include "cost/cost_service.h"

#include "test.h"


typedef struct {
    const char  *region;
    const char  *params;         /* "name=value name=value" */
    const char  *expected;
} svc_case_t;


#define svc_cases(service, cases)                                             \
    svc_each(service, cases, sizeof(cases) / sizeof((cases)[0]))


static const cost_price_table_t  *svc_prices;


__attribute__((unused))
static const cost_price_table_t *
svc_load(const char *file)
{
    FILE                    *fp;
    size_t                   len;
    cost_price_table_t      *table;
    cost_pricefile_error_t   err;

    static uint8_t  buf[4 * 1024 * 1024];
    static uint8_t  arena[4 * 1024 * 1024] __attribute__((aligned(16)));

    fp = fopen(file, "rb");

    if (fp == NULL) {
        perror(file);
        exit(2);
    }

    len = fread(buf, 1, sizeof(buf), fp);
    fclose(fp);

    if (cost_pricefile_parse(buf, len, arena, sizeof(arena), &table, &err)
        != COST_OK)
    {
        printf("# %s:%u: %s\n", file, err.line, err.reason);
        exit(2);
    }

    return table;
}


__attribute__((unused))
static const cost_service_param_t *
svc_param(const cost_service_t *service, const char *name, size_t len,
    uint32_t *index)
{
    uint32_t  i;

    for (i = 0; i < service->nparams; i++) {
        if (service->params[i].name.len == len
            && memcmp(service->params[i].name.data, name, len) == 0)
        {
            *index = i;
            return &service->params[i];
        }
    }

    printf("# no parameter %.*s\n", (int) len, name);
    exit(2);
}


__attribute__((unused))
static void
svc_read(cost_service_call_t *call, cost_service_value_t *values,
    const char *params)
{
    size_t                       len;
    uint32_t                     i, n;
    const char                  *eq;
    const cost_str_t            *word;
    const cost_service_param_t  *param;

    while (*params) {
        eq = strchr(params, '=');
        param = svc_param(call->service, params, (size_t) (eq - params), &i);
        params = eq + 1;
        len = strcspn(params, " ");

        call->given |= (uint64_t) 1 << i;
        values[i].text.data = (const uint8_t *) params;
        values[i].text.len = len;

        switch (param->kind) {

        case COST_PARAM_WORD:
            word = param->words;

            for (n = 0; word[n].data != NULL; n++) {
                if (word[n].len == len
                    && memcmp(word[n].data, params, len) == 0)
                {
                    break;
                }
            }

            if (word[n].data == NULL) {
                printf("# no word %.*s\n", (int) len, params);
                exit(2);
            }

            values[i].word = n;
            break;

        case COST_PARAM_BOOL:
            values[i].word = (*params == 't');
            break;

        case COST_PARAM_KEY:
            break;

        default:
            if (cost_decimal_parse((const uint8_t *) params, len,
                                   &values[i].number)
                != COST_OK)
            {
                printf("# no number %.*s\n", (int) len, params);
                exit(2);
            }
        }

        params += len;
        params += (*params == ' ');
    }
}


__attribute__((unused))
static void
svc_is(const cost_service_t *service, const char *region, const char *params,
    const char *expected)
{
    size_t                len;
    uint32_t              i;
    cost_str_t            name;
    cost_decimal_t        total, amounts[COST_SERVICE_LINES];
    cost_service_call_t   call;
    cost_service_value_t  values[COST_SERVICE_PARAMS];
    uint8_t               text[8192];
    char                  title[512];

    if (svc_prices == NULL) {
        svc_prices = svc_load("conf/prices/aws.prices");
    }

    memset(&call, 0, sizeof(cost_service_call_t));
    memset(values, 0, sizeof(values));

    name.data = (const uint8_t *) region;
    name.len = strlen(region);

    call.prices = svc_prices;
    call.service = service;
    call.region = cost_price_region(svc_prices, name);
    call.values = values;
    call.amounts = amounts;

    svc_read(&call, values, params);

    len = 0;

    if (cost_service_price(&call, &total) == COST_OK) {

        for (i = 0; i < service->nlines; i++) {
            if ((call.shown >> i & 1) == 0) {
                continue;
            }

            len += (size_t) sprintf((char *) text + len, "%s%.*s ",
                                    len ? ", " : "",
                                    (int) service->lines[i].len,
                                    service->lines[i].data);
            len += cost_decimal_format(amounts[i], 2, 2, text + len);
        }

        len += (size_t) sprintf((char *) text + len, " = ");
        len += cost_decimal_format(total, 2, 2, text + len);

    } else {
        len = cost_service_explain(&call, text, sizeof(text));
    }

    (void) snprintf(title, sizeof(title), "%.*s in %s: %s",
                    (int) service->name.len, service->name.data, region,
                    params);

    is_str(text, len, expected, title);
}


__attribute__((unused))
static void
svc_each(const cost_service_t *service, const svc_case_t *cases, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        svc_is(service, cases[i].region, cases[i].params, cases[i].expected);
    }
}


#endif /* _SVC_H_INCLUDED_ */
