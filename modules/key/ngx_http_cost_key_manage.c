
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What those who manage keys need of those who check them: plans, new
 * secrets, and that a change holds at once.
 */


#include "key/ngx_http_cost_key_zone.h"

#include <openssl/rand.h>


ngx_int_t
ngx_http_cost_key_plan(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *prefix)
{
    ngx_uint_t                      i;
    ngx_http_cost_key_plan_t       *plan;
    ngx_http_cost_key_main_conf_t  *kmcf;

    kmcf = ngx_http_get_module_main_conf(r, ngx_http_cost_key_module);
    plan = kmcf->plans.elts;

    for (i = 0; i < kmcf->plans.nelts; i++) {
        if (plan[i].name.len == name->len
            && ngx_strncmp(plan[i].name.data, name->data, name->len) == 0)
        {
            *prefix = plan[i].prefix;
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_cost_key_unlimited(ngx_http_request_t *r, ngx_str_t *array)
{
    u_char                         *p;
    ngx_uint_t                      i;
    ngx_http_cost_key_plan_t       *plan;
    ngx_http_cost_key_main_conf_t  *kmcf;

    kmcf = ngx_http_get_module_main_conf(r, ngx_http_cost_key_module);
    plan = kmcf->plans.elts;

    p = ngx_pnalloc(r->pool, sizeof("{}") + kmcf->plans.nelts
                             * (NGX_HTTP_COST_KEY_PLAN_LEN + 1));
    if (p == NULL) {
        return NGX_ERROR;
    }

    array->data = p;
    *p++ = '{';

    for (i = 0; i < kmcf->plans.nelts; i++) {

        if (plan[i].nwindows) {
            continue;
        }

        /* a name of a-z, 0-9 and "_" needs no quotes */

        if (p[-1] != '{') {
            *p++ = ',';
        }

        p = ngx_cpymem(p, plan[i].name.data, plan[i].name.len);
    }

    *p++ = '}';
    array->len = p - array->data;

    return NGX_OK;
}


ngx_int_t
ngx_http_cost_key_make(ngx_http_request_t *r, ngx_str_t *prefix,
    ngx_str_t *text, ngx_str_t *digest)
{
    u_char                          random[COST_KEYTEXT_RANDOM];
    u_char                          hash[NGX_HTTP_COST_KEY_DIGEST];
    ngx_int_t                       rc;
    ngx_http_cost_key_main_conf_t  *kmcf;

    kmcf = ngx_http_get_module_main_conf(r, ngx_http_cost_key_module);

    text->data = ngx_pnalloc(r->pool, COST_KEYTEXT_MAX);
    digest->data = ngx_pnalloc(r->pool, 2 + 2 * NGX_HTTP_COST_KEY_DIGEST);

    if (text->data == NULL || digest->data == NULL) {
        return NGX_ERROR;
    }

    if (RAND_priv_bytes(random, sizeof(random)) != 1) {
        ngx_log_error(NGX_LOG_CRIT, r->connection->log, 0,
                      "OpenSSL has no random bytes for a new API key");
        return NGX_ERROR;
    }

    rc = NGX_ERROR;

    if (cost_keytext_make(ngx_http_cost_str(prefix), random, text->data,
                          &text->len)
        == COST_OK)
    {
        rc = ngx_http_cost_key_digest(kmcf, text->data, text->len, hash);
    }

    ngx_explicit_memzero(random, sizeof(random));

    digest->data[0] = '\\';
    digest->data[1] = 'x';
    digest->len = ngx_hex_dump(digest->data + 2, hash, sizeof(hash))
                  - digest->data;

    return rc;
}


void
ngx_http_cost_key_forget(ngx_http_request_t *r, ngx_str_t *digests)
{
    u_char                         *p, *last;
    u_char                          digest[NGX_HTTP_COST_KEY_DIGEST];
    ngx_int_t                       n;
    ngx_uint_t                      i;
    ngx_http_cost_key_zone_t      **zones;
    ngx_http_cost_key_main_conf_t  *kmcf;

    kmcf = ngx_http_get_module_main_conf(r, ngx_http_cost_key_module);
    zones = kmcf->zones.elts;

    p = digests->data;
    last = p + digests->len;

    for ( /* void */ ;
         p + 2 * NGX_HTTP_COST_KEY_DIGEST <= last;
         p += 2 * NGX_HTTP_COST_KEY_DIGEST + 1)
    {
        for (i = 0; i < NGX_HTTP_COST_KEY_DIGEST; i++) {
            n = ngx_hextoi(p + 2 * i, 2);
            digest[i] = (u_char) n;
        }

        for (i = 0; i < kmcf->zones.nelts; i++) {
            ngx_http_cost_key_drop(zones[i], digest);
        }
    }
}
