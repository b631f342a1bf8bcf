
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * cost_api: the content handler that finds the resource of a path, and
 * cost_health: the liveness endpoint, which asks nobody.  cost_cache_zone and
 * cost_openapi are in files of their own.
 *
 * Runs in workers, in the content phase: the key was checked in the access
 * phase before (key/), errors become JSON in the filters behind (http/).
 */


#include "api/ngx_http_cost_api_cache.h"


static ngx_int_t ngx_http_cost_api_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_cost_api_health_handler(ngx_http_request_t *r);

static void *ngx_http_cost_api_create_main_conf(ngx_conf_t *cf);
static char *ngx_http_cost_api(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_cost_api_init_process(ngx_cycle_t *cycle);


static ngx_command_t  ngx_http_cost_api_commands[] = {

    { ngx_string("cost_api"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_cost_api,
      0,
      0,
      ngx_http_cost_api_handler },

    { ngx_string("cost_health"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_cost_api,
      0,
      0,
      ngx_http_cost_api_health_handler },

    { ngx_string("cost_cache_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE12,
      ngx_http_cost_api_cache_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("cost_openapi"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_cost_api_openapi_file,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_cost_api_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    ngx_http_cost_api_create_main_conf,    /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_cost_api_module = {
    NGX_MODULE_V1,
    &ngx_http_cost_api_module_ctx,         /* module context */
    ngx_http_cost_api_commands,            /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_cost_api_init_process,        /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


/* to the byte what CloudK's document prints, but for its blanks */

static ngx_str_t  ngx_http_cost_api_healthy =
    ngx_string("{\"status\":\"ok\",\"version\":\""
               NGX_HTTP_COST_API_VERSION "\"}");


static ngx_int_t
ngx_http_cost_api_handler(ngx_http_request_t *r)
{
    ngx_int_t                         rc;
    ngx_uint_t                        methods;
    ngx_http_cost_api_ctx_t          *ctx;
    const ngx_http_cost_api_route_t  *route;

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_cost_api_ctx_t));
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    route = ngx_http_cost_api_route(&r->uri, r->method, ctx->ids, &methods);

    if (route == NULL) {
        return methods ? ngx_http_cost_http_allow(r, methods)
                       : NGX_HTTP_NOT_FOUND;
    }

    ctx->request = r;
    ctx->route = route;
    ctx->now = ngx_time();

    ngx_http_set_ctx(r, ctx, ngx_http_cost_api_module);

    if (route->permission) {
        rc = ngx_http_cost_key_permit(r, route->permission);

        if (rc == NGX_DECLINED) {
            ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                          "cost api: \"%V\" is served without \"api_key\" "
                          "in its location", &r->uri);
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        if (rc != NGX_OK) {
            return rc;
        }

        ctx->key = ngx_http_cost_key_get(r);
    }

    if (r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD)) {
        rc = ngx_http_discard_request_body(r);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return route->handler(ctx);
}


static ngx_int_t
ngx_http_cost_api_health_handler(ngx_http_request_t *r)
{
    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return ngx_http_cost_http_allow(r, NGX_HTTP_GET|NGX_HTTP_HEAD);
    }

    return ngx_http_cost_http_send_text(r, NGX_HTTP_OK,
                                        &ngx_http_cost_api_healthy, NULL);
}


ngx_int_t
ngx_http_cost_api_route_of(ngx_http_request_t *r)
{
    cost_str_t                        ids[COST_ROUTE_IDS];
    ngx_uint_t                        methods;
    ngx_http_cost_api_ctx_t          *ctx;
    ngx_http_core_loc_conf_t         *clcf;
    const ngx_http_cost_api_route_t  *route;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (clcf->handler == ngx_http_cost_api_health_handler) {
        return ngx_http_cost_api_route_health();
    }

    if (clcf->handler != ngx_http_cost_api_handler) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);

    /* one that was refused before it came to the handler has none */

    route = ctx ? ctx->route
                : ngx_http_cost_api_route(&r->uri, r->method, ids, &methods);

    return route ? ngx_http_cost_api_route_number(route)
                 : ngx_http_cost_api_route_unknown();
}


static void *
ngx_http_cost_api_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_cost_api_main_conf_t  *amcf;

    amcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_api_main_conf_t));
    if (amcf == NULL) {
        return NULL;
    }

    ngx_http_cost_api_flight_init(amcf);

    return amcf;
}


/* both directives; the handler is the command's */

static char *
ngx_http_cost_api(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler) {
        return clcf->handler == cmd->post ? "is duplicate"
                                          : "conflicts with another handler "
                                            "of the location";
    }

    clcf->handler = cmd->post;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_cost_api_init_process(ngx_cycle_t *cycle)
{
    ngx_http_cost_api_main_conf_t  *amcf;

    amcf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_cost_api_module);

    if (amcf) {
        amcf->look.log = cycle->log;
    }

    return NGX_OK;
}
