
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The zone of cost_cache_zone.  One lock, the slab pool's mutex; functions
 * named _locked want it held.  No node is held across the lock: what a
 * request needs of one is copied out.
 *
 * Generations are counters by organization id modulo a table: two
 * organizations that share one only forget a little more often.
 */


#include "api/ngx_http_cost_api_cache.h"


/* raised when what is in the zone would be read differently */
#define NGX_HTTP_COST_API_CACHE_LAYOUT  1

#define NGX_HTTP_COST_API_CACHE_GENERATIONS  4096

/* how long silence is trusted, ms; the listener lives, it says, every 200 */
#define NGX_HTTP_COST_API_CACHE_TRUST  1000

/* no flight takes longer, ms; whoever leads one died or was forgotten */
#define NGX_HTTP_COST_API_CACHE_FLIGHT  60000

/* as shipped, how old a reply may be when the database is away, seconds */
#define NGX_HTTP_COST_API_CACHE_STALE  300

/* the part of the zone that one reply may take */
#define NGX_HTTP_COST_API_CACHE_SHARE  8


typedef struct ngx_http_cost_api_node_s  ngx_http_cost_api_node_t;

/* in shared memory */

struct ngx_http_cost_api_node_s {
    ngx_http_cost_api_node_t    *next;       /* of the bucket */
    ngx_queue_t                  queue;      /* least recently used last */
    uint64_t                     hash;

    /* of the text */
    uint64_t                     generation;
    uint64_t                     epoch;
    time_t                       made;
    u_char                      *data;       /* the tag, then the text */
    size_t                       len;

    ngx_msec_t                   flight;     /* its deadline */
    unsigned                     flying:1;
    unsigned                     unshared:1; /* the last flight's answer */

    size_t                       key_len;
    u_char                       key[1];
};


typedef struct {
    ngx_uint_t                   layout;
    ngx_queue_t                  queue;
    uint64_t                     epoch;
    ngx_msec_t                   heard;
    ngx_uint_t                   listening;
    ngx_uint_t                   mask;

    uint64_t                    *generations;
    ngx_http_cost_api_node_t    *buckets[1];
} ngx_http_cost_api_cache_sh_t;


struct ngx_http_cost_api_zone_s {
    ngx_http_cost_api_cache_sh_t  *sh;
    ngx_slab_pool_t               *shpool;
    size_t                         max;      /* bytes of a reply */
    time_t                         stale;    /* seconds */
    ngx_http_cost_pg_listen_t      listen;   /* kept by pg/ */
    ngx_http_cost_api_counts_t     counts;   /* of this process */
};


static ngx_int_t ngx_http_cost_api_cache_init(ngx_shm_zone_t *shm_zone,
    void *data);

static ngx_http_cost_api_node_t **ngx_http_cost_api_cache_find_locked(
    ngx_http_cost_api_zone_t *zone, ngx_http_cost_api_question_t *question);
static ngx_http_cost_api_node_t *ngx_http_cost_api_cache_add_locked(
    ngx_http_cost_api_zone_t *zone, ngx_http_cost_api_question_t *question);
static void *ngx_http_cost_api_cache_alloc_locked(
    ngx_http_cost_api_zone_t *zone, size_t size,
    ngx_http_cost_api_node_t *keep);
static ngx_http_cost_api_node_t *ngx_http_cost_api_cache_victim_locked(
    ngx_http_cost_api_zone_t *zone, ngx_http_cost_api_node_t *keep);
static void ngx_http_cost_api_cache_free_locked(
    ngx_http_cost_api_zone_t *zone, ngx_http_cost_api_node_t *node);
static ngx_uint_t ngx_http_cost_api_cache_fresh_locked(
    ngx_http_cost_api_zone_t *zone, ngx_http_cost_api_node_t *node,
    ngx_int_t organization);
static ngx_int_t ngx_http_cost_api_cache_copy_locked(
    ngx_http_cost_api_zone_t *zone, ngx_http_cost_api_node_t *node,
    ngx_pool_t *pool, ngx_http_cost_api_entry_t *entry);

static void ngx_http_cost_api_cache_notify(void *data, ngx_str_t *payload);
static void ngx_http_cost_api_cache_up(void *data, ngx_uint_t up);
static void ngx_http_cost_api_cache_alive(void *data);


#define ngx_http_cost_api_cache_generation(sh, organization)                  \
    (sh)->generations[(ngx_uint_t) (organization)                             \
                      % NGX_HTTP_COST_API_CACHE_GENERATIONS]

#define ngx_http_cost_api_cache_past(deadline)                                \
    ((ngx_msec_int_t) (ngx_current_msec - (deadline)) > 0)


ngx_int_t
ngx_http_cost_api_cache_enter(ngx_http_cost_api_zone_t *zone,
    ngx_pool_t *pool, ngx_http_cost_api_question_t *question,
    ngx_http_cost_api_entry_t *entry)
{
    ngx_int_t                      rc;
    ngx_http_cost_api_node_t      *node;
    ngx_http_cost_api_cache_sh_t  *sh;

    sh = zone->sh;

    ngx_shmtx_lock(&zone->shpool->mutex);

    node = *ngx_http_cost_api_cache_find_locked(zone, question);

    if (node
        && ngx_http_cost_api_cache_fresh_locked(zone, node,
                                                question->organization))
    {
        ngx_queue_remove(&node->queue);
        ngx_queue_insert_head(&sh->queue, &node->queue);

        rc = ngx_http_cost_api_cache_copy_locked(zone, node, pool, entry);
        goto done;
    }

    if (node && node->flying
        && !ngx_http_cost_api_cache_past(node->flight)
        && !(question->impatient && question->deadline == node->flight))
    {
        zone->counts.waits += !question->waited;

        question->deadline = node->flight;
        question->waited = 1;
        rc = NGX_AGAIN;
        goto done;
    }

    if (question->waited && !question->impatient
        && (node == NULL || node->unshared))
    {
        rc = NGX_ABORT;
        goto done;
    }

    if (node == NULL) {
        node = ngx_http_cost_api_cache_add_locked(zone, question);
    }

    if (node == NULL) {
        rc = NGX_ERROR;
        goto done;
    }

    question->generation =
              ngx_http_cost_api_cache_generation(sh, question->organization);
    question->epoch = sh->epoch;
    question->deadline = ngx_current_msec + NGX_HTTP_COST_API_CACHE_FLIGHT;

    node->flight = question->deadline;
    node->flying = 1;
    node->unshared = 0;

    rc = NGX_DECLINED;

done:

    ngx_shmtx_unlock(&zone->shpool->mutex);

    if (rc == NGX_OK) {
        zone->counts.hits++;

    } else if (rc != NGX_AGAIN) {
        zone->counts.misses++;
    }

    return rc;
}


void
ngx_http_cost_api_cache_store(ngx_http_cost_api_zone_t *zone,
    ngx_http_cost_api_question_t *question, ngx_str_t *text, ngx_str_t *etag)
{
    size_t                     len;
    u_char                    *data, *old;
    ngx_http_cost_api_node_t  *node;

    len = etag->len + text->len;

    if (len > zone->max) {
        ngx_http_cost_api_cache_leave(zone, question, 0);
        return;
    }

    ngx_shmtx_lock(&zone->shpool->mutex);

    node = *ngx_http_cost_api_cache_find_locked(zone, question);

    if (node == NULL) {
        /* the zone was too small for all that was asked meanwhile */
        ngx_shmtx_unlock(&zone->shpool->mutex);
        return;
    }

    node->flying = 0;
    node->unshared = 1;

    data = ngx_http_cost_api_cache_alloc_locked(zone, len, node);

    if (data) {
        old = node->data;

        ngx_memcpy(data, etag->data, etag->len);
        ngx_memcpy(data + etag->len, text->data, text->len);

        node->data = data;
        node->len = len;
        node->generation = question->generation;
        node->epoch = question->epoch;
        node->made = ngx_time();
        node->unshared = 0;

        if (old) {
            ngx_slab_free_locked(zone->shpool, old);
        }
    }

    ngx_shmtx_unlock(&zone->shpool->mutex);
}


void
ngx_http_cost_api_cache_leave(ngx_http_cost_api_zone_t *zone,
    ngx_http_cost_api_question_t *question, ngx_uint_t lead)
{
    ngx_http_cost_api_node_t  *node;

    ngx_shmtx_lock(&zone->shpool->mutex);

    node = *ngx_http_cost_api_cache_find_locked(zone, question);

    if (node && node->flying && node->flight == question->deadline) {
        node->flying = 0;
        node->unshared = !lead;
    }

    ngx_shmtx_unlock(&zone->shpool->mutex);
}


ngx_int_t
ngx_http_cost_api_cache_stale(ngx_http_cost_api_zone_t *zone,
    ngx_pool_t *pool, ngx_http_cost_api_question_t *question,
    ngx_http_cost_api_entry_t *entry)
{
    ngx_int_t                  rc;
    ngx_http_cost_api_node_t  *node;

    rc = NGX_DECLINED;

    ngx_shmtx_lock(&zone->shpool->mutex);

    node = *ngx_http_cost_api_cache_find_locked(zone, question);

    if (node && node->data && zone->stale
        && ngx_time() - node->made <= zone->stale)
    {
        rc = ngx_http_cost_api_cache_copy_locked(zone, node, pool, entry);
    }

    ngx_shmtx_unlock(&zone->shpool->mutex);

    if (rc != NGX_OK) {
        return NGX_DECLINED;
    }

    zone->counts.stale++;

    return NGX_OK;
}


/* where the node hangs, or would: a place that holds NULL */

static ngx_http_cost_api_node_t **
ngx_http_cost_api_cache_find_locked(ngx_http_cost_api_zone_t *zone,
    ngx_http_cost_api_question_t *question)
{
    ngx_http_cost_api_node_t  **p;

    p = &zone->sh->buckets[question->hash & zone->sh->mask];

    for ( /* void */ ; *p; p = &(*p)->next) {

        if ((*p)->hash == question->hash
            && (*p)->key_len == question->key.len
            && ngx_memcmp((*p)->key, question->key.data, question->key.len)
               == 0)
        {
            break;
        }
    }

    return p;
}


static ngx_http_cost_api_node_t *
ngx_http_cost_api_cache_add_locked(ngx_http_cost_api_zone_t *zone,
    ngx_http_cost_api_question_t *question)
{
    size_t                      size;
    ngx_http_cost_api_node_t   *node, **p;

    size = offsetof(ngx_http_cost_api_node_t, key) + question->key.len;

    node = ngx_http_cost_api_cache_alloc_locked(zone, size, NULL);
    if (node == NULL) {
        return NULL;
    }

    ngx_memzero(node, offsetof(ngx_http_cost_api_node_t, key));

    node->hash = question->hash;
    node->key_len = question->key.len;
    ngx_memcpy(node->key, question->key.data, question->key.len);

    p = &zone->sh->buckets[question->hash & zone->sh->mask];

    node->next = *p;
    *p = node;

    ngx_queue_insert_head(&zone->sh->queue, &node->queue);

    return node;
}


/* what was not used for longest makes room; NULL: there is none to be had */

static void *
ngx_http_cost_api_cache_alloc_locked(ngx_http_cost_api_zone_t *zone,
    size_t size, ngx_http_cost_api_node_t *keep)
{
    void                      *p;
    ngx_http_cost_api_node_t  *node;

    for ( ;; ) {
        p = ngx_slab_alloc_locked(zone->shpool, size);

        if (p != NULL) {
            return p;
        }

        node = ngx_http_cost_api_cache_victim_locked(zone, keep);

        if (node == NULL) {
            return NULL;
        }

        ngx_http_cost_api_cache_free_locked(zone, node);

        zone->counts.evicted++;
    }
}


/* the oldest, but "keep" and what somebody waits for */

static ngx_http_cost_api_node_t *
ngx_http_cost_api_cache_victim_locked(ngx_http_cost_api_zone_t *zone,
    ngx_http_cost_api_node_t *keep)
{
    ngx_queue_t               *q;
    ngx_http_cost_api_node_t  *node;

    for (q = ngx_queue_last(&zone->sh->queue);
         q != ngx_queue_sentinel(&zone->sh->queue);
         q = ngx_queue_prev(q))
    {
        node = ngx_queue_data(q, ngx_http_cost_api_node_t, queue);

        if (node != keep
            && (!node->flying || ngx_http_cost_api_cache_past(node->flight)))
        {
            return node;
        }
    }

    return NULL;
}


static void
ngx_http_cost_api_cache_free_locked(ngx_http_cost_api_zone_t *zone,
    ngx_http_cost_api_node_t *node)
{
    ngx_http_cost_api_node_t  **p;

    p = &zone->sh->buckets[node->hash & zone->sh->mask];

    while (*p != node) {
        p = &(*p)->next;
    }

    *p = node->next;

    ngx_queue_remove(&node->queue);

    if (node->data) {
        ngx_slab_free_locked(zone->shpool, node->data);
    }

    ngx_slab_free_locked(zone->shpool, node);
}


static ngx_uint_t
ngx_http_cost_api_cache_fresh_locked(ngx_http_cost_api_zone_t *zone,
    ngx_http_cost_api_node_t *node, ngx_int_t organization)
{
    ngx_http_cost_api_cache_sh_t  *sh;

    sh = zone->sh;

    return node->data
           && node->epoch == sh->epoch
           && node->generation
              == ngx_http_cost_api_cache_generation(sh, organization)
           && sh->listening
           && !ngx_http_cost_api_cache_past(sh->heard
                                            + NGX_HTTP_COST_API_CACHE_TRUST);
}


static ngx_int_t
ngx_http_cost_api_cache_copy_locked(ngx_http_cost_api_zone_t *zone,
    ngx_http_cost_api_node_t *node, ngx_pool_t *pool,
    ngx_http_cost_api_entry_t *entry)
{
    u_char  *p;

    p = ngx_pnalloc(pool, node->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, node->data, node->len);

    entry->etag.len = NGX_HTTP_COST_HTTP_ETAG_LEN;
    entry->etag.data = p;
    entry->text.len = node->len - NGX_HTTP_COST_HTTP_ETAG_LEN;
    entry->text.data = p + NGX_HTTP_COST_HTTP_ETAG_LEN;
    entry->age = ngx_time() - node->made;

    return NGX_OK;
}


static void
ngx_http_cost_api_cache_notify(void *data, ngx_str_t *payload)
{
    ngx_http_cost_api_zone_t *zone = data;

    ngx_int_t  organization;

    organization = ngx_atoi(payload->data, payload->len);

    zone->counts.heard++;

    ngx_shmtx_lock(&zone->shpool->mutex);

    if (organization == NGX_ERROR) {
        /* whoever sent that meant something by it */
        zone->sh->epoch++;

    } else {
        ngx_http_cost_api_cache_generation(zone->sh, organization)++;
    }

    zone->sh->heard = ngx_current_msec;

    ngx_shmtx_unlock(&zone->shpool->mutex);
}


/* what was sent before this moment was not heard */

static void
ngx_http_cost_api_cache_up(void *data, ngx_uint_t up)
{
    ngx_http_cost_api_zone_t *zone = data;

    if (!up) {

        /*
         * during a reload the listener of the new worker may hear already:
         * silence for longer than is trusted is what counts
         */

        return;
    }

    ngx_shmtx_lock(&zone->shpool->mutex);

    zone->sh->epoch++;
    zone->sh->listening = 1;
    zone->sh->heard = ngx_current_msec;

    ngx_shmtx_unlock(&zone->shpool->mutex);
}


static void
ngx_http_cost_api_cache_alive(void *data)
{
    ngx_http_cost_api_zone_t *zone = data;

    ngx_shmtx_lock(&zone->shpool->mutex);
    zone->sh->heard = ngx_current_msec;
    ngx_shmtx_unlock(&zone->shpool->mutex);
}


void
ngx_http_cost_api_counts(ngx_http_cost_api_counts_t *counts)
{
    ngx_http_cost_api_main_conf_t  *amcf;

    amcf = ngx_http_cycle_get_module_main_conf(ngx_cycle,
                                               ngx_http_cost_api_module);

    if (amcf->zone == NULL) {
        ngx_memzero(counts, sizeof(ngx_http_cost_api_counts_t));
        return;
    }

    *counts = amcf->zone->counts;
}


static ngx_int_t
ngx_http_cost_api_cache_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_cost_api_zone_t *ozone = data;

    size_t                         len;
    ngx_uint_t                     n;
    ngx_http_cost_api_zone_t      *zone;
    ngx_http_cost_api_cache_sh_t  *sh;

    zone = shm_zone->data;

    if (ozone) {
        zone->sh = ozone->sh;
        zone->shpool = ozone->shpool;

        if (zone->sh->layout != NGX_HTTP_COST_API_CACHE_LAYOUT) {
            ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                          "cost_cache_zone \"%V\" was made by another "
                          "version: restart nginx, or change its size",
                          &shm_zone->shm.name);
            return NGX_ERROR;
        }

        return NGX_OK;
    }

    zone->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (shm_zone->shm.exists) {
        zone->sh = zone->shpool->data;
        return NGX_OK;
    }

    /* about one bucket for a reply of 2 KB */

    for (n = 64; n < shm_zone->shm.size / 2048; n *= 2) { /* void */ }

    sh = ngx_slab_calloc(zone->shpool,
                         sizeof(ngx_http_cost_api_cache_sh_t)
                         + n * sizeof(ngx_http_cost_api_node_t *));
    if (sh == NULL) {
        return NGX_ERROR;
    }

    sh->generations = ngx_slab_calloc(zone->shpool,
                                      NGX_HTTP_COST_API_CACHE_GENERATIONS
                                      * sizeof(uint64_t));
    if (sh->generations == NULL) {
        return NGX_ERROR;
    }

    sh->layout = NGX_HTTP_COST_API_CACHE_LAYOUT;
    sh->mask = n - 1;
    ngx_queue_init(&sh->queue);

    zone->sh = sh;
    zone->shpool->data = sh;

    /* a full zone is the ordinary case */
    zone->shpool->log_nomem = 0;

    len = sizeof(" in cost_cache_zone \"\"") + shm_zone->shm.name.len;

    zone->shpool->log_ctx = ngx_slab_alloc(zone->shpool, len);
    if (zone->shpool->log_ctx == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(zone->shpool->log_ctx, " in cost_cache_zone \"%V\"%Z",
                &shm_zone->shm.name);

    return NGX_OK;
}


char *
ngx_http_cost_api_cache_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_cost_api_main_conf_t *amcf = conf;

    u_char                     *colon;
    ssize_t                     size;
    ngx_str_t                  *value, name, s;
    ngx_shm_zone_t             *shm_zone;
    ngx_http_cost_api_zone_t   *zone;

    if (amcf->zone) {
        return "is duplicate";
    }

    value = cf->args->elts;

    colon = (u_char *) ngx_strchr(value[1].data, ':');

    if (colon == NULL || colon == value[1].data) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid zone \"%V\", name:size is expected",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    name.len = colon - value[1].data;
    name.data = value[1].data;

    s.len = value[1].len - name.len - 1;
    s.data = colon + 1;

    size = ngx_parse_size(&s);

    if (size == NGX_ERROR || size < (ssize_t) (16 * ngx_pagesize)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid size \"%V\" of zone \"%V\": it must be "
                           "at least %uzk", &s, &name,
                           16 * ngx_pagesize / 1024);
        return NGX_CONF_ERROR;
    }

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_api_zone_t));
    if (zone == NULL) {
        return NGX_CONF_ERROR;
    }

    zone->max = size / NGX_HTTP_COST_API_CACHE_SHARE;
    zone->stale = NGX_HTTP_COST_API_CACHE_STALE;

    if (cf->args->nelts == 3) {

        if (ngx_strncmp(value[2].data, "stale=", 6) != 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\"", &value[2]);
            return NGX_CONF_ERROR;
        }

        s.len = value[2].len - 6;
        s.data = value[2].data + 6;

        zone->stale = ngx_parse_time(&s, 1);

        if (zone->stale == (time_t) NGX_ERROR) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid time \"%V\"", &s);
            return NGX_CONF_ERROR;
        }
    }

    shm_zone = ngx_shared_memory_add(cf, &name, size,
                                     &ngx_http_cost_api_module);
    if (shm_zone == NULL) {
        return NGX_CONF_ERROR;
    }

    if (shm_zone->data) {
        return "is duplicate";
    }

    shm_zone->init = ngx_http_cost_api_cache_init;
    shm_zone->data = zone;

    ngx_str_set(&zone->listen.channel, "cost_data");
    zone->listen.notify = ngx_http_cost_api_cache_notify;
    zone->listen.up = ngx_http_cost_api_cache_up;
    zone->listen.alive = ngx_http_cost_api_cache_alive;
    zone->listen.data = zone;

    if (ngx_http_cost_pg_listen(cf, &zone->listen) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    amcf->zone = zone;

    return NGX_CONF_OK;
}
