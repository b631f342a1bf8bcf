
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What a job on a GitHub Actions runner costs, in USD.
 *
 * The prices are those of GitHub's documentation (github/docs,
 * content/billing/reference/actions-runner-pricing.md at 0460e40,
 * data/reusables/billing/actions-standard-runner-prices.md at 77c10b8, and
 * the earlier actions-minute-multipliers.md at 0fbccb0; CC BY 4.0): a minute
 * of a job that started up to 2025-12-31 UTC has the old one, from 2026-01-01
 * on the new one.  Each job's minutes are rounded up to whole ones.  Included
 * minutes and discounts are a bill's business, not a job's.
 *
 * A machine of one's own costs nothing: the charge that was announced for
 * 2026-03-01 was put off two days later.
 */


#ifndef _COST_RUNNER_H_INCLUDED_
#define _COST_RUNNER_H_INCLUDED_


#include "cost_date.h"
#include "cost_decimal.h"
#include "cost_str.h"


/* an index of the table, or this */
#define COST_RUNNER_SELF_HOSTED  255


/*
 * The runner for what "runs-on" says, a label or several with commas or
 * blanks between them, in either case.  With "self-hosted" among them it is
 * one's own; else the first that is known counts:
 *
 *     a SKU of the prices, as usage reports spell it: linux_4_core,
 *     actions_linux;
 *     ubuntu, windows or macos with a version or "latest", and what GitHub
 *     and most organizations put behind it: ubuntu-24.04-arm, ubuntu-slim,
 *     macos-15-xlarge, windows-latest-8-cores.
 *
 * COST_INVALID: none is known, as with a name that an organization made up.
 */
COST_MUST_CHECK cost_rc_e cost_runner_find(cost_str_t labels,
    unsigned *runner);

/* the SKU without "actions_"; "self_hosted" for one's own */
cost_str_t cost_runner_sku(unsigned runner);

/* USD a minute, for a job that started on this day (UTC) */
cost_decimal_t cost_runner_price(unsigned runner, cost_day_t day);

/*
 * Whole minutes from "started" to "completed", rounded up; none for a job
 * that took no time.  COST_RANGE: it ended before it began.
 */
COST_MUST_CHECK cost_rc_e cost_runner_minutes(cost_time_t started,
    cost_time_t completed, int64_t *minutes);

/* minutes times price; COST_RANGE as above, or more than a decimal holds */
COST_MUST_CHECK cost_rc_e cost_runner_cost(unsigned runner,
    cost_time_t started, cost_time_t completed, int64_t *minutes,
    cost_decimal_t *cost);


#endif /* _COST_RUNNER_H_INCLUDED_ */
