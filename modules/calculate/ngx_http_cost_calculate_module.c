
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * cost_calculate: POST /api/v1/calculate and the list of what it can price.
 * cost_prices: the price file, read and checked at configuration, so that
 * "nginx -t" rejects a broken one, and a reload swaps it with the cycle.
 *
 * Everything that is decided is decided in cost/.  The prices are in the
 * cycle's pool, written once, before workers are forked.  The state of a
 * calculation is one for the worker: a calculation is over before the event
 * that began it is, and its answer was copied by then.
 */


#include "calculate/ngx_http_cost_calculate.h"
#include "http/ngx_http_cost_http.h"

#include <openssl/evp.h>


/* more than any price list that could be meant */
#define NGX_HTTP_COST_CALCULATE_FILE  (64 * 1024 * 1024)

#define NGX_HTTP_COST_CALCULATE_SHA256  32


typedef struct {
    cost_calculate_data_t   data;        /* prices == NULL: no cost_prices */
    cost_calculate_t       *state;       /* of the worker */
    ngx_str_t               file;
    ngx_uint_t              used;        /* cost_calculate is somewhere */
} ngx_http_cost_calculate_main_conf_t;


typedef struct {
    cost_calculate_data_t  *data;
    cost_calculate_t       *state;
    cost_time_t             sec;
    uint32_t                usec;
} ngx_http_cost_calculate_answer_t;


static ngx_int_t ngx_http_cost_calculate_handler(ngx_http_request_t *r);
static void ngx_http_cost_calculate_body(ngx_http_request_t *r,
    ngx_str_t *body);
static void ngx_http_cost_calculate_write(cost_json_t *j, void *data);
static ngx_int_t ngx_http_cost_calculate_services_handler(
    ngx_http_request_t *r);
static void ngx_http_cost_calculate_services_write(cost_json_t *j,
    void *data);

static void *ngx_http_cost_calculate_create_main_conf(ngx_conf_t *cf);
static char *ngx_http_cost_calculate_init_main_conf(ngx_conf_t *cf,
    void *conf);
static char *ngx_http_cost_calculate(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_cost_calculate_prices(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static ngx_int_t ngx_http_cost_calculate_parse(ngx_conf_t *cf,
    ngx_http_cost_calculate_main_conf_t *cmcf, ngx_str_t *text);
static ngx_int_t ngx_http_cost_calculate_version(ngx_conf_t *cf,
    ngx_http_cost_calculate_main_conf_t *cmcf, ngx_str_t *text);


static ngx_command_t  ngx_http_cost_calculate_commands[] = {

    { ngx_string("cost_prices"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_cost_calculate_prices,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("cost_calculate"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_cost_calculate,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_cost_calculate_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    ngx_http_cost_calculate_create_main_conf,
                                           /* create main configuration */
    ngx_http_cost_calculate_init_main_conf,
                                           /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_cost_calculate_module = {
    NGX_MODULE_V1,
    &ngx_http_cost_calculate_module_ctx,   /* module context */
    ngx_http_cost_calculate_commands,      /* module directives */
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


static ngx_int_t
ngx_http_cost_calculate_handler(ngx_http_request_t *r)
{
    if (r->method != NGX_HTTP_POST) {
        return ngx_http_cost_http_allow(r, NGX_HTTP_POST);
    }

    return ngx_http_cost_http_body(r, ngx_http_cost_calculate_body);
}


static void
ngx_http_cost_calculate_body(ngx_http_request_t *r, ngx_str_t *body)
{
    ngx_int_t                             rc;
    ngx_str_t                             why;
    struct timeval                        tv;
    ngx_http_cost_calculate_answer_t      answer;
    ngx_http_cost_calculate_main_conf_t  *cmcf;

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_cost_calculate_module);

    if (cost_calculate(cmcf->state, &cmcf->data, body->data, body->len)
        != COST_OK)
    {
        why.len = cmcf->state->request.error.len;
        why.data = cmcf->state->request.error.data;

        rc = ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST, "%V", &why);
        ngx_http_finalize_request(r, rc);

        return;
    }

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "cost calculate: nodes:%uD edges:%uD warnings:%uD",
                   cmcf->state->request.nnodes,
                   cmcf->state->request.graph.nedges,
                   cmcf->state->request.nwarnings);

    ngx_gettimeofday(&tv);

    answer.data = &cmcf->data;
    answer.state = cmcf->state;
    answer.sec = tv.tv_sec;
    answer.usec = (uint32_t) tv.tv_usec;

    rc = ngx_http_cost_http_send(r, NGX_HTTP_OK,
                                 ngx_http_cost_calculate_write, &answer);

    ngx_http_finalize_request(r, rc);
}


static void
ngx_http_cost_calculate_write(cost_json_t *j, void *data)
{
    ngx_http_cost_calculate_answer_t  *answer = data;

    cost_calculate_write(answer->state, answer->data, j, answer->sec,
                         answer->usec);
}


static ngx_int_t
ngx_http_cost_calculate_services_handler(ngx_http_request_t *r)
{
    ngx_int_t                             rc;
    ngx_http_cost_calculate_main_conf_t  *cmcf;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return ngx_http_cost_http_allow(r, NGX_HTTP_GET|NGX_HTTP_HEAD);
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_cost_calculate_module);

    return ngx_http_cost_http_send(r, NGX_HTTP_OK,
                                   ngx_http_cost_calculate_services_write,
                                   &cmcf->data);
}


static void
ngx_http_cost_calculate_services_write(cost_json_t *j, void *data)
{
    cost_calculate_services(data, j);
}


ngx_http_cost_calculate_e
ngx_http_cost_calculate_of(ngx_http_request_t *r)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (clcf->handler == ngx_http_cost_calculate_handler) {
        return NGX_HTTP_COST_CALCULATE_GRAPH;
    }

    if (clcf->handler == ngx_http_cost_calculate_services_handler) {
        return NGX_HTTP_COST_CALCULATE_SERVICES;
    }

    return NGX_HTTP_COST_CALCULATE_NOTHING;
}


static void *
ngx_http_cost_calculate_create_main_conf(ngx_conf_t *cf)
{
    /*
     * set by ngx_pcalloc():
     *
     *     conf->data.prices = NULL;
     *     conf->state = NULL;
     *     conf->file = { 0, NULL };
     *     conf->used = 0;
     */

    return ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_calculate_main_conf_t));
}


static char *
ngx_http_cost_calculate_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_http_cost_calculate_main_conf_t  *cmcf = conf;

    if (!cmcf->used) {
        return NGX_CONF_OK;
    }

    if (cmcf->data.prices == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"cost_calculate\" needs \"cost_prices\" in http {}");
        return NGX_CONF_ERROR;
    }

    /* pages of it become a worker's own when they are first written */

    cmcf->state = ngx_pmemalign(cf->pool, sizeof(cost_calculate_t),
                                NGX_CPU_CACHE_LINE);
    if (cmcf->state == NULL) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_cost_calculate(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_cost_calculate_main_conf_t  *cmcf = conf;

    ngx_str_t                 *value;
    ngx_http_handler_pt        handler;
    ngx_http_core_loc_conf_t  *clcf;

    value = cf->args->elts;
    handler = ngx_http_cost_calculate_handler;

    if (cf->args->nelts == 2) {

        if (ngx_strcmp(value[1].data, "services") != 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\"", &value[1]);
            return NGX_CONF_ERROR;
        }

        handler = ngx_http_cost_calculate_services_handler;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler) {
        return clcf->handler == handler ? "is duplicate"
                                        : "conflicts with another handler "
                                          "of the location";
    }

    clcf->handler = handler;
    cmcf->used = 1;

    return NGX_CONF_OK;
}


static char *
ngx_http_cost_calculate_prices(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_cost_calculate_main_conf_t  *cmcf = conf;

    ngx_str_t   *value, text;
    cost_str_t   bad;

    if (cmcf->file.data) {
        return "is duplicate";
    }

    value = cf->args->elts;
    cmcf->file = value[1];

    if (ngx_http_cost_http_file(cf, &cmcf->file, NGX_HTTP_COST_CALCULATE_FILE,
                                &text)
        != NGX_OK
        || ngx_http_cost_calculate_parse(cf, cmcf, &text) != NGX_OK
        || ngx_http_cost_calculate_version(cf, cmcf, &text) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (cost_service_index(&cmcf->data.services, &bad) != COST_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the model of \"%*s\" is inconsistent",
                           bad.len, bad.data);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_cost_calculate_parse(ngx_conf_t *cf,
    ngx_http_cost_calculate_main_conf_t *cmcf, ngx_str_t *text)
{
    void                    *arena;
    size_t                   size;
    cost_price_table_t      *table;
    cost_pricefile_error_t   err;

    size = cost_pricefile_measure(text->data, text->len);

    arena = ngx_pmemalign(cf->pool, size, NGX_CPU_CACHE_LINE);
    if (arena == NULL) {
        return NGX_ERROR;
    }

    if (cost_pricefile_parse(text->data, text->len, arena, size, &table, &err)
        == COST_OK)
    {
        cmcf->data.prices = table;
        return NGX_OK;
    }

    if (err.what.len) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%V:%uD: %s: \"%*s\"",
                           &cmcf->file, err.line, err.reason,
                           ngx_min(err.what.len, 128), err.what.data);

    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%V:%uD: %s",
                           &cmcf->file, err.line, err.reason);
    }

    return NGX_ERROR;
}


/* the file's SHA-256, which answers name as their pricingVersion */

static ngx_int_t
ngx_http_cost_calculate_version(ngx_conf_t *cf,
    ngx_http_cost_calculate_main_conf_t *cmcf, ngx_str_t *text)
{
    u_char  *hex, digest[NGX_HTTP_COST_CALCULATE_SHA256];

    if (EVP_Digest(text->data, text->len, digest, NULL, EVP_sha256(), NULL)
        != 1)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "EVP_Digest() failed");
        return NGX_ERROR;
    }

    hex = ngx_pnalloc(cf->pool, 2 * sizeof(digest));
    if (hex == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_hex_dump(hex, digest, sizeof(digest));

    cmcf->data.version.len = 2 * sizeof(digest);
    cmcf->data.version.data = hex;

    return NGX_OK;
}
