
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_retry.h"


#define COST_RETRY_DATE_LEN  (sizeof("Sun, 06 Nov 1994 08:49:37 GMT") - 1)


static cost_rc_e cost_retry_date(const uint8_t *p, cost_time_t *t);
static cost_rc_e cost_retry_number(const uint8_t *p, size_t len,
    unsigned *n);


static const uint32_t  cost_retry_pauses[COST_RETRY_ATTEMPTS - 1] = {
    5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400
};


cost_retry_verdict_e
cost_retry_verdict(unsigned status)
{
    if (status >= 200 && status < 300) {
        return COST_RETRY_DELIVERED;
    }

    return status == 410 ? COST_RETRY_GONE : COST_RETRY_AGAIN;
}


cost_rc_e
cost_retry_pause(unsigned attempts, uint32_t random, uint32_t retry_after,
    uint32_t *pause)
{
    uint32_t  base, spread;

    if (attempts == 0 || attempts >= COST_RETRY_ATTEMPTS) {
        return COST_DONE;
    }

    base = cost_retry_pauses[attempts - 1];
    spread = base / 5;

    *pause = base - spread + random % (2 * spread + 1);

    if (retry_after > COST_RETRY_LONGEST) {
        retry_after = COST_RETRY_LONGEST;
    }

    if (*pause < retry_after) {
        *pause = retry_after;
    }

    return COST_OK;
}


cost_rc_e
cost_retry_after(const uint8_t *p, size_t len, cost_time_t now,
    uint32_t *seconds)
{
    size_t       i;
    cost_time_t  t;

    if (len == COST_RETRY_DATE_LEN) {

        if (cost_retry_date(p, &t) != COST_OK) {
            return COST_INVALID;
        }

        t -= now;

    } else {
        t = 0;

        for (i = 0; i < len; i++) {

            if (p[i] < '0' || p[i] > '9') {
                return COST_INVALID;
            }

            if (t <= COST_RETRY_LONGEST) {
                t = t * 10 + (p[i] - '0');
            }
        }

        if (len == 0) {
            return COST_INVALID;
        }
    }

    if (t < 0) {
        t = 0;
    }

    *seconds = t > COST_RETRY_LONGEST ? COST_RETRY_LONGEST : (uint32_t) t;

    return COST_OK;
}


/* COST_RETRY_DATE_LEN bytes */

static cost_rc_e
cost_retry_date(const uint8_t *p, cost_time_t *t)
{
    size_t    m;
    unsigned  day, year, hour, minute, second;

    static const char  months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    if (p[3] != ',' || p[4] != ' ' || p[7] != ' ' || p[11] != ' '
        || p[16] != ' ' || p[19] != ':' || p[22] != ':'
        || memcmp(p + 25, " GMT", 4) != 0)
    {
        return COST_INVALID;
    }

    for (m = 0; m < 12; m++) {
        if (memcmp(p + 8, months + 3 * m, 3) == 0) {
            break;
        }
    }

    if (m == 12
        || cost_retry_number(p + 5, 2, &day) != COST_OK
        || cost_retry_number(p + 12, 4, &year) != COST_OK
        || cost_retry_number(p + 17, 2, &hour) != COST_OK
        || cost_retry_number(p + 20, 2, &minute) != COST_OK
        || cost_retry_number(p + 23, 2, &second) != COST_OK
        || day < 1 || day > 31 || year < 1970
        || hour > 23 || minute > 59 || second > 60)
    {
        return COST_INVALID;
    }

    *t = (cost_time_t) cost_day_from_civil((int) year, (unsigned) m + 1, day)
         * 86400 + hour * 3600 + minute * 60 + second;

    return COST_OK;
}


static cost_rc_e
cost_retry_number(const uint8_t *p, size_t len, unsigned *n)
{
    size_t  i;

    *n = 0;

    for (i = 0; i < len; i++) {

        if (p[i] < '0' || p[i] > '9') {
            return COST_INVALID;
        }

        *n = *n * 10 + (p[i] - '0');
    }

    return COST_OK;
}
