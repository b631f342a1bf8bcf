
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A GET whose answer is read as it comes: ngx_http_cost_timer_fake_filter.c.
 *
 *     fetch->ready()      there are bytes, or the header is there: post an
 *                         event that looks, nothing else
 *     peek(), take()      the bytes, as many as are wanted
 *     resume()            all were taken: the peer may send more
 *     fetch->send.done()  the end, when all were taken; or a failure
 *
 * As long as bytes are not taken none are read from the peer, beyond the
 * buffer of the location.
 */


#ifndef _NGX_HTTP_COST_TIMER_FETCH_H_INCLUDED_
#define _NGX_HTTP_COST_TIMER_FETCH_H_INCLUDED_


#include "timer/ngx_http_cost_timer.h"


#define NGX_HTTP_COST_TIMER_VERSION  200     /* bytes of an ETag */


typedef struct ngx_http_cost_timer_fake_s  ngx_http_cost_timer_fake_t;


/* must live until "done" has been called, or it was cancelled */

typedef struct {
    ngx_http_cost_timer_send_t   send;       /* without a body */
    void                       (*ready)(void *data);     /* send.data */

    /* of a 200 */
    ngx_uint_t                   streaming;  /* its header is there */
    ngx_uint_t                   sized;      /* its end can be told */
    ngx_uint_t                   whole;      /* and has come */
    off_t                        length;     /* -1: not known */
    size_t                       version_len;    /* ETag, else Last-Modified */
    u_char                       version[NGX_HTTP_COST_TIMER_VERSION];

    /* internal */
    ngx_http_cost_timer_fake_t  *fake;
    ngx_chain_t                 *in;
    ngx_chain_t                **last;
} ngx_http_cost_timer_fetch_t;


/* as ngx_http_cost_timer_fake_send() */
ngx_int_t ngx_http_cost_timer_fetch(ngx_http_cost_timer_fetch_t *fetch);

/* the next bytes; 0: there are none yet */
size_t ngx_http_cost_timer_fetch_peek(ngx_http_cost_timer_fetch_t *fetch,
    u_char **p);
void ngx_http_cost_timer_fetch_take(ngx_http_cost_timer_fetch_t *fetch,
    size_t len);

/* may call "done"; not from within "ready" */
void ngx_http_cost_timer_fetch_resume(ngx_http_cost_timer_fetch_t *fetch);

/* "done" is not called; not from within "ready" */
void ngx_http_cost_timer_fetch_cancel(ngx_http_cost_timer_fetch_t *fetch);


/*
 * As ngx_http_cost_timer_target(), for the resolver of a location and what
 * COST_URL_ALLOW_* allow.
 */
ngx_int_t ngx_http_cost_timer_target_of(
    ngx_http_cost_timer_location_t *location, ngx_uint_t allow,
    ngx_pool_t *pool, ngx_str_t *url, ngx_http_cost_timer_target_t *target,
    ngx_http_cost_timer_target_pt done, void *data);


#endif /* _NGX_HTTP_COST_TIMER_FETCH_H_INCLUDED_ */
