
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The one builder of error bodies: five products, five wordings.
 *
 *     cloudk         {"error": "text"}
 *     costoptix      {"success": false, "error": "text"}
 *     cloudcostflow  {"detail": "text"}
 *     infraaudit     {"error": "text", "code": "NOT_FOUND"[, "retryAfter": n]}
 *     cicosts        {"error": {"code": "not_found", "message": "text"}}
 */


#ifndef _COST_ERROR_H_INCLUDED_
#define _COST_ERROR_H_INCLUDED_


#include "cost_json.h"
#include "cost_str.h"


typedef enum {
    COST_WORDING_CLOUDK = 0,
    COST_WORDING_COSTOPTIX,
    COST_WORDING_CLOUDCOSTFLOW,
    COST_WORDING_INFRAAUDIT,
    COST_WORDING_CICOSTS,
    COST_WORDINGS
} cost_wording_e;


/* COST_INVALID: not the name of a wording */
COST_MUST_CHECK cost_rc_e cost_wording_parse(const uint8_t *p, size_t len,
    cost_wording_e *wording);

/*
 * The text that a wording's document gives for a status, or, where it is
 * silent, the standard one ("Not found"); never NULL.
 */
cost_str_t cost_error_text(cost_wording_e wording, unsigned status);

/*
 * Writes the whole body.  "text" with a NULL data stands for
 * cost_error_text(); "retry_after" (seconds) is shown where the wording has
 * a place for it, 0: not at all.
 */
void cost_error_write(cost_json_t *j, cost_wording_e wording, unsigned status,
    cost_str_t text, unsigned retry_after);


#endif /* _COST_ERROR_H_INCLUDED_ */
