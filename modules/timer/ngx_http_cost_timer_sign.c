
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The headers of a delivery.  CloudK's, whose signature is over the raw body
 * by the whole text of the secret; beside them those of Standard Webhooks,
 * whose signature is over "id.timestamp.body" by the bytes that the secret's
 * base64 stands for.
 *
 * While a rotation's overlap lasts CloudK's has one signature still, the old
 * secret's, which every receiver knows; Standard Webhooks' has both, the new
 * one first.
 */


#include "timer/ngx_http_cost_timer.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>


#define NGX_HTTP_COST_TIMER_SHA256  32


static ngx_int_t ngx_http_cost_timer_sign_cloudk(ngx_pool_t *pool,
    ngx_http_cost_timer_message_t *message, ngx_str_t *value);
static ngx_int_t ngx_http_cost_timer_sign_standard(ngx_pool_t *pool,
    ngx_http_cost_timer_message_t *message, ngx_str_t *timestamp,
    ngx_str_t *value);
static ngx_int_t ngx_http_cost_timer_hmac(ngx_str_t *key, ngx_str_t *text,
    u_char *digest);


static ngx_int_t
ngx_http_cost_timer_hmac(ngx_str_t *key, ngx_str_t *text, u_char *digest)
{
    unsigned  len;

    return HMAC(EVP_sha256(), key->data, (int) key->len, text->data,
                text->len, digest, &len)
           ? NGX_OK : NGX_ERROR;
}


ngx_int_t
ngx_http_cost_timer_sign(ngx_pool_t *pool,
    ngx_http_cost_timer_message_t *message, time_t now,
    ngx_http_cost_timer_header_t *headers)
{
    ngx_str_t                      timestamp;
    ngx_http_cost_timer_header_t  *h;

    timestamp.data = ngx_pnalloc(pool, NGX_TIME_T_LEN);
    if (timestamp.data == NULL) {
        return NGX_ERROR;
    }

    timestamp.len = ngx_sprintf(timestamp.data, "%T", now) - timestamp.data;

    h = headers;

    ngx_str_set(&h->name, "Content-Type");
    ngx_str_set(&h->value, "application/json");
    h++;

    ngx_str_set(&h->name, "User-Agent");
    ngx_str_set(&h->value, "CloudK-Webhooks/1.0");
    h++;

    ngx_str_set(&h->name, "X-CloudK-Event");
    h->value = message->type;
    h++;

    ngx_str_set(&h->name, "X-CloudK-Timestamp");
    h->value = message->time;
    h++;

    ngx_str_set(&h->name, "X-CloudK-Signature");

    if (ngx_http_cost_timer_sign_cloudk(pool, message, &h->value) != NGX_OK) {
        return NGX_ERROR;
    }

    h++;

    ngx_str_set(&h->name, "webhook-id");
    h->value = message->event;
    h++;

    ngx_str_set(&h->name, "webhook-timestamp");
    h->value = timestamp;
    h++;

    ngx_str_set(&h->name, "webhook-signature");

    return ngx_http_cost_timer_sign_standard(pool, message, &timestamp,
                                             &h->value);
}


static ngx_int_t
ngx_http_cost_timer_sign_cloudk(ngx_pool_t *pool,
    ngx_http_cost_timer_message_t *message, ngx_str_t *value)
{
    u_char     *p, digest[EVP_MAX_MD_SIZE];
    ngx_str_t  *secret;

    secret = message->old.len ? &message->old : &message->secret;

    value->len = sizeof("sha256=") - 1 + 2 * NGX_HTTP_COST_TIMER_SHA256;
    value->data = ngx_pnalloc(pool, value->len);
    if (value->data == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_cost_timer_hmac(secret, &message->body, digest) != NGX_OK) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(value->data, "sha256=", sizeof("sha256=") - 1);
    (void) ngx_hex_dump(p, digest, NGX_HTTP_COST_TIMER_SHA256);

    return NGX_OK;
}


/* "v1,BASE64", or two of them with a blank between */

static ngx_int_t
ngx_http_cost_timer_sign_standard(ngx_pool_t *pool,
    ngx_http_cost_timer_message_t *message, ngx_str_t *timestamp,
    ngx_str_t *value)
{
    u_char     *p, digest[EVP_MAX_MD_SIZE];
    size_t      prefix;
    ngx_str_t   text, key, src, dst, *secrets[2];
    ngx_uint_t  i, n;

    text.len = message->event.len + 1 + timestamp->len + 1
               + message->body.len;
    text.data = ngx_pnalloc(pool, text.len);
    if (text.data == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(text.data, "%V.%V.%V", &message->event, timestamp,
                &message->body);

    secrets[0] = &message->secret;
    secrets[1] = &message->old;
    n = message->old.len ? 2 : 1;

    value->data = ngx_pnalloc(pool,
                              2 * (sizeof("v1, ") - 1
                                   + ngx_base64_encoded_length(
                                         NGX_HTTP_COST_TIMER_SHA256)));
    if (value->data == NULL) {
        return NGX_ERROR;
    }

    p = value->data;
    prefix = sizeof(NGX_HTTP_COST_WEBHOOK_PREFIX) - 1;

    for (i = 0; i < n; i++) {

        if (secrets[i]->len < prefix) {
            return NGX_ERROR;
        }

        src.data = secrets[i]->data + prefix;
        src.len = secrets[i]->len - prefix;

        key.data = ngx_pnalloc(pool, ngx_base64_decoded_length(src.len));
        if (key.data == NULL) {
            return NGX_ERROR;
        }

        if (ngx_decode_base64(&key, &src) != NGX_OK
            || ngx_http_cost_timer_hmac(&key, &text, digest) != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (i) {
            *p++ = ' ';
        }

        p = ngx_cpymem(p, "v1,", sizeof("v1,") - 1);

        src.data = digest;
        src.len = NGX_HTTP_COST_TIMER_SHA256;
        dst.data = p;

        ngx_encode_base64(&dst, &src);

        p += dst.len;
    }

    value->len = p - value->data;

    return NGX_OK;
}
