
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * cost_cache_zone: replies that were read from the database, in shared memory.
 *
 * An entry's key is the statement with all of its parameters, the
 * organization among them, and what else the text depends on; so nothing is
 * ever shared between organizations, and two ways of asking the same are one
 * entry.  It is good as long as its organization's data are of the generation
 * they were of when the query began: every NOTIFY raises it.  While no
 * notifications can be heard, nothing is trusted for longer than a second.
 *
 * Only one request asks the database for a missing entry (it leads a flight);
 * others wait for its answer, also those of other workers.
 *
 *     enter() -> NGX_OK        the reply is there
 *             -> NGX_DECLINED  lead: query, then store() or leave()
 *             -> NGX_AGAIN     somebody leads: wait, then enter() again
 *             -> NGX_ABORT     who led had nothing to share: ask yourself
 *             -> NGX_ERROR     no room: do without
 */


#ifndef _NGX_HTTP_COST_API_CACHE_H_INCLUDED_
#define _NGX_HTTP_COST_API_CACHE_H_INCLUDED_


#include "api/ngx_http_cost_api.h"


/* a question, in the pool of the request that asks it */

typedef struct {
    ngx_str_t       key;
    uint64_t        hash;
    ngx_int_t       organization;

    /* of the data, when the flight began */
    uint64_t        generation;
    uint64_t        epoch;

    ngx_msec_t      deadline;    /* of the flight that is led or waited for */
    unsigned        waited:1;
    unsigned        impatient:1; /* takes that flight for lost, and leads */
} ngx_http_cost_api_question_t;


/* a reply; the tag and the text are a copy in the pool */

typedef struct {
    ngx_str_t       text;
    ngx_str_t       etag;
    time_t          age;         /* seconds */
} ngx_http_cost_api_entry_t;


/* "cost_cache_zone name:size [stale=time];" in http; stale is 5m as shipped */
char *ngx_http_cost_api_cache_zone(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

ngx_int_t ngx_http_cost_api_cache_enter(ngx_http_cost_api_zone_t *zone,
    ngx_pool_t *pool, ngx_http_cost_api_question_t *question,
    ngx_http_cost_api_entry_t *entry);

/* the end of a flight: with an answer, to share or (too large) not */
void ngx_http_cost_api_cache_store(ngx_http_cost_api_zone_t *zone,
    ngx_http_cost_api_question_t *question, ngx_str_t *text,
    ngx_str_t *etag);

/* with none: "lead" has the next one who waits try, else each asks itself */
void ngx_http_cost_api_cache_leave(ngx_http_cost_api_zone_t *zone,
    ngx_http_cost_api_question_t *question, ngx_uint_t lead);

/*
 * For when the database does not answer: an entry that is out of date, but
 * not older than "stale" allows.  NGX_OK or NGX_DECLINED.
 */
ngx_int_t ngx_http_cost_api_cache_stale(ngx_http_cost_api_zone_t *zone,
    ngx_pool_t *pool, ngx_http_cost_api_question_t *question,
    ngx_http_cost_api_entry_t *entry);


#endif /* _NGX_HTTP_COST_API_CACHE_H_INCLUDED_ */
