
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * POST, PUT, PATCH and DELETE of /v1/alerts and /api/v1/alerts.
 *
 * A change is merged with what the alert was, checked as a whole, and written
 * if the alert is still the same; else all of it begins again.
 */


#include "api/ngx_http_cost_api_alerts.h"


#define NGX_HTTP_COST_API_ALERT_TRIES      5
#define NGX_HTTP_COST_API_ALERT_HOURS      "24"

/* the columns of both */

enum {
    NGX_HTTP_COST_API_ALERT_W_UUID = 0,
    NGX_HTTP_COST_API_ALERT_W_KNOWN,
    NGX_HTTP_COST_API_ALERT_W_NAME,
    NGX_HTTP_COST_API_ALERT_W_STATUS,
    NGX_HTTP_COST_API_ALERT_W_CREATED,
    NGX_HTTP_COST_API_ALERT_W_UPDATED
};


static void ngx_http_cost_api_alert_add_body(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_cost_api_alert_added(ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_alert_change_body(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_cost_api_alert_read(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *body);
static ngx_int_t ngx_http_cost_api_alert_again(ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_alert_merge(ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_alert_changed(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_alert_answer(
    ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_alert_write_answer(cost_json_t *j, void *data);
static ngx_int_t ngx_http_cost_api_alert_deleted(
    ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_alert_write_deleted(cost_json_t *j,
    void *data);

static ngx_int_t ngx_http_cost_api_alert_fill(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *f, ngx_str_t *params);
static ngx_uint_t ngx_http_cost_api_alert_is(ngx_str_t *text,
    const char *word);


/* what else they must be is said by cost_rule_check() */

static const ngx_http_cost_http_field_t  ngx_http_cost_api_alert_fields[] = {
    { ngx_string("name"), NGX_HTTP_COST_HTTP_TEXT, 1, 200, 0 },
    { ngx_string("type"), NGX_HTTP_COST_HTTP_ONE_OF, 1, 64, 0 },
    { ngx_string("status"), NGX_HTTP_COST_HTTP_ONE_OF, 1, 64, 0 },
    { ngx_string("scope.type"), NGX_HTTP_COST_HTTP_ONE_OF, 1, 64, 0 },
    { ngx_string("scope.account_id"), NGX_HTTP_COST_HTTP_TEXT, 1, 64, 0 },
    { ngx_string("scope.org"), NGX_HTTP_COST_HTTP_TEXT, 1, 255, 0 },
    { ngx_string("scope.repo"), NGX_HTTP_COST_HTTP_TEXT, 1, 255, 0 },
    { ngx_string("scope.workflow_id"), NGX_HTTP_COST_HTTP_TEXT, 1, 255, 0 },
    { ngx_string("condition.metric"), NGX_HTTP_COST_HTTP_ONE_OF, 1, 64, 0 },
    { ngx_string("condition.operator"), NGX_HTTP_COST_HTTP_ONE_OF, 1, 64, 0 },
    { ngx_string("condition.value"), NGX_HTTP_COST_HTTP_AMOUNT,
      0, 1000000000000, 0 },
    { ngx_string("condition.baseline"), NGX_HTTP_COST_HTTP_TEXT_OR_NULL,
      1, 64, 0 },
    { ngx_string("notifications"), NGX_HTTP_COST_HTTP_ARRAY, 0, 20, 0 },
    { ngx_string("cooldown_hours"), NGX_HTTP_COST_HTTP_INTEGER, 0, 8760, 0 }
};


static const cost_query_param_t  ngx_http_cost_api_alert_add_params[] = {
    { cost_string("dry_run"), COST_QUERY_INTEGER,
      1, NGX_HTTP_COST_API_ALERT_DAYS, NULL }
};


ngx_int_t
ngx_http_cost_api_alert_add(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                   rc;
    cost_query_value_t          v[1];
    ngx_http_cost_api_alert_t  *alert;

    alert = ngx_http_cost_api_alert_data(ctx);

    if (alert == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_cost_http_params(ctx->request,
                                   ngx_http_cost_api_alert_add_params, 1, v);
    if (rc != NGX_OK) {
        return rc;
    }

    if (v[0].set) {
        alert->days = (ngx_uint_t) v[0].integer;
    }

    return ngx_http_cost_http_body(ctx->request,
                                   ngx_http_cost_api_alert_add_body);
}


static void
ngx_http_cost_api_alert_add_body(ngx_http_request_t *r, ngx_str_t *body)
{
    ngx_int_t                   rc;
    ngx_str_t                   params[NGX_HTTP_COST_API_ALERT_PARAMS], *f;
    ngx_http_cost_api_ctx_t    *ctx;
    ngx_http_cost_api_alert_t  *alert;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);
    alert = ctx->data;
    f = alert->f;

    rc = ngx_http_cost_api_alert_read(ctx, body);

    if (rc == NGX_OK && f[NGX_HTTP_COST_API_ALERT_F_NAME].data == NULL) {
        rc = ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST,
                                      "name must be a text of 1 to 200 "
                                      "characters");
    }

    if (f[NGX_HTTP_COST_API_ALERT_F_NOTIFICATIONS].data == NULL) {
        ngx_str_set(&f[NGX_HTTP_COST_API_ALERT_F_NOTIFICATIONS], "[]");
    }

    if (f[NGX_HTTP_COST_API_ALERT_F_COOLDOWN].data == NULL) {
        ngx_str_set(&f[NGX_HTTP_COST_API_ALERT_F_COOLDOWN],
                    NGX_HTTP_COST_API_ALERT_HOURS);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_alert_fill(ctx, f, params);
    }

    if (rc == NGX_OK) {
        rc = alert->days
             ? ngx_http_cost_api_alert_rehearse(ctx, params)
             : ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_alerts_add,
                                       params, NGX_HTTP_COST_PG_FAST,
                                       ngx_http_cost_api_alert_added);
    }

    ngx_http_finalize_request(r, rc);
}


static ngx_int_t
ngx_http_cost_api_alert_added(ngx_http_cost_api_ctx_t *ctx)
{
    u_char                      text[NGX_HTTP_COST_API_ALERT_ID_LEN];
    ngx_str_t                   uuid, known, id;
    ngx_http_cost_api_alert_t  *alert;

    ngx_http_cost_pg_text(ctx->result, 0, NGX_HTTP_COST_API_ALERT_W_UUID,
                          &uuid);
    ngx_http_cost_pg_text(ctx->result, 0, NGX_HTTP_COST_API_ALERT_W_KNOWN,
                          &known);

    if (uuid.data == NULL) {
        return known.len && known.data[0] == 't'
               ? ngx_http_cost_http_error(ctx->request, NGX_HTTP_CONFLICT,
                                          "An organization has at most 1000 "
                                          "alerts")
               : ngx_http_cost_api_alert_no_account(ctx);
    }

    alert = ctx->data;
    alert->status = NGX_HTTP_CREATED;
    alert->time = NGX_HTTP_COST_API_ALERT_W_CREATED;

    id.data = text;
    id.len = ngx_http_cost_api_alert_format_id(ctx, &uuid, text);

    if (ngx_http_cost_api_location(ctx, alert->cicosts ? "/v1/alerts/"
                                                       : "/api/v1/alerts/",
                                   &id)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_alert_answer(ctx);
}


ngx_int_t
ngx_http_cost_api_alert_change(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t  rc;
    ngx_str_t  params[2];

    if (ngx_http_cost_api_alert_data(ctx) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_cost_api_alert_params(ctx, params);

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_cost_http_body(ctx->request,
                                   ngx_http_cost_api_alert_change_body);
}


static void
ngx_http_cost_api_alert_change_body(ngx_http_request_t *r, ngx_str_t *body)
{
    ngx_int_t                 rc;
    ngx_http_cost_api_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);

    rc = ngx_http_cost_api_alert_read(ctx, body);

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_alert_again(ctx);
    }

    ngx_http_finalize_request(r, rc);
}


/* what can be said of a body without knowing what the alert was */

static ngx_int_t
ngx_http_cost_api_alert_read(ngx_http_cost_api_ctx_t *ctx, ngx_str_t *body)
{
    ngx_int_t                   rc;
    ngx_str_t                  *f;
    ngx_http_cost_api_alert_t  *alert;

    alert = ctx->data;

    rc = ngx_http_cost_http_fields(ctx->request, body,
                                   ngx_http_cost_api_alert_fields,
                                   NGX_HTTP_COST_API_ALERT_FIELDS, alert->f);
    if (rc != NGX_OK) {
        return rc;
    }

    f = &alert->f[NGX_HTTP_COST_API_ALERT_F_STATUS];

    if (f->data && !ngx_http_cost_api_alert_is(f, "active")
        && !ngx_http_cost_api_alert_is(f, "paused"))
    {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                        "status must be active or paused");
    }

    f = &alert->f[NGX_HTTP_COST_API_ALERT_F_NOTIFICATIONS];

    return f->data ? ngx_http_cost_api_notifications(ctx, f) : NGX_OK;
}


static ngx_int_t
ngx_http_cost_api_alert_again(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t                   params[4];
    ngx_http_cost_api_alert_t  *alert;

    alert = ctx->data;

    if (alert->tries++ == NGX_HTTP_COST_API_ALERT_TRIES) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_CONFLICT,
                                        "The alert is being changed by "
                                        "others");
    }

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    params[1] = alert->uuid;

    /* of its history as little as there may be */

    ngx_str_set(&params[2], "0");
    ngx_str_set(&params[3], "1");

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_alerts_find,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_alert_merge);
}


static ngx_int_t
ngx_http_cost_api_alert_merge(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                   rc;
    ngx_str_t                   f[NGX_HTTP_COST_API_ALERT_FIELDS];
    ngx_str_t                   params[NGX_HTTP_COST_API_ALERT_PARAMS + 2];
    ngx_str_t                   was, *scope, *operator;
    ngx_uint_t                  i, moved;
    ngx_http_cost_api_alert_t  *alert;

    /* of the fields, in their order */

    static const ngx_uint_t  columns[] = {
        NGX_HTTP_COST_API_ALERT_NAME,
        NGX_HTTP_COST_API_ALERT_TYPE,
        NGX_HTTP_COST_API_ALERT_STATUS,
        NGX_HTTP_COST_API_ALERT_SCOPE,
        NGX_HTTP_COST_API_ALERT_ACCOUNT,
        NGX_HTTP_COST_API_ALERT_ORG,
        NGX_HTTP_COST_API_ALERT_REPO,
        NGX_HTTP_COST_API_ALERT_WORKFLOW,
        NGX_HTTP_COST_API_ALERT_METRIC,
        NGX_HTTP_COST_API_ALERT_OPERATOR,
        NGX_HTTP_COST_API_ALERT_VALUE,
        NGX_HTTP_COST_API_ALERT_BASELINE,
        NGX_HTTP_COST_API_ALERT_NOTIFICATIONS,
        NGX_HTTP_COST_API_ALERT_COOLDOWN
    };

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_alert_unknown(ctx);
    }

    alert = ctx->data;

    scope = &alert->f[NGX_HTTP_COST_API_ALERT_F_SCOPE];
    ngx_http_cost_pg_text(ctx->result, 0, NGX_HTTP_COST_API_ALERT_SCOPE,
                          &was);

    moved = scope->data && (scope->len != was.len
                            || ngx_memcmp(scope->data, was.data, was.len)
                               != 0);

    /* the result lives until this returns, and parameters are copied */

    for (i = 0; i < NGX_HTTP_COST_API_ALERT_FIELDS; i++) {

        if (alert->f[i].data) {
            f[i] = alert->f[i];

        } else if (moved && i >= NGX_HTTP_COST_API_ALERT_F_ACCOUNT
                   && i <= NGX_HTTP_COST_API_ALERT_F_WORKFLOW)
        {
            /* of another scope */
            ngx_str_null(&f[i]);

        } else {
            ngx_http_cost_pg_text(ctx->result, 0, columns[i], &f[i]);
        }
    }

    /* a threshold has no baseline */

    operator = &alert->f[NGX_HTTP_COST_API_ALERT_F_OPERATOR];

    if (alert->f[NGX_HTTP_COST_API_ALERT_F_BASELINE].data == NULL
        && operator->data
        && (ngx_http_cost_api_alert_is(operator, "greater_than")
            || ngx_http_cost_api_alert_is(operator, "less_than")))
    {
        ngx_str_null(&f[NGX_HTTP_COST_API_ALERT_F_BASELINE]);
    }

    rc = ngx_http_cost_api_alert_fill(ctx, f, params);

    if (rc != NGX_OK) {
        return rc;
    }

    params[NGX_HTTP_COST_API_ALERT_P_UUID] = alert->uuid;
    ngx_http_cost_pg_text(ctx->result, 0, NGX_HTTP_COST_API_ALERT_VERSION,
                          &params[NGX_HTTP_COST_API_ALERT_P_VERSION]);

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_alerts_change,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_alert_changed);
}


static ngx_int_t
ngx_http_cost_api_alert_changed(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t                   uuid, known;
    ngx_http_cost_api_alert_t  *alert;

    ngx_http_cost_pg_text(ctx->result, 0, NGX_HTTP_COST_API_ALERT_W_UUID,
                          &uuid);
    ngx_http_cost_pg_text(ctx->result, 0, NGX_HTTP_COST_API_ALERT_W_KNOWN,
                          &known);

    if (uuid.data == NULL) {
        return known.len && known.data[0] == 't'
               ? ngx_http_cost_api_alert_again(ctx)
               : ngx_http_cost_api_alert_no_account(ctx);
    }

    alert = ctx->data;
    alert->time = NGX_HTTP_COST_API_ALERT_W_UPDATED;

    return ngx_http_cost_api_alert_answer(ctx);
}


static ngx_int_t
ngx_http_cost_api_alert_answer(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_alert_t  *alert;

    alert = ctx->data;

    return ngx_http_cost_http_send(ctx->request, alert->status,
                                   ngx_http_cost_api_alert_write_answer, ctx);
}


static void
ngx_http_cost_api_alert_write_answer(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    u_char                      id[NGX_HTTP_COST_API_ALERT_ID_LEN];
    ngx_str_t                   uuid;
    ngx_http_cost_api_alert_t  *alert;

    alert = ctx->data;

    ngx_http_cost_pg_text(ctx->result, 0, NGX_HTTP_COST_API_ALERT_W_UUID,
                          &uuid);

    ngx_http_cost_api_alert_open(ctx, j);

    cost_json_object(j);
    cost_json_name(j, "id");
    cost_json_string(j, id,
                     ngx_http_cost_api_alert_format_id(ctx, &uuid, id));
    cost_json_name(j, "name");
    ngx_http_cost_api_put_text(ctx, j, 0, NGX_HTTP_COST_API_ALERT_W_NAME);
    cost_json_name(j, "status");
    ngx_http_cost_api_put_text(ctx, j, 0, NGX_HTTP_COST_API_ALERT_W_STATUS);

    if (alert->time == NGX_HTTP_COST_API_ALERT_W_CREATED) {
        cost_json_name(j, "created_at");

    } else {
        cost_json_name(j, "updated_at");
    }

    ngx_http_cost_api_put_time(ctx, j, 0, alert->time);
    cost_json_object_end(j);

    ngx_http_cost_api_alert_close(ctx, j);
}


ngx_int_t
ngx_http_cost_api_alert_delete(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t  rc;
    ngx_str_t  params[2];

    rc = ngx_http_discard_request_body(ctx->request);

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_alert_data(ctx)
             ? ngx_http_cost_api_alert_params(ctx, params)
             : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_alerts_delete,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_alert_deleted);
}


static ngx_int_t
ngx_http_cost_api_alert_deleted(ngx_http_cost_api_ctx_t *ctx)
{
    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_alert_unknown(ctx);
    }

    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_alert_write_deleted);
}


static void
ngx_http_cost_api_alert_write_deleted(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    u_char     id[NGX_HTTP_COST_API_ALERT_ID_LEN];
    ngx_str_t  uuid;

    ngx_http_cost_pg_text(ctx->result, 0, 0, &uuid);

    ngx_http_cost_api_alert_open(ctx, j);

    cost_json_object(j);
    cost_json_name(j, "deleted");
    cost_json_bool(j, true);
    cost_json_name(j, "id");
    cost_json_string(j, id,
                     ngx_http_cost_api_alert_format_id(ctx, &uuid, id));
    cost_json_object_end(j);

    ngx_http_cost_api_alert_close(ctx, j);
}


/* checks a whole alert, and makes parameters of it */

static ngx_int_t
ngx_http_cost_api_alert_fill(ngx_http_cost_api_ctx_t *ctx, ngx_str_t *f,
    ngx_str_t *params)
{
    ngx_int_t               rc;
    cost_str_t              account;
    ngx_uint_t              i;
    cost_alert_condition_t  condition;

    static ngx_str_t  yes = ngx_string("true"), no = ngx_string("false");

    /* of the parameters, and one more: 0 is none's */

    static const ngx_uint_t  fields[] = {
        0,
        1 + NGX_HTTP_COST_API_ALERT_F_NAME,
        1 + NGX_HTTP_COST_API_ALERT_F_TYPE,
        0,
        1 + NGX_HTTP_COST_API_ALERT_F_SCOPE,
        0,
        0,
        1 + NGX_HTTP_COST_API_ALERT_F_ORG,
        1 + NGX_HTTP_COST_API_ALERT_F_REPO,
        1 + NGX_HTTP_COST_API_ALERT_F_WORKFLOW,
        1 + NGX_HTTP_COST_API_ALERT_F_METRIC,
        1 + NGX_HTTP_COST_API_ALERT_F_OPERATOR,
        1 + NGX_HTTP_COST_API_ALERT_F_VALUE,
        1 + NGX_HTTP_COST_API_ALERT_F_BASELINE,
        1 + NGX_HTTP_COST_API_ALERT_F_NOTIFICATIONS,
        1 + NGX_HTTP_COST_API_ALERT_F_COOLDOWN
    };

    rc = ngx_http_cost_api_alert_check(ctx, f, &condition);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    for (i = NGX_HTTP_COST_API_ALERT_P_NAME;
         i < NGX_HTTP_COST_API_ALERT_PARAMS;
         i++)
    {
        if (fields[i]) {
            params[i] = f[fields[i] - 1];
        }
    }

    params[NGX_HTTP_COST_API_ALERT_P_PAUSED] =
        ngx_http_cost_api_alert_is(&f[NGX_HTTP_COST_API_ALERT_F_STATUS],
                                   "paused")
        ? yes : no;

    ngx_http_cost_api_param_null(&params[NGX_HTTP_COST_API_ALERT_P_ACCOUNT]);
    ngx_http_cost_api_param_null(
                            &params[NGX_HTTP_COST_API_ALERT_P_ACCOUNT_ID]);

    /* one that was sent as null */

    if (params[NGX_HTTP_COST_API_ALERT_P_BASELINE].len == 0) {
        ngx_http_cost_api_param_null(
                              &params[NGX_HTTP_COST_API_ALERT_P_BASELINE]);
    }

    if (f[NGX_HTTP_COST_API_ALERT_F_ACCOUNT].len == 0) {
        return NGX_OK;
    }

    account.len = f[NGX_HTTP_COST_API_ALERT_F_ACCOUNT].len;
    account.data = f[NGX_HTTP_COST_API_ALERT_F_ACCOUNT].data;

    rc = ngx_http_cost_api_param_id(ctx, &account,
                              &params[NGX_HTTP_COST_API_ALERT_P_ACCOUNT],
                              &params[NGX_HTTP_COST_API_ALERT_P_ACCOUNT_ID]);

    if (rc == NGX_DECLINED) {
        return ngx_http_cost_api_alert_no_account(ctx);
    }

    return rc == NGX_OK ? NGX_OK : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


ngx_int_t
ngx_http_cost_api_alert_check(ngx_http_cost_api_ctx_t *ctx, ngx_str_t *f,
    cost_alert_condition_t *condition)
{
    const char   *why;
    cost_rule_t   rule;

#define ngx_http_cost_api_alert_str(to, n)                                    \
    rule.to.len = f[NGX_HTTP_COST_API_ALERT_F_ ## n].len;                     \
    rule.to.data = f[NGX_HTTP_COST_API_ALERT_F_ ## n].data

    ngx_http_cost_api_alert_str(type, TYPE);
    ngx_http_cost_api_alert_str(scope, SCOPE);
    ngx_http_cost_api_alert_str(account, ACCOUNT);
    ngx_http_cost_api_alert_str(org, ORG);
    ngx_http_cost_api_alert_str(repo, REPO);
    ngx_http_cost_api_alert_str(workflow, WORKFLOW);
    ngx_http_cost_api_alert_str(metric, METRIC);
    ngx_http_cost_api_alert_str(operator, OPERATOR);
    ngx_http_cost_api_alert_str(value, VALUE);
    ngx_http_cost_api_alert_str(baseline, BASELINE);

    if (cost_rule_check(&rule, condition, &why) != COST_OK) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                        "%s", why);
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_cost_api_alert_is(ngx_str_t *text, const char *word)
{
    return text->len == ngx_strlen(word)
           && ngx_strncmp(text->data, word, text->len) == 0;
}


ngx_int_t
ngx_http_cost_api_alert_no_account(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                    "scope.account_id must be the id of an "
                                    "account");
}
