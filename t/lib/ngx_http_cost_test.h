
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What the two files of the test module share.
 */


#ifndef _NGX_HTTP_COST_TEST_H_INCLUDED_
#define _NGX_HTTP_COST_TEST_H_INCLUDED_


#include "ngx_http_cost.h"
#include "pg/ngx_http_cost_pg.h"


ngx_int_t ngx_http_cost_test_send(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *text);
ngx_int_t ngx_http_cost_test_reply(ngx_http_request_t *r, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result, ngx_uint_t columns);
void ngx_http_cost_test_sql(ngx_http_cost_sql_t *sql, const char *name,
    ngx_str_t *text, int nparams);


extern ngx_module_t  ngx_http_cost_test_module;
extern ngx_module_t  ngx_http_cost_test_load_module;


#endif /* _NGX_HTTP_COST_TEST_H_INCLUDED_ */
