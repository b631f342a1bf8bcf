
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * metrics/: what the rooms below count, summed over all workers, as
 * Prometheus reads it.
 *
 * Each worker has a slot of its own in shared memory, so that nothing is
 * locked and no two processes write the same word.  Requests are counted in
 * the slot itself; what other rooms count for themselves is carried over once
 * a second, before a worker answers, and when it leaves.  A slot outlives its
 * worker: whoever takes it over counts on, so that sums never fall; what is
 * of a moment only (a gauge) counts while its worker lives.
 *
 * Above all other rooms; nobody includes this.
 */


#ifndef _NGX_HTTP_COST_METRICS_H_INCLUDED_
#define _NGX_HTTP_COST_METRICS_H_INCLUDED_


#include "ngx_http_cost.h"
#include "pg/ngx_http_cost_pg.h"
#include "key/ngx_http_cost_key.h"
#include "api/ngx_http_cost_api.h"
#include "calculate/ngx_http_cost_calculate.h"
#include "timer/ngx_http_cost_timer.h"


/* workers at a time, leaving ones of an old configuration included */
#define NGX_HTTP_COST_METRICS_SLOTS     128

#define NGX_HTTP_COST_METRICS_STATUSES  18   /* the last: any other */
#define NGX_HTTP_COST_METRICS_BUCKETS   12   /* the last: any duration */


/* counted by other rooms, for one process */

enum {
    NGX_HTTP_COST_METRICS_PG_QUERIES = 0,
    NGX_HTTP_COST_METRICS_PG_FAILED,
    NGX_HTTP_COST_METRICS_PG_CANCELLED,
    NGX_HTTP_COST_METRICS_PG_CONNECTS,
    NGX_HTTP_COST_METRICS_CACHE_HITS,
    NGX_HTTP_COST_METRICS_CACHE_MISSES,
    NGX_HTTP_COST_METRICS_CACHE_WAITS,
    NGX_HTTP_COST_METRICS_CACHE_STALE,
    NGX_HTTP_COST_METRICS_CACHE_EVICTED,
    NGX_HTTP_COST_METRICS_DATA_HEARD,
    NGX_HTTP_COST_METRICS_TICKS,
    NGX_HTTP_COST_METRICS_TICKS_LATE,
    NGX_HTTP_COST_METRICS_TICKS_OVERRUN,
    NGX_HTTP_COST_METRICS_CLAIMED,
    NGX_HTTP_COST_METRICS_DELIVERED,
    NGX_HTTP_COST_METRICS_UNDELIVERED,
    NGX_HTTP_COST_METRICS_SEARCHED,
    NGX_HTTP_COST_METRICS_ANOMALIES,
    NGX_HTTP_COST_METRICS_COUNTERS
};


enum {
    NGX_HTTP_COST_METRICS_WORKERS = 0,
    NGX_HTTP_COST_METRICS_PG_FAST,
    NGX_HTTP_COST_METRICS_PG_SLOW,
    NGX_HTTP_COST_METRICS_PG_FAST_READY,
    NGX_HTTP_COST_METRICS_PG_SLOW_READY,
    NGX_HTTP_COST_METRICS_PG_IN_FLIGHT,
    NGX_HTTP_COST_METRICS_PG_WAITING,
    NGX_HTTP_COST_METRICS_PG_LOADS,
    NGX_HTTP_COST_METRICS_PG_LISTENING,
    NGX_HTTP_COST_METRICS_SENDING,
    NGX_HTTP_COST_METRICS_LEADS,
    NGX_HTTP_COST_METRICS_GAUGES
};


/* in shared memory; "requests" has a row of statuses for each route */

typedef struct {
    ngx_pid_t       pid;         /* 0: nobody's; written under the lock */
    uint64_t        counters[NGX_HTTP_COST_METRICS_COUNTERS];
    uint64_t        gauges[NGX_HTTP_COST_METRICS_GAUGES];
    uint64_t        refused[NGX_HTTP_COST_KEY_REASONS];
    uint64_t        durations[NGX_HTTP_COST_METRICS_BUCKETS];
    uint64_t        milliseconds;
    uint64_t        requests[1];
} ngx_http_cost_metrics_slot_t;


typedef struct {
    ngx_uint_t                     used;     /* in a location */
    ngx_shm_zone_t                *shm_zone;
    ngx_uint_t                     routes;
    size_t                         size;     /* of a slot */

    /* of the worker; NULL: there was no slot left */
    ngx_http_cost_metrics_slot_t  *slot;
    ngx_event_t                    carry;
    ngx_connection_t               connection;
    uint64_t                       counted[NGX_HTTP_COST_METRICS_COUNTERS];
    uint64_t                       refused[NGX_HTTP_COST_KEY_REASONS];
} ngx_http_cost_metrics_main_conf_t;


/* slots lie one behind the other */

#define ngx_http_cost_metrics_slot(mmcf, n)                                   \
    ((ngx_http_cost_metrics_slot_t *)                                         \
         ((u_char *) (mmcf)->shm_zone->data + (n) * (mmcf)->size))


extern const ngx_uint_t
    ngx_http_cost_metrics_statuses[NGX_HTTP_COST_METRICS_STATUSES - 1];
extern const ngx_uint_t             /* milliseconds, at most */
    ngx_http_cost_metrics_bounds[NGX_HTTP_COST_METRICS_BUCKETS - 1];

/* the text, in r->pool; NGX_ERROR: no memory */
ngx_int_t ngx_http_cost_metrics_write(ngx_http_request_t *r,
    ngx_http_cost_metrics_main_conf_t *mmcf, ngx_str_t *text);


extern ngx_module_t  ngx_http_cost_metrics_module;


#endif /* _NGX_HTTP_COST_METRICS_H_INCLUDED_ */
