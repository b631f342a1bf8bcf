
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * "edges" of a request: the requests they pass on, the volume they carry and
 * where it crosses.
 */

#include "cost_request_part.h"


typedef enum {
    COST_REQUEST_EDGE_FROM = 0,
    COST_REQUEST_EDGE_TO,
    COST_REQUEST_EDGE_METRICS,
    COST_REQUEST_EDGE_NETWORK
} cost_request_edge_e;


typedef enum {
    COST_REQUEST_METRIC_TYPE = 0,
    COST_REQUEST_METRIC_RATIO
} cost_request_metric_e;


typedef enum {
    COST_REQUEST_NETWORK_CONTEXT = 0,
    COST_REQUEST_NETWORK_REGION
} cost_request_network_e;


typedef enum {
    COST_REQUEST_TYPE_REQUESTS = 0,
    COST_REQUEST_TYPE_GB,
    COST_REQUEST_TYPE_MB,
    COST_REQUEST_TYPE_TB,
    COST_REQUEST_TYPE_KB_PER_REQUEST
} cost_request_type_e;


/* an edge as it is read; transfer.edge is its number */

typedef struct {
    cost_decimal_t   ratio;
    cost_transfer_t  transfer;
    uint32_t         from;
    uint32_t         to;
    bool             carries;            /* a volume was given, be it 0 */
    bool             placed;             /* a context was given */
} cost_request_edge_t;


static cost_rc_e cost_request_edge(cost_request_t *req, cost_pull_t *r,
    cost_pull_e kind, cost_request_edge_t *edge);
static cost_rc_e cost_request_end(cost_request_t *req, cost_pull_t *r,
    cost_pull_e kind, cost_str_t field, uint32_t *node);
static cost_rc_e cost_request_metrics(cost_request_t *req, cost_pull_t *r,
    cost_pull_e kind, cost_request_edge_t *edge);
static cost_rc_e cost_request_metric(cost_request_t *req, cost_pull_t *r,
    cost_pull_e kind, cost_request_edge_t *edge);
static cost_rc_e cost_request_measure(cost_request_t *req,
    cost_request_edge_t *edge, uint32_t type, cost_decimal_t ratio);
static cost_rc_e cost_request_network(cost_request_t *req, cost_pull_t *r,
    cost_pull_e kind, cost_request_edge_t *edge);
static cost_rc_e cost_request_join(cost_request_t *req,
    cost_request_edge_t *edge);


static const cost_str_t  cost_request_edge_names[] = {
    cost_string("from"),
    cost_string("to"),
    cost_string("metrics"),
    cost_string("network"),
    { 0, NULL }
};

static const cost_str_t  cost_request_metric_names[] = {
    cost_string("type"),
    cost_string("ratio"),
    { 0, NULL }
};

static const cost_str_t  cost_request_network_names[] = {
    cost_string("context"),
    cost_string("toRegion"),
    { 0, NULL }
};

static const cost_str_t  cost_request_types[] = {
    cost_string("requests"),
    cost_string("dataTransferGB"),
    cost_string("dataTransferMB"),
    cost_string("dataTransferTB"),
    cost_string("dataTransferKBPerRequest"),
    { 0, NULL }
};

static const cost_str_t  cost_request_none = { 0, NULL };


cost_rc_e
cost_request_edges(cost_request_t *req, cost_pull_t *r, cost_pull_e kind)
{
    uint32_t             n;
    cost_request_edge_t  edge;

    static const cost_str_t  name = cost_string("edges");

    if (kind != COST_PULL_ARRAY) {
        return cost_request_refuse(req, name, "must be an array");
    }

    cost_graph_init(&req->graph, req->nnodes, req->edges, COST_REQUEST_EDGES);

    req->place.list = "edges";
    req->place.sub = NULL;
    req->place.listed = false;

    for (n = 0; /* void */ ; n++) {
        kind = cost_pull_next(r);

        if (kind == COST_PULL_ARRAY_END) {
            break;
        }

        if (kind == COST_PULL_INVALID) {
            return cost_request_broken(req, r);
        }

        req->place.index = n;

        if (n == COST_REQUEST_EDGES) {
            req->error.len = 0;
            cost_text_literal(&req->error, "Maximum of ");
            cost_text_number(&req->error, COST_REQUEST_EDGES);
            cost_text_literal(&req->error, " edges allowed per calculation");

            return COST_INVALID;
        }

        memset(&edge, 0, sizeof(cost_request_edge_t));
        edge.transfer.edge = (uint16_t) n;

        if (cost_request_edge(req, r, kind, &edge) != COST_OK
            || cost_request_join(req, &edge) != COST_OK)
        {
            return COST_INVALID;
        }
    }

    req->place.list = NULL;

    return COST_OK;
}


static cost_rc_e
cost_request_edge(cost_request_t *req, cost_pull_t *r, cost_pull_e kind,
    cost_request_edge_t *edge)
{
    int                     member;
    cost_rc_e               rc;
    cost_request_members_t  members;

    if (kind != COST_PULL_OBJECT) {
        return cost_request_refuse(req, cost_request_none,
                                   "must be an object");
    }

    cost_request_members(req, &members, cost_request_edge_names);

    for ( ;; ) {
        member = cost_request_member(req, r, &members, &kind);

        switch (member) {

        case COST_REQUEST_EDGE_FROM:
            rc = cost_request_end(req, r, kind,
                                  cost_request_edge_names[member],
                                  &edge->from);
            break;

        case COST_REQUEST_EDGE_TO:
            rc = cost_request_end(req, r, kind,
                                  cost_request_edge_names[member], &edge->to);
            break;

        case COST_REQUEST_EDGE_METRICS:
            rc = cost_request_metrics(req, r, kind, edge);
            break;

        case COST_REQUEST_EDGE_NETWORK:
            rc = cost_request_network(req, r, kind, edge);
            break;

        case COST_REQUEST_LAST:

            for (member = COST_REQUEST_EDGE_FROM;
                 member <= COST_REQUEST_EDGE_TO;
                 member++)
            {
                if ((members.seen >> member & 1) == 0) {
                    return cost_request_refuse(req,
                                              cost_request_edge_names[member],
                                              "is missing");
                }
            }

            return COST_OK;

        default: /* COST_REQUEST_BROKEN */
            return COST_INVALID;
        }

        if (rc != COST_OK) {
            return rc;
        }
    }
}


static cost_rc_e
cost_request_end(cost_request_t *req, cost_pull_t *r, cost_pull_e kind,
    cost_str_t field, uint32_t *node)
{
    int           n;
    size_t        mark;
    cost_str_t    id;
    cost_text_t  *t;

    mark = req->nscratch;

    if (cost_request_string(req, r, kind, field, (size_t) -1, &id)
        != COST_OK)
    {
        return COST_INVALID;
    }

    n = cost_request_find(req, id);

    if (n == -1) {
        t = cost_request_say(req, field);
        cost_text_name(t, id);
        cost_text_literal(t, " is the id of no node");

        return COST_INVALID;
    }

    req->nscratch = mark;
    *node = (uint32_t) n;

    return COST_OK;
}


static cost_rc_e
cost_request_metrics(cost_request_t *req, cost_pull_t *r, cost_pull_e kind,
    cost_request_edge_t *edge)
{
    uint32_t  n;

    if (kind != COST_PULL_ARRAY) {
        return cost_request_refuse(req,
                            cost_request_edge_names[COST_REQUEST_EDGE_METRICS],
                            "must be an array");
    }

    req->place.sub = "metrics";
    req->place.listed = true;

    for (n = 0; /* void */ ; n++) {
        kind = cost_pull_next(r);

        if (kind == COST_PULL_ARRAY_END) {
            break;
        }

        if (kind == COST_PULL_INVALID) {
            return cost_request_broken(req, r);
        }

        req->place.subindex = n;

        if (cost_request_metric(req, r, kind, edge) != COST_OK) {
            return COST_INVALID;
        }
    }

    req->place.sub = NULL;
    req->place.listed = false;

    return COST_OK;
}


static cost_rc_e
cost_request_metric(cost_request_t *req, cost_pull_t *r, cost_pull_e kind,
    cost_request_edge_t *edge)
{
    int                      member;
    uint32_t                 type;
    cost_rc_e                rc;
    cost_decimal_t           ratio;
    cost_request_members_t   members;

    if (kind != COST_PULL_OBJECT) {
        return cost_request_refuse(req, cost_request_none,
                                   "must be an object");
    }

    type = COST_REQUEST_TYPE_REQUESTS;
    ratio = 0;

    cost_request_members(req, &members, cost_request_metric_names);

    for ( ;; ) {
        member = cost_request_member(req, r, &members, &kind);

        switch (member) {

        case COST_REQUEST_METRIC_TYPE:
            rc = cost_request_choice(req, r, kind,
                                     cost_request_metric_names[member],
                                     cost_request_types, &type);
            break;

        case COST_REQUEST_METRIC_RATIO:
            rc = cost_request_number(req, r, kind,
                                     cost_request_metric_names[member],
                                     &ratio);
            break;

        case COST_REQUEST_LAST:

            for (member = COST_REQUEST_METRIC_TYPE;
                 member <= COST_REQUEST_METRIC_RATIO;
                 member++)
            {
                if ((members.seen >> member & 1) == 0) {
                    return cost_request_refuse(req,
                                            cost_request_metric_names[member],
                                            "is missing");
                }
            }

            return cost_request_measure(req, edge, type, ratio);

        default: /* COST_REQUEST_BROKEN */
            return COST_INVALID;
        }

        if (rc != COST_OK) {
            return rc;
        }
    }
}


/* adds a metric to its edge; volumes in GB of 1024 MB, as prices count */

static cost_rc_e
cost_request_measure(cost_request_t *req, cost_request_edge_t *edge,
    uint32_t type, cost_decimal_t ratio)
{
    cost_decimal_t  *sum;

    switch (type) {

    case COST_REQUEST_TYPE_REQUESTS:
        sum = &edge->ratio;
        break;

    case COST_REQUEST_TYPE_KB_PER_REQUEST:
        sum = &edge->transfer.kb_per_request;
        edge->carries = true;
        break;

    case COST_REQUEST_TYPE_MB:
        ratio = (ratio + 512) / 1024;
        sum = &edge->transfer.gb;
        edge->carries = true;
        break;

    case COST_REQUEST_TYPE_TB:
        ratio *= 1024;
        sum = &edge->transfer.gb;
        edge->carries = true;
        break;

    default: /* COST_REQUEST_TYPE_GB */
        sum = &edge->transfer.gb;
        edge->carries = true;
        break;
    }

    if (ratio > COST_QUANTITY_MAX || *sum + ratio > COST_QUANTITY_MAX) {
        return cost_request_refuse(req,
                         cost_request_metric_names[COST_REQUEST_METRIC_RATIO],
                         "is too large");
    }

    *sum += ratio;

    return COST_OK;
}


static cost_rc_e
cost_request_network(cost_request_t *req, cost_pull_t *r, cost_pull_e kind,
    cost_request_edge_t *edge)
{
    int                      member;
    uint32_t                 context;
    cost_rc_e                rc;
    cost_str_t               name;
    cost_request_members_t   members;

    if (kind == COST_PULL_NULL) {
        return COST_OK;
    }

    if (kind != COST_PULL_OBJECT) {
        return cost_request_refuse(req,
                            cost_request_edge_names[COST_REQUEST_EDGE_NETWORK],
                            "must be an object or null");
    }

    context = 0;
    req->place.sub = "network";

    cost_request_members(req, &members, cost_request_network_names);

    for ( ;; ) {
        member = cost_request_member(req, r, &members, &kind);

        switch (member) {

        case COST_REQUEST_NETWORK_CONTEXT:
            rc = cost_request_choice(req, r, kind,
                                     cost_request_network_names[member],
                                     cost_transfer_contexts, &context);
            break;

        case COST_REQUEST_NETWORK_REGION:
            rc = cost_request_string(req, r, kind,
                                     cost_request_network_names[member],
                                     (size_t) -1, &name);
            if (rc == COST_OK) {
                rc = cost_request_region(req,
                                         cost_request_network_names[member],
                                         name, &edge->transfer.to_region);
            }

            break;

        case COST_REQUEST_LAST:
            goto done;

        default: /* COST_REQUEST_BROKEN */
            return COST_INVALID;
        }

        if (rc != COST_OK) {
            return rc;
        }
    }

done:

    member = -1;

    if ((members.seen >> COST_REQUEST_NETWORK_CONTEXT & 1) == 0) {
        member = COST_REQUEST_NETWORK_CONTEXT;

    } else if (context == COST_TRANSFER_INTER_REGION
               && (members.seen >> COST_REQUEST_NETWORK_REGION & 1) == 0)
    {
        member = COST_REQUEST_NETWORK_REGION;
    }

    if (member != -1) {
        return cost_request_refuse(req, cost_request_network_names[member],
                                   "is missing");
    }

    if (context != COST_TRANSFER_INTER_REGION
        && (members.seen >> COST_REQUEST_NETWORK_REGION & 1))
    {
        cost_request_warn(req,
                       cost_request_network_names[COST_REQUEST_NETWORK_REGION],
                       "has no effect with this context");
    }

    edge->transfer.context = (cost_transfer_e) context;
    edge->placed = true;
    req->place.sub = NULL;

    return COST_OK;
}


static cost_rc_e
cost_request_join(cost_request_t *req, cost_request_edge_t *edge)
{
    cost_rc_e         rc;
    cost_transfer_t  *transfer;

    rc = cost_graph_edge(&req->graph, edge->from, edge->to, edge->ratio);

    if (rc != COST_OK || !edge->carries) {
        return rc;
    }

    if (!edge->placed) {
        cost_request_warn(req,
                          cost_request_edge_names[COST_REQUEST_EDGE_NETWORK],
                          "is missing: the data is priced as same-az, free");
    }

    transfer = &req->transfers[req->ntransfers++];
    *transfer = edge->transfer;
    transfer->from = (uint16_t) edge->from;
    transfer->to = (uint16_t) edge->to;

    return COST_OK;
}
