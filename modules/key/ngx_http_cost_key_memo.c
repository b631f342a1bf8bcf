
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * From the text of a key to its digest.
 *
 * A client that keeps its connection sends the same key again and again.  The
 * connection remembers the last text it was shown and what came of it, so
 * that the checksum and SHA-256 are computed for the first two requests only:
 * what is remembered is not whether the key is good, which the zone says each
 * time, but arithmetic.  The texts are compared in constant time, for a
 * connection may carry the requests of several clients of a proxy.
 *
 * A connection's one request remembers nothing.  What is remembered is wiped
 * when the connection closes.
 */


#include "key/ngx_http_cost_key_zone.h"


typedef struct {
    size_t   len;                                /* 0: nothing */
    u_char   text[COST_KEYTEXT_MAX];
    u_char   digest[NGX_HTTP_COST_KEY_DIGEST];
} ngx_http_cost_key_memo_t;


static ngx_http_cost_key_memo_t *ngx_http_cost_key_memo(ngx_http_request_t *r);
static ngx_uint_t ngx_http_cost_key_memo_same(const u_char *a,
    const u_char *b, size_t len);
static void ngx_http_cost_key_memo_wipe(void *data);


ngx_int_t
ngx_http_cost_key_recall(ngx_http_request_t *r,
    ngx_http_cost_key_main_conf_t *kmcf, ngx_str_t *text, u_char *digest)
{
    size_t                     prefix;
    ngx_http_cost_key_memo_t  *memo;

    memo = ngx_http_cost_key_memo(r);

    if (memo && memo->len == text->len
        && ngx_http_cost_key_memo_same(memo->text, text->data, text->len))
    {
        ngx_memcpy(digest, memo->digest, NGX_HTTP_COST_KEY_DIGEST);
        return NGX_OK;
    }

    if (cost_keytext_check(text->data, text->len, &prefix) != COST_OK) {
        return NGX_DECLINED;
    }

    if (ngx_http_cost_key_digest(kmcf, text->data, text->len, digest)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (memo) {
        memo->len = text->len;
        ngx_memcpy(memo->text, text->data, text->len);
        ngx_memcpy(memo->digest, digest, NGX_HTTP_COST_KEY_DIGEST);
    }

    return NGX_OK;
}


/* the connection's, made with its second request; or NULL */

static ngx_http_cost_key_memo_t *
ngx_http_cost_key_memo(ngx_http_request_t *r)
{
    ngx_connection_t          *c;
    ngx_pool_cleanup_t        *cln;
    ngx_http_cost_key_memo_t  *memo;

    c = r->connection;

#if (NGX_HTTP_V2)
    if (r->stream) {
        c = r->stream->connection->connection;
    }
#endif

    if (c->requests < 2) {
        return NULL;
    }

    for (cln = c->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_http_cost_key_memo_wipe) {
            return cln->data;
        }
    }

    /* without memory it goes on as before */

    cln = ngx_pool_cleanup_add(c->pool, sizeof(ngx_http_cost_key_memo_t));
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_cost_key_memo_wipe;

    memo = cln->data;
    memo->len = 0;

    return memo;
}


/*
 * In a time that depends on the length alone, eight bytes at once:
 * CRYPTO_memcmp() goes byte by byte, for a fifth of the whole access phase.
 */

static ngx_uint_t
ngx_http_cost_key_memo_same(const u_char *a, const u_char *b, size_t len)
{
    uint64_t  x, y, difference;

    difference = 0;

    for ( /* void */ ; len >= 8; len -= 8) {
        ngx_memcpy(&x, a, 8);
        ngx_memcpy(&y, b, 8);

        difference |= x ^ y;
        a += 8;
        b += 8;
    }

    for ( /* void */ ; len; len--) {
        difference |= *a++ ^ *b++;
    }

    return difference == 0;
}


static void
ngx_http_cost_key_memo_wipe(void *data)
{
    ngx_http_cost_key_memo_t *memo = data;

    ngx_explicit_memzero(memo, sizeof(ngx_http_cost_key_memo_t));
}
