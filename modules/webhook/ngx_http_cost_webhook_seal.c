
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Sealed secrets:
 *
 *     1 byte     the version, 1
 *     4 bytes    which key: the first of its SHA-256
 *     12 bytes   nonce, random
 *     n bytes    the secret, encrypted
 *     16 bytes   tag, of the secret and of the endpoint's uuid
 */


#include "webhook/ngx_http_cost_webhook.h"

#include <openssl/evp.h>
#include <openssl/rand.h>


#define NGX_HTTP_COST_WEBHOOK_VERSION  1
#define NGX_HTTP_COST_WEBHOOK_NONCE    12
#define NGX_HTTP_COST_WEBHOOK_TAG      16
#define NGX_HTTP_COST_WEBHOOK_HEAD                                            \
    (1 + NGX_HTTP_COST_WEBHOOK_KEY_ID + NGX_HTTP_COST_WEBHOOK_NONCE)

#define NGX_HTTP_COST_WEBHOOK_RANDOM   32    /* bytes of a secret */
#define NGX_HTTP_COST_WEBHOOK_SEALED   8192  /* bytes, at most */


static ngx_int_t ngx_http_cost_webhook_encrypt(u_char *key, ngx_str_t *uuid,
    ngx_str_t *secret, u_char *buf);
static ngx_int_t ngx_http_cost_webhook_decrypt(u_char *key, ngx_str_t *uuid,
    u_char *buf, size_t len, u_char *secret);


ngx_int_t
ngx_http_cost_webhook_uuid(ngx_pool_t *pool, ngx_str_t *uuid)
{
    u_char  *p, b[16];

    if (RAND_bytes(b, sizeof(b)) != 1) {
        ngx_log_error(NGX_LOG_CRIT, pool->log, 0,
                      "cost webhook: RAND_bytes() failed");
        return NGX_ERROR;
    }

    /* RFC 4122: version 4, its variant */

    b[6] = (u_char) ((b[6] & 0x0f) | 0x40);
    b[8] = (u_char) ((b[8] & 0x3f) | 0x80);

    uuid->len = 36;
    uuid->data = ngx_pnalloc(pool, uuid->len);
    if (uuid->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_hex_dump(uuid->data, b, 4);
    *p++ = '-';
    p = ngx_hex_dump(p, b + 4, 2);
    *p++ = '-';
    p = ngx_hex_dump(p, b + 6, 2);
    *p++ = '-';
    p = ngx_hex_dump(p, b + 8, 2);
    *p++ = '-';
    (void) ngx_hex_dump(p, b + 10, 6);

    return NGX_OK;
}


ngx_int_t
ngx_http_cost_webhook_secret(ngx_pool_t *pool, ngx_str_t *secret)
{
    u_char     bytes[NGX_HTTP_COST_WEBHOOK_RANDOM];
    size_t     len;
    ngx_str_t  src, dst;

    if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
        ngx_log_error(NGX_LOG_CRIT, pool->log, 0,
                      "cost webhook: RAND_bytes() failed");
        return NGX_ERROR;
    }

    len = sizeof(NGX_HTTP_COST_WEBHOOK_PREFIX) - 1;

    src.len = sizeof(bytes);
    src.data = bytes;

    secret->data = ngx_pnalloc(pool,
                               len + ngx_base64_encoded_length(src.len));
    if (secret->data == NULL) {
        return NGX_ERROR;
    }

    dst.data = ngx_cpymem(secret->data, NGX_HTTP_COST_WEBHOOK_PREFIX, len);
    ngx_encode_base64(&dst, &src);

    secret->len = len + dst.len;

    ngx_explicit_memzero(bytes, sizeof(bytes));

    return NGX_OK;
}


ngx_int_t
ngx_http_cost_webhook_seal(ngx_http_cost_webhook_main_conf_t *wmcf,
    ngx_pool_t *pool, ngx_str_t *uuid, ngx_str_t *secret, ngx_str_t *sealed)
{
    size_t                        len;
    u_char                       *p, buf[NGX_HTTP_COST_WEBHOOK_SEALED];
    ngx_http_cost_webhook_key_t  *key;

    if (wmcf->keys.nelts == 0) {
        return NGX_DECLINED;
    }

    len = NGX_HTTP_COST_WEBHOOK_HEAD + secret->len
          + NGX_HTTP_COST_WEBHOOK_TAG;

    if (len > sizeof(buf)) {
        return NGX_ERROR;
    }

    key = wmcf->keys.elts;

    buf[0] = NGX_HTTP_COST_WEBHOOK_VERSION;
    p = ngx_cpymem(buf + 1, key->id, NGX_HTTP_COST_WEBHOOK_KEY_ID);

    if (RAND_bytes(p, NGX_HTTP_COST_WEBHOOK_NONCE) != 1
        || ngx_http_cost_webhook_encrypt(key->key, uuid, secret, buf)
           != NGX_OK)
    {
        ngx_log_error(NGX_LOG_CRIT, pool->log, 0,
                      "cost webhook: a secret could not be sealed");
        return NGX_ERROR;
    }

    sealed->len = 2 + 2 * len;
    sealed->data = ngx_pnalloc(pool, sealed->len);
    if (sealed->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(sealed->data, "\\x", 2);
    (void) ngx_hex_dump(p, buf, len);

    return NGX_OK;
}


ngx_int_t
ngx_http_cost_webhook_open(ngx_http_cost_webhook_main_conf_t *wmcf,
    ngx_pool_t *pool, ngx_str_t *uuid, ngx_str_t *sealed, ngx_str_t *secret)
{
    size_t                        i, len;
    u_char                        buf[NGX_HTTP_COST_WEBHOOK_SEALED];
    ngx_int_t                     n;
    ngx_uint_t                    k;
    ngx_http_cost_webhook_key_t  *keys;

    if (sealed->len < 2 || sealed->data[0] != '\\') {
        return NGX_DECLINED;
    }

    len = (sealed->len - 2) / 2;

    if (len > sizeof(buf)
        || len <= NGX_HTTP_COST_WEBHOOK_HEAD + NGX_HTTP_COST_WEBHOOK_TAG)
    {
        return NGX_DECLINED;
    }

    for (i = 0; i < len; i++) {
        n = ngx_hextoi(sealed->data + 2 + 2 * i, 2);

        if (n == NGX_ERROR) {
            return NGX_DECLINED;
        }

        buf[i] = (u_char) n;
    }

    if (buf[0] != NGX_HTTP_COST_WEBHOOK_VERSION) {
        return NGX_DECLINED;
    }

    secret->len = len - NGX_HTTP_COST_WEBHOOK_HEAD
                  - NGX_HTTP_COST_WEBHOOK_TAG;
    secret->data = ngx_pnalloc(pool, secret->len);
    if (secret->data == NULL) {
        return NGX_ERROR;
    }

    keys = wmcf->keys.elts;

    for (k = 0; k < wmcf->keys.nelts; k++) {

        if (ngx_memcmp(keys[k].id, buf + 1, NGX_HTTP_COST_WEBHOOK_KEY_ID)
            == 0
            && ngx_http_cost_webhook_decrypt(keys[k].key, uuid, buf, len,
                                             secret->data)
               == NGX_OK)
        {
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


/* what is in front of the secret is there already, room for the rest, too */

static ngx_int_t
ngx_http_cost_webhook_encrypt(u_char *key, ngx_str_t *uuid,
    ngx_str_t *secret, u_char *buf)
{
    int              n, ok;
    u_char          *p;
    EVP_CIPHER_CTX  *ctx;

    ctx = EVP_CIPHER_CTX_new();
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    p = buf + NGX_HTTP_COST_WEBHOOK_HEAD;

    ok = EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key,
                            p - NGX_HTTP_COST_WEBHOOK_NONCE)
         && EVP_EncryptUpdate(ctx, NULL, &n, uuid->data, (int) uuid->len)
         && EVP_EncryptUpdate(ctx, p, &n, secret->data, (int) secret->len)
         && EVP_EncryptFinal_ex(ctx, p + n, &n)
         && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG,
                                NGX_HTTP_COST_WEBHOOK_TAG, p + secret->len);

    EVP_CIPHER_CTX_free(ctx);

    return ok ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_cost_webhook_decrypt(u_char *key, ngx_str_t *uuid, u_char *buf,
    size_t len, u_char *secret)
{
    int              n, ok;
    size_t           size;
    u_char          *p;
    EVP_CIPHER_CTX  *ctx;

    ctx = EVP_CIPHER_CTX_new();
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    p = buf + NGX_HTTP_COST_WEBHOOK_HEAD;
    size = len - NGX_HTTP_COST_WEBHOOK_HEAD - NGX_HTTP_COST_WEBHOOK_TAG;

    ok = EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key,
                            p - NGX_HTTP_COST_WEBHOOK_NONCE)
         && EVP_DecryptUpdate(ctx, NULL, &n, uuid->data, (int) uuid->len)
         && EVP_DecryptUpdate(ctx, secret, &n, p, (int) size)
         && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG,
                                NGX_HTTP_COST_WEBHOOK_TAG, p + size)
         && EVP_DecryptFinal_ex(ctx, secret + n, &n) > 0;

    EVP_CIPHER_CTX_free(ctx);

    return ok ? NGX_OK : NGX_ERROR;
}
