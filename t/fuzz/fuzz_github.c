
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A payload of GitHub's: whatever it is, the event's texts lie in it or in
 * the buffer, which is as long, and it is priced or refused.
 */

#include "cost/cost_github.h"

#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


#define check(x)  do { if (!(x)) { abort(); } } while (0)


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                i;
    uint8_t              *buf, *copy;
    const char           *why;
    cost_github_job_t     job;
    cost_github_event_t   event;

    if (size > 65536) {
        return 0;
    }

    /* both of their size exactly, so that a byte too far is seen */

    buf = malloc(size + 1);
    copy = malloc(size + 1);
    check(buf != NULL && copy != NULL);
    buf = realloc(buf, size + (size == 0));
    copy = realloc(copy, size + (size == 0));
    check(buf != NULL && copy != NULL);

    if (size != 0) {
        memcpy(copy, data, size);
    }

    for (i = 0; i < 2; i++) {
        why = NULL;

        if (cost_github_read((cost_github_e) i, copy, size, buf, &event, &why)
            != COST_OK)
        {
            check(why != NULL);
            continue;
        }

        check(event.id > 0 && event.attempt > 0);
        check(event.owner.len >= 1 && event.owner.len <= COST_GITHUB_NAME);
        check(event.labels.len <= COST_GITHUB_NAME);

        if (cost_github_price(&event, &job, &why) == COST_OK) {
            check(job.minutes >= 0 && job.cost >= 0);
            check(job.completed >= job.started);

        } else {
            check(why != NULL);
        }
    }

    free(buf);
    free(copy);

    return 0;
}
