
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Look-ups: what the zone does not know, or may not believe any more, is read
 * from the database.  One look-up per digest is under way in a worker, and
 * every request that wants it waits for it.
 *
 *     ngx_http_cost_key_load()      waits for one, or starts one
 *       ..._load_done()             the row goes into the zone, unless
 *                                   something was notified meanwhile: then
 *                                   the database is asked again
 *         ..._load_wake()           each waiter's phases go on
 *
 * A request that goes away leaves the queue of waiters through the cleanup of
 * its pool.  A look-up has no request: it belongs to the worker.
 */


#include "key/ngx_http_cost_key_zone.h"
#include "pg/ngx_http_cost_pg.h"

#include <openssl/evp.h>


/* look-ups under way in a worker */
#define NGX_HTTP_COST_KEY_LOADS  256

/* times the database is asked again while it tells of changes */
#define NGX_HTTP_COST_KEY_TRIES  8

#define NGX_HTTP_COST_KEY_HEX    (2 + 2 * NGX_HTTP_COST_KEY_DIGEST)
#define NGX_HTTP_COST_KEY_NODE_LEN  32


struct ngx_http_cost_key_load_s {
    ngx_queue_t                  queue;        /* of the worker's lists */
    ngx_queue_t                  waiters;      /* of ..._ctx_t */
    ngx_http_cost_key_zone_t    *zone;
    ngx_http_cost_key_worker_t  *worker;
    ngx_uint_t                   tries;
    ngx_uint_t                   stranger;     /* it counts as one */
    ngx_http_cost_key_moment_t   moment;
    u_char                       digest[NGX_HTTP_COST_KEY_DIGEST];
};


struct ngx_http_cost_key_worker_s {
    EVP_MD                      *md;
    EVP_MD_CTX                  *md_ctx;
    ngx_queue_t                  busy;
    ngx_queue_t                  free;
    ngx_http_cost_key_load_t     loads[NGX_HTTP_COST_KEY_LOADS];
};


static ngx_http_cost_key_load_t *ngx_http_cost_key_load_find(
    ngx_http_cost_key_worker_t *worker, ngx_http_cost_key_zone_t *zone,
    u_char *digest);
static ngx_int_t ngx_http_cost_key_load_send(ngx_http_cost_key_load_t *load);
static void ngx_http_cost_key_load_done(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static ngx_int_t ngx_http_cost_key_load_row(ngx_http_cost_pg_result_t *result,
    ngx_http_cost_key_row_t *row);
static ngx_int_t ngx_http_cost_key_load_integer(
    ngx_http_cost_pg_result_t *result, ngx_uint_t column, uint32_t *n);
static void ngx_http_cost_key_load_wake(ngx_http_cost_key_load_t *load,
    ngx_http_cost_key_verdict_e verdict);
static void ngx_http_cost_key_load_cleanup(void *data);


ngx_int_t
ngx_http_cost_key_load(ngx_http_request_t *r, ngx_http_cost_key_ctx_t *ctx)
{
    ngx_uint_t                   stranger;
    ngx_queue_t                 *q;
    ngx_pool_cleanup_t          *cln;
    ngx_http_cost_key_load_t    *load;
    ngx_http_cost_key_worker_t  *worker;

    ngx_http_cost_key_locked(0);

    worker = ctx->zone->kmcf->worker;

    if (worker == NULL) {
        return NGX_ERROR;
    }

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    load = ngx_http_cost_key_load_find(worker, ctx->zone, ctx->digest);

    if (load == NULL) {

        if (ngx_queue_empty(&worker->free)
            || ngx_http_cost_key_zone_admit(ctx->zone, ctx->digest, &stranger)
               != NGX_OK)
        {
            return NGX_BUSY;
        }

        q = ngx_queue_head(&worker->free);
        load = ngx_queue_data(q, ngx_http_cost_key_load_t, queue);

        load->zone = ctx->zone;
        load->worker = worker;
        load->tries = 0;
        load->stranger = stranger;
        ngx_queue_init(&load->waiters);
        ngx_memcpy(load->digest, ctx->digest, NGX_HTTP_COST_KEY_DIGEST);

        if (ngx_http_cost_key_load_send(load) != NGX_OK) {
            return NGX_ERROR;
        }

        ngx_queue_remove(&load->queue);
        ngx_queue_insert_tail(&worker->busy, &load->queue);
    }

    ctx->load = load;
    ngx_queue_insert_tail(&load->waiters, &ctx->queue);

    cln->handler = ngx_http_cost_key_load_cleanup;
    cln->data = ctx;

    return NGX_AGAIN;
}


static ngx_http_cost_key_load_t *
ngx_http_cost_key_load_find(ngx_http_cost_key_worker_t *worker,
    ngx_http_cost_key_zone_t *zone, u_char *digest)
{
    ngx_queue_t               *q;
    ngx_http_cost_key_load_t  *load;

    for (q = ngx_queue_head(&worker->busy);
         q != ngx_queue_sentinel(&worker->busy);
         q = ngx_queue_next(q))
    {
        load = ngx_queue_data(q, ngx_http_cost_key_load_t, queue);

        if (load->zone == zone
            && ngx_memcmp(load->digest, digest, NGX_HTTP_COST_KEY_DIGEST) == 0)
        {
            return load;
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_cost_key_load_send(ngx_http_cost_key_load_t *load)
{
    u_char     hex[NGX_HTTP_COST_KEY_HEX], node[NGX_HTTP_COST_KEY_NODE_LEN];
    ngx_str_t  params[2];

    ngx_http_cost_key_locked(0);

    hex[0] = '\\';
    hex[1] = 'x';
    (void) ngx_hex_dump(hex + 2, load->digest, NGX_HTTP_COST_KEY_DIGEST);

    params[0].len = sizeof(hex);
    params[0].data = hex;

    /* PostgreSQL takes a uuid without its hyphens */

    params[1].len = ngx_hex_dump(node, load->zone->sh->node,
                                 sizeof(load->zone->sh->node))
                    - node;
    params[1].data = node;

    ngx_http_cost_key_zone_moment(load->zone, load->digest, &load->moment);

    if (ngx_http_cost_pg_query(&ngx_http_cost_sql_key_load, params,
                               NGX_HTTP_COST_PG_FAST,
                               ngx_http_cost_key_load_done, load)
        == NULL)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_http_cost_key_load_done(void *data, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_http_cost_key_load_t  *load = data;

    ngx_http_cost_key_row_t      row, *found;
    ngx_http_cost_key_verdict_e  verdict;

    ngx_http_cost_key_locked(0);

    switch (rc) {

    case NGX_OK:
        break;

    case NGX_BUSY:
        ngx_http_cost_key_load_wake(load, NGX_HTTP_COST_KEY_BUSY);
        return;

    case NGX_DECLINED:
    case NGX_ABORT:
        ngx_http_cost_key_zone_unreachable(load->zone);
        ngx_http_cost_key_load_wake(load, NGX_HTTP_COST_KEY_UNREACHABLE);
        return;

    default: /* NGX_ERROR */
        ngx_http_cost_key_load_wake(load, NGX_HTTP_COST_KEY_FAILED);
        return;
    }

    found = NULL;

    if (ngx_http_cost_pg_rows(result)) {

        if (ngx_http_cost_key_load_row(result, &row) != NGX_OK) {
            ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0,
                          "unexpected row of an API key");
            ngx_http_cost_key_load_wake(load, NGX_HTTP_COST_KEY_FAILED);
            return;
        }

        if (!row.revoked) {
            found = &row;
        }
    }

    rc = ngx_http_cost_key_zone_insert(load->zone, load->digest, found,
                                       &load->moment);

    if (rc == NGX_AGAIN) {

        if (++load->tries < NGX_HTTP_COST_KEY_TRIES
            && ngx_http_cost_key_load_send(load) == NGX_OK)
        {
            return;
        }

        ngx_http_cost_key_load_wake(load, NGX_HTTP_COST_KEY_BUSY);
        return;
    }

    if (found) {
        if (load->stranger) {
            ngx_http_cost_key_zone_admitted(load->zone);
        }

        if (!ngx_http_cost_key_zone_has_plan(load->zone, &row.plan)
            && ngx_http_cost_key_zone_log(load->zone,
                                          NGX_HTTP_COST_KEY_NOPLAN))
        {
            ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                          "API key %V has the plan \"%V\", which no "
                          "\"api_key_plan\" defines: it is refused",
                          &row.uuid, &row.plan);
        }
    }

    verdict = NGX_HTTP_COST_KEY_LOOKUP;

    if (rc != NGX_OK) {
        verdict = NGX_HTTP_COST_KEY_FULL;

    } else if (found == NULL) {
        verdict = NGX_HTTP_COST_KEY_UNKNOWN;
    }

    ngx_http_cost_key_load_wake(load, verdict);
}


static ngx_int_t
ngx_http_cost_key_load_row(ngx_http_cost_pg_result_t *result,
    ngx_http_cost_key_row_t *row)
{
    uint32_t   expires;
    ngx_str_t  active, permission, revoked;

    ngx_memzero(row, sizeof(ngx_http_cost_key_row_t));

    if (ngx_http_cost_key_load_integer(result, 0, &row->organization) != NGX_OK
        || ngx_http_cost_key_load_integer(result, 5, &row->key) != NGX_OK
        || ngx_http_cost_key_load_integer(result, 10, &expires) == NGX_ERROR)
    {
        return NGX_ERROR;
    }

    ngx_http_cost_pg_text(result, 0, 1, &row->organization_uuid);
    ngx_http_cost_pg_text(result, 0, 2, &row->organization_name);
    ngx_http_cost_pg_text(result, 0, 3, &row->currency);
    ngx_http_cost_pg_text(result, 0, 4, &active);
    ngx_http_cost_pg_text(result, 0, 6, &row->uuid);
    ngx_http_cost_pg_text(result, 0, 7, &row->name);
    ngx_http_cost_pg_text(result, 0, 8, &permission);
    ngx_http_cost_pg_text(result, 0, 9, &row->plan);
    ngx_http_cost_pg_text(result, 0, 11, &revoked);
    ngx_http_cost_pg_text(result, 0, 12, &row->usage);

    if (row->organization_uuid.len != NGX_HTTP_COST_KEY_UUID
        || row->uuid.len != NGX_HTTP_COST_KEY_UUID
        || row->currency.len != 3
        || row->plan.len > NGX_HTTP_COST_KEY_PLAN_LEN
        || active.len != 1
        || revoked.len != 1
        || ngx_http_cost_key_permission_parse(&permission, &row->permission)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    row->expires = expires;
    row->active = (active.data[0] == 't');
    row->revoked = (revoked.data[0] == 't');

    return NGX_OK;
}


/*
 * NGX_DECLINED and 0: null.  Times before 1970 become 1, those after 2106
 * never.
 */

static ngx_int_t
ngx_http_cost_key_load_integer(ngx_http_cost_pg_result_t *result,
    ngx_uint_t column, uint32_t *n)
{
    off_t      value;
    ngx_str_t  text;

    *n = 0;

    ngx_http_cost_pg_text(result, 0, column, &text);

    if (text.data == NULL) {
        return NGX_DECLINED;
    }

    if (text.len && text.data[0] == '-') {
        *n = 1;
        return NGX_OK;
    }

    value = ngx_atoof(text.data, text.len);

    if (value == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (value == 0) {
        value = 1;
    }

    *n = value > 0xffffffffLL ? 0 : (uint32_t) value;

    return NGX_OK;
}


/*
 * LOOKUP: the zone has the answer now.  A waiter that is woken may start
 * another look-up, or end and free others that wait: the load is taken from
 * the worker's list first, and waiters from the load one by one.
 */

static void
ngx_http_cost_key_load_wake(ngx_http_cost_key_load_t *load,
    ngx_http_cost_key_verdict_e verdict)
{
    ngx_queue_t               waiters, *q;
    ngx_connection_t         *c;
    ngx_http_request_t       *r;
    ngx_http_cost_key_ctx_t  *ctx;

    ngx_queue_init(&waiters);

    if (!ngx_queue_empty(&load->waiters)) {
        ngx_queue_add(&waiters, &load->waiters);
        ngx_queue_init(&load->waiters);
    }

    ngx_queue_remove(&load->queue);
    ngx_queue_insert_tail(&load->worker->free, &load->queue);

    while (!ngx_queue_empty(&waiters)) {
        q = ngx_queue_head(&waiters);
        ngx_queue_remove(q);

        ctx = ngx_queue_data(q, ngx_http_cost_key_ctx_t, queue);
        ctx->load = NULL;

        r = ctx->request;
        c = r->connection;

        ngx_http_set_log_request(c->log, r);

        ngx_http_cost_key_resume(r, ctx, verdict);

        ngx_http_run_posted_requests(c);
    }
}


static void
ngx_http_cost_key_load_cleanup(void *data)
{
    ngx_http_cost_key_ctx_t  *ctx = data;

    if (ctx->load) {
        ngx_queue_remove(&ctx->queue);
        ctx->load = NULL;
    }
}


ngx_int_t
ngx_http_cost_key_digest(ngx_http_cost_key_main_conf_t *kmcf,
    const u_char *data, size_t len, u_char *digest)
{
    EVP_MD_CTX  *md_ctx;

    md_ctx = kmcf->worker->md_ctx;

    if (EVP_DigestInit_ex2(md_ctx, NULL, NULL) != 1
        || EVP_DigestUpdate(md_ctx, data, len) != 1
        || EVP_DigestFinal_ex(md_ctx, digest, NULL) != 1)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_cost_key_init_worker(ngx_cycle_t *cycle)
{
    ngx_uint_t                      i;
    ngx_http_cost_key_worker_t     *worker;
    ngx_http_cost_key_main_conf_t  *kmcf;

    kmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_cost_key_module);

    if (kmcf == NULL || !kmcf->used
        || (ngx_process != NGX_PROCESS_SINGLE
            && ngx_process != NGX_PROCESS_WORKER))
    {
        return NGX_OK;
    }

    worker = ngx_pcalloc(cycle->pool, sizeof(ngx_http_cost_key_worker_t));
    if (worker == NULL) {
        return NGX_ERROR;
    }

    ngx_queue_init(&worker->busy);
    ngx_queue_init(&worker->free);

    for (i = 0; i < NGX_HTTP_COST_KEY_LOADS; i++) {
        ngx_queue_insert_tail(&worker->free, &worker->loads[i].queue);
    }

    worker->md = EVP_MD_fetch(NULL, "SHA256", NULL);
    worker->md_ctx = EVP_MD_CTX_new();

    if (worker->md == NULL || worker->md_ctx == NULL
        || EVP_DigestInit_ex2(worker->md_ctx, worker->md, NULL) != 1)
    {
        EVP_MD_CTX_free(worker->md_ctx);
        EVP_MD_free(worker->md);

        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                      "api_key: OpenSSL has no SHA-256");
        return NGX_ERROR;
    }

    kmcf->worker = worker;

    return ngx_http_cost_key_flush_init(cycle, kmcf);
}


void
ngx_http_cost_key_exit_worker(ngx_cycle_t *cycle)
{
    ngx_http_cost_key_main_conf_t  *kmcf;

    kmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_cost_key_module);

    if (kmcf == NULL || kmcf->worker == NULL) {
        return;
    }

    EVP_MD_CTX_free(kmcf->worker->md_ctx);
    EVP_MD_free(kmcf->worker->md);

    kmcf->worker = NULL;
}
