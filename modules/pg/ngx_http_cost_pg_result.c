
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Reading a result, and what an error says about its query and connection.
 */


#include "ngx_http_cost_pg_private.h"


static void ngx_http_cost_pg_result_cleanup(void *data);


ngx_uint_t
ngx_http_cost_pg_rows(ngx_http_cost_pg_result_t *result)
{
    return PQntuples(result->pg);
}


void
ngx_http_cost_pg_text(ngx_http_cost_pg_result_t *result, ngx_uint_t row,
    ngx_uint_t column, ngx_str_t *text)
{
    /* out of range is a NULL too, without the warning libpq would give */

    if (row >= (ngx_uint_t) PQntuples(result->pg)
        || column >= (ngx_uint_t) PQnfields(result->pg)
        || PQgetisnull(result->pg, row, column))
    {
        ngx_str_null(text);
        return;
    }

    text->data = (u_char *) PQgetvalue(result->pg, row, column);
    text->len = PQgetlength(result->pg, row, column);
}


ngx_http_cost_pg_result_t *
ngx_http_cost_pg_keep(ngx_http_cost_pg_result_t *result, ngx_pool_t *pool)
{
    ngx_pool_cleanup_t         *cln;
    ngx_http_cost_pg_result_t  *kept;

    cln = ngx_pool_cleanup_add(pool, sizeof(ngx_http_cost_pg_result_t));
    if (cln == NULL) {
        return NULL;
    }

    kept = cln->data;
    *kept = *result;

    /* the query forgets it */
    result->pg = NULL;

    cln->handler = ngx_http_cost_pg_result_cleanup;

    return kept;
}


static void
ngx_http_cost_pg_result_cleanup(void *data)
{
    ngx_http_cost_pg_result_t *kept = data;

    PQclear(kept->pg);
}


const char *
ngx_http_cost_pg_sqlstate(ngx_http_cost_pg_result_t *result)
{
    const char  *state;

    state = PQresultErrorField(result->pg, PG_DIAG_SQLSTATE);

    if (state != NULL) {
        return state;
    }

    return result->sqlstate ? result->sqlstate : "";
}


void
ngx_http_cost_pg_message(ngx_http_cost_pg_result_t *result, ngx_str_t *text)
{
    text->data = (u_char *) PQresultErrorField(result->pg,
                                               PG_DIAG_MESSAGE_PRIMARY);
    if (text->data == NULL) {
        ngx_str_set(text, "");
        return;
    }

    text->len = ngx_strlen(text->data);
}


ngx_int_t
ngx_http_cost_pg_result_judge(PGresult *pg)
{
    const char  *state, *function;

    switch (PQresultStatus(pg)) {

    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
        return NGX_OK;

    default:
        break;
    }

    state = PQresultErrorField(pg, PG_DIAG_SQLSTATE);

    /* without a state it is libpq's own: the connection is lost */

    if (state == NULL
        || ngx_strncmp(state, "08", 2) == 0
        || ngx_strncmp(state, "57P", 3) == 0
        || ngx_http_cost_pg_result_shutdown(pg))
    {
        return NGX_DONE;
    }

    /* the server we were connected to is no longer the one that writes */

    if (ngx_strcmp(state, "25006") == 0) {
        return NGX_DECLINED;
    }

    if (ngx_strcmp(state, "57014") == 0) {
        return NGX_ABORT;
    }

    if (ngx_strcmp(state, "26000") == 0) {
        return NGX_AGAIN;
    }

    /*
     * "cached plan must not change result type": the text is translated and
     * the code is that of anything not supported, the function is neither
     */

    if (ngx_strcmp(state, "0A000") == 0) {
        function = PQresultErrorField(pg, PG_DIAG_SOURCE_FUNCTION);

        if (function && ngx_strcmp(function, "RevalidateCachedQuery") == 0) {
            return NGX_AGAIN;
        }
    }

    return NGX_ERROR;
}


ngx_uint_t
ngx_http_cost_pg_result_shutdown(const PGresult *pg)
{
    const char  *severity;

    /*
     * A backend told to end does so between statements or rolls back the one
     * it is in.  After a crash of another backend, though, it is a warning
     * that comes, and nothing is known.
     */

    severity = PQresultErrorField(pg, PG_DIAG_SEVERITY_NONLOCALIZED);

    return severity != NULL && ngx_strcmp(severity, "FATAL") == 0;
}


ngx_uint_t
ngx_http_cost_pg_result_strange(PGresult *pg)
{
    const char  *state;

    state = PQresultErrorField(pg, PG_DIAG_SQLSTATE);

    return state != NULL
           && ngx_strncmp(state, "22", 2) != 0
           && ngx_strncmp(state, "23", 2) != 0
           && ngx_strncmp(state, "40", 2) != 0
           && ngx_strncmp(state, "P0", 2) != 0;
}


void
ngx_http_cost_pg_line(ngx_str_t *line, u_char *buf, const char *text)
{
    u_char  *p, *last;

    p = buf;
    last = buf + NGX_HTTP_COST_PG_REASON;

    for ( /* void */ ; *text && p < last; text++) {

        if ((u_char) *text > ' ') {
            *p++ = *text;
            continue;
        }

        if (p > buf && p[-1] != ' ') {
            *p++ = ' ';
        }
    }

    if (p > buf && p[-1] == ' ') {
        p--;
    }

    line->data = buf;
    line->len = p - buf;
}
