
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The directories that bills may be read from.
 */


#include "webhook/ngx_http_cost_webhook.h"


static ngx_uint_t ngx_http_cost_webhook_plain(ngx_str_t *path);


ngx_http_cost_webhook_directory_t *
ngx_http_cost_webhook_directory(ngx_http_cost_webhook_main_conf_t *wmcf,
    ngx_str_t *path, ngx_str_t *slug)
{
    ngx_uint_t                          i;
    ngx_http_cost_webhook_directory_t  *directory;

    if (!ngx_http_cost_webhook_plain(path)) {
        return NULL;
    }

    directory = wmcf->directories.elts;

    for (i = 0; i < wmcf->directories.nelts; i++) {

        if (slug && directory[i].organization.len
            && (directory[i].organization.len != slug->len
                || ngx_memcmp(directory[i].organization.data, slug->data,
                              slug->len)
                   != 0))
        {
            continue;
        }

        if (path->len >= directory[i].path.len
            && ngx_memcmp(path->data, directory[i].path.data,
                          directory[i].path.len)
               == 0
            && (path->len == directory[i].path.len
                || path->data[directory[i].path.len] == '/'))
        {
            return &directory[i];
        }
    }

    return NULL;
}


/* "/a/b": absolute, without empty, "." and ".." parts */

static ngx_uint_t
ngx_http_cost_webhook_plain(ngx_str_t *path)
{
    u_char  *p, *last, *end;

    p = path->data;
    last = p + path->len;

    if (p == last || *p != '/') {
        return 0;
    }

    for ( /* void */ ; p < last; p = end) {
        end = ngx_strlchr(p + 1, last, '/');

        if (end == NULL) {
            end = last;
        }

        if (end - p == 1
            || (end - p == 2 && p[1] == '.')
            || (end - p == 3 && p[1] == '.' && p[2] == '.'))
        {
            return 0;
        }
    }

    return 1;
}


char *
ngx_http_cost_webhook_sync_directory(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_cost_webhook_main_conf_t *wmcf = conf;

    ngx_str_t                          *value;
    ngx_http_cost_webhook_directory_t  *directory;

    value = cf->args->elts;

    while (value[1].len > 1 && value[1].data[value[1].len - 1] == '/') {
        value[1].len--;
    }

    if (!ngx_http_cost_webhook_plain(&value[1])) {
        return "must be an absolute path of a directory, and not \"/\"";
    }

    directory = ngx_array_push(&wmcf->directories);
    if (directory == NULL) {
        return NGX_CONF_ERROR;
    }

    directory->path = value[1];
    ngx_str_null(&directory->organization);

    if (cf->args->nelts == 3) {
        directory->organization = value[2];
    }

    return NGX_CONF_OK;
}
