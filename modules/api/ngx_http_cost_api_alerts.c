
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * GET /v1/alerts, and GET /v1/alerts/{id} and /api/v1/alerts/{id}.
 */


#include "api/ngx_http_cost_api_alerts.h"


/* as many as an organization may have: "all configured alerts" */
#define NGX_HTTP_COST_API_ALERTS_MAX     1000

/* times that an alert triggered, in a reply */
#define NGX_HTTP_COST_API_ALERT_HISTORY  100

/* decimals of a value, as many as were written */
#define NGX_HTTP_COST_API_ALERTS_PLACES  15


static ngx_int_t ngx_http_cost_api_alerts_done(ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_alerts_write(cost_json_t *j, void *data);
static ngx_int_t ngx_http_cost_api_alert_done(ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_alert_write(cost_json_t *j, void *data);
static void ngx_http_cost_api_alert_members(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row);
static void ngx_http_cost_api_alert_member(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_str_t *name, ngx_uint_t row, ngx_uint_t column);


static const cost_str_t  ngx_http_cost_api_alerts_statuses[] = {
    cost_string("active"),
    cost_string("paused"),
    cost_string("triggered"),
    { 0, NULL }
};

static const cost_str_t  ngx_http_cost_api_alerts_types[] = {
    cost_string("threshold"),
    cost_string("anomaly"),
    { 0, NULL }
};


enum {
    NGX_HTTP_COST_API_ALERTS_P_ORG = 0,
    NGX_HTTP_COST_API_ALERTS_P_STATUS,
    NGX_HTTP_COST_API_ALERTS_P_TYPE,
    NGX_HTTP_COST_API_ALERTS_P_LIMIT,
    NGX_HTTP_COST_API_ALERTS_P_CURSOR,
    NGX_HTTP_COST_API_ALERTS_PARAMS
};


static const cost_query_param_t  ngx_http_cost_api_alerts_params[] = {
    { cost_string("org"), COST_QUERY_TEXT, 0, 255, NULL },
    { cost_string("status"), COST_QUERY_ENUM, 0, 0,
      ngx_http_cost_api_alerts_statuses },
    { cost_string("type"), COST_QUERY_ENUM, 0, 0,
      ngx_http_cost_api_alerts_types },
    { cost_string("limit"), COST_QUERY_INTEGER,
      1, NGX_HTTP_COST_API_ALERTS_MAX, NULL },
    { cost_string("cursor"), COST_QUERY_TEXT, 0, 64, NULL }
};

static const cost_query_param_t  ngx_http_cost_api_alert_history_params[] = {
    { cost_string("limit"), COST_QUERY_INTEGER,
      1, NGX_HTTP_COST_API_ALERT_HISTORY, NULL },
    { cost_string("cursor"), COST_QUERY_TEXT, 0, 64, NULL }
};


ngx_http_cost_api_alert_t *
ngx_http_cost_api_alert_data(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_alert_t  *alert;

    alert = ngx_pcalloc(ctx->request->pool,
                        sizeof(ngx_http_cost_api_alert_t));
    if (alert == NULL) {
        return NULL;
    }

    /* "/v1" and "/api/v1" */
    alert->cicosts = (ctx->request->uri.data[1] == 'v');
    alert->status = NGX_HTTP_OK;

    ctx->data = alert;

    return alert;
}


ngx_int_t
ngx_http_cost_api_alert_params(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *params)
{
    size_t                      i;
    u_char                     *uuid, *p, *hex;
    cost_str_t                 *id;
    ngx_http_cost_api_alert_t  *alert;

    alert = ctx->data;
    id = &ctx->ids[0];

    uuid = ngx_pnalloc(ctx->request->pool, COST_UUID_LEN);
    if (uuid == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (id->len == NGX_HTTP_COST_API_ALERT_ID_LEN
        && ngx_strncmp(id->data, "alert_", 6) == 0)
    {
        /* 8-4-4-4-12 */

        hex = (u_char *) id->data + 6;
        p = uuid;

        for (i = 0; i < 32; i++) {
            if (i == 8 || i == 12 || i == 16 || i == 20) {
                *p++ = '-';
            }

            *p++ = hex[i];
        }

    } else if (id->len == COST_UUID_LEN) {
        ngx_memcpy(uuid, id->data, COST_UUID_LEN);

    } else {
        return ngx_http_cost_api_alert_unknown(ctx);
    }

    if (cost_uuid_parse(uuid, COST_UUID_LEN, uuid) != COST_OK) {
        return ngx_http_cost_api_alert_unknown(ctx);
    }

    alert->uuid.len = COST_UUID_LEN;
    alert->uuid.data = uuid;

    params[1] = alert->uuid;

    return ngx_http_cost_api_param_organization(ctx, &params[0]) == NGX_OK
           ? NGX_OK : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


ngx_int_t
ngx_http_cost_api_alert_unknown(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_NOT_FOUND,
                                    "There is no such alert");
}


size_t
ngx_http_cost_api_alert_format_id(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *uuid, u_char *buf)
{
    u_char                     *p;
    ngx_uint_t                  i;
    ngx_http_cost_api_alert_t  *alert;

    alert = ctx->data;

    if (!alert->cicosts) {
        return ngx_cpymem(buf, uuid->data, uuid->len) - buf;
    }

    p = ngx_cpymem(buf, "alert_", 6);

    for (i = 0; i < uuid->len; i++) {
        if (uuid->data[i] != '-') {
            *p++ = uuid->data[i];
        }
    }

    return p - buf;
}


void
ngx_http_cost_api_alert_open(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j)
{
    ngx_http_cost_api_alert_t  *alert;

    alert = ctx->data;

    if (!alert->cicosts) {
        ngx_http_cost_api_open(ctx, j);
        return;
    }

    cost_json_object(j);
    cost_json_name(j, "data");
}


void
ngx_http_cost_api_alert_close(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j)
{
    ngx_http_cost_api_alert_t  *alert;

    alert = ctx->data;

    if (alert->cicosts && !alert->page.more) {
        cost_json_object_end(j);
        return;
    }

    ngx_http_cost_api_meta(j);

    if (alert->page.more) {
        ngx_http_cost_api_page_cursor(ctx, j, &alert->page, alert->place);
    }

    if (!alert->cicosts) {
        ngx_http_cost_api_close(ctx, j);
        return;
    }

    cost_json_object_end(j);
    cost_json_object_end(j);
}


ngx_int_t
ngx_http_cost_api_alerts(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                   rc;
    ngx_str_t                   params[6];
    cost_query_value_t          v[NGX_HTTP_COST_API_ALERTS_PARAMS], *p;
    ngx_http_cost_api_alert_t  *alert;

    alert = ngx_http_cost_api_alert_data(ctx);

    if (alert == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_cost_http_params(ctx->request,
                                   ngx_http_cost_api_alerts_params,
                                   NGX_HTTP_COST_API_ALERTS_PARAMS, v);
    if (rc != NGX_OK) {
        return rc;
    }

    ngx_memzero(params, sizeof(params));

    p = &v[NGX_HTTP_COST_API_ALERTS_P_ORG];

    if (p->set) {
        params[1].len = p->text.len;
        params[1].data = (u_char *) p->text.data;
    }

    p = &v[NGX_HTTP_COST_API_ALERTS_P_STATUS];

    if (p->set) {
        params[2].len = ngx_http_cost_api_alerts_statuses[p->integer].len;
        params[2].data = (u_char *)
                         ngx_http_cost_api_alerts_statuses[p->integer].data;
    }

    p = &v[NGX_HTTP_COST_API_ALERTS_P_TYPE];

    if (p->set) {
        params[3].len = ngx_http_cost_api_alerts_types[p->integer].len;
        params[3].data = (u_char *)
                         ngx_http_cost_api_alerts_types[p->integer].data;
    }

    rc = ngx_http_cost_api_page(ctx, &v[NGX_HTTP_COST_API_ALERTS_P_LIMIT],
                                &v[NGX_HTTP_COST_API_ALERTS_P_CURSOR],
                                NGX_HTTP_COST_API_ALERTS_MAX, &alert->page);
    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK
        || ngx_http_cost_api_page_params(ctx, &alert->page, &params[4],
                                         &params[5])
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_alerts_list,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_alerts_done);
}


static ngx_int_t
ngx_http_cost_api_alerts_done(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_alert_t  *alert;

    alert = ctx->data;
    alert->place = NGX_HTTP_COST_API_ALERT_ID;

    (void) ngx_http_cost_api_page_rows(ctx, &alert->page);

    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_alerts_write);
}


static void
ngx_http_cost_api_alerts_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_uint_t                  i;
    ngx_http_cost_api_alert_t  *alert;

    alert = ctx->data;

    ngx_http_cost_api_alert_open(ctx, j);

    cost_json_object(j);
    cost_json_name(j, "alerts");
    cost_json_array(j);

    for (i = 0; i < alert->page.rows; i++) {
        cost_json_object(j);

        ngx_http_cost_api_alert_members(ctx, j, i);

        cost_json_name(j, "last_triggered_at");
        ngx_http_cost_api_put_time(ctx, j, i, NGX_HTTP_COST_API_ALERT_LAST);
        cost_json_name(j, "created_at");
        ngx_http_cost_api_put_time(ctx, j, i,
                                   NGX_HTTP_COST_API_ALERT_CREATED);
        cost_json_object_end(j);
    }

    cost_json_array_end(j);
    cost_json_object_end(j);

    ngx_http_cost_api_alert_close(ctx, j);
}


ngx_int_t
ngx_http_cost_api_alert(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                   rc;
    ngx_str_t                   params[4];
    cost_query_value_t          v[2];
    ngx_http_cost_api_alert_t  *alert;

    alert = ngx_http_cost_api_alert_data(ctx);

    if (alert == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_cost_api_alert_params(ctx, params);

    if (rc == NGX_OK) {
        rc = ngx_http_cost_http_params(ctx->request,
                                       ngx_http_cost_api_alert_history_params,
                                       2, v);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_page(ctx, &v[0], &v[1],
                                    NGX_HTTP_COST_API_ALERT_HISTORY,
                                    &alert->page);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_cost_api_page_params(ctx, &alert->page, &params[2],
                                      &params[3])
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_alerts_find,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_alert_done);
}


static ngx_int_t
ngx_http_cost_api_alert_done(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_alert_t  *alert;

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_alert_unknown(ctx);
    }

    alert = ctx->data;
    alert->place = NGX_HTTP_COST_API_ALERT_PLACE;

    (void) ngx_http_cost_api_page_rows(ctx, &alert->page);

    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_alert_write);
}


static void
ngx_http_cost_api_alert_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_str_t                   triggered;
    ngx_uint_t                  i;
    ngx_http_cost_api_alert_t  *alert;

    alert = ctx->data;

    ngx_http_cost_api_alert_open(ctx, j);
    cost_json_object(j);

    ngx_http_cost_api_alert_members(ctx, j, 0);

    cost_json_name(j, "trigger_history");
    cost_json_array(j);

    for (i = 0; i < alert->page.rows; i++) {
        ngx_http_cost_pg_text(ctx->result, i,
                              NGX_HTTP_COST_API_ALERT_TRIGGERED, &triggered);

        /* it has never triggered, or not before */

        if (triggered.data == NULL) {
            break;
        }

        cost_json_object(j);
        cost_json_name(j, "triggered_at");
        ngx_http_cost_api_put_time(ctx, j, i,
                                   NGX_HTTP_COST_API_ALERT_TRIGGERED);
        cost_json_name(j, "value_at_trigger");
        ngx_http_cost_api_put_money(ctx, j, i,
                                    NGX_HTTP_COST_API_ALERT_AMOUNT);
        cost_json_name(j, "resolved_at");
        ngx_http_cost_api_put_time(ctx, j, i,
                                   NGX_HTTP_COST_API_ALERT_RESOLVED);
        cost_json_object_end(j);
    }

    cost_json_array_end(j);

    cost_json_name(j, "created_at");
    ngx_http_cost_api_put_time(ctx, j, 0, NGX_HTTP_COST_API_ALERT_CREATED);
    cost_json_name(j, "updated_at");
    ngx_http_cost_api_put_time(ctx, j, 0, NGX_HTTP_COST_API_ALERT_UPDATED);

    cost_json_object_end(j);

    ngx_http_cost_api_alert_close(ctx, j);
}


/* what a list and a single alert have in common */

static void
ngx_http_cost_api_alert_members(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row)
{
    size_t      i;
    u_char      id[COST_UUID_LEN + NGX_HTTP_COST_API_ALERT_ID_LEN];
    ngx_str_t   text;

    static const struct {
        ngx_str_t   name;
        ngx_uint_t  column;
    } scope[] = {
        { ngx_string("type"), NGX_HTTP_COST_API_ALERT_SCOPE },
        { ngx_string("account_id"), NGX_HTTP_COST_API_ALERT_ACCOUNT },
        { ngx_string("org"), NGX_HTTP_COST_API_ALERT_ORG },
        { ngx_string("repo"), NGX_HTTP_COST_API_ALERT_REPO },
        { ngx_string("workflow_id"), NGX_HTTP_COST_API_ALERT_WORKFLOW }
    };

    ngx_http_cost_pg_text(ctx->result, row, NGX_HTTP_COST_API_ALERT_UUID,
                          &text);

    cost_json_name(j, "id");
    cost_json_string(j, id, ngx_http_cost_api_alert_format_id(ctx, &text,
                                                              id));
    cost_json_name(j, "name");
    ngx_http_cost_api_put_text(ctx, j, row, NGX_HTTP_COST_API_ALERT_NAME);
    cost_json_name(j, "type");
    ngx_http_cost_api_put_text(ctx, j, row, NGX_HTTP_COST_API_ALERT_TYPE);
    cost_json_name(j, "status");
    ngx_http_cost_api_put_text(ctx, j, row, NGX_HTTP_COST_API_ALERT_STATUS);

    cost_json_name(j, "scope");
    cost_json_object(j);

    for (i = 0; i < sizeof(scope) / sizeof(scope[0]); i++) {
        ngx_http_cost_api_alert_member(ctx, j, (ngx_str_t *) &scope[i].name,
                                       row, scope[i].column);
    }

    cost_json_object_end(j);

    cost_json_name(j, "condition");
    cost_json_object(j);
    cost_json_name(j, "metric");
    ngx_http_cost_api_put_text(ctx, j, row, NGX_HTTP_COST_API_ALERT_METRIC);
    cost_json_name(j, "operator");
    ngx_http_cost_api_put_text(ctx, j, row,
                               NGX_HTTP_COST_API_ALERT_OPERATOR);
    cost_json_name(j, "value");
    ngx_http_cost_api_alert_value(ctx, j, row,
                                  NGX_HTTP_COST_API_ALERT_VALUE);

    ngx_str_set(&text, "baseline");
    ngx_http_cost_api_alert_member(ctx, j, &text, row,
                                   NGX_HTTP_COST_API_ALERT_BASELINE);
    cost_json_object_end(j);

    ngx_http_cost_pg_text(ctx->result, row,
                          NGX_HTTP_COST_API_ALERT_NOTIFICATIONS, &text);
    cost_json_name(j, "notifications");
    cost_json_raw(j, text.data, text.len);

    cost_json_name(j, "cooldown_hours");
    ngx_http_cost_api_put_integer(ctx, j, row,
                                  NGX_HTTP_COST_API_ALERT_COOLDOWN);
}


/* a member that is only there when it has a value */

static void
ngx_http_cost_api_alert_member(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_str_t *name, ngx_uint_t row, ngx_uint_t column)
{
    ngx_str_t  text;

    ngx_http_cost_pg_text(ctx->result, row, column, &text);

    if (text.data) {
        cost_json_name_n(j, name->data, name->len);
        cost_json_string(j, text.data, text.len);
    }
}


void
ngx_http_cost_api_alert_value(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row, ngx_uint_t column)
{
    cost_json_decimal(j, ngx_http_cost_api_amount(ctx, row, column),
                      NGX_HTTP_COST_API_ALERTS_PLACES, 0);
}
