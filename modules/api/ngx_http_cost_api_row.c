
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The rows of a result in a reply: values, and objects of them.
 */


#include "api/ngx_http_cost_api.h"


typedef void (*ngx_http_cost_api_put_pt)(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row, ngx_uint_t column);


static ngx_uint_t ngx_http_cost_api_put_null(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row, ngx_uint_t column, ngx_str_t *text);
static void ngx_http_cost_api_put_exact(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row, ngx_uint_t column);
static void ngx_http_cost_api_put_percent(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row, ngx_uint_t column);
static void ngx_http_cost_api_put_date(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row, ngx_uint_t column);
static void ngx_http_cost_api_put_bool(ngx_http_cost_api_ctx_t *ctx,
    cost_json_t *j, ngx_uint_t row, ngx_uint_t column);


/* in the order of ngx_http_cost_api_kind_e */

static const ngx_http_cost_api_put_pt  ngx_http_cost_api_puts[] = {
    ngx_http_cost_api_put_text,
    ngx_http_cost_api_put_integer,
    ngx_http_cost_api_put_money,
    ngx_http_cost_api_put_exact,
    ngx_http_cost_api_put_percent,
    ngx_http_cost_api_put_date,
    ngx_http_cost_api_put_time,
    ngx_http_cost_api_put_bool,
    ngx_http_cost_api_put_integer
};


void
ngx_http_cost_api_put_object(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row, const ngx_http_cost_api_member_t *members)
{
    cost_json_object(j);
    ngx_http_cost_api_put_members(ctx, j, row, members);
    cost_json_object_end(j);
}


void
ngx_http_cost_api_put_members(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row, const ngx_http_cost_api_member_t *members)
{
    const ngx_http_cost_api_member_t  *m;

    for (m = members; m->name.len; m++) {
        cost_json_name_n(j, m->name.data, m->name.len);
        ngx_http_cost_api_puts[m->kind](ctx, j, row, m->column);
    }
}


/* is it one?  else its text */

static ngx_uint_t
ngx_http_cost_api_put_null(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row, ngx_uint_t column, ngx_str_t *text)
{
    ngx_http_cost_pg_text(ctx->result, row, column, text);

    if (text->data == NULL) {
        cost_json_null(j);
        return 1;
    }

    return 0;
}


void
ngx_http_cost_api_put_text(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row, ngx_uint_t column)
{
    ngx_str_t  text;

    if (!ngx_http_cost_api_put_null(ctx, j, row, column, &text)) {
        cost_json_string(j, text.data, text.len);
    }
}


void
ngx_http_cost_api_put_integer(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row, ngx_uint_t column)
{
    ngx_str_t  text;

    /* PostgreSQL writes an integer as JSON does */

    if (!ngx_http_cost_api_put_null(ctx, j, row, column, &text)) {
        cost_json_raw(j, text.data, text.len);
    }
}


void
ngx_http_cost_api_put_money(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row, ngx_uint_t column)
{
    ngx_str_t  text;

    if (!ngx_http_cost_api_put_null(ctx, j, row, column, &text)) {
        cost_json_money(j, ngx_http_cost_api_amount(ctx, row, column));
    }
}


void
ngx_http_cost_api_put_time(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row, ngx_uint_t column)
{
    ngx_str_t  text;

    if (!ngx_http_cost_api_put_null(ctx, j, row, column, &text)) {
        cost_json_time(j, ngx_http_cost_api_number(ctx, row, column));
    }
}


static void
ngx_http_cost_api_put_exact(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row, ngx_uint_t column)
{
    ngx_str_t  text;

    if (!ngx_http_cost_api_put_null(ctx, j, row, column, &text)) {
        cost_json_decimal(j, ngx_http_cost_api_amount(ctx, row, column),
                          6, 2);
    }
}


static void
ngx_http_cost_api_put_percent(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row, ngx_uint_t column)
{
    ngx_str_t  text;

    /* of nothing there is no percentage */

    if (!ngx_http_cost_api_put_null(ctx, j, row, column, &text)) {
        cost_json_decimal(j, ngx_http_cost_api_amount(ctx, row, column),
                          1, 1);
    }
}


static void
ngx_http_cost_api_put_date(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row, ngx_uint_t column)
{
    ngx_str_t  text;

    if (!ngx_http_cost_api_put_null(ctx, j, row, column, &text)) {
        cost_json_date(j, (cost_day_t)
                       ngx_http_cost_api_number(ctx, row, column));
    }
}


static void
ngx_http_cost_api_put_bool(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    ngx_uint_t row, ngx_uint_t column)
{
    ngx_str_t  text;

    if (!ngx_http_cost_api_put_null(ctx, j, row, column, &text)) {
        cost_json_bool(j, text.data[0] == 't');
    }
}


cost_decimal_t
ngx_http_cost_api_amount(ngx_http_cost_api_ctx_t *ctx, ngx_uint_t row,
    ngx_uint_t column)
{
    ngx_str_t       text;
    cost_decimal_t  amount;

    ngx_http_cost_pg_text(ctx->result, row, column, &text);

    if (text.data == NULL) {
        return 0;
    }

    if (cost_decimal_parse(text.data, text.len, &amount) != COST_OK) {

        /* 10^20 and more, which the import refuses */

        ngx_log_error(NGX_LOG_ALERT, ctx->request->connection->log, 0,
                      "cost api: \"%V\" is not an amount", &text);
        return 0;
    }

    return amount;
}


int64_t
ngx_http_cost_api_number(ngx_http_cost_api_ctx_t *ctx, ngx_uint_t row,
    ngx_uint_t column)
{
    u_char     *p, *last;
    int64_t     n;
    ngx_str_t   text;
    ngx_uint_t  minus;

    ngx_http_cost_pg_text(ctx->result, row, column, &text);

    p = text.data;
    last = text.data + text.len;

    minus = (text.len && *p == '-') ? 1 : 0;

    /* the server's own text of a bigint: its range needs no check */

    for (n = 0, p += minus; p < last; p++) {
        n = n * 10 - (*p - '0');
    }

    return minus ? n : -n;
}
