
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "api/ngx_http_cost_api.h"


#define NGX_HTTP_COST_API_READ  (NGX_HTTP_GET|NGX_HTTP_HEAD)


typedef struct {
    ngx_str_t                         prefix;
    const ngx_http_cost_api_route_t  *routes;
    ngx_uint_t                        n;     /* without the row at its end */
} ngx_http_cost_api_table_t;


/* what is asked for most comes first */

static const ngx_http_cost_api_route_t  ngx_http_cost_api_v1[] = {

    { cost_string("/costs"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_costs },

    { cost_string("/costs/overview"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_overview },

    { cost_string("/costs/trend"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_trend },

    { cost_string("/costs/forecast"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_forecast },

    { cost_string("/costs/anomalies"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_anomalies },

    { cost_string("/costs/anomalies/{id}/dismiss"), NGX_HTTP_POST,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_anomaly_dismiss },

    { cost_string("/costs/sync"), NGX_HTTP_POST,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_sync },

    { cost_string("/costs/sync/{id}"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_sync_job },

    { cost_string("/recommendations"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_recommendations },

    { cost_string("/recommendations/{id}"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_recommendation },

    { cost_string("/recommendations/{id}"), NGX_HTTP_PATCH,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_recommendation_change },

    { cost_string("/auth/info"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_auth_info },

    { cost_string("/accounts"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_accounts },

    { cost_string("/accounts/{id}"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_account },

    { cost_string("/accounts"), NGX_HTTP_POST,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_account_add },

    { cost_string("/accounts/{id}"), NGX_HTTP_PATCH,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_account_rename },

    { cost_string("/accounts/{id}"), NGX_HTTP_DELETE,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_account_delete },

    { cost_string("/alerts"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_alerts_cloudk },

    { cost_string("/alerts"), NGX_HTTP_POST,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_alert_add },

    { cost_string("/alerts/{id}"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_alert },

    { cost_string("/alerts/{id}"), NGX_HTTP_PUT|NGX_HTTP_PATCH,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_alert_change },

    { cost_string("/alerts/{id}"), NGX_HTTP_DELETE,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_alert_delete },

    { cost_string("/alerts/{id}/test"), NGX_HTTP_POST,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_alert_test },

    { cost_string("/keys"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_ADMIN, ngx_http_cost_api_keys },

    { cost_string("/keys/{id}"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_ADMIN, ngx_http_cost_api_key },

    { cost_string("/keys"), NGX_HTTP_POST,
      NGX_HTTP_COST_KEY_ADMIN, ngx_http_cost_api_key_add },

    { cost_string("/keys/{id}"), NGX_HTTP_PATCH,
      NGX_HTTP_COST_KEY_ADMIN, ngx_http_cost_api_key_change },

    { cost_string("/keys/{id}"), NGX_HTTP_DELETE,
      NGX_HTTP_COST_KEY_ADMIN, ngx_http_cost_api_key_revoke },

    { cost_string("/keys/{id}/rotate"), NGX_HTTP_POST,
      NGX_HTTP_COST_KEY_ADMIN, ngx_http_cost_api_key_rotate },

    { cost_string("/ci/runs"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_ci_list },

    { cost_string("/ci/runs"), NGX_HTTP_POST,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_ci_add },

    { cost_string("/budgets"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_budgets },

    { cost_string("/budgets/{id}"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_budget },

    { cost_string("/budgets"), NGX_HTTP_POST,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_budget_add },

    { cost_string("/budgets/{id}"), NGX_HTTP_PUT|NGX_HTTP_PATCH,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_budget_change },

    { cost_string("/budgets/{id}"), NGX_HTTP_DELETE,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_budget_delete },

    { cost_string("/ci/github"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_receiver },

    { cost_string("/ci/github"), NGX_HTTP_POST,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_receiver_set },

    { cost_string("/ci/github"), NGX_HTTP_DELETE,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_receiver_delete },

    { cost_string("/ci/github/{id}"), NGX_HTTP_POST,
      0, ngx_http_cost_api_github },

    { cost_string("/webhooks"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_webhooks },

    { cost_string("/webhooks/{id}"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_webhook },

    { cost_string("/webhooks"), NGX_HTTP_POST,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_webhook_add },

    { cost_string("/webhooks/{id}"), NGX_HTTP_PUT|NGX_HTTP_PATCH,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_webhook_change },

    { cost_string("/webhooks/{id}"), NGX_HTTP_DELETE,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_webhook_delete },

    { cost_string("/webhooks/{id}/rotate-secret"), NGX_HTTP_POST,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_webhook_rotate },

    { cost_string("/webhooks/{id}/test"), NGX_HTTP_POST,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_webhook_test },

    { cost_string("/webhooks/{id}/deliveries"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_deliveries },

    { cost_string("/webhooks/deliveries/{id}/redeliver"), NGX_HTTP_POST,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_delivery_again },

    { cost_string("/deliveries/{id}/redeliver"), NGX_HTTP_POST,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_delivery_again },

    { cost_string("/ready"), NGX_HTTP_COST_API_READ,
      0, ngx_http_cost_api_ready },

    { cost_string("/openapi.json"), NGX_HTTP_COST_API_READ,
      0, ngx_http_cost_api_openapi },

    { { 0, NULL }, 0, 0, NULL }
};


/* CICosts' */

static const ngx_http_cost_api_route_t  ngx_http_cost_api_ci[] = {

    { cost_string("/alerts"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_alerts },

    { cost_string("/alerts"), NGX_HTTP_POST,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_alert_add },

    { cost_string("/alerts/{id}"), NGX_HTTP_COST_API_READ,
      NGX_HTTP_COST_KEY_READ, ngx_http_cost_api_alert },

    { cost_string("/alerts/{id}"), NGX_HTTP_PUT|NGX_HTTP_PATCH,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_alert_change },

    { cost_string("/alerts/{id}"), NGX_HTTP_DELETE,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_alert_delete },

    { cost_string("/alerts/{id}/test"), NGX_HTTP_POST,
      NGX_HTTP_COST_KEY_WRITE, ngx_http_cost_api_alert_test },

    { { 0, NULL }, 0, 0, NULL }
};


static const ngx_http_cost_api_table_t  ngx_http_cost_api_tables[] = {
    { ngx_string("/api/v1"), ngx_http_cost_api_v1,
      sizeof(ngx_http_cost_api_v1) / sizeof(ngx_http_cost_api_v1[0]) - 1 },
    { ngx_string("/v1"), ngx_http_cost_api_ci,
      sizeof(ngx_http_cost_api_ci) / sizeof(ngx_http_cost_api_ci[0]) - 1 },
    { ngx_null_string, NULL, 0 }
};


const ngx_http_cost_api_route_t *
ngx_http_cost_api_route(ngx_str_t *uri, ngx_uint_t method, cost_str_t *ids,
    ngx_uint_t *methods)
{
    cost_str_t                        path;
    const ngx_http_cost_api_route_t  *route;
    const ngx_http_cost_api_table_t  *table;

    *methods = 0;

    for (table = ngx_http_cost_api_tables; table->routes; table++) {

        if (uri->len < table->prefix.len
            || ngx_memcmp(uri->data, table->prefix.data, table->prefix.len)
               != 0)
        {
            continue;
        }

        path.len = uri->len - table->prefix.len;
        path.data = uri->data + table->prefix.len;

        for (route = table->routes; route->handler; route++) {

            if (!cost_route_match(route->path, path, ids)) {
                continue;
            }

            if (route->methods & method) {
                return route;
            }

            *methods |= route->methods;
        }
    }

    return NULL;
}


ngx_uint_t
ngx_http_cost_api_route_number(const ngx_http_cost_api_route_t *route)
{
    ngx_uint_t                        n;
    const ngx_http_cost_api_table_t  *table;

    n = 0;

    for (table = ngx_http_cost_api_tables; table->routes; table++) {

        if (route >= table->routes && route < table->routes + table->n) {
            return n + (route - table->routes);
        }

        n += table->n;
    }

    return n;
}


ngx_uint_t
ngx_http_cost_api_routes(void)
{
    return ngx_http_cost_api_route_number(NULL) + 2;
}


void
ngx_http_cost_api_route_labels(ngx_uint_t n, ngx_uint_t *methods,
    ngx_str_t *prefix, cost_str_t *path)
{
    const ngx_http_cost_api_table_t  *table;

    *methods = NGX_HTTP_GET;

    for (table = ngx_http_cost_api_tables; table->routes; table++) {

        if (n < table->n) {
            *methods = table->routes[n].methods;
            *prefix = table->prefix;
            *path = table->routes[n].path;
            return;
        }

        n -= table->n;
    }

    path->len = 0;

    if (n == 0) {
        *methods = 0;
        ngx_str_set(prefix, "unknown");

    } else {
        ngx_str_set(prefix, "health");
    }
}
