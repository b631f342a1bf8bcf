
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * POST /api/v1/ci/github/{id}: what GitHub tells of workflow jobs.  There is
 * no key: {id} says whose receiver it is, and X-Hub-Signature-256, an HMAC of
 * the body as it came, that it is GitHub who knows the receiver's secret.
 *
 *     workflow_job, completed   the job is priced and stored; told again, it
 *                               takes its own place
 *     workflow_run, completed   its jobs learn the id of their workflow
 *     ping                      200
 *     anything else             202, and nothing happens
 */


#include "api/ngx_http_cost_api.h"
#include "webhook/ngx_http_cost_webhook.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>


#define NGX_HTTP_COST_API_GITHUB_DIGEST  32

/* the columns of ci_receiver_find.sql */

#define NGX_HTTP_COST_API_GITHUB_ORGANIZATION  0
#define NGX_HTTP_COST_API_GITHUB_CURRENCY      1
#define NGX_HTTP_COST_API_GITHUB_SECRET        2

/* a column of ci_add.sql */

#define NGX_HTTP_COST_API_GITHUB_COST          14


typedef struct {
    ngx_str_t             id;
    ngx_str_t             organization;
    ngx_str_t             currency;       /* its own */
    ngx_str_t             body;
    ngx_str_t             event;
    cost_github_event_t   told;
    cost_github_job_t    *job;           /* NULL: it was no completed job */
    ngx_str_t             status;
    u_char                digest[NGX_HTTP_COST_API_GITHUB_DIGEST];
} ngx_http_cost_api_github_t;


static void ngx_http_cost_api_github_body(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_cost_api_github_signature(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_github_found(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_github_verify(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_github_told(ngx_http_cost_api_ctx_t *ctx,
    cost_github_e kind);
static ngx_int_t ngx_http_cost_api_github_job(ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_github_job_write(cost_json_t *j,
    ngx_http_cost_api_github_t *gh);
static ngx_int_t ngx_http_cost_api_github_stored(
    ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_github_seen(ngx_http_cost_api_ctx_t *ctx);
static ngx_int_t ngx_http_cost_api_github_done(ngx_http_cost_api_ctx_t *ctx);
static void ngx_http_cost_api_github_write(cost_json_t *j, void *data);
static ngx_str_t *ngx_http_cost_api_github_header(ngx_http_request_t *r,
    char *name);
static ngx_int_t ngx_http_cost_api_github_refuse(
    ngx_http_cost_api_ctx_t *ctx);


ngx_int_t
ngx_http_cost_api_github(ngx_http_cost_api_ctx_t *ctx)
{
    ctx->data = ngx_pcalloc(ctx->request->pool,
                            sizeof(ngx_http_cost_api_github_t));
    if (ctx->data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_http_body(ctx->request,
                                   ngx_http_cost_api_github_body);
}


static void
ngx_http_cost_api_github_body(ngx_http_request_t *r, ngx_str_t *body)
{
    ngx_int_t                    rc;
    ngx_str_t                   *event, integer;
    ngx_http_cost_api_ctx_t     *ctx;
    ngx_http_cost_api_github_t  *gh;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cost_api_module);
    gh = ctx->data;

    gh->body = *body;

    rc = ngx_http_cost_api_param_id(ctx, &ctx->ids[0], &gh->id, &integer);

    if (rc == NGX_DECLINED || (rc == NGX_OK && gh->id.len == 0)) {
        rc = ngx_http_cost_api_github_refuse(ctx);

    } else if (rc != NGX_OK) {
        rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc == NGX_OK) {
        event = ngx_http_cost_api_github_header(r, "X-GitHub-Event");

        if (event == NULL) {
            rc = ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST,
                                          "X-GitHub-Event is missing: this "
                                          "is for GitHub's webhooks");

        } else {
            gh->event = *event;
            rc = ngx_http_cost_api_github_signature(ctx);
        }
    }

    if (rc == NGX_OK) {
        rc = ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_ci_receiver_find,
                                     &gh->id, NGX_HTTP_COST_PG_FAST,
                                     ngx_http_cost_api_github_found);
    }

    ngx_http_finalize_request(r, rc);
}


/* "sha256=" and 64 hexadecimal digits */

static ngx_int_t
ngx_http_cost_api_github_signature(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                    n;
    ngx_str_t                   *header;
    ngx_uint_t                   i;
    ngx_http_cost_api_github_t  *gh;

    gh = ctx->data;
    header = ngx_http_cost_api_github_header(ctx->request,
                                             "X-Hub-Signature-256");

    if (header == NULL
        || header->len != sizeof("sha256=") - 1
                          + 2 * NGX_HTTP_COST_API_GITHUB_DIGEST
        || ngx_strncmp(header->data, "sha256=", 7) != 0)
    {
        return ngx_http_cost_api_github_refuse(ctx);
    }

    for (i = 0; i < NGX_HTTP_COST_API_GITHUB_DIGEST; i++) {
        n = ngx_hextoi(header->data + 7 + 2 * i, 2);

        if (n == NGX_ERROR) {
            return ngx_http_cost_api_github_refuse(ctx);
        }

        gh->digest[i] = (u_char) n;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_api_github_found(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_int_t                    rc;
    ngx_http_cost_api_github_t  *gh;

    gh = ctx->data;

    rc = ngx_http_cost_api_github_verify(ctx);

    if (rc != NGX_OK) {
        return rc;
    }

    if (gh->event.len == 12
        && ngx_strncmp(gh->event.data, "workflow_job", 12) == 0)
    {
        return ngx_http_cost_api_github_told(ctx, COST_GITHUB_JOB);
    }

    if (gh->event.len == 12
        && ngx_strncmp(gh->event.data, "workflow_run", 12) == 0)
    {
        return ngx_http_cost_api_github_told(ctx, COST_GITHUB_RUN);
    }

    if (gh->event.len == 4 && ngx_strncmp(gh->event.data, "ping", 4) == 0) {
        ngx_str_set(&gh->status, "ok");

    } else {
        ngx_str_set(&gh->status, "ignored");
    }

    return ngx_http_cost_api_github_seen(ctx);
}


/* an unknown receiver and a wrong signature are refused alike */

static ngx_int_t
ngx_http_cost_api_github_verify(ngx_http_cost_api_ctx_t *ctx)
{
    u_char                              digest[EVP_MAX_MD_SIZE];
    unsigned                            len;
    ngx_int_t                           rc;
    ngx_str_t                           sealed, secret;
    ngx_http_request_t                 *r;
    ngx_http_cost_api_github_t         *gh;
    ngx_http_cost_webhook_main_conf_t  *wmcf;

    r = ctx->request;
    gh = ctx->data;

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_github_refuse(ctx);
    }

    ngx_http_cost_pg_text(ctx->result, 0, NGX_HTTP_COST_API_GITHUB_SECRET,
                          &sealed);

    wmcf = ngx_http_get_module_main_conf(r, ngx_http_cost_webhook_module);
    rc = ngx_http_cost_webhook_open(wmcf, r->pool, &gh->id, &sealed, &secret);

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "cost api: no key of \"cost_secret_key\" opens the "
                      "secret of receiver %V", &gh->id);

        return ngx_http_cost_http_error(r, NGX_HTTP_SERVICE_UNAVAILABLE,
                                        "The server cannot read this "
                                        "receiver's secret");
    }

    if (rc != NGX_OK
        || HMAC(EVP_sha256(), secret.data, (int) secret.len, gh->body.data,
                gh->body.len, digest, &len) == NULL
        || ngx_http_cost_api_param_integer(ctx, &gh->organization,
               ngx_http_cost_api_number(ctx, 0,
                                    NGX_HTTP_COST_API_GITHUB_ORGANIZATION))
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return (CRYPTO_memcmp(digest, gh->digest, NGX_HTTP_COST_API_GITHUB_DIGEST)
            == 0)
           ? NGX_OK : ngx_http_cost_api_github_refuse(ctx);
}


static ngx_int_t
ngx_http_cost_api_github_told(ngx_http_cost_api_ctx_t *ctx,
    cost_github_e kind)
{
    u_char                      *buf;
    const char                  *why;
    ngx_http_request_t          *r;
    ngx_http_cost_api_github_t  *gh;

    r = ctx->request;
    gh = ctx->data;

    buf = ngx_pnalloc(r->pool, gh->body.len + 1);
    if (buf == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (cost_github_read(kind, gh->body.data, gh->body.len, buf, &gh->told,
                         &why)
        != COST_OK)
    {
        return ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST, "%s", why);
    }

    if (gh->told.action.len != 9
        || ngx_strncmp(gh->told.action.data, "completed", 9) != 0)
    {
        gh->told.owner.len = 0;
        ngx_str_set(&gh->status, "ignored");

        return ngx_http_cost_api_github_seen(ctx);
    }

    if (kind == COST_GITHUB_JOB) {
        return ngx_http_cost_api_github_job(ctx);
    }

    ngx_str_set(&gh->status, "stored");

    return ngx_http_cost_api_github_seen(ctx);
}


static ngx_int_t
ngx_http_cost_api_github_job(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t                    currency, params[2];
    const char                  *why;
    cost_json_t                  j;
    ngx_http_request_t          *r;
    ngx_http_cost_api_github_t  *gh;

    r = ctx->request;
    gh = ctx->data;

    /* it holds a cost_decimal_t, which wants 16 bytes */

    gh->job = ngx_pmemalign(r->pool, sizeof(cost_github_job_t), 16);
    if (gh->job == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (cost_github_price(&gh->told, gh->job, &why) != COST_OK) {
        return ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST, "%s", why);
    }

    ngx_http_cost_pg_text(ctx->result, 0, NGX_HTTP_COST_API_GITHUB_CURRENCY,
                          &currency);

    gh->currency.len = currency.len;
    gh->currency.data = ngx_pstrdup(r->pool, &currency);
    if (gh->currency.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cost_json_init(&j, NULL, 0);
    ngx_http_cost_api_github_job_write(&j, gh);

    params[0] = gh->organization;
    params[1].len = cost_json_length(&j);
    params[1].data = ngx_pnalloc(r->pool, params[1].len);
    if (params[1].data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cost_json_init(&j, params[1].data, params[1].len);
    ngx_http_cost_api_github_job_write(&j, gh);

    ngx_str_set(&gh->status, "stored");

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_ci_add, params,
                                   NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_github_stored);
}


/* ci_add.sql's jobs: an array of this one */

static void
ngx_http_cost_api_github_job_write(cost_json_t *j,
    ngx_http_cost_api_github_t *gh)
{
    cost_github_event_t  *told;

    told = &gh->told;

    cost_json_array(j);
    cost_json_object(j);
    cost_json_name(j, "owner");
    cost_json_string(j, told->owner.data, told->owner.len);
    cost_json_name(j, "repository");
    cost_json_string(j, told->repository.data, told->repository.len);
    cost_json_name(j, "workflow");
    cost_json_string(j, told->workflow.data, told->workflow.len);
    cost_json_name(j, "workflow_id");
    cost_json_null(j);
    cost_json_name(j, "run_id");
    cost_json_integer(j, told->run_id);
    cost_json_name(j, "attempt");
    cost_json_integer(j, told->attempt);
    cost_json_name(j, "job_id");
    cost_json_integer(j, told->id);
    cost_json_name(j, "job");
    cost_json_string(j, told->name.data, told->name.len);
    cost_json_name(j, "runner");
    cost_json_string(j, told->labels.data, told->labels.len);
    cost_json_name(j, "conclusion");

    if (told->conclusion.len) {
        cost_json_string(j, told->conclusion.data, told->conclusion.len);

    } else {
        cost_json_null(j);
    }

    cost_json_name(j, "started");
    cost_json_integer(j, gh->job->started);
    cost_json_name(j, "completed");
    cost_json_integer(j, gh->job->completed);
    cost_json_name(j, "minutes");
    cost_json_integer(j, gh->job->minutes);
    cost_json_name(j, "usd");

    if (gh->job->priced) {
        cost_json_decimal(j, gh->job->cost, COST_DECIMAL_PLACES, 0);

    } else {
        cost_json_null(j);
    }

    cost_json_object_end(j);
    cost_json_array_end(j);
}


static ngx_int_t
ngx_http_cost_api_github_stored(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_github_t  *gh;

    gh = ctx->data;

    if (ngx_http_cost_pg_rows(ctx->result) == 0 && !gh->job->priced) {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                        "The price of the job's runner is "
                                        "not known by its labels: the "
                                        "operator can add one of them");
    }

    if (ngx_http_cost_pg_rows(ctx->result) == 0) {
        return ngx_http_cost_api_ci_rateless(ctx->request, &gh->currency);
    }

    /* converted, or at the organization's own price */

    gh->job->cost = ngx_http_cost_api_amount(ctx, 0,
                                             NGX_HTTP_COST_API_GITHUB_COST);

    /* the jobs of this run need not be told anything */

    gh->told.owner.len = 0;

    return ngx_http_cost_api_github_seen(ctx);
}


static ngx_int_t
ngx_http_cost_api_github_seen(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t                    params[7];
    ngx_uint_t                   i;
    ngx_http_cost_api_github_t  *gh;

    gh = ctx->data;

    params[0] = gh->organization;
    params[1] = gh->id;

    for (i = 2; i < 7; i++) {
        ngx_http_cost_api_param_null(&params[i]);
    }

    if (gh->told.owner.len) {
        params[2].len = gh->told.owner.len;
        params[2].data = (u_char *) gh->told.owner.data;
        params[3].len = gh->told.repository.len;
        params[3].data = (u_char *) gh->told.repository.data;

        if (ngx_http_cost_api_param_integer(ctx, &params[4], gh->told.id)
            != NGX_OK
            || (gh->told.workflow_id
                && ngx_http_cost_api_param_integer(ctx, &params[5],
                                                   gh->told.workflow_id)
                   != NGX_OK))
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        if (gh->told.name.len) {
            params[6].len = gh->told.name.len;
            params[6].data = (u_char *) gh->told.name.data;
        }
    }

    return ngx_http_cost_api_query(ctx, &ngx_http_cost_sql_ci_receiver_seen,
                                   params, NGX_HTTP_COST_PG_FAST,
                                   ngx_http_cost_api_github_done);
}


static ngx_int_t
ngx_http_cost_api_github_done(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_github_t  *gh;

    gh = ctx->data;

    return ngx_http_cost_http_send(ctx->request,
                                   gh->status.data[0] == 'i'
                                   ? NGX_HTTP_ACCEPTED : NGX_HTTP_OK,
                                   ngx_http_cost_api_github_write, ctx);
}


static void
ngx_http_cost_api_github_write(cost_json_t *j, void *data)
{
    ngx_http_cost_api_ctx_t *ctx = data;

    ngx_http_cost_api_github_t  *gh;

    gh = ctx->data;

    ngx_http_cost_api_open(ctx, j);
    cost_json_object(j);
    cost_json_name(j, "event");
    cost_json_string(j, gh->event.data, gh->event.len);
    cost_json_name(j, "status");
    cost_json_string(j, gh->status.data, gh->status.len);

    if (gh->job) {
        cost_json_name(j, "job_id");
        cost_json_integer(j, gh->told.id);
        cost_json_name(j, "minutes");
        cost_json_integer(j, gh->job->minutes);
        cost_json_name(j, "cost");
        cost_json_decimal(j, gh->job->cost, 6, 2);
    }

    cost_json_object_end(j);
    ngx_http_cost_api_meta(j);
    ngx_http_cost_api_close(ctx, j);
}


/* a header that nginx does not know; NULL: it is not there */

static ngx_str_t *
ngx_http_cost_api_github_header(ngx_http_request_t *r, char *name)
{
    size_t            len;
    ngx_uint_t        i;
    ngx_table_elt_t  *header;
    ngx_list_part_t  *part;

    len = ngx_strlen(name);
    part = &r->headers_in.headers.part;
    header = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                return NULL;
            }

            part = part->next;
            header = part->elts;
            i = 0;
        }

        if (header[i].key.len == len
            && ngx_strncasecmp(header[i].key.data, (u_char *) name, len) == 0)
        {
            return &header[i].value;
        }
    }
}


static ngx_int_t
ngx_http_cost_api_github_refuse(ngx_http_cost_api_ctx_t *ctx)
{
    return ngx_http_cost_http_error(ctx->request, NGX_HTTP_UNAUTHORIZED,
                                    "Invalid signature");
}
