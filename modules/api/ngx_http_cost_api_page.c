
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Large lists: "limit" and "cursor" in, meta.count and meta.next_cursor out.
 * A statement of a list is asked for one row more than is shown: it tells
 * whether there is another page.
 */


#include "api/ngx_http_cost_api.h"


ngx_int_t
ngx_http_cost_api_page(ngx_http_cost_api_ctx_t *ctx,
    const cost_query_value_t *limit, const cost_query_value_t *cursor,
    ngx_uint_t usual, ngx_http_cost_api_page_t *page)
{
    ngx_memzero(page, sizeof(ngx_http_cost_api_page_t));

    page->limit = limit->set ? (ngx_uint_t) limit->integer : usual;

    if (cursor->set
        && cost_cursor_parse(cursor->text, &page->after) != COST_OK)
    {
        return ngx_http_cost_http_error(ctx->request, NGX_HTTP_BAD_REQUEST,
                                        "cursor must be the next_cursor of "
                                        "another reply");
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_cost_api_page_params(ngx_http_cost_api_ctx_t *ctx,
    const ngx_http_cost_api_page_t *page, ngx_str_t *after, ngx_str_t *limit)
{
    if (ngx_http_cost_api_param_integer(ctx, after, page->after) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_cost_api_param_integer(ctx, limit, page->limit + 1);
}


ngx_uint_t
ngx_http_cost_api_page_rows(ngx_http_cost_api_ctx_t *ctx,
    ngx_http_cost_api_page_t *page)
{
    ngx_uint_t  rows;

    rows = ngx_http_cost_pg_rows(ctx->result);

    page->more = (rows > page->limit);
    page->rows = rows - page->more;

    return page->rows;
}


void
ngx_http_cost_api_page_cursor(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    const ngx_http_cost_api_page_t *page, ngx_uint_t column)
{
    size_t   len;
    uint8_t  cursor[COST_CURSOR_LEN];

    cost_json_name(j, "next_cursor");

    if (!page->more) {
        cost_json_null(j);
        return;
    }

    len = cost_cursor_format(ngx_http_cost_api_number(ctx, page->rows - 1,
                                                      column),
                             cursor);
    cost_json_string(j, cursor, len);
}


void
ngx_http_cost_api_page_meta(ngx_http_cost_api_ctx_t *ctx, cost_json_t *j,
    const ngx_http_cost_api_page_t *page, ngx_uint_t column)
{
    cost_json_name(j, "count");
    cost_json_integer(j, page->rows);

    ngx_http_cost_api_page_cursor(ctx, j, page, column);
}
