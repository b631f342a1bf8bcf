
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * How a refusal is said: a line in the log, the wording of the key's plan,
 * the response, a count by reason.
 *
 * Runs in workers.
 */


#include "key/ngx_http_cost_key_zone.h"
#include "http/ngx_http_cost_http.h"


static ngx_int_t ngx_http_cost_key_say(ngx_http_request_t *r,
    ngx_http_cost_key_ctx_t *ctx);
static void ngx_http_cost_key_log(ngx_http_request_t *r,
    ngx_http_cost_key_loc_conf_t *klcf, ngx_http_cost_key_ctx_t *ctx);
static ngx_int_t ngx_http_cost_key_refuse_limited(ngx_http_request_t *r,
    ngx_http_cost_key_ctx_t *ctx);
static ngx_int_t ngx_http_cost_key_unauthorized(ngx_http_request_t *r);


/* in the order of ngx_http_cost_key_verdict_e */

static ngx_str_t  ngx_http_cost_key_verdicts[NGX_HTTP_COST_KEY_REASONS] = {
    ngx_string("ok"),
    ngx_string("missing"),
    ngx_string("ambiguous"),
    ngx_string("malformed"),
    ngx_string("unknown"),
    ngx_string("expired"),
    ngx_string("inactive"),
    ngx_string("noplan"),
    ngx_string("forbidden"),
    ngx_string("limited"),
    ngx_string("unreachable"),
    ngx_string("busy"),
    ngx_string("full"),
    ngx_string("failed"),
    ngx_string("lookup")
};


/* by this process, in the same order */

static ngx_uint_t  ngx_http_cost_key_refused[NGX_HTTP_COST_KEY_REASONS];


ngx_int_t
ngx_http_cost_key_refuse(ngx_http_request_t *r,
    ngx_http_cost_key_loc_conf_t *klcf, ngx_http_cost_key_ctx_t *ctx)
{
    ngx_http_cost_key_log(r, klcf, ctx);

    if (klcf->dry_run) {
        return NGX_OK;
    }

    return ngx_http_cost_key_say(r, ctx);
}


static ngx_int_t
ngx_http_cost_key_say(ngx_http_request_t *r, ngx_http_cost_key_ctx_t *ctx)
{
    ngx_http_cost_key_refused[ctx->verdict]++;

    switch (ctx->verdict) {

    case NGX_HTTP_COST_KEY_FORBIDDEN:
        return ngx_http_cost_http_error(r, NGX_HTTP_FORBIDDEN, NULL);

    case NGX_HTTP_COST_KEY_LIMITED:
        return ngx_http_cost_key_refuse_limited(r, ctx);

    case NGX_HTTP_COST_KEY_FULL:
        return ngx_http_cost_http_retry(r, NGX_HTTP_SERVICE_UNAVAILABLE, 60,
                                        "Too many API keys are in use");

    case NGX_HTTP_COST_KEY_BUSY:
        return ngx_http_cost_http_retry(r, NGX_HTTP_SERVICE_UNAVAILABLE, 1,
                                  "Too many unknown API keys are in use");

    case NGX_HTTP_COST_KEY_UNREACHABLE:
        return ngx_http_cost_http_retry(r, NGX_HTTP_SERVICE_UNAVAILABLE, 1,
                                        NULL);

    case NGX_HTTP_COST_KEY_FAILED:
    case NGX_HTTP_COST_KEY_LOOKUP:
        return ngx_http_cost_http_error(r, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                        NULL);

    default:
        return ngx_http_cost_key_unauthorized(r);
    }
}


static void
ngx_http_cost_key_log(ngx_http_request_t *r,
    ngx_http_cost_key_loc_conf_t *klcf, ngx_http_cost_key_ctx_t *ctx)
{
    const char  *would;

    would = klcf->dry_run ? " (dry run)" : "";

    if (ctx->verdict == NGX_HTTP_COST_KEY_FULL
        && ngx_http_cost_key_zone_log(ctx->zone, ctx->verdict))
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "api_key_zone \"%V\" is full: keys that are not in it "
                      "are refused", &ctx->zone->shm_zone->shm.name);
    }

    if (ctx->found) {
        ngx_log_error(klcf->log_level, r->connection->log, 0,
                      "API key refused%s: %V, key %V of organization %V",
                      would, ngx_http_cost_key_verdict_name(ctx->verdict),
                      &ctx->key.id, &ctx->key.organization_uuid);

    } else {
        ngx_log_error(klcf->log_level, r->connection->log, 0,
                      "API key refused%s: %V", would,
                      ngx_http_cost_key_verdict_name(ctx->verdict));
    }
}


static ngx_int_t
ngx_http_cost_key_refuse_limited(ngx_http_request_t *r,
    ngx_http_cost_key_ctx_t *ctx)
{
    ngx_uint_t  i, seconds;

    seconds = cost_window_retry_after(ctx->looks, ctx->plan->nwindows,
                                      ctx->now);

    /* Cost Optix' text for 429 speaks of the day */

    for (i = 0; i < ctx->plan->nwindows; i++) {
        if (ctx->looks[i].exhausted && ctx->plan->windows[i].length == 86400) {
            return ngx_http_cost_http_retry(r, NGX_HTTP_TOO_MANY_REQUESTS,
                                            seconds, NULL);
        }
    }

    if (ctx->plan->wording == COST_WORDING_COSTOPTIX) {
        return ngx_http_cost_http_retry(r, NGX_HTTP_TOO_MANY_REQUESTS,
                                        seconds, "Rate limit exceeded");
    }

    return ngx_http_cost_http_retry(r, NGX_HTTP_TOO_MANY_REQUESTS, seconds,
                                    NULL);
}


static ngx_int_t
ngx_http_cost_key_unauthorized(ngx_http_request_t *r)
{
    ngx_table_elt_t  *h;

    h = r->headers_out.www_authenticate;

    if (h == NULL) {
        h = ngx_list_push(&r->headers_out.headers);
        if (h == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        ngx_str_set(&h->key, "WWW-Authenticate");
        ngx_http_cost_header_last(h);
        r->headers_out.www_authenticate = h;
    }

    h->hash = 1;
    ngx_str_set(&h->value, "Bearer realm=\"api\"");

    return ngx_http_cost_http_error(r, NGX_HTTP_UNAUTHORIZED, NULL);
}


/*
 * The plan's way to speak; else that of the plans with the prefix that was
 * sent, be the rest right or wrong.
 */

void
ngx_http_cost_key_wording(ngx_http_request_t *r, ngx_http_cost_key_ctx_t *ctx)
{
    ngx_str_t                 *prefix;
    ngx_uint_t                 i;
    ngx_array_t               *plans;
    ngx_http_cost_key_plan_t  *plan, *p;

    plan = ctx->plan;

    if (plan == NULL && ctx->text.len) {
        plans = &ctx->zone->kmcf->plans;
        p = plans->elts;

        for (i = 0; i < plans->nelts; i++) {
            prefix = &p[i].prefix;

            if (ctx->text.len >= prefix->len
                && ngx_memcmp(ctx->text.data, prefix->data, prefix->len) == 0
                && (plan == NULL || prefix->len > plan->prefix.len))
            {
                plan = &p[i];
            }
        }
    }

    /* what holds without a word costs nothing */

    if (plan && plan->wording != COST_WORDING_CLOUDK) {
        (void) ngx_http_cost_http_set_wording(r, plan->wording);
    }
}


ngx_int_t
ngx_http_cost_key_permit(ngx_http_request_t *r,
    ngx_http_cost_key_permission_e permission)
{
    const ngx_http_cost_key_t     *key;
    ngx_http_cost_key_ctx_t       *ctx;
    ngx_http_cost_key_loc_conf_t  *klcf;

    ctx = ngx_http_cost_key_get_ctx(r);

    if (ctx == NULL) {
        return NGX_DECLINED;
    }

    key = ngx_http_cost_key_get(r);

    if (key == NULL) {
        /* a dry run let it pass, but whose request is it? */
        return ngx_http_cost_key_say(r, ctx);
    }

    if (key->permission >= permission) {
        return NGX_OK;
    }

    klcf = ngx_http_get_module_loc_conf(r, ngx_http_cost_key_module);

    ctx->verdict = NGX_HTTP_COST_KEY_FORBIDDEN;

    return ngx_http_cost_key_refuse(r, klcf, ctx);
}


ngx_str_t *
ngx_http_cost_key_verdict_name(ngx_http_cost_key_verdict_e verdict)
{
    return &ngx_http_cost_key_verdicts[verdict];
}


ngx_str_t *
ngx_http_cost_key_reason(ngx_uint_t reason)
{
    return &ngx_http_cost_key_verdicts[reason];
}


const ngx_uint_t *
ngx_http_cost_key_refusals(void)
{
    return ngx_http_cost_key_refused;
}
