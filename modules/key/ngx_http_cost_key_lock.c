
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The lock of a build with NGX_HTTP_COST_LOCKCHECK: it must never be taken
 * twice, nor be held where a request ends, waits or is logged.
 */


#include "key/ngx_http_cost_key_zone.h"


#if (NGX_HTTP_COST_LOCKCHECK)

static ngx_uint_t  ngx_http_cost_key_depth;


void
ngx_http_cost_key_lock(ngx_http_cost_key_zone_t *zone)
{
    ngx_http_cost_key_locked(0);

    ngx_shmtx_lock(&zone->shpool->mutex);
    ngx_http_cost_key_depth++;
}


void
ngx_http_cost_key_unlock(ngx_http_cost_key_zone_t *zone)
{
    ngx_http_cost_key_locked(1);

    ngx_http_cost_key_depth--;
    ngx_shmtx_unlock(&zone->shpool->mutex);
}


void
ngx_http_cost_key_locked(ngx_uint_t depth)
{
    if (ngx_http_cost_key_depth != depth) {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0,
                      "api key lock is held %ui times, not %ui",
                      ngx_http_cost_key_depth, depth);
        ngx_abort();
    }
}

#endif
