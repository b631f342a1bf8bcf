
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The access phase: reads the key, asks the zone, and lets the request in,
 * refuses it, or has it wait for a look-up.
 *
 *     access_handler -> credentials -> recall -> zone_take -> settle -> answer
 *                                                  |          ^
 *                                                  load -> resume
 *
 * A request is counted once: an internal redirect to a location that is
 * guarded too finds the state of the request, and the answer as it was.
 *
 * Runs in workers.  The state belongs to the pool of the request.
 */


#include "key/ngx_http_cost_key_zone.h"


static ngx_http_cost_key_verdict_e ngx_http_cost_key_credentials(
    ngx_http_request_t *r, ngx_str_t *text);
static ngx_int_t ngx_http_cost_key_same(ngx_str_t *text, cost_str_t *key);
static ngx_http_cost_key_ctx_t *ngx_http_cost_key_add_ctx(
    ngx_http_request_t *r);
static void ngx_http_cost_key_cleanup(void *data);
static ngx_int_t ngx_http_cost_key_settle(ngx_http_request_t *r,
    ngx_http_cost_key_ctx_t *ctx, ngx_http_cost_key_verdict_e verdict,
    ngx_http_cost_key_copy_t *copy);
static ngx_int_t ngx_http_cost_key_answer(ngx_http_request_t *r,
    ngx_http_cost_key_loc_conf_t *klcf, ngx_http_cost_key_ctx_t *ctx);


static ngx_str_t  ngx_http_cost_key_permissions[] = {
    ngx_null_string,
    ngx_string("read"),
    ngx_string("write"),
    ngx_string("admin")
};


ngx_int_t
ngx_http_cost_key_access_handler(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_http_cost_key_ctx_t       *ctx;
    ngx_http_cost_key_copy_t       copy;
    ngx_http_cost_key_verdict_e    verdict;
    ngx_http_cost_key_loc_conf_t  *klcf;

    klcf = ngx_http_get_module_loc_conf(r, ngx_http_cost_key_module);

    if (klcf->zone == NULL) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_cost_key_get_ctx(r);

    if (ctx == NULL) {
        ctx = ngx_http_cost_key_add_ctx(r);
        if (ctx == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

    } else if (ctx->load) {
        return NGX_AGAIN;

    } else if (ctx->zone == klcf->zone) {
        return ngx_http_cost_key_answer(r, klcf, ctx);
    }

    ctx->zone = klcf->zone;
    copy.found = 0;
    copy.plan = NULL;

    verdict = ngx_http_cost_key_credentials(r, &ctx->text);

    if (verdict == NGX_HTTP_COST_KEY_OK) {

        switch (ngx_http_cost_key_recall(r, klcf->zone->kmcf, &ctx->text,
                                         ctx->digest))
        {

        case NGX_OK:
            verdict = ngx_http_cost_key_zone_take(ctx->zone, ctx->digest,
                                         NGX_HTTP_COST_KEY_TRUST_RULES, &copy);
            break;

        case NGX_DECLINED:
            verdict = NGX_HTTP_COST_KEY_MALFORMED;
            break;

        default: /* NGX_ERROR */
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    if (verdict == NGX_HTTP_COST_KEY_LOOKUP
        && ngx_http_cost_key_zone_down(ctx->zone))
    {
        verdict = ngx_http_cost_key_zone_take(ctx->zone, ctx->digest,
                                         NGX_HTTP_COST_KEY_TRUST_STALE, &copy);
    }

    if (verdict == NGX_HTTP_COST_KEY_LOOKUP) {
        rc = ngx_http_cost_key_load(r, ctx);

        if (rc == NGX_AGAIN) {
            r->read_event_handler = ngx_http_test_reading;
            return NGX_AGAIN;
        }

        verdict = (rc == NGX_BUSY) ? NGX_HTTP_COST_KEY_BUSY
                                   : NGX_HTTP_COST_KEY_FAILED;
    }

    if (ngx_http_cost_key_settle(r, ctx, verdict, &copy) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_key_answer(r, klcf, ctx);
}


void
ngx_http_cost_key_resume(ngx_http_request_t *r, ngx_http_cost_key_ctx_t *ctx,
    ngx_http_cost_key_verdict_e verdict)
{
    ngx_http_cost_key_copy_t  copy;

    copy.found = 0;
    copy.plan = NULL;

    if (verdict == NGX_HTTP_COST_KEY_LOOKUP) {
        verdict = ngx_http_cost_key_zone_take(ctx->zone, ctx->digest,
                                         NGX_HTTP_COST_KEY_TRUST_FRESH, &copy);

    } else if (verdict == NGX_HTTP_COST_KEY_UNREACHABLE) {
        verdict = ngx_http_cost_key_zone_take(ctx->zone, ctx->digest,
                                         NGX_HTTP_COST_KEY_TRUST_STALE, &copy);
    }

    if (verdict == NGX_HTTP_COST_KEY_LOOKUP) {

        /* changed again since it was read */

        switch (ngx_http_cost_key_load(r, ctx)) {

        case NGX_AGAIN:
            return;

        case NGX_BUSY:
            verdict = NGX_HTTP_COST_KEY_BUSY;
            break;

        default: /* NGX_ERROR */
            verdict = NGX_HTTP_COST_KEY_FAILED;
        }
    }

    if (ngx_http_cost_key_settle(r, ctx, verdict, &copy) != NGX_OK) {
        ctx->verdict = NGX_HTTP_COST_KEY_FAILED;
    }

    r->read_event_handler = ngx_http_block_reading;

    ngx_http_core_run_phases(r);
}


/*
 * The key of both headers and all their repetitions; an empty one is as good
 * as none.
 */

static ngx_http_cost_key_verdict_e
ngx_http_cost_key_credentials(ngx_http_request_t *r, ngx_str_t *text)
{
    ngx_uint_t                      i;
    cost_str_t                      key;
    ngx_list_part_t                *part;
    ngx_table_elt_t                *h;
    ngx_http_cost_key_main_conf_t  *kmcf;

    kmcf = ngx_http_get_module_main_conf(r, ngx_http_cost_key_module);

    ngx_str_null(text);

    part = &r->headers_in.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {

            if (part->next == NULL) {
                break;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        if (h[i].hash == kmcf->api_key_hash
            && h[i].key.len == sizeof("X-API-Key") - 1
            && ngx_memcmp(h[i].lowcase_key, "x-api-key",
                          sizeof("x-api-key") - 1)
               == 0)
        {
            key = cost_keytext_bare(h[i].value.data, h[i].value.len);

        } else if (h[i].hash == kmcf->authorization_hash
                   && h[i].key.len == sizeof("Authorization") - 1
                   && ngx_memcmp(h[i].lowcase_key, "authorization",
                                 sizeof("authorization") - 1)
                      == 0)
        {
            if (cost_keytext_bearer(h[i].value.data, h[i].value.len, &key)
                != COST_OK)
            {
                continue;
            }

        } else {
            continue;
        }

        if (ngx_http_cost_key_same(text, &key) != NGX_OK) {
            return NGX_HTTP_COST_KEY_AMBIGUOUS;
        }
    }

    return text->len ? NGX_HTTP_COST_KEY_OK : NGX_HTTP_COST_KEY_MISSING;
}


static ngx_int_t
ngx_http_cost_key_same(ngx_str_t *text, cost_str_t *key)
{
    if (key->len == 0) {
        return NGX_OK;
    }

    if (text->len == 0) {
        text->len = key->len;
        text->data = (u_char *) key->data;
        return NGX_OK;
    }

    if (text->len != key->len
        || ngx_memcmp(text->data, key->data, key->len) != 0)
    {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


ngx_http_cost_key_ctx_t *
ngx_http_cost_key_get_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t       *cln;
    ngx_http_cost_key_ctx_t  *ctx;

    r = r->main;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_key_module);

    if (ctx || !(r->internal || r->filter_finalize)) {
        return ctx;
    }

    /* an internal redirect cleared the contexts of all modules */

    for (cln = r->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_http_cost_key_cleanup) {
            ctx = cln->data;
            ngx_http_set_ctx(r, ctx, ngx_http_cost_key_module);
            return ctx;
        }
    }

    return NULL;
}


static ngx_http_cost_key_ctx_t *
ngx_http_cost_key_add_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t       *cln;
    ngx_http_cost_key_ctx_t  *ctx;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_cost_key_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_cost_key_ctx_t));
    ctx->request = r;

    cln->handler = ngx_http_cost_key_cleanup;

    ngx_http_set_ctx(r, ctx, ngx_http_cost_key_module);

    return ctx;
}


/* marks the state of a request among its cleanups */

static void
ngx_http_cost_key_cleanup(void *data)
{
    (void) data;
}


/* what the zone said becomes the state of the request */

static ngx_int_t
ngx_http_cost_key_settle(ngx_http_request_t *r, ngx_http_cost_key_ctx_t *ctx,
    ngx_http_cost_key_verdict_e verdict, ngx_http_cost_key_copy_t *copy)
{
    size_t                     looks, text;
    u_char                    *p;
    ngx_http_cost_key_t       *key;
    ngx_http_cost_key_plan_t  *plan;

    ngx_http_cost_key_locked(0);

    ctx->verdict = verdict;
    ctx->found = copy->found;

    if (!copy->found) {
        return NGX_OK;
    }

    plan = copy->plan;
    looks = 0;

    ctx->plan = plan;
    ctx->stale = copy->stale;
    ctx->now = ngx_time();

    if (verdict == NGX_HTTP_COST_KEY_OK
        || verdict == NGX_HTTP_COST_KEY_LIMITED)
    {
        looks = plan->nwindows * sizeof(cost_window_look_t);
    }

    text = 2 * NGX_HTTP_COST_KEY_UUID + 3 + copy->organization_name
           + copy->name;

    p = ngx_palloc(r->pool, looks + text);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ctx->looks = looks ? (cost_window_look_t *) p : NULL;

    ngx_memcpy(p, copy->looks, looks);
    p += looks;
    ngx_memcpy(p, copy->text, text);

    key = &ctx->key;

    key->organization = copy->organization;
    key->permission = (ngx_http_cost_key_permission_e) copy->permission;
    key->expires = copy->expires;

    key->organization_uuid.len = NGX_HTTP_COST_KEY_UUID;
    key->organization_uuid.data = p;
    p += NGX_HTTP_COST_KEY_UUID;

    key->id.len = NGX_HTTP_COST_KEY_UUID;
    key->id.data = p;
    p += NGX_HTTP_COST_KEY_UUID;

    key->currency.len = 3;
    key->currency.data = p;
    p += 3;

    key->organization_name.len = copy->organization_name;
    key->organization_name.data = p;
    p += copy->organization_name;

    key->name.len = copy->name;
    key->name.data = p;

    key->prefix.len = ctx->text.len - COST_KEYTEXT_BODY;
    key->prefix.data = ctx->text.data;

    if (plan) {
        key->plan = plan->name;
        key->wording = plan->wording;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_key_answer(ngx_http_request_t *r,
    ngx_http_cost_key_loc_conf_t *klcf, ngx_http_cost_key_ctx_t *ctx)
{
    /* which depends on the location, the rest does not */

    if (ctx->verdict == NGX_HTTP_COST_KEY_FORBIDDEN) {
        ctx->verdict = NGX_HTTP_COST_KEY_OK;
    }

    if (ctx->verdict == NGX_HTTP_COST_KEY_OK
        && (ngx_uint_t) ctx->key.permission < klcf->permission)
    {
        ctx->verdict = NGX_HTTP_COST_KEY_FORBIDDEN;
    }

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "api key: %V, stale:%ui",
                   ngx_http_cost_key_verdict_name(ctx->verdict), ctx->stale);

    ngx_http_cost_key_wording(r, ctx);

    if (ctx->verdict == NGX_HTTP_COST_KEY_OK) {
        return NGX_OK;
    }

    return ngx_http_cost_key_refuse(r, klcf, ctx);
}


const ngx_http_cost_key_t *
ngx_http_cost_key_get(ngx_http_request_t *r)
{
    ngx_http_cost_key_ctx_t  *ctx;

    ctx = ngx_http_cost_key_get_ctx(r);

    if (ctx == NULL || !ctx->found) {
        return NULL;
    }

    switch (ctx->verdict) {

    case NGX_HTTP_COST_KEY_OK:
    case NGX_HTTP_COST_KEY_FORBIDDEN:
    case NGX_HTTP_COST_KEY_LIMITED:
        return &ctx->key;

    default:
        return NULL;
    }
}


ngx_str_t *
ngx_http_cost_key_permission_name(ngx_http_cost_key_permission_e permission)
{
    return &ngx_http_cost_key_permissions[permission];
}


ngx_uint_t
ngx_http_cost_key_is_stale(ngx_http_request_t *r)
{
    ngx_http_cost_key_ctx_t  *ctx;

    ctx = ngx_http_cost_key_get_ctx(r);

    return ctx && ctx->stale;
}


ngx_int_t
ngx_http_cost_key_counts(ngx_http_request_t *r,
    ngx_http_cost_key_counts_t *counts)
{
    ngx_http_cost_key_loc_conf_t  *klcf;

    klcf = ngx_http_get_module_loc_conf(r, ngx_http_cost_key_module);

    if (klcf->zone == NULL) {
        return NGX_DECLINED;
    }

    ngx_http_cost_key_lock(klcf->zone);
    *counts = klcf->zone->sh->counts;
    ngx_http_cost_key_unlock(klcf->zone);

    return NGX_OK;
}


ngx_uint_t
ngx_http_cost_key_zones(void)
{
    ngx_http_cost_key_main_conf_t  *kmcf;

    kmcf = ngx_http_cycle_get_module_main_conf(ngx_cycle,
                                               ngx_http_cost_key_module);

    return kmcf->zones.nelts;
}


void
ngx_http_cost_key_zone_counts(ngx_uint_t n, ngx_str_t *name,
    ngx_http_cost_key_counts_t *counts)
{
    ngx_http_cost_key_zone_t       **zones;
    ngx_http_cost_key_main_conf_t   *kmcf;

    kmcf = ngx_http_cycle_get_module_main_conf(ngx_cycle,
                                               ngx_http_cost_key_module);
    zones = kmcf->zones.elts;

    *name = zones[n]->shm_zone->shm.name;

    ngx_http_cost_key_lock(zones[n]);
    *counts = zones[n]->sh->counts;
    ngx_http_cost_key_unlock(zones[n]);
}
