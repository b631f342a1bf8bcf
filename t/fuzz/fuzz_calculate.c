
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Any bytes as the body of POST /calculate, over the whole path.  What is
 * refused has a sentence that says why; what is answered is JSON, in which
 * every total is the sum of its parts, and the same when written twice.
 */

#include "cost/cost_calculate.h"
#include "cost/cost_pricefile.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>


#define FUZZ_ANSWER  (8 * 1024 * 1024)


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_load(void);
static void fuzz_answer(const uint8_t *data, size_t size);
static double fuzz_sum(json_t *object);
static double fuzz_number(json_t *object, const char *name);
static void fuzz_need(bool holds, const char *what);


static cost_calculate_t       fuzz_state;
static cost_calculate_data_t  fuzz_data;


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t             *json;
    cost_rc_e           rc;
    const cost_text_t  *error;

    if (fuzz_data.prices == NULL) {
        fuzz_load();
    }

    rc = cost_calculate(&fuzz_state, &fuzz_data, data, size);

    if (rc == COST_OK) {
        json = json_loadb((const char *) data, size, JSON_REJECT_DUPLICATES,
                          NULL);
        fuzz_need(json != NULL, "what is priced is JSON");
        json_decref(json);

        fuzz_answer(data, size);

        return 0;
    }

    error = &fuzz_state.request.error;

    fuzz_need(rc == COST_INVALID, "the only refusal");
    fuzz_need(error->len > 10 && error->len <= COST_REQUEST_ERROR,
              "a sentence");

    return 0;
}


static void
fuzz_answer(const uint8_t *data, size_t size)
{
    double       total, sum;
    size_t       i, len;
    json_t      *json, *services, *service, *transfer;
    cost_json_t  j;

    static uint8_t  first[FUZZ_ANSWER], second[FUZZ_ANSWER];

    cost_json_init(&j, NULL, 0);
    cost_calculate_write(&fuzz_state, &fuzz_data, &j, 1774797840, 999999);
    len = cost_json_length(&j);
    fuzz_need(len <= FUZZ_ANSWER, "an answer of bounded size");

    cost_json_init(&j, first, len);
    cost_calculate_write(&fuzz_state, &fuzz_data, &j, 1774797840, 999999);
    fuzz_need(!cost_json_overflow(&j) && cost_json_length(&j) == len,
              "the length");

    fuzz_need(cost_calculate(&fuzz_state, &fuzz_data, data, size) == COST_OK,
              "once more");
    cost_json_init(&j, second, len);
    cost_calculate_write(&fuzz_state, &fuzz_data, &j, 1774797840, 999999);
    fuzz_need(cost_json_length(&j) == len && memcmp(first, second, len) == 0,
              "the same");

    json = json_loadb((const char *) first, len, JSON_REJECT_DUPLICATES,
                      NULL);
    fuzz_need(json != NULL, "the answer is JSON");

    sum = 0;
    services = json_object_get(json, "services");

    for (i = 0; i < json_array_size(services); i++) {
        service = json_array_get(services, i);
        total = fuzz_number(service, "monthlyCost");
        fuzz_need(fabs(total - fuzz_sum(json_object_get(service,
                                                        "breakdown")))
                  <= 0.001 + total * 1e-12, "a service is its lines");
        sum += total;
    }

    transfer = json_object_get(json, "dataTransfer");
    total = fuzz_number(transfer, "monthlyCost");
    fuzz_need(fabs(total - fuzz_sum(json_object_get(transfer, "breakdown")))
              <= 0.001 + total * 1e-12, "the transfer is its edges");
    sum += total;

    total = fuzz_number(json, "totalMonthlyCost");
    fuzz_need(fabs(total - sum) <= 0.001 + total * 1e-12, "the total");

    json_decref(json);
}


static double
fuzz_sum(json_t *object)
{
    void    *iter;
    double   sum;

    sum = 0;

    for (iter = json_object_iter(object);
         iter != NULL;
         iter = json_object_iter_next(object, iter))
    {
        sum += json_number_value(json_object_iter_value(iter));
    }

    return sum;
}


static double
fuzz_number(json_t *object, const char *name)
{
    double   value;
    json_t  *number;

    number = json_object_get(object, name);
    fuzz_need(json_is_number(number), name);

    value = json_number_value(number);
    fuzz_need(value >= 0, "no cost is negative");

    return value;
}


static void
fuzz_load(void)
{
    FILE                    *fp;
    void                    *arena;
    size_t                   len, size;
    cost_str_t               bad;
    cost_price_table_t      *prices;
    cost_pricefile_error_t   err;

    static uint8_t  file[8 * 1024 * 1024];

    fp = fopen("conf/prices/aws.prices", "rb");
    fuzz_need(fp != NULL, "the price file");

    len = fread(file, 1, sizeof(file), fp);
    fclose(fp);

    size = (cost_pricefile_measure(file, len) + 63) & ~(size_t) 63;
    arena = aligned_alloc(64, size);

    fuzz_need(cost_pricefile_parse(file, len, arena, size, &prices, &err)
              == COST_OK, "the prices");
    fuzz_need(cost_service_index(&fuzz_data.services, &bad) == COST_OK,
              "the services");

    fuzz_data.prices = prices;
    fuzz_data.version.data = (const uint8_t *) "fuzz";
    fuzz_data.version.len = 4;
}


static void
fuzz_need(bool holds, const char *what)
{
    if (!holds) {
        printf("%s\n", what);
        fflush(stdout);
        abort();
    }
}
