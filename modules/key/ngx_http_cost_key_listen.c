
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The listener, in worker 0: tells the zone what has changed in the database.
 *
 *     d<digest in hex>      a secret, or its key
 *     o<organization's id>  all keys of an organization
 *
 * What is dropped stays in its place, with its counts, but is read again
 * before it is believed; and what was being read when it was dropped is not
 * kept (the generations).
 */


#include "key/ngx_http_cost_key_zone.h"
#include "pg/ngx_http_cost_pg.h"


static void ngx_http_cost_key_notify(void *data, ngx_str_t *payload);
static void ngx_http_cost_key_drop_organization(
    ngx_http_cost_key_zone_t *zone, uint32_t id);
static void ngx_http_cost_key_up(void *data, ngx_uint_t up);
static void ngx_http_cost_key_alive(void *data);


static ngx_str_t  ngx_http_cost_key_channel = ngx_string("cost_keys");


ngx_int_t
ngx_http_cost_key_listen(ngx_conf_t *cf, ngx_http_cost_key_zone_t *zone)
{
    ngx_http_cost_pg_listen_t  *listen;

    listen = ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_pg_listen_t));
    if (listen == NULL) {
        return NGX_ERROR;
    }

    listen->channel = ngx_http_cost_key_channel;
    listen->notify = ngx_http_cost_key_notify;
    listen->up = ngx_http_cost_key_up;
    listen->alive = ngx_http_cost_key_alive;
    listen->data = zone;

    return ngx_http_cost_pg_listen(cf, listen);
}


static void
ngx_http_cost_key_notify(void *data, ngx_str_t *payload)
{
    ngx_http_cost_key_zone_t  *zone = data;

    u_char      digest[NGX_HTTP_COST_KEY_DIGEST];
    ngx_int_t   n;
    ngx_uint_t  i;

    if (payload->len == 1 + 2 * NGX_HTTP_COST_KEY_DIGEST
        && payload->data[0] == 'd')
    {
        for (i = 0; i < NGX_HTTP_COST_KEY_DIGEST; i++) {
            n = ngx_hextoi(payload->data + 1 + 2 * i, 2);

            if (n == NGX_ERROR) {
                break;
            }

            digest[i] = (u_char) n;
        }

        if (i == NGX_HTTP_COST_KEY_DIGEST) {
            ngx_http_cost_key_drop(zone, digest);
            return;
        }
    }

    if (payload->len > 1 && payload->data[0] == 'o') {
        n = ngx_atoi(payload->data + 1, payload->len - 1);

        if (n > 0) {
            ngx_http_cost_key_drop_organization(zone, (uint32_t) n);
            return;
        }
    }

    /* whatever it means, what is cached may be wrong */

    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "unknown notification of API keys \"%V\"", payload);

    ngx_http_cost_key_up(zone, 1);
}


void
ngx_http_cost_key_drop(ngx_http_cost_key_zone_t *zone, u_char *digest)
{
    ngx_http_cost_key_sh_t      *sh;
    ngx_http_cost_key_secret_t  *secret;

    sh = zone->sh;

    ngx_http_cost_key_lock(zone);

    sh->counts.notified++;
    sh->generations[ngx_http_cost_key_class(digest)]++;

    secret = ngx_http_cost_key_find_locked(sh, digest);

    if (secret) {
        secret->dropped = 1;
    }

    ngx_http_cost_key_forget_locked(sh, digest);

    ngx_http_cost_key_unlock(zone);
}


static void
ngx_http_cost_key_drop_organization(ngx_http_cost_key_zone_t *zone,
    uint32_t id)
{
    ngx_http_cost_key_sh_t     *sh;
    ngx_http_cost_key_owner_t  *organization;

    sh = zone->sh;

    ngx_http_cost_key_lock(zone);

    sh->counts.notified++;
    sh->generation++;

    organization = sh->organizations[id & sh->mask];

    for ( /* void */ ; organization; organization = organization->next) {
        if (organization->id == id) {
            organization->generation++;
            break;
        }
    }

    ngx_http_cost_key_unlock(zone);
}


static void
ngx_http_cost_key_up(void *data, ngx_uint_t up)
{
    ngx_http_cost_key_zone_t  *zone = data;

    ngx_http_cost_key_sh_t  *sh;

    sh = zone->sh;

    ngx_http_cost_key_lock(zone);

    if (up) {
        /* what was notified before may have been missed */
        sh->heard_before = sh->heard;
        sh->heard = ngx_current_msec;
        sh->epoch++;
        sh->generation++;
    }

    sh->listening = up ? 1 : 0;

    ngx_http_cost_key_unlock(zone);
}


static void
ngx_http_cost_key_alive(void *data)
{
    ngx_http_cost_key_zone_t  *zone = data;

    ngx_http_cost_key_lock(zone);
    zone->sh->heard = ngx_current_msec;
    ngx_http_cost_key_unlock(zone);
}
