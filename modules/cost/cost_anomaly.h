
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Days that cost more than they should have.
 *
 * A series (one account, one service) is read from its first day on, and
 * each day is judged by the days before it alone:
 *
 *     expected   the median of the last six same weekdays (of two, the one
 *                that is more like the days before), moved by how far the
 *                last fourteen days were from theirs
 *     scatter    1.4826 times the median absolute distance of the last 56
 *                days from what had been expected of them (the MAD, which a
 *                few wild days do not move), but at least 5 % of what is
 *                expected: a series without any scatter is not alarmed by
 *                cents
 *     band       expected -+ "threshold" scatters, not below zero
 *
 * A day above the band, by the minimum amount at least, is an anomaly.  A day
 * outside the band does not enter the history; but when seven days in a row
 * lie on the same side of it, this is the level now: the history is moved
 * there.  The days of such a run after its first are anomalies only when they
 * exceed the run's worst day by half its excess again, so that a shift of the
 * level is reported once, and a worse one a second time.  In the same way the
 * third same weekday in a row on one side is this weekday's level, and no
 * anomaly.
 *
 * Nothing depends on the unit, but for the minimum amount; nothing is random;
 * the same series gives the same days, whenever and how often it is read.
 */


#ifndef _COST_ANOMALY_H_INCLUDED_
#define _COST_ANOMALY_H_INCLUDED_


#include "cost_str.h"


#define COST_ANOMALY_HISTORY  14     /* days before the first one judged */
#define COST_ANOMALY_MAX      1096   /* days of a series */


typedef enum {
    COST_ANOMALY_LOW = 0,        /* from the threshold on */
    COST_ANOMALY_MEDIUM,         /* twice the threshold and 50 % above */
    COST_ANOMALY_HIGH            /* four times and 100 % above */
} cost_anomaly_severity_e;

/*
 * Where neither anything was expected nor anything ever scattered, it is the
 * minimum amount that counts: ten times, a hundred times.
 */


typedef struct {
    double                   threshold;   /* scatters, 4 is usual */
    double                   minimum;     /* above expected, in money */
} cost_anomaly_conf_t;


typedef struct {
    size_t                   day;         /* its index in the series */
    double                   actual;
    double                   expected;
    double                   lower;
    double                   upper;
    double                   score;       /* scatters above; 0: none */
    cost_anomaly_severity_e  severity;
} cost_anomaly_t;


/* room to work in, some 27 KB; nothing in it outlives the call */

typedef struct {
    double                   history[COST_ANOMALY_MAX];
    double                   expected[COST_ANOMALY_MAX];
    double                   residual[COST_ANOMALY_MAX];
    int8_t                   side[COST_ANOMALY_MAX];
} cost_anomaly_work_t;


/*
 * Judges the days from COST_ANOMALY_HISTORY on of a series of "n" daily
 * amounts (at most COST_ANOMALY_MAX; days without cost are zeros) and writes
 * the anomalies from the day "from" on to "found", ascending.  Amounts that
 * are not finite count as zero.
 * COST_FULL: there are more than "max", the first are written; COST_RANGE:
 * n is too large.
 */
COST_MUST_CHECK cost_rc_e cost_anomaly_scan(const double *amounts, size_t n,
    size_t from, const cost_anomaly_conf_t *conf, cost_anomaly_work_t *work,
    cost_anomaly_t *found, size_t max, size_t *nfound);


#endif /* _COST_ANOMALY_H_INCLUDED_ */
