
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * From a statement to a reply.
 *
 * A query belongs to pg/, and ends before or after the request; pg/ keeps the
 * two apart.  The result is alive only while "done" runs, so "done" writes
 * the whole reply.
 */


#include "api/ngx_http_cost_api.h"


/* how soon a client may ask again when the database is away, seconds */

#define NGX_HTTP_COST_API_RETRY  1


static void ngx_http_cost_api_result(ngx_http_request_t *r, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result);
static void ngx_http_cost_api_deleted_write(cost_json_t *j, void *data);


const cost_str_t  ngx_http_cost_api_kinds[] = {
    cost_string("billed"),
    cost_string("effective"),
    cost_string("list"),
    cost_string("contracted"),
    { 0, NULL }
};


ngx_int_t
ngx_http_cost_api_query(ngx_http_cost_api_ctx_t *ctx,
    const ngx_http_cost_sql_t *statement, ngx_str_t *params,
    ngx_http_cost_pg_lane_e lane, ngx_http_cost_api_handler_pt done)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = ctx->request;

    ctx->done = done;

    rc = ngx_http_cost_pg_request(r, statement, params, lane,
                                  ngx_http_cost_api_result);

    if (rc != NGX_OK) {
        return ngx_http_cost_http_error(r, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                        NULL);
    }

    r->main->count++;

    return NGX_DONE;
}


static void
ngx_http_cost_api_result(ngx_http_request_t *r, ngx_int_t rc,
    ngx_http_cost_pg_result_t *result)
{
    ngx_int_t                 sent;
    ngx_http_cost_api_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);

    if (rc == NGX_OK) {
        ctx->result = result;
        sent = ctx->done(ctx);
        ctx->result = NULL;

    } else {
        sent = (rc == NGX_ERROR) ? NGX_DECLINED
                                 : ngx_http_cost_api_flight_stale(ctx);

        if (sent == NGX_DECLINED) {
            sent = ngx_http_cost_api_unavailable(r, rc);
        }
    }

    ngx_http_cost_api_flight_end(ctx);

    ngx_http_finalize_request(r, sent);
}


ngx_int_t
ngx_http_cost_api_unavailable(ngx_http_request_t *r, ngx_int_t rc)
{
    const char  *why;

    switch (rc) {

    case NGX_BUSY:
        why = "Too many requests are waiting for the database";
        break;

    case NGX_ABORT:
        why = "The database took too long";
        break;

    case NGX_DECLINED:
        why = "The database is not available";
        break;

    default:
        /* pg/ has logged what the server said */
        return ngx_http_cost_http_error(r, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                        NULL);
    }

    return ngx_http_cost_http_retry(r, NGX_HTTP_SERVICE_UNAVAILABLE,
                                    NGX_HTTP_COST_API_RETRY, "%s", why);
}


void
ngx_http_cost_api_open(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j)
{
    cost_json_object(j);

    if (ctx->key && ctx->key->wording == COST_WORDING_COSTOPTIX) {
        cost_json_name(j, "success");
        cost_json_bool(j, true);
    }

    cost_json_name(j, "data");
}


void
ngx_http_cost_api_meta(cost_json_t *j)
{
    cost_json_name(j, "meta");
    cost_json_object(j);
}


void
ngx_http_cost_api_close(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j)
{
    cost_json_name(j, "generated_at");
    cost_json_stamp(j, ctx->now);
    cost_json_object_end(j);

    cost_json_object_end(j);
}


ngx_int_t
ngx_http_cost_api_send(ngx_http_cost_api_ctx_t *ctx,
    ngx_http_cost_http_write_pt write)
{
    ngx_int_t  rc;
    ngx_str_t  text, etag;

    rc = ngx_http_cost_http_build(ctx->request, write, ctx, &text, &etag);

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_http_cost_api_flight_share(ctx, &text, &etag);

    return ngx_http_cost_http_send_text(ctx->request, NGX_HTTP_OK, &text,
                                        &etag);
}


ngx_int_t
ngx_http_cost_api_param_integer(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *param, int64_t n)
{
    param->data = ngx_pnalloc(ctx->request->pool, NGX_INT64_LEN);
    if (param->data == NULL) {
        return NGX_ERROR;
    }

    param->len = ngx_sprintf(param->data, "%L", n) - param->data;

    return NGX_OK;
}


ngx_int_t
ngx_http_cost_api_param_date(ngx_http_cost_api_ctx_t *ctx, ngx_str_t *param,
    cost_day_t day)
{
    param->data = ngx_pnalloc(ctx->request->pool, COST_DATE_LEN);
    if (param->data == NULL) {
        return NGX_ERROR;
    }

    param->len = cost_date_format(day, param->data);

    return NGX_OK;
}


ngx_int_t
ngx_http_cost_api_location(ngx_http_cost_api_ctx_t *ctx, const char *path,
    ngx_str_t *id)
{
    ngx_str_t         location;
    static ngx_str_t  name = ngx_string("Location");

    location.len = ngx_strlen(path) + id->len;
    location.data = ngx_pnalloc(ctx->request->pool, location.len);
    if (location.data == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(location.data, "%s%V", path, id);

    return ngx_http_cost_http_header(ctx->request, &name, &location);
}


ngx_int_t
ngx_http_cost_api_deleted(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_api_send(ctx, ngx_http_cost_api_deleted_write);
}


static void
ngx_http_cost_api_deleted_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_http_cost_api_open(ctx, j);

    cost_json_object(j);
    cost_json_name(j, "deleted");
    cost_json_bool(j, true);
    cost_json_name(j, "id");
    ngx_http_cost_api_put_text(ctx, j, 0, 0);
    cost_json_object_end(j);

    ngx_http_cost_api_meta(j);
    ngx_http_cost_api_close(ctx, j);
}


ngx_int_t
ngx_http_cost_api_param_uuid(ngx_http_cost_api_ctx_t *ctx, cost_str_t *id,
    ngx_str_t *uuid)
{
    u_char  *p;

    p = ngx_pnalloc(ctx->request->pool, COST_UUID_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (id->len != COST_UUID_LEN
        || cost_uuid_parse(id->data, id->len, p) != COST_OK)
    {
        return NGX_DECLINED;
    }

    uuid->len = COST_UUID_LEN;
    uuid->data = p;

    return NGX_OK;
}


ngx_int_t
ngx_http_cost_api_param_id(ngx_http_cost_api_ctx_t *ctx, cost_str_t *id,
    ngx_str_t *uuid, ngx_str_t *integer)
{
    size_t  i;

    ngx_str_null(uuid);
    ngx_str_null(integer);

    if (id->len == COST_UUID_LEN) {
        return ngx_http_cost_api_param_uuid(ctx, id, uuid);
    }

    /* fits an integer of PostgreSQL's */

    if (id->len > sizeof("999999999") - 1) {
        return NGX_DECLINED;
    }

    for (i = 0; i < id->len; i++) {
        if (id->data[i] < '0' || id->data[i] > '9') {
            return NGX_DECLINED;
        }
    }

    integer->len = id->len;
    integer->data = (u_char *) id->data;

    return NGX_OK;
}
