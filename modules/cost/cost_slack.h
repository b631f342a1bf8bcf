
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Slack's chat.postMessage: its request's body, and what its answer means.
 */


#ifndef _COST_SLACK_H_INCLUDED_
#define _COST_SLACK_H_INCLUDED_


#include "cost_json.h"
#include "cost_retry.h"
#include "cost_str.h"


/* {"channel": ..., "text": ...}; of the text "&", "<" and ">" are escaped */
void cost_slack_write(cost_json_t *j, cost_str_t channel, cost_str_t text);

/*
 * What an answer means.  A 200 is {"ok": true, ...}, or {"ok": false, "error":
 * "..."}; it may be cut off behind these.  Errors that may pass are tried
 * again: Slack's own trouble, and too many messages.  *why is a literal, or
 * NULL: the answer says it.
 */
cost_retry_verdict_e cost_slack_verdict(unsigned status, const uint8_t *answer,
    size_t len, const char **why);


#endif /* _COST_SLACK_H_INCLUDED_ */
