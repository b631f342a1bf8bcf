
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_s3list.h"
#include "cost_utf8.h"


typedef enum {
    COST_S3LIST_OPEN = 0,
    COST_S3LIST_CLOSE,
    COST_S3LIST_EMPTY,           /* <name/> */
    COST_S3LIST_END              /* of the document */
} cost_s3list_tag_e;


static cost_rc_e cost_s3list_tag(cost_s3list_t *list, cost_s3list_tag_e *kind,
    cost_str_t *name, cost_str_t *text);
static cost_rc_e cost_s3list_markup(cost_s3list_t *list,
    cost_s3list_tag_e *kind, cost_str_t *name);
static uint8_t *cost_s3list_find(uint8_t *p, uint8_t *last, const char *what);
static cost_rc_e cost_s3list_push(cost_s3list_t *list, cost_str_t name);
static cost_rc_e cost_s3list_pop(cost_s3list_t *list, cost_str_t name);
static cost_rc_e cost_s3list_member(cost_s3list_t *list,
    cost_s3list_object_t *object, unsigned *seen, cost_str_t name,
    cost_str_t text);
static cost_rc_e cost_s3list_page(cost_s3list_t *list, cost_str_t name,
    cost_str_t text);
static cost_rc_e cost_s3list_decode(cost_str_t *text);
static cost_rc_e cost_s3list_unescape(cost_str_t *text);
static unsigned cost_s3list_hex(uint8_t ch);
static size_t cost_s3list_entity(const uint8_t *p, const uint8_t *last,
    uint32_t *ch);
static cost_rc_e cost_s3list_size(cost_str_t text, int64_t *size);
static bool cost_s3list_name(uint8_t ch);
static bool cost_s3list_blank(uint8_t ch);


#define COST_S3LIST_KEY       1
#define COST_S3LIST_SIZE      2
#define COST_S3LIST_MODIFIED  4
#define COST_S3LIST_ALL       7


void
cost_s3list_init(cost_s3list_t *list, uint8_t *p, size_t len)
{
    cost_str_t  encoding;

    memset(list, 0, sizeof(cost_s3list_t));

    list->pos = p;
    list->last = p + len;

    /* it may stand behind the objects */

    encoding = cost_s3list_text(p, len, "EncodingType");
    list->encoded = cost_str_is(&encoding, "url");
}


cost_rc_e
cost_s3list_next(cost_s3list_t *list, cost_s3list_object_t *object)
{
    unsigned           seen;
    cost_rc_e          rc;
    cost_str_t         name, text;
    cost_s3list_tag_e  kind;

    memset(object, 0, sizeof(cost_s3list_object_t));
    memset(&name, 0, sizeof(cost_str_t));
    memset(&text, 0, sizeof(cost_str_t));
    seen = 0;

    for ( ;; ) {
        rc = cost_s3list_tag(list, &kind, &name, &text);

        if (rc != COST_OK) {
            return rc;
        }

        switch (kind) {

        case COST_S3LIST_END:
            return COST_DONE;

        case COST_S3LIST_EMPTY:
            continue;

        case COST_S3LIST_OPEN:
            rc = cost_s3list_push(list, name);

            if (rc == COST_OK && list->depth == 1
                && !cost_str_is(&name, "ListBucketResult"))
            {
                rc = COST_INVALID;
            }

            break;

        default: /* COST_S3LIST_CLOSE */
            rc = cost_s3list_pop(list, name);

            if (rc != COST_OK) {
                break;
            }

            if (list->depth == 1 && cost_str_is(&name, "Contents")) {
                return (seen == COST_S3LIST_ALL) ? COST_OK : COST_INVALID;
            }

            if (list->depth == 1) {
                rc = cost_s3list_page(list, name, text);

            } else if (list->depth == 2
                       && cost_str_is(&list->open[1], "Contents"))
            {
                rc = cost_s3list_member(list, object, &seen, name, text);
            }
        }

        if (rc != COST_OK) {
            return rc;
        }
    }
}


/*
 * The next tag, and the text between the one before and it, which means
 * something only where the one closes what the other opened.
 */

static cost_rc_e
cost_s3list_tag(cost_s3list_t *list, cost_s3list_tag_e *kind,
    cost_str_t *name, cost_str_t *text)
{
    uint8_t    *p, *start;
    cost_rc_e   rc;

    start = list->pos;

    for ( ;; ) {
        p = memchr(list->pos, '<', (size_t) (list->last - list->pos));

        text->data = start;
        text->len = (size_t) ((p ? p : list->last) - start);

        if (p == NULL) {
            for (p = start; p < list->last; p++) {
                if (!cost_s3list_blank(*p)) {
                    return COST_INVALID;
                }
            }

            *kind = COST_S3LIST_END;
            list->pos = list->last;

            return (list->depth == 0 && list->open[0].data != NULL)
                   ? COST_OK : COST_INVALID;
        }

        list->pos = p;
        rc = cost_s3list_markup(list, kind, name);

        if (rc != COST_AGAIN) {
            return rc;
        }

        /* a comment or an instruction */

        start = list->pos;
    }
}


/* at "<"; COST_AGAIN: passed over */

static cost_rc_e
cost_s3list_markup(cost_s3list_t *list, cost_s3list_tag_e *kind,
    cost_str_t *name)
{
    uint8_t  *p, *last, quote;

    p = list->pos + 1;
    last = list->last;

    if (p < last && *p == '?') {
        p = cost_s3list_find(p, last, "?>");
        list->pos = p;
        return p ? COST_AGAIN : COST_INVALID;
    }

    if (last - p >= 3 && memcmp(p, "!--", 3) == 0) {
        p = cost_s3list_find(p + 3, last, "-->");
        list->pos = p;
        return p ? COST_AGAIN : COST_INVALID;
    }

    *kind = COST_S3LIST_OPEN;

    if (p < last && *p == '/') {
        *kind = COST_S3LIST_CLOSE;
        p++;
    }

    name->data = p;

    while (p < last && cost_s3list_name(*p)) {
        p++;
    }

    name->len = (size_t) (p - name->data);

    if (name->len == 0 || p == last
        || (!cost_s3list_blank(*p) && *p != '/' && *p != '>'))
    {
        return COST_INVALID;
    }

    /* attributes: ">" may stand in their values */

    for (quote = 0; p < last && (quote || *p != '>'); p++) {

        if (quote) {
            quote = (*p == quote) ? 0 : quote;

        } else if (*p == '"' || *p == '\'') {
            quote = *p;

        } else if (*p == '<') {
            return COST_INVALID;
        }
    }

    if (p == last) {
        return COST_INVALID;
    }

    if (p[-1] == '/') {
        if (*kind == COST_S3LIST_CLOSE) {
            return COST_INVALID;
        }

        *kind = COST_S3LIST_EMPTY;
    }

    list->pos = p + 1;

    return COST_OK;
}


/* behind "what", or NULL */

static uint8_t *
cost_s3list_find(uint8_t *p, uint8_t *last, const char *what)
{
    size_t  len;

    len = strlen(what);

    for ( /* void */ ; (size_t) (last - p) >= len; p++) {
        if (memcmp(p, what, len) == 0) {
            return p + len;
        }
    }

    return NULL;
}


static cost_rc_e
cost_s3list_push(cost_s3list_t *list, cost_str_t name)
{
    if (list->depth == COST_S3LIST_DEPTH) {
        return COST_RANGE;
    }

    /* one root */

    if (list->depth == 0 && list->open[0].data != NULL) {
        return COST_INVALID;
    }

    list->open[list->depth++] = name;

    return COST_OK;
}


static cost_rc_e
cost_s3list_pop(cost_s3list_t *list, cost_str_t name)
{
    cost_str_t  *open;

    if (list->depth == 0) {
        return COST_INVALID;
    }

    open = &list->open[--list->depth];

    return (open->len == name.len
            && memcmp(open->data, name.data, name.len) == 0)
           ? COST_OK : COST_INVALID;
}


/* of an object */

static cost_rc_e
cost_s3list_member(cost_s3list_t *list, cost_s3list_object_t *object,
    unsigned *seen, cost_str_t name, cost_str_t text)
{
    cost_rc_e  rc;

    if (cost_str_is(&name, "Key")) {
        *seen |= COST_S3LIST_KEY;
        rc = cost_s3list_decode(&text);

        if (rc == COST_OK && list->encoded) {
            rc = cost_s3list_unescape(&text);
        }

        object->key = text;

        if (rc == COST_OK && (text.len == 0
                              || text.len > COST_S3LIST_KEY_MAX))
        {
            rc = COST_RANGE;
        }

        return rc;
    }

    if (cost_str_is(&name, "ETag")) {
        rc = cost_s3list_decode(&text);
        object->etag = text;

        return (rc == COST_OK && text.len > COST_S3LIST_ETAG_MAX)
               ? COST_RANGE : rc;
    }

    if (cost_str_is(&name, "Size")) {
        *seen |= COST_S3LIST_SIZE;
        return cost_s3list_size(text, &object->size);
    }

    if (cost_str_is(&name, "LastModified")) {
        *seen |= COST_S3LIST_MODIFIED;
        return cost_time_parse(text.data, text.len, &object->modified);
    }

    return COST_OK;
}


/* of the page */

static cost_rc_e
cost_s3list_page(cost_s3list_t *list, cost_str_t name, cost_str_t text)
{
    cost_rc_e  rc;

    if (cost_str_is(&name, "IsTruncated")) {
        list->truncated = cost_str_is(&text, "true");

        return (list->truncated || cost_str_is(&text, "false"))
               ? COST_OK : COST_INVALID;
    }

    if (cost_str_is(&name, "NextContinuationToken")) {
        rc = cost_s3list_decode(&text);
        list->token = text;

        return (rc == COST_OK && text.len > COST_S3LIST_TOKEN_MAX)
               ? COST_RANGE : rc;
    }

    return COST_OK;
}


/* in place; UTF-8 without control characters */

static cost_rc_e
cost_s3list_decode(cost_str_t *text)
{
    size_t     n, len;
    uint8_t   *p, *q, *last;
    uint32_t   ch;

    p = (uint8_t *) text->data;
    last = p + text->len;

    for (q = p; p < last; p += n) {

        if (*p != '&') {
            if (*p < 0x20 || *p == 0x7f
                || cost_utf8_next(p, last, &n) != COST_OK)
            {
                return COST_INVALID;
            }

            memmove(q, p, n);
            q += n;
            continue;
        }

        n = cost_s3list_entity(p, last, &ch);

        if (n == 0 || ch < 0x20 || ch == 0x7f || ch > 0x10ffff
            || (ch >= 0xd800 && ch < 0xe000))
        {
            return COST_INVALID;
        }

        /* shorter than the reference, "&#x10ffff;" against four bytes */

        if (ch < 0x80) {
            *q++ = (uint8_t) ch;
            continue;
        }

        len = (ch < 0x800) ? 2 : (ch < 0x10000) ? 3 : 4;

        if (len == 2) {
            *q++ = (uint8_t) (0xc0 | ch >> 6);

        } else if (len == 3) {
            *q++ = (uint8_t) (0xe0 | ch >> 12);

        } else {
            *q++ = (uint8_t) (0xf0 | ch >> 18);
            *q++ = (uint8_t) (0x80 | (ch >> 12 & 0x3f));
        }

        if (len > 2) {
            *q++ = (uint8_t) (0x80 | (ch >> 6 & 0x3f));
        }

        *q++ = (uint8_t) (0x80 | (ch & 0x3f));
    }

    text->len = (size_t) (q - text->data);

    return COST_OK;
}


/* in place: "+" and "%41"; UTF-8 without zeros */

static cost_rc_e
cost_s3list_unescape(cost_str_t *text)
{
    size_t          n;
    uint8_t        *p, *q, *last;
    unsigned        high, low;
    const uint8_t  *start;

    start = text->data;
    p = (uint8_t *) text->data;
    last = p + text->len;

    for (q = p; p < last; q++) {

        if (*p != '%') {
            *q = (*p == '+') ? ' ' : *p;
            p++;
            continue;
        }

        if (last - p < 3) {
            return COST_INVALID;
        }

        high = cost_s3list_hex(p[1]);
        low = cost_s3list_hex(p[2]);

        if (high > 15 || low > 15 || (high | low) == 0) {
            return COST_INVALID;
        }

        *q = (uint8_t) (high << 4 | low);
        p += 3;
    }

    text->len = (size_t) (q - start);

    for ( /* void */ ; start < q; start += n) {
        if (cost_utf8_next(start, q, &n) != COST_OK) {
            return COST_INVALID;
        }
    }

    return COST_OK;
}


/* more than 15: it is no digit */

static unsigned
cost_s3list_hex(uint8_t ch)
{
    if (ch >= '0' && ch <= '9') {
        return ch - (unsigned) '0';
    }

    ch |= 0x20;

    return (ch >= 'a' && ch <= 'f') ? ch - (unsigned) 'a' + 10 : 16;
}


/* at "&"; the bytes it takes, 0: it is none */

static size_t
cost_s3list_entity(const uint8_t *p, const uint8_t *last, uint32_t *ch)
{
    size_t          i, len;
    uint32_t        digit, base;
    const uint8_t  *semicolon, *d;

    static const struct {
        const char  *name;
        uint32_t     ch;
    } names[] = {
        { "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' },
        { "apos", '\'' }
    };

    len = (size_t) (last - p) < 12 ? (size_t) (last - p) : 12;
    semicolon = memchr(p, ';', len);

    if (semicolon == NULL) {
        return 0;
    }

    len = (size_t) (semicolon - p) + 1;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i].name) == len - 2
            && memcmp(names[i].name, p + 1, len - 2) == 0)
        {
            *ch = names[i].ch;
            return len;
        }
    }

    if (p[1] != '#') {
        return 0;
    }

    base = (p[2] == 'x') ? 16 : 10;
    d = p + 2 + (base == 16);

    if (d == semicolon) {
        return 0;
    }

    for (*ch = 0; d < semicolon; d++) {

        if (*d >= '0' && *d <= '9') {
            digit = *d - (uint32_t) '0';

        } else if (base == 16 && (*d | 0x20) >= 'a' && (*d | 0x20) <= 'f') {
            digit = (*d | 0x20U) - 'a' + 10;

        } else {
            return 0;
        }

        *ch = *ch * base + digit;

        if (*ch > 0x10ffff) {
            return 0;
        }
    }

    return len;
}


static cost_rc_e
cost_s3list_size(cost_str_t text, int64_t *size)
{
    size_t  i;

    if (text.len == 0 || text.len > 15) {
        return COST_INVALID;
    }

    *size = 0;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return COST_INVALID;
        }

        *size = *size * 10 + (text.data[i] - '0');
    }

    return COST_OK;
}


static bool
cost_s3list_name(uint8_t ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z')
           || (ch >= '0' && ch <= '9')
           || ch == '-' || ch == '_' || ch == '.' || ch == ':';
}


static bool
cost_s3list_blank(uint8_t ch)
{
    return ch == ' ' || ch == '\t' || ch == '\r' || ch == '\n';
}


cost_str_t
cost_s3list_text(const uint8_t *p, size_t len, const char *name)
{
    size_t          n;
    cost_str_t      text;
    const uint8_t  *last, *end;

    last = p + len;
    n = strlen(name);

    text.len = 0;
    text.data = p;

    for ( /* void */ ; (size_t) (last - p) > n + 2; p++) {

        p = memchr(p, '<', (size_t) (last - p) - n - 2);

        if (p == NULL) {
            break;
        }

        if (memcmp(p + 1, name, n) != 0 || p[n + 1] != '>') {
            continue;
        }

        text.data = p + n + 2;

        for (end = text.data; end < last && *end != '<'; end++) {
            if (*end < 0x20 || *end >= 0x7f) {
                return text;
            }
        }

        if (end < last) {
            text.len = (size_t) (end - text.data);
        }

        break;
    }

    return text;
}
