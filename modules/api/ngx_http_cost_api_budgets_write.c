
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * POST /api/v1/budgets, PUT, PATCH and DELETE /api/v1/budgets/{id}.
 */


#include "api/ngx_http_cost_api_budgets.h"


#define NGX_HTTP_COST_API_BUDGET_PATH  "/api/v1/budgets/"
#define NGX_HTTP_COST_API_BUDGET_MAX   1000000000000

/* the columns of budgets_add.sql and budgets_change.sql */

#define NGX_HTTP_COST_API_BUDGET_C_UUID     0
#define NGX_HTTP_COST_API_BUDGET_C_ACCOUNT  1
#define NGX_HTTP_COST_API_BUDGET_C_SERVICE  2


static void ngx_http_cost_api_budget_add_body(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_cost_api_budget_added(ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_budget_change_body(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_cost_api_budget_changed(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_budget_written(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_budget_deleted(
    ngx_http_cost_api_ctx_t *ctx);

static ngx_int_t ngx_http_cost_api_budget_check(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *f);
static const char *ngx_http_cost_api_budget_scope(
    ngx_http_cost_api_ctx_t *ctx, ngx_str_t *f);
static ngx_uint_t ngx_http_cost_api_budget_one_of(ngx_str_t *value,
    const ngx_str_t *names);


/* in the order of the statements' parameters */

enum {
    NGX_HTTP_COST_API_BUDGET_F_NAME = 0,
    NGX_HTTP_COST_API_BUDGET_F_SCOPE,
    NGX_HTTP_COST_API_BUDGET_F_ACCOUNT,
    NGX_HTTP_COST_API_BUDGET_F_SERVICE,
    NGX_HTTP_COST_API_BUDGET_F_AMOUNT,
    NGX_HTTP_COST_API_BUDGET_F_PERIOD,
    NGX_HTTP_COST_API_BUDGET_F_THRESHOLDS,
    NGX_HTTP_COST_API_BUDGET_F_NOTIFICATIONS,
    NGX_HTTP_COST_API_BUDGET_FIELDS
};


#define ngx_http_cost_api_budget_table(required)                              \
    { ngx_string("name"), NGX_HTTP_COST_HTTP_TEXT, 1, 200, required },        \
    { ngx_string("scope_type"), NGX_HTTP_COST_HTTP_ONE_OF, 1, 32, 0 },        \
    { ngx_string("account_id"), NGX_HTTP_COST_HTTP_TEXT_OR_NULL, 1, 64, 0 },  \
    { ngx_string("service"), NGX_HTTP_COST_HTTP_TEXT_OR_NULL, 1, 200, 0 },    \
    { ngx_string("amount"), NGX_HTTP_COST_HTTP_AMOUNT,                        \
      0, NGX_HTTP_COST_API_BUDGET_MAX, required },                            \
    { ngx_string("period"), NGX_HTTP_COST_HTTP_ONE_OF, 1, 32, 0 },            \
    { ngx_string("thresholds"), NGX_HTTP_COST_HTTP_INTEGERS, 1, 1000, 0 },    \
    { ngx_string("notifications"), NGX_HTTP_COST_HTTP_ARRAY, 0, 10, 0 }

static const ngx_http_cost_http_field_t  ngx_http_cost_api_budget_add_f[] = {
    ngx_http_cost_api_budget_table(1)
};

static const ngx_http_cost_http_field_t  ngx_http_cost_api_budget_put_f[] = {
    ngx_http_cost_api_budget_table(0)
};


static const ngx_str_t  ngx_http_cost_api_budget_scopes[] = {
    ngx_string("all_accounts"),
    ngx_string("account"),
    ngx_string("service"),
    ngx_null_string
};

static const ngx_str_t  ngx_http_cost_api_budget_periods[] = {
    ngx_string("month"),
    ngx_string("quarter"),
    ngx_string("year"),
    ngx_null_string
};


ngx_int_t
ngx_http_cost_api_budget_add(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_body(ctx->request,
                                   ngx_http_cost_api_budget_add_body);
}


static void
ngx_http_cost_api_budget_add_body(ngx_http_request_t *r, ngx_str_t *body)
{
    ngx_int_t                 rc;
    ngx_str_t                 params[1 + NGX_HTTP_COST_API_BUDGET_FIELDS];
    ngx_http_cost_api_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);

    rc = ngx_http_cost_api_budget_data(ctx)
         ? ngx_http_cost_http_fields(r, body, ngx_http_cost_api_budget_add_f,
                                     NGX_HTTP_COST_API_BUDGET_FIELDS,
                                     &params[1])
         : NGX_HTTP_INTERNAL_SERVER_ERROR;

    if (rc == NGX_OK && params[1 + NGX_HTTP_COST_API_BUDGET_F_SCOPE].data
                        == NULL)
    {
        params[1 + NGX_HTTP_COST_API_BUDGET_F_SCOPE] =
            ngx_http_cost_api_budget_scopes[0];
    }

    if (rc == NGX_OK && params[1 + NGX_HTTP_COST_API_BUDGET_F_PERIOD].data
                        == NULL)
    {
        ngx_str_set(&params[1 + NGX_HTTP_COST_API_BUDGET_F_PERIOD], "");
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_budget_check(ctx, &params[1]);
    }

    if (rc == NGX_OK
        && ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK)
    {
        rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_budgets_add,
                                     params, NGX_HTTP_COST_PG_FAST,
                                     ngx_http_cost_api_budget_added);
    }

    ngx_http_finalize_request(r, rc);
}


static ngx_int_t
ngx_http_cost_api_budget_added(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                    rc;
    ngx_str_t                    uuid;
    ngx_http_cost_api_budget_t  *budget;

    rc = ngx_http_cost_api_budget_written(ctx);

    if (rc != NGX_OK) {
        return rc;
    }

    budget = ctx->data;

    ngx_http_cost_pg_text(ctx->result, 0, NGX_HTTP_COST_API_BUDGET_C_UUID,
                          &uuid);

    if (uuid.len == 0) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_CONFLICT,
                                        "An organization has at most 500 "
                                        "budgets");
    }

    budget->status = NGX_HTTP_CREATED;
    budget->uuid.len = uuid.len;
    budget->uuid.data = ngx_pstrdup(ctx->request->pool, &uuid);

    if (budget->uuid.data == NULL
        || ngx_http_cost_api_location(ctx, NGX_HTTP_COST_API_BUDGET_PATH,
                                      &uuid)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_budget_show(ctx);
}


ngx_int_t
ngx_http_cost_api_budget_change(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_body(ctx->request,
                                   ngx_http_cost_api_budget_change_body);
}


static void
ngx_http_cost_api_budget_change_body(ngx_http_request_t *r, ngx_str_t *body)
{
    ngx_int_t                 rc;
    ngx_str_t                 params[2 + NGX_HTTP_COST_API_BUDGET_FIELDS];
    ngx_http_cost_api_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);

    rc = ngx_http_cost_api_budget_data(ctx)
         ? ngx_http_cost_http_fields(r, body, ngx_http_cost_api_budget_put_f,
                                     NGX_HTTP_COST_API_BUDGET_FIELDS,
                                     &params[2])
         : NGX_HTTP_INTERNAL_SERVER_ERROR;

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_budget_check(ctx, &params[2]);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_budget_params(ctx, params);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_budgets_change,
                                     params, NGX_HTTP_COST_PG_FAST,
                                     ngx_http_cost_api_budget_changed);
    }

    ngx_http_finalize_request(r, rc);
}


static ngx_int_t
ngx_http_cost_api_budget_changed(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t  rc;
    ngx_str_t  uuid;

    rc = ngx_http_cost_api_budget_written(ctx);

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_http_cost_pg_text(ctx->result, 0, NGX_HTTP_COST_API_BUDGET_C_UUID,
                          &uuid);

    if (uuid.len == 0) {
        return ngx_http_cost_api_budget_unknown(ctx);
    }

    return ngx_http_cost_api_budget_show(ctx);
}


/* 400 for an account or a service that nobody knows */

static ngx_int_t
ngx_http_cost_api_budget_written(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t  unknown;

    ngx_http_cost_pg_text(ctx->result, 0, NGX_HTTP_COST_API_BUDGET_C_ACCOUNT,
                          &unknown);

    if (unknown.len && unknown.data[0] == 't') {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                        "account_id must be the id of one "
                                        "of the accounts");
    }

    ngx_http_cost_pg_text(ctx->result, 0, NGX_HTTP_COST_API_BUDGET_C_SERVICE,
                          &unknown);

    if (unknown.len && unknown.data[0] == 't') {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                        "service must be the name of a "
                                        "service that has costs");
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_cost_api_budget_delete(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t  rc;
    ngx_str_t  params[2];

    rc = ngx_http_discard_request_body(ctx->request);

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_budget_data(ctx)
             ? ngx_http_cost_api_budget_params(ctx, params)
             : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_budgets_delete,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_budget_deleted);
}


static ngx_int_t
ngx_http_cost_api_budget_deleted(ngx_http_cost_api_ctx_t *ctx)
{
    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_budget_unknown(ctx);
    }

    return ngx_http_cost_api_deleted(ctx);
}


/* what the table of fields does not say; "f" becomes the parameters */

static ngx_int_t
ngx_http_cost_api_budget_check(ngx_http_cost_api_ctx_t *ctx, ngx_str_t *f)
{
    ngx_str_t       *amount, *notifications;
    const char      *why;
    cost_decimal_t   value;

    why = ngx_http_cost_api_budget_scope(ctx, f);

    amount = &f[NGX_HTTP_COST_API_BUDGET_F_AMOUNT];

    if (why == NULL && amount->data
        && (cost_decimal_parse(amount->data, amount->len, &value) != COST_OK
            || value < COST_DECIMAL_ONE / 100))
    {
        why = "amount must be at least 0.01";
    }

    if (why == NULL && f[NGX_HTTP_COST_API_BUDGET_F_PERIOD].data
        && !ngx_http_cost_api_budget_one_of(
                &f[NGX_HTTP_COST_API_BUDGET_F_PERIOD],
                ngx_http_cost_api_budget_periods))
    {
        why = "period must be month, quarter or year";
    }

    if (why) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                        "%s", why);
    }

    notifications = &f[NGX_HTTP_COST_API_BUDGET_F_NOTIFICATIONS];

    if (notifications->data == NULL) {
        return NGX_OK;
    }

    return ngx_http_cost_api_notifications(ctx, notifications);
}


/* account_id and service belong to a scope_type; null is as good as nothing */

static const char *
ngx_http_cost_api_budget_scope(ngx_http_cost_api_ctx_t *ctx, ngx_str_t *f)
{
    u_char     *uuid;
    ngx_str_t  *scope, *account, *service;

    scope = &f[NGX_HTTP_COST_API_BUDGET_F_SCOPE];
    account = &f[NGX_HTTP_COST_API_BUDGET_F_ACCOUNT];
    service = &f[NGX_HTTP_COST_API_BUDGET_F_SERVICE];

    if (account->len == 0) {
        ngx_str_null(account);
    }

    if (service->len == 0) {
        ngx_str_null(service);
    }

    if (scope->data == NULL) {
        return account->data || service->data
               ? "scope_type is required with account_id or service" : NULL;
    }

    if (!ngx_http_cost_api_budget_one_of(scope,
                                         ngx_http_cost_api_budget_scopes))
    {
        return "scope_type must be all_accounts, account or service";
    }

    if (scope->data[0] == 's') {
        if (service->data == NULL) {
            return "service is required with scope_type service";
        }

    } else if (service->data) {
        return "service is for scope_type service alone";
    }

    if (account->data == NULL) {
        return scope->len == sizeof("account") - 1 && scope->data[0] == 'a'
               ? "account_id is required with scope_type account" : NULL;
    }

    if (scope->len == sizeof("all_accounts") - 1) {
        return "account_id is not for scope_type all_accounts";
    }

    uuid = ngx_pnalloc(ctx->request->pool, COST_UUID_LEN);

    if (uuid == NULL || account->len != COST_UUID_LEN
        || cost_uuid_parse(account->data, account->len, uuid) != COST_OK)
    {
        return "account_id must be the id of one of the accounts";
    }

    account->data = uuid;

    return NULL;
}


static ngx_uint_t
ngx_http_cost_api_budget_one_of(ngx_str_t *value, const ngx_str_t *names)
{
    for ( /* void */ ; names->len; names++) {
        if (names->len == value->len
            && ngx_memcmp(names->data, value->data, value->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}
