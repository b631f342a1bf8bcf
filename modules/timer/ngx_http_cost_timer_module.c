
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The directives of timer/, and the variables of the location that delivers:
 *
 *     cost_timer    on | off [parameters];
 *     cost_webhook;
 *
 * (cost_smtp and cost_slack: ngx_http_cost_timer_smtp_conf.c.)
 *
 * The clock runs in worker 0 of every node that has "cost_timer on".  Without
 * it there is no timer, no connection and no memory.
 */


#include "timer/ngx_http_cost_timer.h"


#define NGX_HTTP_COST_TIMER_MSEC      0
#define NGX_HTTP_COST_TIMER_SEC       1
#define NGX_HTTP_COST_TIMER_NUMBER    2

#define NGX_HTTP_COST_TIMER_YEAR      (365 * 86400)

#define NGX_HTTP_COST_TIMER_URL   0
#define NGX_HTTP_COST_TIMER_HOST  1
#define NGX_HTTP_COST_TIMER_NAME  2

/* is there any location that delivers? */
#define ngx_http_cost_timer_delivers(tmcf)                                    \
    ((tmcf)->webhook.clcf || (tmcf)->email.clcf || (tmcf)->slack.clcf)


/*
 * of cost_timer: what a parameter may be, in ms, seconds or as a number; the
 * jitter is half of the period at most, and a tenth of it unless told
 */

typedef struct {
    ngx_str_t                       name;
    size_t                          offset;      /* in the configuration */
    ngx_uint_t                      kind;
    ngx_int_t                       low;
    ngx_int_t                       high;
    ngx_int_t                       value;       /* unless told */
} ngx_http_cost_timer_parameter_t;


static ngx_int_t ngx_http_cost_timer_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static void ngx_http_cost_timer_notify(void *data, ngx_str_t *payload);
static void ngx_http_cost_timer_up(void *data, ngx_uint_t up);
static void ngx_http_cost_timer_alive(void *data);

static char *ngx_http_cost_timer_directive(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_cost_timer_argument(ngx_conf_t *cf,
    ngx_http_cost_timer_main_conf_t *tmcf, ngx_str_t *argument);
static void ngx_http_cost_timer_set(ngx_http_cost_timer_main_conf_t *tmcf,
    ngx_http_cost_timer_parameter_t *parameter, ngx_int_t value);
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


#define ngx_http_cost_timer_msec(name, member, low, high, value)              \
    { ngx_string(name), offsetof(ngx_http_cost_timer_main_conf_t, member),    \
      NGX_HTTP_COST_TIMER_MSEC, low, high, value }

#define ngx_http_cost_timer_sec(name, member, low, high, value)               \
    { ngx_string(name), offsetof(ngx_http_cost_timer_main_conf_t, member),    \
      NGX_HTTP_COST_TIMER_SEC, low, high, value }

#define ngx_http_cost_timer_number(name, member, low, high, value)            \
    { ngx_string(name), offsetof(ngx_http_cost_timer_main_conf_t, member),    \
      NGX_HTTP_COST_TIMER_NUMBER, low, high, value }


static ngx_http_cost_timer_parameter_t  ngx_http_cost_timer_parameters[] = {

    ngx_http_cost_timer_msec("period", period, 100, 60000, 1000),
    ngx_http_cost_timer_msec("jitter", jitter, 0, 30000, NGX_CONF_UNSET),

    /* deliveries */
    ngx_http_cost_timer_msec("timeout", timeout, 100, 120000, 15000),
    ngx_http_cost_timer_number("in_flight", most, 1, 4096, 256),
    ngx_http_cost_timer_number("per_endpoint", width, 1, 256, 8),
    ngx_http_cost_timer_sec("patience", patience,
                            1, NGX_HTTP_COST_TIMER_YEAR, 3 * 86400),

    /* evaluation; 2000 are some ms here, some tens of ms of the slow lane */
    ngx_http_cost_timer_msec("evaluate", evaluate, 1000, 86400000, 60000),
    ngx_http_cost_timer_number("evaluate_batch", evaluate_batch,
                               1, 10000, 2000),
    ngx_http_cost_timer_msec("debounce", debounce, 0, 60000, 100),

    /* the daily search for anomalies */
    ngx_http_cost_timer_sec("daily", daily, 0, 86399, 0),
    ngx_http_cost_timer_number("daily_batch", daily_batch, 1, 1000, 16),

    /* retention */
    ngx_http_cost_timer_sec("keep", keep,
                            86400, 10 * NGX_HTTP_COST_TIMER_YEAR, 30 * 86400),
    ngx_http_cost_timer_sec("purge", purge_period, 1, 86400, 60),
    ngx_http_cost_timer_number("purge_batch", purge_batch, 1, 100000, 1000),

    { ngx_null_string, 0, 0, 0, 0, 0 }
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
    ngx_http_cost_timer_parameter_t  *p;

    tmcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_timer_main_conf_t));
    if (tmcf == NULL) {
        return NULL;
    }

    tmcf->on = NGX_CONF_UNSET;

    for (p = ngx_http_cost_timer_parameters; p->name.len; p++) {
        ngx_http_cost_timer_set(tmcf, p, p->value);
    }

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

    if (tmcf->jitter == NGX_CONF_UNSET_MSEC) {
        tmcf->jitter = tmcf->period / 10;

    } else if (tmcf->jitter > tmcf->period / 2) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"jitter\" must be at most half of \"period\", "
                           "which is %Mms", tmcf->period);
        return NGX_CONF_ERROR;
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
    u_char                           *equals;
    ngx_int_t                         n;
    ngx_str_t                         value;
    ngx_http_cost_timer_parameter_t  *p;

    static const char  *formats[] = {
        "\"%V\" must be a time from %ims to %ims",
        "\"%V\" must be a time from %is to %is",
        "\"%V\" must be a number from %i to %i"
    };

    equals = ngx_strlchr(argument->data, argument->data + argument->len, '=');

    if (equals == NULL) {
        goto invalid;
    }

    value.data = equals + 1;
    value.len = argument->data + argument->len - value.data;

    for (p = ngx_http_cost_timer_parameters; p->name.len; p++) {

        if (p->name.len != (size_t) (equals - argument->data)
            || ngx_strncmp(p->name.data, argument->data, p->name.len) != 0)
        {
            continue;
        }

        n = (p->kind == NGX_HTTP_COST_TIMER_NUMBER)
            ? ngx_atoi(value.data, value.len)
            : ngx_parse_time(&value, p->kind == NGX_HTTP_COST_TIMER_SEC);

        if (n < p->low || n > p->high) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, formats[p->kind],
                               argument, p->low, p->high);
            return NGX_CONF_ERROR;
        }

        ngx_http_cost_timer_set(tmcf, p, n);

        return NGX_CONF_OK;
    }

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"",
                       argument);

    return NGX_CONF_ERROR;
}


static void
ngx_http_cost_timer_set(ngx_http_cost_timer_main_conf_t *tmcf,
    ngx_http_cost_timer_parameter_t *parameter, ngx_int_t value)
{
    u_char  *member;

    member = (u_char *) tmcf + parameter->offset;

    switch (parameter->kind) {

    case NGX_HTTP_COST_TIMER_MSEC:
        *(ngx_msec_t *) member = (ngx_msec_t) value;
        break;

    case NGX_HTTP_COST_TIMER_SEC:
        *(time_t *) member = value;
        break;

    default: /* NGX_HTTP_COST_TIMER_NUMBER */
        *(ngx_uint_t *) member = value;
    }
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
