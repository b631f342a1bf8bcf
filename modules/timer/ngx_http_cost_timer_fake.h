
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What the three files of a request that no client sent share.
 *
 *     fake         its life
 *     fake_slot    its connection
 *     fake_filter  what its subrequest is answered
 */


#ifndef _NGX_HTTP_COST_TIMER_FAKE_H_INCLUDED_
#define _NGX_HTTP_COST_TIMER_FAKE_H_INCLUDED_


#include "timer/ngx_http_cost_timer_fetch.h"


struct ngx_http_cost_timer_fake_s {
    ngx_connection_t                *connection;
    ngx_http_request_t              *request;    /* main */
    ngx_http_request_t              *sub;
    ngx_http_connection_t            hc;
    ngx_log_t                        log;
    ngx_http_log_ctx_t               log_ctx;
    ngx_buf_t                        buf;        /* empty: c->buffer */
    ngx_event_t                      deadline;
    ngx_msec_t                       started;
    off_t                            received;
    ngx_http_cost_timer_fetch_t     *fetch;      /* NULL: a delivery */
    ngx_http_cost_timer_target_t    *target;
    ngx_http_cost_timer_done_pt      done;
    void                            *data;
    ngx_http_post_subrequest_t       post;
    ngx_uint_t                       answered;   /* with a whole header */
    ngx_uint_t                       ended;      /* the outcome is known */
    ngx_http_cost_timer_outcome_t    outcome;
};


/* NULL: a request like any other */
ngx_http_cost_timer_fake_t *ngx_http_cost_timer_fake_get(
    ngx_http_request_t *r);

void ngx_http_cost_timer_fake_abort(ngx_http_cost_timer_fake_t *fake);

/* a slot of worker_connections, without a socket */
ngx_connection_t *ngx_http_cost_timer_fake_connection(ngx_log_t *log);
void ngx_http_cost_timer_fake_release(ngx_connection_t *c);


#endif /* _NGX_HTTP_COST_TIMER_FAKE_H_INCLUDED_ */
