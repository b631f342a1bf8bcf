
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * For the tests of pg/ only: it makes the room's door reachable by HTTP.
 * t/lib/Cost/PG.pm compiles it against a build of the suite; it is loaded
 * after ngx_http_cost_module.so.
 *
 *     cost_test_query fast|slow statement [parameter ...];
 *         200 and the rows, tab-separated, NULL as \N; 500 and
 *         "ERROR sqlstate message"; 503 and DECLINED, BUSY or ABORT.
 *         A parameter is a complex value, "\N" is NULL, "\0" a zero byte.
 *     cost_test_access statement;
 *         the same from an access phase handler: rows let the request pass
 *     cost_test_status;
 *         the counters of the worker
 *     cost_test_copy before copy after;
 *         arguments: rows=N, bad=N (a row that is no integer), abort=N (give
 *         up there), hang=N (stop sending there), wide=N (bytes of a row)
 *     cost_test_listen channel;
 *     cost_test_heard;
 *         how often up, down, alive and what was notified
 */


#include "ngx_http_cost_test.h"


typedef struct {
    ngx_http_cost_sql_t             sql;
    ngx_http_cost_sql_t             access;
    ngx_http_cost_pg_lane_e         lane;
    ngx_array_t                     params;   /* ngx_http_complex_value_t */
} ngx_http_cost_test_loc_conf_t;


typedef struct {
    ngx_uint_t                      done;
    ngx_int_t                       rc;
} ngx_http_cost_test_ctx_t;


static ngx_int_t ngx_http_cost_test_query_handler(ngx_http_request_t *r);
static void ngx_http_cost_test_query_done(ngx_http_request_t *r, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static ngx_int_t ngx_http_cost_test_access_handler(ngx_http_request_t *r);
static void ngx_http_cost_test_access_done(ngx_http_request_t *r, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static ngx_int_t ngx_http_cost_test_status_handler(ngx_http_request_t *r);

static void *ngx_http_cost_test_create_loc_conf(ngx_conf_t *cf);
static ngx_int_t ngx_http_cost_test_init(ngx_conf_t *cf);
static char *ngx_http_cost_test_query(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_cost_test_access(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_cost_test_status(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


static ngx_command_t  ngx_http_cost_test_commands[] = {

    { ngx_string("cost_test_query"),
      NGX_HTTP_LOC_CONF|NGX_CONF_2MORE,
      ngx_http_cost_test_query,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("cost_test_access"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_cost_test_access,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("cost_test_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_cost_test_status,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_cost_test_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_cost_test_init,               /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_cost_test_create_loc_conf,    /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_cost_test_module = {
    NGX_MODULE_V1,
    &ngx_http_cost_test_module_ctx,        /* module context */
    ngx_http_cost_test_commands,           /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


/* what nginx's configure would generate for a dynamic module */

extern ngx_module_t  *ngx_modules[];
extern char          *ngx_module_names[];
extern char          *ngx_module_order[];

ngx_module_t  *ngx_modules[] = {
    &ngx_http_cost_test_module, &ngx_http_cost_test_load_module, NULL
};
char          *ngx_module_names[] = {
    "ngx_http_cost_test_module", "ngx_http_cost_test_load_module", NULL
};
char          *ngx_module_order[] = { NULL };


static ngx_int_t
ngx_http_cost_test_query_handler(ngx_http_request_t *r)
{
    ngx_int_t                       rc;
    ngx_str_t                      *params;
    ngx_uint_t                      i;
    ngx_http_complex_value_t       *cv;
    ngx_http_cost_test_loc_conf_t  *tlcf;

    tlcf = ngx_http_get_module_loc_conf(r, ngx_http_cost_test_module);

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    params = ngx_palloc(r->pool, (tlcf->params.nelts + 1)
                                 * sizeof(ngx_str_t));
    if (params == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cv = tlcf->params.elts;

    for (i = 0; i < tlcf->params.nelts; i++) {
        if (ngx_http_complex_value(r, &cv[i], &params[i]) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        if (params[i].data == NULL) {
            ngx_str_set(&params[i], "");
        }

        if (params[i].len == 2 && ngx_strncmp(params[i].data, "\\N", 2) == 0) {
            ngx_str_null(&params[i]);

        } else if (params[i].len == 2
                   && ngx_strncmp(params[i].data, "\\0", 2) == 0)
        {
            ngx_str_set(&params[i], "a\0b");
        }
    }

    rc = ngx_http_cost_pg_request(r, &tlcf->sql, params, tlcf->lane,
                                  ngx_http_cost_test_query_done);

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->main->count++;

    return NGX_DONE;
}


static void
ngx_http_cost_test_query_done(ngx_http_request_t *r, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_test_loc_conf_t  *tlcf;

    tlcf = ngx_http_get_module_loc_conf(r, ngx_http_cost_test_module);

    ngx_http_finalize_request(r, ngx_http_cost_test_reply(r, rc, result,
                                                          tlcf->sql.ncols));
}


static ngx_int_t
ngx_http_cost_test_access_handler(ngx_http_request_t *r)
{
    ngx_http_cost_test_ctx_t       *ctx;
    ngx_http_cost_test_loc_conf_t  *tlcf;

    tlcf = ngx_http_get_module_loc_conf(r, ngx_http_cost_test_module);

    if (tlcf->access.text == NULL) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_test_module);

    if (ctx) {
        return ctx->done ? ctx->rc : NGX_AGAIN;
    }

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_cost_test_ctx_t));
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    ngx_http_set_ctx(r, ctx, ngx_http_cost_test_module);

    if (ngx_http_cost_pg_request(r, &tlcf->access, NULL,
                                 NGX_HTTP_COST_PG_FAST,
                                 ngx_http_cost_test_access_done)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_AGAIN;
}


static void
ngx_http_cost_test_access_done(ngx_http_request_t *r, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_test_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_test_module);

    ctx->done = 1;
    ctx->rc = (rc != NGX_OK) ? NGX_HTTP_SERVICE_UNAVAILABLE
              : ngx_http_cost_pg_rows(result) ? NGX_OK : NGX_HTTP_FORBIDDEN;

    ngx_http_core_run_phases(r);
}


ngx_int_t
ngx_http_cost_test_send(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *text)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    r->headers_out.status = status;
    r->headers_out.content_length_n = text->len;
    ngx_str_set(&r->headers_out.content_type, "text/plain");
    r->headers_out.content_type_len = r->headers_out.content_type.len;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = text->data;
    b->last = text->data + text->len;
    b->memory = (text->len != 0);
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


ngx_int_t
ngx_http_cost_test_reply(ngx_http_request_t *r, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result, ngx_uint_t columns)
{
    u_char      *p;
    size_t       len;
    ngx_str_t    text, value;
    ngx_uint_t   row, column, status;

    len = 64;

    if (rc == NGX_OK) {
        for (row = 0; row < ngx_http_cost_pg_rows(result); row++) {
            for (column = 0; column < columns; column++) {
                ngx_http_cost_pg_text(result, row, column, &value);
                len += value.len + 3;
            }
        }
    }

    ngx_http_cost_pg_message(result, &value);
    len += value.len;

    text.data = ngx_pnalloc(r->pool, len);
    if (text.data == NULL) {
        return NGX_ERROR;
    }

    p = text.data;
    status = 503;

    switch (rc) {

    case NGX_OK:
        status = 200;

        for (row = 0; row < ngx_http_cost_pg_rows(result); row++) {
            for (column = 0; column < columns; column++) {

                if (column) {
                    *p++ = '\t';
                }

                ngx_http_cost_pg_text(result, row, column, &value);

                if (value.data == NULL) {
                    p = ngx_cpymem(p, "\\N", 2);
                    continue;
                }

                p = ngx_cpymem(p, value.data, value.len);
            }

            *p++ = '\n';
        }

        break;

    case NGX_ERROR:
        status = 500;
        p = ngx_sprintf(p, "ERROR %s %V\n", ngx_http_cost_pg_sqlstate(result),
                        &value);
        break;

    case NGX_BUSY:
        p = ngx_sprintf(p, "BUSY\n");
        break;

    case NGX_ABORT:
        p = ngx_sprintf(p, "ABORT\n");
        break;

    case NGX_DECLINED:
        p = ngx_sprintf(p, "DECLINED\n");
        break;

    default:
        p = ngx_sprintf(p, "UNKNOWN %i\n", rc);
    }

    text.len = p - text.data;

    return ngx_http_cost_test_send(r, status, &text);
}


static ngx_int_t
ngx_http_cost_test_status_handler(ngx_http_request_t *r)
{
    ngx_str_t                  text;
    ngx_http_cost_pg_status_t  s;

    text.data = ngx_pnalloc(r->pool, 512);
    if (text.data == NULL) {
        return NGX_ERROR;
    }

    ngx_http_cost_pg_status(&s);

    text.len = ngx_sprintf(text.data,
                           "connections=%ui ready=%ui slow=%ui slow_ready=%ui "
                           "in_flight=%ui waiting=%ui loads=%ui listening=%ui "
                           "queries=%ui failed=%ui cancelled=%ui connects=%ui "
                           "pid=%P\n",
                           s.connections, s.ready, s.slow, s.slow_ready,
                           s.in_flight, s.waiting, s.loads, s.listening,
                           s.queries, s.failed, s.cancelled, s.connects,
                           ngx_pid)
               - text.data;

    return ngx_http_cost_test_send(r, 200, &text);
}


static void *
ngx_http_cost_test_create_loc_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_test_loc_conf_t));
}


static ngx_int_t
ngx_http_cost_test_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_ACCESS_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_cost_test_access_handler;

    return NGX_OK;
}


void
ngx_http_cost_test_sql(ngx_http_cost_sql_t *sql, const char *name,
    ngx_str_t *text, int nparams)
{
    sql->name = name;
    sql->text = (char *) text->data;
    sql->nparams = nparams;
    sql->ncols = 2;
}


static char *
ngx_http_cost_test_query(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_cost_test_loc_conf_t  *tlcf = conf;

    ngx_str_t                         *value;
    ngx_uint_t                         i;
    ngx_http_core_loc_conf_t          *clcf;
    ngx_http_complex_value_t          *cv;
    ngx_http_compile_complex_value_t   ccv;

    value = cf->args->elts;

    tlcf->lane = (value[1].data[0] == 's') ? NGX_HTTP_COST_PG_SLOW
                                           : NGX_HTTP_COST_PG_FAST;

    if (ngx_array_init(&tlcf->params, cf->pool, 4,
                       sizeof(ngx_http_complex_value_t))
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 3; i < cf->args->nelts; i++) {
        cv = ngx_array_push(&tlcf->params);
        if (cv == NULL) {
            return NGX_CONF_ERROR;
        }

        ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

        ccv.cf = cf;
        ccv.value = &value[i];
        ccv.complex_value = cv;

        if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    ngx_http_cost_test_sql(&tlcf->sql, "test_query", &value[2],
                           tlcf->params.nelts);

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_cost_test_query_handler;

    return NGX_CONF_OK;
}


static char *
ngx_http_cost_test_access(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_cost_test_loc_conf_t  *tlcf = conf;

    ngx_str_t  *value;

    value = cf->args->elts;

    ngx_http_cost_test_sql(&tlcf->access, "test_access", &value[1], 0);

    return NGX_CONF_OK;
}


static char *
ngx_http_cost_test_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_cost_test_status_handler;

    return NGX_CONF_OK;
}
