
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_pricefile.h"

#include "test.h"


#define HEAD   "aws-prices 1\ncurrency USD\nregions us-east-1 eu-west-1\n"
#define GROUP  "group T.a\nunit x\nabout a\nconfidence data\nsource s\n"


typedef struct {
    const char  *text;
    const char  *expected;       /* "line: reason: what" */
} test_case_t;


static void test_answer(const char *text, const char *expected);
static void test_good(void);
static void test_short_arena(void);
static void test_cut(void);


static const test_case_t  test_cases[] = {
    { "", "0: is empty" },
    { "\n# nothing\n   \n", "0: is empty" },
    { "aws-price 1\n", "1: does not begin with \"aws-prices 1\"" },
    { "aws-prices 2\n", "1: does not begin with \"aws-prices 1\"" },
    { "aws-prices 1 2\n", "1: does not begin with \"aws-prices 1\"" },

    { "aws-prices 1\ncurrency EUR\n",
      "2: is not USD, the only currency: EUR" },
    { "aws-prices 1\ncurrency USD\ncurrency USD\n",
      "3: is there twice: currency" },
    { "aws-prices 1\ncurrency USD EUR\n",
      "2: more on the line than belongs there: EUR" },
    { "aws-prices 1\nregions\n", "2: no regions" },
    { "aws-prices 1\nregions a-1 b-1 a-1\n", "2: is there twice: a-1" },
    { "aws-prices 1\nregions unit\n", "2: is no region's name: unit" },
    { "aws-prices 1\nregions a-1/b\n", "2: is no region's name: a-1/b" },
    { "aws-prices 1\ngroup T.a\n",
      "2: \"currency\" and \"regions\" belong before the first group" },
    { "aws-prices 1\nus-east-1 5\n",
      "2: is not a word of this format: us-east-1" },
    { HEAD "unit x\n", "4: is not a word of this format: unit" },

    { HEAD "group Ta\n", "4: is not the name of a group, SERVICE.NAME: Ta" },
    { HEAD "group T.a/b\n",
      "4: is not the name of a group, SERVICE.NAME: T.a/b" },
    { HEAD "group\n", "4: is not the name of a group, SERVICE.NAME" },
    { HEAD GROUP "us-east-1 1\n" GROUP, "10: is there twice: T.a" },
    { HEAD GROUP "group T.b\n", "9: the group before has no price: T.a" },
    { HEAD GROUP "unit y\n", "9: is there twice: unit" },
    { HEAD GROUP "confidence sure\n", "9: is there twice: confidence" },
    { HEAD "group T.a\nunit\n", "5: text is missing" },
    { HEAD "group T.a\nconfidence sure\n",
      "5: is not a confidence: data, offer, published, derived, recalled: "
      "sure" },
    { HEAD "group T.a\nsource a\001b\n",
      "5: has a control character: a\001b" },
    { HEAD GROUP "as_of 2025-02-29\n",
      "9: is not a date, YYYY-MM-DD: 2025-02-29" },
    { HEAD GROUP "as_of 2025\n", "9: is not a date, YYYY-MM-DD: 2025" },
    { HEAD GROUP "bounds sure s\n", "9: is not a confidence: sure" },
    { HEAD GROUP "bounds data\n", "9: text is missing" },
    { HEAD GROUP "except mars-1 data s\n",
      "9: is not a region of this file: mars-1" },
    { HEAD "group T.a\nunit x\nabout a\nconfidence data\nus-east-1 1\n",
      "8: a group needs \"unit\", \"about\", \"confidence\" and \"source\" "
      "before its prices: T.a" },
    { HEAD GROUP "us-east-1 1\nas_of 2025-01-01\n",
      "10: belongs before the prices: as_of" },

    { HEAD GROUP "mars-1 1\n",
      "9: is neither a region of this file nor a word of this format: "
      "mars-1" },
    { HEAD GROUP "us-east-1\n",
      "9: is where a number without sign or exponent belongs" },
    { HEAD GROUP "us-east-1 free\n",
      "9: is where a number without sign or exponent belongs: free" },
    { HEAD GROUP "us-east-1 -1\n",
      "9: is where a number without sign or exponent belongs: -1" },
    { HEAD GROUP "us-east-1 1e-7\n",
      "9: is where a number without sign or exponent belongs: 1e-7" },
    { HEAD GROUP "us-east-1 .5\n",
      "9: is where a number without sign or exponent belongs: .5" },
    { HEAD GROUP "us-east-1 1.2.3\n",
      "9: is where a number without sign or exponent belongs: 1.2.3" },
    { HEAD GROUP "us-east-1 0.0000000000001\n",
      "9: has too many decimals: 0.0000000000001" },
    { HEAD GROUP "us-east-1 100000\n", "9: is too large: 100000" },
    { HEAD GROUP "us-east-1 99999999999999999999999\n",
      "9: is too large: 99999999999999999999999" },
    { HEAD GROUP "us-east-1 1\nus-east-1 1\n",
      "10: has a price already: us-east-1" },
    { HEAD GROUP "eu-west-1 1\n* 1\n", "10: has a price already: eu-west-1" },

    { HEAD GROUP "us-east-1 1 2\n", "9: is where \"to\" belongs: 2" },
    { HEAD GROUP "us-east-1 1 to\n",
      "9: is where a number without sign or exponent belongs" },
    { HEAD GROUP "us-east-1 1 to 5\n",
      "9: is where a number without sign or exponent belongs" },
    { HEAD GROUP "us-east-1 1 to 0 1\n",
      "9: a tier's bound is not above the one before" },
    { HEAD GROUP "us-east-1 1 to 5 2 to 5 1\n",
      "9: a tier's bound is not above the one before" },
    { HEAD GROUP "us-east-1 1 to 0.0000001 2\n",
      "9: has too many decimals: 0.0000001" },
    { HEAD GROUP "us-east-1 1 to 1000000000001 2\n",
      "9: is too large: 1000000000001" },

    { HEAD GROUP "key a\n", "9: a key in a group without \"keys\"" },
    { HEAD "key a\n", "4: a key in a group without \"keys\"" },
    { HEAD GROUP "keys a//b\n",
      "9: is not a list of one to four names, NAME/NAME: a//b" },
    { HEAD GROUP "keys a/b/c/d/e\n",
      "9: is not a list of one to four names, NAME/NAME: a/b/c/d/e" },
    { HEAD GROUP "keys a/b\nus-east-1 1\n",
      "10: a price before the first key" },
    { HEAD GROUP "keys a/b\nkey a\n",
      "10: is not a key with the parts that \"keys\" names: a" },
    { HEAD GROUP "keys a/b\nkey a/\n",
      "10: is not a key with the parts that \"keys\" names: a/" },
    { HEAD GROUP "keys a\nkey a$\n",
      "10: is not a key with the parts that \"keys\" names: a$" },
    { HEAD GROUP "keys a\nkey x\nkey y\n",
      "11: the key before has no price: x" },
    { HEAD GROUP "keys a\nkey x\n* 1\nkey x\n", "12: is there twice: x" },
    { HEAD GROUP "keys a\nkey x\n* 1\nkeys b\n",
      "12: is there twice: keys" },

    { HEAD GROUP "* 1\n",
      "9: does not end with \"end\"; it was cut short" },
    { HEAD GROUP "* 1\nend 2\n",
      "10: \"end\" counts other prices than the file has" },
    { HEAD GROUP "* 1\nend\n",
      "10: is where a number without sign or exponent belongs" },
    { HEAD GROUP "* 1\nend 1\n* 1\n", "11: text after \"end\": *" },
    { HEAD GROUP "end 0\n", "9: the group before has no price: T.a" },
    { HEAD "end 0\n", "4: no groups" },

    { HEAD GROUP "* 1\nend 1\n", "fine" },
    { HEAD GROUP "* 1\nend 1\n\n# the end\n", "fine" },
    { HEAD GROUP "\r\n  us-east-1\t1 # SKU.X.Y \r\nend 1", "fine" },
    { HEAD GROUP "eu-west-1 1 to 5 2 to 7.5 3\nus-east-1 99999\nend 2\n",
      "fine" },
    { HEAD GROUP "bounds recalled me\nexcept eu-west-1 recalled me\n* 1\n"
      "end 1\n", "fine" }
};


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(test_cases) / sizeof(test_cases[0]); i++) {
        test_answer(test_cases[i].text, test_cases[i].expected);
    }

    test_good();
    test_short_arena();
    test_cut();

    return done_testing();
}


static void
test_answer(const char *text, const char *expected)
{
    int                      n;
    void                    *arena;
    size_t                   len, size;
    uint8_t                 *copy;
    cost_rc_e                rc;
    cost_price_table_t      *t;
    cost_pricefile_error_t   err;
    char                     answer[512];

    /* ends with its block, for the sanitizer */

    len = strlen(text);
    copy = malloc(len + 1);

    if (copy == NULL) {
        exit(2);
    }

    copy = memcpy(copy + 1, text, len);

    size = cost_pricefile_measure(copy, len);
    arena = aligned_alloc(16, size);

    rc = cost_pricefile_parse(copy, len, arena, size, &t, &err);

    if (rc == COST_OK) {
        n = snprintf(answer, sizeof(answer), "fine");

    } else {
        n = snprintf(answer, sizeof(answer), "%u: %s%s%.*s", err.line,
                     err.reason, err.what.len ? ": " : "",
                     (int) err.what.len, err.what.data);
    }

    is_str(answer, (size_t) n, expected, expected);

    free(arena);
    free(copy - 1);
}


static void
test_good(void)
{
    void                     *arena;
    size_t                    size;
    cost_price_table_t       *t;
    cost_pricefile_error_t    err;
    const cost_price_tier_t  *tier;

    static const char  text[] =
        HEAD GROUP "as_of 2025-11-04, perhaps\neu-west-1 0.023 to 50 0.022\n"
        "group T.b\nunit GB month\nabout b # c\nconfidence offer\n"
        "source there\nkeys type/size\nkey a/x\n* 1.5\nkey b/x\n"
        "us-east-1 2\nend 3\n";

    size = cost_pricefile_measure((const uint8_t *) text, sizeof(text) - 1);
    arena = aligned_alloc(16, size);

    is_int(cost_pricefile_parse((const uint8_t *) text, sizeof(text) - 1,
                                arena, size, &t, &err),
           COST_OK, "a whole file");

    is_int(t->ngroups, 2, "groups");
    is_int(t->nrows, 3, "rows");
    is_int(t->nprices, 4, "prices");
    is_int(t->ntiers, 2, "tiers");

    is_str(t->groups[0].as_of.data, t->groups[0].as_of.len,
           "2025-11-04, perhaps", "as_of");
    is_str(t->groups[1].unit.data, t->groups[1].unit.len, "GB month", "unit");
    is_str(t->groups[1].about.data, t->groups[1].about.len, "b", "about");
    is_int(t->groups[1].confidence, COST_PRICE_OFFER, "confidence");

    is_int(cost_price_cell(t, 0, 0), COST_PRICE_NONE, "no price");
    is_int(cost_price_cell(t, 1, 1), 1500000000000, "a price everywhere");
    is_int(cost_price_cell(t, 2, 0), 2000000000000, "a price somewhere");
    is_int(cost_price_cell(t, 2, 1), COST_PRICE_NONE, "and elsewhere none");

    tier = cost_price_tiers(t, cost_price_cell(t, 0, 1));
    is_int(tier[0].price, 23000000000, "the first tier's price");
    ok(!tier[0].last && tier[1].last, "two tiers");
    ok(tier[1].from == 50 * COST_DECIMAL_ONE, "where the second begins");
    ok(tier[1].base == COST_DECIMAL_ONE / 100 * 115, "what is below it");

    is_int(t->groups[1].parts[0].nvalues, 2, "two types");
    is_int(t->groups[1].parts[1].nvalues, 1, "one size");

    free(arena);
}


static void
test_short_arena(void)
{
    size_t                   size;
    cost_price_table_t      *t;
    cost_pricefile_error_t   err;

    static const char  text[] = HEAD GROUP "* 1\nend 1\n";
    static uint8_t     arena[4096] __attribute__((aligned(16)));

    size = cost_pricefile_measure((const uint8_t *) text, sizeof(text) - 1);

    is_int(cost_pricefile_parse((const uint8_t *) text, sizeof(text) - 1,
                                arena, size - 1, &t, &err),
           COST_FULL, "an arena that is too small");
}


/* no beginning of a file is a file */

static void
test_cut(void)
{
    size_t                   len, fine;
    void                    *arena;
    cost_price_table_t      *t;
    cost_pricefile_error_t   err;

    static const char  text[] =
        HEAD GROUP "us-east-1 0.5 to 10 0.25\nend 1\n";

    arena = aligned_alloc(16, 65536);
    fine = 0;

    for (len = 0; len < sizeof(text) - 2; len++) {
        fine += cost_pricefile_parse((const uint8_t *) text, len, arena,
                                     65536, &t, &err)
                == COST_OK;
    }

    is_int(fine, 0, "a file cut anywhere is refused");

    free(arena);
}
