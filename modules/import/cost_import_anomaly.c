
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The search for anomalies in what was just loaded.  It runs in the load's
 * own transaction, under its lock of the organization: nobody ever sees new
 * costs beside what was found in old ones.
 */

#include <stdio.h>
#include <stdlib.h>

#include "cost_import.h"


typedef struct {
    cost_scan_work_t    work;
    cost_scan_found_t   latest[COST_ANOMALY_MAX];   /* of one row */
    cost_scan_found_t  *found;
    size_t              nfound;
    size_t              nmax;
} cost_import_anomaly_t;


static bool cost_import_anomaly_scan(cost_import_anomaly_t *anomaly,
    const PGresult *res, cost_import_error_t *error);
static bool cost_import_anomaly_add(cost_import_anomaly_t *anomaly, size_t n,
    cost_import_error_t *error);
static bool cost_import_anomaly_store(cost_import_db_t *db,
    const cost_import_anomaly_t *anomaly, const PGresult *res,
    uint64_t *added, cost_import_error_t *error);
static char *cost_import_anomaly_json(const PGresult *res,
    const cost_import_anomaly_t *anomaly);
static void cost_import_anomaly_judged(cost_json_t *j, const PGresult *res);
static void cost_import_anomaly_found(cost_json_t *j,
    const cost_import_anomaly_t *anomaly);
static cost_rc_e cost_import_anomaly_row(const PGresult *res, int i,
    cost_scan_row_t *row);


bool
cost_import_anomalies(cost_import_db_t *db, const char *import,
    uint64_t *added, cost_import_error_t *error)
{
    bool                    done;
    PGresult               *res;
    const char             *params[3];
    cost_import_anomaly_t  *anomaly;

    params[0] = db->organization;
    params[1] = import;
    params[2] = NULL;

    res = cost_import_query(db, &ngx_http_cost_sql_anomalies_series, params,
                            error);
    if (res == NULL) {
        return false;
    }

    anomaly = calloc(1, sizeof(cost_import_anomaly_t));

    if (anomaly == NULL) {
        PQclear(res);
        return cost_import_fail(error, "there is not enough memory");
    }

    done = cost_import_anomaly_scan(anomaly, res, error)
           && cost_import_anomaly_store(db, anomaly, res, added, error);

    free(anomaly->found);
    free(anomaly);
    PQclear(res);

    return done;
}


static bool
cost_import_anomaly_scan(cost_import_anomaly_t *anomaly, const PGresult *res,
    cost_import_error_t *error)
{
    int              i;
    size_t           n;
    cost_scan_row_t  row;

    static const cost_anomaly_conf_t  conf = {
        COST_SCAN_THRESHOLD, COST_SCAN_MINIMUM
    };

    for (i = 0; i < PQntuples(res); i++) {

        if (cost_import_anomaly_row(res, i, &row) != COST_OK) {
            return cost_import_fail(error, "the costs cannot be searched");
        }

        if (row.service == 0) {
            continue;
        }

        if (cost_scan(&row, &conf, &anomaly->work, anomaly->latest, &n)
            != COST_OK)
        {
            return cost_import_fail(error, "the costs of service %lld of "
                                    "account %lld cannot be searched",
                                    (long long) row.service,
                                    (long long) row.account);
        }

        if (n != 0 && !cost_import_anomaly_add(anomaly, n, error)) {
            return false;
        }
    }

    return true;
}


static bool
cost_import_anomaly_add(cost_import_anomaly_t *anomaly, size_t n,
    cost_import_error_t *error)
{
    size_t              max;
    cost_scan_found_t  *found;

    if (anomaly->nfound + n > anomaly->nmax) {
        max = 2 * (anomaly->nfound + n);
        found = realloc(anomaly->found, max * sizeof(cost_scan_found_t));

        if (found == NULL) {
            return cost_import_fail(error, "there is not enough memory");
        }

        anomaly->found = found;
        anomaly->nmax = max;
    }

    memcpy(anomaly->found + anomaly->nfound, anomaly->latest,
           n * sizeof(cost_scan_found_t));

    anomaly->nfound += n;

    return true;
}


static bool
cost_import_anomaly_store(cost_import_db_t *db,
    const cost_import_anomaly_t *anomaly, const PGresult *res,
    uint64_t *added, cost_import_error_t *error)
{
    char        *judged, *found;
    PGresult    *stored;
    const char  *params[3];

    judged = cost_import_anomaly_json(res, NULL);
    found = cost_import_anomaly_json(res, anomaly);

    if (judged == NULL || found == NULL) {
        free(judged);
        free(found);
        return cost_import_fail(error, "there is not enough memory");
    }

    params[0] = db->organization;
    params[1] = judged;
    params[2] = found;

    stored = cost_import_query(db, &ngx_http_cost_sql_anomalies_store, params,
                               error);

    free(judged);
    free(found);

    if (stored == NULL) {
        return false;
    }

    *added = strtoull(PQgetvalue(stored, 0, 0), NULL, 10);

    PQclear(stored);

    return true;
}


/* the judged, or what was found: counted, then written; the caller frees it */

static char *
cost_import_anomaly_json(const PGresult *res,
    const cost_import_anomaly_t *anomaly)
{
    char         *text;
    size_t        size;
    unsigned      pass;
    cost_json_t   j;

    text = NULL;
    size = 0;

    for (pass = 0; pass < 2; pass++) {
        cost_json_init(&j, (uint8_t *) text, size);
        cost_json_array(&j);

        if (anomaly != NULL) {
            cost_import_anomaly_found(&j, anomaly);

        } else {
            cost_import_anomaly_judged(&j, res);
        }

        cost_json_array_end(&j);

        if (pass == 0) {
            size = cost_json_length(&j);
            text = calloc(1, size + 1);

            if (text == NULL) {
                return NULL;
            }
        }
    }

    return text;
}


static void
cost_import_anomaly_judged(cost_json_t *j, const PGresult *res)
{
    int              i;
    cost_scan_row_t  row;

    for (i = 0; i < PQntuples(res); i++) {
        if (cost_import_anomaly_row(res, i, &row) == COST_OK
            && row.service == 0)
        {
            cost_scan_judged(j, &row);
        }
    }
}


static void
cost_import_anomaly_found(cost_json_t *j,
    const cost_import_anomaly_t *anomaly)
{
    size_t  i;

    for (i = 0; i < anomaly->nfound; i++) {
        cost_scan_write(j, &anomaly->found[i]);
    }
}


static cost_rc_e
cost_import_anomaly_row(const PGresult *res, int i, cost_scan_row_t *row)
{
    int         k;
    cost_str_t  values[COST_SCAN_COLUMNS];

    for (k = 0; k < COST_SCAN_COLUMNS; k++) {
        values[k].data = PQgetisnull(res, i, k)
                         ? NULL : (const uint8_t *) PQgetvalue(res, i, k);
        values[k].len = (size_t) PQgetlength(res, i, k);
    }

    return cost_scan_read(values, row);
}
