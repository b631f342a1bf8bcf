
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Prometheus' text format 0.0.4.  A family is a row of a table, or a function
 * where its series are of routes, reasons or zones.
 */


#include "metrics/ngx_http_cost_metrics.h"


/* a line, its names and a number included, and a family's two of comment */
#define NGX_HTTP_COST_METRICS_LINE    512
#define NGX_HTTP_COST_METRICS_FAMILY  512


/* labels that need no escaping; NULL: none */

typedef struct {
    ngx_uint_t     index;
    const char    *name;
    const char    *labels;
    const char    *help;         /* NULL: of the row's before this */
} ngx_http_cost_metrics_row_t;


typedef struct {
    const char    *name;
    size_t         offset;       /* in ngx_http_cost_key_counts_t */
    ngx_uint_t     gauge;
    const char    *help;
} ngx_http_cost_metrics_zone_t;


static void ngx_http_cost_metrics_sum(
    ngx_http_cost_metrics_main_conf_t *mmcf,
    ngx_http_cost_metrics_slot_t *sum);
static u_char *ngx_http_cost_metrics_family(u_char *p, const char *name,
    const char *type, const char *help);
static u_char *ngx_http_cost_metrics_rows(u_char *p,
    const ngx_http_cost_metrics_row_t *rows, const char *type,
    const uint64_t *values);
static u_char *ngx_http_cost_metrics_requests(u_char *p,
    ngx_http_cost_metrics_main_conf_t *mmcf,
    ngx_http_cost_metrics_slot_t *sum);
static u_char *ngx_http_cost_metrics_labels(u_char *p,
    ngx_http_cost_metrics_main_conf_t *mmcf, ngx_uint_t route);
static u_char *ngx_http_cost_metrics_durations(u_char *p,
    ngx_http_cost_metrics_slot_t *sum);
static u_char *ngx_http_cost_metrics_refusals(u_char *p,
    ngx_http_cost_metrics_slot_t *sum);
static u_char *ngx_http_cost_metrics_zones(u_char *p, ngx_uint_t zones);


static const ngx_http_cost_metrics_row_t  ngx_http_cost_metrics_counters[] = {

    { NGX_HTTP_COST_METRICS_PG_QUERIES, "cost_pg_queries_total", NULL,
      "Statements sent to PostgreSQL, or refused before." },
    { NGX_HTTP_COST_METRICS_PG_FAILED, "cost_pg_queries_failed_total", NULL,
      "Statements without a result." },
    { NGX_HTTP_COST_METRICS_PG_CANCELLED, "cost_pg_queries_cancelled_total",
      NULL, "Statements whose client has left." },
    { NGX_HTTP_COST_METRICS_PG_CONNECTS, "cost_pg_connects_total", NULL,
      "Connections to PostgreSQL made, again after a loss too." },

    { NGX_HTTP_COST_METRICS_CACHE_HITS, "cost_cache_lookups_total",
      "result=\"hit\"", "Looks into the cache of replies." },
    { NGX_HTTP_COST_METRICS_CACHE_MISSES, "cost_cache_lookups_total",
      "result=\"miss\"", NULL },
    { NGX_HTTP_COST_METRICS_CACHE_WAITS, "cost_cache_lookups_total",
      "result=\"wait\"", NULL },
    { NGX_HTTP_COST_METRICS_CACHE_STALE, "cost_cache_stale_total", NULL,
      "Replies that were out of date, as the database was away." },
    { NGX_HTTP_COST_METRICS_CACHE_EVICTED, "cost_cache_evictions_total", NULL,
      "Replies that made room for others." },
    { NGX_HTTP_COST_METRICS_DATA_HEARD, "cost_data_notifications_total", NULL,
      "Changes of an organization's costs that were heard." },

    { NGX_HTTP_COST_METRICS_TICKS, "cost_timer_ticks_total", NULL,
      "Ticks of the clock in the first worker." },
    { NGX_HTTP_COST_METRICS_TICKS_LATE, "cost_timer_ticks_late_total", NULL,
      "Ticks that came more than half a period late." },
    { NGX_HTTP_COST_METRICS_TICKS_OVERRUN, "cost_timer_ticks_overrun_total",
      NULL, "Ticks at which the one before was still at work." },

    { NGX_HTTP_COST_METRICS_CLAIMED, "cost_deliveries_claimed_total", NULL,
      "Deliveries that this node took to send." },
    { NGX_HTTP_COST_METRICS_DELIVERED, "cost_deliveries_total",
      "result=\"delivered\"", "Attempts to deliver that have ended." },
    { NGX_HTTP_COST_METRICS_UNDELIVERED, "cost_deliveries_total",
      "result=\"failed\"", NULL },

    { NGX_HTTP_COST_METRICS_SEARCHED, "cost_anomaly_searches_total", NULL,
      "Accounts that the daily search for anomalies has looked at." },
    { NGX_HTTP_COST_METRICS_ANOMALIES, "cost_anomaly_search_found_total",
      NULL, "Anomalies that the daily search has added." },

    { 0, NULL, NULL, NULL }
};


static const ngx_http_cost_metrics_row_t  ngx_http_cost_metrics_gauges[] = {

    { NGX_HTTP_COST_METRICS_WORKERS, "cost_workers", NULL,
      "Worker processes that count, leaving ones included." },
    { NGX_HTTP_COST_METRICS_PG_FAST, "cost_pg_connections_configured",
      "lane=\"fast\"", "Connections to PostgreSQL, at most." },
    { NGX_HTTP_COST_METRICS_PG_SLOW, "cost_pg_connections_configured",
      "lane=\"slow\"", NULL },
    { NGX_HTTP_COST_METRICS_PG_FAST_READY, "cost_pg_connections_ready",
      "lane=\"fast\"", "Connections to PostgreSQL that can be used now." },
    { NGX_HTTP_COST_METRICS_PG_SLOW_READY, "cost_pg_connections_ready",
      "lane=\"slow\"", NULL },
    { NGX_HTTP_COST_METRICS_PG_IN_FLIGHT, "cost_pg_queries_in_flight", NULL,
      "Statements that are sent and not yet answered." },
    { NGX_HTTP_COST_METRICS_PG_WAITING, "cost_pg_queries_waiting", NULL,
      "Statements that wait for a connection." },
    { NGX_HTTP_COST_METRICS_PG_LOADS, "cost_pg_loads", NULL,
      "Loads (COPY) under way." },
    { NGX_HTTP_COST_METRICS_PG_LISTENING, "cost_pg_listening", NULL,
      "Whether notifications are heard: 1, or 0." },
    { NGX_HTTP_COST_METRICS_SENDING, "cost_deliveries_in_flight", NULL,
      "Deliveries being sent." },
    { NGX_HTTP_COST_METRICS_LEADS, "cost_timer_leads", NULL,
      "Whether this node leads: 1, or 0." },

    { 0, NULL, NULL, NULL }
};


#define ngx_http_cost_metrics_of(member)                                      \
    offsetof(ngx_http_cost_key_counts_t, member)

static const ngx_http_cost_metrics_zone_t  ngx_http_cost_metrics_zone[] = {

    { "cost_key_zone_secrets", ngx_http_cost_metrics_of(secrets), 1,
      "Secrets of keys in the zone." },
    { "cost_key_zone_keys", ngx_http_cost_metrics_of(keys), 1,
      "Keys in the zone." },
    { "cost_key_zone_organizations", ngx_http_cost_metrics_of(organizations),
      1, "Organizations in the zone." },
    { "cost_key_passed_total", ngx_http_cost_metrics_of(passed), 0,
      "Requests that were let in." },
    { "cost_key_limited_total", ngx_http_cost_metrics_of(limited), 0,
      "Requests beyond a limit." },
    { "cost_key_unknown_total", ngx_http_cost_metrics_of(unknown), 0,
      "Requests with a key of nobody's." },
    { "cost_key_stale_total", ngx_http_cost_metrics_of(stale), 0,
      "Requests let in on trust, as the database was away." },
    { "cost_key_lookups_total", ngx_http_cost_metrics_of(lookups), 0,
      "Keys that the database was asked about." },
    { "cost_key_notifications_total", ngx_http_cost_metrics_of(notified), 0,
      "Changes of keys that were heard." },
    { "cost_key_zone_swept_total", ngx_http_cost_metrics_of(swept), 0,
      "Nodes that made room for others." },
    { "cost_key_zone_full_total", ngx_http_cost_metrics_of(full), 0,
      "Times that the zone had no room." },

    { NULL, 0, 0, NULL }
};


ngx_int_t
ngx_http_cost_metrics_write(ngx_http_request_t *r,
    ngx_http_cost_metrics_main_conf_t *mmcf, ngx_str_t *text)
{
    size_t                         lines, families;
    u_char                        *p;
    ngx_uint_t                     i, zones;
    ngx_http_cost_metrics_slot_t  *sum;

    sum = ngx_pcalloc(r->pool, mmcf->size);
    if (sum == NULL) {
        return NGX_ERROR;
    }

    ngx_http_cost_metrics_sum(mmcf, sum);

    zones = ngx_http_cost_key_zones();

    /* an upper bound of what is written below */

    families = NGX_HTTP_COST_METRICS_COUNTERS + NGX_HTTP_COST_METRICS_GAUGES
               + sizeof(ngx_http_cost_metrics_zone)
                 / sizeof(ngx_http_cost_metrics_zone[0])
               + 4;

    lines = NGX_HTTP_COST_METRICS_COUNTERS + NGX_HTTP_COST_METRICS_GAUGES
            + zones * sizeof(ngx_http_cost_metrics_zone)
              / sizeof(ngx_http_cost_metrics_zone[0])
            + NGX_HTTP_COST_KEY_REASONS + NGX_HTTP_COST_METRICS_BUCKETS + 3;

    for (i = 0; i < mmcf->routes * NGX_HTTP_COST_METRICS_STATUSES; i++) {
        lines += (sum->requests[i] != 0);
    }

    p = ngx_pnalloc(r->pool, lines * NGX_HTTP_COST_METRICS_LINE
                             + families * NGX_HTTP_COST_METRICS_FAMILY);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text->data = p;

    p = ngx_http_cost_metrics_family(p, "cost_build_info", "gauge",
                                     "Which version this is.");
    p = ngx_sprintf(p, "cost_build_info{version=\"" NGX_HTTP_COST_VERSION
                    "\"} 1\n");

    p = ngx_http_cost_metrics_requests(p, mmcf, sum);
    p = ngx_http_cost_metrics_durations(p, sum);
    p = ngx_http_cost_metrics_refusals(p, sum);
    p = ngx_http_cost_metrics_zones(p, zones);
    p = ngx_http_cost_metrics_rows(p, ngx_http_cost_metrics_counters,
                                   "counter", sum->counters);
    p = ngx_http_cost_metrics_rows(p, ngx_http_cost_metrics_gauges, "gauge",
                                   sum->gauges);

    text->len = p - text->data;

    return NGX_OK;
}


/* a worker that has died counts for what it did, not for what it does */

static void
ngx_http_cost_metrics_sum(ngx_http_cost_metrics_main_conf_t *mmcf,
    ngx_http_cost_metrics_slot_t *sum)
{
    ngx_uint_t                     i, k;
    ngx_http_cost_metrics_slot_t  *slot;

    for (i = 0; i < NGX_HTTP_COST_METRICS_SLOTS; i++) {
        slot = ngx_http_cost_metrics_slot(mmcf, i);

        for (k = 0; k < NGX_HTTP_COST_METRICS_COUNTERS; k++) {
            sum->counters[k] += slot->counters[k];
        }

        for (k = 0; k < NGX_HTTP_COST_KEY_REASONS; k++) {
            sum->refused[k] += slot->refused[k];
        }

        for (k = 0; k < NGX_HTTP_COST_METRICS_BUCKETS; k++) {
            sum->durations[k] += slot->durations[k];
        }

        sum->milliseconds += slot->milliseconds;

        for (k = 0; k < mmcf->routes * NGX_HTTP_COST_METRICS_STATUSES; k++) {
            sum->requests[k] += slot->requests[k];
        }

        if (slot->pid == 0
            || (kill(slot->pid, 0) == -1 && ngx_errno == NGX_ESRCH))
        {
            continue;
        }

        for (k = 0; k < NGX_HTTP_COST_METRICS_GAUGES; k++) {
            sum->gauges[k] += slot->gauges[k];
        }
    }
}


static u_char *
ngx_http_cost_metrics_family(u_char *p, const char *name, const char *type,
    const char *help)
{
    return ngx_sprintf(p, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
                       type);
}


static u_char *
ngx_http_cost_metrics_rows(u_char *p, const ngx_http_cost_metrics_row_t *rows,
    const char *type, const uint64_t *values)
{
    for ( /* void */ ; rows->name; rows++) {

        if (rows->help) {
            p = ngx_http_cost_metrics_family(p, rows->name, type, rows->help);
        }

        p = ngx_sprintf(p, rows->labels ? "%s{%s} " : "%s ", rows->name,
                        rows->labels);
        p = ngx_sprintf(p, "%uL\n", values[rows->index]);
    }

    return p;
}


static u_char *
ngx_http_cost_metrics_requests(u_char *p,
    ngx_http_cost_metrics_main_conf_t *mmcf,
    ngx_http_cost_metrics_slot_t *sum)
{
    uint64_t    n;
    ngx_uint_t  route, i;

    p = ngx_http_cost_metrics_family(p, "cost_http_requests_total", "counter",
                                     "Requests by route and status.");

    for (route = 0; route < mmcf->routes; route++) {
        for (i = 0; i < NGX_HTTP_COST_METRICS_STATUSES; i++) {

            n = sum->requests[route * NGX_HTTP_COST_METRICS_STATUSES + i];

            if (n == 0) {
                continue;
            }

            p = ngx_sprintf(p, "cost_http_requests_total{");
            p = ngx_http_cost_metrics_labels(p, mmcf, route);

            if (i < NGX_HTTP_COST_METRICS_STATUSES - 1) {
                p = ngx_sprintf(p, ",status=\"%ui\"} %uL\n",
                                ngx_http_cost_metrics_statuses[i], n);

            } else {
                p = ngx_sprintf(p, ",status=\"other\"} %uL\n", n);
            }
        }
    }

    return p;
}


static u_char *
ngx_http_cost_metrics_labels(u_char *p,
    ngx_http_cost_metrics_main_conf_t *mmcf, ngx_uint_t route)
{
    ngx_str_t   prefix;
    cost_str_t  path;
    ngx_uint_t  i, methods;
    u_char     *first;

    static const struct {
        ngx_uint_t   method;
        const char  *name;
    } names[] = {
        { NGX_HTTP_GET, "GET" },
        { NGX_HTTP_POST, "POST" },
        { NGX_HTTP_PUT, "PUT" },
        { NGX_HTTP_PATCH, "PATCH" },
        { NGX_HTTP_DELETE, "DELETE" },
        { 0, NULL }
    };

    if (route == mmcf->routes - 2) {
        return ngx_sprintf(p, "method=\"POST\",route=\"calculate\"");
    }

    if (route == mmcf->routes - 1) {
        return ngx_sprintf(p, "method=\"GET\",route=\"calculate services\"");
    }

    ngx_http_cost_api_route_labels(route, &methods, &prefix, &path);

    p = ngx_sprintf(p, "method=\"");

    for (i = 0, first = p; names[i].method; i++) {
        if (methods & names[i].method) {
            p = ngx_sprintf(p, "%s%s", p == first ? "" : "|", names[i].name);
        }
    }

    return ngx_sprintf(p, "\",route=\"%V%*s\"", &prefix, path.len,
                       path.data);
}


static u_char *
ngx_http_cost_metrics_durations(u_char *p, ngx_http_cost_metrics_slot_t *sum)
{
    uint64_t    n;
    ngx_uint_t  i;

    p = ngx_http_cost_metrics_family(p, "cost_http_request_duration_seconds",
                                     "histogram",
                                     "How long requests of these took.");

    n = 0;

    for (i = 0; i < NGX_HTTP_COST_METRICS_BUCKETS - 1; i++) {
        n += sum->durations[i];
        p = ngx_sprintf(p, "cost_http_request_duration_seconds_bucket"
                        "{le=\"%ui.%03ui\"} %uL\n",
                        ngx_http_cost_metrics_bounds[i] / 1000,
                        ngx_http_cost_metrics_bounds[i] % 1000, n);
    }

    n += sum->durations[i];

    return ngx_sprintf(p, "cost_http_request_duration_seconds_bucket"
                       "{le=\"+Inf\"} %uL\n"
                       "cost_http_request_duration_seconds_sum %uL.%03uL\n"
                       "cost_http_request_duration_seconds_count %uL\n",
                       n, sum->milliseconds / 1000, sum->milliseconds % 1000,
                       n);
}


static u_char *
ngx_http_cost_metrics_refusals(u_char *p, ngx_http_cost_metrics_slot_t *sum)
{
    ngx_uint_t  i;

    p = ngx_http_cost_metrics_family(p, "cost_key_refusals_total", "counter",
                                     "Requests that were refused, by why.");

    /* the first is none */

    for (i = 1; i < NGX_HTTP_COST_KEY_REASONS; i++) {
        p = ngx_sprintf(p, "cost_key_refusals_total{reason=\"%V\"} %uL\n",
                        ngx_http_cost_key_reason(i), sum->refused[i]);
    }

    return p;
}


static u_char *
ngx_http_cost_metrics_zones(u_char *p, ngx_uint_t zones)
{
    u_char                              *value;
    ngx_str_t                            name;
    ngx_uint_t                           i;
    ngx_http_cost_key_counts_t           counts;
    const ngx_http_cost_metrics_zone_t  *row;

    for (row = ngx_http_cost_metrics_zone; row->name && zones; row++) {

        p = ngx_http_cost_metrics_family(p, row->name, row->gauge ? "gauge"
                                                                  : "counter",
                                         row->help);

        for (i = 0; i < zones; i++) {
            ngx_http_cost_key_zone_counts(i, &name, &counts);

            value = (u_char *) &counts + row->offset;

            p = ngx_sprintf(p, "%s{zone=\"%V\"} %ui\n", row->name, &name,
                            *(ngx_uint_t *) value);
        }
    }

    return p;
}
