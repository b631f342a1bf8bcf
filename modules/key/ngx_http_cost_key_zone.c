
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The zone: what is known of keys, shared by all workers.
 *
 * A key is believed without asking the database while the listener is alive
 * and has been since the key was read, or for "trust" after it was read.
 * While the database cannot be reached it is believed for "stale" longer, for
 * whoever revokes a key must reach the database too; what was notified as
 * changed ("dropped") is never believed.
 *
 * Runs in workers; zone_init in the master, at start and at each reload.  The
 * lock is held within one function here at a time: nothing is logged,
 * allocated from a pool or waited for under it, and every loop is bounded.
 */


#include "key/ngx_http_cost_key_zone.h"

#include <openssl/rand.h>


/* milliseconds for which a failure to reach the database speaks for others */
#define NGX_HTTP_COST_KEY_DOWN  200

/* seconds between log lines on one matter */
#define NGX_HTTP_COST_KEY_LOG   60


static ngx_int_t ngx_http_cost_key_zone_again(ngx_shm_zone_t *shm_zone,
    ngx_http_cost_key_zone_t *zone, ngx_http_cost_key_zone_t *old);
static ngx_int_t ngx_http_cost_key_zone_new(ngx_http_cost_key_zone_t *zone);
static ngx_int_t ngx_http_cost_key_zone_plans(ngx_shm_zone_t *shm_zone,
    ngx_http_cost_key_zone_t *zone);
static ngx_http_cost_key_verdict_e ngx_http_cost_key_judge_locked(
    ngx_http_cost_key_zone_t *zone, ngx_http_cost_key_secret_t *secret,
    ngx_http_cost_key_trust_e trust, ngx_http_cost_key_copy_t *copy);
static ngx_http_cost_key_verdict_e ngx_http_cost_key_count_locked(
    ngx_http_cost_key_zone_t *zone, ngx_http_cost_key_node_t *key,
    ngx_http_cost_key_copy_t *copy, time_t now);
static ngx_uint_t ngx_http_cost_key_trusted(ngx_http_cost_key_zone_t *zone,
    uint32_t epoch, ngx_msec_t checked);
static ngx_uint_t ngx_http_cost_key_stale(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_secret_t *secret);
static void ngx_http_cost_key_copy_locked(ngx_http_cost_key_copy_t *copy,
    ngx_http_cost_key_node_t *key);
static ngx_int_t ngx_http_cost_key_insert_locked(
    ngx_http_cost_key_zone_t *zone, u_char *digest,
    ngx_http_cost_key_row_t *row, ngx_msec_t time);
static void ngx_http_cost_key_usage_locked(ngx_http_cost_key_node_t *key,
    ngx_str_t *usage);
static ngx_int_t ngx_http_cost_key_reserve_locked(
    ngx_http_cost_key_zone_t *zone, ngx_http_cost_key_node_t *key);


ngx_int_t
ngx_http_cost_key_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_cost_key_zone_t  *old = data;

    ngx_http_cost_key_zone_t  *zone;

    zone = shm_zone->data;

    if (old) {
        return ngx_http_cost_key_zone_again(shm_zone, zone, old);
    }

    zone->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (shm_zone->shm.exists) {
        zone->sh = zone->shpool->data;
        return ngx_http_cost_key_zone_plans(shm_zone, zone);
    }

    if (ngx_http_cost_key_zone_new(zone) != NGX_OK) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "api_key_zone \"%V\" is too small", &shm_zone->shm.name);
        return NGX_ERROR;
    }

    return ngx_http_cost_key_zone_plans(shm_zone, zone);
}


static ngx_int_t
ngx_http_cost_key_zone_again(ngx_shm_zone_t *shm_zone,
    ngx_http_cost_key_zone_t *zone, ngx_http_cost_key_zone_t *old)
{
    if (old->sh->layout != NGX_HTTP_COST_KEY_LAYOUT) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "api_key_zone \"%V\" has layout %uD, this module knows "
                      "%d only: give the zone another name, or restart nginx",
                      &shm_zone->shm.name, old->sh->layout,
                      NGX_HTTP_COST_KEY_LAYOUT);
        return NGX_ERROR;
    }

    zone->sh = old->sh;
    zone->shpool = old->shpool;

    return ngx_http_cost_key_zone_plans(shm_zone, zone);
}


static ngx_int_t
ngx_http_cost_key_zone_new(ngx_http_cost_key_zone_t *zone)
{
    size_t                   len;
    ngx_uint_t               n;
    ngx_slab_pool_t         *shpool;
    ngx_http_cost_key_sh_t  *sh;

    shpool = zone->shpool;

    /* a first failure is not the last word, see the sweep */
    shpool->log_nomem = 0;

    sh = ngx_slab_calloc(shpool, sizeof(ngx_http_cost_key_sh_t));
    if (sh == NULL) {
        return NGX_ERROR;
    }

    zone->sh = sh;
    shpool->data = sh;

    len = sizeof(" in api_key_zone \"\"") + zone->shm_zone->shm.name.len;

    shpool->log_ctx = ngx_slab_alloc(shpool, len);
    if (shpool->log_ctx == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(shpool->log_ctx, " in api_key_zone \"%V\"%Z",
                &zone->shm_zone->shm.name);

    sh->layout = NGX_HTTP_COST_KEY_LAYOUT;
    sh->epoch = 1;

    ngx_queue_init(&sh->changed);
    ngx_queue_init(&sh->used);

    /* a bucket for each two keys the zone may hold */

    n = 64;

    while (n * 1024 < zone->shm_zone->shm.size) {
        n *= 2;
    }

    sh->mask = n - 1;

    sh->secrets = ngx_slab_calloc(shpool, n * sizeof(void *));
    sh->keys = ngx_slab_calloc(shpool, n * sizeof(void *));
    sh->organizations = ngx_slab_calloc(shpool, n * sizeof(void *));

    n /= 4;
    sh->strangers_mask = n - 1;
    sh->strangers = ngx_slab_calloc(shpool,
                                n * sizeof(ngx_http_cost_key_stranger_t));

    if (sh->secrets == NULL || sh->keys == NULL || sh->organizations == NULL
        || sh->strangers == NULL)
    {
        return NGX_ERROR;
    }

    return RAND_bytes(sh->node, sizeof(sh->node)) == 1 ? NGX_OK : NGX_ERROR;
}


/*
 * Nodes hold the index of their plan's name, which lives as long as the zone:
 * old and new workers read the same nodes, each with plans of its own.
 */

static ngx_int_t
ngx_http_cost_key_zone_plans(ngx_shm_zone_t *shm_zone,
    ngx_http_cost_key_zone_t *zone)
{
    ngx_uint_t                 i, n;
    ngx_http_cost_key_sh_t    *sh;
    ngx_http_cost_key_plan_t  *plans;

    sh = zone->sh;
    plans = zone->kmcf->plans.elts;

    ngx_http_cost_key_lock(zone);

    for (i = 0; i < zone->kmcf->plans.nelts; i++) {
        n = ngx_http_cost_key_plan_index(sh, &plans[i].name);

        if (n == NGX_HTTP_COST_KEY_NO_PLAN) {

            if (sh->nplans == NGX_HTTP_COST_KEY_PLANS) {
                break;
            }

            n = sh->nplans++;
            sh->plans[n].len = (uint8_t) plans[i].name.len;
            ngx_memcpy(sh->plans[n].data, plans[i].name.data,
                       plans[i].name.len);
        }

        zone->plans[n] = &plans[i];
    }

    ngx_http_cost_key_unlock(zone);

    if (i < zone->kmcf->plans.nelts) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "api_key_zone \"%V\" has seen more than %d names of "
                      "plans over its reloads: restart nginx",
                      &shm_zone->shm.name, NGX_HTTP_COST_KEY_PLANS);
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_http_cost_key_verdict_e
ngx_http_cost_key_zone_take(ngx_http_cost_key_zone_t *zone, u_char *digest,
    ngx_http_cost_key_trust_e trust, ngx_http_cost_key_copy_t *copy)
{
    ngx_http_cost_key_sh_t        *sh;
    ngx_http_cost_key_secret_t    *secret;
    ngx_http_cost_key_verdict_e    verdict;
    ngx_http_cost_key_stranger_t  *stranger;

    sh = zone->sh;

    copy->found = 0;
    copy->stale = 0;
    copy->plan = NULL;

    ngx_http_cost_key_lock(zone);

    secret = ngx_http_cost_key_find_locked(sh, digest);

    if (secret) {
        verdict = ngx_http_cost_key_judge_locked(zone, secret, trust, copy);

        ngx_http_cost_key_unlock(zone);

        return verdict;
    }

    stranger = ngx_http_cost_key_stranger_locked(sh, digest);

    if (stranger
        && (trust == NGX_HTTP_COST_KEY_TRUST_FRESH
            || ngx_http_cost_key_trusted(zone, stranger->epoch,
                                         stranger->checked)))
    {
        sh->counts.unknown++;
        verdict = NGX_HTTP_COST_KEY_UNKNOWN;

    } else if (trust == NGX_HTTP_COST_KEY_TRUST_STALE) {
        verdict = NGX_HTTP_COST_KEY_UNREACHABLE;

    } else {
        verdict = NGX_HTTP_COST_KEY_LOOKUP;
    }

    ngx_http_cost_key_unlock(zone);

    return verdict;
}


static ngx_http_cost_key_verdict_e
ngx_http_cost_key_judge_locked(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_secret_t *secret, ngx_http_cost_key_trust_e trust,
    ngx_http_cost_key_copy_t *copy)
{
    time_t                      now;
    ngx_http_cost_key_node_t   *key;
    ngx_http_cost_key_owner_t  *organization;

    ngx_http_cost_key_locked(1);

    key = secret->key;
    organization = key->organization;

    if (secret->dropped || secret->generation != organization->generation) {
        return trust == NGX_HTTP_COST_KEY_TRUST_STALE
               ? NGX_HTTP_COST_KEY_UNREACHABLE : NGX_HTTP_COST_KEY_LOOKUP;
    }

    if (trust == NGX_HTTP_COST_KEY_TRUST_RULES) {

        if (!ngx_http_cost_key_trusted(zone, secret->epoch, secret->checked)) {
            return NGX_HTTP_COST_KEY_LOOKUP;
        }

    } else if (trust == NGX_HTTP_COST_KEY_TRUST_STALE) {

        if (!ngx_http_cost_key_stale(zone, secret)) {
            return NGX_HTTP_COST_KEY_UNREACHABLE;
        }

        copy->stale = 1;
    }

    now = ngx_time();

    ngx_http_cost_key_copy_locked(copy, key);
    copy->expires = secret->expires;

    if (key->plan < NGX_HTTP_COST_KEY_NO_PLAN) {
        copy->plan = zone->plans[key->plan];
    }

    if (!organization->active) {
        return NGX_HTTP_COST_KEY_INACTIVE;
    }

    if (secret->expires && (time_t) secret->expires <= now) {
        return NGX_HTTP_COST_KEY_EXPIRED;
    }

    if (copy->plan == NULL) {
        return NGX_HTTP_COST_KEY_NOPLAN;
    }

    ngx_http_cost_key_used_locked(zone->sh, secret, now);

    return ngx_http_cost_key_count_locked(zone, key, copy, now);
}


static ngx_http_cost_key_verdict_e
ngx_http_cost_key_count_locked(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_node_t *key, ngx_http_cost_key_copy_t *copy, time_t now)
{
    cost_window_state_t        *states[COST_WINDOW_MAX];
    ngx_http_cost_key_sh_t     *sh;
    ngx_http_cost_key_plan_t   *plan;
    ngx_http_cost_key_meter_t  *meter;

    ngx_http_cost_key_locked(1);

    sh = zone->sh;
    plan = copy->plan;

    if (plan->nwindows) {
        meter = plan->shared ? &key->organization->meter : &key->meter;

        if (ngx_http_cost_key_meter_states_locked(zone, meter, plan, states)
            != NGX_OK)
        {
            return NGX_HTTP_COST_KEY_FULL;
        }

        if (cost_window_take(plan->windows, states, plan->nwindows, now,
                             copy->looks)
            != COST_OK)
        {
            sh->counts.limited++;
            return NGX_HTTP_COST_KEY_LIMITED;
        }

        if (plan->kept) {
            ngx_http_cost_key_changed_locked(sh, meter);
        }
    }

    sh->counts.passed++;
    sh->counts.stale += copy->stale;

    return NGX_HTTP_COST_KEY_OK;
}


/*
 * While the listener lives, what it did not say did not happen.  Clocks of
 * workers may differ by a turn of the loop, hence the signed differences.
 */

static ngx_uint_t
ngx_http_cost_key_trusted(ngx_http_cost_key_zone_t *zone, uint32_t epoch,
    ngx_msec_t checked)
{
    ngx_msec_int_t           trust;
    ngx_http_cost_key_sh_t  *sh;

    sh = zone->sh;
    trust = (ngx_msec_int_t) zone->kmcf->trust;

    if (epoch == sh->epoch && sh->listening
        && (ngx_msec_int_t) (ngx_current_msec - sh->heard) <= trust)
    {
        return 1;
    }

    return (ngx_msec_int_t) (ngx_current_msec - checked) <= trust;
}


/* "stale" begins when the key was last known to be good */

static ngx_uint_t
ngx_http_cost_key_stale(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_secret_t *secret)
{
    ngx_msec_t               good;
    ngx_http_cost_key_sh_t  *sh;

    sh = zone->sh;
    good = secret->checked;

    if (secret->epoch == sh->epoch && sh->heard > good) {
        good = sh->heard;

    } else if (secret->epoch + 1 == sh->epoch && sh->heard_before > good) {
        good = sh->heard_before;
    }

    return (ngx_msec_int_t) (ngx_current_msec - good)
           <= (ngx_msec_int_t) zone->kmcf->stale;
}


static void
ngx_http_cost_key_copy_locked(ngx_http_cost_key_copy_t *copy,
    ngx_http_cost_key_node_t *key)
{
    u_char                     *p;
    ngx_http_cost_key_owner_t  *organization;

    organization = key->organization;

    copy->found = 1;
    copy->organization = organization->id;
    copy->permission = key->permission;
    copy->organization_name = organization->name.len;
    copy->name = key->name.len;

    p = ngx_cpymem(copy->text, organization->uuid, NGX_HTTP_COST_KEY_UUID);
    p = ngx_cpymem(p, key->uuid, NGX_HTTP_COST_KEY_UUID);
    p = ngx_cpymem(p, organization->currency, 3);
    p = ngx_cpymem(p, organization->name.data, organization->name.len);
    ngx_memcpy(p, key->name.data, key->name.len);
}


/*
 * Known keys are looked up again at will, for they are as many as there are.
 * What is not in the zone may be anybody's guess, and has a budget.
 */

ngx_int_t
ngx_http_cost_key_zone_admit(ngx_http_cost_key_zone_t *zone, u_char *digest,
    ngx_uint_t *stranger)
{
    time_t                   now;
    ngx_int_t                rc;
    ngx_http_cost_key_sh_t  *sh;

    sh = zone->sh;
    rc = NGX_OK;

    ngx_http_cost_key_lock(zone);

    *stranger = ngx_http_cost_key_find_locked(sh, digest) == NULL;

    if (*stranger) {
        now = ngx_time();

        if (now > sh->second || now < sh->second - 1) {
            sh->second = now;
            sh->lookups = 0;
        }

        if (sh->lookups < zone->lookups) {
            sh->lookups++;

        } else {
            rc = NGX_BUSY;
        }
    }

    if (rc == NGX_OK) {
        sh->counts.lookups++;
    }

    ngx_http_cost_key_unlock(zone);

    return rc;
}


void
ngx_http_cost_key_zone_admitted(ngx_http_cost_key_zone_t *zone)
{
    ngx_http_cost_key_lock(zone);

    if (zone->sh->lookups) {
        zone->sh->lookups--;
    }

    ngx_http_cost_key_unlock(zone);
}


void
ngx_http_cost_key_zone_moment(ngx_http_cost_key_zone_t *zone, u_char *digest,
    ngx_http_cost_key_moment_t *moment)
{
    moment->time = ngx_current_msec;

    ngx_http_cost_key_lock(zone);
    moment->generation = ngx_http_cost_key_generation(zone->sh, digest);
    ngx_http_cost_key_unlock(zone);
}


/* "key:length:start:count,..."; what cannot be read tells nothing */

static void
ngx_http_cost_key_usage_locked(ngx_http_cost_key_node_t *key,
    ngx_str_t *usage)
{
    u_char                     *p, *last;
    uint64_t                    n[4];
    ngx_uint_t                  i;
    ngx_http_cost_key_told_t    window;
    ngx_http_cost_key_meter_t  *meter;

    p = usage->data;
    last = p + usage->len;

    while (p < last) {

        for (i = 0; i < 4; i++) {
            n[i] = 0;

            while (p < last && *p >= '0' && *p <= '9') {
                n[i] = n[i] * 10 + (*p++ - '0');
            }

            /* the separator */
            p++;
        }

        window.length = (uint32_t) n[1];
        window.start = (uint32_t) n[2];
        window.own = 0;

        meter = n[0] ? &key->meter : &key->organization->meter;

        ngx_http_cost_key_meter_others_locked(meter, &window,
                                    (uint32_t) ngx_min(n[3], 0x7fffffff));
    }
}


ngx_int_t
ngx_http_cost_key_zone_insert(ngx_http_cost_key_zone_t *zone, u_char *digest,
    ngx_http_cost_key_row_t *row, ngx_http_cost_key_moment_t *moment)
{
    ngx_int_t                rc;
    ngx_http_cost_key_sh_t  *sh;

    sh = zone->sh;

    ngx_http_cost_key_lock(zone);

    if (moment->generation != ngx_http_cost_key_generation(sh, digest)) {
        rc = NGX_AGAIN;

    } else if (row == NULL) {
        ngx_http_cost_key_unknown_locked(zone, digest, moment->time);
        rc = NGX_OK;

    } else {
        rc = ngx_http_cost_key_insert_locked(zone, digest, row, moment->time);
    }

    ngx_http_cost_key_unlock(zone);

    return rc;
}


/*
 * Nodes without a user are left to the sweep, with what they remember: a key
 * whose secret is rotated goes on where it was.
 */

static ngx_int_t
ngx_http_cost_key_insert_locked(ngx_http_cost_key_zone_t *zone,
    u_char *digest, ngx_http_cost_key_row_t *row, ngx_msec_t time)
{
    ngx_int_t                    rc;
    ngx_http_cost_key_node_t    *key;
    ngx_http_cost_key_secret_t  *secret;
    ngx_http_cost_key_owner_t   *organization;

    organization = ngx_http_cost_key_organization_locked(zone, row);
    if (organization == NULL) {
        return NGX_ERROR;
    }

    /* a sweep on the way must not take what is held here */

    organization->keys++;

    key = ngx_http_cost_key_node_locked(zone, row, organization);

    organization->keys--;

    if (key == NULL) {
        return NGX_ERROR;
    }

    key->secrets++;

    secret = ngx_http_cost_key_secret_locked(zone, digest, key);
    rc = NGX_ERROR;

    if (secret) {
        secret->checked = time;
        secret->epoch = zone->sh->epoch;
        secret->generation = organization->generation;
        secret->expires = row->expires;
        secret->dropped = 0;

        ngx_http_cost_key_forget_locked(zone->sh, digest);

        rc = ngx_http_cost_key_reserve_locked(zone, key);

        ngx_http_cost_key_usage_locked(key, &row->usage);
    }

    key->secrets--;

    return rc;
}


/*
 * The windows have their memory from the first, so that a full zone is felt
 * by newcomers only.
 */

static ngx_int_t
ngx_http_cost_key_reserve_locked(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_node_t *key)
{
    cost_window_state_t       *states[COST_WINDOW_MAX];
    ngx_http_cost_key_plan_t  *plan;

    if (key->plan == NGX_HTTP_COST_KEY_NO_PLAN) {
        return NGX_OK;
    }

    plan = zone->plans[key->plan];

    if (plan == NULL) {
        return NGX_OK;
    }

    return ngx_http_cost_key_meter_states_locked(zone,
                              plan->shared ? &key->organization->meter
                                           : &key->meter,
                              plan, states);
}


void
ngx_http_cost_key_zone_unreachable(ngx_http_cost_key_zone_t *zone)
{
    zone->unreachable = ngx_current_msec;
}


ngx_uint_t
ngx_http_cost_key_zone_down(ngx_http_cost_key_zone_t *zone)
{
    return zone->unreachable
           && (ngx_msec_int_t) (ngx_current_msec - zone->unreachable)
              < NGX_HTTP_COST_KEY_DOWN;
}


ngx_uint_t
ngx_http_cost_key_zone_log(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_verdict_e verdict)
{
    time_t      now, *last;
    ngx_uint_t  due;

    last = (verdict == NGX_HTTP_COST_KEY_FULL) ? &zone->sh->full_logged
                                               : &zone->sh->plan_logged;
    now = ngx_time();

    ngx_http_cost_key_lock(zone);

    due = now < *last || now - *last >= NGX_HTTP_COST_KEY_LOG;

    if (due) {
        *last = now;
    }

    ngx_http_cost_key_unlock(zone);

    return due;
}


ngx_uint_t
ngx_http_cost_key_zone_has_plan(ngx_http_cost_key_zone_t *zone,
    ngx_str_t *name)
{
    ngx_uint_t  n;

    ngx_http_cost_key_lock(zone);
    n = ngx_http_cost_key_plan_index(zone->sh, name);
    ngx_http_cost_key_unlock(zone);

    return n != NGX_HTTP_COST_KEY_NO_PLAN && zone->plans[n] != NULL;
}
