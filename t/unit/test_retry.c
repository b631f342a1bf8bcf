
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_retry.h"

#include "test.h"


static void test_pauses(void);
static void test_verdicts(void);
static void test_after(void);


typedef struct {
    const char  *text;
    int          seconds;        /* -1: refused */
} test_after_t;


/* now is Sun, 06 Nov 1994 08:49:37 GMT = 784111777 (RFC 9110's example) */

static const test_after_t  test_afters[] = {
    { "0", 0 },
    { "120", 120 },
    { "86400", 86400 },
    { "86401", 86400 },
    { "99999999999999999999999999", 86400 },
    { "Sun, 06 Nov 1994 08:49:37 GMT", 0 },
    { "Sun, 06 Nov 1994 08:50:37 GMT", 60 },
    { "Sun, 06 Nov 1994 08:49:36 GMT", 0 },
    { "Fri, 31 Dec 1999 23:59:59 GMT", 86400 },
    { "", -1 },
    { "-1", -1 },
    { "1.5", -1 },
    { " 5", -1 },
    { "soon", -1 },
    { "Sun, 06 Foo 1994 08:49:37 GMT", -1 },
    { "Sun, 06 Nov 1994 24:49:37 GMT", -1 },
    { "Sun, 00 Nov 1994 08:49:37 GMT", -1 },
    { "Sun, 06 Nov 1994 08:49:37 CET", -1 },
    { "Sun, 0x Nov 1994 08:49:37 GMT", -1 }
};


int
main(void)
{
    test_pauses();
    test_verdicts();
    test_after();

    return done_testing();
}


static void
test_pauses(void)
{
    uint32_t  pause, least, most, sum;
    unsigned  i, n;

    /* 5 s is 4 to 6 s, whatever the random number */

    least = 1000;
    most = 0;

    for (i = 0; i < 1000; i++) {
        if (cost_retry_pause(1, i * 2654435761u, 0, &pause) != COST_OK) {
            ok(0, "a second attempt");
        }

        least = pause < least ? pause : least;
        most = pause > most ? pause : most;
    }

    is_int(least, 4, "5 s are 4 s at the least");
    is_int(most, 6, "... and 6 s at the most");

    /* 86400 / 5 = 17280: the middle of the spread is the pause itself */

    is_int(cost_retry_pause(9, 17280, 0, &pause), COST_OK, "a tenth attempt");
    is_int(pause, 86400, "... a day later");

    is_int(cost_retry_pause(10, 0, 0, &pause), COST_DONE, "then it is dead");
    is_int(cost_retry_pause(0, 0, 0, &pause), COST_DONE, "nothing failed");

    is_int(cost_retry_pause(1, 0, 120, &pause), COST_OK, "Retry-After: 120");
    is_int(pause, 120, "... is longer");
    is_int(cost_retry_pause(2, 60, 10, &pause), COST_OK, "Retry-After: 10");
    is_int(pause, 300, "... is not");
    is_int(cost_retry_pause(1, 0, 4000000000u, &pause), COST_OK,
           "Retry-After: 4000000000");
    is_int(pause, 86400, "... is a day");

    sum = 0;
    n = 0;

    for (i = 1; cost_retry_pause(i, 0, 0, &pause) == COST_OK; i++) {
        sum += pause;
        n++;
    }

    is_int(n, 9, "nine pauses");

    /* 272,105 s less a fifth each (5 s is 4, the rest are even): 217,684 */

    is_int(sum, 217684, "... two and a half days at the least");
}


static void
test_verdicts(void)
{
    is_int(cost_retry_verdict(200), COST_RETRY_DELIVERED, "200");
    is_int(cost_retry_verdict(204), COST_RETRY_DELIVERED, "204");
    is_int(cost_retry_verdict(299), COST_RETRY_DELIVERED, "299");
    is_int(cost_retry_verdict(301), COST_RETRY_AGAIN, "301");
    is_int(cost_retry_verdict(400), COST_RETRY_AGAIN, "400");
    is_int(cost_retry_verdict(410), COST_RETRY_GONE, "410");
    is_int(cost_retry_verdict(429), COST_RETRY_AGAIN, "429");
    is_int(cost_retry_verdict(500), COST_RETRY_AGAIN, "500");
    is_int(cost_retry_verdict(0), COST_RETRY_AGAIN, "no answer");
}


static void
test_after(void)
{
    size_t     i;
    uint32_t   seconds;
    cost_rc_e  rc;

    for (i = 0; i < sizeof(test_afters) / sizeof(test_afters[0]); i++) {
        rc = cost_retry_after((const uint8_t *) test_afters[i].text,
                              strlen(test_afters[i].text), 784111777,
                              &seconds);

        is_int(rc == COST_OK ? (int) seconds : -1, test_afters[i].seconds,
               test_afters[i].text);
    }
}
