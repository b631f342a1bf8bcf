
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Keeps list_prices in step with the price file: only the groups that
 * recommendations ask for, and only when the file is another one than it was.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cost_import.h"


static bool cost_import_prices_read(const char *name, uint8_t **data,
    size_t *len, cost_import_error_t *error);
static bool cost_import_prices_parse(const char *name, const uint8_t *data,
    size_t len, void **arena, cost_price_table_t **table,
    cost_import_error_t *error);
static bool cost_import_prices_store(cost_import_db_t *db,
    const cost_price_table_t *table, const char *version,
    cost_import_error_t *error);
static bool cost_import_prices_group(cost_import_db_t *db,
    const cost_price_table_t *table, const cost_price_group_t *group,
    cost_import_error_t *error);


/* a price file is half a megabyte */
#define COST_IMPORT_PRICES_MAX  (64 << 20)


static const cost_price_e  cost_import_prices_names[] = {
    COST_PRICE_EC2_LINUX_ON_DEMAND_HOUR,
    COST_PRICE_RDS_INSTANCE_HOUR,
    COST_PRICE_EBS_GP3_GB_MONTH,
    COST_PRICE_EBS_GP3_IOPS_MONTH,
    COST_PRICE_EBS_GP3_THROUGHPUT_MIBPS_MONTH,
    COST_PRICE_S3_STANDARD_IA_STORAGE
};


bool
cost_import_prices(cost_import_db_t *db, const char *name,
    cost_import_error_t *error)
{
    bool                 done;
    char                 version[40];
    void                *arena;
    size_t               len;
    uint8_t             *data;
    PGresult            *res;
    const char          *params[1];
    cost_price_table_t  *table;

    data = NULL;
    len = 0;

    if (!cost_import_prices_read(name, &data, &len, error)) {
        return false;
    }

    (void) snprintf(version, sizeof(version), "%zu-%08lx", len,
                    crc32(0, data, (uInt) len));
    params[0] = version;

    res = cost_import_query(db, &ngx_http_cost_sql_prices_known, params,
                            error);
    if (res == NULL) {
        free(data);
        return false;
    }

    done = (PQntuples(res) == 1);
    PQclear(res);

    arena = NULL;

    if (!done) {
        done = cost_import_prices_parse(name, data, len, &arena, &table,
                                        error)
               && cost_import_prices_store(db, table, version, error);
    }

    free(arena);
    free(data);

    return done;
}


static bool
cost_import_prices_read(const char *name, uint8_t **data, size_t *len,
    cost_import_error_t *error)
{
    FILE  *file;
    long   size;

    file = fopen(name, "re");

    if (file == NULL) {
        return cost_import_fail(error, "%s cannot be read: %s", name,
                                strerror(errno));
    }

    *data = NULL;

    if (fseek(file, 0, SEEK_END) == 0
        && (size = ftell(file)) > 0
        && size <= COST_IMPORT_PRICES_MAX
        && fseek(file, 0, SEEK_SET) == 0)
    {
        *len = (size_t) size;
        *data = malloc(*len);

        if (*data != NULL && fread(*data, 1, *len, file) != *len) {
            free(*data);
            *data = NULL;
        }
    }

    (void) fclose(file);

    return *data != NULL
           || cost_import_fail(error, "%s cannot be read as a price file",
                               name);
}


static bool
cost_import_prices_parse(const char *name, const uint8_t *data, size_t len,
    void **arena, cost_price_table_t **table, cost_import_error_t *error)
{
    size_t                  size;
    cost_pricefile_error_t  why;

    size = (cost_pricefile_measure(data, len) + 63) / 64 * 64;
    *arena = aligned_alloc(64, size);

    if (*arena == NULL) {
        return cost_import_fail(error, "there is not enough memory");
    }

    if (cost_pricefile_parse(data, len, *arena, size, table, &why)
        != COST_OK)
    {
        return cost_import_fail(error, "%s:%u: %s%s%.*s", name,
                                (unsigned) why.line, why.reason,
                                why.what.len != 0 ? ": " : "",
                                (int) why.what.len, why.what.data);
    }

    return true;
}


static bool
cost_import_prices_store(cost_import_db_t *db,
    const cost_price_table_t *table, const char *version,
    cost_import_error_t *error)
{
    bool                       done;
    size_t                     i;
    const char                *params[1];
    const cost_price_group_t  *group;

    params[0] = version;

    done = cost_import_run(db, "BEGIN", error)
           && cost_import_command(db, &ngx_http_cost_sql_prices_clear, NULL,
                                  error);

    for (i = 0; i < sizeof(cost_import_prices_names)
                    / sizeof(cost_import_prices_names[0]) && done;
         i++)
    {
        group = cost_price_group(table, cost_import_prices_names[i]);

        if (group != NULL) {
            done = cost_import_prices_group(db, table, group, error);
        }
    }

    done = done && cost_import_copy_end(db, error)
           && cost_import_command(db, &ngx_http_cost_sql_prices_version,
                                  params, error)
           && cost_import_run(db, "COMMIT", error);

    if (!done) {
        cost_import_rollback(db);
    }

    return done;
}


static bool
cost_import_prices_group(cost_import_db_t *db,
    const cost_price_table_t *table, const cost_price_group_t *group,
    cost_import_error_t *error)
{
    uint32_t        region, row;
    cost_str_t      key;
    cost_price_t    cell;
    cost_decimal_t  price;

    static const cost_str_t  none = { 0, (const uint8_t *) "" };

    for (row = group->row; row < group->row + group->nrows; row++) {
        key = (group->nparts != 0) ? table->keys[row] : none;

        for (region = 0; region < table->nregions; region++) {
            cell = cost_price_cell(table, row, region);

            if (cell == COST_PRICE_NONE) {
                continue;
            }

            if (cell < 0) {
                cell = cost_price_tiers(table, cell)->price;
            }

            /* from 10^-12 to the decimal's 10^-18 */

            price = (cost_decimal_t) cell * 1000000;

            if (!cost_import_price(db, group->name, key,
                                   table->regions[region], price, error))
            {
                return false;
            }
        }
    }

    return true;
}
