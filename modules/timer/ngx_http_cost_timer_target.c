
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The URL of an endpoint becomes one that proxy_pass can be given without
 * asking anybody: its host is an address that was checked.  A name is asked
 * for at each delivery, and all of its addresses must be allowed, so that one
 * that has a second, inner address, or changes it between check and use,
 * leads nowhere.
 */


#include "timer/ngx_http_cost_timer.h"
#include "timer/ngx_http_cost_timer_fetch.h"


typedef struct {
    ngx_http_core_loc_conf_t         *clcf;      /* whose resolver it is */
    ngx_uint_t                        allow;     /* COST_URL_ALLOW_* */
    ngx_pool_t                       *pool;
    cost_url_t                        url;
    ngx_http_cost_timer_target_t     *target;
    ngx_http_cost_timer_target_pt     done;
    void                             *data;
} ngx_http_cost_timer_resolve_t;


static ngx_int_t ngx_http_cost_timer_target_name(
    ngx_http_cost_timer_resolve_t *resolve);
static void ngx_http_cost_timer_target_resolved(ngx_resolver_ctx_t *ctx);
static ngx_uint_t ngx_http_cost_timer_target_allowed(struct sockaddr *sa,
    ngx_uint_t allow);
static ngx_int_t ngx_http_cost_timer_target_set(
    ngx_http_cost_timer_resolve_t *resolve, ngx_str_t *address);


static const char  ngx_http_cost_timer_why_address[] =
    "the name leads to an address that is not allowed";


ngx_int_t
ngx_http_cost_timer_target(ngx_http_cost_timer_main_conf_t *tmcf,
    ngx_pool_t *pool, ngx_str_t *url, ngx_http_cost_timer_target_t *target,
    ngx_http_cost_timer_target_pt done, void *data)
{
    return ngx_http_cost_timer_target_of(&tmcf->webhook, tmcf->wmcf->allow,
                                         pool, url, target, done, data);
}


ngx_int_t
ngx_http_cost_timer_target_of(ngx_http_cost_timer_location_t *location,
    ngx_uint_t allow, ngx_pool_t *pool, ngx_str_t *url,
    ngx_http_cost_timer_target_t *target,
    ngx_http_cost_timer_target_pt done, void *data)
{
    const char                     *why;
    ngx_str_t                       address;
    ngx_http_cost_timer_resolve_t  *resolve;

    resolve = ngx_palloc(pool, sizeof(ngx_http_cost_timer_resolve_t));
    if (resolve == NULL) {
        return NGX_ERROR;
    }

    resolve->clcf = location->clcf;
    resolve->allow = allow;
    resolve->pool = pool;
    resolve->target = target;
    resolve->done = done;
    resolve->data = data;

    /* what was allowed when the endpoint was made need not be any more */

    if (cost_url_parse(url->data, url->len, &resolve->url, &why) != COST_OK
        || cost_url_check(&resolve->url, (unsigned) allow, &why) != COST_OK)
    {
        done(data, why);
        return NGX_OK;
    }

    if (resolve->url.kind == COST_URL_NAME) {
        return ngx_http_cost_timer_target_name(resolve);
    }

    address.len = resolve->url.host.len;
    address.data = (u_char *) resolve->url.host.data;

    if (ngx_http_cost_timer_target_set(resolve, &address) != NGX_OK) {
        return NGX_ERROR;
    }

    done(data, NULL);

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_timer_target_name(ngx_http_cost_timer_resolve_t *resolve)
{
    ngx_resolver_ctx_t  *ctx;

    ctx = ngx_resolve_start(resolve->clcf->resolver, NULL);

    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (ctx == NGX_NO_RESOLVER) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "cost timer: no resolver defined to resolve names in "
                      "location \"%V\"", &resolve->clcf->name);
        resolve->done(resolve->data, "the server has no resolver for names");
        return NGX_OK;
    }

    ctx->name.len = resolve->url.host.len;
    ctx->name.data = (u_char *) resolve->url.host.data;
    ctx->handler = ngx_http_cost_timer_target_resolved;
    ctx->data = resolve;
    ctx->timeout = resolve->clcf->resolver_timeout;

    /* frees its context when it fails */

    return ngx_resolve_name(ctx);
}


static void
ngx_http_cost_timer_target_resolved(ngx_resolver_ctx_t *ctx)
{
    u_char                          text[NGX_SOCKADDR_STRLEN];
    ngx_str_t                       address;
    const char                     *why;
    ngx_uint_t                      i;
    ngx_http_cost_timer_resolve_t  *resolve;

    resolve = ctx->data;
    why = NULL;

    if (ctx->state) {
        why = ctx->state == NGX_RESOLVE_NXDOMAIN
              ? "the name does not exist"
              : ctx->state == NGX_RESOLVE_TIMEDOUT
                ? "the name could not be resolved in time"
                : "the name could not be resolved";

    } else {

        for (i = 0; i < ctx->naddrs; i++) {
            if (!ngx_http_cost_timer_target_allowed(ctx->addrs[i].sockaddr,
                                                    resolve->allow))
            {
                why = ngx_http_cost_timer_why_address;
                break;
            }
        }

        /* nginx has put them in a random order */

        address.data = text;
        address.len = ngx_sock_ntop(ctx->addrs[0].sockaddr,
                                    ctx->addrs[0].socklen, text,
                                    NGX_SOCKADDR_STRLEN, 0);

        if (why == NULL
            && ngx_http_cost_timer_target_set(resolve, &address) != NGX_OK)
        {
            why = "out of memory";
        }
    }

    ngx_resolve_name_done(ctx);

    resolve->done(resolve->data, why);
}


static ngx_uint_t
ngx_http_cost_timer_target_allowed(struct sockaddr *sa, ngx_uint_t allow)
{
    struct sockaddr_in   *sin;
#if (NGX_HAVE_INET6)
    struct sockaddr_in6  *sin6;
#endif

    switch (sa->sa_family) {

    case AF_INET:
        sin = (struct sockaddr_in *) sa;

        return cost_url_address(cost_address_v4((uint8_t *) &sin->sin_addr),
                                (unsigned) allow);

#if (NGX_HAVE_INET6)
    case AF_INET6:
        sin6 = (struct sockaddr_in6 *) sa;

        return cost_url_address(cost_address_v6(sin6->sin6_addr.s6_addr),
                                (unsigned) allow);
#endif
    }

    return 0;
}


/* "address" has no port; an IPv6 one no brackets (or ntop's) */

static ngx_int_t
ngx_http_cost_timer_target_set(ngx_http_cost_timer_resolve_t *resolve,
    ngx_str_t *address)
{
    ngx_uint_t                     v6;
    cost_url_t                    *url;
    ngx_http_cost_timer_target_t  *target;

    url = &resolve->url;
    target = resolve->target;

    v6 = (ngx_strlchr(address->data, address->data + address->len, ':')
          != NULL && address->data[0] != '[');

    target->url.data = ngx_pnalloc(resolve->pool,
                                   sizeof("https://[]:65535/")
                                   + address->len + url->path.len);
    if (target->url.data == NULL) {
        return NGX_ERROR;
    }

    target->url.len = ngx_sprintf(target->url.data,
                                  "http%s://%s%V%s:%ui%s%*s",
                                  url->tls ? "s" : "", v6 ? "[" : "", address,
                                  v6 ? "]" : "", (ngx_uint_t) url->port,
                                  url->path.len && url->path.data[0] == '/'
                                  ? "" : "/",
                                  url->path.len, url->path.data)
                      - target->url.data;

    target->host.len = url->authority.len;
    target->host.data = (u_char *) url->authority.data;
    target->name.len = url->host.len;
    target->name.data = (u_char *) url->host.data;

    return NGX_OK;
}
