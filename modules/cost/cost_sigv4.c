
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_sigv4.h"


typedef struct {
    uint8_t  *data;
    size_t    len;
    size_t    size;
    bool      full;
} cost_sigv4_out_t;


static void cost_sigv4_put(cost_sigv4_out_t *out, const void *p, size_t len);
static void cost_sigv4_str(cost_sigv4_out_t *out, cost_str_t s);
static void cost_sigv4_names(cost_sigv4_out_t *out,
    const cost_sigv4_request_t *request);
static void cost_sigv4_where(cost_sigv4_out_t *out,
    const cost_sigv4_scope_t *scope, const uint8_t *date);
static void cost_sigv4_hex(const uint8_t *digest, uint8_t *hex);
static bool cost_sigv4_key(const cost_sigv4_scope_t *scope,
    const uint8_t *date, const cost_sigv4_hash_t *hash, uint8_t *key);


#define COST_SIGV4_DAY       8
#define COST_SIGV4_HEX       (2 * COST_SIGV4_DIGEST)
#define COST_SIGV4_REQUEST   "aws4_request"
#define COST_SIGV4_NAME      "AWS4-HMAC-SHA256"

#define cost_sigv4_literal(out, lit)                                          \
    cost_sigv4_put(out, lit, sizeof(lit) - 1)


void
cost_sigv4_date(cost_time_t now, uint8_t *buf)
{
    uint8_t  text[COST_TIME_LEN];

    /* "2013-05-24T00:00:00Z" without what is between the digits */

    (void) cost_time_format(now, text);

    memcpy(buf, text, 4);
    memcpy(buf + 4, text + 5, 2);
    memcpy(buf + 6, text + 8, 3);
    memcpy(buf + 9, text + 11, 2);
    memcpy(buf + 11, text + 14, 2);
    memcpy(buf + 13, text + 17, 3);
}


size_t
cost_sigv4_encode(const uint8_t *p, size_t len, bool slashes, uint8_t *buf)
{
    size_t             i, n;
    uint8_t            ch;
    static const char  hex[] = "0123456789ABCDEF";

    n = 0;

    for (i = 0; i < len; i++) {
        ch = p[i];

        if ((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z')
            || (ch >= '0' && ch <= '9')
            || ch == '-' || ch == '.' || ch == '_' || ch == '~'
            || (ch == '/' && !slashes))
        {
            buf[n++] = ch;
            continue;
        }

        buf[n++] = '%';
        buf[n++] = (uint8_t) hex[ch >> 4];
        buf[n++] = (uint8_t) hex[ch & 0xf];
    }

    return n;
}


static void
cost_sigv4_put(cost_sigv4_out_t *out, const void *p, size_t len)
{
    if (out->full || len > out->size - out->len) {
        out->full = true;
        return;
    }

    if (len) {
        memcpy(out->data + out->len, p, len);
        out->len += len;
    }
}


static void
cost_sigv4_str(cost_sigv4_out_t *out, cost_str_t s)
{
    cost_sigv4_put(out, s.data, s.len);
}


/* "host;x-amz-date" */

static void
cost_sigv4_names(cost_sigv4_out_t *out, const cost_sigv4_request_t *request)
{
    size_t  i;

    for (i = 0; i < request->nheaders; i++) {
        if (i) {
            cost_sigv4_literal(out, ";");
        }

        cost_sigv4_str(out, request->headers[i].name);
    }
}


cost_rc_e
cost_sigv4_canonical(const cost_sigv4_request_t *request, uint8_t *buf,
    size_t size, size_t *len)
{
    size_t            i;
    cost_sigv4_out_t  out = { buf, 0, size, false };

    cost_sigv4_str(&out, request->method);
    cost_sigv4_literal(&out, "\n");
    cost_sigv4_str(&out, request->path);
    cost_sigv4_literal(&out, "\n");
    cost_sigv4_str(&out, request->query);
    cost_sigv4_literal(&out, "\n");

    for (i = 0; i < request->nheaders; i++) {
        cost_sigv4_str(&out, request->headers[i].name);
        cost_sigv4_literal(&out, ":");
        cost_sigv4_str(&out, request->headers[i].value);
        cost_sigv4_literal(&out, "\n");
    }

    cost_sigv4_literal(&out, "\n");
    cost_sigv4_names(&out, request);
    cost_sigv4_literal(&out, "\n");
    cost_sigv4_str(&out, request->payload);

    *len = out.len;

    return out.full ? COST_FULL : COST_OK;
}


/* "20130524/us-east-1/s3/aws4_request" */

static void
cost_sigv4_where(cost_sigv4_out_t *out, const cost_sigv4_scope_t *scope,
    const uint8_t *date)
{
    cost_sigv4_put(out, date, COST_SIGV4_DAY);
    cost_sigv4_literal(out, "/");
    cost_sigv4_str(out, scope->region);
    cost_sigv4_literal(out, "/");
    cost_sigv4_str(out, scope->service);
    cost_sigv4_literal(out, "/" COST_SIGV4_REQUEST);
}


static void
cost_sigv4_hex(const uint8_t *digest, uint8_t *hex)
{
    size_t             i;
    static const char  digits[] = "0123456789abcdef";

    for (i = 0; i < COST_SIGV4_DIGEST; i++) {
        hex[2 * i] = (uint8_t) digits[digest[i] >> 4];
        hex[2 * i + 1] = (uint8_t) digits[digest[i] & 0xf];
    }
}


static bool
cost_sigv4_key(const cost_sigv4_scope_t *scope, const uint8_t *date,
    const cost_sigv4_hash_t *hash, uint8_t *key)
{
    uint8_t  secret[4 + COST_SIGV4_SECRET_MAX], day[COST_SIGV4_DIGEST],
             region[COST_SIGV4_DIGEST], service[COST_SIGV4_DIGEST];

    memcpy(secret, "AWS4", 4);
    memcpy(secret + 4, scope->secret.data, scope->secret.len);

    return hash->hmac(secret, 4 + scope->secret.len, date, COST_SIGV4_DAY,
                      day)
           && hash->hmac(day, COST_SIGV4_DIGEST, scope->region.data,
                         scope->region.len, region)
           && hash->hmac(region, COST_SIGV4_DIGEST, scope->service.data,
                         scope->service.len, service)
           && hash->hmac(service, COST_SIGV4_DIGEST,
                         (const uint8_t *) COST_SIGV4_REQUEST,
                         sizeof(COST_SIGV4_REQUEST) - 1, key);
}


cost_rc_e
cost_sigv4_sign(const cost_sigv4_request_t *request,
    const cost_sigv4_scope_t *scope, cost_time_t now,
    const cost_sigv4_hash_t *hash, uint8_t *buf, size_t size, size_t *len)
{
    size_t            n;
    uint8_t           date[COST_SIGV4_DATE], digest[COST_SIGV4_DIGEST],
                      key[COST_SIGV4_DIGEST], hex[COST_SIGV4_HEX],
                      text[COST_SIGV4_REGION_MAX + 256];
    cost_sigv4_out_t  string = { text, 0, sizeof(text), false };
    cost_sigv4_out_t  out = { buf, 0, size, false };

    if (scope->key.len > COST_SIGV4_KEY_MAX
        || scope->secret.len > COST_SIGV4_SECRET_MAX
        || scope->region.len > COST_SIGV4_REGION_MAX
        || scope->service.len > COST_SIGV4_REGION_MAX)
    {
        return COST_RANGE;
    }

    if (cost_sigv4_canonical(request, buf, size, &n) != COST_OK) {
        return COST_FULL;
    }

    if (!hash->sha256(buf, n, digest)) {
        return COST_INVALID;
    }

    cost_sigv4_date(now, date);
    cost_sigv4_hex(digest, hex);

    cost_sigv4_literal(&string, COST_SIGV4_NAME "\n");
    cost_sigv4_put(&string, date, COST_SIGV4_DATE);
    cost_sigv4_literal(&string, "\n");
    cost_sigv4_where(&string, scope, date);
    cost_sigv4_literal(&string, "\n");
    cost_sigv4_put(&string, hex, COST_SIGV4_HEX);

    if (!cost_sigv4_key(scope, date, hash, key)
        || !hash->hmac(key, COST_SIGV4_DIGEST, text, string.len, digest))
    {
        return COST_INVALID;
    }

    cost_sigv4_hex(digest, hex);

    cost_sigv4_literal(&out, COST_SIGV4_NAME " Credential=");
    cost_sigv4_str(&out, scope->key);
    cost_sigv4_literal(&out, "/");
    cost_sigv4_where(&out, scope, date);
    cost_sigv4_literal(&out, ",SignedHeaders=");
    cost_sigv4_names(&out, request);
    cost_sigv4_literal(&out, ",Signature=");
    cost_sigv4_put(&out, hex, COST_SIGV4_HEX);

    *len = out.len;

    return out.full ? COST_FULL : COST_OK;
}
