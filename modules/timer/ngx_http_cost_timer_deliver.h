
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What the files of deliveries share: the loop that claims and records, one
 * delivery, and its channels.
 */


#ifndef _NGX_HTTP_COST_TIMER_DELIVER_H_INCLUDED_
#define _NGX_HTTP_COST_TIMER_DELIVER_H_INCLUDED_


#include "timer/ngx_http_cost_timer.h"


struct ngx_http_cost_timer_deliver_s {
    ngx_http_cost_timer_main_conf_t  *tmcf;
    ngx_event_t                       work;      /* posted, or a timer */
    ngx_event_t                       start;
    ngx_connection_t                  connection;
    ngx_http_cost_pg_query_t         *turn;      /* under way */
    ngx_queue_t                       claimed;   /* to be started */
    ngx_queue_t                       ended;     /* to be recorded */
    ngx_uint_t                        nended;
    ngx_queue_t                       recording;
    ngx_uint_t                        in_flight; /* claimed, not recorded */
    ngx_uint_t                        more;      /* there may be work */
    ngx_uint_t                        fails;     /* of records, in a row */
};


typedef struct ngx_http_cost_timer_delivery_s  ngx_http_cost_timer_delivery_t;


typedef void (*ngx_http_cost_timer_start_pt)(
    ngx_http_cost_timer_delivery_t *d);
typedef cost_retry_verdict_e (*ngx_http_cost_timer_verdict_pt)(
    ngx_http_cost_timer_delivery_t *d);

/*
 * How a kind of endpoint is sent to.  "start" prepares, and ends in _send()
 * or _end(); both may come later.
 */
typedef struct {
    ngx_str_t                         kind;
    size_t                            location;  /* in tmcf */
    const char                       *none;      /* why, without a location */
    ngx_http_cost_timer_start_pt      start;
    ngx_http_cost_timer_verdict_pt    verdict;
} ngx_http_cost_timer_channel_t;


struct ngx_http_cost_timer_delivery_s {
    ngx_queue_t                            queue;
    ngx_pool_t                            *pool;
    ngx_http_cost_timer_deliver_t         *deliver;
    const ngx_http_cost_timer_channel_t   *channel;
    ngx_str_t                              organization;
    ngx_str_t                              id;
    ngx_str_t                              claim;
    ngx_uint_t                             tries;
    ngx_str_t                              webhook;  /* its uuid */
    ngx_str_t                              url;
    ngx_str_t                              secret;   /* sealed */
    ngx_str_t                              old;      /* as this */
    ngx_http_cost_timer_message_t          message;
    ngx_str_t                              title;    /* for people */
    ngx_str_t                              text;

    /* what is sent */
    ngx_http_cost_timer_target_t           target;
    ngx_http_cost_timer_header_t           headers[
                                               NGX_HTTP_COST_TIMER_HEADERS];
    ngx_uint_t                             nheaders;
    ngx_str_t                              body;

    /* the outcome */
    const char                            *error;    /* no quotes, no \ */
    const char                            *verdict;  /* deliveries_record */
    uint32_t                               pause;
    ngx_uint_t                             status;
    ngx_msec_t                             latency;
    time_t                                 retry_after;
    ngx_str_t                              answer;
};


/* the loop has something to do: ngx_http_cost_timer_deliver.c */
void ngx_http_cost_timer_deliver_post(ngx_http_cost_timer_deliver_t *deliver);

/*
 * The delivery of a row of timer_turn.sql, in deliver->claimed; started, it
 * ends in deliver->ended: ngx_http_cost_timer_deliver_one.c.  NGX_ERROR: no
 * memory.
 */
ngx_int_t ngx_http_cost_timer_delivery(ngx_http_cost_timer_deliver_t *deliver,
    ngx_http_cost_pg_result_t *result, ngx_uint_t row);
void ngx_http_cost_timer_delivery_start(ngx_http_cost_timer_delivery_t *d);

/* for channels: d->headers and d->body go to d->target */
void ngx_http_cost_timer_delivery_send(ngx_http_cost_timer_delivery_t *d);

/*
 * For channels: it ends without having been sent.  A verdict of
 * COST_RETRY_AGAIN may still be that it was tried often enough.
 */
void ngx_http_cost_timer_delivery_end(ngx_http_cost_timer_delivery_t *d,
    cost_retry_verdict_e verdict, const char *error);


extern const ngx_http_cost_timer_channel_t  ngx_http_cost_timer_hook_channel;
extern const ngx_http_cost_timer_channel_t  ngx_http_cost_timer_email_channel;
extern const ngx_http_cost_timer_channel_t  ngx_http_cost_timer_slack_channel;


#endif /* _NGX_HTTP_COST_TIMER_DELIVER_H_INCLUDED_ */
