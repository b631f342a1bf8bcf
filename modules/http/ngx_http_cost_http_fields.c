
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Written bodies, read by jansson: small, rare, and never trusted.  What is
 * wanted of one is copied into the request's pool, and the tree freed at once.
 */


#include "http/ngx_http_cost_http.h"

#include <jansson.h>


static ngx_int_t ngx_http_cost_http_parse(ngx_http_request_t *r,
    ngx_str_t *body, json_t **root);
static ngx_int_t ngx_http_cost_http_read_rows(ngx_http_request_t *r,
    json_t *root, ngx_str_t *name, const ngx_http_cost_http_field_t *fields,
    ngx_uint_t n, ngx_http_cost_http_rows_t *rows);
static ngx_int_t ngx_http_cost_http_members(ngx_http_request_t *r,
    json_t *root, ngx_str_t *at, const ngx_http_cost_http_field_t *fields,
    ngx_uint_t n, ngx_str_t *values);
static ngx_int_t ngx_http_cost_http_object(ngx_http_request_t *r,
    json_t *root, ngx_str_t *at, ngx_str_t *path,
    const ngx_http_cost_http_field_t *fields, ngx_uint_t n,
    ngx_str_t *values);
static ngx_int_t ngx_http_cost_http_inner(ngx_http_request_t *r,
    json_t *value, ngx_str_t *at, ngx_str_t *name,
    const ngx_http_cost_http_field_t *fields, ngx_uint_t n,
    ngx_str_t *values);
static ngx_int_t ngx_http_cost_http_value(ngx_http_request_t *r,
    json_t *value, ngx_str_t *at, const ngx_http_cost_http_field_t *field,
    ngx_str_t *text);
static ngx_int_t ngx_http_cost_http_integer(ngx_http_request_t *r,
    json_t *value, ngx_str_t *at, const ngx_http_cost_http_field_t *field,
    ngx_str_t *text);
static ngx_int_t ngx_http_cost_http_amount(ngx_http_request_t *r,
    json_t *value, ngx_str_t *at, const ngx_http_cost_http_field_t *field,
    ngx_str_t *text);
static ngx_int_t ngx_http_cost_http_words(ngx_http_request_t *r,
    json_t *value, ngx_str_t *at, const ngx_http_cost_http_field_t *field,
    ngx_str_t *text);
static ngx_int_t ngx_http_cost_http_integers(ngx_http_request_t *r,
    json_t *value, ngx_str_t *at, const ngx_http_cost_http_field_t *field,
    ngx_str_t *text);
static ngx_int_t ngx_http_cost_http_array(ngx_http_request_t *r,
    json_t *value, ngx_str_t *at, const ngx_http_cost_http_field_t *field,
    ngx_str_t *text);
static ngx_uint_t ngx_http_cost_http_find(ngx_str_t *name,
    const ngx_http_cost_http_field_t *fields, ngx_uint_t n);
static ngx_int_t ngx_http_cost_http_unknown(ngx_http_request_t *r,
    ngx_str_t *name, ngx_str_t *at, const ngx_http_cost_http_field_t *fields,
    ngx_uint_t n);
static ngx_int_t ngx_http_cost_http_wrong(ngx_http_request_t *r,
    ngx_str_t *at, const ngx_http_cost_http_field_t *field);
static ngx_uint_t ngx_http_cost_http_fits(
    const ngx_http_cost_http_field_t *field, const u_char *p, size_t len);


/* of an unknown member's name, how much is shown */
#define NGX_HTTP_COST_HTTP_SHOWN  64

/* significant digits that a double keeps as they were written */
#define NGX_HTTP_COST_HTTP_DIGITS  15

/* numbers in an array of them */
#define NGX_HTTP_COST_HTTP_NUMBERS  20


/* in front of the name of a member of the body itself */
static ngx_str_t  ngx_http_cost_http_top = ngx_null_string;


ngx_int_t
ngx_http_cost_http_fields(ngx_http_request_t *r, ngx_str_t *body,
    const ngx_http_cost_http_field_t *fields, ngx_uint_t n,
    ngx_str_t *values)
{
    json_t     *root;
    ngx_int_t   rc;

    rc = ngx_http_cost_http_parse(r, body, &root);

    if (rc != NGX_OK) {
        return rc;
    }

    if (json_is_object(root)) {
        rc = ngx_http_cost_http_members(r, root, &ngx_http_cost_http_top,
                                        fields, n, values);

    } else {
        rc = ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST,
                                      "The request body must be a JSON "
                                      "object");
    }

    json_decref(root);

    return rc;
}


ngx_int_t
ngx_http_cost_http_rows(ngx_http_request_t *r, ngx_str_t *body,
    const ngx_http_cost_http_field_t *fields, ngx_uint_t n, ngx_uint_t max,
    ngx_http_cost_http_rows_t *rows)
{
    json_t     *root;
    ngx_int_t   rc;

    rc = ngx_http_cost_http_parse(r, body, &root);

    if (rc != NGX_OK) {
        return rc;
    }

    rows->array = json_is_array(root);
    rows->n = rows->array ? json_array_size(root) : 1;

    if ((!rows->array && !json_is_object(root))
        || rows->n == 0 || rows->n > max)
    {
        json_decref(root);

        return ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST,
                                        "The request body must be a JSON "
                                        "object or an array of 1 to %ui of "
                                        "them", max);
    }

    rc = ngx_http_cost_http_read_rows(r, root, &ngx_http_cost_http_top,
                                      fields, n, rows);

    json_decref(root);

    return rc;
}


ngx_int_t
ngx_http_cost_http_items(ngx_http_request_t *r, ngx_str_t *text,
    ngx_str_t *name, const ngx_http_cost_http_field_t *fields, ngx_uint_t n,
    ngx_http_cost_http_rows_t *rows)
{
    json_t     *root;
    ngx_int_t   rc;

    rc = ngx_http_cost_http_parse(r, text, &root);

    if (rc != NGX_OK) {
        return rc;
    }

    rows->array = 1;
    rows->n = json_array_size(root);

    rc = ngx_http_cost_http_read_rows(r, root, name, fields, n, rows);

    json_decref(root);

    return rc;
}


/* rows->array and rows->n are set; "name" is the array's */

static ngx_int_t
ngx_http_cost_http_read_rows(ngx_http_request_t *r, json_t *root,
    ngx_str_t *name, const ngx_http_cost_http_field_t *fields, ngx_uint_t n,
    ngx_http_cost_http_rows_t *rows)
{
    json_t      *item;
    ngx_int_t    rc;
    ngx_str_t    at;
    ngx_uint_t   i;

    rc = NGX_OK;

    ngx_str_null(&at);

    rows->values = ngx_palloc(r->pool, (rows->n * n + 1) * sizeof(ngx_str_t));
    if (rows->values == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rows->array) {
        at.data = ngx_pnalloc(r->pool, name->len + NGX_INT_T_LEN
                                       + sizeof("[].") - 1);
        if (at.data == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    for (i = 0; i < rows->n && rc == NGX_OK; i++) {
        item = root;

        if (rows->array) {
            item = json_array_get(root, i);
            at.len = ngx_sprintf(at.data, "%V[%ui].", name, i) - at.data;
        }

        if (json_is_object(item)) {
            rc = ngx_http_cost_http_members(r, item, &at, fields, n,
                                            &rows->values[i * n]);

        } else {
            rc = ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST,
                                          "%V[%ui] must be a JSON object",
                                          name, i);
        }
    }

    return rc;
}


static ngx_int_t
ngx_http_cost_http_parse(ngx_http_request_t *r, ngx_str_t *body,
    json_t **root)
{
    json_error_t  error;

    if (body->len == 0) {
        return ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST,
                                        "The request body is empty: it must "
                                        "be a JSON object");
    }

    *root = json_loadb((char *) body->data, body->len,
                       JSON_REJECT_DUPLICATES|JSON_DECODE_ANY, &error);

    if (*root == NULL) {

        if (json_error_code(&error) == json_error_out_of_memory) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        if (json_error_code(&error) == json_error_duplicate_key) {
            return ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST,
                                            "The request body has a member "
                                            "twice, before line %d, column "
                                            "%d", error.line, error.column);
        }

        return ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST,
                                        "The request body is not JSON from "
                                        "line %d, column %d on",
                                        error.line, error.column);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_http_members(ngx_http_request_t *r, json_t *root,
    ngx_str_t *at, const ngx_http_cost_http_field_t *fields, ngx_uint_t n,
    ngx_str_t *values)
{
    ngx_int_t   rc;
    ngx_uint_t  i;

    ngx_memzero(values, n * sizeof(ngx_str_t));

    rc = ngx_http_cost_http_object(r, root, at, &ngx_http_cost_http_top,
                                   fields, n, values);

    if (rc != NGX_OK) {
        return rc;
    }

    for (i = 0; i < n; i++) {
        if (fields[i].required && values[i].data == NULL) {
            return ngx_http_cost_http_wrong(r, at, &fields[i]);
        }
    }

    return NGX_OK;
}


/* "path" is what the names of the object's members begin with, "scope." */

static ngx_int_t
ngx_http_cost_http_object(ngx_http_request_t *r, json_t *root, ngx_str_t *at,
    ngx_str_t *path, const ngx_http_cost_http_field_t *fields, ngx_uint_t n,
    ngx_str_t *values)
{
    void        *iter;
    json_t      *value;
    u_char      *p;
    ngx_int_t    rc;
    ngx_str_t    name;
    ngx_uint_t   i;

    for (iter = json_object_iter(root);
         iter;
         iter = json_object_iter_next(root, iter))
    {
        name.data = (u_char *) json_object_iter_key(iter);
        name.len = ngx_strlen(name.data);
        value = json_object_iter_value(iter);

        if (path->len) {
            p = ngx_pnalloc(r->pool, path->len + name.len);
            if (p == NULL) {
                return NGX_HTTP_INTERNAL_SERVER_ERROR;
            }

            ngx_memcpy(ngx_cpymem(p, path->data, path->len), name.data,
                       name.len);

            name.data = p;
            name.len += path->len;
        }

        /* a point stands between names, never within one */

        if (ngx_strlchr(name.data + path->len, name.data + name.len, '.')) {
            return ngx_http_cost_http_unknown(r, &name, at, fields, n);
        }

        i = ngx_http_cost_http_find(&name, fields, n);

        rc = i == n ? ngx_http_cost_http_inner(r, value, at, &name, fields,
                                               n, values)
                    : ngx_http_cost_http_value(r, value, at, &fields[i],
                                               &values[i]);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


/* a member that is no field itself, but may have some inside */

static ngx_int_t
ngx_http_cost_http_inner(ngx_http_request_t *r, json_t *value, ngx_str_t *at,
    ngx_str_t *name, const ngx_http_cost_http_field_t *fields, ngx_uint_t n,
    ngx_str_t *values)
{
    ngx_str_t         path;
    ngx_uint_t        i;
    const ngx_str_t  *field;

    for (i = 0; i < n; i++) {
        field = &fields[i].name;

        if (field->len > name->len && field->data[name->len] == '.'
            && ngx_memcmp(field->data, name->data, name->len) == 0)
        {
            break;
        }
    }

    if (i == n) {
        return ngx_http_cost_http_unknown(r, name, at, fields, n);
    }

    if (!json_is_object(value)) {
        return ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST,
                                        "%V%V must be a JSON object", at,
                                        name);
    }

    /* with the point behind it */

    path.data = fields[i].name.data;
    path.len = name->len + 1;

    return ngx_http_cost_http_object(r, value, at, &path, fields, n, values);
}


/* one member, as its field has it */

static ngx_int_t
ngx_http_cost_http_value(ngx_http_request_t *r, json_t *value,
    ngx_str_t *at, const ngx_http_cost_http_field_t *field, ngx_str_t *text)
{
    size_t   len;
    u_char  *p;

    switch (field->kind) {

    case NGX_HTTP_COST_HTTP_INTEGER:
        return ngx_http_cost_http_integer(r, value, at, field, text);

    case NGX_HTTP_COST_HTTP_AMOUNT:
        return ngx_http_cost_http_amount(r, value, at, field, text);

    case NGX_HTTP_COST_HTTP_WORDS:
        return ngx_http_cost_http_words(r, value, at, field, text);

    case NGX_HTTP_COST_HTTP_INTEGERS:
        return ngx_http_cost_http_integers(r, value, at, field, text);

    case NGX_HTTP_COST_HTTP_ARRAY:
        return ngx_http_cost_http_array(r, value, at, field, text);

    case NGX_HTTP_COST_HTTP_BOOL:
        if (!json_is_boolean(value)) {
            return ngx_http_cost_http_wrong(r, at, field);
        }

        text->len = json_is_true(value) ? 4 : 5;
        text->data = (u_char *) (json_is_true(value) ? "true" : "false");

        return NGX_OK;

    case NGX_HTTP_COST_HTTP_TEXT_OR_NULL:
        if (json_is_null(value)) {
            ngx_str_set(text, "");
            return NGX_OK;
        }

        break;

    default: /* _TEXT, _WORD, _ONE_OF */
        break;
    }

    p = (u_char *) json_string_value(value);
    len = json_string_length(value);

    if (p == NULL || !ngx_http_cost_http_fits(field, p, len)) {

        if (field->kind == NGX_HTTP_COST_HTTP_ONE_OF) {
            ngx_str_set(text, "");
            return NGX_OK;
        }

        return ngx_http_cost_http_wrong(r, at, field);
    }

    /* never NULL, also when it is empty */

    text->data = ngx_pnalloc(r->pool, len + 1);
    if (text->data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memcpy(text->data, p, len);
    text->len = len;

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_http_integer(ngx_http_request_t *r, json_t *value,
    ngx_str_t *at, const ngx_http_cost_http_field_t *field, ngx_str_t *text)
{
    json_int_t  n;

    if (!json_is_integer(value)) {
        return ngx_http_cost_http_wrong(r, at, field);
    }

    n = json_integer_value(value);

    if (n < (json_int_t) field->min || n > (json_int_t) field->max) {
        return ngx_http_cost_http_wrong(r, at, field);
    }

    text->data = ngx_pnalloc(r->pool, NGX_INT64_LEN);
    if (text->data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    text->len = ngx_sprintf(text->data, "%L", (int64_t) n) - text->data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_http_amount(ngx_http_request_t *r, json_t *value,
    ngx_str_t *at, const ngx_http_cost_http_field_t *field, ngx_str_t *text)
{
    int     len;
    char    buf[NGX_HTTP_COST_HTTP_DIGITS + sizeof("-0.e-308")];
    double  d;

    if (json_is_integer(value)) {
        return ngx_http_cost_http_integer(r, value, at, field, text);
    }

    if (!json_is_real(value)) {
        return ngx_http_cost_http_wrong(r, at, field);
    }

    d = json_real_value(value);

    if (d < (double) field->min || d > (double) field->max) {
        return ngx_http_cost_http_wrong(r, at, field);
    }

    len = snprintf(buf, sizeof(buf), "%.*g", NGX_HTTP_COST_HTTP_DIGITS, d);

    text->data = ngx_pnalloc(r->pool, len);
    if (text->data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memcpy(text->data, buf, len);
    text->len = len;

    return NGX_OK;
}


/* none of the characters allowed wants quoting in an array of PostgreSQL's */

static ngx_int_t
ngx_http_cost_http_words(ngx_http_request_t *r, json_t *value,
    ngx_str_t *at, const ngx_http_cost_http_field_t *field, ngx_str_t *text)
{
    size_t       i, j, n, len;
    u_char      *p;
    json_t      *word;
    const char  *s;

    n = json_is_array(value) ? json_array_size(value) : 0;

    if (!json_is_array(value) || n < field->min || n > field->max) {
        return ngx_http_cost_http_wrong(r, at, field);
    }

    for (len = 2, i = 0; i < n; i++) {
        word = json_array_get(value, i);
        s = json_string_value(word);

        if (s == NULL || *s == '\0') {
            return ngx_http_cost_http_wrong(r, at, field);
        }

        for (j = 0; j < json_string_length(word); j++) {
            if (!((s[j] >= 'a' && s[j] <= 'z') || (s[j] >= '0' && s[j] <= '9')
                  || s[j] == '-' || s[j] == '_' || s[j] == '.'
                  || s[j] == '*'))
            {
                return ngx_http_cost_http_wrong(r, at, field);
            }
        }

        len += j + 1;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    text->data = p;

    for (i = 0; i < n; i++) {
        word = json_array_get(value, i);

        *p++ = i ? ',' : '{';
        p = ngx_cpymem(p, json_string_value(word), json_string_length(word));
    }

    if (n == 0) {
        *p++ = '{';
    }

    *p++ = '}';

    text->len = p - text->data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_http_integers(ngx_http_request_t *r, json_t *value,
    ngx_str_t *at, const ngx_http_cost_http_field_t *field, ngx_str_t *text)
{
    size_t       i, n;
    u_char      *p;
    json_t      *item;
    json_int_t   number;

    n = json_array_size(value);

    if (n < 1 || n > NGX_HTTP_COST_HTTP_NUMBERS) {
        return ngx_http_cost_http_wrong(r, at, field);
    }

    p = ngx_pnalloc(r->pool, n * (NGX_INT64_LEN + 1) + 1);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    text->data = p;

    for (i = 0; i < n; i++) {
        item = json_array_get(value, i);
        number = json_integer_value(item);

        if (!json_is_integer(item) || number < (json_int_t) field->min
            || number > (json_int_t) field->max)
        {
            return ngx_http_cost_http_wrong(r, at, field);
        }

        *p++ = i ? ',' : '{';
        p = ngx_sprintf(p, "%L", (int64_t) number);
    }

    *p++ = '}';

    text->len = p - text->data;

    return NGX_OK;
}


/* what is in it is looked at by ngx_http_cost_http_items() */

static ngx_int_t
ngx_http_cost_http_array(ngx_http_request_t *r, json_t *value, ngx_str_t *at,
    const ngx_http_cost_http_field_t *field, ngx_str_t *text)
{
    size_t  n;

    n = json_is_array(value) ? json_array_size(value) : 0;

    if (!json_is_array(value) || n < field->min || n > field->max) {
        return ngx_http_cost_http_wrong(r, at, field);
    }

    text->len = json_dumpb(value, NULL, 0, JSON_COMPACT);
    text->data = ngx_pnalloc(r->pool, text->len);
    if (text->data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    (void) json_dumpb(value, (char *) text->data, text->len, JSON_COMPACT);

    return NGX_OK;
}


static ngx_uint_t
ngx_http_cost_http_find(ngx_str_t *name,
    const ngx_http_cost_http_field_t *fields, ngx_uint_t n)
{
    ngx_uint_t  i;

    for (i = 0; i < n; i++) {
        if (fields[i].name.len == name->len
            && ngx_memcmp(fields[i].name.data, name->data, name->len) == 0)
        {
            break;
        }
    }

    return i;
}


static ngx_int_t
ngx_http_cost_http_unknown(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *at, const ngx_http_cost_http_field_t *fields, ngx_uint_t n)
{
    size_t       size;
    u_char      *p;
    ngx_str_t    known, shown;
    ngx_uint_t   i;

    size = 0;

    for (i = 0; i < n; i++) {
        size += fields[i].name.len + 2;
    }

    known.data = ngx_pnalloc(r->pool, size);
    if (known.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    p = known.data;

    for (i = 0; i < n; i++) {

        if (i) {
            *p++ = ',';
            *p++ = ' ';
        }

        p = ngx_cpymem(p, fields[i].name.data, fields[i].name.len);
    }

    known.len = p - known.data;

    shown.data = name->data;
    shown.len = ngx_min(name->len, NGX_HTTP_COST_HTTP_SHOWN);

    return ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST,
                                    "\"%V%V\" is not a field; there are: %V",
                                    at, &shown, &known);
}


static ngx_int_t
ngx_http_cost_http_wrong(ngx_http_request_t *r, ngx_str_t *at,
    const ngx_http_cost_http_field_t *field)
{
    const char  *fmt;

    switch (field->kind) {

    case NGX_HTTP_COST_HTTP_WORD:
        fmt = "%V%V must be a text of %ui to %ui of a-z, 0-9, \"-\" and "
              "\"_\"";
        break;

    case NGX_HTTP_COST_HTTP_INTEGER:
        fmt = "%V%V must be an integer from %ui to %ui";
        break;

    case NGX_HTTP_COST_HTTP_AMOUNT:
        fmt = "%V%V must be a number from %ui to %ui";
        break;

    case NGX_HTTP_COST_HTTP_TEXT_OR_NULL:
        fmt = "%V%V must be null or a text of %ui to %ui characters";
        break;

    case NGX_HTTP_COST_HTTP_BOOL:
        fmt = "%V%V must be true or false";
        break;

    case NGX_HTTP_COST_HTTP_WORDS:
        fmt = "%V%V must be an array of %ui to %ui names";
        break;

    case NGX_HTTP_COST_HTTP_INTEGERS:
        fmt = "%V%V must be an array of 1 to 20 whole numbers from %ui "
              "to %ui";
        break;

    case NGX_HTTP_COST_HTTP_ARRAY:
        fmt = "%V%V must be an array of %ui to %ui objects";
        break;

    default: /* NGX_HTTP_COST_HTTP_TEXT */
        fmt = "%V%V must be a text of %ui to %ui characters";
    }

    return ngx_http_cost_http_error(r, NGX_HTTP_BAD_REQUEST, fmt,
                                    at, &field->name, field->min, field->max);
}


/* jansson lets nothing but UTF-8 through */

static ngx_uint_t
ngx_http_cost_http_fits(const ngx_http_cost_http_field_t *field,
    const u_char *p, size_t len)
{
    size_t         i;
    ngx_uint_t     characters;

    characters = 0;

    for (i = 0; i < len; i++) {

        if (p[i] < 0x20 || p[i] == 0x7f
            || (p[i] == 0xc2 && p[i + 1] < 0xa0))
        {
            return 0;
        }

        if (field->kind == NGX_HTTP_COST_HTTP_WORD
            && !((p[i] >= 'a' && p[i] <= 'z') || (p[i] >= '0' && p[i] <= '9')
                 || p[i] == '-' || p[i] == '_'))
        {
            return 0;
        }

        /* all but the bytes that continue one */
        characters += (p[i] & 0xc0) != 0x80;
    }

    return characters >= field->min && characters <= field->max;
}
