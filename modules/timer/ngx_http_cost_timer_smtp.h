
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What the files of SMTP share: the relay that the operator names, and the
 * handler of the location that speaks to it.
 */


#ifndef _NGX_HTTP_COST_TIMER_SMTP_H_INCLUDED_
#define _NGX_HTTP_COST_TIMER_SMTP_H_INCLUDED_


#include "timer/ngx_http_cost_timer.h"


struct ngx_http_cost_timer_smtp_s {
    ngx_addr_t    *addrs;        /* of the relay, in turn */
    ngx_uint_t     naddrs;
    ngx_uint_t     next;
    ngx_str_t      host;         /* of its certificate; NUL-terminated */
    ngx_str_t      from;
    ngx_str_t      helo;
    ngx_str_t      auth;         /* "AUTH PLAIN ...\r\n", or empty */
    ngx_msec_t     timeout;      /* of each read and write */
#if (NGX_SSL)
    ngx_ssl_t     *ssl;          /* NULL: without TLS */
#endif
};


/*
 * The content handler: the body of the request is the message, ready for
 * DATA, target->url its receiver.  The response's status is the relay's, of
 * the last reply, which is its body; target->final says that another try is
 * of no use.
 */
ngx_int_t ngx_http_cost_timer_smtp_handler(ngx_http_request_t *r);


#endif /* _NGX_HTTP_COST_TIMER_SMTP_H_INCLUDED_ */
