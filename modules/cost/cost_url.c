
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_url.h"


#define COST_URL_NAME_MAX   253
#define COST_URL_LABEL_MAX  63


static const uint8_t *cost_url_scheme(const uint8_t *p, const uint8_t *end,
    cost_url_t *url, const char **why);
static cost_rc_e cost_url_authority(cost_url_t *url, const char **why);
static cost_rc_e cost_url_name(cost_str_t host);
static cost_rc_e cost_url_port(const uint8_t *p, const uint8_t *end,
    cost_url_t *url);
static bool cost_url_path(cost_str_t path);
static bool cost_url_alnum(uint8_t ch);


static const char  cost_url_why_host[] =
    "must have a host that is a name or a plainly written address";


cost_rc_e
cost_url_parse(const uint8_t *p, size_t len, cost_url_t *url,
    const char **why)
{
    const uint8_t  *end, *start;

    memset(url, 0, sizeof(cost_url_t));

    if (len == 0 || len > COST_URL_MAX) {
        *why = "must be an absolute URL of 1 to 2048 characters";
        return COST_INVALID;
    }

    end = p + len;
    start = cost_url_scheme(p, end, url, why);

    if (start == NULL) {
        return COST_INVALID;
    }

    for (p = start; p < end && *p != '/' && *p != '?' && *p != '#'; p++) {
        /* void */
    }

    url->authority.data = start;
    url->authority.len = (size_t) (p - start);
    url->path.data = p;
    url->path.len = (size_t) (end - p);

    if (memchr(start, '@', url->authority.len)) {
        *why = "must have no user and no password";
        return COST_INVALID;
    }

    if (!cost_url_path(url->path)) {
        *why = "must have a path and a query of printable ASCII characters, "
               "others percent-encoded, and no fragment";
        return COST_INVALID;
    }

    return cost_url_authority(url, why);
}


/* returns what follows "https://"; schemes know no case */

static const uint8_t *
cost_url_scheme(const uint8_t *p, const uint8_t *end, cost_url_t *url,
    const char **why)
{
    size_t             i, n;
    static const char  scheme[] = "https";

    n = (size_t) (end - p);

    for (i = 0; i < n && i < 5; i++) {
        if ((p[i] | 0x20) != scheme[i]) {
            break;
        }
    }

    if (i >= 4 && n >= i + 3 && memcmp(p + i, "://", 3) == 0) {
        url->tls = (i == 5);
        return p + i + 3;
    }

    *why = "must begin with https://";

    return NULL;
}


static cost_rc_e
cost_url_authority(cost_url_t *url, const char **why)
{
    const uint8_t  *p, *end, *colon;

    p = url->authority.data;
    end = p + url->authority.len;

    url->port = url->tls ? 443 : 80;
    *why = cost_url_why_host;

    if (p < end && *p == '[') {
        colon = memchr(p, ']', (size_t) (end - p));

        if (colon == NULL) {
            return COST_INVALID;
        }

        url->host.data = p + 1;
        url->host.len = (size_t) (colon - p) - 1;
        url->kind = COST_URL_V6;

        if (cost_address_parse_v6(url->host.data, url->host.len,
                                  url->address)
            != COST_OK)
        {
            return COST_INVALID;
        }

        colon++;

    } else {
        colon = memchr(p, ':', (size_t) (end - p));

        if (colon == NULL) {
            colon = end;
        }

        url->host.data = p;
        url->host.len = (size_t) (colon - p);

        if (cost_address_parse_v4(p, url->host.len, url->address)
            == COST_OK)
        {
            url->kind = COST_URL_V4;

        } else if (cost_url_name(url->host) != COST_OK) {
            return COST_INVALID;
        }
    }

    if (colon < end && cost_url_port(colon, end, url) != COST_OK) {
        *why = "must have a port of 1 to 65535";
        return COST_INVALID;
    }

    return COST_OK;
}


/*
 * RFC 1123 with "_", which some names have.  A last label that begins with a
 * digit makes a number that inet_aton() might read, and no name.
 */

static cost_rc_e
cost_url_name(cost_str_t host)
{
    size_t   i, label;
    uint8_t  ch, first;

    if (host.len == 0 || host.len > COST_URL_NAME_MAX) {
        return COST_INVALID;
    }

    label = 0;
    first = 0;

    for (i = 0; i < host.len; i++) {
        ch = host.data[i];

        if (ch == '.') {
            if (label == 0 || host.data[i - 1] == '-') {
                return COST_INVALID;
            }

            label = 0;
            continue;
        }

        if (!cost_url_alnum(ch) && ch != '_' && (ch != '-' || label == 0)) {
            return COST_INVALID;
        }

        if (label == 0) {
            first = ch;
        }

        if (++label > COST_URL_LABEL_MAX) {
            return COST_INVALID;
        }
    }

    return label && host.data[host.len - 1] != '-'
           && !(first >= '0' && first <= '9')
           ? COST_OK : COST_INVALID;
}


/* from the colon on */

static cost_rc_e
cost_url_port(const uint8_t *p, const uint8_t *end, cost_url_t *url)
{
    uint32_t  port;

    if (*p++ != ':' || p == end || end - p > 5 || *p == '0') {
        return COST_INVALID;
    }

    for (port = 0; p < end; p++) {
        if (*p < '0' || *p > '9') {
            return COST_INVALID;
        }

        port = port * 10 + (uint32_t) (*p - '0');
    }

    if (port > 65535) {
        return COST_INVALID;
    }

    url->port = (uint16_t) port;

    return COST_OK;
}


static bool
cost_url_path(cost_str_t path)
{
    size_t   i;
    uint8_t  ch;

    for (i = 0; i < path.len; i++) {
        ch = path.data[i];

        if (ch <= 0x20 || ch >= 0x7f || ch == '#' || ch == '\\'
            || ch == '"' || ch == '<' || ch == '>')
        {
            return false;
        }
    }

    return true;
}


static bool
cost_url_alnum(uint8_t ch)
{
    return (ch >= '0' && ch <= '9')
           || ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z');
}


cost_rc_e
cost_url_check(const cost_url_t *url, unsigned allow, const char **why)
{
    cost_address_e  kind;

    if (!url->tls && !(allow & COST_URL_ALLOW_HTTP)) {
        *why = "must begin with https://";
        return COST_RANGE;
    }

    if (url->kind == COST_URL_NAME) {
        return COST_OK;
    }

    kind = url->kind == COST_URL_V4 ? cost_address_v4(url->address)
                                    : cost_address_v6(url->address);

    if (!cost_url_address(kind, allow)) {
        *why = "must not lead to a loopback, private or reserved address";
        return COST_RANGE;
    }

    return COST_OK;
}


bool
cost_url_address(cost_address_e kind, unsigned allow)
{
    return kind == COST_ADDRESS_PUBLIC
           || (kind == COST_ADDRESS_LOOPBACK
               && (allow & COST_URL_ALLOW_LOOPBACK))
           || (kind == COST_ADDRESS_PRIVATE
               && (allow & COST_URL_ALLOW_PRIVATE));
}
