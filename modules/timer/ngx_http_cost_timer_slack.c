
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The channel of Slack: the event in words, by chat.postMessage.
 */


#include "timer/ngx_http_cost_timer_deliver.h"


static void ngx_http_cost_timer_slack_start(ngx_http_cost_timer_delivery_t *d);
static void ngx_http_cost_timer_slack_write(ngx_http_cost_timer_delivery_t *d,
    cost_json_t *j);
static cost_retry_verdict_e ngx_http_cost_timer_slack_verdict(
    ngx_http_cost_timer_delivery_t *d);


const ngx_http_cost_timer_channel_t  ngx_http_cost_timer_slack_channel = {
    ngx_string("slack"),
    offsetof(ngx_http_cost_timer_main_conf_t, slack),
    "the server sends nothing to Slack: it has no location with cost_slack",
    ngx_http_cost_timer_slack_start,
    ngx_http_cost_timer_slack_verdict
};


static void
ngx_http_cost_timer_slack_start(ngx_http_cost_timer_delivery_t *d)
{
    cost_json_t  j;

    ngx_str_set(&d->target.host, "slack");

    cost_json_init(&j, NULL, 0);
    ngx_http_cost_timer_slack_write(d, &j);

    d->body.len = cost_json_length(&j);
    d->body.data = ngx_pnalloc(d->pool, d->body.len);

    if (d->body.data == NULL) {
        ngx_http_cost_timer_delivery_end(d, COST_RETRY_AGAIN,
                                         "the server is out of memory");
        return;
    }

    cost_json_init(&j, d->body.data, d->body.len);
    ngx_http_cost_timer_slack_write(d, &j);

    ngx_str_set(&d->headers[0].name, "Content-Type");
    ngx_str_set(&d->headers[0].value, "application/json; charset=utf-8");
    ngx_str_set(&d->headers[1].name, "Authorization");
    d->headers[1].value = d->deliver->tmcf->slack_token;
    d->nheaders = 2;

    ngx_http_cost_timer_delivery_send(d);
}


static void
ngx_http_cost_timer_slack_write(ngx_http_cost_timer_delivery_t *d,
    cost_json_t *j)
{
    cost_str_t  channel, text;

    channel.len = d->url.len;
    channel.data = d->url.data;
    text.len = d->text.len;
    text.data = d->text.data;

    cost_slack_write(j, channel, text);
}


static cost_retry_verdict_e
ngx_http_cost_timer_slack_verdict(ngx_http_cost_timer_delivery_t *d)
{
    return cost_slack_verdict((unsigned) d->status, d->answer.data,
                              d->answer.len, &d->error);
}
