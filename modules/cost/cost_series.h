
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Daily amounts between the database, where they are exact, and the
 * statistics of cost_forecast and cost_anomaly, which are no accounts and
 * reckon with floating-point numbers.
 */


#ifndef _COST_SERIES_H_INCLUDED_
#define _COST_SERIES_H_INCLUDED_


#include "cost_decimal.h"
#include "cost_str.h"


/*
 * Reads a series as costs_forecast.sql and anomalies_series.sql write it:
 * "0 12.5 3 0.07", the number of a day and its amount, by blanks.  All of
 * amounts[0..n-1] is written, what is not named is 0; of a day named twice
 * the last amount holds.
 * COST_INVALID: it is not such a text.  COST_RANGE: a day is not below n, or
 * an amount is not below 10^20.
 */
COST_MUST_CHECK cost_rc_e cost_series_read(const uint8_t *p, size_t len,
    double *amounts, size_t n);


/* the nearest floating-point number */
double cost_series_double(cost_decimal_t value);

/*
 * Rounded half away from zero to six decimals, beyond which a statistic says
 * nothing; what is larger than 10^20 becomes that, and what is no number 0.
 */
cost_decimal_t cost_series_decimal(double value);


#endif /* _COST_SERIES_H_INCLUDED_ */
