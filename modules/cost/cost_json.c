
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_json.h"
#include "cost_utf8.h"


static void cost_json_put(cost_json_t *j, const uint8_t *data, size_t len);
static void cost_json_byte(cost_json_t *j, uint8_t c);
static void cost_json_comma(cost_json_t *j);
static void cost_json_quoted(cost_json_t *j, const uint8_t *data, size_t len);
static void cost_json_escape(cost_json_t *j, uint8_t c);


#define cost_json_put_literal(j, lit)                                         \
    cost_json_put(j, (const uint8_t *) (lit), sizeof(lit) - 1)


void
cost_json_init(cost_json_t *j, uint8_t *buf, size_t size)
{
    j->start = buf;
    j->pos = buf;
    j->last = (size == 0) ? buf : buf + size;
    j->length = 0;
    j->stamp = 0;
    j->stamp_len = 0;
    j->comma = false;
}


void
cost_json_object(cost_json_t *j)
{
    cost_json_comma(j);
    cost_json_byte(j, '{');
    j->comma = false;
}


void
cost_json_object_end(cost_json_t *j)
{
    cost_json_byte(j, '}');
    j->comma = true;
}


void
cost_json_array(cost_json_t *j)
{
    cost_json_comma(j);
    cost_json_byte(j, '[');
    j->comma = false;
}


void
cost_json_array_end(cost_json_t *j)
{
    cost_json_byte(j, ']');
    j->comma = true;
}


void
cost_json_name_n(cost_json_t *j, const uint8_t *name, size_t len)
{
    cost_json_comma(j);
    cost_json_byte(j, '"');
    cost_json_put(j, name, len);
    cost_json_put_literal(j, "\":");
    j->comma = false;
}


void
cost_json_name_str(cost_json_t *j, const uint8_t *name, size_t len)
{
    cost_json_comma(j);
    cost_json_quoted(j, name, len);
    cost_json_byte(j, ':');
    j->comma = false;
}


void
cost_json_string(cost_json_t *j, const uint8_t *data, size_t len)
{
    cost_json_comma(j);
    cost_json_quoted(j, data, len);
}


void
cost_json_integer(cost_json_t *j, int64_t n)
{
    uint8_t   buf[20], *p;
    uint64_t  u;

    u = (n < 0) ? 0 - (uint64_t) n : (uint64_t) n;
    p = buf + sizeof(buf);

    do {
        *--p = (uint8_t) ('0' + u % 10);
        u /= 10;
    } while (u);

    if (n < 0) {
        *--p = '-';
    }

    cost_json_raw(j, p, (size_t) (buf + sizeof(buf) - p));
}


void
cost_json_bool(cost_json_t *j, bool b)
{
    cost_json_comma(j);

    if (b) {
        cost_json_put_literal(j, "true");

    } else {
        cost_json_put_literal(j, "false");
    }
}


void
cost_json_null(cost_json_t *j)
{
    cost_json_comma(j);
    cost_json_put_literal(j, "null");
}


void
cost_json_date(cost_json_t *j, cost_day_t day)
{
    size_t   len;
    uint8_t  buf[COST_DATE_LEN];

    len = cost_date_format(day, buf);
    cost_json_string(j, buf, len);
}


void
cost_json_time(cost_json_t *j, cost_time_t t)
{
    size_t   len;
    uint8_t  buf[COST_TIME_LEN];

    len = cost_time_format(t, buf);
    cost_json_string(j, buf, len);
}


void
cost_json_stamp(cost_json_t *j, cost_time_t t)
{
    cost_json_comma(j);
    j->comma = false;

    j->stamp = j->length;
    cost_json_time(j, t);
    j->stamp_len = j->length - j->stamp;
}


void
cost_json_decimal(cost_json_t *j, cost_decimal_t d, unsigned places,
    unsigned keep)
{
    size_t   len;
    uint8_t  buf[COST_DECIMAL_LEN];

    len = cost_decimal_format(d, places, keep, buf);
    cost_json_raw(j, buf, len);
}


void
cost_json_raw(cost_json_t *j, const uint8_t *data, size_t len)
{
    cost_json_comma(j);
    cost_json_put(j, data, len);
}


static void
cost_json_put(cost_json_t *j, const uint8_t *data, size_t len)
{
    j->length += len;

    if (len > (size_t) (j->last - j->pos)) {
        /* a hole in the text would be worse than its end: nothing more fits */
        j->pos = j->last;
        return;
    }

    if (len) {
        memcpy(j->pos, data, len);
        j->pos += len;
    }
}


static void
cost_json_byte(cost_json_t *j, uint8_t c)
{
    j->length++;

    if (j->pos != j->last) {
        *j->pos++ = c;
    }
}


static void
cost_json_comma(cost_json_t *j)
{
    if (j->comma) {
        cost_json_byte(j, ',');
    }

    j->comma = true;
}


static void
cost_json_quoted(cost_json_t *j, const uint8_t *data, size_t len)
{
    size_t          n;
    const uint8_t  *p, *end, *run;

    cost_json_byte(j, '"');

    run = data;
    p = data;
    end = (len == 0) ? data : data + len;

    while (p != end) {

        if (*p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\') {
            p++;
            continue;
        }

        if (*p >= 0x80) {

            if (cost_utf8_next(p, end, &n) == COST_OK) {
                p += n;
                continue;
            }

            cost_json_put(j, run, (size_t) (p - run));
            cost_json_put_literal(j, "\xef\xbf\xbd");
            p += n;
            run = p;
            continue;
        }

        cost_json_put(j, run, (size_t) (p - run));
        cost_json_escape(j, *p++);
        run = p;
    }

    cost_json_put(j, run, (size_t) (p - run));
    cost_json_byte(j, '"');
}


static void
cost_json_escape(cost_json_t *j, uint8_t c)
{
    uint8_t  buf[6];

    static const uint8_t  hex[] = "0123456789abcdef";

    buf[0] = '\\';

    switch (c) {

    case '"':
    case '\\':
        buf[1] = c;
        break;

    case '\b':
        buf[1] = 'b';
        break;

    case '\f':
        buf[1] = 'f';
        break;

    case '\n':
        buf[1] = 'n';
        break;

    case '\r':
        buf[1] = 'r';
        break;

    case '\t':
        buf[1] = 't';
        break;

    default:
        buf[1] = 'u';
        buf[2] = '0';
        buf[3] = '0';
        buf[4] = hex[c >> 4];
        buf[5] = hex[c & 0xf];
        cost_json_put(j, buf, 6);
        return;
    }

    cost_json_put(j, buf, 2);
}
