
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * POST /api/v1/webhooks, PUT, PATCH and DELETE /api/v1/webhooks/{id}, and
 * the rotation of a secret.
 */


#include "api/ngx_http_cost_api_webhooks.h"


#define NGX_HTTP_COST_API_WEBHOOK_GRACE  604800      /* 7 days, seconds */
#define NGX_HTTP_COST_API_WEBHOOK_PATH   "/api/v1/webhooks/"


static void ngx_http_cost_api_webhook_add_body(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_cost_api_webhook_added(
    ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_webhook_change_body(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_cost_api_webhook_changed(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_webhook_deleted(
    ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_webhook_rotate_body(ngx_http_request_t *r,
    ngx_str_t *body);

static ngx_int_t ngx_http_cost_api_webhook_url(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *url);
static ngx_int_t ngx_http_cost_api_webhook_events(
    ngx_http_cost_api_ctx_t *ctx, ngx_str_t *events);
static ngx_int_t ngx_http_cost_api_webhook_seal(
    ngx_http_cost_api_ctx_t *ctx, ngx_str_t *sealed);


enum {
    NGX_HTTP_COST_API_WEBHOOK_URL = 0,
    NGX_HTTP_COST_API_WEBHOOK_EVENTS,
    NGX_HTTP_COST_API_WEBHOOK_DESCRIPTION,
    NGX_HTTP_COST_API_WEBHOOK_ENABLED,
    NGX_HTTP_COST_API_WEBHOOK_FIELDS
};


static const ngx_http_cost_http_field_t  ngx_http_cost_api_webhook_add_f[] = {
    { ngx_string("url"), NGX_HTTP_COST_HTTP_TEXT, 1, COST_URL_MAX, 1 },
    { ngx_string("events"), NGX_HTTP_COST_HTTP_WORDS, 1, 16, 1 },
    { ngx_string("description"), NGX_HTTP_COST_HTTP_TEXT, 0, 200, 0 }
};

static const ngx_http_cost_http_field_t  ngx_http_cost_api_webhook_put_f[] = {
    { ngx_string("url"), NGX_HTTP_COST_HTTP_TEXT, 1, COST_URL_MAX, 0 },
    { ngx_string("events"), NGX_HTTP_COST_HTTP_WORDS, 1, 16, 0 },
    { ngx_string("description"), NGX_HTTP_COST_HTTP_TEXT, 0, 200, 0 },
    { ngx_string("enabled"), NGX_HTTP_COST_HTTP_BOOL, 0, 0, 0 }
};

static const ngx_http_cost_http_field_t  ngx_http_cost_api_webhook_grace_f[] =
{
    { ngx_string("grace_seconds"), NGX_HTTP_COST_HTTP_INTEGER,
      0, NGX_HTTP_COST_API_WEBHOOK_GRACE, 0 }
};


/* what an endpoint may ask to be told */

static const ngx_str_t  ngx_http_cost_api_webhook_names[] = {
    ngx_string("alert.triggered"),
    ngx_string("budget.threshold"),
    ngx_string("anomaly.detected"),
    ngx_string("webhook.disabled"),
    ngx_string("channel.disabled"),
    ngx_string("*"),
    ngx_null_string
};


ngx_int_t
ngx_http_cost_api_webhook_add(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_body(ctx->request,
                                   ngx_http_cost_api_webhook_add_body);
}


static void
ngx_http_cost_api_webhook_add_body(ngx_http_request_t *r, ngx_str_t *body)
{
    ngx_int_t                     rc;
    ngx_str_t                     params[6];
    ngx_http_cost_api_ctx_t      *ctx;
    ngx_http_cost_api_webhook_t  *webhook;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);
    webhook = ngx_http_cost_api_webhook_data(ctx);

    /* url, events, description */

    rc = webhook ? ngx_http_cost_http_fields(r, body,
                                             ngx_http_cost_api_webhook_add_f,
                                             3, &params[2])
                 : NGX_HTTP_INTERNAL_SERVER_ERROR;

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_webhook_url(ctx, &params[2]);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_webhook_events(ctx, &params[3]);
    }

    if (rc == NGX_OK
        && (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK
            || ngx_http_cost_webhook_uuid(r->pool, &webhook->uuid)
               != NGX_OK))
    {
        rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_webhook_seal(ctx, &params[5]);
    }

    if (rc == NGX_OK) {
        params[1] = webhook->uuid;

        rc = ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_webhooks_add,
                                     params, NGX_HTTP_COST_PG_FAST,
                                     ngx_http_cost_api_webhook_added);
    }

    ngx_http_finalize_request(r, rc);
}


static ngx_int_t
ngx_http_cost_api_webhook_added(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_webhook_t  *webhook;

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_CONFLICT,
                                        "An organization has at most 100 "
                                        "webhooks");
    }

    webhook = ctx->data;
    webhook->status = NGX_HTTP_CREATED;

    if (ngx_http_cost_api_location(ctx, NGX_HTTP_COST_API_WEBHOOK_PATH,
                                   &webhook->uuid)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_webhook_show(ctx);
}


ngx_int_t
ngx_http_cost_api_webhook_change(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_body(ctx->request,
                                   ngx_http_cost_api_webhook_change_body);
}


static void
ngx_http_cost_api_webhook_change_body(ngx_http_request_t *r, ngx_str_t *body)
{
    ngx_int_t                 rc;
    ngx_str_t                 params[2 + NGX_HTTP_COST_API_WEBHOOK_FIELDS];
    ngx_http_cost_api_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);

    rc = ngx_http_cost_api_webhook_data(ctx)
         ? ngx_http_cost_http_fields(r, body, ngx_http_cost_api_webhook_put_f,
                                     NGX_HTTP_COST_API_WEBHOOK_FIELDS,
                                     &params[2])
         : NGX_HTTP_INTERNAL_SERVER_ERROR;

    if (rc == NGX_OK && params[2].data) {
        rc = ngx_http_cost_api_webhook_url(ctx, &params[2]);
    }

    if (rc == NGX_OK && params[3].data) {
        rc = ngx_http_cost_api_webhook_events(ctx, &params[3]);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_webhook_params(ctx, params);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_webhooks_change,
                                     params, NGX_HTTP_COST_PG_FAST,
                                     ngx_http_cost_api_webhook_changed);
    }

    ngx_http_finalize_request(r, rc);
}


static ngx_int_t
ngx_http_cost_api_webhook_changed(ngx_http_cost_api_ctx_t *ctx)
{
    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_webhook_unknown(ctx);
    }

    return ngx_http_cost_api_webhook_show(ctx);
}


ngx_int_t
ngx_http_cost_api_webhook_delete(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t  rc;
    ngx_str_t  params[2];

    rc = ngx_http_discard_request_body(ctx->request);

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_webhook_data(ctx)
             ? ngx_http_cost_api_webhook_params(ctx, params)
             : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_webhooks_delete,
                                   params, NGX_HTTP_COST_PG_SLOW,
                                   ngx_http_cost_api_webhook_deleted);
}


static ngx_int_t
ngx_http_cost_api_webhook_deleted(ngx_http_cost_api_ctx_t *ctx)
{
    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_webhook_unknown(ctx);
    }

    return ngx_http_cost_api_deleted(ctx);
}


ngx_int_t
ngx_http_cost_api_webhook_rotate(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_body(ctx->request,
                                   ngx_http_cost_api_webhook_rotate_body);
}


/* no body at all is a grace of 0: the old secret ends at once */

static void
ngx_http_cost_api_webhook_rotate_body(ngx_http_request_t *r, ngx_str_t *body)
{
    ngx_int_t                 rc;
    ngx_str_t                 params[4];
    ngx_http_cost_api_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);

    rc = ngx_http_cost_api_webhook_data(ctx) ? NGX_OK
                                          : NGX_HTTP_INTERNAL_SERVER_ERROR;
    ngx_str_null(&params[3]);

    if (rc == NGX_OK && body->len) {
        rc = ngx_http_cost_http_fields(r, body,
                                       ngx_http_cost_api_webhook_grace_f, 1,
                                       &params[3]);
    }

    if (params[3].data == NULL) {
        ngx_str_set(&params[3], "0");
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_webhook_params(ctx, params);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_webhook_seal(ctx, &params[2]);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_webhooks_rotate,
                                     params, NGX_HTTP_COST_PG_FAST,
                                     ngx_http_cost_api_webhook_changed);
    }

    ngx_http_finalize_request(r, rc);
}


/* what a name leads to is looked at when it is sent to */

static ngx_int_t
ngx_http_cost_api_webhook_url(ngx_http_cost_api_ctx_t *ctx, ngx_str_t *url)
{
    cost_url_t                          u;
    const char                         *why;
    ngx_http_cost_webhook_main_conf_t  *wmcf;

    wmcf = ngx_http_get_module_main_conf(ctx->request,
                                         ngx_http_cost_webhook_module);

    if (cost_url_parse(url->data, url->len, &u, &why) == COST_OK
        && cost_url_check(&u, (unsigned) wmcf->allow, &why) == COST_OK)
    {
        return NGX_OK;
    }

    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                    "url %s", why);
}


static ngx_int_t
ngx_http_cost_api_webhook_events(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *events)
{
    size_t            len;
    u_char           *p, *last, *end;
    const ngx_str_t  *name;

    /* "{one,two}" */

    last = events->data + events->len - 1;

    for (p = events->data + 1; p < last; p = end + 1) {
        end = ngx_strlchr(p, last, ',');

        if (end == NULL) {
            end = last;
        }

        len = end - p;

        for (name = ngx_http_cost_api_webhook_names; name->len; name++) {
            if (name->len == len && ngx_strncmp(name->data, p, len) == 0) {
                break;
            }
        }

        if (name->len == 0) {
            return ngx_http_cost_http_error(ctx->request,
                                            NGX_HTTP_BAD_REQUEST,
                                            "events must be of "
                                            "alert.triggered, "
                                            "budget.threshold, "
                                            "anomaly.detected, "
                                            "webhook.disabled, "
                                            "channel.disabled, or * for all; "
                                            "\"%*s\" is not", len, p);
        }
    }

    return NGX_OK;
}


/* makes a secret for the webhook */

static ngx_int_t
ngx_http_cost_api_webhook_seal(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *sealed)
{
    ngx_int_t                           rc;
    ngx_http_cost_api_webhook_t        *webhook;
    ngx_http_cost_webhook_main_conf_t  *wmcf;

    webhook = ctx->data;
    wmcf = ngx_http_get_module_main_conf(ctx->request,
                                         ngx_http_cost_webhook_module);

    rc = ngx_http_cost_webhook_secret(ctx->request->pool, &webhook->secret);

    if (rc == NGX_OK) {
        rc = ngx_http_cost_webhook_seal(wmcf, ctx->request->pool,
                                        &webhook->uuid, &webhook->secret,
                                        sealed);
    }

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                      "cost api: webhooks need a \"cost_secret_key\"");

        return ngx_http_cost_http_error(ctx->request,
                                        NGX_HTTP_SERVICE_UNAVAILABLE,
                                        "This server keeps no webhooks: it "
                                        "has no cost_secret_key");
    }

    return rc == NGX_OK ? NGX_OK : NGX_HTTP_INTERNAL_SERVER_ERROR;
}
