
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Another day for one process, to be preloaded: the system's clock moved by
 * COST_TEST_CLOCK seconds.  What measures how long something takes
 * (CLOCK_MONOTONIC) is not touched.
 */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>


static long  clock_offset;


__attribute__((constructor)) static void
clock_init(void)
{
    const char  *text;

    text = getenv("COST_TEST_CLOCK");

    clock_offset = text ? atol(text) : 0;
}


int
clock_gettime(clockid_t id, struct timespec *ts)
{
    int  rc;

    static int (*next)(clockid_t, struct timespec *);

    if (next == NULL) {
        *(void **) &next = dlsym(RTLD_NEXT, "clock_gettime");
    }

    rc = next(id, ts);

    if (rc == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
        ts->tv_sec += clock_offset;
    }

    return rc;
}


int
gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
    struct timespec  ts;

    (void) tz;

    if (clock_gettime(CLOCK_REALTIME, &ts) == -1) {
        return -1;
    }

    tv->tv_sec = ts.tv_sec;
    tv->tv_usec = ts.tv_nsec / 1000;

    return 0;
}


time_t
time(time_t *t)
{
    struct timespec  ts;

    if (clock_gettime(CLOCK_REALTIME, &ts) == -1) {
        return (time_t) -1;
    }

    if (t) {
        *t = ts.tv_sec;
    }

    return ts.tv_sec;
}
