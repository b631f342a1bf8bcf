
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The door of the domain: the only header of modules/cost/ that other rooms
 * include.
 *
 * The domain is plain C11 and knows no nginx, libpq, jansson, malloc, clock,
 * I/O or mutable globals: it takes "now", buffers and arrays from its caller
 * and returns an enumeration.  Each area has a header of its own, which
 * documents units, ranges, ownership and errors.
 */


#ifndef _COST_H_INCLUDED_
#define _COST_H_INCLUDED_


#include "cost_str.h"
#include "cost_utf8.h"
#include "cost_hash.h"
#include "cost_decimal.h"
#include "cost_date.h"
#include "cost_json.h"
#include "cost_error.h"
#include "cost_query.h"
#include "cost_cursor.h"
#include "cost_period.h"
#include "cost_trend.h"
#include "cost_route.h"
#include "cost_keytext.h"
#include "cost_window.h"
#include "cost_csv.h"
#include "cost_focus.h"
#include "cost_fold.h"
#include "cost_bill.h"
#include "cost_copy.h"
#include "cost_delivery.h"
#include "cost_resource.h"
#include "cost_inventory.h"
#include "cost_pricefile.h"
#include "cost_calculate.h"
#include "cost_series.h"
#include "cost_forecast.h"
#include "cost_address.h"
#include "cost_url.h"
#include "cost_sigv4.h"
#include "cost_s3list.h"
#include "cost_retry.h"
#include "cost_mail.h"
#include "cost_smtp.h"
#include "cost_slack.h"
#include "cost_anomaly.h"
#include "cost_scan.h"
#include "cost_runner.h"
#include "cost_github.h"
#include "cost_usage.h"
#include "cost_utilization.h"
#include "cost_alert.h"
#include "cost_rule.h"


#endif /* _COST_H_INCLUDED_ */
