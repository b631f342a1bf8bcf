
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * cost_database's text, at configuration time: where it comes from, whether
 * libpq understands it, and its hosts' addresses.
 *
 * libpq would resolve names when it connects, and wait for it; so, as with
 * proxy_pass, names are resolved here, once.  libpq gets both: the address to
 * connect to, the name to check a certificate against.
 *
 * No message shows anything that could be a part of a password.
 */


#include "ngx_http_cost_pg_private.h"


#define NGX_HTTP_COST_PG_FILE  4096


typedef struct {
    ngx_str_t    host;
    ngx_str_t    hostaddr;
    ngx_str_t    port;
} ngx_http_cost_pg_host_t;


static ngx_int_t ngx_http_cost_pg_conninfo_env(ngx_conf_t *cf,
    ngx_str_t *text);
static ngx_int_t ngx_http_cost_pg_conninfo_file(ngx_conf_t *cf,
    ngx_str_t *text);
static char *ngx_http_cost_pg_conninfo_invalid(ngx_conf_t *cf,
    ngx_str_t *text, char *message);
static char *ngx_http_cost_pg_conninfo_options(ngx_conf_t *cf,
    ngx_http_cost_pg_main_conf_t *pmcf, PQconninfoOption *option,
    ngx_str_t *hosts);
static char *ngx_http_cost_pg_conninfo_option(ngx_conf_t *cf,
    ngx_http_cost_pg_main_conf_t *pmcf, PQconninfoOption *option);
static ngx_int_t ngx_http_cost_pg_conninfo_add(ngx_conf_t *cf,
    ngx_http_cost_pg_main_conf_t *pmcf, const char *keyword,
    const char *value);
static char *ngx_http_cost_pg_conninfo_hosts(ngx_conf_t *cf,
    ngx_http_cost_pg_main_conf_t *pmcf, ngx_str_t *lists);
static char *ngx_http_cost_pg_conninfo_orders(ngx_conf_t *cf,
    ngx_http_cost_pg_main_conf_t *pmcf, ngx_array_t *hosts);
static ngx_int_t ngx_http_cost_pg_conninfo_split(ngx_conf_t *cf,
    ngx_str_t *list, ngx_array_t *items);
static char *ngx_http_cost_pg_conninfo_resolve(ngx_conf_t *cf,
    ngx_array_t *hosts, ngx_http_cost_pg_host_t *host);
static char *ngx_http_cost_pg_conninfo_join(ngx_conf_t *cf,
    ngx_array_t *hosts, ngx_uint_t first, size_t offset);


/* what libpq itself would only find out when it connects */

static struct {
    const char  *keyword;
    const char  *values;
} ngx_http_cost_pg_values[] = {
    { "sslmode", " disable allow prefer require verify-ca verify-full " },
    { "target_session_attrs", " any read-write read-only primary standby "
                              "prefer-standby " },
    { "channel_binding", " disable prefer require " },
    { NULL, NULL }
};


char *
ngx_http_cost_pg_conninfo(ngx_conf_t *cf, ngx_http_cost_pg_main_conf_t *pmcf,
    ngx_str_t *text)
{
    char              *message, *rc;
    ngx_str_t          lists[3];
    PQconninfoOption  *options;

    if (text->len > 4 && ngx_strncmp(text->data, "env:", 4) == 0) {
        if (ngx_http_cost_pg_conninfo_env(cf, text) != NGX_OK) {
            return NGX_CONF_ERROR;
        }

    } else if (text->len > 5 && ngx_strncmp(text->data, "file:", 5) == 0) {
        if (ngx_http_cost_pg_conninfo_file(cf, text) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    options = PQconninfoParse((char *) text->data, &message);

    if (options == NULL) {
        return ngx_http_cost_pg_conninfo_invalid(cf, text, message);
    }

    ngx_memzero(lists, sizeof(lists));

    rc = ngx_http_cost_pg_conninfo_options(cf, pmcf, options, lists);

    PQconninfoFree(options);

    if (rc != NGX_CONF_OK) {
        return rc;
    }

    return ngx_http_cost_pg_conninfo_hosts(cf, pmcf, lists);
}


static ngx_int_t
ngx_http_cost_pg_conninfo_env(ngx_conf_t *cf, ngx_str_t *text)
{
    char  *name, *value;

    name = (char *) text->data + 4;
    value = getenv(name);

    if (value == NULL || *value == '\0') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "cost_database: there is no \"%s\" "
                           "in the environment", name);
        return NGX_ERROR;
    }

    text->data = (u_char *) value;
    text->len = ngx_strlen(value);

    return NGX_OK;
}


static ngx_int_t
ngx_http_cost_pg_conninfo_file(ngx_conf_t *cf, ngx_str_t *text)
{
    u_char     *buf;
    ssize_t     n;
    ngx_fd_t    fd;
    ngx_str_t   name;

    name.data = text->data + 5;
    name.len = text->len - 5;

    if (ngx_conf_full_name(cf->cycle, &name, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    fd = ngx_open_file(name.data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "cost_database: " ngx_open_file_n " \"%V\" failed",
                           &name);
        return NGX_ERROR;
    }

    buf = ngx_pnalloc(cf->pool, NGX_HTTP_COST_PG_FILE + 1);

    if (buf == NULL) {
        (void) ngx_close_file(fd);
        return NGX_ERROR;
    }

    n = ngx_read_fd(fd, buf, NGX_HTTP_COST_PG_FILE + 1);

    if (n == -1) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "cost_database: " ngx_read_fd_n " \"%V\" failed",
                           &name);
    }

    (void) ngx_close_file(fd);

    if (n == -1) {
        return NGX_ERROR;
    }

    while (n && (buf[n - 1] == '\n' || buf[n - 1] == '\r'
                 || buf[n - 1] == ' '))
    {
        n--;
    }

    if (n == 0 || n > NGX_HTTP_COST_PG_FILE
        || ngx_strlchr(buf, buf + n, '\0'))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "cost_database: \"%V\" must hold a connection "
                           "string of at most %d bytes", &name,
                           NGX_HTTP_COST_PG_FILE);
        return NGX_ERROR;
    }

    buf[n] = '\0';

    text->data = buf;
    text->len = n;

    return NGX_OK;
}


/*
 * libpq quotes the piece it stumbled over.  It is shown when it stands before
 * anything secret, or when there is nothing secret; else the message ends.
 */

static char *
ngx_http_cost_pg_conninfo_invalid(ngx_conf_t *cf, ngx_str_t *text,
    char *message)
{
    char        *conninfo, *secret, *p, *end, *piece;
    size_t       len;
    ngx_uint_t   hidden;

    if (message == NULL) {
        return NGX_CONF_ERROR;
    }

    conninfo = (char *) text->data;
    secret = ngx_strstr(conninfo, "password");
    p = ngx_strstr(conninfo, "://");

    if (p && ngx_strchr(p, '@') && (secret == NULL || p < secret)) {
        secret = p;
    }

    end = message + ngx_strlen(message);

    while (end > message && end[-1] == '\n') {
        end--;
    }

    hidden = 0;

    for (p = message; secret && p < end; p = piece + len + 1) {

        piece = ngx_strchr(p, '"');

        if (piece == NULL) {
            break;
        }

        p = ngx_strchr(++piece, '"');
        len = p ? (size_t) (p - piece) : 0;

        if (len == 1 && (*piece == '=' || *piece == ']')) {
            continue;
        }

        for (p = conninfo; len && p + len <= secret; p++) {
            if (ngx_strncmp(p, piece, len) == 0) {
                break;
            }
        }

        if (len == 0 || p + len > secret) {
            end = piece;
            hidden = 1;
            break;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "cost_database: %*s%s", (size_t) (end - message),
                       message, hidden ? "...\" (not shown)" : "");

    PQfreemem(message);

    return NGX_CONF_ERROR;
}


static char *
ngx_http_cost_pg_conninfo_options(ngx_conf_t *cf,
    ngx_http_cost_pg_main_conf_t *pmcf, PQconninfoOption *option,
    ngx_str_t *lists)
{
    char       *rc;
    ngx_str_t   value, *list;

    pmcf->options = "";
    pmcf->application_name = "nginx cost";

    for ( /* void */ ; option->keyword; option++) {

        if (option->val == NULL || *option->val == '\0') {
            continue;
        }

        list = NULL;

        if (ngx_strcmp(option->keyword, "host") == 0) {
            list = &lists[0];

        } else if (ngx_strcmp(option->keyword, "hostaddr") == 0) {
            list = &lists[1];

        } else if (ngx_strcmp(option->keyword, "port") == 0) {
            list = &lists[2];
        }

        if (list) {
            value.data = (u_char *) option->val;
            value.len = ngx_strlen(option->val);

            list->data = ngx_pstrdup(cf->pool, &value);
            if (list->data == NULL) {
                return NGX_CONF_ERROR;
            }

            list->len = value.len;
            continue;
        }

        rc = ngx_http_cost_pg_conninfo_option(cf, pmcf, option);

        if (rc != NGX_CONF_OK) {
            return rc;
        }
    }

    /* gssencmode: Kerberos would be asked, and waited for */

    if (ngx_http_cost_pg_conninfo_add(cf, pmcf, "gssencmode", "disable")
        != NGX_OK
        || ngx_http_cost_pg_conninfo_add(cf, pmcf, "client_encoding", "UTF8")
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    /* a firewall forgets connections that are silent for minutes */

    if (ngx_http_cost_pg_conninfo_add(cf, pmcf, "keepalives_idle", "60")
        != NGX_OK
        || ngx_http_cost_pg_conninfo_add(cf, pmcf, "keepalives_interval", "10")
           != NGX_OK
        || ngx_http_cost_pg_conninfo_add(cf, pmcf, "keepalives_count", "3")
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_cost_pg_conninfo_option(ngx_conf_t *cf,
    ngx_http_cost_pg_main_conf_t *pmcf, PQconninfoOption *option)
{
    char        **text, value[32];
    size_t        len;
    ngx_int_t     seconds;
    ngx_uint_t    i;
    ngx_str_t     s;

    if (ngx_strcmp(option->keyword, "service") == 0
        || ngx_strcmp(option->keyword, "replication") == 0
        || (ngx_strcmp(option->keyword, "gssencmode") == 0
            && ngx_strcmp(option->val, "require") == 0))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "cost_database: \"%s\" is not supported",
                           option->keyword);
        return NGX_CONF_ERROR;
    }

    /* these two are ours to say */

    if (ngx_strcmp(option->keyword, "gssencmode") == 0
        || ngx_strcmp(option->keyword, "client_encoding") == 0)
    {
        return NGX_CONF_OK;
    }

    for (i = 0; ngx_http_cost_pg_values[i].keyword; i++) {

        if (ngx_strcmp(option->keyword, ngx_http_cost_pg_values[i].keyword)
            != 0)
        {
            continue;
        }

        len = ngx_strlen(option->val);

        if (len < sizeof(value) - 2 && ngx_strchr(option->val, ' ') == NULL) {
            *ngx_sprintf((u_char *) value, " %s ", option->val) = '\0';

            if (ngx_strstr(ngx_http_cost_pg_values[i].values, value)) {
                continue;
            }
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "cost_database: invalid %s \"%s\", it must be one "
                           "of:%s", option->keyword, option->val,
                           ngx_http_cost_pg_values[i].values);
        return NGX_CONF_ERROR;
    }

    if (ngx_strcmp(option->keyword, "connect_timeout") == 0) {
        seconds = ngx_atoi((u_char *) option->val, ngx_strlen(option->val));

        if (seconds == NGX_ERROR || seconds > 3600) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "cost_database: invalid connect_timeout \"%s\"",
                               option->val);
            return NGX_CONF_ERROR;
        }

        if (seconds && pmcf->connect_timeout == NGX_CONF_UNSET_MSEC) {
            pmcf->connect_timeout = seconds * 1000;
        }

        return NGX_CONF_OK;
    }

    text = NULL;

    if (ngx_strcmp(option->keyword, "options") == 0) {
        text = (char **) &pmcf->options;

    } else if (ngx_strcmp(option->keyword, "application_name") == 0) {
        text = (char **) &pmcf->application_name;
    }

    if (text == NULL) {
        return ngx_http_cost_pg_conninfo_add(cf, pmcf, option->keyword,
                                             option->val)
               == NGX_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
    }

    s.data = (u_char *) option->val;
    s.len = ngx_strlen(option->val) + 1;

    if (s.len > 512) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "cost_database: \"%s\" is too long",
                           option->keyword);
        return NGX_CONF_ERROR;
    }

    *text = (char *) ngx_pstrdup(cf->pool, &s);

    return *text ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* adds what is not there yet */

static ngx_int_t
ngx_http_cost_pg_conninfo_add(ngx_conf_t *cf,
    ngx_http_cost_pg_main_conf_t *pmcf, const char *keyword,
    const char *value)
{
    ngx_str_t   s;
    ngx_uint_t  i;

    for (i = 0; i < pmcf->nkeywords; i++) {
        if (ngx_strcmp(pmcf->keywords[i], keyword) == 0) {
            return NGX_OK;
        }
    }

    if (pmcf->nkeywords == NGX_HTTP_COST_PG_OPTIONS) {
        return NGX_ERROR;
    }

    s.data = (u_char *) keyword;
    s.len = ngx_strlen(keyword) + 1;

    pmcf->keywords[i] = (char *) ngx_pstrdup(cf->pool, &s);

    s.data = (u_char *) value;
    s.len = ngx_strlen(value) + 1;

    pmcf->values[i] = (char *) ngx_pstrdup(cf->pool, &s);

    if (pmcf->keywords[i] == NULL || pmcf->values[i] == NULL) {
        return NGX_ERROR;
    }

    pmcf->nkeywords++;

    return NGX_OK;
}


static char *
ngx_http_cost_pg_conninfo_hosts(ngx_conf_t *cf,
    ngx_http_cost_pg_main_conf_t *pmcf, ngx_str_t *lists)
{
    char                     *rc;
    ngx_int_t                 port;
    ngx_str_t                *value;
    ngx_uint_t                i, k, n;
    ngx_array_t               items[3], hosts;
    ngx_http_cost_pg_host_t   host;

    static ngx_str_t  port_default = ngx_string("5432");

    n = 1;

    for (k = 0; k < 3; k++) {
        if (ngx_http_cost_pg_conninfo_split(cf, &lists[k], &items[k])
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }

        n = ngx_max(n, items[k].nelts);
    }

    if ((items[0].nelts && items[0].nelts != n)
        || (items[1].nelts && items[1].nelts != n)
        || (items[2].nelts > 1 && items[2].nelts != n))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "cost_database: host, hostaddr and port must name "
                           "as many items each");
        return NGX_CONF_ERROR;
    }

    if (ngx_array_init(&hosts, cf->temp_pool, 4,
                       sizeof(ngx_http_cost_pg_host_t))
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < n; i++) {
        ngx_memzero(&host, sizeof(ngx_http_cost_pg_host_t));

        value = items[0].elts;
        if (items[0].nelts) {
            host.host = value[i];
        }

        value = items[1].elts;
        if (items[1].nelts) {
            host.hostaddr = value[i];
        }

        value = items[2].elts;
        host.port = (items[2].nelts == 0) ? port_default
                    : (items[2].nelts == 1) ? value[0] : value[i];

        if (host.port.len == 0) {
            host.port = port_default;
        }

        port = ngx_atoi(host.port.data, host.port.len);

        if (port < 1 || port > 65535) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "cost_database: invalid port \"%V\"",
                               &host.port);
            return NGX_CONF_ERROR;
        }

        rc = ngx_http_cost_pg_conninfo_resolve(cf, &hosts, &host);

        if (rc != NGX_CONF_OK) {
            return rc;
        }
    }

    return ngx_http_cost_pg_conninfo_orders(cf, pmcf, &hosts);
}


static char *
ngx_http_cost_pg_conninfo_orders(ngx_conf_t *cf,
    ngx_http_cost_pg_main_conf_t *pmcf, ngx_array_t *hosts)
{
    size_t                     offset;
    ngx_uint_t                 i;
    ngx_http_cost_pg_order_t  *order;

    pmcf->norders = hosts->nelts;
    pmcf->orders = ngx_pcalloc(cf->pool, hosts->nelts
                                         * sizeof(ngx_http_cost_pg_order_t));
    if (pmcf->orders == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < hosts->nelts; i++) {
        order = &pmcf->orders[i];

        offset = offsetof(ngx_http_cost_pg_host_t, host);
        order->host = ngx_http_cost_pg_conninfo_join(cf, hosts, i, offset);

        offset = offsetof(ngx_http_cost_pg_host_t, hostaddr);
        order->hostaddr = ngx_http_cost_pg_conninfo_join(cf, hosts, i, offset);

        offset = offsetof(ngx_http_cost_pg_host_t, port);
        order->port = ngx_http_cost_pg_conninfo_join(cf, hosts, i, offset);

        if (order->host == NULL || order->hostaddr == NULL
            || order->port == NULL)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_cost_pg_conninfo_split(ngx_conf_t *cf, ngx_str_t *list,
    ngx_array_t *items)
{
    u_char     *p, *last;
    ngx_str_t  *item;

    if (ngx_array_init(items, cf->temp_pool, 4, sizeof(ngx_str_t)) != NGX_OK) {
        return NGX_ERROR;
    }

    if (list->len == 0) {
        return NGX_OK;
    }

    p = list->data;
    last = p + list->len;

    for ( ;; ) {
        item = ngx_array_push(items);
        if (item == NULL) {
            return NGX_ERROR;
        }

        item->data = p;

        while (p < last && *p != ',') {
            p++;
        }

        item->len = p - item->data;

        if (p == last) {
            return NGX_OK;
        }

        p++;
    }
}


/* one host becomes one for each of its addresses */

static char *
ngx_http_cost_pg_conninfo_resolve(ngx_conf_t *cf, ngx_array_t *hosts,
    ngx_http_cost_pg_host_t *host)
{
    size_t                    len;
    ngx_url_t                 u;
    ngx_addr_t                addr;
    ngx_uint_t                i;
    ngx_http_cost_pg_host_t  *h;

    if (host->hostaddr.len) {

        if (ngx_parse_addr(cf->pool, &addr, host->hostaddr.data,
                           host->hostaddr.len)
            != NGX_OK)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "cost_database: invalid hostaddr \"%V\"",
                               &host->hostaddr);
            return NGX_CONF_ERROR;
        }
    }

    if (host->hostaddr.len || host->host.len == 0
        || host->host.data[0] == '/' || host->host.data[0] == '@')
    {
        h = ngx_array_push(hosts);
        if (h == NULL) {
            return NGX_CONF_ERROR;
        }

        *h = *host;

        return NGX_CONF_OK;
    }

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.default_port = 5432;
    u.url.data = ngx_pnalloc(cf->pool, host->host.len + 2);
    if (u.url.data == NULL) {
        return NGX_CONF_ERROR;
    }

    u.url.len = ngx_sprintf(u.url.data,
                            ngx_strlchr(host->host.data, host->host.data
                                        + host->host.len, ':')
                            ? "[%V]" : "%V", &host->host)
                - u.url.data;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK || u.naddrs == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "cost_database: %s in host \"%V\"",
                           u.err ? u.err : "no address", &host->host);
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < u.naddrs; i++) {
        h = ngx_array_push(hosts);
        if (h == NULL) {
            return NGX_CONF_ERROR;
        }

        *h = *host;

        h->hostaddr.data = ngx_pnalloc(cf->pool, NGX_SOCKADDR_STRLEN);
        if (h->hostaddr.data == NULL) {
            return NGX_CONF_ERROR;
        }

        len = ngx_sock_ntop(u.addrs[i].sockaddr, u.addrs[i].socklen,
                            h->hostaddr.data, NGX_SOCKADDR_STRLEN, 0);
        h->hostaddr.len = len;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_cost_pg_conninfo_join(ngx_conf_t *cf, ngx_array_t *hosts,
    ngx_uint_t first, size_t offset)
{
    u_char                   *text, *p;
    size_t                    len;
    ngx_str_t                *s;
    ngx_uint_t                i;
    ngx_http_cost_pg_host_t  *h;

    h = hosts->elts;
    len = 0;

    for (i = 0; i < hosts->nelts; i++) {
        s = (ngx_str_t *) ((u_char *) &h[i] + offset);
        len += s->len + 1;
    }

    text = ngx_pnalloc(cf->pool, len);
    if (text == NULL) {
        return NULL;
    }

    p = text;

    for (i = 0; i < hosts->nelts; i++) {
        s = (ngx_str_t *) ((u_char *) &h[(first + i) % hosts->nelts] + offset);

        p = ngx_cpymem(p, s->data, s->len);
        *p++ = ',';
    }

    p[-1] = '\0';

    return (char *) text;
}
