
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_smtp.h"

#include "test.h"


static void test_replies(void);
static void test_large(void);
static void test_steps(void);


typedef struct {
    const char  *text;
    int          code;           /* 0: more is needed; -1: it is none */
    const char  *first;
} test_reply_t;


static const test_reply_t  test_reply[] = {
    { "220 mail.example.org ESMTP\r\n", 220, "220 mail.example.org ESMTP" },
    { "250-one\r\n250-two\r\n250 three\r\n", 250, "250-one" },
    { "250\r\n", 250, "250" },
    { "250 \r\n", 250, "250 " },
    { "550 5.1.1 no\tsuch user\n", 550, "550 5.1.1 no?such user" },
    { "421 \xc3\xa9\r\n", 421, "421 ??" },
    { "", 0, "" },
    { "2", 0, "2" },
    { "250", 0, "250" },
    { "250-one\r\n", 0, "250-one" },
    { "250-one\r\n25", 0, "250-one" },
    { "250 one\r", 0, "250 one" },
    { "25\r\n", -1, "25" },
    { "\r\n", -1, "" },
    { "150 one\r\n", -1, "1" },
    { "650 one\r\n", -1, "6" },
    { "2x0 one\r\n", -1, "2x" },
    { "250x\r\n", -1, "250x" },
    { "250-one\r\n550 two\r\n", -1, "250-one" },
    { "250 one\rtwo\r\n", -1, "250 onet" },
    { "HTTP/1.1 400 Bad Request\r\n", -1, "H" },
    { "\x15\x03\x01", -1, "?" }
};


int
main(void)
{
    test_replies();
    test_large();
    test_steps();

    return done_testing();
}


/* byte by byte is as good as at once, and what follows is left */

static void
test_replies(void)
{
    int                got;
    size_t             i, k, len, used;
    uint8_t            text[100];
    cost_rc_e          rc;
    cost_smtp_reply_t  reply, slow;

    for (i = 0; i < sizeof(test_reply) / sizeof(test_reply[0]); i++) {

        len = strlen(test_reply[i].text);
        memcpy(text, test_reply[i].text, len);
        memcpy(text + len, "354 x", 5);

        cost_smtp_reply_init(&reply);
        rc = cost_smtp_reply(&reply, text,
                             test_reply[i].code > 0 ? len + 5 : len, &used);

        got = rc == COST_OK ? (int) reply.code : rc == COST_AGAIN ? 0 : -1;

        is_int(got, test_reply[i].code, test_reply[i].first);
        is_str(reply.text, reply.len, test_reply[i].first, "its first line");

        if (rc == COST_OK) {
            is_int((intmax_t) used, (intmax_t) len, "and no byte more");
        }

        cost_smtp_reply_init(&slow);

        for (k = 0, rc = COST_AGAIN; rc == COST_AGAIN && k < len; k++) {
            rc = cost_smtp_reply(&slow, text + k, 1, &used);
        }

        got = rc == COST_OK ? (int) slow.code : rc == COST_AGAIN ? 0 : -1;
        is_int(got, test_reply[i].code, "byte by byte");
    }
}


static void
test_large(void)
{
    size_t             i, used;
    cost_rc_e          rc;
    cost_smtp_reply_t  reply;

    cost_smtp_reply_init(&reply);
    rc = cost_smtp_reply(&reply, (const uint8_t *) "250 ", 4, &used);

    for (i = 4; rc == COST_AGAIN && i < 100000; i++) {
        rc = cost_smtp_reply(&reply, (const uint8_t *) "x", 1, &used);
    }

    is_int(rc, COST_INVALID, "a line without an end");
    is_int((intmax_t) i, COST_SMTP_MAX + 1, "is read so far");
    is_int((intmax_t) reply.len, COST_SMTP_TEXT, "and kept so far");
}


static void
test_steps(void)
{
    int                    i;
    unsigned               code;
    const char            *name;
    cost_rc_e              rc;
    cost_smtp_step_e       step, next;
    cost_retry_verdict_e   verdict;

    static const unsigned  codes[] = { 220, 250, 235, 250, 250, 354, 250 };

    for (i = 0; i < 2; i++) {
        for (step = COST_SMTP_GREETING, code = 0; step < COST_SMTP_SENT;
             step = next, code++)
        {
            rc = cost_smtp_next(step, codes[step], i, &next, &verdict);

            if (rc != COST_OK) {
                break;
            }
        }

        is_int(step, COST_SMTP_SENT, "from the greeting to the end");
        is_int(code, i ? 7 : 6, "with AUTH where somebody is to be");
    }

    is_int(cost_smtp_next(COST_SMTP_RCPT, 251, false, &next, &verdict),
           COST_OK, "a receiver that is elsewhere");

    for (step = COST_SMTP_GREETING; step < COST_SMTP_SENT; step++) {
        name = cost_smtp_name(step);

        is_int(cost_smtp_next(step, 421, true, &next, &verdict),
               COST_INVALID, name);
        is_int(verdict, COST_RETRY_AGAIN, "a 4xx may pass");

        is_int(cost_smtp_next(step, 550, true, &next, &verdict),
               COST_INVALID, name);
        is_int(verdict, step < COST_SMTP_MAIL ? COST_RETRY_AGAIN
                                              : COST_RETRY_DEAD,
               "a 5xx is final, of the message");

        is_int(cost_smtp_next(step, 299, true, &next, &verdict),
               COST_INVALID, name);
        is_int(verdict, COST_RETRY_AGAIN, "what nobody expects may pass");
    }

    is_int(cost_smtp_next(COST_SMTP_SENT, 250, true, &next, &verdict),
           COST_INVALID, "nothing follows the end");
    is_str(cost_smtp_name(COST_SMTP_SENT),
           strlen(cost_smtp_name(COST_SMTP_SENT)), "end", "its name");
}
