
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Any bytes as an address, a subject and a text.  Nothing of them leaves its
 * place: the message has the headers it has, lines of a bounded length that
 * end with \r\n, no bytes but ASCII, and ends with the one dot that stands
 * alone.
 */

#include "cost/cost_mail.h"

#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static uint8_t  buf[65536];


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t       i, len, line, lines, headers;
    cost_mail_t  mail;

    if (size > 8192) {
        return 0;
    }

    memset(&mail, 0, sizeof(mail));

    mail.from = (cost_str_t) cost_string("cost@example.org");
    mail.to = mail.from;
    mail.id = (cost_str_t) cost_string("1");
    mail.date = 784111777;

    if (cost_mail_address(data, size)) {
        mail.to.data = data;
        mail.to.len = size;
    }

    mail.subject.data = data;
    mail.subject.len = size / 2;
    mail.text.data = data + size / 2;
    mail.text.len = size - size / 2;

    len = cost_mail_write(&mail, buf, sizeof(buf));

    if (len > sizeof(buf) || len < 5
        || memcmp(buf + len - 5, "\r\n.\r\n", 5) != 0)
    {
        abort();
    }

    headers = 0;

    for (i = 0, line = 0, lines = 0; i < len; i++) {

        if (buf[i] == '\r') {
            if (buf[i + 1] != '\n' || line > 264) {
                abort();
            }

            /* a dot alone is the last */

            if (line == 1 && buf[i - 1] == '.' && i != len - 2) {
                abort();
            }

            if (line == 0 && headers == 0) {
                headers = lines;
            }

            lines++;
            line = 0;
            i++;
            continue;
        }

        if (buf[i] < 0x20 || buf[i] > 0x7e) {
            abort();
        }

        /* a header or, of the subject, more of it */

        if (line == 0 && headers == 0 && buf[i] != ' '
            && !(buf[i] >= 'A' && buf[i] <= 'Z'))
        {
            abort();
        }

        line++;

        if (headers && line > 77) {
            abort();
        }
    }

    /* nine headers, of which the subject may have more lines */

    if (headers < 9 || headers > 9 + COST_MAIL_SUBJECT_MAX / 36) {
        abort();
    }

    return 0;
}
