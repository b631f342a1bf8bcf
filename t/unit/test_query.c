
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_query.h"

#include "test.h"


typedef struct {
    const char  *query;
    const char  *why;            /* NULL: accepted */
} test_refusal_t;


static void test_values(void);
static void test_refusals(void);
static void test_long(void);
static void test_uuid(void);
static cost_rc_e test_read(const char *query);


static const cost_str_t  test_words[] = {
    cost_string("billed"),
    cost_string("effective"),
    { 0, NULL }
};

static const cost_query_param_t  test_params[] = {
    { cost_string("days"), COST_QUERY_INTEGER, 1, 365, NULL },
    { cost_string("start_date"), COST_QUERY_DATE, 0, 20000, NULL },
    { cost_string("account_id"), COST_QUERY_UUID, 0, 0, NULL },
    { cost_string("cost"), COST_QUERY_ENUM, 0, 0, test_words },
    { cost_string("org"), COST_QUERY_TEXT, 0, 10, NULL },
    { cost_string("offset"), COST_QUERY_INTEGER, 0, 20, NULL }
};

#define TEST_PARAMS  (sizeof(test_params) / sizeof(test_params[0]))


#define TEST_DAYS     "days must be an integer from 1 to 365"
#define TEST_TWICE                                                            \
    "days must be given only once, and must be an integer from 1 to 365"
#define TEST_DATE                                                             \
    "start_date must be a date (YYYY-MM-DD) from 1970-01-01 to 2024-10-04"
#define TEST_ACCOUNT  "account_id must be a UUID"
#define TEST_COST     "cost must be one of billed, effective"
#define TEST_ORG      "org must be a text of 1 to 10 bytes"

#define TEST_OFFSET   "offset must be an integer from 0 to 20"

#define TEST_UUID     "0a1b2c3d-4e5f-6789-abcd-ef0123456789"


static const test_refusal_t  test_refusals_list[] = {
    { "", NULL },
    { "&", NULL },
    { "&&=&", NULL },
    { "days=1", NULL },
    { "days=365", NULL },
    { "days=007", NULL },
    { "%64ays=7", NULL },
    { "days=%37", NULL },
    { "days=%31%30", NULL },
    { "offset=0", NULL },
    { "offset=20", NULL },
    { "offset=21", TEST_OFFSET },

    { "days=0", TEST_DAYS },
    { "days=366", TEST_DAYS },
    { "days=7.5", TEST_DAYS },
    { "days=-1", TEST_DAYS },
    { "days=+7", TEST_DAYS },
    { "days=%207", TEST_DAYS },
    { "days=7%20", TEST_DAYS },
    { "days=0x7", TEST_DAYS },
    { "days=seven", TEST_DAYS },
    { "days=1e2", TEST_DAYS },
    { "days=7%00", TEST_DAYS },
    { "days=18446744073709551617", TEST_DAYS },
    { "days=99999999999999999999999999999999", TEST_DAYS },
    { "days=99999999999999999999999999999999x", TEST_DAYS },
    { "days=", TEST_DAYS },
    { "days", TEST_DAYS },
    { "days=%3", TEST_DAYS },
    { "days=%zz", TEST_DAYS },
    { "days=7%", TEST_DAYS },
    { "days=7=7", TEST_DAYS },
    { "days=7&days=7", TEST_TWICE },
    { "days=7&days=", TEST_TWICE },
    { "days=7&%64%61%79%73=8", TEST_TWICE },
    { "days=7&&x=1&days", TEST_TWICE },

    /* the first that is wrong */
    { "days=0&start_date=x", TEST_DAYS },
    { "start_date=x&days=0", TEST_DATE },

    { "start_date=1970-01-01", NULL },
    { "start_date=2024-02-29", NULL },
    { "start_date=2024%2D02%2D29", NULL },
    { "start_date=2024-10-04", NULL },
    { "start_date=2023-02-29", TEST_DATE },
    { "start_date=2024-10-05", TEST_DATE },
    { "start_date=1969-12-31", TEST_DATE },
    { "start_date=2024-2-9", TEST_DATE },
    { "start_date=2024-02-29T00:00:00Z", TEST_DATE },
    { "start_date=20240229", TEST_DATE },

    { "account_id=" TEST_UUID, NULL },
    { "account_id=0A1B2C3D-4E5F-6789-ABCD-EF0123456789", NULL },
    { "account_id=uuid", TEST_ACCOUNT },
    { "account_id=%7B" TEST_UUID "%7D", TEST_ACCOUNT },
    { "account_id=0a1b2c3d4e5f6789abcdef0123456789", TEST_ACCOUNT },
    { "account_id=0a1b2c3g-4e5f-6789-abcd-ef0123456789", TEST_ACCOUNT },
    { "account_id=0a1b2c3d-4e5f-6789-abcd-ef012345678", TEST_ACCOUNT },
    { "account_id=0a1b2c3d-4e5f-6789-abcd-ef01234567890", TEST_ACCOUNT },
    { "account_id=0a1b2c3d04e5f-6789-abcd-ef0123456789", TEST_ACCOUNT },

    { "cost=effective", NULL },
    { "cost=Effective", TEST_COST },
    { "cost=bill", TEST_COST },
    { "cost=billed,effective", TEST_COST },

    { "org=my+company", NULL },
    { "org=caf%C3%A9", NULL },
    { "org=0123456789", NULL },
    { "org=0123456789a", TEST_ORG },
    { "org=a%0Ab", TEST_ORG },
    { "org=a%7F", TEST_ORG },
    { "org=a%C2%85", TEST_ORG },
    { "org=a%C2%9F", TEST_ORG },
    { "org=a%C2%A0", NULL },
    { "org=%FF", TEST_ORG },
    { "org=%C3", TEST_ORG },
    { "org=", TEST_ORG },

    /* what is not known is not looked at */
    { "day=x&DAYS=0&days%00=1&%=%&page=%FF&page=2", NULL }
};


static cost_query_value_t  test_got[TEST_PARAMS];
static uint8_t             test_scratch[512];
static uint8_t             test_why[COST_QUERY_WHY];
static size_t              test_why_len, test_bad;


int
main(void)
{
    test_values();
    test_refusals();
    test_long();
    test_uuid();

    return done_testing();
}


static cost_rc_e
test_read(const char *query)
{
    /* a copy that ends where the text ends, for the sanitizer to see */

    size_t     len;
    uint8_t   *copy;
    cost_rc_e  rc;

    len = strlen(query);

    copy = malloc(len + 1);
    if (copy == NULL) {
        abort();
    }

    memcpy(copy + 1, query, len);

    test_why_len = 0;

    rc = cost_query_read(copy + 1, len, test_params, TEST_PARAMS, test_got,
                         test_scratch, &test_bad, test_why, &test_why_len);
    free(copy);

    return rc;
}


static void
test_values(void)
{
    is_int(test_read("org=a%26b+c&cost=effective&days=7&x=y"
                     "&start_date=2024-02-29"
                     "&account_id=0A1B2C3D-4E5F-6789-ABCD-EF0123456789"),
           COST_OK, "all of them");

    ok(test_got[0].set && test_got[1].set && test_got[2].set
       && test_got[3].set && test_got[4].set, "all are set");
    is_int(test_got[0].integer, 7, "the integer");
    is_int(test_got[1].integer, 19782, "the day");
    is_str(test_got[2].text.data, test_got[2].text.len, TEST_UUID,
           "the uuid in lower case");
    is_int(test_got[3].integer, 1, "the word");
    is_str(test_got[4].text.data, test_got[4].text.len, "a&b c", "the text");

    is_int(test_read("cost=billed"), COST_OK, "one of them");

    ok(!test_got[0].set && !test_got[1].set && !test_got[2].set
       && test_got[3].set && !test_got[4].set, "the others are not set");
    is_int(test_got[3].integer, 0, "the first word");

    is_int(test_read("start_date=1970-01-01"), COST_OK, "day 0");
    ok(test_got[1].set && test_got[1].integer == 0, "is set");

    is_int(test_read("cost=billed&days=400"), COST_RANGE, "out of range");
    is_int((intmax_t) test_bad, 0, "by its place in the table");

    is_int(cost_query_read(NULL, 0, test_params, TEST_PARAMS, test_got, NULL,
                           &test_bad, test_why, &test_why_len),
           COST_OK, "no query at all");
    ok(!test_got[3].set, "sets nothing");
}


static void
test_refusals(void)
{
    size_t                 i;
    cost_rc_e              rc;
    const test_refusal_t  *t;

    for (i = 0;
         i < sizeof(test_refusals_list) / sizeof(test_refusals_list[0]); i++)
    {
        t = &test_refusals_list[i];
        rc = test_read(t->query);

        if (t->why == NULL) {
            is_int(rc, COST_OK, t->query);
            continue;
        }

        ok(rc == COST_INVALID || rc == COST_RANGE, "refused: %s", t->query);
        is_str(test_why, test_why_len, t->why, t->query);
    }
}


/* a sentence that is longer than there is room */

static void
test_long(void)
{
    uint8_t  why[COST_QUERY_WHY];

    static const cost_str_t  words[] = {
        cost_string("a word of forty-eight characters, as none really"),
        cost_string("a word of forty-eight characters, as none really"),
        cost_string("a word of forty-eight characters, as none really"),
        cost_string("a word of forty-eight characters, as none really"),
        cost_string("a word of forty-eight characters, as none really"),
        cost_string("a word of forty-eight characters, as none really"),
        { 0, NULL }
    };
    static const cost_query_param_t  param = {
        cost_string("sort"), COST_QUERY_ENUM, 0, 0, words
    };

    is_int(cost_query_read((const uint8_t *) "sort=x", 6, &param, 1, test_got,
                           test_scratch, &test_bad, why, &test_why_len),
           COST_INVALID, "no word of a long list");
    is_int((intmax_t) test_why_len, COST_QUERY_WHY, "its sentence is cut");
    is_str(why, 25, "sort must be one of a wor", "it begins as ever");
    is_str(why + COST_QUERY_WHY - 36, 36,
           "a word of forty-eight characters, as", "and ends in a word");
}


static void
test_uuid(void)
{
    uint8_t  buf[COST_UUID_LEN];

    is_int(cost_uuid_parse((const uint8_t *)
                           "0A1b2C3d-4E5f-6789-aBcD-eF0123456789", 36, buf),
           COST_OK, "a uuid in mixed case");
    is_str(buf, sizeof(buf), TEST_UUID, "in lower case");

    is_int(cost_uuid_parse((const uint8_t *) TEST_UUID, 35, buf),
           COST_INVALID, "too short");
    is_int(cost_uuid_parse(NULL, 0, buf), COST_INVALID, "nothing");
}
