
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What the files of alerts share.  One table has two faces: /v1/alerts is
 * CICosts', with ids of "alert_" and 32 hexadecimal digits, /api/v1/alerts is
 * CloudK's, with uuids; both ids are accepted everywhere.
 */


#ifndef _NGX_HTTP_COST_API_ALERTS_H_INCLUDED_
#define _NGX_HTTP_COST_API_ALERTS_H_INCLUDED_


#include "api/ngx_http_cost_api.h"


/* the columns of alerts_list.sql and alerts_find.sql */

enum {
    NGX_HTTP_COST_API_ALERT_ID = 0,
    NGX_HTTP_COST_API_ALERT_UUID,
    NGX_HTTP_COST_API_ALERT_NAME,
    NGX_HTTP_COST_API_ALERT_TYPE,
    NGX_HTTP_COST_API_ALERT_STATUS,
    NGX_HTTP_COST_API_ALERT_SCOPE,
    NGX_HTTP_COST_API_ALERT_ACCOUNT,
    NGX_HTTP_COST_API_ALERT_ORG,
    NGX_HTTP_COST_API_ALERT_REPO,
    NGX_HTTP_COST_API_ALERT_WORKFLOW,
    NGX_HTTP_COST_API_ALERT_METRIC,
    NGX_HTTP_COST_API_ALERT_OPERATOR,
    NGX_HTTP_COST_API_ALERT_VALUE,
    NGX_HTTP_COST_API_ALERT_BASELINE,
    NGX_HTTP_COST_API_ALERT_NOTIFICATIONS,
    NGX_HTTP_COST_API_ALERT_COOLDOWN,
    NGX_HTTP_COST_API_ALERT_LAST,
    NGX_HTTP_COST_API_ALERT_CREATED,
    NGX_HTTP_COST_API_ALERT_UPDATED,
    NGX_HTTP_COST_API_ALERT_VERSION,

    /* of alerts_find.sql */
    NGX_HTTP_COST_API_ALERT_TRIGGERED,
    NGX_HTTP_COST_API_ALERT_AMOUNT,
    NGX_HTTP_COST_API_ALERT_RESOLVED,
    NGX_HTTP_COST_API_ALERT_PLACE
};


/* the fields of a written body */

enum {
    NGX_HTTP_COST_API_ALERT_F_NAME = 0,
    NGX_HTTP_COST_API_ALERT_F_TYPE,
    NGX_HTTP_COST_API_ALERT_F_STATUS,
    NGX_HTTP_COST_API_ALERT_F_SCOPE,
    NGX_HTTP_COST_API_ALERT_F_ACCOUNT,
    NGX_HTTP_COST_API_ALERT_F_ORG,
    NGX_HTTP_COST_API_ALERT_F_REPO,
    NGX_HTTP_COST_API_ALERT_F_WORKFLOW,
    NGX_HTTP_COST_API_ALERT_F_METRIC,
    NGX_HTTP_COST_API_ALERT_F_OPERATOR,
    NGX_HTTP_COST_API_ALERT_F_VALUE,
    NGX_HTTP_COST_API_ALERT_F_BASELINE,
    NGX_HTTP_COST_API_ALERT_F_NOTIFICATIONS,
    NGX_HTTP_COST_API_ALERT_F_COOLDOWN,
    NGX_HTTP_COST_API_ALERT_FIELDS
};


/* the parameters of alerts_add.sql, and two more of alerts_change.sql */

enum {
    NGX_HTTP_COST_API_ALERT_P_ORGANIZATION = 0,
    NGX_HTTP_COST_API_ALERT_P_NAME,
    NGX_HTTP_COST_API_ALERT_P_TYPE,
    NGX_HTTP_COST_API_ALERT_P_PAUSED,
    NGX_HTTP_COST_API_ALERT_P_SCOPE,
    NGX_HTTP_COST_API_ALERT_P_ACCOUNT,
    NGX_HTTP_COST_API_ALERT_P_ACCOUNT_ID,
    NGX_HTTP_COST_API_ALERT_P_ORG,
    NGX_HTTP_COST_API_ALERT_P_REPO,
    NGX_HTTP_COST_API_ALERT_P_WORKFLOW,
    NGX_HTTP_COST_API_ALERT_P_METRIC,
    NGX_HTTP_COST_API_ALERT_P_OPERATOR,
    NGX_HTTP_COST_API_ALERT_P_VALUE,
    NGX_HTTP_COST_API_ALERT_P_BASELINE,
    NGX_HTTP_COST_API_ALERT_P_NOTIFICATIONS,
    NGX_HTTP_COST_API_ALERT_P_COOLDOWN,
    NGX_HTTP_COST_API_ALERT_PARAMS,
    NGX_HTTP_COST_API_ALERT_P_UUID = NGX_HTTP_COST_API_ALERT_PARAMS,
    NGX_HTTP_COST_API_ALERT_P_VERSION
};


/* of a rehearsal */
#define NGX_HTTP_COST_API_ALERT_DAYS  365


typedef struct {
    ngx_str_t                  uuid;
    ngx_uint_t                 cicosts;  /* the face */
    ngx_http_cost_api_page_t   page;     /* of a list, or of history */
    ngx_uint_t                 place;    /* the column of its cursor */
    ngx_str_t                  type;     /* CloudK's, of a list */
    ngx_uint_t                 tries;    /* of a change */
    ngx_uint_t                 days;     /* of a rehearsal; 0: it is none */
    ngx_uint_t                 status;   /* of the reply */
    ngx_uint_t                 time;     /* the column of the reply's time */

    /* of a test */
    ngx_str_t                  event;
    ngx_http_cost_api_wait_t   wait;

    /* a NULL data: it is not there */
    ngx_str_t                  f[NGX_HTTP_COST_API_ALERT_FIELDS];
} ngx_http_cost_api_alert_t;


/* NULL: no memory */
ngx_http_cost_api_alert_t *ngx_http_cost_api_alert_data(
    ngx_http_cost_api_ctx_t *ctx);

/*
 * The first two parameters of most statements: the organization, and the
 * uuid in the path.  NGX_OK, or a status: 404 for what is no id.
 */
ngx_int_t ngx_http_cost_api_alert_params(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *params);

ngx_int_t ngx_http_cost_api_alert_unknown(ngx_http_cost_api_ctx_t *ctx);

/* the 400 of an account that is not the organization's */
ngx_int_t ngx_http_cost_api_alert_no_account(ngx_http_cost_api_ctx_t *ctx);

/*
 * A whole alert.  NGX_OK with its condition, which no pool may hold, or a
 * status.
 */
ngx_int_t ngx_http_cost_api_alert_check(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *f, cost_alert_condition_t *condition);

/* "params" are those of alerts_add.sql */
ngx_int_t ngx_http_cost_api_alert_rehearse(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *params);

/*
 * {"data": ...} on CICosts' face, with meta on CloudK's, and on either when
 * there is another page: the documents have none.
 */
void ngx_http_cost_api_alert_open(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j);
void ngx_http_cost_api_alert_close(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j);

/* a uuid as the face writes it: room for NGX_HTTP_COST_API_ALERT_ID_LEN */
#define NGX_HTTP_COST_API_ALERT_ID_LEN  (sizeof("alert_") - 1 + 32)

size_t ngx_http_cost_api_alert_format_id(ngx_http_cost_api_ctx_t *ctx,
    ngx_str_t *uuid, u_char *buf);

/* a value as its owner wrote it: 2000, 0.5 */
void ngx_http_cost_api_alert_value(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row, ngx_uint_t column);


#endif /* _NGX_HTTP_COST_API_ALERTS_H_INCLUDED_ */
