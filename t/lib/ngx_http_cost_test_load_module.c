
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The part of the test module for loads and the listener; see
 * ngx_http_cost_test_module.c.
 */


#include "ngx_http_cost_test.h"


#define NGX_HTTP_COST_TEST_SLICE  65536


typedef struct {
    ngx_http_cost_pg_listen_t       listen;
    ngx_uint_t                      up;
    ngx_uint_t                      down;
    ngx_uint_t                      alive;
    ngx_uint_t                      notified;
    ngx_uint_t                      is_up;
    u_char                          last[128];
} ngx_http_cost_test_channel_t;


typedef struct {
    ngx_http_cost_test_channel_t   *channel;
} ngx_http_cost_test_main_conf_t;


typedef struct {
    ngx_http_cost_sql_t             before;
    ngx_http_cost_sql_t             copy;
    ngx_http_cost_sql_t             after;
} ngx_http_cost_test_load_conf_t;


typedef struct {
    ngx_http_request_t             *request;
    ngx_http_cost_pg_copy_t        *copy;
    ngx_int_t                       rows;
    ngx_int_t                       sent;
    ngx_int_t                       bad;
    ngx_int_t                       abort;
    ngx_int_t                       hang;
    ngx_int_t                       wide;
    ngx_int_t                       steps;   /* 1: asked for, then counted */
    ngx_http_cost_test_load_conf_t *conf;
    u_char                         *slice;
} ngx_http_cost_test_load_ctx_t;


static ngx_int_t ngx_http_cost_test_copy_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_cost_test_arg(ngx_http_request_t *r,
    const char *name, size_t len, ngx_int_t value);
static void ngx_http_cost_test_copy_writable(void *data);
static void ngx_http_cost_test_copy_step(void *data,
    ngx_http_cost_pg_result_t *result);
static void ngx_http_cost_test_copy_done(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static void ngx_http_cost_test_copy_cleanup(void *data);

static ngx_int_t ngx_http_cost_test_heard_handler(ngx_http_request_t *r);
static void ngx_http_cost_test_notify(void *data, ngx_str_t *payload);
static void ngx_http_cost_test_up(void *data, ngx_uint_t up);
static void ngx_http_cost_test_alive(void *data);

static void *ngx_http_cost_test_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_cost_test_create_load_conf(ngx_conf_t *cf);
static char *ngx_http_cost_test_copy(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_cost_test_listen(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_cost_test_heard(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


static ngx_command_t  ngx_http_cost_test_load_commands[] = {

    { ngx_string("cost_test_copy"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE3,
      ngx_http_cost_test_copy,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("cost_test_listen"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_cost_test_listen,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("cost_test_heard"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_cost_test_heard,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },


      ngx_null_command
};


static ngx_http_module_t  ngx_http_cost_test_load_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    ngx_http_cost_test_create_main_conf,   /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_cost_test_create_load_conf,   /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_cost_test_load_module = {
    NGX_MODULE_V1,
    &ngx_http_cost_test_load_module_ctx,   /* module context */
    ngx_http_cost_test_load_commands,      /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_int_t
ngx_http_cost_test_copy_handler(ngx_http_request_t *r)
{
    ngx_int_t                        rc;
    ngx_http_cleanup_t              *cln;
    ngx_http_cost_pg_load_t          load;
    ngx_http_cost_test_load_ctx_t   *ctx;
    ngx_http_cost_test_load_conf_t  *tlcf;

    tlcf = ngx_http_get_module_loc_conf(r, ngx_http_cost_test_load_module);

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    cln = ngx_http_cleanup_add(r, sizeof(ngx_http_cost_test_load_ctx_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_cost_test_copy_cleanup;

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_cost_test_load_ctx_t));

    ctx->request = r;
    ctx->rows = ngx_http_cost_test_arg(r, "rows", 4, 0);
    ctx->bad = ngx_http_cost_test_arg(r, "bad", 3, -1);
    ctx->abort = ngx_http_cost_test_arg(r, "abort", 5, -1);
    ctx->hang = ngx_http_cost_test_arg(r, "hang", 4, -1);
    ctx->wide = ngx_http_cost_test_arg(r, "wide", 4, 20);
    ctx->steps = ngx_http_cost_test_arg(r, "steps", 5, 0);
    ctx->conf = tlcf;

    ctx->slice = ngx_palloc(r->pool, NGX_HTTP_COST_TEST_SLICE);
    if (ctx->slice == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&load, sizeof(ngx_http_cost_pg_load_t));

    load.before = &tlcf->before;
    load.copy = &tlcf->copy;
    load.after = &tlcf->after;
    load.writable = ngx_http_cost_test_copy_writable;
    load.done = ngx_http_cost_test_copy_done;
    load.data = ctx;

    if (ctx->steps) {
        load.after = NULL;
        load.step = ngx_http_cost_test_copy_step;
    }

    ctx->copy = ngx_http_cost_pg_copy_begin(&load);
    if (ctx->copy == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->read_event_handler = ngx_http_test_reading;
    r->main->count++;

    return NGX_DONE;
}


static ngx_int_t
ngx_http_cost_test_arg(ngx_http_request_t *r, const char *name, size_t len,
    ngx_int_t value)
{
    ngx_str_t  arg;

    if (ngx_http_arg(r, (u_char *) name, len, &arg) == NGX_OK) {
        value = ngx_atoi(arg.data, arg.len);
    }

    return value;
}


static void
ngx_http_cost_test_copy_writable(void *data)
{
    ngx_http_cost_test_load_ctx_t  *ctx = data;

    u_char             *p;
    ngx_int_t           rc;
    ngx_str_t           param;
    ngx_connection_t   *c;
    u_char              buf[NGX_INT_T_LEN];

    if (ctx->sent && ctx->sent == ctx->hang) {
        return;
    }

    do {
        p = ctx->slice;

        while (ctx->sent < ctx->rows
               && ctx->slice + NGX_HTTP_COST_TEST_SLICE - p > ctx->wide + 64)
        {
            ctx->sent++;

            if (ctx->sent == ctx->abort) {
                ngx_http_cost_pg_copy_abort(ctx->copy);
                ctx->copy = NULL;

                c = ctx->request->connection;
                ngx_str_set(&param, "ABORTED\n");
                ngx_http_finalize_request(ctx->request,
                         ngx_http_cost_test_send(ctx->request, 200, &param));
                ngx_http_run_posted_requests(c);
                return;
            }

            p = ngx_sprintf(p, "%s%i\t", ctx->sent == ctx->bad ? "x" : "",
                            ctx->sent);
            ngx_memset(p, 'w', ctx->wide);
            p += ctx->wide;
            *p++ = '\n';

            if (ctx->sent == ctx->hang) {
                break;
            }
        }

        rc = ngx_http_cost_pg_copy_put(ctx->copy, ctx->slice, p - ctx->slice);

        if (ctx->sent == ctx->hang) {
            return;
        }

        if (ctx->sent == ctx->rows && rc != NGX_ERROR) {
            param.data = buf;
            param.len = ngx_sprintf(buf, "%i", ctx->rows) - buf;
            ngx_http_cost_pg_copy_end(ctx->copy, &param);
            return;
        }

    } while (rc == NGX_OK);
}


/* the statement, the rows once more, the statement */

static void
ngx_http_cost_test_copy_step(void *data, ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_test_load_ctx_t  *ctx = data;

    u_char     buf[NGX_INT_T_LEN];
    ngx_str_t  param;

    param.data = buf;
    param.len = ngx_sprintf(buf, "%i", ctx->rows) - buf;

    switch (ctx->steps++) {

    case 1:
    case 3:
        ngx_http_cost_pg_copy_query(ctx->copy, &ctx->conf->after, &param);
        break;

    case 2:
        if (ngx_http_cost_pg_rows(result) == 1) {
            ctx->sent = 0;
            ngx_http_cost_pg_copy_another(ctx->copy, &ctx->conf->copy);
        }

        break;

    default:
        ngx_http_cost_pg_copy_commit(ctx->copy);
    }
}


static void
ngx_http_cost_test_copy_done(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_test_load_ctx_t  *ctx = data;

    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = ctx->request;
    c = r->connection;

    ctx->copy = NULL;

    ngx_http_finalize_request(r, ngx_http_cost_test_reply(r, rc, result, 2));
    ngx_http_run_posted_requests(c);
}


static void
ngx_http_cost_test_copy_cleanup(void *data)
{
    ngx_http_cost_test_load_ctx_t  *ctx = data;

    if (ctx->copy) {
        ngx_http_cost_pg_copy_abort(ctx->copy);
    }
}


static ngx_int_t
ngx_http_cost_test_heard_handler(ngx_http_request_t *r)
{
    ngx_str_t                        text;
    ngx_http_cost_test_channel_t    *channel;
    ngx_http_cost_test_main_conf_t  *tmcf;

    tmcf = ngx_http_get_module_main_conf(r, ngx_http_cost_test_load_module);
    channel = tmcf->channel;

    text.data = ngx_pnalloc(r->pool, 512);
    if (text.data == NULL) {
        return NGX_ERROR;
    }

    text.len = ngx_sprintf(text.data,
                           "up=%ui down=%ui is_up=%ui alive=%ui notified=%ui "
                           "last=%s\n", channel->up, channel->down,
                           channel->is_up, channel->alive, channel->notified,
                           channel->last)
               - text.data;

    return ngx_http_cost_test_send(r, 200, &text);
}


static void
ngx_http_cost_test_notify(void *data, ngx_str_t *payload)
{
    ngx_http_cost_test_channel_t  *channel = data;

    channel->notified++;

    ngx_cpystrn(channel->last, payload->data,
                ngx_min(payload->len + 1, sizeof(channel->last)));
}


static void
ngx_http_cost_test_up(void *data, ngx_uint_t up)
{
    ngx_http_cost_test_channel_t  *channel = data;

    channel->is_up = up;

    if (up) {
        channel->up++;

    } else {
        channel->down++;
    }
}


static void
ngx_http_cost_test_alive(void *data)
{
    ngx_http_cost_test_channel_t  *channel = data;

    channel->alive++;
}


static void *
ngx_http_cost_test_create_main_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_test_main_conf_t));
}


static void *
ngx_http_cost_test_create_load_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_test_load_conf_t));
}


static char *
ngx_http_cost_test_copy(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_cost_test_load_conf_t  *tlcf = conf;

    ngx_str_t                 *value;
    ngx_http_core_loc_conf_t  *clcf;

    value = cf->args->elts;

    ngx_http_cost_test_sql(&tlcf->before, "test_before", &value[1], 0);
    ngx_http_cost_test_sql(&tlcf->copy, "test_copy", &value[2], 0);
    ngx_http_cost_test_sql(&tlcf->after, "test_after", &value[3], 1);

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_cost_test_copy_handler;

    return NGX_CONF_OK;
}


static char *
ngx_http_cost_test_listen(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_cost_test_main_conf_t  *tmcf = conf;

    ngx_str_t                     *value;
    ngx_http_cost_test_channel_t  *channel;

    value = cf->args->elts;

    channel = ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_test_channel_t));
    if (channel == NULL) {
        return NGX_CONF_ERROR;
    }

    channel->listen.channel = value[1];
    channel->listen.notify = ngx_http_cost_test_notify;
    channel->listen.up = ngx_http_cost_test_up;
    channel->listen.alive = ngx_http_cost_test_alive;
    channel->listen.data = channel;

    tmcf->channel = channel;

    if (ngx_http_cost_pg_listen(cf, &channel->listen) != NGX_OK) {
        return "names no channel";
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_cost_test_heard(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_cost_test_heard_handler;

    return NGX_CONF_OK;
}
