
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_mail.h"
#include "cost_utf8.h"


/* RFC 2045, section 6.7; RFC 2047, section 2: of lines with encoded words */
#define COST_MAIL_LINE  76

/*
 * Bytes that an encoded word holds, with "=?UTF-8?B?" and "?=" around their
 * base64: in the line that begins with "Subject: ", and in others
 */
#define COST_MAIL_WORD_FIRST  39
#define COST_MAIL_WORD_BYTES  45


typedef struct {
    uint8_t     *buf;
    size_t       size;
    size_t       len;            /* had there been room */
} cost_mail_out_t;


static bool cost_mail_atom(uint8_t c);
static void cost_mail_put(cost_mail_out_t *out, const void *data,
    size_t len);
static void cost_mail_put_number(cost_mail_out_t *out, unsigned n,
    unsigned digits);
static void cost_mail_header(cost_mail_out_t *out, const char *name,
    cost_str_t value);
static void cost_mail_subject(cost_mail_out_t *out, cost_str_t text);
static void cost_mail_base64(cost_mail_out_t *out, const uint8_t *p,
    size_t len);
static void cost_mail_date(cost_mail_out_t *out, cost_time_t t);
static void cost_mail_body(cost_mail_out_t *out, cost_str_t text);
static size_t cost_mail_character(const uint8_t *p, const uint8_t *last,
    const uint8_t **data, size_t *len);


#define cost_mail_literal(out, lit)                                           \
    cost_mail_put(out, lit, sizeof(lit) - 1)


/* RFC 5322, section 3.2.3 */

static bool
cost_mail_atom(uint8_t c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9'))
    {
        return true;
    }

    return c && memchr("!#$%&'*+-/=?^_`{|}~", c, 19) != NULL;
}


bool
cost_mail_address(const uint8_t *p, size_t len)
{
    size_t          label;
    const uint8_t  *at, *q, *last;

    if (len < 3 || len > COST_MAIL_ADDRESS_MAX) {
        return false;
    }

    last = p + len;
    at = memchr(p, '@', len);

    if (at == NULL || at - p > 64) {
        return false;
    }

    /* atoms with dots between them */

    for (label = 0, q = p; q < at; q++) {

        if (*q == '.' && label) {
            label = 0;

        } else if (cost_mail_atom(*q)) {
            label++;

        } else {
            return false;
        }
    }

    if (label == 0) {
        return false;
    }

    /* labels of 1 to 63 letters, digits and, not at their ends, hyphens */

    for (label = 0, q = at + 1; q < last; q++) {

        if (*q == '.' && label && q[-1] != '-') {
            label = 0;

        } else if ((*q >= 'a' && *q <= 'z') || (*q >= 'A' && *q <= 'Z')
                   || (*q >= '0' && *q <= '9') || (*q == '-' && label))
        {
            if (++label > 63) {
                return false;
            }

        } else {
            return false;
        }
    }

    return label && last[-1] != '-';
}


size_t
cost_mail_write(const cost_mail_t *mail, uint8_t *buf, size_t size)
{
    const uint8_t    *at;
    cost_str_t        domain;
    cost_mail_out_t   out;

    out.buf = buf;
    out.size = size;
    out.len = 0;

    cost_mail_header(&out, "From: ", mail->from);
    cost_mail_header(&out, "To: ", mail->to);

    cost_mail_subject(&out, mail->subject);

    cost_mail_literal(&out, "Date: ");
    cost_mail_date(&out, mail->date);
    cost_mail_literal(&out, "\r\n");

    at = mail->from.len ? memchr(mail->from.data, '@', mail->from.len) : NULL;

    domain.data = at ? at + 1 : (const uint8_t *) "localhost";
    domain.len = at ? (size_t) (mail->from.data + mail->from.len - domain.data)
                    : sizeof("localhost") - 1;

    cost_mail_literal(&out, "Message-ID: <");
    cost_mail_put(&out, mail->id.data, mail->id.len);
    cost_mail_literal(&out, "@");
    cost_mail_put(&out, domain.data, domain.len);
    cost_mail_literal(&out, ">\r\n");

    /* RFC 3834: no "out of office" in return */

    cost_mail_literal(&out,
                      "Auto-Submitted: auto-generated\r\n"
                      "MIME-Version: 1.0\r\n"
                      "Content-Type: text/plain; charset=utf-8\r\n"
                      "Content-Transfer-Encoding: quoted-printable\r\n"
                      "\r\n");

    cost_mail_body(&out, mail->text);

    cost_mail_literal(&out, ".\r\n");

    return out.len;
}


static void
cost_mail_put(cost_mail_out_t *out, const void *data, size_t len)
{
    if (len && out->len <= out->size && len <= out->size - out->len) {
        memcpy(out->buf + out->len, data, len);
    }

    out->len += len;
}


static void
cost_mail_put_number(cost_mail_out_t *out, unsigned n, unsigned digits)
{
    uint8_t   buf[10], *p;

    p = buf + sizeof(buf);

    do {
        *--p = (uint8_t) ('0' + n % 10);
        n /= 10;
    } while (n || (unsigned) (buf + sizeof(buf) - p) < digits);

    cost_mail_put(out, p, (size_t) (buf + sizeof(buf) - p));
}


/* addresses have no controls: who looked at them has seen that */

static void
cost_mail_header(cost_mail_out_t *out, const char *name, cost_str_t value)
{
    cost_mail_put(out, name, strlen(name));
    cost_mail_put(out, value.data, value.len);
    cost_mail_literal(out, "\r\n");
}


/*
 * What is ASCII and fits a line is written as it is, but for what looks like
 * an encoded word; all else is encoded words, none of which parts a character.
 */

static void
cost_mail_subject(cost_mail_out_t *out, cost_str_t text)
{
    size_t          i, n, len, room;
    uint8_t         word[COST_MAIL_WORD_BYTES];
    const uint8_t  *p, *last, *data;

    len = text.len < COST_MAIL_SUBJECT_MAX ? text.len : COST_MAIL_SUBJECT_MAX;

    for (i = 0; i < len; i++) {
        if (text.data[i] < 0x20 || text.data[i] > 0x7e
            || (text.data[i] == '=' && i + 1 < len && text.data[i + 1] == '?'))
        {
            break;
        }
    }

    cost_mail_literal(out, "Subject: ");

    if (i == len && len <= COST_MAIL_LINE - (sizeof("Subject: ") - 1)) {
        cost_mail_put(out, text.data, len);
        cost_mail_literal(out, "\r\n");
        return;
    }

    p = text.data;
    last = p + len;
    room = COST_MAIL_WORD_FIRST;

    while (p < last) {

        for (n = 0; p < last; n += len) {
            i = cost_mail_character(p, last, &data, &len);

            if (n + len > room) {
                break;
            }

            memcpy(word + n, data, len);

            if (len == 1 && (word[n] < 0x20 || word[n] == 0x7f)) {
                word[n] = ' ';
            }

            p += i;
        }

        cost_mail_literal(out, "=?UTF-8?B?");
        cost_mail_base64(out, word, n);
        cost_mail_literal(out, "?=\r\n");

        room = COST_MAIL_WORD_BYTES;

        /* a line that goes on begins with a blank */

        if (p < last) {
            cost_mail_literal(out, " ");
        }
    }
}


static void
cost_mail_base64(cost_mail_out_t *out, const uint8_t *p, size_t len)
{
    size_t    i, n;
    uint8_t   four[4];
    uint32_t  bits;

    static const uint8_t  digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (i = 0; i < len; i += 3) {
        n = len - i < 3 ? len - i : 3;

        bits = (uint32_t) p[i] << 16;
        bits |= n > 1 ? (uint32_t) p[i + 1] << 8 : 0;
        bits |= n > 2 ? (uint32_t) p[i + 2] : 0;

        four[0] = digits[bits >> 18];
        four[1] = digits[bits >> 12 & 63];
        four[2] = n > 1 ? digits[bits >> 6 & 63] : '=';
        four[3] = n > 2 ? digits[bits & 63] : '=';

        cost_mail_put(out, four, 4);
    }
}


/* RFC 5322, section 3.3: "Sun, 06 Nov 1994 08:49:37 +0000" */

static void
cost_mail_date(cost_mail_out_t *out, cost_time_t t)
{
    int           year;
    unsigned      month, day, weekday, second;
    cost_day_t    days;

    static const char  weekdays[] = "SunMonTueWedThuFriSat";
    static const char  months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    days = cost_day_from_time(t);
    second = (unsigned) (t - (cost_time_t) days * 86400);
    weekday = (unsigned) (((days + 4) % 7 + 7) % 7);

    cost_day_to_civil(days, &year, &month, &day);

    cost_mail_put(out, weekdays + 3 * weekday, 3);
    cost_mail_literal(out, ", ");
    cost_mail_put_number(out, day, 2);
    cost_mail_literal(out, " ");
    cost_mail_put(out, months + 3 * (month - 1), 3);
    cost_mail_literal(out, " ");
    cost_mail_put_number(out, (unsigned) year, 4);
    cost_mail_literal(out, " ");
    cost_mail_put_number(out, second / 3600, 2);
    cost_mail_literal(out, ":");
    cost_mail_put_number(out, second / 60 % 60, 2);
    cost_mail_literal(out, ":");
    cost_mail_put_number(out, second % 60, 2);
    cost_mail_literal(out, " +0000");
}


/* quoted-printable, with SMTP's second dot in front of a first one */

static void
cost_mail_body(cost_mail_out_t *out, cost_str_t text)
{
    size_t          i, n, len, line, width;
    uint8_t         quoted[3];
    const uint8_t  *p, *last, *data;

    static const uint8_t  hex[] = "0123456789ABCDEF";

    p = text.data;
    last = p + text.len;
    line = 0;

    while (p < last) {

        if (*p == '\n' || (*p == '\r' && last - p > 1 && p[1] == '\n')) {
            p += *p == '\r' ? 2 : 1;
            cost_mail_literal(out, "\r\n");
            line = 0;
            continue;
        }

        n = cost_mail_character(p, last, &data, &len);

        for (i = 0; i < len; i++) {

            /* a blank at the end of a line would get lost */

            width = (data[i] >= 0x20 && data[i] <= 0x7e && data[i] != '='
                     && !(data[i] == ' '
                          && (last - p == 1 || p[1] == '\n' || p[1] == '\r')))
                    ? 1 : 3;

            if (line + width > COST_MAIL_LINE - 1) {
                cost_mail_literal(out, "=\r\n");
                line = 0;
            }

            if (line == 0 && width == 1 && data[i] == '.') {
                cost_mail_literal(out, ".");
            }

            if (width == 1) {
                cost_mail_put(out, &data[i], 1);

            } else {
                quoted[0] = '=';
                quoted[1] = hex[data[i] >> 4];
                quoted[2] = hex[data[i] & 15];
                cost_mail_put(out, quoted, 3);
            }

            line += width;
        }

        p += n;
    }

    if (line) {
        cost_mail_literal(out, "\r\n");
    }
}


/* the next character as it is written, and the bytes that it has here */

static size_t
cost_mail_character(const uint8_t *p, const uint8_t *last,
    const uint8_t **data, size_t *len)
{
    size_t  n;

    if (cost_utf8_next(p, last, &n) != COST_OK) {

        /* "n" bytes are no character */

        *data = (const uint8_t *) "?";
        *len = 1;
        return n ? n : 1;
    }

    *data = p;
    *len = n;

    return n;
}
