
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * POST /api/v1/accounts, PATCH and DELETE /api/v1/accounts/{id}; of the
 * member "source" see ngx_http_cost_api_source.c.
 */


#include "api/ngx_http_cost_api.h"
#include "api/ngx_http_cost_api_source.h"


static void ngx_http_cost_api_account_add_body(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_cost_api_account_added(
    ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_account_rename_body(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_cost_api_account_renamed(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_account_deleted(
    ngx_http_cost_api_ctx_t *ctx);


#define NGX_HTTP_COST_API_ACCOUNT_UUID  1    /* the column */

enum {
    NGX_HTTP_COST_API_ACCOUNT_PROVIDER = 0,
    NGX_HTTP_COST_API_ACCOUNT_EXTERNAL,
    NGX_HTTP_COST_API_ACCOUNT_NAME,
    NGX_HTTP_COST_API_ACCOUNT_FIELDS
};


/* as the table's own checks have it */

static const ngx_http_cost_http_field_t  ngx_http_cost_api_account_add_f[] = {
    { ngx_string("provider"), NGX_HTTP_COST_HTTP_WORD, 1, 32, 1 },
    { ngx_string("external_id"), NGX_HTTP_COST_HTTP_TEXT, 1, 1024, 1 },
    { ngx_string("name"), NGX_HTTP_COST_HTTP_TEXT, 1, 1024, 0 },
    NGX_HTTP_COST_API_SOURCE_TABLE
};

/* what an account is known by in its bills stays as it is */

static const ngx_http_cost_http_field_t  ngx_http_cost_api_account_name_f[] = {
    { ngx_string("name"), NGX_HTTP_COST_HTTP_TEXT, 1, 1024, 0 },
    NGX_HTTP_COST_API_SOURCE_TABLE
};


#define NGX_HTTP_COST_API_ACCOUNT_PATH  "/api/v1/accounts/"


ngx_int_t
ngx_http_cost_api_account_add(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_body(ctx->request,
                                   ngx_http_cost_api_account_add_body);
}


static void
ngx_http_cost_api_account_add_body(ngx_http_request_t *r, ngx_str_t *body)
{
    ngx_int_t                 rc;
    ngx_str_t                 values[NGX_HTTP_COST_API_ACCOUNT_FIELDS
                                     + NGX_HTTP_COST_API_SOURCE_FIELDS];
    ngx_str_t                 params[1 + NGX_HTTP_COST_API_ACCOUNT_FIELDS
                                     + NGX_HTTP_COST_API_SOURCE_PARAMS];
    ngx_http_cost_api_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);

    rc = ngx_http_cost_http_fields(r, body, ngx_http_cost_api_account_add_f,
                                   NGX_HTTP_COST_API_ACCOUNT_FIELDS
                                   + NGX_HTTP_COST_API_SOURCE_FIELDS, values);

    if (rc == NGX_OK) {
        ngx_memcpy(&params[1], values,
                   NGX_HTTP_COST_API_ACCOUNT_FIELDS * sizeof(ngx_str_t));

        rc = ngx_http_cost_api_source(ctx,
                              values + NGX_HTTP_COST_API_ACCOUNT_FIELDS,
                              params + 1 + NGX_HTTP_COST_API_ACCOUNT_FIELDS);
    }

    if (rc == NGX_OK
        && ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK)
    {
        rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* it may have to wait for a load, which has accounts locked */

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_accounts_add,
                                     params, NGX_HTTP_COST_PG_SLOW,
                                     ngx_http_cost_api_account_added);
    }

    ngx_http_finalize_request(r, rc);
}


static ngx_int_t
ngx_http_cost_api_account_added(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t  uuid;

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_CONFLICT,
                                        "There is already an account of this "
                                        "provider with this external_id");
    }

    ngx_http_cost_pg_text(ctx->result, 0, NGX_HTTP_COST_API_ACCOUNT_UUID,
                          &uuid);

    if (ngx_http_cost_api_location(ctx, NGX_HTTP_COST_API_ACCOUNT_PATH, &uuid)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_http_send(ctx->request, NGX_HTTP_CREATED,
                                   ngx_http_cost_api_account_write, ctx);
}


ngx_int_t
ngx_http_cost_api_account_rename(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_body(ctx->request,
                                   ngx_http_cost_api_account_rename_body);
}


static void
ngx_http_cost_api_account_rename_body(ngx_http_request_t *r, ngx_str_t *body)
{
    ngx_int_t                 rc;
    ngx_str_t                 values[1 + NGX_HTTP_COST_API_SOURCE_FIELDS];
    ngx_str_t                 params[4 + NGX_HTTP_COST_API_SOURCE_PARAMS];
    ngx_http_cost_api_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);

    rc = ngx_http_cost_http_fields(r, body, ngx_http_cost_api_account_name_f,
                                   1 + NGX_HTTP_COST_API_SOURCE_FIELDS,
                                   values);

    if (rc == NGX_OK && values[0].data == NULL
        && values[1 + NGX_HTTP_COST_API_SOURCE_F_KIND].data == NULL)
    {
        rc = ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST,
                                      "name is required");
    }

    if (rc == NGX_OK) {
        params[3] = values[0];
        rc = ngx_http_cost_api_source(ctx, &values[1], &params[4]);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_param_id(ctx, &ctx->ids[0], &params[1],
                                        &params[2]);

        if (rc == NGX_DECLINED) {
            rc = ngx_http_cost_api_account_unknown(ctx);

        } else if (rc != NGX_OK
                   || ngx_http_cost_api_param_organization(ctx, &params[0])
                      != NGX_OK)
        {
            rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_accounts_rename,
                                     params, NGX_HTTP_COST_PG_SLOW,
                                     ngx_http_cost_api_account_renamed);
    }

    ngx_http_finalize_request(r, rc);
}


static ngx_int_t
ngx_http_cost_api_account_renamed(ngx_http_cost_api_ctx_t *ctx)
{
    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_account_unknown(ctx);
    }

    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_account_write);
}


ngx_int_t
ngx_http_cost_api_account_delete(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t  rc;
    ngx_str_t  params[3];

    rc = ngx_http_discard_request_body(ctx->request);

    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_cost_api_param_id(ctx, &ctx->ids[0], &params[1],
                                    &params[2]);

    if (rc == NGX_DECLINED) {
        return ngx_http_cost_api_account_unknown(ctx);
    }

    if (rc != NGX_OK
        || ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* its costs go with it, which may take a while */

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_accounts_delete,
                                   params, NGX_HTTP_COST_PG_SLOW,
                                   ngx_http_cost_api_account_deleted);
}


static ngx_int_t
ngx_http_cost_api_account_deleted(ngx_http_cost_api_ctx_t *ctx)
{
    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_account_unknown(ctx);
    }

    return ngx_http_cost_api_deleted(ctx);
}
