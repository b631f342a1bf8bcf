
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * One delivery, from a row of timer_turn.sql to what is recorded of it.
 * What differs by the kind of its endpoint is its channel's.
 */


#include "timer/ngx_http_cost_timer_deliver.h"


/* the columns of timer_turn.sql */

enum {
    NGX_HTTP_COST_TIMER_C_ORGANIZATION = 0,
    NGX_HTTP_COST_TIMER_C_ID,
    NGX_HTTP_COST_TIMER_C_UUID,
    NGX_HTTP_COST_TIMER_C_KIND,
    NGX_HTTP_COST_TIMER_C_WEBHOOK,
    NGX_HTTP_COST_TIMER_C_URL,
    NGX_HTTP_COST_TIMER_C_SECRET,
    NGX_HTTP_COST_TIMER_C_OLD,
    NGX_HTTP_COST_TIMER_C_EVENT,
    NGX_HTTP_COST_TIMER_C_TYPE,
    NGX_HTTP_COST_TIMER_C_BODY,
    NGX_HTTP_COST_TIMER_C_TIME,
    NGX_HTTP_COST_TIMER_C_TRIES,
    NGX_HTTP_COST_TIMER_C_TITLE,
    NGX_HTTP_COST_TIMER_C_TEXT,
    NGX_HTTP_COST_TIMER_C_CLAIM,
    NGX_HTTP_COST_TIMER_COLUMNS
};


static const ngx_http_cost_timer_channel_t *ngx_http_cost_timer_channel(
    ngx_str_t *kind);
static ngx_http_cost_timer_location_t *ngx_http_cost_timer_channel_location(
    ngx_http_cost_timer_delivery_t *d);
static void ngx_http_cost_timer_delivery_done(void *data,
    ngx_http_cost_timer_outcome_t *outcome);
static void ngx_http_cost_timer_delivery_answer(
    ngx_http_cost_timer_delivery_t *d,
    ngx_http_cost_timer_outcome_t *outcome);


static const ngx_http_cost_timer_channel_t  *ngx_http_cost_timer_channels[] = {
    &ngx_http_cost_timer_hook_channel,
    &ngx_http_cost_timer_email_channel,
    &ngx_http_cost_timer_slack_channel,
    NULL
};


static const ngx_http_cost_timer_channel_t *
ngx_http_cost_timer_channel(ngx_str_t *kind)
{
    const ngx_http_cost_timer_channel_t  **channel;

    for (channel = ngx_http_cost_timer_channels; *channel; channel++) {
        if ((*channel)->kind.len == kind->len
            && ngx_memcmp((*channel)->kind.data, kind->data, kind->len) == 0)
        {
            return *channel;
        }
    }

    return NULL;
}


ngx_int_t
ngx_http_cost_timer_delivery(ngx_http_cost_timer_deliver_t *deliver,
    ngx_http_cost_pg_result_t *result, ngx_uint_t row)
{
    ngx_int_t                        tries;
    ngx_str_t                        c[NGX_HTTP_COST_TIMER_COLUMNS], text;
    ngx_uint_t                       i;
    ngx_pool_t                      *pool;
    ngx_http_cost_timer_delivery_t  *d;

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE / 4, ngx_cycle->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    d = ngx_pcalloc(pool, sizeof(ngx_http_cost_timer_delivery_t));
    if (d == NULL) {
        goto failed;
    }

    /* the result ends with the caller */

    for (i = 0; i < NGX_HTTP_COST_TIMER_COLUMNS; i++) {
        ngx_http_cost_pg_text(result, row, i, &text);

        c[i].len = text.len;
        c[i].data = ngx_pstrdup(pool, &text);

        if (c[i].data == NULL) {
            goto failed;
        }
    }

    d->pool = pool;
    d->deliver = deliver;
    d->organization = c[NGX_HTTP_COST_TIMER_C_ORGANIZATION];
    d->id = c[NGX_HTTP_COST_TIMER_C_ID];
    d->target.id = c[NGX_HTTP_COST_TIMER_C_UUID];
    d->webhook = c[NGX_HTTP_COST_TIMER_C_WEBHOOK];
    d->url = c[NGX_HTTP_COST_TIMER_C_URL];
    d->secret = c[NGX_HTTP_COST_TIMER_C_SECRET];
    d->old = c[NGX_HTTP_COST_TIMER_C_OLD];
    d->message.event = c[NGX_HTTP_COST_TIMER_C_EVENT];
    d->message.type = c[NGX_HTTP_COST_TIMER_C_TYPE];
    d->message.time = c[NGX_HTTP_COST_TIMER_C_TIME];
    d->message.body = c[NGX_HTTP_COST_TIMER_C_BODY];
    d->title = c[NGX_HTTP_COST_TIMER_C_TITLE];
    d->text = c[NGX_HTTP_COST_TIMER_C_TEXT];
    d->claim = c[NGX_HTTP_COST_TIMER_C_CLAIM];

    tries = ngx_atoi(c[NGX_HTTP_COST_TIMER_C_TRIES].data,
                     c[NGX_HTTP_COST_TIMER_C_TRIES].len);

    d->tries = tries == NGX_ERROR ? 0 : tries;

    d->channel = ngx_http_cost_timer_channel(&c[NGX_HTTP_COST_TIMER_C_KIND]);

    deliver->in_flight++;
    ngx_queue_insert_tail(&deliver->claimed, &d->queue);

    return NGX_OK;

failed:

    ngx_destroy_pool(pool);

    return NGX_ERROR;
}


void
ngx_http_cost_timer_delivery_start(ngx_http_cost_timer_delivery_t *d)
{
    if (d->channel == NULL) {
        ngx_http_cost_timer_delivery_end(d, COST_RETRY_DEAD,
                                         "the server does not know this "
                                         "kind of endpoint");

    } else if (ngx_http_cost_timer_channel_location(d)->clcf == NULL) {
        ngx_http_cost_timer_delivery_end(d, COST_RETRY_DEAD,
                                         d->channel->none);

    } else {
        d->channel->start(d);
    }
}


static ngx_http_cost_timer_location_t *
ngx_http_cost_timer_channel_location(ngx_http_cost_timer_delivery_t *d)
{
    return (ngx_http_cost_timer_location_t *)
               ((u_char *) d->deliver->tmcf + d->channel->location);
}


void
ngx_http_cost_timer_delivery_send(ngx_http_cost_timer_delivery_t *d)
{
    ngx_http_cost_timer_send_t        send;
    ngx_http_cost_timer_main_conf_t  *tmcf;

    tmcf = d->deliver->tmcf;

    ngx_memzero(&send, sizeof(ngx_http_cost_timer_send_t));

    send.location = ngx_http_cost_timer_channel_location(d);
    send.target = &d->target;
    send.headers = d->headers;
    send.nheaders = d->nheaders;
    send.body = d->body;
    send.deadline = tmcf->timeout;
    send.done = ngx_http_cost_timer_delivery_done;
    send.data = d;

    tmcf->status.in_flight++;

    if (ngx_http_cost_timer_fake_send(&send) != NGX_OK) {
        tmcf->status.in_flight--;
        ngx_http_cost_timer_delivery_end(d, COST_RETRY_AGAIN,
                                         "the server is out of memory or "
                                         "connections");
    }
}


static void
ngx_http_cost_timer_delivery_done(void *data,
    ngx_http_cost_timer_outcome_t *outcome)
{
    ngx_http_cost_timer_delivery_t *d = data;

    const char            *error;
    cost_retry_verdict_e   verdict;

    d->deliver->tmcf->status.in_flight--;

    d->status = outcome->status;
    d->latency = outcome->latency;
    d->retry_after = outcome->retry_after;

    ngx_http_cost_timer_delivery_answer(d, outcome);

    if (d->status) {
        verdict = d->channel->verdict(d);
        error = d->error;

    } else {
        verdict = COST_RETRY_AGAIN;
        error = outcome->rc == NGX_ABORT
                || outcome->rc == NGX_HTTP_GATEWAY_TIME_OUT
                ? "there was no answer in time"
                : "the connection failed, or was closed without an answer";
    }

    ngx_http_cost_timer_delivery_end(d, verdict, error);
}


/* a text that PostgreSQL takes: UTF-8, without zero bytes */

static void
ngx_http_cost_timer_delivery_answer(ngx_http_cost_timer_delivery_t *d,
    ngx_http_cost_timer_outcome_t *outcome)
{
    size_t   len;
    u_char  *p, *q, *last;

    if (outcome->len == 0) {
        return;
    }

    d->answer.data = ngx_pnalloc(d->pool, outcome->len);
    if (d->answer.data == NULL) {
        return;
    }

    last = outcome->answer + outcome->len;
    q = d->answer.data;

    for (p = outcome->answer; p < last; p += len) {

        if (cost_utf8_next(p, last, &len) == COST_OK && *p) {
            q = ngx_cpymem(q, p, len);

        } else {
            *q++ = '?';
        }
    }

    d->answer.len = q - d->answer.data;
}


void
ngx_http_cost_timer_delivery_end(ngx_http_cost_timer_delivery_t *d,
    cost_retry_verdict_e verdict, const char *error)
{
    ngx_http_cost_timer_deliver_t  *deliver;

    deliver = d->deliver;

    d->error = error;
    d->pause = 0;

    switch (verdict) {

    case COST_RETRY_DELIVERED:
        d->verdict = "delivered";
        break;

    case COST_RETRY_GONE:
        d->verdict = "gone";
        break;

    case COST_RETRY_DEAD:
        d->verdict = "dead";
        break;

    default: /* COST_RETRY_AGAIN */
        d->verdict = cost_retry_pause((unsigned) d->tries + 1,
                                      (uint32_t) ngx_random(),
                                      (uint32_t) d->retry_after, &d->pause)
                     == COST_OK ? "again" : "dead";
    }

    if (verdict == COST_RETRY_DELIVERED) {
        deliver->tmcf->status.delivered++;

    } else {
        deliver->tmcf->status.failed++;
    }

    ngx_queue_insert_tail(&deliver->ended, &d->queue);
    deliver->nended++;
    ngx_http_cost_timer_deliver_post(deliver);
}
