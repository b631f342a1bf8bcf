
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Windows that limit how often something may happen, exactly: of any number
 * of requests in a window, "limit" pass.
 *
 *     fixed     the window is [k * length, (k + 1) * length) for a whole k:
 *               the epoch minute, the UTC day; one counter
 *     sliding   a request passes when fewer than "limit" passed in the
 *               "length" seconds up to and including it; the log of those
 *               that passed, 4 bytes each
 *
 * Time is in whole seconds since the epoch, as it is in the headers that tell
 * clients of it: a request that passed in second t counts until second
 * t + length begins, and one more passes from then on.
 *
 * A clock may go back.  By at most one length: time stands still for that
 * window (clocks of two workers differ by a turn of the event loop), and no
 * more than the limit passes.  By more: what is from the future is forgotten.
 */


#ifndef _COST_WINDOW_H_INCLUDED_
#define _COST_WINDOW_H_INCLUDED_


#include "cost_date.h"
#include "cost_str.h"


#define COST_WINDOW_MAX         8          /* windows that are taken at once */
#define COST_WINDOW_LENGTH_MAX  31622400   /* a leap year, in seconds */
#define COST_WINDOW_LIMIT_MAX   1000000000
#define COST_WINDOW_LOG_MAX     100000     /* limit of a sliding window */


typedef enum {
    COST_WINDOW_FIXED = 1,
    COST_WINDOW_SLIDING
} cost_window_kind_e;


/* the rule */

typedef struct {
    cost_window_kind_e  kind;
    uint32_t            length;            /* seconds */
    uint32_t            limit;             /* requests */
} cost_window_t;


/* a ring of the seconds in which requests passed, in ascending order */

typedef struct {
    uint32_t            capacity;
    uint32_t            first;
    uint32_t            count;
    uint32_t            times[];
} cost_window_log_t;


#define cost_window_log_size(capacity)                                        \
    (offsetof(cost_window_log_t, times)                                       \
     + (size_t) (capacity) * sizeof(uint32_t))


/*
 * What is remembered.  All zero bytes are an unused state; the caller sets
 * kind, length and, when sliding, an empty log.
 *
 * A fixed window may be shared with others (nodes, earlier lives of this
 * one): "own" requests were counted here, of which "told" have been made
 * known, and "others" elsewhere.
 */

typedef struct {
    uint32_t                kind;          /* cost_window_kind_e, 0: unused */
    uint32_t                length;

    union {
        struct {
            uint32_t        start;         /* the window's first second */
            uint32_t        own;
            uint32_t        told;
            uint32_t        others;
        } fixed;

        cost_window_log_t  *log;
    } u;
} cost_window_state_t;


/* what a client is told */

typedef struct {
    uint32_t            limit;
    uint32_t            used;
    uint32_t            remaining;
    bool                exhausted;
    cost_time_t         reset;             /* see cost_window_take() */
} cost_window_look_t;


#define cost_window_is(s, w)                                                  \
    ((s)->kind == (uint32_t) (w)->kind && (s)->length == (w)->length)


void cost_window_log_init(cost_window_log_t *log, uint32_t capacity);

/* the newest of "from" that fit; "log" is initialized and of another size */
void cost_window_log_copy(cost_window_log_t *log,
    const cost_window_log_t *from);

/*
 * Takes one request through "n" windows at once (0 <= n <= COST_WINDOW_MAX);
 * s[i] is the state of w[i].  COST_OK: it passed and was counted in all of
 * them.  COST_FULL: one or more are exhausted, and it was counted in none.
 *
 * looks[i] tells of what is left afterwards.  "reset" is the second from
 * which on one more request would pass, had this window been used up: the end
 * of a fixed window; for a sliding one the second in which the oldest request
 * that stands in the way leaves it.
 *
 * A log smaller than the limit (a plan that was raised) is the limit.
 */
COST_MUST_CHECK cost_rc_e cost_window_take(const cost_window_t *w,
    cost_window_state_t *const *s, size_t n, cost_time_t now,
    cost_window_look_t *looks);

/* the same look without a request */
void cost_window_look(const cost_window_t *w, cost_window_state_t *const *s,
    size_t n, cost_time_t now, cost_window_look_t *looks);

/* seconds, >= 1, until all exhausted windows let one more pass; 0: none is */
uint32_t cost_window_retry_after(const cost_window_look_t *looks, size_t n,
    cost_time_t now);

/*
 * Of the fixed window that began at "start", "told" of our own have reached
 * the others, who had counted "others" themselves.  Answers may come late or
 * twice: nothing is taken back, and another window's answer is ignored.
 */
void cost_window_shared(cost_window_state_t *s, cost_time_t start,
    uint32_t told, uint32_t others);


#endif /* _COST_WINDOW_H_INCLUDED_ */
