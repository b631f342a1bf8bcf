
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The module: cost_database, and what every worker has because of it.  Without
 * the directive there is no connection, no timer and no memory.
 *
 * Syntax:   cost_database conninfo [parameter=value ...];
 * Default:  -
 * Context:  http
 *
 * "conninfo" is what libpq takes: "host=... dbname=..." or a postgresql://
 * URI, or "env:NAME" for a variable of the environment nginx is started with,
 * or "file:path" for a file that holds it.  Several hosts may be given, with
 * target_session_attrs; their names are resolved when nginx reads its
 * configuration, unless hostaddr is given too.
 *
 *     pool=N             connections per worker; as many as make one per core
 *                        in all workers together
 *     depth=8            queries under way on one of them
 *     queue=4096         queries that wait for them, in each lane
 *     timeout=5s         from submitting a query to its answer
 *     slow=1             connections per worker for slow statements
 *     slow_timeout=60s
 *     copy_timeout=10m   for each step of a load
 *     connect_timeout=2s
 *     grace=300ms        how long queries wait for a connection while there is
 *                        none
 */


#include "ngx_http_cost_pg_private.h"


typedef struct {
    ngx_str_t    name;
    ngx_uint_t   offset;
    ngx_uint_t   time;
    ngx_int_t    min;
    ngx_int_t    max;
} ngx_http_cost_pg_param_t;


static void *ngx_http_cost_pg_create_main_conf(ngx_conf_t *cf);
static char *ngx_http_cost_pg_init_main_conf(ngx_conf_t *cf, void *conf);
static char *ngx_http_cost_pg_database(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_cost_pg_param(ngx_conf_t *cf,
    ngx_http_cost_pg_main_conf_t *pmcf, ngx_str_t *value);
static ngx_int_t ngx_http_cost_pg_init_process(ngx_cycle_t *cycle);
static void ngx_http_cost_pg_exit_process(ngx_cycle_t *cycle);


#define ngx_http_cost_pg_offset(field)                                        \
    offsetof(ngx_http_cost_pg_main_conf_t, field)


static ngx_http_cost_pg_param_t  ngx_http_cost_pg_params[] = {

    { ngx_string("pool="), ngx_http_cost_pg_offset(pool), 0, 1, 64 },

    { ngx_string("depth="), ngx_http_cost_pg_offset(depth), 0, 1, 64 },

    { ngx_string("queue="), ngx_http_cost_pg_offset(queue), 0, 1, 1000000 },

    { ngx_string("slow="), ngx_http_cost_pg_offset(slow), 0, 1, 64 },

    { ngx_string("timeout="), ngx_http_cost_pg_offset(timeout), 1,
      20, 3600000 },

    { ngx_string("slow_timeout="), ngx_http_cost_pg_offset(slow_timeout), 1,
      20, 86400000 },

    { ngx_string("copy_timeout="), ngx_http_cost_pg_offset(copy_timeout), 1,
      20, 86400000 },

    { ngx_string("connect_timeout="), ngx_http_cost_pg_offset(connect_timeout),
      1, 20, 3600000 },

    { ngx_string("grace="), ngx_http_cost_pg_offset(grace), 1, 0, 10000 },

    { ngx_null_string, 0, 0, 0, 0 }
};


static ngx_command_t  ngx_http_cost_pg_commands[] = {

    { ngx_string("cost_database"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_http_cost_pg_database,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_cost_pg_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    ngx_http_cost_pg_create_main_conf,     /* create main configuration */
    ngx_http_cost_pg_init_main_conf,       /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_cost_pg_module = {
    NGX_MODULE_V1,
    &ngx_http_cost_pg_module_ctx,          /* module context */
    ngx_http_cost_pg_commands,             /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_cost_pg_init_process,         /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_cost_pg_exit_process,         /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


ngx_http_cost_pg_worker_t *
ngx_http_cost_pg_worker(void)
{
    ngx_http_cost_pg_main_conf_t  *pmcf;

    pmcf = ngx_http_cycle_get_module_main_conf(ngx_cycle,
                                               ngx_http_cost_pg_module);

    return pmcf ? pmcf->worker : NULL;
}


void
ngx_http_cost_pg_status(ngx_http_cost_pg_status_t *status)
{
    ngx_http_cost_pg_lane_t    *fast, *slow;
    ngx_http_cost_pg_worker_t  *worker;

    ngx_memzero(status, sizeof(ngx_http_cost_pg_status_t));

    worker = ngx_http_cost_pg_worker();

    if (worker == NULL) {
        return;
    }

    fast = &worker->lanes[NGX_HTTP_COST_PG_FAST];
    slow = &worker->lanes[NGX_HTTP_COST_PG_SLOW];

    status->connections = fast->nslots;
    status->ready = ngx_http_cost_pg_lane_ready(fast);
    status->slow = slow->nslots;
    status->slow_ready = ngx_http_cost_pg_lane_ready(slow);
    status->in_flight = ngx_http_cost_pg_lane_in_flight(fast)
                        + ngx_http_cost_pg_lane_in_flight(slow);
    status->waiting = fast->nwaiting + slow->nwaiting;
    status->loads = worker->ncopies;
    status->listening = ngx_http_cost_pg_listening(worker->listener);
    status->queries = worker->queries;
    status->failed = worker->failed;
    status->cancelled = worker->cancelled;
    status->connects = worker->connects;
}


ngx_uint_t
ngx_http_cost_pg_configured(ngx_conf_t *cf)
{
    ngx_http_cost_pg_main_conf_t  *pmcf;

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cost_pg_module);

    return pmcf->configured;
}


static void *
ngx_http_cost_pg_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_cost_pg_main_conf_t  *pmcf;

    pmcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_pg_main_conf_t));
    if (pmcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     pmcf->configured = 0;
     *     pmcf->nkeywords = 0;
     *     pmcf->orders = NULL;
     *     pmcf->worker = NULL;
     */

    pmcf->pool = NGX_CONF_UNSET;
    pmcf->slow = NGX_CONF_UNSET;
    pmcf->depth = NGX_CONF_UNSET;
    pmcf->queue = NGX_CONF_UNSET;
    pmcf->timeout = NGX_CONF_UNSET_MSEC;
    pmcf->slow_timeout = NGX_CONF_UNSET_MSEC;
    pmcf->copy_timeout = NGX_CONF_UNSET_MSEC;
    pmcf->connect_timeout = NGX_CONF_UNSET_MSEC;
    pmcf->grace = NGX_CONF_UNSET_MSEC;

    if (ngx_array_init(&pmcf->listens, cf->pool, 2,
                       sizeof(ngx_http_cost_pg_listen_t *))
        != NGX_OK)
    {
        return NULL;
    }

    return pmcf;
}


static char *
ngx_http_cost_pg_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_http_cost_pg_main_conf_t  *pmcf = conf;

    /* the default of "pool" needs the number of workers, which may follow */

    ngx_conf_init_value(pmcf->slow, 1);
    ngx_conf_init_value(pmcf->depth, 8);
    ngx_conf_init_value(pmcf->queue, 4096);
    ngx_conf_init_msec_value(pmcf->timeout, 5000);
    ngx_conf_init_msec_value(pmcf->slow_timeout, 60000);
    ngx_conf_init_msec_value(pmcf->copy_timeout, 600000);
    ngx_conf_init_msec_value(pmcf->connect_timeout, 2000);
    ngx_conf_init_msec_value(pmcf->grace, 300);

    return NGX_CONF_OK;
}


static char *
ngx_http_cost_pg_database(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_cost_pg_main_conf_t  *pmcf = conf;

    char        *rc;
    ngx_str_t   *value;
    ngx_uint_t   i;

    if (pmcf->configured) {
        return "is duplicate";
    }

    pmcf->configured = 1;

    value = cf->args->elts;

    for (i = 2; i < cf->args->nelts; i++) {
        rc = ngx_http_cost_pg_param(cf, pmcf, &value[i]);

        if (rc != NGX_CONF_OK) {
            return rc;
        }
    }

    return ngx_http_cost_pg_conninfo(cf, pmcf, &value[1]);
}


static char *
ngx_http_cost_pg_param(ngx_conf_t *cf, ngx_http_cost_pg_main_conf_t *pmcf,
    ngx_str_t *value)
{
    ngx_int_t                  n, *field;
    ngx_str_t                  s;
    ngx_http_cost_pg_param_t  *param;

    for (param = ngx_http_cost_pg_params; param->name.len; param++) {

        if (value->len <= param->name.len
            || ngx_strncmp(value->data, param->name.data, param->name.len)
               != 0)
        {
            continue;
        }

        s.data = value->data + param->name.len;
        s.len = value->len - param->name.len;

        n = param->time ? ngx_parse_time(&s, 0) : ngx_atoi(s.data, s.len);

        if (n == NGX_ERROR || n < param->min || n > param->max) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "cost_database: invalid value \"%V\", "
                               "it must be between %i%s and %i%s", value,
                               param->min, param->time ? "ms" : "",
                               param->max, param->time ? "ms" : "");
            return NGX_CONF_ERROR;
        }

        /* an ngx_msec_t has the size of an ngx_int_t */

        field = (ngx_int_t *) ((u_char *) pmcf + param->offset);

        if (*field != NGX_CONF_UNSET) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "cost_database: duplicate parameter \"%V\"",
                               value);
            return NGX_CONF_ERROR;
        }

        *field = n;

        return NGX_CONF_OK;
    }

    /* it may be a piece of an unquoted conninfo: the name is enough */

    for (n = 0; (size_t) n < value->len && value->data[n] != '='; n++) {
        /* void */
    }

    s.data = value->data;
    s.len = ((size_t) n < value->len) ? (size_t) n : 0;

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "cost_database: unknown parameter \"%V\"; "
                       "is the connection string in quotes?", &s);

    return NGX_CONF_ERROR;
}


static ngx_int_t
ngx_http_cost_pg_init_process(ngx_cycle_t *cycle)
{
    ngx_int_t                      workers;
    ngx_core_conf_t               *ccf;
    ngx_http_cost_pg_worker_t     *worker;
    ngx_http_cost_pg_main_conf_t  *pmcf;

    pmcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_cost_pg_module);

    if (pmcf == NULL || !pmcf->configured
        || (ngx_process != NGX_PROCESS_WORKER
            && ngx_process != NGX_PROCESS_SINGLE))
    {
        return NGX_OK;
    }

    if (pmcf->pool == NGX_CONF_UNSET) {
        ccf = (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx,
                                               ngx_core_module);
        workers = ngx_max(ccf->worker_processes, 1);
        pmcf->pool = ngx_max((ngx_ncpu + workers - 1) / workers, 1);
    }

    /* nginx has initialized OpenSSL */
    PQinitOpenSSL(0, 0);

    worker = ngx_pcalloc(cycle->pool, sizeof(ngx_http_cost_pg_worker_t));
    if (worker == NULL) {
        return NGX_ERROR;
    }

    worker->pool = ngx_create_pool(4096, cycle->log);
    if (worker->pool == NULL) {
        return NGX_ERROR;
    }

    worker->ident.fd = (ngx_socket_t) -1;
    worker->conf = pmcf;
    worker->log = cycle->log;

    ngx_queue_init(&worker->copies);
    ngx_queue_init(&worker->answered);

    worker->deliver.handler = ngx_http_cost_pg_deliver;
    worker->deliver.data = worker;
    worker->deliver.log = cycle->log;

    if (ngx_http_cost_pg_lane_init(worker, NGX_HTTP_COST_PG_KIND_FAST)
        != NGX_OK
        || ngx_http_cost_pg_lane_init(worker, NGX_HTTP_COST_PG_KIND_SLOW)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    pmcf->worker = worker;

    ngx_http_cost_pg_lane_start(&worker->lanes[NGX_HTTP_COST_PG_FAST]);

    if (pmcf->listens.nelts
        && (ngx_process == NGX_PROCESS_SINGLE || ngx_worker == 0))
    {
        return ngx_http_cost_pg_listener_start(worker);
    }

    return NGX_OK;
}


static void
ngx_http_cost_pg_exit_process(ngx_cycle_t *cycle)
{
    ngx_queue_t                   *q;
    ngx_http_cost_pg_query_t      *query;
    ngx_http_cost_pg_worker_t     *worker;
    ngx_http_cost_pg_main_conf_t  *pmcf;

    pmcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_cost_pg_module);

    if (pmcf == NULL || pmcf->worker == NULL) {
        return;
    }

    worker = pmcf->worker;
    pmcf->worker = NULL;

    ngx_http_cost_pg_lane_exit(&worker->lanes[NGX_HTTP_COST_PG_FAST]);
    ngx_http_cost_pg_lane_exit(&worker->lanes[NGX_HTTP_COST_PG_SLOW]);

    if (worker->listener) {
        ngx_http_cost_pg_listener_exit(worker->listener);
    }

    ngx_http_cost_pg_copy_exit(worker);

    while (!ngx_queue_empty(&worker->answered)) {
        q = ngx_queue_head(&worker->answered);
        query = ngx_queue_data(q, ngx_http_cost_pg_query_t, queue);

        ngx_queue_remove(q);
        ngx_http_cost_pg_query_free(query);
    }

    if (worker->deliver.timer_set) {
        ngx_del_timer(&worker->deliver);
    }

    ngx_destroy_pool(worker->pool);
}
