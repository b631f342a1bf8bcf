
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * GET, POST and DELETE /api/v1/ci/github: an organization's receiver of
 * GitHub's events.  POST makes it, or gives it another secret: one of the
 * caller's, or one that is made here; it is shown this once.
 */


#include "api/ngx_http_cost_api.h"
#include "webhook/ngx_http_cost_webhook.h"


#define NGX_HTTP_COST_API_RECEIVER_PATH  "/api/v1/ci/github/"

/* the columns of ci_receiver_get.sql and ci_receiver_set.sql */

#define NGX_HTTP_COST_API_RECEIVER_ID        0
#define NGX_HTTP_COST_API_RECEIVER_CREATED   1
#define NGX_HTTP_COST_API_RECEIVER_UPDATED   2
#define NGX_HTTP_COST_API_RECEIVER_RECEIVED  3


static void ngx_http_cost_api_receiver_set_body(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_cost_api_receiver_seal(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_receiver_found(
    ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_receiver_write(cost_json_t *j, void *data);
static ngx_int_t ngx_http_cost_api_receiver_deleted(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_receiver_unknown(
    ngx_http_cost_api_ctx_t *ctx);


static const ngx_http_cost_http_field_t  ngx_http_cost_api_receiver_fields[] =
{
    { ngx_string("secret"), NGX_HTTP_COST_HTTP_TEXT, 16, 128, 0 }
};


ngx_int_t
ngx_http_cost_api_receiver(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t  params[1];

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_ci_receiver_get,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_receiver_found);
}


ngx_int_t
ngx_http_cost_api_receiver_set(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_body(ctx->request,
                                   ngx_http_cost_api_receiver_set_body);
}


static void
ngx_http_cost_api_receiver_set_body(ngx_http_request_t *r, ngx_str_t *body)
{
    ngx_int_t                 rc;
    ngx_str_t                 params[1], *secret;
    ngx_http_cost_api_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);
    rc = NGX_OK;

    secret = ngx_pcalloc(r->pool, sizeof(ngx_str_t));

    if (secret == NULL) {
        rc = NGX_HTTP_INTERNAL_SERVER_ERROR;

    } else if (body->len) {
        rc = ngx_http_cost_http_fields(r, body,
                                       ngx_http_cost_api_receiver_fields, 1,
                                       secret);
    }

    ctx->data = secret;

    if (rc == NGX_OK
        && ((secret->len == 0
             && ngx_http_cost_webhook_secret(r->pool, secret) != NGX_OK)
            || ngx_http_cost_api_param_organization(ctx, &params[0])
               != NGX_OK))
    {
        rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* one that is there keeps its id, which the secret is sealed for */

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_ci_receiver_get,
                                     params, NGX_HTTP_COST_PG_FAST,
                                     ngx_http_cost_api_receiver_seal);
    }

    ngx_http_finalize_request(r, rc);
}


static ngx_int_t
ngx_http_cost_api_receiver_seal(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                           rc;
    ngx_str_t                           params[3];
    ngx_http_request_t                 *r;
    ngx_http_cost_webhook_main_conf_t  *wmcf;

    r = ctx->request;
    rc = NGX_OK;

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        rc = ngx_http_cost_webhook_uuid(r->pool, &params[1]);

    } else {
        ngx_http_cost_pg_text(ctx->result, 0, NGX_HTTP_COST_API_RECEIVER_ID,
                              &params[1]);
    }

    if (rc == NGX_OK) {
        wmcf = ngx_http_get_module_main_conf(r, ngx_http_cost_webhook_module);
        rc = ngx_http_cost_webhook_seal(wmcf, r->pool, &params[1], ctx->data,
                                        &params[2]);
    }

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "cost api: receivers need a \"cost_secret_key\"");

        return ngx_http_cost_http_error(r, NGX_HTTP_SERVICE_UNAVAILABLE,
                                        "This server keeps no receivers: it "
                                        "has no cost_secret_key");
    }

    if (rc != NGX_OK
        || ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_ci_receiver_set,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_receiver_found);
}


static ngx_int_t
ngx_http_cost_api_receiver_found(ngx_http_cost_api_ctx_t *ctx)
{
    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_receiver_unknown(ctx);
    }

    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_receiver_write);
}


static void
ngx_http_cost_api_receiver_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    u_char      path[sizeof(NGX_HTTP_COST_API_RECEIVER_PATH) + COST_UUID_LEN];
    u_char     *last;
    ngx_str_t   id, *secret;

    ngx_http_cost_pg_text(ctx->result, 0, NGX_HTTP_COST_API_RECEIVER_ID, &id);
    last = ngx_snprintf(path, sizeof(path),
                        NGX_HTTP_COST_API_RECEIVER_PATH "%V", &id);

    ngx_http_cost_api_open(ctx, j);
    cost_json_object(j);
    cost_json_name(j, "id");
    cost_json_string(j, id.data, id.len);
    cost_json_name(j, "path");
    cost_json_string(j, path, last - path);

    secret = ctx->data;

    if (secret) {
        cost_json_name(j, "secret");
        cost_json_string(j, secret->data, secret->len);
    }

    cost_json_name(j, "created_at");
    ngx_http_cost_api_put_time(ctx, j, 0, NGX_HTTP_COST_API_RECEIVER_CREATED);
    cost_json_name(j, "updated_at");
    ngx_http_cost_api_put_time(ctx, j, 0, NGX_HTTP_COST_API_RECEIVER_UPDATED);
    cost_json_name(j, "received_at");
    ngx_http_cost_api_put_time(ctx, j, 0,
                               NGX_HTTP_COST_API_RECEIVER_RECEIVED);
    cost_json_object_end(j);
    ngx_http_cost_api_meta(j);
    ngx_http_cost_api_close(ctx, j);
}


ngx_int_t
ngx_http_cost_api_receiver_delete(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t  rc;
    ngx_str_t  params[1];

    rc = ngx_http_discard_request_body(ctx->request);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_ci_receiver_delete,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_receiver_deleted);
}


static ngx_int_t
ngx_http_cost_api_receiver_deleted(ngx_http_cost_api_ctx_t *ctx)
{
    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_receiver_unknown(ctx);
    }

    return ngx_http_cost_api_deleted(ctx);
}


static ngx_int_t
ngx_http_cost_api_receiver_unknown(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_NOT_FOUND,
                                    "There is no receiver of GitHub's "
                                    "events");
}
