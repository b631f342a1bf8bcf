
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_date.h"


static cost_rc_e cost_date_number(const uint8_t **p, const uint8_t *last,
    size_t min, size_t max, unsigned *n);
static cost_rc_e cost_date_civil(unsigned year, unsigned month, unsigned mday,
    cost_day_t *day);
static cost_rc_e cost_date_us(const uint8_t *p, const uint8_t *last,
    cost_time_t *t);
static cost_rc_e cost_time_clock(const uint8_t **p, const uint8_t *last,
    int32_t *seconds);
static cost_rc_e cost_time_zone(const uint8_t *p, const uint8_t *last,
    int32_t *seconds);
static uint8_t *cost_date_put(uint8_t *p, unsigned n, unsigned width);


#define COST_DAY_SECONDS  86400


static const uint8_t  cost_date_month_days[] = {
    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
};


/*
 * Years are counted from March, so that the leap day is a year's last one,
 * and days from 0000-03-01; 400 years have 146097 days.
 */

cost_day_t
cost_day_from_civil(int year, unsigned month, unsigned day)
{
    int  era, y, yday, m;

    m = (int) month;
    y = (m <= 2) ? year - 1 : year;
    m = (m + 9) % 12;

    era = (y >= 0 ? y : y - 399) / 400;
    y -= era * 400;
    yday = (153 * m + 2) / 5 + (int) day - 1;

    return era * 146097 + y * 365 + y / 4 - y / 100 + yday - 719468;
}


void
cost_day_to_civil(cost_day_t day, int *year, unsigned *month, unsigned *mday)
{
    int  d, era, y, m, yday;

    d = day + 719468;
    era = (d >= 0 ? d : d - 146096) / 146097;
    d -= era * 146097;

    y = (d - d / 1460 + d / 36524 - d / 146096) / 365;
    yday = d - (365 * y + y / 4 - y / 100);
    m = (5 * yday + 2) / 153;

    *mday = (unsigned) (yday - (153 * m + 2) / 5 + 1);
    *month = (unsigned) (m < 10 ? m + 3 : m - 9);
    *year = y + era * 400 + (m >= 10);
}


cost_day_t
cost_day_month_first(cost_day_t day)
{
    int       year;
    unsigned  mday, month;

    cost_day_to_civil(day, &year, &month, &mday);

    return day - (cost_day_t) mday + 1;
}


cost_day_t
cost_day_month_last(cost_day_t day)
{
    return cost_day_month_first(cost_day_month_first(day) + 31) - 1;
}


cost_day_t
cost_day_monday(cost_day_t day)
{
    cost_day_t  wday;

    /* 1970-01-01 was a Thursday */

    wday = (day + 3) % 7;

    return day - (wday < 0 ? wday + 7 : wday);
}


cost_day_t
cost_day_from_time(cost_time_t t)
{
    cost_time_t  day;

    day = t / COST_DAY_SECONDS;

    if (t % COST_DAY_SECONDS < 0) {
        day--;
    }

    return (cost_day_t) day;
}


cost_rc_e
cost_date_parse(const uint8_t *p, size_t len, cost_day_t *day)
{
    unsigned        mday, month, year;
    const uint8_t  *last;

    last = p + len;

    if (len != COST_DATE_LEN
        || p[4] != '-'
        || p[7] != '-'
        || cost_date_number(&p, last, 4, 4, &year) != COST_OK)
    {
        return COST_INVALID;
    }

    p++;

    if (cost_date_number(&p, last, 2, 2, &month) != COST_OK) {
        return COST_INVALID;
    }

    p++;

    if (cost_date_number(&p, last, 2, 2, &mday) != COST_OK) {
        return COST_INVALID;
    }

    return cost_date_civil(year, month, mday, day);
}


cost_rc_e
cost_time_parse(const uint8_t *p, size_t len, cost_time_t *t)
{
    int32_t         clock, zone;
    cost_day_t      day;
    const uint8_t  *last;

    last = p + len;

    if (len < COST_DATE_LEN || p[4] != '-') {
        return cost_date_us(p, last, t);
    }

    if (cost_date_parse(p, COST_DATE_LEN, &day) != COST_OK) {
        return COST_INVALID;
    }

    p += COST_DATE_LEN;
    clock = 0;
    zone = 0;

    if (p < last) {
        if (*p != 'T' && *p != ' ') {
            return COST_INVALID;
        }

        p++;

        if (cost_time_clock(&p, last, &clock) != COST_OK
            || cost_time_zone(p, last, &zone) != COST_OK)
        {
            return COST_INVALID;
        }
    }

    *t = (cost_time_t) day * COST_DAY_SECONDS + clock - zone;

    /* a zone may lead out of the years that four digits can show */

    day = cost_day_from_time(*t);

    return (day < COST_DAY_MIN || day > COST_DAY_MAX) ? COST_INVALID : COST_OK;
}


/* "M/D/YY" and "M/D/YYYY" */

static cost_rc_e
cost_date_us(const uint8_t *p, const uint8_t *last, cost_time_t *t)
{
    size_t      len;
    unsigned    mday, month, year;
    cost_day_t  day;

    if (cost_date_number(&p, last, 1, 2, &month) != COST_OK
        || p == last || *p++ != '/'
        || cost_date_number(&p, last, 1, 2, &mday) != COST_OK
        || p == last || *p++ != '/')
    {
        return COST_INVALID;
    }

    len = (size_t) (last - p);

    if ((len != 2 && len != 4)
        || cost_date_number(&p, last, len, len, &year) != COST_OK)
    {
        return COST_INVALID;
    }

    if (len == 2) {
        year += 2000;
    }

    if (cost_date_civil(year, month, mday, &day) != COST_OK) {
        return COST_INVALID;
    }

    *t = (cost_time_t) day * COST_DAY_SECONDS;

    return COST_OK;
}


/* "hh:mm", "hh:mm:ss", "hh:mm:ss.fraction" */

static cost_rc_e
cost_time_clock(const uint8_t **p, const uint8_t *last, int32_t *seconds)
{
    unsigned  hour, min, sec;

    sec = 0;

    if (cost_date_number(p, last, 2, 2, &hour) != COST_OK
        || *p == last || *(*p)++ != ':'
        || cost_date_number(p, last, 2, 2, &min) != COST_OK
        || hour > 23 || min > 59)
    {
        return COST_INVALID;
    }

    if (*p < last && **p == ':') {
        (*p)++;

        if (cost_date_number(p, last, 2, 2, &sec) != COST_OK || sec > 59) {
            return COST_INVALID;
        }

        if (*p < last && **p == '.') {
            (*p)++;

            if (*p == last || **p < '0' || **p > '9') {
                return COST_INVALID;
            }

            while (*p < last && **p >= '0' && **p <= '9') {
                (*p)++;
            }
        }
    }

    *seconds = (int32_t) (hour * 3600 + min * 60 + sec);

    return COST_OK;
}


static cost_rc_e
cost_time_zone(const uint8_t *p, const uint8_t *last, int32_t *seconds)
{
    bool      minus;
    size_t    len;
    unsigned  hour, min;

    len = (size_t) (last - p);
    *seconds = 0;

    if (len == 0
        || (len == 1 && *p == 'Z')
        || (len == 4 && memcmp(p, " UTC", 4) == 0))
    {
        return COST_OK;
    }

    if (*p != '+' && *p != '-') {
        return COST_INVALID;
    }

    minus = (*p++ == '-');

    if (cost_date_number(&p, last, 2, 2, &hour) != COST_OK) {
        return COST_INVALID;
    }

    if (p < last && *p == ':') {
        p++;
    }

    if (cost_date_number(&p, last, 2, 2, &min) != COST_OK
        || p != last || hour > 23 || min > 59)
    {
        return COST_INVALID;
    }

    *seconds = (int32_t) (hour * 3600 + min * 60);

    if (minus) {
        *seconds = -*seconds;
    }

    return COST_OK;
}


/* from "min" to "max" digits */

static cost_rc_e
cost_date_number(const uint8_t **p, const uint8_t *last, size_t min,
    size_t max, unsigned *n)
{
    size_t  i;

    *n = 0;

    for (i = 0; i < max && *p < last && **p >= '0' && **p <= '9'; i++) {
        *n = *n * 10 + (unsigned) (*(*p)++ - '0');
    }

    return (i < min) ? COST_INVALID : COST_OK;
}


static cost_rc_e
cost_date_civil(unsigned year, unsigned month, unsigned mday, cost_day_t *day)
{
    unsigned  days;

    if (year < 1 || month < 1 || month > 12 || mday < 1) {
        return COST_INVALID;
    }

    days = cost_date_month_days[month - 1];

    if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) {
        days = 29;
    }

    if (mday > days) {
        return COST_INVALID;
    }

    *day = cost_day_from_civil((int) year, month, mday);

    return COST_OK;
}


size_t
cost_date_format(cost_day_t day, uint8_t *buf)
{
    int       year;
    uint8_t  *p;
    unsigned  mday, month;

    cost_day_to_civil(day, &year, &month, &mday);

    p = cost_date_put(buf, (unsigned) year, 4);
    *p++ = '-';
    p = cost_date_put(p, month, 2);
    *p++ = '-';
    p = cost_date_put(p, mday, 2);

    return (size_t) (p - buf);
}


size_t
cost_time_format(cost_time_t t, uint8_t *buf)
{
    uint8_t     *p;
    unsigned     sec;
    cost_day_t   day;

    day = cost_day_from_time(t);
    sec = (unsigned) (t - (cost_time_t) day * COST_DAY_SECONDS);

    p = buf + cost_date_format(day, buf);
    *p++ = 'T';
    p = cost_date_put(p, sec / 3600, 2);
    *p++ = ':';
    p = cost_date_put(p, sec / 60 % 60, 2);
    *p++ = ':';
    p = cost_date_put(p, sec % 60, 2);
    *p++ = 'Z';

    return (size_t) (p - buf);
}


static uint8_t *
cost_date_put(uint8_t *p, unsigned n, unsigned width)
{
    unsigned  i;

    for (i = width; i-- > 0; n /= 10) {
        p[i] = (uint8_t) ('0' + n % 10);
    }

    return p + width;
}
