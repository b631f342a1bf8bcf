
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What is copied into tables.  A connection has one COPY at a time: to go on
 * with another table ends the one before.
 */

#include <stdio.h>

#include "cost_import.h"


static bool cost_import_put_entry(cost_import_db_t *db,
    const cost_fold_t *fold, const cost_fold_entry_t *entry,
    cost_import_error_t *error);
static bool cost_import_put_resource(cost_import_db_t *db,
    const cost_inventory_t *inv, const cost_inventory_entry_t *entry,
    cost_import_error_t *error);
static bool cost_import_copy(cost_import_db_t *db, const char *statement,
    cost_import_error_t *error);
static bool cost_import_put(cost_import_db_t *db, const void *data,
    size_t len, cost_import_error_t *error);
static bool cost_import_put_text(cost_import_db_t *db, const uint8_t *data,
    size_t len, char after, cost_import_error_t *error);
static bool cost_import_put_str(cost_import_db_t *db, cost_str_t s,
    cost_import_error_t *error);
static bool cost_import_put_day(cost_import_db_t *db, cost_day_t day,
    cost_import_error_t *error);
static bool cost_import_put_decimal(cost_import_db_t *db,
    cost_decimal_t amount, char after, cost_import_error_t *error);
static bool cost_import_put_number(cost_import_db_t *db, uint64_t n,
    char after, cost_import_error_t *error);


static const char  cost_import_copy_costs[] =
    "COPY cost_stage (provider, account, account_name, service, "
    "service_category, region, currency, period, day, category, entries, "
    "billed, effective, list, contracted) FROM STDIN";

static const char  cost_import_copy_resources[] =
    "COPY cost_stage_resources (provider, account, resource, name, class, "
    "item, variant, pricing, region, service, currency, period, first_day, "
    "last_day, entries, billed, effective, list, quantity) FROM STDIN";

static const char  cost_import_copy_use[] =
    "COPY utilization_stage (resource, metric, day, last_day, value) "
    "FROM STDIN";

static const char  cost_import_copy_ci[] =
    "COPY ci_usage_stage (owner, repository, workflow, product, sku, unit, "
    "day, quantity, gross, discount, net) FROM STDIN";

static const char  cost_import_copy_prices[] =
    "COPY list_prices (name, key, region, price) FROM STDIN";

static const char  cost_import_copy_refusals[] =
    "COPY import_refusals (organization_id, import_id, line, reason) "
    "FROM STDIN";


bool
cost_import_stage(cost_import_db_t *db, const cost_fold_t *fold,
    cost_import_error_t *error)
{
    uint32_t  i;

    if (fold->n == 0) {
        return true;
    }

    if (!cost_import_copy(db, cost_import_copy_costs, error)) {
        return false;
    }

    for (i = 0; i < fold->n; i++) {
        if (!cost_import_put_entry(db, fold, &fold->entries[i], error)) {
            return false;
        }
    }

    db->staged = true;

    return true;
}


static bool
cost_import_put_entry(cost_import_db_t *db, const cost_fold_t *fold,
    const cost_fold_entry_t *entry, cost_import_error_t *error)
{
    size_t  i;

    const uint32_t  texts[] = {
        entry->provider, entry->account, entry->account_name, entry->service,
        entry->service_category, entry->region, entry->currency
    };

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (!cost_import_put_str(db, cost_fold_text(fold, texts[i]), error)) {
            return false;
        }
    }

    if (!cost_import_put_day(db, entry->period, error)
        || !cost_import_put_day(db, entry->day, error)
        || !cost_import_put_number(db, entry->charge, '\t', error)
        || !cost_import_put_number(db, entry->rows, '\t', error))
    {
        return false;
    }

    for (i = 0; i < COST_KINDS; i++) {
        if (!cost_import_put_decimal(db, entry->amount[i],
                                     (i == COST_KINDS - 1) ? '\n' : '\t',
                                     error))
        {
            return false;
        }
    }

    return true;
}


bool
cost_import_stage_resources(cost_import_db_t *db, const cost_inventory_t *inv,
    cost_import_error_t *error)
{
    uint32_t  i;

    if (inv->n == 0) {
        return true;
    }

    if (!cost_import_copy(db, cost_import_copy_resources, error)) {
        return false;
    }

    for (i = 0; i < inv->n; i++) {
        if (cost_inventory_worth(&inv->entries[i])
            && !cost_import_put_resource(db, inv, &inv->entries[i], error))
        {
            return false;
        }
    }

    return true;
}


static bool
cost_import_put_resource(cost_import_db_t *db, const cost_inventory_t *inv,
    const cost_inventory_entry_t *entry, cost_import_error_t *error)
{
    size_t  i;

    const cost_str_t  texts[] = {
        cost_inventory_text(inv, entry->provider),
        cost_inventory_text(inv, entry->account),
        cost_inventory_text(inv, entry->resource),
        cost_inventory_text(inv, entry->name),
        cost_resource_class_name((cost_resource_class_e) entry->class),
        cost_inventory_text(inv, entry->item),
        cost_inventory_text(inv, entry->variant),
        cost_resource_pricing_name((cost_resource_pricing_e) entry->pricing),
        cost_inventory_text(inv, entry->region),
        cost_inventory_text(inv, entry->service),
        cost_inventory_text(inv, entry->currency)
    };

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (!cost_import_put_str(db, texts[i], error)) {
            return false;
        }
    }

    if (!cost_import_put_day(db, entry->period, error)
        || !cost_import_put_day(db, entry->first, error)
        || !cost_import_put_day(db, entry->last, error)
        || !cost_import_put_number(db, entry->rows, '\t', error))
    {
        return false;
    }

    for (i = 0; i < COST_INVENTORY_SUMS; i++) {
        if (!cost_import_put_decimal(db, entry->sum[i],
                                     (i == COST_INVENTORY_SUMS - 1) ? '\n'
                                                                    : '\t',
                                     error))
        {
            return false;
        }
    }

    return true;
}


bool
cost_import_use(cost_import_db_t *db, const cost_utilization_row_t *row,
    cost_import_error_t *error)
{
    return cost_import_copy(db, cost_import_copy_use, error)
           && cost_import_put_str(db, row->resource, error)
           && cost_import_put_str(db, row->metric, error)
           && cost_import_put_day(db, row->day, error)
           && cost_import_put_day(db, row->last, error)
           && cost_import_put_decimal(db, row->value, '\n', error);
}


bool
cost_import_use_ci(cost_import_db_t *db, const cost_usage_row_t *row,
    cost_import_error_t *error)
{
    static const cost_str_t  actions = cost_string("actions");
    static const cost_str_t  minutes = cost_string("minutes");

    /* one spelling for what the layouts spell in several ways */

    return cost_import_copy(db, cost_import_copy_ci, error)
           && cost_import_put_str(db, row->owner, error)
           && cost_import_put_str(db, row->repository, error)
           && cost_import_put_str(db, row->workflow, error)
           && cost_import_put_str(db, row->actions ? actions : row->product,
                                  error)
           && cost_import_put_str(db, row->sku, error)
           && cost_import_put_str(db, row->minutes ? minutes : row->unit,
                                  error)
           && cost_import_put_day(db, row->day, error)
           && cost_import_put_decimal(db, row->quantity, '\t', error)
           && cost_import_put_decimal(db, row->gross, '\t', error)
           && cost_import_put_decimal(db, row->discount, '\t', error)
           && cost_import_put_decimal(db, row->net, '\n', error);
}


bool
cost_import_price(cost_import_db_t *db, cost_str_t name, cost_str_t key,
    cost_str_t region, cost_decimal_t price, cost_import_error_t *error)
{
    return cost_import_copy(db, cost_import_copy_prices, error)
           && cost_import_put_str(db, name, error)
           && cost_import_put_str(db, key, error)
           && cost_import_put_str(db, region, error)
           && cost_import_put_decimal(db, price, '\n', error);
}


bool
cost_import_refusals(cost_import_db_t *db, const cost_import_file_t *file,
    const char *id, cost_import_error_t *error)
{
    uint32_t                      i;
    const cost_import_refusal_t  *refusal;

    if (file->nrefusals == 0) {
        return true;
    }

    if (!cost_import_copy(db, cost_import_copy_refusals, error)) {
        return false;
    }

    for (i = 0; i < file->nrefusals; i++) {
        refusal = &file->refusals[i];

        if (!cost_import_put_text(db, (uint8_t *) db->organization,
                                  strlen(db->organization), '\t', error)
            || !cost_import_put_text(db, (const uint8_t *) id, strlen(id),
                                     '\t', error)
            || !cost_import_put_number(db, refusal->line, '\t', error)
            || !cost_import_put_text(db, (uint8_t *) refusal->reason,
                                     strlen(refusal->reason), '\n', error))
        {
            return false;
        }
    }

    return cost_import_copy_end(db, error);
}


/* begins a copy, unless it is the one that goes on; ends another */

static bool
cost_import_copy(cost_import_db_t *db, const char *statement,
    cost_import_error_t *error)
{
    PGresult  *res;

    if (db->copying == statement) {
        return true;
    }

    if (!cost_import_copy_end(db, error)) {
        return false;
    }

    res = PQexec(db->conn, statement);

    if (PQresultStatus(res) == PGRES_COPY_IN) {
        db->copying = statement;

    } else {
        (void) cost_import_pg_error(db, res, error);
    }

    PQclear(res);

    return db->copying != NULL;
}


bool
cost_import_copy_end(cost_import_db_t *db, cost_import_error_t *error)
{
    bool       done;
    PGresult  *res;

    if (db->copying == NULL) {
        return true;
    }

    if ((db->len != 0
         && PQputCopyData(db->conn, (char *) db->buf, (int) db->len) != 1)
        || PQputCopyEnd(db->conn, NULL) != 1)
    {
        return cost_import_pg_error(db, NULL, error);
    }

    db->copying = NULL;
    db->len = 0;
    done = true;

    while ((res = PQgetResult(db->conn)) != NULL) {
        if (done && PQresultStatus(res) != PGRES_COMMAND_OK) {
            done = cost_import_pg_error(db, res, error);
        }

        PQclear(res);
    }

    return done;
}


void
cost_import_copy_abort(cost_import_db_t *db)
{
    PGresult  *res;

    if (db->copying == NULL) {
        return;
    }

    (void) PQputCopyEnd(db->conn, "given up");

    while ((res = PQgetResult(db->conn)) != NULL) {
        PQclear(res);
    }

    db->copying = NULL;
}


static bool
cost_import_put(cost_import_db_t *db, const void *data, size_t len,
    cost_import_error_t *error)
{
    if (len > sizeof(db->buf) - db->len) {
        if (PQputCopyData(db->conn, (char *) db->buf, (int) db->len) != 1) {
            return cost_import_pg_error(db, NULL, error);
        }

        db->len = 0;
    }

    memcpy(db->buf + db->len, data, len);
    db->len += len;

    return true;
}


/* in COPY's text format a backslash is escaped; there are no controls */

static bool
cost_import_put_text(cost_import_db_t *db, const uint8_t *data, size_t len,
    char after, cost_import_error_t *error)
{
    size_t  n;

    while (len != 0) {
        for (n = 0; n < len && data[n] != '\\'; n++) {
            /* void */
        }

        if (!cost_import_put(db, data, n, error)) {
            return false;
        }

        if (n < len) {
            if (!cost_import_put(db, "\\\\", 2, error)) {
                return false;
            }

            n++;
        }

        data += n;
        len -= n;
    }

    return cost_import_put(db, &after, 1, error);
}


static bool
cost_import_put_str(cost_import_db_t *db, cost_str_t s,
    cost_import_error_t *error)
{
    return cost_import_put_text(db, s.data, s.len, '\t', error);
}


static bool
cost_import_put_day(cost_import_db_t *db, cost_day_t day,
    cost_import_error_t *error)
{
    size_t   len;
    uint8_t  text[COST_DECIMAL_LEN + 1];

    len = cost_date_format(day, text);
    text[len++] = '\t';

    return cost_import_put(db, text, len, error);
}


static bool
cost_import_put_decimal(cost_import_db_t *db, cost_decimal_t amount,
    char after, cost_import_error_t *error)
{
    size_t   len;
    uint8_t  text[COST_DECIMAL_LEN + 1];

    len = cost_decimal_format(amount, COST_DECIMAL_PLACES, 0, text);
    text[len++] = (uint8_t) after;

    return cost_import_put(db, text, len, error);
}


static bool
cost_import_put_number(cost_import_db_t *db, uint64_t n, char after,
    cost_import_error_t *error)
{
    int   len;
    char  text[24];

    len = snprintf(text, sizeof(text), "%llu%c", (unsigned long long) n,
                   after);

    return cost_import_put(db, text, (size_t) len, error);
}
