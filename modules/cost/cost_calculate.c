
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_calculate.h"


/* decimals of perRequest.cost */
#define COST_CALCULATE_PLACES  15

/* units of a cost_decimal_t, and below how many of them digits are quick */
#define COST_CALCULATE_CENT    UINT64_C(10000000000000000)
#define COST_CALCULATE_CENTS   ((cost_decimal_t) 1000000000000000000LL)

#define cost_calculate_name(j, str)                                           \
    cost_json_name_n(j, (str)->data, (str)->len)


static cost_rc_e cost_calculate_region(cost_calculate_t *c, uint32_t region,
    cost_decimal_t *amounts, cost_decimal_t *carried, cost_decimal_t *total,
    cost_text_t *error);
static void cost_calculate_compare(cost_calculate_t *c);
static void cost_calculate_failed(cost_service_call_t *call,
    uint32_t node, cost_text_t *error);
static cost_rc_e cost_calculate_transfer(cost_calculate_t *c,
    uint32_t region, cost_decimal_t *carried, cost_decimal_t *total,
    cost_text_t *error);
static cost_decimal_t cost_calculate_quotient(cost_decimal_t a,
    cost_decimal_t b);
static void cost_calculate_node(const cost_calculate_t *c, cost_json_t *j,
    uint32_t n);
static void cost_calculate_edges(const cost_calculate_t *c, cost_json_t *j);
static void cost_calculate_extras(const cost_calculate_t *c, cost_json_t *j);
static void cost_calculate_stamp(cost_json_t *j, cost_time_t now,
    uint32_t microseconds);
static void cost_calculate_money(cost_json_t *j, cost_decimal_t amount);
static void cost_calculate_service(const cost_service_t *service,
    cost_json_t *j);
static void cost_calculate_param(const cost_service_param_t *param,
    cost_json_t *j);


static const cost_str_t  cost_calculate_kinds[] = {
    cost_string("number"),
    cost_string("integer"),
    cost_string("enum"),
    cost_string("boolean"),
    cost_string("string")
};


cost_rc_e
cost_calculate(cost_calculate_t *c, const cost_calculate_data_t *data,
    const uint8_t *body, size_t len)
{
    cost_rc_e  rc;

    rc = cost_request_read(&c->request, data->prices, &data->services, body,
                           len);

    if (rc == COST_OK) {
        rc = cost_request_flow(&c->request);
    }

    if (rc == COST_OK) {
        rc = cost_calculate_price(c);
    }

    return rc;
}


cost_rc_e
cost_calculate_price(cost_calculate_t *c)
{
    cost_request_t  *req;

    req = &c->request;

    if (cost_calculate_region(c, req->region, c->amounts, c->carried,
                              &c->total, &req->error)
        != COST_OK)
    {
        return COST_INVALID;
    }

    if (req->ncompare != 0) {
        cost_calculate_compare(c);
    }

    return COST_OK;
}


/*
 * Prices everything in a region.  With "amounts" and "carried" NULL only
 * the total is wanted, else totals, lines and warnings are kept too.
 */

static cost_rc_e
cost_calculate_region(cost_calculate_t *c, uint32_t region,
    cost_decimal_t *amounts, cost_decimal_t *carried, cost_decimal_t *total,
    cost_text_t *error)
{
    uint32_t              n;
    uint64_t              unused;
    cost_decimal_t        cost, sum, lines[COST_SERVICE_LINES];
    cost_request_t       *req;
    cost_request_node_t  *node;
    cost_service_call_t   call;

    req = &c->request;
    sum = 0;

    call.prices = req->prices;
    call.region = region;
    call.amounts = lines;

    for (n = 0; n < req->nnodes; n++) {
        node = &req->nodes[n];

        call.service = node->service;
        call.values = node->values;
        call.given = node->given;

        if (amounts != NULL) {
            call.amounts = &amounts[n * COST_SERVICE_LINES];
        }

        if (cost_service_price(&call, &cost) != COST_OK) {
            cost_calculate_failed(&call, n, error);
            return COST_INVALID;
        }

        sum += cost;

        if (amounts == NULL) {
            continue;
        }

        c->totals[n] = cost;
        c->shown[n] = call.shown;

        unused = call.given & ~call.used & ~node->flowed;

        if (unused != 0) {
            cost_request_unused(req, n, unused);
        }
    }

    if (cost_calculate_transfer(c, region, carried, &cost, error) != COST_OK) {
        return COST_INVALID;
    }

    if (amounts != NULL) {
        c->transfer = cost;
    }

    *total = sum + cost;

    return COST_OK;
}


static void
cost_calculate_compare(cost_calculate_t *c)
{
    uint32_t     n, region;
    cost_text_t  reason;

    for (n = 0; n < c->request.ncompare; n++) {
        region = c->request.compare[n];
        c->reason_len[n] = 0;

        if (region == c->request.region) {
            c->compared[n] = c->total;
            continue;
        }

        reason.data = c->reasons[n];
        reason.len = 0;
        reason.size = COST_CALCULATE_REASON;

        (void) cost_calculate_region(c, region, NULL, NULL, &c->compared[n],
                                     &reason);

        c->reason_len[n] = reason.len;
    }
}


static void
cost_calculate_failed(cost_service_call_t *call, uint32_t node,
    cost_text_t *error)
{
    error->len = 0;

    cost_text_literal(error, "nodes[");
    cost_text_number(error, node);

    if (call->failure == COST_SERVICE_NO_KEY
        || call->failure == COST_SERVICE_REFUSED
        || call->failure == COST_SERVICE_UNKNOWN)
    {
        cost_text_literal(error, "].params.");

    } else {
        cost_text_literal(error, "]: ");
    }

    error->len += cost_service_explain(call, error->data + error->len,
                                       error->size - error->len);
}


static cost_rc_e
cost_calculate_transfer(cost_calculate_t *c, uint32_t region,
    cost_decimal_t *carried, cost_decimal_t *total, cost_text_t *error)
{
    uint32_t         bad;
    cost_rc_e        rc;
    cost_price_e     name;
    cost_request_t  *req;

    req = &c->request;

    rc = cost_transfer_price(req->prices, region, req->transfers,
                             req->ntransfers, carried, total, &bad, &name);

    if (rc == COST_OK) {
        return COST_OK;
    }

    error->len = 0;

    cost_text_literal(error, "edges[");
    cost_text_number(error, req->transfers[bad].edge);

    if (rc == COST_RANGE) {
        cost_text_literal(error, "] carries too much data");
        return COST_INVALID;
    }

    cost_text_literal(error, "]: there is no price ");
    cost_text_str(error, cost_service_price_text(name));

    if (req->transfers[bad].context == COST_TRANSFER_INTER_REGION) {
        cost_text_literal(error, " ");
        cost_text_str(error,
                      req->prices->regions[req->transfers[bad].to_region]);
    }

    cost_text_literal(error, " in ");
    cost_text_str(error, req->prices->regions[region]);

    return COST_INVALID;
}


void
cost_calculate_write(const cost_calculate_t *c,
    const cost_calculate_data_t *data, cost_json_t *j, cost_time_t now,
    uint32_t microseconds)
{
    uint32_t               n;
    const cost_str_t      *region;
    const cost_request_t  *req;

    req = &c->request;
    region = &req->prices->regions[req->region];

    cost_json_object(j);
    cost_json_name(j, "totalMonthlyCost");
    cost_calculate_money(j, c->total);
    cost_json_name(j, "currency");
    cost_json_literal(j, "USD");
    cost_json_name(j, "region");
    cost_json_string(j, region->data, region->len);

    cost_json_name(j, "services");
    cost_json_array(j);

    for (n = 0; n < req->nnodes; n++) {
        cost_calculate_node(c, j, n);
    }

    cost_json_array_end(j);

    cost_json_name(j, "dataTransfer");
    cost_json_object(j);
    cost_json_name(j, "monthlyCost");
    cost_calculate_money(j, c->transfer);
    cost_calculate_edges(c, j);
    cost_json_object_end(j);

    cost_json_name(j, "perRequest");

    if (req->entering == 0) {
        cost_json_null(j);

    } else {
        cost_json_object(j);
        cost_json_name(j, "cost");
        cost_json_decimal(j, cost_calculate_quotient(c->total, req->entering),
                          COST_CALCULATE_PLACES, 1);
        cost_json_name(j, "requestsPerMonth");
        cost_json_integer(j, (int64_t) (req->entering / COST_DECIMAL_ONE));
        cost_json_object_end(j);
    }

    cost_json_name(j, "pricingVersion");
    cost_json_string(j, data->version.data, data->version.len);
    cost_json_name(j, "calculatedAt");
    cost_calculate_stamp(j, now, microseconds);

    cost_calculate_extras(c, j);

    cost_json_object_end(j);
}


static void
cost_calculate_node(const cost_calculate_t *c, cost_json_t *j, uint32_t n)
{
    uint32_t                    line;
    uint64_t                    lines;
    const cost_service_t       *service;
    const cost_request_node_t  *node;

    node = &c->request.nodes[n];
    service = node->service;

    cost_json_object(j);
    cost_json_name(j, "id");
    cost_json_string(j, node->id.data, node->id.len);
    cost_json_name(j, "type");
    cost_json_string(j, service->name.data, service->name.len);
    cost_json_name(j, "monthlyCost");
    cost_calculate_money(j, c->totals[n]);

    cost_json_name(j, "breakdown");
    cost_json_object(j);

    for (lines = c->shown[n]; lines != 0; lines &= lines - 1) {
        line = (uint32_t) __builtin_ctzll(lines);

        cost_calculate_name(j, &service->lines[line]);
        cost_calculate_money(j, c->amounts[n * COST_SERVICE_LINES + line]);
    }

    cost_json_object_end(j);
    cost_json_object_end(j);
}


/*
 * One number for each edge that carries data, under a name that says how much
 * and where it crosses: "edges[3] web -> db: 12.5 GB inter-az".
 */

static void
cost_calculate_edges(const cost_calculate_t *c, cost_json_t *j)
{
    size_t                  len;
    uint8_t                 buf[512], gb[COST_DECIMAL_LEN];
    uint32_t                n;
    cost_text_t             t;
    const cost_request_t   *req;
    const cost_transfer_t  *transfer;

    req = &c->request;

    t.data = buf;
    t.size = sizeof(buf);

    cost_json_name(j, "breakdown");
    cost_json_object(j);

    for (n = 0; n < req->ntransfers; n++) {
        transfer = &req->transfers[n];
        len = cost_decimal_format(transfer->gb, 6, 0, gb);

        t.len = 0;
        cost_text_literal(&t, "edges[");
        cost_text_number(&t, transfer->edge);
        cost_text_literal(&t, "] ");
        cost_text_short(&t, req->nodes[transfer->from].id);
        cost_text_literal(&t, " -> ");
        cost_text_short(&t, req->nodes[transfer->to].id);
        cost_text_literal(&t, ": ");
        cost_text_add(&t, gb, len);
        cost_text_literal(&t, " GB ");
        cost_text_str(&t, cost_transfer_contexts[transfer->context]);

        cost_json_name_str(j, t.data, t.len);
        cost_calculate_money(j, c->carried[n]);
    }

    cost_json_object_end(j);
}


/* what the document does not have, only where there is something to say */

static void
cost_calculate_extras(const cost_calculate_t *c, cost_json_t *j)
{
    uint8_t                buf[64];
    uint32_t               n;
    cost_text_t            t;
    const cost_str_t      *str;
    const cost_request_t  *req;

    req = &c->request;

    if (req->ncompare != 0) {
        cost_json_name(j, "compare");
        cost_json_array(j);

        for (n = 0; n < req->ncompare; n++) {
            str = &req->prices->regions[req->compare[n]];

            cost_json_object(j);
            cost_json_name(j, "region");
            cost_json_string(j, str->data, str->len);
            cost_json_name(j, "totalMonthlyCost");

            if (c->reason_len[n] == 0) {
                cost_calculate_money(j, c->compared[n]);

            } else {
                cost_json_null(j);
                cost_json_name(j, "reason");
                cost_json_string(j, c->reasons[n], c->reason_len[n]);
            }

            cost_json_object_end(j);
        }

        cost_json_array_end(j);
    }

    if (req->nwarnings == 0) {
        return;
    }

    cost_json_name(j, "warnings");
    cost_json_array(j);

    for (n = 0; n < req->nkept; n++) {
        cost_json_string(j, req->warnings[n].data, req->warnings[n].len);
    }

    if (req->nwarnings != req->nkept) {
        t.data = buf;
        t.len = 0;
        t.size = sizeof(buf);

        cost_text_literal(&t, "and ");
        cost_text_number(&t, req->nwarnings - req->nkept);
        cost_text_literal(&t, " more");
        cost_json_string(j, t.data, t.len);
    }

    cost_json_array_end(j);
}


/*
 * a / b, b a whole number, cut at the 18th decimal, so that it is rounded
 * once, where it is written.
 */

static cost_decimal_t
cost_calculate_quotient(cost_decimal_t a, cost_decimal_t b)
{
    return a / (b / COST_DECIMAL_ONE);
}


/* "2026-03-29T15:24:00.000000+00:00" */

static void
cost_calculate_stamp(cost_json_t *j, cost_time_t now, uint32_t microseconds)
{
    size_t   len;
    uint8_t  buf[COST_TIME_LEN + sizeof(".000000+00:00")], *p;

    len = cost_time_format(now, buf) - 1;

    memcpy(buf + len, ".000000+00:00", sizeof(".000000+00:00") - 1);

    for (p = buf + len + 6; microseconds != 0 && p != buf + len; p--) {
        *p = (uint8_t) ('0' + microseconds % 10);
        microseconds /= 10;
    }

    cost_json_string(j, buf, len + sizeof(".000000+00:00") - 1);
}


/*
 * 221.0, 8.5, 3.95, and the document's plain 0.  Most of an answer is such
 * numbers, which are whole cents: their digits are written from the end.
 */

static void
cost_calculate_money(cost_json_t *j, cost_decimal_t amount)
{
    uint8_t   buf[24], *p;
    uint64_t  cents, cent;

    if (amount >= COST_CALCULATE_CENTS * COST_CALCULATE_CENT) {
        cost_json_decimal(j, amount, 2, 1);
        return;
    }

    cents = (uint64_t) ((unsigned __int128) amount / COST_CALCULATE_CENT);
    p = buf + sizeof(buf);

    if (cents != 0) {
        cent = cents % 100;
        cents /= 100;

        if (cent % 10 != 0) {
            *--p = (uint8_t) ('0' + cent % 10);
        }

        *--p = (uint8_t) ('0' + cent / 10);
        *--p = '.';
    }

    do {
        *--p = (uint8_t) ('0' + cents % 10);
        cents /= 10;
    } while (cents != 0);

    cost_json_raw(j, p, (size_t) (buf + sizeof(buf) - p));
}


void
cost_calculate_services(const cost_calculate_data_t *data, cost_json_t *j)
{
    uint32_t                   n;
    const cost_str_t          *str;
    const cost_price_table_t  *prices;

    prices = data->prices;

    cost_json_object(j);
    cost_json_name(j, "data");
    cost_json_object(j);

    cost_json_name(j, "services");
    cost_json_array(j);

    for (n = 0; n < COST_SERVICES; n++) {
        cost_calculate_service(cost_services[n], j);
    }

    cost_json_array_end(j);

    cost_json_name(j, "regions");
    cost_json_array(j);

    for (n = 0; n < prices->nregions; n++) {
        cost_json_string(j, prices->regions[n].data, prices->regions[n].len);
    }

    cost_json_array_end(j);

    cost_json_name(j, "networkContexts");
    cost_json_array(j);

    for (str = cost_transfer_contexts; str->data != NULL; str++) {
        cost_json_string(j, str->data, str->len);
    }

    cost_json_array_end(j);
    cost_json_object_end(j);

    cost_json_name(j, "meta");
    cost_json_object(j);
    cost_json_name(j, "total");
    cost_json_integer(j, COST_SERVICES);
    cost_json_name(j, "currency");
    cost_json_literal(j, "USD");
    cost_json_name(j, "pricingVersion");
    cost_json_string(j, data->version.data, data->version.len);
    cost_json_object_end(j);
    cost_json_object_end(j);
}


static void
cost_calculate_service(const cost_service_t *service, cost_json_t *j)
{
    uint32_t  n;

    cost_json_object(j);
    cost_json_name(j, "service");
    cost_json_string(j, service->name.data, service->name.len);
    cost_json_name(j, "description");
    cost_json_string(j, service->about.data, service->about.len);

    cost_json_name(j, "params");
    cost_json_array(j);

    for (n = 0; n < service->nparams; n++) {
        cost_calculate_param(&service->params[n], j);
    }

    cost_json_array_end(j);

    cost_json_name(j, "breakdown");
    cost_json_array(j);

    for (n = 0; n < service->nlines; n++) {
        cost_json_string(j, service->lines[n].data, service->lines[n].len);
    }

    cost_json_array_end(j);
    cost_json_object_end(j);
}


static void
cost_calculate_param(const cost_service_param_t *param, cost_json_t *j)
{
    const cost_str_t  *word;

    cost_json_object(j);
    cost_json_name(j, "name");
    cost_json_string(j, param->name.data, param->name.len);
    cost_json_name(j, "type");
    cost_json_string(j, cost_calculate_kinds[param->kind].data,
                     cost_calculate_kinds[param->kind].len);

    switch (param->kind) {

    case COST_PARAM_NUMBER:
    case COST_PARAM_INTEGER:
        cost_json_name(j, "unit");
        cost_json_string(j, param->unit.data, param->unit.len);
        cost_json_name(j, "default");
        cost_json_integer(j, param->def);
        cost_json_name(j, "minimum");
        cost_json_integer(j, param->min);
        cost_json_name(j, "maximum");
        cost_json_integer(j, param->max);
        break;

    case COST_PARAM_WORD:
        word = &param->words[param->def];
        cost_json_name(j, "default");
        cost_json_string(j, word->data, word->len);
        cost_json_name(j, "values");
        cost_json_array(j);

        for (word = param->words; word->data != NULL; word++) {
            cost_json_string(j, word->data, word->len);
        }

        cost_json_array_end(j);
        break;

    case COST_PARAM_BOOL:
        cost_json_name(j, "default");
        cost_json_bool(j, param->def != 0);
        break;

    default: /* COST_PARAM_KEY */
        cost_json_name(j, "default");

        if (param->text.len == 0) {
            cost_json_null(j);

        } else {
            cost_json_string(j, param->text.data, param->text.len);
        }

        break;
    }

    if (param->main) {
        cost_json_name(j, "mainRequestParameter");
        cost_json_bool(j, true);
    }

    cost_json_name(j, "description");
    cost_json_string(j, param->about.data, param->about.len);
    cost_json_object_end(j);
}
