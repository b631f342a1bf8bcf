
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * One transaction per delivery: the organization, the stage, COPY of the
 * sums, the records of the files, cost_load(), the search for anomalies.
 * Whatever fails takes all of it back, an organization made for it included.
 */

#include <stdio.h>
#include <stdlib.h>

#include "cost_import.h"


static bool cost_import_find(cost_import_db_t *db, const char *slug,
    bool *found, cost_import_error_t *error);
static bool cost_import_rates(cost_import_db_t *db,
    cost_import_error_t *error);
static bool cost_import_record(cost_import_db_t *db,
    const cost_import_file_t *file, char *id, size_t size,
    cost_import_error_t *error);
static bool cost_import_result(cost_import_db_t *db, const char *id,
    cost_import_result_t *result, cost_import_error_t *error);


/* the ledger's bound of a file's name */
#define COST_IMPORT_NAME  4096


bool
cost_import_connect(cost_import_db_t *db, const char *conninfo,
    cost_import_error_t *error)
{
    static const char *const  names[] = {
        "dbname", "fallback_application_name", "client_encoding", NULL
    };
    const char  *values[] = { conninfo, "cost-import", "UTF8", NULL };

    db->conn = PQconnectdbParams(names, values, 1);

    if (db->conn == NULL) {
        return cost_import_fail(error, "there is not enough memory");
    }

    if (PQstatus(db->conn) != CONNECTION_OK) {
        return cost_import_pg_error(db, NULL, error);
    }

    return true;
}


void
cost_import_disconnect(cost_import_db_t *db)
{
    PQfinish(db->conn);
    free(db->rates);
    free(db->before);

    db->conn = NULL;
    db->rates = NULL;
    db->before = NULL;
}


/* cost_load() asks for the isolation level */

bool
cost_import_begin(cost_import_db_t *db, const char *slug,
    cost_import_error_t *error)
{
    bool                found;
    const char         *params[1];

    db->copying = NULL;
    db->staged = false;
    db->utilization = false;
    db->usage = false;
    db->len = 0;

    params[0] = slug;

    if (!cost_import_run(db, "BEGIN ISOLATION LEVEL READ COMMITTED", error)
        || !cost_import_find(db, slug, &found, error))
    {
        return false;
    }

    if (!found) {
        if (!cost_import_command(db, &ngx_http_cost_sql_import_organize,
                                 params, error)
            || !cost_import_find(db, slug, &found, error))
        {
            return false;
        }

        if (!found) {
            return cost_import_fail(error, "the organization %s was removed "
                                    "meanwhile", slug);
        }
    }

    return cost_import_rates(db, error)
           && cost_import_command(db, &ngx_http_cost_sql_import_stage, NULL,
                                  error);
}


static bool
cost_import_find(cost_import_db_t *db, const char *slug, bool *found,
    cost_import_error_t *error)
{
    PGresult    *res;
    const char  *params[1];

    params[0] = slug;
    res = cost_import_query(db, &ngx_http_cost_sql_import_organization,
                            params, error);
    if (res == NULL) {
        return false;
    }

    *found = (PQntuples(res) == 1);

    if (*found) {
        (void) snprintf(db->organization, sizeof(db->organization), "%s",
                        PQgetvalue(res, 0, 0));
        (void) snprintf(db->currency, sizeof(db->currency), "%s",
                        PQgetvalue(res, 0, 1));
    }

    PQclear(res);

    return true;
}


static bool
cost_import_rates(cost_import_db_t *db, cost_import_error_t *error)
{
    size_t             i, n;
    PGresult          *res;
    const char        *params[1];
    cost_bill_rate_t  *rate;

    params[0] = db->currency;
    res = cost_import_query(db, &ngx_http_cost_sql_import_rates, params,
                            error);
    if (res == NULL) {
        return false;
    }

    free(db->rates);

    n = (size_t) PQntuples(res);
    db->nrates = 0;
    db->rates = calloc(n + 1, sizeof(cost_bill_rate_t));

    if (db->rates == NULL) {
        PQclear(res);
        return cost_import_fail(error, "there is not enough memory");
    }

    for (i = 0; i < n; i++) {
        rate = &db->rates[i];

        rate->len = (size_t) PQgetlength(res, (int) i, 0);

        if (rate->len > COST_BILL_CURRENCY) {
            rate->len = COST_BILL_CURRENCY;
        }

        memcpy(rate->currency, PQgetvalue(res, (int) i, 0), rate->len);
        rate->first = (cost_day_t) atol(PQgetvalue(res, (int) i, 1));
    }

    db->nrates = n;
    PQclear(res);

    return true;
}


bool
cost_import_load(cost_import_db_t *db, cost_import_file_t *files, size_t n,
    const char *account, cost_import_result_t *result,
    cost_import_error_t *error)
{
    char        *ids, loaded[24];
    bool         done;
    size_t       i;
    const char  *params[3];

    enum { size = 24 };

    memset(result, 0, sizeof(cost_import_result_t));

    if (!cost_import_copy_end(db, error)) {
        return false;
    }

    ids = calloc(n, size);
    if (ids == NULL) {
        return cost_import_fail(error, "there is not enough memory");
    }

    done = true;

    for (i = 0; i < n && done; i++) {
        done = cost_import_record(db, &files[i], ids + i * size, size, error)
               && cost_import_refusals(db, &files[i], ids + i * size, error);
    }

    params[0] = db->organization;

    if (done && db->staged) {
        params[1] = ids;
        params[2] = account;

        done = cost_import_command(db, &ngx_http_cost_sql_import_load,
                                   params, error)
               && cost_import_result(db, ids, result, error)
               && cost_import_anomalies(db, ids, &result->anomalies, error);
    }

    if (done && db->utilization) {
        done = cost_import_command(db, &ngx_http_cost_sql_utilization_load,
                                   params, error);
    }

    if (done && db->usage) {
        done = cost_import_command(db, &ngx_http_cost_sql_ci_usage_load,
                                   params, error);
    }

    for (i = 0; i < n && done; i++) {
        (void) snprintf(loaded, sizeof(loaded), "%llu",
                        (unsigned long long) (files[i].rows
                                              - files[i].refused));
        params[1] = ids + i * size;
        params[2] = loaded;

        done = cost_import_command(db, &ngx_http_cost_sql_import_finish,
                                   params, error);
    }

    free(ids);

    return done && cost_import_run(db, "COMMIT", error);
}


static bool
cost_import_record(cost_import_db_t *db, const cost_import_file_t *file,
    char *id, size_t size, cost_import_error_t *error)
{
    char            name[COST_IMPORT_NAME + 1], bytes[24], refused[24],
                    rows[24];
    size_t          len, n;
    PGresult       *res;
    const char     *params[6];
    const uint8_t  *p, *last;

    /* a name need not be text */

    p = (const uint8_t *) file->name;
    last = p + strlen(file->name);

    for (n = 0; p < last && n + 4 < sizeof(name); p += len) {
        if (cost_utf8_next(p, last, &len) != COST_OK) {
            name[n++] = '?';
            continue;
        }

        memcpy(name + n, p, len);
        n += len;
    }

    name[n] = '\0';

    (void) snprintf(bytes, sizeof(bytes), "%lld", (long long) file->size);
    (void) snprintf(rows, sizeof(rows), "%llu",
                    (unsigned long long) file->rows);
    (void) snprintf(refused, sizeof(refused), "%llu",
                    (unsigned long long) file->refused);

    params[0] = db->organization;
    params[1] = name;
    params[2] = (file->size == -1) ? NULL : bytes;
    params[3] = file->format;
    params[4] = rows;
    params[5] = refused;

    res = cost_import_query(db, &ngx_http_cost_sql_import_add, params, error);
    if (res == NULL) {
        return false;
    }

    (void) snprintf(id, size, "%s", PQgetvalue(res, 0, 0));
    PQclear(res);

    return true;
}


static bool
cost_import_result(cost_import_db_t *db, const char *id,
    cost_import_result_t *result, cost_import_error_t *error)
{
    char        *before;
    size_t       size;
    uint64_t     left;
    PGresult    *res;
    const char  *params[3];

    params[0] = db->organization;
    params[1] = id;
    params[2] = (db->before != NULL) ? db->before : "{}";

    res = cost_import_query(db, &ngx_http_cost_sql_import_periods, params,
                            error);
    if (res == NULL) {
        return false;
    }

    result->accounts = strtoull(PQgetvalue(res, 0, 0), NULL, 10);
    result->periods = strtoull(PQgetvalue(res, 0, 1), NULL, 10);

    (void) snprintf(result->first, sizeof(result->first), "%s",
                    PQgetvalue(res, 0, 2));
    (void) snprintf(result->last, sizeof(result->last), "%s",
                    PQgetvalue(res, 0, 3));

    left = strtoull(PQgetvalue(res, 0, 4), NULL, 10);
    result->lost = db->periods - left;
    db->periods = left + result->periods;

    PQclear(res);

    /* "{1}" becomes "{1,2}" */

    size = strlen(params[2]) + strlen(id) + 3;
    before = malloc(size);

    if (before == NULL) {
        return cost_import_fail(error, "there is not enough memory");
    }

    (void) snprintf(before, size, "%.*s%s%s}", (int) strlen(params[2]) - 1,
                    params[2], db->before != NULL ? "," : "", id);

    free(db->before);
    db->before = before;

    return true;
}


void
cost_import_rollback(cost_import_db_t *db)
{
    cost_import_copy_abort(db);
    PQclear(PQexec(db->conn, "ROLLBACK"));
}


bool
cost_import_run(cost_import_db_t *db, const char *text,
    cost_import_error_t *error)
{
    bool       done;
    PGresult  *res;

    res = PQexec(db->conn, text);
    done = (PQresultStatus(res) == PGRES_COMMAND_OK);

    if (!done) {
        (void) cost_import_pg_error(db, res, error);
    }

    PQclear(res);

    return done;
}


/* NULL: failed */

PGresult *
cost_import_query(cost_import_db_t *db, const ngx_http_cost_sql_t *sql,
    const char *const *params, cost_import_error_t *error)
{
    PGresult  *res;

    res = PQexecParams(db->conn, sql->text, sql->nparams, NULL, params, NULL,
                       NULL, 0);

    if (PQresultStatus(res) != PGRES_COMMAND_OK
        && PQresultStatus(res) != PGRES_TUPLES_OK)
    {
        (void) cost_import_pg_error(db, res, error);
        PQclear(res);
        return NULL;
    }

    return res;
}


bool
cost_import_command(cost_import_db_t *db, const ngx_http_cost_sql_t *sql,
    const char *const *params, cost_import_error_t *error)
{
    PGresult  *res;

    res = cost_import_query(db, sql, params, error);

    PQclear(res);

    return res != NULL;
}


/* the server's sentence alone, else libpq's; always false */

bool
cost_import_pg_error(cost_import_db_t *db, const PGresult *res,
    cost_import_error_t *error)
{
    size_t       len;
    const char  *text;

    text = (res != NULL) ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY)
                         : NULL;

    if (text == NULL) {
        text = PQerrorMessage(db->conn);
    }

    /* libpq adds lines of advice */

    len = strcspn(text, "\n");

    return cost_import_fail(error, "PostgreSQL: %.*s", (int) len, text);
}
