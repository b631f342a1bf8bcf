
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What the resources share: the state of a request, the route to them, and
 * how they ask the database.  Of other rooms only metrics/ includes this, for
 * which there is something at the end.
 *
 * A resource is a file: its handler reads its parameters, names its statement
 * and leaves; its "done" function writes the reply from the result.  To add
 * one: its file, its row in ngx_http_cost_api_route.c, its .sql, its test.
 */


#ifndef _NGX_HTTP_COST_API_H_INCLUDED_
#define _NGX_HTTP_COST_API_H_INCLUDED_


#include "ngx_http_cost.h"
#include "http/ngx_http_cost_http.h"
#include "pg/ngx_http_cost_pg.h"
#include "key/ngx_http_cost_key.h"


typedef struct ngx_http_cost_api_ctx_s  ngx_http_cost_api_ctx_t;
typedef struct ngx_http_cost_api_zone_s  ngx_http_cost_api_zone_t;
typedef struct ngx_http_cost_api_flight_s  ngx_http_cost_api_flight_t;

/*
 * Returns what a content handler returns.  What is kept for it in a pool must
 * hold no cost_decimal_t: pools align to 8 bytes, and an __int128 wants 16.
 */
typedef ngx_int_t (*ngx_http_cost_api_handler_pt)(
    ngx_http_cost_api_ctx_t *ctx);


typedef struct ngx_http_cost_api_route_s  ngx_http_cost_api_route_t;


struct ngx_http_cost_api_ctx_s {
    ngx_http_request_t               *request;
    const ngx_http_cost_api_route_t  *route;
    const ngx_http_cost_key_t        *key;   /* NULL where none is needed */
    cost_str_t                        ids[COST_ROUTE_IDS];
    cost_time_t                       now;

    /* while "done" runs, and only then */
    ngx_http_cost_pg_result_t        *result;

    ngx_http_cost_api_handler_pt      done;
    void                             *data;  /* the resource's own */

    ngx_http_cost_api_flight_t       *flight;    /* NULL: without a cache */
};


typedef struct {
    ngx_http_cost_api_zone_t      *zone;     /* of cost_cache_zone, or NULL */

    /* of cost_openapi; NULL: there is none */
    ngx_str_t                      openapi;
    ngx_str_t                      openapi_etag;

    /* of the worker: requests that wait for another's answer */
    ngx_queue_t                    waiting;
    ngx_event_t                    look;
    ngx_connection_t               connection;
} ngx_http_cost_api_main_conf_t;


struct ngx_http_cost_api_route_s {
    cost_str_t                     path;     /* below the prefix */
    ngx_uint_t                     methods;  /* NGX_HTTP_GET and so on */
    ngx_uint_t                     permission;   /* 0: no key is needed */
    ngx_http_cost_api_handler_pt   handler;
};


/*
 * The row for a path and a method.  NULL: there is none, and *methods are
 * those that the path has, 0 when nobody knows the path.
 */
const ngx_http_cost_api_route_t *ngx_http_cost_api_route(ngx_str_t *uri,
    ngx_uint_t method, cost_str_t *ids, ngx_uint_t *methods);

/*
 * Runs a statement, then "done", whose result ends the request.  Where the
 * database fails the client gets a 503 or 500 and "done" is not called.
 */
ngx_int_t ngx_http_cost_api_query(ngx_http_cost_api_ctx_t *ctx,
    const ngx_http_cost_sql_t *statement, ngx_str_t *params,
    ngx_http_cost_pg_lane_e lane, ngx_http_cost_api_handler_pt done);

/*
 * The same for a statement that only reads, through the cache of
 * cost_cache_zone: the text that "done" sends depends on nothing but the
 * statement, its parameters, the key's currency and wording, and "variant",
 * which is below 256.
 */
ngx_int_t ngx_http_cost_api_cached(ngx_http_cost_api_ctx_t *ctx,
    const ngx_http_cost_sql_t *statement, ngx_str_t *params,
    ngx_uint_t variant, ngx_http_cost_pg_lane_e lane,
    ngx_http_cost_api_handler_pt done);

/* for ngx_http_cost_api_reply.c: how a flight ends; see _cache.h */
void ngx_http_cost_api_flight_init(ngx_http_cost_api_main_conf_t *amcf);
void ngx_http_cost_api_flight_share(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *text, ngx_str_t *etag);
void ngx_http_cost_api_flight_end(ngx_http_cost_api_ctx_t *ctx);

/* NGX_DECLINED, or an old answer was sent instead */
ngx_int_t ngx_http_cost_api_flight_stale(ngx_http_cost_api_ctx_t *ctx);

/* the response for an rc of ngx_http_cost_pg_handler_pt that is not NGX_OK */
ngx_int_t ngx_http_cost_api_unavailable(ngx_http_request_t *r, ngx_int_t rc);


/*
 * {"data": ..., "meta": {..., "generated_at": ...}}, with "success": true in
 * front for Cost Optix's plans.  Between open and meta the caller writes the
 * value of data, between meta and close further members of meta.
 */
void ngx_http_cost_api_open(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j);
void ngx_http_cost_api_meta(cost_json_t *j);
void ngx_http_cost_api_close(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j);

/* sends what "write" writes */
ngx_int_t ngx_http_cost_api_send(ngx_http_cost_api_ctx_t *ctx,
    ngx_http_cost_http_write_pt write);


/* values of the result's columns; a NULL is a null in the reply */

void ngx_http_cost_api_put_text(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row, ngx_uint_t column);
void ngx_http_cost_api_put_integer(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row, ngx_uint_t column);
void ngx_http_cost_api_put_money(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row, ngx_uint_t column);
void ngx_http_cost_api_put_time(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row, ngx_uint_t column);

/*
 * The same as a table: the members of an object, in their order, up to one
 * without a name.
 */

typedef enum {
    NGX_HTTP_COST_API_TEXT = 0,
    NGX_HTTP_COST_API_INTEGER,
    NGX_HTTP_COST_API_MONEY,
    NGX_HTTP_COST_API_EXACT,     /* money, with up to six decimals */
    NGX_HTTP_COST_API_PERCENT,   /* one decimal */
    NGX_HTTP_COST_API_DATE,      /* days since 1970 */
    NGX_HTTP_COST_API_TIME,      /* seconds since 1970 */
    NGX_HTTP_COST_API_BOOL,
    NGX_HTTP_COST_API_JSON       /* as the database wrote it */
} ngx_http_cost_api_kind_e;

typedef struct {
    cost_str_t                name;
    ngx_http_cost_api_kind_e  kind;
    ngx_uint_t                column;
} ngx_http_cost_api_member_t;

#define ngx_http_cost_api_null_member                                         \
    { { 0, NULL }, NGX_HTTP_COST_API_TEXT, 0 }

void ngx_http_cost_api_put_object(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row,
    const ngx_http_cost_api_member_t *members);

/* into an object that is open */
void ngx_http_cost_api_put_members(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row,
    const ngx_http_cost_api_member_t *members);

/* exact; a NULL is 0 */
cost_decimal_t ngx_http_cost_api_amount(ngx_http_cost_api_ctx_t *ctx,
    ngx_uint_t row, ngx_uint_t column);

/* an integer column; a NULL is 0 */
int64_t ngx_http_cost_api_number(ngx_http_cost_api_ctx_t *ctx,
    ngx_uint_t row, ngx_uint_t column);


/* parameters of a statement; NGX_ERROR: no memory */

ngx_int_t ngx_http_cost_api_param_integer(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *param, int64_t n);
ngx_int_t ngx_http_cost_api_param_date(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *param, cost_day_t day);

/*
 * What stands in a path for an object that has a uuid and an integer id: one
 * of the two parameters is set, the other NULL.  NGX_DECLINED: it is neither.
 */
ngx_int_t ngx_http_cost_api_param_id(ngx_http_cost_api_ctx_t *ctx,
    cost_str_t *id, ngx_str_t *uuid, ngx_str_t *integer);

/*
 * The uuid that stands in a path, as the database writes it.  NGX_DECLINED:
 * it is none.
 */
ngx_int_t ngx_http_cost_api_param_uuid(ngx_http_cost_api_ctx_t *ctx,
    cost_str_t *id, ngx_str_t *uuid);

/*
 * A page of a large list: ngx_http_cost_api_page.c.  Of the query parameters
 * "limit" and "cursor" it is made; NGX_OK, or the 400 for a cursor that no
 * reply had.  "usual" is the limit where none is given.
 */

typedef struct {
    ngx_uint_t                     limit;
    int64_t                        after;    /* an id; 0: from the first */
    ngx_uint_t                     rows;     /* to show */
    ngx_uint_t                     more;     /* is there another page? */
} ngx_http_cost_api_page_t;

ngx_int_t ngx_http_cost_api_page(ngx_http_cost_api_ctx_t *ctx,
    const cost_query_value_t *limit, const cost_query_value_t *cursor,
    ngx_uint_t usual, ngx_http_cost_api_page_t *page);

/* the statement's: the id, and a row more than is shown */
ngx_int_t ngx_http_cost_api_page_params(ngx_http_cost_api_ctx_t *ctx,
    const ngx_http_cost_api_page_t *page, ngx_str_t *after, ngx_str_t *limit);

/* when the result is there: page->rows, which it returns, and page->more */
ngx_uint_t ngx_http_cost_api_page_rows(ngx_http_cost_api_ctx_t *ctx,
    ngx_http_cost_api_page_t *page);

/* next_cursor, of the id in "column" of the last row; with count in front */
void ngx_http_cost_api_page_cursor(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, const ngx_http_cost_api_page_t *page, ngx_uint_t column);
void ngx_http_cost_api_page_meta(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, const ngx_http_cost_api_page_t *page, ngx_uint_t column);


/*
 * What was made: its Location, "path" and its id.  NGX_ERROR: no memory.
 * What was deleted: sends {"deleted": true, "id": ...}, the id being the first
 * column of the result's first row.
 */
ngx_int_t ngx_http_cost_api_location(ngx_http_cost_api_ctx_t *ctx,
    const char *path, ngx_str_t *id);
ngx_int_t ngx_http_cost_api_deleted(ngx_http_cost_api_ctx_t *ctx);


/*
 * Waiting for what shows in the database: ngx_http_cost_api_wait.c.  "look" is
 * called after each pause, and asks; its "done" waits on, or replies.  "wait"
 * lives in the pool of the request, and waits for "most" ms in all.
 */

#define NGX_HTTP_COST_API_WAIT_PAUSE  50

typedef struct {
    ngx_event_t                    timer;
    ngx_msec_t                     most;
    ngx_msec_t                     deadline;
    ngx_uint_t                     begun;
    ngx_http_cost_api_handler_pt   look;
} ngx_http_cost_api_wait_t;

/* NGX_ERROR: no memory */
ngx_int_t ngx_http_cost_api_wait_init(ngx_http_cost_api_ctx_t *ctx,
    ngx_http_cost_api_wait_t *wait, ngx_msec_t most,
    ngx_http_cost_api_handler_pt look);

/*
 * NGX_DONE, which the caller returns, or NGX_DECLINED: its time, from the
 * first call on, is over.
 */
ngx_int_t ngx_http_cost_api_wait(ngx_http_cost_api_ctx_t *ctx,
    ngx_http_cost_api_wait_t *wait);


/*
 * cost=billed|effective|list|contracted, of every endpoint that reads costs:
 * the words of the query parameter, and the statement's for one of them.
 */
extern const cost_str_t  ngx_http_cost_api_kinds[];

#define ngx_http_cost_api_param_kind(param, kind)                             \
    (param)->len = ngx_http_cost_api_kinds[kind].len;                         \
    (param)->data = (u_char *) ngx_http_cost_api_kinds[kind].data

#define ngx_http_cost_api_param_null(param)  ngx_str_null(param)

/* the organization of the request's key, which every statement begins with */
#define ngx_http_cost_api_param_organization(ctx, param)                      \
    ngx_http_cost_api_param_integer(ctx, param, (ctx)->key->organization)


/*
 * The "notifications" of a body, an NGX_HTTP_COST_HTTP_ARRAY: the array's
 * text becomes the one that is stored and shown.  NGX_OK, or the 400 that
 * names what is wrong.
 */
ngx_int_t ngx_http_cost_api_notifications(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *text);


/* one account: the row of accounts_find.sql and its like */
void ngx_http_cost_api_account_write(cost_json_t *j, void *data);

/* the same 404 for one that does not exist and one that is another's */
ngx_int_t ngx_http_cost_api_account_unknown(ngx_http_cost_api_ctx_t *ctx);


/* "cost_openapi file;" in http */
char *ngx_http_cost_api_openapi_file(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* the resources */

ngx_int_t ngx_http_cost_api_openapi(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_ready(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_auth_info(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_accounts(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_account(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_account_add(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_account_rename(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_account_delete(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_costs(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_overview(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_trend(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_forecast(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_anomalies(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_anomaly_dismiss(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_sync(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_sync_job(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_alerts(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_alerts_cloudk(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_alert(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_alert_add(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_alert_change(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_alert_delete(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_alert_test(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_recommendations(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_recommendation(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_recommendation_change(
    ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_github(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_receiver(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_receiver_set(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_receiver_delete(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_ci_add(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_ci_list(ngx_http_cost_api_ctx_t *ctx);

/* 400: ci_add.sql has stored nothing */
ngx_int_t ngx_http_cost_api_ci_rateless(ngx_http_request_t *r,
    const ngx_str_t *currency);

ngx_int_t ngx_http_cost_api_keys(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_key(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_key_add(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_key_change(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_key_rotate(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_key_revoke(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_budgets(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_budget(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_budget_add(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_budget_change(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_budget_delete(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_webhooks(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_webhook(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_webhook_add(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_webhook_change(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_webhook_delete(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_webhook_rotate(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_webhook_test(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_deliveries(ngx_http_cost_api_ctx_t *ctx);
ngx_int_t ngx_http_cost_api_delivery_again(ngx_http_cost_api_ctx_t *ctx);


/*
 * For metrics: routes have numbers, those of the tables, then one for paths
 * that nobody knows and one for cost_health.  route_of(): NGX_DECLINED: the
 * request's location is not the API's.
 */
ngx_uint_t ngx_http_cost_api_routes(void);
ngx_int_t ngx_http_cost_api_route_of(ngx_http_request_t *r);
void ngx_http_cost_api_route_labels(ngx_uint_t n, ngx_uint_t *methods,
    ngx_str_t *prefix, cost_str_t *path);

/* the numbers of a row of a table, and of the two others */
ngx_uint_t ngx_http_cost_api_route_number(
    const ngx_http_cost_api_route_t *route);
#define ngx_http_cost_api_route_unknown()  (ngx_http_cost_api_routes() - 2)
#define ngx_http_cost_api_route_health()   (ngx_http_cost_api_routes() - 1)

/* what the cache of this process has done; zeros without one */

typedef struct {
    ngx_uint_t                     hits;
    ngx_uint_t                     misses;
    ngx_uint_t                     waits;    /* for another's answer */
    ngx_uint_t                     stale;    /* sent, out of date */
    ngx_uint_t                     evicted;
    ngx_uint_t                     heard;    /* changes of costs */
} ngx_http_cost_api_counts_t;

void ngx_http_cost_api_counts(ngx_http_cost_api_counts_t *counts);


extern ngx_module_t  ngx_http_cost_api_module;


#endif /* _NGX_HTTP_COST_API_H_INCLUDED_ */
