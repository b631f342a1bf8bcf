
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What is copied into tables.  A connection has one COPY at a time: to go on
 * with another table ends the one before.
 */

#include "cost_import.h"


static bool cost_import_copy(cost_import_db_t *db, const char *statement,
    cost_import_error_t *error);
static bool cost_import_put(cost_import_db_t *db, size_t len,
    cost_import_error_t *error);
static bool cost_import_put_line(cost_import_db_t *db, uint8_t *last,
    cost_import_error_t *error);


static const char  cost_import_copy_costs[] = COST_COPY_COSTS;
static const char  cost_import_copy_resources[] = COST_COPY_RESOURCES;

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
        if (!cost_import_put(db, cost_copy_cost(fold, &fold->entries[i],
                                                db->buf + db->len),
                             error))
        {
            return false;
        }
    }

    db->staged = true;

    return true;
}


bool
cost_import_stage_resources(cost_import_db_t *db, const cost_inventory_t *inv,
    cost_import_error_t *error)
{
    uint32_t                       i;
    const cost_inventory_entry_t  *entry;

    if (inv->n == 0) {
        return true;
    }

    if (!cost_import_copy(db, cost_import_copy_resources, error)) {
        return false;
    }

    for (i = 0; i < inv->n; i++) {
        entry = &inv->entries[i];

        if (cost_inventory_worth(entry)
            && !cost_import_put(db, cost_copy_resource(inv, entry,
                                                       db->buf + db->len),
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
    uint8_t  *p;

    if (!cost_import_copy(db, cost_import_copy_use, error)) {
        return false;
    }

    p = cost_copy_text(db->buf + db->len, row->resource);
    p = cost_copy_text(p, row->metric);
    p = cost_copy_day(p, row->day);
    p = cost_copy_day(p, row->last);
    p = cost_copy_decimal(p, row->value);

    return cost_import_put_line(db, p, error);
}


bool
cost_import_use_ci(cost_import_db_t *db, const cost_usage_row_t *row,
    cost_import_error_t *error)
{
    uint8_t  *p;

    static const cost_str_t  actions = cost_string("actions");
    static const cost_str_t  minutes = cost_string("minutes");

    if (!cost_import_copy(db, cost_import_copy_ci, error)) {
        return false;
    }

    /* one spelling for what the layouts spell in several ways */

    p = cost_copy_text(db->buf + db->len, row->owner);
    p = cost_copy_text(p, row->repository);
    p = cost_copy_text(p, row->workflow);
    p = cost_copy_text(p, row->actions ? actions : row->product);
    p = cost_copy_text(p, row->sku);
    p = cost_copy_text(p, row->minutes ? minutes : row->unit);
    p = cost_copy_day(p, row->day);
    p = cost_copy_decimal(p, row->quantity);
    p = cost_copy_decimal(p, row->gross);
    p = cost_copy_decimal(p, row->discount);
    p = cost_copy_decimal(p, row->net);

    return cost_import_put_line(db, p, error);
}


bool
cost_import_price(cost_import_db_t *db, cost_str_t name, cost_str_t key,
    cost_str_t region, cost_decimal_t price, cost_import_error_t *error)
{
    uint8_t  *p;

    /* of a file that a person writes */

    if (name.len + key.len + region.len > COST_FOCUS_TEXT_MAX) {
        return cost_import_fail(error, "a price of %.*s has a key of more "
                                "than %d bytes", (int) name.len, name.data,
                                COST_FOCUS_TEXT_MAX);
    }

    if (!cost_import_copy(db, cost_import_copy_prices, error)) {
        return false;
    }

    p = cost_copy_text(db->buf + db->len, name);
    p = cost_copy_text(p, key);
    p = cost_copy_text(p, region);
    p = cost_copy_decimal(p, price);

    return cost_import_put_line(db, p, error);
}


bool
cost_import_refusals(cost_import_db_t *db, const cost_import_file_t *file,
    const char *id, cost_import_error_t *error)
{
    uint8_t                      *p;
    uint32_t                      i;
    cost_str_t                    organization, import, reason;
    const cost_import_refusal_t  *refusal;

    if (file->nrefusals == 0) {
        return true;
    }

    if (!cost_import_copy(db, cost_import_copy_refusals, error)) {
        return false;
    }

    organization.data = (const uint8_t *) db->organization;
    organization.len = strlen(db->organization);
    import.data = (const uint8_t *) id;
    import.len = strlen(id);

    for (i = 0; i < file->nrefusals; i++) {
        refusal = &file->refusals[i];
        reason.data = (const uint8_t *) refusal->reason;
        reason.len = strlen(refusal->reason);

        p = cost_copy_text(db->buf + db->len, organization);
        p = cost_copy_text(p, import);
        p = cost_copy_number(p, refusal->line);
        p = cost_copy_text(p, reason);

        if (!cost_import_put_line(db, p, error)) {
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


/* "len" bytes stand behind the others; there is always room for a line */

static bool
cost_import_put(cost_import_db_t *db, size_t len, cost_import_error_t *error)
{
    int  n;

    db->len += len;

    if (db->len < COST_IMPORT_COPY) {
        return true;
    }

    n = (int) db->len;
    db->len = 0;

    return PQputCopyData(db->conn, (char *) db->buf, n) == 1
           || cost_import_pg_error(db, NULL, error);
}


static bool
cost_import_put_line(cost_import_db_t *db, uint8_t *last,
    cost_import_error_t *error)
{
    return cost_import_put(db, cost_copy_end(db->buf + db->len, last), error);
}
