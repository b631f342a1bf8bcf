
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


/* NULL where the location has no api_key */
const ngx_http_cost_key_t *ngx_http_cost_key_get(ngx_http_request_t *r);

/*
 * NGX_OK, or the 403 that a handler returns because the key's permission is
 * below what the route needs.
 */
ngx_int_t ngx_http_cost_key_permit(ngx_http_request_t *r,
    ngx_http_cost_key_permission_e permission);

/* "read", "write", "admin" */
ngx_str_t *ngx_http_cost_key_permission_name(
    ngx_http_cost_key_permission_e permission);


extern ngx_module_t  ngx_http_cost_key_module;


#endif /* _NGX_HTTP_COST_KEY_H_INCLUDED_ */
