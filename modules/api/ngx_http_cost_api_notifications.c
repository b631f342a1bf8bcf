
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Where an alert or a budget wants to be heard: the "notifications" of their
 * bodies, in CICosts' words.
 */


#include "api/ngx_http_cost_api.h"


enum {
    NGX_HTTP_COST_API_NOTIFICATION_TYPE = 0,
    NGX_HTTP_COST_API_NOTIFICATION_TARGET,
    NGX_HTTP_COST_API_NOTIFICATION_CHANNEL,
    NGX_HTTP_COST_API_NOTIFICATION_N
};


static ngx_int_t ngx_http_cost_api_notification(
    ngx_http_cost_api_ctx_t *ctx, ngx_str_t *v, ngx_uint_t n);
static ngx_uint_t ngx_http_cost_api_notification_is(ngx_str_t *text,
    const char *word);
static void ngx_http_cost_api_notifications_tell(
    ngx_http_cost_http_rows_t *rows, cost_json_t *j);


static const ngx_http_cost_http_field_t  ngx_http_cost_api_notification_f[] = {
    { ngx_string("type"), NGX_HTTP_COST_HTTP_ONE_OF, 1, 64, 0 },
    { ngx_string("target"), NGX_HTTP_COST_HTTP_TEXT, 1, 320, 0 },
    { ngx_string("channel"), NGX_HTTP_COST_HTTP_TEXT, 1, 80, 0 }
};


ngx_int_t
ngx_http_cost_api_notifications(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *text)
{
    ngx_int_t                  rc;
    ngx_str_t                  name;
    ngx_uint_t                 i;
    cost_json_t                j;
    ngx_http_cost_http_rows_t  rows;

    ngx_str_set(&name, "notifications");

    rc = ngx_http_cost_http_items(ctx->request, text, &name,
                                  ngx_http_cost_api_notification_f,
                                  NGX_HTTP_COST_API_NOTIFICATION_N, &rows);

    for (i = 0; i < rows.n && rc == NGX_OK; i++) {
        rc = ngx_http_cost_api_notification(ctx,
                         &rows.values[i * NGX_HTTP_COST_API_NOTIFICATION_N],
                         i);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    cost_json_init(&j, NULL, 0);
    ngx_http_cost_api_notifications_tell(&rows, &j);

    text->len = cost_json_length(&j);
    text->data = ngx_pnalloc(ctx->request->pool, text->len);
    if (text->data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cost_json_init(&j, text->data, text->len);
    ngx_http_cost_api_notifications_tell(&rows, &j);

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_api_notification(ngx_http_cost_api_ctx_t *ctx, ngx_str_t *v,
    ngx_uint_t n)
{
    cost_str_t   address;
    ngx_str_t   *type, *target, *channel;
    const char  *why;

    type = &v[NGX_HTTP_COST_API_NOTIFICATION_TYPE];
    target = &v[NGX_HTTP_COST_API_NOTIFICATION_TARGET];
    channel = &v[NGX_HTTP_COST_API_NOTIFICATION_CHANNEL];

    address.len = target->len;
    address.data = target->data;

    why = NULL;

    if (ngx_http_cost_api_notification_is(type, "email")) {

        if (target->data == NULL || !cost_rule_email(address)) {
            why = "target must be an email address";

        } else if (channel->data) {
            why = "channel is only for type slack";
        }

    } else if (ngx_http_cost_api_notification_is(type, "slack")) {

        if (channel->data == NULL) {
            why = "channel must be the name or id of a Slack channel";

        } else if (target->data) {
            why = "target is only for type email";
        }

    } else if (ngx_http_cost_api_notification_is(type, "webhook")) {

        if (target->data) {
            why = "target is only for type email";

        } else if (channel->data) {
            why = "channel is only for type slack";
        }

    } else {
        why = "type must be email, slack or webhook";
    }

    if (why == NULL) {
        return NGX_OK;
    }

    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                    "notifications[%ui].%s", n, why);
}


static void
ngx_http_cost_api_notifications_tell(ngx_http_cost_http_rows_t *rows,
    cost_json_t *j)
{
    ngx_str_t   *v, *name;
    ngx_uint_t   i, n;

    cost_json_array(j);

    for (i = 0; i < rows->n; i++) {
        cost_json_object(j);

        for (n = 0; n < NGX_HTTP_COST_API_NOTIFICATION_N; n++) {
            v = &rows->values[i * NGX_HTTP_COST_API_NOTIFICATION_N + n];
            name = (ngx_str_t *) &ngx_http_cost_api_notification_f[n].name;

            if (v->data) {
                cost_json_name_n(j, name->data, name->len);
                cost_json_string(j, v->data, v->len);
            }
        }

        cost_json_object_end(j);
    }

    cost_json_array_end(j);
}


static ngx_uint_t
ngx_http_cost_api_notification_is(ngx_str_t *text, const char *word)
{
    return text->len == ngx_strlen(word)
           && ngx_strncmp(text->data, word, text->len) == 0;
}
