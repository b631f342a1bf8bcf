
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Files that directives name.  Only while the configuration is read, where
 * waiting for a disk does no harm.
 */


#include "http/ngx_http_cost_http.h"


static ngx_int_t ngx_http_cost_http_file_text(ngx_conf_t *cf,
    ngx_file_t *file, size_t max, ngx_str_t *text);


ngx_int_t
ngx_http_cost_http_file(ngx_conf_t *cf, ngx_str_t *name, size_t max,
    ngx_str_t *text)
{
    ngx_int_t   rc;
    ngx_file_t  file;

    if (ngx_conf_full_name(cf->cycle, name, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memzero(&file, sizeof(ngx_file_t));

    file.name = *name;
    file.log = cf->log;
    file.fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (file.fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", name);
        return NGX_ERROR;
    }

    rc = ngx_http_cost_http_file_text(cf, &file, max, text);

    if (ngx_close_file(file.fd) == NGX_FILE_ERROR) {
        ngx_log_error(NGX_LOG_ALERT, cf->log, ngx_errno,
                      ngx_close_file_n " \"%V\" failed", name);
    }

    return rc;
}


static ngx_int_t
ngx_http_cost_http_file_text(ngx_conf_t *cf, ngx_file_t *file, size_t max,
    ngx_str_t *text)
{
    size_t   got;
    ssize_t  n;

    if (ngx_fd_info(file->fd, &file->info) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_fd_info_n " \"%V\" failed", &file->name);
        return NGX_ERROR;
    }

    if (!ngx_is_file(&file->info)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" is not a file",
                           &file->name);
        return NGX_ERROR;
    }

    if ((size_t) ngx_file_size(&file->info) > max) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" has more than %uz bytes", &file->name,
                           max);
        return NGX_ERROR;
    }

    text->len = ngx_file_size(&file->info);

    text->data = ngx_pnalloc(cf->pool, text->len + 1);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    for (got = 0; got < text->len; got += n) {
        n = ngx_read_file(file, text->data + got, text->len - got, got);

        if (n == NGX_ERROR || n == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, n ? ngx_errno : 0,
                               "\"%V\" cannot be read to its end",
                               &file->name);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
