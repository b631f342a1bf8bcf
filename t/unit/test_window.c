
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_window.h"

#include "test.h"


/*
 * The model: every request that passed, with the second it is booked at, for
 * each window; nothing is ever computed incrementally.
 */

#define TEST_PASSED_MAX  20000

typedef struct {
    cost_window_t   rule;
    cost_time_t     clock;               /* of the window: may stand still */
    cost_time_t     passed[TEST_PASSED_MAX];
    size_t          n;
} test_model_t;


static void test_fixed(void);
static void test_day(void);
static void test_sliding(void);
static void test_all_or_none(void);
static void test_raised_and_lowered(void);
static void test_shared(void);
static void test_clock(void);
static void test_sizes(void);
static void test_model(void);
static unsigned test_run(unsigned seed);
static void test_model_roll(test_model_t *m, cost_time_t now);
static unsigned test_model_used(const test_model_t *m);
static cost_time_t test_model_reset(const test_model_t *m, uint32_t limit,
    cost_time_t now);
static uint32_t test_random(uint32_t *state);
static cost_window_log_t *test_log(uint32_t capacity);
static void test_state(cost_window_state_t *s, const cost_window_t *w);


int
main(void)
{
    test_fixed();
    test_day();
    test_sliding();
    test_all_or_none();
    test_raised_and_lowered();
    test_shared();
    test_clock();
    test_sizes();
    test_model();

    return done_testing();
}


static void
test_fixed(void)
{
    cost_window_t        w = { COST_WINDOW_FIXED, 60, 3 };
    cost_window_look_t   look;
    cost_window_state_t  s, *ss = &s;

    test_state(&s, &w);

    cost_window_look(&w, &ss, 1, 1000000019, &look);
    ok(look.limit == 3 && look.used == 0 && look.remaining == 3
       && !look.exhausted && look.reset == 1000000020, "nothing used");

    is_int(cost_window_take(&w, &ss, 1, 1000000019, &look), COST_OK, "one");
    ok(look.used == 1 && look.remaining == 2 && look.reset == 1000000020,
       "a second before the minute ends");

    is_int(cost_window_take(&w, &ss, 1, 1000000020, &look), COST_OK,
           "the next minute");
    ok(look.used == 1 && look.remaining == 2 && look.reset == 1000000080,
       "begins anew");

    is_int(cost_window_take(&w, &ss, 1, 1000000040, &look), COST_OK, "two");
    is_int(cost_window_take(&w, &ss, 1, 1000000079, &look), COST_OK, "three");
    ok(look.used == 3 && look.remaining == 0 && !look.exhausted,
       "the last of the minute");
    is_int(cost_window_take(&w, &ss, 1, 1000000079, &look), COST_FULL, "four");
    ok(look.used == 3 && look.remaining == 0 && look.exhausted,
       "is one too many");
    is_int(cost_window_retry_after(&look, 1, 1000000079), 1, "wait a second");
    is_int(cost_window_retry_after(&look, 1, 1000000050), 30, "or thirty");
    is_int(cost_window_retry_after(&look, 1, 1000000080), 1, "never none");
    is_int(cost_window_retry_after(&look, 1, 1000000090), 1, "nor less");
    is_int(cost_window_take(&w, &ss, 1, look.reset - 1, &look), COST_FULL,
           "a second too early");
    is_int(cost_window_take(&w, &ss, 1, look.reset, &look), COST_OK,
           "at the very second");
}


static void
test_day(void)
{
    cost_window_t        w = { COST_WINDOW_FIXED, 86400, 1 };
    cost_window_look_t   look;
    cost_window_state_t  s, *ss = &s;

    test_state(&s, &w);

    /* 2026-11-20 23:59:59 UTC */
    is_int(cost_window_take(&w, &ss, 1, 1795219199, &look), COST_OK,
           "before midnight, UTC");
    is_int(look.reset, 1795219200, "2026-11-21 00:00:00 UTC");
    is_int(cost_window_take(&w, &ss, 1, 1795219199, &look), COST_FULL, "full");
    is_int(cost_window_retry_after(&look, 1, 1795219199), 1, "for a second");
    is_int(cost_window_take(&w, &ss, 1, 1795219200, &look), COST_OK,
           "midnight");
    is_int(cost_window_take(&w, &ss, 1, 1795219200, &look), COST_FULL, "full");
    is_int(cost_window_retry_after(&look, 1, 1795219200), 86400, "for a day");
}


static void
test_sliding(void)
{
    unsigned             i, passed;
    cost_window_t        w = { COST_WINDOW_SLIDING, 3600, 100 };
    cost_window_look_t   look;
    cost_window_state_t  s, *ss = &s;

    test_state(&s, &w);

    cost_window_look(&w, &ss, 1, 5000, &look);
    ok(look.used == 0 && look.remaining == 100 && look.reset == 5000,
       "nothing used: one passes now");

    /* 40 in second 10000, 60 in second 12000 */

    passed = 0;

    for (i = 0; i < 40; i++) {
        passed += cost_window_take(&w, &ss, 1, 10000, &look) == COST_OK;
    }

    is_int(look.reset, 13600, "the oldest leaves after an hour");
    is_int(look.remaining, 60, "60 are left");

    for (i = 0; i < 80; i++) {
        passed += cost_window_take(&w, &ss, 1, 12000, &look) == COST_OK;
    }

    is_int(passed, 100, "a hundred pass, of 120");
    ok(look.exhausted && look.reset == 13600, "until the first 40 leave");
    is_int(cost_window_retry_after(&look, 1, 12000), 1600, "Retry-After");

    is_int(cost_window_take(&w, &ss, 1, 13599, &look), COST_FULL,
           "a second too early");

    passed = 0;

    for (i = 0; i < 80; i++) {
        passed += cost_window_take(&w, &ss, 1, 13600, &look) == COST_OK;
    }

    is_int(passed, 40, "then as many pass as have left");
    is_int(look.reset, 15600, "and the 60 leave next");
    is_int(cost_window_take(&w, &ss, 1, 15599, &look), COST_FULL, "no sooner");
    is_int(cost_window_take(&w, &ss, 1, 15600, &look), COST_OK, "and then");
    is_int(look.remaining, 59, "60 have left");

    cost_window_look(&w, &ss, 1, 999999, &look);
    is_int(look.used, 0, "much later nothing is left of it");

    free(s.u.log);
}


static void
test_all_or_none(void)
{
    unsigned             i;
    cost_window_t        w[3] = {
        { COST_WINDOW_FIXED, 60, 2 },
        { COST_WINDOW_SLIDING, 100, 3 },
        { COST_WINDOW_FIXED, 86400, 50 }
    };
    cost_window_look_t   look[3];
    cost_window_state_t  s[3], *ss[3] = { &s[0], &s[1], &s[2] };

    for (i = 0; i < 3; i++) {
        test_state(&s[i], &w[i]);
    }

    (void) !cost_window_take(w, ss, 3, 6000, look);
    (void) !cost_window_take(w, ss, 3, 6001, look);
    is_int(cost_window_take(w, ss, 3, 6002, look), COST_FULL,
           "the minute is full");
    ok(look[0].exhausted && !look[1].exhausted && !look[2].exhausted,
       "only the minute");
    ok(look[1].used == 2 && look[2].used == 2 && look[2].remaining == 48,
       "the refused one was not counted elsewhere");
    is_int(cost_window_retry_after(look, 3, 6002), 58, "wait for the minute");

    is_int(cost_window_take(w, ss, 3, 6060, look), COST_OK, "the next minute");
    is_int(cost_window_take(w, ss, 3, 6060, look), COST_FULL,
           "the sliding one is full");
    ok(look[0].used == 1 && look[1].exhausted, "the minute is not");
    is_int(cost_window_retry_after(look, 3, 6060), 40, "wait for the oldest");

    is_int(cost_window_take(w, ss, 3, 6100, look), COST_OK, "it has left");
    is_int(cost_window_take(w, ss, 3, 6100, look), COST_FULL, "both are full");
    ok(look[0].exhausted && look[1].exhausted, "both");
    is_int(cost_window_retry_after(look, 3, 6100), 20,
           "wait for the longer of 20 and 1");

    is_int(cost_window_take(w, ss, 0, 6100, look), COST_OK, "no window");
    is_int(cost_window_retry_after(look, 0, 6100), 0, "nothing to wait for");

    free(s[1].u.log);
}


static void
test_raised_and_lowered(void)
{
    unsigned             i, passed;
    cost_window_t        w = { COST_WINDOW_SLIDING, 100, 10 };
    cost_window_log_t   *log;
    cost_window_look_t   look;
    cost_window_state_t  s, *ss = &s;

    test_state(&s, &w);

    for (i = 0; i < 10; i++) {
        (void) !cost_window_take(&w, &ss, 1, 1000 + i, &look);
    }

    /* lowered to 4: of those in the way, the seventh oldest is the last */

    w.limit = 4;
    is_int(cost_window_take(&w, &ss, 1, 1010, &look), COST_FULL, "lowered");
    ok(look.used == 10 && look.remaining == 0 && look.reset == 1106,
       "until fewer than four are left");
    is_int(cost_window_take(&w, &ss, 1, 1105, &look), COST_FULL, "too early");
    is_int(cost_window_take(&w, &ss, 1, 1106, &look), COST_OK, "in time");
    is_int(look.remaining, 0, "and one only");

    /* raised to 12: with the old log, 10; with a new one, 12 */

    w.limit = 12;
    passed = 0;

    for (i = 0; i < 20; i++) {
        passed += cost_window_take(&w, &ss, 1, 1107, &look) == COST_OK;
    }

    is_int(passed, 7, "the old log is the limit: 10, of which 3 are taken");

    log = test_log(12);
    cost_window_log_copy(log, s.u.log);
    free(s.u.log);
    s.u.log = log;

    passed = 0;

    for (i = 0; i < 20; i++) {
        passed += cost_window_take(&w, &ss, 1, 1107, &look) == COST_OK;
    }

    is_int(passed, 2, "a larger log takes the rest");

    /* a smaller one keeps the newest */

    log = test_log(2);
    cost_window_log_copy(log, s.u.log);

    ok(log->count == 2 && log->times[0] == 1107 && log->times[1] == 1107,
       "the newest are kept");

    free(log);
    free(s.u.log);
}


static void
test_shared(void)
{
    unsigned             i, passed;
    cost_window_t        w = { COST_WINDOW_FIXED, 86400, 10 };
    cost_window_look_t   look;
    cost_window_state_t  s, *ss = &s;

    test_state(&s, &w);

    for (i = 0; i < 4; i++) {
        (void) !cost_window_take(&w, &ss, 1, 86400 * 5 + i, &look);
    }

    cost_window_shared(&s, 86400 * 5, 3, 5);
    ok(s.u.fixed.told == 3 && s.u.fixed.others == 5, "five by others");

    cost_window_shared(&s, 86400 * 5, 2, 4);
    ok(s.u.fixed.told == 3 && s.u.fixed.others == 5, "nothing is taken back");

    cost_window_shared(&s, 86400 * 4, 9, 9);
    ok(s.u.fixed.told == 3 && s.u.fixed.others == 5, "nor yesterday's heard");

    passed = 0;

    for (i = 0; i < 5; i++) {
        passed += cost_window_take(&w, &ss, 1, 86400 * 5 + 10, &look)
                  == COST_OK;
    }

    is_int(passed, 1, "one is left of ten");

    cost_window_shared(&s, 86400 * 5, 5, 20);
    cost_window_look(&w, &ss, 1, 86400 * 5 + 10, &look);
    ok(look.used == 25 && look.remaining == 0 && look.exhausted,
       "more than the limit, over nodes");

    cost_window_look(&w, &ss, 1, 86400 * 6, &look);
    ok(look.used == 0 && s.u.fixed.told == 0 && s.u.fixed.others == 0,
       "the next day is everybody's");
}


static void
test_clock(void)
{
    unsigned             i;
    cost_window_t        f = { COST_WINDOW_FIXED, 60, 1 };
    cost_window_t        w = { COST_WINDOW_SLIDING, 100, 2 };
    cost_window_look_t   look;
    cost_window_state_t  s, *ss = &s;

    /* another worker is a turn of the loop behind */

    test_state(&s, &f);
    is_int(cost_window_take(&f, &ss, 1, 600, &look), COST_OK, "a new minute");
    is_int(cost_window_take(&f, &ss, 1, 599, &look), COST_FULL,
           "it stays the new one when a clock is behind");
    is_int(look.reset, 660, "with its end");
    is_int(cost_window_take(&f, &ss, 1, 660, &look), COST_OK, "and goes on");

    is_int(cost_window_take(&f, &ss, 1, 100, &look), COST_OK,
           "a clock that was set back does not stop it for long");

    test_state(&s, &w);

    for (i = 0; i < 2; i++) {
        (void) !cost_window_take(&w, &ss, 1, 1000, &look);
    }

    is_int(cost_window_take(&w, &ss, 1, 950, &look), COST_FULL,
           "time stands still");
    is_int(cost_window_retry_after(&look, 1, 950), 150, "for a while longer");
    is_int(cost_window_take(&w, &ss, 1, 900, &look), COST_FULL,
           "by as much as a window");
    is_int(cost_window_take(&w, &ss, 1, 899, &look), COST_OK,
           "then what is in the future is forgotten");
    ok(look.used == 1 && look.reset == 999, "and a new log begins");

    free(s.u.log);
}


static void
test_sizes(void)
{
    is_int(cost_window_log_size(100), 412, "bytes for 100");
    is_int(cost_window_log_size(1000), 4012, "bytes for 1,000");
    is_int(cost_window_log_size(10000), 40012, "bytes for 10,000");
    is_int(sizeof(cost_window_state_t), 24, "bytes of a state");
}


static void
test_model(void)
{
    unsigned  seed, wrong;

    wrong = 0;

    for (seed = 1; seed <= 300; seed++) {
        if (test_run(seed)) {
            printf("# seed %u\n", seed);
            wrong++;
        }
    }

    is_int(wrong, 0, "300 random runs are as the model has them");
}


/*
 * Up to four windows of any kind, bursts, pauses, and clocks that step: every
 * verdict and every figure is compared.
 */

static unsigned
test_run(unsigned seed)
{
    size_t               i, n;
    unsigned             step, steps, wrong, full;
    uint32_t             r, state;
    cost_rc_e            rc;
    cost_time_t          now;
    cost_window_t        w[4];
    cost_window_look_t   look[4];
    cost_window_state_t  s[4], *ss[4];
    static test_model_t  m[4];

    state = seed * 2654435761u;
    wrong = 0;
    n = 1 + test_random(&state) % 4;
    now = 1700000000 + test_random(&state) % 100000;

    for (i = 0; i < n; i++) {
        w[i].kind = test_random(&state) % 2 ? COST_WINDOW_FIXED
                                            : COST_WINDOW_SLIDING;
        w[i].length = 1 + test_random(&state) % 200;
        w[i].limit = 1 + test_random(&state) % 30;

        test_state(&s[i], &w[i]);
        ss[i] = &s[i];

        m[i].rule = w[i];
        m[i].n = 0;
        m[i].clock = 0;
    }

    steps = 2000;

    for (step = 0; step < steps && !wrong; step++) {
        r = test_random(&state) % 100;

        if (r < 30) {
            now += test_random(&state) % 3;

        } else if (r < 33) {
            now += test_random(&state) % 150;

        } else if (r < 35) {
            now -= test_random(&state) % 5;

        } else if (r == 35) {
            now -= test_random(&state) % 600;
        }

        full = 0;

        for (i = 0; i < n; i++) {
            test_model_roll(&m[i], now);
            full |= test_model_used(&m[i]) >= w[i].limit;
        }

        rc = cost_window_take(w, ss, n, now, look);
        wrong |= rc != (full ? COST_FULL : COST_OK);

        for (i = 0; i < n; i++) {

            if (!full) {
                m[i].passed[m[i].n++] = m[i].clock;
            }

            wrong |= look[i].used != test_model_used(&m[i]);
            wrong |= look[i].remaining != w[i].limit - look[i].used;
            wrong |= look[i].exhausted
                     != (full && test_model_used(&m[i]) >= w[i].limit);

            if (m[i].n) {
                wrong |= look[i].reset
                         != test_model_reset(&m[i], w[i].limit, now);
            }
        }
    }

    for (i = 0; i < n; i++) {
        if (w[i].kind == COST_WINDOW_SLIDING) {
            free(s[i].u.log);
        }
    }

    return wrong;
}


/* the clock of a window, and what it forgets when that was set back far */

static void
test_model_roll(test_model_t *m, cost_time_t now)
{
    size_t       i;
    cost_time_t  newest, begin;

    newest = m->clock;

    if (m->rule.kind == COST_WINDOW_FIXED) {
        newest -= newest % m->rule.length;
        begin = now - now % m->rule.length;

        if (begin >= newest || newest - begin > m->rule.length) {
            m->clock = now;

            if (begin < newest) {
                m->n = 0;
            }
        }

        return;
    }

    /* only requests tell what time it was */

    newest = 0;

    for (i = 0; i < m->n; i++) {
        if (m->passed[i] > newest) {
            newest = m->passed[i];
        }
    }

    if (now >= newest) {
        m->clock = now;

    } else if (newest - now > m->rule.length) {
        m->clock = now;
        m->n = 0;

    } else {
        m->clock = newest;
    }

    /* what has left a window once does not come back with the clock */

    for (i = 0; i < m->n; i++) {
        if (m->passed[i] <= m->clock - m->rule.length) {
            memmove(&m->passed[i], &m->passed[i + 1],
                    (m->n - i - 1) * sizeof(m->passed[0]));
            m->n--;
            i--;
        }
    }
}


static unsigned
test_model_used(const test_model_t *m)
{
    size_t       i;
    unsigned     used;
    cost_time_t  begin;

    used = 0;

    if (m->rule.kind == COST_WINDOW_FIXED) {
        begin = m->clock - m->clock % m->rule.length;

    } else {
        begin = m->clock - m->rule.length + 1;
    }

    for (i = 0; i < m->n; i++) {
        used += m->passed[i] >= begin;
    }

    return used;
}


/* the first second in which one more would pass, by trying them all */

static cost_time_t
test_model_reset(const test_model_t *m, uint32_t limit, cost_time_t now)
{
    size_t       i;
    unsigned     used, before;
    cost_time_t  t;

    (void) now;

    if (m->rule.kind == COST_WINDOW_FIXED) {
        return m->clock - m->clock % m->rule.length + m->rule.length;
    }

    before = test_model_used(m);

    for (t = m->clock; /* void */ ; t++) {
        used = 0;

        for (i = 0; i < m->n; i++) {
            used += m->passed[i] > t - m->rule.length;
        }

        if (used < before && used < limit) {
            return t;
        }
    }
}


static uint32_t
test_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;

    return *state >> 8;
}


static cost_window_log_t *
test_log(uint32_t capacity)
{
    cost_window_log_t  *log;

    log = malloc(cost_window_log_size(capacity));

    if (log == NULL) {
        abort();
    }

    cost_window_log_init(log, capacity);

    return log;
}


static void
test_state(cost_window_state_t *s, const cost_window_t *w)
{
    memset(s, 0, sizeof(cost_window_state_t));

    s->kind = w->kind;
    s->length = w->length;

    if (w->kind == COST_WINDOW_SLIDING) {
        s->u.log = test_log(w->limit);
    }
}
