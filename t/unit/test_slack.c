
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_slack.h"

#include "test.h"


typedef struct {
    unsigned               status;
    const char            *answer;
    cost_retry_verdict_e   verdict;
    int                    why;
} test_answer_t;


static const test_answer_t  test_answers[] = {
    { 200, "{\"ok\":true,\"channel\":\"C1\",\"ts\":\"1.2\"}",
      COST_RETRY_DELIVERED, 0 },
    { 200, "{\"channel\":{\"ok\":false,\"error\":\"x\"},\"ok\":true}",
      COST_RETRY_DELIVERED, 0 },
    { 200, "{\"ok\":true,\"message\":{\"text\":\"cut of", COST_RETRY_DELIVERED,
      0 },
    { 200, "{\"ok\":false,\"error\":\"channel_not_found\"}", COST_RETRY_DEAD,
      0 },
    { 200, "{\"error\":\"invalid_auth\",\"ok\":false}", COST_RETRY_DEAD, 0 },
    { 200, "{\"ok\":false,\"error\":\"ratelimited\"}", COST_RETRY_AGAIN, 0 },
    { 200, "{\"ok\":false,\"error\":\"internal_error\"}", COST_RETRY_AGAIN,
      0 },
    { 200, "{\"ok\":false}", COST_RETRY_DEAD, 0 },
    { 200, "{\"ok\":false,\"warning\":[\"cut", COST_RETRY_DEAD, 0 },
    { 200, "{\"error\":\"ratelimited\"}", COST_RETRY_AGAIN, 1 },
    { 200, "{\"ok\":1}", COST_RETRY_AGAIN, 1 },
    { 200, "[true]", COST_RETRY_AGAIN, 1 },
    { 200, "<html>", COST_RETRY_AGAIN, 1 },
    { 200, "", COST_RETRY_AGAIN, 1 },
    { 200, "{\"message\":{\"text\":\"cut o", COST_RETRY_AGAIN, 1 },
    { 429, "{\"ok\":false,\"error\":\"ratelimited\"}", COST_RETRY_AGAIN, 0 },
    { 500, "{\"ok\":true}", COST_RETRY_AGAIN, 0 },
    { 204, "", COST_RETRY_AGAIN, 0 },
    { 302, "", COST_RETRY_AGAIN, 0 }
};


static void test_verdicts(void);
static void test_bodies(void);


int
main(void)
{
    test_verdicts();
    test_bodies();

    return done_testing();
}


static void
test_verdicts(void)
{
    size_t                 i;
    const char            *why;
    cost_retry_verdict_e   verdict;

    for (i = 0; i < sizeof(test_answers) / sizeof(test_answers[0]); i++) {
        verdict = cost_slack_verdict(test_answers[i].status,
                                     (const uint8_t *) test_answers[i].answer,
                                     strlen(test_answers[i].answer), &why);

        is_int(verdict, test_answers[i].verdict, test_answers[i].answer);
        is_int(why != NULL, test_answers[i].why, "and why");
    }
}


static void
test_bodies(void)
{
    char         text[8000];
    uint8_t      buf[30000];
    cost_str_t   channel, long_text;
    cost_json_t  j;

    cost_json_init(&j, buf, sizeof(buf));
    channel = (cost_str_t) cost_string("#ci-alerts");
    cost_slack_write(&j, channel, (cost_str_t) cost_string(
                     "a < b & \"c\" > d\nZürich"));

    is_str(buf, cost_json_length(&j),
           "{\"channel\":\"#ci-alerts\",\"text\":\"a &lt; b &amp; \\\"c\\\" "
           "&gt; d\\nZürich\"}", "a body");

    /* 3,999 bytes, and one of two that does not fit */

    memset(text, '<', sizeof(text));
    memcpy(text + 3999, "\xc3\xbc", 2);

    long_text.data = (const uint8_t *) text;
    long_text.len = sizeof(text);

    cost_json_init(&j, buf, sizeof(buf));
    cost_slack_write(&j, channel, long_text);

    is_int((intmax_t) cost_json_length(&j),
           (intmax_t) (strlen("{\"channel\":\"#ci-alerts\",\"text\":\"\"}")
                       + 3999 * 4), "a long one is cut");
}
