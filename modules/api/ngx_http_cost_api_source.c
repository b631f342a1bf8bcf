
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The source of an account: the member "source" of what POST and PATCH take,
 * and of what is shown, which never is a secret.
 *
 *     directory   path
 *     https       url, authorization (the value of that header)
 *     s3          bucket, region, prefix, endpoint (else Amazon's),
 *                 access_key_id, secret_access_key (else it asks unsigned),
 *                 session_token, when they are temporary
 *     all         one_account, sync_every (hours)
 *
 * A source is set as a whole; "none" takes it away.
 */


#include "api/ngx_http_cost_api.h"
#include "api/ngx_http_cost_api_source.h"


static ngx_int_t ngx_http_cost_api_source_only(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *values, ngx_uint_t wanted);
static ngx_int_t ngx_http_cost_api_source_directory(
    ngx_http_cost_api_ctx_t *ctx, ngx_str_t *values, ngx_str_t *params);
static ngx_int_t ngx_http_cost_api_source_https(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *values, ngx_str_t *params);
static ngx_int_t ngx_http_cost_api_source_s3(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *values, ngx_str_t *params);
static ngx_int_t ngx_http_cost_api_source_session(
    ngx_http_cost_api_ctx_t *ctx, ngx_str_t *values, ngx_str_t *secret);
static ngx_int_t ngx_http_cost_api_source_bucket(
    ngx_http_cost_api_ctx_t *ctx, ngx_str_t *bucket);
static ngx_int_t ngx_http_cost_api_source_url(ngx_http_cost_api_ctx_t *ctx,
    const char *name, ngx_str_t *url, cost_url_t *u);
static ngx_int_t ngx_http_cost_api_source_seal(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *uuid, ngx_str_t *secret, ngx_str_t *sealed);


/* parameters of accounts_add.sql and accounts_rename.sql, from the fifth */

enum {
    NGX_HTTP_COST_API_SOURCE_UUID = 0,
    NGX_HTTP_COST_API_SOURCE_KIND,
    NGX_HTTP_COST_API_SOURCE_LOCATION,
    NGX_HTTP_COST_API_SOURCE_BUCKET,
    NGX_HTTP_COST_API_SOURCE_REGION,
    NGX_HTTP_COST_API_SOURCE_PREFIX,
    NGX_HTTP_COST_API_SOURCE_ACCESS,
    NGX_HTTP_COST_API_SOURCE_SECRET,
    NGX_HTTP_COST_API_SOURCE_ONE,
    NGX_HTTP_COST_API_SOURCE_EVERY
};


/* which fields, by their numbers, belong to a kind */

#define NGX_HTTP_COST_API_SOURCE_OF_ALL                                       \
    (1 << NGX_HTTP_COST_API_SOURCE_F_KIND                                     \
     | 1 << NGX_HTTP_COST_API_SOURCE_F_ONE                                    \
     | 1 << NGX_HTTP_COST_API_SOURCE_F_EVERY)

#define NGX_HTTP_COST_API_SOURCE_OF_HTTPS                                     \
    (1 << NGX_HTTP_COST_API_SOURCE_F_URL                                      \
     | 1 << NGX_HTTP_COST_API_SOURCE_F_AUTHORIZATION)

#define NGX_HTTP_COST_API_SOURCE_OF_S3                                        \
    (1 << NGX_HTTP_COST_API_SOURCE_F_BUCKET                                   \
     | 1 << NGX_HTTP_COST_API_SOURCE_F_REGION                                 \
     | 1 << NGX_HTTP_COST_API_SOURCE_F_PREFIX                                 \
     | 1 << NGX_HTTP_COST_API_SOURCE_F_ENDPOINT                               \
     | 1 << NGX_HTTP_COST_API_SOURCE_F_ACCESS                                 \
     | 1 << NGX_HTTP_COST_API_SOURCE_F_SECRET                                 \
     | 1 << NGX_HTTP_COST_API_SOURCE_F_SESSION)


static const char *const  ngx_http_cost_api_source_names[] = {
    "kind", "path", "url", "authorization", "bucket", "region", "prefix",
    "endpoint", "access_key_id", "secret_access_key", "session_token",
    "one_account", "sync_every"
};


static ngx_str_t  ngx_http_cost_api_source_empty = ngx_string("");


/* "values" are those of NGX_HTTP_COST_API_SOURCE_TABLE */

ngx_int_t
ngx_http_cost_api_source(ngx_http_cost_api_ctx_t *ctx, ngx_str_t *values,
    ngx_str_t *params)
{
    ngx_str_t   *kind;
    ngx_uint_t   i;

    for (i = 0; i < NGX_HTTP_COST_API_SOURCE_PARAMS; i++) {
        ngx_str_null(&params[i]);
    }

    kind = &values[NGX_HTTP_COST_API_SOURCE_F_KIND];

    if (kind->data == NULL) {

        for (i = 0; i < NGX_HTTP_COST_API_SOURCE_FIELDS; i++) {
            if (values[i].data) {
                return ngx_http_cost_http_error(ctx->request,
                                                NGX_HTTP_BAD_REQUEST,
                                                "source.kind is required");
            }
        }

        return NGX_OK;
    }

    if (ngx_http_cost_webhook_uuid(ctx->request->pool,
                                   &params[NGX_HTTP_COST_API_SOURCE_UUID])
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    params[NGX_HTTP_COST_API_SOURCE_KIND] = *kind;

    for (i = NGX_HTTP_COST_API_SOURCE_LOCATION;
         i <= NGX_HTTP_COST_API_SOURCE_ACCESS;
         i++)
    {
        params[i] = ngx_http_cost_api_source_empty;
    }

    params[NGX_HTTP_COST_API_SOURCE_ONE]
        = values[NGX_HTTP_COST_API_SOURCE_F_ONE];
    params[NGX_HTTP_COST_API_SOURCE_EVERY]
        = values[NGX_HTTP_COST_API_SOURCE_F_EVERY];

    if (params[NGX_HTTP_COST_API_SOURCE_ONE].data == NULL) {
        ngx_str_set(&params[NGX_HTTP_COST_API_SOURCE_ONE], "false");
    }

    if (kind->len == 9 && ngx_strncmp(kind->data, "directory", 9) == 0) {
        return ngx_http_cost_api_source_directory(ctx, values, params);
    }

    if (kind->len == 5 && ngx_strncmp(kind->data, "https", 5) == 0) {
        return ngx_http_cost_api_source_https(ctx, values, params);
    }

    if (kind->len == 2 && ngx_strncmp(kind->data, "s3", 2) == 0) {
        return ngx_http_cost_api_source_s3(ctx, values, params);
    }

    if (kind->len == 4 && ngx_strncmp(kind->data, "none", 4) == 0) {
        return ngx_http_cost_api_source_only(ctx, values, 0);
    }

    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                    "source.kind must be directory, https, "
                                    "s3 or none");
}


/* refuses what another kind of source has */

static ngx_int_t
ngx_http_cost_api_source_only(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *values, ngx_uint_t wanted)
{
    ngx_uint_t  i;

    wanted |= NGX_HTTP_COST_API_SOURCE_OF_ALL;

    for (i = 0; i < NGX_HTTP_COST_API_SOURCE_FIELDS; i++) {

        if (values[i].data && !(wanted & 1 << i)) {
            return ngx_http_cost_http_error(ctx->request,
                                            NGX_HTTP_BAD_REQUEST,
                                            "source.%s is not for a source "
                                            "of kind %V",
                                            ngx_http_cost_api_source_names[i],
                                  &values[NGX_HTTP_COST_API_SOURCE_F_KIND]);
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_api_source_directory(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *values, ngx_str_t *params)
{
    ngx_int_t                           rc;
    ngx_str_t                          *path;
    ngx_http_cost_webhook_main_conf_t  *wmcf;

    rc = ngx_http_cost_api_source_only(ctx, values,
                                       1 << NGX_HTTP_COST_API_SOURCE_F_PATH);
    if (rc != NGX_OK) {
        return rc;
    }

    path = &values[NGX_HTTP_COST_API_SOURCE_F_PATH];

    if (path->data == NULL) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                        "source.path is required");
    }

    while (path->len > 1 && path->data[path->len - 1] == '/') {
        path->len--;
    }

    wmcf = ngx_http_get_module_main_conf(ctx->request,
                                         ngx_http_cost_webhook_module);

    if (ngx_http_cost_webhook_directory(wmcf, path, NULL) == NULL) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                        "source.path must be an absolute "
                                        "path of a directory that this "
                                        "server's operator allows");
    }

    params[NGX_HTTP_COST_API_SOURCE_LOCATION] = *path;

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_api_source_https(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *values, ngx_str_t *params)
{
    ngx_int_t    rc;
    cost_url_t   u;

    rc = ngx_http_cost_api_source_only(ctx, values,
                                       NGX_HTTP_COST_API_SOURCE_OF_HTTPS);

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_source_url(ctx, "url",
                             &values[NGX_HTTP_COST_API_SOURCE_F_URL], &u);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    params[NGX_HTTP_COST_API_SOURCE_LOCATION]
        = values[NGX_HTTP_COST_API_SOURCE_F_URL];

    return ngx_http_cost_api_source_seal(ctx,
                             &params[NGX_HTTP_COST_API_SOURCE_UUID],
                             &values[NGX_HTTP_COST_API_SOURCE_F_AUTHORIZATION],
                             &params[NGX_HTTP_COST_API_SOURCE_SECRET]);
}


static ngx_int_t
ngx_http_cost_api_source_s3(ngx_http_cost_api_ctx_t *ctx, ngx_str_t *values,
    ngx_str_t *params)
{
    ngx_int_t    rc;
    ngx_str_t   *access, *secret, both;
    ngx_uint_t   i;
    cost_url_t   u;

    static const struct {
        ngx_uint_t  field;
        ngx_uint_t  param;
    } texts[] = {
        { NGX_HTTP_COST_API_SOURCE_F_ENDPOINT,
          NGX_HTTP_COST_API_SOURCE_LOCATION },
        { NGX_HTTP_COST_API_SOURCE_F_BUCKET,
          NGX_HTTP_COST_API_SOURCE_BUCKET },
        { NGX_HTTP_COST_API_SOURCE_F_REGION,
          NGX_HTTP_COST_API_SOURCE_REGION },
        { NGX_HTTP_COST_API_SOURCE_F_PREFIX,
          NGX_HTTP_COST_API_SOURCE_PREFIX },
        { NGX_HTTP_COST_API_SOURCE_F_ACCESS,
          NGX_HTTP_COST_API_SOURCE_ACCESS }
    };

    rc = ngx_http_cost_api_source_only(ctx, values,
                                       NGX_HTTP_COST_API_SOURCE_OF_S3);

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_source_bucket(ctx,
                                &values[NGX_HTTP_COST_API_SOURCE_F_BUCKET]);
    }

    if (rc == NGX_OK
        && values[NGX_HTTP_COST_API_SOURCE_F_ENDPOINT].data)
    {
        rc = ngx_http_cost_api_source_url(ctx, "endpoint",
                        &values[NGX_HTTP_COST_API_SOURCE_F_ENDPOINT], &u);

        if (rc == NGX_OK && u.path.len && !cost_str_is(&u.path, "/")) {
            rc = ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                          "source.endpoint must have no path");
        }

        values[NGX_HTTP_COST_API_SOURCE_F_ENDPOINT].len
            -= (rc == NGX_OK) ? u.path.len : 0;
    }

    if (rc != NGX_OK) {
        return rc;
    }

    access = &values[NGX_HTTP_COST_API_SOURCE_F_ACCESS];
    secret = &values[NGX_HTTP_COST_API_SOURCE_F_SECRET];

    if ((access->data == NULL) != (secret->data == NULL)) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                        "source.access_key_id and "
                                        "source.secret_access_key go "
                                        "together");
    }

    rc = ngx_http_cost_api_source_session(ctx, values, &both);

    if (rc != NGX_OK) {
        return rc;
    }

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (values[texts[i].field].data) {
            params[texts[i].param] = values[texts[i].field];
        }
    }

    if (params[NGX_HTTP_COST_API_SOURCE_REGION].len == 0) {
        ngx_str_set(&params[NGX_HTTP_COST_API_SOURCE_REGION], "us-east-1");
    }

    return ngx_http_cost_api_source_seal(ctx,
                                     &params[NGX_HTTP_COST_API_SOURCE_UUID],
                                     &both,
                                     &params[NGX_HTTP_COST_API_SOURCE_SECRET]);
}


/* what is sealed: the secret and, behind a line's end, the session's token */

static ngx_int_t
ngx_http_cost_api_source_session(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *values, ngx_str_t *secret)
{
    size_t      i;
    u_char     *p;
    ngx_str_t  *token;

    *secret = values[NGX_HTTP_COST_API_SOURCE_F_SECRET];
    token = &values[NGX_HTTP_COST_API_SOURCE_F_SESSION];

    if (token->data == NULL) {
        return NGX_OK;
    }

    if (secret->data == NULL) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                        "source.session_token needs "
                                        "source.access_key_id and "
                                        "source.secret_access_key");
    }

    /* it becomes a header's value */

    for (i = 0; i < token->len; i++) {
        if (token->data[i] <= 0x20 || token->data[i] >= 0x7f) {
            return ngx_http_cost_http_error(ctx->request,
                                            NGX_HTTP_BAD_REQUEST,
                                            "source.session_token must be of "
                                            "visible ASCII characters");
        }
    }

    p = ngx_pnalloc(ctx->request->pool, secret->len + 1 + token->len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    secret->len = ngx_sprintf(p, "%V\n%V", secret, token) - p;
    secret->data = p;

    return NGX_OK;
}


/* it becomes part of a host's name, or of a path */

static ngx_int_t
ngx_http_cost_api_source_bucket(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *bucket)
{
    size_t   i;
    u_char   ch, before;

    before = '.';

    for (i = 0; i < bucket->len; i++) {
        ch = bucket->data[i];

        if (!((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9')
              || (ch == '-' && before != '.')
              || (ch == '.' && before != '.' && before != '-')))
        {
            break;
        }

        before = ch;
    }

    if (bucket->data == NULL || i < bucket->len || i < 3 || i > 63
        || before == '.' || before == '-')
    {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                        "source.bucket must be the name of a "
                                        "bucket: 3 to 63 characters of a-z, "
                                        "0-9, \"-\" and \".\"");
    }

    return NGX_OK;
}


/* what a name leads to is looked at when it is fetched from */

static ngx_int_t
ngx_http_cost_api_source_url(ngx_http_cost_api_ctx_t *ctx, const char *name,
    ngx_str_t *url, cost_url_t *u)
{
    const char                         *why;
    ngx_http_cost_webhook_main_conf_t  *wmcf;

    if (url->data == NULL) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                        "source.%s is required", name);
    }

    wmcf = ngx_http_get_module_main_conf(ctx->request,
                                         ngx_http_cost_webhook_module);

    if (cost_url_parse(url->data, url->len, u, &why) == COST_OK
        && cost_url_check(u, (unsigned) wmcf->fetch, &why) == COST_OK)
    {
        return NGX_OK;
    }

    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                    "source.%s %s", name, why);
}


static ngx_int_t
ngx_http_cost_api_source_seal(ngx_http_cost_api_ctx_t *ctx, ngx_str_t *uuid,
    ngx_str_t *secret, ngx_str_t *sealed)
{
    ngx_int_t                           rc;
    ngx_http_cost_webhook_main_conf_t  *wmcf;

    if (secret->data == NULL) {
        return NGX_OK;
    }

    wmcf = ngx_http_get_module_main_conf(ctx->request,
                                         ngx_http_cost_webhook_module);

    rc = ngx_http_cost_webhook_seal(wmcf, ctx->request->pool, uuid, secret,
                                    sealed);

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                      "cost api: credentials of sources need a "
                      "\"cost_secret_key\"");

        return ngx_http_cost_http_error(ctx->request,
                                        NGX_HTTP_SERVICE_UNAVAILABLE,
                                        "This server keeps no credentials: "
                                        "it has no cost_secret_key");
    }

    return rc == NGX_OK ? NGX_OK : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


/* the member of an account, when it has a source */

void
ngx_http_cost_api_source_write(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row, ngx_uint_t column)
{
    ngx_str_t   kind, text;
    ngx_uint_t  i;

    /* the columns behind the kind */

    static const ngx_str_t  names[] = {
        ngx_string("endpoint"),
        ngx_string("bucket"),
        ngx_string("region"),
        ngx_string("prefix"),
        ngx_string("access_key_id")
    };

    ngx_http_cost_pg_text(ctx->result, row, column, &kind);

    if (kind.data == NULL) {
        return;
    }

    cost_json_name(j, "source");
    cost_json_object(j);
    cost_json_name(j, "kind");
    cost_json_string(j, kind.data, kind.len);

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        ngx_http_cost_pg_text(ctx->result, row, column + 1 + i, &text);

        if (text.len == 0) {
            continue;
        }

        if (kind.data[0] == 'd') {
            cost_json_name(j, "path");

        } else if (kind.data[0] == 'h') {
            cost_json_name(j, "url");

        } else {
            cost_json_name_n(j, names[i].data, names[i].len);
        }

        cost_json_string(j, text.data, text.len);
    }

    cost_json_name(j, "one_account");
    ngx_http_cost_pg_text(ctx->result, row,
                          column + NGX_HTTP_COST_API_SOURCE_COLUMNS - 2,
                          &text);
    cost_json_bool(j, text.len && text.data[0] == 't');

    cost_json_name(j, "sync_every");
    ngx_http_cost_api_put_integer(ctx, j, row,
                                  column + NGX_HTTP_COST_API_SOURCE_COLUMNS
                                  - 1);
    cost_json_object_end(j);
}
