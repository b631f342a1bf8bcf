
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The directives of timer/, and the variables of the location that delivers:
 *
 *     cost_timer    on | off [period=1s] [timeout=15s] [in_flight=256]
 *                   [per_endpoint=8] [patience=3d] [keep=30d]
 *                   [evaluate=60s];
 *     cost_webhook;
 *
 * (cost_smtp and cost_slack: ngx_http_cost_timer_smtp_conf.c.)
 *
 * The clock runs in worker 0 of every node that has "cost_timer on".  Without
 * it there is no timer, no connection and no memory.
 */


#include "timer/ngx_http_cost_timer.h"


#define NGX_HTTP_COST_TIMER_URL   0
#define NGX_HTTP_COST_TIMER_HOST  1
#define NGX_HTTP_COST_TIMER_NAME  2

/* is there any location that delivers? */
#define ngx_http_cost_timer_delivers(tmcf)                                    \
    ((tmcf)->webhook.clcf || (tmcf)->email.clcf || (tmcf)->slack.clcf)


static ngx_int_t ngx_http_cost_timer_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static void ngx_http_cost_timer_notify(void *data, ngx_str_t *payload);
static void ngx_http_cost_timer_up(void *data, ngx_uint_t up);
static void ngx_http_cost_timer_alive(void *data);

static char *ngx_http_cost_timer_directive(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_cost_timer_argument(ngx_conf_t *cf,
    ngx_http_cost_timer_main_conf_t *tmcf, ngx_str_t *argument);
static char *ngx_http_cost_timer_webhook(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static void *ngx_http_cost_timer_create_main_conf(ngx_conf_t *cf);
static ngx_int_t ngx_http_cost_timer_add_variables(ngx_conf_t *cf);
static ngx_int_t ngx_http_cost_timer_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_cost_timer_init_process(ngx_cycle_t *cycle);


static ngx_command_t  ngx_http_cost_timer_commands[] = {

    { ngx_string("cost_timer"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_http_cost_timer_directive,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("cost_webhook"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_cost_timer_webhook,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("cost_smtp"),
      NGX_HTTP_LOC_CONF|NGX_CONF_2MORE,
      ngx_http_cost_timer_smtp,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("cost_slack"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_cost_timer_slack,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_cost_timer_module_ctx = {
    ngx_http_cost_timer_add_variables,     /* preconfiguration */
    ngx_http_cost_timer_init,              /* postconfiguration */

    ngx_http_cost_timer_create_main_conf,  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_cost_timer_module = {
    NGX_MODULE_V1,
    &ngx_http_cost_timer_module_ctx,       /* module context */
    ngx_http_cost_timer_commands,          /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_cost_timer_init_process,      /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_http_variable_t  ngx_http_cost_timer_variables[] = {

    { ngx_string("cost_delivery_url"), NULL, ngx_http_cost_timer_variable,
      NGX_HTTP_COST_TIMER_URL, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("cost_delivery_host"), NULL, ngx_http_cost_timer_variable,
      NGX_HTTP_COST_TIMER_HOST, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("cost_delivery_name"), NULL, ngx_http_cost_timer_variable,
      NGX_HTTP_COST_TIMER_NAME, NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


static ngx_int_t
ngx_http_cost_timer_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                     *text;
    ngx_http_cost_timer_target_t  *target;

    target = ngx_http_cost_timer_fake_target(r);

    if (target == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    switch (data) {

    case NGX_HTTP_COST_TIMER_URL:
        text = &target->url;
        break;

    case NGX_HTTP_COST_TIMER_HOST:
        text = &target->host;
        break;

    default: /* NGX_HTTP_COST_TIMER_NAME */
        text = &target->name;
    }

    v->len = text->len;
    v->data = text->data;
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;

    return NGX_OK;
}


/* the listener, in worker 0: there are new deliveries */

static void
ngx_http_cost_timer_notify(void *data, ngx_str_t *payload)
{
    ngx_http_cost_timer_deliver_wake(data);
}


static void
ngx_http_cost_timer_up(void *data, ngx_uint_t up)
{
    if (up) {
        ngx_http_cost_timer_deliver_wake(data);
    }
}


static void
ngx_http_cost_timer_alive(void *data)
{
    /* void: the tick looks by itself */
}


static void *
ngx_http_cost_timer_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_cost_timer_main_conf_t  *tmcf;

    tmcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_timer_main_conf_t));
    if (tmcf == NULL) {
        return NULL;
    }

    tmcf->on = NGX_CONF_UNSET;
    tmcf->period = 1000;
    tmcf->timeout = 15000;
    tmcf->most = 256;
    tmcf->width = 8;
    tmcf->patience = 3 * 86400;
    tmcf->keep = 30 * 86400;
    tmcf->evaluate = 60000;

    return tmcf;
}


static char *
ngx_http_cost_timer_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_cost_timer_main_conf_t *tmcf = conf;

    char        *rv;
    ngx_str_t   *value;
    ngx_uint_t   i;

    if (tmcf->on != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "on") == 0) {
        tmcf->on = 1;

    } else if (ngx_strcmp(value[1].data, "off") == 0) {
        tmcf->on = 0;

    } else {
        return "must begin with \"on\" or \"off\"";
    }

    for (i = 2; i < cf->args->nelts; i++) {
        rv = ngx_http_cost_timer_argument(cf, tmcf, &value[i]);

        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    if (!tmcf->on) {
        return NGX_CONF_OK;
    }

    ngx_str_set(&tmcf->listen.channel, "cost_deliveries");
    tmcf->listen.notify = ngx_http_cost_timer_notify;
    tmcf->listen.up = ngx_http_cost_timer_up;
    tmcf->listen.alive = ngx_http_cost_timer_alive;
    tmcf->listen.data = tmcf;

    if (ngx_http_cost_pg_listen(cf, &tmcf->listen) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_cost_timer_watch_conf(cf, tmcf);
}


static char *
ngx_http_cost_timer_argument(ngx_conf_t *cf,
    ngx_http_cost_timer_main_conf_t *tmcf, ngx_str_t *argument)
{
    u_char     *p;
    ngx_int_t   n, low, high;
    ngx_str_t   name, value;

    p = ngx_strlchr(argument->data, argument->data + argument->len, '=');

    if (p == NULL) {
        goto invalid;
    }

    name.data = argument->data;
    name.len = p - argument->data;
    value.data = p + 1;
    value.len = argument->data + argument->len - value.data;

#define ngx_http_cost_timer_is(s)                                             \
    (name.len == sizeof(s) - 1 && ngx_strncmp(name.data, s, name.len) == 0)

    if (ngx_http_cost_timer_is("period")) {
        n = ngx_parse_time(&value, 0);
        low = 100;
        high = 60000;
        tmcf->period = n;

    } else if (ngx_http_cost_timer_is("timeout")) {
        n = ngx_parse_time(&value, 0);
        low = 100;
        high = 120000;
        tmcf->timeout = n;

    } else if (ngx_http_cost_timer_is("in_flight")) {
        n = ngx_atoi(value.data, value.len);
        low = 1;
        high = 4096;
        tmcf->most = n;

    } else if (ngx_http_cost_timer_is("per_endpoint")) {
        n = ngx_atoi(value.data, value.len);
        low = 1;
        high = 256;
        tmcf->width = n;

    } else if (ngx_http_cost_timer_is("patience")) {
        n = ngx_parse_time(&value, 1);
        low = 1;
        high = 365 * 86400;
        tmcf->patience = n;

    } else if (ngx_http_cost_timer_is("keep")) {
        n = ngx_parse_time(&value, 1);
        low = 86400;
        high = 3650 * 86400;
        tmcf->keep = n;

    } else if (ngx_http_cost_timer_is("evaluate")) {
        n = ngx_parse_time(&value, 0);
        low = 1000;
        high = 86400000;
        tmcf->evaluate = n;

    } else {
        goto invalid;
    }

    if (n >= low && n <= high) {
        return NGX_CONF_OK;
    }

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"",
                       argument);

    return NGX_CONF_ERROR;
}


static char *
ngx_http_cost_timer_webhook(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_cost_timer_main_conf_t *tmcf = conf;

    return ngx_http_cost_timer_location(cf, &tmcf->webhook);
}


char *
ngx_http_cost_timer_location(ngx_conf_t *cf,
    ngx_http_cost_timer_location_t *location)
{
    ngx_http_core_loc_conf_t  *clcf;

    if (location->clcf) {
        return "is duplicate: there is one location with it";
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->named || clcf->noname || clcf->name.len == 0
#if (NGX_PCRE)
        || clcf->regex
#endif
        || clcf->name.data[0] != '/')
    {
        return "must be in a location with a plain name";
    }

    location->name = clcf->name;
    location->clcf = clcf;

    location->ctx = ngx_palloc(cf->pool, sizeof(ngx_http_conf_ctx_t));
    if (location->ctx == NULL) {
        return NGX_CONF_ERROR;
    }

    *location->ctx = *(ngx_http_conf_ctx_t *) cf->ctx;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_cost_timer_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_cost_timer_variables; v->name.len; v++) {

        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_timer_init(ngx_conf_t *cf)
{
    ngx_uint_t                        i;
    ngx_http_cost_timer_location_t   *locations[3];
    ngx_http_cost_timer_main_conf_t  *tmcf;

    static const char  *directives[] = {
        "cost_webhook", "cost_smtp", "cost_slack"
    };

    tmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cost_timer_module);

    if (tmcf->on == NGX_CONF_UNSET) {
        tmcf->on = 0;
    }

    if (!tmcf->on) {
        return NGX_OK;
    }

    if (!ngx_http_cost_pg_configured(cf)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"cost_timer on\" needs a \"cost_database\"");
        return NGX_ERROR;
    }

    locations[0] = &tmcf->webhook;
    locations[1] = &tmcf->email;
    locations[2] = &tmcf->slack;

    for (i = 0; i < 3; i++) {
        if (locations[i]->clcf && !locations[i]->clcf->internal) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "location \"%V\" with \"%s\" must be "
                               "\"internal\"", &locations[i]->name,
                               directives[i]);
            return NGX_ERROR;
        }
    }

    if (!ngx_http_cost_timer_delivers(tmcf)) {
        return NGX_OK;
    }

    tmcf->wmcf = ngx_http_conf_get_module_main_conf(cf,
                                                 ngx_http_cost_webhook_module);

    return ngx_http_cost_timer_fake_filters(cf);
}


static ngx_int_t
ngx_http_cost_timer_init_process(ngx_cycle_t *cycle)
{
    ngx_http_cost_timer_main_conf_t  *tmcf;

    tmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_cost_timer_module);

    if (tmcf == NULL || !tmcf->on
        || (ngx_process != NGX_PROCESS_SINGLE
            && (ngx_process != NGX_PROCESS_WORKER || ngx_worker != 0)))
    {
        return NGX_OK;
    }

    if (ngx_http_cost_timer_delivers(tmcf)
        && ngx_http_cost_timer_deliver_init(cycle, tmcf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_cost_timer_tick_init(cycle, tmcf);
}
