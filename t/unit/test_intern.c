
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_intern.h"

#include "test.h"


static uint32_t test_add(const char *s);


static cost_intern_t       in;
static cost_intern_slot_t  slots[8];
static _Alignas(4) uint8_t arena[64];


int
main(void)
{
    char        name[8];
    uint32_t    a, b, empty;
    unsigned    i;
    cost_str_t  s;

    cost_intern_init(&in, slots, 8, arena, sizeof(arena));

    s = cost_intern_text(&in, 0);
    is_int((intmax_t) s.len, 0, "nothing lies at 0");

    a = test_add("alpha");
    b = test_add("beta");
    empty = test_add("");

    ok(a != 0 && b != 0 && a != b && empty != 0, "three texts, three places");
    is_int(test_add("alpha"), a, "the same text, the same place");
    is_int(test_add(""), empty, "an empty text is one");

    s = cost_intern_text(&in, b);
    is_str(s.data, s.len, "beta", "what lies there");
    ok(cost_intern_is(&in, b, &s), "it is that one");
    ok(!cost_intern_is(&in, a, &s), "and not the other");
    ok(!cost_intern_is(&in, 0, &s), "nor the one that is none");

    /* 8 slots: six texts; 64 bytes: 4 + 9 + 8 + 4 + 3 times 5 */

    for (i = 0; i < 3; i++) {
        (void) snprintf(name, sizeof(name), "%u", i);
        ok(test_add(name) != 0, "text %u", i + 4);
    }

    is_int(test_add("3"), 0, "three quarters of the slots are in use");
    is_int(test_add("beta"), b, "what is there is still found");

    cost_intern_reset(&in);
    ok(test_add("a text of some fifty bytes, which takes all the room") != 0,
       "room again");
    is_int(test_add("beta"), 0, "the arena is full");

    return done_testing();
}


static uint32_t
test_add(const char *s)
{
    cost_str_t  str;

    str.data = (const uint8_t *) s;
    str.len = strlen(s);

    return cost_intern(&in, &str);
}
