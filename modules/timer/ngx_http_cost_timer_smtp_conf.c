
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 *     cost_smtp   host[:port] from=address [tls] [user=name password=file]
 *                 [trusted=file] [name=host] [timeout=10s];
 *     cost_slack  file;
 *
 * in the internal locations that email and messages to Slack go through.
 */


#include "timer/ngx_http_cost_timer_smtp.h"


#define NGX_HTTP_COST_TIMER_SECRET_MAX   1024    /* bytes of such a file */
#define NGX_HTTP_COST_TIMER_SMTP_PORT    25
#define NGX_HTTP_COST_TIMER_SMTPS_PORT   465
#define NGX_HTTP_COST_TIMER_SMTP_DEPTH   4       /* of certificates */


typedef struct {
    ngx_str_t    from;
    ngx_str_t    user;
    ngx_str_t    password;       /* names of files */
    ngx_str_t    trusted;
    ngx_str_t    name;
    ngx_str_t    timeout;
    ngx_uint_t   tls;
} ngx_http_cost_timer_smtp_args_t;


static ngx_int_t ngx_http_cost_timer_smtp_args(ngx_conf_t *cf,
    ngx_http_cost_timer_smtp_args_t *args);
static ngx_int_t ngx_http_cost_timer_smtp_relay(ngx_conf_t *cf,
    ngx_http_cost_timer_smtp_t *smtp, ngx_uint_t tls);
static ngx_int_t ngx_http_cost_timer_smtp_auth(ngx_conf_t *cf,
    ngx_http_cost_timer_smtp_t *smtp, ngx_http_cost_timer_smtp_args_t *args);
static ngx_int_t ngx_http_cost_timer_smtp_tls(ngx_conf_t *cf,
    ngx_http_cost_timer_smtp_t *smtp, ngx_str_t *trusted);
static ngx_int_t ngx_http_cost_timer_secret(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *value);


static ngx_str_t  ngx_http_cost_timer_trusted =
    ngx_string("/etc/ssl/certs/ca-certificates.crt");


char *
ngx_http_cost_timer_smtp(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_cost_timer_main_conf_t *tmcf = conf;

    char                             *rv;
    ngx_int_t                         timeout;
    ngx_http_core_loc_conf_t         *clcf;
    ngx_http_cost_timer_smtp_t       *smtp;
    ngx_http_cost_timer_smtp_args_t   args;

    rv = ngx_http_cost_timer_location(cf, &tmcf->email);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    ngx_memzero(&args, sizeof(ngx_http_cost_timer_smtp_args_t));
    ngx_str_set(&args.timeout, "10s");
    args.name = cf->cycle->hostname;
    args.trusted = ngx_http_cost_timer_trusted;

    if (ngx_http_cost_timer_smtp_args(cf, &args) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (!cost_mail_address(args.from.data, args.from.len)) {
        return "needs a from=address";
    }

    if ((args.user.len != 0) != (args.password.len != 0)) {
        return "needs both user=name and password=file, or none";
    }

    if (args.user.len && !args.tls) {
        return "sends no password without tls";
    }

    timeout = ngx_parse_time(&args.timeout, 0);

    if (timeout < 100 || timeout > 120000) {
        return "has a timeout that is not from 100ms to 2m";
    }

    smtp = ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_timer_smtp_t));
    if (smtp == NULL) {
        return NGX_CONF_ERROR;
    }

    smtp->from = args.from;
    smtp->helo = args.name;
    smtp->timeout = timeout;

    if (ngx_http_cost_timer_smtp_relay(cf, smtp, args.tls) != NGX_OK
        || (args.user.len
            && ngx_http_cost_timer_smtp_auth(cf, smtp, &args) != NGX_OK)
        || (args.tls
            && ngx_http_cost_timer_smtp_tls(cf, smtp, &args.trusted)
               != NGX_OK))
    {
        return NGX_CONF_ERROR;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_cost_timer_smtp_handler;

    tmcf->smtp = smtp;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_cost_timer_smtp_args(ngx_conf_t *cf,
    ngx_http_cost_timer_smtp_args_t *args)
{
    u_char      *p;
    ngx_str_t   *value;
    ngx_uint_t   i, k;

    struct {
        ngx_str_t    name;
        ngx_str_t   *value;
    } known[] = {
        { ngx_string("from"), &args->from },
        { ngx_string("user"), &args->user },
        { ngx_string("password"), &args->password },
        { ngx_string("trusted"), &args->trusted },
        { ngx_string("name"), &args->name },
        { ngx_string("timeout"), &args->timeout }
    };

    value = cf->args->elts;

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_strcmp(value[i].data, "tls") == 0) {
            args->tls = 1;
            continue;
        }

        p = ngx_strlchr(value[i].data, value[i].data + value[i].len, '=');

        for (k = 0; p && k < sizeof(known) / sizeof(known[0]); k++) {
            if ((size_t) (p - value[i].data) == known[k].name.len
                && ngx_strncmp(value[i].data, known[k].name.data,
                               known[k].name.len)
                   == 0)
            {
                break;
            }
        }

        if (p == NULL || k == sizeof(known) / sizeof(known[0])
            || p + 1 == value[i].data + value[i].len)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\"", &value[i]);
            return NGX_ERROR;
        }

        known[k].value->data = p + 1;
        known[k].value->len = value[i].data + value[i].len - p - 1;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_timer_smtp_relay(ngx_conf_t *cf,
    ngx_http_cost_timer_smtp_t *smtp, ngx_uint_t tls)
{
    ngx_url_t   u;
    ngx_str_t  *value;

    value = cf->args->elts;

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url = value[1];
    u.default_port = tls ? NGX_HTTP_COST_TIMER_SMTPS_PORT
                         : NGX_HTTP_COST_TIMER_SMTP_PORT;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s in the relay \"%V\"",
                           u.err ? u.err : "no memory", &u.url);
        return NGX_ERROR;
    }

    smtp->addrs = u.addrs;
    smtp->naddrs = u.naddrs;

    smtp->host.len = u.host.len;
    smtp->host.data = ngx_pnalloc(cf->pool, u.host.len + 1);
    if (smtp->host.data == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_cpystrn(smtp->host.data, u.host.data, u.host.len + 1);

    return NGX_OK;
}


/* RFC 4616: nobody else, the user and the password, with zeros between */

static ngx_int_t
ngx_http_cost_timer_smtp_auth(ngx_conf_t *cf,
    ngx_http_cost_timer_smtp_t *smtp, ngx_http_cost_timer_smtp_args_t *args)
{
    u_char     *p;
    ngx_str_t   plain, password, encoded;

    if (ngx_http_cost_timer_secret(cf, &args->password, &password)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    plain.len = 1 + args->user.len + 1 + password.len;
    plain.data = ngx_pnalloc(cf->temp_pool, plain.len);
    if (plain.data == NULL) {
        return NGX_ERROR;
    }

    p = plain.data;
    *p++ = '\0';
    p = ngx_cpymem(p, args->user.data, args->user.len);
    *p++ = '\0';
    (void) ngx_cpymem(p, password.data, password.len);

    smtp->auth.data = ngx_pnalloc(cf->pool,
                                  sizeof("AUTH PLAIN " CRLF)
                                  + ngx_base64_encoded_length(plain.len));
    if (smtp->auth.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(smtp->auth.data, "AUTH PLAIN ",
                   sizeof("AUTH PLAIN ") - 1);

    encoded.data = p;
    ngx_encode_base64(&encoded, &plain);

    p = ngx_cpymem(p + encoded.len, CRLF, sizeof(CRLF) - 1);

    smtp->auth.len = p - smtp->auth.data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_timer_smtp_tls(ngx_conf_t *cf, ngx_http_cost_timer_smtp_t *smtp,
    ngx_str_t *trusted)
{
#if (NGX_SSL)

    ngx_pool_cleanup_t  *cln;

    smtp->ssl = ngx_pcalloc(cf->pool, sizeof(ngx_ssl_t));
    if (smtp->ssl == NULL) {
        return NGX_ERROR;
    }

    smtp->ssl->log = cf->log;

    if (ngx_ssl_create(smtp->ssl, NGX_SSL_TLSv1_2|NGX_SSL_TLSv1_3, NULL)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        ngx_ssl_cleanup_ctx(smtp->ssl);
        return NGX_ERROR;
    }

    cln->handler = ngx_ssl_cleanup_ctx;
    cln->data = smtp->ssl;

    return ngx_ssl_trusted_certificate(cf, smtp->ssl, trusted,
                                       NGX_HTTP_COST_TIMER_SMTP_DEPTH);

#else

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "this nginx was built without TLS");
    return NGX_ERROR;

#endif
}


char *
ngx_http_cost_timer_slack(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_cost_timer_main_conf_t *tmcf = conf;

    char       *rv;
    u_char     *p;
    ngx_str_t  *value, token;

    rv = ngx_http_cost_timer_location(cf, &tmcf->slack);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    value = cf->args->elts;

    if (ngx_http_cost_timer_secret(cf, &value[1], &token) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    tmcf->slack_token.len = sizeof("Bearer ") - 1 + token.len;
    tmcf->slack_token.data = ngx_pnalloc(cf->pool, tmcf->slack_token.len);
    if (tmcf->slack_token.data == NULL) {
        return NGX_CONF_ERROR;
    }

    p = ngx_cpymem(tmcf->slack_token.data, "Bearer ", sizeof("Bearer ") - 1);
    (void) ngx_cpymem(p, token.data, token.len);

    return NGX_CONF_OK;
}


/* the first line of a file, in cf->temp_pool */

static ngx_int_t
ngx_http_cost_timer_secret(ngx_conf_t *cf, ngx_str_t *name, ngx_str_t *value)
{
    size_t            i;
    ssize_t           n;
    ngx_fd_t          fd;
    ngx_str_t         path;
    ngx_file_info_t   fi;

    path.len = name->len;
    path.data = ngx_pnalloc(cf->pool, name->len + 1);
    value->data = ngx_pnalloc(cf->temp_pool, NGX_HTTP_COST_TIMER_SECRET_MAX);

    if (path.data == NULL || value->data == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_cpystrn(path.data, name->data, name->len + 1);

    if (ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    fd = ngx_open_file(path.data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", &path);
        return NGX_ERROR;
    }

    n = ngx_read_fd(fd, value->data, NGX_HTTP_COST_TIMER_SECRET_MAX);

    if (n == -1) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_read_fd_n " \"%V\" failed", &path);

    } else if (ngx_fd_info(fd, &fi) != NGX_FILE_ERROR
               && (ngx_file_access(&fi) & 0007))
    {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "everybody may read \"%V\"", &path);
    }

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%V\" failed", &path);
    }

    if (n == -1) {
        return NGX_ERROR;
    }

    for (i = 0; i < (size_t) n; i++) {
        if (value->data[i] < 0x20 || value->data[i] == 0x7f) {
            break;
        }
    }

    value->len = i;

    /* the whole file, or a line of it */

    if (i == 0 || i == NGX_HTTP_COST_TIMER_SECRET_MAX
        || (i < (size_t) n && value->data[i] != '\n'
            && value->data[i] != '\r'))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" must begin with a line of at most %d bytes",
                           &path, NGX_HTTP_COST_TIMER_SECRET_MAX - 1);
        return NGX_ERROR;
    }

    return NGX_OK;
}
