
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The directives of sync, and its clock:
 *
 *     cost_sync   [jobs=2] [time=2h] [file=4g] [unpacked=64g]
 *                 [rows=500000000];
 *     cost_fetch;
 *
 * A module of its own beside the timer's, whose lead and requests it uses:
 * "cost_timer on" is what makes it work.
 */


#include "timer/ngx_http_cost_timer_sync.h"


#define NGX_HTTP_COST_TIMER_SYNC_TICK  1000  /* ms */


static void ngx_http_cost_timer_sync_clock_tick(ngx_event_t *ev);
static void ngx_http_cost_timer_sync_notify(void *data, ngx_str_t *payload);
static void ngx_http_cost_timer_sync_up(void *data, ngx_uint_t up);
static void ngx_http_cost_timer_sync_alive(void *data);

static char *ngx_http_cost_timer_sync_directive(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static ngx_int_t ngx_http_cost_timer_sync_argument(
    ngx_http_cost_timer_sync_conf_t *smcf, ngx_str_t *argument);
static char *ngx_http_cost_timer_sync_location(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static void *ngx_http_cost_timer_sync_create_main_conf(ngx_conf_t *cf);
static ngx_int_t ngx_http_cost_timer_sync_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_cost_timer_sync_init_process(ngx_cycle_t *cycle);


static ngx_command_t  ngx_http_cost_timer_sync_commands[] = {

    { ngx_string("cost_sync"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_http_cost_timer_sync_directive,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("cost_fetch"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_cost_timer_sync_location,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_cost_timer_sync_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_cost_timer_sync_init,         /* postconfiguration */

    ngx_http_cost_timer_sync_create_main_conf,  /* create main conf */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_cost_timer_sync_module = {
    NGX_MODULE_V1,
    &ngx_http_cost_timer_sync_module_ctx,  /* module context */
    ngx_http_cost_timer_sync_commands,     /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_cost_timer_sync_init_process, /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static void
ngx_http_cost_timer_sync_clock_tick(ngx_event_t *ev)
{
    ngx_connection_t                 *c;
    ngx_http_cost_timer_sync_conf_t  *smcf;

    if (ngx_terminate || ngx_exiting) {
        return;
    }

    c = ev->data;
    smcf = c->data;

    ngx_add_timer(ev, NGX_HTTP_COST_TIMER_SYNC_TICK);

    ngx_http_cost_timer_sync_tick(smcf->sync);
}


/* the listener, in worker 0: there is a new job */

static void
ngx_http_cost_timer_sync_notify(void *data, ngx_str_t *payload)
{
    ngx_http_cost_timer_sync_conf_t *smcf = data;

    if (smcf->sync) {
        ngx_http_cost_timer_sync_tick(smcf->sync);
    }
}


static void
ngx_http_cost_timer_sync_up(void *data, ngx_uint_t up)
{
    /* void: the clock looks by itself */
}


static void
ngx_http_cost_timer_sync_alive(void *data)
{
    /* void */
}


static void *
ngx_http_cost_timer_sync_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_cost_timer_sync_conf_t  *smcf;

    smcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_timer_sync_conf_t));
    if (smcf == NULL) {
        return NULL;
    }

    smcf->jobs = 2;
    smcf->time = 2 * 3600 * 1000;
    smcf->file = (off_t) 4 * 1024 * 1024 * 1024;
    smcf->unpacked = (off_t) 64 * 1024 * 1024 * 1024;
    smcf->rows = 500000000;

    return smcf;
}


static char *
ngx_http_cost_timer_sync_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_cost_timer_sync_conf_t *smcf = conf;

    ngx_str_t   *value;
    ngx_uint_t   i;

    if (smcf->set) {
        return "is duplicate";
    }

    smcf->set = 1;
    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_http_cost_timer_sync_argument(smcf, &value[i]) != NGX_OK) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\"", &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_cost_timer_sync_argument(ngx_http_cost_timer_sync_conf_t *smcf,
    ngx_str_t *argument)
{
    u_char     *p;
    off_t       n;
    ngx_str_t   name, value;

    p = ngx_strlchr(argument->data, argument->data + argument->len, '=');

    if (p == NULL) {
        return NGX_ERROR;
    }

    name.data = argument->data;
    name.len = p - argument->data;
    value.data = p + 1;
    value.len = argument->data + argument->len - value.data;

#define ngx_http_cost_timer_sync_is(s)                                        \
    (name.len == sizeof(s) - 1 && ngx_strncmp(name.data, s, name.len) == 0)

    if (ngx_http_cost_timer_sync_is("jobs")) {
        n = ngx_atoi(value.data, value.len);
        smcf->jobs = n;

        return (n >= 1 && n <= 4) ? NGX_OK : NGX_ERROR;
    }

    if (ngx_http_cost_timer_sync_is("time")) {
        n = ngx_parse_time(&value, 0);
        smcf->time = n;

        return (n >= 1000 && n <= 86400 * 1000) ? NGX_OK : NGX_ERROR;
    }

    n = ngx_parse_offset(&value);

    if (n < 1) {
        return NGX_ERROR;
    }

    if (ngx_http_cost_timer_sync_is("file")) {
        smcf->file = n;

    } else if (ngx_http_cost_timer_sync_is("unpacked")) {
        smcf->unpacked = n;

    } else if (ngx_http_cost_timer_sync_is("rows")) {
        smcf->rows = n;

    } else {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static char *
ngx_http_cost_timer_sync_location(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_cost_timer_sync_conf_t *smcf = conf;

    return ngx_http_cost_timer_location(cf, &smcf->fetch);
}


static ngx_int_t
ngx_http_cost_timer_sync_init(ngx_conf_t *cf)
{
    ngx_http_cost_pg_listen_t        *listen;
    ngx_http_cost_timer_sync_conf_t  *smcf;

    smcf = ngx_http_conf_get_module_main_conf(cf,
                                              ngx_http_cost_timer_sync_module);
    smcf->tmcf = ngx_http_conf_get_module_main_conf(cf,
                                                   ngx_http_cost_timer_module);
    smcf->wmcf = ngx_http_conf_get_module_main_conf(cf,
                                                 ngx_http_cost_webhook_module);

    if (smcf->tmcf->on != 1) {
        return NGX_OK;
    }

    listen = &smcf->listen;

    ngx_str_set(&listen->channel, "cost_sync");
    listen->notify = ngx_http_cost_timer_sync_notify;
    listen->up = ngx_http_cost_timer_sync_up;
    listen->alive = ngx_http_cost_timer_sync_alive;
    listen->data = smcf;

    if (ngx_http_cost_pg_listen(cf, listen) != NGX_OK) {
        return NGX_ERROR;
    }

    if (smcf->fetch.clcf == NULL) {
        return NGX_OK;
    }

    if (!smcf->fetch.clcf->internal) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "location \"%V\" with \"cost_fetch\" must be "
                           "\"internal\"", &smcf->fetch.name);
        return NGX_ERROR;
    }

    return ngx_http_cost_timer_fake_filters(cf);
}


static ngx_int_t
ngx_http_cost_timer_sync_init_process(ngx_cycle_t *cycle)
{
    ngx_http_cost_timer_sync_conf_t  *smcf;

    smcf = ngx_http_cycle_get_module_main_conf(cycle,
                                              ngx_http_cost_timer_sync_module);

    if (smcf == NULL || smcf->tmcf->on != 1
        || (ngx_process != NGX_PROCESS_SINGLE
            && (ngx_process != NGX_PROCESS_WORKER || ngx_worker != 0)))
    {
        return NGX_OK;
    }

    smcf->sync = ngx_http_cost_timer_sync_create(cycle, smcf);

    if (smcf->sync == NULL) {
        return NGX_ERROR;
    }

    smcf->connection.fd = (ngx_socket_t) -1;
    smcf->connection.data = smcf;

    smcf->tick.handler = ngx_http_cost_timer_sync_clock_tick;
    smcf->tick.data = &smcf->connection;
    smcf->tick.log = cycle->log;
    smcf->tick.cancelable = 1;

    ngx_add_timer(&smcf->tick, 1 + ngx_random()
                                   % NGX_HTTP_COST_TIMER_SYNC_TICK);

    return NGX_OK;
}
