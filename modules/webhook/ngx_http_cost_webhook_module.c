
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The directives of webhook/, and the key file.  The file is read when the
 * configuration is; a reload reads it again, so that a key is rotated by
 * putting a new one in front, and the old ones away when nothing is sealed by
 * them any more.
 */


#include "webhook/ngx_http_cost_webhook.h"

#include <openssl/evp.h>


#define NGX_HTTP_COST_WEBHOOK_FILE  16384    /* bytes of a key file, at most */


static char *ngx_http_cost_webhook_secret_key(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static ngx_int_t ngx_http_cost_webhook_read(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *text);
static ngx_int_t ngx_http_cost_webhook_line(ngx_conf_t *cf,
    ngx_http_cost_webhook_main_conf_t *wmcf, u_char *p, size_t len);
static ngx_int_t ngx_http_cost_webhook_key(
    ngx_http_cost_webhook_main_conf_t *wmcf, u_char *bytes);
static void *ngx_http_cost_webhook_create_main_conf(ngx_conf_t *cf);


static ngx_conf_bitmask_t  ngx_http_cost_webhook_allowed[] = {
    { ngx_string("http"), COST_URL_ALLOW_HTTP },
    { ngx_string("loopback"), COST_URL_ALLOW_LOOPBACK },
    { ngx_string("private"), COST_URL_ALLOW_PRIVATE },
    { ngx_null_string, 0 }
};


static ngx_command_t  ngx_http_cost_webhook_commands[] = {

    { ngx_string("cost_webhook_allow"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_conf_set_bitmask_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_cost_webhook_main_conf_t, allow),
      &ngx_http_cost_webhook_allowed },

    { ngx_string("cost_fetch_allow"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_conf_set_bitmask_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_cost_webhook_main_conf_t, fetch),
      &ngx_http_cost_webhook_allowed },

    { ngx_string("cost_sync_directory"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE12,
      ngx_http_cost_webhook_sync_directory,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("cost_secret_key"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_cost_webhook_secret_key,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_cost_webhook_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    ngx_http_cost_webhook_create_main_conf,  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_cost_webhook_module = {
    NGX_MODULE_V1,
    &ngx_http_cost_webhook_module_ctx,     /* module context */
    ngx_http_cost_webhook_commands,        /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static void *
ngx_http_cost_webhook_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_cost_webhook_main_conf_t  *wmcf;

    wmcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_webhook_main_conf_t));
    if (wmcf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&wmcf->keys, cf->pool, 1,
                       sizeof(ngx_http_cost_webhook_key_t))
        != NGX_OK
        || ngx_array_init(&wmcf->directories, cf->pool, 1,
                          sizeof(ngx_http_cost_webhook_directory_t))
           != NGX_OK)
    {
        return NULL;
    }

    return wmcf;
}


/* a file of 32 bytes, or of lines of 64 hexadecimal digits */

static char *
ngx_http_cost_webhook_secret_key(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_cost_webhook_main_conf_t *wmcf = conf;

    u_char     *p, *last, *end;
    ngx_str_t  *value, text;

    if (wmcf->keys.nelts) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_conf_full_name(cf->cycle, &value[1], 1) != NGX_OK
        || ngx_http_cost_webhook_read(cf, &value[1], &text) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (text.len == NGX_HTTP_COST_WEBHOOK_KEY) {
        return ngx_http_cost_webhook_key(wmcf, text.data) == NGX_OK
               ? NGX_CONF_OK : NGX_CONF_ERROR;
    }

    last = text.data + text.len;

    for (p = text.data; p < last; p = end + 1) {
        end = ngx_strlchr(p, last, '\n');

        if (end == NULL) {
            end = last;
        }

        if (ngx_http_cost_webhook_line(cf, wmcf, p, end - p) != NGX_OK) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"%V\" must have 32 bytes, or lines of 64 "
                               "hexadecimal digits", &value[1]);
            return NGX_CONF_ERROR;
        }
    }

    if (wmcf->keys.nelts == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "no key in \"%V\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_cost_webhook_read(ngx_conf_t *cf, ngx_str_t *name, ngx_str_t *text)
{
    ssize_t          n;
    ngx_fd_t         fd;
    ngx_file_info_t  fi;

    text->data = ngx_pnalloc(cf->temp_pool, NGX_HTTP_COST_WEBHOOK_FILE);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", name);
        return NGX_ERROR;
    }

    n = ngx_read_fd(fd, text->data, NGX_HTTP_COST_WEBHOOK_FILE);

    if (n == -1) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_read_fd_n " \"%V\" failed", name);

    } else if (n == NGX_HTTP_COST_WEBHOOK_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" is too large", name);
        n = -1;

    } else if (ngx_fd_info(fd, &fi) != NGX_FILE_ERROR
               && (ngx_file_access(&fi) & 0007))
    {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "everybody may read \"%V\"", name);
    }

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%V\" failed", name);
    }

    text->len = n;

    return n == -1 ? NGX_ERROR : NGX_OK;
}


/* blank lines and comments may stand between the keys */

static ngx_int_t
ngx_http_cost_webhook_line(ngx_conf_t *cf,
    ngx_http_cost_webhook_main_conf_t *wmcf, u_char *p, size_t len)
{
    u_char      key[NGX_HTTP_COST_WEBHOOK_KEY];
    ngx_int_t   n;
    ngx_uint_t  i;

    while (len && (p[len - 1] == ' ' || p[len - 1] == '\r')) {
        len--;
    }

    if (len == 0 || p[0] == '#') {
        return NGX_OK;
    }

    if (len != 2 * NGX_HTTP_COST_WEBHOOK_KEY) {
        return NGX_ERROR;
    }

    for (i = 0; i < NGX_HTTP_COST_WEBHOOK_KEY; i++) {
        n = ngx_hextoi(p + 2 * i, 2);

        if (n == NGX_ERROR) {
            return NGX_ERROR;
        }

        key[i] = (u_char) n;
    }

    return ngx_http_cost_webhook_key(wmcf, key);
}


static ngx_int_t
ngx_http_cost_webhook_key(ngx_http_cost_webhook_main_conf_t *wmcf,
    u_char *bytes)
{
    u_char                        digest[EVP_MAX_MD_SIZE];
    ngx_http_cost_webhook_key_t  *key;

    key = ngx_array_push(&wmcf->keys);
    if (key == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(key->key, bytes, NGX_HTTP_COST_WEBHOOK_KEY);

    if (!EVP_Digest(bytes, NGX_HTTP_COST_WEBHOOK_KEY, digest, NULL,
                    EVP_sha256(), NULL))
    {
        return NGX_ERROR;
    }

    ngx_memcpy(key->id, digest, NGX_HTTP_COST_WEBHOOK_KEY_ID);

    return NGX_OK;
}
