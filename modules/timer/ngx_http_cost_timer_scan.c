
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "timer/ngx_http_cost_timer_scan.h"


static cost_rc_e ngx_http_cost_timer_scan_read(
    ngx_http_cost_timer_scan_t *scan, ngx_uint_t i);
static ngx_int_t ngx_http_cost_timer_scan_json(
    ngx_http_cost_timer_scan_t *scan, ngx_uint_t found, ngx_str_t *text);


ngx_int_t
ngx_http_cost_timer_scan_begin(ngx_http_cost_timer_scan_t *scan,
    ngx_pool_t *pool, ngx_http_cost_pg_result_t *result)
{
    scan->pool = pool;
    scan->result = result;
    scan->next = 0;

    scan->work = ngx_palloc(pool, sizeof(cost_scan_work_t));

    if (scan->work == NULL
        || ngx_array_init(&scan->judged, pool, 16, sizeof(cost_scan_row_t))
           != NGX_OK
        || ngx_array_init(&scan->found, pool, 64, sizeof(cost_scan_found_t))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_cost_timer_scan_row(ngx_http_cost_timer_scan_t *scan)
{
    size_t              n;
    cost_scan_row_t    *judged;
    cost_scan_found_t  *found;

    static cost_scan_found_t          latest[COST_ANOMALY_MAX];
    static const cost_anomaly_conf_t  conf = {
        COST_SCAN_THRESHOLD, COST_SCAN_MINIMUM
    };

    if (scan->next == ngx_http_cost_pg_rows(scan->result)) {
        return NGX_DONE;
    }

    if (ngx_http_cost_timer_scan_read(scan, scan->next++) != COST_OK) {
        return NGX_DECLINED;
    }

    if (scan->row.service == 0) {
        judged = ngx_array_push(&scan->judged);
        if (judged == NULL) {
            return NGX_ERROR;
        }

        *judged = scan->row;

        return NGX_OK;
    }

    if (cost_scan(&scan->row, &conf, scan->work, latest, &n) != COST_OK) {
        return NGX_DECLINED;
    }

    if (n == 0) {
        return NGX_OK;
    }

    found = ngx_array_push_n(&scan->found, n);
    if (found == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(found, latest, n * sizeof(cost_scan_found_t));

    return NGX_OK;
}


static cost_rc_e
ngx_http_cost_timer_scan_read(ngx_http_cost_timer_scan_t *scan, ngx_uint_t i)
{
    ngx_str_t   text;
    ngx_uint_t  column;
    cost_str_t  values[COST_SCAN_COLUMNS];

    for (column = 0; column < COST_SCAN_COLUMNS; column++) {
        ngx_http_cost_pg_text(scan->result, i, column, &text);

        values[column].data = text.data;
        values[column].len = text.len;
    }

    return cost_scan_read(values, &scan->row);
}


ngx_int_t
ngx_http_cost_timer_scan_params(ngx_http_cost_timer_scan_t *scan,
    ngx_str_t *judged, ngx_str_t *found)
{
    if (ngx_http_cost_timer_scan_json(scan, 0, judged) != NGX_OK
        || ngx_http_cost_timer_scan_json(scan, 1, found) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* counted, then written */

static ngx_int_t
ngx_http_cost_timer_scan_json(ngx_http_cost_timer_scan_t *scan,
    ngx_uint_t found, ngx_str_t *text)
{
    ngx_uint_t          i, n, pass;
    cost_json_t         j;
    cost_scan_row_t    *row;
    cost_scan_found_t  *f;

    text->data = NULL;
    text->len = 0;

    f = scan->found.elts;
    row = scan->judged.elts;
    n = found ? scan->found.nelts : scan->judged.nelts;

    for (pass = 0; pass < 2; pass++) {
        cost_json_init(&j, text->data, text->len);
        cost_json_array(&j);

        for (i = 0; i < n; i++) {

            if (found) {
                cost_scan_write(&j, &f[i]);

            } else {
                cost_scan_judged(&j, &row[i]);
            }
        }

        cost_json_array_end(&j);

        if (pass == 0) {
            text->len = cost_json_length(&j);
            text->data = ngx_pnalloc(scan->pool, text->len);

            if (text->data == NULL) {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}
