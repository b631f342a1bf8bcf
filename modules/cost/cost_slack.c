
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_slack.h"
#include "cost_pull.h"


#define COST_SLACK_DEPTH  32
#define COST_SLACK_TEXT   4000   /* bytes of the text that are sent */


static bool cost_slack_passing(cost_str_t error);


/* errors of the Web API that are not the message's or the token's fault */

static const cost_str_t  cost_slack_again[] = {
    cost_string("ratelimited"),
    cost_string("rate_limited"),
    cost_string("message_limit_exceeded"),
    cost_string("internal_error"),
    cost_string("fatal_error"),
    cost_string("service_unavailable"),
    cost_string("request_timeout"),
    cost_string("team_added_to_org"),
    { 0, NULL }
};


void
cost_slack_write(cost_json_t *j, cost_str_t channel, cost_str_t text)
{
    size_t   i, n;
    uint8_t  buf[5 * COST_SLACK_TEXT];

    n = 0;

    /* not in the middle of a character */

    if (text.len > COST_SLACK_TEXT) {
        text.len = COST_SLACK_TEXT;

        while (text.len && (text.data[text.len] & 0xc0) == 0x80) {
            text.len--;
        }
    }

    for (i = 0; i < text.len; i++) {

        switch (text.data[i]) {

        case '&':
            memcpy(buf + n, "&amp;", 5);
            n += 5;
            break;

        case '<':
            memcpy(buf + n, "&lt;", 4);
            n += 4;
            break;

        case '>':
            memcpy(buf + n, "&gt;", 4);
            n += 4;
            break;

        default:
            buf[n++] = text.data[i];
        }
    }

    cost_json_object(j);
    cost_json_name(j, "channel");
    cost_json_string(j, channel.data, channel.len);
    cost_json_name(j, "text");
    cost_json_string(j, buf, n);
    cost_json_object_end(j);
}


cost_retry_verdict_e
cost_slack_verdict(unsigned status, const uint8_t *answer, size_t len,
    const char **why)
{
    bool         is_ok, is_error, failed;
    cost_str_t   error;
    cost_pull_e  kind;
    cost_pull_t  r;

    *why = NULL;

    if (status != 200) {
        return COST_RETRY_AGAIN;
    }

    error.len = 0;
    error.data = NULL;
    failed = false;

    cost_pull_init(&r, answer, len, COST_SLACK_DEPTH);

    if (cost_pull_next(&r) != COST_PULL_OBJECT) {
        goto unknown;
    }

    while (cost_pull_next(&r) == COST_PULL_NAME) {

        is_ok = cost_str_is(&r.text, "ok");
        is_error = cost_str_is(&r.text, "error");

        kind = cost_pull_next(&r);

        if (is_ok && kind == COST_PULL_TRUE) {
            return COST_RETRY_DELIVERED;
        }

        if (is_ok && kind == COST_PULL_FALSE) {
            failed = true;

        } else if (is_error && kind == COST_PULL_STRING) {
            error = r.text;

        } else if (cost_pull_skip(&r, kind) != COST_OK) {
            break;
        }

        if (failed && error.data) {
            return cost_slack_passing(error) ? COST_RETRY_AGAIN
                                             : COST_RETRY_DEAD;
        }
    }

    if (failed) {
        return COST_RETRY_DEAD;
    }

unknown:

    *why = "this was no answer of Slack";

    return COST_RETRY_AGAIN;
}


static bool
cost_slack_passing(cost_str_t error)
{
    const cost_str_t  *s;

    for (s = cost_slack_again; s->len; s++) {
        if (s->len == error.len && memcmp(s->data, error.data, s->len) == 0) {
            return true;
        }
    }

    return false;
}
