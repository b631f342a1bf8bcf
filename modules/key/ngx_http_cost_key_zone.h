
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What the files of key/ share: the zone, plans, the state of a request.
 * Not a door.
 *
 * In the zone, three hash tables, each node a slab slot:
 *
 *     secret (128 bytes)  what a client sends, by its SHA-256
 *       key (256)         what an operator sees; rotation gives it a second
 *                         secret, and both are counted together
 *         organization (256)
 *
 * and a small table of digests known to belong to nobody.  Logs of sliding
 * windows (12 + 4 * limit bytes) and names that are long are slots of their
 * own.  Everything is under one lock, the slab's, which the master frees when
 * a worker dies; nothing points into the zone while it is not held.
 */


#ifndef _NGX_HTTP_COST_KEY_ZONE_H_INCLUDED_
#define _NGX_HTTP_COST_KEY_ZONE_H_INCLUDED_


#include "key/ngx_http_cost_key.h"


/* raise with any change of what the zone's bytes mean */

#ifndef NGX_HTTP_COST_KEY_LAYOUT
#define NGX_HTTP_COST_KEY_LAYOUT       1
#endif

#define NGX_HTTP_COST_KEY_DIGEST       32
#define NGX_HTTP_COST_KEY_UUID         36
#define NGX_HTTP_COST_KEY_PLAN_LEN     32
#define NGX_HTTP_COST_KEY_PLANS        128   /* names, over all reloads */
#define NGX_HTTP_COST_KEY_NO_PLAN      NGX_HTTP_COST_KEY_PLANS
#define NGX_HTTP_COST_KEY_NAME_MAX     400   /* 100 characters of UTF-8 */
#define NGX_HTTP_COST_KEY_STATES       4
#define NGX_HTTP_COST_KEY_MORE_STATES  (2 * COST_WINDOW_MAX)
#define NGX_HTTP_COST_KEY_CLASSES      64    /* of digests, for generations */


typedef struct ngx_http_cost_key_owner_s    ngx_http_cost_key_owner_t;
typedef struct ngx_http_cost_key_node_s     ngx_http_cost_key_node_t;
typedef struct ngx_http_cost_key_secret_s   ngx_http_cost_key_secret_t;
typedef struct ngx_http_cost_key_load_s     ngx_http_cost_key_load_t;


/*
 * States of windows, found by kind and length, so that a plan may change in a
 * reload and old and new workers share what is the same in both.
 */

typedef struct {
    ngx_queue_t                        queue;       /* next NULL: all told */
    uint32_t                           organization;
    uint32_t                           key;         /* 0: the organization's */
    cost_window_state_t               *more;        /* MORE_STATES, or NULL */
    cost_window_state_t                states[NGX_HTTP_COST_KEY_STATES];
} ngx_http_cost_key_meter_t;


/* a text that stands behind its node, or elsewhere when it is too long */

typedef struct {
    u_char                            *data;
    uint16_t                           len;
    uint16_t                           size;        /* allocated, 0: behind */
} ngx_http_cost_key_name_t;


struct ngx_http_cost_key_owner_s {
    ngx_http_cost_key_owner_t         *next;
    uint32_t                           id;
    uint32_t                           generation;  /* raised by "o" */
    uint32_t                           keys;        /* that point here */
    uint8_t                            active;
    u_char                             currency[3];
    ngx_http_cost_key_name_t           name;
    ngx_http_cost_key_meter_t          meter;
    u_char                             uuid[NGX_HTTP_COST_KEY_UUID];
    u_char                             data[1];
};


struct ngx_http_cost_key_node_s {
    ngx_http_cost_key_node_t          *next;
    ngx_http_cost_key_owner_t         *organization;
    uint32_t                           id;
    uint32_t                           secrets;     /* that point here */
    ngx_http_cost_key_name_t           name;
    ngx_http_cost_key_meter_t          meter;
    uint8_t                            permission;
    uint8_t                            plan;        /* of sh->plans */
    u_char                             uuid[NGX_HTTP_COST_KEY_UUID];
    u_char                             data[1];
};


struct ngx_http_cost_key_secret_s {
    ngx_http_cost_key_secret_t        *next;
    ngx_http_cost_key_node_t          *key;
    ngx_msec_t                         checked;     /* against the database */
    uint32_t                           epoch;       /* of sh, when checked */
    uint32_t                           generation;  /* of its organization */
    uint32_t                           expires;     /* seconds, 0: never */
    uint32_t                           used;        /* seconds */
    uint32_t                           told;        /* "used" as it is known */
    ngx_queue_t                        queue;       /* next NULL: use told */
    u_char                             digest[NGX_HTTP_COST_KEY_DIGEST];
    uint8_t                            dropped;     /* must be looked up */
};


/* a digest that belongs to nobody; checked == 0: free */

typedef struct {
    ngx_msec_t                         checked;
    uint32_t                           epoch;
    u_char                             digest[NGX_HTTP_COST_KEY_DIGEST];
} ngx_http_cost_key_stranger_t;


typedef struct {
    uint32_t                           layout;
    uint32_t                           mask;        /* of the three tables */
    uint32_t                           strangers_mask;

    ngx_http_cost_key_secret_t       **secrets;
    ngx_http_cost_key_node_t         **keys;
    ngx_http_cost_key_owner_t        **organizations;
    ngx_http_cost_key_stranger_t      *strangers;

    /*
     * The listener's: "epoch" rises whenever notifications may have been
     * missed; a generation whenever one came, so that what was read from the
     * database before it is not kept after it.
     */
    uint32_t                           epoch;
    uint32_t                           listening;
    ngx_msec_t                         heard;       /* the last sign of life */
    ngx_msec_t                         heard_before;    /* of epoch - 1 */
    uint32_t                           generation;
    uint32_t                           generations[NGX_HTTP_COST_KEY_CLASSES];

    time_t                             second;      /* of look-ups: ... */
    uint32_t                           lookups;     /* ... that found nobody */
    uint32_t                           sweep;       /* the next bucket */
    time_t                             full;        /* last seen to be */
    time_t                             full_logged;
    time_t                             plan_logged;

    ngx_queue_t                        changed;     /* meters to be told of */
    ngx_queue_t                        used;        /* secrets, likewise */

    ngx_http_cost_key_counts_t         counts;

    uint32_t                           nplans;

    struct {
        uint8_t                        len;
        u_char                         data[NGX_HTTP_COST_KEY_PLAN_LEN];
    } plans[NGX_HTTP_COST_KEY_PLANS];

    /* names this life of the zone in the database */
    u_char                             node[16];
} ngx_http_cost_key_sh_t;


typedef struct {
    ngx_str_t                          name;
    ngx_str_t                          prefix;
    cost_wording_e                     wording;
    ngx_uint_t                         shared;      /* by an organization */
    ngx_uint_t                         kept;        /* in the database too */
    ngx_uint_t                         nwindows;
    cost_window_t                      windows[COST_WINDOW_MAX];
} ngx_http_cost_key_plan_t;


/* per process; shm_zone->data */

typedef struct {
    ngx_http_cost_key_sh_t            *sh;
    ngx_slab_pool_t                   *shpool;
    ngx_shm_zone_t                    *shm_zone;
    ngx_uint_t                         lookups;     /* of strangers, in 1 s */
    ngx_msec_t                         unreachable; /* the database, seen */

    struct ngx_http_cost_key_main_conf_s  *kmcf;

    /* by the index of the name in sh->plans; NULL: not configured */
    ngx_http_cost_key_plan_t          *plans[NGX_HTTP_COST_KEY_PLANS];
} ngx_http_cost_key_zone_t;


/* of a worker: how it hashes, and what it is looking up */

typedef struct ngx_http_cost_key_worker_s  ngx_http_cost_key_worker_t;


typedef struct ngx_http_cost_key_main_conf_s {
    ngx_array_t                        zones;       /* of ..._zone_t * */
    ngx_array_t                        plans;       /* of ..._plan_t */
    ngx_msec_t                         trust;
    ngx_msec_t                         stale;
    ngx_msec_t                         flush;
    ngx_uint_t                         used;        /* in a location */
    ngx_uint_t                         authorization_hash;
    ngx_uint_t                         api_key_hash;
    ngx_http_cost_key_worker_t        *worker;
} ngx_http_cost_key_main_conf_t;


typedef struct {
    ngx_http_cost_key_zone_t          *zone;        /* NULL: off */
    ngx_uint_t                         permission;
    ngx_uint_t                         log_level;
    ngx_flag_t                         dry_run;
    ngx_flag_t                         standard;    /* RateLimit headers */
} ngx_http_cost_key_loc_conf_t;


/* why a request was let in, or not */

typedef enum {
    NGX_HTTP_COST_KEY_OK = 0,
    NGX_HTTP_COST_KEY_MISSING,
    NGX_HTTP_COST_KEY_AMBIGUOUS,       /* two different keys were sent */
    NGX_HTTP_COST_KEY_MALFORMED,
    NGX_HTTP_COST_KEY_UNKNOWN,         /* or revoked */
    NGX_HTTP_COST_KEY_EXPIRED,
    NGX_HTTP_COST_KEY_INACTIVE,        /* its organization */
    NGX_HTTP_COST_KEY_NOPLAN,          /* its plan is not configured */
    NGX_HTTP_COST_KEY_FORBIDDEN,
    NGX_HTTP_COST_KEY_LIMITED,
    NGX_HTTP_COST_KEY_UNREACHABLE,     /* the database */
    NGX_HTTP_COST_KEY_BUSY,            /* too many look-ups */
    NGX_HTTP_COST_KEY_FULL,            /* the zone */
    NGX_HTTP_COST_KEY_FAILED,          /* no memory, a refused statement */
    NGX_HTTP_COST_KEY_LOOKUP           /* the database must be asked */
} ngx_http_cost_key_verdict_e;


/* of a request; survives internal redirects */

typedef struct {
    ngx_http_request_t                *request;
    ngx_http_cost_key_zone_t          *zone;
    ngx_http_cost_key_verdict_e        verdict;
    ngx_uint_t                         found;       /* "key" is filled in */
    ngx_uint_t                         stale;       /* taken on trust */
    ngx_http_cost_key_t                key;

    ngx_http_cost_key_plan_t          *plan;        /* NULL: not known */
    cost_window_look_t                *looks;       /* plan->nwindows */
    time_t                             now;         /* of the looks */

    /* while it waits for a look-up */
    ngx_http_cost_key_load_t          *load;
    ngx_queue_t                        queue;
    ngx_str_t                          text;        /* the key, as sent */
    u_char                             digest[NGX_HTTP_COST_KEY_DIGEST];
} ngx_http_cost_key_ctx_t;


/* a row of key_load.sql; the texts belong to the result */

typedef struct {
    uint32_t                           organization;
    uint32_t                           key;
    ngx_str_t                          organization_uuid;
    ngx_str_t                          organization_name;
    ngx_str_t                          currency;
    ngx_str_t                          uuid;
    ngx_str_t                          name;
    ngx_str_t                          plan;
    ngx_uint_t                         permission;
    uint32_t                           expires;
    ngx_str_t                          usage;       /* see key_load.sql */
    unsigned                           active:1;
    unsigned                           revoked:1;
} ngx_http_cost_key_row_t;


/* one window's count, on its way to the database */

typedef struct {
    uint32_t                           organization;
    uint32_t                           key;         /* 0: the organization's */
    uint32_t                           length;
    uint32_t                           start;
    uint32_t                           own;
} ngx_http_cost_key_told_t;


/* a secret's last use, likewise */

typedef struct {
    u_char                             digest[NGX_HTTP_COST_KEY_DIGEST];
    uint32_t                           used;
} ngx_http_cost_key_use_t;


/* how much may be believed: by the rules, after a look-up, without one */

typedef enum {
    NGX_HTTP_COST_KEY_TRUST_RULES = 0,
    NGX_HTTP_COST_KEY_TRUST_FRESH,
    NGX_HTTP_COST_KEY_TRUST_STALE
} ngx_http_cost_key_trust_e;


/* both only rise, so that their sum is the same only if both are */

#define ngx_http_cost_key_generation(sh, digest)                              \
    ((sh)->generation                                                         \
     + (sh)->generations[ngx_http_cost_key_class(digest)])

#define ngx_http_cost_key_class(digest)                                       \
    ((digest)[NGX_HTTP_COST_KEY_DIGEST - 1] & (NGX_HTTP_COST_KEY_CLASSES - 1))


/*
 * The lock.  A build with NGX_HTTP_COST_LOCKCHECK counts its depth and stops
 * the process where it is taken twice, or held where it must not be.
 */

#if (NGX_HTTP_COST_LOCKCHECK)

void ngx_http_cost_key_lock(ngx_http_cost_key_zone_t *zone);
void ngx_http_cost_key_unlock(ngx_http_cost_key_zone_t *zone);
void ngx_http_cost_key_locked(ngx_uint_t depth);

#else

#define ngx_http_cost_key_lock(zone)    ngx_shmtx_lock(&(zone)->shpool->mutex)
#define ngx_http_cost_key_unlock(zone)                                        \
    ngx_shmtx_unlock(&(zone)->shpool->mutex)
#define ngx_http_cost_key_locked(depth)                                       \
    do { /* void */ } while (0)

#endif


/* a copy of what the zone holds of a key, made under the lock */

typedef struct {
    ngx_uint_t                         found;
    ngx_uint_t                         stale;       /* taken on trust */
    ngx_http_cost_key_plan_t          *plan;        /* NULL: not configured */
    uint32_t                           organization;
    uint32_t                           expires;
    ngx_uint_t                         permission;
    size_t                             organization_name;    /* lengths */
    size_t                             name;
    cost_window_look_t                 looks[COST_WINDOW_MAX];

    /* both uuids, the currency, both names, in this order */
    u_char                             text[2 * NGX_HTTP_COST_KEY_UUID + 3
                                            + 2 * NGX_HTTP_COST_KEY_NAME_MAX];
} ngx_http_cost_key_copy_t;


/* taken before the database is asked, and given with what it answers */

typedef struct {
    uint32_t                           generation;
    ngx_msec_t                         time;
} ngx_http_cost_key_moment_t;


/* the zone: ngx_http_cost_key_zone.c; each takes the lock by itself */

ngx_int_t ngx_http_cost_key_zone_init(ngx_shm_zone_t *shm_zone, void *data);

/*
 * Finds the key of a digest, and takes one request through the windows of its
 * plan.  Only copy->text is not initialized where no key is found.
 */
ngx_http_cost_key_verdict_e ngx_http_cost_key_zone_take(
    ngx_http_cost_key_zone_t *zone, u_char *digest,
    ngx_http_cost_key_trust_e trust, ngx_http_cost_key_copy_t *copy);

/*
 * May the database be asked?  NGX_OK or NGX_BUSY.  A digest that is not in
 * the zone is a stranger's and has a budget; an answer that finds a key gives
 * back what was taken of it.
 */
ngx_int_t ngx_http_cost_key_zone_admit(ngx_http_cost_key_zone_t *zone,
    u_char *digest, ngx_uint_t *stranger);
void ngx_http_cost_key_zone_admitted(ngx_http_cost_key_zone_t *zone);

void ngx_http_cost_key_zone_moment(ngx_http_cost_key_zone_t *zone,
    u_char *digest, ngx_http_cost_key_moment_t *moment);

/*
 * A NULL row: the digest belongs to nobody.  NGX_OK; NGX_AGAIN: something was
 * notified since "moment", ask again; NGX_ERROR: the zone is full.
 */
ngx_int_t ngx_http_cost_key_zone_insert(ngx_http_cost_key_zone_t *zone,
    u_char *digest, ngx_http_cost_key_row_t *row,
    ngx_http_cost_key_moment_t *moment);

/*
 * The database could not be asked; was that so a moment ago?  Of this worker
 * alone: the connections of another one may do well.
 */
void ngx_http_cost_key_zone_unreachable(ngx_http_cost_key_zone_t *zone);
ngx_uint_t ngx_http_cost_key_zone_down(ngx_http_cost_key_zone_t *zone);

/* at most once in so many seconds over all workers: is it time to log? */
ngx_uint_t ngx_http_cost_key_zone_log(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_verdict_e verdict);


/* is it one of this configuration's? */
ngx_uint_t ngx_http_cost_key_zone_has_plan(ngx_http_cost_key_zone_t *zone,
    ngx_str_t *name);


/* nodes: ngx_http_cost_key_node.c; the caller holds the lock */

ngx_http_cost_key_secret_t *ngx_http_cost_key_find_locked(
    ngx_http_cost_key_sh_t *sh, u_char *digest);

/* found or made, and brought up to date; NULL: the zone is full */
ngx_http_cost_key_owner_t *ngx_http_cost_key_organization_locked(
    ngx_http_cost_key_zone_t *zone, ngx_http_cost_key_row_t *row);
ngx_http_cost_key_node_t *ngx_http_cost_key_node_locked(
    ngx_http_cost_key_zone_t *zone, ngx_http_cost_key_row_t *row,
    ngx_http_cost_key_owner_t *organization);
ngx_http_cost_key_secret_t *ngx_http_cost_key_secret_locked(
    ngx_http_cost_key_zone_t *zone, u_char *digest,
    ngx_http_cost_key_node_t *key);

/* NGX_HTTP_COST_KEY_NO_PLAN: no configuration has it */
ngx_uint_t ngx_http_cost_key_plan_index(ngx_http_cost_key_sh_t *sh,
    ngx_str_t *name);

/* a digest becomes, is, and is no more one that belongs to nobody */
void ngx_http_cost_key_unknown_locked(ngx_http_cost_key_zone_t *zone,
    u_char *digest, ngx_msec_t time);
ngx_http_cost_key_stranger_t *ngx_http_cost_key_stranger_locked(
    ngx_http_cost_key_sh_t *sh, u_char *digest);
void ngx_http_cost_key_forget_locked(ngx_http_cost_key_sh_t *sh,
    u_char *digest);

/* zeroed; makes room when there is none */
void *ngx_http_cost_key_alloc_locked(ngx_http_cost_key_zone_t *zone,
    size_t size);


/* fixed windows of at least so many seconds outlive the zone */
#define NGX_HTTP_COST_KEY_KEPT         3600


/* meters: ngx_http_cost_key_meter.c; the caller holds the lock */

void ngx_http_cost_key_meter_init(ngx_http_cost_key_meter_t *meter,
    uint32_t organization, uint32_t key);

/*
 * The states of the plan's windows, made where they are missing.  NGX_ERROR:
 * there is no memory in the zone.
 */
ngx_int_t ngx_http_cost_key_meter_states_locked(
    ngx_http_cost_key_zone_t *zone, ngx_http_cost_key_meter_t *meter,
    ngx_http_cost_key_plan_t *plan, cost_window_state_t **states);

/* what others have counted in a window that is kept */
void ngx_http_cost_key_meter_others_locked(ngx_http_cost_key_meter_t *meter,
    ngx_http_cost_key_told_t *window, uint32_t others);

void ngx_http_cost_key_meter_free_locked(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_meter_t *meter);


/* look-ups: ngx_http_cost_key_load.c */

/* NGX_AGAIN: the request will be woken; NGX_BUSY; NGX_ERROR */
ngx_int_t ngx_http_cost_key_load(ngx_http_request_t *r,
    ngx_http_cost_key_ctx_t *ctx);


/* what is notified, to worker 0: ngx_http_cost_key_listen.c */

ngx_int_t ngx_http_cost_key_listen(ngx_conf_t *cf,
    ngx_http_cost_key_zone_t *zone);

/* nobody believes what the zone has of a digest any more */
void ngx_http_cost_key_drop(ngx_http_cost_key_zone_t *zone, u_char *digest);


/* what the database is told: ngx_http_cost_key_flush.c */

ngx_int_t ngx_http_cost_key_flush_init(ngx_cycle_t *cycle,
    ngx_http_cost_key_main_conf_t *kmcf);

/* secrets and meters that changed are queued; the caller holds the lock */
void ngx_http_cost_key_changed_locked(ngx_http_cost_key_sh_t *sh,
    ngx_http_cost_key_meter_t *meter);
void ngx_http_cost_key_used_locked(ngx_http_cost_key_sh_t *sh,
    ngx_http_cost_key_secret_t *secret, time_t now);


/* the worker */

ngx_int_t ngx_http_cost_key_init_worker(ngx_cycle_t *cycle);
void ngx_http_cost_key_exit_worker(ngx_cycle_t *cycle);


/* the access phase: ngx_http_cost_key_access.c */

ngx_int_t ngx_http_cost_key_access_handler(ngx_http_request_t *r);

/* a look-up has ended; LOOKUP: the answer is in the zone */
void ngx_http_cost_key_resume(ngx_http_request_t *r,
    ngx_http_cost_key_ctx_t *ctx, ngx_http_cost_key_verdict_e verdict);

/* the state of a request, which internal redirects leave alone, or NULL */
ngx_http_cost_key_ctx_t *ngx_http_cost_key_get_ctx(ngx_http_request_t *r);

/* SHA-256 with the worker's context */
ngx_int_t ngx_http_cost_key_digest(ngx_http_cost_key_main_conf_t *kmcf,
    const u_char *data, size_t len, u_char *digest);


/* refusals: ngx_http_cost_key_refuse.c */

/*
 * What ctx->verdict, which is not OK, is answered with; NGX_OK in a dry run.
 * Logged and counted.
 */
ngx_int_t ngx_http_cost_key_refuse(ngx_http_request_t *r,
    ngx_http_cost_key_loc_conf_t *klcf, ngx_http_cost_key_ctx_t *ctx);

/* errors of the request are worded as its key's plan has it, from now on */
void ngx_http_cost_key_wording(ngx_http_request_t *r,
    ngx_http_cost_key_ctx_t *ctx);

/* "missing", "expired", ... */
ngx_str_t *ngx_http_cost_key_verdict_name(ngx_http_cost_key_verdict_e verdict);


/*
 * From the text of a key to its digest, remembered by the connection:
 * ngx_http_cost_key_memo.c.  NGX_DECLINED: no key that could have been made.
 */
ngx_int_t ngx_http_cost_key_recall(ngx_http_request_t *r,
    ngx_http_cost_key_main_conf_t *kmcf, ngx_str_t *text, u_char *digest);


/* configuration: ngx_http_cost_key_conf.c */

char *ngx_http_cost_key_zone_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_cost_key_plan_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_cost_key_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* variables and headers */

ngx_int_t ngx_http_cost_key_add_variables(ngx_conf_t *cf);
ngx_int_t ngx_http_cost_key_init_filter(ngx_conf_t *cf);


#endif /* _NGX_HTTP_COST_KEY_ZONE_H_INCLUDED_ */
