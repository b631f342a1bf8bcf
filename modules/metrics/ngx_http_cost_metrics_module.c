
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * cost_metrics: a location that answers what Prometheus asks.  Without one
 * there is no zone, no timer and no handler.
 */


#include "metrics/ngx_http_cost_metrics.h"


#define NGX_HTTP_COST_METRICS_CARRY  1000    /* ms */


static ngx_int_t ngx_http_cost_metrics_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_cost_metrics_log_handler(ngx_http_request_t *r);
static ngx_uint_t ngx_http_cost_metrics_route(
    ngx_http_cost_metrics_main_conf_t *mmcf, ngx_http_request_t *r);
static void ngx_http_cost_metrics_timer(ngx_event_t *ev);
static void ngx_http_cost_metrics_carry(
    ngx_http_cost_metrics_main_conf_t *mmcf);
static void ngx_http_cost_metrics_counters(uint64_t *n, uint64_t *gauges);

static void *ngx_http_cost_metrics_create_main_conf(ngx_conf_t *cf);
static char *ngx_http_cost_metrics(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_cost_metrics_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_cost_metrics_init_zone(ngx_shm_zone_t *shm_zone,
    void *data);
static ngx_int_t ngx_http_cost_metrics_init_process(ngx_cycle_t *cycle);
static ngx_http_cost_metrics_slot_t *ngx_http_cost_metrics_claim(
    ngx_http_cost_metrics_main_conf_t *mmcf);
static void ngx_http_cost_metrics_exit_process(ngx_cycle_t *cycle);


static ngx_command_t  ngx_http_cost_metrics_commands[] = {

    { ngx_string("cost_metrics"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_cost_metrics,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_cost_metrics_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_cost_metrics_init,            /* postconfiguration */

    ngx_http_cost_metrics_create_main_conf,    /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_cost_metrics_module = {
    NGX_MODULE_V1,
    &ngx_http_cost_metrics_module_ctx,     /* module context */
    ngx_http_cost_metrics_commands,        /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_cost_metrics_init_process,    /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_cost_metrics_exit_process,    /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


/* what is most frequent comes first */

const ngx_uint_t
    ngx_http_cost_metrics_statuses[NGX_HTTP_COST_METRICS_STATUSES - 1] =
{
    200, 304, 429, 401, 400, 404, 201, 202, 403, 503, 405, 409, 204, 413, 500,
    499, 414
};

const ngx_uint_t
    ngx_http_cost_metrics_bounds[NGX_HTTP_COST_METRICS_BUCKETS - 1] =
{
    1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000
};


static ngx_str_t  ngx_http_cost_metrics_name = ngx_string("cost_metrics");


static ngx_int_t
ngx_http_cost_metrics_handler(ngx_http_request_t *r)
{
    ngx_int_t                           rc;
    ngx_str_t                           text;
    ngx_buf_t                          *b;
    ngx_chain_t                         out;
    ngx_http_cost_metrics_main_conf_t  *mmcf;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    mmcf = ngx_http_get_module_main_conf(r, ngx_http_cost_metrics_module);

    ngx_http_cost_metrics_carry(mmcf);

    if (ngx_http_cost_metrics_write(r, mmcf, &text) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = text.len;

    ngx_str_set(&r->headers_out.content_type,
                "text/plain; version=0.0.4; charset=utf-8");
    r->headers_out.content_type_len = sizeof("text/plain") - 1;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->memory = 1;
    b->pos = text.data;
    b->last = text.data + text.len;
    b->last_buf = (r == r->main) ? 1 : 0;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


static ngx_int_t
ngx_http_cost_metrics_log_handler(ngx_http_request_t *r)
{
    ngx_uint_t                          i, route, status;
    ngx_msec_int_t                      ms;
    ngx_http_cost_metrics_slot_t       *slot;
    ngx_http_cost_metrics_main_conf_t  *mmcf;

    mmcf = ngx_http_get_module_main_conf(r, ngx_http_cost_metrics_module);
    slot = mmcf->slot;

    if (slot == NULL) {
        return NGX_OK;
    }

    route = ngx_http_cost_metrics_route(mmcf, r);

    if (route == mmcf->routes) {
        return NGX_OK;
    }

    status = r->err_status ? r->err_status : r->headers_out.status;

    for (i = 0; i < NGX_HTTP_COST_METRICS_STATUSES - 1; i++) {
        if (ngx_http_cost_metrics_statuses[i] == status) {
            break;
        }
    }

    slot->requests[route * NGX_HTTP_COST_METRICS_STATUSES + i]++;

    ms = (ngx_msec_int_t) ((ngx_cached_time->sec - r->start_sec) * 1000
                           + (ngx_msec_int_t) ngx_cached_time->msec
                           - (ngx_msec_int_t) r->start_msec);
    ms = ngx_max(ms, 0);

    for (i = 0; i < NGX_HTTP_COST_METRICS_BUCKETS - 1; i++) {
        if ((ngx_uint_t) ms <= ngx_http_cost_metrics_bounds[i]) {
            break;
        }
    }

    slot->durations[i]++;
    slot->milliseconds += ms;

    return NGX_OK;
}


/* those of api/, then calculate's two; mmcf->routes: a request of others */

static ngx_uint_t
ngx_http_cost_metrics_route(ngx_http_cost_metrics_main_conf_t *mmcf,
    ngx_http_request_t *r)
{
    ngx_int_t  route;

    route = ngx_http_cost_api_route_of(r);

    if (route != NGX_DECLINED) {
        return route;
    }

    switch (ngx_http_cost_calculate_of(r)) {

    case NGX_HTTP_COST_CALCULATE_GRAPH:
        return mmcf->routes - 2;

    case NGX_HTTP_COST_CALCULATE_SERVICES:
        return mmcf->routes - 1;

    case NGX_HTTP_COST_CALCULATE_NOTHING:
    default:
        return mmcf->routes;
    }
}


static void
ngx_http_cost_metrics_timer(ngx_event_t *ev)
{
    ngx_connection_t                   *c;
    ngx_http_cost_metrics_main_conf_t  *mmcf;

    c = ev->data;
    mmcf = c->data;

    if (ngx_exiting || ngx_terminate) {
        return;
    }

    ngx_add_timer(ev, NGX_HTTP_COST_METRICS_CARRY);

    ngx_http_cost_metrics_carry(mmcf);
}


static void
ngx_http_cost_metrics_carry(ngx_http_cost_metrics_main_conf_t *mmcf)
{
    uint64_t                       n[NGX_HTTP_COST_METRICS_COUNTERS];
    ngx_uint_t                     i;
    const ngx_uint_t              *refused;
    ngx_http_cost_metrics_slot_t  *slot;

    slot = mmcf->slot;

    if (slot == NULL) {
        return;
    }

    ngx_http_cost_metrics_counters(n, slot->gauges);

    /* of a room that has shut down there is nothing left to carry over */

    for (i = 0; i < NGX_HTTP_COST_METRICS_COUNTERS; i++) {
        if (n[i] > mmcf->counted[i]) {
            slot->counters[i] += n[i] - mmcf->counted[i];
            mmcf->counted[i] = n[i];
        }
    }

    refused = ngx_http_cost_key_refusals();

    for (i = 0; i < NGX_HTTP_COST_KEY_REASONS; i++) {
        slot->refused[i] += refused[i] - mmcf->refused[i];
        mmcf->refused[i] = refused[i];
    }
}


static void
ngx_http_cost_metrics_counters(uint64_t *n, uint64_t *gauges)
{
    ngx_http_cost_pg_status_t         pg;
    ngx_http_cost_api_counts_t        api;
    ngx_http_cost_timer_status_t     *timer;
    ngx_http_cost_timer_main_conf_t  *tmcf;

    ngx_http_cost_pg_status(&pg);
    ngx_http_cost_api_counts(&api);

    tmcf = ngx_http_cycle_get_module_main_conf(ngx_cycle,
                                               ngx_http_cost_timer_module);
    timer = &tmcf->status;

    n[NGX_HTTP_COST_METRICS_PG_QUERIES] = pg.queries;
    n[NGX_HTTP_COST_METRICS_PG_FAILED] = pg.failed;
    n[NGX_HTTP_COST_METRICS_PG_CANCELLED] = pg.cancelled;
    n[NGX_HTTP_COST_METRICS_PG_CONNECTS] = pg.connects;
    n[NGX_HTTP_COST_METRICS_CACHE_HITS] = api.hits;
    n[NGX_HTTP_COST_METRICS_CACHE_MISSES] = api.misses;
    n[NGX_HTTP_COST_METRICS_CACHE_WAITS] = api.waits;
    n[NGX_HTTP_COST_METRICS_CACHE_STALE] = api.stale;
    n[NGX_HTTP_COST_METRICS_CACHE_EVICTED] = api.evicted;
    n[NGX_HTTP_COST_METRICS_DATA_HEARD] = api.heard;
    n[NGX_HTTP_COST_METRICS_TICKS] = timer->ticks;
    n[NGX_HTTP_COST_METRICS_TICKS_LATE] = timer->late;
    n[NGX_HTTP_COST_METRICS_TICKS_OVERRUN] = timer->overrun;
    n[NGX_HTTP_COST_METRICS_CLAIMED] = timer->claimed;
    n[NGX_HTTP_COST_METRICS_DELIVERED] = timer->delivered;
    n[NGX_HTTP_COST_METRICS_UNDELIVERED] = timer->failed;
    n[NGX_HTTP_COST_METRICS_SEARCHED] = timer->searched;
    n[NGX_HTTP_COST_METRICS_ANOMALIES] = timer->anomalies;

    gauges[NGX_HTTP_COST_METRICS_WORKERS] = 1;
    gauges[NGX_HTTP_COST_METRICS_PG_FAST] = pg.connections;
    gauges[NGX_HTTP_COST_METRICS_PG_SLOW] = pg.slow;
    gauges[NGX_HTTP_COST_METRICS_PG_FAST_READY] = pg.ready;
    gauges[NGX_HTTP_COST_METRICS_PG_SLOW_READY] = pg.slow_ready;
    gauges[NGX_HTTP_COST_METRICS_PG_IN_FLIGHT] = pg.in_flight;
    gauges[NGX_HTTP_COST_METRICS_PG_WAITING] = pg.waiting;
    gauges[NGX_HTTP_COST_METRICS_PG_LOADS] = pg.loads;
    gauges[NGX_HTTP_COST_METRICS_PG_LISTENING] = pg.listening;
    gauges[NGX_HTTP_COST_METRICS_SENDING] = timer->in_flight;
    gauges[NGX_HTTP_COST_METRICS_LEADS] = timer->leads;
}


static void *
ngx_http_cost_metrics_create_main_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_metrics_main_conf_t));
}


static char *
ngx_http_cost_metrics(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_cost_metrics_main_conf_t *mmcf = conf;

    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler) {
        return clcf->handler == ngx_http_cost_metrics_handler
               ? "is duplicate"
               : "conflicts with another handler of the location";
    }

    clcf->handler = ngx_http_cost_metrics_handler;
    mmcf->used = 1;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_cost_metrics_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt                *h;
    ngx_http_core_main_conf_t          *cmcf;
    ngx_http_cost_metrics_main_conf_t  *mmcf;

    mmcf = ngx_http_conf_get_module_main_conf(cf,
                                              ngx_http_cost_metrics_module);

    if (!mmcf->used) {
        return NGX_OK;
    }

    mmcf->routes = ngx_http_cost_api_routes() + 2;
    mmcf->size = offsetof(ngx_http_cost_metrics_slot_t, requests)
                 + mmcf->routes * NGX_HTTP_COST_METRICS_STATUSES
                   * sizeof(uint64_t);

    /* no two workers' words in one line of a cache */

    mmcf->size = ngx_align(mmcf->size, NGX_CPU_CACHE_LINE);

    mmcf->shm_zone = ngx_shared_memory_add(cf, &ngx_http_cost_metrics_name,
                         NGX_HTTP_COST_METRICS_SLOTS * mmcf->size
                         + 16 * ngx_pagesize,
                         &ngx_http_cost_metrics_module);
    if (mmcf->shm_zone == NULL) {
        return NGX_ERROR;
    }

    mmcf->shm_zone->init = ngx_http_cost_metrics_init_zone;
    mmcf->shm_zone->data = mmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_cost_metrics_log_handler;

    return NGX_OK;
}


/* the zone is of one size as long as its slots are: a reload keeps it */

static ngx_int_t
ngx_http_cost_metrics_init_zone(ngx_shm_zone_t *shm_zone, void *data)
{
    void                               *slots;
    ngx_slab_pool_t                    *shpool;
    ngx_http_cost_metrics_main_conf_t  *mmcf;

    mmcf = shm_zone->data;

    if (data) {
        shm_zone->data = data;
        return NGX_OK;
    }

    shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    slots = ngx_slab_calloc(shpool, NGX_HTTP_COST_METRICS_SLOTS * mmcf->size);
    if (slots == NULL) {
        return NGX_ERROR;
    }

    shm_zone->data = slots;

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_metrics_init_process(ngx_cycle_t *cycle)
{
    ngx_http_cost_metrics_main_conf_t  *mmcf;

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    mmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_cost_metrics_module);

    if (mmcf == NULL || !mmcf->used) {
        return NGX_OK;
    }

    mmcf->slot = ngx_http_cost_metrics_claim(mmcf);

    if (mmcf->slot == NULL) {
        ngx_log_error(NGX_LOG_ERR, cycle->log, 0,
                      "cost metrics: there are more than %d workers; this "
                      "one counts nothing", NGX_HTTP_COST_METRICS_SLOTS);
        return NGX_OK;
    }

    mmcf->connection.fd = (ngx_socket_t) -1;
    mmcf->connection.data = mmcf;

    mmcf->carry.handler = ngx_http_cost_metrics_timer;
    mmcf->carry.data = &mmcf->connection;
    mmcf->carry.log = cycle->log;
    mmcf->carry.cancelable = 1;

    ngx_add_timer(&mmcf->carry, NGX_HTTP_COST_METRICS_CARRY);

    return NGX_OK;
}


/* one that nobody has, or whose worker has died */

static ngx_http_cost_metrics_slot_t *
ngx_http_cost_metrics_claim(ngx_http_cost_metrics_main_conf_t *mmcf)
{
    ngx_uint_t                     i;
    ngx_slab_pool_t               *shpool;
    ngx_http_cost_metrics_slot_t  *slot;

    shpool = (ngx_slab_pool_t *) mmcf->shm_zone->shm.addr;

    slot = NULL;

    ngx_shmtx_lock(&shpool->mutex);

    for (i = 0; i < NGX_HTTP_COST_METRICS_SLOTS; i++) {
        slot = ngx_http_cost_metrics_slot(mmcf, i);

        if (slot->pid == 0
            || (kill(slot->pid, 0) == -1 && ngx_errno == NGX_ESRCH))
        {
            slot->pid = ngx_pid;
            ngx_memzero(slot->gauges, sizeof(slot->gauges));
            slot->gauges[NGX_HTTP_COST_METRICS_WORKERS] = 1;
            break;
        }

        slot = NULL;
    }

    ngx_shmtx_unlock(&shpool->mutex);

    return slot;
}


static void
ngx_http_cost_metrics_exit_process(ngx_cycle_t *cycle)
{
    ngx_slab_pool_t                    *shpool;
    ngx_http_cost_metrics_main_conf_t  *mmcf;

    mmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_cost_metrics_module);

    if (mmcf == NULL || mmcf->slot == NULL) {
        return;
    }

    ngx_http_cost_metrics_carry(mmcf);

    shpool = (ngx_slab_pool_t *) mmcf->shm_zone->shm.addr;

    ngx_shmtx_lock(&shpool->mutex);

    ngx_memzero(mmcf->slot->gauges, sizeof(mmcf->slot->gauges));
    mmcf->slot->pid = 0;

    ngx_shmtx_unlock(&shpool->mutex);

    mmcf->slot = NULL;
}
