
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_error.h"

#include "test.h"


typedef struct {
    cost_wording_e   wording;
    unsigned         status;
    const char      *text;       /* NULL: the standard text */
    unsigned         retry;
    const char      *body;
} test_body_t;


static const test_body_t  test_bodies[] = {

    /* as the documents print them */

    { COST_WORDING_CLOUDK, 401, NULL, 0, "{\"error\":\"Invalid API key\"}" },

    { COST_WORDING_COSTOPTIX, 429, NULL, 5,
      "{\"success\":false,\"error\":\"Daily API call limit reached."
      " Upgrade your plan for higher limits.\"}" },

    { COST_WORDING_COSTOPTIX, 400, "Description of what went wrong", 0,
      "{\"success\":false,\"error\":\"Description of what went wrong\"}" },

    { COST_WORDING_CLOUDCOSTFLOW, 401, NULL, 0,
      "{\"detail\":\"Not authenticated\"}" },

    { COST_WORDING_CLOUDCOSTFLOW, 429, NULL, 60,
      "{\"detail\":\"Rate limit exceeded\"}" },

    { COST_WORDING_CLOUDCOSTFLOW, 400,
      "Maximum of 50 services allowed per calculation", 0,
      "{\"detail\":\"Maximum of 50 services allowed per calculation\"}" },

    /* as the contract words the other two */

    { COST_WORDING_INFRAAUDIT, 404, NULL, 0,
      "{\"error\":\"Not found\",\"code\":\"NOT_FOUND\"}" },

    { COST_WORDING_INFRAAUDIT, 429, NULL, 12,
      "{\"error\":\"Rate limit exceeded\",\"code\":\"RATE_LIMIT_EXCEEDED\","
      "\"retryAfter\":12}" },

    { COST_WORDING_CICOSTS, 404, NULL, 0,
      "{\"error\":{\"code\":\"not_found\",\"message\":\"Not found\"}}" },

    /* a status without a row, and a text that needs escaping */

    { COST_WORDING_INFRAAUDIT, 418, NULL, 0,
      "{\"error\":\"Bad request\",\"code\":\"BAD_REQUEST\"}" },

    { COST_WORDING_CICOSTS, 599, NULL, 0,
      "{\"error\":{\"code\":\"internal_error\","
      "\"message\":\"Internal server error\"}}" },

    { COST_WORDING_CLOUDK, 400, "a \"b\"\n", 0,
      "{\"error\":\"a \\\"b\\\"\\n\"}" }
};


static void test_wordings(void);
static void test_all(void);


int
main(void)
{
    size_t              i;
    uint8_t             buf[512];
    cost_str_t          text;
    cost_json_t         j;
    const test_body_t  *t;

    for (i = 0; i < sizeof(test_bodies) / sizeof(test_bodies[0]); i++) {
        t = &test_bodies[i];

        text.data = (const uint8_t *) t->text;
        text.len = t->text ? strlen(t->text) : 0;

        cost_json_init(&j, buf, sizeof(buf));
        cost_error_write(&j, t->wording, t->status, text, t->retry);

        is_str(buf, cost_json_length(&j), t->body, t->body);
    }

    test_wordings();
    test_all();

    return done_testing();
}


static void
test_wordings(void)
{
    size_t          i;
    cost_wording_e  w;

    static const char *const  names[] = {
        "cloudk", "costoptix", "cloudcostflow", "infraaudit", "cicosts"
    };

    for (i = 0; i < 5; i++) {
        ok(cost_wording_parse((const uint8_t *) names[i], strlen(names[i]),
                              &w) == COST_OK
           && w == (cost_wording_e) i, "wording %s", names[i]);
    }

    ok(cost_wording_parse((const uint8_t *) "cloud", 5, &w) == COST_INVALID,
       "the beginning of a name is none");
    ok(cost_wording_parse((const uint8_t *) "CLOUDK", 6, &w) == COST_INVALID,
       "nor is one in upper case");
    ok(cost_wording_parse((const uint8_t *) "", 0, &w) == COST_INVALID,
       "nor is nothing");
}


/* no status lacks a text in any wording */

static void
test_all(void)
{
    unsigned    status, wording, wrong;
    cost_str_t  text;

    wrong = 0;

    for (wording = 0; wording < COST_WORDINGS; wording++) {
        for (status = 0; status < 1000; status++) {
            text = cost_error_text((cost_wording_e) wording, status);
            wrong += text.data == NULL || text.len == 0;
        }
    }

    is_int(wrong, 0, "every status has a text");
}
