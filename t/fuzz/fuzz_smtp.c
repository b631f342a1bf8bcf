
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Any bytes as replies of an SMTP server and as an answer of Slack: in one
 * piece and in two they are the same, and what is kept is one line of ASCII.
 */

#include "cost/cost_slack.h"
#include "cost/cost_smtp.h"

#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t             i, cut, used, used1, used2;
    cost_rc_e          rc, rc2;
    const char        *why;
    cost_smtp_reply_t  one, two;

    (void) cost_slack_verdict(200, data, size, &why);

    cost_smtp_reply_init(&one);
    rc = cost_smtp_reply(&one, data, size, &used);

    cut = size ? data[0] % size : 0;
    used2 = 0;

    cost_smtp_reply_init(&two);
    rc2 = cost_smtp_reply(&two, data, cut, &used1);

    if (rc2 == COST_AGAIN) {
        rc2 = cost_smtp_reply(&two, data + cut, size - cut, &used2);
    }

    if (rc != rc2 || used != used1 + used2 || one.len != two.len
        || one.code != two.code || memcmp(one.text, two.text, one.len) != 0)
    {
        abort();
    }

    if (rc == COST_OK && (one.code < 200 || one.code > 599)) {
        abort();
    }

    for (i = 0; i < one.len; i++) {
        if (one.text[i] < 0x20 || one.text[i] > 0x7e) {
            abort();
        }
    }

    return 0;
}
