
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_route.h"

#include "test.h"


typedef struct {
    const char  *pattern;
    const char  *path;
    bool         match;
    const char  *ids[COST_ROUTE_IDS];
} test_route_t;


static const test_route_t  test_routes[] = {
    { "/costs", "/costs", true, { NULL, NULL } },
    { "/costs", "/cost", false, { NULL, NULL } },
    { "/costs", "/costs/", false, { NULL, NULL } },
    { "/costs", "/costs/trend", false, { NULL, NULL } },
    { "/costs", "", false, { NULL, NULL } },
    { "/costs", "/", false, { NULL, NULL } },
    { "/costs", "/Costs", false, { NULL, NULL } },

    { "/accounts/{id}", "/accounts/7", true, { "7", NULL } },
    { "/accounts/{id}", "/accounts/a b{}", true, { "a b{}", NULL } },
    { "/accounts/{id}", "/accounts/", false, { NULL, NULL } },
    { "/accounts/{id}", "/accounts", false, { NULL, NULL } },
    { "/accounts/{id}", "/accounts/7/", false, { NULL, NULL } },
    { "/accounts/{id}", "/accounts/7/x", false, { NULL, NULL } },

    { "/w/{id}/deliveries/{id}/redeliver", "/w/1/deliveries/22/redeliver",
      true, { "1", "22" } },
    { "/w/{id}/deliveries/{id}/redeliver", "/w/1/deliveries//redeliver",
      false, { NULL, NULL } },
    { "/w/{id}/deliveries/{id}/redeliver", "/w/1/deliveries/22/redelive",
      false, { NULL, NULL } },
    { "/w/{id}/test", "/w//test", false, { NULL, NULL } }
};


int
main(void)
{
    bool         match;
    size_t       i, k;
    cost_str_t   pattern, path, ids[COST_ROUTE_IDS];

    const test_route_t  *t;

    for (i = 0; i < sizeof(test_routes) / sizeof(test_routes[0]); i++) {
        t = &test_routes[i];

        pattern.data = (const uint8_t *) t->pattern;
        pattern.len = strlen(t->pattern);
        path.data = (const uint8_t *) t->path;
        path.len = strlen(t->path);

        match = cost_route_match(pattern, path, ids);

        ok(match == t->match, "%s: %s", t->pattern, t->path);

        for (k = 0; match && k < COST_ROUTE_IDS && t->ids[k]; k++) {
            is_str(ids[k].data, ids[k].len, t->ids[k], "its id");
        }
    }

    return done_testing();
}
