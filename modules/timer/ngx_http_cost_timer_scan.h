
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The search for anomalies in what anomalies_series.sql has read, a row at a
 * time, so that whoever searches can give the event loop its turns:
 *
 *     begin --> row, row, ... until NGX_DONE --> params of anomalies_store.sql
 */


#ifndef _NGX_HTTP_COST_TIMER_SCAN_H_INCLUDED_
#define _NGX_HTTP_COST_TIMER_SCAN_H_INCLUDED_


#include "ngx_http_cost.h"
#include "pg/ngx_http_cost_pg.h"


typedef struct {
    ngx_pool_t                 *pool;
    ngx_http_cost_pg_result_t  *result;
    ngx_uint_t                  next;
    cost_scan_row_t             row;         /* the last one */
    cost_scan_work_t           *work;
    ngx_array_t                 judged;      /* cost_scan_row_t */
    ngx_array_t                 found;       /* cost_scan_found_t */
} ngx_http_cost_timer_scan_t;


/* "pool" and "result" must live until params() has returned */
ngx_int_t ngx_http_cost_timer_scan_begin(ngx_http_cost_timer_scan_t *scan,
    ngx_pool_t *pool, ngx_http_cost_pg_result_t *result);

/*
 * NGX_OK: a row was judged, some 0.1 ms; NGX_DONE: it was the last;
 * NGX_DECLINED: scan->row cannot be judged; NGX_ERROR: no memory.
 */
ngx_int_t ngx_http_cost_timer_scan_row(ngx_http_cost_timer_scan_t *scan);

/* the texts of anomalies_store.sql, in the pool */
ngx_int_t ngx_http_cost_timer_scan_params(ngx_http_cost_timer_scan_t *scan,
    ngx_str_t *judged, ngx_str_t *found);


#endif /* _NGX_HTTP_COST_TIMER_SCAN_H_INCLUDED_ */
