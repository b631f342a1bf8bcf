
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Questions that the cache may answer.  Of the requests that ask the same at
 * once one leads, which is an ordinary query; the others stand in a queue of
 * their worker.  They look again when a flight of this worker ends, and every
 * few milliseconds, as the leader may be in another worker.
 *
 * A request leaves the queue before it is ended, and a cleanup of its pool
 * takes it out, or lets somebody else lead, when its client is gone.
 */


#include "api/ngx_http_cost_api_cache.h"


/* how often those who wait look, ms */

#define NGX_HTTP_COST_API_FLIGHT_LOOK  5

/*
 * How long before they take the flight for lost, ms: its worker may have been
 * killed.  Then one of them leads, and the others wait for that one.
 */

#define NGX_HTTP_COST_API_FLIGHT_PATIENCE       6000
#define NGX_HTTP_COST_API_FLIGHT_SLOW_PATIENCE  60000


struct ngx_http_cost_api_flight_s {
    ngx_http_cost_api_question_t    question;
    ngx_http_cost_api_ctx_t        *ctx;
    ngx_http_cost_api_main_conf_t  *amcf;

    const ngx_http_cost_sql_t      *statement;
    ngx_str_t                      *params;
    ngx_http_cost_pg_lane_e         lane;
    ngx_http_cost_api_handler_pt    done;

    ngx_queue_t                     queue;
    ngx_msec_t                      until;
    unsigned                        leading:1;
    unsigned                        waiting:1;
    unsigned                        guarded:1;   /* has its cleanup */
};


static ngx_int_t ngx_http_cost_api_flight_key(
    ngx_http_cost_api_flight_t *flight, ngx_uint_t variant);
static ngx_int_t ngx_http_cost_api_flight_try(
    ngx_http_cost_api_flight_t *flight);
static ngx_int_t ngx_http_cost_api_flight_guard(
    ngx_http_cost_api_flight_t *flight);
static ngx_int_t ngx_http_cost_api_flight_query(
    ngx_http_cost_api_flight_t *flight);
static void ngx_http_cost_api_flight_wait(
    ngx_http_cost_api_flight_t *flight);
static void ngx_http_cost_api_flight_wake(
    ngx_http_cost_api_main_conf_t *amcf);
static void ngx_http_cost_api_flight_look(ngx_event_t *ev);
static void ngx_http_cost_api_flight_cleanup(void *data);


static ngx_str_t  ngx_http_cost_api_flight_warning_name =
    ngx_string("Warning");
static ngx_str_t  ngx_http_cost_api_flight_warning_value =
    ngx_string("110 - \"Response is Stale\"");
static ngx_str_t  ngx_http_cost_api_flight_age_name = ngx_string("Age");


ngx_int_t
ngx_http_cost_api_cached(ngx_http_cost_api_ctx_t *ctx,
    const ngx_http_cost_sql_t *statement, ngx_str_t *params,
    ngx_uint_t variant, ngx_http_cost_pg_lane_e lane,
    ngx_http_cost_api_handler_pt done)
{
    ngx_int_t                       rc;
    ngx_http_request_t             *r;
    ngx_http_cost_api_flight_t     *flight;
    ngx_http_cost_api_main_conf_t  *amcf;

    r = ctx->request;

    amcf = ngx_http_get_module_main_conf(r, ngx_http_cost_api_module);

    if (amcf->zone == NULL) {
        return ngx_http_cost_api_query(ctx, statement, params, lane, done);
    }

    flight = ngx_pcalloc(r->pool, sizeof(ngx_http_cost_api_flight_t)
                                  + statement->nparams * sizeof(ngx_str_t));
    if (flight == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    flight->ctx = ctx;
    flight->amcf = amcf;
    flight->statement = statement;
    flight->lane = lane;
    flight->done = done;

    flight->params = (ngx_str_t *) &flight[1];
    ngx_memcpy(flight->params, params,
               statement->nparams * sizeof(ngx_str_t));

    if (ngx_http_cost_api_flight_key(flight, variant) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->flight = flight;

    rc = ngx_http_cost_api_flight_try(flight);

    if (rc != NGX_AGAIN) {
        return rc;
    }

    if (ngx_http_cost_api_flight_guard(flight) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    flight->waiting = 1;
    ngx_http_cost_api_flight_wait(flight);

    ngx_queue_insert_tail(&amcf->waiting, &flight->queue);

    if (!amcf->look.timer_set) {
        ngx_add_timer(&amcf->look, NGX_HTTP_COST_API_FLIGHT_LOOK);
    }

    r->read_event_handler = ngx_http_test_reading;
    r->main->count++;

    return NGX_DONE;
}


/*
 * The statement, its parameters each with its length, and what the text
 * depends on besides: the currency, the envelope, the resource's variant.
 */

static ngx_int_t
ngx_http_cost_api_flight_key(ngx_http_cost_api_flight_t *flight,
    ngx_uint_t variant)
{
    int                         i, n;
    size_t                      size, len;
    u_char                     *p;
    ngx_str_t                  *param;
    const ngx_http_cost_key_t  *key;

    key = flight->ctx->key;
    n = flight->statement->nparams;

    len = ngx_strlen(flight->statement->name);
    size = len + 3 + key->currency.len;

    for (i = 0; i < n; i++) {
        size += sizeof(uint32_t) + flight->params[i].len;
    }

    p = ngx_pnalloc(flight->ctx->request->pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    flight->question.key.len = size;
    flight->question.key.data = p;

    p = ngx_cpymem(p, flight->statement->name, len);
    *p++ = '\0';
    *p++ = (key->wording == COST_WORDING_COSTOPTIX);
    *p++ = (u_char) variant;
    p = ngx_cpymem(p, key->currency.data, key->currency.len);

    for (i = 0; i < n; i++) {
        param = &flight->params[i];

        /* a NULL is not an empty text */

        *(p++) = (param->data == NULL);
        *(p++) = (u_char) (param->len >> 16);
        *(p++) = (u_char) (param->len >> 8);
        *(p++) = (u_char) param->len;

        if (param->len) {
            p = ngx_cpymem(p, param->data, param->len);
        }
    }

    flight->question.organization = key->organization;
    flight->question.hash = cost_hash(flight->question.key.data, size, 0);

    return NGX_OK;
}


/* NGX_AGAIN: to be waited for; else what a content handler returns */

static ngx_int_t
ngx_http_cost_api_flight_try(ngx_http_cost_api_flight_t *flight)
{
    ngx_int_t                   rc;
    ngx_http_request_t         *r;
    ngx_http_cost_api_entry_t   entry;

    r = flight->ctx->request;

    rc = ngx_http_cost_api_cache_enter(flight->amcf->zone, r->pool,
                                       &flight->question, &entry);

    switch (rc) {

    case NGX_OK:
        return ngx_http_cost_http_send_text(r, NGX_HTTP_OK, &entry.text,
                                            &entry.etag);

    case NGX_AGAIN:
        return NGX_AGAIN;

    case NGX_DECLINED:
        flight->leading = 1;

        if (ngx_http_cost_api_flight_guard(flight) != NGX_OK) {
            ngx_http_cost_api_flight_end(flight->ctx);
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        break;

    default:
        /* NGX_ABORT, NGX_ERROR: as if there were no cache */
        break;
    }

    return ngx_http_cost_api_flight_query(flight);
}


static ngx_int_t
ngx_http_cost_api_flight_query(ngx_http_cost_api_flight_t *flight)
{
    ngx_int_t  rc;

    rc = ngx_http_cost_api_query(flight->ctx, flight->statement,
                                 flight->params, flight->lane, flight->done);

    if (rc != NGX_DONE) {
        ngx_http_cost_api_flight_end(flight->ctx);
    }

    return rc;
}


static ngx_int_t
ngx_http_cost_api_flight_guard(ngx_http_cost_api_flight_t *flight)
{
    ngx_pool_cleanup_t  *cln;

    if (flight->guarded) {
        return NGX_OK;
    }

    cln = ngx_pool_cleanup_add(flight->ctx->request->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_cost_api_flight_cleanup;
    cln->data = flight;

    flight->guarded = 1;

    return NGX_OK;
}


void
ngx_http_cost_api_flight_share(ngx_http_cost_api_ctx_t *ctx, ngx_str_t *text,
    ngx_str_t *etag)
{
    ngx_http_cost_api_flight_t  *flight;

    flight = ctx->flight;

    if (flight == NULL || !flight->leading) {
        return;
    }

    flight->leading = 0;

    ngx_http_cost_api_cache_store(flight->amcf->zone, &flight->question,
                                  text, etag);
    ngx_http_cost_api_flight_wake(flight->amcf);
}


void
ngx_http_cost_api_flight_end(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_http_cost_api_flight_t  *flight;

    flight = ctx->flight;

    if (flight == NULL || !flight->leading) {
        return;
    }

    flight->leading = 0;

    ngx_http_cost_api_cache_leave(flight->amcf->zone, &flight->question, 0);
    ngx_http_cost_api_flight_wake(flight->amcf);
}


ngx_int_t
ngx_http_cost_api_flight_stale(ngx_http_cost_api_ctx_t *ctx)
{
    ngx_str_t                    age;
    ngx_http_request_t          *r;
    ngx_http_cost_api_entry_t    entry;
    ngx_http_cost_api_flight_t  *flight;

    r = ctx->request;
    flight = ctx->flight;

    if (flight == NULL
        || ngx_http_cost_api_cache_stale(flight->amcf->zone, r->pool,
                                         &flight->question, &entry)
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    age.data = ngx_pnalloc(r->pool, NGX_TIME_T_LEN);
    if (age.data == NULL) {
        return NGX_DECLINED;
    }

    age.len = ngx_sprintf(age.data, "%T", entry.age) - age.data;

    if (ngx_http_cost_http_header(r, &ngx_http_cost_api_flight_warning_name,
                                  &ngx_http_cost_api_flight_warning_value)
        != NGX_OK
        || ngx_http_cost_http_header(r, &ngx_http_cost_api_flight_age_name,
                                     &age)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_cost_http_send_text(r, NGX_HTTP_OK, &entry.text,
                                        &entry.etag);
}


/* patience is for one flight, from when it was first seen */

static void
ngx_http_cost_api_flight_wait(ngx_http_cost_api_flight_t *flight)
{
    flight->until = ngx_current_msec
                    + (flight->lane == NGX_HTTP_COST_PG_SLOW
                       ? NGX_HTTP_COST_API_FLIGHT_SLOW_PATIENCE
                       : NGX_HTTP_COST_API_FLIGHT_PATIENCE);
}


/* not from within a handler of somebody else's */

static void
ngx_http_cost_api_flight_wake(ngx_http_cost_api_main_conf_t *amcf)
{
    if (!ngx_queue_empty(&amcf->waiting)) {
        ngx_post_event(&amcf->look, &ngx_posted_events);
    }
}


void
ngx_http_cost_api_flight_init(ngx_http_cost_api_main_conf_t *amcf)
{
    ngx_queue_init(&amcf->waiting);

    /* debug logs print the descriptor of an event's connection */

    amcf->connection.fd = (ngx_socket_t) -1;
    amcf->look.data = &amcf->connection;
    amcf->look.handler = ngx_http_cost_api_flight_look;
}


static void
ngx_http_cost_api_flight_look(ngx_event_t *ev)
{
    ngx_int_t                       rc;
    ngx_msec_t                      deadline;
    ngx_queue_t                     queue, *q;
    ngx_connection_t               *c;
    ngx_http_request_t             *r;
    ngx_http_cost_api_flight_t     *flight;
    ngx_http_cost_api_main_conf_t  *amcf;

    amcf = ngx_queue_data(ev, ngx_http_cost_api_main_conf_t, look);

    if (ngx_queue_empty(&amcf->waiting)) {
        return;
    }

    /* all that wait now, once each; to end one may take others away */

    queue = amcf->waiting;
    queue.next->prev = &queue;
    queue.prev->next = &queue;
    ngx_queue_init(&amcf->waiting);

    while (!ngx_queue_empty(&queue)) {
        q = ngx_queue_head(&queue);
        ngx_queue_remove(q);

        flight = ngx_queue_data(q, ngx_http_cost_api_flight_t, queue);

        flight->question.impatient =
                   ((ngx_msec_int_t) (flight->until - ngx_current_msec) <= 0);
        deadline = flight->question.deadline;

        rc = ngx_http_cost_api_flight_try(flight);

        if (rc == NGX_AGAIN) {

            if (flight->question.deadline != deadline) {
                ngx_http_cost_api_flight_wait(flight);
            }

            ngx_queue_insert_tail(&amcf->waiting, q);
            continue;
        }

        flight->waiting = 0;

        r = flight->ctx->request;
        c = r->connection;

        ngx_http_finalize_request(r, rc);
        ngx_http_run_posted_requests(c);
    }

    if (!ngx_queue_empty(&amcf->waiting) && !amcf->look.timer_set) {
        ngx_add_timer(&amcf->look, NGX_HTTP_COST_API_FLIGHT_LOOK);
    }
}


static void
ngx_http_cost_api_flight_cleanup(void *data)
{
    ngx_http_cost_api_flight_t *flight = data;

    if (flight->waiting) {
        flight->waiting = 0;
        ngx_queue_remove(&flight->queue);
    }

    if (flight->leading) {
        flight->leading = 0;

        ngx_http_cost_api_cache_leave(flight->amcf->zone, &flight->question,
                                      1);
        ngx_http_cost_api_flight_wake(flight->amcf);
    }
}
