
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The door of key/: who is asking, what they may do, and how often.
 *
 * "api_key" in a location makes the access phase authenticate every request
 * by "Authorization: Bearer K" or "X-API-Key: K".  The key is looked up by
 * its SHA-256 in shared memory, and in PostgreSQL on a miss.
 */


#ifndef _NGX_HTTP_COST_KEY_H_INCLUDED_
#define _NGX_HTTP_COST_KEY_H_INCLUDED_


#include "ngx_http_cost.h"


typedef enum {
    NGX_HTTP_COST_KEY_READ = 1,
    NGX_HTTP_COST_KEY_WRITE,
    NGX_HTTP_COST_KEY_ADMIN
} ngx_http_cost_key_permission_e;


/* a copy in r->pool of what the zone held when the request was let in */

typedef struct {
    ngx_int_t                        organization;       /* organizations.id */
    ngx_str_t                        organization_uuid;
    ngx_str_t                        organization_name;
    ngx_str_t                        currency;           /* ISO 4217 */
    ngx_str_t                        id;                 /* a uuid */
    ngx_str_t                        name;
    ngx_str_t                        prefix;             /* "cc_" */
    ngx_str_t                        plan;
    ngx_http_cost_key_permission_e   permission;
    time_t                           expires;            /* 0: never */
    cost_wording_e                   wording;            /* of its plan */
} ngx_http_cost_key_t;


/* NULL where the location has no api_key, or a dry run let nobody pass */
const ngx_http_cost_key_t *ngx_http_cost_key_get(ngx_http_request_t *r);

/*
 * NGX_OK, or what a handler returns: 403 when the key's permission is below
 * what the route needs, the refusal that a dry run left out when there is no
 * key; NGX_DECLINED where the location has no api_key.
 */
ngx_int_t ngx_http_cost_key_permit(ngx_http_request_t *r,
    ngx_http_cost_key_permission_e permission);

/* "read", "write", "admin" */
ngx_str_t *ngx_http_cost_key_permission_name(
    ngx_http_cost_key_permission_e permission);


/*
 * The limits of the key's plan as they were left by this request, all of one
 * moment.  *n is 0 for an unlimited plan, and where there is no key.
 */
typedef struct {
    ngx_str_t                        name;       /* "minute", "3600s" */
    ngx_uint_t                       length;     /* seconds */
    ngx_uint_t                       sliding;
    ngx_uint_t                       limit;
    ngx_uint_t                       used;
    ngx_uint_t                       remaining;
    time_t                           resets;
} ngx_http_cost_key_limit_t;

ngx_http_cost_key_limit_t *ngx_http_cost_key_limits(ngx_http_request_t *r,
    ngx_uint_t *n);

/*
 * 1: the key was believed without the database, which cannot be reached
 * (api_key_stale): what is answered may be out of date
 */
ngx_uint_t ngx_http_cost_key_is_stale(ngx_http_request_t *r);


/*
 * For the management of keys.
 *
 * A plan of this configuration: NGX_OK with the prefix of its keys, or
 * NGX_DECLINED.  The plans without limits, as an array for PostgreSQL.
 */
ngx_int_t ngx_http_cost_key_plan(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *prefix);
ngx_int_t ngx_http_cost_key_unlimited(ngx_http_request_t *r,
    ngx_str_t *array);

/* a new secret, and its SHA-256 for PostgreSQL ("\x..."), in r->pool */
ngx_int_t ngx_http_cost_key_make(ngx_http_request_t *r, ngx_str_t *prefix,
    ngx_str_t *text, ngx_str_t *digest);

/*
 * Secrets have changed, and the change is committed: when this returns, no
 * worker of this node believes what it had cached.  "digests" are hex,
 * separated by commas.
 */
void ngx_http_cost_key_forget(ngx_http_request_t *r, ngx_str_t *digests);

/* NGX_OK, or NGX_ERROR */
ngx_int_t ngx_http_cost_key_permission_parse(ngx_str_t *name,
    ngx_uint_t *permission);


/* of a zone since it was made, for metrics and tests */

typedef struct {
    ngx_uint_t                       secrets;    /* held now */
    ngx_uint_t                       keys;
    ngx_uint_t                       organizations;
    ngx_uint_t                       passed;
    ngx_uint_t                       limited;
    ngx_uint_t                       unknown;
    ngx_uint_t                       stale;      /* of "passed" */
    ngx_uint_t                       lookups;
    ngx_uint_t                       notified;
    ngx_uint_t                       swept;      /* nodes */
    ngx_uint_t                       full;       /* failed allocations */
} ngx_http_cost_key_counts_t;

/* zones of this cycle, and the counts of one of them, from 0 on */
ngx_uint_t ngx_http_cost_key_zones(void);
void ngx_http_cost_key_zone_counts(ngx_uint_t n, ngx_str_t *name,
    ngx_http_cost_key_counts_t *counts);

/*
 * How often this process has refused, by reason; reason 0 is none.  Their
 * names are those of $api_key_status.
 */
#define NGX_HTTP_COST_KEY_REASONS  15

const ngx_uint_t *ngx_http_cost_key_refusals(void);
ngx_str_t *ngx_http_cost_key_reason(ngx_uint_t reason);

/* of the zone that guards the location; NGX_DECLINED: none does */
ngx_int_t ngx_http_cost_key_counts(ngx_http_request_t *r,
    ngx_http_cost_key_counts_t *counts);


extern ngx_module_t  ngx_http_cost_key_module;


#endif /* _NGX_HTTP_COST_KEY_H_INCLUDED_ */
