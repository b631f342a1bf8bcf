
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_smtp.h"


static cost_rc_e cost_smtp_byte(cost_smtp_reply_t *reply, uint8_t c);


typedef struct {
    const char        *name;
    unsigned           code;     /* that it must be answered with; 25: 25x */
    cost_smtp_step_e   next;
} cost_smtp_rule_t;


static const cost_smtp_rule_t  cost_smtp_rules[] = {
    { "greeting", 220, COST_SMTP_EHLO },
    { "EHLO", 250, COST_SMTP_AUTH },
    { "AUTH", 235, COST_SMTP_MAIL },
    { "MAIL", 250, COST_SMTP_RCPT },
    { "RCPT", 25, COST_SMTP_DATA },
    { "DATA", 354, COST_SMTP_MESSAGE },
    { "message", 250, COST_SMTP_SENT }
};


void
cost_smtp_reply_init(cost_smtp_reply_t *reply)
{
    reply->code = 0;
    reply->len = 0;
    reply->total = 0;
    reply->column = 0;
    reply->line = 0;
    reply->more = false;
    reply->first = true;
    reply->cr = false;
}


cost_rc_e
cost_smtp_reply(cost_smtp_reply_t *reply, const uint8_t *p, size_t len,
    size_t *used)
{
    size_t     i;
    cost_rc_e  rc;

    for (i = 0; i < len; i++) {
        rc = cost_smtp_byte(reply, p[i]);

        if (rc != COST_AGAIN) {
            *used = i + 1;
            return rc;
        }
    }

    *used = len;

    return COST_AGAIN;
}


/* "250-text" lines, and a last one that is "250 text" or "250" */

static cost_rc_e
cost_smtp_byte(cost_smtp_reply_t *reply, uint8_t c)
{
    if (++reply->total > COST_SMTP_MAX) {
        return COST_INVALID;
    }

    /* what is kept is one line of printable ASCII */

    if (reply->first && c != '\r' && c != '\n'
        && reply->len < COST_SMTP_TEXT)
    {
        reply->text[reply->len++] = (uint8_t) (c >= 0x20 && c <= 0x7e ? c
                                                                      : '?');
    }

    if (c == '\n') {

        if (reply->column < 3) {
            return COST_INVALID;
        }

        if (reply->first) {
            reply->code = reply->line;
            reply->first = false;

        } else if (reply->line != reply->code) {
            return COST_INVALID;
        }

        if (!reply->more) {
            return COST_OK;
        }

        reply->column = 0;
        reply->line = 0;
        reply->more = false;
        reply->cr = false;

        return COST_AGAIN;
    }

    if (reply->cr) {
        return COST_INVALID;
    }

    if (c == '\r') {
        reply->cr = true;
        return COST_AGAIN;
    }

    switch (reply->column++) {

    case 0:
        if (c < '2' || c > '5') {
            return COST_INVALID;
        }

        reply->line = (unsigned) (c - '0');
        break;

    case 1:
    case 2:
        if (c < '0' || c > '9') {
            return COST_INVALID;
        }

        reply->line = reply->line * 10 + (unsigned) (c - '0');
        break;

    case 3:
        if (c != ' ' && c != '-') {
            return COST_INVALID;
        }

        reply->more = (c == '-');
        break;

    default:
        break;
    }

    return COST_AGAIN;
}


cost_rc_e
cost_smtp_next(cost_smtp_step_e step, unsigned code, bool auth,
    cost_smtp_step_e *next, cost_retry_verdict_e *verdict)
{
    const cost_smtp_rule_t  *rule;

    *verdict = COST_RETRY_AGAIN;

    if (step >= COST_SMTP_SENT) {
        return COST_INVALID;
    }

    rule = &cost_smtp_rules[step];

    if (rule->code == code || rule->code == code / 10) {
        *next = rule->next;

        if (*next == COST_SMTP_AUTH && !auth) {
            *next = COST_SMTP_MAIL;
        }

        return COST_OK;
    }

    if (code >= 500 && step >= COST_SMTP_MAIL) {
        *verdict = COST_RETRY_DEAD;
    }

    return COST_INVALID;
}


const char *
cost_smtp_name(cost_smtp_step_e step)
{
    return step < COST_SMTP_SENT ? cost_smtp_rules[step].name : "end";
}
