
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * GET /api/v1/alerts: rules and their history in CloudK's words.
 */


#include "api/ngx_http_cost_api_alerts.h"


#define NGX_HTTP_COST_API_ALERTS_HISTORY  50


/* the columns of alerts_cloudk.sql */

enum {
    NGX_HTTP_COST_API_ALERTS_KIND = 0,
    NGX_HTTP_COST_API_ALERTS_UUID,
    NGX_HTTP_COST_API_ALERTS_NAME,
    NGX_HTTP_COST_API_ALERTS_RULE_TYPE,
    NGX_HTTP_COST_API_ALERTS_VALUE,
    NGX_HTTP_COST_API_ALERTS_THRESHOLD,
    NGX_HTTP_COST_API_ALERTS_UNIT,
    NGX_HTTP_COST_API_ALERTS_PROVIDER,
    NGX_HTTP_COST_API_ALERTS_SCOPE,
    NGX_HTTP_COST_API_ALERTS_CHANNELS,
    NGX_HTTP_COST_API_ALERTS_RULE,
    NGX_HTTP_COST_API_ALERTS_ACTIVE,
    NGX_HTTP_COST_API_ALERTS_AT,
    NGX_HTTP_COST_API_ALERTS_RESOLVED,
    NGX_HTTP_COST_API_ALERTS_PERCENT,
    NGX_HTTP_COST_API_ALERTS_SENT,
    NGX_HTTP_COST_API_ALERTS_PLACE
};


static ngx_int_t ngx_http_cost_api_alerts_cloudk_done(
    ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_alerts_cloudk_write(cost_json_t *j,
    void *data);
static void ngx_http_cost_api_alerts_rule(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row);
static void ngx_http_cost_api_alerts_history(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row);
static void ngx_http_cost_api_alerts_words(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row, ngx_uint_t column);
static ngx_uint_t ngx_http_cost_api_alerts_is(ngx_http_cost_api_ctx_t *ctx,
    ngx_uint_t row, ngx_uint_t column, u_char ch);


static const cost_str_t  ngx_http_cost_api_alerts_parts[] = {
    cost_string("rules"),
    cost_string("history"),
    cost_string("all"),
    { 0, NULL }
};


enum {
    NGX_HTTP_COST_API_ALERTS_P_TYPE = 0,
    NGX_HTTP_COST_API_ALERTS_P_LIMIT,
    NGX_HTTP_COST_API_ALERTS_P_CURSOR,
    NGX_HTTP_COST_API_ALERTS_PARAMS
};


static const cost_query_param_t  ngx_http_cost_api_alerts_cloudk_params[] = {
    { cost_string("type"), COST_QUERY_ENUM, 0, 0,
      ngx_http_cost_api_alerts_parts },
    { cost_string("limit"), COST_QUERY_INTEGER, 1, 100, NULL },
    { cost_string("cursor"), COST_QUERY_TEXT, 0, 64, NULL }
};


ngx_int_t
ngx_http_cost_api_alerts_cloudk(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                   rc;
    ngx_str_t                   params[4];
    cost_query_value_t          v[NGX_HTTP_COST_API_ALERTS_PARAMS], *p;
    const cost_str_t           *type;
    ngx_http_cost_api_alert_t  *alert;

    alert = ngx_http_cost_api_alert_data(ctx);

    if (alert == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_cost_http_params(ctx->request,
                                   ngx_http_cost_api_alerts_cloudk_params,
                                   NGX_HTTP_COST_API_ALERTS_PARAMS, v);
    if (rc != NGX_OK) {
        return rc;
    }

    /* all, unless said otherwise */

    p = &v[NGX_HTTP_COST_API_ALERTS_P_TYPE];
    type = &ngx_http_cost_api_alerts_parts[p->set ? p->integer : 2];

    alert->type.len = type->len;
    alert->type.data = (u_char *) type->data;

    rc = ngx_http_cost_api_page(ctx, &v[NGX_HTTP_COST_API_ALERTS_P_LIMIT],
                                &v[NGX_HTTP_COST_API_ALERTS_P_CURSOR],
                                NGX_HTTP_COST_API_ALERTS_HISTORY,
                                &alert->page);
    if (rc != NGX_OK) {
        return rc;
    }

    params[1] = alert->type;

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK
        || ngx_http_cost_api_page_params(ctx, &alert->page, &params[2],
                                         &params[3])
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_alerts_cloudk,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_alerts_cloudk_done);
}


static ngx_int_t
ngx_http_cost_api_alerts_cloudk_done(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_alerts_cloudk_write);
}


static void
ngx_http_cost_api_alerts_cloudk_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_uint_t                  i, rows, rules, active, count;
    ngx_http_cost_api_alert_t  *alert;

    alert = ctx->data;
    rows = ngx_http_cost_pg_rows(ctx->result);
    active = 0;

    ngx_http_cost_api_open(ctx, j);
    cost_json_object(j);

    cost_json_name(j, "rules");
    cost_json_array(j);

    for (i = 0; i < rows; i++) {

        if (ngx_http_cost_api_number(ctx, i, NGX_HTTP_COST_API_ALERTS_KIND)
            != 0)
        {
            break;
        }

        active += ngx_http_cost_api_alerts_is(ctx, i,
                                              NGX_HTTP_COST_API_ALERTS_ACTIVE,
                                              't');
        ngx_http_cost_api_alerts_rule(ctx, j, i);
    }

    rules = i;

    /* of history one more was asked for than is shown */

    count = rows - rules;
    alert->page.more = (count > alert->page.limit);
    alert->page.rows = rows - alert->page.more;

    cost_json_array_end(j);

    cost_json_name(j, "history");
    cost_json_array(j);

    for ( /* void */ ; i < alert->page.rows; i++) {
        ngx_http_cost_api_alerts_history(ctx, j, i);
    }

    cost_json_array_end(j);
    cost_json_object_end(j);

    ngx_http_cost_api_meta(j);
    cost_json_name(j, "type_filter");
    cost_json_string(j, alert->type.data, alert->type.len);
    cost_json_name(j, "rule_count");
    cost_json_integer(j, rules);
    cost_json_name(j, "active_rule_count");
    cost_json_integer(j, active);
    cost_json_name(j, "history_count");
    cost_json_integer(j, count - alert->page.more);

    /* the document has none */

    if (alert->page.more) {
        ngx_http_cost_api_page_cursor(ctx, j, &alert->page,
                                      NGX_HTTP_COST_API_ALERTS_PLACE);
    }

    ngx_http_cost_api_close(ctx, j);
}


static void
ngx_http_cost_api_alerts_rule(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row)
{
    cost_json_object(j);
    cost_json_name(j, "id");
    ngx_http_cost_api_put_text(ctx, j, row, NGX_HTTP_COST_API_ALERTS_UUID);
    cost_json_name(j, "name");
    ngx_http_cost_api_put_text(ctx, j, row, NGX_HTTP_COST_API_ALERTS_NAME);
    cost_json_name(j, "rule_type");
    ngx_http_cost_api_put_text(ctx, j, row,
                               NGX_HTTP_COST_API_ALERTS_RULE_TYPE);
    cost_json_name(j, "threshold_value");
    ngx_http_cost_api_alert_value(ctx, j, row,
                                  NGX_HTTP_COST_API_ALERTS_THRESHOLD);
    cost_json_name(j, "threshold_unit");
    ngx_http_cost_api_put_text(ctx, j, row, NGX_HTTP_COST_API_ALERTS_UNIT);
    cost_json_name(j, "cloud_provider");
    ngx_http_cost_api_put_text(ctx, j, row,
                               NGX_HTTP_COST_API_ALERTS_PROVIDER);
    cost_json_name(j, "scope_type");
    ngx_http_cost_api_put_text(ctx, j, row, NGX_HTTP_COST_API_ALERTS_SCOPE);
    cost_json_name(j, "notification_channels");
    ngx_http_cost_api_alerts_words(ctx, j, row,
                                   NGX_HTTP_COST_API_ALERTS_CHANNELS);
    cost_json_name(j, "is_active");
    cost_json_bool(j, ngx_http_cost_api_alerts_is(ctx, row,
                                       NGX_HTTP_COST_API_ALERTS_ACTIVE, 't'));
    cost_json_name(j, "created_at");
    ngx_http_cost_api_put_time(ctx, j, row, NGX_HTTP_COST_API_ALERTS_AT);
    cost_json_object_end(j);
}


static void
ngx_http_cost_api_alerts_history(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row)
{
    ngx_uint_t  places;

    cost_json_object(j);
    cost_json_name(j, "id");
    ngx_http_cost_api_put_text(ctx, j, row, NGX_HTTP_COST_API_ALERTS_UUID);
    cost_json_name(j, "rule_id");
    ngx_http_cost_api_put_text(ctx, j, row, NGX_HTTP_COST_API_ALERTS_RULE);
    cost_json_name(j, "triggered_at");
    ngx_http_cost_api_put_time(ctx, j, row, NGX_HTTP_COST_API_ALERTS_AT);
    cost_json_name(j, "resolved_at");
    ngx_http_cost_api_put_time(ctx, j, row,
                               NGX_HTTP_COST_API_ALERTS_RESOLVED);

    /* in the unit of the threshold */

    places = ngx_http_cost_api_alerts_is(ctx, row,
                                         NGX_HTTP_COST_API_ALERTS_PERCENT,
                                         't')
             ? 1 : 2;

    cost_json_name(j, "current_value");
    cost_json_decimal(j,
                      ngx_http_cost_api_amount(ctx, row,
                                             NGX_HTTP_COST_API_ALERTS_VALUE),
                      (unsigned) places, (unsigned) places);
    cost_json_name(j, "threshold_value");
    ngx_http_cost_api_alert_value(ctx, j, row,
                                  NGX_HTTP_COST_API_ALERTS_THRESHOLD);
    cost_json_name(j, "notification_sent");
    cost_json_bool(j, ngx_http_cost_api_alerts_is(ctx, row,
                                         NGX_HTTP_COST_API_ALERTS_SENT, 't'));
    cost_json_object_end(j);
}


/* "email,slack" */

static void
ngx_http_cost_api_alerts_words(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row, ngx_uint_t column)
{
    u_char     *p, *last, *end;
    ngx_str_t   text;

    ngx_http_cost_pg_text(ctx->result, row, column, &text);

    cost_json_array(j);

    last = text.data + text.len;

    for (p = text.data; p < last; p = end + 1) {
        end = ngx_strlchr(p, last, ',');

        if (end == NULL) {
            end = last;
        }

        cost_json_string(j, p, end - p);
    }

    cost_json_array_end(j);
}


/* a column that is one letter, or begins with it */

static ngx_uint_t
ngx_http_cost_api_alerts_is(ngx_http_cost_api_ctx_t *ctx, ngx_uint_t row,
    ngx_uint_t column, u_char ch)
{
    ngx_str_t  text;

    ngx_http_cost_pg_text(ctx->result, row, column, &text);

    return text.len > 0 && text.data[0] == ch;
}
