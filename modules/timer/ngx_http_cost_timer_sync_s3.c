
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Requests for files, signed where they go to S3, and S3's lists of them.
 *
 * Amazon's own buckets are asked by their names, https://BUCKET.s3.REGION...,
 * as Amazon wants it; one with a dot in its name, which no certificate would
 * fit, and any other server by https://ENDPOINT/BUCKET/.
 */


#include "timer/ngx_http_cost_timer_sync.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>


#define NGX_HTTP_COST_TIMER_SYNC_HASH     "x-amz-content-sha256"
#define NGX_HTTP_COST_TIMER_SYNC_SESSION  "x-amz-security-token"
#define NGX_HTTP_COST_TIMER_SYNC_LIST                                         \
    "encoding-type=url&list-type=2&max-keys=1000&prefix="


static void ngx_http_cost_timer_sync_page(
    ngx_http_cost_timer_sync_job_t *job);
static void ngx_http_cost_timer_sync_objects(
    ngx_http_cost_timer_sync_job_t *job);
static ngx_int_t ngx_http_cost_timer_sync_next_page(
    ngx_http_cost_timer_sync_job_t *job);
static ngx_int_t ngx_http_cost_timer_sync_object(
    ngx_http_cost_timer_sync_job_t *job, cost_s3list_object_t *object);
static ngx_int_t ngx_http_cost_timer_sync_sign(
    ngx_http_cost_timer_sync_job_t *job, ngx_pool_t *pool);
static bool ngx_http_cost_timer_sync_sha256(const uint8_t *p, size_t len,
    uint8_t *digest);
static bool ngx_http_cost_timer_sync_hmac(const uint8_t *key, size_t key_len,
    const uint8_t *p, size_t len, uint8_t *mac);


static const cost_sigv4_hash_t  ngx_http_cost_timer_sync_hash = {
    ngx_http_cost_timer_sync_sha256,
    ngx_http_cost_timer_sync_hmac
};


void
ngx_http_cost_timer_sync_list_s3(ngx_http_cost_timer_sync_job_t *job)
{
    ngx_str_null(&job->token);

    if (job->page == NULL) {
        job->page = ngx_alloc(NGX_HTTP_COST_TIMER_SYNC_PAGE, ngx_cycle->log);
    }

    if (job->page == NULL) {
        ngx_http_cost_timer_sync_why(job, "the server is out of memory");
        ngx_http_cost_timer_sync_unlisted(job);
        return;
    }

    job->page_len = 0;

    ngx_http_cost_timer_sync_get(job, job->source_pool, NULL,
                                 ngx_http_cost_timer_sync_page);
}


/* there is something of a page */

static void
ngx_http_cost_timer_sync_page(ngx_http_cost_timer_sync_job_t *job)
{
    u_char     *p;
    size_t      len;
    ngx_int_t   rc;

    if (!job->fetching) {
        return;
    }

    while ((len = ngx_http_cost_timer_fetch_peek(&job->fetch, &p)) != 0) {

        if (len > NGX_HTTP_COST_TIMER_SYNC_PAGE - job->page_len) {
            ngx_http_cost_timer_sync_why(job, "the list of the bucket is too "
                                         "long for a page");
            ngx_http_cost_timer_sync_stop(job);
            ngx_http_cost_timer_sync_unlisted(job);
            return;
        }

        ngx_memcpy(job->page + job->page_len, p, len);
        job->page_len += len;

        ngx_http_cost_timer_fetch_take(&job->fetch, len);
    }

    if (!job->fetched) {
        ngx_http_cost_timer_fetch_resume(&job->fetch);
        return;
    }

    rc = ngx_http_cost_timer_sync_answer(job);

    ngx_http_cost_timer_sync_stop(job);

    if (rc != NGX_OK) {
        ngx_http_cost_timer_sync_unlisted(job);
        return;
    }

    cost_s3list_init(&job->listing, job->page, job->page_len);

    ngx_http_cost_timer_sync_post(job, ngx_http_cost_timer_sync_objects);
}


static void
ngx_http_cost_timer_sync_objects(ngx_http_cost_timer_sync_job_t *job)
{
    uint64_t              start;
    cost_rc_e             rc;
    ngx_uint_t            n;
    cost_s3list_object_t  object;

    start = ngx_http_cost_timer_sync_clock();

    for (n = 1;
         (rc = cost_s3list_next(&job->listing, &object)) == COST_OK;
         n++)
    {
        if (cost_delivery_bill(object.key)
            && ngx_http_cost_timer_sync_object(job, &object) != NGX_OK)
        {
            ngx_http_cost_timer_sync_unlisted(job);
            return;
        }

        if (n % NGX_HTTP_COST_TIMER_SYNC_STEPS == 0
            && ngx_http_cost_timer_sync_long(start))
        {
            ngx_http_cost_timer_sync_post(job,
                                          ngx_http_cost_timer_sync_objects);
            return;
        }
    }

    if (rc != COST_DONE
        || (job->listing.truncated && job->listing.token.len == 0))
    {
        ngx_http_cost_timer_sync_why(job, "the server's answer is no list of "
                                     "a bucket");
        ngx_http_cost_timer_sync_unlisted(job);
        return;
    }

    if (!job->listing.truncated) {
        ngx_http_cost_timer_sync_listed(job);
        return;
    }

    if (ngx_http_cost_timer_sync_next_page(job) != NGX_OK) {
        ngx_http_cost_timer_sync_why(job, "the server is out of memory");
        ngx_http_cost_timer_sync_unlisted(job);
    }
}


static ngx_int_t
ngx_http_cost_timer_sync_next_page(ngx_http_cost_timer_sync_job_t *job)
{
    cost_str_t  *token;

    token = &job->listing.token;

    job->token.len = token->len;
    job->token.data = ngx_pnalloc(job->source_pool, token->len);

    if (job->token.data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(job->token.data, token->data, token->len);

    job->page_len = 0;

    ngx_http_cost_timer_sync_get(job, job->source_pool, NULL,
                                 ngx_http_cost_timer_sync_page);

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_timer_sync_object(ngx_http_cost_timer_sync_job_t *job,
    cost_s3list_object_t *object)
{
    ngx_http_cost_timer_sync_file_t  *file;

    file = ngx_http_cost_timer_sync_add(job, (u_char *) object->key.data,
                                        object->key.len);
    if (file == NULL) {
        return NGX_ERROR;
    }

    file->size = object->size;
    file->modified = object->modified;
    file->version.data = ngx_pnalloc(job->source_pool, object->etag.len
                                                       + 2 * NGX_INT64_LEN);
    if (file->version.data == NULL) {
        ngx_http_cost_timer_sync_why(job, "the server is out of memory");
        return NGX_ERROR;
    }

    if (object->etag.len) {
        ngx_memcpy(file->version.data, object->etag.data, object->etag.len);
        file->version.len = object->etag.len;

    } else {
        file->version.len = ngx_sprintf(file->version.data, "%L-%L",
                                        object->modified, object->size)
                            - file->version.data;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_cost_timer_sync_request(ngx_http_cost_timer_sync_job_t *job,
    ngx_pool_t *pool, ngx_http_cost_timer_sync_file_t *file, ngx_str_t *url)
{
    u_char                             *p;
    ngx_str_t                          *key;
    ngx_uint_t                          path;
    ngx_http_cost_timer_sync_source_t  *source;

    source = job->source;

    if (source->kind == NGX_HTTP_COST_TIMER_SYNC_HTTPS) {
        *url = source->location;
        return NGX_OK;
    }

    path = (source->location.len
            || ngx_strlchr(source->bucket.data,
                           source->bucket.data + source->bucket.len, '.'));

    key = file ? &file->name : NULL;

    url->data = ngx_pnalloc(pool, source->location.len + source->bucket.len
                                  + source->region.len
                                  + 3 * (key ? key->len : source->prefix.len
                                                          + job->token.len)
                                  + sizeof("https://.s3..amazonaws.com//"
                                           "?continuation-token=&"
                                           NGX_HTTP_COST_TIMER_SYNC_LIST));
    if (url->data == NULL) {
        return NGX_ERROR;
    }

    p = url->data;

    if (source->location.len) {
        p = ngx_sprintf(p, "%V/%V", &source->location, &source->bucket);

    } else if (path) {
        p = ngx_sprintf(p, "https://s3.%V.amazonaws.com/%V", &source->region,
                        &source->bucket);

    } else {
        p = ngx_sprintf(p, "https://%V.s3.%V.amazonaws.com", &source->bucket,
                        &source->region);
    }

    *p++ = '/';

    if (key) {
        p += cost_sigv4_encode(key->data, key->len, false, p);
        url->len = p - url->data;

        return NGX_OK;
    }

    /* as the signature wants it: by name, encoded */

    *p++ = '?';

    if (job->token.len) {
        p = ngx_cpymem(p, "continuation-token=",
                       sizeof("continuation-token=") - 1);
        p += cost_sigv4_encode(job->token.data, job->token.len, true, p);
        *p++ = '&';
    }

    p = ngx_cpymem(p, NGX_HTTP_COST_TIMER_SYNC_LIST,
                   sizeof(NGX_HTTP_COST_TIMER_SYNC_LIST) - 1);
    p += cost_sigv4_encode(source->prefix.data, source->prefix.len, true, p);

    url->len = p - url->data;

    return NGX_OK;
}


ngx_int_t
ngx_http_cost_timer_sync_headers(ngx_http_cost_timer_sync_job_t *job,
    ngx_pool_t *pool, ngx_http_cost_timer_sync_file_t *file)
{
    ngx_str_t                          *version;
    ngx_http_cost_timer_header_t       *h;
    ngx_http_cost_timer_sync_source_t  *source;

    source = job->source;
    h = job->headers;

    ngx_str_set(&h->name, "User-Agent");
    ngx_str_set(&h->value, "ngx_http_cost/" NGX_HTTP_COST_VERSION);
    h++;

    version = file ? &file->version : NULL;

    if (source->kind == NGX_HTTP_COST_TIMER_SYNC_HTTPS) {

        if (source->secret.len) {
            ngx_str_set(&h->name, "Authorization");
            h->value = source->secret;
            h++;
        }

        if (version && version->len) {

            if (version->data[version->len - 1] == '"') {
                ngx_str_set(&h->name, "If-None-Match");

            } else {
                ngx_str_set(&h->name, "If-Modified-Since");
            }

            h->value = *version;
            h++;
        }

        job->fetch.send.nheaders = h - job->headers;

        return NGX_OK;
    }

    /* what was listed, or nothing */

    if (version && version->len && version->data[version->len - 1] == '"') {
        ngx_str_set(&h->name, "If-Match");
        h->value = *version;
        h++;
    }

    job->fetch.send.nheaders = h - job->headers;

    return source->access.len ? ngx_http_cost_timer_sync_sign(job, pool)
                              : NGX_OK;
}


/* the target is known: what is signed is what is sent */

static ngx_int_t
ngx_http_cost_timer_sync_sign(ngx_http_cost_timer_sync_job_t *job,
    ngx_pool_t *pool)
{
    size_t                              size, len;
    u_char                             *date, *p, *path, *query, *last;
    ngx_str_t                          *url;
    cost_sigv4_scope_t                  scope;
    cost_sigv4_header_t                 headers[4];
    cost_sigv4_request_t                request;
    ngx_http_cost_timer_header_t       *h;
    ngx_http_cost_timer_sync_source_t  *source;

    source = job->source;
    url = &job->target.url;
    size = url->len + job->target.host.len + source->session.len
           + COST_SIGV4_AUTHORIZATION + 512;

    date = ngx_pnalloc(pool, COST_SIGV4_DATE + size);
    if (date == NULL) {
        return NGX_ERROR;
    }

    p = date + COST_SIGV4_DATE;
    cost_sigv4_date(ngx_time(), date);

    /* behind "https://address:port" */

    last = url->data + url->len;
    path = ngx_strlchr(url->data + sizeof("https://"), last, '/');

    if (path == NULL) {
        return NGX_ERROR;
    }

    query = ngx_strlchr(path, last, '?');

    request.method = (cost_str_t) cost_string("GET");
    request.path = (cost_str_t) { (query ? query : last) - path, path };
    request.query = query ? (cost_str_t) { last - query - 1, query + 1 }
                          : (cost_str_t) cost_string("");
    request.payload = (cost_str_t) cost_string(COST_SIGV4_NO_BODY);
    request.headers = headers;
    request.nheaders = source->session.len ? 4 : 3;

    headers[0].name = (cost_str_t) cost_string("host");
    headers[0].value = ngx_http_cost_str(&job->target.host);
    headers[1].name = (cost_str_t) cost_string(NGX_HTTP_COST_TIMER_SYNC_HASH);
    headers[1].value = request.payload;
    headers[2].name = (cost_str_t) cost_string("x-amz-date");
    headers[2].value = (cost_str_t) { COST_SIGV4_DATE, date };
    headers[3].name
        = (cost_str_t) cost_string(NGX_HTTP_COST_TIMER_SYNC_SESSION);
    headers[3].value = ngx_http_cost_str(&source->session);

    scope.key = ngx_http_cost_str(&source->access);
    scope.secret = ngx_http_cost_str(&source->secret);
    scope.region = ngx_http_cost_str(&source->region);
    scope.service = (cost_str_t) cost_string("s3");

    if (cost_sigv4_sign(&request, &scope, ngx_time(),
                        &ngx_http_cost_timer_sync_hash, p, size, &len)
        != COST_OK)
    {
        return NGX_ERROR;
    }

    h = job->headers + job->fetch.send.nheaders;

    ngx_str_set(&h->name, "Authorization");
    h->value.data = p;
    h->value.len = len;
    h++;

    ngx_str_set(&h->name, NGX_HTTP_COST_TIMER_SYNC_HASH);
    ngx_str_set(&h->value, COST_SIGV4_NO_BODY);
    h++;

    ngx_str_set(&h->name, "x-amz-date");
    h->value.data = date;
    h->value.len = COST_SIGV4_DATE;
    h++;

    if (source->session.len) {
        ngx_str_set(&h->name, NGX_HTTP_COST_TIMER_SYNC_SESSION);
        h->value = source->session;
        h++;
    }

    job->fetch.send.nheaders = h - job->headers;

    return NGX_OK;
}


static bool
ngx_http_cost_timer_sync_sha256(const uint8_t *p, size_t len, uint8_t *digest)
{
    return EVP_Digest(p, len, digest, NULL, EVP_sha256(), NULL) == 1;
}


static bool
ngx_http_cost_timer_sync_hmac(const uint8_t *key, size_t key_len,
    const uint8_t *p, size_t len, uint8_t *mac)
{
    return HMAC(EVP_sha256(), key, (int) key_len, p, len, mac, NULL) != NULL;
}
