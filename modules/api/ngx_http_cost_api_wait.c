
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A request that looks into the database until something has happened there,
 * or its time is over: another worker, or another node, may do it.
 */


#include "api/ngx_http_cost_api.h"


static void ngx_http_cost_api_wait_timer(ngx_event_t *ev);
static void ngx_http_cost_api_wait_cleanup(void *data);


ngx_int_t
ngx_http_cost_api_wait_init(ngx_http_cost_api_ctx_t *ctx,
    ngx_http_cost_api_wait_t *wait, ngx_msec_t most,
    ngx_http_cost_api_handler_pt look)
{
    ngx_http_cleanup_t  *cln;

    cln = ngx_http_cleanup_add(ctx->request, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(wait, sizeof(ngx_http_cost_api_wait_t));

    wait->look = look;
    wait->most = most;
    wait->timer.handler = ngx_http_cost_api_wait_timer;
    wait->timer.data = ctx->request->connection;
    wait->timer.log = ctx->request->connection->log;

    cln->handler = ngx_http_cost_api_wait_cleanup;
    cln->data = wait;

    return NGX_OK;
}


ngx_int_t
ngx_http_cost_api_wait(ngx_http_cost_api_ctx_t *ctx,
    ngx_http_cost_api_wait_t *wait)
{
    /* what is waited for may have taken long to begin: that is not counted */

    if (!wait->begun) {
        wait->begun = 1;
        wait->deadline = ngx_current_msec + wait->most;
    }

    if ((ngx_msec_int_t) (wait->deadline - ngx_current_msec) <= 0) {
        return NGX_DECLINED;
    }

    ngx_add_timer(&wait->timer, NGX_HTTP_COST_API_WAIT_PAUSE);

    ctx->request->main->count++;

    return NGX_DONE;
}


static void
ngx_http_cost_api_wait_timer(ngx_event_t *ev)
{
    ngx_connection_t          *c;
    ngx_http_request_t        *r;
    ngx_http_cost_api_ctx_t   *ctx;
    ngx_http_cost_api_wait_t  *wait;

    wait = (ngx_http_cost_api_wait_t *)
           ((u_char *) ev - offsetof(ngx_http_cost_api_wait_t, timer));

    c = ev->data;
    r = c->data;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);

    ngx_http_finalize_request(r, wait->look(ctx));

    ngx_http_run_posted_requests(c);
}


/* the client has left, or has its answer */

static void
ngx_http_cost_api_wait_cleanup(void *data)
{
    ngx_http_cost_api_wait_t *wait = data;

    if (wait->timer.timer_set) {
        ngx_del_timer(&wait->timer);
    }
}
