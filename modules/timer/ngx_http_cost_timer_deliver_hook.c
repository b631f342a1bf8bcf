
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The channel of webhooks: the event's body as it is, signed, to a URL whose
 * host is checked.
 */


#include "timer/ngx_http_cost_timer_deliver.h"


static void ngx_http_cost_timer_hook_start(ngx_http_cost_timer_delivery_t *d);
static ngx_int_t ngx_http_cost_timer_hook_open(
    ngx_http_cost_timer_delivery_t *d);
static void ngx_http_cost_timer_hook_targeted(void *data, const char *why);
static cost_retry_verdict_e ngx_http_cost_timer_hook_verdict(
    ngx_http_cost_timer_delivery_t *d);


const ngx_http_cost_timer_channel_t  ngx_http_cost_timer_hook_channel = {
    ngx_string("webhook"),
    offsetof(ngx_http_cost_timer_main_conf_t, webhook),
    "the server sends no webhooks: it has no location with cost_webhook",
    ngx_http_cost_timer_hook_start,
    ngx_http_cost_timer_hook_verdict
};


static void
ngx_http_cost_timer_hook_start(ngx_http_cost_timer_delivery_t *d)
{
    ngx_int_t  rc;

    rc = ngx_http_cost_timer_hook_open(d);

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "cost timer: no key of \"cost_secret_key\" opens the "
                      "secret of webhook %V", &d->webhook);
        ngx_http_cost_timer_delivery_end(d, COST_RETRY_AGAIN,
                                         "the server cannot read the secret "
                                         "of this webhook");
        return;
    }

    if (rc != NGX_OK
        || ngx_http_cost_timer_target(d->deliver->tmcf, d->pool, &d->url,
                                      &d->target,
                                      ngx_http_cost_timer_hook_targeted, d)
           != NGX_OK)
    {
        ngx_http_cost_timer_delivery_end(d, COST_RETRY_AGAIN,
                                         "the server is out of memory");
    }
}


static ngx_int_t
ngx_http_cost_timer_hook_open(ngx_http_cost_timer_delivery_t *d)
{
    ngx_int_t                           rc;
    ngx_http_cost_webhook_main_conf_t  *wmcf;

    wmcf = d->deliver->tmcf->wmcf;

    rc = ngx_http_cost_webhook_open(wmcf, d->pool, &d->webhook, &d->secret,
                                    &d->message.secret);

    if (rc != NGX_OK || d->old.len == 0) {
        return rc;
    }

    return ngx_http_cost_webhook_open(wmcf, d->pool, &d->webhook, &d->old,
                                      &d->message.old);
}


static void
ngx_http_cost_timer_hook_targeted(void *data, const char *why)
{
    ngx_http_cost_timer_delivery_t *d = data;

    if (why) {
        ngx_http_cost_timer_delivery_end(d, COST_RETRY_AGAIN, why);
        return;
    }

    if (ngx_http_cost_timer_sign(d->pool, &d->message, ngx_time(),
                                 d->headers)
        != NGX_OK)
    {
        ngx_http_cost_timer_delivery_end(d, COST_RETRY_AGAIN,
                                         "it could not be signed");
        return;
    }

    d->nheaders = NGX_HTTP_COST_TIMER_HEADERS;
    d->body = d->message.body;

    ngx_http_cost_timer_delivery_send(d);
}


static cost_retry_verdict_e
ngx_http_cost_timer_hook_verdict(ngx_http_cost_timer_delivery_t *d)
{
    return cost_retry_verdict((unsigned) d->status);
}
