
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The door of http/: what every handler shares.  Sending JSON, the error
 * wordings (also for the errors nginx itself makes), query parameters,
 * request bodies, and the headers that every response of the API carries.
 *
 * "cost_errors auto|cloudk|costoptix|cloudcostflow|infraaudit|cicosts|off"
 * in a location says that its responses are the API's: they carry
 * X-API-Version, and errors of whatever origin (nginx's own 400, 405, 413,
 * 414, 494, 5xx included; not those of an upstream) are JSON in that wording.
 * With "auto" the wording is what ngx_http_cost_http_set_wording() said for
 * this request, else CloudK's.
 */


#ifndef _NGX_HTTP_COST_HTTP_H_INCLUDED_
#define _NGX_HTTP_COST_HTTP_H_INCLUDED_


#include "ngx_http_cost.h"


/*
 * The wording of errors for this request, as its key's plan or the prefix of
 * the key it sent has it.  A location that names one itself wins.
 */
ngx_int_t ngx_http_cost_http_set_wording(ngx_http_request_t *r,
    cost_wording_e wording);
cost_wording_e ngx_http_cost_http_wording(ngx_http_request_t *r);

/*
 * Records what is wrong, and returns the status, for a phase or content
 * handler to return: the filters then make the body.  "fmt", as nginx's own
 * formats are, makes a complete sentence for the client, of which 2048 bytes
 * are kept; NULL: the standard text of the wording.
 *
 *     return ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST,
 *                                     "days must be 1 to 365");
 */
ngx_int_t ngx_http_cost_http_error(ngx_http_request_t *r, ngx_int_t status,
    const char *fmt, ...);

/* the same with a Retry-After of so many seconds, for 429 and 503 */
ngx_int_t ngx_http_cost_http_retry(ngx_http_request_t *r, ngx_int_t status,
    ngx_uint_t seconds, const char *fmt, ...);

/* 405 with an Allow of these methods, a mask of NGX_HTTP_GET and so on */
ngx_int_t ngx_http_cost_http_allow(ngx_http_request_t *r, ngx_uint_t methods);

/*
 * Sends a reply: "write" is called once with a buffer of some KB, and, if the
 * text did not fit, a second time with one of the right size; it must write
 * the same both times.  If-None-Match and HEAD are taken care of.  The ETag
 * of a 200 is weak: it stands for the text without its cost_json_stamp(), so
 * that it is the same as long as the data are.  Returns what
 * ngx_http_finalize_request() wants.
 */
typedef void (*ngx_http_cost_http_write_pt)(cost_json_t *j, void *data);

ngx_int_t ngx_http_cost_http_send(ngx_http_request_t *r, ngx_uint_t status,
    ngx_http_cost_http_write_pt write, void *data);

/*
 * The two halves of it, for a text that is kept, too.  NGX_OK, or the status
 * that ends the request.
 */
ngx_int_t ngx_http_cost_http_build(ngx_http_request_t *r,
    ngx_http_cost_http_write_pt write, void *data, ngx_str_t *text,
    ngx_str_t *etag);

/*
 * JSON that exists already and lives as long as the request; "etag" (with its
 * quotes) may be NULL.
 */
ngx_int_t ngx_http_cost_http_send_text(ngx_http_request_t *r,
    ngx_uint_t status, ngx_str_t *text, ngx_str_t *etag);

/* of the ETag that ngx_http_cost_http_build() makes */
#define NGX_HTTP_COST_HTTP_ETAG_LEN  (sizeof("W/\"0123456789abcdef\"") - 1)

/*
 * Adds a response header; what the strings point to must outlive the request.
 */
ngx_int_t ngx_http_cost_http_header(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value);


/*
 * Query parameters, declared as a table and read in one pass:
 *
 *     static const cost_query_param_t  params[] = {
 *         { cost_string("days"), COST_QUERY_INTEGER, 1, 365, NULL },
 *         ...
 *
 * A known one that is malformed, out of range, empty or repeated ends in a
 * 400 that names it and what is accepted; unknown ones are ignored.  The
 * kinds and the reader itself are pure: cost/cost_query.h.
 */
ngx_int_t ngx_http_cost_http_params(ngx_http_request_t *r,
    const cost_query_param_t *params, ngx_uint_t n,
    cost_query_value_t *values);

/*
 * Reads the whole request body (any Content-Type) into one buffer and calls
 * the handler; larger than client_max_body_size is nginx's 413.  Returns what
 * a content handler returns.
 */
typedef void (*ngx_http_cost_http_body_pt)(ngx_http_request_t *r,
    ngx_str_t *body);

ngx_int_t ngx_http_cost_http_body(ngx_http_request_t *r,
    ngx_http_cost_http_body_pt handler);


/*
 * A written body: a JSON object whose members are declared as a table.  It is
 * refused with a 400 that says why when it is not JSON, not an object, has a
 * member twice, one that is not in the table, one that is not as the table
 * has it, or lacks one that is required.
 *
 * A member of an object inside is a field with its path for a name:
 * "scope.type".
 */

typedef enum {
    NGX_HTTP_COST_HTTP_TEXT = 0, /* min..max characters without controls */
    NGX_HTTP_COST_HTTP_WORD,     /* min..max of a-z, 0-9, "-" and "_" */
    NGX_HTTP_COST_HTTP_ONE_OF,   /* one of some texts: what is none is empty,
                                    whoever knows them says which they are */
    NGX_HTTP_COST_HTTP_INTEGER,  /* min..max; its value is its text */
    NGX_HTTP_COST_HTTP_TEXT_OR_NULL,   /* the value of a null is empty */
    NGX_HTTP_COST_HTTP_AMOUNT,   /* min..max; its text, to 15 digits */
    NGX_HTTP_COST_HTTP_BOOL,     /* its value is "true" or "false" */
    NGX_HTTP_COST_HTTP_WORDS,    /* an array of min..max words, in which "."
                                    and "*" may be, too; its value is
                                    PostgreSQL's "{one,two}" */
    NGX_HTTP_COST_HTTP_INTEGERS, /* an array of 1 to 20 of min..max; its
                                    value is PostgreSQL's "{50,75}" */
    NGX_HTTP_COST_HTTP_ARRAY     /* an array of min..max objects; its value
                                    is for ngx_http_cost_http_items() */
} ngx_http_cost_http_field_e;

typedef struct {
    ngx_str_t                    name;
    ngx_http_cost_http_field_e   kind;
    ngx_uint_t                   min;
    ngx_uint_t                   max;
    ngx_uint_t                   required;
} ngx_http_cost_http_field_t;

/*
 * NGX_OK, with the value of each field of the table in "values": a copy in
 * r->pool, with a NULL data where the member is not there.  Else the status
 * for the handler to end the request with.
 */
ngx_int_t ngx_http_cost_http_fields(ngx_http_request_t *r, ngx_str_t *body,
    const ngx_http_cost_http_field_t *fields, ngx_uint_t n,
    ngx_str_t *values);

/*
 * The same for one object or an array of up to "max": the values of all, one
 * object's behind the other's.  What is wrong in an array is named by its
 * place, "[3].name".
 */
typedef struct {
    ngx_str_t                   *values;
    ngx_uint_t                   n;
    ngx_uint_t                   array;
} ngx_http_cost_http_rows_t;

ngx_int_t ngx_http_cost_http_rows(ngx_http_request_t *r, ngx_str_t *body,
    const ngx_http_cost_http_field_t *fields, ngx_uint_t n, ngx_uint_t max,
    ngx_http_cost_http_rows_t *rows);

/*
 * The same for the objects of an NGX_HTTP_COST_HTTP_ARRAY, named as
 * "name[3].type".
 */
ngx_int_t ngx_http_cost_http_items(ngx_http_request_t *r, ngx_str_t *text,
    ngx_str_t *name, const ngx_http_cost_http_field_t *fields, ngx_uint_t n,
    ngx_http_cost_http_rows_t *rows);


/*
 * All of a file that a directive names, relative to nginx.conf's directory,
 * in cf->pool; the name becomes a whole one.  NGX_ERROR: it has been said why
 * not, or it has more than "max" bytes.
 */
ngx_int_t ngx_http_cost_http_file(ngx_conf_t *cf, ngx_str_t *name, size_t max,
    ngx_str_t *text);


extern ngx_module_t  ngx_http_cost_http_module;


#endif /* _NGX_HTTP_COST_HTTP_H_INCLUDED_ */
