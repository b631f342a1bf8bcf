
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_error.h"


typedef struct {
    unsigned     status;
    cost_str_t   text;
    cost_str_t   upper;          /* InfraAudit's code */
    cost_str_t   lower;          /* CICosts' */
} cost_error_status_t;


typedef struct {
    unsigned     status;
    cost_str_t   text;
} cost_error_documented_t;


static const cost_error_status_t *cost_error_find(unsigned status);


static const cost_str_t  cost_error_wordings[COST_WORDINGS] = {
    cost_string("cloudk"),
    cost_string("costoptix"),
    cost_string("cloudcostflow"),
    cost_string("infraaudit"),
    cost_string("cicosts")
};


/* a status that is not here is shown as 400 or 500, as its class is */

static const cost_error_status_t  cost_error_statuses[] = {

    { 400, cost_string("Bad request"),
      cost_string("BAD_REQUEST"), cost_string("bad_request") },

    { 401, cost_string("Invalid API key"),
      cost_string("UNAUTHORIZED"), cost_string("unauthorized") },

    { 403, cost_string("Your key lacks the required permission"),
      cost_string("FORBIDDEN"), cost_string("forbidden") },

    { 404, cost_string("Not found"),
      cost_string("NOT_FOUND"), cost_string("not_found") },

    { 405, cost_string("Method not allowed"),
      cost_string("METHOD_NOT_ALLOWED"), cost_string("method_not_allowed") },

    { 406, cost_string("Not acceptable"),
      cost_string("NOT_ACCEPTABLE"), cost_string("not_acceptable") },

    { 408, cost_string("Request timed out"),
      cost_string("REQUEST_TIMEOUT"), cost_string("request_timeout") },

    { 409, cost_string("Conflict"),
      cost_string("CONFLICT"), cost_string("conflict") },

    { 410, cost_string("Gone"),
      cost_string("GONE"), cost_string("gone") },

    { 411, cost_string("Length required"),
      cost_string("LENGTH_REQUIRED"), cost_string("length_required") },

    { 412, cost_string("Precondition failed"),
      cost_string("PRECONDITION_FAILED"), cost_string("precondition_failed") },

    { 413, cost_string("Request body too large"),
      cost_string("PAYLOAD_TOO_LARGE"), cost_string("payload_too_large") },

    { 414, cost_string("Request URI too long"),
      cost_string("URI_TOO_LONG"), cost_string("uri_too_long") },

    { 415, cost_string("Unsupported media type"),
      cost_string("UNSUPPORTED_MEDIA_TYPE"),
      cost_string("unsupported_media_type") },

    { 416, cost_string("Range not satisfiable"),
      cost_string("RANGE_NOT_SATISFIABLE"),
      cost_string("range_not_satisfiable") },

    { 429, cost_string("Rate limit exceeded"),
      cost_string("RATE_LIMIT_EXCEEDED"),
      cost_string("rate_limit_exceeded") },

    { 500, cost_string("Internal server error"),
      cost_string("INTERNAL_ERROR"), cost_string("internal_error") },

    { 501, cost_string("Not implemented"),
      cost_string("NOT_IMPLEMENTED"), cost_string("not_implemented") },

    { 502, cost_string("Bad gateway"),
      cost_string("BAD_GATEWAY"), cost_string("bad_gateway") },

    { 503, cost_string("Service temporarily unavailable"),
      cost_string("SERVICE_UNAVAILABLE"),
      cost_string("service_unavailable") },

    { 504, cost_string("Gateway timed out"),
      cost_string("GATEWAY_TIMEOUT"), cost_string("gateway_timeout") },

    { 505, cost_string("HTTP version not supported"),
      cost_string("HTTP_VERSION_NOT_SUPPORTED"),
      cost_string("http_version_not_supported") },

    { 507, cost_string("Insufficient storage"),
      cost_string("INSUFFICIENT_STORAGE"),
      cost_string("insufficient_storage") }
};

#define COST_ERROR_STATUSES                                                   \
    (sizeof(cost_error_statuses) / sizeof(cost_error_statuses[0]))


/* where a product's document says it otherwise; a status of 0 ends a list */

static const cost_error_documented_t  cost_error_cloudk[] = {
    { 400, cost_string("Missing or invalid parameter") },
    { 404, cost_string("Resource not found") },
    { 0, { 0, NULL } }
};

static const cost_error_documented_t  cost_error_costoptix[] = {
    { 429, cost_string("Daily API call limit reached."
                       " Upgrade your plan for higher limits.") },
    { 0, { 0, NULL } }
};

static const cost_error_documented_t  cost_error_cloudcostflow[] = {
    { 401, cost_string("Not authenticated") },
    { 0, { 0, NULL } }
};

static const cost_error_documented_t  cost_error_silent[] = {
    { 0, { 0, NULL } }
};


static const cost_error_documented_t *const
    cost_error_documented[COST_WORDINGS] =
{
    cost_error_cloudk,
    cost_error_costoptix,
    cost_error_cloudcostflow,
    cost_error_silent,           /* infraaudit */
    cost_error_silent            /* cicosts */
};


cost_rc_e
cost_wording_parse(const uint8_t *p, size_t len, cost_wording_e *wording)
{
    unsigned  i;

    for (i = 0; i < COST_WORDINGS; i++) {

        if (cost_error_wordings[i].len == len
            && memcmp(cost_error_wordings[i].data, p, len) == 0)
        {
            *wording = (cost_wording_e) i;
            return COST_OK;
        }
    }

    return COST_INVALID;
}


cost_str_t
cost_error_text(cost_wording_e wording, unsigned status)
{
    const cost_error_documented_t  *d;

    for (d = cost_error_documented[wording]; d->status != 0; d++) {

        if (d->status == status) {
            return d->text;
        }
    }

    return cost_error_find(status)->text;
}


void
cost_error_write(cost_json_t *j, cost_wording_e wording, unsigned status,
    cost_str_t text, unsigned retry_after)
{
    const cost_error_status_t  *s;

    s = cost_error_find(status);

    if (text.data == NULL) {
        text = cost_error_text(wording, status);
    }

    cost_json_object(j);

    switch (wording) {

    case COST_WORDING_COSTOPTIX:
        cost_json_name(j, "success");
        cost_json_bool(j, false);
        cost_json_name(j, "error");
        cost_json_string(j, text.data, text.len);
        break;

    case COST_WORDING_CLOUDCOSTFLOW:
        cost_json_name(j, "detail");
        cost_json_string(j, text.data, text.len);
        break;

    case COST_WORDING_INFRAAUDIT:
        cost_json_name(j, "error");
        cost_json_string(j, text.data, text.len);
        cost_json_name(j, "code");
        cost_json_string(j, s->upper.data, s->upper.len);

        if (retry_after) {
            cost_json_name(j, "retryAfter");
            cost_json_integer(j, retry_after);
        }

        break;

    case COST_WORDING_CICOSTS:
        cost_json_name(j, "error");
        cost_json_object(j);
        cost_json_name(j, "code");
        cost_json_string(j, s->lower.data, s->lower.len);
        cost_json_name(j, "message");
        cost_json_string(j, text.data, text.len);
        cost_json_object_end(j);
        break;

    case COST_WORDING_CLOUDK:
    default:
        cost_json_name(j, "error");
        cost_json_string(j, text.data, text.len);
        break;
    }

    cost_json_object_end(j);
}


static const cost_error_status_t *
cost_error_find(unsigned status)
{
    size_t  i;

    for (i = 0; i < COST_ERROR_STATUSES; i++) {

        if (cost_error_statuses[i].status == status) {
            return &cost_error_statuses[i];
        }
    }

    /* a status that has no row is one of its class */

    return cost_error_find(status < 500 ? 400 : 500);
}
