
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * GET /api/v1/openapi.json: the API described in OpenAPI's terms.  The file
 * of cost_openapi is read and checked with the configuration, and lies in
 * memory from then on.
 */


#include "api/ngx_http_cost_api.h"

#include <jansson.h>


#define NGX_HTTP_COST_API_OPENAPI_FILE  (4 * 1024 * 1024)


static ngx_int_t ngx_http_cost_api_openapi_check(ngx_conf_t *cf,
    ngx_str_t *name, ngx_str_t *text);


ngx_int_t
ngx_http_cost_api_openapi(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_main_conf_t  *amcf;

    amcf = ngx_http_get_module_main_conf(ctx->request,
                                         ngx_http_cost_api_module);

    if (amcf->openapi.data == NULL) {
        return NGX_HTTP_NOT_FOUND;
    }

    return ngx_http_cost_http_send_text(ctx->request, NGX_HTTP_OK,
                                        &amcf->openapi, &amcf->openapi_etag);
}


char *
ngx_http_cost_api_openapi_file(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_cost_api_main_conf_t *amcf = conf;

    u_char     *p;
    ngx_str_t  *value, text;

    if (amcf->openapi.data) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_http_cost_http_file(cf, &value[1], NGX_HTTP_COST_API_OPENAPI_FILE,
                                &text)
        != NGX_OK
        || ngx_http_cost_api_openapi_check(cf, &value[1], &text) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    p = ngx_pnalloc(cf->pool, NGX_HTTP_COST_HTTP_ETAG_LEN);
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_sprintf(p, "W/\"%016xL\"", cost_hash(text.data, text.len, 0));

    amcf->openapi_etag.len = NGX_HTTP_COST_HTTP_ETAG_LEN;
    amcf->openapi_etag.data = p;
    amcf->openapi = text;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_cost_api_openapi_check(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *text)
{
    json_t        *json;
    json_error_t   err;

    json = json_loadb((char *) text->data, text->len, JSON_REJECT_DUPLICATES,
                      &err);

    if (json == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%V:%d: %s", name, err.line,
                           err.text);
        return NGX_ERROR;
    }

    json_decref(json);

    return NGX_OK;
}
