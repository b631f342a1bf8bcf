
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What the database is told, by worker 0: counts of windows of an hour or
 * more, and when secrets were last used.
 *
 * Twice per "api_key_flush" whatever has changed goes out in one statement,
 * and what the other nodes have counted comes back.  So a node knows of the
 * others what they had counted one interval ago at most; as far as a shared
 * limit is exceeded, it is by what passed elsewhere in that time.  What was
 * not told when a zone ends is forgotten: one interval at most.
 *
 * Counts are absolute, each life of a zone has rows of its own: telling twice
 * does no harm, so that after a failure, or with the worker 0 of before a
 * reload beside this one, nothing has to be known of what had arrived.
 */


#include "key/ngx_http_cost_key_zone.h"
#include "pg/ngx_http_cost_pg.h"


/* changes in one statement, and under one hold of the lock */
#define NGX_HTTP_COST_KEY_BATCH  4096
#define NGX_HTTP_COST_KEY_HOLD   64

/* seconds between two writes of the last use of a secret */
#define NGX_HTTP_COST_KEY_USES   10

/* seconds without a try when a statement was refused */
#define NGX_HTTP_COST_KEY_PAUSE  30

/* seconds between purges, and for which counts are kept */
#define NGX_HTTP_COST_KEY_PURGE  3600
#define NGX_HTTP_COST_KEY_AGE    "3024000"


typedef struct {
    ngx_event_t                timer;
    ngx_connection_t           connection;   /* debug logs ask for its fd */
    ngx_http_cost_key_zone_t  *zone;
    ngx_msec_t                 interval;
    ngx_pool_t                *pool;         /* of what is under way */
    ngx_http_cost_key_told_t  *told;
    ngx_uint_t                 ntold;
    ngx_http_cost_key_use_t   *uses;
    ngx_uint_t                 nuses;
    time_t                     pause;        /* until then */
    time_t                     purge;        /* the next */
} ngx_http_cost_key_flush_t;


static void ngx_http_cost_key_flush_timer(ngx_event_t *ev);
static ngx_int_t ngx_http_cost_key_flush_collect(
    ngx_http_cost_key_flush_t *flush);
static ngx_uint_t ngx_http_cost_key_collect_counts(
    ngx_http_cost_key_flush_t *flush);
static void ngx_http_cost_key_collect_states(ngx_http_cost_key_flush_t *flush,
    ngx_http_cost_key_meter_t *meter, cost_window_state_t *s, ngx_uint_t n);
static ngx_uint_t ngx_http_cost_key_collect_uses(
    ngx_http_cost_key_flush_t *flush);
static ngx_int_t ngx_http_cost_key_flush_send(
    ngx_http_cost_key_flush_t *flush);
static void ngx_http_cost_key_flush_array(ngx_str_t *param, u_char **p);
static void ngx_http_cost_key_flush_done(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static void ngx_http_cost_key_flush_told(ngx_http_cost_key_flush_t *flush,
    ngx_http_cost_pg_result_t *result);
static ngx_int_t ngx_http_cost_key_flush_integer(
    ngx_http_cost_pg_result_t *result, ngx_uint_t row, ngx_uint_t column);
static void ngx_http_cost_key_flush_again(ngx_http_cost_key_flush_t *flush,
    ngx_uint_t failed);
static ngx_http_cost_key_meter_t *ngx_http_cost_key_flush_meter(
    ngx_http_cost_key_sh_t *sh, uint32_t organization, uint32_t key);
static void ngx_http_cost_key_flush_purge(ngx_http_cost_key_flush_t *flush);
static void ngx_http_cost_key_purge_done(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);


ngx_int_t
ngx_http_cost_key_flush_init(ngx_cycle_t *cycle,
    ngx_http_cost_key_main_conf_t *kmcf)
{
    ngx_uint_t                   i;
    ngx_http_cost_key_zone_t   **zones;
    ngx_http_cost_key_flush_t   *flush;

    if (ngx_process == NGX_PROCESS_WORKER && ngx_worker != 0) {
        return NGX_OK;
    }

    zones = kmcf->zones.elts;

    for (i = 0; i < kmcf->zones.nelts; i++) {
        flush = ngx_pcalloc(cycle->pool, sizeof(ngx_http_cost_key_flush_t));
        if (flush == NULL) {
            return NGX_ERROR;
        }

        flush->zone = zones[i];
        flush->interval = kmcf->flush / 2;
        flush->connection.fd = (ngx_socket_t) -1;
        flush->purge = ngx_time() + ngx_random() % NGX_HTTP_COST_KEY_PURGE;

        flush->timer.handler = ngx_http_cost_key_flush_timer;
        flush->timer.data = &flush->connection;
        flush->timer.log = cycle->log;
        flush->timer.cancelable = 1;

        flush->connection.data = flush;

        ngx_add_timer(&flush->timer, 1 + ngx_random() % flush->interval);
    }

    return NGX_OK;
}


static void
ngx_http_cost_key_flush_timer(ngx_event_t *ev)
{
    ngx_connection_t           *c;
    ngx_http_cost_key_flush_t  *flush;

    if (ngx_terminate || ngx_exiting) {
        return;
    }

    c = ev->data;
    flush = c->data;

    ngx_add_timer(ev, flush->interval);

    if (flush->pool || ngx_time() < flush->pause) {
        return;
    }

    if (ngx_time() >= flush->purge) {
        ngx_http_cost_key_flush_purge(flush);
    }

    if (ngx_http_cost_key_flush_collect(flush) != NGX_OK) {
        return;
    }

    if (ngx_http_cost_key_flush_send(flush) != NGX_OK) {
        ngx_http_cost_key_flush_again(flush, 1);
    }
}


/* NGX_DECLINED: nothing has changed */

static ngx_int_t
ngx_http_cost_key_flush_collect(ngx_http_cost_key_flush_t *flush)
{
    ngx_http_cost_key_sh_t  *sh;

    sh = flush->zone->sh;

    /* a glance; whatever comes meanwhile comes with the next */

    if (ngx_queue_empty(&sh->changed) && ngx_queue_empty(&sh->used)) {
        return NGX_DECLINED;
    }

    flush->ntold = 0;
    flush->nuses = 0;

    flush->pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, flush->timer.log);
    if (flush->pool == NULL) {
        return NGX_ERROR;
    }

    /* a meter may have more windows than fit, hence the second summand */

    flush->told = ngx_palloc(flush->pool,
                             (NGX_HTTP_COST_KEY_BATCH
                              + NGX_HTTP_COST_KEY_MORE_STATES
                              + NGX_HTTP_COST_KEY_STATES)
                             * sizeof(ngx_http_cost_key_told_t));
    flush->uses = ngx_palloc(flush->pool, NGX_HTTP_COST_KEY_BATCH
                                          * sizeof(ngx_http_cost_key_use_t));

    if (flush->told == NULL || flush->uses == NULL) {
        ngx_http_cost_key_flush_again(flush, 0);
        return NGX_ERROR;
    }

    while (ngx_http_cost_key_collect_counts(flush)) { /* void */ }
    while (ngx_http_cost_key_collect_uses(flush)) { /* void */ }

    if (flush->ntold == 0 && flush->nuses == 0) {
        ngx_http_cost_key_flush_again(flush, 0);
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* some of the changed meters; returns whether there are more */

static ngx_uint_t
ngx_http_cost_key_collect_counts(ngx_http_cost_key_flush_t *flush)
{
    ngx_uint_t                  i, more;
    ngx_queue_t                *q;
    ngx_http_cost_key_sh_t     *sh;
    ngx_http_cost_key_meter_t  *meter;

    sh = flush->zone->sh;

    ngx_http_cost_key_lock(flush->zone);

    for (i = 0; i < NGX_HTTP_COST_KEY_HOLD; i++) {

        if (ngx_queue_empty(&sh->changed)
            || flush->ntold >= NGX_HTTP_COST_KEY_BATCH)
        {
            break;
        }

        q = ngx_queue_head(&sh->changed);
        meter = ngx_queue_data(q, ngx_http_cost_key_meter_t, queue);

        ngx_queue_remove(q);
        q->next = NULL;

        ngx_http_cost_key_collect_states(flush, meter, meter->states,
                                         NGX_HTTP_COST_KEY_STATES);

        if (meter->more) {
            ngx_http_cost_key_collect_states(flush, meter, meter->more,
                                             NGX_HTTP_COST_KEY_MORE_STATES);
        }
    }

    more = (i == NGX_HTTP_COST_KEY_HOLD);

    ngx_http_cost_key_unlock(flush->zone);

    return more;
}


static void
ngx_http_cost_key_collect_states(ngx_http_cost_key_flush_t *flush,
    ngx_http_cost_key_meter_t *meter, cost_window_state_t *s, ngx_uint_t n)
{
    ngx_http_cost_key_told_t  *told;

    for ( /* void */ ; n; n--, s++) {

        if (s->kind != COST_WINDOW_FIXED
            || s->length < NGX_HTTP_COST_KEY_KEPT
            || s->u.fixed.own == s->u.fixed.told)
        {
            continue;
        }

        told = &flush->told[flush->ntold++];

        told->organization = meter->organization;
        told->key = meter->key;
        told->length = s->length;
        told->start = s->u.fixed.start;
        told->own = s->u.fixed.own;
    }
}


/*
 * The first use of a secret is told at once and stands at the head, the
 * others wait for their time in the order in which they came.
 */

static ngx_uint_t
ngx_http_cost_key_collect_uses(ngx_http_cost_key_flush_t *flush)
{
    time_t                       now;
    ngx_uint_t                   i, more;
    ngx_queue_t                 *q;
    ngx_http_cost_key_sh_t      *sh;
    ngx_http_cost_key_use_t     *use;
    ngx_http_cost_key_secret_t  *secret;

    sh = flush->zone->sh;
    now = ngx_time();

    ngx_http_cost_key_lock(flush->zone);

    for (i = 0; i < NGX_HTTP_COST_KEY_HOLD; i++) {

        if (ngx_queue_empty(&sh->used)
            || flush->nuses == NGX_HTTP_COST_KEY_BATCH)
        {
            break;
        }

        q = ngx_queue_head(&sh->used);
        secret = ngx_queue_data(q, ngx_http_cost_key_secret_t, queue);

        if (secret->told
            && now >= (time_t) secret->told
            && now < (time_t) secret->told + NGX_HTTP_COST_KEY_USES)
        {
            break;
        }

        ngx_queue_remove(q);
        q->next = NULL;

        use = &flush->uses[flush->nuses++];

        ngx_memcpy(use->digest, secret->digest, NGX_HTTP_COST_KEY_DIGEST);
        use->used = secret->used;
    }

    more = (i == NGX_HTTP_COST_KEY_HOLD);

    ngx_http_cost_key_unlock(flush->zone);

    return more;
}


/* the parameters of key_flush.sql */

static ngx_int_t
ngx_http_cost_key_flush_send(ngx_http_cost_key_flush_t *flush)
{
    size_t      size;
    u_char     *p, *node;
    ngx_str_t   params[8];
    ngx_uint_t  i;

    size = flush->ntold * 5 * (NGX_INT32_LEN + 1)
           + flush->nuses * (2 * NGX_HTTP_COST_KEY_DIGEST + NGX_INT32_LEN
                             + sizeof("\"\\\\x\",,"))
           + 8 * sizeof("{}") + 2 * sizeof(flush->zone->sh->node);

    p = ngx_pnalloc(flush->pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    node = flush->zone->sh->node;

    params[0].data = p;
    p = ngx_hex_dump(p, node, sizeof(flush->zone->sh->node));
    params[0].len = p - params[0].data;

#define ngx_http_cost_key_flush_column(param, n, format, value)               \
    (param)->data = p;                                                        \
    *p++ = '{';                                                               \
    for (i = 0; i < (n); i++) {                                               \
        p = ngx_sprintf(p, format ",", value);                                \
    }                                                                         \
    ngx_http_cost_key_flush_array(param, &p)

    ngx_http_cost_key_flush_column(&params[1], flush->ntold, "%uD",
                                   flush->told[i].organization);
    ngx_http_cost_key_flush_column(&params[2], flush->ntold, "%uD",
                                   flush->told[i].key);
    ngx_http_cost_key_flush_column(&params[3], flush->ntold, "%uD",
                                   flush->told[i].length);
    ngx_http_cost_key_flush_column(&params[4], flush->ntold, "%uD",
                                   flush->told[i].start);
    ngx_http_cost_key_flush_column(&params[5], flush->ntold, "%uD",
                                   flush->told[i].own);
    ngx_http_cost_key_flush_column(&params[7], flush->nuses, "%uD",
                                   flush->uses[i].used);

#undef ngx_http_cost_key_flush_column

    params[6].data = p;
    *p++ = '{';

    for (i = 0; i < flush->nuses; i++) {
        p = ngx_cpymem(p, "\"\\\\x", sizeof("\"\\\\x") - 1);
        p = ngx_hex_dump(p, flush->uses[i].digest, NGX_HTTP_COST_KEY_DIGEST);
        *p++ = '"';
        *p++ = ',';
    }

    ngx_http_cost_key_flush_array(&params[6], &p);

    ngx_http_cost_key_locked(0);

    if (ngx_http_cost_pg_query(&ngx_http_cost_sql_key_flush, params,
                               NGX_HTTP_COST_PG_FAST,
                               ngx_http_cost_key_flush_done, flush)
        == NULL)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* closes "{1,2," */

static void
ngx_http_cost_key_flush_array(ngx_str_t *param, u_char **p)
{
    if ((*p)[-1] == ',') {
        (*p)--;
    }

    *(*p)++ = '}';

    param->len = *p - param->data;
}


static void
ngx_http_cost_key_flush_done(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_key_flush_t  *flush = data;

    if (rc == NGX_OK) {
        ngx_http_cost_key_flush_told(flush, result);
        ngx_http_cost_key_flush_again(flush, 0);
        return;
    }

    /* pg/ has logged what there is to say */

    if (rc == NGX_ERROR) {
        flush->pause = ngx_time() + NGX_HTTP_COST_KEY_PAUSE;
    }

    ngx_http_cost_key_flush_again(flush, 1);
}


static void
ngx_http_cost_key_flush_told(ngx_http_cost_key_flush_t *flush,
    ngx_http_cost_pg_result_t *result)
{
    ngx_int_t                    n[6];
    ngx_uint_t                   i, k;
    ngx_http_cost_key_sh_t      *sh;
    ngx_http_cost_key_told_t     told;
    ngx_http_cost_key_meter_t   *meter;
    ngx_http_cost_key_secret_t  *secret;

    sh = flush->zone->sh;

    for (i = 0; i < ngx_http_cost_pg_rows(result); i++) {

        for (k = 0; k < 6; k++) {
            n[k] = ngx_http_cost_key_flush_integer(result, i, k);
        }

        told.organization = (uint32_t) n[0];
        told.key = (uint32_t) n[1];
        told.length = (uint32_t) n[2];
        told.start = (uint32_t) n[3];
        told.own = (uint32_t) n[4];

        ngx_http_cost_key_lock(flush->zone);

        meter = ngx_http_cost_key_flush_meter(sh, told.organization, told.key);

        if (meter) {
            ngx_http_cost_key_meter_others_locked(meter, &told,
                                    (uint32_t) ngx_min(n[5], 0x7fffffff));
        }

        ngx_http_cost_key_unlock(flush->zone);
    }

    for (i = 0; i < flush->nuses; i++) {
        ngx_http_cost_key_lock(flush->zone);

        secret = ngx_http_cost_key_find_locked(sh, flush->uses[i].digest);

        if (secret) {
            secret->told = flush->uses[i].used;

            if (secret->used != secret->told && secret->queue.next == NULL) {
                ngx_queue_insert_tail(&sh->used, &secret->queue);
            }
        }

        ngx_http_cost_key_unlock(flush->zone);
    }
}


static ngx_int_t
ngx_http_cost_key_flush_integer(ngx_http_cost_pg_result_t *result,
    ngx_uint_t row, ngx_uint_t column)
{
    ngx_int_t  n;
    ngx_str_t  text;

    ngx_http_cost_pg_text(result, row, column, &text);

    n = ngx_atoi(text.data, text.len);

    return n == NGX_ERROR ? 0 : n;
}


/* what did not arrive is queued anew */

static void
ngx_http_cost_key_flush_again(ngx_http_cost_key_flush_t *flush,
    ngx_uint_t failed)
{
    ngx_uint_t                   i;
    ngx_http_cost_key_sh_t      *sh;
    ngx_http_cost_key_told_t    *told;
    ngx_http_cost_key_meter_t   *meter;
    ngx_http_cost_key_secret_t  *secret;

    sh = flush->zone->sh;

    for (i = 0; failed && i < flush->ntold; i++) {
        told = &flush->told[i];

        ngx_http_cost_key_lock(flush->zone);

        meter = ngx_http_cost_key_flush_meter(sh, told->organization,
                                              told->key);
        if (meter) {
            ngx_http_cost_key_changed_locked(sh, meter);
        }

        ngx_http_cost_key_unlock(flush->zone);
    }

    for (i = 0; failed && i < flush->nuses; i++) {
        ngx_http_cost_key_lock(flush->zone);

        secret = ngx_http_cost_key_find_locked(sh, flush->uses[i].digest);

        if (secret && secret->queue.next == NULL) {
            ngx_queue_insert_tail(&sh->used, &secret->queue);
        }

        ngx_http_cost_key_unlock(flush->zone);
    }

    ngx_destroy_pool(flush->pool);
    flush->pool = NULL;
}


/* the caller holds the lock; NULL: it is gone */

static ngx_http_cost_key_meter_t *
ngx_http_cost_key_flush_meter(ngx_http_cost_key_sh_t *sh,
    uint32_t organization, uint32_t key)
{
    ngx_http_cost_key_node_t   *k;
    ngx_http_cost_key_owner_t  *o;

    if (key) {
        for (k = sh->keys[key & sh->mask]; k; k = k->next) {
            if (k->id == key) {
                return &k->meter;
            }
        }

        return NULL;
    }

    for (o = sh->organizations[organization & sh->mask]; o; o = o->next) {
        if (o->id == organization) {
            return &o->meter;
        }
    }

    return NULL;
}


void
ngx_http_cost_key_changed_locked(ngx_http_cost_key_sh_t *sh,
    ngx_http_cost_key_meter_t *meter)
{
    if (meter->queue.next == NULL) {
        ngx_queue_insert_tail(&sh->changed, &meter->queue);
    }
}


void
ngx_http_cost_key_used_locked(ngx_http_cost_key_sh_t *sh,
    ngx_http_cost_key_secret_t *secret, time_t now)
{
    if (secret->used == (uint32_t) now) {
        return;
    }

    secret->used = (uint32_t) now;

    if (secret->queue.next) {
        return;
    }

    if (secret->told) {
        ngx_queue_insert_tail(&sh->used, &secret->queue);

    } else {
        ngx_queue_insert_head(&sh->used, &secret->queue);
    }
}


static void
ngx_http_cost_key_flush_purge(ngx_http_cost_key_flush_t *flush)
{
    ngx_str_t  age = ngx_string(NGX_HTTP_COST_KEY_AGE);

    flush->purge = ngx_time() + NGX_HTTP_COST_KEY_PURGE;

    (void) ngx_http_cost_pg_query(&ngx_http_cost_sql_key_purge, &age,
                                  NGX_HTTP_COST_PG_SLOW,
                                  ngx_http_cost_key_purge_done, flush);
}


/* another hour, another try */

static void
ngx_http_cost_key_purge_done(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    (void) data;
    (void) rc;
    (void) result;
}
