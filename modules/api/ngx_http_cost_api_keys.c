
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * /api/v1/keys: an organization's admins manage its keys.
 *
 *     GET     /keys               all, with their use
 *     POST    /keys               a new one; its secret is shown once
 *     GET     /keys/{id}
 *     PATCH   /keys/{id}          name, permission, plan, expires_at
 *     POST    /keys/{id}/rotate   a new secret, shown once
 *     DELETE  /keys/{id}          revokes it
 *
 * What is changed holds for all workers of this node before the reply is
 * sent, and for other nodes when they are notified.
 */


#include "api/ngx_http_cost_api_keys.h"


#define NGX_HTTP_COST_API_KEYS_LIMIT    100
#define NGX_HTTP_COST_API_KEYS_MAX      1000

/* columns of keys_list.sql and keys_get.sql */

#define NGX_HTTP_COST_API_KEYS_ID       0
#define NGX_HTTP_COST_API_KEYS_UUID     1
#define NGX_HTTP_COST_API_KEYS_SECRETS  9
#define NGX_HTTP_COST_API_KEYS_USAGE    10


static ngx_int_t ngx_http_cost_api_keys_done(ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_keys_write(cost_json_t *j, void *data);

static ngx_int_t ngx_http_cost_api_key_shown(ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_key_headers(ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_key_write(cost_json_t *j, void *data);
static void ngx_http_cost_api_key_object(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row);
static void ngx_http_cost_api_key_secrets(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row);
static void ngx_http_cost_api_key_usage(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row);
static void ngx_http_cost_api_key_word(ngx_str_t *rest, u_char end,
    ngx_str_t *word);
static void ngx_http_cost_api_key_text(cost_json_t *j, ngx_str_t *rest,
    u_char end);
static void ngx_http_cost_api_key_time(cost_json_t *j, ngx_str_t *word);


enum {
    NGX_HTTP_COST_API_KEYS_P_LIMIT = 0,
    NGX_HTTP_COST_API_KEYS_P_CURSOR,
    NGX_HTTP_COST_API_KEYS_PARAMS
};


static const cost_query_param_t  ngx_http_cost_api_keys_params[] = {
    { cost_string("limit"), COST_QUERY_INTEGER,
      1, NGX_HTTP_COST_API_KEYS_MAX, NULL },
    { cost_string("cursor"), COST_QUERY_TEXT, 0, 64, NULL }
};


static const ngx_http_cost_api_member_t  ngx_http_cost_api_key_members[] = {
    { cost_string("name"), NGX_HTTP_COST_API_TEXT, 2 },
    { cost_string("permission"), NGX_HTTP_COST_API_TEXT, 3 },
    { cost_string("plan"), NGX_HTTP_COST_API_TEXT, 4 },
    { cost_string("created_at"), NGX_HTTP_COST_API_TIME, 5 },
    { cost_string("expires_at"), NGX_HTTP_COST_API_TIME, 6 },
    { cost_string("revoked_at"), NGX_HTTP_COST_API_TIME, 7 },
    { cost_string("last_used_at"), NGX_HTTP_COST_API_TIME, 8 },
    ngx_http_cost_api_null_member
};


static ngx_str_t  ngx_http_cost_api_key_cache = ngx_string("Cache-Control");
static ngx_str_t  ngx_http_cost_api_key_no_store = ngx_string("no-store");

#define NGX_HTTP_COST_API_KEY_PATH  "/api/v1/keys/"


ngx_int_t
ngx_http_cost_api_keys(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                  rc;
    ngx_str_t                  params[3];
    cost_query_value_t         values[NGX_HTTP_COST_API_KEYS_PARAMS];
    ngx_http_cost_api_keys_t  *keys;

    rc = ngx_http_cost_http_params(ctx->request, ngx_http_cost_api_keys_params,
                                   NGX_HTTP_COST_API_KEYS_PARAMS, values);
    if (rc != NGX_OK) {
        return rc;
    }

    keys = ngx_http_cost_api_keys_data(ctx);
    if (keys == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_cost_api_page(ctx, &values[NGX_HTTP_COST_API_KEYS_P_LIMIT],
                                &values[NGX_HTTP_COST_API_KEYS_P_CURSOR],
                                NGX_HTTP_COST_API_KEYS_LIMIT, &keys->page);
    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK
        || ngx_http_cost_api_page_params(ctx, &keys->page, &params[1],
                                         &params[2])
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_keys_list, params,
                                   NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_keys_done);
}


ngx_http_cost_api_keys_t *
ngx_http_cost_api_keys_data(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_keys_t  *keys;

    keys = ngx_pcalloc(ctx->request->pool, sizeof(ngx_http_cost_api_keys_t));
    if (keys == NULL) {
        return NULL;
    }

    keys->status = NGX_HTTP_OK;
    ctx->data = keys;

    return keys;
}


static ngx_int_t
ngx_http_cost_api_keys_done(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_keys_t  *keys;

    keys = ctx->data;

    (void) ngx_http_cost_api_page_rows(ctx, &keys->page);

    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_keys_write);
}


static void
ngx_http_cost_api_keys_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_uint_t                 i;
    ngx_http_cost_api_keys_t  *keys;

    keys = ctx->data;

    ngx_http_cost_api_open(ctx, j);
    cost_json_array(j);

    for (i = 0; i < keys->page.rows; i++) {
        ngx_http_cost_api_key_object(ctx, j, i);
    }

    cost_json_array_end(j);

    ngx_http_cost_api_meta(j);
    ngx_http_cost_api_page_meta(ctx, j, &keys->page,
                                NGX_HTTP_COST_API_KEYS_ID);
    ngx_http_cost_api_close(ctx, j);
}


ngx_int_t
ngx_http_cost_api_key(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t  rc;

    rc = ngx_http_cost_api_key_uuid(ctx);

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_cost_api_key_show(ctx);
}


ngx_int_t
ngx_http_cost_api_key_uuid(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                  rc;
    ngx_http_cost_api_keys_t  *keys;

    keys = ngx_http_cost_api_keys_data(ctx);
    if (keys == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_cost_api_param_uuid(ctx, &ctx->ids[0], &keys->uuid);

    if (rc == NGX_DECLINED) {
        return ngx_http_cost_api_key_unknown(ctx);
    }

    return rc == NGX_OK ? NGX_OK : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


ngx_int_t
ngx_http_cost_api_key_unknown(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_NOT_FOUND,
                                    "There is no such key");
}


ngx_int_t
ngx_http_cost_api_key_show(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t                  params[2];
    ngx_http_cost_api_keys_t  *keys;

    keys = ctx->data;

    if (ngx_http_cost_api_param_organization(ctx, &params[0]) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    params[1] = keys->uuid;

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_keys_get, params,
                                   NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_key_shown);
}


static ngx_int_t
ngx_http_cost_api_key_shown(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_keys_t  *keys;

    keys = ctx->data;

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_key_unknown(ctx);
    }

    if (keys->secret.len && ngx_http_cost_api_key_headers(ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_http_send(ctx->request, keys->status,
                                   ngx_http_cost_api_key_write, ctx);
}


static ngx_int_t
ngx_http_cost_api_key_headers(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_keys_t  *keys;

    keys = ctx->data;

    if (keys->status == NGX_HTTP_CREATED
        && ngx_http_cost_api_location(ctx, NGX_HTTP_COST_API_KEY_PATH,
                                      &keys->uuid)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_cost_http_header(ctx->request,
                                     &ngx_http_cost_api_key_cache,
                                     &ngx_http_cost_api_key_no_store);
}


static void
ngx_http_cost_api_key_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_http_cost_api_open(ctx, j);
    ngx_http_cost_api_key_object(ctx, j, 0);
    ngx_http_cost_api_meta(j);
    ngx_http_cost_api_close(ctx, j);
}


static void
ngx_http_cost_api_key_object(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row)
{
    ngx_http_cost_api_keys_t  *keys;

    keys = ctx->data;

    cost_json_object(j);

    cost_json_name(j, "id");
    ngx_http_cost_api_put_text(ctx, j, row, NGX_HTTP_COST_API_KEYS_UUID);

    if (keys->secret.len) {
        cost_json_name(j, "key");
        cost_json_string(j, keys->secret.data, keys->secret.len);
    }

    ngx_http_cost_api_put_members(ctx, j, row, ngx_http_cost_api_key_members);

    ngx_http_cost_api_key_secrets(ctx, j, row);
    ngx_http_cost_api_key_usage(ctx, j, row);

    cost_json_object_end(j);
}


static void
ngx_http_cost_api_key_secrets(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row)
{
    ngx_str_t  lines, four, created, expires, used;

    ngx_http_cost_pg_text(ctx->result, row, NGX_HTTP_COST_API_KEYS_SECRETS,
                          &lines);

    cost_json_name(j, "secrets");
    cost_json_array(j);

    while (lines.len) {
        ngx_http_cost_api_key_word(&lines, ' ', &four);
        ngx_http_cost_api_key_word(&lines, ' ', &created);
        ngx_http_cost_api_key_word(&lines, ' ', &expires);
        ngx_http_cost_api_key_word(&lines, ' ', &used);

        cost_json_object(j);
        cost_json_name(j, "key_prefix");
        ngx_http_cost_api_key_text(j, &lines, '\n');
        cost_json_name(j, "last_four");
        cost_json_string(j, four.data, four.len);
        cost_json_name(j, "created_at");
        ngx_http_cost_api_key_time(j, &created);
        cost_json_name(j, "expires_at");
        ngx_http_cost_api_key_time(j, &expires);
        cost_json_name(j, "last_used_at");
        ngx_http_cost_api_key_time(j, &used);
        cost_json_object_end(j);
    }

    cost_json_array_end(j);
}


static void
ngx_http_cost_api_key_usage(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row)
{
    ngx_str_t  lines, seconds, start, used;
    u_char     window[NGX_INT32_LEN + 1];

    ngx_http_cost_pg_text(ctx->result, row, NGX_HTTP_COST_API_KEYS_USAGE,
                          &lines);

    cost_json_name(j, "usage");
    cost_json_array(j);

    while (lines.len) {
        cost_json_object(j);
        cost_json_name(j, "scope");
        ngx_http_cost_api_key_text(j, &lines, ' ');

        ngx_http_cost_api_key_word(&lines, ' ', &seconds);
        ngx_http_cost_api_key_word(&lines, ' ', &start);
        ngx_http_cost_api_key_word(&lines, '\n', &used);

        cost_json_name(j, "window");

        switch (ngx_atoi(seconds.data, seconds.len)) {

        case 3600:
            cost_json_literal(j, "hour");
            break;

        case 86400:
            cost_json_literal(j, "day");
            break;

        default:
            cost_json_string(j, window, ngx_snprintf(window, sizeof(window),
                                                     "%Vs", &seconds)
                                        - window);
            break;
        }

        cost_json_name(j, "start");
        ngx_http_cost_api_key_time(j, &start);
        cost_json_name(j, "used");
        cost_json_raw(j, used.data, used.len);
        cost_json_object_end(j);
    }

    cost_json_array_end(j);
}


/* what stands in front of "end", which is taken off as well */

static void
ngx_http_cost_api_key_word(ngx_str_t *rest, u_char end, ngx_str_t *word)
{
    u_char  *p, *last;

    last = rest->data + rest->len;

    p = ngx_strlchr(rest->data, last, end);

    if (p == NULL) {
        p = last;
    }

    word->len = p - rest->data;
    word->data = rest->data;

    p = (p == last) ? last : p + 1;

    rest->len = last - p;
    rest->data = p;
}


static void
ngx_http_cost_api_key_text(cost_json_t *j, ngx_str_t *rest, u_char end)
{
    ngx_str_t  word;

    ngx_http_cost_api_key_word(rest, end, &word);

    cost_json_string(j, word.data, word.len);
}


/* seconds, or "-" */

static void
ngx_http_cost_api_key_time(cost_json_t *j, ngx_str_t *word)
{
    ngx_int_t  seconds;

    seconds = ngx_atoi(word->data, word->len);

    if (seconds == NGX_ERROR) {
        cost_json_null(j);
        return;
    }

    cost_json_time(j, seconds);
}
