
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Prints what GET /api/v1/calculate/services answers for a price file:
 *
 *     services PRICES
 */

#include "cost/cost_calculate.h"
#include "cost/cost_pricefile.h"

#include <stdio.h>
#include <stdlib.h>


int
main(int argc, char **argv)
{
    FILE                    *fp;
    void                    *arena;
    size_t                   len, size;
    cost_json_t              j;
    cost_price_table_t      *prices;
    cost_pricefile_error_t   err;

    static uint8_t                file[16 * 1024 * 1024], buf[1024 * 1024];
    static cost_calculate_data_t  data;

    fp = argc == 2 ? fopen(argv[1], "rb") : NULL;

    if (fp == NULL) {
        fprintf(stderr, "services: no price file\n");
        return 1;
    }

    len = fread(file, 1, sizeof(file), fp);
    fclose(fp);

    size = (cost_pricefile_measure(file, len) + 63) & ~(size_t) 63;
    arena = aligned_alloc(64, size);

    if (arena == NULL
        || cost_pricefile_parse(file, len, arena, size, &prices, &err)
           != COST_OK)
    {
        fprintf(stderr, "services: %s: broken\n", argv[1]);
        return 1;
    }

    data.prices = prices;

    cost_json_init(&j, buf, sizeof(buf));
    cost_calculate_services(&data, &j);
    printf("%.*s\n", (int) cost_json_length(&j), buf);

    return cost_json_overflow(&j);
}
