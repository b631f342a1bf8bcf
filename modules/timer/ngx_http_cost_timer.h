
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What the files of timer/ share.  No other room includes this.
 *
 *     module    directives, variables, filters, the start and end of a worker
 *     fake      a request that no client sent: the only place that makes one
 *     tick      the clock of worker 0, and who leads
 *     watch     when it is time to evaluate, and for whom
 *     budgets   their thresholds
 *     alerts    which trigger, and which resolve
 *     daily     the search for anomalies
 *     scan      one such search, which sync has, too
 *     deliver   claim, send, record
 *     target    the URL of an endpoint becomes a checked address
 *     sign      the headers of a delivery
 *     email     the event in words, through smtp: a relay
 *     slack     the same, to Slack
 */


#ifndef _NGX_HTTP_COST_TIMER_H_INCLUDED_
#define _NGX_HTTP_COST_TIMER_H_INCLUDED_


#include "ngx_http_cost.h"
#include "pg/ngx_http_cost_pg.h"
#include "webhook/ngx_http_cost_webhook.h"


#define NGX_HTTP_COST_TIMER_ANSWER  1024     /* bytes of an answer, kept */
#define NGX_HTTP_COST_TIMER_DRAIN   65536    /* read, before it is cut off */


/* an internal location, and the server it stands in */

typedef struct {
    ngx_str_t                   name;
    ngx_http_core_loc_conf_t   *clcf;
    ngx_http_conf_ctx_t        *ctx;
} ngx_http_cost_timer_location_t;


/*
 * A request of ours to an internal location: ngx_http_cost_timer_fake.c.
 */

typedef struct {
    ngx_uint_t                  status;      /* of the peer; 0: no answer */
    ngx_int_t                   rc;          /* then nginx's own verdict, or
                                                NGX_ABORT: out of time */
    ngx_msec_t                  latency;
    time_t                      retry_after; /* seconds, 0: none */
    size_t                      len;
    u_char                      answer[NGX_HTTP_COST_TIMER_ANSWER];
} ngx_http_cost_timer_outcome_t;

/* "outcome" lives until this returns */
typedef void (*ngx_http_cost_timer_done_pt)(void *data,
    ngx_http_cost_timer_outcome_t *outcome);

/* what the variables of the location say; must outlive the request */

typedef struct {
    ngx_str_t                   url;         /* its host a checked address */
    ngx_str_t                   host;        /* of the Host header */
    ngx_str_t                   name;        /* of the certificate and SNI */
    ngx_str_t                   id;          /* for logs */
    ngx_uint_t                  final;       /* cost_smtp: never again */
} ngx_http_cost_timer_target_t;

typedef struct {
    ngx_str_t                   name;
    ngx_str_t                   value;
} ngx_http_cost_timer_header_t;

typedef struct {
    ngx_http_cost_timer_location_t  *location;
    ngx_http_cost_timer_target_t    *target;
    ngx_http_cost_timer_header_t    *headers;
    ngx_uint_t                       nheaders;
    ngx_str_t                        body;
    ngx_msec_t                       deadline;
    ngx_http_cost_timer_done_pt      done;
    void                            *data;
} ngx_http_cost_timer_send_t;

/*
 * POSTs.  "done" is called exactly once, unless NGX_ERROR is returned, and
 * possibly before this returns; it must not send anything itself, but post an
 * event that does.  What "send" points to must live until then, "send" itself
 * need not.
 */
ngx_int_t ngx_http_cost_timer_fake_send(ngx_http_cost_timer_send_t *send);

/* of the delivery that a request, or its main request, is; NULL: none */
ngx_http_cost_timer_target_t *ngx_http_cost_timer_fake_target(
    ngx_http_request_t *r);

ngx_int_t ngx_http_cost_timer_fake_filters(ngx_conf_t *cf);


typedef struct ngx_http_cost_timer_deliver_s  ngx_http_cost_timer_deliver_t;
typedef struct ngx_http_cost_timer_smtp_s  ngx_http_cost_timer_smtp_t;
typedef struct ngx_http_cost_timer_daily_s  ngx_http_cost_timer_daily_t;

typedef struct {
    ngx_uint_t                  ticks;
    ngx_uint_t                  late;        /* of them, by more than a half */
    ngx_uint_t                  overrun;     /* the last was still at work */
    ngx_uint_t                  claimed;
    ngx_uint_t                  delivered;
    ngx_uint_t                  failed;
    ngx_uint_t                  in_flight;
    ngx_uint_t                  leads;       /* is this node the leader? */
    ngx_uint_t                  searched;    /* accounts, by daily searches */
    ngx_uint_t                  anomalies;   /* which they added */
} ngx_http_cost_timer_status_t;


/*
 * Something that is evaluated: ngx_http_cost_timer_watch.c.  "start" begins
 * for the organizations of "{1,2}", for all where its data is NULL, and ends
 * in ngx_http_cost_timer_watch_done(), later; NGX_ERROR: it could not begin.
 */

#define NGX_HTTP_COST_TIMER_WATCHED        3     /* channels */
#define NGX_HTTP_COST_TIMER_ORGANIZATIONS  128

enum {
    NGX_HTTP_COST_TIMER_BUDGETS = 0,
    NGX_HTTP_COST_TIMER_ALERTS,
    NGX_HTTP_COST_TIMER_WATCHERS
};

typedef struct ngx_http_cost_timer_watcher_s  ngx_http_cost_timer_watcher_t;
typedef struct ngx_http_cost_timer_main_conf_s
                                            ngx_http_cost_timer_main_conf_t;

typedef ngx_int_t (*ngx_http_cost_timer_watcher_pt)(
    ngx_http_cost_timer_watcher_t *watcher, ngx_str_t *organizations);

struct ngx_http_cost_timer_watcher_s {
    ngx_http_cost_timer_watcher_pt    start;
    ngx_http_cost_timer_main_conf_t  *tmcf;
    ngx_uint_t                        busy;
    ngx_uint_t                        all;
    ngx_uint_t                        n;
    ngx_int_t                         organizations[
                                          NGX_HTTP_COST_TIMER_ORGANIZATIONS];
};


struct ngx_http_cost_timer_main_conf_s {
    ngx_flag_t                  on;
    ngx_msec_t                  period;      /* of the tick */
    ngx_msec_t                  timeout;     /* of a delivery, in all */
    ngx_uint_t                  most;        /* deliveries in flight */
    ngx_uint_t                  width;       /* of them to one endpoint */
    time_t                      patience;    /* with one that only fails */
    time_t                      keep;        /* events, for so long */
    ngx_msec_t                  evaluate;    /* everything, so often */
    ngx_msec_t                  jitter;      /* of the period, at most */
    ngx_msec_t                  debounce;    /* from the first notice on */
    ngx_uint_t                  evaluate_batch;  /* alerts of a statement */
    time_t                      purge_period;
    ngx_uint_t                  purge_batch; /* events of a statement */
    time_t                      daily;       /* seconds after midnight */
    ngx_uint_t                  daily_batch; /* accounts of a statement */

    ngx_http_cost_timer_location_t       webhook;
    ngx_http_cost_timer_location_t       email;
    ngx_http_cost_timer_location_t       slack;
    ngx_http_cost_timer_smtp_t          *smtp;
    ngx_str_t                            slack_token;    /* "Bearer ..." */
    ngx_http_cost_webhook_main_conf_t   *wmcf;
    ngx_http_cost_pg_listen_t            listen;
    ngx_http_cost_pg_listen_t            watched[NGX_HTTP_COST_TIMER_WATCHED];

    /* of worker 0 */
    ngx_str_t                            node;   /* a uuid: of this life */
    ngx_event_t                          tick;
    ngx_connection_t                     connection;
    ngx_msec_t                           due;
    ngx_http_cost_pg_query_t            *leading;    /* under way */
    ngx_msec_t                           asked;
    ngx_msec_t                           lead_until;
    time_t                               purge;      /* the next */
    ngx_http_cost_pg_query_t            *purging;
    ngx_http_cost_timer_deliver_t       *deliver;
    ngx_event_t                          watch;
    ngx_msec_t                           watch_at;   /* the next for all */
    ngx_uint_t                           watching;   /* led at the last tick */
    ngx_http_cost_timer_watcher_t        watchers[
                                             NGX_HTTP_COST_TIMER_WATCHERS];
    ngx_http_cost_timer_daily_t         *search;
    ngx_http_cost_timer_status_t         status;
};


/*
 * Directives.  The location that one stands in becomes *location: there is
 * one of its kind, with a plain name.
 */

char *ngx_http_cost_timer_location(ngx_conf_t *cf,
    ngx_http_cost_timer_location_t *location);

char *ngx_http_cost_timer_smtp(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_cost_timer_slack(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* the clock: ngx_http_cost_timer_tick.c */

ngx_int_t ngx_http_cost_timer_tick_init(ngx_cycle_t *cycle,
    ngx_http_cost_timer_main_conf_t *tmcf);

/* may this node do what one node does alone? */
ngx_uint_t ngx_http_cost_timer_leads(ngx_http_cost_timer_main_conf_t *tmcf);


/* evaluation: ngx_http_cost_timer_watch.c */

char *ngx_http_cost_timer_watch_conf(ngx_conf_t *cf,
    ngx_http_cost_timer_main_conf_t *tmcf);
void ngx_http_cost_timer_watch_init(ngx_cycle_t *cycle,
    ngx_http_cost_timer_main_conf_t *tmcf);
void ngx_http_cost_timer_watch_tick(ngx_http_cost_timer_main_conf_t *tmcf);

/* not NGX_OK: it is tried again, for all */
void ngx_http_cost_timer_watch_done(ngx_http_cost_timer_watcher_t *watcher,
    ngx_int_t rc);

/* watchers */
ngx_int_t ngx_http_cost_timer_alerts(ngx_http_cost_timer_watcher_t *watcher,
    ngx_str_t *organizations);
ngx_int_t ngx_http_cost_timer_budgets(ngx_http_cost_timer_watcher_t *watcher,
    ngx_str_t *organizations);


/* the daily search for anomalies: ngx_http_cost_timer_daily.c */

ngx_int_t ngx_http_cost_timer_daily_init(ngx_cycle_t *cycle,
    ngx_http_cost_timer_main_conf_t *tmcf);
void ngx_http_cost_timer_daily_tick(ngx_http_cost_timer_main_conf_t *tmcf);


/* deliveries: ngx_http_cost_timer_deliver.c */

ngx_int_t ngx_http_cost_timer_deliver_init(ngx_cycle_t *cycle,
    ngx_http_cost_timer_main_conf_t *tmcf);

/* looks for work, unless it is at it */
void ngx_http_cost_timer_deliver_wake(ngx_http_cost_timer_main_conf_t *tmcf);


/*
 * Targets: ngx_http_cost_timer_target.c.  "done" is called once, possibly
 * before this returns: with NULL and the target, or with why not, a text
 * that lives as long as the pool.  NGX_ERROR: no memory, "done" is not called.
 */
typedef void (*ngx_http_cost_timer_target_pt)(void *data, const char *why);

ngx_int_t ngx_http_cost_timer_target(ngx_http_cost_timer_main_conf_t *tmcf,
    ngx_pool_t *pool, ngx_str_t *url, ngx_http_cost_timer_target_t *target,
    ngx_http_cost_timer_target_pt done, void *data);


/* headers: ngx_http_cost_timer_sign.c */

#define NGX_HTTP_COST_TIMER_HEADERS  8

typedef struct {
    ngx_str_t                   event;       /* its uuid */
    ngx_str_t                   type;
    ngx_str_t                   time;        /* ISO 8601 */
    ngx_str_t                   body;
    ngx_str_t                   secret;
    ngx_str_t                   old;         /* during a rotation */
} ngx_http_cost_timer_message_t;

/* NGX_HTTP_COST_TIMER_HEADERS of them, in "pool" */
ngx_int_t ngx_http_cost_timer_sign(ngx_pool_t *pool,
    ngx_http_cost_timer_message_t *message, time_t now,
    ngx_http_cost_timer_header_t *headers);


extern ngx_module_t  ngx_http_cost_timer_module;


#endif /* _NGX_HTTP_COST_TIMER_H_INCLUDED_ */
